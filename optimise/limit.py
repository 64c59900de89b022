"""One rule as one inequality in whole numbers: what a model holds, a search counts and an explanation names."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Whole = NDArray[np.int64]
Sense = Literal["at most", "at least"]
Counts = Literal["options", "elders", "worth", "placed", "worst", "missed"]


def _none() -> Whole:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Limit:
    """One rule as one inequality: what it counts of a plan stays at most (or reaches at least) `limit`.

    With `counts` "options" it counts the `weights` of the options chosen among `columns` (places in the table of
    options, rising, each once; weights may be negative) and one for each set of `either` of which an option is chosen.
    Other limits have neither: they count the `elders` covered (of `units`, or everyone where that is None), what they
    are `worth` to the goal, those `placed` (within the walk of a site that has a place for them), the `worst` share of
    elders covered in any of the `units`, in thousandths, or how many of the limits of `parts` are `missed`. Weights
    and limit are whole numbers in units of `unit` (yuan, m2, sites), so that sums are exact.

    `base` is what exists already; `names` says whom the rule is about; limits of one rule and `group` say one thing
    together and are missed as one; `legal` is the document and clause that asks for it;
    a `soft` limit may be missed, and how many are is the first goal.
    """

    rule: str
    sense: Sense
    limit: int
    columns: Whole = field(default_factory=_none)
    weights: Whole = field(default_factory=_none)
    either: tuple[Whole, ...] = ()
    counts: Counts = "options"
    units: Whole | None = None
    unit: Fraction = Fraction(1)
    base: Fraction = Fraction(0)
    names: tuple[str, ...] = ()
    said: Fraction | None = None
    """The limit as the planner gave it, where `limit` is rounded to whole units."""
    group: str = ""
    legal: str = ""
    soft: bool = False
    parts: tuple["Limit", ...] = ()
    part: str | int | None = None
    """The part of the rule that it comes from: a kind, level, year or county, or the place of a milestone or floor."""

    @property
    def stated(self) -> float:
        """The limit as the planner counts and gave it."""
        return self.figure(self.limit) if self.said is None else float(self.said)

    @property
    def of_people(self) -> bool:
        """Whether it counts people, not options."""
        return self.counts not in ("options", "missed")

    def figure(self, whole: float) -> float:
        """Return a sum of weights as the planner counts it: in yuan, square metres, sites or people."""
        return float(self.base + Fraction(whole) * self.unit)

    @property
    def thing(self) -> tuple[str, str] | None:
        """What limits have in common that are missed as one; None: this one stands alone."""
        return (self.rule, self.group) if self.group else None

    def kept(self, figure: int) -> bool:
        """Return whether so much (in whole units) keeps the limit."""
        return figure <= self.limit if self.sense == "at most" else figure >= self.limit

    def of_options(self, built: Whole) -> int:
        """Return what the options built (1 or 0 for each) come to."""
        return int(self.weights @ built[self.columns]) + sum(bool(built[each].any()) for each in self.either)


def counted(
    rule: str,
    sense: Sense,
    limit: int,
    members: Sequence[bool] | NDArray[np.bool_],
    *,
    names: tuple[str, ...] = (),
    group: str = "",
    legal: str = "",
) -> Limit:
    """Return a limit on how many of the options that are `members` are chosen.

    >>> counted("max_sites", "at most", 1, [True, False, True]).columns.tolist()
    [0, 2]
    """
    columns = np.flatnonzero(np.asarray(members, dtype=bool)).astype(np.int64)
    return Limit(rule, sense, limit, columns, np.ones_like(columns), names=names, group=group, legal=legal)


def in_units(
    rule: str,
    sense: Sense,
    weights: Sequence[int] | Whole,
    limit: Fraction,
    *,
    unit: Fraction = Fraction(1),
    base: Fraction = Fraction(0),
    names: tuple[str, ...] = (),
    group: str = "",
    legal: str = "",
) -> Limit:
    """Count in the largest common unit: 3,200 wan rather than 32,000,000 yuan keeps the solver's tolerances small.

    `weights` has one number an option, in `unit`; `limit` and `base` are as the planner counts.
    """
    every = np.asarray(weights, dtype=np.int64)
    columns = np.flatnonzero(every).astype(np.int64)
    by = int(np.gcd.reduce(every[columns])) if len(columns) else 1
    exact = (limit - base) / (unit * by)
    whole = math.floor(exact) if sense == "at most" else math.ceil(exact)
    if sense == "at least" and not (every < 0).any():
        whole = max(0, whole)
    return Limit(
        rule,
        sense,
        whole,
        columns,
        every[columns] // by,
        unit=unit * by,
        base=base,
        names=names,
        said=limit,
        group=group,
        legal=legal,
    )


def matrix(limits: Sequence[Limit], options: int) -> csr_array:
    """Return the weights of limits on options, a row a limit and a column an option.

    >>> matrix([counted("max_sites", "at most", 1, [True, False])], 2).toarray().tolist()
    [[1, 0]]
    """
    starts = np.cumsum([0, *(len(limit.columns) for limit in limits)])
    columns = np.concatenate([_none(), *(limit.columns for limit in limits)])
    weights = np.concatenate([_none(), *(limit.weights for limit in limits)])
    return csr_array((weights, columns, starts), shape=(len(limits), options))

"""The rules a plan must keep, as a planner writes them, and as the whole-number limits that a model can hold."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import pandas as pd

from optimise.cover import Cover

RULES = (
    "site_floor_area",
    "forbidden",
    "max_sites",
    "total_floor_area",
    "required",
    "budget",
    "floor_area_per_10k",
    "cover_all",
)
"""Every rule by its name in the catalogue, the ones a bureau would give up first in front."""


@dataclass(frozen=True)
class SitingRules:
    """What a plan must keep; a rule that is left out is not in force.

    - `budget_yuan`: what all sites together may cost.
    - `max_total_floor_area_m2`: the floor area there is for all sites together.
    - `min_site_floor_area_m2`: by kind, the smallest site that counts; smaller candidates are left out by name.
    - `min_floor_area_m2_per_10k_residents`: existing and new floor area per 10,000 of the `residents`.
    - `required`, `forbidden`: candidates that must and must not be built, by `candidate_id`.
    - `max_sites`: how many sites at most. `cover_all`: every elder must be covered.

    Floor areas count to the hundredth of a square metre. Raises ValueError for a rule that can mean nothing.
    """

    budget_yuan: int | None = None
    max_total_floor_area_m2: float | None = None
    min_site_floor_area_m2: Mapping[str, float] = field(default_factory=dict)
    min_floor_area_m2_per_10k_residents: float | None = None
    residents: int = 0
    existing_floor_area_m2: float = 0.0
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    max_sites: int | None = None
    cover_all: bool = False

    def __post_init__(self) -> None:
        """Refuse numbers that are negative, not numbers, or money and counts that are not whole."""
        whole = {"budget_yuan": self.budget_yuan, "residents": self.residents, "max_sites": self.max_sites}
        areas: dict[str, float | None] = {
            "max_total_floor_area_m2": self.max_total_floor_area_m2,
            "min_floor_area_m2_per_10k_residents": self.min_floor_area_m2_per_10k_residents,
            "existing_floor_area_m2": self.existing_floor_area_m2,
            **{f"min_site_floor_area_m2[{kind}]": area for kind, area in self.min_site_floor_area_m2.items()},
        }
        for name, value in {**whole, **areas}.items():
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{name} must be zero or more: {value}")
        for name, number in whole.items():
            if number is not None and number != int(number):
                raise ValueError(f"{name} must be whole: {number}")


@dataclass(frozen=True)
class Limit:
    """One rule as one inequality: the weights of the chosen sites, summed, stay at most (or reach at least) `limit`.

    Weights and limit are whole numbers in units of `unit` (yuan, m2, sites), so that sums are exact. A limit on people
    has no weights. `base` is what exists already; `names` says whom the rule is about.
    """

    rule: str
    sense: Literal["at most", "at least"]
    weights: tuple[int, ...]
    limit: int
    unit: Fraction = Fraction(1)
    base: Fraction = Fraction(0)
    names: tuple[str, ...] = ()
    said: Fraction | None = None
    """The limit as the planner gave it, where `limit` is rounded to whole units."""

    @property
    def stated(self) -> float:
        """The limit as the planner counts and gave it."""
        return self.figure(self.limit) if self.said is None else float(self.said)

    @property
    def of_people(self) -> bool:
        """Whether it counts people covered, not sites."""
        return self.rule in ("cover_all", "elders")

    def figure(self, whole: float) -> float:
        """Return a sum of weights as the planner counts it: in yuan, square metres, sites or people."""
        return float(self.base + Fraction(whole) * self.unit)


def limits(candidates: pd.DataFrame, *, rules: SitingRules, cover: Cover) -> tuple[Limit, ...]:
    """Return the rules in force as limits on the candidates, in the order of the table and of `RULES`."""
    names = [str(name) for name in candidates["name"]]
    cost = [int(c) for c in candidates["cost_yuan"]]
    area = [centiares(a) for a in candidates["floor_area_m2"]]
    ids = list(candidates.index)
    found: list[Limit] = []

    def count(rule: str, members: list[bool], sense: Literal["at most", "at least"], limit: int) -> None:
        who = tuple(name for name, member in zip(names, members, strict=True) if member)
        found.append(Limit(rule, sense, tuple(int(m) for m in members), limit, names=who))

    if small := too_small(candidates, rules=rules):
        count("site_floor_area", [i in small for i in ids], "at most", 0)
    if rules.forbidden:
        count("forbidden", [i in rules.forbidden for i in ids], "at most", 0)
    if rules.max_sites is not None:
        found.append(Limit("max_sites", "at most", (1,) * len(ids), rules.max_sites))
    if rules.max_total_floor_area_m2 is not None:
        there_is = Fraction(centiares(rules.max_total_floor_area_m2), 100)
        found.append(in_units("total_floor_area", "at most", area, there_is, unit=Fraction(1, 100)))
    if rules.required:
        members = [i in rules.required for i in ids]
        count("required", members, "at least", len(set(rules.required)))
    if rules.budget_yuan is not None:
        found.append(in_units("budget", "at most", cost, Fraction(rules.budget_yuan)))
    if (rate := rules.min_floor_area_m2_per_10k_residents) is not None:
        existing = Fraction(centiares(rules.existing_floor_area_m2), 100)
        needed = Fraction(str(rate)) * rules.residents / 10_000
        found.append(in_units("floor_area_per_10k", "at least", area, needed, unit=Fraction(1, 100), base=existing))
    if rules.cover_all:
        found.append(Limit("cover_all", "at least", (), cover.elders_to_cover, base=Fraction(cover.elders_before)))
    return tuple(found)


def too_small(candidates: pd.DataFrame, *, rules: SitingRules) -> frozenset[str]:
    """Return the identifiers of the candidates whose floor area is below the minimum of their kind.

    >>> sites = pd.DataFrame({"kind": ["day_care"] * 2, "floor_area_m2": [350.0, 349.99]}, index=["A", "B"])
    >>> sorted(too_small(sites, rules=SitingRules(min_site_floor_area_m2={"day_care": 350})))
    ['B']
    """
    least = rules.min_site_floor_area_m2
    rows = zip(candidates.index, candidates["kind"], candidates["floor_area_m2"], strict=True)
    return frozenset(i for i, kind, area in rows if centiares(area) < centiares(least.get(kind, 0.0)))


def centiares(area_m2: float) -> int:
    """Return a floor area in hundredths of a square metre, the precision that surveys give.

    >>> centiares(350), centiares(0.1 + 0.2)
    (35000, 30)
    """
    return int(Fraction(str(round(float(area_m2), 2))) * 100)


def in_units(
    rule: str,
    sense: Literal["at most", "at least"],
    weights: list[int],
    limit: Fraction,
    *,
    unit: Fraction = Fraction(1),
    base: Fraction = Fraction(0),
) -> Limit:
    """Count in the largest common unit: 3,200 wan rather than 32,000,000 yuan keeps the solver's tolerances small.

    `weights` are in `unit`; `limit` and `base` are as the planner counts.
    """
    by = math.gcd(*weights) or 1
    exact = (limit - base) / (unit * by)
    whole = math.floor(exact) if sense == "at most" else max(0, math.ceil(exact))
    return Limit(rule, sense, tuple(w // by for w in weights), whole, unit * by, base, said=limit)

"""A measure: what is surely so and what may be so, between which the exact value lies."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from policy.bands import Exact
from policy.verdict import Status


@dataclass(frozen=True)
class Measured:
    """A measure: `part` of `whole` surely, `most` at best; the exact value lies from `low` to `high`.

    `whole` is None for a plain count. `void` is set where there is nothing to measure. `lacking` names what does not
    count, `missing` the data that would narrow the measure, `disputed` facilities that stand outside their declared
    unit.
    """

    counted: str
    part: int = 0
    most: int = 0
    whole: int | None = None
    low: Exact = 0
    high: Exact = 0
    lacking: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()
    void: Status | None = None


@dataclass
class Tally:
    """Things sorted by whether they are in the part (`sure`, `open`: perhaps, `lacking`) of a whole they belong to.

    Of things that may or may not belong to the whole, `doubtful_in` might raise the share and `doubtful_out` might
    lower it; one thing can be both.
    """

    sure: int = 0
    open: int = 0
    lacking: int = 0
    doubtful_in: int = 0
    doubtful_out: int = 0
    names: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def share(tally: Tally, counted: str, *, empty: Status, disputed: Iterable[str] = ()) -> Measured:
    """Return the share of the part in the whole, `void` as `empty` where there is no whole.

    Formula: from sure / (whole + doubtful_out) to (sure + open + doubtful_in) / (whole + doubtful_in).

    >>> share(Tally(sure=3, lacking=1), "streets", empty=Status.UNDEFINED).low
    Fraction(3, 4)
    """
    whole, most = tally.sure + tally.open + tally.lacking, tally.sure + tally.open
    if not whole and not tally.doubtful_in and not tally.doubtful_out:
        return Measured(counted, void=empty)
    low, high = Fraction(0), Fraction(1)
    if whole:
        low = Fraction(tally.sure, whole + tally.doubtful_out)
        high = Fraction(most + tally.doubtful_in, whole + tally.doubtful_in)
    missing = tuple(dict.fromkeys(tally.missing)) if low != high else ()
    return Measured(counted, tally.sure, most, whole, low, high, tuple(tally.names), missing, tuple(disputed))

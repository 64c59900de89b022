"""A measure: what is surely so and what may be so, between which the exact value lies."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from policy.bands import Exact
from policy.verdict import Status

ENDLESS = 10**18
"""More of anything than there is in a city: the most that a size nobody stated might be."""
YesNo = bool | None
"""Yes, no, or None: not known."""
Kind = Literal["count", "share", "rate", "rank", "class"]


@dataclass(frozen=True)
class Measured:
    """A measure: `part` of `whole` surely, `most` at best; the exact value lies from `low` to `high`.

    `whole` is None for a plain count. `void` is set where there is nothing to measure. `lacking` names what does not
    count, `missing` the data that would narrow the measure, `disputed` facilities that stand outside their declared
    unit. `unsure` leaves the answer UNKNOWN wherever the value lies: what it rests on is not there. `excused`: no
    fault, but a reason has to be given. A rate (`kind`) is part * `per` / whole: `part` in units of `counted` (m2,
    beds), `whole` in units of `base` (residents, elders, households). `tied` names units of the same rank, where that
    alone leaves the rank open.
    """

    counted: str
    part: Exact = 0
    most: Exact = 0
    whole: int | None = None
    low: Exact = 0
    high: Exact = 0
    lacking: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()
    void: Status | None = None
    kind: Kind = "count"
    base: str = ""
    per: int = 1
    tied: tuple[str, ...] = ()
    unsure: bool = False
    excused: bool = False

    @property
    def endless(self) -> bool:
        """Whether nothing known bounds the measure from above: words then say "at least"."""
        return self.high >= ENDLESS


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

    def put(self, answer: YesNo, *, doubtful: bool = False) -> None:
        """Put one more thing where its answer says; a `doubtful` one may not belong to the whole at all."""
        if doubtful:
            self.doubtful_in += answer is not False
            self.doubtful_out += answer is not True
        elif answer is None:
            self.open += 1
        else:
            self.sure += answer
            self.lacking += not answer


@dataclass
class Amount:
    """A sum of sizes of which some may not be known: what it is at least and at most, and what would tell."""

    least: Exact = 0
    most: Exact = 0
    missing: list[str] = field(default_factory=list)

    def add(self, size: Exact | None, token: str, *, surely: bool = True) -> None:
        """Add one size: None is not known, one that is not `surely` part of the sum may be."""
        if size is None:
            self.missing.append(token)
            self.most = ENDLESS
        else:
            self.least += size if surely else 0
            self.most += size
            self.missing += [] if surely else [token]


def share(tally: Tally, counted: str, *, empty: Status, disputed: Iterable[str] = ()) -> Measured:
    """Return the share of the part in the whole, `void` as `empty` where there is no whole.

    Formula: from sure / (whole + doubtful_out) to (sure + open + doubtful_in) / (whole + doubtful_in).

    >>> share(Tally(sure=3, lacking=1), "streets", empty=Status.UNDEFINED).low
    Fraction(3, 4)
    """
    whole, most = tally.sure + tally.open + tally.lacking, tally.sure + tally.open
    if not whole and not tally.doubtful_in and not tally.doubtful_out:
        return Measured(counted, void=empty, kind="share")
    low, high = Fraction(0), Fraction(1)
    if whole:
        low = Fraction(tally.sure, whole + tally.doubtful_out)
        high = Fraction(most + tally.doubtful_in, whole + tally.doubtful_in)
    missing = tuple(dict.fromkeys(tally.missing)) if low != high else ()
    return Measured(
        counted, tally.sure, most, whole, low, high, tuple(tally.names), missing, tuple(disputed), None, "share"
    )


def amount(sum_of: Amount, counted: str, *, lacking: Iterable[str] = (), disputed: Iterable[str] = ()) -> Measured:
    """Return a sum as a measure.

    >>> beds = Amount()
    >>> beds.add(20, "")
    >>> beds.add(None, "facilities.beds: A")
    >>> measured = amount(beds, "beds")
    >>> measured.low, measured.endless, measured.missing
    (20, True, ('facilities.beds: A',))
    """
    missing = tuple(dict.fromkeys(sum_of.missing)) if sum_of.least != sum_of.most else ()
    low, high = sum_of.least, min(sum_of.most, ENDLESS)
    return Measured(counted, low, high, None, low, high, tuple(lacking), missing, tuple(disputed))


def rate(part: Amount, whole: Amount, counted: str, *, base: str, per: int, disputed: Iterable[str] = ()) -> Measured:
    """Return a rate, `void` as NOT_APPLICABLE where nobody is there to divide by.

    Formula: from least part * per / most whole to most part * per / least whole.

    >>> rate(Amount(200, 200), Amount(10_000, 10_000), "m2", base="residents", per=10_000).low
    Fraction(200, 1)
    """
    if whole.most == 0:
        return Measured(counted, void=Status.NOT_APPLICABLE, kind="rate", base=base, per=per)
    low = Fraction(0) if whole.most >= ENDLESS else Fraction(part.least) * per / Fraction(whole.most)
    endless = part.most >= ENDLESS or (part.most and not whole.least)
    high = Fraction(ENDLESS) if endless else Fraction(part.most) * per / Fraction(whole.least or 1)
    missing = tuple(dict.fromkeys([*part.missing, *whole.missing])) if low != high else ()
    people = int(whole.least)
    return Measured(
        counted,
        part.least,
        min(part.most, ENDLESS),
        people,
        low,
        min(high, Fraction(ENDLESS)),
        missing=missing,
        disputed=tuple(disputed),
        kind="rate",
        base=base,
        per=per,
    )

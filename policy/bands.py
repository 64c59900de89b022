"""Limits and bands of points as the text draws them: what lies inside, exactly on an open limit, and in a gap.

A test is laid out as a scale: pieces that cover the whole number line from left to right, each with the answer the
document gives there. Values and limits are whole numbers or fractions and are never rounded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from policy.verdict import Status

Exact = int | Fraction


@dataclass(frozen=True)
class Interval:
    """A stretch of the number line; None is without end. `low_in` says whether the end itself belongs to it.

    >>> Interval(low=Fraction(1, 2), high=Fraction(4, 5), high_in=True).holds(Fraction(4, 5))
    True
    """

    low: Exact | None = None
    low_in: bool = False
    high: Exact | None = None
    high_in: bool = False

    def holds(self, x: Exact) -> bool:
        """Return whether `x` lies inside."""
        return self.meets(x, x)

    def meets(self, low: Exact, high: Exact) -> bool:
        """Return whether any value from `low` to `high`, both included, lies inside."""
        above = self.low is None or (high >= self.low if self.low_in else high > self.low)
        below = self.high is None or (low <= self.high if self.high_in else low < self.high)
        return above and below


@dataclass(frozen=True)
class Piece:
    """One stretch of a scale and the answer there; `points` holds several where the text leaves them open."""

    span: Interval
    status: Status
    points: tuple[int, ...] = ()


@dataclass(frozen=True)
class Band:
    """Points for a stretch of values, or (`points` several) what might be given in a stretch the text leaves out."""

    span: Interval
    points: tuple[int, ...]


def limit_scale(demand: Interval) -> tuple[Piece, ...]:
    """Return the scale of one demand: PASS inside, FAIL outside, BOUNDARY exactly on a limit that is not included.

    >>> [str(p.status) for p in limit_scale(Interval(low=Fraction(3, 5)))]
    ['FAIL', 'BOUNDARY', 'PASS']
    """
    pieces = [Piece(demand, Status.PASS)]
    if demand.low is not None:
        if not demand.low_in:
            pieces.insert(0, Piece(_point(demand.low), Status.BOUNDARY))
        pieces.insert(0, Piece(Interval(high=demand.low), Status.FAIL))
    if demand.high is not None:
        if not demand.high_in:
            pieces.append(Piece(_point(demand.high), Status.BOUNDARY))
        pieces.append(Piece(Interval(low=demand.high), Status.FAIL))
    return tuple(pieces)


def band_scale(bands: Sequence[Band], gaps: Sequence[Band] = ()) -> tuple[Piece, ...]:
    """Return the scale of bands of points: PASS for the most points, FAIL below; BOUNDARY and UNDEFINED between bands.

    A value that two neighbouring bands both exclude is BOUNDARY with the points of both, more first. A stretch that no
    band covers is UNDEFINED: its points are those of the matching entry of `gaps`, or else of its neighbours.
    Raises ValueError where bands overlap or an entry of `gaps` is no gap of the bands.

    >>> most, none = Interval(low=Fraction(1, 2), low_in=True), Interval(high=Fraction(3, 10))
    >>> [(str(p.status), p.points) for p in band_scale([Band(most, (2,)), Band(none, (0,))])]
    [('FAIL', (0,)), ('UNDEFINED', (2, 0)), ('PASS', (2,))]
    """
    ordered = sorted(bands, key=lambda b: (b.span.low is not None, b.span.low or 0, not b.span.low_in))
    most = max(b.points[0] for b in bands)
    known = {g.span: g.points for g in gaps}
    pieces: list[Piece] = []
    if ordered[0].span.low is not None:
        before = Interval(high=ordered[0].span.low, high_in=not ordered[0].span.low_in)
        pieces.append(Piece(before, Status.UNDEFINED, known.pop(before, ordered[0].points)))
    for band, after in zip(ordered, [*ordered[1:], None], strict=True):
        pieces.append(Piece(band.span, Status.PASS if band.points[0] == most else Status.FAIL, band.points))
        if after is not None:
            between = _between(band, after, known)
            pieces += [between] if between else []
        elif band.span.high is not None:
            rest = Interval(low=band.span.high, low_in=not band.span.high_in)
            pieces.append(Piece(rest, Status.UNDEFINED, known.pop(rest, band.points)))
    if known:
        raise ValueError("a gap is declared where the bands leave none")
    return tuple(pieces)


def _between(left: Band, right: Band, known: dict[Interval, tuple[int, ...]]) -> Piece | None:
    end, start = left.span.high, right.span.low
    if end is None or start is None or end > start or (end == start and left.span.high_in and right.span.low_in):
        raise ValueError("bands overlap")
    both = tuple(sorted({*left.points, *right.points}, reverse=True))
    if end == start:
        return None if left.span.high_in or right.span.low_in else Piece(_point(end), Status.BOUNDARY, both)
    hole = Interval(end, not left.span.high_in, start, not right.span.low_in)
    return Piece(hole, Status.UNDEFINED, known.pop(hole, both))


def settle(scale: Sequence[Piece], *, boundary: str, passing: str) -> tuple[Piece, ...]:
    """Return the scale under the profile's readings.

    `boundary`: `report_both` leaves a value on an open limit BOUNDARY, `inclusive` gives it the better of its two
    answers, `strict` the worse. `passing`: `full` calls only the most points PASS, `some` any points above none.
    """
    named = tuple(
        replace(p, status=Status.PASS)
        if passing == "some" and p.status is Status.FAIL and p.points and p.points[0] > 0
        else p
        for p in scale
    )
    if boundary == "report_both":
        return named
    settled = []
    for i, piece in enumerate(named):
        if piece.status is Status.BOUNDARY:
            sides = sorted((named[i - 1], named[i + 1]), key=lambda p: (p.points, p.status is Status.PASS))
            chosen = sides[-1] if boundary == "inclusive" else sides[0]
            settled.append(replace(piece, status=chosen.status, points=chosen.points))
        else:
            settled.append(piece)
    return tuple(settled)


def answer(scale: Sequence[Piece], low: Exact, high: Exact) -> tuple[Status, tuple[int, ...]]:
    """Return status and points for a value known to lie from `low` to `high`: UNKNOWN where that spans two answers.

    >>> answer(limit_scale(Interval(low=1, low_in=True)), 0, 2)
    (<Status.UNKNOWN: 'UNKNOWN'>, ())
    """
    if low == high:
        here = next(p for p in scale if p.span.holds(low))
        return here.status, here.points
    met = {(p.status, p.points) for p in scale if p.span.meets(low, high)}
    if len(met) == 1:
        return met.pop()
    return Status.UNKNOWN, tuple(sorted({point for _, points in met for point in points}, reverse=True))


def goal(scale: Sequence[Piece]) -> Interval:
    """Return the stretch that earns the most: where the demand is met, or where the most points are given."""
    passing = [p for p in scale if p.status is Status.PASS]
    return max(passing, key=lambda p: p.points).span


def needed(goal_span: Interval, whole: int | None) -> int | None:
    """Return the smallest whole number of parts that reaches the goal from below (of `whole`, where it is a share).

    >>> needed(Interval(low=Fraction(9, 10), low_in=True), 2501), needed(Interval(low=Fraction(3, 5)), 10)
    (2251, 7)
    """
    if goal_span.low is None:
        return None
    least = Fraction(goal_span.low) * (1 if whole is None else whole)
    return -(-least.numerator // least.denominator) if goal_span.low_in else least.numerator // least.denominator + 1


def _point(x: Exact) -> Interval:
    return Interval(x, low_in=True, high=x, high_in=True)

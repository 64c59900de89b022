"""What somebody could work out from published sums: which hidden counts are told after all, by algebra or by bounds."""

from collections import defaultdict
from collections.abc import Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray

_PRIME = (1 << 61) - 1
FEW_BOUNDS = (1.0, 4.0)
"""What `<5` says of a count."""
MANY = 5.0
_ROUNDS = 20
Row = dict[int, int]


def told(
    counts: NDArray[np.float64], hidden: NDArray[np.bool_], sums: Sequence[Sequence[int]], *, few: NDArray[np.bool_]
) -> set[int]:
    """Return the positions of hidden counts that the sums give away.

    `sums` as in `gis.disclosure.withheld`. Told is what all sums together, as linear equations, have one solution for,
    and a count of `few` people that can only be one number of one to four: what is marked `<5` lies in that range, what
    is hidden beside it is five or more, or none. A missing count (NaN) is an unknown like a hidden one.

    >>> three = np.array([True, False, False])
    >>> told(np.array([3.0, 8.0, 11.0]), three, [[0, 1, 2]], few=three)
    {0}
    """
    rows, known = _equations(counts, hidden, sums)
    return _solved(rows) | _narrowed(rows, known, counts, few)


def _equations(
    counts: NDArray[np.float64], hidden: NDArray[np.bool_], sums: Sequence[Sequence[int]]
) -> tuple[list[Row], list[float]]:
    """Return the sums as equations in what is hidden: the sign of each, and what they make together."""
    unknown = hidden | np.isnan(counts)
    rows, known = [], []
    for *parts, total in sums:
        row = {place: 1 for place in parts if unknown[place]}
        if total >= 0 and unknown[total]:
            row[total] = row.get(total, 0) - 1
        if row:
            rows.append(row)
            values = [sign * counts[place] for place, sign in row.items()]
            known.append(float(sum(values)))
    return rows, known


def _solved(rows: Sequence[Row]) -> set[int]:
    """Return the unknowns that have one solution: Gauss and Jordan, counted modulo a large prime."""
    pivots: dict[int, Row] = {}
    users: dict[int, set[int]] = defaultdict(set)  # in which reduced rows an unknown stands
    for first in rows:
        row = dict(first)
        for place in [place for place in row if place in pivots]:
            if place in row:
                _subtract(row, pivots[place], row[place])
        if not row:
            continue
        pivot = min(row)
        inverse = pow(row[pivot], -1, _PRIME)
        row = {place: sign * inverse % _PRIME for place, sign in row.items()}
        for other in list(users[pivot]):
            before = set(pivots[other])
            _subtract(pivots[other], row, pivots[other][pivot])
            for place in before ^ set(pivots[other]):
                (users[place].discard if place in before else users[place].add)(other)
        pivots[pivot] = row
        for place in row:
            users[place].add(pivot)
    return {pivot for pivot, row in pivots.items() if len(row) == 1}


def _subtract(row: Row, other: Row, times: int) -> None:
    """Take another row as often as said from a row."""
    for place, sign in other.items():
        left = (row.get(place, 0) - times * sign) % _PRIME
        if left:
            row[place] = left
        else:
            row.pop(place, None)


def _narrowed(
    rows: Sequence[Row], known: Sequence[float], counts: NDArray[np.float64], few: NDArray[np.bool_]
) -> set[int]:
    """Return the counts of few people whose bounds the sums narrow down to one number."""
    bounds: dict[int, tuple[float, float]] = {}
    for place in {place for row in rows for place in row}:
        here = FEW_BOUNDS if few[place] else (MANY if counts[place] >= MANY else 0.0, inf)
        bounds[place] = here
    certain = [(row, total) for row, total in zip(rows, known, strict=True) if not np.isnan(total)]
    users: dict[int, list[int]] = defaultdict(list)
    for number, (row, _) in enumerate(certain):
        for place in row:
            users[place].append(number)
    stale = [True] * len(certain)  # with a bound that has moved since the equation was looked at
    for _ in range(_ROUNDS):
        if not any(stale):
            break
        for number, (row, total) in enumerate(certain):
            if stale[number]:
                stale[number] = False
                for place in _tighten(row, total, bounds, few):
                    for user in users[place]:
                        stale[user] = True
    return {place for place, (low, high) in bounds.items() if few[place] and high - low < 1}


def _tighten(row: Row, total: float, bounds: dict[int, tuple[float, float]], few: NDArray[np.bool_]) -> list[int]:
    """Draw the bounds of the unknowns of one equation together by those of the others; return which moved.

    Both sums are kept as they go, endless bounds counted beside them: an equation of a city has thousands of unknowns.
    """
    ends = [bounds[place] if sign > 0 else (-bounds[place][1], -bounds[place][0]) for place, sign in row.items()]
    least, most = sum(low for low, _ in ends if low > -inf), sum(high for _, high in ends if high < inf)
    endless_low, endless_high = sum(low == -inf for low, _ in ends), sum(high == inf for _, high in ends)
    moved = []
    for (place, sign), (low, high) in zip(row.items(), ends, strict=True):
        new_low, new_high = low, high
        if endless_high == (high == inf):  # no other is endless
            new_low = max(low, total - (most if high == inf else most - high))
        if endless_low == (low == -inf):
            new_high = min(high, total - (least if low == -inf else least - low))
        if new_low != low:
            least += new_low if low == -inf else new_low - low
            endless_low -= low == -inf
        if new_high != high:
            most += new_high if high == inf else new_high - high
            endless_high -= high == inf
        if new_low != low or new_high != high:
            moved.append(place)
            own = (new_low, new_high) if sign > 0 else (-new_high, -new_low)
            bounds[place] = own if few[place] else _none_or_many(*own)
    return moved


def _none_or_many(low: float, high: float) -> tuple[float, float]:
    """Return the bounds of a count hidden beside others, which is none or at least five."""
    return (low, 0.0) if low <= 0 < high < MANY else (low, high)

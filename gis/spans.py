"""Where the lines of a grid run within a margin of some segments, to the rounding of numbers.

Ground within the margin of one segment is convex, so each line meets it in one span, whose ends are known exactly;
spans that overlap are made one. Lines are `v = number * cell`, numbered from the origin of the CRS, so that the same
segments have the same spans whatever else is drawn. Compiled by numba, cached on disk.
"""

from typing import NamedTuple

import numpy as np
from numba import njit


class Spans(NamedTuple):
    """Line `first + k` has spans `low[s]` to `high[s]`, `s` from `start[k]` to `start[k + 1]`; the outer lines none."""

    first: int
    start: np.ndarray
    low: np.ndarray
    high: np.ndarray


@njit(cache=True, nogil=True, error_model="numpy")
def spans(along: np.ndarray, across: np.ndarray, margin: float, cell: float) -> Spans:
    """Return the spans within the margin of segments, given by both ends along the lines and across them (n, 2)."""
    first = int(np.ceil((across.min() - margin) / cell)) - 1
    lines = int(np.floor((across.max() + margin) / cell)) + 2 - first
    begin, end = np.empty(len(along), np.int64), np.empty(len(along), np.int64)
    room = np.zeros(lines + 1, np.int64)
    for s in range(len(along)):
        begin[s] = int(np.ceil((across[s].min() - margin) / cell)) - first
        end[s] = int(np.floor((across[s].max() + margin) / cell)) - first + 1
        room[begin[s] + 1 : end[s] + 1] += 1
    room = np.cumsum(room)
    low, high = np.empty(room[-1]), np.empty(room[-1])
    free = room[:-1].copy()
    for s in np.argsort(np.minimum(along[:, 0], along[:, 1])):  # a line gets its spans almost in order
        ua, va, ub, vb = along[s, 0], across[s, 0], along[s, 1], across[s, 1]
        dv = vb - va
        length = np.hypot(ub - ua, dv)
        aside_u, aside_v = (-dv * margin / length, (ub - ua) * margin / length) if length > 0 else (0.0, 0.0)
        slope = (ub - ua) / dv if dv != 0 else 0.0
        for k in range(begin[s], end[s]):
            v = (first + k) * cell
            one = _on_disc(ua, v - va, margin)
            other = _on_disc(ub, v - vb, margin)
            near, far = min(one[0], other[0]), max(one[1], other[1])
            for side in (-1.0, 1.0):
                ahead = v - va - side * aside_v
                if dv != 0 and min(0.0, dv) <= ahead <= max(0.0, dv):
                    u = ua + side * aside_u + ahead * slope
                    near, far = min(near, u), max(far, u)
            if near <= far:
                spot = free[k]
                while spot > room[k] and low[spot - 1] > near:
                    low[spot], high[spot] = low[spot - 1], high[spot - 1]
                    spot -= 1
                low[spot], high[spot] = near, far
                free[k] += 1
    return _apart(first, room[:-1], free, low, high)


@njit(cache=True, nogil=True, error_model="numpy")
def _on_disc(u: float, v: float, radius: float) -> tuple[float, float]:
    """Return the span of a disc about `u` on a line that passes its centre at `v`; from inf to -inf: none."""
    rest = radius * radius - v * v
    if rest < 0:
        return np.inf, -np.inf
    half = np.sqrt(rest)
    return u - half, u + half


@njit(cache=True, nogil=True, error_model="numpy")
def _apart(first: int, begin: np.ndarray, end: np.ndarray, low: np.ndarray, high: np.ndarray) -> Spans:
    """Return spans, sorted on each line, with those that overlap made one; `low` and `high` are written over."""
    start = np.empty(len(begin) + 1, np.int64)
    count = 0
    for k in range(len(begin)):
        start[k] = count
        for spot in range(begin[k], end[k]):
            if count > start[k] and low[spot] <= high[count - 1]:
                high[count - 1] = max(high[count - 1], high[spot])
            else:
                low[count], high[count] = low[spot], high[spot]
                count += 1
    start[-1] = count
    return Spans(first, start, low[:count].copy(), high[:count].copy())

"""The outline of all ground within a margin of some segments, at its true place wherever it crosses a line of a grid.

What lies within the margin is known exactly on the lines (`gis.spans`). Corners of cells are inside or outside, the
outline crosses each edge between them once at most, and in a cell these places are joined as by marching squares
(Lorensen & Cline 1987, doi:10.1145/37402.37422, in the plane): where corners inside face each other, ground joins.
More segments only move the places outwards, so that their outline holds that of fewer, to the last bit. No place is
on a corner, so that rings never touch and polygons are valid. Work grows with the outline, not with the ground.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numba import njit

from gis.spans import Spans, spans

CELL_M = 1.5625
CELLS_IN_MARGIN = 16
"""The margin has at least so many cells."""
MAX_SPANS = 4_000_000
"""What has more spans than this is drawn on a coarser grid, so that a city's areas fit an office machine and a page."""
AWAY = 1 / 1024
"""So far, in cells, the outline stays away from the corners of cells."""
NEVER = 1 << 60


class Ends(NamedTuple):
    """Where runs of corners inside begin (even) and end (odd): row `first + k` has those from `start[k]` to the next.

    `gap`: each lies between this column and the next; `place`: (x, y).
    """

    first: int
    start: np.ndarray
    gap: np.ndarray
    place: np.ndarray


def outlines(nests: Iterable[Sequence[np.ndarray]], margin_m: float) -> tuple[np.ndarray, ...]:
    """Return the ground within the margin of each set of segments (x, y, x, y), as `multipolygons` takes it.

    Sets come in nests, each set containing the one before; a nest is drawn on one grid.
    """
    rings = [(np.empty((0, 2)), *(np.empty(0, dtype=np.int64) for _ in range(3)))]
    for nest in nests:
        cell = _cell_m(nest[-1], margin_m)
        for segments in nest:
            drawn = _outline(segments, margin_m, cell) if len(segments) else rings[0][:3]
            rings.append((*drawn, np.array([len(drawn[2])])))
    return tuple(np.concatenate(column) for column in zip(*rings, strict=True))


def multipolygons(
    xy: np.ndarray, ring_corners: np.ndarray, polygon_rings: np.ndarray, area_polygons: np.ndarray
) -> np.ndarray:
    """Return areas by the corners of their rings, how many corners a ring, rings a polygon and polygons an area has."""
    sizes = (ring_corners, polygon_rings, area_polygons)
    starts = tuple(np.concatenate([[0], np.cumsum(size)]) for size in sizes)
    drawn: np.ndarray = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, xy, starts)
    return drawn


def _cell_m(segments: np.ndarray, margin_m: float) -> float:
    """Return the side of a cell on which these segments do not have too many spans."""
    crossed_m = float(np.abs(segments[:, 2:] - segments[:, :2]).sum()) + 4 * margin_m * len(segments)
    return max(min(CELL_M, margin_m / CELLS_IN_MARGIN), crossed_m / MAX_SPANS)


@njit(cache=True, nogil=True, error_model="numpy")
def _outline(segments: np.ndarray, margin: float, cell: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the corners of rings, how many corners each ring has, how many rings each polygon (its holes last)."""
    x, y = segments[:, ::2], segments[:, 1::2]
    ends = _ends(spans(x, y, margin, cell), cell)
    onward, place = _joined(ends, spans(y, x, margin, cell), cell)
    return _rings(len(ends.gap), onward, place)


@njit(cache=True, nogil=True, error_model="numpy")
def _ends(rows: Spans, cell: float) -> Ends:
    """Return the ends of the runs of corners that lie in the spans of rows."""
    low, high = rows.low, rows.high
    start = np.empty(len(rows.start), np.int64)
    gap, place = np.empty(2 * len(low), np.int64), np.empty((2 * len(low), 2))
    count = 0
    for k in range(len(start) - 1):
        start[k] = count
        y = (rows.first + k) * cell
        for spot in range(rows.start[k], rows.start[k + 1]):
            begin, last = int(np.ceil(low[spot] / cell)) - 1, int(np.floor(high[spot] / cell))
            if begin >= last:
                continue
            if count > start[k] and begin <= gap[count - 1]:  # no corner lies between the two
                count -= 1
            else:
                gap[count], place[count, 0], place[count, 1] = begin, _within(low[spot], begin, cell), y
                count += 1
            gap[count], place[count, 0], place[count, 1] = last, _within(high[spot], last, cell), y
            count += 1
    start[-1] = count
    return Ends(rows.first, start, gap[:count], place[:count])


@njit(cache=True, nogil=True, error_model="numpy")
def _within(at: float, gap: int, cell: float) -> float:
    """Return a place on the edge between two corners, away from both."""
    return min(max(at, (gap + AWAY) * cell), (gap + 1 - AWAY) * cell)


@njit(cache=True, nogil=True, error_model="numpy")
def _joined(ends: Ends, columns: Spans, cell: float) -> tuple[np.ndarray, np.ndarray]:
    """Return which place follows each on the outline, inside on its left, and (x, y) of all: ends of runs come first.

    Between one row and the next, from gap to gap where either row changes, corners below and above stay in or out.
    """
    row, start, gap = ends.first, ends.start, ends.gap
    first, low, high = columns.first, columns.low, columns.high
    span, after = columns.start[:-1].copy(), columns.start[1:]
    count = len(gap)
    onward, place = np.empty(2 * count + len(span), np.int64), np.empty((2 * count + len(span), 2))
    place[:count] = ends.place
    for strip in range(len(start) - 2):
        onward, place = _with_room(onward, place, count + len(span))
        b, b_end, t, t_end = start[strip], start[strip + 1], start[strip + 1], start[strip + 2]
        below, above, left = False, False, -1
        while b < b_end or t < t_end:
            here = min(_gap(gap, b, b_end), _gap(gap, t, t_end))
            west_below, west_above, bottom, top = below, above, -1, -1
            if _gap(gap, b, b_end) == here:
                bottom, below, b = b, not below, b + 1
            if _gap(gap, t, t_end) == here:
                top, above, t = t, not above, t + 1
            right = count if below != above else -1
            _through(onward, (bottom, right, top, left), (west_below, below, above, west_above))
            left = -1
            if below == above:
                continue
            y = (row + strip + int(above)) * cell
            for c in range(here + 1, min(_gap(gap, b, b_end), _gap(gap, t, t_end)) + 1):
                k = c - first
                while span[k] < after[k] and high[span[k]] < y:
                    span[k] += 1
                at = y
                if span[k] < after[k] and low[span[k]] <= y:
                    at = high[span[k]] if below else low[span[k]]
                place[count, 0], place[count, 1] = c * cell, _within(at, row + strip, cell)
                if left >= 0:
                    onward[left if above else count] = count if above else left
                left = count
                count += 1
    return onward[:count], place[:count]


@njit(cache=True, nogil=True, error_model="numpy")
def _with_room(onward: np.ndarray, place: np.ndarray, room: int) -> tuple[np.ndarray, np.ndarray]:
    """Return both as they are, or twice as long where there is not so much room."""
    if room <= len(onward):
        return onward, place
    return np.append(onward, onward), np.concatenate((place, place))


@njit(cache=True, nogil=True, error_model="numpy")
def _gap(gap: np.ndarray, end: int, last: int) -> int:
    """Return the gap of an end of a run, beyond all others where the row has no more."""
    return gap[end] if end < last else NEVER


@njit(cache=True, nogil=True, error_model="numpy")
def _through(onward: np.ndarray, place: tuple[int, int, int, int], inside: tuple[bool, bool, bool, bool]) -> None:
    """Join the places on the four edges of a cell (-1: none), counter-clockwise; `inside`: the corner before each."""
    for k in range(4):
        if place[k] >= 0 and inside[k]:  # the outline leaves here for the next edge it crosses
            for step in range(1, 4):
                other = place[(k + step) % 4]
                if other >= 0:
                    onward[place[k]] = other
                    break


@njit(cache=True, nogil=True, error_model="numpy")
def _rings(ends: int, onward: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rings, those of a polygon together, its outer one first; every ring passes an end of a run."""
    ring, whose = np.full(ends, -1, np.int64), np.empty(ends, np.int64)
    begin, size = np.empty(ends, np.int64), np.empty(ends, np.int64)
    rings, polygons = 0, 0
    for end in range(ends):
        if ring[end] >= 0:
            continue
        if end % 2:  # of a ring not met before, on its lowest row and leftmost there: it has the run on its outside
            whose[rings] = whose[ring[end - 1]]
        else:
            whose[rings] = polygons
            polygons += 1
        begin[rings], size[rings] = end, 1
        at = end
        while at != end or size[rings] == 1:
            if at < ends:
                ring[at] = rings
            size[rings] += 1
            at = onward[at]
        rings += 1
    order = np.argsort(whose[:rings], kind="mergesort")
    xy = np.empty((size[:rings].sum(), 2))
    polygon_rings = np.zeros(polygons, np.int64)
    corner = 0
    for number in order:
        polygon_rings[whose[number]] += 1
        at = begin[number]
        for _ in range(size[number]):
            xy[corner, 0], xy[corner, 1] = place[at, 0], place[at, 1]
            at = onward[at]
            corner += 1
    return xy, size[:rings][order], polygon_rings

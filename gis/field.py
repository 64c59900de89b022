"""The field that borders are drawn from: on a grid, how far it is to the nearest of some parts of streets.

Grids are anchored at the origin of the CRS, so that the same streets give the same field whoever else is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import contourpy
import numpy as np
import shapely
from numba import njit

from gis.network import WalkNetwork

CELL_M = 2.5
MAX_CELLS = 16_000_000
"""A window with more cells than this is drawn on a coarser grid, so that a city's areas fit an office machine."""


@dataclass(frozen=True)
class Window:
    """A grid of square cells: its first point `low` (x, y), the side of a cell, how many columns and rows of points."""

    low: np.ndarray
    cell_m: float
    columns: int
    rows: int

    def field(self, far_m: float) -> np.ndarray:
        """Return a field of squared distances where everything is at least `far_m` away."""
        return np.full((self.rows, self.columns), far_m**2, dtype=np.float32)

    def trace(self, field: np.ndarray, level: float) -> shapely.MultiPolygon:
        """Return the area where a field is at most `level`, with its holes (contourpy)."""
        x, y = (low + np.arange(n) * self.cell_m for low, n in zip(self.low, (self.columns, self.rows), strict=True))
        contours = contourpy.contour_generator(x, y, field, fill_type=contourpy.FillType.OuterOffset)
        filled: Any = contours.filled(-np.inf, level)
        return shapely.MultiPolygon([_polygon(points, offsets) for points, offsets in zip(*filled, strict=True)])


def cell_m(segments: Sequence[np.ndarray], margin_m: float) -> float:
    """Return the side of a cell on which the largest window of these sets of segments is not too large."""
    sides = (np.ptp(part.reshape(-1, 2), axis=0) + 2 * margin_m for part in segments if len(part))
    return max([CELL_M, *(float(np.sqrt(np.prod(side) / MAX_CELLS)) for side in sides)])


def window(segments: np.ndarray, margin_m: float, cell: float) -> Window:
    """Return the window that holds everything within the margin of the segments (x, y, x, y)."""
    corners = segments.reshape(-1, 2)
    high = corners.max(axis=0) + margin_m
    low = np.floor((corners.min(axis=0) - margin_m) / cell - 2) * cell
    columns, rows = (int(n) for n in np.ceil((high - low) / cell + 3))
    return Window(low=low, cell_m=cell, columns=columns, rows=rows)


def lines_of(network: WalkNetwork, edge: np.ndarray, from_m: np.ndarray, to_m: np.ndarray) -> np.ndarray:
    """Return the part of each edge between two distances along it as a shapely line."""
    segments, of_part = segments_of(network.course_xy, network.course_start, edge, from_m, to_m)
    last = np.append(of_part[1:] != of_part[:-1], True)[: len(of_part)]
    corners = np.insert(segments[:, :2], np.flatnonzero(last) + 1, segments[last, 2:], axis=0)
    drawn: np.ndarray = shapely.linestrings(corners, indices=np.repeat(of_part, 1 + last))
    return drawn


def _polygon(points: np.ndarray, offsets: np.ndarray) -> shapely.Polygon:
    """Return the polygon of an outer ring and its holes."""
    rings = [points[a:b] for a, b in pairwise(offsets.tolist())]
    return shapely.Polygon(rings[0], rings[1:])


@njit(cache=True)
def segments_of(
    course_xy: np.ndarray, course_start: np.ndarray, edges: np.ndarray, from_m: np.ndarray, to_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the straight pieces of each part of an edge between two distances along it, at least one each."""
    room = 0
    for edge in edges:
        room += course_start[edge + 1] - course_start[edge] - 1
    out = np.empty((room, 4))
    of_part = np.empty(room, dtype=np.int64)
    rows = 0
    for part in range(len(edges)):
        along = 0.0
        begun = rows
        final = course_start[edges[part] + 1] - 2
        for k in range(course_start[edges[part]], final + 1):
            dx, dy = course_xy[k + 1, 0] - course_xy[k, 0], course_xy[k + 1, 1] - course_xy[k, 1]
            length = np.hypot(dx, dy)
            first, last = max(from_m[part] - along, 0.0), min(to_m[part] - along, length)
            if first < last or (k == final and rows == begun):  # rounding may leave a part no length
                a, b = (first / length, last / length) if length > 0 else (0.0, 1.0)
                out[rows, 0], out[rows, 1] = course_xy[k, 0] + a * dx, course_xy[k, 1] + a * dy
                out[rows, 2], out[rows, 3] = course_xy[k, 0] + b * dx, course_xy[k, 1] + b * dy
                of_part[rows] = part
                rows += 1
            along += length
    return out[:rows], of_part[:rows]


@njit(cache=True)
def burn(segments: np.ndarray, low: np.ndarray, cell: float, reach_m: float, field: np.ndarray) -> None:
    """Lower the field, whose first cell lies at `low`, to the squared distance from each segment, in place."""
    x0, y0 = low
    for s in range(len(segments)):
        ax, ay, bx, by = segments[s, 0], segments[s, 1], segments[s, 2], segments[s, 3]
        dx, dy = bx - ax, by - ay
        square = dx * dx + dy * dy
        for row in range(
            max(0, int((min(ay, by) - reach_m - y0) / cell)),
            min(field.shape[0], int((max(ay, by) + reach_m - y0) / cell) + 2),
        ):
            py = y0 + row * cell - ay
            # The part of the segment that is near this row at all, and the columns near that part.
            one, other = 0.0, 1.0
            if dy != 0:
                one, other = (py - reach_m) / dy, (py + reach_m) / dy
                one, other = max(0.0, min(one, other)), min(1.0, max(one, other))
            west, east = ax + min(one * dx, other * dx) - reach_m, ax + max(one * dx, other * dx) + reach_m
            for column in range(max(0, int((west - x0) / cell)), min(field.shape[1], int((east - x0) / cell) + 2)):
                px = x0 + column * cell - ax
                t = min(1.0, max(0.0, (px * dx + py * dy) / square)) if square > 0 else 0.0
                aside, ahead = px - t * dx, py - t * dy
                field[row, column] = min(field[row, column], aside * aside + ahead * ahead)

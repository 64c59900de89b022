"""Walking areas: the streets from which a facility is reached, cut exactly at the walk, with a margin on each side.

A drawing, not a count: people are counted on the network. The area is where the distance to the reached parts of
streets is at most the margin; a field of that distance on a 2.5 m grid and one contour trace draw it (contourpy). It
agrees with the exact union of buffers to 99.9 %, where a 5 m grid loses 0.3 % in the corners of dense blocks. A longer
walk's field is never above a shorter one's, so its area contains the shorter one's by construction; holes stay.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import contourpy
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numba import njit

from gis.network import WalkNetwork
from gis.reach import places, walk_m
from gis.sweeps import on_all_cores, reach_parts

CELL_M = 2.5
MAX_CELLS = 16_000_000
"""A window with more cells than this is drawn on a coarser grid, so that a city's areas fit an office machine."""


def reached_streets(
    network: WalkNetwork, facilities: pd.DataFrame, *, minutes: float, speed_m_s: float = 1.0, together: bool = False
) -> gpd.GeoDataFrame:
    """Return the parts of streets from which a facility is reached within `minutes`, connector included.

    `facilities` is what `snap` returned. Columns: `facility_id` (None for all of them `together`), `edge`, `from_m`,
    `to_m` along it, and the part as a line, in the CRS of the network. Parts of one facility never overlap: their
    length is the length of the streets reached.
    """
    group, parts, segments, of_part = _parts(network, facilities, walk_m(minutes, speed_m_s), together=together)
    last = np.append(of_part[1:] != of_part[:-1], True)[: len(of_part)]
    corners = np.insert(segments[:, :2], np.flatnonzero(last) + 1, segments[last, 2:], axis=0)
    lines = shapely.linestrings(corners, indices=np.repeat(of_part, 1 + last))
    frame = parts.assign(facility_id=None if together else facilities.index.to_numpy()[group])
    return gpd.GeoDataFrame(frame, geometry=lines, crs=network.crs)


def isochrones(
    network: WalkNetwork,
    facilities: pd.DataFrame,
    *,
    minutes: Sequence[float] = (5, 10, 15),
    speed_m_s: float = 1.0,
    margin_m: float = 25.0,
    together: bool = False,
) -> gpd.GeoDataFrame:
    """Return the walking area of each facility (or of all `together`) for each number of minutes.

    `facilities` is what `snap` returned. Columns: `facility_id` (None when together), `minutes`, polygons with holes in
    the CRS of the network; areas of one facility lie one within the other. A facility away from all streets has none;
    a walk too short for its connector has an empty area.
    """
    walks = sorted(set(minutes))
    reached = [_parts(network, facilities, walk_m(walk, speed_m_s), together=together) for walk in walks]
    groups = [found[0][found[3]] for found in reached]  # of each segment, ascending
    rows: list[dict[str, object]] = []
    for group in np.unique(groups[-1]):
        segments = [
            found[2][slice(*np.searchsorted(of_segment, [group, group + 1]))]
            for found, of_segment in zip(reached, groups, strict=True)
        ]
        areas = _areas(segments, margin_m)
        name = None if together else facilities.index[group]
        rows += [
            {"facility_id": name, "minutes": walk, "geometry": area} for walk, area in zip(walks, areas, strict=True)
        ]
    return gpd.GeoDataFrame(rows, columns=["facility_id", "minutes", "geometry"], geometry="geometry", crs=network.crs)


def _parts(
    network: WalkNetwork, facilities: pd.DataFrame, limit_m: float, *, together: bool
) -> tuple[np.ndarray, pd.DataFrame, np.ndarray, np.ndarray]:
    """Return the group of each part, the parts, their straight segments (x, y, x, y) and the part of each segment."""
    groups = np.array([0, len(facilities)]) if together else np.arange(len(facilities) + 1)
    flat, doors = network.flat, places(facilities)
    group, edge, from_m, to_m = on_all_cores(
        lambda *run: reach_parts(flat, doors, groups, run, limit_m), len(groups) - 1
    )
    order = np.lexsort((from_m, edge, group))
    group, edge, from_m, to_m = _joined(group[order], edge[order], from_m[order], to_m[order])
    segments, of_part = _segments(network.course_xy, network.course_start, edge, from_m, to_m)
    return group, pd.DataFrame({"edge": edge, "from_m": from_m, "to_m": to_m}), segments, of_part


def _areas(segments: Sequence[np.ndarray], margin_m: float) -> list[shapely.MultiPolygon]:
    """Return the area around each set of segments, each set containing the one before."""
    corners = segments[-1].reshape(-1, 2)
    low, high = corners.min(axis=0) - margin_m, corners.max(axis=0) + margin_m
    cell = max(CELL_M, float(np.sqrt(np.prod(high - low) / MAX_CELLS)))
    low = np.floor(low / cell - 2) * cell  # the grid is anchored at the origin: the same streets give the same area
    columns, rows = (int(n) for n in np.ceil((high - low) / cell + 3))
    square = np.full((rows, columns), (margin_m + 4 * cell) ** 2, dtype=np.float32)
    x, y = low[0] + np.arange(columns) * cell, low[1] + np.arange(rows) * cell
    areas = []
    for part in segments:
        _burn(part, low, cell, margin_m + 2 * cell, square)
        trace = contourpy.contour_generator(x, y, np.sqrt(square), fill_type=contourpy.FillType.OuterOffset)
        filled: Any = trace.filled(-1, margin_m)
        points, offsets = filled
        areas.append(shapely.MultiPolygon([_polygon(p, o) for p, o in zip(points, offsets, strict=True)]))
    return areas


def _polygon(points: np.ndarray, offsets: np.ndarray) -> shapely.Polygon:
    """Return the polygon of an outer ring and its holes."""
    rings = [points[a:b] for a, b in pairwise(offsets.tolist())]
    return shapely.Polygon(rings[0], rings[1:])


@njit(cache=True)
def _joined(
    group: np.ndarray, edge: np.ndarray, from_m: np.ndarray, to_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the parts, sorted by group, edge and begin, with those that overlap or touch made one, points left out."""
    group, edge, from_m, to_m = group.copy(), edge.copy(), from_m.copy(), to_m.copy()
    rows = 0
    for part in range(len(edge)):
        if to_m[part] <= from_m[part]:
            continue
        before = rows - 1
        if before >= 0 and group[before] == group[part] and edge[before] == edge[part] and from_m[part] <= to_m[before]:
            to_m[before] = max(to_m[before], to_m[part])
            continue
        group[rows], edge[rows], from_m[rows], to_m[rows] = group[part], edge[part], from_m[part], to_m[part]
        rows += 1
    return group[:rows], edge[:rows], from_m[:rows], to_m[:rows]


@njit(cache=True)
def _segments(
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
def _burn(segments: np.ndarray, low: np.ndarray, cell: float, reach_m: float, field: np.ndarray) -> None:
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
            for column in range(
                max(0, int((min(ax, bx) - reach_m - x0) / cell)),
                min(field.shape[1], int((max(ax, bx) + reach_m - x0) / cell) + 2),
            ):
                px = x0 + column * cell - ax
                t = min(1.0, max(0.0, (px * dx + py * dy) / square)) if square > 0 else 0.0
                aside, ahead = px - t * dx, py - t * dy
                field[row, column] = min(field[row, column], aside * aside + ahead * ahead)

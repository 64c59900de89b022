"""Walking areas: the streets from which a facility is reached, cut exactly at the walk, with a margin on each side.

A drawing, not a count: people are counted on the network. The area is where the distance to the reached parts of
streets is at most the margin (`gis.outline`); each agrees with the exact union of buffers to 99.9 %. A longer walk is
drawn with the pieces of the shorter ones among its own, so its area contains theirs by construction; holes stay.
"""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numba import njit

from gis.cores import on_all_cores
from gis.field import lines_of, segments_of
from gis.network import WalkNetwork
from gis.outline import multipolygons, outlines
from gis.reach import places, walk_m
from gis.street_parts import reach_parts
from gis.sweeps import DOORS_A_RUN

AREAS_A_RUN = 8
"""Fewer areas than this are not worth a second core."""


def reached_streets(
    network: WalkNetwork, facilities: pd.DataFrame, *, minutes: float, speed_m_s: float = 1.0, together: bool = False
) -> gpd.GeoDataFrame:
    """Return the parts of streets from which a facility is reached within `minutes`, connector included.

    `facilities` is what `snap` returned. Columns: `facility_id` (None for all of them `together`), `edge`, `from_m`,
    `to_m` along it, and the part as a line, in the CRS of the network. Parts of one facility never overlap: their
    length is the length of the streets reached.
    """
    group, edge, from_m, to_m = _parts(network, facilities, walk_m(minutes, speed_m_s), together=together)
    order = np.lexsort((from_m, edge, group))
    group, edge, from_m, to_m = _joined(group[order], edge[order], from_m[order], to_m[order])
    parts = pd.DataFrame({"edge": edge, "from_m": from_m, "to_m": to_m})
    frame = parts.assign(facility_id=None if together else facilities.index.to_numpy()[group])
    return gpd.GeoDataFrame(frame, geometry=lines_of(network, edge, from_m, to_m), crs=network.crs)


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
    a walk too short for its connector has an empty area. Raises ValueError for a margin not above 0.
    """
    if not 0 < margin_m < np.inf:
        raise ValueError(f"a margin of {margin_m} m leaves no area to draw")
    walks = sorted(set(minutes))
    streets = [_streets(network, facilities, walk_m(walk, speed_m_s), together=together) for walk in walks]
    groups = np.flatnonzero(np.diff(streets[-1][1]))

    def draw(first: int, last: int) -> tuple[np.ndarray, ...]:
        return outlines((_each_with_those_before(streets, group) for group in groups[first:last]), margin_m)

    areas = multipolygons(*on_all_cores(draw, len(groups), least=AREAS_A_RUN))
    names = np.full(1, None) if together else facilities.index.to_numpy()
    return gpd.GeoDataFrame(
        {"facility_id": np.repeat(names[groups], len(walks)), "minutes": np.tile(walks, len(groups))},
        geometry=areas,
        crs=network.crs,
    )


def _parts(
    network: WalkNetwork, facilities: pd.DataFrame, limit_m: float, *, together: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return parts of streets within the limit: group, ascending, edge, `from_m`, `to_m`; some may overlap."""
    groups = np.array([0, len(facilities)]) if together else np.arange(len(facilities) + 1)
    flat, doors = network.flat, places(facilities)
    group, edge, from_m, to_m = on_all_cores(
        lambda *run: reach_parts(flat, doors, groups, run, limit_m), len(groups) - 1, least=DOORS_A_RUN
    )
    some = from_m < to_m
    return group[some], edge[some], from_m[some], to_m[some]


def _streets(
    network: WalkNetwork, facilities: pd.DataFrame, limit_m: float, *, together: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the straight pieces (x, y, x, y) of the streets that each group reaches, and where each group begins."""
    group, *course = _parts(network, facilities, limit_m, together=together)
    pieces, of_part = segments_of(network.course_xy, network.course_start, *course)
    return pieces, np.searchsorted(group[of_part], np.arange((1 if together else len(facilities)) + 1))


def _each_with_those_before(streets: Sequence[tuple[np.ndarray, np.ndarray]], group: int) -> list[np.ndarray]:
    """Return what a group reaches in each walk, the pieces of shorter walks among it to the last bit."""
    own = [pieces[start[group] : start[group + 1]] for pieces, start in streets]
    return [np.concatenate(own[: walk + 1]) for walk in range(len(own))]


@njit(cache=True)
def _joined(
    group: np.ndarray, edge: np.ndarray, from_m: np.ndarray, to_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the parts, sorted by group, edge and begin, with those that overlap or touch made one."""
    group, edge, from_m, to_m = group.copy(), edge.copy(), from_m.copy(), to_m.copy()
    rows = 0
    for part in range(len(edge)):
        before = rows - 1
        if before >= 0 and group[before] == group[part] and edge[before] == edge[part] and from_m[part] <= to_m[before]:
            to_m[before] = max(to_m[before], to_m[part])
            continue
        group[rows], edge[rows], from_m[rows], to_m[rows] = group[part], edge[part], from_m[part], to_m[part]
        rows += 1
    return group[:rows], edge[:rows], from_m[:rows], to_m[:rows]

"""Where a crossing may be missing from the map: rivers, railways, motorways and walls with streets on both sides."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.network import WalkNetwork

STEP_M = 50.0
"""A barrier is looked at in pieces of about this length."""
BANK_M = 50.0
"""A street this near on each side: people on both banks see each other."""
CROSSING_M = 300.0
"""The widest spacing of streets in a residential district (GB 50180-2018 clause 6.0.2): farther from any crossing than
this, going round takes an older person more than ten minutes."""


def uncrossed(
    network: WalkNetwork, barriers: gpd.GeoSeries, *, bank_m: float = BANK_M, crossing_m: float = CROSSING_M
) -> gpd.GeoDataFrame:
    """Return the pieces of barrier that may lack a crossing: lines with `length_m`, in the CRS of the network (metres).

    A piece counts where streets run within `bank_m` on both sides of its middle and no street crosses a barrier within
    `crossing_m` of it. It is a place to look at, no fault: many a river has no bridge.

    >>> from gis.streets import network_of_lines
    >>> town = network_of_lines([[(0, 30), (2000, 30), (2000, -30), (0, -30)]], crs="EPSG:4547")
    >>> river = gpd.GeoSeries([shapely.LineString([(0, 0), (3000, 0)])], crs=town.crs)
    >>> uncrossed(town, river)["length_m"].sum()  # from the west end to 300 m before the bridge
    np.float64(1700.0)
    """
    lines = barriers.to_numpy()
    total = shapely.length(lines)
    count = np.maximum(1, np.round(np.nan_to_num(total) / STEP_M)).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), count)
    nth = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    step = (total / count)[line]
    ends = [shapely.get_coordinates(shapely.line_interpolate_point(lines[line], (nth + k) * step)) for k in (0, 0.5, 1)]
    along = ends[2] - ends[0]
    size = np.hypot(*along.T)
    turned = np.column_stack([-along[:, 1], along[:, 0]]) / np.where(size > 0, size, 1)[:, None]
    middle = ends[1]
    streets = np.ones(len(line), dtype=bool)
    for side in (1, -1):
        reach = shapely.linestrings(np.stack([middle, middle + side * bank_m * turned], axis=1))
        near = np.zeros(len(line), dtype=bool)
        near[network.tree.query(reach, predicate="intersects")[0]] = True
        streets &= near
    barrier, edge = network.tree.query(lines, predicate="intersects")
    where = shapely.intersection(lines[barrier], network.lines[edge])
    kept = np.flatnonzero(streets & (size > 0))
    at = shapely.points(middle[kept])
    crossed, _ = shapely.STRtree(where).query(at, predicate="dwithin", distance=crossing_m)
    kept = np.delete(kept, np.unique(crossed))
    pieces = shapely.linestrings(np.stack([ends[0][kept], ends[1][kept], ends[2][kept]], axis=1))
    index = pd.RangeIndex(len(kept), name="piece")
    return gpd.GeoDataFrame({"length_m": step[kept]}, geometry=pieces, crs=network.crs, index=index)

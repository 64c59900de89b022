"""From a door to the street: the nearest point of the nearest street, with the connector that is walked to it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.grid import nearest_pieces
from gis.network import WalkNetwork


def snap(
    network: WalkNetwork,
    points: gpd.GeoDataFrame,
    *,
    max_connector_m: float = 150.0,
    barriers: gpd.GeoSeries | None = None,
) -> pd.DataFrame:
    """Return where each point meets the network: `edge`, `offset_m` along its course, `connector_m` walked to it.

    Aligned on the index of `points` (CRS of the network). A point farther than `max_connector_m` from every street, or
    without a position, has edge -1 and no offset: that is a finding, never a guess. With `barriers` (lines such as
    walls, rivers, railways) a connector may not cross one: the nearest street on this side counts, else none. Of
    streets equally near the first of the network counts. Raises ValueError where the CRS differ or a shape is
    no point.

    >>> from gis.towns import cross_town
    >>> town = cross_town()  # two streets of 200 m that cross in their middle at (0, 0)
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([60, 500], [30, 500]), index=["a", "b"], crs=town.crs)
    >>> snap(town, homes)[["connector_m"]]
       connector_m
    a         30.0
    b          NaN
    """
    if points.crs != network.crs:
        raise ValueError(f"points are in {points.crs}, the network in {network.crs}")
    xy = _coordinates(points.geometry.to_numpy())
    edge, offset_m, connector_m = nearest_pieces(network.grid, network.course_xy, xy, max_connector_m)
    snapped = pd.DataFrame({"edge": edge, "offset_m": offset_m, "connector_m": connector_m}, index=points.index)
    if barriers is not None and len(barriers):
        walls = shapely.STRtree(barriers.to_numpy())
        snapped = _respect(network, points.geometry.to_numpy(), snapped, walls, max_connector_m)
    # Rounding may put a place a hair past the end of its street.
    most_m = network.edge_length_m[snapped["edge"].to_numpy()]
    return snapped.assign(offset_m=np.minimum(snapped["offset_m"], most_m))


def _coordinates(shapes: np.ndarray) -> np.ndarray:
    """Return x and y of points, missing where there is no position."""
    count = shapely.get_num_coordinates(shapes)
    if (count > 1).any():
        raise ValueError("only points can be snapped")
    xy = np.full((len(shapes), 2), np.nan)
    xy[count == 1] = shapely.get_coordinates(shapes)
    return xy


def _respect(
    network: WalkNetwork, shapes: np.ndarray, snapped: pd.DataFrame, walls: shapely.STRtree, max_connector_m: float
) -> pd.DataFrame:
    """Return the nearest street on this side of every wall instead of one behind a wall."""
    snapped = snapped.copy()
    found = np.flatnonzero(snapped["edge"] >= 0)
    at = snapped.iloc[found]
    feet = shapely.line_interpolate_point(network.lines[at["edge"].to_numpy()], at["offset_m"].to_numpy())
    crossing = found[_crosses(walls, _between(shapes[found], feet))]
    place, edge = network.tree.query(shapes[crossing], predicate="dwithin", distance=max_connector_m)
    way = shapely.shortest_line(shapes[crossing][place], network.lines[edge])
    free = ~_crosses(walls, way)
    place, edge, length_m = place[free], edge[free], shapely.length(way[free])
    order = np.lexsort((edge, length_m, place))
    reached, first = np.unique(place[order], return_index=True)
    chosen, kept = order[first], crossing[reached]
    along_m = shapely.line_locate_point(network.lines[edge[chosen]], shapes[kept])
    snapped.iloc[crossing] = [-1, np.nan, np.nan]
    snapped.iloc[kept] = np.column_stack([edge[chosen], along_m, length_m[chosen]])
    return snapped.astype({"edge": np.int64})


def _between(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the straight line between each two points."""
    ends = np.stack([shapely.get_coordinates(one), shapely.get_coordinates(other)], axis=1)
    lines: np.ndarray = shapely.linestrings(ends)
    return lines


def _crosses(walls: shapely.STRtree, connectors: np.ndarray) -> np.ndarray:
    """Return which connectors cross a wall; one that only ends on a wall (a gate, a bank) does not."""
    crossed = np.zeros(len(connectors), dtype=bool)
    crossed[walls.query(connectors, predicate="crosses")[0]] = True
    return crossed

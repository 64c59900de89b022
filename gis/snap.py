"""From a door to the street: the nearest point of the nearest street, with the connector that is walked to it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

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
    streets equally near the first of the network counts. Raises ValueError where the CRS differ.

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
    shapes = points.geometry.to_numpy()
    place, edge = network.tree.query_nearest(shapes, max_distance=max_connector_m, all_matches=True)
    order = np.lexsort((edge, place))
    place, first = np.unique(place[order], return_index=True)
    nearest = np.full(len(points), -1, dtype=np.int64)
    nearest[place] = edge[order][first]
    if barriers is not None and len(barriers):
        _respect(network, shapes, nearest, shapely.STRtree(barriers.to_numpy()), max_connector_m)
    found = np.flatnonzero(nearest >= 0)
    streets = network.lines[nearest[found]]
    offset, connector = np.full((2, len(points)), np.nan)
    # Rounding may put a place a hair past the end of its street.
    offset[found] = np.minimum(shapely.line_locate_point(streets, shapes[found]), network.edge_length_m[nearest[found]])
    connector[found] = shapely.distance(streets, shapes[found])
    return pd.DataFrame({"edge": nearest, "offset_m": offset, "connector_m": connector}, index=points.index)


def _respect(
    network: WalkNetwork, shapes: np.ndarray, nearest: np.ndarray, walls: shapely.STRtree, max_connector_m: float
) -> None:
    """Replace, in place, the nearest street by the nearest one on this side of every wall."""
    found = np.flatnonzero(nearest >= 0)
    crossing = found[_crosses(walls, shapely.shortest_line(shapes[found], network.lines[nearest[found]]))]
    place, edge = network.tree.query(shapes[crossing], predicate="dwithin", distance=max_connector_m)
    connector = shapely.shortest_line(shapes[crossing][place], network.lines[edge])
    free = ~_crosses(walls, connector)
    place, edge, length = place[free], edge[free], shapely.length(connector[free])
    order = np.lexsort((edge, length, place))
    reached, first = np.unique(place[order], return_index=True)
    nearest[crossing] = -1
    nearest[crossing[reached]] = edge[order][first]


def _crosses(walls: shapely.STRtree, connectors: np.ndarray) -> np.ndarray:
    """Return which connectors cross a wall; one that only ends on a wall (a gate, a bank) does not."""
    crossed = np.zeros(len(connectors), dtype=bool)
    crossed[walls.query(connectors, predicate="crosses")[0]] = True
    return crossed

"""50,000 homes and 300 facilities to the streets, then who is covered. `python -m benchmarks.snapping`.

The truth is a graph in which every street is split at every place, snapped by an exhaustive look at the nearest street
(shapely) and searched by scipy. The recipe of the manuals takes the nearest crossing for the place.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from benchmarks.cities_walked import MINUTES, SEED, city
from benchmarks.harness import Contender, arguments, compare, same
from benchmarks.peers import matrix, pandana_network
from gis.network import WalkNetwork
from gis.reach import reach
from gis.snap import snap

WALK_M = 60.0 * MINUTES
MAX_CONNECTOR_M = 150.0
HAIR_M = 1e-5
"""A home so near the limit may be called either way: coordinates are millions of metres, in sixteen digits."""


def main() -> None:
    """Print the table."""
    given = arguments(__doc__, city="wuhan", homes=50_000, facilities=300)
    network = city(given.data, given.city)
    homes, facilities = (
        _places(network, count, seed=SEED + k) for k, count in enumerate((given.homes, given.facilities))
    )
    here, there = (np.column_stack([p.geometry.x, p.geometry.y]) for p in (homes, facilities))
    metres = _truth(network, homes, facilities)
    known = np.isfinite(_nearest_street(network, homes)[1])

    def ours(_: object) -> np.ndarray:
        at_homes, at_facilities = (snap(network, p, max_connector_m=MAX_CONNECTOR_M) for p in (homes, facilities))
        walks = reach(network, at_homes, at_facilities, minutes=MINUTES)
        covered: np.ndarray = homes.index.isin(walks["demand_id"])
        return covered

    def misjudged(covered: np.ndarray) -> np.ndarray:
        wrong: np.ndarray = known & (covered != (metres <= WALK_M)) & (np.abs(metres - WALK_M) > HAIR_M)
        return wrong

    def judge(covered: np.ndarray) -> str:
        wrong = int(misjudged(covered).sum())
        same(not wrong, f"{wrong} homes misjudged")
        return f"none misjudged of {known.sum():,}; {covered.sum():,} covered"

    def count(covered: np.ndarray) -> str:
        wrong = int(misjudged(covered).sum())
        return f"{wrong:,} of {known.sum():,} misjudged ({wrong / known.sum():.1%})"

    def by_crossings(streets: csr_array, *, connectors: bool) -> np.ndarray:
        tree = cKDTree(network.node_xy)
        home_m, home = tree.query(here)
        door_m, door = tree.query(there)
        if connectors:  # a node for each door, so that its own connector counts
            crossings, doors = len(network.node_id), np.arange(len(door))
            links = csr_array((door_m, (doors, door)), shape=(len(door), crossings))
            streets = _stacked(streets, links)
            far = dijkstra(streets, indices=crossings + doors, limit=WALK_M, min_only=True)[home] + home_m
        else:
            far = dijkstra(streets, indices=door, limit=WALK_M, min_only=True)[home]
        return far <= WALK_M

    def by_pandana(streets: object) -> np.ndarray:
        home = streets.get_node_ids(homes.geometry.x, homes.geometry.y)  # type: ignore[attr-defined]
        streets.set_pois("care", WALK_M, 1, facilities.geometry.x, facilities.geometry.y)  # type: ignore[attr-defined]
        far = streets.nearest_pois(WALK_M, "care", max_distance=2 * WALK_M)[1]  # type: ignore[attr-defined]
        return far.loc[home].to_numpy() <= WALK_M

    def split(_: object) -> np.ndarray:
        return _truth(network, homes, facilities) <= WALK_M

    compare(
        f"snapping and coverage: {given.city}, {given.homes:,} homes, {given.facilities:,} facilities, 900 m",
        [
            Contender("circle15: `snap`, `reach`", ours, judge),
            Contender(
                "KD-tree of crossings, scipy", lambda s: by_crossings(s, connectors=False), count,
                lambda: matrix(network),
            ),
            Contender(
                "KD-tree of crossings, scipy, connectors walked", lambda s: by_crossings(s, connectors=True), count,
                lambda: matrix(network),
            ),
            Contender("pandana `get_node_ids`, `nearest_pois`", by_pandana, count, lambda: pandana_network(network)),
            Contender("STRtree of streets, streets split, scipy (the truth)", split, judge, runs=min(given.runs, 3)),
        ],
        runs=given.runs,
    )  # fmt: skip


def _places(network: WalkNetwork, count: int, *, seed: int) -> gpd.GeoDataFrame:
    """Return places up to 60 m beside streets, drawn by length of street with a fixed seed."""
    draw = np.random.default_rng(seed)
    edge = draw.choice(len(network.edge_length_m), count, p=network.edge_length_m / network.edge_length_m.sum())
    on_street = shapely.line_interpolate_point(network.lines[edge], draw.random(count), normalized=True)
    xy = shapely.get_coordinates(on_street) + draw.uniform(-60, 60, (count, 2))
    index = pd.Index([f"p{i:06d}" for i in range(count)])
    return gpd.GeoDataFrame(geometry=shapely.points(xy), index=index, crs=network.crs)


def _nearest_street(network: WalkNetwork, places: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the nearest street of each place, the connector (infinite: none) and how far along it lies."""
    lines = shapely.linestrings(
        network.course_xy, indices=np.repeat(np.arange(len(network.edge_length_m)), np.diff(network.course_start))
    )
    shapes = places.geometry.to_numpy()
    place, edge = shapely.STRtree(lines).query_nearest(shapes, max_distance=MAX_CONNECTOR_M, all_matches=True)
    place, first = np.unique(place, return_index=True)
    nearest = np.zeros(len(shapes), dtype=np.int64)
    connector, along = np.full(len(shapes), np.inf), np.zeros(len(shapes))
    nearest[place] = edge[first]
    connector[place] = shapely.distance(shapes[place], lines[nearest[place]])
    along[place] = shapely.line_locate_point(lines[nearest[place]], shapes[place])
    return nearest, connector, np.minimum(along, network.edge_length_m[nearest])


def _truth(network: WalkNetwork, homes: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> np.ndarray:
    """Return each home's walk to the nearest facility, on streets split at every place (both ways alike)."""
    if not (network.effort_forward == network.effort_backward).all():
        raise ValueError("the truth is made for streets walked both ways")
    edge, connector, along = (np.concatenate(c) for c in zip(*(
        _nearest_street(network, places) for places in (homes, facilities)), strict=True))  # fmt: skip
    crossings, count = len(network.node_id), len(edge)
    spot, door = crossings + np.arange(count), crossings + count + np.arange(count)
    edges = np.arange(len(network.edge_length_m))
    stops = pd.DataFrame(
        {
            "edge": np.concatenate([edges, edges, edge]),
            "along": np.concatenate([np.zeros(len(edges)), network.edge_length_m, along]),
            "rank": np.repeat([0, 2, 1], [len(edges), len(edges), count]),
            "node": np.concatenate([*network.edge_nodes.T, spot]),
        }
    ).sort_values(["edge", "along", "rank"])
    onward = stops["edge"].to_numpy()[1:] == stops["edge"].to_numpy()[:-1]
    reached = np.isfinite(connector)
    node, metre = stops["node"].to_numpy(), stops["along"].to_numpy()
    begin = np.concatenate([node[:-1][onward], spot[reached]])
    end = np.concatenate([node[1:][onward], door[reached]])
    length = np.concatenate([np.diff(metre)[onward], connector[reached]])
    both = np.concatenate([begin, end]), np.concatenate([end, begin])
    order = np.lexsort((np.append(length, length), *both))
    first, second, metres = both[0][order], both[1][order], np.append(length, length)[order]
    shortest = np.append(True, (np.diff(first) != 0) | (np.diff(second) != 0))
    size = crossings + 2 * count
    streets = csr_array(
        (np.maximum(metres[shortest], 1e-12), (first[shortest], second[shortest])), shape=(size, size)
    )  # scipy takes a zero for no street
    return dijkstra(streets, indices=door[len(homes) :], limit=2 * WALK_M, min_only=True)[door[: len(homes)]]


def _stacked(streets: csr_array, links: csr_array) -> csr_array:
    """Return the streets with a node for each door, from which its link leads to them."""
    indptr = np.concatenate([streets.indptr, streets.indptr[-1] + links.indptr[1:]])
    indices = np.concatenate([streets.indices, links.indices])
    size = streets.shape[0] + links.shape[0]
    return csr_array((np.concatenate([streets.data, links.data]), indices, indptr), shape=(size, size))


if __name__ == "__main__":
    main()

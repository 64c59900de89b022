"""Walled estates: where they are, who lives in them, whether a gate of theirs is known, and what the gates decide.

A map never knows all gates. So the truth lies between two walks: estates left only at the gates that are known, and
estates open wherever the map joins their streets to the public ones.
"""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.coverage import coverage, located
from gis.errors import Finding
from gis.extract import Extract
from gis.features import read_features
from gis.junctions import GATE_REACH_M
from gis.network import WalkNetwork
from gis.reach import reach
from gis.snap import snap
from gis.units import by_position
from gis.walkable import walkable

WALL_NEAR_M = 5.0
"""A wall drawn so near to the edge of the grounds is the wall of the grounds."""
WALLED_SHARE = 0.5
"""Grounds with a wall along so much of their edge are a walled estate."""
LEAST_PRIVATE_M = 100.0
"""Less private street than this is a driveway, not an estate."""
ON_EDGE_M = 1.0
SHOWN = 10
"""Estates that a line can bear."""
BESIDE_M = 20.0
"""Where only its private streets are known an estate reaches so far beside them."""


def estates(
    network: WalkNetwork,
    *,
    extract: str | Path | Extract | None = None,
    gates: gpd.GeoDataFrame | None = None,
    homes: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Return the walled estates: residential grounds with a wall, a gate or private streets, and private streets alone.

    `extract` is the map the network was read from, a file or read already (without it only private streets tell),
    `gates` the gates table, `homes` points with `residents` and `elders`, all in the CRS of the network. Index
    `estate_id` (`w1`, `r1` of the map, `p0` ... for private streets alone); columns `name`, `walled_share` (of the
    edge, along a wall), `private_m` (private streets inside), `gates` (known ones: on the map at the edge, in the table
    within 15 m of it; of private streets alone: where they meet the public ones), `openings` (public streets that lead
    in), `residents`, `elders` (missing without `homes`), polygon. A home counts for one estate.
    """
    crs = network.crs
    grounds, walls, map_gates = _of_map(extract, crs)
    table_gates = _points(gates)
    twice, _ = shapely.STRtree(table_gates).query(map_gates, predicate="dwithin", distance=GATE_REACH_M)
    map_gates = np.delete(map_gates, twice)  # a gate of the table that the map has too is one gate
    shapes = grounds.geometry.to_numpy()
    edge = shapely.boundary(shapes)
    private = np.flatnonzero(network.edge_private)
    middle = shapely.line_interpolate_point(network.lines[private], 0.5, normalized=True)
    which, inside = shapely.STRtree(middle).query(shapes, predicate="intersects")
    private_m = np.bincount(which, weights=network.edge_length_m[private[inside]], minlength=len(shapes))
    table = gpd.GeoDataFrame(
        {
            "name": grounds["name"],
            "walled_share": _walled_share(edge, grounds, walls),
            "private_m": private_m,
            "gates": _near(edge, map_gates, ON_EDGE_M) + _near(edge, table_gates, GATE_REACH_M),
            "openings": _openings(network, shapes),
        },
        geometry=shapes,
        crs=crs,
    ).set_axis(grounds["osm_id"].to_numpy(), axis=0)
    signs = (table["walled_share"] >= WALLED_SHARE) | (table["private_m"] >= LEAST_PRIVATE_M) | (table["gates"] > 0)
    kept = signs.to_numpy(dtype=bool)
    covered = np.isin(np.arange(len(private)), inside[kept[which]])
    alone = _private_streets(network, private[~covered], map_gates, table_gates)
    found = gpd.GeoDataFrame(pd.concat([table[kept], alone])).rename_axis("estate_id")
    return _with_people(found, homes)


def without_gate(found: gpd.GeoDataFrame, communities: gpd.GeoDataFrame | None = None) -> tuple[Finding, ...]:
    """Return a finding where estates have no known gate and no public street that leads in; none where all have.

    The place names them, those with most residents first (one without a name by its community); found are the position
    and, where homes were given, the residents of each. More than ten are counted.
    """
    closed = found[(found["gates"] == 0) & (found["openings"] == 0)].sort_values("residents", ascending=False)
    if not len(closed):
        return ()
    shown = closed[:SHOWN].set_geometry(closed[:SHOWN].representative_point())
    units = (
        pd.Series(dtype="string") if communities is None else by_position(shown, communities).map(communities["name"])
    )
    names = shown["name"].fillna(units).fillna(shown.index.to_series()).astype(str)
    people = ["" if pd.isna(number) else f"; {number}" for number in shown["residents"]]
    places = [f"{at.x:.1f}, {at.y:.1f}{lived}" for at, lived in zip(shown.geometry, people, strict=True)]
    more = f" … ({len(closed)})" if len(closed) > SHOWN else ""
    at = f"estates/{', '.join(names)}{more}"
    return (Finding("ESTATE_NO_GATE", "warn", at, " / ".join(places), len(closed)),)


def bracket(
    given: WalkNetwork,
    opened: WalkNetwork,
    homes: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    minutes: Sequence[int] = (5, 10, 15),
    speed_m_s: float = 1.0,
    max_connector_m: float = 150.0,
    barriers: gpd.GeoSeries | None = None,
) -> pd.DataFrame:
    """Return who is covered with the gates as given and with every estate open: the truth lies between.

    `given` is the network with `gates` (an empty table: gates of the map alone), `opened` the one without. Rows
    `gates_given`, `open_everywhere`; columns `elders`, `elders_unknown`, `elders_covered_5` ... . Opening estates never
    lowers what is covered.
    """
    rows = {}
    for scenario, network in (("gates_given", given), ("open_everywhere", opened)):
        at_homes, at_facilities = (
            snap(network, points, max_connector_m=max_connector_m, barriers=barriers) for points in (homes, facilities)
        )
        walks = reach(network, at_homes, at_facilities, minutes=max(minutes), speed_m_s=speed_m_s)
        known = located(network, at_homes, at_facilities)
        walked = coverage(homes, walks, facilities, known, minutes=minutes)
        elders = walked["elders"]
        rows[scenario] = {
            "elders": int(elders.sum()),
            "elders_unknown": int(elders[walked["state"] == "unknown"].sum()),
            **{f"elders_covered_{m}": int(elders[walked[f"covered_{m}"]].sum()) for m in sorted(minutes)},
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("scenario")


def _of_map(extract: str | Path | Extract | None, crs: str) -> tuple[gpd.GeoDataFrame, np.ndarray, np.ndarray]:
    """Return residential grounds, walls (lines) and gates (points) of the map."""
    barriers: list[str] = walkable()["barrier_closed"]
    gate: list[str] = walkable()["gate"]
    keys = {"landuse": ("residential",), "place": None, "barrier": (*barriers, *gate)}
    if extract is None:
        empty = gpd.GeoDataFrame({"osm_id": [], "name": [], "barrier": []}, geometry=[], crs=crs)
        return empty, empty.geometry.to_numpy(), empty.geometry.to_numpy()
    found = read_features(extract, keys, crs=crs)
    shape, barrier = found.geom_type, found["barrier"]
    area = shape.isin(["Polygon", "MultiPolygon"]) & (found["landuse"].notna() | found["place"].notna())
    line = shape.isin(["LineString", "MultiLineString"]) & barrier.isin(barriers)
    point = (shape == "Point") & barrier.isin(gate)
    grounds = found.loc[area, ["osm_id", "name", "barrier", "geometry"]]
    return grounds, found.geometry[line].to_numpy(), found.geometry[point].to_numpy()


def _walled_share(edge: np.ndarray, grounds: gpd.GeoDataFrame, walls: np.ndarray) -> np.ndarray:
    """Return the share of each edge that has a wall beside it, all of it where the grounds themselves are one."""
    share = np.where(grounds["barrier"].isin(walkable()["barrier_closed"]), 1.0, 0.0)
    which, wall = shapely.STRtree(walls).query(edge, predicate="dwithin", distance=WALL_NEAR_M)
    for i in np.unique(which):
        beside = shapely.buffer(shapely.union_all(walls[wall[which == i]]), WALL_NEAR_M)
        share[i] = max(share[i], shapely.intersection(edge[i], beside).length / edge[i].length)
    return share


def _points(gates: gpd.GeoDataFrame | None) -> np.ndarray:
    """Return the gates with a position."""
    shapes = np.array([], dtype=object) if gates is None else gates.geometry.to_numpy()
    placed: np.ndarray = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    return placed


def _near(shapes: np.ndarray, points: np.ndarray, distance_m: float) -> np.ndarray:
    """Return how many points lie within a distance of each shape."""
    which, _ = shapely.STRtree(points).query(shapes, predicate="dwithin", distance=distance_m)
    return np.bincount(which, minlength=len(shapes))


def _openings(network: WalkNetwork, shapes: np.ndarray) -> np.ndarray:
    """Return how many public streets lead from outside well into each of the grounds."""
    public = network.lines[~network.edge_private]
    within = shapely.boundary(shapely.buffer(shapes, -WALL_NEAR_M))
    which, _ = shapely.STRtree(public).query(within, predicate="crosses")
    return np.bincount(which, minlength=len(shapes))


def _private_streets(
    network: WalkNetwork, edges: np.ndarray, map_gates: np.ndarray, gates: np.ndarray
) -> gpd.GeoDataFrame:
    """Return the estates that only their private streets tell of: streets that hang together, and the ground beside."""
    place = np.unique(network.node_xy.round(6) @ np.array([1, 1j]), return_inverse=True)[1]
    of_edge = place[network.edge_nodes]
    public = np.zeros(len(place), dtype=bool)
    public[of_edge[~network.edge_private]] = True
    ends, edge = of_edge[edges].ravel(), np.repeat(np.arange(len(edges)), 2)
    apart = public[ends]  # on a public street two estates may meet
    size = len(edges) + len(place)
    links = coo_array((np.ones((~apart).sum()), (edge[~apart], len(edges) + ends[~apart])), shape=(size, size))
    _, label = connected_components(links.tocsr(), directed=False)
    rows = []
    for _, members in pd.Series(edges).groupby(label[: len(edges)], sort=False):
        length_m = float(network.edge_length_m[members].sum())
        if length_m < LEAST_PRIVATE_M:
            continue
        at = np.unique(network.edge_nodes[members])
        streets = shapely.union_all(network.lines[members])
        meets = np.array([shapely.multipoints(network.node_xy[at[public[place[at]]]])])
        known = _near(meets, map_gates, ON_EDGE_M) + _near(meets, gates, GATE_REACH_M)
        rows.append({"name": None, "walled_share": np.nan, "private_m": length_m, "gates": int(known[0]),
                     "openings": 0, "geometry": shapely.buffer(streets, BESIDE_M)})  # fmt: skip
    columns = ["name", "walled_share", "private_m", "gates", "openings", "geometry"]
    frame = pd.DataFrame(rows, columns=columns, index=[f"p{i}" for i in range(len(rows))])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=network.crs)


def _with_people(found: gpd.GeoDataFrame, homes: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Add residents and elders of the homes inside; a home in two estates counts for the smaller one."""
    if homes is None:
        unknown = pd.array([pd.NA] * len(found), "Int64")
        return found.assign(residents=unknown, elders=unknown)
    home, estate = shapely.STRtree(found.geometry.to_numpy()).query(homes.geometry.to_numpy(), predicate="intersects")
    order = np.lexsort((estate, found.area.to_numpy()[estate], home))
    home, first = np.unique(home[order], return_index=True)
    of_home = estate[order][first]
    people = {
        column: pd.array(
            np.bincount(of_home, weights=homes[column].to_numpy()[home], minlength=len(found)).astype(np.int64), "Int64"
        )
        for column in ("residents", "elders")
    }
    return found.assign(**people)

"""The walking network: streets between junctions on flat arrays, with their true course, and how it was read.

A street whose class and tags allow walking (`walkable.toml`) becomes an edge between two junctions; the nodes between
them only give it its course. People walk both ways except on `oneway:foot` and `conveying`. Islands are kept and
labelled; parallel streets are kept beside each other. A way behind a gate (`access=private`) is walkable within and,
where gates are known, joined to the public streets only at them.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyproj
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.errors import Finding, InputError, refuse
from gis.osm import OSM_CRS, Ways, read_nodes, read_ways
from gis.search import Flat

GATE_REACH_M = 15.0
"""A gate of the gates table belongs to a junction of private and public streets within this distance."""


@dataclass(frozen=True)
class WalkNetwork:
    """Streets between junctions, in a CRS in metres.

    `node_xy` (n, 2) and `node_id` (n); `edge_nodes` (m, 2), `edge_length_m` (m) along the course, `edge_forward` and
    `edge_backward` (m): may be walked from the first node to the second, and back; `edge_way_id`, `edge_class`,
    `edge_private` (m). The course of edge `e` is `course_xy[course_start[e]:course_start[e + 1]]`. `component` (n)
    labels islands, 0 the largest by length.
    """

    crs: str
    node_id: np.ndarray
    node_xy: np.ndarray
    edge_nodes: np.ndarray
    edge_length_m: np.ndarray
    edge_forward: np.ndarray
    edge_backward: np.ndarray
    edge_way_id: np.ndarray
    edge_class: np.ndarray
    edge_private: np.ndarray
    course_xy: np.ndarray
    course_start: np.ndarray
    component: np.ndarray
    findings: tuple[Finding, ...] = ()

    @cached_property
    def lines(self) -> np.ndarray:
        """The course of every edge as a shapely line."""
        of_edge = np.repeat(np.arange(len(self.edge_length_m)), np.diff(self.course_start))
        drawn: np.ndarray = shapely.linestrings(self.course_xy, indices=of_edge)
        return drawn

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The spatial index over `lines`."""
        return shapely.STRtree(self.lines)

    @cached_property
    def flat(self) -> Flat:
        """The arrays the search runs on; arcs lead *towards* each node, so that a search measures home to facility."""
        forward, backward = np.flatnonzero(self.edge_forward), np.flatnonzero(self.edge_backward)
        to_node = np.concatenate([self.edge_nodes[forward, 1], self.edge_nodes[backward, 0]])
        from_node = np.concatenate([self.edge_nodes[forward, 0], self.edge_nodes[backward, 1]])
        edge = np.concatenate([forward, backward])
        order = np.lexsort((edge, to_node))
        end_node = self.edge_nodes.ravel()
        return Flat(
            arc_start=_starts(to_node, len(self.node_id)),
            arc_node=from_node[order].astype(np.int32),
            arc_m=self.edge_length_m[edge[order]],
            ends_start=_starts(end_node, len(self.node_id)),
            ends_edge=(np.argsort(end_node, kind="stable") // 2).astype(np.int32),
            edge_nodes=self.edge_nodes,
            edge_m=self.edge_length_m,
            forward=self.edge_forward,
            backward=self.edge_backward,
        )

    @property
    def edge_component(self) -> np.ndarray:
        """The island each edge lies on, 0 the largest."""
        of_edge: np.ndarray = self.component[self.edge_nodes[:, 0]]
        return of_edge

    @property
    def length_km(self) -> float:
        """The length of all streets."""
        return float(self.edge_length_m.sum() / 1000)

    def streets(self) -> gpd.GeoDataFrame:
        """Return the edges as lines: `way_id`, `highway`, `length_m`, `private`, `island` (0 the largest component)."""
        return gpd.GeoDataFrame(
            {
                "way_id": self.edge_way_id,
                "highway": self.edge_class,
                "length_m": self.edge_length_m,
                "private": self.edge_private,
                "island": self.edge_component,
            },
            geometry=self.lines,
            crs=self.crs,
            index=pd.RangeIndex(len(self.edge_length_m), name="edge"),
        )


@cache
def walkable() -> Mapping[str, Any]:
    """Return the table of what can be walked."""
    return tomllib.loads(files(__package__).joinpath("walkable.toml").read_text(encoding="utf-8"))


def is_walkable(tags: Mapping[str, str]) -> bool:
    """Return whether a way with these tags can be walked, by the table.

    >>> is_walkable({"highway": "footway"}), is_walkable({"highway": "motorway", "foot": "yes"})
    (True, False)
    >>> is_walkable({"highway": "service", "access": "no"}), is_walkable({"highway": "steps", "foot": "no"})
    (False, False)
    """
    rules = walkable()
    if tags.get("highway") not in rules["highway"] or tags.get("motorroad") in rules["motorroad_forbidden"]:
        return False
    foot = tags.get("foot")
    return foot in rules["foot_allowed"] or not (
        foot in rules["foot_forbidden"] or tags.get("access") in rules["access_forbidden"]
    )


def is_private(tags: Mapping[str, str]) -> bool:
    """Return whether a walkable way lies behind a gate: private on foot, or private and nothing said of walkers."""
    return tags.get("foot", tags.get("access")) in walkable()["private"]


def _directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Return whether a way is walked along its nodes and against them."""
    one_way = tags.get("oneway:foot") or (
        tags.get("conveying") if tags.get("conveying") in {"forward", "backward"} else ""
    )
    return one_way not in {"-1", "backward"}, one_way not in {"yes", "1", "forward"}


def walk_network(
    source: str | Path | nx.MultiDiGraph, *, crs: str, gates: gpd.GeoDataFrame | None = None
) -> WalkNetwork:
    """Return the walking network of an OSM extract (.osm.pbf, .osm, .osm.gz) or of an OSMnx graph.

    `crs` is the project's CRS in metres. `gates` (points) are the known gates of walled estates: with them a private
    way is joined to the public streets only at a gate of the table or of the map; without them wherever they meet.
    Raises InputError where the extract cannot be read or holds no walkable street, ValueError for a CRS not in metres.
    """
    axes = pyproj.CRS.from_user_input(crs).axis_info
    if any(axis.unit_name != "metre" for axis in axes):
        raise ValueError(f"{crs} is not in metres")
    if isinstance(source, nx.Graph):
        from gis.graphs import streets_of_graph  # noqa: PLC0415 - the two know each other only here

        ways, nodes, findings, name = *streets_of_graph(source), "graph"
    else:
        name = str(source)
        ways, twice = read_ways(Path(source), is_walkable, "highway")
        nodes, findings = read_nodes(Path(source), np.unique(ways.refs))
        if twice:
            findings = (*findings, Finding("WAY_TWICE", "repair", name, str(twice), twice))
    refuse(findings)
    to_metres = pyproj.Transformer.from_crs(OSM_CRS, crs, always_xy=True)
    x, y = to_metres.transform(nodes["lon"].to_numpy(), nodes["lat"].to_numpy())
    nodes = nodes.assign(x=x, y=y)
    away = ~np.isfinite(nodes[["x", "y"]].to_numpy()).all(axis=1)  # on the other side of the earth
    if away.any():
        findings = (*findings, Finding("NODE_OUTSIDE", "warn", name, str(away.sum()), int(away.sum())))
    return _build(ways, nodes[~away], crs=crs, gates=gates, name=name, findings=findings)


def network_of_lines(courses: Sequence[Sequence[tuple[float, float]]], *, crs: str) -> WalkNetwork:
    """Return the network of streets drawn in metres; they meet where they share a vertex."""
    place: dict[tuple[float, float], int] = {}
    refs = [[place.setdefault(xy, len(place)) for xy in course] for course in courses]
    x, y = np.array(list(place), dtype=float).reshape(-1, 2).T
    nodes = pd.DataFrame({"x": x, "y": y, "barrier": ""}, index=pd.RangeIndex(len(place), name="node_id"))
    ways = Ways(
        way_id=np.arange(len(refs)),
        start=np.cumsum([0, *map(len, refs)], dtype=np.int64),
        refs=np.concatenate(refs).astype(np.int64),
        tags=({"highway": "road"},) * len(refs),
    )
    return _build(ways, nodes, crs=crs, gates=None, name="lines", findings=())


def _build(
    ways: Ways,
    nodes: pd.DataFrame,
    *,
    crs: str,
    gates: gpd.GeoDataFrame | None,
    name: str,
    findings: tuple[Finding, ...],
) -> WalkNetwork:
    """Cut the ways at junctions and lay them out on flat arrays; `nodes` has `x`, `y` in the CRS and `barrier`."""
    runs, found = _runs(ways, nodes)
    findings = (*findings, *(Finding(code, severity, name, str(n), n) for code, severity, n in found if n))
    if not len(runs):
        raise InputError([*findings, Finding("STREETS_NONE", "reject", name)])
    xy = nodes[["x", "y"]].to_numpy()
    private_way = np.fromiter(map(is_private, ways.tags), dtype=bool, count=len(ways.tags))
    directions = np.array([_directions(tags) for tags in ways.tags], dtype=bool).reshape(-1, 2)
    barrier = nodes["barrier"].to_numpy()
    place = runs["place"].to_numpy()  # position in `nodes` of each vertex of each way, in walking order
    way = runs["way"].to_numpy()
    begins = runs["begins"].to_numpy()

    # A private way has its own copy of each of its nodes; a copy is the public node itself where a gate is.
    private = private_way[way]
    key = place.astype(np.int64)
    if gates is not None:
        open_node = np.isin(barrier, walkable()["gate"]) | _near(xy, gates, GATE_REACH_M)
        idle = _idle(gates, xy[np.intersect1d(place[private], place[~private])])
        if idle:
            findings = (*findings, Finding("GATE_IDLE", "warn", "gates", str(idle), idle))
        key = np.where(private & ~open_node[place], place + len(nodes), place)
    ends = np.append(begins[1:], True)
    uses = np.bincount(key, minlength=2 * len(nodes))
    uses += np.bincount(key[begins | ends], minlength=2 * len(nodes))  # a way's end is always a junction
    is_gate = np.append(*[np.isin(barrier, walkable()["gate"])] * 2)
    junction = (uses > 1) | ((uses > 0) & is_gate)

    # At a wall every way ends for itself: it is walked up to the wall from either side and not through it.
    wall = np.isin(barrier, walkable()["barrier_closed"])[place]
    own = 2 * len(nodes) + 2 * np.arange(len(place))
    arriving, leaving = np.where(wall, own, key), np.where(wall, own + 1, key)

    # Edges run from one junction of a way to the next.
    stops = np.flatnonzero(junction[key] | wall)
    within = ~ends[stops[:-1]]
    first, last = stops[:-1][within], stops[1:][within]
    course_start = np.concatenate([[0], np.cumsum(last - first + 1)])
    vertex = np.repeat(first - course_start[:-1], np.diff(course_start)) + np.arange(course_start[-1])
    course_xy = xy[place[vertex]]
    step_m = np.hypot(*np.diff(course_xy, axis=0).T)
    step_m[course_start[1:-1] - 1] = 0  # from one edge's end to the next edge's begin is no walk
    length_m = np.add.reduceat(np.append(step_m, 0.0), course_start[:-1])

    used, position = np.unique(np.concatenate([leaving[first], arriving[last]]), return_inverse=True)
    of_node = np.where(used < 2 * len(nodes), used % len(nodes), place[np.maximum(used - 2 * len(nodes), 0) // 2])
    node_xy = xy[of_node]
    order = np.lexsort((used, gpd.GeoSeries(shapely.points(node_xy)).hilbert_distance().to_numpy()))
    rank = np.empty(len(used), dtype=np.int32)
    rank[order] = np.arange(len(used), dtype=np.int32)
    edge_nodes = np.column_stack([rank[position[: len(first)]], rank[position[len(first) :]]])
    direction = directions[way[first]]
    return WalkNetwork(
        crs=crs,
        node_id=nodes.index.to_numpy()[of_node[order]],
        node_xy=node_xy[order],
        edge_nodes=edge_nodes,
        edge_length_m=length_m,
        edge_forward=direction[:, 0].copy(),
        edge_backward=direction[:, 1].copy(),
        edge_way_id=ways.way_id[way[first]],
        edge_class=np.array([tags.get("highway", "") for tags in ways.tags], dtype=object)[way[first]],
        edge_private=private[first],
        course_xy=course_xy,
        course_start=course_start,
        component=_islands(edge_nodes, length_m, len(used)),
        findings=findings,
    )


def _runs(ways: Ways, nodes: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[str, Any, int]]]:
    """Return the vertices of all ways in walking order (`way`, `place` in `nodes`, `begins` a run), faults counted.

    A way is cut at a missing node; a node repeated in a row is dropped; what is left of one node is no street.
    """
    place = nodes.index.get_indexer(pd.Index(ways.refs))
    way = np.repeat(np.arange(len(ways.way_id)), np.diff(ways.start))
    missing = int((place < 0).sum())
    broken = np.zeros(len(place), dtype=bool)
    broken[1:] = (place[:-1] < 0) & (way[1:] == way[:-1])
    run = np.cumsum(np.append(True, way[1:] != way[:-1]) | broken) if len(way) else way
    frame = pd.DataFrame({"way": way, "place": place, "run": run})[place >= 0]
    again = (frame["place"] == frame["place"].shift()) & (frame["run"] == frame["run"].shift())
    frame = frame[~again]
    size = frame.groupby("run")["place"].transform("size")
    short_ways = len(ways.way_id) - frame.loc[size > 1, "way"].nunique()
    frame = frame[size > 1]
    frame = frame.assign(begins=frame["run"] != frame["run"].shift())
    faults: list[tuple[str, Any, int]] = [
        ("NODE_MISSING", "warn", missing),
        ("WAY_DEGENERATE", "repair", short_ways + int(again.sum())),
    ]
    return frame, faults


def _near(xy: np.ndarray, points: gpd.GeoDataFrame, distance_m: float) -> np.ndarray:
    """Return which of the places lie within a distance of any of the points."""
    near = np.zeros(len(xy), dtype=bool)
    _, found = shapely.STRtree(shapely.points(xy)).query(points.geometry.to_numpy(), "dwithin", distance_m)
    near[found] = True
    return near


def _idle(gates: gpd.GeoDataFrame, meetings: np.ndarray) -> int:
    """Return how many gates (with a position) lie at none of the places where private and public streets meet."""
    shapes = gates.geometry.to_numpy()
    near, _ = shapely.STRtree(shapely.points(meetings)).query(shapes, "dwithin", GATE_REACH_M)
    somewhere = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return int(somewhere.sum() - len(np.unique(near)))


def _islands(edge_nodes: np.ndarray, length_m: np.ndarray, node_count: int) -> np.ndarray:
    """Return the island of each node, numbered from the longest (0) down."""
    links = coo_array((np.ones(len(edge_nodes)), (edge_nodes[:, 0], edge_nodes[:, 1])), shape=(node_count,) * 2)
    count, label = connected_components(links.tocsr(), directed=False)
    by_length = np.bincount(label[edge_nodes[:, 0]], weights=length_m, minlength=count)
    rank = np.empty(count, dtype=np.int32)
    rank[np.argsort(-by_length, kind="stable")] = np.arange(count, dtype=np.int32)
    ranked: np.ndarray = rank[label]
    return ranked


def _starts(sorted_into: np.ndarray, count: int) -> np.ndarray:
    """Return where each group begins in an array grouped by a number from 0 to `count` - 1."""
    starts: np.ndarray = np.concatenate([[0], np.cumsum(np.bincount(sorted_into, minlength=count))])
    return starts.astype(np.int64)

"""From ways to edges: streets are cut at junctions, at gates and at walls, and laid out on flat arrays.

A street becomes an edge between two junctions; the nodes between them only give it its course. A way behind a gate
(`access=private`) is walkable within and, where gates are known, joined to the public streets only at them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.curve import along_curve
from gis.errors import Finding, InputError, Severity
from gis.network import WalkNetwork
from gis.profiles import kept_tags
from gis.walkable import directions, is_private


@dataclass(frozen=True)
class Ways:
    """Ways as flat arrays: way `i` has the nodes `refs[start[i]:start[i+1]]` and the tags `tags[kind[i]]`.

    `refs` are positions in the table of nodes, -1 where a node is missing.
    """

    way_id: np.ndarray
    start: np.ndarray
    refs: np.ndarray
    tags: tuple[Mapping[str, str], ...]
    kind: np.ndarray


GATE_REACH_M = 15.0
"""A gate of the gates table belongs to a junction of private and public streets within this distance."""


def lay_out(  # noqa: PLR0915 - one pass from ways to arrays; each step needs the one before
    ways: Ways,
    nodes: pd.DataFrame,
    *,
    crs: str,
    gates: gpd.GeoDataFrame | None,
    name: str,
    findings: tuple[Finding, ...],
) -> WalkNetwork:
    """Cut the ways at junctions and lay them out on flat arrays.

    `nodes` has `x`, `y` in the CRS and, where it is known of them, `gate` (a private way may be left there), `wall`
    (nobody passes) and `crossing` (walkers wait there).
    """
    way, place, begins, found = _runs(ways)  # of each vertex of each way, in walking order
    findings = (*findings, *(Finding(code, severity, name, str(n), n) for code, severity, n in found if n))
    if not len(place):
        raise InputError([*findings, Finding("STREETS_NONE", "reject", name)])
    xy = nodes[["x", "y"]].to_numpy()
    private_way = np.array([is_private(tags) for tags in ways.tags], dtype=bool)[ways.kind]
    ways_walked = np.array([directions(tags) for tags in ways.tags], dtype=bool).reshape(-1, 2)[ways.kind]
    gate, walled, crossing = (
        nodes[flag].to_numpy() if flag in nodes else np.zeros(len(nodes), dtype=bool)
        for flag in ("gate", "wall", "crossing")
    )
    ends = np.append(begins[1:], True)

    # A private way has its own copy of each of its nodes; a copy is the public node itself where a gate is.
    private = private_way[way]
    key, of_key = place.copy(), np.arange(len(nodes))
    if gates is not None:
        open_node = gate | _near(xy, gates, GATE_REACH_M)
        idle = _idle(gates, xy[np.intersect1d(place[private], place[~private])])
        if idle:
            findings = (*findings, Finding("GATE_IDLE", "warn", "gates", str(idle), idle))
        shut = private & ~open_node[place]
        side = _sides(place, private, begins, ends)
        copies, copy = np.unique(place[shut] + side[shut] * len(nodes), return_inverse=True)
        key[shut] = len(nodes) + copy
        of_key = np.append(of_key, copies % len(nodes))
    uses = np.bincount(key, minlength=len(of_key))
    uses += np.bincount(key[begins | ends], minlength=len(of_key))  # a way's end is always a junction
    junction = (uses > 1) | ((uses > 0) & gate[of_key])

    # At a wall every way ends for itself: it is walked up to the wall from either side and not through it.
    wall = walled[place]
    own = len(of_key) + 2 * np.arange(len(place))
    arriving, leaving = np.where(wall, own, key), np.where(wall, own + 1, key)

    # Edges run from one junction of a way to the next.
    stops = np.flatnonzero(junction[key] | wall)
    within = ~ends[stops[:-1]]
    first, last = stops[:-1][within], stops[1:][within]
    course_start = np.concatenate([[0], np.cumsum(last - first + 1)])
    vertex = np.repeat(first - course_start[:-1], np.diff(course_start)) + np.arange(course_start[-1])
    course_xy = xy[place[vertex]]
    step_m = np.hypot(np.diff(course_xy[:, 0]), np.diff(course_xy[:, 1]))
    step_m[course_start[1:-1] - 1] = 0  # from one edge's end to the next edge's begin is no walk
    length_m = np.add.reduceat(np.append(step_m, 0.0), course_start[:-1])

    at_ends = np.concatenate([leaving[first], arriving[last]])
    is_used = np.zeros(len(of_key) + 2 * len(place), dtype=bool)
    is_used[at_ends] = True
    used = np.flatnonzero(is_used)
    position = (np.cumsum(is_used, dtype=np.int32) - np.int32(1))[at_ends]
    of_node = np.concatenate([of_key[used[used < len(of_key)]], place[(used[used >= len(of_key)] - len(of_key)) // 2]])
    node_xy = xy[of_node]
    order = np.argsort(along_curve(node_xy), kind="stable")
    rank = np.empty(len(used), dtype=np.int32)
    rank[order] = np.arange(len(used), dtype=np.int32)
    edge_nodes = np.column_stack([rank[position[: len(first)]], rank[position[len(first) :]]])
    walked = ways_walked[way[first]]
    in_order = pd.unique(ways.kind)  # as they come from the first way on
    way_tags, of_kind = kept_tags([ways.tags[i] for i in in_order])
    of_way = np.zeros(len(ways.tags), dtype=np.int32)
    of_way[in_order] = of_kind
    waits = crossing.astype(np.float32)[place[vertex]]
    waits[course_start[:-1]] /= 2  # where streets meet each has half of the node: whoever passes through waits once
    waits[course_start[1:] - 1] /= 2
    return WalkNetwork(
        crs=crs,
        node_id=nodes.index.to_numpy()[of_node[order]],
        node_xy=node_xy[order],
        edge_nodes=edge_nodes,
        edge_length_m=length_m,
        effort_forward=np.where(walked[:, 0], 1.0, np.inf),
        effort_backward=np.where(walked[:, 1], 1.0, np.inf),
        edge_way_id=ways.way_id[way[first]],
        edge_class=np.array([tags.get("highway", "") for tags in ways.tags], dtype=object)[ways.kind[way[first]]],
        edge_private=private[first],
        course_xy=course_xy,
        course_start=course_start,
        component=_islands(edge_nodes, length_m, len(used)),
        findings=findings,
        way_tags=way_tags,
        edge_way=of_way[ways.kind[way[first]]],
        edge_crossings=np.add.reduceat(waits, course_start[:-1]).astype(np.float32),
    )


def _runs(ways: Ways) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[tuple[str, Severity, int]]]:
    """Return the vertices of all ways in walking order - way, position in the nodes, begin of a run - and the faults.

    A way is cut at a missing node; a node repeated in a row is dropped; what is left of one node is no street.
    """
    way, place = np.repeat(np.arange(len(ways.way_id)), np.diff(ways.start)), ways.refs
    missing = place < 0
    cut = np.append(True, (way[1:] != way[:-1]) | missing[:-1])[: len(way)]
    run = np.cumsum(cut)[~missing]
    way, place = way[~missing], place[~missing]
    again = np.append(False, (place[1:] == place[:-1]) & (run[1:] == run[:-1]))[: len(way)]
    way, place, run = way[~again], place[~again], run[~again]
    street = np.bincount(run)[run] > 1
    way, place, run = way[street], place[street], run[street]
    begins = np.append(True, run[1:] != run[:-1])[: len(way)]
    short_ways = len(ways.way_id) - int(np.count_nonzero(np.bincount(way)))
    return (
        way,
        place,
        begins,
        [
            ("NODE_MISSING", "warn", int(missing.sum())),
            ("WAY_DEGENERATE", "repair", short_ways + int(again.sum())),
        ],
    )


def _sides(place: np.ndarray, private: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return for each vertex a number that tells apart the private ways that meet only on a public street.

    Where a public street passes through, what lies on its two sides are two estates unless they hang together
    elsewhere; where it only ends, as before a gate, what lies behind is one. Zero away from the streets that pass.
    """
    arms = np.bincount(place[~private], weights=2.0 - (begins | ends)[~private], minlength=place.max() + 1)
    passed = arms[place] > 1
    run = np.cumsum(begins)
    inside = private & ~passed
    size = int(run.max()) + 1 + len(arms)
    links = coo_array((np.ones(inside.sum()), (run[inside], run.max() + 1 + place[inside])), shape=(size, size))
    _, estate = connected_components(links.tocsr(), directed=False)
    side: np.ndarray = np.where(private & passed, 1 + estate[run], 0).astype(np.int64)
    return side


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

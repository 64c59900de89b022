"""The bounded search on flat arrays: from each facility over the streets that lead to it, no farther than the walk.

Dijkstra (1959, doi:10.1007/BF01386390) with a binary heap; cost is proportional to what is reached, never to the size
of the city: distances and heap are allocated once and only what was touched is reset. Compiled by numba, cached.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

TOLERANCE_M = 1e-6
"""Rounding of sums of street lengths; a home exactly at the limit is within it."""


class Flat(NamedTuple):
    """The network as the search sees it: arcs towards each node, edges that end at each node, edges."""

    arc_start: np.ndarray
    arc_node: np.ndarray
    arc_m: np.ndarray
    ends_start: np.ndarray
    ends_edge: np.ndarray
    edge_nodes: np.ndarray
    edge_m: np.ndarray
    forward: np.ndarray
    backward: np.ndarray


class Places(NamedTuple):
    """Where doors or homes meet the streets; edge -1: nowhere."""

    edge: np.ndarray
    offset_m: np.ndarray
    connector_m: np.ndarray


@njit(cache=True)
def _push(heap_m: np.ndarray, heap_node: np.ndarray, size: int, metres: float, node: int) -> int:
    """Put a node on the heap; return its new size."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if heap_m[above] <= metres:
            break
        heap_m[at], heap_node[at] = heap_m[above], heap_node[above]
        at = above
    heap_m[at], heap_node[at] = metres, node
    return size + 1


@njit(cache=True)
def _pop(heap_m: np.ndarray, heap_node: np.ndarray, size: int) -> int:
    """Take the nearest node (at 0) off the heap; return its new size."""
    size -= 1
    metres, node = heap_m[size], heap_node[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and heap_m[below + 1] < heap_m[below]:
            below += 1
        if heap_m[below] >= metres:
            break
        heap_m[at], heap_node[at] = heap_m[below], heap_node[below]
        at = below
    heap_m[at], heap_node[at] = metres, node
    return size


@njit(cache=True)
def _spread(
    flat: Flat,
    places: Places,
    doors: np.ndarray,
    limit: float,
    far: np.ndarray,
    heap_m: np.ndarray,
    heap_node: np.ndarray,
    touched: np.ndarray,
) -> int:
    """Fill `far` with the walk from each node to the nearest of some doors; return how many nodes were touched."""
    size = 0
    count = 0
    for door in doors:
        edge = places.edge[door]
        if edge < 0:
            continue
        for end in range(2):
            # A walk arrives at the door from the edge's first node along it, from its last node against it.
            if not (flat.forward[edge] if end == 0 else flat.backward[edge]):
                continue
            node = flat.edge_nodes[edge, end]
            along = places.offset_m[door] if end == 0 else flat.edge_m[edge] - places.offset_m[door]
            metres = places.connector_m[door] + along
            if metres <= limit and metres < far[node]:
                if far[node] == np.inf:
                    touched[count] = node
                    count += 1
                far[node] = metres
                size = _push(heap_m, heap_node, size, metres, node)
    while size:
        metres, node = heap_m[0], heap_node[0]
        size = _pop(heap_m, heap_node, size)
        if metres > far[node]:
            continue
        for arc in range(flat.arc_start[node], flat.arc_start[node + 1]):
            onward = metres + flat.arc_m[arc]
            other = flat.arc_node[arc]
            if onward <= limit and onward < far[other]:
                if far[other] == np.inf:
                    touched[count] = other
                    count += 1
                far[other] = onward
                size = _push(heap_m, heap_node, size, onward, other)
    return count


@njit(cache=True)
def _direct(offset: float, door_offset: float, door_connector: float, forward: bool, backward: bool) -> float:  # noqa: FBT001
    """Return the walk along one edge from a place on it to a door on it, infinite where its direction forbids it."""
    if offset == door_offset or (offset < door_offset and forward) or (offset > door_offset and backward):
        return door_connector + abs(offset - door_offset)
    return np.inf


@njit(cache=True)
def reach_doors(
    flat: Flat,
    homes: Places,
    home_start: np.ndarray,
    home: np.ndarray,
    places: Places,
    limit: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return every (door, home, metres) within the limit, doors in order.

    Homes are grouped by edge: those on edge `e` are `home[home_start[e]:home_start[e + 1]]`.
    """
    far = np.full(len(flat.arc_start) - 1, np.inf)
    heap_m = np.empty(len(flat.arc_node) + 2)
    heap_node = np.empty(len(flat.arc_node) + 2, dtype=np.int32)
    touched = np.empty(len(flat.arc_start) - 1, dtype=np.int32)
    seen = np.full(len(flat.edge_m), -1, dtype=np.int64)
    room = max(1024, 4 * len(home))
    out_door = np.empty(room, dtype=np.int64)
    out_home = np.empty(room, dtype=np.int64)
    out_m = np.empty(room)
    rows = 0
    one = np.empty(1, dtype=np.int64)
    for door in range(len(places.edge)):
        own = places.edge[door]
        if own < 0:
            continue
        if rows + len(home) > room:  # one door reaches each home once at most
            room = 2 * room + len(home)
            out_door = np.append(out_door, np.empty(room - len(out_door), dtype=np.int64))
            out_home = np.append(out_home, np.empty(room - len(out_home), dtype=np.int64))
            out_m = np.append(out_m, np.empty(room - len(out_m)))
        one[0] = door
        count = _spread(flat, places, one, limit, far, heap_m, heap_node, touched)
        for turn in range(-1, count):
            first = 0 if turn < 0 else flat.ends_start[touched[turn]]
            last = 1 if turn < 0 else flat.ends_start[touched[turn] + 1]
            for k in range(first, last):
                edge = own if turn < 0 else flat.ends_edge[k]
                if seen[edge] == door:
                    continue
                seen[edge] = door
                for h in range(home_start[edge], home_start[edge + 1]):
                    who = home[h]
                    offset = homes.offset_m[who]
                    metres = np.inf
                    if flat.backward[edge]:
                        metres = far[flat.edge_nodes[edge, 0]] + offset
                    if flat.forward[edge]:
                        metres = min(metres, far[flat.edge_nodes[edge, 1]] + flat.edge_m[edge] - offset)
                    if edge == own:
                        metres = min(metres, _direct(offset, places.offset_m[door], places.connector_m[door],
                                                     flat.forward[edge], flat.backward[edge]))  # fmt: skip
                    metres += homes.connector_m[who]
                    if metres <= limit:
                        out_door[rows], out_home[rows], out_m[rows] = door, who, metres
                        rows += 1
        for turn in range(count):
            far[touched[turn]] = np.inf
    return out_door[:rows], out_home[:rows], out_m[:rows]


@njit(cache=True)
def reach_parts(
    flat: Flat,
    places: Places,
    group_start: np.ndarray,
    limit: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the parts of streets from which a door of each group is within the limit: (group, edge, from_m, to_m).

    Group `g` holds the doors `group_start[g]` to `group_start[g + 1]`. Parts of one edge may overlap.
    """
    far = np.full(len(flat.arc_start) - 1, np.inf)
    heap_m = np.empty(len(flat.arc_node) + 2 * len(places.edge) + 2)
    heap_node = np.empty(len(heap_m), dtype=np.int32)
    touched = np.empty(len(flat.arc_start) - 1, dtype=np.int32)
    seen = np.full(len(flat.edge_m), -1, dtype=np.int64)
    groups = [np.int64(0) for _ in range(0)]  # typed for the compiler
    edges = [np.int64(0) for _ in range(0)]
    froms = [0.0 for _ in range(0)]
    tos = [0.0 for _ in range(0)]
    for group in range(len(group_start) - 1):
        doors = np.arange(group_start[group], group_start[group + 1])
        count = _spread(flat, places, doors, limit, far, heap_m, heap_node, touched)
        for turn in range(count):
            node = touched[turn]
            for k in range(flat.ends_start[node], flat.ends_start[node + 1]):
                edge = flat.ends_edge[k]
                if seen[edge] == group:
                    continue
                seen[edge] = group
                length = flat.edge_m[edge]
                left = limit - far[flat.edge_nodes[edge, 0]] if flat.backward[edge] else -1.0
                right = limit - far[flat.edge_nodes[edge, 1]] if flat.forward[edge] else -1.0
                if left + right >= length:
                    left, right = length, -1.0
                if left >= 0:
                    groups.append(np.int64(group))
                    edges.append(np.int64(edge))
                    froms.append(0.0)
                    tos.append(min(left, length))
                if right >= 0:
                    groups.append(np.int64(group))
                    edges.append(np.int64(edge))
                    froms.append(max(0.0, length - right))
                    tos.append(length)
        for door in doors:
            edge = places.edge[door]
            rest = limit - places.connector_m[door]
            if edge >= 0 and rest >= 0:
                groups.append(np.int64(group))
                edges.append(np.int64(edge))
                froms.append(max(0.0, places.offset_m[door] - rest) if flat.forward[edge] else places.offset_m[door])
                tos.append(
                    min(flat.edge_m[edge], places.offset_m[door] + rest)
                    if flat.backward[edge]
                    else places.offset_m[door]
                )
        for turn in range(count):
            far[touched[turn]] = np.inf
    return np.array(groups), np.array(edges), np.array(froms), np.array(tos)

"""The bounded search on flat arrays: from doors over the streets that lead to them, no farther than the walk.

Dijkstra (1959, doi:10.1007/BF01386390) with a bucket queue (Dial 1969, doi:10.1145/363269.363610): nodes wait in
buckets of a few metres, and one that is reached again more cheaply within its bucket is settled again, so that the
walks are exact. Cost is proportional to what is reached, never to the size of the city: arrays are made once, and only
what was touched is reset. Compiled by numba, cached on disk.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

TOLERANCE_M = 1e-6
"""Rounding of sums of street lengths; a home exactly at the limit is within it."""
BUCKET_M = 16.0
"""How many metres of walk wait in one bucket; a matter of speed alone."""


class Flat(NamedTuple):
    """The network as the search sees it: arcs towards each node, edges that end at each node, edges.

    `forward` and `backward` are metres of level pavement that a metre of the edge is worth, infinite where it may not
    be walked that way; `arc_m` has them in it.
    """

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


class Desk(NamedTuple):
    """The arrays one search after the other works on.

    `far`: the walk from each node to the nearest door; `owner`: that door; `touched`: the nodes reached, in order. A
    bucket is a chain of tickets that begins at `first`: ticket `t` is for `node[t]`, the next is `after[t]`. Only the
    ticket for the bucket in `slot` is good; a node that was reached more cheaply since holds another.
    """

    far: np.ndarray
    owner: np.ndarray
    touched: np.ndarray
    slot: np.ndarray
    first: np.ndarray
    after: np.ndarray
    node: np.ndarray


@njit(cache=True, nogil=True)
def make_desk(flat: Flat, doors: Places) -> Desk:
    """Return fresh arrays for searches from these doors."""
    nodes = len(flat.arc_start) - 1
    longest = 0.0
    for metres in flat.arc_m:
        longest = max(longest, metres)
    to_street = 0.0
    for metres in doors.connector_m:
        if metres > to_street:  # noqa: PLR1730 - a door without a street has no number here
            to_street = metres
    buckets = 4
    while buckets < (longest + to_street) / BUCKET_M + 3:
        buckets *= 2
    # A node is settled only while its own bucket is open, so its walks over one arc end in two buckets at most.
    tickets = 2 * (len(flat.arc_node) + len(doors.edge)) + 2
    return Desk(
        far=np.full(nodes, np.inf),
        owner=np.full(nodes, -1, dtype=np.int32),
        touched=np.empty(nodes, dtype=np.int32),
        slot=np.full(nodes, -1, dtype=np.int32),
        first=np.full(buckets, -1, dtype=np.int32),
        after=np.empty(tickets, dtype=np.int32),
        node=np.empty(tickets, dtype=np.int32),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def spread(flat: Flat, places: Places, doors: np.ndarray, limit: float, desk: Desk) -> int:
    """Fill `far` and `owner` for all nodes within `limit` of some doors; return how many were touched.

    Of doors equally near the first one owns.
    """
    wrap = len(desk.first) - 1
    count = 0
    tickets = 0
    bucket = np.int64(1 << 62)
    for door in doors:
        edge = places.edge[door]
        if edge < 0:
            continue
        for end in range(2):
            # A walk arrives at the door from the edge's first node along it, from its last node against it.
            effort = flat.forward[edge] if end == 0 else flat.backward[edge]
            if effort == np.inf:
                continue
            node = flat.edge_nodes[edge, end]
            along = places.offset_m[door] if end == 0 else flat.edge_m[edge] - places.offset_m[door]
            metres = places.connector_m[door] + along * effort
            if metres <= limit and metres < desk.far[node]:
                if desk.far[node] == np.inf:
                    desk.touched[count] = node
                    count += 1
                desk.far[node], desk.owner[node] = metres, door
                number = np.int64(metres / BUCKET_M)
                bucket = min(bucket, number)
                slot = number & wrap
                desk.slot[node] = slot
                desk.after[tickets], desk.node[tickets] = desk.first[slot], node
                desk.first[slot] = tickets
                tickets += 1
    return _settle(
        flat.arc_start, flat.arc_node, flat.arc_m, desk.far, desk.owner, desk.touched, desk.slot, desk.first,
        desk.after, desk.node, bucket, tickets, count, limit,
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _settle(
    arc_start: np.ndarray,
    arc_node: np.ndarray,
    arc_m: np.ndarray,
    far: np.ndarray,
    owner: np.ndarray,
    touched: np.ndarray,
    slot: np.ndarray,
    first: np.ndarray,
    after: np.ndarray,
    ticket_node: np.ndarray,
    bucket: np.int64,
    tickets: int,
    count: int,
    limit: float,
) -> int:
    """Open one bucket after the other until nobody waits; arrays come one by one: the compiler keeps them at hand."""
    wrap = len(first) - 1
    waiting = tickets
    while waiting:
        here = bucket & wrap
        while first[here] >= 0:
            ticket = first[here]
            first[here] = after[ticket]
            waiting -= 1
            node = ticket_node[ticket]
            if slot[node] != here:
                continue
            slot[node] = -1
            metres, door = far[node], owner[node]
            for arc in range(arc_start[node], arc_start[node + 1]):
                onward = metres + arc_m[arc]
                if onward > limit:
                    continue
                other = arc_node[arc]
                known = far[other]
                if onward < known or (onward == known and door < owner[other]):
                    if known == np.inf:
                        touched[count] = other
                        count += 1
                    far[other] = onward
                    owner[other] = door
                    there = np.int64(onward / BUCKET_M) & wrap
                    if slot[other] != there:
                        slot[other] = there
                        after[tickets] = first[there]
                        ticket_node[tickets] = other
                        first[there] = tickets
                        tickets += 1
                        waiting += 1
        bucket += 1
    return count


@njit(cache=True, nogil=True)
def clear(desk: Desk, count: int) -> None:
    """Forget a search: only what it touched is reset."""
    far, owner, touched = desk.far, desk.owner, desk.touched  # reaching into a record at each step would cost more
    for turn in range(count):
        far[touched[turn]] = np.inf
        owner[touched[turn]] = -1

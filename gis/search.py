"""The bounded search on flat arrays: from doors over the streets that lead to them, no farther than the walk.

Dijkstra (1959, doi:10.1007/BF01386390) with a bucket queue (Dial 1969, doi:10.1145/363269.363610): junctions wait in
buckets of a few metres, and one that is reached again more cheaply within its bucket is settled again, so that the
walks are exact. Cost is proportional to what is reached, never to the size of the city: arrays are made once, and only
what was touched is reset. Compiled by numba, cached on disk.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from gis.doorsteps import Doorsteps
from gis.stretches import Arcs, Flat

TOLERANCE_M = 1e-6
"""Rounding of sums of street lengths; a home exactly at the limit is within it."""
BUCKET_M = 16.0
"""How many metres of walk wait in one bucket; a matter of speed alone."""


class Desk(NamedTuple):
    """The arrays one search after the other works on.

    `far`: the walk from each junction to the nearest door; `touched`: the junctions reached, in order. A bucket is a
    chain of tickets that begins at `first`: ticket `t` is for `node[t]`, the next is `after[t]`. Only the ticket for
    the bucket in `slot` is good; a junction that was reached more cheaply since holds another.
    """

    far: np.ndarray
    touched: np.ndarray
    slot: np.ndarray
    first: np.ndarray
    after: np.ndarray
    node: np.ndarray


def room(flat: Flat, doors: Doorsteps) -> tuple[int, int, int]:
    """Return how many junctions, buckets and tickets searches from these doors may need."""
    farthest_m = flat.longest_m + float(np.fmax.reduce(doors.connector_m, initial=0.0))
    buckets = 4
    while buckets < farthest_m / BUCKET_M + 3:
        buckets *= 2
    # A junction is settled only while its own bucket is open, so its walks over one arc wait in two buckets at most.
    return len(flat.arcs.start) - 1, buckets, 2 * (len(flat.arcs.node) + len(doors.stretch)) + 2


def make_desk(flat: Flat, doors: Doorsteps) -> Desk:
    """Return fresh arrays for searches from these doors."""
    junctions, buckets, tickets = room(flat, doors)
    return Desk(
        far=np.full(junctions, np.inf),
        touched=np.empty(junctions, dtype=np.int32),
        slot=np.full(junctions, -1, dtype=np.int32),
        first=np.full(buckets, -1, dtype=np.int32),
        after=np.empty(tickets, dtype=np.int32),
        node=np.empty(tickets, dtype=np.int32),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def spread(
    arcs: Arcs,
    ends: np.ndarray,
    doors: Doorsteps,
    which: np.ndarray,
    limit: float,
    desk: Desk,
    owner: np.ndarray | None = None,
) -> int:
    """Fill `far` for all junctions within `limit` of some doors, and `owner` with the door; return how many there are.

    Of doors equally near the first one owns.
    """
    far, touched, slot, first, after, ticket_node = desk
    stretch, connector_m = doors.stretch, doors.connector_m
    from_first_m, from_last_m = doors.from_first_m, doors.from_last_m
    wrap = len(first) - 1
    nothing: Any = np.int64(0)  # a bare 0 is a type of its own
    count, tickets = nothing, nothing
    bucket = np.int64(1 << 62)
    for door in which:
        on = stretch[door]
        if on < 0:
            continue
        for end in range(2):
            node = ends[on, end]
            metres = connector_m[door] + (from_last_m[door] if end else from_first_m[door])
            nearer = metres < far[node]
            if owner is not None:
                nearer = nearer or (metres == far[node] and door < owner[node])
            if metres <= limit and nearer:
                if far[node] == np.inf:
                    touched[count] = node
                    count += 1
                far[node] = metres
                if owner is not None:
                    owner[node] = door
                number = np.int64(metres / BUCKET_M)
                bucket = min(bucket, number)
                slot[node] = number & wrap
                after[tickets], ticket_node[tickets] = first[number & wrap], node
                first[number & wrap] = tickets
                tickets += 1
    return _settle(
        arcs.start, arcs.node, arcs.m, far, owner, touched, slot, first, after, ticket_node, bucket, tickets, count,
        limit,
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _settle(
    arc_start: np.ndarray,
    arc_node: np.ndarray,
    arc_m: np.ndarray,
    far: np.ndarray,
    owner: np.ndarray | None,
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
    free: Any = np.int64(-1)  # a ticket that was called is given out again: so few are never too few
    while waiting:
        here = bucket & wrap
        while first[here] >= 0:
            ticket = first[here]
            first[here] = after[ticket]
            after[ticket] = free
            free = np.int64(ticket)
            waiting -= 1
            node = ticket_node[ticket]
            if slot[node] != here:
                continue
            slot[node] = -1
            metres = far[node]
            for arc in range(arc_start[node], arc_start[node + 1]):
                onward = metres + arc_m[arc]
                if onward > limit:
                    continue
                other = arc_node[arc]
                known = far[other]
                nearer = onward < known
                if owner is not None:  # of two doors equally near the first
                    nearer = nearer or (onward == known and owner[node] < owner[other])
                if nearer:
                    if known == np.inf:
                        touched[count] = other
                        count += 1
                    far[other] = onward
                    if owner is not None:
                        owner[other] = owner[node]
                    there = np.int64(onward / BUCKET_M) & wrap
                    if slot[other] != there:
                        slot[other] = there
                        new = free
                        if new < 0:
                            new = tickets
                            tickets += 1
                        else:
                            free = np.int64(after[new])
                        after[new] = first[there]
                        ticket_node[new] = other
                        first[there] = new
                        waiting += 1
        bucket += 1
    return count


@njit(cache=True, nogil=True)
def clear(desk: Desk, count: int) -> None:
    """Forget a search: only what it touched is reset."""
    far, touched = desk.far, desk.touched  # reaching into a record at each step would cost more
    for turn in range(count):
        far[touched[turn]] = np.inf

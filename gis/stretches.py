"""Stretches: what lies between two junctions where one may choose, however many edges it is drawn in.

On most maps more nodes merely join two edges than offer a choice of ways. A search looks at junctions only; what lies
on a stretch is reached over its two ends, or straight from a door on it: no walk changes, and on Wuhan three nodes of
four are never visited. Compiled by numba, cached on disk.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

PASSING = 2
"""So many ends of edges meet at a node that only joins two."""


class Places(NamedTuple):
    """Where doors or homes meet the streets; edge -1: nowhere."""

    edge: np.ndarray
    offset_m: np.ndarray
    connector_m: np.ndarray


class Homes(NamedTuple):
    """Places by stretch, in any order on it: those of stretch `s` are `start[s]` to `start[s + 1]`, `who` their number.

    `on`: the stretch of each; `at_m`: how far along it; `first_m`, `last_m`: the walk to its first and last end,
    connector included.
    """

    start: np.ndarray
    on: np.ndarray
    who: np.ndarray
    at_m: np.ndarray
    first_m: np.ndarray
    last_m: np.ndarray
    connector_m: np.ndarray


class Arcs(NamedTuple):
    """The ways that lead to each junction `j`: `start[j]` to `start[j + 1]`, from which junction, and how far."""

    start: np.ndarray
    node: np.ndarray
    m: np.ndarray


class Flat(NamedTuple):
    """The network as the search sees it: arcs towards each junction, the stretches between them, edges on stretches.

    `longest_m` is the longest walk along one stretch, those that lead back to where they began among them.
    `ends_of` has the ends of stretches at each junction: twice the stretch, and one more for its last end; `ends_other`
    the junction at the other end, `ends_all_m` the walk to the end from the farthest inner node.
    `inner` are the nodes on stretches. Stretch `s` is the edges `course[course_start[s]:course_start[s + 1]]`, each as
    it is drawn or `turned`, beginning `begin_m` along it. `leave_m` is the walk from the first and the last node of an
    edge to the end of the stretch on that side, `arrive_m` the walk back. `forward` and `backward` are metres of level
    pavement that a metre of the edge is worth, infinite where it may not be walked that way.
    """

    arcs: Arcs
    longest_m: float
    ends_start: np.ndarray
    ends_of: np.ndarray
    ends_other: np.ndarray
    ends_all_m: np.ndarray
    ends: np.ndarray
    junction_node: np.ndarray
    inner: Homes
    course_start: np.ndarray
    course: np.ndarray
    stretch: np.ndarray
    turned: np.ndarray
    begin_m: np.ndarray
    leave_m: np.ndarray
    arrive_m: np.ndarray
    edge_m: np.ndarray
    forward: np.ndarray
    backward: np.ndarray


def make_flat(
    edge_nodes: np.ndarray, edge_m: np.ndarray, forward: np.ndarray, backward: np.ndarray, nodes: int
) -> Flat:
    """Return the network for searches; a stretch of several edges is walked in both directions."""
    open_both = np.isfinite(forward) & np.isfinite(backward)
    course_start, course, turned, end_nodes, inner = _chains(edge_nodes, open_both, nodes)
    junction_node = np.flatnonzero(~inner).astype(np.int32)
    junction = np.cumsum(~inner, dtype=np.int32) - np.int32(1)
    ends = junction[end_nodes]
    stretch, begin_m, leave_m, ahead_m, back_m = _measured(course_start, course, turned, edge_m, forward, backward)
    same = np.array_equal(forward, backward)
    arrive_m = leave_m if same else _measured(course_start, course, turned, edge_m, backward, forward)[2]
    ends_start, ends_of = grouped(ends.ravel(), len(junction_node))
    # Arcs lead towards each junction, so that a search from a door measures the walk to it.
    to, fro = ends[:, ::-1].ravel(), ends.ravel()
    metres = np.column_stack([ahead_m, back_m]).ravel()
    kept = np.flatnonzero(np.isfinite(metres) & (to != fro))
    arc_start, order = grouped(to[kept], len(junction_node))
    arcs = kept[order]
    start = course_start - np.arange(len(course_start), dtype=np.int32)
    on, who, (at_m, first_m, last_m), all_m = _passed(course_start, course, turned, edge_nodes, begin_m, leave_m)
    return Flat(
        arcs=Arcs(arc_start, fro[arcs], metres[arcs]),
        longest_m=float(metres[np.isfinite(metres)].max(initial=0.0)),
        ends_start=ends_start,
        ends_of=ends_of,
        ends_other=ends[:, ::-1].ravel()[ends_of],
        ends_all_m=all_m.ravel()[ends_of],
        ends=ends,
        junction_node=junction_node,
        inner=Homes(start, on, who, at_m, first_m, last_m, np.zeros(len(who))),
        course_start=course_start,
        course=course,
        stretch=stretch,
        turned=turned,
        begin_m=begin_m,
        leave_m=leave_m,
        arrive_m=arrive_m,
        edge_m=edge_m,
        forward=forward,
        backward=backward,
    )


@njit(cache=True, nogil=True)
def grouped(number: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where each group begins and the positions by group, in order; a number below 0 is in no group."""
    start = np.zeros(count + 1, dtype=np.int32)
    for group in number:
        if group >= 0:
            start[group + 1] += 1
    for group in range(count):
        start[group + 1] += start[group]
    position = np.empty(start[count], dtype=np.int32)
    for turn in range(len(number)):
        if number[turn] >= 0:
            position[start[number[turn]]] = turn
            start[number[turn]] += 1
    for group in range(count, 0, -1):
        start[group] = start[group - 1]
    start[0] = 0
    return start, position


@njit(cache=True, nogil=True)
def _chains(
    edge_nodes: np.ndarray, open_both: np.ndarray, nodes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the edges of each stretch in order, which are turned, the nodes at its ends, and which nodes are inner."""
    edges = len(edge_nodes)
    start, ends = grouped(edge_nodes.ravel(), nodes)
    inner = np.zeros(nodes, dtype=np.bool_)
    for node in range(nodes):
        if start[node + 1] - start[node] == PASSING:
            one, other = ends[start[node]] // 2, ends[start[node] + 1] // 2
            inner[node] = one != other and open_both[one] and open_both[other]
    used = np.zeros(edges, dtype=np.bool_)
    turned = np.empty(edges, dtype=np.int8)
    course = np.empty(edges, dtype=np.int32)
    course_start = np.zeros(edges + 1, dtype=np.int32)
    end_nodes = np.empty((edges, 2), dtype=np.int32)
    stretch, placed = 0, 0
    for rings in (False, True):
        if placed == edges:
            break  # no ring is left
        for node in range(nodes):
            if rings and inner[node] and not used[ends[start[node]] // 2]:
                inner[node] = False  # a ring without any junction has to begin somewhere
            if inner[node]:
                continue
            for k in range(start[node], start[node + 1]):
                end = ends[k]
                if used[end // 2]:
                    continue
                here = node
                while here == node or inner[here]:
                    if used[end // 2]:
                        break
                    edge = end // 2
                    used[edge], turned[edge], course[placed] = True, end % 2, edge
                    placed += 1
                    here = edge_nodes[edge, 1 - end % 2]
                    if inner[here]:
                        end = ends[start[here]] if ends[start[here]] // 2 != edge else ends[start[here] + 1]
                end_nodes[stretch, 0], end_nodes[stretch, 1] = node, here
                stretch += 1
                course_start[stretch] = placed
    return course_start[: stretch + 1].copy(), course, turned, end_nodes[:stretch].copy(), inner


@njit(cache=True, nogil=True)
def _measured(
    course_start: np.ndarray,
    course: np.ndarray,
    turned: np.ndarray,
    edge_m: np.ndarray,
    forward: np.ndarray,
    backward: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the stretch of each edge, where it begins on it, the walk from either node to the end, each both ways."""
    on = np.empty(len(course), dtype=np.int32)
    begin_m = np.empty(len(course))
    leave_m = np.empty((len(course), 2))
    ahead_m, back_m = np.empty(len(course_start) - 1), np.empty(len(course_start) - 1)
    for stretch in range(len(course_start) - 1):
        along, back = 0.0, 0.0
        for k in range(course_start[stretch], course_start[stretch + 1]):
            edge = course[k]
            on[edge], begin_m[edge], leave_m[edge, turned[edge]] = stretch, along, back
            effort = forward[edge] if turned[edge] else backward[edge]
            along += edge_m[edge]
            back += edge_m[edge] * effort if effort < np.inf else np.inf
        ahead = 0.0
        for k in range(course_start[stretch + 1] - 1, course_start[stretch] - 1, -1):
            edge = course[k]
            leave_m[edge, 1 - turned[edge]] = ahead
            effort = backward[edge] if turned[edge] else forward[edge]
            ahead += edge_m[edge] * effort if effort < np.inf else np.inf
        ahead_m[stretch], back_m[stretch] = ahead, back
    return on, begin_m, leave_m, ahead_m, back_m


@njit(cache=True, nogil=True)
def _passed(
    course_start: np.ndarray,
    course: np.ndarray,
    turned: np.ndarray,
    edge_nodes: np.ndarray,
    begin_m: np.ndarray,
    leave_m: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return of each inner node its stretch, its number, its walks; of each stretch the longest of them to either end.

    Walks: how far along the stretch it lies, to the first and to the last end.
    """
    stretches = len(course_start) - 1
    on, who = np.empty(len(course) - stretches, dtype=np.int32), np.empty(len(course) - stretches, dtype=np.int32)
    walks = np.empty((3, len(course) - stretches))
    all_m = np.zeros((stretches, 2))
    for stretch in range(stretches):
        for k in range(course_start[stretch] + 1, course_start[stretch + 1]):
            before, edge, turn = course[k - 1], course[k], k - stretch - 1
            on[turn], who[turn] = stretch, edge_nodes[edge, turned[edge]]
            first, last = leave_m[edge, turned[edge]], leave_m[before, 1 - turned[before]]
            walks[0, turn], walks[1, turn], walks[2, turn] = begin_m[edge], first, last
            all_m[stretch, 0], all_m[stretch, 1] = max(all_m[stretch, 0], first), max(all_m[stretch, 1], last)
    return on, who, walks, all_m

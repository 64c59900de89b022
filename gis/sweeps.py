"""Searches from many doors: who reaches which door, which streets are reached, the nearest door, how many doors.

Doors are taken in runs, one run a core; a run's answers depend on nothing outside it, so that they are the same on any
machine.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from gis.search import Flat, Places, clear, make_desk, spread

DOORS_A_RUN = 64
"""Fewer doors than this are not worth a second core."""


def on_all_cores(
    work: Callable[[int, int], tuple[np.ndarray, ...]], count: int, *, least: int = DOORS_A_RUN
) -> tuple[np.ndarray, ...]:
    """Return the answers of `work(first, last)` over runs of 0 to `count`, joined in order; a run is of `least`."""
    runs = max(1, min(os.cpu_count() or 1, count // least))
    cuts = [count * run // runs for run in range(runs + 1)]
    if runs == 1:
        return work(0, count)
    with ThreadPoolExecutor(runs) as cores:
        answers = list(cores.map(work, cuts[:-1], cuts[1:]))
    return tuple(np.concatenate(column) for column in zip(*answers, strict=True))


@njit(cache=True, nogil=True)
def _along_edge(flat: Flat, places: Places, door: int, offset: float) -> float:
    """Return the walk along the door's own edge from a place on it, infinite where its direction forbids it."""
    edge = places.edge[door]
    ahead = places.offset_m[door] - offset
    if ahead == 0:
        return float(places.connector_m[door])
    effort = flat.forward[edge] if ahead > 0 else flat.backward[edge]
    return float(places.connector_m[door] + abs(ahead) * effort)


@njit(cache=True, nogil=True)
def reach_doors(
    flat: Flat,
    homes: Places,
    home_start: np.ndarray,
    home: np.ndarray,
    places: Places,
    run: tuple[int, int],
    limit: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return every (door, home, metres) within the limit for a run of doors, doors in order.

    Homes are grouped by edge: those on edge `e` are `home[home_start[e]:home_start[e + 1]]`.
    """
    desk = make_desk(flat, places)
    far, touched = desk.far, desk.touched
    ends_start, ends_edge, edge_nodes, edge_m = flat.ends_start, flat.ends_edge, flat.edge_nodes, flat.edge_m
    ahead, back = flat.forward, flat.backward
    offset_m, connector_m = homes.offset_m, homes.connector_m
    seen = np.full(len(edge_m), -1, dtype=np.int32)
    room = max(1024, 2 * len(home))
    out_door = np.empty(room, dtype=np.int32)
    out_home = np.empty(room, dtype=np.int32)
    out_m = np.empty(room)
    rows = 0
    one = np.empty(1, dtype=np.int64)
    for door in range(run[0], run[1]):
        own = places.edge[door]
        if own < 0:
            continue
        if rows + len(home) > room:  # one door reaches each home once at most
            room = 2 * room + len(home)
            out_door = np.append(out_door, np.empty(room - len(out_door), dtype=np.int32))
            out_home = np.append(out_home, np.empty(room - len(out_home), dtype=np.int32))
            out_m = np.append(out_m, np.empty(room - len(out_m)))
        one[0] = door
        count = spread(flat, places, one, limit, desk)
        for turn in range(-1, count):  # the door's own edge, then the edges at each node reached
            first = 0 if turn < 0 else ends_start[touched[turn]]
            last = 1 if turn < 0 else ends_start[touched[turn] + 1]
            for k in range(first, last):
                edge = own if turn < 0 else ends_edge[k]
                if seen[edge] == door:
                    continue
                seen[edge] = door
                for h in range(home_start[edge], home_start[edge + 1]):
                    who = home[h]
                    metres = np.inf
                    if back[edge] < np.inf:
                        metres = far[edge_nodes[edge, 0]] + offset_m[who] * back[edge]
                    if ahead[edge] < np.inf:
                        metres = min(metres, far[edge_nodes[edge, 1]] + (edge_m[edge] - offset_m[who]) * ahead[edge])
                    if edge == own:
                        metres = min(metres, _along_edge(flat, places, door, offset_m[who]))
                    metres += connector_m[who]
                    if metres <= limit:
                        out_door[rows], out_home[rows], out_m[rows] = door, who, metres
                        rows += 1
        clear(desk, count)
    return out_door[:rows], out_home[:rows], out_m[:rows]


@njit(cache=True, nogil=True)
def reach_parts(
    flat: Flat, places: Places, group_start: np.ndarray, run: tuple[int, int], limit: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the parts of streets from which a door of each group is within the limit: (group, edge, from_m, to_m).

    Group `g` holds the doors `group_start[g]` to `group_start[g + 1]`; a run of groups. Parts of one edge may overlap.
    """
    desk = make_desk(flat, places)
    far, touched = desk.far, desk.touched
    ends_start, ends_edge, edge_nodes, edge_m = flat.ends_start, flat.ends_edge, flat.edge_nodes, flat.edge_m
    forward, backward = flat.forward, flat.backward
    seen = np.full(len(edge_m), -1, dtype=np.int32)
    groups = [np.int32(0) for _ in range(0)]  # typed for the compiler
    edges = [np.int32(0) for _ in range(0)]
    froms = [0.0 for _ in range(0)]
    tos = [0.0 for _ in range(0)]
    for group in range(run[0], run[1]):
        doors = np.arange(group_start[group], group_start[group + 1])
        count = spread(flat, places, doors, limit, desk)
        for turn in range(count):
            node = touched[turn]
            for k in range(ends_start[node], ends_start[node + 1]):
                edge = ends_edge[k]
                if seen[edge] == group:
                    continue
                seen[edge] = group
                length = edge_m[edge]
                back, ahead = backward[edge], forward[edge]
                left = (limit - far[edge_nodes[edge, 0]]) / back if back < np.inf else -1.0
                right = (limit - far[edge_nodes[edge, 1]]) / ahead if ahead < np.inf else -1.0
                if left + right >= length:
                    left, right = length, -1.0
                if left >= 0:
                    groups.append(np.int32(group))
                    edges.append(np.int32(edge))
                    froms.append(0.0)
                    tos.append(min(left, length))
                if right >= 0:
                    groups.append(np.int32(group))
                    edges.append(np.int32(edge))
                    froms.append(max(0.0, length - right))
                    tos.append(length)
        for door in doors:
            edge = places.edge[door]
            rest = limit - places.connector_m[door]
            if edge >= 0 and rest >= 0:
                groups.append(np.int32(group))
                edges.append(np.int32(edge))
                froms.append(max(0.0, places.offset_m[door] - rest / flat.forward[edge]))
                tos.append(min(flat.edge_m[edge], places.offset_m[door] + rest / flat.backward[edge]))
        clear(desk, count)
    return np.array(groups), np.array(edges), np.array(froms), np.array(tos)


@njit(cache=True, nogil=True)
def nearest_door(flat: Flat, places: Places, limit: float) -> tuple[np.ndarray, np.ndarray]:
    """Return for each node the walk to the nearest door within the limit (infinite: none) and that door (-1: none)."""
    desk = make_desk(flat, places)
    spread(flat, places, np.arange(len(places.edge)), limit, desk)
    return desk.far, desk.owner


@njit(cache=True, nogil=True)
def count_doors(flat: Flat, places: Places, run: tuple[int, int], limit: float) -> np.ndarray:
    """Return for each node how many doors of a run are within the limit."""
    desk = make_desk(flat, places)
    touched = desk.touched
    inside = np.zeros(len(flat.arc_start) - 1, dtype=np.int32)
    one = np.empty(1, dtype=np.int64)
    for door in range(run[0], run[1]):
        one[0] = door
        count = spread(flat, places, one, limit, desk)
        for turn in range(count):
            inside[touched[turn]] += 1
        clear(desk, count)
    return inside

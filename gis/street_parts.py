"""The parts of streets from which a door is reached within the walk, cut exactly where the walk ends."""

import numpy as np
from numba import njit

from gis.doorsteps import Doorsteps, doorsteps, straight_m
from gis.search import Desk, clear, make_desk, spread
from gis.stretches import Flat, Places


@njit(cache=True, nogil=True)
def _stretches_reached(
    flat: Flat,
    steps: Doorsteps,
    doors: np.ndarray,
    touched: np.ndarray,
    seen: np.ndarray,
    group: int,
    stretches: np.ndarray,
) -> int:
    """List the stretches at the junctions reached and those of the doors, each once; return how many there are."""
    count = 0
    for node in touched:
        for end in flat.ends_of[flat.ends_start[node] : flat.ends_start[node + 1]]:
            if seen[end >> 1] != group:
                seen[end >> 1] = group
                stretches[count] = end >> 1
                count += 1
    for door in doors:
        own = steps.stretch[door]
        if own >= 0 and seen[own] != group:
            seen[own] = group
            stretches[count] = own
            count += 1
    return count


@njit(cache=True, nogil=True)
def _walk_stretches(
    flat: Flat, steps: Doorsteps, doors: np.ndarray, far: np.ndarray, stretches: np.ndarray, on_stretch: np.ndarray
) -> None:
    """Write the walk from each inner node of some stretches to the nearest door."""
    start, at_m, first_m, last_m = flat.inner.start, flat.inner.at_m, flat.inner.first_m, flat.inner.last_m
    for stretch in stretches:
        first, last = far[flat.ends[stretch, 0]], far[flat.ends[stretch, 1]]
        for k in range(start[stretch], start[stretch + 1]):
            on_stretch[k] = min(first + first_m[k], last + last_m[k])
    for door in doors:
        own = steps.stretch[door]
        if own >= 0:
            spot, aside = (steps.at_m[door], steps.first_m[door], steps.last_m[door]), steps.connector_m[door]
            for k in range(start[own], start[own + 1]):
                straight = aside + straight_m((at_m[k], first_m[k], last_m[k]), 0.0, spot)
                on_stretch[k] = min(on_stretch[k], straight)


def reach_parts(
    flat: Flat, places: Places, group_start: np.ndarray, run: tuple[int, int], limit: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the parts of streets from which a door of each group is within the limit: (group, edge, from_m, to_m).

    Group `g` holds the doors `group_start[g]` to `group_start[g + 1]`; a run of groups. Parts of one edge may overlap.
    """
    steps = doorsteps(flat, places)
    found: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] = _parts_of_run(
        flat, places, steps, group_start, run, limit, make_desk(flat, steps)
    )
    return found


@njit(cache=True, nogil=True)
def _parts_of_run(
    flat: Flat,
    places: Places,
    steps: Doorsteps,
    group_start: np.ndarray,
    run: tuple[int, int],
    limit: float,
    desk: Desk,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Do it with the arrays that searches work on."""
    far, touched = desk.far, desk.touched
    ends = flat.ends
    on_stretch = np.empty(len(flat.inner.who))  # the walk from each inner node
    seen = np.full(len(ends), -1, dtype=np.int32)
    stretches = np.empty(len(ends), dtype=np.int32)
    groups = [np.int32(0) for _ in range(0)]  # typed for the compiler
    edges = [np.int32(0) for _ in range(0)]
    froms = [0.0 for _ in range(0)]
    tos = [0.0 for _ in range(0)]
    for group in range(run[0], run[1]):
        doors = np.arange(group_start[group], group_start[group + 1])
        count = spread(flat.arcs, ends, steps, doors, limit, desk)
        reached = _stretches_reached(flat, steps, doors, touched[:count], seen, group, stretches)
        _walk_stretches(flat, steps, doors, far, stretches[:reached], on_stretch)
        for stretch in stretches[:reached]:
            begin, final = flat.course_start[stretch], flat.course_start[stretch + 1]
            for k in range(begin, final):
                edge = flat.course[k]
                length, back, ahead = flat.edge_m[edge], flat.backward[edge], flat.forward[edge]
                low = far[ends[stretch, 0]] if k == begin else on_stretch[k - stretch - 1]
                high = far[ends[stretch, 1]] if k == final - 1 else on_stretch[k - stretch]
                if flat.turned[edge]:
                    low, high = high, low
                left = (limit - low) / back if back < np.inf else -1.0
                right = (limit - high) / ahead if ahead < np.inf else -1.0
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

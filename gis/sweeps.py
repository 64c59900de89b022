"""Searches from many doors: who reaches which door, the nearest door, how many doors.

Doors are taken in the order of their streets, so that a search finds in the cache what the last one left there, and
dealt out over the cores like cards, so that each has as much of the dense parts. No answer depends on the cores.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from gis.doorsteps import leaving, straight_m
from gis.search import clear, make_desk, spread
from gis.stretches import Flat, Homes, Places, grouped

DOORS_A_RUN = 64
"""Fewer doors than this are not worth a second core."""


def on_all_cores(
    work: Callable[[int, int], tuple[np.ndarray, ...]],
    count: int,
    *,
    cores: int | None = None,
    least: int = DOORS_A_RUN,
) -> tuple[np.ndarray, ...]:
    """Return the answers of `work(first, last)` over runs of 0 to `count`, of `least` or more, joined in order."""
    runs = max(1, min(cores or os.cpu_count() or 1, count // least))
    if runs == 1:
        return work(0, count)
    cuts = [count * run // runs for run in range(runs + 1)]
    with ThreadPoolExecutor(runs) as pool:
        answers = list(pool.map(work, cuts[:-1], cuts[1:]))
    return tuple(np.concatenate(column) for column in zip(*answers, strict=True))


def pairs(
    flat: Flat, homes: Homes, doors: Places, limit: float, *, cores: int | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return every (door, home, metres) within the limit, in no order."""
    places, order = _dealt(flat, doors, cores or os.cpu_count() or 1)
    count, home, metres = on_all_cores(
        lambda *run: reach_doors(flat, homes, places, run, limit), len(order), cores=cores
    )
    return np.repeat(order, count), home, metres


def choices(flat: Flat, doors: Places, limit: float, *, cores: int | None = None) -> np.ndarray:
    """Return for each node how many doors are within the limit."""
    places, order = _dealt(flat, doors, cores or os.cpu_count() or 1)
    (counts,) = on_all_cores(lambda *run: (count_doors(flat, places, run, limit)[None],), len(order), cores=cores)
    total: np.ndarray = counts.sum(axis=0) if len(counts) > 1 else counts[0]
    return total


def _dealt(flat: Flat, doors: Places, hands: int) -> tuple[Places, np.ndarray]:
    """Return the doors in the order of their streets, one hand after the other, and their numbers; nowhere is left out.

    The hands are equally many to one door.
    """
    _, order = grouped(np.where(doors.edge >= 0, flat.stretch[doors.edge], -1), len(flat.ends))
    order = np.concatenate([order[hand::hands] for hand in range(hands)])
    return Places(*(column[order] for column in doors)), order


@njit(cache=True, nogil=True, error_model="numpy")
def reach_doors(
    flat: Flat, homes: Homes, places: Places, run: tuple[int, int], limit: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for a run of doors how many homes are within the limit of each, and these: (home, metres)."""
    desk = make_desk(flat, places)
    far, touched = desk.far, desk.touched
    ends_start, ends_of, ends = flat.ends_start, flat.ends_of, flat.ends
    start, who, at_m, first_m, last_m = homes.start, homes.who, homes.at_m, homes.first_m, homes.last_m
    connector_m = homes.connector_m
    counts = np.zeros(run[1] - run[0], dtype=np.int32)
    room = 4 * len(who) + 1
    out_home = np.empty(room, dtype=np.int32)
    out_m = np.empty(room)
    rows = 0
    one = np.empty(1, dtype=np.int64)
    for door in range(run[0], run[1]):
        if places.edge[door] < 0:
            continue
        if rows + len(who) >= room:  # one door reaches each home once at most
            room = 2 * room
            out_home = np.append(out_home, np.empty(room - len(out_home), dtype=np.int32))
            out_m = np.append(out_m, np.empty(room - len(out_m)))
        one[0] = door
        before, count = rows, spread(flat, places, one, limit, desk)
        own = flat.stretch[places.edge[door]]
        spot, aside = leaving(flat, places.edge[door], places.offset_m[door]), places.connector_m[door]
        for turn in range(start[own], start[own + 1]):
            metres = min(far[ends[own, 0]] + first_m[turn], far[ends[own, 1]] + last_m[turn])
            home = at_m[turn], first_m[turn], last_m[turn]
            metres = min(metres, aside + straight_m(home, connector_m[turn], spot))
            out_home[rows], out_m[rows] = who[turn], metres  # written in any case: a guess less for the processor
            rows += metres <= limit
        for node in touched[:count]:
            for k in range(ends_start[node], ends_start[node + 1]):
                stretch = ends_of[k] >> 1
                if start[stretch] == start[stretch + 1] or stretch == own:
                    continue
                from_first, from_last = far[ends[stretch, 0]], far[ends[stretch, 1]]
                if ends_of[k] & 1 and from_first < np.inf:
                    continue  # it has its turn at the first end
                for turn in range(start[stretch], start[stretch + 1]):
                    metres = min(from_first + first_m[turn], from_last + last_m[turn])
                    out_home[rows], out_m[rows] = who[turn], metres
                    rows += metres <= limit
        counts[door - run[0]] = rows - before
        clear(desk, count)
    return counts, out_home[:rows], out_m[:rows]


@njit(cache=True, nogil=True, error_model="numpy")
def count_doors(flat: Flat, places: Places, run: tuple[int, int], limit: float) -> np.ndarray:
    """Return for each node how many doors of a run are within the limit."""
    desk = make_desk(flat, places)
    far, touched = desk.far, desk.touched
    ends_start, ends_of, ends, others, all_m = (
        flat.ends_start, flat.ends_of, flat.ends, flat.ends_other, flat.ends_all_m
    )  # fmt: skip
    start, who, at_m, first_m, last_m = (
        flat.inner.start, flat.inner.who, flat.inner.at_m, flat.inner.first_m, flat.inner.last_m
    )  # fmt: skip
    at_junction = np.zeros(len(far), dtype=np.int32)
    whole = np.zeros(len(ends), dtype=np.int32)  # of how many doors all nodes on a stretch are within the limit
    within = np.zeros(len(who), dtype=np.int32)
    one = np.empty(1, dtype=np.int64)
    for door in range(run[0], run[1]):
        if places.edge[door] < 0:
            continue
        one[0] = door
        count = spread(flat, places, one, limit, desk)
        own = flat.stretch[places.edge[door]]
        spot, aside = leaving(flat, places.edge[door], places.offset_m[door]), places.connector_m[door]
        for turn in range(start[own], start[own + 1]):
            metres = min(far[ends[own, 0]] + first_m[turn], far[ends[own, 1]] + last_m[turn])
            straight = aside + straight_m((at_m[turn], first_m[turn], last_m[turn]), 0.0, spot)
            within[turn] += min(metres, straight) <= limit
        for node in touched[:count]:
            at_junction[node] += 1
            here = far[node]
            for k in range(ends_start[node], ends_start[node + 1]):
                stretch, there = ends_of[k] >> 1, far[others[k]]
                # A stretch has its turn at the nearer of its ends.
                if stretch == own or there < here or (there == here and ends_of[k] & 1):
                    continue
                if here + all_m[k] <= limit:
                    whole[stretch] += 1
                    continue
                first, last = (there, here) if ends_of[k] & 1 else (here, there)
                for turn in range(start[stretch], start[stretch + 1]):
                    within[turn] += min(first + first_m[turn], last + last_m[turn]) <= limit
        clear(desk, count)
    inside = np.empty(len(far) + len(within), dtype=np.int32)
    for node in range(len(far)):
        inside[flat.junction_node[node]] = at_junction[node]
    for stretch in range(len(ends)):
        for turn in range(start[stretch], start[stretch + 1]):
            inside[who[turn]] = within[turn] + whole[stretch]
    return inside


@njit(cache=True, nogil=True)
def nearest_door(
    flat: Flat, places: Places, limit: float, homes: Homes | None = None, count: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return the walk to the nearest door within the limit (infinite: none) and that door (-1: none).

    For each node, or for each of `count` homes, of which those that are nowhere are not among `homes`. Of doors equally
    near it is the first.
    """
    desk = make_desk(flat, places)
    at_end, owner = desk.far, np.full(len(desk.far), -1, dtype=np.int32)
    spread(flat, places, np.arange(len(places.edge)), limit, desk, owner)
    if homes is not None:
        return _nearest_on_stretches(flat, places, limit, homes, (at_end, owner), count)
    far, whose = _nearest_on_stretches(
        flat, places, limit, flat.inner, (at_end, owner), len(flat.inner.who) + len(at_end)
    )
    for junction in range(len(at_end)):
        node = flat.junction_node[junction]
        far[node], whose[node] = at_end[junction], owner[junction]
    return far, whose


@njit(cache=True, nogil=True, error_model="numpy")
def _nearest_on_stretches(
    flat: Flat, places: Places, limit: float, homes: Homes, junctions: tuple[np.ndarray, np.ndarray], count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest door of each home: over one end of its stretch or the other, or straight to a door on it."""
    start, on, who, at_m, first_m, last_m = homes.start, homes.on, homes.who, homes.at_m, homes.first_m, homes.last_m
    connector_m, ends = homes.connector_m, flat.ends
    at_end, owner = junctions
    far, whose = np.full(count, np.inf), np.full(count, -1, dtype=np.int32)
    for turn in range(len(who)):
        first, last = ends[on[turn], 0], ends[on[turn], 1]
        if at_end[first] == np.inf and at_end[last] == np.inf:
            continue
        ahead, back = at_end[first] + first_m[turn], at_end[last] + last_m[turn]
        # Without a branch for the processor to guess: which end is nearer nobody can tell.
        over_last = (back < ahead) | ((back == ahead) & (owner[last] < owner[first]))
        metres, door = back if over_last else ahead, owner[last] if over_last else owner[first]
        within = (metres <= limit) & (metres < np.inf)
        far[who[turn]], whose[who[turn]] = metres if within else np.inf, door if within else np.int32(-1)
    for number in range(len(places.edge)):
        edge = places.edge[number]
        if edge < 0:
            continue
        spot, aside = leaving(flat, edge, places.offset_m[number]), places.connector_m[number]
        for turn in range(start[flat.stretch[edge]], start[flat.stretch[edge] + 1]):
            metres = aside + straight_m((at_m[turn], first_m[turn], last_m[turn]), connector_m[turn], spot)
            home = who[turn]
            if metres <= limit and (metres < far[home] or (metres == far[home] and number < whose[home])):
                far[home], whose[home] = metres, number
    return far, whose

"""Searches from many doors: who reaches which door, the nearest door, how many doors.

Doors are taken in the order of their streets, so that a search finds in the cache what the last one left there, and
dealt out over the cores like cards, so that each has as much of the dense parts. No answer depends on the cores.
"""

import os

import numpy as np
from numba import njit

from gis.cores import in_runs, on_all_cores
from gis.doorsteps import Doorsteps, doorsteps, straight_m
from gis.search import Desk, clear, make_desk, room, spread
from gis.stretches import Arcs, Flat, Homes, Places, grouped

DOORS_A_RUN = 64
"""Fewer doors than this are not worth a second core."""
HOMES_A_RUN = 20_000
"""So many homes are looked up in the time that it takes to begin on another core."""
NOBODY = -1


def pairs(
    flat: Flat, homes: Homes, doors: Places, limit: float, *, cores: int | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return every (door, home, metres) within the limit, in no order."""
    steps, order = _dealt(flat, doors, cores or os.cpu_count() or 1)
    ways = flat.arcs, flat.ends, flat.ends_start, flat.ends_of
    count, home, metres = on_all_cores(
        lambda *run: reach_doors(*ways, homes, steps, run, limit, make_desk(flat, steps)),
        len(order),
        least=DOORS_A_RUN,
        cores=cores,
    )
    return np.repeat(order, count), home, metres


def choices(flat: Flat, doors: Places, limit: float, *, cores: int | None = None) -> np.ndarray:
    """Return for each node how many doors are within the limit."""
    steps, order = _dealt(flat, doors, cores or os.cpu_count() or 1)
    (counts,) = on_all_cores(
        lambda *run: (count_doors(flat, steps, run, limit, make_desk(flat, steps))[None],),
        len(order),
        least=DOORS_A_RUN,
        cores=cores,
    )
    total: np.ndarray = counts.sum(axis=0) if len(counts) > 1 else counts[0]
    return total


def nearest_door(
    flat: Flat, places: Places, limit: float, homes: Homes | None = None, count: int = 0, *, cores: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the walk to the nearest door within the limit (infinite: none) and that door (-1: none).

    For each node, or for each of `count` homes, of which those that are nowhere are not among `homes`. Of doors equally
    near it is the first.
    """
    steps = doorsteps(flat, places)
    _, order = grouped(steps.stretch, len(flat.ends))  # near ones together, so that each core has a part of the city
    size = room(flat, steps)
    (far, owner, _), *others = in_runs(
        lambda *run: _search(flat.arcs, flat.ends, steps, order, run, limit, size), len(order),
        least=DOORS_A_RUN, cores=cores,
    )  # fmt: skip
    for also in others:
        _nearer_of_both(far, owner, *also)
    if homes is None:
        which, nodes = flat.inner, flat.junction_node
        walk, whose = np.empty(len(which.who) + len(nodes)), np.empty(len(which.who) + len(nodes), dtype=np.int32)
    else:
        which, nodes = homes, flat.junction_node[:0]
        walk, whose = np.full(count, np.inf), np.full(count, NOBODY, dtype=np.int32)  # some are nowhere
    in_runs(
        lambda *run: _home(flat.ends, which, nodes, steps, order, (far, owner), limit, run, walk, whose),
        len(which.who), least=HOMES_A_RUN, cores=cores,
    )  # fmt: skip
    return walk, whose


def _dealt(flat: Flat, doors: Places, hands: int) -> tuple[Doorsteps, np.ndarray]:
    """Return the doors in the order of their streets, one hand after the other, and their numbers; nowhere is left out.

    The hands are equally many to one door.
    """
    steps = doorsteps(flat, doors)
    _, order = grouped(steps.stretch, len(flat.ends))
    order = np.concatenate([order[hand::hands] for hand in range(hands)])
    return Doorsteps(*(column[order] for column in steps)), order


@njit(cache=True, nogil=True, error_model="numpy")
def reach_doors(
    arcs: Arcs,
    ends: np.ndarray,
    ends_start: np.ndarray,
    ends_of: np.ndarray,
    homes: Homes,
    doors: Doorsteps,
    run: tuple[int, int],
    limit: float,
    desk: Desk,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for a run of doors how many homes are within the limit of each, and these: (home, metres)."""
    far, touched = desk.far, desk.touched
    start, who, at_m, first_m, last_m = homes.start, homes.who, homes.at_m, homes.first_m, homes.last_m
    connector_m = homes.connector_m
    counts = np.zeros(run[1] - run[0], dtype=np.int32)
    room = 4 * len(who) + 1
    out_home = np.empty(room, dtype=np.int32)
    out_m = np.empty(room)
    rows = 0
    one = np.empty(1, dtype=np.int64)
    for door in range(run[0], run[1]):
        if rows + len(who) >= room:  # one door reaches each home once at most
            room = 2 * room
            more_home, more_m = np.empty(room, dtype=np.int32), np.empty(room)
            for row in range(rows):
                more_home[row], more_m[row] = out_home[row], out_m[row]
            out_home, out_m = more_home, more_m
        one[0] = door
        before, count = rows, spread(arcs, ends, doors, one, limit, desk)
        own = doors.stretch[door]
        spot, aside = (doors.at_m[door], doors.first_m[door], doors.last_m[door]), doors.connector_m[door]
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
def count_doors(flat: Flat, doors: Doorsteps, run: tuple[int, int], limit: float, desk: Desk) -> np.ndarray:
    """Return for each node how many doors of a run are within the limit."""
    far, touched, arcs = desk.far, desk.touched, flat.arcs
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
        one[0] = door
        count = spread(arcs, ends, doors, one, limit, desk)
        own = doors.stretch[door]
        spot, aside = (doors.at_m[door], doors.first_m[door], doors.last_m[door]), doors.connector_m[door]
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


@njit(cache=True, nogil=True, error_model="numpy")
def _search(
    arcs: Arcs,
    ends: np.ndarray,
    doors: Doorsteps,
    order: np.ndarray,
    run: tuple[int, int],
    limit: float,
    size: tuple[int, int, int],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the walk from each junction to the nearest of a run of doors, that door, and the junctions reached."""
    junctions, buckets, tickets = size
    owner, slot = np.full(junctions, -1, dtype=np.int32), np.full(junctions, -1, dtype=np.int32)
    chains = np.empty((2, tickets), dtype=np.int32)
    first, touched = np.full(buckets, -1, dtype=np.int32), np.empty(junctions, dtype=np.int32)
    desk = Desk(np.full(junctions, np.inf), touched, slot, first, chains[0], chains[1])
    count = spread(arcs, ends, doors, order[run[0] : run[1]], limit, desk, owner)
    return desk.far, owner, desk.touched[:count]


@njit(cache=True, nogil=True)
def _nearer_of_both(
    far: np.ndarray, owner: np.ndarray, other_far: np.ndarray, other_owner: np.ndarray, touched: np.ndarray
) -> None:
    """Write over a search what another one reached sooner, or as soon from a door that comes first."""
    for node in touched:
        metres, door = other_far[node], other_owner[node]
        if metres < far[node] or (metres == far[node] and door < owner[node]):
            far[node], owner[node] = metres, door


@njit(cache=True, nogil=True, error_model="numpy")
def _home(
    ends: np.ndarray,
    homes: Homes,
    nodes: np.ndarray,
    doors: Doorsteps,
    order: np.ndarray,
    junctions: tuple[np.ndarray, np.ndarray],
    limit: float,
    run: tuple[int, int],
    walk: np.ndarray,
    whose: np.ndarray,
) -> None:
    """Write the nearest door of a run of homes, over an end of the stretch or straight, and of their share of nodes."""
    start, on, who, at_m, first_m, last_m = homes.start, homes.on, homes.who, homes.at_m, homes.first_m, homes.last_m
    connector_m = homes.connector_m
    far, owner = junctions
    for turn in range(run[0], run[1]):
        first, last = ends[on[turn], 0], ends[on[turn], 1]
        if far[first] == np.inf and far[last] == np.inf:
            walk[who[turn]], whose[who[turn]] = np.inf, np.int32(NOBODY)
            continue
        ahead, back = far[first] + first_m[turn], far[last] + last_m[turn]
        # Without a branch for the processor to guess: which end is nearer nobody can tell.
        over_last = (back < ahead) | ((back == ahead) & (owner[last] < owner[first]))
        metres, door = back if over_last else ahead, owner[last] if over_last else owner[first]
        within = (metres <= limit) & (metres < np.inf)
        walk[who[turn]], whose[who[turn]] = metres if within else np.inf, door if within else np.int32(NOBODY)
    for door in order:
        own = doors.stretch[door]
        spot, aside = (doors.at_m[door], doors.first_m[door], doors.last_m[door]), doors.connector_m[door]
        for turn in range(max(start[own], run[0]), min(start[own + 1], run[1])):
            metres = aside + straight_m((at_m[turn], first_m[turn], last_m[turn]), connector_m[turn], spot)
            home = who[turn]
            if metres <= limit and (metres < walk[home] or (metres == walk[home] and door < whose[home])):
                walk[home], whose[home] = metres, door
    begin, end = (len(nodes) * run[0] // len(who), len(nodes) * run[1] // len(who)) if len(who) else (0, len(nodes))
    for junction in range(begin, end):
        walk[nodes[junction]], whose[nodes[junction]] = far[junction], owner[junction]

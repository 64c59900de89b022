"""Shakes: a few neighbouring sites taken back, the room filled anew by prices and chance, exchanges around.

A plan may become a little worse for a while, less and less as time goes by, so that it leaves a corner in which every
exchange costs (simulated annealing: Kirkpatrick, Gelatt & Vecchi 1983, https://doi.org/10.1126/science.220.4598.671).
Only options that serve some of the same people come in: a shake costs the same in a city of any size. Compiled by
numba, cached on disk.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimise.around import mend_around
from optimise.board import FAR, Board
from optimise.moves import EASE, Room, exchange, fill
from optimise.tally import Tally, broken, strain, turn

Figures = NDArray[np.float64]
Whole = NDArray[np.int64]
LEAST_TAKEN, FEW, NEIGHBOURS = 2, 3, 5
"""Two to four are taken back, of a site and so many neighbours of it."""
LEAST_OF_MANY, MANY, NEIGHBOURS_OF_MANY = 3, 9, 13
"""Where there are several limits, three to eleven: of fewer the same nearly always come back."""
HELD_TO, LOOKS = 3, 8
"""Where there are several limits, every third shake takes back a site that a limit needs, such as a centre that others
lean on, if it is among so many that it looks at; what that breaks is mended around (`optimise.around`)."""
EVEN = 0.5
TWO_53 = 2.0**53


@njit(cache=True, nogil=True)
def shake(
    board: Board,
    tally: Tally,
    kept: Whole,
    charge: Figures,
    room: Room,
    use: Whole,
    tries: int,
    seed: int,
    heat: float,
) -> None:
    """Shake so many times; `kept` is the best plan so far (1 or 0 an option, worth `kept[-1]`) and becomes the best.

    Only options of `use` come in, and those of the plan. Chance comes from `seed`. A plan may be worse than the one
    before it by a random part of `heat`.
    """
    built, goal, cost, fixed = tally.built, tally.goal, board.cost, board.fixed
    spare, log = room.spare, room.log
    by_link_start, by_link = _by_link(board, use)
    seen = np.full(len(board.link_start) - 1, -1, dtype=np.int64)
    space = np.empty(len(built), dtype=np.int64)
    several = len(board.low) > 1
    least, more = (LEAST_OF_MANY, MANY) if several else (LEAST_TAKEN, FEW)
    near = np.empty(1 + (NEIGHBOURS_OF_MANY if several else NEIGHBOURS), dtype=np.int64)
    chance = np.uint64(seed)
    on = np.flatnonzero(built)
    for turns in range(tries):
        if len(on) <= 1:
            return
        chance = _next(chance)
        near[0] = on[np.int64(chance % np.uint64(len(on)))]
        forced = False
        if several:
            near[0], forced, chance = _leaned_on(board, tally, on, near[0], spare, chance)
        count, chance = _neighbours(board, tally, by_link_start, by_link, near, chance)
        before = goal[0]
        held = broken(board, tally) if forced else 0.0
        chance = _next(chance)
        some = least + int(chance % np.uint64(more))
        done, sized = 0, 0
        for k in range(min(some, count)):
            if fixed[near[k]] <= 0 and ((forced and k == 0) or strain(board, tally, near[k], spare) <= EASE):
                turn(board, tally, near[k])
                log[done] = near[k]
                done += 1
                sized = _pool(board, near[k], by_link_start, by_link, seen, turns, space, sized)
        pool = space[:sized]
        mixed, chance = _mixed(charge, pool, chance)
        taken = done
        if forced:
            done = mend_around(board, tally, mixed, pool, on, before, held, room, done)
        done = fill(board, tally, mixed, pool, room, done)
        around = np.concatenate((near[:count], log[taken:done]))
        done = exchange(board, tally, around, pool, room, done)
        dear = _dearer(cost, built, log, done)
        chance = _next(chance)
        whole = not forced or broken(board, tally) <= held + EASE
        worse = before - goal[0] if whole else FAR
        if worse < 0 or (worse == 0 and dear <= 0) or 0 < worse <= heat * _part(chance):
            on = np.flatnonzero(built)
            if goal[0] > kept[-1]:
                kept[:-1] = built
                kept[-1] = goal[0]
            continue
        for k in range(done - 1, -1, -1):
            turn(board, tally, log[k])


@njit(cache=True, nogil=True)
def _leaned_on(
    board: Board, tally: Tally, on: Whole, site: int, spare: Whole, chance: np.uint64
) -> tuple[int, bool, np.uint64]:
    """Return a site that is built, whether it is taken back though a limit may need it, and chance."""
    chance = _next(chance)
    if chance % np.uint64(HELD_TO):
        return site, False, chance
    for _ in range(LOOKS):
        if strain(board, tally, site, spare) > EASE:
            break
        chance = _next(chance)
        site = on[np.int64(chance % np.uint64(len(on)))]
    return site, True, chance


@njit(cache=True, nogil=True)
def _mixed(charge: Figures, pool: Whole, chance: np.uint64) -> tuple[Figures, np.uint64]:
    """Return the charges of a pool of options, each changed a little by chance; and chance."""
    mixed = np.empty(len(pool))
    for k in range(len(pool)):
        chance = _next(chance)
        mixed[k] = charge[pool[k]] / (EVEN + _part(chance))
    return mixed, chance


@njit(cache=True, nogil=True)
def _dearer(cost: Whole, built: Whole, log: Whole, done: int) -> int:
    """Return by how much dearer a plan is for what was turned."""
    dear = 0
    for k in range(done):
        if _last(log, k, done):
            dear += cost[log[k]] * (2 * built[log[k]] - 1)
    return dear


@njit(cache=True, nogil=True)
def _part(chance: np.uint64) -> float:
    """Return a number of chance from 0 to 1."""
    return float(np.float64(chance >> np.uint64(11)) / TWO_53)


@njit(cache=True, nogil=True)
def _last(log: Whole, place: int, done: int) -> bool:
    """Return whether what was turned at a place of the log is not as it was, and this is its last mention."""
    times = 0
    for k in range(done):
        times += log[k] == log[place]
    for k in range(place + 1, done):
        if log[k] == log[place]:
            return False
    return times % 2 == 1


@njit(cache=True, nogil=True)
def _by_link(board: Board, use: Whole) -> tuple[Whole, Whole]:
    """Return the options in use that open each link, end to end, and where each list starts."""
    opens = board.opens
    start = np.zeros(len(board.link_start), dtype=np.int64)
    for j in use:
        if opens[j, 0] >= 0:
            start[opens[j, 0] + 1] += 1
    start = np.cumsum(start)
    found = np.empty(start[-1], dtype=np.int64)
    at = start[:-1].copy()
    for j in use:
        if opens[j, 0] >= 0:
            found[at[opens[j, 0]]] = j
            at[opens[j, 0]] += 1
    return start, found


@njit(cache=True, nogil=True)
def _pool(
    board: Board, option: int, start: Whole, by_link: Whole, seen: Whole, turns: int, space: Whole, sized: int
) -> int:
    """Add the options that serve some of the same people as an option, each once, to a pool."""
    link = board.opens[option, 0]
    if link < 0:
        return sized
    link_group, group_start, group_link = board.link_group, board.group_start, board.group_link
    for e in range(board.link_start[link], board.link_start[link + 1]):
        g = link_group[e]
        for k in range(group_start[g], group_start[g + 1]):
            one = group_link[k]
            if seen[one] != turns:
                seen[one] = turns
                if one < len(start) - 1:
                    for n in range(start[one], start[one + 1]):
                        space[sized] = by_link[n]
                        sized += 1
    return sized


@njit(cache=True, nogil=True)
def _next(chance: np.uint64) -> np.uint64:
    """Return the next number of a row of chance (xorshift64, Marsaglia 2003, https://doi.org/10.18637/jss.v008.i14)."""
    chance ^= chance << np.uint64(13)
    chance ^= chance >> np.uint64(7)
    return np.uint64(chance ^ (chance << np.uint64(17)))


@njit(cache=True, nogil=True)
def _neighbours(
    board: Board, tally: Tally, start: Whole, by_link: Whole, near: Whole, chance: np.uint64
) -> tuple[int, np.uint64]:
    """Write behind `near[0]` some that are built for people around it; return how many there are, and chance."""
    count = 1
    link = board.opens[near[0], 0]
    if link < 0 or board.link_start[link] == board.link_start[link + 1]:
        return count, chance
    for _ in range(4 * (len(near) - 1)):
        one = link
        for _ in range(2):  # the people of a neighbour's neighbour: the best plans hardly serve anybody twice
            a, b = board.link_start[one], board.link_start[one + 1]
            chance = _next(chance)
            g = board.link_group[a + np.int64(chance % np.uint64(b - a))]
            a, b = board.group_start[g], board.group_start[g + 1]
            chance = _next(chance)
            one = board.group_link[a + np.int64(chance % np.uint64(b - a))]
        for k in range(a, b):
            one = board.group_link[k]
            if tally.opened[one] == 0:
                continue
            for n in range(start[one], start[one + 1]):
                fresh = tally.built[by_link[n]] > 0
                for m in range(count):
                    fresh &= near[m] != by_link[n]
                if fresh and count < len(near):
                    near[count] = by_link[n]
                    count += 1
        if count == len(near):
            break
    return count, chance

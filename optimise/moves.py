"""The moves of the search: fill the room there is, mend what is broken, exchange, shake.

Exchanges are those of Teitz & Bart 1968 (https://doi.org/10.1287/opre.16.5.955), one for one or for none; a shake
exchanges a few neighbours for as many as there is room for. Compiled by numba, cached on disk.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimise.board import Board
from optimise.tally import Tally, strain, turn

Figures = NDArray[np.float64]
Whole = NDArray[np.int64]
NEIGHBOURS = 5
EVEN = 0.5
TWO_53 = 2.0**53
EASE = 1e-12
"""Sums of parts differ by rounding; a limit is broken by more."""


@njit(cache=True, nogil=True)
def fill(board: Board, tally: Tally, charge: Figures, pool: Whole, spare: Whole, log: Whole, done: int) -> int:
    """Build from a pool of options what adds most for its charge (one a member) until nothing fits or adds.

    What is built is written into `log` from `done` on; returned is where it ends. Gains are exact after every step, so
    that no list of stale gains has to be kept (as Minoux's lazy greedy does).
    """
    opens, profit, fixed, cost = board.opens, board.profit, board.fixed, board.cost
    gain, opened, built = tally.gain, tally.opened, tally.built
    blocked = np.zeros(len(pool), dtype=np.bool_)
    for_good = not (board.option_weight < 0).any() and not board.told.any()
    while True:
        best, most, dearest = -1, 0.0, 0
        for k in range(len(pool)):
            j = pool[k]
            if blocked[k] or built[j] or fixed[j] < 0:
                continue
            adds = profit[j]
            if opens[j, 0] >= 0 and opened[opens[j, 0]] == 0:
                adds += gain[opens[j, 0]]
            if adds <= 0:
                continue
            score = adds / charge[k]
            if score > most or (score == most and cost[j] < dearest):
                if strain(board, tally, j, spare) > EASE:
                    blocked[k] = True
                    continue
                best, most, dearest = j, score, cost[j]
        if best < 0:
            return done
        turn(board, tally, best)
        log[done] = best
        done += 1
        if not for_good:
            blocked[:] = False


@njit(cache=True, nogil=True)
def mend(board: Board, tally: Tally, charge: Figures, spare: Whole, steps: int) -> None:
    """Build or take back, one by one, what most eases the limits that are broken, for its charge."""
    fixed, built, opens, profit = board.fixed, tally.built, board.opens, board.profit
    gain, loss, opened = tally.gain, tally.loss, tally.opened
    for _ in range(steps):
        best, most, second = -1, 0.0, 0.0
        for j in range(len(built)):
            if (fixed[j] < 0 and built[j] == 0) or (fixed[j] > 0 and built[j] == 1):
                continue
            if not _concerned(board, tally, j):
                continue
            eases = -strain(board, tally, j, spare)
            if eases <= EASE:
                continue
            link = opens[j, 0]
            if built[j]:
                lost = profit[j] + (loss[link] if link >= 0 and opened[link] == 1 else 0)
                score, also = eases, -float(lost)
            else:
                score = eases / charge[j]
                also = float(profit[j] + (gain[link] if link >= 0 else 0))
            if score > most * (1 + 1e-9) or (score >= most * (1 - 1e-9) and also > second):
                best, most, second = j, score, also
        if best < 0:
            return
        turn(board, tally, best)


@njit(cache=True, nogil=True)
def _concerned(board: Board, tally: Tally, option: int) -> bool:
    """Return whether an option counts in a limit that is broken."""
    for k in range(board.option_start[option], board.option_start[option + 1]):
        row = board.option_row[k]
        if tally.total[row] < board.low[row] or tally.total[row] > board.high[row]:
            return True
    for which in range(2):
        link = board.opens[option, which]
        if link >= 0 and board.told[link]:
            return True
    return False


@njit(cache=True, nogil=True)
def exchange(board: Board, tally: Tally, outs: Whole, pool: Whole, spare: Whole, log: Whole, done: int) -> int:
    """For each of some options that is built, build instead the one of a pool that adds most within the limits.

    Limits are never broken by more than they were. Of exchanges that add the same, the cheaper; one that adds nothing
    is made where it saves money. What is built or taken back is written into `log` from `done` on.
    """
    opens, profit, fixed, cost = board.opens, board.profit, board.fixed, board.cost
    gain, opened, built, goal = tally.gain, tally.opened, tally.built, tally.goal
    for out in outs:
        if not built[out] or fixed[out] > 0:
            continue
        before = goal[0]
        ease = strain(board, tally, out, spare)
        turn(board, tally, out)
        best, most, least = -1, before - goal[0], cost[out]
        if ease <= EASE and most <= 0 and (most < 0 or cost[out] > 0):
            log[done] = out  # nobody is lost without it
            done += 1
            continue
        for j in pool:
            if built[j] or fixed[j] < 0 or j == out:
                continue
            adds = profit[j]
            if opens[j, 0] >= 0 and opened[opens[j, 0]] == 0:
                adds += gain[opens[j, 0]]
            if adds < most or (adds == most and cost[j] >= least):
                continue
            if strain(board, tally, j, spare) + ease <= EASE:
                best, most, least = j, adds, cost[j]
        if best < 0:
            turn(board, tally, out)
            continue
        turn(board, tally, best)
        log[done], log[done + 1] = out, best
        done += 2
    return done


@njit(cache=True, nogil=True)
def shake(board: Board, tally: Tally, charge: Figures, spare: Whole, log: Whole, tries: int, seed: int) -> int:
    """Again and again take back a few neighbours, fill the room anew, exchange around; keep what is no worse.

    Only options that serve some of the same people come in. Chance comes from `seed`. Returns how often the plan became
    better.
    """
    built, goal, cost, fixed = tally.built, tally.goal, board.cost, board.fixed
    by_link_start, by_link = _by_link(board)
    seen = np.full(len(board.link_start) - 1, -1, dtype=np.int64)
    room = np.empty(len(built), dtype=np.int64)
    near = np.empty(NEIGHBOURS + 1, dtype=np.int64)
    chance = np.uint64(seed)
    better = 0
    on = np.flatnonzero(built)
    for turns in range(tries):
        if len(on) <= 1:
            return better
        chance = _next(chance)
        near[0] = on[np.int64(chance % np.uint64(len(on)))]
        count, chance = _neighbours(board, tally, by_link_start, by_link, near, chance)
        before, dear = goal[0], 0
        chance = _next(chance)
        some = 2 + int(chance % np.uint64(3))
        done, sized = 0, 0
        for k in range(min(some, count)):
            if fixed[near[k]] <= 0 and strain(board, tally, near[k], spare) <= EASE:
                turn(board, tally, near[k])
                log[done] = near[k]
                done += 1
                sized = _pool(board, near[k], by_link_start, by_link, seen, turns, room, sized)
        pool = room[:sized]
        mixed = np.empty(sized)
        for k in range(sized):
            chance = _next(chance)
            mixed[k] = charge[pool[k]] / (EVEN + np.float64(chance >> np.uint64(11)) / TWO_53)
        taken = done
        done = fill(board, tally, mixed, pool, spare, log, done)
        around = np.concatenate((near[:count], log[taken:done]))
        done = exchange(board, tally, around, pool, spare, log, done)
        for k in range(done):  # each turned back and forth counts once in the end
            dear += cost[log[k]] * (2 * built[log[k]] - 1) if _last(log, k, done) else 0
        if goal[0] > before or (goal[0] == before and dear <= 0):
            better += goal[0] > before
            on = np.flatnonzero(built)
            continue
        while done > 0:
            done -= 1
            turn(board, tally, log[done])
    return better


@njit(cache=True, nogil=True)
def _last(log: Whole, place: int, done: int) -> bool:
    """Return whether what was turned at a place is turned an odd number of times, and here for the last time."""
    times = 0
    for k in range(done):
        times += log[k] == log[place]
    for k in range(place + 1, done):
        if log[k] == log[place]:
            return False
    return times % 2 == 1


@njit(cache=True, nogil=True)
def _by_link(board: Board) -> tuple[Whole, Whole]:
    """Return the options that open each link, end to end, and where each list starts."""
    opens = board.opens
    start = np.zeros(len(board.link_start), dtype=np.int64)
    for j in range(len(opens)):
        if opens[j, 0] >= 0:
            start[opens[j, 0] + 1] += 1
    start = np.cumsum(start)
    found = np.empty(start[-1], dtype=np.int64)
    at = start[:-1].copy()
    for j in range(len(opens)):
        if opens[j, 0] >= 0:
            found[at[opens[j, 0]]] = j
            at[opens[j, 0]] += 1
    return start, found


@njit(cache=True, nogil=True)
def _pool(
    board: Board, option: int, start: Whole, by_link: Whole, seen: Whole, turns: int, room: Whole, sized: int
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
                        room[sized] = by_link[n]
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
    for _ in range(4 * NEIGHBOURS):
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

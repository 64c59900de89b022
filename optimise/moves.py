"""The moves of the search: fill the room there is, mend what is broken, exchange. Compiled by numba, cached on disk.

Exchanges are those of Teitz & Bart 1968 (https://doi.org/10.1287/opre.16.5.955): one for one, or for none.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimise.board import Board
from optimise.tally import Tally, strain, strain_alone, strain_of_groups, strain_shared, turn

Figures = NDArray[np.float64]
Whole = NDArray[np.int64]
EASE = 1e-12
"""Sums of parts differ by rounding; a limit is broken by more."""


class Room(NamedTuple):
    """Space to work in: for `strain`, for what is turned, and for why an option did not fit when it was last tried.

    `witness` is the place among `option_row` of a limit that was in the way (-1: none known). `known` and `strained`
    keep what a bundle strains, as long as `known` names the look at hand; `look` counts looks. `lasting`: what does
    not fit now will not while more is built.
    """

    spare: Whole
    log: Whole
    witness: Whole
    known: Whole
    strained: Figures
    look: Whole
    lasting: NDArray[np.bool_]


def room_for(board: Board) -> Room:
    """Return space to work in on a board."""
    options, bundles = len(board.profit), len(board.bundle_start) - 1
    return Room(
        spare=np.zeros(3 * len(board.low), dtype=np.int64),
        log=np.zeros(4 * options + 256, dtype=np.int64),
        witness=np.full(options, -1, dtype=np.int64),
        known=np.full(bundles, -1, dtype=np.int64),
        strained=np.zeros(bundles),
        look=np.zeros(1, dtype=np.int64),
        lasting=np.array([not (board.option_weight < 0).any() and not board.told.any()]),
    )


@njit(cache=True, nogil=True)
def fill(board: Board, tally: Tally, charge: Figures, pool: Whole, room: Room, done: int) -> int:
    """Build from a pool of options what adds most for its charge (one a member) until nothing fits or adds.

    What is built is written into `room.log` from `done` on; returned is where it ends. Gains are exact after every
    step, so that no list of stale gains has to be kept (as Minoux's lazy greedy does).
    """
    opens, profit, fixed, cost = board.opens, board.profit, board.fixed, board.cost
    gain, opened, built = tally.gain, tally.opened, tally.built
    row, weight, total, low, high = board.option_row, board.option_weight, tally.total, board.low, board.high
    witness = room.witness
    blocked = np.zeros(len(pool), dtype=np.bool_)
    for_good = room.lasting[0]
    while True:
        best, most, dearest = -1, 0.0, 0
        room.look[0] += 1
        clean = tally.short[1] == 0
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
                w = witness[j]
                if clean and w >= 0 and not low[row[w]] <= total[row[w]] + weight[w] <= high[row[w]]:
                    continue
                if not _fits(board, tally, j, room, 0.0):
                    blocked[k] = for_good
                    continue
                best, most, dearest = j, score, cost[j]
        if best < 0:
            return done
        turn(board, tally, best)
        room.log[done] = best
        done += 1


@njit(cache=True, nogil=True)
def _fits(board: Board, tally: Tally, option: int, room: Room, ease: float) -> bool:
    """Return whether an option can be built when its strain is made up by `ease`; if not, keep a limit in its way.

    Where no limit is broken, one in the way is enough, so that callers look first at the one that was in it before.
    """
    total, low, high = tally.total, board.low, board.high
    clean = tally.short[1] == 0
    change = strain_alone(board, tally, option)
    bundle = board.bundle[option]
    if bundle >= 0:
        if room.known[bundle] != room.look[0]:
            room.known[bundle] = room.look[0]
            room.strained[bundle] = strain_shared(board, tally, bundle, 1)
        change += room.strained[bundle]
    for which in range(2):
        link = board.opens[option, which]
        if link >= 0 and board.told[link] and tally.opened[link] == 0:
            change += strain_of_groups(board, tally, link, 1, room.spare)
    if change + ease <= EASE:
        return True
    for k in range(board.option_start[option] if clean else 0, board.option_start[option + 1] if clean else 0):
        row = board.option_row[k]
        after = total[row] + board.option_weight[k]
        if after < low[row] or after > high[row]:
            room.witness[option] = k
            break
    return False


@njit(cache=True, nogil=True)
def mend(board: Board, tally: Tally, charge: Figures, spare: Whole, steps: int) -> None:
    """Build or take back, one by one, what most eases the limits that are broken, for its charge."""
    fixed, built, opens, profit = board.fixed, tally.built, board.opens, board.profit
    gain, loss, opened = tally.gain, tally.loss, tally.opened
    known = np.full(len(opened), -1, dtype=np.int64)
    of_link = np.zeros(len(opened))
    for step in range(steps):
        people = _people_missing(board, tally)
        best, most, second = -1, 0.0, 0.0
        for j in range(len(built)):
            if (fixed[j] < 0 and built[j] == 0) or (fixed[j] > 0 and built[j] == 1):
                continue
            if not _concerned(board, tally, j, people):
                continue
            eases = -strain_alone(board, tally, j)
            if board.bundle[j] >= 0:
                eases -= strain_shared(board, tally, board.bundle[j], 1 - 2 * built[j])
            for which in range(2):
                link = opens[j, which]
                if link >= 0 and board.told[link] and opened[link] == built[j]:
                    if known[link] != step:
                        known[link] = step
                        of_link[link] = strain_of_groups(board, tally, link, 1 - 2 * built[j], spare)
                    eases -= of_link[link]
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
def _people_missing(board: Board, tally: Tally) -> bool:
    """Return whether a limit that counts groups is broken."""
    for k in range(len(board.of_groups)):
        row = board.of_groups[k]
        if tally.total[row] < board.low[row] or tally.total[row] > board.high[row]:
            return True
    return False


@njit(cache=True, nogil=True)
def _concerned(board: Board, tally: Tally, option: int, people: bool) -> bool:  # noqa: FBT001 - compiled, by position
    """Return whether an option may count in a limit that is broken; `people`: one that counts groups is."""
    for k in range(board.option_start[option], board.option_start[option + 1]):
        row = board.option_row[k]
        if tally.total[row] < board.low[row] or tally.total[row] > board.high[row]:
            return True
    for which in range(2 if people else 0):
        link = board.opens[option, which]
        if link >= 0 and board.told[link]:
            return True
    return False


@njit(cache=True, nogil=True)
def exchange(board: Board, tally: Tally, outs: Whole, pool: Whole, room: Room, done: int) -> int:
    """For each of some options that is built, build instead the one of a pool that adds most within the limits.

    Limits are never broken by more than they were. Of exchanges that add the same, the cheaper; one that adds nothing
    is made where it saves money. What is built or taken back is written into `room.log` from `done` on.
    """
    opens, profit, fixed, cost = board.opens, board.profit, board.fixed, board.cost
    gain, opened, built, goal = tally.gain, tally.opened, tally.built, tally.goal
    row, weight, total, low, high = board.option_row, board.option_weight, tally.total, board.low, board.high
    witness = room.witness
    for out in outs:
        if not built[out] or fixed[out] > 0:
            continue
        before = goal[0]
        ease = strain(board, tally, out, room.spare)
        turn(board, tally, out)
        best, most, least = -1, before - goal[0], cost[out]
        if ease <= EASE and most <= 0 and (most < 0 or cost[out] > 0):
            room.log[done] = out  # nobody is lost without it
            done += 1
            continue
        room.look[0] += 1
        clean = tally.short[1] == 0
        for j in pool:
            if built[j] or fixed[j] < 0 or j == out:
                continue
            adds = profit[j]
            if opens[j, 0] >= 0 and opened[opens[j, 0]] == 0:
                adds += gain[opens[j, 0]]
            if adds < most or (adds == most and cost[j] >= least):
                continue
            w = witness[j]
            if clean and w >= 0 and not low[row[w]] <= total[row[w]] + weight[w] <= high[row[w]]:
                continue
            if _fits(board, tally, j, room, ease):
                best, most, least = j, adds, cost[j]
        if best < 0:
            turn(board, tally, out)
            continue
        turn(board, tally, best)
        room.log[done], room.log[done + 1] = out, best
        done += 2
    return done

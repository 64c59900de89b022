"""Mending around a site that was taken back though limits needed it: another instead, or those that leaned on it go.

So that a street centre can move with its day-care points: no exchange of one for one leads there where each step by
itself breaks a limit. Compiled by numba, cached on disk.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimise.board import Board
from optimise.moves import EASE, Room
from optimise.tally import Tally, broken, strain, turn

Figures = NDArray[np.float64]
Whole = NDArray[np.int64]
MENDED = 30
"""So many steps at most; what is not mended by then is taken back as a whole."""


@njit(cache=True, nogil=True)
def mend_around(
    board: Board,
    tally: Tally,
    charge: Figures,
    pool: Whole,
    on: Whole,
    before: int,
    held: float,
    room: Room,
    done: int,
) -> int:
    """Build of a pool what eases broken limits and adds most for its charge, until no more is broken than `held`.

    Where nothing eases, an option of `on` that leans on what is gone is taken back, the one of the least loss first.
    `before` is what the plan was worth: what has been lost goes with the easing. Returned is where `room.log` ends.
    """
    lost = float(before - tally.goal[0])
    for _ in range(MENDED):
        over = broken(board, tally) - held
        if over <= EASE:
            return done
        best = _easing(board, tally, charge, pool, lost / over, room.spare)
        if best < 0:
            best = _leaning(board, tally, on, room.spare)
        if best < 0:
            return done
        turn(board, tally, best)
        room.log[done] = best
        done += 1
    return done


@njit(cache=True, nogil=True)
def _easing(board: Board, tally: Tally, charge: Figures, pool: Whole, worth: float, spare: Whole) -> int:
    """Return the option of a pool that eases the limits and adds most for its charge, easing being `worth` so much."""
    built, fixed, opens, profit = tally.built, board.fixed, board.opens, board.profit
    gain, opened = tally.gain, tally.opened
    best, most = -1, 0.0
    for k in range(len(pool)):
        j = pool[k]
        if built[j] or fixed[j] < 0:
            continue
        eases = -strain(board, tally, j, spare)
        if eases <= EASE:
            continue
        adds = worth * eases + profit[j]
        if opens[j, 0] >= 0 and opened[opens[j, 0]] == 0:
            adds += gain[opens[j, 0]]
        if adds > most * charge[k]:
            best, most = j, adds / charge[k]
    return best


@njit(cache=True, nogil=True)
def _leaning(board: Board, tally: Tally, on: Whole, spare: Whole) -> int:
    """Return the option of those built, `on`, without which limits are broken by less, that loses least."""
    built, fixed, opens, profit = tally.built, board.fixed, board.opens, board.profit
    loss, opened = tally.loss, tally.opened
    best, least = -1, 0.0
    for j in on:
        if not built[j] or fixed[j] > 0 or strain(board, tally, j, spare) >= -EASE:
            continue
        loses = float(profit[j])
        if opens[j, 0] >= 0 and opened[opens[j, 0]] == 1:
            loses += loss[opens[j, 0]]
        if best < 0 or loses < least:
            best, least = j, loses
    return best

"""Which options the shakes need look at: of those alike, none that another beats in every limit that matters now.

Compiled by numba, cached on disk.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimise.board import FAR, Board

Whole = NDArray[np.int64]
AMPLE = 5
"""A lower limit that is kept with more than a fifth of the sum to spare tells no options apart."""


def useful(board: Board, total: Whole, built: Whole) -> Whole:
    """Return the options to choose from where the limits come to `total`, and those that are `built`.

    Options are alike where one of them at most is built and they open the same for the same goal. One is beaten by
    another that costs no more and weighs no more in any upper limit and no less in any lower one that is not amply
    kept; of equals the first stays. What is left out is only not looked at: no bound knows of it.
    """
    ample = (board.low > -FAR) & (total - board.low > np.abs(total) // AMPLE)
    likeness = (board.profit, board.opens[:, 1], board.opens[:, 0], board.bundle, board.slot)
    order = np.lexsort(likeness).astype(np.int64)
    changes = np.zeros(len(order), dtype=bool)
    for each in likeness:
        changes[1:] |= np.diff(each[order]) != 0
    ends = np.append(np.flatnonzero(changes), len(order)).astype(np.int64)
    beaten = _beaten(board, order, ends, ample)
    return np.flatnonzero((~beaten & (board.fixed >= 0)) | (built > 0)).astype(np.int64)


@njit(cache=True, nogil=True)
def _beaten(board: Board, order: Whole, ends: Whole, ample: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return for each option whether another one of those alike beats it."""
    cost = board.cost
    beaten = np.zeros(len(order), dtype=np.bool_)
    more = np.zeros(len(board.high), dtype=np.int64)
    first = 0
    for end in ends:
        for a in order[first:end]:
            for b in order[first:end]:
                if a != b and not beaten[b] and cost[b] <= cost[a] and _beats(board, b, a, ample, more):
                    beaten[a] = True
                    break
        first = end
    return beaten


@njit(cache=True, nogil=True)
def _beats(board: Board, b: int, a: int, ample: NDArray[np.bool_], more: Whole) -> bool:
    """Return whether `b`, no dearer than `a`, is no worse in any limit; `more` is all zero, and is left so."""
    start, row, weight, high = board.own_start, board.own_row, board.own_weight, board.high
    for k in range(start[b], start[b + 1]):
        more[row[k]] += weight[k]
    for k in range(start[a], start[a + 1]):
        more[row[k]] -= weight[k]
    worse, other = False, board.cost[b] < board.cost[a]
    for each in (a, b):
        for k in range(start[each], start[each + 1]):
            r = row[k]
            if more[r] and not ample[r]:
                other = True
                worse |= (more[r] > 0) == (high[r] < FAR)
            more[r] = 0
    return not worse and (other or b < a)

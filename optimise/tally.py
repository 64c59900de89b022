"""What a plan comes to while sites come and go: who is covered, what each site would add, what each would lose.

Each group knows how many open links cover it and the sum of their places, so that where one covers it alone, the sum
names it: gains and losses of all sites stay exact at the price of the groups that change (after Resende & Werneck 2007,
https://doi.org/10.1016/j.ejor.2005.05.049). Compiled by numba, cached on disk.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimise.board import Board

Whole = NDArray[np.int64]
LIGHT = 1e-3
"""How a limit that may be missed counts beside one that must be kept."""


class Tally(NamedTuple):
    """A plan and what it comes to: by option, link, group and row; `goal` has one number."""

    built: Whole
    opened: Whole
    covers: NDArray[np.int32]
    places: Whole
    gain: Whole
    loss: Whole
    total: Whole
    goal: Whole
    short: Whole
    """How many limits that count groups are broken, and how many of all."""


@njit(cache=True, nogil=True)
def nothing_built(board: Board) -> Tally:
    """Return the tally of the empty plan."""
    links = len(board.link_start) - 1
    groups = len(board.value)
    value, start, link = board.value, board.group_start, board.group_link
    gain = np.zeros(links, dtype=np.int64)
    for g in range(groups):
        worth = value[g]
        if worth:
            for k in range(start[g], start[g + 1]):
                gain[link[k]] += worth
    short = np.zeros(2, dtype=np.int64)
    for row in board.of_groups:
        short[0] += board.low[row] > 0 or board.high[row] < 0
    for row in range(len(board.low)):
        short[1] += board.low[row] > 0 or board.high[row] < 0
    return Tally(
        np.zeros(len(board.profit), dtype=np.int64),
        np.zeros(links, dtype=np.int64),
        np.zeros(groups, dtype=np.int32),
        np.zeros(groups, dtype=np.int64),
        gain,
        np.zeros(links, dtype=np.int64),
        np.zeros(len(board.low), dtype=np.int64),
        np.zeros(1, dtype=np.int64),
        short,
    )


@njit(cache=True, nogil=True)
def turn(board: Board, tally: Tally, option: int) -> None:
    """Build an option that is not built, or take back one that is."""
    step = 1 - 2 * tally.built[option]
    tally.built[option] += step
    tally.goal[0] += step * board.profit[option]
    for k in range(board.own_start[option], board.own_start[option + 1]):
        _weigh(board, tally, board.own_row[k], step * board.own_weight[k])
    bundle = board.bundle[option]
    if bundle >= 0:
        for k in range(board.bundle_start[bundle], board.bundle_start[bundle + 1]):
            _weigh(board, tally, board.bundle_row[k], step * board.bundle_weight[k])
    for which in range(2):
        link = board.opens[option, which]
        if link >= 0:
            before = tally.opened[link]
            tally.opened[link] = before + step
            if before == 0:
                _open(board, tally, link)
            elif before + step == 0:
                _close(board, tally, link)


@njit(cache=True, nogil=True)
def _weigh(board: Board, tally: Tally, row: int, change: int) -> int:
    """Add to the sum of a row, count whether that breaks or mends it, and return by how many more rows are broken."""
    before = tally.total[row]
    after = before + change
    tally.total[row] = after
    low, high = board.low[row], board.high[row]
    more = int(after < low or after > high) - int(before < low or before > high)
    tally.short[1] += more
    return more


@njit(cache=True, nogil=True)
def _open(board: Board, tally: Tally, link: int) -> None:
    link_group, group_start, group_link = board.link_group, board.group_start, board.group_link
    value, covers, places, gain, loss = board.value, tally.covers, tally.places, tally.gain, tally.loss
    new = 0
    for e in range(board.link_start[link], board.link_start[link + 1]):
        g = link_group[e]
        worth = value[g]
        if covers[g] == 0:
            _count(board, tally, g, 1)
            new += worth
            if worth:
                for k in range(group_start[g], group_start[g + 1]):
                    gain[group_link[k]] -= worth
        elif covers[g] == 1:
            loss[places[g]] -= worth
        covers[g] += 1
        places[g] += link
    loss[link] += new
    tally.goal[0] += new


@njit(cache=True, nogil=True)
def _close(board: Board, tally: Tally, link: int) -> None:
    link_group, group_start, group_link = board.link_group, board.group_start, board.group_link
    value, covers, places, gain, loss = board.value, tally.covers, tally.places, tally.gain, tally.loss
    gone = 0
    for e in range(board.link_start[link], board.link_start[link + 1]):
        g = link_group[e]
        worth = value[g]
        covers[g] -= 1
        places[g] -= link
        if covers[g] == 0:
            _count(board, tally, g, -1)
            gone += worth
            if worth:
                for k in range(group_start[g], group_start[g + 1]):
                    gain[group_link[k]] += worth
        elif covers[g] == 1:
            loss[places[g]] += worth
    loss[link] -= gone
    tally.goal[0] -= gone


@njit(cache=True, nogil=True)
def _count(board: Board, tally: Tally, group: int, step: int) -> None:
    for k in range(board.people_start[group], board.people_start[group + 1]):
        tally.short[0] += _weigh(board, tally, board.people_row[k], step * board.people_weight[k])


@njit(cache=True, nogil=True)
def over(board: Board, row: int, total: int) -> float:
    """Return by how much a sum breaks a row, as a part of its limit; rows that may be missed count little."""
    short = max(board.low[row] - total, total - board.high[row], 0)
    if short == 0:
        return 0.0
    limit = board.low[row] if total < board.low[row] else board.high[row]
    return float(short / max(abs(limit), 1) * (LIGHT if board.soft[row] else 1.0))


@njit(cache=True, nogil=True)
def broken(board: Board, tally: Tally) -> float:
    """Return by how much a plan breaks its limits in all; 0 means that it keeps them."""
    found = 0.0
    for row in range(len(board.low)):
        found += over(board, row, tally.total[row])
    return found


@njit(cache=True, nogil=True)
def strain(board: Board, tally: Tally, option: int, spare: np.ndarray) -> float:
    """Return by how much more (or, below zero, less) the limits are broken once an option is built or taken back.

    `spare` has three numbers a row; the first third is all zero, and is left so.
    """
    step = 1 - 2 * tally.built[option]
    change = strain_alone(board, tally, option)
    if board.bundle[option] >= 0:
        change += strain_shared(board, tally, board.bundle[option], step)
    for which in range(2):
        link = board.opens[option, which]
        if link >= 0 and board.told[link] and tally.opened[link] == (0 if step > 0 else 1):
            change += strain_of_groups(board, tally, link, step, spare)
    return change


@njit(cache=True, nogil=True)
def strain_alone(board: Board, tally: Tally, option: int) -> float:
    """Return by how much more limits are broken once an option is built or taken back, those of its bundle left out."""
    step = 1 - 2 * tally.built[option]
    return _strain_of(
        board, tally, board.own_row, board.own_weight, board.own_start[option], board.own_start[option + 1], step
    )


@njit(cache=True, nogil=True)
def strain_shared(board: Board, tally: Tally, bundle: int, step: int) -> float:
    """Return by how much more the limits of a bundle are broken once an option of it is built or taken back."""
    first, end = board.bundle_start[bundle], board.bundle_start[bundle + 1]
    return _strain_of(board, tally, board.bundle_row, board.bundle_weight, first, end, step)


@njit(cache=True, nogil=True)
def _strain_of(
    board: Board, tally: Tally, row: np.ndarray, weight: np.ndarray, first: int, end: int, step: int
) -> float:
    change = 0.0
    total, low, high = tally.total, board.low, board.high
    for k in range(first, end):
        r = row[k]
        before = total[r]
        after = before + step * weight[k]
        if not (low[r] <= before <= high[r] and low[r] <= after <= high[r]):
            change += over(board, r, after) - over(board, r, before)
    return change


@njit(cache=True, nogil=True)
def strain_of_groups(board: Board, tally: Tally, link: int, step: int, spare: np.ndarray) -> float:
    """Return by how much more the limits that count groups are broken once a link is opened or closed.

    Where none is broken and all ask for more people, who come do no harm: nobody need be counted.
    """
    if step > 0 and tally.short[0] == 0 and board.rising[0]:
        return 0.0
    link_group, covers, total = board.link_group, tally.covers, tally.total
    people_start, people_row, people_weight = board.people_start, board.people_row, board.people_weight
    touched = spare[len(board.low) :]
    turning = 0 if step > 0 else 1
    count = 0
    for e in range(board.link_start[link], board.link_start[link + 1]):
        g = link_group[e]
        if covers[g] == turning:
            for k in range(people_start[g], people_start[g + 1]):
                row = people_row[k]
                if spare[row] == 0:
                    touched[count] = row
                    count += 1
                spare[row] += step * people_weight[k]
    change = 0.0
    for k in range(count):
        row = touched[k]
        if spare[row]:
            change += over(board, row, total[row] + spare[row]) - over(board, row, total[row])
            spare[row] = 0
    return change

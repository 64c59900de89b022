"""A rent that each group pays for its cover and a price on each limit: what all sites bring in bounds every plan.

Relaxing "a group is covered only by a site within its walk" and the limits leaves a question that answers itself: a
group is covered where its worth is above its rent, an option is built where its rents are above its prices. Whatever
the rents and prices, no plan is worth more than

    sum_g max(0, worth_g - rent_g) + sum_slots max(0, best of (rents_j - prices_j)) + sum_r price_r limit_r

(Lagrange; Geoffrion 1974, https://doi.org/10.1007/BFb0120690; for this model Galvao & ReVelle 1996,
https://doi.org/10.1016/0377-2217(94)00159-6). Here they descend to the least such bound along averaged directions, and
the averaged choices show which sites good plans hold (Barahona & Anbil 2000, https://doi.org/10.1007/s101070050002).
Compiled by numba, cached on disk.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimise.board import FAR, Board

Figures = NDArray[np.float64]
Whole = NDArray[np.int64]
FRESH = 0.1
"""The part of the newest direction in the average of all."""
PATIENCE = 10
SLOWER = 0.7
NEAR = 1e-8
"""How exactly the price of a limit is tuned in a round; the bound is right with any price."""
NARROWER = 28
FIRST = 1e-3
HALF = 0.5
DOUBLINGS = 60


class Prices(NamedTuple):
    """Rents and prices of now and of the best bound, averaged directions, and `share`: how often an option was chosen.

    `figures`: the best bound, the bound now, the pace, the rounds since the best, and whether it has begun.
    """

    rent: Figures
    price: Figures
    best_rent: Figures
    best_price: Figures
    rent_slope: Figures
    price_slope: Figures
    share: Figures
    figures: Figures


class Tuned(NamedTuple):
    """Limits whose prices are set for the least bound in each round: options and weights end to end, with starts."""

    row: Whole
    start: Whole
    option: Whole
    weight: Whole


@njit(cache=True, nogil=True)
def descend(board: Board, prices: Prices, tuned: Tuned, reach: Figures, most: float, rounds: int) -> None:
    """Lower the bound for so many rounds; `most` is what the best plan known is worth, `reach` a row's usual step."""
    value, soft = board.value, board.soft
    rent, price, share = prices.rent, prices.price, prices.share
    rent_slope, price_slope, figures = prices.rent_slope, prices.price_slope, prices.figures
    groups, rows = len(value), len(price)
    worth, now, row_now = np.empty(groups), np.empty(groups), np.empty(rows)
    sums, net = np.empty(len(board.link_start) - 1), np.empty(len(share))
    best = np.empty(len(board.slot) if len(board.slot) == 0 else board.slot.max() + 1, dtype=np.int64)
    steady = np.zeros(rows, dtype=np.bool_)
    steady[tuned.row] = True
    for _ in range(rounds):
        bound = _bound(board, tuned, rent, price, worth, sums, net, best)
        figures[1] = bound
        if bound < figures[0]:
            figures[0], figures[3] = bound, 0
            prices.best_rent[:] = rent
            prices.best_price[:] = price
        else:
            figures[3] += 1
            if figures[3] >= PATIENCE:
                figures[2] *= SLOWER
                figures[3] = 0
        _slopes(board, rent, worth, best, now, row_now)
        fresh = 1.0 if figures[4] == 0 else FRESH
        figures[4] = 1.0
        for j in range(len(share)):
            share[j] *= 1 - fresh
        for j in best:
            if j >= 0:
                share[j] += fresh
        length = 0.0
        for g in range(groups):
            slope = fresh * now[g] + (1 - fresh) * rent_slope[g]
            rent_slope[g] = slope
            if not (rent[g] <= 0.0 and slope > 0) and not (rent[g] >= worth[g] and slope < 0):
                length += value[g] * slope * slope
        for r in range(rows):
            slope = fresh * row_now[r] + (1 - fresh) * price_slope[r]
            price_slope[r] = slope
            idle = price[r] == 0.0 and (slope < 0) == (board.high[r] < FAR)
            if not (steady[r] or soft[r] or idle):
                length += reach[r] * slope * slope
        if length <= 0.0 or bound <= most:
            return
        step = figures[2] * (bound - most) / length
        for g in range(groups):
            rent[g] -= step * value[g] * rent_slope[g]
        for r in range(rows):
            if not (steady[r] or soft[r]):
                moved = price[r] + step * reach[r] * price_slope[r]
                price[r] = max(moved, 0.0) if board.high[r] < FAR else min(moved, 0.0)


@njit(cache=True, nogil=True)
def _bound(
    board: Board,
    tuned: Tuned,
    rent: Figures,
    price: Figures,
    worth: Figures,
    sums: Figures,
    net: Figures,
    best: Whole,
) -> float:
    """Return the bound at these rents and prices, once the prices of tuned limits are set."""
    worths(board, price, worth)
    total = 0.0
    for g in range(len(rent)):
        rent[g] = min(max(rent[g], 0.0), worth[g])
        total += worth[g] - rent[g]
    rents(board, rent, sums)
    nets(board, sums, price, net)
    for k in range(len(tuned.row)):
        a, b = tuned.start[k], tuned.start[k + 1]
        _tune(board, tuned.row[k], tuned.option[a:b], tuned.weight[a:b], net, price, best)
    total += chosen(board, net, best)
    for r in range(len(price)):
        if price[r] > 0:
            total += price[r] * board.high[r]
        elif price[r] < 0:
            total += price[r] * board.low[r]
    return total


@njit(cache=True, nogil=True)
def worths(board: Board, price: np.ndarray, worth: np.ndarray) -> None:
    """Write what each group is worth: to the goal, less what the limits that count it charge."""
    value, start, row, weight = board.value, board.people_start, board.people_row, board.people_weight
    for g in range(len(value)):
        worth[g] = value[g]
        for k in range(start[g], start[g + 1]):
            worth[g] -= price[row[k]] * weight[k]
        worth[g] = max(worth[g], 0)


@njit(cache=True, nogil=True)
def rents(board: Board, rent: np.ndarray, sums: np.ndarray) -> None:
    """Write for each link what its groups pay together."""
    start, link = board.group_start, board.group_link
    sums[:] = 0
    for g in range(len(rent)):
        one = rent[g]
        if one > 0:
            for k in range(start[g], start[g + 1]):
                sums[link[k]] += one


@njit(cache=True, nogil=True)
def nets(board: Board, sums: np.ndarray, price: np.ndarray, net: np.ndarray) -> None:
    """Write what each option brings in: to the goal and in rents, less what the limits charge for it."""
    opens, profit = board.opens, board.profit
    start, row, weight = board.own_start, board.own_row, board.own_weight
    bundle, bundle_start = board.bundle, board.bundle_start
    bundle_row, bundle_weight = board.bundle_row, board.bundle_weight
    charged = np.zeros(len(bundle_start) - 1, dtype=net.dtype)
    for b in range(len(charged)):
        for k in range(bundle_start[b], bundle_start[b + 1]):
            charged[b] += price[bundle_row[k]] * bundle_weight[k]
    for j in range(len(net)):
        net[j] = profit[j]
        for which in range(2):
            if opens[j, which] >= 0:
                net[j] += sums[opens[j, which]]
        for k in range(start[j], start[j + 1]):
            net[j] -= price[row[k]] * weight[k]
        if bundle[j] >= 0:
            net[j] -= charged[bundle[j]]


@njit(cache=True, nogil=True)
def chosen(board: Board, net: np.ndarray, best: np.ndarray) -> float:
    """Write the option of each slot that is built (-1: none pays), and return what they bring in together."""
    slot, fixed = board.slot, board.fixed
    best[:] = -1
    for j in range(len(net)):
        b = best[slot[j]]
        if fixed[j] < 0 or (b >= 0 and fixed[b] > fixed[j]) or (fixed[j] == 0 and net[j] <= 0):
            continue
        if b < 0 or fixed[j] > fixed[b] or net[j] > net[b]:
            best[slot[j]] = j
    total = net[:0].sum()
    for b in best:
        if b >= 0:
            total += net[b]
    return total  # type: ignore[no-any-return]  # whole where `net` is


@njit(cache=True, nogil=True)
def _tune(board: Board, row: int, option: Whole, weight: Whole, net: Figures, price: Figures, best: Whole) -> None:
    """Set the price of a limit on options so that the bound is least, all else as it is: the limit is just kept."""
    upper = board.high[row] < FAR
    limit = board.high[row] if upper else board.low[row]
    sign = 1.0 if upper else -1.0
    old = price[row]
    bare = net.copy()
    for k in range(len(option)):
        bare[option[k]] += old * weight[k]
    trial = bare.copy()
    low, high = 0.0, abs(old)
    if _kept(board, option, weight, bare, 0.0, trial, best, limit, upper):
        high = 0.0
    else:
        if high == 0.0:
            for k in range(len(option)):
                high = max(high, FIRST * abs(bare[option[k]]) / max(abs(weight[k]), 1))
        factor = 1.0 + 1.0 / 64
        turns = 0
        while not _kept(board, option, weight, bare, sign * high, trial, best, limit, upper):
            low, high = high, max(high, 1e-9) * factor
            factor = min(factor * factor, 2.0)
            turns += 1
            if turns > DOUBLINGS:
                high = abs(old)
                break
        if low == 0.0:
            factor = 1.0 - 1.0 / 64
            while factor > HALF and _kept(board, option, weight, bare, sign * high * factor, trial, best, limit, upper):
                high *= factor
                factor *= factor
            low = high * factor if factor > HALF else 0.0
        for _ in range(NARROWER if low > 0.0 else 2 * NARROWER):
            if high - low <= NEAR * high:
                break
            middle = 0.5 * (low + high)
            if _kept(board, option, weight, bare, sign * middle, trial, best, limit, upper):
                high = middle
            else:
                low = middle
    price[row] = sign * high
    for k in range(len(option)):
        net[option[k]] = bare[option[k]] - price[row] * weight[k]


@njit(cache=True, nogil=True)
def _kept(
    board: Board,
    option: Whole,
    weight: Whole,
    bare: Figures,
    price: float,
    trial: Figures,
    best: Whole,
    limit: int,
    upper: bool,  # noqa: FBT001 - compiled code takes arguments by position
) -> bool:
    """Return whether what is chosen at a price keeps the limit."""
    for k in range(len(option)):
        trial[option[k]] = bare[option[k]] - price * weight[k]
    chosen(board, trial, best)
    used = 0
    slot = board.slot
    for k in range(len(option)):
        if best[slot[option[k]]] == option[k]:
            used += weight[k]
    return used <= limit if upper else used >= limit


@njit(cache=True, nogil=True)
def _slopes(board: Board, rent: Figures, worth: Figures, best: Whole, slope: Figures, row_slope: Figures) -> None:
    """Write how much more often than it asks each group is covered, and by how much each limit is exceeded."""
    start, group, opens = board.link_start, board.link_group, board.opens
    people_start, people_row, people_weight = board.people_start, board.people_row, board.people_weight
    slope[:] = 0.0
    for r in range(len(row_slope)):
        row_slope[r] = -float(board.high[r] if board.high[r] < FAR else board.low[r])
    for j in best:
        if j < 0:
            continue
        for k in range(board.option_start[j], board.option_start[j + 1]):
            row_slope[board.option_row[k]] += board.option_weight[k]
        for which in range(2):
            link = opens[j, which]
            if link >= 0:
                for e in range(start[link], start[link + 1]):
                    slope[group[e]] += 1.0
    for g in range(len(rent)):
        asks = 1.0 if worth[g] > rent[g] else (min(slope[g], 1.0) if worth[g] > 0 else 0.0)
        slope[g] -= asks
        for k in range(people_start[g], people_start[g + 1]):
            row_slope[people_row[k]] += asks * people_weight[k]

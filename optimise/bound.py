"""The certificate: how much any plan can be worth, found by prices and then computed anew in whole numbers."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from optimise.board import FAR, Board
from optimise.prices import Figures, Prices, Tuned, Whole, chosen, descend, nets, rents, worths

MOST_TUNED = 6
BITS = 60
PACE = 0.1


@dataclass(frozen=True, eq=False)
class Bound:
    """What no plan that keeps the limits is worth more than.

    `most`: any plan; `most_with` and `most_without`, by option: one that builds it, and one that does not. Where that
    is less than a known plan is worth, the option is settled (reduced-cost fixing).
    """

    most: int
    most_with: Whole
    most_without: Whole


@dataclass(frozen=True)
class Ceiling:
    """What no plan is worth more than, for any sum of money: `at_nothing` and so much more for each yuan."""

    at_nothing: Fraction
    per_yuan: Fraction

    def at(self, yuan: int | Fraction) -> Fraction:
        """Return what no plan for so much money is worth more than."""
        return self.at_nothing + self.per_yuan * yuan


@dataclass(frozen=True, eq=False)
class _Whole:
    """The best rents and prices rounded to whole parts, and what follows from them without rounding."""

    total: int
    part: int
    price: Whole
    net: Whole
    best: Whole
    scaled: Board


def begun(board: Board, covers: np.ndarray) -> Prices:
    """Return rents and prices to begin with, where a plan `covers` each group so often: who is alone pays more."""
    groups, rows = len(board.value), len(board.low)
    value = board.value.astype(np.float64)
    rent = np.where(covers == 0, value, np.where(covers == 1, 0.7 * value, 0.3 * value / np.maximum(covers, 1)))
    none, no_price = np.zeros(groups), np.zeros(rows)
    figures = np.array([np.inf, np.inf, PACE, 0.0, 0.0])
    share = np.zeros(len(board.profit))
    return Prices(rent, no_price, rent.copy(), no_price.copy(), none, no_price.copy(), share, figures)


def tuned(board: Board) -> Tuned:
    """Return the limits on options that concern most options: money, area, number. Their prices are set, not sought."""
    options, rows = len(board.profit), len(board.low)
    column = np.repeat(np.arange(options), np.diff(board.option_start))
    length = np.bincount(board.option_row, minlength=rows)
    of_people = np.bincount(board.people_row, minlength=rows) > 0
    able = np.flatnonzero(~of_people & ~board.soft & (length * 10 >= options) & (length > 1))
    few = np.sort(able[np.argsort(-length[able], kind="stable")][:MOST_TUNED])
    parts = [np.flatnonzero(board.option_row == r) for r in few]
    start = np.cumsum([0, *map(len, parts)])
    at = np.concatenate([np.empty(0, dtype=np.int64), *parts])
    return Tuned(few.astype(np.int64), start.astype(np.int64), column[at].astype(np.int64), board.option_weight[at])


def usual_steps(board: Board) -> Figures:
    """Return how far the price of each limit moves for one unit too many: what a site is worth over its weight."""
    rows = len(board.low)
    weight = np.zeros(rows)
    np.maximum.at(weight, board.option_row, np.abs(board.option_weight))
    np.maximum.at(weight, board.people_row, np.abs(board.people_weight))
    per_link = np.bincount(board.group_link, weights=np.repeat(board.value, np.diff(board.group_start)))
    typical = float(np.mean(per_link[per_link > 0])) if (per_link > 0).any() else 1.0
    typical = max(typical, float(np.abs(board.profit).mean()) if len(board.profit) else 0.0)
    return 0.1 * typical / np.maximum(weight, 1) ** 2


def lowered(board: Board, prices: Prices, limits: Tuned, steps: Figures, *, most: float, rounds: int) -> None:
    """Lower the bound for so many rounds, in place; `most` is the value of the best plan known."""
    descend(board, prices, limits, steps, most, rounds)


def certified(board: Board, prices: Prices) -> Bound:
    """Return the bound at the best prices, computed in whole numbers: rounding there can only move it, not break it.

    Any rents and prices give a bound, so they are first rounded to whole parts; from there on nothing is rounded.
    """
    whole = _in_whole_parts(board, prices)
    total, part, net, best = whole.total, whole.part, whole.net, whole.best
    brings = np.where(best >= 0, net[best], 0) if len(net) else np.empty(0, dtype=np.int64)
    other = _second(whole.scaled, net, best)
    taken = np.zeros(len(net), dtype=bool)
    taken[best[best >= 0]] = True
    slot = board.slot
    with_it = np.where(taken, total, total - brings[slot] + net)
    without = np.where(taken, total - net + other[slot], total)
    return Bound(total // part, with_it // part, without // part)


def ceiling(board: Board, prices: Prices, row: int, unit: Fraction) -> Ceiling:
    """Return the bound at the best prices for any money, where limit `row` is the money, in units of so many yuan.

    The price of the money does not depend on how much of it there is, so the bound is a straight line. It holds for
    every sum as long as the board fixes nothing for want of money.
    """
    whole = _in_whole_parts(board, prices)
    price = max(int(whole.price[row]), 0)
    at_nothing = whole.total - int(whole.price[row]) * int(board.high[row])
    return Ceiling(Fraction(at_nothing, whole.part), Fraction(price, whole.part) / unit)


def _in_whole_parts(board: Board, prices: Prices) -> _Whole:
    slots = int(board.slot.max()) + 1 if len(board.slot) else 0
    best = np.empty(slots, dtype=np.int64)
    side = np.where(board.high < FAR, board.high, board.low)
    size = float(board.value.sum()) + float(np.abs(board.profit).sum()) + 1.0
    size += float(np.abs(prices.best_price) @ np.maximum(np.abs(side), _spread(board)))
    size += float(prices.best_rent @ np.diff(board.group_start))  # a group pays at every link it has
    bits = BITS - int(np.ceil(np.log2(size)))
    price = np.zeros(len(side), dtype=np.int64)
    part = 2 ** min(max(bits, 0), 30)
    if bits >= 0:
        price = np.rint(prices.best_price * part).astype(np.int64)
    scaled = board._replace(value=board.value * part, profit=board.profit * part)
    worth = np.empty(len(board.value), dtype=np.int64)
    worths(scaled, price, worth)
    rent = np.clip(np.floor(prices.best_rent * part).astype(np.int64), 0, worth)
    sums, net = np.empty(len(board.link_start) - 1, dtype=np.int64), np.empty(len(board.profit), dtype=np.int64)
    rents(scaled, rent, sums)
    nets(scaled, sums, price, net)
    total = int((worth - rent).sum()) + int(chosen(scaled, net, best)) + int(price @ side)
    return _Whole(total, part, price, net, best, scaled)


def _spread(board: Board) -> Figures:
    """Return what all weights of each limit come to, whatever their sign."""
    rows = len(board.low)
    options = np.bincount(board.option_row, weights=np.abs(board.option_weight), minlength=rows)
    people = np.bincount(board.people_row, weights=np.abs(board.people_weight), minlength=rows)
    return np.asarray(options + people, dtype=np.float64)


def _second(board: Board, net: Whole, best: Whole) -> Whole:
    """Return what each slot brings in without its best option."""
    second = np.zeros(len(best), dtype=np.int64)
    rest = board.fixed >= 0
    rest[best[best >= 0]] = False
    np.maximum.at(second, board.slot[rest], net[rest])
    return second

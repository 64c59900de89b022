"""The course of the search: plans built greedily, bettered by exchange, begun anew where the bound's prices point.

No step looks at the clock but to stop; all else is counted, so that the same question has the same answer.
"""

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from optimise.board import FAR, Board
from optimise.bound import Bound, begun, certified, lowered, tuned, usual_steps
from optimise.moves import EASE, exchange, fill, mend, room_for
from optimise.prices import Prices
from optimise.shakes import shake
from optimise.tally import Tally, broken, nothing_built, turn
from optimise.useful import useful

Figures = NDArray[np.float64]
Sites = tuple[int, ...]
CHUNK = 20
"""So many rounds of the bound between two looks at the clock, and at what the prices say about good plans."""
WARM = 3 * CHUNK
ROUNDS = 600
LEAST_ROUNDS = 120
PAIRS = 9e9
"""Rounds times pairs: what a large question is given; about a minute."""
PASSES = 40
OUTS = 16
"""So many sites are exchanged between two looks at the clock."""
MANY_PAIRS = 3e6
EVEN = HALF = 0.5
SHORT = 0.05
AT_REST, NEVER = 1e-5, 1e-9
TRIES, MOST_TRIES = 24_000, 60_000
TURNED = 2.4e8
"""Tries times what one site changes (its groups, times the links of each): what a question of short lists is given."""
SEVERAL = 2
"""So many times as many tries where there are several limits."""
LEAST_TRIES = 50
TRIES_PER_OPTION = 6
WARMTH = 0.1
"""The part of what a site is worth by which a plan may become worse at first."""
AT_ONCE, LOOK_ANEW = 200, 2_000
"""So many shakes between two looks at the clock, and at which options are of use."""
SEED = 15
"""Where chance is let in, it is the same chance for everybody."""


class Search:
    """One search: the best plan so far, the bound so far, and what is left of the time."""

    def __init__(self, board: Board, seconds: float, *, start: Sites = ()) -> None:
        """Begin a search that may take so many seconds, from a plan that is known where there is one."""
        self.board = board
        self.began = time.monotonic()
        self.end = self.began + seconds
        self.options = len(board.profit)
        self.every = np.arange(self.options)
        self.room = room_for(board)
        self.best: Sites = ()
        self.rank: tuple[float, int, int, Sites] | None = None
        self.prices: Prices | None = None
        self.stopped = ""
        if start:
            self.keep(self.tally(start))

    def out_of_time(self, step: str) -> bool:
        """Return whether the time is over, and keep which step it cut short first."""
        over = time.monotonic() >= self.end
        if over and not self.stopped:
            self.stopped = step
        return over

    def keep(self, tally: Tally) -> bool:
        """Keep a plan if it is the best so far: limits first, then worth, then cost, then the first by place."""
        sites = tuple(np.flatnonzero(tally.built).tolist())
        over = broken(self.board, tally)
        cost = int(self.board.cost[list(sites)].sum())
        rank = (over if over > EASE else 0.0, -int(tally.goal[0]), cost, sites)
        if self.rank is not None and rank >= self.rank:
            return False
        self.best, self.rank = sites, rank
        return True

    def tally(self, sites: Sites) -> Tally:
        """Return what a plan comes to."""
        tally = nothing_built(self.board)
        for j in sites:
            turn(self.board, tally, j)
        return tally

    def build(self, charge: Figures, *, mend_first: bool = True) -> Tally:
        """Build a plan from nothing: what must be, what the limits ask for, then what adds most for its charge."""
        tally = self.tally(tuple(np.flatnonzero(self.board.fixed > 0).tolist()))
        if mend_first:
            mend(self.board, tally, charge, self.room.spare, 4 * self.options)
        fill(self.board, tally, charge, self.every, self.room, 0)
        if broken(self.board, tally) > EASE:
            mend(self.board, tally, charge, self.room.spare, 4 * self.options)
            fill(self.board, tally, charge, self.every, self.room, 0)
        return tally

    def better(self, tally: Tally) -> None:
        """Exchange until nothing gains any more."""
        for _ in range(PASSES):
            outs, turned = np.flatnonzero(tally.built), 0
            for first in range(0, len(outs), OUTS):
                if self.out_of_time("exchange"):
                    return
                some = outs[first : first + OUTS]
                turned += exchange(self.board, tally, some, self.every, self.room, 0)
            if not turned:
                return
            if broken(self.board, tally) > EASE:
                mend(self.board, tally, np.ones(self.options), self.room.spare, self.options)

    def charges(self) -> Iterator[Figures]:
        """Yield what an option may be held to cost: nothing, its money, its part of what the limits leave."""
        board = self.board
        yield np.ones(self.options)
        part = np.zeros(self.options)
        column = np.repeat(np.arange(self.options), np.diff(board.option_start))
        high = board.high[board.option_row]
        upper = (high < FAR) & (high > 0) & (board.option_weight > 0)
        np.add.at(part, column[upper], board.option_weight[upper] / high[upper])
        for charge in (board.cost.astype(np.float64), part):
            positive = charge[charge > 0]
            if len(positive) and positive.min() < positive.max():
                yield np.maximum(charge, positive.min())

    def begin(self) -> Figures:
        """Build first plans in several ways, better the best of them, and return the charge that served it."""
        asked = bool((self.board.low > -FAR).any())
        served = np.ones(self.options)
        for charge in self.charges():
            for mend_first in (True, False) if asked else (False,):
                if self.rank is not None and self.out_of_time("exchange"):
                    return served
                if self.keep(self.build(charge, mend_first=mend_first)):
                    served = charge
        tally = self.tally(self.best)
        self.better(tally)
        self.keep(tally)
        return served

    def run(self) -> Bound:
        """Run the search to its end, and return what no plan exceeds."""
        board, end = self.board, self.end
        self.end = self.began + (end - self.began) / 3  # a plan without a bound is half an answer
        charge = self.begin()
        self.end, self.stopped = end, ""
        prices = begun(board, self.tally(self.best).covers)
        self.prices = prices
        limits, steps = tuned(board), usual_steps(board)
        pairs = len(board.group_link) + len(board.option_row) + 1
        rounds = int(min(ROUNDS, max(LEAST_ROUNDS, PAIRS / pairs)))
        every = 1 + int((pairs + self.options * len(self.best)) / MANY_PAIRS)
        for done in range(0, rounds, CHUNK):
            if self.settled(prices) or self.out_of_time("bound"):
                break
            lowered(board, prices, limits, steps, most=self.aim(prices), rounds=CHUNK)
            if done >= WARM and (done // CHUNK) % every == 0:
                self.start(charge / (EVEN + prices.share))
        self.shake(charge / (EVEN + prices.share), prices)
        return certified(board, prices)

    def aim(self, prices: Prices) -> float:
        """Return what the bound is to come down to: the best plan, or a little below the bound where there is none."""
        over, less, *_ = self.rank or (1.0, 0)
        bound = float(prices.figures[0])
        return -float(less) if over == 0 or not np.isfinite(bound) else bound - SHORT * abs(bound)

    def settled(self, prices: Prices) -> bool:
        """Return whether the best plan is proven best, or the bound has come to rest."""
        return bool(prices.figures[2] < AT_REST) or self.proven(prices)

    def proven(self, prices: Prices) -> bool:
        """Return whether no plan can be better than the best."""
        over, less, *_ = self.rank or (1.0, 0)
        return bool(over == 0 and prices.figures[0] < 1 - less)

    def start(self, charge: Figures) -> None:
        """Build a plan anew for other charges, better it and keep it if it is the best."""
        if self.out_of_time("starts"):
            return
        tally = self.build(charge)
        self.better(tally)
        self.keep(tally)

    def shake(self, charge: Figures, prices: Prices) -> None:
        """Better the best plan in places, by chance that is always the same."""
        board, tally = self.board, self.tally(self.best)
        if broken(board, tally) > EASE:
            return
        kept = np.append(tally.built, tally.goal)
        links, groups, pairs = len(board.link_start), len(board.group_start), len(board.group_link) + 1
        several = SEVERAL if len(board.low) > 1 else 1
        most = several * min(MOST_TRIES, max(TRIES, int(TURNED / pairs * links / pairs * groups)))
        tries = min(most, LEAST_TRIES + TRIES_PER_OPTION * self.options)
        began, seconds = time.monotonic(), max(self.end - time.monotonic(), NEVER)
        heat = WARMTH * abs(float(tally.goal[0])) / max(len(self.best), 1)
        use = self.every
        for done in range(0, tries, AT_ONCE):
            if self.proven(prices) or self.out_of_time("shake"):
                break
            at_once = min(AT_ONCE, tries - done)
            if done % LOOK_ANEW == 0:
                use = useful(board, tally.total, tally.built | kept[:-1])
            gone, spent = done / tries, (time.monotonic() - began) / seconds
            if gone < HALF <= spent:  # the time will end before the tries do: cool by the clock
                self.stopped = "shake"
            cooled = max(gone, spent) if self.stopped else gone
            shake(board, tally, kept, charge, self.room, use, at_once, SEED + done, heat * (1 - cooled))
            self.keep(tally)
        tally = self.tally(tuple(np.flatnonzero(kept[:-1]).tolist()))
        self.better(tally)
        self.keep(tally)

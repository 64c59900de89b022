"""A quick plan by greedy choice, and how much better any plan could be: an answer before, or without, a solver.

The bound is the one of submodular coverage (Nemhauser, Wolsey & Fisher 1978, https://doi.org/10.1007/BF01588971):
for any sites S, no plan covers more than S and the best that the money buys of what each other site would add to S.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, hstack

from optimise.cover import Cover
from optimise.limit import Limit, matrix
from optimise.placing import placed

Sites = tuple[int, ...]
Whole = NDArray[np.int64]


def greedy(cover: Cover, limits: tuple[Limit, ...], cost: Whole) -> tuple[Sites, int]:
    """Return a plan that keeps the limits on sites if the search finds one (else the nearest to it), and a bound.

    The bound is on the elders covered anew by any plan that keeps the limits. Several greedy orders are tried (by
    people, by people for the money; floor area before or after people) and the best plan is kept.
    """
    plans: list[Sites] = []
    bound = int(cover.worth.sum())
    for per_yuan in (False, True):
        for area_first in (False, True):
            picker = _Picker(cover, limits, cost, per_yuan=per_yuan)
            picker.fill("required")
            if area_first:
                picker.fill("floor_area_per_10k")
            picker.cover_people()
            picker.fill("floor_area_per_10k")
            plans.append(without_idle(tuple(sorted(picker.chosen)), cover, limits, cost))
            bound = min(bound, picker.bound)
    return min(
        plans, key=lambda sites: (missed(sites, limits, cover), -gained(sites, cover), cost[list(sites)].sum())
    ), bound


def gained(sites: Sites, cover: Cover) -> int:
    """Return what the elders that these sites cover anew are worth (how many they are, unless nearer counts more)."""
    return int(cover.worth[served(sites, cover)].sum())


def served(sites: Sites, cover: Cover) -> NDArray[np.bool_]:
    """Return for each group of people whether one of these sites is within their walk."""
    return np.asarray(cover.reach @ cover.opened(_built(sites, cover)) > 0, dtype=bool)


def missed(sites: Sites, limits: tuple[Limit, ...], cover: Cover) -> int:
    """Return how many of the limits that are not soft these sites break."""
    return sum(not limit.kept(total(sites, limit, cover)) for limit in limits if not limit.soft)


def total(sites: Sites, limit: Limit, cover: Cover) -> int:
    """Return what these sites come to in the whole units of a limit."""
    built = _built(sites, cover)
    if limit.counts == "options":
        return limit.of_options(built)
    if limit.counts == "missed":
        missed = (part for part in limit.parts if not part.kept(total(sites, part, cover)))
        return len({part.thing or id(part) for part in missed})
    inside = served(sites, cover)
    if limit.counts == "placed":
        return placed(built, inside, cover)
    if limit.counts == "worst":
        return _worst(inside, limit, cover)
    people = cover.elders if limit.counts == "elders" else cover.worth
    return int(people[inside if limit.units is None else inside & np.isin(cover.unit, limit.units)].sum())


def _worst(inside: NDArray[np.bool_], limit: Limit, cover: Cover) -> int:
    """Return the least share of elders covered in the units of a limit, in thousandths, cut."""
    new = np.bincount(cover.unit[inside], weights=cover.elders[inside], minlength=len(cover.units)).astype(np.int64)
    units = np.empty(0, dtype=np.int64) if limit.units is None else limit.units
    share = (cover.unit_before + new)[units] * 1000 // np.maximum(cover.unit_total[units], 1)
    return int(share.min(initial=1000))


def _built(sites: Sites, cover: Cover) -> Whole:
    built = np.zeros(cover.options, dtype=np.int64)
    built[list(sites)] = 1
    return built


def without_idle(sites: Sites, cover: Cover, limits: tuple[Limit, ...], cost: Whole) -> Sites:
    """Leave out, dearest first, every site that adds nobody and that no rule needs."""
    columns = by_option(cover)
    served_by = columns[:, list(sites)].sum(axis=1)
    on_sites = tuple(limit for limit in limits if not limit.of_people)
    for j in sorted(sites, key=lambda j: (-cost[j], -j)):
        fewer = tuple(i for i in sites if i != j)
        groups = columns.indices[columns.indptr[j] : columns.indptr[j + 1]]
        idle = bool((served_by[groups] > 1).all())
        if idle and missed(fewer, on_sites, cover) <= missed(sites, on_sites, cover):
            sites = fewer
            served_by[groups] -= 1
    return sites


def by_option(cover: Cover) -> csc_array:
    """Return who is within the walk of each option: a row a group, a column an option."""
    nobody = csc_array((len(cover.elders), 1), dtype=np.int64)
    return csc_array(hstack([cover.reach, nobody]))[:, cover.opens]


class _Picker:
    """One greedy run: the sites so far, the room left under each upper limit, and the best bound seen on the way."""

    def __init__(self, cover: Cover, limits: tuple[Limit, ...], cost: Whole, *, per_yuan: bool) -> None:
        self.cover, self.limits = cover, limits
        self.cost, self.per_yuan = cost, per_yuan
        self.chosen: list[int] = []
        self.free = np.ones(len(cost), dtype=bool)
        self.waiting = cover.worth.copy()
        self.columns = by_option(cover)
        upper = [limit for limit in limits if limit.sense == "at most" and limit.counts == "options" and not limit.soft]
        self.weights = matrix(upper, len(cost)).tocsc()
        self.room = np.array([limit.limit for limit in upper], dtype=np.int64)
        self.possible = self.fits()
        self.bound = int(cover.worth.sum())

    def fits(self) -> NDArray[np.bool_]:
        """Return the candidates for which there is room under every upper limit."""
        over = self.weights.data > self.room[self.weights.indices]
        full = np.repeat(np.arange(len(self.cost)), np.diff(self.weights.indptr))[over]
        fits = self.free.copy()
        fits[full] = False
        return fits

    def gains(self) -> Whole:
        """Return the elders that each candidate would add now."""
        return np.asarray(self.columns.T @ self.waiting, dtype=np.int64)

    def build(self, j: int) -> None:
        """Take a site into the plan."""
        self.chosen.append(j)
        self.free[j] = False
        one = slice(self.weights.indptr[j], self.weights.indptr[j + 1])
        self.room[self.weights.indices[one]] -= self.weights.data[one]
        self.waiting[self.columns.indices[self.columns.indptr[j] : self.columns.indptr[j + 1]]] = 0

    def cover_people(self) -> None:
        """Build the site that adds most people (or most for the money) until none fits or adds anybody."""
        while True:
            gains = self.gains()
            self.bound = min(self.bound, self._most(gains))
            if not self._best(gains):
                return

    def fill(self, rule: str) -> None:
        """Build sites until a lower limit is reached, most of what is missing for the money first."""
        for limit in self.limits:
            if limit.rule != rule:
                continue
            weights = matrix([limit], len(self.cost)).toarray()[0]
            while (missing := limit.limit - int(weights[self.chosen].sum())) > 0:
                if not self._best(np.minimum(weights, missing)):
                    return

    def _best(self, worth: Whole) -> bool:
        open_ = np.flatnonzero(self.fits() & (worth > 0))
        if not len(open_):
            return False
        score = worth[open_] / np.maximum(self.cost[open_], 1) if self.per_yuan else worth[open_].astype(float)
        self.build(int(open_[np.lexsort((open_, self.cost[open_], -score))[0]]))
        return True

    def _most(self, gains: Whole) -> int:
        """Bound what any plan covers: the people served so far, and the best the limits leave of what others add."""
        so_far = int(self.cover.worth.sum() - self.waiting.sum())
        gains = np.where(self.possible & self.free, gains, 0)
        rest = int(gains.sum())
        for limit in self.limits:
            if limit.sense == "at most" and limit.counts == "options" and not limit.soft and (limit.weights >= 0).all():
                rest = min(rest, _knapsack(gains, limit))
        return so_far + rest


def _knapsack(gains: Whole, limit: Limit) -> int:
    """Return the most that fits under one limit if the last site could be built in part (Dantzig 1957)."""
    weight = matrix([limit], len(gains)).toarray()[0]
    open_ = np.flatnonzero(gains > 0)
    order = open_[np.lexsort((open_, weight[open_] / gains[open_]))]
    used = np.cumsum(weight[order])
    whole = int(np.searchsorted(used, limit.limit, side="right"))
    total = int(gains[order[:whole]].sum())
    if whole == len(order):
        return total
    last = int(order[whole])
    room = limit.limit - (int(used[whole - 1]) if whole else 0)
    return total + int(gains[last]) * room // int(weight[last])

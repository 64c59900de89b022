"""A plan in seconds, and how much better any plan could be: an answer before, or without, a solver."""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csc_array, hstack

from optimise.board import board
from optimise.bound import Bound
from optimise.cover import Cover, cover
from optimise.limit import Limit, counted, in_units
from optimise.placing import placed
from optimise.seeking import SEED, Search
from optimise.shakes import shake
from optimise.useful import useful

Sites = tuple[int, ...]
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Found:
    """The best plan found, as places of options in their order, what it is worth, and what no plan exceeds.

    `bound` holds for every plan within the limits that are not soft, whether or not this one `keeps` them. `stopped`
    says which step the time limit cut short: `exchange`, `bound`, `starts` or `shake`; empty: none.
    """

    sites: Sites
    value: int
    bound: Bound
    keeps: bool
    stopped: str = ""


def seek(
    cover: Cover,
    limits: tuple[Limit, ...],
    cost: Whole,
    *,
    goal: Limit | None = None,
    bundle: Whole | None = None,
    seconds: float = math.inf,
) -> Found:
    """Search for the plan worth most within the limits, and prove how much any plan could be worth; no solver is used.

    `goal`: what is made most (`at least`) or least (`at most`; then worth counts below zero); None: what the elders
    covered anew are worth. `bundle`: options that most limits do not tell apart (it only saves time). The same
    question has the same answer as long as `seconds` are enough.
    """
    search = Search(board(cover, limits, cost, goal=goal, bundle=bundle), seconds)
    bound = search.run()
    sites = search.best
    value = (
        gained(sites, cover) if goal is None else total(sites, goal, cover) * (1 if goal.sense == "at least" else -1)
    )
    return Found(sites, value, bound, missed(sites, limits, cover) == 0, search.stopped)


@cache
def ready() -> None:
    """Have the search compiled, once a process: on a new machine that takes longer than many a question may.

    Called before a question's clock starts, so that the same question has the same answer on a new machine.
    """
    demand = pd.DataFrame({"elders": [2, 3, 1], "covered": False}, index=[*"abc"])
    pairs = pd.DataFrame({"demand_id": [*"aabc"], "candidate_id": [*"xyyz"]})
    who = cover(demand, pairs, pd.Index([*"xyz"]))
    cost = np.array([2, 3, 4], dtype=np.int64)
    money = in_units("budget", "at most", cost, Fraction(5))
    people = Limit("coverage_floor", "at least", 1, counts="elders")
    search = Search(board(who, (money, counted("max_sites", "at least", 1, [True] * 3), people), cost), math.inf)
    search.run()
    tally = search.tally(search.best)
    kept = np.append(tally.built, tally.goal)
    # so small a question is proven before it comes to this
    use = useful(search.board, tally.total, tally.built)
    shake(search.board, tally, kept, np.ones(3), search.room, use, 1, SEED, 0.0)


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

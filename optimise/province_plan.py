"""A plan for a province: each county's front by itself, the money shared over them, the whole bettered and proven."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pandas as pd

from optimise.allotment import Shares, allot
from optimise.board import board
from optimise.check import recount
from optimise.county_front import CountyFront, CountyPart, county_front, county_parts
from optimise.cover import Cover, cover
from optimise.limit import Limit, Whole, in_units
from optimise.plan import Culprit, PlanStatus
from optimise.rules import SitingRules
from optimise.search import missed, ready, without_idle
from optimise.seeking import Search

STEPS = (Fraction(1, 4), Fraction(1, 2), Fraction(1), Fraction(2), Fraction(4))
"""The sums each county is asked about: so many times its part of the money by its elders not covered."""
FRONTS = 0.4
"""The part of the time that the fronts may take."""


class Sum(NamedTuple):
    """What one county is asked: its part of the question, the sums of money, and the seconds it may take."""

    part: CountyPart
    budgets_yuan: tuple[int, ...]
    seconds: float


Each = Callable[[Callable[[Sum], CountyFront], Sequence[Sum]], Iterable[CountyFront]]
"""Applies a function to every county, one after the other or on many machines, and returns the answers in order."""


@dataclass(frozen=True, eq=False)
class ProvincePlan:
    """The sites of a province, each county's part of it, and how good the whole provably is.

    - `sites`: indexed by `candidate_id` in order; `county_id`, `cost_yuan`.
    - `counties`: indexed by `county_id`: `sites`, `cost_yuan`, `elders_total`, `elders_covered_before`,
      `elders_covered`; elders count where they live, whichever county's site serves them, each once.

    All figures are recounted county by county from the list of sites; `broken` names what the recount found wrong,
    `short` the counties whose least cannot be had. `bound`: what no plan of the province covers more than.
    """

    status: PlanStatus
    sites: pd.DataFrame
    counties: pd.DataFrame
    elders_total: int
    elders_covered_before: int
    elders_covered: int
    cost_yuan: int
    bound: int
    gap: float
    fronts: tuple[CountyFront, ...]
    broken: tuple[Culprit, ...] = ()
    short: tuple[str, ...] = ()


def province_plan(
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    candidates: pd.DataFrame,
    *,
    budget_yuan: int,
    shares: Shares | None = None,
    each: Each = map,
    time_limit_s: float = 240.0,
) -> ProvincePlan:
    """Choose sites for all counties so that most elders of the province are covered for the money.

    - `demand`: indexed by `demand_id`; `elders` (whole), `covered` (today), `county_id`.
    - `pairs`: `demand_id`, `candidate_id`, within the walk, across county borders too.
    - `candidates`: indexed by `candidate_id`; `county_id`, `cost_yuan` (whole).

    Every county's front is found by itself (`each` may do so on many machines). The exact small model of `allot` shares
    the money; the plans of all counties together are then bettered where people near a border were counted twice, and
    one Lagrangean bound over the province certifies the whole. Raises ValueError for tables that do not fit.
    """
    ready()
    end = time.monotonic() + time_limit_s
    _fit(demand, candidates, budget_yuan)
    shares = shares or Shares()
    demand, candidates = demand.sort_index(), candidates.sort_index()
    parts = county_parts(demand, pairs, candidates)
    fronts = tuple(each(answered, _sums(parts, budget_yuan, FRONTS * time_limit_s)))
    shared = allot(fronts, budget_yuan, shares=shares, seconds=max(1.0, (end - time.monotonic()) / 4))
    who = cover(demand, pairs, candidates.index, by_unit="county_id")
    cost = candidates["cost_yuan"].to_numpy(dtype=np.int64)
    limits = _limits(who, candidates, cost, budget_yuan, shares)
    offered = [site for offer in shared.offers.values() for site in offer.sites]
    first = tuple(np.flatnonzero(candidates.index.isin(offered)).tolist())
    sites, bound = _bettered(who, limits, cost, first, max(end - time.monotonic(), 0.0))
    if _reserved(cost, sites, candidates, shares) > budget_yuan:
        sites = first  # what is kept for a county that spends less is no inequality of the whole
    bound = min(bound, shared.bound)
    possible = missed(sites, limits, who) == 0 and _reserved(cost, sites, candidates, shares) <= budget_yuan
    status = PlanStatus.GREEDY if possible else PlanStatus.LIMIT
    return _recounted(
        status,
        [str(i) for i in candidates.index[list(sites)]] if possible else [],
        demand,
        pairs,
        candidates,
        budget_yuan=budget_yuan,
        bound=bound,
        fronts=fronts,
        short=() if possible else shared.short,
    )


def answered(asked: Sum) -> CountyFront:
    """Return one county's front."""
    return county_front(asked.part, asked.budgets_yuan, seconds=asked.seconds)


def recount_by_county(
    chosen: Sequence[str], demand: pd.DataFrame, pairs: pd.DataFrame, candidates: pd.DataFrame
) -> Mapping[str, tuple[int, int, int]]:
    """Count anew, county by county, how many elders there are, are covered today, and with these sites.

    The count is that of `check.recount`, which knows no model and no search, on the people of one county at a time.
    """
    near = pairs[pairs["candidate_id"].isin(set(chosen))]
    home = demand["county_id"].astype(str)
    simple = candidates.loc[list(chosen), ["cost_yuan"]].assign(name="", kind="day_care", floor_area_m2=0.0)
    of_pair = home.reindex(near["demand_id"]).to_numpy()
    found = {}
    for county, people in demand.groupby(home, sort=True):
        told = recount(chosen, people, near[of_pair == county], simple, rules=SitingRules())
        found[str(county)] = (told.elders_total, told.elders_covered_before, told.elders_covered)
    return found


def _fit(demand: pd.DataFrame, candidates: pd.DataFrame, budget_yuan: int) -> None:
    if budget_yuan < 0:
        raise ValueError(f"budget_yuan must be zero or more: {budget_yuan}")
    for name, table in (("demand", demand), ("candidates", candidates)):
        if not table.index.is_unique:
            raise ValueError(f"{name}: {table.index[table.index.duplicated()][0]} stands twice")
        if table["county_id"].isna().any():
            raise ValueError(f"{name}: {table.index[table['county_id'].isna()][0]} has no county_id")


def _sums(parts: Sequence[CountyPart], budget_yuan: int, seconds: float) -> list[Sum]:
    """Return what each county is asked: multiples of its part of the money, by its elders not covered."""
    elders = [int(part.demand["elders"][~part.demand["covered"]].sum()) for part in parts]
    every = max(sum(elders), 1)
    asked = []
    for part, own in zip(parts, elders, strict=True):
        all_of_it = min(int(part.candidates["cost_yuan"].sum()), budget_yuan)
        sums = sorted({min(int(step * budget_yuan * own / every), all_of_it) for step in STEPS})
        asked.append(Sum(part, tuple(sums), seconds / max(len(parts), 1)))
    return asked


def _limits(who: Cover, candidates: pd.DataFrame, cost: Whole, budget_yuan: int, shares: Shares) -> tuple[Limit, ...]:
    county = candidates["county_id"].astype(str).to_numpy()
    limits = [in_units("budget", "at most", cost, Fraction(budget_yuan))]
    for one, most in sorted(shares.most_yuan.items()):
        limits.append(
            in_units("county_share", "at most", np.where(county == one, cost, 0), Fraction(most), names=(one,))
        )
    for one, least in sorted(shares.least_elders.items()):
        units = np.flatnonzero(np.array(who.units) == one).astype(np.int64)
        limits.append(Limit("coverage_floor", "at least", least, counts="elders", units=units, names=(one,)))
    return tuple(limits)


def _bettered(
    who: Cover, limits: tuple[Limit, ...], cost: Whole, first: tuple[int, ...], seconds: float
) -> tuple[tuple[int, ...], int]:
    search = Search(board(who, limits, cost), seconds, start=first)
    bound = search.run().most
    return without_idle(search.best, who, limits, cost), bound


def _reserved(cost: Whole, sites: tuple[int, ...], candidates: pd.DataFrame, shares: Shares) -> int:
    """Return what the plan takes of the money with what is kept for counties that spend less than their least."""
    county = candidates["county_id"].astype(str).to_numpy()
    places = list(sites)
    spent = pd.Series(cost[places], dtype="int64").groupby(county[places]).sum()
    kept = dict.fromkeys(shares.least_yuan, 0) | {str(one): int(yuan) for one, yuan in spent.items()}
    return sum(max(yuan, shares.least_yuan.get(one, 0)) for one, yuan in kept.items())


def _recounted(
    status: PlanStatus,
    chosen: list[str],
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    candidates: pd.DataFrame,
    *,
    budget_yuan: int,
    bound: int,
    fronts: tuple[CountyFront, ...],
    short: tuple[str, ...],
) -> ProvincePlan:
    told = recount_by_county(chosen, demand, pairs, candidates)
    sites = candidates.loc[chosen, ["county_id", "cost_yuan"]]
    by_county = sites.groupby(sites["county_id"].astype(str))["cost_yuan"]
    index = pd.Index(list(told), name="county_id")
    figures = zip(*told.values(), strict=True) if told else ((), (), ())
    columns = dict(zip(("elders_total", "elders_covered_before", "elders_covered"), figures, strict=True))
    counties = pd.DataFrame(columns, index=index)
    counties.insert(0, "cost_yuan", by_county.sum().reindex(counties.index, fill_value=0).astype("int64"))
    counties.insert(0, "sites", by_county.size().reindex(counties.index, fill_value=0).astype("int64"))
    total, before, covered = (int(counties[c].sum()) for c in counties.columns[2:])
    cost = int(sites["cost_yuan"].sum())
    most = before + bound
    broken = []
    if cost > budget_yuan:
        broken.append(Culprit("budget", (), cost, budget_yuan))
    if covered > most:
        broken.append(Culprit("bound", (), most, covered))
    if status is PlanStatus.GREEDY and covered == most:
        status = PlanStatus.OPTIMAL
    gap = (most - covered) / most if most else 0.0
    return ProvincePlan(status, sites, counties, total, before, covered, cost, most, gap, fronts, tuple(broken), short)

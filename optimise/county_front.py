"""What a county makes of each sum of money: plans, and the most that any plan could be worth; no solver is used."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf

import numpy as np
import pandas as pd

from optimise.board import board
from optimise.bound import Ceiling, ceiling
from optimise.cover import Cover, cover, places
from optimise.limit import Limit, Whole, in_units
from optimise.search import gained, ready, without_idle
from optimise.seeking import Search


@dataclass(frozen=True, eq=False)
class CountyPart:
    """One county's part of a siting question: its own candidates, and everybody within their walk.

    - `demand`: indexed by `demand_id`; `elders` (whole), `covered`, `county_id`: people across the border among them.
    - `pairs`: `demand_id`, `candidate_id`, within the walk.
    - `candidates`: indexed by `candidate_id`; `cost_yuan` (whole).
    """

    county_id: str
    demand: pd.DataFrame
    pairs: pd.DataFrame
    candidates: pd.DataFrame


@dataclass(frozen=True)
class Offer:
    """A plan of one county: its cost, how many elders it covers anew, `own` of them its people, and its sites."""

    cost_yuan: int
    elders: int
    own: int
    sites: tuple[str, ...]


@dataclass(frozen=True)
class CountyFront:
    """One county's plans by money, each worth more than all cheaper ones, and ceilings over every plan it could have.

    `reachable`: the elders not covered today who could be. A county that gets `b` yuan covers no more of them than the
    lowest of its ceilings at `b`.
    """

    county_id: str
    reachable: int
    offers: tuple[Offer, ...]
    ceilings: tuple[Ceiling, ...]

    def most_at(self, yuan: int | Fraction) -> Fraction:
        """Return what no plan of the county for so much money is worth more than."""
        return min((line.at(yuan) for line in self.ceilings), default=Fraction(self.reachable))


def county_parts(demand: pd.DataFrame, pairs: pd.DataFrame, candidates: pd.DataFrame) -> tuple[CountyPart, ...]:
    """Cut a province's question into its counties by the county of the candidates, in order of their identifiers.

    Tables as in `CountyPart`, `candidates` with `county_id`. People near a border who could be served from both sides
    stand in both parts: each county is told all that its own sites can do.
    """
    row, column = places(pairs["demand_id"], demand.index), places(pairs["candidate_id"], candidates.index)
    for key, place in (("demand_id", row), ("candidate_id", column)):
        if (place < 0).any():
            raise ValueError(f"pairs: unknown {key} {pairs[key].iloc[int(np.argmax(place < 0))]}")
    of_site, counties = pd.factorize(candidates["county_id"].astype(str), sort=True)
    order = np.argsort(of_site[column], kind="stable")
    starts = np.searchsorted(of_site[column][order], np.arange(len(counties) + 1))
    parts = []
    for k, county_id in enumerate(counties):
        here = order[starts[k] : starts[k + 1]]
        own = pd.DataFrame({key: _own(pairs[key], here) for key in ("demand_id", "candidate_id")})
        parts.append(CountyPart(str(county_id), demand.iloc[np.unique(row[here])], own, candidates[of_site == k]))
    return tuple(parts)


def _own(names: pd.Series, here: Whole) -> pd.Series:
    """Return some of the names, without the categories of all others: a part is sent to another machine as it is."""
    some = names.iloc[here].reset_index(drop=True)
    return some.cat.remove_unused_categories() if isinstance(some.dtype, pd.CategoricalDtype) else some


def county_front(part: CountyPart, budgets_yuan: Sequence[int], *, seconds: float = inf) -> CountyFront:
    """Return what a county makes of each of several sums, none of which needs to be more than all its sites cost.

    Each sum is searched by itself; the price of money that proves how good a plan is bounds the plans for every other
    sum too (Everett 1963, https://doi.org/10.1287/opre.11.3.399), so that few sums bound the whole front.
    """
    ready()
    table = part.candidates.sort_index()
    who = cover(part.demand.sort_index(), part.pairs, table.index)
    cost = table["cost_yuan"].to_numpy(dtype=np.int64)
    reachable = int(who.worth.sum())
    money = in_units("budget", "at most", cost, Fraction(int(cost.sum())))
    at_home = (part.demand["county_id"].astype(str) == part.county_id).astype(np.int64)
    home = cover(part.demand.assign(elders=part.demand["elders"] * at_home).sort_index(), part.pairs, table.index)
    found: dict[tuple[int, ...], Offer] = {(): Offer(0, 0, 0, ())}
    lines = [Ceiling(Fraction(reachable), Fraction(0))]
    for budget in sorted({*budgets_yuan}):
        if reachable and budget >= 0:
            sites, line = _searched(who, cost, money, budget, seconds / max(len(budgets_yuan), 1))
            names = tuple(str(i) for i in table.index[list(sites)])
            found[sites] = Offer(int(cost[list(sites)].sum()), gained(sites, who), gained(sites, home), names)
            lines.append(line)
    return CountyFront(part.county_id, reachable, _better_and_dearer(list(found.values())), tuple(lines))


def _searched(who: Cover, cost: Whole, money: Limit, budget: int, seconds: float) -> tuple[tuple[int, ...], Ceiling]:
    """Return the best plan found for so much money, and the bound that its proof gives for any."""
    laid = board(who, (money,), cost)
    # laid out with money for everything, so that nothing is ruled out for want of it and the ceiling holds for all sums
    laid = laid._replace(high=np.array([budget // money.unit], dtype=np.int64))
    search = Search(laid, seconds)
    search.run()
    sites = without_idle(search.best, who, (), cost)
    if search.prices is None or int(cost[list(sites)].sum()) > budget:
        raise RuntimeError(f"the search broke its budget of {budget} yuan")  # pragma: no cover - would be our fault
    return sites, ceiling(laid, search.prices, 0, money.unit)


def _better_and_dearer(offers: list[Offer]) -> tuple[Offer, ...]:
    """Leave out plans that cost as much as another, or more, and cover no more."""
    kept: list[Offer] = []
    for offer in sorted(offers, key=lambda o: (o.cost_yuan, -o.elders, o.sites)):
        if not kept or offer.elders > kept[-1].elders:
            kept.append(offer)
    return tuple(kept)

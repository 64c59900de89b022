"""Which rules want a site where there is no candidate for one, and the fewest made places that help."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from optimise import models, search
from optimise.arithmetic import MONEY_AND_AREA, beyond
from optimise.layout_limits import too_small
from optimise.limit import Limit, Whole, counted
from optimise.question import Question
from optimise.solve import Solver, solve

AROUND, FOR_A_COMMUNITY = 24, 3
"""So many places are tried for homes out of reach, and for a community that is not served."""


@dataclass(frozen=True)
class Wanted:
    """Sites that are wanted: of one of the `kinds`, somewhere in the `communities`, within the walk of the `homes`.

    `homes` None: of any; `places`: so many places to try, as far as that is known.
    """

    kinds: tuple[str, ...]
    communities: frozenset[str]
    homes: frozenset[str] | None = None
    places: int = 0


def wanted(question: Question, *, serving: Iterable[str]) -> tuple[Wanted, ...]:
    """Return what rules want that all candidates together cannot give: see `arithmetic.beyond`.

    `serving`: the kinds that people walk to.
    """
    found: list[Wanted] = []
    lost = None
    for limit in beyond(question):
        if limit.of_people:
            lost = _out_of_reach(question) if lost is None else lost
            found += [replace(each, kinds=tuple(serving)) for each in _of_people(question, limit, lost)]
        else:
            found += _of_units(question, limit)
    return tuple(dict.fromkeys(found))


def _of_people(question: Question, limit: Limit, lost: frozenset[str]) -> Iterable[Wanted]:
    demand, cover = question.ground.demand, question.cover
    if "community_id" not in demand:
        return
    unit = demand["community_id"].fillna("").astype(str)
    inside = demand.index.isin(list(lost)) & (demand["elders"] > 0).to_numpy()
    if limit.units is not None:
        inside &= unit.isin([cover.units[k] for k in limit.units.tolist()]).to_numpy()
    if inside.any():
        yield Wanted((), frozenset(unit[inside]), frozenset(map(str, demand.index[inside])), places=AROUND)


def _of_units(question: Question, limit: Limit) -> Iterable[Wanted]:
    rules, units = question.rules, question.ground.communities
    if limit.rule == "street_centre":
        named = units["street"] if "street" in units else units["street_id"]
        inside = units.index[named.isin(limit.names) | units["street_id"].isin(limit.names)]
        yield Wanted(rules.street_centre, frozenset(map(str, inside)))
        return
    if limit.rule == "community_served":
        kinds, inside = rules.community_served, units.index
        if limit.names:
            inside = units.index[units["name"].isin(limit.names) | units.index.isin(limit.names)]
    else:
        asked = rules.milestones[int(limit.part or 0)]
        kinds = asked.kinds
        inside = units.index if asked.county_id is None else units.index[units["county_id"] == asked.county_id]
    options = question.options[_usable(question) & question.options["kind"].isin(kinds).to_numpy()]
    has = set(options["community_id"])
    if limit.rule == "community_served":
        serves = question.ground.serves
        has |= set(serves["community_id"][serves["site_id"].isin(options["site_id"])])
    empty = [str(unit) for unit in inside if unit not in has]
    for unit in empty or [str(unit) for unit in inside]:
        yield Wanted(kinds, frozenset([unit]), places=FOR_A_COMMUNITY if limit.rule == "community_served" else 1)


def _out_of_reach(question: Question) -> frozenset[str]:
    """Return the homes in the walk of no site that may be used."""
    table, ground = question.options, question.ground
    sites = set(table["site_id"][_usable(question) & table["serves"].to_numpy()])
    key = "site_id" if "site_id" in ground.pairs else "candidate_id"
    near = set(ground.pairs["demand_id"][ground.pairs[key].isin(sites)])
    far = ~ground.demand.index.isin(list(near)) & ~ground.demand["covered"].to_numpy(dtype=bool)
    return frozenset(map(str, ground.demand.index[far]))


def _usable(question: Question) -> np.ndarray:
    table, rules = question.options, question.rules
    new = (table["mode"] != "keep").to_numpy()
    small = table.index.isin(list(too_small(table, rules=rules)))
    return np.asarray(~(new & table["site_id"].isin(rules.forbidden).to_numpy()) & ~small)


def fewest(question: Question, made: frozenset[str], *, seconds: float, solver: Solver) -> frozenset[str]:
    """Return the fewest of the `made` sites with which all rules can be kept, or all but those of money and area.

    Empty where no plan with them was found in the seconds.
    """
    table = question.options
    count = counted("new_place", "at most", 0, table["site_id"].isin(list(made)).to_numpy())
    hard = tuple(limit for limit in question.limits if not limit.soft)
    for rules in (hard, tuple(limit for limit in hard if limit.rule not in MONEY_AND_AREA)):
        sites = _fewest(question, rules, count, seconds / 2, solver)
        if sites is not None:
            return frozenset(str(i) for i in table["site_id"].iloc[list(sites)] if i in made)
    return frozenset()


def _fewest(
    question: Question, limits: tuple[Limit, ...], count: Limit, seconds: float, solver: Solver
) -> tuple[int, ...] | None:
    cover = question.cover
    model = models.mclp(cover, limits, bundle=question.bundle)
    models.aim(model, count)
    answer = solve(model, seconds=seconds, solver=solver)
    if answer.sites is not None and not search.missed(answer.sites, limits, cover):
        return answer.sites
    if answer.state == "infeasible":
        return None
    cost: Whole = question.options["cost_yuan"].to_numpy(dtype=np.int64)
    found = search.seek(cover, limits, cost, goal=count, seconds=seconds)
    return found.sites if found.keeps else None

"""Where to build: the sites that cover most elders for the money, with a proof of how good they are."""

import pandas as pd

from gis.words import Language
from optimise.answer import answer
from optimise.check import recount
from optimise.models import Goal
from optimise.plan import Plan
from optimise.question import ask
from optimise.rules import SitingRules
from optimise.solve import Hear, Solver


def site(
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    candidates: pd.DataFrame,
    *,
    rules: SitingRules,
    time_limit_s: float = 60,
    solver: Solver = "auto",
    hear: Hear | None = None,
    language: Language = "zh",
) -> Plan:
    """Choose the sites that cover most elders under the rules, then the cheapest of those plans, then the first by id.

    - `demand`: indexed by `demand_id`; `elders` (whole), `covered` (bool: an existing facility is within the walk).
    - `pairs`: `demand_id`, `candidate_id`, one row a pair within the walk; pairs out of reach are absent.
    - `candidates`: indexed by `candidate_id`; `name`, `kind`, `floor_area_m2`, `cost_yuan` (whole).

    Any order of the rows gives the same plan. OPTIMAL means that the solver proved the most elders (under
    `rules.cover_all`: the least money) and a recount from the list of sites agrees. All work, ties included, stays in
    `time_limit_s` seconds; what was not settled by then is said in `notes` (in `language`).
    `solver`: `auto` (HiGHS, and CBC where HiGHS fails), `highs`, `cbc` or `search` (neither). A solver that fails is
    named in `notes`. `hear` is told the best value, the bound and the gap while a solver works (`engines.Progress`).

    Raises ValueError for tables that do not fit together. Models: `optimise.models`.

    >>> demand = pd.DataFrame({"elders": [30, 20, 50], "covered": [False, False, True]}, index=[*"abc"])
    >>> pairs = pd.DataFrame({"demand_id": [*"abb"], "candidate_id": [*"XXY"], "minutes": [4.0, 9.0, 2.0]})
    >>> candidates = pd.DataFrame(
    ...     {"name": ["旧厂房", "幼儿园"], "kind": "day_care", "floor_area_m2": 400.0, "cost_yuan": [900_000, 300_000]},
    ...     index=["X", "Y"],
    ... )
    >>> plan = site(demand, pairs, candidates, rules=SitingRules(budget_yuan=1_000_000))
    >>> plan.status.value, list(plan.sites["name"]), plan.elders_covered, plan.bound, plan.gap
    ('OPTIMAL', ['旧厂房'], 100, 100, 0.0)
    """
    goals: tuple[Goal, ...] = ("cost_yuan",) if rules.cover_all else ("elders", "cost_yuan")
    return answer(
        ask(demand, pairs, candidates, rules=rules),
        goals,
        count=lambda ids: recount(ids, demand, pairs, candidates, rules=rules),
        time_limit_s=time_limit_s,
        solver=solver,
        language=language,
        hear=hear,
    )


def mclp(
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    candidates: pd.DataFrame,
    *,
    sites: int,
    time_limit_s: float = 60,
    solver: Solver = "auto",
    language: Language = "zh",
) -> Plan:
    """Choose at most so many sites that cover most elders (Church & ReVelle 1974); tables and answer as in `site`."""
    rules = SitingRules(max_sites=sites)
    return site(demand, pairs, candidates, rules=rules, time_limit_s=time_limit_s, solver=solver, language=language)


def lscp(
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    candidates: pd.DataFrame,
    *,
    least: Goal = "sites",
    time_limit_s: float = 60,
    solver: Solver = "auto",
    language: Language = "zh",
) -> Plan:
    """Cover everyone with the fewest sites, or for the least money (Toregas et al. 1971); tables as in `site`.

    `least` is `sites` (then the cheapest of those) or `cost_yuan`.
    """
    goals: tuple[Goal, ...] = ("sites", "cost_yuan") if least == "sites" else ("cost_yuan",)
    rules = SitingRules(cover_all=True)
    return answer(
        ask(demand, pairs, candidates, rules=rules),
        goals,
        count=lambda ids: recount(ids, demand, pairs, candidates, rules=rules),
        time_limit_s=time_limit_s,
        solver=solver,
        language=language,
    )

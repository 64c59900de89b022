"""Where to build what, how large and when: a layout under every rule a bureau switches on, with a proof."""

import time

import pandas as pd

from gis.words import Language
from optimise.answer import answer
from optimise.check import Recount, recount_layout
from optimise.layout_rules import LayoutRules
from optimise.models import Goal
from optimise.plan import Plan
from optimise.prepared import merging_made_ready
from optimise.question import ask_layout
from optimise.solve import Hear, Solver


def layout(
    options: pd.DataFrame,
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    *,
    rules: LayoutRules,
    communities: pd.DataFrame | None = None,
    serves: pd.DataFrame | None = None,
    near: pd.DataFrame | None = None,
    goals: tuple[Goal, ...] | None = None,
    time_limit_s: float = 60,
    solver: Solver = "auto",
    hear: Hear | None = None,
    language: Language = "zh",
) -> Plan:
    """Choose at most one decision a site so that the goals are reached one after the other under the rules.

    - `options`: the decisions, as `optimise.options.options` makes them.
    - `demand`: indexed by `demand_id`; `elders` (whole), `covered` (bool: within the walk of what is not to be decided,
      `minutes` away where nearer counts more), `community_id` where a rule or goal tells communities apart.
    - `pairs`: `demand_id`, `site_id`, `minutes`: one row a pair within the walk; pairs out of reach are absent.
    - `communities`: indexed by `community_id`; `name`, `residents`, `street_id`, `county_id`, and `floor_area_m2`,
      `land_m2` of what exists and is no option; `street` and `county` for their names.
    - `serves`: `community_id`, `site_id`: the sites within the walk of a community, its own left out or not.
    - `near`: `site_id`, `other_id`: the sites in reach of a site, for kinds that need each other.
    - `goals`: in order, each fixed before the next: `legal_shortfall` (fewest lines of soft rules missed), `placed`
      (elders with a place in their walk), `elders` (covered), `elders_near` (what they are worth by `rules.decay`),
      `worst_served` (the least share of elders covered in a community where anybody can be, in thousandths, cut),
      `cost_yuan`, `running_yuan`, `vacated` (most vacated premises), `sites` (fewest). None: the legal shortfall where
      a rule is soft, elders (nearer first under `decay`; not under `cover_all`). Cost is always one, the last if not
      said; of equal plans the first by identifier is chosen.

    Any order of the rows gives the same plan. OPTIMAL means that the solver proved the legal shortfall and the goal
    after it, and a recount from the list of sites agrees; all stays in `time_limit_s` seconds. Raises ValueError for
    tables that do not fit together. Model: `optimise.models.mclp`; rules: `optimise.layout_limits`.

    >>> from optimise.options import options as decisions
    >>> sites = pd.DataFrame({"name": ["旧厂房"], "max_floor_area_m2": [600.0], "cost_yuan": [900_000]}, index=["A"])
    >>> demand = pd.DataFrame({"elders": [30], "covered": [False]}, index=["a"])
    >>> pairs = pd.DataFrame({"demand_id": ["a"], "site_id": ["A"], "minutes": [4.0]})
    >>> choice = decisions(sites, kinds=["day_care"], years=[2026, 2027])
    >>> plan = layout(choice, demand, pairs, rules=LayoutRules(budget_by_year_yuan={2026: 500_000, 2027: 400_000}))
    >>> plan.status.value, plan.sites[["floor_area_m2", "year"]].values.tolist(), plan.by_year["cost_yuan"].tolist()
    ('OPTIMAL', [[350.0, 2027.0]], [0, 525000])
    """
    merging_made_ready(len(pairs), hear)
    began = time.monotonic()
    goals = goals or usual_goals(rules)
    goals = goals if "cost_yuan" in goals else (*goals, "cost_yuan")
    question = ask_layout(
        options,
        demand,
        pairs,
        rules=rules,
        communities=communities,
        serves=serves,
        near=near,
        apart="worst_served" in goals,
        places="placed" in goals,
    )
    ground = question.ground

    def count(ids: list[str]) -> Recount:
        return recount_layout(
            ids,
            ground.options,
            ground.demand,
            ground.pairs,
            rules=rules,
            communities=ground.communities,
            serves=ground.serves,
            near=ground.near,
            places="placed" in goals,
        )

    if not time_limit_s >= 0:
        raise ValueError(f"time_limit_s must be zero or more: {time_limit_s}")
    asked_s = time.monotonic() - began  # the recount at the end reads the same tables again
    left_s = max(time_limit_s - 2 * asked_s, 0)
    return answer(question, goals, count=count, time_limit_s=left_s, solver=solver, language=language, hear=hear)


def usual_goals(rules: LayoutRules) -> tuple[Goal, ...]:
    """Return the goals where none are given."""
    first: tuple[Goal, ...] = ("legal_shortfall",) if rules.soft else ()
    if rules.cover_all and "cover_all" not in rules.soft and not rules.decay:
        return (*first, "cost_yuan")
    return (*first, "elders_near" if rules.decay else "elders", "cost_yuan")

"""One siting question that can be asked again with something changed: other money, one site less, one limit more."""

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, cast

import pandas as pd

from gis.words import Language
from optimise.check import Recount, recount_layout
from optimise.goals import aim_of, chase
from optimise.layout import layout, usual_goals
from optimise.layout_rules import LayoutRules
from optimise.limit import Limit
from optimise.models import Goal
from optimise.options import one_each
from optimise.plan import Plan, PlanStatus
from optimise.prepared import made_ready
from optimise.question import Question, ask_layout
from optimise.rules import SitingRules
from optimise.solve import Hear, Solver

STATUS = {
    "optimal": PlanStatus.OPTIMAL,
    "feasible": PlanStatus.FEASIBLE,
    "searched": PlanStatus.GREEDY,
    "infeasible": PlanStatus.INFEASIBLE,
    "nothing": PlanStatus.LIMIT,
}


@dataclass(frozen=True, eq=False)
class Found:
    """What asking gave: how far it is proven, and the recount of its list of sites (None: there is no plan).

    `value` is what the plan has of the main goal `goal`, `bound` the best that any plan could have of it.
    """

    status: PlanStatus
    recount: Recount | None
    goal: Goal
    value: int | None
    bound: int | None

    @property
    def gap(self) -> float | None:
        """Return how far the value may be from the best, as a part of the larger of the two."""
        return gap(self.value, self.bound)

    @property
    def sites(self) -> frozenset[str]:
        """The sites built or upgraded."""
        return frozenset() if self.recount is None else frozenset(self.recount.sites.index)

    @property
    def options(self) -> tuple[str, ...]:
        """The decisions, by `option_id`."""
        return () if self.recount is None else (*self.recount.sites["option_id"], *self.recount.kept)


@dataclass(frozen=True, eq=False)
class Inquiry:
    """The tables, rules and goals of one layout question (see `optimise.layout.layout`), ready to be asked again."""

    options: pd.DataFrame
    demand: pd.DataFrame
    pairs: pd.DataFrame
    rules: LayoutRules
    communities: pd.DataFrame | None = None
    serves: pd.DataFrame | None = None
    near: pd.DataFrame | None = None
    goals: tuple[Goal, ...] = ()

    @property
    def in_order(self) -> tuple[Goal, ...]:
        """The goals in their order, cost always among them."""
        goals = self.goals or usual_goals(self.rules)
        return goals if "cost_yuan" in goals else (*goals, "cost_yuan")

    @property
    def main(self) -> Goal:
        """The first goal after the legal shortfall."""
        return next((goal for goal in self.in_order if goal != "legal_shortfall"), self.in_order[0])

    @property
    def today(self) -> list[str]:
        """The decisions that leave everything as it is."""
        return list(self.options.index[self.options["mode"] == "keep"])

    def tables(self) -> dict[str, pd.DataFrame | None]:
        """Return the tables that most questions do without."""
        return {"communities": self.communities, "serves": self.serves, "near": self.near}

    def plan(
        self, *, time_limit_s: float, solver: Solver = "auto", hear: Hear | None = None, language: Language = "zh"
    ) -> Plan:
        """Return the plan: see `layout`."""
        return layout(
            self.options,
            self.demand,
            self.pairs,
            rules=self.rules,
            **self.tables(),
            goals=self.in_order,
            time_limit_s=time_limit_s,
            solver=solver,
            hear=hear,
            language=language,
        )

    def recount(self, options: Iterable[str]) -> Recount:
        """Count a list of decisions anew, rule by rule, by code that knows no solver."""
        return recount_layout(
            options,
            self.options,
            self.demand,
            self.pairs,
            rules=self.rules,
            **self.tables(),
            places="placed" in self.in_order,
        )

    def without(self, site_id: str) -> "Inquiry":
        """Return the question without a site: it cannot be built or upgraded, and no rule asks for it."""
        rules = self.rules
        names = {
            name: tuple(i for i in getattr(rules, name) if i != site_id) for name in ("required", "begun", "forbidden")
        }
        gone = (self.options["site_id"] == site_id) & (self.options["mode"] != "keep")
        options = self.options[~gone]
        fewer = replace(self, options=options, rules=replace(rules, **cast("Any", names)))
        if (options["site_id"] == site_id).any():
            return fewer
        pairs = self.pairs[self.pairs["site_id"] != site_id]
        serves, near = self.serves, self.near
        if serves is not None:
            serves = serves[serves["site_id"] != site_id]
        if near is not None:
            near = near[(near["site_id"] != site_id) & (near["other_id"] != site_id)]
        return replace(fewer, pairs=pairs, serves=serves, near=near)


def simple(demand: pd.DataFrame, pairs: pd.DataFrame, candidates: pd.DataFrame, *, rules: SitingRules) -> Inquiry:
    """Return the simple question, one option a candidate, as an inquiry; tables and rules as in `site`."""
    whole = {"name": "", "residents": rules.residents, "floor_area_m2": rules.existing_floor_area_m2}
    return Inquiry(
        one_each(candidates),
        demand,
        pairs.rename(columns={"candidate_id": "site_id"}),
        rules.layout(),
        communities=pd.DataFrame(whole, index=[""]),
    )


def pursue(
    inquiry: Inquiry,
    *,
    seconds: float,
    solver: Solver = "auto",
    hear: Hear | None = None,
    goals: tuple[Goal, ...] | None = None,
    limits: Iterable[Limit] = (),
    question: Question | None = None,
) -> Found:
    """Ask once, within so many seconds, and count the answer anew; what the recount does not bear out is dropped.

    `limits` hold beside the rules; `question` is the inquiry already `asked`.
    """
    end = time.monotonic() + max(seconds, 0)  # writing the question down is part of the time
    goals = goals or inquiry.in_order
    asked_for = question or asked(inquiry)
    asked_for = replace(asked_for, limits=(*asked_for.limits, *limits))
    everyone = inquiry.rules.cover_all and "cover_all" not in inquiry.rules.soft
    if everyone and asked_for.cover.out_of_reach:  # nobody walks there from anywhere: no model is needed to see it
        return Found(PlanStatus.INFEASIBLE, None, inquiry.main, None, None)
    end += made_ready(asked_for, solver, hear)
    outcome = chase(asked_for, goals, left=lambda: end - time.monotonic(), solver=solver, hear=hear)
    status, main = STATUS[outcome.state], inquiry.main
    bound = outcome.proven.get(main)
    if status in (PlanStatus.INFEASIBLE, PlanStatus.LIMIT):
        return Found(status, None, main, None, None if status is PlanStatus.INFEASIBLE else bound)
    found = inquiry.recount(asked_for.options.index[j] for j in outcome.sites)
    if found.broken:
        return Found(PlanStatus.LIMIT, None, main, None, bound)
    value = found.reached[main]
    if status is PlanStatus.OPTIMAL and bound != value:
        status = PlanStatus.FEASIBLE
    return Found(status, found, main, value, bound)


def asked(inquiry: Inquiry) -> Question:
    """Return the question with its tables checked, in canonical order and written as limits."""
    return ask_layout(
        inquiry.options,
        inquiry.demand,
        inquiry.pairs,
        rules=inquiry.rules,
        **inquiry.tables(),
        apart="worst_served" in inquiry.in_order,
        places="placed" in inquiry.in_order,
    )


def held(goal: Goal, question: Question, value: int) -> Limit:
    """Return the limit that a goal is no worse than a value, as the planner counts it (elders, yuan, thousandths)."""
    target = aim_of(goal, question)
    exact = (value - target.base) / target.unit
    return replace(target, limit=math.ceil(exact) if target.sense == "at least" else math.floor(exact))


def with_budget(rules: LayoutRules, budget_yuan: int | None) -> LayoutRules:
    """Return the rules with another sum of money (None: no limit), shared out over years and counties as before.

    A share is cut to the yuan, so that more money in all is never less money anywhere.

    >>> with_budget(LayoutRules(budget_by_year_yuan={2026: 100, 2027: 300}), 1_000).budget_by_year_yuan
    {2026: 250, 2027: 750}
    """
    if budget_yuan is None:
        return replace(rules, budget_yuan=None, budget_by_year_yuan={}, county_budget_yuan={})
    before = money_of(rules)
    if not rules.budget_by_year_yuan or not before:
        by_county = _shared(rules.county_budget_yuan, budget_yuan, before) if before else rules.county_budget_yuan
        by_year = dict.fromkeys(rules.budget_by_year_yuan, 0)
        return replace(
            rules,
            budget_yuan=budget_yuan,
            budget_by_year_yuan=by_year if not budget_yuan else {},
            county_budget_yuan=by_county,
        )
    return replace(
        rules,
        budget_yuan=None,
        budget_by_year_yuan=_shared(rules.budget_by_year_yuan, budget_yuan, before),
        county_budget_yuan=_shared(rules.county_budget_yuan, budget_yuan, before),
    )


def money_of(rules: LayoutRules) -> int | None:
    """Return the budget, all years together; None where there is none."""
    if rules.budget_by_year_yuan:
        return sum(rules.budget_by_year_yuan.values())
    return rules.budget_yuan


def gap(value: int | None, bound: int | None) -> float | None:
    """Return how far a value may be from the best, as a part of the larger of the two.

    >>> gap(90, 100), gap(100, 100), gap(None, 100)
    (0.1, 0.0, None)
    """
    if value is None or bound is None:
        return None
    return abs(bound - value) / max(bound, value) if bound != value else 0.0


def _shared(amounts: Mapping[Any, int], budget_yuan: int, before: int) -> dict[Any, int]:
    return {key: int(Fraction(amount * budget_yuan, before)) for key, amount in amounts.items()}

"""What a plan claims is never more than what is true, wherever the time ran out: every small plan looked at."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from layout_cases import Every, Town, random_town, rule_groups

from optimise import goals as course
from optimise import search
from optimise.cover import Cover
from optimise.layout import layout
from optimise.layout_rules import RULES, LayoutRules
from optimise.limit import Limit
from optimise.models import Goal, Model
from optimise.plan import Plan, PlanStatus
from optimise.solve import Answer, Relaxation, Solver, relax, solve

GROUPS = tuple(rule_groups(np.random.default_rng(0), random_town(np.random.default_rng(0))))
search_whole = search.seek
MOST = frozenset({"elders", "elders_near", "placed", "worst_served", "vacated"})
SOME_GOALS: tuple[tuple[Goal, ...], ...] = (
    ("elders", "cost_yuan"),
    ("elders", "worst_served", "cost_yuan", "vacated"),
    ("worst_served", "elders", "cost_yuan"),
    ("placed", "elders", "running_yuan", "cost_yuan"),
    ("sites", "cost_yuan"),
    ("cost_yuan", "elders", "vacated"),
)


def some_question(rng: np.random.Generator) -> tuple[Town, LayoutRules, tuple[Goal, ...]]:
    """Return a town, rules of which some may be missed, and goals in some order."""
    town = random_town(rng, sites=int(rng.integers(3, 6)), homes=int(rng.integers(6, 20)))
    fields = rule_groups(rng, town)
    used = [name for name in GROUPS if rng.random() < 0.25]
    asked = {key: value for name in used for key, value in fields[name].items()}
    soft = frozenset(name for name in used if name in RULES and name != "existing" and rng.random() < 0.7)
    rules = LayoutRules(**asked, soft=soft)
    goals = SOME_GOALS[int(rng.integers(0, len(SOME_GOALS)))]
    if rules.decay:
        goals = tuple(dict.fromkeys("elders_near" if goal == "elders" else goal for goal in goals))
    return town, rules, ("legal_shortfall", *goals) if soft else goals


def false_claims(plan: Plan, town: Town, rules: LayoutRules, goals: tuple[Goal, ...]) -> list[str]:
    """Return what a plan claims that is not so."""
    best = Every(town).best(rules, goals)
    if best is None:
        there_is_one = plan.status in (PlanStatus.OPTIMAL, PlanStatus.FEASIBLE, PlanStatus.GREEDY)
        return ["a plan where there is none"] if there_is_one else []
    if plan.status is PlanStatus.INFEASIBLE:
        return ["no plan where there is one"]
    if plan.status is PlanStatus.LIMIT:
        return ["sites without a plan"] * (len(plan.sites) > 0)
    main = next(goal for goal in goals if goal != "legal_shortfall")
    found = []
    optimum = dict(zip(goals, best[0], strict=True))
    for goal, bound in plan.proven.items():
        if (bound < optimum[goal]) if goal in MOST else (bound > optimum[goal]):
            found.append(f"{goal}: {bound} is proven, {optimum[goal]} can be had")
    if plan.bound is not None and "elders" in goals and plan.bound < optimum["elders"]:
        found.append(f"bound {plan.bound}, {optimum['elders']} can be had")
    must = goals[: goals.index(main) + 1]
    if plan.status is PlanStatus.OPTIMAL:
        found += [
            f"optimal, but {goal} is {plan.reached[goal]}" for goal in must if plan.reached[goal] != optimum[goal]
        ]
    told = [goal for goal in goals if plan.proven.get(goal) == plan.reached[goal]]
    settled = next((k for k, goal in enumerate(goals) if goal not in told), len(goals))
    found += [f"{goal} is said best at {plan.reached[goal]}" for goal in goals[:settled]
              if plan.reached[goal] != optimum[goal]]  # fmt: skip
    return found


class Tired:
    """Solvers that give up when they please: what they say is true, and less than they could have said."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Begin with a chance that is always the same."""
        self.rng = rng

    def solve(self, model: Model, **given: Any) -> Answer:
        """Answer, or stop at any time: with a worse bound, with the start alone, or with nothing."""
        answer = solve(model, **given)
        how = self.rng.integers(0, 5)
        if answer.sites is None or how == 0:
            return answer
        sign = -1 if model.problem.sense == -1 else 1
        bound = None if answer.bound is None else answer.bound - sign * float(self.rng.choice([0, 0.3, 1, 2.5, 40]))
        if how == 1:
            return Answer("nothing", None, None, bound, answer.solver)
        if how == 2:
            return Answer("nothing", None, None, None, answer.solver)
        start = given.get("start")
        sites = answer.sites if how == 3 or start is None else start
        return Answer("feasible", sites, None, bound, answer.solver)

    def seek(self, cover: Cover, limits: tuple[Limit, ...], cost: Any, **given: Any) -> search.Found:
        """Return any plan that the search may have met before its best, with a bound above that of its end."""
        found = search_whole(cover, limits, cost, **given)
        plans = [found.sites]
        for _ in range(12):
            often = self.rng.random()
            taken = tuple(j for j in found.sites if self.rng.random() < often)
            plans += [taken] if search.missed(taken, limits, cover) == 0 else []
        more = int(self.rng.integers(0, 20))
        bound = replace(found.bound, most=found.bound.most + more)
        return replace(found, sites=plans[int(self.rng.integers(0, len(plans)))], bound=bound)

    def relax(self, model: Model, **given: Any) -> Relaxation | None:
        """Answer, or come to no end."""
        return relax(model, **given) if self.rng.random() < 0.7 else None


@pytest.mark.parametrize("block", range(12))
def test_solvers_that_give_up_anywhere_lead_to_no_false_claim(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(30):
        rng = np.random.default_rng([31, block, seed])
        town, rules, goals = some_question(rng)
        tired = Tired(rng)
        monkeypatch.setattr(course, "solve", tired.solve)
        monkeypatch.setattr(search, "seek", tired.seek)
        monkeypatch.setattr(course, "relax", tired.relax)
        plan = layout(**town.tables(), rules=rules, goals=goals)
        assert not (wrong := false_claims(plan, town, rules, goals)), (block, seed, wrong, goals, rules)


@pytest.mark.parametrize("solver", ["search", "auto", "highs", "cbc"])
@pytest.mark.parametrize("block", range(3))
def test_little_time_leads_to_no_false_claim(solver: Solver, block: int) -> None:
    for seed in range(30 if solver == "search" else 8):
        rng = np.random.default_rng([32, block, seed])
        town, rules, goals = some_question(rng)
        seconds = float(rng.choice([0, 0.005, 0.02, 0.06, 0.2, 1]))
        plan = layout(**town.tables(), rules=rules, goals=goals, solver=solver, time_limit_s=seconds)
        assert not (wrong := false_claims(plan, town, rules, goals)), (block, seed, seconds, wrong, goals, rules)

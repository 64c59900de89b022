"""Layouts: every small plan looked at, rule by rule; what is broken is rejected; laws."""

import numpy as np
import pytest
from layout_cases import Every, Town, random_town, rule_groups

from optimise.check import check_layout
from optimise.layout import layout
from optimise.layout_rules import RULES, LayoutRules
from optimise.models import Goal
from optimise.plan import PlanStatus

GROUPS = tuple(rule_groups(np.random.default_rng(0), random_town(np.random.default_rng(0))))
SOME_GOALS: tuple[tuple[Goal, ...], ...] = (
    ("elders", "cost_yuan"),
    ("elders", "worst_served", "cost_yuan", "vacated"),
    ("worst_served", "elders"),
    ("placed", "elders", "running_yuan"),
    ("sites",),
)


def some_rules(rng: np.random.Generator, town: Town, group: str) -> LayoutRules:
    """Return rules of which one group is surely in force, and about a fifth of the others."""
    fields = rule_groups(rng, town)
    used = [name for name in GROUPS if name == group or rng.random() < 0.2]
    asked = {key: value for name in used for key, value in fields[name].items()}
    soft = frozenset(name for name in used if name in RULES and name != "existing" and rng.random() < 0.25)
    return LayoutRules(**asked, soft=soft)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("seed", range(12))
def test_no_layout_is_better_than_the_one_chosen(group: str, seed: int) -> None:
    rng = np.random.default_rng([seed, GROUPS.index(group)])
    town = random_town(rng)
    rules = some_rules(rng, town, group)
    goals = SOME_GOALS[int(rng.integers(0, len(SOME_GOALS)))]
    if rules.decay:
        goals = ("elders_near", *goals[1:])
    if rules.soft:
        goals = ("legal_shortfall", *goals)
    goals = goals if "cost_yuan" in goals else (*goals, "cost_yuan")
    plan = layout(**town.tables(), rules=rules, goals=goals)
    best = Every(town).best(rules, goals)
    if best is None:
        assert plan.status is PlanStatus.INFEASIBLE
        return
    assert plan.status is PlanStatus.OPTIMAL
    assert ([plan.reached[goal] for goal in goals], tuple(sorted(plan.options))) == best
    assert plan.notes == () or "未列入" in plan.notes[0] or "低于" in plan.notes[0]
    check_layout(plan, **town.tables(), rules=rules)
    whole = plan.by_year
    assert whole["cost_yuan"].sum() == plan.cost_yuan
    assert whole["sites"].sum() == len(plan.sites)

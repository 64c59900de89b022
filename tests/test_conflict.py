"""When it cannot be done: what is named collides and no fewer lines do; every way out works and is the least."""

import time
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layout_cases import Every, Town, random_town, rule_groups

from optimise.arithmetic import OF_PLACES, beyond, contradictions
from optimise.conflict import collision
from optimise.explain import changes, explain
from optimise.layout import layout, usual_goals
from optimise.layout_rules import RULES, Floor, LayoutRules, Milestone
from optimise.limit import Limit
from optimise.models import Model
from optimise.plan import Change, PlanStatus
from optimise.question import Question, ask_layout
from optimise.repairs import STRUCTURE, apply, eased, repairs
from optimise.search import total
from optimise.solve import Answer, solve

SECONDS = 60.0


def asked(town: Town, rules: LayoutRules) -> Question:
    """Return a layout question of a small town."""
    return ask_layout(
        town.options,
        town.demand,
        town.pairs,
        rules=rules,
        communities=town.communities,
        serves=town.serves,
        near=town.near,
        apart=True,
    )


def run(model: Model, seconds: float = SECONDS) -> Answer:
    return solve(model, seconds=seconds)


def possible(every: Every, rules: LayoutRules) -> np.ndarray[Any, Any]:
    """Return which plans keep every rule that may not be missed."""
    hard = [each for rule, lines in every.keeps(rules).items() if rule not in rules.soft for each in lines]
    return np.logical_and.reduce([np.ones(len(every.x), dtype=bool), *hard])


def impossible(seed: int) -> tuple[Town, Every, LayoutRules] | None:
    """Return a small town and rules that no plan keeps, by looking at every plan."""
    rng = np.random.default_rng([31, seed])
    town = random_town(rng, sites=4, homes=8)
    every = Every(town)
    for _ in range(12):
        fields = rule_groups(rng, town)
        said = {k: v for name in fields if rng.random() < 0.3 for k, v in fields[name].items()}
        rules = LayoutRules(**said)
        if not possible(every, rules).any():
            return town, every, rules
    return None


SEEDS = st.integers(0, 100_000)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(SEEDS)
def test_the_lines_named_collide_and_without_any_one_of_them_the_others_do_not(seed: int) -> None:
    if (found := impossible(seed)) is None:
        return
    town, every, rules = found
    question = asked(town, rules)
    collided = collision(question, run)
    assert collided.least
    assert {culprit.rule for culprit in collided.culprits} == {line.rule for line in collided.lines}
    structure = [limit for limit in question.limits if limit.rule in STRUCTURE]
    plans = [tuple(np.flatnonzero(row).tolist()) for row in every.x]
    everything = [*structure, *collided.lines]
    kept = np.array([[each.kept(total(plan, each, question.cover)) for each in everything] for plan in plans])
    assert not kept.all(axis=1).any()
    for k in range(len(structure), len(everything)):
        assert np.delete(kept, k, axis=1).all(axis=1).any(), everything[k].rule
    groups = every.keeps(rules)
    named = {culprit.rule for culprit in collided.culprits} | set(STRUCTURE)
    for left_out in ("", *(named - set(STRUCTURE))):
        lines = [each for rule in named - {left_out} for each in groups.get(rule, ())]
        assert np.logical_and.reduce([np.ones(len(every.x), dtype=bool), *lines]).any() == bool(left_out)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(SEEDS)
def test_what_sums_alone_name_cannot_be_kept_together(seed: int) -> None:
    if (found := impossible(seed)) is None:
        return
    town, every, rules = found
    groups = every.keeps(rules)
    named = contradictions(asked(town, rules))
    if named:
        rule_of = {"required_unknown": {"required", "begun"}, "required_forbidden": {"required", "begun", "forbidden"},
                   "required_too_small": {"required", "begun", "site_floor_area"}}  # fmt: skip
        involved = set().union(*(rule_of.get(c.rule, {c.rule}) for c in named), {*STRUCTURE, "required", "begun"})
        lines = [each for rule in involved for each in groups.get(rule, ())]
        assert not np.logical_and.reduce([np.ones(len(every.x), dtype=bool), *lines]).any()


SHUTS = ("forbidden", "site_floor_area")


Plans = list[tuple[int, ...]]


def plans_of(question: Question, every: Every, *, shut: bool) -> Plans:
    """Return the plans that leave out what may not be used (with `shut`, forbidden and too small sites among it)."""
    fixed = [each for each in question.limits if each.rule in (*STRUCTURE, *(SHUTS if shut else ())) and not each.soft]
    plans = [tuple(np.flatnonzero(row).tolist()) for row in every.x]
    return [plan for plan in plans if all(each.kept(total(plan, each, question.cover)) for each in fixed)]


def best_of(question: Question, plans: Plans, limit: Limit) -> int:
    """Return the most (under an upper limit: the least) of a limit's figure in any of the plans."""
    figures = [total(plan, limit, question.cover) for plan in plans]
    return max(figures) if limit.sense == "at least" else min(figures)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(SEEDS)
def test_sums_name_every_line_that_no_plan_keeps_and_its_best_figure_and_none_that_some_plan_keeps(seed: int) -> None:
    """Oracle: each line by itself in every plan of the sites that may be used."""
    rng = np.random.default_rng([32, seed])
    town = random_town(rng, sites=4, homes=8)
    every = Every(town)
    fields = rule_groups(rng, town)
    # With what is required, and what goes by places that several share, one line is no longer all there is to it.
    names = [name for name in fields if name not in {"required", "begun", "capacity", "existing"}]
    put = [name for name in names if rng.random() < 0.3]
    soft = frozenset(name for name in put if name in RULES and rng.random() < 0.2)
    rules = LayoutRules(**{k: v for name in put for k, v in fields[name].items()}, soft=soft)
    question = asked(town, rules)
    lines = [each for each in question.limits if not each.soft and each.rule not in (*STRUCTURE, *SHUTS)]
    usable, all_plans = plans_of(question, every, shut=True), plans_of(question, every, shut=False)
    best = {id(each): best_of(question, usable, each) for each in lines}
    lost = [each for each in lines if not each.kept(best[id(each)])]
    told = contradictions(question)
    said = {culprit.rule for culprit in told}
    assert not said & soft
    assert {each.rule for each in lost} <= said
    free = [each for each in lost if each.kept(best_of(question, all_plans, each))]
    if all(each.sense == "at least" for each in free):
        assert bool(said & set(SHUTS)) == bool(free)
    if not (said & {"street_centre", "community_served", "milestone"}) or said <= {each.rule for each in lost}:
        assert said - set(SHUTS) == {each.rule for each in lost}
    for each in lost:
        if sum(other.rule == each.rule for other in lost) == 1:
            homes = tuple(map(str, question.cover.out_of_reach)) if each.rule == "cover_all" else ()
            # Homes that no candidate reaches are named, and what all candidates reach, forbidden or not.
            figure = best_of(question, all_plans, each) if homes else best[id(each)]
            figures = (each.figure(figure), each.stated)
            (culprit,) = (culprit for culprit in told if culprit.rule == each.rule)
            assert (culprit.asked, culprit.available) == (figures if each.sense == "at most" else figures[::-1])
            assert culprit.names == (homes or each.names)
    assert [id(each) for each in beyond(question)] == [id(each) for each in lost if each.rule in OF_PLACES]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(SEEDS, st.integers(0, 12))
def test_what_a_centre_in_each_street_costs_at_least_is_held_against_the_money(seed: int, budget: int) -> None:
    """Oracle: the cheapest of every plan with a centre in each street."""
    town = random_town(np.random.default_rng([33, seed]), sites=4, homes=8)
    every = Every(town)
    rules = LayoutRules(street_centre=("street_centre",), budget_yuan=budget * 100_000)
    served = possible(every, replace(rules, budget_yuan=None))
    told = {culprit.rule: culprit for culprit in contradictions(asked(town, rules))}
    if not served.any():
        assert set(told) == {"street_centre"}
        return
    least = int(every.sum(town.options["cost_yuan"])[served].min())
    assert set(told) == (set() if least <= budget * 100_000 else {"budget", "street_centre"})
    if told:
        assert (told["budget"].asked, told["budget"].available) == (least, budget * 100_000)
        assert told["street_centre"].asked == told["street_centre"].available + 1 == 2


def test_many_lines_of_one_rule_are_told_as_one_with_their_count() -> None:
    floors = tuple(Floor(Fraction(1), level) for level in ("city", "street", "community"))
    seen = set()
    for seed in range(12):
        town = random_town(np.random.default_rng([34, seed]), sites=4, homes=8)
        rules = LayoutRules(coverage_floors=floors, legal={"coverage_floor": "某文〔2020〕1号 三"})
        question = asked(town, rules)
        lines = [each for each in question.limits if each.rule == "coverage_floor"]
        plans = plans_of(question, Every(town), shut=True)
        lost = [each for each in lines if not each.kept(best_of(question, plans, each))]
        told = contradictions(question)
        assert all(culprit.legal == rules.legal["coverage_floor"] for culprit in told)
        if len(lost) <= 3:
            assert len(told) == len(lost)
            assert not any(culprit.several for culprit in told)
        else:
            (culprit,) = told
            assert (culprit.several, culprit.asked, culprit.available) == (True, len(lines), len(lines) - len(lost))
            assert set(culprit.names) == {name for each in lost for name in each.names}
        seen.add(min(len(lost), 4))
    assert {3, 4} <= seen


@pytest.mark.parametrize("soft", [True, False])
def test_a_rule_that_may_be_missed_is_not_named(*, soft: bool) -> None:
    town = random_town(np.random.default_rng(3))
    for rule, fields in (("required", {"required": ("s9",)}), ("begun", {"begun": ("s9",)})):
        rules = LayoutRules(**fields, soft=frozenset({rule} if soft else ()))  # type: ignore[arg-type]
        assert [culprit.rule for culprit in contradictions(asked(town, rules))] == (
            [] if soft else ["required_unknown"]
        )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(SEEDS)
def test_every_way_out_works_and_none_of_its_steps_can_be_smaller(seed: int) -> None:
    if (found := impossible(seed)) is None:
        return
    town, every, rules = found
    end = time.monotonic() + SECONDS
    ways = repairs(asked(town, rules), usual_goals(rules), run, left=lambda: end - time.monotonic(), solver="auto")
    assert 1 <= len(ways) <= 4
    for way in ways:
        then = apply(rules, way)
        plans = possible(every, then)
        assert plans.any()
        assert way.least
        best = every.value("elders", then)[plans].max()
        assert way.elders_covered <= best
        if way.status is PlanStatus.OPTIMAL and not then.soft and not then.decay and not then.cover_all:
            assert way.elders_covered == best
        if len(way.changes) == 1 and (less := smaller(rules, way.changes[0])):
            assert not possible(every, eased(rules, [less])).any(), (rules, way)
        if any(change.field == "soft" for change in way.changes):
            continue  # each step is the least after those before it; a soft rule alone may be missed more often
        for k in range(len(way.changes)):
            fewer = (*way.changes[:k], *way.changes[k + 1 :])
            assert not possible(every, eased(rules, fewer)).any()


STEPS = {
    "budget_yuan": -1,
    "budget_by_year_yuan": -1,
    "county_budget_yuan": -1,
    "max_running_yuan": -1,
    "max_sites": -1,
    "max_total_floor_area_m2": -0.01,
    "min_placed": 1,
    "min_site_floor_area_m2": 0.01,
    "joint_floor_area_m2": 0.01,
    "floor_area_m2_per_10k": 0.01,
    "land_m2_per_person": 0.0001,
    "spacing_m": 0.1,
}
"""By field, the smallest step back towards what the rule asked."""


def smaller(rules: LayoutRules, change: Change) -> Change | None:
    """Return a change that gives way by one step less, the smallest step there is; None: the step is not a number."""
    value, step = change.value, STEPS.get(change.field)
    if step is not None:
        back = round(value + step, 4)
        return replace(change, value=back if step < 0 else min(back, int(change.was) if step == 1 else change.was))
    if isinstance(value, Milestone) and value.count is not None and value.count != rules.milestones[change.at].count:  # type: ignore[call-overload]
        return replace(change, value=replace(value, count=value.count + 1))
    if isinstance(value, Floor):
        was = rules.coverage_floors[change.at].share  # type: ignore[call-overload]
        return replace(change, value=replace(value, share=min(value.share + type(was)(1, 10_000), was)))
    return None


def test_every_rule_group_gives_way_somewhere_and_every_change_has_its_words() -> None:
    seen: set[str] = set()
    for seed in range(150):
        if len(seen) >= len(RULES) - len(STRUCTURE):
            break
        if found := impossible(seed):
            town, _, rules = found
            legal = dict.fromkeys(RULES, "某市〔2021〕1号")
            plan = layout(**town.tables(), rules=replace(rules, legal=legal), time_limit_s=SECONDS)
            assert plan.status is PlanStatus.INFEASIBLE
            for way in plan.repairs:
                for language in ("zh", "en"):
                    text = changes(way, language)
                    assert text.count("某市〔2021〕1号") == len(way.changes)
            assert len(explain(plan)) >= 1 + len(plan.culprits) + len(plan.repairs)
            seen |= {change.rule for way in plan.repairs for change in way.changes}
    assert seen == set(RULES) - set(STRUCTURE)


def test_without_time_nothing_is_explained_and_that_is_said() -> None:
    found = impossible(3)
    assert found is not None
    town, _, rules = found
    plan = layout(**town.tables(), rules=rules, time_limit_s=0)
    assert plan.repairs == ()
    if plan.status is PlanStatus.INFEASIBLE:
        assert explain(plan, "en")[-1 - len(plan.notes)].startswith("no way out")

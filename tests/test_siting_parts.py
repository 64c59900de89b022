"""The parts of siting: merging, the recount, the conflict of rules, the words."""

from dataclasses import replace
from itertools import combinations
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_cases import best_by_hand, keeps, random_rules, random_tables

from gis.words import catalogue
from optimise import models
from optimise.check import BrokenPlanError, check, recount
from optimise.cover import cover, narrowed
from optimise.explain import explain, name_list
from optimise.layout_rules import RULES as LAYOUT_RULES
from optimise.limit import Limit
from optimise.plan import Culprit, Plan, PlanStatus
from optimise.question import ask
from optimise.rules import RULES, SitingRules
from optimise.search import gained, missed
from optimise.site import lscp, site
from optimise.solve import relax, solve

ELDERS = Limit("elders", "at least", 0, counts="worth")


@given(st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_merging_loses_nobody_and_changes_no_plan(seed: int) -> None:
    rng = np.random.default_rng(seed)
    demand, pairs, candidates = random_tables(rng, homes=40, places=5)
    merged, apart = (cover(demand, pairs, candidates.index, merge=merge) for merge in (True, False))
    assert len(merged.elders) <= min(2**5, len(apart.elders))
    assert merged.out_of_reach == apart.out_of_reach
    open_ = rng.random(5) < 0.6
    fewer = narrowed(merged, open_)
    for n in range(6):
        for sites in combinations(range(5), n):
            assert gained(sites, merged) == gained(sites, apart)
            if open_[list(sites)].all():
                assert gained(sites, fewer) == gained(sites, merged)


@given(seed=st.integers(0, 10_000), known=st.booleans())
@settings(max_examples=40, deadline=None)
def test_an_elder_is_worth_what_her_shortest_walk_is_worth_today_or_with_the_plan(seed: int, *, known: bool) -> None:
    """Oracle: for each home the least of today's minutes (none where nobody says) and those to the sites opened."""
    rng = np.random.default_rng(seed)
    demand, pairs, candidates = random_tables(rng, homes=12, places=4)
    pairs = pairs.assign(minutes=rng.choice([4.0, 5.0, 9.0, 15.0, 15.5], len(pairs)))
    demand = demand.assign(minutes=rng.choice([3.0, 5.0, 10.0, 14.0], len(demand)))
    decay = ((5.0, 10), (10.0, 7), (15.0, 2))
    found = cover(demand if known else demand.drop(columns="minutes"), pairs, candidates.index, decay=decay)
    for n in range(5):
        for sites in combinations(range(4), n):
            of_plan = pairs[pairs["candidate_id"].isin(candidates.index[list(sites)])]
            away = of_plan.groupby("demand_id")["minutes"].min().reindex(demand.index, fill_value=np.inf)
            today = demand["minutes"] if known else 0.0
            best = np.minimum(away, np.where(demand["covered"], today, np.inf))
            worth = np.select([best <= within for within, _ in decay], [each for _, each in decay], 0)
            reached = found.reach @ np.isin(np.arange(4), sites).astype(np.int64) > 0
            assert found.worth_before + int(found.worth[reached].sum()) == int((worth * demand["elders"]).sum())


def test_sites_have_the_places_they_are_given_and_none_where_nobody_says_how_many() -> None:
    demand, pairs, candidates = TABLES
    given_places = cover(demand, pairs, candidates.index, capacity=np.array([3, 0, 7]))
    assert given_places.capacity.tolist() == [3, 0, 7]
    assert cover(demand, pairs, candidates.index).capacity.tolist() == [0, 0, 0]


def test_the_model_has_the_same_optimum_merged_and_unmerged() -> None:
    tables = random_tables(np.random.default_rng(11), homes=80, places=10)
    values = []
    for merge in (True, False):
        question = ask(*tables, rules=SitingRules(budget_yuan=900_000), merge=merge)
        model = models.mclp(question.cover, question.limits)
        models.aim(model, ELDERS)
        values.append(solve(model, seconds=20).value)
    assert values[0] == pytest.approx(values[1], abs=1e-6)


# The recount.

TABLES = (
    pd.DataFrame({"elders": [30, 20, 50, 8], "covered": [False, False, True, False]}, index=[*"abcd"]),
    pd.DataFrame({"demand_id": [*"abbd"], "candidate_id": [*"XXYZ"], "minutes": 4.0}),
    pd.DataFrame(
        {
            "name": ["旧厂房", "幼儿园", "办公楼"],
            "kind": ["day_care", "day_care", "meal_point"],
            "floor_area_m2": [400.0, 800.25, 120.0],
            "cost_yuan": [900_000, 300_000, 100_000],
        },
        index=[*"XYZ"],
    ),
)
EASY = SitingRules(
    budget_yuan=1_300_000,
    max_total_floor_area_m2=1320.25,
    min_site_floor_area_m2={"day_care": 350},
    min_floor_area_m2_per_10k_residents=132.025,
    residents=100_000,
    required=("X",),
    forbidden=(),
    max_sites=3,
    cover_all=True,
)


def test_a_plan_that_keeps_every_rule_to_the_last_unit_passes() -> None:
    plan = site(*TABLES, rules=EASY)
    assert (plan.status, list(plan.sites.index), plan.floor_area_m2) == ("OPTIMAL", [*"XYZ"], 1320.25)
    check(plan, *TABLES, rules=EASY)
    assert set(plan.rules) == set(RULES) - {"forbidden"}
    assert plan.rules["floor_area_per_10k"] == (1320.25, 1320.25)


BROKEN = [
    ("budget", {"budget_yuan": 1_299_999}, ()),
    ("total_floor_area", {"max_total_floor_area_m2": 1320.24}, ()),
    ("site_floor_area", {"min_site_floor_area_m2": {"meal_point": 120.01}}, ("办公楼",)),
    ("floor_area_per_10k", {"min_floor_area_m2_per_10k_residents": 132.0251}, ()),
    ("required", {"required": ("X", "Q")}, ("Q",)),
    ("forbidden", {"forbidden": ("Y",)}, ("幼儿园",)),
    ("max_sites", {"max_sites": 2}, ()),
]


@pytest.mark.parametrize(("rule", "change", "names"), BROKEN)
def test_a_plan_that_breaks_one_rule_is_rejected_by_its_name(
    rule: str, change: dict[str, object], names: tuple[str, ...]
) -> None:
    plan = site(*TABLES, rules=EASY)
    with pytest.raises(BrokenPlanError) as error:
        check(plan, *TABLES, rules=replace(EASY, **change))  # type: ignore[arg-type]
    assert [(c.rule, c.names) for c in error.value.culprits] == [(rule, names)]


def test_every_rule_has_a_plan_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BROKEN} | {"cover_all"} == set(RULES)  # everybody: the next test


def test_a_plan_that_leaves_somebody_out_is_rejected() -> None:
    found = recount(["X", "Y"], *TABLES, rules=EASY)
    assert [(c.rule, c.asked, c.available) for c in found.broken if c.rule == "cover_all"] == [("cover_all", 108, 100)]


@pytest.mark.parametrize(
    ("figure", "change"),
    [
        ("elders_covered", {"elders_covered": 109}),
        ("cost_yuan", {"cost_yuan": 1_299_999}),
        ("floor_area_m2", {"floor_area_m2": 1320.0}),
        ("bound", {"bound": 107}),
        ("gap", {"gap": 0.01}),
        ("sites", {"sites": site(*TABLES, rules=EASY).sites.assign(elders_gained=1)}),
    ],
)
def test_a_plan_whose_figures_are_wrong_is_rejected(figure: str, change: dict[str, object]) -> None:
    with pytest.raises(BrokenPlanError) as error:
        check(replace(site(*TABLES, rules=EASY), **change), *TABLES, rules=EASY)  # type: ignore[arg-type]
    assert [c.rule for c in error.value.culprits] == [figure]


def test_a_site_unknown_or_listed_twice_is_named() -> None:
    found = recount(["X", "X", "Q"], *TABLES, rules=SitingRules())
    assert [(c.rule, c.names) for c in found.broken] == [("unknown_site", ("Q",)), ("site_twice", ("X",))]


# What cannot be kept.


def culprits(**rules: object) -> list[Culprit]:
    plan = site(*TABLES, rules=SitingRules(**rules))  # type: ignore[arg-type]
    assert plan.status is PlanStatus.INFEASIBLE
    assert (len(plan.sites), plan.gap, plan.bound) == (0, None, None)
    return list(plan.culprits)


def test_each_rule_that_cannot_be_kept_is_named_with_its_figures() -> None:
    assert culprits(budget_yuan=800_000, required=("X",)) == [Culprit("budget", ("旧厂房",), 900_000, 800_000)]
    assert culprits(required=("Q",)) == [Culprit("required_unknown", ("Q",), 1, 0)]
    assert culprits(required=("X",), forbidden=("X",)) == [Culprit("required_forbidden", ("旧厂房",), 1, 0)]
    assert culprits(required=("Z", "X"), min_site_floor_area_m2={"meal_point": 200}) == [
        Culprit("required_too_small", ("办公楼",), 2, 1)
    ]
    assert culprits(required=("X", "Z"), max_sites=1) == [Culprit("max_sites", ("旧厂房", "办公楼"), 2, 1)]
    assert culprits(required=("X", "Z"), max_total_floor_area_m2=519.99) == [
        Culprit("total_floor_area", ("旧厂房", "办公楼"), 520, 519.99)
    ]


def test_the_area_rule_is_held_against_what_the_money_buys() -> None:
    found = culprits(budget_yuan=400_000, min_floor_area_m2_per_10k_residents=100, residents=100_000)
    assert found == [
        Culprit("budget", (), 1_200_000, 400_000),
        Culprit("floor_area_per_10k", (), 1000, 920.25),
    ]
    out_of_all = culprits(budget_yuan=400_000, min_floor_area_m2_per_10k_residents=100, residents=1_000_000)
    assert out_of_all == [Culprit("floor_area_per_10k", (), 10_000, 1320.25)]


def test_demand_out_of_reach_of_every_candidate_is_named() -> None:
    demand, pairs, candidates = TABLES
    plan = lscp(demand, pairs[pairs["demand_id"] != "a"], candidates)
    assert plan.culprits == (Culprit("cover_all", ("a",), 108, 78),)
    assert any("a" in line for line in explain(plan, "en")[1:])


def test_covering_everyone_and_the_money_collide() -> None:
    assert culprits(budget_yuan=999_999, cover_all=True) == [
        Culprit("budget", (), 1_000_000, 999_999),
        Culprit("cover_all", (), 108, 100),
    ]


@pytest.mark.parametrize("seed", range(40))
def test_the_named_rules_collide_and_no_fewer_do(seed: int) -> None:
    rng = np.random.default_rng(1000 + seed)
    tables = random_tables(rng, homes=8, places=6, reach=0.5)
    rules = random_rules(rng, tables[2])
    plan = site(*tables, rules=rules)
    if plan.status is not PlanStatus.INFEASIBLE or plan.solver == "arithmetic":
        return
    field = {
        "budget": "budget_yuan",
        "total_floor_area": "max_total_floor_area_m2",
        "site_floor_area": "min_site_floor_area_m2",
        "floor_area_per_10k": "min_floor_area_m2_per_10k_residents",
    }
    nothing = SitingRules(residents=rules.residents, existing_floor_area_m2=rules.existing_floor_area_m2)
    named = {field.get(c.rule, c.rule) for c in plan.culprits}
    only = replace(nothing, **{name: getattr(rules, name) for name in named})
    assert best_by_hand(tables, only) is None
    for name in named:
        assert best_by_hand(tables, replace(only, **{name: getattr(nothing, name)})) is not None


def test_there_are_infeasible_questions_among_the_random_ones() -> None:
    found = set()
    for seed in range(40):
        rng = np.random.default_rng(1000 + seed)
        tables = random_tables(rng, homes=8, places=6, reach=0.5)
        plan = site(*tables, rules=random_rules(rng, tables[2]))
        found |= {plan.solver} if plan.status is PlanStatus.INFEASIBLE else set()
    assert len(found) > 1


def test_the_empty_plan_counts_as_kept_where_nothing_is_asked() -> None:
    assert keeps((), TABLES, SitingRules(budget_yuan=0))


# The words.


def test_every_status_rule_and_goal_has_words_in_both_languages() -> None:
    words = catalogue()
    keys = [f"plan.{status.value}" for status in PlanStatus]
    keys += [f"plan.summary_{status.value}" for status in PlanStatus]
    keys += [f"plan.goal_{goal}" for goal in (*get_args(models.Goal), "ties")]
    keys += [f"rule_name.{rule}" for rule in LAYOUT_RULES]
    keys += [f"rule.{rule}" for rule in (*LAYOUT_RULES, "required_unknown", "required_forbidden", "required_too_small")]
    for key in keys:
        assert set(words[key]) == {"zh", "en"}, key


def test_a_plan_is_told_in_both_languages() -> None:
    plan = site(*TABLES, rules=EASY)
    assert explain(plan, "en") == [
        "Proven best: 3 sites, 130 wan yuan, 1320.25 m2; older people covered 50 -> 108 of 108."
    ]
    assert "3 处" in explain(plan)[0]
    broken = site(*TABLES, rules=SitingRules(budget_yuan=800_000, required=("X",)))
    assert explain(broken)[1] == "预算：其余规则至少需要 90 万元，只有 80 万元（旧厂房）"


def test_a_plan_from_a_run_cut_short_says_how_far_it_may_be() -> None:
    plan: Plan = site(*TABLES, rules=SitingRules(budget_yuan=400_000), solver="search", language="en")
    assert "at most" in explain(plan, "en")[0]
    assert "unknown" in explain(lscp(*TABLES, solver="search"), "en")[0]


def test_names_from_tables_are_shown_on_one_line_and_counted() -> None:
    assert name_list(("坏\n名", "好"), "zh") == "坏\\n名、好"
    assert name_list(tuple("abcdefghijklmnopqrstuvw"), "en").endswith("s, t and 3 more")


@pytest.mark.parametrize("seed", range(12))
def test_a_candidate_is_closed_only_where_no_plan_as_good_builds_it(seed: int) -> None:
    question = ask(
        *random_tables(np.random.default_rng(seed), homes=40, places=9, reach=0.15),
        rules=SitingRules(budget_yuan=900_000),
    )
    model = models.mclp(question.cover, question.limits)
    models.aim(model, ELDERS)
    relaxed = relax(model, seconds=10)
    assert relaxed is not None
    plans = [c for n in range(10) for c in combinations(range(9), n) if not missed(c, question.limits, question.cover)]
    worth = {plan: gained(plan, question.cover) for plan in plans}
    most = max(worth.values())
    assert relaxed.bound >= most - 1e-6
    closed = 0
    for value in range(most // 2, most + 1):
        open_ = relaxed.open_for(value)
        built = {j for plan in plans if worth[plan] >= value for j in plan}
        assert open_[sorted(built)].all()
        closed += int((~open_).sum())
    assert closed > 0

"""What a council asks, against every possible plan of small towns: front, near-best plans, reasons."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from layout_cases import random_town
from siting_cases import Tables, best_by_hand, elders, keeps, random_rules, random_tables

from optimise import front as fronts
from optimise.front import front, more_money
from optimise.inquiry import Found, Inquiry, pursue, simple, with_budget
from optimise.layout_rules import LayoutRules
from optimise.near_best import near_best
from optimise.plan import PlanStatus
from optimise.reasons import serving, why
from optimise.rules import SitingRules
from optimise.site import site

SEEDS = range(12)


def asked(seed: int, **changes: object) -> tuple[Tables, SitingRules, Inquiry]:
    """Return a random question with rules, as tables and as an inquiry."""
    rng = np.random.default_rng(seed)
    tables = random_tables(rng)
    rules = replace(random_rules(rng, tables[2]), **changes)  # type: ignore[arg-type]
    return tables, rules, simple(*tables, rules=rules)


def cost(sites: tuple[str, ...], tables: Tables) -> int:
    return int(tables[2].loc[list(sites), "cost_yuan"].sum())


def every_plan(tables: Tables, rules: SitingRules) -> list[tuple[str, ...]]:
    ids = list(tables[2].index)
    return [c for n in range(len(ids) + 1) for c in combinations(ids, n) if keeps(c, tables, rules)]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_inquiry_of_a_simple_question_has_its_plan(seed: int) -> None:
    tables, rules, inquiry = asked(seed)
    plan, same = site(*tables, rules=rules), inquiry.plan(time_limit_s=60)
    assert (plan.status, plan.options, plan.elders_covered, plan.cost_yuan, plan.bound, plan.gap) == (
        same.status,
        same.options,
        same.elders_covered,
        same.cost_yuan,
        same.bound,
        same.gap,
    )
    found = pursue(inquiry, seconds=60)
    assert found.status is plan.status
    assert found.sites == set(plan.sites.index)


@pytest.mark.parametrize("seed", SEEDS)
def test_each_point_of_the_front_is_the_best_for_its_money(seed: int) -> None:
    tables, rules, inquiry = asked(seed)
    curve = front(inquiry, points=5)
    assert curve.index[0] == 0
    for budget, point in curve.iterrows():
        best = best_by_hand(tables, replace(rules, budget_yuan=int(budget), cover_all=False))  # type: ignore[call-overload]
        if best is None:
            assert point["status"] == "INFEASIBLE"
            assert pd.isna(point["value"])
        else:
            assert point["status"] == "OPTIMAL"
            assert (point["value"], point["cost_yuan"], point["bound"]) == (best[0], best[1], best[0])
    reachable = best_by_hand(tables, replace(rules, budget_yuan=None, cover_all=False))
    if reachable is not None:
        top = curve.loc[reachable[1]]
        assert top["value"] == reachable[0]  # the budget of the cheapest plan that covers all who can be


@pytest.mark.parametrize("solver", ["auto", "search"])
@pytest.mark.parametrize("seed", range(6))
def test_more_money_is_never_less_and_no_bound_falls(seed: int, solver: str) -> None:
    rng = np.random.default_rng(100 + seed)
    tables = random_tables(rng, homes=60, places=20, reach=0.12)
    curve = front(simple(*tables, rules=SitingRules()), points=8, solver=solver)  # type: ignore[arg-type]
    assert curve["value"].is_monotonic_increasing
    assert curve["bound"].is_monotonic_increasing
    assert (curve["bound"] >= curve["value"]).all()
    assert (curve["cost_yuan"] <= curve.index).all()


def test_a_lesser_plan_of_more_money_gives_way_and_its_bound_holds_below() -> None:
    count = pursue(asked(3, budget_yuan=300_000, cover_all=False, required=(), max_sites=None)[2], seconds=60).recount

    def point(value: int | None, bound: int | None) -> Found:
        status = PlanStatus.LIMIT if value is None else PlanStatus.FEASIBLE
        return Found(status, None if value is None else count, "elders", value, bound)

    risen = fronts._rising([point(5, 20), point(4, 9), point(None, 12), point(12, 12)])
    assert [each.value for each in risen] == [5, 5, 5, 12]
    assert [each.bound for each in risen] == [9, 9, 12, 12]
    assert risen[3].status is PlanStatus.OPTIMAL


def test_money_is_shared_out_by_year_and_county_and_never_falls() -> None:
    rules = LayoutRules(budget_by_year_yuan={2026: 333, 2027: 667}, county_budget_yuan={"a": 501})
    last: dict[int, int] = {2026: 0, 2027: 0}
    for budget in range(0, 3000, 7):
        now = with_budget(rules, budget)
        by_year = dict(now.budget_by_year_yuan)
        assert sum(by_year.values()) <= budget
        assert all(by_year[year] >= last[year] for year in by_year)
        last = by_year
    assert with_budget(rules, 1000) == rules
    free = with_budget(rules, None)
    assert (free.budget_yuan, free.budget_by_year_yuan, free.county_budget_yuan) == (None, {}, {})


def test_a_front_by_years_is_the_best_plan_of_each_budget() -> None:
    town = random_town(np.random.default_rng(5))
    inquiry = Inquiry(**town.tables(), rules=LayoutRules(budget_by_year_yuan={2026: 300_000, 2027: 300_000}))
    curve = front(inquiry, budgets_yuan=[0, 200_000, 600_000, 1_200_000])
    assert curve["value"].is_monotonic_increasing
    for budget, point in curve.iterrows():
        rules = LayoutRules(budget_by_year_yuan={2026: int(budget) // 2, 2027: int(budget) // 2})  # type: ignore[call-overload]
        assert replace(inquiry, rules=rules).plan(time_limit_s=60).elders_covered == point["elders_covered"]


@pytest.mark.parametrize("seed", SEEDS)
def test_near_best_plans_lose_little_and_share_as_few_sites_as_can_be(seed: int) -> None:
    tables, rules, inquiry = asked(seed, cover_all=seed % 4 == 0)
    best = pursue(inquiry, seconds=60)
    plans = near_best(inquiry, best, within=0.1)
    if best.recount is None:
        assert plans == ()
        return
    assert best.value is not None
    slack = Fraction(1, 10)
    if rules.cover_all:
        good = [p for p in every_plan(tables, rules) if cost(p, tables) <= best.value + int(slack * best.value)]
    else:
        least = best.value - int(slack * (best.value - elders((), tables)))
        good = [p for p in every_plan(tables, rules) if elders(p, tables) >= least]
    before = [set(best.sites)]
    for plan in plans:
        assert plan.recount is not None
        assert not plan.recount.broken
        assert tuple(sorted(plan.sites)) in good
        others = [p for p in good if not any(earlier <= set(p) for earlier in before)]
        fewest = min(sum(len(earlier & set(p)) for earlier in before) for p in others)
        assert sum(len(earlier & plan.sites) for earlier in before) == fewest
        before.append(set(plan.sites))
    if len(plans) < 3 and before[-1]:
        assert all(any(earlier <= set(p) for earlier in before) for p in good)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_lost_without_a_site_is_what_every_other_plan_lacks(seed: int) -> None:
    tables, rules, inquiry = asked(seed, cover_all=False)
    best = pursue(inquiry, seconds=60)
    told = why(inquiry, best)
    assert list(told.index) == sorted(best.sites)
    served = serving(inquiry, best)
    for name, row in told.iterrows():
        rest = tuple(sorted(best.sites - {str(name)}))
        assert row["lost_alone"] == elders(tuple(best.sites), tables) - elders(rest, tables)
        assert served["elders_only"][served["site_id"] == name].sum() == row["lost_alone"]
        without = replace(
            rules, required=tuple(i for i in rules.required if i != name), forbidden=(*rules.forbidden, str(name))
        )
        best_without = best_by_hand(tables, without)
        if best_without is None:
            assert row["replaced"] == "INFEASIBLE"
        else:
            assert row["replaced"] == "OPTIMAL"
            assert row["lost_at_best"] == row["lost_at_least"] == best.value - best_without[0]  # type: ignore[operator]
            assert row["more_yuan"] == best_without[1] - cost(tuple(best.sites), tables)
        if name in rules.required:
            assert row["reason"] == "required"
        elif not keeps(rest, tables, without):
            assert row["reason"] == "rule"
            assert row["rules"]
        else:
            assert row["reason"] == "best"


def test_what_is_begun_is_in_the_plan_for_that() -> None:
    town = random_town(np.random.default_rng(5))
    new = town.options[
        ~town.options["existing"] & (town.options["year"] == town.options["year"][town.options["year"] > 0].min())
    ]
    begun = str(new["site_id"].iloc[0])
    inquiry = Inquiry(**town.tables(), rules=LayoutRules(begun=(begun,), budget_yuan=1_000_000))
    told = why(inquiry, pursue(inquiry, seconds=60))
    assert told["reason"][begun] == "begun"


def test_a_site_without_which_no_plan_is_left_says_so() -> None:
    demand = pd.DataFrame({"elders": [30, 5], "covered": False}, index=["a", "b"])
    pairs = pd.DataFrame({"demand_id": ["a", "b"], "candidate_id": ["X", "Y"], "minutes": 4.0})
    candidates = pd.DataFrame(
        {"name": ["甲", "乙"], "kind": "day_care", "floor_area_m2": 400.0, "cost_yuan": 900_000}, index=["X", "Y"]
    )
    rules = SitingRules(cover_all=True)
    inquiry = simple(demand, pairs, candidates, rules=rules)
    told = why(inquiry, pursue(inquiry, seconds=60))
    assert list(told["replaced"]) == ["INFEASIBLE"] * 2
    assert list(told["rules"]) == [("cover_all",)] * 2
    assert told["lost_at_best"].isna().all()


@pytest.mark.parametrize("seed", SEEDS)
def test_what_more_money_buys_is_what_the_richer_plan_covers_more(seed: int) -> None:
    tables, rules, inquiry = asked(seed, cover_all=False, budget_yuan=400_000)
    best, richer = (best_by_hand(tables, replace(rules, budget_yuan=b)) for b in (400_000, 500_000))
    if best is None or richer is None:
        return
    more = more_money(inquiry, value=best[0], more_yuan=100_000)
    assert more is not None
    assert more.gained == more.gained_at_most == richer[0] - best[0]
    assert more_money(replace(inquiry, rules=replace(inquiry.rules, budget_yuan=None)), value=best[0]) is None


@pytest.mark.parametrize("seed", range(6))
def test_the_years_of_a_plan_add_up_to_it(seed: int) -> None:
    town = random_town(np.random.default_rng(seed))
    inquiry = Inquiry(**town.tables(), rules=LayoutRules(budget_by_year_yuan={2026: 300_000, 2027: 500_000}))
    plan = inquiry.plan(time_limit_s=60)
    assert plan.by_year["cost_yuan"].sum() == plan.cost_yuan
    assert plan.by_year["sites"].sum() == len(plan.sites)
    assert plan.by_year["added_m2"].sum() == pytest.approx(plan.floor_area_m2)
    assert plan.by_year["elders_covered"].iloc[-1] == plan.elders_covered

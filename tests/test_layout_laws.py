"""Layouts: a broken rule is named and no other; what more money, sites and walk can do; the same plan in any order."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from layout_cases import Every, random_town, rule_groups

from optimise.check import BrokenPlanError, Recount, check_layout, recount_layout
from optimise.layout import layout
from optimise.layout_rules import RULES, Floor, LayoutRules, Milestone
from optimise.limit import in_units
from optimise.options import options
from optimise.plan import Plan, PlanStatus


def broken_rules(found: Recount) -> set[str]:
    return {culprit.rule for culprit in found.broken}


def claimed(found: Recount) -> Plan:
    """Return a plan that claims what a list of decisions comes to."""
    return Plan(
        status=PlanStatus.FEASIBLE,
        sites=found.sites,
        elders_total=found.elders_total,
        elders_covered_before=found.elders_covered_before,
        elders_covered=found.elders_covered,
        bound=None,
        gap=None,
        cost_yuan=found.cost_yuan,
        floor_area_m2=found.floor_area_m2,
        solver="",
        rules=found.rules,
        reached=found.reached,
        kept=found.kept,
        closed=found.closed,
        tally=found.tally,
        by_year=found.by_year,
    )


@pytest.mark.parametrize("seed", range(25))
def test_the_recount_names_the_rules_that_a_plan_breaks_and_no_others(seed: int) -> None:
    rng = np.random.default_rng([77, seed])
    town = random_town(rng)
    every = Every(town)
    for _ in range(8):
        fields = rule_groups(rng, town)
        rules = LayoutRules(**{k: v for name in fields if rng.random() < 0.4 for k, v in fields[name].items()})
        kept = every.keeps(rules)
        for row in rng.integers(0, len(every.x), 6):
            plan = town.options.index[every.x[row] > 0]
            found = recount_layout(plan, **town.tables(), rules=rules)
            assert broken_rules(found) == {rule for rule, each in kept.items() if not all(one[row] for one in each)}
            assert found.elders_covered == every.value("elders", rules)[row]


@pytest.mark.parametrize("seed", range(12))
def test_rules_that_may_be_missed_are_counted_where_they_are_and_never_broken(seed: int) -> None:
    rng = np.random.default_rng([78, seed])
    town = random_town(rng)
    every = Every(town)
    fields = rule_groups(rng, town)
    said = [name for name in fields if name != "existing" and rng.random() < 0.5]
    rules = LayoutRules(
        **{k: v for name in said for k, v in fields[name].items()},
        soft=frozenset(name for name in said if name in RULES and rng.random() < 0.5),
    )
    kept, missed = every.keeps(rules), -every.value("legal_shortfall", rules)
    worst = every.value("worst_served", rules)
    for row in rng.integers(0, len(every.x), 12):
        found = recount_layout(town.options.index[every.x[row] > 0], **town.tables(), rules=rules)
        lost = {rule for rule, each in kept.items() if not all(one[row] for one in each)}
        assert broken_rules(found) == lost - rules.soft
        assert found.reached["legal_shortfall"] == missed[row]
        assert found.reached["worst_served"] == worst[row]


def test_what_a_table_of_communities_leaves_out_is_nought() -> None:
    town = random_town(np.random.default_rng(6))
    rules = LayoutRules(
        floor_area_m2_per_10k={"city": 300.0, "community": 400.0}, land_m2_per_person={"city": 0.05, "community": 0.01}
    )
    for column in ("residents", "floor_area_m2", "land_m2"):
        tallies: list[pd.DataFrame] = []
        for units in (town.communities.drop(columns=column), town.communities.assign(**{column: 0})):
            tables = {**town.tables(), "communities": units}
            tallies.append(recount_layout(town.options.index[:1], **tables, rules=rules).tally)
        pd.testing.assert_frame_equal(*tallies)
        assert len(tallies[0])


@pytest.mark.parametrize("serves", [True, False])
def test_a_facility_counts_for_today_only_as_it_stands_today(*, serves: bool) -> None:
    """Upgraded it would serve: that is no service of today."""
    differ = 0
    for seed in range(10):
        town = random_town(np.random.default_rng([79, seed]))
        options = town.options.assign(serves=(town.options["mode"] != "keep") | serves)
        found = recount_layout([], **{**town.tables(), "options": options}, rules=LayoutRules(keep_existing=False))
        today = set(options["site_id"][options["mode"] == "keep"])
        near = set(town.pairs["demand_id"][town.pairs["site_id"].isin(today if serves else ())])
        inside = town.demand["covered"] | town.demand.index.isin(list(near))
        assert found.elders_covered_before == town.demand["elders"][inside].sum()
        assert found.closed == tuple(sorted(today))
        differ += found.elders_covered_before != town.demand["elders"][town.demand["covered"]].sum()
    assert bool(differ) is serves


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "site_once"])
def test_a_layout_with_one_rule_broken_is_rejected(rule: str) -> None:
    for seed in range(60):
        rng = np.random.default_rng([5, seed])
        town = random_town(rng)
        fields = rule_groups(rng, town)
        used = [name for name in fields if name == rule or (name != "existing" and rng.random() < 0.2)]
        rules = LayoutRules(**{k: v for name in used if name != "existing" for k, v in fields[name].items()})
        every = Every(town)
        kept = {name: np.all(each, axis=0) for name, each in every.keeps(rules).items()}
        if rule not in kept:
            continue
        others = [each for name, each in kept.items() if name != rule]
        alone = ~kept[rule] & np.logical_and.reduce([np.ones(len(every.x), dtype=bool), *others])
        if not np.any(alone):
            continue
        plan = town.options.index[every.x[int(np.flatnonzero(alone)[0])] > 0]
        with pytest.raises(BrokenPlanError) as error:
            check_layout(claimed(recount_layout(plan, **town.tables(), rules=rules)), **town.tables(), rules=rules)
        assert {culprit.rule for culprit in error.value.culprits} == {rule}
        return
    pytest.fail(f"no town of sixty has a plan that breaks {rule} alone")


def test_two_decisions_for_one_site_are_rejected() -> None:
    town = random_town(np.random.default_rng(3))
    site = town.options["site_id"].value_counts().index[0]
    both = town.options.index[town.options["site_id"] == site][:2]
    found = recount_layout(both, **town.tables(), rules=LayoutRules(keep_existing=False))
    assert broken_rules(found) == {"site_once"}
    again = recount_layout([both[0], both[0], "nowhere"], **town.tables(), rules=LayoutRules(keep_existing=False))
    assert broken_rules(again) == {"unknown_site", "site_twice"}


@pytest.mark.parametrize(
    "change",
    [
        {"reached": {"elders": 1}},
        {"by_year": pd.DataFrame()},
        {"tally": pd.DataFrame()},
        {"elders_covered": -1},
        {"cost_yuan": 1},
    ],
)
def test_a_layout_whose_figures_are_wrong_is_rejected(change: dict[str, object]) -> None:
    town = random_town(np.random.default_rng(4))
    plan = layout(**town.tables(), rules=LayoutRules(budget_yuan=500_000))
    check_layout(plan, **town.tables(), rules=LayoutRules(budget_yuan=500_000))
    with pytest.raises(BrokenPlanError) as error:
        check_layout(replace(plan, **change), **town.tables(), rules=LayoutRules(budget_yuan=500_000))  # type: ignore[arg-type]
    assert {culprit.rule for culprit in error.value.culprits} & {*change, "elders"}


LAWS = LayoutRules(
    budget_by_year_yuan={2026: 400_000, 2027: 300_000},
    max_sites=3,
    spacing_m={"day_care": 150.0},
    milestones=(Milestone(2027, ("day_care", "street_centre"), count=1),),
)


@pytest.mark.parametrize("seed", range(6))
def test_more_money_sites_or_walk_never_cover_fewer(seed: int) -> None:
    rng = np.random.default_rng([9, seed])
    town = random_town(rng, sites=6, homes=30)
    rules = replace(LAWS, milestones=())
    covered = [
        layout(
            **town.tables(), rules=replace(rules, budget_by_year_yuan={2026: money * 100_000, 2027: 100_000})
        ).elders_covered
        for money in range(0, 9, 2)
    ]
    assert covered == sorted(covered)
    whole = layout(**town.tables(), rules=rules).elders_covered
    new = ~town.options["existing"]
    fewer = town.options[~(new & (town.options["site_id"] == town.options["site_id"][new].max()))]
    without = {
        "pairs": town.pairs[town.pairs["site_id"].isin(fewer["site_id"])],
        "serves": town.serves[town.serves["site_id"].isin(fewer["site_id"])],
        "near": town.near[town.near["site_id"].isin(fewer["site_id"]) & town.near["other_id"].isin(fewer["site_id"])],
    }
    assert layout(**{**town.tables(), **without, "options": fewer}, rules=rules).elders_covered <= whole
    near = town.pairs[town.pairs["minutes"] < 10]
    assert layout(**{**town.tables(), "pairs": near}, rules=rules).elders_covered <= whole


@pytest.mark.parametrize("seed", range(6))
def test_money_in_other_units_chooses_the_same_sites(seed: int) -> None:
    town = random_town(np.random.default_rng([11, seed]), homes=30)
    money = ["cost_yuan", "running_yuan", "subsidy_yuan", "subsidy_yuan_year"]
    in_wan = town.options.assign(**{column: town.options[column] // 10_000 for column in money})
    rules = replace(LAWS, milestones=(), max_running_yuan=60_000, net_of_subsidy=True)
    small = replace(rules, budget_by_year_yuan={2026: 40, 2027: 30}, max_running_yuan=6)
    yuan, wan = layout(**town.tables(), rules=rules), layout(**{**town.tables(), "options": in_wan}, rules=small)
    assert yuan.options == wan.options
    assert yuan.cost_yuan == 10_000 * wan.cost_yuan


def test_any_order_of_the_rows_gives_the_same_layout() -> None:
    town = random_town(np.random.default_rng(12), sites=6, homes=30)
    options = town.options.assign(cost_yuan=np.where(town.options["mode"] == "keep", 0, 100_000))
    tables = {**town.tables(), "options": options}
    rules = replace(LAWS, coverage_floors=(Floor(LAWS.community_served_share * 0, "community"),))
    plans = [
        layout(**{name: table.sample(frac=1, random_state=k) for name, table in tables.items()}, rules=rules)
        for k in range(20)
    ]
    assert {plan.options for plan in plans} == {plans[0].options}
    pd.testing.assert_frame_equal(plans[0].sites, plans[-1].sites)
    pd.testing.assert_frame_equal(plans[0].tally, plans[-1].tally)
    pd.testing.assert_frame_equal(plans[0].by_year, plans[-1].by_year)


def test_names_that_collide_once_cleaned_are_kept_apart() -> None:
    ids = ["a b", "a_b", "a-b", "a/b", "a[b]", "坏\n名"]
    candidates = pd.DataFrame({"name": "同名", "max_floor_area_m2": 400.0, "cost_yuan": 100_000}, index=ids)
    choice = options(candidates, kinds=["day_care"], modules_m2=[350.0], years=[2026, 2027])
    demand = pd.DataFrame({"elders": range(1, 7), "covered": False}, index=[f"h {k}" for k in range(6)])
    pairs = pd.DataFrame({"demand_id": demand.index, "site_id": ids, "minutes": 3.0})
    plan = layout(choice, demand, pairs, rules=LayoutRules(max_sites=3))
    assert set(plan.sites.index) == set(ids[3:])
    assert plan.elders_covered == 4 + 5 + 6


# What can be decided about a site.


def test_a_smaller_size_costs_its_part_or_its_unit_cost() -> None:
    sites = pd.DataFrame(
        {
            "name": ["甲", "乙"],
            "max_floor_area_m2": [1000.0, 800.0],
            "cost_yuan": [1_000_001, None],
            "unit_cost_yuan_m2": [None, 1000.5],
            "annual_rent_yuan": [None, 80_000],
            "kinds": [("day_care", "street_centre"), ("street_centre",)],
            "mode": ["convert", "lease"],
            "year_from": [None, 2027],
        },
        index=["A", "B"],
    )
    choice = options(sites, kinds=["day_care", "street_centre"], modules_m2=[500.0], years=[2026, 2027])
    of_a = choice[(choice["site_id"] == "A") & (choice["year"] == 2026)]
    assert of_a["cost_yuan"].tolist() == [500_001, 1_000_001] * 2
    assert of_a["cost_basis"].tolist() == ["scaled", "stated"] * 2
    assert set(of_a["kind"]) == {"day_care", "street_centre"}
    of_b = choice[choice["site_id"] == "B"]
    assert of_b[["cost_yuan", "running_yuan", "year"]].to_numpy().tolist() == [
        [500_250, 50_000, 2027],
        [800_400, 80_000, 2027],
    ]
    assert set(of_b["mode"]) == {"lease"}
    assert not len(options(sites, kinds=["day_care"], modes=["new"]))


def test_a_facility_is_kept_upgraded_or_closed() -> None:
    sites = pd.DataFrame({"name": ["新"], "max_floor_area_m2": [400.0], "cost_yuan": [100_000]}, index=["N"])
    there = pd.DataFrame(
        {"name": ["旧"], "kind": ["day_care"], "floor_area_m2": [300.0], "running_yuan": [90_000]}, index=["E"]
    )
    choice = options(sites, kinds=["day_care"], modules_m2=[350.0], existing=there, upgrade_yuan_m2=1000)
    assert choice["mode"].tolist() == ["keep", "upgrade", "new", "new"]
    assert choice["cost_yuan"].tolist() == [0, 50_000, 87_500, 100_000]
    demand = pd.DataFrame({"elders": [9], "covered": [False]}, index=["h"])
    pairs = pd.DataFrame({"demand_id": ["h", "h"], "site_id": ["E", "N"], "minutes": 5.0})
    tight = LayoutRules(max_running_yuan=0)
    stays = layout(choice, demand, pairs, rules=LayoutRules())
    assert (stays.kept, stays.closed, len(stays.sites)) == (("E/day_care/keep/0000300.00/0",), (), 0)
    assert (stays.elders_covered_before, stays.elders_covered) == (9, 9)
    assert layout(choice, demand, pairs, rules=tight).status is PlanStatus.INFEASIBLE
    closes = layout(choice, demand, pairs, rules=replace(tight, keep_existing=False))
    assert (list(closes.sites.index), closes.closed, closes.cost_yuan) == (["N"], ("E",), 87_500)
    assert closes.by_year["elders_covered"].tolist() == [9]


WEIGHTS = st.lists(st.integers(-6, 6).map(lambda n: n * 50), min_size=1, max_size=5)
AMOUNTS = st.fractions(-2000, 2000, max_denominator=8)


@given(WEIGHTS, AMOUNTS, AMOUNTS, st.sampled_from([Fraction(1), Fraction(1, 100)]), st.data())
def test_a_limit_in_larger_units_is_kept_by_the_same_plans_and_says_the_same_figures(
    weights: list[int], limit: Fraction, base: Fraction, unit: Fraction, data: st.DataObject
) -> None:
    """Oracle: the inequality itself, base + unit * sum of the weights chosen, in fractions."""
    built = np.array(data.draw(st.lists(st.integers(0, 1), min_size=len(weights), max_size=len(weights))))
    figure = base + unit * sum(w for w, chosen in zip(weights, built, strict=True) if chosen)
    limit = data.draw(st.sampled_from([limit, figure]))  # exactly on the limit as well
    for sense, kept in (("at most", figure <= limit), ("at least", figure >= limit)):
        made = in_units("budget", sense, weights, limit, unit=unit, base=base)  # type: ignore[arg-type]
        whole = made.of_options(built)
        assert made.kept(whole) is kept
        assert made.figure(whole) == float(figure)
        assert made.stated == float(limit)
        assert replace(made, said=None).stated == made.figure(made.limit)
        if sense == "at least" and min(weights) >= 0:
            assert made.limit >= 0

"""Small questions whose answers are seen at a glance: what is counted, what sums name, what may be decided, for money.

Each runs in a moment and is the first to notice a slip; the laws over random towns stand beside (`test_layout_laws`,
`test_conflict`, `test_province_plan`).
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from optimise.allotment import Shares, allot, most_for
from optimise.arithmetic import beyond, contradictions
from optimise.bound import Ceiling
from optimise.check import recount_layout
from optimise.county_front import CountyFront, Offer, county_front, county_parts
from optimise.cover import cover
from optimise.layout_rules import Floor, LayoutRules, Milestone
from optimise.limit import Limit
from optimise.options import canonical, options
from optimise.plan import Culprit
from optimise.question import ask_layout

BANDS = ((5.0, 3), (10.0, 2), (15.0, 1))


def decisions(**sites: dict[str, object]) -> pd.DataFrame:
    """Return one decision a site: a day-care centre of 400 m2 for 100 yuan in 2026, where nothing else is said."""
    usual = {"kind": "day_care", "mode": "new", "year": 2026, "floor_area_m2": 400.0, "added_m2": 400.0}
    rows = [{"site_id": i, "name": f"{i}场地", **usual, "cost_yuan": 100, **said} for i, said in sites.items()]
    return canonical(pd.DataFrame(rows, index=list(sites)))


def homes(**people: tuple[int, str]) -> pd.DataFrame:
    """Return homes: how many elders live there, in which community; none is covered today."""
    rows = [{"elders": n, "covered": False, "minutes": np.nan, "community_id": unit} for n, unit in people.values()]
    return pd.DataFrame(rows, index=pd.Index(list(people), name="demand_id"))


def walks(**minutes: float) -> pd.DataFrame:
    """Return walks, `home_site` and how long it takes."""
    rows = [(*name.split("_"), m) for name, m in minutes.items()]
    return pd.DataFrame(rows, columns=["demand_id", "site_id", "minutes"])


UNITS = pd.DataFrame(
    {"name": ["一社区", "二社区"], "residents": 100, "street_id": ["街A", "街B"], "county_id": "县A"},
    index=["u1", "u2"],
)


def named(
    table: pd.DataFrame, rules: LayoutRules, demand: pd.DataFrame | None = None, pairs: pd.DataFrame | None = None
) -> dict[str, Culprit]:
    """Return what sums alone name of a question, by the rule."""
    who = homes(a=(1, "u1")) if demand is None else demand
    near = walks() if pairs is None else pairs
    return {culprit.rule: culprit for culprit in contradictions(_asked(table, rules, who, near))}


def _asked(table: pd.DataFrame, rules: LayoutRules, who: pd.DataFrame, near: pd.DataFrame):  # noqa: ANN202
    return ask_layout(table, who, near, rules=rules, communities=UNITS, apart=True)


# What a plan comes to


def test_the_worst_served_are_a_single_elder_too_and_the_share_is_cut_to_a_thousandth() -> None:
    who = homes(a=(1, "u1"), b=(4, "u2"), c=(2, "u2"))
    who.loc["b", ["covered", "minutes"]] = [True, 4.0]
    table, near = decisions(X={}), walks(a_X=13)
    none, built = (
        recount_layout(plan, table, who, near, rules=LayoutRules(decay=BANDS), communities=UNITS)
        for plan in ([], ["X"])
    )
    assert (none.reached["worst_served"], none.worst_served) == (0, "一社区")
    assert (built.reached["worst_served"], built.worst_served) == (666, "二社区")  # 4 of 6
    assert (none.reached["elders_near"], built.reached["elders_near"]) == (4 * 3, 4 * 3 + 1)


def test_the_farthest_band_of_walks_is_the_last_one() -> None:
    who, table = homes(a=(7, "u1"), b=(7, "u1")), decisions(X={})
    found = recount_layout(
        ["X"], table, who, walks(a_X=15, b_X=15.5), rules=LayoutRules(decay=BANDS), communities=UNITS
    )
    assert (found.elders_covered, found.reached["elders_near"]) == (7, 7)


def test_places_are_counted_where_somebody_asks_and_nowhere_else() -> None:
    who, table, near = homes(a=(7, "u1")), decisions(X={"capacity": 5}), walks(a_X=4)
    for places, least, placed in ((False, None, None), (True, None, 5), (False, 3, 5)):
        rules = LayoutRules(min_placed=least)
        found = recount_layout(["X"], table, who, near, rules=rules, communities=UNITS, places=places)
        assert found.reached.get("placed") == placed


def test_what_is_left_of_a_rule_is_not_below_nought_where_it_is_kept() -> None:
    rules = LayoutRules(budget_yuan=150, coverage_floors=(Floor(Fraction(1, 2), "city"),))
    who, table = homes(a=(6, "u1"), b=(2, "u2")), decisions(X={}, Y={})
    for plan, slack, kept in (
        (["X"], {"budget": 50.0, "coverage_floor": 2.0}, True),
        (["X", "Y"], {"budget": -50.0, "coverage_floor": 4.0}, False),
        (["Y"], {"budget": 50.0, "coverage_floor": -2.0}, False),
    ):
        found = recount_layout(plan, table, who, walks(a_X=4, b_Y=4), rules=rules, communities=UNITS)
        assert dict(zip(found.tally["rule"], found.tally["slack"], strict=True)) == slack
        assert ((found.tally["slack"] >= 0) == found.tally["kept"]).all()
        assert found.tally["kept"].all() == kept == (not found.broken)


# What sums alone name


def test_a_forbidden_site_is_named_where_its_street_needs_it_and_shuts_nothing_where_it_may_be_missed() -> None:
    centre = {"kind": "street_centre", "community_id": "u1", "street_id": "街A"}
    table = decisions(
        F=centre, G={**centre, "community_id": "u2", "street_id": "街B"}, H={**centre, "street_id": "街B"}
    )
    rules = LayoutRules(street_centre=("street_centre",), forbidden=("F", "G"))
    told = named(table, rules)
    assert set(told) == {"street_centre", "forbidden"}
    assert (told["street_centre"].names, told["forbidden"].names) == (("街A",), ("F场地",))
    assert (told["street_centre"].asked, told["street_centre"].available) == (1, 0)
    assert named(table, replace(rules, soft=frozenset({"forbidden"}))) == {}
    assert set(named(table, replace(rules, soft=frozenset({"street_centre"})))) == set()


def test_of_forbidden_sites_those_within_the_walk_of_the_community_are_named() -> None:
    table = decisions(F={}, G={}, H={})
    who, near = homes(a=(6, "u1"), b=(6, "u2")), walks(a_F=4, b_G=4, b_H=4)
    rules = LayoutRules(forbidden=("F", "G"), coverage_floors=(Floor(Fraction(1, 2), "community"),))
    told = named(table, rules, who, near)
    assert told["forbidden"].names == ("F场地",)
    assert (told["coverage_floor"].asked, told["coverage_floor"].available) == (3, 0)
    question = _asked(table, rules, who, near)
    assert [limit.names for limit in beyond(question)] == [told["coverage_floor"].names]


@pytest.mark.parametrize(("elders", "most"), [(30, 12), (9, 9)])
def test_places_are_no_more_than_the_sites_have_and_than_people_are_near(elders: int, most: int) -> None:
    table = decisions(X={"capacity": 5}, Y={"capacity": 7}, Z={"capacity": 50})
    who, near = homes(a=(elders, "u1")), walks(a_X=4, a_Y=4)
    asked = LayoutRules(min_placed=most + 1, forbidden=("Z",))
    told = named(table, asked, who, near)["capacity"]
    assert (told.asked, told.available) == (most + 1, most)
    assert "capacity" not in named(table, replace(asked, min_placed=most), who, near)


def test_lines_that_share_a_site_are_not_paid_for_twice_and_others_are() -> None:
    both = tuple(Milestone(year, ("day_care",), count=1) for year in (2026, 2027))
    rules = LayoutRules(milestones=both, budget_yuan=150)
    assert named(decisions(X={}), rules) == {}
    told = named(decisions(X={}), replace(rules, budget_yuan=99))
    assert (told["budget"].asked, told["budget"].available) == (100, 99)
    centres = decisions(
        A={"kind": "street_centre", "community_id": "u1", "street_id": "街A"},
        B={"kind": "street_centre", "community_id": "u2", "street_id": "街B"},
        C={"kind": "street_centre", "community_id": "u2", "street_id": "街B", "cost_yuan": 70},
    )
    rules = LayoutRules(street_centre=("street_centre",), budget_yuan=169)
    told = named(centres, rules)
    assert set(told) == {"budget", "street_centre"}
    assert (told["budget"].asked, told["budget"].available) == (170, 169)
    assert (told["street_centre"].asked, told["street_centre"].available) == (2, 1)
    assert named(centres, replace(rules, budget_yuan=170)) == {}


def test_a_milestone_of_more_sites_than_there_are_is_named_with_their_number() -> None:
    table = decisions(X={}, Y={}, Z={"year": 2028})
    rules = LayoutRules(milestones=(Milestone(2027, ("day_care",), count=3),), budget_yuan=0)
    told = named(table, rules)
    assert (told["milestone"].asked, told["milestone"].available) == (3, 2)


def test_a_site_that_is_begun_must_be_one_of_the_first_year() -> None:
    table = decisions(X={}, Y={"year": 2027})
    assert named(table, LayoutRules(begun=("X",))) == {}
    told = named(table, LayoutRules(begun=("X", "Y")))
    assert told["begun_late"].names == ("Y场地 2027",)
    assert (told["begun_late"].asked, told["begun_late"].available) == (2, 1)
    assert named(table, LayoutRules(begun=("X", "Y"), soft=frozenset({"begun"}))) == {}


def test_required_sites_take_their_least_of_money_area_and_number() -> None:
    table = decisions(X={}, Y={"cost_yuan": 60, "added_m2": 250.5}, Z={})
    rules = LayoutRules(required=("X", "Y"), budget_yuan=159, max_total_floor_area_m2=650.0, max_sites=1)
    told = named(table, rules)
    figures = {rule: (each.asked, each.available) for rule, each in told.items()}
    assert figures == {"budget": (160, 159), "total_floor_area": (650.5, 650.0), "max_sites": (2, 1)}
    assert named(table, replace(rules, budget_yuan=160, max_total_floor_area_m2=650.5, max_sites=2)) == {}
    small = named(table, LayoutRules(required=("X",), min_site_floor_area_m2={"day_care": 400.01}))
    assert set(small) == {"required_too_small"}
    assert set(named(table, LayoutRules(required=("X", "N"), forbidden=("X",)))) == {
        "required_unknown",
        "required_forbidden",
    }


# A rule as an inequality


def test_a_limit_counts_its_weights_and_each_set_of_which_one_is_built_once() -> None:
    columns, weights = np.array([0, 2]), np.array([2, -1])
    limit = Limit("r", "at least", 2, columns, weights, either=(np.array([1]), np.array([2, 3])))
    assert [limit.of_options(np.array(built)) for built in ([0] * 4, [1, 0, 1, 0], [1] * 4)] == [0, 2, 3]
    assert (limit.figure(3), limit.stated) == (3.0, 2.0)


# What may be decided


def test_every_decision_about_a_site_and_a_facility_is_offered_once() -> None:
    sites = pd.DataFrame(
        {"name": ["甲"], "max_floor_area_m2": [800.0], "cost_yuan": [160_000], "annual_rent_yuan": [8_000]}, index=["A"]
    )
    there = pd.DataFrame({"name": ["旧"], "kind": ["day_care"], "floor_area_m2": [350.0], "capacity": [9]}, index=["E"])
    found = options(
        sites, kinds=["day_care"], modules_m2=[350.0, 500.0, 750.0], years=[2026, 2027], existing=there,
        upgrade_yuan_m2=10, m2_per_place={"day_care": 30.0},
    ).reset_index()  # fmt: skip
    rows = found[["site_id", "mode", "year", "floor_area_m2", "cost_yuan", "running_yuan", "capacity"]]
    new = [(y, area) for y in (2026, 2027) for area in (350.0, 500.0, 750.0, 800.0)]
    more = [(y, area) for y in (2026, 2027) for area in (500.0, 750.0)]
    assert sorted(rows.itertuples(index=False, name=None)) == sorted(
        [("A", "new", y, area, int(area * 200), int(area * 10), int(area // 30)) for y, area in new]
        + [("E", "keep", 0, 350.0, 0, 0, 9)]
        + [("E", "upgrade", y, area, int((area - 350) * 10), 0, int(area // 30)) for y, area in more]
    )
    assert found["existing"].tolist() == (found["site_id"] == "E").tolist()
    assert not found["vacated"].any()
    kept = options(sites, kinds=["day_care"], existing=there)
    assert kept["mode"][kept["site_id"] == "E"].tolist() == ["keep"]


def test_a_site_that_stands_twice_is_refused_by_its_name() -> None:
    site = pd.DataFrame({"name": ["甲"], "max_floor_area_m2": [800.0], "cost_yuan": [1]}, index=["A"])
    there = pd.DataFrame({"name": ["旧"], "kind": ["day_care"], "floor_area_m2": [350.0]}, index=["A"])
    with pytest.raises(ValueError, match="A stands twice"):
        options(pd.concat([site, site]))
    with pytest.raises(ValueError, match="A stands twice"):
        options(site, existing=there)
    with pytest.raises(ValueError, match="neither cost_yuan"):
        options(site.assign(cost_yuan=None), kinds=["day_care"])


# Who is covered


def test_whoever_is_covered_today_counts_by_her_walk_of_today_and_at_the_last_worth_however_far() -> None:
    who = pd.DataFrame(
        {"elders": [2, 5, 7], "covered": [True, True, False], "minutes": [4.0, 20.0, np.nan]}, index=[*"abc"]
    )
    near = pd.DataFrame({"demand_id": ["c", "b"], "candidate_id": ["X", "X"], "minutes": [8.0, 4.0]})
    found = cover(who, near, pd.Index(["X"]), decay=BANDS)
    assert found.elders_before == 7
    assert (found.worth_before, int(found.worth.sum())) == (2 * 3 + 5 * 1, 7 * 2 + 5 * 2)
    plain = cover(who, near, pd.Index(["X"]))
    assert (plain.worth_before, plain.elders_before, int(plain.worth.sum())) == (7, 7, 7)


@pytest.mark.parametrize(
    ("column", "says"), [("demand_id", "unknown demand_id zz"), ("candidate_id", "candidate_id zz")]
)
def test_a_walk_from_or_to_somewhere_unknown_is_refused_by_its_name(column: str, says: str) -> None:
    who = pd.DataFrame({"elders": [2, 5], "covered": False, "county_id": "A"}, index=[*"ab"])
    near = pd.DataFrame({"demand_id": ["a", "b"], "candidate_id": ["X", "X"]})
    near.loc[1, column] = "zz"
    with pytest.raises(ValueError, match=says):
        cover(who, near, pd.Index(["X"]))
    with pytest.raises(ValueError, match=says):
        county_parts(who, near, pd.DataFrame({"cost_yuan": [1], "county_id": ["A"]}, index=["X"]))


# The money of a province


def test_a_county_makes_the_most_of_each_sum() -> None:
    who = pd.DataFrame({"elders": [3, 5, 9], "covered": False, "county_id": [*"AAB"]}, index=[*"abc"])
    near = pd.DataFrame({"demand_id": [*"abc"], "candidate_id": [*"XYY"]})
    sites = pd.DataFrame({"cost_yuan": [20, 50], "county_id": "A"}, index=[*"XY"])
    (part,) = county_parts(who, near, sites)
    front = county_front(part, (-1, 0, 25, 59, 70))
    assert front.reachable == 17
    assert [(o.cost_yuan, o.elders, o.own, o.sites) for o in front.offers] == [
        (0, 0, 0, ()),
        (20, 3, 3, ("X",)),
        (50, 14, 5, ("Y",)),
        (70, 17, 8, ("X", "Y")),
    ]
    for yuan, most in ((0, 0), (20, 3), (50, 14), (70, 17)):
        assert most <= front.most_at(yuan) <= 17
    nobody = county_front(replace(part, demand=who.assign(covered=True)), (0, 70))
    assert (nobody.reachable, nobody.offers, nobody.most_at(70)) == (0, (Offer(0, 0, 0, ()),), 0)


def test_the_bound_over_counties_is_as_low_as_their_ceilings_make_it() -> None:
    def front(name: str, per_yuan: Fraction, most: int) -> CountyFront:
        offers = (Offer(0, 0, 0, ()), Offer(10, most, most, (name,)))
        return CountyFront(name, most, offers, (Ceiling(Fraction(0), per_yuan), Ceiling(Fraction(most), Fraction(0))))

    fronts = [front("A", Fraction(2), 20), front("B", Fraction(1), 10)]
    assert [most_for(fronts, yuan) for yuan in (0, 4, 10, 15, 20, 99)] == [0, 8, 20, 25, 30, 30]
    best = allot(fronts, 10)
    assert (best.cost_yuan, best.elders, best.bound, best.short) == (10, 20, 20, ())
    least = Shares(least_yuan={"B": 10})
    assert (allot(fronts, 10, shares=least).elders, most_for(fronts, 10, least)) == (10, 10)
    none = allot(fronts, 10, shares=Shares(least_elders={"B": 11}))
    assert (none.offers, none.cost_yuan, none.elders, none.short) == ({}, 0, 0, ("B",))

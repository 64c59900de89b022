"""Baotou's draft as a pack: every row is there, and its own numbers come out of real evidence."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from pack_texts import overlong, untold
from policy_town import city, communities, coverage, facilities

from policy.assess import assess
from policy.evidence import Evidence
from policy.load import load_pack
from policy.money import cost_table, meal_points
from policy.verdict import Status, Verdict

BAOTOU = load_pack("baotou_2020")
DAY = date(2023, 6, 30)
ROWS = [f"BT-{n:02}" for n in range(1, 31)]
"""The rows of the document; BT-M1 is the document itself."""
PASS, FAIL, EXCEPTION, UNKNOWN = Status.PASS, Status.FAIL, Status.EXCEPTION_NEEDED, Status.UNKNOWN
COMMUNITIES, VILLAGES = 277, 526


def of(rule_id: str, evidence: Evidence, *, as_of: date = DAY, **choices: object) -> tuple[Verdict, ...]:
    return tuple(v for v in assess(BAOTOU, evidence, as_of=as_of, choices=choices) if v.rule_id == rule_id)


def one(rule_id: str, evidence: Evidence, *, as_of: date = DAY, **choices: object) -> Verdict:
    return next(iter(of(rule_id, evidence, as_of=as_of, **choices)))


def test_every_row_of_the_document_is_there_and_in_its_order() -> None:
    ids = [rule.id for rule in BAOTOU.rules]
    assert list(dict.fromkeys(i.split(".")[0] for i in ids)) == ROWS
    assert len(set(ids)) == len(ids)


def test_every_verdict_says_that_the_document_is_a_draft() -> None:
    found = assess(BAOTOU, city(communities({})), as_of=DAY)
    assert found
    assert all("征求意见稿" in v.document and "draft" in v.document for v in found)


def test_the_texts_are_whole_and_short() -> None:
    assert untold(BAOTOU) == []
    assert overlong(BAOTOU) == []


# Goals: 20, 50 and 100 % of 277 communities and 526 villages.


def goals(done_urban: int, done_rural: int, *, on: str = "2020-12-31", conditional: bool | None = None) -> Evidence:
    """Return the city's 803 units of which so many of each class were finished on that day, the rest in 2030."""

    def rows(n: int, done: int, **more: Any) -> list[dict[str, Any]]:
        days = [pd.Timestamp(on if i < done else "2030-01-01") for i in range(n)]
        return [{"finished": day, "conditional": conditional, **more} for day in days]

    village = {"urban": False, "street_level": "town", "street_id": "150223100", "street": "某苏木"}
    units = communities(*rows(COMMUNITIES, done_urban), *rows(VILLAGES, done_rural, **village))
    return city(units)


@pytest.mark.parametrize(
    ("rule", "urban", "rural", "status"),
    [
        ("BT-01", 56, 105, PASS),  # 161 of 803: 20 % is 160.6
        ("BT-01", 55, 105, FAIL),
        ("BT-01.1", 56, 0, PASS),  # 55.4 of 277
        ("BT-01.1", 55, 526, FAIL),
        ("BT-01.2", 0, 106, PASS),  # 105.2 of 526
        ("BT-01.2", 277, 105, FAIL),
        ("BT-02", 139, 263, PASS),  # 402 of 803: 50 % is 401.5
        ("BT-02", 139, 262, FAIL),
        ("BT-02.1", 139, 0, PASS),
        ("BT-02.1", 138, 526, FAIL),
        ("BT-02.2", 0, 263, PASS),
        ("BT-02.2", 277, 262, FAIL),
        ("BT-03", 277, 526, PASS),
        ("BT-03", 277, 525, FAIL),
    ],
)
def test_the_goals_of_each_year(rule: str, urban: int, rural: int, status: Status) -> None:
    verdict = one(rule, goals(urban, rural))
    assert verdict.status is status
    if status is FAIL:
        assert verdict.shortfall is not None
        assert verdict.shortfall.number == 1


def test_what_was_finished_a_day_late_does_not_count() -> None:
    late = goals(COMMUNITIES, VILLAGES, on="2021-01-01")
    assert one("BT-01", late).status is FAIL
    assert one("BT-02", late).status is PASS


def test_whether_the_classes_count_together_is_a_choice() -> None:
    evidence = goals(COMMUNITIES, 0)  # all communities, no village: 277 of 803 together
    joint = {v.rule_id: v for v in assess(BAOTOU, evidence, as_of=DAY) if v.rule_id.startswith("BT-01")}
    assert [joint[i].status for i in ("BT-01", "BT-01.1", "BT-01.2")] == [PASS, PASS, FAIL]
    assert [joint[i].decides for i in ("BT-01", "BT-01.1", "BT-01.2")] == [True, False, False]
    apart = assess(BAOTOU, evidence, as_of=DAY, choices={"ratio_reading": "by_class"})
    assert {v.rule_id for v in apart if v.rule_id.startswith("BT-01") and v.decides} == {"BT-01.1", "BT-01.2"}


@pytest.mark.parametrize(("conditional", "status"), [(True, FAIL), (False, Status.NOT_APPLICABLE), (None, UNKNOWN)])
def test_only_units_with_the_conditions_may_be_asked(conditional: bool | None, status: Status) -> None:
    evidence = goals(1, 1, conditional=conditional)
    assert one("BT-03", evidence, denominator_reading="conditional_units").status is status
    assert one("BT-03", evidence).status is FAIL


def test_the_list_is_held_against_the_numbers_stated() -> None:
    whole = goals(0, 0)
    assert [one(i, whole).status for i in ("BT-03.1", "BT-03.2")] == [PASS, PASS]
    fewer = city(whole.communities.iloc[1:])
    assert [one(i, fewer).status for i in ("BT-03.1", "BT-03.2")] == [EXCEPTION, PASS]


def test_full_coverage_in_both_denominators() -> None:
    units = communities({"conditional": True}, {"conditional": False})
    places = facilities({"community_id": units.index[0], "kind": "street_centre"})
    evidence = city(units, places)
    assert one("BT-13", evidence).status is FAIL
    assert one("BT-13", evidence, denominator_reading="conditional_units").status is PASS
    units = communities({"conditional": True}, {"conditional": None})
    evidence = city(units, facilities({"community_id": units.index[0], "kind": "street_centre"}))
    unsure = one("BT-13", evidence, denominator_reading="conditional_units")
    assert unsure.status is UNKNOWN
    assert any("communities.conditional" in m for m in unsure.missing)


# Names, zones, and the pilot year 2020.


def districts(*named: tuple[str | None, str | None, int], built: str = "2020-06-01", **more: Any) -> Evidence:
    """Return a city of one community for each county and zone, with so many centres built on that day."""
    of_county = {county: i for i, (county, _, _) in enumerate(named)}
    rows = [
        {"county": county, "county_id": f"1502{of_county[county]:02}", "zone": zone, "street_id": f"1502000{i:02}"}
        for i, (county, zone, _) in enumerate(named)
    ]
    units = communities(*rows)
    made = {"kind": "street_centre", "built": pd.Timestamp(built), "floor_area_m2": 500, **more}
    places = [
        {"community_id": key, **made} for key, (_, _, n) in zip(units.index, named, strict=True) for _ in range(n)
    ]
    return city(units, facilities(*places))


@pytest.mark.parametrize(
    ("rule", "short", "full"),
    [
        ("BT-10", "昆区", "昆都仑区"),
        ("BT-11", "白云矿区", "白云鄂博矿区"),
        ("BT-11", "土右旗", "土默特右旗"),
        ("BT-11", "达茂旗", "达尔罕茂明安联合旗"),
    ],
)
def test_a_short_name_is_the_same_county(rule: str, short: str, full: str) -> None:
    for name in (short, full):
        found = [v for v in of(rule, districts((name, None, 2))) if v.level == "county"]
        assert [v.status for v in found] == [PASS], name


def test_the_high_tech_zone_counts_its_own_communities_once() -> None:
    evidence = districts(("昆都仑区", None, 1), ("昆都仑区", "包头稀土高新区", 2))
    found = {(v.level, v.unit_name): v for v in of("BT-10", evidence)}
    assert found["county", "昆都仑区"].value == 1
    assert found["county", "昆都仑区"].status is FAIL
    assert found["zone", "稀土高新区"].value == 2
    assert found["zone", "稀土高新区"].status is PASS
    within = {(v.level, v.unit_name): v for v in of("BT-10", evidence, zone_reading="within_county")}
    assert within["county", "昆都仑区"].value == 3


def test_two_in_each_district_or_two_in_all_is_a_choice() -> None:
    evidence = districts(("昆区", None, 1), ("青山区", None, 1), ("固阳县", None, 9))
    each = [v for v in of("BT-10", evidence) if v.level == "county"]
    assert {v.status for v in each} == {FAIL}
    assert all(v.decides for v in each)
    total = one("BT-10.1", evidence, pilot_reading="in_total")
    assert (total.status, total.value, total.decides) == (PASS, 2, True)
    assert not one("BT-10.1", evidence).decides


@pytest.mark.parametrize(
    ("built", "area", "status"),
    [
        ("2020-12-31", 500, PASS),
        ("2020-01-01", 500, PASS),
        ("2019-12-31", 500, FAIL),
        ("2021-01-01", 500, FAIL),
        ("2020-06-01", 499, FAIL),
    ],
)
def test_a_standard_centre_was_built_within_the_year(built: str, area: int, status: Status) -> None:
    evidence = districts(("石拐区", None, 1), built=built, floor_area_m2=area)
    assert next(v for v in of("BT-11", evidence) if v.level == "county").status is status


# The circle and the services.


def test_the_circle_is_reported_without_a_limit() -> None:
    units = communities({})
    row = coverage(units, {str(units.index[0]): (10, 0, 9)})
    someone = row["elders"] > 0
    row = row.assign(elders_covered_5=4 * someone, elders_covered_10=7 * someone)
    evidence = Evidence(units, facilities(), row, (5, 10, 15))
    found = {v.reading: v for v in of("BT-04", evidence) if v.level == "city"}
    assert {v.status for v in found.values()} == {Status.UNDEFINED}
    assert {name: v.value for name, v in found.items()} == {
        "within_5": Fraction(4, 10),
        "within_10": Fraction(7, 10),
        "within_15": Fraction(9, 10),
    }


def test_the_functions_a_place_lacks_are_named() -> None:
    units = communities({})
    place = {"community_id": units.index[0], "services": ["康复", "保健", "娱乐", "就餐"]}
    verdict = one("BT-06", city(units, facilities(place)))
    assert (verdict.level, verdict.status, verdict.value) == ("facility", Status.UNDEFINED, Fraction(4, 5))


# Money and people.


def test_the_subsidies_are_the_documents_figures() -> None:
    figures = {t.name: (t.least, t.most, t.unit) for t in BAOTOU.terms}
    assert figures["building_subsidy_urban"] == (20, 30, "wan_yuan_each")
    assert figures["building_subsidy_rural"] == (5, 5, "wan_yuan_each")
    assert figures["running_subsidy_day_care"] == (3, 3, "wan_yuan_a_year_each")
    assert figures["running_subsidy_station"] == (2, 2, "wan_yuan_a_year_each")
    assert figures["excellence_award"] == (1, 5, "wan_yuan_a_year_each")
    assert figures["platform_subsidy"] == (200, 200, "wan_yuan_a_year")


def test_what_a_new_site_takes_in() -> None:
    table = cost_table(BAOTOU).set_index(["kind", "urban"])
    yuan = ["once_least_yuan", "once_most_yuan", "a_year_least_yuan", "a_year_most_yuan"]
    assert table.loc[("street_centre", True), yuan].tolist() == [200_000, 300_000, 0, 0]
    assert table.loc[("street_centre", False), yuan].tolist() == [50_000, 50_000, 0, 0]
    assert table.loc[("day_care", True), yuan].tolist() == [0, 0, 30_000, 30_000]
    assert table.loc[("rural_station", False), yuan].tolist() == [0, 0, 20_000, 20_000]


def people(*rows: dict[str, Any]) -> Evidence:
    units = communities({})
    plain = {"community_id": units.index[0], "age_from": 60, "age_to": 69, "registered": True, "resident": True}
    plain |= {"ability": "able", "categories": ["none"], "excluded": ["none"], "people": 1}
    frame = pd.DataFrame([{**plain, **row} for row in rows])
    return Evidence(units, facilities(), coverage(units), (15,), people_groups=frame)


@pytest.mark.parametrize(
    ("row", "entitled"),
    [
        ({"categories": ["destitute"]}, 1),
        ({"ability": "severe"}, 1),
        ({"ability": "moderate"}, 1),
        ({"ability": "mild"}, 0),
        ({"categories": ["only_child_lost"]}, 1),
        ({"categories": ["empty_nest"]}, 1),
        ({"categories": ["left_behind"]}, 1),
        ({"categories": ["low_income"]}, 1),
        ({"categories": ["low_income_edge"]}, 1),
        ({"age_from": 100, "age_to": 110}, 1),
        ({"age_from": 90, "age_to": 99}, 0),
        ({"categories": ["living_alone"]}, 0),
        ({"categories": ["destitute"], "registered": False}, 0),
        ({"categories": ["destitute"], "age_from": 50, "age_to": 59}, 0),
        # A member of several groups is one person.
        ({"categories": ["destitute", "empty_nest"], "ability": "severe"}, 1),
    ],
)
def test_who_gets_the_meal_subsidy(row: dict[str, Any], entitled: int) -> None:
    assert next(v for v in of("BT-18.1", people(row)) if v.level == "city").value == entitled


@pytest.mark.parametrize(("elders", "over"), [(182, False), (183, True)])
def test_a_meal_point_reaches_its_cap_between_182_and_183_elders(elders: int, *, over: bool) -> None:
    evidence = people({"categories": ["destitute"], "people": elders})
    entitled = next(v for v in of("BT-18.1", evidence) if v.level == "city").value
    assert entitled == elders
    (point,) = meal_points({"P1": (elders, elders)}, BAOTOU)
    assert point.capped is over
    assert point.elders_under_cap == 182
    assert point.most_yuan == (200_000 if over else 3 * 365 * elders)


# Rooms.


def room(area: float, **more: Any) -> Evidence:
    units = communities({})
    return city(units, facilities({"community_id": units.index[0], "floor_area_m2": area, **more}))


EXEMPT = {"old_estate_exempt": True, "exempt_reason": "无可用空间"}


@pytest.mark.parametrize(
    ("area", "ordinary", "exempt"),
    [
        (349, None, None),
        (350, None, 350),
        (499, None, 350),
        (500, 500, 500),
        (999, 500, 500),
        (1000, 1000, 1000),
    ],
)
def test_classes_of_rooms(area: int, ordinary: int | None, exempt: int | None) -> None:
    for room_class, more in ((ordinary, {"old_estate_exempt": False}), (exempt, EXEMPT)):
        verdict = one("BT-22", room(area, **more))
        assert verdict.level == "facility"
        assert verdict.status is (FAIL if room_class is None else PASS)
        assert verdict.value == (room_class or 0)


@pytest.mark.parametrize(
    ("area", "more", "short", "said"),
    [
        (420, {"old_estate_exempt": False}, 80, True),
        (300, {"old_estate_exempt": False}, 200, True),
        (300, EXEMPT, 50, False),
    ],
)
def test_a_room_between_the_classes_says_why_it_does_not_do(
    area: int, more: dict[str, Any], short: int, said: bool
) -> None:
    verdict = one("BT-22", room(area, **more))
    assert (verdict.status, verdict.shortfall and verdict.shortfall.number) == (FAIL, short)
    assert ("低于 500 平方米" in verdict.note[0]) is said


def test_being_without_conditions_takes_a_reason() -> None:
    verdict = one("BT-22", room(400, old_estate_exempt=True))
    assert verdict.status is UNKNOWN
    assert any("exempt_reason" in m for m in verdict.missing)
    assert one("BT-22", room(400)).status is UNKNOWN
    assert one("BT-22", room(500)).status is PASS
    # Of a facility that may not be there at all the class is no answer.
    perhaps = one("BT-22", room(500, status=None))
    assert (perhaps.status, perhaps.missing) == (UNKNOWN, ("facilities.status: 设施000",))


@pytest.mark.parametrize(("area", "status"), [(500, PASS), (600, FAIL), (1000, PASS), (1001, FAIL)])
def test_the_sizes_may_be_read_as_fixed(area: int, status: Status) -> None:
    plain = {"old_estate_exempt": False}
    assert one("BT-22", room(area, **plain), room_size_reading="fixed_sizes").status is status
    assert one("BT-22", room(area, **plain)).status is PASS
    assert one("BT-22", room(400, **EXEMPT), room_size_reading="fixed_sizes").status is PASS


def points(*areas: float, near: tuple[int, int, int] | None = (10, 0, 10)) -> Evidence:
    """Return one community with service points of these areas; `near`: its elders by the walk to a centre."""
    units = communities({})
    places = facilities(*({"community_id": units.index[0], "floor_area_m2": area} for area in areas))
    centre = pd.DataFrame() if near is None else coverage(units, {str(units.index[0]): near})
    return Evidence(units, places, coverage(units), (15,), centre_coverage=centre)


@pytest.mark.parametrize(
    ("areas", "near", "status"),
    [
        ((350,), (10, 0, 10), PASS),
        ((200, 150), (10, 0, 10), PASS),
        ((200, 149), (10, 0, 10), EXCEPTION),
        ((200, 150), (10, 0, 0), EXCEPTION),  # no centre in the neighbourhood
        ((200, 150), None, UNKNOWN),  # the walk to the centres was not computed
        ((200, 149), None, EXCEPTION),  # too small wherever the centre is
    ],
)
def test_several_points_add_up_where_a_centre_is_near(
    areas: tuple[float, ...], near: tuple[int, int, int] | None, status: Status
) -> None:
    verdict = next(v for v in of("BT-27", points(*areas, near=near)) if v.level == "community")
    assert verdict.status is status


def test_the_smallest_point_that_counts_is_a_choice() -> None:
    evidence = points(200, 130, 20)
    assert next(v for v in of("BT-27", evidence) if v.level == "community").status is PASS
    without = next(v for v in of("BT-27", evidence, least_point_m2=21) if v.level == "community")
    assert (without.status, without.value) == (EXCEPTION, 330)


@pytest.mark.parametrize(
    ("use", "consent", "status"),
    [("养老服务", None, PASS), ("超市", None, FAIL), ("超市", "民函〔2022〕3号", PASS), (None, None, UNKNOWN)],
)
def test_a_change_of_use_needs_consent(use: str | None, consent: str | None, status: Status) -> None:
    evidence = room(500, current_use=use, change_consent=consent)
    assert one("BT-23", evidence).status is status
    assert one("BT-26", evidence).status is status


def test_what_old_estates_lack_is_reported() -> None:
    units = communities({})
    old = {"project_id": "X1", "name": "老小区", "new_estate": False, "care_required_m2": 350, "care_built_m2": 264}
    housing = pd.DataFrame([old], index=["X1"])
    verdict = one("BT-28", Evidence(units, facilities(), coverage(units), (15,), housing=housing))
    assert (verdict.status, verdict.value) == (Status.UNDEFINED, 86)

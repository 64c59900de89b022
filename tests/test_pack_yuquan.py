"""Yuquan's pack: every row of the plan is there, and who is entitled is counted against an oracle of plain words."""

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from pack_texts import overlong, untold
from policy_town import city, communities, facilities

from policy.assess import assess
from policy.evidence import Evidence
from policy.load import load_pack
from policy.survey import survey
from policy.table import verdict_counts
from policy.verdict import Status, Verdict

YUQUAN = load_pack("yuquan_2024")
DAY = date(2025, 1, 31)
PASS, FAIL, UNKNOWN, UNDEFINED = Status.PASS, Status.FAIL, Status.UNKNOWN, Status.UNDEFINED
ROWS = ["YQ-M1", *(f"YQ-{n:02}" for n in range(1, 24))]
ADMINISTRATIVE = {"YQ-M1", *(f"YQ-{n}" for n in (14, 15, 16, 17, 19, 20, 21))}


def of(rule_id: str, evidence: Evidence, *, as_of: date = DAY, **choices: object) -> tuple[Verdict, ...]:
    alone = YUQUAN.model_copy(update={"rules": (YUQUAN.rule(rule_id),)})
    return assess(alone, evidence, as_of=as_of, choices=choices)


def one(rule_id: str, evidence: Evidence, *, as_of: date = DAY, **choices: object) -> Verdict:
    (found,) = (v for v in of(rule_id, evidence, as_of=as_of, **choices) if v.level == "city" and v.decides)
    return found


# What the document has.


def test_every_row_of_the_plan_is_there() -> None:
    assert len(ROWS) == 24
    assert sorted({re.sub(r"^(YQ-(M1|\d\d)).*", r"\1", rule.id) for rule in YUQUAN.rules}) == sorted(ROWS)


def test_a_plan_without_a_number_is_cited_by_its_index() -> None:
    assert "0001152802XZ/2024-00172" in YUQUAN.document.cite
    assert YUQUAN.document.issued == date(2024, 7, 25)
    assert any("没有文号" in doubt.zh for doubt in YUQUAN.document.doubts)


def test_the_texts_are_whole_and_short() -> None:
    assert untold(YUQUAN) == []
    assert overlong(YUQUAN) == []
    assert all(rule.demand is not None for rule in YUQUAN.rules)


def test_administrative_rows_are_listed_and_never_counted() -> None:
    assert {rule.id for rule in YUQUAN.rules if rule.form == "checklist"} == ADMINISTRATIVE
    verdicts = [v for row in sorted(ADMINISTRATIVE) for v in of(row, city(communities({})))]
    assert len(verdicts) == len(ADMINISTRATIVE)
    assert sum(verdict_counts(verdicts).values()) == 0


def test_two_benefits_have_six_groups_each_and_every_group_is_a_rows() -> None:
    groups = {benefit: [g.id for g in YUQUAN.groups if g.benefit == benefit] for benefit in ("home_visit", "meal_help")}
    assert groups["home_visit"] == [f"YQ-A{n}" for n in range(1, 7)]
    assert groups["meal_help"] == [f"YQ-B{n}" for n in range(1, 7)]
    named = {name for rule in YUQUAN.rules for name in rule.terms}
    assert named >= {*groups["home_visit"], *groups["meal_help"]}


# Who is entitled: every combination of marks, against the plan said again in plain code.

AGES = (59, 60, 64, 65, 69, 70, 79, 80, 89, 90, 99, 100)
ABILITIES = ("able", "semi_disabled", "moderate", "severe")
MARKS: tuple[tuple[str, ...], ...] = (
    (),
    ("destitute",),
    ("low_income",),
    ("low_income_edge",),
    ("family_planning_special",),
    ("living_alone",),
    ("model_worker",),
    ("injured_on_duty",),
    ("injured_for_others",),
    ("empty_nest",),
    ("left_behind",),
    ("only_child_lost",),
    ("destitute", "living_alone"),
    ("low_income", "empty_nest"),
)
EXCLUDED: tuple[tuple[str, ...], ...] = ((), ("institution",), ("bed_subsidy",), ("care_insurance",))
RESIDENCE = ((True, True), (True, False), (False, True))
Who = tuple[int, str, tuple[str, ...], tuple[str, ...], tuple[bool, bool]]


def home_items(age: int, ability: str, marks: tuple[str, ...]) -> list[int]:
    """Return the items of 三（一） that a person meets, the base aside."""
    poor = "low_income" in marks or "low_income_edge" in marks
    items = {
        1: age >= 65 and "destitute" in marks,
        2: age >= 80 and poor,
        3: poor and ability in {"moderate", "severe"},
        4: age >= 70 and ("family_planning_special" in marks or "living_alone" in marks),
        5: age >= 70 and any(m in marks for m in ("model_worker", "injured_on_duty", "injured_for_others")),
        6: age >= 90,
    }
    return [number for number, met in items.items() if met]


def gets_home_visits(who: Who) -> bool:
    age, ability, marks, excluded, (registered, resident) = who
    base = registered and resident and age >= 60 and ability != "able"
    return base and not excluded and bool(home_items(age, ability, marks))


def gets_meals(who: Who) -> bool:
    age, ability, marks, _, (registered, resident) = who
    items = [
        "destitute" in marks,
        ability in {"moderate", "severe"},
        "low_income" in marks or "low_income_edge" in marks,
        "empty_nest" in marks or "left_behind" in marks,
        "only_child_lost" in marks,
        age >= 100,
    ]
    return registered and resident and age >= 60 and any(items)


EVERYBODY: list[Who] = list(itertools.product(AGES, ABILITIES, MARKS, EXCLUDED, RESIDENCE))


def counts(*people: tuple[Who, int]) -> Evidence:
    units = communities({"zone": None})
    rows: list[dict[str, Any]] = [
        {"community_id": units.index[0], "age_from": age, "age_to": age, "ability": ability}
        | {"registered": residence[0], "resident": residence[1], "people": n}
        | {"categories": list(marks) or ["none"], "excluded": list(excluded) or ["none"]}
        for (age, ability, marks, excluded, residence), n in people
    ]
    return replace(city(units), people_groups=pd.DataFrame(rows))


def entitled(rule_id: str, *people: Who) -> int | None:
    found = one(rule_id, counts(*((who, 1) for who in people)))
    assert found.status is UNDEFINED, "persons are reported, no limit is set"
    return None if found.value is None else int(found.value)


def told(rule_id: str, who: Who) -> bool:
    """Return whether the grade of the disability, where the counts do not have it, cannot change the answer."""
    _, ability, marks, *_ = who
    open_items = rule_id == "YQ-10" or "low_income" in marks or "low_income_edge" in marks
    return ability != "semi_disabled" or not open_items


@pytest.mark.parametrize(("rule_id", "oracle"), [("YQ-02", gets_home_visits), ("YQ-10", gets_meals)])
def test_the_persons_entitled_are_those_of_the_plan(rule_id: str, oracle: Callable[[Who], bool]) -> None:
    # Each age with each ability on its own and each row with a number of its own, so that no two wrongs make a right.
    for age, ability in itertools.product(AGES, ABILITIES):
        people = [who for who in EVERYBODY if who[:2] == (age, ability) and told(rule_id, who)]
        if people:
            weighed = [(who, 1 + 3 * n) for n, who in enumerate(people)]
            expected = sum(n for who, n in weighed if oracle(who))
            assert one(rule_id, counts(*weighed)).value == expected, (age, ability)
    assert 0 < sum(map(oracle, EVERYBODY)) < len(EVERYBODY)


HERE = (True, True)


def test_a_healthy_person_of_ninety_has_no_home_visits_but_is_counted_beside() -> None:
    healthy, frail = (90, "able", (), (), HERE), (90, "semi_disabled", (), (), HERE)
    assert (entitled("YQ-02", healthy), entitled("YQ-02", frail)) == (0, 1)
    assert (entitled("YQ-08-any-ability", healthy), entitled("YQ-08-any-ability", frail)) == (1, 1)
    # Meals ask for no disability: an empty nest is enough, at ninety or at sixty.
    assert entitled("YQ-10", healthy) == 0
    assert entitled("YQ-10", (90, "able", ("empty_nest",), (), HERE), (60, "able", ("empty_nest",), (), HERE)) == 2
    assert entitled("YQ-10", (99, "able", (), (), HERE), (100, "able", (), (), HERE)) == 1


def test_who_meets_two_items_or_six_is_one_person() -> None:
    two = (80, "severe", ("low_income", "living_alone"), (), HERE)
    many = (95, "severe", ("destitute", "low_income", "living_alone", "model_worker"), (), HERE)
    assert len(home_items(two[0], two[1], two[2])) == 3
    assert home_items(many[0], many[1], many[2]) == [1, 2, 3, 4, 5, 6]
    assert entitled("YQ-02", two, many) == 2


@pytest.mark.parametrize("excluded", ["institution", "bed_subsidy", "care_insurance"])
def test_what_is_had_already_shuts_out_of_home_visits_and_not_of_meals(excluded: str) -> None:
    person = (80, "severe", ("low_income",), (excluded,), HERE)
    assert (entitled("YQ-02", person), entitled("YQ-10", person)) == (0, 1)


def test_the_age_of_item_five_may_be_for_model_workers_only() -> None:
    injured = (60, "severe", ("injured_on_duty",), (), HERE)
    worker = (60, "severe", ("model_worker",), (), HERE)
    assert (entitled("YQ-02", injured, worker), entitled("YQ-07-any-age", injured, worker)) == (0, 1)


@pytest.mark.parametrize("ability", ["disabled", "semi_disabled"])
def test_a_disability_without_a_grade_leaves_item_three_open(ability: str) -> None:
    evidence = counts(((60, ability, ("low_income",), (), HERE), 5))
    found = one("YQ-02", evidence)
    assert found.status is UNKNOWN
    assert any("people_groups.ability" in m for m in found.missing)
    assert one("YQ-02", city(communities({}))).status is UNKNOWN, "no counts are no nought"


# The zone.


def test_the_service_centre_is_a_zone_under_any_of_its_names() -> None:
    units = communities(
        {"county": "玉泉区", "county_id": "150104"},
        {"county": "玉泉区", "county_id": "150104", "zone": "云中路", "contractor": ["甲"]},
    )
    found = {(v.level, v.unit_name): v.status for v in of("YQ-13", city(units)) if v.level == "zone"}
    assert found == {("zone", "云中路区域服务中心"): PASS}
    assert survey(city(units)).communities[1].zone == "云中路"


# Contracts, money and the number of elders.


@pytest.mark.parametrize(
    ("contractors", "status"), [(["甲"], PASS), (["甲", "乙"], FAIL), (["未签约"], FAIL), ([], UNKNOWN)]
)
def test_each_community_has_one_contract(contractors: list[str], status: Status) -> None:
    units = communities({"contractor": ["乙"]}, {"contractor": contractors})
    found = one("YQ-13", city(units))
    assert found.status is status
    if status is FAIL:
        assert found.shortfall is not None
        assert (found.shortfall.number, found.shortfall.names) == (1, ("社区001",))
    early = one("YQ-13", city(units), as_of=date(2024, 7, 30)).status
    assert early is (Status.NOT_DUE if status is FAIL else status)
    assert one("YQ-13", city(units), as_of=date(2024, 7, 31)).status is status


def money(of_city: int | None, of_district: int | None) -> Evidence:
    rows = [("购买服务市级经费", of_city), ("购买服务区级经费", of_district)]
    frame = pd.DataFrame([{"figure": f, "unit": None, "value": n} for f, n in rows if n is not None])
    return replace(city(communities({})), figures=frame)


@pytest.mark.parametrize(
    ("shares", "status"),
    [((500, 500), PASS), ((500, 501), FAIL), ((501, 500), FAIL), ((0, 0), PASS), ((500, None), UNKNOWN)],
)
def test_city_and_district_pay_the_same(shares: tuple[int | None, int | None], status: Status) -> None:
    assert one("YQ-22", money(*shares)).status is status


def test_every_community_states_its_elders_and_nought_is_a_number() -> None:
    assert one("YQ-23", city(communities({"elders": 0}, {"elders": 9}))).status is PASS
    short = one("YQ-23", city(communities({"elders": 0}, {"elders": None})))
    assert (short.status, short.shortfall and short.shortfall.names) == (FAIL, ("社区001",))


def test_day_care_is_reported_in_both_readings_without_a_verdict() -> None:
    units = communities({}, {})
    evidence = city(units, facilities({"community_id": units.index[0]}))
    found = {v.reading: (v.status, v.value) for v in of("YQ-01", evidence) if v.level == "city"}
    assert found == {"elders_within_walk": (UNDEFINED, 1), "units_with_facility": (UNDEFINED, pytest.approx(0.5))}


@pytest.mark.parametrize("rule_id", ["YQ-18", "YQ-22-budget", "YQ-23-ledger"])
def test_what_only_a_person_can_tell_is_asked(rule_id: str) -> None:
    evidence = city(communities({}))
    assert one(rule_id, evidence).status is UNKNOWN
    for answer, status in ((True, PASS), (False, FAIL)):
        told = pd.DataFrame([{"rule_id": rule_id, "unit": None, "answer": answer}])
        assert one(rule_id, replace(evidence, answers=told)).status is status

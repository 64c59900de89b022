"""Jilin's pack: every row of the three annexes is there, and its limits hold one unit to either side."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pack_texts import overlong, untold
from policy_town import DAY, city, communities, facilities

from gis.errors import InputError
from policy.assess import assess
from policy.evidence import Evidence
from policy.load import load_pack
from policy.table import verdict_counts
from policy.verdict import Status, Verdict

JILIN = load_pack("jilin_2017")
PASS, FAIL, EXCEPTION, UNKNOWN = Status.PASS, Status.FAIL, Status.EXCEPTION_NEEDED, Status.UNKNOWN
NOT_DUE, NONE = Status.NOT_DUE, Status.NOT_APPLICABLE
ROWS = ["JL-M1", *(f"JL-A1-0{n}" for n in range(1, 5)), *(f"JL-A2-{n:02}" for n in range(1, 12))]
ROWS += [f"JL-A3-0{n}" for n in range(1, 8)]
ADMINISTRATIVE = {"JL-M1", "JL-A1-01", "JL-A1-03", "JL-A1-04", "JL-A2-10", "JL-A2-11", "JL-A3-06", "JL-A3-07"}


def of(rule_id: str, evidence: Evidence, *, as_of: date = DAY, **choices: object) -> tuple[Verdict, ...]:
    alone = JILIN.model_copy(update={"rules": (JILIN.rule(rule_id),)})
    return assess(alone, evidence, as_of=as_of, choices={k: v for k, v in choices.items() if k in JILIN.choices})


def one(rule_id: str, evidence: Evidence, *, as_of: date = DAY, **choices: object) -> Verdict:
    (found,) = of(rule_id, evidence, as_of=as_of, **choices)
    return found


def centre(**cells: Any) -> Evidence:
    """Return a city with one pilot of annex 2."""
    units = communities({})
    return city(units, facilities({"community_id": units.index[0], "kind": "street_centre", "pilot": True, **cells}))


def home(**cells: Any) -> Evidence:
    """Return a city with one pilot of annex 3."""
    return centre(kind="medical_care_home", **cells)


# What the document has.


def test_every_row_of_the_notice_is_a_rule_or_is_split_into_rules() -> None:
    assert len(ROWS) == 23
    found = {re.sub(r"^(JL-(M1|A\d-\d\d)).*", r"\1", rule.id) for rule in JILIN.rules}
    assert sorted(found) == sorted(ROWS)


def test_administrative_rows_are_listed_and_never_counted() -> None:
    assert {rule.id for rule in JILIN.rules if rule.form == "checklist"} == ADMINISTRATIVE
    verdicts = [v for row in sorted(ADMINISTRATIVE) for v in of(row, centre())]
    assert len(verdicts) == len(ADMINISTRATIVE)
    assert sum(verdict_counts(verdicts).values()) == 0


def test_the_texts_are_whole_and_short() -> None:
    assert untold(JILIN) == []
    assert overlong(JILIN) == []
    assert all(rule.demand is not None for rule in JILIN.rules)


def test_the_notice_is_cited_by_number_and_says_what_is_wrong_with_it() -> None:
    assert (JILIN.document.cite, JILIN.document.kind) == ("吉民发〔2017〕23号", "notice")
    assert any("（三）" in doubt.zh for doubt in JILIN.document.doubts)
    assert any("养老老服务" in doubt.zh for doubt in JILIN.document.doubts)


def test_annex_3_is_reviewed_with_the_finance_department() -> None:
    for rule in JILIN.rules:
        assert ("省财政厅" in rule.responsible) is rule.id.startswith("JL-A3-"), rule.id
    assert JILIN.rule("JL-A2-11").responsible == ("省厅社会福利处",)


def test_only_the_two_rules_in_principle_ask_for_a_reason() -> None:
    assert {rule.id for rule in JILIN.rules if rule.principle} == {"JL-A2-06", "JL-A3-02"}


# Who is meant.


def test_only_pilots_are_judged_and_an_unmarked_facility_is_not_known() -> None:
    assert one("JL-A2-03", centre(operator_type="public", pilot=False)).status is NONE
    unmarked = one("JL-A2-03", centre(operator_type="public", pilot=None))
    assert (unmarked.status, unmarked.missing) == (UNKNOWN, ("facilities.pilot: 设施000",))
    assert one("JL-A2-03", home(operator_type="public")).status is NONE, "annex 2 is not about medical care"
    assert one("JL-A3-02", centre(beds=5)).status is NONE, "annex 3 is not about home-care centres"


# Annex 2.


@pytest.mark.parametrize(
    ("area", "status"), [(499, EXCEPTION), (499.99, EXCEPTION), (500, PASS), (501, PASS), (None, UNKNOWN)]
)
def test_five_hundred_square_metres_in_principle(area: float | None, status: Status) -> None:
    found = one("JL-A2-06", centre(floor_area_m2=area, land_m2=9999))
    assert (found.level, found.status) == ("facility", status)
    if area == 499:
        assert found.shortfall is not None
        assert found.shortfall.number == 1


@pytest.mark.parametrize(
    ("opened", "status"), [("2017-10-30", PASS), ("2017-10-31", PASS), ("2017-11-01", FAIL), (None, UNKNOWN)]
)
def test_a_centre_is_open_by_the_end_of_october(opened: str | None, status: Status) -> None:
    evidence = centre(opened=pd.Timestamp(opened) if opened else pd.NaT)
    assert one("JL-A2-05", evidence).status is status
    early = one("JL-A2-05", evidence, as_of=date(2017, 10, 29))
    assert early.status is (UNKNOWN if opened is None else NOT_DUE)


@pytest.mark.parametrize(
    ("host", "status"), [("street", PASS), ("large_community", PASS), ("community", FAIL), (None, UNKNOWN)]
)
def test_a_centre_stands_on_a_street_or_a_larger_community(host: str | None, status: Status) -> None:
    assert one("JL-A2-01", centre(host=host)).status is status


@pytest.mark.parametrize("investor", ["public", "social", None])
@pytest.mark.parametrize(("operator", "status"), [("social", PASS), ("public", FAIL), (None, UNKNOWN)])
def test_private_capital_runs_the_centre_whoever_invests(
    investor: str | None, operator: str | None, status: Status
) -> None:
    evidence = centre(investor=investor, operator_type=operator)
    assert one("JL-A2-03", evidence).status is status
    assert one("JL-A2-03-investor", evidence).status is (UNKNOWN if investor is None else PASS)


@pytest.mark.parametrize(("agreement", "status"), [(True, PASS), (False, FAIL), (None, UNKNOWN)])
def test_an_agreement_is_signed(agreement: bool | None, status: Status) -> None:
    assert one("JL-A2-04", centre(agreement=agreement)).status is status


ASKED = ("JL-A2-04-plans", "JL-A2-07-1", "JL-A2-07-2", "JL-A2-07-3", "JL-A2-09")


@pytest.mark.parametrize("rule_id", ASKED)
def test_a_person_is_asked_about_each_pilot(rule_id: str) -> None:
    units = communities({})
    rows = [{"community_id": units.index[0], "pilot": mark} for mark in (True, True, False)]
    rows += [{**rows[0], "kind": "medical_care_home"}, {**rows[0], "status": "closed"}]
    evidence = city(units, facilities(*rows))
    told = pd.DataFrame([{"rule_id": rule_id, "unit": "设施001", "answer": False}])
    found = {v.unit_id: v.status for v in of(rule_id, replace(evidence, answers=told))}
    assert found == {"F000": UNKNOWN, "F001": FAIL}


def test_a_question_about_facilities_says_which(tmp_path: Path) -> None:
    body = (
        '[document]\nnumber = "x"\ntitle = { zh = "甲", en = "x" }\n[[rule]]\nid = "x"\nclause = "x"\nform = "manual"\n'
        'title = { zh = "甲", en = "x" }\nlevels = ["facility"]\nanswer = "yes_no"\nasks = { zh = "甲", en = "x" }\n'
    )
    for line, code in (
        ("", "PACK_REQUIRED"),
        ('facilities = { kinds = ["day_care"], statuses = ["in_use"], having = ["pilt"] }', "~ pilot"),
        ('facilities = { kinds = "$kinds", statuses = ["in_use"] }', "PACK_REFERENCE"),
        ('facilities = { kinds = ["day_care"], status = ["in_use"] }', "~ statuses"),
    ):
        (tmp_path / "x.toml").write_text(body + line, encoding="utf-8")
        with pytest.raises(InputError, match=code):
            load_pack(tmp_path / "x.toml")


@pytest.mark.parametrize("offered", range(6))
def test_the_five_services_are_reported_without_a_verdict(offered: int) -> None:
    five = ["生活照料", "短期托养", "陪伴护理", "心理支持", "社会交流"]
    found = one("JL-A2-08-offered", centre(services=[*five[:offered], "助餐"]))
    assert (found.status, found.value) == (Status.UNDEFINED, pytest.approx(offered / 5))


# Annex 3.


@pytest.mark.parametrize(("beds", "status"), [(99, EXCEPTION), (100, PASS), (101, PASS), (None, UNKNOWN)])
def test_a_hundred_beds_in_principle(beds: int | None, status: Status) -> None:
    assert one("JL-A3-02", home(beds=beds)).status is status


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.data())
def test_shares_of_beds_compare_as_whole_numbers(beds: int, data: st.DataObject) -> None:
    some = [data.draw(st.sampled_from([beds * num // den + k for k in (-1, 0, 1)])) for num, den in ((1, 2), (3, 5))]
    care, disabled = (min(max(n, 0), beds) for n in some)
    evidence = home(beds=beds, beds_care=care, beds_disabled=disabled)
    assert one("JL-A3-03", evidence).status is (PASS if 2 * care >= beds else FAIL)
    assert one("JL-A3-04", evidence).status is (PASS if 5 * disabled >= 3 * beds else FAIL)


def test_a_bed_more_than_half_and_than_six_in_ten_is_what_is_lacking() -> None:
    for rule_id, column, enough in (("JL-A3-03", "beds_care", 51), ("JL-A3-04", "beds_disabled", 61)):
        short, met = (one(rule_id, home(beds=101, **{column: n})) for n in (enough - 1, enough))
        assert (short.status, met.status) == (FAIL, PASS)
        assert short.shortfall is not None
        assert (short.shortfall.number, short.shortfall.unit) == (1, "beds")
        assert one(rule_id, home(beds=101)).status is UNKNOWN


def test_the_two_sorts_of_beds_may_overlap() -> None:
    both = home(beds=100, beds_care=100, beds_disabled=100)
    assert [one(r, both).status for r in ("JL-A3-03", "JL-A3-04")] == [PASS, PASS]


@pytest.mark.parametrize("late", ["licence_care", "licence_medical", "opened"])
def test_both_licences_and_the_opening_come_by_the_end_of_november(late: str) -> None:
    last = dict.fromkeys(("licence_care", "licence_medical", "opened"), pd.Timestamp("2017-11-30"))
    assert one("JL-A3-05", home(**last)).status is PASS
    assert one("JL-A3-05", home(**{**last, late: pd.Timestamp("2017-12-01")})).status is FAIL
    assert one("JL-A3-05", home(**{**last, late: pd.NaT})).status is UNKNOWN


@pytest.mark.parametrize(
    ("investor", "non_profit", "statuses"),
    [("social", True, [PASS, PASS]), ("public", False, [FAIL, FAIL]), (None, None, [UNKNOWN, UNKNOWN])],
)
def test_a_home_is_private_and_non_profit(
    investor: str | None, non_profit: bool | None, statuses: list[Status]
) -> None:
    evidence = home(investor=investor, non_profit=non_profit)
    assert [one(r, evidence).status for r in ("JL-A3-01", "JL-A3-01-nature")] == statuses


# Reports.


def test_kept_beds_are_reported_without_a_limit() -> None:
    rows = [("公建民营机构预留床位数", 7), ("公建民营机构床位数", 70)]
    figures = pd.DataFrame([{"figure": name, "unit": None, "value": n} for name, n in rows])
    found = {v.level: v for v in of("JL-A1-02", replace(centre(), figures=figures))}
    assert (found["city"].status, found["city"].value) == (Status.UNDEFINED, pytest.approx(0.1))
    assert {v.status for v in of("JL-A1-02", centre())} == {UNKNOWN}


def test_who_comes_first_is_counted_once() -> None:
    units = communities({})
    plain = {"community_id": units.index[0], "age_from": 60, "age_to": 79, "ability": "able", "categories": ["none"]}
    marks: list[tuple[dict[str, Any], int]] = [
        ({}, 1),
        ({"age_from": 80, "age_to": 89}, 2),
        ({"ability": "severe", "categories": ["low_income", "empty_nest"]}, 4),
        ({"ability": "mild"}, 8),
        ({"categories": ["only_child_lost"], "age_from": 90, "age_to": 99}, 16),
    ]
    frame = pd.DataFrame([{**plain, **mark, "people": n} for mark, n in marks])
    found = {v.level: v for v in of("JL-A2-02-persons", replace(city(units), people_groups=frame))}
    assert found["city"].value == 2 + 4 + 16

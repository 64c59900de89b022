"""Every form of rule: what a person tells, what a document states, what is only reported, and what is only listed."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from made_pack import made, rule
from policy_town import DAY, city, communities, facilities, served

from gis.errors import InputError
from policy.assess import assess, assess_all
from policy.evidence import Evidence
from policy.pack import Policy
from policy.table import verdict_counts, verdict_table
from policy.verdict import Status, Verdict

PASS, FAIL, UNKNOWN, NOT_DUE = Status.PASS, Status.FAIL, Status.UNKNOWN, Status.NOT_DUE
UNDEFINED, EXCEPTION = Status.UNDEFINED, Status.EXCEPTION_NEEDED
ASKS = 'asks = { zh = "有吗？", en = "is there one?" }'
YES_NO = ('form = "manual"', 'answer = "yes_no"', ASKS)
CENTRES = 'measure = { indicator = "facility_count", kinds = ["day_care"], statuses = ["in_use"] }'
LAST = date(2020, 6, 30)


def told(*rows: dict[str, Any], evidence: Evidence | None = None) -> Evidence:
    """Return a town with these answers of persons."""
    return replace(evidence or served(urban=(1, 2)), answers=pd.DataFrame(list(rows)))


def one(policy: Policy, evidence: Evidence, as_of: date = DAY, **choices: object) -> Verdict:
    (verdict,) = assess(policy, evidence, as_of=as_of, choices=choices)
    return verdict


# Only a person can tell.


@pytest.mark.parametrize(
    ("answer", "principle", "status"),
    [(None, False, UNKNOWN), (True, False, PASS), (False, False, FAIL), (True, True, PASS), (False, True, EXCEPTION)],
)
def test_yes_no_and_nothing_said(tmp_path: Path, answer: bool | None, principle: bool, status: Status) -> None:
    policy = made(tmp_path, rule("M-1", *YES_NO, f"principle = {str(principle).lower()}"))
    evidence = served(urban=(1, 2)) if answer is None else told({"rule_id": "M-1", "answer": answer})
    verdict = one(policy, evidence)
    assert (verdict.status, verdict.value, verdict.form) == (status, None, "manual")
    assert (verdict.missing != ()) is (status is UNKNOWN)


def test_the_reason_a_person_gives_stands_in_the_verdict(tmp_path: Path) -> None:
    row = {
        "rule_id": "M-1",
        "answer": True,
        "day": pd.Timestamp("2021-05-01"),
        "reason": "现场查看",
        "evidence": "台账",
    }
    verdict = one(made(tmp_path, rule("M-1", *YES_NO)), told(row))
    for word in ("2021-05-01", "现场查看", "台账"):
        assert word in verdict.measured[0]
        assert word in verdict.measured[1]


@pytest.mark.parametrize(
    "row",
    [
        ("points = [0, 2]", 2, "full", PASS, (2,)),
        ("points = [0, 2]", 0, "full", FAIL, (0,)),
        ("points = [0, 1, 2]", 1, "full", FAIL, (1,)),
        ("points = [0, 1, 2]", 1, "some", PASS, (1,)),
        ("points = [0, 1, 2]", 0, "some", FAIL, (0,)),
        ("points_from = 0\npoints_to = 5", 3, "full", FAIL, (3,)),
        ("points_from = 0\npoints_to = 2", None, "full", UNKNOWN, (2, 1, 0)),
        ("points = [0, 2]", 1, "full", UNKNOWN, (2, 0)),  # one the table does not have is no answer
    ],
)
def test_points_a_person_gives(tmp_path: Path, row: tuple[str, int | None, str, Status, tuple[int, ...]]) -> None:
    allowed, given, passing, status, scores = row
    policy = made(tmp_path, rule("M-1", 'form = "manual"', 'answer = "points"', ASKS, allowed))
    evidence = served(urban=(1, 2)) if given is None else told({"rule_id": "M-1", "points": given})
    verdict = one(policy, evidence, points_that_pass=passing)
    assert (verdict.status, verdict.scores) == (status, scores)


def test_a_yes_earns_what_the_score_table_gives_it(tmp_path: Path) -> None:
    table = "\n[score_table]\nitems = [3]\ntotal = 3\n"
    policy = made(tmp_path, table, rule("M-1", *YES_NO, 'score = { item = 1, part = "1.1", most = 3 }'))
    found = [
        one(policy, evidence).scores for evidence in (told({"rule_id": "M-1", "answer": a}) for a in (True, False))
    ]
    assert [*found, one(policy, served(urban=(1, 2))).scores] == [(3,), (0,), (3, 0)]


@pytest.mark.parametrize("unit", ["410611", "淇滨区", "淇滨"])
def test_an_answer_goes_to_the_unit_it_names_by_code_name_or_other_name(tmp_path: Path, unit: str) -> None:
    names = '\n[names]\n"淇滨区" = ["淇滨"]\n'
    policy = made(tmp_path, names, rule("M-1", *YES_NO, 'levels = ["county"]'))
    units = communities({}, {"county_id": "410602", "county": "鹤山区"})
    found = assess(policy, told({"rule_id": "M-1", "unit": unit, "answer": True}, evidence=city(units)), as_of=DAY)
    assert {v.unit_name: v.status for v in found} == {"淇滨区": PASS, "鹤山区": UNKNOWN}


# What is done by a day.

MILESTONE = ('form = "milestone"', f"deadline = {LAST}")
DAYS = {"before": date(2020, 6, 29), "on": LAST, "after": date(2020, 7, 1)}


@pytest.mark.parametrize(
    ("row", "as_of", "status"),
    [
        (None, "before", NOT_DUE),
        (None, "on", NOT_DUE),
        (None, "after", UNKNOWN),  # no answer is no proof
        ({"answer": False}, "before", NOT_DUE),
        ({"answer": False}, "on", NOT_DUE),
        ({"answer": False}, "after", FAIL),
        ({"answer": False, "day": "2020-06-01"}, "after", FAIL),  # the day on which somebody said no
        ({"day": "2020-06-29"}, "before", PASS),
        ({"day": "2020-06-30"}, "on", PASS),
        ({"day": "2020-06-30"}, "after", PASS),
        ({"day": "2020-07-01"}, "after", FAIL),
        ({"day": "2020-06-30"}, "before", NOT_DUE),  # planned, not done
        ({"day": "2020-07-02"}, "after", FAIL),  # still to come, and the last day is over
        ({"answer": True}, "before", PASS),  # done, and every day so far was in time
        ({"answer": True}, "after", UNKNOWN),  # done, but when?
    ],
)
def test_a_milestone(tmp_path: Path, row: dict[str, Any] | None, as_of: str, status: Status) -> None:
    policy = made(tmp_path, rule("M-1", *MILESTONE))
    answer = {**(row or {}), "rule_id": "M-1"}
    if "day" in answer:
        answer["day"] = pd.Timestamp(answer["day"])
    assert one(policy, served(urban=(1, 2)) if row is None else told(answer), DAYS[as_of]).status is status


# What is only listed, stated or reported.


@pytest.mark.parametrize("answer", [None, True, False])
def test_administrative_items_are_listed_and_never_counted(tmp_path: Path, answer: bool | None) -> None:
    policy = made(tmp_path, rule("M-1", 'form = "checklist"'))
    evidence = served(urban=(1, 2)) if answer is None else told({"rule_id": "M-1", "answer": answer})
    found = assess(policy, evidence, as_of=DAY)
    assert [(v.status, v.form) for v in found] == [({None: UNKNOWN, True: PASS, False: FAIL}[answer], "checklist")]
    assert not any(verdict_counts(found).values())


@pytest.mark.parametrize(("stated", "status", "apart"), [(2, PASS, ""), (3, EXCEPTION, "1"), (1, EXCEPTION, "1")])
def test_a_stated_figure_is_held_against_the_table(tmp_path: Path, stated: int, status: Status, apart: str) -> None:
    policy = made(tmp_path, rule("S-1", 'form = "stated"', f"stated = {stated}", 'levels = ["city"]', CENTRES))
    verdict = one(policy, served(urban=(2, 3)))
    assert (verdict.status, verdict.value, verdict.limit) == (status, 2, stated)
    assert f"相差 {apart}" in verdict.note[0] or status is PASS
    assert f"by {apart}" in verdict.note[1] or status is PASS


def test_a_stated_figure_is_unknown_where_the_data_leave_it_open(tmp_path: Path) -> None:
    policy = made(tmp_path, rule("S-1", 'form = "stated"', "stated = 1", 'levels = ["city"]', CENTRES))
    units = communities({})
    open_one = city(units, facilities({"community_id": units.index[0], "status": None}))
    assert one(policy, open_one).status is UNKNOWN
    sure_to_differ = made(tmp_path, rule("S-1", 'form = "stated"', "stated = 5", 'levels = ["city"]', CENTRES))
    assert one(sure_to_differ, open_one).status is EXCEPTION


@pytest.mark.parametrize(("within", "status"), [(75, PASS), (74, EXCEPTION)])
def test_parts_are_added_up_and_held_against_their_sum(tmp_path: Path, within: int, status: Status) -> None:
    parts = ('form = "stated"', "stated = 3200", f"within = {within}", "parts = [1900, 995, 230]", 'unit = "wan_yuan"')
    verdict = one(made(tmp_path, rule("S-1", *parts)), served(urban=(1, 1)))
    assert (verdict.status, verdict.value) == (status, 3125)
    assert "3,125 万元" in verdict.measured[0]


def test_a_report_shows_its_value_and_says_that_there_is_no_limit(tmp_path: Path) -> None:
    verdict = one(made(tmp_path, rule("R-1", 'form = "report"', 'levels = ["city"]', CENTRES)), served(urban=(2, 3)))
    assert (verdict.status, verdict.value, verdict.limit, verdict.shortfall) == (UNDEFINED, 2, None, None)
    assert "文件未定限值" in verdict.note[0]
    assert "no limit" in verdict.note[1]


def test_figures_alone_are_no_verdict(tmp_path: Path) -> None:
    term = '\n[[term]]\nname = "a"\nrule = "T-1"\nclause = "一"\ntitle = { zh = "甲", en = "A" }\nlow = 20\nhigh = 30\n'
    policy = made(tmp_path, rule("T-1", 'form = "terms"', 'terms = ["a"]'), term + 'unit = "wan_yuan_each"\n')
    assert assess(policy, served(urban=(1, 1)), as_of=DAY) == ()
    assert (policy.terms[0].least, policy.terms[0].most) == (20, 30)


def test_a_remark_and_the_bodies_responsible_stand_in_the_table(tmp_path: Path) -> None:
    lines = ('remark = { zh = "未定口径", en = "left open" }', 'responsible = ["市民政局", "各县区政府"]')
    policy = made(tmp_path, rule("M-1", *YES_NO, *lines))
    (zh,) = verdict_table(assess(policy, served(urban=(1, 1)), as_of=DAY)).to_dict("records")
    (en,) = verdict_table(assess(policy, served(urban=(1, 1)), as_of=DAY), language="en").to_dict("records")
    assert zh["责任单位"] == en["responsible"] == "市民政局、各县区政府"
    assert zh["说明"].endswith("未定口径")
    assert en["note"].endswith("left open")


# Answers that cannot be used.


@pytest.mark.parametrize(
    ("row", "code", "severity"),
    [
        ({"rule_id": "C-1", "answer": True}, "ANSWER_COMPUTED", "reject"),
        ({"rule_id": "M-9", "answer": True}, "ANSWER_RULE", "warn"),
        ({"rule_id": "M-1", "unit": "某区", "answer": True}, "ANSWER_UNIT", "warn"),
        ({"rule_id": "M-1", "points": 2}, "ANSWER_VALUE", "reject"),
        ({"rule_id": "M-1", "answer": None}, "ANSWER_VALUE", "reject"),
        ({"rule_id": "P-1", "points": 3}, "ANSWER_VALUE", "reject"),
    ],
)
def test_an_answer_that_cannot_be_used_is_said_and_changes_nothing(
    tmp_path: Path, row: dict[str, Any], code: str, severity: str
) -> None:
    points = ('form = "manual"', 'answer = "points"', ASKS, "points = [0, 2]")
    computed = ('levels = ["city"]', CENTRES, "test = { at_least = 2 }")
    policy = made(tmp_path, rule("C-1", *computed), rule("M-1", *YES_NO), rule("P-1", *points))
    found = assess_all([policy], told(row), as_of=DAY)
    assert [(f.code, f.severity) for f in found.findings] == [(code, severity)]
    assert row["rule_id"] in found.findings[0].line("en")
    without = assess(policy, served(urban=(1, 2)), as_of=DAY)
    assert [(v.status, v.scores) for v in found.verdicts] == [(v.status, v.scores) for v in without]


def test_answers_that_contradict_each_other_are_not_used(tmp_path: Path) -> None:
    policy = made(tmp_path, rule("M-1", *YES_NO))
    both = told({"rule_id": "M-1", "answer": True}, {"rule_id": "M-1", "answer": False})
    found = assess_all([policy], both, as_of=DAY)
    assert [v.status for v in found.verdicts] == [UNKNOWN]
    assert [f.code for f in found.findings] == ["ANSWER_VALUE"]


def test_a_choice_goes_to_the_policies_that_offer_it(tmp_path: Path) -> None:
    policies = []
    for name in ("a", "b"):
        choice = f'\n[choices.least_{name}]\ncontent = "whole"\ndefault = 1\n'
        tested = ('levels = ["city"]', CENTRES, f'test = {{ at_least = "$least_{name}" }}')
        policies.append(made(tmp_path, choice, rule(name, *tested)))
    found = assess_all(policies, served(urban=(2, 3)), as_of=DAY, choices={"least_b": 3})
    assert [v.status for v in found.verdicts] == [PASS, FAIL]
    with pytest.raises(InputError, match="CHOICE_UNKNOWN"):
        assess_all(policies, served(urban=(2, 3)), as_of=DAY, choices={"least_c": 3})

"""What changed between two judgements: which way each rule and unit moved."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_town import DAY, city, communities, facilities, served

from policy.assess import assess
from policy.changes import change_table, changes, move
from policy.load import load_pack
from policy.verdict import Shortfall, Status, Verdict

HEBI = load_pack("hebi_2020")
PLAIN = Verdict("A", "p", "1号", "一", ("甲", "A"), "city", "city", "市", "r", Status.FAIL, 1, 2, ("", ""), ("", ""))
STATUSES = st.sampled_from(list(Status))
POINTS = st.lists(st.integers(0, 3), max_size=2).map(lambda p: tuple(sorted(p, reverse=True)))
VERDICTS = st.builds(
    lambda status, value, points, short: replace(
        PLAIN, status=status, value=value, scores=points, shortfall=Shortfall(short, "elders") if short else None
    ),
    STATUSES,
    st.none() | st.integers(0, 3),
    POINTS,
    st.integers(0, 3),
)


@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        ({"status": Status.FAIL}, {"status": Status.PASS}, "better"),
        ({"status": Status.PASS}, {"status": Status.FAIL}, "worse"),
        ({"status": Status.FAIL}, {"status": Status.BOUNDARY}, "better"),
        ({"status": Status.NOT_DUE}, {"status": Status.PASS}, "better"),
        ({"status": Status.NOT_DUE}, {"status": Status.FAIL}, "worse"),  # the day came and it was not met
        ({"status": Status.UNKNOWN}, {"status": Status.PASS}, "different"),
        ({"status": Status.UNKNOWN}, {"status": Status.FAIL}, "different"),
        ({"status": Status.NOT_APPLICABLE}, {"status": Status.FAIL}, "different"),
        ({"scores": (0,)}, {"scores": (1,)}, "better"),
        ({"scores": (1, 0)}, {"scores": (1,)}, "better"),
        ({"scores": (1, 0)}, {"scores": (0,)}, "worse"),
        ({"scores": (3, 0)}, {"scores": (2, 1)}, "different"),
        ({"shortfall": Shortfall(3, "elders")}, {"shortfall": Shortfall(2, "elders")}, "better"),
        ({"shortfall": Shortfall(2, "elders")}, {"shortfall": Shortfall(3, "elders")}, "worse"),
        ({"value": 1}, {"value": 2}, "different"),
        ({}, {}, "same"),
    ],
)
def test_which_way_a_verdict_moves(before: dict[str, object], after: dict[str, object], way: str) -> None:
    assert move(replace(PLAIN, **before), replace(PLAIN, **after)) == way


@given(VERDICTS, VERDICTS)
def test_the_way_back_is_the_opposite(one: Verdict, other: Verdict) -> None:
    back = {"better": "worse", "worse": "better"}
    way = move(one, other)
    assert move(other, one) == back.get(way, way)
    assert move(one, one) == "same"


def test_a_plan_betters_what_it_builds_and_touches_nothing_else() -> None:
    today = assess(HEBI, served(urban=(1, 3)), as_of=DAY)
    planned = assess(HEBI, served(urban=(2, 3)), as_of=DAY)
    found = {(c.verdict.rule_id, c.verdict.unit_name): c.move for c in changes(today, planned)}
    assert found["HB-02", "社区001"] == "better"
    assert found["HB-02", "社区000"] == found["HB-02", "社区002"] == "same"
    assert found["HB-02", "样例市"] == "better"  # still not met, one community fewer is short
    assert "worse" not in found.values()


def test_a_later_day_turns_what_is_not_met_from_not_due_to_not_met() -> None:
    evidence = served(urban=(1, 2))
    before, after = (assess(HEBI, evidence, as_of=d) for d in (date(2021, 12, 30), date(2021, 12, 31)))
    (change,) = (c for c in changes(before, after) if c.verdict.rule_id == "HB-02" and c.verdict.level == "city")
    assert change.before is not None
    assert (change.before.status, change.verdict.status, change.move) == (Status.NOT_DUE, Status.FAIL, "worse")


def test_units_that_come_and_go_are_told_and_renamed_ones_stay() -> None:
    here = communities({"community_id": "410611001001"}, {"community_id": "410611001002"})
    there = communities({"community_id": "410611001002", "name": "新名"}, {"community_id": "410611001003"})
    sides = [assess(HEBI, city(units, facilities()), as_of=DAY) for units in (here, there)]
    of_units = {c.verdict.unit_id: c.move for c in changes(*sides) if c.verdict.rule_id == "HB-02"}
    assert of_units == {"city": "same", "410611001001": "gone", "410611001002": "same", "410611001003": "new"}


def test_no_rule_is_lost_between_two_judgements() -> None:
    today = assess(HEBI, served(urban=(1, 3)), as_of=DAY)
    found = changes(today, today)
    assert len(found) == len(today)
    assert {c.move for c in found} == {"same"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_shows_both_sides(language: str) -> None:
    sides = [assess(HEBI, served(urban=(n, 2)), as_of=DAY) for n in (1, 2)]
    found = [c for c in changes(*sides) if c.verdict.rule_id == "HB-02" and c.verdict.level == "city"]
    (row,) = change_table(found, language=language).to_dict("records")  # type: ignore[arg-type]
    texts = list(row.values())
    assert texts[0] == "HB-02"
    words = {"zh": ("不达标", "达标", "改善"), "en": ("not met", "met", "better")}[language]
    assert set(words) <= set(texts)
    assert any("1" in text for text in texts)

"""Verdicts on the documents' own numbers: every row of the score bands, every status, and what a deadline does."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from policy_town import DAY, city, communities, facilities, served

from policy.assess import assess
from policy.bands import Exact
from policy.counting import Counting
from policy.evidence import Evidence
from policy.indicators import INDICATORS
from policy.load import load_pack
from policy.score import bonus, bonus_contradicts, points_range
from policy.survey import survey
from policy.table import verdict_counts, verdict_table
from policy.units import units_at
from policy.verdict import Status, Verdict

HEBI = load_pack("hebi_2020")


def at(verdicts: tuple[Verdict, ...], rule_id: str, level: str = "city", *, decides: bool = True) -> Verdict:
    return next(v for v in verdicts if v.rule_id == rule_id and v.level == level and v.decides is decides)


def run_by(social: int, every: int, *, urban: bool) -> Evidence:
    units = communities({"urban": urban})
    rows = [
        {"community_id": units.index[0], "operator_type": "social" if i < social else "public"} for i in range(every)
    ]
    return city(units, facilities(*rows))


PASS, FAIL, BOUNDARY, UNDEFINED = Status.PASS, Status.FAIL, Status.BOUNDARY, Status.UNDEFINED
UNKNOWN = Status.UNKNOWN

Row = tuple[str, bool, int, int, Status, tuple[int, ...]]
# The truth table of annex 2: exactly on each limit, one unit to either side, and inside each band.
SOCIAL = [
    ("HB-S03", True, 80, 100, PASS, (3,)),
    ("HB-S03", True, 81, 100, PASS, (3,)),
    ("HB-S03", True, 79, 100, FAIL, (1,)),
    ("HB-S03", True, 51, 100, FAIL, (1,)),
    ("HB-S03", True, 50, 100, BOUNDARY, (1, 0)),
    ("HB-S03", True, 49, 100, FAIL, (0,)),
    ("HB-S04", False, 50, 100, PASS, (3,)),
    ("HB-S04", False, 49, 100, FAIL, (1,)),
    ("HB-S04", False, 31, 100, FAIL, (1,)),
    ("HB-S04", False, 30, 100, BOUNDARY, (1, 0)),
    ("HB-S04", False, 29, 100, FAIL, (0,)),
]
COVERED = [
    ("HB-S07", True, 90, 100, PASS, (2,)),
    ("HB-S07", True, 91, 100, PASS, (2,)),
    ("HB-S07", True, 89, 100, FAIL, (1,)),
    ("HB-S07", True, 61, 100, FAIL, (1,)),
    ("HB-S07", True, 60, 100, BOUNDARY, (1, 0)),
    ("HB-S07", True, 59, 100, FAIL, (0,)),
    ("HB-S08", False, 50, 100, PASS, (2,)),
    ("HB-S08", False, 49, 100, UNDEFINED, (1, 0)),
    ("HB-S08", False, 30, 100, UNDEFINED, (1, 0)),
    ("HB-S08", False, 29, 100, FAIL, (0,)),
]


@pytest.mark.parametrize("row", SOCIAL)
def test_points_for_social_operators(row: Row) -> None:
    rule, urban, social, every, status, scores = row
    verdict = at(assess(HEBI, run_by(social, every, urban=urban), as_of=DAY), rule)
    assert (verdict.status, verdict.scores) == (status, scores)


@pytest.mark.parametrize("row", COVERED)
def test_points_for_coverage(row: Row) -> None:
    rule, urban, have, every, status, scores = row
    evidence = served(urban=(have, every)) if urban else served(rural=(have, every))
    verdict = at(assess(HEBI, evidence, as_of=DAY), rule)
    assert (verdict.status, verdict.scores) == (status, scores)


@pytest.mark.parametrize("row", COVERED)
def test_the_same_bands_hold_for_elders_within_the_walk(row: Row) -> None:
    rule, urban, have, every, status, scores = row
    units = communities({"urban": urban})
    evidence = city(units, people={units.index[0]: (every, 0, have)})
    choices = {"coverage_reading": "elders_within_walk"}
    for level in ("city", "county"):
        verdict = at(assess(HEBI, evidence, as_of=DAY, choices=choices), rule, level)
        assert (verdict.status, verdict.scores, verdict.reading) == (status, scores, "elders_within_walk")


@pytest.mark.parametrize(
    ("choices", "kind", "status"),
    [
        ({}, "county_complex", PASS),
        ({"circle_kinds": ["day_care"]}, "day_care", PASS),
        ({"circle_kinds": ["day_care"]}, "county_complex", UNKNOWN),
        ({"circle_kinds": ["day_care", "meal_point"]}, "meal_point", UNKNOWN),
        ({"circle_kinds": ["meal_point"]}, "nursing_home", PASS),
    ],
)
def test_a_walk_to_other_kinds_than_the_profile_counts_is_no_answer(
    choices: dict[str, object], kind: str, status: Status
) -> None:
    units = communities({})
    evidence = city(units, facilities({"kind": kind, "community_id": units.index[0]}))
    verdict = at(assess(HEBI, evidence, as_of=DAY, choices=choices), "HB-15")
    assert (verdict.status, verdict.reading) == (status, "elders_within_walk")
    assert verdict.missing == (("coverage.walk_kinds: 设施000",) if status is UNKNOWN else ())
    assert any(choice.startswith("circle_kinds") for choice in verdict.choices)


def test_a_walk_to_other_statuses_than_the_profile_counts_is_no_answer() -> None:
    units = communities({})
    evidence = city(units, facilities({"status": "built", "community_id": units.index[0]}))
    verdict = at(assess(HEBI, evidence, as_of=DAY, choices={"in_use_statuses": ["in_use", "built"]}), "HB-15")
    assert verdict.status is UNKNOWN


def test_a_planned_site_that_opened_since_is_land_as_one_without_dates_is() -> None:
    def land(statuses: tuple[str, ...], **row: object) -> Exact:
        units = communities({"residents": 100})
        rows = ({"land_m2": 50.0, "community_id": units.index[0], **row},)
        (whole,), _ = units_at(survey(city(units, facilities(*rows))), "city")
        return INDICATORS["land_per_person"](whole, Counting(("day_care",), statuses, by=DAY)).low

    later = pd.Timestamp(DAY) + pd.Timedelta(days=100)
    every = ("in_use", "built", "under_construction", "planned")
    for row in ({"opened": later}, {"opened": pd.NaT, "built": later}, {"opened": pd.NaT, "status": "planned"}):
        assert land(every, **row) == Fraction(1, 2)
    assert land(("in_use",), opened=later) == 0


def test_a_percentage_that_would_round_to_the_limit_does_not_reach_it() -> None:
    units = communities({})
    evidence = city(units, people={units.index[0]: (2500, 0, 2249)})  # 89.96 %
    verdict = at(assess(HEBI, evidence, as_of=DAY, choices={"coverage_reading": "elders_within_walk"}), "HB-S07")
    assert (verdict.status, verdict.scores) == (FAIL, (1,))
    assert verdict.shortfall is not None
    assert verdict.shortfall.number == 1
    assert "89.96%" in verdict.measured[0]


def test_panjin_figures_score_three_of_four_by_hebis_table() -> None:
    verdicts = assess(HEBI, served(urban=(88, 100), rural=(53, 100)), as_of=DAY)
    item = [v for v in verdicts if v.level == "city" and v.rule_id in {"HB-S07", "HB-S08"}]
    assert points_range(item) == (3, 3)


def test_an_open_score_is_a_range() -> None:
    verdicts = assess(HEBI, served(urban=(60, 100), rural=(40, 100)), as_of=DAY)
    item = [v for v in verdicts if v.level == "city" and v.rule_id in {"HB-S07", "HB-S08"}]
    assert points_range(item) == (0, 2)


def test_hebis_score_table_adds_up_and_its_bonus_is_capped() -> None:
    table = HEBI.score_table
    assert table is not None
    assert sum(table.items) == table.total == 100
    assert bonus_contradicts(table)
    assert bonus(table, sum(table.bonus_parts)) == 6


@pytest.mark.parametrize(("reading", "status", "scores"), [("inclusive", FAIL, (1,)), ("strict", FAIL, (0,))])
def test_the_boundary_reading_settles_a_value_on_the_limit(
    reading: str, status: Status, scores: tuple[int, ...]
) -> None:
    verdict = at(assess(HEBI, served(urban=(60, 100)), as_of=DAY, choices={"boundary_reading": reading}), "HB-S07")
    assert (verdict.status, verdict.scores) == (status, scores)
    assert f"boundary_reading = {reading}" in verdict.choices


def test_points_above_none_pass_where_the_profile_says_so() -> None:
    verdict = at(assess(HEBI, served(urban=(75, 100)), as_of=DAY, choices={"points_that_pass": "some"}), "HB-S07")
    assert (verdict.status, verdict.scores) == (PASS, (1,))


# Streets and communities, one each.


def test_each_street_has_a_centre_and_towns_are_no_streets() -> None:
    units = communities(
        {"street_id": "410611001", "street": "甲街道"},
        {"street_id": "410611002", "street": "乙街道"},
        {"street_id": "410611003", "street": "丙街道"},
        {"street_id": "410611100", "street": "某镇", "street_level": "town"},
    )
    centre = {"community_id": units.index[0], "kind": "street_centre"}
    verdicts = assess(HEBI, city(units, facilities(centre)), as_of=DAY)
    whole = at(verdicts, "HB-01")
    assert (whole.status, whole.value, whole.limit) == (FAIL, 1, 3)
    assert whole.shortfall is not None
    assert (whole.shortfall.number, whole.shortfall.unit) == (2, "streets")
    assert whole.shortfall.names == ("乙街道", "丙街道")
    assert "某镇" in whole.note[0]
    streets = {v.unit_name: v.status for v in verdicts if v.rule_id == "HB-01" and v.level == "street"}
    assert streets == {"甲街道": PASS, "乙街道": FAIL, "丙街道": FAIL}


def test_a_village_is_not_asked_for_a_day_care_centre() -> None:
    verdicts = assess(HEBI, served(urban=(2, 3), rural=(0, 4)), as_of=DAY)
    whole = at(verdicts, "HB-02")
    assert (whole.status, whole.value, whole.limit) == (FAIL, 2, 3)
    assert len([v for v in verdicts if v.rule_id == "HB-02" and v.level == "community"]) == 3


def test_the_principle_repeats_the_goals_and_is_not_counted_twice() -> None:
    verdicts = assess(HEBI, served(urban=(1, 1)), as_of=DAY)
    repeated = [v for v in verdicts if v.rule_id == "HB-11"]
    assert [v.status for v in repeated] == [at(verdicts, i).status for i in ("HB-01", "HB-02")]
    assert not any(v.decides for v in repeated)
    assert sum(verdict_counts(verdicts).values()) == sum(v.decides for v in verdicts)


def test_a_facility_outside_its_declared_unit_is_counted_with_a_warning() -> None:
    units = communities({}, {})
    first, second = units.index
    evidence = city(units, facilities({"name": "越界", "community_id": first, "community_by_position": second}))
    verdicts = assess(HEBI, evidence, as_of=DAY)
    verdict = next(v for v in verdicts if v.rule_id == "HB-02" and v.unit_id == first)
    assert verdict.status is PASS
    assert "WARN" in verdict.note[1]
    assert "越界" in verdict.note[0]


@pytest.mark.parametrize(("other", "status"), [("planned", FAIL), ("closed", FAIL), ("built", FAIL), ("in_use", PASS)])
def test_only_what_is_in_use_counts(other: str, status: Status) -> None:
    units = communities({})
    evidence = city(units, facilities({"community_id": units.index[0], "status": other}))
    assert at(assess(HEBI, evidence, as_of=DAY), "HB-02").status is status


def test_which_kinds_count_is_a_choice_that_the_verdict_names() -> None:
    units = communities({})
    evidence = city(units, facilities({"community_id": units.index[0], "kind": "street_centre"}))
    wide = {"day_care_kinds": ["day_care", "street_centre"]}
    assert at(assess(HEBI, evidence, as_of=DAY), "HB-02").status is FAIL
    verdict = at(assess(HEBI, evidence, as_of=DAY, choices=wide), "HB-02")
    assert verdict.status is PASS
    assert "day_care_kinds = day_care, street_centre" in verdict.choices


# Deadlines and dates.


@pytest.mark.parametrize(
    ("as_of", "status"),
    [(date(2021, 12, 30), Status.NOT_DUE), (date(2021, 12, 31), FAIL), (date(2022, 1, 1), FAIL)],
)
def test_what_is_not_met_is_not_due_before_the_last_day(as_of: date, status: Status) -> None:
    assert at(assess(HEBI, served(urban=(0, 1)), as_of=as_of), "HB-02").status is status


def test_what_is_met_before_the_deadline_is_met() -> None:
    assert at(assess(HEBI, served(urban=(1, 1)), as_of=date(2021, 1, 1)), "HB-02").status is PASS


def test_what_opens_after_the_check_does_not_count_and_what_opened_late_is_said() -> None:
    units = communities({})
    late = facilities({"community_id": units.index[0], "opened": pd.Timestamp("2022-03-01")})
    assert at(assess(HEBI, city(units, late), as_of=date(2022, 2, 28)), "HB-02").status is FAIL
    verdict = at(assess(HEBI, city(units, late), as_of=DAY), "HB-02")
    assert verdict.status is PASS
    assert "2021-12-31" in verdict.note[0]


def test_an_opening_day_that_is_not_known_is_unknown_where_it_decides() -> None:
    units = communities({}, {})
    undated = {"community_id": units.index[0], "opened": pd.NaT, "name": "无日期"}
    verdicts = assess(HEBI, city(units, facilities(undated)), as_of=DAY)
    mine = {v.unit_id: v for v in verdicts if v.rule_id == "HB-02" and v.level == "community"}
    assert mine[units.index[0]].status is Status.UNKNOWN
    assert mine[units.index[0]].missing == ("facilities.opened: 无日期",)
    assert mine[units.index[1]].status is FAIL
    # The second community has none at all, so the date cannot save the city.
    assert at(verdicts, "HB-02").status is FAIL
    both = facilities(undated, {"community_id": units.index[0]}, {"community_id": units.index[1]})
    assert at(assess(HEBI, city(units, both), as_of=DAY), "HB-02").status is PASS


def milestone(*built: str | None, **more: object) -> Evidence:
    units = communities({}, {"county_id": "410603", "county": "山城区", "street_id": "410603001"})
    days = [pd.NaT if day is None else pd.Timestamp(day) for day in built]
    rows = [
        {"community_id": units.index[0], "kind": "street_centre", "status": "built", "built": day, "opened": pd.NaT}
        | more
        for day in days
    ]
    return city(units, facilities(*rows))


def test_a_milestone_counts_what_was_built_by_its_last_day() -> None:
    late = DAY
    assert (
        at(assess(HEBI, milestone("2019-05-01", "2020-12-31", "2020-06-01"), as_of=late), "HB-12", "county").status
        is PASS
    )
    verdict = at(assess(HEBI, milestone("2019-05-01", "2021-01-01", "2020-06-01"), as_of=late), "HB-12", "county")
    assert (verdict.status, verdict.value, verdict.limit) == (FAIL, 2, 3)
    assert at(assess(HEBI, milestone("2020-05-01"), as_of=date(2020, 6, 1)), "HB-12", "county").status is Status.NOT_DUE
    undated = at(assess(HEBI, milestone("2019-05-01", None, "2020-06-01"), as_of=late), "HB-12", "county")
    assert (undated.status, undated.missing) == (Status.UNKNOWN, ("facilities.built: 设施001",))
    opened = milestone("2019-05-01", None, "2020-06-01", opened=pd.Timestamp("2020-11-01"))
    assert at(assess(HEBI, opened, as_of=late), "HB-12", "county").status is PASS


def test_a_milestone_is_shown_in_both_readings() -> None:
    verdicts = assess(HEBI, milestone("2019-05-01", "2020-12-31", "2020-06-01"), as_of=DAY)
    added = at(verdicts, "HB-12", "county", decides=False)
    assert (added.reading, added.status, added.value) == ("added_that_year", FAIL, 2)
    flipped = assess(
        HEBI,
        milestone("2019-05-01", "2020-12-31", "2020-06-01"),
        as_of=DAY,
        choices={"milestone_reading": "added_that_year"},
    )
    assert at(flipped, "HB-12", "county").status is FAIL


def test_a_county_the_city_does_not_have_is_not_applicable() -> None:
    verdicts = assess(HEBI, milestone("2019-05-01"), as_of=DAY)
    assert at(verdicts, "HB-14", "county").status is Status.NOT_APPLICABLE
    assert at(verdicts, "HB-13", "county").status is FAIL
    nameless = city(communities({"county": None, "county_id": None}))
    assert at(assess(HEBI, nameless, as_of=DAY), "HB-14", "county").status is Status.UNKNOWN


# What is not known.


@pytest.mark.parametrize(
    ("covered", "unknown", "status"),
    [(90, 10, PASS), (89, 1, Status.UNKNOWN), (80, 9, FAIL), (61, 28, FAIL), (59, 5, Status.UNKNOWN), (50, 9, FAIL)],
)
def test_elders_whose_walk_is_not_known_decide_only_where_they_can(covered: int, unknown: int, status: Status) -> None:
    units = communities({})
    evidence = city(units, people={units.index[0]: (100, unknown, covered)})
    verdict = at(assess(HEBI, evidence, as_of=DAY, choices={"coverage_reading": "elders_within_walk"}), "HB-S07")
    assert verdict.status is status
    assert (verdict.value is None) is (status is Status.UNKNOWN)
    assert any("elders_unknown" in m for m in verdict.missing)


def test_an_operator_that_is_not_known_decides_only_where_it_can() -> None:
    units = communities({})
    rows = [{"community_id": units.index[0], "operator_type": t} for t in ["social"] * 8 + ["public", None]]
    assert at(assess(HEBI, city(units, facilities(*rows)), as_of=DAY), "HB-S03").status is PASS
    verdict = at(assess(HEBI, city(units, facilities(*rows[1:])), as_of=DAY), "HB-S03")
    assert (verdict.status, verdict.scores, verdict.missing) == (
        Status.UNKNOWN,
        (3, 1),
        ("facilities.operator_type: 设施008",),
    )


def test_without_a_facility_there_is_no_share() -> None:
    verdict = at(assess(HEBI, served(urban=(0, 1)), as_of=DAY), "HB-S03")
    assert (verdict.status, verdict.scores) == (UNDEFINED, ())


def test_a_unit_not_known_to_be_urban_or_a_street_is_unknown() -> None:
    units = communities({}, {"urban": None, "street_level": None, "street_id": "410611002", "street": "未知"})
    evidence = city(
        units, facilities({"community_id": units.index[0]}, {"community_id": units.index[0], "kind": "street_centre"})
    )
    verdicts = assess(HEBI, evidence, as_of=DAY)
    assert at(verdicts, "HB-02").status is Status.UNKNOWN
    assert at(verdicts, "HB-01").status is Status.UNKNOWN
    assert at(verdicts, "HB-S07").status is Status.UNKNOWN
    assert any("社区001" in m for m in at(verdicts, "HB-S07").missing)


def test_one_facility_of_unknown_place_can_save_one_community_but_not_two() -> None:
    adrift = facilities({"name": "无处"})
    one = assess(HEBI, city(communities({}), adrift), as_of=DAY)
    two = assess(HEBI, city(communities({}, {}), adrift), as_of=DAY)
    assert at(one, "HB-02").status is Status.UNKNOWN
    assert at(two, "HB-02").status is FAIL
    # It gives one of two communities a facility at most: below 60 % wherever it stands.
    assert (at(two, "HB-S07").status, at(two, "HB-S07").scores) == (FAIL, (0,))
    assert {v.status for v in two if v.rule_id == "HB-02" and v.level == "community"} == {Status.UNKNOWN}


def test_a_facility_beyond_the_city_is_not_counted_and_named() -> None:
    gpd, shapely = pytest.importorskip("geopandas"), pytest.importorskip("shapely")
    units = gpd.GeoDataFrame(communities({}), geometry=[shapely.box(0, 0, 1, 1)])
    places = gpd.GeoDataFrame(facilities({"name": "境外"}), geometry=[shapely.Point(9, 9)])
    verdict = at(assess(HEBI, city(units, places), as_of=DAY), "HB-02")
    assert verdict.status is FAIL
    assert "境外" in verdict.note[0]


def test_a_walk_that_was_not_computed_is_unknown() -> None:
    whole = served(urban=(1, 1))
    evidence = Evidence(whole.communities, whole.facilities, whole.coverage.drop(columns="elders_covered_15"), ())
    verdict = at(assess(HEBI, evidence, as_of=DAY), "HB-15")
    assert verdict.status is Status.UNKNOWN
    assert any("elders_covered_15" in m for m in verdict.missing)


def test_the_circle_names_the_communities_and_the_elders_that_are_short() -> None:
    units = communities({}, {}, {"urban": False})
    people = dict(zip(units.index, [(2000, 0, 1000), (300, 0, 60), (50, 0, 50)], strict=True))
    verdict = at(assess(HEBI, city(units, people=people), as_of=DAY), "HB-15")
    assert verdict.shortfall is not None
    assert (verdict.shortfall.number, verdict.shortfall.names) == (1240, ("社区000", "社区001"))
    lenient = at(assess(HEBI, city(units, people=people), as_of=DAY, choices={"circle_threshold": "40%"}), "HB-15")
    assert lenient.status is PASS
    assert "circle_threshold = 40%" in lenient.choices


def test_villages_are_covered_by_their_own_facility_or_by_the_walk() -> None:
    verdicts = assess(HEBI, served(rural=(6, 10)), as_of=DAY)
    assert at(verdicts, "HB-28").status is PASS
    assert at(assess(HEBI, served(rural=(5, 10)), as_of=DAY), "HB-28").status is FAIL
    assert at(assess(HEBI, served(rural=(5, 10)), as_of=DAY), "HB-28", decides=False).status is PASS
    assert at(assess(HEBI, served(urban=(1, 1)), as_of=DAY), "HB-28").status is Status.NOT_APPLICABLE


# A pack of the bureau's own: every status can be reached.

OWN = """
[document]
number = "样例〔2026〕1号"
title = { zh = "样例", en = "sample" }
draft = true

[[rule]]
id = "P-1"
clause = "一"
title = { zh = "原则上", en = "in principle" }
demand = { zh = "原则上每个社区一处", en = "in principle one each" }
levels = ["community"]
measure = { indicator = "facility_count", kinds = ["day_care"], statuses = ["in_use"] }
test = { at_least = 1 }
principle = true

[[rule]]
id = "P-2"
clause = "二"
title = { zh = "超过一半", en = "more than half" }
demand = { zh = "超过半数老年人", en = "more than half of the elders" }
levels = ["city"]
measure = { indicator = "elders_within_walk", minutes = 15 }
test = { above = "50%" }
"""


def test_an_exception_in_principle_and_an_open_limit(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    policy = load_pack(path)
    units = communities({})
    for covered, status in ((49, FAIL), (50, BOUNDARY), (51, PASS)):
        verdicts = assess(policy, city(units, people={units.index[0]: (100, 0, covered)}), as_of=DAY)
        assert at(verdicts, "P-2").status is status
        assert at(verdicts, "P-1", "community").status is Status.EXCEPTION_NEEDED
        assert "draft" in at(verdicts, "P-2").document


def test_the_table_says_everything_in_both_languages() -> None:
    verdicts = assess(HEBI, served(urban=(60, 100), rural=(40, 100)), as_of=date(2021, 6, 1))
    for language, heading in (("zh", "结论"), ("en", "verdict")):
        table = verdict_table(verdicts, language=language)  # type: ignore[arg-type]
        assert len(table) == len(verdicts)
        assert table[heading].str.len().min() > 0
        assert table.map(lambda cell: isinstance(cell, str)).all(axis=None)
    shown = verdict_table(verdicts).query("规则 == 'HB-S08' and 层级 == '全市' and 作为结论 == '是'").iloc[0]
    assert (shown["结论"], shown["分值"], shown["文件"]) == ("文件未规定", "1 / 0", "鹤政〔2020〕8号")
    assert shown["选定口径"].startswith("口径由本方案选定，文件未规定")

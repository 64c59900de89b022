"""Hebi's pack: every row of the document is there, its points add up, and its limits hold on the evidence of a town."""

import re
from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pack_texts import overlong, untold
from policy_town import DAY, city, communities, facilities, served

from policy.assess import assess
from policy.evidence import Evidence
from policy.load import load_pack
from policy.pack import Policy
from policy.score import score_sheet
from policy.table import missing_text, verdict_counts
from policy.verdict import Status, Verdict

HEBI = load_pack("hebi_2020")
PASS, FAIL, BOUNDARY, UNDEFINED = Status.PASS, Status.FAIL, Status.BOUNDARY, Status.UNDEFINED
UNKNOWN, NOT_DUE, EXCEPTION = Status.UNKNOWN, Status.NOT_DUE, Status.EXCEPTION_NEEDED
COUNTIES = {"淇滨区": "410611", "山城区": "410603", "鹤山区": "410602", "浚县": "410621", "淇县": "410622"}
ZONES = ("开发区", "城乡一体化示范区")


def only(*rules: str) -> Policy:
    """Return the pack with these rules alone, so that a test judges what it is about."""
    return HEBI.model_copy(update={"rules": tuple(rule for rule in HEBI.rules if rule.id in rules)})


def verdicts_of(rule: str, evidence: Evidence, as_of: date = DAY, **choices: object) -> tuple[Verdict, ...]:
    return tuple(v for v in assess(only(rule), evidence, as_of=as_of, choices=choices) if v.decides)


def the(rule: str, evidence: Evidence, level: str = "city", as_of: date = DAY, **choices: object) -> Verdict:
    (found,) = (v for v in verdicts_of(rule, evidence, as_of, **choices) if v.level == level)
    return found


# What the document has.

ROWS = [f"HB-{n:02d}" for n in range(1, 33)] + [f"HB-S{n:02d}" for n in range(25)]
NINE = ("2.2", "3.3", "4.3", "5.3", "6.4", "7.2", "8.3", "9.4", "10.3")


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_the_document_is_a_rule_or_is_split_into_rules(row: str) -> None:
    assert any(rule.id == row or rule.id.startswith(f"{row}-") for rule in HEBI.rules)


def test_the_document_is_cited_by_its_number_and_says_what_is_wrong_with_it() -> None:
    assert HEBI.document.cite == "鹤政〔2020〕8号"
    assert HEBI.document.kind == "plan"
    dates = next(doubt for doubt in HEBI.document.doubts if "落款" in doubt.zh)
    assert all(day in dates.zh for day in ("4月26日", "4月23日", "5月7日"))


def test_no_rule_stands_for_a_row_the_document_does_not_have() -> None:
    assert {re.sub(r"^(HB-S?\d\d).*", r"\1", rule.id) for rule in HEBI.rules} <= set(ROWS)


def test_every_text_is_there_in_both_languages_and_short() -> None:
    assert untold(HEBI) == []
    assert overlong(HEBI) == []
    for rule in HEBI.rules:
        assert rule.demand is not None, rule.id
        assert rule.form != "manual" or rule.asks is not None, rule.id
        for words in (rule.title, rule.demand, rule.asks, rule.remark):
            # Names of places alone stand in Chinese in an English sentence, in brackets.
            assert words is None or not re.search(r"[一-鿿]", re.sub(r"\(.*?\)", "", words.en)), rule.id


def test_what_is_asked_of_the_pack_is_named_with_a_body_where_the_document_names_one() -> None:
    # The goals, the phases, the yearly fund and the annex's items 2 to 8 name nobody.
    silent = ("HB-30", "HB-31", "HB-S00", "HB-S11", "HB-S13", "HB-S14", "HB-S15", "HB-S16", "HB-S17", "HB-S18")
    for rule in HEBI.rules:
        expected = not rule.id.startswith((*silent, *(f"HB-S12-{part}" for part in NINE[:7])))
        assert bool(rule.responsible) is expected, rule.id


# The score table.


def points_by_item() -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for rule in HEBI.rules:
        if rule.score is not None:
            assert rule.score.part not in found[rule.score.item], rule.id
            found[rule.score.item][rule.score.part] = rule.score.most
    return found


def test_the_parts_of_each_item_add_up_to_its_points() -> None:
    table, items = HEBI.score_table, points_by_item()
    assert table is not None
    assert [sum(items[n].values()) for n in range(1, 11)] == list(table.items) == [25, 8, 8, 10, 8, 11, 5, 6, 11, 8]
    assert sum(table.items) == table.total == 100
    assert tuple(items[11].values()) == table.bonus_parts == (2, 5)
    assert sum(table.bonus_parts) > table.bonus_cap == 6


def test_coverage_and_ranks_stand_in_item_one() -> None:
    one = points_by_item()[1]
    assert one == {
        "1.1": 2,
        "1.2": 2,
        "1.3a": 3,
        "1.3b": 3,
        "1.3c": 3,
        "1.4a": 2,
        "1.4b": 2,
        "1.5": 3,
        "1.6": 5,
    }


def test_nine_items_ask_a_person_for_nought_to_two_points() -> None:
    nine = {rule.id: rule for rule in HEBI.rules if rule.id.startswith("HB-S12-")}
    assert set(nine) == {f"HB-S12-{part}" for part in NINE}
    for rule in nine.values():
        assert (rule.form, set(rule.allowed_points)) == ("manual", {0, 1, 2})


def test_the_most_points_of_a_rule_are_those_it_can_earn() -> None:
    for rule in HEBI.rules:
        if rule.score is not None:
            earned = [band.points for band in rule.bands] or list(rule.allowed_points)
            assert max(earned) == rule.score.most, rule.id
            assert min(earned) == 0, rule.id


def test_the_contradicting_bonus_is_said_and_the_hundred_are_confirmed() -> None:
    evidence = served(urban=(1, 1))
    total, bonus = the("HB-S00", evidence), the("HB-S00-bonus", evidence)
    assert (total.status, total.value) == (PASS, 100)
    assert (bonus.status, bonus.value) == (EXCEPTION, 7)
    assert "相差 1，" in bonus.note[0]


def test_the_sheet_of_a_county_has_every_part_and_reaches_a_hundred_and_six() -> None:
    told = [
        {"rule_id": rule.id, "unit": "淇滨区", "points": rule.score.most}
        for rule in HEBI.rules
        if rule.form == "manual" and rule.score is not None
    ]
    sums = [("居家社区养老支出", unit, n) for n, unit in enumerate(reversed(UNITS))]
    sums += [("财政收入", unit, 100) for unit in UNITS]
    rows = [{**row, "associations": int(row["county"] == "淇滨区" and not row["zone"])} for row in one_each()]
    rows += [{**rows[0], "urban": False, "associations": 1, "community_id": "410611101001"}]
    units = communities(*rows)
    stands = facilities(*({"community_id": key, "operator_type": "social"} for key in units.index))
    evidence = replace(city(units, stands), answers=pd.DataFrame(told), figures=figures(*sums))
    verdicts = assess(HEBI, evidence, as_of=DAY)
    sheet = score_sheet(HEBI, verdicts, unit="410611")
    assert "not_in_pack" not in {row.how for row in sheet.rows}
    assert (sheet.total, sheet.bonus) == ((100, 100), (6, 6))
    assert sheet.complete
    nothing = score_sheet(HEBI, assess(HEBI, replace(evidence, answers=pd.DataFrame()), as_of=DAY), unit="410611")
    by_data = sum(r.score.most for r in HEBI.rules if r.score is not None and r.form == "demand")
    assert (nothing.total, nothing.bonus) == ((by_data, 100), (0, 6))


# The bands of annex 2: an oracle of whole numbers, exactly on every limit and anywhere else.


def oracle(rule: str, part: int, whole: int) -> tuple[tuple[int, ...], Status | None]:
    """Return the points and, where it is neither full nor fewer points, the status that annex 2 leads to."""
    full, low, most = {"HB-S03": (80, 50, 3), "HB-S04": (50, 30, 3), "HB-S07": (90, 60, 2), "HB-S08": (50, 30, 2)}[rule]
    hundredfold = 100 * part
    if hundredfold >= full * whole:
        return (most,), None
    if hundredfold < low * whole:
        return (0,), None
    if rule == "HB-S08":
        return (1, 0), UNDEFINED
    return ((1, 0), BOUNDARY) if hundredfold == low * whole else ((1,), None)


shares = st.one_of(
    st.integers(1, 60).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))),
    # Exactly on a limit and one facility to either side of it.
    st.tuples(st.integers(1, 6), st.sampled_from([30, 50, 60, 80, 90]), st.sampled_from([-1, 0, 1])).map(
        lambda t: (t[0] * t[1] // 10 + t[2], 10 * t[0])
    ),
)


def check_bands(rule: str, evidence: Evidence, part: int, whole: int, **choices: object) -> None:
    points, odd = oracle(rule, part, whole)
    for level in ("city", "county"):
        found = the(rule, evidence, level, **choices)
        most = max(band.points for band in HEBI.rule(rule).bands)
        assert found.scores == points
        assert found.status is (odd or (PASS if points == (most,) else FAIL))


@settings(max_examples=40, deadline=None)
@given(shares, st.sampled_from([("HB-S03", True), ("HB-S04", False)]))
def test_points_for_social_operators_are_those_of_the_annex(share: tuple[int, int], rule: tuple[str, bool]) -> None:
    (social, every), (rule_id, urban) = share, rule
    units = communities({"urban": urban})
    rows = [
        {"community_id": units.index[0], "operator_type": "social" if i < social else "public"} for i in range(every)
    ]
    check_bands(rule_id, city(units, facilities(*rows)), social, every)


@settings(max_examples=40, deadline=None)
@given(shares, st.sampled_from([("HB-S07", True), ("HB-S08", False)]))
def test_points_for_coverage_are_those_of_the_annex(share: tuple[int, int], rule: tuple[str, bool]) -> None:
    (have, every), (rule_id, urban) = share, rule
    check_bands(rule_id, served(**{"urban" if urban else "rural": (have, every)}), have, every)


@settings(max_examples=30, deadline=None)
@given(shares, st.sampled_from([("HB-S07", True), ("HB-S08", False)]))
def test_points_for_elders_in_reach_are_those_of_the_annex(share: tuple[int, int], rule: tuple[str, bool]) -> None:
    (have, every), (rule_id, urban) = share, rule
    units = communities({"urban": urban})
    evidence = city(units, people={units.index[0]: (every, 0, have)})
    check_bands(rule_id, evidence, have, every, coverage_reading="elders_within_walk")


@pytest.mark.parametrize(("reading", "points"), [("report_both", (1, 0)), ("inclusive", (1,)), ("strict", (0,))])
@pytest.mark.parametrize(("rule", "share"), [("HB-S03", (5, 10)), ("HB-S04", (3, 10)), ("HB-S07", (6, 10))])
def test_a_value_on_an_open_limit_has_both_readings(
    rule: str, share: tuple[int, int], reading: str, points: tuple[int, ...]
) -> None:
    if rule == "HB-S07":
        evidence = served(urban=share)
    else:
        units = communities({"urban": rule == "HB-S03"})
        types = ["social"] * share[0] + ["public"] * (share[1] - share[0])
        evidence = city(units, facilities(*({"community_id": units.index[0], "operator_type": t} for t in types)))
    assert the(rule, evidence, boundary_reading=reading).scores == points


def test_the_gap_of_the_rural_coverage_is_never_settled_by_a_reading() -> None:
    for reading in ("report_both", "inclusive", "strict"):
        found = the("HB-S08", served(rural=(40, 100)), boundary_reading=reading)
        assert (found.status, found.scores) == (UNDEFINED, (1, 0))


# The milestones.


def centres(county: str, *built: str) -> Evidence:
    key = COUNTIES[county]
    units = communities({"county": county, "county_id": key, "street_id": f"{key}001", "community_id": f"{key}001001"})
    rows = [
        {"community_id": units.index[0], "kind": "street_centre", "status": "built", "built": pd.Timestamp(day)}
        | {"opened": pd.NaT}
        for day in built
    ]
    return city(units, facilities(*rows))


@pytest.mark.parametrize(
    ("rule", "county", "asked"), [("HB-12", "淇滨区", 3), ("HB-13", "山城区", 2), ("HB-14", "鹤山区", 1)]
)
def test_three_two_and_one_street_centres_are_built_by_the_end_of_2020(rule: str, county: str, asked: int) -> None:
    on_the_day = the(rule, centres(county, *["2020-12-31"] * asked), "county")
    assert (on_the_day.status, on_the_day.value, on_the_day.limit) == (PASS, asked, asked)
    one_late = the(rule, centres(county, *["2020-12-31"] * (asked - 1), "2021-01-01"), "county")
    assert (one_late.status, one_late.value) == (FAIL, asked - 1)
    assert one_late.shortfall is not None
    assert one_late.shortfall.number == 1
    old = centres(county, *["2019-12-31"] * asked)
    assert the(rule, old, "county").status is PASS
    assert the(rule, old, "county", milestone_reading="added_that_year").status is FAIL
    assert the(rule, centres("浚县", "2020-01-01"), "county").status is Status.NOT_APPLICABLE


def homes(*built: tuple[str, str], kind: str = "rural_station") -> Evidence:
    towns = ("小河镇", "屯子镇", "善堂镇")
    units = communities(
        *(
            {"urban": False, "street_level": "town", "street": town, "county": "浚县", "county_id": "410621"}
            | {"street_id": f"41062110{i}", "community_id": f"41062110{i}001"}
            for i, town in enumerate(towns)
        )
    )
    rows = [
        {"community_id": units.index[towns.index(town)], "kind": kind, "built": pd.Timestamp(day)}
        | {"opened": pd.Timestamp(day)}
        for town, day in built
    ]
    return city(units, facilities(*rows))


def test_eight_rural_homes_are_built_in_the_two_towns_within_2020() -> None:
    three, five = [("小河镇", "2020-01-01")] * 3, [("屯子镇", "2020-12-31")] * 5
    eight = the("HB-27", homes(*three, *five), "county")
    assert (eight.status, eight.value) == (PASS, 8)
    assert the("HB-27", homes(*[("小河镇", "2020-06-01")] * 8), "county").status is PASS, "no split is given"
    for other in (("善堂镇", "2020-06-01"), ("小河镇", "2019-12-31"), ("小河镇", "2021-01-01")):
        short = the("HB-27", homes(*three[1:], *five, other), "county")
        assert (short.status, short.value) == (FAIL, 7), other
    assert the("HB-27", homes(*three), "county", date(2020, 12, 30)).status is NOT_DUE


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 120).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_six_villages_in_ten_are_covered_in_whole_numbers(villages: tuple[int, int]) -> None:
    covered, every = villages
    found = the("HB-28", served(rural=villages))
    assert found.status is (PASS if 10 * covered >= 6 * every else FAIL)
    if found.status is FAIL:
        assert found.shortfall is not None
        assert 10 * (covered + found.shortfall.number) >= 6 * every > 10 * (covered + found.shortfall.number - 1)


# Ranks of the seven assessed units.


def one_each() -> list[dict[str, Any]]:
    """Return a community for each of five counties and of two zones that are carved out of one of them."""
    rows: list[dict[str, Any]] = [
        {"county": name, "county_id": key, "street_id": f"{key}001", "street": f"{name}一街", "zone": None}
        | {"community_id": f"{key}001001"}
        for name, key in COUNTIES.items()
    ]
    return rows + [
        {"county": "淇滨区", "county_id": "410611", "street_id": f"41061190{i}", "street": f"{zone}一街", "zone": zone}
        | {"community_id": f"41061190{i}001"}
        for i, zone in enumerate(ZONES)
    ]


def seven(**tables: pd.DataFrame) -> Evidence:
    return replace(city(communities(*one_each())), **tables)


def figures(*rows: tuple[str, str, int | str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["figure", "unit", "value"])
    return frame.assign(unit_id=None, year=2020, measured_in=None, source="统计公报")


UNITS = (*COUNTIES, *ZONES)
RANKED = ("HB-S05", "HB-S09")


def ranked(rule: str, *parts: int | None) -> dict[str, Verdict]:
    """Judge a rank: one number a unit (None: not known), each of the same whole."""
    known = dict(zip(UNITS, parts, strict=True))
    if rule == "HB-S05":
        rows = [{**row, "associations": known[row["zone"] or row["county"]]} for row in one_each()]
        evidence = city(communities(*rows))
    else:
        spent = [("居家社区养老支出", unit, n) for unit, n in known.items() if n is not None]
        evidence = seven(figures=figures(*spent, *(("财政收入", unit, 1000) for unit in UNITS)))
    return {v.unit_name: v for v in verdicts_of(rule, evidence)}


@pytest.mark.parametrize("rule", RANKED)
def test_seven_units_split_into_two_two_and_three(rule: str) -> None:
    found = ranked(rule, 70, 60, 50, 40, 30, 20, 10)
    assert [found[unit].scores for unit in UNITS] == [(3,), (3,), (1,), (1,), (0,), (0,), (0,)]
    turned = ranked(rule, 10, 20, 30, 40, 50, 60, 70)
    assert [turned[unit].scores for unit in UNITS] == [(0,), (0,), (0,), (1,), (1,), (3,), (3,)]


@pytest.mark.parametrize("rule", RANKED)
def test_a_tie_across_a_limit_leaves_both_points_open(rule: str) -> None:
    found = ranked(rule, 70, 60, 60, 40, 40, 20, 10)
    assert found["淇滨区"].scores == (3,)
    for unit in ("山城区", "鹤山区"):
        assert set(found[unit].scores) == {3, 1}
        assert found[unit].status not in {PASS, FAIL}
    for unit in ("浚县", "淇县"):
        assert set(found[unit].scores) == {1, 0}
    inside = ranked(rule, 70, 70, 50, 50, 30, 30, 30)
    assert [inside[unit].scores for unit in UNITS] == [(3,), (3,), (1,), (1,), (0,), (0,), (0,)]


@pytest.mark.parametrize("rule", RANKED)
def test_a_unit_without_figures_leaves_open_only_what_it_could_change(rule: str) -> None:
    found = ranked(rule, 70, 60, 50, 40, 30, 20, None)
    # The seventh may come anywhere: first stays among the first two, second may become third, and so on.
    assert found["淇滨区"].scores == (3,)
    assert set(found["山城区"].scores) == {3, 1}
    assert set(found["浚县"].scores) == {1, 0}
    assert found["开发区"].scores == (0,)
    assert found["城乡一体化示范区"].status is UNKNOWN


@pytest.mark.parametrize("rule", RANKED)
@pytest.mark.parametrize("counties", [1, 2])
def test_no_rank_without_the_seven_units_or_the_own_figure(rule: str, counties: int) -> None:
    rows = [{**row, "associations": 1} for row in one_each()[:counties]]
    told = figures(*(("居家社区养老支出", unit, 10) for unit in [*COUNTIES][:counties]))
    for evidence in (city(communities(*rows)), replace(city(communities(*rows)), figures=told)):
        assert {v.status for v in verdicts_of(rule, evidence) if v.unit_id} == {UNKNOWN}


# Funds, answers and what is only listed.


@pytest.mark.parametrize(
    ("care", "fund", "status"),
    [(50, 100, PASS), (5_000_000, 10_000_001, FAIL), (1, 2, PASS), (4_999_999, 9_999_999, FAIL), (None, 100, UNKNOWN)],
)
def test_half_of_the_lottery_fund_is_enough_and_a_yuan_less_is_not(care: int | None, fund: int, status: Status) -> None:
    rows: list[tuple[str, str, int | str]] = [("彩票公益金总额", "全市", fund)]
    rows += [] if care is None else [("彩票公益金用于养老金额", "全市", care)]
    assert the("HB-31", seven(figures=figures(*rows))).status is status


def answered(rule: str, **said: object) -> Evidence:
    row = {"rule_id": rule, "unit": None, "unit_id": None, "answer": None, "points": None, "day": pd.NaT}
    return seven(answers=pd.DataFrame([{**row, "reason": "", "evidence": "", **said}]))


def test_the_layout_plan_is_done_by_a_day() -> None:
    before, after = date(2020, 6, 29), date(2020, 7, 1)
    assert the("HB-25", seven(), as_of=before).status is NOT_DUE
    assert the("HB-25", seven(), as_of=after).status is UNKNOWN
    assert the("HB-25", answered("HB-25", day=pd.Timestamp("2020-06-30")), as_of=after).status is PASS
    assert the("HB-25", answered("HB-25", day=pd.Timestamp("2020-07-01")), as_of=after).status is FAIL
    assert the("HB-25", answered("HB-25", answer=False), as_of=after).status is FAIL


def test_estates_that_are_not_listed_prove_nothing() -> None:
    for rule in ("HB-22", "HB-23"):
        found = verdicts_of(rule, seven())
        assert {v.status for v in found} == {UNKNOWN}, rule
        assert {v.missing for v in found} == {("housing",)}, rule
        assert missing_text("housing", "zh") == "没有住宅项目表"


def test_old_estates_alone_say_nothing_of_new_ones_nor_new_ones_of_old() -> None:
    new = pd.DataFrame([{"name": "新小区", "new_estate": True, "care_required_m2": 9}], index=["P1"])
    assert the("HB-23", seven(housing=new)).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(("built", "status", "lacks"), [(300, PASS, 0), (301, PASS, 0), (299, FAIL, 1), (0, FAIL, 300)])
def test_old_estates_owe_the_area_they_lack(built: int, status: Status, lacks: int) -> None:
    rows = [{"name": "老小区", "new_estate": False, "care_required_m2": 300, "care_built_m2": built}]
    rows.append({"name": "新小区", "new_estate": True, "care_required_m2": 900, "care_built_m2": 0})
    found = the("HB-23", seven(housing=pd.DataFrame(rows, index=["P1", "P2"])))
    assert (found.status, found.value) == (status, lacks)


# A room that went every step with its housing; each of the other three breaks one thing the document asks for.
STEPS = ("planned", "started", "finished", "accepted", "delivered")
IN_STEP: dict[str, Any] = {
    f"{what}_{step}": pd.Timestamp(2019, 1 + 2 * k, 1) for k, step in enumerate(STEPS) for what in ("housing", "care")
}
IN_STEP |= {"name": "新城一期", "new_estate": True, "households": 1000, "care_required_m2": 200, "care_planned_m2": 200}
IN_STEP |= {"care_permitted_m2": 200, "care_built_m2": 200, "receiver": "淇滨区人民政府", "current_use": "养老"}
NOT_HANDED_OVER: dict[str, Any] = {"care_delivered": pd.NaT, "receiver": None, "current_use": None}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, PASS),
        (NOT_HANDED_OVER, FAIL),
        ({"care_delivered": pd.NaT}, UNKNOWN),  # receiver and use are on record: only the day is missing
        ({"care_started": pd.Timestamp("2021-06-01"), "care_finished": pd.Timestamp("2022-01-01")}, FAIL),
        ({"receiver": "宏达物业公司"}, FAIL),
        ({"current_use": "超市"}, FAIL),
    ],
)
def test_new_housing_keeps_to_the_four_synchronisations(changed: dict[str, Any], status: Status) -> None:
    housing = pd.DataFrame([{**IN_STEP, **changed, "project_id": "P1"}], index=["P1"])
    assert the("HB-22", seven(housing=housing)).status is status


DUE_LATER = {f"{what}_{step}": pd.NaT for step in STEPS for what in ("housing", "care")}
"""A project of which nothing has begun."""


def in_sync(*changed: dict[str, Any], choices: dict[str, object] | None = None, as_of: date = DAY) -> Verdict:
    rows = [{**IN_STEP, **more, "project_id": f"P{i}", "name": f"项目{i}"} for i, more in enumerate(changed)]
    evidence = seven(housing=pd.DataFrame(rows, index=[f"P{i}" for i in range(len(rows))]))
    found = assess(HEBI, evidence, as_of=as_of, choices=choices)
    return next(v for v in found if v.rule_id == "HB-22" and v.level == "city")


def test_projects_that_are_not_due_are_no_part_of_the_share() -> None:
    assert in_sync({}, {}, as_of=date(2017, 1, 1)).status is NOT_DUE
    both = in_sync({}, DUE_LATER)
    assert (both.status, both.count and both.count.whole) == (PASS, 1)
    behind = in_sync(NOT_HANDED_OVER, DUE_LATER)
    assert (behind.status, behind.count and behind.count.whole) == (FAIL, 1)


def test_a_lateness_that_needs_a_reason_is_carried_to_the_whole() -> None:
    choices: dict[str, object] = {"same_time_days": 30, "same_time_warn_days": 60}
    late = {"care_finished": IN_STEP["housing_finished"] + pd.Timedelta(days=50)}
    excused = in_sync(late, {}, choices=choices)
    assert (excused.status, excused.count and excused.count.done) == (Status.EXCEPTION_NEEDED, 2)
    assert "项目0" in excused.note[0]
    assert in_sync(late, NOT_HANDED_OVER, choices=choices).status is FAIL
    assert in_sync({**late, "care_accepted": pd.NaT}, choices=choices).status is UNKNOWN  # nor does it hide a blank day


def test_a_blank_day_is_not_hidden_by_the_others() -> None:
    unsaid = {"care_accepted": pd.NaT}  # handed over, and nobody says when it was accepted
    assert in_sync(unsaid).status is UNKNOWN
    assert in_sync(unsaid, {}).status is UNKNOWN
    assert in_sync(unsaid, {"receiver": "宏达物业公司"}, {"care_delivered": pd.NaT}).status is FAIL


def test_a_preference_that_was_not_followed_needs_a_reason() -> None:
    assert the("HB-24", seven()).status is UNKNOWN
    assert the("HB-24", answered("HB-24", answer=True)).status is PASS
    assert the("HB-24", answered("HB-24", answer=False)).status is EXCEPTION


@pytest.mark.parametrize("points", [0, 1, 2])
def test_points_a_person_gives_are_the_points(points: int) -> None:
    evidence = answered("HB-S12-2.2", unit="淇滨区", points=points)
    found = {v.unit_name: v for v in verdicts_of("HB-S12-2.2", evidence)}
    assert found["淇滨区"].scores == (points,)
    assert found["山城区"].status is UNKNOWN
    assert set(found) == set(UNITS)


def test_administrative_rows_are_listed_and_never_counted() -> None:
    listed = [rule for rule in HEBI.rules if rule.form == "checklist"]
    administrative = {"HB-05", "HB-06", "HB-08", "HB-10", "HB-16", "HB-18", "HB-19", "HB-21", "HB-26", "HB-29", "HB-32"}
    assert {rule.id for rule in listed} == administrative
    verdicts = assess(only(*administrative), seven(), as_of=DAY)
    assert {v.rule_id for v in verdicts} == administrative
    assert sum(verdict_counts(verdicts).values()) == 0


def test_the_zones_are_judged_beside_the_counties_and_counted_once() -> None:
    evidence = seven()
    own = [v for v in verdicts_of("HB-S07", evidence) if v.level in {"county", "zone"}]
    assert {v.unit_name for v in own} == set(UNITS)
    within = [v for v in verdicts_of("HB-S07", evidence, zone_reading="within_county") if v.level in {"county", "zone"}]
    assert {v.unit_name for v in within if v.status is not Status.NOT_APPLICABLE} == set(COUNTIES)

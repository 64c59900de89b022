"""The score table as a sheet: each part's points, the total as an interval, and what caps it."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pandas as pd
import pytest
from made_pack import made, rule
from policy_town import DAY, city, communities, served

from policy.assess import assess
from policy.evidence import Evidence
from policy.load import load_pack
from policy.pack import Policy
from policy.score import score_frame, score_sheet, scored_units
from policy.verdict import Verdict

ASKS = 'asks = { zh = "几分？", en = "how many?" }'
SHARE = 'measure = { indicator = "units_with_facility", kinds = ["day_care"], statuses = ["in_use"] }'
BANDS = 'bands = [{ at_least = "50%", points = 2 }, { below = "30%", points = 0 }]'
GAP = 'gaps = [{ at_least = "30%", below = "50%", points = [1, 0] }]'
TABLE = "\n[score_table]\nitems = [4, 3]\ntotal = 7\nbonus_cap = 6\nbonus_parts = [2, 5]\n"


def place(item: int, part: str, most: int) -> str:
    return f'score = {{ item = {item}, part = "{part}", most = {most} }}'


def pack(folder: Path) -> Policy:
    def asked(rule_id: str, item: int, most: int) -> str:
        points = f"points_from = 0\npoints_to = {most}"
        return rule(rule_id, 'form = "manual"', 'answer = "points"', ASKS, points, place(item, rule_id, most))

    computed = rule("C", 'levels = ["city", "county"]', SHARE, BANDS, GAP, place(1, "1.1", 2))
    return made(folder, TABLE, computed, asked("M", 1, 2), asked("B1", 3, 2), asked("B2", 3, 5))


def town(have: int, points: dict[str, int]) -> Evidence:
    rows = [{"rule_id": rule_id, "points": n} for rule_id, n in points.items()]
    return replace(served(urban=(have, 100)), answers=pd.DataFrame(rows))


def judged(folder: Path, have: int, **points: int) -> tuple[Policy, tuple[Verdict, ...]]:
    policy = pack(folder)
    return policy, assess(policy, town(have, points), as_of=DAY)


@pytest.mark.parametrize(
    ("have", "points", "total", "bonus"),
    [
        (60, {"M": 2}, (4, 7), (0, 6)),  # the three points of item 2 stand in no rule: they stay open
        (60, {"M": 0}, (2, 5), (0, 6)),
        (60, {}, (2, 7), (0, 6)),  # nobody told: from nought to two
        (40, {"M": 1}, (1, 5), (0, 6)),  # a gap of the text: nought or one
        (20, {"M": 1}, (1, 4), (0, 6)),
        (20, {"M": 1, "B1": 2, "B2": 5}, (1, 4), (6, 6)),  # 2 + 5 is 7, the heading says 6
        (20, {"M": 1, "B1": 2, "B2": 4}, (1, 4), (6, 6)),
        (20, {"M": 1, "B1": 2, "B2": 3}, (1, 4), (5, 5)),
        (20, {"M": 1, "B1": 0}, (1, 4), (0, 5)),
    ],
)
def test_the_total_is_the_interval_that_is_left(
    tmp_path: Path, have: int, points: dict[str, int], total: tuple[int, int], bonus: tuple[int, int]
) -> None:
    sheet = score_sheet(*judged(tmp_path, have, **points))
    assert (sheet.total, sheet.bonus) == (total, bonus)
    assert sheet.complete is (total[0] == total[1] and bonus[0] == bonus[1])


def test_every_total_that_may_come_out_lies_in_the_interval(tmp_path: Path) -> None:
    policy, open_verdicts = judged(tmp_path, 40)
    sheet = score_sheet(policy, open_verdicts)
    for told, gap in product(range(3), (0, 1)):
        assert sheet.total[0] <= told + gap <= sheet.total[1]
    reached = {score_sheet(*judged(tmp_path, have, M=m)).total for have in (20, 60) for m in range(3)}
    assert min(low for low, _ in reached) == 0
    assert all(high <= 7 for _, high in reached)


def test_each_row_says_where_its_points_come_from(tmp_path: Path) -> None:
    sheet = score_sheet(*judged(tmp_path, 40, M=2))
    assert [(row.rule_id, row.how, row.points) for row in sheet.rows] == [
        ("C", "undefined", (1, 0)),
        ("M", "told", (2,)),
        ("", "not_in_pack", ()),
        ("B1", "unknown", (2, 1, 0)),
        ("B2", "unknown", (5, 4, 3, 2, 1, 0)),
    ]
    assert sheet.items == ((2, 3), (0, 3))


def test_a_heading_its_parts_contradict_is_said(tmp_path: Path) -> None:
    sheet = score_sheet(*judged(tmp_path, 40))
    (note,) = sheet.notes
    assert "6" in note[0]
    assert "2 + 5" in note[0]
    frame = score_frame(sheet, language="en")
    assert list(frame["least"])[-2:] == ["0", "0"]
    assert list(frame["most possible"])[-2:] == ["6", "6"]
    assert "2 + 5" in frame["note"].iloc[-1]


def test_a_unit_has_a_sheet_of_its_own(tmp_path: Path) -> None:
    policy, verdicts = judged(tmp_path, 60, M=2)
    assert scored_units(policy, verdicts) == (("city", "样例市"), ("410611", "淇滨区"))
    county = score_sheet(policy, verdicts, unit="410611")
    # Points told of the city are not those of its county.
    assert [(row.rule_id, row.how) for row in county.rows if row.item == 1] == [("C", "computed"), ("M", "unknown")]
    assert county.unit_name == "淇滨区"


def test_a_document_without_a_score_table_has_no_sheet(tmp_path: Path) -> None:
    policy = made(tmp_path, rule("L", 'form = "checklist"'))
    with pytest.raises(ValueError, match="score table"):
        score_sheet(policy, ())


def test_panjins_coverage_scored_by_hebis_table_is_three() -> None:
    # 88 % of the communities and 53 % of the villages, as Panjin's letter states them.
    hebi = load_pack("hebi_2020")
    sheet = score_sheet(hebi, assess(hebi, served(urban=(88, 100), rural=(53, 100)), as_of=DAY))
    coverage = [row for row in sheet.rows if row.rule_id in {"HB-S07", "HB-S08"}]
    assert [(row.points, row.most) for row in coverage] == [((1,), 2), ((2,), 2)]


def test_what_does_not_apply_keeps_its_points_open() -> None:
    hebi = load_pack("hebi_2020")
    only_urban = assess(hebi, city(communities({}, {})), as_of=DAY)
    (row,) = (row for row in score_sheet(hebi, only_urban).rows if row.rule_id == "HB-S08")
    assert (row.how, row.least, row.possible) == ("unknown", 0, 2)

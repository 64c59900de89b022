"""The annex of a judged town: figures agree with the verdicts, sums with the score table, text is never a formula."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from judged_town import judged_as, judged_town
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from town import HOSTILE

from gis.errors import one_line
from gis.words import say
from maps.annex import write_annex
from maps.atlas import Atlas
from maps.verdict_words import measured, shortfall
from maps.workbook import sheet_names
from policy.verdict import Shortfall, Status, Verdict

ATLAS = judged_town()
NEW = ["评分表", "目标进度", "人工核查清单", "结论变化", "四同步核查"]


def written(atlas: Atlas, folder: Path) -> Workbook:
    write_annex(atlas, folder / "annex.xlsx")
    return openpyxl.load_workbook(folder / "annex.xlsx")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return written(ATLAS, tmp_path_factory.mktemp("judged"))


def table(page: Worksheet) -> list[dict[str, object]]:
    """Return the rows of a sheet by the first line of their headers."""
    heads = [cell.value.split("\n")[0] for cell in page[1]]
    return [dict(zip(heads, row, strict=True)) for row in page.iter_rows(min_row=2, values_only=True)]


def test_the_sheets_stand_behind_the_verdicts_with_their_headers_in_sight(book: Workbook) -> None:
    place = book.sheetnames.index("达标核查")
    assert book.sheetnames[place + 1 : place + 6] == NEW
    for page in book:
        assert page.freeze_panes == "A2"
        assert page.print_title_rows == "$1:$1"


def test_the_verdict_sheet_counts_as_the_verdicts_do(book: Workbook) -> None:
    rows = table(book["达标核查"])
    counted = [v for v in ATLAS.verdicts if v.form != "checklist"]
    assert len(rows) == len(counted) < len(ATLAS.verdicts)
    deciding = Counter(row["结论"] for row in rows if row["作为结论"] == "是")
    assert deciding == Counter(say(f"status.{v.status}", "zh") for v in counted if v.decides)
    shown = {row["项目"]: row["数值"] for row in table(book["概览"])}
    assert {name: shown[f"达标核查：{name}"] for name in deciding} == {name: str(n) for name, n in deciding.items()}
    assert {row["条款类型"] for row in rows} >= {"要求", "只列数值", "人工核查", "时间节点"}


def test_each_item_of_the_score_table_is_the_sum_of_its_parts_cut_at_its_cap(book: Workbook) -> None:
    rows = [row for row in table(book["评分表"]) if row["单元代码"] == "city"]
    policy, sheet = ATLAS.scores[0]
    assert sheet.unit_id == "city"
    parts, sums = [row for row in rows if row["规则"]], [row for row in rows if row["项"] and not row["规则"]]
    assert len(sums) == len(policy.score_table.items)
    for row in sums:
        own = [part for part in parts if part["项"] == row["项"]]
        for end in ("最低", "最高"):
            assert row[end] == min(row["满分"], sum(part[end] for part in own))
    total = next(row for row in rows if str(row["名称"]).startswith("合计"))
    assert (total["最低"], total["最高"]) == (sum(r["最低"] for r in sums), sum(r["最高"] for r in sums)) == sheet.total
    assert total["满分"] == sum(row["满分"] for row in sums) == policy.score_table.total


def test_progress_says_what_is_needed_done_and_missing_in_numbers(book: Workbook) -> None:
    rows = table(book["目标进度"])
    assert len(rows) == len(ATLAS.progress)
    for row, goal in zip(rows, ATLAS.progress, strict=True):
        assert row["期限"] == goal.deadline.isoformat()
        if goal.counted != "elders":
            assert (row["应完成"], row["已完成"], row["尚缺"]) == (goal.needed, goal.done, goal.still)
        assert all(name in row["未完成名单"] for name in map(one_line, goal.open[:20]))


def test_the_checklist_asks_every_question_that_only_persons_can_answer(book: Workbook) -> None:
    rows = table(book["人工核查清单"])
    asked = {(p.document.cite, r.id): r.sentence[0] for p in ATLAS.policies for r in p.rules}
    assert {(row["文件"], row["规则"]) for row in rows} == {
        (v.document, v.rule_id)
        for v in ATLAS.verdicts
        if v.form in {"manual", "milestone", "checklist"} and (v.unit_id or v.level == "city")
    }
    assert all(row["核查问题"] == one_line(asked[row["文件"], row["规则"]]) for row in rows)
    assert all((row["待办"] == "待填") is (row["结论"] == "资料不足") for row in rows)


def test_what_changes_is_listed_and_what_stays_is_counted(book: Workbook) -> None:
    rows = table(book["结论变化"])
    for (title, _), found in ATLAS.changes:
        own = [row for row in rows if row["比较"] == title]
        moved = [change for change in found if change.move != "same"]
        assert [row["变化"] for row in own if row["规则"]] == [say(f"policy.move_{c.move}", "zh") for c in moved]
        stay = say("annex.unchanged", "zh", n=len(found) - len(moved))
        assert [row["名称"] for row in own if not row["规则"]] == ([stay] if len(moved) < len(found) else [])


def test_the_four_synchronisations_stand_one_row_a_check(book: Workbook) -> None:
    rows = table(book["四同步核查"])
    assert [row["项目（分期）"] for row in rows] == [check.record.key for check in ATLAS.checks]
    assert [row["缺面积（m²）"] for row in rows if row["项目（分期）"] == "P2"] == [60, 60]


@pytest.mark.parametrize("name", [*HOSTILE, "-1", '=HYPERLINK("http://x","y")', "\x07响铃", "1e5"])
def test_a_hostile_name_is_text_on_every_sheet(tmp_path: Path, name: str) -> None:
    book = written(judged_as(ATLAS, name), tmp_path)
    shown = one_line(name)
    for title in ("达标核查", *NEW):
        cells = [
            cell for row in book[title].iter_rows(min_row=2) for cell in row if cell.value and shown in str(cell.value)
        ]
        assert cells, title
        assert {cell.data_type for cell in cells} == {"s"}
    formulas = [cell for page in book for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    assert all(cell.value.startswith("=SUM(") for cell in formulas)
    assert all(len(title) <= 31 for title in book.sheetnames)


def test_names_of_sheets_stay_apart() -> None:
    names = sheet_names(["资金" * 20, "资金" * 20, "A[1]", "a_1_", "", "'x'"])
    assert len({name.casefold() for name in names}) == 6
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_one_to_four_people_of_a_small_place_are_not_told_apart() -> None:
    one = next(v for v in ATLAS.verdicts if v.level == "community")

    def of(level: str, zh: str, en: str, short: int) -> Verdict:
        return replace(
            one, level=level, measured=(zh, en), shortfall=Shortfall(short, "elders", ("东3社区",)), form="demand"
        )

    small = of("community", "3/120 名老年人，2.5%", "3 of 120 elders, 2.5%", 4)
    assert measured(small, "zh") == "<5/120 名老年人，—"
    assert measured(small, "en") == "<5 of 120 elders, —"
    assert shortfall(small, "zh") == "缺 <5 名老年人：东3社区"
    assert shortfall(small, "en") == "elders: <5 short: 东3社区"
    assert measured(of("community", "54/120 名老年人，45%", "", 5), "zh") == "54/120 名老年人，45%"
    assert shortfall(of("community", "", "", 5), "zh") == "缺 5 名老年人：东3社区"
    assert measured(of("city", "3/9 名老年人", "", 4), "zh") == "3/9 名老年人"
    assert measured(of("community", "2 处设施", "", 4), "zh") == "2 处设施"


def test_without_judgement_no_sheet_of_it_stands(tmp_path: Path) -> None:
    bare = replace(ATLAS, verdicts=(), checks=(), scores=(), progress=(), dues=(), changes=())
    assert not set(NEW) & set(written(bare, tmp_path).sheetnames)


def test_the_answers_have_their_colours(book: Workbook) -> None:
    page = book["四同步核查"]
    heads = [cell.value.split("\n")[0] for cell in page[1]]
    column = heads.index("初步结论") + 1
    colours = {page.cell(row, column).value: page.cell(row, column).font.color.rgb for row in (2, 4)}
    assert set(colours) == {"不符合", "符合"}
    assert len(set(colours.values())) == 2
    assert Status.FAIL in {check.status for check in ATLAS.checks}

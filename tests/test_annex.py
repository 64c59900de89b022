"""The annex: texts stay texts, sums agree, shares are never rounded up, the same atlas gives the same bytes."""

import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet
from town import HOSTILE, made_town, renamed

from gis.errors import OutputError, one_line
from maps.annex import write_annex
from maps.workbook import safe_text

ATLAS = made_town()
SHEETS = [
    *("概览", "设施一览表", "分社区覆盖", "分街道覆盖", "分区域覆盖", "达标核查"),
    *("布点方案", "分年度实施计划", "步行速度敏感性", "设施台账", "新建住宅项目", "数据质量", "数据收支", "说明"),
]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    path = tmp_path_factory.mktemp("annex") / "annex.xlsx"
    write_annex(ATLAS, path)
    return openpyxl.load_workbook(path)


def column(page: Worksheet, head: str) -> list[Cell]:
    """Return the cells below the header whose first line is `head`."""
    place = next(cell.column for cell in page[1] if cell.value.split("\n")[0] == head)
    return [row[place - 1] for row in page.iter_rows(min_row=2)]


def test_every_sheet_is_there_with_its_header_in_sight_and_set_up_for_print(book: Workbook) -> None:
    assert book.sheetnames == SHEETS
    for page in book:
        assert page.freeze_panes == "A2"
        assert page.auto_filter.ref.startswith("A1:")
        assert page.print_title_rows == "$1:$1"
        assert (page.page_setup.orientation, page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (
            "landscape",
            1,
            0,
        )
        assert page.sheet_properties.pageSetUpPr.fitToPage
    assert book["设施一览表"]["C1"].value == "设施名称\nname"


@pytest.mark.parametrize(
    "name", [*HOSTILE, "-1", '=HYPERLINK("http://x","y")', "#REF!", "\x07响铃", "1e5", "2021-01-01", "410611001001"]
)
def test_a_name_from_a_table_is_text_everywhere(tmp_path: Path, name: str) -> None:
    write_annex(renamed(ATLAS, name), tmp_path / "annex.xlsx")
    book = openpyxl.load_workbook(tmp_path / "annex.xlsx")
    shown = one_line(name)
    cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value == shown]
    assert len(cells) > len(ATLAS.facilities) + len(ATLAS.communities)
    assert {cell.data_type for cell in cells} == {"s"}
    formulas = [cell for page in book for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    assert all(cell.value.startswith("=SUM(") for cell in formulas)
    if name[0] in "=+-@":
        assert all(cell.quotePrefix for cell in cells)


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_any_text_can_stand_in_a_cell(text: str) -> None:
    safe = safe_text(text)
    safe.encode("utf-8")
    assert openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.search(safe) is None


def test_codes_keep_their_twelve_digits(book: Workbook) -> None:
    codes = [cell for cell in column(book["分社区覆盖"], "代码") if cell.value != "合计"]
    assert [cell.value for cell in codes] == sorted(ATLAS.communities.index)
    assert {cell.data_type for cell in codes} == {"s"}


def test_the_sums_agree_with_the_whole_area(book: Workbook) -> None:
    city = ATLAS.units[ATLAS.units["level"] == "city"].iloc[0]
    for name in ("分社区覆盖", "分街道覆盖"):
        for head, unit in (
            ("60岁及以上老年人", "elders"),
            ("15分钟覆盖人数", "elders_covered_15"),
            ("5分钟覆盖人数（方案后）", "elders_covered_5_after"),
        ):
            *rows, foot = column(book[name], head)
            letter = foot.column_letter
            assert foot.value == f"=SUM({letter}2:{letter}{foot.row - 1})"
            assert sum(cell.value for cell in rows) == city[unit]
    cost = column(book["布点方案"], "投资（万元）")[:-1]
    assert round(sum(cell.value for cell in cost) * 10_000) == ATLAS.plan.cost_yuan


def test_shares_are_cut_and_so_never_reach_a_target_they_miss(tmp_path: Path) -> None:
    units = ATLAS.units.assign(elders=10_000, elders_covered_15=8_996)
    write_annex(replace(ATLAS, units=units), tmp_path / "annex.xlsx")
    page = openpyxl.load_workbook(tmp_path / "annex.xlsx")["分区域覆盖"]
    assert [cell.value for cell in column(page, "15分钟覆盖率")] == [0.899]
    assert {cell.number_format for cell in column(page, "15分钟覆盖率")} == {"0.0%"}


def test_one_to_four_people_are_masked_and_then_not_summed(tmp_path: Path) -> None:
    units = ATLAS.units.copy()
    units["elders_unknown"] = [3, 0, *[7] * (len(units) - 2)]
    write_annex(replace(ATLAS, units=units), tmp_path / "annex.xlsx")
    *rows, foot = column(openpyxl.load_workbook(tmp_path / "annex.xlsx")["分社区覆盖"], "情况不明")
    assert [cell.value for cell in rows][:3] == ["<5", 0, "*"]  # 7 and the street's sum would give the 3 away
    assert foot.value is None


def test_every_facility_and_every_site_of_the_plan_is_listed_without_coordinates(book: Workbook) -> None:
    page = book["设施一览表"]
    assert [cell.value for cell in column(page, "设施编号")][:-1] == [*ATLAS.facilities.index, *ATLAS.plan.sites.index]
    heads = {cell.value.split("\n")[0] for cell in page[1]}
    assert not heads & {"经度", "纬度", "东坐标", "北坐标"}
    assert [cell.value for cell in column(page, "状态")[-3:-1]] == ["新建", "新建"]
    assert [cell.value for cell in column(page, "备注")[-3:-1]] == ["布点方案第1处", "布点方案第2处"]


def test_every_verdict_stands_with_its_answer_and_what_is_missing(book: Workbook) -> None:
    page = book["达标核查"]
    assert [cell.value for cell in column(page, "结论")] == [
        "达标",
        "不达标",
        "临界",
        "文件未规定",
        "需说明理由",
        "未到期",
        "资料不足",
        "不适用",
    ]
    assert [cell.value for cell in column(page, "缺口")][1] == "缺 4 名老年人：东街社区、=1+1"
    assert {cell.value for cell in column(page, "实测")} == {"89.96%"}


def test_findings_and_ledgers_are_all_there(book: Workbook) -> None:
    assert len(column(book["数据质量"], "代号")) == len(ATLAS.findings)
    assert [cell.value for cell in column(book["数据收支"], "未采用行数")] == [1]


def test_same_atlas_same_bytes(tmp_path: Path) -> None:
    write_annex(ATLAS, tmp_path / "one.xlsx")
    time.sleep(2.1)  # a zip entry counts time in steps of two seconds
    write_annex(made_town(), tmp_path / "two.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    with ZipFile(tmp_path / "one.xlsx") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_an_empty_project_still_makes_an_annex(tmp_path: Path) -> None:
    bare = replace(
        ATLAS,
        plan=None,
        verdicts=(),
        findings=(),
        ledgers=(),
        notes={},
        facilities=ATLAS.facilities.iloc[:0],
        speeds=ATLAS.speeds.iloc[:0],
        language="en",
    )
    write_annex(bare, tmp_path / "annex.xlsx")
    book = openpyxl.load_workbook(tmp_path / "annex.xlsx")
    assert book.sheetnames[0] == "overview"
    assert column(book["siting plan"], "item")[0].value == "no plan was made"


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere"):
        write_annex(ATLAS, tmp_path / "nowhere" / "annex.xlsx")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice on this machine")
def test_a_spreadsheet_program_reads_the_names_as_text_and_the_sums_as_sums(tmp_path: Path) -> None:
    write_annex(ATLAS, tmp_path / "annex.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        tmp_path / "read",
        tmp_path / "annex.xlsx",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    book = openpyxl.load_workbook(tmp_path / "read" / "annex.xlsx", data_only=True)
    names = [cell.value for cell in column(book["设施一览表"], "设施名称")][:-1]
    assert names == [*ATLAS.facilities["name"], *ATLAS.plan.sites["name"]]
    assert column(book["分社区覆盖"], "60岁及以上老年人")[-1].value == ATLAS.homes["elders"].sum()

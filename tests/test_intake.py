"""The door: what a bureau's file may look like, and what becomes of it (equal to the clean twin, told, or refused)."""

import datetime as dt
import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.datum import from_wgs84
from gis.errors import Finding, InputError
from gis.intake import Intake, read_table, write_template
from gis.intake.cells import read_cell, read_date, read_degrees, read_number
from gis.intake.headings import vocabulary
from gis.tables import CANDIDATES, COMMUNITIES, FACILITIES, GATES, HOUSING, RESIDENTS, TABLES, Table
from gis.words import catalogue

CRS = "EPSG:4547"
Grid = list[list[Any]]
HEADINGS = ["设施编号", "设施名称", "类型", "经度", "纬度", "建筑面积", "床位", "投用日期", "服务项目", "社区代码"]
KINDS = ["日间照料", "街道综合养老服务中心", "幸福院", "养老院"]
AREA, BEDS = HEADINGS.index("建筑面积"), HEADINGS.index("床位")


def facility_cells() -> Grid:
    """Return T00: a heading row and twelve facilities."""
    rows: Grid = [list(HEADINGS)]
    for i in range(12):
        name = ["𠮷祥日间照料", "㐱园", "镕城养老院"][i] if i < 3 else f"设施{i}"
        rows.append(
            [
                f"0510104{i:02d}",
                name,
                KINDS[i % 4],
                str(round(114.2 + i / 100, 6)),
                str(round(35.7 + i / 200, 6)),
                str(350.5 + 10 * i),
                str(20 + i),
                f"2020-07-{i + 1:02d}",
                "助餐、助浴",
                f"4106110010{i:02d}",
            ]
        )
    return rows


def community_cells() -> Grid:
    """Return nine communities as a table without shapes."""
    head = ["社区代码", "社区名称", "级别", "街道", "总人口", "60岁及以上", "80岁及以上", "户数"]
    return [head, *([f"41061100100{i}", f"社区{i}", "社区", "街道甲", "8300", "1900", "300", "2900"] for i in range(9))]


def put(cells: Grid, row: int, column: int, value: Any) -> Grid:
    """Return the cells with one changed; row 1 is the first under the headings."""
    changed = [list(line) for line in cells]
    changed[row][column] = value
    return changed


def csv_file(folder: Path, cells: Grid, *, encoding: str = "utf-8", mark: str = ",", name: str = "设施.csv") -> Path:
    quoted = [mark.join(f'"{c}"' if mark in str(c) else str(c) for c in line) for line in cells]
    file = folder / name
    file.write_bytes("\r\n".join(quoted).encode(encoding))
    return file


def xlsx_file(folder: Path, cells: Grid, *, merges: Sequence[str] = (), name: str = "设施.xlsx") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    for line in cells:
        sheet.append(line)
    for merge in merges:
        sheet.merge_cells(merge)
    book.save(folder / name)
    return folder / name


def read(file: Path, table: Table = FACILITIES, **options: Any) -> Intake:
    return read_table(file, table, **{"crs": CRS, "datum": "wgs84", **options})


def refused(file: Path, table: Table = FACILITIES, **options: Any) -> dict[str, Finding]:
    with pytest.raises(InputError) as error:
        read(file, table, **options)
    assert all(f.severity == "reject" for f in error.value.findings)
    return {finding.code: finding for finding in error.value.findings}


def codes(intake: Intake, *severities: str) -> list[str]:
    return [f.code for f in intake.findings if not severities or f.severity in severities]


def same(got: gpd.GeoDataFrame, clean: gpd.GeoDataFrame) -> None:
    pd.testing.assert_frame_equal(
        pd.DataFrame(got.drop(columns="geometry")), pd.DataFrame(clean.drop(columns="geometry"))
    )
    apart = got.geometry.distance(clean.geometry)
    assert (apart[clean.geometry.notna()] < 1e-3).all()
    assert (got.geometry.isna() == clean.geometry.isna()).all()
    assert got.crs == clean.crs


@pytest.fixture
def clean(tmp_path: Path) -> gpd.GeoDataFrame:
    (tmp_path / "clean").mkdir()
    return read(csv_file(tmp_path / "clean", facility_cells())).frame


# ---------------------------------------------------------------- the frame


def test_a_clean_table_comes_in_without_a_word(tmp_path: Path) -> None:
    got = read(csv_file(tmp_path, facility_cells()))
    frame = got.frame
    assert got.findings == ()
    assert (got.ledger.rows_read, got.ledger.rows_used, dict(got.ledger.left_out)) == (12, 12, {})
    assert frame.index.name == "facility_id"
    assert frame.index[0] == "051010400"
    assert frame.crs == CRS
    assert list(frame.columns) == [
        c.name for c in FACILITIES.columns if c.name not in ("facility_id", "lon", "lat", "x", "y")
    ] + ["geometry"]
    assert frame.kind.tolist()[:4] == ["day_care", "street_centre", "rural_station", "nursing_home"]
    assert frame.opened.iloc[0] == pd.Timestamp("2020-07-01")
    assert frame.services.iloc[0] == ("助餐", "助浴")
    assert frame.land_m2.isna().all()
    assert frame.status.isna().all()
    back = frame.to_crs(4326).geometry
    assert back.x.iloc[3] == pytest.approx(114.23, abs=1e-8)
    assert back.y.iloc[3] == pytest.approx(35.715, abs=1e-8)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_column_has_its_type_even_in_an_empty_form(tmp_path: Path, table: Table) -> None:
    write_template(table, tmp_path / "form.xlsx")
    got = read(tmp_path / "form.xlsx", table, datum=None)
    types = {"code": "string", "text": "string", "choice": "string", "whole": "Int64", "number": "float64"}
    types |= {"date": "datetime64[s]", "flag": "boolean", "list": "object"}
    assert got.findings == ()
    assert len(got.frame) == 0
    for column in table.columns:
        if column.name not in (table.key, "lon", "lat", "x", "y"):
            assert str(got.frame[column.name].dtype) == types[column.content], column.name


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_no_heading_means_two_columns_of_one_table(table: Table) -> None:
    words = [(word, c.name) for c in table.columns for word in (c.name, *c.synonyms)]
    known = vocabulary(table)
    assert len(known) == len({word.lower() for word, _ in words})


def test_every_code_has_words_in_both_languages() -> None:
    said = {key.removeprefix("fault.") for key in catalogue() if key.startswith("fault.")}
    source = "".join(p.read_text(encoding="utf-8") for p in Path(read_table.__code__.co_filename).parent.glob("*.py"))
    used = {word for word in source.split('"') if word.isupper() and "_" in word and word.isascii()}
    assert used & said
    assert not {u for u in used if u.split("_")[0] in ("CELL", "CODE", "KEY", "ROW", "POSITION", "GEOMETRY")} - said


# ---------------------------------------------------------------- T01-T03, T05-T07, T13, T14: equal to the twin


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("gb18030", ","), ("utf-8-sig", ","), ("utf-16", "\t"), ("utf-16-le", "\t"), ("utf-8", ";"), ("utf-8", "\t")],
)
def test_encodings_and_delimiters(tmp_path: Path, clean: gpd.GeoDataFrame, encoding: str, mark: str) -> None:
    got = read(csv_file(tmp_path, facility_cells(), encoding=encoding, mark=mark))
    assert got.findings == ()
    same(got.frame, clean)
    assert got.frame.name.iloc[0] == "𠮷祥日间照料"


def test_a_workbook_under_another_name_is_read_by_content(tmp_path: Path, clean: gpd.GeoDataFrame) -> None:
    got = read(xlsx_file(tmp_path, facility_cells(), name="设施.csv"))
    same(got.frame, clean)


def numbers_as_numbers(cells: Grid) -> Grid:
    """Return the cells as a workbook holds them: numbers and dates typed, codes as text."""
    typed = [list(cells[0])]
    for line in cells[1:]:
        lon, lat, area, beds, day = line[3:8]
        values = [float(lon), float(lat), float(area), int(beds), dt.datetime.fromisoformat(day)]
        typed.append([*line[:3], *values, *line[8:]])
    return typed


def test_office_workbook_with_title_two_line_header_notes_and_totals(tmp_path: Path, clean: gpd.GeoDataFrame) -> None:
    body = numbers_as_numbers(facility_cells())[1:]
    upper = ["设施编号", "设施名称", "类型", "位置", None, "规模", None, "投用日期", "服务项目", "社区代码"]
    lower = [None, None, None, "经度", "纬度", "建筑面积（㎡）", "床位\n（张）", None, None, None]
    subtotal = ["小 计", None, None, None, None, 99.0, 9]
    total = ["合计", None, None, None, None, 12345.0, 300]
    note = ["注：面积为建筑面积。"]
    sheet = [["二〇二〇年养老服务设施一览表"], upper, lower, *body[:6], subtotal, *body[6:], total, note]
    merges = ["A1:J1", "D2:E2", "F2:G2", "A2:A3", "B2:B3", f"A{len(sheet)}:J{len(sheet)}"]
    got = read(xlsx_file(tmp_path, sheet, merges=merges))
    same(got.frame, clean)
    assert [(f.code, f.place.split(":")[1]) for f in got.findings] == [
        ("HEADER_FOUND", "2"),
        ("ROW_TOTAL", "10"),
        ("ROW_TOTAL", "17"),
        ("ROW_NOTE", "18"),
    ]
    assert dict(got.ledger.left_out) == {"ROW_TOTAL": 2, "ROW_NOTE": 1}
    assert got.ledger.rows_read == 15


def test_a_row_of_units_under_the_header_converts(tmp_path: Path, clean: gpd.GeoDataFrame) -> None:
    cells = facility_cells()
    units = [None] * AREA + ["公顷", "张"]
    for line in cells[1:]:
        line[AREA] = str(float(line[AREA]) / 10_000)
    got = read(xlsx_file(tmp_path, [cells[0], units, *cells[1:]]))
    same(got.frame, clean)
    assert codes(got) == ["HEADER_FOUND", "COLUMN_CONVERTED"]


def text_of(value: str) -> Callable[[Grid], Grid]:
    return lambda cells: put(cells, 1, AREA, value)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (text_of("３５０．５"), "CELL_FULLWIDTH"),
        (text_of("350.5㎡"), "CELL_UNIT"),
        (text_of("0.03505公顷"), "CELL_UNIT"),
        (text_of("0.03505万"), "CELL_UNIT"),
        (lambda cells: put(cells, 1, 3, "114°12′00″E"), "CELL_DMS"),
        (lambda cells: put(cells, 1, 3, "东经114度12分"), "CELL_DMS"),
        (lambda cells: put(cells, 1, 3, "E114.2"), "CELL_DMS"),
        (lambda cells: put(cells, 1, 3, "114 12 00"), None),
        (lambda cells: put(cells, 1, AREA, "\u200b350.5"), "CELL_FULLWIDTH"),
        (lambda cells: put(cells, 1, AREA, "'350.5"), "CELL_FULLWIDTH"),
        (lambda cells: [*cells[:3], cells[0], *cells[3:]], "ROW_HEADER"),
        (lambda cells: [*cells, ["以上数据由民政局提供"]], "ROW_NOTE"),
        (lambda cells: [*cells[:3], ["其中：城区", *[None] * (AREA - 1), "701"], *cells[3:]], "ROW_TOTAL"),
        (lambda cells: put(cells, 1, 4, "N35°42'"), "CELL_DMS"),
        (lambda cells: put(cells, 1, 7, "2020年7月1日"), "CELL_DATE"),
        (lambda cells: put(cells, 1, 7, "2020.7.1"), "CELL_DATE"),
        (lambda cells: put(cells, 1, 7, "2020/7/1 0:00"), "CELL_DATE"),
        (lambda cells: put(cells, 1, 7, "44013"), "CELL_DATE"),
        (lambda cells: [*cells, list(cells[3])], "ROW_DUPLICATE"),
    ],
)
def test_repairs_equal_the_twin_and_are_named(
    tmp_path: Path, clean: gpd.GeoDataFrame, change: Callable[[Grid], Grid], code: str | None
) -> None:
    got = read(csv_file(tmp_path, change(facility_cells())))
    if code is None:  # three bare numbers are no notation of ours: the row stays, named as not located
        assert codes(got, "warn") == ["POSITION_MISSING"]
        return
    assert codes(got) == [code]
    assert got.findings[0].severity == "repair"
    same(got.frame, clean)
    assert got.ledger.reconciled


@pytest.mark.parametrize(
    ("text", "beds", "code"),
    [
        ("1,234", 1234, "CELL_THOUSANDS"),
        ("1 234", 1234, "CELL_THOUSANDS"),
        ("1.2万", 12000, "CELL_UNIT"),
        ("约50张", 50, "CELL_APPROXIMATE"),
        ("≥30", 30, "CELL_APPROXIMATE"),
        ("50余张", 50, "CELL_APPROXIMATE"),
        ("30-50", None, "CELL_NUMBER"),
        ("12,34", None, "CELL_NUMBER"),
        ("三十", None, "CELL_NUMBER"),
        ("12.5", None, "CELL_NOT_WHOLE"),
        ("-3", None, "CELL_NOT_POSITIVE"),
        ("#REF!", None, "CELL_ERROR"),
        ("", None, None),
    ],
)
def test_numbers_as_people_write_them(tmp_path: Path, text: str, beds: int | None, code: str | None) -> None:
    got = read(csv_file(tmp_path, put(facility_cells(), 2, BEDS, text)))
    value = got.frame.beds.iloc[1]
    assert (value is pd.NA) if beds is None else value == beds
    assert codes(got) == ([code] if code else [])
    assert all(f.place == "设施.csv:3/床位" for f in got.findings)


@pytest.mark.parametrize("text", ["-5", "0", "NaN", "inf", "无", "—", "/"])
def test_an_area_that_is_none_is_left_out_of_sums_and_the_facility_stays(tmp_path: Path, text: str) -> None:
    got = read(csv_file(tmp_path, put(facility_cells(), 4, AREA, text)))
    assert len(got.frame) == 12
    assert np.isnan(got.frame.floor_area_m2.iloc[3])
    assert got.frame.geometry.notna().all()
    assert [(f.severity, f.place) for f in got.findings] == [("warn", "设施.csv:5/建筑面积")]


# ---------------------------------------------------------------- headings and units


@pytest.mark.parametrize(
    ("heading", "factor"),
    [("建筑面积（㎡）", 1), ("建筑面积(平方米)", 1), ("建筑面积/m2", 1), ("* 建筑面积 ", 1),
     ("建筑面积（亩）", 2000 / 3), ("面积（公顷）", 10_000), ("建筑面积（平方公里）", 1e6), ("floor_area_m2", 1)],
)  # fmt: skip
def test_units_in_headings_are_never_ignored(tmp_path: Path, heading: str, factor: float) -> None:
    got = read(csv_file(tmp_path, put(facility_cells(), 0, AREA, heading)))
    assert got.frame.floor_area_m2.iloc[0] == pytest.approx(350.5 * factor, rel=1e-12)
    assert codes(got) == ([] if factor == 1 else ["COLUMN_CONVERTED"])


def test_yuan_in_a_column_of_ten_thousand_yuan(tmp_path: Path) -> None:
    head = ["编号", "名称", "可用建筑面积", "投资（元）", "东坐标", "北坐标"]
    got = read(csv_file(tmp_path, [head, ["C1", "甲", "500", "1250000", "500000", "3950000"]]), CANDIDATES)
    assert got.frame.cost_wan.iloc[0] == 125
    assert codes(got) == ["COLUMN_CONVERTED"]


def test_a_unit_of_something_else_is_refused(tmp_path: Path) -> None:
    assert "COLUMN_UNIT" in refused(csv_file(tmp_path, put(facility_cells(), 0, AREA, "建筑面积（坪）")))
    assert "COLUMN_UNIT" in refused(csv_file(tmp_path, put(facility_cells(), 0, AREA, "建筑面积（万元）")))


def test_two_headings_for_one_column_are_said(tmp_path: Path) -> None:
    cells = facility_cells()
    spare = [[*line, "9" if i else "面积"] for i, line in enumerate(cells)]
    got = read(csv_file(tmp_path, spare))
    assert [(f.code, f.severity) for f in got.findings] == [("HEADER_SPARE", "note")]
    assert got.frame.floor_area_m2.iloc[0] == 350.5
    twice = [[*line, "9" if i else "建筑面积"] for i, line in enumerate(cells)]
    assert "HEADER_TWICE" in refused(csv_file(tmp_path, twice))


def test_a_column_nobody_knows_is_named(tmp_path: Path) -> None:
    got = read(csv_file(tmp_path, [[*line, "备注" if i == 0 else "x"] for i, line in enumerate(facility_cells())]))
    assert [(f.code, f.severity, f.found) for f in got.findings] == [("COLUMN_UNUSED", "note", "备注")]


def test_all_faults_of_a_file_come_together(tmp_path: Path) -> None:
    cells = [[c for i, c in enumerate(line) if i not in (0, 2)] for line in facility_cells()]
    faults = refused(csv_file(tmp_path, cells), datum=None)
    assert set(faults) == {"COLUMN_MISSING", "DATUM_MISSING"}
    with pytest.raises(InputError) as error:
        read(tmp_path / "设施.csv", datum=None)
    missing = [f for f in error.value.findings if f.code == "COLUMN_MISSING"]
    assert [f.place for f in missing] == ["设施.csv:1/facility_id", "设施.csv:1/kind"]
    assert "设施编号 / 编号 / 设施代码 / facility_id" in missing[0].line("zh")


# ---------------------------------------------------------------- codes and keys: T16, T20


def test_a_number_cell_gives_its_code_as_text(tmp_path: Path) -> None:
    cells = put(facility_cells(), 1, 9, 410611001000)
    got = read(xlsx_file(tmp_path, cells))
    assert got.frame.community_id.iloc[0] == "410611001000"
    assert codes(got) == ["CODE_CELL"]


@pytest.mark.parametrize("code", ["5.101E+11", "410611001001.0", "4.10611E+11"])
def test_codes_that_became_numbers_are_refused(tmp_path: Path, code: str) -> None:
    cells = put(put(facility_cells(), 1, 9, code), 2, 9, code)
    finding = refused(csv_file(tmp_path, cells))["CODE_NUMBER"]
    assert finding.count == 2
    assert finding.place == "设施.csv:2/社区代码"


@pytest.mark.parametrize("cell", [410611000000, 4.10611001e11 + 0.5, 2**60])
def test_a_number_cell_that_lost_digits_is_refused(tmp_path: Path, cell: float) -> None:
    assert "CODE_NUMBER" in refused(xlsx_file(tmp_path, put(facility_cells(), 1, 9, cell)))


def test_codes_that_lost_their_leading_zero_are_refused(tmp_path: Path) -> None:
    finding = refused(csv_file(tmp_path, put(facility_cells(), 3, 0, "51010402")))["CODE_LENGTH"]
    assert (finding.count, finding.place) == (1, "设施.csv:4/设施编号")
    assert "CODE_LENGTH" in refused(csv_file(tmp_path, put(facility_cells(), 3, 9, "41061100100")))


def test_one_id_for_two_facilities_is_refused(tmp_path: Path) -> None:
    finding = refused(csv_file(tmp_path, put(facility_cells(), 4, 0, "051010400")))["KEY_TWICE"]
    assert finding.found == "051010400 (2, 5)"


def test_a_row_without_its_id_is_refused(tmp_path: Path) -> None:
    assert refused(csv_file(tmp_path, put(facility_cells(), 4, 0, "")))["KEY_MISSING"].place == "设施.csv:5/设施编号"


def test_rows_without_ids_are_numbered_where_no_id_is_asked(tmp_path: Path) -> None:
    head = ["总人口", "老年人口", "经度", "纬度"]
    rows = [["10", "2", "114.2", "35.7"], ["10", "2", "", ""], ["10", "2", "", ""], ["10", "2", "114.2", "35.7"]]
    got = read(csv_file(tmp_path, [head, *rows]), RESIDENTS)
    assert got.frame.index.tolist() == ["r000001", "r000002", "r000003"]
    assert codes(got) == ["POSITION_MISSING", "POSITION_MISSING", "ROW_DUPLICATE"]
    assert got.ledger.elders_read == 8
    assert dict(got.ledger.elders_left_out) == {"ROW_DUPLICATE": 2, "POSITION_MISSING": 4}
    assert read(csv_file(tmp_path, [["经度", "纬度"], ["114.2", "35.7"]]), GATES).frame.index.tolist() == ["r000001"]


# ---------------------------------------------------------------- people: T19 and persons


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [(5, "9000", "PEOPLE_EXCEED"), (5, "-1", "PEOPLE_NEGATIVE"), (4, "8300.5", "PEOPLE_NOT_WHOLE"),
     (6, "2000", "PEOPLE_EXCEED")],
)  # fmt: skip
def test_impossible_people_are_refused(tmp_path: Path, column: int, value: str, code: str) -> None:
    finding = refused(csv_file(tmp_path, put(community_cells(), 2, column, value)), COMMUNITIES)[code]
    assert finding.place.startswith("设施.csv:3/")


def test_communities_without_shapes_and_people_in_ten_thousands(tmp_path: Path) -> None:
    cells = put(community_cells(), 0, 4, "总人口（万人）")
    for line in cells[1:]:
        line[4] = "0.83"
    got = read(csv_file(tmp_path, cells), COMMUNITIES)
    assert got.frame.residents.tolist() == [8300] * 9
    assert got.frame.geometry.isna().all()
    assert codes(got) == ["COLUMN_CONVERTED"]
    assert got.ledger.elders_read == 9 * 1900
    assert dict(got.ledger.elders_left_out) == {}


@pytest.mark.parametrize("value", ["410611195003071234", "13812345678", "138-1234-5678", "+8613812345678"])
def test_rows_of_persons_are_refused_and_not_repeated(tmp_path: Path, value: str) -> None:
    cells = [[*line, value if i else "证件"] for i, line in enumerate(community_cells())]
    finding = refused(csv_file(tmp_path, cells), COMMUNITIES)["PERSON_ROWS"]
    assert value not in finding.line()
    assert finding.count == 9


def test_an_operators_telephone_is_not_read_and_no_reason_to_refuse(tmp_path: Path) -> None:
    cells = [[*line, "13812345678" if i else "联系电话"] for i, line in enumerate(facility_cells())]
    got = read(csv_file(tmp_path, cells))
    assert not got.frame.astype(str).isin(["13812345678"]).any(axis=None)
    identity = [[*line, "410611195003071234" if i else "证件"] for i, line in enumerate(facility_cells())]
    assert "PERSON_ROWS" in refused(csv_file(tmp_path, identity))


def test_one_phone_number_in_a_name_is_no_list_of_persons(tmp_path: Path) -> None:
    got = read(csv_file(tmp_path, put(facility_cells(), 1, 1, "+8613812345678")))
    assert got.frame.name.iloc[0] == "+8613812345678"


def test_names_stay_what_they_are(tmp_path: Path) -> None:
    name = '=HYPERLINK("x")'
    book = openpyxl.Workbook()
    for line in put(facility_cells(), 1, 1, name):
        book.active.append(line)
    book.active["B2"].data_type = "s"
    book.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx").frame.name.iloc[0] == name
    assert read(csv_file(tmp_path, put(facility_cells(), 1, 1, "{{ 7*7 }}"))).frame.name.iloc[0] == "{{ 7*7 }}"


# ---------------------------------------------------------------- positions: T08, T09, T12, datums, metres


def swapped(cells: Grid, rows: range) -> Grid:
    for i in rows:
        cells[i][3], cells[i][4] = cells[i][4], cells[i][3]
    return cells


def test_swapped_columns_are_refused_and_swapped_rows_named(tmp_path: Path) -> None:
    finding = refused(csv_file(tmp_path, swapped(facility_cells(), range(1, 13))))["LONLAT_SWAPPED"]
    assert finding.count == 12
    got = read(csv_file(tmp_path, swapped(facility_cells(), range(2, 5))))
    assert [(f.code, f.place) for f in got.findings] == [("POSITION_MISSING", f"设施.csv:{n}") for n in (3, 4, 5)]
    assert got.frame.geometry.isna().tolist() == [False, True, True, True, *[False] * 8]
    assert got.ledger.rows_used == 12


@pytest.mark.parametrize(("lon", "lat"), [("0", "0"), ("", ""), ("null", "null"), ("999", "999"), ("114.2", "")])
def test_a_row_without_position_stays_and_is_named(tmp_path: Path, lon: str, lat: str) -> None:
    got = read(csv_file(tmp_path, put(put(facility_cells(), 2, 3, lon), 2, 4, lat)))
    assert [(f.code, f.place) for f in got.findings] == [("POSITION_MISSING", "设施.csv:3")]
    assert got.frame.geometry.isna().sum() == 1


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_shifted_degrees_come_home(tmp_path: Path, clean: gpd.GeoDataFrame, datum: Any) -> None:
    cells = facility_cells()
    for line in cells[1:]:
        lon, lat = from_wgs84(float(line[3]), float(line[4]), datum=datum)
        line[3], line[4] = repr(float(lon)), repr(float(lat))
    same(read(csv_file(tmp_path, cells), datum=datum).frame, clean)
    finding = refused(csv_file(tmp_path, cells), datum=None)["DATUM_MISSING"]
    assert "gcj02" in finding.allowed


def metre_cells(clean: gpd.GeoDataFrame, *, prefix: int = 0, northing_first: bool = False) -> Grid:
    cells = facility_cells()
    cells[0][3], cells[0][4] = "X坐标", "Y坐标"
    for line, point in zip(cells[1:], clean.geometry, strict=True):
        pair = [f"{point.x + prefix * 1_000_000:.6f}", f"{point.y:.6f}"]
        line[3], line[4] = reversed(pair) if northing_first else pair
    return cells


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({}, []),
        ({"prefix": 38}, ["POSITION_PREFIX"]),
        ({"northing_first": True}, ["POSITION_NORTHING_FIRST"]),
        ({"northing_first": True, "prefix": 38}, ["POSITION_NORTHING_FIRST", "POSITION_PREFIX"]),
    ],
)
def test_metres_need_no_datum(
    tmp_path: Path, clean: gpd.GeoDataFrame, options: dict[str, Any], code: list[str]
) -> None:
    got = read(csv_file(tmp_path, metre_cells(clean, **options)), datum=None)
    assert codes(got) == code
    same(got.frame, clean)


def test_eastings_of_another_zone_are_refused(tmp_path: Path, clean: gpd.GeoDataFrame) -> None:
    assert "38" in refused(csv_file(tmp_path, metre_cells(clean, prefix=39)))["POSITION_ZONE"].allowed


def test_a_grid_with_the_zone_in_its_eastings_keeps_it(tmp_path: Path, clean: gpd.GeoDataFrame) -> None:
    got = read(csv_file(tmp_path, metre_cells(clean, prefix=38)), crs="EPSG:4526")
    assert codes(got) == []
    assert (got.frame.to_crs(CRS).distance(clean.geometry) < 1e-3).all()


def test_degrees_under_headings_of_metres_are_seen(tmp_path: Path, clean: gpd.GeoDataFrame) -> None:
    cells = facility_cells()
    cells[0][3], cells[0][4] = "X", "Y"
    assert "DATUM_MISSING" in refused(csv_file(tmp_path, cells), datum=None)
    got = read(csv_file(tmp_path, cells))
    assert codes(got) == ["POSITION_DEGREES"]
    same(got.frame, clean)


def test_metres_under_headings_of_degrees_are_refused(tmp_path: Path, clean: gpd.GeoDataFrame) -> None:
    cells = metre_cells(clean)
    cells[0] = list(HEADINGS)
    assert "POSITION_NOT_DEGREES" in refused(csv_file(tmp_path, cells))


def test_a_table_that_needs_places_and_has_no_column_for_them_is_refused(tmp_path: Path) -> None:
    cells = [[c for i, c in enumerate(line) if i not in (3, 4)] for line in facility_cells()]
    assert "经度" in refused(csv_file(tmp_path, cells))["COLUMN_MISSING"].allowed
    half = [[c for i, c in enumerate(line) if i != 4] for line in facility_cells()]
    assert refused(csv_file(tmp_path, half))["COLUMN_MISSING"].place.endswith("/lat")
    housing = [["项目编号", "项目名称", "户数"], ["P1", "甲", "100"]]
    assert read(csv_file(tmp_path, housing), HOUSING, datum=None).findings == ()


# ---------------------------------------------------------------- words, dates, flags, lists


def test_unknown_words_are_findings_and_missing(tmp_path: Path) -> None:
    got = read(csv_file(tmp_path, put(facility_cells(), 1, 2, "养老驿站")))
    assert got.frame.kind.isna().tolist() == [True, *[False] * 11]
    assert [(f.code, f.severity, f.found) for f in got.findings] == [("CELL_CHOICE", "warn", "“养老驿站”")]


def test_flags_and_lists_of_kinds(tmp_path: Path) -> None:
    head = ["编号", "名称", "可用建筑面积", "腾退", "可建类型", "东坐标", "北坐标"]
    kinds = ["日间照料、养老院", "day_care，驿站", ""]
    rows = [
        [f"C{i}", "甲", "500", flag, kinds[i], f"50000{i}", "3950000"] for i, flag in enumerate(["是", "否", "也许"])
    ]
    got = read(csv_file(tmp_path, [head, *rows]), CANDIDATES)
    assert got.frame.vacated.tolist() == [True, False, pd.NA]
    assert got.frame.kinds.tolist() == [("day_care", "nursing_home"), ("day_care",), ()]
    assert sorted(codes(got)) == ["CELL_CHOICE", "CELL_FLAG"]


@pytest.mark.parametrize(
    ("cell", "day", "code"),
    [
        ("2020-07-01", dt.date(2020, 7, 1), ""),
        (pd.Timestamp("2020-07-01 09:00"), dt.date(2020, 7, 1), ""),
        ("２０２０年７月１日", dt.date(2020, 7, 1), "CELL_DATE"),
        ("20200701", dt.date(2020, 7, 1), "CELL_DATE"),
        (44013, dt.date(2020, 7, 1), "CELL_DATE"),
        ("2020年2月", dt.date(2020, 2, 29), "CELL_DATE_ROUGH"),
        ("2020年5月底前", dt.date(2020, 5, 31), "CELL_DATE"),
        ("2020", dt.date(2020, 12, 31), "CELL_DATE_ROUGH"),
        ("2020-02-30", None, "CELL_DATE_UNREAD"),
        ("7/1/20", None, "CELL_DATE_UNREAD"),
        ("不详", None, ""),
    ],
)
def test_dates_as_people_write_them(cell: object, day: dt.date | None, code: str) -> None:
    assert read_date(cell) == (day, code)


@given(st.dates(dt.date(1950, 1, 1), dt.date(2090, 1, 1)))
def test_every_notation_of_a_day_is_the_same_day(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    notations = [day.isoformat(), f"{day.year}年{day.month}月{day.day}日", f"{day:%Y/%m/%d}", f"{day:%Y%m%d}", serial]
    assert {read_date(notation)[0] for notation in notations} == {day}


@given(st.integers(0, 10**12))
def test_thousands_marks_and_width_change_no_number(number: int) -> None:
    column = FACILITIES.column("land_m2")
    wide = str(number).translate({ord("0") + i: ord("０") + i for i in range(10)})
    assert {read_number(text, column)[0] for text in (str(number), f"{number:,}", wide, f"{number}㎡")} == {number}


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 59))
def test_degrees_minutes_seconds(d: int, m: int, s: int) -> None:
    column = FACILITIES.column("lon")
    value, code = read_degrees(f"{d}°{m:02d}′{s:02d}″E", column)
    assert code == "CELL_DMS"
    assert value == pytest.approx(d + m / 60 + s / 3600, abs=1e-11)
    assert read_degrees(f"{d}°{m}′{s}″W", column)[0] == -value


@given(st.text(max_size=30), st.sampled_from([c for t in TABLES.values() for c in t.columns]))
def test_no_text_breaks_a_cell(text: str, column: Any) -> None:
    value, code = read_cell(text, column, 1)
    assert code == "" or f"fault.{code}" in catalogue()
    assert value is None or isinstance(value, (str, int, float, bool, tuple, dt.date))


# ---------------------------------------------------------------- files that are something else


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"<!DOCTYPE html><html></html>", "FILE_HTML"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "FILE_OLD_EXCEL"),
        (b"%PDF-1.7 ...", "FILE_FORMAT"),
        (b"<kml></kml>", "FILE_KML"),
        (b"PK\x03\x04 cut short", "FILE_BROKEN"),
        (bytes(range(256)) * 4, "FILE_FORMAT"),
        ("编号".encode() + b"\xff\xff\xff\n", "TEXT_ENCODING"),
        (b"a,b\n1,2\n", "HEADER_MISSING"),
        (b'{"type": "FeatureCollection", "features": 7}', "FILE_BROKEN"),
        (b"SQLite format 3\0" + bytes(100), "FILE_BROKEN"),
    ],
)  # fmt: skip
def test_files_that_are_no_table(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    assert set(refused(tmp_path / "a.csv")) == {code}


@pytest.mark.parametrize("path", ["https://example.org/a.gpkg", "/vsicurl/http://x/a.gpkg", "/vsizip/a.zip"])
def test_addresses_are_not_opened(path: str) -> None:
    assert set(refused(path)) == {"FILE_NOT_LOCAL"}  # type: ignore[arg-type]


def test_folders_and_missing_files(tmp_path: Path) -> None:
    assert set(refused(tmp_path)) == {"FILE_NOT_LOCAL"}
    assert set(refused(tmp_path / "none.csv")) == {"FILE_MISSING"}


def test_a_workbook_that_unpacks_to_an_absurd_size_is_not_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(12 * 2**20))
    assert set(refused(tmp_path / "a.xlsx")) == {"FILE_TOO_LARGE"}


@pytest.mark.parametrize(("crs", "code"), [("EPSG:4490", "CRS_NOT_METRES"), ("EPSG:999999", "CRS_UNKNOWN")])
def test_the_project_needs_a_grid_in_metres(tmp_path: Path, crs: str, code: str) -> None:
    assert set(refused(csv_file(tmp_path, facility_cells()), crs=crs)) == {code}


# ---------------------------------------------------------------- sheets


def test_the_sheet_that_looks_like_the_table_is_taken(tmp_path: Path, clean: gpd.GeoDataFrame) -> None:
    file = xlsx_file(tmp_path, [["说明"], ["名称", "编号"]])
    book = openpyxl.load_workbook(file)
    for title, state in (("台账", "visible"), ("旧", "hidden")):
        sheet = book.create_sheet(title)
        sheet.sheet_state = state
        for line in facility_cells():
            sheet.append(line)
    book.save(file)
    same(read(file).frame, clean)
    assert refused(file, sheet="没有")["SHEET_MISSING"].found == "Sheet, 台账, 旧"
    same(read(file, sheet="旧").frame, clean)
    book["旧"].sheet_state = "visible"
    book.save(file)
    assert refused(file)["SHEET_AMBIGUOUS"].found == "台账, 旧"


def test_merged_words_fill_down_and_merged_numbers_do_not(tmp_path: Path) -> None:
    cells = [[int(c) if c.isdigit() and j > 3 else c for j, c in enumerate(line)] for line in community_cells()]
    for i in (3, 4):
        cells[i][3] = cells[i][4] = cells[i][5] = cells[i][6] = None
    got = read(xlsx_file(tmp_path, cells, merges=["D3:D5", "E3:E5"]), COMMUNITIES)
    assert got.frame.street.tolist() == ["街道甲"] * 9
    assert got.frame.residents.isna().sum() == 2
    assert [(f.code, f.place.split(":")[1]) for f in got.findings] == [("CELL_MERGED_NUMBER", "3-5/总人口")]


def test_a_formula_that_was_never_computed_is_not_blank(tmp_path: Path) -> None:
    cells = put(facility_cells(), 2, AREA, "=300+50")
    got = read(xlsx_file(tmp_path, cells))
    assert np.isnan(got.frame.floor_area_m2.iloc[1])
    assert [(f.code, f.place) for f in got.findings] == [("CELL_ERROR", "设施.xlsx!Sheet:3/建筑面积")]


# ---------------------------------------------------------------- map layers: G00-G06


def squares() -> gpd.GeoDataFrame:
    """Return G00: nine square communities of 500 m, 3 x 3."""
    cells = [
        shapely.box(x, y, x + 500, y + 500) for y in (3_950_000, 3_950_500, 3_951_000) for x in (5e5, 500_500, 501_000)
    ]
    data = {"社区代码": [f"41061100100{i}" for i in range(9)], "社区名称": [f"社区{i}" for i in range(9)],
            "总人口": [1000] * 9, "60岁及以上": [100] * 9}  # fmt: skip
    return gpd.GeoDataFrame(data, geometry=cells, crs=CRS)


def saved(folder: Path, frame: gpd.GeoDataFrame, name: str = "communities.gpkg") -> Path:
    frame.to_file(folder / name, **({"encoding": "UTF-8"} if name.endswith(".shp") else {}))
    return folder / name


@pytest.mark.parametrize("name", ["a.gpkg", "a.geojson", "a.shp", "b;c!d.gpkg", "e.zip"])
def test_layers_of_every_format(tmp_path: Path, name: str) -> None:
    frame = squares().to_crs(4326) if name.endswith("geojson") else squares()
    if name == "a.shp":  # as GDAL cuts the name community_id
        frame = frame.set_axis(["community_", "name", "residents", "elders", "geometry"], axis=1)
    if name == "e.zip":
        saved(tmp_path, frame).rename(tmp_path / name)
    else:
        saved(tmp_path, frame, name) if "!" not in name else saved(tmp_path, frame).rename(tmp_path / name)
    got = read(tmp_path / name, COMMUNITIES, datum=None)
    assert codes(got) == (["HEADER_CUT"] if name == "a.shp" else [])
    assert got.frame.elders.sum() == 900
    assert got.frame.index[8] == "410611001008"
    assert (got.frame.geometry.symmetric_difference(squares().set_axis(got.frame.index).geometry).area < 0.01).all()


def test_a_chinese_shapefile_without_a_word_on_its_encoding(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame(
        {"编号": ["A1", "A2"], "名称": ["𠮷祥里", "长寿路"], "类型": ["日间照料"] * 2},
        geometry=gpd.points_from_xy([5e5, 500_100], [3_950_000] * 2), crs=CRS,
    )  # fmt: skip
    file = tmp_path / "a.shp"
    pyogrio.write_dataframe(points, file, encoding="GB18030")
    (tmp_path / "a.cpg").unlink()
    got = read(file, datum=None)
    assert got.frame.name.tolist() == ["𠮷祥里", "长寿路"]
    assert got.frame.kind.tolist() == ["day_care"] * 2


def test_a_heading_cut_in_the_middle_of_a_letter_is_read(tmp_path: Path) -> None:
    """UTF-8 cut at ten bytes leaves a third of a letter, as GDAL writes it."""
    frame = squares().set_axis(["AAAAAAAAAA", "name", "BBBBBBBBBB", "elders", "geometry"], axis=1)
    file = saved(tmp_path, frame, "a.shp")
    table = file.with_suffix(".dbf").read_bytes()
    for dummy, word in (("A", "社区代码"), ("B", "常住人口")):
        table = table.replace(dummy.encode() * 10, word.encode()[:10])
    file.with_suffix(".dbf").write_bytes(table)
    got = read(file, COMMUNITIES)
    assert codes(got) == ["HEADER_CUT", "HEADER_CUT"]
    assert got.frame.residents.sum() == 9000
    assert got.frame.index[0] == "410611001000"


def test_heights_change_nothing(tmp_path: Path) -> None:
    flat = read(saved(tmp_path, squares()), COMMUNITIES).frame
    frame = squares()
    corners = shapely.get_coordinates(frame.geometry[0].exterior)
    frame.geometry = shapely.force_3d(frame.geometry, range(9))
    frame.loc[0, "geometry"] = shapely.Polygon([(x, y, np.nan) for x, y in corners])
    got = read(saved(tmp_path, frame, "z.gpkg"), COMMUNITIES)
    assert got.findings == ()
    assert got.frame.geometry.geom_equals(flat.geometry).all()
    assert not got.frame.geometry.has_z.any()


def test_a_bowtie_is_repaired_and_its_area_told(tmp_path: Path) -> None:
    frame = squares()
    x, y = frame.geometry[4].bounds[:2]
    bow = shapely.Polygon([(x, y), (x + 500, y + 500), (x + 500, y), (x, y + 500)])
    frame.loc[4, "geometry"] = bow
    got = read(saved(tmp_path, frame), COMMUNITIES)
    assert [(f.code, f.severity, f.place) for f in got.findings] == [
        ("GEOMETRY_REPAIRED", "repair", "communities.gpkg!communities:5/geometry")
    ]
    assert "Self-intersection" in got.findings[0].found
    assert got.findings[0].found.endswith("0.0 m2 -> 125000.0 m2")
    assert got.frame.geometry.iloc[4].area == pytest.approx(125_000)


def ring_file(folder: Path, ring: list[list[float]]) -> Path:
    feature = {"type": "Feature", "properties": {"社区代码": "410611001001", "名称": "甲"},
               "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip
    (folder / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return folder / "a.geojson"


@pytest.mark.parametrize("corners", [3, 4])
def test_an_open_ring_is_refused(tmp_path: Path, corners: int) -> None:
    ring = [[114.0, 35.0], [114.1, 35.0], [114.1, 35.1], [114.0, 35.1]][:corners]
    assert refused(ring_file(tmp_path, ring), COMMUNITIES)["GEOMETRY_RING"].place == "a.geojson:1/geometry"
    assert read(ring_file(tmp_path, [*ring, ring[0]]), COMMUNITIES).findings == ()


def test_an_open_ring_in_a_geopackage_is_refused(tmp_path: Path) -> None:
    file = saved(tmp_path, squares())
    ring = struct.pack("<BIII8d", 1, 3, 1, 4, 5e5, 3.95e6, 500_500, 3.95e6, 500_500, 3_950_500, 5e5, 3_950_500)
    blob = b"GP\x00\x01" + struct.pack("<i", 4547) + ring
    with sqlite3.connect(file) as base:
        for (trigger,) in base.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            base.execute(f'drop trigger "{trigger}"')
        base.execute("update communities set geom = ? where fid = 2", (blob,))
    base.close()
    assert refused(file, COMMUNITIES)["GEOMETRY_RING"].place == "communities.gpkg!communities:2/geometry"


def test_communities_without_a_shape_are_named_with_their_elders(tmp_path: Path) -> None:
    frame = squares()
    frame.loc[1, "geometry"] = None
    frame.loc[3, "geometry"] = shapely.Polygon()
    got = read(saved(tmp_path, frame), COMMUNITIES)
    assert [(f.code, f.place.split(":")[1], f.found) for f in got.findings] == [
        ("GEOMETRY_NULL", "2/geometry", "60岁及以上 100"),
        ("GEOMETRY_NULL", "4/geometry", "60岁及以上 100"),
    ]
    assert got.ledger.rows_used == 9
    assert dict(got.ledger.elders_left_out) == {"GEOMETRY_NULL": 200}


def test_shapes_of_another_type_are_refused(tmp_path: Path) -> None:
    frame = squares()
    frame.loc[0, "geometry"] = shapely.Point(5e5, 3.95e6)
    frame.loc[2, "geometry"] = shapely.LineString([(0, 0), (1, 1)])
    frame.loc[5, "geometry"] = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.Point(0, 0)])
    frame.to_crs(4326).to_file(tmp_path / "a.geojson")
    with pytest.raises(InputError) as error:
        read(tmp_path / "a.geojson", COMMUNITIES)
    assert [(f.code, f.place, f.found) for f in error.value.findings] == [
        ("GEOMETRY_TYPE", "a.geojson:1/geometry", "Point"),
        ("GEOMETRY_TYPE", "a.geojson:3/geometry", "LineString"),
        ("GEOMETRY_TYPE", "a.geojson:6/geometry", "GeometryCollection"),
    ]


def test_overlapping_communities_are_said(tmp_path: Path) -> None:
    frame = squares()
    frame.loc[1, "geometry"] = shapely.box(500_250, 3_950_000, 500_750, 3_950_500)
    got = read(saved(tmp_path, frame), COMMUNITIES)
    assert [(f.code, f.found) for f in got.findings] == [("GEOMETRY_OVERLAP", "0.125000 km2")]


def test_a_layer_without_features_is_an_empty_table(tmp_path: Path) -> None:
    assert len(read(saved(tmp_path, squares().iloc[:0]), COMMUNITIES).frame) == 0
    (tmp_path / "a.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    assert set(refused(tmp_path / "a.geojson", COMMUNITIES)) == {"COLUMN_MISSING"}


def test_a_layer_without_crs_is_refused(tmp_path: Path) -> None:
    file = saved(tmp_path, squares()[["geometry"]], "a.shp")
    file.with_suffix(".prj").unlink()
    assert "CRS_MISSING" in refused(file, COMMUNITIES)


def test_shifted_degrees_in_a_layer_come_home_and_metres_cannot_be_shifted(tmp_path: Path) -> None:
    degrees = squares().to_crs(4326)
    shift = lambda xy: np.column_stack(from_wgs84(*xy.T, datum="gcj02"))  # noqa: E731
    degrees.geometry = shapely.transform(degrees.geometry.values, shift)
    got = read(saved(tmp_path, degrees), COMMUNITIES, datum="gcj02")
    assert (got.frame.geometry.symmetric_difference(squares().set_axis(got.frame.index).geometry).area < 0.01).all()
    assert "DATUM_METRES" in refused(saved(tmp_path, squares(), "m.gpkg"), COMMUNITIES, datum="bd09")


def test_areas_stand_for_sites_as_points_inside_them(tmp_path: Path) -> None:
    sites = squares().rename(columns={"社区代码": "编号", "社区名称": "名称"})
    got = read(saved(tmp_path, sites), RESIDENTS)
    assert sorted(codes(got)) == ["COLUMN_UNUSED", "GEOMETRY_TO_POINT"]
    assert (got.frame.geometry.set_axis(range(9)).within(squares().geometry)).all()


def test_one_layer_of_several_by_name(tmp_path: Path) -> None:
    file = saved(tmp_path, squares())
    squares().to_file(file, layer="old")
    assert len(read(file, COMMUNITIES).frame) == 9
    assert len(read(file, COMMUNITIES, sheet="old").frame) == 9
    assert refused(file, COMMUNITIES, sheet="x")["SHEET_MISSING"].found == "communities, old"
    assert "SHEET_AMBIGUOUS" in refused(file, CANDIDATES)


# ---------------------------------------------------------------- the form


def test_a_filled_form_comes_back(tmp_path: Path) -> None:
    write_template(FACILITIES, tmp_path / "form.xlsx")
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    form = book.worksheets[0]
    titles = [cell.value for cell in form[1]]
    assert [title.partition("（")[0] for title in titles] == [column.synonyms[0] for column in FACILITIES.columns]
    assert "建筑面积（m²）" in titles  # a number without its unit is a guess
    assert form.freeze_panes == "A2"
    lists = {str(v.sqref)[0]: v.formula1 for v in form.data_validations.dataValidation}
    assert lists["C"].startswith('"日间照料,')
    row = {"设施编号": "001", "设施名称": "甲", "类型": "日间照料", "经度": 114.2, "纬度": 35.7}
    row |= {"投用日期": dt.date(2020, 7, 1), "建筑面积（m²）": 350}
    for title, value in row.items():
        form.cell(2, titles.index(title) + 1, value)
    book.save(tmp_path / "form.xlsx")
    got = read(tmp_path / "form.xlsx")
    assert got.findings == ()
    assert (got.frame.index[0], got.frame.kind.iloc[0]) == ("001", "day_care")
    assert got.frame.opened.iloc[0] == pd.Timestamp("2020-07-01")
    assert got.frame.floor_area_m2.iloc[0] == 350


def test_a_form_in_english_comes_back_too(tmp_path: Path) -> None:
    write_template(GATES, tmp_path / "form.xlsx", language="en")
    assert len(read(tmp_path / "form.xlsx", GATES).frame) == 0


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    file = csv_file(tmp_path, put(facility_cells(), 1, AREA, "约50"))
    first, second = read(file), read(file)
    same(first.frame, second.frame)
    assert (first.findings, first.ledger) == (second.findings, second.ledger)

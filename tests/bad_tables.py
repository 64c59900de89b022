"""Dirty tables: encodings, office workbooks, cells as people write them, positions, codes, totals, rows of persons."""

import datetime as dt
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from gis.datum import from_wgs84
from tests.bad_town import (
    STEP,
    TO_DEGREES,
    Cells,
    Town,
    communities,
    degrees,
    facilities,
    features,
    homes,
)

ID, NAME, KIND, STATUS, LON, LAT, AREA, BEDS, OPENED, CODE = range(10)
FORMULAS = ("=1+1", '=HYPERLINK("http://x","y")', "+8613800000000", "-2+3", "@SUM(A1)", "\t=1", "{{ 7*7 }}", "{% x",
            "{# y", "'; DROP TABLE facilities;--", "<script>alert(1)</script>", "../../a")  # fmt: skip
Row = tuple[tuple[Any, ...], dict[str, Any]]
Spoil = Callable[[Town], Any]


def put(cells: Cells, column: int, values: Sequence[Any], first: int = 1) -> Cells:
    """Return the cells with values put into a column, from a row on."""
    changed = [list(line) for line in cells]
    for row, value in enumerate(values, first):
        changed[row][column] = value
    return changed


def _csv(column: int, *values: Any, first: int = 1) -> Spoil:
    return lambda town: town.csv("设施.csv", put(facilities(), column, values, first))


def _text(**how: Any) -> Spoil:
    return lambda town: town.csv("设施.csv", facilities(), **how)


def _people(column: int, *values: str) -> Spoil:
    return lambda town: town.table_of_communities(put(communities(), column, values))


def typed(cells: Cells) -> Cells:
    """Return the facilities as a workbook holds them: numbers and days typed, codes as text."""
    rows = [[*line[:LON], float(line[LON]), float(line[LAT]), float(line[AREA]), int(line[BEDS]),
             dt.datetime.fromisoformat(line[OPENED]), line[CODE]] for line in cells[1:]]  # fmt: skip
    return [list(cells[0]), *rows]


def _office(town: Town) -> None:
    """A title, a header of two rows, a note and a total."""
    upper = ["设施编号", "设施名称", "类型", "状态", "位置", None, "规模", None, "投用日期", "社区代码"]
    lower = [None, None, None, None, "经度", "纬度", "建筑面积（㎡）", "床位\n（张）", None, None]
    total = ["合计", None, None, None, None, None, 4206.0, 14808]
    rows = [["方格镇养老服务设施一览表"], upper, lower, *typed(facilities())[1:], total, ["注：面积为建筑面积。"]]
    town.workbook(rows, merges=["A1:J1", "E2:F2", "G2:H2", "A2:A3", "B2:B3"])


def _places(east: float, north: float, datum: Any = "wgs84", rows: range = range(12)) -> Spoil:
    """Move facilities, or write their degrees in another datum than is said."""

    def spoil(town: Town) -> None:
        cells = facilities()
        for row in (cells[i + 1] for i in rows):
            lon, lat = from_wgs84(float(row[LON]), float(row[LAT]), datum=datum)
            row[LON], row[LAT] = f"{float(lon) + east:.8f}", f"{float(lat) + north:.8f}"
        town.csv("设施.csv", cells)

    return spoil


def _clusters(town: Town) -> None:
    """Forty facilities: the eastern ones were clicked on Amap, the western ones measured."""
    cells = facilities()[:1]
    for i in range(40):
        column, row = 1 + (i * 7) % 19, 1 + (i * 3) % 19
        lon, lat = degrees(STEP * column + 13 * (i % 7), STEP * row + 6)
        if column > 9:
            lon, lat = map(float, from_wgs84(lon, lat, datum="gcj02"))
        line = [f"F{i:02d}", f"设施{i}", "日间照料", "在用", f"{lon:.8f}", f"{lat:.8f}", "350", "10", "2020-07-01", ""]
        cells.append(line)
    town.csv("设施.csv", cells)


def _metres(*, swap: bool = False, zone: str = "", east: float = 0) -> Spoil:
    """Give the places as metres of the project's grid."""

    def spoil(town: Town) -> None:
        cells = facilities()
        cells[0][LON], cells[0][LAT] = ("X坐标", "Y坐标") if swap else ("东坐标", "北坐标")
        for row in cells[1:]:
            x, y = TO_DEGREES.transform(float(row[LON]), float(row[LAT]), direction="INVERSE")
            x = float(f"{zone}{x + east:013.6f}" if zone else x + east)
            row[LON], row[LAT] = (f"{v:.6f}" for v in ((y, x) if swap else (x, y)))
        town.csv("设施.csv", cells)

    return spoil


def _share(*values: str) -> Spoil:
    """Communities with a column of shares beside their counts."""

    def spoil(town: Town) -> None:
        shapes = features()
        for shape, value in zip(shapes, values, strict=True):
            shape["properties"]["老龄化率"] = value
        town.geojson(shapes)

    return spoil


def _twins(town: Town) -> None:
    """One facility under two numbers, 9 m apart."""
    cells = facilities()
    lon, lat = degrees(STEP * 1 + 59, STEP * 1 + 20)
    cells.append(
        ["051010499", "设施0（老年人日间照料中心）", *cells[1][2:LON], f"{lon:.8f}", f"{lat:.8f}", *cells[1][AREA:]]
    )
    town.csv("设施.csv", cells)


def _sheets(town: Town) -> None:
    sheets = {"填表说明": [["请勿删除"], ["联系人"]], "旧表": put(typed(facilities()), AREA, [1.0] * 12), "空表": [],
              "设施": typed(facilities())}  # fmt: skip
    town.workbook(sheets, hidden=["旧表"])


def _part(file: str, change: Callable[[str], str]) -> Spoil:
    """Write the facilities as a workbook, then change one of its parts by hand."""

    def spoil(town: Town) -> None:
        town.workbook(typed(facilities()))
        book = town.folder / "设施.xlsx"
        with zipfile.ZipFile(book) as old:
            parts = {name: old.read(name) for name in old.namelist()}
        changed = change(parts[file].decode())
        if changed.encode() == parts[file]:
            raise ValueError(file)
        with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as new:
            for name, content in {**parts, file: changed.encode()}.items():
                new.writestr(name, content)

    return spoil


SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"


def _formatted_rows(xml: str) -> str:
    """As many rows with a format and nothing in them as a sheet can have."""
    empty = "".join(f'<row r="{i}" s="1" customFormat="1"/>' for i in range(14, 1_000_001))
    return xml.replace("</sheetData>", empty + "</sheetData>")


def _formulas(xml: str) -> str:
    """Two areas as formulas: one that was never computed, one that names a lost cell."""
    xml = re.sub(r'<c r="G2"[^>]*>.*?</c>', '<c r="G2"><f>300+50.5</f></c>', xml)
    return re.sub(r'<c r="G3"[^>]*>.*?</c>', '<c r="G3" t="e"><f>A99</f><v>#REF!</v></c>', xml)


def _days_of_1904(xml: str) -> str:
    return re.sub("<workbookPr[^>]*/>", '<workbookPr date1904="1"/>', xml)


def _serials(town: Town) -> None:
    """Days as bare numbers in a workbook whose days begin in 1904."""
    _begun_in_1904(town, put(typed(facilities()), OPENED, [42551] * 12))


def _dated(town: Town) -> None:
    """The twin's days in a workbook whose days begin in 1904: the same days have numbers less by 1,462."""
    cells = typed(facilities())
    days = [line[OPENED] - dt.timedelta(days=1462) for line in cells[1:]]
    _begun_in_1904(town, put(cells, OPENED, days))


def _begun_in_1904(town: Town, cells: Cells) -> None:
    town.workbook(cells)
    book = town.folder / "设施.xlsx"
    with zipfile.ZipFile(book) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[BOOK] = _days_of_1904(parts[BOOK].decode()).encode()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)


def _identity(*values: str) -> Spoil:
    def spoil(town: Town) -> None:
        cells = homes()
        town.csv(
            "人口.csv", [[*line, value] for line, value in zip(cells, ["备注", *values, *[""] * 80], strict=False)]
        )

    return spoil


def _named(heading: str) -> Spoil:
    return lambda town: town.csv("人口.csv", [[*line, heading if i == 0 else "张三"] for i, line in enumerate(homes())])


def _as_book(name: str, content: bytes) -> Spoil:
    def spoil(town: Town) -> None:
        town.put(name, content)
        town.edit(("设施.csv", name))

    return spoil


def _many(town: Town) -> None:
    """Thirty areas that are none: the first twenty are said, and how many more there are."""
    cells = facilities()
    extra = [[f"X{i:02d}", f"另{i}", *cells[1 + i % 12][2:AREA], "无", *cells[1][BEDS:CODE], ""] for i in range(30)]
    town.csv("设施.csv", [*cells, *extra])


def _everything(town: Town) -> None:
    """Faults of three inputs at once."""
    town.csv("设施.csv", put(facilities(), ID, ["051010400", "051010400"]))
    town.put("街道.osm.pbf", b"")
    town.csv("人口.csv", put(homes(), 4, ["900"]))


def _unlike(town: Town) -> None:
    """The homes' codes are of an older list: half of them are no community's."""
    cells = homes()
    for row in cells[1:41]:
        row[6] = "3" + row[6][1:]
    town.csv("人口.csv", cells)


def _elsewhere(town: Town) -> None:
    cells = facilities()
    for i, row in enumerate(cells[1:4]):
        row[LON], row[LAT], row[CODE] = f"116.4{i}", "39.90", ""
    town.csv("设施.csv", cells)


def _half_quoted(town: Town) -> None:
    """A quotation mark before one name and one behind another: six rows would be one cell."""
    cells = facilities()
    cells[2][NAME], cells[8][NAME] = '"设施1', '设施7"'
    town.csv("设施.csv", cells, quote=lambda _: False)


def _shifted(town: Town) -> None:
    town.csv("设施.csv", put(facilities(), NAME, ["东街,日照中心"]), quote=lambda _: False)


def _one_line_gbk() -> bytes:
    lines = [",".join(line) for line in facilities()]
    return b"\r\n".join(line.encode("gb18030" if i == 5 else "utf-8") for i, line in enumerate(lines))


def _unseen(town: Town) -> None:
    cells = put(facilities(), AREA, ["\u200b350.5", "'350.5", "350.5\ufeff"])
    cells[0][AREA] = "\u200b建筑面积"
    cells[1][LON], cells[2][LON] = f"东经{cells[1][LON]}", f"E{cells[2][LON]}"
    cells[1][LAT], cells[2][LAT] = f"北纬{cells[1][LAT]}°", f"{cells[2][LAT]}N"
    town.csv("设施.csv", cells)


def _amid(town: Town) -> None:
    """What an office writes between and below its rows."""
    head, *rows = typed(facilities())
    sums = [[word, *[None] * (AREA - 1), 1402.0, 4936] for word in ("小计", "平均", "其中：城区")]
    below = [["以上数据由民政局提供"], ["填表人：李某", None, "审核人：王某"], ["2021年12月31日"]]
    town.workbook([head, *rows[:4], sums[0], head, *rows[4:8], sums[1], sums[2], *rows[8:], *below])


def _three_lines(town: Town) -> None:
    head, *rows = typed(facilities())
    upper = [*head[:LON], "位置", None, "规模", None, *head[OPENED:]]
    middle = [*[None] * LON, "坐标", None, "建筑", None]
    lower = [*[None] * LON, *head[LON:OPENED]]
    town.workbook([upper, middle, lower, *rows], merges=["E1:F1", "E2:F2", "G1:H1", "G2:H2"])


def _beyond() -> list[str]:
    """A facility 30 m north of the northernmost community, by the last street."""
    lon, lat = degrees(1010, 2065)
    return ["051010499", "界外", "日间照料", "在用", f"{lon:.8f}", f"{lat:.8f}", "350.5", "1234", "2020-07-01", ""]


def _two_places(town: Town) -> None:
    """Metres 700 m east of the degrees beside them, of one row."""
    cells = [[*line, "", ""] for line in facilities()]
    cells[0][-2:] = ["东坐标", "北坐标"]
    x, y = TO_DEGREES.transform(float(cells[1][LON]), float(cells[1][LAT]), direction="INVERSE")
    cells[1][-2:] = [f"{x + 700:.3f}", f"{y:.3f}"]
    town.csv("设施.csv", cells)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
SECRET = OLE + "EncryptedPackage".encode("utf-16-le") + bytes(200)
BIFF = OLE + "Workbook".encode("utf-16-le") + bytes(200)
DAYS = (
    "2020/7/1",
    "2020.7.1",
    "2020/07/01 0:00",
    "2020年7月1日",
    "20200701",
    "44013",
    "二〇二〇年七月一日",
    "2020-7-1 00:00:00",
    "２０２０年７月１日",
    "2020年07月01号",
    "2020-07-01T00:00:00",
    "二○二○年七月一日",
)
ROWS: list[Row] = [
    (("T01", "GBK 编码的 csv", "a csv in GBK", "accept", _text(encoding="gb18030")), {"run": True}),
    (("T02", "带 BOM 的 UTF-8", "UTF-8 with a BOM", "accept", _text(encoding="utf-8-sig")), {}),
    (
        (
            "T03",
            "UTF-16 制表符文本（Excel“Unicode 文本”）",
            "UTF-16 with tabs (Excel's Unicode text)",
            "accept",
            _text(encoding="utf-16", mark="\t"),
        ),
        {},
    ),
    (
        (
            "T04",
            "生僻字 𠮷 㐱 镕（GB18030）",
            "rare characters 𠮷 㐱 镕 in GB18030",
            "accept",
            lambda town: town.csv("设施.csv", put(facilities(), NAME, ["𠮷祥站", "㐱园", "镕城"]), encoding="gb18030"),
        ),
        {"run": True},
    ),
    (
        (
            "T05",
            "Excel：标题行、两行合并表头、注、合计",
            "Excel with a title, a merged header of two rows, a note, a total",
            "repair",
            _office,
            ("HEADER_FOUND", "ROW_TOTAL", "ROW_NOTE"),
        ),
        {},
    ),
    (
        (
            "T06",
            "全角数字 ３５０．５",
            "full-width digits ３５０．５",
            "repair",
            _csv(AREA, *["３５０．５"] * 3),
            ("CELL_FULLWIDTH",),
        ),
        {},
    ),
    (
        (
            "T07",
            "1,234、1 234、0.1234万、1234张、约1234、≥1234",
            "1,234, 1 234, 0.1234万, 1234张, 约1234, ≥1234",
            "repair",
            _csv(BEDS, "1,234", "1 234", "0.1234万", "1234张", "约1234张", "≥1234"),
            ("CELL_THOUSANDS", "CELL_UNIT", "CELL_APPROXIMATE"),
        ),
        {},
    ),
    (
        (
            "T08",
            "经纬度两列全部颠倒",
            "all longitudes and latitudes swapped",
            "reject",
            lambda town: town.csv(
                "设施.csv",
                [[*row[:LON], row[LAT], row[LON], *row[AREA:]] if i else row for i, row in enumerate(facilities())],
            ),
            ("LONLAT_SWAPPED",),
        ),
        {},
    ),
    (
        (
            "T09",
            "三行经纬度颠倒",
            "three rows swapped",
            "warn",
            lambda town: town.csv(
                "设施.csv",
                [
                    [*row[:LON], row[LAT], row[LON], *row[AREA:]] if 0 < i < 4 else row
                    for i, row in enumerate(facilities())
                ],
            ),
            ("POSITION_MISSING", "FACILITY_OFF"),
        ),
        {"same": False},
    ),
    (
        (
            "T10",
            "GCJ-02 坐标声明为 WGS 84",
            "GCJ-02 said to be WGS 84",
            "warn",
            _places(0, 0, "gcj02"),
            ("DATUM_SUSPECT", "UNIT_ELSEWHERE", "UNIT_NONE", "FACILITY_OFF"),
        ),
        {"same": False},
    ),
    (
        (
            "T11",
            "一张表混用两种坐标基准（东片高德、西片 GPS）",
            "two datums in one table (the east from Amap)",
            "warn",
            _clusters,
            ("DATUM_MIXED", "UNIT_NONE", "FACILITY_OFF"),
        ),
        {"same": False},
    ),
    (
        (
            "T12",
            "坐标 0,0、空白、null、999",
            "coordinates 0,0, blank, null, 999",
            "warn",
            lambda town: town.csv(
                "设施.csv", put(put(facilities(), LON, ["0", "", "null", "999"]), LAT, ["0", "", "null", "999"])
            ),
            ("POSITION_MISSING", "FACILITY_OFF"),
        ),
        {"same": False},
    ),
    (
        (
            "T13",
            "度分秒 104°03′36″E",
            "degrees, minutes, seconds",
            "repair",
            lambda town: town.csv(
                "设施.csv",
                put(put(facilities(), LON, [_dms(facilities()[1][LON], "E")]), LAT, [_dms(facilities()[1][LAT], "N")]),
            ),
            ("CELL_DMS",),
        ),
        {},
    ),
    (
        (
            "T14",
            "完全重复的行",
            "exact duplicate rows",
            "repair",
            lambda town: town.csv("设施.csv", [*facilities(), facilities()[3], facilities()[5]]),
            ("ROW_DUPLICATE",),
        ),
        {},
    ),
    (
        (
            "T15",
            "同一设施两个编号，相距 9 米",
            "one facility under two ids, 9 m apart",
            "warn",
            _twins,
            ("FACILITY_TWINS",),
        ),
        {"same": False},
    ),
    (
        (
            "T16",
            "同一编号，不同设施",
            "one id, different facilities",
            "reject",
            _csv(ID, "051010400", "051010400"),
            ("KEY_TWICE",),
        ),
        {},
    ),
    (
        (
            "T17",
            "面积为负、0、NaN、inf、无、—、/",
            "areas negative, 0, NaN, inf, 无, —, /",
            "warn",
            _csv(AREA, "-350", "0", "NaN", "inf", "无", "—", "/"),
            ("CELL_NOT_POSITIVE", "CELL_NUMBER"),
        ),
        {},
    ),
    (
        (
            "T18",
            "老龄化率混写 0.2、20、20%、'20%'",
            "shares of elders as 0.2, 20, 20%",
            "warn",
            _share("0.2", "20", "20%", "20", "0.2", "20％", "0.20", "35%", "20"),
            ("SHARE_MIXED", "SHARE_DIFFERS"),
        ),
        {},
    ),
    (
        (
            "T19a",
            "60 岁以上人数大于总人口",
            "more elders than residents",
            "reject",
            _people(3, "9000"),
            ("PEOPLE_EXCEED",),
        ),
        {},
    ),
    (
        ("T19b", "60 岁以上人数为负", "a negative number of elders", "reject", _people(3, "-5"), ("PEOPLE_NEGATIVE",)),
        {},
    ),
    (
        (
            "T19c",
            "总人口不是整数",
            "residents that are no whole number",
            "reject",
            _people(2, "900.5"),
            ("PEOPLE_NOT_WHOLE",),
        ),
        {},
    ),
    (
        (
            "T20a",
            "代码丢失开头的零",
            "codes that lost their leading zero",
            "reject",
            lambda town: town.csv("设施.csv", put(facilities(), ID, [row[ID][1:] for row in facilities()[1:4]])),
            ("CODE_LENGTH",),
        ),
        {},
    ),
    (
        (
            "T20b",
            "代码成了 4.10611E+11 或带 .0",
            "codes as 4.10611E+11 or with .0",
            "reject",
            _csv(CODE, "4.10611E+11", "410611001001.0"),
            ("CODE_NUMBER", "CODES_UNMATCHED"),
        ),
        {},
    ),
    (
        (
            "T21",
            "有说明页、隐藏的旧表和空表的工作簿",
            "a workbook with a page of remarks, a hidden old sheet, an empty one",
            "accept",
            _sheets,
        ),
        {},
    ),
    (
        (
            "T22",
            "网页存成 .xls",
            "a web page saved as .xls",
            "reject",
            _as_book("设施.xls", "<html><table><tr><td>设施编号</td></tr></table></html>".encode()),
            ("FILE_HTML",),
        ),
        {},
    ),
    (
        (
            "T23",
            "旧版 Excel（BIFF .xls）",
            "an old Excel file (BIFF .xls)",
            "reject",
            _as_book("设施.xls", BIFF),
            ("FILE_OLD_EXCEL",),
        ),
        {},
    ),
    (
        (
            "T24",
            "有密码的 .xlsx",
            "an .xlsx with a password",
            "reject",
            _as_book("设施.xlsx", SECRET),
            ("FILE_LOCKED",),
        ),
        {},
    ),
    (("T25", "分号分隔的 csv", "a csv with semicolons", "accept", _text(mark=";")), {}),
    (
        (
            "T26",
            "引号内换行的单元格",
            "quoted cells with line breaks",
            "accept",
            lambda town: town.csv(
                "设施.csv", [[*row, "地址" if i == 0 else f"甲路\n{i}号, “东”"] for i, row in enumerate(facilities())]
            ),
        ),
        {"same": False},
    ),
    (
        (
            "T27",
            "一百万行只有格式的空行",
            "a million rows of nothing but formats",
            "accept",
            _part(SHEET, _formatted_rows),
        ),
        {},
    ),
    (
        (
            "T28",
            "未计算的公式、#REF! 单元格",
            "a formula never computed, a cell with #REF!",
            "warn",
            _part(SHEET, _formulas),
            ("CELL_ERROR",),
        ),
        {},
    ),
    (
        (
            "T29",
            "1904 日期系统的工作簿（日期单元格）",
            "a workbook whose days begin in 1904 (date cells)",
            "accept",
            _dated,
        ),
        {},
    ),
    (
        (
            "T30",
            "1904 日期系统的工作簿（裸数字日期）",
            "the same with bare numbers for days",
            "repair",
            _serials,
            ("CELL_DATE",),
        ),
        {},
    ),
    (("T31", "十二种写法的同一天", "one day in twelve spellings", "repair", _csv(OPENED, *DAYS), ("CELL_DATE",)), {}),
    (
        (
            "T32",
            "合并单元格：类型纵向合并、面积纵向合并",
            "cells merged downwards: a word and a number",
            "warn",
            lambda town: town.workbook(put(typed(facilities()), AREA, [None], 3), merges=["C2:C3", "G3:G4"]),
            ("CELL_MERGED_NUMBER",),
        ),
        {},
    ),
    (
        (
            "T33",
            "18 位身份证号",
            "identity numbers of 18 digits",
            "reject",
            _identity("11010519491231002X"),
            ("PERSON_ROWS",),
        ),
        {},
    ),
    (
        (
            "T34",
            "手机号",
            "mobile numbers",
            "reject",
            _identity(*(f"1380000{i:04d}" for i in range(81))),
            ("PERSON_ROWS",),
        ),
        {},
    ),
    (("T35", "老人姓名列", "a column of names of elders", "reject", _named("老人姓名"), ("PERSON_ROWS",)), {}),
    (
        (
            "T36",
            "经纬度未声明基准",
            "degrees without a datum",
            "reject",
            lambda town: town.edit(('{ path = "设施.csv", datum = "wgs84" }', '"设施.csv"')),
            ("DATUM_MISSING",),
        ),
        {},
    ),
    (("T37", "米制坐标", "metres of the project's grid", "accept", _metres()), {}),
    (("T38", "北坐标在前", "northings first", "repair", _metres(swap=True), ("POSITION_NORTHING_FIRST",)), {}),
    (
        (
            "T39",
            "东坐标带带号 38",
            "eastings with the zone number 38",
            "repair",
            _metres(zone="38"),
            ("POSITION_PREFIX",),
        ),
        {},
    ),
    (("T40", "东坐标是别的带", "eastings of another zone", "reject", _metres(zone="40"), ("POSITION_ZONE",)), {}),
    (
        (
            "T41",
            "三处设施在别的城市",
            "three facilities in another city",
            "warn",
            _elsewhere,
            ("UNIT_NONE", "FACILITY_OFF"),
        ),
        {"run": True, "same": False},
    ),
    (
        (
            "T42",
            "缺少必需的列",
            "a required column is missing",
            "reject",
            lambda town: town.csv("设施.csv", [row[:NAME] + row[KIND:] for row in facilities()]),
            ("COLUMN_MISSING",),
        ),
        {},
    ),
    (
        (
            "T43",
            "没有表头",
            "no header",
            "reject",
            lambda town: town.csv("设施.csv", facilities()[1:]),
            ("HEADER_MISSING",),
        ),
        {},
    ),
    (
        (
            "T44",
            "只有表头，没有数据行",
            "a header without rows",
            "warn",
            lambda town: town.csv("设施.csv", facilities()[:1]),
            ("FACILITY_NONE",),
        ),
        {"run": True, "same": False},
    ),
    (
        (
            "T45",
            "42 行中 30 行面积不可用（只列前 20 条）",
            "30 areas that are none: twenty are told, and how many more",
            "warn",
            _many,
            ("CELL_NUMBER", "FACILITY_TWINS"),
        ),
        {"same": False},
    ),
    (
        (
            "T46",
            "人口表的社区代码有一半不在社区表中",
            "half the codes of the homes are no community's",
            "warn",
            _unlike,
            ("UNIT_UNKNOWN", "CODES_UNMATCHED"),
        ),
        {},
    ),
    (
        (
            "T47",
            "三份输入同时有错",
            "faults of three inputs at once",
            "reject",
            _everything,
            ("KEY_TWICE", "FILE_EMPTY", "PEOPLE_EXCEED"),
        ),
        {},
    ),
    (
        (
            "T48",
            "单位写在表头：建筑面积（亩）",
            "a unit in the heading: 建筑面积（亩）",
            "repair",
            lambda town: town.csv(
                "设施.csv", put(put(facilities(), AREA, ["建筑面积（亩）"], 0), AREA, ["0.52575"] * 12)
            ),
            ("COLUMN_CONVERTED",),
        ),
        {},
    ),
    (
        (
            "T49",
            "类型写法不在清单",
            "a kind nobody knows",
            "warn",
            _csv(KIND, "养老驿站儿"),
            ("CELL_CHOICE", "FACILITY_UNSORTED"),
        ),
        {"same": False},
    ),
    (
        (
            "T50",
            "类型、状态空白或写法不在清单",
            "kind and status blank or unknown",
            "warn",
            lambda town: town.csv(
                "设施.csv", put(put(facilities(), KIND, ["养老驿站儿", ""]), STATUS, ["", "奇怪", ""])
            ),
            ("CELL_CHOICE", "FACILITY_UNSORTED"),
        ),
        {"same": False},
    ),
    (("T51", "引号不成对的 csv", "a csv with half a quotation", "reject", _half_quoted, ("TEXT_QUOTE",)), {}),
    (
        (
            "T52",
            "名称中的逗号未加引号，列错位",
            "a comma in a name without quotes",
            "reject",
            _shifted,
            ("TEXT_CELLS",),
        ),
        {},
    ),
    (
        (
            "T53",
            "UTF-8 文件中有一行 GBK",
            "one row in GBK within a file of UTF-8",
            "reject",
            lambda town: town.put("设施.csv", _one_line_gbk()),
            ("TEXT_ENCODING",),
        ),
        {},
    ),
    (
        (
            "T54",
            "看不见的字符、前导撇号、东经和 E 的写法",
            "signs of no width, a leading apostrophe, 东经 and E before degrees",
            "repair",
            _unseen,
            ("CELL_FULLWIDTH", "CELL_DMS"),
        ),
        {},
    ),
    (
        (
            "T55",
            "中间有重复表头、小计、平均、其中，下面有落款",
            "the header again, a part sum, an average, 其中, and a signature below",
            "repair",
            _amid,
            ("ROW_HEADER", "ROW_TOTAL", "ROW_NOTE"),
        ),
        {"run": True},
    ),
    (("T56", "三行合并表头", "a merged header of three rows", "repair", _three_lines, ("HEADER_FOUND",)), {}),
    (
        (
            "T57",
            "面积 1e400、20-30、三百五十、0.5",
            "areas 1e400, 20-30, 三百五十, 0.5",
            "warn",
            _csv(AREA, "1e400", "20-30", "三百五十", "0.5"),
            ("CELL_NUMBER", "CELL_UNLIKELY"),
        ),
        {},
    ),
    (
        (
            "T58",
            "状态写作营业、正常、使用中、启用、运行中等",
            "in use said in other words",
            "accept",
            _csv(
                STATUS,
                "营业",
                "营业中",
                "运营中",
                "正常",
                "已运营",
                "使用中",
                "启用",
                "运行中",
                "开放",
                "已投用",
                "在营",
                "正常营业",
            ),
        ),
        {},
    ),
    (
        (
            "T59",
            "状态写作暂停、拟建、施工中、竣工、闲置",
            "suspended, planned, under construction, built, 闲置",
            "warn",
            _csv(STATUS, "暂停", "拟建", "施工中", "竣工", "闲置"),
            ("CELL_CHOICE", "FACILITY_UNSORTED"),
        ),
        {"same": False},
    ),
    (
        (
            "T60",
            "设施不在任何社区范围内",
            "a facility in no community",
            "warn",
            lambda town: town.csv("设施.csv", [*facilities(), _beyond()]),
            ("UNIT_NONE",),
        ),
        {"same": False},
    ),
    (
        (
            "T61",
            "经纬度与米制坐标不是同一处",
            "degrees and metres that are two places",
            "warn",
            _two_places,
            ("POSITION_TWO", "UNIT_ELSEWHERE"),
        ),
        {"same": False},
    ),
    (
        (
            "T62",
            "逐人的行：性别、年龄、出生日期",
            "a row a person: sex, age, day of birth",
            "reject",
            lambda town: town.csv("人口.csv", [[*line, "年龄" if i == 0 else "72"] for i, line in enumerate(homes())]),
            ("PERSON_ROWS",),
        ),
        {},
    ),
    (
        (
            "T63",
            "人数一列中是 20 位数字",
            "a number of 20 digits as people",
            "reject",
            lambda town: town.csv("人口.csv", put(homes(), 3, ["99999999999999999999"])),
            ("PEOPLE_MANY",),
        ),
        {},
    ),
    (
        (
            "T64",
            "RAR、ODS 等不是表格的文件",
            "RAR and other files that are no tables",
            "reject",
            _as_book("设施.xlsx", b"Rar!\x1a\x07\x01\x00 and more"),
            ("FILE_FORMAT",),
        ),
        {},
    ),
    (
        (
            "T65",
            "指标名带“总数”“合计”，不是合计行",
            "figures called 总数 and 合计 are no totals",
            "accept",
            lambda town: (
                town.csv("数据.csv", [["指标", "数值"], ["养老床位总数", "100"], ["财政投入合计", "3"]]),
                town.edit(("[walking]", '[inputs.figures]\npath = "数据.csv"\n\n[walking]')),
            ),
        ),
        {},
    ),
    (
        (
            "T66",
            "两行被筛选隐藏",
            "two rows hidden by a filter",
            "warn",
            _part(SHEET, lambda xml: re.sub(r'<row r="([36])"', r'<row r="\1" hidden="1"', xml)),
            ("ROWS_HIDDEN",),
        ),
        {},
    ),
    (
        (
            "C02",
            "名称像公式、模板、SQL、HTML",
            "names that are formulas, templates, SQL, HTML",
            "accept",
            _csv(NAME, *FORMULAS),
        ),
        {"run": True},
    ),
]


def _dms(degree: str, side: str) -> str:
    """Write degrees as degrees, minutes and seconds, to a tenth of a millimetre."""
    whole, rest = divmod(float(degree), 1)
    minutes, seconds = divmod(rest * 3600, 60)
    return f"{whole:.0f}°{minutes:02.0f}′{seconds:08.5f}″{side}"

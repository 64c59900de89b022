"""A workbook of plain tables: texts stay texts, headers stay in sight, sheets fit A4 or A3, same tables same bytes."""

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from io import BytesIO
from math import ceil
from pathlib import Path
from unicodedata import east_asian_width
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from maps.outfile import beside
from maps.style import INK

Value = str | int | float | Fraction | None
Look = tuple[bool | None, str, bool]
"""How a cell looks: text among numbers, text, or (None) no text; its format; whether a text begins like a formula."""
Looks = dict[Look, StyleArray]
WHOLE, DECIMAL, PERCENT, TEXT = "#,##0", "#,##0.####", "0.0%", "@"
LONGEST_TEXT = 32_767
"""What a cell can hold."""

LONGEST_NAME = 31
"""What the name of a sheet can hold."""

_FORBIDDEN = re.compile(r"[\\/*?:\[\]]")
_DAY = datetime(2000, 1, 1)  # noqa: DTZ001  workbooks know no time zone
_FONT = "Microsoft YaHei"
_LINE = Border(bottom=Side("hair", "999999"))
_HEAD = PatternFill("solid", INK.lstrip("#"))
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_SIGNS = ("=", "+", "-", "@")
_NARROW, _HEAD_WIDTH, _WIDE, _LINE_HEIGHT = 7, 13, 48, 15
_A4_TAKES, _OF_MANY, _A3 = 260, 26, "8"
"""A sheet wider than this many letters would be too small to read on A4: it goes on A3, its columns narrower."""


@dataclass(frozen=True)
class Column:
    """One column: its header in one or two languages, how its numbers show and whether they are summed at the foot."""

    words: Sequence[str]
    shown: str = TEXT
    summed: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its columns and its rows; `total` is the word before the sums."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    total: str = ""
    colours: dict[int, str] = field(default_factory=dict)
    """Colour of the first letter column of a row, by its place: the answer of a verdict."""
    coloured: int = 0
    printed: int = 0
    """How many columns go on paper, from the first (0: all); the others are for the screen."""


def write_workbook(sheets: Sequence[Sheet], path: Path) -> None:
    """Write the sheets as one .xlsx. Raises OutputError where it cannot be written."""
    book = Workbook()
    book.remove(book.active)
    book.properties.creator, book.properties.created = "circle15", _DAY
    looks: Looks = {}
    for sheet, name in zip(sheets, sheet_names([sheet.name for sheet in sheets]), strict=True):
        _fill(book.create_sheet(name), sheet, looks)
    draft = BytesIO()
    book.save(draft)
    with beside(path) as place:
        place.write_bytes(settled(draft))


def sheet_names(names: Sequence[str]) -> list[str]:
    """Return names that a workbook takes: short, without the signs it forbids, no two alike.

    >>> sheet_names(["资金：[甲]/乙", "A" * 40, "a" * 40])
    ['资金：_甲__乙', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa 2']
    """
    given: list[str] = []
    for name in names:
        plain = _FORBIDDEN.sub("_", safe_text(name)).strip("' ") or "_"
        fresh, again = plain[:LONGEST_NAME], 2
        while fresh.casefold() in {other.casefold() for other in given}:
            end = f" {again}"
            fresh, again = f"{plain[: LONGEST_NAME - 1 - len(end)]}{end}", again + 1
        given.append(fresh)
    return given


def _fill(page: Worksheet, sheet: Sheet, looks: Looks) -> None:
    for column, head in enumerate(sheet.columns, 1):
        cell = page.cell(1, column)
        _put(cell, "\n".join(word for word in head.words if word), TEXT, looks)
        cell.font, cell.fill = Font(_FONT, 10, bold=True, color="FFFFFF"), _HEAD
        cell.alignment = Alignment("center", "center", wrap_text=True)
    for row, values in enumerate(sheet.rows, 2):
        for column, (value, head) in enumerate(zip(values, sheet.columns, strict=True), 1):
            _put(page.cell(row, column), value, head.shown, looks)
        if row - 2 in sheet.colours:
            page.cell(row, sheet.coloured).font = Font(_FONT, 10, bold=True, color=sheet.colours[row - 2].lstrip("#"))
    last = len(sheet.rows) + 1
    if sheet.total and sheet.rows:
        _sums(page, sheet, last, looks)
    _print_set_up(page, sheet, last)


def _put(cell: Cell, value: Value, shown: str, looks: Looks) -> None:
    """Set a cell; a text is stored as text whatever it begins with, and a spreadsheet is told not to read it again.

    A share is rounded down to the tenth of a per cent that it shows, as the pages do: a spreadsheet would round it up.
    """
    if isinstance(value, str):
        cell.value = safe_text(value)
        cell.data_type = "s" if value else "n"
        _style(cell, (shown != TEXT, TEXT, value[:1] in _SIGNS and bool(value)), looks)  # `<5` among numbers
    elif value is not None:
        value = Fraction(Fraction(value) * 1000 // 1, 1000) if shown == PERCENT else value
        cell.value = int(value) if value == int(value) else float(value)
        _style(cell, (None, shown, False), looks)
    else:
        _style(cell, (None, "General", False), looks)


def _style(cell: Cell, look: Look, looks: Looks) -> None:
    """Dress a cell; what a look comes to is worked out once a workbook: cell by cell it would take most of the time."""
    if look not in looks:
        among_numbers, number_format, quoted = look
        cell.font, cell.border, cell.number_format = Font(_FONT, 10), _LINE, number_format
        cell.alignment = Alignment(vertical="center")
        if among_numbers is not None:
            side, indent = ("right", 0) if among_numbers else ("left", 1)
            cell.alignment = Alignment(side, "center", indent=indent, wrap_text=True)
            cell.quotePrefix = quoted
        looks[look] = copy(cell._style)  # noqa: SLF001  openpyxl has no public word for it
    cell._style = copy(looks[look])  # noqa: SLF001


def safe_text(text: str) -> str:
    r"""Return text as a cell can hold it: what XML has no place for becomes visible, the rest is as it was.

    >>> safe_text("a" + chr(7))
    'a\\x07'
    """
    visible = _UNPRINTABLE.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)
    return _ESCAPE_LIKE.sub("_x005F_", visible)[:LONGEST_TEXT]


def _sums(page: Worksheet, sheet: Sheet, last: int, looks: Looks) -> None:
    """Add the row of sums: formulas over the rows above, left empty where a row shows a masked count."""
    for column, head in enumerate(sheet.columns, 1):
        cell = page.cell(last + 1, column)
        letter = get_column_letter(column)
        whole = all(not isinstance(row[column - 1], str) for row in sheet.rows)
        if column == 1:
            _put(cell, sheet.total, TEXT, looks)
        elif head.summed and whole:
            cell.value, cell.number_format = f"=SUM({letter}2:{letter}{last})", head.shown
        cell.font = Font(_FONT, 10, bold=True)
        cell.border = Border(top=Side("thin", "333333"))


def _print_set_up(page: Worksheet, sheet: Sheet, last: int) -> None:
    heads = ["\n".join(word for word in column.words if word) for column in sheet.columns]
    shown = [[_as_shown(value, c.shown) for value, c in zip(row, sheet.columns, strict=True)] for row in sheet.rows]
    widths = [_column_width([head, *(row[place] for row in shown)]) for place, head in enumerate(heads)]
    on_paper = sheet.printed or len(widths)
    wide = sum(widths[:on_paper]) > _A4_TAKES
    if wide:
        widths = [min(width, _OF_MANY) if place < on_paper else width for place, width in enumerate(widths)]
    for place, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(place)].width = width
    for number, texts in enumerate([heads, *shown], 1):
        page.row_dimensions[number].height = _LINE_HEIGHT * max(map(_lines, texts, widths), default=1) + 3
    page.freeze_panes = "A2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{last}"
    page.print_title_rows = "1:1"
    if sheet.printed:
        page.print_area = f"A1:{get_column_letter(sheet.printed)}{last + bool(sheet.total and sheet.rows)}"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = _A3 if wide else page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.oddHeader.left.text, page.oddFooter.right.text = page.title.replace("&", "&&"), "&P / &N"
    page.page_margins.left = page.page_margins.right = 0.4


def _column_width(texts: Sequence[str]) -> float:
    """Return the width of a column, in letters: its texts in full up to a limit, its header in several lines."""
    head, *body = texts
    title = min(max(map(_width, head.split("\n"))) + 2, _HEAD_WIDTH)
    return min(max(max(map(_width, body), default=0) + 2, title, _NARROW), _WIDE)


def _lines(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of that width: no program measures it before it is shown."""
    return sum(max(ceil(_width(line) / (width - 1)), 1) for line in text.split("\n"))


def _as_shown(value: Value, shown: str) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return "100.0%" if shown == PERCENT else f"{float(value):,.0f}" if shown == WHOLE else f"{float(value):,.4g}"


@lru_cache(maxsize=100_000)
def _width(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def settled(draft: BytesIO) -> bytes:
    """Return the archive with every time in it set to one day: the same tables give the same bytes."""
    out = BytesIO()
    with ZipFile(draft) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = old.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + _DAY.isoformat().encode() + b"Z", body)
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
            new.writestr(entry, body)
    return out.getvalue()

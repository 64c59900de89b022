"""The rows of a sheet: which are data, which are totals and notes, and which may not be here at all."""

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import islice

from gis.errors import Finding
from gis.intake.cells import blank, plain, read_text, shown
from gis.intake.headers import Field, Header, cell_of
from gis.intake.sheets import Grid, Row
from gis.tables import Table

_TOTAL_ALONE = re.compile(r"(合计|小计|总计|共计|总数|累计|平均(值|数)?)[:：]?")
_TOTAL = re.compile(rf".{{0,20}}{_TOTAL_ALONE.pattern}|其中[:：].{{0,20}}")
_NOTE = re.compile(
    r"(注|备注|说明|填表|填报|制表|审核|单位|数据来源|资料来源|来源|日期|联系人|负责人|栏次)[\d一二三]*[:：、.]?.*",
    re.DOTALL,
)
_DAYS_1904, _SERIALS_END = 1462, 73_051
"""Days from Excel's first day to that of 1904; serial numbers of days end with the century."""


def data_rows(grid: Grid, header: Header, table: Table) -> tuple[list[Row], list[Finding]]:
    """Return the rows under the header that are data, and a finding for each that is a total, a note or without data.

    Rows without any cell are no rows. A cell merged downwards counts for each of its rows where it is a word, and for
    its first row only where it is a number. Rows of a text table that have more cells than its header are refused: a
    comma within a cell has cut them in the wrong places.
    """
    body = [row for row in grid.rows if row.number > header.last_row and (row.cells or row.shape is not None)]
    kept: list[Row] = []
    findings = _cut_wrongly(body, grid, header)
    known = {*map(plain, header.headings), *(plain(field.heading) for field in header.fields)}
    for row in body:
        code = "" if row.shape is not None else _left_out(row, header, table, known)
        if code:
            words = " ".join(read_text(cell) for cell in row.cells if not blank(cell))
            findings.append(Finding(code, "repair", f"{grid.place}:{row.number}", shown(words)))
        else:
            kept.append(row)
    filled, said = _fill_merged(kept, header, grid)
    return _since_1900(filled, header) if grid.days_from_1904 else filled, findings + said


def numbers(rows: Iterable[int]) -> str:
    """Return row numbers for a message: the first ten, and how many there are.

    >>> numbers([2, 5]), numbers(range(2, 40))
    ('2, 5', '2, 3, 4, 5, 6, 7, 8, 9, 10, 11 … (38)')
    """
    every = list(rows)
    head = ", ".join(map(str, every[:10]))
    return head if len(every) <= 10 else f"{head} … ({len(every)})"  # noqa: PLR2004 what a line can bear


def _cut_wrongly(body: Sequence[Row], grid: Grid, header: Header) -> list[Finding]:
    """Refuse the rows of a text table that have more cells than its header, empty ones of the header counted."""
    width = max(grid.counts[: header.last_row], default=0)
    wide = [row.number for row in body if len(row.cells) > width] if grid.counts else []
    return [Finding("TEXT_CELLS", "reject", f"{grid.place}:{wide[0]}", numbers(wide), len(wide))] if wide else []


def _left_out(row: Row, header: Header, table: Table, known: Collection[str]) -> str:
    """Return why a row is no data: ROW_TOTAL, ROW_HEADER, ROW_NOTE or nothing. Totals and notes are said in Chinese."""
    words = [plain(cell) for cell in row.cells if isinstance(cell, str) and not cell.isascii() and not blank(cell)]
    if words and _is_total(row, words, header, table):
        return "ROW_TOTAL"
    if _is_alone(row, header, table) or all(blank(cell_of(row, field)) for field in header.fields):
        return "ROW_NOTE"
    first = row.number == header.last_row + 1
    if not (words or first):
        return ""  # most rows of a long table: no more to be asked of them
    cells = [cell for cell in row.cells if not blank(cell)]
    if words and words[0] in known and 2 * sum(word in known for word in words) > len(cells):
        return "ROW_HEADER"
    note = len(words) == len(cells) and all(map(_NOTE.fullmatch, words))
    counted = first and [plain(cell) for cell in cells] == [
        str(n + 1) for n in range(len(cells))
    ]  # columns 1, 2, 3 ...
    return "ROW_NOTE" if note or counted else ""


def _is_alone(row: Row, header: Header, table: Table) -> bool:
    """Return whether a row is one remark: a single cell among several columns, unless it is the code of a thing."""
    there = list(islice((cell for cell in row.cells if not blank(cell)), 2))
    if len(there) != 1 or len(header.fields) < 2:  # noqa: PLR2004 alone among others
        return False
    field = header.field(table.keys[0])
    coded = field is not None and cell_of(row, field) is there[0] and read_text(there[0]).isascii()
    return not coded


def _is_total(row: Row, words: Sequence[str], header: Header, table: Table) -> bool:
    """Return whether a row is a sum: a word for it stands first, or anywhere in a row without an identifier.

    Where a table can do without identifiers the word must stand alone: 养老床位总数 is the name of a figure.
    """
    key = table.keys[0]
    field = header.field(key)
    total = _TOTAL if table.column(key).required else _TOTAL_ALONE
    named = field is not None and not blank(cell_of(row, field))
    first = next(cell for cell in row.cells if not blank(cell))
    return any(map(total.fullmatch, [plain(first)] if named else words))


def _fill_merged(rows: list[Row], header: Header, grid: Grid) -> tuple[list[Row], list[Finding]]:
    """Give each row its share of a cell that was merged downwards."""
    fields: dict[int, Field] = {field.index: field for field in header.fields}
    at = {row.number: i for i, row in enumerate(rows)}
    filled = list(rows)
    findings: list[Finding] = []
    for left, top, right, bottom in grid.merged:
        if bottom == top or top not in at:
            continue
        below = [at[row.number] for row in rows[at[top] + 1 :] if row.number <= bottom]
        for field in (fields[i] for i in range(left - 1, right) if i in fields):
            anchor = cell_of(rows[at[top]], field)
            place = f"{grid.place}:{top}-{bottom}/{field.heading}"
            if field.column.content in ("number", "whole"):
                findings.append(Finding("CELL_MERGED_NUMBER", "warn", place, shown(anchor)))
                continue
            for i in below:
                filled[i] = filled[i]._replace(cells=_put(filled[i].cells, field.index, anchor))
    return filled, findings


def _since_1900(rows: list[Row], header: Header) -> list[Row]:
    """Count bare numbers of days from 1900 in a workbook that counts them from 1904."""
    days = [field for field in header.fields if field.column.content == "date"]
    counted = list(rows)
    for i, row in enumerate(rows):
        for field in days:
            cell = cell_of(row, field)
            if isinstance(cell, (int, float)) and not isinstance(cell, bool) and 0 < cell < _SERIALS_END:
                counted[i] = counted[i]._replace(cells=_put(counted[i].cells, field.index, int(cell) + _DAYS_1904))
    return counted


def _put(cells: Sequence[object], index: int, value: object) -> tuple[object, ...]:
    longer = [*cells, *[None] * (index + 1 - len(cells))]
    longer[index] = value
    return tuple(longer)

"""A table as it lies in its file: rows of cells with the row numbers that a person sees (text files and workbooks)."""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
from openpyxl.utils.cell import column_index_from_string, range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from gis.errors import InputError
from gis.intake.cells import blank
from gis.intake.files import fault
from gis.intake.workbooks import Budget, measure_workbook

_DELIMITERS = ",\t;|"
_ENCODINGS = ("utf-8-sig", "gb18030")
_MERGE = re.compile(rb'mergeCell\s[^<>]{0,200}?ref="([A-Z]{1,3}[0-9]+:[A-Z]{1,3}[0-9]+)"')
_MERGES_READ = 10_000
_SAMPLE_BYTES = 200_000
_CELLS_OF_A_ROW = 3
"""An address over several lines has a comma or two in a line, a row that was swallowed has more."""
_UNCOMPUTED = re.compile(  # every part has its most: a hostile sheet may not make the search go back and back
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^<>]{0,200}>\s{0,99}<f[^<>]{0,999}(?:/>|>[^<]{0,9999}</f>)'
    rb"\s{0,99}(?:<v\s{0,9}/>|<v>\s{0,99}</v>)?\s{0,99}</c>"
)
_HIDDEN = re.compile(rb'<row\s(?=[^<>]{0,500}\bhidden="(?:1|true)")[^<>]{0,500}?\br="([0-9]{1,7})"')
_ROW = re.compile(rb'<row\s[^<>]{0,500}?\br="([0-9]{1,7})"')
_FORMATS_BYTES = 1_000_000
_EMPTY_FORMULA = "#EMPTY!"
"""Stands in a cell whose formula was never computed: the value is unknown, not blank."""


class Row(NamedTuple):
    """One row: its number in the file (from 1, as Excel counts; of a map layer: the feature), its cells, its shape."""

    number: int
    cells: Sequence[object]
    shape: Any = None


@dataclass(frozen=True)
class Grid:
    """The cells of one sheet. `merged` holds ranges as (first column, first row, last column, last row), from 1.

    `days_from_1904`: bare numbers of days count from 1904, as Excel for the Mac wrote them.
    """

    place: str
    rows: tuple[Row, ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden: frozenset[int] = frozenset()
    """The numbers of the rows that the sheet hides, by hand or by a filter."""
    days_from_1904: bool = False
    counts: tuple[int, ...] = ()
    """Of a text table: how many cells each row has, empty ones too; one with more than its header was cut wrongly."""


def read_text_table(file: Path) -> Grid:
    """Return the rows of a text table in UTF-8, GB18030 or UTF-16, whatever its delimiter.

    Raises InputError where the text is in none of these encodings, and where a quotation mark without its other half
    swallows what follows it.
    """
    text = decoded(file)
    sample = text[:20_000].splitlines()
    delimiter = max(_DELIMITERS, key=lambda mark: (sum(mark in line for line in sample), "".join(sample).count(mark)))
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    counts: list[int] = []
    try:
        for number, cells in enumerate(table, 1):
            if any(_holds_rows(cell, delimiter) for cell in cells):
                raise fault("TEXT_QUOTE", f"{file.name}:{number}", max(cells, key=len).splitlines()[0])
            counts.append(len(cells))
            rows.append(Row(number, _trimmed(cells)))
    except csv.Error as error:
        raise fault("TEXT_QUOTE", f"{file.name}:{len(rows) + 1}", str(error)) from error
    return Grid(file.name, tuple(rows), counts=tuple(counts))


def _holds_rows(cell: str, delimiter: str) -> bool:
    """Return whether a cell of several lines has rows of the table in it: a line in its midst with many delimiters."""
    broken = "\n" in cell or "\r" in cell
    return broken and any(line.count(delimiter) >= _CELLS_OF_A_ROW for line in cell.splitlines()[1:])


def read_workbook(file: Path, *, sheet: str | None) -> list[Grid]:
    """Return the named sheet, or every visible sheet that holds anything.

    Raises InputError where the workbook cannot be read or has no such sheet.
    """
    try:
        with warnings.catch_warnings(), file.open("rb") as stream:
            measure_workbook(file, stream)
            warnings.simplefilter("ignore")  # openpyxl's remarks on styles and drop-downs do not concern the cells
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            parts, budget = zipfile.ZipFile(stream), Budget(file.name)
            try:
                wanted = [
                    s for s in book.worksheets if s.title == sheet or (sheet is None and s.sheet_state == "visible")
                ]
                titles = ", ".join(s.title for s in book.worksheets)
                grids = [_sheet(s, parts, f"{file.name}!{s.title}", budget) for s in wanted]
                if book.epoch == CALENDAR_MAC_1904:
                    grids = [replace(grid, days_from_1904=True) for grid in grids]
            finally:
                book.close()
    except InputError:
        raise
    except Exception as error:  # a broken workbook can fail anywhere inside the reader
        raise fault("FILE_BROKEN", file.name, f"{type(error).__name__}: {error}") from error
    if sheet is not None and not wanted:
        raise fault("SHEET_MISSING", f"{file.name}!{sheet}", titles)
    return [grid for grid in grids if any(row.cells for row in grid.rows)]


def decoded(file: Path) -> str:
    """Decode a text: by its mark, else UTF-8, else GB18030; a UTF-16 without mark shows by its zero bytes.

    Raises InputError with the line up to which one of them could read.
    """
    data = file.read_bytes()
    encodings: tuple[str, ...] = _ENCODINGS
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    elif b"\0" in data[:4096]:
        little = data[0::2].count(b"\n") >= data[1::2].count(b"\n")
        encodings = ("utf-16-le",) if little else ("utf-16-be",)
    read = 0
    if encodings is _ENCODINGS and _mostly_utf8(data):
        encodings = encodings[:1]
    for encoding in encodings:
        try:
            return data.decode(encoding).lstrip("\ufeff")
        except UnicodeDecodeError as error:
            read = max(read, error.start)
    line = data.count(b"\n", 0, read) + 1
    raise fault("TEXT_ENCODING", f"{file.name}:{line}", repr(data[read : read + 8]))


def _mostly_utf8(data: bytes) -> bool:
    """Return whether most of the first lines with Chinese in them are UTF-8: the rest is not then to be read as GBK."""
    lines = [line for line in data[:_SAMPLE_BYTES].splitlines()[:-1] if not line.isascii()]
    return 2 * sum(line.decode("utf-8", "replace").count("\ufffd") == 0 for line in lines) > len(lines)


def _trimmed(cells: Sequence[object]) -> tuple[object, ...]:
    """Return a row without the empty cells at its end."""
    end = len(cells)
    while end and blank(cells[end - 1]):
        end -= 1
    return tuple(cells[:end])


def _sheet(sheet: Any, parts: zipfile.ZipFile, place: str, budget: Budget) -> Grid:
    """Stream the rows of a sheet; what the streaming reader leaves out is read from the sheet's part itself."""
    data = parts.read(sheet._worksheet_path)  # noqa: SLF001 openpyxl has no public name for a streamed sheet's part
    ranges = _MERGE.findall(data, max(data.rfind(b"sheetData"), 0))[:_MERGES_READ]
    merged = tuple(range_boundaries(found.decode()) for found in ranges)
    hollow: dict[int, list[int]] = {}
    for column, row in _UNCOMPUTED.findall(data) if b"<f" in data else ():
        hollow.setdefault(int(row), []).append(column_index_from_string(column.decode()) - 1)
    sheet.reset_dimensions()  # the size that a sheet claims is not believed
    rows = []
    for number, values in enumerate(sheet.iter_rows(values_only=True, max_row=_last_filled(data)), 1):
        budget.take(place, number, values)
        cells = list(values)
        for index in (i for i in hollow.get(number, ()) if i < len(cells)):
            cells[index] = _EMPTY_FORMULA
        rows.append(Row(number, _trimmed(cells)))
    hidden = frozenset(int(number) for number in _HIDDEN.findall(data)) if b' hidden="' in data else frozenset()
    return Grid(place, tuple(rows), merged, hidden)


def _last_filled(data: bytes) -> int | None:
    """Return the number of the last row with any content where many rows after it have formats alone, else None.

    Who formats whole columns leaves a million of them, and to stream each takes a minute.
    """
    end = max(data.rfind(mark) for mark in (b"<v", b"<is", b"<f"))
    if not 0 <= end < len(data) - _FORMATS_BYTES:
        return None
    numbers = _ROW.findall(data, 0, end)
    return max(map(int, numbers), default=None) if len(numbers) == data.count(b"<row", 0, end) else None

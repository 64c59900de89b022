"""The header of a sheet: which row it is, which column each heading names, and in which unit its cells are."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import zip_longest
from typing import NamedTuple

from gis.errors import Finding, Severity
from gis.intake.cells import blank, plain, read_text
from gis.intake.headings import Meaning, Vocabulary, meaning, scale, vocabulary
from gis.intake.measure import ALL_UNITS
from gis.intake.sheets import Grid, Row
from gis.tables import Column, Table

_SEARCHED_ROWS, _MOST_LINES = 40, 3
_TWICE: tuple[str, Severity] = ("HEADER_TWICE", "reject")
_SPARE: tuple[str, Severity] = ("HEADER_SPARE", "note")
Words = list[tuple[str, ...]]


class _Reading(NamedTuple):
    """Rows read as a header: for each column the words it may be known by, best first."""

    words: Words
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Field:
    """One heading that was recognised: its column, where it stands, its words and the factor of its unit."""

    column: Column
    index: int
    heading: str
    unit: Fraction


@dataclass(frozen=True)
class Header:
    """The header of a grid: the number of its last row, its fields in file order, every heading, and what was odd."""

    last_row: int
    fields: tuple[Field, ...]
    headings: tuple[str, ...]
    findings: tuple[Finding, ...]
    at: tuple[int, ...] = ()
    """The column that each of the headings stands over."""

    def field(self, name: str) -> Field | None:
        """Return the field of a column, or None where the file has no such heading."""
        return next((field for field in self.fields if field.column.name == name), None)


def find_header(grid: Grid, table: Table) -> Header | None:
    """Return the header that names most columns, of one row, two or three, or None where no row names any."""
    rows = [row for row in grid.rows if row.cells][:_SEARCHED_ROWS]
    known = vocabulary(table)
    best = _Reading([], ())
    best_rank = (0, 0)
    for i in range(len(rows)):
        for reading in _readings(rows[i : i + _MOST_LINES]):
            named = {match.column.name for group in reading.words if (match := _first(group, known))}
            rank = (len(named), -len(reading.rows))
            if named and rank > best_rank:
                best, best_rank = reading, rank
    if not best.rows:
        return None
    below = next((row for row in rows if row.number > best.rows[-1].number), None)
    used = (*best.rows, below) if below is not None and _only_units(below) else best.rows
    units = used[-1].cells if used != best.rows else ()
    header = _header(best.words, table, grid.place, best.rows[-1].number, units=units)
    at = "-".join(dict.fromkeys((str(used[0].number), str(used[-1].number))))
    odd = (Finding("HEADER_FOUND", "repair", f"{grid.place}:{used[0].number}", at),) if used != tuple(rows[:1]) else ()
    return replace(header, last_row=used[-1].number, findings=(*odd, *header.findings))


def layer_header(names: Sequence[str], table: Table, place: str, *, cut: bool) -> Header:
    """Return the header of a map layer, whose field names may have been cut at ten bytes (`cut`)."""
    return _header([(name,) for name in names], table, place, 0, cut=cut)


def missing_columns(header: Header, columns: Iterable[Column], place: str) -> list[Finding]:
    """Return a rejection for each of the columns that no heading names, with the headings that would do."""
    found = ", ".join(header.headings)
    return [
        Finding("COLUMN_MISSING", "reject", f"{place}:{header.last_row}/{column.name}", found, allowed=accepted(column))
        for column in columns
        if header.field(column.name) is None
    ]


def accepted(column: Column) -> str:
    """Return the headings that name a column, for a message."""
    return " / ".join((*column.synonyms, column.name))


def cell_of(row: Row, field: Field) -> object:
    """Return the cell of a field in a row; a row may end before it."""
    return row.cells[field.index] if field.index < len(row.cells) else None


def _readings(rows: Sequence[Row]) -> Iterable[_Reading]:
    """Return the words of the first row read as a header, and of the first rows read as one of several lines."""
    for lines in range(1, len(rows) + 1):
        if lines > 1 and any(_numeric(cell) for cell in rows[lines - 1].cells):
            return
        yield _Reading(_joined_lines(rows[:lines]), tuple(rows[:lines]))


def _joined_lines(rows: Sequence[Row]) -> Words:
    """Join the rows of a header: a group's name above carries on to the right over its members."""
    words: Words = []
    groups = [""] * len(rows)
    for cells in zip_longest(*(row.cells for row in rows)):
        own = ["" if blank(cell) else read_text(cell) for cell in cells]
        for level, text in enumerate(own):
            if text:
                groups[level:] = [text, *[""] * (len(rows) - level - 1)]
        last = max((level for level, text in enumerate(own) if text), default=None)
        if last is None:
            words.append(())
            continue
        low, above = own[last], [group for group in groups[:last] if group]
        pairs = [word for group in reversed(above) for word in (group + low, low + group)]
        words.append(("".join([*above, low]), *pairs, low))
    return words


def _first(group: tuple[str, ...], known: Vocabulary, *, cut: bool = False) -> Meaning | None:
    return next((found for word in group if (found := meaning(word, known, cut=cut))), None)


def _header(
    words: Words, table: Table, place: str, number: int, *, units: Sequence[object] = (), cut: bool = False
) -> Header:
    """Choose the best heading for each column; say which were not used, were cut, or have another unit."""
    known = vocabulary(table)
    matches = [_first(group, known, cut=cut) for group in words]
    headings = tuple("".join(group[-1].split()) if group else "" for group in words)
    chosen: dict[str, tuple[int, Field]] = {}
    findings: list[Finding] = []
    for index, match in sorted(((i, m) for i, m in enumerate(matches) if m), key=lambda pair: (pair[1].rank, pair[0])):
        at = f"{place}:{number}/{match.heading}"
        rank, rival = chosen.get(match.column.name, (None, None))
        if rival is not None:
            code, severity = _TWICE if rank == match.rank else _SPARE
            findings.append(Finding(code, severity, at, f"{match.column.name} = {rival.heading}"))
            continue
        below = plain(units[index]).strip("()") if index < len(units) and not blank(units[index]) else ""
        unit, odd = scale(match.column, match.unit or below, at)
        findings += odd
        if match.cut:
            findings.append(Finding("HEADER_CUT", "repair", at, match.column.name))
        chosen[match.column.name] = (match.rank, Field(match.column, index, match.heading, unit))
    unused = [heading for heading, match in zip(headings, matches, strict=True) if heading and match is None]
    if unused:
        findings.append(Finding("COLUMN_UNUSED", "note", f"{place}:{number}", ", ".join(unused), len(unused)))
    fields = tuple(sorted((field for _, field in chosen.values()), key=lambda field: field.index))
    columns = tuple(index for index, heading in enumerate(headings) if heading)
    return Header(number, fields, tuple(filter(None, headings)), tuple(findings), columns)


def _numeric(cell: object) -> bool:
    return not blank(cell) and re.fullmatch(r"[\d.,-]+", plain(cell)) is not None


def _only_units(row: Row) -> bool:
    return all(plain(cell).strip("()") in ALL_UNITS for cell in row.cells if not blank(cell))

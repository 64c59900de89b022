"""The columns of a table: every cell read for what its column holds, and the checks across a column or a row."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gis.errors import Finding
from gis.intake.cells import SEVERITY, Parsed, read_cell, shown
from gis.intake.headers import Field, Header, cell_of
from gis.intake.rows import numbers
from gis.intake.sheets import Row
from gis.tables import UNITS, Column, Table

POSITIONS = ("lon", "lat", "x", "y")
_STATISTICAL_DIGITS = 12
Values = dict[str, list[Any]]


def read_columns(rows: Sequence[Row], header: Header, place: str) -> tuple[Values, list[Finding]]:
    """Return the values of each column the file has (positions apart), None where a cell says nothing usable.

    Each cell that was repaired or cannot be used is a finding; codes that became numbers are one finding a column.
    """
    values: Values = {}
    findings: list[Finding] = []
    for field in header.fields:
        column = field.column
        if column.name in POSITIONS:
            continue
        read = _read(rows, field)
        values[column.name] = [value for value, _ in read]
        told = [(row, value, code) for row, (value, code) in zip(rows, read, strict=True) if code]
        if column.content == "code":
            findings += _codes_told(told, f"{place}:{{}}/{field.heading}")
            findings += _codes_cut(values[column.name], rows, column, f"{place}:{{}}/{field.heading}")
            continue
        for row, value, code in told:
            allowed = " / ".join(words[0] for words in (column.choices or {}).values())
            cell = shown(cell_of(row, field))
            said = f"{cell} -> {shown(value)}" if value not in (None, ()) else cell
            at = f"{place}:{row.number}/{field.heading}"
            findings.append(Finding(code, SEVERITY[code], at, said, allowed=allowed))
    return values, findings


def _read(rows: Sequence[Row], field: Field) -> list[Parsed]:
    """Return what the cells of a column hold; a text that stands there again and again is read once."""
    known: dict[str, Parsed] = {}
    read = []
    for row in rows:
        cell = cell_of(row, field)
        if not isinstance(cell, str):
            read.append(read_cell(cell, field.column, field.unit))
            continue
        if cell not in known:
            known[cell] = read_cell(cell, field.column, field.unit)
        read.append(known[cell])
    return read


def check_people(values: Values, rows: Sequence[Row], header: Header, table: Table, place: str) -> list[Finding]:
    """Return a rejection for each count of people above the residents, and of the over-80s above the elders."""
    findings: list[Finding] = []
    pairs = [(column.name, "residents") for column in table.columns if column.people and column.name != "residents"]
    for part, whole in [*pairs, ("elders_80", "elders")]:
        part_field, whole_field = header.field(part), header.field(whole)
        if part_field is None or whole_field is None:
            continue
        for row, few, many in zip(rows, values[part], values[whole], strict=True):
            if few is not None and many is not None and few > many:
                at = f"{place}:{row.number}/{part_field.heading}"
                said = f"{part_field.heading} {few:g} > {whole_field.heading} {many:g}"
                findings.append(Finding("PEOPLE_EXCEED", "reject", at, said))
    return findings


def typed(column: Column, values: Sequence[Any] | None, index: pd.Index) -> pd.Series:
    """Return a column as a Series of its own type; a column the file has not is all missing.

    code, text and choice: string; whole: Int64; number: float64 (NaN where missing); date: datetime64[s];
    flag: boolean; list: tuples of texts, empty where missing.
    """
    cells = [None] * len(index) if values is None else list(values)
    if column.content == "list":
        lists = np.empty(len(cells), dtype=object)
        lists[:] = [cell or () for cell in cells]
        return pd.Series(lists, index=index, dtype=object)
    if column.content == "date":
        days = [None if day is None else np.datetime64(day, "s") for day in cells]
        return pd.Series(np.array(days, dtype="datetime64[s]"), index=index)
    return pd.Series(cells, index=index, dtype=_DTYPES[column.content])


_DTYPES: Mapping[str, Any] = {
    **dict.fromkeys(("code", "text", "choice"), "string"),
    "whole": "Int64",
    "number": "float64",
    "flag": "boolean",
}


def _codes_told(told: Sequence[tuple[Row, Any, str]], place: str) -> list[Finding]:
    """Gather the codes of one column that were numbers: one finding for the exact, one for the damaged ones."""
    findings = []
    for code in ("CODE_NUMBER", "CODE_CELL"):
        hits = [(row.number, value) for row, value, c in told if c == code]
        if hits:
            said = f"{', '.join(shown(value) for _, value in hits[:3])} ({numbers(n for n, _ in hits)})"
            findings.append(Finding(code, SEVERITY[code], place.format(hits[0][0]), said, len(hits)))
    return findings


def _codes_cut(codes: Sequence[str | None], rows: Sequence[Row], column: Column, place: str) -> list[Finding]:
    """Refuse codes that lost digits: shorter than the twelve of their column, or than ones padded with zeros."""
    digits = [code if code is not None and code.isascii() and code.isdigit() else "" for code in codes]
    padded = max((len(code) for code in digits if code.startswith("0")), default=0)
    statistical = column.name in UNITS.values() and any(len(code) == _STATISTICAL_DIGITS for code in digits)
    length = max(padded, _STATISTICAL_DIGITS if statistical else 0)
    short = [
        (row.number, code)
        for row, code in zip(rows, digits, strict=True)
        if code and (len(code) < length or (column.name in UNITS.values() and len(code) == _STATISTICAL_DIGITS - 1))
    ]
    if not short:
        return []
    said = f"{', '.join(shown(code) for _, code in short[:3])} ({numbers(n for n, _ in short)})"
    return [Finding("CODE_LENGTH", "reject", place.format(short[0][0]), said, len(short))]

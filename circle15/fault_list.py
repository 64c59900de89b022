"""Every fault of every input as a workbook: where it is, what was found, what is allowed, how to mend it."""

import re
from collections.abc import Iterable
from pathlib import Path

from circle15.checked import GRAVEST_FIRST
from gis.errors import Finding
from gis.words import Language, catalogue, say
from maps.workbook import TEXT, WHOLE, Column, Sheet, write_workbook

_PLACE = re.compile(r"(?P<file>[^!]*?)(?:!(?P<sheet>.*?))?:(?P<row>\d+)(?:/(?P<column>.*))?", re.DOTALL)
_COLUMNS = ("severity", "code", "file", "sheet", "row", "column", "what", "found", "allowed", "todo", "count")
_NUMBERS = ("row", "count")


def write_fault_list(findings: Iterable[Finding], path: Path, *, language: Language = "zh") -> None:
    """Write findings as an .xlsx to work through: a row a finding, in their order, those that refuse the input first.

    Columns: how grave, code, file, sheet, row, column, what it is, found, allowed, how to mend, how many. A place that
    is no cell of a table stands whole under file. Raises OutputError where the file cannot be written.
    """
    ranked = sorted(findings, key=lambda finding: GRAVEST_FIRST.index(finding.severity))
    words = [say("fault_list." + ("sheet_name" if name == "sheet" else name), language) for name in _COLUMNS]
    heads = [Column((word,), WHOLE if name in _NUMBERS else TEXT) for name, word in zip(_COLUMNS, words, strict=True)]
    rows = [_row(finding, language) for finding in ranked]
    write_workbook([Sheet(say("fault_list.sheet", language), heads, rows)], path)


def _row(finding: Finding, language: Language) -> list[str | int | None]:
    what, _, todo = list(catalogue()[f"fault.{finding.code}"][language])
    file, sheet, row, column = place_parts(finding.place)
    severity = say(f"severity.{finding.severity}", language)
    said = [what, finding.found, finding.may(language), todo]
    return [severity, finding.code, file, sheet, row, column, *said, finding.count]


def place_parts(place: str) -> tuple[str, str, int | None, str]:
    """Return the file, the sheet, the row and the column of a place; where it names no row, all of it as the file.

    >>> place_parts("设施.xlsx!Sheet1:5/床位"), place_parts("project.toml:siting.budget_wan")
    (('设施.xlsx', 'Sheet1', 5, '床位'), ('project.toml:siting.budget_wan', '', None, ''))
    """
    found = _PLACE.fullmatch(place)
    if found is None:
        return place, "", None, ""
    return found["file"], found["sheet"] or "", int(found["row"]), found["column"] or ""

"""An empty Excel form of a table: its Chinese headings, drop-down lists, and a page that explains each column."""

from pathlib import Path

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from gis.errors import OutputError
from gis.intake.measure import dimension
from gis.tables import FLAGS, Column, Table
from gis.words import Language, say

_ROWS = 5000
_FORMATS = {"code": "@", "text": "@", "choice": "@", "date": "yyyy-mm-dd", "whole": "0", "number": "General"}
_REQUIRED = PatternFill("solid", fgColor="FFF2CC")
_LIST_CHARACTERS = 255
_UNITS = {"m2": "（m²）", "wan_yuan": "（万元）", "yuan_m2": "（元/m²）"}


def write_template(table: Table, path: Path, *, language: Language = "zh") -> None:
    """Write an empty form of a table as .xlsx: headings (required ones coloured), drop-downs, a page of explanations.

    Codes and dates are formatted so that Excel does not turn them into other numbers. Raises OutputError where the file
    cannot be written.
    """
    book = openpyxl.Workbook()
    form = book.active
    form.title = table.title if language == "zh" else table.name
    form.freeze_panes = "A2"
    for number, column in enumerate(table.columns, 1):
        _heading(form, number, column, language)
    _explain(book.create_sheet(say("template.sheet", language)), table, language)
    try:
        book.save(path)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}") from error


def heading(column: Column, language: Language) -> str:
    """Return the heading of a column: its first Chinese word with the unit of its cells, or its own name."""
    if language == "en" or not column.synonyms:
        return column.name
    return column.synonyms[0] + _UNITS.get(dimension(column), "")


def _heading(form: Worksheet, number: int, column: Column, language: Language) -> None:
    letter = get_column_letter(number)
    cell = form.cell(1, number, heading(column, language))
    cell.data_type = "s"  # a heading is text, whatever it begins with
    cell.font = Font(bold=True)
    cell.alignment = Alignment(horizontal="center", wrap_text=True)
    if column.required:
        cell.fill = _REQUIRED
    form.column_dimensions[letter].width = max(12, 2 * len(str(cell.value)) + 2)
    form.column_dimensions[letter].number_format = _FORMATS.get(column.content, "General")
    words = _words(column, language)
    if words and column.content != "list" and len(",".join(words)) < _LIST_CHARACTERS:
        choice = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=True)
        choice.add(f"{letter}2:{letter}{_ROWS}")
        form.add_data_validation(choice)


def _words(column: Column, language: Language) -> list[str]:
    """Return the words a cell may hold, where they are a list."""
    choices = FLAGS if column.content == "flag" else column.choices or {}
    return [words[0] if language == "zh" else key for key, words in choices.items()]


_NAMES = {
    "社区名称": "淇滨社区",
    "设施名称": "淇滨社区日间照料中心",
    "场地名称": "淇滨小区底商",
    "项目名称": "淇滨花园一期",
}
"""What stands for a name, by the heading it stands under."""


def example(column: Column, language: Language = "zh") -> str:
    """Return what a cell of a column may look like, as it is typed.

    >>> from gis.tables import FACILITIES, CANDIDATES
    >>> [example(FACILITIES.column(name)) for name in ("kind", "lon", "opened")]
    ['日间照料', '114.2975', '2020-07-01']
    """
    if words := _words(column, language):
        return words[0]
    if column.required and column.content == "code" and column.name != "community_id":
        return "A001"  # a number of the bureau's own, not a code of a division
    by_name = {"lon": "114.2975", "lat": "35.7482", "x": "437250.5", "y": "3957410.2", "street_id": "410602001",
               "county_id": "410602", "year_from": "2027", "year": "2027"}  # fmt: skip
    by_unit = {"m2": "350", "wan_yuan": "120.5", "yuan_m2": "3200", "share": "18.7%"}
    by_content = {"code": "410602001001", "date": "2020-07-01", "whole": "120", "number": "350.5"}
    measured = dimension(column)
    if column.name.endswith("name") or column.content == "text":
        return _NAMES.get(column.synonyms[0], "") if column.name == "name" and language == "zh" else ""
    return by_name.get(column.name) or by_unit.get(measured) or by_content.get(column.content, "")


def _explain(page: Worksheet, table: Table, language: Language) -> None:
    titles = ("column", "required", "content", "example", "choices", "accepted")
    page.append([say(f"template.{title}", language) for title in titles])
    for column in table.columns:
        required = say("template.yes", language) if column.required else ""
        content = say(f"template.{column.content}", language)
        other = "、".join((*column.synonyms, column.name))
        choices = "、".join(_words(column, language))
        page.append([heading(column, language), required, content, example(column, language), choices, other])
    for row in page.iter_rows():
        for cell in row:
            cell.data_type = "s"
    for letter, width in zip("ABCDEF", (24, 8, 28, 20, 48, 60), strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = "A2"

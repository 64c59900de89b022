"""What a report consists of, before it is a document: headings, paragraphs, tables and pictures in reading order."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from gis.words import say
from maps.atlas import Atlas
from maps.workbook import PERCENT, TEXT, WHOLE, Sheet, Value

Kind = Literal["body", "bullet", "note"]
TENTHS = 10


@dataclass(frozen=True)
class Heading:
    """A heading; a numbered one of level 1 is a chapter, of level 2 an article."""

    level: int
    text: str
    numbered: bool = True


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of plain text."""

    text: str
    kind: Kind = "body"


@dataclass(frozen=True)
class Grid:
    """A table: its caption, its headers and its rows, all of them text; `numeric` columns stand to the right."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    total: tuple[str, ...] = ()
    colours: tuple[tuple[int, int, str], ...] = ()
    """Row, column and colour of cells that stand out."""


@dataclass(frozen=True)
class Picture:
    """A picture: its caption and its PNG."""

    caption: str
    png: bytes


@dataclass(frozen=True)
class Turn:
    """From here on the paper lies across, or upright."""

    across: bool


Block = Heading | Paragraph | Grid | Picture | Turn


@dataclass(frozen=True)
class Report:
    """The whole report: what stands on its cover, and its blocks."""

    title: str
    subtitle: str
    cover: tuple[str, ...]
    running: str
    """What stands at the head of every page."""
    blocks: tuple[Block, ...]
    language: Literal["zh", "en"] = "zh"


def grid(caption: str, sheet: Sheet, atlas: Atlas, *, keep: tuple[str, ...] = ()) -> Grid:
    """Return a sheet of the annex as a table of the report: the same figures, those columns whose header is kept.

    Raises ValueError for a header the sheet does not have.
    """
    heads = [column.words[0] for column in sheet.columns]
    at = [heads.index(head) for head in keep] if keep else list(range(len(heads)))
    shown = [sheet.columns[place].shown for place in at]
    rows = tuple(
        tuple(shown_text(row[place], form) for place, form in zip(at, shown, strict=True)) for row in sheet.rows
    )
    total: tuple[str, ...] = ()
    if sheet.total and sheet.rows:
        total = tuple(_total(sheet, place) for place in at)
        total = (say("annex.total", atlas.language), *total[1:])
    place = {column: number for number, column in enumerate(at)}.get(sheet.coloured - 1)
    colours = () if place is None else tuple((row, place, colour) for row, colour in sheet.colours.items())
    return Grid(caption, tuple(heads[p] for p in at), rows, tuple(form != TEXT for form in shown), total, colours)


def _total(sheet: Sheet, place: int) -> str:
    """Return the sum at the foot of a column as the workbook computes it; empty where a count is masked."""
    column, values = sheet.columns[place], [row[place] for row in sheet.rows]
    if not column.summed or any(isinstance(value, str) for value in values):
        return ""
    return shown_text(sum((Fraction(str(value)) for value in values if value is not None), Fraction(0)), column.shown)


def shown_text(value: Value, form: str) -> str:
    """Return a cell of a sheet as it shows in the workbook.

    >>> shown_text(Fraction(899, 1000), PERCENT), shown_text(12345, WHOLE), shown_text(Fraction(1, 4), "#,##0.####")
    ('89.9%', '12,345', '0.25')
    """
    if value is None or isinstance(value, str):
        return value or ""
    number = Fraction(str(value)) if isinstance(value, float) else Fraction(value)
    if form == PERCENT:
        tenths = number * 1000
        whole = tenths.numerator // tenths.denominator
        return f"{whole // TENTHS}.{whole % TENTHS}%"
    return f"{round(number):,}" if form == WHOLE else f"{float(number):,.4f}".rstrip("0").rstrip(".")

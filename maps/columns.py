"""The columns and cells of the annex: headers in words, few people masked, shares never rounded up."""

from collections.abc import Sequence
from fractions import Fraction

from gis.words import catalogue, say
from maps.atlas import Atlas
from maps.contents import ordered, pair
from maps.figures import exact, people
from maps.withheld import MARKS
from maps.workbook import Column, Sheet, Value


def column(key: str, atlas: Atlas, shown: str = "@", *, summed: bool = False, **fields: object) -> Column:
    """Return a column headed by what the catalogue says under `key`."""
    return Column(ordered(pair(key, **fields), atlas), shown, summed)


def sheet(
    key: str, atlas: Atlas, columns: Sequence[Column], rows: Sequence[Sequence[Value]], *, total: bool = False
) -> Sheet:
    """Return a sheet named by what the catalogue says under `annex.<key>`, with a row of sums where asked for."""
    word = say("annex.total", atlas.language) if total else ""
    return Sheet(say(f"annex.{key}", atlas.language), columns, rows, word)


def count_cell(number: object) -> Value:
    """Return a count of people for a cell: a number, or `<5` or `*` as text."""
    text = people(number)
    value = exact(number)
    return text if text in MARKS else None if value is None else round(value)


def share_cell(part: object, of: object) -> Fraction | None:
    """Return a share as a number cut, not rounded, to a tenth of a percent; none of few people: it would tell them."""
    over, under = exact(part), exact(of)
    return (
        None
        if over is None or not under or people(part) in MARKS or people(of) in MARKS
        else Fraction(1000 * over // under, 1000)
    )


def level_words(level: str, atlas: Atlas) -> str:
    """Return the level of a unit in words; one that has none is shown by its own name."""
    keys = (f"policy.level_{level}", f"annex.level_{level}")
    return next((say(key, atlas.language) for key in keys if key in catalogue()), level)

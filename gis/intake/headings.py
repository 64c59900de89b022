"""One heading: the column it means, how good a word for it it is, and the unit that is written behind it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from gis.errors import Finding
from gis.intake.cells import plain
from gis.intake.measure import ALL_UNITS, dimension, factor
from gis.tables import Column, Table

_BRACKETS = re.compile(r"[(\[【〔{](.*?)[)\]】〕}]")
_MARKS = "*※★:·_-/,、."
_DBF_NAME_BYTES = 10
_LAST_RANK = 99
_UNITS_LONGEST_FIRST = sorted(ALL_UNITS, key=lambda unit: (-len(unit), unit))
Vocabulary = Mapping[str, tuple[Column, int]]


@dataclass(frozen=True)
class Meaning:
    """What one heading means: its column, its words, the rank of the word (0 = the column's own name) and its unit."""

    column: Column
    heading: str
    rank: int
    unit: str

    @property
    def cut(self) -> bool:
        """Whether the heading is only the beginning of the word."""
        return self.rank == _LAST_RANK


def vocabulary(table: Table) -> Vocabulary:
    """Return every heading of a table as it is compared, with its column and rank."""
    words: dict[str, tuple[Column, int]] = {}
    for column in table.columns:
        for rank, word in enumerate((column.name, *column.synonyms)):
            words.setdefault(plain(word), (column, rank))
    return words


def meaning(heading: str, words: Vocabulary, *, cut: bool = False) -> Meaning | None:
    """Return what a heading means: as it stands, without its brackets, without the unit at its end, or None.

    `cut` also takes the first ten bytes of a word that only one column has (field names of a shapefile).

    >>> from gis.tables import FACILITIES
    >>> found = meaning("建筑面积（亩）", vocabulary(FACILITIES))
    >>> found.column.name, found.unit
    ('floor_area_m2', '亩')
    """
    full = plain(heading).strip(_MARKS)
    bare = _BRACKETS.sub("", full).strip(_MARKS)
    tries = [(full, ""), (bare, "".join(_BRACKETS.findall(full)))]
    tries += [(bare.removesuffix(u).strip(_MARKS), u) for u in _UNITS_LONGEST_FIRST if bare.endswith(u)]
    for word, unit in tries:
        if word in words:
            column, rank = words[word]
            return Meaning(column, "".join(heading.split()), rank, unit)
    return _beginning(heading, words) if cut else None


def scale(column: Column, unit: str, place: str) -> tuple[Fraction, list[Finding]]:
    """Return the factor from a heading's unit to the column's, and what is to be said of it; never ignored."""
    own = Fraction(1)
    if not unit or not dimension(column):
        return own, []
    found = factor(column, unit)
    if found is not None:
        said = [Finding("COLUMN_CONVERTED", "repair", place, f"1 {unit} = {float(found):.10g}")]
        return found, said if found != own else []
    if unit in ALL_UNITS:
        return own, [Finding("COLUMN_UNIT", "reject", place, unit)]
    return own, [Finding("COLUMN_REMARK", "warn", place, unit)]


def _beginning(heading: str, words: Vocabulary) -> Meaning | None:
    """Recognise a heading that a DBF file cut after ten bytes: the start of the words of one column only."""
    start = plain(heading).rstrip("\ufffd")
    if not any(_DBF_NAME_BYTES - 2 <= len(start.encode(code)) <= _DBF_NAME_BYTES for code in ("utf-8", "gb18030")):
        return None
    columns = {column.name: column for word, (column, _) in words.items() if word.startswith(start)}
    return Meaning(next(iter(columns.values())), heading, _LAST_RANK, "") if len(columns) == 1 else None

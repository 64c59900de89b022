"""The words of a table on a page or a sheet: the header of a column and the text of a cell, never more than text."""

from collections.abc import Mapping, Sequence
from functools import cache
from numbers import Number

import numpy as np
import pandas as pd

from gis.errors import one_line
from gis.tables import TABLES
from gis.words import Language, say
from maps.figures import exact

Pair = tuple[str, str]


def header(table: str, column: str) -> Pair:
    """Return a column's header in Chinese and English; a column that is not ours goes by its own name in both.

    >>> header("facilities", "floor_area_m2")
    ('建筑面积', 'floor area m2')
    """
    known = {c.name: c for c in TABLES[table].columns}
    zh = known[column].synonyms[0] if column in known else column
    return zh, column.replace("_", " ")


def word(table: str, column: str, value: object) -> Pair:
    """Return the words for one value of a choice column; a value outside the choices stands for itself.

    >>> word("facilities", "kind", "day_care")
    ('日间照料', 'day care')
    """
    choices, text = _choices(table, column), cell(value)
    return (choices[text][0], text.replace("_", " ")) if text in choices else (text, "")


@cache
def _choices(table: str, column: str) -> Mapping[str, Sequence[str]]:
    """Return what a cell of the column may say, and the words for it; nothing for other columns."""
    choices = next((c.choices for c in TABLES[table].columns if c.name == column), None) or {}
    return {**choices, "upgrade": (say("plan.mode_upgrade", "zh"),)} if column == "mode" else choices


def cell(value: object) -> str:
    """Return any cell as one line of text: empty where missing, lists joined by 、, numbers without idle zeros.

    >>> cell(("meals", "bathing")), cell(350.0), cell(None), cell(350.25)
    ('meals、bathing', '350', '', '350.25')
    """
    match value:
        case str():
            return one_line(value)
        case bool() | np.bool_():
            return "√" if value else "×"
        case tuple() | list() | set() | frozenset():
            return "、".join(
                cell(part) for part in (sorted(value, key=str) if isinstance(value, set | frozenset) else value)
            )
        case pd.Timestamp():
            return value.date().isoformat() if not pd.isna(value) else ""
        case Number():
            number = exact(value)
            return "" if number is None else f"{float(number):,.6f}".rstrip("0").rstrip(".")
        case _:
            return "" if value is None or value is pd.NA or value is pd.NaT else one_line(str(value))


def said(table: str, column: str, value: object, language: Language) -> str:
    """Return a cell in the words of one language: choices translated, also inside lists."""
    index = 0 if language == "zh" else 1
    parts = value if isinstance(value, tuple | list) else (value,)
    pairs = [word(table, column, part) for part in parts]
    return "、".join(pair[index] or pair[0] for pair in pairs)

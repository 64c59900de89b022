"""One cell of a table as the record has it: text, yes or no, a day, a whole or an exact number; None where empty."""

from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd

from policy.bands import Exact


def text(cell: Any) -> str | None:
    """Return the cell as text, None where it is empty."""
    return None if cell is None or pd.isna(cell) or not str(cell).strip() else str(cell)


def words(cell: Any) -> tuple[str, ...]:
    """Return the words of a cell that holds a list, none where it is empty."""
    return tuple(map(str, cell)) if isinstance(cell, list | tuple) else ()


def flag(cell: Any) -> bool | None:
    """Return the cell as yes or no, None where it is empty."""
    return None if cell is None or pd.isna(cell) else bool(cell)


def day(cell: Any) -> date | None:
    """Return the cell as a day, None where it is empty."""
    return None if cell is None or pd.isna(cell) else pd.Timestamp(cell).date()


def whole(cell: Any) -> int | None:
    """Return the cell as a whole number, None where it is empty. Raises ValueError for a fraction of a person."""
    if cell is None or pd.isna(cell):
        return None
    if int(cell) != cell:
        raise ValueError(f"{cell} is not a whole number of people")
    return int(cell)


def exact(cell: Any) -> Exact | None:
    """Return a number as it was written, whole or a fraction, None where it is empty.

    >>> exact(350.0), exact(0.1), exact(None)
    (350, Fraction(1, 10), None)
    """
    if cell is None or pd.isna(cell):
        return None
    number = Fraction(str(cell))
    return number.numerator if number.denominator == 1 else number

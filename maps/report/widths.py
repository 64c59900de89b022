"""How wide the columns of a table are, from what stands in them: every format shares the page out alike."""

from collections.abc import Sequence
from unicodedata import east_asian_width

from maps.report.blocks import Grid

PADDING, SHORT, LONGEST = 2.2, 12, 48
"""In half-width letters: around a text, what is never broken, and the most that one column asks for."""
_POINTS = ((6, 9.0), (9, 8.5), (12, 8.0), (99, 7.5))
_MM_PER_POINT = 0.3528


def letters(text: str) -> int:
    """Return how wide a text is in half-width letters.

    >>> letters("条 1")
    4
    """
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def points(grid: Grid) -> float:
    """Return the size of the letters of a table: the more columns, the smaller."""
    return next(size for most, size in _POINTS if len(grid.heads) <= most)


def shares(grid: Grid, width_mm: float) -> list[float]:
    """Return the share of the page that each column takes; numbers and short texts stay on one line where it can be.

    Where the page is too narrow for everything, long texts yield first.
    """
    least, asked = zip(*(_wants(grid, place) for place in range(len(grid.heads))), strict=True)
    room = width_mm / (points(grid) / 2 * _MM_PER_POINT)
    if sum(asked) <= room or sum(least) >= room:
        return _shared(asked if sum(asked) <= room else least)
    spare = (room - sum(least)) / (sum(asked) - sum(least))
    return _shared([low + (high - low) * spare for low, high in zip(least, asked, strict=True)])


def _wants(grid: Grid, place: int) -> tuple[float, float]:
    """Return the least a column needs and what it would like, in half-width letters."""
    rows = (*grid.rows, *([grid.total] if grid.total else []))
    longest = max((letters(row[place]) for row in rows), default=0)
    head = letters(grid.heads[place])
    unbroken = longest if grid.numeric[place] or longest <= SHORT else SHORT
    least = max(unbroken, min(head / 2 + 1, 8)) + PADDING
    return least, max(min(longest, LONGEST), min(head, SHORT)) + PADDING


def _shared(wants: Sequence[float]) -> list[float]:
    total = sum(wants)
    return [want / total for want in wants]

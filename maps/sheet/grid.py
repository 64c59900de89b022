"""A small table on a sheet: headers, rows of text, as many as there is room for, and how many more the annex has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maps.sheet.pen import RULE, Align, Pen

ROW_MM = 4.3
TITLE_MM = 6.0
SIZE = 6.8
HEAD_FILL = "#e9edf0"
_ALIGNS: Mapping[str, Align] = {"l": "left", "m": "middle", "r": "right"}


@dataclass(frozen=True)
class Grid:
    """A table: its title, headers, the share of the width of each column, rows of text; numbers stand right."""

    title: str
    headers: tuple[str, ...]
    shares: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]
    aligns: str = ""
    """A letter a column: l(eft), m(iddle), r(ight)."""
    note: str = ""


def grid_mm(grid: Grid, pen: Pen) -> float:
    """Return how high a table with all its rows is."""
    return pen.mm(TITLE_MM + ROW_MM * (1 + len(grid.rows)) + (ROW_MM if grid.note else 0) + 1.5)


def rows_in(grid: Grid, pen: Pen, room: float) -> int:
    """Return how many rows (one may say how many more there are) have room below title and headers."""
    fixed = TITLE_MM + 1.5 + ROW_MM * (2 if grid.note else 1)
    return min(int((room / pen.factor - fixed) / ROW_MM + 1e-6), len(grid.rows))


def draw_grid(grid: Grid, pen: Pen, *, left: float, top: float, width: float, room: float) -> float:
    """Draw a table below `top` in the room there is, and return where it ends; rows without room are counted."""
    row = pen.mm(ROW_MM)
    most = rows_in(grid, pen, room)
    shown = list(grid.rows) if len(grid.rows) <= most else list(grid.rows[: max(most - 1, 0)])
    pen.text(grid.title, left, top - pen.mm(TITLE_MM) * 0.62, 8.0, room=width, bold=True)
    y = top - pen.mm(TITLE_MM)
    pen.frame((left, y - row, left + width, y), 0.0, fill=HEAD_FILL, colour="")
    edges = [left]
    for share in grid.shares:
        edges.append(edges[-1] + width * share / sum(grid.shares))
    _cells(grid.headers, "m" * len(grid.headers), edges, y, pen)
    for number, texts in enumerate(shown, 1):
        _cells(texts, grid.aligns or "l" * len(texts), edges, y - number * row, pen)
    bottom = y - (len(shown) + 1) * row
    for number in range(len(shown) + 2):
        pen.rule([(left, y - number * row), (left + width, y - number * row)], 0.09)
    for edge in edges:
        pen.rule([(edge, y), (edge, bottom)], 0.09, RULE)
    rest = len(grid.rows) - len(shown)
    for text in (pen.say("more_rows", n=rest) if rest else "", grid.note):
        if text:
            bottom -= row
            pen.text(text, left, bottom + row * 0.35, 6.2, room=width)
    return bottom - pen.mm(1.5)


def _cells(texts: Sequence[str], aligns: str, edges: Sequence[float], y: float, pen: Pen) -> None:
    air = pen.mm(0.7)
    for text, align, left, right in zip(texts, aligns, edges[:-1], edges[1:], strict=True):
        x = {"l": left + air, "m": (left + right) / 2, "r": right - air}[align]
        if text:
            pen.text(
                text, x, y - pen.mm(ROW_MM) / 2, SIZE, align=_ALIGNS[align], room=right - left - 2 * air, middle=True
            )

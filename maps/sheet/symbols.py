"""Point symbols on paper: the outlines of the drawing style, solid, pale, half, hollow, dotted, crossed or signed."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import shapely

from maps.sheet.lettering import MM_A_POINT
from maps.sheet.pen import Pen
from maps.sheet.picture import Box, Item, Shape, polygon
from maps.style import SHAPES, Symbol

HALF = "half"
PAPER_SIZE = 0.72
"""Symbols of the page are this much smaller on paper, where nobody has to hit them with a finger."""
DIGIT_WIDE, DIGIT_HIGH, TIGHT = 0.55, 0.73, 0.85
"""Width and height of a digit in sizes; how much of the inner circle of a symbol its number takes."""
CROSS = ((-0.75, -0.75, 0.75, 0.75), (-0.75, 0.75, 0.75, -0.75))


def radius_mm(symbol: Symbol, factor: float) -> float:
    """Return half the width of a symbol on paper."""
    return symbol.size * PAPER_SIZE * MM_A_POINT * factor


def symbol_items(
    symbol: Symbol, x: float, y: float, pen: Pen, *, half: bool = False, sign: str = "", within: Box | None = None
) -> Iterable[Item]:
    """Yield a symbol at a point: `half` filled in its lower half, with a `sign` (or the symbol's own) inside."""
    size = radius_mm(symbol, pen.factor)
    ring = np.array(SHAPES[symbol.shape]) * size + (x, y)
    thin = symbol.width * PAPER_SIZE * MM_A_POINT * pen.factor
    whole = polygon(ring, fill=symbol.fill, line="#ffffff", width_mm=thin + pen.mm(0.45), within=within, name="symbol")
    yield whole  # a margin of paper, so that symbols on each other keep apart
    if half:
        middle = float(ring[:, 1].min() + ring[:, 1].max()) / 2
        lower = shapely.intersection(
            shapely.Polygon(ring), shapely.box(x - 9 * size, y - 9 * size, x + 9 * size, middle)
        )
        for part in shapely.get_parts(lower):
            yield polygon(shapely.get_coordinates(part)[:-1], fill=symbol.stroke, within=within)
    yield replace(whole, line=symbol.stroke, width_mm=thin, fill="" if half else symbol.fill)
    if symbol.mark == "dot":
        yield polygon(np.array(SHAPES["circle"]) * size * 0.28 + (x, y), fill=symbol.stroke, within=within)
    if symbol.mark == "cross":
        points = np.array(CROSS).reshape(-1, 2) * size + (x, y)
        codes = np.array([1, 2, 1, 2], dtype=np.uint8)
        yield Shape(points, codes, line=symbol.stroke, width_mm=thin, within=within)
    text = sign or symbol.sign
    if text:
        yield from _sign(text, symbol, pen, x=x, y=y, size=size, halo=half)


def _sign(text: str, symbol: Symbol, pen: Pen, *, x: float, y: float, size: float, halo: bool) -> Iterable[Item]:
    """Yield a letter or number at the middle of a symbol's area, smaller where the outline leaves less room."""
    mine = Pen(pen.factor, pen.fonts, pen.language)
    outline = shapely.Polygon(SHAPES[symbol.shape])
    inner = shapely.maximum_inscribed_circle(outline, tolerance=0.02)
    room = size * shapely.length(inner) / pen.factor / MM_A_POINT
    points = TIGHT * room / float(np.hypot(DIGIT_WIDE * len(text), DIGIT_HIGH) / 2)
    up = shapely.get_coordinates(inner)[0][1] * size
    mine.text(text, x, y + up, points, align="middle", middle=True, colour=symbol.stroke, bold=True, halo=halo)
    yield from mine.items

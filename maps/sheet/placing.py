"""Placing names: each where it covers neither another name nor a symbol; what has no room is led to, then counted.

The more important come first. A name of a point stands beside it, else farther off on a thin line; a name of an area
stands in it. Nothing is dropped silently: the names without room come back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from maps.sheet.lettering import ASCENT, DESCENT, MM_A_POINT
from maps.sheet.pen import Pen
from maps.sheet.picture import Box, Item, Writing, stroke
from maps.style import INK

AIR_MM = 0.35
ROUND = tuple((np.cos(a), np.sin(a)) for a in np.deg2rad((0, 180, 90, 270, 45, 315, 135, 225)))
"""Directions in which a name may stand from its point, the best first: right of it, as it is read."""
NEAR, FAR_MM = 0.5, (4.0, 7.0, 11.0, 16.0)
IN_AREA = 60
"""How many spots of an area are tried."""


@dataclass(frozen=True)
class Label:
    """What may be written on a map: its lines, size (as on A3), the point it belongs to or the area it stands in.

    `rank`: the lower, the earlier it is placed; `radius_mm`: of the symbol at the point, on this paper.
    """

    lines: tuple[str, ...]
    size: float
    x: float
    y: float
    rank: int = 0
    radius_mm: float = 0.0
    area: shapely.Geometry | None = None
    """In millimetres on the paper."""
    colour: str = INK
    bold: bool = False


@dataclass(frozen=True)
class Placed:
    """The names that found room, as drawn, their boxes, and those that did not."""

    items: tuple[Item, ...]
    boxes: tuple[Box, ...]
    left_out: tuple[Label, ...]


@dataclass
class _Taken:
    """Boxes that nothing may cover any more."""

    edges: np.ndarray

    def take(self, box: Box) -> None:
        self.edges = np.vstack([self.edges, box])

    def free(self, box: Box) -> bool:
        left, bottom, right, top = self.edges.T
        return not ((left < box[2]) & (right > box[0]) & (bottom < box[3]) & (top > box[1])).any()


def place(labels: Iterable[Label], *, frame: Box, taken: Sequence[Box], pen: Pen) -> Placed:
    """Return the names where they fit inside the frame, beside what is taken (the boxes of the symbols)."""
    kept = _Taken(np.reshape(np.array(taken, dtype=float), (-1, 4)))
    items: list[Item] = []
    boxes: list[Box] = []
    left_out: list[Label] = []
    for label in sorted(labels, key=lambda one: one.rank):
        for size in (label.size, label.size * 0.86):
            spot = _spot(label, size, frame, kept, pen)
            if spot is not None:
                edges, led = spot
                if led is not None:
                    items.insert(0, _leader(label, led, frame, pen))
                items += _written(label, size, edges, pen)
                boxes.append(edges)
                kept.take(edges)
                break
        else:
            left_out.append(label)
    return Placed(tuple(items), tuple(boxes), tuple(left_out))


def _leader(label: Label, end: tuple[float, float], frame: Box, pen: Pen) -> Item:
    """Return the line from the rim of a symbol to its name."""
    away = float(np.hypot(end[0] - label.x, end[1] - label.y)) or 1.0
    part = min(label.radius_mm / away, 1.0)
    start = (label.x + (end[0] - label.x) * part, label.y + (end[1] - label.y) * part)
    return stroke([start, end], line=INK, width_mm=pen.mm(0.12), within=frame, name="leader")


def size_of(lines: Sequence[str], size: float, pen: Pen) -> tuple[float, float]:
    """Return width and height of some lines with the air around them, in millimetres."""
    air = 2 * AIR_MM * pen.factor
    return max(pen.wide(line, size) for line in lines) + air, len(lines) * _step(size, pen) + air


def _step(size: float, pen: Pen) -> float:
    return size * pen.factor * MM_A_POINT * 1.12


def _spot(
    label: Label, size: float, frame: Box, kept: _Taken, pen: Pen
) -> tuple[Box, tuple[float, float] | None] | None:
    """Return the box of the first free place, and where a line leads to, if one is needed."""
    wide, high = size_of(label.lines, size, pen)
    for x, y, led in _tries(label, wide, high, pen):
        edges = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        inside = edges[0] >= frame[0] and edges[1] >= frame[1] and edges[2] <= frame[2] and edges[3] <= frame[3]
        if inside and kept.free(edges):
            near = (min(max(label.x, edges[0]), edges[2]), min(max(label.y, edges[1]), edges[3]))
            return edges, near if led else None
    return None


def _tries(label: Label, wide: float, high: float, pen: Pen) -> Iterable[tuple[float, float, bool]]:
    """Yield middles to try, the best first, and whether a line must lead there."""
    if label.area is not None:
        for x, y in _inner_spots(label.area, wide, high):
            yield x, y, False
        return
    for far in (NEAR * pen.factor, *(step * pen.factor for step in FAR_MM)):
        away = label.radius_mm + far
        for right, up in ROUND:
            x = label.x + right * away + np.sign(round(right, 6)) * wide / 2
            y = label.y + up * away + np.sign(round(up, 6)) * high / 2
            yield float(x), float(y), far > NEAR * pen.factor


def _inner_spots(area: shapely.Geometry, wide: float, high: float) -> list[tuple[float, float]]:
    """Return points of an area from its most inner one outwards, those first where the whole name stays inside."""
    largest = max(shapely.get_parts(area), key=lambda part: part.area)
    if largest.area <= 0:
        return []
    inner = shapely.get_coordinates(shapely.maximum_inscribed_circle(largest, tolerance=0.5))[0]
    left, bottom, right, top = largest.bounds
    step = max(((right - left) * (top - bottom) / IN_AREA) ** 0.5, 0.5)
    grid = np.stack(np.meshgrid(np.arange(left, right, step), np.arange(bottom, top, step)), axis=-1).reshape(-1, 2)
    grid = grid[np.argsort(np.hypot(*(grid - inner).T), kind="stable")][:IN_AREA]
    spots = np.vstack([inner, grid])
    shapely.prepare(largest)
    spots = spots[shapely.contains_xy(largest, spots)]
    x, y = spots.T
    boxes = shapely.box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
    whole = shapely.contains(largest, boxes)
    return [(float(right), float(up)) for right, up in (*spots[whole], *spots[~whole])]


def _written(label: Label, size: float, edges: Box, pen: Pen) -> Iterable[Item]:
    """Yield the lines of a label, centred in its box (a box beside a point is no wider than they are)."""
    points = size * pen.factor
    middle = (edges[0] + edges[2]) / 2
    top = edges[3] - AIR_MM * pen.factor
    for number, line in enumerate(label.lines):
        base = top - number * _step(size, pen) - (ASCENT + 0.06) * points * MM_A_POINT
        wide = pen.wide(line, size)
        yield Writing(line, middle - wide / 2, base + DESCENT / 4 * points * MM_A_POINT, points, label.colour,
                      bold=label.bold, halo=True)  # fmt: skip

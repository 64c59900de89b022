"""A picture: what stands on a sheet, in millimetres from its lower left corner, in drawing order; nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""
RING = 4
"""The fewest points of a ring, its first one counted twice."""
MOVE, LINE, CLOSE = 1, 2, 79
"""The codes of a path's points, as matplotlib counts them."""


@dataclass(frozen=True, eq=False)
class Shape:
    """Lines or areas of one look: points (n x 2), their codes, fill and line; cut to a box where there is one."""

    points: np.ndarray
    codes: np.ndarray
    fill: str = ""
    line: str = ""
    width_mm: float = 0.0
    dash_mm: tuple[float, ...] = ()
    within: Box | None = None
    opacity: float = 1.0
    name: str = ""
    """What it is, for who reads a picture back."""


@dataclass(frozen=True)
class Writing:
    """One line of text: the left end of its base line, its size; `halo`: a margin of paper round the letters."""

    text: str
    x: float
    y: float
    size_pt: float
    colour: str = "#1f2a33"
    bold: bool = False
    halo: bool = False


Item = Shape | Writing


@dataclass(frozen=True)
class Picture:
    """A whole sheet."""

    width_mm: float
    height_mm: float
    items: tuple[Item, ...]
    title: str = ""
    remarks: tuple[str, ...] = field(default=())
    """What could not be drawn, in words."""

    def texts(self) -> list[str]:
        """Return every text of the picture."""
        return [item.text for item in self.items if isinstance(item, Writing)]


def polygon(points: Sequence[Sequence[float]] | np.ndarray, **look: object) -> Shape:
    """Return one closed shape."""
    ring = np.asarray(points, dtype=float)
    codes = np.full(len(ring) + 1, LINE, dtype=np.uint8)
    codes[0], codes[-1] = MOVE, CLOSE
    return Shape(np.vstack([ring, ring[:1]]), codes, **look)  # type: ignore[arg-type]


def box(edges: Box, **look: object) -> Shape:
    """Return a rectangle."""
    left, bottom, right, top = edges
    return polygon([(left, bottom), (right, bottom), (right, top), (left, top)], **look)


def stroke(points: Sequence[Sequence[float]] | np.ndarray, **look: object) -> Shape:
    """Return one open line."""
    course = np.asarray(points, dtype=float)
    codes = np.full(len(course), LINE, dtype=np.uint8)
    codes[0] = MOVE
    return Shape(course, codes, **look)  # type: ignore[arg-type]


def outlines(shapes: np.ndarray, *, finest: float = 0.0, **look: object) -> Shape | None:
    """Return the lines and areas of some geometries as one shape, holes turned the other way; None where none is.

    Bends smaller than `finest` are left out (Douglas & Peucker 1973), each line by itself: where two touch, nobody
    sees it at that size. A ring too small for that keeps the points that make it one.
    """
    parts = shapely.get_parts(shapely.get_parts(np.asarray(shapes, dtype=object)))
    kinds = shapely.get_type_id(parts)
    flat = shapely.get_rings(shapely.orient_polygons(parts[kinds == shapely.GeometryType.POLYGON]))
    courses = np.concatenate([flat, parts[np.isin(kinds, (shapely.GeometryType.LINESTRING, 2))]])
    if finest > 0:
        thin = shapely.simplify(courses, finest, preserve_topology=False)
        lost = (shapely.get_num_coordinates(thin) < RING) & (np.arange(len(thin)) < len(flat))
        thin[lost] = shapely.simplify(courses[lost], finest)
        courses = thin
    points, owner = shapely.get_coordinates(courses, return_index=True)
    if not len(points):
        return None
    codes = np.full(len(points), LINE, dtype=np.uint8)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    last = np.append(first[1:], len(owner)) - 1
    codes[first] = MOVE
    codes[last[owner[last] < len(flat)]] = CLOSE
    return Shape(points, codes, **look)  # type: ignore[arg-type]


def shifted(shape: Shape, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the points and codes of a small shape repeated at each of some points."""
    places = np.asarray(points, dtype=float).reshape(-1, 1, 2)
    return (places + shape.points[None]).reshape(-1, 2), np.tile(shape.codes, len(places))

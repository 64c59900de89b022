"""Counties as outlines of a small drawing: north up, true in shape, as fine as a screen shows."""

from dataclasses import dataclass
from math import cos, radians

import geopandas as gpd
import numpy as np
import shapely

from maps.compact import placed

WIDTH, TALLEST = 640.0, 760.0
"""The drawing in its own units, about the points of a screen."""
MARGIN = 8.0
FINEST = 0.4
"""Units: a corner that moves a line by less is left out."""


@dataclass(frozen=True)
class Outline:
    """One county on the drawing: its SVG path, where its name stands, and the part of it that the name stands in."""

    path: str
    x: float
    y: float
    part: shapely.Polygon

    def holds(self, wide: float, high: float) -> bool:
        """Return whether words of that size have room around the place of the name."""
        room = shapely.box(self.x - wide / 2, self.y - high / 2, self.x + wide / 2, self.y + high / 2)
        return bool(self.part.contains(room))


def outlines(shapes: gpd.GeoSeries) -> tuple[tuple[float, float], list[Outline | None]]:
    """Return the size of the drawing (width, height) and each county on it, None where it has no shape.

    Degrees are drawn with east and north alike in the middle of the drawing; metres as they are.
    """
    there = placed(shapes)
    known = np.array(shapes[there].to_numpy())
    if not len(known):
        return (WIDTH, 2 * MARGIN), [None] * len(shapes)
    if shapes.crs is not None and shapes.crs.is_geographic:
        west, south, east, north = shapely.total_bounds(known)
        known = shapely.transform(known, lambda xy: xy * (cos(radians((south + north) / 2)), 1.0))
    west, south, east, north = shapely.total_bounds(known)
    across, along = max(east - west, 1e-9), max(north - south, 1e-9)
    scale = min((WIDTH - 2 * MARGIN) / across, (TALLEST - 2 * MARGIN) / along)
    drawn = shapely.transform(known, lambda xy: ((xy - (west, north)) * (scale, -scale)) + MARGIN)
    found = iter([_outline(shape) for shape in shapely.simplify(drawn, FINEST)])
    size = round(across * scale + 2 * MARGIN, 1), round(along * scale + 2 * MARGIN, 1)
    return size, [next(found) if one else None for one in there]


def _outline(shape: shapely.Geometry) -> Outline:
    rings = shapely.get_rings(shapely.get_parts(shape))
    path = "".join(f"M{_steps(shapely.get_coordinates(ring)[:-1])}Z" for ring in rings)
    parts = shapely.get_parts(shape)
    largest = parts[int(np.argmax(shapely.area(parts)))]
    spot = shapely.get_coordinates(shapely.maximum_inscribed_circle(largest, tolerance=1.0))[0]
    return Outline(path, round(float(spot[0]), 1), round(float(spot[1]), 1), largest)


def _steps(points: np.ndarray) -> str:
    return "L".join(f"{x:g} {y:g}" for x, y in points.round(1).tolist())

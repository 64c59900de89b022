"""The window: which part of the ground a map frame shows, at which scale, and where a metre lies on the paper."""

from dataclasses import dataclass, replace

import numpy as np
import pyproj
import shapely

from maps.sheet.paper import round_scale
from maps.sheet.picture import Box, Shape, outlines

SPARE_MM = 6.0
"""Kept free between an area and the edge of its map."""
FINEST_MM = 0.04
"""Bends smaller than this on the paper are not drawn."""


@dataclass(frozen=True)
class Window:
    """A map frame (millimetres), the ground point at its lower left corner (metres) and the scale's denominator."""

    frame: Box
    west_m: float
    south_m: float
    scale: int

    def mm(self, points: np.ndarray) -> np.ndarray:
        """Return points of the ground (metres) as points of the paper (millimetres)."""
        metres = np.asarray(points, dtype=float) - np.array([self.west_m, self.south_m])
        at: np.ndarray = metres * 1000 / self.scale + np.array(self.frame[:2])
        return at

    def length_mm(self, metres: float) -> float:
        """Return how long a length on the ground is on the paper."""
        return metres * 1000 / self.scale

    @property
    def ground(self) -> shapely.Polygon:
        """The part of the ground that is shown."""
        left, bottom, right, top = self.frame
        width, height = ((right - left) * self.scale / 1000, (top - bottom) * self.scale / 1000)
        return shapely.box(self.west_m, self.south_m, self.west_m + width, self.south_m + height)

    def near(self, shapes: np.ndarray) -> np.ndarray:
        """Return the places of the shapes that meet the window, in their order."""
        there = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
        seen: np.ndarray = there[shapely.intersects(shapely.box(*shapely.bounds(shapes[there]).T), self.ground)]
        return seen

    def shape(self, shapes: np.ndarray, **look: object) -> Shape | None:
        """Return ground shapes as one shape on the paper, cut to the frame; None where nothing is in it."""
        values = np.asarray(shapes, dtype=object)
        seen = values[self.near(values)]
        if not len(seen):
            return None
        spare = self.ground.buffer(5 * self.scale / 1000, join_style="mitre")  # what is cut ends outside the frame
        west, south, east, north = shapely.bounds(seen).T
        left, low, right, high = spare.bounds
        over = (west < left) | (south < low) | (east > right) | (north > high)
        seen[over] = shapely.clip_by_rect(seen[over], *spare.bounds)
        # Thinned on the ground, then laid on the paper: a city's walking areas have millions of points.
        drawn = outlines(seen, finest=FINEST_MM * self.scale / 1000, within=self.frame, **look)
        return drawn and replace(drawn, points=self.mm(drawn.points))


def window_on(bounds: Box, frame: Box, *, scale: int | None = None, spare_mm: float = SPARE_MM) -> Window:
    """Return the window that shows an area (metres) in the middle of a frame at the largest round scale it fits at.

    A `scale` that is given is kept, whatever fits.
    """
    width, height = frame[2] - frame[0], frame[3] - frame[1]
    west, south, east, north = bounds
    chosen = scale or round_scale(east - west, north - south, room_mm=(width - 2 * spare_mm, height - 2 * spare_mm))
    middle = ((west + east) / 2, (south + north) / 2)
    metres = chosen / 1000
    return Window(frame, middle[0] - width * metres / 2, middle[1] - height * metres / 2, chosen)


def convergence_deg(window: Window, crs: str) -> float:
    """Return the angle from true north to grid north in the middle of a window, in degrees, east positive."""
    middle = window.ground.centroid
    projection = pyproj.CRS.from_user_input(crs)
    base = projection.geodetic_crs
    if base is None:
        return 0.0
    lon, lat = pyproj.Transformer.from_crs(projection, base, always_xy=True).transform(middle.x, middle.y)
    return float(pyproj.Proj(projection).get_factors(lon, lat).meridian_convergence)

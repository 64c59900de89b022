"""Which counties a place is near: the ground in small squares, each with the counties whose halo it touches.

A square more never hurts: who has more of the map than needed walks the same. So every rounding is outwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import rasterio.features
import rasterio.transform
import shapely
from shapely import affinity

from gis.extract import DEGREE
from gis.parts import starts

STEP = 0.004
"""Side of a square in degrees, 445 m to the north; long pieces of a street are looked at twice in each."""
LEAST_M_A_DEGREE = 110_500.0
"""Of latitude, rounded down."""
ROUND = 1.01
"""An arc of the buffer is drawn with corners, within it."""


@dataclass(frozen=True)
class Halo:
    """`squares`, ascending, and the counties of each: `county[start[i]:start[i + 1]]`, of `count` counties."""

    squares: np.ndarray
    start: np.ndarray
    county: np.ndarray
    count: int

    def counties(self, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return pairs of a place's position and a county it is near. Places are 1e-7 degrees (n, 2)."""
        return self._pairs(_square(place / DEGREE))

    def along(self, owner: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return pairs of a way and a county it comes near; `owner` and place of the vertices, in walking order.

        A pair may come more than once.
        """
        xy = place / DEGREE
        square, way = _square(xy), owner
        same = owner[1:] == owner[:-1]
        pieces = np.ceil(np.abs(np.diff(xy, axis=0)).max(axis=1, initial=0) / (STEP / 2)).astype(np.int64)
        long = np.flatnonzero(same & (pieces > 1))
        if len(long):  # a street may pass without a node
            times = pieces[long] - 1
            of_piece = np.repeat(long, times)
            nth = np.arange(len(of_piece)) - np.repeat(np.cumsum(times) - times, times) + 1
            part = (nth / pieces[of_piece])[:, None]
            square = np.concatenate([square, _square(xy[of_piece] * (1 - part) + xy[of_piece + 1] * part)])
            way = np.concatenate([owner, owner[of_piece]])
        fresh = np.append(True, (square[1:] != square[:-1]) | (way[1:] != way[:-1]))[: len(way)]
        at, county = self._pairs(square[fresh])
        return way[fresh][at], county

    def _pairs(self, square: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if not len(self.squares):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        spot = np.minimum(np.searchsorted(self.squares, square), len(self.squares) - 1)
        size = np.where(self.squares[spot] == square, self.start[spot + 1] - self.start[spot], 0)
        at = np.repeat(np.arange(len(square)), size)
        nth = np.arange(len(at)) - np.repeat(np.cumsum(size) - size, size)
        return at, self.county[self.start[spot[at]] + nth]


def halo_of(areas: Sequence[shapely.Geometry], *, halo_m: float) -> Halo:
    """Return the squares near each of some areas, polygons in degrees; `halo_m` is how far is near."""
    found = []
    for county, area in enumerate(areas):
        if area is None or area.is_empty:
            continue
        _, south, _, north = area.bounds
        narrow = np.cos(np.radians(max(abs(south), abs(north)) + 0.1))
        wide = affinity.scale(area, xfact=narrow, origin=(0, 0))
        reach = ROUND * halo_m / LEAST_M_A_DEGREE + STEP  # a square more on every side
        near = affinity.scale(wide.buffer(reach, quad_segs=16), xfact=1 / narrow, origin=(0, 0))
        west, south, east, north = near.bounds
        column, row = int(np.floor(west / STEP)), int(np.floor(south / STEP))
        width, height = int(np.floor(east / STEP)) - column + 1, int(np.floor(north / STEP)) - row + 1
        grid = rasterio.transform.Affine(STEP, 0, column * STEP, 0, STEP, row * STEP)
        touched = rasterio.features.rasterize([near], (height, width), transform=grid, all_touched=True, dtype="uint8")
        rows, columns = np.nonzero(touched)
        squares = _numbered(columns + column, rows + row)
        found.append(np.column_stack([squares, np.full(len(squares), county)]))
    pairs = np.concatenate(found or [np.empty((0, 2), np.int64)])
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    squares, sizes = np.unique(pairs[:, 0], return_counts=True)
    return Halo(squares, starts(sizes), pairs[:, 1], len(areas))


def _square(xy: np.ndarray) -> np.ndarray:
    """Return the number of the square each place (degrees) lies in."""
    column, row = np.floor(xy / STEP).astype(np.int64).T
    return _numbered(column, row)


def _numbered(column: np.ndarray, row: np.ndarray) -> np.ndarray:
    number: np.ndarray = column.astype(np.int64) * 1_000_000 + row + 500_000
    return number

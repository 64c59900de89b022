"""The ground: heights from an elevation raster, and how steep each street is along its course."""

import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely

from gis.datum import old_datum
from gis.errors import Finding, InputError
from gis.network import WalkNetwork

MAX_CELLS = 50_000_000
"""A raster with more cells around the streets is read in means of several, so that it fits an office machine."""
LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""Heights beyond are no heights: a mark for "unknown" that the file does not declare."""


@dataclass(frozen=True)
class Elevation:
    """Heights of the ground in metres on a grid of cells, NaN where unknown.

    `height_m` (rows, columns); `transform` (a, b, c, d, e, f) takes (column, row) of a cell's corner to
    x = a column + b row + c and y = d column + e row + f, in `crs`.
    """

    height_m: np.ndarray
    transform: tuple[float, float, float, float, float, float]
    crs: str


def read_elevation(path: str | Path, network: WalkNetwork) -> Elevation:
    """Return the heights of a GeoTIFF around the streets, from its first band.

    A model of the bare ground in metres; one with roofs and trees in it makes streets steeper than they are. Raises
    InputError where the file is missing, is no GeoTIFF, has no CRS or one before CGCS2000, or lies elsewhere
    than the streets.
    """
    import rasterio  # noqa: PLC0415 - only who brings a raster waits for its library
    from rasterio.enums import Resampling  # noqa: PLC0415
    from rasterio.errors import NotGeoreferencedWarning, RasterioError  # noqa: PLC0415
    from rasterio.windows import Window  # noqa: PLC0415

    place = str(path)
    if not Path(path).is_file():
        raise InputError([Finding("FILE_MISSING", "reject", place)])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # a finding says so
            raster = rasterio.open(path, driver="GTiff")  # holds its heights itself
        with raster:
            if raster.crs is None or raster.transform.is_degenerate:
                raise InputError([Finding("ELEVATION_CRS", "reject", place)])
            if old_datum(raster.crs.to_wkt()):
                raise InputError([Finding("CRS_OLD_DATUM", "reject", place)])
            left, top, width, height = _window(raster, network)
            if width <= 0 or height <= 0:
                raise InputError([Finding("ELEVATION_ELSEWHERE", "reject", place)])
            thinner = max(1, math.ceil(math.sqrt(width * height / MAX_CELLS)))
            shape = math.ceil(height / thinner), math.ceil(width / thinner)
            window = Window(left, top, width, height)
            cells = raster.read(1, window=window, out_shape=shape, masked=True, resampling=Resampling.average)
            height_m = cells.astype(np.float32).filled(np.nan) * np.float32(raster.scales[0]) + raster.offsets[0]
            a, b, c, d, e, f = raster.transform[:6]
            crs = raster.crs.to_wkt()
    except RasterioError as error:
        raise InputError([Finding("ELEVATION_BROKEN", "reject", place, str(error))]) from error
    height_m[(height_m < LOWEST_M) | (height_m > HIGHEST_M)] = np.nan
    across, down = width / shape[1], height / shape[0]
    corner = a * left + b * top + c, d * left + e * top + f
    return Elevation(height_m, (a * across, b * down, corner[0], d * across, e * down, corner[1]), crs)


def _window(raster: Any, network: WalkNetwork) -> tuple[int, int, int, int]:
    """Return the cells of a raster around the streets: first column, first row, how many columns and rows."""
    to_raster = pyproj.Transformer.from_crs(network.crs, raster.crs.to_wkt(), always_xy=True)
    left, bottom, right, top = to_raster.transform_bounds(*shapely.total_bounds(network.lines))
    if not np.isfinite([left, bottom, right, top]).all():
        return 0, 0, 0, 0
    a, b, c, d, e, f = raster.transform[:6]
    corners = np.array([(left, left, right, right), (bottom, top, bottom, top)])
    cell = np.linalg.solve(np.array([[a, b], [d, e]]), corners - [[c], [f]])
    # One cell more on each side, for the heights between the middles of cells.
    first = np.clip(np.floor(cell.min(axis=1)) - 1, 0, (raster.width, raster.height)).astype(int)
    last = np.clip(np.ceil(cell.max(axis=1)) + 1, 0, (raster.width, raster.height)).astype(int)
    return int(first[0]), int(first[1]), int(last[0] - first[0]), int(last[1] - first[1])


def heights(elevation: Elevation, xy: np.ndarray, *, crs: str) -> np.ndarray:
    """Return the height in metres at each place (n, 2), bilinear between the middles of cells; NaN where unknown.

    In the half cell along the rim of the raster the height is that of the rim.

    >>> hill = Elevation(np.array([[1.0, 3.0]]), (10, 0, 0, 0, -10, 10), "EPSG:4547")
    >>> heights(hill, np.array([[5, 5], [10, 5], [20, 5], [30, 5]]), crs="EPSG:4547").tolist()
    [1.0, 2.0, 3.0, nan]
    """
    if pyproj.CRS.from_user_input(crs) != pyproj.CRS.from_user_input(elevation.crs):
        transformer = pyproj.Transformer.from_crs(crs, elevation.crs, always_xy=True)
        xy = np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))
    a, b, c, d, e, f = elevation.transform
    cell = np.linalg.solve(np.array([[a, b], [d, e]]), (xy - [c, f]).T)
    rows, columns = elevation.height_m.shape
    inside = np.isfinite(cell).all(axis=0) & (cell >= 0).all(axis=0) & (cell[0] <= columns) & (cell[1] <= rows)
    column, row = (
        np.clip(np.where(inside, at - 0.5, 0), 0, n - 1) for at, n in zip(cell, (columns, rows), strict=True)
    )
    west, north = column.astype(np.int64), row.astype(np.int64)
    east, south = np.minimum(west + 1, columns - 1), np.minimum(north + 1, rows - 1)
    right, down = column - west, row - north
    here = elevation.height_m
    height: np.ndarray = (1 - down) * ((1 - right) * here[north, west] + right * here[north, east]) + down * (
        (1 - right) * here[south, west] + right * here[south, east]
    )
    height[~inside] = np.nan
    return height


def slopes(
    network: WalkNetwork, elevation: Elevation, edges: np.ndarray, *, sample_m: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the slope of each piece of the given edges (rise over run along the course, NaN unknown) and its edge.

    An edge is cut into equal pieces of at most `sample_m`; an edge without length has none.
    """
    pieces = np.ceil(network.edge_length_m[edges] / sample_m).astype(np.int64)
    edges, pieces = edges[pieces > 0], pieces[pieces > 0]
    of_place = np.repeat(np.arange(len(edges)), pieces + 1)
    turn = np.arange(len(of_place)) - np.repeat(np.cumsum(pieces + 1) - pieces - 1, pieces + 1)
    share = turn / pieces[of_place]
    spots = shapely.line_interpolate_point(network.lines[edges[of_place]], share, normalized=True)
    height = heights(elevation, shapely.get_coordinates(spots), crs=network.crs)
    within = turn[1:] > 0
    run = (network.edge_length_m[edges] / pieces)[of_place[1:][within]]
    return np.diff(height)[within] / run, edges[of_place[1:][within]]

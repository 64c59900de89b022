"""Shapes made small: thinned in metres, in degrees of WGS 84 to six decimals (0.1 m), each point a step from the last.

A stream of lines is `{"n": points of each line, "d": [dx, dy, dx, dy, ...]}` in millionths of a degree, the first
step counted from 0, 0. Streams of polygons are lines too: their rings, filled by the even-odd rule.
"""

from typing import TypedDict

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

WGS84 = "EPSG:4326"
MILLIONTHS = 1_000_000


class Stream(TypedDict):
    """Lines or rings as whole numbers."""

    n: list[int]
    d: list[int]


def placed(shapes: gpd.GeoSeries) -> "pd.Series[bool]":
    """Return which of the shapes are there: neither missing nor empty."""
    return pd.Series(~(shapes.is_empty | shapes.isna()))


def line_stream(shapes: gpd.GeoSeries, *, tolerance_m: float) -> Stream:
    """Return the lines of `shapes` (metres), joined where two meet end to end and thinned to `tolerance_m`."""
    parts = shapely.get_parts(shapes[~shapes.isna()].to_numpy())
    joined = shapely.line_merge(
        shapely.multilinestrings(parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING])
    )
    return _stream(gpd.GeoSeries(shapely.get_parts(joined), crs=shapes.crs).simplify(tolerance_m))


def ring_stream(shapes: gpd.GeoSeries, *, tolerance_m: float) -> Stream:
    """Return the rings of the polygons in `shapes` (metres), thinned to `tolerance_m` and never to nothing."""
    parts = shapely.simplify(shapely.get_parts(shapes[~shapes.isna()].to_numpy()), tolerance_m)  # one by one: quick
    rings = shapely.get_rings(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])
    return _stream(gpd.GeoSeries(rings, crs=shapes.crs))


def point_steps(points: gpd.GeoSeries) -> npt.NDArray[np.int64]:
    """Return the positions of points in WGS 84 as millionths of a degree, one row (lon, lat) a point."""
    return _millionths(shapely.get_coordinates(points.to_crs(WGS84).to_numpy()))


def _millionths(coordinates: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return np.rint(coordinates * MILLIONTHS).astype(np.int64)


def _stream(lines: gpd.GeoSeries) -> Stream:
    shapes = lines[placed(lines)].to_crs(WGS84).to_numpy()
    steps = np.diff(_millionths(shapely.get_coordinates(shapes)), axis=0, prepend=np.zeros((1, 2), np.int64))
    return {"n": shapely.get_num_coordinates(shapes).tolist(), "d": steps.ravel().tolist()}

"""Shapes made small: thinned in metres, in degrees of WGS 84 to six decimals (0.1 m), each point a step from the last.

A stream of lines is `{"n": points of each line, "d": [dx, dy, dx, dy, ...]}` in millionths of a degree, the first
step counted from 0, 0. Streams of polygons are lines too: their rings, filled by the even-odd rule.
"""

from functools import cache
from itertools import pairwise
from typing import Any, TypedDict

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS, Transformer

WGS84 = "EPSG:4326"
MILLIONTHS = 1_000_000
RING = 4
"""The fewest points of a ring, its first one counted twice."""


Shapes = npt.NDArray[Any]
Whole = npt.NDArray[np.int64]


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
    (stream,) = _streams(_thinned(shapely.get_parts(joined), tolerance_m), shapes.crs)
    return stream


def ring_stream(shapes: gpd.GeoSeries, *, tolerance_m: float) -> Stream:
    """Return the rings of the polygons in `shapes` (metres), thinned to `tolerance_m` and never to nothing."""
    rings, _ = _rings(shapes)
    (stream,) = _streams(_thinned(rings, tolerance_m), shapes.crs)
    return stream


def ring_streams(shapes: gpd.GeoSeries, *, tolerance_m: float) -> list[Stream]:
    """Return `ring_stream` of each shape by itself."""
    rings, row = _rings(shapes)
    return _streams(_thinned(rings, tolerance_m), shapes.crs, np.searchsorted(row, np.arange(len(shapes) + 1)))


def point_steps(points: gpd.GeoSeries) -> Whole:
    """Return the positions of points in WGS 84 as millionths of a degree, one row (lon, lat) a point."""
    return millionths(shapely.get_coordinates(points.to_numpy()), points.crs)


def millionths(xy: npt.NDArray[np.float64], crs: object) -> Whole:
    """Return places (n, 2) in a CRS as millionths of a degree of WGS 84."""
    degrees = _to_degrees(CRS(crs).to_string()).transform(xy[:, 0], xy[:, 1])
    whole: Whole = np.rint(np.column_stack(degrees) * MILLIONTHS).astype(np.int64)
    return whole


@cache
def _to_degrees(crs: str) -> Transformer:
    return Transformer.from_crs(crs, WGS84, always_xy=True)


def _rings(shapes: gpd.GeoSeries) -> tuple[Shapes, Whole]:
    """Return the rings of all polygons, and the number of the shape that each is of."""
    parts, of_part = shapely.get_parts(shapes.to_numpy(), return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    return rings, of_part[of_ring]


def _thinned(lines: Shapes, tolerance_m: float) -> Shapes:
    """Return lines with the points that make less than the tolerance left out (Douglas & Peucker 1973).

    Each by itself, since to keep a city's rings clear of each other takes twenty times as long and shows nowhere. A
    ring too small for the tolerance keeps the points that make it one.
    """
    thin: Shapes = shapely.simplify(lines, tolerance_m, preserve_topology=False)
    lost = (shapely.get_num_coordinates(thin) < RING) & shapely.is_closed(lines)
    thin[lost] = shapely.simplify(lines[lost], tolerance_m)
    return thin


def _streams(lines: Shapes, crs: object, start: Whole | None = None) -> list[Stream]:
    """Return the lines `start[k]` to `start[k + 1]` as stream `k`, all of them as one where no starts are given."""
    size = shapely.get_num_coordinates(lines)
    at = millionths(shapely.get_coordinates(lines), crs)
    first = np.concatenate([[0], np.cumsum(size)])
    cuts = np.array([0, len(lines)]) if start is None else start
    return [
        {
            "n": size[a:b].tolist(),
            "d": np.diff(at[first[a] : first[b]], axis=0, prepend=np.zeros((1, 2), np.int64)).ravel().tolist(),
        }
        for a, b in pairwise(cuts.tolist())
    ]

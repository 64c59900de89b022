"""The four datums a Chinese office meets, and the metre grid a city is measured in.

GCJ-02 (Amap, Tencent) moves a place by some 500 m, BD-09 (Baidu) by 1.3 km: more than half a fifteen-minute walk.
CGCS2000 and WGS 84 differ by centimetres and count as one here.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
DATUMS: tuple[str, ...] = get_args(Datum)
Floats = NDArray[np.float64]

_AXIS_M = 6378245.0
_ECCENTRICITY2 = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0
_ROUNDS = 40
_OLD = re.compile(r"beijing|xi_?an", re.IGNORECASE)
_OLD_AXES_M = (6378245.0, 6378140.0)
"""Of the ellipsoids of Krassovsky, under Beijing 1954, and of IAG 1975, under Xian 1980."""
_SETTLED_DEG = 1e-13


def old_datum(crs: str | pyproj.CRS) -> str:
    """Return the name of a Chinese datum before CGCS2000 that a CRS stands on, empty where it stands on none.

    From Beijing 1954 and Xian 1980 no public parameters lead to CGCS2000: a program that has none of the surveyors'
    takes them for the same, and is wrong by tens of metres to more than a hundred. A datum under a name of the bureau's
    own is known by its ellipsoid.

    >>> old_datum("EPSG:2383"), old_datum("EPSG:4547")
    ('Xian 1980', '')
    """
    known = pyproj.CRS.from_user_input(crs)
    name = "" if known.datum is None else known.datum.name
    stands = known.ellipsoid is not None and known.ellipsoid.semi_major_metre in _OLD_AXES_M
    return name if stands or _OLD.search(name) else ""


def from_wgs84(lon: ArrayLike, lat: ArrayLike, *, datum: Datum) -> tuple[Floats, Floats]:
    """Return WGS 84 degrees as degrees of another datum; places outside China are left where they are.

    Formula: the published GCJ-02 and BD-09 transforms (Krasovsky 1940 ellipsoid). NaN stays NaN.

    >>> lon, lat = from_wgs84(114.297, 35.748, datum="gcj02")
    >>> round(float(lon), 4), round(float(lat), 4)
    (114.3029, 35.7479)
    """
    x, y = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    if datum in ("wgs84", "cgcs2000"):
        return x, y
    moved_x, moved_y = _gcj02(x, y)
    if datum == "bd09":
        moved_x, moved_y = _bd09(moved_x, moved_y)
    inside = (x > 72.004) & (x < 137.8347) & (y > 0.8293) & (y < 55.8271)  # noqa: PLR2004 the box of the published code
    return np.where(inside, moved_x, x), np.where(inside, moved_y, y)


def to_wgs84(lon: ArrayLike, lat: ArrayLike, *, datum: Datum) -> tuple[Floats, Floats]:
    """Return degrees of a datum as WGS 84 degrees: the exact inverse of `from_wgs84`, found by iteration.

    >>> lon, lat = to_wgs84(*from_wgs84(114.297, 35.748, datum="bd09"), datum="bd09")
    >>> round(float(lon), 9), round(float(lat), 9)
    (114.297, 35.748)
    """
    goal_x, goal_y = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    x, y = goal_x.copy(), goal_y.copy()
    for _ in range(_ROUNDS):
        seen_x, seen_y = from_wgs84(x, y, datum=datum)
        step_x, step_y = goal_x - seen_x, goal_y - seen_y
        x, y = x + step_x, y + step_y
        if not np.any(np.maximum(np.abs(step_x), np.abs(step_y)) > _SETTLED_DEG):
            break
    return x, y


def metre_crs(lon: float, lat: float) -> str:
    """Return the metre CRS of a place: its CGCS2000 3-degree Gauss-Kruger zone in China, its WGS 84 UTM zone elsewhere.

    Zone = lon / 3 rounded; EPSG:4534 (zone 25) to EPSG:4554 (zone 45), eastings without zone prefix.
    Raises ValueError where lon or lat is no place on earth.

    >>> metre_crs(114.297, 35.748), metre_crs(-8.61, 41.15), metre_crs(-51.2, -30.0)
    ('EPSG:4547', 'EPSG:32629', 'EPSG:32722')
    """
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # noqa: PLR2004 the degrees of the earth
        raise ValueError(f"no place on earth: lon {lon}, lat {lat}")
    if 73.5 <= lon <= 136 and 3 <= lat <= 54:  # noqa: PLR2004 the extent of the CGCS2000 zones
        return f"EPSG:{4534 + int(lon / 3 + 0.5) - 25}"
    zone = min(int((lon + 180) // 6) + 1, 60)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


@dataclass(frozen=True)
class Shifted:
    """The way from degrees of a datum to metres and back, called as pyproj's own `Transformer` is."""

    to_metres: pyproj.Transformer
    datum: Datum

    def transform(self, x: ArrayLike, y: ArrayLike, *, direction: str = "FORWARD") -> tuple[Floats, Floats]:
        """Return metres of degrees, or degrees of metres (`INVERSE`)."""
        if direction == "FORWARD":
            there: tuple[Floats, Floats] = self.to_metres.transform(*to_wgs84(x, y, datum=self.datum))
            return there
        return from_wgs84(*self.to_metres.transform(x, y, direction="INVERSE"), datum=self.datum)


@cache
def to_metres(crs: str | pyproj.CRS) -> pyproj.Transformer:
    """Return the way from WGS 84 degrees (lon, lat) to a metre CRS; to find the best one takes a tenth of a second."""
    return pyproj.Transformer.from_crs(4326, crs, always_xy=True)


def scale_at(crs: str, lon: float, lat: float) -> float:
    """Return how many metres of a CRS a metre on the ground is at a place, in the direction where it is worst.

    >>> round(scale_at("EPSG:4547", 114.2, 35.6), 3), round(scale_at("EPSG:3857", 114.2, 35.6), 2)
    (1.0, 1.23)
    """
    factors = pyproj.Proj(crs).get_factors(lon, lat, radians=False)
    scales = float(factors.meridional_scale), float(factors.parallel_scale)
    return max(scales, key=lambda scale: abs(scale - 1))


def _gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Shift WGS 84 to GCJ-02."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
    north += (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
    east += (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    phi = np.radians(lat)
    bend = 1 - _ECCENTRICITY2 * np.sin(phi) ** 2
    per_radian_north = _AXIS_M * (1 - _ECCENTRICITY2) / bend**1.5
    per_radian_east = _AXIS_M / np.sqrt(bend) * np.cos(phi)
    return lon + np.degrees(east / per_radian_east), lat + np.degrees(north / per_radian_north)


def _bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Shift GCJ-02 to BD-09."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006

"""The datums: exact inverses, the known size of the shift, real district borders, and the metre grid of a place."""

import json
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from gis.datum import Datum, from_wgs84, metre_crs, to_wgs84

GEOD = pyproj.Geod(ellps="WGS84")
LON = st.floats(73.0, 136.0)
LAT = st.floats(3.5, 54.0)


def metres(a: tuple[ArrayLike, ArrayLike], b: tuple[ArrayLike, ArrayLike]) -> float:
    return float(GEOD.inv(a[0], a[1], b[0], b[1])[2])


@given(LON, LAT, st.sampled_from(["gcj02", "bd09"]))
def test_the_inverse_undoes_the_shift_to_a_micrometre(lon: float, lat: float, datum: Datum) -> None:
    there_and_back = to_wgs84(*from_wgs84(lon, lat, datum=datum), datum=datum)
    assert metres(there_and_back, (lon, lat)) < 1e-6
    back_and_there = from_wgs84(*to_wgs84(lon, lat, datum=datum), datum=datum)
    assert metres(back_and_there, (lon, lat)) < 1e-6


# The shift at six cities as two independent tables of the planning standards give it (m).
@pytest.mark.parametrize(
    ("lon", "lat", "gcj02", "bd09"),
    [
        (114.297, 35.748, 536, 1291),
        (122.07, 41.12, 516, 1343),
        (109.84, 40.657, 499, 1290),
        (111.665, 40.755, 588, 1368),
        (125.324, 43.817, 590, 1390),
        (126.55, 43.84, 521, 1329),
    ],
)
def test_the_shift_has_its_known_size(lon: float, lat: float, gcj02: float, bd09: float) -> None:
    assert metres(from_wgs84(lon, lat, datum="gcj02"), (lon, lat)) == pytest.approx(gcj02, abs=1)
    assert metres(from_wgs84(lon, lat, datum="bd09"), (lon, lat)) == pytest.approx(bd09, abs=1)


def test_cgcs2000_is_wgs84_and_places_abroad_do_not_move() -> None:
    assert from_wgs84(114.0, 35.0, datum="cgcs2000") == (114.0, 35.0)
    assert from_wgs84(-8.6, 41.1, datum="gcj02") == (-8.6, 41.1)
    assert to_wgs84(-8.6, 41.1, datum="bd09") == (-8.6, 41.1)


def test_arrays_keep_their_shape_and_a_missing_place_stays_missing() -> None:
    lon, lat = np.array([114.3, np.nan, 114.4]), np.array([35.7, np.nan, 35.8])
    kept = lon.copy()
    x, y = to_wgs84(lon, lat, datum="gcj02")
    assert x.shape == y.shape == (3,)
    assert np.isnan(x[1])
    assert np.isnan(y[1])
    assert np.array_equal(lon, kept, equal_nan=True)


def test_real_district_borders_come_back_to_within_two_metres(shared_data: Path) -> None:
    """Two sources drew the same districts, partly along the same line: there the right inverse lies on it.

    The sources differ by vintage (median 22 m over all corners), so the corners that follow a common line are the
    truth: the nearer 40 % of them. None of the shifted corners lies that near.
    """

    def borders(name: str) -> list[shapely.Geometry]:
        features = json.loads((shared_data / name).read_text(encoding="utf-8"))["features"]
        return [shapely.geometry.shape(f["geometry"]) for f in features if f["properties"].get("adcode") != "410600"]

    to_metres = pyproj.Transformer.from_crs(4326, 4547, always_xy=True)
    true = shapely.transform(
        shapely.union_all(shapely.boundary(borders("hebi_districts_wgs84.geojson"))),
        lambda corners: np.column_stack(to_metres.transform(*corners.T)),
    )
    lon, lat = shapely.get_coordinates(borders("hebi_districts_gcj02.geojson")).T

    def errors(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        corners = shapely.points(np.column_stack(to_metres.transform(lon, lat)))
        distances = np.sort(shapely.distance(corners, true))
        return distances[: int(0.4 * len(distances))]

    assert np.median(errors(*to_wgs84(lon, lat, datum="gcj02"))) < 2.0
    assert np.median(errors(lon, lat)) > 100.0


@pytest.mark.parametrize(
    ("lon", "lat", "crs"),
    [
        (114.297, 35.748, "EPSG:4547"),
        (122.07, 41.12, "EPSG:4550"),
        (109.84, 40.657, "EPSG:4546"),
        (125.324, 43.817, "EPSG:4551"),
        (73.5, 39.0, "EPSG:4534"),
        (136.0, 48.0, "EPSG:4554"),
        (121.0, 24.8, "EPSG:4549"),
        (-8.61, 41.15, "EPSG:32629"),
        (180.0, 10.0, "EPSG:32660"),
    ],
)
def test_the_metre_grid_of_a_place(lon: float, lat: float, crs: str) -> None:
    assert metre_crs(lon, lat) == crs


@given(LON.filter(lambda v: v >= 73.5), LAT)
def test_the_central_meridian_is_the_nearest_one(lon: float, lat: float) -> None:
    meridian = pyproj.CRS(metre_crs(lon, lat)).to_cf()["longitude_of_central_meridian"]
    assert abs(lon - meridian) <= 1.5 + 1e-9


def test_no_place_on_earth_has_no_grid() -> None:
    with pytest.raises(ValueError, match="no place on earth"):
        metre_crs(float("nan"), 35.0)

"""Outlines beside shapely's buffers: corners at their true place, rings that never touch, more streets more ground."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import gis.outline
from gis.outline import AWAY, CELL_M, multipolygons, outlines

MARGIN_M = 25.0
place = st.one_of(
    st.floats(0, 300).map(lambda v: round(v, 6)),
    st.integers(0, 12).map(lambda k: 25.0 * k),  # parallel streets whose margins just meet; ends on lines of the grid
)
segment = st.tuples(place, place, place, place)
upright = st.tuples(place, place, place).map(lambda p: (p[0], p[1], p[0], p[2]))
level = st.tuples(place, place, place).map(lambda p: (p[0], p[1], p[2], p[1]))
point = st.tuples(place, place).map(lambda p: (*p, *p))
streets = st.lists(st.one_of(segment, upright, level, point), min_size=1, max_size=25).map(np.array)
origin = st.sampled_from([(0.0, 0.0), (523_000.37, 3_378_000.11), (-700.0, 12.5)])


def drawn(*nest: np.ndarray, margin_m: float = MARGIN_M) -> list[shapely.MultiPolygon]:
    return list(multipolygons(*outlines([nest], margin_m)))


def shapes(segments: np.ndarray) -> np.ndarray:
    """Return points and lines: shapely knows no distance to a line without length."""
    return np.array(
        [shapely.Point(a) if (a == b).all() else shapely.LineString([a, b]) for a, b in segments.reshape(-1, 2, 2)]
    )


@settings(max_examples=300, deadline=None)
@given(streets, origin, st.sampled_from([3.0, 25.0, 60.0]))
def test_corners_are_at_the_margin_and_the_ground_is_the_buffer_but_for_a_cell(
    segments: np.ndarray, low: tuple[float, float], margin_m: float
) -> None:
    cell = min(CELL_M, margin_m / 16)
    segments = segments + np.array([*low, *low])
    (area,) = drawn(segments, margin_m=margin_m)
    corners = shapely.get_coordinates(area)
    far = shapely.distance(shapely.points(corners)[:, None], shapes(segments)).min(axis=1)
    assert far == pytest.approx(margin_m, abs=cell * AWAY + 1e-6)
    exact = shapely.union_all(shapely.buffer(shapes(segments), margin_m, quad_segs=64))
    rim = exact.boundary.buffer(1.5 * cell)
    assert shapely.covers(rim, area.symmetric_difference(exact).buffer(-1e-6))


@settings(max_examples=300, deadline=None)
@given(streets, origin)
def test_polygons_are_valid_and_no_two_corners_are_one(segments: np.ndarray, low: tuple[float, float]) -> None:
    (area,) = drawn(segments + np.array([*low, *low]))
    assert area.is_valid
    rings = shapely.get_rings(shapely.get_parts(area))
    assert len(np.unique(shapely.get_coordinates(area), axis=0)) == len(shapely.get_coordinates(area)) - len(rings)
    assert all(shapely.is_ccw(shape.exterior) for shape in area.geoms)
    assert not any(shapely.is_ccw(hole) for shape in area.geoms for hole in shape.interiors)


@settings(max_examples=300, deadline=None)
@given(streets, streets, origin, st.booleans())
def test_more_streets_are_more_ground_to_the_last_bit(
    some: np.ndarray, more: np.ndarray, low: tuple[float, float], longer: bool
) -> None:
    if longer:  # the same streets, walked on by a hair: outlines that almost agree
        more = some + np.array([0, 0, 1e-7, -1e-9])
    some, more = (part + np.array([*low, *low]) for part in (some, more))
    inner, outer = drawn(some, np.concatenate([some, more]))
    assert outer.covers(inner)


@settings(max_examples=50, deadline=None)
@given(streets, st.permutations(range(25)))
def test_the_order_and_direction_of_streets_say_nothing(segments: np.ndarray, order: list[int]) -> None:
    mixed = segments[[k for k in order if k < len(segments)]]
    (one,), (other,) = drawn(segments), drawn(mixed)
    assert one.equals_exact(other)
    (back,) = drawn(segments[:, [2, 3, 0, 1]])
    assert back.symmetric_difference(one).area < 1e-6 * one.area


def test_a_hole_in_a_hole_is_ground_again() -> None:
    def square(half: float) -> np.ndarray:
        ring = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) * half
        return np.hstack([ring[:-1], ring[1:]])

    (area,) = drawn(np.vstack([square(80), square(180), square(280), np.zeros((1, 4))]))
    assert sorted(len(shape.interiors) for shape in area.geoms) == [0, 1, 1, 1]
    holes = sorted(shapely.Polygon(hole).area for shape in area.geoms for hole in shape.interiors)
    assert holes == pytest.approx([110.0**2, 310.0**2, 510.0**2], rel=1e-3)
    assert area.is_valid


def test_ground_that_meets_across_the_corner_of_a_cell_is_one() -> None:
    middle, aside = 11.5 * CELL_M, MARGIN_M / np.sqrt(2) - 0.01  # two corners of the middle cell inside, two outside
    (area,) = drawn(np.repeat(np.array([[middle - aside], [middle + aside]]), 4, axis=1))
    assert len(area.geoms) == 1
    assert not area.contains(shapely.Point(12 * CELL_M, 11 * CELL_M))


def test_a_city_is_drawn_on_a_coarser_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    segments = np.random.default_rng(3).uniform(0, 2000, (200, 2)).repeat(2, axis=0).reshape(-1, 4)
    segments[:, 2:] += np.random.default_rng(4).uniform(-80, 80, (200, 2))
    fine = drawn(segments[:100], segments)
    monkeypatch.setattr(gis.outline, "MAX_SPANS", 4_000)
    coarse = drawn(segments[:100], segments)
    assert 4 * len(shapely.get_coordinates(coarse)) < len(shapely.get_coordinates(fine))
    assert coarse[1].covers(coarse[0])
    assert shapely.is_valid(coarse).all()
    assert coarse[1].symmetric_difference(fine[1]).area < 0.02 * fine[1].area


def test_nothing_reached_is_an_empty_area_and_nobody_none() -> None:
    nothing = np.empty((0, 4))
    empty, some = drawn(nothing, np.array([[0.0, 0.0, 10.0, 0.0]]))
    assert empty.is_empty
    assert some.area == pytest.approx(np.pi * MARGIN_M**2 + 10 * 2 * MARGIN_M, rel=2e-3)
    assert len(multipolygons(*outlines([], MARGIN_M))) == 0

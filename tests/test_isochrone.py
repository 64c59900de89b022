"""Walking areas: streets cut exactly at the walk, areas that lie one in the other, and the area they should be."""

import itertools
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.isochrone import isochrones, reached_streets
from gis.network import WalkNetwork
from gis.snap import snap
from gis.streets import network_of_lines, walk_network
from gis.towns import TOWN_CRS, cross_town, grid_town
from tests.oracle import split_graph
from tests.test_walk_oracle import drawn_once, points_near, towns

MARGIN_M = 25.0


def at(network: WalkNetwork, *places: tuple[float, float]) -> pd.DataFrame:
    names = [f"F{i}" for i in range(len(places))]
    return snap(network, gpd.GeoDataFrame(geometry=[shapely.Point(p) for p in places], index=names, crs=network.crs))


def oracle_length_m(network: WalkNetwork, doors: pd.DataFrame, limit_m: float) -> float:
    """Return how much street lies within the walk of any door: walks by networkx, streets split at the doors."""
    graph = split_graph(network, doors.iloc[:0], doors)
    sources = {("f", name) for name in doors.index if ("f", name) in graph}
    if not sources:
        return 0.0
    far = nx.multi_source_dijkstra_path_length(graph.reverse(copy=False), sources, weight="m")
    left = {node: max(0.0, limit_m - metres) for node, metres in far.items()}
    total = 0.0
    for edge, (u, v) in enumerate(network.edge_nodes.tolist()):
        length = float(network.edge_length_m[edge])
        here = doors[doors["edge"] == edge].sort_values("offset_m")
        stops = [(0.0, u), *((m, ("spot", edge, m)) for m in here["offset_m"]), (length, v)]
        for (a, one), (b, other) in itertools.pairwise(stops):
            forward = left.get(other, 0.0) if np.isfinite(network.effort_forward[edge]) else 0.0  # on to the other end
            backward = left.get(one, 0.0) if np.isfinite(network.effort_backward[edge]) else 0.0
            total += min(b - a, forward + backward)
    return total


def test_a_dead_end_reached_at_300_m_is_300_m_long() -> None:
    network = network_of_lines([[(0, 0), (400, 0), (1000, 0)]], crs=TOWN_CRS)
    found = reached_streets(network, at(network, (0, 0)), minutes=5)
    assert found[["from_m", "to_m"]].to_numpy().tolist() == [[0.0, 300.0]]
    assert found.length.tolist() == [300.0]
    assert found.geometry.iloc[0].coords[-1] == (300.0, 0.0)


def test_the_connector_is_part_of_the_walk() -> None:
    network = cross_town()
    (near,), (off,) = (
        reached_streets(network, at(network, place), minutes=1).groupby("facility_id")["geometry"].apply(
            lambda parts: sum(part.length for part in parts)
        )
        for place in ((-100, 0), (-100, 40))
    )  # fmt: skip
    assert near == pytest.approx(60)
    assert off == pytest.approx(20)


def test_own_street_is_not_counted_twice() -> None:
    town = grid_town(5)
    door = at(town, (250, 100))
    assert reached_streets(town, door, minutes=1).length.sum() == pytest.approx(100 + 6 * 10)
    assert reached_streets(town, door, minutes=120).length.sum() == pytest.approx(town.edge_length_m.sum())
    together = reached_streets(town, at(town, (250, 100), (260, 100)), minutes=120, together=True)
    assert together.length.sum() == pytest.approx(town.edge_length_m.sum())


@settings(max_examples=80, deadline=None)
@given(towns.filter(drawn_once), st.integers(0, 1000), st.sampled_from([0.5, 2.0, 5.0]), st.booleans())
def test_reached_length_agrees_with_networkx(
    courses: list[list[tuple[float, float]]], seed: int, minutes: float, one_way: bool
) -> None:
    network = network_of_lines(courses, crs=TOWN_CRS)
    if one_way:
        network.effort_backward[::3] = np.inf
    doors = snap(network, points_near(network, 3, seed))
    found = reached_streets(network, doors, minutes=minutes, together=True)
    assert found.length.sum() == pytest.approx((found["to_m"] - found["from_m"]).sum())
    assert found.length.sum() == pytest.approx(oracle_length_m(network, doors, minutes * 60), abs=1e-6)


def test_every_part_ends_at_the_walk_or_at_a_crossing() -> None:
    """In the grid the walk to (x, y) is |dx| + |dy|: no point of a part is farther than the limit, ends are at it."""
    town = grid_town(9)
    found = reached_streets(town, at(town, (400, 400)), minutes=5, speed_m_s=0.75)
    ends = np.abs(shapely.get_coordinates(found.geometry) - 400).sum(axis=1)
    assert ends.max() == pytest.approx(225.0)
    at_limit = np.isclose(ends, 225.0)
    assert ((ends[~at_limit] / 100) % 1 == 0).all()


def test_areas_lie_one_in_the_other_exactly(shared_data: Path) -> None:
    network = walk_network(shared_data / "wuhan_8989.osm.pbf", crs="EPSG:4547")
    areas = isochrones(network, snap(network, points_near(network, 30, seed=4)), minutes=(15, 5, 10))
    assert set(areas["minutes"]) == {5, 10, 15}
    for _, own in areas.groupby("facility_id"):
        shapes = own.sort_values("minutes").geometry.to_numpy()
        assert shapely.is_valid(shapes).all()
        assert all(inner.is_empty or outer.covers(inner) for inner, outer in itertools.pairwise(shapes))


@settings(max_examples=40, deadline=None)
@given(towns, st.integers(0, 1000))
def test_areas_of_random_towns_are_nested_and_hold_their_streets(
    courses: list[list[tuple[float, float]]], seed: int
) -> None:
    network = network_of_lines(courses, crs=TOWN_CRS)
    doors = snap(network, points_near(network, 2, seed))
    areas = isochrones(network, doors, minutes=(1, 2, 3), together=True)
    for inner, outer in itertools.pairwise(areas.geometry):
        assert inner.is_empty or outer.covers(inner)
    for minutes, area in areas.set_index("minutes").geometry.items():
        streets = reached_streets(network, doors, minutes=minutes, together=True).geometry
        assert area.is_empty == streets.empty  # a walk shorter than the way to the street reaches nothing
        assert streets.empty or area.buffer(1e-6).covers(shapely.union_all(streets.to_numpy()))


@pytest.mark.parametrize(("extract", "crs"), [("hsinchu_east", "EPSG:4549"), ("wuhan_8989", "EPSG:4547")])
def test_the_area_is_that_of_the_buffered_streets(shared_data: Path, extract: str, crs: str) -> None:
    network = walk_network(shared_data / f"{extract}.osm.pbf", crs=crs)
    doors = snap(network, points_near(network, 12, seed=5))
    areas = isochrones(network, doors, minutes=(15,), margin_m=MARGIN_M).set_index("facility_id").geometry
    streets = reached_streets(network, doors, minutes=15)
    whole, common, either = 0.0, 0.0, 0.0
    for name, parts in streets.groupby("facility_id"):
        exact = shapely.union_all(shapely.buffer(parts.geometry.to_numpy(), MARGIN_M, quad_segs=32))
        overlap = areas[name].intersection(exact).area / areas[name].union(exact).area
        assert overlap >= 0.999
        common += areas[name].intersection(exact).area
        either += areas[name].union(exact).area
        whole += exact.area
    assert common / either >= 0.9997
    assert whole > 1e6  # the comparison is about something


def test_short_walks_and_narrow_margins_are_drawn_as_truly(shared_data: Path) -> None:
    network = walk_network(shared_data / "hsinchu_east.osm.pbf", crs="EPSG:4549")
    doors = snap(network, points_near(network, 15, seed=6))
    for minutes, margin_m in ((3, 25.0), (10, 8.0), (15, 60.0)):
        areas = isochrones(network, doors, minutes=[minutes], margin_m=margin_m).set_index("facility_id").geometry
        for name, parts in reached_streets(network, doors, minutes=minutes).groupby("facility_id"):
            exact = shapely.union_all(shapely.buffer(parts.geometry.to_numpy(), margin_m, quad_segs=32))
            assert areas[name].intersection(exact).area >= 0.999 * areas[name].union(exact).area


@pytest.mark.parametrize("margin_m", [0.0, -3.0, float("nan"), float("inf")])
def test_without_a_margin_there_is_no_area(margin_m: float) -> None:
    town = grid_town(4)
    with pytest.raises(ValueError, match="margin"):
        isochrones(town, at(town, (150, 150)), margin_m=margin_m)


def test_holes_stay() -> None:
    town = grid_town(4)
    (area,) = isochrones(town, at(town, (150, 150)), minutes=(15,)).geometry
    (shape,) = area.geoms
    assert len(shape.interiors) == 9
    assert [shapely.Polygon(hole).area for hole in shape.interiors] == pytest.approx([50.0 * 50.0] * 9, rel=0.01)
    assert not area.intersects(shapely.Point(50, 50))


def test_a_facility_away_from_all_streets_has_no_area_and_a_short_walk_an_empty_one() -> None:
    town = cross_town()
    areas = isochrones(town, at(town, (0, 140), (0, 5000)), minutes=(0.5, 2))
    assert areas["facility_id"].tolist() == ["F0", "F0"]
    assert areas.set_index("minutes").is_empty.to_dict() == {0.5: True, 2.0: False}
    for nowhere in (at(town, (0, 5000)), at(town, (0, 0)).iloc[:0]):
        assert isochrones(town, nowhere, together=True).empty
        assert reached_streets(town, nowhere, minutes=15).empty


def test_the_same_facility_has_the_same_area_whoever_else_is_drawn() -> None:
    town = grid_town(12)
    three = at(town, (0, 0), (550, 580), (1100, 1100))
    alone = isochrones(town, three.iloc[[1]]).geometry
    among = isochrones(town, three.iloc[::-1]).query("facility_id == 'F1'").geometry
    assert [a.equals(b) for a, b in zip(alone, among, strict=True)] == [True] * 3


def test_together_is_the_union() -> None:
    town = grid_town(8)
    two = at(town, (120, 130), (530, 500))
    apart = isochrones(town, two, minutes=(5,)).geometry.union_all()
    (together,) = isochrones(town, two, minutes=(5,), together=True).geometry
    assert together.symmetric_difference(apart).area < 1e-3 * apart.area

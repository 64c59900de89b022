"""Who is served by whom: owners against networkx, streets parted at the middle, areas that do not overlap."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.catchment import catchment_table, catchments, served_streets
from gis.coverage import located
from gis.isochrone import isochrones, reached_streets
from gis.nearest import nearest
from gis.network import WalkNetwork
from gis.reach import reach
from gis.snap import snap
from gis.streets import network_of_lines, walk_network
from gis.towns import TOWN_CRS, cross_town, grid_town
from tests.oracle import split_graph
from tests.test_walk_oracle import drawn_once, points_near, towns


def at(network: WalkNetwork, places: Sequence[tuple[float, float]], names: Sequence[str] | None = None) -> pd.DataFrame:
    ids = names or [f"F{i}" for i in range(len(places))]
    return snap(network, gpd.GeoDataFrame(geometry=[shapely.Point(p) for p in places], index=ids, crs=network.crs))


def with_slopes(network: WalkNetwork, seed: int) -> WalkNetwork:
    """Return the town with an effort of its own in each direction of each street, some not to be walked."""
    rng = np.random.default_rng(seed)
    efforts = rng.choice([1.0, 1.0, 1.5, 2.25, np.inf], size=(2, len(network.edge_length_m)))
    return replace(network, effort_forward=efforts[0], effort_backward=efforts[1])


def oracle(network: WalkNetwork, homes: pd.DataFrame, doors: pd.DataFrame) -> pd.DataFrame:
    """Return the walk in metres from every home (a row) to every door (a column), infinite where there is none."""
    graph = split_graph(network, homes, doors)
    walk = pd.DataFrame(np.inf, index=homes.index, columns=doors.index)
    for door in doors.index[doors["edge"] >= 0]:
        far = nx.single_source_dijkstra_path_length(graph.reverse(copy=False), ("f", door), weight="m")
        for home in homes.index:
            walk.loc[home, door] = far.get(("h", home), np.inf)
    return walk


def agrees(served: pd.DataFrame, walk: pd.DataFrame, limit_m: float = np.inf) -> None:
    """Check the walk to the nearest, and that the facility named is one that near."""
    least = walk.min(axis=1)
    least = least.where(least <= limit_m + 1e-6, np.inf)
    assert served["facility_id"].isna().eq(np.isinf(least)).all()
    assert served["minutes"].isna().eq(np.isinf(least)).all()
    for home, row in served.dropna().iterrows():
        assert row["minutes"] * 60 == pytest.approx(least[home], abs=1e-6)
        assert walk.loc[home, row["facility_id"]] == pytest.approx(least[home], abs=1e-6)


@settings(max_examples=80, deadline=None)
@given(towns.filter(drawn_once), st.integers(0, 1000), st.sampled_from([None, 1.0, 4.0]), st.booleans())
def test_the_nearest_is_the_nearest_of_networkx(
    courses: list[list[tuple[float, float]]], seed: int, minutes: float | None, slopes: bool
) -> None:
    network = network_of_lines(courses, crs=TOWN_CRS)
    network = with_slopes(network, seed) if slopes else network
    homes, doors = snap(network, points_near(network, 12, seed)), snap(network, points_near(network, 4, seed + 1))
    found = nearest(network, doors, homes=homes, minutes=minutes)
    agrees(found, oracle(network, homes, doors), np.inf if minutes is None else 60 * minutes)
    if minutes:
        pairs = reach(network, homes, doors, minutes=minutes)
        assert (found["choices"] == pairs.groupby("demand_id").size().reindex(homes.index, fill_value=0)).all()
        assert (found["choices"] > 0).eq(found["minutes"].notna()).all()
        assert found["minutes"].equals(pairs.groupby("demand_id")["minutes"].min().reindex(homes.index))


@settings(max_examples=80, deadline=None)
@given(towns.filter(drawn_once), st.integers(0, 1000), st.sampled_from([None, 1.0, 4.0]), st.booleans())
def test_every_point_of_a_part_is_nearest_to_its_facility_and_no_reached_street_is_left_out(
    courses: list[list[tuple[float, float]]], seed: int, minutes: float | None, slopes: bool
) -> None:
    network = network_of_lines(courses, crs=TOWN_CRS)
    network = with_slopes(network, seed) if slopes else network
    doors = snap(network, points_near(network, 5, seed))
    found = served_streets(network, doors, minutes=minutes)
    whole = reached_streets(network, doors, minutes=minutes or 10_000, together=True)
    assert (found["to_m"] - found["from_m"]).sum() == pytest.approx((whole["to_m"] - whole["from_m"]).sum(), abs=1e-5)
    assert found.length.sum() == pytest.approx(whole.length.sum(), abs=1e-5)
    if found.empty:
        return
    for (_, one), (_, other) in itertools.pairwise(found.iterrows()):
        assert one["edge"] < other["edge"] or one["to_m"] <= other["from_m"]
    share = np.array([0.001, 0.5, 0.999])  # nearly the ends, and the middle
    inside = (found["from_m"].to_numpy()[:, None] * (1 - share) + found["to_m"].to_numpy()[:, None] * share).ravel()
    spots = pd.DataFrame({"edge": np.repeat(found["edge"].to_numpy(), 3), "offset_m": inside, "connector_m": 0.0})
    walk = oracle(network, spots, doors)
    theirs = [walk.loc[i, name] for i, name in enumerate(np.repeat(found["facility_id"].to_numpy(), 3))]
    assert theirs == pytest.approx(walk.min(axis=1).to_numpy(), abs=1e-6)


def test_two_facilities_on_one_street_meet_where_both_walks_are_equal() -> None:
    street = network_of_lines([[(0, 0), (1000, 0)]], crs=TOWN_CRS)
    doors = at(street, [(100, 0), (700, 40)])
    flat = served_streets(street, doors)
    assert flat[["facility_id", "from_m", "to_m"]].to_numpy().tolist() == [["F0", 0, 420], ["F1", 420, 1000]]
    # Uphill to the east costs twice: x - 100 to the west door, 2 (700 - x) + 40 to the east one.
    steep = replace(street, effort_forward=np.array([2.0]))
    hill = served_streets(steep, doors)
    assert hill["to_m"].tolist() == pytest.approx([100 + (1440 - 200) / 3, 1000])
    one_way = replace(street, effort_forward=np.array([np.inf]))  # nobody walks east
    assert served_streets(one_way, doors)[["facility_id", "from_m", "to_m"]].to_numpy().tolist() == [
        ["F0", 100, 700], ["F1", 700, 1000],
    ]  # fmt: skip
    short = served_streets(street, doors, minutes=1.5)
    assert short[["facility_id", "from_m", "to_m"]].to_numpy().tolist() == [["F0", 10, 190], ["F1", 650, 750]]


def test_one_way_past_a_nearer_door_leads_where_the_walk_leads() -> None:
    """West of the door at 100 nobody may walk east: they have no facility at all."""
    street = network_of_lines([[(0, 0), (1000, 0)]], crs=TOWN_CRS)
    one_way = replace(street, effort_forward=np.array([np.inf]))
    homes = at(street, [(50, 0), (100, 0), (600, 0)], ["a", "b", "c"])
    found = nearest(one_way, at(street, [(100, 0)]), homes=homes)
    assert found["facility_id"].isna().tolist() == [True, False, False]
    assert found["minutes"].tolist()[1:] == pytest.approx([0, 500 / 60])


def test_in_a_grid_the_nearest_junction_is_by_dx_plus_dy_and_ties_go_to_the_first_id() -> None:
    town = grid_town(9)
    spots = {"C": (0, 0), "A": (800, 0), "B": (400, 800)}
    doors = at(town, list(spots.values()), list(spots))
    metres = pd.DataFrame({n: np.abs(town.node_xy - np.array(xy)).sum(axis=1) for n, xy in sorted(spots.items())})
    for table in (doors, doors.iloc[::-1]):
        found = nearest(town, table, minutes=8)
        near = metres.min(axis=1) <= 480
        assert found["facility_id"].notna().eq(near).all()
        assert (found["facility_id"][near] == metres.idxmin(axis=1)[near]).all()
        assert found["minutes"][near].to_numpy() == pytest.approx(metres.min(axis=1)[near] / 60)
        assert (found["choices"] == (metres <= 480).sum(axis=1)).all()
    assert (metres.eq(metres.min(axis=1), axis=0).sum(axis=1) > 1).any()  # there are ties


def test_the_table_adds_up_to_everybody_and_each_home_counts_once() -> None:
    town = grid_town(9)
    island = network_of_lines([list(line.coords) for line in town.lines] + [[(5000, 0), (5100, 0)]], crs=TOWN_CRS)
    spots = [(x * 100.0, y * 100.0) for x in range(9) for y in range(9)] + [(5050.0, 0.0), (9000.0, 0.0)]
    places = gpd.GeoDataFrame(geometry=[shapely.Point(p) for p in spots], crs=TOWN_CRS)
    places = places.set_axis(pd.Index([f"h{i}" for i in range(len(spots))], name="demand_id"))
    homes, doors = snap(island, places), at(island, [(0, 0), (800, 800), (20_000, 0)])
    people = places.assign(residents=np.arange(83) * 3, elders=np.arange(83), disabled=1)
    served = nearest(island, doors, homes=homes)
    table = catchment_table(served, people, doors, columns=("residents", "elders", "disabled"))
    assert table.index.tolist() == ["F0", "F1", "F2", ""]
    assert table["homes"].tolist() == [45, 36, 0, 2]  # nine homes are equally far: theirs is F0
    assert table[["residents", "elders", "disabled"]].sum().tolist() == [3 * 82 * 83 // 2, 82 * 83 // 2, 83]
    known = located(island, homes, doors)
    assert table["homes"].iloc[:-1].sum() == known.sum()
    blocks = sum(walk * (walk + 1) for walk in range(9)) / 45  # walk + 1 homes are so many blocks away
    assert table.loc["F0", ["minutes_mean", "minutes_max"]].tolist() == pytest.approx([blocks / 0.6, 8 / 0.6])
    assert table.loc[["F2", ""], "minutes_mean"].isna().all()


def test_two_areas_of_a_straight_street_meet_in_a_straight_line() -> None:
    street = network_of_lines([[(0, 0), (1000, 0)]], crs=TOWN_CRS)
    west, east = catchments(street, at(street, [(0, 0), (1000, 0)]), margin_m=25).geometry
    assert west.bounds == pytest.approx((-25, -25, 500, 25), abs=0.1)
    assert east.bounds == pytest.approx((500, -25, 1025, 25), abs=0.1)
    assert west.intersection(east).area == 0


def test_a_corner_equally_far_from_both_goes_to_the_first() -> None:
    """The streets meet at a corner midway: the quarter disc outside of it is as far from the one as from the other."""
    corner = network_of_lines([[(0, 300), (0, 0), (300, 0)]], crs=TOWN_CRS)
    doors = at(corner, [(300, 0), (0, 300)], ["b", "a"])
    areas = catchments(corner, doors).set_index("facility_id").geometry
    assert areas.index.tolist() == ["b", "a"]
    outside = shapely.Point(-10, -10)
    assert areas["a"].contains(outside)
    assert not areas["b"].intersects(outside)
    assert areas["a"].area - areas["b"].area == pytest.approx(np.pi * 25**2 / 4, rel=0.02)


def test_a_facility_that_serves_no_street_has_an_empty_area() -> None:
    town = cross_town()
    found = catchments(town, at(town, [(0, 5000), (100, 0)]), minutes=1)
    assert found["street_km"].tolist() == pytest.approx([0, 0.06])
    assert found.is_empty.tolist() == [True, False]
    nobody = at(town, [(0, 5000)])
    assert catchments(town, nobody)["street_km"].tolist() == [0]
    assert served_streets(town, nobody).empty
    assert nearest(town, nobody, minutes=5)["choices"].eq(0).all()
    assert catchments(town, nobody.iloc[:0]).empty


@settings(max_examples=25, deadline=None)
@given(towns.filter(drawn_once), st.integers(0, 1000))
def test_areas_of_random_towns_do_not_overlap_and_fill_the_walking_area(
    courses: list[list[tuple[float, float]]], seed: int
) -> None:
    network = network_of_lines(courses, crs=TOWN_CRS)
    doors = snap(network, points_near(network, 4, seed))
    apart(catchments(network, doors, minutes=3), isochrones(network, doors, minutes=(3,), together=True).geometry)


def apart(found: gpd.GeoDataFrame, whole: gpd.GeoSeries) -> None:
    """Check that areas are valid, share no ground, and together are the walking area but for rounding at its rim."""
    areas = found.geometry[~found.is_empty]
    assert areas.is_valid.all()
    for one, other in itertools.combinations(areas, 2):
        assert one.intersection(other).area < 1e-6
    assert (found["street_km"].gt(0) | found.is_empty).all()
    if len(areas):
        everything = shapely.union_all(areas.to_numpy())
        assert areas.area.sum() == pytest.approx(everything.area)
        assert everything.symmetric_difference(whole.union_all()).area < 0.01 * whole.area.sum()


def test_hsinchu_is_parted_among_its_facilities(shared_data: Path) -> None:
    network = walk_network(shared_data / "hsinchu_east.osm.pbf", crs="EPSG:4549")
    doors, homes = (snap(network, points_near(network, n, seed=n)) for n in (12, 150))
    agrees(nearest(network, doors, homes=homes), oracle(network, homes, doors))
    streets = served_streets(network, doors, minutes=10)
    whole = reached_streets(network, doors, minutes=10, together=True)
    assert streets.length.sum() == pytest.approx(whole.length.sum(), rel=1e-9)
    found = catchments(network, doors, minutes=10)
    apart(found, isochrones(network, doors, minutes=(10,), together=True).geometry)
    assert found["street_km"].gt(0).equals(~found.is_empty)
    assert found["street_km"].sum() == pytest.approx(whole.length.sum() / 1000)
    mixed = catchments(network, doors.iloc[::-1], minutes=10).set_index("facility_id").loc[found["facility_id"]]
    assert [a.equals(b) for a, b in zip(found.geometry, mixed.geometry, strict=True)] == [True] * len(doors)
    # A place on a street lies in the area of its facility, but for the width of a cell beside a border.
    parts = streets.geometry.to_numpy()[streets.length.to_numpy() > 10]
    owner = found.set_index("facility_id").geometry.loc[streets["facility_id"][streets.length > 10]]
    middle = shapely.line_interpolate_point(parts, 0.5, normalized=True)
    assert (shapely.distance(owner.to_numpy(), middle) < 5).all()

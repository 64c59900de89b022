"""The made town walked through the whole pipeline: the home that is near as the crow flies and far on foot."""

import dataclasses

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

import circle15 as c15
from circle15.notes import as_of
from circle15.walked import serving
from tests.oracle import disagreement_m, split_graph, walks

CENTRE = "临河社区日间照料中心"
BANK = "419921005004"


@pytest.fixture(scope="module")
def city() -> c15.City:
    return c15.read_city(c15.load_project(c15.sample_folder()))


@pytest.fixture(scope="module")
def snapped(city: c15.City) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return where homes and the facilities that count meet the streets, as a study snaps them."""
    rules = {"max_connector_m": city.project.walking.max_connector_m, "barriers": city.barriers}
    doors = serving(city.facilities, as_of(city.project))
    return c15.snap(city.network, city.homes.frame, **rules), c15.snap(city.network, doors, **rules)


def test_the_home_across_the_river_is_195_m_away_and_1405_m_on_foot(
    city: c15.City, snapped: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    """The distance is what networkx finds on the streets split at both doors; no other facility reaches the home."""
    at_homes, at_doors = snapped
    (centre,) = city.facilities.index[city.facilities["name"] == CENTRE]
    bank = city.homes.frame[city.homes.frame["community_id"] == BANK]
    away = bank.distance(city.facilities.geometry[centre])
    home = away.idxmin()
    assert away[home] == pytest.approx(195, abs=2)
    far = c15.reach(city.network, at_homes.loc[[home]], at_doors, minutes=60, speed_m_s=1.0).set_index("facility_id")
    graph = split_graph(city.network, at_homes.loc[[home]], at_doors)
    oracle = nx.dijkstra_path_length(graph, ("h", home), ("f", centre), weight="m")
    assert far.loc[centre, "minutes"] * 60 == pytest.approx(oracle, abs=1e-3)
    assert oracle == pytest.approx(1405, abs=5)  # by the river's two bridges
    assert far["minutes"].min() > 15
    found = c15.study(city).homes.loc[home]
    assert (found["state"], found["choices"]) == ("not_covered", 0)
    circle = city.facilities.geometry[centre].buffer(900)
    assert circle.contains(found.geometry)  # the circle on the wall map says otherwise


def test_the_sample_agrees_with_networkx_home_by_home(
    city: c15.City, snapped: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    at_homes, at_doors = snapped
    found = c15.reach(city.network, at_homes, at_doors, minutes=15, speed_m_s=1.0)
    rows = walks(split_graph(city.network, at_homes, at_doors), at_doors.index, 900.0)
    oracle = pd.DataFrame(list(rows), columns=["demand_id", "facility_id", "metres"])
    assert len(found) > 1000
    assert disagreement_m(found, oracle, speed_m_s=1.0, limit_m=900.0) < 1e-3


def test_no_connector_crosses_a_wall_a_river_or_a_railway(city: c15.City) -> None:
    """From places on both sides of them, by brute force over all streets: the nearest one on this side, else none."""
    rng = np.random.default_rng(1)
    lines = rng.choice(city.barriers.to_numpy(), 800)
    on = shapely.line_interpolate_point(lines, rng.random(800), normalized=True)
    xy = shapely.get_coordinates(on) + rng.normal(0, 25, (800, 2))
    places = gpd.GeoDataFrame(geometry=shapely.points(xy), crs=city.crs)
    found = c15.snap(city.network, places, barriers=city.barriers)
    free = c15.snap(city.network, places)
    walls = city.barriers.union_all()
    moved = 0
    for row, place in enumerate(places.geometry):
        connectors = shapely.shortest_line(place, city.network.lines)
        length = shapely.length(connectors)
        near = np.flatnonzero(length <= 150)
        open_to = near[~shapely.crosses(connectors[near], walls)]
        expected = length[open_to].min() if len(open_to) else np.nan
        assert found["connector_m"].iloc[row] == pytest.approx(expected, abs=1e-9, nan_ok=True)
        moved += found["edge"].iloc[row] != free["edge"].iloc[row]
    assert moved > 20  # places behind a wall were among them


def test_estates_and_islands_of_the_sample_are_as_promised(
    city: c15.City, snapped: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    at_homes, at_doors = snapped
    known = c15.located(city.network, at_homes, at_doors)
    islands = city.network.edge_component[at_homes["edge"].to_numpy()]
    assert set(islands[at_homes["edge"].to_numpy() >= 0]) == {0, 1, 2, 3}
    off = at_homes["edge"].to_numpy() < 0
    assert not known[off].any()
    served = set(city.network.edge_component[at_doors["edge"][at_doors["edge"] >= 0]])
    for island in (1, 2, 3):
        assert known[(islands == island) & ~off].all() == (island in served)
    unwalled = dataclasses.replace(city, barriers=city.barriers.iloc[:0])
    free = c15.snap(unwalled.network, city.homes.frame, max_connector_m=150, barriers=unwalled.barriers)
    assert (free["edge"] >= 0).sum() >= (at_homes["edge"] >= 0).sum()


def test_a_candidate_may_bear_the_number_of_a_facility(city: c15.City) -> None:
    """Offices number both tables from 1; the plan and who is covered then are the same under any numbers."""
    numbers = city.facilities.index[: len(city.candidates)].rename(city.candidates.index.name)
    renamed = dict(zip(city.candidates.index, numbers, strict=True))
    own, other = c15.study(city), c15.study(dataclasses.replace(city, candidates=city.candidates.rename(renamed)))
    assert own.plan is not None
    assert other.plan is not None
    assert own.plan.elders_covered == other.plan.elders_covered
    if {renamed[site] for site in own.plan.sites.index} == set(other.plan.sites.index):  # else as good a plan
        assert own.homes["state_after"].equals(other.homes["state_after"])

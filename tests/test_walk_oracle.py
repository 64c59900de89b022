"""The walk agrees with networkx on a graph that is split at every door, on made towns and on real streets."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.network import WalkNetwork
from gis.reach import reach
from gis.snap import snap
from gis.streets import network_of_lines, walk_network
from tests.oracle import disagreement_m, split_graph, walks

WALK = {"minutes": 15, "speed_m_s": 1.0}
LIMIT_M = 900.0


def points_near(network: WalkNetwork, count: int, seed: int, spread_m: float = 40.0) -> gpd.GeoDataFrame:
    """Draw places beside streets: a street by length, a place along it, a step to the side."""
    rng = np.random.default_rng(seed)
    edge = rng.choice(len(network.lines), count, p=network.edge_length_m / network.edge_length_m.sum())
    on = shapely.line_interpolate_point(network.lines[edge], rng.random(count), normalized=True)
    xy = shapely.get_coordinates(on) + rng.normal(0, spread_m, (count, 2))
    return gpd.GeoDataFrame(geometry=shapely.points(xy), crs=network.crs, index=[f"p{i}" for i in range(count)])


def oracle_table(network: WalkNetwork, homes: pd.DataFrame, facilities: pd.DataFrame, limit_m: float) -> pd.DataFrame:
    rows = walks(split_graph(network, homes, facilities), facilities.index, limit_m)
    return pd.DataFrame(list(rows), columns=["demand_id", "facility_id", "metres"])


@pytest.mark.parametrize(("extract", "crs"), [("hsinchu_east", "EPSG:4549"), ("wuhan_8989", "EPSG:4547")])
def test_2000_places_on_real_streets_agree_to_the_millimetre(shared_data: Path, extract: str, crs: str) -> None:
    network = walk_network(shared_data / f"{extract}.osm.pbf", crs=crs)
    homes = snap(network, points_near(network, 2000, seed=1))
    facilities = snap(network, points_near(network, 200, seed=2))
    found = reach(network, homes, facilities, **WALK)
    oracle = oracle_table(network, homes, facilities, LIMIT_M)
    assert len(found) > 300  # the comparison is about something
    assert disagreement_m(found, oracle, speed_m_s=1.0, limit_m=LIMIT_M) < 1e-3


def test_snapping_is_to_the_nearest_point_of_the_nearest_street(shared_data: Path) -> None:
    network = walk_network(shared_data / "hsinchu_east.osm.pbf", crs="EPSG:4549")
    places = points_near(network, 300, seed=3, spread_m=80)
    snapped = snap(network, places, max_connector_m=150)
    nearest = np.array([shapely.distance(network.lines, place).min() for place in places.geometry])
    far = nearest > 150
    assert (snapped["edge"].to_numpy()[far] == -1).all()
    assert far.any()
    assert snapped["connector_m"].to_numpy()[~far] == pytest.approx(nearest[~far], abs=1e-9)
    on = shapely.line_interpolate_point(network.lines[snapped["edge"]], snapped["offset_m"].fillna(0).to_numpy())
    assert np.asarray(shapely.distance(on, places.geometry.to_numpy()))[~far] == pytest.approx(nearest[~far], abs=1e-6)


coordinate = st.integers(0, 6).map(lambda n: n * 50.0)
street = st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=5).filter(
    lambda course: all(a != b for a, b in zip(course[:-1], course[1:], strict=True))
)
towns = st.lists(street, min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(towns, st.integers(0, 1000), st.booleans())
def test_random_towns_agree_with_networkx(courses: list[list[tuple[float, float]]], seed: int, one_way: bool) -> None:
    network = network_of_lines(courses, crs="EPSG:4547")
    if one_way:  # every third street only along its course
        network.effort_backward[::3] = np.inf
    homes = snap(network, points_near(network, 12, seed))
    facilities = snap(network, points_near(network, 3, seed + 1))
    found = reach(network, homes, facilities, minutes=5, speed_m_s=1.0)
    oracle = oracle_table(network, homes, facilities, 300.0)
    if len(found) or len(oracle):
        assert disagreement_m(found, oracle, speed_m_s=1.0, limit_m=300.0) < 1e-6


def drawn_once(courses: list[list[tuple[float, float]]]) -> bool:
    """Whether no stretch is drawn twice: on one drawn twice the nearest street is a matter of taste."""
    lines = shapely.linestrings([pair for c in courses for pair in zip(c[:-1], c[1:], strict=True)])
    return bool(abs(shapely.union_all(lines).length - shapely.length(lines).sum()) < 1e-6)


@settings(max_examples=50, deadline=None)
@given(towns.filter(drawn_once), st.integers(0, 1000), st.permutations(range(10)))
def test_permuted_rows_and_split_streets_change_nothing(
    courses: list[list[tuple[float, float]]], seed: int, order: list[int]
) -> None:
    def split(course: list[tuple[float, float]], share: float) -> list[tuple[float, float]]:
        pieces = [
            (a, (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])))
            for a, b in zip(course[:-1], course[1:], strict=True)
        ]
        return [point for piece in pieces for point in piece] + [course[-1]]

    network = network_of_lines(courses, crs="EPSG:4547")
    # Each street at a share of its own, so that two streets never meet at a split by chance.
    again = network_of_lines([split(c, 0.31 + 0.0137 * i) for i, c in enumerate(courses)], crs="EPSG:4547")
    places, doors = points_near(network, 10, seed), points_near(network, 3, seed + 1)

    def table(town: WalkNetwork, homes: gpd.GeoDataFrame) -> pd.Series:
        found = reach(town, snap(town, homes), snap(town, doors), minutes=4, speed_m_s=1.0)
        return found.set_index(["demand_id", "facility_id"])["minutes"].sort_index()

    pd.testing.assert_series_equal(
        table(network, places), table(again, places.iloc[order]), atol=1e-6, check_exact=False
    )

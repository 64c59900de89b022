"""Who is covered: laws of coverage on made towns, islands, borders of the walk, sums by unit, and walking speeds."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.coverage import coverage, coverage_by_speed, coverage_by_unit, located
from gis.network import WalkNetwork
from gis.reach import reach
from gis.snap import snap
from gis.streets import network_of_lines
from gis.towns import TOWN_CRS, grid_town
from gis.units import complete
from tests.test_units import units

WALKS = (5, 10, 15)
BLOCK_M, SIZE = 100.0, 13
TOWN = grid_town(SIZE, block_m=BLOCK_M)
crossing = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).map(
    lambda at: (at[0] * BLOCK_M, at[1] * BLOCK_M)
)
crossings = st.lists(crossing, min_size=1, max_size=6, unique=True)


def homes_at(
    places: list[tuple[float, float]], elders: list[int] | None = None, crs: str = TOWN_CRS
) -> gpd.GeoDataFrame:
    people = elders or [1] * len(places)
    return gpd.GeoDataFrame(
        {"community_id": pd.array([None] * len(places), dtype="string"), "residents": people, "elders": people},
        geometry=[None if at is None else shapely.Point(at) for at in places],
        index=pd.Index([f"h{i:02d}" for i in range(len(places))], name="demand_id"),
        crs=crs,
    )


def doors_at(places: list[tuple[float, float]], kinds: list[str] | None = None) -> gpd.GeoDataFrame:
    names = pd.Index([f"F{i}" for i in range(len(places))], name="facility_id")
    return gpd.GeoDataFrame(
        {"kind": kinds or ["day_care"] * len(places)},
        geometry=[shapely.Point(at) for at in places],
        index=names,
        crs=TOWN_CRS,
    )


def covered(
    town: WalkNetwork, homes: gpd.GeoDataFrame, doors: gpd.GeoDataFrame, *, speed_m_s: float = 1.0, **snapping: float
) -> gpd.GeoDataFrame:
    at_homes, at_doors = snap(town, homes, **snapping), snap(town, doors, **snapping)
    walks = reach(town, at_homes, at_doors, minutes=max(WALKS), speed_m_s=speed_m_s)
    return coverage(homes, walks, doors, located(town, at_homes, at_doors), minutes=WALKS)


ALL = homes_at([(x * BLOCK_M, y * BLOCK_M) for x in range(SIZE) for y in range(SIZE)])


@settings(max_examples=60, deadline=None)
@given(crossings, st.sampled_from([0.5, 0.8, 1.0, 1.2]))
def test_in_a_grid_the_walk_is_dx_plus_dy(places: list[tuple[float, float]], speed: float) -> None:
    found = covered(TOWN, ALL, doors_at(places), speed_m_s=speed)
    xy = shapely.get_coordinates(ALL.geometry)
    metres = np.abs(xy[:, None] - np.array(places)[None]).sum(axis=2)
    nearest = metres.min(axis=1)
    for limit in WALKS:
        assert (found[f"covered_{limit}"] == (nearest <= limit * 60 * speed + 1e-6)).all()
    assert (found["choices"] == (metres <= 900 * speed + 1e-6).sum(axis=1)).all()
    near = found["minutes"].notna()
    assert found["minutes"][near].to_numpy() == pytest.approx(nearest[near] / 60 / speed)
    assert ((found["state"] == "covered") == found["covered_15"]).all()
    assert not (found["state"] == "unknown").any()


@settings(max_examples=60, deadline=None)
@given(crossings, crossing, st.integers(0, 2**31))
def test_more_facilities_minutes_and_streets_never_cover_fewer(
    places: list[tuple[float, float]], one_more: tuple[float, float], seed: int
) -> None:
    less, more = covered(TOWN, ALL, doors_at(places)), covered(TOWN, ALL, doors_at([*places, one_more]))
    for limit in WALKS:
        assert (more[f"covered_{limit}"] >= less[f"covered_{limit}"]).all()
    assert (less["covered_15"] >= less["covered_10"]).all()
    assert (less["covered_10"] >= less["covered_5"]).all()
    kept = np.random.default_rng(seed).random(len(TOWN.lines)) < 0.8
    fewer = network_of_lines([list(line.coords) for line in TOWN.lines[kept]], crs=TOWN_CRS)
    there = doors_at([at for at in places if fewer_has(fewer, at)] or [tuple(fewer.node_xy[0])])
    homes = ALL[[fewer_has(fewer, at) for at in shapely.get_coordinates(ALL.geometry)]]
    all_streets, some = covered(TOWN, homes, there), covered(fewer, homes, there)
    assert (some["covered_15"] <= all_streets["covered_15"]).all()


def fewer_has(town: WalkNetwork, at: tuple[float, float] | np.ndarray) -> bool:
    return bool((np.abs(town.node_xy - np.asarray(at)).sum(axis=1) < 1e-6).any())


@settings(max_examples=30, deadline=None)
@given(crossings, st.permutations(range(40)), st.randoms(use_true_random=False))
def test_permuted_rows_give_the_same_figures(places: list[tuple[float, float]], order: list[int], random) -> None:  # noqa: ANN001
    homes = ALL.iloc[:40].assign(elders=range(40))
    doors = doors_at(places, [random.choice(["day_care", "street_centre"]) for _ in places])
    one = covered(TOWN, homes, doors)
    other = covered(TOWN, homes.iloc[order], doors.iloc[::-1])
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other.loc[one.index]), check_like=True)


def test_powers_of_two_decode_who_is_covered() -> None:
    street = network_of_lines([[(0, 0), (3000, 0)]], crs=TOWN_CRS)
    places = [(x, 0.0) for x in (0, 599, 600.5, 601, 1499.9, 1500, 2400, 2400.01, 2999)]
    homes = homes_at(places, [2**i for i in range(len(places))])
    found = covered(street, homes, doors_at([(1500, 0)]))
    total = int(found["elders"][found["covered_15"]].sum())
    assert [i for i in range(len(places)) if total >> i & 1] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(("metres", "within"), [(899.999, True), (900.0, True), (900.001, False)])
@pytest.mark.parametrize("corner", [(0.0, 0.0), (500708.23, 3950280.0), (38500123.43, 3950789.71)])
@pytest.mark.parametrize("pieces", [1, 900])
def test_exactly_900_m_is_within_15_minutes(
    metres: float, within: bool, corner: tuple[float, float], pieces: int
) -> None:
    """Coordinates of millions of metres in many short steps round; the border stays where it is said to be."""
    step, (x, y) = metres / pieces, corner
    course = [(x + 0.8 * step * i, y + 0.6 * step * (i % 2)) for i in range(pieces + 1)]
    street = network_of_lines([course], crs=TOWN_CRS)
    assert covered(street, homes_at(course[:1]), doors_at(course[-1:]))["covered_15"].tolist() == [within]


def test_an_island_is_unknown_unless_it_has_a_facility() -> None:
    town = network_of_lines([[(0, 0), (1000, 0)], [(0, 2000), (400, 2000)], [(0, 4000), (300, 4000)]], crs=TOWN_CRS)
    homes = homes_at([(10, 0), (990, 0), (10, 2000), (10, 4000), (0, 9000), None])
    apart = covered(town, homes, doors_at([(0, 0)]))
    assert apart["state"].tolist() == ["covered", "not_covered", "unknown", "unknown", "unknown", "unknown"]
    served = covered(town, homes, doors_at([(0, 0), (400, 2000)]))
    assert served["state"].tolist() == ["covered", "not_covered", "covered", "unknown", "unknown", "unknown"]
    none = covered(town, homes, doors_at([(0, 9000)]))
    assert none["state"].tolist() == ["not_covered", "not_covered", "unknown", "unknown", "unknown", "unknown"]
    assert none["choices"].eq(0).all()
    assert none["minutes"].isna().all()


def test_an_island_drawn_first_is_known_by_the_facility_on_its_only_street() -> None:
    town = network_of_lines([[(0, 2000), (1000, 2000)], [(0, 0), (2000, 0)]], crs=TOWN_CRS)
    found = covered(town, homes_at([(10, 2000), (990, 2000)]), doors_at([(0, 2000)]))
    assert found["state"].tolist() == ["covered", "not_covered"]


def test_a_home_farther_than_the_connector_is_unknown() -> None:
    homes = homes_at([(50, -150), (50, -150.01), (50, -40), (50, -40.01)])
    assert covered(TOWN, homes, doors_at([(0, 0)]))["state"].tolist() == ["covered", "unknown", "covered", "covered"]
    near = covered(TOWN, homes, doors_at([(0, 0)]), max_connector_m=40)
    assert near["state"].tolist() == ["unknown", "unknown", "covered", "unknown"]


def test_walks_by_kind_and_the_nearest_of_all() -> None:
    found = covered(
        TOWN, homes_at([(0, 0)]), doors_at([(300, 0), (0, 600), (600, 300)], ["meal_point", "day_care", "day_care"])
    )
    row = found.iloc[0]
    assert (row["minutes"], row["minutes_meal_point"], row["minutes_day_care"], row["choices"]) == (5.0, 5.0, 10.0, 3)
    assert (row["covered_5"], row["covered_10"]) == (True, True)


def town_of_units() -> gpd.GeoDataFrame:
    return complete(
        units({
            "410611001001": {"name": "甲"},
            "410611001002": {"name": "乙"},
            "410611100200": {"name": "丙村"},
            "410622001001": {"name": "空"},
            "X": {"name": "无码"},
        })
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["410611001001", "410611001002", "410611100200", "X", None, "nowhere"]), min_size=1,
                max_size=20), st.data())  # fmt: skip
def test_each_level_and_outside_add_up_to_the_city(codes: list[str | None], data: st.DataObject) -> None:
    homes = homes_at([(0.0, 0.0)] * len(codes), [2**i for i in range(len(codes))])
    homes["community_id"] = pd.array(codes, dtype="string")
    states = data.draw(
        st.lists(st.sampled_from(["covered", "not_covered", "unknown"]), min_size=len(codes), max_size=len(codes))
    )
    homes = homes.assign(residents=3 * homes["elders"], state=states, covered_15=[s == "covered" for s in states])
    table = coverage_by_unit(homes, town_of_units(), minutes=(15,))
    sums = table.drop(columns=["unit_id", "name"]).groupby("level").sum()
    city = sums.loc["city"]
    assert city["elders"] == 2 ** len(codes) - 1
    assert city["elders_covered_15"] == homes["elders"][homes["covered_15"]].sum()
    assert city["elders_unknown"] == homes["elders"][homes["state"] == "unknown"].sum()
    for levels in (["county"], ["street"], ["community"], ["urban", "rural", "unstated"]):
        assert (sums.reindex([*levels, "outside"]).fillna(0).sum() == city).all()
    assert not table.duplicated(["level", "unit_id"]).any()
    by_code = table.set_index(["level", "unit_id"])["elders"]
    for level, unit, own in (
        ("community", "X", ["X"]),
        ("street", "410611001", ["410611001001", "410611001002"]),
        ("county", "410622", ["410622001001"]),
        ("rural", "rural", ["410611100200"]),
    ):
        assert by_code[level, unit] == sum(2**i for i, code in enumerate(codes) if code in own)


def test_units_where_nobody_lives_stand_in_the_table_and_no_other() -> None:
    homes = homes_at([(0.0, 0.0)]).assign(state="covered", covered_15=True)
    homes["community_id"] = pd.array(["410611001001"], dtype="string")
    table = coverage_by_unit(homes, town_of_units(), minutes=(15,))
    assert table["level"].value_counts().to_dict() == {
        "city": 1, "urban": 1, "rural": 1, "county": 2, "street": 3, "community": 5,
    }  # fmt: skip
    assert table.loc[table["level"] == "community", "name"].tolist() == ["甲", "乙", "丙村", "空", "无码"]


@settings(max_examples=40, deadline=None)
@given(
    crossings,
    st.sampled_from([0.7, 0.9, 1.0, 1.3]),
    st.lists(st.sampled_from([0.3, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3]), min_size=1, unique=True),
)
def test_coverage_by_speed_is_a_fresh_walk_at_each_speed(
    places: list[tuple[float, float]], speed: float, speeds: list[float]
) -> None:
    """Blocks of 9 m: 540, 630, 720, 810, 900 ... 1170 m, the borders of these speeds, are walks that occur."""
    street = network_of_lines([[(9.0 * i, 0.0) for i in range(141)]], crs=TOWN_CRS)
    homes = homes_at([(9.0 * i, 0.0) for i in range(141)], list(range(1, 142)))
    doors = doors_at([(9.0 * int(x / 100), 0.0) for x, _ in places[:1]])
    at_homes, at_doors = snap(street, homes), snap(street, doors)
    far = reach(street, at_homes, at_doors, minutes=15 * max(*speeds, speed) / speed, speed_m_s=speed)
    table = coverage_by_speed(homes, far, minutes=15, speed_m_s=speed, speeds=sorted(speeds))
    fresh = [
        int(
            homes["elders"][
                homes.index.isin(reach(street, at_homes, at_doors, minutes=15, speed_m_s=v)["demand_id"])
            ].sum()
        )
        for v in sorted(speeds)
    ]
    assert table["speed_m_s"].tolist() == sorted(speeds)
    assert table["elders_covered"].tolist() == fresh == sorted(fresh)

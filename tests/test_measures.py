"""Places per person, equity, per 1,000 elders, the circle beside the walk: closed forms, laws, brute force."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.access import access_by_unit, per_1000_elders, places_per_person, step_weights
from gis.catchment import catchment_table
from gis.circle import circle_by_unit, most_overstated, straight_line_m
from gis.coverage import coverage, coverage_by_unit, located
from gis.equity import gini, quantile, spread_by_unit, worst_served
from gis.nearest import nearest
from gis.network import WalkNetwork
from gis.reach import reach
from gis.snap import snap
from gis.streets import network_of_lines, walk_network
from gis.towns import TOWN_CRS, grid_town
from tests.test_coverage import doors_at, homes_at, town_of_units
from tests.test_walk_oracle import points_near, towns

WALKS = (5, 10, 15)
CODES = ["410611001001", "410611001002", "410611100200", "X"]
people = st.integers(0, 500)


def walked(
    network: WalkNetwork, homes: gpd.GeoDataFrame, doors: gpd.GeoDataFrame, *, speed_m_s: float = 1.0
) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    """Return the walks and the homes as `coverage` returns them."""
    at_homes, at_doors = snap(network, homes), snap(network, doors)
    walks = reach(network, at_homes, at_doors, minutes=15, speed_m_s=speed_m_s)
    return walks, coverage(homes, walks, doors, located(network, at_homes, at_doors), minutes=WALKS)


def test_the_default_weights_are_those_of_luo_and_qi() -> None:
    assert step_weights((5, 10, 15)) == step_weights((10, 20, 30)) == (1.0, 0.68, 0.22)
    assert step_weights((15,)) == (1.0,)


def test_places_are_shared_by_the_walk_as_worked_by_hand() -> None:
    """One street, doors at 0 and 1000 m with 30 and 20 places, homes at 0, 400 and 1000 m with 10, 20 and 40 elders."""
    street = network_of_lines([[(0, 0), (1000, 0)]], crs=TOWN_CRS)
    doors = doors_at([(0, 0), (1000, 0)]).assign(places=[30, 20])
    walks, homes = walked(street, homes_at([(0, 0), (400, 0), (1000, 0)], [10, 20, 40]), doors)
    found = places_per_person(walks, homes, doors, minutes=WALKS)["places_per_person"].tolist()
    west, east = 30 / (10 + 0.68 * 20), 20 / (40 + 0.68 * 20)  # 400 and 600 m are in the second band
    assert found == pytest.approx([west, 0.68 * (west + east), east])
    plain = places_per_person(walks, homes, doors, minutes=[15])["places_per_person"].tolist()
    assert plain == pytest.approx([1, 1 + 20 / 60, 20 / 60])


@settings(max_examples=60, deadline=None)
@given(st.lists(people, min_size=12, max_size=12), st.lists(st.none() | st.integers(0, 90), min_size=3, max_size=3),
       towns, st.integers(0, 500), st.sampled_from([None, (1, 0.42, 0.09), (1, 1, 1), (1, 0.5, 0)]))  # fmt: skip
def test_no_place_is_lost_or_made(
    elders: list[int], stated: list[int | None], courses: list, seed: int, decay: tuple[float, ...] | None
) -> None:
    network = network_of_lines(courses, crs=TOWN_CRS)
    doors = points_near(network, 3, seed + 1).assign(kind="day_care", places=pd.array(stated, dtype="Int64"))
    places = points_near(network, 12, seed)
    homes = homes_at(list(zip(places.geometry.x, places.geometry.y, strict=True)), elders)
    homes["elders"] = elders
    walks, homes = walked(network, homes, doors, speed_m_s=0.3)
    found = places_per_person(walks, homes, doors, minutes=WALKS, decay=decay)
    weight = pd.Series(np.select([walks["minutes"] <= w for w in WALKS], decay or step_weights(WALKS)), dtype=float)
    heads = walks["demand_id"].map(homes["elders"]) * weight.to_numpy()
    reached = heads.groupby(walks["facility_id"]).sum()
    supply = doors["places"].reindex(reached.index[reached > 0]).fillna(0).sum()
    assert (found["places_at_least"] * homes["elders"]).sum() == pytest.approx(float(supply))
    unsaid = walks[walks["facility_id"].map(doors["places"].isna())].groupby("demand_id").size()
    assert (found["places_not_stated"] == unsaid.reindex(homes.index, fill_value=0)).all()
    unknown = (found["places_not_stated"] > 0) | (homes["state"] == "unknown")
    assert found["places_per_person"].isna().eq(unknown).all()


def test_weights_and_tables_that_do_not_fit_are_refused() -> None:
    doors = doors_at([(0, 0)]).assign(places=1)
    walks, homes = walked(grid_town(3), homes_at([(0, 0)]), doors)
    for decay in ((1, 0.5), (1, 0.5, 2), (1, 0.5, float("nan"))):
        with pytest.raises(ValueError, match="weights from 0 to 1"):
            places_per_person(walks, homes, doors, minutes=WALKS, decay=decay)
    with pytest.raises(ValueError, match="not in the tables"):
        places_per_person(walks, homes, doors.iloc[:0], minutes=WALKS)


def test_places_per_1000_of_a_unit_are_over_those_for_whom_they_are_known() -> None:
    homes = homes_at([(0, 0)] * 4, [100, 300, 50, 7]).assign(disabled=[10, 0, 5, 7])
    homes["community_id"] = pd.array([CODES[0], CODES[0], CODES[1], None], dtype="string")
    access = pd.DataFrame({"places_per_person": [0.4, 0.0, np.nan, 1.0]}, index=homes.index)
    table = access_by_unit(access, homes, town_of_units(), columns=("elders", "disabled"))
    unit = table.set_index(["level", "unit_id"])
    first = unit.loc[("community", CODES[0])]
    assert first[["elders", "elders_unknown", "elders_places_per_1000"]].tolist() == pytest.approx([400, 0, 100])
    assert first["disabled_places_per_1000"] == pytest.approx(400)
    assert unit.loc[("community", CODES[1]), "elders_unknown"] == 50
    assert pd.isna(unit.loc[("community", CODES[1]), "elders_places_per_1000"])
    assert unit.loc[("city", "city"), "elders_places_per_1000"] == pytest.approx(47_000 / 407)


def test_beds_per_1000_say_over_how_many_facilities_they_run() -> None:
    homes = homes_at([(0, 0)] * 3, [200, 300, 0]).assign(state="covered", covered_15=True)
    homes["community_id"] = pd.array([CODES[0], CODES[1], CODES[2]], dtype="string")
    communities = town_of_units()
    units = coverage_by_unit(homes, communities, minutes=(15,))
    facilities = pd.DataFrame({
        "floor_area_m2": [350.0, None, 750, 90],
        "beds": pd.array([10, None, None, 4], dtype="Int64"),
        "places": pd.array([None] * 4, dtype="Int64"),
        "community_id": pd.array([CODES[0], CODES[0], CODES[1], None], dtype="string"),
    })  # fmt: skip
    table = per_1000_elders(facilities, units, communities)
    assert table["level"].tolist() == [*units["level"], "outside"]  # a facility in no community is not lost
    unit = table.set_index(["level", "unit_id"])
    first = unit.loc[("community", CODES[0])]
    assert first[["facilities", "floor_area_m2", "floor_area_m2_stated"]].tolist() == [2, 350, 1]
    assert first[["beds_per_1000_elders", "beds_stated"]].tolist() == [50, 1]
    assert np.isnan(first["places"])
    assert np.isnan(first["places_per_1000_elders"])
    second = unit.loc[("community", CODES[1])]
    assert second["floor_area_m2_per_1000_elders"] == 2500
    assert np.isnan(second["beds"])  # there is a facility, nobody says how many beds it has
    none = unit.loc[("community", "X")]
    assert none[["facilities", "beds", "beds_stated"]].tolist() == [0, 0, 0]
    assert np.isnan(none["beds_per_1000_elders"])  # nobody lives there
    city = unit.loc[("city", "city")]
    assert city[["facilities", "beds", "floor_area_m2", "floor_area_m2_stated"]].tolist() == [4, 14, 1190, 3]
    for column in ("facilities", "beds_stated", "floor_area_m2_stated"):
        by_level = table.groupby("level")[column].sum()
        for level in ("county", "street", "community"):
            assert by_level[level] + by_level["outside"] == by_level["city"]


bearers = st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 1000)), min_size=1, max_size=30)


@settings(max_examples=150, deadline=None)
@given(bearers, st.randoms(use_true_random=False), st.floats(1e-3, 1e3))
def test_gini_is_the_mean_difference_and_minds_neither_order_nor_unit(
    rows: list[tuple[float, int]],
    random,  # noqa: ANN001
    scale: float,
) -> None:
    value, weight = np.array(rows).T
    found = gini(value, weight)
    mean = (value * weight).sum()
    if weight.sum() == 0 or mean < 1e-250:
        return
    assert 0 <= found <= 1
    shares = weight / weight.sum()
    by_pairs = (np.abs(value[:, None] - value) * shares[:, None] * shares).sum() / (2 * (value * shares).sum())
    assert found == pytest.approx(by_pairs, abs=1e-9)
    order = random.sample(range(len(rows)), len(rows))
    assert gini(value[order], weight[order]) == pytest.approx(found, abs=1e-12)
    assert gini(scale * value, 3 * weight) == pytest.approx(found, abs=1e-9)
    one_each = np.repeat(value, weight.astype(int))
    assert gini(one_each, np.ones(len(one_each))) == pytest.approx(found, abs=1e-9)
    assert gini(np.full(len(rows), scale), weight) == 0


def test_gini_of_a_published_example_and_where_there_is_none() -> None:
    """The worked example of the R package Gini (function gini.1994b, after Brown 1994) gives 0.1216807."""
    residents = np.array([382.8, 522.7, 192.4, 227.4, 490.2, 108.0, 222.5, 220.5, 231.2, 375.3, 323.9, 79.9, 305.7,
                          98.7, 46.1, 35.3])  # fmt: skip
    health = np.array([2778, 3333, 1673, 1708, 2118, 1077, 1850, 1557, 2010, 2587, 2482, 616, 2010, 936, 633, 582])
    assert gini(health / residents, residents) == pytest.approx(0.1216807, abs=5e-8)
    for value, weight in (([], []), ([1.0], [0]), ([0.0, 0], [1, 1]), ([np.inf, 1], [1, 1]), ([np.nan], [1])):
        assert np.isnan(gini(np.array(value), np.array(weight)))
    with pytest.raises(ValueError, match="from zero up"):
        gini(np.array([-1.0]), np.array([1]))


@settings(max_examples=100, deadline=None)
@given(bearers, st.integers(1, 100))
def test_a_quantile_is_that_of_the_people_one_by_one(rows: list[tuple[float, int]], percent: int) -> None:
    value, weight = np.array(rows).T
    one_each = np.sort(np.repeat(value, weight.astype(int)))
    found = quantile(value, weight.astype(int), percent)
    if not len(one_each):
        assert np.isnan(found)
    else:
        assert found == one_each[-(-len(one_each) * percent // 100) - 1]


def test_walks_of_a_unit_and_who_never_arrives() -> None:
    homes = homes_at([(0, 0)] * 5, [50, 39, 1, 10, 5]).assign(state=["covered", "covered", "not_covered", "not_covered",
                                                                    "unknown"])  # fmt: skip
    homes["community_id"] = pd.array([CODES[0], CODES[0], CODES[1], CODES[1], None], dtype="string")
    minutes = pd.Series([4.0, 10.0, 30.0, np.nan, np.nan], index=homes.index)
    table = spread_by_unit(minutes, homes, town_of_units()).set_index(["level", "unit_id"])
    city = table.loc[("city", "city")]
    assert city[["people", "people_unknown", "people_never", "median", "p90"]].tolist() == [100, 5, 10, 4, 30]
    assert np.isnan(city["mean"])  # ten walk for ever
    assert np.isnan(city["gini"])
    first = table.loc[("community", CODES[0])]
    assert first[["people", "mean", "median", "p90"]].tolist() == pytest.approx([89, 590 / 89, 4, 10])
    assert first["gini"] == pytest.approx(50 * 39 * 6 / (89 * 590))
    assert np.isnan(table.loc[("community", CODES[1]), "p90"])  # ten of its eleven people never arrive
    # Places that nobody states are unknown, not the worst there is.
    places = spread_by_unit(minutes, homes, town_of_units(), worst="lowest").set_index(["level", "unit_id"])
    assert places.loc[("city", "city"), ["people", "people_unknown", "people_never"]].tolist() == [90, 15, 0]


def test_the_worst_served_tenth_by_the_names_of_communities() -> None:
    homes = homes_at([(0, 0)] * 6, [100, 60, 8, 20, 7, 5]).assign(state="not_covered")
    homes.loc["h05", "state"] = "unknown"
    homes["community_id"] = pd.array([CODES[0], CODES[1], CODES[1], CODES[2], None, None], dtype="string")
    minutes = pd.Series([3.0, 40, 50, 20, np.nan, np.nan], index=homes.index)
    table = worst_served(minutes, homes, town_of_units())
    # 195 elders are known: the tenth is 20: 7 who never arrive, 8 at 50 minutes, 5 of those at 40.
    assert table["elders"].to_dict() == {CODES[1]: 13, "": 7}
    assert table["name"].tolist() == ["乙", ""]
    assert table.loc[CODES[1], ["value_mean", "value_worst"]].tolist() == pytest.approx([(8 * 50 + 5 * 40) / 13, 50])
    assert table.loc[""].isna().tolist() == [False, False, True, True]
    least = worst_served(minutes, homes, town_of_units(), worst="lowest")
    assert least["elders"].to_dict() == {CODES[0]: 19}  # 188 are known
    assert worst_served(minutes.iloc[::-1], homes.iloc[::-1], town_of_units()).equals(table)
    assert worst_served(minutes, homes.assign(elders=0), town_of_units()).empty


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([0.6, 1.0, 1.2]), st.lists(st.tuples(st.integers(0, 24), st.integers(0, 24)), min_size=1,
                                                  max_size=4, unique=True))  # fmt: skip
def test_in_a_grid_the_circle_is_x2_y2_and_the_walk_dx_dy(speed: float, blocks: list[tuple[int, int]]) -> None:
    """Blocks of 100 m: with legs of 540 and 720 m, 3-4-5, homes lie exactly on circle and walk."""
    town = grid_town(25)
    homes = homes_at([(x * 100.0, y * 100.0) for x in range(25) for y in range(25)])
    homes["community_id"] = pd.array(np.resize([*CODES, None], len(homes)), dtype="string")
    homes["disabled"] = np.arange(len(homes))
    doors = doors_at([(100.0 * x, 100.0 * y) for x, y in blocks])
    _, homes = walked(town, homes, doors, speed_m_s=speed)
    table = circle_by_unit(
        homes, doors, town_of_units(), minutes=WALKS, speed_m_s=speed, columns=("elders", "disabled")
    )
    step = np.array([(x, y) for x in range(25) for y in range(25)])[:, None] - np.array(blocks)
    city = table.iloc[0]
    for limit in WALKS:
        radius = round(limit * 60 * speed) / 100  # in blocks; whole numbers compare exactly
        circle = ((step**2).sum(axis=2) <= radius**2 + 1e-9).any(axis=1)
        walk = (np.abs(step).sum(axis=2) <= radius + 1e-9).any(axis=1)
        assert city[f"elders_circle_{limit}"] == circle.sum()
        assert city[f"elders_walk_{limit}"] == walk.sum()
        assert city[f"elders_overstated_{limit}"] == (circle & ~walk).sum()
        assert city[f"disabled_overstated_{limit}"] == homes["disabled"].to_numpy()[circle & ~walk].sum()
        adds_up(table, limit)


def adds_up(table: pd.DataFrame, limit: int) -> None:
    """Check that nobody is within the walk who is not within the circle, and that each level adds up to the city."""
    parts = table[[f"elders_{part}_{limit}" for part in ("walk", "overstated", "circle_unknown")]]
    assert (parts.sum(axis=1) == table[f"elders_circle_{limit}"]).all()
    assert (table[f"elders_circle_{limit}"] <= table["elders"]).all()
    by_level = table.groupby("level")[f"elders_circle_{limit}"].sum()
    for level in ("county", "street", "community"):
        assert by_level[level] + by_level.get("outside", 0) == by_level["city"]


@settings(max_examples=60, deadline=None)
@given(towns, st.integers(0, 1000), st.sampled_from([0.2, 0.5, 1.0]))
def test_who_is_within_the_walk_is_within_the_circle(courses: list, seed: int, speed: float) -> None:
    network = network_of_lines(courses, crs=TOWN_CRS)
    doors = points_near(network, 3, seed).assign(kind="day_care")
    places = points_near(network, 25, seed + 1, spread_m=120)  # some are too far from any street
    homes = homes_at(list(zip(places.geometry.x, places.geometry.y, strict=True)), [2**i for i in range(25)])
    homes["community_id"] = pd.array(np.resize([*CODES, None], 25), dtype="string")
    _, homes = walked(network, homes, doors, speed_m_s=speed)
    straight = straight_line_m(homes, doors)
    by_pairs = np.array([[a.distance(b) for b in doors.geometry] for a in homes.geometry]).min(axis=1)
    assert straight.to_numpy() == pytest.approx(by_pairs, abs=1e-9)
    assert (straight <= homes["minutes"] * 60 * speed + 1e-6)[homes["minutes"].notna()].all()
    table = circle_by_unit(homes, doors, town_of_units(), minutes=WALKS, speed_m_s=speed)
    for limit in WALKS:
        adds_up(table, limit)


def test_across_the_river_the_circle_covers_who_must_go_round() -> None:
    """Two banks 100 m apart, a bridge at the far end: by the walk the other bank is 4 km away."""
    banks = network_of_lines([[(0, 0), (2000, 0), (2000, 100), (0, 100)]], crs=TOWN_CRS)
    homes = homes_at([(10.0, 0.0), (10.0, 100.0), (500.0, 100.0), (10.0, 9000.0), None], [1, 10, 100, 1000, 10_000])
    homes["community_id"] = pd.array([CODES[0], CODES[1], CODES[1], CODES[2], CODES[2]], dtype="string")
    doors = doors_at([(0, 0)])
    _, homes = walked(banks, homes, doors)
    table = circle_by_unit(homes, doors, town_of_units(), minutes=(5, 15)).set_index(["level", "unit_id"])
    city = table.loc[("city", "city")]
    assert city[["elders_circle_15", "elders_walk_15", "elders_overstated_15"]].tolist() == [111, 1, 110]
    assert city[["elders_circle_5", "elders_overstated_5", "elders_circle_unknown_5"]].tolist() == [11, 10, 0]
    worst = most_overstated(table.reset_index(), column="elders_overstated_15")
    assert worst["name"].tolist() == ["乙"]
    with pytest.raises(ValueError, match="are in"):
        straight_line_m(homes.to_crs("EPSG:4326"), doors)


def test_a_group_nobody_counted_in_one_community_stays_unknown_there_and_above() -> None:
    homes = homes_at([(0.0, 0.0), (0.0, 100.0), (0.0, 200.0)], [10, 20, 30])
    homes["community_id"] = pd.array([CODES[0], CODES[1], CODES[1]], dtype="string")
    homes["disabled"] = pd.array([4, 5, None], dtype="Int64")
    doors = doors_at([(0, 0)]).assign(places=[8])
    walks, homes = walked(grid_town(4), homes, doors)
    town, both = town_of_units(), ("elders", "disabled")
    access = places_per_person(walks, homes, doors)
    minutes = homes["minutes"]
    served = minutes.to_frame().assign(facility_id=pd.array(["F0"] * 3, dtype="string"))
    by_group = spread_by_unit(minutes, homes, town, columns=both)
    tables = {
        "disabled_circle_15": circle_by_unit(homes, doors, town, columns=both),
        "disabled_places_per_1000": access_by_unit(access, homes, town, columns=both),
        "people": by_group[by_group["group"] == "disabled"],
    }
    for column, table in tables.items():
        known = table.set_index(["level", "unit_id"])[column].notna()
        assert known["community", CODES[0]], column
        assert not known["community", CODES[1]], column
        assert not known["city", "city"], column
    assert by_group.loc[by_group["group"] == "elders", "people"].iloc[0] == 60
    assert catchment_table(served, homes, doors, columns=both).loc["F0", "disabled"] is pd.NA
    with pytest.raises(ValueError, match="not known"):
        places_per_person(walks, homes, doors, people="disabled")


def test_hsinchu_by_the_circle_and_by_the_walk(shared_data: Path) -> None:
    network = walk_network(shared_data / "hsinchu_east.osm.pbf", crs="EPSG:4549")
    doors = points_near(network, 8, seed=8).assign(kind="day_care", places=20)
    places = points_near(network, 600, seed=9)
    homes = homes_at(list(zip(places.geometry.x, places.geometry.y, strict=True)), [3] * 600, crs=network.crs)
    homes["community_id"] = pd.array(np.resize([*CODES, None], 600), dtype="string")
    walks, homes = walked(network, homes, doors)
    table = circle_by_unit(homes, doors, town_of_units(), minutes=WALKS)
    for limit in WALKS:
        adds_up(table, limit)
        assert table.iloc[0][f"elders_overstated_{limit}"] > 0
    access = places_per_person(walks, homes, doors, minutes=WALKS)
    assert (access["places_at_least"] * homes["elders"]).sum() == pytest.approx(20 * walks["facility_id"].nunique())
    served = nearest(network, snap(network, doors), homes=snap(network, homes))
    near = homes["minutes"].notna()
    assert served["minutes"][near].to_numpy() == pytest.approx(homes["minutes"][near].to_numpy(), abs=1e-7)
    assert (served["minutes"][~near].dropna() > 15).all()
    spread = spread_by_unit(served["minutes"], homes, town_of_units())
    city = spread.iloc[0]
    assert city["people"] + city["people_unknown"] == 1800
    assert city["median"] <= city["p90"]
    tenth = worst_served(served["minutes"], homes, town_of_units())
    assert tenth["elders"].sum() == -(-city["people"] // 10)
    never = served["minutes"].isna() & (homes["state"] != "unknown")
    assert never.any() or tenth["value_worst"].max() == served["minutes"].max()

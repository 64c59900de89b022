"""Where not to believe the result: the report, the laws of losing streets, what a missing link would change."""

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

import circle15 as c15
from circle15.notes import as_of
from circle15.walked import serving
from gis.coverage import coverage, located
from gis.crossings import uncrossed
from gis.datum import metre_crs
from gis.extract import middle
from gis.fragile import fragile, fragile_by_unit
from gis.network import WalkNetwork
from gis.reach import reach
from gis.sensitivity import _closed, _covered, _longest, _luck, _marks, loss_sensitivity, snapping_sensitivity
from gis.snap import snap
from gis.streets import network_of_lines, walk_network
from gis.towns import TOWN_CRS, grid_town
from gis.trust import city_trust, network_report, thin_findings
from gis.units import complete
from gis.words import catalogue
from tests.oracle import split_graph

PEOPLE_PER_KM2 = 10_000


@pytest.fixture(scope="module")
def city() -> c15.City:
    return c15.read_city(c15.load_project(c15.sample_folder()))


def units(names: list[str], shapes: list[shapely.Geometry], residents: list[int | None]) -> gpd.GeoDataFrame:
    """Return complete communities, all urban."""
    blank = dict.fromkeys(("street_id", "street", "county_id", "county"))
    frame = gpd.GeoDataFrame(
        {"name": names, "level": "community", "residents": pd.array(residents, dtype="Int64"), **blank},
        geometry=shapes,
        index=pd.Index(names, name="community_id"),
        crs=TOWN_CRS,
    )
    return complete(frame)


def town_of(seed: int, size: int = 8) -> tuple[WalkNetwork, gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return a grid town with two communities, forty homes and three facilities; the fortieth is in no community."""
    rng = np.random.default_rng(seed)
    wide = (size - 1) * 100.0
    half = [shapely.box(0, 0, wide / 2, wide), shapely.box(wide / 2, 0, wide, wide)]
    homes = gpd.GeoDataFrame(
        {
            "community_id": pd.array(np.where(rng.random(40) < 0.5, "w", "e"), dtype="string"),
            "elders": rng.integers(0, 60, 40),
        },
        geometry=shapely.points(rng.uniform(0, wide, (40, 2))),
        index=pd.Index([f"h{k}" for k in range(40)], name="demand_id"),
        crs=TOWN_CRS,
    )
    homes.loc["h39", "community_id"] = pd.NA
    doors = gpd.GeoDataFrame(geometry=shapely.points(rng.uniform(0, wide, (3, 2))), index=["A", "B", "C"], crs=TOWN_CRS)
    return grid_town(size), units(["w", "e"], half, [2000, 3000]), homes, doors


def losing(
    town: WalkNetwork, people: gpd.GeoDataFrame, homes: gpd.GeoDataFrame, doors: gpd.GeoDataFrame, **given: float
) -> pd.DataFrame:
    return loss_sensitivity(town, people, homes, snap(town, homes), snap(town, doors), minutes=5, **given)


# ---------------------------------------------------------------- streets lost at random


def test_no_loss_changes_nothing_and_is_what_the_walk_says() -> None:
    town, people, homes, doors = town_of(1)
    found = losing(town, people, homes, doors, loss=0.0)
    reached = reach(town, snap(town, homes), snap(town, doors), minutes=5)["demand_id"].unique()
    assert 0 < len(reached) < 40
    assert found.loc[0, "elders_covered"] == homes.loc[reached, "elders"].sum()
    for name in ("min", "median", "max"):
        assert found[f"elders_covered_{name}"].equals(found["elders_covered"])
    whole = losing(town, people, homes, doors, loss=1.0)
    assert (whole["elders_covered_max"] <= found["elders_covered"]).all()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), losses=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_more_loss_never_covers_more_in_any_draw(seed: int, losses: tuple[float, float]) -> None:
    town, people, homes, doors = town_of(seed, size=5)
    less, more = (losing(town, people, homes, doors, loss=loss, draws=1, seed=seed) for loss in sorted(losses))
    assert (more["elders_covered_min"] <= less["elders_covered_min"]).all()
    assert (less["elders_covered_min"] <= less["elders_covered"]).all()


def test_a_draw_agrees_with_networkx_on_streets_closed_to_walking_through() -> None:
    """All streets lost but a few: each door keeps both ends of its own street, and nobody else passes there."""
    town, _, homes, doors = town_of(3)
    at_homes, at_doors = snap(town, homes), snap(town, doors)
    lost = _luck(_marks(town), _longest(town), 15, 0) < 0.3
    assert 0.2 < lost.mean() < 0.4
    kept = replace(
        town,
        effort_forward=np.where(lost, np.inf, town.effort_forward),
        effort_backward=np.where(lost, np.inf, town.effort_backward),
    )
    none = at_homes.assign(edge=-1), at_doors.assign(edge=-1)
    graph = split_graph(kept, *none)
    for kind, table in (("h", at_homes), ("f", at_doors)):
        for name, row in table.iterrows():
            edge, at = int(row["edge"]), float(row["offset_m"])
            for end, metres in zip(town.edge_nodes[edge].tolist(), (at, town.edge_length_m[edge] - at), strict=True):
                out = (kind, name), end
                graph.add_edge(*(out if kind == "h" else out[::-1]), m=metres + row["connector_m"])
    for home, row in at_homes.iterrows():
        for door, other in at_doors[at_doors["edge"] == row["edge"]].iterrows():
            along = abs(other["offset_m"] - row["offset_m"]) + row["connector_m"] + other["connector_m"]
            graph.add_edge(("h", home), ("f", door), m=along)
    for door in at_doors.index:
        graph.add_edge(("f", door), "any", m=0)
    far = nx.single_source_dijkstra_path_length(graph.reverse(copy=False), "any", weight="m")
    expected = [far.get(("h", home), np.inf) <= 300 for home in homes.index]
    found = _covered(_closed(town, lost), at_homes, at_doors, minutes=5, speed_m_s=1.0)
    assert found.tolist() == expected
    assert 0 < sum(expected) < _covered(town.flat, at_homes, at_doors, minutes=5, speed_m_s=1.0).sum()


def test_people_add_up_and_the_order_of_rows_and_streets_is_of_no_account() -> None:
    town, people, homes, doors = town_of(4)
    found = losing(town, people, homes, doors)
    rows = found.set_index("level")
    parts = rows[rows.index.isin(["community", "outside"])]
    for column in ("elders", "elders_covered"):
        assert parts[column].sum() == rows.loc["city", column]
    assert rows.loc["city", "elders"] == homes["elders"].sum()
    assert rows.loc["city", "elders_covered_min"] < rows.loc["city", "elders_covered"]
    assert losing(town, people, homes.iloc[::-1], doors.iloc[::-1]).equals(found)
    streets = [shapely.get_coordinates(line)[::-1] for line in town.lines[::-1]]
    turned = network_of_lines([[tuple(xy) for xy in line.tolist()] for line in streets], crs=TOWN_CRS)
    assert turned.edge_length_m.sum() == town.edge_length_m.sum()
    assert losing(turned, people, homes, doors).equals(found)


def test_a_street_drawn_in_many_pieces_is_lost_as_often_as_one_drawn_whole() -> None:
    """Twenty short pieces end to end beside one long street: over 400 draws both are lost in about a tenth of them."""
    pieces = [[(10.0 * k, 0), (10.0 * k + 10, 0)] for k in range(20)]
    stubs = [[(0, 0), (0, 50)], [(200, 0), (200, 50)]]
    town = network_of_lines([*pieces, [(0, 0), (100, 90), (200, 0)], *stubs], crs=TOWN_CRS)
    lost = np.array([_luck(_marks(town), _longest(town), 1, draw) < 0.1 for draw in range(400)])
    assert lost.shape == (400, 23)
    assert lost[:, :20].sum(axis=1).max() == 1
    for times in (lost[:, :20].sum(), lost[:, 20].sum(), lost[:, 21].sum()):
        assert 22 <= times <= 58  # 40 expected; within three standard deviations


@pytest.mark.parametrize("wrong", [{"loss": -0.1}, {"loss": 1.1}, {"loss": float("nan")}, {"draws": 0}])
def test_a_loss_that_is_no_share_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="share"):
        losing(*town_of(1), **wrong)


# ---------------------------------------------------------------- how doors are joined to streets


def test_snapping_at_the_projects_connector_is_the_studys_coverage(city: c15.City) -> None:
    doors = serving(city.facilities, as_of(city.project))
    args = (city.network, city.communities, city.homes.frame, doors)
    found = snapping_sensitivity(*args, barriers=city.barriers).set_index(["level", "unit_id"])
    done = c15.study(city).units
    study = done[done["level"] == "community"].set_index("unit_id")["elders_covered_15"]
    ours = found.loc["community", "elders_covered_150m"]
    pd.testing.assert_series_equal(ours.sort_index(), study.sort_index(), check_names=False, check_dtype=False)
    whole = found.loc[("city", "city")]
    assert whole["elders_covered_50m"] <= whole["elders_covered_150m"] <= whole["elders_covered_300m"]


def test_a_connector_through_the_river_counts_only_where_barriers_do_not() -> None:
    town = network_of_lines([[(0, 30), (2000, 30), (2000, -30), (0, -30)]], crs=TOWN_CRS)
    river = gpd.GeoSeries([shapely.LineString([(0, 0), (3000, 0)])], crs=TOWN_CRS)
    whole = units(["a"], [shapely.box(-100, -100, 3000, 100)], [500])
    homes = gpd.GeoDataFrame({"community_id": ["a"], "elders": [9]}, geometry=[shapely.Point(50, -5)], crs=TOWN_CRS)
    between = {"connectors_m": [20, 27, 60], "barriers": river}
    dry = gpd.GeoDataFrame(geometry=[shapely.Point(60, -2)], crs=TOWN_CRS)
    near = snapping_sensitivity(town, whole, homes, dry, **between).set_index("level").loc["city"]
    assert [near[f"elders_covered_{m}m"] for m in (20, 27, 60)] == [0, 0, 9]
    wet = gpd.GeoDataFrame(geometry=[shapely.Point(60, 5)], crs=TOWN_CRS)
    far_quay = network_of_lines([[(0, 8), (2000, 8)], [(0, -30), (2000, -30)]], crs=TOWN_CRS)
    through = snapping_sensitivity(far_quay, whole, homes, wet, **between).set_index("level").loc["city"]
    assert (through["elders_covered_60m"], through["elders_covered_60m_free"]) == (0, 9)


# ---------------------------------------------------------------- a missing link


def test_who_is_near_as_the_crow_flies_is_fragile_unless_a_barrier_lies_between() -> None:
    town, people, homes, doors = town_of(29)
    homes = homes.assign(residents=homes["elders"])
    at_homes, at_doors = snap(town, homes), snap(town, doors)
    walks = reach(town, at_homes, at_doors, minutes=5)
    known = located(town, at_homes, at_doors)
    covered = coverage(homes, walks, doors.assign(kind="day_care"), known, minutes=[5])
    river = gpd.GeoSeries([shapely.LineString([(-50, 333), (900, 333)])], crs=TOWN_CRS)
    between = fragile(covered, doors, minutes=5, barriers=river)
    for home, row in covered.iterrows():
        near = [door for door in doors.geometry if row.geometry.distance(door) * 1.3 <= 300]
        same_side = [door for door in near if (door.y > 333) == (row.geometry.y > 333)]
        expected = "" if row["state"] == "covered" or not near else "missing_link" if same_side else "barrier"
        assert between[home] == expected
    assert {"", "missing_link", "barrier"} == set(between)
    table = fragile_by_unit(covered, between, people).set_index("level")
    whole, parts = table.loc["city"], table[table.index.isin(["community", "outside"])]
    assert whole["elders_covered_most"] == whole["elders_covered"] + whole["elders_missing_link"] <= whole["elders"]
    assert parts["elders_missing_link"].sum() == whole["elders_missing_link"] > 0


def test_the_home_across_the_river_hangs_on_no_missing_street(city: c15.City) -> None:
    done = c15.study(city)
    between = fragile(done.homes, done.serving, barriers=city.barriers)
    bank = done.homes[(done.homes["community_id"] == "419921005004") & (done.homes["state"] == "not_covered")]
    nearest = bank.distance(done.serving.union_all()).idxmin()
    assert between[nearest] == "barrier"


# ---------------------------------------------------------------- the report


def test_the_report_of_a_made_town_is_what_a_planner_would_measure() -> None:
    """A grid on the left, one street on the right that stands alone, nothing at all above, and one without a shape."""
    grid = [[(100.0 * k, 0), (100.0 * k, 1000)] for k in range(11)]
    grid += [[(0, 100.0 * k), (1000, 100.0 * k)] for k in range(11)]
    vertices = [[(x, y) for x in range(0, 1001, 100)] for y in range(0, 1001, 100)]
    rows = vertices + [[(x, y) for y in range(0, 1001, 100)] for x in range(0, 1001, 100)]
    town = network_of_lines([*rows, [(1200, 500), (1800, 500)]], crs=TOWN_CRS)
    shapes = [shapely.box(1 + 1000 * k, -1, 1000 * k + 1001, 1001) for k in (0, 1)]
    people = units(
        ["grid", "lone", "none", "table"],
        [*shapes, shapely.box(0, 2000, 900, 3000), None],
        [10_000, 10_000, 1, 100],
    )
    homes = gpd.GeoDataFrame(
        {"community_id": ["grid", "grid", "lone", "none", "table"], "elders": [1, 2, 4, 8, 16]},
        geometry=gpd.points_from_xy([50, 50, 1500, 50, 50], [10, 30, 520, 2500, 10]),
        crs=TOWN_CRS,
    )
    at_homes = snap(town, homes)
    report = network_report(town, people, homes, at_homes, at_facilities=at_homes.iloc[:1])
    assert len(grid) == len(rows)
    assert report["street_km"].round(6).tolist()[:3] == [21 - 0.011, 0.6, 0.0]
    assert report["connected_share"].tolist()[:2] == [1.0, 0.0]
    assert report["islands"].tolist() == [0, 1, 0, 0]
    assert report["elders"].tolist() == [3, 4, 8, 16]
    assert report["elders_far"].tolist() == [0, 0, 8, 0]
    assert report["elders_on_islands"].tolist() == [0, 4, 0, 0]
    assert report.loc["grid", ["connector_median_m", "connector_max_m"]].tolist() == [20.0, 30.0]
    assert report["trust"].tolist() == ["good", "too_thin", "too_thin", "good"]
    assert report.loc["lone", "reasons"] == ("sparse", "unreached", "broken")
    assert report.loc["none", "reasons"] == ("no_streets", "unreached", "below_city")
    said = thin_findings(report)
    assert [f.place for f in said] == ["communities/lone", "communities/none"]
    assert (city_trust(report), city_trust(report.loc[["grid", "none"]]), city_trust(report.loc[["grid"]])) == (
        "good",
        "too_thin",
        "good",
    )
    assert said[0].line("en").startswith("WARN MAP_TOO_THIN communities/lone")
    keys = {f"trust.{key}" for reasons in report["reasons"] for key in reasons} | {
        "trust." + t for t in report["trust"]
    }
    assert keys <= set(catalogue())


def test_a_village_with_few_streets_but_few_people_is_not_thin() -> None:
    road = network_of_lines([[(0, 0), (3000, 0)]], crs=TOWN_CRS)
    village = units(["v"], [shapely.box(0, -1000, 3000, 1000)], [400])
    homes = gpd.GeoDataFrame({"community_id": ["v"], "elders": [90]}, geometry=[shapely.Point(9, 9)], crs=TOWN_CRS)
    report = network_report(road, village, homes, snap(road, homes))
    assert report.loc["v", "km_per_km2"] == 0.5
    assert report.loc["v", "trust"] == "good"
    crowded = network_report(road, village.assign(residents=40_000), homes, snap(road, homes))
    assert crowded.loc["v", "trust"] == "too_thin"


def test_barriers_turn_doors_back_and_lack_crossings() -> None:
    """Two streets 60 m apart with a river between them, joined at one end."""
    town = network_of_lines([[(0, 30), (2000, 30), (2000, -30), (0, -30)]], crs=TOWN_CRS)
    river = gpd.GeoSeries([shapely.LineString([(0, 0), (3000, 0)])], crs=TOWN_CRS)
    whole = units(["a"], [shapely.box(-100, -100, 3000, 100)], [500])
    homes = gpd.GeoDataFrame(
        {"community_id": "a", "elders": [1, 2]}, geometry=gpd.points_from_xy([50, 2500], [20, 20]), crs=TOWN_CRS
    )
    wall = gpd.GeoSeries([*river, shapely.LineString([(0, 25), (100, 25)])], crs=TOWN_CRS)
    at_homes = snap(town, homes, barriers=wall)
    report = network_report(town, whole, homes, at_homes, barriers=wall)
    assert report.loc["a", ["elders_turned_back", "elders_far"]].tolist() == [1, 3]
    # 1,700 m of river from its west end, and the wall: street on one side, street beyond the river on the other
    assert report.loc["a", "uncrossed_km"] == pytest.approx(1.7, abs=0.001)
    assert uncrossed(town, river, crossing_m=2500).empty
    assert uncrossed(town, river, bank_m=20).empty


def test_the_report_adds_up_and_agrees_with_overlay_on_the_sample(city: c15.City) -> None:
    at_homes = snap(city.network, city.homes.frame, barriers=city.barriers)
    report = network_report(city.network, city.communities, city.homes.frame, at_homes, barriers=city.barriers)
    outside = ~city.homes.frame["community_id"].isin(city.communities.index)
    assert report["elders"].sum() + city.homes.frame.loc[outside, "elders"].sum() == city.homes.frame["elders"].sum()
    assert report["homes_far"].sum() == ((at_homes["edge"] < 0) & ~outside).sum()
    shaped = city.communities[city.communities.geometry.notna()]
    cut = gpd.overlay(city.network.streets(), shaped[["geometry"]].reset_index(), how="intersection")
    km = cut.length.groupby(cut["community_id"]).sum() / 1000
    np.testing.assert_allclose(report["street_km"], km.reindex(report.index, fill_value=0), rtol=1e-9, atol=1e-9)
    again = network_report(
        city.network,
        city.communities.iloc[::-1],
        city.homes.frame.iloc[::-1],
        at_homes.iloc[::-1],
        barriers=city.barriers,
    )
    pd.testing.assert_frame_equal(again.loc[report.index], report)


def squares(network: WalkNetwork, *, side_m: float = 1000.0) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return squares as communities round the middle of the streets, people at an ordinary density, homes in them."""
    x, y = np.median(network.node_xy[network.edge_nodes].reshape(-1, 2), axis=0)
    corners = [(x + i * side_m, y + j * side_m) for i in (-1, 0) for j in (-1, 0)]
    shapes = [shapely.box(a, b, a + side_m, b + side_m) for a, b in corners]
    frame = units([str(k) for k in range(4)], shapes, [int(PEOPLE_PER_KM2 * side_m**2 / 1e6)] * 4)
    spots = [
        (a + side_m * (i + 0.5) / 6, b + side_m * (j + 0.5) / 6) for a, b in corners for i in range(6) for j in range(6)
    ]
    homes = gpd.GeoDataFrame(
        {"community_id": np.repeat(frame.index.to_numpy(), 36), "elders": 10}, geometry=shapely.points(spots)
    )
    return frame.set_crs(network.crs, allow_override=True), homes.set_crs(network.crs)


@pytest.mark.parametrize(
    ("extract", "level"),
    [
        ("ninghua_fujian", "too_thin"),
        ("nantong_dieshiqiao", "too_thin"),
        ("guixi_jiangxi", "thin"),
        ("hsinchu_east", "good"),
        ("poa_porto_alegre", "good"),
    ],
)
def test_very_sparse_county_towns_are_too_thin_to_say_and_mapped_cities_good(
    extract: str, level: str, shared_data: Path
) -> None:
    streets = shared_data / f"{extract}.osm.pbf"
    network = walk_network(streets, crs=metre_crs(*middle(streets)))
    people, homes = squares(network)
    report = network_report(network, people, homes, snap(network, homes))
    assert city_trust(report) == level, report[["km_per_km2", "km_per_1000", "trust", "reasons"]]

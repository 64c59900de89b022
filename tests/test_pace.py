"""The pace of different walkers: laws, closed forms, the map's tags, slopes from a raster, waits at crossings."""

import warnings
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import Affine

from gis.errors import InputError
from gis.network import WalkNetwork
from gis.pace import at_pace, tag_shares
from gis.profiles import effort_of, is_crossing, paces, profile_speeds, slope_of
from gis.reach import reach
from gis.snap import snap
from gis.streets import network_of_lines, walk_network
from gis.terrain import Elevation, heights, read_elevation
from gis.towns import grid_town
from tests.oracle import disagreement_m
from tests.test_network import CRS, LAT, LON, write_osm
from tests.test_walk_oracle import oracle_table, points_near, towns

PROFILES = list(paces()["profile"])


def plane(east: float, north: float) -> Elevation:
    """Return ground that rises by `east` and `north` a metre, from -1,000 to 2,000 m in cells of 25 m."""
    x, y = np.meshgrid(np.arange(-987.5, 2000, 25), np.arange(1987.5, -1000, -25))
    return Elevation(50 + east * x + north * y, (25, 0, -1000, 0, -25, 2000), CRS)


def minutes_to(town: WalkNetwork, door: tuple[float, float], *, minutes: float = 60) -> pd.Series:
    """Return the walk from every junction to a door."""
    junctions = gpd.GeoDataFrame(geometry=shapely.points(town.node_xy), crs=town.crs)
    there = gpd.GeoDataFrame(geometry=[shapely.Point(door)], crs=town.crs)
    return reach(town, snap(town, junctions), snap(town, there), minutes=minutes).set_index("demand_id")["minutes"]


# ---- the table


def test_every_number_of_the_table_has_a_source_and_a_confidence() -> None:
    entries = [rule for p in paces()["profile"].values() for rule in (p, *p.get("rule", ()))]
    entries += [paces()["slope"], paces()["crossing"]["carriageway"], paces()["profile"]["wheelchair"]["steepest"]]
    assert all(entry["source"] and entry["confidence"] in {"high", "medium", "low"} for entry in entries)
    assert all(rule["effort"] >= 1 and rule["tag"] in paces()["kept"] for rule in entries if "effort" in rule)
    assert set(profile_speeds()) == {"fit", "planning", "cautious", "frail", "wheelchair"}


@pytest.mark.parametrize(
    ("incline", "slope"),
    [("8%", 0.08), ("-8 %", 0.08), ("4,5%", 0.045), ("1:12", 1 / 12), ("10", 0.1), ("0", 0.0), ("45°", 1.0)]
    + [("1:0", np.inf)]
    + [(text, None) for text in ("up", "down", "yes", "", "steep", "8%;10%", "nan%", "٨%x", "1e9%", "9" * 40)],
)  # fmt: skip
def test_incline_tags(incline: str, slope: float | None) -> None:
    found = slope_of(incline)
    assert found is None if slope is None else found == pytest.approx(slope)


@pytest.mark.parametrize(
    ("tags", "usable"),
    [
        ({"highway": "footway"}, True),
        ({"highway": "steps"}, False),
        ({"highway": "steps", "ramp:wheelchair": "yes"}, True),
        ({"highway": "steps", "ramp:wheelchair": "no"}, False),
        ({"highway": "footway", "wheelchair": "no"}, False),
        ({"highway": "footway", "kerb": "raised"}, False),
        ({"highway": "footway", "kerb": "lowered"}, True),
        ({"highway": "footway", "kerb": "lowered;raised"}, False),
        ({"highway": "path", "surface": "sand"}, False),
        ({"highway": "path", "incline": "1:12"}, True),
        ({"highway": "path", "incline": "-9%"}, False),
        ({"highway": "path", "incline": "up"}, True),
        ({"highway": "path", "incline": "9%", "wheelchair": "yes"}, True),
    ],
)
def test_what_a_wheelchair_can_use(tags: dict[str, str], usable: bool) -> None:
    assert np.isfinite(effort_of(tags, "wheelchair")) == usable
    assert effort_of(tags, "planning") == 1  # a metre is a metre


def test_where_walkers_wait() -> None:
    assert is_crossing({"highway": "crossing"})
    assert is_crossing({"highway": "traffic_signals", "crossing": "traffic_signals"})
    assert not is_crossing({"highway": "crossing", "crossing": "no"})
    assert not is_crossing({"highway": "bus_stop"})


def test_parameters_that_make_no_sense_are_refused() -> None:
    for wrong in (
        {"profile": "runner"},
        {"base_speed_m_s": 0.0},
        {"crossing_wait_s": -1.0},
        {"crossing_wait_s": np.nan},
    ):
        with pytest.raises(ValueError, match=r"profile|speed"):
            at_pace(grid_town(2), **wrong)
    with pytest.raises(ValueError, match="tags"):
        at_pace(replace(grid_town(2), edge_way=np.zeros(0, dtype=np.int32)))


# ---- closed forms


@pytest.mark.parametrize(("east", "north"), [(0.0, 0.0), (0.05, 0.0), (-0.08, 0.02), (0.03, -0.1)])
def test_on_a_plane_every_walk_is_the_sum_of_two_legs_uphill(east: float, north: float) -> None:
    town = at_pace(grid_town(6), elevation=plane(east, north))
    found = minutes_to(town, (200, 300))
    legs = np.abs(town.node_xy - (200, 300)) @ np.exp(3.5 * np.abs([east, north])) / 60
    assert found.reindex(range(36)).to_numpy() == pytest.approx(legs, abs=1e-8)  # minutes have eight digits


def test_tobler_slows_by_the_ratio_to_the_level() -> None:
    def v(s: float) -> float:
        return float(6 * np.exp(-3.5 * abs(s + 0.05)))

    town = at_pace(network_of_lines([[(0, 0), (700, 0)]], crs=CRS), elevation=plane(0.07, 0))
    assert town.effort_forward == pytest.approx([v(0) / v(0.07)], rel=1e-9)
    assert (town.effort_backward == town.effort_forward).all()  # down is no faster


def test_a_hill_within_a_street_counts_though_both_ends_are_level() -> None:
    x = np.arange(-12.5, 1100, 25)
    ridge = Elevation(np.tile(np.maximum(0, 50 - 0.1 * np.abs(x - 487.5)), (8, 1)), (25, 0, -25, 0, -25, 100), CRS)
    town = at_pace(network_of_lines([[(-12, 0), (987, 0)]], crs=CRS), elevation=ridge)
    assert town.effort_forward[0] == pytest.approx(np.exp(0.35), rel=0.02)  # 10 % up, then 10 % down


# ---- laws

numbers = st.integers(0, 2**32 - 1)
SOME_TAGS = (
    {"highway": "residential"},
    {"highway": "steps"},
    {"highway": "footway", "footway": "crossing"},
    {"highway": "footway", "surface": "gravel"},
    {"highway": "path", "wheelchair": "no"},
    {"highway": "path", "incline": "12%", "bridge": "yes"},
)


def tagged(courses: list[list[tuple[float, float]]], seed: int) -> WalkNetwork:
    """Return a town whose streets have tags and crossings drawn by chance."""
    town, rng = network_of_lines(courses, crs=CRS), np.random.default_rng(seed)
    way = rng.integers(0, len(SOME_TAGS), len(town.edge_length_m)).astype(np.int32)
    return replace(town, way_tags=SOME_TAGS, edge_way=way, edge_crossings=rng.integers(0, 4, len(way)) / 2)


def rough(seed: int, steeper: float = 1.0) -> Elevation:
    """Return hills by chance over the made towns, `steeper` times as high."""
    hills = np.random.default_rng(seed).normal(0, 3, (12, 12)) * steeper
    return Elevation(hills, (40, 0, -50, 0, -40, 400), CRS)


@settings(max_examples=60, deadline=None)
@given(towns, numbers, st.sampled_from(PROFILES), st.floats(0, 120), st.floats(0, 60), st.floats(1, 5))
def test_never_cheaper_than_level_and_more_wait_or_slope_never_shortens(  # noqa: PLR0917 - drawn by position
    courses: list[list[tuple[float, float]]], seed: int, profile: str, wait: float, more: float, steeper: float
) -> None:
    town = tagged(courses, seed)
    paced = at_pace(town, profile=profile, crossing_wait_s=wait, elevation=rough(seed))
    longer = at_pace(town, profile=profile, crossing_wait_s=wait + more, elevation=rough(seed))
    hillier = at_pace(town, profile=profile, crossing_wait_s=wait, elevation=rough(seed, steeper))
    assert (paced.effort_forward >= 1).all()
    assert (paced.effort_forward == paced.effort_backward).all()  # there and back are equal
    assert (longer.effort_forward >= paced.effort_forward).all()
    assert (hillier.effort_forward >= paced.effort_forward * (1 - 1e-12)).all()
    assert (at_pace(town, profile=profile).effort_forward <= paced.effort_forward).all()


@settings(max_examples=40, deadline=None)
@given(towns, numbers, st.sampled_from(PROFILES), st.floats(-100, 3000))
def test_flat_ground_changes_nothing(
    courses: list[list[tuple[float, float]]], seed: int, profile: str, height: float
) -> None:
    town = tagged(courses, seed)
    flat = Elevation(np.full((10, 10), height), (50, 0, -50, 0, -50, 400), CRS)
    on_flat, without = (at_pace(town, profile=profile, elevation=e).effort_forward for e in (flat, None))
    # Between cells of one height the mean may be a hair off: 1e-12 of 3,000 m.
    assert on_flat == pytest.approx(without, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(towns, numbers, st.sampled_from(PROFILES), st.floats(0, 60))
def test_nobody_reaches_more_than_at_the_planning_pace(
    courses: list[list[tuple[float, float]]], seed: int, profile: str, wait: float
) -> None:
    town = tagged(courses, seed)
    homes, doors = snap(town, points_near(town, 10, seed)), snap(town, points_near(town, 3, seed + 1))
    plan, paced = (
        reach(at_pace(town, profile=p, crossing_wait_s=wait, elevation=rough(seed)), homes, doors, minutes=5)
        for p in ("planning", profile)
    )
    both = paced.merge(plan, on=["demand_id", "facility_id"], how="left", suffixes=("", "_plan"))
    assert (both["minutes"] >= both["minutes_plan"] - 1e-9).all()  # false as well where planning does not reach


@settings(max_examples=60, deadline=None)
@given(towns, numbers, st.sampled_from(PROFILES), st.booleans())
def test_paced_towns_agree_with_networkx(
    courses: list[list[tuple[float, float]]], seed: int, profile: str, one_way: bool
) -> None:
    town = at_pace(tagged(courses, seed), profile=profile, crossing_wait_s=20, elevation=rough(seed))
    if one_way:
        town.effort_backward[::3] = np.inf
    homes, doors = snap(town, points_near(town, 12, seed)), snap(town, points_near(town, 3, seed + 1))
    found, oracle = reach(town, homes, doors, minutes=5), oracle_table(town, homes, doors, 300.0)
    assume(len(found) or len(oracle))
    assert disagreement_m(found, oracle, speed_m_s=1.0, limit_m=300.0) < 1e-6


# ---- tags and crossings of a map


def test_bridges_tunnels_and_steps_do_not_follow_the_ground(tmp_path: Path) -> None:
    nodes = [(i, LON + 0.001 * (i % 2), LAT + 0.001 * (i // 2)) for i in range(2, 12)]
    tags = [{}, {"bridge": "yes"}, {"tunnel": "yes"}, {"highway": "steps"}, {"bridge": "no"}]
    ways = [(10 + k, [2 + 2 * k, 3 + 2 * k], {"highway": "footway", **more}) for k, more in enumerate(tags)]
    town = walk_network(write_osm(tmp_path / "a.osm", nodes, ways), crs=CRS)
    left, bottom, _, top = shapely.total_bounds(town.lines)
    slope = Elevation(np.tile(np.arange(20.0), (2, 1)), (20, 0, left - 100, 0, bottom - top - 200, top + 100), CRS)
    paced = at_pace(town, elevation=slope)
    effort = pd.Series(paced.effort_forward, index=paced.edge_way_id).sort_index()
    assert effort.to_numpy() == pytest.approx([np.exp(3.5 * 0.05), 1, 1, 1, np.exp(3.5 * 0.05)], rel=1e-4)
    assert not paced.findings


def crossing_town(folder: Path, *, way: dict[str, str], node: dict[str, str]) -> WalkNetwork:
    """Return a way of three pieces over a road that it meets in its middle, 5 nodes along, at node 3."""
    line = [(i, LON + 0.0005 * i, LAT) for i in range(1, 6)]
    road = [(6, LON + 0.0015, LAT + 0.001), (7, LON + 0.0015, LAT - 0.001)]
    ways = [
        (10, [1, 2], {"highway": "footway"}),
        (11, [2, 3, 4], way),
        (12, [4, 5], {"highway": "footway"}),
        (13, [6, 3, 7], {"highway": "residential"}),
    ]
    return walk_network(write_osm(folder / "a.osm", line + road, ways, tags={3: node} if node else None), crs=CRS)


@pytest.mark.parametrize(
    ("way", "node", "across", "along"),
    [
        ({"highway": "footway", "footway": "crossing"}, {}, 1, 0),
        ({"highway": "footway", "footway": "crossing"}, {"highway": "crossing"}, 1, 0.5),  # the way waits, once
        ({"highway": "footway"}, {"highway": "crossing"}, 1, 0.5),
        ({"highway": "tertiary"}, {"highway": "traffic_signals"}, 0.5, 0.5),
        ({"highway": "footway"}, {"highway": "crossing", "crossing": "no"}, 0, 0),
        ({"highway": "footway"}, {}, 0, 0),
    ],
)
def test_who_walks_over_a_crossing_waits_once(
    tmp_path: Path, way: dict[str, str], node: dict[str, str], across: float, along: float
) -> None:
    town = crossing_town(tmp_path, way=way, node=node)
    waiting = at_pace(town, crossing_wait_s=30, base_speed_m_s=0.8)
    assert waiting.effort_forward.min() >= 1
    place = {n: i for i, n in enumerate(town.node_id.tolist())}

    def metres(net: WalkNetwork, start: int, end: int) -> float:
        graph = nx.Graph()
        graph.add_weighted_edges_from(
            (*ends, m) for ends, m in zip(net.edge_nodes.tolist(), net.edge_length_m * net.effort_forward, strict=True)
        )
        return float(nx.dijkstra_path_length(graph, place[start], place[end]))

    for start, end, waits in ((1, 5, across), (6, 7, along)):
        assert metres(waiting, start, end) - metres(town, start, end) == pytest.approx(waits * 30 * 0.8, abs=1e-6)
    codes = {finding.code for finding in waiting.findings}
    assert ("CROSSING_NONE" in codes) == (across + along == 0)


def test_tags_of_a_graph_are_kept() -> None:
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    graph.add_nodes_from([(1, {"x": LON, "y": LAT, "highway": "crossing"}), (2, {"x": LON + 0.001, "y": LAT})])
    graph.add_edge(1, 2, highway="footway", surface=["sand", "paved"], oneway=False)
    town = walk_network(graph, crs=CRS)
    assert town.way_tags == ({"highway": "footway", "surface": "sand"},)
    assert town.edge_crossings.tolist() == [0.5]


# ---- rasters from files


def write_raster(path: Path, ground: Elevation, *, crs: str | None = CRS, nodata: float | None = None) -> Path:
    """Write an elevation raster as GeoTIFF."""
    rows, columns = ground.height_m.shape
    where = {"crs": crs, "transform": Affine(*ground.transform)} if crs else {}
    about = {"driver": "GTiff", "dtype": "float64", "width": columns, "height": rows, "count": 1, "nodata": nodata}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # where there is no CRS
        with rasterio.open(path, "w", **about, **where) as out:
            out.write(ground.height_m, 1)
    return path


def test_a_raster_file_says_what_its_array_says(tmp_path: Path) -> None:
    town, ground = grid_town(6), rough(1)
    ground = replace(ground, transform=(100, 0, -350, 0, -100, 850))
    from_file = at_pace(town, elevation=write_raster(tmp_path / "dem.tif", ground))
    assert from_file.effort_forward == pytest.approx(at_pace(town, elevation=ground).effort_forward, rel=1e-6)
    assert (from_file.effort_forward > 1).any()


def test_only_the_cells_around_the_streets_are_read(tmp_path: Path) -> None:
    ground, town = plane(0.02, 0.03), grid_town(3)
    part = read_elevation(write_raster(tmp_path / "dem.tif", ground), town)
    assert part.height_m.size < ground.height_m.size / 50
    assert heights(part, town.node_xy, crs=CRS) == pytest.approx(heights(ground, town.node_xy, crs=CRS), abs=1e-4)


def test_a_raster_in_degrees_is_read_where_the_streets_are(tmp_path: Path) -> None:
    nodes = [(1, LON, LAT), (2, LON + 0.005, LAT), (3, LON, LAT + 0.005)]
    ways = [(1, [1, 2], {"highway": "footway"}), (2, [1, 3], {"highway": "footway"})]
    town = walk_network(write_osm(tmp_path / "a.osm", nodes, ways), crs=CRS)
    step = 0.0005  # rises 5 m a cell to the east: 45 m; level to the north
    hill = Elevation(np.tile(np.arange(40) * 5.0, (40, 1)), (step, 0, LON - 20 * step, 0, -step, LAT + 20 * step), "")
    paced = at_pace(town, elevation=write_raster(tmp_path / "dem.tif", hill, crs="EPSG:4490"))
    effort = dict(zip(paced.edge_way_id.tolist(), paced.effort_forward.tolist(), strict=True))
    length = dict(zip(paced.edge_way_id.tolist(), paced.edge_length_m.tolist(), strict=True))
    assert effort[1] == pytest.approx(np.exp(3.5 * 50 / length[1]), rel=1e-3)  # ten cells of 5 m
    assert effort[2] == pytest.approx(1, abs=1e-4)


def test_streets_without_a_height_count_as_level_and_are_said(tmp_path: Path) -> None:
    town, ground = grid_town(6), plane(0.05, 0.05)
    holed = ground.height_m.copy()
    holed[:, 45:] = -9999  # from x = 125 on
    for nodata in (-9999, None):  # declared, and not
        paced = at_pace(
            town, elevation=write_raster(tmp_path / "dem.tif", replace(ground, height_m=holed), nodata=nodata)
        )
        (gap,) = paced.findings
        unknown = town.node_xy[town.edge_nodes, 0].max(axis=1) > 150
        assert (gap.code, gap.count) == ("ELEVATION_GAP", unknown.sum())
        assert (paced.effort_forward[town.node_xy[town.edge_nodes, 0].min(axis=1) > 150] == 1).all()
        assert paced.effort_forward[~unknown] == pytest.approx(np.exp(3.5 * 0.05), rel=1e-6)


def test_rasters_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.tif").write_text("not a raster", encoding="utf-8")
    (tmp_path / "far.vrt").write_text(
        '<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1"/></VRTDataset>',
        encoding="utf-8",
    )
    ground = plane(0, 0)
    write_raster(tmp_path / "nowhere.tif", ground, crs=None)
    write_raster(tmp_path / "xian.tif", ground, crs="EPSG:2383")
    write_raster(tmp_path / "elsewhere.tif", replace(ground, transform=(25, 0, 90_000, 0, -25, 90_000)))
    for name, code in {
        "missing.tif": "FILE_MISSING",
        "text.tif": "ELEVATION_BROKEN",
        "far.vrt": "ELEVATION_BROKEN",
        "xian.tif": "CRS_OLD_DATUM",
        "nowhere.tif": "ELEVATION_CRS",
        "elsewhere.tif": "ELEVATION_ELSEWHERE",
    }.items():
        with pytest.raises(InputError) as refused:
            read_elevation(tmp_path / name, grid_town(2))
        assert [finding.code for finding in refused.value.findings] == [code], name
        assert refused.value.findings[0].line("zh")


def test_a_wheelchair_cannot_use_streets_steeper_than_its_limit() -> None:
    paced = at_pace(grid_town(3), profile="wheelchair", elevation=plane(0.09, 0.05))
    along = np.ptp(paced.node_xy[paced.edge_nodes], axis=1)[:, 0] > 0
    assert np.isinf(paced.effort_forward[along]).all()
    assert np.isfinite(paced.effort_forward[~along]).all()


# ---- real streets


@pytest.fixture(scope="module")
def hsinchu(shared_data: Path) -> WalkNetwork:
    return walk_network(shared_data / "hsinchu_east.osm.pbf", crs="EPSG:4549")


def test_the_planning_pace_leaves_real_streets_as_they_are(hsinchu: WalkNetwork) -> None:
    paced = at_pace(hsinchu)
    assert (paced.effort_forward == hsinchu.effort_forward).all()
    assert (paced.effort_backward == hsinchu.effort_backward).all()


def test_tags_of_real_streets_are_those_of_their_ways(hsinchu: WalkNetwork) -> None:
    classes = [hsinchu.way_tags[way]["highway"] for way in hsinchu.edge_way]
    assert classes == hsinchu.edge_class.tolist()
    assert len(hsinchu.way_tags) < 100  # each set of tags is kept once
    shares = tag_shares(hsinchu)
    assert shares["share"].between(0, 1).all()
    assert shares.loc["surface", "share"] > shares.loc["wheelchair", "share"] > 0


@pytest.mark.parametrize("profile", ["frail", "wheelchair"])
def test_real_streets_with_stairs_agree_with_networkx(hsinchu: WalkNetwork, profile: str) -> None:
    town = at_pace(hsinchu, profile=profile, crossing_wait_s=30)
    steps = town.edge_class == "steps"
    assert steps.sum() > 50
    assert (town.effort_forward[steps] >= 4).sum() >= steps.sum() - 1  # one has a ramp for wheelchairs
    homes, doors = snap(town, points_near(town, 400, seed=1)), snap(town, points_near(town, 40, seed=2))
    found, oracle = reach(town, homes, doors, minutes=15), oracle_table(town, homes, doors, 900.0)
    assert disagreement_m(found, oracle, speed_m_s=1.0, limit_m=900.0) < 1e-3
    plain = reach(hsinchu, homes, doors, minutes=15)
    assert 100 < len(found) < len(plain)

"""Reading extracts and building the walking network: what is walkable, where streets are cut, what broken files say."""

import gzip
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.curve import along_curve
from gis.errors import InputError
from gis.extract import middle
from gis.features import read_features
from gis.graphs import to_networkx
from gis.network import WalkNetwork
from gis.reach import reach
from gis.snap import snap
from gis.streets import network_of_lines, walk_network
from gis.towns import cross_town
from gis.walkable import is_private, is_walkable

CRS = "EPSG:4547"
LON, LAT, STEP = 114.0, 35.7, 0.001  # about 90 m east, 111 m north
Node = tuple[int, float, float]
Way = tuple[int, list[int], dict[str, str]]


def write_osm(path: Path, nodes: list[Node], ways: list[Way], *, tags: dict[int, dict[str, str]] | None = None) -> Path:
    """Write an extract through pyosmium; the ending of the name chooses its format."""
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(path)) as out:
        for i, lon, lat in nodes:
            out.add_node(osmium.osm.mutable.Node(id=i, version=1, location=(lon, lat), tags=(tags or {}).get(i, {})))
        for i, refs, of_way in ways:
            out.add_way(osmium.osm.mutable.Way(id=i, version=1, nodes=refs, tags=of_way))
    return path


def grid(size: int = 4) -> tuple[list[Node], list[Way]]:
    """Return a grid of streets, one way a row and one a column."""
    number = lambda row, column: row * size + column + 1  # noqa: E731
    nodes = [(number(r, c), LON + c * STEP, LAT + r * STEP) for r in range(size) for c in range(size)]
    road = {"highway": "residential"}
    rows = [(100 + r, [number(r, c) for c in range(size)], road) for r in range(size)]
    columns = [(200 + c, [number(r, c) for r in range(size)], road) for c in range(size)]
    return nodes, rows + columns


def same(one: object, other: object) -> bool:
    """Whether two networks are the same streets."""
    a, b = (
        sorted((tuple(np.round(shapely.get_coordinates(line).ravel(), 6))) for line in net.lines)
        for net in (one, other)
    )
    return a == b


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    return write_osm(tmp_path / "clean.osm.pbf", *grid())


def test_a_grid_is_cut_at_every_crossing(clean: Path) -> None:
    network = walk_network(clean, crs=CRS)
    assert len(network.node_id) == 16
    assert len(network.edge_length_m) == 2 * 4 * 3
    assert (network.component == 0).all()
    assert network.edge_length_m == pytest.approx(shapely.length(network.lines))


@pytest.mark.parametrize("name", ["town.osm", "town.osm.gz", "town.osm.pbf"])
def test_the_same_streets_in_any_format_under_any_name(tmp_path: Path, clean: Path, name: str) -> None:
    written = write_osm(tmp_path / name, *grid())
    for lie in ("renamed.osm.pbf", "renamed.osm"):
        hidden = tmp_path / lie
        hidden.write_bytes(written.read_bytes())
        assert same(walk_network(hidden, crs=CRS), walk_network(clean, crs=CRS))


def test_shuffled_objects_and_negative_ids_change_nothing(tmp_path: Path, clean: Path) -> None:
    nodes, ways = grid()
    backwards = write_osm(tmp_path / "b.osm", [(-i, x, y) for i, x, y in nodes[::-1]],
                          [(i, [-r for r in refs], tags) for i, refs, tags in ways[::-1]])  # fmt: skip
    assert same(walk_network(backwards, crs=CRS), walk_network(clean, crs=CRS))


def test_missing_nodes_cut_a_street_and_never_bridge_it(tmp_path: Path) -> None:
    nodes, _ = grid()
    row = [(100, [1, 2, 3, 4], {"highway": "footway"})]
    network = walk_network(write_osm(tmp_path / "d.osm.pbf", [n for n in nodes if n[0] != 2], row), crs=CRS)
    assert len(network.edge_length_m) == 1  # only 3-4 is left; 1-3 is not invented
    assert [(f.code, f.count) for f in network.findings if f.code == "NODE_MISSING"] == [("NODE_MISSING", 1)]


def test_degenerate_ways_are_skipped_and_counted(tmp_path: Path, clean: Path) -> None:
    nodes, ways = grid()
    odd = [(900, [1], {"highway": "path"}), (901, [], {"highway": "path"}), (902, [5, 5], {"highway": "path"})]
    repeated = [(i, [r for ref in refs for r in (ref, ref)], tags) for i, refs, tags in ways]
    network = walk_network(write_osm(tmp_path / "g.osm.pbf", nodes, repeated + odd), crs=CRS)
    assert same(network, walk_network(clean, crs=CRS))
    assert "WAY_DEGENERATE" in {f.code for f in network.findings}


def test_ways_given_twice_count_once(tmp_path: Path, clean: Path) -> None:
    nodes, ways = grid()
    network = walk_network(write_osm(tmp_path / "w.osm", nodes, ways + ways), crs=CRS)
    assert same(network, walk_network(clean, crs=CRS))
    assert [f.count for f in network.findings if f.code == "WAY_TWICE"] == [len(ways)]


def test_a_node_with_two_positions_is_refused(tmp_path: Path) -> None:
    nodes, ways = grid()
    path = write_osm(tmp_path / "n.osm", [*nodes, (1, LON + 0.5, LAT)], ways)
    with pytest.raises(InputError) as error:
        walk_network(path, crs=CRS)
    assert [f.code for f in error.value.findings] == ["NODE_TWICE"]


def _cut(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[:-40])
    return path


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"<!DOCTYPE html><html>404</html>", "STREETS_HTML"),
        (b"\xff\xff\xff\xff OSMHeader", "STREETS_FORMAT"),
        (b"not streets at all", "STREETS_FORMAT"),
        (gzip.compress(b"not streets at all", mtime=0), "STREETS_FORMAT"),
        (b"<?xml version='1.0'?><osm version='0.6'></osm>", "STREETS_NONE"),
        (b"<?xml version='1.0'?><osm version='0.6'><node", "STREETS_BROKEN"),
    ],
)
def test_broken_files_are_refused_by_name(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "city.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        walk_network(path, crs=CRS)
    assert code in [f.code for f in error.value.findings]


def test_a_truncated_pbf_and_a_missing_file_are_refused(clean: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="STREETS_BROKEN"):
        walk_network(_cut(clean), crs=CRS)
    with pytest.raises(InputError, match="FILE_MISSING"):
        walk_network(tmp_path / "nowhere.osm.pbf", crs=CRS)


def test_degrees_are_no_metres(clean: Path) -> None:
    with pytest.raises(ValueError, match="not in metres"):
        walk_network(clean, crs="EPSG:4326")


@pytest.mark.parametrize(
    ("tags", "walkable", "private"),
    [
        ({"highway": "trunk"}, True, False),
        ({"highway": "trunk", "motorroad": "yes"}, False, False),
        ({"highway": "motorway"}, False, False),
        ({"highway": "construction"}, False, False),
        ({"highway": "footway", "foot": "no"}, False, False),
        ({"highway": "service", "access": "private"}, True, True),
        ({"highway": "service", "access": "private", "foot": "yes"}, True, False),
        ({"highway": "service", "access": "no", "foot": "designated"}, True, False),
        ({"railway": "rail"}, False, False),
    ],
)
def test_the_tag_table(tags: dict[str, str], walkable: bool, private: bool) -> None:
    assert is_walkable(tags) is walkable
    assert not walkable or is_private(tags) is private


def _minutes(network, home: tuple[float, float], door: tuple[float, float]) -> float | None:  # noqa: ANN001
    at = [
        snap(network, gpd.GeoDataFrame(geometry=gpd.points_from_xy([x], [y]), crs=4326).to_crs(CRS))
        for x, y in (home, door)
    ]
    found = reach(network, *at, minutes=30, speed_m_s=1.0)
    return float(found["minutes"].iloc[0]) if len(found) else None


def test_one_way_on_foot_holds_and_a_cars_one_way_does_not(tmp_path: Path) -> None:
    nodes = [(1, LON, LAT), (2, LON + STEP, LAT)]
    for tags, back in (({"oneway": "yes"}, True), ({"oneway:foot": "yes"}, False), ({"conveying": "forward"}, False)):
        path = write_osm(tmp_path / "one.osm", nodes, [(9, [1, 2], {"highway": "footway", **tags})])
        network = walk_network(path, crs=CRS)
        west, east = (LON, LAT), (LON + STEP, LAT)
        assert _minutes(network, west, east) is not None
        assert (_minutes(network, east, west) is not None) is back


def test_a_walled_estate_is_left_only_at_its_gates(tmp_path: Path) -> None:
    """An inner loop touches the street at both ends; only one end is a gate."""
    nodes, ways = grid()
    inner = [(50, LON + 0.3 * STEP, LAT + 0.5 * STEP), (51, LON + 0.7 * STEP, LAT + 0.5 * STEP)]
    loop = (300, [1, 50, 51, 4], {"highway": "service", "access": "private"})
    path = write_osm(tmp_path / "estate.osm", nodes + inner, [*ways, loop])
    home, door = (LON + 0.31 * STEP, LAT + 0.5 * STEP), (LON, LAT - 0.0001)
    everywhere = walk_network(path, crs=CRS)
    far_gate = gpd.GeoDataFrame(geometry=gpd.points_from_xy([LON + 3 * STEP], [LAT]), crs=4326).to_crs(CRS)
    gated = walk_network(path, crs=CRS, gates=far_gate)
    shut = walk_network(path, crs=CRS, gates=far_gate.iloc[:0])
    near, far = _minutes(everywhere, home, door), _minutes(gated, home, door)
    assert near is not None
    assert far is not None
    assert near < 2 < far
    assert _minutes(shut, home, door) is None
    on_map = write_osm(tmp_path / "g.osm", nodes + inner, [*ways, loop], tags={1: {"barrier": "gate"}})
    assert _minutes(walk_network(on_map, crs=CRS, gates=far_gate.iloc[:0]), home, door) == pytest.approx(near, abs=1e-6)


def test_nobody_steps_over_a_wall_to_the_street(tmp_path: Path) -> None:
    network = walk_network(write_osm(tmp_path / "t.osm", *grid()), crs=CRS)
    home = gpd.GeoDataFrame(geometry=gpd.points_from_xy([LON + 0.5 * STEP], [LAT + 0.2 * STEP]), crs=4326).to_crs(CRS)
    corner = gpd.GeoSeries(gpd.points_from_xy([LON], [LAT]), crs=4326).to_crs(CRS).iloc[0]
    x, y = home.geometry.iloc[0].x, home.geometry.iloc[0].y
    wall = gpd.GeoSeries([shapely.LineString([(corner.x - 200, y - 10), (corner.x + 900, y - 10)])], crs=CRS)
    open_side = snap(network, home)
    walled = snap(network, home, barriers=wall)
    assert open_side["connector_m"].iloc[0] == pytest.approx(0.2 * 111, abs=0.5)
    assert walled["connector_m"].iloc[0] == pytest.approx(
        0.5 * 90.5, abs=0.5
    )  # to the street beside, not behind the wall
    ring = gpd.GeoSeries([shapely.Point(x, y).buffer(5).exterior], crs=CRS)
    assert snap(network, home, barriers=ring)["edge"].iloc[0] == -1


def test_only_points_in_the_networks_crs_are_snapped_and_those_without_a_position_to_nothing() -> None:
    town = cross_town()  # streets through (0, 0) along x and y, 100 m each way
    shapes = [shapely.Point(60, 30), shapely.Point(), None, shapely.Point(250, 0), shapely.Point(250.5, 0)]
    found = snap(town, gpd.GeoDataFrame(geometry=shapes, crs=town.crs))
    assert (found["edge"] >= 0).tolist() == [True, False, False, True, False]  # 150 m is the longest connector
    assert found["connector_m"].dropna().tolist() == [30, 150]
    with pytest.raises(ValueError, match="points are in EPSG:4326"):
        snap(town, gpd.GeoDataFrame(geometry=[shapely.Point(114, 30)], crs=4326))
    for shape in (shapely.LineString([(0, 0), (1, 1)]), shapely.MultiPoint([(0, 0), (1, 1)])):
        with pytest.raises(ValueError, match="only points"):
            snap(town, gpd.GeoDataFrame(geometry=[shape], crs=town.crs))


def test_osmnx_graphs_come_in_and_go_out(shared_data: Path) -> None:
    network = walk_network(shared_data / "beijing_wudaokou.osm.pbf", crs="EPSG:4548")
    graph = to_networkx(network)
    assert isinstance(graph, nx.MultiDiGraph)
    again = walk_network(graph, crs="EPSG:4548")
    assert again.length_km == pytest.approx(network.length_km, abs=1e-6)
    assert sorted(np.round(again.edge_length_m, 3)) == pytest.approx(
        sorted(np.round(network.edge_length_m, 3)), abs=2e-3
    )
    assert again.component.max() == network.component.max()


def test_islands_are_numbered_from_the_longest(shared_data: Path) -> None:
    network = walk_network(shared_data / "nanjing_gulou.osm.pbf", crs="EPSG:4549")
    by_length = np.bincount(network.edge_component, weights=network.edge_length_m)
    assert len(by_length) > 20  # the extract is known for its islands
    assert (np.diff(by_length) <= 1e-9).all()
    islands = nx.number_weakly_connected_components(to_networkx(network))
    assert islands == len(by_length)


def test_features_are_shapes_with_tags(shared_data: Path) -> None:
    found = read_features(shared_data / "hsinchu_east.osm.pbf", {"building": None, "amenity": None}, crs="EPSG:4549")
    shaped = found[found.geom_type == "MultiPolygon"]
    assert len(shaped) > 500  # this extract is known for its buildings
    assert shaped.is_valid.all()
    assert found["osm_id"].is_unique
    assert (found["amenity"].notna() | found["building"].notna()).all()


def test_the_middle_of_an_extract(clean: Path) -> None:
    assert middle(clean) == pytest.approx((LON + 1.5 * STEP, LAT + 1.5 * STEP))


def test_a_wall_on_a_street_cuts_it_and_leaves_both_ends_walkable(tmp_path: Path) -> None:
    """Between crossings and at one: up to the wall from either side, never through it; and no island is hidden."""
    nodes = [(i, LON + (i - 1) * STEP, LAT) for i in (1, 2, 3)]
    near, wall, far = ((LON + k * STEP, LAT) for k in (0.5, 1, 1.5))
    street = [(9, [1, 2, 3], {"highway": "footway"})]
    halves = [(8, [1, 2], {"highway": "footway"}), (9, [2, 3], {"highway": "footway"})]
    for ways in (street, halves):
        path = write_osm(tmp_path / "w.osm", nodes, ways, tags={2: {"barrier": "wall"}})
        network = walk_network(path, crs=CRS)
        assert _minutes(network, (LON, LAT), near) == pytest.approx(0.5 * 90.5 / 60, abs=0.01)
        assert _minutes(network, near, wall) is not None
        assert _minutes(network, near, far) is None
        assert network.component.max() == 1
        gate = write_osm(tmp_path / "g.osm", nodes, ways, tags={2: {"barrier": "gate"}})
        assert _minutes(walk_network(gate, crs=CRS), near, far) == pytest.approx(90.5 / 60, abs=0.01)


def test_a_graph_of_car_streets_is_walked_both_ways_and_not_along_motorways() -> None:
    graph = nx.MultiDiGraph(crs="EPSG:4326")
    for i in range(4):
        graph.add_node(i, x=LON + i * STEP, y=LAT)
    graph.add_edge(0, 1, highway="residential", oneway=True)
    graph.add_edge(1, 2, highway=["motorway_link", "tertiary"], oneway=True)
    graph.add_edge(2, 3, highway="motorway", oneway=True)
    network = walk_network(graph, crs=CRS)
    assert len(network.edge_length_m) == 2
    assert network.edge_class.tolist() == ["residential", "tertiary"]
    assert np.isfinite(network.effort_forward + network.effort_backward).all()
    on_foot = walk_network(to_networkx(one_way_street()), crs=CRS)  # without a word of cars it is one-way on foot
    assert (np.isfinite(on_foot.effort_forward) & np.isinf(on_foot.effort_backward)).all()
    with pytest.raises(InputError, match="STREETS_NONE"):
        walk_network(graph.subgraph([2, 3]).copy(), crs=CRS)


def one_way_street() -> WalkNetwork:
    network = network_of_lines([[(500000, 3950000), (500100, 3950000)]], crs=CRS)
    network.effort_backward[:] = np.inf
    return network


def test_a_place_on_the_other_side_of_the_earth_is_skipped_and_said(tmp_path: Path, clean: Path) -> None:
    nodes, ways = grid()
    away = [(800, LON - 90, 0.0)]  # where the projection has no answer
    path = write_osm(tmp_path / "a.osm", nodes + away, [*ways, (700, [1, 800], {"highway": "path"})])
    network = walk_network(path, crs=CRS)
    assert same(network, walk_network(clean, crs=CRS))
    assert [f.count for f in network.findings if f.code == "NODE_OUTSIDE"] == [1]


@pytest.mark.parametrize("content", [b"\x1f\x8b\x08\x00cut", b"\x1f\x8bnot gzip at all"])
def test_a_damaged_gzip_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "city.osm.gz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="STREETS_BROKEN"):
        walk_network(path, crs=CRS)


def test_a_gate_that_opens_nothing_is_said(tmp_path: Path) -> None:
    nodes, ways = grid()
    inner = [(50, LON + 0.3 * STEP, LAT + 0.5 * STEP)]
    path = write_osm(
        tmp_path / "e.osm", nodes + inner, [*ways, (300, [1, 50], {"highway": "service", "access": "private"})]
    )
    places = [(LON, LAT), (LON, LAT + 0.3 * STEP), None]  # at the street's meeting, 33 m off it, nowhere
    shapes = [None if place is None else shapely.Point(place) for place in places]
    gates = gpd.GeoDataFrame(geometry=shapes, crs=4326).to_crs(CRS)
    said = {f.code: f.count for f in walk_network(path, crs=CRS, gates=gates).findings}
    assert said == {"GATE_IDLE": 1}
    assert not walk_network(path, crs=CRS, gates=gates.iloc[[0, 2]]).findings


def test_estates_on_two_sides_of_a_street_are_not_one(tmp_path: Path) -> None:
    """Private ways that meet on a street without a gate are joined only with gates open; before a gate they are one."""
    nodes, ways = grid()
    north, south = (60, LON + STEP, LAT + 1.4 * STEP), (61, LON + STEP, LAT + 0.6 * STEP)
    estate = {"highway": "service", "access": "private"}
    across = [*ways[:4], (300, [6, 60], estate), (301, [6, 61], estate)]  # 6 is a crossing of streets
    shut = gpd.GeoDataFrame(geometry=[], crs=CRS)
    path = write_osm(tmp_path / "a.osm", [*nodes, north, south], across)
    inside = ((LON + STEP, LAT + 1.3 * STEP), (LON + STEP, LAT + 0.7 * STEP))
    assert _minutes(walk_network(path, crs=CRS, gates=shut), *inside) is None
    assert _minutes(walk_network(path, crs=CRS), *inside) is not None
    spur = [(400, [1, 6], {"highway": "service"}), (300, [6, 60], estate), (301, [6, 61], estate)]
    path = write_osm(tmp_path / "s.osm", [*nodes, north, south], spur)  # the street only comes up to the estate
    assert _minutes(walk_network(path, crs=CRS, gates=shut), *inside) is not None
    assert walk_network(path, crs=CRS, gates=shut).component.max() == 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(-1e7, 1e7), st.floats(-1e7, 1e7)), min_size=1, max_size=30))
def test_nodes_lie_along_the_curve_that_geopandas_draws(places: list[tuple[float, float]]) -> None:
    oracle = gpd.GeoSeries(shapely.points(places)).hilbert_distance()
    assert along_curve(np.array(places)).tolist() == oracle.tolist()

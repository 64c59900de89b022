"""The bureau's own centre lines: noding against shapely, laws of drawing, files, and the same walks as the extract."""

import math
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.centrelines import network_of_centrelines
from gis.errors import InputError
from gis.graphs import to_networkx
from gis.network import WalkNetwork
from gis.noding import node_lines
from gis.reach import reach
from gis.snap import snap
from gis.streets import walk_network

CRS = "EPSG:4547"
HSINCHU = "EPSG:3826"
X, Y = 500_000.0, 3_950_000.0  # near the middle of the zone
Course = Sequence[tuple[float, float]]


def drawn(*courses: Course, **columns: list[object]) -> gpd.GeoDataFrame:
    """Return a table of lines; the courses are metres from a place in the zone."""
    lines = [shapely.LineString([(X + x, Y + y) for x, y in course]) for course in courses]
    return gpd.GeoDataFrame(columns, geometry=lines, crs=CRS)


def codes(network: WalkNetwork) -> dict[str, int]:
    """Return how many of each finding there are, in all."""
    found: dict[str, int] = {}
    for finding in network.findings:
        found[finding.code] = found.get(finding.code, 0) + finding.count
    return found


def walks(network: WalkNetwork, *, spread: int = 300) -> pd.DataFrame:
    """Return the walks between places strewn over the network, the same for every drawing of the same streets."""
    rng = np.random.default_rng(3)
    low, high = network.node_xy.min(axis=0).round(), network.node_xy.max(axis=0).round()
    xy = rng.uniform(low, high, (spread, 2))
    at = gpd.GeoDataFrame(geometry=shapely.points(xy), crs=network.crs, index=[f"p{i}" for i in range(spread)])
    doors = snap(network, at)
    return reach(network, doors, doors.iloc[:60], minutes=15)


def same_walks(one: pd.DataFrame, other: pd.DataFrame, *, within: float = 1e-7) -> bool:
    """Return whether two tables hold the same walks, to so many minutes."""
    both = one.merge(other, on=["demand_id", "facility_id"], how="outer")
    apart = (both["minutes_x"] - both["minutes_y"]).abs()
    edge = both[["minutes_x", "minutes_y"]].max(axis=1) > 15 - within  # there either answer is right
    return len(one) > 100 and bool(((apart <= within) | (apart.isna() & edge)).all())


@pytest.fixture(scope="module")
def hsinchu(shared_data: Path) -> WalkNetwork:
    return walk_network(shared_data / "hsinchu_east.osm.pbf", crs=HSINCHU)


corner = st.tuples(st.integers(0, 7), st.integers(0, 7))
segment = st.tuples(corner, corner).filter(lambda ends: ends[0] != ends[1])


@settings(max_examples=150, deadline=None)
@given(st.lists(segment, min_size=1, max_size=14))
def test_noding_agrees_with_shapely(segments: list[Course]) -> None:
    """Crossings, touches, overlaps and doubles on a small grid, where many lines meet in one place."""
    frame = drawn(*segments)
    network = network_of_centrelines(frame, crs=CRS, tolerance_m=0)
    oracle = shapely.get_parts(shapely.node(shapely.multilinestrings(frame.geometry.to_numpy())))
    ours, theirs = _graph(network.lines), _graph(oracle)
    assert _forks(ours) == _forks(theirs)
    assert nx.number_connected_components(ours) == nx.number_connected_components(theirs)
    assert network.edge_length_m.sum() == pytest.approx(shapely.length(oracle).sum(), abs=1e-6)
    assert shapely.union_all(network.lines).hausdorff_distance(shapely.union_all(oracle)) < 1e-6


def _graph(lines: np.ndarray) -> nx.MultiGraph:
    """Return the lines as a graph of their ends; crossings on the small grid differ by more than 1e-7."""
    ends = [shapely.get_coordinates(line)[[0, -1]].round(7).tolist() for line in lines]
    return nx.MultiGraph([(tuple(a), tuple(b)) for a, b in ends])


def _forks(graph: nx.MultiGraph) -> dict[object, int]:
    """Return the places where other than two edges meet: a place on a single course is cut or not as one likes."""
    return {place: count for place, count in graph.degree if count != 2}


@settings(max_examples=60, deadline=None)
@given(st.lists(segment, min_size=2, max_size=10), st.randoms(use_true_random=False))
def test_order_direction_and_cuts_change_no_walk(segments: list[Course], rng) -> None:  # noqa: ANN001
    frame = drawn(*segments)
    cut = []
    for line in frame.geometry:
        a, b = line.coords
        at = rng.uniform(0.05, 0.95)
        middle = (a[0] + at * (b[0] - a[0]), a[1] + at * (b[1] - a[1]))
        cut += [[a, middle][:: rng.choice((1, -1))], [middle, b][:: rng.choice((1, -1))]]
    rng.shuffle(cut)
    pieces = gpd.GeoDataFrame(geometry=[shapely.LineString(part) for part in cut], crs=CRS)
    places = gpd.GeoDataFrame(geometry=shapely.points([[X + x, Y + y] for x in range(8) for y in range(8)]), crs=CRS)
    found = []
    for drawing in (frame, pieces):
        network = network_of_centrelines(drawing, crs=CRS, tolerance_m=0)
        on_street = snap(network, places, max_connector_m=1e-4)
        found.append(reach(network, on_street, on_street, minutes=60).set_index(["demand_id", "facility_id"]))
    pd.testing.assert_frame_equal(*(table.sort_index() for table in found), atol=1e-6)


def test_shuffled_real_streets_are_the_same_network(hsinchu: WalkNetwork) -> None:
    streets = hsinchu.streets()
    one = network_of_centrelines(streets, crs=HSINCHU)
    shuffled = streets.sample(frac=1, random_state=1)
    other = network_of_centrelines(shuffled, crs=HSINCHU)
    assert np.array_equal(one.node_xy, other.node_xy)
    assert np.array_equal(one.edge_length_m, other.edge_length_m)
    assert walks(one).equals(walks(other))
    turned = network_of_centrelines(shuffled.set_geometry(shuffled.reverse()), crs=HSINCHU)
    assert np.sort(one.edge_length_m) == pytest.approx(np.sort(turned.edge_length_m))
    assert same_walks(walks(one), walks(turned))


def test_real_streets_cut_anywhere_are_the_same_walks(hsinchu: WalkNetwork) -> None:
    streets = hsinchu.streets()
    rng = np.random.default_rng(2)
    at = rng.uniform(0.2, 0.8, len(streets)) * streets.length
    halves = [shapely.ops.substring(line, *ends) for line, m in zip(streets.geometry, at, strict=True)
              for ends in ((0, m), (m, line.length))]  # fmt: skip
    cut = streets.loc[streets.index.repeat(2)].set_geometry(halves, crs=HSINCHU)
    rules = {"crs": HSINCHU, "tolerance_m": 0.0}
    assert same_walks(walks(network_of_centrelines(streets, **rules)), walks(network_of_centrelines(cut, **rules)))


@pytest.mark.parametrize(
    ("name", "crs", "file"),
    [
        ("nanjing_gulou", "EPSG:4549", "streets.gpkg"),
        ("nanjing_gulou", "EPSG:4549", "streets.shp"),
        ("nanjing_gulou", "EPSG:4549", "streets.geojson"),
        ("beijing_wudaokou", "EPSG:4548", "streets.gpkg"),
        ("hsinchu_east", HSINCHU, "streets.gpkg"),
    ],
)
def test_exported_streets_are_read_back_as_the_same_walks(
    shared_data: Path, tmp_path: Path, name: str, crs: str, file: str
) -> None:
    """Extract -> network -> file -> network; the lines are cut at every junction, so crossings are left as drawn."""
    network = walk_network(shared_data / f"{name}.osm.pbf", crs=crs)
    network.streets().to_crs("EPSG:4326" if file.endswith("geojson") else crs).to_file(tmp_path / file)
    again = network_of_centrelines(tmp_path / file, crs=crs, tolerance_m=0.001, join_crossings=False)
    there, back = walks(network), walks(again)
    if spots := _two_nodes_at_one_spot(network):  # a drawing cannot tell them apart: there it joins what the map parts
        both = there.merge(back, on=["demand_id", "facility_id"])
        shorter = both["minutes_x"] - both["minutes_y"]
        assert len(there) == len(back) == len(both)
        assert (shorter > -1e-7).all()
        assert (shorter > 1e-7).mean() < 0.005
        assert spots <= 3
    else:
        assert same_walks(there, back)
    assert set(again.edge_class) == set(network.edge_class)
    assert set(again.edge_way_id) <= set(network.edge_way_id)
    private = [n.edge_length_m[n.edge_private].sum() for n in (again, network)]
    assert private[0] == pytest.approx(private[1], rel=1e-6)


def _two_nodes_at_one_spot(network: WalkNetwork) -> int:
    """Return at how many junctions another node of the map lies, of another street or of the same."""
    ends = set(map(tuple, network.node_xy.round(6)))
    inner = np.ones(len(network.course_xy), dtype=bool)
    inner[network.course_start[:-1]] = inner[network.course_start[1:] - 1] = False
    hidden = sum(place in ends for place in map(tuple, network.course_xy[inner].round(6)))
    return hidden + len(network.node_id) - len(ends)


def test_lines_that_cross_meet_but_a_bridge_passes_over() -> None:
    cross = ([(-50, 0), (50, 0)], [(0, -50), (0, 50)])
    assert len(network_of_centrelines(drawn(*cross), crs=CRS).edge_length_m) == 4
    for column, cells in (
        ("桥梁", ["否", "是"]),
        ("tunnel", ["F", "T"]),
        ("层", [0, 1]),
        ("bridge", [None, "viaduct"]),
    ):
        network = network_of_centrelines(drawn(*cross, **{column: cells}), crs=CRS)
        assert len(network.edge_length_m) == 2, column
        assert network.component.max() == 1
    both = network_of_centrelines(drawn(*cross, 桥=["是", "是"]), crs=CRS)
    assert len(both.edge_length_m) == 4  # two bridges of one level cross like streets
    assert len(network_of_centrelines(drawn(*cross), crs=CRS, join_crossings=False).edge_length_m) == 2


def test_a_bridge_comes_down_at_its_ends_and_nowhere_else() -> None:
    """The bridge ends on the course of a street; another street ends right below it."""
    streets = ([(0, -80), (0, 80)], [(0, 0), (100, 0)], [(100, -80), (100, 80)], [(50, -40), (50, 0)])
    network = network_of_centrelines(drawn(*streets, 桥梁=[0, 1, 0, 0]), crs=CRS)
    assert network.component.max() == 1  # the dead end below is by itself
    assert len(network.edge_length_m) == 6
    assert "NEAR_MISS" not in codes(network)


def test_a_viaduct_along_a_street_is_not_the_street() -> None:
    """Drawn on the same vertices, as 高架 often are: joined at the two ends, not between."""
    course = [(0, 0), (40, 0), (80, 0), (120, 0)]
    side = [(80, -50), (80, 50)]
    network = network_of_centrelines(drawn(course, course, side, 层级=[0, 1, 0]), crs=CRS)
    lengths = sorted(network.edge_length_m.round(6).tolist())
    assert lengths == [40, 50, 50, 80, 120]


def test_a_bridge_cut_where_it_passes_over_is_told() -> None:
    """Cut at the crossing by a planar cleaning: the drawing joins them there, and the planner is asked to look."""
    arms = [[(0, 0), end] for end in ((50, 0), (-50, 0), (0, 50), (0, -50))]
    assert codes(network_of_centrelines(drawn(*arms, bridge=[1, 1, 0, 0]), crs=CRS))["LEVELS_MEET"] == 1
    assert "LEVELS_MEET" not in codes(network_of_centrelines(drawn(*arms, bridge=[1, 0, 0, 0]), crs=CRS))


@pytest.mark.parametrize("gap", [-0.4, -0.01, 0.0, 0.01, 0.4])
def test_ends_within_the_tolerance_are_joined(gap: float) -> None:
    """Short of a street or past it: the side street ends on it, and nothing else moves."""
    network = network_of_centrelines(drawn([(-50, 0), (50, 0)], [(7, 60), (7, gap)]), crs=CRS)
    assert network.component.max() == 0
    assert sorted(network.edge_length_m.round(6).tolist()) == [43, 57, 60]
    assert "NEAR_MISS" not in codes(network)


@pytest.mark.parametrize("gap", [0.6, 3.0, 4.9])
def test_a_near_miss_is_told_and_never_joined(gap: float) -> None:
    network = network_of_centrelines(drawn([(-50, 0), (50, 0)], [(7, 60), (7, gap)]), crs=CRS)
    assert network.component.max() == 1
    (said,) = (f for f in network.findings if f.code == "NEAR_MISS")
    assert said.found == f"{X + 7:.1f}, {Y + gap:.1f}: {gap:.2f} m"
    far = network_of_centrelines(drawn([(-50, 0), (50, 0)], [(7, 60), (7, 5.1)]), crs=CRS)
    assert "NEAR_MISS" not in codes(far)


def test_two_ends_that_face_each_other_are_one_near_miss() -> None:
    assert codes(network_of_centrelines(drawn([(-50, 0), (0, 0)], [(2, 0), (50, 0)]), crs=CRS)) == {"NEAR_MISS": 1}


def test_a_curve_exploded_into_tiny_lines_keeps_its_length() -> None:
    """CAD explodes an arc into lines shorter than the tolerance: they are joints, no loose ends, and keep apart."""
    arc = [(20 * math.cos(a), 20 * math.sin(a)) for a in np.linspace(0, math.pi, 301)]
    network = network_of_centrelines(drawn(*zip(arc[:-1], arc[1:], strict=True)), crs=CRS)
    assert network.length_km * 1000 == pytest.approx(math.pi * 20, rel=1e-3)
    assert network.component.max() == 0
    assert not codes(network)


def test_doubles_and_overlaps_count_once() -> None:
    one = [(0, 0), (100, 0)]
    network = network_of_centrelines(drawn(one, one[::-1], [(40, 0), (160, 0)]), crs=CRS)
    assert network.length_km == pytest.approx(0.160)
    assert codes(network)["LINE_TWICE"] == 2


def test_a_spiral_ramp_passes_over_itself_and_a_street_does_not() -> None:
    loop = [(0, 0), (50, 0), (50, 40), (20, 40), (20, -40)]
    assert len(network_of_centrelines(drawn(loop), crs=CRS).edge_length_m) == 3
    assert len(network_of_centrelines(drawn(loop, bridge=["yes"]), crs=CRS).edge_length_m) == 1


def test_chinese_columns_and_classes() -> None:
    courses = [[(0, 10.0 * i), (100, 10.0 * i)] for i in range(6)]
    classes = ["城市主干路", "人行道", "footway", "高速公路", "甲级", None]
    network = network_of_centrelines(
        drawn(*courses, 道路等级=classes, 内部道路=["否", "是", None, "否", "否", ""], 道路编号=range(11, 17)), crs=CRS
    )
    found = dict(
        zip(network.edge_way_id.tolist(), zip(network.edge_class, network.edge_private, strict=True), strict=True)
    )
    assert found == {11: ("primary", False), 12: ("footway", True), 13: ("footway", False), 15: ("road", False),
                     16: ("road", False)}  # fmt: skip
    assert codes(network) == {"CLASS_UNKNOWN": 1, "CLASS_NOT_WALKED": 1}


def test_what_is_no_line_is_counted() -> None:
    frame = drawn([(0, 0), (100, 0)])
    point, area, none = shapely.Point(X, Y), shapely.Point(X, Y).buffer(10), None
    many = shapely.MultiLineString([[(X, Y + 50), (X + 9, Y + 50)], [(X, Y + 70), (X + 9, Y + 70)]])
    mixed = gpd.GeoDataFrame(geometry=[*frame.geometry, point, area, none, many], crs=CRS)
    network = network_of_centrelines(mixed, crs=CRS)
    assert codes(network) == {"LINE_NONE": 3}
    assert len(network.edge_length_m) == 3
    with pytest.raises(InputError, match="STREETS_NONE"):
        network_of_centrelines(mixed.iloc[1:4], crs=CRS)
    with pytest.raises(InputError, match="CRS_MISSING"):
        network_of_centrelines(frame.set_crs(None, allow_override=True), crs=CRS)
    with pytest.raises(InputError, match="CRS_OLD_DATUM"):
        network_of_centrelines(frame.to_crs("EPSG:2383"), crs=CRS)


def write_dxf(path: Path, layers: dict[str, list[Course]], *, shift: tuple[float, float] = (X, Y)) -> Path:
    """Write a drawing as CAD does: code and value on lines of their own, names in GBK."""
    pairs: list[tuple[int, object]] = [(0, "SECTION"), (2, "HEADER"), (9, "$ACADVER"), (1, "AC1015"),
                                       (9, "$DWGCODEPAGE"), (3, "ANSI_936"), (0, "ENDSEC"),
                                       (0, "SECTION"), (2, "ENTITIES")]  # fmt: skip
    for layer, courses in layers.items():
        for course in courses:
            pairs += [(0, "LWPOLYLINE"), (8, layer), (90, len(course)), (70, 0)]
            for x, y in course:
                pairs += [(10, shift[0] + x), (20, shift[1] + y)]
        pairs += [(0, "POINT"), (8, layer), (10, shift[0]), (20, shift[1])]
    text = "".join(f"{code:>3}\n{value}\n" for code, value in [*pairs, (0, "ENDSEC"), (0, "EOF")])
    path.write_bytes(text.encode("gbk"))
    return path


def test_a_cad_drawing(tmp_path: Path) -> None:
    path = write_dxf(tmp_path / "路网.dxf", {"主干路中线": [[(-50, 0), (50, 0)]], "支路中线": [[(0, -50), (0, 50)]],
                                            "建筑": [[(0, 0), (9, 0), (9, 9), (0, 0)]]})  # fmt: skip
    network = walk_network(path, crs=CRS, layer=["主干路中线", "支路中线"])
    assert sorted(network.edge_class) == ["primary", "primary", "tertiary", "tertiary"]
    assert codes(network) == {"CROSSINGS_JOINED": 1, "CRS_OF_DRAWING": 1}
    with pytest.raises(InputError, match="SHEET_AMBIGUOUS"):
        walk_network(path, crs=CRS)
    with pytest.raises(InputError, match="SHEET_MISSING"):
        walk_network(path, crs=CRS, layer="次干路中线")
    for shift in ((0.0, 0.0), (Y, X), (X * 1000, Y * 1000), (38 * 1e6 + X, Y)):  # local, exchanged, mm, prefixed
        with pytest.raises(InputError, match="DRAWING_ELSEWHERE"):
            walk_network(write_dxf(path, {"路": [[(0, 0), (50, 0)]]}, shift=shift), crs=CRS)
    path.write_bytes(write_dxf(path, {"路": [[(0, 0), (50, 0)]]}).read_bytes()[:60])
    with pytest.raises(InputError):
        walk_network(path, crs=CRS)


def test_files_are_known_by_content_and_layers_by_name(tmp_path: Path) -> None:
    honest, path = tmp_path / "city.gpkg", tmp_path / "city.osm.pbf"  # the name lies
    frame = drawn([(-50, 0), (50, 0)], [(0, -50), (0, 50)])
    frame.to_file(honest, layer="路")
    path.write_bytes(honest.read_bytes())
    assert len(walk_network(path, crs=CRS).edge_length_m) == 4
    frame.iloc[:1].to_file(honest, layer="别的")
    path.write_bytes(honest.read_bytes())
    with pytest.raises(InputError, match="SHEET_AMBIGUOUS"):
        walk_network(path, crs=CRS)
    assert len(walk_network(path, crs=CRS, layer="别的").edge_length_m) == 1
    bare = tmp_path / "bare.shp"
    frame.to_file(bare)
    bare.with_suffix(".prj").unlink()
    with pytest.raises(InputError, match="CRS_MISSING"):
        walk_network(bare, crs=CRS)
    for content in (b"AC1032 binary drawing", b"a,b\n1,2\n"):
        path.write_bytes(content)
        with pytest.raises(InputError, match="STREETS_FORMAT"):
            walk_network(path, crs=CRS)


def test_a_table_of_lines_is_a_source_and_gates_hold() -> None:
    frame = drawn([(0, 0), (100, 0)], [(0, 0), (50, 60), (100, 0)], 内部道路=["", "是"])
    gate = gpd.GeoDataFrame(geometry=[shapely.Point(X + 100, Y)], crs=CRS)
    assert len(walk_network(frame, crs=CRS).node_id) == 2
    assert len(walk_network(frame, crs=CRS, gates=gate).node_id) == 3  # the end without a gate is by itself


def _no_network(*_: object, **__: object) -> None:
    raise AssertionError("the network was used")


def test_no_network_is_touched_unless_a_place_is_named(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _no_network)
    monkeypatch.setattr(socket.socket, "connect", _no_network)
    extract = shared_data / "ninghua_fujian.osm.pbf"
    network = walk_network(extract, crs=CRS)
    walk_network(to_networkx(network), crs=CRS)
    network.streets().to_file(tmp_path / "s.gpkg")
    walk_network(tmp_path / "s.gpkg", crs=CRS)
    with pytest.raises(InputError, match="PLACE_OFFLINE"):
        walk_network(place="宁化县, 三明市, 中国", folder=tmp_path / "kept", crs=CRS)
    assert not (tmp_path / "kept").exists()
    for arguments in ({}, {"source": extract, "place": "宁化县"}, {"place": "宁化县"}):
        with pytest.raises(ValueError, match="either a source, or a place"):
            walk_network(**arguments, crs=CRS)


def _degrees(network: WalkNetwork) -> Callable[..., object]:
    """Return what OSMnx would answer, made of a real extract."""
    frame = network.streets().to_crs("EPSG:4326")
    graph = to_networkx(network)
    drawn_once: set[int] = set()
    ends = gpd.GeoSeries(shapely.points(network.node_xy), crs=network.crs).to_crs("EPSG:4326")
    for node, at in enumerate(ends):
        graph.nodes[node].update(x=at.x, y=at.y)
    for u, v, data in graph.edges(data=True):
        line, first, last = frame.geometry[data["edge"]], *network.edge_nodes[data["edge"]]
        back = data["edge"] in drawn_once if first == last else (u, v) != (first, last)
        data["geometry"] = line.reverse() if back else line
        drawn_once.add(data["edge"])
    graph.graph["crs"] = "EPSG:4326"
    return lambda *_, **__: graph


def test_a_named_place_is_fetched_once_and_kept_with_its_date(
    hsinchu: WalkNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (osmnx.settings.use_cache, list(osmnx.settings.useful_tags_way))
    monkeypatch.setattr(osmnx, "graph_from_place", _degrees(hsinchu))
    rules = {"place": "东区, 新竹市", "folder": tmp_path / "../kept/街道", "crs": HSINCHU}
    fetched = walk_network(**rules)
    monkeypatch.setattr(osmnx, "graph_from_place", _no_network)
    again = walk_network(**rules)
    (kept,) = (tmp_path / "../kept/街道").iterdir()
    assert kept.name.startswith("东区_新竹市-")
    (said,) = (f for f in again.findings if f.code == "PLACE_CACHED")
    assert kept.stem.endswith(said.found)
    assert same_walks(walks(fetched), walks(again))
    assert again.length_km == pytest.approx(hsinchu.length_km, rel=1e-6)
    assert (osmnx.settings.use_cache, list(osmnx.settings.useful_tags_way)) == before
    with pytest.raises(InputError, match="PLACE_OFFLINE"):
        walk_network(place="东区/../新竹市", folder=tmp_path, crs=HSINCHU)


@pytest.mark.parametrize(("name", "crs"), [("hsinchu_east", HSINCHU), ("beijing_wudaokou", "EPSG:4548")])
def test_a_graph_goes_out_and_comes_back_as_the_same_walks(shared_data: Path, name: str, crs: str) -> None:
    network = walk_network(shared_data / f"{name}.osm.pbf", crs=crs)
    again = walk_network(to_networkx(network), crs=crs)
    assert np.sort(again.edge_length_m) == pytest.approx(np.sort(network.edge_length_m), abs=1e-4)
    sizes = [np.sort(np.bincount(n.edge_component, weights=n.edge_length_m)) for n in (network, again)]
    assert sizes[0] == pytest.approx(sizes[1], abs=1e-3)
    assert same_walks(walks(network), walks(again), within=1e-4)


def test_levels_of_lines_as_arrays() -> None:
    """Three lines through one place make one node."""
    star = shapely.linestrings([[(-9, 0), (9, 0)], [(0, -9), (0, 9)], [(-9, -9), (9, 9)]])
    found = node_lines(star, np.zeros(3, dtype=np.int64), tolerance_m=0, near_miss_m=5, join_crossings=True)
    assert (found.crossings, len(found.node_xy)) == (1, 7)


@pytest.mark.parametrize(
    ("said", "walked"), [("封闭小区内部路", True), ("规划主干路", False), ("主干路（在建）", False), ("现状支路", True)]
)
def test_a_street_of_a_walled_estate_is_there_and_a_planned_one_is_not(said: str, *, walked: bool) -> None:
    """Walled says who may walk, not that nobody can."""
    lines = [shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(100, 0), (200, 0)])]
    frame = gpd.GeoDataFrame({"道路等级": ["支路", said]}, geometry=lines, crs="EPSG:4547")
    assert network_of_centrelines(frame, crs="EPSG:4547").edge_length_m.sum() == (200 if walked else 100)

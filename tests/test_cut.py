"""An extract cut into those of its counties: what comes within the halo is there, whole, and read back as it was."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from circle15.sample import sample_folder
from gis.cut import cut_extract
from gis.extract import DEGREE, read_extract
from gis.halo import halo_of
from gis.osm import extract_date, read_by_library
from gis.packing import write_extract
from gis.parts import Things, starts
from gis.pbf import read_plain
from gis.spool import Spool

IDS = st.integers(-(2**40), 2**40)
TEXTS = ("highway", "residential", "name", "人民路", "building", "yes")
TAG = st.tuples(st.sampled_from([0, 2, 4]), st.sampled_from([1, 3, 5]))


def things(rows: list[tuple[int, list[int], list[tuple[int, int]]]]) -> Things:
    """Return things from their id, references and tags."""
    owner = [(i, *tag) for i, (_, _, tags) in enumerate(rows) for tag in tags]
    return Things(
        np.array([number for number, *_ in rows], dtype=np.int64),
        starts(np.array([len(refs) for _, refs, _ in rows], dtype=np.int64)),
        np.array([ref for _, refs, _ in rows for ref in refs], dtype=np.int64),
        *np.array(owner, dtype=np.int64).reshape(-1, 3).T,
    )


@given(
    st.lists(st.tuples(IDS, st.lists(IDS, min_size=1, max_size=4), st.lists(TAG, min_size=1, max_size=2)), max_size=6),
    st.lists(st.tuples(IDS, st.lists(TAG, max_size=2), st.integers(-(10**9), 10**9)), min_size=1, max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back_by_us_and_by_the_library(
    tmp_path_factory: pytest.TempPathFactory, ways: list, nodes: list
) -> None:
    path = tmp_path_factory.mktemp("packed") / "x.osm.pbf"
    drawn = things(ways)
    points = things([(number, [], tags) for number, tags, _ in nodes])
    place = np.array([(lon, lon // 3) for *_, lon in nodes], dtype=np.int64).reshape(-1, 2)
    write_extract(
        path, strings=TEXTS, nodes=points, node_place=place, ways=drawn, relations=things([]), date="2021-12-01"
    )
    read = read_plain(path, None)
    assert read is not None
    assert extract_date(path) == "2021-12-01"
    assert read.node_id.tolist() == points.number.tolist()
    assert read.node_place.tolist() == place.tolist()
    for found in (read, read_by_library(path, None)):
        assert found.ways.number.tolist() == drawn.number.tolist()
        assert found.ways.refs.tolist() == drawn.refs.tolist()
        told = [(found.strings[k], found.strings[v]) for k, v in zip(found.ways.key, found.ways.value, strict=True)]
        assert told == [(TEXTS[k], TEXTS[v]) for k, v in zip(drawn.key, drawn.value, strict=True)]


METRES = gpd.GeoSeries([shapely.Point(114, 30)], crs="EPSG:4326").to_crs("EPSG:4547").iloc[0]


@given(
    st.lists(st.tuples(st.integers(-9000, 9000), st.integers(-9000, 9000)), min_size=2, max_size=5, unique=True),
    st.lists(st.tuples(st.integers(-4000, 4000), st.integers(-4000, 4000)), min_size=3, max_size=6, unique=True),
    st.sampled_from([0.0, 300.0, 2000.0]),
)
@settings(max_examples=150, deadline=None)
def test_no_way_within_the_halo_is_missed(course: list, corners: list, halo_m: float) -> None:
    """Metres decide, those of the city's own projection; also where a way passes without a node inside."""
    area = shapely.MultiPoint(corners).convex_hull.buffer(1)
    line = shapely.LineString(course)
    shift = (METRES.x, METRES.y)
    both = gpd.GeoSeries([shapely.transform(shape, lambda xy: xy + shift) for shape in (area, line)], crs="EPSG:4547")
    degrees = both.to_crs("EPSG:4326")
    place = np.round(shapely.get_coordinates(degrees.iloc[1]) * DEGREE).astype(np.int64)
    way, county = halo_of([degrees.iloc[0]], halo_m=halo_m).along(np.zeros(len(place), dtype=np.int64), place)
    if area.distance(line) <= halo_m:
        assert set(way.tolist()) == {0}
        assert set(county.tolist()) == {0}
    if area.distance(line) > halo_m + 3000:
        assert not len(way)


@pytest.fixture(scope="module")
def areas() -> gpd.GeoSeries:
    """Return two counties that meet aslant in the sample town, and a third far from any street."""
    place = read_extract(sample_folder() / "streets.osm.pbf").node_place / DEGREE
    (west, south), (east, north) = place.min(axis=0) - 0.01, place.max(axis=0) + 0.01
    x = (west + east) / 2
    left = shapely.Polygon([(west, south), (x - 0.002, south), (x + 0.002, north), (west, north)])
    right = shapely.Polygon([(x - 0.002, south), (east, south), (east, north), (x + 0.002, north)])
    far = shapely.box(east + 1, south, east + 1.01, north)
    return gpd.GeoSeries({"a": left, "b": right, "c": far}, crs="EPSG:4326")


def test_every_way_is_counted_by_one_county_and_whole_in_each(areas: gpd.GeoSeries, tmp_path: Path) -> None:
    source = sample_folder() / "streets.osm.pbf"
    cut = cut_extract(source, areas, halo_m=100, folder=tmp_path)
    whole = read_extract(source)
    courses = {n: whole.ways.refs_of(np.array([i]))[0].tolist() for i, n in enumerate(whole.ways.number.tolist())}
    counted = []
    for each in cut.values():
        part = read_plain(each.file, None)
        assert part is not None
        for i, number in enumerate(part.ways.number.tolist()):
            assert part.ways.refs_of(np.array([i]))[0].tolist() == courses[number]
        there = np.isin(part.ways.refs, part.node_id)
        assert (there == np.isin(part.ways.refs, whole.node_id)).all()
        others = set(each.shared[~each.accounted].tolist())
        counted += [number for number in part.ways.number.tolist() if number not in others]
    assert sorted(counted) == sorted(courses)
    assert len(cut["a"].shared) > 0
    assert 0 < cut["a"].ways < len(courses)
    assert cut["c"].ways == cut["c"].nodes == 0
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_file_that_the_library_has_to_read_is_cut_the_same(areas: gpd.GeoSeries, tmp_path: Path) -> None:
    source = sample_folder() / "streets.osm.pbf"
    text = tmp_path / "streets.osm"
    with osmium.SimpleWriter(str(text)) as writer:
        for thing in osmium.FileProcessor(source):
            writer.add(thing)
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    one = cut_extract(source, areas, halo_m=100, folder=tmp_path / "one")
    other = cut_extract(text, areas, halo_m=100, folder=tmp_path / "other")
    for code in ("a", "b"):
        ours, theirs = read_extract(one[code].file), read_extract(other[code].file)
        assert ours.ways.number.tolist() == theirs.ways.number.tolist()
        assert ours.node_id.tolist() == theirs.node_id.tolist()
        assert (ours.node_place == theirs.node_place).all()
        assert len(ours.points.number) == len(theirs.points.number)


def test_nodes_may_come_in_any_order_and_twice(tmp_path: Path) -> None:
    none = things([])
    nowhere = np.empty((0, 2), np.int32)
    with Spool(tmp_path) as spool:
        for ids in ([9, 3], [5, 3]):
            place = np.array([(i, len(ids) + i) for i in ids], dtype=np.int32)
            spool.add([], np.array(ids), place, none, nowhere, none, none)
    held = spool.held()
    place, there = held.places(np.array([3, 4, 9]))
    assert there.tolist() == [True, False, True]
    assert place[there].tolist() == [[3, 5], [9, 11]]
    assert held.copies(np.array([3, 5]))[0].tolist() == [3, 3, 5]

"""Two readers of one extract: the fast one says what the library says, or leaves the file to it; bombs stay small."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import osmium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import pbf
from gis.errors import InputError
from gis.extract import middle, read_extract
from gis.features import read_features
from gis.osm import read_by_library
from gis.parts import Parts, Things
from gis.pbf import read_plain
from gis.places import barriers, care_places, ground
from gis.streets import STREET_KEYS, walk_network
from gis.towns import TOWN_CRS
from tests.bad_streets import blob, field
from tests.test_network import LAT, LON, grid, write_osm

SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "streets.osm.pbf"
OPTIONS = ("", ",pbf_compression=none", ",pbf_dense_nodes=false", ",add_metadata=false,pbf_compression=none")


def said(parts: Parts) -> tuple[object, ...]:
    """What a reader found, as plain lists: all things with their tags, and the nodes that ways need, in file order."""

    def things(some: Things) -> list[tuple[object, ...]]:
        tags: list[list[tuple[str, str]]] = [[] for _ in some.number]
        for owner, key, value in zip(some.owner.tolist(), some.key.tolist(), some.value.tolist(), strict=True):
            tags[owner].append((parts.strings[key], parts.strings[value]))
        refs = [some.refs[begin:end].tolist() for begin, end in pairwise(some.start.tolist())]
        return list(zip(some.number.tolist(), refs, tags, strict=True))

    needed = np.isin(parts.node_id, parts.ways.refs)
    nodes = parts.node_id[needed].tolist(), parts.node_place[needed].tolist()
    return things(parts.points), parts.point_place.tolist(), things(parts.ways), things(parts.relations), *nodes


@pytest.mark.parametrize(
    "name", ["wuhan_8989", "porto_2017", "poa_porto_alegre", "hsinchu_east", "beijing_wudaokou", "nanjing_gulou", None]
)
@pytest.mark.parametrize("keys", [None, STREET_KEYS])
def test_both_readers_find_the_same_in_real_cities(
    shared_data: Path, name: str | None, keys: frozenset[str] | None
) -> None:
    path = shared_data / f"{name}.osm.pbf" if name else SAMPLE
    plain = read_plain(path, keys)
    assert plain is not None
    assert len(plain.ways.number) > 100
    assert said(plain) == said(read_by_library(path, keys))


WORDS = st.dictionaries(
    st.sampled_from(["highway", "name", "type", "街"]), st.sampled_from(["", "path", "路 1"]), max_size=3
)
IDS = st.integers(-4, 4).filter(bool) | st.integers(-(2**50), 2**50).filter(bool)


@st.composite
def maps(draw: st.DrawFn) -> list[object]:
    """Objects in any order, with ids of any sign that may be given twice, on and off the earth."""
    mutable = osmium.osm.mutable
    node = st.builds(
        lambda i, x, y, tags: mutable.Node(id=i, version=1, location=(x, y), tags=tags),
        IDS,
        st.floats(-180, 180),
        st.floats(-90, 90) | st.just(0.0),
        WORDS,
    )
    way = st.builds(
        lambda i, refs, tags: mutable.Way(id=i, version=1, nodes=refs, tags=tags), IDS, st.lists(IDS), WORDS
    )
    members = st.lists(st.tuples(st.sampled_from("nwr"), IDS, st.sampled_from(["", "outer"])))
    relation = st.builds(
        lambda i, of, tags: mutable.Relation(id=i, version=1, members=of, tags=tags), IDS, members, WORDS
    )
    return draw(st.lists(node | way | relation, max_size=30))


def written(path: Path, things: list[object], option: str) -> Path:
    """Write objects as they come."""
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(osmium.io.File(str(path), f"pbf{option}")) as out:
        for thing in things:
            out.add(thing)
    return path


@settings(max_examples=150, deadline=None)
@given(things=maps(), option=st.sampled_from(OPTIONS), keys=st.sampled_from([None, STREET_KEYS, frozenset({"name"})]))
def test_both_readers_find_the_same_in_any_map(
    tmp_path_factory: pytest.TempPathFactory, things: list[object], option: str, keys: frozenset[str] | None
) -> None:
    path = written(tmp_path_factory.getbasetemp() / "any.osm.pbf", things, option)
    plain = read_plain(path, keys)
    assert plain is not None
    assert said(plain) == said(read_by_library(path, keys))


@pytest.fixture(scope="module")
def loose(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The sample town unpacked, so that damage is not found by a sum."""
    path = tmp_path_factory.mktemp("loose") / "loose.osm.pbf"
    with osmium.SimpleWriter(osmium.io.File(str(path), f"pbf{OPTIONS[-1]}")) as out:
        for i, thing in enumerate(osmium.FileProcessor(str(SAMPLE))):
            if i % 40 == 0 or thing.is_relation():
                out.add(thing)
    return path.read_bytes()


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_a_file_holds_is_left_to_the_library_or_read_as_the_library_reads_it(
    tmp_path_factory: pytest.TempPathFactory, loose: bytes, data: st.DataObject
) -> None:
    begin = data.draw(st.integers(0, len(loose) - 1))
    taken = data.draw(st.integers(0, 3))
    damaged = loose[:begin] + data.draw(st.binary(max_size=10)) + loose[begin + taken :]
    if data.draw(st.booleans()):
        damaged = damaged[: data.draw(st.integers(0, len(damaged)))]
    path = tmp_path_factory.getbasetemp() / "damaged.osm.pbf"
    path.write_bytes(damaged)
    plain = read_plain(path, None)
    try:
        library = read_by_library(path, None)
    except InputError:
        return
    assert plain is None or said(plain) == said(library)


HEAD = blob(b"OSMHeader", field(4, b"OsmSchema-V0.6") + field(4, b"DenseNodes"))
MIB = 1024 * 1024
BOMBS = {
    "says less than it is": HEAD + blob(b"OSMData", bytes(400 * MIB), raw_size=100),
    "says more than may be": HEAD + blob(b"OSMData", b"", raw_size=2**31 - 1),
    "header without end": b"\x00\x00\x00\x0e" + b"\x0a\x09OSMHeader" + b"\xff\xff\xff",
    "many legal blobs": HEAD + 24 * blob(b"OSMData", field(1, field(1, b"a" * 1000) * (30 * MIB // 1003))),
    "nodes nobody needs": HEAD
    + 24
    * blob(
        b"OSMData", field(1, field(1, b"")) + field(2, field(2, b"".join(field(i, b"\0" * 9 * MIB) for i in (1, 8, 9))))
    ),
}


@pytest.mark.parametrize("name", list(BOMBS))
def test_a_bomb_is_refused_within_bounds(tmp_path: Path, name: str) -> None:
    """In a process of its own, because only that has a peak of memory of its own."""
    path = tmp_path / "bomb.osm.pbf"
    path.write_bytes(BOMBS[name])
    assert path.stat().st_size < 3 * MIB
    script = f"""
import resource
from gis.errors import InputError
from gis.streets import walk_network
begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    walk_network({str(path)!r}, crs="EPSG:4547")
except InputError as error:
    print(error.findings[0].code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - begin)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=300)
    code, kib = done.stdout.split()
    assert code in {"STREETS_BROKEN", "STREETS_NONE", "STREETS_FORMAT"}
    assert int(kib) < 500_000


def test_more_nodes_than_any_province_has_are_left_to_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pbf, "MOST_NODES", 10)
    assert read_plain(SAMPLE, None) is None
    assert len(read_extract(SAMPLE).ways.number) > 100


@pytest.mark.parametrize("text", ["路" * 400, "a" * 1100])
def test_a_tag_longer_than_may_be_is_a_broken_file_and_no_accident(tmp_path: Path, text: str) -> None:
    strings = field(1, b"".join(field(1, word.encode()) for word in ("", "highway", text)))
    way = field(1, 7) + field(2, b"\1") + field(3, b"\2") + field(8, b"\2\2")
    path = tmp_path / "long.osm.pbf"
    path.write_bytes(HEAD + blob(b"OSMData", strings + field(2, field(3, way))))
    with pytest.raises(InputError, match="STREETS_BROKEN"):
        read_extract(path)


def test_one_reading_serves_all(shared_data: Path) -> None:
    path, crs = shared_data / "hsinchu_east.osm.pbf", "EPSG:4549"
    extract = read_extract(path)
    ours, alone = walk_network(extract, crs=crs), walk_network(path, crs=crs)
    assert (ours.edge_way_id == alone.edge_way_id).all()
    assert (ours.course_xy == alone.course_xy).all()
    for read in (ground, barriers):
        one, two = read(extract, crs=crs), read(path, crs=crs)
        assert len(one) > 0
        assert one.equals(two)
    assert care_places(extract, crs=crs).equals(care_places(path, crs=crs))
    assert middle(extract) == middle(path)
    assert extract.date is not None


def test_what_was_not_read_is_not_taken_for_absent(tmp_path: Path) -> None:
    streets = read_extract(write_osm(tmp_path / "t.osm.pbf", *grid()), keys=STREET_KEYS)
    assert len(read_features(streets, {"highway": None}, crs=TOWN_CRS)) == 8
    with pytest.raises(ValueError, match="building"):
        read_features(streets, {"building": None}, crs=TOWN_CRS)
    with pytest.raises(ValueError, match="barrier"):
        walk_network(read_extract(tmp_path / "t.osm.pbf", keys={"highway"}), crs=TOWN_CRS)


def test_the_middle_is_that_of_what_is_shown(tmp_path: Path) -> None:
    """A place without a street counts, a node that nothing uses does not; and the format does not matter."""
    nodes = [(1, LON, LAT), (2, LON + 2, LAT + 2), (3, LON + 1, LAT + 1), (4, 0.5, 0.5)]
    street = [(9, [1, 2], {"highway": "path"})]
    for name in ("m.osm", "m.osm.pbf"):
        path = write_osm(tmp_path / name, nodes, street, tags={3: {"amenity": "nursing_home"}})
        assert middle(path) == pytest.approx((LON + 1, LAT + 1))
    with pytest.raises(InputError, match="STREETS_NONE"):
        middle(write_osm(tmp_path / "n.osm.pbf", nodes[-1:], []))

"""OpenStreetMap extracts by the library (pyosmium): which format a file has, and what is in it, streamed.

The library reads every format and is the judge of broken files: what cannot be read is said, never guessed.
"""

import gzip
import re
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import osmium

from gis.damage import damage
from gis.deleted import KINDS, deleted
from gis.errors import Finding, InputError
from gis.parts import Parts, Things, starts

OSM_CRS = "EPSG:4326"
MAX_BLOB_HEADER_BYTES = 64 * 1024
_HEAD_BYTES = 4096
_REMARK = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_ROOT = re.compile(rb"<([A-Za-z]+)")


def sniff(path: Path) -> str:
    """Return the format of an extract (`pbf`, `osm`, `osm.gz`) by its first bytes, whatever its name says.

    Raises InputError where the file is missing, empty, an HTML page, or none of the three.
    """
    if not path.is_file():
        raise InputError([Finding("FILE_MISSING", "reject", str(path))])
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if not head:
        raise InputError([Finding("FILE_EMPTY", "reject", str(path), "0 B")])
    packed = head[:2] == b"\x1f\x8b"
    if packed:
        head = _unpacked(path)
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if text[:1] == b"<":
        root = _ROOT.search(_REMARK.sub(b"", text))
        kind = root[1].lower() if root else b"osm"  # a long remark before it: the library looks further
        if kind == b"html" or text[:14].lower() == b"<!doctype html":
            raise InputError([Finding("STREETS_HTML", "reject", str(path), repr(head[:16])[2:-1])])
        if kind != b"osm":  # osmChange says what was edited, not what is there
            raise InputError([Finding("STREETS_FORMAT", "reject", str(path), f"<{kind.decode()}")])
        return "osm.gz" if packed else "osm"
    if int.from_bytes(head[:4], "big") <= MAX_BLOB_HEADER_BYTES and b"OSMHeader" in head[:64]:
        return "pbf"
    raise InputError([Finding("STREETS_FORMAT", "reject", str(path), repr(head[:16])[2:-1])])


def _unpacked(path: Path) -> bytes:
    """Return the first bytes of a gzip file. Raises InputError where it is damaged."""
    try:
        with gzip.open(path) as stream:
            return stream.read(_HEAD_BYTES)
    except (EOFError, OSError, zlib.error) as error:
        raise InputError([Finding("STREETS_BROKEN", "reject", str(path), str(error))]) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what the library says of a broken file into one line for people."""
    try:
        yield
    except (
        RuntimeError,
        ValueError,
        osmium.InvalidLocationError,
    ) as error:  # ValueError: text that is none, or longer than a tag may be
        where = damage(path) if sniff(path) == "pbf" else ""
        raise InputError([Finding("STREETS_BROKEN", "reject", str(path), where or str(error))]) from error


def objects(
    path: Path, kinds: Any, *, keys: AbstractSet[str] | None, ids: AbstractSet[int] = frozenset()
) -> Iterator[Any]:
    """Yield the objects that have one of the keys (None: any tag), and those of the ids whatever tags they have.

    The library's own filter for ids is not used: it takes a bit for every id up to the largest, a gigabyte in all.
    """
    stream = osmium.FileProcessor(osmium.io.File(str(path), sniff(path)), kinds)
    if not ids:
        return iter(
            stream.with_filter(osmium.filter.EmptyTagFilter() if keys is None else osmium.filter.KeyFilter(*keys))
        )
    return (thing for thing in stream if thing.id in ids or _tagged(thing, keys))


def _tagged(thing: Any, keys: AbstractSet[str] | None) -> bool:
    """Return whether an object has one of the keys."""
    return len(thing.tags) > 0 if keys is None else any(key in thing.tags for key in keys)


def read_by_library(path: Path, keys: frozenset[str] | None) -> Parts:
    """Return what an extract of any format has, with one of the keys (None: any tag), and the nodes its ways need.

    The file is streamed, a pass for each kind of object; what nobody asked for is never in memory. What an editor
    marked as deleted is not there. Raises InputError for a file that cannot be read, a history, a part of a download.
    """
    gone = _gone(path)
    number: dict[str, int] = {}
    points, ways, relations = (_Gathered(number, keys) for _ in range(3))
    with reading(path):
        for relation in objects(path, osmium.osm.RELATION, keys=keys):
            if relation.id not in gone["relation"]:
                relations.add(relation, (member.ref for member in relation.members if member.type == "w"))
        for way in objects(path, osmium.osm.WAY, keys=keys, ids=set(relations.refs)):
            if way.id not in gone["way"]:
                ways.add(way, (node.ref for node in way.nodes))
        places = array("q")
        for node in objects(path, osmium.osm.NODE, keys=keys):
            if node.id not in gone["node"]:
                points.add(node, ())
                places.extend((node.location.x, node.location.y))
        needed = set(ways.refs)
        nodes = array("q")
        for node in objects(path, osmium.osm.NODE, keys=frozenset(), ids=needed) if needed else ():
            nodes.extend((node.id, node.location.x, node.location.y))
    found = np.array(nodes, dtype=np.int64).reshape(-1, 3)
    return Parts(
        strings=tuple(number),
        node_id=found[:, 0],
        node_place=found[:, 1:],
        points=points.things(),
        point_place=np.array(places, dtype=np.int64).reshape(-1, 2),
        ways=ways.things(),
        relations=relations.things(),
    )


class _Gathered:
    """Objects of one kind, as they come."""

    def __init__(self, number: dict[str, int], keys: frozenset[str] | None) -> None:
        self.number, self.keys = number, keys
        self.ids, self.sizes, self.refs, self.tags = (array("q") for _ in range(4))

    def add(self, thing: Any, refs: Iterable[int]) -> None:
        """Take an object with its references; its tags only where one of them was asked for."""
        before = len(self.refs)
        self.refs.extend(refs)
        if _tagged(thing, self.keys):
            for key, value in islice(thing.tags, len(thing.tags)):  # to run into their end costs three times as much
                texts = (self.number.setdefault(text, len(self.number)) for text in (key, value))
                self.tags.extend((len(self.ids), *texts))
        self.ids.append(thing.id)
        self.sizes.append(len(self.refs) - before)

    def things(self) -> Things:
        """Return all of them."""
        ids, sizes, refs = (np.array(part, dtype=np.int64) for part in (self.ids, self.sizes, self.refs))
        owner, key, value = np.array(self.tags, dtype=np.int64).reshape(-1, 3).T
        return Things(ids, starts(sizes), refs, owner, key, value)


def _gone(path: Path) -> Mapping[str, frozenset[int]]:
    """Return what the file itself says is deleted. Raises InputError for a history and for a part of a download."""
    kind = sniff(path)
    if kind != "pbf":
        return deleted(path, packed=kind == "osm.gz")
    with reading(path):
        history = _header(path).has_multiple_object_versions
    if history:
        raise InputError([Finding("STREETS_HISTORY", "reject", str(path))])
    return dict.fromkeys(KINDS, frozenset())


def _header(path: Path) -> Any:
    """Return the header of an extract."""
    reader = osmium.io.Reader(osmium.io.File(str(path), sniff(path)), osmium.osm.NOTHING)
    header = reader.header()
    reader.close()
    return header


def extract_date(path: Path) -> str | None:
    """Return the date an extract was made, where its header says so. Raises InputError where the header is broken."""
    with reading(path):
        header = _header(path)
    stamp = header.get("osmosis_replication_timestamp") or header.get("timestamp")
    return stamp[:10] or None

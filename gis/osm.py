"""Read OpenStreetMap extracts (.osm.pbf, .osm, .osm.gz, told apart by content): ways and the places of nodes.

Files are streamed, node order and the sign of identifiers do not matter, what cannot be read is said, never guessed.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pandas as pd

from gis.errors import Finding, InputError
from gis.profiles import is_crossing

OSM_CRS = "EPSG:4326"
MAX_BLOB_HEADER_BYTES = 64 * 1024


@dataclass(frozen=True)
class Ways:
    """Ways as flat arrays: way `i` has the nodes `refs[start[i]:start[i+1]]` and the tags `tags[i]`."""

    way_id: np.ndarray
    start: np.ndarray
    refs: np.ndarray
    tags: tuple[Mapping[str, str], ...]


def sniff(path: Path) -> str:
    """Return the format of an extract (`pbf`, `osm`, `osm.gz`) by its first bytes, whatever its name says.

    Raises InputError where the file is missing, empty, an HTML page, or none of the three.
    """
    if not path.is_file():
        raise InputError([Finding("FILE_MISSING", "reject", str(path))])
    with path.open("rb") as stream:
        head = stream.read(64)
    if not head:
        raise InputError([Finding("FILE_EMPTY", "reject", str(path), "0 B")])
    if head[:2] == b"\x1f\x8b":
        head = _unpacked(path)
        if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
            return "osm.gz"
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if text.startswith((b"<!doctype html", b"<html")):
        raise InputError([Finding("STREETS_HTML", "reject", str(path), repr(head[:16])[2:-1])])
    if text.startswith((b"<?xml", b"<osm")):
        return "osm"
    if int.from_bytes(head[:4], "big") <= MAX_BLOB_HEADER_BYTES and b"OSMHeader" in head:
        return "pbf"
    raise InputError([Finding("STREETS_FORMAT", "reject", str(path), repr(head[:16])[2:-1])])


def _unpacked(path: Path) -> bytes:
    """Return the first bytes of a gzip file. Raises InputError where it is damaged."""
    try:
        with gzip.open(path) as stream:
            return stream.read(64)
    except (EOFError, OSError, zlib.error) as error:
        raise InputError([Finding("STREETS_BROKEN", "reject", str(path), str(error))]) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what the reader says of a broken file into one line for people."""
    try:
        yield
    except RuntimeError as error:
        raise InputError([Finding("STREETS_BROKEN", "reject", str(path), str(error))]) from error


def objects(path: Path, kinds: Any, *keys: str, ids: AbstractSet[int] | None = None) -> Iterator[Any]:
    """Yield the objects of some kinds: only those with one of the keys, or of one of the ids, where they are given.

    The reader's own filter for ids is not used: it takes a bit for every id up to the largest, a gigabyte in all.
    """
    stream = osmium.FileProcessor(osmium.io.File(str(path), sniff(path)), kinds)
    if keys:
        stream = stream.with_filter(osmium.filter.KeyFilter(*keys))
    return (thing for thing in stream if ids is None or thing.id in ids)


def read_ways(
    path: Path, keep: Callable[[Mapping[str, str]], bool], *keys: str, ids: AbstractSet[int] | None = None
) -> tuple[Ways, int]:
    """Return the ways with one of `keys` (or `ids`) that `keep` accepts, by way id, and how many were given twice.

    Of a way given twice (merged extracts) the last one counts. Raises InputError for a file that cannot be read.
    """
    ways: dict[int, tuple[list[int], Mapping[str, str]]] = {}
    twice = 0
    with reading(path):
        for way in objects(path, osmium.osm.WAY, *keys, ids=ids):
            tags = dict(islice(way.tags, len(way.tags)))  # to run into the end of the tags costs three times as much
            if keep(tags):
                twice += way.id in ways
                ways[way.id] = ([node.ref for node in way.nodes], tags)
    order = sorted(ways)
    lengths = [len(ways[i][0]) for i in order]
    return Ways(
        way_id=np.array(order, dtype=np.int64),
        start=np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64),
        refs=np.fromiter((ref for i in order for ref in ways[i][0]), dtype=np.int64, count=sum(lengths)),
        tags=tuple(ways[i][1] for i in order),
    ), twice


def read_nodes(path: Path, wanted: np.ndarray) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return `lon`, `lat`, `barrier` and `crossing` (walkers wait there) of the wanted nodes, by ascending node id.

    Nodes out of range are left out and counted in a finding; so is an id given twice with two places, which is refused.
    """
    needed = set(wanted.tolist())
    found: dict[int, tuple[float, float, str, bool]] = {}
    outside, moved = 0, []
    with reading(path):
        for node in objects(path, osmium.osm.NODE, ids=needed):
            if not node.location.valid() or (node.lon == 0 and node.lat == 0):
                outside += 1
                continue
            tags = node.tags if len(node.tags) else {}
            here = (node.lon, node.lat, tags.get("barrier", ""), "highway" in tags and is_crossing(tags))
            if found.setdefault(node.id, here)[:2] != here[:2]:
                moved.append(node.id)
    findings = []
    if moved:
        findings.append(Finding("NODE_TWICE", "reject", str(path), f"{moved[0]} ({len(moved)})", len(moved)))
    if outside:
        findings.append(Finding("NODE_OUTSIDE", "warn", str(path), str(outside), outside))
    order = sorted(found)
    columns = ["lon", "lat", "barrier", "crossing"]
    frame = pd.DataFrame([found[i] for i in order], columns=columns, index=pd.Index(order, name="node_id"))
    return frame, tuple(findings)


def extract_date(path: Path) -> str | None:
    """Return the date an extract was made, where its header says so."""
    header = osmium.io.Reader(osmium.io.File(str(path), sniff(Path(path)))).header()
    stamp = header.get("osmosis_replication_timestamp") or header.get("timestamp")
    return stamp[:10] or None


def middle(path: Path) -> tuple[float, float]:
    """Return the longitude and latitude in the middle of an extract's nodes (their median: strays do not matter)."""
    with reading(path):
        places = [(n.lon, n.lat) for n in objects(path, osmium.osm.NODE) if n.location.valid()]
    if not places:
        raise InputError([Finding("STREETS_NONE", "reject", str(path))])
    lon, lat = np.median(np.array(places), axis=0)
    return float(lon), float(lat)

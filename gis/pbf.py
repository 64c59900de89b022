"""Plain .osm.pbf files at once: blobs unpacked and blocks read on all cores, nothing kept that nobody asked for.

Whatever is not plain - and every file that is broken - is left to the library, which judges it: there is one judge.
"""

import os
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np

from gis.blocks import NODE, RELATION, WAY, field, read_block
from gis.osm import MAX_BLOB_HEADER_BYTES, reading
from gis.parts import Parts, Things, starts

MOST_BYTES = 32 * 1024 * 1024
"""Of one blob, unpacked: the limit of the format."""
MOST_NODES = 20_000_000
"""A province has fewer; more are left to the library, which keeps only what is needed."""
MOST_TEXT_BYTES = 1020
PLAIN_FEATURES = {b"OsmSchema-V0.6", b"DenseNodes"}
KIND, LENGTH = 1 << 3 | 2, 3 << 3
RAW, RAW_SIZE, ZLIB = 1 << 3 | 2, 2 << 3, 3 << 3 | 2
REQUIRED = 4 << 3 | 2


class NotPlainError(Exception):
    """The file has something that only the library may judge."""


@dataclass(frozen=True)
class Piece:
    """What one blob has: all nodes and ways, but only the tags of things that carry one of the keys."""

    texts: list[str]
    node_id: np.ndarray
    node_place: np.ndarray
    points: Things
    point_place: np.ndarray
    ways: Things
    relations: Things


def read_plain(path: Path, keys: frozenset[str] | None) -> Parts | None:
    """Return what a .osm.pbf file has (with one of the keys; None: with any tag), None where the file is not plain.

    Raises InputError where one block has more objects than there is room for.
    """
    pieces: list[Piece] = []
    nodes = 0
    try:
        for piece in pieces_of(path, keys):
            pieces.append(piece)
            nodes += len(piece.node_id)
            if nodes > MOST_NODES:
                return None
    except NotPlainError:
        return None
    return _joined(pieces)


def pieces_of(path: Path, keys: frozenset[str] | None) -> Iterator[Piece]:
    """Yield what each block of a .osm.pbf file has, in the order of the file; a few blocks are in memory at a time.

    Raises NotPlainError where the file is not plain, InputError where a block has more objects than there is room for.
    """
    wanted = None if keys is None else {key.encode() for key in keys}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with reading(path), path.open("rb") as stream, ThreadPoolExecutor(cores) as pool:
        blobs = _blobs(stream)
        while some := list(islice(blobs, 2 * cores)):  # a few at a time: what waits for its turn is memory too
            yield from pool.map(lambda blob: _piece(blob, wanted), some)


def _blobs(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the packed blocks of the file, its header judged."""
    expected = b"OSMHeader"
    while size := stream.read(4):
        head = dict(_fields(_exactly(stream, int.from_bytes(size, "big"), MAX_BLOB_HEADER_BYTES)))
        length = head.get(LENGTH)
        if len(size) < 4 or head.get(KIND) != expected or not isinstance(length, int):  # noqa: PLR2004
            raise NotPlainError
        blob = _exactly(stream, length, MOST_BYTES)
        if expected == b"OSMHeader":
            asked = {value for name, value in _fields(_unpacked(blob)) if name == REQUIRED}
            if not asked <= PLAIN_FEATURES:
                raise NotPlainError
        else:
            yield blob
        expected = b"OSMData"


def _exactly(stream: BinaryIO, length: int, most: int) -> bytes:
    """Read so many bytes, no fewer."""
    data = stream.read(length) if 0 <= length <= most else b""
    if len(data) != length:
        raise NotPlainError
    return data


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield name and value of each field of a message."""
    array, at = np.frombuffer(data, np.uint8), 0
    while at < len(data):
        name, value, at = field(array, at, len(data))
        if at < 0:
            raise NotPlainError
        yield name, data[value:at] if name & 7 == 2 else value  # noqa: PLR2004


def _unpacked(blob: bytes) -> bytes:
    """Return what a blob holds: packed by zlib, or as it is; it must be as long as it says."""
    fields = dict(_fields(blob))
    packed, size = fields.get(ZLIB), fields.get(RAW_SIZE)
    if (
        isinstance(packed, bytes)
        and isinstance(size, int)
        and 0 < size <= MOST_BYTES
        and fields.keys() <= {ZLIB, RAW_SIZE}
    ):
        unpack = zlib.decompressobj()
        try:
            data = unpack.decompress(packed, size)
            if (
                len(data) == size and not unpack.eof
            ):  # the sum at the end is only looked at when one more byte is wanted
                data += unpack.decompress(unpack.unconsumed_tail, 1)
        except zlib.error as error:
            raise NotPlainError from error
        if len(data) == size and unpack.eof and not unpack.unused_data:
            return data
    elif fields.keys() == {RAW}:
        return bytes(fields[RAW])
    raise NotPlainError


def _piece(blob: bytes, wanted: set[bytes] | None) -> Piece:
    """Return what a packed block has."""
    data = _unpacked(blob)
    block = read_block(data)
    if block is None:
        raise NotPlainError
    begins, ends = block.strings.T.tolist()
    kept = np.arange(len(block.key))
    if wanted is not None:
        named = np.zeros(len(begins), dtype=bool)
        for i in np.unique(block.key).tolist():
            named[i] = data[begins[i] : ends[i]] in wanted
        asked = np.zeros(len(block.number), dtype=bool)
        asked[block.owner[named[block.key]]] = True
        kept = np.flatnonzero(asked[block.owner])
    used = np.zeros(len(begins), dtype=bool)
    used[block.key[kept]] = used[block.value[kept]] = True
    texts = [_text(data[begins[i] : ends[i]]) for i in np.flatnonzero(used).tolist()]
    code = np.cumsum(used, dtype=np.int32) - 1
    all_things = Things(
        block.number,
        starts(np.diff(block.refs_end, prepend=0)),
        block.refs,
        block.owner[kept],
        code[block.key[kept]],
        code[block.value[kept]],
    )
    tagged = np.zeros(len(block.number), dtype=bool)
    tagged[all_things.owner] = True
    node, point = block.kind == NODE, (block.kind == NODE) & tagged
    place = np.column_stack([block.lon, block.lat])
    return Piece(
        texts,
        block.number[node],
        place[node],
        all_things.only(point),
        place[point],
        all_things.only(block.kind == WAY),
        all_things.only((block.kind == RELATION) & tagged),
    )


def _text(data: bytes) -> str:
    """Return a key or a value."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise NotPlainError from error
    if len(data) > MOST_TEXT_BYTES or "\0" in text:
        raise NotPlainError
    return text


def _joined(pieces: list[Piece]) -> Parts:
    """Return the pieces as one; of the ways those with tags and those that a relation has."""
    number: dict[str, int] = {}
    codes = [
        np.array([number.setdefault(text, len(number)) for text in piece.texts], dtype=np.int32) for piece in pieces
    ]
    relations = together([piece.relations for piece in pieces], codes)
    ways = together([piece.ways for piece in pieces], codes)
    needed = np.isin(ways.number, relations.refs) if len(relations.refs) else np.zeros(len(ways.number), dtype=bool)
    needed[ways.owner] = True
    return Parts(
        strings=tuple(number),
        node_id=np.concatenate([np.empty(0, np.int64), *(piece.node_id for piece in pieces)]),
        node_place=np.concatenate([np.empty((0, 2), np.int32), *(piece.node_place for piece in pieces)]),
        points=together([piece.points for piece in pieces], codes),
        point_place=np.concatenate([np.empty((0, 2), np.int32), *(piece.point_place for piece in pieces)]),
        ways=ways if needed.all() else ways.only(needed),
        relations=relations,
    )


def together(parts: list[Things], codes: list[np.ndarray]) -> Things:
    """Return the things of all pieces, one after the other; `codes`: what the texts of each piece count as in all."""
    before = starts(np.array([len(part.number) for part in parts], dtype=np.int64))

    def joined(arrays: Iterable[np.ndarray], kind: type) -> np.ndarray:
        return np.concatenate([np.empty(0, kind), *arrays])

    return Things(
        number=joined((part.number for part in parts), np.int64),
        start=starts(joined((np.diff(part.start) for part in parts), np.int64)),
        refs=joined((part.refs for part in parts), np.int64),
        owner=joined((part.owner + begin for part, begin in zip(parts, before[:-1], strict=True)), np.int64),
        key=joined((code[part.key] for part, code in zip(parts, codes, strict=True)), np.int32),
        value=joined((code[part.value] for part, code in zip(parts, codes, strict=True)), np.int32),
    )

"""Where a .osm.pbf is damaged: what the library refuses is said with the byte and what is wrong there."""

import zlib
from pathlib import Path
from typing import BinaryIO

MOST_HEADER, MOST_BLOB = 64 * 1024, 32 * 1024 * 1024
_KIND, _SIZE = 3 << 3, 2 << 3
_DATA = 3 << 3 | 2
_LENGTH_WIRE = 2
_CUT = "文件被截断，字节 truncated at byte"
_NO_PBF = "不是有效的 PBF，字节 not a valid PBF at byte"
_BLOB = "数据块大于 32 MiB 或大于其自称，字节 blob larger than 32 MiB, or than it says, at byte"


def damage(path: Path) -> str:
    """Return where an extract in PBF is cut or not as the format allows, in both languages; empty where it is sound.

    Blobs are walked by their lengths; each is unpacked by no more than the format allows, 32 MiB, and let go.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        while (at := stream.tell()) < size:
            said = _blob(stream)
            if said:
                return f"{said} {at:,} / {size:,}"
    return ""


def _blob(stream: BinaryIO) -> str:
    """Return what is wrong with the next blob, and go behind it."""
    long = int.from_bytes(stream.read(4), "big")
    header = stream.read(long) if long <= MOST_HEADER else b""
    if len(header) < long:
        return _NO_PBF if long > MOST_HEADER else _CUT
    length = _number(header, _KIND)
    if length is None or length > MOST_BLOB:
        return _NO_PBF if length is None else _BLOB
    blob = stream.read(length)
    if len(blob) < length:
        return _CUT
    claimed = _number(blob[:32], _SIZE)
    too_large = claimed is not None and (claimed > MOST_BLOB or _unpacked(blob) > min(claimed, MOST_BLOB))
    return _BLOB if too_large else ""


def _number(data: bytes, name: int) -> int | None:
    """Return the number in a field of a short message, passing over the fields before it."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        value, at = _varint(data, at)
        if key == name:
            return value
        at += value if key & 7 == _LENGTH_WIRE else 0
    return None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:  # noqa: PLR2004 the last byte of a number
            break
    return value, at


def _unpacked(blob: bytes) -> int:
    """Return how long the zlib data of a blob are unpacked, up to a byte more than may be; 0 for another packing."""
    at = 0
    while at < len(blob):
        key, at = _varint(blob, at)
        value, at = _varint(blob, at)
        if key == _DATA:
            try:
                return len(zlib.decompressobj().decompress(blob[at : at + value], MOST_BLOB + 1))
            except zlib.error:
                return 0
        at += value if key & 7 == _LENGTH_WIRE else 0
    return 0

"""An extract written as a .osm.pbf: nodes, ways and relations from flat arrays, in blocks of the usual size.

After the public description of the format (wiki.openstreetmap.org/wiki/PBF_Format). Written is what circle15 reads: of
relations the ways that are their members, without roles; no versions, no authors. The same arrays give the same bytes.
"""

import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from gis.parts import Things

A_BLOCK = 8_000
"""Objects of one block, as other writers have it."""
TEXT, GROUP = 1, 2
DENSE, A_WAY, A_RELATION = 2, 3, 4
MEMBER_IS_A_WAY = 1
ID = bytes([1 << 3])
SHORT = [bytes([i]) for i in range(128)] + [bytes([i & 127 | 128, i >> 7]) for i in range(128, 1 << 14)]
"""Numbers below 16,384 as they are written: nearly all are."""
FEATURES = ("OsmSchema-V0.6", "DenseNodes")


def write_extract(
    path: Path,
    *,
    strings: Sequence[str],
    nodes: Things,
    node_place: np.ndarray,
    ways: Things,
    relations: Things,
    date: str | None = None,
) -> None:
    """Write an extract: nodes with their places (n, 2: longitude, latitude in 1e-7 degrees), ways, and relations.

    Tags count in `strings`; tags of the nodes are those of `nodes`, whose references are not written. `date` is the day
    that the header says the map is of.
    """
    texts = [text.encode() for text in strings]
    with path.open("wb") as stream:
        stream.write(_blob("OSMHeader", _header(date)))
        for things, group in ((nodes, DENSE), (ways, A_WAY), (relations, A_RELATION)):
            for first in range(0, len(things.number), A_BLOCK):
                rows = np.zeros(len(things.number), dtype=bool)
                rows[first : first + A_BLOCK] = True
                some = things.only(rows)
                used, code = np.unique(np.concatenate([some.key, some.value]), return_inverse=True)
                key, value = np.split(code + 1, 2)  # the first text of a block is empty
                table = _message(TEXT, b"".join(_message(TEXT, text) for text in (b"", *(texts[i] for i in used))))
                tagged = Things(some.number, some.start, some.refs, some.owner, key, value)
                if group == DENSE:
                    held = _message(DENSE, _dense(tagged, node_place[rows]))
                else:
                    held = b"".join(_message(group, each) for each in _objects(tagged, members=group == A_RELATION))
                stream.write(_blob("OSMData", table + _message(GROUP, held)))


def _header(date: str | None) -> bytes:
    """Return what stands at the head of the file."""
    said = b"".join(_message(4, feature.encode()) for feature in FEATURES) + _message(16, b"circle15")
    if date is None:
        return said
    day = datetime.fromisoformat(date).replace(tzinfo=UTC)
    return said + _number(32, int(day.timestamp()))


def _dense(nodes: Things, place: np.ndarray) -> bytes:
    """Return nodes as columns of differences; their tags as key, value ... 0 for each node."""
    lon, lat = place.astype(np.int64).T
    count = np.bincount(nodes.owner, minlength=len(nodes.number))
    stops = np.cumsum(2 * count + 1) - 1
    tags = np.zeros(stops[-1] + 1, dtype=np.int64)
    where = np.ones(len(tags), dtype=bool)
    where[stops] = False
    tags[where] = np.column_stack([nodes.key, nodes.value]).ravel()
    columns = ((1, _steps(nodes.number)), (8, _steps(lat)), (9, _steps(lon)))
    parts = [_message(field, _varints(_zigzag(steps))[0].tobytes()) for field, steps in columns]
    if len(nodes.owner):
        parts.append(_message(10, _varints(tags)[0].tobytes()))
    return b"".join(parts)


def _objects(things: Things, *, members: bool) -> Iterator[bytes]:
    """Yield each way, or each relation with its members."""
    first = things.start[:-1]
    steps = np.diff(things.refs, prepend=0)
    begins = first[np.diff(things.start) > 0]
    steps[begins] = things.refs[begins]  # differences begin anew with each
    refs, ref_end = _varints(_zigzag(steps))
    keys, key_end = _varints(things.key)
    values, value_end = _varints(things.value)
    ids, id_end = _varints(things.number)
    tag = np.searchsorted(things.owner, np.arange(len(things.number) + 1))
    columns = [
        (found.tobytes(), np.append(0, end)[at].tolist())
        for found, end, at in (
            (ids, id_end, np.arange(len(things.number) + 1)),
            (keys, key_end, tag),
            (values, value_end, tag),
            (refs, ref_end, things.start),
        )
    ]
    sizes = np.diff(things.start).tolist()
    for i in range(len(things.number)):
        number, key, value, ref = [data[bounds[i] : bounds[i + 1]] for data, bounds in columns]
        said = [ID, number]
        if key:
            said += [_message(2, key), _message(3, value)]
        if members:
            said += [_message(8, bytes(sizes[i])), _message(9, ref), _message(10, bytes([MEMBER_IS_A_WAY]) * sizes[i])]
        else:
            said.append(_message(8, ref))
        yield b"".join(said)


def _steps(values: np.ndarray) -> np.ndarray:
    """Return the first value and how much each is above the one before."""
    return np.diff(values, prepend=values.dtype.type(0))


def _zigzag(values: np.ndarray) -> np.ndarray:
    """Return signed numbers so that small ones of either sign are small."""
    return (values << 1) ^ (values >> 63)


def _varints(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers in seven bits a byte, and where each ends.

    >>> _varints(np.array([1, 300]))
    (array([  1, 172,   2], dtype=uint8), array([1, 3]))
    """
    rest = values.astype(np.int64).view(np.uint64).copy()
    size = np.ones(len(rest), dtype=np.int64)
    longer = rest >> np.uint64(7)
    while longer.any():
        size += longer > 0
        longer >>= np.uint64(7)
    end = np.cumsum(size)
    found = np.empty(int(size.sum()), dtype=np.uint8)
    for k in range(int(size.max(initial=0))):
        here = np.flatnonzero(size > k)
        more = np.where(size[here] > k + 1, np.uint64(128), np.uint64(0))
        found[end[here] - size[here] + k] = (rest[here] & np.uint64(127)) | more
        rest >>= np.uint64(7)
    return found, end


def _varint(value: int) -> bytes:
    if 0 <= value < len(SHORT):
        return SHORT[value]
    return _long_varint(value)


def _long_varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    found = bytearray()
    while value > 127:  # noqa: PLR2004 - seven bits
        found.append(value & 127 | 128)
        value >>= 7
    return bytes((*found, value))


def _message(field: int, data: bytes) -> bytes:
    """Return a field that is bytes."""
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _number(field: int, value: int) -> bytes:
    """Return a field that is a number."""
    return _varint(field << 3) + _varint(value)


def _blob(kind: str, data: bytes) -> bytes:
    """Return a block, packed, with its head."""
    blob = _number(2, len(data)) + _message(3, zlib.compress(data))
    head = _message(1, kind.encode()) + _number(3, len(blob))
    return len(head).to_bytes(4, "big") + head + blob

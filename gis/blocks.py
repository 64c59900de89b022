"""One block of a PBF extract, compiled: its nodes, ways and relations on flat arrays, every byte within bounds.

The kernel follows the public description of the format (wiki.openstreetmap.org/wiki/PBF_Format) and has no mercy:
whatever is not plain - a length that runs over, lists that do not pair up, an unknown group - makes it give up, and
the file is judged by the library (`gis.osm`). Versions and authors of objects, and the roles of members, are not read:
of them alone the library would refuse a block that is damaged and not packed (packed ones carry a sum).
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit

NODE, WAY, RELATION = 0, 1, 2
MOST_THINGS = 1_000_000
"""Objects of one block; writers put 8,000 into one, and a file of three megabytes can claim a thousand times more."""
MOST_PARTS = 4_000_000
"""References, and tags, of one block."""
NANODEGREES = 100
"""Places are kept as the library keeps them, in units of 1e-7 degrees."""
NOT_PLAIN, FULL = -1, -2
MOST_UNITS = 2**31 - 1
MOST_RAW = 2**40
MOST_GRANULARITY = 10**6
MOST_OFFSET = 10**15

STRINGS, TEXT, GROUP = 1 << 3 | 2, 1 << 3 | 2, 2 << 3 | 2  # fields are named by their number and how they are written
GRANULARITY, DATE_GRANULARITY, LAT_OFFSET, LON_OFFSET = 17 << 3, 18 << 3, 19 << 3, 20 << 3
A_NODE, DENSE, A_WAY, A_RELATION = 1 << 3 | 2, 2 << 3 | 2, 3 << 3 | 2, 4 << 3 | 2


Count = tuple[int, int, int]


class Block(NamedTuple):
    """Objects in file order: `kind`, `number` (the id), `lon` and `lat` (1e-7 degrees) of nodes.

    The references of object `i` - nodes of a way, ways of a relation - are `refs[refs_end[i - 1]:refs_end[i]]`. Tags
    belong to the object `owner`, `key` and `value` count in `strings`: where each begins and ends in the bytes.
    """

    strings: np.ndarray
    kind: np.ndarray
    number: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    refs_end: np.ndarray
    refs: np.ndarray
    owner: np.ndarray
    key: np.ndarray
    value: np.ndarray


def read_block(data: bytes) -> Block | None:
    """Return the objects of a block; None where anything in it is not plain.

    Raises ValueError for a block of more objects than any writer makes: neither we nor the library have room for them.
    """
    things, parts = min(len(data) // 2 + 1, MOST_THINGS), min(len(data) + 1, MOST_PARTS)
    place, tag = np.empty((2, things), np.int32), np.empty((3, parts), np.int32)
    room = Block(
        np.empty((things, 2), np.int32),
        np.empty(things, np.int8),
        np.empty(things, np.int64),
        place[0],
        place[1],
        np.empty(things, np.int64),
        np.empty(parts, np.int64),
        tag[0],
        tag[1],
        tag[2],
    )
    texts, (n, r, t) = _walk(np.frombuffer(data, np.uint8), room)
    used = (texts, n, n, n, n, n, r, t, t, t)  # what is used is copied, so that the room goes back
    if texts == FULL:
        raise ValueError(f"more than {MOST_THINGS:,} objects or {MOST_PARTS:,} of their parts in one block")
    return None if texts < 0 else Block(*(array[:many].copy() for array, many in zip(room, used, strict=True)))


@njit(cache=True, nogil=True, forceinline=True)
def _varint(data: np.ndarray, at: Any, end: Any) -> tuple[Any, Any]:
    """Return a number and where the next one begins; -1 where it runs over the end."""
    if 0 <= at < end and data[np.uint64(at)] < 0x80:  # most numbers are of one byte
        return np.int64(data[np.uint64(at)]), at + 1
    value, shift = np.uint64(0), np.uint64(0)
    while 0 <= at < end and shift < np.uint64(70):
        byte = data[np.uint64(at)]
        at += 1
        value |= np.uint64(byte & 0x7F) << shift
        if byte < 0x80:
            return np.int64(value), at
        shift += np.uint64(7)
    return 0, -1


@njit(cache=True, nogil=True, forceinline=True)
def field(data: np.ndarray, at: Any, end: Any) -> tuple[Any, Any, Any]:
    """Return a field's name (number * 8 + wire type), its value or where it begins, where it ends; -1: not plain."""
    name, at = _varint(data, at, end)
    wire = name & 7
    if at < 0 or name < 8:
        return 0, 0, -1
    if wire == 0:
        value, at = _varint(data, at, end)
        return name, value, at
    length = 8 if wire == 1 else 4 if wire == 5 else -1
    if wire == 2:
        length, at = _varint(data, at, end)
    if at < 0 or length < 0 or length > end - at:
        return 0, 0, -1
    return name, at, at + length


@njit(cache=True, nogil=True, forceinline=True)
def _in_units(raw: Any, granularity: Any, offset: Any) -> Any:
    """Return a coordinate in 1e-7 degrees, cut towards zero as the library does; above the most where it is none."""
    if not -MOST_RAW <= raw <= MOST_RAW:
        return MOST_UNITS + 1
    nano = raw * granularity + offset
    units = abs(nano) // NANODEGREES
    return units if nano >= 0 else -units


@njit(cache=True, nogil=True, forceinline=True)
def _zigzag(raw: Any) -> Any:
    """Return a number whose sign is its lowest bit."""
    bits = np.uint64(raw)
    return np.int64(bits >> np.uint64(1)) ^ -np.int64(bits & np.uint64(1))


@njit(cache=True, nogil=True)
def _walk(data: np.ndarray, room: Block) -> tuple[int, Count]:
    """Fill the room from a block; return how many strings, objects, references and tags, or -1 where not plain."""
    size = len(data)
    at: Any = np.int64(0)  # a bare 0 is a type of its own, for which all below would be compiled once more
    count = (at, at, at)
    texts, grid = _head(data, size, room.strings)
    while texts >= 0 and at < size:
        name, group, at = field(data, at, size)
        if name == GROUP:
            count = _things(data, (group, at), grid, texts, count, room)
        if count[0] < 0:
            return count[0], count
    return texts, count


@njit(cache=True, nogil=True)
def _head(data: np.ndarray, size: int, strings: np.ndarray) -> tuple[int, Count]:
    """Note where the strings of a block are; return how many (-1: not plain), and how its coordinates are written."""
    nothing: Any = np.int64(0)
    texts = tables = at = nothing
    granularity, lat_offset, lon_offset = 100, 0, 0
    plain: Any = True
    while plain and at < size:
        name, begin, at = field(data, at, size)
        plain = at >= 0
        if name == STRINGS:
            tables += 1
            while plain and begin < at:
                of_table, text, begin = field(data, begin, at)
                plain = begin >= 0 and of_table == TEXT and texts < len(strings)
                if plain:
                    strings[texts, 0], strings[texts, 1] = text, begin
                    texts += 1
        elif name == GRANULARITY:
            granularity = begin
        elif name == LAT_OFFSET:
            lat_offset = begin
        elif name == LON_OFFSET:
            lon_offset = begin
        elif name not in (GROUP, DATE_GRANULARITY):
            plain = False
    near = max(abs(lat_offset), abs(lon_offset)) <= MOST_OFFSET
    plain = plain and near and tables == 1 and 0 < granularity <= MOST_GRANULARITY
    return texts if plain else -1, (granularity, lat_offset, lon_offset)


@njit(cache=True, nogil=True)
def _dense(data: np.ndarray, ends: tuple[int, int], grid: Count, texts: int, count: Count, room: Block) -> Count:
    """Add some dense nodes; return how many objects, references and tags there are, -1: not plain."""
    not_plain, full = (NOT_PLAIN, 0, 0), (FULL, 0, 0)
    begin, end = ends
    n, r, t = count
    _, kind, number, lon, lat, refs_end, _, owner, key, value = room  # at every step it would cost ten times as much
    granularity, lat_offset, lon_offset = grid
    ids = id_end = lats = lat_end = lons = lon_end = tags = tags_end = -1
    while begin < end:
        part, start, begin = field(data, begin, end)
        if begin < 0:
            return not_plain
        if part == (1 << 3 | 2) and ids < 0:
            ids, id_end = start, begin
        elif part == (8 << 3 | 2) and lats < 0:
            lats, lat_end = start, begin
        elif part == (9 << 3 | 2) and lons < 0:
            lons, lon_end = start, begin
        elif part == (10 << 3 | 2) and tags < 0:
            tags, tags_end = start, begin
        elif part != (5 << 3 | 2):
            return not_plain
    here, y, x = 0, 0, 0
    while ids < id_end:
        step, ids = _varint(data, ids, id_end)
        down, lats = _varint(data, lats, lat_end)
        along, lons = _varint(data, lons, lon_end)
        here, y, x = here + _zigzag(step), y + _zigzag(down), x + _zigzag(along)
        up, right = _in_units(y, granularity, lat_offset), _in_units(x, granularity, lon_offset)
        if min(ids, lats, lons) < 0 or max(abs(up), abs(right)) > MOST_UNITS:
            return not_plain
        if n == len(number):
            return full
        kind[n], number[n], lon[n], lat[n], refs_end[n] = NODE, here, right, up, r
        while tags < tags_end:
            k, tags = _varint(data, tags, tags_end)
            if k == 0:
                break
            v, tags = _varint(data, tags, tags_end)
            if tags < 0 or not (0 < k < texts and 0 <= v < texts):
                return not_plain
            if t == len(owner):
                return full
            owner[t], key[t], value[t] = n, k, v
            t += 1
        if tags < 0 <= tags_end:
            return not_plain
        n += 1
    if lats != lat_end or lons != lon_end or tags != tags_end:
        return not_plain
    return n, r, t


@njit(cache=True, nogil=True)
def _things(data: np.ndarray, ends: tuple[int, int], grid: Count, texts: int, count: Count, room: Block) -> Count:
    """Add the objects of a group; return how many objects, references and tags there are, -1: not plain."""
    not_plain, full = (NOT_PLAIN, 0, 0), (FULL, 0, 0)
    granularity, lat_offset, lon_offset = grid
    group, group_end = ends
    n, r, t = count
    _, kind, number, lon, lat, refs_end, refs, owner, key, value = room
    while group < group_end:
        what, begin, end = field(data, group, group_end)
        group = end
        if end >= 0 and what == DENSE:
            n, r, t = _dense(data, (begin, end), grid, texts, (n, r, t), room)
            if n < 0:
                return n, r, t
            continue
        if end < 0 or what not in (A_NODE, A_WAY, A_RELATION):
            return not_plain
        if n == len(number):
            return full
        # Where each list begins and ends; a list in two parts, or not packed, is not plain.
        keys = keys_end = values = values_end = -1
        eight = eight_end = nine = nine_end = ten = ten_end = -1
        own, up, right = 0, 0, 0
        alone = 0
        while begin < end:
            part, start, begin = field(data, begin, end)
            if begin < 0:
                return not_plain
            if part == (1 << 3) and not alone & 1:
                own, alone = start, alone | 1
            elif part == (2 << 3 | 2) and keys < 0:
                keys, keys_end = start, begin
            elif part == (3 << 3 | 2) and values < 0:
                values, values_end = start, begin
            elif part == (8 << 3 | 2) and eight < 0:
                eight, eight_end = start, begin
            elif part == (9 << 3 | 2) and nine < 0:
                nine, nine_end = start, begin
            elif part == (10 << 3 | 2) and ten < 0:
                ten, ten_end = start, begin
            elif part == (8 << 3) and not alone & 2:
                up, alone = _zigzag(start), alone | 2
            elif part == (9 << 3) and not alone & 4:
                right, alone = _zigzag(start), alone | 4
            elif part != (4 << 3 | 2):
                return not_plain
        while keys < keys_end:
            k, keys = _varint(data, keys, keys_end)
            v, values = _varint(data, values, values_end)
            if min(keys, values) < 0 or not (0 <= k < texts and 0 <= v < texts):
                return not_plain
            if t == len(owner):
                return full
            owner[t], key[t], value[t] = n, k, v
            t += 1
        if values != values_end or alone != (7 if what == A_NODE else 1):
            return not_plain
        if what == A_NODE:
            own = _zigzag(own)
            up, right = _in_units(up, granularity, lat_offset), _in_units(right, granularity, lon_offset)
            if max(abs(up), abs(right)) > MOST_UNITS:
                return not_plain
            kind[n] = NODE
        elif what == A_WAY:
            here = 0
            while eight < eight_end:
                step, eight = _varint(data, eight, eight_end)
                if eight < 0:
                    return not_plain
                if r == len(refs):
                    return full
                here += _zigzag(step)
                refs[r] = here
                r += 1
            kind[n] = WAY
        else:
            here = 0
            while nine < nine_end:
                step, nine = _varint(data, nine, nine_end)
                role, eight = _varint(data, eight, eight_end)
                of_type, ten = _varint(data, ten, ten_end)
                if min(nine, eight, ten) < 0 or not 0 <= role < texts or not 0 <= of_type <= RELATION:
                    return not_plain
                if r == len(refs):
                    return full
                here += _zigzag(step)
                if of_type == WAY:
                    refs[r] = here
                    r += 1
            if eight != eight_end or ten != ten_end:
                return not_plain
            kind[n] = RELATION
        number[n], lon[n], lat[n], refs_end[n] = own, right, up, r
        n += 1
    return n, r, t

"""An extract of the map in memory, read once: its tagged points, ways and relations, and where their nodes lie.

Everything that looks at the map - streets, ground, barriers, estates, places - looks at the same reading of it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from gis.errors import Finding, InputError
from gis.osm import extract_date, read_by_library, sniff
from gis.parts import Parts, Things
from gis.pbf import read_plain

DEGREE = 1e7
"""Places are whole numbers of 1e-7 degrees, as the map itself has them."""

Keys = Mapping[str, tuple[str, ...] | None]


@dataclass(frozen=True)
class Extract:
    """The tagged objects of an extract in file order, and the places of at least all nodes that its ways have.

    `keys`: only what carries one of these was read (None: whatever has tags), beside the ways that a relation needs.
    `node_id` ascends, `node_place` (n, 2) is longitude and latitude in 1e-7 degrees; a node at two places stands at the
    first and is in `moved`, one out of range or at 0, 0 is in `outside` as often as it is given, both in file order.
    """

    name: str
    date: str | None
    keys: frozenset[str] | None
    strings: tuple[str, ...]
    node_id: np.ndarray
    node_place: np.ndarray
    moved: np.ndarray
    outside: np.ndarray
    points: Things
    point_place: np.ndarray
    ways: Things
    relations: Things

    @cached_property
    def _number(self) -> Mapping[str, int]:
        return {text: number for number, text in enumerate(self.strings)}

    def must_have(self, keys: Collection[str]) -> None:
        """Raise ValueError where one of the keys was not read: what is not there would look as if the map had none."""
        if self.keys is not None and not self.keys >= set(keys):
            raise ValueError(f"the extract was read without {', '.join(sorted(set(keys) - self.keys))}")

    def values(self, things: Things, key: str) -> np.ndarray:
        """Return for each of some things which string its tag has, -1 where it has no such tag."""
        rows = things.key == self._number.get(key, -1)
        found = np.full(len(things.number), -1, dtype=np.int32)
        found[things.owner[rows]] = things.value[rows]
        return found

    def having(self, things: Things, keys: Keys) -> np.ndarray:
        """Return which of some things carry one of the keys with one of the values (None: any value)."""
        hit = np.zeros(len(things.number), dtype=bool)
        for key, wanted in keys.items():
            value = self.values(things, key)
            hit |= value >= 0 if wanted is None else np.isin(value, [self._number.get(text, -2) for text in wanted])
        return hit

    def tags(self, things: Things, which: np.ndarray) -> list[dict[str, str]]:
        """Return the tags of some things, by their positions."""
        start = np.searchsorted(things.owner, np.arange(len(things.number) + 1))
        texts = self.strings
        key, value = things.key.tolist(), things.value.tolist()
        ends = zip(start[which].tolist(), start[which + 1].tolist(), strict=True)
        return [{texts[key[i]]: texts[value[i]] for i in range(begin, end)} for begin, end in ends]

    def kinds(self, things: Things, keys: Sequence[str]) -> tuple[list[dict[str, str]], np.ndarray]:
        """Return the different sets of tags, of these keys alone, as they come, and which set each thing has."""
        columns = np.array([self.values(things, key) for key in keys], dtype=np.int64).reshape(len(keys), -1)
        kind = np.zeros(len(things.number), dtype=np.int64)
        for column in columns:
            kind = pd.factorize(kind * (len(self.strings) + 1) + column + 1)[0]
        _, first = np.unique(kind, return_index=True)
        sets = [
            {key: self.strings[value] for key, value in zip(keys, row, strict=True) if value >= 0}
            for row in columns[:, first].T.tolist()
        ]
        return sets, kind

    def places(self, node_ids: np.ndarray) -> np.ndarray:
        """Return where some nodes stand in `node_id`, -1 where they are missing."""
        if not len(self.node_id):
            return np.full(len(node_ids), -1)
        at = np.minimum(np.searchsorted(self.node_id, node_ids), len(self.node_id) - 1)
        found: np.ndarray = np.where(self.node_id[at] == node_ids, at, -1)
        return found


def read_extract(path: str | Path, *, keys: Collection[str] | None = None) -> Extract:
    """Return an extract (.osm.pbf, .osm, .osm.gz, told apart by content): what carries one of the keys, None: any tag.

    A plain .osm.pbf is read at once by `gis.pbf`; whatever is odd in it, and any other format, is read and judged by
    the library. Raises InputError where the file is missing, empty, broken or no extract.
    """
    path, wanted = Path(path), None if keys is None else frozenset(keys)
    parts = read_plain(path, wanted) if sniff(path) == "pbf" else None
    date = extract_date(path)
    return _made(str(path), date, wanted, parts or read_by_library(path, wanted))


def _made(name: str, date: str | None, keys: frozenset[str] | None, parts: Parts) -> Extract:
    """Return the extract of what a reader found: nodes by id, each once."""
    number, place = parts.node_id, parts.node_place
    sound = in_range(place) & place.any(axis=1)
    outside = number[~sound]
    if len(outside):
        number, place = number[sound], place[sound]
    moved = number[:0]
    if (number[1:] <= number[:-1]).any():
        order = np.argsort(number, kind="stable")
        begins = np.append(True, np.diff(number[order]) > 0)[: len(order)]
        first = order[begins]
        elsewhere = (place[order] != place[first[np.cumsum(begins) - 1]]).any(axis=1)
        moved = number[np.sort(order[elsewhere])]
        number, place = number[first], place[first]
    there = in_range(parts.point_place)
    points, point_place = parts.points, parts.point_place
    if not there.all():
        points, point_place = points.only(there), point_place[there]
    return Extract(
        name, date, keys, parts.strings, number, place, moved, outside, points, point_place, parts.ways, parts.relations
    )


def in_range(place: np.ndarray) -> np.ndarray:
    """Return which places are on the earth."""
    there: np.ndarray = (np.abs(place) <= np.array([1_800_000_000, 900_000_000])).all(axis=1)
    return there


def middle(source: Extract | str | Path) -> tuple[float, float]:
    """Return longitude and latitude in the middle of what an extract shows (their median: strays do not matter).

    Counted are the nodes of its ways and its points. Raises InputError where there is none.
    """
    extract = source if isinstance(source, Extract) else read_extract(source)
    of_ways = np.zeros(len(extract.node_id), dtype=bool)
    at = extract.places(extract.ways.refs)
    of_ways[at[at >= 0]] = True
    place = np.concatenate([extract.node_place[of_ways], extract.point_place])
    if not len(place):
        raise InputError([Finding("STREETS_NONE", "reject", extract.name)])
    lon, lat = np.median(place, axis=0) / DEGREE
    return float(lon), float(lat)

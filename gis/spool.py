"""An extract on the disk while it is cut: nodes in two flat files, the rest in chunks that are looked at one by one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from gis.parts import Things, starts
from gis.pbf import together

A_CHUNK = 64
"""Blocks of the file in one chunk."""
KINDS = ("points", "ways", "relations")
ARRAYS = ("number", "start", "refs", "owner", "key", "value")
Piece = tuple[list[str], Things, np.ndarray, Things, Things]


@dataclass(frozen=True)
class Chunk:
    """Some of the extract, in the order of the file; tags count in `strings`."""

    strings: list[str]
    points: Things
    point_place: np.ndarray
    ways: Things
    relations: Things


class Spool:
    """Takes an extract as it is read and lays it down."""

    def __init__(self, folder: Path) -> None:
        """Lay down in an empty folder."""
        self.folder = folder
        self.waiting: list[Piece] = []
        self.chunks = 0
        self.last, self.ascending = np.iinfo(np.int64).min, True

    def __enter__(self) -> Self:
        """Open the files of the nodes."""
        self.ids, self.places = (self.folder / "ids").open("wb"), (self.folder / "places").open("wb")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Lay down what waits."""
        if kind is None:
            self._lay_down()
        self.ids.close()
        self.places.close()

    def add(  # noqa: PLR0917 - a piece as it is read
        self,
        texts: list[str],
        node_id: np.ndarray,
        node_place: np.ndarray,
        points: Things,
        point_place: np.ndarray,
        ways: Things,
        relations: Things,
    ) -> None:
        """Take the next piece of the extract."""
        if len(node_id):
            self.ascending &= bool(node_id[0] > self.last) and bool((node_id[1:] > node_id[:-1]).all())
            self.last = int(node_id[-1])
            self.ids.write(np.ascontiguousarray(node_id, np.int64).data)
            self.places.write(np.ascontiguousarray(node_place, np.int32).data)
        if len(points.number) or len(ways.number) or len(relations.number):
            self.waiting.append((texts, points, point_place, ways, relations))
        if len(self.waiting) >= A_CHUNK:
            self._lay_down()

    def _lay_down(self) -> None:
        if not self.waiting:
            return
        number: dict[str, int] = {}
        codes = [np.array([number.setdefault(text, len(number)) for text in texts], np.int32)
                 for texts, *_ in self.waiting]  # fmt: skip
        things = {kind: together([piece[at] for piece in self.waiting], codes)  # type: ignore[misc]
                  for kind, at in zip(KINDS, (1, 3, 4), strict=True)}  # fmt: skip
        arrays = {f"{kind}_{name}": getattr(things[kind], name) for kind in KINDS for name in ARRAYS}
        arrays["place"] = np.concatenate([piece[2] for piece in self.waiting])
        arrays["texts"] = np.frombuffer("\0".join(number).encode(), np.uint8)
        np.savez(self.folder / f"{self.chunks}.npz", **arrays)
        self.chunks += 1
        self.waiting = []

    def held(self) -> "Held":
        """Return what was laid down; nodes that came in no order are put in order of their ids first."""
        if not self.ascending:
            ids, places = _nodes(self.folder)
            order = np.argsort(ids, kind="stable")
            for name, found in (("ids", ids[order]), ("places", places[order])):
                found.tofile(self.folder / f"{name}.new")
            del ids, places
            for name in ("ids", "places"):
                (self.folder / f"{name}.new").replace(self.folder / name)
        return Held(self.folder, self.chunks, self.ascending)


@dataclass(frozen=True)
class Held:
    """An extract on the disk, in so many chunks; `once`: no node is there twice."""

    folder: Path
    count: int
    once: bool

    def chunks(self) -> Iterator[Chunk]:
        """Yield the chunks in the order of the file."""
        for chunk in range(self.count):
            yield _chunk(self.folder / f"{chunk}.npz")

    def texts(self, chunk: int) -> Mapping[str, int]:
        """Return how the texts of a chunk are counted."""
        return {text: number for number, text in enumerate(_chunk(self.folder / f"{chunk}.npz").strings)}

    def places(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where nodes stand (the first place of each) and which are there at all."""
        have, places = _nodes(self.folder)
        if not len(have):
            return np.zeros((len(ids), 2), np.int32), np.zeros(len(ids), dtype=bool)
        wanted, of_wanted = np.unique(ids, return_inverse=True)
        at = np.minimum(np.searchsorted(have, wanted), len(have) - 1)
        there = have[at] == wanted
        return places[at][of_wanted], there[of_wanted]

    def copies(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the nodes of these ids, ascending, with their places; one that is there twice comes twice."""
        have, places = _nodes(self.folder)
        first = np.searchsorted(have, ids)
        size = np.searchsorted(have, ids, side="right") - first
        begin = starts(size)
        at = np.repeat(first - begin[:-1], size) + np.arange(begin[-1])
        return np.repeat(ids, size), np.asarray(places[at])

    def points(
        self, spots: np.ndarray, texts: list[str]
    ) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Return ids, places and tags (owner, key, value) of points by chunk and position; `texts` grows by theirs."""
        number = {text: i for i, text in enumerate(texts)}
        ids, places, owners, keys, values = ([np.empty(shape, kind)] for shape, kind in (
            (0, np.int64), ((0, 2), np.int32), (0, np.int64), (0, np.int32), (0, np.int32)))  # fmt: skip
        before = 0
        for chunk in np.unique(spots[:, 0]).tolist():
            held = _chunk(self.folder / f"{chunk}.npz")
            which = np.zeros(len(held.points.number), dtype=bool)
            which[spots[spots[:, 0] == chunk, 1]] = True
            some = held.points.only(which)
            used, code = np.unique(np.concatenate([some.key, some.value]), return_inverse=True)
            own = np.array([number.setdefault(held.strings[i], len(number)) for i in used.tolist()], np.int32)
            key, value = np.split(own[code] if len(code) else code, 2)
            for parts, found in zip((ids, places, owners, keys, values),
                                    (some.number, held.point_place[which], some.owner + before, key, value),
                                    strict=True):  # fmt: skip
                parts.append(found)
            before += len(some.number)
        texts[:] = number
        node_id, place, owner, key, value = (np.concatenate(part) for part in (ids, places, owners, keys, values))
        return node_id, place, (owner, key, value)


@lru_cache(maxsize=2)
def _chunk(path: Path) -> Chunk:
    """Return one chunk; the last two are kept, as the same is often asked for again at once."""
    with np.load(path) as arrays:
        things = (Things(*(arrays[f"{kind}_{name}"] for name in ARRAYS)) for kind in KINDS)
        points, ways, relations = things
        text = arrays["texts"].tobytes().decode()
        return Chunk(text.split("\0"), points, arrays["place"], ways, relations)


def _nodes(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the nodes as they lie on the disk: ids and places (n, 2)."""
    if not (folder / "ids").stat().st_size:
        return np.empty(0, np.int64), np.empty((0, 2), np.int32)
    ids = np.memmap(folder / "ids", np.int64, mode="r")
    return ids, np.memmap(folder / "places", np.int32, mode="r").reshape(-1, 2)

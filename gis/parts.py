"""What a reader finds in an extract, before it is put in order: flat arrays in the order of the file."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Things:
    """Points, ways or relations: `number` is their id; thing `i` has the references `refs[start[i]:start[i + 1]]`.

    References are the nodes of a way and the ways of a relation. Tags come in the order of the things: tag `j` belongs
    to the thing at the position `owner[j]`, its `key` and `value` count in the strings of the extract.
    """

    number: np.ndarray
    start: np.ndarray
    refs: np.ndarray
    owner: np.ndarray
    key: np.ndarray
    value: np.ndarray

    def only(self, which: np.ndarray) -> "Things":
        """Return the things for which a flag is set, with their references and tags.

        >>> street, wall = ([7, 8], [0, 2, 3], [1, 2, 3]), ([0, 1], [0, 0], [1, 2])
        >>> Things(*map(np.array, (*street, *wall))).only(np.array([False, True])).refs
        array([3])
        """
        size = np.diff(self.start)
        tagged = which[self.owner]
        position = np.cumsum(which, dtype=np.int32) - 1
        return Things(
            self.number[which],
            starts(size[which]),
            self.refs[np.repeat(which, size)],
            position[self.owner[tagged]],
            self.key[tagged],
            self.value[tagged],
        )

    def refs_of(self, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the references of some things, by their positions, and where those of each begin and the last end."""
        size = np.diff(self.start)[which]
        start = starts(size)
        return self.refs[np.repeat(self.start[which] - start[:-1], size) + np.arange(start[-1])], start


@dataclass(frozen=True)
class Parts:
    """Nodes with their places (n, 2: longitude, latitude in 1e-7 degrees), tagged points with theirs, ways, relations.

    Ids may come in any order and more than once.
    """

    strings: tuple[str, ...]
    node_id: np.ndarray
    node_place: np.ndarray
    points: Things
    point_place: np.ndarray
    ways: Things
    relations: Things


def starts(sizes: np.ndarray) -> np.ndarray:
    """Return where each of some lists begins when they stand one after the other, and where the last one ends."""
    found: np.ndarray = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
    return found

"""Demand with the same choice, found and put into one order: compiled by numba, cached on disk, where there is much.

Rows are told apart by their whole lists of links, never by a checksum alone; the order of the groups is that of their
lists, so that it does not depend on the order of the rows.
"""

from functools import cache
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Places = NDArray[np.int32]
BITS = 21
"""So many bits of a sorting key hold one link: the first three links of a list make one whole number."""
MOST_LINKS = (1 << BITS) - 2
FEW = 20_000
"""So few rows and pairs are gone through as they are, in some hundredths of a second: compiling takes seconds."""


def lists(row: np.ndarray, link: np.ndarray, kept: np.ndarray, rows: int, links: int) -> tuple[Whole, Places]:
    """Return for each row its links in rising order, each once: where its list starts, and all lists end to end.

    Pair `k` says that `row[k]` has `link[k]`; only pairs that are `kept` count.

    >>> lists(np.array([1, 0, 1, 1]), np.array([2, 0, 1, 2]), np.array([True, False, True, True]), 2, 3)
    (array([0, 0, 2]), array([1, 2], dtype=int32))
    """
    if len(row) > FEW:
        return _many_lists(row, link, kept, rows, links)
    width = max(links, 1)
    pair = np.unique(row[kept].astype(np.int64) * width + link[kept])
    start = np.searchsorted(pair, np.arange(rows + 1, dtype=np.int64) * width).astype(np.int64)
    return start, (pair % width).astype(np.int32)


@cache
def ready() -> None:
    """Have the merging of many rows compiled, once a process."""
    row, link = np.array([0, 0, 1], dtype=np.int64), np.array([0, 1, 1], dtype=np.int32)
    start, found = _many_lists(row, link, np.ones(3, dtype=bool), 2, 2)
    _many_groups(start, found, np.zeros(2, dtype=np.int64))


@njit(cache=True, nogil=True)
def _many_lists(
    row: np.ndarray, link: np.ndarray, kept: np.ndarray, rows: int, links: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return what `lists` returns, by counting."""
    by_link = np.zeros(links + 1, dtype=np.int64)
    start = np.zeros(rows + 1, dtype=np.int64)
    for k in range(len(row)):
        if kept[k]:
            by_link[link[k] + 1] += 1
            start[row[k] + 1] += 1
    for k in range(links):
        by_link[k + 1] += by_link[k]
    for i in range(rows):
        start[i + 1] += start[i]
    pairs = start[rows]
    row_in_turn = np.empty(pairs, dtype=np.int32)
    at = by_link[:-1].copy()
    for k in range(len(row)):
        if kept[k]:
            row_in_turn[at[link[k]]] = row[k]
            at[link[k]] += 1
    found = np.empty(pairs, dtype=np.int32)
    end = start[:-1].copy()
    for j in range(links):
        for k in range(by_link[j], by_link[j + 1]):
            i = row_in_turn[k]
            if end[i] == start[i] or found[end[i] - 1] != j:  # a pair that was given twice is one pair
                found[end[i]] = j
                end[i] += 1
    return _tight(start, end, found)


@njit(cache=True, nogil=True)
def _tight(start: np.ndarray, end: np.ndarray, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Close the gaps that pairs given twice have left at the ends of lists."""
    if (end == start[1:]).all():
        return start, found
    tight = np.zeros(len(start), dtype=np.int64)
    for i in range(len(end)):
        length = end[i] - start[i]
        found[tight[i] : tight[i] + length] = found[start[i] : end[i]].copy()
        tight[i + 1] = tight[i] + length
    return tight, found[: tight[-1]].copy()


def groups(start: Whole, link: Places, unit: Whole, *, merge: bool = True) -> tuple[Whole, Whole]:
    """Return a row of each group of rows with the same links and unit, and the group of every row.

    Groups stand in the order of their lists of links, then of their units. Rows that are not to be merged keep their
    order.

    >>> start, link = np.array([0, 1, 3, 4, 6]), np.array([1, 0, 1, 1, 0, 1], dtype=np.int32)
    >>> groups(start, link, np.zeros(4, dtype=np.int64))
    (array([1, 0]), array([1, 0, 1, 0]))
    """
    rows = len(start) - 1
    if not merge or rows == 0:
        return np.arange(rows), np.arange(rows)
    return (_few_groups if max(rows, len(link)) <= FEW else _many_groups)(start, link, unit)


def _few_groups(start: Whole, link: Places, unit: Whole) -> tuple[Whole, Whole]:
    """Return what `groups` returns, by looking each list up whole."""
    links, ends = link.tolist(), start.tolist()
    keys = [(tuple(links[a:b]), u) for (a, b), u in zip(pairwise(ends), unit.tolist(), strict=True)]
    first: dict[tuple[tuple[int, ...], int], int] = {}
    for i, key in enumerate(keys):
        first.setdefault(key, i)
    in_order = sorted(first)
    place = {key: n for n, key in enumerate(in_order)}
    return (
        np.array([first[key] for key in in_order], dtype=np.int64),
        np.array([place[key] for key in keys], dtype=np.int64),
    )


def _many_groups(start: Whole, link: Places, unit: Whole) -> tuple[Whole, Whole]:
    """Return what `groups` returns, by a table of the lists met and keys to sort them by."""
    first, group = _alike(start, link, unit)
    key = _keys(start, link, first)
    order = np.argsort(key, kind="stable")
    _settle(start, link, unit, first, key, order)
    place = np.empty(len(first), dtype=np.int64)
    place[order] = np.arange(len(first))
    return first[order], place[group]


@njit(cache=True, nogil=True)
def _alike(start: np.ndarray, link: np.ndarray, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first row of each group and the group of every row, groups in the order in which they are met."""
    rows = len(start) - 1
    room = 1
    while room < 2 * rows:
        room *= 2
    slot = np.full(room, -1, dtype=np.int64)
    first = np.empty(rows, dtype=np.int64)
    group = np.empty(rows, dtype=np.int64)
    found = 0
    for i in range(rows):
        mixed = np.uint64(unit[i]) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x2545F4914F6CDD1D)
        for k in range(start[i], start[i + 1]):
            mixed = (mixed ^ np.uint64(link[k])) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
        at = np.int64(mixed & np.uint64(room - 1))
        while slot[at] >= 0 and _order(start, link, unit, first[slot[at]], i) != 0:
            at = (at + 1) & (room - 1)
        if slot[at] < 0:
            slot[at] = found
            first[found] = i
            found += 1
        group[i] = slot[at]
    return first[:found].copy(), group


@njit(cache=True, nogil=True)
def _order(start: np.ndarray, link: np.ndarray, unit: np.ndarray, a: int, b: int) -> int:
    """Return -1, 0 or 1: whether row `a` comes before row `b`, is the same, or comes after it."""
    shared = min(start[a + 1] - start[a], start[b + 1] - start[b])
    for k in range(shared):
        difference = link[start[a] + k] - link[start[b] + k]
        if difference != 0:
            return -1 if difference < 0 else 1
    difference = (start[a + 1] - start[a]) - (start[b + 1] - start[b])
    if difference == 0:
        difference = unit[a] - unit[b]
    return -1 if difference < 0 else int(difference > 0)


@njit(cache=True, nogil=True)
def _keys(start: np.ndarray, link: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return a number a row that rises with the first three links of its list; no link comes before any link."""
    key = np.zeros(len(first), dtype=np.int64)
    for n in range(len(first)):
        i = first[n]
        for k in range(3):
            one = link[start[i] + k] + 1 if start[i] + k < start[i + 1] else 0
            key[n] = (key[n] << BITS) | min(one, MOST_LINKS + 1)
    return key


@njit(cache=True, nogil=True)
def _settle(
    start: np.ndarray, link: np.ndarray, unit: np.ndarray, first: np.ndarray, key: np.ndarray, order: np.ndarray
) -> None:
    """Sort each run of equal keys by the whole lists, by merging from the bottom."""
    spare = np.empty_like(order)
    low = 0
    while low < len(order):
        high = low + 1
        while high < len(order) and key[order[high]] == key[order[low]]:
            high += 1
        width = 1
        while width < high - low:
            for left in range(low, high, 2 * width):
                middle, right = min(left + width, high), min(left + 2 * width, high)
                a, b = left, middle
                for k in range(left, right):
                    from_a = b >= right or (
                        a < middle and _order(start, link, unit, first[order[a]], first[order[b]]) <= 0
                    )
                    spare[k] = order[a] if from_a else order[b]
                    a, b = a + int(from_a), b + int(not from_a)
            order[low:high] = spare[low:high]
            width *= 2
        low = high

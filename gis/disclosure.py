"""Which counts of people must not be published: those of one to four, and others from which these could be told.

A published total less all other parts gives the one that is hidden; so in every sum with one count hidden a second one
is hidden with it, the smallest that is not zero (complementary suppression; Willenborg and de Waal, Elements of
Statistical Disclosure Control, 2001, doi:10.1007/978-1-4613-0121-9, chapter 4).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FEWEST = 5
"""Fewer people than this, but more than none, are not published."""


def few(counts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which counts are of one to four people."""
    found: NDArray[np.bool_] = (counts > 0) & (counts < FEWEST)
    return found


def withheld(counts: NDArray[np.float64], sums: Sequence[Sequence[int]]) -> NDArray[np.bool_]:
    """Return which counts are not published: few people, and what would give them away.

    `sums` lists the sums that anyone can do: the positions of the parts and last of their total (-1 where the total is
    published elsewhere). No sum then has exactly one count hidden, unless there is no other to hide; a missing count
    (NaN) hides as well as another.

    >>> withheld(np.array([3.0, 8.0, 20.0, 31.0]), [[0, 1, 2, 3]])
    array([ True,  True, False, False])
    """
    hidden = few(counts) | np.isnan(counts)
    order = np.lexsort((counts, counts == 0))  # none hides nobody: zeros come last
    rank = np.empty(len(counts), dtype=np.int64)
    rank[order] = np.arange(len(counts))
    waiting = True
    while waiting:
        waiting = False
        for *parts, total in sums:
            every = np.array([*parts, *([total] if total >= 0 else [])], dtype=np.int64)
            if hidden[every].sum() == 1:
                others = [place for place in parts if not hidden[place]] or [p for p in every if not hidden[p]]
                if others:  # a part rather than the total, which hides in other sums
                    hidden[min(others, key=rank.__getitem__)] = True
                    waiting = True
    return hidden & ~np.isnan(counts)

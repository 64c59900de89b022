"""Which counts of people must not be published: those of one to four, and others from which these could be told.

A published total less all other parts gives the one that is hidden; so in every sum with one count hidden a second one
is hidden with it, the smallest that is not zero (complementary suppression; Willenborg and de Waal, Elements of
Statistical Disclosure Control, 2001, doi:10.1007/978-1-4613-0121-9, chapter 4). Two sums may tell together what neither
tells alone, and two counts of one to four that make eight are four each: `gis.attack` tries both.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from gis.attack import told

FEWEST = 5
"""Fewer people than this, but more than none, are not published."""


def few(counts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which counts are of one to four people."""
    found: NDArray[np.bool_] = (counts > 0) & (counts < FEWEST)
    return found


def withheld(
    counts: NDArray[np.float64], sums: Sequence[Sequence[int]], *, lasting: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """Return which counts are not published: few people, and what would give them away.

    `sums` lists the sums that anyone can do: the positions of the parts and last of their total (-1 where the total is
    published elsewhere). No hidden count can then be solved for from all sums together, nor a few be narrowed down to
    one number, unless there is no other to hide; a missing count (NaN) hides as well as another. `lasting` counts are
    hidden last.

    >>> withheld(np.array([3.0, 8.0, 20.0, 31.0]), [[0, 1, 2, 3]])
    array([ True,  True, False, False])
    >>> withheld(np.array([4.0, 4.0, 20.0, 28.0]), [[0, 1, 2, 3]])  # two of one to four that make eight
    array([ True,  True,  True, False])
    """
    hiding = _Hiding(counts, sums, np.zeros(len(counts), dtype=bool) if lasting is None else lasting)
    hiding.pair(range(len(sums)))
    # What is told with everything hidden is told anyway: to hide more for its sake would only take from the reader.
    helpless = told(counts, np.ones(len(counts), dtype=bool), sums, few=few(counts))
    while open_ := told(counts, hiding.hidden, sums, few=few(counts)) - helpless:
        mended: set[int] = set()  # sums in which one more is hidden already
        for place in sorted(open_):
            own = hiding.inside[place]
            if mended.isdisjoint(own):
                chosen = hiding.one_more_of_any(own)
                if chosen is None:
                    helpless.add(place)
                else:
                    mended.update(hiding.inside[chosen])
                    hiding.pair(hiding.inside[chosen])
    return hiding.hidden & ~np.isnan(counts)


class _Hiding:
    """What is hidden so far, and in which sums each count stands."""

    def __init__(self, counts: NDArray[np.float64], sums: Sequence[Sequence[int]], lasting: NDArray[np.bool_]) -> None:
        order = np.lexsort((counts, counts == 0))  # none hides nobody: zeros come last
        rank = np.empty(len(counts), dtype=np.int64)
        rank[order] = np.arange(len(counts))
        self._rank, self._lasting, self._sums = rank, lasting, sums
        self.hidden: NDArray[np.bool_] = few(counts) | np.isnan(counts)
        self._cells = [[*parts, *([total] if total >= 0 else [])] for *parts, total in sums]
        self.inside: dict[int, list[int]] = defaultdict(list)
        for number, every in enumerate(self._cells):
            for place in every:
                self.inside[place].append(number)

    def pair(self, numbers: Iterable[int]) -> None:
        """Hide a second count in every sum with exactly one hidden, in these and in those that come of it."""
        waiting = list(numbers)
        while waiting:
            number = waiting.pop()
            if sum(bool(self.hidden[place]) for place in self._cells[number]) == 1:
                chosen = self.one_more(number)
                if chosen is not None:
                    waiting += self.inside[chosen]

    def one_more(self, number: int) -> int | None:
        """Hide one more count of a sum, a part rather than the total: that hides in other sums. None where all are."""
        return self._hide(
            (bool(self._lasting[place]), place == self._sums[number][-1], int(self._rank[place]), place)
            for place in self._cells[number]
        )

    def one_more_of_any(self, numbers: Sequence[int]) -> int | None:
        """Hide one more count of any of some sums: no total, and so no figure of the whole, while there are parts."""
        return self._hide(
            (place == self._sums[number][-1], bool(self._lasting[place]), int(self._rank[place]), place)
            for number in numbers
            for place in self._cells[number]
        )

    def _hide(self, ranked: Iterable[tuple[bool, bool, int, int]]) -> int | None:
        *_, chosen = min((each for each in ranked if not self.hidden[each[-1]]), default=(None,))
        if chosen is not None:
            self.hidden[chosen] = True
        return chosen

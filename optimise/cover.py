"""Who would be served from where: the pairs within reach, with the demand that has the same choice merged."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False)
class Cover:
    """The people still to be covered, in groups that can be served by exactly the same candidates.

    `reach` has a row a group and a column a link: what people's reach hangs on, a site, or a site and kind where
    kinds serve different people. It is 1 where the group is within the walk. `elders` counts each group, `worth` is
    what it adds to the goal (the same, unless nearer counts more), `unit` the place of the unit whose people it holds
    (0 where no rule tells units apart). `opens` names for each option (a decision of the plan) the link it opens, or
    -1. `out_of_reach` are demand points with elders that nothing can serve.
    """

    links: tuple[str, ...]
    opens: NDArray[np.int64]
    reach: csr_array
    elders: NDArray[np.int64]
    worth: NDArray[np.int64]
    unit: NDArray[np.int64]
    elders_total: int
    elders_before: int
    out_of_reach: tuple[str, ...]

    @property
    def options(self) -> int:
        """How many options there are to choose from."""
        return len(self.opens)

    def opened(self, built: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return by how many of the options built (1 or 0 for each) each link is opened."""
        serving = np.flatnonzero((built > 0) & (self.opens >= 0))
        return np.bincount(self.opens[serving], minlength=len(self.links)).astype(np.int64)

    @property
    def elders_to_cover(self) -> int:
        """The elders not covered today, whether or not a candidate can serve them."""
        return self.elders_total - self.elders_before


def cover(demand: pd.DataFrame, pairs: pd.DataFrame, candidate_ids: pd.Index, *, merge: bool = True) -> Cover:
    """Gather the demand that is not covered today and merge what has the same candidates; nobody is lost by it.

    `demand` is indexed by `demand_id` with `elders` (whole) and `covered` (bool); `pairs` has `demand_id` and
    `candidate_id`, one row a pair within the walk. Raises ValueError where a pair names an unknown one.

    >>> demand = pd.DataFrame({"elders": [5, 7, 9, 4], "covered": [False, False, False, True]}, index=[*"abcd"])
    >>> pairs = pd.DataFrame({"demand_id": [*"aabbcd"], "candidate_id": [*"XYXYYX"]})
    >>> both = cover(demand, pairs, pd.Index(["X", "Y"]))
    >>> both.elders.tolist(), both.reach.toarray().tolist(), both.elders_before
    ([12, 9], [[1, 1], [0, 1]], 4)
    """
    row = demand.index.get_indexer(pd.Index(pairs["demand_id"]))
    column = candidate_ids.get_indexer(pd.Index(pairs["candidate_id"]))
    for key, place in (("demand_id", row), ("candidate_id", column)):
        if (place < 0).any():
            raise ValueError(f"pairs: unknown {key} {pairs[key].iloc[int(np.argmax(place < 0))]}")
    elders = demand["elders"].to_numpy(dtype=np.int64)
    covered = demand["covered"].to_numpy(dtype=bool)
    open_ = ~covered & (elders > 0)
    keep = open_[row]
    shape = (len(demand), len(candidate_ids))
    reach = csr_array((np.ones(int(keep.sum()), dtype=np.int64), (row[keep], column[keep])), shape=shape)
    reach.sum_duplicates()
    reach.sort_indices()
    reach.data[:] = 1  # a pair that was given twice is one pair
    near = np.diff(reach.indptr) > 0
    first, group = _groups(reach, np.flatnonzero(open_ & near), merge=merge)
    people = np.bincount(group, weights=elders[open_ & near], minlength=len(first)).astype(np.int64)
    return Cover(
        links=tuple(candidate_ids),
        opens=np.arange(len(candidate_ids), dtype=np.int64),
        reach=reach[first],
        elders=people,
        worth=people,
        unit=np.zeros(len(people), dtype=np.int64),
        elders_total=int(elders.sum()),
        elders_before=int(elders[covered].sum()),
        out_of_reach=tuple(demand.index[open_ & ~near]),
    )


def narrowed(cover: Cover, open_: NDArray[np.bool_]) -> Cover:
    """Return the same people with only the options that are still open, merged anew; places keep their numbers."""
    reach = cover.reach.copy()
    reach.data = reach.data * (cover.opened(open_.astype(np.int64)) > 0)[reach.indices]
    reach.eliminate_zeros()
    rows = np.flatnonzero(np.diff(reach.indptr) > 0)
    first, group = _groups(reach, rows, unit=cover.unit)

    def gathered(people: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.bincount(group, weights=people[rows], minlength=len(first)).astype(np.int64)

    return replace(
        cover,
        reach=reach[first],
        elders=gathered(cover.elders),
        worth=gathered(cover.worth),
        unit=cover.unit[first],
    )


def _groups(
    reach: csr_array, rows: NDArray[np.intp], *, merge: bool = True, unit: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first row of each group and the group of every row; people of different units stay apart."""
    if not merge:
        return rows, np.arange(len(rows))
    seen: dict[tuple[int, bytes], int] = {}
    first: list[int] = []
    group = np.empty(len(rows), dtype=np.intp)
    for k, i in enumerate(rows):
        key = (0 if unit is None else int(unit[i]), reach.indices[reach.indptr[i] : reach.indptr[i + 1]].tobytes())
        if key not in seen:
            seen[key] = len(first)
            first.append(i)
        group[k] = seen[key]
    return np.array(first, dtype=np.intp), group

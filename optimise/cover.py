"""Who would be served from where: the pairs within reach, with the demand that has the same choice merged."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False)
class Cover:
    """The people still to be covered, in groups that can be served by exactly the same candidates.

    `reach` has a row a group and a column a candidate (in the order of `candidate_ids`), 1 where the group is within
    the walk; `elders` counts each group. `out_of_reach` are demand points with elders that no candidate can serve.
    """

    candidate_ids: tuple[str, ...]
    reach: csr_array
    elders: NDArray[np.int64]
    elders_total: int
    elders_before: int
    out_of_reach: tuple[str, ...]

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
        candidate_ids=tuple(candidate_ids),
        reach=reach[first],
        elders=people,
        elders_total=int(elders.sum()),
        elders_before=int(elders[covered].sum()),
        out_of_reach=tuple(demand.index[open_ & ~near]),
    )


def narrowed(cover: Cover, open_: NDArray[np.bool_]) -> Cover:
    """Return the same people with only the candidates that are still open, merged anew; places keep their numbers."""
    reach = cover.reach.copy()
    reach.data = reach.data * open_[reach.indices]
    reach.eliminate_zeros()
    rows = np.flatnonzero(np.diff(reach.indptr) > 0)
    first, group = _groups(reach, rows, merge=True)
    people = np.bincount(group, weights=cover.elders[rows], minlength=len(first)).astype(np.int64)
    return replace(cover, reach=reach[first], elders=people)


def _groups(reach: csr_array, rows: NDArray[np.intp], *, merge: bool) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first row of each group and the group of every row."""
    if not merge:
        return rows, np.arange(len(rows))
    seen: dict[bytes, int] = {}
    first: list[int] = []
    group = np.empty(len(rows), dtype=np.intp)
    for k, i in enumerate(rows):
        key = reach.indices[reach.indptr[i] : reach.indptr[i + 1]].tobytes()
        if key not in seen:
            seen[key] = len(first)
            first.append(i)
        group[k] = seen[key]
    return np.array(first, dtype=np.intp), group

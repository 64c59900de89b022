"""Who would be served from where: the pairs within reach, with the demand that has the same choice merged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Cover:
    """The people still to be covered, in groups that can be served by exactly the same links.

    `reach` has a row a group and a column a link: a site, on which the reach of its options hangs. It is 1 where the
    group is within the walk. `elders` counts each group, `worth` is what it adds to the goal (the same, unless nearer
    counts more: then people stand in a row a band, and only the widest counts them), `unit` the place of the unit
    whose people it holds (0 where no rule tells units apart). `opens` names for each option (a decision of the plan)
    the link it opens, or -1; `capacity` says how many people it has places for.

    By unit, `unit_total` and `unit_before` count all elders and those covered whatever is decided; `worth_before` is
    what these are worth. `out_of_reach` are demand points with elders that nothing can serve.
    """

    links: tuple[str, ...]
    opens: Whole
    capacity: Whole
    reach: csr_array
    elders: Whole
    worth: Whole
    unit: Whole
    units: tuple[str, ...]
    unit_total: Whole
    unit_before: Whole
    worth_before: int
    out_of_reach: tuple[str, ...]

    @property
    def options(self) -> int:
        """How many options there are to choose from."""
        return len(self.opens)

    @property
    def elders_total(self) -> int:
        """All elders."""
        return int(self.unit_total.sum())

    @property
    def elders_before(self) -> int:
        """The elders that are covered whatever is decided."""
        return int(self.unit_before.sum())

    @property
    def elders_to_cover(self) -> int:
        """The elders not covered yet, whether or not anything can serve them."""
        return self.elders_total - self.elders_before

    def opened(self, built: Whole) -> Whole:
        """Return by how many of the options built (1 or 0 for each) each link is opened."""
        serving = np.flatnonzero((built > 0) & (self.opens >= 0))
        return np.bincount(self.opens[serving], minlength=len(self.links)).astype(np.int64)


def cover(
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    sites: pd.Index,
    *,
    opens: Whole | None = None,
    capacity: Whole | None = None,
    by_unit: str | None = None,
    decay: Sequence[tuple[float, int]] = (),
    site_key: str = "candidate_id",
    merge: bool = True,
) -> Cover:
    """Gather the demand that is not covered for certain and merge what has the same links; nobody is lost by it.

    `demand` is indexed by `demand_id` with `elders` (whole) and `covered` (bool); `pairs` has `demand_id` and
    `site_key`, one row a pair within the walk. `opens`: the place of the site that each option serves from (-1: from
    none); None: each site is one option. `by_unit`: the column of `demand` whose units are told apart. `decay`: what
    an elder is worth by the minutes of `pairs` (and of `demand`, `minutes` to what covers her for certain), nearest
    first; farther than the last is out of reach. Raises ValueError where a pair names an unknown one.

    >>> demand = pd.DataFrame({"elders": [5, 7, 9, 4], "covered": [False, False, False, True]}, index=[*"abcd"])
    >>> pairs = pd.DataFrame({"demand_id": [*"aabbcd"], "candidate_id": [*"XYXYYX"]})
    >>> both = cover(demand, pairs, pd.Index(["X", "Y"]))
    >>> both.elders.tolist(), both.reach.toarray().tolist(), both.elders_before
    ([12, 9], [[1, 1], [0, 1]], 4)
    """
    row = demand.index.get_indexer(pd.Index(pairs["demand_id"]))
    column = sites.get_indexer(pd.Index(pairs[site_key]))
    for key, place in (("demand_id", row), (site_key, column)):
        if (place < 0).any():
            raise ValueError(f"pairs: unknown {key} {pairs[key].iloc[int(np.argmax(place < 0))]}")
    opens = np.arange(len(sites), dtype=np.int64) if opens is None else opens
    can_open = np.zeros(len(sites), dtype=bool)
    can_open[opens[opens >= 0]] = True
    elders = demand["elders"].to_numpy(dtype=np.int64)
    covered = demand["covered"].to_numpy(dtype=bool)
    unit, units = _units(demand, by_unit)
    away = pairs["minutes"].to_numpy(dtype=float) if decay else np.zeros(len(pairs))
    nearest = demand["minutes"].to_numpy(dtype=float) if decay and "minutes" in demand else np.zeros(len(demand))
    near_enough = away <= (decay[-1][0] if decay else 0)
    kept = can_open[column] & near_enough

    shape = (len(demand), len(sites))
    bands: list[tuple[csr_array, Whole, Whole, Whole]] = []
    last = len(decay) - 1
    worth_before = 0 if decay else int(elders[covered].sum())
    for band, (minutes, worth) in enumerate(decay or ((0.0, 1),)):
        less = decay[band + 1][1] if band < last else 0
        there = covered & (nearest <= minutes) if decay and band < last else covered
        worth_before += int(elders[there].sum()) * (worth - less) if decay else 0
        open_ = ~there & (elders > 0)
        within = kept & open_[row] & (away <= minutes)
        reach = csr_array((np.ones(int(within.sum()), dtype=np.int64), (row[within], column[within])), shape=shape)
        reach.sum_duplicates()
        reach.sort_indices()
        reach.data[:] = 1  # a pair that was given twice is one pair
        rows = np.flatnonzero(np.diff(reach.indptr) > 0)
        counted = elders[rows] if band >= last else np.zeros(len(rows), dtype=np.int64)
        bands.append((reach[rows], counted, elders[rows] * (worth - less), unit[rows]))
    near = np.zeros(len(demand), dtype=bool)
    near[row[kept]] = True
    reach = csr_array(vstack([each[0] for each in bands]))
    people, worths, unit_of = (np.concatenate([each[k] for each in bands]) for k in (1, 2, 3))
    first, group = _groups(reach, np.arange(reach.shape[0]), merge=merge, unit=unit_of)
    return Cover(
        links=tuple(sites),
        opens=opens,
        capacity=np.zeros(len(opens), dtype=np.int64) if capacity is None else capacity,
        reach=reach[first],
        elders=_summed(people, group, len(first)),
        worth=_summed(worths, group, len(first)),
        unit=unit_of[first],
        units=units,
        unit_total=_summed(elders, unit, len(units)),
        unit_before=_summed(np.where(covered, elders, 0), unit, len(units)),
        worth_before=worth_before,
        out_of_reach=tuple(demand.index[~covered & (elders > 0) & ~near]),
    )


def _units(demand: pd.DataFrame, column: str | None) -> tuple[Whole, tuple[str, ...]]:
    if column is None:
        return np.zeros(len(demand), dtype=np.int64), ("",)
    place, units = pd.factorize(demand[column].fillna("").astype(str), sort=True)
    return place.astype(np.int64), tuple(units)


def _summed(people: Whole, group: NDArray[np.intp] | Whole, groups: int) -> Whole:
    return np.bincount(group, weights=people, minlength=groups).astype(np.int64)


def narrowed(cover: Cover, open_: NDArray[np.bool_]) -> Cover:
    """Return the same people with only the options that are still open, merged anew; places keep their numbers."""
    reach = cover.reach.copy()
    reach.data = reach.data * (cover.opened(open_.astype(np.int64)) > 0)[reach.indices]
    reach.eliminate_zeros()
    rows = np.flatnonzero(np.diff(reach.indptr) > 0)
    first, group = _groups(reach, rows, unit=cover.unit)
    return replace(
        cover,
        reach=reach[first],
        elders=_summed(cover.elders[rows], group, len(first)),
        worth=_summed(cover.worth[rows], group, len(first)),
        unit=cover.unit[first],
    )


def _groups(
    reach: csr_array, rows: NDArray[np.intp], *, merge: bool = True, unit: Whole | None = None
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

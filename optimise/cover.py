"""Who would be served from where: the pairs within reach, with the demand that has the same choice merged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from optimise.alike import groups, lists

Place = NDArray[Any]
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
    row, column = places(pairs["demand_id"], demand.index), places(pairs[site_key], sites)
    for key, place in (("demand_id", row), (site_key, column)):
        if (place < 0).any():
            raise ValueError(f"pairs: unknown {key} {pairs[key].iloc[int(np.argmax(place < 0))]}")
    unit, units = _units(demand, by_unit)
    return cover_of_places(
        row,
        column,
        demand["elders"].to_numpy(dtype=np.int64),
        demand_ids=demand.index,
        sites=sites,
        covered=demand["covered"].to_numpy(dtype=bool),
        minutes=pairs["minutes"].to_numpy(dtype=float) if decay else None,
        nearest=demand["minutes"].to_numpy(dtype=float) if decay and "minutes" in demand else None,
        opens=opens,
        capacity=capacity,
        unit=unit,
        units=units,
        decay=decay,
        merge=merge,
    )


def cover_of_places(
    row: Place,
    column: Place,
    elders: Whole,
    *,
    demand_ids: pd.Index,
    sites: pd.Index,
    covered: NDArray[np.bool_] | None = None,
    minutes: NDArray[np.float64] | None = None,
    nearest: NDArray[np.float64] | None = None,
    opens: Whole | None = None,
    capacity: Whole | None = None,
    unit: Whole | None = None,
    units: tuple[str, ...] = ("",),
    decay: Sequence[tuple[float, int]] = (),
    merge: bool = True,
) -> Cover:
    """Gather as `cover` does what comes as plain arrays: pair `k` says that `row[k]` is within the walk of `column[k]`.

    `row` and `column` are places in `demand_ids` and `sites`; `minutes` has a number a pair; `elders`, `covered`,
    `nearest` (minutes to what covers for certain) and `unit` (a place in `units`) have one a demand point. A matrix in
    rows (CSR) has `row = np.repeat(np.arange(rows), np.diff(indptr))` and `column = indices`. One million demand
    points, 20,000 sites and 30 million pairs take some seconds and 2 GB. Any order of the pairs and of the demand
    gives the same cover.

    >>> pairs = np.array([0, 0, 1, 2]), np.array([1, 0, 1, 1])
    >>> who = {"demand_ids": pd.Index([*"abc"]), "sites": pd.Index(["X", "Y"])}
    >>> both = cover_of_places(*pairs, np.array([5, 7, 2]), **who)
    >>> both.elders.tolist(), both.reach.toarray().tolist()
    ([5, 9], [[1, 1], [0, 1]])
    """
    rows = len(elders)
    opens = np.arange(len(sites), dtype=np.int64) if opens is None else opens
    covered = np.zeros(rows, dtype=bool) if covered is None else covered
    unit = np.zeros(rows, dtype=np.int64) if unit is None else unit
    can_open = np.zeros(len(sites), dtype=bool)
    can_open[opens[opens >= 0]] = True
    kept = can_open[column]
    near = np.zeros(rows, dtype=bool)
    worth_before = 0 if decay else int(elders[covered].sum())
    bands: list[_Band] = []
    last = len(decay) - 1
    for band, (within, worth) in enumerate(decay or ((np.inf, 1),)):
        less = decay[band + 1][1] if band < last else 0
        there = covered & (nearest <= within) if nearest is not None and decay and band < last else covered
        worth_before += int(elders[there].sum()) * (worth - less) if decay else 0
        open_ = ~there & (elders > 0)
        inside = kept & open_[row]
        if decay and minutes is not None:
            inside &= minutes <= within
        start, link = lists(row, column, inside, rows, len(sites))
        at = np.flatnonzero(np.diff(start) > 0)
        near[at] = True
        counted = elders[at] if band >= last else np.zeros(len(at), dtype=np.int64)
        bands.append(_Band(np.diff(start)[at], link, counted, elders[at] * (worth - less), unit[at]))
    start = np.concatenate([[0], np.cumsum(np.concatenate([b.lengths for b in bands]))]).astype(np.int64)
    link = bands[0].link if len(bands) == 1 else np.concatenate([b.link for b in bands])
    unit_of = np.concatenate([b.unit for b in bands])
    first, group = groups(start, link, unit_of, merge=merge)
    shape = (len(start) - 1, len(sites))
    return Cover(
        links=tuple(sites),
        opens=opens,
        capacity=np.zeros(len(opens), dtype=np.int64) if capacity is None else capacity,
        reach=_matrix(start, link, shape)[first],
        elders=_summed(np.concatenate([b.elders for b in bands]), group, len(first)),
        worth=_summed(np.concatenate([b.worth for b in bands]), group, len(first)),
        unit=unit_of[first],
        units=units,
        unit_total=_summed(elders, unit, len(units)),
        unit_before=_summed(np.where(covered, elders, 0), unit, len(units)),
        worth_before=worth_before,
        out_of_reach=tuple(demand_ids[~covered & (elders > 0) & ~near]),
    )


class _Band(NamedTuple):
    """The people of one band of minutes: a row each, the links of all rows end to end."""

    lengths: Whole
    link: Place
    elders: Whole
    worth: Whole
    unit: Whole


def places(names: pd.Series, index: pd.Index) -> Place:
    """Return the place of each name in an index (-1: unknown); names that repeat as categories are looked up once."""
    if isinstance(names.dtype, pd.CategoricalDtype):
        return np.append(index.get_indexer(names.cat.categories), -1)[names.cat.codes]
    return np.asarray(index.get_indexer(pd.Index(names)))


def _matrix(start: Whole, link: Place, shape: tuple[int, int]) -> csr_array:
    """Return lists of links as a matrix of ones; a byte each keeps 30 million of them small."""
    narrow = np.int32 if len(link) < np.iinfo(np.int32).max else np.int64
    return csr_array((np.ones(len(link), dtype=np.int8), link, start.astype(narrow)), shape=shape)


def _units(demand: pd.DataFrame, column: str | None) -> tuple[Whole, tuple[str, ...]]:
    if column is None:
        return np.zeros(len(demand), dtype=np.int64), ("",)
    place, units = pd.factorize(demand[column].fillna("").astype(str), sort=True)
    return place.astype(np.int64), tuple(units)


def _summed(people: Whole, group: NDArray[np.intp] | Whole, groups: int) -> Whole:
    return np.bincount(group, weights=people, minlength=groups).astype(np.int64)


def narrowed(cover: Cover, open_: NDArray[np.bool_]) -> Cover:
    """Return the same people with only the options that are still open, merged anew; places keep their numbers."""
    reach = cover.reach
    rows = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))
    still = cover.opened(open_.astype(np.int64)) > 0
    start, link = lists(rows, reach.indices, still[reach.indices], *reach.shape)
    at = np.flatnonzero(np.diff(start) > 0)
    first, group = groups(np.append(start[at], start[-1]), link, cover.unit[at])
    return replace(
        cover,
        reach=_matrix(start, link, reach.shape)[at[first]],
        elders=_summed(cover.elders[at], group, len(first)),
        worth=_summed(cover.worth[at], group, len(first)),
        unit=cover.unit[at[first]],
    )

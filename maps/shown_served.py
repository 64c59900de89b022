"""Whom facilities serve as it is handed on: a sum of homes few of which are hidden would tell these.

A home's people are hidden where they are few, and so are others beside it (`maps.hidden_homes`); the rest can be read
from the layer of homes. Who lives within the walk of a facility, and to whom it is the nearest, are sums of homes: less
what can be read they tell the hidden ones together. One is told only where three hidden homes stand in it at least,
and three in what it differs by from every other sum that is told.
"""

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from gis.disclosure import FEWEST
from maps.atlas import Atlas
from maps.hidden_homes import counted_homes, hidden_homes
from maps.withheld import BESIDE

LEAST = 3
"""So many hidden homes stand for one another in a sum; of two, one of which is few, the other is nearly told."""


def hidden_sums(atlas: Atlas, *groups: pd.DataFrame) -> tuple[frozenset[str], ...]:
    """Return for each table of sums which of them are hidden.

    `groups`: `demand_id` and `facility_id`, one row for each home that stands in the sum of a facility. The counts of
    communities are told too, and count as sums that each of these is compared with.
    """
    homes = atlas.homes
    if not len(homes):
        return tuple(frozenset() for _ in groups)
    away = hidden_homes(atlas) & (homes["elders"].fillna(0).to_numpy(dtype=float) > 0)
    place = pd.Series(np.arange(len(homes)), index=homes.index)
    asked, names = [], []
    for group in groups:
        codes, found = pd.factorize(group["facility_id"])
        own = place.reindex(group["demand_id"]).to_numpy()
        asked.append(_matrix(codes, own, len(found), len(homes))[:, away])
        names.append([str(name) for name in found])
    beside = _communities(atlas)[:, away]
    hidden = _alone(csr_array(vstack(asked)), csr_array(beside)) if asked else np.zeros(0, dtype=bool)
    ends = np.cumsum([len(each) for each in names])
    return tuple(
        frozenset(name for name, gone in zip(own, part, strict=True) if gone)
        for own, part in zip(names, np.split(hidden, ends[:-1]), strict=True)
    )


def without_sums(people: pd.DataFrame, hidden: Collection[str]) -> pd.DataFrame:
    """Return elders and households by facility with marks in place of the sums that are hidden."""
    gone = people.index.astype(str).isin(hidden)
    names = [name for name in ("elders", "households") if name in people]
    many = {name: gone & (people[name].fillna(0) >= FEWEST).to_numpy() for name in names}
    return people.assign(**{name: people[name].astype(object).mask(away, BESIDE) for name, away in many.items()})


def _matrix(rows: Iterable[int], columns: Iterable[int], height: int, width: int) -> csr_array:
    """Return which home stands in which sum; a home that is not known stands in none."""
    row, column = np.asarray(list(rows), dtype=float), np.asarray(list(columns), dtype=float)
    there = ~np.isnan(column)
    at = row[there].astype(np.int64), column[there].astype(np.int64)
    return csr_array((np.ones(int(there.sum()), dtype=np.int64), at), shape=(height, width))


def _communities(atlas: Atlas) -> csr_array:
    """Return which home stands in which count of its community."""
    homes = atlas.homes
    codes, found = pd.factorize(homes["community_id"]) if "community_id" in homes else (np.zeros(len(homes), int), [""])
    parts = [
        _matrix(codes[inside & (codes >= 0)], np.flatnonzero(inside & (codes >= 0)), len(found), len(homes))
        for inside in counted_homes(atlas, "elders").values()
    ]
    return csr_array(vstack(parts))


def _alone(asked: csr_array, beside: csr_array) -> NDArray[np.bool_]:
    """Return which sums hold, or differ from one that is told by, fewer than three homes, but some."""
    size, others = asked.sum(axis=1), beside.sum(axis=1)
    hidden = (size > 0) & (size < LEAST)
    common = csr_array(asked @ beside.T).tocoo()
    apart = size[common.row] + others[common.col] - 2 * common.data
    hidden[common.row[(apart > 0) & (apart < LEAST)]] = True
    common = csr_array(asked @ asked.T).tocoo()
    apart = size[common.row] + size[common.col] - 2 * common.data
    close = (apart > 0) & (apart < LEAST) & (common.row > common.col)
    for row, other in sorted(zip(common.row[close].tolist(), common.col[close].tolist(), strict=True)):
        hidden[row] |= not hidden[other]
    return np.asarray(hidden)

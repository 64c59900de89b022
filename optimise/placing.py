"""How many elders have a place: within the walk of an open site that has room for them, each in one place only."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from optimise.cover import Cover, Whole

MOST = 2**31 - 1


def near_by_unit(cover: Cover) -> csr_array:
    """Return how many elders of each unit are within the walk of each link: a row a unit, a column a link."""
    in_unit = csr_array(
        (cover.elders, (cover.unit, np.arange(len(cover.elders)))), shape=(len(cover.units), len(cover.elders))
    )
    near = csr_array(in_unit @ cover.reach)
    near.eliminate_zeros()
    return near


def placed(built: Whole, inside: NDArray[np.bool_], cover: Cover) -> int:
    """Return how many elders of the groups `inside` (those covered) the options built have places for.

    People of one unit share the places in their walk: the greatest flow from units by links into places, with at most
    as many people of a unit at a link as have it within their walk (Ford & Fulkerson 1956,
    https://doi.org/10.4153/CJM-1956-045-5).
    """
    units, links = len(cover.units), len(cover.links)
    waiting = np.bincount(cover.unit[inside], weights=cover.elders[inside], minlength=units).astype(np.int64)
    room = places(built, cover)
    near = near_by_unit(cover).tocoo()
    open_ = room[near.coords[1]] > 0
    unit, link, people = near.coords[0][open_], near.coords[1][open_], near.data[open_]
    source, sink = units + links, units + links + 1
    rows = np.concatenate([np.full(units, source), unit, units + np.arange(links)])
    columns = np.concatenate([np.arange(units), units + link, np.full(links, sink)])
    most = np.minimum(np.concatenate([waiting, people, room]), MOST).astype(np.int32)
    graph = csr_array((most, (rows, columns)), shape=(sink + 1, sink + 1))
    return int(maximum_flow(graph, source, sink).flow_value)


def places(built: Whole, cover: Cover) -> Whole:
    """Return the places at each link that the options built have."""
    serving = np.flatnonzero((built > 0) & (cover.opens >= 0))
    return np.bincount(cover.opens[serving], weights=cover.capacity[serving], minlength=len(cover.links)).astype(
        np.int64
    )

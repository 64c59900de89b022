"""How far a figure hangs on single streets of the map, and on how doors are joined to streets."""

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.doorsteps import by_stretch
from gis.network import WalkNetwork
from gis.reach import DIGITS, SECONDS, places, walk_m
from gis.search import TOLERANCE_M
from gis.snap import snap
from gis.stretches import Flat
from gis.sums import sum_by_unit
from gis.sweeps import nearest_door

DRAWS = 20
LOSS = 0.10
SEED = 15
CONNECTORS_M = (50, 100, 150, 300)


def loss_sensitivity(
    network: WalkNetwork,
    communities: pd.DataFrame,
    homes: gpd.GeoDataFrame,
    at_homes: pd.DataFrame,
    at_facilities: pd.DataFrame,
    *,
    minutes: float = 15,
    speed_m_s: float = 1.0,
    draws: int = DRAWS,
    loss: float = LOSS,
    seed: int = SEED,
) -> pd.DataFrame:
    """Return elders covered within `minutes` where streets are missing at random, by unit: one row a unit.

    In each draw every street, from junction to junction, is interrupted on its longest piece with the probability
    `loss`, alike in any order of rows, and a street lost at a small loss is lost at a larger one. Nobody walks through
    the gap; who lives on that piece still gets out by both its ends, so that no door is joined elsewhere and fewer
    streets never cover more. `communities` as
    from `gis.units.complete`, `homes` with `community_id` and `elders`, the rest what `snap` returned. Columns: those
    of `gis.sums.sum_by_unit`, `elders`, `elders_covered`, and over the draws `elders_covered_min`, `_median` (of an
    even number of draws the lower middle one: people who can be counted) and `_max`. Raises ValueError for a loss that
    is no share or draws below one.

    >>> from gis.streets import network_of_lines
    >>> road = network_of_lines([[(0, 0), (100, 0), (200, 0), (300, 0)], [(100, 0), (100, 9)], [(200, 0), (200, 9)]],
    ...     crs="EPSG:4547")  # from home to door the one way leads over the street in the middle
    >>> road_users = gpd.GeoDataFrame({"community_id": ["a"], "elders": [7]},
    ...     geometry=gpd.points_from_xy([0], [0]), crs=road.crs)
    >>> door = gpd.GeoDataFrame(geometry=gpd.points_from_xy([300], [0]), crs=road.crs)
    >>> from gis.units import complete
    >>> town = pd.DataFrame({"name": ["A"], "level": None, "street_id": None, "street": None, "county_id": None,
    ...     "county": None}, index=pd.Index(["a"], name="community_id"))
    >>> found = loss_sensitivity(road, complete(town), road_users, snap(road, road_users), snap(road, door), loss=0.5)
    >>> found.loc[found["level"] == "city", ["elders_covered", "elders_covered_min", "elders_covered_max"]]
       elders_covered  elders_covered_min  elders_covered_max
    0               7                   0                   7
    """
    if not (0 <= loss <= 1) or draws < 1:
        raise ValueError(f"loss {loss} is a share of the streets, draws {draws} at least one")
    walk = {"minutes": minutes, "speed_m_s": speed_m_s}
    elders = homes["elders"]
    amounts = {"elders": elders, "elders_covered": _covered(network.flat, at_homes, at_facilities, **walk)}
    marks, longest = _marks(network), _longest(network)
    for draw in range(draws):
        flat = _closed(network, _luck(marks, longest, seed, draw) < loss)
        amounts[f"draw_{draw}"] = _covered(flat, at_homes, at_facilities, **walk)
    people = pd.DataFrame({n: elders if n == "elders" else elders.where(a, 0) for n, a in amounts.items()})
    table = sum_by_unit(people, homes["community_id"], communities)
    names = [f"draw_{draw}" for draw in range(draws)]
    by_size = np.sort(table[names].to_numpy(), axis=1)
    return table.drop(columns=names).assign(
        elders_covered_min=by_size[:, 0],
        elders_covered_median=by_size[:, (draws - 1) // 2],
        elders_covered_max=by_size[:, -1],
    )


def snapping_sensitivity(
    network: WalkNetwork,
    communities: pd.DataFrame,
    homes: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    barriers: gpd.GeoSeries | None = None,
    connectors_m: Sequence[float] = CONNECTORS_M,
    minutes: float = 15,
    speed_m_s: float = 1.0,
) -> pd.DataFrame:
    """Return elders covered within `minutes` by how doors are joined to streets, by unit: one row a unit.

    Columns: those of `gis.sums.sum_by_unit`, `elders`, and for each longest connector `elders_covered_50m` ... (the
    nearest street on this side of every barrier) and `elders_covered_50m_free` ... (the nearest street, barriers or
    not). `homes` and `facilities` have points in the CRS of the network; all of them are joined anew.
    """
    longest, people = max(connectors_m), {"elders": homes["elders"]}
    for walls, name in ((barriers, ""), (None, "_free")):
        at_homes, at_facilities = (
            snap(network, points, max_connector_m=longest, barriers=walls) for points in (homes, facilities)
        )
        for connector_m in connectors_m:
            near = [
                at.assign(edge=at["edge"].where(at["connector_m"] <= connector_m, -1))
                for at in (at_homes, at_facilities)
            ]
            covered = _covered(network.flat, *near, minutes=minutes, speed_m_s=speed_m_s)
            people[f"elders_covered_{connector_m:g}m{name}"] = homes["elders"].where(covered, 0)
    return sum_by_unit(pd.DataFrame(people, index=homes.index), homes["community_id"], communities)


def _covered(
    flat: Flat,
    at_homes: pd.DataFrame,
    at_facilities: pd.DataFrame,
    *,
    minutes: float,
    speed_m_s: float,
) -> np.ndarray:
    """Return which homes have a facility within the walk, on these arcs."""
    limit_m, homes = walk_m(minutes, speed_m_s) + TOLERANCE_M, by_stretch(flat, places(at_homes))
    metres, _ = nearest_door(flat, places(at_facilities), limit_m, homes, len(at_homes))
    covered: np.ndarray = np.round(metres / (SECONDS * speed_m_s), DIGITS) <= np.round(minutes, DIGITS)
    return covered


def _closed(network: WalkNetwork, lost: np.ndarray) -> Flat:
    """Return the arcs without those of lost streets; doors on these streets stay where they are, open to both ends."""
    forward, backward = (np.where(lost, np.inf, e) for e in (network.effort_forward, network.effort_backward))
    through = replace(network, effort_forward=forward, effort_backward=backward).flat
    return through._replace(forward=network.effort_forward, backward=network.effort_backward)


def _marks(network: WalkNetwork) -> np.ndarray:
    """Return where each piece lies, in whole millimetres: x, y of its ends, the lesser one first, and its length."""
    ends = np.round(network.node_xy[network.edge_nodes] * 1000).astype(np.int64)
    turned = (ends[:, 0, 0] > ends[:, 1, 0]) | ((ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1]))
    ends[turned] = ends[turned][:, ::-1]
    length_mm = np.round(network.edge_length_m * 1000).astype(np.int64)
    return np.column_stack([ends.reshape(-1, 4), length_mm])


def _longest(network: WalkNetwork) -> np.ndarray:
    """Return the longest piece of each street."""
    marks, street = _marks(network), _streets(network)
    order = np.lexsort((*marks[:, :4].T, -marks[:, 4], street))  # ties by place: by number the unlucky would win
    _, first = np.unique(street[order], return_index=True)
    longest: np.ndarray = order[first]
    return longest


def _luck(marks: np.ndarray, longest: np.ndarray, seed: int, draw: int) -> np.ndarray:
    """Return a number from 0 to 1 for the longest piece of each street, the same whatever else the network holds.

    Every other piece has 1, and is never lost: one gap in a street is enough, and in how many pieces it is drawn says
    nothing. The numbers are a hash (SplitMix64: Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195) of where the
    piece lies.
    """
    number = _mixed(np.full(len(longest), seed, np.uint64) ^ np.uint64(draw))
    for part in marks[longest].T:
        number = _mixed(number ^ part.astype(np.uint64))
    luck = np.ones(len(marks))
    luck[longest] = (number >> np.uint64(11)) * 2.0**-53
    return luck


def _mixed(number: np.ndarray) -> np.ndarray:
    """Return well mixed 64-bit numbers; what overflows is meant to."""
    number = number + np.uint64(0x9E3779B97F4A7C15)
    number = (number ^ (number >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    number = (number ^ (number >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = number ^ (number >> np.uint64(31))
    return mixed


def _streets(network: WalkNetwork) -> np.ndarray:
    """Return the street of each piece: pieces that meet where nothing else does are one street, up to a junction."""
    end_node = network.edge_nodes.ravel()
    order = np.argsort(end_node, kind="stable")
    piece, node = order // 2, end_node[order]
    passing = np.flatnonzero((np.bincount(end_node)[node] == 2) & (np.append(node[1:], -1) == node))  # noqa: PLR2004
    count = len(network.edge_nodes)
    links = coo_array((np.ones(len(passing)), (piece[passing], piece[passing + 1])), shape=(count, count))
    _, street = connected_components(links.tocsr(), directed=False)
    joined: np.ndarray = street
    return joined

"""The nearest facility of each home, or of each junction, and how far it is; of those equally near the first by id."""

import math

import numpy as np
import pandas as pd

from gis.network import WalkNetwork
from gis.reach import DIGITS, SECONDS, places, reach, walk_m
from gis.sweeps import count_doors, nearest_door, on_all_cores

NOBODY = -1


def nearest(
    network: WalkNetwork,
    facilities: pd.DataFrame,
    *,
    homes: pd.DataFrame | None = None,
    minutes: float | None = None,
    speed_m_s: float = 1.0,
) -> pd.DataFrame:
    """Return the nearest facility of each home (or of each junction of the network) and the minutes to walk there.

    `facilities` and `homes` are what `snap` returned. Columns, aligned on `homes`, or by position of the junction:
    `facility_id` (missing: none), `minutes` (missing likewise) and, where a longest walk in `minutes` is given,
    `choices`: how many facilities are within it.

    >>> import geopandas as gpd
    >>> from gis.snap import snap
    >>> from gis.towns import cross_town
    >>> town = cross_town()
    >>> at = {name: gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, [0, 0]), index=["a", "b"], crs=town.crs)
    ...     for name, x in {"homes": [-40, 70], "doors": [-100, 100]}.items()}
    >>> nearest(town, snap(town, at["doors"]), homes=snap(town, at["homes"]), minutes=2)
      facility_id  minutes  choices
    a           a      1.0        1
    b           b      0.5        1
    """
    doors = facilities.sort_index()
    # Half of the last digit of the minutes that are kept: who is within it is within the walk.
    limit = math.inf if minutes is None else walk_m(minutes + 0.5 * 10.0**-DIGITS, speed_m_s)
    far, owner = nearest_door(network.flat, places(doors), limit)
    index: pd.Index = pd.RangeIndex(len(far), name="node") if homes is None else homes.index
    if homes is not None:
        at = places(homes)
        met = at.edge >= 0
        walk, door = np.full(len(homes), np.nan), np.full(len(homes), NOBODY)
        walk[met], door[met] = along(network, doors, (far, owner), at.edge[met], at.offset_m[met])
        far, owner = walk + at.connector_m, door
    walk = np.round(np.where(owner == NOBODY, np.nan, far) / (SECONDS * speed_m_s), DIGITS)
    if minutes is not None:
        walk = np.where(walk <= round(minutes, DIGITS), walk, np.nan)
    name = pd.array(doors.index.to_numpy(dtype=object), dtype="string")
    whose = name.take(np.where(np.isnan(walk), NOBODY, owner), allow_fill=True)
    frame = pd.DataFrame({"facility_id": whose, "minutes": walk}, index=index)
    if minutes is None:
        return frame
    if homes is None:
        flat, at_doors = network.flat, places(doors)
        (count,) = on_all_cores(lambda *run: (count_doors(flat, at_doors, run, limit)[None],), len(doors))
        return frame.assign(choices=count.sum(axis=0, dtype=np.int64))
    pairs = reach(network, homes, doors, minutes=minutes, speed_m_s=speed_m_s)
    return frame.assign(choices=pairs.groupby("demand_id").size().reindex(index, fill_value=0))


def along(
    network: WalkNetwork, doors: pd.DataFrame, nodes: tuple[np.ndarray, np.ndarray], edge: np.ndarray, at_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the walk to the nearest door, and that door, from places on edges; `nodes`: the same from each junction.

    A walk leads over one end of the edge or the other, or straight to a door on it.
    """
    far, owner = nodes
    back, ahead, end = network.effort_backward[edge], network.effort_forward[edge], network.edge_nodes[edge]
    there = pd.DataFrame({"door": np.arange(len(doors)), "edge": doors["edge"].to_numpy()})
    pairs = pd.DataFrame({"place": np.arange(len(edge)), "edge": edge}).merge(there, on="edge")
    place, door = pairs["place"].to_numpy(), pairs["door"].to_numpy()
    step = doors["offset_m"].to_numpy()[door] - at_m[place]
    straight = _cost(np.abs(step), np.where(step > 0, ahead[place], back[place]))
    walk = np.concatenate([
        far[end[:, 0]] + _cost(at_m, back),
        far[end[:, 1]] + _cost(network.edge_length_m[edge] - at_m, ahead),
        doors["connector_m"].to_numpy()[door] + straight,
    ])  # fmt: skip
    whose = np.concatenate([np.arange(len(edge)), np.arange(len(edge)), place])
    whom = np.concatenate([owner[end[:, 0]], owner[end[:, 1]], door])
    order = np.lexsort((whom, walk, whose))
    best = order[np.unique(whose[order], return_index=True)[1]]
    return walk[best], np.where(np.isfinite(walk[best]), whom[best], NOBODY)


def _cost(metres: np.ndarray, effort: np.ndarray) -> np.ndarray:
    """Return what metres cost; no metres cost nothing, even where one may not walk."""
    cost: np.ndarray = np.multiply(metres, effort, out=np.zeros(len(metres)), where=metres > 0)
    return cost

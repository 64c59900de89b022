"""Who reaches what: every home and facility within the walk, measured along the streets."""

import numpy as np
import pandas as pd

from gis.doorsteps import by_stretch
from gis.network import WalkNetwork
from gis.search import TOLERANCE_M
from gis.stretches import Places, grouped
from gis.sweeps import pairs

SECONDS = 60
DIGITS = 8
"""Minutes are kept to this many digits (0.6 thousandths of a millimetre at 1 m/s), so that a sum of street lengths
that is 15 minutes is 15.0 in spite of the rounding of coordinates that are millions of metres."""


def walk_m(minutes: float, speed_m_s: float) -> float:
    """Return how far one walks in some minutes.

    >>> walk_m(15, 1.0)
    900.0
    """
    return minutes * SECONDS * speed_m_s


def places(snapped: pd.DataFrame) -> Places:
    """Return what `snap` returned as the search sees it."""
    return Places(*(snapped[name].to_numpy() for name in ("edge", "offset_m", "connector_m")))


def reach(
    network: WalkNetwork,
    homes: pd.DataFrame,
    facilities: pd.DataFrame,
    *,
    minutes: float = 15,
    speed_m_s: float = 1.0,
    names: tuple[str, str] = ("demand_id", "facility_id"),
) -> pd.DataFrame:
    """Return every walk from a home to a facility of at most `minutes`: one row a pair, no row for a pair out of reach.

    `homes` and `facilities` are what `snap` returned for them. Columns: `demand_id`, `facility_id` (or the two
    `names`), `minutes`, ordered by facility then home in the order of their tables. The walk is connector, shortest way
    along the streets (in the direction home to facility), connector; both connectors are walked at the same speed.

    >>> import geopandas as gpd
    >>> from gis.snap import snap
    >>> from gis.towns import grid_town
    >>> town = grid_town(5)
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([50, 400], [10, 400]), index=["near", "far"], crs=town.crs)
    >>> door = gpd.GeoDataFrame(geometry=gpd.points_from_xy([200], [100]), index=["F"], crs=town.crs)
    >>> reach(town, snap(town, homes), snap(town, door), minutes=6)
      demand_id facility_id   minutes
    0      near           F  4.333333
    """
    door, home, walk = walks(network, homes, facilities, minutes=minutes, speed_m_s=speed_m_s)
    _, by_home = grouped(home, len(homes))
    _, by_door = grouped(door[by_home], len(facilities))  # of one door in the order of the homes
    order = by_home[by_door]
    return pd.DataFrame(
        {
            names[0]: homes.index.take(home[order]),
            names[1]: facilities.index.take(door[order]),
            "minutes": walk[order],
        },
        copy=False,  # nobody else holds these columns
    )


def walks(
    network: WalkNetwork, homes: pd.DataFrame, facilities: pd.DataFrame, *, minutes: float, speed_m_s: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what `reach` does as positions in the tables, in no order: facility, home, minutes."""
    flat = network.flat
    at_homes = by_stretch(flat, places(homes))
    door, home, metres = pairs(flat, at_homes, places(facilities), walk_m(minutes, speed_m_s) + TOLERANCE_M)
    walk = np.round(metres / (SECONDS * speed_m_s), DIGITS)
    kept = walk <= np.round(minutes, DIGITS)
    return (door, home, walk) if kept.all() else (door[kept], home[kept], walk[kept])

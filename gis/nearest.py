"""The nearest facility of each home, or of each junction, and how far it is; of those equally near the first by id."""

import math

import numpy as np
import pandas as pd

from gis.doorsteps import by_stretch
from gis.network import WalkNetwork
from gis.reach import DIGITS, SECONDS, places, walk_m, walks
from gis.sweeps import choices, nearest_door

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
    flat, at_doors = network.flat, places(doors)
    if homes is None:
        far, owner = nearest_door(flat, at_doors, limit)
        index: pd.Index = pd.RangeIndex(len(far), name="node")
    else:
        far, owner = nearest_door(flat, at_doors, limit, by_stretch(flat, places(homes)), len(homes))
        index = homes.index
    walk = np.round(np.where(owner == NOBODY, np.nan, far) / (SECONDS * speed_m_s), DIGITS)
    if minutes is not None:
        walk = np.where(walk <= round(minutes, DIGITS), walk, np.nan)
    name = pd.array(doors.index.to_numpy(dtype=object), dtype="string")
    whose = name.take(np.where(np.isnan(walk), NOBODY, owner), allow_fill=True)
    frame = pd.DataFrame({"facility_id": whose, "minutes": walk}, index=index)
    if minutes is None:
        return frame
    if homes is None:
        return frame.assign(choices=choices(flat, at_doors, limit).astype(np.int64))
    _, home, _ = walks(network, homes, doors, minutes=minutes, speed_m_s=speed_m_s)
    return frame.assign(choices=np.bincount(home, minlength=len(homes)))

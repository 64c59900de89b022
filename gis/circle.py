"""The circle on the map beside the walk: whom a straight line takes for covered who has farther to walk."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gis.reach import walk_m
from gis.search import TOLERANCE_M
from gis.sums import sum_by_unit


def straight_line_m(homes: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> pd.Series:
    """Return the straight line in metres from each home to the nearest facility; missing without a position.

    Both in the same CRS in metres. Raises ValueError where the CRS differ.
    """
    if homes.crs != facilities.crs:
        raise ValueError(f"homes are in {homes.crs}, facilities in {facilities.crs}")
    at, doors = (_placed(frame) for frame in (homes, facilities))
    metres = np.full(len(homes), np.nan)
    if at.any() and doors.any():
        centres = cKDTree(shapely.get_coordinates(facilities.geometry.to_numpy()[doors]))
        metres[at] = centres.query(shapely.get_coordinates(homes.geometry.to_numpy()[at]))[0]
    return pd.Series(metres, index=homes.index, name="straight_line_m")


def _placed(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Return which rows have a position."""
    shapes = frame.geometry.to_numpy()
    placed: np.ndarray = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return placed


def circle_by_unit(
    homes: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    communities: pd.DataFrame,
    *,
    minutes: Sequence[float] = (5, 10, 15),
    speed_m_s: float = 1.0,
    columns: Sequence[str] = ("elders",),
) -> pd.DataFrame:
    """Return what a circle of the same minutes overstates, in people, by unit: one row a unit as `gis.sums.members`.

    `homes` as from `coverage`, `facilities` those that count. The circle's radius is speed times minutes. For each
    group of people in `columns`, the group itself and for each of the minutes `elders_circle_15` (within the circle of
    a facility), `elders_walk_15` (within the walk), `elders_overstated_15` (within the circle, but farther to walk) and
    `elders_circle_unknown_15` (within the circle, the map cannot tell the walk). No walk is shorter than the straight
    line, so `circle = walk + overstated + circle_unknown`.
    """
    straight = straight_line_m(homes, facilities)
    unknown = homes["state"] == "unknown"
    amounts = {}
    for group in columns:
        heads = homes[group]
        unsaid = heads.isna()  # unknown stays unknown
        amounts[group] = heads
        for limit in sorted(minutes):
            # As long as the search's tolerance, or rounding would leave out who lives on a straight street.
            inside = straight <= walk_m(limit, speed_m_s) + TOLERANCE_M
            walked = homes[f"covered_{limit}"]
            amounts |= {
                f"{group}_circle_{limit}": heads.where(unsaid | inside, 0),
                f"{group}_walk_{limit}": heads.where(unsaid | walked, 0),
                f"{group}_overstated_{limit}": heads.where(unsaid | (inside & ~walked & ~unknown), 0),
                f"{group}_circle_unknown_{limit}": heads.where(unsaid | (inside & ~walked & unknown), 0),
            }
    return sum_by_unit(pd.DataFrame(amounts, index=homes.index), homes["community_id"], communities)


def most_overstated(table: pd.DataFrame, *, column: str, level: str = "community", count: int = 10) -> pd.DataFrame:
    """Return the units of a level where the circle overstates most, the worst first (ties by code); none without.

    `table` as from `circle_by_unit`, `column` one of its `..._overstated_...`.
    """
    units = table[(table["level"] == level) & (table[column] > 0)]
    return units.sort_values([column, "unit_id"], ascending=[False, True]).head(count)

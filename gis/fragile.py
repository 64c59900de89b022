"""Whom a street missing from the map would cover: those near a facility as the crow flies but not on the network."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.reach import walk_m
from gis.sums import sum_by_unit

DETOUR = 1.3
"""How much farther people walk than the crow flies on streets that are all mapped: a choice, no measurement."""


def fragile(
    homes: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    minutes: float = 15,
    speed_m_s: float = 1.0,
    detour: float = DETOUR,
    barriers: gpd.GeoSeries | None = None,
) -> pd.Series:
    """Return for each home what stands between it and a facility that is near: `missing_link`, `barrier` or empty.

    `homes` as from `gis.coverage.coverage` (with `state`), `facilities` those that count, both points in one CRS in
    metres. A home that is not covered (or unknown), though `detour` times the straight line to some facility is within
    `minutes`: `missing_link` where no barrier crosses one of these lines - a street that is not on the map may well be
    there - and `barrier` where one crosses each of them. Raises ValueError where the CRS differ.

    >>> homes = gpd.GeoDataFrame({"state": ["not_covered"] * 3}, index=["near", "across", "far"],
    ...     geometry=gpd.points_from_xy([300, -300, 900], [0, 0, 0]), crs="EPSG:4547")
    >>> door = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0], [0]), crs=homes.crs)
    >>> river = gpd.GeoSeries([shapely.LineString([(-100, -9), (-100, 9)])], crs=homes.crs)
    >>> fragile(homes, door, barriers=river).to_dict()
    {'near': 'missing_link', 'across': 'barrier', 'far': ''}
    """
    if homes.crs != facilities.crs:
        raise ValueError(f"homes are in {homes.crs}, facilities in {facilities.crs}")
    open_to = np.flatnonzero((homes["state"] != "covered").to_numpy())
    shapes, doors = homes.geometry.to_numpy()[open_to], facilities.geometry.to_numpy()
    reach_m = walk_m(minutes, speed_m_s) / detour
    home, door = shapely.STRtree(doors).query(shapes, predicate="dwithin", distance=reach_m)
    answer = np.full(len(homes), "", dtype=object)
    answer[open_to[home]] = "barrier"
    free = np.ones(len(home), dtype=bool)
    if barriers is not None and len(barriers):
        ends = np.stack([shapely.get_coordinates(shapes[home]), shapely.get_coordinates(doors[door])], axis=1)
        free[shapely.STRtree(barriers.to_numpy()).query(shapely.linestrings(ends), predicate="crosses")[0]] = False
    answer[open_to[home[free]]] = "missing_link"
    return pd.Series(answer, index=homes.index, name="fragile", dtype="string")


def fragile_by_unit(homes: gpd.GeoDataFrame, between: pd.Series, communities: pd.DataFrame) -> pd.DataFrame:
    """Return what missing links could change, by unit: one row a unit as `gis.sums.sum_by_unit`.

    `between` as from `fragile`. Columns: `elders`, `elders_covered`, `elders_missing_link`, `elders_barrier`, and
    `elders_covered_most` = covered + missing_link, the most that streets missing from the map could make of it. A
    verdict that differs between the two hangs on the map.
    """
    elders = homes["elders"]
    covered = homes["state"] == "covered"
    people = pd.DataFrame(
        {
            "elders": elders,
            "elders_covered": elders.where(covered, 0),
            "elders_missing_link": elders.where(between == "missing_link", 0),
            "elders_barrier": elders.where(between == "barrier", 0),
            "elders_covered_most": elders.where(covered | (between == "missing_link"), 0),
        },
        index=homes.index,
    )
    return sum_by_unit(people, homes["community_id"], communities)

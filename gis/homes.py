"""Where people live: homes with residents and elders, from a table, from buildings, or along the streets.

Every total is conserved to the person: what is shared out is shared by largest remainder (Hamilton's method).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.errors import Finding, InputError
from gis.network import WalkNetwork
from gis.units import by_position

RESIDENTIAL = ("apartments", "residential", "house", "detached", "semidetached_house", "terrace", "dormitory", "bungalow")
STEP_M = 50.0
"""Where no building is known, a home stands every so far along the streets."""


@dataclass(frozen=True)
class Homes:
    """Homes indexed by `demand_id`: `community_id`, `residents`, `elders` (whole), point; and where they came from.

    `source` is a key of the catalogue (`homes.table`, `homes.buildings`, `homes.streets`).
    """

    frame: gpd.GeoDataFrame
    source: str
    findings: tuple[Finding, ...] = ()


def apportion(total: int, weights: Sequence[float] | np.ndarray) -> np.ndarray:
    """Share a whole number out by weights, to whole numbers that sum to it (largest remainder; ties: the first).

    All weights zero: equal shares. Raises ValueError where there is nobody to share among but something to share.

    >>> apportion(10, [1, 1, 1]).tolist()
    [4, 3, 3]
    """
    weight = np.asarray(weights, dtype=float)
    if not len(weight):
        if total:
            raise ValueError(f"{total} to share among nobody")
        return np.zeros(0, dtype=np.int64)
    share = weight / weight.sum() if weight.sum() > 0 else np.full(len(weight), 1 / len(weight))
    exact = total * share
    whole = np.floor(exact).astype(np.int64)
    largest = np.argsort(-np.round(exact - whole, 9), kind="stable")[: total - whole.sum()]
    whole[largest] += 1
    return whole


def homes_from_table(
    residents: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, *, elder_share: float | None = None, source: str = "residents"
) -> Homes:
    """Return homes from a table of points, buildings or cells with people (columns as `gis.tables.RESIDENTS`).

    Residents that are no whole numbers (cells of a grid) are rounded so that each community keeps its total. Where the
    table has no elders, each community's elders are shared over its homes by residents; where the communities have none
    either, `elder_share` of the residents is taken. Raises InputError where none of these is known.
    """
    frame = residents.sort_index()
    declared = frame["community_id"].astype("string")
    community = declared.fillna(by_position(frame, communities))
    outside = int(community.isna().sum())
    groups = community.fillna("").to_numpy()
    weight = frame["residents"].astype(float).fillna(frame["households"].astype(float)).fillna(0).to_numpy()
    if frame["residents"].isna().all():
        people = _share(communities["residents"], groups, weight, "RESIDENTS_MISSING", source)
    else:
        people = _rounded(weight, groups)
    if frame["elders"].notna().any():
        elders = _rounded(frame["elders"].astype(float).fillna(0).to_numpy(), groups)
    elif communities["elders"].notna().any():
        elders = _share(communities["elders"], groups, people, "ELDERS_MISSING", source)
    elif elder_share is not None:
        elders = _rounded(people * elder_share, groups)
    else:
        raise InputError([Finding("ELDERS_MISSING", "reject", source)])
    findings = [Finding("HOME_OUTSIDE", "warn", source, str(outside), outside)] if outside else []
    for column, shared in (("residents", people), ("elders", elders)):
        findings += _compare(communities[column], groups, shared, column, source)
    return Homes(_frame(frame.index, community, people, elders, frame.geometry), "homes.table", tuple(findings))


def homes_from_buildings(buildings: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, network: WalkNetwork) -> Homes:
    """Return homes with each community's residents and elders shared over its residential buildings by floor area.

    `buildings`: polygons with `building` and `tags` as `read_features` returns them; floor area is footprint times
    `building:levels` (one storey where unknown). A community without a residential building is taken by its buildings of
    no stated use, without any building by points every 50 m along its streets; without streets it is a finding and its
    people are not located. Raises InputError where the communities have no elders.
    """
    shaped = communities[communities.geometry.notna()].sort_index()
    if communities["elders"].isna().all():
        raise InputError([Finding("ELDERS_MISSING", "reject", "communities")])
    built = buildings[buildings.geom_type.isin(["Polygon", "MultiPolygon"])].sort_values("osm_id")
    used = built["tags"].map(lambda tags: bool({"amenity", "shop", "office", "tourism"} & set(tags)))
    built = built[built["building"].isin([*RESIDENTIAL, "yes"]) & ~used]
    levels = pd.to_numeric(built["tags"].map(lambda tags: tags.get("building:levels")), errors="coerce").fillna(1).clip(1)
    doors = gpd.GeoDataFrame(
        {"weight": built.area * levels, "rank": np.where(built["building"].isin(RESIDENTIAL), 0, 1)},
        geometry=built.representative_point(),
        crs=built.crs,
    ).set_axis(pd.Index(built["osm_id"], name="demand_id"))
    doors = pd.concat([doors, _along_streets(network)])
    doors["community_id"] = by_position(doors, shaped)
    doors = doors[doors["community_id"].notna()]
    best = doors.groupby("community_id")["rank"].transform("min")
    doors = doors[doors["rank"] == best]
    without = communities.index.difference(doors["community_id"])
    groups = doors["community_id"].to_numpy()
    weight = doors["weight"].to_numpy(dtype=float)
    people = _share(communities["residents"].drop(without), groups, weight, "RESIDENTS_MISSING", "communities")
    elders = _share(communities["elders"].drop(without), groups, people, "ELDERS_MISSING", "communities")
    findings = tuple(Finding("UNIT_EMPTY", "warn", f"communities/{unit}", str(communities["name"][unit])) for unit in without)
    frame = _frame(doors.index, doors["community_id"], people, elders, doors.geometry)
    lost = communities.loc[without]
    nowhere = _frame(
        pd.Index([f"u{unit}" for unit in without], name="demand_id"),
        pd.Series(without, dtype="string"),
        lost["residents"].fillna(0).to_numpy(dtype=np.int64),
        lost["elders"].fillna(0).to_numpy(dtype=np.int64),
        gpd.GeoSeries([None] * len(without), crs=frame.crs),
    )
    source = "homes.buildings" if (doors["rank"] < _STREET_RANK).any() else "homes.streets"
    return Homes(gpd.GeoDataFrame(pd.concat([frame, nowhere])) if len(without) else frame, source, findings)


_STREET_RANK = 2


def _along_streets(network: WalkNetwork) -> gpd.GeoDataFrame:
    """Return a place every 50 m along the streets of the network."""
    count = np.maximum(1, np.round(network.edge_length_m / STEP_M)).astype(np.int64)
    edge = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    at = (nth + 0.5) / count[edge]
    return gpd.GeoDataFrame(
        {"weight": 1.0, "rank": _STREET_RANK},
        geometry=shapely.line_interpolate_point(network.lines[edge], at, normalized=True),
        crs=network.crs,
        index=pd.Index([f"s{e}_{n}" for e, n in zip(edge, nth, strict=True)], name="demand_id"),
    )


def _frame(index: pd.Index, community: pd.Series, people: np.ndarray, elders: np.ndarray, shape: Any) -> gpd.GeoDataFrame:
    """Return homes as one frame."""
    return gpd.GeoDataFrame(
        {"community_id": community.to_numpy(), "residents": people, "elders": elders},
        geometry=gpd.GeoSeries(shape).to_numpy(),
        crs=shape.crs,
        index=index.rename("demand_id"),
    ).astype({"community_id": "string"})


def _members(groups: np.ndarray) -> list[tuple[Any, np.ndarray]]:
    """Return each group and the positions of its members."""
    return [(group, np.flatnonzero(groups == group)) for group in pd.unique(groups)]


def _rounded(people: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Round people to whole numbers so that each group keeps its total (rounded to the nearest person)."""
    if np.array_equal(people, np.floor(people)):
        return people.astype(np.int64)
    out = np.zeros(len(people), dtype=np.int64)
    for _, members in _members(groups):
        out[members] = apportion(int(np.floor(people[members].sum() + 0.5)), people[members])
    return out


def _share(totals: pd.Series, groups: np.ndarray, weight: np.ndarray, missing: str, source: str) -> np.ndarray:
    """Share each unit's total over its homes by weight; homes of no unit get none."""
    if totals.isna().all():
        raise InputError([Finding(missing, "reject", source)])
    out = np.zeros(len(groups), dtype=np.int64)
    for group, members in _members(groups):
        if group in totals.index and pd.notna(totals[group]):
            out[members] = apportion(int(totals[group]), weight[members])
    return out


def _compare(totals: pd.Series, groups: np.ndarray, people: np.ndarray, column: str, source: str) -> list[Finding]:
    """Say where the homes of the units do not add up to what the units themselves count."""
    ours = pd.Series(people).groupby(groups).sum().reindex(totals.index, fill_value=0)
    differs = totals.notna() & (ours != totals.fillna(0))
    if not differs.any():
        return []
    found = f"{int(ours.sum())} ≠ {int(totals.sum())} ({int(differs.sum())})"
    return [Finding("PEOPLE_DIFFER", "warn", f"{source}/{column}", found, int(differs.sum()))]

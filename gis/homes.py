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

RESIDENTIAL = (
    "apartments",
    "residential",
    "house",
    "detached",
    "semidetached_house",
    "terrace",
    "dormitory",
    "bungalow",
)
MOST_LEVELS = 150
"""More storeys than this are a slip of the pen; the building would draw its whole community."""
LEAST_M2_A_RESIDENT = 3.0
"""Thirty square metres a person in a ten-storey block mapped without storeys: less is a map that lacks buildings."""
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

    All weights zero: equal shares. Raises ValueError where there is nobody to share among but something to share, and
    for a weight that is negative or no number.

    >>> apportion(10, [1, 1, 1]).tolist()
    [4, 3, 3]
    """
    weight = np.asarray(weights, dtype=float)
    if not len(weight):
        if total:
            raise ValueError(f"{total} to share among nobody")
        return np.zeros(0, dtype=np.int64)
    if not (np.isfinite(weight) & (weight >= 0)).all():
        raise ValueError("weights are numbers from zero up")
    share = weight / weight.sum() if weight.sum() > 0 else np.full(len(weight), 1 / len(weight))
    exact = total * share
    whole: np.ndarray = np.floor(exact).astype(np.int64)
    largest = np.argsort(-np.round(exact - whole, 9), kind="stable")[: total - whole.sum()]
    whole[largest] += 1
    return whole


def homes_from_table(
    residents: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    *,
    elder_share: float | None = None,
    source: str = "residents",
) -> Homes:
    """Return homes from a table of points, buildings or cells with people (columns as `gis.tables.RESIDENTS`).

    Residents that are no whole numbers (cells of a grid) are rounded so that each community keeps its total. Where the
    table has no elders, each community's elders are shared over its homes by residents (those of a community without a
    home are kept, not located); where a community has none either, `elder_share` of the residents is taken. A code that
    is no community's counts as not declared; a row without a number of people as nobody, with a finding. Raises
    InputError where none of these is known.
    """
    frame = residents.sort_index()
    declared = frame["community_id"].astype("string").mask(lambda text: text == "")
    unknown = declared.notna() & ~declared.isin(communities.index)
    community = declared.mask(unknown).fillna(by_position(frame, communities))
    groups = community.fillna("").to_numpy(dtype=object)
    findings = [_counted("UNIT_UNKNOWN", source, int(unknown.sum())),
                _counted("HOME_OUTSIDE", source, int(community.isna().sum()))]  # fmt: skip
    shared = False
    if frame["residents"].isna().all():
        shared = _known(communities["residents"], "RESIDENTS_MISSING", source)
        people = _share(communities["residents"], groups, frame["households"].astype(float).fillna(0).to_numpy())
    else:
        people = _rounded(frame["residents"].astype(float).fillna(0).to_numpy(), groups)
        findings.append(_counted("PEOPLE_BLANK", f"{source}/residents", int(frame["residents"].isna().sum())))
    if frame["elders"].notna().any():
        elders = _rounded(frame["elders"].astype(float).fillna(0).to_numpy(), groups)
        findings.append(_counted("PEOPLE_BLANK", f"{source}/elders", int(frame["elders"].isna().sum())))
    else:
        elders = _share(communities["elders"], groups, people)
        nowhere = ~np.isin(groups, communities.index[communities["elders"].notna()])
        if elder_share is not None:
            elders[nowhere] = _rounded(people[nowhere] * elder_share, groups[nowhere])
        elif _known(communities["elders"], "ELDERS_MISSING", source):
            findings.append(_counted("PEOPLE_BLANK", f"{source}/elders", int((people[nowhere] > 0).sum())))
        shared = shared or bool(communities["elders"].notna().any())
    homes = _frame(frame.index, community, people, elders, frame.geometry)
    if shared:
        homes, empty = _with_nowhere(homes, communities)
        findings += empty
    for column in ("residents", "elders"):
        findings.append(_compare(communities[column], homes, column, source))
    return Homes(homes, "homes.table", tuple(finding for finding in findings if finding.count))


def homes_from_buildings(buildings: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, network: WalkNetwork) -> Homes:
    """Return homes with each community's residents and elders shared over its residential buildings by floor area.

    `buildings`: polygons with `building` and `tags` as `read_features` returns them; floor area is footprint times
    `building:levels` (one storey where unknown). Where the residential buildings of a community cannot hold its people
    (3 m2 of mapped floor a resident) its buildings of no stated use count too; where these cannot either, the map lacks
    buildings and the people stand every 50 m along the streets. Without streets what buildings there are must do;
    without those it is a finding and the people are kept, not located. Raises InputError where no community has
    residents or none has elders.
    """
    _known(communities["elders"], "ELDERS_MISSING", "communities")
    _known(communities["residents"], "RESIDENTS_MISSING", "communities")
    built = buildings[buildings.geom_type.isin(["Polygon", "MultiPolygon"])].sort_values("osm_id")
    used = built["tags"].map(lambda tags: bool({"amenity", "shop", "office", "tourism"} & set(tags)))
    built = built[built["building"].isin(RESIDENTIAL) | ((built["building"] == "yes") & ~used)]
    levels = pd.to_numeric(built["tags"].map(lambda tags: tags.get("building:levels")), errors="coerce")
    levels = levels.where(levels <= MOST_LEVELS, 1).clip(1)
    doors = gpd.GeoDataFrame(
        {"weight": built.area * levels, "rank": np.where(built["building"].isin(RESIDENTIAL), 0, 1)},
        geometry=built.representative_point(),
        crs=built.crs,
    ).set_axis(pd.Index(built["osm_id"], name="demand_id"))
    doors = pd.concat([doors, _along_streets(network)])
    doors["community_id"] = by_position(doors, communities)
    doors = doors[doors["community_id"].notna()]
    doors = doors[_room(doors, communities["residents"])]
    groups = doors["community_id"].to_numpy(dtype=object)
    people = _share(communities["residents"], groups, doors["weight"].to_numpy(dtype=float))
    elders = _share(communities["elders"], groups, people)
    homes, empty = _with_nowhere(
        _frame(doors.index, doors["community_id"], people, elders, doors.geometry), communities
    )
    blank = [
        _counted("PEOPLE_BLANK", f"communities/{name}", int(communities[name].isna().sum()))
        for name in ("residents", "elders")
    ]
    source = "homes.buildings" if (doors["rank"] < _STREET_RANK).any() else "homes.streets"
    return Homes(homes, source, tuple(finding for finding in (*empty, *blank) if finding.count))


_STREET_RANK = 2


def _room(doors: gpd.GeoDataFrame, residents: pd.Series) -> "pd.Series[bool]":
    """Return which doors count: of each community the least guessed ones that can hold its people."""
    counts = pd.Series(data=False, index=doors.index)
    for unit, part in doors.groupby("community_id"):
        needed_m2 = LEAST_M2_A_RESIDENT * float(residents.fillna(0)[unit])
        mapped = (part[part["rank"] == 0], part[part["rank"] < _STREET_RANK])
        roomy = [homes for homes in mapped if len(homes) and homes["weight"].sum() >= needed_m2]
        streets = part[part["rank"] == _STREET_RANK]
        counts[(roomy[0] if roomy else streets if len(streets) else part).index] = True
    return counts


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


def _frame(
    index: pd.Index, community: pd.Series, people: np.ndarray, elders: np.ndarray, shape: Any
) -> gpd.GeoDataFrame:
    """Return homes as one frame."""
    return gpd.GeoDataFrame(
        {"community_id": community.to_numpy(), "residents": people, "elders": elders},
        geometry=gpd.GeoSeries(shape).to_numpy(),
        crs=shape.crs,
        index=index.rename("demand_id"),
    ).astype({"community_id": "string"})


def _with_nowhere(homes: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Add the people of each community without a home as one home without a place, and say so."""
    lost = communities.loc[communities.index.difference(homes["community_id"].dropna())]
    if not len(lost):
        return homes, []
    nowhere = _frame(
        pd.Index([f"u{unit}" for unit in lost.index]),
        lost.index.to_series(),
        lost["residents"].fillna(0).to_numpy(dtype=np.int64),
        lost["elders"].fillna(0).to_numpy(dtype=np.int64),
        gpd.GeoSeries([None] * len(lost), crs=homes.crs),
    )
    findings = [Finding("UNIT_EMPTY", "warn", f"communities/{unit}", str(name)) for unit, name in lost["name"].items()]
    return gpd.GeoDataFrame(pd.concat([homes, nowhere]) if len(homes) else nowhere), findings


def _known(totals: pd.Series, missing: str, source: str) -> bool:
    """Refuse a column in which no community has a number."""
    if totals.isna().all():
        raise InputError([Finding(missing, "reject", source)])
    return True


def _counted(code: str, place: str, count: int) -> Finding:
    """Return a warning about so many rows; with none it is not told."""
    return Finding(code, "warn", place, str(count), count)


def _rounded(people: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Round people to whole numbers so that each group keeps its total (rounded to the nearest person)."""
    if np.array_equal(people, np.floor(people)):
        return people.astype(np.int64)
    out = np.zeros(len(people), dtype=np.int64)
    for members in pd.Series(people).groupby(groups).indices.values():
        out[members] = apportion(int(np.floor(people[members].sum() + 0.5)), people[members])
    return out


def _share(totals: pd.Series, groups: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Share each unit's total over its homes by weight; homes of no unit, or of one without a total, get none."""
    known = dict(totals.dropna().astype(int).items())
    out = np.zeros(len(groups), dtype=np.int64)
    for group, members in pd.Series(weight).groupby(groups).indices.items():
        if group in known:
            out[members] = apportion(known[group], weight[members])
    return out


def _compare(totals: pd.Series, homes: gpd.GeoDataFrame, column: str, source: str) -> Finding:
    """Say in how many units the homes do not add up to what the unit itself counts."""
    ours = homes.groupby("community_id")[column].sum().reindex(totals.index, fill_value=0)
    differs = int((totals.notna() & (ours != totals.fillna(0))).sum())
    found = f"{int(ours.sum())} ≠ {int(totals.sum())} ({differs})"
    return Finding("PEOPLE_DIFFER", "warn", f"{source}/{column}", found, differs)

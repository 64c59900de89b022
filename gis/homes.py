"""Where people live: homes with residents, elders and groups of them, from a table, from buildings or along streets.

Every total is conserved to the person: what is shared out is shared by largest remainder (Hamilton's method).
"""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.errors import Finding, InputError
from gis.groups import GROUP_COLUMNS, with_groups
from gis.ledger import Ledger
from gis.network import WalkNetwork
from gis.sharing import apportion, round_off, share_out
from gis.units import by_position

__all__ = ["Homes", "apportion", "homes_from_buildings", "homes_from_table"]

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
    """Homes indexed by `demand_id`: `community_id`, `residents`, `elders` (whole), groups, point; and their source.

    Of `gis.groups.GROUP_COLUMNS` there is each that is known anywhere, NA for the homes it is not known for. `source`
    is a key of the catalogue (`homes.table`, `homes.raster`, `homes.buildings`, `homes.streets`). `ledger` says how the
    cells of a raster were used; a table has its own from `gis.intake.read_table`.
    """

    frame: gpd.GeoDataFrame
    source: str
    findings: tuple[Finding, ...] = ()
    ledger: Ledger | None = None


def homes_from_table(
    residents: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    *,
    elder_share: float | None = None,
    household_size: float | None = None,
    source: str = "residents",
) -> Homes:
    """Return homes from a table of points, buildings or cells with people (columns as `gis.tables.RESIDENTS`).

    Residents that are no whole numbers (cells of a grid) are rounded so that each community keeps its total. Where the
    table has no residents, each community's are shared over its homes by households; where a community has none either,
    households times `household_size` are taken. Where the table has no elders, each community's are shared by residents
    (those of a community without a home are kept, not located); where a community has none either, `elder_share` of the
    residents is taken. Groups as `gis.groups.with_groups`. A code that is no community's counts as not declared; a row
    without a number of people as nobody, with a finding. Raises InputError where none of these is known.
    """
    frame = residents.sort_index()
    declared = frame["community_id"].astype("string").mask(lambda text: text == "")
    unknown = declared.notna() & ~declared.isin(communities.index)
    community = declared.mask(unknown)
    community = community.fillna(by_position(frame[community.isna()], communities))
    units = community.fillna("").to_numpy(dtype=object)
    findings = [_counted("UNIT_UNKNOWN", source, int(unknown.sum())),
                _counted("HOME_OUTSIDE", source, int(community.isna().sum()))]  # fmt: skip

    def count(column: str, weights: np.ndarray, rate: float | None) -> np.ndarray:
        if frame[column].notna().any():
            findings.append(_counted("PEOPLE_BLANK", f"{source}/{column}", int(frame[column].isna().sum())))
            return round_off(frame[column].astype(float).fillna(0).to_numpy(), units)
        people = share_out(communities[column], units, weights)
        nowhere = ~np.isin(units, communities.index[communities[column].notna()])
        if rate is not None:
            people[nowhere] = round_off(weights[nowhere] * rate, units[nowhere])
        elif _known(communities[column], column, source):
            findings.append(_counted("PEOPLE_BLANK", f"{source}/{column}", int((weights[nowhere] > 0).sum())))
        return people

    people = count("residents", frame["households"].astype(float).fillna(0).to_numpy(), household_size)
    elders = count("elders", people, elder_share)
    homes = _frame(frame.index, community, people, elders, frame.geometry)
    homes, said = with_groups(homes, communities, table=frame, source=source)
    shared = any(frame[name].isna().all() and communities[name].notna().any() for name in ("residents", "elders"))
    homes, empty = _with_nowhere(homes, communities, of=("residents", "elders") if shared else ())
    findings += [*said, *empty]
    for column in homes.columns.intersection(["residents", "elders", *GROUP_COLUMNS]):
        findings.append(_compare(communities, homes, column, source))
    return Homes(homes, "homes.table", tuple(finding for finding in findings if finding.count))


def homes_from_buildings(buildings: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, network: WalkNetwork) -> Homes:
    """Return homes with each community's residents, elders and groups shared over its residential buildings.

    Residents are shared by floor area, elders by residents, groups by elders (`gis.groups.with_groups`).

    `buildings`: polygons with `building` and `tags` as `read_features` returns them; floor area is footprint times
    `building:levels` (one storey where unknown). Where the residential buildings of a community cannot hold its people
    (3 m2 of mapped floor a resident) its buildings of no stated use count too; where these cannot either, the map lacks
    buildings and the people stand every 50 m along the streets. Without streets what buildings there are must do;
    without those it is a finding and the people are kept, not located. Raises InputError where no community has
    residents or none has elders.
    """
    _known(communities["elders"], "elders", "communities")
    _known(communities["residents"], "residents", "communities")
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
    units = doors["community_id"].to_numpy(dtype=object)
    people = share_out(communities["residents"], units, doors["weight"].to_numpy(dtype=float))
    elders = share_out(communities["elders"], units, people)
    homes = _frame(doors.index, doors["community_id"], people, elders, doors.geometry)
    homes, said = with_groups(homes, communities, source="communities")
    homes, empty = _with_nowhere(homes, communities, of=("residents", "elders"))
    blank = [
        _counted("PEOPLE_BLANK", f"communities/{name}", int(communities[name].isna().sum()))
        for name in ("residents", "elders")
    ]
    source = "homes.buildings" if (doors["rank"] < _STREET_RANK).any() else "homes.streets"
    return Homes(homes, source, tuple(finding for finding in (*said, *empty, *blank) if finding.count))


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


def _with_nowhere(
    homes: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, *, of: tuple[str, ...]
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Add the people of each community without a home as one home without a place, and say so.

    `of`: whether residents and elders are the communities'; where they are the table's, only groups can be left over.
    """
    lost = communities.loc[communities.index.difference(homes["community_id"].dropna())]
    groups = [name for name in homes if name in GROUP_COLUMNS]
    counts = pd.DataFrame({name: lost.get(name) for name in groups}, index=lost.index, dtype="Int64")
    if not of:
        counts = counts[(counts > 0).fillna(value=False).any(axis=1)]
        lost = lost.loc[counts.index]
    if not len(lost):
        return homes, []
    people = lost[["residents", "elders"]].fillna(0).astype(np.int64) * bool(of)
    nowhere = _frame(
        pd.Index([f"u{unit}" for unit in lost.index]),
        lost.index.to_series(),
        people["residents"].to_numpy(),
        people["elders"].to_numpy(),
        gpd.GeoSeries([None] * len(lost), crs=homes.crs),
    ).assign(**{name: counts[name].array for name in groups})
    findings = [Finding("UNIT_EMPTY", "warn", f"communities/{unit}", str(name)) for unit, name in lost["name"].items()]
    return gpd.GeoDataFrame(pd.concat([homes, nowhere]) if len(homes) else nowhere), findings


def _known(totals: pd.Series, column: str, source: str) -> bool:
    """Refuse a column in which no community has a number."""
    if totals.isna().all():
        raise InputError([Finding(f"{column.upper()}_MISSING", "reject", source)])
    return True


def _counted(code: str, place: str, count: int) -> Finding:
    """Return a warning about so many rows; with none it is not told."""
    return Finding(code, "warn", place, str(count), count)


def _count(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _compare(communities: gpd.GeoDataFrame, homes: gpd.GeoDataFrame, column: str, source: str) -> Finding:
    """Say in how many units the homes do not add up to what the unit itself counts, where both are known."""
    unknown = homes["community_id"][homes[column].isna()]
    totals = communities[column].mask(communities.index.isin(unknown))
    ours = homes.groupby("community_id")[column].sum().reindex(totals.index, fill_value=0)
    differs = int((totals.notna() & (ours != totals.fillna(0))).sum())
    found = f"{_count(ours.sum())} ≠ {_count(totals.sum())} ({differs})"
    return Finding("PEOPLE_DIFFER", "warn", f"{source}/{column}", found, differs)

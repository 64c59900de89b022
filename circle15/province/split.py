"""The tables of a province dealt out to its counties: every row to the county it belongs to, border rows shown beyond.

A row belongs to the county of the community it declares, else of the community it stands in, else to the county whose
border is around it. What belongs nowhere is counted and said, never lost.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from circle15.province.project import COUNTIES, PROVINCE_FILE, SHOWN_SIGNS, Province
from gis.address import is_address, read_address
from gis.datum import metre_crs
from gis.errors import Finding, InputError, refuse
from gis.intake import Intake, read_table
from gis.raster import is_geotiff
from gis.reach import walk_m
from gis.tables import COMMUNITIES, TABLES, Table
from gis.units import CODE, COUNTY_DIGITS, by_position, complete

SOME_CRS = "EPSG:4547"
"""In which tables are read where only their faults, or their place on the globe, are asked for."""
PLACED = ("facilities", "candidates", "housing", "residents")
STATED = ("figures", "answers")
NAMES_A_FOLDER = re.compile(r"[\w-]{1,40}")
TAKEN = {"FRONTS", "CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))}
"""Names of folders that are ours in the store, or that Windows keeps for itself."""
OWN_M = 10.0
"""So much ground around a place of a county that lies outside its border is the county's too."""
NEAR_M = 50.0
"""More than the walk that a county sees beyond its border: places stand beside streets."""


@dataclass(frozen=True, eq=False)
class Tables:
    """The tables of a province by name, the county of each row beside them, and the counties' borders and own ground.

    `county_of`: by table, a county's code or missing. `ground`: the border with what belongs to the county outside it.
    """

    crs: str
    counties: gpd.GeoDataFrame
    ground: gpd.GeoSeries
    frames: Mapping[str, gpd.GeoDataFrame]
    county_of: Mapping[str, pd.Series]
    findings: tuple[Finding, ...]
    stamps: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Of each table of a database, by its address: how many rows were read, and its fingerprint."""


def longest_m(province: Province) -> float:
    """Return the longest walk that is asked about, in metres: the fastest speed compared, the most minutes."""
    walking = province.walking
    return walk_m(max(walking.minutes), max(walking.speed_m_s, *walking.compare_speeds, 0))


def halo_m(province: Province) -> float:
    """Return how far beyond its border a county sees streets.

    A walk from a home at the border ends within the longest walk, and who shares that place lives within another; with
    a connector at the end of each.
    """
    return 2 * longest_m(province) + province.walking.max_connector_m + NEAR_M


def read_tables(province: Province) -> Tables:
    """Read all tables of a province and find the county of every row.

    Raises InputError with every fault of every table.
    """
    faults: list[Finding] = []
    try:
        crs = province.crs or _crs(province)
    except InputError as error:
        faults, crs = [*error.findings], SOME_CRS
    read: dict[str, Intake] = {}
    stamps: dict[str, Mapping[str, object]] = {}
    for name, source in province.tables().items():
        if name == "residents" and not _told(province):
            continue
        table = COUNTIES if name == COUNTIES.name else TABLES[name]
        codes = None if table in (COUNTIES, COMMUNITIES) or "communities" not in read else read["communities"].frame
        try:
            read[name] = found = read_table(
                province.source(source.path), table, crs=crs, datum=source.datum, sheet=source.sheet,
                codes=None if codes is None else frozenset(map(str, codes.index)),
            )  # fmt: skip
            if found.sha256:
                stamps[str(read_address(source.path))] = {"rows": found.ledger.rows_read, "sha256": found.sha256}
        except InputError as error:
            faults += error.findings
    if faults:
        folder = f"{province.folder}{Path('/')}"
        raise InputError(dict.fromkeys(replace(f, place=f.place.replace(folder, "")) for f in faults))
    findings = [finding for intake in read.values() for finding in intake.findings]
    frames = {name: intake.frame for name, intake in read.items()}
    counties = frames.pop("counties")
    refuse(_county_faults(counties, province.province.counties.path))
    _refuse_unknown(province, list(counties.index))
    county_of = _county_of(frames, counties)
    findings += _elsewhere(frames["communities"], county_of["communities"], counties)
    for name, county in county_of.items():
        if lost := int(county.isna().sum()):
            findings.append(Finding("COUNTY_NONE", "warn", getattr(province.inputs, name).path, str(lost), lost))
    ground = _ground(frames, county_of, counties)
    return Tables(crs, counties, ground, frames, county_of, tuple(findings), stamps)


def _county_faults(counties: gpd.GeoDataFrame, source: str) -> Iterator[Finding]:
    """Yield why a boundary table names no counties: it is empty, one has no shape or a code that can name no folder."""
    if counties.empty:
        yield Finding("COUNTIES_EMPTY", "reject", source)
    for code in counties.index[counties.geometry.isna() | counties.geometry.is_empty]:
        yield Finding("GEOMETRY_NULL", "reject", f"{source}/{code}")
    for code in counties.index:
        if not NAMES_A_FOLDER.fullmatch(code) or code.upper() in TAKEN:
            yield Finding("COUNTY_CODE", "reject", source, code[:SHOWN_SIGNS])


def _elsewhere(communities: gpd.GeoDataFrame, own: pd.Series, counties: gpd.GeoDataFrame) -> Iterator[Finding]:
    """Yield the communities that lie in another county than the one they name: a code mistyped moves all its people."""
    inside = gpd.GeoDataFrame(geometry=communities.representative_point(), index=communities.index, crs=counties.crs)
    there = by_position(inside, counties)
    for name in own.index[(own != there).fillna(value=False).to_numpy(dtype=bool)]:
        yield Finding("UNIT_ELSEWHERE", "warn", f"communities/{name}", f"{own[name]} ≠ {there[name]}")


def _refuse_unknown(province: Province, codes: list[str]) -> None:
    """Refuse money for a county that is none: a typing mistake there would lose it unseen."""
    part, known = province.province, ", ".join(codes[:10])
    wrong = [
        Finding("PARAM_RANGE", "reject", f"{PROVINCE_FILE}:province.{name}", code, allowed=known)
        for name in ("budgets_wan", "least_wan", "most_wan", "least_share")
        for code in getattr(part, name)
        if code not in codes
    ]
    if wrong:
        raise InputError(wrong)


def _told(province: Province) -> bool:
    """Return whether people come from a table; a raster is looked at by each county for itself."""
    source = province.inputs.residents
    return source is not None and (is_address(source.path) or not is_geotiff(province.path(source.path)))


def _crs(province: Province) -> str:
    """Return the CRS of the zone in the middle of the counties; each county is computed in its own zone."""
    if is_address(name := province.province.counties.path):
        known = read_table(province.address(name), COUNTIES, crs=SOME_CRS).frame.to_crs("EPSG:4326").total_bounds
        return metre_crs(float(known[[0, 2]].mean()), float(known[[1, 3]].mean()))
    path = province.path(name)
    if not path.is_file():
        raise InputError([Finding("FILE_MISSING", "reject", province.province.counties.path)])
    try:
        about = pyogrio.read_info(path, force_total_bounds=True)
    except pyogrio.errors.DataSourceError as error:
        raise InputError([Finding("BOUNDARIES_MISSING", "reject", path.name)]) from error
    if about["crs"] is None:
        raise InputError([Finding("CRS_MISSING", "reject", path.name)])
    if not about["features"]:
        raise InputError([Finding("COUNTIES_EMPTY", "reject", path.name)])
    west, south, east, north = about["total_bounds"]
    to_degrees = pyproj.Transformer.from_crs(about["crs"], "EPSG:4326", always_xy=True)
    return metre_crs(*map(float, to_degrees.transform((west + east) / 2, (south + north) / 2)))


def _county_of(frames: Mapping[str, gpd.GeoDataFrame], counties: gpd.GeoDataFrame) -> dict[str, pd.Series]:
    """Return the county of each row of each table that is dealt out."""
    communities = complete(frames["communities"])
    own = communities["county_id"].where(communities["county_id"].isin(counties.index))
    by_name = pd.Series(counties.index, index=counties["name"].astype("string"))
    by_name = by_name[by_name.index.notna() & ~by_name.index.duplicated(keep=False)]
    own = own.fillna(communities["county"].map(by_name))
    inside = gpd.GeoDataFrame(geometry=communities.representative_point(), index=communities.index, crs=counties.crs)
    own = own.fillna(by_position(inside[own.isna()], counties))
    found: dict[str, pd.Series] = {"communities": own.astype("string")}
    for name in PLACED:
        if name in frames:
            frame = frames[name]
            declared = frame["community_id"] if "community_id" in frame else pd.Series(pd.NA, index=frame.index)
            county = declared.astype("string").map(own).astype("string")
            points = gpd.GeoDataFrame(geometry=frame.geometry.centroid, index=frame.index, crs=frame.crs)
            county = county.fillna(by_position(points[county.isna()], communities).map(own).astype("string"))
            found[name] = county.fillna(by_position(points[county.isna()], counties))
    for name in STATED:
        if name in frames:
            found[name] = _stated(frames[name], counties, communities)
    if "people_groups" in frames:
        found["people_groups"] = frames["people_groups"]["community_id"].astype("string").map(own).astype("string")
    return found


def _stated(frame: pd.DataFrame, counties: gpd.GeoDataFrame, communities: pd.DataFrame) -> pd.Series:
    """Return the county a figure or an answer is about, by the code or the name of its unit."""
    code = frame["unit_id"].astype("string")
    whole = code.str.fullmatch(CODE) | code.str.fullmatch(r"\d{9}") | code.str.fullmatch(r"\d{6}")
    county = code.str[:COUNTY_DIGITS].where(whole.fillna(value=False))
    county = county.where(county.isin(counties.index))
    names = [pd.Series(counties.index, index=counties["name"])]
    of_community = communities["county_id"].to_numpy()
    names += [pd.Series(of_community, index=communities[name]) for name in ("county", "street", "name")]
    pairs = pd.concat(names).rename_axis("unit").rename("county_id").reset_index().dropna().drop_duplicates()
    of_name = pairs[~pairs["unit"].duplicated(keep=False)].set_index("unit")["county_id"]
    found: pd.Series = county.fillna(frame["unit"].map(of_name).astype("string"))
    return found.where(found.isin(counties.index)).astype("string")


def _ground(
    frames: Mapping[str, gpd.GeoDataFrame], county_of: Mapping[str, pd.Series], counties: gpd.GeoDataFrame
) -> gpd.GeoSeries:
    """Return the ground of each county: its border, its communities, and what of its own stands outside them."""
    found = {}
    for code, border in counties.geometry.items():
        parts = [border]
        for name in ("communities", "residents", "facilities", "candidates", "housing"):
            if name in frames:
                shapes = frames[name].geometry[(county_of[name] == code).to_numpy(dtype=bool, na_value=False)].dropna()
                shapely.prepare(border)
                outside = shapes[~shapely.covers(border, shapes.to_numpy())]
                parts += list(outside if name == "communities" else outside.buffer(OWN_M, quad_segs=2))
        found[code] = shapely.union_all(parts) if len(parts) > 1 else border
    return gpd.GeoSeries(found, crs=counties.crs).rename_axis("county_id")


def dealt_out(province: Province, tables: Tables) -> Iterator[tuple[str, dict[str, gpd.GeoDataFrame]]]:
    """Yield each county with its tables; `<name>_beyond` is what neighbours have near the border, `gates` all near it.

    What is read of people beyond is how many elders live where.
    """
    longest = longest_m(province) + NEAR_M
    reach = {"facilities": longest, "candidates": longest, "residents": 2 * longest, "gates": halo_m(province)}
    trees = {name: shapely.STRtree(tables.frames[name].geometry.to_numpy()) for name in reach if name in tables.frames}
    for code, ground in tables.ground.items():
        parts = {}
        for name, county in tables.county_of.items():
            parts[name] = tables.frames[name][(county == code).to_numpy(dtype=bool, na_value=False)]
        for name, tree in trees.items():
            near = np.sort(tree.query(ground.buffer(reach[name]), predicate="intersects"))
            frame = tables.frames[name].iloc[near]
            if name == "gates":
                parts[name] = frame
                continue
            frame = frame[(tables.county_of[name].iloc[near] != code).fillna(value=True).to_numpy(dtype=bool)]
            if name == "residents":
                frame = frame[["elders", "geometry"]]
            parts[f"{name}_beyond"] = frame
        yield str(code), parts


def table_of(name: str) -> Table:
    """Return the kind of table that a part is of."""
    return TABLES[name.removesuffix("_beyond")]

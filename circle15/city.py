"""Everything a project names, read once: streets, units, people, facilities, sites, housing; all faults together."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from circle15.beyond import Beyond, Given, as_islands_of_the_whole, located_beyond
from circle15.cards import city_card
from circle15.project import PROJECT_FILE, SHOWN, Project, Source
from gis.address import is_address, read_address
from gis.datum import metre_crs, scale_at
from gis.drawing import drawn_kind
from gis.errors import Finding, InputError
from gis.estates import estates, without_gate
from gis.extract import Extract, middle, read_extract
from gis.homes import Homes, homes_from_buildings, homes_from_table
from gis.intake import Intake, read_table
from gis.ledger import Ledger
from gis.network import WalkNetwork
from gis.osm import sniff
from gis.pace import at_pace
from gis.places import barriers, care_places, ground
from gis.raster import homes_from_raster, is_geotiff
from gis.streets import walk_network
from gis.suspicion import community_fits, datum_suspicion, mixed_findings, suspicion_findings
from gis.tables import (
    ANSWERS,
    CANDIDATES,
    COMMUNITIES,
    FACILITIES,
    FIGURES,
    GATES,
    HOUSING,
    PEOPLE_GROUPS,
    RESIDENTS,
    Table,
)
from gis.twins import twins
from gis.units import complete, locate, unstated
from policy.load import load_pack
from policy.pack import Policy

Read = TypeVar("Read")
SCALE_TOLERANCE = 0.0025
"""Two metres in a walk of 15 minutes; a three-degree zone stays within 0.0004, a UTM zone within 0.001."""
OSM_FORMATS = ("pbf", "osm", "osm.gz")


@dataclass(frozen=True)
class City:
    """What was read, in one CRS in metres; `communities` are complete, facilities and candidates located in them.

    `figures`, `answers` and `people_groups` are what the bureau knows beside the map;
    `policies` are the documents to judge.
    `estates` are the walled ones; `opened` is the network with all of them open, the other end of what may be true.
    """

    project: Project
    crs: str
    network: WalkNetwork
    streets_date: str | None
    ground: gpd.GeoDataFrame
    barriers: gpd.GeoSeries
    communities: gpd.GeoDataFrame
    homes: Homes
    facilities: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    housing: gpd.GeoDataFrame
    figures: gpd.GeoDataFrame
    answers: gpd.GeoDataFrame
    people_groups: gpd.GeoDataFrame
    policies: tuple[Policy, ...]
    estates: gpd.GeoDataFrame
    opened: WalkNetwork
    findings: tuple[Finding, ...]

    def _repr_html_(self) -> str:
        """Show what was read in a notebook."""
        return city_card(self)

    ledgers: tuple[Ledger, ...]
    stamps: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Of each table of a database, by its address: how many rows were read, and its fingerprint."""
    beyond: Beyond = field(default_factory=Beyond)
    """What lies beyond the border, where the study area is a part of something larger."""


class _Reader:
    """Reads one input after the other and keeps what they say, so that all faults of all inputs come at once."""

    def __init__(self, project: Project, crs: str, given: Given) -> None:
        self.project, self.crs, self.given = project, crs, given
        self.findings: list[Finding] = []
        self.faults: list[Finding] = []
        self.ledgers: list[Ledger] = []
        self.codes: frozenset[str] | None = None
        self.stamps: dict[str, Mapping[str, object]] = {}

    def attempt(self, read: Callable[[], Read]) -> Read | None:
        """Read something; keep what it is refused for and go on to the next input."""
        try:
            return read()
        except InputError as error:
            self.faults += [fault for fault in error.findings if fault not in self.faults]
            return None

    def table(self, source: Source | None, table: Table) -> gpd.GeoDataFrame | None:
        """Read one table, None where the project does not name it or it is refused."""
        if source is None:
            return None

        def read_source() -> Intake:
            path = self.project.source(source.path)
            codes = None if table is COMMUNITIES else self.codes
            return read_table(path, table, crs=self.crs, datum=source.datum, sheet=source.sheet, codes=codes)

        read = self.given.tables.get(table.name) or self.attempt(read_source)
        if read is None:
            return None
        if read.sha256:
            self.stamps[str(read_address(source.path))] = {"rows": read.ledger.rows_read, "sha256": read.sha256}
        self.findings += read.findings
        self.ledgers.append(read.ledger)
        if table is COMMUNITIES:
            self.codes = frozenset(map(str, read.frame.index))
        return read.frame

    def filled(self, table: gpd.GeoDataFrame | None, source: Source | None) -> gpd.GeoDataFrame | None:
        """Return the residents, None where nobody filled in the form, which is said."""
        if table is None or source is None or not table.empty:
            return table
        self.findings.append(Finding("RESIDENTS_EMPTY", "warn", source.path))
        return None


def read_city(project: Project, *, given: Given | None = None) -> City:
    """Read all inputs of a project, but for tables that are `given`.

    Raises InputError with every fault of every input where one cannot be used.
    """
    streets = project.path(project.inputs.streets.path)
    named = _extract(project)
    given = given or Given()
    reader = _Reader(project, project.crs or "", given)
    extract = reader.attempt(lambda: read_extract(named)) if named else None
    if project.crs is None:
        reader.crs = reader.attempt(lambda: metre_crs(*_middle(streets, extract))) or "EPSG:4547"
        reader.findings.append(Finding("CRS_CHOSEN", "note", streets.name, reader.crs))
    elif extract is not None:
        reader.attempt(lambda: _true_lengths(reader.crs, *middle(extract)))
    gates = reader.table(project.inputs.gates, GATES)
    network = reader.attempt(lambda: network_of(project, extract, crs=reader.crs, gates=gates))
    communities = _communities(reader)
    raster = _raster(project)
    residents = None if raster else reader.table(project.inputs.residents, RESIDENTS)
    facilities = _facilities(reader, named, extract)
    candidates = reader.table(project.inputs.candidates, CANDIDATES)
    housing = reader.table(project.inputs.housing, HOUSING)
    policies = [reader.attempt(partial(load_pack, _pack(project, name))) for name in project.policy.packs]
    beside = {t.name: reader.table(getattr(project.inputs, t.name), t) for t in (FIGURES, ANSWERS, PEOPLE_GROUPS)}
    if reader.faults or network is None or communities is None or facilities is None:
        raise InputError(_relative(reader.faults, project))

    network = as_islands_of_the_whole(network, given.beyond)
    communities = complete(communities)
    reader.findings += unstated(communities)
    residents = reader.filled(residents, project.inputs.residents)
    if residents is None and raster is None and communities.geometry.isna().all():
        raise InputError([Finding("BOUNDARIES_MISSING", "reject", project.inputs.communities.path)])
    reader.attempt(lambda: _same_city(communities, network, name=project.inputs.communities.path))
    reader.findings += twins(facilities, name=project.inputs.facilities.path)
    for name, table in (("residents", residents), ("facilities", facilities), ("candidates", candidates)):
        reader.findings += _datum_doubts(getattr(project.inputs, name), table, communities, network)
    base = ground(extract, crs=reader.crs) if extract else _no_ground(reader.crs)
    if extract is None:
        reader.findings.append(Finding("BASE_NONE", "note", streets.name))
    homes = reader.attempt(lambda: _homes(project, residents, communities, base, network))
    if homes is not None and homes.ledger is not None:
        reader.ledgers.append(homes.ledger)
    facilities, doubts = locate(facilities, communities, name=project.inputs.facilities.path)
    reader.findings += doubts
    if candidates is None:
        candidates = _or_nothing(None, CANDIDATES, reader.crs)
    else:
        candidates, doubts = locate(candidates, communities, name="candidates")
        reader.findings += doubts
    if reader.faults or homes is None:
        raise InputError(_relative(reader.faults, project))
    walled = estates(network, extract=extract, gates=gates, homes=homes.frame)
    return City(
        project=project,
        crs=reader.crs,
        network=network,
        streets_date=extract.date if extract else None,
        ground=base,
        barriers=barriers(extract, crs=reader.crs) if extract else gpd.GeoSeries([], crs=reader.crs),
        communities=communities,
        homes=homes,
        facilities=facilities,
        candidates=candidates,
        housing=_or_nothing(housing, HOUSING, reader.crs),
        figures=_or_nothing(beside["figures"], FIGURES, reader.crs),
        answers=_or_nothing(beside["answers"], ANSWERS, reader.crs),
        people_groups=_or_nothing(beside["people_groups"], PEOPLE_GROUPS, reader.crs),
        policies=tuple(policy for policy in policies if policy is not None),
        estates=walled,
        opened=network_of(project, extract, crs=reader.crs, gates=None) if network.edge_private.any() else network,
        findings=_relative(
            (*network.findings, *reader.findings, *homes.findings, *without_gate(walled, communities)), project
        ),
        ledgers=tuple(reader.ledgers),
        stamps=reader.stamps,
        beyond=located_beyond(given.beyond, communities),
    )


def _pack(project: Project, name: str) -> str:
    """Return a pack of the bureau's own (a file beside the project) by its path, a bundled one by its name."""
    own = project.path(name)
    return str(own) if name.endswith(".toml") and own.is_file() else name


def _datum_doubts(
    source: Source | None, table: gpd.GeoDataFrame | None, communities: gpd.GeoDataFrame, network: WalkNetwork
) -> tuple[Finding, ...]:
    """Return a warning where another datum than the one given would suit a table, or a part of it.

    Homes stand away from streets: they are asked by their communities alone.
    """
    if source is None or table is None or table.geometry.isna().all():
        return ()
    datum = source.datum or "wgs84"
    fits = community_fits(table, communities, datum=datum)
    at_streets = None if table.index.name == RESIDENTS.index_name else datum_suspicion(table, network, datum=datum)
    whole = suspicion_findings(at_streets, fits, datum=datum, name=source.path)
    if whole or at_streets is None:
        return whole
    return mixed_findings(table, network, fits, datum=datum, name=source.path)


def _extract(project: Project) -> Path | None:
    """Return the OSM extract of a project: its streets, or the base beside the bureau's own lines; None without."""
    own = project.path(project.inputs.streets.path)
    if drawn_kind(own) is None:
        return own
    return project.path(project.inputs.streets.base) if project.inputs.streets.base else None


def _middle(streets: Path, extract: Extract | None) -> tuple[float, float]:
    """Return the middle of the streets in degrees, of an extract or of drawn lines that name their CRS."""
    if drawn_kind(streets) is None:
        return middle(_given(extract))
    about = pyogrio.read_info(streets, force_total_bounds=True)
    west, south, east, north = about["total_bounds"]
    if about["crs"] is None:
        raise InputError([Finding("CRS_MISSING", "reject", streets.name)])
    to_degrees = pyproj.Transformer.from_crs(about["crs"], "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform((west + east) / 2, (south + north) / 2)
    return float(lon), float(lat)


def _no_ground(crs: str) -> gpd.GeoDataFrame:
    """Return the ground of a project that names no extract: nothing."""
    frame = pd.DataFrame(
        {name: pd.Series(dtype="object") for name in ("osm_id", "name", "feature", "building", "tags")}
    )
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([], crs=crs))


def _given(extract: Extract | None) -> Extract:
    """Return the extract; where it could not be read the faults are known already and there is nothing to add."""
    if extract is None:
        raise InputError([])
    return extract


def network_of(project: Project, extract: Extract | None, *, crs: str, gates: gpd.GeoDataFrame | None) -> WalkNetwork:
    """Return the network as the project's walkers walk it: stairs, slopes, surfaces and waits at crossings."""
    walking, streets = project.walking, project.inputs.streets
    path = project.path(streets.path)
    if drawn_kind(path) is None:
        if streets.datum not in (None, "wgs84", "cgcs2000"):
            place = f"{PROJECT_FILE}:inputs.streets.datum"
            raise InputError([Finding("PARAM_RANGE", "reject", place, str(streets.datum), allowed="wgs84 (OSM)")])
        network = walk_network(_given(extract), crs=crs, gates=gates)
    else:
        from gis.centrelines import network_of_centrelines  # noqa: PLC0415 - an extract has no use for it

        joined = not streets.cut_at_junctions
        network = network_of_centrelines(
            path, crs=crs, layer=streets.layer, gates=gates, join_crossings=joined, datum=streets.datum
        )
    return at_pace(
        network,
        profile=walking.profile,
        base_speed_m_s=walking.speed_m_s,
        crossing_wait_s=walking.crossing_wait_s,
        elevation=project.path(walking.elevation) if walking.elevation else None,
    )


def _true_lengths(crs: str, lon: float, lat: float) -> None:
    """Refuse a CRS whose metres are none where the streets lie: Web Mercator, the zone of another city."""
    scale = scale_at(crs, lon, lat)
    if not abs(scale - 1) <= SCALE_TOLERANCE:
        raise InputError(
            [
                Finding(
                    "CRS_SCALE",
                    "reject",
                    "project.toml:crs",
                    f"{crs}, 1 m = {scale:.4g} m",
                    allowed=metre_crs(lon, lat),
                )
            ]
        )


def _same_city(communities: gpd.GeoDataFrame, network: WalkNetwork, *, name: str) -> None:
    """Refuse communities none of which lies where the streets are: another zone, axes exchanged, another city."""
    bounds = communities.geometry.dropna().bounds.to_numpy()
    west, south, east, north = shapely.total_bounds(network.lines)
    low, high = np.array([west, south]), np.array([east, north])
    beside = ~np.isfinite(bounds).all(axis=1) | (bounds[:, :2] > high).any(axis=1) | (bounds[:, 2:] < low).any(axis=1)
    if not len(bounds) or not beside.all():
        return
    to_degrees = pyproj.Transformer.from_crs(network.crs, "EPSG:4326", always_xy=True)
    middles = np.array([np.median(bounds, axis=0).reshape(2, 2).mean(axis=0), (low + high) / 2])
    there, here = (f"{lon:.4f}, {lat:.4f}" for lon, lat in zip(*to_degrees.transform(*middles.T), strict=True))
    raise InputError([Finding("LAYER_ELSEWHERE", "reject", name, f"{there}; {here}")])


def _homes(
    project: Project,
    residents: gpd.GeoDataFrame | None,
    communities: gpd.GeoDataFrame,
    base: gpd.GeoDataFrame,
    network: WalkNetwork,
) -> Homes:
    """Return the homes of the raster or table of residents, or those that the communities' totals are shared over."""
    raster, people = _raster(project), project.people
    if raster is not None:
        band = int(raster.sheet) if raster.sheet and raster.sheet.isdecimal() else None
        path = project.path(raster.path)
        return homes_from_raster(
            path, communities, crs=network.crs, band=band, elder_share=people.elder_share, datum=raster.datum
        )
    if residents is None or project.inputs.residents is None:
        return homes_from_buildings(base[base["feature"] == "building"], communities, network)
    return homes_from_table(
        residents,
        communities,
        elder_share=people.elder_share,
        household_size=people.household_size,
        source=project.inputs.residents.path,
    )


def _raster(project: Project) -> Source | None:
    """Return the raster of people that the project names instead of a table, by its content or its name."""
    source = project.inputs.residents
    if source is None:
        return None
    if is_address(source.path):
        return None
    path = project.path(source.path)
    named = source.path.lower().endswith((".tif", ".tiff"))
    return source if named or (path.is_file() and is_geotiff(path)) else None


def _facilities(reader: _Reader, named: Path | None, extract: Extract | None) -> gpd.GeoDataFrame | None:
    """Read the facilities from their table, or from the map where an extract is named."""
    source = reader.project.inputs.facilities
    path = reader.project.path(source.path)
    if path.is_file() and source.path.endswith((".pbf", ".osm", ".osm.gz")) and sniff(path) in OSM_FORMATS:
        return reader.attempt(lambda: care_places(_given(extract) if path == named else path, crs=reader.crs))
    return reader.table(source, FACILITIES)


def _communities(reader: _Reader) -> gpd.GeoDataFrame | None:
    """Read the communities; an empty form is a fault."""
    source = reader.project.inputs.communities
    read = reader.table(source, COMMUNITIES)
    if read is None or len(read):
        return read
    reader.faults.append(Finding("COMMUNITIES_EMPTY", "reject", source.path))
    return None


def _or_nothing(read: gpd.GeoDataFrame | None, table: Table, crs: str) -> gpd.GeoDataFrame:
    """Return what was read, or an empty table of that kind."""
    if read is not None:
        return read
    columns = [column.name for column in table.columns if column.name not in {table.key, "lon", "lat", "x", "y"}]
    frame = pd.DataFrame(columns=columns, index=pd.Index([], name=table.index_name, dtype="string"))
    return gpd.GeoDataFrame(frame, geometry=np.array([], dtype=object), crs=crs)


def _relative(findings: tuple[Finding, ...] | list[Finding], project: Project) -> tuple[Finding, ...]:
    """Name files as the project file does, not by where the project lies on this machine."""
    folder = f"{project.folder}{Path('/')}"
    named = [
        replace(finding, place=finding.place.replace(folder, "").replace(str(project.folder), "."))
        for finding in findings
    ]
    return tuple(
        replace(f, allowed=_there(f.place, project)) if f.code == "FILE_MISSING" and not f.allowed else f for f in named
    )


def _there(name: str, project: Project) -> str:
    """Return the files of the project's folder that may be meant by a name that is none, of its kind or like it."""
    said = Path(name)
    beside = sorted(file.name for file in (project.folder / said.parent).glob("*") if file.is_file())
    alike = difflib.get_close_matches(said.name, beside, n=SHOWN)
    of_kind = [file for file in beside if file.lower().endswith(said.suffix.lower()) and file not in alike]
    return " / ".join([*alike, *of_kind][:SHOWN])

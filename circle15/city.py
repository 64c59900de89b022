"""Everything a project names, read once: streets, units, people, facilities, sites, housing; all faults together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from circle15.beyond import Beyond, Given, as_islands_of_the_whole, located_beyond
from circle15.cards import city_card
from circle15.project import Project, Source
from circle15.project_streets import extract_of, given_or_refused, middle_of, network_of, refuse_scale
from circle15.reading import Reader, or_nothing, relative
from gis.address import is_address
from gis.datum import metre_crs
from gis.errors import Finding, InputError
from gis.estates import estates, without_gate
from gis.extract import Extract, middle, read_extract
from gis.homes import Homes, homes_from_buildings, homes_from_table
from gis.ledger import Ledger
from gis.network import WalkNetwork
from gis.osm import sniff
from gis.places import barriers, care_places, ground
from gis.raster import homes_from_raster, is_geotiff
from gis.suspicion import community_fits, datum_suspicion, mixed_findings, suspicion_findings
from gis.tables import ANSWERS, CANDIDATES, COMMUNITIES, FACILITIES, FIGURES, GATES, HOUSING, PEOPLE_GROUPS, RESIDENTS
from gis.twins import twins
from gis.units import complete, locate, unstated
from policy.load import load_pack
from policy.pack import Policy

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


def read_city(project: Project, *, given: Given | None = None) -> City:
    """Read all inputs of a project, but for tables that are `given`.

    Raises InputError with every fault of every input where one cannot be used.
    """
    streets = project.path(project.inputs.streets.path)
    named = extract_of(project)
    given = given or Given()
    reader = Reader(project, project.crs or "", given)
    extract = reader.attempt(lambda: read_extract(named)) if named else None
    if project.crs is None:
        reader.crs = reader.attempt(lambda: metre_crs(*middle_of(streets, extract))) or "EPSG:4547"
        reader.findings.append(Finding("CRS_CHOSEN", "note", streets.name, reader.crs))
    elif extract is not None:
        reader.attempt(lambda: refuse_scale(reader.crs, *middle(extract)))
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
        raise InputError(relative(reader.faults, project))

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
        candidates = or_nothing(None, CANDIDATES, reader.crs)
    else:
        candidates, doubts = locate(candidates, communities, name="candidates")
        reader.findings += doubts
    if reader.faults or homes is None:
        raise InputError(relative(reader.faults, project))
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
        housing=or_nothing(housing, HOUSING, reader.crs),
        figures=or_nothing(beside["figures"], FIGURES, reader.crs),
        answers=or_nothing(beside["answers"], ANSWERS, reader.crs),
        people_groups=or_nothing(beside["people_groups"], PEOPLE_GROUPS, reader.crs),
        policies=tuple(policy for policy in policies if policy is not None),
        estates=walled,
        opened=network_of(project, extract, crs=reader.crs, gates=None) if network.edge_private.any() else network,
        findings=relative(
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


def _no_ground(crs: str) -> gpd.GeoDataFrame:
    """Return the ground of a project that names no extract: nothing."""
    frame = pd.DataFrame(
        {name: pd.Series(dtype="object") for name in ("osm_id", "name", "feature", "building", "tags")}
    )
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([], crs=crs))


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


def _facilities(reader: Reader, named: Path | None, extract: Extract | None) -> gpd.GeoDataFrame | None:
    """Read the facilities from their table, or from the map where an extract is named."""
    source = reader.project.inputs.facilities
    path = reader.project.path(source.path)
    if path.is_file() and source.path.endswith((".pbf", ".osm", ".osm.gz")) and sniff(path) in OSM_FORMATS:
        return reader.attempt(lambda: care_places(given_or_refused(extract) if path == named else path, crs=reader.crs))
    return reader.table(source, FACILITIES)


def _communities(reader: Reader) -> gpd.GeoDataFrame | None:
    """Read the communities; an empty form is a fault."""
    source = reader.project.inputs.communities
    read = reader.table(source, COMMUNITIES)
    if read is None or len(read):
        return read
    reader.faults.append(Finding("COMMUNITIES_EMPTY", "reject", source.path))
    return None

"""The streets a project names: an extract of the map, or the bureau's own lines, walked as the project walks."""

from pathlib import Path

import geopandas as gpd
import pyogrio
import pyproj

from circle15.project import PROJECT_FILE, Project
from gis.datum import metre_crs, scale_at
from gis.drawing import drawn_kind
from gis.errors import Finding, InputError
from gis.extract import Extract, middle
from gis.network import WalkNetwork
from gis.pace import at_pace
from gis.streets import walk_network

SCALE_TOLERANCE = 0.0025
"""Two metres in a walk of 15 minutes; a three-degree zone stays within 0.0004, a UTM zone within 0.001."""


def extract_of(project: Project) -> Path | None:
    """Return the OSM extract of a project: its streets, or the base beside the bureau's own lines; None without."""
    own = project.path(project.inputs.streets.path)
    if drawn_kind(own) is None:
        return own
    return project.path(project.inputs.streets.base) if project.inputs.streets.base else None


def network_of(project: Project, extract: Extract | None, *, crs: str, gates: gpd.GeoDataFrame | None) -> WalkNetwork:
    """Return the network as the project's walkers walk it: stairs, slopes, surfaces and waits at crossings."""
    walking, streets = project.walking, project.inputs.streets
    path = project.path(streets.path)
    if drawn_kind(path) is None:
        if streets.datum not in (None, "wgs84", "cgcs2000"):
            place = f"{PROJECT_FILE}:inputs.streets.datum"
            raise InputError([Finding("PARAM_RANGE", "reject", place, str(streets.datum), allowed="wgs84 (OSM)")])
        network = walk_network(given_or_refused(extract), crs=crs, gates=gates)
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


def middle_of(streets: Path, extract: Extract | None) -> tuple[float, float]:
    """Return the middle of the streets in degrees, of an extract or of drawn lines that name their CRS."""
    if drawn_kind(streets) is None:
        return middle(given_or_refused(extract))
    about = pyogrio.read_info(streets, force_total_bounds=True)
    west, south, east, north = about["total_bounds"]
    if about["crs"] is None:
        raise InputError([Finding("CRS_MISSING", "reject", streets.name)])
    to_degrees = pyproj.Transformer.from_crs(about["crs"], "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform((west + east) / 2, (south + north) / 2)
    return float(lon), float(lat)


def refuse_scale(crs: str, lon: float, lat: float) -> None:
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


def given_or_refused(extract: Extract | None) -> Extract:
    """Return the extract; where it could not be read the faults are known already and there is nothing to add."""
    if extract is None:
        raise InputError([])
    return extract

"""Where the rows of a table are: degrees in a declared datum or metres, as points in the project's metre CRS."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.datum import DATUMS, Datum, Floats, to_metres, to_wgs84
from gis.errors import Finding, InputError
from gis.intake.cells import SEVERITY, blank, read_degrees, read_number, shown
from gis.intake.headers import Field, Header, accepted, cell_of, missing_columns
from gis.intake.rows import numbers
from gis.intake.sheets import Row
from gis.tables import Table

_ZONE_M = 1_000_000
_LON, _LAT = 180, 90
_SAME_PLACE_M = 20
_NO_SLIP = 1000
"""No slip of the hand makes degrees as large as this: metres stand under a heading of degrees."""
Flags = NDArray[np.bool_]
_PAIRS = (("lon", "lat"), ("x", "y"))


def metre_grid(crs: str) -> pyproj.CRS:
    """Return the project's CRS. Raises InputError where it is unknown or not in metres."""
    try:
        found = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise InputError([Finding("CRS_UNKNOWN", "reject", "crs", str(crs))]) from error
    if not found.is_projected or any(axis.unit_conversion_factor != 1 for axis in found.axis_info[:2]):
        raise InputError([Finding("CRS_NOT_METRES", "reject", "crs", f"{crs} ({found.name})")])
    return found


def locate(
    rows: Sequence[Row], header: Header, table: Table, *, place: str, crs: pyproj.CRS, datum: Datum | None
) -> tuple[list[shapely.Point | None], list[Finding]]:
    """Return a point in `crs` (or None) for each row, and what was found about the positions.

    Metres are preferred where a row has both. Degrees without a datum, columns swapped, eastings of another zone and
    metres under a heading of degrees are rejections; a row without a usable position is a warning that names it.
    """
    fields = {name: header.field(name) for pair in _PAIRS for name in pair}
    findings = _absent(fields, table, header, place)
    values: dict[str, Floats] = {}
    for name, field in fields.items():
        values[name], said = _read(rows, field, place)
        findings += said
    east, north, said = _metres(values["x"], values["y"], place, crs=crs)
    findings += said
    lon, lat = values["lon"], values["lat"]
    if _like_degrees(east, north):
        findings.append(Finding("POSITION_DEGREES", "repair", place, f"{_span(east)}; {_span(north)}"))
        lon, lat = np.where(np.isnan(lon), east, lon), np.where(np.isnan(lat), north, lat)
        east, north = np.full_like(lon, np.nan), np.full_like(lat, np.nan)
    from_lon, from_lat, said = _degrees(lon, lat, place, crs=crs, datum=datum)
    findings += said
    measured = _given(east, north)
    findings += _two_places(rows, np.hypot(east - from_lon, north - from_lat) * np.where(measured, 1, np.nan), place)
    xy = np.column_stack([np.where(measured, east, from_lon), np.where(measured, north, from_lat)])
    located = np.isfinite(xy).all(axis=1)
    points = np.full(len(rows), None, dtype=object)
    points[located] = shapely.points(xy[located])
    lost = [row for row, ok in zip(rows, located.tolist(), strict=True) if not ok]
    findings += _not_located(lost, fields, place, required=table.position == "required")
    return points.tolist(), findings


def _absent(fields: Mapping[str, Field | None], table: Table, header: Header, place: str) -> list[Finding]:
    """Refuse half a pair of coordinates, and no pair at all where the table needs positions."""
    if table.position == "required" and not any(fields.values()):
        allowed = "; ".join(accepted(table.column(name)) for name in fields)
        at = f"{place}:{header.last_row}/lon, lat"
        return [Finding("COLUMN_MISSING", "reject", at, ", ".join(header.headings), allowed=allowed)]
    halves = [b if fields[a] else a for a, b in _PAIRS if (fields[a] is None) != (fields[b] is None)]
    return missing_columns(header, [table.column(name) for name in halves], place)


def _read(rows: Sequence[Row], field: Field | None, place: str) -> tuple[Floats, list[Finding]]:
    """Read one column of coordinates; what says nothing becomes NaN and is told with its row later."""
    values = np.full(len(rows), np.nan)
    findings: list[Finding] = []
    if field is None:
        return values, findings
    degrees = field.column.name in ("lon", "lat")
    for i, row in enumerate(rows):
        cell = cell_of(row, field)
        if blank(cell):
            continue
        value, code = read_degrees(cell, field.column) if degrees else read_number(cell, field.column, field.unit)
        if value is not None:
            values[i] = value
            if code:
                at = f"{place}:{row.number}/{field.heading}"
                findings.append(Finding(code, SEVERITY[code], at, f"{shown(cell)} -> {value:.10g}"))
    return values, findings


def _metres(east: Floats, north: Floats, place: str, *, crs: pyproj.CRS) -> tuple[Floats, Floats, list[Finding]]:
    """Put eastings first and take off the zone number (38xxxxxx) that a Gauss-Kruger easting may carry."""
    both = np.isfinite(east) & np.isfinite(north)
    grid = crs.to_cf()
    if not both.any() or grid.get("grid_mapping_name") != "transverse_mercator":
        return east, north, []
    findings: list[Finding] = []
    if _northings(east[both]).all() and not _northings(north[both]).any():
        east, north = north, east
        findings.append(Finding("POSITION_NORTHING_FIRST", "repair", place, f"x = {_span(north)}; y = {_span(east)}"))
    meridian = float(grid["longitude_of_central_meridian"])
    zones = (round(meridian / 3), round((meridian + 3) / 6))
    prefixed = both & (east >= 13 * _ZONE_M)  # zone 13 is the first of China
    if not prefixed.any() or float(grid["false_easting"]) >= _ZONE_M:
        return east, north, findings
    if not np.isin(east[prefixed] // _ZONE_M, zones).all():
        fault = Finding("POSITION_ZONE", "reject", place, _span(east[prefixed]), allowed=f"{zones[0]} ({crs.name})")
        return east, north, [*findings, fault]
    findings.append(Finding("POSITION_PREFIX", "repair", place, _span(east[prefixed]), int(prefixed.sum())))
    return np.where(prefixed, east % _ZONE_M, east), north, findings


def _degrees(
    lon: Floats, lat: Floats, place: str, *, crs: pyproj.CRS, datum: Datum | None
) -> tuple[Floats, Floats, list[Finding]]:
    """Turn degrees of a datum into metres; NaN where a pair of degrees is no place."""
    nowhere = np.full_like(lon, np.nan)
    given = _given(lon, lat)
    if not given.any():
        return nowhere, nowhere, []
    x, y = lon[given], lat[given]
    findings: list[Finding] = []
    if (np.abs(x) <= _LAT).all() and ((np.abs(y) > _LAT) & (np.abs(y) <= _LON)).all():
        findings.append(Finding("LONLAT_SWAPPED", "reject", place, f"lat = {_span(y)}", len(y)))
    if (np.maximum(np.abs(x), np.abs(y)) > _NO_SLIP).all():
        findings.append(Finding("POSITION_NOT_DEGREES", "reject", place, f"{_span(x)}; {_span(y)}", len(x)))
    if datum is None:
        allowed = " | ".join(DATUMS)
        findings.append(Finding("DATUM_MISSING", "reject", place, f"{_span(x)}; {_span(y)}", len(x), allowed=allowed))
    if findings:
        return nowhere, nowhere, findings
    ok = given & (np.abs(lon) <= _LON) & (np.abs(lat) <= _LAT)
    place_lon, place_lat = to_wgs84(lon[ok], lat[ok], datum=datum or "wgs84")
    east, north = nowhere.copy(), nowhere.copy()
    east[ok], north[ok] = to_metres(crs.srs).transform(place_lon, place_lat)
    return east, north, []


def _two_places(rows: Sequence[Row], apart_m: Floats, place: str) -> list[Finding]:
    """Name the rows whose metres and degrees are two places: the metres count."""
    off = np.flatnonzero(apart_m > _SAME_PLACE_M).tolist()
    if not off:
        return []
    said = f"{np.median(apart_m[off]):.0f} m ({numbers(rows[i].number for i in off)})"
    return [Finding("POSITION_TWO", "warn", f"{place}:{rows[off[0]].number}", said, len(off))]


def _not_located(
    rows: Sequence[Row], fields: Mapping[str, Field | None], place: str, *, required: bool
) -> list[Finding]:
    """Name each of the rows without a usable position, with what stands there."""
    findings: list[Finding] = []
    for row in rows:
        cells = [cell_of(row, field) for field in fields.values() if field]
        if required or not all(map(blank, cells)):
            found = ", ".join("" if blank(cell) else shown(cell) for cell in cells).strip(", ")
            findings.append(Finding("POSITION_MISSING", "warn", f"{place}:{row.number}", found))
    return findings


def _given(x: Floats, y: Floats) -> Flags:
    """Whether a pair of coordinates stands there; 0, 0 is an empty form, not a place."""
    there: Flags = np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0))
    return there


def _northings(values: Floats) -> Flags:
    """Whether these are northings of China in a Gauss-Kruger grid: 1,500 to 6,500 km, never an easting."""
    return (values > 1.5 * _ZONE_M) & (values < 6.5 * _ZONE_M)


def _like_degrees(east: Floats, north: Floats) -> bool:
    """Whether headings of metres hold degrees."""
    given = _given(east, north)
    return bool(given.any() and (np.abs(east[given]) <= _LON).all() and (np.abs(north[given]) <= _LON).all())


def _span(values: Floats) -> str:
    """Return the extent of some values for a message."""
    low, high = np.nanmin(values), np.nanmax(values)
    return f"{low:.10g}" if low == high else f"{low:.10g} … {high:.10g}"

"""A table as it lies in PostGIS: read as a layer of a GeoPackage is, and its fingerprint."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyproj
import shapely
import sqlalchemy as sa

from gis.address import Address
from gis.database import connected
from gis.errors import Finding, InputError
from gis.intake.layers import Layer
from gis.intake.sheets import Grid, Row

_NUMBERED = ("fid", "ogc_fid", "gid")
"""How GIS programs name the number that they give each row: no column of the table's own."""
_SHAPES = ("geometry", "geography")
_USUAL = ("geom", "geometry", "the_geom", "wkb_geometry")
_COLUMNS = sa.text(
    "SELECT attname, typname, coalesce(array_position(indkey::int2[], attnum), -1)"
    " FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
    " JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped"
    " JOIN pg_type ON pg_type.oid = atttypid LEFT JOIN pg_index ON indrelid = pg_class.oid AND indisprimary"
    " WHERE nspname = :schema AND relname = :table AND relkind IN ('r', 'v', 'm', 'f', 'p') ORDER BY attnum"
)
_GRID = sa.text("SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = :srid")


class _Geometry(sa.types.UserDefinedType[Any]):
    """A shape in the database."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return its type."""
        return "geometry"


@dataclass(frozen=True)
class Stored:
    """The rows of a table by its primary key (without one by what stands in them); shapes as WKB, None where none."""

    names: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    shapes: tuple[bytes | None, ...]
    srids: frozenset[int]
    shaped: bool

    @property
    def sha256(self) -> str:
        """Return the fingerprint: the same for the same names, cells, shapes and coordinate systems."""
        whole = hashlib.sha256(json.dumps([self.names, sorted(self.srids)]).encode())
        for row, shape in zip(self.rows, self.shapes, strict=True):
            whole.update(_line(row, shape))
        return whole.hexdigest()


def fetched(address: Address) -> tuple[Layer | Grid, tuple[str, ...], str]:
    """Return a table, view or foreign table, the names of its columns, and its fingerprint.

    A table with a column of shapes is a layer; one without is a sheet whose first row is its header, so that degrees
    or metres in its columns are read as those of a workbook are.

    Raises InputError where it cannot be reached or read, has several columns of shapes or coordinate systems, or one
    that is not known.
    """
    with connected(address) as connection:
        stored = stored_rows(connection, address)
        crs = _crs(connection, stored.srids, address)
    if not stored.shaped:
        rows = tuple(Row(number, cells) for number, cells in enumerate(stored.rows, 2))
        return Grid(address.name, rows), stored.names, stored.sha256
    shapes = tuple(None if wkb is None else shapely.from_wkb(wkb, on_invalid="ignore") for wkb in stored.shapes)
    lost = frozenset(
        i for i, (wkb, shape) in enumerate(zip(stored.shapes, shapes, strict=True)) if wkb and shape is None
    )
    return Layer(address.name, stored.names, stored.rows, shapes, crs, lost), stored.names, stored.sha256


def stored_rows(connection: sa.Connection, address: Address) -> Stored:
    """Return the rows of a table over an open connection. Raises InputError (POSTGIS_NO_TABLE, POSTGIS_SHAPES)."""
    where = {"schema": address.schema, "table": address.table}
    found = [(str(n), str(t), int(k)) for n, t, k in connection.execute(_COLUMNS, where)]
    if not found:
        raise InputError([Finding("POSTGIS_NO_TABLE", "reject", str(address))])
    key = [name for _, name in sorted((place, name) for name, _, place in found if place >= 0)]
    shaped = _shape_column([name for name, kind, _ in found if kind in _SHAPES], address)
    numbered = key[0] if len(key) == 1 and key[0].lower() in _NUMBERED else None
    names = tuple(name for name, kind, _ in found if kind not in _SHAPES and name != numbered)
    asked: list[sa.ColumnElement[Any]] = [sa.column(name) for name in names]
    if shaped is not None:
        shape = sa.cast(sa.column(shaped), _Geometry())
        asked += [sa.func.ST_AsBinary(shape, "NDR"), sa.func.ST_SRID(shape)]
    table = sa.table(str(address.table), schema=address.schema)
    order: list[sa.ColumnElement[Any]] = [sa.column(name) for name in key]
    answer = connection.execute(sa.select(*(asked or [sa.literal(1)])).select_from(table).order_by(*order))
    wide = len(names)
    rows = [(tuple(map(_plain, row[:wide])), None if shaped is None else row[wide], row[-1]) for row in answer]
    if not key:  # a view has no order of its own
        rows.sort(key=lambda row: _line(row[0], row[1]))
    srids = frozenset(int(srid) for _, wkb, srid in rows if wkb is not None)
    shapes = tuple(None if wkb is None else bytes(wkb) for _, wkb, _ in rows)
    return Stored(names, tuple(cells for cells, _, _ in rows), shapes, srids, shaped is not None)


def _shape_column(names: list[str], address: Address) -> str | None:
    """Return the column of shapes: the only one, or the one of several that has a usual name."""
    usual = [name for name in names if name in _USUAL] if len(names) > 1 else names
    if names and len(usual) != 1:
        raise InputError([Finding("POSTGIS_SHAPES", "reject", str(address), ", ".join(names))])
    return usual[0] if usual else None


def _crs(connection: sa.Connection, srids: frozenset[int], address: Address) -> pyproj.CRS | None:
    """Return the coordinate system of all shapes; where there are none, one that moves nothing."""
    if not srids:
        return pyproj.CRS.from_epsg(4326)
    said = ", ".join(f"SRID {srid}" for srid in sorted(srids))
    known = [connection.execute(_GRID, {"srid": srid}).one_or_none() for srid in srids]
    if len(known) != 1 or known[0] is None:
        raise InputError([Finding("POSTGIS_SRID", "reject", str(address), said)])
    authority, code, text = known[0]
    try:
        return pyproj.CRS.from_authority(authority, code)
    except pyproj.exceptions.CRSError:
        pass  # a grid of the bureau's own, known by its text alone
    try:
        return pyproj.CRS.from_wkt(text)
    except pyproj.exceptions.CRSError as error:
        raise InputError([Finding("POSTGIS_SRID", "reject", str(address), said)]) from error


def _plain(cell: object) -> object:
    """Return a cell as a GeoPackage would give it: a day is its midnight, a decimal a number, all else text."""
    match cell:
        case None | bool() | int() | float() | str():
            return cell
        case Decimal():
            return int(cell) if cell.is_finite() and cell == cell.to_integral_value() else float(cell)
        case dt.datetime():
            return cell.replace(tzinfo=None)
        case dt.date():
            return dt.datetime.combine(cell, dt.time())
        case _:
            return str(cell)


def _line(cells: tuple[object, ...], shape: bytes | None) -> bytes:
    """Return a row as one line that no other row has."""
    return json.dumps([*cells, shape and bytes(shape).hex()], default=str).encode() + b"\n"

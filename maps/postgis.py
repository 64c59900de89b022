"""The layers as tables of a schema in PostGIS: the old ones or the new ones, whole, in one transaction."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import pyproj
import shapely
import sqlalchemy as sa
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_float_dtype, is_integer_dtype
from psycopg import sql

from gis.address import LONGEST_NAME_BYTES, Address
from gis.database import connected, failed
from gis.errors import Finding
from gis.intake.stored import stored_rows
from gis.words import say
from maps.atlas import Atlas
from maps.geopackage import GEOMETRIES, layers
from maps.layer_looks import aliases

MANIFEST_TABLE = "circle15_manifest"
"""Which tables of the schema are ours, with fingerprint, and the hash of the manifest.json of their run."""
_KEY, _SHAPE = "fid", "geom"
_HERE = sa.text(
    "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
    " WHERE nspname = :schema AND relkind IN ('r', 'v', 'm', 'f', 'p')"
)
_READERS = sa.text(
    "SELECT relname, coalesce(rolname, '') FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
    " CROSS JOIN LATERAL aclexplode(relacl) AS granted LEFT JOIN pg_roles ON pg_roles.oid = grantee"
    " WHERE nspname = :schema AND privilege_type = 'SELECT' AND grantee <> relowner"
)
_MAY = sa.text(
    "SELECT has_schema_privilege(current_user, oid, 'CREATE') AND has_schema_privilege(current_user, oid, 'USAGE')"
    " FROM pg_namespace WHERE nspname = :schema"
)
_KNOWN = sa.text("SELECT count(*) FROM spatial_ref_sys WHERE srid = :srid")
_ALONE = sa.text("SELECT pg_try_advisory_xact_lock(15, hashtext(:schema))")
_UNFIT = re.compile("[\0\ud800-\udfff]")
"""What no text of PostgreSQL can hold: shown as the sign for a sign that is lost."""


class _Geometry(sa.types.UserDefinedType[Any]):
    """A column of shapes of one type in one coordinate system."""

    cache_ok = True

    def __init__(self, kind: str, srid: int) -> None:
        self.kind, self.srid = kind, srid

    def get_col_spec(self, **_: Any) -> str:
        """Return the type as it is declared."""
        return f"geometry({self.kind}, {self.srid})"


def refuse_schema(address: Address, *, crs: str | None) -> None:
    """Raise OutputError where the layers could not be written to a schema, before anything is computed.

    No such schema, no right to make tables in it, a table of somebody else by the name of a layer, a CRS without a
    number that the database knows (`crs` None: not known yet).
    """
    with connected(address, write=True) as connection:
        _ready(connection, address)
        if crs is not None:
            _srid(connection, address, crs)


def write_postgis(atlas: Atlas, address: Address, *, run: str) -> None:
    """Write every layer to the schema of an address, in place of those of an earlier run, and what they are.

    Tables are named as the layers of the GeoPackage are, with a number for each row (`fid`), a spatial index, and
    names for people as comments; who could read the old ones can read the new. `run` is the hash of the manifest.json.
    All is one transaction: whatever stops it, the old tables are as they were. Raises OutputError where that fails.
    """
    frames = layers(atlas)
    with connected(address, write=True) as connection:
        old = _ready(connection, address)
        srid, token = _srid(connection, address, atlas.crs), secrets.token_hex(4)
        told: dict[str, tuple[int, str]] = {}
        for name, frame in frames.items():
            draft = replace(address, table=f"{name}_{token}")
            _fill(connection, draft, frame, kind=GEOMETRIES[name], srid=srid,
                  about=say(f"layer.{name}", atlas.language), names=aliases(name, frame, atlas))  # fmt: skip
            stored = stored_rows(connection, draft)
            told[name] = (len(stored.rows), stored.sha256)
        _fill_manifest(connection, replace(address, table=f"{MANIFEST_TABLE}_{token}"), told, run=run)
        readers = [(str(t), str(who)) for t, who in connection.execute(_READERS, {"schema": address.schema})]
        cursor = connection.connection.cursor()
        for name in sorted(old):  # only now, at the end, does anybody who looks at them have to wait
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(address.schema, name)))
        for name in (*frames, MANIFEST_TABLE):
            draft_name = sql.Identifier(address.schema, f"{name}_{token}")
            cursor.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(draft_name, sql.Identifier(name)))
        for name, who in readers:
            if name in old and (name in frames or name == MANIFEST_TABLE):
                reader = sql.Identifier(who) if who else sql.SQL("PUBLIC")
                table = sql.Identifier(address.schema, name)
                cursor.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(table, reader))


def stored_differences(address: Address, *, run: str) -> list[Finding]:
    """Return what differs between a schema and what the run of that manifest.json wrote there.

    Raises InputError where the schema cannot be read.
    """
    with connected(address) as connection:
        here = set(connection.execute(_HERE, {"schema": address.schema}).scalars())
        if MANIFEST_TABLE not in here:
            return [Finding("RESULT_MISSING", "reject", f"{address}.{MANIFEST_TABLE}")]
        columns: list[sa.ColumnElement[Any]] = [sa.column(name) for name in ("layer", "rows", "sha256", "run")]
        of = sa.table(MANIFEST_TABLE, schema=address.schema)
        told = connection.execute(sa.select(*columns).select_from(of).order_by(columns[0])).all()
        if {row.run for row in told} != {run}:
            return [Finding("POSTGIS_OTHER_RUN", "reject", str(address))]
        found = []
        for row in told:
            place = f"{address}.{row.layer}"
            if row.layer not in here:
                found.append(Finding("RESULT_MISSING", "reject", place))
                continue
            stored = stored_rows(connection, replace(address, table=row.layer))
            if stored.sha256 != row.sha256:
                was = f"{row.rows}, {row.sha256[:12]}"
                seen = f"{len(stored.rows)}, {stored.sha256[:12]}"
                found.append(Finding("RESULT_CHANGED", "reject", place, seen, allowed=was))
        return found


def _ready(connection: sa.Connection, address: Address) -> set[str]:
    """Return our own tables of a schema that can be written; refuse one that cannot, or that holds others' tables."""
    may = connection.execute(_MAY, {"schema": address.schema}).scalar()
    if may is None:
        raise failed(Finding("POSTGIS_NO_SCHEMA", "reject", str(address)), write=True)
    if not may:
        raise failed(Finding("POSTGIS_NO_RIGHT", "reject", str(address), address.schema), write=True)
    if not connection.execute(_ALONE, {"schema": address.schema}).scalar():
        raise failed(Finding("POSTGIS_LOCKED", "reject", str(address)), write=True)
    here = set(connection.execute(_HERE, {"schema": address.schema}).scalars())
    ours = {MANIFEST_TABLE} & here
    if ours:
        layer: sa.ColumnElement[Any] = sa.column("layer")
        listed = sa.select(layer).select_from(sa.table(MANIFEST_TABLE, schema=address.schema))
        ours |= set(connection.execute(listed).scalars()) & here & set(GEOMETRIES)
    others = sorted((here & set(GEOMETRIES)) - ours)
    if others:
        raise failed(Finding("POSTGIS_TAKEN", "reject", str(address), ", ".join(others)), write=True)
    return ours


def _srid(connection: sa.Connection, address: Address, crs: str) -> int:
    """Return the number of the project's CRS in the database. Raises OutputError where it has none there."""
    number = pyproj.CRS.from_user_input(crs).to_epsg()
    if number is None or not connection.execute(_KNOWN, {"srid": number}).scalar():
        raise failed(Finding("POSTGIS_SRID", "reject", str(address), crs), write=True)
    return number


def _fill(
    connection: sa.Connection,
    draft: Address,
    frame: gpd.GeoDataFrame,
    *,
    kind: str,
    srid: int,
    about: str,
    names: Mapping[str, str],
) -> None:
    """Make a table of a layer: its columns with their names for people, its rows in their order, its shapes."""
    cells = frame.drop(columns=frame.geometry.name)
    fields = _field_names(map(str, cells))
    columns = [
        sa.Column(field, _kind(cells[name]), comment=names.get(name, name))
        for field, name in zip(fields, cells, strict=True)
    ]
    values: list[Iterable[object]] = [range(1, len(cells) + 1), *(_values(cells[name]) for name in cells)]
    shaped = kind != "Unknown"
    if shaped:
        columns.append(sa.Column(_SHAPE, _Geometry(kind, srid)))
        values.append(_shapes(frame.geometry, srid, several=kind.startswith("Multi")))
    _make(connection, draft, columns, values, about=about)
    if shaped:
        index = sa.Index(f"{draft.table}_idx", sa.column(_SHAPE), postgresql_using="gist", _table=_bare(draft))
        index.create(connection)


def _bare(draft: Address) -> sa.Table:
    """Return a table by its name and its shapes alone."""
    return sa.Table(str(draft.table), sa.MetaData(), sa.Column(_SHAPE, sa.Text()), schema=draft.schema)


def _fill_manifest(connection: sa.Connection, draft: Address, told: Mapping[str, tuple[int, str]], *, run: str) -> None:
    """Make the table that says which tables are ours."""
    texts = [sa.Column(name, kind) for name, kind in
             (("layer", sa.Text()), ("rows", sa.BigInteger()), ("sha256", sa.Text()), ("run", sa.Text()))]  # fmt: skip
    values: list[Iterable[object]] = [
        range(1, len(told) + 1),
        list(told),
        [rows for rows, _ in told.values()],
        [sha for _, sha in told.values()],
        [run] * len(told),
    ]
    _make(connection, draft, texts, values, about="circle15")


def _make(
    connection: sa.Connection,
    draft: Address,
    columns: list[sa.Column[Any]],
    values: list[Iterable[object]],
    *,
    about: str,
) -> None:
    """Make a table with a number for each row, and copy the rows into it."""
    key = sa.Column(_KEY, sa.BigInteger(), primary_key=True, autoincrement=False)
    table = sa.Table(str(draft.table), sa.MetaData(), key, *columns, schema=draft.schema, comment=about)
    table.create(connection)
    fields = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(draft.schema, str(draft.table)), fields)
    cursor: psycopg.Cursor[Any] = connection.connection.cursor()  # type: ignore[assignment]
    with cursor.copy(into) as copy:
        for row in zip(*values, strict=True):
            copy.write_row(row)


def _field_names(names: Iterable[str]) -> list[str]:
    """Return a name for each column of letters, digits and `_` that PostgreSQL does not cut; the comment has it whole.

    >>> _field_names(["name", "fid", "verdict_我的 '规则'"])
    ['name', 'fid_1', 'verdict_我的__规则_']
    """
    taken = {_KEY, _SHAPE}
    fields: list[str] = []
    for name in names:
        plain = re.sub(r"\W", "_", name)
        if len(plain.encode()) > LONGEST_NAME_BYTES:
            digest = hashlib.sha256(name.encode()).hexdigest()[:8]
            plain = plain.encode()[: LONGEST_NAME_BYTES - 9].decode(errors="ignore") + f"_{digest}"
        field, number = plain, 0
        while field in taken:
            number += 1
            field = f"{plain[:50]}_{number}"
        taken.add(field)
        fields.append(field)
    return fields


def _kind(column: pd.Series) -> sa.types.TypeEngine[Any]:
    """Return the type that holds a column as it is."""
    if is_bool_dtype(column):
        return sa.Boolean()
    if is_integer_dtype(column):
        return sa.BigInteger()
    if is_float_dtype(column):
        return sa.Double()
    if is_datetime64_any_dtype(column):
        return sa.Date() if _days(column) else sa.DateTime()
    return sa.Text()


def _days(column: pd.Series) -> bool:
    return bool((column.dropna() == column.dropna().dt.normalize()).all())


def _values(column: pd.Series) -> list[object]:
    """Return the cells of a column as plain values, None where nothing is known."""
    if is_datetime64_any_dtype(column):
        days = _days(column)
        return [None if pd.isna(at) else at.date() if days else at.to_pydatetime() for at in column]
    cells = column.astype(object).where(column.notna(), None).tolist()
    return [_UNFIT.sub("\N{REPLACEMENT CHARACTER}", cell) if isinstance(cell, str) else cell for cell in cells]


def _shapes(shapes: gpd.GeoSeries, srid: int, *, several: bool) -> list[str | None]:
    """Return the shapes as the database takes them, with their coordinate system, of one type."""
    flat = shapely.force_2d(np.asarray(shapes, dtype=object))
    if several:
        many = {"Polygon": shapely.MultiPolygon, "LineString": shapely.MultiLineString}
        flat = np.array([many.get(getattr(g, "geom_type", ""), lambda parts: parts[0])([g]) for g in flat] + [None])[
            :-1
        ]
    return list(shapely.to_wkb(shapely.set_srid(flat, srid), hex=True, include_srid=True))

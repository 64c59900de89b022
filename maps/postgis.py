"""The layers as tables of a schema in PostGIS: the old ones or the new ones, whole, in one transaction."""

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyproj
import sqlalchemy as sa
from psycopg import sql

from gis.address import Address
from gis.database import connected, failed
from gis.errors import Finding
from gis.intake.stored import stored_rows
from gis.words import Language, say
from maps.atlas import Atlas
from maps.geopackage import GEOMETRIES, layers
from maps.layer_looks import names_for_people
from maps.postgis_table import make_layer_table, make_table

MANIFEST_TABLE = "circle15_manifest"
"""Which tables of the schema are ours, with fingerprint, and the hash of the manifest.json of their run."""
_HERE = sa.text(
    "SELECT relname, pg_has_role(current_user, relowner, 'USAGE') OR pg_has_role(current_user, nspowner, 'USAGE')"
    " FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
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
    _write(frames, frames.__getitem__, address, crs=atlas.crs, language=atlas.language, run=run)


def write_kept_layers(files: Mapping[str, Path], address: Address, *, language: Language, run: str) -> None:
    """Write layers kept as GeoParquet, by name, as `write_postgis` does; one of them is in memory at a time.

    Nothing is written where there are none.
    """
    if files:
        crs = gpd.read_parquet(next(iter(files.values()))).crs.to_string()
        _write(files, lambda name: gpd.read_parquet(files[name]), address, crs=crs, language=language, run=run)


def _write(
    names: Collection[str],
    read: Callable[[str], gpd.GeoDataFrame],
    address: Address,
    *,
    crs: str,
    language: Language,
    run: str,
) -> None:
    """Write layers, each read when its turn comes, in one transaction."""
    with connected(address, write=True) as connection:
        old = _ready(connection, address)
        srid, token = _srid(connection, address, crs), secrets.token_hex(4)
        told: dict[str, tuple[int, str]] = {}
        for name in names:
            draft, frame = replace(address, table=f"{name}_{token}"), read(name)
            make_layer_table(connection, draft, frame, kind=GEOMETRIES[name], srid=srid,
                  about=say(f"layer.{name}", language), names=names_for_people(name, frame, language))  # fmt: skip
            stored = stored_rows(connection, draft)
            told[name] = (len(stored.rows), stored.sha256)
        _fill_manifest(connection, replace(address, table=f"{MANIFEST_TABLE}_{token}"), told, run=run)
        readers = [(str(t), str(who)) for t, who in connection.execute(_READERS, {"schema": address.schema})]
        cursor = connection.connection.cursor()
        for name in sorted(old):  # only now, at the end, does anybody who looks at them have to wait
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(address.schema, name)))
        for name in (*names, MANIFEST_TABLE):
            draft_name = sql.Identifier(address.schema, f"{name}_{token}")
            cursor.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(draft_name, sql.Identifier(name)))
        for name, who in readers:
            if name in old and (name in names or name == MANIFEST_TABLE):
                reader = sql.Identifier(who) if who else sql.SQL("PUBLIC")
                table = sql.Identifier(address.schema, name)
                cursor.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(table, reader))


def stored_differences(address: Address, *, run: str) -> list[Finding]:
    """Return what differs between a schema and what the run of that manifest.json wrote there.

    Raises InputError where the schema cannot be read.
    """
    with connected(address) as connection:
        here = set(_here(connection, address))
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
    replaceable = _here(connection, address)
    here = set(replaceable)
    ours = {MANIFEST_TABLE} & here
    if ours:
        layer: sa.ColumnElement[Any] = sa.column("layer")
        listed = sa.select(layer).select_from(sa.table(MANIFEST_TABLE, schema=address.schema))
        ours |= set(connection.execute(listed).scalars()) & here & set(GEOMETRIES)
    others = sorted((here & set(GEOMETRIES)) - ours)
    if others:
        raise failed(Finding("POSTGIS_TAKEN", "reject", str(address), ", ".join(others)), write=True)
    foreign = sorted(name for name in ours if not replaceable[name])
    if foreign:
        raise failed(Finding("POSTGIS_NO_RIGHT", "reject", str(address), ", ".join(foreign)), write=True)
    return ours


def _here(connection: sa.Connection, address: Address) -> dict[str, bool]:
    """Return the tables and views of a schema, and whether this user may put others in their place."""
    return {str(name): bool(may) for name, may in connection.execute(_HERE, {"schema": address.schema})}


def _srid(connection: sa.Connection, address: Address, crs: str) -> int:
    """Return the number of the project's CRS in the database. Raises OutputError where it has none there."""
    number = pyproj.CRS.from_user_input(crs).to_epsg()
    if number is None or not connection.execute(_KNOWN, {"srid": number}).scalar():
        raise failed(Finding("POSTGIS_SRID", "reject", str(address), crs), write=True)
    return number


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
    make_table(connection, draft, texts, values, about="circle15")

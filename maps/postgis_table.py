"""One layer as a table of PostGIS: its columns and their names for people, its cells, its shapes."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import shapely
import sqlalchemy as sa
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_float_dtype, is_integer_dtype
from psycopg import sql

from gis.address import LONGEST_NAME_BYTES, Address

_KEY, _SHAPE = "fid", "geom"
_UNFIT = re.compile("[\0\ud800-\udfff]")
"""What no text of PostgreSQL can hold: shown as the sign of a lost one."""


class _Geometry(sa.types.UserDefinedType[Any]):
    """A column of shapes of one type in one coordinate system."""

    cache_ok = True

    def __init__(self, kind: str, srid: int) -> None:
        self.kind, self.srid = kind, srid

    def get_col_spec(self, **_: Any) -> str:
        """Return the type as it is declared."""
        return f"geometry({self.kind}, {self.srid})"


def make_layer_table(
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
    make_table(connection, draft, columns, values, about=about)
    if shaped:
        index = sa.Index(f"{draft.table}_idx", sa.column(_SHAPE), postgresql_using="gist", _table=_bare(draft))
        index.create(connection)


def _bare(draft: Address) -> sa.Table:
    """Return a table by its name and its shapes alone."""
    return sa.Table(str(draft.table), sa.MetaData(), sa.Column(_SHAPE, sa.Text()), schema=draft.schema)


def make_table(
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

"""The styles inside a GeoPackage: the table from which QGIS takes how a layer looks when it is opened."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

_DAY = "2000-01-01T00:00:00.000Z"
STYLES = "layer_styles"
_TABLE = """CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)"""


def write_styles(path: Path, styles: Mapping[str, tuple[str, str]]) -> None:
    """Add a style for each layer of a GeoPackage: by layer its name for people and its QML.

    Raises OSError where the file cannot be written.
    """
    try:
        with closing(sqlite3.connect(path)) as base, base:
            columns = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall())
            base.execute(_TABLE)
            base.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) VALUES (?, ?, ?, ?)",
                (STYLES, "attributes", STYLES, _DAY),
            )
            base.executemany(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
                " styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)"
                " VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', NULL, ?)",
                [
                    (layer, columns.get(layer, ""), name[:30], text, name, _DAY)
                    for layer, (name, text) in styles.items()
                ],
            )
    except sqlite3.Error as fault:
        raise OSError(str(fault)) from fault

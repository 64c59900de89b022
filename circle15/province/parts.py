"""The part of each table that a county gets, kept as GeoParquet, and read back as the table it was cut from."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from gis.intake import Intake
from gis.intake.columns import POSITIONS, typed
from gis.ledger import Ledger
from gis.tables import Table


def write_part(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a part of a table, rows and columns in their order; the same part gives the same bytes."""
    frame.to_parquet(path, index=True)


def read_part(path: Path, table: Table, *, crs: str, source: str) -> Intake:
    """Return a part as reading the table would have returned it, in `crs`, with the ledger of its own rows."""
    stored = gpd.read_parquet(path)
    index = pd.Index(stored.index.astype(str), dtype="str", name=table.index_name)
    none = pd.Index([], dtype="str")
    columns = {}
    for column in table.columns:
        if column.name in (table.key, *POSITIONS):
            continue
        values = stored[column.name]
        if column.content == "list":
            columns[column.name] = typed(column, [tuple(cells) for cells in values], index)
        else:
            columns[column.name] = values.set_axis(index).astype(typed(column, None, none).dtype)
    geometry = stored.geometry.set_axis(index)
    frame = gpd.GeoDataFrame(columns, index=index, geometry=geometry).to_crs(crs)
    return Intake(frame, (), _ledger(frame, table, source))


def _ledger(frame: gpd.GeoDataFrame, table: Table, source: str) -> Ledger:
    """Return how the rows of a part are used: all; people without a place are not located."""
    if "elders" not in frame or not frame["elders"].notna().any():
        return Ledger(table.name, source, rows_read=len(frame), rows_used=len(frame))
    elders = frame["elders"].astype(float).fillna(0)
    placed = frame.geometry.notna() | (table.position == "polygon" and frame.geometry.isna().all())
    reason = "GEOMETRY_NULL" if table.position == "polygon" else "POSITION_MISSING"
    total, used = round(elders.sum()), round(elders[placed].sum())
    lost = {reason: total - used} if total != used else {}
    return Ledger(
        table.name, source, rows_read=len(frame), rows_used=len(frame), elders_read=total, elders_used=used,
        elders_left_out=lost,
    )  # fmt: skip

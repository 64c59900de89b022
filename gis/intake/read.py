"""The door: a table as a bureau has it comes in, checked and named in full, as the frame every other room works on.

file -> grid of cells -> header -> data rows -> typed columns and positions -> frame, findings and ledger.
"""

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj

from gis.address import Address, is_address, read_address
from gis.datum import Datum
from gis.errors import Finding, InputError, Severity, refuse
from gis.intake.columns import POSITIONS, Values, check_people, read_columns, typed
from gis.intake.files import fault, kind_of, local_file
from gis.intake.headers import Header, accepted, find_header, layer_header, missing_columns
from gis.intake.keys import first_of_equals, keys_of
from gis.intake.layers import read_layer
from gis.intake.persons import person_level
from gis.intake.position import locate, metre_grid
from gis.intake.rows import data_rows, numbers
from gis.intake.shapes import gaps, overlaps, shapes_in
from gis.intake.shares import share_doubts
from gis.intake.sheets import Grid, Row, read_text_table, read_workbook
from gis.ledger import Ledger
from gis.shown import card
from gis.tables import Table
from gis.words import say

_DAMAGED = ("CODE_NUMBER", "CODE_LENGTH")


@dataclass(frozen=True)
class Intake:
    """A table that came in: its frame, what is to be said about it, and how its rows were used.

    `sha256` is the fingerprint of a table of a database; a file has its own.
    """

    frame: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    ledger: Ledger
    sha256: str = ""

    def _repr_html_(self) -> str:
        """Show the table and what is to be said about it in a notebook."""
        lines = [say("card.intake", "zh", read=self.ledger.rows_read, used=self.ledger.rows_used)]
        return card(
            self.ledger.table, [*lines, *(f.line("zh") for f in self.findings)], {self.ledger.source: self.frame}
        )


def read_table(
    path: str | os.PathLike[str] | Address,
    table: Table,
    *,
    crs: str,
    datum: Datum | None = None,
    sheet: str | None = None,
    codes: Collection[str] | None = None,
) -> Intake:
    """Read a table from .csv, .xlsx, .gpkg, .geojson or .shp (also zipped), told apart by content, or from PostGIS.

    The frame has the columns of `table` in their order. Its key is the index (unique text, in file order; where two
    columns make the key they are joined, `XM01/二期`, and stay columns too); positions are the geometry in `crs`, None
    where a row has none; types as in `gis.intake.columns.typed`. `datum` says in which datum degrees are: text tables
    and workbooks with degrees need it. `sheet` names the sheet or layer. `codes` are those of the communities, to say
    how many rows of a table that names them match, on both sides. A table of PostGIS is named by its address
    (`postgis://host[:port]/database/schema.table`); no other host is asked.

    What was repaired or is doubtful stands in `findings`, what was left out in `ledger`. Raises InputError with every
    rejection of the file at once.
    """
    target = metre_grid(crs)
    file = _source(path)
    grid, header, findings, sha256 = _open(file, table, sheet=sheet, crs=target, datum=datum)
    place, layer = grid.place, header.last_row == 0
    findings += [*header.findings, *missing_columns(header, [c for c in table.columns if c.required], place)]
    rows, left = data_rows(grid, header, table)
    left_out = [finding for finding in left if finding.severity == "repair"]
    findings += [
        *left,
        *_unseen(rows, grid),
        *person_level(rows, header, place, of_people=any(c.people for c in table.columns)),
    ]
    values, said = read_columns(rows, header, place)
    findings += [*said, *share_doubts(rows, header, values, place)]
    findings += _joined(values, rows, header, place, codes=codes, damaged=[f for f in said if f.code in _DAMAGED])
    if layer:
        points: list[Any] = [row.shape for row in rows]
    else:
        points, said = locate(rows, header, table, place=place, crs=target, datum=datum)
        findings += said
    keep, said = first_of_equals(rows, values, points, table.keys[0], place)
    findings += said
    elders = _ElderCount(values.get("elders"))
    doubles = sorted(set(range(len(rows))) - set(keep))
    rows, points = [rows[i] for i in keep], [points[i] for i in keep]
    values = {name: [column[i] for i in keep] for name, column in values.items()}
    if layer:
        findings += _without_shape(rows, values, header, table, place)
    keys, said = keys_of(rows, values, header, table, place)
    findings += [*said, *check_people(values, rows, header, table, place)]
    refuse(findings)
    if layer and table.position == "polygon":
        findings += [*overlaps(points, keys, place), *gaps(_with_hulls(points, rows, findings, place), place)]
    reasons = [*(finding.code for finding in left_out), *("ROW_DUPLICATE" for _ in doubles)]
    expected = layer or table.position != "polygon"  # a table of areas without shapes is located by its codes
    unlocated = [i for i, point in zip(keep, points, strict=True) if point is None and expected]
    ledger = Ledger(
        table.name,
        file.name,
        rows_read=len(rows) + len(reasons),
        rows_used=len(rows),
        left_out={reason: reasons.count(reason) for reason in dict.fromkeys(reasons)},
        elders_read=elders.total,
        elders_used=None if elders.total is None else elders.sum(sorted({*keep} - {*unlocated})),
        elders_left_out=elders.of(
            {"ROW_DUPLICATE": doubles, "GEOMETRY_NULL" if layer else "POSITION_MISSING": unlocated}
        ),
    )
    return Intake(_frame(table, keys, values, points, crs=target), tuple(findings), ledger, sha256)


def _source(path: str | os.PathLike[str] | Address) -> Path | Address:
    """Return the file or the table that is meant. Raises InputError where it is neither."""
    if isinstance(path, Address):
        return path
    if not is_address(os.fspath(path)):
        return local_file(path)
    try:
        return read_address(os.fspath(path))
    except ValueError as error:
        raise InputError([Finding("PARAM_RANGE", "reject", os.fspath(path), allowed=str(error))]) from None


def _open(
    file: Path | Address, table: Table, *, sheet: str | None, crs: pyproj.CRS, datum: Datum | None
) -> tuple[Grid, Header, list[Finding], str]:
    """Return the cells and their header; of several sheets the one that looks most like the table."""
    if isinstance(file, Address):
        return _fetch(file, table, crs=crs, datum=datum)
    kind = kind_of(file)
    if kind not in ("csv", "xlsx"):
        layer = read_layer(file, kind, layer=sheet, table=table)
        grid, findings = shapes_in(layer, table, crs=crs, datum=datum)
        return grid, layer_header(layer.names, table, layer.place, cut=kind in ("shp", "zip")), findings, ""
    grids = [read_text_table(file)] if kind == "csv" else read_workbook(file, sheet=sheet)
    found = [(grid, header) for grid in grids if (header := find_header(grid, table)) is not None]
    if not found:
        needed = "; ".join(accepted(column) for column in table.columns if column.required)
        place = grids[0].place if len(grids) == 1 else file.name
        raise InputError([Finding("HEADER_MISSING", "reject", place, allowed=needed)])
    most = max(len(header.fields) for _, header in found)
    best = [(grid, header) for grid, header in found if len(header.fields) == most]
    if len(best) > 1:
        raise fault("SHEET_AMBIGUOUS", file.name, ", ".join(grid.place.split("!", 1)[1] for grid, _ in best))
    return *best[0], [], ""


def _fetch(
    address: Address, table: Table, *, crs: pyproj.CRS, datum: Datum | None
) -> tuple[Grid, Header, list[Finding], str]:
    """Return the cells of a table of PostGIS, their header and its fingerprint."""
    try:
        from gis.intake.stored import fetched  # noqa: PLC0415 - who has no database need not have its driver
    except ImportError as error:
        raise fault("POSTGIS_NOT_INSTALLED", str(address), error.name or "") from error
    found, names, sha256 = fetched(address)
    header = layer_header(names, table, found.place, cut=False)
    if isinstance(found, Grid):
        return found, replace(header, last_row=1), [], sha256
    grid, findings = shapes_in(found, table, crs=crs, datum=datum)
    return grid, header, findings, sha256


def _with_hulls(shapes: Sequence[Any], rows: Sequence[Row], findings: Sequence[Finding], place: str) -> list[Any]:
    """Return the shapes, each that was repaired as its hull: what a repair took away is told already."""
    repaired = {finding.place for finding in findings if finding.code == "GEOMETRY_REPAIRED"}
    return [
        shape.convex_hull if shape is not None and f"{place}:{row.number}/geometry" in repaired else shape
        for row, shape in zip(rows, shapes, strict=True)
    ]


def _unseen(rows: Sequence[Row], grid: Grid) -> list[Finding]:
    """Name the data rows that the sheet hides: they count, and who filtered the sheet may not expect it."""
    unseen = [row.number for row in rows if row.number in grid.hidden]
    return [Finding("ROWS_HIDDEN", "warn", f"{grid.place}:{unseen[0]}", numbers(unseen), len(unseen))] if unseen else []


def _joined(
    values: Values,
    rows: Sequence[Row],
    header: Header,
    place: str,
    *,
    codes: Collection[str] | None,
    damaged: Sequence[Finding],
) -> list[Finding]:
    """Say how many rows name a community there is, and how many communities are named, where not all rows do."""
    field = header.field("community_id")
    if codes is None or field is None:
        return []
    named = [(row.number, code) for row, code in zip(rows, values["community_id"], strict=True) if code]
    known = set(codes)
    lost = [number for number, code in named if code not in known]
    if not lost:
        return []
    hit = len(known & {code for _, code in named})
    said = f"{len(named) - len(lost)} + {len(lost)}; {hit} + {len(known) - hit} ({numbers(lost)})"
    severity: Severity = "reject" if any(f.place.endswith(f"/{field.heading}") for f in damaged) else "warn"
    return [Finding("CODES_UNMATCHED", severity, f"{place}:{lost[0]}/{field.heading}", said, len(lost))]


def _without_shape(rows: Sequence[Row], values: Values, header: Header, table: Table, place: str) -> list[Finding]:
    """Name each feature without a shape, with the elders that are not located by it."""
    if table.position == "optional":
        return []
    field = header.field("elders")
    elders = values.get("elders", [None] * len(rows))
    return [
        Finding("GEOMETRY_NULL", "warn", f"{place}:{row.number}/geometry", f"{field.heading} {count}" if field else "")
        for row, count in zip(rows, elders, strict=True)
        if row.shape is None
    ]


@dataclass(frozen=True)
class _ElderCount:
    """The elders of all data rows, and of some of them by reason."""

    counts: list[float | None] | None

    @property
    def total(self) -> int | None:
        return None if self.counts is None else self.sum(range(len(self.counts)))

    def sum(self, rows: Iterable[int]) -> int:
        return round(sum((self.counts or [])[i] or 0 for i in rows))

    def of(self, reasons: dict[str, list[int]]) -> dict[str, int]:
        sums = {reason: self.sum(rows) for reason, rows in reasons.items()} if self.counts else {}
        return {reason: number for reason, number in sums.items() if number}


def _frame(
    table: Table, keys: Sequence[str], values: Values, points: Sequence[Any], *, crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    index = pd.Index(list(keys), dtype="str", name=table.index_name)
    columns = [column for column in table.columns if column.name not in (table.key, *POSITIONS)]
    data = {column.name: typed(column, values.get(column.name), index) for column in columns}
    geometry = gpd.GeoSeries(list(points), index=index, crs=crs)
    return gpd.GeoDataFrame(data, index=index, geometry=geometry)

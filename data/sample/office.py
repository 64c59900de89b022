"""Write the sample's layers and workbooks so that the same tables give the same bytes on every day."""

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import pyogrio
import town
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from shapely.geometry.base import BaseGeometry

from gis.datum import from_wgs84

STAMP = "2021-12-01T00:00:00Z"
FIRST_ROW = 4
"""The first facility stands below the title and the two lines of the header."""


def write_layer(path: Path, rows: list[dict[str, object]], shapes: Sequence[BaseGeometry], crs: str) -> None:
    """Write a GeoPackage of one layer, named as the file."""
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": STAMP})
    try:
        layer = gpd.GeoDataFrame(rows, geometry=list(shapes), crs=crs)
        pyogrio.write_dataframe(layer, path, layer=path.stem, driver="GPKG")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def write_facilities(path: Path, rows: list[list[object]], places: list[tuple[float, float]]) -> None:
    """Write the list of facilities as a bureau keeps it: title, header of two merged lines, total, note; GCJ-02."""
    book = Workbook()
    sheet = book.active
    sheet.title = "设施一览表"
    width = len(town.FACILITY_HEADER)
    sheet.append(["云溪县养老服务设施一览表"])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    for column, name in enumerate(town.FACILITY_HEADER, start=1):
        group = next((group for group, (first, last) in town.FACILITY_GROUPS.items() if first <= column <= last), None)
        sheet.cell(3 if group else 2, column, name)
        if not group:
            sheet.merge_cells(start_row=2, start_column=column, end_row=3, end_column=column)
    for group, (first, last) in town.FACILITY_GROUPS.items():
        sheet.cell(2, first, group)
        sheet.merge_cells(start_row=2, start_column=first, end_row=2, end_column=last)
    for number, (row, place) in enumerate(zip(rows, places, strict=True), start=FIRST_ROW):
        lon, lat = from_wgs84(*place, datum="gcj02")
        for column, cell in enumerate([*row, round(float(lon), 6), round(float(lat), 6)], start=1):
            _fill(sheet, number, column, cell)
    last = FIRST_ROW + len(rows)
    sheet.cell(last, 1, "合计")
    for column in range(7, 11):
        sheet.cell(last, column, sum(int(str(row[column - 1]).replace(",", "")) for row in rows))
    sheet.cell(last + 1, 1, "注：坐标由手机地图采集；面积单位为平方米。")
    line = Side(style="thin")
    for cells in sheet.iter_rows(min_row=2, max_row=last, max_col=width):
        for cell in cells:
            cell.border = Border(line, line, line, line)
            if cell.row < FIRST_ROW:
                cell.font, cell.alignment = Font(bold=True), Alignment("center", "center")
    sheet["A1"].font, sheet["A1"].alignment = Font(bold=True, size=16), Alignment("center")
    sheet.freeze_panes = "C4"
    _save(book, path)


def write_list(path: Path, title: str, header: list[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a workbook of one sheet with one line of header."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append(header)
    for number, row in enumerate(rows, start=2):
        for column, cell in enumerate(row, start=1):
            _fill(sheet, number, column, cell)
    sheet.freeze_panes = "C2"
    _save(book, path)


def _fill(sheet: object, row: int, column: int, value: object) -> None:
    """Write one cell: dates as dates, codes as text, nothing for nothing."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        sheet.cell(row, column, date.fromisoformat(value)).number_format = "yyyy-mm-dd"
    elif value != "":
        sheet.cell(row, column, value)


def _save(book: Workbook, path: Path) -> None:
    """Save a workbook with the clock stopped, and columns as wide as their longest cell."""
    sheet = book.active
    for column, cells in enumerate(sheet.iter_cols(min_row=2, max_row=sheet.max_row - 1), start=1):
        longest = max(sum(1 + (letter > "ÿ") for letter in str(cell.value or "")) for cell in cells)
        sheet.column_dimensions[get_column_letter(column)].width = min(longest + 2, 44)
    raw = BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as made, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as kept:
        for entry in made.infolist():
            content = made.read(entry)
            if entry.filename == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", STAMP.encode(), content)
            kept.writestr(zipfile.ZipInfo(entry.filename), content, zipfile.ZIP_DEFLATED)

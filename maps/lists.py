"""The lists of the annex: the facilities as they were read, the plan and the new housing."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from gis.errors import one_line
from gis.tables import TABLES
from gis.words import say
from maps.atlas import Atlas
from maps.columns import column, count_cell, sheet
from maps.contents import ordered, plan_remarks
from maps.figures import exact
from maps.labels import cell, header, said
from maps.phases import has_years
from maps.shown_plan import shown_plan
from maps.workbook import DECIMAL, WHOLE, Column, Sheet, Value

WAN_YUAN = 10_000


def _table(
    table: str, frame: gpd.GeoDataFrame, atlas: Atlas, names: Sequence[str]
) -> tuple[list[Column], list[list[Value]]]:
    """Return a table's columns and rows; positions are left out: they belong in the restricted copy."""
    known = {column.name: column for column in TABLES[table].columns}
    columns = [
        Column(ordered(header(table, name), atlas), DECIMAL if known[name].content in ("number", "whole") else "@")
        for name in names
    ]

    def value(row: pd.Series, code: object, name: str) -> Value:
        raw = code if name == TABLES[table].key else row[name]
        if known[name].content in ("number", "whole"):
            return exact(raw)
        return one_line(said(table, name, raw, atlas.language))

    return columns, [[value(row, code, name) for name in names] for code, row in frame.iterrows()]


def _filled(table: str, frame: gpd.GeoDataFrame, leave: Sequence[str] = ()) -> list[str]:
    hidden = ("lon", "lat", "x", "y", *leave)
    names = [column.name for column in TABLES[table].columns if column.name not in hidden]
    return [name for name in names if name == TABLES[table].key or name in frame]


def register_sheet(atlas: Atlas) -> Sheet:
    """Return the facilities as they were read, every column of the table."""
    columns, rows = _table("facilities", atlas.facilities, atlas, _filled("facilities", atlas.facilities))
    numbered = [[number, *row] for number, row in enumerate(rows, 1)]
    return sheet("facility_register", atlas, [column("annex.number", atlas, WHOLE), *columns], numbered)


def wan_cell(cost_yuan: object) -> Value:
    """Return an amount of yuan in 10,000 yuan."""
    value = exact(cost_yuan)
    return None if value is None else value / WAN_YUAN


def plan_sheet(atlas: Atlas) -> Sheet:
    """Return the sites of the plan with their sums, or why there are none."""
    if atlas.plan is None or not len(atlas.plan.sites):
        remarks = [say("page.plan_none", atlas.language)] if atlas.plan is None else plan_remarks(atlas.plan, atlas)
        return sheet("plan", atlas, [column("annex.item", atlas)], [[text] for text in remarks])
    columns = [
        *(column(key, atlas) for key in ("annex.number", "annex.unit_id", "page.name", "page.kind")),
        Column(ordered(header("candidates", "mode"), atlas)),
        column("annex.area_m2", atlas, DECIMAL, summed=True),
        column("annex.cost_wan", atlas, DECIMAL, summed=True),
        column("page.plan_gain", atlas, WHOLE, summed=True),
    ]
    parted = has_years(atlas.plan.sites)
    if parted:
        columns.append(column("council.year", atlas))
    gains = shown_plan(atlas.plan).by_site.to_dict()
    rows: list[list[Value]] = [
        [
            str(number),
            cell(code),
            cell(site["name"]),
            one_line(said("facilities", "kind", site["kind"], atlas.language)),
            one_line(said("candidates", "mode", site.get("mode"), atlas.language)),
            exact(site["floor_area_m2"]),
            wan_cell(site["cost_yuan"]),
            count_cell(gains[code]),
            *([str(site["year"] or "")] if parted else []),
        ]
        for number, (code, site) in enumerate(atlas.plan.sites.iterrows(), 1)
    ]
    return sheet("plan", atlas, columns, rows, total=True)


def housing_sheet(atlas: Atlas) -> Sheet:
    """Return the new housing projects as they were read."""
    columns, rows = _table("housing", atlas.housing, atlas, _filled("housing", atlas.housing))
    return sheet("housing", atlas, columns, rows)

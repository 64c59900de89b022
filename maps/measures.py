"""The measures in the annex: any table of a measure, its people masked below five, its numbers to one decimal."""

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import pandas as pd

from gis.words import Language, say
from maps.atlas import Atlas, Columns, Content, MeasureTable
from maps.columns import count_cell, level_words
from maps.figures import exact
from maps.labels import cell
from maps.withheld import BESIDE, MARKS, Sums, group_sums, masked, unit_sums
from maps.workbook import WHOLE, Column, Sheet, Value

SHOWN: dict[Content, str] = {"people": WHOLE, "whole": WHOLE, "number": "#,##0.0##"}
THOUSANDTH = 1000
TOTAL = re.compile(r"elders(_(covered|walk|circle)(?!_unknown).*)?")
"""Columns that count older people reached in some way, or all; the difference of two of a row counts people too."""


def measure_table(title: str, frame: pd.DataFrame, columns: Columns) -> MeasureTable:
    """Return some columns of a frame, in this order, as a table for people."""
    return MeasureTable(title, tuple(columns.values()), frame[list(columns)].reset_index(drop=True))


def unit_columns(language: Language) -> Columns:
    """Return the columns that name a unit and how many elders it has."""
    return {
        "level": (say("annex.level", language), "level"),
        "unit_id": (say("annex.unit_id", language), "text"),
        "name": (say("annex.unit", language), "text"),
        "elders": (say("annex.elders", language), "people"),
    }


def measure_sheet(table: MeasureTable, atlas: Atlas) -> Sheet:
    """Return a table of a measure as a sheet."""
    kinds = [kind for _, kind in table.columns]
    shown = _shown(table, kinds, atlas)
    columns = [Column((header,), SHOWN.get(kind, "@")) for header, kind in table.columns]
    rows = [
        [_cell(value, kind, atlas) for value, kind in zip(row, kinds, strict=True)]
        for row in shown.itertuples(index=False, name=None)
    ]
    return Sheet(table.title, columns, rows)


def _shown(table: MeasureTable, kinds: Sequence[Content], atlas: Atlas) -> pd.DataFrame:
    """Return the rows as they may be handed on, units and parts of the city masked by what they add up to."""
    rows = table.rows
    names = [name for name, kind in zip(rows.columns, kinds, strict=True) if kind == "people"]
    sums: Sums = []
    if "unit_id" in rows:
        levels = rows["level"].tolist() if "level" in rows else ["community"] * len(rows)
        sums = unit_sums(levels, rows["unit_id"].tolist(), atlas.communities)
    elif "site_id" in rows and rows["site_id"].duplicated().any():  # communities a site serves: its sum is told too
        sums = group_sums(rows["site_id"])
    elif "facility_id" in rows:
        sums = [[*range(len(rows)), -1]]
    nested, parts = _within(names) if "unit_id" in rows else ([], [])
    shown = masked(rows, names, sums, nested=nested, parts=parts)
    code = next((name for name in ("unit_id", "community_id") if name in rows), None)
    if code is None or not atlas.hidden_places:
        return shown
    units = rows["level"].map(str).tolist() if "level" in rows else ["community"] * len(rows)
    keys = zip(units, rows[code].map(str), strict=True)
    away = pd.Series([key in atlas.hidden_places for key in keys], rows.index)
    # A rate of hidden people tells them as their share does; people of a place that has some hidden tell the others.
    rates = [str(n) for n, kind in zip(rows, kinds, strict=True) if kind == "number"]
    numbers = {n: shown[n].astype(object).mask(away) for n in rates}
    beside = {n: shown[n].astype(object).mask(away & ~shown[n].isin(MARKS) & (rows[n] != 0), BESIDE) for n in names}
    return shown.assign(**numbers, **beside) if away.any() else shown


def _within(names: Sequence[str]) -> tuple[list[tuple[str, str]], list[tuple[str, ...]]]:
    """Return which columns of people are among those of others, and which add up to the last of theirs."""
    totals = [name for name in names if TOTAL.fullmatch(name)]
    circles = [name.removeprefix("elders_circle_") for name in totals if name.startswith("elders_circle_")]
    parts = [
        tuple(f"elders_{part}_{minutes}" for part in ("walk", "overstated", "circle_unknown", "circle"))
        for minutes in circles
    ]
    return [*combinations(totals, 2)], parts


def _cell(value: object, kind: Content, atlas: Atlas) -> Value:
    """Return one cell; an unknown figure is empty."""
    if kind == "people":
        return count_cell(value)
    if kind in ("whole", "number"):
        if isinstance(value, str) and value in MARKS:
            return value
        number = exact(value)
        return None if number is None else Fraction(round(number * THOUSANDTH), THOUSANDTH)
    return level_words(str(value), atlas) if kind == "level" else cell(value)

"""The points of the page: facilities by kind and state, and candidates."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import asdict

import geopandas as gpd
import pandas as pd

from gis.tables import FACILITY_KINDS, TABLES
from gis.words import say
from maps.atlas import Atlas
from maps.compact import placed, point_steps
from maps.contents import Json, kind_words, ordered, pair
from maps.figures import people
from maps.labels import Pair, cell, header, said
from maps.style import CANDIDATE, KINDS, OTHER_KIND, SHAPES, Symbol, facility_symbol, neighbour_symbol

Rows = list[list[Sequence[str]]]
"""What a popup says: (label in one or two languages, text) one below the other."""
_ELSEWHERE = ("name", "lon", "lat", "x", "y")
"""Columns a popup does not repeat: they stand in its title or are the point itself."""


def marks(atlas: Atlas) -> Json:
    """Return the point layers of what there is, lowest first, the symbols they use and the legend of the states."""
    layers = [*_candidates(atlas), *_neighbours(atlas), *_facilities(atlas)]
    states = {
        "existing": facility_symbol("day_care", "in_use"),
        "building": facility_symbol("day_care", "under_construction"),
        "planned": facility_symbol("day_care", "planned"),
        "closed": facility_symbol("day_care", "closed"),
    }
    return {
        "shapes": SHAPES,
        "layers": layers,
        "states": [[ordered(pair(f"page.state_{state}"), atlas), asdict(symbol)] for state, symbol in states.items()],
    }


def name_of(row: pd.Series, code: Hashable) -> str:
    """Return the name of a row as one line, its code where it has none."""
    return cell(row.get("name")) or cell(code)


def names_of(frame: pd.DataFrame) -> list[str]:
    """Return the name of each row as one line, its code where it has none."""
    names = frame["name"] if "name" in frame else [None] * len(frame)
    return [cell(name) or cell(code) for name, code in zip(names, frame.index, strict=True)]


def unplaced(number: int, atlas: Atlas) -> str:
    """Return the remark that some have no position and so are not drawn, empty where all are."""
    return say("page.not_placed", atlas.language, n=number) if number else ""


def table_rows(table: str, frame: pd.DataFrame, atlas: Atlas, *, skip: Sequence[str] = ()) -> list[Rows]:
    """Return the filled columns of each row as (label, text), counts of one to four people not told apart."""
    key = ordered(header(table, TABLES[table].keys[0]), atlas)
    rows: list[Rows] = [[[key, cell(code)]] for code in frame.index]
    for column in TABLES[table].columns:
        if column.name in frame and column.name not in (*TABLES[table].keys, *_ELSEWHERE, *skip):
            label, values = ordered(header(table, column.name), atlas), frame[column.name].astype(object)
            for own, value in zip(rows, values, strict=True):
                counted = column.people and cell(value)
                text = people(value) if counted else said(table, column.name, value, atlas.language)
                if text:
                    own.append([label, text])
    return rows


def layer_of(
    key: str, words: Pair, frame: gpd.GeoDataFrame, atlas: Atlas, *, drawn: Sequence[Symbol], rows: Sequence[Rows]
) -> Json:
    """Return one layer; `items` are [lon, lat, symbol, name, rows] for those with a position."""
    symbols = list(dict.fromkeys(drawn))
    where = placed(frame.geometry)
    steps = iter(point_steps(frame.geometry[where]).tolist())
    items = [
        [*next(steps), symbols.index(symbol), name, texts]
        for name, symbol, texts, here in zip(names_of(frame), drawn, rows, where, strict=True)
        if here
    ]
    return {
        "key": key,
        "words": ordered(words, atlas),
        "symbols": [asdict(symbol) for symbol in symbols],
        "note": unplaced(int((~where).sum()), atlas),
        "items": items,
    }


def _facilities(atlas: Atlas) -> Iterable[Json]:
    """Yield a layer for each kind there is, in the order of the kinds; the legend shows the kind as it is in use."""
    kinds = atlas.facilities["kind"].map(cell)
    for kind in (*FACILITY_KINDS, ""):
        frame = atlas.facilities[kinds == kind if kind else ~kinds.isin(list(FACILITY_KINDS))]
        if len(frame):
            statuses = frame["status"] if "status" in frame else [None] * len(frame)
            drawn = [facility_symbol(kind, status) for status in statuses]
            rows = table_rows("facilities", frame, atlas)
            words = kind_words(kind) if kind else pair("page.other_kind")
            shape, colour, size = KINDS.get(kind, OTHER_KIND)
            legend = asdict(Symbol(shape, colour, "#ffffff", size))
            yield layer_of(kind or "other", words, frame, atlas, drawn=drawn, rows=rows) | {
                "legend": legend,
                "facilities": True,
            }


def _candidates(atlas: Atlas) -> Iterable[Json]:
    frame = atlas.candidates.sort_index()  # the page is the same for any order of the table
    if len(frame):
        rows = table_rows("candidates", frame, atlas)
        drawn = [CANDIDATE] * len(frame)
        layer = layer_of("candidates", pair("page.candidates"), frame, atlas, drawn=drawn, rows=rows)
        yield layer | {"legend": asdict(CANDIDATE)}


def _neighbours(atlas: Atlas) -> Iterable[Json]:
    """Yield the facilities beyond the border: why somebody there is covered though no facility here is near."""
    frame = atlas.neighbours.sort_index()
    if len(frame):
        rows = table_rows("facilities", frame, atlas)
        drawn = [neighbour_symbol(kind) for kind in frame["kind"]]
        layer = layer_of("neighbours", pair("page.neighbours"), frame, atlas, drawn=drawn, rows=rows)
        yield layer | {"legend": asdict(neighbour_symbol(None))}

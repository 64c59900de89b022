"""The GeoPackage: every layer of the plan in the project's CRS, for the bureau's own GIS."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from gis.disclosure import few
from gis.groups import GROUP_COLUMNS
from gis.tables import HOUSING
from gis.words import say
from maps.atlas import Atlas
from maps.figures import shown_communities, units_of
from maps.hidden_homes import hidden_homes
from maps.judged_table import answer_table, housing_answers, worst_answers
from maps.labels import cell
from maps.layer_looks import aliases, rules
from maps.layer_styles import write_styles
from maps.outfile import beside
from maps.qml import qml
from maps.shown_plan import shown_plan
from maps.situated import planned_sites
from maps.withheld import BESIDE, FEW, MARKS, group_sums, masked, with_gaps

_DAY = "2000-01-01T00:00:00.000Z"
"""The day GDAL writes into every file as its own: the same atlas gives the same bytes."""
GPKG_VERSION = "1.2"
"""What the GIS programs of some years ago read without a warning."""
GEOMETRIES = {
    "communities": "MultiPolygon",
    "areas": "MultiPolygon",
    "streets": "MultiLineString",
    "homes": "Point",
    "facilities": "Point",
    "candidates": "Point",
    "plan": "Point",
    "housing": "Point",
    "catchments": "MultiPolygon",
    "trust": "MultiPolygon",
    "base": "MultiPolygon",
    "base_lines": "MultiLineString",
    "verdicts": "Unknown",
}


def write_geopackage(atlas: Atlas, path: Path) -> None:
    """Write all layers to `path` (.gpkg), each described in the project's language, codes kept as text.

    Lists in a cell are joined by 、; a row without a position is kept without one. The layers are those of
    `Atlas`; `communities` also carry their coverage and the worst answer of each document (`maps.judged_table`),
    `facilities` the same, `housing` its four-sync status; `plan` holds the sites chosen, in order, and `verdicts` every
    answer without a shape. Each layer carries a QGIS style that looks as the page does, and its columns' names for
    people (`layer_styles`).
    Raises OutputError where the file cannot be written; what was there is then untouched.
    """
    frames = layers(atlas)
    with beside(path) as draft, _as_a_draft():
        for name, frame in frames.items():
            pyogrio.write_dataframe(
                frame,
                draft,
                layer=name,
                driver="GPKG",
                geometry_type=GEOMETRIES[name],
                promote_to_multi=GEOMETRIES[name].startswith("Multi"),
                append=False,
                dataset_options={"VERSION": GPKG_VERSION},
                layer_options={"DESCRIPTION": say(f"layer.{name}", atlas.language)},
            )
        write_styles(
            draft,
            {
                name: (
                    say(f"layer.{name}", atlas.language),
                    qml(rules(name, frame, atlas), aliases(name, frame, atlas)),
                )
                for name, frame in frames.items()
            },
        )


def layers(atlas: Atlas) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers by name, the identifiers as columns and every cell of a kind that a table can hold."""
    frames = {
        "communities": _with_coverage(atlas),
        "streets": atlas.streets.reset_index(drop=True),
        "base": atlas.base[~_lines(atlas.base)].reset_index(drop=True),
        "base_lines": atlas.base[_lines(atlas.base)].reset_index(drop=True),
        "areas": atlas.areas.reset_index(drop=True),
        # Of a single house no group is shown: it would name people.
        "homes": _keyed(_homes(atlas), "demand_id"),
        "facilities": _keyed(_joined(atlas.facilities, worst_answers(atlas, "facility")), "facility_id"),
        "candidates": _keyed(atlas.candidates, "candidate_id"),
        "housing": _keyed(
            _joined(atlas.housing, housing_answers(atlas)),
            HOUSING.index_name if "project_id" in atlas.housing else "project_id",
        ),
        "plan": _plan(atlas),
        "catchments": _or_none(atlas.catchments, "facility_id", atlas),
        "trust": _or_none(_few_hidden(atlas.trust, atlas), "community_id", atlas),
        "verdicts": _verdicts(atlas),
    }
    return {name: _plain(frame) for name, frame in frames.items()}


def _lines(frame: gpd.GeoDataFrame) -> pd.Series:
    lines: pd.Series = frame.geom_type.isin(["LineString", "MultiLineString", "LinearRing"])
    return lines


def _keyed(frame: gpd.GeoDataFrame, key: str) -> gpd.GeoDataFrame:
    return frame.rename_axis(key).reset_index()


def _joined(frame: gpd.GeoDataFrame, new: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the frame with the columns of a table of the same index beside its own, which are not replaced."""
    return frame.join(new[[column for column in new if column not in frame]])


def _verdicts(atlas: Atlas) -> gpd.GeoDataFrame:
    table = answer_table(atlas)
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([None] * len(table), crs=atlas.crs), crs=atlas.crs)


def _or_none(frame: gpd.GeoDataFrame, key: str, atlas: Atlas) -> gpd.GeoDataFrame:
    """Return a layer that was computed, or an empty one."""
    if not len(frame.columns):
        return gpd.GeoDataFrame({key: []}, geometry=gpd.GeoSeries([], crs=atlas.crs))
    return frame.reset_index(drop=True) if key in frame else _keyed(frame, key)


def _with_coverage(atlas: Atlas) -> gpd.GeoDataFrame:
    units = units_of(atlas, "community")
    new = units[[column for column in units if str(column).startswith("elders_")]]
    shown = shown_communities(atlas)
    joined = shown.drop(columns=[column for column in new if column in shown]).join(new)
    return _keyed(_joined(_with_gaps(joined), worst_answers(atlas, "community")), "community_id")


def _homes(atlas: Atlas) -> gpd.GeoDataFrame:
    """Return the homes without the counts that are hidden; `masked` says which."""
    homes = atlas.homes.drop(columns=[*GROUP_COLUMNS], errors="ignore")
    new = {}
    for name in (name for name in ("elders", "residents") if name in homes):
        away = hidden_homes(atlas, name)
        counts = homes[name].astype(object)
        new[name] = counts.mask(away, np.where(few(homes[name].fillna(0).to_numpy(dtype=float)), FEW, BESIDE))
    return _with_gaps(gpd.GeoDataFrame(homes.assign(**new), geometry=homes.geometry.name, crs=homes.crs))


def _few_hidden(frame: gpd.GeoDataFrame, atlas: Atlas) -> gpd.GeoDataFrame:
    """Return a frame by community whose hidden counts of people are left out."""
    names = [name for name in map(str, frame) if name == "residents" or name.startswith("elders")]
    if not len(frame) or not names:
        return frame
    shown = masked(frame, names, group_sums(pd.Series("", index=frame.index)))
    away = [("community", str(code)) in atlas.hidden_places for code in frame.index]
    for name in names:
        beside = np.array(away) & ~shown[name].isin(MARKS).to_numpy()
        shown[name] = shown[name].astype(object).mask(beside, BESIDE) if beside.any() else shown[name]
    return _with_gaps(gpd.GeoDataFrame(shown, geometry=frame.geometry.name, crs=frame.crs))


def _with_gaps(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a frame with numbers where marks would make text of a column; `masked` says which are left out."""
    names = [name for name in frame.columns.drop(frame.geometry.name) if frame[name].isin(MARKS).any()]
    return gpd.GeoDataFrame(with_gaps(frame, names), geometry=frame.geometry.name, crs=frame.crs)


def _plan(atlas: Atlas) -> gpd.GeoDataFrame:
    if atlas.plan is None:
        return gpd.GeoDataFrame({"candidate_id": []}, geometry=gpd.GeoSeries([], crs=atlas.crs))
    sites = atlas.plan.sites.assign(number=range(1, len(atlas.plan.sites) + 1))
    spots = planned_sites(atlas).geometry
    shown = gpd.GeoDataFrame(sites.assign(elders_gained=shown_plan(atlas.plan).by_site), geometry=spots)
    return _keyed(_with_gaps(shown), "candidate_id")


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame with texts where a column holds objects: lists joined, missing cells left missing."""
    texts = [name for name in frame.columns.drop(frame.geometry.name) if _is_mixed(frame[name])]
    return frame.assign(**{name: frame[name].map(_text).astype("string") for name in texts})


def _is_mixed(column: pd.Series) -> bool:
    return column.dtype == object or isinstance(column.dtype, pd.CategoricalDtype)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else cell(value) or None


@contextmanager
def _as_a_draft() -> Iterator[None]:
    """Write without the day of today, and without waiting for the disk at each step: the file is waited for as one."""
    said = {"OGR_CURRENT_DATE": _DAY, "OGR_SQLITE_SYNCHRONOUS": "OFF"}
    before = {name: pyogrio.get_gdal_config_option(name) for name in said}
    pyogrio.set_gdal_config_options(said)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)

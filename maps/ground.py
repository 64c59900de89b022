"""The ground of the page: streets by class, water, green, buildings, and the walks and catchments laid over them."""

from collections.abc import Iterable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.tables import FACILITY_KINDS
from gis.words import say
from maps.atlas import Atlas
from maps.compact import WGS84, line_stream, placed, ring_stream
from maps.contents import Json, kind_words, ordered, pair
from maps.style import BASE, CATCHMENT, STREETS, area_colours, street_class

TOLERANCE_M = 2.0
BLOCK_M2 = 40_000
"""The largest residential block of GB 50180-2018, 4 ha: a smaller hole in a catchment is the middle of a block."""
BUILDINGS_DRAWN = 15_000
"""More buildings than this make a page that stutters; their number is said instead."""


def bounds(atlas: Atlas) -> list[list[float]]:
    """Return the view to open with, in degrees (south-west, north-east): the communities, else what else there is."""
    for frame in (atlas.communities, atlas.facilities, atlas.homes, atlas.streets):
        shapes = frame.geometry[placed(frame.geometry)]
        if len(shapes):
            west, south, east, north = shapes.to_crs(WGS84).total_bounds.round(6).tolist()
            return [[south, west], [north, east]]
    return [[-60.0, -180.0], [75.0, 180.0]]


def ground(atlas: Atlas) -> Iterable[Json]:
    """Yield what gives orientation, in drawing order, the streets last and the main streets on top."""
    for feature in BASE:
        shapes = atlas.base.geometry[atlas.base["feature"] == feature] if "feature" in atlas.base else ()
        if len(shapes):
            yield _feature(feature, shapes, atlas)
    if len(atlas.streets):
        tags = atlas.streets["highway"].map(str) if "highway" in atlas.streets else pd.Series("", atlas.streets.index)
        classes = tags.map({tag: street_class(tag) for tag in tags.unique()})
        for name in reversed(list(STREETS)):
            lines = line_stream(atlas.streets.geometry[classes == name], tolerance_m=TOLERANCE_M)
            yield _layer("streets", STREETS[name], atlas) | {"lines": lines}


def areas(atlas: Atlas) -> list[Json]:
    """Return the walking areas, the widest first, today, after the plan and at the end of each of its years."""
    stages = {when: atlas.areas[atlas.areas["when"] == when] for when in ("today", "after") if len(atlas.areas)}
    return _areas(stages | {str(end.year): end.areas for end in atlas.years if stages}, atlas)


def kind_areas(atlas: Atlas) -> list[Json]:
    """Return the walking areas of each kind of facility, as `areas` of all, in the order of the kinds.

    A stage that looks like the one before it is not said again: its name stands for that one.
    """
    frame = atlas.kind_areas
    found = []
    for kind in FACILITY_KINDS if len(frame) else ():
        own = frame[frame["kind"] == kind]
        stages = {str(when): part for when, part in own.groupby("when", sort=False)}
        if stages:
            found.append({"kind": kind, "words": ordered(kind_words(kind), atlas), "areas": _areas(stages, atlas)})
    return found


def _areas(stages: Mapping[str, gpd.GeoDataFrame], atlas: Atlas) -> list[Json]:
    colours = area_colours(atlas.minutes)
    found = []
    for minutes in sorted(atlas.minutes, reverse=True) if stages else ():
        layer: Json = {"words": ordered(pair("page.minutes", minutes=minutes), atlas), "colour": colours[minutes]}
        known: list[tuple[gpd.GeoSeries, str]] = []
        for when, frame in stages.items():
            shapes = frame.geometry[frame["minutes"] == minutes]
            same = next((name for other, name in known if _alike(other, shapes)), None)
            layer[when] = same or ring_stream(_united(shapes), tolerance_m=TOLERANCE_M)
            known.append((shapes, same or when))
        found.append(layer)
    return found


def _alike(one: gpd.GeoSeries, other: gpd.GeoSeries) -> bool:
    """Return whether two series hold the same shapes, point by point."""
    return len(one) == len(other) and bool(shapely.equals_exact(one.to_numpy(), other.to_numpy()).all())


def catchments(atlas: Atlas) -> Json | None:
    """Return the outlines of who is served by whom, blocks whole, None where there are none."""
    if not len(atlas.catchments):
        return None
    shapes = atlas.catchments.geometry
    return {
        "words": ordered(pair("measure.catchment"), atlas),
        "colour": CATCHMENT,
        "rings": ring_stream(_whole_blocks(shapes, atlas.homes), tolerance_m=TOLERANCE_M),
        "count": int(placed(shapes).sum()),
    }


def _layer(key: str, style: tuple[str, float], atlas: Atlas) -> Json:
    colour, width = style
    return {"key": key, "words": ordered(pair(f"page.{key}"), atlas), "colour": colour, "width": width, "note": ""}


def _feature(feature: str, shapes: gpd.GeoSeries, atlas: Atlas) -> Json:
    layer = _layer(feature, BASE[feature], atlas)
    if feature == "building" and len(shapes) > BUILDINGS_DRAWN:
        return layer | {"note": say("page.not_drawn", atlas.language, n=f"{len(shapes):,}")}
    flat = shapes.geom_type.isin(["Polygon", "MultiPolygon"])
    return layer | {
        "rings": ring_stream(shapes[flat] if feature == "building" else _united(shapes[flat]), tolerance_m=TOLERANCE_M),
        "lines": line_stream(shapes[~flat], tolerance_m=TOLERANCE_M),
    }


def _whole_blocks(shapes: gpd.GeoSeries, homes: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return the rings, filled, without the holes that are but the middle of a block; where a home is missed one stays.

    What another facility serves inside a hole has its own outline.
    """
    parts = shapely.get_parts(shapes[placed(shapes)].to_numpy())
    rings, part = shapely.get_rings(parts, return_index=True)
    filled = shapely.polygons(rings)
    kept = np.append(True, part[1:] != part[:-1])[: len(part)] | (shapely.area(filled) > BLOCK_M2)
    block = np.flatnonzero(~kept)
    missed = shapely.STRtree(homes.geometry[homes["state"] != "covered"].to_numpy())
    kept[block[missed.query(filled[block], predicate="intersects")[0]]] = True
    return gpd.GeoSeries(filled[kept], crs=shapes.crs)


def _united(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return one shape of all: under the even-odd rule two that overlap would cut a hole into each other."""
    if len(shapes) <= 1:
        return shapes
    return gpd.GeoSeries([shapely.union_all(shapely.make_valid(shapes.to_numpy()))], crs=shapes.crs)

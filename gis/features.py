"""The features of an extract - points, lines and areas by their tags - in any order of objects, with any sign of ids.

Lines cut at the border of the extract keep what there is of them: half a river still parts its banks.
"""

from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.extract import DEGREE, Extract, Keys, read_extract
from gis.osm import OSM_CRS
from gis.parts import Things

LINE_KEYS = frozenset({"barrier", "highway", "railway", "waterway"})
"""A closed way that only these name is a line (a ring of wall), any other closed way an area."""
AREA_RELATIONS = ("multipolygon", "boundary")


def read_features(source: str | Path | Extract, keys: Keys, *, crs: str) -> gpd.GeoDataFrame:
    """Return points, lines and polygons that carry one of the keys (with one of the values, None: any value).

    `source`: a file, or an extract that was read already. Columns: `osm_id` (n1, w1, r1), `name`, one column a key,
    `tags` (all of them), geometry in `crs`. Closed ways and multipolygons are multipolygons, except closed ways that
    only a line key (barrier, highway, railway, waterway) names. A line cut at the border of the extract keeps the parts
    it has; an area cut there is left out. Raises InputError for an unreadable file, ValueError for an extract that was
    read without one of the keys.
    """
    extract = source if isinstance(source, Extract) else read_extract(source, keys=keys)
    extract.must_have(keys)
    area_keys = {key: values for key, values in keys.items() if key not in LINE_KEYS}
    points = np.flatnonzero(extract.having(extract.points, keys))
    ways = _last(extract.ways, extract.having(extract.ways, keys))
    relations = np.flatnonzero(
        extract.having(extract.relations, area_keys) & extract.having(extract.relations, {"type": AREA_RELATIONS})
    )
    shapes = [
        shapely.points(extract.point_place[points] / DEGREE),
        _of_ways(extract, ways, areas=extract.having(extract.ways, area_keys)[ways]),
        _of_relations(extract, relations),
    ]
    things = ((extract.points, points, "n"), (extract.ways, ways, "w"), (extract.relations, relations, "r"))
    names = [f"{letter}{number}" for kind, which, letter in things for number in kind.number[which].tolist()]
    tags = [of_one for kind, which, _ in things for of_one in extract.tags(kind, which)]
    columns = {"osm_id": names, **{key: [of_one.get(key) for of_one in tags] for key in ("name", *keys)}}
    frame = pd.DataFrame({**columns, "tags": tags}, dtype=object)
    found = gpd.GeoDataFrame(frame, geometry=np.concatenate(shapes), crs=OSM_CRS)
    found = found[found.geometry.notna()].to_crs(crs)
    return found.drop_duplicates("osm_id").sort_values("osm_id", ignore_index=True)


def _last(things: Things, chosen: np.ndarray) -> np.ndarray:
    """Return the positions of the chosen things, by their numbers; of one given twice the last counts."""
    which = np.flatnonzero(chosen)
    order = np.argsort(things.number[which], kind="stable")
    number = things.number[which[order]]
    last: np.ndarray = which[order][np.append(number[1:] != number[:-1], True)[: len(order)]]
    return last


def _of_ways(extract: Extract, which: np.ndarray, *, areas: np.ndarray) -> np.ndarray:
    """Return the shape of each way, None where nothing is left of it: an area where it may be one and is closed."""
    refs, start = extract.ways.refs_of(which)
    at, size = extract.places(refs), np.diff(start)
    of_way = np.repeat(np.arange(len(which)), size)
    broken = np.bincount(of_way[at < 0], minlength=len(which)) > 0
    xy = extract.node_place[at] / DEGREE
    first, last = (np.minimum(edge, max(len(at) - 1, 0)) for edge in (start[:-1], start[1:] - 1))
    closed = (size > 3) & (at[first] == at[last]) if len(at) else size > 3  # noqa: PLR2004 - a triangle, closed
    areas = areas & closed
    shapes = np.full(len(which), None, dtype=object)
    for kind, make in ((areas & ~broken, _polygons), (~areas & ~broken & (size > 1), shapely.linestrings)):
        chosen = kind[of_way]
        shapes[kind] = make(xy[chosen], indices=(np.cumsum(kind) - 1)[of_way[chosen]])
    for way in np.flatnonzero(broken & ~areas).tolist():
        shapes[way] = _line(xy[start[way] : start[way + 1]], at[start[way] : start[way + 1]])
    shapes[~areas & (shapely.length(shapes) == 0)] = None
    return shapes


def _of_relations(extract: Extract, which: np.ndarray) -> np.ndarray:
    """Return the area of each relation, None where one of its ways is missing or nothing is enclosed."""
    members = np.isin(extract.ways.number, extract.relations.refs_of(which)[0])
    ways = _last(extract.ways, members)
    position = dict(zip(extract.ways.number[ways].tolist(), range(len(ways)), strict=True))
    refs, start = extract.ways.refs_of(ways)
    at = extract.places(refs)
    xy = extract.node_place[at] / DEGREE
    shapes = np.full(len(which), None, dtype=object)
    of_ways, bounds = extract.relations.refs_of(which)
    for relation, (begin, end) in enumerate(pairwise(bounds.tolist())):
        parts = [position.get(way) for way in of_ways[begin:end].tolist()]
        rings = [slice(start[part], start[part + 1]) for part in parts if part is not None]
        if len(rings) == len(parts):
            shapes[relation] = _area([at[ring] for ring in rings], [xy[ring] for ring in rings])
    return shapes


def _polygons(xy: np.ndarray, *, indices: np.ndarray) -> np.ndarray:
    """Return the area within each ring, None where nothing is enclosed."""
    return _areas(shapely.polygons(shapely.linearrings(xy, indices=indices)))


def _areas(shapes: np.ndarray) -> np.ndarray:
    """Return shapes as multipolygons, mended where they are not valid, None where nothing is enclosed."""
    mended = ~shapely.is_valid(shapes)
    shapes[mended] = shapely.make_valid(shapes[mended], method="structure", keep_collapsed=False)
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    empty = shapely.is_empty(shapes)
    single &= ~empty
    shapes[single] = shapely.multipolygons(shapes[single], indices=np.arange(single.sum()))
    shapes[empty] = None
    return shapes


def _line(xy: np.ndarray, at: np.ndarray) -> shapely.Geometry | None:
    """Return the course of a way: cut, never bridged, where a node is missing; None where nothing is left."""
    runs = np.split(np.arange(len(at)), np.flatnonzero(at < 0))
    lines = [shapely.LineString(xy[run]) for run in (run[at[run] >= 0] for run in runs) if len(run) > 1]
    lines = [line for line in lines if line.length > 0]
    return None if not lines else lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)


def _area(at: list[np.ndarray], xy: list[np.ndarray]) -> shapely.MultiPolygon | None:
    """Return the area within some courses, holes left out; None where one is cut or nothing is enclosed."""
    if not at or any((ring < 0).any() or len(ring) < 2 for ring in at):  # noqa: PLR2004 - a line has two ends
        return None
    one = len(at) == 1 and len(at[0]) > 3  # noqa: PLR2004
    shape = shapely.Polygon(xy[0]) if one else shapely.build_area(shapely.MultiLineString(xy))
    return _areas(np.array([shape], dtype=object))[0]

"""The features of an extract - points, lines and areas by their tags - in any order of objects, with any sign of ids.

Lines cut at the border of the extract keep what there is of them: half a river still parts its banks.
"""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely

from gis.osm import OSM_CRS, Ways, objects, read_nodes, read_ways, reading

LINE_KEYS = frozenset({"barrier", "highway", "railway", "waterway"})
"""A closed way that only these name is a line (a ring of wall), any other closed way an area."""
AREA_RELATIONS = ("multipolygon", "boundary")

Keys = Mapping[str, tuple[str, ...] | None]
Tags = Mapping[str, str]


def read_features(path: str | Path, keys: Keys, *, crs: str) -> gpd.GeoDataFrame:
    """Return points, lines and polygons that carry one of the keys (with one of the values, None: any value).

    Columns: `osm_id` (n1, w1, r1), `name`, one column a key, `tags` (all of them), geometry in `crs`. Closed ways and
    multipolygons are multipolygons, except closed ways that only a line key (barrier, highway, railway, waterway)
    names. A line cut at the border of the extract keeps the parts it has; an area cut there is left out. Raises
    InputError for an unreadable file.
    """
    path = Path(path)
    area_keys = {key: values for key, values in keys.items() if key not in LINE_KEYS}
    ways, _ = read_ways(path, lambda tags: _named(tags, keys), *keys)
    relations = _relations(path, area_keys)
    member_ids = {way for _, _, members in relations for way in members}
    members = read_ways(path, lambda _: True, ids=member_ids)[0] if member_ids else ways
    nodes, _ = read_nodes(path, np.unique(np.concatenate([ways.refs, members.refs])))
    xy = nodes[["lon", "lat"]].to_numpy()

    rows = _points(path, keys)
    for way, (tags, at) in _courses(ways, nodes).items():
        area = _named(tags, area_keys) and len(at) > 3 and at[0] == at[-1]  # noqa: PLR2004 - a triangle, closed
        rows.append((f"w{way}", tags, _area(xy, [at]) if area else _line(xy, at)))
    course = _courses(members, nodes)
    for relation, tags, parts in relations:
        if all(way in course for way in parts):
            rows.append((f"r{relation}", tags, _area(xy, [course[way][1] for way in parts])))
    kept = [row for row in rows if row[2] is not None]
    frame = pd.DataFrame({"osm_id": [name for name, _, _ in kept], "name": [tags.get("name") for _, tags, _ in kept],
                          **{key: [tags.get(key) for _, tags, _ in kept] for key in keys},
                          "tags": [tags for _, tags, _ in kept]}, dtype=object)  # fmt: skip
    found = gpd.GeoDataFrame(frame, geometry=[shape for _, _, shape in kept], crs=OSM_CRS).to_crs(crs)
    return found.drop_duplicates("osm_id").sort_values("osm_id", ignore_index=True)


def _named(tags: Tags, keys: Keys) -> bool:
    """Return whether one of the keys, with one of its values, is among the tags."""
    return any(key in tags and (values is None or tags[key] in values) for key, values in keys.items())


def _points(path: Path, keys: Keys) -> list[tuple[str, Tags, shapely.Geometry | None]]:
    """Return the nodes that carry a key."""
    rows: list[tuple[str, Tags, shapely.Geometry | None]] = []
    with reading(path):
        for node in objects(path, osmium.osm.NODE, *keys):
            tags = dict(node.tags)
            if _named(tags, keys) and node.location.valid():
                rows.append((f"n{node.id}", tags, shapely.Point(node.lon, node.lat)))
    return rows


def _relations(path: Path, keys: Keys) -> list[tuple[int, Tags, list[int]]]:
    """Return the areas made of several ways: id, tags, ways."""
    rows: list[tuple[int, Tags, list[int]]] = []
    with reading(path):
        for relation in objects(path, osmium.osm.RELATION, *keys) if keys else ():
            tags = dict(relation.tags)
            if tags.get("type") in AREA_RELATIONS and _named(tags, keys):
                rows.append((relation.id, tags, [member.ref for member in relation.members if member.type == "w"]))
    return rows


def _courses(ways: Ways, nodes: pd.DataFrame) -> dict[int, tuple[Tags, np.ndarray]]:
    """Return the tags of each way and where its vertices stand in `nodes`, -1 where one is missing."""
    place = nodes.index.get_indexer(pd.Index(ways.refs))
    parts = np.split(place, ways.start[1:-1])
    return dict(zip(ways.way_id.tolist(), zip(ways.tags, parts, strict=True), strict=True)) if len(ways.way_id) else {}


def _line(xy: np.ndarray, at: np.ndarray) -> shapely.Geometry | None:
    """Return the course of a way: cut, never bridged, where a node is missing; None where nothing is left."""
    runs = np.split(at, np.flatnonzero(at < 0))
    lines = [shapely.LineString(xy[run]) for run in (run[run >= 0] for run in runs) if len(run) > 1]
    lines = [line for line in lines if line.length > 0]
    return None if not lines else lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)


def _area(xy: np.ndarray, rings: list[np.ndarray]) -> shapely.MultiPolygon | None:
    """Return the area within some courses, holes left out; None where one is cut or nothing is enclosed."""
    if not rings or any((at < 0).any() or len(at) < 2 for at in rings):  # noqa: PLR2004 - a line has two ends
        return None
    one = len(rings) == 1
    shape = shapely.Polygon(xy[rings[0]]) if one and len(rings[0]) > 3 else _enclosed([xy[at] for at in rings])  # noqa: PLR2004
    if not shape.is_valid:
        shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    if shape.is_empty:
        return None
    return shapely.MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape


def _enclosed(courses: list[np.ndarray]) -> shapely.Geometry:
    """Return what the courses of a relation's ways enclose together, inner rings as holes."""
    return shapely.build_area(shapely.MultiLineString(courses))

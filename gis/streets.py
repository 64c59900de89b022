"""The streets of a city as a walking network: an extract, an OSMnx graph, own centre lines, or drawn in metres."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from gis.datum import to_metres
from gis.drawing import drawn_kind
from gis.errors import Finding, refuse
from gis.extract import DEGREE, Extract, read_extract
from gis.graphs import streets_of_graph
from gis.junctions import Ways, lay_out
from gis.named_place import streets_of_place
from gis.network import WalkNetwork
from gis.profiles import is_crossing, paces
from gis.walkable import is_walkable, walkable

if TYPE_CHECKING:
    import networkx as nx

WAY_KEYS = ("highway", "access", "foot", "motorroad", "oneway:foot", "conveying")
"""What decides whether and how a way is walked, beside what a pace reads."""
STREET_KEYS = frozenset({"highway", "barrier"})
"""What streets are read by: their ways, and the crossings, gates and walls among their nodes."""


def walk_network(
    source: "str | Path | Extract | nx.MultiDiGraph | gpd.GeoDataFrame | None" = None,
    *,
    crs: str,
    gates: gpd.GeoDataFrame | None = None,
    layer: str | Sequence[str] | None = None,
    place: str | None = None,
    folder: str | Path | None = None,
) -> WalkNetwork:
    """Return the walking network of an OSM extract, an OSMnx graph, the bureau's own centre lines, or a named place.

    `source`: a file known by its content (.osm.pbf, .osm, .osm.gz; centre lines in .gpkg, .shp, .geojson, .dxf, of
    which `layer` names the layers), an extract that was read already, a graph, or a table of lines. `crs` is the
    project's CRS in metres. `gates` (points) are the known gates of walled estates: with them a private way is joined
    to the public streets only at a gate of the table or of the map; without them wherever they meet. Instead of a
    source a `place` may be named: its streets are fetched from OpenStreetMap and kept in `folder` with their date; only
    then the network is used. Raises InputError where the streets cannot be read or none can be walked, ValueError for a
    CRS not in metres, or where not just one of `source` and `place` (with `folder`) is given.
    """
    axes = pyproj.CRS.from_user_input(crs).axis_info
    if any(axis.unit_name != "metre" for axis in axes):
        raise ValueError(f"{crs} is not in metres")
    if (source is None) == (place is None) or (place is not None and folder is None):
        raise ValueError("give either a source, or a place and the folder its streets are kept in")
    told: tuple[Finding, ...] = ()
    if place is not None and folder is not None:
        source, told = streets_of_place(place, folder=Path(folder))
    drawn = isinstance(source, str | Path) and drawn_kind(Path(source))
    if drawn or isinstance(source, gpd.GeoDataFrame):
        from gis.centrelines import network_of_centrelines  # noqa: PLC0415 - 50 MB that an extract has no use for

        if isinstance(source, gpd.GeoDataFrame):
            return network_of_centrelines(source, crs=crs, gates=gates)
        return network_of_centrelines(str(source), crs=crs, layer=layer, gates=gates)
    if isinstance(source, str | Path | Extract):
        extract = source if isinstance(source, Extract) else read_extract(str(source), keys=STREET_KEYS)
        ways, nodes, findings, name = *streets_of_extract(extract), extract.name
    else:
        ways, nodes, findings, name = *streets_of_graph(source), "graph"
    refuse(findings)
    x, y = to_metres(crs).transform(nodes["lon"].to_numpy(), nodes["lat"].to_numpy())
    nodes = nodes.assign(x=x, y=y)
    away = ~np.isfinite(nodes[["x", "y"]].to_numpy()).all(axis=1)  # on the other side of the earth
    if away.any():
        position = np.append(np.where(away, -1, np.cumsum(~away) - 1), -1)
        ways = replace(ways, refs=position[ways.refs])
        findings = (*findings, Finding("NODE_OUTSIDE", "warn", name, str(away.sum()), int(away.sum())))
    return lay_out(ways, nodes[~away], crs=crs, gates=gates, name=name, findings=(*told, *findings))


def streets_of_extract(extract: Extract) -> tuple[Ways, pd.DataFrame, tuple[Finding, ...]]:
    """Return the walkable ways of an extract by way id, and their nodes by node id: `lon`, `lat`, flags.

    Of a way given twice (merged extracts) the last one counts, walkable or not; nodes out of range are left out.
    Findings say how many there were of both, and refuse a node at two places.
    """
    extract.must_have(STREET_KEYS)
    kinds, kind = extract.kinds(extract.ways, tuple(dict.fromkeys((*WAY_KEYS, *paces()["kept"]))))
    order = np.argsort(extract.ways.number, kind="stable")
    last = np.append(np.diff(extract.ways.number[order]) > 0, True)[: len(order)]
    walked = np.array([is_walkable(tags) for tags in kinds], dtype=bool)[kind][order]
    chosen = order[last & walked]
    refs, start = extract.ways.refs_of(chosen)
    at = extract.places(refs)

    used = np.zeros(len(extract.node_id), dtype=bool)
    used[at[at >= 0]] = True
    position = np.append(np.cumsum(used) - 1, -1)
    node_id = extract.node_id[used]
    lon, lat = (extract.node_place[used] / DEGREE).T
    nodes = pd.DataFrame(
        {"lon": lon, "lat": lat, **_on_the_way(extract, node_id)}, index=pd.Index(node_id, name="node_id")
    )
    kept, kind = np.unique(kind[chosen], return_inverse=True)
    ways = Ways(extract.ways.number[chosen], start, position[at], tuple(kinds[i] for i in kept), kind)

    moved, outside = (ids[np.isin(ids, refs)] if len(ids) else ids for ids in (extract.moved, extract.outside))
    twice = int((walked & ~last).sum())
    said = [
        Finding("NODE_TWICE", "reject", extract.name, f"{moved[:1].sum()} ({len(moved)})", len(moved)),
        Finding("NODE_OUTSIDE", "warn", extract.name, str(len(outside)), len(outside)),
        Finding("WAY_TWICE", "repair", extract.name, str(twice), twice),
    ]
    return ways, nodes, tuple(finding for finding in said if finding.count)


def _on_the_way(extract: Extract, node_id: np.ndarray) -> dict[str, np.ndarray]:
    """Return which nodes, given by ascending ids, are gates, walls and crossings."""
    rules = walkable()
    is_that: dict[str, Callable[[Mapping[str, str]], bool]] = {
        "gate": lambda tags: tags.get("barrier") in rules["gate"],
        "wall": lambda tags: tags.get("barrier") in rules["barrier_closed"],
        "crossing": lambda tags: "highway" in tags and is_crossing(tags),
    }
    kinds, kind = extract.kinds(extract.points, ("barrier", "highway", "crossing"))
    number, first = np.unique(extract.points.number, return_index=True)  # of a node given twice the first
    _, at, of_point = np.intersect1d(node_id, number, assume_unique=True, return_indices=True)
    flags = {name: np.zeros(len(node_id), dtype=bool) for name in is_that}
    for name, test in is_that.items():
        flags[name][at] = np.array([test(tags) for tags in kinds], dtype=bool)[kind[first[of_point]]]
    return flags


def network_of_lines(courses: Sequence[Sequence[tuple[float, float]]], *, crs: str) -> WalkNetwork:
    """Return the network of streets drawn in metres; they meet where they share a vertex."""
    place: dict[tuple[float, float], int] = {}
    refs = [[place.setdefault(xy, len(place)) for xy in course] for course in courses]
    x, y = np.array(list(place), dtype=float).reshape(-1, 2).T
    nodes = pd.DataFrame({"x": x, "y": y}, index=pd.RangeIndex(len(place), name="node_id"))
    ways = Ways(
        way_id=np.arange(len(refs)),
        start=np.cumsum([0, *map(len, refs)], dtype=np.int64),
        refs=np.concatenate(refs).astype(np.int64),
        tags=({"highway": "road"},),
        kind=np.zeros(len(refs), dtype=np.int64),
    )
    return lay_out(ways, nodes, crs=crs, gates=None, name="lines", findings=())

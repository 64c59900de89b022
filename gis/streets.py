"""The streets of a city as a walking network: an extract, an OSMnx graph, own centre lines, or drawn in metres."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyproj

from gis.drawing import drawn_kind
from gis.errors import Finding, refuse
from gis.graphs import streets_of_graph
from gis.junctions import lay_out
from gis.named_place import streets_of_place
from gis.network import WalkNetwork
from gis.osm import OSM_CRS, Ways, read_nodes, read_ways
from gis.walkable import is_walkable


def walk_network(
    source: str | Path | nx.MultiDiGraph | gpd.GeoDataFrame | None = None,
    *,
    crs: str,
    gates: gpd.GeoDataFrame | None = None,
    layer: str | Sequence[str] | None = None,
    place: str | None = None,
    folder: str | Path | None = None,
) -> WalkNetwork:
    """Return the walking network of an OSM extract, an OSMnx graph, the bureau's own centre lines, or a named place.

    `source`: a file known by its content (.osm.pbf, .osm, .osm.gz; centre lines in .gpkg, .shp, .geojson, .dxf, of
    which `layer` names the layers), a graph, or a table of lines. `crs` is the project's CRS in metres. `gates`
    (points) are the known gates of walled estates: with them a private way is joined to the public streets only at a
    gate of the table or of the map; without them wherever they meet. Instead of a source a `place` may be named: its
    streets are fetched from OpenStreetMap and kept in `folder` with their date; only then the network is used. Raises
    InputError where the streets cannot be read or none can be walked, ValueError for a CRS not in metres, or where not
    just one of `source` and `place` (with `folder`) is given.
    """
    axes = pyproj.CRS.from_user_input(crs).axis_info
    if any(axis.unit_name != "metre" for axis in axes):
        raise ValueError(f"{crs} is not in metres")
    if (source is None) == (place is None) or (place is not None and folder is None):
        raise ValueError("give either a source, or a place and the folder its streets are kept in")
    told: tuple[Finding, ...] = ()
    if place is not None and folder is not None:
        source, told = streets_of_place(place, folder=Path(folder))
    if isinstance(source, gpd.GeoDataFrame) or (not isinstance(source, nx.Graph) and drawn_kind(Path(str(source)))):
        from gis.centrelines import network_of_centrelines  # noqa: PLC0415 - 50 MB that an extract has no use for

        if isinstance(source, gpd.GeoDataFrame):
            return network_of_centrelines(source, crs=crs, gates=gates)
        return network_of_centrelines(str(source), crs=crs, layer=layer, gates=gates)
    if isinstance(source, nx.Graph):
        ways, nodes, findings, name = *streets_of_graph(source), "graph"
    else:
        name = str(source)
        ways, twice = read_ways(Path(name), is_walkable, "highway")
        nodes, findings = read_nodes(Path(name), np.unique(ways.refs))
        if twice:
            findings = (*findings, Finding("WAY_TWICE", "repair", name, str(twice), twice))
    refuse(findings)
    to_metres = pyproj.Transformer.from_crs(OSM_CRS, crs, always_xy=True)
    x, y = to_metres.transform(nodes["lon"].to_numpy(), nodes["lat"].to_numpy())
    nodes = nodes.assign(x=x, y=y)
    away = ~np.isfinite(nodes[["x", "y"]].to_numpy()).all(axis=1)  # on the other side of the earth
    if away.any():
        findings = (*findings, Finding("NODE_OUTSIDE", "warn", name, str(away.sum()), int(away.sum())))
    return lay_out(ways, nodes[~away], crs=crs, gates=gates, name=name, findings=(*told, *findings))


def network_of_lines(courses: Sequence[Sequence[tuple[float, float]]], *, crs: str) -> WalkNetwork:
    """Return the network of streets drawn in metres; they meet where they share a vertex."""
    place: dict[tuple[float, float], int] = {}
    refs = [[place.setdefault(xy, len(place)) for xy in course] for course in courses]
    x, y = np.array(list(place), dtype=float).reshape(-1, 2).T
    nodes = pd.DataFrame({"x": x, "y": y, "barrier": ""}, index=pd.RangeIndex(len(place), name="node_id"))
    ways = Ways(
        way_id=np.arange(len(refs)),
        start=np.cumsum([0, *map(len, refs)], dtype=np.int64),
        refs=np.concatenate(refs).astype(np.int64),
        tags=({"highway": "road"},) * len(refs),
    )
    return lay_out(ways, nodes, crs=crs, gates=None, name="lines", findings=())

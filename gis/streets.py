"""The streets of a city as a walking network: read from an extract, from an OSMnx graph, or drawn in metres."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyproj

from gis.errors import Finding, refuse
from gis.graphs import streets_of_graph
from gis.junctions import lay_out
from gis.network import WalkNetwork
from gis.osm import OSM_CRS, Ways, read_nodes, read_ways
from gis.walkable import is_walkable


def walk_network(
    source: str | Path | nx.MultiDiGraph, *, crs: str, gates: gpd.GeoDataFrame | None = None
) -> WalkNetwork:
    """Return the walking network of an OSM extract (.osm.pbf, .osm, .osm.gz) or of an OSMnx graph.

    `crs` is the project's CRS in metres. `gates` (points) are the known gates of walled estates: with them a private
    way is joined to the public streets only at a gate of the table or of the map; without them wherever they meet.
    Raises InputError where the extract cannot be read or holds no walkable street, ValueError for a CRS not in metres.
    """
    axes = pyproj.CRS.from_user_input(crs).axis_info
    if any(axis.unit_name != "metre" for axis in axes):
        raise ValueError(f"{crs} is not in metres")
    if isinstance(source, nx.Graph):
        ways, nodes, findings, name = *streets_of_graph(source), "graph"
    else:
        name = str(source)
        ways, twice = read_ways(Path(source), is_walkable, "highway")
        nodes, findings = read_nodes(Path(source), np.unique(ways.refs))
        if twice:
            findings = (*findings, Finding("WAY_TWICE", "repair", name, str(twice), twice))
    refuse(findings)
    to_metres = pyproj.Transformer.from_crs(OSM_CRS, crs, always_xy=True)
    x, y = to_metres.transform(nodes["lon"].to_numpy(), nodes["lat"].to_numpy())
    nodes = nodes.assign(x=x, y=y)
    away = ~np.isfinite(nodes[["x", "y"]].to_numpy()).all(axis=1)  # on the other side of the earth
    if away.any():
        findings = (*findings, Finding("NODE_OUTSIDE", "warn", name, str(away.sum()), int(away.sum())))
    return lay_out(ways, nodes[~away], crs=crs, gates=gates, name=name, findings=findings)


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

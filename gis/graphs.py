"""OSMnx graphs in and out of the walking network."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyproj

from gis.errors import Finding
from gis.junctions import Ways
from gis.network import WalkNetwork
from gis.osm import OSM_CRS
from gis.profiles import is_crossing, paces
from gis.walkable import is_walkable

if TYPE_CHECKING:
    import networkx as nx


def streets_of_graph(graph: "nx.MultiDiGraph") -> tuple[Ways, pd.DataFrame, tuple[Finding, ...]]:
    """Return the ways and nodes of an OSMnx graph (unprojected or projected), as if they had been read from a file.

    OSMnx keeps an arc for each direction: an edge and its reverse of the same course are one street walked both ways,
    an edge alone is one-way on foot, unless OSMnx says `oneway`: then only cars were meant. What cannot be walked by
    the table (a motorway in a graph of all streets) is left out, as in a file.
    """
    back = pyproj.Transformer.from_crs(graph.graph.get("crs", OSM_CRS), OSM_CRS, always_xy=True)
    places = [(float(d["x"]), float(d["y"])) for _, d in graph.nodes(data=True)]
    number = {node: i for i, node in enumerate(graph.nodes)}
    seen: dict[tuple[object, ...], int] = {}
    tags: list[dict[str, str]] = []
    refs: list[list[int]] = []
    for u, v, data in graph.edges(data=True):
        of_street = _tags(data)
        if not is_walkable(of_street):
            continue
        line = data.get("geometry")
        inner = tuple((float(x), float(y)) for x, y in line.coords[1:-1]) if line is not None else ()
        back_again = seen.get((v, *inner[::-1], u))
        if back_again is not None:
            tags[back_again].pop("oneway:foot", None)
            continue
        seen[(u, *inner, v)] = len(refs)
        refs.append([number[u], *range(len(places), len(places) + len(inner)), number[v]])
        places += inner
        tags.append(of_street)
    xy = np.array(places).reshape(-1, 2)
    lon, lat = back.transform(xy[:, 0], xy[:, 1])
    nodes = pd.DataFrame({"lon": lon, "lat": lat}, index=pd.RangeIndex(len(xy), name="node_id"))
    waits = [is_crossing({"highway": str(d.get("highway", ""))}) for _, d in graph.nodes(data=True)]
    nodes["crossing"] = np.arange(len(xy)) < len(waits)
    nodes.loc[nodes.index[: len(waits)], "crossing"] = waits
    start = np.cumsum([0, *map(len, refs)], dtype=np.int64)
    flat = np.concatenate([[], *refs]).astype(np.int64)
    return Ways(np.arange(len(refs)), start, flat, tuple(tags), np.arange(len(refs))), nodes, ()


def _tags(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of an edge; of several values, where OSMnx made one edge of several ways, the first walkable."""
    keys = ("highway", "access", "foot", *paces()["kept"])
    several = {key: [str(v) for v in np.atleast_1d(data[key])] for key in keys if key in data}
    classes = several.pop("highway", ["road"])
    tags = {key: values[0] for key, values in several.items()}
    tags["highway"] = next((c for c in classes if is_walkable({**tags, "highway": c})), classes[0])
    cars_only = bool(np.any(data.get("oneway", False)))
    return tags if cars_only else {**tags, "oneway:foot": "yes"}


def to_networkx(network: WalkNetwork) -> "nx.MultiDiGraph":
    """Return the network as OSMnx writes graphs: nodes with `x`, `y`, edges with `length` (m), `highway`, course."""
    import networkx as nx  # noqa: PLC0415 - a quarter of a second to load, and few ask for a graph

    graph = nx.MultiDiGraph(crs=network.crs)
    graph.add_nodes_from((i, {"x": x, "y": y, "osmid": osm}) for i, ((x, y), osm) in
                         enumerate(zip(network.node_xy.tolist(), network.node_id.tolist(), strict=True)))  # fmt: skip
    for edge, (u, v) in enumerate(network.edge_nodes.tolist()):
        line = network.lines[edge]
        data = {"length": float(network.edge_length_m[edge]), "highway": network.edge_class[edge], "edge": edge,
                "osmid": int(network.edge_way_id[edge])}  # fmt: skip
        if np.isfinite(network.effort_forward[edge]):
            graph.add_edge(u, v, geometry=line, **data)
        if np.isfinite(network.effort_backward[edge]):
            graph.add_edge(v, u, geometry=line.reverse(), **data)
    return graph

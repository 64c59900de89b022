"""OSMnx graphs in and out of the walking network."""

import networkx as nx
import numpy as np
import pandas as pd
import pyproj

from gis.errors import Finding
from gis.network import WalkNetwork
from gis.osm import OSM_CRS, Ways


def streets_of_graph(graph: nx.MultiDiGraph) -> tuple[Ways, pd.DataFrame, tuple[Finding, ...]]:
    """Return the ways and nodes of an OSMnx graph (unprojected or projected), as if they had been read from a file.

    OSMnx keeps an arc for each direction: an edge and its reverse of the same course are one street walked both ways.
    """
    back = pyproj.Transformer.from_crs(graph.graph.get("crs", OSM_CRS), OSM_CRS, always_xy=True)
    places = [(float(d["x"]), float(d["y"])) for _, d in graph.nodes(data=True)]
    number = {node: i for i, node in enumerate(graph.nodes)}
    seen: dict[tuple[object, ...], int] = {}
    tags: list[dict[str, str]] = []
    refs: list[list[int]] = []
    for u, v, data in graph.edges(data=True):
        line = data.get("geometry")
        inner = tuple((float(x), float(y)) for x, y in line.coords[1:-1]) if line is not None else ()
        back_again = seen.get((v, *inner[::-1], u))
        if back_again is not None:
            tags[back_again].pop("oneway:foot", None)
            continue
        seen[(u, *inner, v)] = len(refs)
        refs.append([number[u], *range(len(places), len(places) + len(inner)), number[v]])
        places += inner
        highway = data.get("highway", "road")
        tags.append({"highway": highway if isinstance(highway, str) else highway[0], "oneway:foot": "yes"})
    xy = np.array(places).reshape(-1, 2)
    lon, lat = back.transform(xy[:, 0], xy[:, 1])
    nodes = pd.DataFrame({"lon": lon, "lat": lat, "barrier": ""}, index=pd.RangeIndex(len(xy), name="node_id"))
    start = np.cumsum([0, *map(len, refs)], dtype=np.int64)
    ways = Ways(np.arange(len(refs)), start, np.concatenate(refs).astype(np.int64), tuple(tags))
    return ways, nodes, ()


def to_networkx(network: WalkNetwork) -> nx.MultiDiGraph:
    """Return the network as OSMnx writes graphs: nodes with `x`, `y`, edges with `length` (m), `highway`, `geometry`."""
    graph = nx.MultiDiGraph(crs=network.crs)
    graph.add_nodes_from((i, {"x": x, "y": y, "osmid": osm}) for i, ((x, y), osm) in
                         enumerate(zip(network.node_xy.tolist(), network.node_id.tolist(), strict=True)))  # fmt: skip
    for edge, (u, v) in enumerate(network.edge_nodes.tolist()):
        line = network.lines[edge]
        data = {"length": float(network.edge_length_m[edge]), "highway": network.edge_class[edge], "edge": edge,
                "osmid": int(network.edge_way_id[edge])}  # fmt: skip
        if network.edge_forward[edge]:
            graph.add_edge(u, v, geometry=line, **data)
        if network.edge_backward[edge]:
            graph.add_edge(v, u, geometry=line.reverse(), **data)
    return graph

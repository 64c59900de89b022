"""The cities that are measured: Wuhan, Porto, and Wuhan laid out several times side by side."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import osmium
import pandas as pd

from gis.network import WalkNetwork
from gis.streets import walk_network
from gis.stretches import Places

FILES = {"wuhan": "wuhan_8989.osm.pbf", "porto": "porto_2017.osm.pbf"}
CRS = {"wuhan": "EPSG:4547", "porto": "EPSG:32629"}
MINUTES = 15
LIMIT_M = 900.0005
"""Lengths are whole millimetres here; half a millimetre more than the walk, no engine's rounding decides anything."""
SEED = 15
ID_STEP = 10**11
"""Each copy of a city has ids of its own."""
GAP_DEGREES = 0.02
GAP_M = 2_000.0


def city(data: Path, name: str) -> WalkNetwork:
    """Return the streets of a city as circle15 reads them."""
    return walk_network(data / FILES[name], crs=CRS[name])


def in_millimetres(network: WalkNetwork) -> WalkNetwork:
    """Return the network with lengths of whole millimetres, which is all that pandana keeps of them.

    Only for comparing engines node by node: so all have the same numbers and must give the same answers.
    """
    return replace(network, edge_length_m=np.maximum(np.round(network.edge_length_m, 3), 0.001))


def tiled(network: WalkNetwork, side: int) -> WalkNetwork:
    """Return the city `side` by `side` times, side by side and not joined: every copy has the same answers."""
    times = side * side
    nodes, edges, corners = len(network.node_id), len(network.edge_length_m), len(network.course_xy)
    width, height = np.ptp(network.node_xy, axis=0) + GAP_M
    shift = np.array([(width * (i % side), height * (i // side)) for i in range(times)])
    copy = np.arange(times)

    def repeated(values: np.ndarray) -> np.ndarray:
        return np.tile(values, times)

    return replace(
        network,
        node_id=(network.node_id + copy[:, None] * ID_STEP).ravel(),
        node_xy=(network.node_xy + shift[:, None]).reshape(-1, 2),
        edge_nodes=(network.edge_nodes + (copy * nodes)[:, None, None]).reshape(-1, 2).astype(np.int32),
        edge_length_m=repeated(network.edge_length_m),
        effort_forward=repeated(network.effort_forward),
        effort_backward=repeated(network.effort_backward),
        edge_way_id=(network.edge_way_id + copy[:, None] * ID_STEP).ravel(),
        edge_class=repeated(network.edge_class),
        edge_private=repeated(network.edge_private),
        course_xy=(network.course_xy + shift[:, None]).reshape(-1, 2),
        course_start=np.append((network.course_start[:-1] + (copy * corners)[:, None]).ravel(), times * corners),
        component=(network.component + (copy * (network.component.max() + 1))[:, None]).ravel(),
    ) if edges else network  # fmt: skip


def tiled_extract(source: Path, out: Path, *, side: int) -> Path:
    """Write an extract with the city `side` by `side` times, side by side and not joined."""
    lon, lat = np.array([(n.lon, n.lat) for n in osmium.FileProcessor(source, osmium.osm.NODE) if n.location.valid()]).T
    east, north = np.ptp(lon) + GAP_DEGREES, np.ptp(lat) + GAP_DEGREES
    with osmium.SimpleWriter(str(out), overwrite=True) as writer:
        for kind in (osmium.osm.NODE, osmium.osm.WAY):
            for copy in range(side * side):
                step, dx, dy = copy * ID_STEP, east * (copy % side), north * (copy // side)
                for thing in osmium.FileProcessor(source, kind):
                    if thing.is_node():
                        writer.add_node(thing.replace(id=thing.id + step, location=(thing.lon + dx, thing.lat + dy)))
                    else:
                        writer.add_way(thing.replace(id=thing.id + step, nodes=[n.ref + step for n in thing.nodes]))
    return out


def drawn(network: WalkNetwork, count: int, *, seed: int = SEED) -> np.ndarray:
    """Return so many different crossings, drawn with a fixed seed."""
    return np.random.default_rng(seed).choice(len(network.node_id), count, replace=False)


def at_nodes(network: WalkNetwork, nodes: np.ndarray, prefix: str) -> pd.DataFrame:
    """Return places that stand on crossings, as `snap` returns them: no connector, at an end of one of its streets."""
    edge = np.empty(len(network.node_id), dtype=np.int64)
    edge[network.edge_nodes.T.ravel()] = np.tile(np.arange(len(network.edge_nodes)), 2)  # some edge of each
    edge = edge[nodes]
    offset = np.where(network.edge_nodes[edge, 0] == nodes, 0.0, network.edge_length_m[edge])
    index = pd.Index([f"{prefix}{i:06d}" for i in range(len(nodes))])
    return pd.DataFrame({"edge": edge, "offset_m": offset, "connector_m": 0.0}, index=index)


def doors(snapped: pd.DataFrame) -> Places:
    """Return places as the search takes them."""
    return Places(*(snapped[name].to_numpy() for name in ("edge", "offset_m", "connector_m")))

"""The compiled search against networkx on a thousand networks: ties, zero lengths, parallel edges, loops, islands."""

import itertools

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from gis.network import WalkNetwork
from gis.search import TOLERANCE_M, Places
from gis.sweeps import count_doors, nearest_door, reach_doors, reach_parts
from tests.oracle import split_graph, walks

NETWORKS = 1000


def random_network(rng: np.random.Generator) -> WalkNetwork:
    """Return a network of up to 12 nodes with every difficulty; lengths repeat, so that walks tie."""
    nodes, edges = int(rng.integers(1, 13)), int(rng.integers(1, 25))
    length = rng.choice([0.0, 1.0, 1.0, 2.0, 5.0, 30.0, 100.0, 333.25], edges)
    effort = rng.choice([1.0, 1.0, 1.0, 1.5, 3.0, np.inf], (2, edges))
    return WalkNetwork(
        crs="EPSG:4547",
        node_id=np.arange(nodes),
        node_xy=np.zeros((nodes, 2)),
        edge_nodes=rng.integers(0, nodes, (edges, 2)).astype(np.int32),
        edge_length_m=length,
        effort_forward=effort[0],
        effort_backward=effort[1],
        edge_way_id=np.arange(edges),
        edge_class=np.full(edges, "road", dtype=object),
        edge_private=np.zeros(edges, dtype=bool),
        course_xy=np.zeros((2 * edges, 2)),
        course_start=np.arange(0, 2 * edges + 1, 2),
        component=np.zeros(nodes, dtype=np.int32),
    )


def random_places(rng: np.random.Generator, network: WalkNetwork, count: int) -> pd.DataFrame:
    """Return places on streets, some at their ends, some nowhere."""
    edge = rng.integers(-1, len(network.edge_length_m), count)
    offset = rng.choice([0.0, 0.25, 0.5, 1.0], count) * network.edge_length_m[edge]
    connector = rng.choice([0.0, 1.0, 7.5], count)
    somewhere = np.where(edge < 0, np.nan, 1.0)
    return pd.DataFrame({"edge": edge, "offset_m": offset * somewhere, "connector_m": connector * somewhere})


def flat_places(frame: pd.DataFrame) -> Places:
    return Places(*(frame[name].to_numpy() for name in ("edge", "offset_m", "connector_m")))


@pytest.mark.parametrize("start", range(0, NETWORKS, 100))
def test_a_thousand_random_networks_agree_with_networkx(start: int) -> None:
    for seed in range(start, start + 100):
        rng = np.random.default_rng(seed)
        network = random_network(rng)
        homes, doors = random_places(rng, network, 8), random_places(rng, network, 3)
        limit = float(rng.choice([0.0, 10.0, 100.0, 1e6])) + TOLERANCE_M
        order = np.flatnonzero(homes["edge"] >= 0)
        order = order[np.argsort(homes["edge"].to_numpy()[order], kind="stable")]
        used = np.bincount(homes["edge"].to_numpy()[order], minlength=len(network.edge_length_m))
        begin = np.concatenate([[0], np.cumsum(used)])
        door, home, metres = reach_doors(
            network.flat, flat_places(homes), begin, order, flat_places(doors), (0, len(doors)), limit
        )
        found = {(int(h), int(d)): m for d, h, m in zip(door, home, metres, strict=True)}
        graph = split_graph(network, homes, doors)
        oracle = {(h, d): m for h, d, m in walks(graph, doors.index, limit)}
        assert found.keys() == oracle.keys(), seed
        assert all(abs(found[pair] - oracle[pair]) < 1e-9 for pair in oracle), seed

        against = graph.reverse(copy=False)
        doors_on = [("f", i) for i in doors.index[doors["edge"] >= 0]]
        each = {d: nx.single_source_dijkstra_path_length(against, d, cutoff=limit, weight="m") for d in doors_on}
        far, owner = nearest_door(network.flat, flat_places(doors), limit)
        inside = count_doors(network.flat, flat_places(doors), (0, len(doors)), limit)
        for node in range(len(network.node_id)):
            near = {d[1]: reached[node] for d, reached in each.items() if node in reached}
            assert inside[node] == len(near), seed
            assert far[node] == pytest.approx(min(near.values(), default=np.inf), abs=1e-9)
            if near:
                assert near[int(owner[node])] == pytest.approx(min(near.values()), abs=1e-9)
            else:
                assert owner[node] == -1


def test_parts_of_streets_are_where_a_walk_still_ends_in_time() -> None:
    """At every tenth of every street: within a part exactly when the walk from there is within the limit."""
    for seed in range(60):
        rng = np.random.default_rng(seed)
        network = random_network(rng)
        doors = random_places(rng, network, 2)
        limit = 120.0
        group, edge, low, high = reach_parts(network.flat, flat_places(doors), np.array([0, len(doors)]), (0, 1), limit)
        assert (group == 0).all()
        for e, share in itertools.product(np.flatnonzero(network.edge_length_m), np.linspace(0.05, 0.95, 7)):
            at = share * network.edge_length_m[e]
            probe = pd.DataFrame({"edge": [e], "offset_m": [at], "connector_m": [0.0]}, index=["probe"])
            graph = split_graph(network, probe, doors)
            nearest = min((m for _, _, m in walks(graph, doors.index, np.inf)), default=np.inf)
            if abs(nearest - limit) < 1e-6:
                continue
            parts = zip(low[edge == e], high[edge == e], strict=True)
            inside = any(a < at < b for a, b in parts)
            assert inside == (nearest < limit), (seed, e, at)

"""The compiled search against networkx on a thousand networks: ties, zero lengths, parallel edges, loops, islands."""

import itertools
from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from gis import sweeps
from gis.cores import in_runs
from gis.doorsteps import by_stretch, doorsteps
from gis.network import WalkNetwork
from gis.search import TOLERANCE_M, make_desk, spread
from gis.street_parts import reach_parts
from gis.stretches import Places
from gis.sweeps import DOORS_A_RUN, choices, nearest_door, pairs
from tests.oracle import split_graph, walks

NETWORKS = 1000
PIECED = 300


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


def in_pieces(rng: np.random.Generator, network: WalkNetwork) -> WalkNetwork:
    """Return the network with every edge drawn in up to four pieces, each in either direction, in no order."""
    nodes, drawn = len(network.node_id), []
    for (first, last), length, ahead, back in zip(
        network.edge_nodes.tolist(), network.edge_length_m, network.effort_forward, network.effort_backward, strict=True
    ):
        cuts = np.sort(rng.choice([0.0, 0.25, 0.5, 0.75], int(rng.integers(0, 4))))
        stops = [first, *range(nodes, nodes + len(cuts)), last]
        nodes += len(cuts)
        for u, v, part in zip(stops[:-1], stops[1:], np.diff([0.0, *cuts, 1.0]), strict=True):
            turned = rng.random() < 0.5
            drawn.append((v, u, part * length, back, ahead) if turned else (u, v, part * length, ahead, back))
    pieces = [drawn[i] for i in rng.permutation(len(drawn))]
    return replace(
        network,
        node_id=np.arange(nodes),
        node_xy=np.zeros((nodes, 2)),
        edge_nodes=np.array([piece[:2] for piece in pieces], dtype=np.int32),
        edge_length_m=np.array([piece[2] for piece in pieces]),
        effort_forward=np.array([piece[3] for piece in pieces]),
        effort_backward=np.array([piece[4] for piece in pieces]),
        edge_way_id=np.arange(len(pieces)),
        course_start=np.arange(0, 2 * len(pieces) + 1, 2),
        component=np.zeros(nodes, dtype=np.int32),
    )


def ring(pieces: int) -> WalkNetwork:
    """Return a ring road without any junction."""
    network = random_network(np.random.default_rng(0))
    stops = np.arange(pieces)
    return replace(
        network,
        node_id=stops,
        node_xy=np.zeros((pieces, 2)),
        edge_nodes=np.column_stack([stops, (stops + 1) % pieces]).astype(np.int32),
        edge_length_m=np.full(pieces, 30.0),
        effort_forward=np.ones(pieces),
        effort_backward=np.ones(pieces),
        edge_way_id=stops,
        course_start=np.arange(0, 2 * pieces + 1, 2),
        component=np.zeros(pieces, dtype=np.int32),
    )


def agrees_with_networkx(network: WalkNetwork, rng: np.random.Generator, told: object) -> None:
    """Check pairs, the nearest door and how many there are, from random homes to random doors."""
    homes, doors = random_places(rng, network, 8), random_places(rng, network, 3)
    limit = float(rng.choice([0.0, 10.0, 100.0, 1e6])) + TOLERANCE_M
    flat, doors_on = network.flat, flat_places(doors)
    everyone = by_stretch(flat, flat_places(homes))
    door, home, metres = pairs(flat, everyone, doors_on, limit)
    found = {(int(h), int(d)): m for d, h, m in zip(door, home, metres, strict=True)}
    graph = split_graph(network, homes, doors)
    oracle = {(h, d): m for h, d, m in walks(graph, doors.index, limit)}
    assert found.keys() == oracle.keys(), told
    assert len(door) == len(found), told  # no pair twice
    assert all(abs(found[pair] - oracle[pair]) < 1e-9 for pair in oracle), told

    against = graph.reverse(copy=False)
    named = [("f", i) for i in doors.index[doors["edge"] >= 0]]
    each = {d: nx.single_source_dijkstra_path_length(against, d, cutoff=limit, weight="m") for d in named}
    far, owner = nearest_door(flat, doors_on, limit)
    inside = choices(flat, doors_on, limit)
    for node in range(len(network.node_id)):
        near = {d[1]: reached[node] for d, reached in each.items() if node in reached}
        assert inside[node] == len(near), told
        assert far[node] == pytest.approx(min(near.values(), default=np.inf), abs=1e-9)
        if near:
            assert near[int(owner[node])] == pytest.approx(min(near.values()), abs=1e-9)
        else:
            assert owner[node] == -1
    far, owner = nearest_door(flat, doors_on, limit, everyone, len(homes))
    least = {int(h): min((m, int(d)) for (who, d), m in found.items() if who == h) for h in home}
    assert {h: (far[h], int(owner[h])) for h in np.flatnonzero(owner >= 0).tolist()} == least, told


def test_answers_are_the_same_on_any_number_of_cores() -> None:
    rng = np.random.default_rng(15)
    network = random_network(rng)
    homes, doors = (flat_places(random_places(rng, network, count)) for count in (50, 5 * DOORS_A_RUN))
    flat = network.flat
    one, other = (
        pd.DataFrame(dict(zip("dhm", pairs(flat, by_stretch(flat, homes), doors, 120.0, cores=cores), strict=True)))
        .sort_values(["d", "h"], ignore_index=True)
        for cores in (1, 3)
    )  # fmt: skip
    assert len(one) > DOORS_A_RUN
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert np.array_equal(choices(flat, doors, 120.0, cores=1), choices(flat, doors, 120.0, cores=3))


def test_the_nearest_door_is_the_same_however_the_work_is_dealt_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many doors are equally near here, some on one street, some nowhere: the first owns, whoever searched for it."""
    monkeypatch.setattr(sweeps, "HOMES_A_RUN", 1)
    for seed in range(60):
        rng = np.random.default_rng(seed)
        network = random_network(rng) if seed % 3 else in_pieces(rng, random_network(rng))
        homes, doors = (flat_places(random_places(rng, network, count)) for count in (40, 5 * DOORS_A_RUN))
        flat = network.flat
        everyone = by_stretch(flat, homes)
        for limit in (8.0, 120.0, np.inf):
            for of in ((), (everyone, len(homes.edge))):
                one, other = (nearest_door(flat, doors, limit, *of, cores=cores) for cores in (1, 3))
                assert np.array_equal(one[0], other[0]), seed
                assert np.array_equal(one[1], other[1]), seed


def test_streets_shorter_than_a_bucket_never_need_more_tickets_than_there_are() -> None:
    """Where a whole village waits in one bucket a junction is settled again and again; nothing is written beyond."""
    for seed in range(60):
        rng = np.random.default_rng(seed)
        edges, nodes = 110, 60
        network = replace(
            random_network(rng),
            node_id=np.arange(nodes),
            node_xy=np.zeros((nodes, 2)),
            edge_nodes=rng.integers(0, nodes, (edges, 2)).astype(np.int32),
            edge_length_m=rng.random(edges),
            effort_forward=np.ones(edges),
            effort_backward=np.ones(edges),
            component=np.zeros(nodes, dtype=np.int32),
        )
        flat = network.flat
        steps = doorsteps(flat, Places(np.zeros(1, dtype=np.int64), np.zeros(1), np.zeros(1)))
        desk = make_desk(flat, steps)
        chains = np.full((2, 50 * len(desk.after)), -7, dtype=np.int32)
        own = desk._replace(after=chains[0, : len(desk.after)], node=chains[1, : len(desk.after)])
        spread(flat.arcs, flat.ends, steps, np.zeros(1, dtype=np.int64), np.inf, own)
        assert (chains[:, len(desk.after) :] == -7).all(), seed


def test_runs_are_dealt_out_once_each_in_order_even_from_within_a_run() -> None:
    """Work that deals out work of its own never waits for a core that waits for it."""

    def within(first: int, last: int) -> list[int]:
        return [n for part in in_runs(lambda a, b: list(range(first + a, first + b)), last - first, least=1, cores=4)
                for n in part]  # fmt: skip

    for _ in range(20):
        assert [n for part in in_runs(within, 97, least=1, cores=8) for n in part] == list(range(97))
    assert in_runs(lambda first, last: (first, last), 0, least=1) == [(0, 0)]


@pytest.mark.parametrize("start", range(0, NETWORKS, 100))
def test_a_thousand_random_networks_agree_with_networkx(start: int) -> None:
    for seed in range(start, start + 100):
        rng = np.random.default_rng(seed)
        agrees_with_networkx(random_network(rng), rng, seed)


@pytest.mark.parametrize("start", range(0, PIECED, 100))
def test_a_street_in_many_pieces_is_one_street(start: int) -> None:
    for seed in range(start, start + 100):
        rng = np.random.default_rng(seed)
        agrees_with_networkx(in_pieces(rng, random_network(rng)), rng, seed)


@pytest.mark.parametrize("pieces", [1, 2, 3, 7])
def test_a_ring_road_without_a_junction_is_walked_both_ways_round(pieces: int) -> None:
    for seed in range(20):
        agrees_with_networkx(ring(pieces), np.random.default_rng(seed), (pieces, seed))


def test_parts_of_streets_are_where_a_walk_still_ends_in_time() -> None:
    """At every tenth of every street: within a part exactly when the walk from there is within the limit."""
    for seed in range(90):
        rng = np.random.default_rng(seed)
        network = random_network(rng) if seed % 3 else in_pieces(rng, random_network(rng))
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

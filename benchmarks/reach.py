"""Streets reached: from each of 10,000 facilities, every crossing within 900 m. `python -m benchmarks.reach`."""

from collections.abc import Callable
from dataclasses import replace

import networkx as nx
import numpy as np
from scipy.sparse.csgraph import dijkstra

from benchmarks.cities_walked import LIMIT_M, at_nodes, city, doors, drawn, in_millimetres
from benchmarks.harness import Contender, arguments, compare, same
from benchmarks.peers import graph, matrix, pandana_network
from gis.stretches import Places
from gis.sweeps import choices

CHUNK = 200
"""How many rows of a whole city scipy is given at once."""


def main() -> None:
    """Print the table."""
    given = arguments(__doc__, city="wuhan", facilities=10_000)
    network = in_millimetres(city(given.data, given.city))
    count, crossings = given.facilities, len(network.node_id)
    nodes = drawn(network, count)
    flat, places = network.flat, doors(at_nodes(network, nodes, "f"))
    sample = {"ego": nodes[: max(10, count // 100)], "single": nodes[: max(10, count // 20)]}

    def counted(reached: list[np.ndarray]) -> np.ndarray:
        return np.bincount(np.concatenate(reached), minlength=crossings)

    def ours_of(some: int) -> np.ndarray:
        return choices(flat, Places(*(column[:some] for column in places)), LIMIT_M)

    def agrees(some: int) -> Callable[[np.ndarray], str]:
        def judge(inside: np.ndarray) -> str:
            wanted = ours_of(some)
            same(np.array_equal(inside, wanted), f"{np.sum(inside != wanted)} of {crossings} crossings")
            return "" if some < count else f"{inside.sum():,} crossings reached"

        return judge

    def by_scipy(streets: object) -> np.ndarray:
        inside = np.zeros(crossings, dtype=np.int64)
        for first in range(0, count, CHUNK):
            inside += np.isfinite(dijkstra(streets, indices=nodes[first : first + CHUNK], limit=LIMIT_M)).sum(axis=0)
        return inside

    def by_pandana(raw: list[list[tuple[int, float]]]) -> np.ndarray:
        """Drop what pandana itself drops from a raw answer: doubles and what lies beyond the range."""
        return counted([np.unique([n for n, metres in row if metres <= LIMIT_M]) for row in raw])

    everything = np.arange(crossings)
    compare(
        f"streets reached: {given.city}, {crossings:,} crossings, {count:,} facilities, 900 m",
        [
            Contender(
                "circle15, all cores",
                lambda streets: choices(streets, places, LIMIT_M),
                agrees(count),
                lambda: replace(network).flat,
            ),
            Contender(
                "circle15, one core",
                lambda streets: choices(streets, places, LIMIT_M, cores=1),
                agrees(count),
                lambda: replace(network).flat,
            ),
            Contender(
                "pandana, raw range search",
                lambda streets: streets.net.nodes_in_range(nodes, LIMIT_M, 0, everything),
                lambda raw: agrees(count)(by_pandana(raw)),
                lambda: pandana_network(network),
            ),
            Contender(
                "pandana, `nodes_in_range`",
                lambda streets: streets.nodes_in_range(nodes, LIMIT_M),
                lambda table: agrees(count)(counted([table["destination"].to_numpy()])),
                lambda: pandana_network(network),
                runs=min(given.runs, 3),
            ),
            Contender("scipy `dijkstra(limit)`", by_scipy, agrees(count), lambda: matrix(network)),
            Contender(
                "networkx `single_source`",
                lambda streets: [
                    np.fromiter(nx.single_source_dijkstra_path_length(streets, n, cutoff=LIMIT_M, weight="m"), int)
                    for n in sample["single"].tolist()
                ],
                lambda reached: agrees(len(sample["single"]))(counted(reached)),
                lambda: graph(network),
                share=len(sample["single"]) / count,
            ),
            Contender(
                "networkx `ego_graph`",
                lambda streets: [
                    np.fromiter(nx.ego_graph(streets, n, radius=LIMIT_M, distance="m"), int)
                    for n in sample["ego"].tolist()
                ],
                lambda reached: agrees(len(sample["ego"]))(counted(reached)),
                lambda: graph(network),
                share=len(sample["ego"]) / count,
            ),
        ],
        runs=given.runs,
        per=(count, "facility"),
    )


if __name__ == "__main__":
    main()

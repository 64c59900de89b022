"""Who reaches which candidate: 2,000 candidates, 60,000 homes, all pairs within 900 m. `python -m benchmarks.triples`.

Homes and candidates stand on crossings here, because the peers know no other places; several homes may share one.
"""

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
from scipy.sparse.csgraph import dijkstra

from benchmarks.cities_walked import LIMIT_M, SEED, at_nodes, city, doors, drawn, in_millimetres
from benchmarks.harness import Contender, arguments, compare, same
from benchmarks.peers import graph, matrix, pandana_network
from gis.doorsteps import by_stretch
from gis.reach import reach
from gis.stretches import Flat, Homes
from gis.sweeps import pairs as pairs_within

FLOAT32_M = 1e-3
CHUNK = 500
"""How many rows of a whole city scipy is given at once."""


def main() -> None:
    """Print the table."""
    given = arguments(__doc__, city="wuhan", candidates=2_000, homes=60_000)
    network = in_millimetres(city(given.data, given.city))
    at = drawn(network, given.candidates)
    live = np.random.default_rng(SEED + 1).choice(len(network.node_id), given.homes)
    candidates, homes = at_nodes(network, at, "c"), at_nodes(network, live, "h")
    places, at_homes = doors(candidates), doors(homes)
    by_node = np.argsort(live, kind="stable")
    node_start = np.searchsorted(live[by_node], np.arange(len(network.node_id) + 1))

    def pairs(candidate: np.ndarray, node: np.ndarray, metres: np.ndarray) -> tuple[np.ndarray, ...]:
        """Put the homes of each crossing reached beside the candidate that reaches it."""
        count = node_start[node + 1] - node_start[node]
        turn = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        home = by_node[np.repeat(node_start[node], count) + turn]
        return np.repeat(candidate, count), home, np.repeat(metres, count)

    def streets_and_homes() -> tuple[Flat, Homes]:
        streets = replace(network).flat
        return streets, by_stretch(streets, at_homes)

    def by_scipy(streets: object, chunk: int) -> tuple[np.ndarray, ...]:
        found = []
        for first in range(0, len(at), chunk):
            far = dijkstra(streets, indices=at[first : first + chunk], limit=LIMIT_M)
            row, node = np.nonzero(np.isfinite(far))
            found.append(pairs(row + first, node, far[row, node]))
        return tuple(np.concatenate(column) for column in zip(*found, strict=True))

    def by_networkx(streets: nx.DiGraph) -> tuple[np.ndarray, ...]:
        found = []
        for turn, node in enumerate(at.tolist()):
            far = nx.single_source_dijkstra_path_length(streets, node, cutoff=LIMIT_M, weight="m")
            found.append(pairs(np.full(len(far), turn), np.fromiter(far, int), np.fromiter(far.values(), float)))
        return tuple(np.concatenate(column) for column in zip(*found, strict=True))

    def by_pandana(streets: object) -> tuple[np.ndarray, ...]:
        table = streets.nodes_in_range(at, LIMIT_M)  # type: ignore[attr-defined]
        turn = pd.Series(np.arange(len(at)), index=at)
        return pairs(turn[table["source"]].to_numpy(), table["destination"].to_numpy(), table["m"].to_numpy())

    wanted = _sorted(by_scipy(matrix(network), CHUNK))

    def judge(found: tuple[np.ndarray, ...]) -> str:
        ours = _sorted(found)
        same(all(np.array_equal(a, b) for a, b in zip(ours[:2], wanted[:2], strict=True)), "other pairs")
        same(np.allclose(ours[2], wanted[2], rtol=0, atol=FLOAT32_M), "other walks")
        return f"{len(ours[0]):,} pairs"

    def judge_table(table: pd.DataFrame) -> str:
        columns = (candidates.index, "facility_id"), (homes.index, "demand_id")
        who = [index.get_indexer(pd.Index(table[name])) for index, name in columns]
        return judge((*who, table["minutes"].to_numpy() * 60))

    compare(
        f"triples: {given.city}, {given.candidates:,} candidates, {given.homes:,} homes, 900 m",
        [
            Contender(
                "circle15, all cores",
                lambda ready: pairs_within(*ready, places, LIMIT_M),
                judge,
                streets_and_homes,
            ),
            Contender(
                "circle15, one core",
                lambda ready: pairs_within(*ready, places, LIMIT_M, cores=1),
                judge,
                streets_and_homes,
            ),
            Contender(
                "circle15 `reach`: the table with names, in order",
                lambda _: reach(network, homes, candidates, minutes=LIMIT_M / 60),
                judge_table,
            ),
            Contender("pandana `nodes_in_range`", by_pandana, judge, lambda: pandana_network(network)),
            Contender(
                "scipy `dijkstra(limit)`", lambda streets: by_scipy(streets, CHUNK), judge, lambda: matrix(network)
            ),
            Contender(
                "scipy `dijkstra(limit)`, all at once",
                lambda streets: by_scipy(streets, len(at)),
                judge,
                lambda: matrix(network),
            ),
            Contender("networkx `single_source`", by_networkx, judge, lambda: graph(network), runs=min(given.runs, 3)),
        ],
        runs=given.runs,
    )


def _sorted(found: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """Return pairs by candidate, then home."""
    order = np.lexsort((found[1], found[0]))
    return tuple(column[order] for column in found)


if __name__ == "__main__":
    main()

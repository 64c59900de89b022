"""The nearest of 500 facilities for every crossing, within 900 m. `python -m benchmarks.nearest [--side 4]`."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
from scipy.sparse.csgraph import dijkstra

from benchmarks.cities_walked import LIMIT_M, at_nodes, city, doors, drawn, in_millimetres, tiled
from benchmarks.harness import Contender, arguments, compare, same
from benchmarks.peers import graph, matrix, pandana_network
from gis.sweeps import nearest_door

NOT_REACHED_M = 1e6
"""What pandana is asked to write where no facility is within the range."""
FLOAT32_M = 1e-3
"""pandana answers in numbers of seven digits."""


def main() -> None:
    """Print the table."""
    given = arguments(__doc__, city="wuhan", facilities=500, side=1)
    network = in_millimetres(city(given.data, given.city))
    network = tiled(network, given.side) if given.side > 1 else network
    nodes = drawn(network, given.facilities)
    places = doors(at_nodes(network, nodes, "f"))
    crossings = len(network.node_id)
    large = given.side > 1
    wanted = dijkstra(matrix(network), indices=nodes, limit=LIMIT_M, min_only=True)  # the second opinion on ours

    def judge(far: np.ndarray) -> str:
        same(np.allclose(far, wanted, rtol=0, atol=FLOAT32_M), "the walk to the nearest differs")
        return f"{np.isfinite(far).sum():,} within the walk"

    def with_facilities() -> object:
        streets = pandana_network(network)
        place = pd.DataFrame(network.node_xy[nodes], columns=["x", "y"])
        streets.set_pois("care", LIMIT_M, 1, place["x"], place["y"])
        return streets

    def by_networkx(streets: nx.DiGraph) -> np.ndarray:
        far = np.full(crossings, np.inf)
        found = nx.multi_source_dijkstra_path_length(streets, set(nodes.tolist()), cutoff=LIMIT_M, weight="m")
        far[np.fromiter(found, int)] = np.fromiter(found.values(), float)
        return far

    compare(
        f"nearest facility: {given.city} x {given.side**2}, {crossings:,} crossings, {len(nodes):,} facilities, 900 m",
        [
            Contender(
                "circle15",
                lambda streets: nearest_door(streets, places, LIMIT_M),
                lambda found: judge(found[0]),
                lambda: replace(network).flat,
            ),
            Contender(
                "pandana `nearest_pois`, without its set-up",
                lambda streets: streets.nearest_pois(LIMIT_M, "care", max_distance=NOT_REACHED_M),
                lambda far: judge(far[1].where(far[1] < NOT_REACHED_M, np.inf).to_numpy()),
                with_facilities,
                memory=not large,
            ),
            Contender(
                "scipy `dijkstra(min_only)`",
                lambda streets: dijkstra(streets, indices=nodes, limit=LIMIT_M, min_only=True),
                judge,
                lambda: matrix(network),
            ),
            Contender("networkx `multi_source_dijkstra`", by_networkx, judge, lambda: graph(network)),
        ],
        runs=given.runs,
    )


if __name__ == "__main__":
    main()

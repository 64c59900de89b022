"""An independent oracle of the walk: networkx on a graph in which every street is physically split at every door."""

from collections.abc import Iterator

import networkx as nx
import numpy as np
import pandas as pd

from gis.network import WalkNetwork


def split_graph(network: WalkNetwork, homes: pd.DataFrame, facilities: pd.DataFrame) -> nx.DiGraph:
    """Return the streets with a node for every snapped place and an edge for every connector.

    Homes are nodes `("h", id)`, facilities `("f", id)`; an edge u -> v may be walked from u to v.
    """
    graph = nx.DiGraph()

    def link(u: object, v: object, metres: float) -> None:
        known = graph.get_edge_data(u, v)
        if known is None or metres < known["m"]:
            graph.add_edge(u, v, m=metres)

    stops: dict[int, list[tuple[float, object]]] = {}
    for kind, table in (("h", homes), ("f", facilities)):
        for name, row in table[table["edge"] >= 0].iterrows():
            door, spot = (kind, name), ("spot", int(row["edge"]), float(row["offset_m"]))
            stops.setdefault(int(row["edge"]), []).append((float(row["offset_m"]), spot))
            link(door, spot, float(row["connector_m"]))
            link(spot, door, float(row["connector_m"]))
    for edge, (u, v) in enumerate(network.edge_nodes.tolist()):
        length = float(network.edge_length_m[edge])
        course = [(0.0, u), *sorted(set(stops.get(edge, [])), key=lambda stop: stop[0]), (length, v)]
        for (a, here), (b, there) in zip(course[:-1], course[1:], strict=True):
            if np.isfinite(network.effort_forward[edge]):
                link(here, there, (b - a) * network.effort_forward[edge])
            if np.isfinite(network.effort_backward[edge]):
                link(there, here, (b - a) * network.effort_backward[edge])
    return graph


def walks(graph: nx.DiGraph, facilities: pd.Index, limit_m: float) -> Iterator[tuple[object, object, float]]:
    """Yield every (home, facility, metres) within the limit, walked from home to facility."""
    against = graph.reverse(copy=False)
    for facility in facilities:
        if ("f", facility) not in graph:
            continue
        reached = nx.single_source_dijkstra_path_length(against, ("f", facility), cutoff=limit_m, weight="m")
        yield from (
            (n[1], facility, m) for n, m in reached.items() if isinstance(n, tuple) and len(n) == 2 and n[0] == "h"
        )


def disagreement_m(found: pd.DataFrame, oracle: pd.DataFrame, *, speed_m_s: float, limit_m: float) -> float:
    """Return the largest difference in metres between two tables of walks; infinite where a pair is in one only.

    A pair within a millimetre of the limit may be in one only: there both answers are right.
    """
    both = found.merge(oracle, on=["demand_id", "facility_id"], how="outer")
    ours = both["minutes"] * 60 * speed_m_s
    alone = both[["minutes", "metres"]].isna().any(axis=1) & ((ours.fillna(both["metres"]) - limit_m).abs() > 1e-3)
    return float(np.inf if alone.any() else (ours - both["metres"]).abs().max())

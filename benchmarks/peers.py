"""The same streets as the peers take them: a sparse matrix (scipy), a graph (networkx), a network (pandana)."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from gis.network import WalkNetwork

CUT_OFF_M = 1e-4
"""pandana cuts lengths off to whole millimetres; a tenth more and 14.187 m stay 14.187 m."""


def arcs(network: WalkNetwork) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the arcs that a search from a door follows: from, to, metres; the shortest of parallel ones."""
    ends, m = network.edge_nodes.astype(np.int64), network.edge_length_m
    metres = np.concatenate([m * network.effort_forward, m * network.effort_backward])
    # From home to facility: a search from a door follows a street against the direction in which it is walked.
    begin, end = np.concatenate([ends[:, 1], ends[:, 0]]), np.concatenate([ends[:, 0], ends[:, 1]])
    begin, end, metres = (column[np.isfinite(metres)] for column in (begin, end, metres))
    order = np.lexsort((metres, end, begin))
    begin, end, metres = begin[order], end[order], metres[order]
    first = np.append(True, (begin[1:] != begin[:-1]) | (end[1:] != end[:-1])) & (begin != end)
    return begin[first], end[first], metres[first]


def matrix(network: WalkNetwork) -> csr_array:
    """Return the streets for scipy, which adds parallel ones up where they are given."""
    begin, end, metres = arcs(network)
    count = len(network.node_id)
    return csr_array((metres, (begin, end)), shape=(count, count))


def graph(network: WalkNetwork) -> nx.DiGraph:
    """Return the streets for networkx."""
    begin, end, metres = arcs(network)
    made = nx.DiGraph()
    made.add_nodes_from(range(len(network.node_id)))
    made.add_weighted_edges_from(zip(begin.tolist(), end.tolist(), metres.tolist(), strict=True), weight="m")
    return made


def pandana_network(network: WalkNetwork) -> Any:
    """Return the streets for pandana, contraction hierarchies and all: its set-up."""
    import pandana  # noqa: PLC0415  an extra, and its import starts threads

    if not (np.array_equal(network.effort_forward, network.effort_backward) and (network.effort_forward == 1).all()):
        raise ValueError("pandana is given streets that are walked both ways")
    x, y = network.node_xy.T
    begin, end = network.edge_nodes.astype(np.int64).T
    lengths = pd.DataFrame({"m": network.edge_length_m + CUT_OFF_M})
    with silent():
        return pandana.Network(pd.Series(x), pd.Series(y), pd.Series(begin), pd.Series(end), lengths, twoway=True)


@contextmanager
def silent() -> Iterator[None]:
    """Keep what compiled code prints out of the tables."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)

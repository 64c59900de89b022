"""Sites too close to each other, gathered in cliques: of each at most one can be built."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

Pairs = NDArray[np.int64]


def too_close(xy: NDArray[np.float64], metres: float) -> Pairs:
    """Return the pairs of places nearer to each other than so many metres as the crow flies, by their rows.

    What is nearer by less than a micrometre is as far as it should be.

    Raises ValueError where a place has no position.

    >>> too_close(np.array([[0.0, 0.0], [300.0, 0.0], [500.0, 0.0]]), 300).tolist()
    [[1, 2]]
    """
    if np.isnan(xy).any():
        raise ValueError("spacing: an option has no x_m and y_m")
    if not len(xy):
        return np.empty((0, 2), dtype=np.int64)
    pairs = np.asarray(KDTree(xy).query_pairs(metres, output_type="ndarray"), dtype=np.int64).reshape(-1, 2)
    apart = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    pairs = np.sort(pairs[apart + 1e-6 < metres], axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def cliques(pairs: Pairs) -> list[list[int]]:
    """Return groups of places, all of them pairwise too close, such that every pair stands in one of them.

    Each pair not yet in a group is grown, place by place in their order, into a group that no place can join: "at most
    one of the group" says as much as all its pairs, and leaves a solver far less room in parts.

    >>> cliques(np.array([[0, 1], [0, 2], [1, 2], [2, 3]]))
    [[0, 1, 2], [2, 3]]
    """
    around: dict[int, set[int]] = {}
    for a, b in pairs.tolist():
        around.setdefault(a, set()).add(b)
        around.setdefault(b, set()).add(a)
    done: set[tuple[int, int]] = set()
    found: list[list[int]] = []
    for a, b in pairs.tolist():
        if (a, b) in done:
            continue
        group, common = [a, b], around[a] & around[b]
        while common:
            c = min(common)
            group.append(c)
            common &= around[c]
        group.sort()
        done |= {(i, j) for k, i in enumerate(group) for j in group[k + 1 :]}
        found.append(group)
    return found

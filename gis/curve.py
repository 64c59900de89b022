"""Places in the order of a Hilbert curve (Hilbert 1891, doi:10.1007/BF01199431): what lies near comes near."""

import numpy as np
from numba import njit

STEPS = 16
"""The curve runs through a square of 2^16 by 2^16 cells over all places."""


def along_curve(xy: np.ndarray) -> np.ndarray:
    """Return how far along the curve each place (n, 2) lies.

    >>> along_curve(np.array([[0.0, 0.0], [0.0, 9.0], [9.0, 9.0], [9.0, 0.0]])).argsort()
    array([0, 1, 2, 3])
    """
    low = xy.min(axis=0)
    span = xy.max(axis=0) - low
    cells = np.where(span > 0, (xy - low) * ((2**STEPS - 1) / np.where(span > 0, span, 1.0)), 0.0)
    found: np.ndarray = _distances(
        np.ascontiguousarray(cells[:, 0], dtype=np.int64), np.ascontiguousarray(cells[:, 1], dtype=np.int64)
    )
    return found


@njit(cache=True, nogil=True)
def _distances(column: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return the number of each cell on the curve: quarter by quarter, each turned as the curve enters it."""
    found = np.zeros(len(column), np.int64)
    for i in range(len(column)):
        x, y = column[i], row[i]
        side = 1 << (STEPS - 1)
        while side > 0:
            right, up = (x & side) > 0, (y & side) > 0
            found[i] += side * side * ((3 * right) ^ up)
            if not up:
                if right:
                    x, y = ~x, ~y
                x, y = y, x
            side >>= 1
    return found

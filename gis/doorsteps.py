"""Where a place lies on its stretch of street: the walk to its ends, from its ends, and to another place on it."""

from typing import NamedTuple

import numpy as np
from numba import njit

from gis.stretches import Flat, Homes, Places, grouped


class Doorsteps(NamedTuple):
    """Where places stand on their stretches (-1: nowhere), connectors left out.

    `at_m`: how far along it; `first_m`, `last_m`: the walk to its first and last end; `from_first_m`, `from_last_m`:
    the walk back; all infinite where there is no such way.
    """

    stretch: np.ndarray
    at_m: np.ndarray
    first_m: np.ndarray
    last_m: np.ndarray
    from_first_m: np.ndarray
    from_last_m: np.ndarray
    connector_m: np.ndarray


def doorsteps(flat: Flat, places: Places) -> Doorsteps:
    """Return where places stand on their stretches."""
    stretch, walks = _standing(
        places.edge, places.offset_m, flat.stretch, flat.turned, flat.begin_m, flat.leave_m, flat.arrive_m,
        flat.edge_m, flat.forward, flat.backward,
    )  # fmt: skip
    at_m, first_m, last_m, from_first_m, from_last_m = walks
    return Doorsteps(stretch, at_m, first_m, last_m, from_first_m, from_last_m, places.connector_m)


def by_stretch(flat: Flat, places: Places) -> Homes:
    """Return places by stretch; those that are nowhere are left out."""
    steps = doorsteps(flat, places)
    start, who = grouped(steps.stretch, len(flat.ends))
    aside = steps.connector_m[who]
    first_m, last_m = steps.first_m[who] + aside, steps.last_m[who] + aside
    return Homes(start, steps.stretch[who], who, steps.at_m[who], first_m, last_m, aside)


@njit(cache=True, nogil=True)
def straight_m(home: tuple[float, float, float], connector_m: float, door: tuple[float, float, float]) -> float:
    """Return the walk from a home to a spot on its stretch; of both how far along it, and the walk to its two ends."""
    if home[0] == door[0]:
        return connector_m
    end = 2 if home[0] < door[0] else 1
    return home[end] - door[end] if home[end] < np.inf else np.inf


@njit(cache=True, nogil=True, error_model="numpy")
def _standing(
    edges: np.ndarray,
    offset_m: np.ndarray,
    stretch: np.ndarray,
    turned: np.ndarray,
    begin_m: np.ndarray,
    leave_m: np.ndarray,
    arrive_m: np.ndarray,
    edge_m: np.ndarray,
    forward: np.ndarray,
    backward: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the stretch of each place, and row by row how far along it and the four walks."""
    on = np.empty(len(edges), dtype=np.int32)
    walks = np.empty((5, len(edges)))
    for place in range(len(edges)):
        edge, offset = edges[place], offset_m[place]
        if edge < 0:
            on[place] = -1
            for row in range(5):
                walks[row, place] = np.nan
            continue
        on[place] = stretch[edge]
        rest, ahead, back = edge_m[edge] - offset, forward[edge], backward[edge]
        first, last, from_first, from_last = np.inf, np.inf, np.inf, np.inf
        if back < np.inf:
            first, from_last = leave_m[edge, 0] + offset * back, arrive_m[edge, 1] + rest * back
        if ahead < np.inf:
            last, from_first = leave_m[edge, 1] + rest * ahead, arrive_m[edge, 0] + offset * ahead
        side = turned[edge]
        walks[0, place] = begin_m[edge] + (rest if side else offset)
        walks[1 + side, place], walks[2 - side, place] = first, last
        walks[3 + side, place], walks[4 - side, place] = from_first, from_last
    return on, walks

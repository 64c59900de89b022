"""Where a place lies on its stretch of street: the walk to its ends, from its ends, and to another place on it."""

import numpy as np
from numba import njit

from gis.stretches import Flat, Homes, Places, grouped


@njit(cache=True, nogil=True)
def straight_m(home: tuple[float, float, float], connector_m: float, door: tuple[float, float, float]) -> float:
    """Return the walk from a home to a spot on its stretch; of both how far along it, and the walk to its two ends."""
    if home[0] == door[0]:
        return connector_m
    end = 2 if home[0] < door[0] else 1
    return home[end] - door[end] if home[end] < np.inf else np.inf


@njit(cache=True, nogil=True)
def leaving(flat: Flat, edge: int, offset_m: float) -> tuple[float, float, float]:
    """Return how far along its stretch a place lies, and the walk from it to the first and to the last end."""
    rest_m, side = flat.edge_m[edge] - offset_m, flat.turned[edge]
    first = flat.leave_m[edge, 0] + offset_m * flat.backward[edge] if flat.backward[edge] < np.inf else np.inf
    last = flat.leave_m[edge, 1] + rest_m * flat.forward[edge] if flat.forward[edge] < np.inf else np.inf
    if side:
        return flat.begin_m[edge] + rest_m, last, first
    return flat.begin_m[edge] + offset_m, first, last


@njit(cache=True, nogil=True)
def arriving(flat: Flat, edge: int, offset_m: float) -> tuple[float, float]:
    """Return the walk to a place from the first and from the last end of its stretch."""
    rest_m = flat.edge_m[edge] - offset_m
    first = flat.arrive_m[edge, 0] + offset_m * flat.forward[edge] if flat.forward[edge] < np.inf else np.inf
    last = flat.arrive_m[edge, 1] + rest_m * flat.backward[edge] if flat.backward[edge] < np.inf else np.inf
    if flat.turned[edge]:
        return last, first
    return first, last


@njit(cache=True, nogil=True)
def by_stretch(flat: Flat, places: Places) -> Homes:
    """Return places by stretch; those that are nowhere are left out."""
    on = np.empty(len(places.edge), dtype=np.int32)
    for place in range(len(on)):
        on[place] = flat.stretch[places.edge[place]] if places.edge[place] >= 0 else -1
    start, who = grouped(on, len(flat.ends))
    at_m, first_m, last_m, connector_m = np.empty((4, len(who)))
    for turn in range(len(who)):
        place = who[turn]
        at, first, last = leaving(flat, places.edge[place], places.offset_m[place])
        aside = places.connector_m[place]
        at_m[turn], first_m[turn], last_m[turn], connector_m[turn] = at, first + aside, last + aside, aside
    return Homes(start, on[who], who, at_m, first_m, last_m, connector_m)

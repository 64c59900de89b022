"""Tiny made towns for examples and tests: a crossing, and a grid with a closed form for every walk."""

import numpy as np

from gis.network import WalkNetwork
from gis.streets import network_of_lines

TOWN_CRS = "EPSG:4547"


def cross_town() -> WalkNetwork:
    """Return two streets of 200 m that cross in their middle at (0, 0)."""
    return network_of_lines([[(-100, 0), (0, 0), (100, 0)], [(0, -100), (0, 0), (0, 100)]], crs=TOWN_CRS)


def grid_town(size: int, *, block_m: float = 100.0) -> WalkNetwork:
    """Return `size` by `size` crossings `block_m` apart, the first at (0, 0): every walk is |dx| + |dy|."""
    along = np.arange(size) * block_m
    rows = [[(float(x), float(y)) for x in along] for y in along]
    columns = [[(float(x), float(y)) for y in along] for x in along]
    return network_of_lines(rows + columns, crs=TOWN_CRS)

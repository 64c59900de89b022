"""The project's own coordinates on the page: a polynomial that turns degrees into metres, to the centimetre of PROJ."""

import numpy as np
from pyproj import CRS, Transformer

from gis.errors import one_line
from maps.compact import WGS84
from maps.contents import Json

DEGREES = (3, 4, 5, 6, 7)
SAMPLES = 17
NEAR_M = 0.01
"""The polynomial may be this far off within its box, and is not used where it is farther."""


def plane(bounds: list[list[float]], crs: str) -> Json | None:
    """Return the polynomial of a box (south-west, north-east in degrees), widened by half; None where none is near.

    With u, v from -1 to 1 across the box, `x` is the sum of `x[k]` u^i v^j over i + j up to `degree`, i first. Least
    squares on Chebyshev points, checked on others.
    """
    (south, west), (north, east) = bounds
    middle = (west + east) / 2, (south + north) / 2
    half = max((east - west) * 0.75, 0.01), max((north - south) * 0.75, 0.01)
    if max(half) > 3:  # noqa: PLR2004 three degrees on either side: no city
        return None
    to_metres = Transformer.from_crs(WGS84, crs, always_xy=True)
    knots, between = np.cos(np.pi * (np.arange(SAMPLES) + 0.5) / SAMPLES), np.linspace(-1, 1, SAMPLES)

    def true(at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        u, v = (axis.ravel() for axis in np.meshgrid(at, at))
        return u, v, np.column_stack(to_metres.transform(middle[0] + u * half[0], middle[1] + v * half[1]))

    u, v, xy = true(knots)
    checked_u, checked_v, checked = true(between)
    for degree in DEGREES:
        found = np.linalg.lstsq(_powers(u, v, degree), xy, rcond=None)[0]
        if np.abs(_powers(checked_u, checked_v, degree) @ found - checked).max() < NEAR_M:
            known = CRS(crs)
            return {
                "name": one_line(known.to_string()),
                "title": one_line(known.name),
                "middle": middle,
                "half": half,
                "degree": degree,
                "x": found[:, 0].tolist(),
                "y": found[:, 1].tolist(),
            }
    return None


def _powers(u: np.ndarray, v: np.ndarray, degree: int) -> np.ndarray:
    return np.column_stack([u**i * v**j for i in range(degree + 1) for j in range(degree + 1 - i)])

"""What no choice of so many sites can go below, and which sites are in no better one: prices on being served."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimise.allocation import Distances

ROUNDS = 600
PATIENCE = 25
"""Rounds without a better bound after which the step is halved."""


@dataclass(frozen=True, eq=False)
class MedianBound:
    """A bound on elders times distance, and the candidates that some choice better than `value` may build."""

    bound: float
    open_: NDArray[np.bool_]


def median_bound(given: Distances, sites: int, *, value: float, rounds: int = ROUNDS) -> MedianBound:
    """Bound the p-median from below by paying each home u_i for being served, whatever the prices u are.

        sum_i u_i + the least of  sum_j x_j r_j  over p sites,   r_j = sum_i min(0, a_i d_ij - u_i)

    The prices follow the homes served too often or not at all. A site whose building lifts a bound to `value` is
    closed: no better choice has it. Cornuejols, Fisher & Nemhauser 1977, https://doi.org/10.1287/mnsc.23.8.789.
    """
    count, home, near = len(given.candidates), given.home, given.near
    walk = given.elders[home] * given.far
    price = np.maximum.reduceat(walk, given.starts[:-1])
    rows = np.minimum(given.starts[:-1] + 1, given.starts[1:] - 1)
    price = np.minimum(price, walk[rows])
    must = np.zeros(count, dtype=bool)
    must[given.required] = True
    free = min(sites, count) - int(must.sum())
    best, step, waited = -np.inf, 2.0, 0
    open_ = np.ones(count, dtype=bool)
    margin = 1e-6 * max(1.0, value * 1e-3)
    beaten = value - 1.0 + margin if given.whole else value + margin
    for _ in range(rounds):
        saved = np.minimum(walk - price[home], 0.0)
        worth = np.bincount(near, weights=saved, minlength=count)
        order = np.argsort(np.where(must, np.inf, worth), kind="stable")
        chosen = must.copy()
        chosen[order[:free]] = True
        bound = float(price.sum() + worth[chosen].sum())
        edge = worth[order[free - 1]] if free else -np.inf  # the last site that is in: it would make room
        open_ &= chosen | (bound + worth - edge <= beaten)
        waited = 0 if bound > best + 1e-9 * abs(best) else waited + 1
        best = max(best, bound)
        if best > beaten or not np.isfinite(value):
            break
        if waited == PATIENCE:
            step, waited = step / 2, 0
        served = np.bincount(home, weights=(saved < 0) & chosen[near], minlength=len(price))
        slope = 1.0 - served
        if not slope.any():
            break
        price = np.maximum(price + step * (1.02 * value - bound) / float(slope @ slope) * slope, 0.0)
    return MedianBound(best, open_ | must)


def narrowed(given: Distances, open_: NDArray[np.bool_]) -> Distances:
    """Return the same homes with only the pairs of open sites; places keep their numbers."""
    keep = open_[given.near]
    counts = np.bincount(given.home[keep], minlength=len(given.homes))
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return replace(given, near=given.near[keep], far=given.far[keep], starts=starts)

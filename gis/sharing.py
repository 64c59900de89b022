"""Sharing people out in whole numbers, so that every total is conserved to the person (Hamilton's largest remainder).

Balinski & Young (1982), Fair Representation: each share is its quota rounded down or up, and all add up to the whole.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def apportion(
    total: int, weights: Sequence[float] | np.ndarray, *, at_most: Sequence[int] | np.ndarray | None = None
) -> np.ndarray:
    """Share a whole number out by weights, to whole numbers that sum to it (largest remainder; ties: the first).

    All weights zero: equal shares. `at_most`: what each can hold; what is too much for one goes to the others, again by
    weight. Where all of them together cannot hold the total the limits do not count. Raises ValueError where there is
    nobody to share among but something to share, and for a weight that is negative or no number.

    >>> apportion(10, [1, 1, 1]).tolist()
    [4, 3, 3]
    >>> apportion(10, [8, 1, 1], at_most=[4, 9, 9]).tolist()
    [4, 3, 3]
    """
    weight = np.asarray(weights, dtype=float)
    if not len(weight):
        if total:
            raise ValueError(f"{total} to share among nobody")
        return np.zeros(0, dtype=np.int64)
    if not (np.isfinite(weight) & (weight >= 0)).all():
        raise ValueError("weights are numbers from zero up")
    shares = _largest_remainder(total, weight)
    limit = np.asarray(np.full(len(weight), total) if at_most is None else at_most, dtype=np.int64)
    free = np.ones(len(weight), dtype=bool)
    if limit.sum() >= total:
        while (over := free & (shares > limit)).any():
            free &= ~over
            shares[over] = limit[over]
            shares[free] = _largest_remainder(total - int(limit[~free].sum()), weight[free])
    return shares


def _largest_remainder(total: int, weight: np.ndarray) -> np.ndarray:
    share = weight / weight.sum() if weight.sum() > 0 else np.full(len(weight), 1 / len(weight))
    exact = total * share
    whole: np.ndarray = np.floor(exact).astype(np.int64)
    largest = np.argsort(-np.round(exact - whole, 9), kind="stable")[: total - whole.sum()]
    whole[largest] += 1
    return whole


def share_out(
    totals: pd.Series, units: np.ndarray, weights: np.ndarray, *, at_most: np.ndarray | None = None
) -> np.ndarray:
    """Share each unit's total over its homes by weight; homes of no unit, or of one without a total, get none."""
    known = dict(totals.dropna().astype(int).items())
    out = np.zeros(len(units), dtype=np.int64)
    for unit, members in pd.Series(weights).groupby(units).indices.items():
        if unit in known:
            limits = None if at_most is None else at_most[members]
            out[members] = apportion(known[unit], weights[members], at_most=limits)
    return out


def round_off(people: np.ndarray, units: np.ndarray, *, at_most: np.ndarray | None = None) -> np.ndarray:
    """Round people to whole numbers so that each unit keeps its total (rounded to the nearest person)."""
    if np.array_equal(people, np.floor(people)) and (at_most is None or (people <= at_most).all()):
        return people.astype(np.int64)
    out = np.zeros(len(people), dtype=np.int64)
    for members in pd.Series(people).groupby(units).indices.values():
        limits = None if at_most is None else at_most[members]
        out[members] = apportion(int(np.floor(people[members].sum() + 0.5)), people[members], at_most=limits)
    return out

"""Writing the classical models down, beside spopt: 500 sites x 5,000 homes. `python -m benchmarks.siting_spopt`.

Both get the same distances and write a model for PuLP; both models are then solved by HiGHS, and the optimum must be
one. Only the writing is timed; what solving took stands in the remark.
"""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pulp
import spopt.locate

from benchmarks.harness import Contender, arguments, compare, same, seconds
from optimise import models
from optimise.cover import Cover, cover_of_places
from optimise.limit import Limit, counted
from optimise.solve import solve

WALK_M, SIDE_M, SEED = 500.0, 10_000.0, 15
SITES_OPEN = 15


@dataclass(frozen=True)
class Town:
    """Straight distances from homes (rows) to sites (columns), and the elders of each home."""

    far_m: np.ndarray
    elders: np.ndarray


def main() -> None:
    """Print the tables for maximal covering and for covering everybody."""
    given = arguments(__doc__, sites=500, homes=5000)
    town = made_up(given.sites, given.homes)
    pairs = int((town.far_m <= WALK_M).sum())
    for name, ours, theirs in (("MCLP", our_mclp, spopt_mclp), ("LSCP", our_lscp, spopt_lscp)):
        optimum: list[float] = []

        def judge(solved: Callable[[], float], optimum: list[float] = optimum) -> str:
            spent_s, value = seconds(solved)
            optimum.append(value)
            same(math.isclose(value, optimum[0]), f"{value} instead of {optimum[0]}")
            return f"optimum {value:,.0f}, solved in {spent_s:.1f} s"

        contenders = [
            Contender("circle15", ours, judge, ready=lambda: town),
            Contender(f"spopt {spopt.__version__}", theirs, judge, ready=lambda: town, runs=3),
        ]
        compare(f"{name}, {given.sites} sites x {given.homes:,} homes, {pairs:,} pairs", contenders, runs=given.runs)


def made_up(sites: int, homes: int) -> Town:
    """Return a town in which everybody can be covered: homes that no site reaches are moved beside one."""
    rng = np.random.default_rng(SEED)
    places = rng.random((sites, 2)) * SIDE_M
    centres = rng.random((40, 2)) * SIDE_M
    at = centres[rng.integers(0, len(centres), homes)] + rng.normal(0, 900, (homes, 2))
    far = np.hypot(*(at[:, None] - places[None]).transpose(2, 0, 1))
    lost = np.flatnonzero(far.min(axis=1) > WALK_M)
    at[lost] = places[far[lost].argmin(axis=1)] + rng.uniform(-WALK_M / 2, WALK_M / 2, (len(lost), 2))
    far = np.hypot(*(at[:, None] - places[None]).transpose(2, 0, 1))
    return Town(far, rng.integers(0, 60, homes))


def our_cover(town: Town) -> Cover:
    """Return the pairs within the walk, with homes of one choice merged."""
    home, site = np.nonzero(town.far_m <= WALK_M)
    homes, sites = (pd.RangeIndex(n).astype(str) for n in town.far_m.shape)
    return cover_of_places(home, site, town.elders.astype(np.int64), demand_ids=homes, sites=sites)


def our_mclp(town: Town) -> Callable[[], float]:
    """Write the maximal covering model."""
    cover = our_cover(town)
    model = models.mclp(cover, [counted("max_sites", "at most", SITES_OPEN, [True] * cover.options)])
    models.aim(model, Limit("elders", "at least", 0, counts="elders"))
    return lambda: solved(model)


def our_lscp(town: Town) -> Callable[[], float]:
    """Write the set covering model."""
    cover = our_cover(town)
    model = models.lscp(cover, ())
    models.aim(model, counted("sites", "at most", 0, [True] * cover.options))
    return lambda: solved(model)


def solved(model: models.Model) -> float:
    """Return the proven optimum of our model."""
    answer = solve(model, seconds=600)
    same(answer.state == "optimal", answer.state)
    return float(round(answer.value or 0))


def spopt_mclp(town: Town) -> Callable[[], float]:
    """Write spopt's maximal covering model."""
    return written(
        lambda: spopt.locate.MCLP.from_cost_matrix(
            town.far_m, town.elders, service_radius=WALK_M, p_facilities=SITES_OPEN
        )
    )


def spopt_lscp(town: Town) -> Callable[[], float]:
    """Write spopt's set covering model, of the homes with elders: spopt knows no weights here."""
    return written(lambda: spopt.locate.LSCP.from_cost_matrix(town.far_m[town.elders > 0], service_radius=WALK_M))


def written(write: Callable[[], Any]) -> Callable[[], float]:
    """Write a model of spopt; solve it to the end when asked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses names that PuLP will give up
        model = write()

    def finish() -> float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.problem.solve(pulp.HiGHS(msg=False, gapRel=0))
            return float(round(pulp.value(model.problem.objective)))

    return finish


if __name__ == "__main__":
    main()

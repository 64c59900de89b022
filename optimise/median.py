"""The p-median: so many sites that everybody together walks least, proven on the nearest few sites of each home."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pulp

from gis.words import Language
from optimise.allocation import (
    Allocation,
    Distances,
    Figures,
    Places,
    allocated,
    at_least,
    distances,
    nearest,
    nothing,
    told,
)
from optimise.median_bound import median_bound, narrowed
from optimise.plan import PlanStatus
from optimise.solve import HALF, WHOLE_GAP, Solver, solve_problem
from optimise.variables import Expression

FIRST_NEAR = 4
"""So many more of the nearest sites than a good plan needs are looked at first."""


def p_median(
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    candidates: pd.DataFrame,
    *,
    sites: int,
    by: str = "minutes",
    required: Iterable[str] = (),
    time_limit_s: float = 60,
    solver: Solver = "auto",
    language: Language = "zh",
) -> Allocation:
    """Choose at most so many sites so that all elders together have least far to go, each to the nearest.

    - `demand`: indexed by `demand_id`; `elders` (whole). `candidates`: indexed by `candidate_id`; `name`.
    - `pairs`: `demand_id`, `candidate_id` and the column `by` (minutes, metres); a pair that is absent cannot be used.
    - `required`: sites that stand in any case and count among `sites`.

    `value` is elders times distance, summed. The problem of Hakimi 1964, Optimum locations of switching centers,
    https://doi.org/10.1287/opre.12.3.450, in the model of `_write`. Raises ValueError for tables that do not fit.

    >>> demand = pd.DataFrame({"elders": [30, 20, 10]}, index=[*"abc"])
    >>> far = {("a", "X"): 1, ("b", "X"): 5, ("c", "X"): 9, ("a", "Y"): 8, ("b", "Y"): 2, ("c", "Y"): 3}
    >>> pairs = pd.DataFrame([(*pair, m) for pair, m in far.items()], columns=["demand_id", "candidate_id", "minutes"])
    >>> candidates = pd.DataFrame({"name": ["旧厂房", "幼儿园"]}, index=["X", "Y"])
    >>> plan = p_median(demand, pairs, candidates, sites=1)
    >>> plan.status.value, list(plan.sites["name"]), plan.value
    ('OPTIMAL', ['旧厂房'], 220.0)
    """
    given = distances(demand, pairs, candidates, by=by, required=required)
    end = time.monotonic() + time_limit_s
    if given.out_of_reach or len(given.required) > sites:
        return nothing(given, PlanStatus.INFEASIBLE, bound=None, solver="arithmetic", notes=())
    best = exchanged(given, opened(given, sites))
    value, name = walked(given, best), "search"
    below = median_bound(given, sites, value=value)
    bound = min(at_least(below.bound, whole=given.whole) or 0.0, value)
    open_ = below.open_.copy()
    open_[list(best)] = True
    fewer = narrowed(given, open_) if value < np.inf else given
    depth = _depth(fewer, best)
    notes: tuple[str, ...] = ()
    while solver != "search" and bound < value and (left := end - time.monotonic()) > 0:
        model = _write(fewer, sites, depth)
        gap = WHOLE_GAP if given.whole else 0.0
        start = model.start(best, fewer)
        solved = solve_problem(model.problem, seconds=left, gap=gap, start=start, solver=solver)
        notes = tuple(dict.fromkeys((*notes, *told(solved.troubles, language))))
        if solved.state == "infeasible":
            status = PlanStatus.INFEASIBLE if value == np.inf else PlanStatus.LIMIT
            return nothing(given, status, bound=None, solver=solved.solver, notes=notes)
        lower = at_least(solved.bound, whole=given.whole)
        bound = bound if lower is None else max(bound, min(lower, value))
        if solved.figures is None:
            break
        name = solved.solver
        found = tuple(j for j, x in enumerate(model.build) if solved.figures.get(x, 0.0) > HALF)
        if walked(given, found) < value:
            best, value = found, walked(given, found)
        beyond = np.array([z is not None and solved.figures.get(z, 0.0) > HALF for z in model.beyond])
        if solved.state != "optimal" or not beyond.any():
            break
        depth = np.where(beyond, np.minimum(2 * depth, np.diff(fewer.starts)), depth)
    rows = nearest(given, best)
    if rows is None:
        return nothing(given, PlanStatus.LIMIT, bound=bound, solver=name, notes=notes)
    return allocated(given, rows, given.elders, best, value=value, bound=bound, solver=name, notes=notes)


@dataclass(frozen=True, eq=False)
class _Median:
    """A model: x by candidate, z by home and distance (as the pair that has it last), and each home's last z."""

    problem: pulp.LpProblem
    build: list[pulp.LpVariable]
    rings: list[tuple[int, float, pulp.LpVariable]]
    beyond: list[pulp.LpVariable | None]

    def start(self, sites: tuple[int, ...], given: Distances) -> dict[pulp.LpVariable, float] | None:
        """Return the figures of a plan that serves everybody."""
        rows = nearest(given, sites)
        if rows is None:
            return None
        built = set(sites)
        figures = {x: float(j in built) for j, x in enumerate(self.build)}
        return figures | {z: float(given.far[rows[i]] > far) for i, far, z in self.rings}


def _write(given: Distances, sites: int, depth: Places) -> _Median:
    """Write the p-median by rings of distance around each home, as far out as `depth` of its nearest sites.

        min  sum_i a_i (D_i1 + sum_k (D_i,k+1 - D_ik) z_ik)
        s.t. z_ik >= z_i,k-1 - sum_{j: d_ij = D_ik} x_j     for each home i and its k-th nearest distance D_ik, z_i0 = 1
             sum_j x_j <= p,  x_j in {0, 1},  0 <= z_ik <= 1

    z_ik = 1 where no site stands within D_ik. Beyond the last ring that is written, everybody is taken to be served at
    the next distance: never more than the truth, so that the bound holds, and the truth itself where no home goes
    beyond (z = 0 at its last ring). Where all sites of a home are written, one of them must be built.
    Radius formulation: Cornuejols, Nemhauser & Wolsey 1980, https://doi.org/10.1137/0601030; Garcia, Labbe & Marin
    2011, Solving large p-median problems with a radius formulation, https://doi.org/10.1287/ijoc.1100.0418.
    """
    problem = pulp.LpProblem("median", pulp.LpMinimize)
    must = set(given.required.tolist())
    build = [problem.add_variable(f"x{j:07d}", int(j in must), 1, pulp.LpInteger) for j in range(len(given.candidates))]
    terms: list[tuple[pulp.LpVariable, float]] = []
    constant = 0.0
    rings: list[tuple[int, float, pulp.LpVariable]] = []
    beyond: list[pulp.LpVariable | None] = []
    near, far, starts = given.near.tolist(), given.far.tolist(), given.starts.tolist()
    for i, people in enumerate(given.elders.tolist()):
        at, last = starts[i], starts[i + 1]
        stop = min(last, at + int(depth[i]))
        constant += people * far[at]
        before: pulp.LpVariable | None = None
        while at < stop:
            out = at
            while out < last and far[out] == far[at]:
                out += 1
            reached = [(build[j], 1) for j in near[at:out]]
            reached += [] if before is None else [(before, -1)]
            side = 1 if before is None else 0
            if out == last:  # one of all sites must be built
                problem += Expression(reached) >= side
                before = None
            else:
                z = problem.add_variable(f"z{len(rings):08d}", 0, 1)
                problem += Expression([*reached, (z, 1)]) >= side
                terms.append((z, people * (far[out] - far[at])))
                rings.append((i, far[at], z))
                before = z
            at = out
        beyond.append(before)
    problem.setObjective(Expression(terms, constant=constant))
    problem += Expression([(x, 1) for x in build]) <= sites
    return _Median(problem, build, rings, beyond)


def _depth(given: Distances, sites: tuple[int, ...]) -> Places:
    """Return how many of its nearest sites each home looks at first: as far as a good plan sends it, and some."""
    rows, counts = nearest(given, sites), np.diff(given.starts).astype(np.int64)
    if rows is None:
        return counts
    depth: Places = np.minimum(rows - given.starts[:-1] + 1 + FIRST_NEAR, counts)
    return depth


def walked(given: Distances, sites: Iterable[int]) -> float:
    """Return elders times distance to the nearest of these sites, summed; infinite where a home has none."""
    rows = nearest(given, sites)
    return float("inf") if rows is None else float(given.elders @ given.far[rows])


def opened(given: Distances, sites: int) -> tuple[int, ...]:
    """Choose sites one after the other, each the one that now saves most."""
    chosen, now = given.required.tolist(), np.full(len(given.homes), _too_far(given))
    home, count = given.home, len(given.candidates)
    for j in chosen:
        _approach(given, j, now)
    while len(chosen) < min(sites, count):
        saved = given.elders[home] * np.maximum(now[home] - given.far, 0)
        gain = np.bincount(given.near, weights=saved, minlength=count)
        gain[chosen] = -1
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            break
        chosen.append(best)
        _approach(given, best, now)
    return tuple(sorted(chosen))


def exchanged(given: Distances, sites: tuple[int, ...]) -> tuple[int, ...]:
    """Exchange one site for another, the best exchange each time, while that saves anything.

    Teitz & Bart 1968, https://doi.org/10.1287/opre.16.5.955; all exchanges at once by what joining gains, leaving
    loses, and both spare (Resende & Werneck 2007, https://doi.org/10.1016/j.ejor.2006.02.003).
    """
    count, home, people = len(given.candidates), given.home, given.elders[given.home]
    keep = set(given.required.tolist())
    while sites:
        rank = np.full(count, -1)
        rank[list(sites)] = np.arange(len(sites))
        first, second, to = _two_nearest(given, rank)
        gain = np.bincount(given.near, weights=people * np.maximum(first[home] - given.far, 0), minlength=count)
        served = to >= 0
        loss = np.bincount(to[served], weights=(given.elders * (second - first))[served], minlength=len(sites))
        spared = (given.far < second[home]) & served[home]
        amount = people * (second[home] - np.maximum(given.far, first[home]))
        both = np.bincount(
            given.near[spared] * len(sites) + to[home[spared]],
            weights=amount[spared],
            minlength=count * len(sites),
        ).reshape(count, len(sites))
        profit = gain[:, None] - loss[None, :] + both
        profit[list(sites)] = -np.inf
        profit[:, [k for k, j in enumerate(sites) if j in keep]] = -np.inf
        into, out = divmod(int(np.argmax(profit)), len(sites))
        if not profit[into, out] > 1e-9 * max(1.0, float(given.elders @ first)):
            break
        sites = tuple(sorted({*sites, into} - {sites[out]}))
    return sites


def _two_nearest(given: Distances, rank: Places) -> tuple[Figures, Figures, Places]:
    """Return how far the nearest and the second open site of each home are, and which is the nearest."""
    usable = np.flatnonzero(rank[given.near] >= 0)
    home = given.home[usable]
    first, second = (np.full(len(given.homes), _too_far(given)) for _ in range(2))
    to = np.full(len(given.homes), -1)
    homes, at = np.unique(home, return_index=True)
    first[homes], to[homes] = given.far[usable[at]], rank[given.near[usable[at]]]
    again = np.ones(len(usable), dtype=bool)
    again[at] = False
    homes, at = np.unique(home[again], return_index=True)
    second[homes] = given.far[usable[again][at]]
    return first, second, to


def _approach(given: Distances, site: int, now: Figures) -> None:
    rows = np.flatnonzero(given.near == site)
    now[given.home[rows]] = np.minimum(now[given.home[rows]], given.far[rows])


def _too_far(given: Distances) -> float:
    """Return the distance that stands for not being served: farther than all homes together could save."""
    return 1.0 + 10.0 * float(given.far.max(initial=0.0)) * max(int(given.elders.max(initial=1)), 1)

"""The p-centre: so many sites that the farthest home is as near as can be, by asking how far reach must go."""

import time
from collections.abc import Iterable

import numpy as np
import pandas as pd
import pulp

from gis.words import Language
from optimise.allocation import Allocation, Distances, allocated, distances, nearest, nothing, told
from optimise.median import exchanged, opened
from optimise.plan import PlanStatus
from optimise.solve import HALF, Solved, Solver, solve_problem
from optimise.variables import Expression


def p_centre(
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
    """Choose at most so many sites so that the home with the longest way has it as short as can be.

    Tables and `required` as in `p_median`; homes without elders do not count. `value` is the longest way. The problem
    of Hakimi 1964, https://doi.org/10.1287/opre.12.3.450, solved as Minieka 1970, The m-center problem,
    https://doi.org/10.1137/1012016: a reach r is enough exactly where the fewest sites that cover all homes within r
    (`_write`) are no more than p, and only distances between homes and sites come in question.

    >>> demand = pd.DataFrame({"elders": [30, 20, 10]}, index=[*"abc"])
    >>> far = {("a", "X"): 1, ("b", "X"): 5, ("c", "X"): 9, ("a", "Y"): 8, ("b", "Y"): 2, ("c", "Y"): 3}
    >>> pairs = pd.DataFrame([(*pair, m) for pair, m in far.items()], columns=["demand_id", "candidate_id", "minutes"])
    >>> candidates = pd.DataFrame({"name": ["旧厂房", "幼儿园"]}, index=["X", "Y"])
    >>> plan = p_centre(demand, pairs, candidates, sites=1)
    >>> plan.status.value, list(plan.sites["name"]), plan.value
    ('OPTIMAL', ['幼儿园'], 8.0)
    """
    given = distances(demand, pairs, candidates, by=by, required=required)
    end = time.monotonic() + time_limit_s
    if given.out_of_reach or len(given.required) > sites:
        return nothing(given, PlanStatus.INFEASIBLE, bound=None, solver="arithmetic", notes=())
    best, name = exchanged(given, opened(given, sites)), "search"
    reaches = np.unique(given.far)
    low = int(np.searchsorted(reaches, given.far[given.starts[:-1]].max(initial=0.0)))  # nobody can be nearer
    high = int(np.searchsorted(reaches, farthest(given, best))) if reaches.size else 0
    notes: tuple[str, ...] = ()
    while low < high and solver != "search" and (left := end - time.monotonic()) > 0:
        middle = min((low + high) // 2, len(reaches) - 1)
        solved, found = _cover(given, float(reaches[middle]), seconds=left, solver=solver)
        notes = tuple(dict.fromkeys((*notes, *told(solved.troubles, language))))
        if found is not None and len(found) <= sites:
            best, high, name = found, middle, solved.solver
        elif solved.state == "infeasible" or (solved.bound or 0.0) > sites + 0.01:
            low, name = middle + 1, solved.solver
        else:
            break
    bound = float(reaches[low]) if low < len(reaches) else None
    rows = nearest(given, best)
    if rows is None:
        status = PlanStatus.INFEASIBLE if low >= len(reaches) > 0 else PlanStatus.LIMIT
        return nothing(given, status, bound=bound, solver=name, notes=notes)
    value = farthest(given, best)
    return allocated(given, rows, given.elders, best, value=value, bound=bound, solver=name, notes=notes)


def farthest(given: Distances, sites: Iterable[int]) -> float:
    """Return the longest way to the nearest of these sites; infinite where a home has none."""
    rows = nearest(given, sites)
    return float("inf") if rows is None else float(given.far[rows].max(initial=0.0))


def _cover(given: Distances, reach: float, *, seconds: float, solver: Solver) -> tuple[Solved, tuple[int, ...] | None]:
    """Return the fewest sites found that cover every home within a reach, and what was proven.

    min  sum_j x_j
    s.t. sum_{j: d_ij <= r} x_j >= 1              for each home i
         x_j = 1 where a site stands in any case,  x_j in {0, 1}
    """
    problem = pulp.LpProblem("centre", pulp.LpMinimize)
    must = set(given.required.tolist())
    build = [problem.add_variable(f"x{j:07d}", int(j in must), 1, pulp.LpInteger) for j in range(len(given.candidates))]
    within = given.far <= reach
    rows: dict[bytes, list[int]] = {}
    for at, to in zip(given.starts[:-1].tolist(), given.starts[1:].tolist(), strict=True):
        choice = np.sort(given.near[at:to][within[at:to]])
        rows[choice.tobytes()] = choice.tolist()  # homes with the same choice ask the same
    for near in rows.values():
        problem += Expression([(build[j], 1) for j in near]) >= 1
    problem.setObjective(Expression([(x, 1) for x in build]))
    solved = solve_problem(problem, seconds=seconds, solver=solver)
    if solved.figures is None:
        return solved, None
    return solved, tuple(j for j, x in enumerate(build) if solved.figures.get(x, 0.0) > HALF)

"""Location with capacity: every group is served in full, if need be from several sites, none beyond its places."""

import time
from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pandas as pd
import pulp

from gis.words import Language
from optimise.allocation import Allocation, Distances, Places, allocated, distances, nothing, told, unagreed
from optimise.engines import Engines, Task, relaxation
from optimise.plan import PlanStatus
from optimise.solve import HALF, Solver, program_of, solve_problem
from optimise.variables import Expression

CENT = 1e-4
"""Costs that are this near are one: less than a hundredth of a yuan."""


def capacitated(
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    candidates: pd.DataFrame,
    *,
    by: str = "cost_yuan",
    required: Iterable[str] = (),
    time_limit_s: float = 60,
    solver: Solver = "auto",
    language: Language = "zh",
) -> Allocation:
    """Choose sites and send every elder to one of them within its places, at the least cost of sites and service.

    - `demand`: indexed by `demand_id`; `elders` (whole): a community or any other group, which may be split.
    - `pairs`: `demand_id`, `candidate_id` and the column `by`: what serving all of the group from there costs.
    - `candidates`: indexed by `candidate_id`; `name`, `cost_yuan`, `capacity` (elders, whole).

    `value` is the cost in yuan; `served` has whole people. INFEASIBLE where the places in reach do not suffice. The
    model is in `_write`. Raises ValueError for tables that do not fit.

    >>> demand = pd.DataFrame({"elders": [30, 20]}, index=["a", "b"])
    >>> far = {("a", "X"): 0, ("b", "X"): 400, ("a", "Y"): 900, ("b", "Y"): 0}
    >>> columns = ["demand_id", "candidate_id", "cost_yuan"]
    >>> pairs = pd.DataFrame([(*pair, c) for pair, c in far.items()], columns=columns)
    >>> candidates = pd.DataFrame({"name": ["甲", "乙"], "cost_yuan": 1_000, "capacity": [45, 40]}, index=["X", "Y"])
    >>> plan = capacitated(demand, pairs, candidates)
    >>> plan.status.value, plan.value, plan.served[["demand_id", "candidate_id", "elders"]].values.tolist()
    ('OPTIMAL', 2000.0, [['a', 'X', 30], ['b', 'Y', 20]])
    """
    given = distances(demand, pairs, candidates, by=by, required=required)
    for column in ("cost_yuan", "capacity"):
        figures = given.candidates[column].to_numpy(dtype=float)
        if not ((figures >= 0) & np.isfinite(figures)).all() or (column == "capacity" and (figures % 1).any()):
            raise ValueError(f"candidates: {column} must be {'whole and ' if column == 'capacity' else ''}zero or more")
    if given.out_of_reach:
        return nothing(given, PlanStatus.INFEASIBLE, bound=None, solver="arithmetic", notes=())
    end = time.monotonic() + time_limit_s
    problem, build = _write(given)
    solved = solve_problem(problem, seconds=time_limit_s, gap=CENT, solver="auto" if solver == "search" else solver)
    notes = told(solved.troubles, language)
    if solved.figures is None:
        status = PlanStatus.INFEASIBLE if solved.state == "infeasible" else PlanStatus.LIMIT
        return nothing(given, status, bound=solved.bound, solver=solved.solver, notes=notes)
    sites = tuple(j for j, x in enumerate(build) if solved.figures.get(x, 0.0) > HALF)
    people = _send(given, sites, seconds=max(end - time.monotonic(), 1.0))
    if people is None:
        notes = (*notes, unagreed(language))
        return nothing(given, PlanStatus.LIMIT, bound=solved.bound, solver=solved.solver, notes=notes)
    rows = np.flatnonzero(people)
    value = cost(given, sites, people)
    bound = solved.bound
    if bound is not None and abs(bound - value) <= CENT + 1e-9 * value:
        bound = value
    return allocated(given, rows, people[rows], sites, value=value, bound=bound, solver=solved.solver, notes=notes)


def cost(given: Distances, sites: Iterable[int], people: Places) -> float:
    """Return what sites and service cost, summed exactly: people of a group pay their part of its pair."""
    fixed = sum(Fraction(str(c)) for c in given.candidates["cost_yuan"].iloc[list(sites)])
    elders = given.elders[given.home]
    parts = (Fraction(str(given.far[k])) * int(people[k]) / int(elders[k]) for k in np.flatnonzero(people).tolist())
    return float(fixed + sum(parts))


def _write(given: Distances) -> tuple[pulp.LpProblem, list[pulp.LpVariable]]:
    """Write the capacitated location problem with demand that may be split.

        min  sum_j f_j x_j + sum_ij c_ij w_ij
        s.t. sum_j w_ij = 1                           for each group i
             sum_i a_i w_ij <= q_j x_j                for each site j with q_j places
             w_ij <= x_j                              for each pair in reach
             x_j in {0, 1},  0 <= w_ij <= 1

    f_j is the cost of site j, c_ij of serving all of group i there, w_ij the part of it that is. The third line is
    implied, and makes the bound tight. Akinc & Khumawala 1977, An efficient branch and bound algorithm for the
    capacitated warehouse location problem, https://doi.org/10.1287/mnsc.23.6.585; instances: Beasley 1988,
    https://doi.org/10.1016/0377-2217(88)90175-0.
    """
    problem = pulp.LpProblem("capacitated", pulp.LpMinimize)
    must = set(given.required.tolist())
    count = len(given.candidates)
    build = [problem.add_variable(f"x{j:07d}", int(j in must), 1, pulp.LpInteger) for j in range(count)]
    part = [problem.add_variable(f"w{k:08d}", 0, 1) for k in range(len(given.near))]
    home, near = given.home.tolist(), given.near.tolist()
    by_home: list[list[tuple[pulp.LpVariable, int]]] = [[] for _ in given.homes]
    by_site: list[list[tuple[pulp.LpVariable, int]]] = [[] for _ in build]
    elders, capacity = given.elders.tolist(), [int(q) for q in given.candidates["capacity"]]
    for k, w in enumerate(part):
        by_home[home[k]].append((w, 1))
        by_site[near[k]].append((w, elders[home[k]]))
        problem += Expression([(w, 1), (build[near[k]], -1)]) <= 0
    for terms in by_home:
        problem.addConstraint(Expression(terms) == 1)
    for x, terms, places in zip(build, by_site, capacity, strict=True):
        problem += Expression([*terms, (x, -places)]) <= 0
    site_cost = given.candidates["cost_yuan"].tolist()
    goal = [*zip(build, site_cost, strict=True), *zip(part, given.far.tolist(), strict=True)]
    problem.setObjective(Expression(goal))
    return problem, build


def _send(given: Distances, sites: tuple[int, ...], *, seconds: float) -> Places | None:
    """Return how many people of each pair go there at the least cost, in whole people; None where that fails.

    A corner of the transportation problem is whole where groups and places are whole (Hoffman & Kruskal 1956).
    """
    open_ = np.zeros(len(given.candidates), dtype=bool)
    open_[list(sites)] = True
    pairs = np.flatnonzero(open_[given.near])
    problem = pulp.LpProblem("send", pulp.LpMinimize)
    home, near = given.home[pairs].tolist(), given.near[pairs].tolist()
    each = (given.far[pairs] / given.elders[given.home[pairs]]).tolist()
    flow = [problem.add_variable(f"f{k:08d}", 0, int(given.elders[i])) for k, i in enumerate(home)]
    by_home: list[list[pulp.LpVariable]] = [[] for _ in given.homes]
    by_site: dict[int, list[pulp.LpVariable]] = {j: [] for j in sites}
    for f, i, j in zip(flow, home, near, strict=True):
        by_home[i].append(f)
        by_site[j].append(f)
    places = given.candidates["capacity"].astype(int).tolist()
    for i, terms in enumerate(by_home):
        problem.addConstraint(Expression([(f, 1) for f in terms]) == int(given.elders[i]))
    for j, terms in by_site.items():
        problem += Expression([(f, 1) for f in terms]) <= places[j]
    problem.setObjective(Expression(zip(flow, each, strict=True)))
    if not flow:
        return None if len(given.homes) else np.zeros(0, dtype=np.int64)
    program, _ = program_of(problem)
    finish = relaxation(Task(program, seconds, 0.0), engines=Engines())
    if finish.state != "optimal" or finish.decisions is None:
        return None
    figures = dict(zip(problem.variables(), finish.decisions.tolist(), strict=True))
    people = np.zeros(len(given.near), dtype=np.int64)
    people[pairs] = [round(figures.get(f, 0.0)) for f in flow]
    by_group = np.bincount(given.home, weights=people, minlength=len(given.homes))
    load = np.bincount(given.near, weights=people, minlength=len(places))
    kept = (by_group == given.elders).all() and (load <= np.array(places)).all() and (people >= 0).all()
    return people if kept else None

"""Honest solving: what the solver found, what it proved, and nothing that only PuLP's status word says.

PuLP calls a run "Optimal" that stopped at its time limit, drops a start that it was given for HiGHS, and reads CBC's
fractions as they are. So HiGHS is built through PuLP but run, started and asked for its status and bound directly.
"""

import math
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import highspy
import numpy as np
import pulp
from numpy.typing import NDArray

from optimise.models import Model

Solver = Literal["auto", "highs", "cbc", "search"]
SEED = 15
WHOLE_GAP = 0.99
"""Goals are whole numbers: a bound closer than one to the value is the value."""
AT_ZERO = 1e-9
HALF = 0.5
FEASIBLE = 2
"""HiGHS: kSolutionStatusFeasible."""


@dataclass(frozen=True)
class Answer:
    """What one run of a solver gave: how far it came, the sites by their place, and the proven bound on the goal."""

    state: Literal["optimal", "feasible", "infeasible", "nothing"]
    sites: tuple[int, ...] | None
    value: float | None
    bound: float | None
    solver: str


def solve(
    model: Model,
    *,
    seconds: float,
    start: tuple[int, ...] | None = None,
    served: list[bool] | None = None,
    solver: Solver = "auto",
) -> Answer:
    """Run a solver on a model for at most so many seconds of wall time, from a start where there is one.

    `start` and `served` are a plan known to keep the rules: its sites by their place, and the groups they cover.
    """
    if seconds <= 0:
        return Answer("nothing", None, None, None, "search")
    if not model.problem.variables():
        return _empty(model, solver)
    if solver == "cbc":
        return _cbc(model, seconds)
    return _highs(model, seconds, start, served or [])


@dataclass(frozen=True, eq=False)
class Relaxation:
    """A model solved with its decisions in parts: a bound, and what each candidate not built would cost the goal."""

    bound: float
    loss: NDArray[np.float64]

    def open_for(self, value: int) -> NDArray[np.bool_]:
        """Return the candidates that some plan at least as good as `value` may build (reduced-cost fixing)."""
        return np.asarray(self.loss <= abs(self.bound - value) + 0.5, dtype=bool)


def relax(model: Model, *, seconds: float) -> Relaxation | None:
    """Solve a model with its decisions in parts, or return None where that does not come to an end in time."""
    problem = model.problem
    through = pulp.HiGHS(mip=False, msg=False, timeLimit=max(seconds, 0), random_seed=SEED)
    through.createAndConfigureSolver(problem)
    through.buildSolverModel(problem)
    highs = problem.solverModel
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    solution, sign = highs.getSolution(), -1 if problem.sense == pulp.LpMaximize else 1
    value, dual = _of_sites(model, solution.col_value), _of_sites(model, solution.col_dual)
    loss = np.where(value < AT_ZERO, dual, 0.0)
    return Relaxation(sign * highs.getInfo().objective_function_value + problem.objective.constant, loss)


def _highs(model: Model, seconds: float, start: tuple[int, ...] | None, served: list[bool]) -> Answer:
    problem = model.problem
    through = pulp.HiGHS(
        msg=False, timeLimit=seconds, gapRel=0, gapAbs=WHOLE_GAP, random_seed=SEED, mip_feasibility_tolerance=1e-8
    )
    through.createAndConfigureSolver(problem)
    through.buildSolverModel(problem)
    highs = problem.solverModel
    if start is not None:
        built = set(start)
        value = {x.name: float(j in built) for j, x in enumerate(model.build)}
        value |= {y.name: float(yes) for y, yes in zip(model.served, served, strict=True)}
        solution = highspy.HighsSolution()
        solution.col_value = [value[v.name] for v in problem.variables()]
        solution.value_valid = True
        highs.setSolution(solution)
    highs.run()
    name = f"HiGHS {highs.version()}"
    status, info = highs.getModelStatus(), highs.getInfo()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return Answer("infeasible", None, None, None, name)
    sign = -1 if problem.sense == pulp.LpMaximize else 1
    constant = problem.objective.constant  # PuLP leaves the constant of the goal out of what HiGHS sees
    bound = sign * info.mip_dual_bound + constant if math.isfinite(info.mip_dual_bound) else None
    if info.primal_solution_status != FEASIBLE:
        return Answer("nothing", None, None, bound, name)
    sites = tuple(np.flatnonzero(_of_sites(model, highs.getSolution().col_value) > HALF).tolist())
    proven = status == highspy.HighsModelStatus.kOptimal
    return Answer(
        "optimal" if proven else "feasible", sites, sign * info.objective_function_value + constant, bound, name
    )


def _of_sites(model: Model, values: Iterable[float]) -> NDArray[np.float64]:
    """Return a solver's figures for the candidates; PuLP leaves out the ones that no rule and no goal mentions."""
    figure = dict(zip((v.name for v in model.problem.variables()), values, strict=True))
    return np.array([figure.get(x.name, 0.0) for x in model.build])


def _empty(model: Model, name: str) -> Answer:
    """Answer a model in which nothing can be chosen: its rows hold as they stand, or never."""
    rows = [(row.getLb(), row.getUb()) for row in model.problem.constraints()]
    if any((low is not None and low > 0) or (high is not None and high < 0) for low, high in rows):
        return Answer("infeasible", None, None, None, name)
    value = float(model.problem.objective.constant)
    return Answer("optimal", (), value, value, name)


def _cbc(model: Model, seconds: float) -> Answer:
    """Run CBC as a second opinion. It does not hand over its bound: an unproven run has none."""
    problem = model.problem
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        path = pulp.PULP_CBC_CMD.pulp_cbc_path
    try:
        problem.solve(pulp.COIN_CMD(path=path, msg=False, timeLimit=seconds, gapRel=0, gapAbs=0, timeMode="elapsed"))
    except pulp.PulpSolverError:
        return Answer("nothing", None, None, None, "CBC")
    if problem.status == pulp.LpStatusInfeasible:
        return Answer("infeasible", None, None, None, "CBC")
    if problem.sol_status not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        return Answer("nothing", None, None, None, "CBC")
    sites = tuple(j for j, x in enumerate(model.build) if (x.varValue or 0) > HALF)
    value = float(pulp.value(problem.objective))
    proven = problem.sol_status == pulp.LpSolutionOptimal
    return Answer("optimal" if proven else "feasible", sites, value, value if proven else None, "CBC")

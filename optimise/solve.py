"""Honest solving: a model is handed over as plain figures, and nothing that a solver says is believed unchecked.

PuLP calls a run "Optimal" that stopped at its time limit, drops a start that it was given for HiGHS, and reads CBC's
fractions as they are. So PuLP only writes the model; solvers are run, started, watched and judged by `engines`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

import numpy as np
import pulp
from numpy.typing import NDArray

from optimise.child import Figures, Program
from optimise.engines import Engine, Engines, Progress, Task, best_of, relaxation
from optimise.judge import Trouble, safe_bound
from optimise.models import Model

Solver = Literal["auto", "highs", "cbc", "search"]
ORDER: dict[str, tuple[Engine, ...]] = {"auto": ("highs", "cbc"), "highs": ("highs",), "cbc": ("cbc",)}
"""Who tries, and who after them; `highs` and `cbc` alone are what was asked for: after them comes the search."""
WHOLE_GAP = 0.99
"""Goals are whole numbers: a bound closer than one to the value is the value."""
HALF = 0.5
Hear = Callable[[Progress], None]


@dataclass(frozen=True)
class Answer:
    """What solving a model gave: how far it came, the sites by their place, and the proven bound on the goal.

    `troubles` are the solvers whose work could not be used, in turn.
    """

    state: Literal["optimal", "feasible", "infeasible", "nothing"]
    sites: tuple[int, ...] | None
    value: float | None
    bound: float | None
    solver: str
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, eq=False)
class Solved:
    """What solving a problem gave: as in `Answer`, with the figure of every variable; their names may collide."""

    state: Literal["optimal", "feasible", "infeasible", "nothing"]
    figures: dict[pulp.LpVariable, float] | None
    value: float | None
    bound: float | None
    solver: str
    troubles: tuple[Trouble, ...] = ()


def solve(
    model: Model,
    *,
    seconds: float,
    start: tuple[int, ...] | None = None,
    served: list[bool] | None = None,
    solver: Solver = "auto",
    hear: Hear | None = None,
    engines: Engines | None = None,
) -> Answer:
    """Run solvers on a model for at most so many seconds of wall time, from a start where there is one.

    `start` and `served` are a plan known to keep the rules: its sites by their place, and the groups they cover.
    `hear` is told the best value, the bound and the gap while a solver works.
    """
    known: dict[pulp.LpVariable, float] | None = None
    if start is not None:
        known = model.start(start)
        known |= {y: float(yes) for y, yes in zip(model.served, served or [], strict=False)}
    solved = solve_problem(model.problem, seconds=seconds, start=known, solver=solver, hear=hear, engines=engines)
    figures, sites = solved.figures, None
    if figures is not None:
        # PuLP knows nothing of options that no rule and no goal mentions: they stay unbuilt
        sites = tuple(j for j, x in enumerate(model.build) if figures.get(x, 0.0) > HALF)
    return Answer(solved.state, sites, solved.value, solved.bound, solved.solver, solved.troubles)


def solve_problem(
    problem: pulp.LpProblem,
    *,
    seconds: float,
    gap: float = WHOLE_GAP,
    start: dict[pulp.LpVariable, float] | None = None,
    solver: Solver = "auto",
    hear: Hear | None = None,
    engines: Engines | None = None,
) -> Solved:
    """Run solvers on any problem of PuLP; `start` gives the figures of variables as far as they are known.

    `gap`: how near to its bound a value need not be bettered.
    """
    if seconds <= 0 or solver == "search":
        return Solved("nothing", None, None, None, "search")
    end = time.monotonic() + seconds
    variables = problem.variables()
    program, sign = program_of(problem)
    if not variables:
        return _empty(program, sign, solver)
    values = None
    if start is not None:
        values = np.array([start.get(v, np.nan) for v in variables])
    task = Task(program, end - time.monotonic(), gap, values)
    heard = (
        None if hear is None else lambda p: hear(replace(p, value=_signed(p.value, sign), bound=_signed(p.bound, sign)))
    )
    finish, name, troubles = best_of(task, order=ORDER[solver], engines=engines or Engines(), hear=heard)
    if finish.state == "infeasible":
        return Solved("infeasible", None, None, None, name, troubles)
    bound = _signed(finish.bound, sign)
    if finish.decisions is None:
        return Solved("nothing", None, None, bound, name, troubles)
    figures = dict(zip(variables, finish.decisions.tolist(), strict=True))
    state: Literal["optimal", "feasible"] = "optimal" if finish.state == "optimal" else "feasible"
    return Solved(state, figures, _signed(finish.value, sign), bound, name, troubles)


@dataclass(frozen=True, eq=False)
class Relaxation:
    """A model solved with its decisions in parts: a bound, and what each option that is chosen costs the goal."""

    bound: float
    loss: NDArray[np.float64]

    def open_for(self, value: int) -> NDArray[np.bool_]:
        """Return the options that some plan at least as good as `value` may choose (reduced-cost fixing)."""
        return np.asarray(self.loss <= abs(self.bound - value) + 0.5, dtype=bool)


def relax(model: Model, *, seconds: float, engines: Engines | None = None) -> Relaxation | None:
    """Solve a model with its decisions in parts, or return None where that does not come to an end in time.

    The bound is computed anew from the prices of the rows (`judge.safe_bound`): it holds whatever the solver did.
    """
    variables = model.problem.variables()
    if seconds <= 0 or not variables:
        return None
    end = time.monotonic() + seconds
    program, sign = program_of(model.problem)
    finish = relaxation(Task(program, end - time.monotonic(), 0.0), engines=engines or Engines())
    if finish.state != "optimal" or finish.prices is None:
        return None
    bound, reduced = safe_bound(program, finish.prices)
    place = {id(v): k for k, v in enumerate(variables)}
    loss = np.append(np.maximum(reduced, 0.0), 0.0)[[place.get(id(x), -1) for x in model.build]]
    return Relaxation(sign * bound, loss)


def program_of(problem: pulp.LpProblem) -> tuple[Program, int]:
    """Return a problem of PuLP as figures to be made small, in the order of its variables, and the sign of its goal."""
    variables, rows = problem.variables(), problem.constraints()
    place = {id(v): k for k, v in enumerate(variables)}
    sign = -1 if problem.sense == pulp.LpMaximize else 1
    cost = np.zeros(len(variables))
    goal = problem.objective
    for v, weight in goal.items() if goal is not None else ():
        cost[place[id(v)]] = sign * weight
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    entries = int(lengths.sum())
    columns = np.fromiter((place[id(v)] for row in rows for v in row), dtype=np.int32, count=entries)
    weights = np.fromiter(chain.from_iterable(row.values() for row in rows), dtype=np.float64, count=entries)
    program = Program(
        cost=cost,
        constant=float(sign * goal.constant) if goal is not None else 0.0,
        low=_sides([v.lowBound for v in variables], -np.inf),
        high=_sides([v.upBound for v in variables], np.inf),
        whole=np.array([v.cat == pulp.LpInteger for v in variables], dtype=bool),
        row_low=_sides([row.getLb() for row in rows], -np.inf),
        row_high=_sides([row.getUb() for row in rows], np.inf),
        starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        columns=columns,
        weights=weights,
    )
    return program, sign


def _sides(sides: list[float | None], absent: float) -> Figures:
    return np.array([absent if side is None else side for side in sides], dtype=np.float64)


def _signed(figure: float | None, sign: int) -> float | None:
    return None if figure is None else sign * figure


def _empty(program: Program, sign: int, name: str) -> Solved:
    """Answer a problem in which nothing can be chosen: its rows hold as they stand, or never."""
    if (program.row_low > 0).any() or (program.row_high < 0).any():
        return Solved("infeasible", None, None, None, name)
    value = sign * program.constant
    return Solved("optimal", {}, value, value, name)

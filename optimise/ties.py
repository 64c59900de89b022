"""Among plans that are equally good, the one whose candidates come first by identifier: one question, one answer."""

from collections.abc import Callable

import pulp

from optimise import models
from optimise.limit import Limit
from optimise.models import Model
from optimise.solve import Answer
from optimise.variables import Expression


def first_by_id(
    model: Model, sites: tuple[int, ...], goal: Limit, run: Callable[[], Answer]
) -> tuple[tuple[int, ...], bool]:
    """Return the first of the plans that a model allows, comparing them site by site, and whether that is proven.

    `model` already holds every goal at its best value, so that all it allows are ties; candidates stand in the order
    of their identifiers; `run` solves it as it then stands. A plan x comes before the plan S exactly where, for the
    first candidate in which they differ, x builds it:

        x_k + sum_{j < k, j not in S} x_j >= 1        for each k in S
        sum_{j not in S} x_j >= 1

    The sums grow from one k to the next, so that each option is written once, e_k = e_(k before) + sum of the x_j
    between. Each solve finds an earlier plan or proves that there is none: with `goal` it proves quickly, with the sum
    of places it finds quickly. Where the last proof is wanting, the plan that was given is returned.
    """
    x, given = model.build, sites
    proving = True
    while True:
        if proving:
            models.aim(model, goal)
        else:
            model.problem.sense = pulp.LpMaximize
            model.problem.setObjective(Expression([(v, len(x) - j) for j, v in enumerate(x)]))
        _ask_earlier(model, sites)
        answer = run()
        if answer.state == "infeasible":
            return sites, True
        if answer.sites is None:
            return given, False
        sites, proving = answer.sites, not proving


def _ask_earlier(model: Model, sites: tuple[int, ...]) -> None:
    """Ask a model for a plan that comes before another."""
    x, problem = model.build, model.problem
    before: list[tuple[pulp.LpVariable, int]] = []
    first = 0
    for k in (*sorted(sites), len(x)):
        before += [(v, 1) for v in x[first:k] if v.upBound]
        first = k + 1
        own = [(x[k], 1)] if k < len(x) else []
        problem.addConstraint(Expression([*own, *before]) >= 1)
        if len(before) > 1:
            so_far = problem.add_variable(f"e{problem.numVariables():07d}", 0, None)
            problem.addConstraint(Expression([(so_far, -1), *before]) == 0)
            before = [(so_far, 1)]

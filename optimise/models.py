"""The siting models, written with PuLP over the groups of `cover` and the limits of `rules`.

Names in the formulas: i a group of people with the same candidates N_i and a_i elders; j a candidate with cost c_j;
x_j = 1 where a site is built; y_i = 1 where a group is covered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

import pulp

from optimise.cover import Cover
from optimise.rules import Limit

Goal = Literal["elders", "cost_yuan", "sites"]
Expression: TypeAlias = pulp.LpAffineExpression


@dataclass(frozen=True, eq=False)
class Model:
    """A model, its decisions (`build`: one a candidate; `served`: one a group, or none in a covering model)."""

    problem: pulp.LpProblem
    build: list[pulp.LpVariable]
    served: list[pulp.LpVariable]
    people: Expression


def mclp(cover: Cover, limits: Iterable[Limit], *, open_: Sequence[bool] | None = None) -> Model:
    """Write the maximal covering model with costs, budget and area rules.

        max  sum_i a_i y_i
        s.t. y_i <= sum_{j in N_i} x_j                for each group i
             sum_j w_rj x_j <= (or >=) limit_r        for each rule r
             x_j in {0, 1},  0 <= y_i <= 1

    Candidates that are not open stay unbuilt. y may be continuous: with whole x it is 0 or 1 of itself.
    Church & ReVelle 1974, The maximal covering location problem, https://doi.org/10.1007/BF01942293, where the one
    rule is sum_j x_j = p.
    """
    problem = pulp.LpProblem("mclp", pulp.LpMaximize)
    build = _sites(problem, cover, open_)
    served = [problem.add_variable(f"y{i:07d}", 0, 1) for i in range(len(cover.elders))]
    for y, near in zip(served, _near(cover), strict=True):
        problem += Expression([(y, 1), *((build[j], -1) for j in near)]) <= 0
    model = Model(problem, build, served, Expression(zip(served, cover.elders.tolist(), strict=True)))
    for limit in limits:
        hold(model, limit)
    return model


def lscp(cover: Cover, limits: Iterable[Limit], *, open_: Sequence[bool] | None = None) -> Model:
    """Write the set covering model: everyone within reach of a candidate is covered, at the least cost.

        min  sum_j c_j x_j
        s.t. sum_{j in N_i} x_j >= 1                  for each group i
             sum_j w_rj x_j <= (or >=) limit_r        for each rule r
             x_j in {0, 1}

    Toregas, Swain, ReVelle & Bergman 1971, The location of emergency service facilities,
    https://doi.org/10.1287/opre.19.6.1363.
    """
    problem = pulp.LpProblem("lscp", pulp.LpMinimize)
    build = _sites(problem, cover, open_)
    for near in _near(cover):
        problem += Expression([(build[j], 1) for j in near]) >= 1
    model = Model(problem, build, [], Expression(constant=int(cover.elders.sum())))
    for limit in limits:
        if not limit.of_people:
            hold(model, limit)
    return model


def hold(model: Model, limit: Limit) -> None:
    """Add one limit to a model."""
    total = measure(model, limit)
    model.problem.addConstraint(total <= limit.limit if limit.sense == "at most" else total >= limit.limit)


def measure(model: Model, limit: Limit) -> Expression:
    """Return what a limit counts, as an expression of a model."""
    if limit.of_people:
        return model.people
    return Expression([(x, w) for x, w in zip(model.build, limit.weights, strict=True) if w])


def aim(model: Model, target: Limit) -> None:
    """Make what a limit counts the goal: the most of a lower limit, the least of an upper one."""
    model.problem.sense = pulp.LpMaximize if target.sense == "at least" else pulp.LpMinimize
    model.problem.setObjective(measure(model, target))


def _sites(problem: pulp.LpProblem, cover: Cover, open_: Sequence[bool] | None) -> list[pulp.LpVariable]:
    """Name the decisions by their place: names of candidates may collide once a solver has cleaned them."""
    allowed = [True] * len(cover.candidate_ids) if open_ is None else open_
    return [problem.add_variable(f"x{j:07d}", 0, int(may), pulp.LpInteger) for j, may in enumerate(allowed)]


def _near(cover: Cover) -> list[list[int]]:
    indices, starts = cover.reach.indices.tolist(), cover.reach.indptr.tolist()
    return [indices[a:b] for a, b in pairwise(starts)]

"""The siting models, written with PuLP over the groups of `cover` and the limits of `rules`.

Names in the formulas: i a group of a_i elders with the same links N_i; j an option with cost c_j; l a link (what reach
hangs on); x_j = 1 where an option is chosen; z_l = 1 where a link is open; y_i = 1 where a group is covered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np
import pulp

from optimise.cover import Cover
from optimise.limit import Limit

Goal = Literal["elders", "cost_yuan", "sites"]
Expression: TypeAlias = pulp.LpAffineExpression


@dataclass(frozen=True, eq=False)
class Model:
    """A model, its decisions (`build`: one an option; `served`: one a group, or none in a covering model)."""

    problem: pulp.LpProblem
    build: list[pulp.LpVariable]
    served: list[pulp.LpVariable]
    cover: Cover


def mclp(cover: Cover, limits: Iterable[Limit], *, open_: Sequence[bool] | None = None) -> Model:
    """Write the maximal covering model with options, costs, budget and area rules.

        max  sum_i a_i y_i
        s.t. y_i <= sum_{l in N_i} z_l                for each group i
             z_l <= sum_{j opens l} x_j               for each link l
             sum_j w_rj x_j + sum_s u_s <= (or >=) limit_r   for each rule r
             u_s <= sum_{j in s} x_j                  for each set s that counts once (u_s >= x_j under an upper limit)
             x_j in {0, 1},  0 <= y_i, z_l, u_s <= 1

    A link that one option opens is that option. Options that are not open stay unbuilt. y, z and u may be continuous:
    with whole x they are 0 or 1 of themselves.
    Church & ReVelle 1974, The maximal covering location problem, https://doi.org/10.1007/BF01942293, where the one
    rule is sum_j x_j = p and each site is one option.
    """
    problem = pulp.LpProblem("mclp", pulp.LpMaximize)
    build = _options(problem, cover, open_)
    links = _links(problem, cover, build)
    served = [problem.add_variable(f"y{i:07d}", 0, 1) for i in range(len(cover.elders))]
    for y, near in zip(served, _near(cover), strict=True):
        problem += Expression([(y, 1), *((links[k], -1) for k in near if links[k] is not None)]) <= 0
    model = Model(problem, build, served, cover)
    for limit in limits:
        hold(model, limit)
    return model


def lscp(cover: Cover, limits: Iterable[Limit], *, open_: Sequence[bool] | None = None) -> Model:
    """Write the set covering model: everyone within reach of an option is covered, at the least cost.

        min  sum_j c_j x_j
        s.t. sum_{l in N_i} z_l >= 1                  for each group i
             z_l <= sum_{j opens l} x_j               for each link l
             sum_j w_rj x_j + sum_s u_s <= (or >=) limit_r   for each rule r
             x_j in {0, 1}

    Toregas, Swain, ReVelle & Bergman 1971, The location of emergency service facilities,
    https://doi.org/10.1287/opre.19.6.1363.
    """
    problem = pulp.LpProblem("lscp", pulp.LpMinimize)
    build = _options(problem, cover, open_)
    links = _links(problem, cover, build)
    for near in _near(cover):
        problem += Expression([(links[k], 1) for k in near if links[k] is not None]) >= 1
    model = Model(problem, build, [], cover)
    for limit in limits:
        if not limit.of_people:
            hold(model, limit)
    return model


def hold(model: Model, limit: Limit) -> None:
    """Add one limit to a model."""
    total = measure(model, limit)
    model.problem.addConstraint(total <= limit.limit if limit.sense == "at most" else total >= limit.limit)


def measure(model: Model, limit: Limit) -> Expression:
    """Return what a limit counts, as an expression of a model; sets that count once come in as variables."""
    if limit.of_people:
        return _people(model, limit)
    build = model.build
    terms = [(build[j], w) for j, w in zip(limit.columns.tolist(), limit.weights.tolist(), strict=True)]
    problem = model.problem
    for each in limit.either:
        met = problem.add_variable(f"u{problem.numVariables():07d}", 0, 1)
        if limit.sense == "at least":
            problem += Expression([(met, 1), *((build[j], -1) for j in each.tolist())]) <= 0
        for j in each.tolist() if limit.sense == "at most" else ():
            problem += Expression([(met, 1), (build[j], -1)]) >= 0
        terms.append((met, 1))
    return Expression(terms)


def aim(model: Model, target: Limit) -> None:
    """Make what a limit counts the goal: the most of a lower limit, the least of an upper one."""
    model.problem.sense = pulp.LpMaximize if target.sense == "at least" else pulp.LpMinimize
    model.problem.setObjective(measure(model, target))


def _people(model: Model, limit: Limit) -> Expression:
    """Return the people of a limit's units that are served; in a covering model everyone is."""
    cover = model.cover
    people = cover.elders if limit.counts == "elders" else cover.worth
    if limit.units is not None:
        people = np.where(np.isin(cover.unit, limit.units), people, 0)
    if not model.served:
        return Expression(constant=int(people.sum()))
    return Expression([(model.served[i], int(people[i])) for i in np.flatnonzero(people).tolist()])


def _options(problem: pulp.LpProblem, cover: Cover, open_: Sequence[bool] | None) -> list[pulp.LpVariable]:
    """Name the decisions by their place: names of candidates may collide once a solver has cleaned them."""
    allowed = [True] * cover.options if open_ is None else open_
    return [problem.add_variable(f"x{j:07d}", 0, int(may), pulp.LpInteger) for j, may in enumerate(allowed)]


def _links(problem: pulp.LpProblem, cover: Cover, build: list[pulp.LpVariable]) -> list[pulp.LpVariable | None]:
    """Return for each link the option that opens it, or a variable where several may, or None where none can."""
    by_link: list[list[pulp.LpVariable]] = [[] for _ in cover.links]
    for x, link in zip(build, cover.opens.tolist(), strict=True):
        if link >= 0 and x.upBound:
            by_link[link].append(x)
    links: list[pulp.LpVariable | None] = []
    for k, openers in enumerate(by_link):
        if len(openers) > 1:
            z = problem.add_variable(f"z{k:07d}", 0, 1)
            problem += Expression([(z, 1), *((x, -1) for x in openers)]) <= 0
            links.append(z)
        else:
            links.append(openers[0] if openers else None)
    return links


def _near(cover: Cover) -> list[list[int]]:
    indices, starts = cover.reach.indices.tolist(), cover.reach.indptr.tolist()
    return [indices[a:b] for a, b in pairwise(starts)]

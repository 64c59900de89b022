"""The siting models, written with PuLP over the groups of `cover` and the limits of `rules`.

Names in the formulas: i a group of a_i elders with the same links N_i; j an option with cost c_j; l a link (what reach
hangs on); x_j = 1 where an option is chosen; z_l = 1 where a link is open; y_i = 1 where a group is covered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np
import pulp

from optimise.cover import Cover
from optimise.limit import Limit
from optimise.placing import near_by_unit

Goal = Literal[
    "legal_shortfall",
    "placed",
    "elders",
    "elders_near",
    "worst_served",
    "cost_yuan",
    "running_yuan",
    "vacated",
    "sites",
]
Expression: TypeAlias = pulp.LpAffineExpression


@dataclass(frozen=True, eq=False)
class Model:
    """A model, its decisions (`build`: one an option; `served`: one a group, or none in a covering model).

    `links` are what reach hangs on; `missed` has a variable for each soft limit, 1 where it may be missed; `aside`
    keeps expressions that are written once.
    """

    problem: pulp.LpProblem
    build: list[pulp.LpVariable]
    served: list[pulp.LpVariable]
    links: list[pulp.LpVariable | None]
    cover: Cover
    missed: dict[tuple[str, str], pulp.LpVariable] = field(default_factory=dict)
    aside: dict[str, Expression] = field(default_factory=dict)


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
    model = Model(problem, build, served, links, cover)
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
    model = Model(problem, build, [], links, cover)
    for limit in limits:
        if not limit.of_people:
            hold(model, limit)
    return model


def hold(model: Model, limit: Limit) -> None:
    """Add one limit to a model; a soft one may be missed, and counts then.

    With the least (or most) m that the left side can be, a soft limit reads `left + (limit - m) s >= limit`.
    """
    if limit.counts == "worst":
        for unit in () if limit.units is None else limit.units.tolist():
            hold(model, _share(model.cover, limit, unit))
        return
    total = measure(model, limit)
    if limit.soft:
        at_least = limit.sense == "at least"
        farthest = _farthest(limit)
        missed = _missed(model, limit)
        if (farthest < limit.limit) if at_least else (farthest > limit.limit):
            total = total + (limit.limit - farthest) * missed
    model.problem.addConstraint(total <= limit.limit if limit.sense == "at most" else total >= limit.limit)


def measure(model: Model, limit: Limit) -> Expression:
    """Return what a limit counts, as an expression of a model; sets that count once come in as variables."""
    if limit.counts == "missed":
        return Expression([(s, 1) for s in model.missed.values()])
    if limit.counts == "placed":
        return _placed(model)
    if limit.counts == "worst":
        return _worst(model, limit)
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


def _missed(model: Model, limit: Limit) -> pulp.LpVariable:
    """Return the variable that is 1 where a soft limit, or one that says the same thing with it, may be missed."""
    key = limit.thing or (str(len(model.missed)), "")
    if key not in model.missed:
        name = f"s{len(model.missed):07d}"
        model.missed[key] = model.problem.add_variable(name, 0, 1, pulp.LpInteger)
    return model.missed[key]


def _farthest(limit: Limit) -> int:
    """Return how far a limit's left side can be from being kept."""
    if limit.of_people:
        return 0
    weights = limit.weights
    if limit.sense == "at least":
        return int(weights[weights < 0].sum())
    return int(weights[weights > 0].sum()) + len(limit.either)


def _placed(model: Model) -> Expression:
    """Return the elders that have a place, f_cl of unit c at link l.

        sum_l f_cl <= sum_{i in c} a_i y_i,   sum_c f_cl <= sum_{j opens l} capacity_j x_j,   0 <= f_cl <= near_cl

    The flow is whole where x is (its limits are). Current & Storbeck 1988, Capacitated covering models,
    https://doi.org/10.1068/b150153.
    """
    if "placed" in model.aside:
        return model.aside["placed"]
    cover, problem = model.cover, model.problem
    near = near_by_unit(cover).tocoo()
    flows: list[tuple[int, int, pulp.LpVariable]] = []
    for unit, link, people in zip(*(c.tolist() for c in near.coords), near.data.tolist(), strict=True):
        if model.links[link] is not None:
            flow = problem.add_variable(f"f{unit:05d}_{link:06d}", 0, people)
            flows.append((unit, link, flow))
    of_unit: dict[int, list[tuple[pulp.LpVariable, int]]] = {}
    at_link: dict[int, list[tuple[pulp.LpVariable, int]]] = {}
    for unit, link, flow in flows:
        of_unit.setdefault(unit, []).append((flow, 1))
        at_link.setdefault(link, []).append((flow, 1))
    for unit, terms in of_unit.items():
        rows = np.flatnonzero((cover.unit == unit) & (cover.elders > 0)).tolist()
        problem += Expression([*terms, *((model.served[i], -int(cover.elders[i])) for i in rows)]) <= 0
    openers: dict[int, list[int]] = {}
    for j, link in enumerate(cover.opens.tolist()):
        openers.setdefault(link, []).append(j)
    for link, terms in at_link.items():
        problem += Expression([*terms, *((model.build[j], -int(cover.capacity[j])) for j in openers[link])]) <= 0
    model.aside["placed"] = Expression([(flow, 1) for _, _, flow in flows])
    return model.aside["placed"]


def _worst(model: Model, limit: Limit) -> Expression:
    """Return the least share t of elders covered in any unit, in thousandths: a_c t / 1000 <= covered_c for each c."""
    cover, problem = model.cover, model.problem
    worst = problem.add_variable(f"t{problem.numVariables():07d}", 0, 1000, pulp.LpInteger)
    for unit in () if limit.units is None else limit.units.tolist():
        covered = _people(model, Limit("", "at least", 0, counts="elders", units=np.array([unit])))
        total, before = int(cover.unit_total[unit]), int(cover.unit_before[unit])
        problem += covered - (total / 1000) * worst >= -before
    return Expression([(worst, 1)])


def _share(cover: Cover, limit: Limit, unit: int) -> Limit:
    """Return the least share of one unit as a limit on its people."""
    needed = -(-int(cover.unit_total[unit]) * limit.limit // 1000) - int(cover.unit_before[unit])
    return Limit(limit.rule, "at least", max(0, needed), counts="elders", units=np.array([unit]))


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

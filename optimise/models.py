"""The siting models, written with PuLP over the groups of `cover` and the limits of `rules`.

Names in the formulas: i a group of a_i elders with the same links N_i; j an option with cost c_j; l a link (what reach
hangs on); x_j = 1 where an option is chosen; z_l = 1 where a link is open; y_i = 1 where a group is covered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pulp

from optimise.cover import Cover
from optimise.limit import Limit, Whole
from optimise.placing import near_by_unit
from optimise.variables import Bundles, Expression, bundles_of, followers, groups_near, links_of, options_of, weighed

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
    bundles: Bundles
    cover: Cover
    missed: dict[tuple[str, str], pulp.LpVariable] = field(default_factory=dict)
    aside: dict[str, Expression] = field(default_factory=dict)
    follows: list[tuple[pulp.LpVariable, Whole]] = field(default_factory=list)
    """Variables that are 1 where one of some options is chosen: links, bundles, sets that count once."""
    may_miss: list[tuple[pulp.LpVariable, Limit]] = field(default_factory=list)

    def start(self, sites: Iterable[int]) -> dict[pulp.LpVariable, float]:
        """Return the figures that a plan gives to the decisions and to all that follows from them alone."""
        built = np.zeros(len(self.build), dtype=np.int64)
        built[list(sites)] = 1
        known = {x: float(b) for x, b in zip(self.build, built, strict=True)}
        known |= {v: float(built[columns].any()) for v, columns in self.follows}
        for missed, limit in self.may_miss:
            if limit.counts == "options":
                broken = not limit.kept(limit.of_options(built))
                known[missed] = max(known.get(missed, 0.0), float(broken))
        return known


def mclp(
    cover: Cover, limits: Iterable[Limit], *, open_: Sequence[bool] | None = None, bundle: Whole | None = None
) -> Model:
    """Write the maximal covering model with options, costs, budget and area rules.

        max  sum_i a_i y_i
        s.t. y_i <= sum_{l in N_i} z_l                for each group i
             z_l <= sum_{j opens l} x_j               for each link l
             sum_j w_rj x_j + sum_s u_s <= (or >=) limit_r   for each rule r
             u_s <= sum_{j in s} x_j                  for each set s that counts once (u_s >= x_j under an upper limit)
             x_j in {0, 1},  0 <= y_i, z_l, u_s <= 1

    `bundle`: the bundle of each option, b = sum x_j of one of which at most one is chosen and most rules ask no more.
    A link that one option opens is that option. Options that are not open stay unbuilt. y, z and u may be continuous:
    with whole x they are 0 or 1 of themselves.
    Church & ReVelle 1974, The maximal covering location problem, https://doi.org/10.1007/BF01942293, where the one
    rule is sum_j x_j = p and each site is one option.
    """
    problem = pulp.LpProblem("mclp", pulp.LpMaximize)
    build = options_of(problem, cover, open_)
    bundles = bundles_of(problem, build, bundle)
    links = links_of(problem, cover, build, bundles)
    served = [problem.add_variable(f"y{i:07d}", 0, 1) for i in range(len(cover.elders))]
    for y, near in zip(served, groups_near(cover), strict=True):
        problem += Expression([(y, 1), *((links[k], -1) for k in near if links[k] is not None)]) <= 0
    model = Model(problem, build, served, links, bundles, cover, follows=followers(cover, links, bundles))
    for limit in limits:
        hold(model, limit)
    return model


def lscp(
    cover: Cover, limits: Iterable[Limit], *, open_: Sequence[bool] | None = None, bundle: Whole | None = None
) -> Model:
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
    build = options_of(problem, cover, open_)
    bundles = bundles_of(problem, build, bundle)
    links = links_of(problem, cover, build, bundles)
    for near in groups_near(cover):
        problem += Expression([(links[k], 1) for k in near if links[k] is not None]) >= 1
    model = Model(problem, build, [], links, bundles, cover, follows=followers(cover, links, bundles))
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
        model.may_miss.append((missed, limit))
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
    build, problem = model.build, model.problem
    terms = weighed(build, model.bundles, limit.columns, limit.weights)
    for each in limit.either:
        met = problem.add_variable(f"u{problem.numVariables():07d}", 0, 1)
        model.follows.append((met, each))
        if limit.sense == "at least":
            any_of = weighed(build, model.bundles, each, np.full(len(each), -1))
            problem += Expression([(met, 1), *any_of]) <= 0
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

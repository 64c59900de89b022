"""Money over counties: which of its plans each county gets, and how much any other way of sharing could be worth."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import pulp

from optimise.county_front import CountyFront, Offer
from optimise.solve import HALF, Solver, solve_problem
from optimise.variables import Expression


@dataclass(frozen=True)
class Shares:
    """How the money may be shared, by county: `least_yuan`, `most_yuan`, `least_elders` (its own, newly covered).

    A county's least money is kept for it even where its plan costs less.
    """

    least_yuan: Mapping[str, int] = field(default_factory=dict)
    most_yuan: Mapping[str, int] = field(default_factory=dict)
    least_elders: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse amounts below zero and a least above the most."""
        for name in ("least_yuan", "most_yuan", "least_elders"):
            if wrong := [c for c, n in getattr(self, name).items() if n < 0]:
                raise ValueError(f"{name}: {wrong[0]} is below zero")
        if wrong := [c for c, n in self.least_yuan.items() if n > self.most_yuan.get(c, n)]:
            raise ValueError(f"least_yuan: {wrong[0]} is above most_yuan")


@dataclass(frozen=True)
class Allotment:
    """The plan each county gets: `elders` and `bound` count people near borders once for each county that sees them.

    `short` names counties whose least cannot be had by any plan known; then nothing is allotted.
    """

    offers: Mapping[str, Offer]
    cost_yuan: int
    elders: int
    bound: int
    short: tuple[str, ...] = ()


def allot(
    fronts: Sequence[CountyFront],
    budget_yuan: int,
    *,
    shares: Shares | None = None,
    seconds: float = 60.0,
    solver: Solver = "auto",
) -> Allotment:
    """Choose a plan for each county so that most elders are covered for the money.

        max  sum_ck a_ck x_ck
        s.t. sum_k x_ck = 1                                    for each county c
             sum_ck max(cost_ck, least_c) x_ck <= budget
             x_ck in {0, 1}, for plans within the county's most and above its least of elders

    A multiple-choice knapsack (Sinha & Zoltners 1979, https://doi.org/10.1287/opre.27.3.503). `bound` is proven for
    every plan, not only those offered: see `most_for`.
    """
    shares = shares or Shares()
    bound = most_for(fronts, budget_yuan, shares)
    able = {front.county_id: _able(front, shares) for front in fronts}
    if short := tuple(county for county, offers in able.items() if not offers):
        return Allotment({}, 0, 0, bound, short)
    problem = pulp.LpProblem("allotment", pulp.LpMaximize)
    take: list[tuple[pulp.LpVariable, str, Offer]] = []
    for c, (county, offers) in enumerate(able.items()):
        own = [problem.add_variable(f"x{c:04d}_{k:04d}", 0, 1, pulp.LpInteger) for k in range(len(offers))]
        problem.addConstraint(Expression([(x, 1) for x in own]) == 1)
        take += [(x, county, offer) for x, offer in zip(own, offers, strict=True)]
    kept = [max(offer.cost_yuan, shares.least_yuan.get(county, 0)) for _, county, offer in take]
    unit = math.gcd(*kept) or 1
    paid = [(x, yuan // unit) for (x, *_), yuan in zip(take, kept, strict=True)]
    problem += Expression(paid) <= budget_yuan // unit
    problem.setObjective(Expression([(x, offer.elders) for x, _, offer in take]))
    figures = solve_problem(problem, seconds=seconds, solver="auto" if solver == "search" else solver).figures
    if figures is None:
        return Allotment({}, 0, 0, bound, tuple(able) if _cheapest(able, shares) > budget_yuan else ())
    got = {county: offer for x, county, offer in take if figures.get(x, 0.0) > HALF}
    cost = sum(offer.cost_yuan for offer in got.values())
    taken = sum(max(offer.cost_yuan, shares.least_yuan.get(county, 0)) for county, offer in got.items())
    if len(got) != len(able) or taken > budget_yuan:
        raise RuntimeError("the allotment does not add up")  # pragma: no cover - would be the solver's fault
    return Allotment(got, cost, sum(offer.elders for offer in got.values()), bound)


def most_for(fronts: Sequence[CountyFront], budget_yuan: int, shares: Shares | None = None) -> int:
    """Return what no plan of all counties together is worth more than, for so much money.

    With a price p on money, each county by itself does best where its front rises more steeply than p:

        min_p  p budget + sum_c max_b (ceiling_c(b) - p b),   least_c <= b <= most_c

    exact in fractions, for any p; it is least at one of the ceilings' own prices. People near a border count in each
    county that could serve them, which can only raise the bound.
    """
    shares = shares or Shares()
    prices = sorted({Fraction(0), *(line.per_yuan for front in fronts for line in front.ceilings)})
    envelopes = [_corners(front, budget_yuan, shares) for front in fronts]

    def at(price: Fraction) -> Fraction:
        return price * budget_yuan + sum(
            (max(worth - price * yuan for yuan, worth in corners) for corners in envelopes), Fraction(0)
        )

    low, high = 0, len(prices) - 1
    while high - low > 2:  # noqa: PLR2004 - convex: a third is left out each time
        third = (high - low) // 3
        if at(prices[low + third]) <= at(prices[high - third]):
            high -= third
        else:
            low += third
    return math.floor(min(at(price) for price in prices[low : high + 1]))


def _able(front: CountyFront, shares: Shares) -> list[Offer]:
    most = shares.most_yuan.get(front.county_id)
    least = shares.least_elders.get(front.county_id, 0)
    return [o for o in front.offers if (most is None or o.cost_yuan <= most) and o.own >= least]


def _cheapest(able: Mapping[str, list[Offer]], shares: Shares) -> int:
    return sum(max(min(o.cost_yuan for o in offers), shares.least_yuan.get(c, 0)) for c, offers in able.items())


def _corners(front: CountyFront, budget_yuan: int, shares: Shares) -> list[tuple[Fraction, Fraction]]:
    """Return the corners of the lowest ceilings between the least and the most money: yuan, and worth there."""
    least = Fraction(shares.least_yuan.get(front.county_id, 0))
    most = max(Fraction(shares.most_yuan.get(front.county_id, budget_yuan)), least)
    lines = sorted({(line.per_yuan, line.at_nothing) for line in front.ceilings}, reverse=True)
    at = {least, most}
    for k, (steep, low) in enumerate(lines):
        for flat, high in lines[k + 1 :]:
            if steep > flat and least < (meet := (high - low) / (steep - flat)) < most:
                at.add(meet)
    return [(yuan, front.most_at(yuan)) for yuan in sorted(at)]

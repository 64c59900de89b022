"""A plan recomputed from nothing but its list of sites, by code that knows no model and no solver."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from gis.errors import PlanningError
from optimise.plan import Culprit, Plan, PlanStatus
from optimise.rules import SitingRules


class BrokenPlanError(PlanningError):
    """A plan breaks a rule or does not add up; `culprits` names every rule and figure that is wrong."""

    def __init__(self, culprits: Iterable[Culprit]) -> None:
        """Keep what is broken."""
        self.culprits = tuple(culprits)
        super().__init__("; ".join(f"{c.rule} {'、'.join(c.names)}: {c.asked} / {c.available}" for c in self.culprits))


@dataclass(frozen=True, eq=False)
class Recount:
    """What a list of sites comes to: the fields are those of `Plan`; `broken` names the rules that are not kept."""

    sites: pd.DataFrame
    elders_total: int
    elders_covered_before: int
    elders_covered: int
    cost_yuan: int
    floor_area_m2: float
    rules: Mapping[str, tuple[float, float]]
    broken: tuple[Culprit, ...]


def recount(
    chosen: Iterable[str], demand: pd.DataFrame, pairs: pd.DataFrame, candidates: pd.DataFrame, *, rules: SitingRules
) -> Recount:
    """Count anew what these sites cover, cost and measure, and which rules they break, by name.

    Tables as in `site`. A site that is no candidate or stands twice is broken under `unknown_site` or `site_twice`.

    >>> demand = pd.DataFrame({"elders": [30, 20], "covered": [False, False]}, index=["a", "b"])
    >>> pairs = pd.DataFrame({"demand_id": ["a"], "candidate_id": ["X"], "minutes": [4.0]})
    >>> candidates = pd.DataFrame(
    ...     {"name": ["旧厂房"], "kind": ["day_care"], "floor_area_m2": [400.0], "cost_yuan": [900_000]}, index=["X"]
    ... )
    >>> found = recount(["X"], demand, pairs, candidates, rules=SitingRules(budget_yuan=800_000, cover_all=True))
    >>> found.elders_covered, [c.rule for c in found.broken]
    (30, ['budget', 'cover_all'])
    """
    given = list(chosen)
    unknown = tuple(str(i) for i in given if i not in candidates.index)
    twice = tuple(sorted({str(i) for i in given if given.count(i) > 1}))
    ids = sorted({i for i in given if i in candidates.index})
    serves: dict[str, list[str]] = {i: [] for i in ids}
    near = pairs[pairs["candidate_id"].isin(ids)]
    for home, place in zip(near["demand_id"], near["candidate_id"], strict=True):
        serves[place].append(home)
    elders = {home: int(n) for home, n in demand["elders"].items()}
    served = {home for home, yes in demand["covered"].items() if yes}
    before = sum(elders[home] for home in served)
    gained = []
    for place in ids:
        new = set(serves[place]) - served
        gained.append(sum(elders[home] for home in new))
        served |= new
    sites = candidates.loc[ids, ["name", "kind", "floor_area_m2", "cost_yuan"]].assign(elders_gained=gained)
    sites = sites.astype({"floor_area_m2": float, "cost_yuan": "int64", "elders_gained": "int64"})
    sites.index.name = "candidate_id"
    tally, broken = _judge(sites, candidates, rules, sum(elders[home] for home in served), sum(elders.values()))
    wrong = [Culprit("unknown_site", unknown, len(unknown), 0)] if unknown else []
    wrong += [Culprit("site_twice", twice, len(twice), 0)] if twice else []
    return Recount(
        sites=sites,
        elders_total=sum(elders.values()),
        elders_covered_before=before,
        elders_covered=before + sum(gained),
        cost_yuan=sum(int(c) for c in sites["cost_yuan"]),
        floor_area_m2=float(sum(_exact(a) for a in sites["floor_area_m2"])),
        rules=tally,
        broken=(*wrong, *broken),
    )


def check(
    plan: Plan, demand: pd.DataFrame, pairs: pd.DataFrame, candidates: pd.DataFrame, *, rules: SitingRules
) -> None:
    """Raise BrokenPlanError, naming everything wrong, unless a plan keeps the rules and its figures hold.

    A plan without sites because there is none (INFEASIBLE, LIMIT) is checked for its figures alone.
    """
    found = recount(plan.sites.index, demand, pairs, candidates, rules=rules)
    broken = [] if plan.status in (PlanStatus.INFEASIBLE, PlanStatus.LIMIT) else list(found.broken)
    for figure in ("elders_total", "elders_covered_before", "elders_covered", "cost_yuan", "floor_area_m2"):
        said, is_ = getattr(plan, figure), getattr(found, figure)
        if said != is_:
            broken.append(Culprit(figure, (), said, is_))
    if not plan.sites[list(found.sites)].equals(found.sites):
        broken.append(Culprit("sites", tuple(plan.sites.index), len(plan.sites), len(found.sites)))
    if plan.bound is not None and plan.bound < found.elders_covered:
        broken.append(Culprit("bound", (), plan.bound, found.elders_covered))
    if plan.status == PlanStatus.OPTIMAL and plan.gap != 0:
        broken.append(Culprit("gap", (), float("nan") if plan.gap is None else plan.gap, 0))
    if broken:
        raise BrokenPlanError(broken)


def _judge(
    sites: pd.DataFrame, candidates: pd.DataFrame, rules: SitingRules, covered: int, total: int
) -> tuple[dict[str, tuple[float, float]], tuple[Culprit, ...]]:
    """Hold the sites against each rule in force; money and people as whole numbers, floor areas as fractions."""
    area = sum((_exact(a) for a in sites["floor_area_m2"]), Fraction(0))
    rows = zip(sites["name"], sites["kind"], sites["floor_area_m2"], strict=True)
    small = [str(n) for n, kind, a in rows if _exact(a) < _exact(rules.min_site_floor_area_m2.get(kind, 0))]
    wanted = list(dict.fromkeys(rules.required))
    absent = [i for i in wanted if i not in sites.index]
    built = [str(sites["name"][i]) for i in dict.fromkeys(rules.forbidden) if i in sites.index]
    rate, room = rules.min_floor_area_m2_per_10k_residents, rules.max_total_floor_area_m2
    needed = Fraction(str(rate or 0)) * rules.residents / 10_000
    most: list[tuple[str, Fraction | int, Fraction | int | None, list[str]]] = [
        ("budget", sum(int(c) for c in sites["cost_yuan"]), rules.budget_yuan, []),
        ("total_floor_area", area, None if room is None else _exact(room), []),
        ("site_floor_area", len(small), 0 if rules.min_site_floor_area_m2 else None, small),
        ("forbidden", len(built), 0 if rules.forbidden else None, built),
        ("max_sites", len(sites), rules.max_sites, []),
    ]
    names = [str(candidates["name"].get(i, i)) for i in absent]
    least: list[tuple[str, Fraction | int, Fraction | int | None, list[str]]] = [
        ("required", len(wanted) - len(absent), len(wanted) if wanted else None, names),
        ("floor_area_per_10k", _exact(rules.existing_floor_area_m2) + area, None if rate is None else needed, []),
        ("cover_all", covered, total if rules.cover_all else None, []),
    ]
    tally = {rule: (float(used), float(limit)) for rule, used, limit, _ in most + least if limit is not None}
    broken = [
        Culprit(rule, tuple(who), float(used), float(limit))
        for rule, used, limit, who in most
        if limit is not None and used > limit
    ]
    broken += [
        Culprit(rule, tuple(who), float(limit), float(used))
        for rule, used, limit, who in least
        if limit is not None and used < limit
    ]
    return tally, tuple(broken)


def _exact(area_m2: float) -> Fraction:
    """Return a floor area exactly, to the hundredth of a square metre."""
    return Fraction(str(round(float(area_m2), 2)))

"""A plan recomputed from nothing but its list of sites, by code that knows no model and no solver."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pandas as pd

from gis.errors import PlanningError
from optimise.layout_rules import LayoutRules
from optimise.options import one_each
from optimise.plan import Culprit, Plan, PlanStatus
from optimise.recount import exact, people, site_table, with_a_place, worth, year_table
from optimise.rules import SitingRules
from optimise.ruling import Case, Line, rooms, ruling


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
    kept: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    reached: Mapping[str, int] = field(default_factory=dict)
    tally: pd.DataFrame = field(default_factory=pd.DataFrame)
    by_year: pd.DataFrame = field(default_factory=pd.DataFrame)
    worst_served: str = ""


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
    whole = {"name": "", "residents": rules.residents, "floor_area_m2": rules.existing_floor_area_m2}
    return recount_layout(
        chosen,
        one_each(candidates),
        demand,
        pairs.rename(columns={"candidate_id": "site_id"}),
        rules=rules.layout(),
        communities=pd.DataFrame(whole, index=[""]),
    )


def recount_layout(
    chosen: Iterable[str],
    options: pd.DataFrame,
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    *,
    rules: LayoutRules,
    communities: pd.DataFrame | None = None,
    serves: pd.DataFrame | None = None,
    near: pd.DataFrame | None = None,
    places: bool = False,
) -> Recount:
    """Count anew what a list of decisions (by `option_id`) comes to, and judge it by every rule; tables as in `layout`.

    `places`: count the elders who have a place as well.
    """
    given = list(chosen)
    unknown = tuple(str(i) for i in given if i not in options.index)
    twice = tuple(sorted({str(i) for i in given if given.count(i) > 1}))
    every = _rows(options)
    by_id = {row["option_id"]: row for row in every}
    rows = [by_id[i] for i in sorted({i for i in given if i in by_id})]
    standing = {row["site_id"]: row for row in every if row["existing"] and row["mode"] == "keep"}
    farthest = rules.decay[-1][0] if rules.decay else None
    sites = {row["site_id"] for row in rows} | set(standing)
    who = people(demand, pairs, sites, site_key="site_id", farthest=farthest)
    case = Case(rows, every, _communities(communities), _pairs(serves), _pairs(near), who)
    lines = ruling(case, rules)

    new = case.new
    kept = [row for row in rows if row["mode"] == "keep"]
    nearest = who.covered(row["site_id"] for row in rows if row["serves"])
    table = site_table(new, who, (row["site_id"] for row in kept if row["serves"]))
    named = set(_to_lift(demand, pairs, every, rules))
    share, worst = _least_share(who.by_unit(nearest), who.by_unit(who.elders), named)
    reached = {
        "legal_shortfall": sum(not line.kept for line in lines if line.rule in rules.soft),
        "elders": who.count(nearest),
        "worst_served": share,
        "cost_yuan": sum(int(row["cost_yuan"]) for row in rows),
        "running_yuan": sum(int(row["running_yuan"]) for row in rows),
        "vacated": sum(bool(row["vacated"]) for row in new),
        "sites": len(rows),
    }
    if rules.decay:
        reached["elders_near"] = worth(who, nearest, rules.decay)
    if places or rules.min_placed is not None:
        reached["placed"] = with_a_place(who, rooms(rows))
    wrong = [Culprit("unknown_site", unknown, len(unknown), 0)] if unknown else []
    wrong += [Culprit("site_twice", twice, len(twice), 0)] if twice else []
    broken = [_culprit(line) for line in lines if not line.kept and line.rule not in rules.soft]
    return Recount(
        sites=table,
        elders_total=who.count(who.elders),
        elders_covered_before=who.count(who.covered(i for i, row in standing.items() if row["serves"])),
        elders_covered=reached["elders"],
        cost_yuan=reached["cost_yuan"],
        floor_area_m2=float(sum((exact(row["added_m2"]) for row in new), Fraction(0))),
        rules=_by_rule(lines),
        broken=(*wrong, *broken),
        kept=tuple(row["option_id"] for row in kept),
        closed=tuple(sorted(set(standing) - {row["site_id"] for row in rows})),
        reached=reached,
        tally=_tally(lines, rules),
        by_year=year_table(
            new,
            [row for i, row in standing.items() if i in {r["site_id"] for r in rows}],
            who,
            sorted({row["year"] for row in every if row["mode"] != "keep"}),
        ),
        worst_served=str(case.communities["name"].get(worst, worst)),
    )


def check(
    plan: Plan, demand: pd.DataFrame, pairs: pd.DataFrame, candidates: pd.DataFrame, *, rules: SitingRules
) -> None:
    """Raise BrokenPlanError, naming everything wrong, unless a plan keeps the rules and its figures hold.

    A plan without sites because there is none (INFEASIBLE, LIMIT) is checked for its figures alone.
    """
    _hold(plan, recount(plan.sites.index, demand, pairs, candidates, rules=rules))


def check_layout(
    plan: Plan,
    options: pd.DataFrame,
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    *,
    rules: LayoutRules,
    communities: pd.DataFrame | None = None,
    serves: pd.DataFrame | None = None,
    near: pd.DataFrame | None = None,
) -> None:
    """Raise BrokenPlanError, naming everything wrong, unless a layout keeps its rules and its figures hold."""
    tables = {"communities": communities, "serves": serves, "near": near, "places": "placed" in plan.reached}
    _hold(plan, recount_layout(plan.options, options, demand, pairs, rules=rules, **tables))  # type: ignore[arg-type]


def _hold(plan: Plan, found: Recount) -> None:
    broken = [] if plan.status in (PlanStatus.INFEASIBLE, PlanStatus.LIMIT) else list(found.broken)
    for figure in ("elders_total", "elders_covered_before", "elders_covered", "cost_yuan", "floor_area_m2"):
        said, is_ = getattr(plan, figure), getattr(found, figure)
        if said != is_:
            broken.append(Culprit(figure, (), said, is_))
    if not plan.sites[list(found.sites)].equals(found.sites):
        broken.append(Culprit("sites", tuple(plan.sites.index), len(plan.sites), len(found.sites)))
    broken += [
        Culprit(goal, (), n, found.reached[goal]) for goal, n in plan.reached.items() if found.reached[goal] != n
    ]
    for table in ("tally", "by_year") if not broken else ():
        if not getattr(plan, table).equals(getattr(found, table)):
            broken.append(Culprit(table, (), len(getattr(plan, table)), len(getattr(found, table))))
    if plan.bound is not None and plan.bound < found.elders_covered:
        broken.append(Culprit("bound", (), plan.bound, found.elders_covered))
    if plan.status == PlanStatus.OPTIMAL and plan.gap != 0:
        broken.append(Culprit("gap", (), float("nan") if plan.gap is None else plan.gap, 0))
    if broken:
        raise BrokenPlanError(broken)


def _rows(options: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the options as plain records."""
    columns = {"option_id": options.index.tolist()} | {str(name): options[name].tolist() for name in options}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _communities(table: pd.DataFrame | None) -> pd.DataFrame:
    given = pd.DataFrame({"name": ""}, index=[""]) if table is None else table.sort_index()
    wanted: dict[str, Any] = {
        "name": "",
        "residents": 0,
        "street_id": "",
        "county_id": "",
        "floor_area_m2": 0.0,
        "land_m2": 0.0,
    }
    return given.assign(**{column: value for column, value in wanted.items() if column not in given})


def _pairs(table: pd.DataFrame | None) -> set[tuple[str, str]]:
    return set() if table is None else set(zip(table.iloc[:, 0], table.iloc[:, 1], strict=True))


def _to_lift(
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    every: list[dict[str, Any]],
    rules: LayoutRules,
) -> Iterable[str]:
    """Return the units in which anybody is covered or could be by some decision."""
    if "community_id" not in demand:
        return [""]
    sites = {row["site_id"] for row in every if row["serves"]}
    near = pairs[pairs["minutes"] <= rules.decay[-1][0]] if rules.decay else pairs
    homes = set(near["demand_id"][near["site_id"].isin(sites)])
    reached = demand[(demand["covered"] | demand.index.isin(homes)) & (demand["elders"] > 0)]
    return reached["community_id"].fillna("").astype(str)


def _least_share(inside: Mapping[str, int], all_: Mapping[str, int], units: set[str]) -> tuple[int, str]:
    """Return the least share of elders covered, in thousandths (cut), and the first unit that has it."""
    shares = [(Fraction(inside.get(unit, 0), all_[unit]), unit) for unit in sorted(units) if all_.get(unit)]
    least, unit = min(shares, default=(Fraction(1), ""))
    return int(least * 1000), unit


def _culprit(line: Line) -> Culprit:
    used, limit = float(line.used), float(line.limit)
    names = (*line.unit, *(name for name in line.names if name not in line.unit))
    return Culprit(line.rule, names, *((used, limit) if line.sense == "at most" else (limit, used)))


def _by_rule(lines: list[Line]) -> dict[str, tuple[float, float]]:
    """Return for each rule what is used and allowed, or how many of its lines are kept where it has several."""
    found: dict[str, tuple[float, float]] = {}
    for rule in dict.fromkeys(line.rule for line in lines):
        own = [line for line in lines if line.rule == rule]
        one = (float(own[0].used), float(own[0].limit))
        found[rule] = one if len(own) == 1 else (float(sum(line.kept for line in own)), float(len(own)))
    return found


def _tally(lines: list[Line], rules: LayoutRules) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rule": [line.rule for line in lines],
            "unit": ["、".join(line.unit) for line in lines],
            "sense": [line.sense for line in lines],
            "used": [float(line.used) for line in lines],
            "limit": [float(line.limit) for line in lines],
            "slack": [
                float(line.limit - line.used if line.sense == "at most" else line.used - line.limit) for line in lines
            ],
            "kept": [line.kept for line in lines],
            "soft": [line.rule in rules.soft for line in lines],
            "legal": [rules.legal.get(line.rule, "") for line in lines],
        }
    )

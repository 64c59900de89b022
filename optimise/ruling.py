"""Every rule of a layout held against a list of decisions, by code that knows no model, no limit and no solver."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any, Literal

import pandas as pd

from optimise.layout_rules import LayoutRules
from optimise.options import called
from optimise.recount import People, exact, with_a_place

Row = dict[str, Any]
Amount = Fraction | int


@dataclass(frozen=True)
class Line:
    """One rule in one place: how much is used (or reached), how much is allowed (or asked), and who is to blame."""

    rule: str
    unit: tuple[str, ...]
    sense: Literal["at most", "at least"]
    used: Amount
    limit: Amount
    names: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether the rule is kept here."""
        return self.used <= self.limit if self.sense == "at most" else self.used >= self.limit


@dataclass(frozen=True, eq=False)
class Case:
    """The list of decisions (`rows`, one a decision, by site) and what it is judged by; `new` leaves out what stays."""

    rows: list[Row]
    every: list[Row]
    communities: pd.DataFrame
    serves: set[tuple[str, str]]
    near: set[tuple[str, str]]
    who: People

    @property
    def new(self) -> list[Row]:
        """What is built or upgraded."""
        return [row for row in self.rows if row["mode"] != "keep"]

    @cached_property
    def names(self) -> dict[str, str]:
        """What each site is called."""
        return called((row["site_id"], row["name"]) for row in self.every)

    def named(self, rows: Iterable[Row]) -> tuple[str, ...]:
        """Return what the sites of some decisions are called."""
        return tuple(self.names[row["site_id"]] for row in rows)

    def units(self, level: str) -> dict[str, list[Row]]:
        """Return the communities of each unit of a level, by its identifier."""
        found: dict[str, list[Row]] = {}
        for row in _records(self.communities):
            community = row["community_id"]
            key = {"city": "", "community": community}.get(level, row.get(f"{level}_id"))
            if level in ("city", "community") or (key and not pd.isna(key)):
                found.setdefault(str(key), []).append(row)
        return dict(sorted(found.items()))


def ruling(case: Case, rules: LayoutRules) -> list[Line]:
    """Return each rule in force, place by place, with what the decisions come to."""
    return [
        *_money(case, rules),
        *_areas(case, rules),
        *_sites(case, rules),
        *_administration(case, rules),
        *_milestones(case, rules),
        *_people(case, rules),
    ]


def _money(case: Case, rules: LayoutRules) -> Iterable[Line]:
    def paid(rows: Iterable[Row]) -> int:
        return sum(int(r["cost_yuan"]) - (int(r["subsidy_yuan"]) if rules.net_of_subsidy else 0) for r in rows)

    if rules.budget_yuan is not None:
        yield Line("budget", (), "at most", paid(case.rows), rules.budget_yuan)
    given = dict(sorted(rules.budget_by_year_yuan.items()))
    for year, money in given.items():
        if rules.carry_over:
            spent = paid(r for r in case.rows if r["year"] <= year)
            yield Line("budget_year", (str(year),), "at most", spent, sum(m for y, m in given.items() if y <= year))
        else:
            yield Line("budget_year", (str(year),), "at most", paid(r for r in case.rows if r["year"] == year), money)
    if given:
        outside = [r for r in case.new if r["year"] not in given and paid([r]) > 0]
        if any(r["year"] not in given and paid([r]) > 0 for r in case.every if r["mode"] != "keep"):
            yield Line("budget_year", ("-",), "at most", paid(outside), 0, case.named(outside))
    for county, money in sorted(rules.county_budget_yuan.items()):
        name = _called(case.units("county").get(county, []), "county", county)
        spent = paid(r for r in case.rows if r["county_id"] == county)
        yield Line("county_share", (name,), "at most", spent, money)
    if rules.max_running_yuan is not None:
        running = sum(int(r["running_yuan"]) - int(r["subsidy_yuan_year"]) for r in case.rows)
        yield Line("running_cost", (), "at most", running, rules.max_running_yuan)


def _areas(case: Case, rules: LayoutRules) -> Iterable[Line]:
    if rules.max_total_floor_area_m2 is not None:
        added = sum((exact(r["added_m2"]) for r in case.rows), Fraction(0))
        yield Line("total_floor_area", (), "at most", added, exact(rules.max_total_floor_area_m2))
    if rules.min_site_floor_area_m2:
        least = rules.min_site_floor_area_m2
        small = [r for r in case.new if exact(r["floor_area_m2"]) < exact(least.get(r["kind"], 0))]
        yield Line("site_floor_area", (), "at most", len(small), 0, case.named(small))
    for kind, area in rules.joint_floor_area_m2.items():
        points = [r for r in case.rows if r["kind"] == kind]
        for community in sorted({r["community_id"] for r in points if r["mode"] != "keep"}):
            here = [r for r in points if r["community_id"] == community]
            total = sum((exact(r["floor_area_m2"]) for r in here), Fraction(0))
            name = case.communities["name"].get(community, community)
            yield Line("joint_floor_area", (str(name),), "at least", total, exact(area), case.named(here))
    for rule, rates, column, there, per in (
        ("floor_area_per_10k", rules.floor_area_m2_per_10k, "floor_area_m2", "floor_area_m2", 10_000),
        ("land_per_person", rules.land_m2_per_person, "land_m2", "land_m2", 1),
    ):
        for level, rate in rates.items():
            for unit, members in case.units(level).items():
                residents = sum(int(m["residents"]) for m in members)
                inside = [r for r in case.rows if level == "city" or r[f"{level}_id"] == unit]
                area_there = sum((exact(m[there]) for m in members), Fraction(0))
                area_there += sum((exact(r[column]) for r in inside), Fraction(0))
                name = () if level == "city" else (_called(members, level, unit),)
                yield Line(rule, name, "at least", area_there, Fraction(str(rate)) * residents / per)


def _sites(case: Case, rules: LayoutRules) -> Iterable[Line]:
    by_site: dict[str, list[Row]] = {}
    for row in case.rows:
        by_site.setdefault(row["site_id"], []).append(row)
    built = {r["site_id"] for r in case.new}
    names = case.names
    if rules.forbidden:
        wrong = tuple(names[i] for i in dict.fromkeys(rules.forbidden) if i in built)
        yield Line("forbidden", (), "at most", len(wrong), 0, wrong)
    if rules.max_sites is not None:
        yield Line("max_sites", (), "at most", len(case.new), rules.max_sites)
    if rules.required:
        wanted = list(dict.fromkeys(rules.required))
        absent = tuple(names.get(i, i) for i in wanted if i not in built)
        yield Line("required", (), "at least", len(wanted) - len(absent), len(wanted), absent)
    if rules.begun:
        first = min((r["year"] for r in case.every if r["mode"] != "keep"), default=0)
        at_once = {r["site_id"] for r in case.new if r["year"] == first}
        wanted = list(dict.fromkeys(rules.begun))
        absent = tuple(names.get(i, i) for i in wanted if i not in at_once)
        yield Line("begun", (), "at least", len(wanted) - len(absent), len(wanted), absent)
    standing = sorted({r["site_id"] for r in case.every if r["existing"]})
    if rules.keep_existing and standing:
        gone = tuple(names[i] for i in standing if i not in by_site)
        yield Line("existing", (), "at least", len(standing) - len(gone), len(standing), gone)
    twice = tuple(names[i] for i, rows in sorted(by_site.items()) if len(rows) > 1)
    if twice or len(names) < len(case.every):
        yield Line("site_once", (), "at most", len(twice), 0, twice)


def _administration(case: Case, rules: LayoutRules) -> Iterable[Line]:
    for street, members in case.units("street").items() if rules.street_centre else ():
        centres = [r for r in case.rows if r["kind"] in rules.street_centre and r["street_id"] == street]
        yield Line("street_centre", (_called(members, "street", street),), "at least", len(centres), 1)
    if rules.community_served:
        caring = [r for r in case.rows if r["kind"] in rules.community_served]
        has = {r["community_id"] for r in caring}
        neighbours = {community for community, site in case.serves if any(r["site_id"] == site for r in caring)}
        names = {str(i): str(name) for i, name in case.communities["name"].items()}
        served = [i for i in names if i in has | neighbours]
        if rules.community_served_share == 1:
            for i, name in names.items():
                yield Line("community_served", (name,), "at least", int(i in served), 1)
        else:
            asked = -((-rules.community_served_share * len(names)) // 1)
            absent = tuple(name for i, name in names.items() if i not in served)
            yield Line("community_served", (), "at least", len(served), asked, absent)
    for kind, other in rules.tied_kinds.items():
        behind = {r["site_id"] for r in case.rows if r["kind"] == other}
        for row in case.new:
            if row["kind"] == kind:
                within = sum((row["site_id"], site) in case.near for site in behind - {row["site_id"]})
                yield Line("tied_kinds", case.named([row]), "at least", within, 1)
    for kind, metres in rules.spacing_m.items():
        of_kind = [r for r in case.rows if r["kind"] == kind]
        close = [
            (a, b)
            for a, b in combinations(of_kind, 2)
            if a["site_id"] != b["site_id"] and not (a["existing"] and b["existing"]) and _apart(a, b) < metres
        ]
        yield Line(
            "spacing", (), "at most", len(close), 0, tuple(dict.fromkeys(case.named(r for p in close for r in p)))
        )


def _milestones(case: Case, rules: LayoutRules) -> Iterable[Line]:
    for milestone in rules.milestones:
        done = [
            r
            for r in case.rows
            if r["kind"] in milestone.kinds
            and (r["existing"] or r["year"] <= milestone.year)
            and milestone.county_id in (None, r["county_id"])
        ]
        where = (
            ()
            if milestone.county_id is None
            else (_called(case.units("county").get(milestone.county_id, []), "county", milestone.county_id),)
        )
        if milestone.count is not None:
            yield Line("milestone", (str(milestone.year), *where), "at least", len(done), milestone.count)
            continue
        inside = [
            row["community_id"]
            for row in _records(case.communities)
            if milestone.county_id is None or row["county_id"] == milestone.county_id
        ]
        finished = {r["community_id"] for r in done} & set(inside)
        asked = -((-(milestone.share or Fraction(0)) * len(inside)) // 1)
        yield Line("milestone", (str(milestone.year), *where), "at least", len(finished), asked)


def _people(case: Case, rules: LayoutRules) -> Iterable[Line]:
    who = case.who
    covered = who.covered(r["site_id"] for r in case.rows if r["serves"])
    inside, all_of_them = who.by_unit(covered), who.by_unit(who.elders)
    for floor in rules.coverage_floors:
        for unit, members in case.units(floor.level).items():
            if floor.unit_id in (None, unit):
                ids = [m["community_id"] for m in members]
                asked = -((-floor.share * sum(all_of_them.get(i, 0) for i in ids)) // 1)
                has = sum(inside.get(i, 0) for i in ids)
                name = () if floor.level == "city" else (_called(members, floor.level, unit),)
                yield Line("coverage_floor", name, "at least", has, asked)
    if rules.min_placed is not None:
        yield Line("capacity", (), "at least", with_a_place(who, rooms(case.rows)), rules.min_placed)
    if rules.cover_all:
        yield Line("cover_all", (), "at least", who.count(covered), who.count(who.elders))


def rooms(rows: Iterable[Row]) -> dict[str, int]:
    """Return the places at each site that serves."""
    found: dict[str, int] = {}
    for row in rows:
        if row["serves"]:
            found[row["site_id"]] = found.get(row["site_id"], 0) + int(row["capacity"])
    return found


def _records(communities: pd.DataFrame) -> list[Row]:
    columns = {"community_id": communities.index.tolist()} | {
        str(name): communities[name].tolist() for name in communities
    }
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _called(members: list[Row], level: str, unit: str) -> str:
    """Return what people call a unit, its identifier where no table says."""
    key = "name" if level == "community" else level
    said = members[0].get(key) if members else None
    return unit if said is None or pd.isna(said) else str(said)


def _apart(a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
    """Return how far apart two sites are, to the micrometre in favour of the farther."""
    return math.dist((a["x_m"], a["y_m"]), (b["x_m"], b["y_m"])) + 1e-6

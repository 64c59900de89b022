"""The rules of a layout as limits in whole numbers on its options and its people."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimise.cover import Cover
from optimise.layout_rules import Floor, LayoutRules, Level, Milestone
from optimise.limit import Limit, Sense, Whole, counted, in_units
from optimise.options import called
from optimise.spacing import cliques, too_close

Mask = NDArray[np.bool_]
M2 = Fraction(1, 100)


@dataclass(frozen=True, eq=False)
class Ground:
    """The tables of a layout, checked and in canonical order: see `optimise.layout.layout`."""

    demand: pd.DataFrame
    pairs: pd.DataFrame
    options: pd.DataFrame
    communities: pd.DataFrame
    serves: pd.DataFrame
    near: pd.DataFrame


def limits(ground: Ground, *, rules: LayoutRules, cover: Cover) -> tuple[Limit, ...]:
    """Return the rules in force as limits, site by site, unit by unit, year by year."""
    write = _Writer(ground, rules, cover)
    found = [
        *write.sites(),
        *write.money(),
        *write.areas(),
        *write.administration(),
        *write.people(),
    ]
    legal, soft = rules.legal, rules.soft
    return tuple(replace(limit, legal=legal.get(limit.rule, ""), soft=limit.rule in soft) for limit in found)


def too_small(options: pd.DataFrame, *, rules: LayoutRules) -> frozenset[str]:
    """Return the options whose floor area is below the least of their kind; what is kept as it is stays as it is.

    >>> from optimise.options import canonical
    >>> sites = pd.DataFrame({"site_id": [*"AB"], "kind": "day_care", "floor_area_m2": [350.0, 349.99]}, index=[*"AB"])
    >>> sorted(too_small(canonical(sites), rules=LayoutRules(min_site_floor_area_m2={"day_care": 350})))
    ['B']
    """
    least = options["kind"].map(dict(rules.min_site_floor_area_m2)).fillna(0.0).to_numpy(dtype=float)
    small = _centiares(options["floor_area_m2"]) < np.round(least * 100).astype(np.int64)
    return frozenset(options.index[small & (options["mode"] != "keep").to_numpy()])


def _centiares(areas: pd.Series) -> Whole:
    """Return floor areas in hundredths of a square metre, the precision that surveys give."""
    return np.asarray(np.round(areas.to_numpy(dtype=float) * 100), dtype=np.int64)


class _Writer:
    """The columns of the table of options as arrays, and the limits written from them."""

    def __init__(self, ground: Ground, rules: LayoutRules, cover: Cover) -> None:
        self.ground, self.rules, self.cover = ground, rules, cover
        table = ground.options
        self.site, self.sites_in_order = (np.asarray(each) for each in pd.factorize(table["site_id"]))
        self.places: dict[Level, tuple[Whole, pd.Index]] = {}
        self.kind = table["kind"].to_numpy(dtype=object)
        self.year = np.where(table["existing"], 0, table["year"]).astype(np.int64)
        self.new = (table["mode"] != "keep").to_numpy()
        self.names = called(zip(table["site_id"], table["name"], strict=True))
        self.units = {level: _of_level(ground.communities, level) for level in ("city", "county", "street")}
        self.units["community"] = pd.Series(ground.communities.index, index=ground.communities.index)
        self.by_site = [np.sort(p) for p in np.split(np.argsort(self.site, kind="stable"), _ends(self.site))[:-1]]

    def sites(self) -> Iterable[Limit]:
        """At most one option a site; what is required, begun, forbidden, too small or kept; how many."""
        rules, table = self.rules, self.ground.options
        for place, of_site in zip(self.sites_in_order, self.by_site, strict=True):
            if len(of_site) > 1:
                yield _one(of_site, "site_once", "at most", 1, (self.names[place],))
        if small := too_small(table, rules=rules):
            yield self._count("site_floor_area", table.index.isin(list(small)), "at most", 0)
        if rules.forbidden:
            yield self._count("forbidden", self._at(rules.forbidden) & self.new, "at most", 0)
        if rules.required:
            yield self._count("required", self._at(rules.required) & self.new, "at least", len(set(rules.required)))
        if rules.begun:
            year = table["year"].to_numpy()
            first = self._at(rules.begun) & self.new & (year == year[self.new].min(initial=9999))
            yield self._count("begun", first, "at least", len(set(rules.begun)))
        if rules.keep_existing and (existing := table["existing"].to_numpy()).any():
            yield self._count("existing", existing, "at least", len(set(self.site[existing])))
        if rules.max_sites is not None:
            yield counted("max_sites", "at most", rules.max_sites, self.new)

    def money(self) -> Iterable[Limit]:
        """Limit what may be spent: in all, by year, by county; and what running it all may cost in a year."""
        rules, table = self.rules, self.ground.options
        cost = table["cost_yuan"].to_numpy()
        if rules.net_of_subsidy:
            cost = cost - table["subsidy_yuan"].to_numpy()
        if rules.budget_yuan is not None:
            yield in_units("budget", "at most", cost, Fraction(rules.budget_yuan))
        so_far = 0
        for year, budget in sorted(rules.budget_by_year_yuan.items()):
            so_far += budget
            year_of = table["year"].to_numpy()
            members = year_of <= year if rules.carry_over else year_of == year
            most = Fraction(so_far if rules.carry_over else budget)
            money = in_units("budget_year", "at most", np.where(members, cost, 0), most, names=(str(year),))
            yield replace(money, part=year)
        if rules.budget_by_year_yuan:
            unpaid = self.new & ~table["year"].isin(list(rules.budget_by_year_yuan)).to_numpy() & (cost > 0)
            if unpaid.any():
                yield in_units("budget_year", "at most", np.where(unpaid, cost, 0), Fraction(0), names=("-",))
        for county, budget in sorted(rules.county_budget_yuan.items()):
            inside = (table["county_id"] == county).to_numpy()
            name = (self._name("county", county),)
            share = in_units("county_share", "at most", np.where(inside, cost, 0), Fraction(budget), names=name)
            yield replace(share, part=county)
        if rules.max_running_yuan is not None:
            running = table["running_yuan"].to_numpy() - table["subsidy_yuan_year"].to_numpy()
            yield in_units("running_cost", "at most", running, Fraction(rules.max_running_yuan))

    def areas(self) -> Iterable[Limit]:
        """Floor area and land: what there is at most, and what units and communities must have at least."""
        rules, table, units = self.rules, self.ground.options, self.ground.communities
        floor, land = _centiares(table["floor_area_m2"]), _centiares(table["land_m2"])
        if rules.max_total_floor_area_m2 is not None:
            most = _hundredths(rules.max_total_floor_area_m2)
            yield in_units("total_floor_area", "at most", _centiares(table["added_m2"]), most, unit=M2)
        for rule, rates, area, there, per in (
            ("floor_area_per_10k", rules.floor_area_m2_per_10k, floor, "floor_area_m2", 10_000),
            ("land_per_person", rules.land_m2_per_person, land, "land_m2", 1),
        ):
            for level, rate in rates.items():
                for unit, members in self._units(level):
                    residents = int(units["residents"][members].sum())
                    base = sum((_hundredths(a) for a in units[there][members]), Fraction(0))
                    needed = Fraction(str(rate)) * residents / per
                    weights = np.where(self._within(level, unit), area, 0)
                    name = () if level == "city" else (self._name(level, unit),)
                    least = in_units(rule, "at least", weights, needed, unit=M2, base=base, names=name)
                    yield replace(least, part=level)
        for kind, together in rules.joint_floor_area_m2.items():
            yield from self._joint(kind, _hundredths(together), floor)

    def _joint(self, kind: str, least: Fraction, floor: Whole) -> Iterable[Limit]:
        """Let a new point of a kind need the other points of its community, unless it is large enough by itself."""
        community = self.ground.options["community_id"].to_numpy(dtype=object)
        asked = int(least * 100)
        of_kind = self.kind == kind
        for unit in sorted(set(community[of_kind])):
            points = of_kind & (community == unit)
            for place in sorted(set(self.site[points])):
                own = points & self.new & (self.site == place)
                if (floor[own] < asked).any():
                    weights = np.where(points, floor, 0) - np.where(own, asked, 0)
                    name = (self._name("community", unit), self.names[self.sites_in_order[place]])
                    points_of = in_units("joint_floor_area", "at least", weights, Fraction(0), unit=M2, names=name)
                    yield replace(points_of, part=kind)

    def administration(self) -> Iterable[Limit]:
        """Each street its centre, each community its service, kinds that need each other, spacing, milestones."""
        rules, table = self.rules, self.ground.options
        if rules.street_centre:
            centres = np.isin(self.kind, rules.street_centre)
            for street, _ in self._units("street"):
                inside = centres & self._within("street", street)
                yield counted("street_centre", "at least", 1, inside, names=(self._name("street", street),))
        if rules.community_served:
            yield from self._served()
        for kind, other in rules.tied_kinds.items():
            yield from self._tied(kind, other)
        for kind, metres in rules.spacing_m.items():
            yield from self._spaced(kind, metres)
        for k, milestone in enumerate(rules.milestones):
            yield replace(self._milestone(milestone, table), part=k)

    def _served(self) -> Iterable[Limit]:
        rules, ground = self.rules, self.ground
        caring = np.isin(self.kind, rules.community_served)
        places = {place: k for k, place in enumerate(self.sites_in_order)}
        near: dict[str, set[int]] = {unit: set() for unit in ground.communities.index}
        for unit, place in zip(ground.serves["community_id"], ground.serves["site_id"], strict=True):
            near[unit].add(places[place])
        for place, unit in zip(self.site.tolist(), ground.options["community_id"].tolist(), strict=True):
            if unit in near:
                near[unit].add(place)
        serving = [of_site[caring[of_site]] for of_site in self.by_site]
        sets = {unit: _joined(serving, sorted(at)) for unit, at in near.items()}
        if rules.community_served_share == 1:
            for unit, each in sets.items():
                yield _one(each, "community_served", "at least", 1, (self._name("community", unit),))
        else:
            needed = math.ceil(rules.community_served_share * len(sets))
            yield Limit("community_served", "at least", needed, either=tuple(each for each in sets.values()))

    def _tied(self, kind: str, other: str) -> Iterable[Limit]:
        places = pd.Index(self.sites_in_order)
        pairs = np.column_stack([places.get_indexer(pd.Index(self.ground.near[c])) for c in ("site_id", "other_id")])
        pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
        ends = np.searchsorted(pairs[:, 0], np.arange(len(places) + 1))
        behind = [of_site[self.kind[of_site] == other] for of_site in self.by_site]
        for k, place in enumerate(self.sites_in_order):
            here = self.by_site[k]
            own = here[(self.kind[here] == kind) & self.new[here]]
            if not len(own):
                continue
            centres = _joined(behind, pairs[ends[k] : ends[k + 1], 1].tolist())
            columns = np.concatenate([own, centres])
            weights = np.concatenate([np.full(len(own), -1), np.ones(len(centres), dtype=np.int64)]).astype(np.int64)
            order = np.argsort(columns)
            yield Limit("tied_kinds", "at least", 0, columns[order], weights[order], names=(self.names[place],))

    def _spaced(self, kind: str, metres: float) -> Iterable[Limit]:
        table = self.ground.options
        members = np.flatnonzero(self.kind == kind)
        _, first = np.unique(self.site[members], return_index=True)
        at = members[first]
        pairs = too_close(table[["x_m", "y_m"]].to_numpy()[at], metres)
        standing = table["existing"].to_numpy()[at]
        pairs = pairs[~(standing[pairs[:, 0]] & standing[pairs[:, 1]])]
        for clique in cliques(pairs):
            here = self.site[at[clique]]
            columns = members[np.isin(self.site[members], here)]
            names = tuple(self.names[self.sites_in_order[k]] for k in sorted(set(here.tolist())))
            yield replace(_one(columns, "spacing", "at most", 1, names), group=kind, part=kind)

    def _milestone(self, milestone: Milestone, table: pd.DataFrame) -> Limit:
        county = milestone.county_id
        in_time = np.isin(self.kind, milestone.kinds) & (self.year <= milestone.year)
        if county is not None:
            in_time &= (table["county_id"] == county).to_numpy()
        name = (str(milestone.year), *(() if county is None else (self._name("county", county),)))
        if milestone.count is not None:
            return counted("milestone", "at least", milestone.count, in_time, names=name)
        units = self.ground.communities
        inside = units.index if county is None else units.index[units["county_id"] == county]
        community = table["community_id"].to_numpy(dtype=object)
        place = {unit: k for k, unit in enumerate(inside)}
        sets: list[list[int]] = [[] for _ in inside]
        for j in np.flatnonzero(in_time).tolist():
            if community[j] in place:
                sets[place[community[j]]].append(j)
        needed = math.ceil((milestone.share or Fraction(0)) * len(inside))
        either = tuple(np.array(each, dtype=np.int64) for each in sets if each)
        return Limit("milestone", "at least", needed, either=either, names=name)

    def people(self) -> Iterable[Limit]:
        """How many must be covered in each unit, how many must have a place, or that everyone must be covered."""
        rules, cover = self.rules, self.cover
        for k, floor in enumerate(rules.coverage_floors):
            yield from (replace(each, part=k) for each in self._floor(floor))
        if rules.min_placed is not None:
            yield Limit("capacity", "at least", rules.min_placed, counts="placed")
        if rules.cover_all:
            before = Fraction(cover.elders_before)
            yield Limit("cover_all", "at least", cover.elders_to_cover, counts="elders", base=before)

    def _floor(self, floor: Floor) -> Iterable[Limit]:
        cover = self.cover
        place = {unit: k for k, unit in enumerate(cover.units)}
        for unit, members in self._units(floor.level):
            if floor.unit_id not in (None, unit):
                continue
            rows = [place[i] for i in self.ground.communities.index[members] if i in place]
            before = int(cover.unit_before[rows].sum())
            needed = math.ceil(floor.share * int(cover.unit_total[rows].sum()))
            name = () if floor.level == "city" else (self._name(floor.level, unit),)
            yield Limit(
                "coverage_floor",
                "at least",
                max(0, needed - before),
                counts="elders",
                units=np.array(rows, dtype=np.int64),
                base=Fraction(before),
                said=Fraction(needed),
                names=name,
            )

    def _at(self, ids: Iterable[str]) -> Mask:
        return np.asarray(self.ground.options["site_id"].isin(list(ids)), dtype=bool)

    def _count(self, rule: str, members: Mask, sense: Sense, limit: int) -> Limit:
        who = dict.fromkeys(self.names[place] for place in self.ground.options["site_id"][members])
        return counted(rule, sense, limit, members, names=tuple(who))

    def _units(self, level: Level) -> Iterable[tuple[str, Mask]]:
        units = self.units[level]
        return [(str(unit), (units == unit).to_numpy()) for unit in sorted(set(units.dropna()))]

    def _within(self, level: Level, unit: str) -> Mask:
        if level == "city":
            return np.ones(len(self.kind), dtype=bool)
        if level not in self.places:
            self.places[level] = pd.factorize(self.ground.options[f"{level}_id"])
        codes, names = self.places[level]
        found = np.flatnonzero(names == unit)
        return np.asarray(codes == (found[0] if len(found) else -2), dtype=bool)

    def _name(self, level: Level, unit: str) -> str:
        return unit_name(self.ground.communities, level, unit)


def unit_name(communities: pd.DataFrame, level: Level, unit: str) -> str:
    """Return what people call a unit, its identifier where no table says."""
    if level == "community":
        return str(communities["name"].get(unit, unit))
    named = communities[communities[f"{level}_id"] == unit] if level != "city" else communities[:0]
    return str(named[level].iloc[0]) if level in communities and len(named) else unit


def _of_level(communities: pd.DataFrame, level: Level) -> pd.Series:
    if level == "city":
        return pd.Series("", index=communities.index, dtype=object)
    column = communities[f"{level}_id"]
    return column.where(column != "")


def _one(columns: Whole, rule: str, sense: Sense, limit: int, names: tuple[str, ...]) -> Limit:
    return Limit(rule, sense, limit, columns, np.ones_like(columns), names=names)


def _joined(by_site: list[Whole], places: Iterable[int]) -> Whole:
    return np.sort(np.concatenate([np.empty(0, dtype=np.int64), *(by_site[k] for k in places)]))


def _ends(site: Whole) -> Whole:
    return np.cumsum(np.bincount(site)) if len(site) else np.empty(0, dtype=np.int64)


def _hundredths(area_m2: float) -> Fraction:
    return Fraction(str(round(float(area_m2), 2)))

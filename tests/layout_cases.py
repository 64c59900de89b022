"""Small layout questions, made at random, and their answers by looking at every possible plan."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from optimise.layout_rules import Floor, LayoutRules, Milestone
from optimise.options import canonical

YEARS = (2026, 2027)
KINDS = ("day_care", "street_centre")
Values = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Town:
    """The tables of a layout question."""

    options: pd.DataFrame
    demand: pd.DataFrame
    pairs: pd.DataFrame
    communities: pd.DataFrame
    serves: pd.DataFrame
    near: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return them as `layout` takes them."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def random_town(rng: np.random.Generator, *, sites: int = 5, homes: int = 14) -> Town:
    """Return a town of a few sites, two of them perhaps facilities of today; costs, areas and places tie often."""
    rows = []
    units = ["社1", "社2", "社3"]
    for s in range(sites):
        unit = int(rng.integers(0, 3))
        place = {
            "site_id": f"s{s}",
            "name": f"场地{s}",
            "community_id": units[unit],
            "street_id": ["街A", "街B", "街B"][unit],
            "county_id": ["县A", "县A", "县B"][unit],
            "x_m": float(rng.integers(0, 5)) * 100,
            "y_m": float(rng.integers(0, 2)) * 100,
            "vacated": bool(rng.random() < 0.4),
            "land_m2": float(rng.integers(0, 4)) * 50,
        }
        today = s < 2 and rng.random() < 0.5
        if today:
            rows.append({**place, "kind": "day_care", "mode": "keep", "existing": True, "floor_area_m2": 300.5,
                         "capacity": 5, "running_yuan": 20_000, "vacated": False})  # fmt: skip
        for kind, area, year in product(KINDS, (350.0, 500.25), YEARS):
            if rng.random() < (0.3 if today else 0.45) and (not today or kind == "day_care"):
                paid = int(rng.integers(1, 5)) * 100_000
                rows.append(
                    {
                        **place,
                        "kind": kind,
                        "mode": "upgrade" if today else "convert",
                        "existing": today,
                        "year": year,
                        "floor_area_m2": area,
                        "added_m2": area - (300.5 if today else 0),
                        "cost_yuan": paid,
                        "running_yuan": int(rng.integers(1, 4)) * 10_000,
                        "subsidy_yuan": int(rng.integers(0, 3)) * 50_000,
                        "subsidy_yuan_year": int(rng.integers(0, 2)) * 10_000,
                        "capacity": int(area / 50),
                        "serves": True,
                    }
                )
    frame = pd.DataFrame(rows)
    frame.index = pd.Index(
        [f"{r['site_id']}-{r['kind']}-{r['floor_area_m2']:.0f}-{r.get('year', 0)}" for r in rows], dtype=object
    )
    frame["year"] = frame["year"].fillna(0) if "year" in frame else 0
    for column in ("cost_yuan", "running_yuan", "subsidy_yuan", "subsidy_yuan_year", "capacity"):
        frame[column] = frame[column].fillna(0) if column in frame else 0
    frame["added_m2"] = frame["added_m2"].fillna(0) if "added_m2" in frame else 0.0
    options = canonical(frame)
    demand = pd.DataFrame(
        {
            "elders": rng.integers(0, 9, homes),
            "covered": rng.random(homes) < 0.1,
            "minutes": rng.choice([4.0, 9.0, 14.0], homes),
            "community_id": rng.choice(units, homes),
        },
        index=pd.Index([f"d{i:02d}" for i in range(homes)], name="demand_id"),
    )
    near = rng.random((homes, sites)) < 0.35
    at, to = np.nonzero(near)
    pairs = pd.DataFrame(
        {
            "demand_id": demand.index[at],
            "site_id": [f"s{s}" for s in to],
            "minutes": rng.choice([3.0, 8.0, 13.0], len(at)),
        }
    )
    pairs = pairs[pairs["site_id"].isin(options["site_id"])].reset_index(drop=True)
    communities = pd.DataFrame(
        {
            "name": ["一社区", "二社区", "三社区"],
            "residents": rng.integers(5, 60, 3) * 100,
            "street_id": ["街A", "街B", "街B"],
            "county_id": ["县A", "县A", "县B"],
            "floor_area_m2": rng.choice([0.0, 100.25], 3),
            "land_m2": rng.choice([0.0, 30.0], 3),
        },
        index=pd.Index(units, name="community_id"),
    )
    ids = sorted(set(options["site_id"]))
    serves = [(unit, site) for unit in units for site in ids if rng.random() < 0.3]
    beside = [(a, b) for a in ids for b in ids if rng.random() < 0.3]
    return Town(
        options,
        demand,
        pairs,
        communities,
        pd.DataFrame(serves, columns=["community_id", "site_id"]),
        pd.DataFrame(beside, columns=["site_id", "other_id"]),
    )


def rule_groups(rng: np.random.Generator, town: Town) -> dict[str, dict[str, Any]]:
    """Return for each rule group the fields that put it in force, more or less tightly."""
    sites = sorted(set(town.options["site_id"][~town.options["existing"]])) or ["s9"]
    pick = tuple(rng.choice(sites, 1))
    share = Fraction(int(rng.integers(1, 8)), 10)
    return {
        "budget": {"budget_yuan": int(rng.integers(0, 12)) * 100_000, "net_of_subsidy": bool(rng.random() < 0.3)},
        "budget_year": {
            "budget_by_year_yuan": {y: int(rng.integers(0, 6)) * 100_000 for y in YEARS[: int(rng.integers(1, 3))]},
            "carry_over": bool(rng.random() < 0.5),
        },
        "county_share": {"county_budget_yuan": {"县A": int(rng.integers(0, 6)) * 100_000}},
        "running_cost": {"max_running_yuan": int(rng.integers(1, 8)) * 10_000},
        "total_floor_area": {"max_total_floor_area_m2": float(rng.integers(1, 7)) * 250.25},
        "site_floor_area": {"min_site_floor_area_m2": {"day_care": 350.01}},
        "joint_floor_area": {"joint_floor_area_m2": {"day_care": float(rng.choice([450, 650.5, 851]))}},
        "floor_area_per_10k": {
            "floor_area_m2_per_10k": {str(rng.choice(["city", "county", "community"])): float(rng.integers(50, 900))}
        },
        "land_per_person": {
            "land_m2_per_person": {str(rng.choice(["city", "county"])): float(rng.integers(1, 9)) / 100}
        },
        "required": {"required": pick},
        "forbidden": {"forbidden": pick},
        "begun": {"begun": pick},
        "max_sites": {"max_sites": int(rng.integers(0, 4))},
        "existing": {"keep_existing": False},
        "street_centre": {"street_centre": ("street_centre",)},
        "community_served": {
            "community_served": KINDS[: int(rng.integers(1, 3))],
            "community_served_share": Fraction(int(rng.integers(1, 4)), 3),
        },
        "tied_kinds": {"tied_kinds": {"day_care": "street_centre"}},
        "spacing": {"spacing_m": {"day_care": float(rng.choice([150, 200, 250]))}},
        "milestone": {
            "milestones": (
                Milestone(2026, KINDS[:1], count=int(rng.integers(0, 3)), county_id=rng.choice(["县A", None])),
                Milestone(2027, KINDS, share=Fraction(int(rng.integers(0, 4)), 3)),
            )
        },
        "coverage_floor": {"coverage_floors": (Floor(share, rng.choice(["city", "county", "street", "community"])),)},
        "cover_all": {"cover_all": True},
        "capacity": {"min_placed": int(rng.integers(1, 30))},
        "decay": {"decay": ((5.0, 10), (10.0, 7), (15.0, int(rng.choice([0, 3]))))},
    }


class Every:
    """Every plan of a small town (a row a plan, a column an option), and what each comes to."""

    def __init__(self, town: Town) -> None:
        """List the plans: one option a site or none."""
        self.town = town
        table = town.options
        self.sites = sorted(set(table["site_id"]))
        choices = [[-1, *np.flatnonzero(table["site_id"] == site)] for site in self.sites]
        chosen = np.array(list(product(*choices)))
        self.x = np.zeros((len(chosen), len(table)), dtype=np.int64)
        for column in chosen.T:
            rows = np.flatnonzero(column >= 0)
            self.x[rows, column[rows]] = 1
        serving = np.array([[int(s == site and v) for site in self.sites]
                            for s, v in zip(table["site_id"], table["serves"], strict=True)])  # fmt: skip
        self.open = self.x @ serving > 0

    def sum(self, values: Any) -> Values:
        """Return the sum of a figure of the options, for every plan."""
        return np.asarray(self.x @ np.asarray(values).astype(np.int64))

    def minutes(self, decay: tuple[tuple[float, int], ...]) -> NDArray[np.float64]:
        """Return how far each home walks under each plan; inf: it is not covered."""
        demand = self.town.demand
        away = np.full((len(demand), len(self.sites)), np.inf)
        for home, site, minutes in self.town.pairs.itertuples(index=False):
            h, s = demand.index.get_loc(home), self.sites.index(site)
            if not decay or minutes <= decay[-1][0]:
                away[h, s] = min(away[h, s], minutes)
        today = np.where(demand["covered"], demand["minutes"], np.inf)
        best = np.where(self.open[:, None, :], away[None], np.inf).min(axis=2, initial=np.inf)
        return np.asarray(np.minimum(best, today[None]))

    def _units(self, level: str) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
        """Return for each unit of a level which communities and which options it holds."""
        units, options = self.town.communities, self.town.options
        if level == "city":
            return [(np.ones(len(units), dtype=bool), np.ones(len(options), dtype=bool))]
        of = units.index.to_series() if level == "community" else units[f"{level}_id"]
        return [((of == u).to_numpy(), (options[f"{level}_id"] == u).to_numpy()) for u in sorted(set(of))]

    def keeps(self, rules: LayoutRules) -> dict[str, list[NDArray[np.bool_]]]:
        """Return for each rule in force which plans keep it, place by place, by the plainest reading of it."""
        found: dict[str, list[NDArray[np.bool_]]] = {}

        def add(rule: str, kept: Any) -> None:
            found.setdefault(rule, []).append(np.asarray(kept))

        for part in (self._money, self._areas, self._sites, self._served, self._spaced, self._milestones, self._people):
            part(rules, add)
        return found

    def _money(self, rules: LayoutRules, add: Any) -> None:
        options = self.town.options
        new = (options["mode"] != "keep").to_numpy()
        year = options["year"]
        cost = options["cost_yuan"] - (options["subsidy_yuan"] if rules.net_of_subsidy else 0)
        if rules.budget_yuan is not None:
            add("budget", self.sum(cost) <= rules.budget_yuan)
        given = rules.budget_by_year_yuan
        for y in given:
            now = (year <= y) if rules.carry_over else (year == y)
            most = sum(m for z, m in given.items() if z <= y) if rules.carry_over else given[y]
            add("budget_year", self.sum(cost * now) <= most)
        if given:
            add("budget_year", self.sum(new & ~year.isin(list(given)) & (cost > 0)) == 0)
        for county, money in rules.county_budget_yuan.items():
            add("county_share", self.sum(cost * (options["county_id"] == county)) <= money)
        if rules.max_running_yuan is not None:
            net = options["running_yuan"] - options["subsidy_yuan_year"]
            add("running_cost", self.sum(net) <= rules.max_running_yuan)

    def _areas(self, rules: LayoutRules, add: Any) -> None:
        options = self.town.options
        new = (options["mode"] != "keep").to_numpy()
        units, kind = self.town.communities, options["kind"]
        area = (options["floor_area_m2"] * 100).round()
        if rules.max_total_floor_area_m2 is not None:
            added = self.sum((options["added_m2"] * 100).round())
            add("total_floor_area", added <= round(rules.max_total_floor_area_m2 * 100))
        for k, least in rules.min_site_floor_area_m2.items():
            add("site_floor_area", self.sum(new & (kind == k) & (area < round(least * 100))) == 0)
        for k, least in rules.joint_floor_area_m2.items():
            for unit in units.index:
                here = (kind == k) & (options["community_id"] == unit)
                enough = self.sum(area * here) >= round(least * 100)
                add("joint_floor_area", enough | (self.sum(here & new) == 0))
        for rule, rates, column, per in (
            ("floor_area_per_10k", rules.floor_area_m2_per_10k, "floor_area_m2", 10_000),
            ("land_per_person", rules.land_m2_per_person, "land_m2", 1),
        ):
            for level, rate in rates.items():
                for inside, of in self._units(level):
                    has = self.sum((options[column] * 100).round() * of) + round(units[column][inside].sum() * 100)
                    asked = Fraction(str(rate)) * int(units["residents"][inside].sum()) / per * 100
                    add(rule, [int(h) >= asked for h in has])

    def _sites(self, rules: LayoutRules, add: Any) -> None:
        options = self.town.options
        new = (options["mode"] != "keep").to_numpy()
        year = options["year"]
        for i in rules.required:
            add("required", self.sum(new & (options["site_id"] == i)) > 0)
        for i in rules.forbidden:
            add("forbidden", self.sum(new & (options["site_id"] == i)) == 0)
        for i in rules.begun:
            first = year[new].min() if new.any() else 0
            add("begun", self.sum(new & (options["site_id"] == i) & (year == first)) > 0)
        if rules.max_sites is not None:
            add("max_sites", self.sum(new) <= rules.max_sites)
        if rules.keep_existing:
            for i in set(options["site_id"][options["existing"]]):
                add("existing", self.sum(options["site_id"] == i) > 0)

    def _served(self, rules: LayoutRules, add: Any) -> None:
        options = self.town.options
        new = (options["mode"] != "keep").to_numpy()
        t, units, kind = self.town, self.town.communities, options["kind"]
        if rules.street_centre:
            for _, of in self._units("street"):
                add("street_centre", self.sum(of & kind.isin(rules.street_centre)) > 0)
        if rules.community_served:
            caring = kind.isin(rules.community_served)
            served = []
            for unit in units.index:
                beside = t.serves["site_id"][t.serves["community_id"] == unit]
                of = caring & ((options["community_id"] == unit) | options["site_id"].isin(beside))
                served.append(self.sum(of) > 0)
            if rules.community_served_share == 1:
                for each in served:
                    add("community_served", each)
            else:
                add("community_served", sum(s.astype(int) for s in served) >= rules.community_served_share * 3)
        for k, other in rules.tied_kinds.items():
            for i in self.sites:
                own = self.sum(new & (kind == k) & (options["site_id"] == i)) > 0
                beside = set(t.near["other_id"][t.near["site_id"] == i]) - {i}
                add("tied_kinds", ~own | (self.sum((kind == other) & options["site_id"].isin(beside)) > 0))

    def _spaced(self, rules: LayoutRules, add: Any) -> None:
        options = self.town.options
        kind = options["kind"]
        for k, metres in rules.spacing_m.items():
            apart_enough = np.ones(len(self.x), dtype=bool)
            at = options.groupby("site_id")[["x_m", "y_m", "existing"]].first()
            for i in self.sites:
                for j in self.sites:
                    apart = np.hypot(at["x_m"][i] - at["x_m"][j], at["y_m"][i] - at["y_m"][j])
                    if i < j and apart < metres and not (at["existing"][i] and at["existing"][j]):
                        both = [self.sum((kind == k) & (options["site_id"] == s)) > 0 for s in (i, j)]
                        apart_enough &= ~(both[0] & both[1])
            add("spacing", apart_enough)

    def _milestones(self, rules: LayoutRules, add: Any) -> None:
        options = self.town.options
        units, kind, year = self.town.communities, options["kind"], options["year"]
        for milestone in rules.milestones:
            done = kind.isin(milestone.kinds) & (options["existing"] | (year <= milestone.year))
            inside = units.index
            if milestone.county_id is not None:
                done &= options["county_id"] == milestone.county_id
                inside = units.index[units["county_id"] == milestone.county_id]
            if milestone.count is not None:
                add("milestone", self.sum(done) >= milestone.count)
            else:
                has = sum((self.sum(done & (options["community_id"] == u)) > 0).astype(int) for u in inside)
                add("milestone", has >= milestone.share * len(inside))

    def _people(self, rules: LayoutRules, add: Any) -> None:
        demand = self.town.demand
        elders = demand["elders"].to_numpy()
        covered = np.isfinite(self.minutes(rules.decay))
        for floor in rules.coverage_floors:
            for inside, _ in self._units(floor.level):
                members = demand["community_id"].isin(self.town.communities.index[inside]).to_numpy()
                has, all_ = covered[:, members] @ elders[members], int(elders[members].sum())
                add("coverage_floor", [int(h) >= floor.share * all_ for h in has])
        if rules.cover_all:
            add("cover_all", covered @ elders == elders.sum())
        if rules.min_placed is not None:
            add("capacity", self.placed(rules) >= rules.min_placed)

    def placed(self, rules: LayoutRules) -> Values:
        """Return the elders that have a place, by the least cut over all sets of communities."""
        demand, options = self.town.demand, self.town.options
        units = sorted(set(demand["community_id"]))
        elders = np.where(demand["covered"], 0, demand["elders"])
        room = np.stack(
            [self.sum(options["capacity"] * (options["site_id"] == s) * options["serves"]) for s in self.sites]
        )
        near = np.zeros((len(units), len(self.sites), len(demand)), dtype=bool)
        for home, site, minutes in self.town.pairs.itertuples(index=False):
            if not rules.decay or minutes <= rules.decay[-1][0]:
                u = units.index(demand["community_id"][home])
                near[u, self.sites.index(site), demand.index.get_loc(home)] = True
        at = near @ elders
        reached = (self.open[:, None, :, None] & near[None]).any(axis=2)
        waiting = reached @ elders
        cuts = []
        for inside in product([False, True], repeat=len(units)):
            mask = np.array(inside)
            through = np.minimum(room.T, (at[mask] * 1).sum(axis=0)[None]) if mask.any() else np.zeros_like(room.T)
            cuts.append(waiting[:, ~mask].sum(axis=1) + through.sum(axis=1))
        return np.asarray(np.min(cuts, axis=0))

    def value(self, goal: str, rules: LayoutRules) -> Values:
        """Return what every plan has of a goal, the more the better."""
        options, elders = self.town.options, self.town.demand["elders"].to_numpy()
        of_people = {
            "placed": self.placed,
            "elders_near": self._near,
            "elders": lambda rules: np.isfinite(self.minutes(rules.decay)) @ elders,
            "worst_served": self._worst,
        }
        if goal in of_people:
            return np.asarray(of_people[goal](rules))
        if goal == "legal_shortfall":
            return -np.sum([~kept for rule, each in self.keeps(rules).items() if rule in rules.soft for kept in each],
                           axis=0, initial=0)  # fmt: skip
        if goal == "vacated":
            return self.sum(options["vacated"] & (options["mode"] != "keep"))
        return -self.x.sum(axis=1) if goal == "sites" else -self.sum(options[goal])

    def _near(self, rules: LayoutRules) -> Values:
        away = self.minutes(rules.decay)
        worth = np.zeros(away.shape, dtype=np.int64)
        for minutes, each in reversed(rules.decay):
            worth[away <= minutes] = each
        return np.asarray(worth @ self.town.demand["elders"].to_numpy())

    def _worst(self, rules: LayoutRules) -> Values:
        demand = self.town.demand
        elders, covered = demand["elders"].to_numpy(), np.isfinite(self.minutes(rules.decay))
        shares = []
        for unit in sorted(set(demand["community_id"])):
            members = (demand["community_id"] == unit).to_numpy()
            has, all_ = covered[:, members] @ elders[members], int(elders[members].sum())
            if has.max() > 0:
                shares.append(has * 1000 // all_)
        return np.min(shares, axis=0) if shares else np.full(len(self.x), 1000)

    def best(self, rules: LayoutRules, goals: tuple[str, ...]) -> tuple[list[int], tuple[str, ...]] | None:
        """Return the goals' figures and the options of the best plan: goal by goal, then first by identifier."""
        kept = self.keeps(rules)
        fine = np.ones(len(self.x), dtype=bool)
        for rule, each in kept.items():
            for one in each if rule not in rules.soft else ():
                fine &= one
        if not fine.any():
            return None
        values = [self.value(goal, rules) for goal in goals]
        left = np.flatnonzero(fine)
        for figures in [*values, *self.x.T]:
            left = left[figures[left] == figures[left].max()]
        one = int(left[0])
        return [abs(int(v[one])) for v in values], tuple(self.town.options.index[self.x[one] > 0])

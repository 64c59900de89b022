"""What easing a rule means: by how little it must give way, and how the eased rule is written down."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pulp

from optimise import models
from optimise.layout_limits import limits
from optimise.limit import Limit
from optimise.models import Expression, Model
from optimise.plan import Change
from optimise.question import Question
from optimise.search import total
from optimise.spacing import too_close

Sites = tuple[int, ...]
SHARE = Fraction(1, 10_000)
"""Shares are written to the ten-thousandth, rates of floor area to the hundredth, of land to the ten-thousandth."""
RATE = {"floor_area_per_10k": Fraction(1, 100), "land_per_person": Fraction(1, 10_000)}
DECIMETRE = Fraction(1, 10)
SINGLE = {
    "budget": "budget_yuan",
    "running_cost": "max_running_yuan",
    "total_floor_area": "max_total_floor_area_m2",
    "max_sites": "max_sites",
    "capacity": "min_placed",
}
"""Rules of one line and one number, and the field that holds it."""


NO_NUMBER = ("street_centre", "tied_kinds")
MAY_BE_MISSED = (*NO_NUMBER, "coverage_floor", "floor_area_per_10k", "land_per_person", "joint_floor_area", "milestone")
"""Rules with a line for every street, community or site: the fewest of them are missed."""


@dataclass(frozen=True, eq=False)
class Easing:
    """One way to ease a rule: what it writes into a model that lacks the rule, and what it reads from a plan.

    `write` returns by how much the rule gives way, to be made least; `read` returns the changes that let a plan (its
    options by their places) keep the rule, none where it keeps it as it stands.
    """

    rule: str
    write: Callable[[Model], Expression]
    read: Callable[[Sites], tuple[Change, ...]]


def easings(question: Question, rule: str) -> tuple[Easing, ...]:
    """Return the ways to ease a rule that is in force, the plainest first."""
    return tuple(_Ways(question, rule).ways())


class _Ways:
    """The lines of one rule and the ways to ease it."""

    def __init__(self, question: Question, rule: str) -> None:
        self.question, self.rule, self.rules = question, rule, question.rules
        self.lines = [limit for limit in question.limits if limit.rule == rule and not limit.soft]
        self.legal = question.rules.legal.get(rule, "")
        table = question.options
        self.site = table["site_id"].to_numpy(dtype=object)
        self.names = dict(zip(table["site_id"], table["name"].astype(str), strict=True))

    def ways(self) -> Iterable[Easing]:
        """Return each way; a rule that has no number to be moved becomes one that may be missed."""
        rule = self.rule
        if rule in SINGLE:
            yield self._single(SINGLE[rule])
        elif rule in ("required", "begun", "forbidden"):
            yield self._listed()
        elif rule == "cover_all":
            yield Easing(rule, lambda model: -1 * models.measure(model, self.lines[0]), self._read_everyone)
        elif rule == "milestone":
            yield Easing(rule, self._each_short, self._read_milestones)
            yield Easing(rule, self._write_later, self._read_later)
        elif rule == "community_served":
            yield Easing(rule, self._each_missed if len(self.lines) > 1 else self._each_short, self._read_served)
        elif rule == "coverage_floor":
            yield Easing(rule, self._write_floor, self._read_floor)
        else:
            plain: dict[str, tuple[Callable[[Model], Expression], Callable[[Sites], tuple[Change, ...]]]] = {
                "budget_year": (self._write_years, self._read_years),
                "county_share": (self._each_short, self._read_counties),
                "site_floor_area": (self._write_small, self._read_small),
                "joint_floor_area": (self._write_joint, self._read_joint),
                "floor_area_per_10k": (self._write_rate, self._read_rate),
                "land_per_person": (self._write_rate, self._read_rate),
                "spacing": (self._write_spacing, self._read_spacing),
            }
            if rule in plain:
                yield Easing(rule, *plain[rule])
        if rule in MAY_BE_MISSED and (len(self.lines) > 1 or rule in NO_NUMBER):
            yield self._missable()

    def _change(
        self,
        was: float,
        becomes: float,
        field: str,
        value: Any,
        *,
        at: object = None,
        names: Iterable[str] = (),
    ) -> Change:
        return Change(self.rule, tuple(names), was, becomes, field, value, at, self.legal)

    def _figure(self, sites: Sites, line: Limit) -> float:
        return line.figure(total(sites, line, self.question.cover))

    def _missed(self, sites: Sites) -> list[Limit]:
        return [line for line in self.lines if not line.kept(total(sites, line, self.question.cover))]

    # One number; lists of sites.

    def _single(self, field: str) -> Easing:
        (line,) = self.lines
        sign = 1 if line.sense == "at most" else -1

        def read(sites: Sites) -> tuple[Change, ...]:
            figure = self._figure(sites, line)
            value = figure if field.endswith("_m2") else round(figure)
            return (self._change(line.stated, figure, field, value),) if self._missed(sites) else ()

        return Easing(self.rule, lambda model: sign * models.measure(model, line), read)

    def _listed(self) -> Easing:
        (line,) = self.lines
        named: tuple[str, ...] = tuple(dict.fromkeys(getattr(self.rules, self.rule)))
        sign = 1 if line.sense == "at most" else -1

        def read(sites: Sites) -> tuple[Change, ...]:
            built = set(self.site[[j for j in sites if j in set(line.columns.tolist())]])
            stay = tuple(i for i in named if (i in built) == (self.rule != "forbidden"))
            out = [self.names.get(i, i) for i in named if i not in stay]
            return (self._change(len(named), len(stay), self.rule, stay, names=out),) if out else ()

        return Easing(self.rule, lambda model: sign * models.measure(model, line), read)

    # Rules that may be missed.

    def _missable(self) -> Easing:
        def read(sites: Sites) -> tuple[Change, ...]:
            missed = self._missed(sites)
            names = dict.fromkeys(name for line in missed for name in line.names)
            kept = len(self.lines) - len(missed)
            return (self._change(len(self.lines), kept, "soft", self.rule, names=names),) if missed else ()

        return Easing(self.rule, self._each_missed, read)

    def _each_missed(self, model: Model) -> Expression:
        before = set(model.missed)
        for line in self.lines:
            models.hold(model, replace(line, soft=True))
        return Expression([(missed, 1) for key, missed in model.missed.items() if key not in before])

    def _read_everyone(self, sites: Sites) -> tuple[Change, ...]:
        if not self._missed(sites):
            return ()
        covered = self._figure(sites, self.lines[0])
        return (self._change(self.question.cover.elders_total, covered, "soft", "cover_all"),)

    def _read_served(self, sites: Sites) -> tuple[Change, ...]:
        missed = self._missed(sites)
        of_all = len(self.question.ground.communities)
        if len(self.lines) > 1:
            served, names = of_all - len(missed), [name for line in missed for name in line.names]
        else:
            served, names = total(sites, self.lines[0], self.question.cover), []
        share = _floor(Fraction(served, of_all), SHARE) if of_all else Fraction(0)
        was = float(self.rules.community_served_share)
        change = self._change(was, float(share), "community_served_share", share, names=names)
        return (change,) if missed else ()

    # Lines that each give way by themselves, the sum of it made least.

    def _each_short(self, model: Model) -> Expression:
        """Let every line give way by itself, in its own units brought to one."""
        unit = _whole_unit(self.lines)
        return Expression([(_give_way(model, line, unit), 1) for line in self.lines])

    def _read_counties(self, sites: Sites) -> tuple[Change, ...]:
        return tuple(
            self._change(line.stated, figure := self._figure(sites, line), "county_budget_yuan", round(figure),
                         at=line.part, names=line.names)
            for line in self._missed(sites)
        )  # fmt: skip

    def _write_years(self, model: Model) -> Expression:
        """Let the years have more: with what is left over spent later, one sum for all of them."""
        lines = [line for line in self.lines if line.part is not None]
        for line in self.lines:
            if line.part is None:
                models.hold(model, line)
        unit = _whole_unit(lines)
        if not self.rules.carry_over:
            return Expression([(_give_way(model, line, unit), 1) for line in lines])
        more = _variable(model)
        for line in lines:
            _give_way(model, line, unit, more)
        return Expression([(more, 1)])

    def _read_years(self, sites: Sites) -> tuple[Change, ...]:
        found, so_far = [], 0
        for line in self.lines:
            if line.part is None:
                continue
            needs = round(self._figure(sites, line) - line.stated) - (so_far if self.rules.carry_over else 0)
            if needs > 0:
                so_far += needs
                was = self.rules.budget_by_year_yuan[int(line.part)]
                found.append(
                    self._change(was, was + needs, "budget_by_year_yuan", was + needs, at=line.part, names=line.names)
                )
        return tuple(found)

    # Floor areas and land.

    def _write_small(self, model: Model) -> Expression:
        """Let the least floor area sink: by the largest step that any site chosen needs."""
        sinks = _variable(model)
        for j, gap in self._gaps().items():
            model.problem.addConstraint(Expression([(model.build[j], gap), (sinks, -1)]) <= 0)
        return Expression([(sinks, 1)])

    def _gaps(self) -> dict[int, int]:
        table, least = self.question.options, self.rules.min_site_floor_area_m2
        area, kind = table["floor_area_m2"].to_numpy(), table["kind"].to_numpy()
        return {j: round(100 * (least[kind[j]] - area[j])) for j in self.lines[0].columns.tolist()}

    def _read_small(self, sites: Sites) -> tuple[Change, ...]:
        small = self.question.options.iloc[[j for j in sites if j in self._gaps()]]
        return tuple(
            self._change(
                self.rules.min_site_floor_area_m2[kind],
                float(own["floor_area_m2"].min()),
                "min_site_floor_area_m2",
                float(own["floor_area_m2"].min()),
                at=kind,
                names=own["name"].astype(str),
            )
            for kind, own in ((str(kind), own) for kind, own in small.groupby("kind"))
        )

    def _by_part(self, lines: Iterable[Limit]) -> dict[Any, list[Limit]]:
        found: dict[Any, list[Limit]] = {}
        for line in lines:
            found.setdefault(line.part, []).append(line)
        return found

    def _write_joint(self, model: Model) -> Expression:
        unit = _whole_unit(self.lines)
        parts = []
        for lines in self._by_part(self.lines).values():
            sinks = _variable(model)
            parts.append((sinks, 1))
            for line in lines:
                _give_way(model, line, unit, sinks)
        return Expression(parts)

    def _read_joint(self, sites: Sites) -> tuple[Change, ...]:
        found = []
        for kind, lines in self._by_part(self._missed(sites)).items():
            was = self.rules.joint_floor_area_m2[kind]
            becomes = round(was + min(self._figure(sites, line) for line in lines), 2)
            names = dict.fromkeys(name for line in lines for name in line.names[:1])
            found.append(self._change(was, becomes, "joint_floor_area_m2", becomes, at=kind, names=names))
        return tuple(found)

    def _rates(self) -> tuple[str, Any]:
        field = {"floor_area_per_10k": "floor_area_m2_per_10k", "land_per_person": "land_m2_per_person"}[self.rule]
        return field, getattr(self.rules, field)

    def _write_rate(self, model: Model) -> Expression:
        """Let the rate of each level sink: every unit of the level by the same."""
        _, rates = self._rates()
        parts = []
        for level, lines in self._by_part(self.lines).items():
            sinks = _variable(model)
            parts.append((sinks, 1))
            for line in lines:
                step = RATE[self.rule] * (line.said or 0) / _exact(rates[level]) if rates[level] else Fraction(0)
                asked = ((line.said or 0) - line.base) / line.unit
                model.problem.addConstraint(
                    models.measure(model, line) + float(step / line.unit) * sinks >= float(asked)
                )
        return Expression(parts)

    def _read_rate(self, sites: Sites) -> tuple[Change, ...]:
        field, rates = self._rates()
        found = []
        for level, lines in self._by_part(self._missed(sites)).items():
            rate = _exact(rates[level])
            has = min(
                rate * (line.base + total(sites, line, self.question.cover) * line.unit) / (line.said or 1)
                for line in lines
            )
            becomes = float(_floor(has, RATE[self.rule]))
            names = dict.fromkeys(name for line in lines for name in line.names)
            found.append(self._change(rates[level], becomes, field, becomes, at=level, names=names))
        return tuple(found)

    # Spacing, milestones, coverage.

    def _close(self, kind: str) -> list[tuple[list[int], list[int], int]]:
        """Return the sites of a kind that stand too close, by their options, and by how many decimetres."""
        table, metres = self.question.options, self.rules.spacing_m[kind]
        members = np.flatnonzero(table["kind"].to_numpy() == kind)
        _, first = np.unique(self.site[members].astype(str), return_index=True)
        at = members[first]
        xy, standing = table[["x_m", "y_m"]].to_numpy()[at], table["existing"].to_numpy()[at]
        of_site = {s: [int(j) for j in members if self.site[j] == s] for s in self.site[at]}
        found = []
        for a, b in too_close(xy, metres).tolist():
            if not (standing[a] and standing[b]):
                gap = math.ceil((metres - float(np.hypot(*(xy[a] - xy[b]))) - 1e-6) * 10 - 1e-9)
                found.append((of_site[self.site[at[a]]], of_site[self.site[at[b]]], gap))
        return found

    def _write_spacing(self, model: Model) -> Expression:
        parts = []
        for kind in self._by_part(self.lines):
            nearer = _variable(model)
            parts.append((nearer, 1))
            for one, other, gap in self._close(kind):
                both = [(model.build[j], gap) for j in (*one, *other)]
                model.problem.addConstraint(Expression([*both, (nearer, -1)]) <= gap)
        return Expression(parts)

    def _read_spacing(self, sites: Sites) -> tuple[Change, ...]:
        found, chosen = [], set(sites)
        for kind in self._by_part(self._missed(sites)):
            close = [
                (one, other, gap) for one, other, gap in self._close(kind) if chosen & {*one} and chosen & {*other}
            ]
            was = self.rules.spacing_m[kind]
            becomes = round(was - max(gap for _, _, gap in close) / 10, 4)
            names = dict.fromkeys(self.names[self.site[each[0]]] for one, other, _ in close for each in (one, other))
            found.append(self._change(was, max(0.0, becomes), "spacing_m", max(0.0, becomes), at=kind, names=names))
        return tuple(found)

    def _read_milestones(self, sites: Sites) -> tuple[Change, ...]:
        found = []
        for line in self._missed(sites):
            asked = self.rules.milestones[int(line.part or 0)]
            done = total(sites, line, self.question.cover)
            if asked.count is not None:
                was, becomes, eased = float(asked.count), float(done), replace(asked, count=done)
            else:
                units = self.question.ground.communities
                inside = len(units) if asked.county_id is None else int((units["county_id"] == asked.county_id).sum())
                share = _floor(Fraction(done, inside), SHARE)
                was, becomes, eased = float(asked.share or 0), float(share), replace(asked, share=share)
            found.append(self._change(was, becomes, "milestones", eased, at=line.part, names=line.names))
        return tuple(found)

    def _later(self) -> dict[Any, list[tuple[int, Limit]]]:
        """Return for each milestone the years it may be put off to, each with its line."""
        years = sorted({int(y) for y in self.question.options["year"] if y})
        found: dict[Any, list[tuple[int, Limit]]] = {}
        for line in self.lines:
            asked = self.rules.milestones[int(line.part or 0)]
            found[line.part] = [(asked.year, line)]
            for year in (y for y in years if y > asked.year):
                only = replace(self.rules, milestones=(replace(asked, year=year),))
                written = limits(self.question.ground, rules=only, cover=self.question.cover)
                found[line.part] += [(year, each) for each in written if each.rule == "milestone"]
        return found

    def _write_later(self, model: Model) -> Expression:
        parts = []
        for years in self._later().values():
            put_off = [_variable(model, 1) for _ in years]
            model.problem.addConstraint(Expression([(z, 1) for z in put_off]) == 1)
            for k, (z, (_, line)) in enumerate(zip(put_off, years, strict=True)):
                model.problem.addConstraint(models.measure(model, line) - line.limit * z >= 0)
                parts.append((z, k))
        return Expression(parts)

    def _read_later(self, sites: Sites) -> tuple[Change, ...]:
        found, missed = [], {line.part for line in self._missed(sites)}
        for part, years in self._later().items():
            kept = [year for year, line in years if line.kept(total(sites, line, self.question.cover))]
            if part in missed and kept:
                asked = self.rules.milestones[part]
                names = years[0][1].names
                found.append(
                    self._change(asked.year, kept[0], "milestones", replace(asked, year=kept[0]), at=part, names=names)
                )
        return tuple(found)

    def _write_floor(self, model: Model) -> Expression:
        parts = []
        for part, lines in self._by_part(self.lines).items():
            sinks = _variable(model)
            parts.append((sinks, 1))
            for line in lines:
                everyone = int(self.question.cover.unit_total[line.units].sum())
                asked = self.rules.coverage_floors[part].share * everyone - line.base
                model.problem.addConstraint(
                    models.measure(model, line) + float(SHARE * everyone) * sinks >= float(asked)
                )
        return Expression(parts)

    def _read_floor(self, sites: Sites) -> tuple[Change, ...]:
        found = []
        for part, lines in self._by_part(self._missed(sites)).items():
            floor = self.rules.coverage_floors[part]
            cover = self.question.cover
            has = min(
                Fraction(line.base + total(sites, line, cover)) / int(cover.unit_total[line.units].sum())
                for line in lines
            )
            share = _floor(has, SHARE)
            names = dict.fromkeys(name for line in lines for name in line.names)
            eased = replace(floor, share=share)
            found.append(self._change(float(floor.share), float(share), "coverage_floors", eased, at=part, names=names))
        return tuple(found)


def _variable(model: Model, most: int | None = None) -> pulp.LpVariable:
    return model.problem.add_variable(f"e{model.problem.numVariables():07d}", 0, most, pulp.LpInteger)


def _give_way(model: Model, line: Limit, unit: Fraction, by: pulp.LpVariable | None = None) -> pulp.LpVariable:
    """Hold a line but for what it gives way, counted in `unit`."""
    by = _variable(model) if by is None else by
    times = int(line.unit / unit)
    counted = times * models.measure(model, line)
    if line.sense == "at most":
        allowed = line.limit * times if line.said is None else math.floor((line.said - line.base) / unit)
        model.problem.addConstraint(counted - by <= allowed)
    else:
        model.problem.addConstraint(counted + by >= line.limit * times)
    return by


def _whole_unit(lines: Iterable[Limit]) -> Fraction:
    """Return the largest unit in which all that some lines count, and all that they allow, is whole."""
    every = [each for line in lines for each in (line.unit, (line.said or Fraction(0)) - line.base) if each]
    below = math.lcm(*(each.denominator for each in every))
    return Fraction(math.gcd(*(int(each * below) for each in every)), below) if every else Fraction(1)


def _floor(exact: Fraction, step: Fraction) -> Fraction:
    return max(Fraction(0), (exact // step) * step)


def _exact(figure: float) -> Fraction:
    return Fraction(str(figure))

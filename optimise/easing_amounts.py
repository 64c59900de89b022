"""Money, floor area and land that give way: by how much at least, and what the rule asks then."""

from fractions import Fraction
from typing import Any

from optimise import models
from optimise.eased_rule import EasedRule, Sites, cut, exactly, give_way, new_variable, whole_unit
from optimise.models import Model
from optimise.plan import Change
from optimise.search import total
from optimise.variables import Expression

RATE = {"floor_area_per_10k": Fraction(1, 100), "land_per_person": Fraction(1, 10_000)}
"""Rates of floor area are written to the hundredth, of land to the ten-thousandth."""


class Amounts(EasedRule):
    """Rules about money, floor area and land."""

    def read_counties(self, sites: Sites) -> tuple[Change, ...]:
        """Return the counties that need more, each with what it spends."""
        return tuple(
            self.change(line.stated, figure := self.figure(sites, line), "county_budget_yuan", round(figure),
                         at=line.part, names=line.names)
            for line in self.missed(sites)
        )  # fmt: skip

    def write_years(self, model: Model) -> Expression:
        """Let the years have more: with what is left over spent later, one sum for all of them."""
        lines = [line for line in self.lines if line.part is not None]
        for line in self.lines:
            if line.part is None:
                models.hold(model, line)
        unit = whole_unit(lines)
        if not self.rules.carry_over:
            return Expression([(give_way(model, line, unit), 1) for line in lines])
        more = new_variable(model)
        for line in lines:
            give_way(model, line, unit, more)
        return Expression([(more, 1)])

    def read_years(self, sites: Sites) -> tuple[Change, ...]:
        """Return the years that need more, as late as can be."""
        found, so_far = [], 0
        for line in self.lines:
            if line.part is None:
                continue
            needs = round(self.figure(sites, line) - line.stated) - (so_far if self.rules.carry_over else 0)
            if needs > 0:
                so_far += needs
                was = self.rules.budget_by_year_yuan[int(line.part)]
                found.append(
                    self.change(was, was + needs, "budget_by_year_yuan", was + needs, at=line.part, names=line.names)
                )
        return tuple(found)

    def write_small(self, model: Model) -> Expression:
        """Let the least floor area sink: by the largest step that any site chosen needs."""
        sinks = new_variable(model)
        for j, gap in self._gaps().items():
            model.problem.addConstraint(Expression([(model.build[j], gap), (sinks, -1)]) <= 0)
        return Expression([(sinks, 1)])

    def _gaps(self) -> dict[int, int]:
        table, least = self.question.options, self.rules.min_site_floor_area_m2
        area, kind = table["floor_area_m2"].to_numpy(), table["kind"].to_numpy()
        return {j: round(100 * (least[kind[j]] - area[j])) for j in self.lines[0].columns.tolist()}

    def read_small(self, sites: Sites) -> tuple[Change, ...]:
        """Return the least floor area of each kind that a plan needs."""
        small = self.question.options.iloc[[j for j in sites if j in self._gaps()]]
        return tuple(
            self.change(
                self.rules.min_site_floor_area_m2[kind],
                float(own["floor_area_m2"].min()),
                "min_site_floor_area_m2",
                float(own["floor_area_m2"].min()),
                at=kind,
                names=dict.fromkeys(self.names[i] for i in own["site_id"]),
            )
            for kind, own in ((str(kind), own) for kind, own in small.groupby("kind"))
        )

    def write_joint(self, model: Model) -> Expression:
        """Let what points add up to sink, kind by kind."""
        unit = whole_unit(self.lines)
        parts = []
        for lines in self.by_part(self.lines).values():
            sinks = new_variable(model)
            parts.append((sinks, 1))
            for line in lines:
                give_way(model, line, unit, sinks)
        return Expression(parts)

    def read_joint(self, sites: Sites) -> tuple[Change, ...]:
        """Return what the points of each kind add up to."""
        found = []
        for kind, lines in self.by_part(self.missed(sites)).items():
            was = self.rules.joint_floor_area_m2[kind]
            becomes = round(was + min(self.figure(sites, line) for line in lines), 2)
            names = dict.fromkeys(name for line in lines for name in line.names[:1])
            found.append(self.change(was, becomes, "joint_floor_area_m2", becomes, at=kind, names=names))
        return tuple(found)

    def _rates(self) -> tuple[str, Any]:
        field = {"floor_area_per_10k": "floor_area_m2_per_10k", "land_per_person": "land_m2_per_person"}[self.rule]
        return field, getattr(self.rules, field)

    def write_rate(self, model: Model) -> Expression:
        """Let the rate of each level sink: every unit of the level by the same."""
        _, rates = self._rates()
        parts = []
        for level, lines in self.by_part(self.lines).items():
            sinks = new_variable(model)
            parts.append((sinks, 1))
            for line in lines:
                step = RATE[self.rule] * (line.said or 0) / exactly(rates[level]) if rates[level] else Fraction(0)
                asked = ((line.said or 0) - line.base) / line.unit
                model.problem.addConstraint(
                    models.measure(model, line) + float(step / line.unit) * sinks >= float(asked)
                )
        return Expression(parts)

    def read_rate(self, sites: Sites) -> tuple[Change, ...]:
        """Return the rate of each level that a plan reaches in every unit."""
        field, rates = self._rates()
        found = []
        for level, lines in self.by_part(self.missed(sites)).items():
            rate = exactly(rates[level])
            has = min(
                rate * (line.base + total(sites, line, self.question.cover) * line.unit) / (line.said or 1)
                for line in lines
            )
            becomes = float(cut(has, RATE[self.rule]))
            names = dict.fromkeys(name for line in lines for name in line.names)
            found.append(self.change(rates[level], becomes, field, becomes, at=level, names=names))
        return tuple(found)

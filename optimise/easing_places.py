"""Spacing, milestones, communities and people that give way: by how little, and what the rule asks then."""

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from optimise import models
from optimise.eased_rule import EasedRule, Sites, cut, new_variable
from optimise.layout_limits import limits
from optimise.limit import Limit
from optimise.models import Model
from optimise.plan import Change
from optimise.search import total
from optimise.spacing import too_close
from optimise.variables import Expression

SHARE = Fraction(1, 10_000)
"""Shares are written to the ten-thousandth."""


class Places(EasedRule):
    """Rules about where sites are, when, and whom they serve."""

    def read_everyone(self, sites: Sites) -> tuple[Change, ...]:
        """Return that not everyone need be covered."""
        if not self.missed(sites):
            return ()
        covered = self.figure(sites, self.lines[0])
        return (self.change(self.question.cover.elders_total, covered, "soft", "cover_all"),)

    def read_served(self, sites: Sites) -> tuple[Change, ...]:
        """Return the share of communities that are served."""
        missed = self.missed(sites)
        of_all = len(self.question.ground.communities)
        if len(self.lines) > 1:
            served, names = of_all - len(missed), [name for line in missed for name in line.names]
        else:
            served, names = total(sites, self.lines[0], self.question.cover), []
        share = cut(Fraction(served, of_all), SHARE) if of_all else Fraction(0)
        was = float(self.rules.community_served_share)
        change = self.change(was, float(share), "community_served_share", share, names=names)
        return (change,) if missed else ()

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

    def write_spacing(self, model: Model) -> Expression:
        """Let the spacing of each kind shrink, decimetre by decimetre."""
        parts = []
        for kind in self.by_part(self.lines):
            nearer = new_variable(model)
            parts.append((nearer, 1))
            for one, other, gap in self._close(kind):
                both = [(model.build[j], gap) for j in (*one, *other)]
                model.problem.addConstraint(Expression([*both, (nearer, -1)]) <= gap)
        return Expression(parts)

    def read_spacing(self, sites: Sites) -> tuple[Change, ...]:
        """Return the spacing that a plan keeps, kind by kind."""
        found, chosen = [], set(sites)
        for kind in self.by_part(self.missed(sites)):
            close = [
                (one, other, gap) for one, other, gap in self._close(kind) if chosen & {*one} and chosen & {*other}
            ]
            was = self.rules.spacing_m[kind]
            becomes = round(was - max(gap for _, _, gap in close) / 10, 4)
            names = dict.fromkeys(self.names[self.site[each[0]]] for one, other, _ in close for each in (one, other))
            found.append(self.change(was, max(0.0, becomes), "spacing_m", max(0.0, becomes), at=kind, names=names))
        return tuple(found)

    def read_milestones(self, sites: Sites) -> tuple[Change, ...]:
        """Return the milestones that fall short, each with what is done by then."""
        found = []
        for line in self.missed(sites):
            asked = self.rules.milestones[int(line.part or 0)]
            done = total(sites, line, self.question.cover)
            if asked.count is not None:
                was, becomes, eased = float(asked.count), float(done), replace(asked, count=done)
            else:
                units = self.question.ground.communities
                inside = len(units) if asked.county_id is None else int((units["county_id"] == asked.county_id).sum())
                share = cut(Fraction(done, inside), SHARE)
                was, becomes, eased = float(asked.share or 0), float(share), replace(asked, share=share)
            found.append(self.change(was, becomes, "milestones", eased, at=line.part, names=line.names))
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

    def write_later(self, model: Model) -> Expression:
        """Let each milestone be put off, year by year."""
        parts = []
        for years in self._later().values():
            put_off = [new_variable(model, 1) for _ in years]
            model.problem.addConstraint(Expression([(z, 1) for z in put_off]) == 1)
            for k, (z, (_, line)) in enumerate(zip(put_off, years, strict=True)):
                model.problem.addConstraint(models.measure(model, line) - line.limit * z >= 0)
                parts.append((z, k))
        return Expression(parts)

    def read_later(self, sites: Sites) -> tuple[Change, ...]:
        """Return the milestones that are put off, each to the first year in which it is reached."""
        found, missed = [], {line.part for line in self.missed(sites)}
        for part, years in self._later().items():
            kept = [year for year, line in years if line.kept(total(sites, line, self.question.cover))]
            if part in missed and kept:
                asked = self.rules.milestones[part]
                names = years[0][1].names
                found.append(
                    self.change(asked.year, kept[0], "milestones", replace(asked, year=kept[0]), at=part, names=names)
                )
        return tuple(found)

    def write_floor(self, model: Model) -> Expression:
        """Let each coverage floor sink, the same in all its units."""
        parts = []
        for part, lines in self.by_part(self.lines).items():
            sinks = new_variable(model)
            parts.append((sinks, 1))
            for line in lines:
                everyone = int(self.question.cover.unit_total[line.units].sum())
                asked = self.rules.coverage_floors[part].share * everyone - line.base
                model.problem.addConstraint(
                    models.measure(model, line) + float(SHARE * everyone) * sinks >= float(asked)
                )
        return Expression(parts)

    def read_floor(self, sites: Sites) -> tuple[Change, ...]:
        """Return the share that a plan covers in every unit of a floor."""
        found = []
        for part, lines in self.by_part(self.missed(sites)).items():
            floor = self.rules.coverage_floors[part]
            cover = self.question.cover
            has = min(
                Fraction(line.base + total(sites, line, cover)) / int(cover.unit_total[line.units].sum())
                for line in lines
            )
            share = cut(has, SHARE)
            names = dict.fromkeys(name for line in lines for name in line.names)
            eased = replace(floor, share=share)
            found.append(self.change(float(floor.share), float(share), "coverage_floors", eased, at=part, names=names))
        return tuple(found)

"""A rule that gives way: its lines, how they are written with what they give, and how the change is said."""

import math
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pulp

from optimise import models
from optimise.limit import Limit
from optimise.models import Model
from optimise.options import called
from optimise.plan import Change
from optimise.question import Question
from optimise.search import total
from optimise.variables import Expression

Sites = tuple[int, ...]


class EasedRule:
    """The lines of one rule that is in force."""

    def __init__(self, question: Question, rule: str) -> None:
        """Gather the lines of a rule from a question."""
        self.question, self.rule, self.rules = question, rule, question.rules
        self.lines = [limit for limit in question.limits if limit.rule == rule and not limit.soft]
        self.legal = question.rules.legal.get(rule, "")
        table = question.options
        self.site = table["site_id"].to_numpy(dtype=object)
        self.names = called(zip(table["site_id"], table["name"], strict=True))

    def change(
        self,
        was: float,
        becomes: float,
        field: str,
        value: Any,
        *,
        at: object = None,
        names: Iterable[str] = (),
    ) -> Change:
        """Return this rule eased, `at` one part of its field or as a whole."""
        return Change(self.rule, tuple(names), was, becomes, field, value, at, self.legal)

    def figure(self, sites: Sites, line: Limit) -> float:
        """Return what a plan comes to on a line, as the planner counts."""
        return line.figure(total(sites, line, self.question.cover))

    def missed(self, sites: Sites) -> list[Limit]:
        """Return the lines that a plan breaks."""
        return [line for line in self.lines if not line.kept(total(sites, line, self.question.cover))]

    def by_part(self, lines: Iterable[Limit]) -> dict[Any, list[Limit]]:
        """Return lines by the part of the rule that they come from."""
        found: dict[Any, list[Limit]] = {}
        for line in lines:
            found.setdefault(line.part, []).append(line)
        return found

    def each_short(self, model: Model) -> Expression:
        """Let every line give way by itself, in its own units brought to one."""
        unit = whole_unit(self.lines)
        return Expression([(give_way(model, line, unit), 1) for line in self.lines])

    def each_missed(self, model: Model) -> Expression:
        """Let every line be missed; count those that are."""
        before = set(model.missed)
        for line in self.lines:
            models.hold(model, replace(line, soft=True))
        return Expression([(missed, 1) for key, missed in model.missed.items() if key not in before])


def new_variable(model: Model, most: int | None = None) -> pulp.LpVariable:
    """Return a whole variable of zero or more."""
    return model.problem.add_variable(f"e{model.problem.numVariables():07d}", 0, most, pulp.LpInteger)


def give_way(model: Model, line: Limit, unit: Fraction, by: pulp.LpVariable | None = None) -> pulp.LpVariable:
    """Hold a line but for what it gives way, counted in `unit`."""
    by = new_variable(model) if by is None else by
    times = int(line.unit / unit)
    counted = times * models.measure(model, line)
    if line.sense == "at most":
        allowed = line.limit * times if line.said is None else math.floor((line.said - line.base) / unit)
        model.problem.addConstraint(counted - by <= allowed)
    else:
        model.problem.addConstraint(counted + by >= line.limit * times)
    return by


def whole_unit(lines: Iterable[Limit]) -> Fraction:
    """Return the largest unit in which all that some lines count, and all that they allow, is whole."""
    every = [each for line in lines for each in (line.unit, (line.said or Fraction(0)) - line.base) if each]
    below = math.lcm(*(each.denominator for each in every))
    return Fraction(math.gcd(*(int(each * below) for each in every)), below) if every else Fraction(1)


def cut(exact: Fraction, step: Fraction) -> Fraction:
    """Return a figure cut to a whole number of steps, never below zero."""
    return max(Fraction(0), (exact // step) * step)


def exactly(figure: float) -> Fraction:
    """Return a figure as it was written."""
    return Fraction(str(figure))

"""What easing a rule means: by how little it must give way, and how the eased rule is written down."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from optimise import models
from optimise.eased_rule import Sites
from optimise.easing_amounts import Amounts
from optimise.easing_places import Places
from optimise.models import Model
from optimise.plan import Change
from optimise.question import Question
from optimise.variables import Expression

SINGLE = {
    "budget": "budget_yuan",
    "running_cost": "max_running_yuan",
    "total_floor_area": "max_total_floor_area_m2",
    "max_sites": "max_sites",
    "capacity": "min_placed",
}
"""Rules of one line and one number, and the field that holds it."""


NO_NUMBER = ("street_centre", "tied_kinds")
MAY_BE_MISSED = (*NO_NUMBER, "floor_area_per_10k", "land_per_person", "joint_floor_area", "milestone")
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


class _Ways(Amounts, Places):
    """The ways to ease one rule."""

    def ways(self) -> Iterable[Easing]:
        """Return each way; a rule that has no number to be moved becomes one that may be missed."""
        rule = self.rule
        if rule in SINGLE:
            yield self._single(SINGLE[rule])
        elif rule in ("required", "begun", "forbidden"):
            yield self._listed()
        elif rule == "cover_all":
            yield Easing(rule, lambda model: -1 * models.measure(model, self.lines[0]), self.read_everyone)
        elif rule == "milestone":
            yield Easing(rule, self.each_short, self.read_milestones)
            yield Easing(rule, self.write_later, self.read_later)
        elif rule == "community_served":
            yield Easing(rule, self.each_missed if len(self.lines) > 1 else self.each_short, self.read_served)
        elif rule == "coverage_floor":
            if len(self.lines) > 1:
                yield self._missable()
            yield Easing(rule, self.write_floor, self.read_floor)
        else:
            plain: dict[str, tuple[Callable[[Model], Expression], Callable[[Sites], tuple[Change, ...]]]] = {
                "budget_year": (self.write_years, self.read_years),
                "county_share": (self.each_short, self.read_counties),
                "site_floor_area": (self.write_small, self.read_small),
                "joint_floor_area": (self.write_joint, self.read_joint),
                "floor_area_per_10k": (self.write_rate, self.read_rate),
                "land_per_person": (self.write_rate, self.read_rate),
                "spacing": (self.write_spacing, self.read_spacing),
            }
            if rule in plain:
                yield Easing(rule, *plain[rule])
        if rule in MAY_BE_MISSED and (len(self.lines) > 1 or rule in NO_NUMBER):
            yield self._missable()

    def _single(self, field: str) -> Easing:
        (line,) = self.lines
        sign = 1 if line.sense == "at most" else -1

        def read(sites: Sites) -> tuple[Change, ...]:
            figure = self.figure(sites, line)
            value = figure if field.endswith("_m2") else round(figure)
            return (self.change(line.stated, figure, field, value),) if self.missed(sites) else ()

        return Easing(self.rule, lambda model: sign * models.measure(model, line), read)

    def _listed(self) -> Easing:
        (line,) = self.lines
        named: tuple[str, ...] = tuple(dict.fromkeys(getattr(self.rules, self.rule)))
        sign = 1 if line.sense == "at most" else -1

        def read(sites: Sites) -> tuple[Change, ...]:
            built = set(self.site[[j for j in sites if j in set(line.columns.tolist())]])
            stay = tuple(i for i in named if (i in built) == (self.rule != "forbidden"))
            out = [self.names.get(i, i) for i in named if i not in stay]
            return (self.change(len(named), len(stay), self.rule, stay, names=out),) if out else ()

        return Easing(self.rule, lambda model: sign * models.measure(model, line), read)

    def _missable(self) -> Easing:
        def read(sites: Sites) -> tuple[Change, ...]:
            missed = self.missed(sites)
            names = dict.fromkeys(name for line in missed for name in line.names)
            kept = len(self.lines) - len(missed)
            return (self.change(len(self.lines), kept, "soft", self.rule, names=names),) if missed else ()

        return Easing(self.rule, self.each_missed, read)

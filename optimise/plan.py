"""A plan: the sites chosen, what they cost and serve, and how good that provably is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pandas as pd

from gis.shown import card
from gis.words import say


class PlanStatus(StrEnum):
    """How far a plan is proven; the words for people stand in the catalogue under `plan.<value>`."""

    OPTIMAL = "OPTIMAL"
    FEASIBLE = "FEASIBLE"
    GREEDY = "GREEDY"
    INFEASIBLE = "INFEASIBLE"
    LIMIT = "LIMIT"


@dataclass(frozen=True)
class Culprit:
    """A rule that cannot be kept: which one, whose (by name), how much it asks and how much can be had.

    `several`: it stands in many places, and the figures count them: all of them, and those where it can be kept.
    """

    rule: str
    names: tuple[str, ...]
    asked: float
    available: float
    several: bool = False
    legal: str = ""
    """The document and clause that asks for it."""


@dataclass(frozen=True)
class Place:
    """A place for which to look for one more candidate: the middle of a search, not a parcel.

    `lon` and `lat` in the degrees of `datum`; the floor area and the price a square metre that it was tried with.
    """

    site_id: str
    kind: str
    floor_area_m2: float
    unit_cost_yuan_m2: float
    lon: float
    lat: float
    datum: str


@dataclass(frozen=True)
class Change:
    """One rule eased: what it asked, what it asks then, and of whom, by name.

    `field` of `LayoutRules` becomes `value`, or its part `at` does: a year, kind, level or county, or the place of a
    milestone or floor. For lists of sites `was` and `becomes` count them and `names` are those that leave the list;
    for a rule that may be missed they count its lines, and `names` are those missed. `legal`: document and clause.
    The rule `new_place` changes no rule: one more candidate, its `value` a `Place`, its name that of the community.
    """

    rule: str
    names: tuple[str, ...]
    was: float
    becomes: float
    field: str
    value: Any
    at: object = None
    legal: str = ""


@dataclass(frozen=True)
class Repair:
    """A way out: the rules eased together, and the plan that there is then.

    Every repair was put into the rules, solved again and recounted: `status` says how far that plan is the best, and
    `sites`, `cost_yuan`, `elders_covered` are its figures. `least`: no smaller change of these rules, in the order in
    which they stand, makes a plan possible; False: enough, perhaps not the least. `keys`: lines for the project file.
    """

    changes: tuple[Change, ...]
    least: bool
    status: PlanStatus
    sites: int
    cost_yuan: int
    elders_covered: int
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Sites chosen, in canonical order, and the figures recomputed from that list by code that knows no solver.

    `sites` is indexed by `candidate_id` with columns `name`, `kind`, `floor_area_m2`, `cost_yuan`, `elders_gained`
    (newly covered by this site, first come in the order of the table), then `option_id`, `mode`, `year` (0: none
    said), `added_m2`, `subsidy_yuan` (once), `running_yuan` and `subsidy_yuan_year` (a year), `community_id` and
    `vacated`. Existing facilities that stay as they are stand in `kept`, those that close in `closed`.

    `elders_covered` counts existing and new together; `bound` is the most any plan can cover under the same rules,
    and `gap` = (bound - covered) / bound. INFEASIBLE has no sites but `culprits` and `repairs`; so
    has LIMIT where the search found some, nothing proven.
    `proven` maps each goal, in its order, to the best that the solver left possible, and `reached` to what the plan
    has; where the first goal (after the legal shortfall) is not `elders`, `gap` is that of the first goal.

    `tally` lists the rules in force one by one (`rule`, `unit` by name, `sense`, `used`, `limit`, `slack`, `kept`,
    `soft`, `legal`: document and clause); `rules` maps each to (used, limit), or to how many of its lines are kept.
    `by_year` has a row a year: `sites`, `cost_yuan`, `subsidy_yuan`, `added_m2`, `running_yuan` (of all there is
    then), `elders_covered` at its end. `worst_served` names the unit with the least share of elders covered.
    """

    status: PlanStatus
    sites: pd.DataFrame
    elders_total: int
    elders_covered_before: int
    elders_covered: int
    bound: int | None
    gap: float | None
    cost_yuan: int
    floor_area_m2: float
    solver: str
    rules: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    culprits: tuple[Culprit, ...] = ()
    repairs: tuple[Repair, ...] = ()
    notes: tuple[str, ...] = ()
    notes_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The notes in each language; `notes` are those of the language that was asked for."""
    proven: Mapping[str, int] = field(default_factory=dict)
    reached: Mapping[str, int] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    tally: pd.DataFrame = field(default_factory=pd.DataFrame)
    by_year: pd.DataFrame = field(default_factory=pd.DataFrame)
    worst_served: str = ""

    def _repr_html_(self) -> str:
        """Show the plan in a notebook: in sentences, its sites, the rules in force and the years."""
        from optimise.explain import explain  # noqa: PLC0415 - it tells of plans

        tables = {"card.sites": self.sites, "card.rules": self.tally, "card.years": self.by_year}
        title, *lines = explain(self, "zh")
        return card(title, [*explain(self, "en")[:1], *lines], {say(key): table for key, table in tables.items()})

    @property
    def options(self) -> tuple[str, ...]:
        """The decisions that make up the plan, by `option_id`."""
        return (*self.sites["option_id"], *self.kept)

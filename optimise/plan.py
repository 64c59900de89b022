"""A plan: the sites chosen, what they cost and serve, and how good that provably is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

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


@dataclass(frozen=True)
class Plan:
    """Sites chosen, in canonical order, and the figures recomputed from that list by code that knows no solver.

    `sites` is indexed by `candidate_id` with columns `name`, `kind`, `floor_area_m2`, `cost_yuan`, `elders_gained`
    (newly covered by this site, first come in the order of the table), then `option_id`, `mode`, `year` (0: none
    said), `added_m2`, `subsidy_yuan` (once), `running_yuan` and `subsidy_yuan_year` (a year), `community_id` and
    `vacated`. Existing facilities that stay as they are stand in `kept`, those that close in `closed`.

    `elders_covered` counts existing and new together; `bound` is the most any plan can cover under the same rules,
    and `gap` = (bound - covered) / bound. INFEASIBLE has no sites but `culprits`; LIMIT has neither.
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
    notes: tuple[str, ...] = ()
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

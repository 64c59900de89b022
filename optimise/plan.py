"""A plan: the sites chosen, what they cost and serve, and how good that provably is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pandas as pd


class PlanStatus(StrEnum):
    """How far a plan is proven; the words for people stand in the catalogue under `plan.<value>`."""

    OPTIMAL = "OPTIMAL"
    FEASIBLE = "FEASIBLE"
    GREEDY = "GREEDY"
    INFEASIBLE = "INFEASIBLE"
    LIMIT = "LIMIT"


@dataclass(frozen=True)
class Culprit:
    """A rule that cannot be kept: which one, whose (by name), how much it asks and how much can be had."""

    rule: str
    names: tuple[str, ...]
    asked: float
    available: float


@dataclass(frozen=True)
class Plan:
    """Sites chosen, in canonical order, and the figures recomputed from that list by code that knows no solver.

    `sites` is indexed by `candidate_id` with columns `name`, `kind`, `floor_area_m2`, `cost_yuan`, `elders_gained`
    (newly covered by this site, first come in the order of the table). `elders_covered` counts existing and new
    together; `bound` is the most any plan can cover under the same rules, and `gap` = (bound - covered) / bound.
    `rules` maps each rule in force to (used, limit). INFEASIBLE has no sites but `culprits`; LIMIT has neither.
    `proven` maps each goal, in its order (`elders`, `cost_yuan`, `sites`), to the best that the solver left possible;
    where everyone must be covered the first goal is not `elders`, and `gap` is that of the first goal.
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

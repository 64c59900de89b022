"""The rules a plan must keep, as a planner writes them, and as the whole-number limits that a model can hold."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import pandas as pd

from optimise.cover import Cover
from optimise.limit import Limit, Sense, counted, in_units

RULES = (
    "site_floor_area",
    "forbidden",
    "max_sites",
    "total_floor_area",
    "required",
    "budget",
    "floor_area_per_10k",
    "cover_all",
)
"""Every rule by its name in the catalogue, the ones a bureau would give up first in front."""


@dataclass(frozen=True)
class SitingRules:
    """What a plan must keep; a rule that is left out is not in force.

    - `budget_yuan`: what all sites together may cost.
    - `max_total_floor_area_m2`: the floor area there is for all sites together.
    - `min_site_floor_area_m2`: by kind, the smallest site that counts; smaller candidates are left out by name.
    - `min_floor_area_m2_per_10k_residents`: existing and new floor area per 10,000 of the `residents`.
    - `required`, `forbidden`: candidates that must and must not be built, by `candidate_id`.
    - `max_sites`: how many sites at most. `cover_all`: every elder must be covered.

    Floor areas count to the hundredth of a square metre. Raises ValueError for a rule that can mean nothing.
    """

    budget_yuan: int | None = None
    max_total_floor_area_m2: float | None = None
    min_site_floor_area_m2: Mapping[str, float] = field(default_factory=dict)
    min_floor_area_m2_per_10k_residents: float | None = None
    residents: int = 0
    existing_floor_area_m2: float = 0.0
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    max_sites: int | None = None
    cover_all: bool = False

    def __post_init__(self) -> None:
        """Refuse numbers that are negative, not numbers, or money and counts that are not whole."""
        whole = {"budget_yuan": self.budget_yuan, "residents": self.residents, "max_sites": self.max_sites}
        areas: dict[str, float | None] = {
            "max_total_floor_area_m2": self.max_total_floor_area_m2,
            "min_floor_area_m2_per_10k_residents": self.min_floor_area_m2_per_10k_residents,
            "existing_floor_area_m2": self.existing_floor_area_m2,
            **{f"min_site_floor_area_m2[{kind}]": area for kind, area in self.min_site_floor_area_m2.items()},
        }
        for name, value in {**whole, **areas}.items():
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{name} must be zero or more: {value}")
        for name, number in whole.items():
            if number is not None and number != int(number):
                raise ValueError(f"{name} must be whole: {number}")


def limits(candidates: pd.DataFrame, *, rules: SitingRules, cover: Cover) -> tuple[Limit, ...]:
    """Return the rules in force as limits on the candidates, in the order of the table and of `RULES`."""
    names = [str(name) for name in candidates["name"]]
    cost = [int(c) for c in candidates["cost_yuan"]]
    area = [centiares(a) for a in candidates["floor_area_m2"]]
    ids = list(candidates.index)
    found: list[Limit] = []

    def count(rule: str, members: list[bool], sense: Sense, limit: int) -> None:
        who = tuple(name for name, member in zip(names, members, strict=True) if member)
        found.append(counted(rule, sense, limit, members, names=who))

    if small := too_small(candidates, rules=rules):
        count("site_floor_area", [i in small for i in ids], "at most", 0)
    if rules.forbidden:
        count("forbidden", [i in rules.forbidden for i in ids], "at most", 0)
    if rules.max_sites is not None:
        found.append(counted("max_sites", "at most", rules.max_sites, [True] * len(ids)))
    if rules.max_total_floor_area_m2 is not None:
        there_is = Fraction(centiares(rules.max_total_floor_area_m2), 100)
        found.append(in_units("total_floor_area", "at most", area, there_is, unit=Fraction(1, 100)))
    if rules.required:
        members = [i in rules.required for i in ids]
        count("required", members, "at least", len(set(rules.required)))
    if rules.budget_yuan is not None:
        found.append(in_units("budget", "at most", cost, Fraction(rules.budget_yuan)))
    if (rate := rules.min_floor_area_m2_per_10k_residents) is not None:
        existing = Fraction(centiares(rules.existing_floor_area_m2), 100)
        needed = Fraction(str(rate)) * rules.residents / 10_000
        found.append(in_units("floor_area_per_10k", "at least", area, needed, unit=Fraction(1, 100), base=existing))
    if rules.cover_all:
        before = Fraction(cover.elders_before)
        found.append(Limit("cover_all", "at least", cover.elders_to_cover, counts="elders", base=before))
    return tuple(found)


def too_small(candidates: pd.DataFrame, *, rules: SitingRules) -> frozenset[str]:
    """Return the identifiers of the candidates whose floor area is below the minimum of their kind.

    >>> sites = pd.DataFrame({"kind": ["day_care"] * 2, "floor_area_m2": [350.0, 349.99]}, index=["A", "B"])
    >>> sorted(too_small(sites, rules=SitingRules(min_site_floor_area_m2={"day_care": 350})))
    ['B']
    """
    least = rules.min_site_floor_area_m2
    rows = zip(candidates.index, candidates["kind"], candidates["floor_area_m2"], strict=True)
    return frozenset(i for i, kind, area in rows if centiares(area) < centiares(least.get(kind, 0.0)))


def centiares(area_m2: float) -> int:
    """Return a floor area in hundredths of a square metre, the precision that surveys give.

    >>> centiares(350), centiares(0.1 + 0.2)
    (35000, 30)
    """
    return int(Fraction(str(round(float(area_m2), 2))) * 100)

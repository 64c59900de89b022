"""The rules of the simple question, one option a site: as a planner writes them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from optimise.layout_rules import LayoutRules

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

    def layout(self) -> LayoutRules:
        """Return the same rules as those of a layout with one option a site."""
        rate = self.min_floor_area_m2_per_10k_residents
        return LayoutRules(
            budget_yuan=self.budget_yuan,
            max_total_floor_area_m2=self.max_total_floor_area_m2,
            min_site_floor_area_m2=self.min_site_floor_area_m2,
            floor_area_m2_per_10k={} if rate is None else {"city": rate},
            required=self.required,
            forbidden=self.forbidden,
            max_sites=self.max_sites,
            cover_all=self.cover_all,
        )

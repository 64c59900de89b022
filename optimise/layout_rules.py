"""What a layout plan must keep: every rule a bureau may switch on, none of them in force unless it is said."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

Level = Literal["city", "county", "street", "community"]

RULES = (
    "spacing",
    "running_cost",
    "site_floor_area",
    "joint_floor_area",
    "forbidden",
    "max_sites",
    "total_floor_area",
    "tied_kinds",
    "begun",
    "required",
    "county_share",
    "budget_year",
    "budget",
    "capacity",
    "milestone",
    "land_per_person",
    "floor_area_per_10k",
    "street_centre",
    "community_served",
    "coverage_floor",
    "cover_all",
    "existing",
    "site_once",
)
"""Every rule group by its name in the catalogue, the ones a bureau would give up first in front."""


@dataclass(frozen=True)
class Milestone:
    """By the end of `year`: at least `count` sites of the `kinds`, or a `share` of communities that have one of them.

    What exists and is kept counts. `county_id`: only there; None: everywhere.
    """

    year: int
    kinds: tuple[str, ...]
    count: int | None = None
    share: Fraction | None = None
    county_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse a milestone that asks for nothing, or for two things at once."""
        if (self.count is None) == (self.share is None):
            raise ValueError("a milestone asks for a count or for a share")
        if (self.count or 0) < 0 or not 0 <= (self.share or 0) <= 1:
            raise ValueError(f"milestone {self.year}: a count of zero or more, or a share from 0 to 1")


@dataclass(frozen=True)
class Floor:
    """The `share` of elders that must be covered in each unit of a level, or in one unit by its identifier."""

    share: Fraction
    level: Level = "community"
    unit_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        if not 0 <= self.share <= 1:
            raise ValueError(f"a share from 0 to 1: {self.share}")


@dataclass(frozen=True)
class LayoutRules:
    """What a layout must keep; a rule that is left out is not in force. Yuan, m2, shares as fractions.

    Money: `budget_yuan` for everything; `budget_by_year_yuan`, where `carry_over` lets what is left over be spent
    later; `county_budget_yuan`, the most that each county may spend; `net_of_subsidy`: money counts after one-off
    subsidies; `max_running_yuan`, what all that is run may cost in a year, after yearly subsidies.

    Areas: `max_total_floor_area_m2` for what is new; `min_site_floor_area_m2`, the smallest site by kind (a facility
    kept as it is stays as it is); `joint_floor_area_m2` by kind: the points of one community, where there are any, add
    up to it; `floor_area_m2_per_10k` residents and `land_m2_per_person`, each by level, in every unit of the level.

    Sites: `required`, `forbidden` and `begun` (in the first year) by `site_id`; `max_sites` new or upgraded;
    `keep_existing`: what exists is kept or upgraded, never closed.

    Administration: `street_centre`, kinds of which each street has one; `community_served`, kinds of which each
    community (or `community_served_share` of them) has one of its own or a neighbour's in reach; `tied_kinds`: a site
    of the kind in front needs one of the kind behind in reach; `spacing_m`: sites of a kind are at least so far apart
    as the crow flies; `milestones`.

    People: `coverage_floors`; `cover_all`; `min_placed`, so many elders have a place in their walk; `decay`, worths by
    minutes, nearest first: ((5, 100), (10, 80), (15, 50)).

    `soft`: rules whose shortfalls are made fewest, as the goal in front of all others, where they cannot all be kept.
    `legal`: by rule, the document and clause that asks for it. Raises ValueError for a rule that can mean nothing.
    """

    budget_yuan: int | None = None
    budget_by_year_yuan: Mapping[int, int] = field(default_factory=dict)
    carry_over: bool = True
    county_budget_yuan: Mapping[str, int] = field(default_factory=dict)
    net_of_subsidy: bool = False
    max_running_yuan: int | None = None
    max_total_floor_area_m2: float | None = None
    min_site_floor_area_m2: Mapping[str, float] = field(default_factory=dict)
    joint_floor_area_m2: Mapping[str, float] = field(default_factory=dict)
    floor_area_m2_per_10k: Mapping[Level, float] = field(default_factory=dict)
    land_m2_per_person: Mapping[Level, float] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()
    max_sites: int | None = None
    keep_existing: bool = True
    street_centre: tuple[str, ...] = ()
    community_served: tuple[str, ...] = ()
    community_served_share: Fraction = Fraction(1)
    tied_kinds: Mapping[str, str] = field(default_factory=dict)
    spacing_m: Mapping[str, float] = field(default_factory=dict)
    milestones: tuple[Milestone, ...] = ()
    coverage_floors: tuple[Floor, ...] = ()
    cover_all: bool = False
    min_placed: int | None = None
    decay: tuple[tuple[float, int], ...] = ()
    soft: frozenset[str] = frozenset()
    legal: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse numbers that are negative, not numbers, or not whole where they count money, people or sites."""
        whole = {
            "budget_yuan": self.budget_yuan,
            "max_running_yuan": self.max_running_yuan,
            "max_sites": self.max_sites,
            "min_placed": self.min_placed,
            **{f"budget_by_year_yuan[{year}]": money for year, money in self.budget_by_year_yuan.items()},
            **{f"county_budget_yuan[{county}]": money for county, money in self.county_budget_yuan.items()},
            **{f"decay[{minutes}]": worth for minutes, worth in self.decay},
        }
        by_kind = ("min_site_floor_area_m2", "joint_floor_area_m2", "spacing_m")
        by_level = ("floor_area_m2_per_10k", "land_m2_per_person")
        some: dict[str, float | None] = {"max_total_floor_area_m2": self.max_total_floor_area_m2}
        some |= {f"{name}[{key}]": v for name in (*by_kind, *by_level) for key, v in getattr(self, name).items()}
        for name, value in {**whole, **some}.items():
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{name} must be zero or more: {value}")
        for name, number in whole.items():
            if number is not None and number != int(number):
                raise ValueError(f"{name} must be whole: {number}")
        if not 0 <= self.community_served_share <= 1:
            raise ValueError(f"community_served_share must be from 0 to 1: {self.community_served_share}")
        _two_kinds(self.tied_kinds)
        if list(self.decay) != sorted(self.decay, key=lambda band: (band[0], -band[1])):
            raise ValueError("decay: minutes must rise")
        worths = [worth for _, worth in self.decay]
        if worths != sorted(worths, reverse=True):
            raise ValueError("decay: what is nearer cannot be worth less")
        if structural := sorted(self.soft & {"site_once", "existing"}):
            raise ValueError(f"{structural[0]} cannot be missed")
        if unknown := sorted({*self.soft, *self.legal} - set(RULES)):
            raise ValueError(f"no rule {unknown[0]}")


def _two_kinds(tied: Mapping[str, str]) -> None:
    """Refuse a kind that needs itself in reach."""
    if same := next((kind for kind, other in tied.items() if kind == other), None):
        raise ValueError(f"tied_kinds: {same} cannot need itself")

"""The part `[siting]` of the project file: the money there is, what may be built, and the rules a layout must keep."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from gis.tables import FACILITY_KINDS, MODES
from optimise.layout_rules import RULES, Level
from optimise.models import Goal

YUAN_PER_WAN = 10_000


class Part(BaseModel):
    """A part of the project file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _one_of(allowed: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in allowed:
            raise ValueError(", ".join(allowed))
        return value

    return AfterValidator(check)


Kind = Annotated[str, _one_of(tuple(FACILITY_KINDS))]
Mode = Annotated[str, _one_of(tuple(MODES))]
Rule = Annotated[str, _one_of(RULES)]
Aim = Annotated[str, _one_of(get_args(Goal))]
Some = Annotated[float, Field(strict=True, ge=0, le=1e12)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Year = Annotated[int, Field(ge=1900, le=2200)]
Minutes = Annotated[int, Field(gt=0, le=120)]


def _once(said: Any) -> Any:
    """Refuse a number that is the key of two entries, such as 2026 and "+2026": one would be lost unseen."""
    if isinstance(said, Mapping):
        numbers = [_whole(key) for key in said]
        if any(number is not None and number in numbers[:k] for k, number in enumerate(numbers)):
            raise ValueError("key_once")
    return said


def _whole(key: object) -> int | None:
    try:
        return int(float(str(key)))
    except (ValueError, OverflowError):
        return None


Once = BeforeValidator(_once)


def _two_kinds(tied: Mapping[str, str]) -> Mapping[str, str]:
    """Refuse a kind that needs itself in reach: the first of its sites could never be built."""
    if any(kind == other for kind, other in tied.items()):
        raise ValueError("tied_to_another")
    return tied


class MilestonePart(Part):
    """So many sites of some kinds, or such a share of communities with one of them, by the end of a year."""

    year: Year
    kinds: tuple[Kind, ...] = Field(min_length=1)
    count: Annotated[int, Field(ge=0)] | None = None
    share: Share | None = None
    county: str | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> "MilestonePart":
        """Refuse a milestone that asks for nothing or for two things."""
        if (self.count is None) == (self.share is None):
            raise ValueError("count_or_share")
        return self


class FloorPart(Part):
    """The least share of elders covered: in every unit of a level, or in the one unit named."""

    share: Share
    level: Level = "community"
    unit: str | None = None


class SubsidyPart(Part):
    """What the public purse adds for a site of a kind, once and a year; in town, in the country, or in both."""

    kind: Kind
    urban: bool | None = None
    once_wan: Some = 0.0
    yearly_wan: Some = 0.0


class Siting(Part):
    """The money and the floor area there is for new facilities; budget 0: today's state only.

    Money by year is a table, `{ 2026 = 1000, 2027 = 1200 }`. Once a layout key is said (everything below
    `time_limit_s`), sizes, kinds, modes and years are options, and existing facilities count in every rule.
    `alternatives`: so many near-best plans are sought in every run, each losing `near_best_within` of the gain at most.
    `solver`: who solves (`optimise.solve`); the command line has the last word.
    """

    budget_wan: Some = 0.0
    objective: Literal["cover_most", "cover_all"] = "cover_most"
    max_total_floor_area_m2: Some | None = None
    min_floor_area_m2_per_10k_residents: Some | None = None
    min_site_floor_area_m2: Mapping[Kind, Some] = Field(default_factory=lambda: {"day_care": 350.0})
    max_sites: int | None = Field(default=None, ge=0)
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    alternatives: int = Field(default=0, ge=0, le=20)
    near_best_within: Share = 0.01
    solver: Literal["auto", "highs", "cbc", "search"] = "auto"
    time_limit_s: float = Field(default=60.0, gt=0, le=86_400)
    budget_by_year_wan: Annotated[Mapping[Year, Some], Once] = Field(default_factory=dict)
    carry_over: bool = True
    county_shares: Mapping[str, Share] = Field(default_factory=dict)
    max_running_wan: Some | None = None
    net_of_subsidy: bool = False
    subsidies: tuple[SubsidyPart, ...] = ()
    kinds: tuple[Kind, ...] = ()
    modules_m2: tuple[Annotated[float, Field(gt=0)], ...] = ()
    modes: tuple[Mode, ...] = ()
    begun: tuple[str, ...] = ()
    existing: Literal["keep", "may_close"] = "keep"
    upgrade_yuan_m2: Annotated[float, Field(gt=0)] | None = None
    joint_floor_area_m2: Mapping[Kind, Some] = Field(default_factory=dict)
    floor_area_m2_per_10k: Mapping[Level, Some] = Field(default_factory=dict)
    land_m2_per_person: Mapping[Level, Some] = Field(default_factory=dict)
    street_centre: tuple[Kind, ...] = ()
    community_served: tuple[Kind, ...] = ()
    community_served_share: Share = 1.0
    served_elders: Share = 0.5
    tied: Annotated[Mapping[Kind, Kind], AfterValidator(_two_kinds)] = Field(default_factory=dict)
    spacing_m: Mapping[Kind, Some] = Field(default_factory=dict)
    milestones: tuple[MilestonePart, ...] = ()
    coverage_floors: tuple[FloorPart, ...] = ()
    m2_per_place: Mapping[Kind, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    min_placed: int | None = Field(default=None, ge=0)
    decay: Annotated[Mapping[Minutes, Annotated[int, Field(ge=0)]], Once] = Field(default_factory=dict)
    vacated_first: bool = False
    soft: tuple[Rule, ...] = ()
    legal: Mapping[Rule, str] = Field(default_factory=dict)
    goals: tuple[Aim, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _money_by_year(cls, said: Any) -> Any:
        """Read a table of years as the budget by year, and their sum as the budget."""
        if isinstance(said, dict) and isinstance(said.get("budget_wan"), dict):
            by_year = said["budget_wan"]
            said = {**said, "budget_by_year_wan": by_year}
            amounts = [n for n in by_year.values() if isinstance(n, int | float) and math.isfinite(n)]
            said["budget_wan"] = max(sum(amounts), 0)
        return said

    @property
    def budget_yuan(self) -> int:
        """The budget in whole yuan, all years together."""
        by_year = self.budget_by_year_yuan
        return sum(by_year.values()) if by_year else yuan(self.budget_wan)

    @property
    def budget_by_year_yuan(self) -> dict[int, int]:
        """The budget of each year in whole yuan."""
        return {year: yuan(wan) for year, wan in sorted(self.budget_by_year_wan.items())}

    @property
    def is_layout(self) -> bool:
        """Whether a key is said that the simple question, one option a site, does not know."""
        keys = list(type(self).model_fields)
        mine = keys[keys.index("time_limit_s") + 1 :]
        return any(
            getattr(self, key) != type(self).model_fields[key].get_default(call_default_factory=True) for key in mine
        )


def yuan(wan: float) -> int:
    """Return 万元 as whole yuan, rounded to the nearest.

    >>> yuan(0.1 + 0.2), yuan(3200)
    (3000, 32000000)
    """
    return math.floor(wan * YUAN_PER_WAN + 0.5)

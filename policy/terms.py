"""What a document gives besides demands: sums of money, classes of rooms, and who is entitled to what.

Calculations read these (cost tables, subsidies, counts of persons); a rule of the form `terms` points at them, so that
every figure keeps its clause.
"""

from datetime import date
from fractions import Fraction
from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from policy.choices import near
from policy.written import Figure, Record, Words, fault

Unit = Literal[
    "wan_yuan",
    "yuan",
    "wan_yuan_each",
    "wan_yuan_a_year",
    "wan_yuan_a_year_each",
    "yuan_a_meal",
    "m2",
    "m2_each",
    "m2_per_100_households",
    "m2_per_person",
    "m2_per_10k_residents",
    "beds_per_1000_elders",
    "persons",
    "metres",
    "share",
    "minutes",
    "years",
    "count",
    "date",
]
"""What a figure of a document is counted in (`wan_yuan`: ten thousand yuan)."""


class Term(Record):
    """A figure the document gives: one `value`, a stretch from `low` to `high`, or a `day` (its unit is then `date`).

    `confidence` says how a figure that is not the document's own was come by: `seen` in the regulation itself, or
    `second_hand`; `source` then names the publication.
    """

    name: str = Field(min_length=1)
    rule: str = Field(min_length=1)
    clause: str = Field(min_length=1)
    title: Words
    value: Figure | None = None
    low: Figure | None = None
    high: Figure | None = None
    day: date | None = None
    unit: Unit
    kinds: tuple[str, ...] = ()
    where: Literal["any", "urban", "rural"] = "any"
    confidence: Literal["seen", "second_hand"] | None = None
    source: str = ""

    @model_validator(mode="before")
    @classmethod
    def _known_unit(cls, written: object) -> object:
        unit = written.get("unit") if isinstance(written, dict) else None
        if unit is not None and unit not in get_args(Unit):
            raise fault("PACK_VALUE", f"unit: {near(unit, list(get_args(Unit)))}")
        return written

    @model_validator(mode="after")
    def _figure(self) -> Self:
        given = tuple(getattr(self, key) is not None for key in ("value", "low", "high", "day"))
        whole = {(True, False, False, False), (False, True, True, False), (False, False, False, True)}
        if given not in whole or (self.day is not None) is not (self.unit == "date"):
            raise fault("PACK_TERM", f"{self.name}: value, low, high, day")
        if self.day is None and self.least > self.most:
            raise fault("PACK_TERM", f"{self.name}: low {self.low} > high {self.high}")
        return self

    @property
    def least(self) -> int | Fraction:
        """The least the document gives."""
        return next(figure for figure in (self.value, self.low) if figure is not None)

    @property
    def most(self) -> int | Fraction:
        """The most the document gives."""
        return next(figure for figure in (self.value, self.high) if figure is not None)


class RoomClass(Record):
    """A class of rooms by floor area, from `at_least_m2` up to but not including `below_m2`.

    `only_old_estates`: the class is open only to old estates that truly have no room for more.
    """

    name: str = Field(min_length=1)
    title: Words
    clause: str = ""
    at_least_m2: Figure
    below_m2: Figure | None = None
    only_old_estates: bool = False


class Condition(Record):
    """Who is meant: every key that is given must hold; of `ability` and of `categories` one of the words each."""

    registered: bool | None = None
    resident: bool | None = None
    age_at_least: int | None = Field(default=None, ge=0)
    ability: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


class Benefit(Record):
    """Something elders are entitled to: the condition for all of them, and what `excluded` shuts out."""

    id: str = Field(min_length=1)
    clause: str = Field(min_length=1)
    title: Words
    base: Condition = Condition()
    excluded: tuple[str, ...] = ()


class Group(Record):
    """A group of persons the document names: the `base` and any one of the conditions.

    A person who meets several groups of a `benefit` counts once. `weight` is the demand of one person of the group.
    """

    id: str = Field(min_length=1)
    clause: str = Field(min_length=1)
    title: Words
    benefit: str | None = None
    base: Condition = Condition()
    any_of: tuple[Condition, ...] = ()
    weight: Figure = 1

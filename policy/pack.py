"""A policy pack: one document as a TOML file of rules, each an indicator with a test and a deadline.

A bureau writes its own pack without code. The file has `[document]`, `[choices.<name>]` for what the document leaves
open, optionally `[names]` (other names of counties) and `[score_table]`, and one `[[rule]]` each:

    [[rule]]
    id       = "HB-01"
    clause   = "一"
    title    = { zh = "...", en = "..." }
    demand   = { zh = "...", en = "..." }             # the rule in the pack's own sentence
    levels   = ["street"]                             # city, county, street, community: one verdict a unit
    summary  = true                                   # and one for the city: every unit meets it
    measure  = { indicator = "facility_count", kinds = "$street_centre_kinds", statuses = ["in_use"] }
    test     = { at_least = 1 }                       # or bands = [{ at_least = "80%", points = 3 }, ...]
    deadline = 2021-12-31

A value written `$name` is a choice: the verdict then says that the profile, not the document, decided it.
Where the document has several readings, `readings.<name>` takes the place of `measure` and `decided_by` names the
choice between them. `principle = true` (原则上) turns FAIL into EXCEPTION_NEEDED.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from policy.asked import MeasureText
from policy.bands import Band, Interval, Piece, band_scale, limit_scale
from policy.choices import Content, Open, Value
from policy.ground import Level
from policy.units import Where
from policy.written import Number, Record, Words, fault, fill


class Document(Record):
    """The document a pack stands for; `number` is its issue number, or what it is cited by where it has none."""

    number: str = Field(min_length=1)
    title: Words
    issued: date | None = None
    place: Words | None = None
    draft: bool = False

    @property
    def cite(self) -> str:
        """How a verdict cites the document: a draft is called a draft."""
        return f"{self.number}（征求意见稿 draft）" if self.draft else self.number


class Choice(Record):
    """Something the document leaves open, as the pack writes it; a standard choice needs only its default."""

    default: Any
    content: Content | None = None
    allowed: tuple[str, ...] = ()


class Limits(Record):
    """The ends of a stretch: 不少于/以上 `at_least`, 超过/高于 `above`, 不超过 `at_most`, 低于/不满 `below`."""

    at_least: Number | None = None
    above: Number | None = None
    at_most: Number | None = None
    below: Number | None = None

    @model_validator(mode="after")
    def _ends(self) -> Self:
        low, high = (self.at_least, self.above), (self.at_most, self.below)
        if None not in low or None not in high or {*low, *high} == {None}:
            raise fault("PACK_TEST", "at_least, above, at_most, below")
        return self

    def span(self, values: Mapping[str, Value]) -> Interval:
        """Return the stretch with its choices filled in. Raises ValueError where it is empty."""
        low = fill(self.above if self.at_least is None else self.at_least, values)
        high = fill(self.below if self.at_most is None else self.at_most, values)
        span = Interval(low, self.at_least is not None, high, self.at_most is not None)
        if low is not None and high is not None and not (low < high or (low == high and span.low_in and span.high_in)):
            raise ValueError("a stretch of values is empty")
        return span


class PointBand(Limits):
    """A stretch of values and the points it earns."""

    points: int = Field(ge=0)


class Gap(Limits):
    """A stretch of values the text leaves out, the points that might be given there, and why these."""

    points: tuple[int, ...] = Field(min_length=1)
    reason: Words | None = None


class Rule(Record):
    """One rule of the document."""

    id: str = Field(min_length=1)
    clause: str = Field(min_length=1)
    title: Words
    demand: Words
    levels: tuple[Level, ...] = ()
    where: Where = "any"
    street_level: Literal["street", "town"] | None = None
    only: tuple[str, ...] = ()
    summary: bool = False
    measure: MeasureText | None = None
    readings: Mapping[str, MeasureText] = Field(default_factory=dict)
    decided_by: str | None = None
    test: Limits | None = None
    bands: tuple[PointBand, ...] = ()
    gaps: tuple[Gap, ...] = ()
    deadline: date | None = None
    judged_at: Literal["check_date", "deadline"] = "check_date"
    principle: bool = False
    same_as: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        parts = (
            bool(self.levels),
            self.measure is not None,
            bool(self.readings),
            self.test is not None,
            bool(self.bands),
        )
        if self.same_as and any(parts):
            raise fault("PACK_RULE", "same_as + levels/measure/test")
        if not self.same_as:
            if not self.levels:
                raise fault("PACK_REQUIRED", "levels")
            if (self.measure is None) is not bool(self.readings) or bool(self.readings) is not bool(self.decided_by):
                raise fault("PACK_RULE", "measure, readings, decided_by")
            if (self.test is None) is not bool(self.bands):
                raise fault("PACK_RULE", "test, bands")
        if self.judged_at == "deadline" and self.deadline is None:
            raise fault("PACK_REQUIRED", "deadline")
        return self

    def scale(self, values: Mapping[str, Value]) -> tuple[Piece, ...]:
        """Return the rule's test with its choices filled in. Raises ValueError where bands overlap or are empty."""
        if self.test is not None:
            return limit_scale(self.test.span(values))
        gaps = [Band(g.span(values), g.points) for g in self.gaps]
        return band_scale([Band(b.span(values), (b.points,)) for b in self.bands], gaps)

    def measures(self) -> dict[str, MeasureText]:
        """Return the measures by the name of their reading; a rule with one reading has it under its indicator."""
        return dict(self.readings) if self.measure is None else {self.measure.indicator: self.measure}


class ScoreTable(Record):
    """The frame of a document's score table: points of each item, their total, and a bonus with its stated cap."""

    items: tuple[int, ...]
    total: int
    bonus_cap: int = 0
    bonus_parts: tuple[int, ...] = ()


class Policy(Record):
    """One document as rules. `names` gives other names of counties; `choices` what the document leaves open."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    name: str
    document: Document
    rules: tuple[Rule, ...]
    choices: Mapping[str, Open]
    names: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    score_table: ScoreTable | None = None

    def rule(self, rule_id: str) -> Rule:
        """Return the rule of that id. Raises KeyError where there is none."""
        found = {r.id: r for r in self.rules}
        return found[rule_id]

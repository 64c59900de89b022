"""One rule of a document as a pack writes it, and what belongs to each form of rule."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from policy.asked import Concerned, MeasureText
from policy.bands import Band, Piece, band_scale, limit_scale
from policy.choices import Value
from policy.limits import Gap, Limits, PointBand
from policy.scope import Level, Where
from policy.written import Figure, Record, Words, fault

Form = Literal["demand", "report", "stated", "manual", "milestone", "checklist", "terms"]


class ScoreItem(Record):
    """Where a rule stands in the document's score table: its item, part of it, and the most points it earns."""

    item: int = Field(ge=1)
    part: str = Field(min_length=1)
    most: int = Field(ge=0)


class Rule(Record):
    """One rule of the document."""

    id: str = Field(min_length=1)
    clause: str = Field(min_length=1)
    title: Words
    form: Form = "demand"
    demand: Words | None = None
    levels: tuple[Level, ...] = ()
    where: Where = "any"
    street_level: Literal["street", "town"] | None = None
    only: tuple[str, ...] = ()
    towns: tuple[str, ...] = ()
    summary: bool = False
    measure: MeasureText | None = None
    readings: Mapping[str, MeasureText] = Field(default_factory=dict)
    decided_by: str | None = None
    test: Limits | None = None
    bands: tuple[PointBand, ...] = ()
    gaps: tuple[Gap, ...] = ()
    stated: Figure | None = None
    within: Figure | None = None
    parts: tuple[Figure, ...] = ()
    unit: str = ""
    answer: Literal["yes_no", "points"] | None = None
    asks: Words | None = None
    points: tuple[int, ...] = ()
    points_from: int | None = Field(default=None, ge=0)
    points_to: int | None = Field(default=None, ge=0)
    facilities: Concerned | None = None
    terms: tuple[str, ...] = ()
    deadline: date | None = None
    judged_at: Literal["check_date", "deadline"] = "check_date"
    principle: bool = False
    score: ScoreItem | None = None
    same_as: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    remark: Words | None = None

    @model_validator(mode="before")
    @classmethod
    def _city_by_default(cls, written: object) -> object:
        """Give the city to a rule that measures nothing and names no level."""
        if isinstance(written, dict) and not {"levels", "measure", "readings", "same_as"} & written.keys():
            return {**written, "levels": ("city",)} if written.get("form", "demand") != "demand" else written
        return written

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for wrong in (*form_faults(self),):
            raise wrong
        return self

    @property
    def sentence(self) -> tuple[str, str]:
        """What the rule demands, or asks of a person, in the pack's own sentence."""
        return (self.demand or self.asks or self.title).pair

    @property
    def allowed_points(self) -> tuple[int, ...]:
        """The points a person may give, most first; yes and no where the score table says what a yes earns."""
        if self.points_to is not None:
            return tuple(range(self.points_to, (self.points_from or 0) - 1, -1))
        if self.answer == "yes_no" and self.score is not None:
            return (self.score.most, 0)
        return tuple(sorted(set(self.points), reverse=True))

    def scale(self, values: Mapping[str, Value]) -> tuple[Piece, ...]:
        """Return the rule's test with its choices filled in, empty where it has none.

        Raises ValueError where bands overlap or are empty.
        """
        if self.test is not None:
            return limit_scale(self.test.span(values))
        if not self.bands:
            return ()
        gaps = [Band(g.span(values), g.points) for g in self.gaps]
        return band_scale([Band(b.span(values), (b.points,)) for b in self.bands], gaps)

    def measures(self) -> dict[str, MeasureText]:
        """Return the measures by the name of their reading; a rule with one reading has it under its indicator."""
        return dict(self.readings) if self.measure is None else {self.measure.indicator: self.measure}


_ALLOWED: Mapping[Form, frozenset[str]] = {
    "demand": frozenset({"measure", "readings", "decided_by", "test", "bands", "gaps", "judged_at", "summary"}),
    "report": frozenset({"measure", "readings", "decided_by"}),
    "stated": frozenset({"measure", "readings", "decided_by", "judged_at", "stated", "within", "parts", "unit"}),
    "manual": frozenset({"answer", "asks", "points", "points_from", "points_to", "facilities"}),
    "milestone": frozenset({"asks", "facilities"}),
    "checklist": frozenset({"answer", "asks", "facilities"}),
    "terms": frozenset({"terms"}),
}
"""What each form takes besides what every rule has."""
_TOLD = frozenset({"manual", "milestone", "checklist"})
"""The forms a person answers."""
_OF_A_FORM = frozenset().union(*_ALLOWED.values())


def form_faults(rule: Rule) -> Iterator[Exception]:
    """Yield what does not belong to the form of a rule, or what it lacks."""
    given = {key for key in _OF_A_FORM & rule.model_fields_set if getattr(rule, key) not in (None, (), {}, "")}
    if rule.same_as:
        if given - {"judged_at"} or rule.levels:
            yield fault("PACK_RULE", "same_as + levels/measure/test")
        return
    if given - _ALLOWED[rule.form]:
        yield fault("PACK_RULE", f"{rule.form}: {', '.join(sorted(given - _ALLOWED[rule.form]))}")
    needs = {"demand": ("levels", "demand"), "report": ("levels",), "manual": ("answer", "asks")}.get(rule.form, ())
    needs += {"milestone": ("deadline",), "terms": ("terms",), "stated": ("stated",)}.get(rule.form, ())
    needs += ("facilities",) if rule.form in _TOLD and "facility" in rule.levels else ()
    needs += ("deadline",) if rule.judged_at == "deadline" else ()
    absent = [key for key in needs if getattr(rule, key) in (None, (), "")]
    if absent:
        yield fault("PACK_REQUIRED", ", ".join(absent))
    if rule.form in {"demand", "report", "stated"}:
        yield from _measure_faults(rule)
    if rule.form == "demand" and (rule.test is None) is not bool(rule.bands):
        yield fault("PACK_RULE", "test, bands")
    if rule.form == "manual":
        yield from _point_faults(rule)


def _measure_faults(rule: Rule) -> Iterator[Exception]:
    sources = [rule.measure is not None, bool(rule.readings), bool(rule.parts)]
    if sum(sources) != 1 or bool(rule.readings) is not bool(rule.decided_by):
        yield fault("PACK_RULE", "measure, readings, decided_by" + (", parts" if rule.form == "stated" else ""))


def _point_faults(rule: Rule) -> Iterator[Exception]:
    listed, stretch = bool(rule.points), rule.points_to is not None
    if (rule.answer == "points") is not (listed is not stretch) or (rule.points_from is not None and not stretch):
        yield fault("PACK_RULE", "answer, points, points_from, points_to")
    elif stretch and not rule.allowed_points:
        yield fault("PACK_RULE", "points_from > points_to")

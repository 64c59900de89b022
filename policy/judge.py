"""Judging one rule under one reading: the answer for a unit, and for the city where every unit must meet the rule."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from policy.asked import MeasureText
from policy.bands import Exact, Interval, Piece, answer, goal, settle
from policy.choices import Value, shown
from policy.counting import Counting, absent, counts
from policy.indicators import INDICATORS
from policy.measure import Measured
from policy.pack import Policy
from policy.rule import Rule
from policy.units import Unit
from policy.verdict import Pair, Status
from policy.written import fill, is_choice


@dataclass(frozen=True)
class Case:
    """A rule under one reading on one day: `raw` is its scale as written, `scale` under the profile's readings."""

    policy: Policy
    rule: Rule
    reading: str
    measure: MeasureText | None
    values: Mapping[str, Value]
    as_of: date
    raw: tuple[Piece, ...] = ()
    scale: tuple[Piece, ...] = ()

    @property
    def due(self) -> bool:
        """Whether the deadline, if there is one, has come; the day itself is the last day and counts."""
        return self.rule.deadline is None or self.as_of >= self.rule.deadline

    @property
    def failed(self) -> Status:
        """What it means here not to meet the rule: not due yet, a reason to be given (原则上), or FAIL."""
        if not self.due:
            return Status.NOT_DUE
        return Status.EXCEPTION_NEEDED if self.rule.principle else Status.FAIL

    @cached_property
    def by(self) -> date:
        """The day as of which the rule is measured: a milestone counts what was there on its last day."""
        deadline = self.rule.deadline
        return min(self.as_of, deadline) if deadline is not None and self.rule.judged_at == "deadline" else self.as_of

    @cached_property
    def what(self) -> Counting:
        """What counts on that day."""
        return counting(self, self.by)

    @cached_property
    def what_in_time(self) -> Counting:
        """What counted on the deadline."""
        return counting(self, self.rule.deadline or self.by)

    @cached_property
    def target(self) -> Interval:
        """The stretch of values that meets the rule; all of them where there is no test."""
        return goal(self.scale) if self.scale else Interval()

    @cached_property
    def decides(self) -> bool:
        """Whether this reading is the one that the profile chose."""
        return self.rule.decided_by is None or self.values[self.rule.decided_by] == self.reading

    @cached_property
    def choices(self) -> tuple[str, ...]:
        """The choices the rule rests on under this reading, whatever is measured, as `name = value`."""
        rule = self.rule
        texts = (
            [] if self.measure is None else [getattr(self.measure, k) for k in sorted(self.measure.model_fields_set)]
        )
        texts += [value for _, value in rule.facilities or ()]
        texts += [value for limits in (rule.test, *rule.bands, *rule.gaps) if limits for _, value in limits]
        names = [str(text)[1:] for text in texts if is_choice(text)]
        names += [rule.decided_by] if rule.decided_by else []
        names += ["points_that_pass"] if rule.bands or rule.points or rule.points_to else []
        return self.shown(*dict.fromkeys(names))

    @cached_property
    def on_limits(self) -> tuple[Interval, ...]:
        """The values exactly on a limit that the text leaves out."""
        return tuple(piece.span for piece in self.raw if piece.status is Status.BOUNDARY)

    def shown(self, *names: str) -> tuple[str, ...]:
        """Return choices as `name = value`."""
        return tuple(shown(name, self.values[name], self.policy.choices[name].content) for name in names)

    @cached_property
    def counts_facilities(self) -> bool:
        """Whether the measure asks which facilities count."""
        return self.measure is not None and "kinds" in self.measure.model_fields_set


@dataclass(frozen=True)
class Judged:
    """The answer for one unit; `late`: met on the day it is checked, but not yet on the deadline.

    `said` is what a person answered, in words, where nothing was measured.
    """

    unit: Unit
    measured: Measured
    status: Status
    points: tuple[int, ...] = ()
    late: bool = False
    said: Pair | None = None


def case_of(policy: Policy, rule: Rule, reading: str, values: Mapping[str, Value], as_of: date) -> Case:
    """Return a rule made ready to be judged. Raises ValueError where the choices make its bands overlap."""
    raw = rule.scale(values)
    scale = settle(raw, boundary=str(values["boundary_reading"]), passing=str(values["points_that_pass"]))
    return Case(policy, rule, reading, rule.measures().get(reading), values, as_of, raw, scale)


def judge(case: Case, unit: Unit) -> Judged:
    """Return the answer for one unit."""
    measured = _measured(case, unit, case.what)
    if unit.applies is None:
        missing = tuple(dict.fromkeys((*_doubts(case, unit), *measured.missing)))
        return Judged(unit, replace(measured, missing=missing), Status.UNKNOWN)
    status, points = respond(case, measured)
    late = False
    deadline = case.rule.deadline
    if status is Status.PASS and deadline is not None and case.by > deadline and case.counts_facilities:
        late = respond(case, _measured(case, unit, case.what_in_time))[0] is not Status.PASS
    return Judged(unit, measured, case.failed if status is Status.FAIL else status, points, late)


def _doubts(case: Case, unit: Unit) -> Iterator[str]:
    """Yield what would tell whether the rule concerns the unit."""
    if unit.level == "facility":
        for facility in unit.facilities:
            yield from absent(facility, case.what) or [f"facilities.community_id: {facility.name}"]
    else:
        yield f"communities.{'level' if unit.level == 'community' else 'street_level'}: {unit.name}"


def respond(case: Case, measured: Measured) -> tuple[Status, tuple[int, ...]]:
    """Return what the rule says of a measure: status and points.

    A rank that is open only because units are tied is UNDEFINED with the points of every place it may stand for: the
    documents do not say how a tie is settled.
    """
    if measured.void is not None:
        return measured.void, ()
    if case.rule.form == "report":
        # What is reported is the value itself: where the data leave it open, it is not known.
        return Status.UNDEFINED if measured.low == measured.high and not measured.unsure else Status.UNKNOWN, ()
    if case.rule.form == "stated":
        return _as_stated(case.rule, measured.low, measured.high), ()
    status, points = answer(case.scale, measured.low, measured.high)
    if measured.unsure:
        status = Status.UNKNOWN
    elif measured.excused and status is Status.PASS:
        status = Status.EXCEPTION_NEEDED
    elif measured.tied and status is Status.UNKNOWN:
        status = Status.UNDEFINED
    return status, points


def _as_stated(rule: Rule, low: Exact, high: Exact) -> Status:
    stated, within = rule.stated or 0, rule.within or 0
    if stated - within <= low and high <= stated + within:
        return Status.PASS
    surely_other = high < stated - within or low > stated + within
    return Status.EXCEPTION_NEEDED if surely_other else Status.UNKNOWN


def overall(case: Case, judged: Sequence[Judged], *, city: str, unplaced: Sequence[str]) -> Judged:
    """Return the answer for the city where every unit must meet the rule.

    It is FAIL as soon as one unit surely fails, also where several units wait for one and the same facility whose
    place is not known: that one can serve a single unit.
    """
    members = [j for j in judged if j.unit.applies]
    sure = sum(j.status is Status.PASS for j in members)
    fails = [j for j in members if j.status is case.failed]
    open_units = [j for j in judged if j.status is Status.UNKNOWN]
    strays = {f.id for j in open_units for f in j.unit.stray if counts(f, case.what) is not False}
    waiting = [j for j in open_units if j.unit.applies and judge(case, replace(j.unit, stray=())).status is case.failed]
    surely_short = len(fails) + max(0, len(waiting) - len(strays))
    names = tuple(j.unit.name for j in members if j.status is not Status.PASS)
    missing = tuple(dict.fromkeys(m for j in open_units for m in j.measured.missing)) + tuple(unplaced)
    disputed = tuple(dict.fromkeys(name for j in judged for name in j.measured.disputed))
    status = case.failed if surely_short else _rest(members, missing)
    void = None if members else Status.UNKNOWN
    if not judged and not unplaced:
        status = void = Status.NOT_APPLICABLE
    measured = Measured(
        counted_units(case.rule),
        sure,
        len(members) - surely_short,
        len(members),
        sure,
        len(members) - surely_short,
        names,
        missing,
        disputed,
        void,
    )
    return Judged(Unit("city", "city", city, where=case.rule.where), measured, status, late=any(j.late for j in judged))


def _rest(members: Sequence[Judged], missing: Sequence[str]) -> Status:
    """Return the answer for the city where no unit surely fails."""
    if missing or any(j.status is Status.UNKNOWN for j in members):
        return Status.UNKNOWN
    statuses = {j.status for j in members}
    if statuses == {Status.NOT_DUE}:
        return Status.NOT_DUE
    worse = (Status.UNDEFINED, Status.BOUNDARY, Status.EXCEPTION_NEEDED)
    return next((s for s in worse if s in statuses), Status.PASS)


def counting(case: Case, by: date) -> Counting:
    """Return what counts on a day under the profile's choices."""
    if case.measure is None:
        concerned = dict(case.rule.facilities or {})
        return Counting(by=by, **{key: fill(value, case.values) for key, value in concerned.items()})
    given = {
        key: fill(getattr(case.measure, key), case.values)
        for key in case.measure.model_fields_set - {"indicator"}
        if getattr(case.measure, key) is not None
    }
    pack = case.policy
    return Counting(
        **given,
        by=by,
        needs_date=case.rule.deadline is not None,
        room_classes=pack.room_classes,
        benefits=pack.benefits,
        groups=pack.groups,
    )


def counted_units(rule: Rule) -> str:
    """Return the word for the units of the rule's finest level."""
    match rule.levels[-1]:
        case "street":
            return {"street": "streets", "town": "towns", None: "streets_and_towns"}[rule.street_level]
        case "county":
            return "counties"
        case "zone":
            return "zones"
        case "facility":
            return "facilities"
        case "project":
            return "projects"
        case _:
            return {"urban": "communities", "rural": "villages", "any": "communities_and_villages"}[rule.where]


def _measured(case: Case, unit: Unit, what: Counting) -> Measured:
    if case.measure is None:
        total = sum(case.rule.parts)
        return Measured(case.rule.unit, total, total, low=total, high=total)
    return INDICATORS[case.measure.indicator](unit, what)

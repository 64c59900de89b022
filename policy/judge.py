"""Judging one rule under one reading: the answer for a unit, and for the city where every unit must meet the rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from policy.asked import MeasureText
from policy.bands import Piece, answer, settle
from policy.choices import Value
from policy.counting import Counting, counts
from policy.indicators import INDICATORS
from policy.measure import Measured
from policy.rule import Rule
from policy.units import Unit
from policy.verdict import Status
from policy.written import fill


@dataclass(frozen=True)
class Case:
    """A rule under one reading on one day: `raw` is its scale as written, `scale` under the profile's readings."""

    rule: Rule
    reading: str
    measure: MeasureText
    values: Mapping[str, Value]
    as_of: date
    raw: tuple[Piece, ...]
    scale: tuple[Piece, ...]

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


@dataclass(frozen=True)
class Judged:
    """The answer for one unit; `late`: met on the day it is checked, but not yet on the deadline."""

    unit: Unit
    measured: Measured
    status: Status
    points: tuple[int, ...] = ()
    late: bool = False


def case_of(rule: Rule, reading: str, values: Mapping[str, Value], as_of: date) -> Case:
    """Return a rule made ready to be judged. Raises ValueError where the choices make its bands overlap."""
    raw = rule.scale(values)
    scale = settle(raw, boundary=str(values["boundary_reading"]), passing=str(values["points_that_pass"]))
    return Case(rule, reading, rule.measures()[reading], values, as_of, raw, scale)


def judge(case: Case, unit: Unit) -> Judged:
    """Return the answer for one unit."""
    deadline = case.rule.deadline
    by = case.as_of
    if deadline is not None and case.rule.judged_at == "deadline":
        by = min(by, deadline)
    measured = _measured(case, unit, by)
    if unit.applies is None:
        column = "level" if unit.level == "community" else "street_level"
        missing = (f"communities.{column}: {unit.name}", *measured.missing)
        return Judged(unit, replace(measured, missing=missing), Status.UNKNOWN)
    status, points = _answer(case, measured)
    late = False
    if status is Status.PASS and deadline is not None and by > deadline and "kinds" in case.measure.model_fields_set:
        late = _answer(case, _measured(case, unit, deadline))[0] is not Status.PASS
    return Judged(unit, measured, case.failed if status is Status.FAIL else status, points, late)


def overall(case: Case, judged: Sequence[Judged], *, city: str, unplaced: Sequence[str]) -> Judged:
    """Return the answer for the city where every unit must meet the rule.

    It is FAIL as soon as one unit surely fails, also where several units wait for one and the same facility whose
    place is not known: that one can serve a single unit.
    """
    members = [j for j in judged if j.unit.applies]
    sure = sum(j.status is Status.PASS for j in members)
    fails = [j for j in members if j.status is case.failed]
    open_units = [j for j in judged if j.status is Status.UNKNOWN]
    what = counting(case, case.as_of)
    strays = {f.id for j in open_units for f in j.unit.stray if counts(f, what) is not False}
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
    return next((s for s in (Status.UNDEFINED, Status.BOUNDARY) if s in statuses), Status.PASS)


def counting(case: Case, by: date) -> Counting:
    """Return what counts on a day under the profile's choices."""
    given = {
        key: fill(getattr(case.measure, key), case.values)
        for key in case.measure.model_fields_set - {"indicator"}
        if getattr(case.measure, key) is not None
    }
    return Counting(**given, by=by, needs_date=case.rule.deadline is not None)


def counted_units(rule: Rule) -> str:
    """Return the word for the units of the rule's finest level."""
    match rule.levels[-1]:
        case "street":
            return {"street": "streets", "town": "towns", None: "streets_and_towns"}[rule.street_level]
        case "county":
            return "counties"
        case _:
            return {"urban": "communities", "rural": "villages", "any": "communities_and_villages"}[rule.where]


def _measured(case: Case, unit: Unit, by: date) -> Measured:
    return INDICATORS[case.measure.indicator](unit, counting(case, by))


def _answer(case: Case, measured: Measured) -> tuple[Status, tuple[int, ...]]:
    return (measured.void, ()) if measured.void else answer(case.scale, measured.low, measured.high)

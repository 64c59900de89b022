"""Which facilities count: by kind, status and date; yes, no or not known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from policy.bands import Exact
from policy.ground import Facility
from policy.units import Unit


@dataclass(frozen=True)
class Counting:
    """What counts: kinds and statuses of facilities, the day by which, the walk, and the share that reaches a unit.

    `needs_date`: a facility without a date may or may not count; otherwise its status alone decides. `dated_by` is the
    date that is asked for (`opened` or `built`), `since` an optional first day.
    """

    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ("in_use",)
    dated_by: str = "opened"
    by: date = date.max
    since: date | None = None
    needs_date: bool = False
    minutes: int = 15
    reached: Exact = 1
    operator_types: tuple[str, ...] = ("social",)


def counts(facility: Facility, what: Counting) -> bool | None:
    """Return whether a facility counts, None where its kind, status or date is not known.

    What is open has been built: an opening day in time proves the building, a building day too late rules the opening
    out.

    >>> centre = Facility("1", "A", kind="day_care", status="in_use")
    >>> counts(centre, Counting(("day_care",))), counts(centre, Counting(("day_care",), needs_date=True))
    (True, None)
    """
    if facility.kind is not None and facility.kind not in what.kinds:
        return False
    if facility.status is not None and facility.status not in what.statuses:
        return False
    in_time = _in_time(facility, what)
    if in_time is False:
        return False
    return True if facility.kind and facility.status and in_time else None


def standing(unit: Unit, what: Counting) -> tuple[tuple[Facility, ...], tuple[Facility, ...], tuple[str, ...]]:
    """Return the facilities that surely count in the unit, those that may, and which data the latter lack."""
    sure: list[Facility] = []
    maybe: list[Facility] = []
    missing: list[str] = []
    for facility in unit.facilities:
        counted = counts(facility, what)
        if counted:
            sure.append(facility)
        elif counted is None:
            maybe.append(facility)
            missing += _absent(facility, what)
    for facility in unit.stray:
        if counts(facility, what) is not False:
            maybe.append(facility)
            place = "urban" if facility.keys.get("community") else "community_id"
            missing += [f"facilities.{place}: {facility.name}", *_absent(facility, what)]
    return tuple(sure), tuple(maybe), tuple(missing)


def disputed(unit: Unit, counted: Iterable[Facility]) -> tuple[str, ...]:
    """Return the names of the facilities whose position lies outside the unit they are declared for."""
    finest = "community" if unit.level == "city" else unit.level
    return tuple(f.name for f in counted if finest in f.disputed)


def _in_time(facility: Facility, what: Counting) -> bool | None:
    opened, built = facility.opened, facility.built
    asked = opened if what.dated_by == "opened" else built
    if asked is not None:
        return asked <= what.by and (what.since is None or asked >= what.since)
    if what.dated_by == "opened" and built is not None and built > what.by:
        return False
    if what.dated_by == "built" and opened is not None:
        if opened <= what.by and what.since is None:
            return True
        if what.since is not None and opened < what.since:
            return False
    return None if what.needs_date else True


def _absent(facility: Facility, what: Counting) -> list[str]:
    columns = [column for column in ("kind", "status") if getattr(facility, column) is None]
    columns += [what.dated_by] if _in_time(facility, what) is None else []
    return [f"facilities.{column}: {facility.name}" for column in columns]

"""Which facilities count: by kind, status, date, size and standing; yes, no or not known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from gis.tables import SERVING_KINDS, SERVING_STATUSES
from policy.bands import Exact
from policy.four_sync_text import Stage
from policy.ground import Facility
from policy.terms import Benefit, Group, RoomClass


@dataclass(frozen=True)
class Counting:
    """What a measure asks: its arguments as the pack writes them, the day by which, and the pack's own lists.

    `needs_date`: a facility without a date may or may not count; otherwise its status alone decides. `dated_by` is the
    date that is asked for (`opened` or `built`), `since` an optional first day, `in_year` the year it must lie in;
    `improved` lets a rebuilding in that time count as well. `walk_kinds` and `walk_statuses` are what people are to
    walk to by the document; the walk itself is to those of the 15-minute circle.
    """

    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ("in_use",)
    dated_by: str = "opened"
    by: date = date.max
    since: date | None = None
    needs_date: bool = False
    minutes: int = 15
    walk_kinds: tuple[str, ...] = SERVING_KINDS
    walk_statuses: tuple[str, ...] = SERVING_STATUSES
    reached: Exact = 1
    operator_types: tuple[str, ...] = ("social",)
    least_m2: Exact | None = None
    least_day_care_m2: Exact | None = None
    facility_level: str | None = None
    in_year: int | None = None
    having: tuple[str, ...] = ()
    improved: bool = False
    services: tuple[str, ...] = ()
    least_point_m2: Exact | None = None
    neighbour_centre_minutes: int | None = None
    of: str = ""
    conditional_only: bool = False
    main_urban_only: bool = False
    exact_sizes: bool = False
    without_date: str = "unknown"
    column: str = ""
    columns: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    or_stated: str = ""
    name: str = ""
    other: str = ""
    names: tuple[str, ...] = ()
    part: str = ""
    whole: str = ""
    year: int | None = None
    highest_first: bool = True
    of_units: bool = False
    units: int | None = None
    benefit: str = ""
    stage: Stage | None = None
    room_classes: tuple[RoomClass, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    groups: tuple[Group, ...] = ()


def counts(facility: Facility, what: Counting) -> bool | None:
    """Return whether a facility counts, None where its kind, status, date, size or standing is not known.

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
    marks = _marks(facility, what)
    if marks and False in marks.values():
        return False
    known = facility.kind and facility.status and in_time and None not in marks.values()
    return True if known else None


def absent(facility: Facility, what: Counting) -> list[str]:
    """Return which columns of the facility would tell whether it counts."""
    columns = [column for column in ("kind", "status") if getattr(facility, column) is None]
    columns += [what.dated_by] if _in_time(facility, what) is None else []
    columns += [column for column, known in _marks(facility, what).items() if known is None]
    return [f"facilities.{column}: {facility.name}" for column in columns]


def either(answers: Iterable[bool | None]) -> bool | None:
    """Return whether one of the answers is yes: no where all are no, not known otherwise.

    >>> either([False, None]), either([None, True]), either([])
    (None, True, False)
    """
    given = list(answers)
    return True if True in given else (None if None in given else False)


def every(answers: Iterable[bool | None]) -> bool | None:
    """Return whether all answers are yes: no as soon as one is no, not known otherwise.

    >>> every([True, None]), every([None, False]), every([])
    (None, False, True)
    """
    given = list(answers)
    return False if False in given else (None if None in given else True)


def _marks(facility: Facility, what: Counting) -> dict[str, bool | None]:
    """Return by column whether the facility has the size, the level and the marks asked for."""
    asked: dict[str, bool | None] = {}
    for column, least in (("floor_area_m2", what.least_m2), ("day_care_m2", what.least_day_care_m2)):
        if least is not None:
            size = facility.sizes.get(column)
            asked[column] = None if size is None else size >= least
    if what.facility_level is not None:
        level = facility.said.get("facility_level")
        asked["facility_level"] = None if level is None else level == what.facility_level
    for column in what.having:
        mark = facility.said.get(column)
        asked[column] = None if mark is None else bool(mark)
    return asked


def _in_time(facility: Facility, what: Counting) -> bool | None:
    if what.columns and what.since is None and what.in_year is None:
        return True  # the dates are what is measured: one that comes too late may not take its facility out
    if "planned" in what.statuses and what.since is None and what.in_year is None and not what.needs_date:
        return True  # what is only planned counts: what was finished since was planned on the day
    new = _new_in_time(facility, what)
    if not what.improved or new:
        return new
    rebuilt = facility.rebuilt
    if rebuilt is None:
        # A year is asked for, and nobody says that the facility was never rebuilt.
        return new if what.since is None and what.in_year is None else None
    return True if _within(rebuilt, what) else new


def _new_in_time(facility: Facility, what: Counting) -> bool | None:
    opened, built = facility.opened, facility.built
    asked = opened if what.dated_by == "opened" else built
    first = what.since is not None or what.in_year is not None
    if asked is not None:
        return _within(asked, what)
    if what.dated_by == "opened" and built is not None and built > what.by:
        return False
    if what.dated_by == "built" and opened is not None:
        if opened <= what.by and not first:
            return True
        if (what.since is not None and opened < what.since) or (
            what.in_year is not None and opened.year < what.in_year
        ):
            return False
    return None if what.needs_date or first else True


def _within(day: date, what: Counting) -> bool:
    return (
        day <= what.by
        and (what.since is None or day >= what.since)
        and (what.in_year is None or day.year == what.in_year)
    )

"""Housing projects: which belong to a unit, and how many of them keep to the four synchronisations."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from policy.cells import text
from policy.counting import Counting
from policy.measure import Measured, Tally, share
from policy.units import Unit
from policy.verdict import Status


def projects_in_sync(unit: Unit, what: Counting) -> Measured:
    """Measure the share of housing projects (and phases) in step with their care room, at one `stage` or at all four.

    Formula: |{phases without a fault}| / |{phases of the unit that are due}|; a lateness that only needs a reason is no
    fault, is named and makes a whole without a fault EXCEPTION_NEEDED. A phase that has come to no step yet, or that is
    asked nothing, is left out: without any other the answer is NOT_DUE or NOT_APPLICABLE. UNKNOWN means that a phase
    cannot be told, that its unit is not known, or that there is no housing table at all.

    >>> projects_in_sync(Unit("city", "city", "A"), Counting()).void.value
    'UNKNOWN'
    """
    if not listed(unit):
        return Measured("projects", missing=("housing",), void=Status.UNKNOWN, kind="share")
    tally, reasons, left = Tally(), [], Status.NOT_APPLICABLE
    for key, row in projects_of(unit):
        check = unit.ground.checks.get(key) if unit.ground is not None else None
        title = check.record.title if check is not None else str(row.get("name") or key)
        status = Status.UNKNOWN if check is None else check.stages[what.stage] if what.stage else check.status
        if status in {Status.NOT_DUE, Status.NOT_APPLICABLE}:
            left = Status.NOT_DUE if status is Status.NOT_DUE else left
            continue
        in_step = {Status.FAIL: False, Status.UNKNOWN: None}.get(status, True)
        doubtful = _unit_of(unit, row, key) is None
        tally.put(in_step, doubtful=doubtful)
        tally.names += [title] if in_step is not True and not doubtful else []
        tally.missing += [f"housing.community_id: {title}"] if doubtful else []
        if in_step is None:
            columns = check.missing if check is not None else ("care_planned",)
            tally.missing += [f"housing.{column}: {title}" for column in columns]
        reasons += [title] if status is Status.EXCEPTION_NEEDED else []
    return replace(share(tally, "projects", empty=left, disputed=reasons), excused=bool(reasons))


def listed(unit: Unit) -> bool:
    """Return whether there is a housing table with any row: without one nothing is known of housing anywhere."""
    return unit.ground is not None and bool(unit.ground.projects)


def projects_of(unit: Unit) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the rows of the housing table that stand in the unit or may, by their key."""
    rows = unit.ground.projects if unit.ground is not None else {}
    return [(key, row) for key, row in sorted(rows.items()) if _unit_of(unit, row, key) is not False]


def _unit_of(unit: Unit, row: Mapping[str, Any], key: str) -> bool | None:
    """Return whether a project stands in the unit, None where its place is not known."""
    match unit.level:
        case "city":
            return True
        case "project":
            return key == unit.id
        case level:
            home = text(row.get("community_id"))
            own = home if level == "community" or home else text(row.get(f"{level}_id"))
            if own is None:
                return None
            return own == unit.id or own in {c.id for c in (*unit.communities, *unit.doubtful)}

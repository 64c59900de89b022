"""Housing projects: which belong to a unit, and how many of them keep to the four synchronisations."""

from collections.abc import Mapping
from typing import Any

from policy.cells import text
from policy.counting import Counting
from policy.measure import Measured, Tally, share
from policy.units import Unit
from policy.verdict import Status


def projects_in_sync(unit: Unit, what: Counting) -> Measured:
    """Measure the share of housing projects (and phases) in step with their care room, at one `stage` or at all four.

    Formula: |{phases without a fault}| / |{phases of the unit}|; a lateness that only needs a reason is no fault and is
    named. UNKNOWN means that a phase cannot be told, or that its unit is not known. NOT_APPLICABLE without any project.

    >>> projects_in_sync(Unit("city", "city", "A"), Counting()).void.value
    'NOT_APPLICABLE'
    """
    tally, reasons = Tally(), []
    for key, row in projects_of(unit):
        check = unit.ground.checks.get(key) if unit.ground is not None else None
        title = check.record.title if check is not None else str(row.get("name") or key)
        status = Status.UNKNOWN if check is None else check.stages[what.stage] if what.stage else check.status
        in_step = {Status.FAIL: False, Status.UNKNOWN: None}.get(status, True)
        doubtful = _unit_of(unit, row, key) is None
        tally.put(in_step, doubtful=doubtful)
        tally.names += [title] if in_step is not True and not doubtful else []
        tally.missing += [f"housing.community_id: {title}"] if doubtful else []
        if in_step is None:
            columns = check.missing if check is not None else ("care_planned",)
            tally.missing += [f"housing.{column}: {title}" for column in columns]
        reasons += [title] if status is Status.EXCEPTION_NEEDED else []
    return share(tally, "projects", empty=Status.NOT_APPLICABLE, disputed=reasons)


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

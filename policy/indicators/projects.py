"""Housing projects: which belong to a unit, and how many of them keep to the four synchronisations."""

from collections.abc import Mapping
from typing import Any

from policy.counting import Counting, every
from policy.measure import Measured, Tally, share
from policy.survey import text
from policy.units import Unit
from policy.verdict import Status


def projects_in_sync(unit: Unit, what: Counting) -> Measured:
    """Measure the share of housing projects (and phases) without a finding against the four synchronisations.

    Formula: |{projects with no finding at `stage`, or at any stage}| / |{projects of the unit}|. UNKNOWN means that a
    project could not be checked, or that its unit is not known. NOT_APPLICABLE without any project.

    >>> from policy.ground import Ground
    >>> rows = {"1": {"name": "A"}, "2": {"name": "B"}}
    >>> city = Unit("city", "city", "C", ground=Ground((), (), {}, {}, (15,), projects=rows))
    >>> found = {"1": {"planned": True}, "2": {"planned": False}}
    >>> projects_in_sync(city, Counting(stage="planned", projects=found)).lacking
    ('B',)
    """
    tally = Tally()
    for key, row in projects_of(unit):
        name = str(row.get("name") or key)
        stages = what.projects.get(key, {})
        kept = stages.get(what.stage) if what.stage else (every(stages.values()) if stages else None)
        doubtful = _unit_of(unit, row) is None
        tally.put(kept, doubtful=doubtful)
        tally.names += [name] if kept is False and not doubtful else []
        tally.missing += [f"housing.community_id: {name}"] if doubtful else []
        tally.missing += [f"housing.dates: {name}"] if kept is None else []
    return share(tally, "projects", empty=Status.NOT_APPLICABLE)


def projects_of(unit: Unit) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the rows of the housing table that stand in the unit or may, by their key."""
    rows = unit.ground.projects if unit.ground is not None else {}
    return [(key, row) for key, row in sorted(rows.items()) if _unit_of(unit, row, key) is not False]


def _unit_of(unit: Unit, row: Mapping[str, Any], key: str = "") -> bool | None:
    """Return whether a project stands in the unit, None where its place is not known."""
    match unit.level:
        case "city":
            return True
        case "project":
            return key in {"", unit.id}
        case level:
            home = text(row.get("community_id"))
            own = home if level == "community" or home else text(row.get(f"{level}_id"))
            if own is None:
                return None
            return own == unit.id or own in {c.id for c in (*unit.communities, *unit.doubtful)}

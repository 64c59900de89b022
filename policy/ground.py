"""The ground a rule is judged on: communities, facilities and people as records.

What a table does not say is None here; nothing missing is taken for a no.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import pandas as pd

from gis.words import say
from policy.evidence import Evidence

Level = Literal["community", "street", "county", "city"]
DIVISIONS: tuple[Level, ...] = ("community", "street", "county")
"""The administrative levels below the city, finest first."""


@dataclass(frozen=True)
class Community:
    """A community (urban) or a village; `keys` holds the unit it belongs to at each level."""

    id: str
    name: str
    urban: bool | None = True
    street_level: str | None = None
    keys: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Facility:
    """A facility; `disputed` names the levels at which its declared unit is not the one its position lies in.

    `outside`: its position is known and lies in none of the communities.
    """

    id: str
    name: str
    kind: str | None = None
    status: str | None = None
    built: date | None = None
    opened: date | None = None
    operator_type: str | None = None
    urban: bool | None = None
    keys: Mapping[str, str | None] = field(default_factory=dict)
    outside: bool = False
    disputed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class People:
    """Elders of a unit: all, those whose walk is not known, and those within a walk of so many minutes."""

    elders: int | None
    unknown: int | None
    covered: Mapping[int, int | None]


@dataclass(frozen=True)
class Ground:
    """Everything known of the city, each in the order of its identifier; `names` and `people` go by (level, key)."""

    communities: tuple[Community, ...]
    facilities: tuple[Facility, ...]
    people: Mapping[tuple[str, str], People]
    names: Mapping[tuple[str, str], str]
    minutes: tuple[int, ...]


def survey(evidence: Evidence) -> Ground:
    """Return the evidence as records. Raises ValueError where a count of people is not a whole number."""
    communities, names = _communities(evidence.communities)
    people = {
        (str(row["level"]), str(row["unit_id"])): People(
            whole(row["elders"]),
            whole(row["elders_unknown"]),
            {m: whole(row[f"elders_covered_{m}"]) for m in evidence.minutes},
        )
        for row in _rows(evidence.coverage)
    }
    rows = {str(row["level"]): text(row["name"]) for row in _rows(evidence.coverage)}
    names["city", "city"] = rows.get("city") or say("policy.level_city")
    shapes = _has_shapes(evidence.communities)
    facilities = _facilities(evidence.facilities, {c.id: c for c in communities}, shapes=shapes)
    return Ground(communities, facilities, people, names, tuple(evidence.minutes))


def _communities(frame: pd.DataFrame) -> tuple[tuple[Community, ...], dict[tuple[str, str], str]]:
    found: list[Community] = []
    names: dict[tuple[str, str], str] = {}
    for row in _rows(frame):
        key = str(row[""])
        keys: dict[str, str | None] = {"community": key}
        for level in ("street", "county"):
            # A bureau's list may name its streets and counties without their codes.
            keys[level] = text(row[f"{level}_id"]) or text(row[level])
            if keys[level]:
                names.setdefault((level, str(keys[level])), text(row[level]) or str(keys[level]))
        names["community", key] = text(row["name"]) or key
        found.append(Community(key, names["community", key], flag(row["urban"]), text(row["street_level"]), keys))
    return tuple(sorted(found, key=lambda c: c.id)), names


def _facilities(frame: pd.DataFrame, communities: Mapping[str, Community], *, shapes: bool) -> tuple[Facility, ...]:
    found = []
    for row in _rows(frame):
        home = communities.get(text(row["community_id"]) or "")
        own: dict[str, str | None] = {
            "community": None,
            "street": text(row["street_id"]),
            "county": text(row["county_id"]),
        }
        if home:
            own = {level: home.keys[level] or own[level] for level in DIVISIONS}
        declared = communities.get(text(row["community_declared"]) or "")
        standing = communities.get(text(row["community_by_position"]) or "")
        off_the_map = shapes and standing is None and _has_point(row)
        urban = home.urban if home and home.urban is not None else flag(row["urban"])
        found.append(
            Facility(
                str(row[""]),
                text(row["name"]) or str(row[""]),
                kind=text(row["kind"]),
                status=text(row["status"]),
                built=day(row.get("built")),
                opened=day(row["opened"]),
                operator_type=text(row.get("operator_type")),
                urban=urban,
                keys=own,
                outside=off_the_map and not any(own.values()),
                disputed=_disputed(declared, standing, off_the_map=off_the_map),
            )
        )
    return tuple(sorted(found, key=lambda f: f.id))


def _disputed(declared: Community | None, standing: Community | None, *, off_the_map: bool) -> frozenset[str]:
    if declared is None or (standing is None and not off_the_map):
        return frozenset()
    if standing is None:
        return frozenset(DIVISIONS)
    return frozenset(level for level in DIVISIONS if declared.keys[level] != standing.keys[level])


def _rows(frame: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """Return the rows as dictionaries, the index under the empty name."""
    columns = {str(c): list(frame[c]) for c in frame.columns}
    return [
        {"": key, **dict(zip(columns, cells, strict=True))}
        for key, *cells in zip(frame.index, *columns.values(), strict=True)
    ]


def _has_shapes(frame: pd.DataFrame) -> bool:
    return "geometry" in frame.columns and any(_has_point(row) for row in _rows(frame[["geometry"]]))


def _has_point(row: Mapping[Hashable, Any]) -> bool:
    shape = row.get("geometry")
    return shape is not None and hasattr(shape, "is_empty") and not shape.is_empty


def text(cell: Any) -> str | None:
    """Return the cell as text, None where it is empty."""
    return None if cell is None or pd.isna(cell) or not str(cell).strip() else str(cell)


def flag(cell: Any) -> bool | None:
    """Return the cell as yes or no, None where it is empty."""
    return None if cell is None or pd.isna(cell) else bool(cell)


def day(cell: Any) -> date | None:
    """Return the cell as a day, None where it is empty."""
    return None if cell is None or pd.isna(cell) else pd.Timestamp(cell).date()


def whole(cell: Any) -> int | None:
    """Return the cell as a whole number, None where it is empty. Raises ValueError for a fraction of a person."""
    if cell is None or pd.isna(cell):
        return None
    if int(cell) != cell:
        raise ValueError(f"{cell} is not a whole number of people")
    return int(cell)

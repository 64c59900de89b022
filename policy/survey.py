"""Reading the evidence into records once, so that every rule of every pack is judged on the same ground."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from gis.tables import COMMUNITIES, FACILITIES
from gis.words import say
from policy.cells import day, exact, flag, text, whole, words
from policy.evidence import Evidence
from policy.ground import (
    Answer,
    Community,
    Facility,
    Figure,
    Ground,
    People,
    Persons,
    by_identifier,
)
from policy.scope import DIVISIONS

_COUNTS = tuple(c.name for c in COMMUNITIES.columns if c.content == "whole")
_SIZES = ("floor_area_m2", "land_m2", "day_care_m2", "beds", "beds_care", "beds_disabled", "places")
_SAID = tuple(
    (c.name, c.content)
    for c in FACILITIES.columns
    if c.content in {"text", "choice", "flag", "date"} and c.name not in {"name", "kind", "status"}
)
_WHOLE_CITY = ("全市", "city")


def survey(evidence: Evidence) -> Ground:
    """Return the evidence as records. Raises ValueError where a count of people is not a whole number."""
    communities, names = _communities(evidence.communities)
    people = {
        (str(row["level"]), str(row["unit_id"])): _people(row, evidence.minutes) for row in _rows(evidence.coverage)
    }
    rows = {str(row["level"]): text(row["name"]) for row in _rows(evidence.coverage)}
    names["city", "city"] = rows.get("city") or say("policy.level_city")
    shapes = _has_shapes(evidence.communities)
    facilities = _facilities(evidence.facilities, {c.id: c for c in communities}, shapes=shapes)
    return Ground(
        communities,
        facilities,
        people,
        names,
        tuple(evidence.minutes),
        near_centre={
            str(row["unit_id"]): _people(row, evidence.minutes)
            for row in _rows(evidence.centre_coverage)
            if row["level"] == "community"
        },
        figures=_figures(evidence.figures, names["city", "city"]),
        answers=_answers(evidence.answers, names["city", "city"]),
        persons=_persons(evidence.people_groups, {c.id for c in communities}),
        projects={str(row[""]): {str(k): cell for k, cell in row.items()} for row in _rows(evidence.housing)},
    )


def _people(row: Mapping[Hashable, Any], minutes: tuple[int, ...]) -> People:
    return People(
        whole(row["elders"]),
        whole(row["elders_unknown"]),
        {m: whole(row[f"elders_covered_{m}"]) for m in minutes},
        whole(row.get("residents")),
    )


def _communities(frame: pd.DataFrame) -> tuple[tuple[Community, ...], dict[tuple[str, str], str]]:
    found: list[Community] = []
    names: dict[tuple[str, str], str] = {}
    for row in _rows(frame):
        key = str(row[""])
        keys: dict[str, str | None] = {"community": key, "zone": None}
        for level in ("street", "county"):
            # A bureau's list may name its streets and counties without their codes.
            keys[level] = text(row[f"{level}_id"]) or text(row[level])
            if keys[level]:
                names.setdefault((level, str(keys[level])), text(row[level]) or str(keys[level]))
        keys["district"] = keys["county"]
        names["community", key] = text(row["name"]) or key
        found.append(
            Community(
                key,
                names["community", key],
                flag(row["urban"]),
                text(row["street_level"]),
                keys,
                counts={column: whole(row.get(column)) for column in _COUNTS},
                zone=text(row.get("zone")),
                main_urban=flag(row.get("main_urban")),
                conditional=flag(row.get("conditional")),
                finished=day(row.get("finished")),
                contractors=words(row.get("contractor")),
            )
        )
    return by_identifier(found), names


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
                keys={**own, "district": own["county"]},
                outside=off_the_map and not any(own.values()),
                disputed=_disputed(declared, standing, off_the_map=off_the_map),
                rebuilt=day(row.get("rebuilt")),
                services=words(row.get("services")),
                sizes={column: exact(row.get(column)) for column in _SIZES},
                said={column: _said(row.get(column), content) for column, content in _SAID},
            )
        )
    return by_identifier(found)


def _disputed(declared: Community | None, standing: Community | None, *, off_the_map: bool) -> frozenset[str]:
    if declared is None or (standing is None and not off_the_map):
        return frozenset()
    if standing is None:
        return frozenset(DIVISIONS)
    return frozenset(level for level in DIVISIONS if declared.keys[level] != standing.keys[level])


def _figures(frame: pd.DataFrame, city: str) -> dict[tuple[str, str], dict[int | None, Figure]]:
    found: dict[tuple[str, str], dict[int | None, Figure]] = defaultdict(dict)
    for row in _rows(frame):
        figure = Figure(exact(row["value"]), text(row.get("measured_in")))
        for unit in _units_of(row, city):
            years = found[str(row["figure"]), unit]
            year = whole(row.get("year"))
            # Two rows that contradict each other say nothing.
            years[year] = figure if years.get(year, figure) == figure else Figure(None)
    return dict(found)


def _answers(frame: pd.DataFrame, city: str) -> dict[tuple[str, str], Answer]:
    found: dict[tuple[str, str], Answer] = {}
    for row in _rows(frame):
        answer = Answer(
            flag(row.get("answer")),
            whole(row.get("points")),
            day(row.get("day")),
            text(row.get("reason")) or "",
            text(row.get("evidence")) or "",
        )
        for unit in _units_of(row, city):
            key = (str(row["rule_id"]), unit)
            found[key] = answer if found.get(key, answer) == answer else Answer()
    return found


def _units_of(row: Mapping[Hashable, Any], city: str) -> tuple[str, ...]:
    """Return under which names a row of the bureau stands; one that names no unit is of the whole city."""
    named = tuple(name for column in ("unit_id", "unit") if (name := text(row.get(column))))
    return ("city",) if not named or city in named or set(named) & set(_WHOLE_CITY) else named


def _persons(frame: pd.DataFrame, known: set[str]) -> dict[str, tuple[Persons, ...]]:
    found: dict[str, list[Persons]] = defaultdict(list)
    for row in _rows(frame):
        home = text(row["community_id"]) or ""
        found[home if home in known else ""].append(
            Persons(
                whole(row["people"]) or 0,
                whole(row.get("age_from")),
                whole(row.get("age_to")),
                flag(row.get("registered")),
                flag(row.get("resident")),
                text(row.get("ability")),
                words(row.get("categories")),
                words(row.get("excluded")),
            )
        )
    return {home: tuple(rows) for home, rows in found.items()}


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


def _said(cell: Any, content: str) -> object:
    readers: Mapping[str, Any] = {"flag": flag, "date": day}
    return readers.get(content, text)(cell)

"""What the documents say of a day: verdicts, the four synchronisations, score sheets, goals on their way, money due."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import geopandas as gpd
import pandas as pd

from circle15.city import City
from circle15.dues import due_tables
from circle15.meals import meal_tables
from circle15.walked import Walked, estate_walks
from gis.errors import Finding
from gis.units import locate
from gis.words import say
from maps.atlas import MeasureTable
from policy.assess import assess_all
from policy.changes import Change, changes
from policy.evidence import Evidence
from policy.four_sync import check_housing
from policy.pack import Policy
from policy.progress import Progress, progress
from policy.project_check import ProjectCheck
from policy.score import ScoreSheet, score_sheet, scored_units
from policy.verdict import Pair, Verdict

Changes = tuple[Pair, tuple[Change, ...]]
"""What changed between two judgements under a title (zh, en)."""


@dataclass(frozen=True)
class Judged:
    """What the documents say of a day; `findings` are about the answers persons gave."""

    day: date
    verdicts: tuple[Verdict, ...]
    checks: tuple[ProjectCheck, ...]
    scores: tuple[tuple[Policy, ScoreSheet], ...]
    progress: tuple[Progress, ...]
    dues: tuple[MeasureTable, ...]
    findings: tuple[Finding, ...]


def judged(city: City, now: Walked, *, at_most: pd.DataFrame | None = None) -> Judged:
    """Return what the project's documents say of a day.

    `at_most` is coverage by unit as it may be if the map lacks streets: verdicts that it would change say so.
    Raises InputError (CHOICE_UNKNOWN, CHOICE_VALUE) for a choice no document has or allows.
    """
    project, evidence = city.project, evidence_of(city, now)
    choices = project.policy.choices
    found = assess_all(city.policies, evidence, as_of=now.day, choices=choices)
    verdicts = found.verdicts
    if at_most is not None:
        fuller = replace(evidence, coverage=at_most)
        verdicts = hanging_on_the_map(
            verdicts, assess_all(city.policies, fuller, as_of=now.day, choices=choices).verdicts
        )
    return Judged(
        now.day,
        verdicts,
        _checks(city, now),
        tuple((p, score_sheet(p, verdicts, unit=u)) for p in _scoring(city) for u, _ in scored_units(p, verdicts)),
        progress(verdicts, as_of=now.day),
        (
            *due_tables(city.policies, evidence, day=now.day, language=project.output.language),
            *meal_tables(city, now, evidence, language=project.output.language),
        ),
        found.findings,
    )


def verdicts_of(city: City, then: Walked) -> tuple[Verdict, ...]:
    """Return the verdicts alone, for comparison with those of today: another day, another plan."""
    choices = city.project.policy.choices
    return assess_all(city.policies, evidence_of(city, then), as_of=then.day, choices=choices).verdicts


def evidence_of(city: City, now: Walked) -> Evidence:
    """Return what the documents are judged on: what was read, and the coverage by all and by the centres alone."""
    nowhere = pd.Series(pd.NA, index=city.housing.index, dtype="string")
    housing, _ = locate(city.housing.assign(community_id=nowhere), city.communities, name="housing")
    return Evidence(
        communities=city.communities,
        facilities=now.facilities,
        coverage=now.units,
        minutes=city.project.walking.minutes,
        centre_coverage=now.centres,
        figures=city.figures,
        answers=city.answers,
        people_groups=city.people_groups,
        housing=gpd.GeoDataFrame(housing),
    )


def pair(key: str, **fields: object) -> Pair:
    """Return a text of the catalogue in both languages."""
    return say(key, "zh", **fields), say(key, "en", **fields)


def compared(title: Pair, before: Sequence[Verdict], after: Sequence[Verdict]) -> Changes:
    """Return the deciding verdicts that are other than they were, under a title (zh, en)."""
    return title, tuple(c for c in changes(before, after) if c.move != "same" and c.verdict.decides)


def hanging_on_the_map(verdicts: Sequence[Verdict], otherwise: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts, those that a plausible missing street would change with a note that says so."""
    said = pair("doubt.hangs")
    return tuple(
        verdict
        if verdict.status == other.status
        else replace(verdict, note=(_joined(verdict.note[0], said[0], "；"), _joined(verdict.note[1], said[1], "; ")))
        for verdict, other in zip(verdicts, otherwise, strict=True)
    )


def _joined(note: str, more: str, by: str) -> str:
    return f"{note}{by}{more}" if note else more


def _checks(city: City, now: Walked) -> tuple[ProjectCheck, ...]:
    """Return the four synchronisations of every document and project, with the walk that its elders have meanwhile."""
    checking = [policy for policy in city.policies if policy.four_sync is not None and len(city.housing)]
    walks = estate_walks(city, now) if checking else None
    given, minutes = city.project.policy.choices, max(city.project.walking.minutes)
    return tuple(
        check
        for policy in checking
        for check in check_housing(
            city.housing,
            policy,
            now.day,
            choices={name: value for name, value in given.items() if name in policy.choices},
            elders=walks,
            served_within_minutes=minutes,
        )
    )


def _scoring(city: City) -> list[Policy]:
    return [policy for policy in city.policies if policy.score_table is not None]

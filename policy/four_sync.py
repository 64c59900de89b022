"""The four-sync register: each new estate's care room followed through planning, building, acceptance and delivery."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pandas as pd

from policy.choices import Value, settled, shown
from policy.four_sync_text import SYNC_CHOICES, FourSync, Procedure, Stage
from policy.housing import STEPS, Housing, read_housing
from policy.joint import Partners, partners_of
from policy.load import load_pack, packs
from policy.look import Look, Tolerances
from policy.pack import Policy
from policy.project_check import Answer, Block, Finding, Nearest, ProjectCheck
from policy.required_area import AreaStandard, Required, area_standards, chosen_standard, required_area
from policy.row_doubts import Doubt, room_remarks, row_doubts
from policy.sync_questions import ask
from policy.sync_words import words

PROVINCES = "provinces"
_ALL_OF_THE_ROOM = frozenset(f"care_{step}" for step in STEPS)
_STANDARD_CHOICES = ("area_standard", "required_from")
_CHOICES_OF: Mapping[str, tuple[str, ...]] = {
    "not_built": ("not_built_from",),
    "stopped": ("suspended_days",),
    "reduced": ("area_tolerance_m2",),
    "late_phase": ("phasing",),
    "not_handed_over": ("handover_days", "handover_blocks"),
}


def check_housing(
    projects: pd.DataFrame | Sequence[Housing],
    pack: Policy,
    as_of: date,
    *,
    choices: Mapping[str, object] | None = None,
    elders: pd.DataFrame | None = None,
    standards: Mapping[str, AreaStandard] | None = None,
    served_within_minutes: float = 15,
) -> tuple[ProjectCheck, ...]:
    """Check every project and phase against a document's four synchronisations as things stand on `as_of`.

    `projects` is the housing table (`gis.tables.HOUSING`, indexed by project and phase) or its records; a day after
    `as_of` has not come yet. `choices` replaces the pack's tolerances (`SYNC_CHOICES`). `elders`, indexed like the
    projects, says how far it is to the nearest centre that serves: `minutes` (infinite: out of reach, missing: not
    known) and `name`. `standards` are areas per 100 households by place, those of the pack `provinces` by default.
    Empty where the document says nothing of the four synchronisations.

    No fault follows from a missing day while the housing itself has not come to that step.
    Raises InputError (CHOICE_UNKNOWN, CHOICE_VALUE) for a choice the pack does not have or allow.
    """
    text = pack.four_sync
    if text is None:
        return ()
    values = settled({**SYNC_CHOICES, **pack.choices}, choices or {}, place=pack.name)
    day = as_of.date() if isinstance(as_of, datetime) else as_of
    records = read_housing(projects) if isinstance(projects, pd.DataFrame) else tuple(projects)
    standard = chosen_standard(values, _standards(values) if standards is None else standards)
    doubts = {record: row_doubts(record, as_of=day) for record in records}
    ground = _Ground(text, day, values, _tolerances(values), standard, doubts)
    return tuple(
        _check(
            _look(record, partners, ground), partners, ground, pack, _nearest(elders, record.key, served_within_minutes)
        )
        for record, partners in zip(records, partners_of(records), strict=True)
    )


@dataclass(frozen=True)
class _Ground:
    """What is the same for every row: the document's section, the day, the profile, and the doubts about each row."""

    text: FourSync
    day: date
    chosen: Mapping[str, Value]
    allow: Tolerances
    standard: AreaStandard | None
    doubts: Mapping[Housing, tuple[Doubt, ...]]

    def voids(self, record: Housing) -> frozenset[str]:
        return frozenset(column for doubt in self.doubts[record] for column in doubt.voids)


def _standards(values: Mapping[str, Value]) -> dict[str, AreaStandard]:
    if values["area_standard"] in {"none", "own"} or PROVINCES not in packs():
        return {}
    return area_standards(load_pack(PROVINCES).terms)


def _tolerances(values: Mapping[str, Value]) -> Tolerances:
    given: dict[str, Any] = {field.name: values[field.name] for field in fields(Tolerances)}
    return Tolerances(**given)


def _look(record: Housing, partners: Partners, ground: _Ground) -> Look:
    room = partners.room or record
    room_void = ground.voids(room)
    if partners.lost and not record.has_room:
        room_void |= _ALL_OF_THE_ROOM  # the room stands in a row that is not in the table
    estates = [_trusted(estate, ground.voids(estate)) for estate in partners.estates]
    owing = [_with_its_project(estate, estates) for estate in estates]
    decided_by, since = str(ground.chosen["required_from"]), ground.text.new_since
    required = required_area(owing, standard=ground.standard, decided_by=decided_by, new_since=since)
    if partners.lost and required.asked:
        required = Required(missing=("joint_with",))
    scheme = _scheme(estates)
    return Look(
        record,
        room,
        ground.day,
        ground.text,
        ground.allow,
        required,
        scheme,
        voids=ground.voids(record),
        room_voids=room_void,
    )


_FIGURES = ("households", "care_required_m2", "care_planned_m2", "care_permitted_m2", "care_built_m2")


def _trusted(record: Housing, void: frozenset[str]) -> Housing:
    """Return a row without the figures that cannot be true."""
    gone: dict[str, Any] = dict.fromkeys(name for name in _FIGURES if name in void)
    return replace(record, **gone) if gone else record


def _with_its_project(estate: Housing, estates: Iterable[Housing]) -> Housing:
    """Return a phase without a room or a figure as owing nothing more where another phase has the project's figure."""
    others = (o for o in estates if o.project_id == estate.project_id and o.care_required_m2 is not None)
    blank = estate.care_required_m2 is None and not estate.has_room and not estate.joint_with
    return replace(estate, care_required_m2=Fraction()) if blank and any(others) else estate


def _scheme(estates: Iterable[Housing]) -> Fraction | None:
    """Return the area that the schemes give together: planned or, where less was permitted, permitted."""
    schemes = []
    for estate in estates:
        areas = [area for area in (estate.care_planned_m2, estate.care_permitted_m2) if area is not None]
        if areas:
            schemes.append(min(areas))
        elif estate.has_room:
            return None
    return sum(schemes, Fraction()) if schemes else None


def _together(estates: Iterable[Housing], column: str) -> Fraction | None:
    areas = [getattr(estate, column) for estate in estates]
    known = [area for area in areas if area is not None]
    return sum(known, Fraction()) if known else None


def _check(look: Look, partners: Partners, ground: _Ground, pack: Policy, near: Nearest | None) -> ProjectCheck:
    record, text = look.record, look.text
    answers = tuple(ask(look))
    findings = tuple(_finding(answer, text) for answer in answers if answer.found)
    doubts, values = ground.doubts[record], ground.chosen
    if partners.lost:
        lost = words("doubt_joint", names="、".join(partners.lost))
        doubts = (*doubts, Doubt("JOINT_UNKNOWN", ("joint_with",), lost))
    due = int(str(values["correct_within_days"]))
    open_faults = any(finding.answer.to_correct for finding in findings)
    return ProjectCheck(
        record=record,
        pack=pack.name,
        document=pack.document.cite,
        clause=text.clause,
        as_of=look.day,
        answers=answers,
        findings=findings,
        required=look.required,
        planned_m2=_together(partners.estates, "care_planned_m2"),
        permitted_m2=_together(partners.estates, "care_permitted_m2"),
        built_m2=_together(partners.estates, "care_built_m2"),
        partners=tuple(estate.title for estate in partners.estates if estate is not record),
        room_of=partners.room,
        blocks=_blocks(findings, record, look.day),
        correct_by=look.day + timedelta(days=due) if due and open_faults else None,
        doubts=doubts,
        remarks=room_remarks(record),
        nearest=near,
        choices=_used(answers, look.required, values),
        responsible=text.responsible,
    )


_OTHER_CLAUSE: Mapping[str, str] = {"wrong_receiver": "receiver_clause", "diverted": "use_clause"}


def _finding(answer: Answer, text: FourSync) -> Finding:
    named = text.named(answer.id)
    if named is not None:
        return Finding(answer, named.term.pair, named.clause, named=True, blocks=named.blocks)
    clause = getattr(text, _OTHER_CLAUSE.get(answer.id, "clause")) or text.clause
    return Finding(answer, _term(answer), clause, named=False)


def _term(answer: Answer) -> tuple[str, str]:
    stages: Mapping[Stage, str] = {"planned": "planned", "accepted": "accepted", "delivered": "delivered"}
    if answer.id == "out_of_step" and answer.stage in stages:
        return words(f"out_of_step_{stages[answer.stage]}")
    return words(f"finding_{answer.id}")


def _blocks(findings: Iterable[Finding], record: Housing, day: date) -> tuple[Block, ...]:
    days: Mapping[Procedure, date | None] = {
        "planning": record.housing.planned,
        "land": record.land_granted or record.housing.planned,  # a plan is permitted on land that was granted
        "start": record.housing.started,
        "completion": record.housing.accepted,
    }
    refused = {procedure for finding in findings if finding.answer.to_correct for procedure in finding.blocks}
    passed = {procedure: on if on is not None and on <= day else None for procedure, on in days.items()}
    return tuple(Block(procedure, passed[procedure]) for procedure in days if procedure in refused)


def _used(answers: Iterable[Answer], required: Required, values: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the choices the check rests on, as `name = value`."""
    names = ["same_time_days", "same_time_warn_days", *(_STANDARD_CHOICES if required.asked else ())]
    names += [name for answer in answers for name in _CHOICES_OF.get(answer.id, ())]
    return tuple(shown(name, values[name]) for name in dict.fromkeys(names))


def _nearest(elders: pd.DataFrame | None, key: str, limit: float) -> Nearest | None:
    if elders is None or key not in elders.index:
        return None
    row = elders.loc[key]
    minutes: Any = row.get("minutes")
    name: Any = row.get("name")
    told = "" if pd.isna(name) else str(name)
    if pd.isna(minutes):
        return Nearest(None, told, None)
    return Nearest(float(minutes), told, float(minutes) <= limit)

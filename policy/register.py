"""The register: what was found of each project as a table, as verdicts of the document's rules, and in counts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

import pandas as pd

from gis.tables import HOUSING
from gis.words import Language, say
from policy.four_sync_text import STAGES
from policy.pack import Policy
from policy.project_check import Answer, Block, Finding, ProjectCheck
from policy.sync_words import Pair, area_text, both, joined, words
from policy.table import choices_text
from policy.verdict import Shortfall, Status, Verdict

Cell = str | int | Fraction | None
REGISTER_COLUMNS = (
    *("key", "name", "phase", "developer", "permit_number", "households"),
    *("required_m2", "planned_m2", "permitted_m2", "built_m2", "short_m2", "partners"),
    *(f"stage_{stage}" for stage in STAGES),
    *("verdict", "findings", "days", "basis", "blocked", "correct", "correct_by"),
    *("missing", "doubts", "remarks", "nearest_minutes", "nearest", "choices"),
)


def register_table(checks: Iterable[ProjectCheck], *, language: Language = "zh") -> pd.DataFrame:
    """Return one row a project and phase: areas, the four statuses, findings with days and square metres, what to do.

    Cells are text, whole numbers, exact fractions (square metres) or None; texts of tables stand in them unchanged.
    Columns are `REGISTER_COLUMNS`; their headings are `four_sync.column_<name>` of the catalogue.
    """
    at = 0 if language == "zh" else 1
    rows = [_row(check, at, language) for check in checks]
    return pd.DataFrame(rows, columns=list(REGISTER_COLUMNS), dtype="object")


def _row(check: ProjectCheck, at: int, language: Language) -> dict[str, Cell]:
    record, near = check.record, check.nearest
    days = [f.answer.days for f in check.findings if f.answer.days is not None]
    minutes = near.minutes if near is not None else None
    listed = {
        "findings": [finding_words(finding) for finding in check.findings],
        "blocked": [block_words(block) for block in check.blocks],
        "correct": [words(f"to_{finding.answer.id}") for finding in check.to_correct],
        "doubts": [doubt.words for doubt in check.doubts],
        "remarks": list(check.remarks),
    }
    return {
        "key": record.key,
        "name": record.name,
        "phase": record.phase,
        "developer": record.developer,
        "permit_number": record.permit_number,
        "households": record.households,
        "required_m2": check.required.m2,
        "planned_m2": check.planned_m2,
        "permitted_m2": check.permitted_m2,
        "built_m2": check.built_m2,
        "short_m2": max((f.answer.m2 for f in check.findings if f.answer.m2 is not None), default=None),
        "partners": "、".join(check.partners),
        **{f"stage_{stage}": say(f"status.{status}", language) for stage, status in check.stages.items()},
        "verdict": conclusion(check.status)[at],
        **{name: joined(list(dict.fromkeys(pairs)))[at] for name, pairs in listed.items()},
        "days": max(days, default=None),
        "basis": basis_text(check),
        "correct_by": correct_by_words(check)[at],
        "missing": missing_words(check)[at],
        "nearest_minutes": None if minutes is None else _minutes(minutes, language),
        "nearest": near.name if near is not None else "",
        "choices": choices_text(check.choices, language),
    }


def _minutes(minutes: float, language: Language) -> Cell:
    if minutes == float("inf"):
        return say("page.unreachable", language)
    return Fraction(int(minutes * 10), 10)


def finding_words(finding: Finding) -> Pair:
    """Return a finding as a sentence: the document's word for it, and by how much."""
    key = "finding_line" if finding.answer.status is Status.FAIL else "finding_line_reason"
    return words(key, term=finding.term, detail=finding.answer.detail)


def block_words(block: Block) -> Pair:
    """Return what is refused, and what that means where the phase has been through it already."""
    procedure = words(f"procedure_{block.procedure}")
    if block.passed is None:
        return words("blocked", procedure=procedure)
    return words("blocked_later", procedure=procedure, day=block.passed)


def correct_by_words(check: ProjectCheck) -> Pair:
    """Return by when to correct: the profile's day, else before the procedure that waits, else as is ordered."""
    if not check.to_correct:
        return "", ""
    if check.correct_by is not None:
        return words("by_day", day=check.correct_by)
    waiting = [words(f"procedure_{block.procedure}") for block in check.blocks if block.passed is None]
    if waiting:
        return words("by_procedure", procedure=waiting[0])
    return words("by_order")


def conclusion(status: Status) -> Pair:
    """Return the conclusion of an opinion: 符合, 不符合, 待核实 ..."""
    return words(f"conclusion_{status}")


def basis_text(check: ProjectCheck) -> str:
    """Return the document with the clauses a check rests on."""
    clauses = dict.fromkeys((check.clause, *(finding.clause for finding in check.findings)))
    return f"{check.document} {'、'.join(clauses)}"


def missing_words(check: ProjectCheck) -> Pair:
    """Return the columns that would settle what is not known, by their headings."""
    headings = {column.name: column.synonyms[0] for column in HOUSING.columns}
    zh = "、".join(headings.get(name) or say("four_sync.area_standard_word") for name in check.missing)
    return zh, ", ".join(name.replace("_", " ") for name in check.missing)


def status_counts(checks: Iterable[ProjectCheck]) -> dict[Status, int]:
    """Return how many phases there are of each answer, every answer listed.

    >>> status_counts([])[Status.PASS]
    0
    """
    found = [check.status for check in checks]
    return {status: found.count(status) for status in Status}


def finding_counts(checks: Iterable[ProjectCheck]) -> dict[str, int]:
    """Return how many phases have each fault, those that occur, the most frequent first."""
    found = [fault for check in checks for fault in {finding.answer.id for finding in check.findings}]
    return dict(sorted(((fault, found.count(fault)) for fault in set(found)), key=lambda pair: (-pair[1], pair[0])))


def project_verdicts(checks: Sequence[ProjectCheck], pack: Policy) -> tuple[Verdict, ...]:
    """Return the document's four-sync rules as verdicts, one a rule and phase, and beside it one a synchronisation.

    The pack says which questions make up a rule (`[four_sync] rules`). The verdicts of single synchronisations stand
    beside (`decides` is false). A rule none of whose questions was asked of a phase is NOT_APPLICABLE there.
    """
    text = pack.four_sync
    if text is None:
        return ()
    found = []
    titles = {rule.id: (rule.title.pair, rule.clause) for rule in pack.rules}
    for rule_id, asked in text.rules.items():
        title, clause = titles.get(rule_id, (words("title"), text.clause))
        for check in checks:
            whole = replace(_verdict(check, asked, rule_id, title), demanded=text.demand.pair, clause=clause)
            found.append(whole)
            stages = [stage for stage in STAGES if stage in asked] if len(asked) > 1 else []
            found += [
                replace(_verdict(check, (stage,), rule_id, title), reading=f"four_sync_{stage}", decides=False,
                        demanded=text.demand.pair, clause=clause)
                for stage in stages
            ]  # fmt: skip
    return tuple(found)


def _verdict(check: ProjectCheck, asked: Sequence[str], rule_id: str, title: Pair) -> Verdict:
    answers = [a for a in check.answers if a.stage in asked or a.id in asked]
    status = check.status_of(*asked)
    faults = [finding for finding in check.findings if finding.answer in answers]
    notes = [*(block_words(b) for b in check.blocks if any(b.procedure in f.blocks for f in faults))]
    waiting = [column for answer in answers if answer.status is Status.UNKNOWN for column in answer.missing]
    return Verdict(
        rule_id=rule_id,
        pack=check.pack,
        document=check.document,
        clause=check.clause,
        title=title,
        level="project",
        unit_id=check.record.key,
        unit_name=check.record.title,
        reading="four_sync",
        status=status,
        value=None,
        limit=None,
        measured=joined([finding_words(f) for f in faults]) if faults else words(f"answer_{status}"),
        demanded=("", ""),
        shortfall=_short(faults),
        missing=tuple(f"housing.{column}: {check.record.title}" for column in dict.fromkeys(waiting)),
        choices=check.choices,
        note=joined(notes),
        responsible=check.responsible,
    )


def _short(faults: Iterable[Finding]) -> Shortfall | None:
    areas = [fault.answer.m2 for fault in faults if fault.answer.m2 is not None]
    return Shortfall(max(areas), "m2") if areas else None


def area_lines(check: ProjectCheck) -> list[Pair]:
    """Return how the required area came about and how the others compare, with units and nothing rounded."""
    need = check.required
    lines = []
    if need.standard_m2 is not None:
        if need.rate_m2 is not None and need.households is not None:
            told = {"households": f"{need.households:,}", "rate": area_text(need.rate_m2)}
            by_rate = area_text(Fraction(need.households, 100) * need.rate_m2)
            lines.append(words("area_by_rate", **told, m2=by_rate))
        if need.single_room_m2 is not None:
            lines.append(words("area_single", m2=area_text(need.single_room_m2)))
        lines.append(words("area_standard", source=need.source or _own(), m2=area_text(need.standard_m2)))
    if need.table_m2 is not None:
        lines.append(words("area_table", m2=area_text(need.table_m2)))
    if need.m2 is None:
        lines.append(words("area_not_known") if need.missing else words("area_not_asked"))
        return lines
    if need.differ:
        lines.append(words("area_differ_table" if need.from_table else "area_differ_standard"))
    for name, area in (("planned", check.planned_m2), ("permitted", check.permitted_m2), ("built", check.built_m2)):
        if area is not None:
            difference = area - need.m2
            sign = "more" if difference > 0 else "less" if difference else "equal"
            figures = {"area": area_text(area), "need": area_text(need.m2), "m2": area_text(abs(difference))}
            lines.append(words(f"area_{sign}", name=words(f"area_care_{name}_m2"), **figures))
    return lines


def _own() -> Pair:
    return both(lambda language: say("policy.not_in_document", language))


def answer_of(check: ProjectCheck, step: str) -> Answer | None:
    """Return the answer about a step of both buildings, None where it was not asked."""
    return next((answer for answer in check.answers if answer.step == step), None)

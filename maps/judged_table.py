"""The answers as columns of the GeoPackage: by unit, by housing project, and all of them as one table."""

from collections import defaultdict
from datetime import date
from fractions import Fraction

import pandas as pd

from maps.atlas import Atlas
from maps.labels import cell
from maps.status_style import WORST_FIRST
from maps.verdict_words import measured, responsible, shortfall
from policy.bands import Exact
from policy.four_sync_text import STAGES
from policy.project_check import ProjectCheck, worst
from policy.sync_words import joined
from policy.verdict import Status, Verdict

_QUIET = frozenset({Status.PASS, Status.NOT_APPLICABLE, Status.NOT_DUE})


def worst_answers(atlas: Atlas, level: str) -> pd.DataFrame:
    """Return by unit of a level, for each document: the worst answer (`verdict_<pack>`) and the rules not met.

    Deciding verdicts only; rules that report a value without a limit are left out.
    """
    found: dict[str, dict[str, list[Verdict]]] = defaultdict(lambda: defaultdict(list))
    for verdict in atlas.verdicts:
        if verdict.decides and verdict.form != "report" and verdict.level == level and verdict.unit_id:
            found[verdict.pack][verdict.unit_id].append(verdict)
    columns: dict[str, dict[str, str]] = {}
    for pack, units in found.items():
        columns[f"verdict_{pack}"] = {
            unit: min((v.status for v in own), key=WORST_FIRST.index) for unit, own in units.items()
        }
        columns[f"open_rules_{pack}"] = {
            unit: "、".join(dict.fromkeys(cell(v.rule_id) for v in own if v.status not in _QUIET))
            for unit, own in units.items()
        }
    return pd.DataFrame({name: pd.Series(cells, dtype="object") for name, cells in columns.items()})


def housing_answers(atlas: Atlas) -> pd.DataFrame:
    """Return by project and phase, over all documents: `four_sync` (the worst), one column a synchronisation, findings.

    `four_sync_days` is the longest delay, `four_sync_short_m2` the largest area that is missing.
    """
    found: dict[str, list[ProjectCheck]] = defaultdict(list)
    for check in atlas.checks:
        found[check.record.key].append(check)
    at = 0 if atlas.language == "zh" else 1
    rows = {}
    for key, checks in found.items():
        answers = [finding.answer for check in checks for finding in check.findings]
        terms = [finding.term for check in checks for finding in check.findings]
        rows[key] = {
            "four_sync": worst(check.status for check in checks).value,
            **{f"four_sync_{stage}": worst(check.stages[stage] for check in checks).value for stage in STAGES},
            "four_sync_findings": cell(joined(list(dict.fromkeys((term[0], term[1]) for term in terms)))[at]),
            "four_sync_days": max((a.days for a in answers if a.days is not None), default=None),
            "four_sync_short_m2": _number(max((a.m2 for a in answers if a.m2 is not None), default=None)),
        }
    names = ("four_sync", *(f"four_sync_{stage}" for stage in STAGES), "four_sync_findings")
    kinds = dict.fromkeys(names, "object") | {"four_sync_days": "Int64", "four_sync_short_m2": "Float64"}
    if not rows:
        return pd.DataFrame()
    return pd.DataFrame.from_dict(rows, orient="index").astype(kinds)


def answer_table(atlas: Atlas) -> pd.DataFrame:
    """Return every verdict but the administrative items, one row each, to be joined by the code of the unit."""
    at = 0 if atlas.language == "zh" else 1
    counted = [verdict for verdict in atlas.verdicts if verdict.form != "checklist"]
    columns = {
        "pack": [v.pack for v in counted],
        "rule": [cell(v.rule_id) for v in counted],
        "document": [cell(v.document) for v in counted],
        "clause": [cell(v.clause) for v in counted],
        "title": [cell(v.title[at]) for v in counted],
        "form": [v.form for v in counted],
        "level": [v.level for v in counted],
        "unit_id": [cell(v.unit_id) for v in counted],
        "unit": [cell(v.unit_name) for v in counted],
        "reading": [v.reading for v in counted],
        "decides": [v.decides for v in counted],
        "status": [v.status.value for v in counted],
        "value": [_number(v.value) for v in counted],
        "measured": [measured(v, atlas.language) for v in counted],
        "demanded": [cell(v.demanded[at]) for v in counted],
        "shortfall": [shortfall(v, atlas.language) for v in counted],
        "deadline": [_day(v.deadline) for v in counted],
        "responsible": [responsible(v.responsible) for v in counted],
    }
    kinds = {"value": "Float64", "decides": "bool"}
    return pd.DataFrame({name: pd.Series(cells, dtype=kinds.get(name, "object")) for name, cells in columns.items()})


def _number(value: Exact | Fraction | None) -> float | None:
    return None if value is None else float(value)


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()

"""The tables a template may place, each with the figures of the sheet of the annex that it stands for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gis.words import Language, say
from maps.atlas import Atlas
from maps.columns import column, count_cell, share_cell, sheet
from maps.coverage import coverage_sheet, speed_sheet
from maps.facility_list import facility_sheet
from maps.figures import key_figures, verdict_counts
from maps.goals import progress_sheet, score_sheet
from maps.labels import cell, header
from maps.lists import plan_sheet
from maps.phases import year_sheet
from maps.register_sheet import housing_check_sheet
from maps.report.blocks import Grid, grid
from maps.report.streets import Street
from maps.style import STATUS_COLOURS
from maps.verdict_words import measured, shortfall
from maps.workbook import PERCENT, WHOLE, Sheet, Value
from policy.sync_words import words
from policy.table import verdict_counts as counts_of
from policy.verdict import Status, Verdict

_MISSED = (Status.FAIL, Status.EXCEPTION_NEEDED, Status.BOUNDARY)
AREA_LEVELS = ("county", "urban", "rural", "city")


@dataclass(frozen=True)
class Whole:
    """The sheets that the tables of every street are cut from: made once."""

    facilities: Sheet
    communities: Sheet


def whole_sheets(atlas: Atlas) -> Whole:
    """Return the sheets that the tables of the streets are cut from."""
    return Whole(facility_sheet(atlas), coverage_sheet(atlas, "by_community", ("community",), total=True))


def table(name: str, atlas: Atlas) -> Grid:
    """Return a table of the report by its name, one of `TABLES`."""
    made, keep = TABLES[name](atlas)
    return grid(say(f"report.table_{name}", atlas.language), made, atlas, keep=keep)


def street_table(name: str, atlas: Atlas, street: Street, sheets: Whole) -> Grid:
    """Return a table of one street by its name, one of `STREET_TABLES`."""
    caption = say(f"report.table_{name}", atlas.language, street=cell(street.unit.get("name")) or cell(street.code))
    made, keep = STREET_TABLES[name](atlas, street, sheets)
    return grid(caption, made, atlas, keep=keep)


Made = tuple[Sheet, tuple[str, ...]]
"""A sheet and the headers of the columns to show (all, where none is named)."""


def _heads(atlas: Atlas, *keys: str, **fields: object) -> tuple[str, ...]:
    return tuple(say(key, atlas.language, **fields) for key in keys)


def _coverage(atlas: Atlas) -> Made:
    found = key_figures(atlas)
    after = found is not None and found.reached[-1].after is not None
    columns = [column("report.walk", atlas)]
    for suffix in ("", "_after") if after else ("",):
        columns.append(column(f"report.people{suffix}", atlas, WHOLE))
        columns.append(column(f"report.share{suffix}", atlas, PERCENT))
    rows: list[list[Value]] = []
    for row in () if found is None else found.reached:
        pairs = (
            [(number, found.elders) for number in ((row.today, row.after) if after else (row.today,))] if found else []
        )
        cells = [c for number, of in pairs for c in (count_cell(number), share_cell(number, of))]
        rows.append([say("page.within", atlas.language, minutes=row.minutes), *cells])
    return sheet("overview", atlas, columns, rows), ()


def _by_unit(atlas: Atlas, made: Sheet) -> Made:
    longest = max(atlas.minutes)
    keep = [
        *_heads(atlas, "annex.unit", "annex.residents", "annex.elders", "annex.elders_unknown"),
        *_heads(atlas, "annex.covered", "annex.share", minutes=longest),
        *_heads(atlas, "annex.covered_after", "annex.share_after", minutes=longest),
    ]
    there = [column.words[0] for column in made.columns]
    return made, tuple(head for head in keep if head in there)


def _streets(atlas: Atlas) -> Made:
    return _by_unit(atlas, coverage_sheet(atlas, "by_street", ("street",), total=True))


def _communities(atlas: Atlas) -> Made:
    return _by_unit(atlas, coverage_sheet(atlas, "by_community", ("community",), total=True))


def _areas(atlas: Atlas) -> Made:
    return _by_unit(atlas, coverage_sheet(atlas, "by_area", AREA_LEVELS, total=False))


def _facility_heads(atlas: Atlas) -> tuple[str, ...]:
    at = 0 if atlas.language == "zh" else 1
    of_table = [
        header("facilities", name)[at] for name in ("facility_id", "name", "kind", "status", "floor_area_m2", "beds")
    ]
    code, name, kind, status, area, beds = of_table
    mode = header("candidates", "mode")[at]
    return (
        say("annex.number", atlas.language), code, name, kind, *_heads(atlas, "annex.street", "annex.community"),
        status, mode, area, beds, *_heads(atlas, "annex.elders_served", "annex.cost_wan", "annex.timing"),
    )  # fmt: skip


def _kinds(atlas: Atlas) -> Made:
    """Return how many facilities there are of each kind, in use and in all, and how many the plan adds."""
    made = facility_sheet(atlas)
    at = 0 if atlas.language == "zh" else 1
    heads = [c.words[0] for c in made.columns]
    kind, state = (heads.index(header("facilities", name)[at]) for name in ("kind", "status"))
    kept = say("annex.state_kept", atlas.language)
    new = {say(f"annex.state_{word}", atlas.language) for word in ("new", "extended")}
    kinds = list(dict.fromkeys(str(row[kind]) for row in made.rows))
    columns = [
        column("page.kind", atlas),
        *(
            column(f"report.{key}", atlas, WHOLE, summed=True)
            for key in ("in_use", "other_states", "planned_new", "in_the_end")
        ),
    ]
    rows: list[list[Value]] = []
    for word in kinds:
        states = [row[state] for row in made.rows if row[kind] == word]
        now, more = states.count(kept), sum(one in new for one in states)
        rows.append([word or say("report.no_kind", atlas.language), now, len(states) - now - more, more, now + more])
    return sheet("facilities", atlas, columns, rows, total=True), ()


def _documents(atlas: Atlas) -> Made:
    at = 0 if atlas.language == "zh" else 1
    columns = [column(f"report.{key}", atlas) for key in ("document", "document_title", "issued", "rules")]
    rows: list[list[Value]] = [
        [
            cell(policy.document.cite),
            cell(policy.document.title.pair[at]),
            policy.document.issued.isoformat() if policy.document.issued else None,
            str(len(policy.rules)),
        ]
        for policy in atlas.policies
    ]
    return sheet("verdicts", atlas, columns, rows), ()


def _verdict_counts(atlas: Atlas) -> Made:
    there = list(verdict_counts(atlas))
    columns = [
        column("policy.column_document", atlas),
        *(column(f"status.{status}", atlas, WHOLE, summed=True) for status in there),
    ]
    rows: list[list[Value]] = []
    for document in dict.fromkeys(v.document for v in atlas.verdicts):
        counted = counts_of(v for v in atlas.verdicts if v.document == document)
        if any(counted.values()):
            rows.append([cell(document), *(counted[status] for status in there)])
    return sheet("verdicts", atlas, columns, rows, total=True), ()


def missed(atlas: Atlas) -> list[tuple[Verdict, int]]:
    """Return each rule that is not met on its coarsest unit, and how many units miss it, document by document."""
    first: dict[tuple[str, str], Verdict] = {}
    units: dict[tuple[str, str], int] = {}
    for verdict in atlas.verdicts:
        if verdict.decides and verdict.form != "report" and verdict.status in _MISSED:
            key = (verdict.pack, verdict.rule_id)
            first.setdefault(key, verdict)
            units[key] = units.get(key, 0) + 1
    return [(verdict, units[key]) for key, verdict in first.items()]


def _short(verdict: Verdict, language: Language) -> str:
    """Return what is missing by number; the names stand in the annex."""
    short = verdict.shortfall
    return "" if short is None else shortfall(replace(verdict, shortfall=replace(short, names=())), language)


def _verdicts_open(atlas: Atlas) -> Made:
    at = 0 if atlas.language == "zh" else 1
    found = missed(atlas)
    keys = ("document", "clause", "title", "unit", "measured", "demanded", "verdict", "shortfall")
    columns = [*(column(f"policy.column_{key}", atlas) for key in keys), column("report.units", atlas, WHOLE)]
    rows: list[list[Value]] = [
        [
            cell(v.document),
            cell(v.clause),
            cell(v.title[at]),
            cell(v.unit_name),
            measured(v, atlas.language),
            cell(v.demanded[at]),
            say(f"status.{v.status}", atlas.language),
            _short(v, atlas.language),
            units,
        ]
        for v, units in found
    ]
    colours = {place: STATUS_COLOURS[v.status] for place, (v, _) in enumerate(found)}
    return replace(sheet("verdicts", atlas, columns, rows), colours=colours, coloured=keys.index("verdict") + 1), ()


def _goals(atlas: Atlas) -> Made:
    keep = _heads(
        atlas, *(f"policy.column_{key}" for key in ("title", "clause", "unit", "deadline", "needed")),
        "annex.goal_done", *(f"policy.column_{key}" for key in ("still", "verdict")),
    )  # fmt: skip
    own = replace(atlas, progress=tuple(goal for goal in atlas.progress if goal.decides))
    return progress_sheet(own), keep


def _scores(atlas: Atlas) -> Made:
    """Return the totals of the score tables; the parts stand in the annex."""
    made = score_sheet(atlas)
    keep = ("document", "unit", "title", "most", "points")
    title = [c.words[0] for c in made.columns].index(say("policy.column_title", atlas.language))
    part = [c.words[0] for c in made.columns].index(say("policy.column_rule", atlas.language))
    item = [c.words[0] for c in made.columns].index(say("policy.column_item", atlas.language))
    rows = [row for row in made.rows if row[part] is None and row[item] is None and row[title]]
    plain = Sheet(made.name, made.columns, rows)
    return plain, tuple(say(f"policy.column_{key}", atlas.language) for key in keep)


def _housing(atlas: Atlas) -> Made:
    at = 0 if atlas.language == "zh" else 1
    keys = ("key", "name", "households", "required_m2", "built_m2", "short_m2", "verdict", "findings", "correct_by")
    return housing_check_sheet(atlas.checks, language=atlas.language), tuple(words(f"column_{key}")[at] for key in keys)


def _findings(atlas: Atlas) -> Made:
    columns = [
        column(f"annex.{key}", atlas, shown) for key, shown in (("severity", "@"), ("code", "@"), ("count", WHOLE))
    ]
    columns.append(column("report.what", atlas))
    counts: dict[tuple[str, str, str], int] = {}
    for finding in atlas.findings:
        line = finding.line(atlas.language).partition(": ")[2].partition(" | ")[0]
        key = (say(f"severity.{finding.severity}", atlas.language), finding.code, line)
        counts[key] = counts.get(key, 0) + 1
    rows: list[list[Value]] = [[severity, code, n, line] for (severity, code, line), n in counts.items()]
    return sheet("quality", atlas, columns, rows), ()


def _notes(atlas: Atlas) -> Made:
    columns = [column("annex.item", atlas), column("annex.value", atlas)]
    return sheet("notes", atlas, columns, [[cell(label), cell(text)] for label, text in atlas.notes.items()]), ()


def _street_communities(atlas: Atlas, street: Street, sheets: Whole) -> Made:
    made, keep = _by_unit(atlas, sheets.communities)
    rows = [row for row in made.rows if row[0] in street.communities.index]
    return replace(made, rows=rows), keep


def _street_facilities(atlas: Atlas, street: Street, sheets: Whole) -> Made:
    made, keep = sheets.facilities, _facility_heads(atlas)
    own = {cell(code) for code in (*street.facilities.index, *street.sites.index)}
    street_head = say("annex.street", atlas.language)
    rows = [row for row in made.rows if row[1] in own]
    return replace(made, rows=rows), tuple(head for head in keep if head != street_head)


TABLES: Mapping[str, Callable[[Atlas], Made]] = {
    "coverage": _coverage,
    "speeds": lambda atlas: (speed_sheet(atlas), ()),
    "areas": _areas,
    "streets": _streets,
    "communities": _communities,
    "kinds": _kinds,
    "facilities": lambda atlas: (facility_sheet(atlas), _facility_heads(atlas)),
    "plan": lambda atlas: (plan_sheet(atlas), ()),
    "plan_by_year": lambda atlas: (year_sheet(atlas), ()),
    "documents": _documents,
    "verdict_counts": _verdict_counts,
    "verdicts_open": _verdicts_open,
    "goals": _goals,
    "scores": _scores,
    "housing": _housing,
    "findings": _findings,
    "notes": _notes,
}
"""Every table of a report by name."""
STREET_TABLES: Mapping[str, Callable[[Atlas, Street, Whole], Made]] = {
    "street_communities": _street_communities,
    "street_facilities": _street_facilities,
}
"""Every table that is of one street."""

"""How far a city has come, in the annex: score tables with their totals, goals on their way, what persons answer."""

from dataclasses import replace

from gis.words import say
from maps.atlas import Atlas
from maps.columns import column, count_cell, sheet
from maps.labels import cell
from maps.shown_verdicts import PEOPLE, TOLD
from maps.style import STATUS_COLOURS
from maps.verdict_words import measured, responsible
from maps.workbook import DECIMAL, WHOLE, Sheet, Value
from policy.pack import Policy
from policy.phrases import name_list, unit_word
from policy.score import ScoreRow, ScoreSheet
from policy.table import word
from policy.verdict import Status, Verdict

_SCORE = (
    "document",
    "unit_id",
    "unit",
    "item",
    "part",
    "rule",
    "title",
    "most",
    "how",
    "points",
    "least",
    "possible",
    "verdict",
)
_NUMBERS = frozenset({"item", "most", "least", "possible"})


def score_sheet(atlas: Atlas) -> Sheet:
    """Return the score tables one below the other: each part with its points, each item, the total and the bonus."""
    columns = [column(f"policy.column_{key}", atlas, WHOLE if key in _NUMBERS else "@") for key in _SCORE]
    rows: list[list[Value]] = []
    colours: dict[int, str] = {}
    for policy, found in atlas.scores:
        for row, status in _score_rows(policy, found, atlas):
            if status is not None:
                colours[len(rows)] = STATUS_COLOURS[status]
            rows.append(row)
    plain = sheet("scores", atlas, [*columns, column("annex.score_note", atlas)], rows)
    return replace(plain, colours=colours, coloured=_SCORE.index("verdict") + 1)


def _score_rows(policy: Policy, found: ScoreSheet, atlas: Atlas) -> list[tuple[list[Value], Status | None]]:
    table, at = policy.score_table, 0 if atlas.language == "zh" else 1
    begin: list[Value] = [cell(policy.document.cite), cell(found.unit_id), cell(found.unit_name)]
    most = [] if table is None else list(table.items)
    rows: list[tuple[list[Value], Status | None]] = []
    for number, row in enumerate(found.rows):
        rows.append(([*begin, *_part(row, atlas)], row.status))
        last = number + 1 == len(found.rows) or found.rows[number + 1].item != row.item
        if last and row.item <= len(found.items):
            low, high = found.items[row.item - 1]
            title = say("annex.score_item", atlas.language, most=most[row.item - 1])
            rows.append(([*begin, row.item, None, None, title, most[row.item - 1], *_interval(low, high)], None))
    total = say("policy.score_total", atlas.language, items=len(found.items))
    whole = None if table is None else table.total
    rows.append(([*begin, None, None, None, total, whole, *_interval(*found.total)], None))
    if table is not None and table.bonus_parts:
        said = " ".join(cell(note[at]) for note in found.notes)
        extra = say("policy.score_bonus_row", atlas.language)
        bonus = _interval(*found.bonus)
        rows.append(([*begin, None, None, None, extra, table.bonus_cap, *bonus[:-1], said], None))
    return rows


def _part(row: ScoreRow, atlas: Atlas) -> list[Value]:
    at = 0 if atlas.language == "zh" else 1
    return [
        row.item,
        cell(row.part),
        cell(row.rule_id),
        cell(row.title[at]),
        row.most,
        say(f"policy.how_{row.how}", atlas.language),
        " / ".join(map(str, row.points)) if row.how != "unknown" else None,
        row.least,
        row.possible,
        None if row.status is None else say(f"status.{row.status}", atlas.language),
        cell(row.note[at]),
    ]


def _interval(low: int, high: int) -> list[Value]:
    return [None, str(low) if low == high else f"{low}–{high}", low, high, None, None]


def progress_sheet(atlas: Atlas) -> Sheet:
    """Return the goals with a deadline: needed, done and still to do, and by name what is not done yet."""
    columns = [
        *(column(f"policy.column_{key}", atlas) for key in ("rule", "title", "clause", "unit", "reading", "decides")),
        column("policy.column_deadline", atlas),
        column("annex.days_left", atlas, WHOLE),
        column("policy.column_needed", atlas, DECIMAL),
        column("annex.goal_whole", atlas, DECIMAL),
        column("annex.goal_done", atlas, DECIMAL),
        column("annex.goal_possible", atlas, DECIMAL),
        column("policy.column_still", atlas, DECIMAL),
        column("annex.goal_counted", atlas),
        column("policy.column_verdict", atlas),
        column("policy.column_open", atlas),
    ]
    rows: list[list[Value]] = []
    for goal in atlas.progress:
        numbers = (goal.needed, goal.whole, goal.done, goal.possible, goal.still)
        shown = [count_cell(number) if goal.counted in PEOPLE else number for number in numbers]
        rows.append(
            [
                cell(goal.rule_id),
                cell(goal.title[0 if atlas.language == "zh" else 1]),
                cell(goal.clause),
                cell(goal.unit_name),
                cell(word("reading", goal.reading, atlas.language)),
                say("policy.yes" if goal.decides else "policy.no", atlas.language),
                goal.deadline.isoformat(),
                goal.days_left,
                *shown,
                cell(unit_word(goal.counted, atlas.language)),
                say(f"status.{goal.status}", atlas.language),
                cell(name_list(goal.open, atlas.language)),
            ]
        )
    colours = {place: STATUS_COLOURS[goal.status] for place, goal in enumerate(atlas.progress)}
    return replace(sheet("progress", atlas, columns, rows), colours=colours, coloured=len(columns) - 1)


def checklist_sheet(atlas: Atlas) -> Sheet:
    """Return what only persons can tell: the question, the answer with its evidence, and what is still open."""
    asked = {(policy.name, rule.id): rule.sentence for policy in atlas.policies for rule in policy.rules}
    columns = [
        *(column(f"policy.column_{key}", atlas) for key in ("rule", "document", "clause", "title")),
        column("annex.form", atlas),
        column("annex.question", atlas),
        column("policy.column_unit", atlas),
        column("policy.column_responsible", atlas),
        column("policy.column_deadline", atlas),
        column("annex.answer", atlas),
        column("policy.column_verdict", atlas),
        column("policy.column_score", atlas),
        column("annex.still_open", atlas),
    ]
    told = told_verdicts(atlas.verdicts)
    at = 0 if atlas.language == "zh" else 1
    rows: list[list[Value]] = [
        [
            cell(v.rule_id),
            cell(v.document),
            cell(v.clause),
            cell(v.title[at]),
            say(f"annex.form_{v.form}", atlas.language),
            cell(asked.get((v.pack, v.rule_id), v.demanded)[at]),
            cell(v.unit_name),
            responsible(v.responsible),
            v.deadline.isoformat() if v.deadline else None,
            measured(v, atlas.language),
            say(f"status.{v.status}", atlas.language),
            " / ".join(map(str, v.scores)) or None,
            say("annex.open_answer", atlas.language) if v.status is Status.UNKNOWN else None,
        ]
        for v in told
    ]
    colours = {place: STATUS_COLOURS[verdict.status] for place, verdict in enumerate(told)}
    return replace(sheet("checklist", atlas, columns, rows), colours=colours, coloured=len(columns) - 2)


def told_verdicts(verdicts: tuple[Verdict, ...]) -> list[Verdict]:
    """Return the verdicts that rest on a person's answer, in their order; without a unit nobody is asked."""
    return [v for v in verdicts if v.form in TOLD and (v.level == "city" or v.unit_id)]

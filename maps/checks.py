"""What was checked, in the annex: the verdicts and what changes in them, the findings about the inputs, the ledgers."""

from dataclasses import replace

from gis.tables import TABLES
from gis.words import Language, say
from maps.atlas import Atlas
from maps.columns import column, count_cell, sheet
from maps.labels import cell
from maps.shown_ledger import shown_ledger
from maps.style import INK, STATUS_COLOURS
from maps.verdict_words import measured, shortfall
from maps.workbook import WHOLE, Sheet, Value
from policy.changes import COLUMNS as CHANGE_COLUMNS
from policy.changes import change_table
from policy.table import COLUMNS, verdict_table

_ON_PAPER = ("document", "clause", "title", "unit", "measured", "demanded", "verdict", "shortfall", "responsible")


def verdict_sheet(atlas: Atlas) -> Sheet:
    """Return every verdict in its order, also those that only stand beside another, the answer in its colour.

    Administrative items stand in the checklist alone. What a reader of the printed sheet needs stands first and goes on
    paper; codes, points, choices and remarks follow on the screen.
    """
    counted = [verdict for verdict in atlas.verdicts if verdict.form != "checklist"]
    order = [COLUMNS.index(name) for name in (*_ON_PAPER, *(name for name in COLUMNS if name not in _ON_PAPER))]
    columns = [column(f"policy.column_{COLUMNS[place]}", atlas) for place in order]
    table = verdict_table(counted, language=atlas.language)
    words = {COLUMNS.index("measured"): measured, COLUMNS.index("shortfall"): shortfall}
    rows: list[list[Value]] = []
    for number, (verdict, texts) in enumerate(zip(counted, table.itertuples(index=False, name=None), strict=True), 1):
        said = [words[place](verdict, atlas.language) if place in words else cell(texts[place]) for place in order]
        rows.append([number, *said, say(f"annex.form_{verdict.form}", atlas.language)])
    colours = {place: STATUS_COLOURS[verdict.status] for place, verdict in enumerate(counted)}
    heads = [column("annex.number", atlas, WHOLE), *columns, column("annex.form", atlas)]
    plain = sheet("verdicts", atlas, heads, rows)
    at = _ON_PAPER.index("verdict") + 2
    return replace(plain, colours=colours, coloured=at, printed=len(_ON_PAPER) + 1)


def change_sheet(atlas: Atlas) -> Sheet:
    """Return what changes from today's answers, comparison by comparison; what stays is only counted."""
    columns = [column("annex.comparison", atlas), *(column(f"policy.column_{key}", atlas) for key in CHANGE_COLUMNS)]
    rows: list[list[Value]] = []
    colours: dict[int, str] = {}
    for title, found in atlas.changes:
        named = cell(title[0 if atlas.language == "zh" else 1])
        moved = [change for change in found if change.move != "same"]
        table = change_table(moved, language=atlas.language)
        for change, texts in zip(moved, table.itertuples(index=False, name=None), strict=True):
            colours[len(rows)] = STATUS_COLOURS[change.after.status] if change.after else INK
            told = dict(zip(CHANGE_COLUMNS, map(cell, texts), strict=True))
            for when, verdict in (("before", change.before), ("after", change.after)):
                told[f"measured_{when}"] = "" if verdict is None else measured(verdict, atlas.language)
            rows.append([named, *told.values()])
        stay = len(found) - len(moved)
        if stay or not found:
            rest = say("annex.unchanged", atlas.language, n=stay) if found else say("page.no_changes", atlas.language)
            rows.append([named, None, rest, *[None] * (len(CHANGE_COLUMNS) - 2)])
    plain = sheet("changes", atlas, columns, rows)
    return replace(plain, colours=colours, coloured=CHANGE_COLUMNS.index("verdict_after") + 2)


def finding_sheet(atlas: Atlas) -> Sheet:
    """Return every finding about the inputs, none left out."""
    columns = [column(f"annex.{key}", atlas) for key in ("severity", "code", "place", "found", "count", "sentence")]
    rows: list[list[Value]] = [
        [
            say(f"severity.{finding.severity}", atlas.language),
            finding.code,
            cell(finding.place),
            cell(finding.found),
            finding.count,
            finding.line(atlas.language),
        ]
        for finding in atlas.findings
    ]
    if not rows:
        rows = [[say("page.no_findings", atlas.language), None, None, None, None, None]]
    return sheet("quality", atlas, columns, rows)


def ledger_sheet(atlas: Atlas) -> Sheet:
    """Return how the rows and the people of each input were used, and the homes in the table of coverage."""
    texts = [column(f"annex.{key}", atlas) for key in ("table", "source")]
    numbers = [column(f"annex.{key}", atlas, WHOLE) for key in ("rows_read", "rows_used", "rows_left_out")]
    people_columns = [column(f"annex.{key}", atlas, WHOLE) for key in ("elders_read", "elders_used", "elders_left_out")]
    rows: list[list[Value]] = [
        [
            _title(ledger.table, atlas.language),
            cell(ledger.source),
            ledger.rows_read,
            ledger.rows_used,
            sum(ledger.left_out.values()),
            count_cell(told.read),
            count_cell(told.used),
            count_cell(told.left_out),
            say("label.comma", atlas.language).join(
                f"{code} {number}" for code, number in {**ledger.left_out, **told.reasons}.items()
            ),
        ]
        for ledger, told in ((ledger, shown_ledger(ledger)) for ledger in atlas.ledgers)
    ]
    return sheet("ledgers", atlas, [*texts, *numbers, *people_columns, column("annex.reasons", atlas)], rows)


def _title(table: str, language: Language) -> str:
    """Return what a ledger is of: an input, or the homes in the table of coverage."""
    if table == "coverage":
        return say("annex.by_community", language)
    return TABLES[table].title if table in TABLES and language == "zh" else table

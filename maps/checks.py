"""What was checked, in the annex: the verdicts of the policy documents, the findings about the inputs, the ledgers."""

from dataclasses import replace

from gis.tables import TABLES
from gis.words import say
from maps.atlas import Atlas
from maps.columns import column, sheet
from maps.labels import cell
from maps.style import STATUS_COLOURS
from maps.workbook import WHOLE, Sheet, Value
from policy.table import COLUMNS, verdict_table


def verdict_sheet(atlas: Atlas) -> Sheet:
    """Return every verdict in its order, also those that only stand beside another, the answer in its colour."""
    columns = [column("annex.number", atlas, WHOLE), *(column(f"policy.column_{key}", atlas) for key in COLUMNS)]
    table = verdict_table(atlas.verdicts, language=atlas.language)
    rows: list[list[Value]] = [
        [number, *map(cell, row)] for number, row in enumerate(table.itertuples(index=False, name=None), 1)
    ]
    colours = {place: STATUS_COLOURS[verdict.status] for place, verdict in enumerate(atlas.verdicts)}
    plain = sheet("verdicts", atlas, columns, rows)
    return replace(plain, colours=colours, coloured=COLUMNS.index("verdict") + 2)


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
    """Return how the rows and the people of each input were used."""
    texts = [column(f"annex.{key}", atlas) for key in ("table", "source")]
    numbers = [column(f"annex.{key}", atlas, WHOLE) for key in ("rows_read", "rows_used", "rows_left_out")]
    people_columns = [column(f"annex.{key}", atlas, WHOLE) for key in ("elders_read", "elders_left_out")]
    rows: list[list[Value]] = [
        [
            TABLES[ledger.table].title if ledger.table in TABLES and atlas.language == "zh" else ledger.table,
            cell(ledger.source),
            ledger.rows_read,
            ledger.rows_used,
            sum(ledger.left_out.values()),
            ledger.elders_read,
            None if ledger.elders_read is None else sum(ledger.elders_left_out.values()),
            say("label.comma", atlas.language).join(
                f"{code} {number}" for code, number in {**ledger.left_out, **ledger.elders_left_out}.items()
            ),
        ]
        for ledger in atlas.ledgers
    ]
    return sheet("ledgers", atlas, [*texts, *numbers, *people_columns, column("annex.reasons", atlas)], rows)

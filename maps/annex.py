"""The annex: the tables that go with the plan, one workbook for the planner's own spreadsheet program."""

from collections.abc import Iterator
from pathlib import Path

from gis.errors import one_line
from gis.words import say
from maps.atlas import Atlas
from maps.checks import change_sheet, finding_sheet, ledger_sheet, verdict_sheet
from maps.columns import column, sheet
from maps.contents import ordered, plan_rows
from maps.coverage import coverage_sheet, speed_sheet
from maps.facility_list import facility_sheet
from maps.figures import credit, key_figures, people, people_share, verdict_counts, whole
from maps.goals import checklist_sheet, progress_sheet, score_sheet, told_verdicts
from maps.labels import cell
from maps.lists import housing_sheet, plan_sheet, register_sheet
from maps.measures import measure_sheet
from maps.phases import year_sheet
from maps.register_sheet import housing_check_sheet
from maps.workbook import Sheet, write_workbook
from policy.register import conclusion, status_counts

AREA_LEVELS = ("county", "urban", "rural", "city")


def write_annex(atlas: Atlas, path: Path) -> None:
    """Write the annex to `path` (.xlsx): every text stays text, and the same atlas gives the same bytes.

    Raises OutputError where it cannot be written; what was there is then untouched.
    """
    sheets = (
        _overview(atlas),
        facility_sheet(atlas),
        coverage_sheet(atlas, "by_community", ("community",), total=True),
        coverage_sheet(atlas, "by_street", ("street",), total=True),
        coverage_sheet(atlas, "by_area", AREA_LEVELS, total=False),
        verdict_sheet(atlas),
        *_judged(atlas),
        plan_sheet(atlas),
        *([year_sheet(atlas)] if atlas.plan is not None and len(atlas.plan.sites) else []),
        speed_sheet(atlas),
        register_sheet(atlas),
        housing_sheet(atlas),
        *(measure_sheet(table, atlas) for table in (*atlas.dues, *atlas.measures)),
        finding_sheet(atlas),
        ledger_sheet(atlas),
        _notes(atlas),
    )
    write_workbook(sheets, path)


def _judged(atlas: Atlas) -> Iterator[Sheet]:
    """Yield what stands beside the verdicts, each sheet where there is something to put on it."""
    if atlas.scores:
        yield score_sheet(atlas)
    if atlas.progress:
        yield progress_sheet(atlas)
    if told_verdicts(atlas.verdicts):
        yield checklist_sheet(atlas)
    if atlas.changes:
        yield change_sheet(atlas)
    if atlas.checks:
        yield housing_check_sheet(atlas.checks, language=atlas.language)


def _overview(atlas: Atlas) -> Sheet:
    def rows() -> Iterator[tuple[str, str]]:
        yield cell(atlas.name), say("page.internal", atlas.language)
        found = key_figures(atlas)
        if found is not None:
            yield say("page.elders", atlas.language), people(found.elders)
            yield say("page.elders_unknown", atlas.language), people(found.elders_unknown)
            if found.unknown_after is not None:
                yield say("page.elders_unknown_after", atlas.language), people(found.unknown_after)
            for row in found.reached:
                for suffix, number in (("", row.today), ("_after", row.after)):
                    if number is not None:
                        yield say(f"page.covered{suffix}", atlas.language, minutes=row.minutes), people(number)
                        label = say(f"page.share{suffix}", atlas.language, minutes=row.minutes)
                        yield label, people_share(number, found.elders)
        if atlas.plan is None:
            yield say("page.plan", atlas.language), say("page.plan_none", atlas.language)
        else:
            for words, text in plan_rows(atlas.plan, atlas):
                yield f"{say('page.plan', atlas.language)}：{ordered(words, atlas)[0]}", text
        yield from _counts(atlas)
        yield say("annex.verdicts", atlas.language), say("annex.preliminary", atlas.language)
        yield say("page.streets", atlas.language), one_line(credit(atlas))
        yield say("page.notes", atlas.language), say("page.share_rule", atlas.language)
        yield say("page.notes", atlas.language), say("annex.masked", atlas.language)

    return sheet("overview", atlas, [column("annex.item", atlas), column("annex.value", atlas)], list(rows()))


def _counts(atlas: Atlas) -> Iterator[tuple[str, str]]:
    """Yield how many answers and how many housing projects there are of each kind."""
    for status, number in verdict_counts(atlas).items():
        yield f"{say('annex.verdicts', atlas.language)}：{say(f'status.{status}', atlas.language)}", whole(number)
    for status, number in status_counts(atlas.checks).items():
        if number:
            said = conclusion(status)[0 if atlas.language == "zh" else 1]
            yield f"{say('four_sync.title', atlas.language)}：{said}", whole(number)


def _notes(atlas: Atlas) -> Sheet:
    rows = [[cell(label), cell(text)] for label, text in atlas.notes.items()]
    return sheet("notes", atlas, [column("annex.item", atlas), column("annex.value", atlas)], rows)

"""The siting products on disk: the plan and its reasons as a workbook, the plan to edit, the curves and the map."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from circle15.blocked import why_blocked
from circle15.edited import CLOSE, ON_FACILITIES, PLAN_FILE, Evaluation
from circle15.project import Project
from circle15.study import Study
from gis.errors import blocked
from gis.tables import FACILITY_KINDS, MODES
from gis.words import say
from maps.atlas import Atlas, Columns, MeasureTable
from maps.council_sheets import write_council
from maps.labels import cell
from maps.measures import measure_table
from maps.page import write_page
from maps.shown_reach import Reach, by_year, shown_front, shown_reach, the_plan
from maps.siting_charts import front_chart, phases_chart, write_chart
from maps.situated import FACILITY_SITE
from maps.withheld import MARKS
from maps.workbook import DECIMAL, Column, Sheet, Value, write_workbook

WAN = 10_000
PRODUCTS = ("siting.xlsx", "siting.html", "front.svg", "phases.svg")
PLAN = "plan.xlsx"


def write_siting(done: Study, *, edited: Evaluation | None = None, keep_plan: bool = False) -> Path:
    """Write the siting products into their folder inside the output folder, and return it; other results stay.

    `siting.xlsx` (plan, reasons, near-best plans, front, phases, rules before and after, scenarios; an edited plan in
    front), `plan.xlsx` (the plan in the form that can be edited and given back), `front.svg`, `phases.svg` and the map
    `siting.html`. `keep_plan`: `plan.xlsx` is the one edited by hand and stays. Raises OutputError where one cannot be
    written; it is then as it was.
    """
    language = done.project.output.language
    folder = siting_folder(done.project)
    atlas = done.atlas()
    shown = shown_reach(atlas, [] if edited is None else [edited.reach])
    writers = {
        "siting.xlsx": lambda path: write_council(atlas, path, more=_edited(edited, atlas, shown), shown=shown),
        "siting.html": lambda path: write_page(atlas, path),
    }
    plan = done.plan
    if plan is not None and (len(plan.sites) or plan.closed):
        writers[PLAN] = lambda path: write_workbook([_form(atlas)], path)
    front = shown_front(atlas, shown)
    if front is not None:
        budget = done.project.siting.budget_yuan or None
        curve = front_chart(front, language=language, budget_yuan=budget)
        writers["front.svg"] = lambda path: write_chart(curve, path)
    if plan is not None and (plan.by_year.index > 0).any():
        covered = pd.Series([shown.get(reach) for reach in by_year(atlas).values()], plan.by_year.index, dtype=object)
        phases = phases_chart(plan.by_year.assign(elders_covered=covered), language=language)
        writers["phases.svg"] = lambda path: write_chart(phases, path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in (*PRODUCTS, *([] if keep_plan else [PLAN])):
            if name in writers:
                writers[name](folder / name)
            else:
                (folder / name).unlink(missing_ok=True)  # one of an earlier plan would be taken for this one's
    except OSError as error:
        raise blocked(why_blocked(error, folder)) from error
    return folder


def siting_folder(project: Project) -> Path:
    """Return the folder of the siting products."""
    return project.path(project.output.folder) / say("council.ways", project.output.language)


def drop_siting(project: Project) -> None:
    """Remove the siting products of results that are no more; a plan that may have been edited by hand stays."""
    for name in PRODUCTS:
        (siting_folder(project) / name).unlink(missing_ok=True)


def _form(atlas: Atlas) -> Sheet:
    """Return the plan as a planner may edit it: `circle15 site --plan` reads it."""
    at = 0 if atlas.language == "zh" else None

    def head(column: str) -> str:
        return PLAN_FILE.column(column).synonyms[0] if at == 0 else column

    columns = [Column((head(c.name),), DECIMAL if c.name == "floor_area_m2" else "@") for c in PLAN_FILE.columns]
    plan = atlas.plan
    rows: list[list[Value]] = []
    for site, row in plan.sites.iterrows() if plan is not None else ():
        kind, mode = str(row["kind"]), str(row["mode"])
        if at == 0:
            kind, mode = FACILITY_KINDS.get(kind, (kind,))[0], {**MODES, **ON_FACILITIES}.get(mode, (mode,))[0]
        year = str(int(row["year"])) if row["year"] else ""
        rows.append(
            [cell(site).removeprefix(FACILITY_SITE), cell(row["name"]), kind, mode, float(row["floor_area_m2"]), year]
        )
    for site in plan.closed if plan is not None else ():
        code = site.removeprefix(FACILITY_SITE)
        name = cell(atlas.facilities["name"].get(code, ""))
        rows.append([cell(code), name, "", "关闭" if at == 0 else CLOSE, None, ""])
    return Sheet(say("annex.plan", atlas.language), columns, rows)


def _edited(edited: Evaluation | None, atlas: Atlas, shown: Mapping[Reach, object]) -> list[MeasureTable]:
    """Return an edited plan beside the proven one: its sentences, then the figures."""
    language = atlas.language
    if edited is None:
        return []
    lines: Columns = {"text": (say("annex.item", language), "text")}
    told = pd.DataFrame({"text": edited.lines(language, shown=shown)})
    table = edited.comparison.reset_index()
    money = table["figure"] == "cost_yuan"
    for name in ("edited", "proven"):
        table[name] = [
            None if pd.isna(value) else value / WAN if yuan else value
            for value, yuan in zip(table[name], money, strict=True)
        ]
    people = table["figure"] == "elders_covered"
    for name, reach in (("edited", edited.reach), ("proven", the_plan(atlas))):
        if shown.get(reach) in MARKS:
            table[name] = table[name].mask(people, shown[reach])
    table["figure"] = [say(f"edited.{name.replace('cost_yuan', 'cost_wan')}", language) for name in table["figure"]]
    columns: Columns = {
        "figure": (say("edited.figure", language), "text"),
        "edited": (say("edited.edited", language), "number"),
        "proven": (say("edited.proven", language), "number"),
    }
    return [
        measure_table(say("edited.edited", language), told, lines),
        measure_table(say("edited.title", language), table, columns),
    ]

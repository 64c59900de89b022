"""The errands behind the commands: each does the work, says what was found and returns the exit status."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from circle15.blocked import why_blocked
from circle15.checked import checked
from circle15.city import read_city
from circle15.compliance import compliance, compliance_lines
from circle15.console import INFEASIBLE, INPUT, LIMIT, PARTIAL, both, progress_bar, remark
from circle15.fault_list import write_fault_list
from circle15.project_file import load_project
from circle15.replay import replay as replay_run
from circle15.replay import replay_lines
from circle15.run import comply as judge_project
from circle15.run import plan_sites
from circle15.run import run as run_project
from circle15.run import sheet as draw_project
from circle15.sheets import SHEETS
from circle15.siting_summary import siting_lines, siting_summary
from circle15.study import Study
from circle15.summary import summary, summary_lines
from circle15.verify import verify as verify_results
from circle15.verify import verify_lines
from gis.errors import Finding, InputError, OutputError, blocked, lines
from gis.words import Language, say
from maps.sheet.paper import Size
from optimise.plan import PlanStatus
from optimise.solve import Solver

if TYPE_CHECKING:
    from circle15.province.run import ProvinceStudy

STAGES = (
    "read",
    "reach",
    "measures",
    "doubts",
    "assess",
    "after",
    "show",
    "index",
    "annex",
    "opinions",
    "plan",
    "report",
)
SITING_STAGES = 9
PROVINCE_STAGES = 5


def run_city(folder: Path, *, as_json: bool) -> int:
    """Run a project and say what was found and where it is."""
    with progress_bar(len(STAGES) + 1) as progress:
        done = run_project(folder, progress=progress, tell=remark)
    where = done.project.path(done.project.output.folder)
    if as_json:
        typer.echo(json.dumps({**summary(done), "outputs": str(where)}, ensure_ascii=False))
    else:
        _tell(done, where, summary_lines(done, done.project.output.language))
    return _status(done)


def run_whole_province(path: Path, *, as_json: bool) -> int:
    """Run a province, say how far it is and what was found; status 3 where a county could not be computed.

    Without such a county the status is that of the plan of the whole, where money was to be shared.
    """
    from circle15.province.money_sheets import money_line, money_told  # noqa: PLC0415 - a city has no use for it
    from circle15.province.run import Far, run_province  # noqa: PLC0415

    with progress_bar(PROVINCE_STAGES) as progress:

        def hear(far: Far) -> None:
            minutes = "?" if far.seconds_left is None else f"{-(-far.seconds_left // 60):.0f}"
            figures = {"done": far.done, "failed": far.failed, "left": far.left}
            progress.bar.set_postfix_str(say("province.far", "zh", **figures, minutes=minutes))

        def watch(address: str) -> None:
            typer.echo(say("province.dashboard", "zh", address=address), err=True)

        done = run_province(path, progress=progress, tell=remark, hear=hear, watch=watch)
    language = done.province.output.language
    if as_json:
        told = {
            "counties": done.counties,
            "failed": {code: each.reason(language) for code, each in done.failed.items()},
            "plan": done.plan and money_told(done.plan),
        }
        typer.echo(
            json.dumps({"project": done.province.name, **told, "outputs": str(done.outputs)}, ensure_ascii=False)
        )
    else:
        typer.echo(done.province.name)
        typer.echo("  " + say("province.counts", language, done=len(done.counties), failed=len(done.failed)))
        for line in lines([finding for finding in done.findings if finding.severity != "note"], language):
            typer.echo(f"  {line}")
        if done.plan is not None:
            typer.echo("  " + money_line(done.plan, language))
        typer.echo("  " + say("province.where", language, folder=done.outputs))
    return PARTIAL if done.failed else _status(done)


def comply_city(folder: Path, *, as_of: str | None, against: list[str], as_json: bool) -> int:
    """Judge a project and say how it stands, what is missing most, what changed, and where the results are."""
    day = _day("--as-of", as_of) if as_of else None
    others = [Path(other) if Path(other).exists() else _day("--against", other) for other in against]
    with progress_bar(len(STAGES)) as progress:
        done = judge_project(folder, as_of=day, against=others, progress=progress, tell=remark)
    where = done.project.path(done.project.output.folder)
    if as_json:
        typer.echo(json.dumps({**compliance(done), "outputs": str(where)}, ensure_ascii=False))
    else:
        _tell(done, where, compliance_lines(done, done.project.output.language))
    return 0


def site_city(
    folder: Path,
    *,
    solver: Solver | None,
    time_limit_s: float | None,
    edited: Path | None,
    front: bool,
    scenarios: bool,
    as_json: bool,
) -> int:
    """Plan the sites of a project and say which, and why."""
    with progress_bar(SITING_STAGES) as progress:
        done, judged, where = plan_sites(
            folder,
            solver=solver,
            time_limit_s=time_limit_s,
            edited=edited,
            front=front,
            scenarios=scenarios,
            progress=progress,
            hear=progress.hear,
        )
    if as_json:
        typer.echo(json.dumps({**siting_summary(done, judged), "outputs": str(where)}, ensure_ascii=False))
    else:
        for line in (done.project.name, *siting_lines(done, judged)):
            typer.echo(line if line == done.project.name else f"  {line}")
        typer.echo("  " + say("council.where", done.project.output.language, folder=where))
    return _status(done)


def draw_sheets(folder: Path, *, themes: list[str], size: Size | None, forms: list[str]) -> int:
    """Draw the sheets of a project and say how many there are and where."""
    with progress_bar(len(STAGES)) as progress:
        done, files = draw_project(
            folder, themes=themes, size=size, forms=forms, workers=os.cpu_count() or 1, progress=progress
        )
    where, sheets = done.project.path(done.project.output.folder) / SHEETS, {path.stem for path in files}
    paper = size or done.project.sheet.size
    typer.echo(say("sheet.done", done.project.output.language, n=len(sheets), size=paper, folder=where))
    return 0


def _listed(list_to: Path | None, findings: Sequence[Finding], language: Language) -> None:
    """List what was found where that is asked for."""
    if list_to is not None:
        into = list_to if list_to.suffix.lower() == ".xlsx" else list_to.with_name(f"{list_to.name}.xlsx")
        try:
            write_fault_list(findings, into, language=language)
        except OutputError as error:  # most often the list of last time, open in Excel
            raise blocked(replace(why_blocked(error, into.absolute()), place=str(into))) from error
        typer.echo(say("check.listed", language, path=into.absolute()))


def check_whole_province(path: Path, list_to: Path | None) -> int:
    """Look at every input and every county of a province; say what was found and what its run will need."""
    from circle15.province.check import all_findings, check_lines, check_province  # noqa: PLC0415

    try:
        with progress_bar(PROVINCE_STAGES - 1) as progress:
            found = check_province(path, progress=progress)
    except InputError as error:
        both(error.findings)
        _listed(list_to, error.findings, "zh")
        return INPUT
    language = found.province.output.language
    typer.echo(found.province.name)
    for line in check_lines(found, language):
        typer.echo(f"  {line}")
    _listed(list_to, all_findings(found), language)
    return 0 if found.fine else INPUT


def check_city(folder: Path, list_to: Path | None) -> int:
    """Read every input and say what each table gave; list what was found where that is asked for."""
    language: Language = "zh"
    read: tuple[Finding, ...] = ()
    try:
        project = load_project(folder)
        language = project.output.language
        city = read_city(project)
        read = city.findings
        found = checked(city)
    except InputError as error:
        both(error.findings)
        _listed(list_to, (*error.findings, *read), language)
        return INPUT
    for line in lines(found.findings, language):
        typer.echo(line)
    for ledger in city.ledgers:
        out = say("label.comma", language).join(f"{code} {n}" for code, n in ledger.left_out.items()) or "-"
        typer.echo(
            say(
                "check.ledger",
                language,
                table=ledger.table,
                read=ledger.rows_read,
                used=ledger.rows_used,
                out=out,
                source=Path(ledger.source).name,
            )
        )
    typer.echo(say("check.serving", language, n=found.serving, all=found.facilities))
    typer.echo(say("check.fine", language))
    _listed(list_to, found.findings, language)
    return 0


def verify_folder(results: Path, language: Language) -> int:
    """Look whether results are as they were written, and say so."""
    found = verify_results(results)
    for line in verify_lines(found, results, language):
        typer.echo(line)
    return INPUT if any(finding.severity == "reject" for finding in found) else PARTIAL if found else 0


def replay_manifest(manifest: Path, *, project: Path | None, against: Sequence[Path], language: Language) -> int:
    """Compute a run anew and say whether it is the same."""
    with progress_bar(len(STAGES) + 1) as progress:
        found = replay_run(manifest, project=project, against=against, progress=progress)
    for line in replay_lines(found, manifest, language):
        typer.echo(line)
    return PARTIAL if any(finding.severity == "reject" for finding in found) else 0


def _status(done: "Study | ProvinceStudy") -> int:
    """Return the exit status that a plan stands for."""
    return {PlanStatus.INFEASIBLE: INFEASIBLE, PlanStatus.LIMIT: LIMIT}.get(done.plan.status, 0) if done.plan else 0


def _day(option: str, said: str) -> date:
    """Return a day as it is typed. Raises InputError (PARAM_RANGE) where it is none."""
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise InputError([Finding("PARAM_RANGE", "reject", option, said, allowed="2021-12-31")]) from None


def _tell(done: Study, where: Path, found: list[str]) -> None:
    """Say what was found, the warnings in one line, and where the map is."""
    language: Language = done.project.output.language
    typer.echo(f"{done.project.name}")
    for line in found:
        typer.echo(f"  {line}")
    warned = [finding for finding in done.findings if finding.severity != "note"]
    if warned:
        codes = say("label.comma", language).join(sorted({finding.code for finding in warned}))
        typer.echo("  " + say("summary.findings", language, n=len(warned), codes=codes))
    typer.echo("  " + say("summary.where", language, map=where / "index.html", folder=where))

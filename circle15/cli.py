"""The command line: `circle15 demo | init | doctor | check | run`, each a thin face of a public function.

Exit status: 0 done, 1 internal, 2 input or parameter, 4 no plan can keep the rules, 5 limit reached without a plan,
130 interrupted.
"""

import json
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from circle15.city import read_city
from circle15.doctor import examine
from circle15.project import load_project
from circle15.run import run as run_project
from circle15.sample import copy_sample
from circle15.start import start_project
from circle15.study import Study
from circle15.summary import summary, summary_lines
from gis.errors import InputError, OutputError, lines
from gis.words import Language, say
from optimise.plan import PlanStatus

INTERNAL, INPUT, INFEASIBLE, LIMIT, INTERRUPTED = 1, 2, 4, 5, 130
STAGES = ("read", "reach", "coverage", "doubts", "assess", "site", "after", "show", "index", "annex", "plan")

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
Json = Annotated[bool, typer.Option("--json", help="给程序读的结果 figures for machines")]
Debug = Annotated[bool, typer.Option("--debug", help="出错时显示细节 show details of an error")]
Folder = Annotated[Path, typer.Argument(help="项目文件夹 project folder")]


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="样例放在哪里 where to put the sample")] = Path("circle15-demo"),
    *,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """样例：把自带的样例城镇跑一遍 Run the main job on the made sample town."""
    _guarded(lambda: _run(copy_sample(folder), as_json=as_json), debug=debug)


@app.command()
def run(project: Folder = Path(), *, as_json: Json = False, debug: Debug = False) -> None:
    """运行：读入、计算、出图出表 Read, compute, write map, tables and manifest."""
    _guarded(lambda: _run(project, as_json=as_json), debug=debug)


@app.command()
def check(project: Folder = Path(), *, debug: Debug = False) -> None:
    """检查：列出所有输入的问题，不计算 List what is wrong with every input; compute nothing."""
    _guarded(lambda: _check(project), debug=debug)


@app.command()
def init(folder: Folder, *, debug: Debug = False) -> None:
    """新建：项目文件和 Excel 模板 Make a project file and Excel templates."""

    def make() -> int:
        for path in start_project(folder):
            typer.echo(path)
        return 0

    _guarded(make, debug=debug)


@app.command()
def doctor(*, language: Annotated[str, typer.Option(help="zh | en")] = "zh") -> None:
    """体检：这台电脑能不能用 Say whether this machine is ready."""
    checks = examine(Path.cwd())
    for seen in checks:
        typer.echo(seen.line(language))
    raise typer.Exit(0 if all(seen.works for seen in checks) else INTERNAL)


def _run(folder: Path, *, as_json: bool) -> int:
    """Run a project and say what was found and where it is."""
    with tqdm(
        total=len(STAGES),
        file=sys.stderr,
        disable=not sys.stderr.isatty(),
        leave=False,
        bar_format="{l_bar}{bar}| {n}/{total} {elapsed}",
    ) as bar:

        def progress(stage: str) -> None:
            bar.set_description(say(stage, "zh"))
            bar.update()

        done = run_project(folder, progress=progress)
    where = done.project.path(done.project.output.folder)
    if as_json:
        typer.echo(json.dumps({**summary(done), "outputs": str(where)}, ensure_ascii=False))
    else:
        _tell(done, where)
    return {PlanStatus.INFEASIBLE: INFEASIBLE, PlanStatus.LIMIT: LIMIT}.get(done.plan.status, 0) if done.plan else 0


def _tell(done: Study, where: Path) -> None:
    """Say what was found: the warnings in one line, then coverage, verdicts, plan, and where the map is."""
    language: Language = done.project.output.language
    typer.echo(f"{done.project.name}")
    for line in summary_lines(done, language):
        typer.echo(f"  {line}")
    warned = [finding for finding in done.findings if finding.severity != "note"]
    if warned:
        codes = say("label.comma", language).join(sorted({finding.code for finding in warned}))
        typer.echo("  " + say("summary.findings", language, n=len(warned), codes=codes))
    typer.echo("  " + say("summary.where", language, map=where / "index.html", folder=where))


def _check(folder: Path) -> int:
    """Read every input and say what each table gave."""
    project = load_project(folder)
    city = read_city(project)
    language = project.output.language
    for line in lines(city.findings, language):
        typer.echo(line)
    for ledger in city.ledgers:
        out = say("label.comma", language).join(f"{code} {n}" for code, n in ledger.left_out.items()) or "-"
        typer.echo(
            say("check.ledger", language, table=ledger.table, read=ledger.rows_read, used=ledger.rows_used, out=out)
        )
    typer.echo(say("check.fine", language))
    return 0


def _guarded(work: Callable[[], int], *, debug: bool) -> None:
    """Do the work and turn what goes wrong into lines for people and an exit status for scripts."""
    try:
        status = work()
    except InputError as error:
        for line, beside in zip(lines(error.findings, "zh"), lines(error.findings, "en"), strict=True):
            typer.echo(f"{line}\n    {beside}", err=True)
        status = INPUT
    except OutputError as error:
        typer.echo(str(error), err=True)
        status = INTERNAL
    except KeyboardInterrupt:
        status = INTERRUPTED
    except Exception as error:
        if debug:
            raise
        typer.echo(say("doctor.internal", "zh", what="".join(traceback.format_exception_only(error)).strip()), err=True)
        status = INTERNAL
    raise typer.Exit(status)


def main() -> None:
    """Run the command line."""
    app()

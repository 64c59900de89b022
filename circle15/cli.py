"""The command line: thin faces of public functions.

`circle15 demo | init | doctor | check | packs | comply | site | run | sheet | verify | replay`
Exit status: 0 done, 1 internal, 2 input or parameter, 3 other results or not all counties,
4 no plan can keep the rules, 5 limit reached without a plan, 130 interrupted.
"""

import codecs
import json
import os
import sys
import traceback
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Literal, NoReturn, cast, get_args

import typer
from tqdm import tqdm

from circle15.blocked import why_blocked, why_denied
from circle15.checked import checked
from circle15.city import read_city
from circle15.compliance import compliance, compliance_lines
from circle15.doctor import examine
from circle15.fault_list import write_fault_list
from circle15.pack_list import pack_lines, rule_lines
from circle15.project import load_project
from circle15.province.project import is_province
from circle15.replay import replay as replay_run
from circle15.replay import replay_lines
from circle15.run import comply as judge_project
from circle15.run import plan_sites
from circle15.run import run as run_project
from circle15.run import sheet as draw_project
from circle15.sample import copy_sample
from circle15.sheets import SHEETS
from circle15.siting_summary import heard, siting_lines, siting_summary
from circle15.start import start_project
from circle15.study import Study
from circle15.summary import summary, summary_lines
from circle15.verify import verify as verify_results
from circle15.verify import verify_lines
from gis.errors import Finding, InputError, OutputError, blocked, lines
from gis.secrets import redacted
from gis.words import Language, say
from maps.sheet.paper import Size
from maps.sheet.themes import THEMES
from optimise.engines import Progress
from optimise.plan import PlanStatus
from optimise.solve import Solver

INTERNAL, INPUT, PARTIAL, INFEASIBLE, LIMIT, INTERRUPTED = 1, 2, 3, 4, 5, 130
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

HELP = """15 分钟养老服务圈：先 doctor、demo，再 init、check、run。
Older people within a 15-minute walk of care: doctor and demo first, then init, check, run.

退出码 exit status: 0 完成 done; 1 内部错误 internal; 2 输入或参数 input; 3 成果有别或县区未全 other results;
4 没有可行方案 no plan; 5 到限未得方案 limit reached; 130 中断 interrupted.
"""
app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=HELP)
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
    work = _run_province if is_province(project) else _run
    _guarded(lambda: work(project, as_json=as_json), debug=debug)


@app.command()
def comply(
    project: Folder = Path(),
    *,
    as_of: Annotated[str | None, typer.Option(help="核查日 the day judged, 2021-12-31")] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(help="比较：日期或此前成果的 manifest.json  compare with a day or earlier results"),
    ] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """核查：逐条对照政策，不选址，成果替换原成果 Judge by the documents without siting; replaces earlier results."""
    _guarded(lambda: _comply(project, as_of=as_of, against=against or [], as_json=as_json), debug=debug)


@app.command("site")
def site_project(
    project: Folder = Path(),
    *,
    solver: Annotated[
        str | None,
        typer.Option(help="auto | highs | cbc | search 求解器，不写按项目文件 that of the project if absent"),
    ] = None,
    time_limit: Annotated[float | None, typer.Option(min=0.1, help="限时（秒） seconds for each question")] = None,
    plan: Annotated[Path | None, typer.Option(help="手工修改的方案表 a plan edited by hand, .csv or .xlsx")] = None,
    front: Annotated[bool, typer.Option(help="预算与覆盖曲线 what each budget buys")] = True,
    scenarios: Annotated[bool, typer.Option(help="情景比较 [scenario.NAME] side by side")] = True,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """选址：方案、理由、相近方案、预算曲线，只写选址成果 Plan the sites and say why; other results stay."""
    if solver is not None and solver not in get_args(Solver):
        raise typer.BadParameter(", ".join(get_args(Solver)), param_hint="--solver")

    def work() -> int:
        with _bar(SITING_STAGES) as progress:
            done, judged, where = plan_sites(
                project,
                solver=cast("Solver | None", solver),
                time_limit_s=time_limit,
                edited=plan,
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

    _guarded(work, debug=debug)


@app.command()
def sheet(
    project: Folder = Path(),
    *,
    theme: Annotated[
        list[str] | None, typer.Option(help=f"图种，不写为全部 themes, all if absent: {', '.join(THEMES)}")
    ] = None,
    size: Annotated[Literal["A4", "A3", "A2", "A1", "A0"] | None, typer.Option(help="图幅 size of the paper")] = None,
    form: Annotated[list[str] | None, typer.Option("--format", help="格式 pdf | png | jpg")] = None,
    debug: Debug = False,
) -> None:
    """出图：全套图纸与分街道图则，写入成果的 sheets 文件夹 Draw the sheets of the plan and of each street."""
    _guarded(lambda: _sheet(project, themes=theme or [], size=size, forms=form or []), debug=debug)


@app.command("packs")
def list_packs(
    name: Annotated[str | None, typer.Argument(help="政策包名称或文件 name or file of a pack")] = None,
    *,
    language: Annotated[str, typer.Option(help="zh | en")] = "zh",
    debug: Debug = False,
) -> None:
    """政策包：有哪些文件、哪些条款、哪些口径可选 The documents there are, their rules, what they leave open."""

    def tell() -> int:
        said: Language = "en" if language == "en" else "zh"
        for line in rule_lines(name, said) if name else pack_lines(said):
            typer.echo(line)
        return 0

    _guarded(tell, debug=debug)


@app.command()
def check(
    project: Folder = Path(),
    *,
    list_to: Annotated[
        Path | None, typer.Option("--list", help="另存为 Excel 清单 the faults as an .xlsx to work through")
    ] = None,
    debug: Debug = False,
) -> None:
    """检查：列出所有输入的问题，不写成果 List what is wrong with every input; write no results."""
    work = _check_province if is_province(project) else _check
    _guarded(lambda: work(project, list_to), debug=debug)


@app.command()
def verify(
    results: Annotated[Path, typer.Argument(help="成果文件夹 folder of results")] = Path("成果"),
    *,
    language: Annotated[str, typer.Option(help="zh | en")] = "zh",
    debug: Debug = False,
) -> None:
    """核对：成果是否与生成时一致 Hash every result anew: 0 whole, 2 missing or changed, 3 files added."""

    def tell() -> int:
        found = verify_results(results)
        for line in verify_lines(found, results, "en" if language == "en" else "zh"):
            typer.echo(line)
        return INPUT if any(finding.severity == "reject" for finding in found) else PARTIAL if found else 0

    _guarded(tell, debug=debug)


@app.command()
def replay(
    manifest: Annotated[Path, typer.Argument(help="成果的 manifest.json")],
    *,
    project: Annotated[Path | None, typer.Option(help="输入文件所在的项目文件夹 folder of the inputs")] = None,
    against: Annotated[list[Path] | None, typer.Option(help="当时所比较的成果 the results compared with")] = None,
    language: Annotated[str, typer.Option(help="zh | en")] = "zh",
    debug: Debug = False,
) -> None:
    """重算：按清单重新计算并逐字节比较 Compute a run anew, compare to the byte: 0 same, 2 inputs changed, 3 differs."""

    def tell() -> int:
        with _bar(len(STAGES) + 1) as progress:
            found = replay_run(manifest, project=project, against=against or (), progress=progress)
        said: Language = "en" if language == "en" else "zh"
        for line in replay_lines(found, manifest, said):
            typer.echo(line)
        return PARTIAL if any(finding.severity == "reject" for finding in found) else 0

    _guarded(tell, debug=debug)


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
    with _bar(len(STAGES) + 1) as progress:
        done = run_project(folder, progress=progress, tell=_remark)
    where = done.project.path(done.project.output.folder)
    if as_json:
        typer.echo(json.dumps({**summary(done), "outputs": str(where)}, ensure_ascii=False))
    else:
        _tell(done, where, summary_lines(done, done.project.output.language))
    return _status(done)


def _run_province(path: Path, *, as_json: bool) -> int:
    """Run a province, say how far it is and what was found; status 3 where a county could not be computed."""
    from circle15.province.run import Far, run_province  # noqa: PLC0415 - a city has no use for it

    with _bar(PROVINCE_STAGES) as progress:

        def hear(far: Far) -> None:
            minutes = "?" if far.seconds_left is None else f"{-(-far.seconds_left // 60):.0f}"
            figures = {"done": far.done, "failed": far.failed, "left": far.left}
            progress.bar.set_postfix_str(say("province.far", "zh", **figures, minutes=minutes))

        def watch(address: str) -> None:
            typer.echo(say("province.dashboard", "zh", address=address), err=True)

        done = run_province(path, progress=progress, tell=_remark, hear=hear, watch=watch)
    language = done.province.output.language
    if as_json:
        told = {
            "counties": done.counties,
            "failed": {code: each.reason(language) for code, each in done.failed.items()},
        }
        typer.echo(
            json.dumps({"project": done.province.name, **told, "outputs": str(done.outputs)}, ensure_ascii=False)
        )
    else:
        typer.echo(done.province.name)
        typer.echo("  " + say("province.counts", language, done=len(done.counties), failed=len(done.failed)))
        for finding in done.findings:
            if finding.code in ("COUNTY_FAILED", "COUNTY_NONE"):
                typer.echo(f"  {finding.line(language)}")
        typer.echo("  " + say("province.where", language, folder=done.outputs))
    return PARTIAL if done.failed else 0


def _status(done: Study) -> int:
    """Return the exit status that a plan stands for."""
    return {PlanStatus.INFEASIBLE: INFEASIBLE, PlanStatus.LIMIT: LIMIT}.get(done.plan.status, 0) if done.plan else 0


class _Watched:
    """Tells how far the work has come: each stage as it begins, and how far a solver is."""

    def __init__(self, bar: "tqdm[NoReturn]") -> None:
        self.bar = bar

    def __call__(self, stage: str) -> None:
        self.bar.set_description(say(stage, "zh"))
        self.bar.update()

    def hear(self, far: Progress) -> None:
        """Show the best value, the bound and the gap."""
        self.bar.set_postfix_str(heard(far))


@contextmanager
def _bar(stages: int) -> Iterator[_Watched]:
    """Show how far the work has come where somebody watches."""
    form = "{l_bar}{bar}| {n}/{total} {elapsed}{postfix}"
    with tqdm(total=stages, file=sys.stderr, disable=not sys.stderr.isatty(), leave=False, bar_format=form) as bar:
        yield _Watched(bar)


def _comply(folder: Path, *, as_of: str | None, against: list[str], as_json: bool) -> int:
    """Judge a project and say how it stands, what is missing most, what changed, and where the results are."""
    day = _day("--as-of", as_of) if as_of else None
    others = [Path(other) if Path(other).exists() else _day("--against", other) for other in against]
    with _bar(len(STAGES)) as progress:
        done = judge_project(folder, as_of=day, against=others, progress=progress, tell=_remark)
    where = done.project.path(done.project.output.folder)
    if as_json:
        typer.echo(json.dumps({**compliance(done), "outputs": str(where)}, ensure_ascii=False))
    else:
        _tell(done, where, compliance_lines(done, done.project.output.language))
    return 0


def _sheet(folder: Path, *, themes: list[str], size: Size | None, forms: list[str]) -> int:
    """Draw the sheets of a project and say how many there are and where."""
    with _bar(len(STAGES)) as progress:
        done, files = draw_project(
            folder, themes=themes, size=size, forms=forms, workers=os.cpu_count() or 1, progress=progress
        )
    where, sheets = done.project.path(done.project.output.folder) / SHEETS, {path.stem for path in files}
    paper = size or done.project.sheet.size
    typer.echo(say("sheet.done", done.project.output.language, n=len(sheets), size=paper, folder=where))
    return 0


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


def _listed(list_to: Path | None, findings: Sequence[Finding], language: Language) -> None:
    """List what was found where that is asked for."""
    if list_to is not None:
        into = list_to if list_to.suffix.lower() == ".xlsx" else list_to.with_name(f"{list_to.name}.xlsx")
        try:
            write_fault_list(findings, into, language=language)
        except OutputError as error:  # most often the list of last time, open in Excel
            raise blocked(replace(why_blocked(error, into.absolute()), place=str(into))) from error
        typer.echo(say("check.listed", language, path=into.absolute()))


def _check_province(path: Path, list_to: Path | None) -> int:
    """Look at every input and every county of a province; say what was found and what its run will need."""
    from circle15.province.check import all_findings, check_lines, check_province  # noqa: PLC0415

    try:
        with _bar(PROVINCE_STAGES - 1) as progress:
            found = check_province(path, progress=progress)
    except InputError as error:
        _both(error.findings)
        _listed(list_to, error.findings, "zh")
        return INPUT
    language = found.province.output.language
    typer.echo(found.province.name)
    for line in check_lines(found, language):
        typer.echo(f"  {line}")
    _listed(list_to, all_findings(found), language)
    return 0 if found.fine else INPUT


def _check(folder: Path, list_to: Path | None) -> int:
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
        _both(error.findings)
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


def _guarded(work: Callable[[], int], *, debug: bool) -> None:
    """Do the work and turn what goes wrong into lines for people and an exit status for scripts."""
    try:
        status = work()
    except InputError as error:
        _both(error.findings)
        status = INPUT
    except OutputError as error:
        _both(error.findings) if error.findings else typer.echo(str(error), err=True)
        status = INTERNAL
    except PermissionError as error:
        _both((why_denied(error),))
        status = INTERNAL
    except MemoryError:
        _both((Finding("MEMORY_OUT", "reject", "circle15"),))
        status = INTERNAL
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:  # who read along has gone (`| head`): nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said without passwords
        told = redacted("".join(traceback.format_exception_only(error)).strip())
        typer.echo(redacted(traceback.format_exc()) if debug else say("doctor.internal", "zh", what=told), err=True)
        status = INTERNAL
    raise typer.Exit(status)


def _both(findings: Sequence[Finding]) -> None:
    """Say findings in Chinese and English."""
    for line, beside in zip(lines(findings, "zh"), lines(findings, "en"), strict=True):
        typer.echo(f"{line}\n    {beside}", err=True)


def _remark(finding: Finding) -> None:
    """Say something that is no part of the results."""
    _both((finding,))


def main() -> None:
    """Run the command line; what the console's code page lacks (`m²` in GBK) is said in plainer signs.

    Where the locale can name no Chinese file (LC_ALL=C) it begins anew in UTF-8, and so do the solvers it starts.
    """
    if again := in_utf8(sys.getfilesystemencoding(), sys.orig_argv):
        os.execve(again[0], again, {**os.environ, "PYTHONUTF8": "1"})  # noqa: S606 - ourselves, no shell
    codecs.register_error("plainer", _plainer)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="plainer")
    app()


def in_utf8(encoding: str, said: Sequence[str]) -> list[str]:
    """Return how to begin anew in UTF-8 where file names have an encoding without Chinese; nothing where they have one.

    >>> in_utf8("ascii", ["python", "-m", "circle15", "demo"])[1:], in_utf8("gb18030", ["python"])
    (['-X', 'utf8', '-m', 'circle15', 'demo'], [])
    """
    try:
        "成果".encode(encoding)
    except UnicodeEncodeError:
        return [sys.executable, "-X", "utf8", *said[1:]]
    return []


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """Return the sign that stands for what an encoding lacks, and where to go on."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    plain = unicodedata.normalize("NFKC", lacking)
    return "".join(sign if sign.isascii() else "?" for sign in plain), error.end

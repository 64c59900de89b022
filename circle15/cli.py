"""The command line: thin faces of public functions.

`circle15 demo | init | doctor | check | packs | comply | site | run | sheet | verify | replay`
Exit status: 0 done, 1 internal, 2 input or parameter, 3 other results or not all counties,
4 no plan can keep the rules, 5 limit reached without a plan, 130 interrupted.
"""

from pathlib import Path
from typing import Annotated, Literal, cast, get_args

import typer

from circle15.console import INTERNAL, guarded, speak_plainly
from circle15.doctor import examine
from circle15.errands import (
    check_city,
    check_whole_province,
    comply_city,
    draw_sheets,
    replay_manifest,
    run_city,
    run_whole_province,
    site_city,
    verify_folder,
)
from circle15.pack_list import pack_lines, rule_lines
from circle15.province.project import is_province
from circle15.sample import copy_sample
from circle15.start import start_project
from gis.words import Language
from maps.sheet.themes import THEMES
from optimise.solve import Solver

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
    guarded(lambda: run_city(copy_sample(folder), as_json=as_json), debug=debug)


@app.command()
def run(project: Folder = Path(), *, as_json: Json = False, debug: Debug = False) -> None:
    """运行：读入、计算、出图出表 Read, compute, write map, tables and manifest."""
    work = run_whole_province if is_province(project) else run_city
    guarded(lambda: work(project, as_json=as_json), debug=debug)


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
    guarded(lambda: comply_city(project, as_of=as_of, against=against or [], as_json=as_json), debug=debug)


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
    guarded(
        lambda: site_city(
            project,
            solver=cast("Solver | None", solver),
            time_limit_s=time_limit,
            edited=plan,
            front=front,
            scenarios=scenarios,
            as_json=as_json,
        ),
        debug=debug,
    )


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
    guarded(lambda: draw_sheets(project, themes=theme or [], size=size, forms=form or []), debug=debug)


@app.command("packs")
def list_packs(
    name: Annotated[str | None, typer.Argument(help="政策包名称或文件 name or file of a pack")] = None,
    *,
    language: Annotated[str, typer.Option(help="zh | en")] = "zh",
    debug: Debug = False,
) -> None:
    """政策包：有哪些文件、哪些条款、哪些口径可选 The documents there are, their rules, what they leave open."""

    def tell() -> int:
        said = _language(language)
        for line in rule_lines(name, said) if name else pack_lines(said):
            typer.echo(line)
        return 0

    guarded(tell, debug=debug)


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
    work = check_whole_province if is_province(project) else check_city
    guarded(lambda: work(project, list_to), debug=debug)


@app.command()
def verify(
    results: Annotated[Path, typer.Argument(help="成果文件夹 folder of results")] = Path("成果"),
    *,
    language: Annotated[str, typer.Option(help="zh | en")] = "zh",
    debug: Debug = False,
) -> None:
    """核对：成果是否与生成时一致 Hash every result anew: 0 whole, 2 missing or changed, 3 files added."""
    guarded(lambda: verify_folder(results, _language(language)), debug=debug)


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
    guarded(
        lambda: replay_manifest(manifest, project=project, against=against or (), language=_language(language)),
        debug=debug,
    )


@app.command()
def init(folder: Folder, *, debug: Debug = False) -> None:
    """新建：项目文件和 Excel 模板 Make a project file and Excel templates."""

    def make() -> int:
        for path in start_project(folder):
            typer.echo(path)
        return 0

    guarded(make, debug=debug)


@app.command()
def doctor(*, language: Annotated[str, typer.Option(help="zh | en")] = "zh") -> None:
    """体检：这台电脑能不能用 Say whether this machine is ready."""
    checks = examine(Path.cwd())
    for seen in checks:
        typer.echo(seen.line(language))
    raise typer.Exit(0 if all(seen.works for seen in checks) else INTERNAL)


def _language(said: str) -> Language:
    return "en" if said == "en" else "zh"


def main() -> None:
    """Run the command line, whatever the console speaks."""
    speak_plainly()
    app()

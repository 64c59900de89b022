"""Would the tests notice? Small faults are put into a module, one at a time, and its tests are run against each.

    python -m tests.mutants --module policy.bands [--sample 40] [--seed 1] [--seconds 60]

A fault that no test notices (a survivor) is printed with its line: either it changes nothing, or a test is missing.
Everything heavy is imported once; each fault then lives in a process forked from there, runs the tests that reach its
line, quickest first, six seconds of them. Nothing is written.
"""

import argparse
import ast
import contextlib
import copy
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import json
import math
import os
import random
import resource
import select
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]
MODULES: dict[str, tuple[str, ...]] = {
    "gis.search": ("search",),
    "gis.snap": ("network",),
    "gis.coverage": ("coverage",),
    "gis.catchment": ("catchment",),
    "gis.units": ("units", "coverage"),
    "gis.disclosure": ("disclosure",),
    "gis.attack": ("disclosure",),
    "policy.bands": ("verdicts",),
    "policy.required_area": ("four_sync",),
    "policy.money": ("money",),
    "policy.four_sync": ("four_sync", "pack_standards"),
    "policy.eligible": ("eligible",),
    "policy.score": ("score_sheet",),
    "optimise.check": ("small_questions", "layout_laws", "siting_parts"),
    "optimise.tally": ("siting_search::test_what_sites_add_and_lose_stays_exact_whatever_comes_and_goes",),
    "optimise.arithmetic": ("small_questions", "conflict", "siting_parts"),
    "optimise.cover": ("small_questions", "siting_parts"),
    "optimise.options": ("small_questions", "layout_laws"),
    "optimise.limit": ("small_questions", "layout_laws"),
    "optimise.allotment": (
        "small_questions",
        *(
            f"province_plan::test_{name}"
            for name in (
                "the_allotment_is_the_best_of_all_ways_to_combine_the_offers",
                "shares_and_floors_hold_and_the_bound_with_them",
                "a_county_whose_least_cannot_be_had_is_named",
                "shares_that_mean_nothing_are_refused",
            )
        ),
    ),
    "optimise.county_front": (
        "small_questions",
        "province_plan::test_no_plan_of_a_county_passes_its_ceilings_and_every_offer_is_a_plan",
    ),
}
"""The modules whose silent fault costs a building, and the test files (or, of slow ones, tests) that speak of them."""
HEAVY = (
    *("numpy", "pandas", "geopandas", "shapely", "pyproj", "pyogrio", "scipy.sparse.csgraph", "scipy.spatial"),
    *("networkx", "numba", "highspy", "pulp", "pydantic", "hypothesis", "pytest", "openpyxl", "osmium", "lxml.etree"),
)
COMPILED = ("njit", "numba")
FEW_TESTS, TESTS_S = 3, 6.0


@dataclass(frozen=True)
class Mutant:
    """One small fault: the line it is on, what was there, what is there instead, and the module with it."""

    line: int
    was: str
    becomes: str
    tree: ast.Module

    def __str__(self) -> str:
        return f"{self.line}: {self.was}  ->  {self.becomes}"


_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


def others(node: ast.AST) -> Iterator[ast.AST | None]:
    """Yield what may stand in place of a node; None for nothing at all."""
    match node:
        case ast.Compare(left, [op], right):
            for kind in _COMPARED[type(op)]:
                yield ast.Compare(left, [kind()], right)
        case ast.Compare(left, [first, *rest], right):
            for kind in _COMPARED[type(first)]:
                yield ast.Compare(left, [kind(), *rest], right)
        case ast.BinOp(left, op, right) if type(op) in _COUNTED:
            yield ast.BinOp(left, _COUNTED[type(op)](), right)
        case ast.AugAssign(target, op, value) if type(op) in _COUNTED:
            yield ast.AugAssign(target, _COUNTED[type(op)](), value)
            yield ast.Pass()
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield operand
        case ast.UnaryOp(ast.Invert(), operand):
            yield operand
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value) | float(value)):
            yield ast.Constant(value + 1)
        case ast.Return(ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield ast.Return(ast.Constant(None))
        case ast.Continue():
            yield ast.Break()
        case ast.Expr(ast.Call()) | ast.Raise():
            yield ast.Pass()
        case ast.If(test, body, orelse):
            yield ast.If(ast.Constant(value=False), body, orelse)


def mutants(source: str) -> list[Mutant]:
    """Return every small fault of a module, in the order of its lines; annotations and texts are left alone."""
    tree = ast.parse(source)
    found = []
    for path in _paths(tree):
        node = _at(tree, path)
        for other in others(node):
            changed = copy.deepcopy(tree)
            holder = _at(changed, path[:-1])
            name, place = path[-1]
            new = ast.copy_location(other, node) if other is not None else ast.copy_location(ast.Pass(), node)
            if place is None:
                setattr(holder, name, new)
            else:
                getattr(holder, name)[place] = new
            ast.fix_missing_locations(changed)
            found.append(Mutant(node.lineno, _said(node), _said(new), changed))  # type: ignore[attr-defined]
    return sorted(found, key=lambda each: each.line)


def _said(node: ast.AST) -> str:
    text = ast.unparse(node).splitlines()
    return text[0][:90]


Path_ = tuple[tuple[str, int | None], ...]
_QUIET = ("annotation", "returns", "decorator_list", "type_params", "bases", "keywords_of_class")


def _paths(node: ast.AST, path: Path_ = ()) -> Iterator[Path_]:
    """Yield where the nodes of a tree stand that may be changed."""
    if path and hasattr(node, "lineno"):
        yield path
    if _is_type(node):
        return
    for name, value in ast.iter_fields(node):
        if name in _QUIET:
            continue
        if isinstance(value, ast.AST):
            yield from _paths(value, (*path, (name, None)))
        elif isinstance(value, list):
            for place, item in enumerate(value):
                if isinstance(item, ast.AST):
                    yield from _paths(item, (*path, (name, place)))


def _is_type(node: ast.AST) -> bool:
    """Return whether a statement only names a type, such as `Pair = tuple[str, str] | Said`."""
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id[:1].isupper()
        and not node.targets[0].id.isupper()
        and node.col_offset == 0
    )


def _at(node: Any, path: Path_) -> Any:
    for name, place in path:
        node = getattr(node, name) if place is None else getattr(node, name)[place]
    return node


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives a changed module in place of that on disk; a plug-in of pytest, which itself reads what it is asked for."""

    def __init__(self, name: str, code: CodeType, path: Path) -> None:
        self.name, self.code, self.path = name, code, path

    def pytest_sessionstart(self) -> None:
        sys.meta_path.insert(0, self)

    def find_spec(self, fullname: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        spec = importlib.util.spec_from_file_location(fullname, self.path, loader=self)  # type: ignore[arg-type]
        assert spec is not None
        return spec

    def create_module(self, _: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)  # noqa: S102  the module itself, with one fault


class _Notes:
    """Notes for each test which lines of one file it reached, and how long it took; a plug-in of pytest."""

    def __init__(self, file: str) -> None:
        import coverage  # noqa: PLC0415

        self.seconds: dict[str, float] = {}
        self._began = 0.0
        self._file = file
        self._notes = coverage.Coverage(data_file=None, include=[file], config_file=False)

    def __enter__(self) -> Self:
        self._notes.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._notes.stop()

    def lines(self) -> dict[str, list[int]]:
        """Return the lines that each test reached."""
        found: dict[str, list[int]] = {test: [] for test in self.seconds}
        for line, tests in self._notes.get_data().contexts_by_lineno(self._file).items():
            for test in tests:
                found.get(test, []).append(line)
        return found

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._began = time.process_time()
        self._notes.switch_context(nodeid)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._notes.switch_context("")
        self.seconds[nodeid] = time.process_time() - self._began


def _pytest(what: Sequence[str], *plugins: object) -> int:
    import pytest  # noqa: PLC0415

    said = ["-o", "addopts=", "--doctest-modules", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist"]
    said += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # what was imported once stays as it is
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return int(pytest.main([*said, *what], plugins=list(plugins)))


def _forked(work: Any, *, seconds: float) -> tuple[str, str]:
    """Return what `work()` returns from a process forked for it, or ("", why) where it ends otherwise."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.setpgrp()
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds)))
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        status = 1
        try:
            os.close(read)
            with os.fdopen(write, "w") as out:
                out.write(work())
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    text, until = b"", time.monotonic() + 20 * seconds
    late = False
    with os.fdopen(read, "rb", buffering=0) as pipe:
        while True:
            ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                late = True
                break
            part = pipe.read(65536)
            if not part:
                break
            text += part
    if late:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return text.decode(), "late" if late else ""


@dataclass(frozen=True)
class Result:
    """How many faults of a module were put in and noticed, and those that were not."""

    module: str
    tried: int
    killed: int
    survivors: tuple[str, ...]


def hunt(module: str, *, sample: int | None = None, seed: int = 1, seconds: float = 60, tell: Any = None) -> Result:
    """Return how many small faults of a module its tests notice; `sample` of them, drawn by `seed`.

    `seconds` is the most processor time one fault may take; a fault that hangs is noticed.
    """
    path = ROOT / Path(*module.split(".")).with_suffix(".py")
    source = path.read_text(encoding="utf-8")
    files = ["tests/test_" + ".py::".join(name.split("::")) for name in MODULES[module]]
    files = [name if "::" in name else f"{name}.py" for name in files] + [str(path.relative_to(ROOT))]
    if any(word in source for word in COMPILED):
        os.environ["NUMBA_DISABLE_JIT"] = "1"  # what is compiled is kept on disk by its file, fault or none
    for name in HEAVY:
        importlib.import_module(name)
    lines, times = _reach(path, files)
    found = mutants(source)
    if sample is not None and sample < len(found):
        found = sorted(random.Random(seed).sample(found, sample), key=lambda each: each.line)  # noqa: S311
    survivors = []
    for each in found:
        noticed = _noticed(each, module, path, lines=lines, times=times, seconds=seconds)
        if not noticed:
            survivors.append(str(each))
        if tell is not None:
            tell(f"{'noticed ' if noticed else 'SURVIVED'} {module} {each}")
    return Result(module, len(found), len(found) - len(survivors), tuple(survivors))


def _reach(path: Path, files: Sequence[str]) -> tuple[dict[str, set[int]], dict[str, float]]:
    """Return the lines that each test reaches and the seconds it takes, as the module is."""

    def work() -> str:
        with _Notes(str(path)) as notes:
            code = _pytest(files, notes)
        return json.dumps([code, notes.lines(), notes.seconds])

    text, why = _forked(work, seconds=900)
    code, lines, times = json.loads(text or "[9, {}, {}]")
    if code:
        raise SystemExit(f"the tests of {path.name} do not pass as it is: {code} {why}")
    return {test: set(reached) for test, reached in lines.items()}, times


def _noticed(
    each: Mutant, module: str, path: Path, *, lines: dict[str, set[int]], times: dict[str, float], seconds: float
) -> bool:
    code = compile(each.tree, str(path), "exec")
    quick = sorted(times, key=times.__getitem__)
    near = [test for test in quick if each.line in lines[test]]
    # What a module says once, or a town that is made once, is reached by the first test alone.
    tests = _within([*near, *(test for test in quick if test not in near)] if len(near) < FEW_TESTS else near, times)

    def work() -> str:
        return str(_pytest(tests, _Finder(module, code, path)))

    text, _ = _forked(work, seconds=seconds)
    return text != "0"


def _within(tests: Sequence[str], times: dict[str, float]) -> list[str]:
    """Return the first tests, as many as take `TESTS_S` together, and at least one."""
    spent, chosen = 0.0, []
    for test in tests:
        spent += times[test]
        if chosen and spent > TESTS_S:
            break
        chosen.append(test)
    return chosen


def main(said: Sequence[str] | None = None) -> int:
    """Hunt as the command line says; print survivors and the share noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--module", choices=sorted(MODULES), action="append", help="all, without")
    parser.add_argument("--sample", type=int, help="so many faults of each module, drawn by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60, help="the most one fault may take")
    parser.add_argument("--loud", action="store_true", help="tell of every fault as it is tried")
    asked = parser.parse_args(said)
    tried = killed = 0
    os.chdir(ROOT)
    for module in asked.module or MODULES:
        tell = (lambda text: print(text, flush=True)) if asked.loud else None
        began = time.monotonic()
        found = hunt(module, sample=asked.sample, seed=asked.seed, seconds=asked.seconds, tell=tell)
        tried, killed = tried + found.tried, killed + found.killed
        print(f"{module}: {found.killed} of {found.tried} noticed, {time.monotonic() - began:.0f} s", flush=True)
        for text in found.survivors:
            print(f"  {module}:{text}", flush=True)
    print(f"all: {killed} of {tried} noticed ({100 * killed // max(tried, 1)} %)")
    return 0


if __name__ == "__main__":
    sys.exit(main())

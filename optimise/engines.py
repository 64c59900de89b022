"""One solver after the other on one program: HiGHS in a process that can be killed, then CBC, each one judged.

A small program is run by HiGHS in this process, and watched there as well (`optimise.here`).
"""

import json
import math
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

import highspy
import numpy as np

from optimise import cbc, child
from optimise.child import Figures, Finish, Program
from optimise.here import HERE_AT_MOST, run_here, trusted
from optimise.judge import Fault, Trouble, judge, keeps
from optimise.process import watch

Engine: TypeAlias = Literal["highs", "cbc"]
VERSION = f"{highspy.HIGHS_VERSION_MAJOR}.{highspy.HIGHS_VERSION_MINOR}.{highspy.HIGHS_VERSION_PATCH}"
NAMES: dict[str, str] = {"highs": f"HiGHS {VERSION}", "cbc": "CBC"}
LOOKED_AT_TWICE = 3_000
"""Entries of a program whose proof by HiGHS is held against a second run without its presolve (1.15.1 proved -7.89
where -9 can be had: `tests/test_second_look.py`)."""
LOOK_S = 1.0
SHARE = 0.97
"""HiGHS is told of so much of its time: the rest is for the last look at its clock and the writing."""


@dataclass(frozen=True)
class Progress:
    """How far a solver is: seconds since it began, the best value, the bound (None where there is none yet).

    `goal` is what is being pursued: `elders`, `cost_yuan`, `sites`.
    """

    seconds: float
    value: float | None
    bound: float | None
    solver: str
    goal: str = ""

    @property
    def gap(self) -> float | None:
        """Return how far the value may be from the best, as a part of the larger of the two."""
        if self.value is None or self.bound is None:
            return None
        return abs(self.value - self.bound) / max(abs(self.value), abs(self.bound), 1.0)


@dataclass(frozen=True)
class Engines:
    """How each solver is started, and how much memory it may take (None: three quarters of the computer's)."""

    highs: Sequence[str] = (sys.executable or "python", "-P", child.__file__)
    cbc: Sequence[str] = field(default_factory=lambda: (cbc.cbc_path(),))
    memory_mb: int | None = None
    here_at_most: int = HERE_AT_MOST


@dataclass(frozen=True, eq=False)
class Task:
    """What one solver is asked: a program, its time, how near is near enough, and a start (nan: not known)."""

    program: Program
    seconds: float
    gap: float
    start: Figures | None = None
    relaxed: bool = False


def best_of(
    task: Task,
    *,
    order: Sequence[Engine],
    engines: Engines,
    hear: Callable[[Progress], None] | None = None,
) -> tuple[Finish, str, tuple[Trouble, ...]]:
    """Let solvers try in turn until one's answer holds; return it, its solver, and what went wrong on the way.

    A plan that holds without its proof is the start of the next solver. Nothing left to try: the best plan found.
    """
    end = time.monotonic() + task.seconds
    troubles: list[Trouble] = []
    best, name = Finish("limit"), NAMES[order[0]]
    for place, engine in enumerate(order):
        if (left := end - time.monotonic()) <= 0:
            break
        claimed, fault, detail = _run(engine, replace(task, seconds=left), engines, hear)
        looked_at = len(task.program.weights) <= LOOKED_AT_TWICE and _here(task, engines)
        if (
            engine == "highs"
            and looked_at
            and (denied := second_look(replace(task, seconds=end - time.monotonic()), claimed))
        ):
            best, name, task = denied, NAMES[engine], replace(task, start=denied.decisions)
        finish, wrong = judge(task.program, claimed, known=_value(task))
        fault = fault or wrong
        if finish.decisions is not None and (best.value is None or (finish.value or 0) < best.value):
            best, name = finish, NAMES[engine]
            task = replace(task, start=finish.decisions)
        if fault is None:
            return replace(finish, decisions=best.decisions, value=best.value), NAMES[engine], tuple(troubles)
        more = place + 1 < len(order) and end > time.monotonic()
        otherwise = "search" if best.decisions is None else "kept"
        troubles.append(Trouble(NAMES[engine], fault, detail, order[place + 1] if more else otherwise))
    return best, name, tuple(troubles)


def second_look(task: Task, claimed: Finish) -> Finish | None:
    """Return a plan that denies what HiGHS claims of a program, found by a short run without its presolve."""
    proof = claimed.state in ("optimal", "infeasible")
    if not proof or task.relaxed or task.seconds <= 0:
        return None
    seconds = min(LOOK_S, task.seconds / 2)
    second = run_here(task.program, seconds=seconds, gap=task.gap, start=claimed.decisions, presolve=False)
    if second is None:
        return None
    finish, _ = judge(task.program, replace(second, bound=None), known=None)
    if finish.decisions is None:
        return None
    _, wrong = judge(task.program, claimed, known=finish.value)
    return finish if wrong == "lied" else None


def relaxation(task: Task, *, engines: Engines) -> Finish:
    """Solve a program with its decisions in parts by HiGHS: only its row prices are of use, and they can be checked."""
    finish, fault, _ = _run("highs", replace(task, relaxed=True), engines, None)
    prices = finish.prices
    sound = fault is None and prices is not None and prices.shape == task.program.row_low.shape
    return finish if sound and prices is not None and np.isfinite(prices).all() else Finish("failed")


def _here(task: Task, engines: Engines) -> bool:
    """Return whether HiGHS solves a program in this process."""
    return len(task.program.weights) <= engines.here_at_most and trusted()


def _value(task: Task) -> float | None:
    """Return the value of the start where it is whole and keeps the rules."""
    start = task.start
    if start is None or np.isnan(start).any() or not keeps(task.program, start):
        return None
    return float(task.program.cost @ start) + task.program.constant


def _run(
    engine: Engine, task: Task, engines: Engines, hear: Callable[[Progress], None] | None
) -> tuple[Finish, Fault | None, str]:
    """Return what a solver claims, what went wrong with its process, and in which words."""
    if engine == "highs" and _here(task, engines):
        began = time.monotonic()

        def tell(value: float | None, bound: float | None, _decisions: Figures | None) -> None:
            if hear:
                hear(Progress(time.monotonic() - began, value, bound, NAMES["highs"]))

        finish = run_here(
            task.program,
            seconds=task.seconds,
            gap=task.gap,
            start=task.start,
            relaxed=task.relaxed,
            tell=tell if hear else None,
        )
        if finish is None:
            return Finish("limit"), "hung", ""
        if finish.state != "failed":
            return finish, None, ""
    try:
        with tempfile.TemporaryDirectory(prefix="circle15-", ignore_cleanup_errors=True) as folder:
            return (_highs if engine == "highs" else _cbc)(task, engines, Path(folder), hear)
    except OSError as error:
        return Finish("limit"), "refused", error.strerror or type(error).__name__


def _highs(
    task: Task, engines: Engines, folder: Path, hear: Callable[[Progress], None] | None
) -> tuple[Finish, Fault | None, str]:
    began = time.monotonic()
    start = np.empty(0) if task.start is None else task.start
    child.write(
        task.program, folder, start=start, gap=task.gap, relaxed=task.relaxed, seconds=SHARE * task.seconds - 0.1
    )
    said: dict[str, object] = {}

    def listen(line: str) -> None:
        news = _news(line)
        said.update(news)
        if hear and "value" in news:
            hear(Progress(time.monotonic() - began, _figure(news, "value"), _figure(news, "bound"), NAMES["highs"]))

    left = task.seconds - (time.monotonic() - began)
    paths = _library_folders()
    ended = watch(engines.highs, folder=folder, seconds=left, hear=listen, memory_mb=engines.memory_mb, more=paths)
    finish = Finish(
        str(said.get("end", "limit")),
        value=_figure(said, "value"),
        bound=_figure(said, "bound"),
        decisions=_figures(folder / "decisions.npy"),
        prices=_figures(folder / "prices.npy"),
    )
    if ended.refused:
        return finish, "refused", ended.refused
    if ended.code is None:
        return replace(finish, state="limit", value=None), "hung", ""
    if ended.code:
        return replace(finish, state="limit", value=None), "exit", str(ended.code)
    if finish.state not in child.STATES.values() and finish.state != "failed":
        return Finish("limit"), "silent", ""
    return (finish, None, "") if "end" in said else (replace(finish, state="limit", value=None), "silent", "")


def _cbc(
    task: Task, engines: Engines, folder: Path, hear: Callable[[Progress], None] | None
) -> tuple[Finish, Fault | None, str]:
    began = time.monotonic()
    cbc.write_mps(task.program, folder)
    if task.start is not None:
        cbc.write_start(task.start, folder)
    bound: list[float] = []

    def listen(line: str) -> None:
        figure = cbc.bound_in(line, task.program)
        bound.extend([figure] if figure is not None else [])
        if hear and figure is not None:
            hear(Progress(time.monotonic() - began, None, figure, NAMES["cbc"]))

    left = task.seconds - (time.monotonic() - began)
    command = [*engines.cbc, *cbc.cbc_arguments(seconds=left, started=task.start is not None)]
    ended = watch(command, folder=folder, seconds=left, hear=listen, memory_mb=engines.memory_mb)
    if ended.refused:
        return Finish("limit"), "refused", ended.refused
    if ended.code is None:
        return Finish("limit"), "hung", ""
    if ended.code:
        return Finish("limit"), "exit", str(ended.code)
    finish = cbc.read_answer(folder, task.program, bound[-1] if bound else None)
    return (Finish("limit"), "silent", "") if finish is None else (finish, None, "")


def _news(line: str) -> dict[str, object]:
    """Return what a line of our child tells; whatever else a process may print is no news."""
    try:
        news = json.loads(line)
    except ValueError:
        return {}
    return news if isinstance(news, dict) else {}


def _figure(news: dict[str, object], key: str) -> float | None:
    figure = news.get(key)
    return float(figure) if isinstance(figure, int | float) and math.isfinite(figure) else None


def _figures(path: Path) -> Figures | None:
    try:
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float64)
    except (OSError, ValueError, EOFError):
        return None


def _library_folders() -> dict[str, str]:
    """Return where the child finds HiGHS and numpy, also where this program found them in a way of its own."""
    folders = [str(Path(module.__file__ or "").parents[1]) for module in (np, highspy)]
    return {"PYTHONPATH": ";".join(folders) if sys.platform == "win32" else ":".join(folders)}

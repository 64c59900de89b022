"""CBC, the solver that PuLP brings: a second opinion with its own start, bound and log, read as what it says."""

import math
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pulp
from scipy.sparse import csr_array

from optimise.child import Figures, Finish, Program

MODEL, START, ANSWER = "model.mps", "start.txt", "answer.txt"
STATES = {"Optimal": "optimal", "Infeasible": "infeasible", "Integer": "infeasible", "Stopped": "limit"}
BOUND = re.compile(r"^Lower bound:\s+(\S+)")
NAME = re.compile(r"x\d+")
VALUE = re.compile(r"objective value\s+(\S+)")
NOTHING = 1e49
"""CBC writes 1e+50 where it has no plan or no bound."""
ROUNDED = 0.0005
"""CBC's log gives its bound to three digits, rounded up or down."""
SHARE = 0.8
"""CBC looks at the clock seldom and writes its plan at the end: it is told of so much of its time."""


def cbc_path() -> str:
    """Return where PuLP keeps CBC on this computer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return str(pulp.PULP_CBC_CMD.pulp_cbc_path)


def cbc_arguments(*, seconds: float, started: bool) -> list[str]:
    """Return how CBC is to be called in the folder in which `write_mps` and `write_start` have laid the question."""
    start = ["-mips", START] if started else []
    how = ["-sec", f"{max(SHARE * seconds, 0.01):.2f}", "-timeMode", "elapsed", "-ratio", "0", "-allow", "0"]
    return [MODEL, *start, *how, "-solve", "-printingOptions", "all", "-solution", ANSWER]


def write_mps(program: Program, folder: Path) -> None:
    """Write a program for CBC; rows and columns are named by their place. The constant stays out: CBC drops it."""
    (folder / MODEL).write_text("\n".join(_mps(program)) + "\n", encoding="ascii")


def _mps(program: Program) -> Iterator[str]:
    rows, columns = len(program.row_low), len(program.cost)
    matrix = csr_array((program.weights, program.columns, program.starts), shape=(rows, columns)).tocsc()
    low, high = program.row_low.tolist(), program.row_high.tolist()
    yield from ("NAME program FREE", "ROWS", " N goal")
    for r in range(rows):
        sense = "E" if low[r] == high[r] else "G" if math.isfinite(low[r]) else "L"
        yield f" {sense} r{r}"
    yield "COLUMNS"
    marked = False
    cost, whole = program.cost.tolist(), program.whole.tolist()
    places, weights, starts = matrix.indices.tolist(), matrix.data.tolist(), matrix.indptr.tolist()
    for c in range(columns):
        if whole[c] != marked:
            marked = whole[c]
            yield f" M{c} 'MARKER' '{'INTORG' if marked else 'INTEND'}'"
        yield f" x{c} goal {cost[c]!r}"
        for k in range(starts[c], starts[c + 1]):
            yield f" x{c} r{places[k]} {weights[k]!r}"
    if marked:
        yield " MEND 'MARKER' 'INTEND'"
    yield "RHS"
    for r in range(rows):
        side = low[r] if math.isfinite(low[r]) else high[r]
        if side:
            yield f" rhs r{r} {side!r}"
    yield "BOUNDS"
    for c, (least, most) in enumerate(zip(program.low.tolist(), program.high.tolist(), strict=True)):
        yield f" LO b x{c} {least!r}"
        yield f" UP b x{c} {most!r}" if math.isfinite(most) else f" PL b x{c}"
    yield "ENDATA"


def write_start(values: Figures, folder: Path) -> None:
    """Write a start for CBC: the decisions that are known."""
    lines = [f"{c} x{c} {v!r} 0" for c, v in enumerate(values.tolist()) if not math.isnan(v)]
    (folder / START).write_text("\n".join(["Stopped on time - objective value 0", *lines]) + "\n", encoding="ascii")


def bound_in(line: str, program: Program) -> float | None:
    """Return the bound that a line of CBC's log tells, if it does."""
    figure = _number(BOUND.match(line))
    return None if figure is None else figure - ROUNDED + program.constant


def _number(match: re.Match[str] | None) -> float | None:
    try:
        figure = float(match[1]) if match else math.nan
    except ValueError:
        return None
    return figure if abs(figure) < NOTHING else None


def read_answer(folder: Path, program: Program, bound: float | None) -> Finish | None:
    """Return what CBC wrote as its answer, or None where it wrote nothing that names every decision."""
    try:
        first, *lines = (folder / ANSWER).read_text(encoding="ascii", errors="replace").splitlines()
    except (OSError, ValueError):
        return None
    word = first.split()[0] if first.split() else ""
    state = STATES.get(word, "failed")
    if state == "infeasible":
        return Finish(state)
    if state == "limit" and "no integer solution" in first:
        return Finish(state, bound=bound)
    values = np.full(len(program.cost), np.nan)
    for line in lines:
        cells = line.removeprefix("**").split()
        if len(cells) > 2 and NAME.fullmatch(cells[1]):  # noqa: PLR2004 - place, name, value
            place, figure = int(cells[1][1:]), _number(re.match(r"(\S+)", cells[2]))
            if place < len(values) and figure is not None:
                values[place] = figure
    if np.isnan(values).any():
        return None
    value = _number(VALUE.search(first))
    value = None if value is None else value + program.constant
    return Finish(state, value=value, bound=value if state == "optimal" else bound, decisions=values)

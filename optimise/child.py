"""HiGHS on plain arrays, in this process or as a process of its own that can be killed.

As a program (`python -P child.py`) it reads `program.npz` in the working folder, tells how far it is as one line of
JSON after the other, keeps the best decisions found in `decisions.npy`, and tells how it ended in the last line. It
imports nothing but HiGHS and numpy, so that it starts quickly.
"""

import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias

import highspy
import numpy as np
from numpy.typing import NDArray

Figures: TypeAlias = NDArray[np.float64]
Tell: TypeAlias = Callable[[float | None, float | None, Figures | None], None]
"""Told the best value so far, the bound, and new decisions where there are some."""
SEED = 15
WITHIN = 1e-8
"""A decision counts as whole, and a row as kept, this near: rules are in whole numbers, and a yuan is a yuan."""
EVERY_S = 0.2
FEASIBLE = 2
"""HiGHS: kSolutionStatusFeasible."""
STATES = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",  # every decision of ours is bounded
    highspy.HighsModelStatus.kTimeLimit: "limit",
    highspy.HighsModelStatus.kInterrupt: "limit",
    highspy.HighsModelStatus.kSolutionLimit: "limit",
}


@dataclass(frozen=True, eq=False)
class Program:
    """The least of `cost` x + `constant` with `row_low` <= A x <= `row_high`, `low` <= x <= `high`, some x whole.

    A has a row a rule: its entries stand in `columns` and `weights` from `starts[r]` to `starts[r + 1]`.
    """

    cost: Figures
    constant: float
    low: Figures
    high: Figures
    whole: NDArray[np.bool_]
    row_low: Figures
    row_high: Figures
    starts: NDArray[np.int32]
    columns: NDArray[np.int32]
    weights: Figures


@dataclass(frozen=True, eq=False)
class Finish:
    """How a solver says it ended: `optimal`, `infeasible`, `limit` or `failed`; claims, to be judged by others."""

    state: str
    value: float | None = None
    bound: float | None = None
    decisions: Figures | None = None
    prices: Figures | None = None
    """Where decisions were taken in parts: what one more of each row's limit would save."""


def run_highs(
    program: Program,
    *,
    seconds: float,
    gap: float,
    start: Figures | None = None,
    relaxed: bool = False,
    presolve: bool = True,
    tell: Tell | None = None,
) -> Finish:
    """Run HiGHS for at most so many seconds, from a start where there is one (nan: left to HiGHS).

    It may stop once the best is within `gap` of its bound. `relaxed` lets every decision be taken in parts and
    returns the price of each row. Without `presolve` it is slower and does not share the faults of its simplifying.
    """
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {"output_flag": False, "time_limit": max(seconds, 0.0), "random_seed": SEED}
    options |= {"mip_rel_gap": 0.0, "mip_abs_gap": gap, "mip_feasibility_tolerance": WITHIN}
    options |= {} if presolve else {"presolve": "off"}
    for name, value in options.items():
        highs.setOptionValue(name, value)
    in_whole = not relaxed and bool(program.whole.any())
    highs.passModel(_model(program, in_whole=in_whole))
    if start is not None:
        _set_start(highs, start)
    if tell is not None and in_whole:
        _listen(highs, tell)
    highs.run()
    state, info = STATES.get(highs.getModelStatus(), "failed"), highs.getInfo()
    found = info.primal_solution_status == FEASIBLE
    solution = highs.getSolution() if found else None
    bound = info.mip_dual_bound if in_whole else math.nan
    if not in_whole and state == "optimal":  # HiGHS knows a bound only where something is whole
        bound = info.objective_function_value
    return Finish(
        state,
        value=info.objective_function_value if found else None,
        bound=bound if math.isfinite(bound) else None,
        decisions=np.array(solution.col_value) if solution else None,
        prices=np.array(solution.row_dual) if solution and relaxed else None,
    )


def _model(program: Program, *, in_whole: bool) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.cost), len(program.row_low)
    lp.col_cost_, lp.offset_ = program.cost, program.constant
    lp.col_lower_, lp.col_upper_ = program.low, program.high
    lp.row_lower_, lp.row_upper_ = program.row_low, program.row_high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = lp.num_col_, lp.num_row_
    lp.a_matrix_.start_, lp.a_matrix_.index_ = program.starts, program.columns
    lp.a_matrix_.value_ = program.weights
    if in_whole:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[whole] for whole in program.whole.tolist()]
    return lp


def _set_start(highs: highspy.Highs, start: Figures) -> None:
    known = np.flatnonzero(~np.isnan(start)).astype(np.int32)
    if len(known) < len(start):
        highs.setSolution(len(known), known, start[known])
        return
    solution = highspy.HighsSolution()
    solution.col_value, solution.value_valid = start.tolist(), True
    highs.setSolution(solution)


def _listen(highs: highspy.Highs, tell: Tell) -> None:
    """Tell of every better plan at once, and a few times a second of the bound."""
    kinds = highspy.cb.HighsCallbackType
    last = [0.0]

    def heard(kind: Any, _message: str, out: Any, _in: Any, _data: Any) -> None:
        better = kind == kinds.kCallbackMipImprovingSolution
        now = time.monotonic()
        if better or now - last[0] >= EVERY_S:
            last[0] = now
            found = np.array(out.mip_solution) if better else None
            tell(_finite(out.mip_primal_bound), _finite(out.mip_dual_bound), found)

    highs.setCallback(heard, None)
    for kind in (kinds.kCallbackMipImprovingSolution, kinds.kCallbackMipInterrupt):
        highs.startCallback(kind)


def _finite(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None


def write(program: Program, folder: Path, **more: Any) -> None:
    """Lay a program down for the child process."""
    np.savez(folder / "program.npz", allow_pickle=False, **asdict(program), **more)


def _main(began: float) -> None:
    """Solve what lies in the working folder; `seconds` count from the start of this process."""
    with np.load("program.npz", allow_pickle=False) as given:
        program = Program(**{field.name: given[field.name] for field in fields(Program)})
        start = given["start"] if len(given["start"]) else None
        seconds, gap, relaxed = float(given["seconds"]), float(given["gap"]), bool(given["relaxed"])

    def tell(value: float | None, bound: float | None, values: Figures | None) -> None:
        if values is not None:
            _keep("decisions", values)
        print(json.dumps({"value": value, "bound": bound}), flush=True)  # noqa: T201 - the parent reads it

    left = seconds - (time.monotonic() - began)
    finish = run_highs(program, seconds=left, gap=gap, start=start, relaxed=relaxed, tell=tell)
    if finish.decisions is not None:
        _keep("decisions", finish.decisions)
    if finish.prices is not None:
        _keep("prices", finish.prices)
    end = {"end": finish.state, "value": finish.value, "bound": finish.bound}
    print(json.dumps(end), flush=True)  # noqa: T201 - the same


def _keep(name: str, figures: Figures) -> None:
    """Write figures so that whoever reads them finds all of them or the ones before."""
    np.save(f"{name}.new.npy", figures, allow_pickle=False)
    Path(f"{name}.new.npy").replace(f"{name}.npy")


if __name__ == "__main__":
    _main(time.monotonic())
    sys.stdout.flush()

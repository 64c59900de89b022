"""What a solver claims, held against the rules and the sums it was given: nothing is believed because it was said."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.sparse import csr_array

from gis.words import Language, say
from optimise.child import Figures, Finish, Program

Fault = Literal["refused", "exit", "hung", "silent", "failed", "unsound", "lied"]
NEAR = 1e-6


@dataclass(frozen=True)
class Trouble:
    """What went wrong with a solver, and who did its work: `highs`, `cbc`, `search`, or its own best plan (`kept`).

    `refused`: it could not be started; `exit`: it broke off; `hung`: it did not stop at its time and was ended;
    `silent`: it claimed an end and wrote no plan; `failed`: it gave up by its own account; `unsound`: its plan breaks
    the rules when its fractions are rounded; `lied`: its sums or its proof do not hold.
    """

    solver: str
    fault: Fault
    detail: str = ""
    instead: str = "search"

    def told(self, language: Language = "zh") -> str:
        """Say it to a planner."""
        what = say(f"solver.{self.fault}", language, solver=self.solver, detail=self.detail)
        return say("solver.instead", language, what=what, instead=say(f"solver.by_{self.instead}", language))


def judge(program: Program, finish: Finish, *, known: float | None) -> tuple[Finish, Fault | None]:
    """Return what of a solver's claim holds, and what is wrong with it.

    Whole decisions are rounded, every row is checked, the value is summed anew. `known` is the value of a plan that
    keeps the rows: no proof may deny it. Without a bound of its own nothing is optimal.
    """
    nothing = Finish("limit")
    if finish.state == "failed":
        return nothing, "failed"
    if finish.state == "infeasible":
        return (finish, None) if known is None else (nothing, "lied")
    if finish.decisions is None:
        return (nothing, "silent") if finish.state == "optimal" else _proof(replace(finish, value=None), known)
    values = rounded(program, finish.decisions)
    if values is None or not keeps(program, values):
        return nothing, "unsound"
    value = float(program.cost @ values) + program.constant
    sound = replace(finish, value=value, decisions=values)
    if finish.value is not None and not _near(finish.value, value):
        return replace(sound, state="limit", bound=None), "lied"
    best = value if known is None else min(value, known)
    return _proof(sound, best)


def _proof(finish: Finish, best: float | None) -> tuple[Finish, Fault | None]:
    """Take back a bound that a plan passes, and an optimum without a bound."""
    if finish.bound is not None and best is not None and finish.bound > best and not _near(finish.bound, best):
        return replace(finish, state="limit", bound=None), "lied"
    return (replace(finish, state="limit") if finish.bound is None else finish), None


def rounded(program: Program, values: Figures) -> Figures | None:
    """Return the decisions with the whole ones rounded and all within their bounds, or None where some are missing."""
    if values.shape != program.cost.shape or not np.isfinite(values).all():
        return None
    return np.clip(np.where(program.whole, np.rint(values), values), program.low, program.high)


def keeps(program: Program, values: Figures) -> bool:
    """Return whether decisions keep every row: to a millionth, whatever the row's size, where all of it is whole."""
    matrix = _matrix(program)
    total = matrix @ values
    side = np.fmax(np.abs(np.nan_to_num(program.row_low, posinf=0, neginf=0)), 0)
    side = np.fmax(side, np.abs(np.nan_to_num(program.row_high, posinf=0, neginf=0)))
    in_parts = (np.abs(matrix) @ (~program.whole).astype(float)) > 0
    slack = NEAR * np.where(in_parts, np.fmax(side, 1), 1)
    return bool((total >= program.row_low - slack).all() and (total <= program.row_high + slack).all())


def safe_bound(program: Program, prices: Figures) -> tuple[float, Figures]:
    """Return the bound that row prices prove, whoever found them, and what each decision adds for a step off its best.

        sum_r y_r b_r + constant + sum_c min over low <= x <= high of (c_c - sum_r y_r a_rc) x

    with b the side of the row that the sign of y presses on (weak duality; any prices give a valid bound).
    """
    side = np.where(prices > 0, program.row_low, program.row_high)
    prices = np.where(np.isfinite(side), prices, 0.0)
    reduced = program.cost - _matrix(program).T @ prices
    best = np.where(reduced > 0, program.low, program.high)
    rows = prices @ np.where(prices != 0, side, 0.0)
    return float(rows + reduced @ np.where(reduced != 0, best, 0.0)) + program.constant, reduced


def _matrix(program: Program) -> csr_array:
    shape = (len(program.row_low), len(program.cost))
    return csr_array((program.weights, program.columns, program.starts), shape=shape)


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= NEAR * max(1.0, abs(a), abs(b))

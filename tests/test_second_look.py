"""A proof by HiGHS is held against a second run without presolve; a small question needs nothing compiled."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pulp
import pytest
from layout_cases import random_town
from test_layout_claims import some_question

from optimise import prepared
from optimise.child import run_highs
from optimise.engines import Engines
from optimise.judge import keeps, rounded
from optimise.layout import layout
from optimise.layout_rules import LayoutRules
from optimise.plan import Plan, PlanStatus
from optimise.solve import program_of, solve_problem

TREE = Path(__file__).parents[1]
GOAL = "4y0 2y2 5y3 5y4"
ROWS = """
-1b0 1x0 1x1 = 0
-1b1 1x2 1x3 1x4 = 0
-1b3 1x6 1x7 1x8 = 0
-1b4 1x9 1x10 1x11 = 0
-1b0 1z0 <= 0
-1b1 1z1 <= 0
-1b3 -1x5 1z2 <= 0
-1b4 1z3 <= 0
1y0 -1z1 <= 0
1y1 -1z1 -1z3 <= 0
1y2 -1z2 <= 0
1y3 -1z2 <= 0
1y4 -1z3 <= 0
1b0 <= 1
1b1 <= 1
1b3 1x5 <= 1
1b4 <= 1
1x1 1x9 1x10 <= 0
1b3 1x5 <= 0
3b0 1b1 3b4 >= 5
601x0 -1002x1 >= 0
1202x2 -1403x3 -1403x4 2001x5 1400x9 1400x10 2001x11 >= 0
1202x2 2001x3 2001x4 -1403x5 1400x9 1400x10 2001x11 >= 0
1202x2 2001x3 2001x4 2001x5 -2004x9 -2004x10 -1403x11 >= 0
"""
"""Twelve options x, their sums b left continuous, links z and people y between 0 and 1."""


def expression(words: list[str], by_name: dict[str, pulp.LpVariable]) -> pulp.LpAffineExpression:
    """Return "4y0 2y2" as an expression."""
    at = [next(k for k, letter in enumerate(word) if letter.isalpha()) for word in words]
    return pulp.LpAffineExpression([(by_name[word[k:]], int(word[:k])) for k, word in zip(at, words, strict=True)])


def falsely_proven() -> pulp.LpProblem:
    """Return a siting model of which HiGHS 1.15.1 says that 7.89 people are the most, where 9 can be had."""
    problem = pulp.LpProblem("siting", pulp.LpMaximize)
    names = [f"{kind}{k}" for kind, many in (("b", 5), ("x", 12), ("y", 5), ("z", 4)) for k in range(many)]
    kinds = {"x": pulp.LpInteger}
    by_name = {
        name: problem.add_variable(name, 0, 1, kinds.get(name[0], pulp.LpContinuous))
        for name in names
        if name in GOAL or name in ROWS
    }
    problem.setObjective(expression(GOAL.split(), by_name))
    for row in ROWS.strip().splitlines():
        *terms, sense, side = row.split()
        total = expression(terms, by_name)
        problem += total <= int(side) if sense == "<=" else total >= int(side) if sense == ">=" else total == int(side)
    return problem


def test_a_false_proof_is_denied_and_said() -> None:
    problem = falsely_proven()
    program, sign = program_of(problem)
    careful = run_highs(program, seconds=20, gap=0.99, presolve=False)
    assert careful.decisions is not None
    plan = rounded(program, careful.decisions)
    assert plan is not None
    assert keeps(program, plan)
    most = sign * float(program.cost @ plan)
    claimed = run_highs(program, seconds=20, gap=0.99)
    answer = solve_problem(problem, seconds=20)
    assert (answer.state, answer.value) == ("optimal", most)
    false = claimed.state == "optimal" and claimed.bound is not None and sign * claimed.bound < most - 0.01
    assert [trouble.fault for trouble in answer.troubles] == (["lied"] if false else [])  # a later HiGHS may be right
    alone = solve_problem(problem, seconds=20, solver="highs")
    assert alone.value == most
    assert (alone.state, [t.instead for t in alone.troubles]) == (("feasible", ["kept"]) if false else ("optimal", []))


def test_the_second_look_agrees_with_every_proof_of_the_models_as_they_are_written() -> None:
    for seed in range(12):
        town, rules, aims = some_question(np.random.default_rng([81, seed]))
        plan = layout(**town.tables(), rules=rules, goals=aims)
        assert plan.status in (PlanStatus.OPTIMAL, PlanStatus.INFEASIBLE), (seed, plan.notes)
        assert not [note for note in plan.notes if "HiGHS" in note]


def same(one: Plan, other: Plan) -> bool:
    """Return whether two plans say the same but for who found them."""
    return (one.status, one.reached, one.proven, list(one.sites["option_id"])) == (
        other.status,
        other.reached,
        other.proven,
        list(other.sites["option_id"]),
    )


def test_with_the_search_before_or_without_it_the_plan_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(12):
        town, rules, aims = some_question(np.random.default_rng([82, seed]))
        monkeypatch.setattr(prepared, "FEW_OPTIONS", 400)
        at_once = layout(**town.tables(), rules=rules, goals=aims)
        monkeypatch.setattr(prepared, "FEW_OPTIONS", -1)
        assert same(at_once, layout(**town.tables(), rules=rules, goals=aims)), seed


def test_the_search_stands_in_where_the_solver_settles_nothing_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    dead = Engines(highs=("no such solver",), cbc=("no such solver",), here_at_most=-1)
    monkeypatch.setattr("optimise.solve.Engines", lambda: dead)
    plan = layout(**random_town(np.random.default_rng(4)).tables(), rules=LayoutRules(budget_yuan=500_000))
    assert plan.status is PlanStatus.GREEDY
    assert any("HiGHS" in note for note in plan.notes)


COLD = """
import sys
sys.path.insert(0, {tests!r})
import numpy as np
from numba.core import event
from layout_cases import random_town
from optimise.layout import layout
from optimise.layout_rules import LayoutRules
with event.install_recorder("numba:compile") as heard:
    plan = layout(**random_town(np.random.default_rng(4)).tables(), rules=LayoutRules(budget_yuan=500_000))
print(plan.status.value, len(heard.buffer))
"""


def test_on_a_new_machine_a_small_question_compiles_nothing(tmp_path: Path) -> None:
    code = COLD.format(tests=str(TREE / "tests"))
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", code], env=env, cwd=TREE, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["OPTIMAL", "0"]

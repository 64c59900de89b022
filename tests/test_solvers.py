"""The solver's traps: processes that break off, hang, say nothing, hand over fractions, or lie; and who stands in."""

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_cases import Tables, hard_covering, random_tables

import optimise.solve
from gis.words import catalogue
from optimise.cbc import cbc_path
from optimise.child import Finish, Program, run_highs
from optimise.engines import NAMES, Engines, Progress, Task, best_of
from optimise.judge import Trouble, judge, keeps, safe_bound
from optimise.plan import PlanStatus
from optimise.process import watch
from optimise.rules import SitingRules
from optimise.site import lscp, site
from optimise.solve import Solved, program_of, solve_problem


def knapsack() -> pulp.LpProblem:
    """Return the most of 5a + 4b + 3c + 7 with 2a + 3b + c <= 4: a and c, 15."""
    problem = pulp.LpProblem("knapsack", pulp.LpMaximize)
    a, b, c = (problem.add_variable("x", cat="Binary") for _ in range(3))  # all of one name, which must not matter
    problem.setObjective(5 * a + 4 * b + 3 * c + 7)
    problem += 2 * a + 3 * b + c <= 4
    return problem


RIGHT = [1.0, 0.0, 1.0]
NOT_HERE = Engines(here_at_most=-1)


def script(folder: Path, name: str, body: str) -> tuple[str, str]:
    """Return the command of a solver that does as `body` says."""
    path = folder / f"{name}.py"
    wants = "import numpy as np\n" if "np." in body else ""
    path.write_text("import sys, time, json\n" + wants + body, encoding="utf-8")
    return sys.executable, str(path)


CHILDREN = {
    "exit": "sys.exit(3)",
    "silent": 'print(json.dumps({"end": "optimal", "value": -15.0, "bound": -15.0}))',
    "babbling": 'print("Optimal")',
    "failed": 'print(json.dumps({"end": "failed"}))',
    "fractions": 'np.save("decisions.npy", np.array([0.7, 0.9, 1.0]))\n'
    'print(json.dumps({"end": "optimal", "value": -17.1, "bound": -17.1}))',
    "lying": 'np.save("decisions.npy", np.array([0.0, 1.0, 1.0]))\n'
    'print(json.dumps({"end": "optimal", "value": -99.0, "bound": -99.0}))',
    "denying": 'print(json.dumps({"end": "infeasible"}))',
    "too_few": 'np.save("decisions.npy", np.array([1.0]))\n'
    'print(json.dumps({"end": "optimal", "value": -15.0, "bound": -15.0}))',
    "damaged": 'open("decisions.npy", "wb").write(b"PK junk")\n'
    'print(json.dumps({"end": "optimal", "value": -15.0, "bound": -15.0}))',
    "killed": "import os, signal\nos.kill(os.getpid(), 9)",
}
FAULTS = {
    "exit": ("exit", "3"),
    "silent": ("silent", ""),
    "babbling": ("silent", ""),
    "failed": ("failed", ""),
    "fractions": ("unsound", ""),
    "lying": ("lied", ""),
    "denying": ("lied", ""),
    "too_few": ("unsound", ""),
    "damaged": ("silent", ""),
    "killed": ("exit", "-9"),
}


def solved(engines: Engines, *, seconds: float = 20, start: list[float] | None = None, **more: object) -> Solved:
    problem = knapsack()
    known = None if start is None else dict(zip(problem.variables(), start, strict=True))
    return solve_problem(problem, seconds=seconds, start=known, engines=engines, **more)  # type: ignore[arg-type]


def decisions(answer: Solved) -> list[float] | None:
    return None if answer.figures is None else list(answer.figures.values())


@pytest.mark.parametrize("kind", CHILDREN)
def test_a_solver_that_cannot_be_used_gives_way_to_the_second(tmp_path: Path, kind: str) -> None:
    broken = replace(NOT_HERE, highs=script(tmp_path, kind, CHILDREN[kind]))
    start = [0.0, 0.0, 1.0]
    answer = solved(broken, start=start)
    assert (answer.state, answer.value, answer.bound, answer.solver) == ("optimal", 15, 15, "CBC")
    assert decisions(answer) == RIGHT
    fault, detail = FAULTS[kind]
    assert answer.troubles == (Trouble(NAMES["highs"], fault, detail, "cbc"),)  # type: ignore[arg-type]


WRITE = "open(sys.argv[sys.argv.index('-solution') + 1], 'w').write({text!r})"
ROW = "      0 r0 {r} 0\n      0 x0 {a} 0\n      1 x1 {b} 0\n      2 x2 {c} 0\n"
SECONDS = {
    "exit": "sys.exit(3)",
    "silent": 'print("Result - Optimal solution found")',
    "nothing_in_it": WRITE.format(text="Optimal - objective value -8.0\n"),
    "lying": WRITE.format(text="Optimal - objective value -99.0\n" + ROW.format(r=4, a=0, b=1, c=1)),
    "unsound": WRITE.format(text="Optimal - objective value -12.0\n" + ROW.format(r=6, a=1, b=1, c=1)),
}


@pytest.mark.parametrize("kind", SECONDS)
def test_where_both_fail_nothing_is_claimed(tmp_path: Path, kind: str) -> None:
    broken = Engines(
        highs=script(tmp_path, "first", "sys.exit(3)"), cbc=script(tmp_path, kind, SECONDS[kind]), here_at_most=-1
    )
    answer = solved(broken)
    fault = {"nothing_in_it": "silent", "lying": "lied"}.get(kind, kind)
    assert [t.fault for t in answer.troubles] == ["exit", fault]
    assert answer.state != "optimal"
    assert answer.bound is None
    if kind == "lying":  # its plan keeps the rules: it is a plan, but nothing is proven
        assert (answer.state, answer.value, answer.troubles[1].instead) == ("feasible", 14, "kept")
    else:
        assert (answer.state, answer.figures, answer.troubles[1].instead) == ("nothing", None, "search")


def test_fractions_of_cbc_are_rounded_and_summed_anew(tmp_path: Path) -> None:
    text = "Optimal - objective value -8.00000001\n" + ROW.format(r=3, a=0.99999999, b=1e-9, c=1)
    nearly = Engines(cbc=script(tmp_path, "nearly", WRITE.format(text=text)))
    answer = solved(nearly, solver="cbc")
    assert (answer.state, answer.value, decisions(answer), answer.troubles) == ("optimal", 15, RIGHT, ())


def test_a_solver_that_cannot_be_started_is_named() -> None:
    answer = solved(Engines(highs=("no such solver",), here_at_most=-1))
    assert (answer.state, answer.solver) == ("optimal", "CBC")
    assert answer.troubles[0].fault == "refused"
    assert "No such file" in answer.troubles[0].detail


@pytest.mark.parametrize("engine", ["highs", "cbc"])
def test_a_solver_that_hangs_is_ended_at_its_time(tmp_path: Path, engine: str) -> None:
    pid = tmp_path / "pid"
    body = f"import os\nopen({str(pid)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    stuck = replace(NOT_HERE, **{engine: script(tmp_path, "stuck", body)})
    began = time.monotonic()
    answer = solved(stuck, seconds=1.5, solver=engine)
    assert time.monotonic() - began < 10  # not the minute that the solver sleeps
    assert (answer.state, answer.figures, [t.fault for t in answer.troubles]) == ("nothing", None, ["hung"])
    assert pid.is_file()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_what_a_hung_solver_found_is_kept_with_its_bound(tmp_path: Path) -> None:
    np.save(tmp_path / "found.npy", np.array([0.0, 1.0, 1.0]))
    body = (
        f'import shutil\nshutil.copy({str(tmp_path / "found.npy")!r}, "decisions.npy")\n'
        'print(json.dumps({"value": -14.0, "bound": -15.5}), flush=True)\ntime.sleep(60)'
    )
    answer = solved(replace(NOT_HERE, highs=script(tmp_path, "stuck", body)), seconds=4, solver="highs")
    assert (answer.state, answer.value, answer.bound) == ("feasible", 14, 15.5)
    assert [(t.fault, t.instead) for t in answer.troubles] == [("hung", "kept")]


def test_a_process_leaves_no_grandchild_behind(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    body = (
        "import subprocess\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(pid)!r}, 'w').write(str(p.pid))\ntime.sleep(60)"
    )
    watch(script(tmp_path, "parent", body), folder=tmp_path, seconds=2, hear=lambda _: None)
    grandchild = int(pid.read_text())
    for _ in range(50):  # the system may take a moment to bury it
        state = Path(f"/proc/{grandchild}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return
        time.sleep(0.1)
    pytest.fail("still running")


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux")
def test_memory_is_bounded(tmp_path: Path) -> None:
    body = "blocks = [bytearray(50_000_000) for _ in range(40)]\nprint('had it all')"
    greedy = script(tmp_path, "greedy", body)
    lines: list[str] = []
    end = watch(greedy, folder=tmp_path, seconds=20, hear=lines.append, memory_mb=1000)
    assert (end.code, lines) == (1, [])
    end = watch(greedy, folder=tmp_path, seconds=20, hear=lines.append, memory_mb=4000)
    assert (end.code, lines) == (0, ["had it all\n"])


# The plan says aloud what happened.


@pytest.fixture
def dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engines:
    """Let every solver of this program exit with 3."""
    exits = script(tmp_path, "dead", "sys.exit(3)")
    engines = Engines(highs=exits, cbc=exits, here_at_most=-1)
    monkeypatch.setattr(optimise.solve, "Engines", lambda: engines)
    return engines


def small() -> Tables:
    return random_tables(np.random.default_rng(4), homes=60, places=14)


def test_where_no_solver_works_the_search_stands_in_aloud(dead: Engines) -> None:
    assert dead.here_at_most < 0
    plan = site(*small(), rules=SitingRules(budget_yuan=700_000), language="en")
    assert plan.status is PlanStatus.GREEDY
    assert plan.solver == "search"
    assert any("HiGHS" in note and "code 3" in note and "CBC" in note for note in plan.notes)
    assert any(note.startswith("CBC") and "quick search" in note for note in plan.notes)
    assert len(plan.notes) == len(set(plan.notes))


def test_where_highs_fails_the_plan_is_that_of_cbc_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = site(*small(), rules=SitingRules(budget_yuan=700_000))
    engines = replace(NOT_HERE, highs=script(tmp_path, "dead", "sys.exit(3)"))
    monkeypatch.setattr(optimise.solve, "Engines", lambda: engines)
    plan = site(*small(), rules=SitingRules(budget_yuan=700_000))
    assert (plan.status, plan.solver, list(plan.sites.index)) == (PlanStatus.OPTIMAL, "CBC", list(right.sites.index))
    assert "退出（代码 3）" in plan.notes[0]
    assert "CBC" in plan.notes[0]


def test_every_trouble_has_words_in_both_languages() -> None:
    words = catalogue()
    for key in ("refused", "exit", "hung", "silent", "failed", "unsound", "lied", "instead"):
        assert set(words[f"solver.{key}"]) == {"zh", "en"}
    for key in ("highs", "cbc", "search", "kept"):
        assert Trouble("HiGHS", "exit", "3", key).told("en").startswith("HiGHS broke off (code 3); ")


# What a real run tells and keeps to.


def hard_problem() -> pulp.LpProblem:
    """Return the covering of the Steiner triples of 243: the best has 198 and takes hours to prove."""
    _, pairs, candidates = hard_covering()
    problem = pulp.LpProblem("steiner", pulp.LpMinimize)
    x = {i: problem.add_variable(i, cat="Binary") for i in candidates.index}
    problem.setObjective(pulp.lpSum(x.values()))
    for _, near in pairs.groupby("demand_id")["candidate_id"]:
        problem += pulp.lpSum(x[i] for i in near) >= 1
    return problem


def test_progress_is_heard_and_never_contradicts_the_end() -> None:
    heard: list[Progress] = []
    answer = solve_problem(hard_problem(), seconds=3, hear=heard.append)
    assert answer.state == "feasible"
    assert answer.value is not None
    assert answer.bound is not None
    assert answer.value >= 198 >= answer.bound
    assert len(heard) > 2
    values = [p.value for p in heard if p.value is not None]
    bounds = [p.bound for p in heard if p.bound is not None]
    assert values == sorted(values, reverse=True)
    assert bounds == sorted(bounds)
    assert bounds[-1] <= answer.bound + 1e-6
    assert values[-1] >= answer.value
    assert heard[-1].gap is not None
    assert [p.seconds for p in heard] == sorted(p.seconds for p in heard)


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_a_run_cut_short_claims_no_more_than_its_solver_does(solver: str) -> None:
    answer = solve_problem(hard_problem(), seconds=4, solver=solver)  # type: ignore[arg-type]
    assert answer.state in ("feasible", "nothing")
    assert answer.bound is None or answer.bound <= 198
    assert answer.value is None or answer.value >= 198


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_one_answer_here_and_in_a_process(solver: str) -> None:
    for engines in (Engines(), NOT_HERE):
        answer = solved(engines, solver=solver)
        assert (answer.state, answer.value, answer.bound, decisions(answer)) == ("optimal", 15, 15, RIGHT)
        assert answer.troubles == ()


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_what_cannot_be_kept_is_infeasible_to_each(solver: str) -> None:
    problem = knapsack()
    a, b = problem.variables()[:2]
    problem += a + b >= 2
    problem += a + b <= 1
    for engines in (Engines(), NOT_HERE):
        assert solve_problem(problem, seconds=20, engines=engines, solver=solver).state == "infeasible"  # type: ignore[arg-type]


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Draw a program of at most six decisions between 0 and 3, some of them whole, and four rows."""
    columns, rows = draw(st.integers(1, 6)), draw(st.integers(0, 4))
    small_ = st.integers(-4, 4).map(float)

    def figures(n: int) -> np.ndarray:
        return np.array(draw(st.lists(small_, min_size=n, max_size=n)))

    table = figures(rows * columns).reshape(rows, columns)
    low = np.where(figures(rows) > 0, -np.inf, figures(rows) - 6)
    return Program(
        cost=figures(columns),
        constant=draw(small_),
        low=np.zeros(columns),
        high=np.abs(figures(columns)),
        whole=figures(columns) >= -2,
        row_low=low,
        row_high=np.where(np.isfinite(low) & (figures(rows) > 1), np.inf, np.nan_to_num(low, neginf=0) + 9),
        starts=np.arange(0, rows * columns + 1, columns, dtype=np.int32) if rows else np.zeros(1, dtype=np.int32),
        columns=np.tile(np.arange(columns, dtype=np.int32), rows),
        weights=table.ravel(),
    )


@settings(deadline=None)  # never a timed test
@given(programs(), st.lists(st.floats(-5, 5), min_size=4, max_size=4))
def test_any_prices_give_a_bound_that_holds(program: Program, prices: list[float]) -> None:
    best = run_highs(program, seconds=5, gap=0, relaxed=True)
    bound, reduced = safe_bound(program, np.array(prices[: len(program.row_low)]))
    assert reduced.shape == program.cost.shape
    if best.value is not None:
        assert bound <= best.value + 1e-6
    if best.prices is not None and best.state == "optimal" and best.value is not None:
        assert safe_bound(program, best.prices)[0] == pytest.approx(best.value, abs=1e-6)


@settings(deadline=None)  # never a timed test
@given(programs())
def test_what_highs_finds_is_judged_sound_and_a_false_claim_is_not(program: Program) -> None:
    finish = run_highs(program, seconds=5, gap=0)
    honest, fault = judge(program, finish, known=None)
    assert fault is None
    assert honest.state == finish.state
    if finish.state != "optimal" or finish.value is None or finish.bound is None:
        return
    assert honest.decisions is not None
    assert keeps(program, honest.decisions)
    for claim in (
        replace(finish, value=finish.value - 1, bound=finish.bound - 1),
        replace(finish, bound=finish.value + 1),
        Finish("infeasible"),
    ):
        taken, fault = judge(program, claim, known=finish.value)
        assert fault == "lied"
        assert (taken.state, taken.bound) == ("limit", None)
    assert judge(program, replace(finish, bound=None), known=None)[0].state == "limit"


def test_the_second_solver_starts_where_the_first_left_off(tmp_path: Path) -> None:
    program, _ = program_of(knapsack())
    body = CHILDREN["lying"]
    seen = tmp_path / "seen"
    spy = f"import shutil\nshutil.copy('start.txt', {str(seen)!r})\nsys.exit(5)"
    engines = Engines(highs=script(tmp_path, "lying", body), cbc=script(tmp_path, "spy", spy), here_at_most=-1)
    finish, _, troubles = best_of(Task(program, 20, 0.99), order=("highs", "cbc"), engines=engines)
    assert [t.fault for t in troubles] == ["lied", "exit"]
    assert (finish.state, finish.value) == ("limit", -14)
    assert "x1 1.0" in seen.read_text()


def test_the_time_limit_holds_for_the_whole_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every solver hangs: what remains of the time is not waited for again and again."""
    stuck = script(tmp_path, "stuck", "time.sleep(60)")
    monkeypatch.setattr(optimise.solve, "Engines", lambda: Engines(highs=stuck, cbc=stuck, here_at_most=-1))
    began = time.monotonic()
    plan = lscp(*hard_covering(), time_limit_s=2, language="en")
    assert time.monotonic() - began < 20  # neither the minute of one solver nor of several
    assert plan.status is PlanStatus.GREEDY
    assert any("did not stop at its time" in note for note in plan.notes)


def test_cbc_is_where_pulp_keeps_it() -> None:
    assert Path(cbc_path()).is_file()


def test_what_is_no_news_is_not_heard(tmp_path: Path) -> None:
    """What a child prints beside its news is no news."""
    body = 'print("[1, 2]"); print("{}"); print("nan"); print(json.dumps({"end": 7, "value": "x"}))'
    answer = solved(replace(NOT_HERE, highs=script(tmp_path, "odd", body)))
    assert (answer.state, answer.value, len(answer.troubles)) == ("optimal", 15, 1)

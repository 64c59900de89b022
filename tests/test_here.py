"""HiGHS in this process is waited for no longer than its time, whatever it does, and is as quick as without a watch."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import highspy
import numpy as np
import pytest
from test_solvers import knapsack

from optimise import child, here
from optimise.child import Finish, Program
from optimise.engines import Engines, Task, best_of
from optimise.solve import program_of, solve_problem

TREE = Path(__file__).parents[1]


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let HiGHS hang in the midst of its run until the event is set."""
    go_on = threading.Event()

    class Hanging(highspy.Highs):  # type: ignore[misc]
        """It stops where a plan is found, and looks at no clock."""

        def run(self) -> object:
            go_on.wait(60)
            return super().run()

    monkeypatch.setattr(child.highspy, "Highs", Hanging)
    monkeypatch.setattr(here, "LATE_S", 0.2)
    yield go_on
    go_on.set()
    for thread in threading.enumerate():
        if thread.name == here.LEFT:
            thread.join(10)


def test_one_that_hangs_is_left_at_its_time_and_said(stuck: threading.Event) -> None:
    program, _ = program_of(knapsack())
    began = time.monotonic()
    finish, _, troubles = best_of(Task(program, 0.3, 0.99), order=("highs",), engines=Engines())
    assert time.monotonic() - began < 5  # the hang lasts a minute
    assert finish.state == "limit"
    assert [(t.fault, t.instead) for t in troubles] == [("hung", "search")]
    assert not here.trusted()
    stuck.set()


def test_while_one_hangs_the_next_is_solved_in_a_process_that_can_be_killed(stuck: threading.Event) -> None:
    program, _ = program_of(knapsack())
    assert here.run_here(program, seconds=0.1, gap=0.99) is None
    answer = solve_problem(knapsack(), seconds=30)  # the other process has a HiGHS of its own
    assert (answer.state, answer.value, answer.troubles) == ("optimal", 15, ())
    stuck.set()
    for thread in threading.enumerate():
        if thread.name == here.LEFT:
            thread.join(10)
    assert here.trusted()


ENDS = """
import time
from optimise import child, here
import highspy
class Hanging(highspy.Highs):
    def run(self):
        time.sleep(60)
child.highspy.Highs = Hanging
here.LATE_S = 0.1
import sys
sys.path.insert(0, {tests!r})
from test_solvers import knapsack
from optimise.solve import program_of
print(here.run_here(program_of(knapsack())[0], seconds=0.1, gap=0.99))
"""


def test_a_program_in_which_one_hangs_still_ends() -> None:
    code = ENDS.format(tests=str(TREE / "tests"))
    env = {**os.environ, "PYTHONPATH": str(TREE)}
    ended = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=50, check=True
    )
    assert ended.stdout.split() == ["None"]


def test_what_goes_wrong_inside_is_raised_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(*_args: object, **_more: object) -> Finish:
        raise MemoryError

    monkeypatch.setattr(here, "run_highs", no_memory)
    with pytest.raises(MemoryError):
        here.run_here(program_of(knapsack())[0], seconds=5, gap=0.99)


def test_better_plans_are_told_by_the_thread_that_waits() -> None:
    program, _ = program_of(knapsack())
    told: list[tuple[float | None, int]] = []
    finish = here.run_here(
        program, seconds=10, gap=0.0, tell=lambda value, _bound, _plan: told.append((value, threading.get_ident()))
    )
    assert finish is not None
    assert finish.state == "optimal"
    assert {who for _, who in told} <= {threading.get_ident()}
    assert np.isclose(finish.value or 0, -15)
    assert here.trusted()


def test_nothing_is_solved_here_that_is_too_large() -> None:
    program: Program = program_of(knapsack())[0]
    task = Task(program, 30, 0.99)
    here_, there = (best_of(task, order=("highs",), engines=replace(Engines(), here_at_most=n))[0] for n in (10, -1))
    assert (here_.state, here_.value) == (there.state, there.value) == ("optimal", -15)

"""Kill runs while they rewrite results; the old or the new ones must be whole. `python -m tests.kill_sweep --kills 30`.

Every other kill aims at the moment of the exchange, the rest at any moment of writing. The next run starts from
whatever the last one left.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import circle15 as c15
from circle15.outputs import OURS, TIMES
from tests.bad_town import Town

NOTE = "批注.txt"
Results = dict[str, bytes]


def named(done: c15.Study, name: str) -> c15.Study:
    """Return the same study for a project of another name: page, annex and manifest differ."""
    city = replace(done.city, project=done.project.model_copy(update={"name": name}))
    return replace(done, today=replace(done.today, city=city))


def results_of(folder: Path) -> Results:
    """Return the content of every file, times kept apart."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != TIMES}


def killed(write: Callable[[], object], until: Callable[[], bool], wait_s: float) -> bool:
    """Start writing in a process of its own and kill it `wait_s` after something came about; whether it was killed."""
    child = os.fork()
    if child == 0:
        try:
            write()
        finally:
            os._exit(0)
    while not until() and os.waitpid(child, os.WNOHANG) == (0, 0):
        time.sleep(0.0002)
    time.sleep(wait_s)
    try:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    except (ProcessLookupError, ChildProcessError):
        return False
    return os.WIFSIGNALED(status)


def _at_once() -> bool:
    return True


def sweep(town: Path, *, kills: int, seed: int) -> dict[str, int]:
    """Return how many kills left the old and how many the new results. Raises AssertionError for anything else."""
    chance = random.Random(seed)  # noqa: S311 - moments, no secrets
    done = c15.study(c15.read_city(c15.load_project(town)))
    studies = [named(done, "甲"), named(done, "乙")]
    folder = town / "成果"
    expected: list[Results] = []
    spent = 0.0
    for each in studies:
        began = time.perf_counter()
        c15.write_outputs(each, times={})
        spent = time.perf_counter() - began
        (folder / NOTE).write_text("mine", encoding="utf-8")
        expected.append(results_of(folder))
    found, at, hit = {"old": 0, "new": 0}, 1, 0
    for number in range(kills):
        other = 1 - at
        ready = folder.with_name(".成果.ready")
        aimed = number % 2 == 0
        wait = chance.uniform(0, 0.003) if aimed else chance.uniform(0, spent)
        hit += killed(
            lambda to=other: c15.write_outputs(studies[to], times={}), ready.exists if aimed else _at_once, wait
        )  # type: ignore[misc]
        now = results_of(folder)
        ours = {name: content for name, content in now.items() if name in OURS}
        state = next((i for i in (at, other) if ours == {k: v for k, v in expected[i].items() if k in OURS}), None)
        assert state is not None, f"kill {number}: a mix of {sorted(now)}"
        assert not [f for f in c15.verify(folder) if f.severity == "reject"]
        found["old" if state == at else "new"] += 1
        at = state
    c15.write_outputs(studies[1 - at], times={})
    assert results_of(folder) == expected[1 - at], "what the kills left was not put right"
    assert not [path.name for path in town.iterdir() if path.name.startswith(".")]
    return {**found, "killed at work": hit}


def main() -> None:
    """Sweep and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=15)
    parser.add_argument("--little", action="store_true", help="a little town, written ten times as fast as the sample")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "town"
        town = Town(folder).clean().folder if given.little else c15.copy_sample(folder)
        found = sweep(town, kills=given.kills, seed=given.seed)
    sys.stdout.write(", ".join(f"{name}: {number}" for name, number in found.items()) + "\n")


if __name__ == "__main__":
    main()

"""Workers killed at random moments of a province's run: what comes out is what a loop gives, to the byte.

`python -m tests.province_kills --kills 10`; one kill is in the suite.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from circle15.province.run import run_province
from tests.province_town import make_province


def content(folder: Path) -> dict[str, bytes]:
    """Return every result."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def main() -> None:
    """Kill so many workers, each in a run of its own, and compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=15)
    given = parser.parse_args()
    draw = random.Random(given.seed)  # noqa: S311 - moments, no secrets
    with tempfile.TemporaryDirectory() as temporary:
        made = make_province(Path(temporary) / "made")
        looped = Path(temporary) / "looped"
        shutil.copytree(made, looped)
        run_province(looped)
        began: dict[str, float] = {}
        whole = _dealt(made, Path(temporary) / "whole")
        run_province(whole, progress=lambda stage: began.setdefault(stage, time.monotonic()) and None)
        at_work_s = began["stage.show"] - began["stage.islands"]
        hit = runs = 0
        while hit < given.kills:
            place = _dealt(made, Path(temporary) / f"run{runs}")
            pids: list[int] = []
            killer = threading.Thread(target=_kill_later, args=(draw.uniform(0, at_work_s), pids))
            done = run_province(place, progress=lambda stage, k=killer: k.start() if stage == "stage.islands" else None)
            killer.join()
            hit, runs = hit + len(pids), runs + 1
            if done.failed or content(place / "成果") != content(looped / "成果"):
                sys.exit(f"kill {runs}: {sorted(done.failed) or 'other results'}")
            shutil.rmtree(place)
    print(f"{runs} runs, {hit} workers killed at work: nothing lost, the same bytes")  # noqa: T201


def _dealt(made: Path, place: Path) -> Path:
    """Return a copy of a province for two workers."""
    shutil.copytree(made, place)
    file = place / "province.toml"
    text = file.read_text(encoding="utf-8").replace('kind = "loop"', 'kind = "dask"\nworkers = 2')
    file.write_text(text, encoding="utf-8")
    return place


def _kill_later(seconds: float, pids: list[int]) -> None:
    """Kill one of our own workers after a while, where there still is one."""
    time.sleep(seconds)
    workers = [each for each in psutil.Process().children() if _works(each)]
    if workers:
        os.kill(workers[0].pid, signal.SIGKILL)
        pids.append(workers[0].pid)


def _works(process: psutil.Process) -> bool:
    """Return whether a process of ours is a worker that lives."""
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.Error:
        return False


if __name__ == "__main__":
    main()

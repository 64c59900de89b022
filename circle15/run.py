"""The run: a project's inputs in, its study computed, its results written."""

import time
from pathlib import Path

from circle15.city import read_city
from circle15.outputs import write_outputs
from circle15.project import load_project
from circle15.study import Study, study
from circle15.today import Told


def run(path: str | Path, *, progress: Told = lambda _: None) -> Study:
    """Run a project (its folder or `project.toml`) from inputs to results on disk, and return the study.

    Raises InputError with every fault of every input, OutputError where results cannot be written; either way the
    earlier results stay as they were.
    """
    clock = _Clock(progress)
    project = load_project(path)
    clock("stage.read")
    done = study(read_city(project), progress=clock)
    clock("stage.show")
    write_outputs(done, times=clock.seconds, progress=clock)
    return done


class _Clock:
    """Passes stages on and notes when each began, so that times can be kept apart from results."""

    def __init__(self, progress: Told) -> None:
        self.progress, self.started = progress, time.perf_counter()
        self.seconds: dict[str, float] = {}

    def __call__(self, stage: str) -> None:
        self.seconds[stage] = time.perf_counter() - self.started
        self.progress(stage)

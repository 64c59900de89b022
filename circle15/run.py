"""The run: a project's inputs in, its study computed or its documents judged alone, its results written."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from circle15.city import read_city
from circle15.judged import compared, pair
from circle15.kept import kept_verdicts
from circle15.outputs import refuse_unwritable, write_outputs
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
    refuse_unwritable(project)
    clock("stage.read")
    done = study(read_city(project), progress=clock)
    clock("stage.show")
    write_outputs(done, times=clock.seconds, progress=clock)
    return done


def comply(
    path: str | Path,
    *,
    as_of: date | None = None,
    against: Sequence[date | Path] = (),
    progress: Told = lambda _: None,
) -> Study:
    """Judge a project by its documents without siting, write the results, and return the study.

    `as_of` is the day judged, that of the project file where none is given; `against` the days or the earlier results
    (their folder or manifest) to compare with. The results take the place of earlier ones, as those of `run` do.
    Raises InputError with every fault of every input, OutputError where results cannot be written.
    """
    clock = _Clock(progress)
    project = load_project(path)
    refuse_unwritable(project)
    policy = project.policy
    days = tuple(dict.fromkeys((*policy.compare_days, *(other for other in against if isinstance(other, date)))))
    earlier = [kept_verdicts(other) for other in against if isinstance(other, Path)]
    asked = {"as_of": as_of or policy.as_of, "compare_days": days}
    project = project.model_copy(update={"policy": policy.model_copy(update=asked)})
    clock("stage.read")
    done = study(read_city(project), siting=False, progress=clock)
    now = done.today.now.day
    changed = [compared(pair("changes.file", before=day, after=now), kept, done.verdicts) for day, kept in earlier]
    done = replace(done, changes=(*done.changes, *changed))
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

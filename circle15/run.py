"""The run: a project's inputs in, its study computed or its documents judged alone, its results written."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from circle15.city import City, read_city
from circle15.judged import compared, pair
from circle15.kept import kept_verdicts, verdicts_hash
from circle15.outputs import Asked, put_results
from circle15.project import load_project
from circle15.ready import reserved, will_fit
from circle15.study import Study, study
from circle15.today import Told
from gis.errors import Finding
from policy.verdict import Verdict

Tell = Callable[[Finding], None]


def run(path: str | Path, *, progress: Told = lambda _: None, tell: Tell = lambda _: None) -> Study:
    """Run a project (its folder or `project.toml`) from inputs to results on disk, and return the study.

    `tell` is told what is no part of the results: that an earlier run was stopped.

    Raises InputError with every fault of every input, OutputError where results cannot be written; either way the
    earlier results stay as they were.
    """
    clock = _Clock(progress)
    project = load_project(path)
    with reserved(project, tell=tell) as folder:
        clock("stage.read")
        city = read_city(project)
        will_fit(city, folder)
        done = study(city, progress=clock)
        clock("stage.show")
        put_results(done, folder, times=clock.seconds, progress=clock)
    return done


def comply(
    path: str | Path,
    *,
    as_of: date | None = None,
    against: Sequence[date | Path] = (),
    progress: Told = lambda _: None,
    tell: Tell = lambda _: None,
) -> Study:
    """Judge a project by its documents without siting, write the results, and return the study.

    `as_of` is the day judged, that of the project file where none is given; `against` the days or the earlier results
    (their folder or manifest) to compare with. The results take the place of earlier ones, as those of `run` do.
    Raises InputError with every fault of every input, OutputError where results cannot be written.
    """
    clock = _Clock(progress)
    project = load_project(path)
    policy = project.policy
    days = tuple(dict.fromkeys((*policy.compare_days, *(other for other in against if isinstance(other, date)))))
    earlier = [kept_verdicts(other) for other in against if isinstance(other, Path)]
    asked = {"as_of": as_of or policy.as_of, "compare_days": days}
    project = project.model_copy(update={"policy": policy.model_copy(update=asked)})
    with reserved(project, tell=tell) as folder:
        clock("stage.read")
        city = read_city(project)
        will_fit(city, folder)
        done = judged(city, earlier, progress=clock)
        clock("stage.show")
        how = Asked("comply", tuple(verdicts_hash(other) for other in against if isinstance(other, Path)))
        put_results(done, folder, times=clock.seconds, asked=how, progress=clock)
    return done


def judged(
    city: City, earlier: Sequence[tuple[date, tuple[Verdict, ...]]], *, progress: Told = lambda _: None
) -> Study:
    """Return the study of a city without siting, compared with earlier verdicts of some days."""
    done = study(city, siting=False, progress=progress)
    now = done.today.now.day
    changed = [compared(pair("changes.file", before=day, after=now), kept, done.verdicts) for day, kept in earlier]
    return replace(done, changes=(*done.changes, *changed))


class _Clock:
    """Passes stages on and notes when each began, so that times can be kept apart from results."""

    def __init__(self, progress: Told) -> None:
        self.progress, self.started = progress, time.perf_counter()
        self.seconds: dict[str, float] = {}

    def __call__(self, stage: str) -> None:
        self.seconds[stage] = time.perf_counter() - self.started
        self.progress(stage)

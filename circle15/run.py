"""The run: a project's inputs in, its study computed, documents judged or sites planned, its results written."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from circle15.city import City, read_city
from circle15.council import council
from circle15.edited import Evaluation, evaluate
from circle15.judged import compared, pair
from circle15.kept import kept_verdicts, verdicts_hash
from circle15.outputs import Asked, put_results, refuse_unwritable
from circle15.project import PROJECT_FILE
from circle15.project_file import load_project
from circle15.ready import reserved, will_fit
from circle15.sheets import write_sheets
from circle15.siting_outputs import PLAN, siting_folder, write_siting
from circle15.study import Study, study
from circle15.today import Told, today
from circle15.unchanged import hashes_of, refuse_changed
from gis.errors import Finding, InputError
from maps.sheet.paper import Size
from optimise.solve import Hear, Solver
from policy.verdict import Verdict

NEAR_BEST = 3
"""So many near-best plans are sought where the project does not say."""
Tell = Callable[[Finding], None]


def run(path: str | Path, *, progress: Told = lambda _: None, tell: Tell = lambda _: None) -> Study:
    """Run a project (its folder or `project.toml`) from inputs to results on disk, and return the study.

    `tell` is told what is no part of the results: that an earlier run was stopped.

    Raises InputError with every fault of every input, OutputError where results cannot be written; either way the
    earlier results stay as they were.
    """
    clock = _Clock(progress)
    project = load_project(path)
    refuse_unwritable(project)
    with reserved(project, tell=tell) as folder:
        clock("stage.read")
        inputs = hashes_of(project)
        city = read_city(project)
        will_fit(city, folder)
        done = study(city, progress=clock)
        if project.siting.alternatives:
            clock("stage.near_best")
            found = council(done, with_front=False, with_scenarios=False, plans=project.siting.alternatives)
            done = replace(done, council=found)
        clock("stage.show")
        refuse_changed(project, inputs)
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
    refuse_unwritable(project)
    policy = project.policy
    days = tuple(dict.fromkeys((*policy.compare_days, *(other for other in against if isinstance(other, date)))))
    earlier = [kept_verdicts(other) for other in against if isinstance(other, Path)]
    asked = {"as_of": as_of or policy.as_of, "compare_days": days}
    project = project.model_copy(update={"policy": policy.model_copy(update=asked)})
    with reserved(project, tell=tell) as folder:
        clock("stage.read")
        inputs = hashes_of(project)
        city = read_city(project)
        will_fit(city, folder)
        done = judged(city, earlier, progress=clock)
        clock("stage.show")
        refuse_changed(project, inputs)
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


def plan_sites(
    path: str | Path,
    *,
    solver: Solver | None = None,
    time_limit_s: float | None = None,
    edited: str | Path | None = None,
    front: bool = True,
    scenarios: bool = True,
    progress: Told = lambda _: None,
    hear: Hear | None = None,
) -> tuple[Study, Evaluation | None, Path]:
    """Plan the sites of a project, answer what a council asks, and write the siting products alone.

    Returns the study (with its `council`), the plan `edited` by hand (a table file) counted anew, and the folder of the
    products; other results stay as they were. `time_limit_s` (None: that of the project) holds for the plan and for
    each part of the answers. Raises InputError with every fault of every input, OutputError where results cannot be
    written.
    """
    project = load_project(path)
    if time_limit_s is not None:
        siting = project.siting.model_copy(update={"time_limit_s": time_limit_s})
        project = project.model_copy(update={"siting": siting})
    progress("stage.read")
    with reserved(project):
        done = study(today(read_city(project), progress=progress), solver=solver, hear=hear, progress=progress)
        if edited is not None and done.plan is None:
            raise InputError([Finding("PARAM_MISSING", "reject", f"{PROJECT_FILE}:siting.budget_wan")])
        judged = None if edited is None else evaluate(done, edited)
        progress("stage.near_best")
        plans = project.siting.alternatives or NEAR_BEST
        found = council(done, with_front=front, with_scenarios=scenarios, plans=plans, solver=solver, hear=hear)
        done = replace(done, council=found)
        progress("stage.show")
        own = edited is not None and Path(edited).resolve() == (siting_folder(project) / PLAN).resolve()
        return done, judged, write_siting(done, edited=judged, keep_plan=own)


def sheet(
    path: str | Path,
    *,
    themes: Sequence[str] = (),
    size: Size | None = None,
    forms: Sequence[str] = (),
    workers: int = 1,
    progress: Told = lambda _: None,
) -> tuple[Study, list[Path]]:
    """Draw the sheets of a project into its output folder, and return the study and the files.

    Raises InputError with every fault of every input or for a character that no font has, OutputError where files
    cannot be written.
    """
    project = load_project(path)
    with reserved(project):
        done = study(read_city(project), progress=progress)
        return done, write_sheets(done, themes=themes, size=size, forms=forms, workers=workers, progress=progress)


class _Clock:
    """Passes stages on and notes when each began, so that times can be kept apart from results."""

    def __init__(self, progress: Told) -> None:
        self.progress, self.started = progress, time.perf_counter()
        self.seconds: dict[str, float] = {}

    def __call__(self, stage: str) -> None:
        self.seconds[stage] = time.perf_counter() - self.started
        self.progress(stage)

"""One county: its folder in the store, its study, and what is kept of it. The work is pure: same folder, same bytes.

A county's folder holds its own project (`county.json`), its cut of the map, its part of each table and what lies
beyond its border; the results lie in a folder called by the hash of all these.
"""

import json
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from circle15.asked import walks_to
from circle15.beyond import Beyond, Given
from circle15.blocked import why_blocked
from circle15.city import City, read_city
from circle15.outputs import LIBRARY_FAULTS, put_results, stamp
from circle15.project import Project
from circle15.province.islands import BEYOND, write_islands
from circle15.province.parts import read_part
from circle15.province.shown_counties import hidden_here
from circle15.study import Study, study
from circle15.walked import doors
from gis.errors import Finding, InputError, OutputError, blocked
from gis.snap import snap
from gis.tables import CANDIDATES, FACILITIES, TABLES
from maps.atlas import Atlas
from maps.figures import units_of
from maps.geopackage import layers
from maps.outfile import on_disk

COUNTY, COMPLETE, RESULTS, LAYERS = "county.json", "complete.json", "results", "layers"
SUMMARY = "summary.json"
KEPT_LAYERS = ("communities", "homes", "facilities", "candidates", "plan", "areas", "verdicts")
Told = Mapping[str, Any]


def project_of(folder: Path) -> tuple[Project, Told]:
    """Return the project of a county, and what else its file says."""
    told = json.loads((folder / COUNTY).read_text(encoding="utf-8"))
    return Project.model_validate({**told["project"], "folder": folder}), told


def islands_task(folder: str, _: str) -> str:
    """Look at what hangs together in a county's streets; returns what `guarded` returns."""

    def work() -> Told:
        write_islands(Path(folder), project_of(Path(folder))[0])
        return {}

    return guarded(folder, work)


def study_task(folder: str, key: str) -> str:
    """Study a county and keep what was found under its key; what is there already is left. Returns its summary."""
    return guarded(folder, lambda: _kept(Path(folder), key))


def guarded(folder: str, work: Callable[[], Told]) -> str:
    """Return what some work in a folder says as JSON; a fault that can be named is an answer, not to be tried again."""
    try:
        return json.dumps({"done": work()}, ensure_ascii=False)
    except (InputError, OutputError) as error:
        if not error.findings:
            raise
        here = f"{folder}{os.sep}"  # no path of this machine
        told = [replace(finding, place=finding.place.replace(here, "")) for finding in error.findings]
        return json.dumps({"faults": [astuple(finding) for finding in told]}, ensure_ascii=False)


def faults_of(answer: Told) -> tuple[Finding, ...]:
    """Return the faults that an answer of `guarded` tells of."""
    return tuple(Finding(*fault) for fault in answer.get("faults", ()))


def whole(results: Path) -> bool:
    """Return whether what is kept of a county is complete and as it was written."""
    try:
        stamps = json.loads((results / COMPLETE).read_text(encoding="utf-8"))
        return SUMMARY in stamps and all(stamp(results / name) == told for name, told in stamps.items())
    except (OSError, ValueError, TypeError, AttributeError):
        return False


def read_county(folder: Path) -> City:
    """Return a county as read from its folder. Raises InputError as `read_city` does."""
    project, told = project_of(folder)
    crs, sources = project.crs or "", told["sources"]
    tables = {
        name: read_part(folder / f"{name}.parquet", TABLES[name], crs=crs, source=source)
        for name, source in sources.items()
        if (folder / f"{name}.parquet").is_file()
    }
    near = read_part(folder / "facilities_beyond.parquet", FACILITIES, crs=crs, source=sources["facilities"]).frame
    people = folder / "residents_beyond.parquet"
    beyond = json.loads((folder / BEYOND).read_text(encoding="utf-8"))
    others = Beyond(
        facilities=near,
        homes=_with_people(gpd.read_parquet(people).to_crs(crs)) if people.is_file() else None,
        **{name: tuple(numbers) for name, numbers in beyond.items()},
    )
    return read_city(project, given=Given(tables, others))


def _with_people(homes: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    """Return the homes beyond where elders live; None where nobody says how many."""
    if homes["elders"].isna().all():
        return None
    elders = homes["elders"].astype(float).fillna(0)
    return homes.assign(elders=elders, index=homes.index).loc[(elders > 0).to_numpy(), ["elders", "geometry"]]


def _kept(folder: Path, key: str) -> Told:
    """Return the summary of a county, studied where that was not done yet."""
    results = folder / key
    if not whole(results):
        fresh = folder / f".{key}.{secrets.token_hex(4)}.new"
        fresh.mkdir()
        try:
            with _full_disk_told(results):
                _write(folder, fresh)
            shutil.rmtree(results, ignore_errors=True)
            try:
                fresh.rename(results)
            except OSError:
                if not whole(results):  # another worker was faster: what it wrote is the same
                    raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    summary: Told = json.loads((results / SUMMARY).read_text(encoding="utf-8"))
    return summary


@contextmanager
def _full_disk_told(results: Path) -> Iterator[None]:
    """Raise OutputError where the disk has no room; what else went wrong may be over the next time."""
    try:
        yield
    except (OSError, *LIBRARY_FAULTS) as error:
        why = why_blocked(error, results)
        if why.code == "OUTPUT_FULL":
            raise blocked(why) from error
        raise


def _write(folder: Path, fresh: Path) -> None:
    """Study a county and write all that is kept of it, each file known by its hash."""
    city, told = read_county(folder), project_of(folder)[1]
    done = study(city)
    atlas = done.atlas()
    if told["pages"]:
        put_results(done, fresh / RESULTS, times={})
        (fresh / RESULTS / "times.json").unlink()  # a time of day is no part of what is the same everywhere
    (fresh / LAYERS).mkdir()
    for name, frame in layers(atlas).items():
        if name in KEPT_LAYERS:
            kept = frame.set_crs(city.crs, allow_override=True).to_crs("EPSG:4490")
            kept.insert(0, "of_county", told["code"])
            kept.to_parquet(fresh / LAYERS / f"{name}.parquet", index=False)
    done.homes.to_parquet(fresh / "homes.parquet")
    pd.DataFrame(done.units).to_parquet(fresh / "units.parquet")
    _border_pairs(done, folder).to_parquet(fresh / "pairs.parquet")
    summary = json.dumps(summary_of(done, told, atlas), ensure_ascii=False, indent=1)
    (fresh / SUMMARY).write_text(summary, encoding="utf-8")
    files = sorted(path for path in fresh.rglob("*") if path.is_file())
    stamps = {path.relative_to(fresh).as_posix(): stamp(path) for path in files}
    (fresh / COMPLETE).write_text(json.dumps(stamps), encoding="utf-8")
    for path in (*files, fresh / COMPLETE, fresh):
        on_disk(path)


def _border_pairs(done: Study, folder: Path) -> pd.DataFrame:
    """Return which homes of the county are within the longest walk of which candidates, its own and its neighbours'.

    Over all counties every pair of the province is there once: what siting across borders is asked of.
    """
    near = read_part(folder / "candidates_beyond.parquet", CANDIDATES, crs=done.city.crs, source="").frame if (
        folder / "candidates_beyond.parquet").is_file() else done.city.candidates.iloc[:0]  # fmt: skip
    own = done.city.candidates
    city, now = done.city, done.today.now
    pairs = [walks_to(city, now, snap(city.network, some, **doors(city))).assign(own=here)
             for some, here in ((own, True), (near, False)) if len(some)]  # fmt: skip
    columns = ["demand_id", "candidate_id", "minutes", "own"]
    return pd.concat(pairs, ignore_index=True)[columns] if pairs else pd.DataFrame(columns=columns)


def summary_of(done: Study, told: Told, atlas: Atlas) -> Told:
    """Return the figures of a county that the province's pages show, exact, and `hidden`: what its own do not tell."""
    minutes = max(done.project.walking.minutes)
    row = done.units[done.units["level"] == "city"].iloc[0]
    answers = Counter(verdict.status.value for verdict in done.verdicts if verdict.decides)
    plan, shown = done.plan, units_of(atlas, "city").iloc[0]
    return {
        "hidden": hidden_here(shown, minutes=minutes),
        "code": told["code"],
        "name": told["name"],
        "elders": int(row["elders"]),
        "residents": int(row["residents"]),
        "elders_covered": int(row[f"elders_covered_{minutes}"]),
        "elders_unknown": int(row["elders_unknown"]),
        "elders_covered_after": None if plan is None else int(row[f"elders_covered_{minutes}_after"]),
        "facilities": len(done.city.facilities),
        "sites": None if plan is None else len(plan.sites),
        "cost_yuan": None if plan is None else int(plan.cost_yuan),
        "plan_status": None if plan is None else plan.status.value,
        "verdicts": dict(sorted(answers.items())),
        "streets_date": done.city.streets_date,
        "warnings": sum(finding.severity != "note" for finding in done.findings),
    }

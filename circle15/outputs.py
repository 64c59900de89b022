"""The results on disk: written beside, then put in place as one folder, manifest last; a failed run changes nothing."""

import hashlib
import importlib.metadata
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from circle15.kept import VERDICTS, write_verdicts
from circle15.notes import notes
from circle15.study import Study
from circle15.today import Told
from gis.errors import Finding, OutputError
from maps.annex import write_annex
from maps.atlas import Atlas
from maps.geopackage import write_geopackage
from maps.opinions import OPINIONS, write_opinions
from maps.page import write_page

MANIFEST = "manifest.json"
TIMES = "times.json"
ABANDONED_S = 3600
LIBRARIES = (
    "circle15",
    "geopandas",
    "highspy",
    "numba",
    "numpy",
    "osmium",
    "pandas",
    "pulp",
    "pyogrio",
    "pyproj",
    "shapely",
)
WRITERS: Mapping[str, Callable[[Atlas, Path], None]] = {
    "index.html": write_page,
    "annex.xlsx": write_annex,
    OPINIONS: lambda atlas, path: write_opinions(atlas.checks, path, atlas=atlas, languages=(atlas.language,)),
    "plan.gpkg": write_geopackage,
    VERDICTS: write_verdicts,
}
STAGES: Mapping[str, str] = {"index.html": "index", "annex.xlsx": "annex", OPINIONS: "opinions", "plan.gpkg": "plan"}


def write_outputs(done: Study, *, times: Mapping[str, float], progress: Told = lambda _: None) -> Path:
    """Write page, annex, opinions, GeoPackage, verdicts and, last, the manifest into the output folder; return it.

    Without housing projects there are no opinions.
    Everything is written into a folder beside it, one for each run, that then takes its place; what else lay in the old
    folder is kept. Raises OutputError where that fails; the earlier results are then as they were.
    """
    folder = done.project.path(done.project.output.folder).resolve()  # a link leads to the disk that was meant
    fresh, old = (folder.with_name(f".{folder.name}.{part}") for part in (f"{secrets.token_hex(4)}.new", "old"))
    try:
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(f"{folder.name}: not a folder")
        _recover(folder, old)
        fresh.mkdir(parents=True)
        atlas = done.atlas()
        for name, write in WRITERS.items():
            if name in STAGES:
                progress(f"stage.{STAGES[name]}")
            if name != OPINIONS or atlas.checks:
                write(atlas, fresh / name)
        _write_json(fresh / TIMES, {stage: round(seconds, 3) for stage, seconds in times.items()})
        _write_json(fresh / MANIFEST, manifest(done, fresh))
        _swap(fresh, folder, old)
    except OSError as error:
        raise OutputError(
            Finding("OUTPUT_BLOCKED", "reject", folder.name, str(error)).line(done.project.output.language)
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def manifest(done: Study, outputs: Path) -> dict[str, Any]:
    """Return what went in and came out: files with hashes, parameters after defaults, versions, plan, assumptions.

    Holds no time of day and no path of this machine: the same inputs give the same manifest.
    """
    project, plan = done.project, done.plan
    sources = [*(name for name in project.policy.packs if project.path(name).is_file())]
    sources += [source["path"] for source in project.inputs.model_dump().values() if isinstance(source, dict)]
    sources += [part for name in sources if name.lower().endswith(".shp") for part in _beside(project.path(name), name)]
    sources += [name for name in (project.walking.elevation, project.inputs.streets.base) if name]
    return {
        "circle15": importlib.metadata.version("circle15"),
        "project": project.model_dump(mode="json", exclude={"output": {"tiles": {"url"}}}),  # it may hold a key
        "crs": done.city.crs,
        "as_of": done.today.now.day.isoformat(),
        "inputs": {name: _stamp(project.path(name)) for name in sorted(set(sources))},
        "outputs": {name: _stamp(outputs / name) for name in WRITERS if (outputs / name).is_file()},
        "versions": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "plan": plan
        and {
            "status": plan.status.value,
            "sites": list(plan.sites.index),
            "elders_covered": plan.elders_covered,
            "bound": plan.bound,
            "gap": plan.gap,
            "cost_yuan": plan.cost_yuan,
            "solver": plan.solver,
        },
        "assumptions": dict(notes(done.city)),
        "findings": [asdict(finding) for finding in done.findings],
        "ledgers": [asdict(ledger) for ledger in done.city.ledgers],
    }


def _beside(shapes: Path, name: str) -> list[str]:
    """Return the other files a shapefile consists of; its figures are in one of them."""
    parts = (Path(name).with_suffix(ending) for ending in (".dbf", ".shx", ".prj", ".cpg"))
    return [part.as_posix() for part in parts if (shapes.parent / part.name).is_file()]


def _stamp(path: Path) -> dict[str, Any]:
    """Return size and hash of a file."""
    with path.open("rb") as stream:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}


def _write_json(path: Path, content: object) -> None:
    path.write_text(
        json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n", encoding="utf-8"
    )


def _recover(folder: Path, old: Path) -> None:
    """Put right what stopped runs left: earlier results, what a planner laid beside them, folders half written."""
    if old.exists() and not folder.exists():
        old.rename(folder)
    elif old.exists():
        _move_along(old, folder)
    for left in folder.parent.iterdir() if folder.parent.is_dir() else ():
        ours = left.name.startswith(f".{folder.name}.") and left.name.endswith(".new")
        if ours and time.time() - left.stat().st_mtime > ABANDONED_S:  # a younger one may be of a run at work
            shutil.rmtree(left, ignore_errors=True)


def _swap(fresh: Path, folder: Path, old: Path) -> None:
    """Put the new folder in the place of the old one; what is not ours moves along."""
    for path in fresh.iterdir():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
    if folder.exists():
        folder.rename(old)
    try:
        fresh.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    if old.exists():
        _move_along(old, folder)


def _move_along(old: Path, folder: Path) -> None:
    """Move what a planner laid beside our results to the new folder, and drop the old one."""
    for path in list(old.iterdir()):
        if path.name not in {*WRITERS, MANIFEST, TIMES} and not (folder / path.name).exists():
            path.rename(folder / path.name)
    shutil.rmtree(old, ignore_errors=True)

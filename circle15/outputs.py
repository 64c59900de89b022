"""The results on disk: all written beside, the manifest last, then put in place; a failed run changes nothing."""

import hashlib
import importlib.metadata
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import pyogrio
from lxml import etree

from circle15.blocked import why_blocked
from circle15.county_pages import COUNTIES, PAGE, county_files, write_pages
from circle15.database import put_into_database, refuse_database
from circle15.kept import VERDICTS, write_verdicts
from circle15.notes import notes
from circle15.place import in_place_of
from circle15.project import PROJECT_FILE, Project
from circle15.ready import reserved
from circle15.reports import REPORTS, report_template, write_reports
from circle15.sheets import SHEETS, drop_drawn
from circle15.siting_outputs import drop_siting
from circle15.study import Study
from circle15.today import Told
from gis.errors import Finding, InputError, OutputError, blocked
from gis.ledger import Ledger
from gis.secrets import redacted_all
from gis.words import say
from maps.annex import write_annex
from maps.atlas import Atlas
from maps.exchange import PARQUETS, SHAPEFILES, can_write_parquet, write_parquets, write_shapefiles
from maps.geopackage import write_geopackage
from maps.opinions import OPINIONS, write_opinions
from maps.sheet.lettering import chain
from maps.shown_ledger import shown_ledger
from maps.shown_plan import shown_plan

MANIFEST = "manifest.json"
TIMES = "times.json"
LIBRARY_FAULTS = (
    *(pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError),
    etree.LxmlError,
)
"""What the libraries of maps and workbooks raise where a file cannot be written."""
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
    "annex.xlsx": write_annex,
    OPINIONS: lambda atlas, path: write_opinions(atlas.checks, path, atlas=atlas, languages=(atlas.language,)),
    "plan.gpkg": write_geopackage,
    VERDICTS: write_verdicts,
}
OTHERS: Mapping[str, tuple[str, Callable[[Atlas, Path], None]]] = {
    "shapefile": (SHAPEFILES, write_shapefiles),
    "geoparquet": (PARQUETS, write_parquets),
}
"""What is written on request, by its name in the project file."""
FILES = (PAGE, *WRITERS, *REPORTS)
"""Every result but the manifest; those of which there may be nothing to say among them."""
OURS = frozenset({*FILES, COUNTIES, SHAPEFILES, PARQUETS, MANIFEST, TIMES})
"""The names of results; whatever else lies in the output folder is the planner's."""
STAGES: Mapping[str, str] = {"annex.xlsx": "annex", OPINIONS: "opinions", "plan.gpkg": "plan"}


def refuse_unwritable(project: Project) -> None:
    """Raise InputError for a bureau's template, font or format that cannot be used, before anything is computed.

    Raises OutputError where the database that the project names could not take the results.
    """
    report_template(project)
    if project.output.report_maps:
        chain([project.path(name) for name in project.sheet.fonts])  # they letter the maps
    if "geoparquet" in project.output.also and not can_write_parquet():
        what = say("layer.no_parquet", project.output.language)
        raise InputError([Finding("PARAM_RANGE", "reject", f"{PROJECT_FILE}:output.also", "geoparquet", allowed=what)])
    refuse_database(project)


@dataclass(frozen=True)
class Asked:
    """How the results were asked for: the command, and the hashes of the earlier verdicts they were compared with."""

    command: Literal["run", "comply"] = "run"
    against: tuple[str, ...] = ()


def write_outputs(done: Study, *, times: Mapping[str, float], progress: Told = lambda _: None) -> Path:
    """Write all results and, last, the manifest into the output folder; return it.

    Page, annex, opinions, GeoPackage, verdicts, report, and the formats that the project file asks for.
    Without housing projects there are no opinions.
    Everything is written into a folder beside it that then takes its place in one step; what else lay in the old
    folder is kept. A schema of PostGIS that the project names takes the layers in the moment before.
    Raises OutputError where that fails or another run is at work there; the earlier results are then as they were.
    """
    with reserved(done.project) as folder:
        return put_results(done, folder, times=times, progress=progress)


def put_results(
    done: Study,
    folder: Path,
    *,
    times: Mapping[str, float],
    asked: Asked = Asked(),
    to_database: bool = True,
    progress: Told = lambda _: None,
) -> Path:
    """Write the results into a folder that is reserved for this run; return it. Raises OutputError as above."""
    try:
        with in_place_of(folder, ours=OURS) as fresh:
            atlas = done.atlas()
            progress("stage.index")
            write_pages(atlas, fresh, output=done.project.output)
            for name, write in WRITERS.items():
                if name in STAGES:
                    progress(f"stage.{STAGES[name]}")
                if name != OPINIONS or atlas.checks:
                    write(atlas, fresh / name)
            progress("stage.report")
            for form in dict.fromkeys(done.project.output.also):
                file, write = OTHERS[form]
                write(atlas, fresh / file)
            write_reports(
                atlas,
                fresh,
                template=report_template(done.project),
                draw=None if done.project.output.report_maps else _no_map,
            )
            _write_json(fresh / TIMES, {stage: round(seconds, 3) for stage, seconds in times.items()})
            _write_json(fresh / MANIFEST, manifest(done, fresh, asked=asked))
            if to_database:
                put_into_database(atlas, done.project, run=stamp(fresh / MANIFEST)["sha256"])
        drop_drawn(folder / SHEETS)  # drawings and siting products of the results that are no more
        drop_siting(done.project)
    except (OSError, OutputError, *LIBRARY_FAULTS) as error:
        if isinstance(error, OutputError) and error.findings:
            raise
        raise blocked(why_blocked(error, folder)) from error
    return folder


def _no_map(_: str) -> None:
    """Draw no map: where the report is to have none."""


def manifest(done: Study, outputs: Path, *, asked: Asked = Asked()) -> dict[str, Any]:
    """Return what went in and came out: files with hashes, parameters after defaults, versions, plan, assumptions.

    Holds no time of day and no path of this machine: the same inputs give the same manifest.
    """
    project, plan = done.project, done.plan
    told = None if plan is None else shown_plan(plan)
    return {
        "circle15": importlib.metadata.version("circle15"),
        "command": asked.command,
        "against": list(asked.against),
        # An address of tiles may hold a key.
        "project": redacted_all(project.model_dump(mode="json", exclude={"output": {"tiles": {"url"}}})),
        "crs": done.city.crs,
        "as_of": done.today.now.day.isoformat(),
        "inputs": file_stamps(project, project.files()) | dict(done.city.stamps),
        "outputs": {
            name: stamp(outputs / name)
            for name in (*FILES, *county_files(outputs), SHAPEFILES, PARQUETS)
            if (outputs / name).is_file()
        },
        "versions": versions(),
        "plan": None
        if plan is None or told is None
        else {
            "status": plan.status.value,
            "sites": list(plan.sites.index),
            "elders_covered": told.covered,
            "bound": told.bound,
            "gap": plan.gap,
            "cost_yuan": plan.cost_yuan,
            "solver": plan.solver,
        },
        "assumptions": dict(notes(done.city)),
        "findings": [asdict(finding) for finding in done.findings],
        "ledgers": [_ledger(ledger) for ledger in done.ledgers],
    }


def _ledger(ledger: Ledger) -> dict[str, Any]:
    """Return a ledger with marks in place of few people, and of what would tell them."""
    told = shown_ledger(ledger)
    people = {"elders_read": told.read, "elders_used": told.used, "elders_left_out": dict(told.reasons)}
    return asdict(ledger) | people


def versions() -> dict[str, str]:
    """Return the versions of what the results depend on."""
    return {name: importlib.metadata.version(name) for name in LIBRARIES}


def file_stamps(project: Project, names: Iterable[str]) -> dict[str, Any]:
    """Return size and hash of each file that a project names, and of the other files that a shapefile consists of."""
    sources = set(names)
    for name in [name for name in sources if name.lower().endswith(".shp")]:
        sources |= set(_beside(project.path(name), name))
    return {name: stamp(project.path(name)) for name in sorted(sources)}


def _beside(shapes: Path, name: str) -> list[str]:
    """Return the other files a shapefile consists of; its figures are in one of them."""
    parts = (Path(name).with_suffix(ending) for ending in (".dbf", ".shx", ".prj", ".cpg"))
    return [part.as_posix() for part in parts if (shapes.parent / part.name).is_file()]


def stamp(path: Path) -> dict[str, Any]:
    """Return size and hash of a file."""
    with path.open("rb") as stream:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}


def _write_json(path: Path, content: object) -> None:
    path.write_text(
        json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n", encoding="utf-8"
    )

"""The run of a province: dealt out once, its counties studied by whoever does the work, the results put in place."""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from circle15.blocked import why_blocked
from circle15.lock import held
from circle15.outputs import LIBRARY_FAULTS, refuse_unwritable, stamp
from circle15.place import in_place_of
from circle15.province.county import COUNTY, faults_of, islands_task, study_task
from circle15.province.engine import Answer, Hands, hands
from circle15.province.islands import BEYOND, join_islands
from circle15.province.money import money_faults, money_plan, with_the_whole
from circle15.province.parts import write_part
from circle15.province.products import OURS, Failed, write_products
from circle15.province.project import Province, load_province
from circle15.province.split import dealt_out, halo_m, read_tables
from circle15.province.store import (
    ISLANDS_KEY,
    SHARED,
    county_key,
    dealt,
    digest,
    inputs_key,
    only,
    refilled,
    remember_dealt,
    told_of,
    write_text,
)
from circle15.ready import BASE_MEMORY, EDGE_MEMORY, HOME_MEMORY, PAIR_MEMORY, reserved
from circle15.today import Told
from gis.cut import cut_extract
from gis.datum import metre_crs
from gis.drawing import drawn_kind
from gis.errors import Finding, InputError, OutputError, blocked, refuse

BORDERS = "counties.parquet"
PAIRS_A_HOME = 20
"""Facilities and candidates that a home reaches, guessed upwards: for the memory that a county needs."""


@dataclass(frozen=True)
class Far:
    """How far the run is: counties done, failed and left, and how many seconds are left, as far as can be told."""

    done: int
    failed: int
    left: int
    seconds_left: float | None


@dataclass(frozen=True)
class ProvinceStudy:
    """What a run of a province gave: the summary of each county done, what failed, and where the results are."""

    province: Province
    counties: Mapping[str, Mapping[str, Any]]
    failed: Mapping[str, Failed]
    findings: tuple[Finding, ...]
    outputs: Path


def run_province(
    path: str | Path,
    *,
    progress: Told = lambda _: None,
    tell: Callable[[Finding], None] = lambda _: None,
    hear: Callable[[Far], None] = lambda _: None,
    watch: Callable[[str], None] = lambda _: None,
) -> ProvinceStudy:
    """Run a province (its folder or file) from inputs to results on disk.

    What an earlier run has done and nothing has changed is not done again. A county that cannot be studied is named and
    the others are delivered. `hear` is told how far the counties are, `watch` the address of the engine's own page.
    Raises InputError with every fault of the province's own inputs, OutputError where results cannot be written, the
    engine is lost, or no county could be studied; the earlier results then stay as they were.
    """
    province = load_province(path)
    refuse_unwritable(province)
    if drawn_kind(province.path(province.inputs.streets.path)) is not None:
        place = "province.toml:inputs.streets"
        raise InputError([Finding("PARAM_RANGE", "reject", place, province.inputs.streets.path, allowed=".osm.pbf")])
    refuse(money_faults(province))
    store = province.path(province.province.store).resolve()
    with reserved(province, tell=tell) as folder, _to_disk(folder):
        store.mkdir(parents=True, exist_ok=True)
        with held(store):
            counties, told = _dealt(province, store, progress)
            needs = {code: memory_bytes(told["sizes"][code]) for code in counties}
            largest_first = sorted(counties, key=lambda code: (-needs[code], code))
            most = 1 if province.limits.short_of_memory else max(needs.values(), default=1)
            with hands(province.engine, memory_bytes=most) as do:
                if do.dashboard:
                    watch(do.dashboard)
                progress("stage.islands")
                failed = _islands(store, counties, told, do, largest_first)
                progress("stage.counties")
                sound = [code for code in largest_first if code not in failed]
                keys = {code: county_key(store / code) for code in sound}
                summaries, more = _studied(store, keys, told, do, hear, already=len(failed))
                failed |= more
                found = {code: store / code / keys[code] for code in summaries}
                money = money_plan(province, store, found, lambda task, given: _asked(task, given, do, told))
                before = keys
                if money is not None:
                    keys = {code: _told_anew(province, store, code, told, money.siting[code]) for code in summaries}
                    summaries, more = _studied(store, keys, told, do, hear, already=len(failed))
                    failed |= more
                    summaries = with_the_whole(summaries, money)
            findings = (*(Finding(**each) for each in told["findings"]), *_named(failed))
            if not summaries:
                raise InputError([*(f for each in failed.values() for f in each.findings), *_named(failed)])
            progress("stage.show")
            borders = gpd.read_parquet(store / BORDERS)
            with in_place_of(folder, ours=OURS) as fresh:
                write_products(
                    province,
                    fresh,
                    borders=borders,
                    summaries=summaries,
                    failed=failed,
                    results={code: store / code / keys[code] for code in summaries},
                    findings=findings,
                    money=money,
                )
            for code in summaries:
                only(store / code, {keys[code], before[code]})
    return ProvinceStudy(province, summaries, failed, findings, folder)


def memory_bytes(sizes: Mapping[str, int]) -> int:
    """Return how many bytes a county is expected to need, by the model of a city (`circle15.ready`)."""
    homes = sizes["homes"]
    return BASE_MEMORY + EDGE_MEMORY * sizes["streets"] + HOME_MEMORY * homes + PAIR_MEMORY * PAIRS_A_HOME * homes


@contextmanager
def _to_disk(folder: Path) -> Iterator[None]:
    """Say in words why something could not be written."""
    try:
        yield
    except (OSError, *LIBRARY_FAULTS) as error:
        raise blocked(why_blocked(error, folder)) from error
    except OutputError as error:
        if error.findings:
            raise
        raise blocked(why_blocked(error, folder)) from error


def _named(failed: Mapping[str, Failed]) -> list[Finding]:
    return [Finding("COUNTY_FAILED", "warn", f"{each.name} ({code})", each.reason("zh"))
            for code, each in sorted(failed.items())]  # fmt: skip


def _dealt(province: Province, store: Path, progress: Told) -> tuple[list[str], dict[str, Any]]:
    """Return the counties, dealt out in the store, and what is known of them; done again only for other inputs."""
    progress("stage.read")
    missing = [name for name in province.files() if not province.path(name).is_file()]
    if missing:
        raise InputError(Finding("FILE_MISSING", "reject", name) for name in missing)
    key = inputs_key(province)
    counties = dealt(store, key)
    if counties is None:
        counties = _deal(province, store, key, progress)
    told = told_of(store)
    for code in counties:
        text = json.dumps(_county(province, store, code, told), ensure_ascii=False, indent=1, sort_keys=True)
        write_text(store / code / COUNTY, text)
    return counties, told


def _deal(province: Province, store: Path, key: str, progress: Told) -> list[str]:
    """Read the province and deal it out to its counties."""
    tables = read_tables(province)
    sizes: dict[str, dict[str, int]] = {}
    with refilled(store) as fresh:
        for code, parts in dealt_out(province, tables):
            (fresh / code).mkdir()
            for name, frame in parts.items():
                write_part(frame, fresh / code / f"{name}.parquet")
            sizes[code] = {"homes": len(parts["residents"]) if "residents" in parts else 0}
        progress("stage.cut")
        streets = province.path(province.inputs.streets.path)
        for code, cut in cut_extract(streets, tables.ground, halo_m=halo_m(province), folder=fresh).items():
            cut.file.replace(fresh / code / "streets.osm.pbf")
            np.savez(fresh / code / SHARED, way_id=cut.shared, accounted=cut.accounted)
            sizes[code]["streets"] = cut.corners
            sizes[code]["homes"] = sizes[code]["homes"] or cut.ways
    tables.counties.to_parquet(store / BORDERS)
    codes = sorted(sizes)
    centres = tables.counties.representative_point().to_crs("EPSG:4326")
    own = {code: province.crs or metre_crs(centres[code].x, centres[code].y) for code in codes}
    names = {code: str(name) for code, name in tables.counties["name"].fillna("").items()}
    remember_dealt(
        store,
        key,
        codes,
        {
            "sizes": sizes,
            "crs": own,
            "names": {code: names[code] or code for code in codes},
            "tables": sorted(tables.frames),
            "findings": [asdict(finding) for finding in tables.findings],
        },
    )
    return codes


def _told_anew(province: Province, store: Path, code: str, told: Mapping[str, Any], siting: Mapping[str, Any]) -> str:
    """Write what a county builds of the province's plan into its file, and return the key of its results then."""
    county = _county(province, store, code, told, siting=siting)
    write_text(store / code / COUNTY, json.dumps(county, ensure_ascii=False, indent=1, sort_keys=True))
    return county_key(store / code)


def _asked(
    task: Callable[..., str], given: Mapping[str, Sequence[str]], do: Hands, told: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield what each county answers; the plan of the province needs all of them."""
    for answer in do.spread(task, given):
        trouble = _trouble(answer, told["names"])
        if trouble is not None:
            raise blocked(Finding("COUNTY_FAILED", "reject", f"{trouble.name} ({answer.name})", trouble.reason("zh")))
        yield answer.name, answer.text


def _county(
    province: Province, store: Path, code: str, told: Mapping[str, Any], siting: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the file of a county: its own project, whose files lie in its folder or are named from there.

    `siting`: its part of the province's plan; while there is to be one and it is not known, nothing is built or drawn.
    """
    waits = bool(province.province.budget_wan) and siting is None
    folder = store / code
    project = province.model_dump(mode="json", exclude={"province", "engine", "roots"})
    sources = {name: source["path"] for name, source in project["inputs"].items() if source}

    def from_here(name: str) -> str:
        return Path(os.path.relpath(province.path(name), folder)).as_posix()

    for name, source in project["inputs"].items():
        if name == "streets":
            source["path"] = "streets.osm.pbf"
        elif source and name in told["tables"]:
            source["path"] = f"{name}.parquet"
        elif source:
            source["path"] = from_here(source["path"])
    packs = province.policy.packs
    project["policy"]["packs"] = [
        from_here(name) if name.endswith(".toml") and province.path(name).is_file() else name for name in packs
    ]
    for part, name in (("walking", "elevation"), ("output", "report_template")):
        if project[part][name]:
            project[part][name] = from_here(project[part][name])
    money = province.province.budgets_wan.get(code)
    if money is not None:
        project["siting"]["budget_wan"] = money
    project["siting"] |= {"budget_wan": 0.0} if waits else siting or {}
    project |= {"name": told["names"][code], "crs": told["crs"][code]}
    project["output"] |= {"folder": "results"}
    others = [
        name for name in province.files() if name not in sources.values() and name != province.province.counties.path
    ]
    hashes = {name: stamp(province.path(name))["sha256"] for name in sorted(set(others))}
    return {
        "code": code,
        "name": told["names"][code],
        "pages": province.province.pages and not waits,
        "project": project,
        "sources": {name: sources[name] for name in told["tables"]},
        "others": hashes,
    }


def _islands(
    store: Path, counties: list[str], told: Mapping[str, Any], do: Hands, order: list[str]
) -> dict[str, Failed]:
    """Find out what hangs together across borders; return the counties whose streets cannot be read."""
    keys = {}
    for code in counties:
        folder = store / code
        (folder / BEYOND).unlink(missing_ok=True)
        keys[code] = _islands_key(folder)
        kept = folder / ISLANDS_KEY
        if not (kept.is_file() and kept.read_text(encoding="utf-8") == keys[code]):
            kept.unlink(missing_ok=True)
    waiting = {code: (str(store / code), "") for code in counties if not (store / code / ISLANDS_KEY).is_file()}
    failed: dict[str, Failed] = {}
    for answer in do.spread(islands_task, waiting, first=order):
        trouble = _trouble(answer, told["names"])
        if trouble is not None:
            failed[answer.name] = trouble
        else:
            write_text(store / answer.name / ISLANDS_KEY, keys[answer.name])
    join_islands({code: store / code for code in counties if code not in failed})
    return failed


def _islands_key(folder: Path) -> str:
    """Return the hash of what the islands of a county come from."""
    inputs = ("streets.osm.pbf", "gates.parquet", "facilities.parquet", "facilities_beyond.parquet", SHARED)
    said = json.loads((folder / COUNTY).read_text(encoding="utf-8"))["project"]
    asked = (said["crs"], said["walking"], said["policy"]["as_of"], said["inputs"]["streets"])
    return digest(asked, [stamp(folder / name) for name in inputs if (folder / name).is_file()])


def _studied(
    store: Path,
    keys: Mapping[str, str],
    told: Mapping[str, Any],
    do: Hands,
    hear: Callable[[Far], None],
    *,
    already: int,
) -> tuple[dict[str, Mapping[str, Any]], dict[str, Failed]]:
    """Study the counties; return the summaries of those done, and those that failed."""
    summaries: dict[str, Mapping[str, Any]] = {}
    failed: dict[str, Failed] = {}
    began = time.monotonic()
    hear(Far(0, already, len(keys), None))
    for answer in do.spread(study_task, {code: (str(store / code), key) for code, key in keys.items()}):
        trouble = _trouble(answer, told["names"])
        if trouble is None:
            summaries[answer.name] = json.loads(answer.text)["done"]
        else:
            failed[answer.name] = trouble
        ended = len(summaries) + len(failed)
        left = len(keys) - ended
        hear(Far(len(summaries), already + len(failed), left, (time.monotonic() - began) / ended * left))
    return summaries, failed


def _trouble(answer: Answer, names: Mapping[str, str]) -> Failed | None:
    """Return why a county failed, None where it did not."""
    if answer.fault:
        return Failed(answer.name, names[answer.name], fault=answer.fault)
    faults = faults_of(json.loads(answer.text))
    return Failed(answer.name, names[answer.name], findings=faults) if faults else None

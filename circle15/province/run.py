"""The run of a province: dealt out once, its counties studied by whoever does the work, the results put in place."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd

from circle15.lock import held
from circle15.outputs import file_stamps, refuse_unwritable
from circle15.place import in_place_of
from circle15.province.answers import Hands
from circle15.province.counties import joined_up, named, why_failed
from circle15.province.county import COMPLETE, study_task
from circle15.province.deal import BORDERS, dealt_in_store, told_anew
from circle15.province.engine import hands
from circle15.province.money import money_plan, with_the_whole
from circle15.province.products import OURS, Failed, write_products
from circle15.province.project import Province, load_province
from circle15.province.ready import memory_bytes, refuse_inputs, refuse_short_disk, results_bytes, to_disk
from circle15.province.store import county_key, only
from circle15.ready import reserved
from circle15.today import Told
from circle15.unchanged import refuse_changed
from gis.errors import Finding, InputError, blocked
from optimise.province_plan import ProvincePlan


@dataclass(frozen=True)
class Far:
    """How far the run is: counties done, failed and left, and how many seconds are left, as far as can be told."""

    done: int
    failed: int
    left: int
    seconds_left: float | None


@dataclass(frozen=True)
class ProvinceStudy:
    """What a run of a province gave: the summary of each county done, what failed, where the results are, the plan.

    `plan`: of the money of the whole province, None where there is none.
    """

    province: Province
    counties: Mapping[str, Mapping[str, Any]]
    failed: Mapping[str, Failed]
    findings: tuple[Finding, ...]
    outputs: Path
    plan: ProvincePlan | None = None


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
    refuse_inputs(province)
    store = province.path(province.province.store).resolve()
    stamps = file_stamps(province, province.files())
    with reserved(province, tell=tell) as folder, to_disk(folder, store):
        store.mkdir(parents=True, exist_ok=True)
        with held(store):
            counties, told = dealt_in_store(province, store, progress)
            needs = {code: memory_bytes(told["sizes"][code]) for code in counties}
            largest_first = sorted(counties, key=lambda code: (-needs[code], code))
            new = [told["sizes"][code] for code in counties if not _kept(store / code)]
            refuse_short_disk(results_bytes(new, pages=province.province.pages), folder.parent)
            most = 1 if province.limits.short_of_memory else max(needs.values(), default=1)
            with hands(province.engine, memory_bytes=most) as do:
                if do.dashboard:
                    watch(do.dashboard)
                progress("stage.islands")
                failed = joined_up(store, counties, told, do, largest_first)
                progress("stage.counties")
                sound = [code for code in largest_first if code not in failed]
                keys = {code: county_key(store / code) for code in sound}
                summaries, more = _studied(store, keys, told, do, hear, already=len(failed))
                failed |= more
                found = {code: store / code / keys[code] for code in summaries}
                money = money_plan(province, store, found, lambda task, given: _asked(task, given, do, told))
                before = keys
                if money is not None:
                    keys = {code: told_anew(province, store, code, told, money.siting[code]) for code in summaries}
                    summaries, more = _studied(store, keys, told, do, hear, already=len(failed))
                    failed |= more
                    summaries = with_the_whole(summaries, money)
            findings = (*(Finding(**each) for each in told["findings"]), *named(failed))
            if not summaries:
                raise InputError([*(f for each in failed.values() for f in each.findings), *named(failed)])
            progress("stage.show")
            borders = gpd.read_parquet(store / BORDERS)
            with in_place_of(folder, ours=OURS) as fresh:
                refuse_changed(province, {name: str(told["sha256"]) for name, told in stamps.items()})
                write_products(
                    province,
                    fresh,
                    borders=borders,
                    summaries=summaries,
                    failed=failed,
                    results={code: store / code / keys[code] for code in summaries},
                    findings=findings,
                    money=money,
                    stamps=stamps | told.get("stamps", {}),
                )
            for code in summaries:
                only(store / code, {keys[code], before[code]})
    return ProvinceStudy(province, summaries, failed, findings, folder, None if money is None else money.plan)


def _kept(folder: Path) -> bool:
    """Return whether there are results of a county as its inputs are now, and so nothing to come."""
    return (folder / county_key(folder) / COMPLETE).is_file()


def _asked(
    task: Callable[..., str], given: Mapping[str, Sequence[str]], do: Hands, told: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield what each county answers; the plan of the province needs all of them."""
    for answer in do.spread(task, given):
        trouble = why_failed(answer, told["names"])
        if trouble is not None:
            raise blocked(Finding("COUNTY_FAILED", "reject", f"{trouble.name} ({answer.name})", trouble.reason("zh")))
        yield answer.name, answer.text


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
        trouble = why_failed(answer, told["names"])
        if trouble is None:
            summaries[answer.name] = json.loads(answer.text)["done"]
        else:
            failed[answer.name] = trouble
        ended = len(summaries) + len(failed)
        left = len(keys) - ended
        hear(Far(len(summaries), already + len(failed), left, (time.monotonic() - began) / ended * left))
    return summaries, failed

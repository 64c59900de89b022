"""A province looked at before its run: all faults of all inputs, of each county too, and what the run will need."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from circle15.checked import GRAVEST_FIRST, checked
from circle15.lock import held
from circle15.notes import as_of
from circle15.outputs import refuse_unwritable
from circle15.province.answers import Hands
from circle15.province.counties import joined_up, why_failed
from circle15.province.county import Told, guarded, read_county
from circle15.province.deal import dealt_in_store
from circle15.province.engine import hands
from circle15.province.products import Failed
from circle15.province.project import Province, load_province
from circle15.province.ready import every_fault, memory_bytes, results_bytes, to_disk
from circle15.ready import MIB
from circle15.today import Told as Hear
from circle15.walked import serving
from gis.errors import Finding, InputError, OutputError, one_line
from gis.words import Language, say


@dataclass(frozen=True)
class ProvinceChecked:
    """What a look at a province found: of each county its figures, or why it cannot be computed; what the run needs.

    `findings`: of the whole, then of the counties (each with the county's name in its place), rejections among them.
    `counties`: by code `name`, `homes`, `facilities`, `serving`, `memory_bytes`. Bytes are of the largest county's
    memory, of the disk that results are expected to take, and of what is free there.
    """

    province: Province
    findings: tuple[Finding, ...] = ()
    counties: Mapping[str, Told] = field(default_factory=dict)
    failed: Mapping[str, Failed] = field(default_factory=dict)
    memory_bytes: int = 0
    disk_bytes: int = 0
    free_bytes: int = 0

    @property
    def fine(self) -> bool:
        """Return whether a run would have every county."""
        return not self.failed and all(finding.severity != "reject" for finding in self.findings)


def check_province(path: str | Path, *, progress: Hear = lambda _: None) -> ProvinceChecked:
    """Look at every input of a province, and at every county of it by itself; no results are written.

    What is dealt out for it stays where work is kept, and the run goes on from there. Faults of inputs, of the database
    and of the engine are findings. Raises InputError for faults of the file of the province, OutputError where another
    run is at work or work cannot be kept.
    """
    province = load_province(path)
    faults = every_fault(province)
    try:
        refuse_unwritable(province)
    except (InputError, OutputError) as error:
        faults += error.findings
    if faults:
        return ProvinceChecked(province, tuple(faults))
    store = province.path(province.province.store).resolve()
    with to_disk(store):
        store.mkdir(parents=True, exist_ok=True)
    with to_disk(store), held(store):
        try:
            codes, told = dealt_in_store(province, store, progress)
        except InputError as error:
            return ProvinceChecked(province, error.findings)
        said = tuple(Finding(**each) for each in told["findings"])
        most = max(map(memory_bytes, told["sizes"].values()), default=1)
        disk = results_bytes(told["sizes"].values(), pages=province.province.pages)
        begun = ProvinceChecked(
            province, said, memory_bytes=most, disk_bytes=disk, free_bytes=shutil.disk_usage(store).free
        )
        if disk > begun.free_bytes:
            free, least = (f"{number // MIB:,} MiB" for number in (begun.free_bytes, disk))
            said += (Finding("DISK_SHORT", "reject", province.output.folder, free, allowed=f">= {least}"),)
        try:
            with hands(province.engine, memory_bytes=1 if province.limits.short_of_memory else most) as do:
                progress("stage.islands")
                failed = joined_up(store, codes, told, do, codes)
                progress("stage.check")
                counties, more, own = _looked_at(store, [code for code in codes if code not in failed], told, do)
        except (InputError, OutputError) as error:  # too little memory, nobody who answers
            return replace(begun, findings=(*said, *error.findings))
    return replace(begun, findings=(*said, *own), counties=counties, failed=failed | more)


def check_task(folder: str, _: str) -> str:
    """Look at a county as `circle15.checked` looks at a city; returns what `guarded` returns."""

    def look() -> Told:
        city = read_county(Path(folder))
        found = checked(city)
        return {
            "findings": [asdict(finding) for finding in found.findings],
            "homes": len(city.homes.frame),
            "facilities": found.facilities,
            "serving": len(serving(city.facilities, as_of(city.project))),  # of its own, without the neighbours'
        }

    return guarded(folder, look)


def _looked_at(
    store: Path, codes: Sequence[str], told: Told, do: Hands
) -> tuple[dict[str, Told], dict[str, Failed], list[Finding]]:
    """Return the figures of the counties, those that cannot be computed, and what was found in the others."""
    counties: dict[str, Told] = {}
    failed: dict[str, Failed] = {}
    found: dict[str, list[Finding]] = {}
    for answer in do.spread(check_task, {code: (str(store / code), "") for code in codes}):
        code, trouble = answer.name, why_failed(answer, told["names"])
        if trouble is not None:
            failed[code] = trouble
            continue
        seen = json.loads(answer.text)["done"]
        name = told["names"][code]
        found[code] = [_within(f"{name} ({code})", Finding(**each)) for each in seen.pop("findings")]
        counties[code] = {"name": name, **seen, "memory_bytes": memory_bytes(told["sizes"][code])}
    every = [finding for code in sorted(found) for finding in found[code] if finding.severity != "note"]
    return dict(sorted(counties.items())), failed, sorted(every, key=lambda f: GRAVEST_FIRST.index(f.severity))


def _within(county: str, finding: Finding) -> Finding:
    """Return a finding with the county that it is about in its place."""
    return replace(finding, place=f"{county} {finding.place}")


def check_lines(found: ProvinceChecked, language: Language = "zh") -> list[str]:
    """Return what a look at a province found as lines: findings, counties, what the run needs, the conclusion."""
    said = [finding.line(language) for finding in all_findings(found)]
    for code, told in found.counties.items():
        figures = {name: f"{told[name]:,}" for name in ("homes", "serving", "facilities")}
        memory = f"{told['memory_bytes'] // MIB:,}"
        name = one_line(told["name"])
        said.append(say("province.check_county", language, name=name, code=code, memory=memory, **figures))
    if found.memory_bytes:
        memory, disk, free = (f"{n // MIB:,}" for n in (found.memory_bytes, found.disk_bytes, found.free_bytes))
        said.append(say("province.check_needs", language, memory=memory, disk=disk, free=free))
    if found.fine:
        said.append(say("check.fine", language))
    elif found.failed:
        every = len(found.failed) + len(found.counties)
        said.append(say("province.check_failed", language, n=len(found.failed), all=every))
    return said


def all_findings(found: ProvinceChecked) -> list[Finding]:
    """Return all findings, those of counties that cannot be computed among them, each with its county."""
    more: list[Finding] = []
    for code, each in sorted(found.failed.items()):
        county = f"{each.name} ({code})"
        more += [_within(county, finding) for finding in each.findings]
        more += [] if each.findings else [Finding("COUNTY_FAILED", "reject", county, each.reason("zh"))]
    return [*found.findings, *more]

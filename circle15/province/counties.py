"""All counties before their study: what hangs together across borders, and why one could not answer."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from circle15.outputs import stamp
from circle15.province.answers import Answer, Hands
from circle15.province.county import COUNTY, faults_of, islands_task
from circle15.province.islands import BEYOND, ISLANDS, join_islands
from circle15.province.products import Failed
from circle15.province.store import ISLANDS_KEY, SHARED, digest, write_text
from gis.errors import Finding


def joined_up(
    store: Path, counties: list[str], told: Mapping[str, Any], do: Hands, order: list[str]
) -> dict[str, Failed]:
    """Find out what hangs together across borders; return the counties whose streets cannot be read."""
    keys = {}
    for code in counties:
        folder = store / code
        (folder / BEYOND).unlink(missing_ok=True)
        keys[code] = _islands_key(folder)
    waiting = {code: (str(store / code), "") for code in counties if not _known(store / code, keys[code])}
    failed: dict[str, Failed] = {}
    for answer in do.spread(islands_task, waiting, first=order):
        trouble = why_failed(answer, told["names"])
        if trouble is not None:
            failed[answer.name] = trouble
        else:
            folder = store / answer.name
            write_text(folder / ISLANDS_KEY, json.dumps([keys[answer.name], stamp(folder / ISLANDS)]))
    join_islands({code: store / code for code in counties if code not in failed})
    return failed


def _known(folder: Path, key: str) -> bool:
    """Return whether what hangs together in a county was found under this key, and nobody has changed it since."""
    try:
        return bool(json.loads((folder / ISLANDS_KEY).read_text(encoding="utf-8")) == [key, stamp(folder / ISLANDS)])
    except (OSError, ValueError):
        return False


def _islands_key(folder: Path) -> str:
    """Return the hash of what the islands of a county come from."""
    inputs = ("streets.osm.pbf", "gates.parquet", "facilities.parquet", "facilities_beyond.parquet", SHARED)
    said = json.loads((folder / COUNTY).read_text(encoding="utf-8"))["project"]
    asked = (said["crs"], said["walking"], said["policy"]["as_of"], said["inputs"]["streets"])
    return digest(asked, [stamp(folder / name) for name in inputs if (folder / name).is_file()])


def why_failed(answer: Answer, names: Mapping[str, str]) -> Failed | None:
    """Return why a county failed, None where it did not."""
    if answer.fault:
        return Failed(answer.name, names[answer.name], fault=answer.fault)
    faults = faults_of(json.loads(answer.text))
    return Failed(answer.name, names[answer.name], findings=faults) if faults else None


def named(failed: Mapping[str, Failed]) -> list[Finding]:
    """Return the counties that failed, as findings."""
    return [Finding("COUNTY_FAILED", "warn", f"{each.name} ({code})", each.reason("zh"))
            for code, each in sorted(failed.items())]  # fmt: skip

"""What is kept between runs: each county's folder, its inputs known by their hashes, its results by the hash of all.

A folder is changed only where its content changes, so a county that nothing has happened to keeps its results.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from circle15.outputs import file_stamps, stamp, versions
from circle15.province.county import COUNTY
from circle15.province.islands import BEYOND, ISLANDS
from circle15.province.project import Province
from gis.address import is_address
from maps.outfile import on_disk

STAGE, ISLANDS_KEY, SHARED = "inputs.json", "islands.key", "shared.npz"
MADE = {ISLANDS, ISLANDS_KEY, BEYOND, COUNTY}
"""What is made of a county's inputs."""
ON_THE_WAY = {ISLANDS, ISLANDS_KEY, SHARED}
"""What the results of a county do not depend on but by what is made of it."""
ENDINGS = (".parquet", ".osm.pbf", ".npz", ".json", ".key")
"""How the names of files in the store end."""
RESULTS = re.compile(r"[0-9a-f]{16}|\.[0-9a-f]{16}\.[0-9a-f]+\.new")
"""What the folder of results is called, and while it is written."""
FORM = 3
"""The form of what is kept; another one is computed anew."""


def digest(*parts: object) -> str:
    """Return a short hash of what can be said as JSON."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def inputs_key(province: Province, prints: Mapping[str, str]) -> str:
    """Return the hash of everything that deals the province out: its inputs (`fingerprints`), the cut, the version."""
    walking = province.walking
    asked = (walking.minutes, walking.speed_m_s, walking.compare_speeds, walking.max_connector_m, province.crs)
    return digest(FORM, prints, asked, province.inputs.model_dump(mode="json"), versions())


def fingerprints(province: Province) -> dict[str, str]:
    """Return the hash of what each input holds, by its name: of a file its bytes, of a table of PostGIS its rows."""
    names = sorted({province.inputs.streets.path, *(source.path for source in province.tables().values())})
    files = (name for name in names if not is_address(name))
    found = {name: str(told["sha256"]) for name, told in file_stamps(province, files).items()}
    if not (stored := [name for name in names if is_address(name)]):
        return found
    from gis.intake.stored import fetched  # noqa: PLC0415 - who has no database need not have its driver

    return found | {name: fetched(province.address(name))[2] for name in stored}


def dealt(store: Path, key: str) -> list[str] | None:
    """Return the counties in the store where it holds what this key stands for, whole; None where it does not."""
    try:
        said = json.loads((store / STAGE).read_text(encoding="utf-8"))
        if said["key"] != key or said.pop("digest") != digest(said):
            return None
        whole = all(stamp(store / name)["sha256"] == sha for name, sha in said["files"].items())
    except (OSError, ValueError, KeyError):
        return None
    return list(said["counties"]) if whole else None


def remember_dealt(store: Path, key: str, counties: list[str], told: Mapping[str, Any]) -> None:
    """Note that the store holds what a key stands for; `told` is kept beside it."""
    places = [*_ours(store), *(path for code in counties for path in _ours(store / code) if path.name not in MADE)]
    files = {path.relative_to(store).as_posix(): stamp(path)["sha256"] for path in places if path.name != STAGE}
    said = {"key": key, "counties": counties, "files": files, **told}
    write_text(store / STAGE, json.dumps({**said, "digest": digest(said)}, ensure_ascii=False))


def told_of(store: Path) -> dict[str, Any]:
    """Return what was noted beside the key."""
    told: dict[str, Any] = json.loads((store / STAGE).read_text(encoding="utf-8"))
    return told


def _ours(folder: Path) -> list[Path]:
    """Return the files of a folder that are ours: what a file manager or a person lays beside them is left alone."""
    return sorted(path for path in folder.glob("[!.]*") if path.name.endswith(ENDINGS) and path.is_file())


def write_text(path: Path, text: str) -> None:
    """Write a text beside its place and then rename it."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    on_disk(draft)
    draft.replace(path)


@contextmanager
def refilled(store: Path) -> Iterator[Path]:
    """Give a folder to deal the counties into; what it holds then takes the place of the same in the store.

    Files that are the same are left as they are; a county's results stay beside them.
    """
    fresh = store / ".fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    (store / STAGE).unlink(missing_ok=True)
    try:
        yield fresh
        for folder in sorted(path for path in fresh.iterdir() if path.is_dir()):
            place = store / folder.name
            place.mkdir(exist_ok=True)
            for old in _ours(place):
                if not (folder / old.name).exists() and old.name not in MADE:
                    old.unlink()
            for path in folder.iterdir():
                os.replace(path, place / path.name)  # noqa: PTH105 - over what is there, on every system
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def county_key(folder: Path) -> str:
    """Return the hash of all that a county's results depend on."""
    names = [path.name for path in _ours(folder) if path.name not in ON_THE_WAY]
    return digest(FORM, {name: stamp(folder / name)["sha256"] for name in names}, versions())


def only(folder: Path, keys: Collection[str]) -> None:
    """Drop results of a county under other keys, and what was left half written."""
    for path in folder.iterdir():
        if path.is_dir() and path.name not in keys and RESULTS.fullmatch(path.name):
            shutil.rmtree(path, ignore_errors=True)

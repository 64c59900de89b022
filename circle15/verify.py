"""Are results what their run wrote: every file of the manifest hashed anew, and every table where it wrote some."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from circle15.database import database_differences
from circle15.outputs import MANIFEST, TIMES
from circle15.project import PROJECT_FILE, Project
from circle15.project_file import load_kind
from gis.errors import Finding, InputError
from gis.words import Language, say

_HASH = re.compile("[0-9a-f]{64}")


def kept_manifest(results: Path) -> tuple[Path, dict[str, Any]]:
    """Return the folder of results and their manifest, from the folder or the manifest in it.

    Raises InputError (FILE_MISSING, MANIFEST_BROKEN) where there is none, or it is not as a run writes it.
    """
    file = results / MANIFEST if results.is_dir() else results
    try:
        content = json.loads(file.read_bytes().decode("utf-8"))
        stamps = (*content["outputs"].items(), *content["inputs"].items())
        whole = all(_HASH.fullmatch(stamp["sha256"]) for _, stamp in stamps)
        whole = whole and bool(content["outputs"]) and all(_plain(name) for name in content["outputs"])
    except OSError as error:
        raise InputError([Finding("FILE_MISSING", "reject", str(file))]) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError([Finding("MANIFEST_BROKEN", "reject", str(file), type(error).__name__)]) from error
    if not whole:
        raise InputError([Finding("MANIFEST_BROKEN", "reject", str(file))])
    return file.parent, content


def verify(results: str | Path) -> tuple[Finding, ...]:
    """Return what differs from the manifest: results missing or changed, files that it did not write (note).

    `results` is the folder of a run, or its manifest. Nothing is changed. Where the run wrote to a database too, it
    is asked, and no other. Raises InputError where there is no manifest, or the database cannot be read.
    """
    folder, manifest = kept_manifest(Path(results))
    found = tuple(_differences(folder, manifest["outputs"]))
    if not (manifest.get("project") or {}).get("output", {}).get("postgis"):
        return found
    project = project_of(manifest, root_of(folder, manifest))
    return (*found, *database_differences(project, run=hash_of(folder / MANIFEST)))


def root_of(folder: Path, manifest: dict[str, Any]) -> Path:
    """Return the project folder that results lie in, by the output folder that their manifest names."""
    try:
        steps = Path(manifest["project"]["output"]["folder"]).parts
    except (KeyError, TypeError) as error:
        raise InputError([Finding("MANIFEST_BROKEN", "reject", MANIFEST, str(error))]) from error
    root = folder.resolve()
    for _ in steps:
        root = root.parent
    return root


def project_of(manifest: dict[str, Any], root: Path) -> Project:
    """Return the project of a manifest; passwords, which it does not hold, are those of the project file beside it."""
    from circle15.province.project import PROVINCE_FILE, Province  # noqa: PLC0415 - a city has no use for it

    kind, file = (Province, PROVINCE_FILE) if "province" in manifest["project"] else (Project, PROJECT_FILE)
    passwords: dict[str, str] = {}
    with suppress(InputError):
        passwords = dict(load_kind(root / file, kind).passwords)
    try:
        return kind.model_validate({**manifest["project"], "folder": root, "passwords": passwords})
    except ValidationError as error:
        raise InputError([Finding("MANIFEST_BROKEN", "reject", MANIFEST, str(error.errors()[0]["loc"]))]) from error


def verify_lines(found: tuple[Finding, ...], results: str | Path, language: Language = "zh") -> list[str]:
    """Return the findings as lines and, last, whether the results are whole."""
    faults = sum(finding.severity == "reject" for finding in found)
    number = faults or len(kept_manifest(Path(results))[1]["outputs"])
    return [finding.line(language) for finding in found] + [
        say("verify.broken" if faults else "verify.whole", language, n=number)
    ]


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _differences(folder: Path, stamps: dict[str, Any]) -> Iterator[Finding]:
    for name, stamp in sorted(stamps.items()):
        path = folder / name
        if not path.is_file():
            yield Finding("RESULT_MISSING", "reject", name)
        elif (now := hash_of(path)) != stamp["sha256"]:
            size, was = path.stat().st_size, f"{stamp.get('bytes')} B, {stamp['sha256'][:12]}"
            yield Finding("RESULT_CHANGED", "reject", name, f"{size} B, {now[:12]}", allowed=was)
    ours = {*stamps, MANIFEST, TIMES}
    within = {name.partition("/")[0] for name in stamps if "/" in name}
    for path in sorted(folder.iterdir()):
        inside = (each for each in sorted(path.rglob("*")) if each.is_file()) if path.name in within else (path,)
        for each in inside:
            name = each.relative_to(folder).as_posix()
            if name not in ours:
                yield Finding("RESULT_ADDED", "note", name)


def _plain(name: str) -> bool:
    """Return whether a name is one of a file in the folder or below it, whatever the system."""
    return all(part not in ("", ".", "..") and not set(part) & set("\\:\0") for part in name.split("/"))

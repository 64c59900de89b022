"""A run once more from its manifest: the same inputs by their hashes, in a folder of its own, compared to the byte."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from circle15.city import read_city
from circle15.county_pages import COUNTIES, county_files
from circle15.kept import kept_verdicts, verdicts_hash
from circle15.outputs import MANIFEST, OURS, TIMES, Asked, put_results, versions
from circle15.run import judged
from circle15.study import study
from circle15.today import Told
from circle15.verify import hash_of, kept_manifest, project_of, root_of
from gis.address import is_address
from gis.errors import Finding, InputError, refuse
from gis.words import Language, say


def replay(
    results: str | Path,
    *,
    project: str | Path | None = None,
    against: Sequence[Path] = (),
    progress: Told = lambda _: None,
) -> tuple[Finding, ...]:
    """Compute results anew from their manifest and return what is not the same (reject), and other versions (note).

    `results` is the manifest of a run or its folder, `project` the folder of its inputs where the results no longer
    lie in it, `against` the earlier results that they were compared with. Nothing of the project is written to.
    Raises InputError where an input is missing or not the one of that run, naming each.
    """
    folder, manifest = kept_manifest(Path(results))
    if manifest.get("command", "run") not in ("run", "comply"):
        raise InputError([Finding("REPLAY_PROVINCE", "reject", MANIFEST, str(manifest["command"]))])
    root = Path(project).resolve() if project else root_of(folder, manifest)
    refuse(_inputs(root, manifest["inputs"]))
    earlier = [kept_verdicts(other) for other in against]
    if [verdicts_hash(other) for other in against] != list(manifest.get("against", [])):
        raise InputError([Finding("REPLAY_AGAINST", "reject", MANIFEST)])
    again = project_of(manifest, root)
    progress("stage.read")
    city = read_city(again)
    refuse(_tables(city.stamps, manifest["inputs"]))
    command = manifest.get("command", "run")
    done = study(city, progress=progress) if command == "run" else judged(city, earlier, progress=progress)
    with TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        asked = Asked(command, tuple(manifest.get("against", [])))
        fresh = put_results(
            done, Path(temporary) / "results", times={}, asked=asked, to_database=False, progress=progress
        )
        return (*_versions(manifest), *_compared(folder, fresh))


def replay_lines(found: tuple[Finding, ...], results: str | Path, language: Language = "zh") -> list[str]:
    """Return the findings as lines and, last, whether all is the same."""
    faults = sum(finding.severity == "reject" for finding in found)
    number = faults or len(kept_manifest(Path(results))[1]["outputs"]) + 1
    return [finding.line(language) for finding in found] + [
        say("verify.differ" if faults else "verify.same", language, n=number)
    ]


def _inputs(root: Path, stamps: dict[str, Any]) -> Iterator[Finding]:
    """Yield the inputs that are not there or not the ones that were read."""
    for name, stamp in sorted((name, stamp) for name, stamp in stamps.items() if not is_address(name)):
        if not (root / name).is_file():
            yield Finding("FILE_MISSING", "reject", name)
        elif (now := hash_of(root / name)) != stamp["sha256"]:
            yield Finding("INPUT_CHANGED", "reject", name, now[:12], allowed=stamp["sha256"][:12])


def _tables(now: Mapping[str, Mapping[str, object]], stamps: dict[str, Any]) -> Iterator[Finding]:
    """Yield the tables of a database that are not as they were read."""
    for name, stamp in sorted(now.items()):
        if stamp["sha256"] != stamps.get(name, {}).get("sha256"):
            yield Finding("INPUT_CHANGED", "reject", name, str(stamp["sha256"])[:12])


def _versions(manifest: dict[str, Any]) -> Iterator[Finding]:
    """Yield the libraries that are of another version than in that run."""
    here, then = versions(), manifest.get("versions", {})
    for name in sorted(here):
        if name in then and then[name] != here[name]:
            yield Finding("REPLAY_VERSION", "note", name, here[name], allowed=str(then[name]))


def _compared(folder: Path, fresh: Path) -> Iterator[Finding]:
    """Yield the results that are not the same to the byte, or that only one of the runs has."""
    pages = {*county_files(folder), *county_files(fresh)}
    for name in sorted((OURS | pages) - {TIMES, COUNTIES}):
        before, now = ((place / name) for place in (folder, fresh))
        if before.is_file() != now.is_file() or (now.is_file() and hash_of(before) != hash_of(now)):
            yield Finding("REPLAY_DIFFERS", "reject", name)

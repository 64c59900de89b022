"""The drawings on disk: every theme and street in the formats asked for, named by code and title, with a list."""

import hashlib
import json
import multiprocessing
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import get_args

from circle15.blocked import why_blocked
from circle15.study import Study
from circle15.today import Told
from gis.errors import Finding, blocked, refuse
from maps.atlas import Atlas
from maps.sheet.drawing import compose, number_of, streets_of, title_of
from maps.sheet.ground import Grounds
from maps.sheet.lettering import Chain, chain
from maps.sheet.paper import Form, Size
from maps.sheet.picture import Picture
from maps.sheet.themes import THEMES

SHEETS = "sheets"
LIST = "sheets.json"
LONGEST, LONGEST_BYTES = 80, 240
"""What every disk takes of a name, an ending beside it; one sign may have four bytes."""
_DEVICE = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³])", re.IGNORECASE)
"""What Windows takes for a device, whatever stands behind the first dot."""
"""Letters of a file's name: three bytes each leave room for the ending on every disk."""


def write_sheets(
    done: Study,
    *,
    themes: Sequence[str] = (),
    size: Size | None = None,
    forms: Sequence[str] = (),
    workers: int = 1,
    progress: Told = lambda _: None,
) -> list[Path]:
    """Write the drawings of a study into `sheets` of its output folder, and return the files.

    Without `themes` all of them, one sheet a street; without `size` and `forms` (pdf, png, jpg) what the project file
    says. Sheets that an earlier set had and this one has not are removed; what else lies there stays. With several
    `workers` the sheets are printed in processes of their own (then a script needs its `if __name__ == "__main__"`).
    Raises InputError for an unknown theme or form or a character that no font has, OutputError where a file cannot be
    written.
    """
    asked = themes or tuple(THEMES)
    refuse([*_not_among(asked, THEMES, "--theme"), *_not_among(forms, get_args(Form), "--format")])
    atlas, said = done.atlas(), done.project.sheet
    formats = tuple(form for form in get_args(Form) if form in (forms or said.formats))
    pictures, grounds, paper = {}, Grounds(), size or said.size
    for theme, street in _each(atlas, asked):
        progress("stage.sheets")
        name = file_name(atlas, theme, street=street)
        pictures[name] = compose(atlas, theme, size=paper, street=street, grounds=grounds)
    folder = done.project.path(done.project.output.folder).resolve() / SHEETS
    printed = _printed(pictures, formats, chain(atlas.imprint.fonts), said.dpi, workers)
    try:
        return _put(folder, printed, whole=not themes, progress=progress)
    except OSError as error:
        raise blocked(why_blocked(error, folder)) from error


def _not_among(said: Iterable[str], known: Iterable[str], option: str) -> list[Finding]:
    """Return a finding for each value that an option does not know."""
    allowed = tuple(known)
    return [
        Finding("PARAM_RANGE", "reject", option, value, allowed=", ".join(allowed))
        for value in said
        if value not in allowed
    ]


def file_name(atlas: Atlas, theme: str, *, street: str = "") -> str:
    """Return the name of a drawing's file without ending: code, name of the place, number and title."""
    made = atlas.imprint
    number = number_of(atlas, theme, street=street).removeprefix(made.number_prefix)
    return slug(f"{made.place_code}{made.place_name}{number}{title_of(atlas, theme, street=street)}")


def slug(text: str) -> str:
    r"""Return a text as a name that every disk takes: no separators, no control characters, not too long.

    >>> slug('410621浚县04现状/步行: 覆盖图.'), slug("LPT1.现状")
    ('410621浚县04现状_步行_覆盖图', 'LPT1_.现状')
    """
    plain = unicodedata.normalize("NFC", text)
    plain = "".join(c if c.isprintable() and c not in '<>:"/\\|?*' else " " for c in plain)
    plain = re.sub(r"\s+", "_", plain.strip(" .")).strip("._")[:LONGEST]
    name = plain.encode()[:LONGEST_BYTES].decode(errors="ignore").rstrip("._") or "sheet"
    first, dot, rest = name.partition(".")  # Windows looks at what stands before the first dot
    return f"{first}_{dot}{rest}" if _DEVICE.fullmatch(first) else name


def drop_drawn(folder: Path) -> None:
    """Remove the drawings that a list in the folder names, and the list: they belong to results that are no more."""
    for name in _listed(folder):
        (folder / name).unlink(missing_ok=True)
    (folder / LIST).unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _each(atlas: Atlas, themes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each sheet of some themes: the theme, and the code of its street, in the order of the set."""
    for theme in THEMES:
        if theme in themes:
            yield from ((theme, street) for street in (streets_of(atlas) if theme == "street" else [""]))


def _printed(
    pictures: Mapping[str, Picture], forms: tuple[Form, ...], fonts: Chain, dpi: int, workers: int
) -> Iterator[tuple[str, bytes]]:
    """Yield the files one after the other, printed by as many processes as asked for."""
    jobs = [(picture, forms, fonts, dpi) for picture in pictures.values()]
    if workers > 1 and len(jobs) > 1:
        fresh = multiprocessing.get_context("spawn")  # a copy of a process with running threads may stand still
        with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=fresh) as pool:
            yield from _named(pictures, pool.map(_print, jobs))
    else:
        yield from _named(pictures, map(_print, jobs))


def _named(pictures: Mapping[str, Picture], done: Iterator[dict[Form, bytes]]) -> Iterator[tuple[str, bytes]]:
    for name, files in zip(pictures, done, strict=True):
        yield from ((f"{name}.{form}", content) for form, content in files.items())


def _print(job: tuple[Picture, tuple[Form, ...], Chain, int]) -> dict[Form, bytes]:
    from maps.sheet.press import printings  # noqa: PLC0415 - matplotlib loads slowly

    picture, forms, fonts, dpi = job
    return printings(picture, forms, fonts=fonts, dpi=dpi)


def _put(folder: Path, printed: Iterator[tuple[str, bytes]], *, whole: bool, progress: Told) -> list[Path]:
    """Write all files beside the folder, then move them into it; the list of them last."""
    fresh = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.new")
    fresh.mkdir(parents=True)
    try:
        hashes = {}
        for name, content in printed:
            (fresh / name).write_bytes(content)
            hashes[name] = hashlib.sha256(content).hexdigest()
            progress("stage.sheets")
        folder.mkdir(exist_ok=True)
        before = _listed(folder)
        for name in hashes:
            (fresh / name).replace(folder / name)
        for name in before if whole else ():
            if name not in hashes:
                (folder / name).unlink(missing_ok=True)
        kept = hashes if whole else {**before, **hashes}
        text = json.dumps({"drawings": kept}, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / LIST).write_text(text + "\n", encoding="utf-8")
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return [folder / name for name in hashes]


def _listed(folder: Path) -> dict[str, str]:
    """Return the drawings that a folder's list names, with their hashes; none where there is no list."""
    try:
        said = json.loads((folder / LIST).read_text(encoding="utf-8"))["drawings"]
        return {name: str(stamp) for name, stamp in said.items() if Path(name).name == name}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}

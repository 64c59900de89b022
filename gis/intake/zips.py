"""A shapefile in a zip, as it is mailed: looked into before anything is unpacked, and only its own parts are."""

import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from gis.intake.files import fault
from gis.intake.workbooks import refuse_bombs

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
NEEDED = PARTS[:3]
MOST_MEMBERS = 500
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1


def unpack_shapefile(file: Path, folder: Path, *, layer: str | None) -> Path:
    """Unpack the one shapefile of a zip, or the one of that name, into an empty folder; return its .shp there.

    Members are written under a plain name of our own, so no path of the zip leads anywhere. Raises InputError for a
    bomb, a password, members outside of the zip's own folder, links, no shapefile or several.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not (member.is_dir() or _of_macos(member))]
            _refuse_odd(file, members)
            refuse_bombs(file, members)
            shapes = {_name(m)[:-4]: m for m in members if _name(m).lower().endswith(".shp")}
            wanted = [stem for stem in shapes if layer is None or PurePosixPath(stem).name == layer]
            titles = ", ".join(PurePosixPath(stem).name for stem in shapes)
            if len(wanted) != 1:
                code = "FILE_ZIP" if not shapes else "SHEET_MISSING" if layer else "SHEET_AMBIGUOUS"
                raise fault(code, file.name, titles or ", ".join(sorted({Path(_name(m)).suffix for m in members})[:10]))
            for member in members:
                name = _name(member)
                ending = name[len(wanted[0]) :].lower()
                if name.startswith(wanted[0]) and ending in PARTS:
                    (folder / f"layer{ending}").write_bytes(archive.read(member))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        raise fault("FILE_BROKEN", file.name, str(error)) from error
    return folder / "layer.shp"


def _refuse_odd(file: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse what no zip of a shapefile has: thousands of members, a password, links, paths out of it."""
    if len(members) > MOST_MEMBERS:
        raise fault("FILE_TOO_LARGE", file.name, f"{len(members):,} > {MOST_MEMBERS}")
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if member.flag_bits & _ENCRYPTED:
            raise fault("FILE_LOCKED", file.name, _name(member))
        out = path.is_absolute() or ".." in path.parts or ":" in member.filename
        if out or stat.S_ISLNK(member.external_attr >> 16):
            raise fault("FILE_ZIP", file.name, _name(member))


def _of_macos(member: zipfile.ZipInfo) -> bool:
    """Return whether a member is what macOS packs beside every file: its marks, under the file's name after `._`."""
    return PurePosixPath(member.filename).name.startswith("._")


def _name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member; the zips of a Chinese Windows write it in GBK without saying so."""
    name = member.filename
    if not member.flag_bits & _UTF8_NAME and not name.isascii():
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = member.filename
    return name.replace("\\", "/")

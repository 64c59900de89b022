"""Which kind of file this is, by what it holds and not by its name; only ordinary local files are opened."""

import os
import zipfile
from pathlib import Path
from typing import Literal

from gis.errors import Finding, InputError

Kind = Literal["csv", "xlsx", "gpkg", "geojson", "shp", "zip"]
READABLE = ".csv .xlsx .gpkg .geojson .shp"
SIZE_LIMIT = 300 * 2**20
"""A table larger than this on disk is no table a planner made (bytes)."""
_LOCKED = "EncryptedPackage".encode("utf-16-le")
"""The part of an OLE file that holds a workbook with a password."""


def local_file(path: str | os.PathLike[str]) -> Path:
    """Return the absolute path of an ordinary local file.

    Raises InputError for an address, a GDAL virtual path, a folder or device, a missing and an empty file.
    """
    text = os.fspath(path)
    if "://" in text or text.replace("\\", "/").startswith("/vsi"):
        raise fault("FILE_NOT_LOCAL", text)
    file = Path(text).absolute()
    try:
        there = file.exists()
    except (OSError, ValueError):  # a name that no file can have
        there = False
    if not there:
        raise fault("FILE_MISSING", text)
    if not file.is_file():
        raise fault("FILE_NOT_LOCAL", text)
    if file.stat().st_size == 0:
        raise fault("FILE_EMPTY", file.name, "0 B")
    return file


def kind_of(file: Path) -> Kind:
    """Return what a table file is, read from its first bytes.

    Raises InputError for web pages, old .xls workbooks, files with a password, KML, and whatever is no table.
    """
    with file.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"SQLite format 3\0"):
        return "gpkg"
    if file.stat().st_size > SIZE_LIMIT:
        raise fault("FILE_TOO_LARGE", file.name, f"{file.stat().st_size >> 20} MiB")
    if head.startswith(b"\0\0\x27\x0a"):
        return "shp"
    if head.startswith(b"PK\x03\x04"):
        return _packed(file)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise fault("FILE_LOCKED" if _LOCKED in file.read_bytes() else "FILE_OLD_EXCEL", file.name)
    if file.suffix.lower() in (".dbf", ".shx", ".prj"):
        raise fault("SHAPE_PART_MISSING", file.name, file.suffix.lower(), allowed=".shp")
    return _text(file, head)


def fault(code: str, place: str, found: str = "", *, allowed: str = "") -> InputError:
    """Return the error for a fault of a whole file, after which nothing more can be read from it."""
    return InputError([Finding(code, "reject", place, found, allowed=allowed)])


def _packed(file: Path) -> Kind:
    """Tell a workbook from a zipped shapefile and a KMZ; a zip that cannot be listed is left to the workbook reader."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = [name.lower() for name in archive.namelist()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "xlsx"
    if any(name.endswith("workbook.xml") for name in names):
        return "xlsx"
    if any(name.endswith(".kml") for name in names):
        raise fault("FILE_KML", file.name, "KMZ")
    if {"[content_types].xml", "mimetype"} & set(names):  # another office program's: .xlsb, .ods, .docx
        raise fault("FILE_FORMAT", file.name, file.suffix or "zip")
    return "zip"


def _text(file: Path, head: bytes) -> Kind:
    """Tell a comma-separated table from GeoJSON, a web page and binary data."""
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or head.count(0) > 0.02 * len(head)
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"").lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"mime-version:")):
        raise fault("FILE_HTML", file.name)
    if start.startswith((b"{", b"[{")):
        return "geojson"
    if b"<kml" in start:
        raise fault("FILE_KML", file.name, "KML")
    control = sum(byte < 9 for byte in head)  # noqa: PLR2004 below the tab no text has any byte
    if (
        start.startswith((b"<", b"%pdf", b"{\\rtf", b"rar!", b"7z\xbc\xaf"))
        or (control and not wide)
        or control > 0.6 * len(head)
    ):
        raise fault("FILE_FORMAT", file.name, repr(head[:8]))
    return "csv"

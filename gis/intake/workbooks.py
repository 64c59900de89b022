"""A workbook is measured before it is opened: what it unpacks to, how it was packed, how many elements its parts have.

What a file says of itself is not believed further than it can be checked: a sheet's claimed size is set aside and its
cells are counted while they stream.
"""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gis.intake.files import fault

MIB = 1 << 20
MOST_UNPACKED = 300 * MIB
"""A workbook larger than this unpacked is no table a planner made (bytes)."""
SMALL, MOST_PACKED = 10 * MIB, 100
"""Parts above `SMALL` that shrank more than `MOST_PACKED` times are a bomb; sheets of a table shrink 5 to 30 times."""
MOST_ELEMENTS = 400_000
"""Of the parts that are held in memory as a whole: styles, names, relations. A style is 30 to 300 bytes there."""
MOST_STRINGS = 2_000_000
"""Elements of the part that holds the texts of all sheets, four a text."""
MOST_SHEETS = 256
MOST_ROWS = 1_048_576
MOST_CELLS = 4_000_000
MOST_TEXT = 60_000_000
"""Cells, and letters in them, of all sheets read."""
_CHUNK = MIB
_TEXTS_ELSEWHERE = re.compile(
    rb'<Override[^<>]{0,500}PartName="(?![^"<>]{0,200}/sharedStrings\.xml")[^<>]{0,500}sharedStrings\+xml'
)
"""Texts in a part that bears another name would not be counted as such."""


def measure_workbook(file: Path, stream: IO[bytes]) -> None:
    """Look into a zip without unpacking more than is needed to refuse it.

    Raises InputError for what is no workbook (FILE_FORMAT, FILE_BROKEN) and for what would not fit (FILE_TOO_LARGE).
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
            if not any(part.filename.lower().endswith("workbook.xml") for part in parts):
                raise fault("FILE_FORMAT", file.name, "zip")
            refuse_bombs(file, parts)
            for part in parts:
                _count(file, archive, part)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise fault("FILE_BROKEN", file.name, str(error)) from error


def refuse_bombs(file: Path, parts: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse a zip by what it says of its parts: too large unpacked, or shrunk as no table shrinks (FILE_TOO_LARGE)."""
    unpacked = sum(part.file_size for part in parts)
    bomb = any(p.file_size > SMALL and p.file_size > MOST_PACKED * max(p.compress_size, 1) for p in parts)
    packed = sum(part.compress_size for part in parts)
    bomb |= unpacked > SMALL and unpacked > MOST_PACKED * max(packed, 1)
    if unpacked > MOST_UNPACKED or bomb:
        raise fault("FILE_TOO_LARGE", file.name, f"{file.stat().st_size >> 10:,} KiB -> {unpacked >> 20:,} MiB")


def _count(file: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Count the elements of a part that the reader holds as a whole, and the sheets of the book."""
    name = part.filename.lower().replace("\\", "/")
    if not name.endswith((".xml", ".rels")) or "/worksheets/sheet" in name:
        return
    if name.endswith("[content_types].xml") and _TEXTS_ELSEWHERE.search(archive.read(part)):
        raise fault("FILE_BROKEN", f"{file.name}!{part.filename}", "sharedStrings")
    elements = sheets = 0
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            elements += chunk.count(b"<")
            sheets += chunk.count(b"<sheet ") if name.endswith("workbook.xml") else 0
            most = MOST_STRINGS if name.endswith("sharedstrings.xml") else MOST_ELEMENTS
            if elements > most or sheets > MOST_SHEETS:
                raise fault("FILE_TOO_LARGE", f"{file.name}!{part.filename}", f"> {min(elements, most):,}")


@dataclass
class Budget:
    """What may still be read from one workbook: rows of a sheet, cells and letters of all of them."""

    file: str
    cells: int = MOST_CELLS
    text: int = MOST_TEXT

    def take(self, place: str, number: int, values: tuple[object, ...]) -> None:
        """Take one row. Raises InputError (FILE_TOO_LARGE) where that is more than a table has."""
        self.cells -= len(values) + 1
        self.text -= sum(len(value) for value in values if isinstance(value, str))
        if number > MOST_ROWS or self.cells < 0 or self.text < 0:
            raise fault("FILE_TOO_LARGE", f"{place}:{number}", f"> {MOST_CELLS:,}")

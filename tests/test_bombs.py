"""Workbooks that were made to break the reader end in a message, within 20 seconds of work and 1 GB."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from gis.errors import InputError
from gis.intake import read_table
from gis.tables import FACILITIES

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
READ = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1_000_000_000, 1_000_000_000))
from gis.errors import InputError
from gis.intake import read_table
from gis.tables import FACILITIES
used = resource.getrusage(resource.RUSAGE_SELF)
resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 20, 999))
try:
    read_table(sys.argv[1], FACILITIES, crs="EPSG:4547")
except InputError as error:
    print(*(finding.code for finding in error.findings))
"""
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
TEXTS = (
    b'<Override PartName="/xl/sharedStrings.xml" '
    b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)
ROW = '<row r="{0}"><c r="A{0}"><v>1</v></c></row>'


def book(tmp_path: Path, **parts: str | bytes) -> Path:
    """Return a workbook of which some parts are replaced, packed as tight as can be."""
    plain = tmp_path / "plain.xlsx"
    made = openpyxl.Workbook()
    made.active.append(["设施编号", "设施名称", "类型"])
    made.save(plain)
    bad = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for name in old.namelist():
            body = old.read(name)
            if name.startswith("[") and "sharedStrings" in parts:
                body = body.replace(b"</Types>", TEXTS + b"</Types>")
            new.writestr(name, parts.get(Path(name).stem, body))
        if "sharedStrings" in parts:
            new.writestr("xl/sharedStrings.xml", parts["sharedStrings"])
    return bad


def sheet(rows: str) -> str:
    """Return a sheet with these rows."""
    return f'<worksheet {MAIN}><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>'


BOMBS: dict[str, Callable[[Path], Path]] = {
    "a sheet of nothing": lambda at: book(at, sheet1=sheet(" " * 250_000_000)),
    "many cells": lambda at: book(at, sheet1=sheet("".join(ROW.format(i) for i in range(1, 1_000_000)))),
    "a row far down": lambda at: book(at, sheet1=sheet(ROW.format(1) + ROW.format(4_000_000_000))),
    "rows as wide as can be": lambda at: book(
        at, sheet1=sheet("".join(f'<row r="{i}"><c r="XFD{i}"><v>1</v></c></row>' for i in range(1, 20_000)))
    ),
    "one text, many times": lambda at: book(
        at,
        sheet1=sheet("".join(f'<row r="{i}"><c r="A{i}" t="s"><v>0</v></c></row>' for i in range(1, 100_000))),
        sharedStrings=f"<sst {MAIN}><si><t>{'养老' * 16_000}</t></si></sst>",
    ),
    "many texts": lambda at: book(at, sharedStrings=f"<sst {MAIN}>{'<si><t>a</t></si>' * 3_000_000}</sst>"),
    "many styles": lambda at: book(
        at, styles=f"<styleSheet {MAIN}><cellXfs>{'<xf/>' * 1_500_000}</cellXfs></styleSheet>"
    ),
    "many sheets": lambda at: book(
        at,
        workbook=f'<workbook {MAIN} xmlns:r="{RELATIONS}"><sheets>'
        + "".join(f'<sheet name="s{i}" sheetId="{i}" r:id="rId1"/>' for i in range(1, 20_000))
        + "</sheets></workbook>",
    ),
    "laughing entities": lambda at: book(
        at,
        sheet1='<!DOCTYPE a [<!ENTITY a0 "ha">'
        + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
        + "]>"
        + sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row>'),
    ),
    "searched back and back": lambda at: book(at, sheet1=sheet("<!--" + '<c r="A1"' * 900_000 + "-->")),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_ends_in_a_message(tmp_path: Path, bomb: str) -> None:
    file = BOMBS[bomb](tmp_path)
    ran = subprocess.run(
        [sys.executable, "-c", READ, str(file)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    codes = {"FILE_TOO_LARGE", "FILE_BROKEN", "HEADER_MISSING"}
    assert set(ran.stdout.split()) <= codes, ran.stdout
    assert ran.stdout.strip(), f"{file.stat().st_size} B"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a.shp", "SHAPE_PART_MISSING"),
        ("doc.kml", "FILE_KML"),
        *(
            (name, "FILE_ZIP")
            for name in ("out.txt", "../../a.shp", "/etc/a.shp", "..\\a.shp", "C:\\a.shp", "x/../../a.shp")
        ),
    ],
)
def test_a_zip_that_is_no_workbook_is_not_unpacked(tmp_path: Path, name: str, code: str) -> None:
    """Half a shapefile, a KMZ, members that would leave the folder: all one line, and no file is made."""
    for _ in range(1):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr(name, "x")
        with pytest.raises(InputError, match=code):
            read_table(tmp_path / "a.zip", FACILITIES, crs="EPSG:4547")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_a_workbook_whose_directory_lies_is_damaged(tmp_path: Path) -> None:
    """The size in the directory is made small: what is read stops there, and the sum does not agree."""
    file = book(tmp_path, sheet1=sheet(" " * 5_000_000))
    data = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as archive:
        part = next(p for p in archive.infolist() if p.filename.endswith("sheet1.xml"))
    size, small = part.file_size.to_bytes(4, "little"), (1000).to_bytes(4, "little")
    assert size in data
    file.write_bytes(bytes(data).replace(size, small))
    with pytest.raises(InputError, match="FILE_BROKEN"):
        read_table(file, FACILITIES, crs="EPSG:4547")

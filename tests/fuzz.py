"""Damaged files: bits flipped, ends cut off, bytes put in; reading them ends in a result or in plain findings.

    python -m tests.fuzz --seconds 60 [--seed 1] [--kind xlsx]

Each damaged file is read in a process of its own, with 20 s of processor time and 1 GB of memory more than it starts
with. An InputError whose lines are one line each is the right end (the command line makes exit 2 of it), and so is a
result. Any other error, a signal, a limit reached or a file that was written is a fault; it is printed with its seed.
"""

import argparse
import gc
import io
import os
import random
import resource
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from circle15.project_file import load_project
from gis.errors import InputError
from gis.extract import read_extract
from gis.intake import read_table
from gis.streets import walk_network
from gis.tables import COMMUNITIES, FACILITIES, RESIDENTS

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
CPU_S, MORE_BYTES = 20, 1 << 30
CRS = "EPSG:4547"
Read = Callable[[Path], object]


@dataclass(frozen=True)
class Kind:
    """One kind of file: a whole one, and what reads it."""

    file: Path
    read: Read
    part: str = ""
    """The part of a packed file that is damaged, packed whole again afterwards."""

    def whole(self) -> bytes:
        """Return what is to be damaged."""
        if not self.part:
            return self.file.read_bytes()
        with zipfile.ZipFile(self.file) as book:
            return book.read(self.part)

    def packed(self, data: bytes) -> bytes:
        """Return the file with the damaged part in it."""
        if not self.part:
            return data
        out = io.BytesIO()
        with zipfile.ZipFile(self.file) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                new.writestr(name, data if name == self.part else old.read(name))
        return out.getvalue()


def _loose(path: Path) -> bytes:
    """Return a PBF file whose blocks are not packed, so that damage reaches what is in them."""
    data, out, at = path.read_bytes(), bytearray(), 0
    while at < len(data):
        (head,) = struct.unpack_from(">I", data, at)
        fields = data[at + 4 : at + 4 + head]  # type (1), size (3)
        mark = fields.rindex(b"\x18")
        size = sum((byte & 127) << 7 * place for place, byte in enumerate(fields[mark + 1 :]))
        blob = data[at + 4 + head : at + 4 + head + size]
        raw = zlib.decompress(blob[blob.index(b"\x78") :])
        new = b"\x0a" + _varint(len(raw)) + raw
        lead = fields[: mark + 1] + _varint(len(new))
        out += struct.pack(">I", len(lead)) + lead + new
        at += 4 + head + size
    return bytes(out)


def _varint(number: int) -> bytes:
    said = bytearray()
    while number > 127:
        said.append(number & 127 | 128)
        number >>= 7
    return bytes([*said, number])


def _streets(path: Path) -> object:
    return walk_network(read_extract(path), crs=CRS)


def _facilities(path: Path) -> object:
    return read_table(path, FACILITIES, crs=CRS, datum="wgs84")


def _communities(path: Path) -> object:
    return read_table(path, COMMUNITIES, crs=CRS)


def kinds(folder: Path) -> dict[str, Kind]:
    """Return a whole file of each kind, made from the sample town in a folder."""
    communities = gpd.read_file(SAMPLE / "communities.gpkg")
    (folder / "shp").mkdir()
    short = {name: name.encode()[:9].decode("utf-8", "ignore") for name in communities.columns.drop("geometry")}
    plain = communities.rename(columns=short)  # as long as a shapefile's names may be
    plain.loc[:, ~plain.columns.duplicated()].to_file(folder / "shp" / "c.shp", encoding="utf-8")
    communities.to_crs(4326).to_file(folder / "c.geojson")
    (folder / "loose.osm.pbf").write_bytes(_loose(SAMPLE / "streets.osm.pbf"))
    (folder / "s.osm").write_text(_xml(), encoding="utf-8")
    return {
        "pbf": Kind(SAMPLE / "streets.osm.pbf", _streets),
        "osm": Kind(folder / "s.osm", _streets),
        "loose": Kind(folder / "loose.osm.pbf", _streets),
        "sheet": Kind(SAMPLE / "设施.xlsx", _facilities, "xl/worksheets/sheet1.xml"),
        "book": Kind(SAMPLE / "设施.xlsx", _facilities, "xl/workbook.xml"),
        "xlsx": Kind(SAMPLE / "设施.xlsx", _facilities),
        "csv": Kind(SAMPLE / "residents.csv", lambda path: read_table(path, RESIDENTS, crs=CRS, datum="wgs84")),
        "gpkg": Kind(SAMPLE / "communities.gpkg", _communities),
        "shp": Kind(folder / "shp" / "c.shp", _communities),
        "dbf": Kind(folder / "shp" / "c.dbf", lambda path: _communities(path.with_suffix(".shp"))),
        "shx": Kind(folder / "shp" / "c.shx", lambda path: _communities(path.with_suffix(".shp"))),
        "geojson": Kind(folder / "c.geojson", _communities),
        "toml": Kind(SAMPLE / "project.toml", load_project),
    }


def _xml() -> str:
    """Return a small net of streets as OSM XML."""
    side = 6
    nodes = [
        f'<node id="{1 + x + side * y}" version="1" lat="{35.7 + y / 1000}" lon="{114.2 + x / 1000}"/>'
        for y in range(side)
        for x in range(side)
    ]
    rows = [[1 + x + side * y for x in range(side)] for y in range(side)]
    ways = [
        f'<way id="{number}" version="1">{"".join(f"<nd ref={chr(34)}{n}{chr(34)}/>" for n in row)}'
        '<tag k="highway" v="residential"/></way>'
        for number, row in enumerate([*rows, *map(list, zip(*rows, strict=True))], 1)
    ]
    return f'<?xml version="1.0"?>\n<osm version="0.6" generator="made">{"".join([*nodes, *ways])}</osm>\n'


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """Return a file with one to eight faults: bits flipped, bytes replaced, put in, taken out, repeated, or cut off."""
    data = bytearray(whole)
    for _ in range(chance.choice([1, 1, 1, 2, 3, 8])):
        if not data:
            break
        at = chance.choice([chance.randrange(len(data)), chance.randrange(min(len(data), 200))])
        many = chance.choice([1, 2, 4, 16, 200])
        match chance.randrange(7):
            case 0 | 1:
                data[at] ^= 1 << chance.randrange(8)
            case 2:
                data[at : at + many] = chance.randbytes(many)
            case 3:
                data[at:at] = chance.randbytes(many)
            case 4:
                del data[at : at + many]
            case 5:
                data[at:at] = data[at : at + many]
            case 6:
                del data[at:]
    return bytes(data)


def tried(kind: Kind, data: bytes) -> str:
    """Return what is wrong with how a damaged file is read, nothing where it is read or refused as it should be."""
    with tempfile.TemporaryDirectory() as folder:
        for other in kind.file.parent.glob(f"{kind.file.stem}.*"):
            shutil.copy(other, folder)
        path = Path(folder) / kind.file.name
        path.write_bytes(data)
        before = _files(Path(folder))
        read, write = os.pipe()
        child = os.fork()
        if not child:
            _child(kind.read, path, write)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            said = pipe.read().decode("utf-8", "replace")
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return f"ended by {signal.Signals(os.WTERMSIG(status)).name}"
        if _files(Path(folder)) != before:
            return "a file was written"
        return said


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _child(read: Read, path: Path, write: int) -> None:
    """Read a file under limits and say what went wrong; never returns."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    pages = (
        int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) if Path("/proc/self/statm").exists() else 0
    )
    if pages:
        space = pages * resource.getpagesize() + MORE_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (space, space))
    said = ""
    try:
        read(path)
    except InputError as error:
        texts = [finding.line(language) for finding in error.findings for language in ("zh", "en")]
        said = "" if texts and all(text and "\n" not in text for text in texts) else f"not one line each: {texts}"
    except BaseException:  # noqa: BLE001  whatever it is, it is what is looked for
        said = traceback.format_exc(limit=-4)
    os.write(write, said.encode()[:60_000])
    os._exit(0)


def hunt(*, seed: int, only: Sequence[str] = ()) -> Iterator[tuple[str, int, str]]:
    """Yield each damaged file read, kind by kind in turn without end: its kind, its seed, and what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        all_kinds = {name: kind for name, kind in kinds(Path(folder)).items() if not only or name in only}
        whole = {name: kind.whole() for name, kind in all_kinds.items()}
        for name, kind in all_kinds.items():
            wrong = tried(kind, kind.packed(whole[name]))
            if wrong:
                yield name, -1, wrong
        gc.freeze()
        while True:
            for name, kind in all_kinds.items():
                yield name, seed, tried(kind, kind.packed(damaged(whole[name], random.Random(f"{name} {seed}"))))  # noqa: S311
            seed += 1


def main(said: Sequence[str] | None = None) -> int:
    """Try damaged files for a while; print the faults and how many were tried."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", action="append", default=[])
    asked = parser.parse_args(said)
    until, number, faults = time.monotonic() + asked.seconds, 0, 0
    for name, seed, wrong in hunt(seed=asked.seed, only=asked.kind):
        number += 1
        if wrong:
            faults += 1
            print(f"{name} seed {seed}: {wrong}", flush=True)
        if time.monotonic() > until:
            break
    print(f"{number} damaged files, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

"""The clean town of the battery of bad inputs, as the files a bureau would hand over, and hands to spoil them with.

A grid of 21 x 21 streets 100 m apart, 12 facilities, 9 communities, 81 homes, 3 candidate sites.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import osmium
import pyproj

EAST, NORTH, STEP, SIZE = 526_000.0, 3_957_000.0, 100.0, 21
CRS = "EPSG:4547"
ROAD = {"highway": "residential"}
SIDE = 700.0
Cells = list[list[Any]]
Node = tuple[int, float, float]
Way = tuple[int, list[int], dict[str, str]]
TO_DEGREES = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True)

PROJECT = """name = "方格镇"
crs = "EPSG:4547"

[inputs]
streets = "街道.osm.pbf"
communities = "社区.geojson"
residents = { path = "人口.csv", datum = "wgs84" }
facilities = { path = "设施.csv", datum = "wgs84" }

[walking]
minutes = [5]
compare_speeds = [1.0]

[policy]
as_of = 2021-12-31

[output]
language = "zh"
report_maps = false
"""


def degrees(east: float, north: float) -> tuple[float, float]:
    """Return a place of the town, metres from its south-west corner, as WGS 84 degrees to a millimetre."""
    lon, lat = TO_DEGREES.transform(EAST + east, NORTH + north)
    return round(lon, 8), round(lat, 8)


def streets() -> tuple[list[Node], list[Way]]:
    """Return O00: 441 nodes and 42 ways, one a row and one a column."""
    number = lambda row, column: row * SIZE + column + 1  # noqa: E731
    nodes = [(number(r, c), *degrees(STEP * c, STEP * r)) for r in range(SIZE) for c in range(SIZE)]
    rows = [(1000 + r, [number(r, c) for c in range(SIZE)], ROAD) for r in range(SIZE)]
    columns = [(2000 + c, [number(r, c) for r in range(SIZE)], ROAD) for c in range(SIZE)]
    return nodes, rows + columns


def facilities() -> Cells:
    """Return T00: a heading row and twelve facilities, 20 m off the streets."""
    head = ["设施编号", "设施名称", "类型", "状态", "经度", "纬度", "建筑面积", "床位", "投用日期", "社区代码"]
    rows: Cells = [head]
    for i in range(12):
        column, row = 1 + (i * 7) % 19, 1 + (i * 5) % 19
        lon, lat = degrees(STEP * column + 50, STEP * row + 20)
        unit = 3 * int((STEP * row + 70) // SIDE) + int((STEP * column + 100) // SIDE) + 1
        place = [f"{lon:.8f}", f"{lat:.8f}"]
        code = f"41061100100{unit}"
        rows.append([f"0510104{i:02d}", f"设施{i}", "日间照料", "在用", *place, "350.5", "1234", "2020-07-01", code])
    return rows


def units(index: int) -> tuple[float, float]:
    """Return the south-west corner of one of the nine communities."""
    return (index % 3) * SIDE - 50, (index // 3) * SIDE - 50


def communities() -> Cells:
    """Return nine communities as a table without shapes."""
    head = ["社区代码", "社区名称", "总人口", "60岁及以上", "80岁及以上"]
    return [head, *([f"41061100100{i + 1}", f"社区{i + 1}", "900", "180", "36"] for i in range(9))]


def ring(west: float, south: float, width: float = SIDE, height: float = SIDE) -> list[list[float]]:
    """Return the corners of a rectangle in metres from the corner of the town, closed."""
    east, north = west + width, south + height
    return [list(degrees(*corner)) for corner in
            ((west, south), (east, south), (east, north), (west, north), (west, south))]  # fmt: skip


def features() -> list[dict[str, Any]]:
    """Return G00: the nine communities with their squares, as GeoJSON has them."""
    head, *rows = communities()
    whole = ("总人口", "60岁及以上", "80岁及以上")
    return [
        {
            "type": "Feature",
            "properties": {name: int(cell) if name in whole else cell for name, cell in zip(head, row, strict=True)},
            "geometry": {"type": "Polygon", "coordinates": [ring(*units(i))]},
        }
        for i, row in enumerate(rows)
    ]


def homes() -> Cells:
    """Return 81 homes, nine a community, with a tenth of its people each (the last has what is left)."""
    rows: Cells = [["编号", "经度", "纬度", "总人口", "60岁及以上", "80岁及以上", "社区代码"]]
    for unit in range(9):
        west, south = units(unit)
        for i in range(9):
            lon, lat = degrees(west + 50 + 75 * i, south + 75 * ((i * 4) % 9) + 65)
            rows.append([f"H{unit}{i}", f"{lon:.8f}", f"{lat:.8f}", "100", "20", "4", f"41061100100{unit + 1}"])
    return rows


def candidates(*costs: float) -> Cells:
    """Return candidate sites in the middle of the town, one a cost (10,000 yuan)."""
    rows: Cells = [["候选编号", "场地名称", "可用建筑面积", "投资", "可建类型", "经度", "纬度"]]
    for i, cost in enumerate(costs):
        place = [f"{part:.8f}" for part in degrees(STEP * (9 + i) + 50, 1020)]
        rows.append([f"C{i}", f"场地{i}", "500", str(cost), "日间照料", *place])
    return rows


@dataclass(frozen=True)
class Town:
    """A project folder with the clean town in it, and ways to write one file of it anew."""

    folder: Path

    def clean(self, language: str = "zh") -> "Town":
        """Write the clean town."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.put("project.toml", PROJECT.replace('"zh"', f'"{language}"'))
        self.osm(*streets())
        self.csv("设施.csv", facilities())
        self.csv("人口.csv", homes())
        self.geojson(features())
        return self

    def put(self, name: str, content: bytes | str) -> Path:
        """Write a file of these bytes."""
        file = self.folder / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def edit(self, *changes: tuple[str, str]) -> None:
        """Change the project file; what is to be changed must stand there."""
        file = self.folder / "project.toml"
        text = file.read_text(encoding="utf-8")
        for old, new in changes:
            if old not in text:
                raise ValueError(old)
            text = text.replace(old, new, 1)
        file.write_text(text, encoding="utf-8")

    def add(self, lines: str) -> None:
        """Add keys to a part of the project file: `part: key = value`."""
        part, _, line = lines.partition(": ")
        text = (self.folder / "project.toml").read_text(encoding="utf-8")
        head = f"[{part}]\n"
        text = text.replace(head, f"{head}{line}\n", 1) if head in text else f"{text}\n{head}{line}\n"
        self.put("project.toml", text)

    def osm(
        self,
        nodes: Sequence[Node],
        ways: Sequence[Way],
        *,
        name: str = "街道.osm.pbf",
        as_name: str | None = None,
        options: str = "",
    ) -> Path:
        """Write an extract in the format of `name`, under another name where one is given."""
        plain = self.folder / f"plain.{name.split('.', 1)[1]}"
        plain.unlink(missing_ok=True)
        with osmium.SimpleWriter(osmium.io.File(str(plain), plain.name.split(".", 1)[1] + options)) as out:
            for i, lon, lat in nodes:
                out.add_node(osmium.osm.mutable.Node(id=i, version=1, location=(lon, lat)))
            for i, refs, tags in ways:
                out.add_way(osmium.osm.mutable.Way(id=i, version=1, nodes=refs, tags=tags))
        return plain.replace(self.folder / (as_name or name))

    def csv(
        self, name: str, cells: Cells, *, encoding: str = "utf-8", mark: str = ",", quote: Callable[[str], bool] = bool
    ) -> Path:
        """Write a table as text; a cell with the mark, a quote or a line break in it is quoted."""
        odd = {mark, '"', "\n"}

        def written(cell: Any) -> str:
            text = "" if cell is None else str(cell)
            return '"' + text.replace('"', '""') + '"' if odd & set(text) and quote(text) else text

        lines = [mark.join(map(written, line)) for line in cells]
        return self.put(name, "\r\n".join(lines).encode(encoding))

    def xlsx(
        self, name: str, sheets: Cells | Mapping[str, Cells], *, merges: Sequence[str] = (), hidden: Sequence[str] = ()
    ) -> Path:
        """Write a workbook of one sheet or of several."""
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, cells in (sheets if isinstance(sheets, Mapping) else {"Sheet1": sheets}).items():
            sheet = book.create_sheet(title)
            for line in cells:
                sheet.append(line)
            for merge in merges:
                sheet.merge_cells(merge)
            sheet.sheet_state = "hidden" if title in hidden else "visible"
        book.save(self.folder / name)
        return self.folder / name

    def workbook(self, cells: Cells, **more: Any) -> None:
        """Let the facilities come from a workbook."""
        self.xlsx("设施.xlsx", cells, **more)
        self.edit(("设施.csv", "设施.xlsx"))

    def geojson(self, shapes: Sequence[Mapping[str, Any]], **members: Any) -> Path:
        """Write the communities."""
        whole = {"type": "FeatureCollection", **members, "features": list(shapes)}
        return self.put("社区.geojson", json.dumps(whole, ensure_ascii=False))

    def table_of_communities(self, cells: Cells) -> None:
        """Let the communities come from a table without shapes."""
        self.csv("社区.csv", cells)
        self.edit(("社区.geojson", "社区.csv"))

    def sites(self, *costs: float, **siting: str) -> None:
        """Add candidates and what is asked of them."""
        self.csv("候选.csv", candidates(*costs))
        self.edit(("[walking]", '[inputs.candidates]\npath = "候选.csv"\ndatum = "wgs84"\n\n[walking]'))
        self.add("siting: " + "\n".join(f"{key} = {value}" for key, value in siting.items()))

"""Dirty streets: extracts cut, renamed, bombed, joined, and lines that make no network."""

import gzip
import re
import zlib
from pathlib import Path
from typing import Any

import geopandas as gpd
import osmium
import pandas as pd
import shapely

from tests.bad_town import CRS, EAST, NORTH, ROAD, STEP, Node, Town, streets

MIB = 1 << 20
FILE = "街道.osm.pbf"


def number(value: int) -> bytes:
    """A number as the format writes it."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(name: int, content: bytes | int) -> bytes:
    """A field as the format writes it."""
    if isinstance(content, int):
        return number(name << 3) + number(content)
    return number(name << 3 | 2) + number(len(content)) + content


def blob(kind: bytes, content: bytes, raw_size: int | None = None) -> bytes:
    """A packed blob with its header; `raw_size`: what it says of itself."""
    packed = field(2, len(content) if raw_size is None else raw_size) + field(3, zlib.compress(content))
    header = field(1, kind) + field(3, len(packed))
    return len(header).to_bytes(4, "big") + header + packed


def head() -> bytes:
    """The first blob of an extract."""
    return blob(b"OSMHeader", field(4, b"OsmSchema-V0.6") + field(4, b"DenseNodes"))


def blobs(data: bytes) -> list[bytes]:
    """Return the blobs of a file, header and all."""
    found, at = [], 0
    while at < len(data):
        long = int.from_bytes(data[at : at + 4], "big")
        header = data[at + 4 : at + 4 + long]
        size, shift, begin = 0, 0, header.rindex(b"\x18") + 1
        for byte in header[begin:]:
            size |= (byte & 127) << shift
            shift += 7
        found.append(data[at : at + 4 + long + size])
        at += 4 + long + size
    return found


def _bytes(town: Town) -> bytes:
    return (town.folder / FILE).read_bytes()


def _put(content: bytes) -> Any:
    return lambda town: town.put(FILE, content)


def _boundary(town: Town) -> None:
    every = blobs(_bytes(town))
    town.put(FILE, b"".join(every[:-1]))


def _xml(town: Town) -> Path:
    return town.osm(*streets(), name="街道.osm", as_name="plain")


def _gzip_as_pbf(town: Town) -> None:
    town.put(FILE, gzip.compress(_xml(town).read_bytes()))


def _pbf_as_osm(town: Town) -> None:
    (town.folder / FILE).rename(town.folder / "街道.osm")
    town.edit((FILE, "街道.osm"))


def _many_blobs(town: Town) -> None:
    text = blob(b"OSMData", field(1, field(1, b"a" * 1000) * (30 * MIB // 1003)))
    town.put(FILE, head() + 64 * text)


def _dangling(town: Town) -> None:
    nodes, ways = streets()
    town.osm([node for node in nodes if node[0] % 20], ways)


def _degenerate(town: Town) -> None:
    nodes, ways = streets()
    doubled = [(i, [ref for node in refs for ref in (node, node)], tags) for i, refs, tags in ways]
    town.osm(nodes, [*doubled, (9001, [1], ROAD), (9002, [], ROAD), (9003, [5, 5], ROAD)])


def _out_of_range(town: Town) -> None:
    """Osmium does not write places off the earth: the XML is written by hand."""
    lines = _xml(town).read_text(encoding="utf-8")
    bad = '<node id="9001" version="1" lat="95" lon="114"/><node id="9002" version="1" lat="35" lon="190"/>'
    bad += '<node id="9003" version="1" lat="0" lon="0"/>'
    refs = "".join(f'<nd ref="{i}"/>' for i in (1, 9001, 9002, 9003))
    way = f'<way id="9009" version="1">{refs}<tag k="highway" v="path"/></way>'
    body, _, tail = lines.partition("<way ")
    town.put(FILE, (body + bad + "<way " + tail).replace("</osm>", way + "</osm>"))


def _halves(town: Town) -> None:
    """The eastern third of the town is cut off from the rest."""
    nodes, ways = streets()
    cut = []
    for i, refs, tags in ways:
        cut += [(i, refs, tags)] if i >= 2000 else [(i, refs[:14], tags), (i + 5000, refs[14:], tags)]
    town.osm(nodes, cut)


def _elsewhere(town: Town) -> None:
    """The streets of another city: a degree further east."""
    nodes, ways = streets()
    town.osm([(i, lon + 1, lat) for i, lon, lat in nodes], ways)


def _partly(town: Town) -> None:
    """The extract ends before the two northern rows of communities."""
    nodes, _ = streets()
    low = [node for node in nodes if node[0] <= 21 * 7]
    known = {i for i, _, _ in low}
    town.osm(low, [(i, [ref for ref in refs if ref in known], tags) for i, refs, tags in streets()[1]])


def _tagged(tags: dict[str, str]) -> Any:
    return lambda town: town.osm(streets()[0], [(i, refs, tags) for i, refs, _ in streets()[1]])


def _own(town: Town, name: str, *, crs: str | None = CRS, shift: float = 0, **more: Any) -> None:
    """The same streets as a bureau's own centre lines, cut nowhere."""
    lines = [shapely.LineString([(EAST + STEP * i + shift, NORTH), (EAST + STEP * i + shift, NORTH + 2000)])
             for i in range(21)]  # fmt: skip
    lines += [shapely.LineString([(EAST + shift, NORTH + STEP * i), (EAST + 2000 + shift, NORTH + STEP * i)])
              for i in range(21)]  # fmt: skip
    frame = gpd.GeoDataFrame({"等级": ["支路"] * len(lines)}, geometry=lines, crs=CRS)
    frame = frame.to_crs(crs) if crs else frame.set_crs(None, allow_override=True)
    frame.to_file(town.folder / name, **more)
    town.edit((FILE, name))


def _shapefile_lines(town: Town) -> None:
    _own(town, "道路.shp", encoding="utf-8")
    (town.folder / "道路.prj").unlink()


def _moved(nodes: list[Node]) -> list[Node]:
    return [*nodes, (1, nodes[0][1] + 0.01, nodes[0][2])]


LAUGH = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)
) + ']><osm version="0.6"><node id="1" lat="1" lon="1"><tag k="name" v="&a9;"/></node></osm>'  # fmt: skip
Row = tuple[tuple[Any, ...], dict[str, Any]]
OVERPASS = '{"version": 0.6, "generator": "Overpass API", "elements": [{"type": "node", "id": 1}]}'


def _no_number(town: Town) -> None:
    """The latitude of one node is no number."""
    file = town.osm(*streets(), name="街道.osm", as_name="街道.osm.pbf")
    file.write_bytes(re.sub(rb' lat="[^"]*"', b' lat="nan"', file.read_bytes(), count=1))


def _in_xml(old: str, new: str) -> Any:
    """Change the words of the extract written as XML."""
    return lambda town: town.put(FILE, _xml(town).read_text(encoding="utf-8").replace(old, new, 1))


DIAGONAL = '<way id="9001" version="{}"{}><nd ref="1"/><nd ref="221"/><nd ref="441"/><tag k="highway" v="{}"/></way>'


def _history(town: Town) -> None:
    """A street that was there once, in the format of histories."""
    nodes, ways = streets()
    plain = town.folder / "plain.osh.pbf"
    with osmium.SimpleWriter(osmium.io.File(str(plain), "osh.pbf")) as out:
        for i, lon, lat in nodes:
            out.add_node(osmium.osm.mutable.Node(id=i, version=1, visible=True, location=(lon, lat)))
        for i, refs, tags in ways:
            out.add_way(osmium.osm.mutable.Way(id=i, version=1, visible=True, nodes=refs, tags=tags))
        out.add_way(osmium.osm.mutable.Way(id=9001, version=1, visible=True, nodes=[1, 441], tags=ROAD))
        out.add_way(osmium.osm.mutable.Way(id=9001, version=2, visible=False, nodes=[], tags={}))
    plain.replace(town.folder / FILE)


def _planned(**cells: str) -> Any:
    """Own centre lines with a street that is only drawn."""

    def spoil(town: Town) -> None:
        _own(town, "道路.gpkg")
        there = gpd.read_file(town.folder / "道路.gpkg").assign(建设状态="现状")
        across = shapely.LineString([(EAST, NORTH), (EAST + 2000, NORTH + 2000)])
        drawn = gpd.GeoDataFrame([{"等级": "主干路", "建设状态": "现状", **cells}], geometry=[across], crs=CRS)
        gpd.GeoDataFrame(pd.concat([there, drawn]), crs=CRS).to_file(town.folder / "道路.gpkg")

    return spoil


def _superseded(town: Town) -> None:
    """Extracts of two dates in one: a street of the first is only planned in the second."""
    nodes, ways = streets()
    town.osm(nodes, [*ways, (9001, [1, 221, 441], ROAD), (9001, [1, 221, 441], {"highway": "proposed"})])


ROWS: list[Row] = [
    (
        (
            "O00a",
            "干净的方格街道，OSM XML",
            "the clean grid as OSM XML",
            "accept",
            lambda town: town.osm(*streets(), name="街道.osm", as_name=FILE),
        ),
        {},
    ),
    (("O01", "0 字节的 pbf", "a pbf of 0 bytes", "reject", _put(b""), ("FILE_EMPTY",)), {}),
    (
        (
            "O02",
            "pbf 在数据块中间截断",
            "a pbf cut in the middle of a blob",
            "reject",
            lambda town: town.put(FILE, _bytes(town)[:-200]),
            ("STREETS_BROKEN",),
        ),
        {},
    ),
    (
        (
            "O03",
            "pbf 恰在数据块边界截断，道路块丢失",
            "a pbf cut at a blob boundary: its ways are lost",
            "reject",
            _boundary,
            ("STREETS_NONE",),
        ),
        {},
    ),
    (
        (
            "O04",
            "网页错误页存成 .osm.pbf",
            "an HTML error page saved as .osm.pbf",
            "reject",
            _put(b"<!DOCTYPE html><html><body>404</body></html>"),
            ("STREETS_HTML",),
        ),
        {},
    ),
    (("O05", "gzip 压缩的 XML 命名为 .osm.pbf", "gzip XML named .osm.pbf", "accept", _gzip_as_pbf), {"run": True}),
    (("O06", "PBF 命名为 .osm", "a PBF named .osm", "accept", _pbf_as_osm), {}),
    (
        (
            "O07",
            "数据块自称很小，解压达 1 GiB",
            "a blob that says it is small and inflates to 1 GiB",
            "reject",
            lambda town: town.put(FILE, head() + blob(b"OSMData", bytes(1024 * MIB), raw_size=100)),
            ("STREETS_BROKEN",),
        ),
        {"memory_mib": 500},
    ),
    (
        (
            "O08",
            "数据块自称 2^31-1 字节",
            "a blob that says it has 2^31-1 bytes",
            "reject",
            _put(head() + blob(b"OSMData", b"", raw_size=2**31 - 1)),
            ("STREETS_BROKEN",),
        ),
        {"memory_mib": 500},
    ),
    (
        (
            "O09",
            "数据块头长度 0xFFFFFFFF",
            "a blob header of length 0xFFFFFFFF",
            "reject",
            lambda town: town.put(FILE, head() + b"\xff" * 4 + b"\x0a\x07OSMData" * 9),
            ("STREETS_BROKEN",),
        ),
        {},
    ),
    (
        (
            "O10",
            "64 个合法的 30 MiB 数据块（2 MB 解压为 2 GiB）",
            "64 legal blobs of 30 MiB (2 GiB from 2 MB)",
            "reject",
            _many_blobs,
            ("STREETS_NONE",),
        ),
        {"memory_mib": 2000},
    ),
    (
        (
            "O11",
            "5% 的道路节点缺失",
            "5 % of the nodes of ways are missing",
            "warn",
            _dangling,
            ("NODE_MISSING", "MAP_THIN"),
        ),
        {"run": True, "same": False},
    ),
    (
        (
            "O12",
            "单节点、空的、节点连续重复的道路",
            "ways of one node, of none, with repeated nodes",
            "repair",
            _degenerate,
            ("WAY_DEGENERATE",),
        ),
        {},
    ),
    (
        (
            "O13",
            "同一节点编号有两个位置",
            "a node id with two positions",
            "reject",
            lambda town: town.osm(_moved(streets()[0]), streets()[1]),
            ("NODE_TWICE",),
        ),
        {},
    ),
    (
        (
            "O14",
            "道路编号重复（合并提取）",
            "way ids given twice (merged extracts)",
            "repair",
            lambda town: town.osm(streets()[0], 2 * streets()[1]),
            ("WAY_TWICE",),
        ),
        {},
    ),
    (
        (
            "O15",
            "节点坐标超出范围（纬度 95、经度 190）和 0,0",
            "nodes out of range (lat 95, lon 190) and at 0,0",
            "warn",
            _out_of_range,
            ("NODE_OUTSIDE", "NODE_MISSING", "WAY_DEGENERATE"),
        ),
        {},
    ),
    (
        ("O16", "道路断为互不相连的两片", "streets in two parts that do not meet", "warn", _halves, ("MAP_THIN",)),
        {"run": True, "same": False},
    ),
    (("O17", "另一座城市的提取文件", "the extract of another city", "reject", _elsewhere, ("LAYER_ELSEWHERE",)), {}),
    (
        (
            "O18",
            "部分社区在提取范围之外",
            "communities outside the extract",
            "warn",
            _partly,
            ("WAY_DEGENERATE", "FACILITY_OFF", "HOME_UNKNOWN", "MAP_TOO_THIN"),
        ),
        {"run": True, "same": False},
    ),
    (
        ("O19", "只有高速公路", "nothing but motorways", "reject", _tagged({"highway": "motorway"}), ("STREETS_NONE",)),
        {},
    ),
    (
        (
            "O20",
            "Overpass 的 JSON 当作街道",
            "JSON of the Overpass API as streets",
            "reject",
            _put(OVERPASS.encode()),
            ("FILE_JSON",),
        ),
        {},
    ),
    (
        (
            "O21",
            "压缩包里的提取文件",
            "an extract in a zip",
            "reject",
            _put(b"PK\x03\x04" + bytes(60)),
            ("STREETS_FORMAT",),
        ),
        {},
    ),
    (
        ("O22", "XML 实体炸弹", "an XML bomb of entities", "reject", _put(LAUGH.encode()), ("STREETS_BROKEN",)),
        {"memory_mib": 500},
    ),
    (
        (
            "O23",
            "道路中心线 shp 缺 .prj",
            "centre lines in a shapefile without .prj",
            "reject",
            _shapefile_lines,
            ("CRS_MISSING",),
        ),
        {},
    ),
    (
        (
            "O24",
            "本单位道路中心线 gpkg，交叉处无节点",
            "own centre lines, without nodes at crossings",
            "repair",
            lambda town: _own(town, "道路.gpkg"),
            ("ENDS_JOINED",),
        ),
        {},
    ),
    (
        (
            "O25",
            "道路中心线是另一个城市的",
            "own centre lines of another city",
            "reject",
            lambda town: _own(town, "道路.gpkg", shift=60_000),
            ("LAYER_ELSEWHERE",),
        ),
        {},
    ),
    (("O26", "DWG 图当作街道", "a DWG as streets", "reject", _put(b"AC1032" + bytes(200)), ("STREETS_FORMAT",)), {}),
    (
        (
            "O27",
            "PBF 前面带下载提示文字",
            "a PBF with words of a download page before it",
            "reject",
            lambda town: town.put(FILE, b"Saving to city.pbf\n" + _bytes(town)),
            ("STREETS_FORMAT",),
        ),
        {},
    ),
    (("O28", "节点纬度写作 nan", "a latitude that is no number", "reject", _no_number, ("STREETS_BROKEN",)), {}),
    (
        (
            "O29",
            "修改集（osmChange）当作街道",
            "a file of changes (osmChange) as streets",
            "reject",
            lambda town: town.put(
                FILE, _xml(town).read_bytes().replace(b"<osm ", b"<osmChange ").replace(b"</osm>", b"</osmChange>")
            ),
            ("STREETS_FORMAT",),
        ),
        {},
    ),
    (
        (
            "O30",
            "JOSM 文件，其中的道路已在编辑时删除",
            "a file of JOSM with a street deleted in the editor",
            "accept",
            _in_xml("</osm>", DIAGONAL.format(1, ' action="delete" visible="true"', "residential") + "</osm>"),
        ),
        {"run": True},
    ),
    (
        (
            "O31",
            "历史数据（.osh XML），含已删除的道路",
            "a history (.osh XML) with a deleted street",
            "reject",
            _in_xml("</osm>", DIAGONAL.format(2, ' visible="false"', "residential") + "</osm>"),
            ("STREETS_HISTORY",),
        ),
        {},
    ),
    (
        ("O32", "历史数据（.osh.pbf）", "a history (.osh.pbf)", "reject", _history, ("STREETS_HISTORY",)),
        {},
    ),
    (
        (
            "O33",
            "Overpass 超时，只返回一部分",
            "a download that Overpass broke off",
            "reject",
            _in_xml("</osm>", '<remark> runtime error: Query timed out in "query" after 180 seconds. </remark></osm>'),
            ("STREETS_PARTIAL",),
        ),
        {},
    ),
    (
        (
            "O34",
            "合并两个日期的提取，后一份中该路为规划",
            "joined extracts of two dates; in the later one a street is only planned",
            "repair",
            _superseded,
            ("WAY_TWICE",),
        ),
        {"run": True},
    ),
    (
        (
            "O35",
            "本单位道路中有规划道路（状态列）",
            "own centre lines with a planned street, by a column of states",
            "repair",
            _planned(建设状态="规划"),
            ("ENDS_JOINED",),
        ),
        {"run": True},
    ),
    (
        (
            "O36",
            "本单位道路中有“规划主干路”",
            "own centre lines with a class that says planned (规划主干路)",
            "repair",
            _planned(等级="规划主干路"),
            ("ENDS_JOINED",),
        ),
        {"run": True},
    ),
]

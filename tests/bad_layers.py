"""Dirty layers: rings, types, overlaps and gaps, and what becomes of shapefiles, KML and GeoJSON on their way."""

import json
import sqlite3
import warnings
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.affinity import translate

from gis.datum import from_wgs84
from tests.bad_town import CRS, SIDE, TO_DEGREES, Town, communities, degrees, facilities, features, ring, units

Row = tuple[tuple[Any, ...], dict[str, Any]]
Spoil = Callable[[Town], Any]
WHOLE = ("总人口", "60岁及以上", "80岁及以上")


def frame(crs: str = CRS) -> gpd.GeoDataFrame:
    """Return the communities as a layer."""
    read = gpd.GeoDataFrame.from_features(features(), crs=4326)
    return read.to_crs(crs)


def _shape(index: int, geometry: Any) -> Spoil:
    """Give one community another shape."""

    def spoil(town: Town) -> None:
        shapes = features()
        shapes[index]["geometry"] = geometry() if callable(geometry) else geometry
        town.geojson(shapes)

    return spoil


def _rings(index: int, *rings: Any) -> Spoil:
    return _shape(index, {"type": "Polygon", "coordinates": list(rings)})


def _corners(*metres: tuple[float, float], at: int = 4) -> list[list[float]]:
    west, south = units(at)
    return [list(degrees(west + x, south + y)) for x, y in metres]


BOWTIE = _corners((0, 0), (SIDE, SIDE), (SIDE, 0), (0, SIDE), (0, 0))
SELF_TOUCH = _corners((0, 0), (SIDE, 0), (SIDE, SIDE), (350, SIDE), (300, 600), (400, 600), (350, SIDE), (0, SIDE),
                      (0, 0))  # fmt: skip
WITHIN = _corners((200, 200), (500, 200), (500, 500), (200, 500), (200, 200))
OUTSIDE = _corners((-300, 900), (-200, 900), (-200, 1000), (-300, 1000), (-300, 900), at=6)


def _layer(name: str, made: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame] = lambda f: f, **more: Any) -> Spoil:
    """Let the communities come from another kind of layer."""

    def spoil(town: Town) -> None:
        with warnings.catch_warnings():
            # the driver of shapefiles says in bytes that are no text that it cuts a heading
            warnings.simplefilter("ignore", RuntimeWarning)
            made(frame()).to_file(town.folder / name, **more)
        town.edit(("社区.geojson", name))

    return spoil


def _heights(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Heights of some corners, of others none."""

    def high(corners: np.ndarray) -> np.ndarray:
        return np.column_stack([corners[:, :2], np.resize([12.5, np.nan, 0.0], len(corners))])

    flat = shapely.force_3d(layer.geometry.to_numpy())
    return layer.set_geometry(list(shapely.transform(flat, high, include_z=True)), crs=layer.crs)


def _spike(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The middle community with two million corners along its border."""
    middle = layer.geometry.iloc[4]
    along = shapely.line_interpolate_point(
        middle.exterior, np.linspace(0, 1, 2_000_000, endpoint=False), normalized=True
    )
    return layer.set_geometry([*layer.geometry[:4], shapely.Polygon(shapely.get_coordinates(along)),
                               *layer.geometry[5:]], crs=layer.crs)  # fmt: skip


def _short_names(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """As a shapefile cuts them: ten bytes a field name in UTF-8."""
    names = {"社区代码": "community_", "社区名称": "name", "总人口": "residents", "60岁及以上": "elders",
             "80岁及以上": "elders_80"}  # fmt: skip
    return layer.rename(columns=names)


def _shapefile(*gone: str, **more: Any) -> Spoil:
    def spoil(town: Town) -> None:
        _layer("社区.shp", **more)(town)
        for ending in gone:
            (town.folder / f"社区{ending}").unlink()

    return spoil


def _lying(town: Town) -> None:
    """A table in GB18030 with a note beside it that says UTF-8."""
    _shapefile(encoding="gb18030")(town)
    (town.folder / "社区.cpg").write_text("UTF-8")


def _zipped(*more: tuple[str, bytes], only: Sequence[str] = (".shp", ".dbf", ".shx", ".prj", ".cpg")) -> Spoil:
    """The shapefile in a zip, as it is mailed; perhaps with other things in it."""

    def spoil(town: Town) -> None:
        _shapefile(encoding="gb18030")(town)
        with zipfile.ZipFile(town.folder / "社区.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for ending in only:
                file = town.folder / f"社区{ending}"
                archive.write(file, f"数据/社区{ending}")
            for name, content in more:
                archive.writestr(name, content)
        for file in town.folder.glob("社区.*"):
            if file.suffix in (".shp", ".dbf", ".shx", ".prj", ".cpg"):
                file.unlink()
        town.edit(("社区.shp", "社区.zip"))

    return spoil


def _zip_of_two(town: Town) -> None:
    _zipped()(town)
    with zipfile.ZipFile(town.folder / "社区.zip", "a") as archive:
        for part in [name for name in archive.namelist() if name.startswith("数据/社区")]:
            archive.writestr(part.replace("数据/社区", "数据/街道"), archive.read(part))


KML = b"""<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>"""


def _named(name: str, content: bytes) -> Spoil:
    def spoil(town: Town) -> None:
        town.put(name, content)
        town.edit(("社区.geojson", name))

    return spoil


def _kmz(town: Town) -> None:
    with zipfile.ZipFile(town.folder / "社区.kmz", "w") as archive:
        archive.writestr("doc.kml", KML)
    town.edit(("社区.geojson", "社区.kmz"))


def _metres(crs: str | None, *, exchanged: bool = False, zone: float = 0, east: float = 0) -> Spoil:
    """GeoJSON in metres, with or without the member that says so."""

    def spoil(town: Town) -> None:
        shapes = features()
        for shape in shapes:
            rings = [[TO_DEGREES.transform(*corner, direction="INVERSE") for corner in part]
                     for part in shape["geometry"]["coordinates"]]  # fmt: skip
            shape["geometry"]["coordinates"] = [
                [[y, x] if exchanged else [x + zone + east, y] for x, y in part] for part in rings
            ]
        member = {"crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{crs}"}}} if crs else {}
        town.geojson(shapes, **member)

    return spoil


def _moved(lon: float, lat: float, *, negative: bool = False) -> Spoil:
    """All communities somewhere else on the earth."""

    def spoil(town: Town) -> None:
        shapes = features()
        for shape in shapes:
            shape["geometry"]["coordinates"] = [
                [[(-x if negative else x) + lon, (-y if negative else y) + lat] for x, y in part]
                for part in shape["geometry"]["coordinates"]
            ]
        town.geojson(shapes)

    return spoil


def _axes(town: Town) -> None:
    shapes = features()
    for shape in shapes:
        shape["geometry"]["coordinates"] = [[[y, x] for x, y in part] for part in shape["geometry"]["coordinates"]]
    town.geojson(shapes)


def _shifted(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The borders as Amap draws them."""
    there = layer.to_crs(4326)
    return there.set_geometry(
        [shapely.transform(g, lambda xy: np.column_stack(from_wgs84(*xy.T, datum="gcj02"))) for g in there.geometry],
        crs=4326,
    )


def _overlap(town: Town) -> None:
    """The first community reaches over half of the second."""
    shapes = features()
    shapes[0]["geometry"]["coordinates"] = [ring(*units(0), 1.5 * SIDE)]
    town.geojson(shapes)


def _apart(town: Town) -> None:
    """The eastern communities stand 6 m off, the middle one has shrunk by a millimetre on one side."""
    shapes = features()
    for i in (2, 5, 8):
        west, south = units(i)
        shapes[i]["geometry"]["coordinates"] = [ring(west + 6, south, SIDE - 6)]
    west, south = units(4)
    shapes[4]["geometry"]["coordinates"] = [ring(west + 0.001, south, SIDE - 0.001)]
    town.geojson(shapes)


def _sliver(town: Town) -> None:
    """One border lies a millimetre over its neighbour's."""
    shapes = features()
    west, south = units(4)
    shapes[4]["geometry"]["coordinates"] = [ring(west - 0.001, south, SIDE + 0.001)]
    town.geojson(shapes)


def _hole(town: Town) -> None:
    """The middle community is a hole in its neighbours."""
    shapes = features()
    west, south = units(4)
    shapes[4]["geometry"]["coordinates"] = [ring(west + 50, south + 50, SIDE - 100, SIDE - 100)]
    town.geojson(shapes)


def _empty(town: Town) -> None:
    shapes = features()
    shapes[1]["geometry"] = None
    shapes[3]["geometry"] = {"type": "Polygon", "coordinates": []}
    town.geojson(shapes)


def _two_layers(*names: str, chosen: str = "") -> Spoil:
    """A GeoPackage of several layers; the wrong ones have half of the communities."""

    def spoil(town: Town) -> None:
        for name in names:
            whole = frame()
            layer = whole if name in ("社区（村）", "社区2021") else whole.iloc[:4]
            layer.to_file(town.folder / "社区.gpkg", layer=name)
        town.edit(("社区.geojson", "社区.gpkg"))
        if chosen:
            town.edit(('"社区.gpkg"', f'{{ path = "社区.gpkg", sheet = "{chosen}" }}'))

    return spoil


def _two_geometries(town: Town) -> None:
    """A layer with the shape and, in a column of text, another one."""
    layer = frame()
    layer = layer.assign(geom_wkt=[translate(g, 5000).wkt for g in layer.geometry])
    layer.to_file(town.folder / "社区.gpkg")
    town.edit(("社区.geojson", "社区.gpkg"))


def _facilities_shape(town: Town) -> None:
    """Facilities in a shapefile in degrees whose .prj says WGS 84, drawn on Amap and declared so."""
    head, *rows = facilities()
    places = from_wgs84([float(r[4]) for r in rows], [float(r[5]) for r in rows], datum="gcj02")
    columns = {name: [r[i] for r in rows] for i, name in enumerate(head) if i not in (4, 5)}
    layer = gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(*places), crs=4326)
    layer.to_file(town.folder / "设施.gpkg")
    town.edit(('{ path = "设施.csv", datum = "wgs84" }', '{ path = "设施.gpkg", datum = "gcj02" }'))


def _measured(town: Town) -> None:
    """Heights and measures behind every corner, as ArcGIS writes them."""
    shapes = features()
    for shape in shapes:
        shape["geometry"]["coordinates"] = [[[*xy, 0, 7.5] for xy in part] for part in shape["geometry"]["coordinates"]]
    town.geojson(shapes)


OWN_DATUM = (
    'PROJCS["城建坐标系",GEOGCS["城建",DATUM["D_CJ",SPHEROID["CJ",6378140,298.257]],PRIMEM["Greenwich",0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000],'
    'PARAMETER["False_Northing",0],PARAMETER["Central_Meridian",114],PARAMETER["Scale_Factor",1],'
    'PARAMETER["Latitude_Of_Origin",0],UNIT["Meter",1]]'
)


def _own_datum(town: Town) -> None:
    """The ellipsoid of Xian 1980 under a name of the bureau's own."""
    _layer("社区.shp", _short_names, encoding="utf-8")(town)
    (town.folder / "社区.prj").write_text(OWN_DATUM, encoding="utf-8")


def _undefined(town: Town) -> None:
    """A layer in degrees whose program did not know of which datum."""
    _layer("社区.gpkg", lambda frame: frame.to_crs(4326))(town)
    with sqlite3.connect(town.folder / "社区.gpkg") as base:
        for table in ("gpkg_geometry_columns", "gpkg_contents"):
            base.execute(f"UPDATE {table} SET srs_id = 0")  # noqa: S608 - names of our own
    base.close()


ROWS: list[Row] = [
    (
        ("G01", "蝴蝶结形多边形", "a bowtie", "repair", _rings(4, BOWTIE), ("GEOMETRY_REPAIRED",)),
        {"same": False, "run": True},
    ),
    (
        ("G02a", "只有 3 个点的环", "a ring of 3 points", "reject", _rings(4, ring(*units(4))[:3]), ("GEOMETRY_RING",)),
        {},
    ),
    (
        (
            "G02b",
            "未闭合的环",
            "a ring that is not closed",
            "reject",
            _rings(4, ring(*units(4))[:4]),
            ("GEOMETRY_RING",),
        ),
        {},
    ),
    (
        ("G03", "带 Z 坐标和 NaN 的 Z", "heights, one of them NaN", "accept", _layer("社区.gpkg", _heights)),
        {"run": True},
    ),
    (("G04", "空图形和 null 图形", "an empty shape and none", "warn", _empty, ("GEOMETRY_NULL",)), {"run": True}),
    (
        (
            "G05",
            "混有线、点和集合",
            "points, lines and collections among the areas",
            "reject",
            lambda town: town.geojson(
                [
                    *features()[:2],
                    *(
                        {**f, "geometry": g}
                        for f, g in zip(
                            features()[2:5],
                            (
                                {"type": "LineString", "coordinates": ring(*units(2))},
                                {"type": "Point", "coordinates": degrees(9, 9)},
                                {
                                    "type": "GeometryCollection",
                                    "geometries": [{"type": "Point", "coordinates": degrees(9, 9)}],
                                },
                            ),
                            strict=True,
                        )
                    ),
                    *features()[5:],
                ]
            ),
            ("GEOMETRY_TYPE",),
        ),
        {},
    ),
    (
        (
            "G06",
            "两个社区重叠一半",
            "two communities overlap by half",
            "warn",
            _overlap,
            ("GEOMETRY_OVERLAP", "UNIT_ELSEWHERE"),
        ),
        {"run": True},
    ),
    (("G07", "社区之间有缝", "gaps between communities", "warn", _apart, ("GEOMETRY_GAP",)), {"run": True}),
    (("G07a", "一毫米的缝和重叠", "slivers of a millimetre", "accept", _sliver), {}),
    (("G07b", "中间社区周围有一圈空白", "an empty strip all around a community", "warn", _hole, ("GEOMETRY_GAP",)), {}),
    (
        ("G08", "一个多边形有 200 万个顶点", "a polygon of 2 million corners", "accept", _layer("社区.gpkg", _spike)),
        {},
    ),
    (
        (
            "G09",
            "洞在外环之外",
            "a hole outside of its polygon",
            "repair",
            _rings(6, ring(*units(6)), OUTSIDE),
            ("GEOMETRY_REPAIRED",),
        ),
        {},
    ),
    (
        (
            "G10",
            "同一多边形给了两个社区",
            "one polygon for two communities",
            "warn",
            _rings(5, ring(*units(4))),
            ("GEOMETRY_OVERLAP", "UNIT_NONE"),
        ),
        {},
    ),
    (
        (
            "G11",
            "一个社区在另一个之内（未挖洞）",
            "a community within another",
            "warn",
            _rings(5, WITHIN),
            ("GEOMETRY_OVERLAP", "UNIT_NONE"),
        ),
        {},
    ),
    (
        (
            "G12",
            "环自身相触",
            "a ring that touches itself",
            "repair",
            _rings(4, SELF_TOUCH),
            ("GEOMETRY_REPAIRED",),
        ),
        {"same": False},
    ),
    (("G13", "经纬度颠倒的 GeoJSON", "GeoJSON with latitude first", "reject", _axes, ("LONLAT_SWAPPED",)), {}),
    (
        (
            "G14",
            "米制坐标的 GeoJSON，未写 crs",
            "GeoJSON in metres that does not say so",
            "reject",
            _metres(None),
            ("POSITION_NOT_DEGREES",),
        ),
        {},
    ),
    (("G15", "米制坐标的 GeoJSON，写明 crs", "GeoJSON in metres with its crs", "accept", _metres("EPSG::4547")), {}),
    (
        (
            "G16",
            "写明 crs，但北坐标在前",
            "its crs is given, northings first",
            "reject",
            _metres("EPSG::4547", exchanged=True),
            ("LAYER_ELSEWHERE",),
        ),
        {},
    ),
    (
        (
            "G17",
            "写明 crs，东坐标带带号",
            "its crs is given, eastings with a zone number",
            "reject",
            _metres("EPSG::4547", zone=38e6),
            ("LAYER_ELSEWHERE",),
        ),
        {},
    ),
    (
        ("G18", "写的是别的带的 crs", "the crs of another zone", "reject", _metres("EPSG::4550"), ("LAYER_ELSEWHERE",)),
        {},
    ),
    (
        (
            "G19",
            "社区图层在西半球",
            "communities on the other hemisphere",
            "reject",
            _moved(0, 0, negative=True),
            ("LAYER_ELSEWHERE",),
        ),
        {},
    ),
    (
        (
            "G20",
            "社区图层在 180 度经线上",
            "communities on the 180th meridian",
            "reject",
            _moved(65.71, 0),
            ("POSITION_NOT_DEGREES",),
        ),
        {},
    ),
    (
        (
            "G21",
            "边界是 GCJ-02，声明为 GCJ-02",
            "borders in GCJ-02 that say so",
            "accept",
            lambda town: (
                _layer("社区.gpkg", _shifted)(town),
                town.edit(('"社区.gpkg"', '{ path = "社区.gpkg", datum = "gcj02" }')),
            ),
        ),
        {},
    ),
    (
        (
            "G22",
            "shp 列名被截成 10 字节",
            "field names cut at ten bytes",
            "repair",
            _layer("社区.shp", _short_names, encoding="utf-8"),
            ("HEADER_CUT",),
        ),
        {},
    ),
    (("G23", ".cpg 写 UTF-8 而属性表是 GBK", "a .cpg that says UTF-8 beside a table in GBK", "accept", _lying), {}),
    (("G24", "shp 缺 .prj", "a shapefile without .prj", "reject", _shapefile(".prj"), ("CRS_MISSING",)), {}),
    (("G25", "shp 缺 .dbf", "a shapefile without .dbf", "reject", _shapefile(".dbf"), ("SHAPE_PART_MISSING",)), {}),
    (("G26", "shp 缺 .shx", "a shapefile without .shx", "reject", _shapefile(".shx"), ("SHAPE_PART_MISSING",)), {}),
    (
        (
            "G27",
            "只有 .dbf，没有 .shp",
            "a .dbf alone",
            "reject",
            lambda town: (_shapefile(".shp")(town), town.edit(("社区.shp", "社区.dbf"))),
            ("SHAPE_PART_MISSING",),
        ),
        {},
    ),
    (("G28", "压缩的 shp（zip）", "a zipped shapefile", "accept", _zipped()), {"run": True}),
    (("G29", "zip 中有两个图层", "a zip of two layers", "reject", _zip_of_two, ("SHEET_AMBIGUOUS",)), {}),
    (
        (
            "G30",
            "zip 中有伸出文件夹的路径",
            "a zip with paths that leave the folder",
            "reject",
            _zipped(("../../社区.shp", b"x")),
            ("FILE_ZIP",),
        ),
        {},
    ),
    (
        ("G31", "zip 炸弹", "a zip bomb", "reject", _zipped(("数据/a.txt", b"0" * 400_000_000)), ("FILE_TOO_LARGE",)),
        {"memory_mib": 900},
    ),
    (
        (
            "G32",
            "zip 中没有 shp",
            "a zip without a shapefile",
            "reject",
            _zipped(("说明.txt", b"x"), only=(".prj",)),
            ("FILE_ZIP",),
        ),
        {},
    ),
    (("G33", "KML", "KML", "reject", _named("社区.kml", KML), ("FILE_KML",)), {}),
    (("G34", "KMZ", "KMZ", "reject", _kmz, ("FILE_KML",)), {}),
    (
        (
            "G35",
            "gpkg 有多个图层，其一与表同名",
            "several layers, one called like the table",
            "accept",
            _two_layers("街道界", "社区（村）"),
        ),
        {},
    ),
    (
        (
            "G36",
            "gpkg 有多个图层，未指明",
            "several layers, none named",
            "reject",
            _two_layers("街道界", "社区2021"),
            ("SHEET_AMBIGUOUS",),
        ),
        {},
    ),
    (
        (
            "G37",
            "gpkg 有多个图层，已指明",
            "several layers, one named",
            "accept",
            _two_layers("街道界", "社区2021", chosen="社区2021"),
        ),
        {},
    ),
    (("G38", "图层另有一列 WKT 图形", "a layer with a second shape as text", "accept", _two_geometries), {}),
    (
        (
            "G39",
            "截断的 gpkg",
            "a GeoPackage cut in the middle",
            "reject",
            lambda town: (
                _layer("社区.gpkg")(town),
                town.put("社区.gpkg", (town.folder / "社区.gpkg").read_bytes()[:20_000]),
            ),
            ("FILE_BROKEN",),
        ),
        {},
    ),
    (
        (
            "G40",
            "不是 JSON 的 .geojson",
            "a .geojson that is no JSON",
            "reject",
            lambda town: town.put(
                "社区.geojson", json.dumps({"type": "FeatureCollection", "features": features()})[:-30]
            ),
            ("FILE_BROKEN",),
        ),
        {},
    ),
    (
        (
            "G41",
            "TopoJSON 或 Esri JSON",
            "Esri JSON",
            "reject",
            lambda town: town.put(
                "社区.geojson",
                '{"displayFieldName": "", "spatialReference": {"wkid": 4547}, "features": [{"attributes": {}}]}',
            ),
            ("FILE_JSON",),
        ),
        {},
    ),
    (
        (
            "G42",
            "社区既没有边界也没有人口表",
            "communities without borders and no table of homes",
            "reject",
            lambda town: (
                town.table_of_communities(communities()),
                town.edit(('residents = { path = "人口.csv", datum = "wgs84" }\n', "")),
            ),
            ("BOUNDARIES_MISSING",),
        ),
        {},
    ),
    (
        (
            "G43",
            "设施图层为 GCJ-02 经纬度，已声明",
            "a layer of facilities in GCJ-02 that says so",
            "accept",
            _facilities_shape,
        ),
        {},
    ),
    (
        (
            "G44",
            "米制图层声明为 GCJ-02",
            "a layer in metres said to be GCJ-02",
            "reject",
            lambda town: (
                _layer("社区.gpkg")(town),
                town.edit(('"社区.gpkg"', '{ path = "社区.gpkg", datum = "gcj02" }')),
            ),
            ("DATUM_METRES",),
        ),
        {},
    ),
    (
        (
            "G45",
            "GBK 编码的 GeoJSON",
            "GeoJSON in GBK",
            "accept",
            lambda town: town.put(
                "社区.geojson",
                json.dumps({"type": "FeatureCollection", "features": features()}, ensure_ascii=False).encode("gb18030"),
            ),
        ),
        {},
    ),
    (
        (
            "G46",
            "GeoJSON 写了不存在的 crs",
            "a crs that there is not",
            "reject",
            _metres("EPSG::99999"),
            ("CRS_MISSING",),
        ),
        {},
    ),
    (
        (
            "G48",
            "图层是 1980 西安坐标系",
            "a layer on Xian 1980",
            "reject",
            _layer("社区.gpkg", lambda layer: layer.to_crs("EPSG:2383")),
            ("CRS_OLD_DATUM",),
        ),
        {},
    ),
    (
        (
            "G47",
            "gpkg 图层的坐标系为“未定义”",
            "a layer whose CRS is 'undefined'",
            "reject",
            _layer("社区.gpkg", lambda layer: layer.set_crs('LOCAL_CS["x",UNIT["metre",1]]', allow_override=True)),
            ("CRS_MISSING",),
        ),
        {},
    ),
    (
        (
            "G49",
            "macOS 打包的 zip（含 __MACOSX）",
            "a zip that macOS packed (with __MACOSX)",
            "accept",
            _zipped(("__MACOSX/数据/._社区.shp", bytes(120)), ("__MACOSX/数据/._社区.dbf", bytes(120))),
        ),
        {},
    ),
    (
        ("G50", "GeoJSON 坐标有四个数（高程和里程）", "GeoJSON of four numbers a corner", "accept", _measured),
        {},
    ),
    (
        (
            "G51",
            "自命名坐标系，椭球是 1980 西安的",
            "a CRS of the bureau's own name on the ellipsoid of Xian 1980",
            "reject",
            _own_datum,
            ("CRS_OLD_DATUM",),
        ),
        {},
    ),
    (
        (
            "G52",
            "每行一个要素的 GeoJSON",
            "GeoJSON with one feature a line",
            "reject",
            lambda town: town.put("社区.geojson", "\n".join(json.dumps(f, ensure_ascii=False) for f in features())),
            ("FILE_JSON",),
        ),
        {},
    ),
    (
        (
            "G53",
            "gpkg 的坐标系写作“未定义”（srs_id 0）",
            "a gpkg whose CRS is called undefined (srs_id 0)",
            "reject",
            _undefined,
            ("CRS_MISSING",),
        ),
        {},
    ),
]

"""The made town keeps its promises, read back with other means than ours: pyosmium, networkx, openpyxl, GeoPandas."""

import csv
import itertools
import os
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import openpyxl
import osmium
import pyproj
import pytest
import shapely

from gis.datum import to_wgs84
from gis.tables import (
    ANSWERS,
    CANDIDATES,
    COMMUNITIES,
    FACILITIES,
    FIGURES,
    GATES,
    HOUSING,
    PEOPLE_GROUPS,
    RESIDENTS,
    TABLES,
    Table,
)

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
FILES = (
    "streets.osm.pbf", "communities.gpkg", "residents.csv", "gates.csv", "设施.xlsx", "candidates.gpkg", "housing.xlsx",
    "统计数据.xlsx", "人工核查.xlsx", "人群分类.csv", "project.toml",
)  # fmt: skip
TO_METRES = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4547", always_xy=True)
AS_OF = date(2021, 12, 31)
FIFTEEN_MINUTES_M = 900


@dataclass(frozen=True)
class Map:
    """The extract as it stands in the file, in metres."""

    place: dict[int, tuple[float, float]]
    ways: list[tuple[dict[str, str], list[int]]]
    gates: set[int]

    def lines(self, key: str, value: str | None = None) -> list[shapely.LineString]:
        return [
            shapely.LineString([self.place[n] for n in refs])
            for tags, refs in self.ways
            if key in tags and value in (None, tags[key])
        ]


@pytest.fixture(scope="module")
def town() -> Map:
    degrees, ways, gates = {}, [], set()
    for thing in osmium.FileProcessor(str(SAMPLE / "streets.osm.pbf")):
        if thing.is_node():
            degrees[thing.id] = (thing.lon, thing.lat)
            if thing.tags.get("barrier") == "gate":
                gates.add(thing.id)
        elif thing.is_way():
            ways.append((dict(thing.tags), [node.ref for node in thing.nodes]))
    x, y = TO_METRES.transform(*np.array(list(degrees.values())).T)
    return Map(dict(zip(degrees, zip(x.tolist(), y.tolist(), strict=True), strict=True)), ways, gates)


@pytest.fixture(scope="module")
def walk(town: Map) -> nx.Graph:
    graph = nx.Graph()
    for tags, refs in town.ways:
        if "highway" in tags and not tags["highway"].startswith("motorway"):
            for a, b in itertools.pairwise(refs):
                graph.add_edge(a, b, length_m=float(np.hypot(*np.subtract(town.place[a], town.place[b]))))
    return graph


@pytest.fixture(scope="module")
def communities() -> gpd.GeoDataFrame:
    return gpd.read_file(SAMPLE / "communities.gpkg").set_index("社区代码")


@pytest.fixture(scope="module")
def homes() -> list[dict[str, str]]:
    return rows_of_csv("residents.csv")


@pytest.fixture(scope="module")
def facilities() -> list[dict[str, object]]:
    sheet = openpyxl.load_workbook(SAMPLE / "设施.xlsx").active
    rows = list(sheet.iter_rows(values_only=True))
    header = [below or above for above, below in zip(rows[1], rows[2], strict=True)]
    return [dict(zip(header, row, strict=True)) for row in rows[3:] if str(row[0]).startswith("SS")]


def rows_of_csv(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def position(row: dict[str, object], datum: str = "wgs84") -> tuple[float, float]:
    lon, lat = to_wgs84(float(str(row["经度"])), float(str(row["纬度"])), datum=datum)
    x, y = TO_METRES.transform(float(lon), float(lat))
    return float(x), float(y)


def opened(facility: dict[str, object], kind: str) -> bool:
    day = facility["投用日期"]
    return (
        facility["类型"] == kind
        and facility["状态"] == "在用"
        and isinstance(day, datetime)
        and day.date() <= AS_OF
    )  # fmt: skip


def attach(graph: nx.Graph, town: Map, name: object, place: tuple[float, float]) -> float:
    """Join a place to the nearest street by splitting it there; return how far the street is."""
    edges = [(a, b) for a, b in graph.edges if a in town.place and b in town.place]
    lines = shapely.linestrings([[town.place[a], town.place[b]] for a, b in edges])
    point = shapely.Point(place)
    k = int(np.argmin(shapely.distance(lines, point)))
    away, along = float(lines[k].distance(point)), float(lines[k].project(point))
    (a, b), length_m = edges[k], float(lines[k].length)
    graph.add_edge(name, a, length_m=away + along)
    graph.add_edge(name, b, length_m=away + length_m - along)
    return away


def test_the_files_are_there_and_small() -> None:
    assert sum((SAMPLE / name).stat().st_size for name in FILES) < 3_000_000


def test_made_again_the_bytes_are_the_same(tmp_path: Path) -> None:
    # Two fresh runs are compared to the byte. What stands in the repository is compared by content: another release
    # of GDAL or zlib may pack the same town differently.
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for folder in ("one", "two"):
        command = [sys.executable, str(SAMPLE / "make_sample.py"), str(tmp_path / folder)]
        subprocess.run(command, check=True, env=environment, cwd=tmp_path)
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    for name in ("residents.csv", "gates.csv", "人群分类.csv", "project.toml"):
        assert (tmp_path / "one" / name).read_bytes() == (SAMPLE / name).read_bytes(), name
    for name in ("communities.gpkg", "candidates.gpkg"):
        assert gpd.read_file(tmp_path / "one" / name).equals(gpd.read_file(SAMPLE / name)), name
    for name in ("设施.xlsx", "housing.xlsx", "统计数据.xlsx", "人工核查.xlsx"):
        assert sheet_cells(tmp_path / "one" / name) == sheet_cells(SAMPLE / name), name
    assert map_objects(tmp_path / "one" / "streets.osm.pbf") == map_objects(SAMPLE / "streets.osm.pbf")


def sheet_cells(path: Path) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))


def map_objects(path: Path) -> list[str]:
    return [f"{thing!s} {dict(thing.tags)} {thing.timestamp}" for thing in osmium.FileProcessor(str(path))]


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        (COMMUNITIES, lambda: gpd.read_file(SAMPLE / "communities.gpkg").columns.drop("geometry")),
        (CANDIDATES, lambda: gpd.read_file(SAMPLE / "candidates.gpkg").columns.drop("geometry")),
        (RESIDENTS, lambda: rows_of_csv("residents.csv")[0]),
        (GATES, lambda: rows_of_csv("gates.csv")[0]),
        (FIGURES, lambda: sheet_cells(SAMPLE / "统计数据.xlsx")[0]),
        (ANSWERS, lambda: sheet_cells(SAMPLE / "人工核查.xlsx")[0]),
        (PEOPLE_GROUPS, lambda: rows_of_csv("人群分类.csv")[0]),
        (HOUSING, lambda: sheet_cells(SAMPLE / "housing.xlsx")[0]),
        (FACILITIES, lambda: [b or a for a, b in zip(*sheet_cells(SAMPLE / "设施.xlsx")[1:3], strict=True)]),
    ],
    ids=lambda value: value.name if isinstance(value, Table) else "",
)
def test_every_header_is_one_that_the_tables_know(table: Table, columns: object) -> None:
    known = {word for column in table.columns for word in column.synonyms}
    assert set(columns()) <= known
    assert {column.name for column in table.columns if column.required} <= {
        column.name for column in table.columns if set(column.synonyms) & set(columns())
    }


def test_every_choice_is_one_that_the_tables_know(facilities: list[dict[str, object]]) -> None:
    for column in FACILITIES.columns:
        for header in set(column.synonyms) & set(facilities[0]) if column.choices else ():
            known = {word for words in column.choices.values() for word in words}
            assert {row[header] for row in facilities} - ({None} if not column.required else set()) <= known


def test_the_project_names_the_files() -> None:
    project = tomllib.loads((SAMPLE / "project.toml").read_text(encoding="utf-8"))
    assert set(project["inputs"]) == set(TABLES) | {"streets"}
    named = {value if isinstance(value, str) else value["path"] for value in project["inputs"].values()}
    assert named == set(FILES) - {"project.toml"}
    assert project["policy"]["as_of"] == AS_OF


def test_proportions_are_those_of_a_small_city(communities: gpd.GeoDataFrame) -> None:
    residents, elders = communities["总人口"].sum(), communities["60岁及以上人口"].sum()
    assert 57_000 <= residents <= 63_000
    assert 155 * residents <= 1000 * elders <= 165 * residents
    assert Counter(communities["级别"]) == {"社区": 42, "行政村": 12}
    assert communities.groupby("级别")["街道代码"].nunique().to_dict() == {"社区": 6, "行政村": 1}
    village = communities["级别"] == "行政村"
    assert ((communities.index.str[9:].astype(int) >= 200) == village).all()
    assert ((communities.index.str[6:9].astype(int) >= 100) == village).all()
    assert communities.index.str.fullmatch(r"419921\d{6}").all()
    assert communities.index.is_unique


def test_groups_never_exceed_the_elders(communities: gpd.GeoDataFrame) -> None:
    for group in ("80岁以上人口", "失能", "失独", "空巢", "低保", "特困"):
        assert (communities[group] <= communities["60岁及以上人口"]).all()


def test_the_sums_agree_to_the_person(homes: list[dict[str, str]], communities: gpd.GeoDataFrame) -> None:
    assert 2000 <= len(homes) <= 3000
    pairs = {"常住人口": "总人口", "60岁以上人口": "60岁及以上人口", "80岁以上人口": "80岁以上人口", "户数": "户数"}
    for column, total in pairs.items():
        sums: Counter[str] = Counter()
        for home in homes:
            sums[home["社区代码"]] += int(home[column])
        assert sums == communities[total].to_dict()


def test_homes_lie_in_their_community(homes: list[dict[str, str]], communities: gpd.GeoDataFrame) -> None:
    assert communities.crs == "EPSG:4547"
    assert shapely.coverage_is_valid(list(communities.geometry))  # neither gap nor overlap between neighbours
    for code, own in itertools.groupby(homes, key=lambda home: home["社区代码"]):
        assert shapely.contains(communities.geometry[code], shapely.points([position(home) for home in own])).all()


def test_two_bridges_cross_the_river(town: Map) -> None:
    (river,) = town.lines("waterway", "river")
    crossing = [
        tags
        for tags, refs in town.ways
        if "highway" in tags and river.intersects(shapely.LineString([town.place[n] for n in refs]))
    ]
    assert [tags.get("bridge") for tags in crossing] == ["yes", "yes"]


def test_one_underpass_and_one_footbridge_cross_the_railway(town: Map) -> None:
    (rail,) = town.lines("railway")
    crossing = [
        (tags["highway"], tags.get("tunnel"), tags.get("bridge"))
        for tags, refs in town.ways
        if "highway" in tags and rail.intersects(shapely.LineString([town.place[n] for n in refs]))
    ]
    assert sorted(crossing, key=str) == [("footway", None, "yes"), ("primary", "yes", None)]
    assert [tags for tags, _ in town.ways if tags.get("highway") == "steps"]


def test_there_are_three_islands(town: Map, walk: nx.Graph) -> None:
    parts = sorted(nx.connected_components(walk), key=len)
    assert len(parts) == 4
    assert len(parts[-1]) > 50 * len(parts[-2])
    names = {tags.get("name", "") for tags, refs in town.ways if "highway" in tags and not parts[-1] & set(refs)}
    for island in ("沙洲村大街", "锦绣小区环路", "御景新区中路"):
        assert island in names


def test_walled_estates_are_left_at_gates_only(town: Map) -> None:
    walls = [(tags["name"], set(refs)) for tags, refs in town.ways if tags.get("barrier") == "wall"]
    inside = {n for tags, refs in town.ways if tags.get("access") == "private" for n in refs}
    outside = {n for tags, refs in town.ways if "highway" in tags and "access" not in tags for n in refs}
    assert inside & outside == town.gates  # a private way meets a public one at a gate and nowhere else
    assert [name for name, ring in walls if not ring & town.gates] == ["锦绣小区"]
    assert set().union(*(ring for _, ring in walls)) >= town.gates
    lines = [shapely.LineString([town.place[n] for n in refs]) for tags, refs in town.ways if "highway" in tags]
    for wall in town.lines("barrier", "wall"):
        crossings = [line for line in lines if line.crosses(wall)]
        assert crossings == []  # every way that meets a wall ends there, at its gate
    listed = np.array([position(gate) for gate in rows_of_csv("gates.csv")])
    mapped = np.array([town.place[n] for n in town.gates])
    np.testing.assert_allclose(listed[np.lexsort(listed.T)], mapped[np.lexsort(mapped.T)], atol=0.02)


def test_a_home_200_m_away_is_a_walk_of_1400_m(
    town: Map, walk: nx.Graph, homes: list[dict[str, str]], facilities: list[dict[str, object]]
) -> None:
    (centre,) = [row for row in facilities if row["设施名称"] == "临河社区日间照料中心"]
    assert opened(centre, "日间照料中心")
    place = position(centre, "gcj02")
    bank = [home for home in homes if home["社区代码"] == "419921005004"]
    home = min(bank, key=lambda row: float(np.hypot(*np.subtract(position(row), place))))
    assert np.hypot(*np.subtract(position(home), place)) == pytest.approx(200, abs=10)
    graph = walk.copy()
    attach(graph, town, "home", position(home))
    kinds = ("日间照料中心", "街道综合养老服务中心", "养老服务综合体", "农村幸福院")
    serving = [row for row in facilities if any(opened(row, kind) for kind in kinds)]
    for row in serving:
        assert attach(graph, town, row["设施编号"], position(row, "gcj02")) < 40
    metres = nx.single_source_dijkstra_path_length(graph, "home", weight="length_m")
    assert metres[centre["设施编号"]] == pytest.approx(1400, abs=30)
    assert min(metres[row["设施编号"]] for row in serving) > FIFTEEN_MINUTES_M  # nor does another one reach it


def test_the_facility_list_meets_the_edges_of_the_rules(
    facilities: list[dict[str, object]], communities: gpd.GeoDataFrame
) -> None:
    levels = communities["级别"].to_dict()
    urban = [row for row in facilities if levels[row["社区代码"]] == "社区"]
    # Exactly half is run by social forces whichever facilities one counts: all, each status, those of one day.
    for counted in (
        urban,
        *([row for row in urban if row["状态"] == status] for status in ("在用", "建成", "在建", "停用", "规划")),
        [row for row in urban if opened(row, str(row["类型"]))],
        [row for row in urban if "养老服务" in str(row["类型"]) or row["类型"] == "日间照料中心"],
    ):
        assert 2 * sum(row["运营性质"] == "社会力量" for row in counted) == len(counted) > 0
    stations = {row["社区代码"] for row in facilities if opened(row, "农村幸福院")}
    assert 30 * 12 <= 100 * len(stations) < 50 * 12
    assert len({row["社区代码"] for row in facilities if row["类型"] == "日间照料中心"}) == 25
    assert len({str(row["社区代码"])[:9] for row in facilities if opened(row, "街道综合养老服务中心")}) == 4


def test_one_centre_stands_just_outside_the_street_it_is_declared_for(
    facilities: list[dict[str, object]], communities: gpd.GeoDataFrame
) -> None:
    streets = communities.dissolve("街道代码").geometry
    away = {
        row["设施名称"]: streets[str(row["社区代码"])[:9]].distance(shapely.Point(position(row, "gcj02")))
        for row in facilities
    }
    outside = {name: metres for name, metres in away.items() if metres > 0}
    assert list(outside) == ["城南街道综合养老服务中心"]
    assert max(outside.values()) < 50


def test_the_total_row_repeats_the_facilities(facilities: list[dict[str, object]]) -> None:
    rows = sheet_cells(SAMPLE / "设施.xlsx")
    total = next(row for row in rows if row[0] == "合计")
    assert total[8] == sum(int(str(row["床位数"])) for row in facilities)
    assert rows.index(total) == len(rows) - 2
    assert str(rows[-1][0]).startswith("注：")


def test_the_budget_cannot_buy_every_candidate() -> None:
    sites = gpd.read_file(SAMPLE / "candidates.gpkg")
    budget = tomllib.loads((SAMPLE / "project.toml").read_text(encoding="utf-8"))["siting"]["budget_wan"]
    assert 38 <= len(sites) <= 42
    assert sites["投资"].min() < budget < sites["投资"].sum() / 2
    assert (sites["可用建筑面积"] < 350).any()
    assert set(sites["建设方式"]) == {"新建", "改扩建", "改造", "购置", "置换", "租赁"}


def test_the_housing_projects_show_each_finding() -> None:
    header, *rows = sheet_cells(SAMPLE / "housing.xlsx")
    projects = [dict(zip(header, row, strict=True)) for row in rows]
    assert len(projects) == 15
    findings = {
        "no scheme": lambda p: p["住宅规划日期"] and not p["用房规划日期"],
        "缓建": lambda p: p["用房开工日期"] and p["用房开工日期"] > p["住宅开工日期"],
        "缩建": lambda p: p["建成面积"] and p["建成面积"] < p["许可面积"],
        "停建": lambda p: p["停工日期"] and not p["用房竣工日期"],
        "不建": lambda p: p["住宅开工日期"] and not p["用房开工日期"],
        "建而不交": lambda p: p["住宅交付日期"] and not p["用房移交日期"],
        "wrong receiver": lambda p: p["接收单位"] and "人民政府" not in p["接收单位"],
        "diverted": lambda p: p["现状用途"] and p["现状用途"] not in {"日间照料", "助餐"},
        "not completed": lambda p: p["住宅竣工日期"] and p["用房开工日期"] and not p["用房竣工日期"],
        "out of step": lambda p: p["用房验收日期"] and p["用房验收日期"] > p["住宅验收日期"],
        "late phase": lambda p: p["分期"] != "一期" and p["住宅完成比例"] and p["住宅完成比例"] > 0.5,
        "no day": lambda p: p["住宅验收日期"] and p["用房竣工日期"] and not p["用房验收日期"],
    }
    found = [[name for name, holds in findings.items() if holds(project)] for project in projects]
    first, then = list(findings)[:8], list(findings)[8:-1]
    assert found == [*([name] for name in first), [], [], *([name] for name in then), ["缓建"], ["no day"]]
    assert projects[8]["用房移交日期"]  # one of the clean two is complete
    assert not projects[9]["住宅竣工日期"]  # and one is still open
    assert (projects[13]["用房开工日期"] - projects[13]["住宅开工日期"]).days == 20  # a few days, a reason may do
    for project in projects:
        assert project["应配面积"] >= max(350, project["总户数"] / 100 * 20)

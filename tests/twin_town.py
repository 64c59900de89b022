"""A town with few people in many places, and its twin: both publish the same, and no count of few is the same.

Who can tell the one from the other has found out what is hidden. Each spot is a home of few people and others that make
up for it in every sum that is told.
"""

from pathlib import Path

from bad_town import Town, degrees, ring, units

FACILITIES = (0, 2, 3, 4, 8)
"""The communities with a facility in their middle."""
SITES = (6, 7, 1)
COUNTIES = ("410611", "410611", "410611", "410611", "410611", "410611", "410612", "410612", "410612")
STREETS = ("001", "001", "001", "002", "002", "002", "001", "001", "001")
CODES = tuple(f"{COUNTIES[i]}{STREETS[i]}00{i % 3 + 1}" for i in range(len(COUNTIES)))
MIDDLE = (350.0, 370.0)
HOMES: tuple[tuple[int, tuple[float, float], int, int], ...] = (
    (0, MIDDLE, 150, 150),
    (0, (60, 70), 61, 60),  # beside the few of the next community
    (1, (250, 370), 1, 2),  # all of a community
    (2, MIDDLE, 200, 200),
    (2, (640, 70), 150, 151),
    (2, (665, 370), 3, 2),  # within the walk of those who are quick alone
    (3, MIDDLE, 8, 9),  # whom one facility serves
    (3, (60, 650), 100, 99),
    (4, MIDDLE, 3, 2),  # all whom another serves
    (4, (60, 650), 120, 121),
    (5, (640, 640), 300, 300),
    (6, MIDDLE, 4, 3),  # newly covered by one site
    (6, (60, 60), 90, 91),
    (7, MIDDLE, 40, 41),  # newly covered by the other
    (7, (350, 650), 61, 60),
    (8, MIDDLE, 150, 150),
    (8, (640, 640), 70, 70),
)
"""Community, place in it (metres from its corner), older people in the town and in its twin."""
SITING = """budget_wan = { 2022 = 100, 2023 = 100 }
near_best_within = 0.3"""


def write(folder: Path, *, twin: bool) -> Path:
    """Write the town, or its twin, as a project: two counties, three streets, nine communities; return the folder."""
    town = Town(folder).clean()
    heads = ["设施编号", "设施名称", "类型", "状态", "经度", "纬度", "建筑面积", "床位", "投用日期"]
    rows = [["日间照料", "在用", *_at(unit, (350, 320)), "350.5", "40", "2020-07-01"] for unit in FACILITIES]
    town.csv("设施.csv", [heads, *([f"F{i}", f"设施{i}", *row] for i, row in enumerate(rows))])
    people = [
        [f"H{i:02d}", *_at(unit, place), "700", str(other if twin else elders), CODES[unit]]
        for i, (unit, place, elders, other) in enumerate(HOMES)
    ]
    town.csv("人口.csv", [["编号", "经度", "纬度", "总人口", "60岁及以上", "社区代码"], *people])
    town.geojson([_community(unit) for unit in range(len(CODES))])
    heads = ["候选编号", "场地名称", "可用建筑面积", "投资", "可建类型", "经度", "纬度"]
    sites = [["500", "100", "日间照料", *_at(unit, (350, 320))] for unit in SITES]
    town.csv("候选.csv", [heads, *([f"C{i}", f"场地{i}", *site] for i, site in enumerate(sites))])
    town.edit(
        ("[walking]", '[inputs.candidates]\npath = "候选.csv"\ndatum = "wgs84"\n\n[walking]'),
        ("minutes = [5]", "minutes = [3, 5]"),
        ("compare_speeds = [1.0]", "compare_speeds = [0.8, 1.0, 1.2]"),
        ("[output]", '[output]\nby_county = true\nalso = ["geoparquet", "shapefile"]'),
        ("[policy]", '[policy]\npacks = ["hebi_2020"]'),
    )
    town.add(f"siting: {SITING}")
    town.add("scenario.rich: budget_wan = 300")
    return folder


def _at(unit: int, place: tuple[float, float]) -> list[str]:
    west, south = units(unit)
    return [f"{part:.8f}" for part in degrees(west + place[0], south + place[1])]


def _community(unit: int) -> dict[str, object]:
    code = CODES[unit]
    said = {"社区代码": code, "社区名称": f"社区{unit}", "街道代码": code[:9], "街道": f"街{code[5:9]}"}
    shape = {"type": "Polygon", "coordinates": [ring(*units(unit))]}
    return {"type": "Feature", "properties": {**said, "县区代码": code[:6], "县区": f"县{code[5]}"}, "geometry": shape}

"""The battery: every dirty input a bureau may hand over, what becomes of it, and which codes say so.

`accept`: as the clean twin, without a word; `repair`: as the twin, each repaired row named; `warn`: the run goes on and
says so; `reject`: exit status 2, nothing written. `python -m tests.bad_inputs_table` prints what is said of each.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tests import bad_layers, bad_streets, bad_tables
from tests.bad_town import Town

Verdict = Literal["accept", "repair", "warn", "reject"]


@dataclass(frozen=True)
class Case:
    """One dirty input: its number, what it is (Chinese, English), the verdict, and how the clean town is spoilt.

    `codes`: the codes of all that is said beyond notes; `run`: compared by a whole run, not only as read;
    `same`: its figures are the twin's; `status`: the exit status where it is not 0 or 2.
    """

    number: str
    zh: str
    en: str
    verdict: Verdict
    spoil: Callable[[Town], Any]
    codes: tuple[str, ...] = ()
    run: bool = False
    same: bool = True
    status: int = 0
    memory_mib: int = 0
    """Run in a process of its own, whose peak of memory stays below."""


def _site(*costs: float, **siting: str) -> Callable[[Town], None]:
    return lambda town: town.sites(*costs, **siting)


def _key(line: str) -> Callable[[Town], None]:
    return lambda town: town.add(line)


def _edit(old: str, new: str) -> Callable[[Town], None]:
    return lambda town: town.edit((old, new))


def _far_site(town: Town) -> None:
    """One site in a corner of the town; who lives in the other corners is out of its reach."""
    town.sites(80, objective='"cover_all"')
    town.edit(("minutes = [5]", "minutes = [2]"))


SITING = [
    Case(
        "S01",
        "要求全部覆盖，但有社区没有候选点可达",
        "everyone must be covered; a community no site can reach",
        "warn",
        _far_site,
        run=True,
        same=False,
        status=4,
    ),
    Case(
        "S02",
        "预算低于最便宜的候选点",
        "a budget smaller than the cheapest site",
        "warn",
        _site(80, 90, budget_wan="50"),
        ("BUDGET_SMALL",),
        run=True,
    ),
    Case(
        "S03",
        "预算恰为 0.1+0.2，造价 0.3",
        "a budget of exactly 0.1 + 0.2 for a site of 0.3",
        "accept",
        _site(0.3, budget_wan="0.30000000000000004"),
        run=True,
        same=False,
    ),
    Case(
        "S04",
        "必建的候选点不存在",
        "a required site that is no candidate",
        "reject",
        _site(80, budget_wan="100", required='["C9"]'),
        ("SITE_UNKNOWN",),
    ),
    Case(
        "S05",
        "候选点没有造价",
        "a candidate without a cost",
        "warn",
        lambda town: town.sites("", 80, budget_wan="0"),
        ("CANDIDATE_COST",),
        run=True,
    ),
    Case(
        "S06",
        "必建的候选点没有造价",
        "a required site without a cost",
        "reject",
        lambda town: town.sites("", 80, budget_wan="100", required='["C0"]'),
        ("SITE_UNUSABLE",),
    ),
    Case(
        "S07",
        "一处的投资以元填在万元列",
        "the cost of one site in yuan, in a column of 10,000 yuan",
        "warn",
        _site(800_000, 80, budget_wan="100"),
        ("CELL_COST_UNLIKELY",),
        run=True,
    ),
]
PARAMETERS = [
    *(
        Case(f"P{i:02d}", zh, en, "reject", spoil, (code,))
        for i, (zh, en, spoil, code) in enumerate(
            (
                ("分钟数为负", "negative minutes", _edit("[5]", "[-5]"), "PARAM_RANGE"),
                ("分钟数为零", "zero minutes", _edit("[5]", "[0]"), "PARAM_RANGE"),
                ("分钟数 NaN", "minutes NaN", _edit("[5]", "[nan]"), "PARAM_RANGE"),
                ("分钟数无穷", "minutes infinite", _edit("[5]", "[inf]"), "PARAM_RANGE"),
                ("分钟数超过 120", "minutes over 120", _edit("[5]", "[121]"), "PARAM_RANGE"),
                ("分钟数是文字", "text for minutes", _edit("[5]", '"十五"'), "PARAM_RANGE"),
                ("分钟数为空列表", "an empty list of minutes", _edit("[5]", "[]"), "PARAM_RANGE"),
                ("速度为负", "negative speed", _key("walking: speed_m_s = -1"), "PARAM_RANGE"),
                ("速度为零", "zero speed", _key("walking: speed_m_s = 0"), "PARAM_RANGE"),
                ("速度 NaN", "speed NaN", _key("walking: speed_m_s = nan"), "PARAM_RANGE"),
                ("速度无穷", "speed infinite", _key("walking: speed_m_s = inf"), "PARAM_RANGE"),
                (
                    "速度 60（误作米/分钟）",
                    "a speed of 60 (metres a minute)",
                    _key("walking: speed_m_s = 60"),
                    "PARAM_RANGE",
                ),
                ("未知的参数名", "an unknown key", _key("walking: sped_m_s = 1"), "PARAM_UNKNOWN"),
                ("预算为负", "a negative budget", _key("siting: budget_wan = -1"), "PARAM_RANGE"),
                ("预算 NaN", "budget NaN", _key("siting: budget_wan = nan"), "PARAM_RANGE"),
                ("预算把元当万元", "yuan given as 10,000 yuan", _site(80, budget_wan="800000"), "BUDGET_UNIT"),
                ("未知的坐标系", "an unknown CRS", _edit("EPSG:4547", "EPSG:99999"), "CRS_UNKNOWN"),
                ("以度为单位的坐标系", "a CRS in degrees", _edit("EPSG:4547", "EPSG:4326"), "CRS_NOT_METRES"),
                ("未知的坐标基准", "an unknown datum", _edit('datum = "wgs84"', 'datum = "beijing54"'), "PARAM_RANGE"),
                (
                    "项目文件不是 TOML",
                    "a project file that is no TOML",
                    _edit("[walking]", "[walking"),
                    "PROJECT_SYNTAX",
                ),
                (
                    "项目文件是 GBK 编码",
                    "a project file in GBK",
                    lambda town: town.put(
                        "project.toml", (town.folder / "project.toml").read_text("utf-8").encode("gb18030")
                    ),
                    "PROJECT_SYNTAX",
                ),
                ("输入文件不存在", "an input that is not there", _edit("设施.csv", "设备.csv"), "FILE_MISSING"),
                (
                    "成果文件夹是项目本身",
                    "results into the project itself",
                    _key('output: folder = "."'),
                    "PARAM_RANGE",
                ),
                ("坐标系是别处的三度带", "the zone of another city", _edit("EPSG:4547", "EPSG:4554"), "CRS_SCALE"),
                ("坐标系是网络墨卡托", "Web Mercator", _edit("EPSG:4547", "EPSG:3857"), "CRS_SCALE"),
                (
                    "步行到街道的距离为负",
                    "a negative distance to the street",
                    _key("walking: max_connector_m = -1"),
                    "PARAM_RANGE",
                ),
                ("分钟数写作 true", "minutes as true", _edit("[5]", "[true]"), "PARAM_RANGE"),
                ("分钟数加引号", "minutes in quotes", _edit("[5]", '["5"]'), "PARAM_RANGE"),
                ("文件名中有 NUL", "NUL in a file name", _edit("设施.csv", r"设\u0000施.csv"), "FILE_MISSING"),
                ("文件名过长", "a file name too long", _edit("设施.csv", "长" * 300), "FILE_MISSING"),
                ("五千层方括号", "five thousand brackets", _edit("[5]", "[" * 5000), "PROJECT_SYNTAX"),
                ("1954北京坐标系", "a CRS on Beijing 1954", _edit("EPSG:4547", "EPSG:2433"), "CRS_OLD_DATUM"),
            ),
            1,
        )
    ),
    Case("P40", "预算 0（只评价现状）", "budget 0 (today's state only)", "accept", _site(80, budget_wan="0"), run=True),
    Case("P41", "分钟数乱序且重复", "minutes unsorted, with a duplicate", "accept", _edit("[5]", "[5, 5]")),
    Case(
        "P42",
        "速度 3（误作公里/小时）",
        "a speed of 3 (kilometres an hour)",
        "warn",
        _key("walking: speed_m_s = 3"),
        ("PACE_UNLIKELY",),
        run=True,
        same=False,
    ),
]

CASES: Sequence[Case] = [
    *(Case(*row, **more) for rows in (bad_streets.ROWS, bad_tables.ROWS, bad_layers.ROWS) for row, more in rows),
    *SITING,
    *PARAMETERS,
]

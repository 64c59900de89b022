"""The tables of the made town 云溪县 (Yunxi): its streets, superblocks, communities, facilities, sites and projects.

All names and numbers are invented. A place reads `block:side` with tenths along it (`F5:E1`), or a village's name.
"""

from dataclasses import dataclass

import books

COUNTY = "419921"  # no real county has this code

# ---- streets and superblocks ----------------------------------------------------------------------------------------

# Columns of superblocks from west to east and rows from south to north, in metres from the drum tower.
COLUMNS = {"A": (-1560, -1220), "B": (-1220, -900), "C": (-800, -500), "D": (-500, -220), "E": (-220, 60),
           "F": (60, 360), "G": (520, 860), "H": (860, 1200)}  # fmt: skip
ROWS = {1: (-1150, -800), 2: (-800, -480), 3: (-480, -200), 4: (-200, 90), 5: (90, 400), 6: (400, 740), 7: (740, 1100)}

NORTH_SOUTH = {
    -1560: ("西环路", "primary"), -1220: ("铁西路", "secondary"), -900: ("站西路", "tertiary"),
    -800: ("站前路", "secondary"), -500: ("解放路", "secondary"), -220: ("中山路", "tertiary"),
    60: ("建设路", "secondary"), 360: ("滨河西路", "tertiary"),
    520: ("滨河东路", "tertiary"), 860: ("东风路", "secondary"), 1200: ("东环路", "primary"),
}  # fmt: skip
EAST_WEST = {
    -1150: ("南环路", "primary"), -800: ("迎宾路", "tertiary"), -480: ("人民路", "primary"),
    -200: ("和平路", "tertiary"), 90: ("文昌路", "secondary"), 400: ("光明路", "tertiary"),
    740: ("云溪大道", "primary"), 1100: ("北环路", "primary"),
}  # fmt: skip
BRIDGES = ("人民路", "云溪大道")
NO_STREET = {  # where a park, a works or a big estate lies across the line of a street
    "建设路": [(400, 740)],
    "中山路": [(-1150, -800)],
    "和平路": [(-1560, -1220), (860, 1200)],
    "迎宾路": [(-1560, -900)],
}

# block, use, name, details: floors, then the sides that have a gate
BLOCKS = [
    ("A7", "walled", "西苑小区", ["6", "S", "E"]),
    ("B7", "open", "机车家属院", ["5"]),
    ("C7", "walled", "北苑小区", ["6", "S"]),
    ("D7", "walled", "学府花园", ["6", "S", "E"]),
    ("E7", "open", "园丁新村", ["5"]),
    ("F7", "walled", "湖畔花园", ["6", "W", "S"]),
    ("G7", "walled", "东岸名邸", ["11", "S"]),
    ("H7", "walled", "龙泉家园", ["11", "W", "S"]),
    ("A6", "walled", "铁西小区", ["6", "E"]),
    ("B6", "open", "工人新村", ["5"]),
    ("C6", "open", "站前小区", ["5"]),
    ("D6", "walled", "解放小区", ["6", "S", "W"]),
    ("E6", "park", "云溪公园", []),
    ("F6", "park", "云溪公园东园", []),
    ("G6", "open", "柳溪新村", ["6"]),
    ("H6", "campus", "云溪县第二中学", ["school"]),
    ("A5", "walled", "锦绣小区", ["6"]),  # no gate on the map: an island
    ("B5", "walled", "站西小区", ["6", "S"]),
    ("C5", "lanes", "北关", []),
    ("D5", "lanes", "书院", ["walk"]),
    ("E5", "lanes", "文昌", []),
    ("F5", "open", "临河小区", ["6"]),
    ("G5", "open", "临江花园", ["6"]),
    ("H5", "walled", "凤栖苑", ["11", "N"]),
    ("A4", "open", "育才新村", ["5"]),
    ("B4", "campus", "云溪县第一小学", ["school"]),
    ("C4", "lanes", "钟楼", []),
    ("D4", "lanes", "鼓楼", ["walk"]),
    ("E4", "campus", "云溪县人民医院", ["hospital"]),
    ("F4", "open", "柳岸小区", ["6"]),
    ("G4", "walled", "江畔人家", ["6", "E"]),
    ("H4", "walled", "翠湖苑", ["11", "S", "W"]),
    ("A3", "walled", "纺织小区", ["6", "N", "E"]),
    ("B3", "open", "红旗新村", ["5"]),
    ("C3", "lanes", "南关", []),
    ("D3", "lanes", "南街", ["walk"]),
    ("E3", "open", "和平小区", ["6"]),
    ("F3", "walled", "滨河花园", ["6", "S", "W"]),
    ("G3", "walled", "新城国际", ["11", "S"]),
    ("H3", "campus", "云溪县政务中心", ["townhall"]),
    ("A2", "industry", "云溪纺织厂", []),
    ("B2", "walled", "新华小区", ["6", "N", "E"]),
    ("C2", "open", "迎宾小区", ["6"]),
    ("D2", "campus", "云溪县实验学校", ["school"]),
    ("E2", "walled", "阳光花园", ["6", "N", "S"]),
    ("F2", "open", "平安小区", ["6"]),
    ("G2", "walled", "金域华府", ["11", "N", "E"]),
    ("H2", "park", "新城公园", []),
    ("A1", "industry", "云溪机械厂", []),
    ("B1", "industry", "铁路货场", []),
    ("C1", "walled", "南苑小区", ["6", "N"]),
    ("D1", "walled", "世纪花园", ["6", "N", "W"]),
    ("E1", "open", "康乐小区", ["6"]),
    ("F1", "walled", "江南春城", ["6", "N", "E"]),
    ("G1", "walled", "御景湾", ["11", "N"]),
    ("H1", "open", "御景新区", ["6", "apart"]),  # the map has lost its links to the streets around: an island
]

# woods, fields and ponds: kind, centre, half width and half height
COUNTRY = [
    ("forest", -2480, 1050, 200, 330), ("forest", -1750, 1640, 210, 190), ("forest", 1950, 1380, 230, 210),
    ("forest", 2080, -1380, 200, 220), ("forest", -2330, -1420, 230, 200), ("forest", -2420, -620, 150, 220),
    ("farmland", -1850, 560, 210, 250), ("farmland", -1840, 1120, 190, 180), ("farmland", -1830, -1280, 190, 210),
    ("farmland", -640, 1700, 140, 330), ("farmland", -2450, -180, 170, 130), ("farmland", -660, -1720, 140, 330),
    ("farmland", 120, -1700, 110, 300), ("farmland", 1420, -1480, 130, 240), ("farmland", 1620, 420, 240, 130),
    ("farmland", 1560, -420, 220, 150), ("farmland", 2120, -480, 140, 190), ("farmland", 2180, 520, 110, 190),
    ("farmland", 850, 1290, 190, 100), ("farmland", 20, 1760, 100, 180), ("farmland", 680, -1320, 120, 100),
    ("pond", -1870, 300, 70, 40), ("pond", 1450, -1120, 90, 45), ("pond", 1500, 1180, 80, 50),
    ("pond", -1000, -1380, 60, 40),
]  # fmt: skip

# ---- communities and villages ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unit:
    """A community or a village: its code, its street or town, its superblocks and how people live there."""

    code: str
    street: str
    elder_share: float
    lived_in: float
    household_sizes: tuple[int, ...]
    blocks: tuple[str, ...] = ()
    centre: tuple[float, float] = (0, 0)
    road: tuple[tuple[float, float], ...] = ()

    @property
    def urban(self) -> bool:
        """Whether it is a community and not a village."""
        return bool(self.blocks)


# street: code, share of people aged 60 and over, share of flats lived in
STREETS = {
    "铁西街道": ("001", 0.178, 0.88),
    "鼓楼街道": ("002", 0.225, 0.93),
    "文昌街道": ("003", 0.185, 0.93),
    "城南街道": ("004", 0.150, 0.90),
    "河东街道": ("005", 0.105, 0.74),
    "新城街道": ("006", 0.080, 0.66),
    "溪口镇": ("100", 0.215, 0.92),
}
_COMMUNITIES = {
    "铁西街道": {
        "西苑社区": ("A7",), "机车社区": ("B7",), "铁西社区": ("A6",), "工人村社区": ("B6",), "锦绣社区": ("A5",),
        "站西社区": ("B5",), "育才社区": ("A4", "B4"), "纺织社区": ("A3",), "红旗社区": ("B3",),
        "新华社区": ("A2", "B2", "A1", "B1"),
    },
    "鼓楼街道": {
        "北苑社区": ("C7", "D7"), "站前社区": ("C6",), "解放社区": ("D6",), "北关社区": ("C5",), "书院社区": ("D5",),
        "钟楼社区": ("C4",), "鼓楼社区": ("D4",),
    },
    "文昌街道": {
        "公园社区": ("E6", "E7"), "湖畔社区": ("F6", "F7"), "文昌社区": ("E5",), "临河社区": ("F5",),
        "县前社区": ("E4",), "柳岸社区": ("F4",),
    },
    "城南街道": {
        "南关社区": ("C3",), "南街社区": ("D3",), "和平社区": ("E3",), "滨河社区": ("F3",), "迎宾社区": ("C2", "C1"),
        "实验社区": ("D2", "D1"), "阳光社区": ("E2",), "平安社区": ("F2",), "康乐社区": ("E1", "F1"),
    },
    "河东街道": {
        "东岸社区": ("G7",), "龙泉社区": ("H7", "H6"), "柳溪社区": ("G6",), "临江社区": ("G5",), "凤栖社区": ("H5",),
        "江畔社区": ("G4", "H4"),
    },
    "新城街道": {
        "国际社区": ("G3", "H3"), "金域社区": ("G2", "H2"), "御景社区": ("G1",), "新苑社区": ("H1",),
    },
}  # fmt: skip
# village: centre, and the road from its lanes to the town
_VILLAGES = {
    "沙洲村": ((440, 1660), ()),  # on the sandbank in the river: no bridge, an island
    "北河村": ((-250, 1610), ((-220, 1100), (-228, 1240), (-246, 1380), (-250, 1482))),
    "西岭村": ((-1350, 1580), ((-1220, 1100), (-1235, 1230), (-1310, 1360), (-1350, 1452))),
    "上沟村": ((1120, 1620), ((1200, 1100), (1190, 1240), (1140, 1370), (1120, 1492))),
    "黄家村": ((1790, 910), ((1200, 740), (1330, 760), (1480, 860), (1612, 910))),
    "枣园村": ((1930, 40), ((1200, 90), (1380, 84), (1560, 46), (1752, 40))),
    "白塔村": ((1810, -870), ((1200, -800), (1340, -806), (1500, -858), (1632, -870))),
    "东湾村": ((1010, -1670), ((860, -1150), (870, -1270), (960, -1420), (1010, -1542))),
    "南庄村": ((-250, -1680), ((-220, -1150), (-226, -1300), (-244, -1440), (-250, -1552))),
    "杨庄村": ((-1300, -1670), ((-1220, -1150), (-1230, -1280), (-1280, -1430), (-1300, -1542))),
    "柳林村": ((-1800, -870), ((-1560, -800), (-1582, -812), (-1600, -850), (-1622, -870))),
    "石桥村": ((-2400, 150), ((-1560, 90), (-1700, 96), (-1880, 118), (-2035, 128))),
}


def _units() -> dict[str, Unit]:
    units = {}
    for street, members in _COMMUNITIES.items():
        digits, elder_share, lived_in = STREETS[street]
        for k, (name, blocks) in enumerate(members.items(), start=1):
            units[name] = Unit(f"{COUNTY}{digits}{k:03}", street, elder_share, lived_in, (16, 27, 31, 19, 7), blocks)
    digits, elder_share, lived_in = STREETS["溪口镇"]
    for k, (name, (centre, road)) in enumerate(_VILLAGES.items(), start=201):
        code = f"{COUNTY}{digits}{k}"
        units[name] = Unit(code, "溪口镇", elder_share, lived_in, (12, 25, 22, 23, 18), centre=centre, road=road)
    return units


UNITS = _units()

# ---- facilities -----------------------------------------------------------------------------------------------------

KINDS = {
    "日": "日间照料中心", "街": "街道综合养老服务中心", "县": "养老服务综合体", "幸": "农村幸福院", "餐": "助餐点",
    "养": "养老院", "医": "医养结合机构",
}  # fmt: skip
SERVICES = {
    "日": "日间照料、助餐、文体活动", "街": "助餐、助浴、助洁、助急、助医、护理、日间照料、老年康复、文体活动",
    "县": "助餐、助浴、助医、护理、日间照料、老年康复、文体活动", "幸": "日间照料、助餐、文体活动", "餐": "助餐",
    "养": "护理、助餐", "医": "助医、护理、老年康复",
}  # fmt: skip
OPERATORS = {
    "社": ("社会力量", ("云溪县安康养老服务有限公司", "夕阳红社工服务中心", "云溪县孝亲居家服务社")),
    "公": ("公办", ()),
}
FACILITY_HEADER = [
    "设施编号", "设施名称", "类型", "状态", "建成日期", "投用日期", "建筑面积", "用地面积", "床位数", "日托位",
    "运营单位", "运营性质", "服务项目", *books.FACILITY_HEADER, "社区代码", "经度", "纬度",
]  # fmt: skip
FACILITY_GROUPS = {
    "建设时间": (5, 6),
    "规模": (7, 10),
    "运营": (11, 12),
    "位置": (len(FACILITY_HEADER) - 1, len(FACILITY_HEADER)),
}  # first and last column below each
# place, the unit it is declared for, kind, status, built, opened, floor area, land, beds, day places, operator
FACILITIES = """
A4:N6   育才社区     日 在用   2018-05-20 2018-09-01   420  380 10  24 社
B6:E6   工人村社区   日 在用   2017-10-15 2018-01-10   360  300  8  20 公
B3:N6   红旗社区     日 在用   2019-08-30 2019-12-01   400  350 10  22 公
A7:S7   西苑社区     日 停用   2015-06-30 2015-10-01   260  240  6  14 社
A3:S5   纺织社区     日 停用   2014-09-01 2014-12-15   300  260  6  16 公
D7:S5   北苑社区     日 在用   2019-03-12 2019-06-01   520  460 12  30 社
D6:E6   解放社区     日 在用   2017-04-18 2017-07-01   380  320  8  22 公
C5:S5   北关社区     日 在用   2018-11-05 2019-03-01   310  280  6  18 社
D5:E3   书院社区     日 在用   2016-09-20 2016-12-01   290  260  6  16 公
C4:E7   钟楼社区     日 在用   2020-05-08 2020-08-15   450  400 10  26 社
D4:S2   鼓楼社区     日 在用   2019-09-28 2020-01-05   610  540 14  36 社
E7:S6   公园社区     日 在用   2020-10-12 2021-01-15   560  500 12  32 社
E5:W7   文昌社区     日 在用   2018-06-06 2018-09-10   350  310  8  20 公
F5:E1   临河社区     日 在用   2020-06-18 2020-10-25   720  640 16  40 社
F4:W4   柳岸社区     日 在用   2021-12-20 2022-03-01   380  340  8  22 社
C3:E5   南关社区     日 在用   2017-12-01 2018-03-15   330  290  8  18 公
E3:S6   和平社区     日 在用   2021-05-30 2021-09-01   480  430 10  28 社
C2:S6   迎宾社区     日 在用   2019-11-11 2020-02-20   400  350 10  24 公
D2:E6   实验社区     日 在用   2020-08-25 2020-11-30   440  390 10  26 社
E1:N6   康乐社区     日 在用   2022-04-10 2022-06-01   390  350  8  22 公
G4:E2   江畔社区     日 建成   2021-10-20 -            500  450 12  30 公
H5:W6   凤栖社区     日 在建   -          -            600  520 14  36 社
H7:W5   龙泉社区     日 在用   2020-12-05 2021-03-18   650  580 14  38 公
G2:E3   金域社区     日 建成   2021-11-30 -            550  480 12  32 社
G1:E5   御景社区     日 在建   -          -            480  430 10  28 公
B5:N5   站西社区     街 在用   2020-07-30 2020-10-01  1850 1600 40  80 公
D4:N3   鼓楼社区     街 在用   2019-06-15 2019-10-07  2100 1800 48  90 社
E4:S7   县前社区     街 在用   2021-03-25 2021-07-01  1600 1400 36  70 社
E4:W1   和平社区     街 在用   2021-08-16 2021-11-20  1250 1100 30  60 公
H5:S5   凤栖社区     街 规划   -          -           1500 1300 30  60 公
G3:N4   国际社区     街 规划   -          -           1500 1300 30  60 社
C6:W3   站前社区     县 在用   2020-09-10 2021-01-08  4200 3600 120 100 公
D3:N6   南街社区     餐 在用   2020-03-01 2020-04-10   120  100  0   0 社
C7:S5   北苑社区     餐 在用   2019-07-01 2019-08-01   150  120  0   0 公
F2:W4   平安社区     餐 在用   2021-02-20 2021-04-01   140  120  0   0 社
E7:N4   公园社区     养 在用   2012-08-08 2012-12-01  3600 5200 150  0 公
B2:S7   新华社区     养 在用   2016-05-05 2016-09-01  2800 4000 110  0 社
E4:E3   县前社区     医 在用   2018-10-10 2019-01-01  3100 3500 100  0 公
北河村  北河村       幸 在用   2019-06-01 2019-09-09   320  600  8  16 公
西岭村  西岭村       幸 在用   2018-08-20 2018-10-17   280  520  6  14 公
黄家村  黄家村       幸 在用   2020-05-15 2020-08-08   300  560  8  16 社
白塔村  白塔村       幸 在用   2020-09-09 2020-12-12   350  620 10  18 公
南庄村  南庄村       幸 在用   2017-06-18 2017-09-01   260  480  6  12 社
柳林村  柳林村       幸 停用   2014-04-01 2014-07-01   220  420  4  10 公
"""


def rows_of(text: str) -> list[list[str]]:
    """Return the rows of a table written as lines of words; `-` is an empty cell."""
    return [["" if word == "-" else word for word in line.split()] for line in text.strip().splitlines()]


def facility_rows() -> list[list[object]]:
    """Return the facilities as the bureau's list has them, without their positions."""
    rows: list[list[object]] = []
    for k, (_, unit, kind, status, built, opened, area, land, beds, places, by) in enumerate(rows_of(FACILITIES)):
        operator_type, companies = OPERATORS[by]
        if companies:
            operator = companies[k % len(companies)]
        else:
            operator = f"{UNITS[unit].street}办事处" if UNITS[unit].urban else f"{unit}村民委员会"
        subject = UNITS[unit].street if kind == "街" else "云溪县" if kind == "县" else unit
        title = f"{subject}{KINDS[kind].removeprefix('街道')}" if kind != "医" else "云溪县康宁医养中心"
        more = books.facility_details(k, kind, status, private=by == "社", unit=unit, sizes=(int(area), int(beds)))
        rows.append([
            f"SS{k + 1:03}", title, KINDS[kind], status, built, opened, int(area), int(land), int(beds), int(places),
            operator, operator_type, SERVICES[kind], *more, UNITS[unit].code,
        ])  # fmt: skip
    rows[5][6], rows[31][6] = "５２０", "4,200"  # cells as people type them
    return rows


# ---- candidate sites ------------------------------------------------------------------------------------------------

CANDIDATE_HEADER = [
    "候选编号", "场地名称", "建设方式", "可用建筑面积", "投资", "年租金", "可建类型", "腾退", "可用年份", "社区代码",
]  # fmt: skip
SITE_KINDS = {"日": "日间照料中心", "街": "街道综合养老服务中心", "农": "农村养老服务站"}
# place, unit, name, mode, largest floor area (m2), cost and yearly rent (10,000 yuan), kinds, vacated, first year
CANDIDATES = """
A7:E3 西苑社区 西苑小区会所 改造 420 62 - 日 否 2022
B7:S6 机车社区 机车厂老干部活动室 置换 360 38 - 日 是 2022
A6:E7 铁西社区 铁西菜市场二层 租赁 380 24 18 日 否 2022
A5:S5 锦绣社区 锦绣小区门房 改造 180 21 - 日 否 2022
A5:E6 锦绣社区 锦绣路口空地 新建 800 286 - 日 否 2023
B5:S4 站西社区 站西粮库办公楼 改造 1200 176 - 日、街 是 2022
A3:W5 纺织社区 纺织厂子弟学校 改造 1600 232 - 日、街 是 2022
A3:N3 纺织社区 纺织小区底商 购置 400 318 - 日 否 2022
B2:N3 新华社区 新华小区社区用房 改扩建 520 88 - 日 否 2022
B2:E5 新华社区 铁路单身宿舍 置换 760 96 - 日 是 2023
B4:W5 育才社区 教师进修学校旧址 改造 900 135 - 日、街 是 2023
C7:E5 北苑社区 北苑小区底商 租赁 350 22 20 日 否 2022
C6:S5 站前社区 站前旅社 租赁 640 45 32 日 否 2022
D5:S6 书院社区 书院街道旧办公楼 改造 980 148 - 日、街 是 2022
D3:S4 南街社区 南街百货仓库 改造 460 70 - 日 是 2022
F7:S5 湖畔社区 湖畔花园会所 购置 560 436 - 日 否 2022
F6:E5 湖畔社区 公园管理处旧房 改扩建 390 66 - 日 是 2022
E4:N4 县前社区 县医院旧门诊 改造 1450 215 - 日、街 是 2023
F4:S6 柳岸社区 柳岸小区底商 租赁 300 18 15 日 否 2022
F3:N5 滨河社区 滨河花园底商 购置 420 330 - 日 否 2022
F2:N6 平安社区 平安小区社区用房 改扩建 480 79 - 日 否 2022
E2:W5 阳光社区 阳光花园幼儿园旧址 改造 700 104 - 日 是 2022
D1:N5 实验社区 世纪花园空地 新建 1000 352 - 日、街 否 2023
F1:N6 康乐社区 江南春城底商 租赁 360 21 19 日 否 2022
C1:N6 迎宾社区 南苑小区锅炉房 改造 340 52 - 日 是 2022
G7:S6 东岸社区 东岸名邸配套用房 购置 500 372 - 日 否 2022
G7:E4 东岸社区 东岸售楼处 置换 620 84 - 日 否 2022
G6:W5 柳溪社区 柳溪村委会旧址 改造 450 68 - 日 是 2022
G6:S6 柳溪社区 柳溪空地 新建 1500 512 - 日、街 否 2023
G5:W7 临江社区 临江花园底商 购置 390 305 - 日 否 2022
G5:E5 临江社区 临江水厂办公楼 改造 880 128 - 日、街 是 2022
H4:N5 江畔社区 翠湖苑会所 租赁 420 28 26 日 否 2022
G4:N6 江畔社区 江畔人家底商 购置 360 284 - 日 否 2022
G3:S4 国际社区 新城国际裙房 购置 750 574 - 日 否 2022
H3:N4 国际社区 政务中心西附楼 置换 1300 168 - 日、街 是 2022
G2:N4 金域社区 金域华府底商 租赁 350 22 23 日 否 2022
H1:W5 新苑社区 御景新区空地 新建 600 214 - 日 否 2024
沙洲村 沙洲村 沙洲小学旧址 改造 260 32 - 农 是 2022
杨庄村 杨庄村 杨庄村大队部 改扩建 300 36 - 农 是 2022
东湾村 东湾村 东湾村空地 新建 320 78 - 农 否 2022
石桥村 石桥村 石桥小学旧址 改造 280 33 - 农 是 2023
"""


def candidate_rows() -> list[dict[str, object]]:
    """Return the candidate sites, without their positions."""
    rows = []
    for k, (_, unit, name, mode, area, cost, rent, kinds, vacated, year) in enumerate(rows_of(CANDIDATES), start=1):
        allowed = "、".join(SITE_KINDS[kind] for kind in kinds.split("、"))
        cells = [
            f"HX{k:02}", name, mode, float(area), float(cost), float(rent) if rent else None, allowed, vacated,
            int(year), UNITS[unit].code,
        ]  # fmt: skip
        rows.append(dict(zip(CANDIDATE_HEADER, cells, strict=True)))
    return rows


# ---- housing projects -----------------------------------------------------------------------------------------------

HOUSING_HEADER = [
    "项目编号", "项目名称", "分期", "总户数", "规划人口", "是否新建", "应配面积", "规划面积", "许可面积", "建成面积",
    "住宅规划日期", "住宅开工日期", "住宅竣工日期", "住宅验收日期", "住宅交付日期",
    "用房规划日期", "用房开工日期", "用房竣工日期", "用房验收日期", "用房移交日期",
    "停工日期", "接收单位", "现状用途", *books.HOUSING_HEADER, "经度", "纬度",
]  # fmt: skip
# Two lines a project. First: place, name, phase, households, care room required, planned, permitted, built (m2; 20 m2 a
# hundred households, at least 350 m2), suspended since, receiver, use. Second: the housing's plan, start, finish,
# acceptance and delivery, then the same of the care room. In this order: no scheme, delayed (缓建), reduced (缩建),
# stopped (停建), not built (不建), built but not handed over (建而不交), wrong receiver, diverted use,
# complete, still open, not completed (未建成), accepted out of step, in a late phase, begun a few days late, and one
# whose day of acceptance nobody wrote down.
HOUSING = """
H5:E5 凤栖苑 二期 1600 350 - - - - - -
2021-03-10 - - - - - - - - -
H7:N5 龙泉家园 一期 1900 380 380 380 380 - 云溪县人民政府 日间照料
2019-03-05 2019-06-10 2021-03-20 2021-05-18 2021-06-30 2019-03-05 2020-05-20 2021-03-20 2021-05-18 2021-06-30
G3:S7 新城国际 一期 2400 480 480 480 310 - 云溪县人民政府 日间照料
2018-09-12 2018-12-01 2020-10-25 2020-12-15 2021-01-20 2018-09-12 2018-12-01 2020-10-25 2020-12-15 2021-01-20
G2:S5 金域华府 二期 1750 350 350 350 - 2021-02-10 - -
2019-11-20 2020-04-01 - - - 2019-11-20 2020-04-01 - - -
G1:S5 御景湾 一期 2100 420 420 420 - - - -
2020-01-15 2020-05-15 - - - 2020-01-15 - - - -
G7:N5 东岸名邸 一期 1800 360 360 360 365 - - -
2018-05-20 2018-08-08 2020-11-30 2021-01-22 2021-04-30 2018-05-20 2018-08-08 2020-11-30 2021-01-22 -
H4:E5 翠湖苑 一期 2000 400 400 400 402 - 云溪县宏达物业服务有限公司 日间照料
2018-03-18 2018-06-01 2020-06-30 2020-08-28 2020-09-30 2018-03-18 2018-06-01 2020-06-30 2020-08-28 2020-09-30
F1:S5 江南春城 三期 1500 350 350 350 352 - 云溪县人民政府 超市
2017-10-10 2018-01-20 2019-12-20 2020-03-12 2020-04-15 2017-10-10 2018-01-20 2019-12-20 2020-03-12 2020-04-15
D7:N5 学府花园 二期 1850 370 370 370 374 - 云溪县人民政府 日间照料
2017-08-08 2017-11-11 2019-10-30 2019-12-25 2020-01-18 2017-08-08 2017-11-11 2019-10-30 2019-12-25 2020-01-18
H1:S5 御景新区 二期 2200 440 440 440 - - - -
2020-12-18 2021-03-01 - - - 2020-12-18 2021-03-01 - - -
E2:S3 阳光花园 三期 1500 350 360 360 - - - -
2019-03-01 2019-06-20 2021-10-20 - - 2019-03-01 2019-06-20 - - -
G5:N3 临江花园 一期 1700 350 350 350 352 - 云溪县人民政府 日间照料
2018-04-10 2018-07-16 2020-08-20 2020-10-15 2020-12-20 2018-04-10 2018-07-16 2020-08-20 2020-12-14 2020-12-20
G4:S3 江畔人家 二期 1600 350 360 360 360 - 云溪县人民政府 日间照料
2017-05-15 2017-09-01 2019-08-30 2019-10-28 2019-12-10 2017-05-15 2017-09-01 2019-08-30 2019-10-28 2019-12-10
F2:N3 平安小区 一期 1500 350 350 350 351 - 云溪县人民政府 助餐
2018-02-02 2018-05-10 2020-04-20 2020-06-18 2020-08-08 2018-02-02 2018-05-30 2020-04-20 2020-06-18 2020-08-08
C1:S4 南苑小区 一期 1650 350 350 350 356 - 云溪县人民政府 日间照料
2017-06-12 2017-09-20 2019-07-15 2019-09-10 2019-11-20 2017-06-12 2017-09-20 2019-07-15 - 2019-11-20
"""


def housing_rows() -> list[list[object]]:
    """Return the housing projects, without their positions."""
    lines, rows = rows_of(HOUSING), []
    for k, ((_, name, phase, households, *areas, suspended, receiver, use), dates) in enumerate(
        zip(lines[::2], lines[1::2], strict=True), start=1
    ):
        people = [int(households), round(int(households) * 2.6)]
        areas_m2 = [int(area) if area else "" for area in areas]
        more = books.housing_details(k, name)
        rows.append([f"XM{k:02}", name, phase, *people, "是", *areas_m2, *dates, suspended, receiver, use, *more])
    return rows


# ---- the project file -----------------------------------------------------------------------------------------------

PROJECT = """\
name = "云溪县"
crs = "EPSG:4547"

[inputs]
streets = "streets.osm.pbf"
communities = "communities.gpkg"
residents = { path = "residents.csv", datum = "wgs84" }
gates = { path = "gates.csv", datum = "wgs84" }
facilities = { path = "设施.xlsx", datum = "gcj02" }
candidates = "candidates.gpkg"
housing = { path = "housing.xlsx", datum = "wgs84" }
figures = "统计数据.xlsx"
answers = "人工核查.xlsx"
people_groups = "人群分类.csv"

[walking]
speed_m_s = 1.0
minutes = [5, 10, 15]
compare_speeds = [0.6, 0.8, 1.0, 1.2]
max_connector_m = 150

[policy]
packs = ["hebi_2020", "baotou_2020", "panjin_2018", "jilin_2017", "yuquan_2024", "national"]
as_of = 2021-12-31
choices = { phasing = "first_or_half" }

[siting]
budget_wan = 900
objective = "cover_most"
time_limit_s = 60

[output]
folder = "成果"
language = "zh"
"""

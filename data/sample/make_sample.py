"""Make the sample: 云溪县 (Yunxi), an invented county town with every difficulty a walking map can have.

Run `python data/sample/make_sample.py`: it writes beside itself (or into the folder named), the same bytes every time.

The town is drawn on a plan: metres east (x) and north (y) of the drum tower, all streets square to each other. `ground`
bends and turns the plan as a valley would and lays it in EPSG:4547. What is drawn where stands in the tables of
`town.py`; `office.py` writes the tables as a bureau keeps them.
"""

import csv
import math
import random
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

import books
import office
import osmium
import pyproj
import shapely
import town
from shapely.geometry import MultiPoint, Point, Polygon, box

Place = tuple[float, float]
"""Metres east and north of the drum tower on the plan."""

SEED = 20211231
DATE = "2021-12-01T00:00:00Z"
CRS = "EPSG:4547"
DRUM_TOWER = (518_400.0, 3_941_300.0)  # metres in EPSG:4547: 114.2 E, 35.6 N
WEST, EAST, SOUTH, NORTH = -1560, 1200, -1150, 1100  # the ring roads
RAIL_X, RIVER_X = -850, 440
RAIL_STRIP, RIVER_STRIP = (-900, -800), (360, 520)
SANDBANK = (440, 1660)  # the village in the river
HOME_ON_THE_BANK = (540, 121)  # 200 m from the day-care centre across the river, 1.4 km on foot


# ---- the plan and the ground ----------------------------------------------------------------------------------------


def ground(place: Place) -> Place:
    """Return where a place of the plan lies in EPSG:4547: the valley bends the streets and turns the town."""
    x, y = place
    east = x + 60 * math.sin(y / 560 + 0.5) + 7 * math.sin(y / 170)
    north = y + 38 * math.sin(x / 600 - 0.6) + 7 * math.sin(x / 200 + 1)
    turn = math.radians(6)
    return (
        round(DRUM_TOWER[0] + east * math.cos(turn) - north * math.sin(turn), 2),
        round(DRUM_TOWER[1] + east * math.sin(turn) + north * math.cos(turn), 2),
    )


@cache
def _to_degrees() -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


def degrees(metres: Place) -> Place:
    """Return longitude and latitude (WGS84) of a point in EPSG:4547, to a centimetre."""
    lon, lat = _to_degrees().transform(*metres)
    return round(lon, 7), round(lat, 7)


def rectangle(x0: float, y0: float, x1: float, y1: float) -> list[Place]:
    """Return the closed ring of a rectangle on the plan."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]


def block(name: str) -> tuple[float, float, float, float]:
    """Return west, south, east and north of a superblock: column letter from the west, row number from the south."""
    (west, east), (south, north) = town.COLUMNS[name[0]], town.ROWS[int(name[1])]
    return west, south, east, north


def spot(where: str) -> Place:
    """Return a place named by block, side and tenths along it (`F5:E1`), 12 m in from the street, or by a village."""
    if where in town.UNITS:
        x, y = town.UNITS[where].centre
        return x + 12, y + 8
    name, side = where.split(":")
    x0, y0, x1, y1 = block(name)
    along = int(side[1:] or 4) / 10
    x, y = x0 + along * (x1 - x0), y0 + along * (y1 - y0)
    return {"S": (x, y0 + 12), "N": (x, y1 - 12), "W": (x0 + 12, y), "E": (x1 - 15, y), "M": (x, (y0 + y1) / 2)}[
        side[0]
    ]


# ---- what is drawn --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One way of the map: its tags and its places on the plan."""

    tags: Mapping[str, str]
    places: list[Place]


@dataclass(frozen=True)
class Building:
    """One building: a true rectangle on the ground, with the flats that people live in."""

    place: Place
    size: tuple[float, float]
    tags: Mapping[str, str]
    unit: str = ""
    flats: int = 0


@dataclass
class Town:
    """Everything drawn so far; streets that meet or cross on the plan are joined when the map is written."""

    rng: random.Random
    streets: list[Line] = field(default_factory=list)
    shapes: list[Line] = field(default_factory=list)
    buildings: list[Building] = field(default_factory=list)
    gates: list[tuple[str, Place]] = field(default_factory=list)

    def street(self, highway: str, *places: Place, **tags: str) -> None:
        """Draw a street, a path or steps."""
        self.streets.append(Line({"highway": highway, **tags}, list(places)))

    def shape(self, places: Iterable[Place], **tags: str) -> None:
        """Draw an area, a wall, the river or the railway."""
        self.shapes.append(Line(tags, list(places)))


# ---- streets --------------------------------------------------------------------------------------------------------


def draw_streets(made: Town) -> None:
    """Draw the grid of superblocks; only two streets cross the river, one street and one footbridge the railway."""
    for x, (name, highway) in town.NORTH_SOUTH.items():
        for south, north in _pieces(SOUTH, NORTH, town.NO_STREET.get(name, ())):
            made.street(highway, (x, south), (x, north), name=name)
    for y, (name, highway) in town.EAST_WEST.items():
        gaps = (RAIL_STRIP, RIVER_STRIP, *town.NO_STREET.get(name, ()))
        for west, east in _pieces(WEST, EAST, gaps):
            made.street(highway, (west, y), (east, y), name=name)
    for name in town.BRIDGES:
        y, highway = next((y, highway) for y, (street, highway) in town.EAST_WEST.items() if street == name)
        made.street(highway, (RIVER_STRIP[0], y), (RIVER_STRIP[1], y), name=f"{name}桥", bridge="yes", layer="1")
    y = -480
    made.street("primary", (RAIL_STRIP[0], y), (RAIL_STRIP[1], y), name="人民路下穿", tunnel="yes", layer="-1")
    y = 400
    made.street("steps", (-900, y), (-886, y))
    made.street("footway", (-886, y), (-814, y), name="光明路人行天桥", bridge="yes", layer="1")
    made.street("steps", (-814, y), (-800, y))


def _pieces(start: float, end: float, gaps: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return what is left of a line when its gaps are taken out."""
    cuts = [start, *(cut for gap in sorted(gaps) for cut in gap), end]
    return [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=True) if a < b]


def draw_motorway(made: Town) -> None:
    """Draw the motorway west of the town and its slip road; nobody may walk on either."""
    course = [(-2090 - 55 * math.sin(y / 900), y) for y in range(-2300, 2301, 100)]
    for shift, places in ((-13, course), (13, course[::-1])):
        made.street("motorway", *((x + shift, y) for x, y in places), name="云岭高速", ref="S99", oneway="yes")
    slip = next((x + 13, y) for x, y in course if y == -700)
    made.street("motorway_link", slip, (-2010, -600), (-1850, -510), (WEST, -480))


# ---- river, railway, green ------------------------------------------------------------------------------------------


def draw_river(made: Town) -> None:
    """Draw the river, parted by the village on the sandbank, with green banks and a promenade in the town."""

    def half_width(y: float) -> float:
        return 38 + 5 * math.sin(y / 210) + 190 * math.exp(-(((y - SANDBANK[1]) / 230) ** 2))

    def sand(y: float) -> float:
        return 185 * math.sqrt(max(0.0, 1 - ((y - SANDBANK[1]) / 260) ** 2))

    def water(south: int, north: int, west_bank: Callable[[int], float], east_bank: Callable[[int], float]) -> None:
        west = [(RIVER_X + west_bank(y), y) for y in range(south, north + 1, 20)]
        east = [(RIVER_X + east_bank(y), y) for y in range(north, south - 1, -20)]
        made.shape([*west, *east, west[0]], natural="water", water="river", name="云溪")

    south, north = SANDBANK[1] - 260, SANDBANK[1] + 260
    water(-2300, south, lambda y: -half_width(y), half_width)
    water(south, north, lambda y: -half_width(y), lambda y: -sand(y))
    water(south, north, sand, half_width)
    water(north, 2300, lambda y: -half_width(y), half_width)
    middle = [(RIVER_X + (half_width(y) + sand(y)) / 2 if sand(y) else RIVER_X, y) for y in range(-2300, 2301, 50)]
    made.shape(middle, waterway="river", name="云溪")
    for south, north in ((SOUTH, -480), (-480, 740), (740, NORTH)):  # the promenade passes neither bridge
        for x, out in ((384, RIVER_STRIP[0]), (496, RIVER_STRIP[1])):
            made.shape(
                rectangle(min(x, out) + 8, south + 18, max(x, out) - 4, north - 18), leisure="park", name="滨河绿带"
            )
            made.street("footway", (x, south + 30), (x, north - 30), name="滨河步道")
            for y in (south + 30, (south + north) / 2, north - 30):
                made.street("steps", (out, y), (x, y))


def draw_railway(made: Town) -> None:
    """Draw the railway, its station and the strip that no one may cross but below 人民路 and above 光明路."""
    made.shape([(RAIL_X, y) for y in range(-2300, 2301, 50)], railway="rail", usage="main", name="溪岭铁路")
    for south, north in ((SOUTH, -480), (-480, 400), (400, NORTH)):
        made.shape(rectangle(-888, south + 20, -812, north - 20), landuse="railway")
    made.buildings.append(Building((-822, -60), (16, 90), {"building": "train_station", "name": "云溪站"}))


def draw_country(made: Town) -> None:
    """Draw woods, fields and ponds between the villages."""
    for landuse, x, y, width, height in town.COUNTRY:
        tags = {"natural": "water", "water": "pond"} if landuse == "pond" else {"landuse": landuse}
        ring = [(x + width * math.cos(a / 8 * math.pi) * (1 + 0.12 * math.sin(3 * a)),
                 y + height * math.sin(a / 8 * math.pi)) for a in range(16)]  # fmt: skip
        made.shape([*ring, ring[0]], **tags)


# ---- what fills a superblock ----------------------------------------------------------------------------------------


def draw_blocks(made: Town) -> None:
    """Fill every superblock as the table of blocks says."""
    unit_of = {name: unit.code for unit in town.UNITS.values() for name in unit.blocks}
    draw = {
        "walled": walled_estate,
        "open": open_estate,
        "lanes": old_lanes,
        "park": park,
        "campus": campus,
        "industry": industry,
    }
    for name, use, title, details in town.BLOCKS:
        draw[use](made, block(name), unit_of[name], title, details)
    x, y = HOME_ON_THE_BANK
    for number, north in enumerate((0, 64, 128, 192), start=1):
        tags = {
            "building": "apartments",
            "building:levels": "9",
            "building:flats": "18",
            "name": f"临江花园{number}号楼",
        }
        made.buildings.append(Building((x, y + north), (18, 22), tags, unit_of["G5"], 18))


def slabs(made: Town, bounds: tuple[float, float, float, float], unit: str, levels: int, columns: int = 2) -> None:
    """Draw rows of apartment slabs that look south, as deep and as far apart as the sun asks."""
    x0, y0, x1, y1 = bounds
    pace = (x1 - x0) / columns
    length, depth, row = (min(pace - 9, 46), 13, 44) if levels <= 6 else (min(pace - 16, 30), 18, 62)
    rows = max(1, int((y1 - y0 - depth) // row) + 1)
    flats = levels * (4 if length >= 32 else 3 if levels <= 6 else 4)
    tags = {"building": "apartments", "building:levels": str(levels), "building:flats": str(flats)}
    for i in range(columns):
        for j in range(rows):
            place = (x0 + (i + 0.5) * pace, y0 + depth / 2 + j * (y1 - y0 - depth) / max(1, rows - 1))
            made.buildings.append(Building(place, (length, depth), tags, unit, flats))


def walled_estate(
    made: Town, bounds: tuple[float, float, float, float], unit: str, title: str, details: list[str]
) -> None:
    """Draw an estate behind a wall: a loop and a garden path inside, left only at the gates on the sides named."""
    x0, y0, x1, y1 = bounds
    levels, sides = int(details[0]), details[1:]
    wall, loop = (x0 + 24, y0 + 24, x1 - 24, y1 - 24), (x0 + 42, y0 + 42, x1 - 42, y1 - 42)
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    made.shape(rectangle(*wall), landuse="residential", barrier="wall", name=title)
    made.street("service", *rectangle(*loop), access="private", name=f"{title}环路")
    made.street("footway", (middle[0], loop[1]), (middle[0], loop[3]), access="private")
    made.street("footway", (loop[0], middle[1]), (loop[2], middle[1]), access="private")
    for side in sides:
        x, y = (x0 + 0.3 * (x1 - x0), y0 + 0.3 * (y1 - y0))
        street, gate, inside = {
            "S": ((x, y0), (x, wall[1]), (x, loop[1])),
            "N": ((x, y1), (x, wall[3]), (x, loop[3])),
            "W": ((x0, y), (wall[0], y), (loop[0], y)),
            "E": ((x1, y), (wall[2], y), (loop[2], y)),
        }[side]
        made.street("service", street, gate)
        made.street("service", gate, inside, access="private")
        made.gates.append((title, gate))
    for west, east in ((loop[0] + 8, middle[0] - 5), (middle[0] + 5, loop[2] - 8)):
        for south, north in ((loop[1] + 10, middle[1] - 9), (middle[1] + 9, loop[3] - 10)):
            slabs(made, (west, south, east, north), unit, levels)


def open_estate(
    made: Town, bounds: tuple[float, float, float, float], unit: str, title: str, details: list[str]
) -> None:
    """Draw an estate without a wall; where the map has lost its links (`apart`) its streets end short of the others."""
    x0, y0, x1, y1 = bounds
    reach = 30 if "apart" in details else 0
    x, y = x0 + 0.5 * (x1 - x0), y0 + 0.5 * (y1 - y0)
    made.shape(rectangle(x0 + 12, y0 + 12, x1 - 12, y1 - 12), landuse="residential", name=title)
    made.street("residential", (x, y0 + reach), (x, y1 - reach), name=f"{title}中路")
    made.street("residential", (x0 + reach, y), (x1 - reach, y), name=f"{title}横路")
    made.street("service", *rectangle(x0 + 34, y0 + 66, x1 - 34, y1 - 66))
    for west, east in ((x0 + 38, x - 8), (x + 8, x1 - 38)):
        for south, north in ((y0 + 28, y - 12), (y + 12, y1 - 28)):
            slabs(made, (west, south, east, north), unit, int(details[0]))


def old_lanes(made: Town, bounds: tuple[float, float, float, float], unit: str, title: str, details: list[str]) -> None:
    """Draw a quarter of the old town: narrow lanes between courtyards, the main one for walkers alone where asked."""
    x0, y0, x1, y1 = bounds
    made.shape(rectangle(x0 + 8, y0 + 8, x1 - 8, y1 - 8), landuse="residential", name=title)
    thirds = [round(x0 + third * (x1 - x0) / 3) for third in (1, 2)]
    lanes = [round(y0 + (y1 - y0) * (2 * k + 1) / 10) for k in range(5)]
    ends = ((x0, x1), (thirds[0], x1), (x0, x1), (x0, thirds[1]), (x0, x1))
    for y, (west, east), number in zip(lanes, ends, "一二三四五", strict=True):
        made.street("living_street", (west, y), (east, y), name=f"{title}{number}巷")
    for x, highway in zip(
        thirds, ("pedestrian" if "walk" in details else "living_street", "living_street"), strict=True
    ):
        made.street(highway, (x, y0), (x, y1), name=f"{title}{'步行街' if highway == 'pedestrian' else '直巷'}")
    tags = {"building": "residential", "building:levels": "2", "building:flats": "4"}
    for y in lanes:
        for side in (-1, 1):
            for k in range(int((x1 - x0 - 30) // 27)):
                x = x0 + 29 + 27 * k
                if min(abs(x - third) for third in thirds) >= 15 and made.rng.random() < 0.95:
                    size = (made.rng.choice((18, 20, 22)), made.rng.choice((12, 14, 15)))
                    made.buildings.append(Building((x, y + side * 14), size, tags, unit, 4))


def park(made: Town, bounds: tuple[float, float, float, float], unit: str, title: str, details: list[str]) -> None:
    """Draw a park with a pond, a round path and paths from the four streets."""
    del unit, details
    x0, y0, x1, y1 = bounds
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    ring = [
        (round(x + 95 * math.cos(a * math.pi / 12), 1), round(y + 95 * math.sin(a * math.pi / 12), 1))
        for a in range(24)
    ]
    made.shape(rectangle(x0 + 10, y0 + 10, x1 - 10, y1 - 10), leisure="park", name=title)
    pond = [(x + 52 * math.cos(a * math.pi / 8), y + 38 * math.sin(a * math.pi / 8)) for a in range(16)]
    made.shape([*pond, pond[0]], natural="water", water="pond")
    made.street("footway", *ring, ring[0], name=f"{title}环湖步道")
    for outer, inner in (((x0, y), ring[12]), ((x1, y), ring[0]), ((x, y0), ring[18]), ((x, y1), ring[6])):
        made.street("footway", outer, inner)


def campus(made: Town, bounds: tuple[float, float, float, float], unit: str, title: str, details: list[str]) -> None:
    """Draw a school, hospital or government seat in the south of a block and open housing in the north."""
    x0, y0, x1, y1 = bounds
    cut = y0 + 0.5 * (y1 - y0)
    amenity = details[0]
    made.shape(rectangle(x0 + 14, y0 + 14, x1 - 14, cut - 10), amenity=amenity, name=title)
    kind = "school" if amenity == "school" else "hospital" if amenity == "hospital" else "public"
    middle = (x0 + x1) / 2
    for x, y, length, depth in (
        (x0 + 75, y0 + 40, 70, 16),
        (x0 + 75, y0 + 85, 70, 16),
        (middle + 50, y0 + 60, 60, 40),
    ):
        made.buildings.append(Building((x, y), (length, depth), {"building": kind, "name": title}))
    made.street("residential", (x0, cut), (x1, cut), name=f"{title}北街")
    made.street("service", (middle, y0), (middle, cut))
    made.street("service", (middle, cut), (middle, y1))
    for west, east in ((x0 + 28, middle - 8), (middle + 8, x1 - 28)):
        slabs(made, (west, cut + 14, east, y1 - 24), unit, 6)


def industry(made: Town, bounds: tuple[float, float, float, float], unit: str, title: str, details: list[str]) -> None:
    """Draw a works: sheds and one service road."""
    del unit, details
    x0, y0, x1, y1 = bounds
    middle = (x0 + x1) / 2
    made.shape(rectangle(x0 + 12, y0 + 12, x1 - 12, y1 - 12), landuse="industrial", name=title)
    made.street("service", (middle, y0), (middle, y1))
    for x in (x0 + 80, x1 - 80):
        for y in (y0 + 75, (y0 + y1) / 2, y1 - 75):
            made.buildings.append(Building((x, y), (88, 52), {"building": "industrial"}))


def draw_villages(made: Town) -> None:
    """Draw the villages along three lanes each, and the roads that link all but the one on the sandbank to the town."""
    tags = {"building": "house", "building:levels": "2"}
    for name, village in town.UNITS.items():
        if village.urban:
            continue
        x, y = village.centre
        half, deep = (125, 80) if name == "沙洲村" else (178, 100)
        ring = [
            (x + (half + 30) * math.cos(a * math.pi / 8), y + (deep + 55) * math.sin(a * math.pi / 8))
            for a in range(16)
        ]
        made.shape([*ring, ring[0]], landuse="residential", name=name)
        crossings = [x, round(x - 0.55 * half), round(x + 0.5 * half)]
        made.street("residential", (x, y - deep - 28), (x, y + deep + 28), name=f"{name}中巷")
        for east in crossings[1:]:
            made.street("living_street", (east, y - deep / 2), (east, y + deep / 2))
        for k, title in enumerate(("后街", "南巷", "大街", "北巷", "前街")):
            lane, highway = (k - 2) * deep / 2, "unclassified" if title == "大街" else "residential"
            west, east = [half if title == "大街" else round(half * made.rng.uniform(0.62, 0.95)) for _ in "we"]
            made.street(highway, (x - west, y + lane), (x + east, y + lane), name=f"{name}{title}")
            for side in (-1, 1):
                for plot in range(int((west + east) // 16)):
                    house = x - west + 8 + 16 * plot + made.rng.uniform(-1.5, 1.5)
                    if min(abs(house - crossing) for crossing in crossings) >= 9 and made.rng.random() < 0.9:
                        size = (12, made.rng.choice((9, 10, 11)))
                        made.buildings.append(Building((house, y + lane + side * 13), size, tags, village.code, 1))
        if village.road:
            made.street("unclassified", *village.road, name=f"{name[:-1]}路")
    made.street("unclassified", (-2035, 128), (-2170, 146), name="石桥路涵洞", tunnel="yes", layer="-1")
    made.street("unclassified", (-2170, 146), (-2222, 150), name="石桥路")


# ---- people ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Home:
    """The people of one building."""

    building: Building
    households: int
    residents: int
    elders: int
    elders_80: int


def settle(made: Town) -> list[Home]:
    """Put households into the flats; how many are lived in, and how many people are 60 and over, differs by street."""
    rng, homes = made.rng, []
    units = {unit.code: unit for unit in town.UNITS.values()}
    share = {code: unit.elder_share + rng.uniform(-0.025, 0.025) for code, unit in units.items()}
    for building in made.buildings:
        if building.flats:
            unit = units[building.unit]
            households = max(1, sum(rng.random() < unit.lived_in for _ in range(building.flats)))
            residents = sum(rng.choices((1, 2, 3, 4, 5), unit.household_sizes)[0] for _ in range(households))
            elders = sum(rng.random() < share[unit.code] for _ in range(residents))
            elders_80 = sum(rng.random() < 0.13 for _ in range(elders))
            homes.append(Home(building, households, residents, elders, elders_80))
    return homes


def community_rows(made: Town, homes: list[Home]) -> list[dict[str, object]]:
    """Return the community table: the sums of its homes, and the groups among its elders."""
    rows: list[dict[str, object]] = []
    for name, unit in town.UNITS.items():
        own = [home for home in homes if home.building.unit == unit.code]
        elders = sum(home.elders for home in own)

        def among(rate: float, elders: int = elders) -> int:
            return round(elders * rate * made.rng.uniform(0.8, 1.2))

        rows.append({
            "社区代码": unit.code, "社区名称": name, "级别": "社区" if unit.urban else "行政村",
            "街道代码": unit.code[:9], "街道": unit.street, "县区代码": town.COUNTY, "县区": "云溪县",
            "总人口": sum(home.residents for home in own), "60岁及以上人口": elders,
            "80岁以上人口": sum(home.elders_80 for home in own), "户数": sum(home.households for home in own),
            "失能": among(0.08), "失独": among(0.008), "空巢": among(0.42), "低保": among(0.03),
            "特困": among(0.004 if unit.urban else 0.014),
            **books.community_details(name, unit.street, urban=unit.urban),
        })  # fmt: skip
    return rows


def community_shapes() -> dict[str, Polygon]:
    """Return the polygon of every unit: superblocks to the middle of street, rail and river, and village land.

    All borders are cut at each other first, so that neighbours share every point and neither gap nor overlap is left.
    """
    land: dict[str, list[Polygon]] = {}
    for unit in town.UNITS.values():
        for name in unit.blocks:
            x0, y0, x1, y1 = block(name)
            middle = {RAIL_STRIP[0]: RAIL_X, RAIL_STRIP[1]: RAIL_X, RIVER_STRIP[0]: RIVER_X, RIVER_STRIP[1]: RIVER_X}
            land.setdefault(unit.code, []).append(box(middle.get(x0, x0), y0, middle.get(x1, x1), y1))
    border = Polygon([
        (-190 + 2620 * math.cos(a) * (1 + 0.03 * math.sin(5 * a)), 2240 * math.sin(a) * (1 + 0.035 * math.cos(7 * a)))
        for a in (k * math.pi / 36 for k in range(72))
    ])  # fmt: skip
    rural = border - box(WEST, SOUTH, EAST, NORTH)
    villages = [unit for unit in town.UNITS.values() if not unit.urban]
    cells = shapely.voronoi_polygons(MultiPoint([village.centre for village in villages]), extend_to=border)
    for village in villages:
        cell = next(cell for cell in cells.geoms if cell.contains(Point(village.centre)))
        land[village.code] = [cell & rural]
    faces = shapely.polygonize([shapely.unary_union([part.boundary for parts in land.values() for part in parts])])
    parts: dict[str, list[Polygon]] = {code: [] for code in land}
    for face in faces.geoms:
        inside = face.representative_point()
        parts[next(code for code, own in land.items() if any(part.contains(inside) for part in own))].append(face)
    shapes = {}
    for code, own in parts.items():
        fine = shapely.segmentize(shapely.coverage_union_all(own), 60)
        laid = shapely.transform(fine, lambda places: [ground((round(x, 2), round(y, 2))) for x, y in places])
        shapes[code] = shapely.normalize(laid)
    return shapes


# ---- the map file ---------------------------------------------------------------------------------------------------


def joined(streets: list[Line]) -> list[Line]:
    """Return the streets with a common place wherever two of them meet or cross, and one at least every 60 m.

    A slanting street joins where its own points lie on another; square ones join wherever they cross.
    """
    streets = [Line(line.tags, [*map(_tenths, line.places)]) for line in streets]
    pieces = [(*a, *b) for line in streets for a, b in pairwise(line.places)]
    level = [(y0, min(x0, x1), max(x0, x1)) for x0, y0, x1, y1 in pieces if y0 == y1]
    upright = [(x0, min(y0, y1), max(y0, y1)) for x0, y0, x1, y1 in pieces if x0 == x1]
    corners = sorted({place for line in streets for place in line.places})
    return [Line(line.tags, _with_places(line.places, level, upright, corners)) for line in streets]


def _tenths(place: Place) -> Place:
    return round(place[0], 1), round(place[1], 1)


def _with_places(
    places: list[Place], level: list[tuple[float, ...]], upright: list[tuple[float, ...]], corners: list[Place]
) -> list[Place]:
    result = [places[0]]
    for (x0, y0), (x1, y1) in pairwise(places):
        west, east, south, north = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        on = {(x1, y1)}
        if y0 == y1:
            on |= {(x, y0) for x, low, high in upright if west <= x <= east and low <= y0 <= high}
            on |= {(x, y) for x, y in corners if y == y0 and west <= x <= east}
        if x0 == x1:
            on |= {(x0, y) for y, low, high in level if south <= y <= north and low <= x0 <= high}
            on |= {(x, y) for x, y in corners if x == x0 and south <= y <= north}
        steps = math.ceil(math.hypot(x1 - x0, y1 - y0) / 60)
        on |= {(x0 + (x1 - x0) * k / steps, y0 + (y1 - y0) * k / steps) for k in range(1, steps)}
        result += sorted(on - {(x0, y0)}, key=lambda place: math.hypot(place[0] - x0, place[1] - y0))
    return result


def write_map(made: Town, path: Path) -> None:
    """Write the map as an OpenStreetMap extract: places first, each once, then streets, areas and buildings."""
    number: dict[Place, int] = {}

    def nodes(places: Iterable[Place]) -> list[int]:
        return [number.setdefault(degrees(place), len(number) + 1) for place in places]

    gates = sorted({_tenths(gate) for _, gate in made.gates})
    gate_nodes = set(nodes(map(ground, gates)))
    walls = [(line, gates if "barrier" in line.tags else []) for line in made.shapes]
    shapes = [Line(line.tags, _with_places([*map(_tenths, line.places)], [], [], doors)) for line, doors in walls]
    ways = [(line.tags, nodes(map(ground, line.places))) for line in (*joined(made.streets), *shapes)]
    ways += [(building.tags, nodes(corners_of(building))) for building in made.buildings]

    header = osmium.io.Header()
    header.set("generator", "circle15 sample")
    header.set("osmosis_replication_timestamp", DATE)
    with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
        for place, key in number.items():
            tags = {"barrier": "gate", "access": "residents"} if key in gate_nodes else {}
            writer.add_node(osmium.osm.mutable.Node(id=key, version=1, timestamp=DATE, location=place, tags=tags))
        for key, (tags, refs) in enumerate(ways, start=1):
            writer.add_way(osmium.osm.mutable.Way(id=key, version=1, timestamp=DATE, nodes=refs, tags=dict(tags)))


def corners_of(building: Building) -> list[Place]:
    """Return the ring of a building in EPSG:4547: square, turned as the ground is turned there."""
    (x, y), (length, depth) = building.place, building.size
    centre, ahead = ground((x, y)), ground((x + 20, y))
    turn = math.atan2(ahead[1] - centre[1], ahead[0] - centre[0])
    east, north = (math.cos(turn) / 2, math.sin(turn) / 2), (-math.sin(turn) / 2, math.cos(turn) / 2)
    ring = [
        (
            centre[0] + i * length * east[0] + j * depth * north[0],
            centre[1] + i * length * east[1] + j * depth * north[1],
        )
        for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    return [*ring, ring[0]]


# ---- the tables -----------------------------------------------------------------------------------------------------


def write_csv(path: Path, header: list[str], rows: Iterable[Iterable[object]]) -> None:
    """Write a table as a spreadsheet program saves it: UTF-8 with a byte-order mark."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])


def write_people(made: Town, homes: list[Home], folder: Path) -> None:
    """Write residents.csv and gates.csv, in WGS84."""
    header = ["楼栋编号", "社区代码", "户数", "常住人口", "60岁以上人口", "80岁以上人口", "经度", "纬度"]
    write_csv(folder / "residents.csv", header, (
        (f"L{k:05}", home.building.unit, home.households, home.residents, home.elders, home.elders_80,
         *degrees(ground(home.building.place)))
        for k, home in enumerate(homes, start=1)
    ))  # fmt: skip
    write_csv(folder / "gates.csv", ["出入口编号", "小区名称", "经度", "纬度"], (
        (f"M{k:03}", title, *degrees(ground(_tenths(gate)))) for k, (title, gate) in enumerate(made.gates, start=1)
    ))  # fmt: skip


def main(folder: Path) -> None:
    """Draw the town, settle it and write every file of the sample."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Town(random.Random(SEED))
    draw_streets(made)
    draw_motorway(made)
    draw_river(made)
    draw_railway(made)
    draw_country(made)
    draw_blocks(made)
    draw_villages(made)
    homes = settle(made)
    write_map(made, folder / "streets.osm.pbf")
    write_people(made, homes, folder)
    rows, shapes = community_rows(made, homes), community_shapes()
    office.write_layer(folder / "communities.gpkg", rows, [shapes[str(row["社区代码"])] for row in rows], CRS)
    sites = [Point(ground(spot(row[0]))) for row in town.rows_of(town.CANDIDATES)]
    office.write_layer(folder / "candidates.gpkg", town.candidate_rows(), sites, CRS)
    places = [degrees(ground(spot(row[0]))) for row in town.rows_of(town.FACILITIES)]
    office.write_facilities(folder / "设施.xlsx", town.facility_rows(), places)
    places = [degrees(ground(spot(row[0]))) for row in town.rows_of(town.HOUSING)[::2]]
    projects = [[*row, *place] for row, place in zip(town.housing_rows(), places, strict=True)]
    office.write_list(folder / "housing.xlsx", "新建住宅项目", town.HOUSING_HEADER, projects)
    office.write_list(folder / "统计数据.xlsx", "统计数据", books.FIGURE_HEADER, books.FIGURES)
    office.write_list(folder / "人工核查.xlsx", "人工核查", books.ANSWER_HEADER, books.ANSWERS)
    write_csv(folder / "人群分类.csv", books.GROUP_HEADER, books.group_rows(rows))
    (folder / "project.toml").write_text(town.PROJECT, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)

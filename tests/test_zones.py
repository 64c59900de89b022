"""Functional zones, towns, units without a code, and ranks among units: each community counts once."""

from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_town import communities, coverage, facilities

from policy.counting import Counting
from policy.evidence import Evidence
from policy.ground import Ground, for_pack
from policy.indicators import INDICATORS
from policy.survey import survey
from policy.units import units_at, unplaced

ZONES = {"开发区": ("鹤壁经济技术开发区", "经开区")}
CENSUS = Path(__file__).parents[2] / "shared" / "data" / "hebi_census2020_age_sex.csv"


def ground_of(*rows: dict[str, Any], places: pd.DataFrame | None = None, **tables: pd.DataFrame) -> Ground:
    frame = communities(*rows)
    return survey(Evidence(frame, facilities() if places is None else places, coverage(frame), (15,), **tables))


def zoned(ground: Ground, reading: str = "own_unit") -> Ground:
    return for_pack(ground, zones=ZONES, names={}, reading=reading)


def members(ground: Ground, *levels: Any) -> list[str]:
    return [c.id for level in levels for unit in units_at(ground, level)[0] for c in unit.communities]


ROWS = ({}, {"zone": "经开区"}, {"zone": "鹤壁经济技术开发区"}, {"county_id": "410603", "county": "山城区"})


def test_a_community_of_a_zone_counts_for_the_zone_and_not_again_for_its_county() -> None:
    ground = zoned(ground_of(*ROWS))
    found = members(ground, "county", "zone")
    assert sorted(found) == sorted(c.id for c in ground.communities)
    (zone,) = units_at(ground, "zone")[0]
    assert (zone.id, len(zone.communities)) == ("开发区", 2)
    assert unplaced(ground, "county") == ()
    assert sum(unit.people.elders for unit in units_at(ground, "city")[0] if unit.people and unit.people.elders) == 40


def test_within_its_county_a_zone_is_no_unit() -> None:
    ground = zoned(ground_of(*ROWS), "within_county")
    assert units_at(ground, "zone") == ((), ())
    assert len(members(ground, "county")) == len(ROWS)


def test_the_people_of_a_county_are_those_left_to_it() -> None:
    ground = zoned(ground_of(*ROWS))
    walk = INDICATORS["elders_within_walk"]
    found = {u.name: walk(u, Counting()).whole for level in ("county", "zone") for u in units_at(ground, level)[0]}  # type: ignore[arg-type]
    assert found == {"淇滨区": 10, "山城区": 10, "开发区": 20}


def test_a_zone_that_stands_in_the_column_of_counties_is_a_zone() -> None:
    ground = zoned(ground_of({}, {"county_id": None, "county": "鹤壁经济技术开发区"}))
    assert [u.id for u in units_at(ground, "zone")[0]] == ["开发区"]
    assert [u.name for u in units_at(ground, "county")[0]] == ["淇滨区"]


def test_a_facility_whose_community_is_not_known_may_stand_in_the_county_or_its_zone() -> None:
    frame = communities(*ROWS)
    known, stray = {"community_id": frame.index[1]}, {"county_id": "410611"}
    ground = zoned(ground_of(*ROWS, places=facilities(known, stray)))
    count = INDICATORS["facility_count"]
    found = {}
    for level in ("county", "zone"):
        for unit in units_at(ground, level)[0]:  # type: ignore[arg-type]
            measured = count(unit, Counting(kinds=("day_care",)))
            found[unit.name] = (measured.low, measured.high)
    assert found == {"淇滨区": (0, 1), "山城区": (0, 0), "开发区": (1, 2)}


def test_towns_are_counted_together() -> None:
    rows = [
        {"street_id": s, "street": s, "county": "浚县", "county_id": "410621"} for s in ("小河镇", "屯子镇", "善堂镇")
    ]
    frame = communities(*rows)
    places = facilities(*({"community_id": key} for key in frame.index), {"county_id": "410621"})
    ground = ground_of(*rows, places=places)
    (unit,), _ = units_at(ground, "county", only={"浚县"}, towns={"小河镇", "屯子镇"})
    measured = INDICATORS["facility_count"](unit, Counting(kinds=("day_care",)))
    assert (measured.low, measured.high) == (2, 3)
    assert len(unit.communities) == 2


def test_counties_of_a_city_are_counted_together() -> None:
    rows = [{"county": c, "county_id": c} for c in ("兴隆台区", "双台子区", "盘山县")]
    (unit,), _ = units_at(ground_of(*rows), "city", only={"兴隆台区", "双台子区"})
    assert [c.keys["county"] for c in unit.communities] == ["兴隆台区", "双台子区"]
    assert unit.people is None  # the row of the whole city is not that of two counties
    assert INDICATORS["elders_within_walk"](unit, Counting()).whole == 20


@pytest.mark.skipif(not CENSUS.exists(), reason="the census table is not part of the project")
def test_the_census_of_hebi_with_its_zone_without_a_code() -> None:
    table = pd.read_csv(CENSUS, dtype={"区划代码": "string"})
    table.columns = [c.strip() for c in table.columns]
    ages = [
        f"{sex}_{band}"
        for sex in "男女"
        for band in ("60到64岁", "65到69岁", "70到74岁", "75到79岁", "80到84岁", "85岁以上")
    ]
    counties = table[table["区县"] != "鹤壁市"]
    assert counties["区划代码"].isna().sum() == 1
    elders = counties[ages].sum(axis=1).astype(int)
    frame = pd.DataFrame(
        {
            "name": counties["区县"], "urban": True, "street_level": "street", "street_id": None, "street": None,
            "county_id": counties["区划代码"].str.removesuffix(".0"), "county": counties["区县"],
            "residents": counties["人口数_合计"], "households": counties["家庭户数"], "elders": elders,
        }
    ).set_index(pd.Index([f"C{i}" for i in range(len(counties))], name="community_id"))  # fmt: skip
    people = {key: (int(n), 0, int(n) // 2) for key, n in frame["elders"].items()}
    places = facilities({"community_id": "C0", "floor_area_m2": 1254})
    plain = survey(Evidence(frame, places, coverage(frame.fillna({"county_id": frame["county"]}), people), (15,)))
    city = table[table["区县"] == "鹤壁市"].iloc[0]

    for ground in (plain, zoned(plain)):
        units = [unit for level in ("county", "zone") for unit in units_at(ground, level)[0]]  # type: ignore[arg-type]
        assert len(units) == 6
        whole = units_at(ground, "city")[0][0]
        assert sum(u.communities[0].counts["residents"] or 0 for u in units) == city["人口数_合计"]
        walks = [INDICATORS["elders_within_walk"](u, Counting()) for u in [*units, whole]]
        assert sum(w.whole or 0 for w in walks[:-1]) == walks[-1].whole == int(city[ages].sum())
        area = INDICATORS["floor_area_per_10k_residents"](whole, Counting(kinds=("day_care",)))
        assert area.low == Fraction(1254 * 10_000, int(city["人口数_合计"]))
    assert [u.id for u in units_at(plain, "county")[0]][-1] == "鹤壁经济技术开发区"  # its name is its key
    assert [u.id for u in units_at(zoned(plain), "zone")[0]] == ["开发区"]


# ---- ranks


def ranked(values: dict[str, int | None], **asked: Any) -> dict[str, Any]:
    rows = [{"county": name, "county_id": name} for name in values]
    told = [{"figure": "spent", "unit": name, "value": v} for name, v in values.items() if v is not None]
    ground = ground_of(*rows, figures=pd.DataFrame(told))
    return {u.name: INDICATORS["rank"](u, Counting(part="spent", **asked)) for u in units_at(ground, "county")[0]}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.integers(0, 4), min_size=1, max_size=5))
def test_a_rank_holds_for_every_number_the_missing_ones_may_be(values: list[int | None]) -> None:
    names = "甲乙丙丁戊"[: len(values)]
    found = ranked(dict(zip(names, values, strict=True)))
    reach: dict[str, set[int]] = {name: set() for name in names}
    # Below, between, at and above all numbers that are known: every order the missing ones can stand in.
    fills = sorted({0, 100, *(v for v in values if v is not None), *(v + 0.5 for v in values if v is not None)})
    for filled in product(*([v] if v is not None else [*fills, 200, 300] for v in values)):
        for name, mine in zip(names, filled, strict=True):
            above, level = sum(o > mine for o in filled), sum(o == mine for o in filled)
            reach[name] |= set(range(above + 1, above + level + 1))
    own = dict(zip(names, values, strict=True))
    for name, measured in found.items():
        assert (measured.low, measured.high) == (min(reach[name]), max(reach[name])), name
        assert bool(measured.missing) is (own[name] is None or (None in values and measured.low != measured.high))
        assert measured.unsure is (own[name] is None)


@pytest.mark.parametrize("there", [1, 5, 7, 8])
def test_ranks_are_open_where_not_all_units_of_the_document_are_there(there: int) -> None:
    found = ranked({f"{i}": 100 - i for i in range(there)}, units=7)
    best, worst = found["0"], found[f"{there - 1}"]
    assert (best.low, best.high) == (1, max(1, 8 - there))
    assert (best.whole, best.unsure, bool(best.missing)) == (7, there != 7, there != 7)
    assert (worst.low, worst.high) == (min(there, 7), 7)


def test_ties_alone_leave_a_rank_open_and_are_named() -> None:
    found = ranked({"甲": 5, "乙": 7, "丙": 5})
    assert (found["甲"].low, found["甲"].high, found["甲"].tied, found["甲"].missing) == (2, 3, ("丙",), ())
    assert found["乙"].tied == ()


@pytest.mark.parametrize(("n", "points"), [(7, (3, 3, 1, 1, 0, 0, 0)), (5, (3, 1, 1, 0, 0))])
def test_the_first_thirty_and_sixty_percent_of_the_units(n: int, points: tuple[int, ...]) -> None:
    found = ranked({f"{i}": 100 - i for i in range(n)}, of_units=True)
    given_points = [3 if m.low <= Fraction(3, 10) else 1 if m.low <= Fraction(3, 5) else 0 for m in found.values()]
    assert tuple(given_points) == points


def test_zones_are_ranked_with_the_counties() -> None:
    rows = [{"county": "甲", "county_id": "1"}, {"county": "甲", "county_id": "1", "zone": "经开区"}]
    told = pd.DataFrame([{"figure": "spent", "unit": u, "value": v} for u, v in (("甲", 1), ("鹤壁经济技术开发区", 2))])
    ground = zoned(ground_of(*rows, figures=told))
    found = {
        u.name: INDICATORS["rank"](u, Counting(part="spent")).low
        for level in ("county", "zone")
        for u in units_at(ground, level)[0]  # type: ignore[arg-type]
    }
    assert found == {"甲": 2, "开发区": 1}


def test_associations_by_the_number_of_communities() -> None:
    rows = [{"county": c, "county_id": c, "associations": n} for c, n in (("甲", 1), ("甲", 0), ("乙", 1), ("丙", 2))]
    units = units_at(ground_of(*rows), "county")[0]
    asked = Counting(part="associations", whole="communities")
    found = {u.name: INDICATORS["rank"](u, asked) for u in units}
    assert {name: m.low for name, m in found.items()} == {"丙": 1, "乙": 2, "甲": 3}

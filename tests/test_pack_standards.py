"""The packs of standards: figures that were seen or are said to be second hand, and the areas a check looks up."""

import re
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pack_texts import overlong, untold
from policy_town import DAY, city, communities, facilities

from gis.errors import InputError
from policy.assess import assess
from policy.evidence import Evidence
from policy.four_sync import check_housing
from policy.four_sync_text import AREA_STANDARDS
from policy.housing import Housing
from policy.load import load_pack
from policy.pack import Policy
from policy.required_area import area_standards
from policy.verdict import Status, Verdict

NATIONAL, PROVINCES, HEBI = (load_pack(name) for name in ("national", "provinces", "hebi_2020"))
BOTH = (NATIONAL, PROVINCES)
PASS, FAIL, UNKNOWN = Status.PASS, Status.FAIL, Status.UNKNOWN

SECOND_HAND = {
    *("circle_15_walk", "circle_5_walk", "primary_school_walk", "health_station_walk", "health_station_area"),
    *("plan_near_term", "plan_long_term"),
}
"""Figures of which the text itself was not seen."""
SEEN: dict[str, tuple[int | str, int | str]] = {
    "circle_15_persons": (50_000, 100_000),
    "circle_15_dwellings": (17_000, 32_000),
    "circle_10_walk": (500, 500),
    "circle_10_persons": (15_000, 25_000),
    "circle_10_dwellings": (5_000, 8_000),
    "circle_10_land": (320_000, 500_000),
    "beds_per_1000_elders": (40, 40),
    "land_per_person": ("1/10", "1/10"),
    "floor_area_per_bed": (35, 35),
    "land_per_bed": (18, 44),
    "upper_level_persons": (50_000, 100_000),
    "lower_level_persons": (5_000, 12_000),
    "city_activity_centres": (1, 1),
    "district_activity_centre_from": (500_000, 500_000),
    "embedded_complex_area": (600, 600),
    "embedded_complex_area_better": (800, 800),
    "embedded_complex_functions": (3, 3),
    "embedded_complex_core_functions": (2, 2),
    "nursing_bed_share": ("11/20", "11/20"),
    "estates_provided": (1, 1),
}
AREAS = {
    "henan": (30, 20, None),
    "hubei": (20, None, None),
    "fujian": (30, 20, 400),
    "guizhou": (20, 15, 350),
    "anhui": (30, 20, 350),
    "shandong": (20, None, None),  # the 350 of a draft is not applied
    "yinchuan": (30, 20, None),
    "harbin": (30, 20, None),
}
"""Square metres per 100 households of new and existing estates, and the least single room."""


@pytest.mark.parametrize("policy", BOTH, ids=lambda p: p.name)
def test_every_figure_says_how_it_was_come_by(policy: Policy) -> None:
    for term in policy.terms:
        assert term.confidence in {"seen", "second_hand"}, term.name
        assert re.search(r"[\u4e00-\u9fff]{2}", term.source), term.name
        # A regulation is cited by its name, never by the page it was read on.
        assert not re.search(r"https?:|www|\.(com|cn|net|gov)", term.source), term.name
        assert ("转引" in term.source) is (term.confidence == "second_hand"), term.name


@pytest.mark.parametrize("policy", BOTH, ids=lambda p: p.name)
def test_every_figure_belongs_to_a_row_that_points_at_it(policy: Policy) -> None:
    pointed = {name: rule.id for rule in policy.rules for name in rule.terms}
    for term in policy.terms:
        home = policy.rule(term.rule)
        assert home.form == "demand" or pointed[term.name] == term.rule, term.name
    assert untold(policy) == []
    assert overlong(policy) == []


def test_the_national_figures_are_those_that_were_seen_and_no_others() -> None:
    found = {t.name: (Fraction(t.least), Fraction(t.most)) for t in NATIONAL.terms if t.confidence == "seen"}
    assert found == {name: (Fraction(low), Fraction(high)) for name, (low, high) in SEEN.items()}
    assert {t.name for t in NATIONAL.terms if t.confidence == "second_hand"} == SECOND_HAND


def test_nothing_from_memory_is_there() -> None:
    """The texts of these were not seen: no figure may cite them, whatever is remembered of their tables."""
    unseen = ("建标143", "建标〔2010〕143", "民发〔2014〕116", "国办发〔2019〕5", "JGJ", "GB 50442", "GB/T 33169")
    unseen += ("GB 50763", "GB 55019", "建科规〔2020〕7")
    for policy in BOTH:
        for term in policy.terms:
            assert not any(name in f"{term.clause} {term.source}" for name in unseen), term.name
    # Sizes of homes and day-care centres in GB 50180, appendices B and C, and classes of 建标143.
    remembered = {200, 1750, 17_500, 7000, 3500, 1600, 1085, 750, 1500, 4000}
    figures = {n for t in NATIONAL.terms if t.unit != "persons" for n in (t.least, t.most)}
    assert not figures & remembered
    assert not any(t.unit == "m2_per_100_households" for t in NATIONAL.terms), "20 and 15 are known of provinces only"


def test_where_nothing_was_found_there_is_no_figure_and_the_pack_says_ask() -> None:
    assert not [
        t.name for t in PROVINCES.terms if t.name.startswith(("liaoning", "jilin", "inner_mongolia", "neimeng"))
    ]
    assert any("辽宁" in doubt.zh and "索取" in doubt.zh for doubt in PROVINCES.document.doubts)


# The areas that the check of the four synchronisations looks up.


def test_the_areas_of_every_place_that_can_be_chosen() -> None:
    standards = area_standards(PROVINCES.terms)
    assert set(standards) == set(AREAS) == set(AREA_STANDARDS) - {"none", "own"}
    for place, expected in AREAS.items():
        found = standards[place]
        assert (found.new_m2, found.old_m2, found.single_room_m2) == expected, place
        assert found.source


def estate(**more: Any) -> Housing:
    return Housing("P1", "P1", "某小区", **{"households": 1000, "new_estate": True, **more})


def asked(record: Housing, place: str, **choices: object) -> tuple[Fraction | None, tuple[str, ...]]:
    (check,) = check_housing([record], HEBI, DAY, choices={"area_standard": place, **choices})
    return check.required.m2, check.required.missing


@pytest.mark.parametrize("place", AREAS)
@pytest.mark.parametrize("new", [True, False])
def test_a_chosen_place_gives_its_area_from_end_to_end(place: str, new: bool) -> None:
    rate, room = AREAS[place][0 if new else 1], AREAS[place][2] or 0
    for households in (1, 999, 1000, 1001, 1333, 1334):
        found, missing = asked(estate(households=households, new_estate=new), place)
        if rate is None:
            assert (found, missing) == (None, ("area_standard",)), "no figure was seen: nothing is asked silently"
        else:
            assert found == max(Fraction(households * rate, 100), Fraction(room))


def test_hebi_under_henans_regulation() -> None:
    assert asked(estate(), "henan") == (300, ())
    assert asked(estate(new_estate=False), "henan") == (200, ())
    assert asked(estate(new_estate=None), "henan") == (None, ("new_estate",)), "no day parts new from old there"
    assert asked(estate(), "none") == (None, ())
    (check,) = check_housing([estate()], HEBI, DAY, choices={"area_standard": "henan"})
    assert "河南省养老服务条例" in check.required.source


@pytest.mark.parametrize(
    ("granted", "area"), [(date(2014, 5, 25), None), (date(2014, 5, 26), 200), (date(2014, 5, 27), 200)]
)
def test_shandong_parts_new_estates_from_old_by_the_day_of_their_land(granted: date, area: int | None) -> None:
    assert asked(estate(new_estate=None, land_granted=granted), "shandong")[0] == area
    # What the table says of the estate goes before the day.
    assert asked(estate(new_estate=True, land_granted=granted), "shandong")[0] == 200


def test_a_day_is_a_figure_of_its_own_unit(tmp_path: Path) -> None:
    head = '[document]\nnumber = "x"\ntitle = { zh = "甲", en = "x" }\n[[term]]\nname = "x_new_since"\nrule = "x"\n'
    head += 'clause = "x"\ntitle = { zh = "甲", en = "x" }\n'
    path = tmp_path / "x.toml"
    path.write_text(head + 'day = 2014-05-26\nunit = "date"\n', encoding="utf-8")
    assert load_pack(path).terms[0].day == date(2014, 5, 26)
    for wrong in (
        'day = 2014-05-26\nunit = "years"',
        'value = 3\nunit = "date"',
        'day = 2014-05-26\nvalue = 3\nunit = "date"',
    ):
        path.write_text(f"{head}{wrong}\n", encoding="utf-8")
        with pytest.raises(InputError, match="PACK_TERM"):
            load_pack(path)


# What of the national standards can be judged.


def of(rule_id: str, evidence: Evidence, **choices: object) -> dict[tuple[str, str], Verdict]:
    alone = NATIONAL.model_copy(update={"rules": (NATIONAL.rule(rule_id),)})
    found = assess(alone, evidence, as_of=date(2026, 6, 30), choices=choices)
    return {(v.level, v.reading): v for v in found}


def homes(elders: int, residents: int = 5000, **cells: Any) -> Evidence:
    units = communities({"elders": elders, "residents": residents})
    return city(units, facilities({"community_id": units.index[0], "kind": "nursing_home", **cells}))


@pytest.mark.parametrize(
    ("beds", "elders", "status"),
    [
        (40, 1000, PASS),
        (39, 1000, FAIL),
        (41, 1000, PASS),
        (40, 1001, FAIL),
        (40, 999, PASS),
        (1, 25, PASS),
        (1, 26, FAIL),
    ],
)
def test_forty_beds_for_a_thousand_elders(beds: int, elders: int, status: Status) -> None:
    found = of("NS-04", homes(elders, beds=beds))
    assert {v.status for v in found.values()} == {status}
    assert of("NS-04", homes(elders, beds=beds, kind="day_care"))["city", "beds_per_1000_elders"].status is FAIL


@pytest.mark.parametrize(("land", "status"), [(500, PASS), (499, FAIL), (501, PASS), (None, UNKNOWN)])
def test_a_tenth_of_a_square_metre_of_land_a_person(land: int | None, status: Status) -> None:
    found = of("NS-05", homes(900, land_m2=land, floor_area_m2=90_000), population_reading="present")
    assert found["city", "present"].status is status
    assert not found["city", "planned"].decides


@pytest.mark.parametrize(("care", "status"), [(54, FAIL), (55, PASS), (56, PASS), (None, UNKNOWN)])
def test_more_than_half_of_the_beds_are_nursing_beds(care: int | None, status: Status) -> None:
    assert of("NS-10", homes(900, beds=100, beds_care=care))["city", "bed_share"].status is status


def test_three_walks_are_reported_side_by_side() -> None:
    found = of("NS-01-walk", homes(900))
    assert {reading for _, reading in found} == {"within_5", "within_10", "within_15"}
    assert {v.status for v in found.values()} <= {Status.UNDEFINED, UNKNOWN}


def test_the_present_area_per_100_households_is_reported_beside_the_standards() -> None:
    units = communities({"households": 1000})
    evidence = city(units, facilities({"community_id": units.index[0], "floor_area_m2": 299}))
    (found,) = (v for v in assess(PROVINCES, evidence, as_of=DAY) if v.level == "city")
    assert (found.status, found.value) == (Status.UNDEFINED, Fraction(299, 10))

"""Goals on their way: needed, done, still to do, and the list of what is not done yet."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_pack import made, rule
from policy_town import city, communities, facilities, served

from policy.assess import assess
from policy.bands import Interval, needed
from policy.evidence import Evidence
from policy.load import load_pack
from policy.progress import Progress, progress, progress_table
from policy.verdict import Status

DAY = date(2020, 12, 31)
HEBI, BAOTOU = load_pack("hebi_2020"), load_pack("baotou_2020")


def goal(goals: tuple[Progress, ...], rule_id: str, unit: str = "city") -> Progress:
    (found,) = (g for g in goals if g.rule_id == rule_id and g.unit_id == unit and g.decides)
    return found


@pytest.mark.parametrize(
    ("units", "percent", "least"),
    [
        (277, 20, 56),
        (526, 20, 106),
        (803, 20, 161),
        (277, 50, 139),
        (526, 50, 263),
        (803, 50, 402),
        (277, 100, 277),
        (526, 100, 526),
    ],
)
def test_baotous_shares_in_whole_units(tmp_path: Path, units: int, percent: int, least: int) -> None:
    measure = 'measure = { indicator = "units_with_facility", kinds = ["day_care"], statuses = ["in_use"] }'
    lines = ('levels = ["city"]', 'where = "urban"', measure, f'test = {{ at_least = "{percent}%" }}')
    policy = made(tmp_path, rule("G", *lines, "deadline = 2020-12-31"))
    for done, still, status in ((least, 0, Status.PASS), (least - 1, 1, Status.FAIL)):
        (found,) = progress(assess(policy, served(urban=(done, units)), as_of=DAY), as_of=DAY)
        assert (found.needed, found.done, found.still, found.whole) == (least, done, still, units)
        assert (found.status, len(found.open)) == (status, units - done)


@given(st.integers(0, 1000), st.integers(1, 1000), st.integers(1, 100))
def test_the_number_needed_is_the_least_that_meets_the_share(done: int, units: int, percent: int) -> None:
    from fractions import Fraction  # noqa: PLC0415

    least = needed(Interval(low=Fraction(percent, 100), low_in=True), units)
    assert least is not None
    assert (done >= least) is (100 * done >= percent * units)


def finished(urban: int, rural: int) -> Evidence:
    """Return Baotou's lists, so many of them finished in time, the rest not."""
    rows: list[dict[str, Any]] = [{"urban": True} for _ in range(277)]
    rows += [{"urban": False, "street_level": "town", "street_id": "150200100", "street": "某镇"} for _ in range(526)]
    for i, row in enumerate(rows):
        ready = i < urban or 277 <= i < 277 + rural
        row["finished"] = pd.Timestamp("2020-06-01" if ready else "2023-01-01")
    return city(communities(*rows))


@pytest.mark.parametrize(("urban", "rural", "still"), [(56, 105, 0), (56, 104, 1), (0, 0, 161), (161, 0, 0)])
def test_baotous_first_year_counts_both_classes_together(urban: int, rural: int, still: int) -> None:
    found = goal(progress(assess(BAOTOU, finished(urban, rural), as_of=DAY), as_of=DAY), "BT-01")
    assert (found.needed, found.done, found.still, found.whole) == (161, urban + rural, still, 803)
    assert len(found.open) == 803 - urban - rural


def test_both_readings_of_baotous_first_year_stand_beside_each_other() -> None:
    goals = progress(assess(BAOTOU, finished(56, 105), as_of=DAY), as_of=DAY)
    needs = {g.rule_id: (g.needed, g.still, g.decides) for g in goals if g.rule_id.startswith("BT-01")}
    assert needs == {"BT-01": (161, 0, True), "BT-01.1": (56, 0, False), "BT-01.2": (106, 1, False)}


def test_hebis_street_centres_and_what_is_still_to_build() -> None:
    counties = (("410611", "淇滨区", 3), ("410603", "山城区", 2), ("410602", "鹤山区", 1))
    rows = [
        {"county_id": code, "county": name, "street_id": f"{code}{i:03d}", "street": f"{name}{i}街道"}
        for code, name, n in counties
        for i in range(n)
    ]
    units = communities(*rows)
    built = {"kind": "street_centre", "built": pd.Timestamp("2020-10-01")}
    places = facilities(*({**built, "community_id": units.index[i]} for i in (0, 1, 3)))
    goals = progress(assess(HEBI, city(units, places), as_of=DAY), as_of=DAY)
    of_2020 = {g.unit_name: (g.needed, g.done, g.still) for g in goals if g.rule_id in {"HB-12", "HB-13", "HB-14"}}
    assert of_2020 == {"淇滨区": (3, 2, 1), "山城区": (2, 1, 1), "鹤山区": (1, 0, 1)}
    streets = goal(goals, "HB-01")
    assert (streets.needed, streets.done, streets.still, streets.days_left) == (6, 3, 3, 365)
    assert streets.open == ("鹤山区0街道", "山城区1街道", "淇滨区2街道")


def test_a_number_that_is_met_names_nobody_as_still_open(tmp_path: Path) -> None:
    measure = 'measure = { indicator = "facility_count", kinds = ["day_care"], statuses = ["in_use"] }'
    policy = made(tmp_path, rule("G", 'levels = ["city"]', measure, "test = { at_least = 2 }", "deadline = 2020-12-31"))
    units = communities({})
    for n, open_units in ((1, ("样例市",)), (2, ()), (3, ())):
        evidence = city(units, facilities(*[{"community_id": units.index[0]}] * n))
        (found,) = progress(assess(policy, evidence, as_of=DAY), as_of=DAY)
        assert found.open == open_units


def test_communities_without_a_date_are_not_called_unfinished() -> None:
    days = (pd.Timestamp("2020-06-01"), pd.Timestamp("2023-01-01"), pd.NaT)
    (verdict,) = (
        v
        for v in assess(BAOTOU, city(communities(*({"finished": day} for day in days))), as_of=DAY)
        if v.rule_id == "BT-01" and v.level == "city" and v.decides
    )
    assert verdict.count is not None
    assert verdict.count.open == ("社区001",)
    assert (verdict.count.done, verdict.count.possible) == (1, 2)


def test_what_is_not_known_is_not_done_and_may_be(tmp_path: Path) -> None:
    measure = 'measure = { indicator = "facility_count", kinds = ["day_care"], statuses = ["in_use"] }'
    policy = made(tmp_path, rule("G", 'levels = ["city"]', measure, "test = { at_least = 2 }", "deadline = 2020-12-31"))
    units = communities({})
    places = facilities({"community_id": units.index[0]}, {"community_id": units.index[0], "status": None})
    (found,) = progress(assess(policy, city(units, places), as_of=DAY), as_of=DAY)
    assert (found.done, found.possible, found.still, found.status) == (1, 2, 1, Status.UNKNOWN)
    (row,) = progress_table([found]).to_dict("records")
    assert row["已完成"] == "1 – 2"
    assert row["尚缺"] == "1"

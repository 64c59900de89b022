"""Somebody holds the province's index and the pages of its counties: no one to four people come out of both."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from circle15.province.money_sheets import money_line
from circle15.province.shown_counties import AFTER, COVERED, OWN_AFTER, PEOPLE, hidden_here, shown_counties
from gis.attack import told
from gis.disclosure import FEWEST, few
from gis.shown import shown_within
from maps.shown_units import shown_units
from maps.withheld import MARKS
from optimise.plan import PlanStatus
from optimise.province_plan import ProvincePlan

MINUTES = 15
NAMES = {"elders": "elders", COVERED: "elders_covered_15", "elders_unknown": "elders_unknown"}
Summaries = dict[str, dict[str, object]]


def summaries(seed: int) -> tuple[Summaries, dict[str, int]]:
    """Return counties of few people in many counts, with what their own pages hide, and the sums."""
    rng = np.random.default_rng(seed)
    found: Summaries = {}
    for county in range(int(rng.integers(2, 6))):
        elders, unknown = int(rng.choice([0, 3, 40, 200, 260])), int(rng.choice([0, 0, 0, 2, 9]))
        covered = max(0, elders - unknown - int(rng.choice([0, 0, 2, 8, 30, 200])))
        own = min(elders - min(unknown, elders), covered + int(rng.choice([0, 0, 3, 9, 60])))
        whole = min(elders - min(unknown, elders), own + int(rng.choice([0, 0, 2, 20])))
        told = {
            "elders": elders,
            COVERED: covered,
            "elders_unknown": min(unknown, elders),
            AFTER: whole,
            OWN_AFTER: own,
        }
        row = {"level": "city", "unit_id": "", **{NAMES[name]: told[name] for name in NAMES}}
        row["elders_covered_15_after"] = own
        shown = shown_units(pd.DataFrame([row]), {}, pd.DataFrame(index=[]), minutes=(MINUTES,))[0]
        found[f"42010{county}"] = told | {"hidden": hidden_here(shown.iloc[0], minutes=MINUTES)}
    return found, {name: sum(int(str(each[name])) for each in found.values()) for name in PEOPLE}


@pytest.mark.parametrize("seed", range(60))
def test_index_and_pages_together_tell_no_few(seed: int) -> None:
    counties, total = summaries(seed)
    shown, of_all = shown_counties(counties, total, minutes=MINUTES)
    counts: dict[tuple[str, str], float] = {}
    known: set[tuple[str, str]] = set()
    for code, each in counties.items():
        for name in PEOPLE:
            counts[code, name] = float(str(each[name]))
        counts[code, OWN_AFTER] = float(str(each[OWN_AFTER]))
        known |= {(code, name) for name in PEOPLE if shown[code][name] not in MARKS}
        known |= {(code, name) for name in NAMES if name not in each["hidden"]}  # type: ignore[operator]
        known |= {(code, OWN_AFTER)} if AFTER not in each["hidden"] else set()  # type: ignore[operator]
        assert all(shown[code][name] in MARKS or shown[code][name] == each[name] for name in PEOPLE)
    for name in PEOPLE:
        counts["", name] = float(total[name])
        known |= {("", name)} if of_all[name] not in MARKS else set()
    at = {key: place for place, key in enumerate(counts)}
    values, hidden = list(counts.values()), [key not in known for key in counts]
    sums = [[*(at[code, name] for code in counties), at["", name]] for name in PEOPLE]
    for code in (*counties, ""):
        chain = [key for name in (COVERED, OWN_AFTER, AFTER, "elders") if (key := (code, name)) in at]
        apart = [([part], whole) for part, whole in combinations(chain, 2)]
        apart += [([(code, when), (code, "elders_unknown")], (code, "elders")) for when in (COVERED, AFTER)]
        for parts, whole in apart:  # what is between two figures counts people too
            between = counts[whole] - sum(counts[part] for part in parts)
            if 0 < between < FEWEST:
                sums.append([*(at[part] for part in parts), len(values), at[whole]])
                values.append(between)
                hidden.append(True)
    array, away = np.array(values), np.array(hidden)
    assert away[: len(counts)][few(array[: len(counts)])].all()
    people = {place for place in told(array, away, sums, few=few(array)) if few(array)[place]}
    assert not [list(counts)[place] if place < len(counts) else "a difference" for place in sorted(people)]


def test_what_nobody_could_be_told_by_is_shown_as_it_is() -> None:
    county = {"elders": 400, COVERED: 100, "elders_unknown": 0, AFTER: 200, "hidden": {}}
    shown, of_all = shown_counties({"a": county, "b": county}, {n: 2 * int(str(county[n])) for n in PEOPLE}, minutes=15)
    assert shown["a"] == shown["b"] == {name: county[name] for name in PEOPLE}
    assert [of_all[name] for name in PEOPLE] == [800, 200, 0, 400]


def test_the_provinces_own_figure_hides_what_its_counties_pages_do() -> None:
    few_here = {"elders": 3, COVERED: 0, "elders_unknown": 0, AFTER: None, "hidden": {"elders": "<5"}}
    many = {"elders": 400, COVERED: 100, "elders_unknown": 0, AFTER: None, "hidden": {}}
    total = {"elders": 403, COVERED: 100, "elders_unknown": 0, AFTER: None}
    shown, of_all = shown_counties({"a": few_here, "b": many}, total, minutes=15)
    assert (shown["a"]["elders"], shown["b"]["elders"], of_all["elders"]) == ("<5", 400, "*")
    assert shown["b"][AFTER] is None


def test_the_line_on_the_money_tells_neither_few_nor_a_bound_that_would() -> None:
    none = pd.DataFrame()
    plan = ProvincePlan(PlanStatus.OPTIMAL, none, none, 900, 400, 403, 1_000_000, 403, 0.0, ())
    assert "403" not in money_line(plan, "en")
    assert "603" in money_line(ProvincePlan(PlanStatus.OPTIMAL, none, none, 900, 400, 603, 10_000, 603, 0.0, ()), "en")


def test_what_is_among_another_differs_from_it_by_no_few() -> None:
    assert shown_within([3, 20, 24], [(0, 1), (1, 2)], lasting=[False, True, False]) == ["<5", 20, "*"]
    assert shown_within([30, 30, 44], [(0, 1)], lasting=[False] * 3, hidden=[True, False, False]) == ["*", "*", 44]

"""Few people are hidden so that nobody can work them out: not from totals, not from shares, in no sink."""

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.attack import told
from gis.disclosure import FEWEST, few, withheld
from maps.annex import write_annex
from maps.figures import units_of
from maps.geopackage import write_geopackage
from maps.page import draw_page
from maps.withheld import MARKS, group_sums, masked, unit_sums, with_gaps
from tests.town import made_town

ATLAS = made_town()
Town = list[list[int]]


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """Draw streets of communities with few people in many of them."""
    people = st.one_of(st.integers(0, 8), st.integers(0, 500))
    return draw(st.lists(st.lists(people, min_size=1, max_size=5), min_size=1, max_size=4))


def table(town: Town) -> tuple[np.ndarray, list[list[int]]]:
    """Return communities, streets and the city one after the other, and which add up to which."""
    communities = [number for street in town for number in street]
    counts = [*communities, *map(sum, town), sum(communities)]
    sums, first = [], 0
    for number, street in enumerate(town):
        sums.append([*range(first, first + len(street)), len(communities) + number])
        first += len(street)
    sums.append([*range(len(communities), len(counts) - 1), len(counts) - 1])
    return np.array(counts, dtype=float), sums


@given(towns())
def test_no_hidden_count_can_be_solved_for(town: Town) -> None:
    """Oracle: the sums as linear equations in what is hidden; none may have but one solution.

    Where every other part is zero there is nothing to hide a count among but zeros, so the rows are compared by rank.
    """
    counts, sums = table(town)
    hidden = withheld(counts, sums)
    assert (hidden | ~few(counts)).all()
    unknown = np.flatnonzero(hidden)
    equations = np.zeros((len(sums), len(unknown)))
    for row, (*parts, total) in enumerate(sums):
        for place, sign in [*((part, 1.0) for part in parts), (total, -1.0)]:
            equations[row, unknown == place] = sign
    rank = np.linalg.matrix_rank(equations) if len(unknown) else 0
    for column in range(len(unknown)):
        only_this = np.eye(len(unknown))[column]
        assert np.linalg.matrix_rank(np.vstack([equations, only_this])) > rank, (town, unknown[column])


@given(towns())
def test_what_nobody_could_be_told_by_is_shown(town: Town) -> None:
    counts, sums = table([[number * FEWEST for number in street] for street in town])  # none of one to four
    assert not withheld(counts, sums).any()


def test_the_smallest_that_is_not_zero_is_hidden_beside_the_total_last_of_all() -> None:
    assert withheld(np.array([2.0, 0, 40, 9, 51]), [[0, 1, 2, 3, 4]]).tolist() == [True, False, False, True, False]
    assert withheld(np.array([2.0, 0, 2]), [[0, 1, 2]]).tolist() == [True, False, True]
    assert withheld(np.array([2.0, np.nan, 40]), [[0, 1, 2]]).tolist() == [True, False, False]
    assert withheld(np.array([3.0, 30.0]), [[0, 1, -1]]).tolist() == [True, True]  # a total published elsewhere


def test_units_add_up_by_street_county_side_and_city() -> None:
    communities = pd.DataFrame(
        {"street_id": ["s1", "s1", "s2"], "county_id": ["k", "k", None]}, index=pd.Index(["a", "b", "c"])
    )
    levels = ["city", "urban", "rural", "county", "county", "street", "street", "community", "community", "community"]
    ids = ["", "", "", "k", "", "s1", "s2", "a", "b", "c"]
    assert unit_sums(levels, ids, communities) == [[7, 8, 5], [9, 6], [5, 3], [6, 4], [3, 4, 0], [1, 2, 0]]


def few_in_one() -> pd.DataFrame:
    """Return the units of the town with three covered elders in the first community, its street's sum to match."""
    units = ATLAS.units.copy()
    column = "elders_covered_5"
    first = units.index[(units["level"] == "community")][0]
    street = ATLAS.communities.loc[units.loc[first, "unit_id"], "street_id"]
    lost = units.loc[first, column] - 3
    for at in (first, units.index[units["unit_id"] == street][0], units.index[units["level"] == "city"][0]):
        units.loc[at, column] -= lost
    return units


def test_every_sink_hides_the_same(tmp_path: Path) -> None:
    atlas = replace(ATLAS, units=few_in_one())
    column, shown = "elders_covered_5", units_of(atlas, "community")
    hidden = shown[shown[column].isin(MARKS)]
    assert sorted(hidden[column])[:1] == ["*"]
    assert "<5" in set(hidden[column])

    write_geopackage(atlas, tmp_path / "plan.gpkg")
    layer = gpd.read_file(tmp_path / "plan.gpkg", layer="communities").set_index("community_id")
    assert set(layer.index[layer[column].isna()]) == set(hidden.index)
    for code in hidden.index:
        assert f"{column} {hidden.loc[code, column]}" in layer.loc[code, "masked"]

    write_annex(atlas, tmp_path / "annex.xlsx")
    page = openpyxl.load_workbook(tmp_path / "annex.xlsx")["分社区覆盖"]
    heads = [str(cell.value) for cell in page[1]]
    number = next(i for i, head in enumerate(heads) if "5分钟" in head and "15" not in head)
    rows = {str(row[0].value): row for row in page.iter_rows(min_row=2)}
    for code in hidden.index:
        assert rows[code][number].value == hidden.loc[code, column]
        assert rows[code][number + 1].value is None, "a share of hidden people tells them"

    text = draw_page(atlas)
    data = json.loads(text.split('id="atlas">', 1)[1].split("</script>", 1)[0])
    told = [text for item in data["communities"]["items"] for _, text in item["rows"] if text in MARKS]
    assert {"<5", "*"} <= set(told)


def test_homes_of_few_people_are_drawn_without_a_number(tmp_path: Path) -> None:
    homes = ATLAS.homes.copy()
    homes["elders"] = [3, *homes["elders"].iloc[1:]]
    write_geopackage(replace(ATLAS, homes=homes), tmp_path / "plan.gpkg")
    layer = gpd.read_file(tmp_path / "plan.gpkg", layer="homes").set_index("demand_id")
    assert len(layer) == len(homes)
    assert np.isnan(layer.loc[homes.index[0], "elders"])
    assert not ((layer["elders"] > 0) & (layer["elders"] < FEWEST)).any()
    for _, rows in layer.groupby("community_id"):
        assert rows["elders"].isna().sum() != 1 or len(rows) == 1


def test_marks_stay_out_of_columns_of_numbers() -> None:
    frame = pd.DataFrame({"elders": [3, 8, 40], "residents": [50, 60, 70]}, index=["a", "b", "c"])
    shown = masked(frame, ["elders", "residents"], group_sums(pd.Series(["x", "x", "x"])))
    assert shown["elders"].tolist() == ["<5", "*", 40]
    assert shown["residents"].tolist() == [50, 60, 70]
    numbers = with_gaps(shown, ["elders", "residents"])
    assert numbers["elders"].tolist()[2] == pytest.approx(40)
    assert numbers["masked"].fillna("").tolist() == ["elders <5", "elders *", ""]
    assert frame["elders"].tolist() == [3, 8, 40]


def test_nothing_is_hidden_in_vain_for_those_who_are_told_anyway() -> None:
    counts = np.array([1.0, 1.0, 1.0, 1.0, 4.0, 50.0, 60.0, 114.0])  # four parts of one to four in a sum of four
    sums = [[0, 1, 2, 3, 4], [4, 5, 6, 7]]
    assert told(counts, np.ones(len(counts), dtype=bool), sums, few=few(counts)) == {0, 1, 2, 3, 4}
    assert withheld(counts, sums).tolist() == [True] * 6 + [False] * 2


def test_a_count_hidden_beside_others_that_is_less_than_five_is_none() -> None:
    counts = np.array([3.0, 0.0, 7.0, 10.0])
    hidden = np.array([True, True, False, False])
    assert 0 in told(counts, hidden, [[0, 1, 2, 3]], few=few(counts))  # 3 in all, and `*` is none or five

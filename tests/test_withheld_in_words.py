"""Two towns that differ in nothing but hidden counts say the same, word for word, wherever they are handed on."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from judged_town import judged_town
from town import made_town

from circle15.figures import FEW as FIGURES_AT_ONCE
from circle15.figures import THEME_OF, figures
from maps.annex import write_annex
from maps.atlas import Atlas
from maps.council_sheets import write_council
from maps.figures import not_reached, people, units_of
from maps.page import draw_page
from maps.report.blocks import Grid, Heading, Paragraph
from maps.report.charts import chart
from maps.report.compose import compose as compose_report
from maps.shading import communities
from maps.sheet.drawing import compose, streets_of
from maps.sheet.themes import THEMES
from maps.shown_plan import shown_plan
from maps.style import UNKNOWN_SHARE, share_colour
from maps.withheld import MARKS

FEW, MANY = 3, 4111
"""People hidden in one community, and beside it those hidden so that the first cannot be worked out."""


@cache
def town(few: int) -> Atlas:
    """Return a town where `few` elders live in one community and `FEW + MANY - few` in another of its street."""
    atlas = judged_town()
    units, communities = atlas.units.copy(), atlas.communities
    street = communities["street_id"].dropna().iloc[0]
    first, second, *rest = communities.index[(communities["street_id"] == street).fillna(value=False)]
    counted = [name for name in units if str(name).startswith("elders")]
    units[counted] = units[counted].astype(float)
    level = units["level"] == "community"
    for code, total in ((first, few), (second, FEW + MANY - few), *((code, 40_000 + 5) for code in rest)):
        row = units.index[level & (units["unit_id"] == code)][0]
        units.loc[row, counted] = float(total)
        units.loc[row, [name for name in counted if "covered" in str(name)]] = float(total if total > MANY else few)
        units.loc[row, [name for name in counted if "unknown" in str(name)]] = 0.0
    covered = [name for name in counted if "covered" in str(name)]
    other = units.index[level & (units["unit_id"] == second)][0]
    units.loc[other, covered] = float(FEW + MANY - few - 1000)
    inside = level & units["unit_id"].isin([first, second, *rest])
    for at in (units.index[units["unit_id"] == street][0], units.index[units["level"] == "city"][0]):
        units.loc[at, counted] = units.loc[inside, counted].sum()
    homes = atlas.homes.copy()
    facilities = atlas.facilities.assign(name=atlas.facilities["name"].str.replace("𠮷", "吉"))
    return replace(atlas, units=units, homes=homes, facilities=facilities)


def of_drawings(atlas: Atlas, _: Path) -> Iterator[str]:
    for theme in THEMES:
        for street in streets_of(atlas) if theme == "street" else [""]:
            yield from compose(atlas, theme, size="A3", street=street).texts()


def of_report(atlas: Atlas, _: Path) -> Iterator[str]:
    for block in compose_report(atlas).blocks:
        match block:
            case Heading() | Paragraph():
                yield block.text
            case Grid():
                yield from (*block.heads, *(text for row in block.rows for text in row), *block.total)


def of_book(path: Path) -> Iterator[str]:
    for sheet in openpyxl.load_workbook(path):
        yield from (str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)


def of_annex(atlas: Atlas, folder: Path) -> Iterator[str]:
    write_annex(atlas, folder / "annex.xlsx")
    yield from of_book(folder / "annex.xlsx")


def of_council(atlas: Atlas, folder: Path) -> Iterator[str]:
    write_council(atlas, folder / "siting.xlsx")
    yield from of_book(folder / "siting.xlsx")


def of_page(atlas: Atlas, _: Path) -> Iterator[str]:
    data = json.loads(draw_page(atlas).split('id="atlas">', 1)[1].split("</script>", 1)[0])
    yield json.dumps({key: part for key, part in data.items() if key != "communities"}, ensure_ascii=False)
    yield json.dumps([item["rows"] for item in data["communities"]["items"]], ensure_ascii=False)


def test_the_towns_hide_what_they_should() -> None:
    for few in (1, FEW):
        shown = units_of(town(few), "community")["elders"]
        assert sorted(map(str, shown[shown.isin(MARKS)])) == ["*", "<5"]


@pytest.mark.parametrize("sink", [of_drawings, of_report, of_annex, of_council, of_page])
def test_nothing_said_tells_one_hidden_count_from_another(sink: object, tmp_path: Path) -> None:
    one, other = (list(sink(town(few), tmp_path)) for few in (1, FEW))  # type: ignore[operator]
    assert len(one) > 0
    assert one == other
    assert not [text for text in one for hidden in (FEW + MANY - 1,) if f"{hidden:,}" in text or str(hidden) in text]


def test_no_bar_is_drawn_by_which_a_hidden_share_could_be_read() -> None:
    assert chart("streets", town(1)) == chart("streets", town(FEW))


def test_who_is_not_reached_hides_beside_what_tells_it() -> None:
    atlas = town(FEW)
    shown, true = not_reached(atlas, "community"), not_reached(atlas, "community", exact=True)
    units = units_of(atlas, "community")
    hidden = units[["elders", "elders_covered_15", "elders_unknown"]].isin(MARKS).any(axis=1)
    assert hidden.any()
    assert shown[hidden].isin(MARKS).all()
    assert not true.isin(MARKS).any()
    plain = shown[~shown.isin(MARKS)]
    assert (plain.astype(float) == true[plain.index].astype(float)).all()


def test_gains_that_add_up_to_the_plans_hide_in_pairs_in_all_and_in_a_year() -> None:
    sites = pd.DataFrame({"elders_gained": [3, 8, 40, 2, 50], "year": [1, 1, 1, 2, 2]}, index=list("abcde"))
    plan = judged_town().plan
    assert plan is not None
    plan = replace(plan, sites=sites, elders_covered_before=500, elders_covered=603, elders_total=5000, bound=603)
    told = shown_plan(plan)
    assert told.by_site.tolist() == ["<5", "*", 40, "<5", "*"]
    assert (told.gained, told.bound, dict(told.by_year)) == (103, 603, {1: 51, 2: 52})
    assert shown_plan(replace(plan, sites=sites.drop(columns="year"))).by_site.tolist() == ["<5", 8, 40, "<5", 50]
    assert shown_plan(replace(plan, sites=pd.DataFrame())).by_site.empty


def test_a_plan_that_leaves_few_uncovered_tells_neither_its_gain_nor_its_bound() -> None:
    plan = judged_town().plan
    assert plan is not None
    sites = pd.DataFrame({"elders_gained": [48], "year": [0]}, index=["a"])
    told = shown_plan(
        replace(plan, sites=sites, elders_covered_before=40, elders_covered=88, elders_total=90, bound=88)
    )
    assert (told.before, told.covered, told.total) == (40, "*", 90)
    assert (told.gained, told.by_site.tolist(), told.bound) == ("*", ["*"], None)


def test_every_map_of_a_report_that_has_something_to_draw_is_a_picture() -> None:
    atlas = judged_town()  # one of its names has a sign that no font has
    few = ["map_gap", "map_street", "map_plan"]
    assert len(few) < FIGURES_AT_ONCE
    draw = figures(atlas, names=few)
    asked = ["map_gap", "map_plan", *(f"map_street/{code}" for code in streets_of(atlas))]
    assert all((draw(name) or b"").startswith(b"\x89PNG") for name in asked)
    bare = figures(replace(atlas, plan=None), names=["map_plan", "map_after", "map_near_term"])
    assert [bare(name) for name in THEME_OF] == [None] * len(THEME_OF)


def test_who_could_not_be_placed_and_lives_beside_a_new_site_is_covered_and_not_missed() -> None:
    atlas = made_town()
    units = atlas.units.copy()
    row = units.index[units["level"] == "community"][0]
    code, elders = units.loc[row, ["unit_id", "elders"]]
    walks = [name for name in units if str(name).startswith("elders_covered")]
    later = [name for name in walks if str(name).endswith("_after")]
    units.loc[row, walks], units.loc[row, later] = 0, elders
    units["elders_unknown_after"] = units["elders_unknown"]
    units.loc[row, ["elders_unknown", "elders_unknown_after"]] = elders, 0
    island = replace(atlas, units=units)
    assert not_reached(island, "community", when="_after", exact=True)[code] == 0
    assert people(not_reached(island, "community", when="_after")[code]) == "0"
    item = next(item for item in communities(island)["items"] if item["name"] == atlas.communities["name"][code])
    assert (item["today"], item["after"]) == (UNKNOWN_SHARE, share_colour(1, 1))

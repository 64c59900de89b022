"""One page a county: the sample parted into two counties, its figures those of the annex, its files one whole."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import chromium
import geopandas as gpd
import openpyxl
import pytest
from test_index_page import rows, texts

import circle15 as c15
from circle15.county_pages import COUNTIES, PAGE, write_pages
from circle15.project import Output
from circle15.study import Study
from circle15.verify import verify
from maps.county_atlas import county_atlas, county_codes, county_table, total_row
from maps.figures import key_figures, people, units_of
from maps.marks import marks
from maps.withheld import MARKS

EAST, WEST = "419921", "419922"


def parted(folder: Path) -> Path:
    """Return the sample with half of its streets in a second county, and pages by county asked for."""
    town = c15.copy_sample(folder / "town")
    file = town / "communities.gpkg"
    frame = gpd.read_file(file)
    code = next(name for name in frame if frame[name].astype(str).str.fullmatch(r"4199\d{8}").all())
    streets = frame[code].astype(str).str[:9]
    second = streets.isin(sorted(streets.unique())[::2])
    frame["县区代码"] = second.map({True: WEST, False: EAST})
    frame["县区"] = second.map({True: "西<b>县</b>", False: "云溪县"})
    frame.to_file(file, driver="GPKG")
    project = town / "project.toml"
    asked = "[output]\nby_county = true\nreport_maps = false"
    project.write_text(project.read_text(encoding="utf-8").replace("[output]", asked), "utf-8")
    return town


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Study]:
    town = parted(tmp_path_factory.mktemp("two"))
    study = c15.run(town)
    return town / "成果", study


def annex_rows(results: Path) -> dict[str, list[object]]:
    """Return the rows of the annex's table of areas, by the name of the county."""
    book = openpyxl.load_workbook(results / "annex.xlsx", read_only=True)
    found = {}
    for sheet in book:
        for row in sheet.iter_rows(values_only=True):
            if row[0] in {"县区", "county"} or (len(row) > 1 and row[1] in {"云溪县", "西<b>县</b>"}):
                found[str(row[1])] = list(row)
        if len(found) > 1:
            break
    return found


def test_the_results_are_whole_and_a_run_without_counties_takes_their_place(
    done: tuple[Path, Study], tmp_path: Path
) -> None:
    results, study = done
    assert {path.name for path in (results / COUNTIES).iterdir()} == {f"{EAST}.html", f"{WEST}.html"}
    assert verify(results) == ()
    page = results / COUNTIES / f"{EAST}.html"
    kept = page.read_bytes()
    page.write_bytes(kept + b" ")
    assert [finding.code for finding in verify(results)] == ["RESULT_CHANGED"]
    page.write_bytes(kept)
    whole = tmp_path / "whole"
    whole.mkdir()
    write_pages(study.atlas(), whole, output=Output())
    assert [path.name for path in whole.iterdir()] == [PAGE]
    assert b"map_page" in (whole / PAGE).read_bytes()
    assert b'"index":' not in (whole / PAGE).read_bytes()  # no way back from the page of the whole


def test_a_page_that_grew_too_large_is_parted_by_itself(done: tuple[Path, Study], tmp_path: Path) -> None:
    results, study = done
    write_pages(study.atlas(), tmp_path, output=Output(), largest=1_000)
    for name in (PAGE, f"{COUNTIES}/{EAST}.html", f"{COUNTIES}/{WEST}.html"):
        assert (tmp_path / name).read_bytes() == (results / name).read_bytes()


def test_the_figures_of_the_counties_are_those_of_the_whole(done: tuple[Path, Study]) -> None:
    atlas = done[1].atlas()
    table = county_table(atlas, {})
    assert list(table.index) == county_codes(atlas) == [EAST, WEST]
    counties, total = units_of(atlas, "county"), total_row(atlas)
    for code in (EAST, WEST):
        found = key_figures(county_atlas(atlas, code))
        assert found is not None
        assert people(found.elders) == people(counties["elders"][code]) == people(table["elders"][code])
        for reached in found.reached:
            name = f"elders_covered_{reached.minutes}"
            assert people(reached.today) == people(counties[name][code])
            assert people(reached.after) == people(counties[f"{name}_after"][code])
    assert atlas.plan is not None
    assert table["sites"].sum() == total["sites"] == len(atlas.plan.sites)
    assert table["cost_yuan"].sum() == total["cost_yuan"] == atlas.plan.cost_yuan
    parts = [county_atlas(atlas, code) for code in (EAST, WEST)]
    for name in ("communities", "homes", "facilities"):
        assert sum(len(getattr(part, name)) for part in parts) == len(getattr(atlas, name)), name


def test_facilities_across_the_border_are_shown_apart_and_not_counted(done: tuple[Path, Study]) -> None:
    atlas = done[1].atlas()
    for code, other in ((EAST, WEST), (WEST, EAST)):
        part = county_atlas(atlas, code)
        theirs = county_atlas(atlas, other).facilities.index
        assert len(part.neighbours) > 0
        assert set(part.neighbours.index) <= set(theirs) & atlas.serving
        layers = {layer["key"]: layer for layer in marks(part)["layers"]}
        assert len(layers["neighbours"]["items"]) == len(part.neighbours)
        assert "facilities" not in layers["neighbours"]
    assert "neighbours" not in {layer["key"] for layer in marks(atlas)["layers"]}


def test_the_index_shows_what_the_annex_says(done: tuple[Path, Study]) -> None:
    results, _ = done
    said = annex_rows(results)
    shown = rows((results / PAGE).read_text(encoding="utf-8"))
    for name, figures in zip(("云溪县", "西<b>县</b>"), shown, strict=True):
        assert {int(text.replace(",", "")) for text in figures[:2]} <= {v for v in said[name] if isinstance(v, int)}


def test_what_is_withheld_in_the_whole_is_withheld_on_the_page_of_a_county(done: tuple[Path, Study]) -> None:
    atlas = done[1].atlas()
    few = atlas.units.copy()
    mine = (few["level"] == "community") & few["unit_id"].isin(
        atlas.communities.index[atlas.communities["county_id"] == EAST]
    )
    first = few.index[mine][0]
    few.loc[first, "elders_covered_15"] = 2
    hidden = replace(atlas, units=few, shown={})
    there = units_of(hidden, "community")
    here = units_of(county_atlas(hidden, EAST), "community")
    assert there["elders_covered_15"].isin(MARKS).any()
    for name in ("elders", "elders_covered_15"):
        assert here[name].astype(str).tolist() == there.loc[here.index, name].astype(str).tolist()


@pytest.fixture(scope="module")
def tab() -> Iterator[chromium.Tab]:
    browser = chromium.found()
    if browser is None:
        pytest.skip("no Chromium on this machine")
    with chromium.tab(browser) as one:
        yield one


def test_the_index_opens_the_page_of_a_county(tab: chromium.Tab, done: tuple[Path, Study]) -> None:
    results, _ = done
    tab.open(results / PAGE)
    assert texts(tab, "tbody th bdi") == ["云溪县", "西<b>县</b>"]
    tab.value(
        f"document.querySelector('path[data-county=\"{WEST}\"]')"
        ".dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    tab.wait("document.title === '云溪县 西<b>县</b>'")
    tab.open(results / COUNTIES / f"{WEST}.html")
    assert tab.value("document.querySelector('.bar .back').textContent") == "‹ 返回各县区一览all counties"
    way = "(({ x, y, width, height }) => [x + width / 2, y + height / 2])"
    tab.move(*tab.value(f"{way}(document.querySelector('.bar .back').getBoundingClientRect())"), click=True)
    tab.wait("document.querySelectorAll('tbody th bdi').length === 2")
    assert tab.value("location.href") == (results / PAGE).as_uri()
    assert tab.complaints == []
    assert [url for url in tab.requests if not url.startswith(("file:", "data:"))] == []

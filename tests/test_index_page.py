"""The index of counties: what it shows, what it hides, how it sorts, and that text stays text."""

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import chromium
import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box
from town import HOSTILE

from maps.county_shapes import TALLEST, WIDTH, outlines
from maps.index_page import _ranks, draw_index, verdict_column, write_index
from maps.style import SHARES, UNKNOWN_SHARE
from policy.verdict import Status

CRS = "EPSG:4547"
TEXT = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30))


def made(**columns: object) -> gpd.GeoDataFrame:
    """Return four counties in a row: well covered, just short of 90 %, a failed one and one that is not told."""
    shapes = [box(500_000 + 20_000 * i, 3_900_000, 500_000 + 20_000 * (i + 1), 3_915_000) for i in range(4)]
    figures = {
        "name": ["东县", "西县", "南县", "北县"],
        "page": ["410611/index.html", "410621/index.html", "", "410623/index.html"],
        "state": ["done", "done", "failed", "done"],
        "reason": ["", "", "设施.xlsx 读不出", ""],
        "elders": [10_000, 100_000, 500, "*"],
        "elders_covered": [9_000, 89_999, 400, "<5"],
        "elders_unknown": [0, 10, 0, 0],
        "elders_covered_after": [9_500, 100_000, 499, np.nan],
        "sites": [2, 11, 1, np.nan],
        "cost_yuan": [3_000_000, 12_345_678, 99, np.nan],
        "verdicts_PASS": [3, 0, 9, 1],
        "verdicts_FAIL": [0, 12, 9, 2],
    }
    index = ["410611", "410621", "410622", "410623"]
    return gpd.GeoDataFrame({**figures, **columns}, geometry=shapes, crs=CRS, index=index).rename_axis("county_id")


class _Read(HTMLParser):
    """Every element, attribute and text of a page, as a browser would read them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def _plain() -> list[str]:
    text = draw_index(made(page="c/index.html", reason="误"), title="省", minutes=15, credit="©", notes={"a": "b"})
    return [tag for tag in _Read(text).tags if tag not in {"text", "tspan"}]


PLAIN = _plain()


def rows(text: str) -> list[list[str]]:
    """Return the texts of the cells of figures, row by row."""
    body = text.partition("<tbody>")[2].partition("</tbody>")[0]
    found = [re.findall(r"<td data-rank=\"\d*\">(.*?)</td>", row) for row in body.split("</tr>")]
    return [[cell.replace("&lt;", "<") for cell in row] for row in found if row]


def test_the_figures_stand_as_the_annex_would_say_them() -> None:
    east, west, south, north = rows(draw_index(made(), title="全省", minutes=15))
    # In the order of the verdicts' colours the failed ones come before those met.
    assert east == ["10,000", "9,000", "90.0%", "0", "95.0%", "2", "300", "0", "3"]
    assert west == ["100,000", "89,999", "89.9%", "10", "100.0%", "11", "1,234.5678", "12", "0"]
    assert set(south) == {"—"}  # the figures of what was not finished are nobody's
    assert north == ["*", "<5", "—", "0", "—", "—", "—", "2", "1"]


def test_colours_follow_the_exact_share_and_not_the_one_shown() -> None:
    text = draw_index(made(), title="全省", minutes=15)
    fills = re.findall(r'data-county="\d+" d="[^"]+" fill="([^"]+)"', text)
    assert fills == [dict(SHARES)[90], dict(SHARES)[80], "url(#failed)", UNKNOWN_SHARE]


def test_a_total_stands_below_and_is_not_sorted() -> None:
    total = {"elders": 110_500, "elders_covered": 99_000, "sites": 13}
    text = draw_index(made(), title="全省", minutes=15, total=total)
    foot = text.partition("<tfoot>")[2].partition("</tfoot>")[0]
    assert re.findall("<td>(.*?)</td>", foot)[:4] == ["", "110,500", "99,000", "89.5%"]
    assert "data-rank" not in foot


def test_columns_of_which_nothing_is_known_are_left_out() -> None:
    bare = made()[["name", "elders", "elders_covered", "geometry"]]
    assert {len(row) for row in rows(draw_index(bare, title="全省", minutes=15))} == {3}


@pytest.mark.parametrize("page", ["/etc/passwd", "../x.html", "a/../../x", "a//b", ".", "a/ /b"])
def test_a_page_that_does_not_lie_below_the_index_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="below the index"):
        draw_index(made(page=page), title="全省", minutes=15)


def test_an_unknown_state_is_refused() -> None:
    with pytest.raises(ValueError, match="done, failed"):
        draw_index(made(state="waiting"), title="全省", minutes=15)


@given(name=TEXT, page=st.text(st.characters(exclude_characters="/"), min_size=1, max_size=20))
def test_text_of_a_table_never_becomes_markup_or_a_way_out(name: str, page: str) -> None:
    counties = made(name=name, reason=f"误{name}", page=f"c{page}c/index.html")
    read = _Read(draw_index(counties, title=name, minutes=15, credit=name, notes={name: name}))
    # The labels on the map come and go with the length of the names.
    assert [tag for tag in read.tags if tag not in {"text", "tspan"}] == PLAIN
    assert all(link.startswith("./c") for link in read.links)


def test_the_same_counties_give_the_same_text_and_are_left_as_they_were() -> None:
    counties = made()
    before = counties.copy()
    assert draw_index(counties, title="x", minutes=15) == draw_index(counties, title="x", minutes=15)
    assert counties.equals(before)


@given(st.lists(st.one_of(st.none(), st.fractions(0, 1, max_denominator=50))))
def test_ranks_keep_the_order_of_fractions(values: list[Fraction | None]) -> None:
    ranks = _ranks(values)
    for a, x in zip(values, ranks, strict=True):
        for b, y in zip(values, ranks, strict=True):
            assert (a is None) == (x is None)
            if None not in {a, b}:
                assert (a < b) == (x < y)


def test_outlines_keep_shape_and_north_in_degrees_and_metres() -> None:
    square = gpd.GeoSeries([box(114.0, 36.0, 114.1, 36.1), box(114.1, 36.0, 114.2, 36.1)], crs="EPSG:4326")
    for shapes in (square, square.to_crs(CRS)):
        size, (west, east) = outlines(shapes)
        assert west is not None
        assert east is not None
        assert size[0] == pytest.approx(WIDTH, abs=0.1)
        assert west.x < east.x
        # 0.2 degrees of longitude by 0.1 of latitude at 36 degrees north.
        assert (size[0] - 16) / (size[1] - 16) == pytest.approx(2 * 0.8090 * 1.0029, rel=0.01)


def test_a_county_without_a_shape_or_with_a_hole_is_drawn_as_it_is() -> None:
    holed = Polygon(box(0, 0, 100, 300).exterior, [box(40, 40, 60, 60).exterior])
    size, found = outlines(gpd.GeoSeries([None, MultiPolygon([holed, box(150, 0, 160, 10)]), Polygon()], crs=CRS))
    assert size[1] == TALLEST
    assert found[0] is None
    assert found[2] is None
    assert found[1] is not None
    assert found[1].path.count("M") == 3  # two parts and a hole
    assert outlines(gpd.GeoSeries([None], crs=CRS))[1] == [None]


MOST = {verdict_column(status): 3_999 for status in Status}
"""As many columns as there can be."""


@pytest.fixture(scope="module")
def tab() -> Iterator[chromium.Tab]:
    browser = chromium.found()
    if browser is None:
        pytest.skip("no Chromium on this machine")
    with chromium.tab(browser) as one:
        yield one


def texts(tab: chromium.Tab, selector: str) -> list[str]:
    script = f"Array.from(document.querySelectorAll({json.dumps(selector)})).map((n) => n.innerText)"
    found: list[str] = tab.value(script)
    return found


def test_in_a_browser_it_sorts_switches_and_opens_a_county(tab: chromium.Tab, tmp_path: Path) -> None:
    write_index(made(), tmp_path / "index.html", title="全省", minutes=15)
    (tmp_path / "410621").mkdir()
    (tmp_path / "410621" / "index.html").write_text("<!DOCTYPE html><html data-ready=1><title>西县</title></html>")
    tab.open(tmp_path / "index.html")
    names = "tbody th bdi"
    assert texts(tab, names) == ["东县", "西县", "南县", "北县"]
    share = "[...document.querySelectorAll('thead button')].find((b) => b.innerText.includes('覆盖率')).click()"
    tab.value(share)
    assert texts(tab, names) == ["西县", "东县", "南县", "北县"]  # 89.999 %, 90 %, then those not told
    tab.value(share)
    assert texts(tab, names) == ["东县", "西县", "南县", "北县"]
    assert texts(tab, "thead button")[0].strip().startswith("县区")
    tab.value("document.querySelector('.language').click()")
    assert texts(tab, "thead button")[0].strip().startswith("county")
    assert tab.complaints == []
    write_index(made(name="达尔罕茂明安联合旗", **MOST), tmp_path / "wide.html", title="全省", minutes=15)
    tab.open(tmp_path / "wide.html", width=1300)
    assert (
        tab.value("(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('.wide'))") == 0
    )
    tab.open(tmp_path / "index.html")
    tab.value(
        "document.querySelector('path[data-county=\"410621\"]').dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    tab.wait("document.title === '西县'")
    assert [url for url in tab.requests if not url.startswith("file:")] == []

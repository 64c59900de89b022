"""The page in a real browser without network: it opens from a file, asks for nothing, complains of nothing."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import chromium
import geopandas as gpd
import pytest
from town import HOSTILE, made_town, renamed

from maps.atlas import Atlas
from maps.page import write_page
from maps.style import CATCHMENT, TRUST

ATLAS = made_town()
PAINTED_S = 0.2
"""The canvas is drawn anew in the next frame."""


@pytest.fixture(scope="module")
def tab() -> Iterator[chromium.Tab]:
    browser = chromium.found()
    if browser is None:
        pytest.skip("no Chromium on this machine")
    with chromium.tab(browser) as one:
        yield one


def opened(tab: chromium.Tab, atlas: Atlas, folder: Path) -> Path:
    page = folder / "index.html"
    write_page(atlas, page)
    tab.requests.clear()
    tab.complaints.clear()
    tab.open(page)
    return page


def texts(tab: chromium.Tab, selector: str) -> list[str]:
    return tab.value(f"Array.from(document.querySelectorAll({json.dumps(selector)})).map((n) => n.textContent)")


def look_for(tab: chromium.Tab, name: str) -> None:
    tab.value(f"""(() => {{ const box = document.querySelector('.search'); box.value = {json.dumps(name)};
        box.dispatchEvent(new Event('input')); }})()""")


def test_opens_without_a_request_or_a_complaint_and_draws_every_facility(tab: chromium.Tab, tmp_path: Path) -> None:
    page = opened(tab, ATLAS, tmp_path)
    assert tab.requests == [page.as_uri()]
    assert tab.complaints == []
    assert tab.value("document.documentElement.dataset.facilitiesDrawn") == str(len(ATLAS.facilities))
    assert tab.value("document.documentElement.lang") == "zh-CN"
    assert "83.1%" in " ".join(texts(tab, ".panel table"))  # 2,154 of 2,592: 83.10 %
    assert texts(tab, ".credit") == ["© OpenStreetMap contributors 2021-06-30"]
    assert texts(tab, ".use") == ["内部使用"]


def test_today_and_after_and_the_shadings_are_switched(tab: chromium.Tab, tmp_path: Path) -> None:
    opened(tab, ATLAS, tmp_path)
    for key, choices in (("when", ["after", "today"]), ("shading", ["areas", "trust", "none", "share"])):
        for choice in choices:
            tab.value(f"document.querySelector('.pick [data-value={choice}]').click()")
            pressed = tab.value(f"document.querySelector('.pick [data-key={key}] [aria-pressed=true]').dataset.value")
            assert pressed == choice
    assert tab.complaints == []


def colours(tab: chromium.Tab) -> set[str]:
    """Return what opaque colours the map's canvases have."""
    return set(
        tab.value(
            """(() => { const seen = new Set();
        for (const canvas of document.querySelectorAll('.leaflet-pane canvas')) {
          const d = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          for (let i = 0; i < d.length; i += 4) if (d[i + 3] === 255) seen.add([d[i], d[i + 1], d[i + 2]].join());
        } return Array.from(seen); })()"""
        )
    )


def rgb(colour: str) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))


def test_trust_shades_the_map_and_has_a_legend_of_three(tab: chromium.Tab, tmp_path: Path) -> None:
    opened(tab, ATLAS, tmp_path)
    pixel = """(() => { const at = map_page.latLngToContainerPoint(map_page.getBounds().getCenter());
        const canvas = map_page.getPane('shade').querySelector('canvas'), box = canvas.getBoundingClientRect();
        const own = map_page.getContainer().getBoundingClientRect();
        return Array.from(canvas.getContext('2d').getImageData(own.x + at.x - box.x, own.y + at.y - box.y, 1, 1).data)
          .slice(0, 3); })()"""
    tab.value("document.querySelector('.pick [data-value=trust]').click()")
    time.sleep(PAINTED_S)
    assert tab.complaints == []  # before the pixels are read: Chromium complains of reading many
    assert texts(tab, ".panel section:first-child .layer.still b") == ["5", "3", "1"]
    # The middle community is a good one; the canvas keeps its colour to within what opacity rounds away.
    good = [int(part) for part in rgb(TRUST["good"][0]).split(",")]
    assert all(abs(a - b) <= 2 for a, b in zip(tab.value(pixel), good, strict=True))
    look_for(tab, "新城社区")
    tab.value("document.querySelector('.found button').click()")
    card = " ".join(texts(tab, ".card td"))
    assert "过稀，无法判断" in card
    assert "范围内没有街道；" in card


def test_catchments_are_off_till_asked_for(tab: chromium.Tab, tmp_path: Path) -> None:
    opened(tab, ATLAS, tmp_path)
    row = "Array.from(document.querySelectorAll('label.layer')).find((row) => row.textContent.includes('服务范围'))"
    assert tab.value(f"{row}.querySelector('input').checked") is False
    tab.value(f"{row}.querySelector('input').click()")
    time.sleep(PAINTED_S)
    assert tab.complaints == []  # before the pixels are read: Chromium complains of reading many
    shown = rgb(CATCHMENT) in colours(tab)
    tab.value(f"{row}.querySelector('input').click()")
    time.sleep(PAINTED_S)
    assert (shown, rgb(CATCHMENT) in colours(tab)) == (True, False)


def test_without_trust_and_catchments_nothing_of_them_is_shown(tab: chromium.Tab, tmp_path: Path) -> None:
    opened(tab, replace(ATLAS, trust=gpd.GeoDataFrame(), catchments=gpd.GeoDataFrame()), tmp_path)
    assert texts(tab, ".pick [data-value=trust]") == []
    assert not any("服务范围" in row for row in texts(tab, "label.layer"))
    assert tab.complaints == []


def test_a_layer_is_taken_off_and_put_back(tab: chromium.Tab, tmp_path: Path) -> None:
    opened(tab, ATLAS, tmp_path)
    day_care = """Array.from(document.querySelectorAll('label.layer'))
        .find((row) => row.textContent.includes('日间照料')).querySelector('input').click()"""
    drawn = "Number(document.documentElement.dataset.facilitiesDrawn)"
    tab.value(day_care)
    assert tab.value(drawn) == len(ATLAS.facilities) - (ATLAS.facilities["kind"] == "day_care").sum()
    tab.value(day_care)
    assert tab.value(drawn) == len(ATLAS.facilities)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_as_the_text_it_is(tab: chromium.Tab, tmp_path: Path, name: str) -> None:
    opened(tab, renamed(ATLAS, name), tmp_path)
    assert tab.value("document.title") == name
    assert texts(tab, ".bar h1") == [name]
    look_for(tab, name)
    hits = texts(tab, ".found bdi")
    assert hits
    assert set(hits) == {name}
    tab.value("document.querySelector('.found button').click()")
    assert texts(tab, ".card h3") == [name]
    box = tab.value(
        "(({ x, y, width, height }) => ({ x, y, width, height }))(map_page.getContainer().getBoundingClientRect())"
    )
    tab.value("void map_page.closePopup()")
    tab.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert set(texts(tab, ".leaflet-tooltip")) == {name}
    assert tab.value("document.querySelectorAll('.panel script, .panel b b, .leaflet-pane script').length") == 0
    assert tab.complaints == []
    assert [url for url in tab.requests if not url.startswith(("file:", "data:"))] == []


def test_a_click_on_a_facility_says_what_the_table_says(tab: chromium.Tab, tmp_path: Path) -> None:
    opened(tab, ATLAS, tmp_path)
    look_for(tab, "幸福日间")
    tab.value("document.querySelector('.found button').click()")
    card = dict(zip(*[iter(texts(tab, ".card td"))] * 2, strict=True))
    assert card["建筑面积floor area m2"] == "350"
    assert card["服务项目services"] == "助餐、助浴"
    assert card["投用日期opened"] == "2019-05-01"
    assert card["运营方operator"] == "=cmd|' /C calc'!A0"


def test_something_is_to_be_seen(tab: chromium.Tab, tmp_path: Path) -> None:
    """The canvas has the colours of the symbols: an empty map would pass every test on texts."""
    opened(tab, ATLAS, tmp_path)
    seen = colours(tab)
    for colour in ((0x0B, 0x5D, 0x8F), (0x33, 0x22, 0x88), (0xC2, 0x18, 0x2B), (0xCB, 0xDF, 0xE9)):
        assert ",".join(map(str, colour)) in seen

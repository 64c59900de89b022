"""The page in a browser: found by keyboard, measured, printed, year by year, and every figure as in the annex."""

import base64
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import chromium
import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from judged_town import judged_town
from pyproj import Transformer
from test_page import data_of
from test_page_browser import look_for, opened, texts
from town import CRS, HOSTILE, made_town, renamed

from gis.datum import from_wgs84
from gis.errors import one_line
from gis.words import say
from maps.annex import write_annex
from maps.atlas import Atlas, Tiles, YearEnd
from maps.page import draw_page
from maps.plan_marks import plan_layers
from maps.plane import NEAR_M, plane
from maps.tiles import tile_host

ATLAS = made_town()


@pytest.fixture(scope="module")
def tab() -> Iterator[chromium.Tab]:
    browser = chromium.found()
    if browser is None:
        pytest.skip("no Chromium on this machine")
    with chromium.tab(browser) as one:
        yield one


def with_years(atlas: Atlas) -> Atlas:
    """Return the town with a site a year; who is covered then is counted on the grid, where a walk is its two legs."""
    plan = atlas.plan
    assert plan is not None
    plan = replace(plan, sites=plan.sites.assign(year=[2022, 2023], mode=["lease", "extend"]))
    ends, covered = [], atlas.homes["state"] == "covered"
    for year, code in zip((2022, 2023), plan.sites.index, strict=True):
        at = atlas.candidates.geometry[code]
        walk_m = (atlas.homes.geometry.x - at.x).abs() + (atlas.homes.geometry.y - at.y).abs()
        covered = covered | ((walk_m <= 900) & (atlas.homes["state"] != "unknown"))
        elders = atlas.homes["elders"].where(covered, 0)
        units = atlas.units.copy()
        sums = elders.groupby(atlas.homes["community_id"]).sum()
        units["elders_covered_15"] = [
            elders.sum() if level == "city" else sums.get(unit, had)
            for level, unit, had in zip(units["level"], units["unit_id"], units["elders_covered_15"], strict=True)
        ]
        state = atlas.homes["state"].where(~covered, "covered")
        ends.append(YearEnd(year, units, state, atlas.areas[atlas.areas["when"] == "after"].drop(columns="when")))
    return replace(atlas, plan=plan, years=tuple(ends))


def press(tab: chromium.Tab, key: str) -> None:
    for kind in ("keyDown", "keyUp"):
        tab.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)


def test_a_place_is_found_with_the_keyboard_alone(tab: chromium.Tab, tmp_path: Path) -> None:
    opened(tab, ATLAS, tmp_path)
    tab.value("document.querySelector('.search').focus()")
    tab.call("Input.insertText", text="街")
    found = texts(tab, ".found bdi")
    assert {"东街社区", "西街社区", "上街道", "中街道", "下街道"} <= set(found)
    press(tab, "ArrowDown")
    press(tab, "ArrowDown")
    assert texts(tab, ".found [aria-selected=true] bdi") == [found[1]]
    press(tab, "Enter")
    assert texts(tab, ".card h3") == [found[1]]
    assert texts(tab, ".chosen h3") == [found[1]]
    assert tab.value("document.activeElement.className") == "search"
    press(tab, "Escape")
    assert texts(tab, ".found li") == []
    assert tab.complaints == []


def test_every_control_has_a_name_and_is_reached_by_the_keyboard(tab: chromium.Tab, tmp_path: Path) -> None:
    opened(tab, judged_town(), tmp_path)
    nameless = """Array.from(document.querySelectorAll('button, a[href], input, select, summary')).filter((n) =>
        !(n.textContent.trim() || n.getAttribute('aria-label') || (n.labels && n.labels.length)))
        .map((n) => n.outerHTML)"""
    assert tab.value(nameless) == []
    seen = set()
    for _ in range(12):
        tab.call("Input.dispatchKeyEvent", type="rawKeyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
        seen.add(tab.value("document.activeElement.outerHTML.slice(0, 80)"))
    assert len(seen) > 5


def test_the_years_are_switched_and_only_what_is_open_by_then_is_shown(tab: chromium.Tab, tmp_path: Path) -> None:
    atlas = with_years(ATLAS)
    opened(tab, atlas, tmp_path)
    assert texts(tab, ".pick [data-key=when] button")[1:3] == ["2022年", "2023年"]
    for choice, sites in (("2022", "1"), ("2023", "2"), ("today", "2"), ("after", "2")):
        tab.value(f"document.querySelector('.pick [data-value=\"{choice}\"]').click()")
        assert tab.value("document.documentElement.dataset.sitesOpen") == sites
        if choice.isdigit():
            end = next(end for end in atlas.years if str(end.year) == choice)
            city = end.units.loc[end.units["level"] == "city", "elders_covered_15"].iloc[0]
            assert f"{int(city):,}" in texts(tab, ".panel tr.main .after small")
    assert tab.complaints == []


def test_the_figures_of_the_panel_and_of_each_community_are_those_of_the_annex(
    tab: chromium.Tab, tmp_path: Path
) -> None:
    atlas = judged_town()
    write_annex(atlas, tmp_path / "annex.xlsx")
    book = openpyxl.load_workbook(tmp_path / "annex.xlsx")
    cells = {str(c.value) for sheet in book for row in sheet for c in row if c.value is not None}
    cells |= {f"{c:,}" for sheet in book for row in sheet for c in (x.value for x in row) if isinstance(c, int)}
    opened(tab, atlas, tmp_path)
    said = texts(tab, ".panel tr td small")
    shown = [text for text in said if text.replace(",", "").isdigit()]
    assert shown
    assert set(shown) <= cells
    look_for(tab, "东街社区")
    tab.value("document.querySelector('.found button').click()")
    facts = dict(zip(*[iter(texts(tab, ".chosen table.facts td"))] * 2, strict=True))
    rows = [row for row in book[say("annex.by_community")].iter_rows(values_only=True) if "东街社区" in row]
    elders = str(int(atlas.units.set_index("unit_id")["elders"][atlas.communities.index[0]]))
    assert next(text for label, text in facts.items() if label.startswith("60岁")) == elders
    assert elders in {str(value) for value in rows[0]}
    code = atlas.communities.index[0]
    own = [v for v in atlas.verdicts if v.unit_id == code and v.level == "community" and v.decides]
    assert len(texts(tab, ".chosen .clause")) >= len({(v.pack, v.rule_id) for v in own}) > 0


def test_metres_and_coordinates_are_those_of_the_project(tab: chromium.Tab, tmp_path: Path) -> None:
    opened(tab, ATLAS, tmp_path)
    tab.value("document.querySelector('.tools button').click()")
    box = tab.value("(({ x, y }) => ({ x, y }))(map_page.getContainer().getBoundingClientRect())")
    spots = [(300, 300), (600, 450), (620, 200)]
    places = [
        tab.value(f"(({{lng, lat}}) => [lng, lat])(map_page.containerPointToLatLng([{x}, {y}]))") for x, y in spots
    ]
    for x, y in spots:
        tab.move(box["x"] + x, box["y"] + y, click=True)
    metres = np.array([Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(*at) for at in places])
    length = np.hypot(*np.diff(metres, axis=0).T).sum()
    assert float(tab.value("document.querySelector('.measured').dataset.metres")) == pytest.approx(length, abs=0.05)
    assert texts(tab, ".card") == []  # a click that measures opens nothing
    line = texts(tab, ".pointer")[0]
    east, north = (float(line.split(mark)[1].split()[0]) for mark in ("E ", "N "))
    assert (east, north) == pytest.approx(tuple(metres[-1]), abs=0.06)
    press(tab, "Escape")
    assert tab.value("document.querySelector('.tools button').getAttribute('aria-pressed')") == "false"


@pytest.mark.parametrize(
    ("lon", "lat", "crs"), [(114.3, 30.6, "EPSG:4547"), (-8.6, 41.15, "EPSG:32629"), (122.1, 41.1, "EPSG:4550")]
)
def test_the_polynomial_is_near_what_proj_says_everywhere_in_a_city(lon: float, lat: float, crs: str) -> None:
    found = plane([[lat - 0.3, lon - 0.4], [lat + 0.3, lon + 0.4]], crs)
    assert found is not None
    rng = np.random.default_rng(6)
    u, v = rng.uniform(-1, 1, (2, 500))
    x, y = found["middle"][0] + u * found["half"][0], found["middle"][1] + v * found["half"][1]
    powers = np.column_stack([u**i * v**j for i in range(found["degree"] + 1) for j in range(found["degree"] + 1 - i)])
    true = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(x, y)
    assert np.abs(powers @ found["x"] - true[0]).max() < 2 * NEAR_M
    assert np.abs(powers @ found["y"] - true[1]).max() < 2 * NEAR_M


def test_it_prints_on_one_sheet_of_a3_with_its_legend(tab: chromium.Tab, tmp_path: Path) -> None:
    opened(tab, ATLAS, tmp_path)
    pdf = base64.b64decode(tab.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])
    boxes = [tuple(map(float, m)) for m in re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)]
    assert len(boxes) == 1
    assert boxes[0] == pytest.approx((420 / 25.4 * 72, 297 / 25.4 * 72), abs=1.5)
    tab.value("window.dispatchEvent(new Event('beforeprint'))")
    assert tab.value("document.body.classList.contains('paper')")
    assert tab.value("getComputedStyle(document.querySelector('.panel')).display") != "none"
    assert tab.value("document.querySelector('.legend').getBoundingClientRect().height") > 100
    assert tab.value("getComputedStyle(document.querySelector('.search')).display") == "none"
    tab.value("window.dispatchEvent(new Event('afterprint'))")
    assert not tab.value("document.body.classList.contains('paper')")


def hostile_names(number: int) -> list[str]:
    """Return names that try to be HTML, a template, a script, a style, a formula, another direction or a whole book."""
    rng = np.random.default_rng(2)
    pieces = [
        *HOSTILE,
        "<img src=x onerror=alert(1)>",
        "{{x}}",
        "{%",
        "*/}body{display:none}",
        "\u202e逆",
        "\u200b",
        "\u2028",
        "\0",
        "\ufeff",
        "javascript:alert(1)",
        "</title>",
        "<style>*{display:none}</style>",
        "&lt;",
        "${1}",
        "\\u003c",
        "onload=",
        "甲" * 400,
        "<svg onload=alert(1)>",
    ]
    return ["".join(rng.choice(pieces, int(rng.integers(1, 4)))) + f" {n}" for n in range(number)]


def test_two_hundred_hostile_names_are_text_wherever_a_name_can_reach(tab: chromium.Tab, tmp_path: Path) -> None:
    names = [one_line(name) for name in hostile_names(200)]
    kinds = ATLAS.facilities["kind"].tolist()
    spread = gpd.GeoDataFrame(
        {"name": names, "kind": [kinds[n % len(kinds)] for n in range(200)], "status": "in_use", "operator": names},
        geometry=[ATLAS.facilities.geometry.iloc[n % len(kinds)] for n in range(200)],
        crs=CRS,
        index=pd.Index([f"H{n}" for n in range(200)], name="facility_id"),
    )
    atlas = replace(renamed(ATLAS, names[7]), facilities=spread)
    atlas = replace(atlas, communities=atlas.communities.assign(street=names[9]))
    opened(tab, atlas, tmp_path)
    assert tab.value("document.title").split() == names[7].replace("\0", "").split()
    assert texts(tab, ".bar h1") == [names[7]]
    wrong = []
    for name in names:
        look_for(tab, name)
        everywhere = json.dumps(name not in (names[7], names[9]))  # a facility has the name in its table too
        shown = tab.value(f"""(() => {{
            const wanted = {json.dumps(name)}.trim(), last = (s) => [...document.querySelectorAll(s)].pop().textContent;
            const named = (b) => b.querySelector('bdi').textContent.trim() === wanted;
            const hit = [...document.querySelectorAll('.found button')].find(named);
            if (!hit) return 'not found';
            hit.click();
            if (last('.card h3').trim() !== wanted || last('.chosen h3').trim() !== wanted) return 'other title';
            return {everywhere} && !last('.card table').includes(wanted) ? 'other text' : ''; }})()""")
        if shown:
            wrong.append((name, shown))
    assert wrong == []
    alive = "img, iframe, object, .panel style, .panel script, [onload], [onerror]"
    assert tab.value(f"document.querySelectorAll('{alive}').length") == 0
    assert tab.value("getComputedStyle(document.body).display") == "block"
    assert tab.complaints == []
    assert [url for url in tab.requests if not url.startswith(("file:", "data:"))] == []


def test_a_site_that_is_a_facility_lies_at_the_facility_and_is_drawn_as_extended() -> None:
    plan = ATLAS.plan
    assert plan is not None
    first, other = ATLAS.facilities.index[:2]
    sites = plan.sites.rename({"C3": f"facility/{first}"}).assign(mode=["new", "upgrade"])
    kept = (f"facility/{other}/day_care/keep/0000350.00/0",)
    atlas = replace(ATLAS, plan=replace(plan, sites=sites, kept=kept))
    layers = {layer["key"]: layer for layer in plan_layers(atlas)}
    at = {(x, y) for x, y, *_ in layers["plan"]["items"]}
    marks = {
        item[3]: tuple(item[:2]) for layer in data_of(draw_page(ATLAS))["marks"]["layers"] for item in layer["items"]
    }
    assert marks[ATLAS.facilities["name"].iloc[0]] in at
    symbols = layers["plan"]["symbols"]
    new, extended = (symbols[item[2]] for item in layers["plan"]["items"])
    assert (new["mark"], extended["mark"]) == ("", "twice")
    assert len(layers["plan_kept"]["items"]) == 1
    assert layers["plan_kept"]["symbols"][0]["shape"] == "frame"


@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_tiles_are_asked_of_one_host_and_shapes_are_shifted_to_their_datum(
    tab: chromium.Tab, tmp_path: Path, datum: str
) -> None:
    atlas = replace(ATLAS, tiles=Tiles("http://10.255.255.1:8080/t/{z}/{x}/{y}.png?tk=1", datum))  # type: ignore[arg-type]
    opened(tab, atlas, tmp_path)
    time.sleep(0.3)
    tab.value("1")
    asked = [url for url in tab.requests if not url.startswith(("file:", "data:"))]
    assert asked
    assert all(url.startswith("http://10.255.255.1:8080/t/") for url in asked)
    assert not any("/0/0/0." in url or "/1/" in url.split("8080")[1][:5] for url in asked)  # not the world first
    lon, lat = 114.297, 35.748
    seen = tab.value(f"(({{x, y}}) => [x, y])(map_page.project([{lat}, {lon}], 18))")
    shown = from_wgs84(lon, lat, datum=datum)  # type: ignore[arg-type]
    flat = tab.value(
        f"(({{x, y}}) => [x, y])(L.CRS.EPSG3857.latLngToPoint(L.latLng({float(shown[1])}, {float(shown[0])}), 18))"
    )
    assert seen == pytest.approx(flat, abs=0.01)  # pixels of 0.6 m
    back = tab.value(f"(({{lat, lng}}) => [lng, lat])(map_page.unproject(map_page.project([{lat}, {lon}], 18), 18))")
    assert back == pytest.approx([lon, lat], abs=1e-8)


def test_without_tiles_no_host_is_allowed_and_with_them_one() -> None:
    assert "img-src data:; base-uri" in draw_page(ATLAS)
    page = draw_page(replace(ATLAS, tiles=Tiles("https://map.local/{z}/{x}/{y}?tk=k", "wgs84")))
    assert "img-src data: https://map.local; base-uri" in page


@pytest.mark.parametrize(
    "url",
    [
        "http://a/{z}/{x}",
        "ftp://a/{z}/{x}/{y}",
        "http://a b/{z}/{x}/{y}",
        "http://u:p@a/{z}/{x}/{y}",
        "http://a/{z}/{x}/{y}/{s}",
        'http://a"/{z}/{x}/{y}',
        "http://a; script-src */{z}/{x}/{y}",
        "http://*/{z}/{x}/{y}",
        "http://a/{z}/{x}/{y}{y}",
        "",
    ],
)
def test_an_address_that_is_none_of_tiles_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="host"):
        tile_host(url)

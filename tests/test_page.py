"""The page as text: nothing asked of anybody, no name ever read as a program, the same atlas the same bytes."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box
from town import HOSTILE, made_town, renamed

from gis.errors import OutputError, one_line
from gis.trust import LEVELS
from gis.words import say
from maps.compact import ring_streams
from maps.figures import exact, key_figures, people, percent_down, wan
from maps.ground import BLOCK_M2
from maps.page import draw_page, page_map, safe_json, write_page
from maps.shading import gaps
from maps.style import KINDS, SHAPES, STATES, TRUST, facility_symbol

ATLAS = made_town()
PAGE = draw_page(ATLAS)
ALIVE = [
    *HOSTILE,
    "{{ cycler.__init__.__globals__.os.system('x') }}",
    "{% raw %}",
    "{#",
    "#}",
    "\u2028\u2029",
    "<!--",
    "]]>",
    "\\",
    "\\u003c",
]
names = st.one_of(
    st.sampled_from(ALIVE),
    st.text(alphabet=st.sampled_from("{}%#<>/`$\\\"'&-!script \u2028\u202e甲"), max_size=20),
    st.text(max_size=20),
)


class Parts(HTMLParser):
    """The tags of a page, and the text of its data block."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.data, self._inside = [], "", False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = dict(attrs).get("id") == "atlas"

    def handle_endtag(self, _: str) -> None:
        self._inside = False

    def handle_data(self, text: str) -> None:
        if self._inside:
            self.data += text


def data_of(page: str) -> dict[str, Any]:
    return json.loads(Parts(page).data)


def test_page_asks_for_nothing() -> None:
    tags = Parts(PAGE).tags
    wanting = [(tag, attrs) for tag, attrs in tags if {"src", "href", "integrity", "srcset", "action"} & set(attrs)]
    assert wanting == []
    assert {tag for tag, _ in tags} <= {"html", "head", "body", "meta", "style", "script", "div"}
    links = re.findall(r"url\((?!data:|#)[^)]*\)|@import", PAGE)
    assert links == []
    assert "sourceMappingURL" not in PAGE
    # Leaflet's own credits and the names of XML spaces are texts, not requests; there is no other address.
    assert set(re.findall(r"https?://[\w./-]+", PAGE)) <= {
        "https://leafletjs.com",
        "http://www.w3.org/2000/svg",
        "https://bugzilla.mozilla.org/show_bug.cgi",  # a comment in Leaflet's style sheet
    }


def test_the_browser_is_told_to_forbid_the_network_before_anything_else() -> None:
    first = next(attrs for tag, attrs in Parts(PAGE).tags if tag == "meta")
    assert first["http-equiv"] == "Content-Security-Policy"
    assert "default-src 'none'" in first["content"]
    assert "http" not in first["content"]


def test_same_atlas_same_bytes_and_no_random_name() -> None:
    assert draw_page(made_town()) == PAGE
    outside_leaflet = re.sub(r"<style>.*?</style>", "", PAGE, flags=re.DOTALL)
    assert not re.search(r"\b[0-9a-f]{32}\b", outside_leaflet)


def test_drawing_twice_from_one_map_gives_the_same() -> None:
    drawn = page_map(ATLAS)
    first = drawn.get_root().render()
    assert drawn.get_root().render() == first == PAGE
    assert "iframe" in drawn._repr_html_()


@settings(max_examples=300, deadline=None)
@given(names)
def test_no_text_means_anything_in_json_html_or_jinja(name: str) -> None:
    safe = safe_json({"name": [name, {name: name}]})
    assert json.loads(safe) == {"name": [name, {name: name}]}
    assert not re.search(r"[<>&`$\u2028\u2029]", safe)
    assert not re.search(r"\{[{%#]", safe)
    safe.encode("utf-8")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(names)
def test_a_name_changes_the_data_and_nothing_else(name: str) -> None:
    page = draw_page(renamed(ATLAS, name))
    parts = Parts(page)
    assert parts.tags == Parts(PAGE).tags
    found = json.loads(parts.data)
    assert found["panel"]["title"] == one_line(name)
    shown = {item[3] for layer in found["marks"]["layers"] for item in layer["items"] if layer.get("facilities")}
    assert shown <= {one_line(name), *ATLAS.facilities.index}
    assert page.replace(parts.data, "") == PAGE.replace(Parts(PAGE).data, "")


@pytest.mark.parametrize("name", ALIVE)
def test_hostile_names_come_out_as_they_went_in(name: str) -> None:
    found = data_of(draw_page(renamed(ATLAS, name)))
    assert found["panel"]["title"] == one_line(name)
    assert [one_line(name), one_line(name)] in found["panel"]["notes"]
    assert any(one_line(name) in line for line in found["panel"]["findings"])
    assert {item["name"] for item in found["communities"]["items"]} == {one_line(name)}


def test_every_facility_is_on_the_page_once_at_its_place() -> None:
    found = data_of(PAGE)
    items = [item for layer in found["marks"]["layers"] if layer.get("facilities") for item in layer["items"]]
    assert len(items) == len(ATLAS.facilities)
    degrees = ATLAS.facilities.geometry.to_crs("EPSG:4326")
    placed = sorted((round(p.x * 1e6), round(p.y * 1e6)) for p in degrees)
    assert sorted((x, y) for x, y, *_ in items) == placed


def test_what_has_no_position_is_counted_not_dropped() -> None:
    candidates = next(layer for layer in data_of(PAGE)["marks"]["layers"] if layer["key"] == "candidates")
    assert len(candidates["items"]) == 3
    assert "1" in candidates["note"]


def test_a_facility_of_an_unknown_kind_is_drawn() -> None:
    strange = ATLAS.facilities.assign(kind="{{托老}}")
    layers = [
        layer
        for layer in data_of(draw_page(replace(ATLAS, facilities=strange)))["marks"]["layers"]
        if layer.get("facilities")
    ]
    assert [layer["key"] for layer in layers] == ["other"]
    assert len(layers[0]["items"]) == len(strange)
    assert any(text == "{{托老}}" for _, text in layers[0]["items"][0][4])


def test_streets_come_back_within_the_tolerance() -> None:
    layers = [layer for layer in data_of(PAGE)["ground"] if layer["key"] == "streets"]
    x = y = 0
    points = []
    for layer in layers:
        x = y = at = 0
        for count in layer["lines"]["n"]:
            for _ in range(count):
                x, y, at = x + layer["lines"]["d"][at], y + layer["lines"]["d"][at + 1], at + 2
                points.append((x / 1e6, y / 1e6))
    west, south, east, north = ATLAS.streets.to_crs("EPSG:4326").total_bounds
    assert min(p[0] for p in points) == pytest.approx(west, abs=1e-6)
    assert max(p[1] for p in points) == pytest.approx(north, abs=1e-6)
    assert min(p[1] for p in points) == pytest.approx(south, abs=1e-6)
    assert max(p[0] for p in points) == pytest.approx(east, abs=1e-6)


def test_a_ring_smaller_than_the_tolerance_is_thinned_but_never_lost() -> None:
    small, large = box(500_000, 3_380_000, 500_001, 3_380_001), Point(500_100, 3_380_000).buffer(50)
    shapes = gpd.GeoSeries([small, MultiPolygon(), None, large, MultiPolygon([large, small])], crs="EPSG:4547")
    streams = ring_streams(shapes, tolerance_m=2.0)
    assert [len(stream["n"]) for stream in streams] == [1, 0, 0, 1, 2]
    assert all(count >= 4 for stream in streams for count in stream["n"])
    assert streams[3]["n"][0] < len(large.exterior.coords)
    assert streams[4]["n"] == [*streams[3]["n"], *streams[0]["n"]]
    for stream in streams:  # each begins at its own place and ends where it began
        corners = np.array(stream["d"]).reshape(-1, 2).cumsum(axis=0)
        starts = np.cumsum([0, *stream["n"]])
        assert all((corners[a] == corners[b - 1]).all() for a, b in pairwise(starts))


@given(st.integers(0, 2**32 - 1))
def test_thinned_rings_stay_near_what_they_were(seed: int) -> None:
    angle, rng = np.linspace(0, 2 * np.pi, 60, endpoint=False), np.random.default_rng(seed)
    radius = 300 + rng.uniform(0, 30, len(angle))
    ring = np.column_stack([500_000 + radius * np.cos(angle), 3_380_000 + radius * np.sin(angle)])
    shape = gpd.GeoSeries([Polygon(ring)], crs="EPSG:4547")
    (stream,) = ring_streams(shape, tolerance_m=5.0)
    corners = np.array(stream["d"]).reshape(-1, 2).cumsum(axis=0) / 1e6
    back = gpd.GeoSeries([LineString(corners)], crs="EPSG:4326").to_crs(shape.crs).iloc[0]
    # Once for the points, once more where the ring's first point goes, and a rounding of 0.1 m on either side.
    assert back.hausdorff_distance(shape.iloc[0].exterior) <= 2 * 5.0 + 0.2


def test_the_gaps_on_the_page_are_all_the_older_people_out_of_reach() -> None:
    found = gaps(ATLAS)
    homes = ATLAS.homes
    for state, column in (("today", "state"), ("after", "state_after")):
        assert sum(found[state]) == homes.loc[homes[column] == "not_covered", "elders"].sum()
    assert sum(found["unknown"]) == homes.loc[homes["state"] == "unknown", "elders"].sum()


def test_many_homes_are_summed_by_squares_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maps.shading.HOMES_DRAWN", 5)
    found = gaps(ATLAS)
    homes = ATLAS.homes
    assert found["squares"]
    assert len(found["today"]) <= 5
    assert sum(found["today"]) == homes.loc[homes["state"] == "not_covered", "elders"].sum()
    assert sum(found["after"]) == homes.loc[homes["state_after"] == "not_covered", "elders"].sum()


def test_one_to_four_people_are_not_told_apart() -> None:
    few = ATLAS.homes.assign(elders=3)
    found = gaps(replace(ATLAS, homes=few))
    assert set(found["today"]) <= {0, -1}
    page = data_of(PAGE)
    disabled = {text for item in page["communities"]["items"] for label, text in item["rows"] if label[0] == "失能"}
    # Each street of three communities has one or two hidden: beside a single one (3, 4 or 1) its next is hidden too.
    assert disabled == {"<5", "*", "0", "7", "22"}


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_a_share_is_never_shown_higher_than_it_is(part: int, whole: int) -> None:
    shown = percent_down(part, whole)
    tenths = round(float(shown.rstrip("%")) * 10)
    assert tenths * whole <= 1000 * part < (tenths + 1) * whole


def test_the_share_that_is_not_ninety_percent() -> None:
    assert percent_down(8996, 10000) == "89.9%"
    assert percent_down(9000, 10000) == "90.0%"
    assert percent_down(0, 0) == "—"
    assert percent_down(float("nan"), 10) == "—"
    assert exact(float("inf")) is None
    assert (people(0), people(1), people(4), people(5), people(1234)) == ("0", "<5", "<5", "5", "1,234")
    assert wan(2_345_678) == "234.5678"


def test_key_figures_are_those_of_the_city() -> None:
    found = key_figures(ATLAS)
    assert found.elders == ATLAS.homes["elders"].sum()
    assert found.reached[-1].today == ATLAS.plan.elders_covered_before
    assert found.reached[-1].after == ATLAS.plan.elders_covered
    assert key_figures(replace(ATLAS, units=pd.DataFrame())) is None


def test_kinds_differ_by_shape_and_states_by_fill_as_a_grey_copy_needs() -> None:
    assert len({shape for shape, *_ in KINDS.values()}) == len(KINDS)
    assert {shape for shape, *_ in KINDS.values()} <= set(SHAPES)
    drawn = {state: facility_symbol("day_care", status) for status, state in STATES.items()}
    looks = {(symbol.fill == "#ffffff", symbol.stroke == "#ffffff", symbol.mark) for symbol in drawn.values()}
    assert len(looks) == len(drawn)


def grey(colour: str) -> float:
    """Return how light a colour is in a grey copy, 0 to 255 (ITU-R BT.601)."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_every_level_of_trust_is_drawn_and_told_apart_by_lightness_alone() -> None:
    assert tuple(TRUST) == LEVELS
    shades = [grey(fill) for fill, _ in TRUST.values()]
    # A tenth of the range is a step that a photocopy keeps; the hatching comes on top.
    assert all(lighter - darker > 25.5 for lighter, darker in pairwise(shades))
    assert [bool(hatch) for _, hatch in TRUST.values()] == [False, True, True]


def test_each_community_says_how_far_to_trust_its_streets_and_why() -> None:
    found = data_of(PAGE)["communities"]
    assert [level["count"] for level in found["trust"]["classes"]] == [5, 3, 1]
    drawn = [list(TRUST)[item["trust"]] for item in found["items"]]
    assert drawn == ATLAS.trust["trust"].tolist()
    words = {label[0]: text for label, text in found["items"][-1]["rows"]}
    assert words["路网可信程度"] == say("trust.too_thin")
    assert words["存疑原因"] == f"{say('trust.no_streets')}；{say('trust.unreached')}"
    assert "存疑原因" not in {label[0] for label, _ in found["items"][0]["rows"]}


def test_a_community_without_a_report_has_no_level_and_the_others_keep_theirs() -> None:
    part = data_of(draw_page(replace(ATLAS, trust=ATLAS.trust.iloc[::-1].iloc[:-1])))["communities"]
    assert [item["trust"] for item in part["items"]] == [None, 0, 0, 0, 0, 1, 1, 1, 2]


def test_catchments_are_outlines_and_those_without_an_area_are_not_counted() -> None:
    found = data_of(PAGE)["catchments"]
    assert found["count"] == len(found["rings"]["n"]) == 2


@pytest.mark.parametrize(("wider_m", "state", "rings"), [(-1, "covered", 1), (1, "covered", 2), (-1, "unknown", 2)])
def test_a_hole_in_a_catchment_goes_only_where_it_is_the_middle_of_a_block(
    wider_m: float, state: str, rings: int
) -> None:
    around, side = ATLAS.catchments.geometry.iloc[0], BLOCK_M2**0.5 + wider_m
    x, y = around.centroid.coords[0]
    hole = box(x, y, x + side, y + side)
    frame = ATLAS.catchments.iloc[:1].set_geometry([around.difference(hole)], crs=ATLAS.crs)
    homes = ATLAS.homes.assign(state=state)
    assert homes.intersects(hole).any()
    found = data_of(draw_page(replace(ATLAS, catchments=frame, homes=homes)))["catchments"]
    assert len(found["rings"]["n"]) == rings


def test_without_trust_and_catchments_the_page_offers_neither() -> None:
    found = data_of(draw_page(replace(ATLAS, trust=gpd.GeoDataFrame(), catchments=gpd.GeoDataFrame())))
    assert found["catchments"] is None
    assert found["communities"]["trust"] is None
    assert {item["trust"] for item in found["communities"]["items"]} == {None}


def test_an_atlas_of_today_alone_is_drawn(tmp_path: Path) -> None:
    bare = replace(
        ATLAS,
        plan=None,
        verdicts=(),
        findings=(),
        notes={},
        language="en",
        base=ATLAS.base.iloc[:0],
        areas=ATLAS.areas.iloc[:0],
        candidates=ATLAS.candidates.iloc[:0],
        housing=ATLAS.housing.iloc[:0],
        communities=ATLAS.communities.iloc[:0],
        facilities=ATLAS.facilities.iloc[:0],
    )
    write_page(bare, tmp_path / "page.html")
    found = data_of((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert found["panel"]["language"] == "en"
    assert found["panel"]["plan"]["rows"] == []
    assert found["panel"]["credit"] == "© OpenStreetMap contributors"


def test_a_page_that_cannot_be_written_is_said_and_harms_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere"):
        write_page(ATLAS, tmp_path / "nowhere" / "page.html")
    assert list(tmp_path.iterdir()) == []

"""The drawings: true to scale, every letter embedded, names apart, circle and walk told apart, the same bytes twice."""

import re
import shutil
import subprocess
import zlib
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from judged_town import judged_town
from PIL import Image
from town import HOSTILE, made_town, renamed

from circle15.sheets import file_name, slug
from gis.errors import InputError
from maps.atlas import Atlas, Imprint
from maps.figures import not_reached
from maps.sheet.drawing import compose, draw, number_of, streets_of
from maps.sheet.frame import layout
from maps.sheet.ground import Grounds
from maps.sheet.lettering import chain, made_font, refuse_missing, width_mm, wrapped
from maps.sheet.paper import PAPERS, SMALLEST_SCALE, bar_m, round_scale
from maps.sheet.pen import Pen
from maps.sheet.picture import Picture, Shape, Writing, outlines
from maps.sheet.placing import Label, place
from maps.sheet.themes import THEMES
from maps.sheet.themes_coverage import LACKING
from maps.sheet.themes_today import DENSITY
from maps.sheet.window import convergence_deg, window_on
from maps.style import area_colours

MM_A_POINT = 25.4 / 72
IMPRINT = Imprint(mark="内部使用", circle_m=900.0, bureau="样例区自然资源局", place_code="410611", place_name="样例区")
FONTS = chain()
metres = st.floats(10, 500_000)


@cache
def town() -> Atlas:
    """The judged town with a title block and what counts today, without the one character that no font has."""
    atlas = judged_town()
    frame = atlas.facilities.assign(name=atlas.facilities["name"].str.replace("𠮷", "吉"))
    serving = frozenset(map(str, frame.index[(frame["status"] == "in_use") & (frame["kind"] == "day_care")]))
    return replace(atlas, facilities=frame, imprint=IMPRINT, serving=serving)


def sheets(atlas: Atlas) -> list[tuple[str, str]]:
    return [(theme, street) for theme in THEMES for street in (streets_of(atlas) if theme == "street" else [""])]


def shapes(picture: Picture, name: str) -> list[Shape]:
    return [item for item in picture.items if isinstance(item, Shape) and item.name == name]


def content_of(pdf: bytes) -> str:
    """Return the drawing operators of a PDF's page."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    pages = [zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"\x78"]
    return max((page for page in pages if b" re" in page or b" l\n" in page), key=len).decode("latin-1")


def boxes_of(content: str) -> list[tuple[float, float, float, float]]:
    """Return the upright rectangles among the paths of a page, in points: left, bottom, right, top."""
    number = r"(-?[\d.]+)\s+(-?[\d.]+)\s+"
    found = re.findall(rf"{number}m\s+{number}l\s+{number}l\s+{number}l\s+", content)
    corners = [np.array(list(map(float, path))).reshape(4, 2) for path in found]
    upright = [c for c in corners if len({*np.round(c[:, 0], 3)}) == len({*np.round(c[:, 1], 3)}) == 2]
    return [(*c.min(axis=0), *c.max(axis=0)) for c in upright]


# the scale


@given(metres, metres, st.sampled_from(["A4", "A3", "A1", "A0"]))
def test_the_scale_is_the_largest_round_one_that_fits(width: float, height: float, size: str) -> None:
    left, bottom, right, top = layout(PAPERS[size]).map
    room = (right - left, top - bottom)
    scale = round_scale(width, height, room_mm=room)
    assert width * 1000 / scale <= room[0] + 1e-6
    assert height * 1000 / scale <= room[1] + 1e-6
    digits = f"{scale}".rstrip("0")
    assert digits in {"1", "2", "25", "5"}
    larger = [s for s in (scale * f // 20 for f in (8, 10, 16)) if f"{s}".rstrip("0") in {"1", "2", "25", "5"}]
    assert all(s < SMALLEST_SCALE or width * 1000 / s > room[0] or height * 1000 / s > room[1] for s in larger)


@given(st.sampled_from([500, 1000, 2000, 2500, 5000, 10_000, 20_000, 25_000, 50_000, 100_000]), st.floats(15, 200))
def test_a_bar_is_a_round_length_and_fills_two_fifths_of_its_room(scale: int, room: float) -> None:
    length = bar_m(scale, room_mm=room)
    assert f"{length}".rstrip("0") in {"1", "2", "5"}
    assert 0.4 * room - 1e-9 <= length * 1000 / scale <= room + 1e-9


@given(metres, metres, metres, metres, metres)
def test_lengths_on_the_paper_are_lengths_on_the_ground(
    west: float, south: float, width: float, x: float, y: float
) -> None:
    window = window_on((west, south, west + width, south + width), (30.0, 20.0, 320.0, 260.0))
    a, b = window.mm(np.array([[west, south], [west + x, south + y]]))
    assert np.hypot(*(b - a)) * window.scale / 1000 == pytest.approx(np.hypot(x, y), rel=1e-6)
    area = window.mm(np.array([[west, south], [west + width, south + width]]))
    assert (area >= (30.0, 20.0)).all()
    assert (area <= (320.0, 260.0)).all()


def test_the_scale_bar_of_the_printed_page_is_true_to_a_tenth_of_a_millimetre() -> None:
    """A kilometre at 1:20 000: the four parts of the bar stand side by side, 1 : 1 : 2 : 4."""
    atlas = replace(town(), imprint=replace(IMPRINT, scale=20_000))
    parts = boxes_of(content_of(draw(atlas, "coverage")))
    runs = []
    for left, bottom, right, top in parts:
        widths, edge = [right - left], right
        for _ in range(3):
            after = next((b for b in parts if abs(b[0] - edge) < 0.01 and b[1] == bottom and b[3] == top), None)
            if after is None:
                break
            widths.append(after[2] - after[0])
            edge = after[2]
        if np.allclose(np.array(widths) / widths[0], [1, 1, 2, 4][: len(widths)], rtol=1e-3) and len(widths) == 4:
            runs.append(edge - left)
    assert len(runs) == 1
    assert runs[0] * MM_A_POINT == pytest.approx(50.0, abs=0.1)  # 1 km at 1:20 000


def test_the_frame_of_the_printed_map_shows_the_metres_that_the_scale_says() -> None:
    """The town's own width in metres is the measure of its boundaries on the page."""
    picture = compose(town(), "extent")
    scale = int(next(t for t in picture.texts() if t.startswith("比例尺")).split(":")[1].replace(" ", ""))
    west, _, east, _ = town().communities.total_bounds
    rims = np.concatenate(
        [shape.points for name in ("community", "street", "county") for shape in shapes(picture, f"boundary {name}")]
    )
    assert float(np.ptp(rims[:, 0])) == pytest.approx((east - west) * 1000 / scale, abs=0.1)


def test_grid_north_leans_as_the_formula_of_the_transverse_mercator_says() -> None:
    """The convergence is near the difference in longitude times the sine of the latitude (Bugayevskiy, Snyder 1995)."""
    window = window_on((550_000.0, 3_957_000.0, 551_000.0, 3_958_000.0), (0.0, 0.0, 200.0, 200.0))
    degrees_east, latitude = 50_500 / (111_320 * np.cos(np.deg2rad(35.75))), 35.75
    assert convergence_deg(window, "EPSG:4547") == pytest.approx(degrees_east * np.sin(np.deg2rad(latitude)), rel=0.01)


# the letters


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sheet_is_written_with_glyphs_that_have_an_outline_and_within_the_paper(language: str) -> None:
    atlas = replace(town(), language=language)
    for theme, street in sheets(atlas):
        picture = compose(atlas, theme, street=street)
        used = {c for text in picture.texts() for c in text}
        font = TTFont(BytesIO(made_font(used, FONTS)))
        names = font.getBestCmap()
        assert {chr(code) for code in names} == used | {" "}
        empty = [chr(code) for code, name in names.items() if font["glyf"][name].numberOfContours == 0]
        assert all(c.isspace() for c in empty)
        for item in picture.items:
            if isinstance(item, Writing):
                right = item.x + width_mm(item.text, item.size_pt, FONTS)
                assert item.x > -0.01, item
                assert right < picture.width_mm + 0.01, item
                assert 0 <= item.y <= picture.height_mm, item


def test_the_fonts_of_a_pdf_are_embedded_as_truetype_and_the_text_can_be_read_back(tmp_path: Path) -> None:
    file = tmp_path / "sheet.pdf"
    file.write_bytes(draw(town(), "layout"))
    kinds = set(re.findall(rb"/Subtype /(\w+)[^>]*?/ToUnicode|/Subtype /(CIDFontType\d)", file.read_bytes()))
    assert b"/FontFile2" in file.read_bytes()
    assert b"/FontFile3" not in file.read_bytes()
    assert (b"", b"CIDFontType2") in kinds
    if shutil.which("pdffonts") is None or shutil.which("pdftotext") is None:
        pytest.skip("poppler is not here: the embedded fonts were looked at, not listed")
    listed = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True)
    rows = listed.stdout.splitlines()[2:]
    assert rows
    assert all(" CID TrueType " in row and row.split()[-5:-2] == ["yes", "yes", "yes"] for row in rows)
    assert listed.stderr == ""
    text = subprocess.run(["pdftotext", "-raw", file, "-"], capture_output=True, text=True, check=True).stdout
    for said in ("养老服务设施规划布局总图", "内部使用", "样例区自然资源局", "坐标北", "OpenStreetMap"):
        assert said in text
    assert "\ufffd" not in text


def test_a_character_that_no_font_has_is_refused_by_name_with_its_text() -> None:
    broken = renamed(town(), "幸福院𠮷")
    with pytest.raises(InputError) as caught:
        draw(broken, "facilities")
    (fault,) = caught.value.findings
    assert fault.code == "GLYPH_MISSING"
    assert "U+20BB7" in fault.found
    assert "幸福院" in fault.place


def test_a_file_that_is_no_font_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "仿宋.ttf"
    path.write_bytes(b"no font")
    with pytest.raises(InputError, match="FONT_BROKEN"):
        chain((path,))


def test_the_bureaus_own_font_comes_first_and_the_house_fills_what_it_lacks(tmp_path: Path) -> None:
    own = tmp_path / "own.ttf"
    own.write_bytes(made_font("甲", FONTS, bold=True))
    fonts = chain((own,))
    refuse_missing(["甲乙"], fonts)
    made, plain = (TTFont(BytesIO(made_font("甲乙", f))) for f in (fonts, FONTS))
    name = plain.getBestCmap()
    assert made["glyf"][name[ord("甲")]] != plain["glyf"][name[ord("甲")]]
    assert made["glyf"][name[ord("乙")]] == plain["glyf"][name[ord("乙")]]


@given(
    st.text(st.sampled_from("养老服务设施，。（）15 min OpenStreetMap、"), min_size=1, max_size=60), st.floats(12, 80)
)
def test_lines_hold_the_whole_text_and_fit(text: str, room: float) -> None:
    lines = wrapped(text, 8, room, FONTS)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width_mm(line, 8, FONTS) <= room + 1e-6 for line in lines)


@pytest.mark.parametrize("name", [name for name in HOSTILE if "𠮷" not in name])
def test_a_name_is_text_whatever_it_tries_to_be(name: str) -> None:
    atlas = replace(renamed(made_town(), name + "$x^2$"), imprint=replace(IMPRINT, place_name=name))
    picture = compose(atlas, "facilities")
    assert any(name in text for text in picture.texts())
    assert draw(atlas, "facilities", size="figure", form="png", dpi=40)[:4] == b"\x89PNG"


# what stands on the map

labels = st.lists(
    st.tuples(st.floats(0, 200), st.floats(0, 200), st.sampled_from(["柳溪社区", "甲", "城南街道综合养老服务中心"]),
              st.booleans()),
    max_size=40,
)  # fmt: skip


@given(labels)
def test_names_cover_neither_each_other_nor_a_symbol_and_none_is_lost(
    spots: list[tuple[float, float, str, bool]],
) -> None:
    pen = Pen(1.0, FONTS, "zh")
    frame = (0.0, 0.0, 200.0, 200.0)
    taken = [(x - 1.5, y - 1.5, x + 1.5, y + 1.5) for x, y, _, in_area in spots if not in_area]
    asked = [
        Label((text,), 7.0, x, y, radius_mm=1.5, area=shapely.box(x, y, x + 20, y + 9) if in_area else None)
        for x, y, text, in_area in spots
    ]
    placed = place(asked, frame=frame, taken=taken, pen=pen)
    boxes = [shapely.box(*edges) for edges in placed.boxes]
    assert all(one.intersection(other).area < 1e-9 for one, other in combinations(boxes, 2))
    assert all(one.intersection(shapely.box(*edges)).area < 1e-9 for one in boxes for edges in taken)
    assert all(shapely.box(*frame).covers(one) for one in boxes)
    written = [item.text for item in placed.items if isinstance(item, Writing)]
    assert sorted(written + [label.lines[0] for label in placed.left_out]) == sorted(text for _, _, text, _ in spots)


def test_names_without_room_are_counted_on_the_sheet() -> None:
    picture = compose(renamed(town(), "名称很长很长很长的社区居家养老服务中心" * 3), "facilities", size="A4")
    assert picture.remarks
    said = next(text for text in picture.texts() if "未注记" in text)
    assert str(len(picture.remarks)) in said


def test_walking_areas_are_filled_and_nominal_circles_dashed() -> None:
    picture = compose(town(), "coverage")
    colours = area_colours(town().minutes)
    for minutes in town().minutes:
        for shape in shapes(picture, f"walk {minutes}"):
            assert shape.fill == colours[minutes]
            assert not shape.dash_mm
    circles = shapes(picture, "nominal circle")
    assert circles
    assert all(shape.dash_mm and not shape.fill for shape in circles)
    said = "".join(picture.texts())
    assert "名义服务半径 900 m" in said
    assert "沿路网步行可达范围" in said


def test_a_nominal_circle_has_its_radius_at_the_scale() -> None:
    picture = compose(town(), "coverage")
    scale = int(next(t for t in picture.texts() if t.startswith("比例尺")).split(":")[1].replace(" ", ""))
    for shape in shapes(picture, "nominal circle"):
        wide = float(np.ptp(shape.points[:, 0])) / 2
        assert wide * scale / 1000 == pytest.approx(900.0, rel=1e-3)


def test_the_figures_of_a_sheet_are_those_of_the_homes() -> None:
    atlas = town()
    reached = int(atlas.homes.loc[atlas.homes["state"] == "covered", "elders"].sum())
    assert f"{reached:,}" in compose(atlas, "coverage").texts()


def test_what_must_stand_on_every_sheet_stands_there() -> None:
    for theme, street in sheets(town()):
        said = compose(town(), theme, street=street).texts()
        whole = "".join(said)
        assert number_of(town(), theme, street=street) in said
        for words in (
            "内部使用",
            "© OpenStreetMap contributors",
            "审图号",
            "编制单位",
            "审定",
            "图例",
            "坐标北",
            "坐标系",
            "N",
        ):
            assert words in whole or words == "坐标系", (theme, words)


NOTHING: dict[str, tuple[str, ...]] = {
    "facilities": ("facilities",),
    "housing": ("housing",),
    "candidates": ("candidates",),
    "walking areas": ("areas",),
    "ground": ("base", "streets"),
    "figures": ("units", "homes"),
}


@pytest.mark.parametrize("lacking", [*NOTHING, "plan", "shapes of communities"])
def test_what_is_not_there_is_left_out_and_the_sheet_is_drawn(lacking: str) -> None:
    atlas = town()
    if lacking == "shapes of communities":
        frame = atlas.communities
        atlas = replace(atlas, communities=frame.set_geometry(gpd.GeoSeries(None, index=frame.index, crs=frame.crs)))
    else:
        gone = {name: getattr(atlas, name).iloc[:0] for name in NOTHING.get(lacking, ())}
        plan = None if lacking in {"plan", "candidates"} else atlas.plan
        checks = () if lacking == "housing" else atlas.checks
        atlas = replace(atlas, plan=plan, checks=checks, **gone)
    for theme, street in sheets(atlas):
        assert "审图号" in compose(atlas, theme, street=street).texts()


def test_a_ground_traced_once_is_the_ground_of_every_theme_in_its_window() -> None:
    atlas, grounds = town(), Grounds()
    for theme, street in sheets(atlas):
        alone, shared = (compose(atlas, theme, street=street, grounds=kept) for kept in (None, grounds))
        assert len(alone.items) == len(shared.items)
        for one, other in zip(alone.items, shared.items, strict=True):
            if isinstance(one, Shape):
                assert isinstance(other, Shape)
                assert one.name == other.name
                assert np.array_equal(one.points, other.points)
            else:
                assert one == other


@given(st.lists(st.tuples(metres, metres), min_size=3, max_size=40, unique=True), st.floats(0.01, 500.0))
def test_what_is_thinned_stays_within_its_measure_of_the_line(points: list[tuple[float, float]], finest: float) -> None:
    line = shapely.LineString(points)
    drawn = outlines(np.array([line], dtype=object), finest=finest)
    assert drawn is not None
    assert shapely.LineString(drawn.points).hausdorff_distance(line) <= finest * (1 + 1e-9) + 1e-9


def test_a_ring_too_small_to_be_seen_keeps_a_ring() -> None:
    drawn = outlines(np.array([shapely.box(0, 0, 1, 1)], dtype=object), finest=100.0)
    assert drawn is not None
    assert (len(drawn.points), drawn.codes[-1]) >= (4, 79)


def test_a_small_scale_is_not_cut_off_in_a_figure() -> None:
    wide = replace(town(), imprint=replace(IMPRINT, scale=1_000_000))
    picture = compose(wide, "extent", size="figure")
    (said,) = (i for i in picture.items if isinstance(i, Writing) and i.text.startswith("比例尺"))
    assert said.text.endswith("1:1 000 000")
    assert said.x + width_mm(said.text, said.size_pt, chain()) <= picture.width_mm


def test_a_mark_may_be_left_out_and_a_bare_figure_has_no_title_block() -> None:
    open_to_all = replace(town(), imprint=replace(IMPRINT, mark=""))
    assert "内部使用" not in compose(open_to_all, "extent").texts()
    figure = compose(town(), "extent", size="figure").texts()
    assert "编制单位" not in figure
    assert any("OpenStreetMap" in text for text in figure)


@pytest.mark.parametrize("ramp", ["walk", "density", "lacking"])
def test_ramps_fall_in_lightness_only_one_way_so_that_a_grey_copy_reads(ramp: str) -> None:
    colours = {"density": DENSITY, "lacking": LACKING[::-1], "walk": [*area_colours((5, 10, 15)).values()][::-1]}[ramp]
    grey = [sum(w * int(c[i : i + 2], 16) for w, i in ((0.299, 1), (0.587, 3), (0.114, 5))) for c in colours]
    assert all(light - dark >= 10 for light, dark in zip(grey, grey[1:], strict=False))


# the files


@pytest.mark.parametrize("form", ["pdf", "png", "jpg"])
def test_the_same_town_gives_the_same_bytes(form: str) -> None:
    once, again = (draw(town(), "gaps", size="A4", form=form, dpi=60) for _ in range(2))
    assert once == again


def test_a_picture_has_the_size_of_its_paper_and_says_its_resolution() -> None:
    for form in ("png", "jpg"):
        with Image.open(BytesIO(draw(town(), "extent", size="A4", form=form, dpi=100))) as image:
            assert image.size == pytest.approx((297 / 25.4 * 100, 210 / 25.4 * 100), abs=1)
            assert image.info["dpi"] == pytest.approx((100, 100), abs=0.5)
    page = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", draw(town(), "extent"))
    assert page is not None
    assert [float(n) * MM_A_POINT for n in page.groups()] == pytest.approx([420, 297], abs=0.01)


@given(st.text(max_size=300))
def test_a_name_of_a_file_is_one_on_every_disk(text: str) -> None:
    name = slug(text)
    assert 0 < len(name) <= 80
    assert not set(name) & set('<>:"/\\|?*')
    assert name.isprintable()
    assert name[-1] not in " ."
    assert slug(name) == name


def test_each_sheet_has_a_name_of_its_own_with_code_place_number_and_title() -> None:
    names = [file_name(town(), theme, street=street) for theme, street in sheets(town())]
    assert len(set(names)) == len(names) >= len(THEMES)
    assert all(name.startswith("410611样例区") for name in names)
    assert "410611样例区04现状步行覆盖图" in names


def test_a_community_without_a_boundary_stands_in_the_table_of_gaps_all_the_same() -> None:
    atlas = town()
    missed = not_reached(atlas, "community", exact=True)
    code = missed.idxmax()
    assert missed[code] > 0
    communities = atlas.communities.copy()
    communities.loc[[code], "geometry"] = None
    said = compose(replace(atlas, communities=communities), "gaps", size="A3").texts()
    assert any(communities.loc[code, "name"] in text for text in said)
    assert any("1 个社区（村）没有边界" in text for text in said)

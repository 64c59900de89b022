"""The preliminary opinions: one page a project, nothing but text from tables, nothing asked of anybody."""

import re
import subprocess
from dataclasses import replace
from datetime import date
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import chromium
import openpyxl
import pytest
from town import CRS, EAST, HOSTILE, NORTH, made_town, renamed

from gis.intake.read import read_table
from gis.tables import HOUSING
from maps.opinions import draw_opinions, write_opinions
from maps.register_sheet import housing_check_sheet
from maps.site_map import nearby, site_map
from maps.status_style import SIGNS
from maps.workbook import write_workbook
from policy.four_sync import check_housing
from policy.housing import Days, Housing, read_housing
from policy.load import load_pack
from policy.project_check import ProjectCheck
from policy.verdict import Status

SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "housing.xlsx"
AS_OF = date(2021, 12, 31)
ATLAS = made_town()
HERE = {"x": EAST + 900.0, "y": NORTH + 900.0}


@pytest.fixture(scope="module")
def checks() -> tuple[ProjectCheck, ...]:
    frame = read_table(SAMPLE, HOUSING, crs=CRS, datum="wgs84").frame
    here = [replace(record, **HERE) for record in read_housing(frame)]
    return check_housing(here, load_pack("baotou_2020"), AS_OF)


def worst() -> ProjectCheck:
    """Return a project that has as much as can be wrong at once, in long words."""
    start = date(2018, 1, 1)
    record = Housing(
        "XM99/三期",
        "XM99",
        "云溪县滨河新区东部组团安置住宅项目（含配套商业）",
        "三期",
        households=2400,
        residents=6240,
        new_estate=True,
        care_required_m2=Fraction(480),
        care_planned_m2=Fraction(400),
        care_permitted_m2=Fraction(380),
        care_built_m2=Fraction(300),
        housing=Days(*(date(2019, 1 + 2 * k, 1) for k in range(5))),
        care=Days(date(2019, 6, 1), date(2020, 1, 1), date(2021, 1, 1), date(2021, 6, 1), date(2021, 9, 1)),
        suspended_since=start,
        receiver="云溪县宏达物业服务有限公司第三分公司",
        receiver_type="developer",
        current_use="售楼处",
        floor="-1",
        own_entrance=False,
        lift=False,
        developer="云溪县城市建设投资开发有限责任公司",
        permit_number="建字第419921202100123号",
        land_terms="配建养老服务用房不少于480平方米，与首期住宅同步建成并无偿移交",
        evidence="规划许可证、竣工测绘报告、移交协议",
        **HERE,
    )
    own = {"area_standard": "own", "area_new_m2": 30, "single_room_m2": 350}
    return check_housing([record], load_pack("hebi_2020"), AS_OF, choices=own)[0]


class Reader(HTMLParser):
    """What a browser would make of the file: its elements and its text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_each_project_has_a_page_with_its_parts_in_order(checks: tuple[ProjectCheck, ...]) -> None:
    read = Reader(draw_opinions(checks, atlas=ATLAS))
    assert sum(tag == "section" for tag, _ in read.tags) == len(checks) + 1
    parts = ("一、项目情况", "二、依据", "三、面积计算", "四、四个环节", "五、问题", "六、位置", "七、结论")
    pages = read.text.split("一、项目情况")[1:]
    assert len(pages) == len(checks)
    for page, check in zip(pages, checks, strict=True):
        places = [("一、项目情况" + page).index(part) for part in parts]
        assert places == sorted(places)
        assert check.record.name in page
        assert "不是行政决定" in page
        assert all(office in page for office in ("民政部门", "自然资源部门", "住房城乡建设部门"))
        for finding in check.findings:
            assert finding.term[0] in page
            assert finding.answer.detail[0] in page
    assert "整改到位前不得办理：竣工验收" in read.text
    assert re.search(r"晚 345 天", read.text)


def test_the_second_language_stands_beside_and_both_are_whole(checks: tuple[ProjectCheck, ...]) -> None:
    zh, en = (Reader(draw_opinions(checks, atlas=ATLAS, languages=(one,))).text for one in ("zh", "en"))
    both = Reader(draw_opinions(checks, atlas=ATLAS, languages=("zh", "en"))).text
    assert "not an administrative decision" in en
    assert "初步核查意见" not in en
    for text in ("Preliminary opinion", "初步核查意见", "不得办理", "refused until corrected"):
        assert text in both
    assert "refused" not in zh


def test_text_from_tables_stays_text(checks: tuple[ProjectCheck, ...]) -> None:
    plain = [tag for tag, _ in Reader(draw_opinions(checks[:2], atlas=ATLAS)).tags]
    for name in HOSTILE:
        fields = dict.fromkeys(
            ("name", "developer", "permit_number", "land_terms", "current_use", "floor", "evidence"), name
        )
        bad = [replace(check, record=replace(check.record, **fields)) for check in checks[:2]]
        record = replace(checks[0].record, **fields, care=Days(AS_OF, AS_OF, AS_OF, AS_OF, AS_OF), receiver=name)
        bad += check_housing([record], load_pack("hebi_2020"), AS_OF)
        text = draw_opinions(bad, atlas=renamed(ATLAS, name))
        read = Reader(text)
        allowed = {*plain, "ol", "li", "p", "span", "i", "table", "tr", "td"}
        assert {tag for tag, _ in read.tags} <= allowed, name
        assert not any(key.startswith("on") or key in {"src", "href"} for _, told in read.tags for key in told)
        assert "<script" not in text.lower()


def test_the_file_asks_for_nothing(checks: tuple[ProjectCheck, ...]) -> None:
    text = draw_opinions(checks, atlas=ATLAS)
    read = Reader(text)
    policy = [told["content"] for tag, told in read.tags if told.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]
    assert not re.search(r"url\(|@import", text)
    assert set(re.findall(r"https?://[^\"' <]+", text)) == {"http://www.w3.org/2000/svg"}


def test_the_same_checks_give_the_same_bytes_and_a_failed_write_leaves_the_old(
    checks: tuple[ProjectCheck, ...], tmp_path: Path
) -> None:
    for name in ("a.html", "b.html"):
        write_opinions(checks, tmp_path / name, atlas=ATLAS)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_signs_differ_so_that_no_colour_has_to_be_told() -> None:
    assert len(set(SIGNS.values())) == len(SIGNS) == len(Status)


def test_without_a_position_or_projects_the_page_says_so(checks: tuple[ProjectCheck, ...]) -> None:
    nowhere = replace(checks[0], record=replace(checks[0].record, x=None, y=None))
    assert "未绘位置图" in draw_opinions([nowhere], atlas=ATLAS)
    assert "表中没有住宅项目" in draw_opinions([], atlas=ATLAS)


def test_the_map_is_to_scale_and_shows_what_is_near() -> None:
    drawn = site_map(ATLAS, HERE["x"], HERE["y"], half_m=900)
    near = nearby(ATLAS, HERE["x"], HERE["y"], half_m=900)
    assert near
    spots = ATLAS.facilities.geometry
    away = sorted(
        int(((p.x - HERE["x"]) ** 2 + (p.y - HERE["y"]) ** 2) ** 0.5)
        for p in spots
        if p is not None and abs(p.x - HERE["x"]) < 900 and abs(p.y - HERE["y"]) < 900
    )
    assert [one.metres for one in near] == away[: len(near)]
    # 330 units are 1,800 m: the bar of 250 m is 45.83 units long, from 12 on
    assert "H57.8333V" in drawn
    assert ">250 m<" in drawn
    assert ">N<" in drawn


def test_the_sheet_has_a_row_a_phase_and_areas_as_numbers(checks: tuple[ProjectCheck, ...], tmp_path: Path) -> None:
    for language in ("zh", "en"):
        write_workbook([housing_check_sheet(checks, language=language)], tmp_path / "x.xlsx")
        page = openpyxl.load_workbook(tmp_path / "x.xlsx").active
        rows = list(page.iter_rows(values_only=True))
        assert len(rows) == len(checks) + 1
        heads = [str(head).split("\n")[0] for head in rows[0]]
        short = heads.index("缺面积（m²）" if language == "zh" else "short (m²)")
        assert [row[short] for row in rows[1:] if row[short] is not None] == [170]


@pytest.mark.skipif(chromium.found() is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("languages", [("zh",), ("en",), ("zh", "en")])
def test_printed_it_is_one_sheet_of_paper_a_project(
    checks: tuple[ProjectCheck, ...], tmp_path: Path, languages: tuple[str, ...]
) -> None:
    write_opinions((*checks, worst()), tmp_path / "op.html", atlas=ATLAS, languages=languages)
    with chromium.tab(str(chromium.found())) as tab:
        tab.open(tmp_path / "op.html")
        assert tab.requests == [(tmp_path / "op.html").as_uri()]
        assert tab.complaints == []
    printed = tmp_path / "op.pdf"
    command = [str(chromium.found()), *chromium.FLAGS[:9], "--no-pdf-header-footer", f"--print-to-pdf={printed}"]
    subprocess.run([*command, (tmp_path / "op.html").as_uri()], check=True, capture_output=True, timeout=120)
    pages = re.findall(rb"/Type\s*/Page[^s]", printed.read_bytes())
    assert len(pages) == 1 + len(checks) + 1


def test_the_table_of_all_names_the_document_where_there_are_several(checks: tuple[ProjectCheck, ...]) -> None:
    other = tuple(replace(check, document="另一份文件") for check in checks)

    def numbers(text: str) -> list[str]:
        return re.findall(r'<span class="of">([^<]*)</span>', text)

    assert numbers(draw_opinions(checks, atlas=ATLAS)) == []
    both = draw_opinions(checks + other, atlas=ATLAS)
    assert numbers(both) == ["[1]"] * len(checks) + ["[2]"] * len(other)
    assert f"[1] {checks[0].document}" in both
    assert "[2] 另一份文件" in both

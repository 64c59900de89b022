"""The report: the figures of the annex in the order of a plan, names as text, the same bytes, faults by line."""

import re
import shutil
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from judged_town import judged_as, judged_town
from PIL import Image
from town import HOSTILE, made_town

from gis.errors import Finding, InputError, OutputError, one_line
from maps.annex import write_annex
from maps.report.blocks import Grid, Heading, Paragraph, Picture, Report, Turn
from maps.report.compose import MAPS, WORDS, compose, house_template, read_template, template_text
from maps.report.fields import CONDITIONS, FIELDS, STREET_FIELDS, fields
from maps.report.fonts import MISSING, drawable, sans_path, truetype
from maps.report.lines import broken
from maps.report.numbers import chinese, labelled
from maps.report.pdf_file import write_pdf
from maps.report.template import Line, Node, Order, fill, parse, walk
from maps.report.widths import shares
from maps.report.word_file import write_word

ATLAS = judged_town()
REPORT = compose(ATLAS)
BARE = replace(
    made_town(),
    plan=None,
    verdicts=(),
    findings=(),
    ledgers=(),
    notes={},
    facilities=ATLAS.facilities.iloc[:0],
    housing=ATLAS.housing.iloc[:0],
    speeds=ATLAS.speeds.iloc[:0],
    units=ATLAS.units.filter(regex=r"(?<!_after)$"),
)
CHAPTERS = ["总则", "目标与指标", "现状与评价", "设施布局", "分街道指引", "近期建设与投资", "合规核查", "附表"]
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def texts(report: Report) -> list[str]:
    """Return every text of a report."""
    found = [report.title, *report.cover]
    for block in report.blocks:
        match block:
            case Heading() | Paragraph():
                found.append(block.text)
            case Grid():
                found += [block.caption, *block.heads, *block.total, *(cell for row in block.rows for cell in row)]
            case Picture():
                found.append(block.caption)
    return found


def said_in(part: Any) -> str:
    """Return the text of a part of a document."""
    return "".join(text.text or "" for text in part.iter(f"{W}t"))


def grid_of(report: Report, caption: str) -> Grid:
    return next(block for block in report.blocks if isinstance(block, Grid) and block.caption == caption)


@pytest.fixture(scope="module")
def word(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("report") / "report.docx"
    write_word(REPORT, path)
    return Document(str(path))


def table_below(document: Any, caption: str) -> list[list[str]]:
    """Return the cells of the table whose caption ends so."""
    body = list(document.element.body)
    at = next(
        place
        for place, part in enumerate(body)
        if part.tag == f"{W}p" and said_in(part).endswith(f"　{caption}") and body[place + 1].tag == f"{W}tbl"
    )
    return [[said_in(cell) for cell in row.iter(f"{W}tc")] for row in body[at + 1].iter(f"{W}tr")]


def test_the_chapters_stand_in_the_order_of_a_plan() -> None:
    found = [block.text for block in REPORT.blocks if isinstance(block, Heading) and block.level == 1]
    assert found == CHAPTERS


@pytest.mark.parametrize(
    ("caption", "sheet"),
    [
        ("各街道（乡镇）覆盖情况", "分街道覆盖"),
        ("养老服务设施一览表", "设施一览表"),
        ("各社区（村）覆盖情况", "分社区覆盖"),
        ("分年度建设与投资", "分年度实施计划"),
        ("新建住宅项目四同步核查", "四同步核查"),
    ],
)
def test_the_tables_say_what_the_annex_says(tmp_path: Path, word: Any, caption: str, sheet: str) -> None:
    write_annex(ATLAS, tmp_path / "annex.xlsx")
    page = openpyxl.load_workbook(tmp_path / "annex.xlsx")[sheet]
    heads = [cell.value.split("\n")[0] for cell in page[1]]
    shown, *rows = table_below(word, caption)
    body = [row for row in page.iter_rows(min_row=2) if row[0].value != "合计"]
    total = [row for row in page.iter_rows(min_row=2) if row[0].value == "合计"]
    assert len(rows) == len(body) + len(total)
    for row, cells in zip(rows, body, strict=False):
        for head, text in zip(shown, row, strict=True):
            cell = cells[heads.index(head)]
            if isinstance(cell.value, int | float):
                number = float(text.rstrip("%").replace(",", "")) / (100 if text.endswith("%") else 1)
                assert number == pytest.approx(cell.value, abs=5e-5)
            else:
                assert text == (cell.value or "")
    for foot in total:
        for head, text in zip(shown[1:], rows[-1][1:], strict=True):
            place = heads.index(head)
            if str(foot[place].value or "").startswith("=SUM"):
                whole = sum(cells[place].value or 0 for cells in body)
                assert float(text.replace(",", "")) == pytest.approx(whole, abs=5e-5)
            else:
                assert text == ""


def test_the_sentences_hold_the_figures_of_the_plan_and_of_the_whole_area() -> None:
    city = ATLAS.units[ATLAS.units["level"] == "city"].iloc[0]
    said = fields(ATLAS)
    assert said["elders"] == f"{city['elders']:,}"
    assert said["covered"] == f"{city['elders_covered_15']:,}"
    assert said["covered_after"] == f"{city['elders_covered_15_after']:,}"
    assert said["plan_cost_wan"] == f"{ATLAS.plan.cost_yuan / 10_000:,.4f}".rstrip("0")
    rest = city["elders"] - city["elders_covered_15"] - city["elders_unknown"]
    assert said["not_covered"] == f"{rest:,}"
    assert any(said["covered"] in text and said["covered_percent"] in text for text in texts(REPORT))


def test_there_is_a_chapter_section_for_each_street_with_its_own_figures() -> None:
    streets = ATLAS.units[ATLAS.units["level"] == "street"].sort_values("unit_id")
    headings = [block.text for block in REPORT.blocks if isinstance(block, Heading) and block.level == 2]
    assert [name for name in headings if name in set(streets["name"])] == streets["name"].tolist()
    for _, street in streets.iterrows():
        own = grid_of(REPORT, f"{street['name']}各社区（村）覆盖情况")
        assert own.total[own.heads.index("60岁及以上老年人")] == f"{street['elders']:,}"


def test_every_field_table_and_figure_of_the_house_is_known_and_every_field_has_a_text() -> None:
    assert set(fields(ATLAS)) == set(FIELDS)
    for language in ("zh", "en"):
        named = {node.name for node in walk(house_template(language)) if isinstance(node, Order) and node.name}
        assert named <= {*WORDS.tables, *WORDS.street_tables, *WORDS.figures}
        assert {name for name in named if name.startswith("map_")} <= set(MAPS)
    assert "—" not in [value for name, value in fields(ATLAS).items() if name in ("elders", "covered", "plan_sites")]


def test_both_languages_say_the_same_things_in_the_same_order() -> None:
    zh, en = (list(walk(house_template(language))) for language in ("zh", "en"))
    assert [(type(node), getattr(node, "mark", ""), getattr(node, "name", "")) for node in zh] == [
        (type(node), getattr(node, "mark", ""), getattr(node, "name", "")) for node in en
    ]
    english = compose(replace(ATLAS, language="en"))
    headings = [block.text for block in english.blocks if isinstance(block, Heading) and block.level == 1]
    assert headings[0] == "General"
    assert not re.search("[一-鿿]", "".join(headings))


def test_an_empty_project_reads_well_to_the_end(tmp_path: Path) -> None:
    for language in ("zh", "en"):
        report = compose(replace(BARE, language=language))
        said = texts(report)
        assert not any(re.search(r"\{[a-z_]+\}|None|nan", text) for text in said)
        assert not any(isinstance(block, Grid) and not block.rows for block in report.blocks)
        write_word(report, tmp_path / "report.docx")
        write_pdf(report, tmp_path / "report.pdf")
    assert any("本次未编制布点方案" in text for text in texts(compose(BARE)))


@pytest.mark.parametrize("name", [*HOSTILE, "{elders}", "$x^2$", "&lt;b>", "\x07\x1b响铃", "[table plan]", "x" * 3000])
def test_a_name_from_a_table_is_only_a_name(tmp_path: Path, name: str) -> None:
    report = compose(judged_as(ATLAS, name))
    shown = one_line(name)
    assert sum(shown in text for text in texts(report)) > 20
    write_word(report, tmp_path / "report.docx")
    document = Document(str(tmp_path / "report.docx"))
    said = [said_in(part) for part in document.element.body.iter(f"{W}p")]
    assert sum(shown in text for text in said) > 20
    codes = {code.text.split()[0] for code in document.element.body.iter(f"{W}instrText")}
    assert codes == {"TOC", "SEQ"}
    if name in (HOSTILE[0], HOSTILE[-2], "x" * 3000):  # markup, signs without a shape, longer than a page is wide
        write_pdf(report, tmp_path / "report.pdf")


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=60))
def test_any_text_fits_into_a_word_file(text: str) -> None:
    report = replace(REPORT, blocks=(Heading(1, one_line(text)), Paragraph(one_line(text))))
    from maps.report.word_file import _document  # noqa: PLC0415  the file itself is slow to write fifty times

    draft = BytesIO()
    _document(report).save(draft)
    assert one_line(text) in [paragraph.text for paragraph in Document(draft).paragraphs]


def test_the_same_atlas_gives_the_same_bytes(tmp_path: Path) -> None:
    for place in ("one", "two"):
        report = compose(judged_town())
        write_word(report, tmp_path / f"{place}.docx")
        write_pdf(report, tmp_path / f"{place}.pdf")
    for ending in ("docx", "pdf"):
        assert (tmp_path / f"one.{ending}").read_bytes() == (tmp_path / f"two.{ending}").read_bytes()
    with ZipFile(tmp_path / "one.docx") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_word_file_can_be_gone_on_with(word: Any) -> None:
    used = {paragraph.style.name for paragraph in word.paragraphs}
    assert {"Heading 1", "Heading 2", "Body Text", "Caption", "Title", "toc 1", "toc 2"} <= used
    for style in ("Normal", "Heading 1", "Heading 2", "Body Text", "Caption", "Table Text"):
        fonts = word.styles[style].element.rPr.find(qn("w:rFonts"))
        assert fonts.get(qn("w:eastAsia")) in ("宋体", "黑体")
        assert fonts.get(qn("w:asciiTheme")) is None
    assert all(table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for table in word.tables)
    numbered = (
        word.styles["Heading 1"].element.pPr.numPr.numId.val,
        word.styles["Heading 2"].element.pPr.numPr.numId.val,
    )
    assert len(set(numbered)) == 2  # articles are counted through all chapters
    assert [s.orientation for s in word.sections][-1] == 1
    foot = word.sections[0].footer._element
    assert {code.text for code in foot.iter(f"{W}instrText")} == {"PAGE", "NUMPAGES"}
    links = {link.get(qn("w:anchor")) for link in word.element.body.iter(f"{W}hyperlink")}
    assert links <= {mark.get(qn("w:name")) for mark in word.element.body.iter(f"{W}bookmarkStart")}
    assert word.core_properties.author == "circle15"


def test_captions_are_numbered_by_fields_in_the_order_they_stand(word: Any) -> None:
    for kind in ("表", "图"):
        captions = [p.text for p in word.paragraphs if p.style.name == "Caption" and p.text.startswith(kind)]
        numbers = [int(re.match(rf"{kind} (\d+)　", text)[1]) for text in captions]
        assert numbers == list(range(1, len(numbers) + 1))
        assert numbers


def test_a_map_is_placed_where_it_is_given_and_left_out_where_it_is_not() -> None:
    picture = BytesIO()
    Image.new("RGB", (30, 20), "white").save(picture, "PNG")
    asked: list[str] = []
    first = ATLAS.units[ATLAS.units["level"] == "street"].sort_values("unit_id").iloc[0]

    def draw(name: str) -> bytes | None:
        asked.append(name)
        return picture.getvalue() if name in ("map_plan", f"map_street/{first['unit_id']}") else None

    report = compose(ATLAS, draw=draw)
    given_maps = [b.caption for b in report.blocks if isinstance(b, Picture) and b.png == picture.getvalue()]
    assert given_maps == ["规划布局总图", f"{first['name']}图则"]
    assert {name.partition("/")[0] for name in asked} <= set(MAPS)


@pytest.mark.parametrize(
    ("line", "code", "place"),
    [
        ("覆盖率{covered_prozent}", "TEMPLATE_FIELD", "1/4"),
        ("{name.__class__", "TEMPLATE_FIELD", "1/1"),
        ("{0}", "TEMPLATE_FIELD", "1/1"),
        ("{}", "TEMPLATE_FIELD", "1/1"),
        ("半个 } 括号", "TEMPLATE_FIELD", "1/4"),
        ("{street}", "TEMPLATE_FIELD", "1/1"),
        ("[table nothing]", "TEMPLATE_ORDER", "1/1"),
        ("[table street_communities]", "TEMPLATE_ORDER", "1/1"),
        ("[figure ../../etc/passwd]", "TEMPLATE_ORDER", "1/1"),
        ("[if sunshine]\n[end]", "TEMPLATE_ORDER", "1/1"),
        ("[if plan]\n是", "TEMPLATE_BLOCK", "1/1"),
        ("[end]", "TEMPLATE_BLOCK", "1/1"),
        ("[each street]\n[else]\n[end]", "TEMPLATE_BLOCK", "2/1"),
        ("[run rm]", "TEMPLATE_ORDER", "1/1"),
        ("[else plan]", "TEMPLATE_ORDER", "1/1"),
    ],
)
def test_what_a_template_may_not_say_is_refused_with_its_place(
    tmp_path: Path, line: str, code: str, place: str
) -> None:
    path = tmp_path / "模板.txt"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(InputError) as told:
        read_template(path)
    assert [(found.code, found.place) for found in told.value.findings] == [(code, f"模板.txt:{place}")]


def test_every_fault_of_a_template_is_told_at_once_and_the_nearest_name_with_it(tmp_path: Path) -> None:
    path = tmp_path / "模板.txt"
    path.write_text("# 一\n{coverd}\n[table streats]\n{elders}{nobody}", encoding="utf-8")
    with pytest.raises(InputError) as told:
        read_template(path)
    assert [found.place.partition(":")[2] for found in told.value.findings] == ["2/1", "3/1", "4/9"]
    assert told.value.findings[0].allowed == "{covered}"


def test_a_template_that_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "模板.txt"
    path.write_bytes("覆盖率".encode("gb18030"))
    with pytest.raises(InputError, match="TEMPLATE_TEXT"):
        read_template(path)
    with pytest.raises(InputError, match="FILE_MISSING"):
        read_template(tmp_path / "none.txt")


def test_a_bureaus_own_template_is_what_is_printed(tmp_path: Path) -> None:
    path = tmp_path / "模板.txt"
    text = "\ufeff// 说明\n# 概况\n{{{name}}}\t有{elders}人\n[if housing]\n有\n[else]\n无\n[end]\n"
    text += "[each street]\n## {street}\n[end]"
    path.write_text(text, encoding="utf-8")
    report = compose(ATLAS, read_template(path))
    said = fields(ATLAS)
    streets = ATLAS.units[ATLAS.units["level"] == "street"].sort_values("unit_id")["name"]
    expected = [Heading(1, "概况"), Paragraph(f"{{{said['name']}}} 有{said['elders']}人"), Paragraph("有")]
    assert list(report.blocks) == [*expected, *(Heading(2, name) for name in streets)]


def tried(text: str) -> tuple[tuple[Node, ...], tuple[Finding, ...]]:
    """Return what a text says as a template, or its faults."""
    try:
        return parse(text, WORDS, file="t"), ()
    except InputError as told:
        return (), told.findings


@given(st.text(max_size=200))
def test_no_text_is_a_template_that_breaks_the_reader(text: str) -> None:
    nodes, faults = tried(text)
    assert all(re.fullmatch(r"t:\d+/\d+", fault.place) for fault in faults)
    lines = [node for node in walk(nodes) if isinstance(node, Line)]
    values = dict.fromkeys((*FIELDS, *STREET_FIELDS), "{x}")
    assert all(isinstance(fill(line.text, values), str) for line in lines)


def test_the_template_a_bureau_copies_is_the_one_in_use() -> None:
    assert parse(template_text("zh"), WORDS, file="t") == house_template("zh")
    assert {"plan", "housing"} <= set(CONDITIONS)


@given(st.integers(1, 9999))
def test_numbers_in_chinese_are_told_apart_and_read_back(number: int) -> None:
    digits, units = "零一二三四五六七八九", {"十": 10, "百": 100, "千": 1000}
    total, digit = 0, 0
    for sign in chinese(number):
        if sign in units:
            total += max(digit, 1) * units[sign]
            digit = 0
        else:
            digit = digits.index(sign)
    assert total + digit == number


def test_articles_are_counted_through_the_chapters() -> None:
    labels = [label for block, label in labelled(REPORT) if isinstance(block, Heading) and block.level == 2]
    assert labels == [f"第{chinese(n)}条" for n in range(1, len(labels) + 1)]


@given(st.text(alphabet="步行（）。，、 a1-%“”", max_size=60), st.integers(4, 30))
def test_broken_lines_hold_the_whole_text_and_fit(text: str, wide: int) -> None:
    lines = broken(text, lambda _: 1.0, [wide - 2, wide])
    assert "".join(line for _, line in lines).replace(" ", "") == text.replace(" ", "")
    for place, (left, line) in enumerate(lines):
        assert left == pytest.approx((wide - 2 if place == 0 else wide) - len(line))
        assert left >= 0


def test_no_line_begins_with_a_closing_sign_where_the_words_fit() -> None:
    text = "步行速度取1.0 m/s，15分钟合900米。服务圈（按路网）计算，不是圆。" * 4
    for wide in range(12, 40):
        assert not any(line[:1] in "，。）" for _, line in broken(text, lambda _: 1.0, [wide]))


def test_columns_share_the_page_and_numbers_keep_their_room() -> None:
    grid = Grid("", ("名称", "数"), (("很长的名称" * 30, "12,345"),), (False, True))
    for width in (80, 160, 250):
        found = shares(grid, width)
        assert sum(found) == pytest.approx(1)
        assert found[1] * width >= 6 * 9 / 2 * 0.3528


def test_signs_without_a_shape_are_shown_as_such_and_the_reader_is_told(tmp_path: Path) -> None:
    assert drawable("养老 مركز", sans_path()) == f"养老 {MISSING * 4}"
    report = replace(REPORT, blocks=(Paragraph("مركز"),))
    write_pdf(report, tmp_path / "report.pdf")
    if shutil.which("pdftotext"):
        out = subprocess.run(["pdftotext", tmp_path / "report.pdf", "-"], check=True, capture_output=True, text=True)
        assert f"{MISSING} 表示字库中没有的字" in out.stdout


def test_the_redrawn_font_keeps_the_widths_of_the_font() -> None:
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    text = "养老服务，15分钟 Ag"
    redrawn, first = TTFont(truetype(sans_path(), text, name="test")), TTFont(sans_path())
    for sign in text:
        names = [font.getBestCmap()[ord(sign)] for font in (redrawn, first)]
        assert redrawn["hmtx"][names[0]][0] == first["hmtx"][names[1]][0]
    assert "glyf" in redrawn


@pytest.mark.skipif(shutil.which("pdffonts") is None, reason="no poppler on this machine")
def test_every_font_of_the_pdf_is_embedded(tmp_path: Path) -> None:
    write_pdf(REPORT, tmp_path / "report.pdf")
    told = subprocess.run(["pdffonts", tmp_path / "report.pdf"], check=True, capture_output=True, text=True).stdout
    fonts = [line.split() for line in told.splitlines()[2:]]
    assert fonts
    assert all("NotoSansSC" in font[0] and font[-5:-2] == ["yes", "yes", "yes"] for font in fonts)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no poppler on this machine")
def test_each_pdf_holds_its_own_signs_whatever_was_written_before(tmp_path: Path) -> None:
    for text in ("甲乙丙", "丁戊己庚", "甲辛"):
        write_pdf(replace(REPORT, blocks=(Paragraph(text),)), tmp_path / "report.pdf")
        out = subprocess.run(["pdftotext", tmp_path / "report.pdf", "-"], check=True, capture_output=True, text=True)
        assert text in out.stdout
        assert "对照文件：鹤政〔2020〕8号" in out.stdout


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    for write, name in ((write_word, "report.docx"), (write_pdf, "report.pdf")):
        with pytest.raises(OutputError, match="nowhere"):
            write(REPORT, tmp_path / "nowhere" / name)


@pytest.mark.skipif(not Path("/usr/lib/libreoffice/program/libswlo.so").exists(), reason="no LibreOffice Writer here")
def test_a_word_processor_opens_the_report_and_numbers_it_as_the_pdf_does(tmp_path: Path) -> None:
    write_word(REPORT, tmp_path / "report.docx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "txt:Text",
        "--outdir",
        tmp_path,
        tmp_path / "report.docx",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    said = (tmp_path / "report.txt").read_text(encoding="utf-8-sig")
    for block, label in labelled(REPORT):
        if isinstance(block, Heading) and label:
            assert f"{label} {block.text}" in said
        if isinstance(block, Grid):
            assert f"{label}　{block.caption}" in said


def test_turns_without_anything_behind_them_make_no_empty_page() -> None:
    blocks = compose(BARE).blocks
    for one, other in zip(blocks, blocks[1:], strict=False):
        assert not (isinstance(one, Turn) and isinstance(other, Turn))
    assert not isinstance(blocks[-1], Turn)


def test_a_facility_of_a_kind_nobody_states_is_counted_under_a_name() -> None:
    facilities = ATLAS.facilities.copy()
    facilities.loc[facilities.index[0], "kind"] = None
    found = compose(replace(ATLAS, facilities=facilities))
    assert "类型不明1处" in "".join(texts(found))
    assert [row[1:3] for row in grid_of(found, "养老服务设施数量").rows if row[0] == "类型不明"]


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext on this machine")
def test_a_heading_stands_on_the_page_of_its_picture_and_a_chapter_runs_on(tmp_path: Path) -> None:
    png = BytesIO()
    Image.new("RGB", (160, 90)).save(png, "PNG")
    filling = tuple(Paragraph("一段文字。" * 20) for _ in range(8))
    blocks = (Heading(1, "甲章"), *filling, Heading(2, "图在下页"), Picture("图", png.getvalue()), Heading(1, "乙章"))
    write_pdf(replace(REPORT, blocks=blocks), tmp_path / "report.pdf")
    read = subprocess.run(["pdftotext", "-raw", tmp_path / "report.pdf", "-"], check=True, capture_output=True)
    pages = read.stdout.decode().split("\f")[2:-1]  # the cover and the contents come before them
    assert ["图在下页" in text for text in pages] == [False, True]
    assert "乙章" in pages[1]

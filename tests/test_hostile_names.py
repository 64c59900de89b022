"""Two hundred names that try to be something else, through the whole product: in every result they are only names.

A name is shown as it is; a sign that cannot be printed is shown by its code (`gis.errors.one_line`).
"""

import csv
import json
import re
import shutil
import subprocess
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import chromium
import openpyxl
import pyogrio
import pytest
from docx import Document
from docx.oxml.ns import qn
from hostile import EVERY, PACK, STREETS, TITLE, hostile_town
from hypothesis import given
from hypothesis import strategies as st
from postgres import OFFICE, PASSWORDS, cluster, programs
from town import made_town

import circle15 as c15
from circle15.sheets import file_name, slug
from gis.address import Address
from gis.errors import one_line
from maps.annex import write_annex
from maps.atlas import Tiles
from maps.geopackage import write_geopackage
from maps.page import write_page
from maps.postgis import write_postgis
from maps.sheet.lettering import chain, drawable
from policy.verdict import Verdict

NAMES = tuple(name.strip().strip("\u200b\ufeff") for name in EVERY)
"""Without the blanks around them, seen and unseen: the door takes those off."""
SHOWN = tuple(one_line(name) for name in NAMES)
SAID_MOST = 12
"""So many hits a search shows."""
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, c15.Study]]:
    """Return the town with every result, made in a folder where a command that ran would leave its file."""
    home = tmp_path_factory.mktemp("hostile")
    town = hostile_town(home / "town")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        done = c15.run(town)
        done = replace(done, council=c15.council(done, with_front=False))
        c15.write_siting(done)
        yield town, done


@pytest.fixture(scope="module")
def results(product: tuple[Path, c15.Study]) -> Path:
    return product[0] / "成果"


@pytest.fixture(scope="module")
def tab() -> Iterator[chromium.Tab]:
    browser = chromium.found()
    if browser is None:
        pytest.skip("no Chromium on this machine")
    with chromium.tab(browser) as one:
        yield one


def plain(text: str) -> str:
    """Return a text without its spaces and breaks: where a line ends is not what is asked."""
    return "".join(text.split())


def test_there_are_two_hundred_of_many_kinds() -> None:
    assert len(NAMES) == len(set(NAMES)) == 200
    assert all(NAMES)


def test_nothing_ran_and_nothing_was_written_elsewhere(product: tuple[Path, c15.Study]) -> None:
    town, done = product
    home = town.parent
    assert [path.name for path in home.iterdir()] == ["town"]
    assert not [path for path in home.rglob("*") if path.stem == "hacked"]
    assert {path.name for path in town.iterdir()} >= {"成果", "project.toml"}
    for path in (town / "成果").rglob("*"):
        assert path.resolve().is_relative_to(town / "成果")
        assert not RESERVED.fullmatch(path.name)
        assert path.name == slug(path.stem) + path.suffix
    assert done.city.facilities["name"].tolist() == list(
        NAMES
    )  # the door takes them as they are, without spaces around
    assert done.project.name == TITLE


def test_half_a_sign_that_only_geojson_can_write_is_shown_as_lost(tmp_path: Path) -> None:
    """In a code, a name, a list and a number, which would else end in an error of the program or of every result."""
    said = {
        "设施编号": "F\ud800",
        "设施名称": "甲\ud800乙\0丙",
        "类型": "日间照料",
        "服务项目": "助餐\udfff、b",
        "床位": "\ud800",
        "\ud800": "\ud800",
    }
    point = {"type": "Point", "coordinates": [114.2, 35.7]}
    feature = {"type": "Feature", "properties": said, "geometry": point}
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    read = c15.read_table(tmp_path / "a.geojson", c15.FACILITIES, crs="EPSG:4547")
    assert read.frame.index.tolist() == ["F\ufffd"]
    assert read.frame["name"].tolist() == ["甲\ufffd乙\ufffd丙"]
    assert read.frame["services"].tolist() == [("助餐\ufffd", "b")]
    assert read.frame["beds"].isna().all()
    for finding in read.findings:
        f"{finding.place}{finding.found}".encode()


# --- pages ------------------------------------------------------------------------------------------------------------


def untouched(tab: chromium.Tab) -> bool:
    """Whether no script of a name ran: in the page, in a frame of it, by a timer or an event soon after."""
    tab.call("Input.dispatchMouseEvent", type="mouseMoved", x=300, y=300)
    return bool(tab.value("window.hacked === undefined && window.top.hacked === undefined && document.domain === ''"))


@pytest.mark.parametrize("page", ["index.html", "选址成果/siting.html"])
def test_the_page_shows_each_name_as_text_in_search_card_tooltip_and_title(
    tab: chromium.Tab, results: Path, page: str
) -> None:
    tab.requests.clear()
    tab.complaints.clear()
    tab.open(results / page)
    assert tab.value("document.title") == TITLE
    assert tab.value("document.querySelector('.bar h1').textContent") == TITLE
    assert tab.value("document.querySelectorAll('script').length") == tab.value("document.scripts.length")
    asked = tab.value(
        f"""(() => {{ const box = document.querySelector('.search'), out = [];
        for (const name of {json.dumps(SHOWN)}) {{
          box.value = name; box.dispatchEvent(new Event('input'));
          const found = Array.from(document.querySelectorAll('.found button'));
          const texts = found.map((one) => one.querySelector('bdi').textContent);
          const own = found[texts.indexOf(name)];
          let card = null;
          if (own) {{ own.click(); card = Array.from(document.querySelectorAll('.card h3')).pop().textContent; }}
          out.push([texts, card]);
        }} return out; }})()"""
    )
    assert len(asked) == len(SHOWN)
    for name, (texts, card) in zip(SHOWN, asked, strict=True):
        assert all(name.strip().lower() in text.lower() for text in texts), name
        assert name in texts or len(texts) == SAID_MOST, name
        assert card == (name if name in texts else None)
    assert sum(card is not None for _, card in asked) > 190
    hints = tab.value(
        """(() => { const out = [];
        map_page.eachLayer((layer) => { if (layer.getTooltip && layer.getTooltip()) {
          const text = layer.getTooltip()._content; const node = typeof text === 'function' ? text(layer) : text;
          out.push([node.textContent, node.querySelectorAll('*').length]); } }); return out; })()"""
    )
    assert {text for text, _ in hints} >= {*SHOWN}
    assert {inside for _, inside in hints} == {1}  # the bdi alone
    assert untouched(tab)
    assert tab.complaints == []
    assert tab.requests == [(results / page).as_uri()]


def test_every_panel_row_and_legend_of_the_page_is_text(tab: chromium.Tab, results: Path) -> None:
    """Whatever is open or shut: no element that a name brought, no attribute that would run."""
    tab.open(results / "index.html")
    for choice in ("areas", "trust", "none", "share"):
        tab.value(f"document.querySelector('.pick [data-value={choice}]').click()")
    tab.value("for (const one of document.querySelectorAll('details')) one.open = true")
    odd = tab.value(
        """Array.from(document.querySelectorAll('*')).filter((one) => Array.from(one.attributes).some((a) =>
           a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value)) ||
           ['IFRAME', 'OBJECT', 'EMBED', 'MATH', 'BASE', 'META'].includes(one.tagName) && !one.closest('head'))
           .map((one) => one.outerHTML.slice(0, 200))"""
    )
    assert odd == []
    assert untouched(tab)


def test_the_opinions_show_each_project_and_run_nothing(tab: chromium.Tab, results: Path) -> None:
    tab.complaints.clear()
    tab.open(results / "核查意见.html", ready=chromium.LOADED)
    said = plain(tab.value("document.body.textContent"))
    assert [name for name in SHOWN if plain(name) not in said] == []
    assert untouched(tab)
    assert tab.complaints == []


def test_the_cards_of_a_notebook_show_names_as_text(
    tab: chromium.Tab, product: tuple[Path, c15.Study], tmp_path: Path
) -> None:
    _, done = product
    city = done.city
    read = c15.read_table(city.project.path("facilities.gpkg"), c15.FACILITIES, crs=city.crs)
    assert done.plan is not None
    cards = [city._repr_html_(), done._repr_html_(), read._repr_html_(), done.plan._repr_html_()]
    (tmp_path / "cards.html").write_text(f'<meta charset="utf-8">{"".join(cards)}', encoding="utf-8")
    tab.complaints.clear()
    tab.open(tmp_path / "cards.html", ready=chromium.LOADED)
    assert tab.value("document.querySelectorAll('h4').length") == len(cards)
    assert tab.value("document.querySelectorAll('script, img, svg, iframe, style, a, object, embed').length") == 0
    said = plain(tab.value("document.body.textContent"))
    assert plain(TITLE) in said
    assert plain(NAMES[0]) in said
    assert untouched(tab)
    assert tab.complaints == []


# --- workbooks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["annex.xlsx", "选址成果/siting.xlsx", "选址成果/plan.xlsx"])
def test_a_cell_holds_a_name_as_text(results: Path, file: str) -> None:
    book = openpyxl.load_workbook(results / file)
    cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
    for cell in cells:
        if cell.data_type == "f":
            assert re.fullmatch(r"=SUM\([A-Z]+2:[A-Z]+\d+\)", cell.value), cell.coordinate
        if isinstance(cell.value, str) and cell.data_type != "f" and cell.value[0] in "=+-@":
            assert cell.quotePrefix, cell.value
    assert not [cell for cell in cells if cell.data_type == "e" or cell.hyperlink is not None]
    assert all(len(page.title) <= 31 and not set(page.title) & set("[]:*?/\\") for page in book)
    with zipfile.ZipFile(results / file) as parts:
        assert not [name for name in parts.namelist() if "external" in name.lower() or name.endswith((".bin", ".vml"))]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice on this machine")
def test_an_office_program_opens_the_workbook_and_the_report_and_reads_the_names(results: Path, tmp_path: Path) -> None:
    """All sheets of the workbook as text, cell for cell, and the report with every name that was put into it."""
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    for form, file in ((every_sheet, "annex.xlsx"), ("txt:Text (encoded):UTF8", "report.docx")):
        command = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", tmp_path, results / file]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
    cells: set[str] = set()
    csv.field_size_limit(1 << 20)
    for sheet in tmp_path.glob("*.csv"):
        with sheet.open(encoding="utf-8", newline="") as lines:
            cells |= {cell for row in csv.reader(lines) for cell in row}
    assert [name for name in (*SHOWN, *STREETS) if name not in cells] == []
    said = plain((tmp_path / "report.txt").read_text(encoding="utf-8-sig"))
    written = word_texts(results / "report.docx")
    assert [text for text in written if plain(text) not in said] == []


# --- report -----------------------------------------------------------------------------------------------------------


def word_texts(path: Path) -> set[str]:
    """Return those of our names that stand alone in a paragraph of a Word file."""
    paragraphs = {
        "".join(run.text or "" for run in part.iter(qn("w:t")))
        for part in Document(str(path)).element.body.iter(qn("w:p"))
    }
    return {name for name in SHOWN if name in paragraphs}


def has_a_shape(text: str) -> bool:
    """Whether the fonts of the house have every sign of a text, each stands by itself and they run to the right."""
    simple = all(
        unicodedata.bidirectional(sign) not in ("R", "AL", "AN") and not unicodedata.combining(sign) for sign in text
    )
    return simple and "\ufffd" not in text and drawable(text, chain()) == text


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext on this machine")
def test_the_report_is_the_same_in_word_and_on_paper(results: Path) -> None:
    written = word_texts(results / "report.docx")
    assert len(written) > 100
    read = subprocess.run(["pdftotext", "-raw", results / "report.pdf", "-"], check=True, capture_output=True)
    said = plain(read.stdout.decode("utf-8"))
    assert plain(TITLE) in said
    assert [name for name in written if has_a_shape(name) and plain(name) not in said] == []
    with zipfile.ZipFile(results / "report.docx") as parts:
        relations = parts.read("word/_rels/document.xml.rels").decode("utf-8")
    assert 'TargetMode="External"' not in relations
    codes = {c.text.split()[0] for c in Document(str(results / "report.docx")).element.body.iter(qn("w:instrText"))}
    assert codes <= {"TOC", "SEQ"}


# --- drawings ---------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext on this machine")
def test_a_drawing_bears_the_names_and_its_text_can_be_read_back(
    product: tuple[Path, c15.Study], tmp_path: Path
) -> None:
    """Of the names whose every sign has a shape; a drawing with another is refused and says which sign it is."""
    _, done = product
    atlas = done.atlas()
    shaped = atlas.facilities["name"].map(lambda name: has_a_shape(one_line(name)) and len(name) < 40)
    assert shaped.sum() > 150
    few = replace(
        atlas,
        facilities=atlas.facilities[shaped & (atlas.facilities["status"] == "in_use")],
        communities=atlas.communities.assign(name="甲"),
    )
    (tmp_path / "a.pdf").write_bytes(c15.draw(few, "facilities", size="A0", form="pdf"))
    read = subprocess.run(["pdftotext", "-raw", tmp_path / "a.pdf", "-"], check=True, capture_output=True)
    said = plain(read.stdout.decode("utf-8"))
    missing = [name for name in few.facilities["name"] if plain(one_line(name)) not in said]
    assert missing == []
    with pytest.raises(c15.InputError, match="GLYPH_MISSING"):
        c15.draw(replace(atlas, name="甲\U0001f600"), "facilities", size="A3", form="pdf")


def test_a_drawing_of_any_place_has_a_name_that_every_disk_takes() -> None:
    atlas = made_town()
    for name in (*EVERY, "\U0001f600" * 90, "\ud800甲"):
        proper(file_name(replace(atlas, imprint=replace(atlas.imprint, place_name=name)), "facilities"))


@given(st.text(st.characters(codec=None), max_size=120))
def test_any_text_is_made_a_name_that_every_disk_takes(text: str) -> None:
    proper(slug(text))


def proper(file: str) -> None:
    """Hold the name of a file without ending to be one under Linux, Windows and macOS."""
    assert Path(file).name == file
    assert not set(file) & set('<>:"/\\|?*')
    assert file.isprintable()
    assert not RESERVED.fullmatch(file), file
    assert file.strip(" .") == file
    assert len(f"{file}.pdf".encode()) <= 255


# --- stores -----------------------------------------------------------------------------------------------------------


def test_a_geopackage_keeps_the_names_as_they_are(results: Path) -> None:
    for layer, key in (("facilities", "facility_id"), ("communities", "community_id"), ("candidates", "candidate_id")):
        table = pyogrio.read_dataframe(results / "plan.gpkg", layer=layer).sort_values(key)
        assert table["name"].tolist() == list(NAMES), layer
    assert f"verdict_{PACK}" in pyogrio.read_info(results / "plan.gpkg", layer="communities")["fields"]
    housing = pyogrio.read_dataframe(results / "plan.gpkg", layer="housing")
    assert set(housing["name"]) == set(NAMES)


def test_a_database_keeps_the_names_as_they_are(product: tuple[Path, c15.Study]) -> None:
    """What PostgreSQL cannot hold stands as the sign of a lost one; a column is named by letters alone."""
    folder = programs()
    if folder is None:
        pytest.skip("no PostgreSQL with PostGIS on this machine")
    atlas = product[1].atlas()
    odd = atlas.facilities.assign(**{'x"; DROP SCHEMA results; --': "甲", "名" * 40: "乙"})
    odd["name"] = odd["name"].astype(object)
    odd.loc["F000", "name"] = "甲\0乙"
    with cluster(folder) as base:
        where = Address("127.0.0.1", "plan", "results", None, base.port, OFFICE, PASSWORDS[OFFICE])
        write_postgis(replace(atlas, facilities=odd), where, run="a" * 64)
        rows = base.do("SELECT name FROM results.facilities ORDER BY facility_id")
        assert [name for (name,) in rows] == ["甲\ufffd乙", *NAMES[1:]]
        told = base.do("SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'results'")
        assert all(re.fullmatch(r"\w{1,63}", str(name)) for (name,) in told)
        assert "verdict_" + re.sub(r"\W", "_", PACK) in {name for (name,) in told}
        assert base.do("SELECT count(*) FROM results.verdicts") == [(len(atlas_verdicts(product[1])),)]


def atlas_verdicts(done: c15.Study) -> list[Verdict]:
    """Return the verdicts that the store of layers holds."""
    return [verdict for verdict in done.verdicts if verdict.form != "checklist"]


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_a_key_of_tiles_stands_in_the_page_that_needs_it_and_nowhere_else(tmp_path: Path) -> None:
    """Not in the annex, the layers, the cards or what an object says of itself."""
    key = "Schluessel-4711"
    atlas = replace(made_town(), tiles=Tiles(f"http://10.1.2.3/t/{{z}}/{{x}}/{{y}}?tk={key}", "wgs84"))
    for write, name in ((write_page, "index.html"), (write_annex, "annex.xlsx"), (write_geopackage, "plan.gpkg")):
        write(atlas, tmp_path / name)
    with zipfile.ZipFile(tmp_path / "annex.xlsx") as parts:
        assert not any(key.encode() in parts.read(name) for name in parts.namelist())
    assert key.encode() not in (tmp_path / "plan.gpkg").read_bytes()
    assert key in (tmp_path / "index.html").read_text(encoding="utf-8")

"""The report as a Word document: real styles, numbering and fields, so that a bureau can go on writing in it."""

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Emu, Mm, Pt
from PIL import Image

from gis.words import say
from maps.outfile import beside
from maps.report.blocks import Grid, Heading, Paragraph, Picture, Report, Turn
from maps.report.numbers import labelled
from maps.report.word_styles import dress, number_headings
from maps.report.word_table import text_run, word_table
from maps.workbook import settled

_DAY = datetime(2000, 1, 1)  # noqa: DTZ001  a document knows no time zone
_STYLES = {"body": "Body Text", "bullet": "List Bullet", "note": "Note"}
PAGE_MM, MARGIN_MM = (210, 297), 25
_LONGEST_TITLE = 255
_TALLEST = 0.8
"""A picture takes no more than this of the height between the margins: its caption stays on its page."""


def write_word(report: Report, path: Path) -> None:
    """Write a report to `path` (.docx): the same report gives the same bytes.

    Raises OutputError where it cannot be written; what was there is then untouched.
    """
    draft = BytesIO()
    _document(report).save(draft)
    with beside(path) as place:
        place.write_bytes(settled(draft))


def _document(report: Report) -> Any:
    document = Document()
    told = document.core_properties
    told.title = f"{report.title} {report.subtitle}"[:_LONGEST_TITLE]
    told.author = told.last_modified_by = "circle15"
    told.comments, told.created, told.modified, told.revision = "", _DAY, _DAY, 1
    told.language = "zh-CN" if report.language == "zh" else "en-GB"
    dress(document, report.language)
    number_headings(document, report.language)
    _paper(document.sections[0], across=False)
    _running(document.sections[0], report)
    _cover(document, report)
    _contents(document, report)
    bookmark = 0
    for block, label in labelled(report):
        match block:
            case Heading():
                paragraph = document.add_heading(level=block.level)
                if not block.numbered or block.level > 2:  # noqa: PLR2004  only chapters and articles are numbered
                    _unnumbered(paragraph)
                bookmark += 1
                if bookmark == 1:
                    paragraph.paragraph_format.page_break_before = True
                _marked(paragraph, block.text, bookmark)
            case Paragraph():
                document.add_paragraph(block.text, style=_STYLES[block.kind])
            case Grid():
                _caption(document, label, block.caption, before=True)
                body = document.element.body
                body.insert(len(body) - 1, word_table(block, _width(document)))
                document.add_paragraph(style="Gap")
            case Picture():
                _picture(document, block)
                _caption(document, label, block.caption, before=False)
            case Turn():
                _paper(document.add_section(WD_SECTION.NEW_PAGE), across=block.across)
    settings = document.settings.element
    refresh = OxmlElement("w:updateFields")
    refresh.set(qn("w:val"), "true")
    settings.insert(0, refresh)
    return document


def _paper(section: Any, *, across: bool) -> None:
    short, long = PAGE_MM
    section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(long), Mm(short)) if across else (Mm(short), Mm(long))
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN_MM)


def _width(document: Any) -> int:
    section = document.sections[-1]
    return int(section.page_width - section.left_margin - section.right_margin)


def _running(section: Any, report: Report) -> None:
    """Put the title at the head of every page but the cover, and its number at the foot."""
    section.different_first_page_header_footer = True
    section.header.paragraphs[0].text = report.running
    foot = section.footer.paragraphs[0]
    before, _, rest = say("report.page", report.language, page="\0", pages="\1").partition("\0")
    between, _, after = rest.partition("\1")
    for text, code in ((before, "PAGE"), (between, "NUMPAGES"), (after, "")):
        foot.add_run(text)
        if code:
            _field(foot, code, "1")


def _cover(document: Any, report: Report) -> None:
    document.add_paragraph(report.title, style="Title")
    document.add_paragraph(report.subtitle, style="Subtitle")
    for line in report.cover:
        document.add_paragraph(line, style="Cover")
    document.paragraphs[-1].paragraph_format.space_after = Pt(0)


def _contents(document: Any, report: Report) -> None:
    """Add the table of contents as a field; what stands in it is what the field gives, but for the pages."""
    head = document.add_paragraph(say("report.contents", report.language), style="Contents Heading")
    head.paragraph_format.page_break_before = True
    hint = document.add_paragraph(style="Note")
    _begin(hint, ' TOC \\o "1-2" \\h \\z \\u ', dirty=True)
    hint.add_run(say("report.contents_hint", report.language))
    lines = list(_lines(report))
    for place, (level, text, mark) in enumerate(lines):
        paragraph = document.add_paragraph(style=f"toc {level}")
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), mark)
        link.append(text_run(text))
        paragraph._p.append(link)  # noqa: SLF001  python-docx has no word for links within a document
        if place == len(lines) - 1:
            paragraph._p.append(_mark_run("end"))  # noqa: SLF001  the same for fields


def _lines(report: Report) -> Iterator[tuple[int, str, str]]:
    """Yield the lines of the contents: level, text and bookmark."""
    number = 0
    for block, label in labelled(report):
        if isinstance(block, Heading):
            number += 1
            if block.level <= 2:  # noqa: PLR2004  chapters and articles
                yield block.level, f"{label}　{block.text}" if label else block.text, _name(number)


def _name(number: int) -> str:
    return f"_Toc{number:08d}"


def _marked(paragraph: Any, text: str, number: int) -> None:
    """Put a text into a heading, with the bookmark that the contents lead to around it."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(number))
    start.set(qn("w:name"), _name(number))
    for part in (start, text_run(text), end):
        paragraph._p.append(part)  # noqa: SLF001


def _unnumbered(paragraph: Any) -> None:
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()  # noqa: SLF001
    properties.get_or_add_numId().val = 0


def _caption(document: Any, label: str, text: str, *, before: bool) -> None:
    """Add a caption whose number is a field, so that it stays right when tables are put in between."""
    word, _, number = label.rpartition(" ")
    paragraph = document.add_paragraph(f"{word} ", style="Caption")
    _field(paragraph, f" SEQ {word} \\* ARABIC ", number)
    paragraph.add_run(f"　{text}")
    paragraph.paragraph_format.keep_with_next = before


def _picture(document: Any, block: Picture) -> None:
    section = document.sections[-1]
    with Image.open(BytesIO(block.png)) as image:
        wide, high = image.size
    tall = int((section.page_height - section.top_margin - section.bottom_margin) * _TALLEST)
    width = min(_width(document), tall * wide // high)
    paragraph = document.add_paragraph(style="Picture")
    shape = paragraph.add_run().add_picture(BytesIO(block.png), width=Emu(width))
    shape._inline.docPr.set("descr", block.caption)  # noqa: SLF001  what a screen reader says


def _field(paragraph: Any, code: str, result: str) -> None:
    _begin(paragraph, code)
    paragraph.add_run(result)
    paragraph._p.append(_mark_run("end"))  # noqa: SLF001


def _begin(paragraph: Any, code: str, *, dirty: bool = False) -> None:
    begin = _mark_run("begin")
    if dirty:
        begin[0].set(qn("w:dirty"), "true")
    asked = OxmlElement("w:r")
    text = OxmlElement("w:instrText")
    text.set(qn("xml:space"), "preserve")
    text.text = code
    asked.append(text)
    for run in (begin, asked, _mark_run("separate")):
        paragraph._p.append(run)  # noqa: SLF001


def _mark_run(kind: str) -> Any:
    run, mark = OxmlElement("w:r"), OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    run.append(mark)
    return run

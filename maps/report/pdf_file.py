"""The report as a PDF of the same content: Chinese font embedded, contents with pages, headers of tables repeated."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from PIL import Image as Pixels
from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    CondPageBreak,
    Image,
    KeepTogether,
    LongTable,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Spacer,
    TableStyle,
)  # fmt: skip
from reportlab.platypus.tableofcontents import TableOfContents

from gis.words import say
from maps.outfile import beside
from maps.report.blocks import Block, Grid, Heading, Paragraph, Picture, Report, Turn
from maps.report.fonts import drawable, sans_path, truetype
from maps.report.numbers import labelled
from maps.report.pdf_pages import MARGIN, Document, Lines, Numbered, frame
from maps.report.widths import letters, points, shares
from maps.style import INK

_TALLEST, _MOST_LINES, _LONGEST = 0.75, 34, 300
"""A picture, of the height; lines of a cell, so that a row fits on a page; letters of a caption or a heading."""
_ROOM = {1: 90 * mm, 2: 45 * mm, 3: 30 * mm}
"""A chapter runs on where this much of a page is left, else it begins a new one; so do the headings below it."""
_SIDES = {True: TA_RIGHT, False: TA_LEFT}


def write_pdf(report: Report, path: Path) -> None:
    """Write a report to `path` (.pdf): the same report gives the same bytes; no other program is needed.

    A sign that the font lacks is shown as 〓, and a line at the end says so.
    Raises OutputError where it cannot be written; what was there is then untouched.
    """
    file = BytesIO()
    with _packed():
        _Print(report).build(file)
    with beside(path) as place:
        place.write_bytes(file.getvalue())


@contextmanager
def _packed() -> Iterator[None]:
    """Let reportlab write streams as bytes: as letters (ASCII85) maps are a quarter larger and take longer."""
    before, rl_config.useA85 = rl_config.useA85, 0
    try:
        yield
    finally:
        rl_config.useA85 = before


class _Print:
    """Lays a report out; what is drawn is noted first, so that the font holds those signs alone."""

    def __init__(self, report: Report) -> None:
        self.report, self.zh = report, report.language == "zh"
        texts = "".join(_texts(report))
        self.lacks = drawable(texts, sans_path()) != texts
        self.font = f"{sans_path().stem}-{sha256(texts.encode()).hexdigest()[:12]}"
        pdfmetrics.registerFont(TTFont(self.font, truetype(sans_path(), drawable(texts, sans_path()), name=self.font)))
        self.styles = {name: self.style(name, look) for name, look in _LOOKS.items()}

    def style(self, name: str, look: tuple[float, int, float, float, float]) -> ParagraphStyle:
        """Return a style; Chinese lines may break between any two signs, and begin with none that closes."""
        size, side, before, after, leading = look
        style = ParagraphStyle(name, fontName=self.font, fontSize=size, leading=size * leading, alignment=side)
        style.spaceBefore, style.spaceAfter = before, after
        style.wordWrap = "CJK" if self.zh or not name.startswith("toc") else None
        style.alignment = side if self.zh or side == TA_CENTER else TA_LEFT
        style.firstLineIndent = 2 * size if name == "body" and self.zh else 0
        style.leftIndent = {"bullet": 18, "toc2": 18}.get(name, 0)
        style.textColor = HexColor(INK if name.startswith("head") else "#000000")
        return style

    def words(self, text: str, style: ParagraphStyle, most: int = 0) -> Lines:
        """Return text as it stands: nothing in it is markup. More than `most` letters are cut and marked so."""
        if most and letters(text) > most:
            text = text[: most // 2] + "…"
        return Lines(escape(drawable(text, sans_path())), style)

    def build(self, file: BytesIO) -> None:
        """Lay out and write; twice, since the contents need the pages."""
        upright, across = A4, landscape(A4)
        document = Document(
            file, invariant=1, title=f"{self.report.title} {self.report.subtitle}", author="circle15",
            creator="circle15", lang="zh-CN" if self.zh else "en", pagesize=A4,
        )  # fmt: skip
        document.addPageTemplates(
            [
                PageTemplate(
                    name,
                    frames=[frame(size)],
                    pagesize=size,
                    onPage=partial(self.running, size=size, first=name == "cover"),
                )
                for name, size in (("cover", upright), ("upright", upright), ("across", across))
            ]
        )
        document.multiBuild(list(self.story()), canvasmaker=partial(Numbered, font=self.font, foot=self.foot))

    def foot(self, page: int, pages: int) -> str:
        """Return what stands at the foot of a page."""
        return say("report.page", self.report.language, page=page, pages=pages)

    def running(self, canvas: Any, _: Any, *, size: tuple[float, float], first: bool) -> None:
        """Put the title at the head of a page."""
        canvas.page_size = size
        canvas.is_cover = first
        if not first:
            canvas.setFont(self.font, 9)
            canvas.drawCentredString(size[0] / 2, size[1] - 15 * mm, drawable(self.report.running, sans_path()))

    def story(self) -> Iterator[Any]:
        """Yield everything in reading order."""
        report, styles = self.report, self.styles
        yield Spacer(1, 60 * mm)
        yield self.words(report.title, styles["title"], _LONGEST)
        yield self.words(report.subtitle, styles["subtitle"])
        yield Spacer(1, 45 * mm)
        yield from (self.words(line, styles["cover"]) for line in report.cover)
        yield from (NextPageTemplate("upright"), PageBreak())
        yield self.words(say("report.contents", report.language), styles["contents"])
        contents = TableOfContents(dotsMinLevel=0, levelStyles=[styles["toc1"], styles["toc2"]])
        everywhere = ((0, 0), (-1, -1))
        looks = [("FONT", *everywhere, self.font, 10), ("VALIGN", *everywhere, "TOP")]
        looks += [(f"{side}PADDING", *everywhere, 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
        contents.tableStyle = TableStyle(looks)
        yield contents
        paper, number, kept = A4, 0, []
        blocks = [*labelled(report)]
        for place, (block, label) in enumerate(blocks):
            match block:
                case Turn():
                    paper = landscape(A4) if block.across else A4
                    kept = [NextPageTemplate("across" if block.across else "upright"), PageBreak()]
                case Heading():
                    number += 1
                    yield from kept or ([PageBreak()] if number == 1 else ())
                    kept = []
                    after = next((one for one, _ in blocks[place + 1 :] if not isinstance(one, Heading)), None)
                    yield CondPageBreak(self.room(block, after, paper))
                    yield self.heading(block, label, number)
                case _:
                    yield from kept
                    kept = []
                    yield from self.block(block, label, paper)
        yield from kept
        if self.lacks:
            yield self.words(say("report.missing_signs", report.language), styles["note"])

    def room(self, block: Heading, after: Block | None, paper: tuple[float, float]) -> float:
        """Return how much of a page a heading needs: with the picture behind it, which is not parted from it."""
        least: float = _ROOM[block.level]
        if not isinstance(after, Picture):
            return least
        return min(least + self.shown(after, paper)[1], float(paper[1] - 2 * MARGIN - 1))

    def shown(self, picture: Picture, paper: tuple[float, float]) -> tuple[float, float]:
        """Return how wide and high a picture is drawn."""
        with Pixels.open(BytesIO(picture.png)) as image:
            wide, high = image.size
        shown = min(paper[0] - 2 * MARGIN, (paper[1] - 2 * MARGIN) * _TALLEST * wide / high)
        return shown, shown * high / wide

    def heading(self, block: Heading, label: str, number: int) -> Lines:
        """Return a heading that tells the contents its page."""
        text = f"{label}　{block.text}" if label else block.text
        words = self.words(text, self.styles[f"head{block.level}"], _LONGEST)
        if block.level <= 2:  # noqa: PLR2004  chapters and articles
            words.contents = (block.level - 1, escape(drawable(text[:_LONGEST], sans_path())), f"h{number}")
        return words

    def block(self, block: Paragraph | Grid | Picture, label: str, paper: tuple[float, float]) -> Iterator[Any]:
        """Yield what is drawn of a paragraph, a table or a picture."""
        width = paper[0] - 2 * MARGIN
        match block:
            case Paragraph():
                yield self.words(f"•　{block.text}" if block.kind == "bullet" else block.text, self.styles[block.kind])
            case Picture():
                picture = Image(BytesIO(block.png), *self.shown(block, paper))
                caption = self.words(f"{label}　{block.caption}", self.styles["caption"], _LONGEST)
                yield KeepTogether([Spacer(1, 4), picture, caption])
            case Grid():
                caption = self.words(f"{label}　{block.caption}", self.styles["caption"], _LONGEST)
                yield CondPageBreak(35 * mm)
                yield caption
                yield self.table(block, width)
                yield Spacer(1, 8)

    def table(self, grid: Grid, width: float) -> LongTable:
        """Return a table whose header stands on every page it takes."""
        size = points(grid) - 0.5
        looks = {side: self.cell(size, side) for side in (TA_LEFT, TA_RIGHT, TA_CENTER)}
        head = self.cell(size, TA_CENTER, "#ffffff")
        widths = [share * width for share in shares(grid, width / mm)]
        most = [_MOST_LINES * max(int((wide - 5) / (size / 2)), 2) // 2 for wide in widths]
        colours = {(row, column): self.cell(size, TA_LEFT, colour) for row, column, colour in grid.colours}
        rows = [[self.words(text, head) for text in grid.heads]]
        for number, texts in enumerate([*grid.rows, *([grid.total] if grid.total else [])]):
            rows.append(
                [
                    self.words(text, colours.get((number, column), looks[_SIDES[numeric]]), most[column])
                    for column, (text, numeric) in enumerate(zip(texts, grid.numeric, strict=True))
                ]
            )
        lines = [
            ("BACKGROUND", (0, 0), (-1, 0), HexColor(INK)),
            ("GRID", (0, 0), (-1, -1), 0.4, HexColor("#8a949c")),
            ("FONT", (0, 0), (-1, -1), self.font, size),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LEFTPADDING", (0, 0), (-1, -1), 2.5),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2.5),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ]
        if grid.total:
            lines.append(("BACKGROUND", (0, -1), (-1, -1), HexColor("#eef1f3")))
        return LongTable(rows, widths, repeatRows=1, style=TableStyle(lines))

    def cell(self, size: float, side: int, colour: str = "#000000") -> ParagraphStyle:
        """Return the style of a cell."""
        style = ParagraphStyle("cell", fontName=self.font, fontSize=size, leading=size * 1.25, alignment=side)
        style.wordWrap, style.textColor = "CJK", HexColor(colour)
        return style


_LOOKS: dict[str, tuple[float, int, float, float, float]] = {
    # size, side, before, after, leading
    "title": (26, TA_CENTER, 0, 14, 1.3),
    "subtitle": (19, TA_CENTER, 0, 0, 1.3),
    "cover": (12, TA_CENTER, 0, 7, 1.4),
    "contents": (17, TA_CENTER, 0, 14, 1.3),
    "toc1": (11.5, TA_LEFT, 5, 0, 1.4),
    "toc2": (10.5, TA_LEFT, 0, 0, 1.4),
    "head1": (17, TA_CENTER, 26, 16, 1.3),
    "head2": (12.5, TA_LEFT, 12, 5, 1.3),
    "head3": (11.5, TA_LEFT, 8, 4, 1.3),
    "body": (11, TA_JUSTIFY, 0, 4, 1.65),
    "bullet": (11, TA_JUSTIFY, 0, 3, 1.65),
    "note": (9, TA_LEFT, 2, 5, 1.45),
    "caption": (9.5, TA_CENTER, 6, 4, 1.3),
}


def _texts(report: Report) -> Iterable[str]:
    """Yield every text that is drawn, so that the font holds its signs."""
    yield from (report.title, report.subtitle, report.running, *report.cover, "•　0123456789.…")
    yield from (
        say(f"report.{key}", report.language, page="", pages="") for key in ("page", "contents", "missing_signs")
    )
    for block, label in labelled(report):
        yield label
        match block:
            case Heading() | Paragraph():
                yield block.text
            case Grid():
                yield block.caption
                yield from chain(block.heads, block.total, *block.rows)
            case Picture():
                yield block.caption
            case Turn():
                pass

"""The pages of the PDF: lines broken as Chinese is, the page of each heading, numbers at the foot."""

from collections.abc import Callable, Sequence
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame
from reportlab.platypus import Paragraph as Words

from maps.report.lines import broken

MARGIN = 25 * mm


class Lines(Words):  # type: ignore[misc]  # reportlab has no types
    """A paragraph whose Chinese lines break as they should; reportlab knows the Japanese signs alone."""

    def breakLinesCJK(self, maxWidths: Any) -> Any:  # noqa: N802, N803  reportlab's names for them
        """Break one run of text by the rules of Chinese print."""
        if len(self.frags) != 1 or getattr(self, "_splitpara", False):
            return super().breakLinesCJK(maxWidths)
        (run,) = self.frags
        text = run.text if hasattr(run, "text") else "".join(run.words)
        widths = list(maxWidths) if isinstance(maxWidths, list | tuple) else [maxWidths]

        def width_of(sign: str) -> float:
            return float(pdfmetrics.stringWidth(sign, run.fontName, run.fontSize))

        lines = [(left, [line]) for left, line in broken(text, width_of, widths)]
        return run.clone(kind=0, lines=lines, ascent=run.fontSize, descent=-0.2 * run.fontSize)


class Document(BaseDocTemplate):  # type: ignore[misc]  # reportlab has no types
    """Tells the contents on which page each heading came to stand; laid out once for that, without pictures."""

    passes = 0

    def beforeDocument(self) -> None:  # noqa: N802  reportlab's name for it
        """Note that the document is laid out once more."""
        self.passes += 1
        self.canv.pictures = self.passes > 1

    def _allSatisfied(self) -> bool:  # noqa: N802  the same
        return self.passes > 1 and bool(super()._allSatisfied())

    def afterFlowable(self, flowable: Any) -> None:  # noqa: N802  reportlab's name for it
        """Note a heading's page."""
        if getattr(flowable, "contents", None):
            level, text, mark = flowable.contents
            self.canv.bookmarkPage(mark)
            self.notify("TOCEntry", (level, text, self.page, mark))
            self.canv.addOutlineEntry(flowable.getPlainText(), mark, level, closed=level > 0)


class Numbered(Canvas):  # type: ignore[misc]  # the same
    """Numbers the pages when it is known how many there are."""

    def __init__(self, *args: Any, font: str, foot: Callable[[int, int], str], **kwargs: Any) -> None:
        """Begin; `foot` says what stands below, of the page and of all."""
        super().__init__(*args, **{**kwargs, "initialFontName": font})
        self.font, self.foot = font, foot
        self.pages: list[dict[str, Any]] = []
        self.page_size, self.is_cover = A4, True
        self.pictures = True

    def drawImage(self, *args: Any, **kwargs: Any) -> Any:  # noqa: N802  reportlab's name for it
        """Draw a picture where the pages are those that are kept."""
        return super().drawImage(*args, **kwargs) if self.pictures else None

    def showPage(self) -> None:  # noqa: N802  reportlab's name for it
        """Keep a page until all are there."""
        self.pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write the pages, each with its number."""
        pages = self.pages
        for number, state in enumerate(pages, 1):
            self.__dict__.update(state)
            if not self.is_cover:
                self.setFont(self.font, 9)
                self.drawCentredString(self.page_size[0] / 2, 13 * mm, self.foot(number, len(pages)))
            Canvas.showPage(self)
        Canvas.save(self)


def frame(size: Sequence[float]) -> Frame:
    """Return the part of a page that is written on."""
    return Frame(MARGIN, MARGIN, size[0] - 2 * MARGIN, size[1] - 2 * MARGIN, 0, 0, 0, 0)

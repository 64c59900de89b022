"""The numbers of a report: chapters and articles, tables and figures, the same in every format."""

from collections.abc import Iterator

from gis.words import say
from maps.report.blocks import Block, Grid, Heading, Picture, Report

_DIGITS, _UNITS = "零一二三四五六七八九", ("", "十", "百", "千")
MOST = 9_999


def chinese(number: int) -> str:
    """Return a number from 1 to 9999 in Chinese, as Word counts (chineseCountingThousand).

    >>> [chinese(n) for n in (1, 10, 11, 20, 101, 110, 2024)]
    ['一', '十', '十一', '二十', '一百零一', '一百一十', '二千零二十四']
    """
    if not 0 < number <= MOST:
        raise ValueError(f"{number} is not between 1 and {MOST}")
    said, gap = "", False
    for place, digit in zip(range(len(str(number)) - 1, -1, -1), map(int, str(number)), strict=True):
        if digit:
            said += ("零" if gap else "") + _DIGITS[digit] + _UNITS[place]
            gap = False
        else:
            gap = bool(said)
    return said.removeprefix("一") if said.startswith("一十") else said


def labelled(report: Report) -> Iterator[tuple[Block, str]]:
    """Yield each block with its number in words; articles are counted through all chapters in Chinese.

    Blocks without a number have an empty one.
    """
    zh = report.language == "zh"
    chapters = articles = tables = figures = 0
    for block in report.blocks:
        label = ""
        match block:
            case Heading(level=1, numbered=True):
                chapters, articles = chapters + 1, articles if zh else 0
                label = say("report.chapter", report.language, n=chinese(chapters) if zh else chapters)
            case Heading(level=2):
                articles += 1
                number = chinese(articles) if zh else f"{chapters}.{articles}"
                label = say("report.article", report.language, n=number)
            case Grid():
                tables += 1
                label = say("report.table", report.language, n=tables)
            case Picture():
                figures += 1
                label = say("report.figure", report.language, n=figures)
        yield block, label

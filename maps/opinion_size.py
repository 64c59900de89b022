"""How large an opinion is set, so that it stays one sheet of paper: by the lines that its texts will take."""

from typing import Any
from unicodedata import east_asian_width

from markupsafe import Markup

_SIZES = ((31, ""), (44, "dense"))
"""Up to so many lines a page is set in each size, beyond them in the smallest, so that it stays one sheet of paper."""
_LINE, _CELL, _NEAR = 118, 34, 18
"""Half-width signs on a line of the page, in a cell of its facts and of its list of facilities, at the usual size."""


def sized(page: dict[str, Any]) -> dict[str, Any]:
    """Return a page with the size it is set in."""
    lines = _length(page)
    return page | {"size": next((name for most, name in _SIZES if lines <= most), "tight")}


def _length(page: dict[str, Any]) -> int:
    """Return how many lines a page takes at its usual size, what every page has apart."""
    told = [page["basis"], page["choices"], *page["areas"], *page["notes"], *page["consequences"], page["done"]]
    told += [one["words"] + one["clause"] for one in page["findings"]]
    told += [page["correct"], page["correct_by"], page["responsible"]]
    facts = (max(_lines(cell, _CELL) for pair in row for cell in pair) for row in page["facts"])
    near = (max(_lines(word, _NEAR) for word in (*one["words"], one["metres"])) for one in page["near"])
    beside = sum(_lines(text, _LINE * 7 // 10) for text in (*page["around"], page["key_words"])) + 1 + sum(near)
    headings = 3 if 'class="en"' in page["no_finding"] else 0  # two languages take room in headings, too
    return sum(_lines(text) for text in told if text) + sum(facts) + max(beside, 12) + headings


def _lines(text: str, width: int = _LINE) -> int:
    signs = sum(2 if east_asian_width(sign) in "WF" else 1 for sign in _plain(text))
    return max(1, -(-signs // width))


def _plain(text: str) -> str:
    return text.striptags() if isinstance(text, Markup) else text

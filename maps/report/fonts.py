"""The Chinese font of the pictures and the PDF, from an installed package, and what of a text it can draw."""

from io import BytesIO
from pathlib import Path

from maps.sheet import lettering
from maps.sheet.lettering import MISSING, house_font

_LINE = (1.16, 0.288)
"""How far a line of Noto SC reaches above and below its foot, in sizes: as its own header says."""


def sans_path() -> Path:
    """Return the path of the sans-serif font (Noto Sans SC, OFL)."""
    return house_font("Sans")


def serif_path() -> Path:
    """Return the path of the serif font (Noto Serif SC, OFL)."""
    return house_font("Serif")


def drawable(text: str, path: Path) -> str:
    """Return a text with every sign that the font lacks shown as `MISSING`."""
    return lettering.drawable(text, (path,))


def truetype(path: Path, text: str, *, name: str) -> BytesIO:
    """Return a TrueType font with the signs of a text alone, drawn from an OpenType font with cubic outlines.

    PDF libraries that embed TrueType cannot take cubic outlines; each is redrawn to a thousandth of an em, once in a
    process. Fonts of other signs need other names: such libraries know a font by its name alone.
    """
    return BytesIO(lettering.made_font(text + MISSING, (path,), family=name, line=_LINE))

"""The Chinese font of the pictures and the PDF, from an installed package, and what of a text it can draw."""

from io import BytesIO
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from maps.sheet import lettering
from maps.sheet.lettering import MISSING, house_font

_MAX_ERROR_EM = 0.001


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

    PDF libraries that embed TrueType cannot take cubic outlines; each is redrawn to a thousandth of an em. Fonts of
    other signs need other names: such libraries know a font by its name alone.
    """
    options = Options()
    options.glyph_names, options.layout_features, options.notdef_outline = False, [], True
    with TTFont(path) as font:
        cut = Subsetter(options)
        cut.populate(text=text + MISSING + " ")
        cut.subset(font)
        glyphs, order = font.getGlyphSet(), font.getGlyphOrder()
        em = font["head"].unitsPerEm
        drawn: dict[str, Any] = {}
        for glyph in order:
            pen = TTGlyphPen(None)
            glyphs[glyph].draw(Cu2QuPen(pen, em * _MAX_ERROR_EM, reverse_direction=True))
            drawn[glyph] = pen.glyph()
        made = FontBuilder(em, isTTF=True)
        made.font["head"].created = made.font["head"].modified = 0
        made.setupGlyphOrder(order)
        made.setupCharacterMap({sign: name for sign, name in font.getBestCmap().items() if name in drawn})
        made.setupGlyf(drawn)
        made.setupHorizontalMetrics(
            {name: (font["hmtx"][name][0], drawn[name].xMin if drawn[name].numberOfContours else 0) for name in order}
        )
        made.setupHorizontalHeader(ascent=font["hhea"].ascent, descent=font["hhea"].descent)
        made.setupNameTable({"familyName": name, "styleName": "Regular", "psName": name})
        made.setupOS2(sTypoAscender=font["OS/2"].sTypoAscender, sTypoDescender=font["OS/2"].sTypoDescender)
        made.setupPost(keepGlyphNames=False)
    file = BytesIO()
    made.font.recalcTimestamp = False
    made.save(file)
    file.seek(0)
    return file

"""The styles of the Word report: fonts named for Chinese and Latin text, and headings that number themselves."""

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, RGBColor

from gis.words import Language, say
from maps.style import INK

BODY, BLACK, LATIN = "宋体", "黑体", "Times New Roman"
"""The fonts that every office computer in China has; a bureau changes them in the styles."""
_LIST = 15
_CENTRE, _LEFT, _BOTH = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.JUSTIFY
_LOOKS: tuple[tuple[str, str, str, float, bool, Any, float, float, float], ...] = (
    # style, parent, font, points, bold, side, before, after, line spacing
    ("Normal", "", BODY, 12, False, None, 0, 0, 1.0),
    ("Title", "", BLACK, 28, True, _CENTRE, 170, 18, 1.2),
    ("Subtitle", "", BLACK, 20, False, _CENTRE, 0, 150, 1.2),
    ("Heading 1", "", BLACK, 18, False, _CENTRE, 30, 18, 1.2),
    ("Heading 2", "", BLACK, 13, False, _LEFT, 14, 6, 1.2),
    ("Heading 3", "", BLACK, 12, False, _LEFT, 8, 4, 1.2),
    ("Body Text", "", BODY, 12, False, _BOTH, 0, 4, 1.5),
    ("List Bullet", "", BODY, 12, False, _BOTH, 0, 2, 1.5),
    ("Caption", "", BLACK, 10.5, False, _CENTRE, 8, 4, 1.0),
    ("Header", "", BODY, 9, False, _CENTRE, 0, 0, 1.0),
    ("Footer", "", BODY, 9, False, _CENTRE, 0, 0, 1.0),
    ("Note", "Normal", BODY, 10, False, _BOTH, 2, 6, 1.25),
    ("Cover", "Normal", BODY, 13, False, _CENTRE, 0, 8, 1.3),
    ("Contents Heading", "Normal", BLACK, 18, False, _CENTRE, 0, 12, 1.2),
    ("toc 1", "Normal", BLACK, 12, False, _LEFT, 4, 0, 1.15),
    ("toc 2", "Normal", BODY, 11, False, _LEFT, 0, 0, 1.15),
    ("Picture", "Normal", BODY, 12, False, _CENTRE, 6, 0, 1.0),
    ("Gap", "Normal", BODY, 6, False, _LEFT, 0, 4, 1.0),
    ("Table Text", "Normal", BODY, 9, False, _LEFT, 0, 0, 1.0),
)


def dress(document: Any, language: Language) -> None:
    """Set the styles of an empty document."""
    styles = document.styles
    for name, parent, font, points, bold, side, before, after, spacing in _LOOKS:
        style = styles[name] if not parent else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        if parent:
            style.base_style = styles[parent]
        style.font.size, style.font.bold, style.font.italic = Pt(points), bold, False
        style.font.color.rgb = RGBColor(*bytes.fromhex(INK.lstrip("#") if name.startswith("Heading") else "000000"))
        _fonts(style, font)
        form = style.paragraph_format
        form.alignment, form.space_before, form.space_after = side, Pt(before), Pt(after)
        form.line_spacing = spacing
    styles["Title"].element.pPr.remove(styles["Title"].element.pPr.find(qn("w:pBdr")))
    styles["Picture"].paragraph_format.keep_with_next = True
    if language == "zh":
        indent = styles["Body Text"].element.get_or_add_pPr().get_or_add_ind()
        indent.set(qn("w:firstLineChars"), "200")
        indent.set(qn("w:firstLine"), "480")
    for level in ("1", "2"):
        form = styles[f"toc {level}"].paragraph_format
        form.left_indent = Pt(0 if level == "1" else 18)
    _tongue(document, language)


def number_headings(document: Any, language: Language) -> None:
    """Make chapters and articles number themselves: in Chinese the articles are counted through all chapters.

    Those have a list of their own: not every program keeps a second level from starting anew.
    """
    if language == "zh":
        chapter, article = (say(f"report.{key}", language, n="%1") for key in ("chapter", "article"))
        lists = [[("Heading 1", chapter)], [("Heading 2", article)]]
    else:
        lists = [[("Heading 1", "%1"), ("Heading 2", "%1.%2")]]
    count = "chineseCountingThousand" if language == "zh" else "decimal"
    numbering = document.part.numbering_part.element
    for number, levels in enumerate(lists, _LIST):
        parts = "".join(
            f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{count}"/>'
            f'<w:pStyle w:val="{style.replace(" ", "")}"/><w:suff w:val="space"/><w:lvlText w:val="{text}"/>'
            '<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="0" w:firstLine="0"/></w:pPr></w:lvl>'
            for level, (style, text) in enumerate(levels)
        )
        kind = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}"><w:multiLevelType w:val="multilevel"/>{parts}'
        numbering.insert(number - _LIST, parse_xml(f"{kind}</w:abstractNum>"))
        use = f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
        numbering.append(parse_xml(use))
        for level, (style, _) in enumerate(levels):
            told = document.styles[style].element.get_or_add_pPr().get_or_add_numPr()
            told.get_or_add_ilvl().val = level
            told.get_or_add_numId().val = number


def _fonts(style: Any, chinese: str) -> None:
    """Name the fonts outright: the theme's would be Latin ones, and Chinese text would fall where it may."""
    properties = style.element.get_or_add_rPr()
    for old in properties.findall(qn("w:rFonts")):
        properties.remove(old)
    fonts = OxmlElement("w:rFonts")
    for name, font in (("ascii", LATIN), ("hAnsi", LATIN), ("eastAsia", chinese), ("cs", LATIN)):
        fonts.set(qn(f"w:{name}"), font)
    properties.insert(0, fonts)


def _tongue(document: Any, language: Language) -> None:
    """Say in which language the text is, so that a spell checker does not underline it all."""
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in (*defaults.findall(qn("w:lang")), *defaults.findall(qn("w:rFonts"))):
        defaults.remove(old)
    fonts, tongue = OxmlElement("w:rFonts"), OxmlElement("w:lang")
    for name, font in (("ascii", LATIN), ("hAnsi", LATIN), ("eastAsia", BODY), ("cs", LATIN)):
        fonts.set(qn(f"w:{name}"), font)
    tongue.set(qn("w:val"), "en-GB" if language == "en" else "en-US")
    tongue.set(qn("w:eastAsia"), "zh-CN")
    defaults.insert(0, fonts)
    defaults.append(tongue)

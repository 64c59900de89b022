"""Lettering: the fonts a sheet is lettered with, how wide a text is, where it breaks, and the one font made of it all.

Every character comes from the first font of the chain that has it; one that none has is refused by name, never drawn
as a box. The glyphs used, of whatever format, go into one small TrueType font, so that any viewer can show the PDF and
nothing that is not used is embedded. Its bold is the regular struck twice, a little apart.
"""

import importlib.resources
from collections.abc import Iterable, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from gis.errors import Finding, InputError

EM = 1000
MISSING = "〓"
"""What a character that no font has is shown as (the typesetters' own mark), never an empty box."""
ASCENT, DESCENT = 0.88, 0.12
MM_A_POINT = 25.4 / 72
STRIKES = ((-10, -5), (10, 5))
"""How far apart the bold is struck, in thousandths of the size: less than the thinnest stroke."""
MADE_ON = 3_786_912_000
"""A fixed day as fonts count seconds (2024-01-01): the same text gives the same bytes."""
NEVER_FIRST = frozenset("，。、；：！？）》〉」』】〕％%,.;:!?)]}”’…—·℃㎡²/")
NEVER_LAST = frozenset("（《〈「『【〔([{“‘")

Chain = tuple[Path, ...]


def house_font(style: str) -> Path:
    """Return the path of a font that comes with the install, `Sans` or `Serif` (Noto SC, OFL)."""
    return Path(str(importlib.resources.files("pylopdf_fonts_zh_cn"))) / f"Noto{style}SC-Regular.otf"


@cache
def house_fonts() -> Chain:
    """Return the fonts that come with the install: Noto Sans SC, Noto Serif SC (OFL), and one with more signs.

    Raises ModuleNotFoundError or FileNotFoundError where the installation is not whole.
    """
    import matplotlib as mpl  # noqa: PLC0415 - it loads slowly

    found = (
        *map(house_font, ("Sans", "Serif")),
        Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf",
    )
    for path in found:
        if not path.is_file():
            raise FileNotFoundError(path.name)
    return found


def chain(own: Sequence[Path] = ()) -> Chain:
    """Return the bureau's own fonts and after them those of the house.

    Raises InputError (FONT_BROKEN) for a file that is no font.
    """
    for path in own:
        try:
            _face(path)
        except Exception as error:  # a broken file can fail anywhere inside the reader
            raise InputError([Finding("FONT_BROKEN", "reject", path.name, str(error)[:80])]) from error
    return (*own, *house_fonts())


def characters(path: Path) -> int:
    """Return how many characters a font has."""
    return len(_face(path).names)


class _Face:
    """One font file opened once: which characters it has, how wide they are, and their outlines."""

    def __init__(self, path: Path) -> None:
        font = TTFont(BytesIO(path.read_bytes()), fontNumber=0, lazy=True)
        self.names: dict[int, str] = font.getBestCmap()
        self.glyphs = font.getGlyphSet()
        self.advances = font["hmtx"].metrics
        self.per_em: int = font["head"].unitsPerEm
        self.cubic = "glyf" not in font


@cache
def _face(path: Path) -> _Face:
    return _Face(path)


@cache
def _holder(character: str, fonts: Chain) -> Path | None:
    """Return the first font that has a character."""
    return next((path for path in fonts if ord(character) in _face(path).names), None)


@cache
def _advance(character: str, fonts: Chain) -> float:
    """Return how wide a character is, in sizes; one that no font has is measured as a full one."""
    path = _holder(character, fonts)
    if path is None:
        return 1.0
    face = _face(path)
    return float(face.advances[face.names[ord(character)]][0] / face.per_em)


def width_mm(text: str, size_pt: float, fonts: Chain) -> float:
    """Return how wide a text is in millimetres."""
    return sum(_advance(character, fonts) for character in text) * size_pt * MM_A_POINT


def wrapped(text: str, size_pt: float, room_mm: float, fonts: Chain) -> list[str]:
    """Return a text in lines no wider than the room; Latin words stay whole unless one alone is too wide."""
    lines, line = [], ""
    for word in _words(text):
        for part in [word] if width_mm(word, size_pt, fonts) <= room_mm else list(word):
            if line and width_mm((line + part).rstrip(), size_pt, fonts) > room_mm:
                lines.append(line.rstrip())
                line = ""
            line += part if line else part.lstrip()
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _words(text: str) -> Iterable[str]:
    """Yield what must stay together: a Latin word, a full-width character with what may not stand apart from it."""
    held = ""
    for character in text:
        narrow = ord(character) < 0x2E80 and character not in NEVER_FIRST  # noqa: PLR2004 - Chinese begins there
        joins = held and (
            character in NEVER_FIRST
            or held[-1] in NEVER_LAST
            or (narrow and not held[-1].isspace() and ord(held[-1]) < 0x2E80)  # noqa: PLR2004 - as above
        )
        if held and not joins:
            yield held
            held = ""
        held += character
    if held:
        yield held


def fitted(text: str, size_pt: float, room_mm: float, fonts: Chain, *, least: float = 0.72) -> tuple[str, float]:
    """Return a text and the size at which it fits on one line: smaller down to `least`, then cut with `…`."""
    wide = width_mm(text, size_pt, fonts)
    if wide <= room_mm:
        return text, size_pt
    size = max(size_pt * room_mm / wide, size_pt * least)
    while text and width_mm(text, size, fonts) > room_mm * 1.0001:
        text = text[:-2] + "…" if text.endswith("…") else text[:-1] + "…"
        if text == "…":
            break
    return text, size


def drawable(text: str, fonts: Chain) -> str:
    """Return a text with every character that no font has shown as `MISSING`, for where it cannot be refused."""
    return "".join(c if _holder(c, fonts) else MISSING for c in text)


def refuse_missing(texts: Iterable[str], fonts: Chain) -> None:
    """Raise InputError (GLYPH_MISSING) for every character that no font has, with the text it stands in."""
    faults = {}
    for text in texts:
        for character in text:
            if _holder(character, fonts) is None and character not in faults:
                found = f"U+{ord(character):04X} {character}"
                faults[character] = Finding("GLYPH_MISSING", "reject", text[:60], found)
    if faults:
        raise InputError(faults.values())


def made_font(
    characters: Iterable[str],
    fonts: Chain,
    *,
    bold: bool = False,
    family: str = "Circle15 Sheet",
    line: tuple[float, float] = (ASCENT, DESCENT),
) -> bytes:
    """Return a TrueType font with exactly these characters; the same characters give the same bytes.

    `line` is how far a line reaches above and below its foot, in sizes.
    """
    glyphs, advances, codes = {".notdef": TTGlyphPen(None).glyph()}, {".notdef": EM}, {}
    for character in sorted(set(characters) | {" "}):
        name = f"u{ord(character):05X}"
        glyphs[name], codes[ord(character)] = _outline(character, fonts, bold=bold), name
        advances[name] = round(_advance(character, fonts) * EM)
    return _compiled(glyphs, advances, codes, (family, "Bold" if bold else "Regular"), line)


@cache
def _outline(character: str, fonts: Chain, *, bold: bool) -> object:
    """Return the TrueType outline of a character; cubic curves are drawn to a thousandth of the size."""
    path = _holder(character, fonts)
    if path is None:
        raise ValueError(f"no font has U+{ord(character):04X}")
    face, pen = _face(path), TTGlyphPen(None)
    drawn = DecomposingRecordingPen(face.glyphs)
    face.glyphs[face.names[ord(character)]].draw(drawn)
    size = EM / face.per_em
    for right, up in STRIKES if bold else ((0, 0),):
        turned = Cu2QuPen(pen, 1.0, reverse_direction=face.cubic)
        drawn.replay(TransformPen(turned, (size, 0, 0, size, right, up)))
    return pen.glyph()


def _compiled(
    glyphs: dict[str, object],
    advances: dict[str, int],
    codes: dict[int, str],
    called: tuple[str, str],
    line: tuple[float, float],
) -> bytes:
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap(codes)
    builder.setupGlyf(glyphs)
    outlines = builder.font["glyf"]
    builder.setupHorizontalMetrics(
        {name: (wide, getattr(outlines[name], "xMin", 0)) for name, wide in advances.items()}
    )
    builder.setupHorizontalHeader(ascent=round(line[0] * EM), descent=-round(line[1] * EM))
    (family, style), joined = called, called[0].replace(" ", "")
    names = {"familyName": family, "styleName": style, "psName": f"{joined}-{style}", "version": "1.0"}
    builder.setupNameTable(names | {"fullName": f"{family} {style}", "uniqueFontIdentifier": f"circle15 {style}"})
    builder.setupOS2(sTypoAscender=round(ASCENT * EM), sTypoDescender=-round(DESCENT * EM))
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = MADE_ON
    builder.font.recalcTimestamp = False
    file = BytesIO()
    builder.save(file)
    return file.getvalue()

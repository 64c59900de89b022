"""The press: a picture as PDF with embedded letters, as PNG or as JPG; the same picture gives the same bytes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Course
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox

from maps.sheet.lettering import MM_A_POINT, Chain, made_font, refuse_missing
from maps.sheet.paper import Form
from maps.sheet.picture import Picture, Shape, Writing

MM_AN_INCH = 25.4
HALO_OF_SIZE, HALO_OPACITY = 0.16, 0.85
PAPER_WHITE = "#ffffff"
JPG_QUALITY = 92
_SETTINGS: Any = {
    "pdf.fonttype": 42,
    "pdf.compression": 6,
    "path.simplify": False,
    "text.usetex": False,
    "hatch.linewidth": 0.3,
}


def printed(picture: Picture, form: Form, *, fonts: Chain, dpi: int = 300) -> bytes:
    """Return a picture as a file's bytes; `dpi` counts for PNG and JPG.

    Raises InputError (GLYPH_MISSING) for characters that no font has.
    """
    return next(iter(printings(picture, (form,), fonts=fonts, dpi=dpi).values()))


def printings(picture: Picture, forms: tuple[Form, ...], *, fonts: Chain, dpi: int = 300) -> dict[Form, bytes]:
    """Return a picture in several forms, drawn once."""
    refuse_missing(picture.texts(), fonts)
    with mpl.rc_context(_SETTINGS), _letters(picture, fonts) as letters:
        figure = _figure(picture, letters)
        return {form: _FORMS[form](figure, picture, dpi) for form in forms}


@contextmanager
def _letters(picture: Picture, fonts: Chain) -> Iterator[dict[bool, FontProperties]]:
    """Give the regular and the bold font made for a picture."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = {}
        for bold in (False, True):
            said = {c for item in picture.items if isinstance(item, Writing) and item.bold == bold for c in item.text}
            path = Path(folder) / f"{'bold' if bold else 'regular'}.ttf"
            path.write_bytes(made_font(said, fonts, bold=bold))
            found[bold] = FontProperties(fname=str(path))
        yield found


def _figure(picture: Picture, letters: dict[bool, FontProperties]) -> Figure:
    figure = Figure(figsize=(picture.width_mm / MM_AN_INCH, picture.height_mm / MM_AN_INCH), facecolor=PAPER_WHITE)
    FigureCanvasAgg(figure)
    page = Affine2D().scale(1 / MM_AN_INCH) + figure.dpi_scale_trans  # millimetres
    for order, item in enumerate(picture.items):
        for artist in _written(item, letters) if isinstance(item, Writing) else (_drawn(item),):
            artist.set_zorder(order)
            artist.set_transform(artist.get_transform() + page if isinstance(artist, PathPatch) else page)
            figure.add_artist(artist, clip=False)
            if isinstance(item, Shape) and item.within is not None:
                left, bottom, right, top = item.within
                artist.set_clip_box(TransformedBbox(Bbox([[left, bottom], [right, top]]), page))
    return figure


def _drawn(shape: Shape) -> PathPatch:
    patch = PathPatch(
        Course(shape.points, shape.codes),
        facecolor=shape.fill or "none",
        edgecolor=shape.line or "none",
        linewidth=shape.width_mm / MM_A_POINT if shape.line else 0,
        alpha=shape.opacity if shape.opacity < 1 else None,
        capstyle="butt" if shape.dash_mm else "round",
        joinstyle="round" if shape.within else "miter",
    )
    patch.set_transform(Affine2D())
    if shape.dash_mm and shape.line:
        patch.set_linestyle((0, tuple(step / shape.width_mm for step in shape.dash_mm)))
    return patch


def _written(writing: Writing, letters: dict[bool, FontProperties]) -> Iterator[Any]:
    font = letters[writing.bold].copy()
    font.set_size(writing.size_pt)
    if writing.halo:
        course = _outline(writing.text, font, writing.size_pt * MM_A_POINT)
        wide = HALO_OF_SIZE * writing.size_pt
        look = {"facecolor": PAPER_WHITE, "edgecolor": PAPER_WHITE, "linewidth": wide, "alpha": HALO_OPACITY}
        margin = PathPatch(course, joinstyle="round", **look)
        margin.set_transform(Affine2D().translate(writing.x, writing.y))
        yield margin
    yield Text(
        writing.x, writing.y, writing.text, color=writing.colour, fontproperties=font, parse_math=False,
        horizontalalignment="left", verticalalignment="baseline",
    )  # fmt: skip


def _outline(text: str, font: FontProperties, size_mm: float) -> Course:
    # A TextPath reads what stands between two dollar signs as a formula; a name is only letters.
    corners, strokes = text_to_path.get_text_path(font, text, ismath=False)
    return Affine2D().scale(size_mm / text_to_path.FONT_SCALE).transform_path(Course(corners, strokes))


def _pdf(figure: Figure, picture: Picture, _: int) -> bytes:
    file = BytesIO()
    figure.savefig(file, format="pdf", metadata={"Title": picture.title, "Creator": "circle15", "CreationDate": None})
    return file.getvalue()


def _png(figure: Figure, _: Picture, dpi: int) -> bytes:
    file = BytesIO()
    figure.savefig(file, format="png", dpi=dpi, metadata={"Software": "circle15"}, pil_kwargs={"compress_level": 4})
    return file.getvalue()


def _jpg(figure: Figure, _: Picture, dpi: int) -> bytes:
    file = BytesIO()
    figure.savefig(file, format="jpg", dpi=dpi, pil_kwargs={"quality": JPG_QUALITY, "dpi": (dpi, dpi)})
    return file.getvalue()


_FORMS: dict[Form, Callable[[Figure, Picture, int], bytes]] = {"pdf": _pdf, "png": _png, "jpg": _jpg}

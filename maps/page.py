"""The page: the map a director opens, one file that needs nothing else and asks nobody for anything.

Folium draws it. Folium and branca read templates twice over, so a name with braces in it would run as a program;
here no name ever meets a template: all data stand in one block of JSON in which every character that means
something to a browser or a template is written as its number, and `page.js` shows it as text only.
"""

import json
import re
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from branca.element import Element, MacroElement
from jinja2 import Template

from maps.atlas import Atlas
from maps.contents import ordered, pair, panel
from maps.council_layer import council_layer
from maps.ground import areas, bounds, catchments, ground, kind_areas
from maps.housing_marks import housing_layer
from maps.leaflet import leaflet_css, leaflet_js
from maps.marks import marks
from maps.opinions import OPINIONS
from maps.outfile import beside
from maps.plan_marks import plan_layers
from maps.plane import plane
from maps.shading import communities, gaps, streets
from maps.tiles import tile_host
from maps.verdict_layer import verdict_layer

if TYPE_CHECKING:
    import folium

PICTURES = "img-src data:"
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""What the browser is told to allow: nothing from anywhere but this file; last what pictures it may show."""

SCRIPTS = (
    *("builders.js", "symbols.js", "sections.js", "tiles.js", "search.js", "measure.js", "chosen.js", "printing.js"),
    *("verdict_layer.js", "council_layer.js", "page.js"),
)
"""The parts of the page's script, one idea each, in the order they stand in."""

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_RISKY = re.compile("[{<>&`$%#\u2028\u2029\ud800-\udfff]")


class Verbatim(Element):
    """A part of the page that stands as it is written and is never read as a template."""

    _template = Template("{{ this.text }}")

    def __init__(self, text: str) -> None:
        """Keep the text."""
        super().__init__()
        self.text = text


class Face(MacroElement):
    """Everything the page has beyond Folium's map: Leaflet itself, our style, our script and the data."""

    def __init__(self, data: str) -> None:
        """Keep the data, already safe to stand in a page."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.data = data

    def render(self, **_: Any) -> str:
        """Hand the parts to the figure, in the order the browser needs them."""
        figure: Any = self.get_root()
        figure.header.add_child(Verbatim(f"<style>{leaflet_css()}\n{_ours('page.css')}</style>"), name="face_style")
        figure.header.add_child(Verbatim(f"<script>{leaflet_js()}</script>"), name="face_leaflet")
        figure.html.add_child(
            Verbatim(f'<script type="application/json" id="atlas">{self.data}</script>'), name="face_data"
        )
        figure.script.add_child(Verbatim("".join(map(_ours, SCRIPTS))), name="face_script")
        return ""


def page_map(atlas: Atlas, *, index: str = "") -> "folium.Map":
    """Return the page as a Folium map, which shows itself in a notebook; `index`: the way to the page it is part of.

    Every frame of the atlas is in metres and is drawn in WGS 84. The map asks for no tiles and no scripts from
    anywhere, but where the atlas names tiles: then it asks their host for them. Raises ValueError where their address
    is none.
    """
    import folium  # noqa: PLC0415 - it takes a tenth of a second to load, and many a run draws no page

    drawn = folium.Map(tiles=None, prefer_canvas=True, zoom_control=False, attributionControl=False, zoomSnap=0.25)
    drawn.default_js, drawn.default_css = [], []
    drawn._id = "page"  # noqa: SLF001  the name is random otherwise, and the bytes with it
    figure: Any = drawn.get_root()
    host = f" {tile_host(atlas.tiles.url)}" if atlas.tiles else ""
    policy = POLICY.replace(PICTURES, PICTURES + host)
    guard = Verbatim(f'<meta http-equiv="Content-Security-Policy" content="{policy}">')
    figure.header.add_child(guard, name="face_policy", index=0)
    drawn.add_child(Face(safe_json(_data(atlas) | _way_back(atlas, index))))
    return drawn


def draw_page(atlas: Atlas, *, index: str = "") -> str:
    """Return the page as the text of one HTML file; the same atlas gives the same text."""
    return str(page_map(atlas, index=index).get_root().render())


def write_page(atlas: Atlas, path: Path, *, index: str = "") -> None:
    """Write the page to `path`, with a link to its `index` where it has one (the way there from where it lies).

    Raises OutputError where it cannot be written; what was there is then untouched.
    """
    text = draw_page(atlas, index=index)
    with beside(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


def safe_json(data: object) -> str:
    r"""Return data as JSON that means nothing to HTML, JavaScript or Jinja: risky characters as their numbers.

    Braces that part objects stay, but no two of them or `{%`, `{#` ever meet.

    >>> safe_json(["{{7*7}}</script>"])
    '["\\u007b\\u007b7*7}}\\u003c/script\\u003e"]'
    """
    plain = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _TEXT.sub(lambda text: _RISKY.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text[0]), plain)


def _data(atlas: Atlas) -> dict[str, Any]:
    points, housing = marks(atlas), housing_layer(atlas)
    layers = [*([] if housing is None else [housing]), *points["layers"], *plan_layers(atlas)]
    view = bounds(atlas)
    return {
        "panel": panel(atlas),
        "bounds": view,
        "tiles": atlas.tiles and asdict(atlas.tiles),
        "plane": plane(view, atlas.crs),
        "streets": streets(atlas),
        "ground": list(ground(atlas)),
        "areas": areas(atlas),
        "kind_areas": kind_areas(atlas),
        "catchments": catchments(atlas),
        "communities": communities(atlas),
        "gaps": gaps(atlas),
        "marks": points | {"layers": layers},
        "verdicts": verdict_layer(atlas),
        "opinions": OPINIONS,
        "council": council_layer(atlas),
    }


def _way_back(atlas: Atlas, index: str) -> dict[str, Any]:
    return {"index": {"way": index, "words": ordered(pair("index.back"), atlas)}} if index else {}


@cache
def _ours(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")

"""QGIS styles as text (QML): rules that pick features by an expression, each with a symbol of the drawing style."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from maps.style import SHAPES, Symbol

MM_PER_POINT = 0.2646
"""A point of the page (CSS pixel) on paper."""
_BOX = 1.35
"""Half the box of a drawn shape: room for its line."""


@dataclass(frozen=True)
class Fill:
    """A filled area: its colour and opacity (0 to 1), its line and width in points; without a colour it is hollow."""

    colour: str = ""
    line: str = ""
    width: float = 0.6
    opacity: float = 1.0
    dashed: bool = False


@dataclass(frozen=True)
class Stroke:
    """A line: its colour and width in points."""

    colour: str
    width: float


Look = Symbol | Fill | Stroke


@dataclass(frozen=True)
class Rule:
    """Features for which `expression` holds (all, where it is empty), named in the legend and drawn alike."""

    label: str
    look: Look
    expression: str = ""


def quoted(text: str) -> str:
    """Return a text as a string of a QGIS expression.

    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def qml(rules: Sequence[Rule], aliases: Mapping[str, str]) -> str:
    """Return a style: the rules in drawing order, and the names that columns are shown under."""
    kind = "RuleRenderer"
    listed = "".join(
        f'<rule key="{{r{place}}}" symbol="{place}" label={quoteattr(rule.label)}'
        + (f" filter={quoteattr(rule.expression)}" if rule.expression else "")
        + "/>"
        for place, rule in enumerate(rules)
    )
    symbols = "".join(_symbol(place, rule.look) for place, rule in enumerate(rules))
    named = "".join(
        f'<alias index="{place}" field={quoteattr(field)} name={quoteattr(name)}/>'
        for place, (field, name) in enumerate(aliases.items())
    )
    drawn = (
        f'<renderer-v2 type="{kind}" symbollevels="0" enableorderby="0" forceraster="0">'
        f'<rules key="{{root}}">{listed}</rules><symbols>{symbols}</symbols></renderer-v2>'
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        f'<qgis version="3.22" styleCategories="Symbology|Fields">{drawn if rules else ""}'
        f"<aliases>{named}</aliases></qgis>\n"
    )


def _symbol(place: int, look: Look) -> str:
    match look:
        case Symbol():
            kind, layer, given = "marker", "SvgMarker", _marker(look)
        case Fill():
            kind, layer, given = "fill", "SimpleFill", _fill(look)
        case Stroke():
            kind, layer = "line", "SimpleLine"
            given = {"line_color": _rgba(look.colour), "line_width": _mm(look.width), "line_width_unit": "MM",
                     "capstyle": "round", "joinstyle": "round"}  # fmt: skip
    props = "".join(f'<prop k="{key}" v={quoteattr(value)}/>' for key, value in given.items())
    return (
        f'<symbol name="{place}" type="{kind}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{layer}" enabled="1" locked="0" pass="0">{props}</layer></symbol>'
    )


def _marker(symbol: Symbol) -> dict[str, str]:
    """Return the same outline that the page draws, as a picture within the style."""
    width = symbol.width / symbol.size
    corners = " ".join(f"{x:g},{-y:g}" for x, y in SHAPES[symbol.shape])
    mark = ""
    if symbol.mark == "dot":
        mark = f'<circle r="0.3" fill="{symbol.stroke}"/>'
    elif symbol.mark == "cross":
        mark = f'<path d="M-.5 -.5 .5 .5M-.5 .5 .5 -.5" stroke="{symbol.stroke}" stroke-width="{width:g}"/>'
    if symbol.sign:
        mark += (
            f'<text y="0.4" font-size="1.1" text-anchor="middle" font-family="sans-serif" fill="{symbol.stroke}">'
            f"{symbol.sign}</text>"
        )
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-{_BOX} -{_BOX} {2 * _BOX} {2 * _BOX}">'
        f'<polygon points="{corners}" fill="{symbol.fill}" stroke="{symbol.stroke}" stroke-width="{width:g}"'
        f' stroke-linejoin="round"/>{mark}</svg>'
    )
    return {
        "name": "base64:" + b64encode(drawn.encode()).decode(),
        "size": _mm(2 * _BOX * symbol.size),
        "size_unit": "MM",
        "fixedAspectRatio": "0",
    }


def _fill(look: Fill) -> dict[str, str]:
    return {
        "color": _rgba(look.colour or "#ffffff", look.opacity),
        "style": "solid" if look.colour else "no",
        "outline_color": _rgba(look.line or "#ffffff"),
        "outline_style": ("dash" if look.dashed else "solid") if look.line else "no",
        "outline_width": _mm(look.width),
        "outline_width_unit": "MM",
    }


def _rgba(colour: str, opacity: float = 1.0) -> str:
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return ",".join(map(str, [*parts, round(255 * opacity)]))


def _mm(points: float) -> str:
    return f"{points * MM_PER_POINT:.3f}"

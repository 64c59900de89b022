"""The drawing style: one table of colours and symbols by kind and state, for the page, the sheets and the GeoPackage.

Kinds differ by shape, states by fill: what stands is solid, what is being built is pale, what is planned is hollow
and red, what is closed is hollow, grey and crossed, so that a grey copy still reads. The colours keep apart for
colour-blind eyes (after Okabe & Ito 2008 and Tol 2021); ramps fall in lightness only one way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Literal

Point = tuple[float, float]
Mark = Literal["", "dot", "cross", "twice"]

PAPER = "#f8f6f1"
INK = "#1f2a33"
PLANNED = "#c2182b"
CLOSED = "#7d8790"
GAP = "#e08214"
"""Older people out of reach."""


@dataclass(frozen=True)
class Symbol:
    """How a point is drawn: a shape of `SHAPES`, its radius and line in points at print size, and its colours."""

    shape: str
    fill: str
    stroke: str
    size: float = 6.0
    width: float = 1.2
    mark: Mark = ""
    sign: str = ""
    """A letter drawn inside: the answer of a check."""


def _regular(corners: int, turn: float = 0.0, inner: float = 1.0) -> tuple[Point, ...]:
    """Return a regular polygon in the unit circle, or a star where every second corner lies at `inner`."""
    radii = [1.0 if corner % 2 == 0 else inner for corner in range(corners)]
    angles = [2 * pi * corner / corners + pi / 2 + turn for corner in range(corners)]
    return tuple((round(r * cos(a), 4), round(r * sin(a), 4)) for r, a in zip(radii, angles, strict=True))


SHAPES: Mapping[str, tuple[Point, ...]] = {
    "circle": _regular(36),
    "square": ((-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)),
    "triangle": ((-1.0, -0.8), (1.0, -0.8), (0.0, 1.0)),
    "wedge": ((-0.9, 0.75), (0.9, 0.75), (0.0, -0.95)),
    "diamond": _regular(4),
    "pentagon": _regular(5),
    "hexagon": _regular(6),
    "star": _regular(10, inner=0.45),
    "plus": (
        (-0.35, -1.0),
        (0.35, -1.0),
        (0.35, -0.35),
        (1.0, -0.35),
        (1.0, 0.35),
        (0.35, 0.35),
        (0.35, 1.0),
        (-0.35, 1.0),
        (-0.35, 0.35),
        (-1.0, 0.35),
        (-1.0, -0.35),
        (-0.35, -0.35),
    ),
    "house": ((-0.8, -0.85), (0.8, -0.85), (0.8, 0.15), (0.0, 0.95), (-0.8, 0.15)),
    "open_house": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.95), (0.0, 0.3), (-0.9, 0.95)),
    "tower": ((-0.55, -1.0), (0.55, -1.0), (0.55, 0.5), (0.0, 1.0), (-0.55, 0.5)),
    "shield": ((-0.8, 0.85), (0.8, 0.85), (0.8, -0.15), (0.0, -0.95), (-0.8, -0.15)),
    "hut": ((-1.05, -0.7), (1.05, -0.7), (1.05, 0.1), (0.0, 0.75), (-1.05, 0.1)),
    "frame": ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)),
    "plot": ((-1.05, -0.6), (0.65, -0.6), (1.05, 0.6), (-0.65, 0.6)),
}
"""Outlines in a box from -1 to 1, y upwards; matplotlib takes them as markers, the page scales them on its canvas."""

KINDS: Mapping[str, tuple[str, str, float]] = {
    "day_care": ("circle", "#0b5d8f", 6.0),
    "street_centre": ("square", "#332288", 7.0),
    "county_complex": ("star", "#882255", 9.0),
    "rural_station": ("triangle", "#117755", 6.5),
    "meal_point": ("diamond", "#8a6d00", 5.5),
    "nursing_home": ("pentagon", "#4a4a4a", 6.5),
    "medical_care_home": ("plus", "#9c3f78", 6.5),
}
"""Shape, colour and size of each kind of facility."""
OTHER_KIND = ("hexagon", "#5a6570", 5.5)

State = Literal["existing", "building", "planned", "closed"]
STATES: Mapping[str, State] = {
    "in_use": "existing",
    "built": "building",
    "under_construction": "building",
    "planned": "planned",
    "closed": "closed",
}
"""How each status is drawn; built and not yet open is drawn like under construction: it serves nobody today."""

CANDIDATE = Symbol("wedge", "#ffffff", "#4d5a64", size=5.0)
HOUSING = Symbol("house", "#d9c3a0", "#6b4a1e", size=6.5)

STREETS: Mapping[str, tuple[str, float]] = {
    "main": ("#b9b2a5", 2.2),
    "middle": ("#c9c3b8", 1.4),
    "small": ("#d9d4ca", 0.8),
}
BASE: Mapping[str, tuple[str, float]] = {
    "green": ("#dfe8d3", 0.0),
    "water": ("#cbdfe9", 0.8),
    "building": ("#e6e0d5", 0.0),
    "railway": ("#a8a29a", 1.0),
}
"""Colour and line of what gives orientation, in drawing order."""

_MAIN = frozenset({"motorway", "trunk", "primary", "secondary"})
_MIDDLE = frozenset({"tertiary", "unclassified", "residential", "living_street", "road"})

SHARES: tuple[tuple[int, str], ...] = (
    (0, "#fbefc2"),
    (50, "#d5d894"),
    (70, "#9fc197"),
    (80, "#62a595"),
    (90, "#2a8583"),
    (100, "#075f5f"),
)
"""Colour of a coverage share from each whole percentage upwards; the last is for everybody."""
UNKNOWN_SHARE = "#e0e0e2"

TRUST: Mapping[str, tuple[str, str]] = {
    "good": ("#d5e8e1", ""),
    "thin": ("#aab0bd", "#6c7586"),
    "too_thin": ("#5a4f66", "#c3b9cf"),
}
"""Fill and hatching of each level of trust, told apart by lightness and lines alone; without hatching: believed."""

STATUS_COLOURS: Mapping[str, str] = {
    "PASS": "#0d6a64",
    "FAIL": "#c2182b",
    "BOUNDARY": "#e08214",
    "UNDEFINED": "#882255",
    "EXCEPTION_NEEDED": "#8a6d00",
    "NOT_DUE": "#5b7f9b",
    "UNKNOWN": "#7d8790",
    "NOT_APPLICABLE": "#b4bac0",
}
"""Colour of each answer a rule can give."""

CATCHMENT = "#8c2d5c"
"""Line around the area that a facility serves."""

_AREA_NEAR, _AREA_FAR = (0x8C, 0x82, 0xC0), (0xE4, 0xE1, 0xF0)


def facility_symbol(kind: object, status: object) -> Symbol:
    """Return how a facility is drawn; a kind or a status that is not known is drawn as `OTHER_KIND` and as existing.

    >>> facility_symbol("day_care", "planned").stroke == PLANNED
    True
    """
    shape, colour, size = KINDS.get(str(kind), OTHER_KIND)
    match STATES.get(str(status), "existing"):
        case "existing":
            return Symbol(shape, colour, "#ffffff", size)
        case "building":
            return Symbol(shape, _mix(colour, 0.72), colour, size, 1.6)
        case "planned":
            return Symbol(shape, "#ffffff", PLANNED, size, 1.8, "dot")
        case "closed":
            return Symbol(shape, "#ffffff", CLOSED, size, 1.2, "cross")


def plan_symbol(kind: object) -> Symbol:
    """Return how a site chosen by the plan is drawn: the shape of its kind, larger, hollow and red."""
    shape, _, size = KINDS.get(str(kind), OTHER_KIND)
    return Symbol(shape, "#ffffff", PLANNED, size * 1.6, 2.6)


def extended_symbol(kind: object) -> Symbol:
    """Return how a facility that the plan makes larger is drawn: as a new site, its outline drawn twice."""
    shape, _, size = KINDS.get(str(kind), OTHER_KIND)
    return Symbol(shape, "#ffffff", PLANNED, size * 1.6, 1.8, "twice")


def neighbour_symbol(kind: object) -> Symbol:
    """Return how a facility beyond the border is drawn: the shape of its kind, grey."""
    shape, _, size = KINDS.get(str(kind), OTHER_KIND)
    return Symbol(shape, "#d5d9dc", "#5a6570", size)


KEPT = Symbol("frame", "transparent", INK, size=10.0, width=1.6)
"""Around a facility that the plan keeps as it is."""
DROPPED = Symbol("frame", "transparent", PLANNED, size=10.0, width=2.0, mark="cross")
"""Over a facility that the plan closes."""


def street_class(highway: object) -> str:
    """Return whether a street is drawn as main, middle or small.

    >>> street_class("primary_link"), street_class("footway")
    ('main', 'small')
    """
    tag = str(highway).removesuffix("_link")
    return "main" if tag in _MAIN else "middle" if tag in _MIDDLE else "small"


def share_colour(covered: float, elders: float, unknown: float = 0) -> str:
    """Return the colour of a coverage share; where nobody lives, or most are not known, it is grey.

    >>> share_colour(8996, 10000) == dict(SHARES)[80]
    True
    >>> share_colour(0, 300, unknown=300) == UNKNOWN_SHARE  # not "nobody is covered"
    True
    """
    if not elders > 0 or not covered >= 0 or unknown * 2 > elders:
        return UNKNOWN_SHARE
    return next(colour for floor, colour in reversed(SHARES) if covered * 100 >= floor * elders)


def area_colours(minutes: tuple[int, ...]) -> dict[int, str]:
    """Return the fill of each walking area, the nearest the darkest.

    >>> list(area_colours((5, 10, 15)).values())
    ['#8c82c0', '#b8b2d8', '#e4e1f0']
    """
    last = max(len(minutes) - 1, 1)
    return {
        limit: "#" + "".join(f"{round(n + (f - n) * i / last):02x}" for n, f in zip(_AREA_NEAR, _AREA_FAR, strict=True))
        for i, limit in enumerate(sorted(minutes))
    }


def _mix(colour: str, white: float) -> str:
    """Return the colour with that part of white."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(p + (255 - p) * white):02x}" for p in parts)

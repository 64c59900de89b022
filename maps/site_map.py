"""The location map of one site as a drawing inside a page: streets, communities and facilities around it, to scale."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import geopandas as gpd
import numpy as np
import shapely

from maps.atlas import Atlas
from maps.labels import cell
from maps.style import HOUSING, INK, PAPER, PLANNED, SHAPES, STREETS, Symbol, facility_symbol, street_class

SIDE = 330.0
"""Length of the drawing's side, in its own units."""
TOLERANCE_M = 2.0
BAR_M = (100, 200, 250, 500, 1000, 2000)
LABELS = 8
"""Facilities named on the map, the nearest first; more would hide each other."""


def site_map(atlas: Atlas, x: float, y: float, *, half_m: float = 900.0) -> str:
    """Return the surroundings of a point as SVG: a square of twice `half_m`, grid north up, with a bar for the scale.

    Every frame is in the project's CRS (metres). Names are data: they stand in it as text.
    """
    frame = shapely.box(x - half_m, y - half_m, x + half_m, y + half_m)
    draw = _Drawing(x - half_m, y + half_m, SIDE / (2 * half_m))
    parts = [
        *_communities(atlas.communities, frame, draw),
        *_streets(atlas.streets, frame, draw),
        *_facilities(atlas.facilities, shapely.Point(x, y), frame, draw),
        _symbol(Symbol(HOUSING.shape, PLANNED, "#ffffff", 8.0, 1.6), *draw.at(x, y)),
        *_bar(half_m, draw),
        _north(),
    ]
    box = f'<rect x="0" y="0" width="{SIDE:.0f}" height="{SIDE:.0f}" '
    edge = f'{box}fill="none" stroke="{INK}" stroke-width="1"/>'
    size = f'viewBox="0 0 {SIDE:.0f} {SIDE:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">{box}fill="{PAPER}"/>{"".join(parts)}{edge}</svg>'
    )


@dataclass(frozen=True)
class Nearby:
    """A facility on the map: its symbol as SVG, its name, kind and status, and how far it lies as the crow flies."""

    symbol: str
    name: str
    kind: str
    status: str
    metres: int


def nearby(atlas: Atlas, x: float, y: float, *, half_m: float = 900.0) -> list[Nearby]:
    """Return the facilities that are named on the map of a site, the nearest first."""
    frame, site = atlas.facilities, shapely.Point(x, y)
    found = []
    for away, place in _inside(frame, site, shapely.box(x - half_m, y - half_m, x + half_m, y + half_m))[:LABELS]:
        row = frame.iloc[place]
        mark = _symbol(facility_symbol(row.get("kind"), row.get("status")), 9, 9)
        drawn = f'<svg xmlns="http://www.w3.org/2000/svg" class="mark" viewBox="0 0 18 18">{mark}</svg>'
        name, kind, status = (cell(row.get(column)) for column in ("name", "kind", "status"))
        found.append(Nearby(drawn, name, kind, status, int(away)))
    return found


class _Drawing:
    """Where metres lie on the drawing: the north-west corner and how many units a metre is."""

    def __init__(self, west: float, north: float, scale: float) -> None:
        self.west, self.north, self.scale = west, north, scale

    def at(self, x: float, y: float) -> tuple[float, float]:
        return round((x - self.west) * self.scale, 1), round((self.north - y) * self.scale, 1)

    def path(self, points: np.ndarray, *, closed: bool = False) -> str:
        steps = [f"{a:g} {b:g}" for a, b in (self.at(x, y) for x, y in points[:, :2])]
        return "M" + "L".join(steps) + ("Z" if closed else "")


def _near(shapes: gpd.GeoSeries, frame: shapely.Polygon) -> tuple[np.ndarray, np.ndarray]:
    """Return the shapes that touch the frame, cut to it and simplified, and their places in the series."""
    values = shapes.to_numpy()
    hits = np.sort(shapely.STRtree(values).query(frame, predicate="intersects"))
    cut = shapely.simplify(shapely.intersection(values[hits], frame), TOLERANCE_M)
    keep = ~shapely.is_empty(cut)
    return hits[keep], cut[keep]


def _communities(frame: gpd.GeoDataFrame, window: shapely.Polygon, draw: _Drawing) -> Iterator[str]:
    if not len(frame):
        return
    values = frame.geometry.to_numpy()
    hits = np.sort(shapely.STRtree(values).query(window, predicate="intersects"))
    for line in shapely.get_parts(shapely.intersection(shapely.boundary(values[hits]), window)):
        if line.geom_type == "LineString" and not line.is_empty:
            path = draw.path(shapely.get_coordinates(shapely.simplify(line, TOLERANCE_M)))
            yield f'<path d="{path}" fill="none" stroke="#9a8fb0" stroke-width="0.9" stroke-dasharray="5 3"/>'


def _streets(frame: gpd.GeoDataFrame, window: shapely.Polygon, draw: _Drawing) -> Iterator[str]:
    if not len(frame):
        return
    places, lines = _near(frame.geometry, window)
    tags = frame["highway"].to_numpy() if "highway" in frame else np.full(len(frame), "")
    classes = np.array([street_class(tags[place]) for place in places])
    for name in reversed(list(STREETS)):
        colour, width = STREETS[name]
        parts = [part for part in shapely.get_parts(lines[classes == name]) if part.geom_type == "LineString"]
        path = "".join(draw.path(shapely.get_coordinates(part)) for part in parts)
        if path:
            yield f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width * 1.3:g}"/>'


def _facilities(frame: gpd.GeoDataFrame, site: shapely.Point, window: shapely.Polygon, draw: _Drawing) -> Iterator[str]:
    if not len(frame):
        return
    spots = frame.geometry
    for order, (_, place) in enumerate(_inside(frame, site, window)):
        row = frame.iloc[place]
        a, b = draw.at(spots.iloc[place].x, spots.iloc[place].y)
        yield _symbol(facility_symbol(row.get("kind"), row.get("status")), a, b)
        if order < LABELS:
            end = ' text-anchor="end"' if a > SIDE * 0.62 else ""
            shift = -9 if end else 9
            name = escape(cell(row.get("name"))[:16])
            yield f'<text x="{a + shift:g}" y="{b + 3:g}"{end} class="label">{name}</text>'


def _inside(frame: gpd.GeoDataFrame, site: shapely.Point, window: shapely.Polygon) -> list[tuple[float, int]]:
    """Return the facilities inside the window: how far away and at which place of the frame, the nearest first."""
    spots = frame.geometry if len(frame) else ()
    return sorted((spot.distance(site), place) for place, spot in enumerate(spots) if _in(spot, window))


def _in(spot: shapely.Geometry | None, window: shapely.Polygon) -> bool:
    return spot is not None and not spot.is_empty and bool(window.contains(spot))


def _symbol(symbol: Symbol, a: float, b: float) -> str:
    outline = " ".join(f"{a + x * symbol.size:.1f},{b - y * symbol.size:.1f}" for x, y in SHAPES[symbol.shape])
    style = f'fill="{symbol.fill}" stroke="{symbol.stroke}" stroke-width="{symbol.width:g}"'
    return f'<polygon points="{outline}" {style}/>'


def _bar(half_m: float, draw: _Drawing) -> Iterator[str]:
    metres = max(length for length in BAR_M if length <= max(half_m / 2, BAR_M[0]))
    end = 12 + metres * draw.scale
    y = SIDE - 12
    yield f'<rect x="6" y="{y - 16:g}" width="{end + 4:g}" height="22" fill="#ffffff" fill-opacity="0.8"/>'
    yield f'<path d="M12 {y - 4:g}V{y:g}H{end:g}V{y - 4:g}" fill="none" stroke="{INK}" stroke-width="1.4"/>'
    yield f'<text x="{(12 + end) / 2:g}" y="{y - 6:g}" text-anchor="middle" class="label">{metres} m</text>'


def _north() -> str:
    a, b = SIDE - 18, 12
    arrow = f'<path d="M{a:g} {b:g}L{a + 6:g} {b + 18:g}L{a:g} {b + 13:g}L{a - 6:g} {b + 18:g}Z" fill="{INK}"/>'
    return f'{arrow}<text x="{a:g}" y="{b + 30:g}" text-anchor="middle" class="label">N</text>'

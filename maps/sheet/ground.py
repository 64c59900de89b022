"""The ground of a sheet: water, green, buildings and streets in light greys, and the boundaries above them.

It is the same under every theme: what is traced for one window is kept for the next drawing that shows it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from gis.words import say
from maps.compact import placed
from maps.sheet.leaf import Leaf
from maps.sheet.legend import Entry
from maps.sheet.picture import Item
from maps.style import BASE, STREETS, street_class

if TYPE_CHECKING:
    from maps.sheet.window import Window

BUILDINGS_FROM = 25_000
"""At smaller scales than this buildings are dust."""
MOST_BUILDINGS = 60_000
STREET_MM = {"main": (0.85, "#c4beb4"), "middle": (0.45, "#cfcac1"), "small": (0.2, "#d8d4cc")}
CALM_SCALE = 10_000
"""The scale at which streets have the widths above; on smaller ones they are thinner."""
LAND = "#fcfbf8"
NEAR_M = 0.5
"""A boundary this near to one of a higher level is that one."""


@dataclass(frozen=True)
class Edge:
    """How the boundary of one administrative level is drawn: width and dashes in millimetres on A3."""

    level: str
    column: str
    width: float
    dash: tuple[float, ...]
    colour: str


EDGES = (
    Edge("community", "", 0.16, (0.9, 0.7), "#8a8396"),
    Edge("street", "street_id", 0.34, (3.2, 0.8, 0.35, 0.8, 0.35, 0.8), "#5d5470"),
    Edge("county", "county_id", 0.6, (4.6, 1.1, 0.5, 1.1), "#3d3550"),
)
"""Dash and dots after the habit of Chinese maps, heavier with the level; from the bureau's own communities."""


@dataclass(frozen=True)
class Ground:
    """The ground of one window: what lies below the fills of a theme, and what lies above them in this order."""

    below: tuple[Item | None, ...]
    buildings: tuple[Item | None, ...]
    lines: tuple[Item | None, ...]
    """Streets, railways, and the boundaries last."""


class Grounds:
    """The grounds of one atlas traced so far, by window: most drawings of a set show the same one."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: dict[tuple[Window, float], Ground] = {}

    def of(self, leaf: Leaf) -> Ground:
        """Return the ground of a leaf, traced where it is the first in its window."""
        key = (leaf.window, leaf.pen.factor)
        if key not in self._kept:
            self._kept[key] = ground(leaf)
        return self._kept[key]


def ground(leaf: Leaf) -> Ground:
    """Return the ground of a leaf: water and green, buildings, streets and railways, boundaries."""
    return Ground(
        below=tuple(_base(leaf, feature) for feature in ("green", "water")),
        buildings=(_base(leaf, "building"),) if buildings_drawn(leaf) else (),
        lines=(*_streets(leaf), *_railways(leaf), *boundaries(leaf)),
    )


def buildings_drawn(leaf: Leaf) -> bool:
    """Return whether buildings are drawn at this scale."""
    base = leaf.atlas.base
    few = "feature" in base and int((base["feature"] == "building").sum()) <= MOST_BUILDINGS
    return leaf.window.scale <= BUILDINGS_FROM and few


def boundaries(leaf: Leaf) -> Iterable[Item | None]:
    """Yield the boundaries, the finest first."""
    frame = leaf.atlas.communities
    frame = frame[placed(frame.geometry)]
    coarser = shapely.MultiLineString()
    drawn = []
    for edge in reversed(EDGES):
        shapes = areas_by(frame, edge.column)
        if len(shapes):
            rims = shapely.union_all(shapely.boundary(shapes))  # what two share once
            own = shapely.difference(rims, shapely.buffer(coarser, NEAR_M))
            coarser = shapely.union(coarser, rims)
            drawn.append((edge, np.array([shapely.line_merge(own)], dtype=object)))
    for edge, lines in reversed(drawn):
        yield leaf.window.shape(
            lines,
            line=edge.colour,
            width_mm=leaf.pen.mm(edge.width),
            dash_mm=tuple(leaf.pen.mm(step) for step in edge.dash),
            name=f"boundary {edge.level}",
        )


def ground_legend(leaf: Leaf, *, buildings: bool = True) -> tuple[Entry, ...]:
    """Return what the legend says of boundaries and ground, what is drawn alone."""
    atlas, pen = leaf.atlas, leaf.pen
    have = set(atlas.base["feature"]) if "feature" in atlas.base else set()
    frame = atlas.communities
    entries = [Entry(pen.say("legend_ground"))]
    entries += [
        Entry(pen.say(f"edge_{edge.level}"), line=edge.colour, width=edge.width, dash_mm=edge.dash)
        for edge in reversed(EDGES)
        if not edge.column or (edge.column in frame and frame[edge.column].notna().any())
    ]
    entries.append(Entry(say("page.streets", atlas.language), line=STREET_MM["main"][1], width=STREET_MM["main"][0]))
    for feature in ("water", "green"):
        if feature in have:
            entries.append(Entry(say(f"page.{feature}", atlas.language), fill=BASE[feature][0]))
    if "building" in have and buildings and buildings_drawn(leaf):
        entries.append(
            Entry(say("page.building", atlas.language), fill=BASE["building"][0], line="#cfc8bb", width=0.08)
        )
    if "railway" in have:
        entries.append(Entry(say("page.railway", atlas.language), line="#8d8780", width=0.5, dash_mm=(2.0, 1.2)))
    return tuple(entries)


def areas_by(frame: gpd.GeoDataFrame, column: str) -> np.ndarray:
    """Return the communities' shapes, or those of the units that a column names, each as one."""
    shapes: np.ndarray = shapely.make_valid(frame.geometry.to_numpy())
    if not column:
        return shapes
    if column not in frame:
        return np.array([], dtype=object)
    codes = frame[column].astype("string").fillna("")
    return np.array([shapely.union_all(shapes[(codes == code).to_numpy()]) for code in sorted(set(codes)) if code])


def _base(leaf: Leaf, feature: str) -> Item | None:
    base = leaf.atlas.base
    if "feature" not in base:
        return None
    colour, _ = BASE[feature]
    shapes = base.geometry[(base["feature"] == feature).to_numpy()].to_numpy()
    flat = shapes[np.isin(shapely.get_type_id(shapes), (3, 6))]
    if feature == "water":
        lines = shapes[np.isin(shapely.get_type_id(shapes), (1, 5))]
        wide = shapely.buffer(lines, 0.25 * leaf.pen.factor * leaf.window.scale / 1000)  # as wide as can be seen
        flat = np.array([shapely.union_all(shapely.make_valid(np.concatenate([flat, wide])))])
    edge = {"line": "#d3ccbf", "width_mm": leaf.pen.mm(0.05)} if feature == "building" else {}
    return leaf.window.shape(flat, fill=colour, name=feature, **edge)


def _streets(leaf: Leaf) -> Iterable[Item | None]:
    streets = leaf.atlas.streets
    if not len(streets):
        return
    tags = streets["highway"].map(str).to_numpy() if "highway" in streets else np.full(len(streets), "")
    classes = np.array([street_class(tag) for tag in tags])
    thinner = float(np.clip((CALM_SCALE / leaf.window.scale) ** 0.5, 0.45, 1.6))
    for name in reversed(list(STREETS)):
        width, colour = STREET_MM[name]
        shapes = streets.geometry.to_numpy()[classes == name]
        yield leaf.window.shape(shapes, line=colour, width_mm=leaf.pen.mm(width * thinner), name=f"streets {name}")


def _railways(leaf: Leaf) -> Iterable[Item | None]:
    base = leaf.atlas.base
    if "feature" in base:
        shapes = base.geometry[(base["feature"] == "railway").to_numpy()].to_numpy()
        pen = leaf.pen
        yield leaf.window.shape(shapes, line="#8d8780", width_mm=pen.mm(0.62), name="railway")
        dash = (pen.mm(2.0), pen.mm(2.0))
        yield leaf.window.shape(shapes, line="#ffffff", width_mm=pen.mm(0.36), dash_mm=dash, name="railway")

"""One leaf of the set: its paper, its map window, the atlas it is drawn from, and what a theme puts on it."""

from dataclasses import dataclass

import numpy as np
import shapely

from maps.atlas import Atlas
from maps.compact import placed
from maps.sheet.grid import Grid
from maps.sheet.legend import Entry
from maps.sheet.paper import Paper
from maps.sheet.pen import Pen
from maps.sheet.picture import Box, Item
from maps.sheet.placing import Label
from maps.sheet.window import Window
from maps.style import Symbol


@dataclass(frozen=True)
class Spot:
    """A symbol at a point of the paper (millimetres)."""

    symbol: Symbol
    x: float
    y: float
    half: bool = False
    sign: str = ""


@dataclass(frozen=True)
class Content:
    """What a theme draws and says: fills below the streets, lines `over` them, symbols, names, legend, tables."""

    fills: tuple[Item | None, ...] = ()
    over: tuple[Item | None, ...] = ()
    spots: tuple[Spot, ...] = ()
    labels: tuple[Label, ...] = ()
    legend: tuple[Entry, ...] = ()
    tables: tuple[Grid, ...] = ()
    remarks: tuple[str, ...] = ()
    buildings: bool = True


@dataclass(frozen=True)
class Leaf:
    """Where a theme draws: the atlas, the paper, the window on the ground, and the pen whose sizes count."""

    atlas: Atlas
    paper: Paper
    window: Window
    pen: Pen
    street: str = ""
    """The code of the street a sheet is of; empty for the whole area."""

    def at(self, point: shapely.Point) -> tuple[float, float] | None:
        """Return where a point of the ground lies on the paper, None where there is none or it lies outside."""
        if point is None or point.is_empty:
            return None
        x, y = self.window.mm(np.array([[point.x, point.y]]))[0]
        left, bottom, right, top = self.window.frame
        return (float(x), float(y)) if left <= x <= right and bottom <= y <= top else None

    def on_paper(self, shape: shapely.Geometry) -> shapely.Geometry:
        """Return a ground shape as it lies on the paper, cut to the frame."""
        return shapely.clip_by_rect(shapely.transform(shape, self.window.mm), *self.window.frame)


def bounds_of(atlas: Atlas, street: str = "") -> Box:
    """Return the extent to draw in metres: the communities (of a street), else what else there is."""
    frames = [atlas.communities, atlas.facilities, atlas.homes, atlas.streets]
    if street:
        frames.insert(0, atlas.communities[atlas.communities["street_id"] == street])
    for frame in frames:
        shapes = frame.geometry[placed(frame.geometry)] if len(frame) else frame.geometry
        if len(shapes):
            west, south, east, north = shapes.total_bounds
            return (float(west), float(south), float(max(east, west + 1)), float(max(north, south + 1)))
    return (0.0, 0.0, 1.0, 1.0)

"""A quick map on matplotlib axes, as geopandas draws them: coverage by community, facilities, the sites of the plan."""

from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline

from maps.atlas import Atlas
from maps.compact import placed
from maps.figures import units_of
from maps.shown_units import unknown_at
from maps.situated import planned_sites
from maps.style import (
    PAPER,
    SHAPES,
    STREETS,
    UNKNOWN_SHARE,
    Symbol,
    facility_symbol,
    plan_symbol,
    share_colour,
    street_class,
)

SIZE_INCHES = (8.0, 6.0)


def plot_coverage(atlas: Atlas, ax: Axes | None = None, *, after: bool = True) -> Axes:
    """Draw the city in the project's CRS and return the axes: no letters, so that it needs no font.

    Communities by the share of elders covered in the longest walk, `after` the plan where there is one, else today;
    those without a shape are left out. Streets by class, facilities by kind and state, the sites of the plan in red.
    """
    axes = ax if ax is not None else Figure(figsize=SIZE_INCHES, layout="tight").add_subplot()
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_facecolor(PAPER)
    _communities(atlas, axes, after=after)
    _streets(atlas, axes)
    for kind, status, point in zip(
        atlas.facilities["kind"], atlas.facilities["status"], atlas.facilities.geometry, strict=True
    ):
        _mark(axes, point, facility_symbol(kind, status), level=4)
    if after and atlas.plan is not None:
        sites = planned_sites(atlas)
        for kind, point in zip(sites["kind"], sites.geometry, strict=True):
            _mark(axes, point, plan_symbol(kind), level=5)
    return axes


def _communities(atlas: Atlas, axes: Axes, *, after: bool) -> None:
    units = units_of(atlas, "community", exact=True)
    ending = "_after" if after and f"elders_covered_{max(atlas.minutes)}_after" in units else ""
    covered, unknown = f"elders_covered_{max(atlas.minutes)}{ending}", unknown_at(units, ending)
    drawn = atlas.communities[placed(atlas.communities.geometry) & (atlas.communities.geom_type != "Point")]
    if not len(drawn):
        return
    colours = [
        share_colour(units[covered][code], units["elders"][code], units[unknown][code])
        if code in units.index
        else UNKNOWN_SHARE
        for code in drawn.index
    ]
    drawn.plot(ax=axes, color=colours, edgecolor="#ffffff", linewidth=0.6, aspect=None)


def _streets(atlas: Atlas, axes: Axes) -> None:
    classes = atlas.streets["highway"].map(street_class)
    for name, (colour, width) in reversed(list(STREETS.items())):
        lines = atlas.streets.geometry[classes == name].to_numpy()
        points, owner = shapely.get_coordinates(lines, return_index=True)
        parts = np.split(points, np.flatnonzero(np.diff(owner)) + 1) if len(points) else []
        axes.add_collection(LineCollection(parts, colors=colour, linewidths=width / 2, zorder=2))
    axes.autoscale_view()


def _mark(axes: Axes, point: Any, symbol: Symbol, *, level: int) -> None:
    """Draw one point; one without a position is left out."""
    if point is None or point.is_empty:
        return
    axes.plot(
        [point.x],
        [point.y],
        marker=Outline(SHAPES[symbol.shape]),
        markersize=symbol.size,
        markerfacecolor=symbol.fill,
        markeredgecolor=symbol.stroke,
        markeredgewidth=symbol.width / 2,
        linestyle="none",
        zorder=level,
    )

"""The walking network: streets between junctions on flat arrays, with their true course.

People walk both ways except on `oneway:foot` and `conveying`. Islands are kept and labelled; parallel streets are kept
beside each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.errors import Finding
from gis.grid import Grid, make_grid
from gis.stretches import Flat, make_flat


@dataclass(frozen=True)
class WalkNetwork:
    """Streets between junctions, in a CRS in metres.

    `node_xy` (n, 2) and `node_id` (n); `edge_nodes` (m, 2), `edge_length_m` (m) along the course, `effort_forward` and
    `effort_backward` (m): what a metre costs from the first node to the second, and back, in metres of level pavement
    (infinite: may not be walked); `edge_way_id`, `edge_class`,
    `edge_private` (m). The course of edge `e` is `course_xy[course_start[e]:course_start[e + 1]]`. `component` (n)
    labels islands, 0 the largest by length. `way_tags[edge_way[e]]` are the tags of edge `e` that a pace reads, each
    set of tags once; `edge_crossings` (m) how many nodes of its course are crossings, one at an end counts half.
    """

    crs: str
    node_id: np.ndarray
    node_xy: np.ndarray
    edge_nodes: np.ndarray
    edge_length_m: np.ndarray
    effort_forward: np.ndarray
    effort_backward: np.ndarray
    edge_way_id: np.ndarray
    edge_class: np.ndarray
    edge_private: np.ndarray
    course_xy: np.ndarray
    course_start: np.ndarray
    component: np.ndarray
    findings: tuple[Finding, ...] = ()
    way_tags: tuple[Mapping[str, str], ...] = ()
    edge_way: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    edge_crossings: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.float32))

    @cached_property
    def lines(self) -> np.ndarray:
        """The course of every edge as a shapely line."""
        of_edge = np.repeat(np.arange(len(self.edge_length_m)), np.diff(self.course_start))
        drawn: np.ndarray = shapely.linestrings(self.course_xy, indices=of_edge)
        return drawn

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The spatial index over `lines`."""
        return shapely.STRtree(self.lines)

    @cached_property
    def grid(self) -> Grid:
        """The grid that snapping looks streets up in."""
        return make_grid(self.course_xy, self.course_start)

    @cached_property
    def flat(self) -> Flat:
        """The arrays the search runs on; arcs lead *towards* each node, so that a search measures home to facility."""
        efforts = self.effort_forward, self.effort_backward
        return make_flat(self.edge_nodes, self.edge_length_m, *efforts, len(self.node_id))

    @property
    def edge_component(self) -> np.ndarray:
        """The island each edge lies on, 0 the largest."""
        of_edge: np.ndarray = self.component[self.edge_nodes[:, 0]]
        return of_edge

    @property
    def length_km(self) -> float:
        """The length of all streets."""
        return float(self.edge_length_m.sum() / 1000)

    def streets(self) -> gpd.GeoDataFrame:
        """Return the edges as lines: `way_id`, `highway`, `length_m`, `private`, `island` (0 the largest component)."""
        return gpd.GeoDataFrame(
            {
                "way_id": self.edge_way_id,
                "highway": self.edge_class,
                "length_m": self.edge_length_m,
                "private": self.edge_private,
                "island": self.edge_component,
            },
            geometry=self.lines,
            crs=self.crs,
            index=pd.RangeIndex(len(self.edge_length_m), name="edge"),
        )

"""Who is served by whom: every home, and every metre of street, belongs to the facility it has the shortest walk to.

The streets are parted at the very points from which two facilities are equally far: the Voronoi diagram of a network
(Okabe et al. 2008, doi:10.1080/13658810701587891), walked home to facility, so that a slope or a one-way street counts
in its direction. Of facilities equally near the first by identifier serves.
"""

import math
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.doorsteps import by_stretch
from gis.field import burn, cell_m, lines_of, segments_of, window
from gis.network import WalkNetwork
from gis.reach import places, walk_m
from gis.stretches import Places
from gis.sweeps import nearest_door

CELLS_IN_ALL = 50_000_000
"""Windows that have more cells than this together are drawn on a coarser grid: a city takes seconds, not minutes."""
TIE_M = 1e-4
"""Ground this nearly as far from the streets of two facilities goes to the first; it may be all of a corner."""


def served_streets(
    network: WalkNetwork, facilities: pd.DataFrame, *, minutes: float | None = None, speed_m_s: float = 1.0
) -> gpd.GeoDataFrame:
    """Return the parts of streets that each facility serves, within a walk of `minutes` or however far.

    `facilities` is what `snap` returned. Columns: `facility_id`, `edge`, `from_m`, `to_m` along it, and the part as a
    line in the CRS of the network. No two parts overlap: together they are the streets reached from any facility.
    """
    doors = facilities.sort_index()
    parts = _parts(network, doors, math.inf if minutes is None else walk_m(minutes, speed_m_s))
    lines = lines_of(network, *(parts[name].to_numpy() for name in ("edge", "from_m", "to_m")))
    frame = parts.assign(facility_id=doors.index.to_numpy()[parts["door"]])
    return gpd.GeoDataFrame(frame[["facility_id", "edge", "from_m", "to_m"]], geometry=lines, crs=network.crs)


def catchments(
    network: WalkNetwork,
    facilities: pd.DataFrame,
    *,
    minutes: float | None = None,
    speed_m_s: float = 1.0,
    margin_m: float = 25.0,
) -> gpd.GeoDataFrame:
    """Return the area that each facility serves, for drawing: within the margin of its streets and nearer to them.

    `facilities` is what `snap` returned. Columns, one row a facility in the order given: `facility_id`, `street_km`,
    multipolygons in the CRS of the network. Areas do not overlap; that of a facility that serves no street is empty.
    """
    streets = served_streets(network, facilities, minutes=minutes, speed_m_s=speed_m_s)
    length_m = (streets["to_m"] - streets["from_m"]).groupby(streets["facility_id"]).sum()
    areas = _areas(network, streets, margin_m)
    empty = shapely.MultiPolygon()
    return gpd.GeoDataFrame(
        {
            "facility_id": facilities.index,
            "street_km": length_m.reindex(facilities.index, fill_value=0).to_numpy() / 1000,
        },
        geometry=[areas.get(name, empty) for name in facilities.index],
        crs=network.crs,
    )


def catchment_table(
    served: pd.DataFrame,
    homes: pd.DataFrame,
    facilities: pd.DataFrame,
    *,
    columns: Sequence[str] = ("residents", "elders"),
) -> pd.DataFrame:
    """Return how many homes and people have each facility as their nearest; each home counts once.

    `served` as from `nearest` for the homes. Indexed by `facility_id`, in the order of `facilities`: `homes`, the
    `columns`, `minutes_mean` and `minutes_max` of its homes. A last row with an empty identifier holds those who reach
    none, so that the rows add up to all homes and people. NA where it is not known for every home how many live there.
    """
    listed = pd.Index([*facilities.index, ""], name="facility_id")
    of_home = served["facility_id"].reindex(homes.index).fillna("").to_numpy(dtype=object)
    people = homes[list(columns)].assign(homes=1)
    table = people.groupby(of_home).sum(skipna=False).reindex(listed, fill_value=0)[["homes", *columns]]
    walk = served["minutes"].reindex(homes.index).groupby(of_home)
    return table.assign(minutes_mean=walk.mean().reindex(listed), minutes_max=walk.max().reindex(listed))


def _parts(network: WalkNetwork, doors: pd.DataFrame, limit_m: float) -> pd.DataFrame:
    """Return the parts of edges by the door they are nearest to: `edge`, `from_m`, `to_m`, `door`, along each edge.

    Each edge is cut at its doors; between two cuts one walks to the one or to the other, and in between lies the place
    from which both are equally far.
    """
    flat, at_doors = network.flat, places(doors)
    nodes = nearest_door(flat, at_doors, limit_m)
    on_street = doors["edge"].to_numpy() >= 0
    edge, at = doors["edge"].to_numpy()[on_street], doors["offset_m"].to_numpy()[on_street]
    spots = by_stretch(flat, Places(edge, at, np.zeros(len(edge))))
    walk, whom = nearest_door(flat, at_doors, limit_m, spots, len(edge))
    every = np.flatnonzero(np.isfinite(nodes[0][network.edge_nodes]).any(axis=1))
    every = np.union1d(every, edge)
    ends = network.edge_nodes[every]
    stops = pd.DataFrame({
        "edge": np.concatenate([every, edge, every]),
        "at": np.concatenate([np.zeros(len(every)), at, network.edge_length_m[every]]),
        "walk": np.concatenate([nodes[0][ends[:, 0]], walk, nodes[0][ends[:, 1]]]),
        "door": np.concatenate([nodes[1][ends[:, 0]], whom, nodes[1][ends[:, 1]]]),
    }).sort_values(["edge", "at"], kind="stable", ignore_index=True)  # fmt: skip
    here, there = stops.iloc[:-1].reset_index(drop=True), stops.iloc[1:].reset_index(drop=True)
    same = (here["edge"] == there["edge"]) & (here["at"] < there["at"])
    here, there = here[same], there[same]
    of = here["edge"].to_numpy()
    a, b = here["at"].to_numpy(), there["at"].to_numpy()
    left, right = here["walk"].to_numpy(), there["walk"].to_numpy()
    back = np.where(np.isfinite(left), network.effort_backward[of], np.inf)
    ahead = np.where(np.isfinite(right), network.effort_forward[of], np.inf)
    goes, comes = np.isfinite(back), np.isfinite(ahead)
    meet = np.where(goes, b, a)  # one side alone has it all
    both = goes & comes
    meet[both] = a[both] + np.clip(
        (right[both] - left[both] + (b - a)[both] * ahead[both]) / (back + ahead)[both], 0, (b - a)[both]
    )
    most = np.zeros((2, len(a)))
    most[0, goes] = (limit_m - left[goes]) / back[goes]
    most[1, comes] = (limit_m - right[comes]) / ahead[comes]
    parts = pd.DataFrame({
        "edge": np.concatenate([of, of]),
        "from_m": np.concatenate([a, np.maximum(meet, b - most[1])]),
        "to_m": np.concatenate([np.minimum(meet, a + most[0]), b]),
        "door": np.concatenate([here["door"], there["door"]]),
    })  # fmt: skip
    parts = parts[parts["from_m"] < parts["to_m"]].sort_values(["edge", "from_m"], ignore_index=True)
    new = (parts[["edge", "door"]] != parts[["edge", "door"]].shift()).any(axis=1)
    run = (new | (parts["from_m"] != parts["to_m"].shift())).cumsum()
    return parts.groupby(run).agg({"edge": "first", "from_m": "first", "to_m": "last", "door": "first"})


def _areas(network: WalkNetwork, streets: gpd.GeoDataFrame, margin_m: float) -> dict[str, shapely.MultiPolygon]:
    """Return for each facility where its streets are within the margin and nearer than anybody else's."""
    course = (streets[name].to_numpy() for name in ("edge", "from_m", "to_m"))
    pieces, of_part = segments_of(network.course_xy, network.course_start, *course)
    facility, whose = np.unique(streets["facility_id"].to_numpy(dtype=object), return_inverse=True)
    whose = whose[of_part]
    low, high = np.minimum(pieces[:, :2], pieces[:, 2:]), np.maximum(pieces[:, :2], pieces[:, 2:])
    boxes = shapely.STRtree(shapely.box(*low.T, *high.T))
    own = [pieces[whose == number] for number in range(len(facility))]
    ground_m2 = sum(float(np.prod(np.ptp(part.reshape(-1, 2), axis=0) + 2 * margin_m)) for part in own)
    cell = max(cell_m(own, margin_m), math.sqrt(ground_m2 / CELLS_IN_ALL))  # one for all: borders are shared
    raw = []
    for number, streets_of in enumerate(own):
        frame = window(streets_of, margin_m, cell)
        reach_m = margin_m + 2 * cell
        ours, theirs = (frame.field(margin_m + 4 * cell) for _ in range(2))
        corner = frame.low + cell * np.array([frame.columns, frame.rows])
        near = boxes.query(shapely.box(*(frame.low - reach_m), *(corner + reach_m)))
        burn(streets_of, frame.low, cell, reach_m, ours)
        burn(pieces[near[whose[near] != number]], frame.low, cell, reach_m, theirs)
        far = np.sqrt(ours)
        area = shapely.make_valid(frame.trace(far, margin_m))
        side = shapely.make_valid(frame.trace(far - np.sqrt(theirs), TIE_M))
        raw.append(shapely.intersection(area, side))
    tree = shapely.STRtree(raw)
    areas = {}
    for number, area in enumerate(raw):
        left = area
        for other in np.sort(tree.query(area, "intersects")):
            if other < number:  # one after the other: the union of all neighbours first would take twice as long
                left = shapely.difference(left, raw[other])
        areas[facility[number]] = shapely.MultiPolygon(
            [part for part in shapely.get_parts(left) if part.area > cell**2]
        )
    return areas

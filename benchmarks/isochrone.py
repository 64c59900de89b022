"""Walking areas beside the exact union of buffers and the usual recipes. `python -m benchmarks.isochrone`.

The truth is the union of the buffers of the streets reached, cut exactly at the walk. Valhalla is measured where some
Python has it (`--valhalla PYTHON`; on its own streets, of the same extract).
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pyproj
import shapely

from benchmarks.cities_walked import CRS, FILES, MINUTES, at_nodes, city, drawn
from benchmarks.harness import Contender, Row, arguments, compare, same
from gis.graphs import to_networkx
from gis.isochrone import isochrones, reached_streets
from gis.osm import OSM_CRS

MARGIN_M = 25.0
WALK_M = 60.0 * MINUTES
LEAST_IOU = 0.999
QUAD_SEGS = 16


def main() -> None:
    """Print the table."""
    given = arguments(__doc__, city="wuhan", polygons=50, valhalla=sys.executable)
    network = city(given.data, given.city)
    nodes = drawn(network, given.polygons)
    snapped = at_nodes(network, nodes, "f")
    one_by_one = [snapped.iloc[[k]] for k in range(len(snapped))]
    # The union has to be exact where we are judged; in the race it has the corners a buffer usually gets.
    truth = [exact(network, place, quad_segs=4 * QUAD_SEGS) for place in one_by_one]

    def overlaps(areas: Sequence[shapely.Geometry]) -> np.ndarray:
        found = np.array(areas, dtype=object)
        shared = shapely.area(shapely.intersection(found, truth))
        ratio: np.ndarray = shared / shapely.area(shapely.union(found, truth))
        return ratio

    def tell(areas: Sequence[shapely.Geometry]) -> str:
        ratio = overlaps(areas)
        return f"IoU median {np.median(ratio):.4f}, least {ratio.min():.4f}"

    def judge(areas: Sequence[shapely.Geometry]) -> str:
        same(bool(overlaps(areas).min() >= LEAST_IOU), tell(areas))
        return tell(areas)

    def osmnx_recipe(draw: Callable[[nx.MultiDiGraph], shapely.Geometry]) -> Callable[[object], list[shapely.Geometry]]:
        return lambda graph: [draw(nx.ego_graph(graph, n, radius=WALK_M, distance="length")) for n in nodes.tolist()]

    def streets() -> nx.MultiDiGraph:
        return to_networkx(network)

    recipes = {
        "convex hull": lambda part: _corners(part).convex_hull,
        "concave hull (ratio 0.3)": lambda part: shapely.concave_hull(_corners(part), ratio=0.3),
        "buffered edges": lambda part: _buffered(part, infill=False),
        "buffered edges, filled in": lambda part: _buffered(part, infill=True),
    }
    lonlat = pyproj.Transformer.from_crs(CRS[given.city], OSM_CRS, always_xy=True).transform(*network.node_xy[nodes].T)
    found = valhalla(given.valhalla, given.data / FILES[given.city], np.column_stack(lonlat), runs=given.runs)
    also = []
    if isinstance(found, str):
        print(f"Valhalla is left out: {found}")
    else:
        drawn_by = gpd.GeoSeries(shapely.from_geojson(found.pop("areas")), crs=OSM_CRS).to_crs(CRS[given.city])
        also = [Row("Valhalla `isochrone`", own_mb=None, remark=tell(list(drawn_by.make_valid())), **found)]
    compare(
        f"walking areas: {given.city}, {given.polygons} facilities, 15 minutes",
        [
            Contender(
                "circle15, one at a time",
                lambda _: [isochrones(network, place, minutes=[MINUTES]).geometry.iloc[0] for place in one_by_one],
                judge,
            ),
            Contender(
                "circle15, in one call",
                lambda _: list(isochrones(network, snapped, minutes=[MINUTES]).geometry),
                judge,
            ),
            Contender(
                "exact union of buffers (shapely)",
                lambda _: [exact(network, place, quad_segs=QUAD_SEGS) for place in one_by_one],
                judge,
            ),
            *(
                Contender(f"OSMnx `ego_graph`, {name}", osmnx_recipe(draw), tell, streets, runs=min(given.runs, 3))
                for name, draw in recipes.items()
            ),
        ],
        runs=given.runs,
        per=(given.polygons, "polygon"),
        also=also,
    )


def exact(network: object, place: object, *, quad_segs: int) -> shapely.Geometry:
    """Return the union of the buffers of the streets reached."""
    lines = reached_streets(network, place, minutes=MINUTES).geometry.to_numpy()  # type: ignore[arg-type]
    return shapely.union_all(shapely.buffer(lines, MARGIN_M, quad_segs=quad_segs))


def _corners(part: nx.MultiDiGraph) -> shapely.MultiPoint:
    """Return the crossings reached."""
    return shapely.MultiPoint([(data["x"], data["y"]) for _, data in part.nodes(data=True)])


def _buffered(part: nx.MultiDiGraph, *, infill: bool) -> shapely.Geometry:
    """Return the area that the example of OSMnx on walking areas draws: whole streets between crossings reached."""
    points = [shapely.Point(data["x"], data["y"]) for _, data in part.nodes(data=True)]
    lines = [data["geometry"] for *_, data in part.edges(data=True)]
    drawn_in = gpd.GeoSeries(lines).buffer(MARGIN_M).to_list() + gpd.GeoSeries(points).buffer(MARGIN_M).to_list()
    area = gpd.GeoSeries(drawn_in).union_all()
    return shapely.Polygon(area.exterior) if infill and area.geom_type == "Polygon" else area


def valhalla(python: str, extract: Path, lonlat: np.ndarray, *, runs: int) -> dict[str, Any] | str:
    """Return Valhalla's areas, times and memory, measured by an interpreter that has pyvalhalla; else why not."""
    worker = Path(__file__).with_name("valhalla_worker.py")
    asked = json.dumps({"extract": str(extract), "places": lonlat.tolist(), "minutes": MINUTES, "runs": runs})
    done = subprocess.run([python, str(worker)], input=asked, capture_output=True, text=True, check=False)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["it failed"])[-1]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


if __name__ == "__main__":
    main()

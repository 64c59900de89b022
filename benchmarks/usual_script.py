"""The usual script for the same job, written as the manuals of OSMnx, networkx, spopt and folium show it."""

import json
import sys
import time
from itertools import pairwise
from pathlib import Path

import folium
import geopandas as gpd
import networkx as nx
import numpy as np
import osmnx as ox
import pandas as pd
import pulp
import shapely
from spopt.locate import MCLP

from benchmarks.harness import peak_mb

WALK_M, MAX_CONNECTOR_M, MARGIN_M, SITES, AREAS, GAP = 900, 150, 25, 60, 50, 0.005
CRS = "EPSG:4547"


def main() -> None:
    """Run the script and print what came of it."""
    folder = Path(sys.argv[1])
    marks = {"read": time.perf_counter()}
    graph = ox.graph_from_xml(folder / "streets.osm", bidirectional=True, retain_all=True)
    graph = ox.projection.project_graph(graph, to_crs=CRS)
    cells, facilities, candidates = (
        _points(folder / f"{name}.csv") for name in ("residents", "facilities", "candidates")
    )

    marks["coverage"] = time.perf_counter()
    (homes, away_m), (doors, _), (sites, _) = (
        ox.distance.nearest_nodes(graph, table.geometry.x, table.geometry.y, return_dist=True)
        for table in (cells, facilities, candidates)
    )
    near = np.array(away_m) <= MAX_CONNECTOR_M
    far = nx.multi_source_dijkstra_path_length(graph, set(doors), cutoff=WALK_M, weight="length")
    cells["covered"] = [node in far for node in homes] & near

    marks["areas"] = time.perf_counter()
    areas = gpd.GeoSeries([_area(graph, node) for node in doors[:AREAS]], crs=CRS)

    marks["plan"] = time.perf_counter()
    cost = np.full((len(cells), len(candidates)), np.inf)
    for column, node in enumerate(sites):
        reached = nx.single_source_dijkstra_path_length(graph, node, cutoff=WALK_M, weight="length")
        cost[:, column] = [reached.get(home, np.inf) for home in homes]
    cost[~near] = np.inf
    weights = cells["elders"].where(~cells["covered"], 0).to_numpy()
    model = MCLP.from_cost_matrix(cost, weights, service_radius=WALK_M, p_facilities=SITES)
    model = model.solve(pulp.PULP_CBC_CMD(gapRel=GAP, msg=False))
    chosen = [j for j, clients in enumerate(model.fac2cli) if clients]

    marks["page"] = time.perf_counter()
    shown = folium.Map(location=[30.58, 114.3], zoom_start=11)
    lonlat = {name: table.to_crs("EPSG:4326") for name, table in (("cells", cells), ("areas", areas))}
    for point, covered in zip(lonlat["cells"].geometry, lonlat["cells"]["covered"], strict=True):
        folium.CircleMarker([point.y, point.x], radius=2, color="green" if covered else "red").add_to(shown)
    folium.GeoJson(lonlat["areas"]).add_to(shown)
    for table, colour in ((facilities, "blue"), (candidates.iloc[chosen], "orange")):
        for point in table.to_crs("EPSG:4326").geometry:
            folium.Marker([point.y, point.x], icon=folium.Icon(color=colour)).add_to(shown)
    shown.save(folder / "usual.html")
    marks["end"] = time.perf_counter()

    stages = list(marks)
    print(
        json.dumps(
            {
                "stages": {a: marks[b] - marks[a] for a, b in pairwise(stages)},
                "peak_mb": peak_mb(),
                "covered": cells.loc[cells["covered"], "demand_id"].tolist(),
                "sites": candidates["candidate_id"].iloc[chosen].tolist(),
            }
        )
    )


def _points(path: Path) -> gpd.GeoDataFrame:
    """Return a table of points in the CRS."""
    table = pd.read_csv(path)
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326").to_crs(CRS)


def _area(graph: nx.MultiDiGraph, node: int) -> shapely.Geometry:
    """Return the walking area as the OSMnx example on isochrones draws it: buffered nodes and edges."""
    part = nx.ego_graph(graph, node, radius=WALK_M, distance="length")
    points = gpd.GeoSeries([shapely.Point(data["x"], data["y"]) for _, data in part.nodes(data=True)])
    lines = gpd.GeoSeries([data["geometry"] for *_, data in part.edges(data=True) if "geometry" in data])
    straight = gpd.GeoSeries(
        [
            shapely.LineString([(part.nodes[n]["x"], part.nodes[n]["y"]) for n in (u, v)])
            for u, v, data in part.edges(data=True)
            if "geometry" not in data
        ]
    )
    parts = pd.concat([points.buffer(MARGIN_M), lines.buffer(MARGIN_M), straight.buffer(MARGIN_M)])
    return gpd.GeoSeries(parts).union_all()


if __name__ == "__main__":
    main()

"""Make projects of three real cities from a folder of open extracts: `python benchmarks/cities.py DATA OUT`.

Then `circle15 run OUT/hsinchu`, `circle15 run OUT/porto_alegre`, `circle15 run OUT/wuhan`. What stands in for data that
no open source gives (which places are care facilities, what a site costs) is drawn with a fixed seed or by a plain
formula named here: these projects try the tool, they say nothing about the cities.
"""

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely
from scipy.optimize import linear_sum_assignment

from gis.homes import apportion
from gis.osm import OSM_CRS
from gis.places import places
from gis.streets import walk_network

SEED = 15
YUAN_PER_M2 = 3000
CARE = {"amenity": ("hospital", "clinic", "doctors", "pharmacy", "social_facility", "nursing_home"), "healthcare": None}
ROOMS = {"amenity": ("school", "kindergarten", "community_centre", "library", "place_of_worship", "townhall")}
PORTO_ALEGRE_ELDER_SHARE = 0.15
"""Residents aged 60 and over, rounded (census of 2010): a choice of the project, printed as one."""

PROJECT = """name = "{name}"
crs = "{crs}"
[inputs]
streets = "{streets}"
communities = "{communities}"
facilities = {{ path = "facilities.csv", datum = "wgs84" }}
candidates = {{ path = "candidates.csv", datum = "wgs84" }}
{extra}
[policy]
packs = ["hebi_2020"]
as_of = 2021-12-31
[siting]
budget_wan = {budget_wan}
min_site_floor_area_m2 = {{ day_care = 350 }}
time_limit_s = 20
"""
RESIDENTS = 'residents = { path = "residents.csv", datum = "wgs84" }'


def hsinchu(data: Path, folder: Path) -> None:
    """Hsinchu East: 12 neighbourhoods of the map joined by name to the village table, homes from buildings."""
    streets = _begin(data / "hsinchu_east.osm.pbf", folder)
    crs = "EPSG:4549"
    areas = _neighbourhoods(streets, crs=crs)
    table = pd.read_csv(data / "hsinchu_villages_202103.csv", dtype=str)
    table = table[table["區域"] == "新竹市東區"]
    joined = areas.merge(table, left_on="name", right_on="村里")
    code = joined["村里代碼"].str.replace("-", "0")  # 8 + 3 digits: to 12
    gpd.GeoDataFrame(
        {
            "community_id": code,
            "name": joined["name"],
            "level": "社区",
            "street_id": code.str[:9],
            "street": "東區",
            "county": "新竹市",
            "residents": joined["人口"].astype(int),
            "elders": joined["超過64歲"].astype(int),
            "households": joined["戶數"].astype(int),
        },
        geometry=joined.geometry,
        crs=crs,
    ).sort_values("community_id").to_file(folder / "communities.gpkg")
    _points(places(streets, CARE, crs=OSM_CRS), folder / "facilities.csv", _facilities)
    _points(places(streets, ROOMS, crs=OSM_CRS), folder / "candidates.csv", _candidates)
    _project(folder, name="新竹市東區", crs=crs, streets=streets, communities="communities.gpkg", budget_wan=800)


def _neighbourhoods(extract: Path, *, crs: str) -> gpd.GeoDataFrame:
    """Return the neighbourhoods (`admin_level` 9) of an extract that cuts their borders, closed along its own border.

    Each face between the borders is the neighbourhood whose known border lies wholly along it.
    """
    ways: dict[int, shapely.LineString] = {}
    members: dict[str, list[int]] = {}
    nodes = []
    for thing in osmium.FileProcessor(extract).with_locations():
        if thing.is_node():
            nodes.append((thing.lon, thing.lat))
        elif thing.is_way() and len(thing.nodes) > 1:
            ways[thing.id] = shapely.LineString([(n.lon, n.lat) for n in thing.nodes])
        elif thing.is_relation() and thing.tags.get("admin_level") == "9":
            members[thing.tags["name"]] = [member.ref for member in thing.members if member.type == "w"]
    frame = shapely.MultiPoint(nodes).envelope.exterior
    borders = {name: shapely.union_all([ways[i] for i in ids if i in ways]) for name, ids in members.items()}
    known = shapely.line_merge(shapely.union_all(list(borders.values())))
    loose = [shapely.Point(end) for line in shapely.get_parts(known) for end in (line.coords[0], line.coords[-1])]
    loose = [end for end in loose if sum(end.touches(line) for line in shapely.get_parts(known)) == 1]
    to_frame = shapely.shortest_line(loose, frame)
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([known, frame, *to_frame])]))
    names = [name for name, line in borders.items() if not line.is_empty]
    along = [[shapely.intersection(face.exterior.buffer(1e-7), borders[n]).length / borders[n].length for face in faces]
             for n in names]  # fmt: skip
    _, which = linear_sum_assignment(along, maximize=True)  # a border has two sides: each face goes to one name
    return gpd.GeoDataFrame({"name": names}, geometry=faces[which], crs=OSM_CRS).to_crs(crs)


def porto_alegre(data: Path, folder: Path) -> None:
    """Porto Alegre: hexagons as homes, hexagons with health posts as facilities, with schools as candidates."""
    streets = _begin(data / "poa_porto_alegre.osm.pbf", folder)
    hexagons = pd.read_csv(data / "poa_hexgrid.csv").set_index("id")
    at = gpd.GeoDataFrame(hexagons, geometry=gpd.points_from_xy(hexagons["lon"], hexagons["lat"]), crs=OSM_CRS)
    west, south, east, north = at.total_bounds
    x, y = np.linspace(west - 0.001, east + 0.001, 5), np.linspace(south - 0.001, north + 0.001, 4)
    cells = [(i, j, shapely.box(x[i], y[j], x[i + 1], y[j + 1])) for i in range(4) for j in range(3)]
    gpd.GeoDataFrame(
        {
            "community_id": [f"439001001{j * 4 + i + 1:03d}" for i, j, _ in cells],
            "name": [f"R{j + 1}C{i + 1}" for i, j, _ in cells],
            "residents": [int(at.loc[at.within(cell), "population"].sum()) for _, _, cell in cells],
        },
        geometry=[cell for *_, cell in cells],
        crs=OSM_CRS,
    ).to_file(folder / "communities.gpkg")
    homes = at[at["population"] > 0]
    pd.DataFrame(
        {"demand_id": homes.index, "residents": homes["population"], "lon": homes["lon"], "lat": homes["lat"]}
    ).to_csv(folder / "residents.csv", index=False)
    _points(at[at["healthcare"] > 0].assign(name=None), folder / "facilities.csv", _facilities)
    _points(at[at["schools"] > 0].assign(name=None), folder / "candidates.csv", _candidates)
    people = f"{RESIDENTS}\n[people]\nelder_share = {PORTO_ALEGRE_ELDER_SHARE}"
    _project(folder, name="Porto Alegre", crs="EPSG:32722", streets=streets, communities="communities.gpkg",
             extra=people, budget_wan=3000)  # fmt: skip


def wuhan(data: Path, folder: Path, *, count: int = 500, sites: int = 500) -> None:
    """Wuhan: cells as homes with their district's share of elders; facilities and candidates drawn from the network."""
    streets = _begin(data / "wuhan_8989.osm.pbf", folder)
    crs = "EPSG:4547"
    cells = pd.read_csv(data / "wuhan_population_ghsl2015.csv")
    cells.index = [f"c{i:05d}" for i in range(len(cells))]
    at = gpd.GeoDataFrame(cells, geometry=gpd.points_from_xy(cells["lng"], cells["lat"]), crs=OSM_CRS)
    districts = gpd.read_file(data / "wuhan_districts_wgs84.geojson").set_index("district_adcode")
    census = pd.read_csv(data / "wuhan_census2020_age_sex.csv")
    census.index = pd.to_numeric(census["区划代码"]).astype(int)
    old = [
        c
        for c in census.columns
        if c.endswith(("60到64岁", "65到69岁", "70到74岁", "75到79岁", "80到84岁", "85岁以上"))
    ]
    share = census[old].sum(axis=1) / census["人口数_合计"]
    where = gpd.sjoin(at, districts[["geometry"]], predicate="within")
    at["district"] = where["district_adcode"][~where.index.duplicated()]
    elders = pd.Series(0, index=at.index)
    for district, members in at.groupby("district"):
        elders[members.index] = apportion(
            round(members["population"].sum() * share[int(district)]), members["population"]
        )
    residents = pd.DataFrame(
        {
            "demand_id": at.index,
            "residents": at["population"],
            "elders": elders,
            "community_id": [f"{int(d)}001001" if pd.notna(d) else "" for d in at["district"]],
            "lon": at["lng"],
            "lat": at["lat"],
        }
    )
    residents.to_csv(folder / "residents.csv", index=False)
    core = districts[districts.index.isin(at["district"].dropna())]
    gpd.GeoDataFrame(
        {
            "community_id": [f"{d}001001" for d in core.index],
            "name": core["district_name"],
            "county": core["district_name"],
            "residents": [round(at.loc[at["district"] == d, "population"].sum()) for d in core.index],
            "elders": [int(elders[at["district"] == d].sum()) for d in core.index],
        },
        geometry=core.geometry,
        crs=OSM_CRS,
    ).to_file(folder / "communities.gpkg")
    network = walk_network(streets, crs=crs)
    drawn = np.random.default_rng(SEED).choice(len(network.node_id), count + sites, replace=False)
    nodes = gpd.GeoDataFrame(geometry=shapely.points(network.node_xy[drawn]), crs=crs).to_crs(OSM_CRS).assign(name=None)
    nodes.index = [f"n{network.node_id[i]}" for i in drawn]
    _points(nodes[:count], folder / "facilities.csv", _facilities)
    _points(nodes[count:], folder / "candidates.csv", _candidates)
    _project(
        folder, name="武汉", crs=crs, streets=streets, communities="communities.gpkg", extra=RESIDENTS, budget_wan=9000
    )


CITIES: dict[str, Callable[[Path, Path], None]] = {"hsinchu": hsinchu, "porto_alegre": porto_alegre, "wuhan": wuhan}


def _begin(extract: Path, folder: Path) -> Path:
    """Make the folder and put the extract into it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(extract, folder / extract.name)
    return folder / extract.name


def _points(frame: gpd.GeoDataFrame, path: Path, columns: Callable[[gpd.GeoDataFrame], pd.DataFrame]) -> None:
    """Write a table of points in degrees."""
    frame = frame.sort_index()
    table = columns(frame).assign(lon=frame.geometry.x, lat=frame.geometry.y)
    table.to_csv(path, index=False)


def _facilities(at: gpd.GeoDataFrame) -> pd.DataFrame:
    """Let each place stand in for a day-care centre in use since 2019."""
    name = at["name"].fillna(at.index.to_series())
    return pd.DataFrame({"facility_id": at.index, "name": name, "kind": "日间照料", "status": "在用",
                         "opened": "2019-06-30", "floor_area_m2": 500, "operator_type": "公办"})  # fmt: skip


def _candidates(at: gpd.GeoDataFrame) -> pd.DataFrame:
    """Let each place stand in for a site of 300 to 1,000 m2 that costs 3,000 yuan a square metre."""
    name = at["name"].fillna(at.index.to_series())
    area = np.random.default_rng(SEED).integers(6, 21, len(at)) * 50
    return pd.DataFrame({"candidate_id": at.index, "name": name, "mode": "改造", "max_floor_area_m2": area,
                         "cost_wan": area * YUAN_PER_M2 / 10_000, "kinds": "日间照料"})  # fmt: skip


def _project(folder: Path, *, streets: Path, extra: str = "", **fields: object) -> None:
    """Write the project file."""
    text = PROJECT.format(streets=streets.name, extra=extra, **fields)
    (folder / "project.toml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the extracts and tables")
    parser.add_argument("out", type=Path, help="folder for the projects")
    given = parser.parse_args()
    for name, make in CITIES.items():
        make(given.data, given.out / name)
        print(given.out / name)

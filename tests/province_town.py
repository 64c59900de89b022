"""A made province: the sample town dealt out to four counties, their borders across blocks and yards."""

import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

import circle15 as c15
from circle15.sample import sample_folder
from gis.intake import read_table
from gis.tables import CANDIDATES, COMMUNITIES, FACILITIES, HOUSING, RESIDENTS

CRS = "EPSG:4547"
CODES = ("420101", "420102", "420103", "420104")
WALKING = """
[walking]
minutes = [5, 10, 15]
compare_speeds = [0.8, 1.0]
"""
INPUTS = """
crs = "EPSG:4547"

[inputs]
streets = "streets.osm.pbf"
communities = "communities.gpkg"
residents = "residents.gpkg"
gates = { path = "gates.csv", datum = "wgs84" }
facilities = "facilities.gpkg"
candidates = "candidates.gpkg"
housing = "housing.gpkg"
"""
REST = """
[policy]
packs = ["hebi_2020"]
as_of = 2021-12-31

[output]
language = "zh"
report_maps = false
"""


def quarters(ground: shapely.Geometry) -> gpd.GeoSeries:
    """Return four counties that meet in the middle of some ground, their borders aslant to its streets."""
    x, y = ground.centroid.coords[0]
    west, south, east, north = ground.buffer(2000).bounds
    slant = 137.0
    top, bottom, left, right = (x + slant, north), (x - slant, south), (west, y + slant), (east, y - slant)
    corners = [(west, south), (east, south), (west, north), (east, north)]
    rings = (
        [corners[0], bottom, (x, y), left],
        [bottom, corners[1], right, (x, y)],
        [left, (x, y), top, corners[2]],
        [(x, y), right, corners[3], top],
    )
    return gpd.GeoSeries([shapely.Polygon(ring) for ring in rings], index=list(CODES), crs=CRS)


def make_province(
    folder: Path, *, pages: bool = False, engine: str = 'kind = "loop"', walking: str = WALKING, more: str = ""
) -> Path:
    """Write a province of four counties, and beside it the project of the same ground uncut; return the folder.

    `more`: further lines of `[province]`, and parts after it.
    """
    source = sample_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("streets.osm.pbf", "gates.csv"):
        shutil.copy(source / name, folder / name)

    def read(name: str, table: object, datum: str | None = None) -> gpd.GeoDataFrame:
        return read_table(source / name, table, crs=CRS, datum=datum).frame

    communities = read("communities.gpkg", COMMUNITIES)
    homes = read("residents.csv", RESIDENTS, "wgs84")
    homes = homes[homes.geometry.notna()]
    counties = quarters(shapely.union_all(communities.geometry))
    named = gpd.GeoDataFrame(
        {"county_id": CODES, "name": [f"{n}县" for n in "甲乙丙丁"]}, geometry=counties.to_numpy(), crs=CRS
    )
    pieces = gpd.overlay(communities[["name", "level", "geometry"]].reset_index(drop=True), named.rename(
        columns={"name": "county"}), keep_geom_type=True)  # fmt: skip
    pieces = pieces.assign(level=pieces["level"].fillna("community"))
    pieces["community_id"] = [f"{county}001{number:03d}" for number, county in enumerate(pieces["county_id"], 1)]
    at = gpd.sjoin(homes[["residents", "elders", "geometry"]], pieces[["community_id", "geometry"]], how="inner")
    people = at[~at.index.duplicated()].groupby("community_id")[["residents", "elders"]].sum().round().astype(int)
    pieces = pieces.join(people, on="community_id").fillna({"residents": 0, "elders": 0})
    pieces = pieces.astype({"residents": int, "elders": int})
    named.to_file(folder / "counties.gpkg")
    pieces.to_file(folder / "communities.gpkg")
    kept = homes.drop(columns="community_id").reset_index(names="demand_id")
    kept.dropna(axis=1, how="all").to_file(folder / "residents.gpkg")
    tables = (
        ("facilities", "设施.xlsx", FACILITIES, "gcj02", "facility_id"),
        ("candidates", "candidates.gpkg", CANDIDATES, None, "candidate_id"),
        ("housing", "housing.xlsx", HOUSING, "wgs84", "project_id_phase"),
    )
    for name, file, table, datum, key in tables:
        frame = read(file, table, datum).drop(columns="community_id", errors="ignore")
        frame = frame.reset_index(names=key).drop(columns="project_id_phase", errors="ignore")
        for column in [name for name in frame if pd.api.types.is_object_dtype(frame[name])]:
            frame[column] = frame[column].map(lambda cells: "、".join(cells) if isinstance(cells, tuple) else cells)
        frame.dropna(axis=1, how="all").to_file(folder / f"{name}.gpkg")
    (folder / "province.toml").write_text(
        f'name = "样例省"\n{INPUTS}{walking}{REST}\n[province]\ncounties = "counties.gpkg"\n'
        f"pages = {str(pages).lower()}\n{more}\n[engine]\n{engine}\n",
        encoding="utf-8",
    )
    uncut = folder.parent / f"{folder.name}-uncut"
    shutil.copytree(folder, uncut)
    (uncut / "province.toml").unlink()
    (uncut / "project.toml").write_text(f'name = "不分县"\n{INPUTS}{walking}{REST}', encoding="utf-8")
    return folder


def uncut(folder: Path) -> c15.Study:
    """Return the study of the same ground as one city."""
    return c15.study(c15.read_city(c15.load_project(folder.parent / f"{folder.name}-uncut")), siting=False)


def homes_of(folder: Path) -> pd.DataFrame:
    """Return the homes of all counties as their last results have them."""
    files = sorted((folder / "计算").glob("*/*/homes.parquet"))
    return pd.concat([gpd.read_parquet(file) for file in files])

"""A made province from 1 to 64 counties, by a loop and by Dask: time, memory, bytes. `python -m benchmarks.province`.

Wuhan's streets laid out side by side, each copy cut into four counties by borders across its blocks, people from its
cells. Every way of working has a process of its own and one core a worker; the results must be equal to the byte before
anything is shown. `--largest 64` for the whole curve; `--make FOLDER --counties N` only makes the province.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import shapely

from benchmarks.cities_walked import FILES, GAP_DEGREES, SEED, tiled_extract
from benchmarks.harness import arguments, clock, peak_mb
from circle15.outputs import stamp
from circle15.province.run import run_province

CELLS = "wuhan_population_ghsl2015.csv"
ELDER_SHARE = 0.187
"""Of Hubei, census of 2020 at 60 and over, as a round figure."""
FACILITIES, CANDIDATES, BUDGET_WAN = 60, 100, 2_000
"""Of each county."""
COMMUNITY_DEGREES = 0.02
WAYS = {
    "loop": 'kind = "loop"',
    "one worker": 'kind = "dask"\nworkers = 1',
    "two workers": 'kind = "dask"\nworkers = 2',
}
LEAST_FASTER, MOST_OVERHEAD, MOST_MB = 1.7, 0.10, 2_000


def main() -> None:
    """Print the curve; with `--run`, run one province and print its figures."""
    given = arguments(__doc__, largest=4, run="", make="", counties=4, pages=False)
    if given.run:
        print(json.dumps(_one(Path(given.run))))
        return
    if given.make:
        make(given.data, Path(given.make), given.counties, pages=given.pages)
        return
    sizes = [size for size in (1, 4, 16, 64) if size <= given.largest]
    print("\n### province: counties of a quarter of Wuhan each\n")
    print("| counties | by | all | read and cut | streets that hang together | counties | put together | "
          "driver MB | worker MB | store MB | results MB |")  # fmt: skip
    print("|---" * 11 + "|")
    verdicts = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / "made"
            make(given.data, folder, size, pages=given.pages)
            told = {way: _in_a_process(folder, way) for way in WAYS}
        if len({each["results"] for each in told.values()}) != 1:
            sys.exit(f"{size} counties: the results differ. Nothing is shown.")
        for way, each in told.items():
            spent = each["seconds"]
            cells = [clock(spent[name]) for name in ("all", "read", "islands", "counties", "show")]
            cells += [f"{each[name]:,.0f}" for name in ("driver_mb", "worker_mb", "store_mb", "results_mb")]
            print(f"| {size} | {way} | {' | '.join(cells)} |", flush=True)
        loop, one, two = (told[way]["seconds"]["counties"] for way in WAYS)
        most = max(each["worker_mb"] for each in told.values())
        verdicts.append(
            f"{size} counties: two workers {one / two:.2f} times as fast as one (wanted {LEAST_FASTER}), "
            f"the engine {one / loop - 1:+.1%} over a loop (at most {MOST_OVERHEAD:.0%}), "
            f"a worker at most {most:,.0f} MB (wanted {MOST_MB:,})"
        )
    print("\n" + "\n".join(f"- {line}" for line in verdicts))
    print("\nFaster and over: of the counties themselves. Workers take one core each, the loop too.")


def make(data: Path, folder: Path, counties: int, *, pages: bool) -> None:
    """Write a province of so many counties, four to a copy of Wuhan."""
    folder.mkdir(parents=True)
    copies = -(-counties // 4)
    side = int(np.ceil(np.sqrt(copies)))
    source = data / FILES["wuhan"]
    tiled_extract(source, folder / "streets.osm.pbf", side=side)
    nodes = osmium.FileProcessor(source, osmium.osm.NODE)
    lon, lat = np.array([(n.lon, n.lat) for n in nodes if n.location.valid()]).T
    east, north = np.ptp(lon) + GAP_DEGREES, np.ptp(lat) + GAP_DEGREES
    cells = pd.read_csv(data / CELLS)
    borders: dict[str, shapely.Polygon] = {}
    people = []
    for copy in range(copies):
        dx, dy = east * (copy % side), north * (copy // side)
        box = (lon.min() + dx - 0.005, lat.min() + dy - 0.005, lon.max() + dx + 0.005, lat.max() + dy + 0.005)
        middle = (float(cells["lng"].median()) + dx, float(cells["lat"].median()) + dy)
        for number, quarter in enumerate(_quarters(box, middle), 4 * copy + 1):
            if number <= counties:
                borders[f"42{number:04d}"] = quarter
        people.append(cells.assign(lng=cells["lng"] + dx, lat=cells["lat"] + dy))
    named = gpd.GeoDataFrame(
        {"county_id": list(borders), "name": [f"{code}县" for code in borders]},
        geometry=list(borders.values()),
        crs="EPSG:4326",
    )
    all_people = pd.concat(people, ignore_index=True)
    at = gpd.GeoDataFrame(
        all_people, geometry=gpd.points_from_xy(all_people["lng"], all_people["lat"]), crs="EPSG:4326"
    )
    at = gpd.sjoin(at, named[["county_id", "geometry"]], how="inner").drop(columns="index_right")
    at = at[~at.index.duplicated()].reset_index(drop=True)
    at["residents"] = at["population"].round().astype(int)
    at["elders"] = (at["population"] * ELDER_SHARE).round().astype(int)
    communities = _communities(named, at)
    named.to_file(folder / "counties.gpkg")
    communities.to_file(folder / "communities.gpkg")
    at[["lng", "lat", "residents", "elders"]].rename(columns={"lng": "lon"}).to_csv(
        folder / "residents.csv", index=False
    )
    _places(at, folder)
    budgets = "\n".join(f"{code} = {BUDGET_WAN}" for code in borders)
    (folder / "province.toml").write_text(
        f"""name = "made"
[inputs]
streets = "streets.osm.pbf"
communities = "communities.gpkg"
residents = {{ path = "residents.csv", datum = "wgs84" }}
facilities = {{ path = "facilities.csv", datum = "wgs84" }}
candidates = {{ path = "candidates.csv", datum = "wgs84" }}
[policy]
packs = ["hebi_2020"]
as_of = 2021-12-31
[siting]
time_limit_s = 20
[province]
counties = "counties.gpkg"
pages = {str(pages).lower()}
[province.budgets_wan]
{budgets}
[engine]
kind = "loop"
""",
        encoding="utf-8",
    )


def _quarters(box: tuple[float, float, float, float], middle: tuple[float, float]) -> list[shapely.Polygon]:
    """Return four counties that fill a box and meet in the middle, their borders aslant to the streets."""
    west, south, east, north = box
    (x, y), slant = middle, 0.0031
    top, bottom, left, right = (x + slant, north), (x - slant, south), (west, y + slant), (east, y - slant)
    rings = (
        [(west, south), bottom, middle, left],
        [bottom, (east, south), right, middle],
        [left, middle, top, (west, north)],
        [middle, right, (east, north), top],
    )
    return [shapely.Polygon(ring) for ring in rings]


def _communities(named: gpd.GeoDataFrame, at: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return squares of some two kilometres, cut by the borders, with the people of their cells."""
    west, south, east, north = named.total_bounds
    columns, rows = np.arange(west, east, COMMUNITY_DEGREES), np.arange(south, north, COMMUNITY_DEGREES)
    x, y = (part.ravel() for part in np.meshgrid(columns, rows))
    squares = gpd.GeoDataFrame(
        geometry=shapely.box(x, y, x + COMMUNITY_DEGREES, y + COMMUNITY_DEGREES), crs="EPSG:4326"
    )
    pieces = gpd.overlay(squares, named.rename(columns={"name": "county"}), keep_geom_type=True)
    number = pieces.groupby("county_id").cumcount() + 1
    pieces["community_id"] = pieces["county_id"] + [f"{1 + n // 150:03d}{1 + n % 150:03d}" for n in number]
    pieces["name"] = pieces["community_id"]
    inside = gpd.sjoin(at[["residents", "elders", "geometry"]], pieces[["community_id", "geometry"]], how="inner")
    people = inside[~inside.index.duplicated()].groupby("community_id")[["residents", "elders"]].sum()
    return pieces.merge(people, on="community_id")


def _places(at: gpd.GeoDataFrame, folder: Path) -> None:
    """Write facilities and candidates at cells drawn with a fixed seed, so many in each county."""
    draw = np.random.default_rng(SEED)
    picked: dict[str, list[pd.DataFrame]] = {"facilities": [], "candidates": []}
    for _, own in at.groupby("county_id"):
        rows = draw.permutation(len(own))
        picked["facilities"].append(own.iloc[rows[:FACILITIES]])
        picked["candidates"].append(own.iloc[rows[FACILITIES : FACILITIES + CANDIDATES]])
    facilities, candidates = (pd.concat(parts, ignore_index=True) for parts in picked.values())
    numbers = np.arange(len(facilities))
    pd.DataFrame(
        {
            "facility_id": [f"F{n:06d}" for n in numbers],
            "name": [f"F{n}" for n in numbers],
            "kind": "day_care",
            "status": "in_use",
            "opened": "2015-01-01",
            "floor_area_m2": 400,
            "places": 30,
            "lon": facilities["lng"],
            "lat": facilities["lat"],
        }
    ).to_csv(folder / "facilities.csv", index=False)
    numbers = np.arange(len(candidates))
    pd.DataFrame(
        {
            "candidate_id": [f"C{n:06d}" for n in numbers],
            "name": [f"C{n}" for n in numbers],
            "mode": "convert",
            "max_floor_area_m2": 500,
            "cost_wan": 80 + numbers % 41,
            "lon": candidates["lng"],
            "lat": candidates["lat"],
        }
    ).to_csv(folder / "candidates.csv", index=False)


def _in_a_process(made: Path, way: str) -> dict[str, Any]:
    """Return the figures of one way of working, on a copy of the province and in a process of its own."""
    place = made.with_name(way.replace(" ", "_"))
    shutil.copytree(made, place)
    file = place / "province.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('kind = "loop"', WAYS[way]), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.province", "--run", str(place)]
    environment = {**os.environ, "CIRCLE15_CORES": "1"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    shutil.rmtree(place)
    return told


def _one(folder: Path) -> dict[str, Any]:
    """Run a province and return how long each part took, the peaks of memory, sizes, and a hash of the results."""
    began, marks = time.perf_counter(), {}

    def progress(stage: str) -> None:
        marks[stage.removeprefix("stage.")] = time.perf_counter() - began

    done = run_province(folder, progress=progress)
    marks["end"] = time.perf_counter() - began
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
    if done.failed:
        sys.exit(f"{sorted(done.failed)} failed. Nothing is shown.")
    return {
        "seconds": {
            "all": marks["end"],
            "read": marks["islands"],
            "islands": marks["counties"] - marks["islands"],
            "counties": marks["show"] - marks["counties"],
            "show": marks["end"] - marks["show"],
        },
        "driver_mb": peak_mb(),
        "worker_mb": workers if "dask" in (folder / "province.toml").read_text(encoding="utf-8") else peak_mb(),
        "store_mb": _megabytes(folder / "计算"),
        "results_mb": _megabytes(done.outputs),
        "results": stamp(done.outputs / "manifest.json")["sha256"],
    }


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


if __name__ == "__main__":
    main()

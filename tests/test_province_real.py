"""Real streets cut into four counties: every home walks as it does where nothing is cut."""

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely

from circle15.province.run import run_province
from tests.province_town import CODES, homes_of, quarters, uncut

pytest.importorskip("pyarrow")
PLACES = {"nanjing_gulou": "EPSG:4549", "shenzhen_longgang": "EPSG:4547"}
HOMES, FACILITIES, SEED = 1_500, 40, 15
INPUTS = """
[inputs]
streets = "streets.osm.pbf"
communities = "communities.gpkg"
residents = { path = "residents.csv", datum = "wgs84" }
facilities = { path = "facilities.csv", datum = "wgs84" }

[walking]
minutes = [5, 15]
compare_speeds = [0.8, 1.0]

[output]
report_maps = false
"""


def made(folder: Path, streets: Path, crs: str) -> Path:
    """Write four counties over real streets, homes and facilities strewn along them, and the same ground uncut."""
    folder.mkdir()
    shutil.copy(streets, folder / "streets.osm.pbf")
    ways = osmium.FileProcessor(streets).with_locations().with_filter(osmium.filter.KeyFilter("highway"))
    at = [(n.location.lon, n.location.lat) for way in ways if way.is_way() for n in way.nodes if n.location.valid()]
    random = np.random.default_rng(SEED)
    strewn = random.choice(np.unique(at, axis=0), HOMES + FACILITIES) + random.normal(0, 3e-4, (HOMES + FACILITIES, 2))
    places = pd.DataFrame(strewn, columns=["lon", "lat"]).round(7)
    people = random.integers(1, 60, HOMES)
    places[:HOMES].assign(residents=people * 4, elders=people).to_csv(folder / "residents.csv", index=False)
    kinds = random.choice(["day_care", "street_centre"], FACILITIES)
    names = [f"F{number:03d}" for number in range(FACILITIES)]
    some = places[HOMES:].assign(facility_id=names, name=names, kind=kinds, status="in_use", floor_area_m2=400)
    some.to_csv(folder / "facilities.csv", index=False)
    around = shapely.MultiPoint(gpd.GeoSeries.from_xy(*strewn.T, crs="EPSG:4326").to_crs(crs).to_list())
    borders = quarters(around.convex_hull).set_axis(list(CODES)).set_crs(crs, allow_override=True)
    counties = gpd.GeoDataFrame({"county_id": CODES, "name": CODES}, geometry=borders.to_numpy(), crs=crs)
    counties.to_file(folder / "counties.gpkg")
    one_each = counties.assign(community_id=[f"{code}001001" for code in CODES], level="community")
    one_each.drop(columns="county_id").to_file(folder / "communities.gpkg")
    begin = f'crs = "{crs}"\n{INPUTS}'
    (folder / "province.toml").write_text(
        f'name = "省"\n{begin}\n[province]\ncounties = "counties.gpkg"\npages = false\n[engine]\nkind = "loop"\n',
        encoding="utf-8",
    )
    whole = folder.with_name(f"{folder.name}-uncut")
    shutil.copytree(folder, whole)
    (whole / "province.toml").unlink()
    (whole / "project.toml").write_text(f'name = "不分县"\n{begin}', encoding="utf-8")
    return folder


@pytest.mark.parametrize("place", PLACES)
def test_cut_and_uncut_agree_on_real_streets(shared_data: Path, tmp_path: Path, place: str) -> None:
    folder = made(tmp_path / place, shared_data / f"{place}.osm.pbf", PLACES[place])
    done = run_province(folder)
    assert not done.failed
    cut, homes = homes_of(folder).sort_index(), uncut(folder).homes.sort_index()
    assert list(cut.index) == list(homes.index)
    assert len(homes) == HOMES
    assert homes["state"].value_counts()["covered"] > HOMES / 20  # else there would be nothing to differ
    assert cut["state"].tolist() == homes["state"].tolist()
    for column in homes.columns:
        if column.startswith("minutes"):
            pd.testing.assert_series_equal(cut[column], homes[column], rtol=0, atol=1e-7)

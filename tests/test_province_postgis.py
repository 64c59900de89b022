"""A province and the bureau's PostGIS: tables read from it as from files, the layers of all counties in its schema."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from postgres import OFFICE, PASSWORDS, Cluster
from test_postgis import load

import circle15 as c15
from circle15.province.county import KEPT_LAYERS, project_of
from circle15.province.project import load_province
from circle15.province.run import run_province
from circle15.province.split import read_tables
from circle15.province.store import fingerprints, inputs_key
from gis.address import is_address
from tests.province_town import CODES, make_province

pytest.importorskip("pyarrow")
FROM_THERE = ("counties", "communities", "residents", "facilities", "candidates")


@pytest.fixture(scope="module")
def both(base: Cluster, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a province with its tables as files, and one with tables and results in the database."""
    made = make_province(tmp_path_factory.mktemp("base") / "made")
    place = Path(shutil.copytree(made, made.with_name("there")))
    file = place / "province.toml"
    text = file.read_text(encoding="utf-8")
    for name in FROM_THERE:
        load(base, f"work.{name}", gpd.read_file(made / f"{name}.gpkg"))
        (place / f"{name}.gpkg").unlink()
        text = text.replace(f'"{name}.gpkg"', f'"{base.address(f"work.{name}")}"')
    text = text.replace("[output]", f'[output]\npostgis = "{base.address("results")}"')
    file.write_text(text, encoding="utf-8")
    return made, place


def test_tables_of_a_database_are_those_of_files(both: tuple[Path, Path]) -> None:
    files, there = (read_tables(load_province(folder)) for folder in both)
    assert files.crs == there.crs
    assert sorted(files.frames) == sorted(there.frames)
    for name in files.frames:
        pd.testing.assert_frame_equal(files.frames[name], there.frames[name], check_dtype=False)
        assert files.county_of.keys() == there.county_of.keys()
    assert (len(there.stamps), len(files.stamps)) == (len(FROM_THERE), 0)


def test_a_changed_row_is_another_input(base: Cluster, both: tuple[Path, Path]) -> None:
    province = load_province(both[1])
    before = inputs_key(province, fingerprints(province))
    assert inputs_key(province, fingerprints(province)) == before
    base.do("UPDATE work.candidates SET name = name || '!' WHERE fid = 1", user=OFFICE)
    assert inputs_key(province, fingerprints(province)) != before
    base.do("UPDATE work.candidates SET name = rtrim(name, '!') WHERE fid = 1", user=OFFICE)
    assert inputs_key(province, fingerprints(province)) == before


def test_the_schema_takes_the_layers_of_all_counties_once(base: Cluster, both: tuple[Path, Path]) -> None:
    folder = both[1]
    done = run_province(folder)
    assert not done.failed
    results = folder / "成果"
    for name in KEPT_LAYERS:
        file = results / "layers" / f"{name}.parquet"
        (rows,) = base.do(f"SELECT count(*), count(DISTINCT of_county) FROM results.{name}", user=OFFICE)  # noqa: S608
        kept = gpd.read_parquet(file)
        assert rows == (len(kept), kept["of_county"].nunique())
    assert base.do("SELECT DISTINCT ST_SRID(geom) FROM results.homes", user=OFFICE) == [(4490,)]
    assert c15.verify(results) == ()
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    assert sum(is_address(name) for name in manifest["inputs"]) == len(FROM_THERE)
    for file in [path for path in folder.rglob("*") if path.is_file() and path.name != "province.toml"]:
        assert PASSWORDS[OFFICE].encode() not in file.read_bytes(), file
    for code in CODES:  # else each county would put its own layers in the place of those of all
        assert project_of(folder / "计算" / code)[0].output.postgis is None
    base.do("UPDATE results.communities SET name = 'x' WHERE fid = 1", user=OFFICE)
    assert {finding.code for finding in c15.verify(results)} == {"RESULT_CHANGED"}

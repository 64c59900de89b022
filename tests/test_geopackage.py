"""The GeoPackage: every layer, every row, every text as it was; the same atlas gives the same bytes."""

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from judged_town import judged_town
from town import HOSTILE, made_town, renamed

from gis.errors import OutputError
from maps.geopackage import GEOMETRIES, write_geopackage
from maps.layer_styles import STYLES
from maps.status_style import WORST_FIRST
from policy.project_check import worst as worst_of
from policy.verdict import Status

ATLAS = made_town()
QUIET = {Status.PASS, Status.NOT_APPLICABLE, Status.NOT_DUE}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("package") / "plan.gpkg"
    write_geopackage(ATLAS, path)
    return path


def read(path: Path, layer: str) -> gpd.GeoDataFrame:
    return pyogrio.read_dataframe(path, layer=layer)


def test_every_layer_is_there_in_the_projects_crs_with_every_row(package: Path) -> None:
    assert set(pyogrio.list_layers(package)[:, 0]) == {*GEOMETRIES, STYLES}
    assert len(read(package, "base")) + len(read(package, "base_lines")) == len(ATLAS.base)
    frames = {name: getattr(ATLAS, name) for name in GEOMETRIES if name not in ("plan", "base", "base_lines")}
    for name, frame in frames.items():
        layer = read(package, name)
        assert len(layer) == len(frame), name
        assert layer.crs == ATLAS.crs
    assert pyogrio.read_info(package, layer="communities")["layer_metadata"]["DESCRIPTION"] == "社区（村）及覆盖情况"


def test_places_and_numbers_come_back_as_they_were(package: Path) -> None:
    layer = read(package, "facilities").set_index("facility_id")
    assert layer.index.tolist() == ATLAS.facilities.index.tolist()
    assert layer.geometry.geom_equals(ATLAS.facilities.geometry, align=False).all()
    assert layer["name"].tolist() == ATLAS.facilities["name"].tolist()
    assert layer.loc["F01", "services"] == "助餐、助浴"
    assert layer.loc["F03", "beds"] != layer.loc["F03", "beds"]  # a missing number is missing, not nought
    assert layer.loc["F01", "opened"].date().isoformat() == "2019-05-01"


def test_communities_carry_their_coverage_and_keep_their_codes(package: Path) -> None:
    layer = read(package, "communities").set_index("community_id")
    units = ATLAS.units[ATLAS.units["level"] == "community"].set_index("unit_id")
    assert (layer["elders_covered_15"] == units["elders_covered_15"].reindex(layer.index)).all()
    assert all(len(code) == 12 for code in layer.index)


def test_the_plan_stands_at_its_candidates_in_its_order(package: Path) -> None:
    layer = read(package, "plan")
    assert layer["candidate_id"].tolist() == ATLAS.plan.sites.index.tolist()
    assert layer["number"].tolist() == [1, 2]
    assert layer["cost_yuan"].sum() == ATLAS.plan.cost_yuan
    assert (layer.geometry.to_numpy() == ATLAS.candidates.geometry.loc[layer["candidate_id"]].to_numpy()).all()


def test_a_row_without_a_position_is_kept(package: Path) -> None:
    layer = read(package, "candidates").set_index("candidate_id")
    assert layer.geometry.isna().to_dict() == {"C1": False, "C2": False, "C3": False, "C4": True}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_a_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "plan.gpkg"
    write_geopackage(renamed(ATLAS, name), path)
    assert set(read(path, "facilities")["name"]) == {name}
    with closing(sqlite3.connect(path)) as base:
        tables = {table for (table,) in base.execute("SELECT table_name FROM gpkg_contents")}
    assert tables == {*GEOMETRIES, STYLES}


def test_same_atlas_same_bytes(tmp_path: Path, package: Path) -> None:
    time.sleep(1.1)
    write_geopackage(made_town(), tmp_path / "plan.gpkg")
    assert (tmp_path / "plan.gpkg").read_bytes() == package.read_bytes()
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_writing_again_replaces_and_a_failure_leaves_what_was(tmp_path: Path) -> None:
    path = tmp_path / "plan.gpkg"
    write_geopackage(ATLAS, path)
    before = path.read_bytes()
    write_geopackage(ATLAS, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(OutputError, match="nowhere"):
        write_geopackage(ATLAS, tmp_path / "nowhere" / "plan.gpkg")


def test_an_atlas_without_plan_or_tables_still_has_every_layer(tmp_path: Path) -> None:
    empty = {name: getattr(ATLAS, name).iloc[:0] for name in ("facilities", "candidates", "housing", "areas", "base")}
    write_geopackage(replace(ATLAS, plan=None, **empty), tmp_path / "plan.gpkg")
    assert set(pyogrio.list_layers(tmp_path / "plan.gpkg")[:, 0]) == {*GEOMETRIES, STYLES}


def test_the_answers_go_with_their_units_and_stand_as_a_table(tmp_path: Path) -> None:
    judged = judged_town()
    write_geopackage(judged, tmp_path / "judged.gpkg")
    counted = [v for v in judged.verdicts if v.form != "checklist"]
    table = read(tmp_path / "judged.gpkg", "verdicts")
    assert table["status"].tolist() == [v.status for v in counted]
    assert table["unit_id"].tolist() == [v.unit_id for v in counted]
    assert table.geometry.isna().all()
    layer = read(tmp_path / "judged.gpkg", "communities").set_index("community_id")
    for policy in judged.policies:
        own: dict[str, list[Status]] = {}
        for v in judged.verdicts:
            if v.pack == policy.name and v.decides and v.level == "community" and v.form != "report" and v.unit_id:
                own.setdefault(v.unit_id, []).append(v.status)
        worst = {code: min(statuses, key=WORST_FIRST.index) for code, statuses in own.items()}
        assert layer[f"verdict_{policy.name}"].dropna().to_dict() == worst
        unmet = layer[f"open_rules_{policy.name}"].fillna("") != ""
        assert set(layer.index[unmet]) == {code for code, status in worst.items() if status not in QUIET}


def test_housing_carries_its_four_synchronisations(tmp_path: Path) -> None:
    write_geopackage(judged_town(), tmp_path / "judged.gpkg")
    layer = read(tmp_path / "judged.gpkg", "housing").set_index("project_id")
    for code in ("P1", "P2"):
        own = [check for check in judged_town().checks if check.record.key == code]
        assert layer.loc[code, "four_sync"] == worst_of(check.status for check in own)
        for stage in ("planned", "built", "accepted", "delivered"):
            assert layer.loc[code, f"four_sync_{stage}"] == worst_of(check.stages[stage] for check in own)
    assert layer.loc["P2", "four_sync_short_m2"] == 60  # permitted 300 m2, built 240 m2
    assert layer.loc["P2", "four_sync_days"] == (date(2021, 12, 31) - date(2019, 9, 1)).days  # accepted, the room not

"""A province before its run: all faults at once, what it needs, what it cannot have; nothing half understood."""

import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
from typer.testing import CliRunner

import circle15 as c15
from circle15.cli import app
from circle15.province import check, ready
from circle15.province.check import check_lines, check_province
from circle15.province.project import load_province
from circle15.province.run import run_province
from gis.errors import InputError, OutputError
from tests.province_town import CODES, make_province

pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_province(tmp_path_factory.mktemp("check") / "made")


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "province"))


def edited(folder: Path, change: Callable[[str], str]) -> Path:
    """Return the province with other lines in its file."""
    file = folder / "province.toml"
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


def codes(findings: object) -> set[str]:
    return {finding.code for finding in findings}


def test_a_sound_province_is_fine_and_its_counties_and_needs_are_said(made: Path) -> None:
    found = check_province(made)
    assert found.fine
    assert set(found.counties) == set(CODES)
    homes = gpd.read_file(made / "residents.gpkg")
    assert sum(told["homes"] for told in found.counties.values()) == len(homes)
    facilities = len(gpd.read_file(made / "facilities.gpkg"))
    assert sum(told["facilities"] for told in found.counties.values()) == facilities
    assert 0 < sum(told["serving"] for told in found.counties.values()) <= facilities
    assert not (made / "成果").exists()
    said = "\n".join(check_lines(found))
    assert all(name in said for name in ("甲县（420101）", "MiB", "输入可以使用"))


def test_what_it_looked_at_is_not_dealt_out_again(made: Path) -> None:
    check_province(made)
    dealt = {path: path.stat().st_mtime_ns for path in (made / "计算").glob("*/streets.osm.pbf")}
    check_province(made)
    assert {path: path.stat().st_mtime_ns for path in dealt} == dealt  # what was dealt out for it stays


def test_all_faults_of_all_inputs_come_at_once_to_check_and_run(folder: Path) -> None:
    edited(
        folder,
        lambda text: text.replace('"hebi_2020"', '"no_such"').replace("[engine]", "least_wan = { 1 = 2 }\n[engine]"),
    )
    (folder / "facilities.gpkg").unlink()
    (folder / "streets.osm.pbf").write_text("<html>", encoding="utf-8")
    (folder / "counties.gpkg").write_text("x", encoding="utf-8")
    found = check_province(folder)
    assert not found.fine
    wanted = {"PARAM_RANGE", "FILE_MISSING", "STREETS_HTML"}
    assert wanted < codes(found.findings)
    places = " ".join(finding.place for finding in found.findings)
    assert all(name in places for name in ("facilities.gpkg", "counties.gpkg", "streets.osm.pbf", "province.least_wan"))
    assert str(folder) not in places
    with pytest.raises(InputError) as error:
        run_province(folder)
    assert set(error.value.findings) == set(found.findings)


def test_a_county_that_cannot_be_computed_is_named_with_its_fault(folder: Path) -> None:
    homes = gpd.read_file(folder / "residents.gpkg")
    counties = gpd.read_file(folder / "counties.gpkg").to_crs(homes.crs)
    west = counties[counties["county_id"] == CODES[0]].geometry.iloc[0]
    communities = gpd.read_file(folder / "communities.gpkg")
    own = communities["county_id"] == CODES[0]
    homes[~homes.intersects(west)].to_file(folder / "residents.gpkg")
    communities.loc[~own].to_file(folder / "communities.gpkg")
    told = CliRunner().invoke(app, ["check", str(folder), "--list", str(folder / "清单.xlsx")])
    assert told.exit_code == 2
    assert f"甲县 ({CODES[0]})" in told.stdout
    assert "4 个县区中有 1 个不能计算" in told.stdout
    assert "乙县（420102）" in told.stdout
    assert (folder / "清单.xlsx").is_file()


def test_no_room_on_the_disk_is_said_before_anything_is_computed(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "province", ignore=shutil.ignore_patterns("计算")))
    usage = shutil.disk_usage(folder)._replace(free=1 << 20)
    monkeypatch.setattr(ready.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OutputError, match="DISK_SHORT"):
        run_province(folder)
    assert not list((folder / "计算").glob("*/complete.json"))
    assert not (folder / "成果").exists()
    monkeypatch.undo()
    monkeypatch.setattr(check.shutil, "disk_usage", lambda _: usage)
    monkeypatch.setattr(ready, "refuse_short_disk", lambda *_: None)
    assert "DISK_SHORT" in codes(check_province(made).findings)


def test_what_is_kept_is_no_more_than_the_disk_was_asked_for(made: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "province"))
    found = check_province(folder)
    before = _bytes(folder)
    run_province(folder)
    assert _bytes(folder) - before <= found.disk_bytes


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ('ca = "ca.pem"\ncert = "cert.pem"\nkey = "key.pem"', ""),
        ('ca = "keys/../ca.pem"\ncert = "cert.pem"\nkey = "{folder}/key.pem"', ""),
        ('ca = "../ca.pem"\ncert = "cert.pem"\nkey = "key.pem"', "PATH_OUTSIDE"),
        ('ca = "ca.pem"\ncert = "none.pem"\nkey = "key.pem"', "FILE_MISSING"),
    ],
)
def test_certificates_lie_in_the_project_or_are_named_by_their_whole_path(folder: Path, lines: str, code: str) -> None:
    (folder / "keys").mkdir()
    for place in (folder, folder.parent):
        for name in ("ca.pem", "cert.pem", "key.pem"):
            (place / name).write_text("x", encoding="ascii")
    tls = f'[engine]\nscheduler = "tls://10.0.0.5:8786"\n[engine.tls]\n{lines.format(folder=folder.as_posix())}\n'
    edited(folder, lambda text: text.partition("[engine]")[0] + tls)
    if code:
        with pytest.raises(InputError, match=code):
            load_province(folder)
    else:
        engine = load_province(folder).engine
        assert engine.tls is not None
        assert all(Path(name).is_absolute() and Path(name).is_file() for _, name in engine.tls)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (
            'streets = "streets.osm.pbf"',
            'streets = { path = "streets.osm.pbf", base = "streets.osm.pbf" }',
            "PARAM_RANGE",
        ),
        ("[engine]", '[province.budgets_wan]\n420101 = "viel"\n[engine]', "PARAM_RANGE"),
        ("[engine]", '[province.budgets_wan]\n420101 = "300"\n[engine]', "PARAM_RANGE"),
        ("[engine]", "[province.budgets_wan]\n420101 = true\n[engine]", "PARAM_RANGE"),
        ('counties = "counties.gpkg"', 'counties = "成果/counties.gpkg"', "OUTPUT_INPUT"),
        ("[engine]", 'store = ".."\n[engine]', "PARAM_RANGE"),
    ],
)
def test_lines_that_mean_nothing_in_a_province_are_refused(folder: Path, old: str, new: str, code: str) -> None:
    edited(folder, lambda text: text.replace(old, new))
    with pytest.raises(InputError, match=code):
        run_province(folder)


def test_what_is_for_a_city_alone_says_so(made: Path) -> None:
    for path in (made, made / "province.toml"):
        with pytest.raises(InputError, match="PROJECT_IS_PROVINCE"):
            c15.load_project(path)
    told = CliRunner().invoke(app, ["sheet", str(made)])
    assert told.exit_code == 2

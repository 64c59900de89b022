"""The main job on the sample, by command line and from Python: figures, bytes, failures that change nothing."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import rasterio

import circle15 as c15
from circle15.outputs import FILES, MANIFEST, OPINIONS, TIMES
from maps.figures import key_figures, not_reached
from optimise.plan import PlanStatus
from policy.verdict import Status
from tests.bad_town import Town

ROOT = Path(__file__).parents[1]
RESULTS = {*FILES, MANIFEST, TIMES}


def circle15(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a planner does."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "circle15", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return the content of every file, times kept apart."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != TIMES}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the folder of a finished demo and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    done = circle15("demo", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "circle15-demo", done.stdout


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """Return a fresh copy of the sample project."""
    return c15.copy_sample(tmp_path / "town")


@pytest.fixture
def little(tmp_path: Path) -> Path:
    """Return a town so little that what matters is only where its results go."""
    return Town(tmp_path / "town").clean().folder


def test_the_demo_says_coverage_verdicts_plan_and_where(demo: tuple[Path, str]) -> None:
    folder, said = demo
    for words in ("步行15分钟覆盖老年人", "达标", "万元", str(folder / "成果" / "index.html")):
        assert words in said
    assert {path.name for path in (folder / "成果").iterdir()} == RESULTS


def test_same_inputs_same_bytes_anywhere(demo: tuple[Path, str], tmp_path: Path) -> None:
    """Another folder, another locale, another time zone, another hash seed."""
    again = circle15("demo", "elsewhere", cwd=tmp_path, TZ="Asia/Kathmandu", LC_ALL="C.UTF-8", PYTHONHASHSEED="7")
    assert again.returncode == 0, again.stderr
    assert bytes_of(tmp_path / "elsewhere" / "成果") == bytes_of(demo[0] / "成果")


def test_the_manifest_holds_hashes_and_no_path_of_this_machine(demo: tuple[Path, str]) -> None:
    text = (demo[0] / "成果" / MANIFEST).read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert set(manifest["outputs"]) == set(FILES)
    assert {"streets.osm.pbf", "设施.xlsx"} <= set(manifest["inputs"])
    assert all(len(stamp["sha256"]) == 64 for stamp in {**manifest["inputs"], **manifest["outputs"]}.values())
    assert str(demo[0]) not in text
    for ledger in manifest["ledgers"]:
        assert ledger["rows_read"] == ledger["rows_used"] + sum(ledger["left_out"].values())


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> c15.Study:
    """Return the study of the sample."""
    return c15.study(c15.read_city(c15.load_project(c15.copy_sample(tmp_path_factory.mktemp("study") / "town"))))


def test_every_total_is_conserved_to_the_person(done: c15.Study) -> None:
    communities = done.city.communities
    homes = done.homes
    assert int(homes["elders"].sum()) == int(communities["elders"].sum())
    assert int(homes["residents"].sum()) == int(communities["residents"].sum())
    city = done.units[done.units["level"] == "city"].iloc[0]
    parts = homes.groupby("state")["elders"].sum()
    assert city["elders"] == parts.sum()
    assert city["elders_covered_15"] == parts["covered"]
    assert city["elders_unknown"] == parts["unknown"] > 0  # the sample has islands
    for level in ("community", "street", "county"):
        rows = done.units[done.units["level"] == level]
        assert rows["elders_covered_15"].sum() == city["elders_covered_15"]


def test_the_plan_keeps_budget_and_area_and_says_what_walking_says(done: c15.Study) -> None:
    plan = done.plan
    assert plan is not None
    assert plan.status is PlanStatus.OPTIMAL
    siting = done.project.siting
    assert 0 < plan.cost_yuan <= siting.budget_yuan
    assert plan.cost_yuan == plan.sites["cost_yuan"].sum()
    day_care = plan.sites[plan.sites["kind"] == "day_care"]
    assert (day_care["floor_area_m2"] >= siting.min_site_floor_area_m2["day_care"]).all()
    walked = done.homes["elders"][done.homes["state_after"] == "covered"].sum()
    assert plan.elders_covered == walked > plan.elders_covered_before


def test_who_stays_without_cover_and_who_is_not_known_after_the_plan_is_what_walking_says(done: c15.Study) -> None:
    told = done.homes.groupby("state_after")["elders"].sum()
    atlas = done.atlas()
    assert told["unknown"] < done.homes["elders"][done.homes["state"] == "unknown"].sum()  # a new site settles some
    missed = not_reached(atlas, "community", when="_after", exact=True)
    assert missed.sum() == told["not_covered"]
    here = done.homes[done.homes["state_after"] == "not_covered"].groupby("community_id")["elders"].sum()
    assert missed[missed > 0].astype(int).to_dict() == here.astype(int).to_dict()
    shown = key_figures(atlas)
    assert shown is not None
    assert (shown.reached[-1].after, shown.unknown_after) == (told["covered"], told["unknown"])
    assert not_reached(atlas, "city", when="_after").tolist() == [told["not_covered"]]


def test_more_budget_never_covers_fewer(done: c15.Study) -> None:
    covered = []
    for budget in (0, 100, 300, 888, 2000):
        again = c15.study(c15.with_siting(done.city, budget_wan=float(budget)))
        city = again.units[again.units["level"] == "city"].iloc[0]
        covered.append(int(city["elders_covered_15_after"]))
        if budget == 0:
            assert again.plan is None
            assert covered[0] == city["elders_covered_15"]
    assert covered == sorted(covered)
    assert covered[0] < covered[-1]


def test_verdicts_have_clauses_and_several_answers_occur(done: c15.Study) -> None:
    seen = {verdict.status for verdict in done.verdicts}
    assert {Status.PASS, Status.FAIL, Status.BOUNDARY, Status.UNDEFINED, Status.UNKNOWN} <= seen
    assert "鹤政〔2020〕8号" in {v.document for v in done.verdicts}
    assert {v.document for v in done.verdicts} == {policy.document.cite for policy in done.city.policies}
    assert all(verdict.clause for verdict in done.verdicts)
    rules = {verdict.rule_id for verdict in done.verdicts}
    assert {"HB-01", "HB-02", "HB-12", "HB-15", "HB-28", "HB-S03", "HB-S04", "HB-S07", "HB-S08"} <= rules


def test_permuted_rows_give_the_same_figures_and_the_same_plan(done: c15.Study, town: Path) -> None:
    residents = pd.read_csv(town / "residents.csv", dtype=str)
    residents.sample(frac=1, random_state=3).to_csv(town / "residents.csv", index=False)
    for layer in ("communities.gpkg", "candidates.gpkg"):
        gpd.read_file(town / layer).sample(frac=1, random_state=4).to_file(town / layer)
    again = c15.study(c15.read_city(c15.load_project(town)))
    assert c15.summary(again) == c15.summary(done)
    assert done.plan is not None
    assert again.plan is not None
    pd.testing.assert_frame_equal(again.plan.sites, done.plan.sites)
    pd.testing.assert_frame_equal(again.units, done.units)
    pd.testing.assert_series_equal(again.homes["minutes"].sort_index(), done.homes["minutes"].sort_index())


def test_a_file_beside_the_results_is_kept(little: Path) -> None:
    folder = little / "成果"
    folder.mkdir()
    (folder / "我的批注.docx").write_text("keep")
    (folder / "index.html").write_text("old")
    c15.run(little)
    assert (folder / "我的批注.docx").read_text() == "keep"
    assert (folder / "index.html").read_text(encoding="utf-8") != "old"
    assert sorted(path.name for path in little.iterdir() if path.name.startswith(".")) == []


def test_what_stopped_runs_left_is_put_right(little: Path) -> None:
    """Stopped after the renames: the notes are still in the old folder; half-written ones lie about.

    A run at work would hold the lock, so that however young they are they are nobody's.
    """
    for name in ("成果", ".成果.old", ".成果.0.new", ".成果.1.new"):
        (little / name).mkdir()
    (little / ".成果.old" / "批注.txt").write_text("keep")
    c15.run(little)
    assert (little / "成果" / "批注.txt").read_text() == "keep"
    assert not [path.name for path in little.iterdir() if path.name.startswith(".")]


def _without_shapes(town: Path) -> None:
    """Leave the communities as a table and the residents as an empty form."""
    table = gpd.read_file(town / "communities.gpkg").drop(columns="geometry")
    pd.DataFrame(table).to_csv(town / "communities.csv", index=False)
    _edit(town, "communities.gpkg", "communities.csv")
    header = (town / "residents.csv").read_text(encoding="utf-8-sig").partition("\n")[0]
    (town / "residents.csv").write_text(header + "\n", encoding="utf-8")


def _another_city(town: Path) -> None:
    homes = pd.read_csv(town / "residents.csv", dtype=str)
    homes.assign(经度=homes["经度"].astype(float) + 1).to_csv(town / "residents.csv", index=False)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_without_shapes, "BOUNDARIES_MISSING"),
        (_another_city, "NOT_ON_STREETS"),
        (lambda town: _edit(town, "EPSG:4547", "EPSG:3857"), "CRS_SCALE"),  # a metre is 1.23 m there
        (lambda town: _edit(town, "EPSG:4547", "EPSG:4554"), "CRS_SCALE"),  # the zone of 135 degrees
    ],
)
def test_what_would_give_a_wrong_coverage_is_refused(town: Path, spoil, code) -> None:  # noqa: ANN001
    spoil(town)
    with pytest.raises(c15.InputError) as error:
        c15.study(c15.read_city(c15.load_project(town)))
    assert [finding.code for finding in error.value.findings] == [code]


def test_no_document_no_facility_in_use_and_an_empty_form_are_said(town: Path) -> None:
    header = (town / "residents.csv").read_text(encoding="utf-8-sig").partition("\n")[0]
    (town / "residents.csv").write_text(header + "\n", encoding="utf-8")
    project = (town / "project.toml").read_text(encoding="utf-8").splitlines()
    lines = [line for line in project if not line.startswith(("packs =", "choices ="))]
    (town / "project.toml").write_text("\n".join(lines), encoding="utf-8")
    _edit(town, '{ path = "设施.xlsx", datum = "gcj02" }', '"streets.osm.pbf"')
    done = c15.study(c15.read_city(c15.load_project(town)))
    assert {"FACILITY_NONE", "RESIDENTS_EMPTY"} <= {finding.code for finding in done.findings}
    assert int(done.homes["elders"].sum()) == int(done.city.communities["elders"].sum())
    assert not [line for line in c15.summary_lines(done) if line.startswith("政策")]


@pytest.mark.parametrize(("table", "right"), [("residents", "wgs84"), ("facilities", "gcj02")])
def test_a_datum_that_does_not_fit_is_doubted_and_nothing_is_moved(town: Path, table: str, right: str) -> None:
    file = {"residents": "residents.csv", "facilities": "设施.xlsx"}[table]
    assert "DATUM_SUSPECT" not in {finding.code for finding in c15.read_city(c15.load_project(town)).findings}
    wrong = "wgs84" if right == "gcj02" else "gcj02"
    _edit(town, f'"{file}", datum = "{right}"', f'"{file}", datum = "{wrong}"')
    doubts = [f for f in c15.read_city(c15.load_project(town)).findings if f.code == "DATUM_SUSPECT"]
    assert [doubt.place for doubt in doubts] == [file]
    assert f", {right} " in doubts[0].found


def test_a_file_where_the_results_go_is_left_alone(town: Path) -> None:
    (town / "成果").write_text("mine")
    with pytest.raises(c15.OutputError, match="OUTPUT_TAKEN"):
        c15.run(town)
    assert (town / "成果").read_text() == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_link_to_another_disk_is_followed_run_after_run(little: Path) -> None:
    (little / "disk").mkdir()
    (little / "成果").symlink_to(little / "disk")
    for _ in range(2):
        c15.run(little)
        assert (little / "成果").is_symlink()
        assert {path.name for path in (little / "disk").iterdir()} == RESULTS - {OPINIONS}  # it has no housing


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda town: (town / "residents.csv").unlink(), "FILE_MISSING"),
        (lambda town: (town / "streets.osm.pbf").write_bytes(b""), "FILE_EMPTY"),
        (lambda town: _edit(town, "speed_m_s", "sped_m_s"), "PARAM_UNKNOWN"),
        (lambda town: _edit(town, "hebi_2020", "hebi_2099"), "PACK"),
        (lambda town: _rename_column(town / "设施.xlsx", "设施名称", "啥"), "COLUMN_MISSING"),
        (lambda town: _edit(town, "budget_wan = ", "budget_wan = 99999999 # "), "BUDGET_UNIT"),
    ],
)
def test_a_bad_input_is_one_clear_line_and_changes_nothing(demo: tuple[Path, str], tmp_path: Path, spoil, code) -> None:  # noqa: ANN001
    town = tmp_path / "town"
    shutil.copytree(demo[0], town)
    before = bytes_of(town / "成果")
    spoil(town)
    ran = circle15("run", town, cwd=tmp_path)
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert code in ran.stderr
    assert "Traceback" not in ran.stderr
    assert 2 <= len(ran.stderr.strip().splitlines()) <= 4  # a line in Chinese and one in English
    assert bytes_of(town / "成果") == before


def _edit(town: Path, old: str, new: str) -> None:
    file = town / "project.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def _rename_column(path: Path, old: str, new: str) -> None:
    book = openpyxl.load_workbook(path)
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value == old]
    assert cells
    for cell in cells:
        cell.value = new
    book.save(path)


def test_faults_of_all_inputs_come_together(town: Path) -> None:
    (town / "residents.csv").unlink()
    (town / "streets.osm.pbf").write_bytes(b"<html>")
    _rename_column(town / "设施.xlsx", "设施名称", "啥")
    with pytest.raises(c15.InputError) as error:
        c15.read_city(c15.load_project(town))
    assert {f.code for f in error.value.findings} >= {"FILE_MISSING", "STREETS_HTML", "COLUMN_MISSING"}


def test_check_lists_findings_and_ledgers(demo: tuple[Path, str]) -> None:
    ran = circle15("check", demo[0], cwd=demo[0])
    assert ran.returncode == 0
    assert "facilities：读入" in ran.stdout
    assert "ROW_TOTAL" in ran.stdout


def test_init_makes_a_project_that_asks_only_for_its_files(tmp_path: Path) -> None:
    made = circle15("init", "新城", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    names = {path.name for path in (tmp_path / "新城").iterdir()}
    assert {"project.toml", "养老服务设施.xlsx", "社区（村）.xlsx"} <= names
    assert c15.load_project(tmp_path / "新城").name == "新城"
    again = circle15("init", "新城", cwd=tmp_path)
    assert again.returncode == 2
    assert "FOLDER_TAKEN" in again.stderr
    ran = circle15("run", "新城", cwd=tmp_path)
    assert ran.returncode == 2
    assert "city.osm.pbf" in ran.stderr


def test_doctor_finds_this_machine_ready(tmp_path: Path) -> None:
    ran = circle15("doctor", "--language", "en", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout
    assert "FAIL" not in ran.stdout


def test_sites_named_in_the_project_must_exist(town: Path) -> None:
    _edit(town, "[siting]", '[siting]\nforbidden = ["HX3", "HX07"]\nrequired = ["nowhere"]')
    with pytest.raises(c15.InputError) as error:
        c15.study(c15.read_city(c15.load_project(town)))
    assert [(f.code, f.found) for f in error.value.findings] == [("SITE_UNKNOWN", "nowhere"), ("SITE_UNKNOWN", "HX3")]


def test_homes_no_candidate_reaches_are_named_by_community(town: Path) -> None:
    _edit(town, '"cover_most"', '"cover_all"')
    done = c15.study(c15.read_city(c15.load_project(town)))
    assert done.plan is not None
    assert done.plan.status is PlanStatus.INFEASIBLE
    named = {name for culprit in done.plan.culprits if culprit.rule == "cover_all" for name in culprit.names}
    assert named
    assert named <= set(done.city.communities["name"])
    without = done.homes[(done.homes["state"] != "covered") & (done.homes["elders"] > 0)]
    assert named <= set(done.city.communities["name"].reindex(without["community_id"]))


def test_a_wheelchair_covers_no_more_and_its_speed_goes_with_the_profile(town: Path, done: c15.Study) -> None:
    _edit(town, "speed_m_s = 1.0", 'profile = "wheelchair"')
    wheelchair = c15.study(c15.read_city(c15.load_project(town)))
    assert wheelchair.project.walking.speed_m_s == c15.profile_speeds()["wheelchair"]
    covered = [s.units[s.units["level"] == "city"]["elders_covered_15"].iloc[0] for s in (wheelchair, done)]
    assert 0 < covered[0] < covered[1]
    _edit(town, 'profile = "wheelchair"', 'profile = "planning"\ncrossing_wait_s = 30')
    assert c15.load_project(town).walking.speed_m_s == 1.0


def test_people_of_a_raster_are_homes(town: Path) -> None:
    """Cells of 200 m with four people each: everybody of the raster within the communities is counted."""
    communities = gpd.read_file(town / "communities.gpkg")
    west, south, east, north = communities.total_bounds
    cells = np.full((int((north - south) / 200) + 1, int((east - west) / 200) + 1), 4.0, dtype=np.float32)
    place = rasterio.Affine(200, 0, west, 0, -200, north)
    shape = {"height": cells.shape[0], "width": cells.shape[1], "count": 1, "dtype": "float32"}
    with rasterio.open(town / "人口.tif", "w", driver="GTiff", crs=communities.crs, transform=place, **shape) as file:
        file.write(cells, 1)
    _edit(town, 'residents = { path = "residents.csv"', 'residents = { path = "人口.tif"')
    city = c15.read_city(c15.load_project(town))
    assert city.homes.source == "homes.raster"
    assert (city.homes.frame["residents"] == 4).all()
    assert city.homes.frame["elders"].sum() == communities["60岁及以上人口"].astype(int).sum()


def test_own_streets_beside_an_extract_give_the_same_coverage(town: Path, done: c15.Study) -> None:
    """The sample's streets written as a bureau's centre lines, cut at junctions, and read back."""
    done.city.opened.streets()[["highway", "geometry"]].to_file(town / "道路.gpkg")
    own = '{ path = "道路.gpkg", base = "streets.osm.pbf", cut_at_junctions = true }'
    _edit(town, 'streets = "streets.osm.pbf"', f"streets = {own}")
    city = c15.read_city(c15.load_project(town))
    assert city.network.length_km == pytest.approx(done.city.network.length_km, abs=0.01)
    again = c15.study(city)
    covered = [s.units[s.units["level"] == "city"]["elders_covered_15"].iloc[0] for s in (again, done)]
    # Drawn lines know no gates: every estate is open.
    assert covered[0] == done.measures.bracket.loc["open_everywhere", "elders_covered_15"] >= covered[1]
    assert covered[1] == done.measures.bracket.loc["gates_given", "elders_covered_15"]


def test_an_estate_without_a_known_gate_is_listed(done: c15.Study) -> None:
    assert [f.code for f in done.findings].count("ESTATE_NO_GATE") == 1
    assert any("锦绣" in f"{f.place}{f.found}" for f in done.findings if f.code == "ESTATE_NO_GATE")

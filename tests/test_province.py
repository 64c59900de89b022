"""A province: nobody at a border is judged differently, whoever does the work; faults stay with their county."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import circle15 as c15
from circle15.province.county import faults_of, read_county, study_task
from circle15.province.run import run_province
from circle15.replay import replay
from gis.errors import InputError, OutputError
from tests.province_town import CODES, homes_of, make_province, uncut

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
pytest.importorskip("pyarrow")
told_by_the_library = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a province as its department has it."""
    return make_province(tmp_path_factory.mktemp("province") / "made")


@pytest.fixture(scope="module")
def looped(made: Path) -> Path:
    """Return the province with the results of a plain loop."""
    folder = made.with_name("looped")
    shutil.copytree(made, folder)
    run_province(folder)
    return folder


@pytest.fixture(scope="module")
def whole(made: Path) -> c15.Study:
    """Return the study of the same ground as one city."""
    return uncut(made)


def with_engine(folder: Path, place: Path, engine: str) -> Path:
    """Return a copy of a province with another engine."""
    shutil.copytree(folder, place)
    file = place / "province.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('kind = "loop"', engine), encoding="utf-8")
    return place


def kept(folder: Path) -> dict[str, int]:
    """Return when the results of each county came into being."""
    done = (folder / "计算").glob("*/[!.]*/complete.json")  # one with a dot is still being written
    return {path.parent.parent.name: path.stat().st_mtime_ns for path in done}


def command(folder: Path) -> list[str]:
    """Return the command that runs a province."""
    return [sys.executable, "-m", "circle15", "run", str(folder / "province.toml")]


def results_of(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def until(made_so: Callable[[], object], *, seconds: float = 120) -> None:
    """Wait until something is so."""
    began = time.monotonic()
    while not made_so():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)


# --- cut and uncut --------------------------------------------------------------------------------------------------


def test_cut_and_uncut_agree_for_every_home(looped: Path, whole: c15.Study) -> None:
    cut, homes = homes_of(looped).sort_index(), whole.homes.sort_index()
    assert list(cut.index) == list(homes.index)
    for column in homes.columns.drop(["geometry", "minutes_after", "state_after"]):
        if column.startswith("minutes"):
            pd.testing.assert_series_equal(cut[column], homes[column], rtol=0, atol=1e-7)
        else:
            assert cut[column].astype(object).equals(homes[column].astype(object)), column


def test_they_agree_where_the_cut_makes_islands_of_streets_that_are_none(tmp_path: Path) -> None:
    """With a walk of three minutes a county sees little beyond its border: much of it hangs together only out there."""
    walking = "\n[walking]\nminutes = [3]\ncompare_speeds = [1.0]\nmax_connector_m = 60\n"
    folder = make_province(tmp_path / "short", walking=walking)
    run_province(folder)
    parts = [json.loads(file.read_text("utf-8"))["islands"] for file in (folder / "计算").glob("*/beyond.json")]
    assert sum(islands.count(0) > 1 for islands in parts) >= 2
    cut, homes = homes_of(folder).sort_index(), uncut(folder).homes.sort_index()
    assert cut["state"].value_counts().min() > 0
    assert list(cut.index) == list(homes.index)
    assert cut["state"].tolist() == homes["state"].tolist()


def test_a_county_shows_the_facilities_beyond_its_border_that_serve_its_people(looped: Path) -> None:
    done = c15.study(read_county(looped / "计算" / CODES[0]), siting=False)
    near = done.atlas().neighbours
    assert set(near.index) & set(done.today.now.walks["facility_id"])
    assert not set(near.index) & set(done.atlas().facilities.index)


def test_the_cut_is_a_cut_and_the_border_matters(looped: Path, whole: c15.Study) -> None:
    """Else the test above would hold of counties that all hold everything, or of borders where nobody lives."""
    facilities = {code: set(gpd.read_parquet(looped / "计算" / code / "facilities.parquet").index) for code in CODES}
    of_home = (
        homes_of(looped)
        .index.to_series()
        .map(
            {
                home: code
                for code in CODES
                for home in gpd.read_parquet(looped / "计算" / code / "residents.parquet").index
            }
        )
    )
    walks = whole.walks
    mine = {name: code for code, names in facilities.items() for name in names}
    across = walks[walks["facility_id"].map(mine) != walks["demand_id"].map(of_home)]
    own = walks[walks["facility_id"].map(mine) == walks["demand_id"].map(of_home)]
    only_across = set(across["demand_id"]) - set(own["demand_id"])
    assert len(only_across) > 10  # who has a facility within reach beyond the border alone
    assert all(len(names) for names in facilities.values())
    assert sum(map(len, facilities.values())) == len(whole.city.facilities)


def test_units_add_up_to_those_of_the_whole(looped: Path, whole: c15.Study) -> None:
    units = whole.units.set_index(["level", "unit_id"])
    parts = pd.concat([pd.read_parquet(file) for file in (looped / "计算").glob("*/*/units.parquet")])
    parts = parts.set_index(["level", "unit_id"])
    columns = ["homes", "residents", "elders", "elders_unknown", "elders_covered_5", "elders_covered_15"]
    for level in ("community", "county"):
        pd.testing.assert_frame_equal(
            parts.loc[[level], columns].sort_index(), units.loc[[level], columns].sort_index(), check_dtype=False
        )
    assert parts.loc["city", columns].sum().to_dict() == units.loc[("city", "city"), columns].to_dict()


def test_the_products_name_every_county_and_verify(looped: Path) -> None:
    results = looped / "成果"
    page = (results / "index.html").read_text(encoding="utf-8")
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    assert all(name in page for name in ("甲县", "乙县", "丙县", "丁县"))
    assert set(manifest["counties"]) == set(CODES)
    assert c15.verify(results) == ()
    homes = gpd.read_parquet(results / "layers" / "homes.parquet")
    assert len(homes) == len(homes_of(looped))
    assert homes.crs.to_epsg() == 4490
    assert set(homes["of_county"]) == set(CODES)


# --- whoever does the work ------------------------------------------------------------------------------------------


@told_by_the_library
def test_workers_here_give_the_same_bytes_though_one_is_killed(made: Path, looped: Path, tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    pytest.importorskip("distributed")
    folder = with_engine(made, tmp_path / "here", 'kind = "dask"\nworkers = 2')
    killed = []

    def hear(_: object) -> None:
        if not killed:
            workers = [
                child for child in psutil.Process().children(recursive=True) if "spawn_main" in str(child.cmdline())
            ]
            os.kill(workers[0].pid, signal.SIGKILL)
            killed.append(workers[0].pid)

    done = run_province(folder, hear=hear)
    assert killed
    assert not done.failed
    assert _same(results_of(folder / "成果"), results_of(looped / "成果"))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Give a scheduler and two workers on the loopback, as somebody starts them by hand."""
    pytest.importorskip("distributed")
    said = tmp_path / "scheduler.json"
    plain = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": ENVIRONMENT, "cwd": tmp_path}
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    processes = [
        subprocess.Popen([*dask, "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(said)],
                         **plain)
    ]  # fmt: skip
    try:
        until(lambda: said.is_file() and said.stat().st_size > 0)
        address = json.loads(said.read_text(encoding="utf-8"))["address"]
        worker = [
            sys.executable,
            "-m",
            "distributed.cli.dask_worker",
            address,
            "--host",
            "127.0.0.1",
            "--nthreads",
            "1",
        ]
        worker += ["--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path)]
        processes += [subprocess.Popen(worker, **plain) for _ in range(2)]
        yield address, processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


@told_by_the_library
def test_two_workers_by_hand_give_the_same_bytes_and_a_lost_scheduler_loses_nothing(
    made: Path, looped: Path, tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, processes = cluster
    folder = with_engine(made, tmp_path / "by_hand", f'kind = "dask"\nscheduler = "{address}"')
    run_province(folder)
    expected = results_of(looped / "成果")
    assert _same(results_of(folder / "成果"), expected)

    shutil.rmtree(folder / "成果")
    for code in CODES[1:]:
        for results in (folder / "计算" / code).glob("*/complete.json"):
            shutil.rmtree(results.parent)

    def hear(far: object) -> None:
        if far.done == 1 and processes[0].poll() is None:
            processes[0].kill()
            processes[0].wait()

    with pytest.raises(OutputError, match="ENGINE_LOST"):
        run_province(folder, hear=hear)
    assert not (folder / "成果").exists()
    before = kept(folder)
    assert before
    file = folder / "province.toml"
    text = file.read_text(encoding="utf-8").replace(f'kind = "dask"\nscheduler = "{address}"', 'kind = "loop"')
    file.write_text(text, encoding="utf-8")
    run_province(folder)
    assert _same(results_of(folder / "成果"), expected)
    assert before.items() <= kept(folder).items()  # what was done is not done again


# --- faults ---------------------------------------------------------------------------------------------------------


def test_all_killed_and_run_again_goes_on_from_there(made: Path, looped: Path, tmp_path: Path) -> None:
    folder = with_engine(made, tmp_path / "killed", 'kind = "loop"')
    with subprocess.Popen(
        command(folder), env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as run:
        until(lambda: kept(folder) or run.poll() is not None)
        run.kill()
    before = kept(folder)
    assert 0 < len(before) < len(CODES)
    assert not (folder / "成果").exists()
    run_province(folder)
    assert _same(results_of(folder / "成果"), results_of(looped / "成果"))
    assert before.items() <= kept(folder).items()
    assert not list((folder / "计算").glob("*/.*"))


def test_a_changed_input_changes_the_counties_it_concerns_and_no_other(looped: Path, tmp_path: Path) -> None:
    folder, fresh = tmp_path / "changed", tmp_path / "fresh"
    shutil.copytree(looped, folder)
    candidates = gpd.read_file(folder / "candidates.gpkg")
    own = gpd.read_parquet(folder / "计算" / CODES[0] / "candidates.parquet").index
    beyond = {code: gpd.read_parquet(folder / "计算" / code / "candidates_beyond.parquet").index for code in CODES}
    changed = next(name for name in own if sum(name in names for names in beyond.values()) < 3)
    concerned = {CODES[0], *(code for code, names in beyond.items() if changed in names)}
    candidates.loc[candidates["candidate_id"] == changed, "max_floor_area_m2"] += 1
    candidates.to_file(folder / "candidates.gpkg")
    before = kept(folder)
    run_province(folder)
    after = kept(folder)
    assert {code for code in CODES if before[code] != after[code]} == concerned != set(CODES)
    shutil.copytree(folder, fresh, ignore=shutil.ignore_patterns("计算", "成果"))
    run_province(fresh)
    assert _same(results_of(folder / "成果"), results_of(fresh / "成果"))


def test_a_result_that_somebody_changed_is_computed_anew(looped: Path, tmp_path: Path) -> None:
    folder = tmp_path / "touched"
    shutil.copytree(looped, folder)
    (kept_file,) = (folder / "计算" / CODES[1]).glob("*/homes.parquet")
    kept_file.write_bytes(kept_file.read_bytes() + b"x")
    run_province(folder)
    assert _same(results_of(folder / "成果"), results_of(looped / "成果"))
    assert not kept_file.read_bytes().endswith(b"x")


def test_a_poisoned_county_is_named_on_every_page_and_the_others_delivered(made: Path, tmp_path: Path) -> None:
    folder = with_engine(made, tmp_path / "poisoned", 'kind = "loop"')
    file = folder / "province.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("pages = false", "pages = true"), encoding="utf-8")
    far = gpd.read_file(folder / "counties.gpkg").iloc[[0]].assign(county_id="420199", name="<戊>县")
    far = far.set_geometry(far.translate(60_000, 0))
    counties = gpd.read_file(folder / "counties.gpkg").iloc[[0]]
    pd.concat([counties, far]).to_file(folder / "counties.gpkg")
    communities = gpd.read_file(folder / "communities.gpkg")
    own = communities[communities["county_id"] == CODES[0]]
    there = own.iloc[[0]].assign(community_id="420199001001", county_id="420199", county="戊县")
    pd.concat([own, there.set_geometry(there.translate(60_000, 0))]).to_file(folder / "communities.gpkg")
    run = subprocess.run(
        command(folder), env=ENVIRONMENT, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert run.returncode == 3, run.stderr
    assert "420199" in run.stdout
    results = folder / "成果"
    pages = [results / "index.html", *(results / "counties").glob("*/index.html")]
    assert len(pages) == 2
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "420199" in text
        assert "<戊>" not in text
    assert c15.verify(results) == ()
    assert c15.verify(results / "counties" / CODES[0]) == ()
    for place in (results, results / "counties" / CODES[0]):
        with pytest.raises(InputError, match="REPLAY_PROVINCE"):
            replay(place)
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["counties"]["420199"]["state"] == "failed"
    assert any(finding["code"] == "COUNTY_NONE" for finding in manifest["findings"])  # the other counties' homes


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_is_said_and_leaves_the_earlier_results(looped: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    folder = tmp_path / "full"
    shutil.copytree(looped, folder)
    before = results_of(folder / "成果")
    table = gpd.read_file(folder / "facilities.gpkg")
    table.assign(name=table["name"] + "*").to_file(folder / "facilities.gpkg")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400 << 10, limits[1]))
    try:
        with pytest.raises((OutputError, InputError)) as error:
            run_province(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {f.code for f in error.value.findings} == {"OUTPUT_FULL"}
    assert results_of(folder / "成果") == before
    done = run_province(folder)
    assert not done.failed


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_county_for_which_the_disk_has_no_room_says_so_and_leaves_nothing_half(looped: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    county = tmp_path / CODES[0]
    shutil.copytree(looped / "计算" / CODES[0], county)
    before = set(county.iterdir())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50 << 10, limits[1]))
    try:
        told = study_task(str(county), "another")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [finding.code for finding in faults_of(json.loads(told))] == ["OUTPUT_FULL"]
    assert set(county.iterdir()) == before


def test_what_a_province_cannot_have_is_refused(made: Path, tmp_path: Path) -> None:
    folder = with_engine(made, tmp_path / "refused", 'kind = "loop"')
    file = folder / "province.toml"
    text = file.read_text(encoding="utf-8")
    for more, code in (
        ("[siting]\nbudget_wan = 100\n", "PARAM_RANGE"),
        ("[province.budgets_wan]\n999999 = 5\n", "PARAM_RANGE"),
        ("[engines]\n", "PARAM_UNKNOWN"),
    ):
        file.write_text(text + "\n" + more, encoding="utf-8")
        with pytest.raises(InputError, match=code):
            run_province(folder)


def _same(one: dict[str, bytes], other: dict[str, bytes]) -> bool:
    """Return whether results are equal to the byte; who did the work is no part of them."""
    assert sorted(one) == sorted(other)
    return [name for name in one if one[name] != other[name]] == []

"""A province as departments send it: hostile borders and codes, money for some, inputs saved while it is computed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from openpyxl import load_workbook
from typer.testing import CliRunner

import circle15 as c15
from circle15.cli import app
from circle15.province.check import check_province
from circle15.province.county import KEPT_LAYERS, LAYERS
from circle15.province.layers import write_layers
from circle15.province.project import load_province
from circle15.province.run import run_province
from circle15.province.store import fingerprints
from gis.errors import InputError, OutputError
from tests.province_town import CODES, CRS, make_province

pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_province(tmp_path_factory.mktemp("faults") / "made")


@pytest.fixture(scope="module")
def looped(made: Path) -> Path:
    folder = Path(shutil.copytree(made, made.with_name("looped")))
    run_province(folder)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "province"))


def changed(file: Path, change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> None:
    """Write a layer anew as a change of it."""
    frame = change(gpd.read_file(file))
    file.unlink()
    frame.to_file(file)


def with_lines(folder: Path, lines: str) -> Path:
    """Return the province with further lines in `[province]`."""
    file = folder / "province.toml"
    file.write_text(file.read_text("utf-8").replace("[province]", f"[province]\n{lines}"), encoding="utf-8")
    return folder


def codes(findings: object) -> set[str]:
    return {finding.code for finding in findings}


def manifest(folder: Path) -> dict:
    told: dict = json.loads((folder / "成果" / "manifest.json").read_text(encoding="utf-8"))
    return told


# --- borders and codes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["../x", "/x", ".", ".fresh", "42/01", "42\\01", "fronts", "CON", "4" * 41, "4 2"])
def test_a_code_that_can_name_no_folder_is_refused_and_nothing_is_written_by_it(folder: Path, code: str) -> None:
    changed(folder / "counties.gpkg", lambda f: f.assign(county_id=[code, *CODES[1:]]))
    before = set(folder.parent.rglob("*"))
    assert "COUNTY_CODE" in codes(check_province(folder).findings)
    with pytest.raises(InputError, match="COUNTY_CODE"):
        run_province(folder)
    assert {path for path in set(folder.parent.rglob("*")) - before if path.is_file()} == set()


def test_a_boundary_table_without_counties_or_without_a_shape_says_so(folder: Path) -> None:
    whole = gpd.read_file(folder / "counties.gpkg")
    changed(folder / "counties.gpkg", lambda f: f.set_geometry([None, *f.geometry.iloc[1:]], crs=f.crs))
    found = check_province(folder).findings
    assert [(finding.code, finding.place) for finding in found] == [("GEOMETRY_NULL", f"counties.gpkg/{CODES[0]}")]
    file = folder / "province.toml"
    text = file.read_text("utf-8")
    for lines in (text, text.replace(f'crs = "{CRS}"', "")):
        file.write_text(lines, encoding="utf-8")
        changed(folder / "counties.gpkg", lambda _: whole.iloc[:0])
        assert "COUNTIES_EMPTY" in codes(check_province(folder).findings)


def test_a_community_whose_code_moves_it_to_another_county_is_named(folder: Path) -> None:
    def mistyped(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        row = frame.index[frame["county_id"] == CODES[0]][0]
        frame.loc[row, ["community_id", "county_id", "county"]] = ["420102001999", CODES[1], "乙县"]
        return frame

    assert "UNIT_ELSEWHERE" not in codes(check_province(folder).findings)
    changed(folder / "communities.gpkg", mistyped)
    found = [finding for finding in check_province(folder).findings if finding.code == "UNIT_ELSEWHERE"]
    assert [(finding.place, finding.found) for finding in found] == [
        ("communities/420102001999", f"{CODES[1]} ≠ {CODES[0]}")
    ]


def test_a_run_tells_what_was_found_and_the_index_what_was_not_counted(folder: Path) -> None:
    changed(folder / "counties.gpkg", lambda f: f.set_geometry([f.geometry.iloc[0].buffer(200), *f.geometry.iloc[1:]]))

    def away(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        frame.loc[0, "geometry"] = shapely.affinity.translate(frame.geometry.iloc[0], 90_000)
        return frame

    changed(folder / "facilities.gpkg", away)
    told = CliRunner().invoke(app, ["run", str(folder)])
    assert told.exit_code == 0, told.stderr
    assert "GEOMETRY_OVERLAP" in told.stdout
    assert "facilities.gpkg: 1" in (folder / "成果" / "index.html").read_text(encoding="utf-8")


def test_the_fault_of_a_county_names_no_folder_of_this_machine(folder: Path) -> None:
    def far(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        more = frame.iloc[[0]].assign(county_id="420199", name="远县")
        return pd.concat([frame.iloc[[0]], more.set_geometry(more.translate(80_000, 0))])

    changed(folder / "counties.gpkg", far)
    found = check_province(folder)
    assert {finding.place for finding in found.failed["420199"].findings} == {"streets.osm.pbf"}


@pytest.mark.parametrize(("store", "results"), [("成果/计算", "成果"), ("计算", "计算/420101")])
def test_work_and_results_lie_in_folders_of_their_own(folder: Path, store: str, results: str) -> None:
    file = folder / "province.toml"
    text = file.read_text("utf-8").replace("[output]", f'[output]\nfolder = "{results}"')
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"province\.store"):
        load_province(with_lines(folder, f'store = "{store}"'))


def test_a_store_that_cannot_be_written_is_said_in_words_to_check_too(folder: Path) -> None:
    (folder / "计算").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="OUTPUT_TAKEN"):
        check_province(folder)


# --- money ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lines", [f"budgets_wan = {{ {CODES[0]} = 200 }}", "budget_wan = 30"])
def test_money_for_some_counties_alone_is_told_for_all(folder: Path, lines: str) -> None:
    done = run_province(with_lines(folder, lines))
    assert not done.failed
    plan = gpd.read_parquet(folder / "成果" / "layers" / "plan.parquet")
    built = {code: told["sites"] or 0 for code, told in done.counties.items()}
    assert plan["of_county"].value_counts().to_dict() == {code: n for code, n in built.items() if n}
    assert 0 < sum(n > 0 for n in built.values()) < len(CODES)
    book = load_workbook(folder / "成果" / "汇总.xlsx").worksheets[0]
    head, *rows = list(book.iter_rows(values_only=True))
    name = next(row for row in (head, *rows) if row[1] in ("代码", "code") or "代码" in str(row[1]))
    sites = next(i for i, cell in enumerate(name) if "处" in str(cell) or "sites" in str(cell))
    told = {row[1]: row[sites] or 0 for row in rows if row[1] in CODES}
    assert told == built


def test_a_least_that_cannot_be_had_is_told_and_is_the_exit_status(folder: Path) -> None:
    with_lines(folder, f"budget_wan = 30\nleast_share = {{ {CODES[0]} = 1 }}")
    told = CliRunner().invoke(app, ["run", str(folder)])
    assert told.exit_code == 5, told.stderr
    assert "最低要求无法满足" in told.stdout
    assert all(each["elders_covered_after"] == each["elders_covered"] for each in manifest(folder)["counties"].values())


# --- layers of all counties ----------------------------------------------------------------------------------------


def test_layers_go_together_whatever_a_county_has_in_them(tmp_path: Path) -> None:
    """Marks in one county and figures in another, nothing at all in a third: text where they differ, nothing lost."""
    places = {"a": [12, 300], "b": ["<5", "*"], "c": []}
    for code, elders in places.items():
        (tmp_path / code / LAYERS).mkdir(parents=True)
        shapes = gpd.GeoSeries([shapely.Point(i, 0) for i in range(len(elders))], crs="EPSG:4490")
        names = {"a": ["甲", "乙"], "b": [float("nan")] * 2, "c": []}[code]
        frame = gpd.GeoDataFrame({"of_county": code, "elders": elders, "name": names}, geometry=shapes)
        for name in KEPT_LAYERS:
            frame.to_parquet(tmp_path / code / LAYERS / f"{name}.parquet", index=False)
    write_layers({code: tmp_path / code for code in places}, tmp_path / "all")
    found = gpd.read_parquet(tmp_path / "all" / "plan.parquet")
    assert found["elders"].tolist() == ["12", "300", "<5", "*"]
    assert found["name"].iloc[:2].tolist() == ["甲", "乙"]
    assert found["name"].iloc[2:].isna().all()
    same = {code: tmp_path / code for code in ("a", "c")}
    write_layers(same, tmp_path / "figures")
    assert gpd.read_parquet(tmp_path / "figures" / "plan.parquet")["elders"].tolist() == [12, 300]


def test_the_index_book_and_layers_say_what_the_counties_do(looped: Path) -> None:
    told = manifest(looped)["counties"]
    homes = gpd.read_parquet(looped / "成果" / "layers" / "homes.parquet")
    units = [pd.read_parquet(file) for file in sorted((looped / "计算").glob("*/*/units.parquet"))]
    rows = pd.concat([each[each["level"] == "city"] for each in units])
    for name in ("elders", "elders_covered_15"):
        assert sum(each[name.removesuffix("_15")] for each in told.values()) == rows[name].sum()
    assert len(homes) == rows["homes"].sum()
    assert c15.verify(looped / "成果") == ()


def test_a_share_in_the_book_is_that_of_the_index(looped: Path) -> None:
    """The index rounds down; a cell that held 73.48 % would be shown as 73.5 % beside its 73.4 %."""
    head, *rows = list(load_workbook(looped / "成果" / "汇总.xlsx").worksheets[0].iter_rows(values_only=True))
    place = next(i for i, name in enumerate(head) if "覆盖率（15分钟）" in str(name))
    index = (looped / "成果" / "index.html").read_text(encoding="utf-8")
    shares = {row[1]: row[place] for row in rows if row[1] in CODES}
    told = manifest(looped)["counties"]
    assert any(
        round(1000 * each["elders_covered"] / each["elders"]) / 1000 != shares[code] for code, each in told.items()
    )
    assert all(f"{share:.1%}" in index for share in shares.values())


# --- inputs that change --------------------------------------------------------------------------------------------


def test_figures_of_a_shapefile_are_part_of_it(folder: Path) -> None:
    """They stand in the .dbf: another one beside the same .shp is another input."""
    communities = gpd.read_file(folder / "communities.gpkg")[["level", "elders", "geometry"]]
    communities.to_file(folder / "communities.shp", encoding="utf-8")
    file = folder / "province.toml"
    file.write_text(file.read_text("utf-8").replace("communities.gpkg", "communities.shp"), encoding="utf-8")
    before, shapes = fingerprints(load_province(folder)), (folder / "communities.shp").read_bytes()
    communities.assign(elders=communities["elders"] + 1).to_file(folder / "communities.shp", encoding="utf-8")
    assert (folder / "communities.shp").read_bytes() == shapes
    after = fingerprints(load_province(folder))
    assert {name for name in after if after[name] != before[name]} >= {"communities.dbf"}


@pytest.mark.parametrize("stage", ["stage.cut", "stage.counties"])
def test_an_input_saved_while_the_province_is_computed_stops_the_run_by_its_name(
    looped: Path, folder: Path, stage: str
) -> None:
    def save(now: str) -> None:
        if now == stage:
            changed(folder / "facilities.gpkg", lambda frame: frame.iloc[1:])

    before = (folder / "facilities.gpkg").read_bytes()
    with pytest.raises(InputError, match=r"INPUT_CHANGED facilities\.gpkg"):
        run_province(folder, progress=save)
    assert not (folder / "成果").exists()
    (folder / "facilities.gpkg").write_bytes(before)
    run_province(folder)
    assert (folder / "成果" / "manifest.json").read_bytes() == (looped / "成果" / "manifest.json").read_bytes()


# --- the store --------------------------------------------------------------------------------------------------------


def _first(store: Path, name: str) -> Path:
    return next(iter(sorted((store / CODES[1]).glob(f"*/{name}"))))


def _renamed(file: Path) -> None:
    gpd.read_parquet(file).assign(name="x").to_parquet(file)


@pytest.mark.parametrize(
    "harm",
    [
        lambda store: (store / "counties.parquet").unlink(),
        lambda store: (
            gpd.read_parquet(store / "counties.parquet").assign(name="x").to_parquet(store / "counties.parquet")
        ),
        lambda store: (store / CODES[1] / "islands.npz").unlink(),
        lambda store: (store / CODES[1] / "islands.npz").write_bytes(b"x"),
        lambda store: _first(store, "complete.json").write_text("[]"),
        lambda store: (_first(store, "complete.json").write_text("{}"), _first(store, "layers/homes.parquet").unlink()),
        lambda store: (store / "inputs.json").write_text(
            (store / "inputs.json").read_text("utf-8").replace('"homes"', '"houses"'), "utf-8"
        ),
        lambda store: shutil.rmtree(store / CODES[2]),
    ],
    ids=[
        "borders gone",
        "borders changed",
        "islands gone",
        "islands broken",
        "a list",
        "stamps gone",
        "told",
        "county",
    ],
)
def test_harm_to_what_is_kept_is_made_good(looped: Path, tmp_path: Path, harm: Callable[[Path], object]) -> None:
    folder = Path(shutil.copytree(looped, tmp_path / "province"))
    shutil.rmtree(folder / "成果")
    harm(folder / "计算")
    assert not run_province(folder).failed
    assert (folder / "成果" / "manifest.json").read_bytes() == (looped / "成果" / "manifest.json").read_bytes()


def test_what_somebody_lays_into_the_store_stays_and_nothing_is_computed_anew(looped: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(looped, tmp_path / "province"))
    own = folder / "计算" / CODES[0]
    before = {path: path.stat().st_mtime_ns for path in (folder / "计算").glob("*/*/complete.json")}
    theirs = [own / "Thumbs.db", own / "._residents.parquet", own / "笔记" / "a.txt"]
    for path in theirs:
        path.parent.mkdir(exist_ok=True)
        path.write_text("x", encoding="utf-8")
    run_province(folder)
    changed(folder / "facilities.gpkg", lambda frame: frame.iloc[1:])
    assert {path: path.stat().st_mtime_ns for path in (folder / "计算").glob("*/*/complete.json")} == before
    run_province(folder)
    assert all(path.is_file() for path in theirs)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_with_workers_is_said_in_words_alone(folder: Path) -> None:
    """A terminal sends it to the workers too: they are silent, and end with who began them."""
    pytest.importorskip("distributed")
    file = folder / "province.toml"
    file.write_text(file.read_text("utf-8").replace('kind = "loop"', 'kind = "dask"\nworkers = 2'), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "circle15", "run", str(folder)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONIOENCODING": "utf-8"},
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - a shell may have it ignored
    ) as run:
        while run.poll() is None and not list((folder / "计算").glob("*/islands.key")):  # the workers are at work
            time.sleep(0.05)
        os.killpg(run.pid, signal.SIGINT)
        said = run.communicate(timeout=120)[1]
    assert run.returncode == 130, said
    assert "已中断" in said
    assert "Traceback" not in said

"""Nothing half: locks, results in one step, disks that are full or not ours, results verified and computed anew."""

import errno
import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import circle15 as c15
from circle15 import place
from circle15.blocked import why_blocked
from circle15.lock import held, lock_file
from circle15.outputs import MANIFEST, OURS, WRITERS
from circle15.place import in_place_of
from circle15.province.ready import to_disk
from circle15.ready import RESULTS, memory_bytes, reserved, results_bytes, will_fit
from gis.errors import InputError, OutputError
from tests.bad_town import Town
from tests.kill_sweep import named, results_of
from tests.town import without_maps

ROOT = Path(__file__).parents[1]
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")


def circle15(*arguments: str | Path, cwd: Path, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command as a planner does, something set `before` it in its process."""
    code = f"{before}\nimport sys; sys.argv[0] = 'circle15'\nfrom circle15.cli import main\nmain()"
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, c15.Study]:
    """Return a town with its results, and the study behind them."""
    town = without_maps(c15.copy_sample(tmp_path_factory.mktemp("durable") / "town"))
    return town, c15.run(town)


@pytest.fixture
def town(finished: tuple[Path, c15.Study], tmp_path: Path) -> Path:
    """Return a copy of that town."""
    return Path(shutil.copytree(finished[0], tmp_path / "town"))


def _moved(town: Path, done: c15.Study) -> c15.Study:
    city = replace(done.city, project=done.project.model_copy(update={"folder": town}))
    return replace(done, today=replace(done.today, city=city))


# --- the lock ---------------------------------------------------------------------------------------------------------

HOLD = """
import sys, time
from pathlib import Path
from circle15.lock import held
with held(Path(sys.argv[1])) as before:
    print("held", before, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path):  # noqa: ANN201
    """Return another process that holds a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "成果")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("held None")
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_run_is_refused_and_told_who_is_at_work(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    with pytest.raises(c15.OutputError) as error, held(tmp_path / "成果"):
        pass
    (finding,) = error.value.findings
    assert finding.code == "FOLDER_BUSY"
    assert f"PID {holder.pid}" in finding.found
    with held(tmp_path / "另一个"):  # another folder is free
        pass


def test_the_command_says_so_in_both_languages_and_reads_nothing(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    town = c15.copy_sample(tmp_path / "town")
    (town / "streets.osm.pbf").write_bytes(b"")  # would be refused if it were read
    link = (town / "成果").symlink_to if sys.platform != "win32" else pytest.skip
    link(tmp_path / "成果")
    ran = circle15("run", town, cwd=tmp_path)
    assert ran.returncode == 1, ran.stderr
    zh, en = ran.stderr.strip().splitlines()
    assert "FOLDER_BUSY" in zh
    assert "FOLDER_BUSY" in en
    assert f"PID {holder.pid}" in zh


def test_the_lock_of_a_killed_run_is_taken_over_and_its_owner_told(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    holder.kill()
    holder.wait()
    with held(tmp_path / "成果") as before:
        assert before is not None
        assert before.pid == holder.pid
    with held(tmp_path / "成果") as before:
        assert before is None
    assert not lock_file(tmp_path / "成果").exists()


def test_a_lock_ends_with_an_error_and_a_text_that_is_none_is_no_owner(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), held(tmp_path / "成果"):
        _ = 1 / 0
    lock_file(tmp_path / "成果").write_text("{'pid'", encoding="utf-8")
    with held(tmp_path / "成果") as before:
        assert before is None


# --- one step ---------------------------------------------------------------------------------------------------------


def _write(folder: Path, text: str, *, stop: type[BaseException] | None = None) -> None:
    with in_place_of(folder, ours=OURS) as fresh:
        for name in ("index.html", MANIFEST):
            (fresh / name).write_text(text, encoding="utf-8")
            if stop is not None:
                raise stop


def test_an_error_or_an_interrupt_while_writing_leaves_the_old_results_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "成果"
    _write(folder, "old")
    for stop in (OSError, KeyboardInterrupt):
        with pytest.raises(stop):
            _write(folder, "half", stop=stop)
        assert [path.name for path in tmp_path.iterdir()] == ["成果"]
        assert (folder / "index.html").read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("exchange", [True, False])
def test_notes_move_along_and_none_is_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, exchange: bool
) -> None:
    if not exchange:
        monkeypatch.setattr(place, "_exchanged", lambda *_: False)
    folder = tmp_path / "成果"
    _write(folder, "old")
    (folder / "批注.txt").write_text("mine", encoding="utf-8")
    (folder / "图纸").mkdir()
    (folder / "图纸" / "一.pdf").write_bytes(b"1")
    (tmp_path / ".成果.old").mkdir()
    (tmp_path / ".成果.old" / "批注.txt").write_text("earlier", encoding="utf-8")
    _write(folder, "new")
    assert (folder / "批注.txt").read_text(encoding="utf-8") == "mine"
    assert (folder / "批注 (2).txt").read_text(encoding="utf-8") == "earlier"
    assert (folder / "图纸" / "一.pdf").read_bytes() == b"1"
    assert (folder / MANIFEST).read_text(encoding="utf-8") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["成果"]


@pytest.mark.parametrize("step", ["ready", "成果"])
def test_a_rename_that_windows_refuses_leaves_the_old_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Excel holds a file of the folder: it cannot be renamed, before or between the two renames."""
    folder = tmp_path / "成果"
    _write(folder, "old")
    monkeypatch.setattr(place, "_exchanged", lambda *_: False)
    renamed = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name == step or (step == "ready" and self.name == ".成果.ready" and Path(target).name == "成果"):
            raise PermissionError(13, "in use", str(self))
        return renamed(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        _write(folder, "new")
    assert (folder / MANIFEST).read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ({".成果.ready": "new"}, "new"),
        ({".成果.ready": "new", ".成果.old": "old"}, "new"),
        ({".成果.old": "old"}, "old"),
        ({"成果": "old", ".成果.ready": "new"}, "old"),
        ({"成果": "new", ".成果.ready": "old"}, "new"),
        ({"成果": "new", ".成果.old": "old"}, "new"),
        ({"成果": "old", ".成果.1.new": "half"}, "old"),
    ],
)
def test_every_state_a_kill_can_leave_has_one_whole_set_of_results(
    tmp_path: Path, there: dict[str, str], expected: str
) -> None:
    for name, text in there.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / MANIFEST).write_text(text, encoding="utf-8")
        (tmp_path / name / f"{name}.txt").write_text(text, encoding="utf-8")
    place.recover(tmp_path / "成果", ours=OURS)
    assert (tmp_path / "成果" / MANIFEST).read_text(encoding="utf-8") == expected
    assert [path.name for path in tmp_path.iterdir()] == ["成果"]
    notes = {path.name for path in (tmp_path / "成果").iterdir()} - {MANIFEST}
    assert notes == {f"{name}.txt" for name in there if not name.endswith(".new")}


@posix
def test_killed_at_any_moment_the_old_or_the_new_results_are_whole() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.kill_sweep", "--little", "--kills", "12"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert ran.returncode == 0, ran.stderr
    assert "old" in ran.stdout


# --- what a disk can do -----------------------------------------------------------------------------------------------


@posix
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # half a workbook, let go by openpyxl
@pytest.mark.parametrize("most_kib", [8, 300, 2000, 9000])
def test_a_full_disk_is_one_line_and_changes_nothing(
    finished: tuple[Path, c15.Study], town: Path, most_kib: int
) -> None:
    """No file may grow beyond a limit, so that another writer fails each time."""
    resource = pytest.importorskip("resource")
    before = results_of(town / "成果")
    done = _moved(town, finished[1])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_kib << 10, limits[1]))
    try:
        with pytest.raises(c15.OutputError) as error:
            c15.write_outputs(done, times={})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        gc.collect()  # what is left of half a workbook complains here, not in the next test
    assert [finding.code for finding in error.value.findings] == ["OUTPUT_FULL"]
    assert results_of(town / "成果") == before
    assert not [path.name for path in town.iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(not shutil.which("setpriv"), reason="a root without its powers is needed")
def test_a_folder_that_may_not_be_written_to_is_said_before_anything_is_read(tmp_path: Path) -> None:
    town = c15.copy_sample(tmp_path / "town")
    (town / "streets.osm.pbf").write_bytes(b"")  # would be refused if it were read
    town.chmod(0o555)
    powers = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    ran = subprocess.run(
        [*powers, sys.executable, "-m", "circle15", "run", str(town)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    town.chmod(0o755)
    assert ran.returncode == 1, ran.stderr
    assert "OUTPUT_READ_ONLY" in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 2, ran.stderr


@pytest.mark.parametrize("name", ["成果", "成果/index.html", "成果/plan.gpkg"])
def test_a_name_that_is_taken_is_said_and_left_alone(tmp_path: Path, name: str) -> None:
    town = c15.copy_sample(tmp_path / "town")
    taken = town / name
    if name == "成果":
        taken.write_text("mine", encoding="utf-8")
    else:
        taken.mkdir(parents=True)
        (taken / "x").write_text("mine", encoding="utf-8")
    with pytest.raises(c15.OutputError) as error, reserved(c15.load_project(town)):
        pass
    assert [(f.code, f.place) for f in error.value.findings] == [("OUTPUT_TAKEN", taken.name)]
    assert (taken if name == "成果" else taken / "x").read_text(encoding="utf-8") == "mine"


def test_the_names_that_must_be_free_are_those_of_the_results() -> None:
    assert set(RESULTS) == OURS


def test_what_will_not_fit_is_said_before_computing(
    finished: tuple[Path, c15.Study], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    city = finished[1].city
    will_fit(city, tmp_path / "成果")
    written = sum(file.stat().st_size for file in (finished[0] / "成果").iterdir())
    assert written <= results_bytes(city) <= 10 * written
    monkeypatch.setattr("circle15.ready.free_memory_bytes", lambda: memory_bytes(city) - 1)
    with pytest.raises(c15.InputError, match="MEMORY_SHORT"):
        will_fit(city, tmp_path / "成果")
    limits = city.project.limits.model_copy(update={"short_of_memory": True})
    project = city.project.model_copy(update={"limits": limits})
    will_fit(replace(city, project=project), tmp_path / "成果")


@posix
def test_a_run_that_does_not_fit_into_its_memory_says_so(tmp_path: Path) -> None:
    """The system gives the process less than the sample is expected to need."""
    town = c15.copy_sample(tmp_path / "town")
    small = "from circle15 import machine\nmachine._left_of_group = lambda: [100 << 20]"
    ran = circle15("run", town, cwd=tmp_path, before=small)
    assert ran.returncode == 2, ran.stderr
    assert "MEMORY_SHORT" in ran.stderr
    assert not (town / "成果").exists()


INTERRUPTIBLE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background hands on that it is ignored
from circle15.cli import main
main()
"""


@posix
def test_an_interrupt_leaves_nothing_half(town: Path) -> None:
    before = results_of(town / "成果")
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, "run", str(town)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not lock_file(town / "成果").exists() and process.poll() is None:
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert "已中断" in said
    assert results_of(town / "成果") == before
    assert not [path.name for path in town.iterdir() if path.name.startswith(".")]


# --- verify and replay ------------------------------------------------------------------------------------------------


def test_results_are_whole_until_one_is_missing_changed_or_added(town: Path) -> None:
    folder = town / "成果"
    assert c15.verify(folder) == c15.verify(folder / MANIFEST) == ()
    (folder / "批注.docx").write_bytes(b"mine")
    with (folder / "plan.gpkg").open("r+b") as stream:  # one bit
        stream.seek(50_000)
        byte = stream.read(1)[0]
        stream.seek(50_000)
        stream.write(bytes([byte ^ 1]))
    (folder / "annex.xlsx").unlink()
    assert [(f.code, f.place) for f in c15.verify(folder)] == [
        ("RESULT_MISSING", "annex.xlsx"),
        ("RESULT_CHANGED", "plan.gpkg"),
        ("RESULT_ADDED", "批注.docx"),
    ]
    ran = circle15("verify", folder, "--language", "en", cwd=town)
    assert ran.returncode == 2
    assert "RESULT_CHANGED plan.gpkg" in ran.stdout
    assert "not whole: 2" in ran.stdout


def test_files_added_have_a_status_of_their_own(town: Path) -> None:
    assert circle15("verify", cwd=town).returncode == 0
    (town / "成果" / "批注.docx").write_bytes(b"mine")
    ran = circle15("verify", cwd=town)
    assert ran.returncode == 3, ran.stderr
    assert "RESULT_ADDED" in ran.stdout


@pytest.mark.parametrize(
    "spoil",
    [
        lambda m: {**m, "outputs": {"../../secret": m["outputs"]["annex.xlsx"]}},
        lambda m: {**m, "outputs": {"C:x": m["outputs"]["annex.xlsx"]}},
        lambda m: {**m, "outputs": {}},
        lambda m: {**m, "outputs": {"annex.xlsx": {"sha256": "0"}}},
        lambda m: {**m, "outputs": [1]},
        lambda _: [],
    ],
)
def test_a_manifest_that_is_none_is_refused(town: Path, spoil) -> None:  # noqa: ANN001
    file = town / "成果" / MANIFEST
    file.write_text(json.dumps(spoil(json.loads(file.read_text(encoding="utf-8")))), encoding="utf-8")
    with pytest.raises(c15.InputError, match="MANIFEST_BROKEN"):
        c15.verify(file)


def test_results_mixed_from_two_runs_are_seen(finished: tuple[Path, c15.Study], town: Path) -> None:
    kept = town / "旧"
    shutil.copytree(town / "成果", kept)
    c15.write_outputs(named(_moved(town, finished[1]), "乙"), times={})
    assert c15.verify(town / "成果") == ()
    for name in ("index.html", *WRITERS):
        before, now = (kept / name).read_bytes(), (town / "成果" / name).read_bytes()
        if before != now:
            (town / "成果" / name).write_bytes(before)
            assert [(f.code, f.place) for f in c15.verify(town / "成果")] == [("RESULT_CHANGED", name)]
            (town / "成果" / name).write_bytes(now)


def test_a_run_computed_anew_is_the_same_to_the_byte_and_a_changed_input_is_named(town: Path) -> None:
    before = results_of(town / "成果")
    ran = circle15("replay", town / "成果" / MANIFEST, cwd=town)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert results_of(town / "成果") == before
    (town / "成果" / "index.html").write_text("other", encoding="utf-8")
    (town / "residents.csv").write_bytes((town / "residents.csv").read_bytes() + b"\n")
    (town / "gates.csv").unlink()
    ran = circle15("replay", town / "成果" / MANIFEST, cwd=town)
    assert ran.returncode == 2
    assert "INPUT_CHANGED residents.csv" in ran.stderr
    assert "FILE_MISSING gates.csv" in ran.stderr


def test_a_result_that_comes_out_otherwise_is_named(tmp_path: Path) -> None:
    town = Town(tmp_path / "town").clean().folder
    c15.run(town)
    (town / "成果" / "index.html").write_text("other", encoding="utf-8")
    found = c15.replay(town / "成果" / MANIFEST)
    assert [(f.code, f.place) for f in found if f.severity == "reject"] == [("REPLAY_DIFFERS", "index.html")]


# --- where files may lie ----------------------------------------------------------------------------------------------


def _input(town: Path, path: str) -> None:
    file = town / "project.toml"
    text = file.read_text(encoding="utf-8").replace('"communities.gpkg"', json.dumps(path))
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../secret.gpkg", "PATH_OUTSIDE"),
        ("/etc/passwd", "PATH_OUTSIDE"),
        ("https://example.org/a.gpkg", "FILE_NOT_LOCAL"),
        ("/vsicurl/http://x/a.gpkg", "FILE_NOT_LOCAL"),
        ("\\vsizip\\a.zip", "FILE_NOT_LOCAL"),
    ],
)
def test_files_come_from_the_project_alone(tmp_path: Path, path: str, code: str) -> None:
    town = c15.copy_sample(tmp_path / "town")
    _input(town, path)
    with pytest.raises(c15.InputError) as error:
        c15.load_project(town)
    assert [finding.code for finding in error.value.findings] == [code]


@posix
def test_a_link_that_leads_out_is_followed_only_into_a_root(tmp_path: Path) -> None:
    town = c15.copy_sample(tmp_path / "town")
    (tmp_path / "档案").mkdir()
    shutil.move(town / "communities.gpkg", tmp_path / "档案" / "a.gpkg")
    (town / "communities.gpkg").symlink_to(tmp_path / "档案" / "a.gpkg")
    with pytest.raises(c15.InputError, match="PATH_OUTSIDE"):
        c15.load_project(town)
    file = town / "project.toml"
    file.write_text('roots = ["../档案"]\n' + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert c15.load_project(town).roots == ("../档案",)


def test_an_input_saved_while_it_is_computed_with_stops_the_run_by_its_name(town: Path) -> None:
    """The manifest would name the new file beside figures of the old one."""
    before = results_of(town / "成果")

    def save(stage: str) -> None:
        if stage == "stage.reach":
            (town / "gates.csv").write_bytes((town / "gates.csv").read_bytes() + b"\n")

    with pytest.raises(InputError, match=r"INPUT_CHANGED gates\.csv"):
        c15.run(town, progress=save)
    assert results_of(town / "成果") == before


def test_a_disk_that_may_only_be_read_is_no_file_held_by_excel(tmp_path: Path) -> None:
    read_only = OSError(errno.EROFS, os.strerror(errno.EROFS), str(tmp_path / "计算" / "county.json"))
    assert why_blocked(read_only, tmp_path / "成果").code == "OUTPUT_READ_ONLY"
    with pytest.raises(OutputError, match=r"OUTPUT_READ_ONLY 计算"), to_disk(tmp_path / "成果", tmp_path / "计算"):
        raise read_only

"""The first hour: what a planner gets wrong is said in words that help, and what `check` calls usable runs."""

import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from test_run import ROOT, circle15

import circle15 as c15

TEMPLATE = Path(c15.__file__).parent / "template.toml"


def edit(town: Path, old: str, new: str) -> None:
    file = town / "project.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """Return a fresh copy of the sample project in a folder with a blank and Chinese signs in its name."""
    return c15.copy_sample(tmp_path / "我的 城市")


def faults(folder: Path) -> list[c15.Finding]:
    """Return what refuses a project before or at the walk."""
    with pytest.raises(c15.InputError) as error:
        c15.checked(c15.read_city(c15.load_project(folder)))
    return list(error.value.findings)


def test_check_says_how_many_facilities_count_the_gravest_first(town: Path) -> None:
    city = c15.read_city(c15.load_project(town))
    found = c15.checked(city)
    done = c15.today(city)
    assert (found.serving, found.facilities) == (len(done.now.serving), len(city.facilities))
    assert set(found.findings) <= set(done.findings)  # the run says all of it, and more
    severities = [finding.severity for finding in found.findings]
    assert severities == sorted(severities, key=("reject", "warn", "repair", "note").index)


def test_check_refuses_what_a_run_would_refuse_and_lists_what_it_had_read(town: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(town / "设施.xlsx")
    heads = {cell.value: cell for row in book.active.iter_rows() for cell in row if cell.value in ("经度", "纬度")}
    for head in heads.values():
        for row in range(head.row + 1, book.active.max_row + 1):
            cell = book.active.cell(row, head.column)
            if isinstance(cell.value, int | float | str) and cell.value:
                cell.value = float(cell.value) + 1 if str(cell.value).replace(".", "").isdigit() else cell.value
    book.save(town / "设施.xlsx")
    ran = circle15("check", town, "--list", tmp_path / "清单", cwd=tmp_path)
    assert ran.returncode == 2, ran.stdout
    assert "NOT_ON_STREETS" in ran.stderr
    codes = {row[1] for row in openpyxl.load_workbook(tmp_path / "清单.xlsx").active.iter_rows(values_only=True)}
    assert {"NOT_ON_STREETS", "ROW_TOTAL"} <= codes


def test_faults_are_told_though_the_list_cannot_be_written(town: Path, tmp_path: Path) -> None:
    (town / "设施.xlsx").unlink()
    (tmp_path / "清单.xlsx").mkdir()
    ran = circle15("check", town, "--list", tmp_path / "清单.xlsx", cwd=tmp_path)
    assert ran.returncode == 1
    assert "FILE_MISSING 设施.xlsx" in ran.stderr
    assert "OUTPUT_TAKEN" in ran.stderr


def test_a_missing_file_is_answered_with_those_that_may_be_meant(town: Path) -> None:
    edit(town, '"streets.osm.pbf"', '"city.osm.pbf"')
    (fault,) = faults(town)
    assert (fault.code, fault.allowed) == ("FILE_MISSING", "streets.osm.pbf")
    edit(town, '"city.osm.pbf"', '"streets.osm.pbf"')
    edit(town, "设施.xlsx", "设施.xlsx.xlsx")
    (fault,) = faults(town)
    assert fault.allowed.startswith("设施.xlsx")


def test_the_wrong_folder_is_answered_with_the_right_one(town: Path) -> None:
    with pytest.raises(c15.InputError) as error:
        c15.load_project(town.parent)
    (fault,) = error.value.findings
    assert str(town.parent) in fault.place
    assert fault.found == f"{town.name}/project.toml"


@pytest.mark.parametrize("wrong", ["streets = “a.pbf”", 'streets = "D:\\资料\\a.pbf"', "minutes = [5，10]"])
def test_broken_toml_is_shown_with_its_line(town: Path, wrong: str) -> None:
    edit(town, "[inputs]", f"{wrong}\n[inputs]")
    with pytest.raises(c15.InputError) as error:
        c15.load_project(town)
    assert [fault.code for fault in error.value.findings] == ["PROJECT_SYNTAX"]
    assert wrong in error.value.findings[0].found


def test_a_form_takes_no_datum_for_granted_and_an_empty_one_is_named(tmp_path: Path, town: Path) -> None:
    text = TEMPLATE.read_text(encoding="utf-8")
    assert not [line for line in text.splitlines() if "datum =" in line and not line.startswith("#")]
    c15.start_project(tmp_path / "new")
    edit(tmp_path / "new", '"city.osm.pbf"', '"streets.osm.pbf"')
    (tmp_path / "new" / "streets.osm.pbf").write_bytes((town / "streets.osm.pbf").read_bytes())
    assert [fault.code for fault in faults(tmp_path / "new")] == ["COMMUNITIES_EMPTY"]
    edit(town, '{ path = "设施.xlsx", datum = "gcj02" }', '"设施.xlsx"')
    assert "DATUM_MISSING" in {fault.code for fault in faults(town)}


def test_a_code_page_that_lacks_a_sign_stops_nothing(tmp_path: Path) -> None:
    """`m²` is no sign of GBK, what a Chinese Windows writes into a file or a pipe."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-m", "circle15", "packs", "hebi_2020"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "gbk:strict", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout.decode("gbk")
    assert "m2" in said
    assert "²" not in said


@pytest.mark.skipif(
    not Path("/sys/kernel").is_dir() or sys.platform == "win32", reason="no folder that nobody may write"
)
def test_no_right_to_write_is_said(tmp_path: Path) -> None:
    ran = circle15("init", "/sys/circle15", cwd=tmp_path)
    assert ran.returncode == 1
    assert "ACCESS_DENIED /sys/circle15" in ran.stderr
    assert "internal" not in ran.stderr

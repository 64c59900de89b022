"""The drawings on disk: the whole set of the sample, its names and its list, again and after a new run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from circle15.doctor import examine
from circle15.imprint import imprint
from circle15.outputs import write_outputs
from circle15.project_file import load_project
from circle15.run import sheet
from circle15.sample import copy_sample
from circle15.sheets import LIST, SHEETS, write_sheets
from circle15.study import Study
from gis.errors import InputError
from maps.sheet.themes import THEMES
from tests.town import without_maps

COARSE = '\n[sheet]\nsize = "A4"\nformats = ["png"]\ndpi = 72\nbureau = "云溪县民政局"\nnumber_prefix = "YL-"\n'


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, list[Path]]:
    folder = without_maps(copy_sample(tmp_path_factory.mktemp("sheets")))
    file = folder / "project.toml"
    file.write_text(file.read_text(encoding="utf-8") + COARSE, encoding="utf-8")
    return sheet(folder)


def test_the_whole_set_has_every_theme_and_a_sheet_for_each_street(drawn: tuple[Study, list[Path]]) -> None:
    done, files = drawn
    streets = set(done.city.communities["street"])
    assert len(files) == len(THEMES) - 1 + len(streets)
    assert all(path.read_bytes()[:4] == b"\x89PNG" for path in files)
    names = [path.stem for path in files]
    assert names == sorted(names)
    assert all(name.startswith("419921云溪县") for name in names)
    assert all(any(street in name for name in names) for street in streets)
    said = json.loads((files[0].parent / LIST).read_text(encoding="utf-8"))["drawings"]
    assert set(said) == {path.name for path in files}


def test_drawn_again_the_bytes_are_the_same_and_what_a_planner_laid_there_stays(
    drawn: tuple[Study, list[Path]],
) -> None:
    done, files = drawn
    before = {path.name: path.read_bytes() for path in files}
    folder = files[0].parent
    (folder / "会签.txt").write_text("同意", encoding="utf-8")
    again = write_sheets(done, themes=["gaps", "four_sync"])
    assert {path.name: path.read_bytes() for path in again}.items() <= before.items()
    assert len(again) == 2
    said = json.loads((folder / LIST).read_text(encoding="utf-8"))["drawings"]
    assert set(said) == set(before)
    assert (folder / "会签.txt").read_text(encoding="utf-8") == "同意"
    assert [path.name for path in folder.parent.iterdir()] == [SHEETS]


def test_new_results_do_not_keep_the_drawings_of_the_old_ones(drawn: tuple[Study, list[Path]]) -> None:
    done, files = drawn
    folder = files[0].parent
    kept = {path.name: path.read_bytes() for path in files}
    (folder / "附图.dwg").write_bytes(b"AC1032")
    write_outputs(done, times={})
    assert not any((folder / name).exists() for name in kept)
    assert not (folder / LIST).exists()
    assert (folder / "附图.dwg").read_bytes() == b"AC1032"
    write_sheets(done)
    assert {name: (folder / name).read_bytes() for name in kept} == kept


@pytest.mark.parametrize(
    ("asked", "option"), [({"themes": ["coverage", "gap"]}, "--theme"), ({"forms": ["svg"]}, "--format")]
)
def test_an_unknown_theme_or_form_is_refused(
    drawn: tuple[Study, list[Path]], asked: dict[str, list[str]], option: str
) -> None:
    with pytest.raises(InputError) as caught:
        write_sheets(drawn[0], **asked)
    assert [fault.place for fault in caught.value.findings] == [option]


def test_the_command_says_what_it_cannot_draw(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "circle15", "sheet", str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert "PROJECT_MISSING" in said.stderr


@pytest.mark.parametrize(
    ("line", "code"),
    [("bureua = 'x'", "PARAM_UNKNOWN"), ("scale = 50", "PARAM_RANGE"), ("size = 'A5'", "PARAM_RANGE"),
     ("formats = []", "PARAM_RANGE"), ("place_code = '41-06'", "PARAM_RANGE")],
)  # fmt: skip
def test_faults_of_the_title_block_are_named(tmp_path: Path, line: str, code: str) -> None:
    folder = copy_sample(tmp_path)
    file = folder / "project.toml"
    file.write_text(file.read_text(encoding="utf-8") + f"\n[sheet]\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_project(folder)
    (fault,) = caught.value.findings
    assert fault.code == code
    assert fault.place.startswith("project.toml:sheet.")
    if code == "PARAM_UNKNOWN":
        assert fault.allowed == "bureau"


def test_the_nominal_circle_is_the_longest_walk_unless_the_project_says_otherwise(
    drawn: tuple[Study, list[Path]],
) -> None:
    done, _ = drawn
    project, communities = done.project, done.city.communities
    assert imprint(project, communities).circle_m == 900.0
    fixed = project.model_copy(update={"sheet": project.sheet.model_copy(update={"nominal_radius_m": 500.0})})
    assert imprint(fixed, communities).circle_m == 500.0


def test_the_doctor_looks_at_the_fonts(tmp_path: Path) -> None:
    seen = {check.key: check for check in examine(tmp_path)}
    assert seen["fonts"].works, seen["fonts"].seen
    assert "NotoSansSC" in seen["fonts"].seen

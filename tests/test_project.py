"""The project file: defaults, ranges, unknown keys, all faults at once, in both languages."""

from pathlib import Path

import pytest

from circle15.project_file import load_project
from gis.errors import InputError

GOOD = """
name = "样例"
crs = "EPSG:4547"
[inputs]
streets = "city.osm.pbf"
communities = "c.gpkg"
facilities = { path = "f.xlsx", datum = "gcj02" }
"""


def project(folder: Path, text: str) -> Path:
    (folder / "project.toml").write_text(text, encoding="utf-8")
    return folder


def test_defaults_are_the_documented_ones(tmp_path: Path) -> None:
    found = load_project(project(tmp_path, GOOD))
    assert found.walking.minutes == (5, 10, 15)
    assert found.walking.speed_m_s == 1.0  # 15 minutes = 900 m, within 800-1000 m of GB 50180
    assert found.inputs.communities.path == "c.gpkg"
    assert found.inputs.facilities.datum == "gcj02"
    assert found.siting.budget_yuan == 0
    assert found.path(found.output.folder) == tmp_path / "成果"


def test_tiles_are_read_and_a_fault_in_them_never_shows_their_key(tmp_path: Path) -> None:
    line = '[output]\ntiles = {{ url = "{}", datum = "gcj02" }}'
    good = line.format("http://10.0.0.1:80/t/{z}/{x}/{y}?tk=SECRET")
    tiles = load_project(project(tmp_path, GOOD + good)).output.tiles
    assert tiles is not None
    assert tiles.datum == "gcj02"
    for bad in (
        line.format("http://10.0.0.1/{z}/{x}?tk=SECRET"),
        good.replace("gcj02", "mars"),
        good.replace("url", "uri"),
    ):
        with pytest.raises(InputError) as caught:
            load_project(project(tmp_path, GOOD + bad))
        told = "".join(finding.line(language) for finding in caught.value.findings for language in ("zh", "en"))
        assert "output.tiles" in told
        assert "SECRET" not in told


def test_minutes_may_be_unsorted_and_doubled(tmp_path: Path) -> None:
    found = load_project(project(tmp_path, GOOD + "[walking]\nminutes = [15, 5, 15, 10]"))
    assert found.walking.minutes == (5, 10, 15)


@pytest.mark.parametrize(
    ("change", "key", "code"),
    [
        ("[walking]\nminutes = []", "walking.minutes", "PARAM_RANGE"),
        ("[walking]\nminutes = [0]", "walking.minutes.0", "PARAM_RANGE"),
        ("[walking]\nminutes = [-5]", "walking.minutes.0", "PARAM_RANGE"),
        ("[walking]\nminutes = [121]", "walking.minutes.0", "PARAM_RANGE"),
        ('[walking]\nminutes = "fifteen"', "walking.minutes", "PARAM_RANGE"),
        ("[walking]\nspeed_m_s = 60", "walking.speed_m_s", "PARAM_RANGE"),
        ("[walking]\nspeed_m_s = 0", "walking.speed_m_s", "PARAM_RANGE"),
        ("[walking]\nspeed_m_s = nan", "walking.speed_m_s", "PARAM_RANGE"),
        ("[walking]\nspeed_m_s = inf", "walking.speed_m_s", "PARAM_RANGE"),
        ("[siting]\nbudget_wan = -1", "siting.budget_wan", "PARAM_RANGE"),
        ("[siting]\nbudget_wan = inf", "siting.budget_wan", "PARAM_RANGE"),
        ("[walking]\nsped_m_s = 1", "walking.sped_m_s", "PARAM_UNKNOWN"),
        ("[walkin]\nspeed_m_s = 1", "walkin", "PARAM_UNKNOWN"),
        ('[output]\nlanguage = "fr"', "output.language", "PARAM_RANGE"),
        ("[policy]\nas_of = 5", "policy.as_of", "PARAM_RANGE"),
        ('[output]\nfolder = "."', "output.folder", "PARAM_RANGE"),
        ('[output]\nfolder = "a/../.."', "output.folder", "PARAM_RANGE"),
        ('[output]\nfolder = "/srv"', "output.folder", "PARAM_RANGE"),
        ("[output]\nfolder = 'D:\\out'", "output.folder", "PARAM_RANGE"),
        ('[output]\nfolder = "f.xlsx"', "output.folder", "OUTPUT_INPUT"),
        ('[output]\nfolder = "x/../project.toml"', "output.folder", "OUTPUT_INPUT"),
    ],
)
def test_what_is_not_allowed_is_refused_by_key(tmp_path: Path, change: str, key: str, code: str) -> None:
    with pytest.raises(InputError) as error:
        load_project(project(tmp_path, GOOD + change))
    (finding,) = error.value.findings
    assert (finding.code, finding.place) == (code, f"project.toml:{key}")
    for language in ("zh", "en"):
        assert key in finding.line(language)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:99999", "nonsense"])
def test_a_crs_must_be_known_and_in_metres(tmp_path: Path, crs: str) -> None:
    with pytest.raises(InputError, match="EPSG:4547"):
        load_project(project(tmp_path, GOOD.replace("EPSG:4547", crs)))


def test_the_nearest_known_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="speed_m_s"):
        load_project(project(tmp_path, GOOD + "[walking]\nsped_m_s = 1"))


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    text = 'name = ""\n[inputs]\nstreets = "s"\n[walking]\nspeed_m_s = -1\nfoo = 2\n[siting]\nbudget_wan = "x"'
    with pytest.raises(InputError) as error:
        load_project(project(tmp_path, text))
    places = {finding.place.partition(":")[2] for finding in error.value.findings}
    assert places == {
        "name",
        "inputs.communities",
        "inputs.facilities",
        "walking.speed_m_s",
        "walking.foo",
        "siting.budget_wan",
    }


@pytest.mark.parametrize("text", ["name = ", "name = 1 = 2", "\x00"])
def test_broken_toml_names_the_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="PROJECT_SYNTAX"):
        load_project(project(tmp_path, text))


def test_a_missing_project_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="PROJECT_MISSING"):
        load_project(tmp_path)

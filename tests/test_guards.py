"""Nobody let in: no program in data, no secret in what is said, no row of a person, no name from a table in SQL."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import circle15 as c15
from gis.errors import Finding, InputError
from gis.intake import read_table
from gis.intake.persons import has_check_digit
from gis.secrets import redacted
from gis.tables import COMMUNITIES, FACILITIES, RESIDENTS
from maps.geopackage import GEOMETRIES
from maps.opinions import POLICY as OPINION_POLICY
from maps.page import POLICY as PAGE_POLICY

ROOT = Path(__file__).parents[1]
MODULES = [
    path for package in ("circle15", "gis", "maps", "optimise", "policy") for path in (ROOT / package).rglob("*.py")
]
RUNS_DATA = {"pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml", "ruamel"}
CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "read_pickle",
    "to_pickle",
    "unsafe_load",
    "system",
    "popen",
    "read_sql",
}


def calls(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    """Return every call with the last part of its name."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [(getattr(call.func, "attr", getattr(call.func, "id", "")), call) for call in found]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_in_our_code_could_run_what_stands_in_data(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not {name.partition(".")[0] for name in names} & RUNS_DATA
    for name, call in calls(tree):
        plain_compile = name == "compile" and isinstance(call.func, ast.Attribute)  # re.compile
        assert name not in CALLS or plain_compile, f"{name} in line {call.lineno}"
        told = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        assert told.get("allow_pickle", "False") == "False"
        assert told.get("shell", "False") == "False"
        assert "sql" not in told, f"SQL in line {call.lineno}"
        if name in ("Template", "from_string"):  # a template is ours: a text in the code, or a file beside it
            assert len(call.args) == 1
            assert isinstance(call.args[0], ast.Constant) or ast.unparse(call.args[0]).startswith("_ours('")
        if name == "Environment":
            assert told.get("autoescape") == "True"


def test_no_layer_bears_a_name_from_a_table() -> None:
    assert all(name.isascii() and name.islower() and name.replace("_", "").isalpha() for name in GEOMETRIES)


@pytest.mark.parametrize("policy", [PAGE_POLICY, OPINION_POLICY])
def test_pages_may_fetch_and_send_nothing(policy: str) -> None:
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert not [rule for rule in rules.values() if "http" in rule or "*" in rule]


# --- secrets ----------------------------------------------------------------------------------------------------------

SECRET = "Geheim-7788"  # noqa: S105 - made up


@pytest.mark.parametrize(
    "text",
    [
        f"postgis://office:{SECRET}@10.0.0.1:5432/plan",
        f"postgresql://office:a/b@{SECRET}@10.0.0.1:5432/plan",
        f"https://t0.tianditu.gov.cn/vec_w/wmts?layer=vec&tk={SECRET}",
        f"could not connect: host=db password={SECRET} user=office",
        f"{{'password': '{SECRET}'}}",
        f"密码：{SECRET}",
        f"OperationalError: {SECRET}",
    ],
)
def test_a_secret_is_said_nowhere(text: str) -> None:
    environment = {"CIRCLE15_TILE_KEY": SECRET, "PATH": "/usr/bin"}
    assert SECRET not in redacted(text, environment)
    if not text.startswith("Operational"):
        assert SECRET not in redacted(text, {})
        assert SECRET not in Finding("FILE_MISSING", "reject", text, text, allowed=text).line()


@given(st.text(alphabet="abc养老 /:.-_?&=0123456789", max_size=60))
def test_what_holds_no_secret_is_as_it_was(text: str) -> None:
    assert redacted(text, {"HOME": "/root", "SHORT_KEY": "abc"}) == text or ":" in text or "?" in text or "&" in text


@pytest.mark.parametrize("debug", [True, False])
def test_no_message_trace_or_result_holds_a_password(tmp_path: Path, *, debug: bool) -> None:
    """Of the project file, of the environment, and in an error of a library, with and without --debug."""
    town = c15.copy_sample(tmp_path / "town")
    file = town / "project.toml"
    said = file.read_text(encoding="utf-8")
    address = f"postgis://office:{SECRET}@10.0.0.1/plan"
    file.write_text(said.replace('"communities.gpkg"', json.dumps(address)), encoding="utf-8")
    fails = (
        "import circle15.cli as c, circle15.errands as e\n"
        f"def fails(*_): raise RuntimeError('connect {address} refused')\n"
        "if 'fail' in sys.argv: e.load_project = fails; sys.argv.remove('fail')\n"
    )
    for more in ([], ["fail"]):
        ran = subprocess.run(
            [sys.executable, "-c", f"import sys\n{fails}c.main()", "check", str(town), *more, *["--debug"] * debug],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "PGPASSWORD": SECRET},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert ran.returncode == (1 if more else 2)
        assert SECRET not in ran.stdout + ran.stderr
        assert "***" in ran.stderr
        assert ("Traceback" in ran.stderr) == (debug and bool(more))


# --- persons ----------------------------------------------------------------------------------------------------------


def residents(tmp_path: Path, heading: str, values: list[str]) -> Path:
    """Return a table of four homes with one more column."""
    lines = [f"编号,经度,纬度,总人口,60岁以上人口,{heading}"]
    lines += [f"h{i},114.2{i},35.75,{50 + i},{20 + i},{value}" for i, value in enumerate(values)]
    (tmp_path / "residents.csv").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path / "residents.csv"


@given(st.from_regex(r"\A[1-9][0-9]{16}\Z"))
def test_one_check_digit_of_eleven_is_right(number: str) -> None:
    """Independent formula of GB 11643: the weighed sum of all 18 is 1 modulo 11."""
    right = [sign for sign in "0123456789X" if has_check_digit(number + sign)]
    assert len(right) == 1
    digits = [int(d) for d in number] + [10 if right[0] == "X" else int(right[0])]
    assert sum(digit * 2 ** (17 - place) for place, digit in enumerate(digits)) % 11 == 1


@pytest.mark.parametrize(
    "value", ["11010519491231002X", "１１０１０５１９４９１２３１００２Ｘ", "张三 11010519491231002x 低保"]
)
def test_one_identity_number_is_enough(tmp_path: Path, value: str) -> None:
    file = residents(tmp_path, "备注", ["", "", value, ""])
    with pytest.raises(InputError) as error:
        read_table(file, RESIDENTS, crs="EPSG:4547", datum="wgs84")
    (finding,) = error.value.findings
    assert (finding.code, finding.place) == ("PERSON_ROWS", "residents.csv:4/6")
    assert "1949" not in finding.line("zh") + finding.line("en")


def test_one_number_of_18_digits_without_its_check_digit_is_a_code(tmp_path: Path) -> None:
    file = residents(tmp_path, "宗地号", ["", "", "110105194912310021", ""])
    assert len(read_table(file, RESIDENTS, crs="EPSG:4547", datum="wgs84").frame) == 4


@pytest.mark.parametrize("heading", ["姓名", "老人姓名", "户主姓名", "服务对象姓名"])
def test_names_of_elders_are_refused_by_their_heading(tmp_path: Path, heading: str) -> None:
    file = residents(tmp_path, heading, ["张三", "李四", "王五", "赵六"])
    with pytest.raises(InputError, match="PERSON_ROWS") as error:
        read_table(file, RESIDENTS, crs="EPSG:4547", datum="wgs84")
    assert f"/{heading}" in error.value.findings[0].place
    assert "张三" not in str(error.value)


def test_who_runs_a_place_is_no_elder(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "设施编号,设施名称,类型,状态,经度,纬度,负责人姓名,姓名\nF1,幸福站,日间照料,在用,114.2,35.75,张三,李四\n",
        encoding="utf-8",
    )
    read = read_table(tmp_path / "a.csv", FACILITIES, crs="EPSG:4547", datum="wgs84")
    assert not read.frame.astype(str).isin(["张三", "李四"]).any(axis=None)
    assert COMMUNITIES.name == "communities"

"""What is wrong with the project file is said in the planner's language, with the range that the key allows."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import circle15 as c15
from circle15.key_faults import key_faults
from circle15.project import Project
from circle15.siting import Siting
from gis.errors import Finding, InputError
from gis.words import catalogue

HEAD: dict[str, Any] = {"name": "x", "inputs": {"streets": "a", "communities": "b", "facilities": "c"}}
ENGLISH = re.compile(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}")
"""Three words of a sentence; names of keys and choices are no sentence."""


def refused(tmp_path: Path, said: str) -> tuple[Finding, ...]:
    """Return what is said of a project file with these lines."""
    head = 'name = "x"\n[inputs]\nstreets = "a"\ncommunities = "b"\nfacilities = "c"\n'
    (tmp_path / "project.toml").write_text(head + said, encoding="utf-8")
    with pytest.raises(InputError) as told:
        c15.load_project(tmp_path)
    return told.value.findings


def wrong_values() -> Iterator[tuple[str, Any]]:
    """Yield every key of every part with values of all kinds, most of them wrong."""
    parts = {name: field.annotation for name, field in Project.model_fields.items() if name not in ("folder", "name")}
    for part, kind in parts.items():
        for value in (-1, 1e300, "x", True, [], {}, [-1], {"2026": -1}, {"soon": 1}):
            if hasattr(kind, "model_fields"):
                for key in kind.model_fields:
                    yield part, {key: value}
            yield part, value


def test_every_key_with_every_kind_of_wrong_value_is_told_without_a_foreign_sentence() -> None:
    told = 0
    for part, value in wrong_values():
        whole = {**HEAD.get(part, {}), **value} if isinstance(value, dict) and part == "inputs" else value
        try:
            Project.model_validate({**HEAD, part: whole})
        except ValidationError as error:
            for finding in key_faults("project.toml", [dict(f) for f in error.errors()], Project):
                assert not ENGLISH.search(finding.may("zh")), (part, value, finding)
                assert finding.may("zh") or finding.code == "PARAM_MISSING", (part, value, finding)
                assert finding.line("en")
                told += 1
    assert told > 500


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        ("[walking]\nminutes = [121]", "整数 > 0, ≤ 120", "a whole number > 0, ≤ 120"),
        ("[walking]\nspeed_m_s = 60", "数 > 0, ≤ 3", "a number > 0, ≤ 3"),
        ("[siting]\ntime_limit_s = 0", "数 > 0, ≤ 86400", "a number > 0, ≤ 86400"),
        ("[siting]\nalternatives = 2.5", "整数 ≥ 0, ≤ 20", "a whole number ≥ 0, ≤ 20"),
        ("[siting]\ndecay = { 5 = -1 }", "整数 ≥ 0", "a whole number ≥ 0"),
        ("[siting]\nbudget_wan = { 1066 = 1 }", "整数 ≥ 1900", "a whole number ≥ 1900"),
        ("[siting]\ncoverage_floors = [{ share = 1.5 }]", "数 ≥ 0, ≤ 1", "a number ≥ 0, ≤ 1"),
        ('[siting]\nexisting = "burn"', "keep, may_close", "keep, may_close"),
        ('[scenario."甲"]\nnear_best_within = "x"', "数 ≥ 0, ≤ 1", "a number ≥ 0, ≤ 1"),
        ("[limits]\nshort_of_memory = 3", "true（是）或 false（否）", "true or false"),
        ("[walking]\nminutes = []", "列表，项数 ≥ 1", "a list of so many: ≥ 1"),
        ("crs = 5", "带引号的文字", "a text in quotes"),
    ],
)
def test_the_range_is_told_whole(tmp_path: Path, said: str, zh: str, en: str) -> None:
    if said.startswith("crs"):
        (tmp_path / "project.toml").write_text(said + "\n", encoding="utf-8")
        with pytest.raises(InputError) as told:
            c15.load_project(tmp_path)
        (finding,) = [each for each in told.value.findings if "crs" in each.place]
    else:
        (finding,) = refused(tmp_path, said)
    assert (finding.may("zh"), finding.may("en")) == (zh, en)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("[siting]\nbudget_wan = { 2026 = 1, 2026 = 2 }\n", "2026 = 1, 2026 = 2"),
        ("[siting]\nbudget_wan = 1\nbudget_wan = 2\nmax_sites = 3\n", "budget_wan = 2"),
        ("[siting]\nbudget_wan = 1\n[output]\n[siting]\nmax_sites = 1\n", "[siting]"),
        ("[siting.budget_wan]\n2026 = 1\n2027 = 1\n2026 = 3\n\n", "2026 = 3"),
    ],
)
def test_what_stands_twice_is_told_with_its_line(tmp_path: Path, said: str, line: str) -> None:
    (finding,) = refused(tmp_path, said)
    assert finding.code == "PROJECT_TWICE"
    assert line in finding.found
    written = (tmp_path / "project.toml").read_text(encoding="utf-8").splitlines()
    assert written[int(finding.place.rpartition(":")[2]) - 1].strip() == finding.found


@pytest.mark.parametrize("keys", [{"2026": 1, "+2026": 2}, {"2026": 1, "2026.0": 2}, {"2026": 1, " 2026 ": 2}])
def test_a_year_written_in_two_ways_is_refused_and_no_money_is_lost(keys: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match="key_once"):
        Siting.model_validate({"budget_wan": keys})
    with pytest.raises(ValidationError, match="key_once"):
        Siting.model_validate({"decay": {key.replace("2026", "15"): n for key, n in keys.items()}})


def test_a_kind_does_not_lean_on_itself(tmp_path: Path) -> None:
    (finding,) = refused(tmp_path, '[siting]\ntied = { day_care = "day_care" }\n')
    assert finding.place.endswith("siting.tied")
    assert "依托" in finding.line("zh")
    assert Siting.model_validate({"tied": {"day_care": "street_centre"}}).tied


def test_a_broken_line_is_shown_as_it_stands(tmp_path: Path) -> None:
    (finding,) = refused(tmp_path, "[siting]\nbudget_wan = 1,5\nmax_sites = 2\n")
    assert (finding.code, finding.found) == ("PROJECT_SYNTAX", "budget_wan = 1,5")
    assert finding.place.endswith(":7")


def test_every_word_of_what_is_allowed_stands_in_both_languages() -> None:
    for key, entry in catalogue().items():
        if key.startswith("allowed."):
            for language in ("zh", "en"):
                text = Finding("PARAM_RANGE", "reject", "x", kind=key.removeprefix("allowed."), allowed="≥ 1").may(
                    language
                )  # type: ignore[arg-type]
                assert text, entry


def test_the_project_says_who_solves_and_the_command_line_has_the_last_word(tmp_path: Path) -> None:
    here = c15.today(c15.read_city(c15.load_project(c15.copy_sample(tmp_path / "town"))))
    searched = c15.with_siting(here, solver="search")
    assert not c15.with_siting(here, solver="search").city.project.siting.is_layout
    by_file, by_hand = c15.study(searched).plan, c15.study(searched, solver="auto").plan
    assert by_file is not None
    assert by_hand is not None
    assert (by_file.solver, by_file.status.value) == ("search", "GREEDY")
    assert by_hand.status.value == "OPTIMAL"
    assert refused(tmp_path, '[siting]\nsolver = "gurobi"\n')[0].may("zh") == "auto, highs, cbc, search"

"""Projects that cannot be: each rule group broken in turn and two at once, named, and put right in the project file."""

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import circle15 as c15
from circle15.cli import app
from circle15.outputs import MANIFEST
from circle15.siting import Siting
from circle15.summary import summary, summary_lines
from circle15.ways_out import toml
from gis.words import say
from optimise.engines import Engines
from optimise.explain import explain
from optimise.plan import Plan, PlanStatus, Repair
from tests.town import without_maps

YEARS = {"2022": 300, "2023": 350, "2024": 250}
CENTRES: dict[str, Any] = {"kinds": ["day_care", "street_centre", "rural_station"], "modules_m2": [350, 500, 1000]}
MOST: dict[str, Any] = {"coverage_floors": [{"level": "city", "share": 0.95}]}
CASES: dict[str, tuple[set[str], int, dict[str, Any]]] = {
    "budget": ({"budget", "coverage_floor"}, 2, {"budget_wan": 100, **MOST}),
    "budget_year": ({"budget_year", "coverage_floor"}, 2, {"budget_wan": {"2022": 50, "2023": 50.5}, **MOST}),
    "no carry-over": (
        {"budget_year", "milestone"},
        2,
        {
            "budget_wan": {"2022": 20, "2023": 900},
            "carry_over": False,
            "milestones": [{"year": 2022, "kinds": ["day_care"], "count": 25}],
        },
    ),
    "county_share": (
        {"county_share", "coverage_floor"},
        2,
        {"budget_wan": 900, "county_shares": {"云溪县": 0.1}, **MOST},
    ),
    "running_cost": ({"running_cost", "required"}, 2, {"budget_wan": 900, "max_running_wan": 1, "required": ["HX03"]}),
    "total_floor_area": (
        {"total_floor_area", "coverage_floor"},
        2,
        {"budget_wan": 900, "max_total_floor_area_m2": 800, **MOST},
    ),
    "site_floor_area": (
        {"site_floor_area", "coverage_floor"},
        2,
        {"budget_wan": 9000, "vacated_first": True, "min_site_floor_area_m2": {"day_care": 9000}, **MOST},
    ),
    "joint_floor_area": (
        {"joint_floor_area", "coverage_floor"},
        2,
        {"budget_wan": 9000, "joint_floor_area_m2": {"day_care": 9000}, **MOST},
    ),
    "floor_area_per_10k": (
        {"floor_area_per_10k"},
        1,
        {"budget_wan": 9000, "floor_area_m2_per_10k": {"county": 9000}},
    ),
    "simple area": ({"floor_area_per_10k"}, 1, {"budget_wan": 900, "min_floor_area_m2_per_10k_residents": 9000}),
    "land_per_person": ({"land_per_person"}, 1, {"budget_wan": 900, "land_m2_per_person": {"street": 3}}),
    "required": ({"max_sites"}, 2, {"budget_wan": 9000, "required": ["HX01", "HX02", "HX03"], "max_sites": 2}),
    "forbidden": (
        {"required_forbidden"},
        2,
        {"budget_wan": 9000, "required": ["HX02"], "forbidden": ["HX02", "HX03"]},
    ),
    "begun": ({"begun", "budget_year"}, 2, {"budget_wan": {"2022": 1, "2023": 900}, "begun": ["HX02"]}),
    "max_sites": ({"max_sites", "coverage_floor"}, 2, {"budget_wan": 9000, "max_sites": 1, **MOST}),
    "street_centre": (
        {"street_centre"},
        1,
        {"budget_wan": 9000, "kinds": ["day_care"], "street_centre": ["street_centre"]},
    ),
    "community_served": ({"community_served"}, 1, {"budget_wan": 9000, "community_served": ["street_centre"]}),
    "tied_kinds": (
        {"tied_kinds", "required"},
        2,
        {
            "budget_wan": 9000,
            "kinds": ["day_care"],
            "tied": {"day_care": "county_complex"},
            "required": ["HX01", "HX30"],
        },
    ),
    "spacing": ({"spacing", "coverage_floor"}, 2, {"budget_wan": 9000, "spacing_m": {"day_care": 5000}, **MOST}),
    "capacity": ({"capacity"}, 1, {"budget_wan": 9000, "m2_per_place": {"day_care": 1000}, "min_placed": 9000}),
    "milestone": (
        {"milestone", "budget_year"},
        2,
        {
            "budget_wan": {"2022": 20, "2023": 900},
            "milestones": [{"year": 2022, "kinds": ["day_care"], "count": 25, "county": "云溪县"}],
        },
    ),
    "coverage_floor": (
        {"coverage_floor"},
        2,
        {"budget_wan": 9000, "coverage_floors": [{"level": "community", "share": 0.99}]},
    ),
    "cover_all": ({"cover_all"}, 1, {"budget_wan": 300, "objective": "cover_all"}),
    "two at once": (
        {"coverage_floor", "street_centre"},
        1,
        {"budget_wan": 100, "kinds": ["day_care"], "street_centre": ["street_centre"], **MOST},
    ),
    "two others at once": (
        {"budget", "max_sites"},
        2,
        {"budget_wan": 30, "max_sites": 1, "required": ["HX01", "HX02"], "legal": {"max_sites": "某市〔2021〕1号"}},
    ),
}
"""For each: the rules that must be named, how many ways out there are at least, and the keys of `[siting]`."""


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> c15.Today:
    """Return the sample as it stands, with no document to judge by."""
    project = c15.load_project(c15.copy_sample(tmp_path_factory.mktemp("ways") / "town"))
    return c15.today(c15.read_city(project))


def planned(today: c15.Today, keys: dict[str, Any]) -> c15.Study:
    """Return the study of the sample with these keys in `[siting]`."""
    project = today.city.project.model_copy(update={"siting": Siting.model_validate(keys)})
    return c15.study(replace(today, city=replace(today.city, project=project)))


def by_keys(plan: Plan) -> list[Repair]:
    """Return the ways out that are lines of the project file, at least one.

    A place to look for a candidate is none: `tests/test_new_places.py` writes that into the table of candidates.
    """
    found = [repair for repair in plan.repairs if not any(change.rule == "new_place" for change in repair.changes)]
    assert found
    return found


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_is_named_and_each_way_out_put_into_the_project_file_works(today: c15.Today, case: str) -> None:
    named, ways, keys = CASES[case]
    plan = planned(today, keys).plan
    assert plan is not None
    assert plan.status is PlanStatus.INFEASIBLE
    assert {culprit.rule for culprit in plan.culprits} >= named
    assert len(plan.repairs) >= ways
    assert all(repair.least for repair in by_keys(plan))
    for repair in by_keys(plan):
        written = tomllib.loads("\n".join(repair.keys))
        assert written
        again = planned(today, {**keys, **written}).plan
        assert again is not None
        assert again.status is PlanStatus.OPTIMAL, (repair, again.culprits)
        assert again.cost_yuan == repair.cost_yuan
        assert again.elders_covered == repair.elders_covered


def test_a_run_tells_the_ways_out_and_a_run_with_one_of_them_has_a_plan(today: c15.Today) -> None:
    keys = {"budget_wan": 100, "legal": {"coverage_floor": "某市〔2021〕1号 第三条"}, **MOST}
    done = planned(today, keys)
    for language in ("zh", "en"):
        text = "\n".join(summary_lines(done, language))
        assert "budget_wan = 442" in text
        assert "某市〔2021〕1号 第三条" in text
    found = summary(done)["plan"]
    assert found["repairs"][0]["keys"] == ["budget_wan = 442"]
    assert found["repairs"][0]["changes"][0]["becomes"] == 4_420_000
    assert [culprit["rule"] for culprit in found["culprits"]] == ["budget", "coverage_floor"]


def test_a_floor_area_that_cannot_be_had_is_named_in_words(today: c15.Today) -> None:
    text = "\n".join(summary_lines(planned(today, CASES["simple area"][2]), "zh"))
    assert "人均" in text or "万人" in text


def test_a_rule_with_a_document_behind_it_is_given_up_last(today: c15.Today) -> None:
    keys = {"budget_wan": 9000, "max_sites": 1, **MOST}
    plain = planned(today, keys).plan
    legal = planned(today, {**keys, "legal": {"max_sites": "某市〔2021〕1号"}}).plan
    assert plain is not None
    assert legal is not None
    first = [plan.repairs[0].changes[0].rule for plan in (plain, legal)]
    assert first == ["max_sites", "coverage_floor"]


def test_the_command_line_names_the_way_out_that_makes_the_next_run_work(tmp_path: Path) -> None:
    town = without_maps(c15.copy_sample(tmp_path / "town"))
    file = town / "project.toml"
    text = file.read_text(encoding="utf-8").replace("budget_wan = 900\n", "budget_wan = 100\n")
    file.write_text(text.replace("[siting]", f"[siting]\ncoverage_floors = {toml(MOST['coverage_floors'])}"), "utf-8")

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "circle15", "run", str(town), "--json"],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONIOENCODING": "utf-8"},
            timeout=300,
            check=False,
        )

    broken = run()
    assert broken.returncode == 4, broken.stderr
    assert (town / "成果" / MANIFEST).is_file()  # today's state is still delivered
    (key,) = json.loads(broken.stdout)["plan"]["repairs"][0]["keys"]
    file.write_text(file.read_text(encoding="utf-8").replace("budget_wan = 100\n", f"{key}\n"), "utf-8")
    works = run()
    assert works.returncode == 0, works.stderr
    told = json.loads(works.stdout)
    assert (told["plan"]["status"], told["plan"]["cost_yuan"]) == ("OPTIMAL", 4_420_000)
    assert told["elders_covered"]["15"] <= told["elders_covered_after"]["15"]


SEARCHED = ("no carry-over", "site_floor_area", "max_sites", "spacing", "cover_all", "two others at once")


@pytest.mark.parametrize("case", SEARCHED)
def test_without_a_solver_causes_are_named_and_each_way_out_works_all_the_same(today: c15.Today, case: str) -> None:
    named, _, keys = CASES[case]
    keys = {**keys, "solver": "search"}
    plan = planned(today, keys).plan
    assert plan is not None
    assert plan.status in (PlanStatus.INFEASIBLE, PlanStatus.LIMIT)
    assert {culprit.rule for culprit in plan.culprits} >= named
    assert plan.repairs
    assert not any(repair.least for repair in plan.repairs)  # nothing is proven here, and nothing is claimed
    for repair in by_keys(plan):
        written = tomllib.loads("\n".join(repair.keys))
        again = planned(today, {**keys, **written}).plan
        assert again is not None
        assert again.status in (PlanStatus.GREEDY, PlanStatus.OPTIMAL), (repair, again.culprits)
        assert again.elders_covered >= repair.elders_covered
        proven = planned(today, {**keys, **written, "solver": "auto"}).plan
        assert proven is not None
        assert proven.status is PlanStatus.OPTIMAL  # the solver agrees that there is a plan


def test_where_every_solver_is_gone_causes_and_ways_out_are_told(
    today: c15.Today, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = Engines(highs=("no such solver",), cbc=("no such solver",), here_at_most=-1)
    monkeypatch.setattr("optimise.solve.Engines", lambda: dead)
    plan = planned(today, {**CASES["max_sites"][2], "time_limit_s": 20}).plan
    assert plan is not None
    assert plan.status is PlanStatus.LIMIT
    assert {culprit.rule for culprit in plan.culprits} >= {"max_sites", "coverage_floor"}
    assert {repair.changes[0].rule for repair in plan.repairs} == {"max_sites", "coverage_floor"}
    told = explain(plan)
    assert any(line.startswith("处数上限：可能在冲突之中") for line in told)
    assert any("办法1" in line for line in told)


def test_no_plan_is_never_silent(today: c15.Today) -> None:
    """With no time at all nothing is claimed, and a line says what to do."""
    plan = planned(today, {**CASES["max_sites"][2], "time_limit_s": 0.01}).plan
    assert plan is not None
    assert plan.status in (PlanStatus.LIMIT, PlanStatus.INFEASIBLE)
    for language in ("zh", "en"):
        told = "\n".join(explain(plan, language))
        assert plan.repairs or say("repair.none", language) in told


def test_neither_a_plan_nor_a_proof_is_exit_status_5(tmp_path: Path) -> None:
    town = c15.copy_sample(tmp_path / "town")
    file = town / "project.toml"
    keys = f"[siting]\nsolver = 'search'\ncoverage_floors = {toml(MOST['coverage_floors'])}"
    text = file.read_text(encoding="utf-8").replace("budget_wan = 900\n", "budget_wan = 100\n")
    file.write_text(text.replace("[siting]", keys), "utf-8")
    ended = CliRunner().invoke(app, ["site", str(town), "--no-front", "--no-scenarios"])
    assert ended.exit_code == 5, ended.output
    assert "办法1" in ended.output
    assert CliRunner().invoke(app, ["site", str(town), "--no-front", "--solver", "auto"]).exit_code == 4

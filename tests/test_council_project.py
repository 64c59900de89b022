"""What a council asks of the sample: edited plans, scenarios, `circle15 site` and the map, end to end."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from town import HOSTILE, without_maps

import circle15 as c15
from circle15.cli import app
from circle15.edited import PLAN_FILE
from circle15.siting import Siting
from gis.errors import InputError
from maps.page import write_page
from optimise.plan import PlanStatus

LAYOUT = {
    "budget_wan": {"2022": 300, "2023": 350, "2024": 250},
    "kinds": ["day_care", "street_centre", "rural_station"],
    "modules_m2": [350, 500],
    "existing": "may_close",
}
SCENARIOS = """
[scenario."{{7*7}} <b>"]
budget_wan = 1800
[scenario.years]
budget_wan = { 2022 = 300, 2023 = 350, 2024 = 250 }
street_centre = ["street_centre"]
soft = ["street_centre"]
[scenario.none]
budget_wan = 0
"""


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> c15.Today:
    """Return what is known of the sample today."""
    folder = c15.copy_sample(tmp_path_factory.mktemp("council") / "town")
    return c15.today(c15.read_city(c15.load_project(folder)))


@pytest.fixture(scope="module")
def done(today: c15.Today) -> c15.Study:
    """Return the sample with its plan."""
    return c15.study(today)


@pytest.fixture(scope="module")
def layout(today: c15.Today) -> c15.Study:
    """Return the sample with a layout over three years."""
    siting = Siting.model_validate(LAYOUT)
    return c15.study(c15.with_siting(today, **{key: getattr(siting, key) for key in Siting.model_fields}))


def test_the_plan_itself_given_back_is_the_plan(done: c15.Study, layout: c15.Study) -> None:
    for study in (done, layout):
        assert study.plan is not None
        again = c15.evaluate(study, study.plan.sites.reset_index())
        assert again.broken == ()
        assert again.recount.elders_covered == study.plan.elders_covered
        assert again.recount.cost_yuan == study.plan.cost_yuan
        assert again.gap == 0
        assert (again.comparison["edited"] == again.comparison["proven"]).all()
        assert all(again.lines(language) for language in ("zh", "en"))


def test_every_rule_that_an_edited_plan_breaks_is_named(today: c15.Today) -> None:
    ids = list(today.city.candidates.index)
    wanted, banned = ids[0], ids[1]
    strict = c15.with_siting(today, budget_wan=50.0, required=(wanted,), forbidden=(banned,), max_sites=1)
    found = c15.evaluate(strict, [banned, "HX99", ids[2], ids[2]])
    assert {c.rule for c in found.broken} >= {
        "budget",
        "required",
        "forbidden",
        "max_sites",
        "unknown_site",
        "site_twice",
    }
    names = {c.rule: c.names for c in found.broken}
    assert names["unknown_site"] == ("HX99",)
    assert names["required"] == (today.city.candidates["name"][wanted],)
    for language in ("zh", "en"):
        text = "\n".join(found.lines(language))
        assert "HX99" in text
        assert str(today.city.candidates["name"][banned]) in text


def test_a_size_that_is_not_offered_is_priced_as_the_project_would(layout: c15.Study) -> None:
    assert layout.plan is not None
    place = layout.city.candidates
    scaled = place[place["cost_wan"].notna() & place["unit_cost_yuan_m2"].isna()]
    site = str(scaled["max_floor_area_m2"].idxmax())  # half of it is still more than the least of its kind
    most, stated = float(place["max_floor_area_m2"][site]), float(place["cost_wan"][site]) * 10_000
    row = {"candidate_id": site, "floor_area_m2": most / 2, "year": 2024}
    assert most / 2 not in (350, 500)
    found = c15.evaluate(layout, pd.DataFrame([row]))
    assert found.broken == ()
    assert found.recount.cost_yuan == int(stated / 2 + 0.5)
    assert found.recount.floor_area_m2 == most / 2


def test_what_a_site_does_not_allow_is_named(layout: c15.Study) -> None:
    place = layout.city.candidates
    late = next(str(i) for i in place.index if place["year_from"].fillna(0)[i] > 2022)
    small = next(
        str(i) for i in place.index if "street_centre" not in place["kinds"][i] and place["cost_wan"].notna()[i]
    )
    most = float(place["max_floor_area_m2"][small])
    rows = [
        {"candidate_id": late, "year": 2022},
        {"candidate_id": small, "kind": "street_centre", "floor_area_m2": most * 2, "year": 2024},
    ]
    found = c15.evaluate(layout, pd.DataFrame(rows))
    broken = {c.rule: c for c in found.broken}
    assert {"plan_year", "plan_kind", "plan_area"} <= set(broken)
    assert broken["plan_area"].asked == most * 2
    assert broken["plan_area"].available == most
    assert set(found.recount.sites.index) == {late, small}
    assert c15.evaluate(layout, pd.DataFrame([{"candidate_id": late, "year": 1999}])).broken


def test_a_facility_closes_only_where_the_project_lets_it(layout: c15.Study) -> None:
    facility = str(layout.serving.index[0])
    rows = pd.DataFrame([{"candidate_id": facility, "mode": "close"}])
    found = c15.evaluate(layout, rows)
    assert f"facility/{facility}" in found.recount.closed
    keep = c15.with_siting(layout.today, existing="keep")
    assert "existing" in {c.rule for c in c15.evaluate(keep, rows).broken}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_plan_file_is_data_whatever_it_says(done: c15.Study, tmp_path: Path, ending: str) -> None:
    assert done.plan is not None
    ids = list(done.plan.sites.index[:2])
    strange = [text for text in HOSTILE if text[0] not in "\"'=+@"]  # a code is read without the signs of a formula
    frame = pd.DataFrame(
        {"候选编号": [*ids, *strange], "名称": ["=1+1" if ending == "csv" else "x", "y", *reversed(strange)]}
    )
    path = tmp_path / f"my_plan.{ending}"
    frame.to_csv(path, index=False) if ending == "csv" else frame.to_excel(path, index=False)
    found = c15.evaluate(done, path)
    assert set(found.recount.sites.index) == set(ids)
    (unknown,) = [c for c in found.broken if c.rule == "unknown_site"]
    assert set(unknown.names) == set(strange)
    assert all("\n" not in line for line in found.lines("zh"))


def test_a_plan_file_that_is_none_is_refused(done: c15.Study, tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text("颜色,形状\n红,圆\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        c15.evaluate(done, tmp_path / "plan.csv")
    assert error.value.findings[0].code == "HEADER_MISSING"
    with pytest.raises(InputError):
        c15.evaluate(done, tmp_path / "nowhere.csv")


def test_questions_may_be_asked_of_today_or_of_a_study(today: c15.Today, done: c15.Study) -> None:
    assert done.plan is not None
    plans = c15.alternatives(done, plans=2)
    assert [p.sites for p in plans] == [p.sites for p in c15.alternatives(today, plans=2)]
    assert all(p.sites != set(done.plan.sites.index) for p in plans)
    told = c15.why(done, plans=plans)
    assert list(told.index) == list(done.plan.sites.index)
    assert (told["near_best"] == [sum(i in p.sites for p in plans) for i in told.index]).all()
    curve = c15.front(today, points=4)
    assert curve["value"].is_monotonic_increasing
    own = curve.loc[done.project.siting.budget_yuan]
    assert own["elders_covered"] == done.plan.elders_covered
    with pytest.raises(ValueError, match="no budget"):
        c15.front(c15.with_siting(today, budget_wan=0.0))


def test_without_a_site_the_walk_says_what_is_lost(done: c15.Study) -> None:
    assert done.plan is not None
    told = c15.why(done)
    name = str(told["lost_at_best"].idxmax())
    again = c15.study(c15.with_siting(done.today, forbidden=(name,))).plan
    assert again is not None
    assert again.status is PlanStatus.OPTIMAL
    assert done.plan.elders_covered - again.elders_covered == told["lost_at_best"][name]


@pytest.fixture(scope="module")
def sited(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return the sample's folder after `circle15 site` with scenarios and an edited plan, and what it printed."""
    folder = c15.copy_sample(tmp_path_factory.mktemp("sited") / "town")
    with (folder / "project.toml").open("a", encoding="utf-8") as file:
        file.write(SCENARIOS)
    (folder / "my_plan.csv").write_text("候选编号,建筑面积\nHX03,\nHX99,\n", encoding="utf-8")
    (folder / "成果").mkdir()
    (folder / "成果" / "notes.txt").write_text("mine", encoding="utf-8")
    return folder, ask(folder, "--plan", str(folder / "my_plan.csv"))


def ask(folder: Path, *options: str) -> dict[str, Any]:
    """Run `circle15 site --json`."""
    from typer.testing import CliRunner  # noqa: PLC0415 - the one place that needs it

    result = CliRunner().invoke(app, ["site", str(folder), "--json", "--debug", *options])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout.strip().splitlines()[-1])
    return found


def test_circle15_site_writes_the_siting_products_alone(sited: tuple[Path, dict[str, Any]]) -> None:
    folder, said = sited
    products = {path.name for path in (folder / "成果" / "选址成果").iterdir()}
    assert products == {"siting.xlsx", "siting.html", "plan.xlsx", "front.svg"}
    assert {path.name for path in (folder / "成果").iterdir()} == {"选址成果", "notes.txt"}
    assert said["plan"]["status"] == "OPTIMAL"
    assert len(said["near_best"]) == 3
    assert said["front"][0]["budget_yuan"] == 0
    assert {c["rule"] for c in said["edited"]["broken"]} == {"unknown_site"}
    book = openpyxl.load_workbook(folder / "成果" / "选址成果" / "siting.xlsx")
    assert book.sheetnames == [
        *("手工方案", "手工方案比较", "结论", "布点方案", "选址理由", "服务范围", "相近方案", "预算与覆盖"),
        *("分年实施", "规则前后对照", "情景比较", "分社区覆盖"),
    ]
    reasons = [row[0].value for row in book["选址理由"].iter_rows(min_row=2)]
    assert reasons == said["plan"]["sites"]


def test_scenarios_stand_side_by_side_and_each_is_the_plan_of_its_keys(sited: tuple[Path, dict[str, Any]]) -> None:
    folder, said = sited
    table = {row["scenario"]: row for row in said["scenarios"]}
    assert list(table) == ["", "{{7*7}} <b>", "years", "none"]
    assert table["none"]["status"] is None
    assert table[""]["shared"] == table[""]["sites"] == len(said["plan"]["sites"])
    project = c15.load_project(folder)
    assert project.scenario["years"].max_sites == project.siting.max_sites
    city = c15.read_city(project)
    own = c15.study(c15.with_siting(city, budget_wan=1800.0)).plan
    assert own is not None
    double = table["{{7*7}} <b>"]
    assert (double["cost_yuan"], double["elders_covered"]) == (own.cost_yuan, own.elders_covered)
    assert table["years"]["rules_missed"] == ["street_centre"]


def test_the_plan_written_can_be_edited_and_given_back(sited: tuple[Path, dict[str, Any]], done: c15.Study) -> None:
    folder, said = sited
    form = folder / "成果" / "选址成果" / "plan.xlsx"
    found = c15.evaluate(done, form)
    assert list(found.recount.sites.index) == said["plan"]["sites"]
    assert found.broken == ()
    known = {column.synonyms[0] for column in PLAN_FILE.columns}
    assert {cell.value for cell in openpyxl.load_workbook(form).active[1]} == known


def test_a_solver_may_be_named_and_parts_left_out(sited: tuple[Path, dict[str, Any]]) -> None:
    folder, said = sited
    again = ask(folder, "--solver", "search", "--no-front", "--no-scenarios", "--time-limit", "20")
    assert again["plan"]["status"] in ("GREEDY", "OPTIMAL")
    assert again["plan"]["bound"] >= said["plan"]["bound"] - 0
    assert "front" not in again
    assert "scenarios" not in again
    assert not (folder / "成果" / "选址成果" / "front.svg").exists()


def test_where_no_plan_keeps_the_rules_the_front_says_from_what_money_on(tmp_path: Path) -> None:
    folder = c15.copy_sample(tmp_path / "town")
    text = (folder / "project.toml").read_text(encoding="utf-8")
    tight = text.replace("budget_wan = 900", 'budget_wan = 100\nrequired = ["HX07"]')
    (folder / "project.toml").write_text(tight, encoding="utf-8")
    done, _, where = c15.plan_sites(folder)
    assert done.plan is not None
    assert done.plan.status is PlanStatus.INFEASIBLE
    assert done.council is not None
    curve = done.council.front
    assert curve is not None
    cost = int(done.city.candidates["cost_wan"]["HX07"] * 10_000)
    assert [budget >= cost for budget in curve.index] == (curve["status"] != "INFEASIBLE").tolist()
    assert openpyxl.load_workbook(where / "siting.xlsx").sheetnames == ["结论", "布点方案", "预算与覆盖"]
    assert not (where / "plan.xlsx").exists()


def test_without_money_there_is_no_plan_to_compare_with(tmp_path: Path) -> None:
    folder = c15.copy_sample(tmp_path / "town")
    text = (folder / "project.toml").read_text(encoding="utf-8")
    (folder / "project.toml").write_text(text.replace("budget_wan = 900", "budget_wan = 0"), encoding="utf-8")
    (folder / "my_plan.csv").write_text("候选编号\nHX03\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        c15.plan_sites(folder, edited=folder / "my_plan.csv")
    assert error.value.findings[0].place == "project.toml:siting.budget_wan"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[scenario.a]\nbudget = 3\n", "scenario.a.budget"),
        ("[scenario.a]\nbudget_wan = -1\n", "scenario.a.budget_wan"),
        ("scenario = 3\n", "scenario"),
        ("[scenario]\na = 3\n", "scenario.a"),
    ],
)
def test_a_scenario_that_means_nothing_is_refused(tmp_path: Path, text: str, place: str) -> None:
    head = 'name = "x"\n'
    inputs = '[inputs]\nstreets = "a"\ncommunities = "b"\nfacilities = "c"\n'
    whole = head + text + inputs if text.startswith("scenario") else head + inputs + text
    (tmp_path / "project.toml").write_text(whole, encoding="utf-8")
    with pytest.raises(InputError) as error:
        c15.load_project(tmp_path)
    assert [finding.place for finding in error.value.findings] == [f"project.toml:{place}"]


def test_a_run_answers_the_council_where_the_project_asks_for_it(tmp_path: Path) -> None:
    folder = without_maps(c15.copy_sample(tmp_path / "town"))
    text = (folder / "project.toml").read_text(encoding="utf-8")
    asked = text.replace("budget_wan = 900", "budget_wan = 900\nalternatives = 2")
    assert asked != text
    (folder / "project.toml").write_text(asked, encoding="utf-8")
    done = c15.run(folder)
    assert not done.project.siting.is_layout
    assert done.council is not None
    assert len(done.council.near_best) == 2
    assert done.council.front is None
    assert '"rings":[[' in (folder / "成果" / "index.html").read_text(encoding="utf-8")


def test_the_page_of_the_siting_is_the_same_for_any_order_of_the_candidates(today: c15.Today, tmp_path: Path) -> None:
    pages = []
    for step in (1, -1):
        turned = replace(today, city=replace(today.city, candidates=today.city.candidates.iloc[::step]))
        file = tmp_path / f"{step}.html"
        write_page(c15.study(turned).atlas(), file)
        pages.append(file.read_bytes())
    assert pages[0] == pages[1]

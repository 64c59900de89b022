"""A facility that exists may be made larger: offered by the project file, planned, walked, drawn, edited, priced."""

from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from circle15 import Study, copy_sample, evaluate, load_project, read_city, study, today, with_siting
from circle15.cli import app
from maps.situated import planned_sites
from tests.town import without_maps

RATE = 2_000
KEYS = "budget_wan = 300\nupgrade_yuan_m2 = 2000\nmodules_m2 = [500, 1000]\nmax_sites = 2\n"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Study:
    city = read_city(load_project(copy_sample(tmp_path_factory.mktemp("up") / "town")))
    here = today(city)
    area = float(here.now.serving["floor_area_m2"].sum())
    residents = int(city.homes.frame["residents"].sum())
    more = with_siting(  # no new site may be built: the floor area asked for can only be added to what stands
        here, budget_wan=300, upgrade_yuan_m2=RATE, modules_m2=(500.0, 1000.0), max_sites=2,
        forbidden=tuple(city.candidates.index), min_floor_area_m2_per_10k_residents=(area + 400) * 10_000 / residents,
    )  # fmt: skip
    return study(more)


def test_what_stands_grows_at_the_price_of_what_is_added(done: Study) -> None:
    plan = done.plan
    assert plan is not None
    assert plan.status.value == "OPTIMAL"
    assert plan.sites.index.str.startswith("facility/").all()
    assert (plan.sites["mode"] == "upgrade").all()
    assert plan.sites["added_m2"].sum() >= 400
    before = done.serving["floor_area_m2"].astype(float)
    for site, row in plan.sites.iterrows():
        was = before[str(site).removeprefix("facility/")]
        assert row["floor_area_m2"] in (500, 1000)
        assert row["cost_yuan"] == round(RATE * (row["floor_area_m2"] - was))


def test_the_city_after_has_it_larger_and_nobody_walks_farther(done: Study) -> None:
    assert done.plan is not None
    assert done.after is not None
    now, then = done.today.now, done.after
    assert then.serving["floor_area_m2"].sum() == pytest.approx(
        now.serving["floor_area_m2"].sum() + done.plan.sites["added_m2"].sum()
    )
    assert then.homes["state"].tolist() == now.homes["state"].tolist()


def test_it_is_drawn_where_it_stands(done: Study) -> None:
    for site, point in planned_sites(done.atlas()).geometry.items():
        assert point.equals(done.city.facilities.geometry[str(site).removeprefix("facility/")])
    done.plot()


def test_an_edited_plan_may_make_it_larger_or_not(done: Study) -> None:
    assert done.plan is not None
    rows = done.plan.sites.reset_index(names="candidate_id")[["candidate_id", "mode", "floor_area_m2"]]
    same = evaluate(done, rows)
    assert not same.broken
    assert same.recount.cost_yuan == done.plan.cost_yuan
    other = evaluate(done, rows.assign(floor_area_m2=777.0))
    assert {culprit.rule for culprit in other.broken} >= {"plan_area"}


def test_through_the_project_file_and_back(done: Study, tmp_path: Path) -> None:
    town = without_maps(copy_sample(tmp_path / "town"))
    file = town / "project.toml"
    head, siting = file.read_text("utf-8").split("[siting]")
    rest = siting[siting.index("\n[") :] if "\n[" in siting else ""
    forbidden = ", ".join(f'"{code}"' for code in done.city.candidates.index)
    rate = done.project.siting.min_floor_area_m2_per_10k_residents
    file.write_text(
        f"{head}[siting]\n{KEYS}min_floor_area_m2_per_10k_residents = {rate}\nforbidden = [{forbidden}]\n{rest}"
    )
    again = study(read_city(load_project(town)))
    assert again.plan is not None
    assert done.plan is not None
    assert again.plan.options == done.plan.options
    told = CliRunner().invoke(app, ["site", str(town), "--no-front", "--no-scenarios", "--time-limit", "10"])
    assert told.exit_code == 0, told.output
    form = town / "成果" / "选址成果" / "plan.xlsx"
    modes = [row[3] for row in openpyxl.load_workbook(form).active.iter_rows(min_row=2, values_only=True)]
    assert set(modes) == {"现有设施扩建"}
    kept = form.read_bytes()
    back = CliRunner().invoke(app, ["site", str(town), "--no-front", "--plan", str(form), "--time-limit", "10"])
    assert back.exit_code == 0, back.output
    assert form.read_bytes() == kept  # the plan edited by hand is the planner's

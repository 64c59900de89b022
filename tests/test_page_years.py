"""The years of a plan: each counted from the walks to what is open by then; the page says the plan's own figures."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from test_page import data_of

import circle15 as c15
from circle15.outputs import manifest
from circle15.project import Output
from circle15.siting import Siting
from circle15.study import with_siting
from maps.figures import people
from maps.ground import kind_areas
from maps.page import draw_page
from maps.shading import communities, gaps

BUDGET = {"2022": 300, "2023": 300, "2024": 300}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> c15.Study:
    """Return the sample with its money spread over three years."""
    project = c15.load_project(c15.copy_sample(tmp_path_factory.mktemp("years") / "town"))
    siting = Siting.model_validate({"budget_wan": BUDGET, "time_limit_s": 20})
    return c15.study(c15.read_city(project.model_copy(update={"siting": siting})))


def test_each_year_is_walked_anew_and_is_what_the_plan_says(done: c15.Study) -> None:
    plan, after = done.plan, done.after
    assert plan is not None
    assert after is not None
    assert [end.year for end in done.years] == plan.by_year.index.tolist() == [2022, 2023, 2024]
    homes, walks = done.homes, after.walks
    for end in done.years:
        later = {f"candidate/{code}" for code in plan.sites.index[plan.sites["year"] > end.year]}
        reached = set(walks.loc[~walks["facility_id"].isin(later), "demand_id"])
        covered = end.state == "covered"
        assert set(end.state.index[covered]) == reached  # every home within the longest walk, and no other
        assert homes.loc[covered, "elders"].sum() == plan.by_year.loc[end.year, "elders_covered"]
        by_community = end.units[end.units["level"] == "community"].set_index("unit_id")["elders_covered_15"]
        counted = homes[covered].groupby("community_id")["elders"].sum()
        assert by_community[by_community > 0].astype(int).to_dict() == counted[counted > 0].astype(int).to_dict()
    figures = [end.units.loc[end.units["level"] == "city", "elders_covered_15"].iloc[0] for end in done.years]
    assert figures == sorted(figures)
    assert (done.years[-1].state == homes["state_after"]).all()


def test_the_page_says_of_each_year_what_the_plan_says(done: c15.Study) -> None:
    atlas, plan = done.atlas(), done.plan
    assert plan is not None
    panel = data_of(draw_page(atlas))["panel"]
    assert panel["years"] == list(BUDGET)
    for year in BUDGET:
        assert panel["figures"]["rows"][-1][year][0] == people(plan.by_year.loc[int(year), "elders_covered"])
    missing, elders = gaps(atlas), atlas.homes["elders"].sum()
    known = elders - atlas.homes.loc[atlas.homes["state"] == "unknown", "elders"].sum()
    if not missing["squares"] and -1 not in missing["2022"]:
        assert sum(missing["2022"]) == known - plan.by_year.loc[2022, "elders_covered"]
    assert {year in item for item in communities(atlas)["items"] for year in BUDGET} == {True}


def test_the_area_of_a_kind_lies_within_that_of_all_and_widens_with_the_walk(done: c15.Study) -> None:
    areas = done.kind_areas
    assert set(areas["when"]) == {"today", *BUDGET, "after"}
    assert set(areas["kind"]) >= set(done.serving["kind"])
    whole = done.areas[(done.areas["when"] == "today")].set_index("minutes").geometry
    for _, own in areas[areas["when"] == "today"].groupby("kind"):
        shapes = own.set_index("minutes").geometry
        assert (shapes.difference(whole.reindex(shapes.index)).area < 1e-3 * shapes.area).all()
        assert shapes.sort_index().area.is_monotonic_increasing
    drawn = kind_areas(done.atlas())
    assert {layer["kind"] for layer in drawn} == set(areas["kind"])
    assert all(isinstance(area["today"], dict) for layer in drawn for area in layer["areas"] if "today" in area)


def test_the_manifest_never_holds_the_key_of_the_tiles(done: c15.Study, tmp_path: Path) -> None:
    output = Output.model_validate({"tiles": {"url": "http://10.0.0.1/{z}/{x}/{y}?tk=SECRET", "datum": "wgs84"}})
    city = replace(done.city, project=done.project.model_copy(update={"output": output}))
    asking = replace(done, today=replace(done.today, city=city))
    assert "SECRET" in draw_page(asking.atlas())
    said = json.dumps(manifest(asking, tmp_path), default=str)
    assert "wgs84" in said
    assert "SECRET" not in said


def test_a_plan_without_years_has_none(done: c15.Study) -> None:
    once = with_siting(done.today, budget_by_year_wan={}, budget_wan=300.0)
    assert c15.study(once).years == ()

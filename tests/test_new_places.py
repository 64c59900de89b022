"""Where no candidate is in reach, places to look for one are named; written into the table by hand they make a plan."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import circle15 as c15
from circle15.siting import Siting
from circle15.summary import summary
from gis.datum import from_wgs84
from gis.units import by_position
from optimise.explain import explain
from optimise.plan import Place, Plan, PlanStatus, Repair

CENTRES: dict[str, Any] = {"kinds": ["day_care", "street_centre"], "street_centre": ["street_centre"]}
CASES: dict[str, dict[str, Any]] = {
    "everyone": {"budget_wan": 300, "objective": "cover_all"},
    "each community": {"budget_wan": 9000, "coverage_floors": [{"level": "community", "share": 0.99}]},
    "each served": {"budget_wan": 9000, "community_served": ["day_care", "rural_station"]},
    "no site large enough": {"budget_wan": 9000, **CENTRES, "min_site_floor_area_m2": {"street_centre": 2500}},
    "and money": {"budget_wan": 300, **CENTRES, "min_site_floor_area_m2": {"street_centre": 1500}},
    "milestone": {"budget_wan": {"2022": 9000}, "milestones": [{"year": 2022, "kinds": ["day_care"], "share": 0.9}]},
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sample with its candidates as a table in GCJ-02, as a bureau would write them."""
    folder = c15.copy_sample(tmp_path_factory.mktemp("places") / "town")
    city = c15.read_city(c15.load_project(folder))
    plain = city.candidates.geometry.to_crs("EPSG:4326")
    lon, lat = from_wgs84(plain.x, plain.y, datum="gcj02")
    columns = ["name", "mode", "max_floor_area_m2", "cost_wan", "unit_cost_yuan_m2", "year_from"]
    table = pd.DataFrame(city.candidates[columns]).assign(
        kinds=city.candidates["kinds"].map("、".join), lon=np.round(lon, 9), lat=np.round(lat, 9)
    )
    table.rename_axis("candidate_id").to_csv(folder / "候选.csv", encoding="utf-8")
    file = folder / "project.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace('candidates = "candidates.gpkg"', 'candidates = { path = "候选.csv", datum = "gcj02" }'), "utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def today(town: Path) -> c15.Today:
    """Return what is known of it today."""
    return c15.today(c15.read_city(c15.load_project(town)))


def planned(today: c15.Today, keys: dict[str, Any]) -> c15.Study:
    """Return the study with these keys in `[siting]`."""
    project = today.city.project.model_copy(update={"siting": Siting.model_validate(keys)})
    return c15.study(replace(today, city=replace(today.city, project=project)))


def places(repair: Repair) -> list[Place]:
    return [change.value for change in repair.changes if isinstance(change.value, Place)]


def by_hand(town: Path, repair: Repair, keys: dict[str, Any]) -> Plan | None:
    """Write the places into the table of candidates and the keys into the project, and plan again from the files."""
    table = pd.read_csv(town / "候选.csv", dtype=str)
    rows = [
        {
            "candidate_id": place.site_id,
            "name": "新场地",
            "mode": "new",
            "max_floor_area_m2": f"{place.floor_area_m2}",
            "unit_cost_yuan_m2": f"{place.unit_cost_yuan_m2}",
            "kinds": place.kind,
            "lon": f"{place.lon:.5f}",
            "lat": f"{place.lat:.5f}",
        }
        for place in places(repair)
    ]
    file = town / "候选加.csv"
    pd.concat([table, pd.DataFrame(rows)]).to_csv(file, index=False, encoding="utf-8")
    project = c15.load_project(town)
    source = project.inputs.candidates
    assert source is not None
    inputs = project.inputs.model_copy(update={"candidates": source.model_copy(update={"path": file.name})})
    siting = Siting.model_validate({**keys, **tomllib.loads("\n".join(repair.keys))})
    return c15.study(c15.read_city(project.model_copy(update={"inputs": inputs, "siting": siting}))).plan


@pytest.mark.parametrize("case", CASES)
def test_places_written_down_by_hand_make_the_plan_that_was_told(today: c15.Today, town: Path, case: str) -> None:
    keys = CASES[case]
    done = planned(today, keys)
    plan = done.plan
    assert plan is not None
    assert plan.status is PlanStatus.INFEASIBLE
    ways = [repair for repair in plan.repairs if places(repair)]
    assert ways, plan.culprits
    repair = ways[0]
    assert not repair.least  # that fewer places cannot do is not proven
    again = by_hand(town, repair, keys)
    assert again is not None
    assert again.status is PlanStatus.OPTIMAL, again.culprits
    assert (again.cost_yuan, again.elders_covered) == (repair.cost_yuan, repair.elders_covered)
    assert {place.site_id for place in places(repair)} <= set(again.sites.index)  # none of them is idle
    units = today.city.communities
    for change in repair.changes:
        if isinstance(place := change.value, Place):
            assert f"经度 {place.lon:.5f}" in (text := "\n".join(explain(plan)))
            assert change.names[0] in set(units["name"])
            assert "不是地块" in text
            assert "GCJ-02" in text


def test_a_place_lies_in_the_community_it_is_named_by(today: c15.Today, town: Path) -> None:
    plan = planned(today, CASES["no site large enough"]).plan
    assert plan is not None
    (repair,) = [each for each in plan.repairs if places(each)]
    wanting = {name for culprit in plan.culprits if culprit.rule == "street_centre" for name in culprit.names}
    made = by_hand(town, repair, CASES["no site large enough"])
    assert made is not None
    project = c15.load_project(town)
    source = project.inputs.candidates
    assert source is not None
    inputs = project.inputs.model_copy(update={"candidates": source.model_copy(update={"path": "候选加.csv"})})
    city = c15.read_city(project.model_copy(update={"inputs": inputs}))
    stands = by_position(city.candidates, city.communities)
    for change in repair.changes:
        if isinstance(change.value, Place):
            unit = city.communities.loc[stands[change.value.site_id]]
            assert unit["name"] == change.names[0]
            assert unit["street"] in wanting


def test_no_place_is_offered_where_all_are_in_reach_of_a_candidate(today: c15.Today) -> None:
    for keys in (
        {"budget_wan": 100, "coverage_floors": [{"level": "city", "share": 0.95}]},
        {"budget_wan": 9000, "kinds": ["day_care"], "street_centre": ["street_centre"]},  # no site may be a centre
        {"budget_wan": 9000, "required": ["HX01", "HX02"], "max_sites": 1},
    ):
        plan = planned(today, keys).plan
        assert plan is not None
        assert plan.status is PlanStatus.INFEASIBLE
        assert plan.repairs
        assert not [repair for repair in plan.repairs if places(repair)], keys


def test_the_same_places_for_any_order_of_the_candidates_and_in_figures_for_machines(today: c15.Today) -> None:
    keys = CASES["each community"]
    turned = replace(today, city=replace(today.city, candidates=today.city.candidates.iloc[::-1]))
    one, other = (planned(each, keys) for each in (today, turned))
    told = [summary(each)["plan"]["repairs"] for each in (one, other)]
    assert json.dumps(told[0]) == json.dumps(told[1])
    added = [change["place"] for change in told[0][-1]["changes"] if "place" in change]
    assert added
    assert {"lon", "lat", "datum", "kind", "floor_area_m2", "unit_cost_yuan_m2"} <= set(added[0])

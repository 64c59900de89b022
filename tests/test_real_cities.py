"""The same main job on real streets: three cities from open extracts, each to all its outputs."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import circle15 as c15
from benchmarks.cities import CITIES
from circle15.outputs import FILES, MANIFEST, TIMES
from maps.opinions import OPINIONS
from optimise.plan import PlanStatus
from tests.oracle import split_graph, walks


@pytest.fixture(scope="module", params=list(CITIES))
def city(request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> c15.Study:
    """Return the finished run of one real city."""
    folder = tmp_path_factory.mktemp("cities") / request.param
    CITIES[request.param](shared_data, folder)
    return c15.run(folder)


def test_all_outputs_are_there_and_the_plan_is_proven(city: c15.Study) -> None:
    folder = city.project.path("成果")
    assert {path.name for path in folder.iterdir()} == {*FILES, MANIFEST, TIMES} - {OPINIONS}  # no housing there
    assert (folder / "index.html").stat().st_size < 15_000_000
    assert city.plan is not None
    assert city.plan.status is PlanStatus.OPTIMAL
    assert city.plan.elders_covered > city.plan.elders_covered_before
    assert {"homes", "facilities", "communities"} <= set(gpd.list_layers(folder / "plan.gpkg")["name"])


def test_people_add_up(city: c15.Study) -> None:
    rows = city.units.set_index("level")
    whole = rows.loc["city"]
    parts = rows.loc[rows.index.isin(["community", "outside"])]
    for column in ("residents", "elders", "elders_unknown", "elders_covered_15", "elders_covered_15_after"):
        assert parts[column].sum() == whole[column], column
    assert whole["elders"] == city.homes["elders"].sum() > 0
    assert (city.units["elders_covered_5"] <= city.units["elders_covered_10"]).all()
    assert (city.units["elders_covered_15"] <= city.units["elders_covered_15_after"]).all()


def test_coverage_by_community_is_the_sum_of_the_oracle(city: c15.Study) -> None:
    """Who is within 900 m by networkx on a graph split at every door, summed by community without our tables."""
    network, project = city.city.network, city.project
    doors = {"max_connector_m": project.walking.max_connector_m, "barriers": city.city.barriers}
    facilities = city.serving
    at_homes, at_facilities = c15.snap(network, city.homes, **doors), c15.snap(network, facilities, **doors)
    graph = split_graph(network, at_homes, at_facilities)
    reached = {home for home, _, metres in walks(graph, facilities.index, 900.0 + 1e-6)}
    covered = city.homes[city.homes.index.isin(reached)].groupby("community_id")["elders"].sum()
    ours = city.units[city.units["level"] == "community"].set_index("unit_id")["elders_covered_15"]
    pd.testing.assert_series_equal(
        ours.sort_index(), covered.reindex(ours.index, fill_value=0).sort_index(), check_names=False, check_dtype=False
    )

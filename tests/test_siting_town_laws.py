"""Laws of the siting on the sample, from the project's keys to its plan: candidates, the walk, the years."""

from dataclasses import replace

import numpy as np
import pytest

import circle15 as c15
from circle15.siting import Siting
from optimise.plan import Plan, PlanStatus

KEYS = {"kinds": ["day_care", "rural_station"], "modules_m2": [350, 500]}


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> c15.Today:
    """Return what is known of the sample today."""
    return c15.today(c15.read_city(c15.load_project(c15.copy_sample(tmp_path_factory.mktemp("laws") / "town"))))


def planned(today: c15.Today, **keys: object) -> Plan:
    """Return the proven plan of the sample with these keys in `[siting]`."""
    project = today.city.project.model_copy(update={"siting": Siting.model_validate(keys)})
    plan = c15.study(replace(today, city=replace(today.city, project=project))).plan
    assert plan is not None
    assert plan.status is PlanStatus.OPTIMAL
    return plan


def test_one_more_candidate_never_covers_fewer(today: c15.Today) -> None:
    order = np.random.default_rng(5).permutation(len(today.city.candidates))
    covered = []
    for n in (6, 14, 24, len(order)):
        some = today.city.candidates.iloc[np.sort(order[:n])]
        covered.append(
            planned(replace(today, city=replace(today.city, candidates=some)), budget_wan=250).elders_covered
        )
    assert covered == sorted(covered)
    assert covered[0] < covered[-1]


def test_a_longer_walk_never_covers_fewer(today: c15.Today) -> None:
    covered = []
    for minutes in (6, 10, 15):
        walking = today.city.project.walking.model_copy(update={"minutes": (minutes,)})
        city = replace(today.city, project=today.city.project.model_copy(update={"walking": walking}))
        covered.append(planned(c15.today(city), budget_wan=150).elders_covered)
    assert covered == sorted(covered)
    assert covered[0] < covered[-1]


def test_the_years_add_up_to_the_whole_and_late_money_buys_no_more(today: c15.Today) -> None:
    spread = planned(today, budget_wan={"2022": 100, "2023": 150, "2024": 100}, **KEYS)
    years = spread.by_year
    assert years["cost_yuan"].sum() == spread.cost_yuan == spread.sites["cost_yuan"].sum()
    assert years["sites"].sum() == len(spread.sites)
    assert years["added_m2"].sum() == pytest.approx(spread.floor_area_m2)
    assert years["elders_covered"].iloc[-1] == spread.elders_covered
    assert (years["cost_yuan"].cumsum().to_numpy() <= np.cumsum([1_000_000, 1_500_000, 1_000_000])).all()
    last = planned(today, budget_wan={"2022": 0, "2023": 0, "2024": 350}, **KEYS)
    assert last.elders_covered >= spread.elders_covered  # the same sum, and every site can be had by then
    no_carry = planned(today, budget_wan={"2022": 100, "2023": 150, "2024": 100}, carry_over=False, **KEYS)
    assert no_carry.elders_covered <= spread.elders_covered

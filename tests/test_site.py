"""Where to build: every small plan looked at, laws, and the solver's traps."""

import highspy
import numpy as np
import pandas as pd
import pytest
from siting_cases import Tables, best_by_hand, hard_covering, random_rules, random_tables

from optimise import models
from optimise.check import check
from optimise.child import run_highs
from optimise.plan import Plan, PlanStatus
from optimise.question import ask
from optimise.rules import SitingRules
from optimise.search import gained, missed, seek, served
from optimise.site import lscp, mclp, site
from optimise.solve import program_of, solve


@pytest.mark.parametrize("seed", range(120))
def test_no_plan_is_better_than_the_one_chosen(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tables = random_tables(rng)
    rules = random_rules(rng, tables[2])
    plan = site(*tables, rules=rules)
    best = best_by_hand(tables, rules)
    if best is None:
        assert plan.status is PlanStatus.INFEASIBLE
        assert plan.culprits
        return
    assert plan.status is PlanStatus.OPTIMAL
    assert (plan.elders_covered, plan.cost_yuan, tuple(plan.sites.index)) == best
    assert plan.bound == plan.elders_covered
    assert plan.proven["cost_yuan"] == plan.cost_yuan
    check(plan, *tables, rules=rules)


@pytest.mark.parametrize("seed", range(6))
def test_the_second_opinion_agrees(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tables = random_tables(rng, homes=40, places=15)
    rules = SitingRules(budget_yuan=900_000)
    first, second = (site(*tables, rules=rules, solver=solver) for solver in ("highs", "cbc"))
    assert second.solver == "CBC"
    assert (second.status, second.elders_covered, second.cost_yuan) == (
        first.status,
        first.elders_covered,
        first.cost_yuan,
    )
    assert list(second.sites.index) == list(first.sites.index)


def test_more_money_never_covers_fewer() -> None:
    tables = random_tables(np.random.default_rng(5), homes=60, places=14)
    covered = [site(*tables, rules=SitingRules(budget_yuan=wan * 10_000)).elders_covered for wan in range(0, 400, 25)]
    assert covered == sorted(covered)
    assert covered[-1] > covered[0]


def test_any_order_of_the_rows_gives_the_same_plan() -> None:
    rng = np.random.default_rng(8)
    tables = random_tables(rng, homes=50, places=16)
    tables[2]["cost_yuan"] = 200_000  # equal costs and few people: many equal plans
    rules = SitingRules(budget_yuan=800_000)
    plans = [site(*(t.sample(frac=1, random_state=k) for t in tables), rules=rules) for k in range(20)]
    assert {tuple(p.sites.index) for p in plans} == {tuple(plans[0].sites.index)}
    pd.testing.assert_frame_equal(plans[0].sites, plans[-1].sites)


def test_inputs_are_left_as_they_are() -> None:
    tables = random_tables(np.random.default_rng(2))
    before = [t.copy(deep=True) for t in tables]
    site(*tables, rules=SitingRules(budget_yuan=500_000))
    for now, then in zip(tables, before, strict=True):
        pd.testing.assert_frame_equal(now, then)


def test_of_equal_plans_the_first_by_identifier() -> None:
    ids = [f"c{j}" for j in range(8)]
    demand = pd.DataFrame({"elders": [10] * 4, "covered": False}, index=[*"abcd"])
    pairs = pd.DataFrame({"demand_id": [*"aabbccdd"], "candidate_id": ids, "minutes": 1.0})
    candidates = pd.DataFrame({"name": ids, "kind": "day_care", "floor_area_m2": 1.0, "cost_yuan": 5}, index=ids)
    plan = site(demand, pairs, candidates, rules=SitingRules(budget_yuan=15))
    assert list(plan.sites.index) == ["c0", "c2", "c4"]
    assert plan.notes == ()


def test_elders_gained_add_up_to_what_is_new() -> None:
    plan = site(*random_tables(np.random.default_rng(1), homes=40), rules=SitingRules(budget_yuan=900_000))
    assert plan.sites["elders_gained"].sum() == plan.elders_covered - plan.elders_covered_before


def one_place(cost_yuan: int, elders: int = 40) -> Tables:
    demand = pd.DataFrame({"elders": [elders], "covered": [False]}, index=["a"])
    pairs = pd.DataFrame({"demand_id": ["a"], "candidate_id": ["X"], "minutes": [3.0]})
    columns = {"name": ["旧厂房"], "kind": ["day_care"], "floor_area_m2": [400.0], "cost_yuan": [cost_yuan]}
    return demand, pairs, pd.DataFrame(columns, index=["X"])


def test_a_budget_below_the_cheapest_candidate_builds_nothing_and_says_so() -> None:
    plan = site(*one_place(800_000), rules=SitingRules(budget_yuan=500_000), language="en")
    assert (plan.status, len(plan.sites), plan.gap) == ("OPTIMAL", 0, 0)
    assert plan.notes == ("budget 50 wan yuan is below the cheapest candidate, 80 wan yuan: 0 sites",)


def test_a_budget_of_exactly_the_cost_buys_the_site() -> None:
    assert len(site(*one_place(3_000), rules=SitingRules(budget_yuan=1_000 + 2_000)).sites) == 1


def test_no_candidates_no_demand_no_pairs() -> None:
    demand, pairs, candidates = one_place(1)
    for tables in (
        (demand, pairs[:0], candidates),
        (demand, pairs[:0], candidates[:0]),
        (demand[:0], pairs[:0], candidates),
        (demand[:0], pairs[:0], candidates[:0]),
    ):
        plan = site(*tables, rules=SitingRules(budget_yuan=10))
        assert (plan.status, len(plan.sites), plan.elders_covered) == ("OPTIMAL", 0, 0)


def test_small_sites_are_left_out_by_name() -> None:
    plan = site(*one_place(10), rules=SitingRules(budget_yuan=10, min_site_floor_area_m2={"day_care": 750}))
    assert len(plan.sites) == 0
    assert "旧厂房" in plan.notes[0]


def test_tables_that_do_not_fit_are_refused() -> None:
    demand, pairs, candidates = one_place(10)
    rules = SitingRules(budget_yuan=10)
    with pytest.raises(ValueError, match="unknown candidate_id Y"):
        site(demand, pairs.assign(candidate_id="Y"), candidates, rules=rules)
    with pytest.raises(ValueError, match="unknown demand_id b"):
        site(demand, pairs.assign(demand_id="b"), candidates, rules=rules)
    with pytest.raises(ValueError, match="stands twice"):
        site(pd.concat([demand, demand]), pairs, candidates, rules=rules)
    with pytest.raises(ValueError, match="elders must be whole"):
        site(demand.assign(elders=1.5), pairs, candidates, rules=rules)
    with pytest.raises(ValueError, match="no candidate Z"):
        site(demand, pairs, candidates, rules=SitingRules(forbidden=("Z",)))
    with pytest.raises(ValueError, match="budget_yuan"):
        SitingRules(budget_yuan=-1)


# The solver's traps.


@pytest.fixture(scope="module")
def hard() -> Tables:
    return hard_covering()


def stays_honest(plan: Plan) -> bool:
    """198 sites are the least; a run that was cut short may prove fewer, never more, and never calls itself best."""
    return (
        plan.status in (PlanStatus.FEASIBLE, PlanStatus.GREEDY)
        and plan.gap != 0
        and len(plan.sites) >= 198
        and plan.proven.get("sites", 0) <= 198
    )


@pytest.mark.parametrize("seconds", [0, 0.05, 1])
def test_a_time_limit_is_never_called_optimal(hard: Tables, seconds: float) -> None:
    assert stays_honest(lscp(*hard, time_limit_s=seconds))
    most = mclp(*hard, sites=150, time_limit_s=seconds)
    assert most.status in (PlanStatus.FEASIBLE, PlanStatus.GREEDY)
    assert most.bound is not None
    assert most.bound > most.elders_covered
    check(most, *hard, rules=SitingRules(max_sites=150))


def test_the_search_alone_calls_itself_greedy() -> None:
    tables = random_tables(np.random.default_rng(4), homes=60, places=14)
    rules = SitingRules(budget_yuan=700_000)
    quick, proven = site(*tables, rules=rules, solver="search"), site(*tables, rules=rules)
    assert quick.status is PlanStatus.GREEDY
    assert quick.bound is not None
    assert quick.elders_covered <= proven.elders_covered <= quick.bound


@pytest.mark.parametrize("seed", range(30))
def test_the_search_keeps_the_rules_and_bounds_the_best(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tables = random_tables(rng)
    rules = random_rules(rng, tables[2])
    plan, best = site(*tables, rules=rules, solver="search"), best_by_hand(tables, rules)
    if plan.status is PlanStatus.GREEDY:
        assert best is not None
        check(plan, *tables, rules=rules)
    if best is not None and plan.bound is not None:
        assert plan.bound >= best[0]


def test_a_start_reaches_the_solver(hard: Tables) -> None:
    question = ask(*hard, rules=SitingRules(max_sites=150))
    cost = np.ones(243, dtype=np.int64)
    start = seek(question.cover, question.limits, cost).sites
    assert not missed(start, question.limits, question.cover)
    model = models.mclp(question.cover, question.limits)
    models.aim(model, ask(*hard, rules=SitingRules(cover_all=True)).limits[0])
    covers = served(start, question.cover)
    program, _ = program_of(model.problem)
    names = [f"x{j:07d}" for j in start] + [f"y{i:07d}" for i in np.flatnonzero(covers)]
    figures = np.array([float(v.name in names) for v in model.problem.variables()])
    without_time = run_highs(program, seconds=0, gap=0.99, start=figures)
    assert without_time.decisions is not None
    assert (without_time.state, without_time.decisions.tolist()) == ("limit", figures.tolist())
    answer = solve(model, seconds=3, start=start, served=covers.tolist())
    assert answer.state == "feasible"
    assert answer.value is not None
    assert answer.value >= gained(start, question.cover)


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_the_constant_of_a_goal_counts(solver: str) -> None:
    question = ask(*one_place(10, elders=40), rules=SitingRules())
    model = models.mclp(question.cover, ())
    everyone = ask(*one_place(10), rules=SitingRules(cover_all=True)).limits[0]
    models.aim(model, everyone)
    model.problem.setObjective(models.measure(model, everyone) + 1000)
    answer = solve(model, seconds=10, solver=solver)  # type: ignore[arg-type]
    assert (answer.state, answer.value, answer.bound) == ("optimal", 1040, 1040)


def test_without_a_plan_and_without_time_nothing_is_claimed() -> None:
    demand, pairs, _ = one_place(1)
    candidates = pd.DataFrame(
        {"name": [*"XYZ"], "kind": "day_care", "floor_area_m2": [600.0, 450.0, 450.0], "cost_yuan": 5}, index=[*"XYZ"]
    )
    rules = SitingRules(max_total_floor_area_m2=900, min_floor_area_m2_per_10k_residents=900, residents=10_000)
    cut_short = site(demand, pairs, candidates, rules=rules, time_limit_s=0)
    assert (cut_short.status, len(cut_short.sites), cut_short.culprits, cut_short.gap) == ("LIMIT", 0, (), None)
    assert list(site(demand, pairs, candidates, rules=rules).sites.index) == ["Y", "Z"]


def test_names_that_look_alike_stay_apart() -> None:
    demand = pd.DataFrame({"elders": [5, 7], "covered": False}, index=["a b", "a_b"])
    pairs = pd.DataFrame({"demand_id": ["a b", "a_b"], "candidate_id": ["x-1", "x_1"], "minutes": 1.0})
    candidates = pd.DataFrame(
        {"name": ["x-1", "x_1"], "kind": "day_care", "floor_area_m2": 1.0, "cost_yuan": 5}, index=["x-1", "x_1"]
    )
    assert list(site(demand, pairs, candidates, rules=SitingRules(budget_yuan=5)).sites.index) == ["x_1"]


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    tables = random_tables(np.random.default_rng(3))
    for solver in ("highs", "cbc"):
        site(*tables, rules=SitingRules(budget_yuan=500_000), solver=solver)  # type: ignore[arg-type]
    assert capfd.readouterr() == ("", "")


def test_another_user_of_the_solver_in_the_same_program_does_no_harm() -> None:
    other = highspy.Highs()
    other.silent()
    other.setOptionValue("threads", 1)
    other.addBinary()
    other.run()
    plan = site(*one_place(10), rules=SitingRules(budget_yuan=10))
    highspy.Highs.resetGlobalScheduler(True)  # noqa: FBT003 - it has no name
    assert plan.status is PlanStatus.OPTIMAL

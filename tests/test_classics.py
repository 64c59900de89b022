"""The classical location models: on every small question they agree with looking at every choice of sites."""

from fractions import Fraction
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linear_sum_assignment

from optimise import models
from optimise.allocation import Allocation, distances, nearest
from optimise.capacitated import capacitated
from optimise.centre import p_centre
from optimise.cover import cover
from optimise.limit import Limit, counted, in_units
from optimise.median import exchanged, opened, p_median, walked
from optimise.median_bound import median_bound
from optimise.plan import PlanStatus
from optimise.search import served, total
from optimise.solve import solve

SEEDS = range(500)


class Case(NamedTuple):
    """A random question: the tables, and the same as arrays (infinite: out of reach)."""

    demand: pd.DataFrame
    pairs: pd.DataFrame
    candidates: pd.DataFrame
    sites: int
    elders: np.ndarray
    far: np.ndarray
    subsets: np.ndarray


def case(seed: int, *, homes: int = 7, places: int = 6) -> Case:
    """Return a small question; distances and costs are coarse, so that ties are common, and some pairs are absent."""
    rng = np.random.default_rng(seed)
    far = rng.integers(0, 9, (homes, places)).astype(float) * (1.0 if seed % 2 else 0.37)
    far[rng.random(far.shape) < 0.25] = np.inf
    elders = rng.integers(0, 4, homes)
    ids, names = np.array([f"d{i}" for i in range(homes)]), np.array([f"c{j}" for j in range(places)])
    i, j = np.nonzero(np.isfinite(far))
    order = rng.permutation(len(i))
    pairs = pd.DataFrame({"demand_id": ids[i], "candidate_id": names[j], "minutes": far[i, j]}).iloc[order]
    columns = {
        "name": names,
        "kind": "day_care",
        "floor_area_m2": 400.0,
        "cost_yuan": rng.integers(1, 6, places) * 1000,
    }
    candidates = pd.DataFrame({**columns, "capacity": rng.integers(0, 6, places)}, index=names)
    demand = pd.DataFrame({"elders": elders, "covered": False}, index=ids)
    subsets = (np.arange(2**places)[:, None] >> np.arange(places)) & 1 == 1
    return Case(demand, pairs, candidates, int(rng.integers(1, 4)), elders, far, subsets)


def to_nearest(each: Case) -> np.ndarray:
    """Return how far each home with elders is from the nearest site of every choice of sites."""
    far = np.where(each.subsets[:, None, :], each.far[None], np.inf)
    return far.min(axis=2)[:, each.elders > 0]


def allowed(each: Case) -> np.ndarray:
    return each.subsets.sum(axis=1) <= each.sites


def agrees(answer: Allocation, best: float) -> None:
    if not np.isfinite(best):
        assert answer.status is PlanStatus.INFEASIBLE
        assert (len(answer.sites), answer.value) == (0, None)
        return
    assert answer.status is PlanStatus.OPTIMAL
    assert answer.value == pytest.approx(best)
    assert (answer.bound, answer.gap) == (answer.value, 0)


def test_p_median_is_the_best_of_all_choices() -> None:
    for each in map(case, SEEDS):
        way = to_nearest(each)[allowed(each)]
        people = each.elders[each.elders > 0]
        total = np.where(np.isfinite(way), way, 0) @ people + np.where(np.isfinite(way).all(axis=1), 0, np.inf)
        answer = p_median(each.demand, each.pairs, each.candidates, sites=each.sites)
        agrees(answer, total.min())
        if answer.value is not None:
            assert len(answer.sites) <= each.sites
            assert answer.served["elders"] @ answer.served["minutes"] == pytest.approx(answer.value)


def test_p_centre_is_the_best_of_all_choices() -> None:
    for each in map(case, SEEDS):
        best = to_nearest(each)[allowed(each)].max(axis=1, initial=0).min()
        answer = p_centre(each.demand, each.pairs, each.candidates, sites=each.sites)
        agrees(answer, best)
        if answer.value is not None:
            assert len(answer.sites) <= each.sites
            assert answer.served["minutes"].max() == answer.value or not len(answer.served)


def cheapest(each: Case) -> float:
    """Return the least cost of sites and service: for every choice of sites, each elder is given a place."""
    of_home = np.repeat(np.arange(len(each.elders)), each.elders)
    best = np.inf
    for chosen in each.subsets:
        seats = np.repeat(np.flatnonzero(chosen), each.candidates["capacity"].to_numpy()[chosen])
        if len(seats) < len(of_home):
            continue
        cost = each.far[of_home][:, seats] / each.elders[of_home, None]
        big = np.where(np.isfinite(cost), cost, 1e9)
        rows, columns = linear_sum_assignment(big)
        if (service := big[rows, columns].sum()) < 1e9:
            best = min(best, service + each.candidates["cost_yuan"][chosen].sum())
    return best


def test_capacitated_is_the_best_of_all_choices() -> None:
    for each in (case(seed, homes=4, places=5) for seed in SEEDS):
        pairs = each.pairs.rename(columns={"minutes": "cost_yuan"})
        answer = capacitated(each.demand, pairs, each.candidates)
        agrees(answer, cheapest(each))
        if answer.value is None:
            continue
        assert answer.served.groupby("demand_id")["elders"].sum().to_dict() == {
            home: n for home, n in each.demand["elders"].items() if n
        }
        load = answer.served.groupby("candidate_id")["elders"].sum()
        assert (load <= each.candidates["capacity"].reindex(load.index)).all()


def reach(each: Case) -> np.ndarray:
    """Return the elders that every choice of sites reaches."""
    return np.isfinite(to_nearest(each)) @ each.elders[each.elders > 0]


def test_maximal_covering_is_the_best_of_all_choices() -> None:
    for each in map(case, SEEDS):
        who = cover(each.demand, each.pairs, each.candidates.index)
        model = models.mclp(who, [counted("max_sites", "at most", each.sites, [True] * len(each.candidates))])
        target = Limit("elders", "at least", 0, counts="elders")
        models.aim(model, target)
        answer = solve(model, seconds=60)
        assert answer.state == "optimal"
        assert answer.sites is not None
        assert len(answer.sites) <= each.sites
        best = reach(each)[allowed(each)].max()
        assert total(answer.sites, target, who) == round(answer.value or 0) == best
        assert answer.bound == pytest.approx(best)


@pytest.mark.parametrize("least", ["sites", "cost_yuan"])
def test_set_covering_is_the_best_of_all_choices(least: Literal["sites", "cost_yuan"]) -> None:
    for each in map(case, SEEDS):
        who = cover(each.demand, each.pairs, each.candidates.index)
        everyone = each.subsets[reach(each) == each.elders.sum()]
        assert bool(who.out_of_reach) == (not len(everyone))
        if not len(everyone):
            continue
        measure = np.ones(6) if least == "sites" else each.candidates["cost_yuan"].to_numpy()
        model, target = models.lscp(who, ()), in_units(least, "at most", measure.astype(np.int64), Fraction(0))
        models.aim(model, target)
        answer = solve(model, seconds=60)
        best = (everyone @ measure).min()
        assert answer.state == "optimal"
        assert answer.sites is not None
        assert served(answer.sites, who).all()
        assert target.figure(total(answer.sites, target, who)) == best
        assert target.figure(round(answer.bound or 0)) == best


@pytest.mark.parametrize("seed", range(60))
def test_the_bound_of_the_median_holds_and_closes_no_better_choice(seed: int) -> None:
    each = case(seed, homes=9, places=8)
    given = distances(each.demand, each.pairs, each.candidates, by="minutes")
    if given.out_of_reach or not len(given.homes):
        return
    choices = {c: walked(given, c) for n in range(1, each.sites + 1) for c in combinations(range(8), n)}
    best = min(choices.values())
    if not np.isfinite(best):
        return
    for value in sorted({v for v in choices.values() if np.isfinite(v)})[:4]:
        found = median_bound(given, each.sites, value=value, rounds=60)
        assert found.bound <= best * (1 + 1e-9) + 1e-9
        for choice, walk in choices.items():
            if walk < value * (1 - 1e-6):
                assert found.open_[list(choice)].all() or len(choice) < each.sites


def test_exchanging_never_makes_it_worse_and_stops_at_a_choice_no_exchange_betters() -> None:
    for seed in range(100):
        each = case(seed, homes=9, places=8)
        given = distances(each.demand, each.pairs, each.candidates, by="minutes")
        if given.out_of_reach or not len(given.homes):
            continue
        first = opened(given, each.sites)
        last = exchanged(given, first)
        value = walked(given, last)
        assert value <= walked(given, first)
        if np.isfinite(value):
            others = (tuple({*last, j} - {k}) for j in range(8) for k in last if j not in last)
            assert all(walked(given, other) >= value - 1e-9 for other in others)


# What a planner may give.


def test_sites_that_stand_in_any_case_count_and_stay() -> None:
    for seed in range(40):
        each = case(seed)
        must = each.subsets[:, 5] & allowed(each)
        people = each.elders[each.elders > 0]
        way = to_nearest(each)[must]
        total = np.where(np.isfinite(way), way, 0) @ people + np.where(np.isfinite(way).all(axis=1), 0, np.inf)
        tables = (each.demand, each.pairs, each.candidates)
        agrees(p_median(*tables, sites=each.sites, required=["c5"]), total.min())
        answer = p_centre(*tables, sites=each.sites, required=["c5"])
        agrees(answer, way.max(axis=1, initial=0).min())
        assert answer.value is None or "c5" in answer.sites.index


def test_any_order_of_the_rows_gives_the_same_choice() -> None:
    each = case(3, homes=14, places=9)
    tables = (each.demand, each.pairs, each.candidates)
    for model in (p_median, p_centre):
        found = [model(*(t.sample(frac=1, random_state=k) for t in tables), sites=3) for k in range(20)]
        assert len({tuple(a.sites.index) for a in found}) == 1
        assert all(a.served.equals(found[0].served) for a in found)


def test_more_sites_are_never_farther() -> None:
    each = case(11, homes=20, places=12)
    tables = (each.demand, each.pairs, each.candidates)
    for model in (p_median, p_centre):
        found = [model(*tables, sites=p).value for p in range(1, 13)]
        values = [v for v in found if v is not None]
        assert values == sorted(values, reverse=True)
        assert values[0] > values[-1]


@pytest.mark.parametrize("seconds", [0.0, 1e-9])
def test_without_time_nothing_is_called_the_best(seconds: float) -> None:
    for seed in range(30):
        each = case(seed, homes=14, places=9)
        tables = (each.demand, each.pairs, each.candidates)
        for model in (p_median, p_centre):
            best = model(*tables, sites=3)
            answer = model(*tables, sites=3, time_limit_s=seconds)
            if answer.status is PlanStatus.OPTIMAL:  # proven by the bound alone
                assert answer.value == pytest.approx(best.value)
            elif answer.value is not None:
                assert best.value is not None
                assert answer.value >= best.value - 1e-9
                assert answer.bound is None or answer.bound <= best.value + 1e-9
        cut = capacitated(each.demand, each.pairs, each.candidates, by="minutes", time_limit_s=seconds)
        assert cut.status in (PlanStatus.LIMIT, PlanStatus.INFEASIBLE)
        assert (len(cut.sites), cut.value) == (0, None)


def test_homes_out_of_reach_are_named() -> None:
    each = case(1)
    pairs = each.pairs[each.pairs["demand_id"] != "d0"]
    demand = each.demand.assign(elders=1)
    for model in (p_median, p_centre):
        answer = model(demand, pairs, each.candidates, sites=3)
        assert (answer.status, answer.out_of_reach) == (PlanStatus.INFEASIBLE, ("d0",))
    assert capacitated(demand, pairs, each.candidates, by="minutes").out_of_reach == ("d0",)
    nobody = p_median(each.demand.assign(elders=0), each.pairs, each.candidates, sites=2)
    assert (nobody.status, nobody.value) == (PlanStatus.OPTIMAL, 0)


def test_tables_that_do_not_fit_are_refused() -> None:
    each = case(1)
    demand, pairs, candidates = each.demand, each.pairs, each.candidates
    with pytest.raises(ValueError, match="unknown candidate_id zz"):
        p_median(demand, pairs.assign(candidate_id="zz"), candidates, sites=1)
    with pytest.raises(ValueError, match="unknown demand_id zz"):
        p_centre(demand, pairs.assign(demand_id="zz"), candidates, sites=1)
    with pytest.raises(ValueError, match="stands twice"):
        p_centre(pd.concat([demand, demand]), pairs, candidates, sites=1)
    with pytest.raises(ValueError, match="elders must be whole"):
        p_median(demand.assign(elders=0.5), pairs, candidates, sites=1)
    with pytest.raises(ValueError, match="minutes must be zero or more"):
        p_median(demand, pairs.assign(minutes=-1.0), candidates, sites=1)
    with pytest.raises(ValueError, match="no such candidate"):
        p_median(demand, pairs, candidates, sites=1, required=["zz"])
    with pytest.raises(ValueError, match="capacity must be whole"):
        capacitated(demand, pairs, candidates.assign(capacity=1.5), by="minutes")


def test_a_pair_given_twice_counts_once_at_its_nearest() -> None:
    each = case(5)
    twice = pd.concat([each.pairs, each.pairs.assign(minutes=each.pairs["minutes"] + 3)])
    given = distances(each.demand, twice, each.candidates, by="minutes")
    once = distances(each.demand, each.pairs, each.candidates, by="minutes")
    assert given.far.tolist() == once.far.tolist()
    assert nearest(given, range(6)) is None or (nearest(given, range(6)) == nearest(once, range(6))).all()

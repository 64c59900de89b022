"""What the shakes look at and how they mend: nothing better is left out, and no limit is broken for it."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from test_siting_search import layout

from optimise import engines, prepared, search
from optimise.around import mend_around
from optimise.board import Board, board
from optimise.cover import cover
from optimise.limit import Limit, counted
from optimise.moves import EASE, room_for
from optimise.question import Question, ask
from optimise.rules import SitingRules
from optimise.tally import Tally, broken, nothing_built, turn
from optimise.useful import useful


def made(laid: Board, plan: tuple[int, ...]) -> Tally:
    tally = nothing_built(laid)
    for j in plan:
        turn(laid, tally, j)
    return tally


def best(laid: Board, options: np.ndarray) -> tuple[int, int] | None:
    """Return the most that a plan of these options is worth within the limits, and the least such a plan costs."""
    found = []
    for yes in product((False, True), repeat=len(options)):
        tally = made(laid, tuple(options[np.array(yes, dtype=bool)].tolist()))
        if broken(laid, tally) <= EASE:
            found.append((-int(tally.goal[0]), int(laid.cost @ tally.built)))
    return min(found, default=None)


def test_what_the_shakes_do_not_look_at_is_in_no_better_plan() -> None:
    fewer = 0
    for seed in range(60):
        who, limits, cost = layout(seed)
        laid = board(who, limits, cost)
        none = np.zeros(len(cost), dtype=np.int64)
        use = useful(laid, np.zeros(len(laid.low), dtype=np.int64), none)
        fewer += len(use) < (laid.fixed >= 0).sum()
        assert best(laid, use) == best(laid, np.arange(len(cost)))
        assert set(np.flatnonzero(none + 1)) == set(useful(laid, np.zeros(len(laid.low), dtype=np.int64), none + 1))
    assert fewer > 5


def test_a_lower_limit_tells_options_apart_until_it_is_amply_kept() -> None:
    who = cover(
        pd.DataFrame({"elders": [5], "covered": False}, index=["a"]),
        pd.DataFrame({"demand_id": ["a"], "candidate_id": ["s"]}),
        pd.Index(["s"]),
        opens=np.zeros(2, dtype=np.int64),
    )
    both = np.arange(2)
    area = Limit("floor_area_per_10k", "at least", 100, both, np.array([350, 750]))
    limits = (counted("site_once", "at most", 1, [True, True]), area)
    laid = board(who, limits, np.array([3, 7], dtype=np.int64))
    none = np.zeros(2, dtype=np.int64)
    assert useful(laid, np.array([0, 110]), none).tolist() == [0, 1]
    assert useful(laid, np.array([0, 200]), none).tolist() == [0]
    assert useful(laid, np.array([0, 200]), np.array([0, 1])).tolist() == [0, 1]


@pytest.mark.parametrize("seed", range(80))
def test_mending_never_leaves_more_broken_than_what_was_taken_back_did(seed: int) -> None:
    who, limits, cost = layout(seed)
    laid = board(who, limits, cost)
    room, every = room_for(laid), np.arange(len(cost))
    rng = np.random.default_rng(seed)
    tally = made(laid, tuple(np.flatnonzero(rng.random(len(cost)) < 0.5).tolist()))
    on = np.flatnonzero(tally.built)
    if not len(on):
        return
    before, held, goal = tally.built.copy(), broken(laid, tally), int(tally.goal[0])
    room.log[0] = on[0]
    turn(laid, tally, int(on[0]))
    over = broken(laid, tally)
    done = mend_around(laid, tally, np.ones(len(cost)), every, on, goal, held, room, 1)
    assert broken(laid, tally) <= max(over, held) + EASE
    for j in room.log[:done][::-1].tolist():
        turn(laid, tally, j)
    assert (tally.built == before).all()
    assert tally.goal[0] == goal


def test_a_centre_moves_with_what_leans_on_it() -> None:
    """Two points lean on a centre; another centre with a point of its own serves more, for the same money."""
    demand = pd.DataFrame({"elders": [10, 10, 10, 18, 18], "covered": False}, index=[*"abcde"])
    pairs = pd.DataFrame({"demand_id": [*"abcde"], "candidate_id": [*"vwxyz"]})
    who = cover(demand, pairs, pd.Index([*"vwxyz"]))
    tied = [Limit("tied_kinds", "at least", 0, *_sorted({point: -1, centre: 1})) for centre, point in _LEAN]
    money = Limit("budget", "at most", 5, np.arange(5), np.array([3, 1, 1, 3, 2]))
    found = search.seek(who, (money, *tied), np.array([3, 1, 1, 3, 2], dtype=np.int64))
    assert found.sites == (3, 4)
    assert found.value == 36


_LEAN = ((0, 1), (0, 2), (3, 4))


def _sorted(weights: dict[int, int]) -> tuple[np.ndarray, np.ndarray]:
    columns = np.array(sorted(weights), dtype=np.int64)
    return columns, np.array([weights[j] for j in columns.tolist()], dtype=np.int64)


def town(sites: int) -> Question:
    names = [f"s{j:04d}" for j in range(sites)]
    candidates = pd.DataFrame(
        {"name": names, "kind": "day_care", "floor_area_m2": 350.0, "cost_yuan": 1}, index=pd.Index(names)
    )
    demand = pd.DataFrame({"elders": [1], "covered": [False]}, index=["a"])
    pairs = pd.DataFrame({"demand_id": ["a"], "candidate_id": [names[0]]})
    return ask(demand, pairs, candidates, rules=SitingRules(budget_yuan=1))


def test_the_search_is_made_ready_once_and_only_for_a_question_that_needs_it() -> None:
    heard: list[engines.Progress] = []
    search.ready.cache_clear()
    prepared.made_ready(town(3), "auto", heard.append)
    assert not heard
    prepared.made_ready(town(prepared.FEW_OPTIONS + 1), "auto", heard.append)
    assert [far.goal for far in heard] == [prepared.READY]
    prepared.made_ready(town(3), "search", heard.append)
    assert len(heard) == 1
    assert search.ready.cache_info().currsize == 1

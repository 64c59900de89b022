"""One goal after the other: most elders, then least money, then first by identifier; each holds for the next."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np
import pulp

from optimise import models, search
from optimise.cover import Cover
from optimise.models import Goal
from optimise.question import Question
from optimise.rules import Limit, in_units
from optimise.solve import Answer, Solver, solve
from optimise.ties import first_by_id

Sites = tuple[int, ...]
State = Literal["optimal", "feasible", "searched", "infeasible", "nothing"]


@dataclass(frozen=True)
class Outcome:
    """The best plan found, as places in the table of candidates, and how far each goal in turn was settled.

    `state` is that of the first goal: `optimal` and `feasible` come from the solver, `searched` is the search alone.
    `proven` maps a goal to its bound; `unsettled` is the first later goal (or `ties`) that was not settled in time.
    """

    state: State
    sites: Sites
    proven: dict[str, int]
    solver: str
    unsettled: str | None = None


def chase(question: Question, goals: tuple[Goal, ...], *, left: Callable[[], float], solver: Solver) -> Outcome:
    """Seek each goal in turn while the earlier ones hold, within the seconds that are `left()`."""
    cover, limits = question.cover, question.limits
    cost = question.candidates["cost_yuan"].to_numpy(dtype=np.int64)
    found, most = search.greedy(cover, limits, cost)
    best = None if search.missed(found, limits, cover) else found
    state: State = "nothing" if best is None else "searched"
    proven = {"elders": cover.elders_before + most} if goals[0] == "elders" else {}
    name = "search"
    if solver == "search" or left() <= 0:
        return Outcome(state, best or (), proven, name)
    model = models.lscp(cover, limits) if question.rules.cover_all else models.mclp(cover, limits)
    held: list[Limit] = []

    def run(start: Sites | None) -> Answer:
        """Run the solver, and take from it only a plan that keeps the rules and the goals already held."""
        served = [] if start is None or not model.served else search.served(start, cover).tolist()
        answer = solve(model, seconds=left(), start=start, served=served, solver=solver)
        if answer.sites is not None and search.missed(answer.sites, (*limits, *held), cover):
            return replace(answer, sites=None, state="nothing")
        return answer

    for goal in goals:
        target = _target(goal, question)
        model.problem.sense = pulp.LpMaximize if target.sense == "at least" else pulp.LpMinimize
        model.problem.setObjective(models.measure(model, target))
        answer = run(best)
        if answer.state == "infeasible" and best is None:
            return Outcome("infeasible", (), {}, answer.solver)
        if answer.sites is not None:
            name, state = answer.solver, "feasible" if state in ("nothing", "searched") else state
            best = answer.sites if best is None else _better(answer.sites, best, target, cover)
        if best is None:
            return Outcome("nothing", (), proven, answer.solver)
        value, bound = search.total(best, target, cover), _whole(answer.bound, target)
        if bound is not None:
            tighter = min if target.sense == "at least" else max
            proven[goal] = tighter(proven.get(goal, round(target.figure(bound))), round(target.figure(bound)))
        if answer.state != "optimal" or bound != value:
            unsettled = None if goal == goals[0] else goal
            return Outcome(state, search.without_idle(best, cover, limits, cost), proven, name, unsettled)
        state = "optimal"
        held.append(replace(target, limit=value))
        models.hold(model, held[-1])
    first, settled = first_by_id(model, best or (), lambda: run(None))
    first = search.without_idle(first, cover, limits, cost)
    return Outcome(state, first, proven, name, None if settled else "ties")


def _better(new: Sites, old: Sites, target: Limit, cover: Cover) -> Sites:
    """Return the better plan by one goal, the old one where they are equal."""
    gain = search.total(new, target, cover) - search.total(old, target, cover)
    return new if (gain > 0 if target.sense == "at least" else gain < 0) else old


def _target(goal: Goal, question: Question) -> Limit:
    """Return what a goal counts, as a limit that can be held once its best value is known."""
    if goal == "elders":
        return Limit("elders", "at least", (), 0, base=Fraction(question.cover.elders_before))
    if goal == "sites":
        return Limit("sites", "at most", (1,) * len(question.candidates), 0)
    return in_units("cost_yuan", "at most", [int(c) for c in question.candidates["cost_yuan"]], 0)


def _whole(bound: float | None, target: Limit) -> int | None:
    """Round a solver's bound to the whole number it proves, forgiving the last digits of its arithmetic."""
    if bound is None:
        return None
    slack = 1e-6 + 1e-9 * abs(bound)
    return math.floor(bound + slack) if target.sense == "at least" else math.ceil(bound - slack)

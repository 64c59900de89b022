"""One goal after the other: most elders, then least money, then first by identifier; each holds for the next."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np

from optimise import models, search
from optimise.cover import Cover, narrowed
from optimise.limit import Limit, counted, in_units
from optimise.models import Goal, Model
from optimise.question import Question
from optimise.solve import Answer, Relaxation, Solver, relax, solve
from optimise.swap import swap
from optimise.ties import first_by_id

Sites = tuple[int, ...]
TIES_S = 5.0
"""Ties may take as long again as all goals before them, and so many seconds: they decide between equals."""
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
    at_first = left()
    best, proven = _start(question, goals[0])
    state: State = "nothing" if best is None else "searched"
    if solver == "search":
        return Outcome(state, best or (), proven, "search")
    name = "search"
    unsettled: str | None = None
    pursuit = _Pursuit(question, solver)
    for goal in goals:
        target = _target(goal, question)
        answer = pursuit.seek(target, best, left)
        if answer.state == "infeasible" and best is None:
            return Outcome("infeasible", (), {}, answer.solver)
        if answer.sites is not None:
            name, state = answer.solver, "optimal" if state == "optimal" else "feasible"
            best = answer.sites if best is None else _better(answer.sites, best, target, cover)
        if best is None:
            return Outcome("nothing", (), proven, answer.solver)
        value, bound = search.total(best, target, cover), _whole(answer.bound, target)
        if bound is not None:
            tighter = min if target.sense == "at least" else max
            proven[goal] = tighter(proven.get(goal, round(target.figure(bound))), round(target.figure(bound)))
        if answer.state != "optimal" or bound != value:
            unsettled = None if goal == goals[0] else goal
            break
        state = "optimal"
        pursuit.hold(target, value)
    else:
        first = pursuit.first_by_id(best or (), left, seconds=at_first - left() + TIES_S)
        best, unsettled = first or best, "ties" if first is None else None
    return Outcome(state, search.without_idle(best or (), cover, limits, cost), proven, name, unsettled)


def _start(question: Question, goal: Goal) -> tuple[Sites | None, dict[str, int]]:
    """Return the plan that the search finds, if it keeps the rules, and what it proves."""
    cover, limits = question.cover, question.limits
    cost = question.candidates["cost_yuan"].to_numpy(dtype=np.int64)
    sites, most = search.greedy(cover, limits, cost)
    proven = {"elders": cover.elders_before + most} if goal == "elders" else {}
    if search.missed(sites, limits, cover):
        return None, proven
    if goal == "elders":
        sites = search.without_idle(swap(sites, cover, limits), cover, limits, cost)
    return sites, proven


class _Pursuit:
    """The goals held so far and the candidates still open: all others are in no plan as good as the best known."""

    def __init__(self, question: Question, solver: Solver) -> None:
        self.question, self.solver = question, solver
        self.held: tuple[Limit, ...] = ()
        self.open_ = np.ones(len(question.candidates), dtype=bool)
        self.relaxed: Relaxation | None = None

    def seek(self, target: Limit, best: Sites | None, left: Callable[[], float]) -> Answer:
        """Pursue one goal: close the candidates that cannot better the best plan, then let the solver choose."""
        model = self._write(target)
        self.relaxed = None if best is None else relax(model, seconds=left())
        if self.relaxed and best is not None:
            self.open_ &= self.relaxed.open_for(search.total(best, target, self.question.cover))
            self.open_[list(best)] = True
            model = self._write(target)
        return self._run(model, best, left())

    def hold(self, target: Limit, value: int) -> None:
        """Hold a goal at its best value from here on."""
        self.held = (*self.held, replace(target, limit=value))
        if self.relaxed:
            self.open_ &= self.relaxed.open_for(value)

    def first_by_id(self, sites: Sites, left: Callable[[], float], *, seconds: float) -> Sites | None:
        """Return the first by identifier of the plans that are equally good, or None where that is not settled."""
        end = max(left() - seconds, 0)
        self.open_[list(sites)] = True
        model = self._write(self.held[0])
        first, settled = first_by_id(model, sites, self.held[0], lambda: self._run(model, None, left() - end))
        return first if settled else None

    def _write(self, target: Limit) -> Model:
        kind = models.lscp if self.question.rules.cover_all else models.mclp
        cover = narrowed(self.question.cover, self.open_)
        model = kind(cover, (*self.question.limits, *self.held), open_=self.open_.tolist())
        models.aim(model, target)
        return model

    def _run(self, model: Model, start: Sites | None, seconds: float) -> Answer:
        """Run the solver, and take from it only a plan that keeps the rules and the goals held."""
        cover, limits = self.question.cover, (*self.question.limits, *self.held)
        served = [] if start is None or not model.served else search.served(start, narrowed(cover, self.open_)).tolist()
        answer = solve(model, seconds=seconds, start=start, served=served, solver=self.solver)
        if answer.sites is not None and search.missed(answer.sites, limits, cover):
            return replace(answer, sites=None, state="nothing")
        return answer


def _better(new: Sites, old: Sites, target: Limit, cover: Cover) -> Sites:
    """Return the better plan by one goal, the old one where they are equal."""
    gain = search.total(new, target, cover) - search.total(old, target, cover)
    return new if (gain > 0 if target.sense == "at least" else gain < 0) else old


def _target(goal: Goal, question: Question) -> Limit:
    """Return what a goal counts, as a limit that can be held once its best value is known."""
    if goal == "elders":
        before = Fraction(question.cover.elders_before)
        return Limit("elders", "at least", 0, counts="worth", base=before)
    if goal == "sites":
        return counted("sites", "at most", 0, [True] * question.cover.options)
    return in_units("cost_yuan", "at most", [int(c) for c in question.candidates["cost_yuan"]], Fraction(0))


def _whole(bound: float | None, target: Limit) -> int | None:
    """Round a solver's bound to the whole number it proves, forgiving the last digits of its arithmetic."""
    if bound is None:
        return None
    slack = 1e-6 + 1e-9 * abs(bound)
    return math.floor(bound + slack) if target.sense == "at least" else math.ceil(bound - slack)

"""One goal after the other: most elders, then least money, then first by identifier; each holds for the next."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from optimise import models, search
from optimise.cover import Cover, narrowed
from optimise.engines import Progress
from optimise.judge import Trouble
from optimise.limit import Limit, counted, in_units
from optimise.models import Goal, Model
from optimise.prepared import is_small
from optimise.question import Question
from optimise.solve import Answer, Hear, Relaxation, Solver, relax, solve
from optimise.ties import first_by_id

Sites = tuple[int, ...]
TIES_S = 5.0
"""Ties may take as long again as all goals before them, and so many seconds: they decide between equals."""
MANY_PAIRS = 400_000
AT_ONCE_S = 5.0
MOSTLY = 0.8
"""Where so many pairs are left after merging, solvers bring no bound in minutes; the search has most of the time."""
State = Literal["optimal", "feasible", "searched", "infeasible", "nothing"]


@dataclass(frozen=True)
class Outcome:
    """The best plan found, as places in the table of candidates, and how far each goal in turn was settled.

    `state` is that of the first goal: `optimal` and `feasible` come from the solver, `searched` is the search alone.
    `proven` maps a goal to its bound; what is proven while an earlier goal is only held where it was found, not where
    it is best, is no bound and left out (but the main goal's: with as few lines missed or fewer, no more can be had).
    `unsettled` is the first goal beside the main one (or `ties`) that was not settled in time; `troubles` are the
    solvers whose work could not be used.
    """

    state: State
    sites: Sites
    proven: dict[str, int]
    solver: str
    unsettled: str | None = None
    troubles: tuple[Trouble, ...] = ()


def chase(
    question: Question,
    goals: tuple[Goal, ...],
    *,
    left: Callable[[], float],
    solver: Solver,
    hear: Hear | None = None,
    spare: float = 0.0,
) -> Outcome:
    """Seek each goal in turn while the earlier ones hold, within the seconds that are `left()`.

    The state is that of the goals up to the main one, the first that is not the legal shortfall. Where that shortfall
    is not settled in half the time, the fewest found holds, and the main goal is sought under it all the same.
    `hear` is told how far a goal is, in the units of the goal, while a solver works on it. `spare`: so many seconds
    are left over as long as no plan is known.
    """
    cover, limits = question.cover, question.limits
    targets = {goal: aim_of(goal, question) for goal in goals}
    main = next((goal for goal in goals if goal != "legal_shortfall"), goals[0])
    at_first = left()
    share = 1 if solver == "search" else MOSTLY if cover.reach.nnz > MANY_PAIRS else 1 / 3
    everyone = any(limit.rule == "cover_all" and not limit.soft for limit in limits)
    counts = {limit.counts for limit in (*limits, *targets.values())}
    pursuit = _Pursuit(question, solver, hear, everyone=everyone and counts <= {"options", "elders", "missed"})
    few = solver != "search" and is_small(question)
    at_once = (
        pursuit.at_once(targets[goals[0]], min(AT_ONCE_S, left() / 4))
        if few
        else Answer("nothing", None, None, None, "")
    )
    first = at_once if at_once.state in ("optimal", "infeasible") else None
    best: Sites | None = None
    proven: dict[str, int] = {}
    if first is None:
        best, proven = _start(question, goals[0], main, seconds=left() * share)
    state: State = "nothing" if best is None else "searched"
    if solver == "search":
        return Outcome(state, best or (), proven, "search")
    name = "search"
    unsettled: str | None = None
    troubles = dict.fromkeys(at_once.troubles)
    for goal, target in targets.items():
        before_main = goal != main and goal == "legal_shortfall"
        answer = (
            (first if goal == goals[0] else None)
            or _plain(best, target, cover)
            or pursuit.seek(
                target, best, _hours(left, best, at_first / 2 if before_main else 0.0, spare), sure=unsettled is None
            )
        )
        troubles |= dict.fromkeys(answer.troubles)
        if answer.state == "infeasible" and best is None:
            return Outcome("infeasible", (), {}, answer.solver, None, tuple(troubles))
        if answer.sites is not None and answer.solver != "search":
            name, state = answer.solver, "optimal" if state == "optimal" else "feasible"
            best = answer.sites if best is None else _better(answer.sites, best, target, cover)
        if best is None:
            return Outcome("nothing", (), proven, answer.solver, None, tuple(troubles))
        value, bound = search.total(best, target, cover), _whole(answer.bound, target)
        if bound is not None and (unsettled is None or goal == main):
            tighter = min if target.sense == "at least" else max
            proven[goal] = tighter(proven.get(goal, round(target.figure(bound))), round(target.figure(bound)))
        settled = answer.state == "optimal" and bound == value
        if not settled and not before_main:
            unsettled = unsettled or (None if goal == main else goal)
            break
        unsettled = unsettled if settled else goal
        state = "optimal" if goal == main and unsettled is None else state
        pursuit.hold(target, value)
    else:
        by_id = None
        if unsettled is None:
            by_id = pursuit.first_by_id(best or (), left, seconds=at_first - left() + TIES_S)
        best, unsettled = by_id or best, unsettled or ("ties" if by_id is None else None)
    return Outcome(state, _tidied(best or (), question, targets), proven, name, unsettled, tuple(troubles))


def _hours(left: Callable[[], float], best: Sites | None, later: float, spare: float) -> Callable[[], float]:
    """Return the seconds there are for a goal, less what is kept for later ones, or for saying why there is no plan."""
    kept = max(later, spare if best is None else 0.0)
    return lambda: left() - kept


def _plain(best: Sites | None, target: Limit, cover: Cover) -> Answer | None:
    """Return the answer where the best plan has all that a goal can have, which takes no solver to see."""
    if best is None or target.counts not in ("missed", "elders", "worth"):
        return None
    most = {"missed": 0, "elders": int(cover.elders.sum()), "worth": int(cover.worth.sum())}[target.counts]
    if search.total(best, target, cover) != most:
        return None
    return Answer("optimal", best, float(most), float(most), "search")


def _tidied(sites: Sites, question: Question, targets: dict[Goal, Limit]) -> Sites:
    """Leave out what adds nobody and no rule needs, unless a goal is the worse for it; what is there is left alone."""
    cover, limits = question.cover, question.limits
    fewer = search.without_idle(sites, cover, limits, question.options["cost_yuan"].to_numpy(dtype=np.int64))
    existing = question.options["existing"].to_numpy()
    fewer = tuple(sorted({*fewer, *(j for j in sites if existing[j])}))
    if search.missed(fewer, limits, cover):
        return sites
    for target in targets.values():
        gain = search.total(fewer, target, cover) - search.total(sites, target, cover)
        if gain:
            return fewer if (gain > 0) == (target.sense == "at least") else sites
    return fewer


def _start(question: Question, goal: Goal, main: Goal, *, seconds: float) -> tuple[Sites | None, dict[str, int]]:
    """Return the plan that the search finds, if it keeps the rules, and what it proves of the main goal."""
    cover, limits = question.cover, question.limits
    cost = question.options["cost_yuan"].to_numpy(dtype=np.int64)
    target = aim_of(main, question) if main in ("elders", "elders_near") else None
    found = search.seek(cover, limits, cost, goal=target, bundle=question.bundle, seconds=seconds)
    proven: dict[str, int] = {} if target is None else {main: round(target.figure(found.bound.most))}
    if not found.keeps:
        return None, proven
    if goal in ("elders", "elders_near"):
        return search.without_idle(found.sites, cover, limits, cost), proven
    return found.sites, proven


class _Pursuit:
    """The goals held so far and the candidates still open: all others are in no plan as good as the best known."""

    def __init__(self, question: Question, solver: Solver, hear: Hear | None, *, everyone: bool) -> None:
        self.question, self.solver, self.hear, self.everyone = question, solver, hear, everyone
        self.held: tuple[Limit, ...] = ()
        self.open_ = np.ones(len(question.options), dtype=bool)
        self.relaxed: Relaxation | None = None

    def seek(self, target: Limit, best: Sites | None, left: Callable[[], float], *, sure: bool) -> Answer:
        """Pursue one goal: close the candidates that cannot better the best plan, then let the solver choose.

        `sure`: all goals before are settled, so that its bound may be told.
        """
        model = self._write(target)
        self.relaxed = None if best is None else relax(model, seconds=left() / 3)
        if self.relaxed and best is not None:
            self.open_ &= self.relaxed.open_for(search.total(best, target, self.question.cover))
            self.open_[list(best)] = True
            model = self._write(target)
        return self._run(model, best, left(), self._ear(target, sure=sure))

    def at_once(self, target: Limit, seconds: float) -> Answer:
        """Pursue the first goal from nothing."""
        return self._run(self._write(target), None, seconds, self._ear(target, sure=True))

    def _ear(self, target: Limit, *, sure: bool) -> Hear | None:
        """Return who is told how far a goal is, in the units of the goal."""
        if (hear := self.hear) is None:
            return None

        def figure(whole: float | None) -> float | None:
            return None if whole is None else target.figure(whole)

        def told(far: Progress) -> None:
            hear(replace(far, goal=target.rule, value=figure(far.value), bound=figure(far.bound) if sure else None))

        return told

    def hold(self, target: Limit, value: int) -> None:
        """Hold a goal at its best value from here on."""
        self.held = (*self.held, replace(target, limit=value))
        if self.relaxed:
            self.open_ &= self.relaxed.open_for(value)
        self.relaxed = None  # its prices speak of this goal and of no other

    def first_by_id(self, sites: Sites, left: Callable[[], float], *, seconds: float) -> Sites | None:
        """Return the first by identifier of the plans that are equally good, or None where that is not settled."""
        end = max(left() - seconds, 0)
        if left() <= end:
            return None
        self.open_[list(sites)] = True
        model = self._write(self.held[0])
        first, settled = first_by_id(model, sites, self.held[0], lambda: self._run(model, None, left() - end))
        return first if settled else None

    def _write(self, target: Limit) -> Model:
        kind = models.lscp if self.everyone else models.mclp
        cover = narrowed(self.question.cover, self.open_)
        limits = (*self.question.limits, *self.held)
        model = kind(cover, limits, open_=self.open_.tolist(), bundle=self.question.bundle)
        models.aim(model, target)
        return model

    def _run(self, model: Model, start: Sites | None, seconds: float, hear: Hear | None = None) -> Answer:
        """Run the solver, and take from it only a plan that keeps the rules and the goals held."""
        cover, limits = self.question.cover, (*self.question.limits, *self.held)
        served = [] if start is None or not model.served else search.served(start, narrowed(cover, self.open_)).tolist()
        answer = solve(model, seconds=seconds, start=start, served=served, solver=self.solver, hear=hear)
        if answer.sites is not None and search.missed(answer.sites, limits, cover):
            return replace(answer, sites=None, state="nothing")
        return answer


def _better(new: Sites, old: Sites, target: Limit, cover: Cover) -> Sites:
    """Return the better plan by one goal, the old one where they are equal."""
    gain = search.total(new, target, cover) - search.total(old, target, cover)
    return new if (gain > 0 if target.sense == "at least" else gain < 0) else old


def aim_of(goal: Goal, question: Question) -> Limit:
    """Return what a goal counts, as a limit that can be held once its best value is known."""
    cover, options = question.cover, question.options
    if goal in ("vacated", "sites"):
        renewed = (options["vacated"] & (options["mode"] != "keep")).to_numpy()
        vacated = goal == "vacated"
        return counted(goal, "at least" if vacated else "at most", 0, renewed | (not vacated))
    of_people: dict[Goal, Limit] = {
        "elders": Limit(goal, "at least", 0, counts="elders", base=Fraction(cover.elders_before)),
        "elders_near": Limit(goal, "at least", 0, counts="worth", base=Fraction(cover.worth_before)),
        "placed": Limit(goal, "at least", 0, counts="placed"),
        "worst_served": Limit(goal, "at least", 0, counts="worst", units=units_to_lift(cover)),
    }
    if goal == "legal_shortfall":
        return Limit(goal, "at most", 0, counts="missed", parts=tuple(each for each in question.limits if each.soft))
    if goal in of_people:
        return of_people[goal]
    return in_units(goal, "at most", options[goal].to_numpy(dtype=np.int64), Fraction(0))


def units_to_lift(cover: Cover) -> NDArray[np.int64]:
    """Return the units in which anybody is covered or could be: the others are worst served whatever is decided."""
    near = np.bincount(cover.unit, weights=cover.elders, minlength=len(cover.units)) + cover.unit_before
    return np.flatnonzero(near > 0).astype(np.int64)


def _whole(bound: float | None, target: Limit) -> int | None:
    """Round a solver's bound to the whole number it proves, forgiving the last digits of its arithmetic."""
    if bound is None:
        return None
    slack = 1e-6 + 1e-9 * abs(bound)
    return math.floor(bound + slack) if target.sense == "at least" else math.ceil(bound - slack)

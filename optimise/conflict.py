"""Which rules collide when no plan can keep them all: the fewest rules by leaving them out, then the fewest lines."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from optimise import models
from optimise.layout_rules import RULES
from optimise.limit import Limit
from optimise.models import Model
from optimise.plan import Culprit
from optimise.question import Question
from optimise.repairs import STRUCTURE
from optimise.search import missed, total
from optimise.solve import Answer

Run = Callable[[Model], Answer]
Sites = tuple[int, ...]


@dataclass(frozen=True)
class Collision:
    """The rules that cannot be kept together, and their `lines`: which street, which community, which year.

    `least`: leaving out any one of the lines lets the others be kept.
    """

    culprits: tuple[Culprit, ...]
    least: bool
    lines: tuple[Limit, ...] = ()


def collision(question: Question, run: Run, *, left: Callable[[], float] = lambda: math.inf) -> Collision:
    """Return a smallest set of rules that cannot be kept together, each with what it would take.

    Each rule in turn is left out and its own measure made as small (or large) as the other rules allow: the money that
    would be needed, the floor area that can be had; of a rule with many lines, how many of them can be kept. A rule
    whose absence changes nothing has no part in it
    (deletion filter: Chinneck & Dravnieks 1991, https://doi.org/10.1287/ijoc.3.2.157).
    Of the rules that are left, lines are then left out, half of them at a time, as long as the others still collide
    (Junker 2004, QuickXplain, https://www.aaai.org/Papers/AAAI/2004/AAAI04-027.pdf). What was not tried in the seconds
    that are `left()` stays in.
    """

    def answered(others: tuple[Limit, ...], lines: list[Limit]) -> Answer:
        if left() <= 0:
            return Answer("nothing", None, None, None, "")
        return run(_without(question, others, lines))

    hard = [limit for limit in question.limits if not limit.soft]
    groups = {rule: [limit for limit in hard if limit.rule == rule] for rule in RULES}
    active = {rule: lines for rule, lines in groups.items() if lines}
    best: dict[str, Answer] = {}
    least = True
    for rule, lines in tuple(active.items()):
        if rule in STRUCTURE:
            continue
        others = tuple(limit for other, each in active.items() if other != rule for limit in each)
        answer = answered(others, lines)
        if answer.state == "infeasible":
            del active[rule]
            continue
        least &= answer.state == "optimal"
        best[rule] = answer
    narrow = _Narrow(question, run, left, [answer.sites for answer in best.values() if answer.sites is not None])
    fixed = [limit for rule, lines in active.items() if rule in STRUCTURE or len(lines) == 1 for limit in lines]
    many = [limit for rule, lines in active.items() if rule in best and len(lines) > 1 for limit in lines]
    kept = narrow.least(fixed, many) if many else []
    chosen = [*(limit for limit in fixed if limit.rule not in STRUCTURE), *kept]
    culprits = []
    for rule, seen in best.items():
        lines = [limit for limit in chosen if limit.rule == rule]
        alone = len(lines) == 1 and len(active[rule]) > 1
        others = tuple(each for each in (*fixed, *kept) if each.rule != rule)
        answer = answered(others, lines) if alone else seen
        culprits.append(_culprit(question, lines or active[rule], answer))
    return Collision(tuple(culprits), least and narrow.certain, tuple(chosen))


class _Narrow:
    """Leaves out lines that the collision does not need; plans already seen answer for many questions at once."""

    def __init__(self, question: Question, run: Run, left: Callable[[], float], seen: list[Sites]) -> None:
        self.question, self.run, self.left, self.seen, self.certain = question, run, left, seen, True

    def least(self, fixed: Sequence[Limit], lines: Sequence[Limit], *, ask: bool = False) -> list[Limit]:
        """Return the fewest of the lines that collide with the fixed ones; `ask`: whether those do by themselves."""
        if ask and self._collide(fixed):
            return []
        if len(lines) == 1:
            return list(lines)
        half = len(lines) // 2
        front, back = lines[:half], lines[half:]
        behind = self.least([*fixed, *front], back, ask=bool(front))
        ahead = self.least([*fixed, *behind], front, ask=bool(behind))
        return [*ahead, *behind]

    def _collide(self, lines: Sequence[Limit]) -> bool:
        if self.left() <= 0:
            self.certain = False
            return False
        if any(missed(sites, tuple(lines), self.question.cover) == 0 for sites in self.seen):
            return False
        answer = self.run(_feasible(self.question, tuple(lines)))
        if answer.sites is not None:
            self.seen.append(answer.sites)
        self.certain &= answer.state != "nothing"
        return answer.state == "infeasible"


def _culprit(question: Question, lines: list[Limit], answer: Answer) -> Culprit:
    """Say what keeping the other rules takes of this one."""
    if len(lines) > 1:
        broken = [each for each in lines if not each.kept(total(answer.sites or (), each, question.cover))]
        names = tuple(dict.fromkeys(name for each in lines for name in each.names))
        several = len(lines) - (max(1, len(broken)) if answer.sites is not None else 0)
        return Culprit(lines[0].rule, names, len(lines), several, several=True, legal=lines[0].legal)
    limit = lines[0]
    best = limit.stated if answer.value is None else limit.figure(round(answer.value))
    asked, available = (best, limit.stated) if limit.sense == "at most" else (limit.stated, best)
    return Culprit(limit.rule, limit.names, asked, available, legal=limit.legal)


def _without(question: Question, others: tuple[Limit, ...], lines: list[Limit]) -> Model:
    """Write the rules without one of them, whose own measure is the goal; people come in where a rule counts them."""
    if len(lines) == 1:
        model = _feasible(question, others, lines)
        models.aim(model, lines[0])
        return model
    model = _feasible(question, (*others, *(replace(limit, soft=True) for limit in lines)))
    models.aim(model, Limit(lines[0].rule, "at most", 0, counts="missed"))
    return model


def _feasible(question: Question, limits: tuple[Limit, ...], more: Sequence[Limit] = ()) -> Model:
    """Write rules without a goal."""
    cover = question.cover
    if not any(each.of_people for each in (*limits, *more)):
        none = cover.elders[:0]
        cover = replace(cover, reach=cover.reach[[]], elders=none, worth=none, unit=none)
    return models.mclp(cover, limits, bundle=question.bundle)

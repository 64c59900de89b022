"""Which rules collide when no plan can keep them all, and by how much: by sums first, then by leaving rules out."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from optimise import models
from optimise.limit import Limit
from optimise.models import Model
from optimise.plan import Culprit
from optimise.question import Question
from optimise.rules import RULES, too_small
from optimise.solve import Answer

Run = Callable[[Model], Answer]


@dataclass(frozen=True)
class Collision:
    """The rules that cannot be kept together; `least` where leaving out any one of them lets the others be kept."""

    culprits: tuple[Culprit, ...]
    least: bool


def contradictions(question: Question) -> tuple[Culprit, ...]:
    """Return the rules that sums alone show cannot be kept, every one of them, by name."""
    rules, table = question.rules, question.candidates
    required = tuple(dict.fromkeys(rules.required))
    known = [i for i in required if i in table.index]
    names = {i: str(table["name"][i]) for i in known}
    found: list[Culprit] = []

    def unless_none(rule: str, who: list[str]) -> None:
        if who:
            found.append(
                Culprit(rule, tuple(names.get(i, str(i)) for i in who), len(required), len(required) - len(who))
            )

    unless_none("required_unknown", [i for i in required if i not in table.index])
    unless_none("required_forbidden", [i for i in known if i in rules.forbidden])
    unless_none("required_too_small", [i for i in known if i in too_small(table, rules=rules)])
    built = table.index.isin(known).astype(np.int64)
    for limit in question.limits:
        needs = limit.of_options(built) if not limit.of_people else 0
        if limit.rule in ("budget", "total_floor_area", "max_sites") and needs > limit.limit:
            who = tuple(names[i] for i in known)
            found.append(Culprit(limit.rule, who, limit.figure(needs), limit.stated))
    cover = question.cover
    if rules.cover_all and cover.out_of_reach:
        can = cover.elders_before + int(cover.elders.sum())
        found.append(Culprit("cover_all", tuple(str(i) for i in cover.out_of_reach), cover.elders_total, can))
    return tuple(found)


def collision(question: Question, run: Run) -> Collision:
    """Return a smallest set of rules that cannot be kept together, each with what it would take.

    Each rule in turn is left out and its own measure made as small (or large) as the other rules allow: the money that
    would be needed, the floor area that can be had. A rule whose absence changes nothing has no part in it
    (deletion filter: Chinneck & Dravnieks 1991, https://doi.org/10.1287/ijoc.3.2.157).
    """
    active = sorted(question.limits, key=lambda limit: RULES.index(limit.rule))
    culprits: list[Culprit] = []
    least = True
    for limit in tuple(active):
        others = tuple(other for other in active if other is not limit)
        answer = run(_without(question, others, limit))
        if answer.state == "infeasible":
            active.remove(limit)
            continue
        least &= answer.state == "optimal"
        best = limit.stated if answer.value is None else limit.figure(round(answer.value))
        asked, available = (best, limit.stated) if limit.sense == "at most" else (limit.stated, best)
        culprits.append(Culprit(limit.rule, limit.names, asked, available))
    return Collision(tuple(culprits), least)


def _without(question: Question, others: tuple[Limit, ...], limit: Limit) -> Model:
    """Write the rules without one of them, whose own measure is the goal; people come in where a rule counts them."""
    cover = question.cover
    if not any(each.of_people for each in (*others, limit)):
        none = cover.elders[:0]
        cover = replace(cover, reach=cover.reach[[]], elders=none, worth=none, unit=none)
    model = models.mclp(cover, others)
    models.aim(model, limit)
    return model

"""Which rules collide when no plan can keep them all, and by how much: by sums first, then by leaving rules out."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from optimise import models
from optimise.layout_limits import too_small
from optimise.layout_rules import RULES
from optimise.limit import Limit, matrix
from optimise.models import Model
from optimise.plan import Culprit
from optimise.question import Question
from optimise.search import total
from optimise.solve import Answer

STRUCTURE = ("existing", "site_once")
"""What no bureau can give up."""
Run = Callable[[Model], Answer]


@dataclass(frozen=True)
class Collision:
    """The rules that cannot be kept together; `least` where leaving out any one of them lets the others be kept."""

    culprits: tuple[Culprit, ...]
    least: bool


def contradictions(question: Question) -> tuple[Culprit, ...]:
    """Return the rules that sums alone show cannot be kept, every one of them, by name."""
    rules, table = question.rules, question.options
    asked = [getattr(rules, rule) for rule in ("required", "begun") if rule not in rules.soft]
    required = tuple(dict.fromkeys(i for each in asked for i in each))
    never = () if "forbidden" in rules.soft else rules.forbidden
    site = table["site_id"]
    new = (table["mode"] != "keep").to_numpy()
    known = [i for i in required if i in set(site[new])]
    names = dict(zip(site, table["name"].astype(str), strict=True))
    found: list[Culprit] = []

    def unless_none(rule: str, who: list[str]) -> None:
        if who:
            found.append(
                Culprit(rule, tuple(names.get(i, str(i)) for i in who), len(required), len(required) - len(who))
            )

    small = frozenset() if "site_floor_area" in rules.soft else too_small(table, rules=rules)
    usable = new & ~table.index.isin(small)
    unless_none("required_unknown", [i for i in required if i not in known])
    unless_none("required_forbidden", [i for i in known if i in never])
    unless_none("required_too_small", [i for i in known if i not in set(site[usable])])
    for limit in question.limits:
        if limit.rule in ("budget", "total_floor_area", "max_sites") and not limit.soft:
            weight = pd.Series(matrix([limit], len(table)).toarray()[0], index=site)[new]
            needs = int(weight.groupby(level=0).min().reindex(known).sum())
            if needs > limit.limit:
                who = tuple(names[i] for i in known)
                found.append(Culprit(limit.rule, who, limit.figure(needs), limit.stated))
    cover = question.cover
    if rules.cover_all and "cover_all" not in rules.soft and cover.out_of_reach:
        can = cover.elders_before + int(cover.elders.sum())
        found.append(Culprit("cover_all", tuple(str(i) for i in cover.out_of_reach), cover.elders_total, can))
    return tuple(found)


def collision(question: Question, run: Run) -> Collision:
    """Return a smallest set of rules that cannot be kept together, each with what it would take.

    Each rule in turn is left out and its own measure made as small (or large) as the other rules allow: the money that
    would be needed, the floor area that can be had; of a rule with many lines, how many of them can be kept. A rule
    whose absence changes nothing has no part in it
    (deletion filter: Chinneck & Dravnieks 1991, https://doi.org/10.1287/ijoc.3.2.157).
    """
    hard = [limit for limit in question.limits if not limit.soft]
    groups = {rule: [limit for limit in hard if limit.rule == rule] for rule in RULES}
    active = {rule: lines for rule, lines in groups.items() if lines}
    culprits: list[Culprit] = []
    least = True
    for rule, lines in tuple(active.items()):
        if rule in STRUCTURE:
            continue
        others = tuple(limit for other, each in active.items() if other != rule for limit in each)
        answer = run(_without(question, others, lines))
        if answer.state == "infeasible":
            del active[rule]
            continue
        least &= answer.state == "optimal"
        culprits.append(_culprit(question, lines, answer))
    return Collision(tuple(culprits), least)


def _culprit(question: Question, lines: list[Limit], answer: Answer) -> Culprit:
    """Say what keeping the other rules takes of this one."""
    if len(lines) > 1:
        missed = [each for each in lines if not each.kept(total(answer.sites or (), each, question.cover))]
        names = tuple(dict.fromkeys(name for each in missed for name in each.names))
        return Culprit(lines[0].rule, names, len(lines), len(lines) - len(missed), several=True)
    limit = lines[0]
    best = limit.stated if answer.value is None else limit.figure(round(answer.value))
    asked, available = (best, limit.stated) if limit.sense == "at most" else (limit.stated, best)
    return Culprit(limit.rule, limit.names, asked, available)


def _without(question: Question, others: tuple[Limit, ...], lines: list[Limit]) -> Model:
    """Write the rules without one of them, whose own measure is the goal; people come in where a rule counts them."""
    cover = question.cover
    if not any(each.of_people for each in (*others, *lines)):
        none = cover.elders[:0]
        cover = replace(cover, reach=cover.reach[[]], elders=none, worth=none, unit=none)
    if len(lines) == 1:
        model = models.mclp(cover, others, bundle=question.bundle)
        models.aim(model, lines[0])
        return model
    model = models.mclp(cover, (*others, *(replace(limit, soft=True) for limit in lines)), bundle=question.bundle)
    models.aim(model, Limit(lines[0].rule, "at most", 0, counts="missed"))
    return model

"""Ways out where no plan keeps all rules: which rules give way, by how little, and the plan that there is then."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import pulp

from optimise import models
from optimise.check import Recount, recount_layout
from optimise.easing import Easing, easings
from optimise.goals import chase
from optimise.layout_limits import limits
from optimise.layout_rules import RULES, LayoutRules
from optimise.models import Goal, Model
from optimise.plan import Change, PlanStatus, Repair
from optimise.question import Question
from optimise.search import missed, total
from optimise.solve import Answer, Solver
from optimise.variables import Expression

STRUCTURE = ("existing", "site_once")
"""What no bureau can give up."""
MOST = 4
WITHIN = 1e-4
STATUS = {"optimal": PlanStatus.OPTIMAL, "feasible": PlanStatus.FEASIBLE, "searched": PlanStatus.GREEDY}
Left = Callable[[], float]
Sites = tuple[int, ...]
Run = Callable[[Model, float], Answer]
"""Solves a model within so many seconds."""


def apply(rules: LayoutRules, repair: Repair) -> LayoutRules:
    """Return the rules with all changes of a repair made.

    >>> more = Change("budget", (), 800_000, 900_000, "budget_yuan", 900_000)
    >>> repair = Repair((more,), True, PlanStatus.OPTIMAL, 1, 900_000, 30)
    >>> apply(LayoutRules(budget_yuan=800_000), repair).budget_yuan
    900000
    """
    return eased(rules, repair.changes)


def eased(rules: LayoutRules, changes: Iterable[Change]) -> LayoutRules:
    """Return the rules with changes made, one after the other; a new place is no rule."""
    for change in changes:
        if change.rule == "new_place":
            continue
        now: Any = getattr(rules, change.field)
        if isinstance(now, frozenset):
            value: Any = now | {change.value}
        elif change.at is None:
            value = change.value
        elif isinstance(now, Mapping):
            value = {**now, change.at: change.value}
        else:
            value = tuple(change.value if k == change.at else each for k, each in enumerate(now))
        rules = replace(rules, **{change.field: value})
    return rules


def goals_then(goals: tuple[Goal, ...], rules: LayoutRules) -> tuple[Goal, ...]:
    """Return the goals under eased rules: what may be missed is missed least, and elders who need not be covered are.

    >>> goals_then(("cost_yuan",), LayoutRules(cover_all=True, soft=frozenset({"cover_all"})))
    ('legal_shortfall', 'elders', 'cost_yuan')
    """
    first: tuple[Goal, ...] = ("legal_shortfall",) if rules.soft else ()
    if "cover_all" in rules.soft and not {"elders", "elders_near"} & set(goals):
        first = (*first, "elders")
    return tuple(dict.fromkeys((*first, *goals)))


def repairs(question: Question, goals: tuple[Goal, ...], run: Run, *, left: Left, solver: Solver) -> tuple[Repair, ...]:
    """Return two to four ways out, as far as there are so many and the seconds `left()` allow.

    Which rules give way together comes from the elastic model: the fewest rules, those with a document behind them
    last, then those that a bureau would give up first; each next one leaves a rule in force that the earlier ones
    gave up (Chinneck 2008, Feasibility and Infeasibility in Optimization, chapter 6,
    https://doi.org/10.1007/978-0-387-74932-7). Each is then made as small as it can be, rule by rule, the ones given up
    last first, and the question is solved again under the eased rules.
    """
    found: dict[tuple[Change, ...], Repair] = {}
    given_up: list[frozenset[str]] = []
    further: list[tuple[Easing, ...]] = []

    def try_(way: tuple[Easing, ...]) -> None:
        if len(found) < MOST and left() > 0:
            repair = _least(question, goals, way, run, left=left, solver=solver)
            if repair and repair.changes not in found:
                found[repair.changes] = repair if way not in doubtful else replace(repair, least=False)

    doubtful: list[tuple[Easing, ...]] = []
    while len(found) < MOST and left() > 0:
        together, certain = _elastic(question, given_up, run, left() / 3)
        if not together:
            break
        given_up.append(together)
        order = sorted(together, key=lambda rule: (not question.rules.legal.get(rule), -RULES.index(rule)))
        first, *more = product(*(easings(question, rule) for rule in order))
        doubtful += [] if certain else [first, *more]
        further += more
        try_(first)
    for way in further:
        try_(way)
    return tuple(found.values())


def _elastic(
    question: Question, given_up: list[frozenset[str]], run: Run, seconds: float
) -> tuple[frozenset[str], bool]:
    """Return the rules that give way, the fewest and least legal that do, and whether that is proven; empty: none.

    Every rule group r has one s_r, 1 where it gives way; of the groups given up before, one stays in force each time.
    """
    rules = [rule for rule in RULES if any(each.rule == rule and not each.soft for each in question.limits)]
    rules = [rule for rule in rules if rule not in STRUCTURE]
    lines = tuple(
        replace(each, soft=True, group="all") if each.rule in rules else each
        for each in question.limits
        if not each.soft
    )
    model = models.mclp(question.cover, lines, bundle=question.bundle)
    weight = {rule: len(RULES) + 1 + rank for rank, rule in enumerate(rules)}
    all_of_them = sum(weight.values()) + 1
    gives = {rule: model.missed[rule, "all"] for rule in rules}
    cost = [(gives[r], weight[r] + (all_of_them if question.rules.legal.get(r) else 0)) for r in rules]
    for group in given_up:
        model.problem.addConstraint(Expression([(gives[rule], 1) for rule in sorted(group)]) <= len(group) - 1)
    model.problem.sense = pulp.LpMinimize
    model.problem.setObjective(Expression(cost))
    answer = run(model, seconds)
    if answer.sites is None:
        return frozenset(), False
    hard = [each for each in question.limits if not each.soft]
    broken = frozenset(e.rule for e in hard if not e.kept(total(answer.sites, e, question.cover)))
    if broken & set(STRUCTURE) or any(group <= broken for group in given_up):
        return frozenset(), False
    return broken, answer.state == "optimal"


def _least(
    question: Question, goals: tuple[Goal, ...], way: tuple[Easing, ...], run: Run, *, left: Left, solver: Solver
) -> Repair | None:
    """Return the repair that eases some rules by as little as can be, or None where none was found and borne out."""
    rules = {easing.rule for easing in way}
    others = tuple(each for each in question.limits if not each.soft and each.rule not in rules)
    model = models.mclp(question.cover, others, bundle=question.bundle)
    by = [easing.write(model) for easing in way]
    best: Sites | None = None
    least = True
    for much in by:
        model.problem.sense = pulp.LpMinimize
        model.problem.setObjective(much)
        answer = run(model, left() / 3)
        if answer.sites is None or missed(answer.sites, others, question.cover):
            least = False
            break
        # what gives way is counted in whole units: a solver that proves a fraction is not to be believed
        whole = answer.value is not None and abs(answer.value - round(answer.value)) < WITHIN
        best, least = answer.sites, least and whole and answer.state == "optimal"
        if answer.value is not None:
            model.problem.addConstraint(much <= round(answer.value))
    if best is None:
        return None
    if not (changes := _read(way, best)):
        return None
    repair, better = verified(question, goals, changes, best, left=left, solver=solver)
    if repair and not least and (fewer := _read(way, better)) and fewer != changes:
        # the plan made under the eased rules may need less than they give
        again, _ = verified(question, goals, fewer, better, left=lambda: 0.0, solver=solver)
        repair = again or repair
    return replace(repair, least=least) if repair else None


def _read(way: tuple[Easing, ...], sites: Sites) -> tuple[Change, ...]:
    return tuple(change for easing in way for change in easing.read(sites))


def verified(
    question: Question,
    goals: tuple[Goal, ...],
    changes: tuple[Change, ...],
    sites: Sites,
    *,
    left: Left,
    solver: Solver,
) -> tuple[Repair | None, Sites]:
    """Solve the question again under the eased rules; the plan is recounted by code that knows no solver."""
    rules = eased(question.rules, changes)
    again = replace(question, rules=rules, limits=limits(question.ground, rules=rules, cover=question.cover))
    goals = goals_then(goals, rules)
    seconds = left() / 3
    end = left() - seconds
    outcome = chase(again, goals, left=lambda: max(0.0, left() - max(end, 0.0)), solver=solver)
    status, best = STATUS.get(outcome.state, PlanStatus.FEASIBLE), outcome.sites
    count = _recounted(outcome.sites, again, goals) if outcome.state in STATUS else None
    if count is None:  # the plan by which the change was found stands in
        status, best, count = PlanStatus.FEASIBLE, sites, _recounted(sites, again, goals)
    if count is None:
        return None, ()
    found = Repair(
        changes,
        least=False,
        status=status,
        sites=len(count.sites),
        cost_yuan=count.cost_yuan,
        elders_covered=count.elders_covered,
    )
    return found, best


def _recounted(sites: Sites, question: Question, goals: tuple[Goal, ...]) -> Recount | None:
    """Return what a plan comes to, or None where it breaks a rule."""
    ground = question.ground
    found = recount_layout(
        [question.options.index[j] for j in sites],
        ground.options,
        ground.demand,
        ground.pairs.rename(columns={"candidate_id": "site_id"}),
        rules=question.rules,
        communities=ground.communities,
        serves=ground.serves,
        near=ground.near,
        places="placed" in goals,
    )
    return None if found.broken else found

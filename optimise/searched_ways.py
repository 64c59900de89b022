"""Ways out that need no solver: rules are left out of the search one by one, and what its plans then break is eased."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optimise import search
from optimise.easing import easings
from optimise.layout_rules import RULES
from optimise.limit import Limit
from optimise.models import Goal
from optimise.plan import Change, Culprit, Repair
from optimise.question import Question
from optimise.repairs import MOST, STRUCTURE, verified
from optimise.solve import Solver

Sites = tuple[int, ...]
Left = Callable[[], float]
VERIFYING = 0.5
"""The part of the time that is kept for putting the ways out to the test."""


@dataclass(frozen=True)
class Searched:
    """What the search found where no plan was known: `plan` keeps every rule; without one, what may be done.

    `culprits` are rules that its plans broke: nothing is proven of them, and they say no figures.
    """

    culprits: tuple[Culprit, ...] = ()
    repairs: tuple[Repair, ...] = ()
    plan: Sites | None = None


def searched_ways(question: Question, goals: tuple[Goal, ...], *, left: Left, solver: Solver) -> Searched:
    """Return ways out that the search finds in the seconds that are `left()`, each verified as `repairs` are.

    Once with all rules and once without each of them a plan is sought; the rules that it breaks give way by so much as
    it needs. The fewest rules first, those with a document behind them last. None is said to be the least.
    """
    hard = [limit for limit in question.limits if not limit.soft]
    rules = [rule for rule in RULES if rule not in STRUCTURE and any(limit.rule == rule for limit in hard)]
    seen: dict[frozenset[str], _Try] = {}
    until = VERIFYING * left()
    for place, rule in enumerate(("", *rules)):
        if (spent := left() - until) <= 0:
            break
        found = _sought(question, rule, spent / (1 + len(rules) - place))
        if not found.broken:
            return Searched(plan=found.sites)
        if not found.broken & set(STRUCTURE):
            known = seen.get(found.broken)
            seen[found.broken] = found if known is None or found.short < known.short else known
    return Searched(_suspects(question, seen.values(), rules), _repaired(question, goals, seen, left, solver))


@dataclass(frozen=True, eq=False)
class _Try:
    """A plan of the search, and the lines of rules that it breaks."""

    sites: Sites
    lines: tuple[Limit, ...]
    by: tuple[float, ...]

    @cached_property
    def broken(self) -> frozenset[str]:
        return frozenset(line.rule for line in self.lines)

    @property
    def short(self) -> float:
        """How much it lacks, each line as a part of what it asks."""
        return sum(self.by)


def _sought(question: Question, rule: str, seconds: float) -> _Try:
    """Return the plan that is found without a rule (empty: with all), its own measure the goal where it has one."""
    cover, own = question.cover, [limit for limit in question.limits if limit.rule == rule and not limit.soft]
    cost = question.options["cost_yuan"].to_numpy(dtype=np.int64)
    others = tuple(limit for limit in question.limits if limit.rule != rule or limit.soft)
    counted = len(own) == 1 and not own[0].either and own[0].counts in ("options", "elders", "worth")
    found = search.seek(cover, others, cost, goal=own[0] if counted else None, seconds=seconds)
    lines, by = [], []
    for limit in question.limits:
        figure = search.total(found.sites, limit, cover)
        if not limit.soft and not limit.kept(figure):
            lines.append(limit)
            by.append(abs(figure - limit.limit) / max(abs(limit.limit), 1))
    return _Try(found.sites, tuple(lines), tuple(by))


def _repaired(
    question: Question, goals: tuple[Goal, ...], seen: dict[frozenset[str], _Try], left: Left, solver: Solver
) -> tuple[Repair, ...]:
    """Return the ways out that the plans seen lead to, the fewest rules first, no way a part of another."""
    legal = question.rules.legal

    def late(broken: frozenset[str]) -> tuple[int, int, list[int]]:
        return sum(bool(legal.get(rule)) for rule in broken), len(broken), sorted(map(RULES.index, broken))

    found: dict[tuple[Change, ...], Repair] = {}
    tried: list[frozenset[str]] = []
    for broken in sorted(seen, key=late):
        if any(fewer < broken for fewer in tried):
            continue
        changes = _read(question, seen[broken])
        if not changes or changes in found or len(found) >= MOST or left() <= 0:
            continue
        one, end = left() / (MOST + 1 - len(found)), left()
        repair, _ = verified(
            question,
            goals,
            changes,
            seen[broken].sites,
            left=lambda end=end, one=one: max(0.0, 3 * (one - (end - left()))),  # type: ignore[misc]
            solver=solver,
        )
        if repair:
            tried.append(broken)
            found[changes] = repair
    return tuple(found.values())


def _read(question: Question, tried: _Try) -> tuple[Change, ...]:
    """Return the changes that let a plan keep the rules it breaks; none where one of them cannot be eased."""
    changes: list[Change] = []
    for rule in sorted(tried.broken, key=lambda rule: (not question.rules.legal.get(rule), -RULES.index(rule))):
        ways = (easing.read(tried.sites) for easing in easings(question, rule))
        own = next((way for way in ways if way), ())
        if not own:
            return ()
        changes += own
    return tuple(changes)


def _suspects(question: Question, seen: Iterable[_Try], rules: list[str]) -> tuple[Culprit, ...]:
    """Return the rules that the plans broke, by name, without figures."""
    lines = {id(line): line for each in seen for line in each.lines}.values()
    legal = question.rules.legal
    found = []
    for rule in rules:
        own = [line for line in lines if line.rule == rule]
        if own:
            names = tuple(dict.fromkeys(name for line in own for name in line.names))
            found.append(Culprit(rule, names, 0, 0, legal=legal.get(rule, "")))
    return tuple(found)

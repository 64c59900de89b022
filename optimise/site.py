"""Where to build: the sites that cover most elders for the money, with a proof of how good they are."""

import time
from dataclasses import replace

import pandas as pd

from gis.errors import one_line
from gis.words import Language, say
from optimise import conflict
from optimise.check import recount
from optimise.explain import wan
from optimise.goals import Outcome, chase
from optimise.models import Goal
from optimise.plan import Culprit, Plan, PlanStatus
from optimise.question import Question, ask
from optimise.rules import SitingRules, too_small
from optimise.solve import Solver, solve

STATUS = {
    "optimal": PlanStatus.OPTIMAL,
    "feasible": PlanStatus.FEASIBLE,
    "searched": PlanStatus.GREEDY,
    "infeasible": PlanStatus.INFEASIBLE,
    "nothing": PlanStatus.LIMIT,
}


def site(
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    candidates: pd.DataFrame,
    *,
    rules: SitingRules,
    time_limit_s: float = 60,
    solver: Solver = "auto",
    language: Language = "zh",
) -> Plan:
    """Choose the sites that cover most elders under the rules, then the cheapest of those plans, then the first by id.

    - `demand`: indexed by `demand_id`; `elders` (whole), `covered` (bool: an existing facility is within the walk).
    - `pairs`: `demand_id`, `candidate_id`, one row a pair within the walk; pairs out of reach are absent.
    - `candidates`: indexed by `candidate_id`; `name`, `kind`, `floor_area_m2`, `cost_yuan` (whole).

    Any order of the rows gives the same plan. OPTIMAL means that the solver proved the most elders (under
    `rules.cover_all`: the least money) and a recount from the list of sites agrees. All work, ties included, stays in
    `time_limit_s` seconds; what was not settled by then is said in `notes` (in `language`).

    Raises ValueError for tables that do not fit together. Models: `optimise.models`.

    >>> demand = pd.DataFrame({"elders": [30, 20, 50], "covered": [False, False, True]}, index=[*"abc"])
    >>> pairs = pd.DataFrame({"demand_id": [*"abb"], "candidate_id": [*"XXY"], "minutes": [4.0, 9.0, 2.0]})
    >>> candidates = pd.DataFrame(
    ...     {"name": ["旧厂房", "幼儿园"], "kind": "day_care", "floor_area_m2": 400.0, "cost_yuan": [900_000, 300_000]},
    ...     index=["X", "Y"],
    ... )
    >>> plan = site(demand, pairs, candidates, rules=SitingRules(budget_yuan=1_000_000))
    >>> plan.status.value, list(plan.sites["name"]), plan.elders_covered, plan.bound, plan.gap
    ('OPTIMAL', ['旧厂房'], 100, 100, 0.0)
    """
    goals: tuple[Goal, ...] = ("cost_yuan",) if rules.cover_all else ("elders", "cost_yuan")
    return _answer(ask(demand, pairs, candidates, rules=rules), goals, time_limit_s, solver, language)


def mclp(
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    candidates: pd.DataFrame,
    *,
    sites: int,
    time_limit_s: float = 60,
    solver: Solver = "auto",
    language: Language = "zh",
) -> Plan:
    """Choose at most so many sites that cover most elders (Church & ReVelle 1974); tables and answer as in `site`."""
    rules = SitingRules(max_sites=sites)
    return site(demand, pairs, candidates, rules=rules, time_limit_s=time_limit_s, solver=solver, language=language)


def lscp(
    demand: pd.DataFrame,
    pairs: pd.DataFrame,
    candidates: pd.DataFrame,
    *,
    least: Goal = "sites",
    time_limit_s: float = 60,
    solver: Solver = "auto",
    language: Language = "zh",
) -> Plan:
    """Cover everyone with the fewest sites, or for the least money (Toregas et al. 1971); tables as in `site`.

    `least` is `sites` (then the cheapest of those) or `cost_yuan`.
    """
    goals: tuple[Goal, ...] = ("sites", "cost_yuan") if least == "sites" else ("cost_yuan",)
    rules = SitingRules(cover_all=True)
    return _answer(ask(demand, pairs, candidates, rules=rules), goals, time_limit_s, solver, language)


def _answer(
    question: Question, goals: tuple[Goal, ...], time_limit_s: float, solver: Solver, language: Language
) -> Plan:
    """Pursue the goals, find out what collides where there is no plan, and recount the plan where there is one."""
    if not time_limit_s >= 0:
        raise ValueError(f"time_limit_s must be zero or more: {time_limit_s}")
    end = time.monotonic() + time_limit_s

    def left() -> float:
        return end - time.monotonic()

    notes = _notes(question, language)
    if culprits := conflict.contradictions(question):
        outcome = Outcome("infeasible", (), {}, "arithmetic")
        return _plan(question, goals, outcome, culprits=culprits, notes=notes, language=language)
    outcome = chase(question, goals, left=left, solver=solver)
    if outcome.state == "infeasible":
        found = conflict.collision(question, lambda model: solve(model, seconds=left(), solver=solver))
        culprits = found.culprits
        notes += () if found.least else (say("plan.note_not_least", language),)
    if outcome.unsettled:
        notes += (say("plan.note_unsettled", language, goal=say(f"plan.goal_{outcome.unsettled}", language)),)
    return _plan(question, goals, outcome, culprits=culprits, notes=notes, language=language)


def _plan(
    question: Question,
    goals: tuple[Goal, ...],
    outcome: Outcome,
    *,
    culprits: tuple[Culprit, ...],
    notes: tuple[str, ...],
    language: Language,
) -> Plan:
    """Write the plan from a recount of its sites; a claim that the recount does not bear out is taken back."""
    ids = [question.candidates.index[j] for j in outcome.sites]
    tables = (question.demand, question.pairs, question.candidates)
    count = recount(ids, *tables, rules=question.rules)
    status = STATUS[outcome.state]
    there_is_one = outcome.state not in ("infeasible", "nothing")
    if there_is_one and count.broken:
        outcome, notes = replace(outcome, state="nothing", sites=()), (*notes, say("plan.note_recount", language))
        return _plan(question, goals, outcome, culprits=(), notes=notes, language=language)
    reached = {"elders": count.elders_covered, "cost_yuan": count.cost_yuan, "sites": len(count.sites)}
    bound = outcome.proven.get("elders", count.elders_total if question.rules.cover_all else None)
    gap = _gap(reached[goals[0]], outcome.proven.get(goals[0])) if there_is_one else None
    if status is PlanStatus.OPTIMAL and gap != 0:
        status, notes = PlanStatus.FEASIBLE, (*notes, say("plan.note_recount", language))
    return Plan(
        status=status,
        sites=count.sites,
        elders_total=count.elders_total,
        elders_covered_before=count.elders_covered_before,
        elders_covered=count.elders_covered,
        bound=bound if there_is_one or outcome.state == "nothing" else None,
        gap=gap,
        cost_yuan=count.cost_yuan,
        floor_area_m2=count.floor_area_m2,
        solver=outcome.solver,
        rules=count.rules,
        culprits=culprits,
        notes=notes,
        proven=outcome.proven,
    )


def _gap(reached: int, proven: int | None) -> float | None:
    """Return how far a figure may be from the best, as a part of the larger of the two."""
    if proven is None:
        return None
    return abs(proven - reached) / max(proven, reached) if proven != reached else 0.0


def _notes(question: Question, language: Language) -> tuple[str, ...]:
    """Say what the rules leave out before anything is chosen, by name."""
    table, rules = question.candidates, question.rules
    small = too_small(table, rules=rules)
    notes = []
    if small:
        names = say("label.comma", language).join(one_line(str(table["name"][i])) for i in sorted(small))
        notes.append(say("plan.note_too_small", language, names=names))
    open_ = table[~table.index.isin([*small, *rules.forbidden])]
    if rules.budget_yuan is not None and len(open_) and rules.budget_yuan < open_["cost_yuan"].min():
        cheapest = int(open_["cost_yuan"].min())
        notes.append(say("plan.note_cheapest", language, budget=wan(rules.budget_yuan), cheapest=wan(cheapest)))
    return tuple(notes)

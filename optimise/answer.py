"""From a question to a plan: the goals are pursued, what collides is named, and every figure is recounted."""

import time
from collections.abc import Callable
from dataclasses import replace

from gis.errors import one_line
from gis.words import Language, say
from optimise import conflict
from optimise.arithmetic import contradictions
from optimise.check import Recount
from optimise.explain import wan
from optimise.goals import Outcome, chase
from optimise.layout_limits import too_small
from optimise.models import Goal, Model
from optimise.options import called
from optimise.plan import Culprit, Plan, PlanStatus, Repair
from optimise.prepared import made_ready
from optimise.question import Question
from optimise.repairs import repairs
from optimise.searched_ways import searched_ways
from optimise.solve import Answer, Hear, Solver, solve

STATUS = {
    "optimal": PlanStatus.OPTIMAL,
    "feasible": PlanStatus.FEASIBLE,
    "searched": PlanStatus.GREEDY,
    "infeasible": PlanStatus.INFEASIBLE,
    "nothing": PlanStatus.LIMIT,
}
EXPLAINING = 0.3
"""The part of the time that is kept for an explanation until some plan is known."""
LANGUAGES: tuple[Language, ...] = ("zh", "en")
Note = tuple[str, str]
"""A note in each of the languages."""
Count = Callable[[list[str]], Recount]
"""Recounts a list of decisions, by `option_id`."""


def answer(
    question: Question,
    goals: tuple[Goal, ...],
    *,
    count: Count,
    time_limit_s: float,
    solver: Solver,
    language: Language,
    hear: Hear | None = None,
) -> Plan:
    """Pursue the goals, find out what collides where there is no plan, and recount the plan where there is one."""
    if not time_limit_s >= 0:
        raise ValueError(f"time_limit_s must be zero or more: {time_limit_s}")
    made_ready(question, solver, hear)
    end = time.monotonic() + time_limit_s

    def left() -> float:
        return end - time.monotonic()

    notes = _notes(question)
    culprits = contradictions(question)
    outcome = Outcome("infeasible", (), {}, "arithmetic")
    if not culprits:
        outcome = chase(question, goals, left=left, solver=solver, hear=hear, spare=EXPLAINING * time_limit_s)
    troubles = [*outcome.troubles]
    ways: tuple[Repair, ...] = ()
    if outcome.state == "infeasible" and solver != "search":

        def run(model: Model, seconds: float) -> Answer:
            given = solve(model, seconds=seconds, solver=solver)
            troubles.extend(given.troubles)
            return given

        if not culprits:
            half = left() / 2
            found = conflict.collision(question, lambda model: run(model, left() - half), left=lambda: left() - half)
            culprits = found.culprits
            notes += () if found.least else (_both(lambda said: say("plan.note_not_least", said)),)
        ways = repairs(question, goals, run, left=left, solver=solver)
    if outcome.state in ("infeasible", "nothing") and not ways:
        sought = searched_ways(question, goals, left=left, solver=solver)
        culprits, ways = culprits or sought.culprits, sought.repairs
        if sought.plan is not None and outcome.state == "nothing":
            outcome, culprits, ways = replace(outcome, state="searched", sites=sought.plan, solver="search"), (), ()
    notes += tuple(dict.fromkeys(_both(trouble.told) for trouble in troubles))
    if goal := outcome.unsettled:
        notes += (_both(lambda said: say("plan.note_unsettled", said, goal=say(f"plan.goal_{goal}", said))),)
    plan = _plan(question, goals, outcome, count, culprits=culprits, notes=notes, language=language)
    return replace(plan, repairs=ways)


def _plan(
    question: Question,
    goals: tuple[Goal, ...],
    outcome: Outcome,
    count: Count,
    *,
    culprits: tuple[Culprit, ...],
    notes: tuple[Note, ...],
    language: Language,
) -> Plan:
    """Write the plan from a recount of its sites; a claim that the recount does not bear out is taken back."""
    options = question.options
    there_is_one = outcome.state not in ("infeasible", "nothing")
    today = options.index[options["mode"] == "keep"]
    found = count([options.index[j] for j in outcome.sites] if there_is_one else list(today))
    status = STATUS[outcome.state]
    if there_is_one and found.broken:
        outcome, notes = (
            replace(outcome, state="nothing", sites=()),
            (*notes, _both(lambda said: say("plan.note_recount", said))),
        )
        return _plan(question, goals, outcome, count, culprits=(), notes=notes, language=language)
    main = next((goal for goal in goals if goal != "legal_shortfall"), goals[0])
    bound = outcome.proven.get("elders", found.elders_total if question.rules.cover_all else None)
    gap = _gap(found.reached[main], outcome.proven.get(main)) if there_is_one else None
    must = goals[: goals.index(main) + 1]
    if status is PlanStatus.OPTIMAL and any(found.reached[goal] != outcome.proven.get(goal) for goal in must):
        status, notes = PlanStatus.FEASIBLE, (*notes, _both(lambda said: say("plan.note_recount", said)))
    return Plan(
        status=status,
        sites=found.sites,
        elders_total=found.elders_total,
        elders_covered_before=found.elders_covered_before,
        elders_covered=found.elders_covered,
        bound=bound if there_is_one or outcome.state == "nothing" else None,
        gap=gap,
        cost_yuan=found.cost_yuan,
        floor_area_m2=found.floor_area_m2,
        solver=outcome.solver,
        rules=found.rules,
        culprits=culprits,
        notes=tuple(note[LANGUAGES.index(language)] for note in notes),
        notes_in={said: tuple(note[k] for note in notes) for k, said in enumerate(LANGUAGES)},
        proven=outcome.proven,
        reached={goal: found.reached[goal] for goal in goals},
        kept=found.kept,
        closed=found.closed,
        tally=found.tally,
        by_year=found.by_year,
        worst_served=found.worst_served,
    )


def _gap(reached: int, proven: int | None) -> float | None:
    """Return how far a figure may be from the best, as a part of the larger of the two."""
    if proven is None:
        return None
    return abs(proven - reached) / max(abs(proven), abs(reached)) if proven != reached else 0.0


def _both(say_it: Callable[[Language], str]) -> Note:
    return say_it("zh"), say_it("en")


def _notes(question: Question) -> tuple[Note, ...]:
    """Say what the rules leave out before anything is chosen, by name."""
    table, rules = question.options, question.rules
    small = too_small(table, rules=rules)
    large = set(table["site_id"][~table.index.isin(small)])
    left_out = {site: name for site, name in called(zip(table["site_id"], table["name"], strict=True)).items()
                if site not in large}  # fmt: skip
    notes = []
    if left_out:
        small_ones = [one_line(left_out[site]) for site in sorted(left_out)]
        notes.append(
            _both(lambda said: say("plan.note_too_small", said, names=say("label.comma", said).join(small_ones)))
        )
    new = table["mode"] != "keep"
    open_ = table[new & ~table.index.isin(small) & ~table["site_id"].isin(rules.forbidden)]
    if rules.budget_yuan is not None and len(open_) and rules.budget_yuan < open_["cost_yuan"].min():
        figures = {"budget": wan(rules.budget_yuan), "cheapest": wan(int(open_["cost_yuan"].min()))}
        notes.append(_both(lambda said: say("plan.note_cheapest", said, **figures)))
    return tuple(notes)

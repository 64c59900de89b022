"""Plans almost as good as the best that build elsewhere: what a council can choose from without losing much."""

import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import cast

import numpy as np

from optimise.inquiry import Found, Inquiry, asked, held, pursue
from optimise.limit import Limit, counted
from optimise.models import Goal
from optimise.question import Question
from optimise.solve import Hear, Solver

SHARED = cast("Goal", "shared")
"""How many sites a plan has in common with those before it: a goal while near-best plans are sought."""
COSTS = ("cost_yuan", "running_yuan", "sites")


def near_best(
    inquiry: Inquiry,
    best: Found,
    *,
    plans: int = 3,
    within: float = 0.01,
    time_limit_s: float = 60,
    solver: Solver = "auto",
    hear: Hear | None = None,
) -> tuple[Found, ...]:
    """Return up to so many plans nearly as good as the best that have as few sites as can be in common with the others.

    Each keeps every rule and loses at most the part `within` of what the best plan gains over today in the main goal
    (where money is the main goal: costs at most so much more); of these it is the one that shares fewest sites with
    the best plan and the plans before it, added up, then the best by the goals. It always does without a site of each
    of them: there are fewer plans where that cannot be. `status` tells whether that choice is proven; the plans are
    recounted. The time is shared.

    No-good cuts after Balas & Jeroslow 1972 (https://doi.org/10.1137/0123007), on sites: sum_{s in P} x_s <= |P| - 1.
    """
    if best.recount is None or best.value is None:
        return ()
    question = asked(inquiry)
    least = _least(inquiry, best, within)
    limits: list[Limit] = [held(inquiry.main, question, least)]
    if "legal_shortfall" in inquiry.in_order:
        limits.append(held("legal_shortfall", question, best.recount.reached["legal_shortfall"]))
    end = time.monotonic() + time_limit_s
    found = [best]
    while len(found) <= plans:
        if not found[-1].sites:
            break  # what builds nothing has no site to do without
        limits.append(_other(question, found[-1]))
        seconds = (end - time.monotonic()) / (plans + 1 - len(found))
        each = pursue(
            inquiry,
            question=_counting(question, found),
            goals=_goals(inquiry),
            limits=limits,
            seconds=seconds,
            solver=solver,
            hear=hear,
        )
        if each.recount is None:
            break
        found.append(replace(each, bound=best.bound))
    return tuple(found[1:])


def _least(inquiry: Inquiry, best: Found, within: float) -> int:
    """Return the least (or, of money, the most) that the main goal may come to."""
    share, value = Fraction(str(within)), best.value or 0
    if inquiry.main in COSTS:
        return value + int(share * value)
    before = inquiry.recount(inquiry.today).reached[inquiry.main]
    return value - int(share * max(value - before, 0))


def _goals(inquiry: Inquiry) -> tuple[Goal, ...]:
    first: tuple[Goal, ...] = ("legal_shortfall",) if "legal_shortfall" in inquiry.in_order else ()
    return (*first, SHARED, *(goal for goal in inquiry.in_order if goal not in first))


def _counting(question: Question, plans: Sequence[Found]) -> Question:
    """Return the question with a column of the options that says in how many of the plans their site stands."""
    table = question.options
    shared = np.where(table["mode"] == "keep", 0, sum(table["site_id"].isin(plan.sites).astype(int) for plan in plans))
    return replace(question, ground=replace(question.ground, options=table.assign(**{SHARED: shared})))


def _other(question: Question, plan: Found) -> Limit:
    """Return the limit that not all sites of a plan are built again."""
    table = question.options
    again = (table["site_id"].isin(plan.sites) & (table["mode"] != "keep")).to_numpy()
    return counted("other_sites", "at most", len(plan.sites) - 1, again)

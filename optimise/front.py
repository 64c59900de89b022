"""What each sum of money buys at best: from nothing to the budget that covers everybody who can be covered."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from optimise.inquiry import Found, Inquiry, gap, money_of, pursue, with_budget
from optimise.models import Goal
from optimise.plan import PlanStatus
from optimise.solve import Hear, Solver

ROUND_YUAN = 10_000
MORE_YUAN = 100_000
COLUMNS = ("status", "cost_yuan", "sites", "elders_covered", "value", "bound", "gap", "site_ids")


@dataclass(frozen=True)
class More:
    """What more money buys: so many yuan more, how much better the main goal is proven to become, and at most."""

    more_yuan: int
    goal: Goal
    gained: int
    gained_at_most: int | None


def front(
    inquiry: Inquiry,
    *,
    points: int = 9,
    budgets_yuan: Sequence[int] | None = None,
    time_limit_s: float = 60,
    solver: Solver = "auto",
    hear: Hear | None = None,
) -> pd.DataFrame:
    """Return the best plan for each of several budgets, with the most that any plan could have for that money.

    Indexed by `budget_yuan`, from zero to the budget of the cheapest plan that covers all who can be covered under the
    other rules (and the budget of the question itself): `status`, `cost_yuan`, `sites` (how many), `elders_covered`,
    `value` and `bound` of the main goal (elders covered, unless the question says otherwise), `gap`, `site_ids`. Where
    no plan keeps the rules for so little money, the status says so and the figures are missing. Money by year and
    county is shared out as in the question; `cover_all` gives way to the money.

    A plan for less money serves where the solver found a lesser one for more, and a bound for more money holds for
    less, so that both rise with the money (under soft rules the fewest shortfalls come first, and nothing is shared).
    The points share `time_limit_s`: what one leaves over, the others have.
    """
    if points < 2:  # noqa: PLR2004 - nothing and everything
        raise ValueError(f"points must be two or more: {points}")
    goals = tuple(goal for goal in inquiry.in_order if goal != "cost_yuan")
    if "legal_shortfall" in goals[-1:] or not goals:
        goals = (*goals, "elders")
    free = replace(inquiry, rules=replace(inquiry.rules, cover_all=False), goals=(*goals, "cost_yuan"))
    end = time.monotonic() + time_limit_s
    if budgets_yuan is None:
        most = replace(free, rules=with_budget(free.rules, None))
        top = pursue(most, seconds=time_limit_s / (points + 1), solver=solver, hear=hear)
        budgets_yuan = _steps(_paid(top, inquiry), points, money_of(inquiry.rules))
    budgets = sorted(set(budgets_yuan))
    found: list[Found] = []
    for k, budget in enumerate(budgets):
        there = replace(free, rules=with_budget(free.rules, budget))
        seconds = (end - time.monotonic()) / (len(budgets) - k)
        found.append(pursue(there, seconds=seconds, solver=solver, hear=hear))
    if not inquiry.rules.soft:
        found = _rising(found)
    rows = [_point(each) for each in found]
    return pd.DataFrame(rows, columns=list(COLUMNS), index=pd.Index(budgets, name="budget_yuan")).astype(
        dict.fromkeys(("cost_yuan", "elders_covered", "value", "bound"), "Int64") | {"gap": "float"}
    )


def more_money(
    inquiry: Inquiry,
    *,
    value: int | None,
    more_yuan: int = MORE_YUAN,
    time_limit_s: float = 60,
    solver: Solver = "auto",
    hear: Hear | None = None,
) -> More | None:
    """Return what so much more money buys beyond a plan that has `value` of the main goal, by solving again.

    `gained_at_most` is proven: no plan for that money is better by more, which is what the money can be worth at most.
    None where no budget is said, there is no plan, or the money is what is made least.
    """
    budget = money_of(inquiry.rules)
    if budget is None or value is None or inquiry.main in ("cost_yuan", "running_yuan", "sites"):
        return None
    richer = replace(inquiry, rules=with_budget(inquiry.rules, budget + more_yuan))
    found = pursue(richer, seconds=time_limit_s, solver=solver, hear=hear)
    gained = 0 if found.value is None else max(found.value - value, 0)
    return More(more_yuan, inquiry.main, gained, None if found.bound is None else max(found.bound - value, 0))


def _paid(found: Found, inquiry: Inquiry) -> int:
    """Return the money a plan needs, as the budget counts it; that of everything where there is no plan."""
    if found.recount is None:
        table = inquiry.options
        return int(table.groupby("site_id")["cost_yuan"].max().sum()) if len(table) else 0
    sites = found.recount.sites
    net = sites["subsidy_yuan"].sum() if inquiry.rules.net_of_subsidy else 0
    return max(int(sites["cost_yuan"].sum() - net), 0)


def _steps(top_yuan: int, points: int, own_yuan: int | None) -> list[int]:
    """Return budgets from nothing to the top in even steps of whole 10,000 yuan, with the budget that is asked about.

    >>> _steps(1_234_567, 4, 500_000)
    [0, 420000, 500000, 840000, 1234567]
    """
    step = -(-top_yuan // (points - 1) // ROUND_YUAN) * ROUND_YUAN or ROUND_YUAN
    own = [own_yuan] if own_yuan else []
    return sorted({*range(0, max(top_yuan, 1), step), top_yuan, *own})


def _rising(found: list[Found]) -> list[Found]:
    """Let a plan serve for more money, and a bound for less."""
    best: Found | None = None
    plans = []
    for each in found:
        if best is not None and best.value is not None and (each.value is None or each.value < best.value):
            plans.append(replace(each, recount=best.recount, value=best.value))
        else:
            plans.append(each)
        best = plans[-1] if plans[-1].value is not None else best
    bound: int | None = None
    settled = []
    for each in reversed(plans):
        known = [b for b in (each.bound, bound) if b is not None]
        bound = min(known, default=None)
        settled.append(replace(each, bound=bound, status=_status(each, bound)))
    return settled[::-1]


def _status(found: Found, bound: int | None) -> PlanStatus:
    if found.value is None:
        return found.status
    if found.value == bound:
        return PlanStatus.OPTIMAL
    return PlanStatus.GREEDY if found.status is PlanStatus.GREEDY else PlanStatus.FEASIBLE


def _point(found: Found) -> dict[str, object]:
    recount = found.recount
    return {
        "status": found.status.value,
        "cost_yuan": pd.NA if recount is None else recount.cost_yuan,
        "sites": 0 if recount is None else len(recount.sites),
        "elders_covered": pd.NA if recount is None else recount.elders_covered,
        "value": pd.NA if found.value is None else found.value,
        "bound": pd.NA if found.bound is None or recount is None else found.bound,
        "gap": gap(found.value, found.bound),
        "site_ids": "" if recount is None else "、".join(map(str, recount.sites.index)),
    }

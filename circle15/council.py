"""What a council asks about a plan: what each budget buys, other plans as good, what a site is for, scenarios."""

from dataclasses import replace
from typing import Any

import pandas as pd

from circle15.asked import Asked, question
from circle15.study import Study, with_siting
from circle15.today import Today
from maps.council import Council
from optimise import front as fronts
from optimise import near_best, reasons
from optimise.inquiry import Found, pursue
from optimise.solve import Hear, Solver


def asked_of(town: Study | Today) -> Asked:
    """Return the siting question of a city. Raises ValueError where it has no budget or no candidate."""
    here = town.today if isinstance(town, Study) else town
    asked, _ = question(here.city, here.now)
    if asked is None:
        raise ValueError("no siting: no budget or no usable candidate")
    return asked


def front(
    town: Study | Today,
    *,
    points: int = 9,
    time_limit_s: float | None = None,
    solver: Solver | None = None,
    hear: Hear | None = None,
) -> pd.DataFrame:
    """Return the most elders that each budget can cover, from nothing to the money that covers all who can be.

    Columns and law as in `optimise.front.front`; the points share the time (None: that of the project).
    Raises ValueError where there is no budget or no candidate.
    """
    asked = asked_of(town)
    seconds = _seconds(town, time_limit_s)
    return fronts.front(asked.inquiry, points=points, time_limit_s=seconds, solver=_solver(town, solver), hear=hear)


def alternatives(
    town: Study | Today,
    *,
    plans: int = 3,
    within: float | None = None,
    time_limit_s: float | None = None,
    solver: Solver | None = None,
    hear: Hear | None = None,
) -> tuple[Found, ...]:
    """Return plans nearly as good as the best that build elsewhere; each is recounted (`.recount.sites`, `.value`).

    See `optimise.near_best.near_best`; `within` None: `near_best_within` of the project (1 % of what the plan gains).
    Raises ValueError where there is no budget or no candidate.
    """
    asked = asked_of(town)
    return near_best.near_best(
        asked.inquiry,
        plan_of(town, asked, solver=solver),
        plans=plans,
        within=_here(town).city.project.siting.near_best_within if within is None else within,
        time_limit_s=_seconds(town, time_limit_s),
        solver=_solver(town, solver),
        hear=hear,
    )


def why(
    town: Study | Today,
    *,
    plans: tuple[Found, ...] = (),
    time_limit_s: float | None = None,
    solver: Solver | None = None,
    hear: Hear | None = None,
) -> pd.DataFrame:
    """Return for each site of the plan why it is in it and what would be lost without it: see `optimise.reasons.why`.

    `plans`: near-best plans to count the site in. Raises ValueError where there is no budget or no candidate.
    """
    asked = asked_of(town)
    return reasons.why(
        asked.inquiry,
        plan_of(town, asked, solver=solver),
        others=plans,
        time_limit_s=_seconds(town, time_limit_s),
        solver=_solver(town, solver),
        hear=hear,
    )


def scenarios(
    town: Study | Today, *, solver: Solver | None = None, hear: Hear | None = None
) -> dict[str, Found | None]:
    """Return the plan of the project and those of its `[scenario.NAME]` tables, by name; the project's own under "".

    Each scenario is `[siting]` with the keys of its table in place of its own; nothing is read or walked again.
    None stands for one without money or candidates. Raises InputError for a site or unit that is none.
    """
    here = _here(town)
    found: dict[str, Found | None] = {}
    for name, siting in {"": here.city.project.siting, **here.city.project.scenario}.items():
        other = with_siting(here, **{key: getattr(siting, key) for key in type(siting).model_fields})
        asked, _ = question(other.city, other.now)
        seconds = siting.time_limit_s
        who = solver or siting.solver
        found[name] = None if asked is None else _solved(town if not name else other, asked, who, hear, seconds)
    return found


def scenario_table(plans: dict[str, Found | None]) -> pd.DataFrame:
    """Return scenarios side by side, a row a scenario.

    `status`, `sites`, `cost_yuan`, `elders_covered`, `gap`, `rules_missed` (names in the catalogue, soft and hard),
    `shared`: sites in common with the first.
    """
    first = next(iter(plans.values()), None)
    rows: list[dict[str, Any]] = []
    for found in plans.values():
        count = None if found is None else found.recount
        tally = None if count is None else count.tally
        rows.append(
            {
                "status": None if found is None else found.status.value,
                "sites": None if count is None else len(count.sites),
                "cost_yuan": None if count is None else count.cost_yuan,
                "elders_covered": None if count is None else count.elders_covered,
                "gap": None if found is None else found.gap,
                "rules_missed": () if tally is None else tuple(tally["rule"][~tally["kept"]].drop_duplicates()),
                "shared": None if found is None or first is None else len(found.sites & first.sites),
            }
        )
    table = pd.DataFrame(rows, index=pd.Index(list(plans), name="scenario", dtype=object))
    return table.astype({**dict.fromkeys(("sites", "cost_yuan", "elders_covered", "shared"), "Int64"), "gap": "float"})


def council(
    done: Study,
    *,
    with_front: bool = True,
    with_scenarios: bool = True,
    plans: int = 3,
    solver: Solver | None = None,
    hear: Hear | None = None,
) -> Council | None:
    """Return everything a council asks about the plan of a study; None where it has none.

    Each part takes as long at most as the plan may: the near-best plans, the reasons, the front, the money, and every
    scenario.
    """
    if done.plan is None:
        return None
    asked = asked_of(done)
    solver = _solver(done, solver)
    inquiry, best = asked.inquiry, plan_of(done, asked)
    seconds = done.project.siting.time_limit_s
    within = done.project.siting.near_best_within
    others = near_best.near_best(
        inquiry, best, plans=plans, within=within, time_limit_s=seconds, solver=solver, hear=hear
    )
    found = Council(
        best=best,
        today=inquiry.recount(inquiry.today),
        near_best=others,
        why=reasons.why(inquiry, best, others=others, time_limit_s=seconds, solver=solver, hear=hear),
        serves=reasons.serving(inquiry, best),
    )
    if with_front:
        curve = fronts.front(inquiry, time_limit_s=seconds, solver=solver, hear=hear)
        more = fronts.more_money(inquiry, value=best.value, time_limit_s=seconds, solver=solver, hear=hear)
        found = replace(found, front=curve, more=more)
    if with_scenarios and done.project.scenario:
        side_by_side = scenarios(done, solver=solver, hear=hear)
        found = replace(found, scenarios=scenario_table(side_by_side), scenario_sites=_all_sites(side_by_side))
    return found


def plan_of(town: Study | Today, asked: Asked, *, solver: Solver | None = None) -> Found:
    """Return the plan of a study as one that was found, or find it where only today is known."""
    return _solved(town, asked, _solver(town, solver), None, _here(town).city.project.siting.time_limit_s)


def _solved(town: Study | Today, asked: Asked, solver: Solver, hear: Hear | None, seconds: float) -> Found:
    plan = town.plan if isinstance(town, Study) else None
    if plan is None:
        return pursue(asked.inquiry, seconds=seconds, solver=solver, hear=hear)
    main = asked.inquiry.main
    there_is_one = plan.status.value not in ("INFEASIBLE", "LIMIT")
    recount = asked.inquiry.recount(plan.options) if there_is_one else None
    return Found(plan.status, recount, main, plan.reached.get(main) if there_is_one else None, plan.proven.get(main))


def _all_sites(plans: dict[str, Found | None]) -> pd.DataFrame:
    parts = [each.recount.sites.assign(scenario=name) for name, each in plans.items() if each and each.recount]
    return pd.concat(parts).rename_axis("candidate_id").reset_index() if parts else pd.DataFrame()


def _here(town: Study | Today) -> Today:
    return town.today if isinstance(town, Study) else town


def _seconds(town: Study | Today, time_limit_s: float | None) -> float:
    return _here(town).city.project.siting.time_limit_s if time_limit_s is None else time_limit_s


def _solver(town: Study | Today, solver: Solver | None) -> Solver:
    return solver or _here(town).city.project.siting.solver

"""A plan in sentences: what it serves, what it costs, how good it is, and which rules collide where there is none."""

from gis.errors import one_line
from gis.words import Language, say
from optimise.plan import Culprit, Plan, PlanStatus

SHOWN_NAMES = 20


def explain(plan: Plan, language: Language = "zh") -> list[str]:
    """Return a plan in sentences: one line that sums it up, then each culprit by name, then the notes.

    >>> from optimise.rules import SitingRules
    >>> from optimise.site import site
    >>> import pandas as pd
    >>> demand = pd.DataFrame({"elders": [30], "covered": [False]}, index=["a"])
    >>> pairs = pd.DataFrame({"demand_id": ["a"], "candidate_id": ["X"], "minutes": [4.0]})
    >>> candidates = pd.DataFrame(
    ...     {"name": ["旧厂房"], "kind": "day_care", "floor_area_m2": 400.0, "cost_yuan": 900_000}, index=["X"]
    ... )
    >>> for line in explain(site(demand, pairs, candidates, rules=SitingRules(budget_yuan=900_000)), "en"):
    ...     print(line)
    Proven best: 1 sites, 90 wan yuan, 400 m2; older people covered 0 -> 30 of 30.
    """
    key = f"plan.summary_{plan.status.value}"
    if plan.status in (PlanStatus.FEASIBLE, PlanStatus.GREEDY) and plan.gap is None:
        key += "_no_bound"
    head = say(
        key,
        language,
        sites=len(plan.sites),
        cost=wan(plan.cost_yuan),
        area=number(plan.floor_area_m2),
        before=plan.elders_covered_before,
        covered=plan.elders_covered,
        total=plan.elders_total,
        gap=f"{100 * (plan.gap or 0):.2g}",
    )
    return [head, *(_sentence(culprit, language) for culprit in plan.culprits), *plan.notes]


def wan(yuan: float) -> str:
    """Return an amount in units of 10,000 yuan, exactly.

    >>> wan(900_000), wan(1_234_567)
    ('90', '123.4567')
    """
    return number(yuan / 10_000)


def number(value: float) -> str:
    """Return a figure with no more digits than it has, four after the point at most."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def name_list(names: tuple[str, ...], language: Language) -> str:
    """Return names as one text: the first twenty, and how many more there are."""
    comma = "、" if language == "zh" else ", "
    text = comma.join(one_line(name) for name in names[:SHOWN_NAMES])
    more = len(names) - SHOWN_NAMES
    return text + (say("plan.and_more", language, n=more) if more > 0 else "")


def _sentence(culprit: Culprit, language: Language) -> str:
    if culprit.several:
        name = say(f"rule_name.{culprit.rule}", language)
        asked, available = number(culprit.asked), number(culprit.available)
        line = say("plan.culprit_several", language, rule=name, asked=asked, available=available)
        return line + _of(culprit.names, language)
    in_wan = culprit.rule in ("budget", "budget_year", "county_share", "running_cost")
    asked, available = (wan(v) if in_wan else number(v) for v in (culprit.asked, culprit.available))
    line = say(f"rule.{culprit.rule}", language, asked=asked, available=available)
    return line + _of(culprit.names, language)


def _of(names: tuple[str, ...], language: Language) -> str:
    return say("plan.culprit_names", language, names=name_list(names, language)) if names else ""

"""What is told of the province's plan: a line, the money by county, and what each county makes of each sum."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import permutations
from typing import Any

import pandas as pd

from circle15.siting import YUAN_PER_WAN
from gis.shown import shown_chain, shown_within
from gis.words import Language, say
from maps.contents import pair
from maps.withheld import BESIDE
from maps.workbook import DECIMAL, WHOLE, Column, Sheet, Value
from optimise.county_front import Offer
from optimise.plan import PlanStatus
from optimise.province_plan import ProvincePlan


def money_line(plan: ProvincePlan, language: Language) -> str:
    """Return the plan in a sentence."""
    if plan.short:
        return say("province.money_short", language, names=say("label.comma", language).join(plan.short))
    if plan.status is PlanStatus.LIMIT:
        return say("province.money_none", language)
    before, after, bound = (f"{n:,}" if isinstance(n, int) else n for n in _covered(plan))
    return say(
        "province.money_done", language, sites=f"{len(plan.sites):,}", wan=f"{plan.cost_yuan / YUAN_PER_WAN:,.1f}",
        before=before, after=after, bound=bound, gap=f"{plan.gap:.2%}",
    )  # fmt: skip


def money_sheets(plan: ProvincePlan, names: pd.Series, language: Language) -> list[Sheet]:
    """Return the sheets: sites and money by county with the line on the whole, and each county's front."""
    county, code = Column(pair("index.county")), Column(pair("province.code"))
    cost, count = Column(pair("page.plan_cost"), DECIMAL), Column(pair("page.plan_count"), WHOLE)
    gained, own = Column(pair("province.gained"), WHOLE), Column(pair("province.own_gained"), WHOLE)
    table = plan.counties
    rows: list[list[Value]] = [
        [_name(names, one), one, int(table["sites"][one]), _wan(int(table["cost_yuan"][one]))] for one in table.index
    ]
    rows.append([say("index.total", language), "", len(plan.sites), _wan(plan.cost_yuan)])
    rows.append([money_line(plan, language), *[None] * 3])
    fronts: list[list[Value]] = [
        [_name(names, front.county_id), front.county_id, _wan(o.cost_yuan), len(o.sites), elders, own]
        for front in plan.fronts
        for o, elders, own in zip(front.offers, *_told(front.offers), strict=True)
    ]
    fronts.append([say("province.money_note", language), *[None] * 5])
    return [
        Sheet(say("province.money_sheet", language), [county, code, count, cost], rows),
        Sheet(say("province.fronts_sheet", language), [county, code, cost, count, gained, own], fronts),
    ]


def money_told(plan: ProvincePlan) -> Mapping[str, Any]:
    """Return the plan's figures for the manifest."""
    return {
        "status": plan.status.value,
        "sites": [str(i) for i in plan.sites.index],
        "cost_yuan": plan.cost_yuan,
        **dict(zip(("elders_covered_before", "elders_covered", "bound"), _covered(plan), strict=True)),
        "gap": plan.gap,
        "short": list(plan.short),
    }


def _covered(plan: ProvincePlan) -> tuple[int | str, int | str, int | str]:
    """Return who is covered before and after, and the bound, which a proven plan reaches, as they may be told."""
    before, after, _ = shown_chain(plan.elders_covered_before, plan.elders_covered, plan.elders_total)
    return before, after, plan.bound if isinstance(after, int) and isinstance(before, int) else BESIDE


def _name(names: pd.Series, code: str) -> str:
    return str(names.get(code, code))


def _wan(yuan: int) -> Fraction:
    return Fraction(yuan, YUAN_PER_WAN)


def _told(offers: Sequence[Offer]) -> tuple[list[int | str], list[int | str]]:
    """Return the people of the offers of a county, all and its own, as they are handed on.

    What one offer covers is among what another does that has its sites too; whom all sites of a county could serve is
    published nowhere.
    """
    pairs = [
        (one, other)
        for (one, a), (other, b) in permutations(enumerate(offers), 2)
        if set(a.sites) < set(b.sites) and a.elders <= b.elders
    ]
    free = [False] * len(offers)
    return (
        shown_within([o.elders for o in offers], pairs, lasting=free),
        shown_within([o.own for o in offers], pairs, lasting=free),
    )

"""What is told of the province's plan: a line, the money by county, and what each county makes of each sum."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pandas as pd

from circle15.siting import YUAN_PER_WAN
from gis.disclosure import FEWEST
from gis.words import Language, say
from maps.contents import pair
from maps.withheld import FEW
from maps.workbook import DECIMAL, WHOLE, Column, Sheet, Value
from optimise.plan import PlanStatus
from optimise.province_plan import ProvincePlan


def money_line(plan: ProvincePlan, language: Language) -> str:
    """Return the plan in a sentence."""
    if plan.short:
        return say("province.money_short", language, names=say("label.comma", language).join(plan.short))
    if plan.status is PlanStatus.LIMIT:
        return say("province.money_none", language)
    return say(
        "province.money_done", language, sites=f"{len(plan.sites):,}", wan=f"{plan.cost_yuan / YUAN_PER_WAN:,.1f}",
        before=f"{plan.elders_covered_before:,}", after=f"{plan.elders_covered:,}", bound=f"{plan.bound:,}",
        gap=f"{plan.gap:.2%}",
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
        [_name(names, front.county_id), front.county_id, _wan(o.cost_yuan), len(o.sites), _told(o.elders), _told(o.own)]
        for front in plan.fronts
        for o in front.offers
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
        "elders_covered_before": plan.elders_covered_before,
        "elders_covered": plan.elders_covered,
        "bound": plan.bound,
        "gap": plan.gap,
        "short": list(plan.short),
    }


def _name(names: pd.Series, code: str) -> str:
    return str(names.get(code, code))


def _wan(yuan: int) -> Fraction:
    return Fraction(yuan, YUAN_PER_WAN)


def _told(people: int) -> int | str:
    """Return a count of people as it is handed on; whom all sites of a county could serve is published nowhere."""
    return FEW if 0 < people < FEWEST else people

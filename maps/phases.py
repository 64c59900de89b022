"""The plan by year: what is built when and for how much money, from the sites of the plan alone."""

from collections.abc import Iterator

import pandas as pd

from gis.words import say
from maps.atlas import Atlas
from maps.columns import column, count_cell, sheet
from maps.figures import exact
from maps.shown_plan import shown_plan
from maps.situated import planned_sites
from maps.workbook import DECIMAL, WHOLE, Sheet, Value

WAN_YUAN = 10_000
MONEY = ("subsidy_yuan", "running_yuan")
"""What a plan may know beside the cost: the subsidy once, and what running takes each year."""


def site_year(site: pd.Series) -> int:
    """Return the year a site is built in, 0 where the plan does not part the years."""
    year = exact(site.get("year"))
    return 0 if year is None else int(year)


def has_years(sites: pd.DataFrame) -> bool:
    """Return whether the sites of a plan say when they are built; year 0 says nothing."""
    return "year" in sites and bool((sites["year"] > 0).any())


def year_words(year: int, atlas: Atlas) -> str:
    """Return a year in words: a plan without years is one period."""
    return str(year) if year else say("annex.one_period", atlas.language)


def phases(atlas: Atlas) -> Iterator[tuple[int, pd.DataFrame]]:
    """Yield each year of the plan with its sites, the earliest first; sites without a year come last."""
    sites = planned_sites(atlas)
    years = pd.Series([site_year(site) for _, site in sites.iterrows()], index=sites.index, dtype="int64")
    for year in sorted(set(years), key=lambda one: (one == 0, one)):
        yield year, sites[years == year]


def year_sheet(atlas: Atlas) -> Sheet:
    """Return sites, floor area, money and elders newly covered by year, with their sums."""
    sites = planned_sites(atlas)
    money = [name for name in MONEY if name in sites]
    columns = [
        column("annex.year", atlas),
        column("page.plan_count", atlas, WHOLE, summed=True),
        column("annex.area_m2", atlas, DECIMAL, summed=True),
        column("annex.cost_wan", atlas, DECIMAL, summed=True),
        *(column(f"annex.{name}", atlas, WHOLE, summed=True) for name in money),
        column("page.plan_gain", atlas, WHOLE, summed=True),
    ]
    rows: list[list[Value]] = []
    found = list(phases(atlas))
    gains = {} if atlas.plan is None else shown_plan(atlas.plan).by_year
    for year, own in found:
        cost = sum((exact(cost) or 0) for cost in own["cost_yuan"])
        area = sum((exact(area) or 0) for area in own["floor_area_m2"])
        sums = [sum((exact(amount) or 0) for amount in own[name]) for name in money]
        rows.append([year_words(year, atlas), len(own), area, cost / WAN_YUAN, *sums, count_cell(gains.get(year))])
    return sheet("by_year", atlas, columns, rows, total=True)

"""Whom several sets of sites cover, as it is handed on: of two sets one of which holds the other, no few between them.

A plan, plans nearly as good, what each budget buys, years, scenarios and a plan edited by hand are such sets; so is a
plan without one of its sites, by what would be lost.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations

import pandas as pd

from gis.disclosure import FEWEST
from gis.shown import shown_within
from maps.atlas import Atlas
from maps.figures import units_of
from maps.withheld import BESIDE, FEW, MARKS

Sites = frozenset[str]
Reach = tuple[Sites, int]
"""Some sites, and how many older people are covered with them."""


def shown_reach(atlas: Atlas, more: Iterable[Reach] = ()) -> Mapping[Reach, object]:
    """Return what each set of sites covers, as a number or a mark: those of the council's answers, and `more`.

    Figures of today, of the plan and of its years are hidden where the table of units hides them, and else last.
    """
    if atlas.plan is None:
        return {}
    told = _elsewhere(atlas)
    reached = [*dict.fromkeys([*told, *_answers(atlas), *more])]
    everyone, total = len(reached), atlas.plan.elders_total
    within = [
        (one, other) if a <= b else (other, one)
        for (one, (a, _)), (other, (b, _)) in combinations(enumerate(reached), 2)
        if a <= b or b <= a
    ]
    shown = shown_within(
        [*(count for _, count in reached), total],
        [*within, *((place, everyone) for place, (_, count) in enumerate(reached) if count != total)],
        lasting=[*(each in told for each in reached), True],
        hidden=[*(told.get(each) in MARKS for each in reached), False],
    )
    return dict(zip(reached, shown, strict=False))


def shown_lost(lost: object, *reached: object) -> object:
    """Return what lies between two figures of a plan: hidden where it is few, or one of the two is hidden.

    >>> shown_lost(3, 40, 43), shown_lost(8, 40, "*"), shown_lost(8, 40, 48)
    ('<5', '*', 8)
    """
    if pd.isna(lost):  # type: ignore[call-overload]
        return None
    few = 0 < abs(int(str(lost))) < FEWEST
    return FEW if few else BESIDE if MARKS & {str(each) for each in reached} else lost


def _elsewhere(atlas: Atlas) -> dict[Reach, object]:
    """Return what the table of units tells of today, of the plan and of its years."""
    plan, longest = atlas.plan, f"elders_covered_{max(atlas.minutes)}"
    city = units_of(atlas, "city")
    if plan is None or city.empty:
        return {}
    row = city.iloc[0]
    told: dict[Reach, object] = {(frozenset(), plan.elders_covered_before): row.get(longest)}
    if f"{longest}_after" in row:
        told[the_plan(atlas)] = row[f"{longest}_after"]
    for year, table in atlas.shown_units.items():
        if year:
            built = _built(plan.sites, year)
            exact = next(end.units for end in atlas.years if end.year == year)
            count = int(exact.loc[exact["level"] == "city", longest].iloc[0])
            told[built, count] = table.loc[table["level"] == "city", longest].iloc[0]
    return told


def _answers(atlas: Atlas) -> Iterable[Reach]:
    """Yield the sets of sites that the answers for a council tell of."""
    council, plan = atlas.council, atlas.plan
    if council is None or plan is None:
        return
    for found in (council.best, *council.near_best):
        if found.recount is not None:
            yield frozenset(map(str, found.recount.sites.index)), found.recount.elders_covered
    yield from without(atlas).values()
    yield from instead(atlas).values()
    yield from by_budget(atlas).values()
    yield from by_year(atlas).values()
    yield from by_scenario(atlas).values()


def the_plan(atlas: Atlas) -> Reach:
    """Return what the plan covers."""
    if atlas.plan is None:
        return frozenset(), 0
    return frozenset(map(str, atlas.plan.sites.index)), atlas.plan.elders_covered


def without(atlas: Atlas) -> dict[str, Reach]:
    """Return what the plan covers without each of its sites, nothing in its place."""
    if atlas.council is None or atlas.plan is None:
        return {}
    best, covered = the_plan(atlas)
    lost = atlas.council.why["lost_alone"]
    return {str(site): (best - {str(site)}, covered - int(n)) for site, n in lost.items() if not pd.isna(n)}


def instead(atlas: Atlas) -> dict[str, Reach]:
    """Return what the best plan without each site of the plan covers."""
    if atlas.council is None or atlas.plan is None:
        return {}
    (best, covered), why = the_plan(atlas), atlas.council.why
    return {
        str(site): ((best - {str(site)}) | set(map(str, others)), covered - int(n))
        for site, others, n in zip(why.index, why["replacement"], why["lost_at_best"], strict=True)
        if not pd.isna(n)
    }


def by_budget(atlas: Atlas) -> dict[int, Reach]:
    """Return what each budget of the front covers."""
    front = None if atlas.council is None else atlas.council.front
    if front is None:
        return {}
    return {
        int(budget): (frozenset(filter(None, str(ids).split("、"))), int(n))
        for budget, ids, n in zip(front.index, front["site_ids"], front["elders_covered"], strict=True)
        if not pd.isna(n)
    }


def shown_front(atlas: Atlas, shown: Mapping[Reach, object]) -> pd.DataFrame | None:
    """Return the front with marks where what a budget covers is hidden; the bound, which it may reach, goes with it."""
    front = None if atlas.council is None else atlas.council.front
    if front is None:
        return None
    covered = {budget: shown.get(reach) for budget, reach in by_budget(atlas).items()}
    told = pd.Series([covered.get(int(budget)) for budget in front.index], index=front.index, dtype=object)
    away = told.isin(MARKS)
    return front.assign(elders_covered=told, **{name: front[name].mask(away) for name in ("bound", "value")})


def by_year(atlas: Atlas) -> dict[int, Reach]:
    """Return what is covered at the end of each year of the plan; sites without a year are there at once."""
    if atlas.plan is None or not len(atlas.plan.by_year):
        return {}
    return {
        year: (_built(atlas.plan.sites, year), int(n))
        for year, n in zip(atlas.plan.by_year.index.tolist(), atlas.plan.by_year["elders_covered"], strict=True)
    }


def _built(sites: pd.DataFrame, year: int) -> Sites:
    """Return the sites that are there at the end of a year."""
    return frozenset(map(str, sites.index[sites["year"] <= year] if "year" in sites else sites.index))


def by_scenario(atlas: Atlas) -> dict[str, Reach]:
    """Return what each scenario covers."""
    council = atlas.council
    if council is None or council.scenarios is None or council.scenario_sites.empty:
        return {}
    of = council.scenario_sites["candidate_id"].astype(str).groupby(council.scenario_sites["scenario"])
    sites = {str(name): frozenset(ids) for name, ids in of}
    return {
        str(name): (sites.get(str(name), frozenset()), int(n))
        for name, n in council.scenarios["elders_covered"].items()
        if not pd.isna(n)
    }

"""The plan on the page: its sites in their order, new or extended, and the facilities that it keeps or closes."""

from collections.abc import Hashable, Iterable
from dataclasses import asdict

import geopandas as gpd
import pandas as pd

from gis.errors import one_line
from maps.atlas import Atlas
from maps.contents import Json, ordered, pair
from maps.figures import people, wan, whole
from maps.labels import cell, header, said
from maps.marks import Rows, layer_of
from maps.shown_plan import shown_plan
from maps.situated import EXTENDING, FACILITY_SITE, planned_sites
from maps.style import DROPPED, KEPT, Symbol, extended_symbol, plan_symbol


def plan_layers(atlas: Atlas) -> list[Json]:
    """Return the layers of the plan, the lowest first: facilities kept, facilities closed, sites in the plan's order.

    A site of a year bears the year as the sixth part of its item; 0 where the plan has no years.
    """
    if atlas.plan is None:
        return []
    layers = [
        *_stands("plan_kept", atlas.plan.kept, KEPT, atlas),
        *_stands("plan_closed", atlas.plan.closed, DROPPED, atlas),
    ]
    sites = atlas.plan.sites
    if not len(sites):
        return layers
    frame = gpd.GeoDataFrame(sites, geometry=planned_sites(atlas).geometry)
    states = [state_of(code, site.get("mode")) for code, site in sites.iterrows()]
    drawn = [
        (extended_symbol if state == "extended" else plan_symbol)(kind)
        for state, kind in zip(states, sites["kind"], strict=True)
    ]
    layer = layer_of("plan", pair("page.plan_sites"), frame, atlas, drawn=drawn, rows=list(_rows(sites, states, atlas)))
    here = (~(frame.geometry.isna() | frame.geometry.is_empty)).to_numpy()
    years = sites["year"].to_numpy() if "year" in sites else [0] * len(sites)
    numbers = [(number, int(year)) for number, (year, placed) in enumerate(zip(years, here, strict=True), 1) if placed]
    items = [[*item, year, number] for item, (number, year) in zip(layer["items"], numbers, strict=True)]
    legend = {"new": plan_symbol("day_care"), "extended": extended_symbol("day_care")}
    classes = [
        [ordered(pair(f"page.plan_{state}"), atlas), asdict(symbol), states.count(state)]
        for state, symbol in legend.items()
        if state in states
    ]
    more = {"items": items, "legend": asdict(plan_symbol("day_care")), "numbered": True, "classes": classes}
    return [*layers, layer | more]


def state_of(code: Hashable, mode: object) -> str:
    """Return whether a site of the plan is `new` or makes larger what stands (`extended`).

    >>> state_of("C1", "lease"), state_of("C2", "extend"), state_of("facility/F3", "upgrade")
    ('new', 'extended', 'extended')
    """
    return "extended" if str(code).startswith(FACILITY_SITE) or mode in EXTENDING else "new"


def _stands(key: str, codes: Iterable[str], symbol: Symbol, atlas: Atlas) -> Iterable[Json]:
    """Yield the facilities that these decisions are about as a layer."""
    known = {f"{FACILITY_SITE}{code}": code for code in atlas.facilities.index}
    mine = [known[site] for code in codes if (site := _site(code, known)) is not None]
    if not mine:
        return
    frame = atlas.facilities.loc[mine]
    rows: list[Rows] = [[[ordered(pair("page.plan_state"), atlas), pair(f"page.{key}")[atlas.language != "zh"]]]] * len(
        frame
    )
    layer = layer_of(key, pair(f"page.{key}"), frame, atlas, drawn=[symbol] * len(frame), rows=rows)
    yield layer | {"legend": asdict(symbol), "around": True}


def _site(code: str, known: dict[str, Hashable]) -> str | None:
    """Return the site of a decision (site/kind/mode/area/year, or the site alone), None where it is no facility."""
    found = (code, code.rsplit("/", 4)[0])
    return next((site for site in found if site in known), None)


def _rows(sites: pd.DataFrame, states: list[str], atlas: Atlas) -> Iterable[Rows]:
    at = 0 if atlas.language == "zh" else 1
    gains = {} if atlas.plan is None else shown_plan(atlas.plan).by_site.to_dict()
    for number, ((code, site), state) in enumerate(zip(sites.iterrows(), states, strict=True), 1):
        told = [
            (header("candidates", "candidate_id"), cell(code)),
            (pair("page.order"), str(number)),
            (pair("page.plan_state"), pair(f"page.plan_{state}")[at]),
            (header("candidates", "mode"), said("candidates", "mode", site.get("mode"), atlas.language)),
            (pair("page.plan_year"), str(site["year"]) if site.get("year") else ""),
            (pair("page.kind"), one_line(said("facilities", "kind", site["kind"], atlas.language))),
            (pair("page.plan_area"), whole(site["floor_area_m2"])),
            (pair("page.plan_cost"), wan(site["cost_yuan"])),
            (pair("page.plan_gain"), people(gains[code])),
        ]
        yield [[ordered(label, atlas), text] for label, text in told if text]

"""What the sheets of the plan show: the layout of what is kept, extended and new, the near term, and one street."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import shapely

from gis.errors import one_line
from gis.words import say
from maps.contents import plan_remarks
from maps.figures import people, people_share, units_of, wan, whole
from maps.labels import cell, said
from maps.marks import name_of
from maps.phases import has_years
from maps.sheet.grid import Grid
from maps.sheet.leaf import Content, Leaf
from maps.sheet.legend import Entry
from maps.sheet.marks import (
    community_names,
    facility_legend,
    facility_names,
    facility_spots,
    nominal_legend,
    plan_frame,
    plan_legend,
    plan_names,
    plan_spots,
    serving_frame,
    street_names,
)
from maps.sheet.themes_coverage import area_fills, nominal_circles
from maps.shown_plan import shown_plan
from maps.style import area_colours

GAIN, TODAY = "#f0bfa6", "#e4e6e8"
BESIDE = "#eef0f1"
"""Laid over what is not of the street that a sheet is of."""


def layout_plan(leaf: Leaf) -> Content:
    """Return all facilities that stay, and the sites of the plan with their numbers, names and a table."""
    frame, sites = leaf.atlas.facilities, plan_frame(leaf)
    if "status" in frame:
        frame = frame[frame["status"].map(cell) != "closed"]
    return Content(
        spots=(*facility_spots(leaf, frame), *plan_spots(leaf, sites)),
        labels=(
            *plan_names(leaf, sites),
            *facility_names(leaf, frame, rank=30, colour="#4a5862"),
            *street_names(leaf, rank=15, colour="#8d83a3"),
        ),
        legend=(*plan_legend(leaf, sites), *facility_legend(leaf, frame)),
        tables=tuple(site_table(leaf, sites)),
        remarks=tuple(_plan_remarks(leaf)),
    )


def near_term(leaf: Leaf) -> Content:
    """Return what is to be built, year by year where the plan has years, with mode, area and money."""
    sites = plan_frame(leaf)
    longest = max(leaf.atlas.minutes)
    areas = leaf.atlas.areas
    fills = []
    legend: list[Entry] = []
    if len(areas) and leaf.atlas.plan is not None:
        for when, colour, key in (("after", GAIN, "gain_after"), ("today", TODAY, "gain_today")):
            chosen = (areas["minutes"] == longest) & (areas["when"] == when)
            fills.append(leaf.window.shape(areas.geometry[chosen].to_numpy(), fill=colour, opacity=0.9, name="walk"))
            legend.append(Entry(leaf.pen.say(key, minutes=longest), fill=colour, line="#9a9fb5", width=0.1))
    return Content(
        fills=tuple(fills),
        spots=(*facility_spots(leaf, serving_frame(leaf), faded=True), *plan_spots(leaf, sites)),
        labels=(*plan_names(leaf, sites), *street_names(leaf, rank=40), *community_names(leaf, rank=50, size=6.2)),
        legend=(*plan_legend(leaf, sites), Entry(leaf.pen.say("legend_gain")), *legend)
        if legend else plan_legend(leaf, sites),
        tables=(*site_table(leaf, sites, money=True), *_by_year(leaf, sites)),
        remarks=tuple(_plan_remarks(leaf)),
    )  # fmt: skip


def _plan_remarks(leaf: Leaf) -> Iterable[str]:
    """Yield that there is no plan or what the plan itself has to say."""
    plan = leaf.atlas.plan
    if plan is None:
        yield say("page.plan_none", leaf.pen.language)
        return
    yield from plan_remarks(plan, leaf.atlas)
    if not has_years(plan.sites):
        yield leaf.pen.say("no_years")


def site_table(leaf: Leaf, sites: pd.DataFrame, *, money: bool = False) -> Iterable[Grid]:
    """Yield the sites of the plan: number, name, kind, mode, area, and money where it is asked for."""
    if not len(sites):
        return
    pen = leaf.pen
    keys = ["number_short", "name", "mode", "area_m2", "cost_wan", "gain"] if money else [
        "number_short", "name", "kind", "mode", "area_m2", "gain"]  # fmt: skip
    years = has_years(sites)
    rows = []
    gains = shown_plan(leaf.atlas.plan).by_site.to_dict() if leaf.atlas.plan is not None else {}
    for code, site in sites.iterrows():
        texts = {
            "number_short": str(site["number"]),
            "name": name_of(site, code),
            "kind": said("facilities", "kind", site["kind"], pen.language),
            "mode": said("candidates", "mode", site["mode"], pen.language),
            "area_m2": whole(site["floor_area_m2"]),
            "cost_wan": wan(site["cost_yuan"]),
            "gain": people(gains[code]),
        }
        rows.append((*(one_line(texts[key]) for key in keys), *([str(site["year"] or "")] if years else [])))
    if money and leaf.atlas.plan is not None:
        plan = leaf.atlas.plan
        gained = people(shown_plan(plan).gained)
        rows.append(("", pen.say("total"), "", whole(plan.floor_area_m2), wan(plan.cost_yuan), gained,
                     *([""] if years else [])))  # fmt: skip
    shares = (0.9, 4.4, 1.6, 1.8, 1.8, 1.7) if money else (0.9, 4.2, 2.3, 1.5, 1.7, 1.6)
    aligns = "mllrrr" if money else "mlllrr"  # fmt: skip
    headers = (*(pen.say(f"column_{key}") for key in keys), *([pen.say("column_year")] if years else []))
    yield Grid(pen.say("table_sites"), headers, (*shares, 1.3) if years else shares, tuple(rows),
               aligns + "m" if years else aligns)  # fmt: skip


def _by_year(leaf: Leaf, sites: pd.DataFrame) -> Iterable[Grid]:
    """Yield how many sites, how much floor area and money each year has, where the plan has years."""
    if not has_years(sites):
        return
    rows = []
    years = [(year, own) for year, own in sites.groupby("year", sort=True)]
    gains = shown_plan(leaf.atlas.plan).by_year if leaf.atlas.plan is not None else {}
    for year, own in years:
        area, cost = own["floor_area_m2"].sum(), own["cost_yuan"].sum()
        rows.append((cell(year), str(len(own)), whole(area), wan(cost), people(gains.get(int(str(year))))))
    headers = tuple(leaf.pen.say(f"column_{key}") for key in ("year", "sites", "area_m2", "cost_wan", "gain"))
    yield Grid(leaf.pen.say("table_years"), headers, (1.5, 1.5, 2, 2, 2), tuple(rows),
               "mrrrr")  # fmt: skip


def one_street(leaf: Leaf) -> Content:
    """Return one street: the walk with the plan in use, every facility and site by name, and its communities' table."""
    atlas, pen = leaf.atlas, leaf.pen
    own = atlas.communities[(atlas.communities["street_id"] == leaf.street).fillna(value=False)]
    shape = shapely.union_all(shapely.make_valid(own.geometry[own.geometry.notna()].to_numpy()))
    sites = plan_frame(leaf)
    when = "after" if atlas.plan is not None and len(sites) else "today"
    longest = max(atlas.minutes)
    colours = area_colours(atlas.minutes)
    spots = [*facility_spots(leaf, atlas.facilities), *plan_spots(leaf, sites)]
    legend = [Entry(pen.say("legend_walk_after" if when == "after" else "legend_walk"))]
    legend += [
        Entry(say("page.within", pen.language, minutes=m), fill=colours[m], line="#77709f", width=0.12)
        for m in sorted(atlas.minutes)
    ]
    counted = (*facility_spots(leaf, serving_frame(leaf)), *plan_spots(leaf, sites))
    inside = shapely.buffer(leaf.on_paper(shape), leaf.pen.mm(0.1))
    here = shapely.intersects(atlas.facilities.geometry.to_numpy(), shape)
    circles = [spot for spot in counted if inside.contains(shapely.Point(spot.x, spot.y))]
    veil = leaf.window.shape(
        np.array([shapely.difference(leaf.window.ground.buffer(10), shape)]), fill=BESIDE, opacity=0.62, name="veil"
    )  # fmt: skip
    return Content(
        fills=tuple(area_fills(leaf, when)),
        over=(veil, *nominal_circles(leaf, circles)),
        spots=tuple(spots),
        labels=(
            *plan_names(leaf, sites),
            *facility_names(leaf, atlas.facilities[here], rank=20),
            *facility_names(leaf, atlas.facilities[~here], rank=45, colour="#7d868e"),
            *community_names(leaf, rank=5, size=8.4, only=list(own.index)),
            *(label for label in street_names(leaf, rank=40, size=11, colour="#8d83a3")
              if label.lines[0] != cell(own["street"].iloc[0])),
        ),
        legend=(*legend, *nominal_legend(leaf), *facility_legend(leaf, _shown(leaf, atlas.facilities)),
                *plan_legend(leaf, _shown(leaf, sites))),
        tables=(_communities(leaf, own, longest), *_own_sites(leaf, sites)),
        remarks=(pen.say("street_remark"),),
    )  # fmt: skip


def _shown(leaf: Leaf, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that lie on the map."""
    return frame[[leaf.at(point) is not None for point in frame["geometry"]]] if len(frame) else frame


def _communities(leaf: Leaf, own: pd.DataFrame, longest: int) -> Grid:
    """Return the communities of a street: older people, covered today and after the plan, their facilities."""
    pen = leaf.pen
    units = units_of(leaf.atlas, "community")
    column = f"elders_covered_{longest}"
    after = f"{column}_after" in units
    homes = leaf.atlas.facilities.get("community_id", pd.Series(dtype=object))
    rows = []
    street = units_of(leaf.atlas, "street")
    every = [(code, units.loc[code]) for code in own.index if code in units.index]
    total = [("", street.loc[leaf.street])] if leaf.street in street.index else []
    for code, unit in (*every, *total):
        name = cell(unit["name"]) if code else pen.say("total")
        serving = homes.index[(homes == code).fillna(value=False)] if code else homes.index[homes.isin(own.index)]
        number = sum(str(facility) in leaf.atlas.serving for facility in serving)
        texts = [name, people(unit["residents"]), people(unit["elders"]), people_share(unit[column], unit["elders"])]
        texts += [people_share(unit[f"{column}_after"], unit["elders"])] if after else []
        rows.append((*texts, str(number)))
    keys = ["community", "residents", "elders", "share_today", *(["share_after"] if after else []), "serving"]
    shares = (3, 1.9, 1.6, 1.9, *((1.9,) if after else ()), 1.4)
    aligns = "l" + "r" * (len(keys) - 1)
    title = pen.say("table_communities", minutes=longest)
    return Grid(title, tuple(pen.say(key) for key in keys), shares, tuple(rows), aligns)


def _own_sites(leaf: Leaf, sites: pd.DataFrame) -> Iterable[Grid]:
    """Yield the sites that lie in the street."""
    if len(sites):
        yield from site_table(leaf, sites[(sites["street_id"] == leaf.street).fillna(value=False)])

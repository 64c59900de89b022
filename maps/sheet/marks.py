"""Facilities, sites of the plan and housing on a sheet: their symbols, names and legend, by kind and state."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import geopandas as gpd
import pandas as pd

from gis.tables import FACILITY_KINDS
from gis.words import say
from maps.contents import kind_words, pair
from maps.labels import cell
from maps.marks import name_of
from maps.sheet.leaf import Leaf, Spot
from maps.sheet.legend import Entry
from maps.sheet.placing import Label
from maps.sheet.symbols import radius_mm
from maps.situated import EXTENDING, planned_sites
from maps.style import KINDS, OTHER_KIND, PLANNED, STATES, Symbol, facility_symbol, plan_symbol

STATE_ORDER = ("existing", "building", "planned", "closed")
_STATE_OF = {"existing": "in_use", "building": "under_construction", "planned": "planned", "closed": "closed"}
NAME_SIZE = 6.6
FADED = "#aab2b8"
FULL_SIZE_SCALE, LEAST_SIZE, LEAST_PLANNED = 25_000, 0.35, 0.6
"""From which scale on symbols have their full size, and how much of it is left on the smallest: numbers must read."""


def facility_spots(leaf: Leaf, frame: pd.DataFrame, *, faded: bool = False) -> list[Spot]:
    """Return the symbols of facilities, the largest first; `faded`: grey, where they are but the background."""
    found = []
    for _, row in frame.iterrows():
        at = leaf.at(row.geometry)
        if at is not None:
            symbol = _symbol(leaf, row)
            if faded:
                symbol = replace(symbol, fill=FADED if symbol.fill != "#ffffff" else "#ffffff", size=symbol.size * 0.8)
                symbol = replace(symbol, stroke="#ffffff" if symbol.stroke == "#ffffff" else FADED)
            found.append(Spot(symbol, *at))
    return sorted(found, key=lambda spot: -spot.symbol.size)


def _symbol(leaf: Leaf, row: pd.Series) -> Symbol:
    """Return how a facility is drawn, smaller on a map of small scale, where many stand close together."""
    symbol = facility_symbol(cell(row.get("kind")), cell(row.get("status")))
    smaller = min(max((FULL_SIZE_SCALE / leaf.window.scale) ** 0.4, LEAST_SIZE), 1.0)
    return replace(symbol, size=symbol.size * smaller, width=symbol.width * smaller)


def _planned(leaf: Leaf, kind: str) -> Symbol:
    """Return how a site of the plan is drawn, smaller on a map of small scale, as far as its number reads."""
    symbol = plan_symbol(kind)
    smaller = min(max((FULL_SIZE_SCALE / leaf.window.scale) ** 0.2, LEAST_PLANNED), 1.0)
    return replace(symbol, size=symbol.size * smaller, width=symbol.width * smaller)


def facility_names(leaf: Leaf, frame: pd.DataFrame, *, rank: int = 20, colour: str = "#24323d") -> list[Label]:
    """Return the names of facilities beside their points, those in use before the others."""
    found = []
    for code, row in frame.iterrows():
        at = leaf.at(row.geometry)
        if at is not None:
            symbol = _symbol(leaf, row)
            state = STATES.get(cell(row.get("status")), "existing")
            found.append(
                Label((name_of(row, code),), NAME_SIZE, *at, rank=rank + STATE_ORDER.index(state),
                      radius_mm=radius_mm(symbol, leaf.pen.factor), colour=colour)
            )  # fmt: skip
    return found


def facility_legend(leaf: Leaf, frame: pd.DataFrame) -> tuple[Entry, ...]:
    """Return the kinds and the states that occur: the shape says the kind, the fill the state."""
    at = 0 if leaf.pen.language == "zh" else 1
    kinds = frame["kind"].map(cell) if len(frame) else pd.Series(dtype=str)
    entries = [Entry(leaf.pen.say("legend_facilities"))]
    for kind in (*FACILITY_KINDS, ""):
        number = int((kinds == kind).sum()) if kind else int((~kinds.isin(list(FACILITY_KINDS))).sum())
        if number:
            words = kind_words(kind) if kind else pair("page.other_kind")
            shape, colour, size = KINDS.get(kind, OTHER_KIND)
            entries.append(Entry(f"{words[at] or words[0]} {number}", symbol=Symbol(shape, colour, "#ffffff", size)))
    states = {STATES.get(cell(status), "existing") for status in frame.get("status", pd.Series(dtype=str))}
    entries += [
        Entry(say(f"page.state_{state}", leaf.pen.language), symbol=facility_symbol("day_care", _STATE_OF[state]))
        for state in STATE_ORDER
        if state in states
    ]
    return tuple(entries) if len(entries) > 1 else ()


def plan_frame(leaf: Leaf) -> pd.DataFrame:
    """Return the sites of the plan with their number, mode and position, in the order of the plan; empty without."""
    plan = leaf.atlas.plan
    if plan is None or not len(plan.sites):
        return pd.DataFrame(columns=["number", "mode", "geometry", "street_id"])
    sites = planned_sites(leaf.atlas)
    frame = pd.DataFrame(sites.assign(number=range(1, len(sites) + 1), geometry=sites.geometry))
    return frame if "street_id" in frame else frame.assign(street_id=None)


def is_extended(site: pd.Series) -> bool:
    """Return whether a site of the plan enlarges what stands."""
    return cell(site.get("mode")) in EXTENDING


def plan_spots(leaf: Leaf, sites: pd.DataFrame) -> list[Spot]:
    """Return the sites as large hollow red symbols with their number, those that extend half filled."""
    found = []
    for _, site in sites.iterrows():
        at = leaf.at(site.geometry)
        if at is not None:
            found.append(
                Spot(_planned(leaf, cell(site["kind"])), *at, half=is_extended(site), sign=str(site["number"]))
            )
    return found


def plan_names(leaf: Leaf, sites: pd.DataFrame, *, rank: int = 10) -> list[Label]:
    """Return the names of the sites, in the plan's red."""
    found = []
    for code, site in sites.iterrows():
        at = leaf.at(site.geometry)
        if at is not None:
            radius = radius_mm(_planned(leaf, cell(site["kind"])), leaf.pen.factor)
            found.append(Label((name_of(site, code),), NAME_SIZE + 0.6, *at, rank=rank, radius_mm=radius,
                               colour="#9c0f20", bold=True))  # fmt: skip
    return found


def plan_legend(leaf: Leaf, sites: pd.DataFrame) -> tuple[Entry, ...]:
    """Return the kinds that the plan builds, and how what is extended differs from what is new."""
    if not len(sites):
        return ()
    at = 0 if leaf.pen.language == "zh" else 1
    entries = [Entry(leaf.pen.say("legend_plan"))]
    for kind in FACILITY_KINDS:
        own = sites[sites["kind"].map(cell) == kind]
        for half in (False, True):
            number = sum(is_extended(site) == half for _, site in own.iterrows())
            if number:
                words = kind_words(kind)[at] or kind_words(kind)[0]
                state = leaf.pen.say("plan_extended" if half else "plan_new")
                entries.append(Entry(f"{words}（{state}）{number}" if at == 0 else f"{words}, {state} {number}",
                                     symbol=plan_symbol(kind), half=half, sign="n"))  # fmt: skip
    return tuple(entries)


def street_names(leaf: Leaf, *, size: float = 12.0, rank: int = 0, colour: str = "#4b3f63") -> list[Label]:
    """Return the names of the streets and towns, large, each in its middle."""
    frame = leaf.atlas.communities
    if "street_id" not in frame:
        return []
    found = []
    for _, own in frame[frame.geometry.notna()].groupby("street_id", sort=True):
        shape = leaf.on_paper(own.geometry.union_all())
        if not shape.is_empty:
            middle = shape.representative_point()
            found.append(Label((cell(own["street"].iloc[0]),), size, middle.x, middle.y, rank=rank, area=shape,
                               colour=colour, bold=True))  # fmt: skip
    return [label for label in found if label.lines[0]]


def community_names(
    leaf: Leaf, second: pd.Series | None = None, *, size: float = 6.8, rank: int = 5, only: Sequence[str] | None = None
) -> list[Label]:
    """Return the names of the communities in their areas, below each a figure of its own where `second` has one."""
    found = []
    for code, row in leaf.atlas.communities.iterrows():
        if row.geometry is None or row.geometry.is_empty or (only is not None and code not in only):
            continue
        shape = leaf.on_paper(row.geometry)
        if shape.is_empty or shape.area <= 0:
            continue
        more = cell(second.get(code)) if second is not None else ""
        middle = shape.representative_point()
        found.append(Label(tuple(filter(None, (name_of(row, code), more))), size, middle.x, middle.y, rank=rank,
                           area=shape))  # fmt: skip
    return found


def nominal_legend(leaf: Leaf) -> Iterable[Entry]:
    """Yield the words that tell the dashed circle from the filled walk."""
    if leaf.atlas.imprint.circle_m > 0:
        metres = f"{leaf.atlas.imprint.circle_m:g}"
        yield Entry(leaf.pen.say("nominal", metres=metres), line=PLANNED, width=0.22, dash_mm=(1.0, 0.7), ring=True)


def serving_frame(leaf: Leaf) -> gpd.GeoDataFrame:
    """Return the facilities that count today."""
    frame = leaf.atlas.facilities
    return frame.loc[frame.index.map(str).isin(leaf.atlas.serving)]

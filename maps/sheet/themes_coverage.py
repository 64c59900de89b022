"""What the sheets of coverage show: the walk, the nominal circles beside it, and who is not reached."""

from collections.abc import Iterable

import numpy as np
import shapely

from gis.words import say
from maps.figures import key_figures, not_reached, people, people_share, units_of
from maps.labels import cell
from maps.sheet.grid import Grid
from maps.sheet.leaf import Content, Leaf, Spot
from maps.sheet.legend import Entry
from maps.sheet.marks import (
    community_names,
    facility_legend,
    facility_spots,
    nominal_legend,
    plan_frame,
    plan_legend,
    plan_spots,
    serving_frame,
    street_names,
)
from maps.sheet.picture import Item, Shape, outlines, polygon, shifted
from maps.style import PLANNED, SHAPES, SHARES, UNKNOWN_SHARE, area_colours, share_colour
from maps.withheld import MARKS

GAP_CLASSES = ((1, 0.42), (5, 0.62), (20, 1.0), (50, 1.5))
"""From how many older people on a dot has which radius (mm on A3); the first stands for one to four."""
MOST_CIRCLES = 12
"""Of more circles than this only the rim of all is drawn: each by itself would hide the map."""
LACKING = ("#cc7640", "#e19562", "#edb48d", "#f5cfb4", "#fae8da", "#ffffff")
"""The classes of coverage on paper, the worst the darkest: what is lacking shows, names read, little ink is spent."""
UNKNOWN, HATCH = "#f1f1f1", "#9aa0a6"
HATCH_MM = 1.5
DOT, DOT_RIM = "#7a2e00", "#ffffff"


def coverage(leaf: Leaf) -> Content:
    """Return the walking areas of today, filled, and the nominal circles, dashed."""
    return _walked(leaf, "today")


def coverage_after(leaf: Leaf) -> Content:
    """Return the walking areas with the sites of the plan in use."""
    return _walked(leaf, "after")


def _walked(leaf: Leaf, when: str) -> Content:
    atlas, frame, say_ = leaf.atlas, serving_frame(leaf), leaf.pen.say
    sites = plan_frame(leaf) if when == "after" else plan_frame(leaf).iloc[:0]
    spots = [*facility_spots(leaf, frame), *plan_spots(leaf, sites)]
    colours = area_colours(atlas.minutes)
    legend = [Entry(say_("legend_walk_after" if when == "after" else "legend_walk"))]
    legend += [
        Entry(say("page.within", leaf.pen.language, minutes=m), fill=colours[m], line="#77709f", width=0.12)
        for m in sorted(atlas.minutes)
    ]
    return Content(
        fills=tuple(area_fills(leaf, when)),
        over=tuple(nominal_circles(leaf, spots)),
        spots=tuple(spots),
        labels=(*street_names(leaf, rank=1), *community_names(leaf, rank=8)),
        legend=(*legend, *nominal_legend(leaf), *facility_legend(leaf, frame), *plan_legend(leaf, sites)),
        tables=tuple(reached_table(leaf)),
        remarks=(say_("circle_and_walk"),) if atlas.imprint.circle_m > 0 else (),
    )


def area_fills(leaf: Leaf, when: str) -> Iterable[Item | None]:
    """Yield the walking areas of a day, the widest first."""
    atlas = leaf.atlas
    colours = area_colours(atlas.minutes)
    for minutes in sorted(atlas.minutes, reverse=True):
        chosen = (atlas.areas["minutes"] == minutes) & (atlas.areas["when"] == when) if len(atlas.areas) else []
        if len(atlas.areas):
            yield leaf.window.shape(
                atlas.areas.geometry[chosen].to_numpy(), fill=colours[minutes], line="#77709f",
                width_mm=leaf.pen.mm(0.12), opacity=0.86, name=f"walk {minutes}",
            )  # fmt: skip


def nominal_circles(leaf: Leaf, spots: Iterable[Spot]) -> Iterable[Item | None]:
    """Yield a dashed circle of the nominal radius round each symbol; of many, the rim of all together."""
    radius = leaf.window.length_mm(leaf.atlas.imprint.circle_m)
    spots = list(spots)
    if radius <= 0 or not spots:
        return
    if len(spots) > MOST_CIRCLES:
        together = shapely.union_all([shapely.Point(spot.x, spot.y).buffer(radius, quad_segs=30) for spot in spots])
        rim = outlines(
            np.array([together], dtype=object),
            line=PLANNED,
            width_mm=leaf.pen.mm(0.22),
            dash_mm=(leaf.pen.mm(1.2), leaf.pen.mm(0.8)),
            within=leaf.window.frame,
            name="nominal circle",
        )
        yield rim
        return
    angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) * radius
    dash = (leaf.pen.mm(1.0), leaf.pen.mm(0.7))
    for spot in spots:
        yield polygon(ring + np.array([spot.x, spot.y]), line=PLANNED, width_mm=leaf.pen.mm(0.16), dash_mm=dash,
                      within=leaf.window.frame, name="nominal circle")  # fmt: skip


def reached_table(leaf: Leaf) -> Iterable[Grid]:
    """Yield the key figures: older people reached within each walk, today and after the plan."""
    found = key_figures(leaf.atlas)
    if found is None:
        return
    say_ = leaf.pen.say
    after = any(row.after is not None for row in found.reached)
    headers = [say_("walk"), say_("today"), say_("share")] + ([say_("after"), say_("share")] if after else [])
    rows = []
    for row in found.reached:
        texts = [say("page.minutes", leaf.pen.language, minutes=row.minutes), people(row.today),
                 people_share(row.today, found.elders)]  # fmt: skip
        if after:
            texts += [people(row.after), people_share(row.after, found.elders)]
        rows.append(tuple(texts))
    note = say_("table_reached_note", elders=people(found.elders), unknown=people(found.elders_unknown))
    aligns = "l" + "r" * (len(headers) - 1)
    yield Grid(say_("table_reached"), tuple(headers), (1.6, *(2,) * (len(headers) - 1)), tuple(rows), aligns, note)


def gaps(leaf: Leaf) -> Content:
    """Return the share of older people covered by community, and as dots those who are not."""
    units = units_of(leaf.atlas, "community")  # those without a boundary too: the table tells of all
    longest = max(leaf.atlas.minutes)
    column = f"elders_covered_{longest}"
    fills, legend = share_fills(leaf)
    say_ = leaf.pen.say
    over, dots = _gap_dots(leaf)
    missed = not_reached(leaf.atlas, "community")
    number = not_reached(leaf.atlas, "community", exact=True).astype(float)
    told = number.mask(missed.isin(MARKS), 0.0)  # where a hidden count stands in the order would bound it
    worst_first = told[number > 0].sort_values(ascending=False, kind="stable")
    rows = tuple(
        (cell(unit["name"]), people(unit["elders"]), people(unit["missed"]), people(unit["elders_unknown"]),
         people_share(unit[column], unit["elders"]))
        for _, unit in units.assign(missed=missed).loc[worst_first.index].iterrows()
    )  # fmt: skip
    headers = tuple(say_(key) for key in ("community", "elders", "missed", "not_known", "share"))
    aligns = "lrrrr"
    return Content(
        fills=fills,
        over=tuple(over),
        spots=tuple(facility_spots(leaf, serving_frame(leaf), faded=True)),
        labels=(*community_names(leaf, missed.map(people).where(number > 0), rank=3),
                *street_names(leaf, rank=6, size=10.5)),
        legend=(*legend, *dots),
        tables=(Grid(say_("table_gaps", minutes=longest), headers, (3, 1.6, 1.8, 1.6, 1.8), rows, aligns),),
        remarks=(say_("label_missed"),),
        buildings=False,
    )  # fmt: skip


def share_fills(leaf: Leaf) -> tuple[tuple[Item | None, ...], tuple[Entry, ...]]:
    """Return the communities by the share of older people covered within the longest walk, and the classes."""
    frame = leaf.atlas.communities
    frame = frame[frame.geometry.notna()]
    units = units_of(leaf.atlas, "community", exact=True).reindex(frame.index)
    longest = max(leaf.atlas.minutes)
    column = f"elders_covered_{longest}"
    colours = np.array([
        share_colour(unit.get(column, np.nan), unit.get("elders", np.nan), unit.get("elders_unknown", 0))
        for _, unit in units.iterrows()
    ])  # fmt: skip
    ramp = dict(zip((colour for _, colour in SHARES), LACKING, strict=True)) | {UNKNOWN_SHARE: UNKNOWN}
    fills: list[Item | None] = [
        leaf.window.shape(frame.geometry[colours == c].to_numpy(), fill=fill) for c, fill in ramp.items()
    ]
    fills.append(_hatched(leaf, frame.geometry[colours == UNKNOWN_SHARE].to_numpy()))
    floors = [floor for floor, _ in SHARES]
    legend = [Entry(say("page.covered_share", leaf.pen.language, minutes=longest))]
    for (floor, colour), above in zip(SHARES, [*floors[1:], None], strict=True):
        words = f"{floor}%–{above}%" if above else f"{floor}%"
        legend.append(Entry(words, fill=ramp[colour], line="#b3a498", width=0.1))
    nobody = Entry(say("page.nobody", leaf.pen.language), fill=UNKNOWN, line=HATCH, width=0.1, hatch=True)
    return tuple(fills), (*legend, nobody)


def _hatched(leaf: Leaf, shapes: np.ndarray) -> Item | None:
    """Return slanting lines over some shapes: what is not known must not look like a class of coverage."""
    if not len(shapes):
        return None
    west, south, east, north = shapely.total_bounds(shapes)
    high = north - south
    starts = np.arange(west - high, east, HATCH_MM * leaf.pen.factor * leaf.window.scale / 1000)
    lines = shapely.MultiLineString([[(x, south), (x + high, north)] for x in starts])
    cut = shapely.intersection(lines, shapely.union_all(shapely.make_valid(shapes)))
    return leaf.window.shape(np.array([cut]), line=HATCH, width_mm=leaf.pen.mm(0.1), name="hatch")


def _gap_dots(leaf: Leaf) -> tuple[list[Item], list[Entry]]:
    """Return a dot for each home out of reach, larger for more people; few are not told apart."""
    homes = leaf.atlas.homes
    elders = homes["elders"].fillna(0).astype(float).where(homes["state"] == "not_covered", 0).to_numpy()
    there = ~(shapely.is_missing(homes.geometry.to_numpy()) | shapely.is_empty(homes.geometry.to_numpy()))
    limits = [*(floor for floor, _ in GAP_CLASSES[1:]), np.inf]
    items: list[Item] = []
    entries = [Entry(leaf.pen.say("legend_gaps"))]
    for (floor, size), above in zip(GAP_CLASSES, limits, strict=True):
        own = there & (elders > 0) & (elders >= (floor if floor > 1 else 0)) & (elders < above)
        if own.any():
            radius = leaf.pen.mm(size)
            disc = polygon(np.array(SHAPES["circle"])[::3] * radius)
            middles = leaf.window.mm(shapely.get_coordinates(homes.geometry.to_numpy()[own]))
            points, codes = shifted(disc, middles)
            items.append(Shape(points, codes, fill=DOT, line=DOT_RIM, width_mm=leaf.pen.mm(0.08),
                               within=leaf.window.frame, name="gap"))  # fmt: skip
            words = "<5" if floor == 1 else f"{floor}–{int(above) - 1}" if above < np.inf else f"≥{floor}"
            entries.append(Entry(words, fill=DOT, line=DOT_RIM, width=0.08, dot_mm=radius))
    return items, entries

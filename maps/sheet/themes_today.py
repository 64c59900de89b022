"""What the sheets of today show: extent, older people, facilities, the walk, and who is not reached."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.words import say
from maps.figures import key_figures, people, percent_down, units_of, whole
from maps.labels import cell
from maps.sheet.grid import Grid
from maps.sheet.leaf import Content, Leaf, Spot
from maps.sheet.legend import Entry
from maps.sheet.marks import (
    community_names,
    facility_legend,
    facility_names,
    facility_spots,
    nominal_legend,
    plan_frame,
    plan_legend,
    plan_spots,
    street_names,
)
from maps.sheet.picture import Item, Shape, outlines, polygon, shifted
from maps.style import PLANNED, SHAPES, SHARES, UNKNOWN_SHARE, area_colours, share_colour

TINTS = ("#f3e3c3", "#d9e8cf", "#dcd6ee", "#cfe4ee", "#f1d3cd", "#e6e6c6", "#efe6d2", "#ecd9e6")
DENSITY = ("#fdf4e0", "#f9e1b4", "#f3c783", "#e5a35f", "#cb7644")
GAP_CLASSES = ((1, 0.42), (5, 0.62), (20, 1.0), (50, 1.5))
"""From how many older people on a dot has which radius (mm on A3); the first stands for one to four."""
MOST_CIRCLES = 12
"""Of more circles than this only the rim of all is drawn: each by itself would hide the map."""
LACKING = ("#e2935f", "#ebae84", "#f2c8a8", "#f7dcc7", "#fceee2", "#ffffff")
"""The classes of coverage on paper, the worst the darkest: what is lacking shows, names read, little ink is spent."""
UNKNOWN, HATCH = "#f1f1f1", "#9aa0a6"
HATCH_MM = 1.5
DOT, DOT_RIM = "#7a2e00", "#ffffff"


def extent(leaf: Leaf) -> Content:
    """Return the area of the plan: its streets in tints, their names, and a table of them."""
    frame = leaf.atlas.communities
    frame = frame[frame.geometry.notna()]
    codes = sorted(set(frame["street_id"].dropna())) if "street_id" in frame else []
    fills = [
        leaf.window.shape(frame.geometry[(frame["street_id"] == code).fillna(value=False)].to_numpy(),
                          fill=TINTS[number % len(TINTS)], opacity=0.72)
        for number, code in enumerate(codes)
    ]  # fmt: skip
    units = units_of(leaf.atlas, "street")
    rows: list[tuple[str, ...]] = []
    for code, unit in units.iterrows():
        own = frame[frame["street_id"] == code] if "street_id" in frame else frame.iloc[:0]
        km2 = f"{own.geometry.area.sum() / 1e6:.2f}" if len(own) else say("page.nothing")
        rows.append((cell(unit["name"]), str(len(own)), km2, whole(unit["residents"]), people(unit["elders"])))
    rows.append(_sums(leaf, frame))
    say_ = leaf.pen.say
    headers = tuple(say_(key) for key in ("street", "communities", "km2", "residents", "elders"))
    aligns = "lrrrr"
    return Content(
        fills=tuple(fills),
        labels=(*street_names(leaf, size=13), *community_names(leaf)),
        tables=(Grid(say_("table_streets"), headers, (3, 1.6, 1.7, 2, 2), tuple(rows), aligns),),
    )


def _sums(leaf: Leaf, frame: pd.DataFrame) -> tuple[str, ...]:
    found = units_of(leaf.atlas, "city")
    row = found.iloc[0] if len(found) else pd.Series(dtype=object)
    km2 = f"{frame.geometry.area.sum() / 1e6:.2f}" if len(frame) else say("page.nothing")
    return (
        leaf.pen.say("total"), str(len(frame)), km2, whole(row.get("residents")), people(row.get("elders")),
    )  # fmt: skip


def density(leaf: Leaf) -> Content:
    """Return older people a square kilometre by community, and as circles those of 80 and older."""
    frame = leaf.atlas.communities
    frame = frame[frame.geometry.notna()]
    units = units_of(leaf.atlas, "community").reindex(frame.index)
    km2 = frame.geometry.area / 1e6
    per_km2 = (units["elders"].astype(float) / km2).where(km2 > 0)
    steps = _steps(per_km2.dropna())
    fills = [
        leaf.window.shape(frame.geometry[_class_of(per_km2, steps) == number].to_numpy(), fill=DENSITY[number])
        for number in range(len(steps) + 1)
    ]
    unknown = leaf.window.shape(frame.geometry[per_km2.isna().to_numpy()].to_numpy(), fill=UNKNOWN_SHARE)
    say_ = leaf.pen.say
    legend = [Entry(say_("legend_density"))]
    for number, low in enumerate([0, *steps]):
        words = f"{low:,}–{steps[number]:,}" if number < len(steps) else f"≥ {low:,}"
        legend.append(Entry(words, fill=DENSITY[number], line="#b9ad9a", width=0.1))
    if per_km2.isna().any():
        legend.append(Entry(say_("no_figure"), fill=UNKNOWN_SHARE))
    counts = units["elders"].map(people)
    if "elders_80" in units:
        counts = counts + " / " + units["elders_80"].map(people)
    headers = tuple(say_(key) for key in ("street", "elders", "share_of_residents", "elders_80"))
    rows = tuple(
        (cell(unit["name"]), people(unit["elders"]), percent_down(unit["elders"], unit["residents"]),
         people(unit.get("elders_80")))
        for _, unit in units_of(leaf.atlas, "street").iterrows()
    )  # fmt: skip
    return Content(
        fills=(*fills, unknown),
        labels=(*street_names(leaf, rank=6, size=10.5), *community_names(leaf, counts, rank=3)),
        legend=tuple(legend),
        tables=(Grid(say_("table_elders"), headers, (3, 2, 2.2, 2), rows, "lrrr"),),
        remarks=(say_("label_elders"),),
        buildings=False,
    )


def _steps(values: pd.Series) -> list[int]:
    """Return round class limits near the fifths of some values."""
    if not len(values):
        return []
    fifths = np.maximum(np.quantile(values, (0.2, 0.4, 0.6, 0.8)), 1)
    halves = 5 * 10.0 ** (np.floor(np.log10(fifths)) - 1)  # two digits, the second 0 or 5
    return [int(step) for step in np.unique(np.round(fifths / halves) * halves) if step >= 1]


def _class_of(values: pd.Series, steps: list[int]) -> np.ndarray:
    """Return the class of each value, -1 where there is none."""
    return np.where(values.isna(), -1, np.digitize(values.fillna(0), steps))


def facilities(leaf: Leaf) -> Content:
    """Return every facility by kind and state, and a table of how many there are."""
    frame = leaf.atlas.facilities
    say_ = leaf.pen.say
    return Content(
        spots=tuple(facility_spots(leaf, frame)),
        labels=(*facility_names(leaf, frame), *street_names(leaf, rank=15, colour="#8d83a3")),
        legend=facility_legend(leaf, frame),
        tables=tuple(_by_street(leaf, frame)),
        remarks=_unplaced(leaf, frame),
    ) if len(frame) else Content(remarks=(say_("nothing"),))  # fmt: skip


def _by_street(leaf: Leaf, frame: pd.DataFrame) -> Iterable[Grid]:
    """Yield how many facilities of those that count each street has, and their floor area."""
    if "street_id" not in frame:
        return
    rows = []
    for code, unit in units_of(leaf.atlas, "street").iterrows():
        own = frame[(frame["street_id"] == code).fillna(value=False)]
        serving = own[own.index.map(str).isin(leaf.atlas.serving)]
        area = serving["floor_area_m2"].sum() if "floor_area_m2" in serving else None
        rows.append((cell(unit["name"]), str(len(own)), str(len(serving)), whole(area)))
    headers = tuple(leaf.pen.say(key) for key in ("street", "facilities", "serving", "area_m2"))
    yield Grid(leaf.pen.say("table_facilities"), headers, (3, 1.8, 2, 2.2), tuple(rows),
               "lrrr")  # fmt: skip


def _unplaced(leaf: Leaf, frame: pd.DataFrame) -> tuple[str, ...]:
    missing = int((frame.geometry.isna() | frame.geometry.is_empty).sum()) if len(frame) else 0
    return (leaf.pen.say("no_position", n=missing),) if missing else ()


def serving_frame(leaf: Leaf) -> gpd.GeoDataFrame:
    """Return the facilities that count today."""
    frame = leaf.atlas.facilities
    return frame.loc[frame.index.map(str).isin(leaf.atlas.serving)]


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
                 percent_down(row.today, found.elders)]  # fmt: skip
        if after:
            texts += [people(row.after), percent_down(row.after, found.elders)]
        rows.append(tuple(texts))
    note = say_("table_reached_note", elders=whole(found.elders), unknown=people(found.elders_unknown))
    aligns = "l" + "r" * (len(headers) - 1)
    yield Grid(say_("table_reached"), tuple(headers), (1.6, *(2,) * (len(headers) - 1)), tuple(rows), aligns, note)


def gaps(leaf: Leaf) -> Content:
    """Return the share of older people covered by community, and as dots those who are not."""
    frame = leaf.atlas.communities
    frame = frame[frame.geometry.notna()]
    units = units_of(leaf.atlas, "community").reindex(frame.index)
    longest = max(leaf.atlas.minutes)
    column = f"elders_covered_{longest}"
    fills, legend = share_fills(leaf)
    say_ = leaf.pen.say
    over, dots = _gap_dots(leaf)
    missed = units["elders"] - units[column] - units["elders_unknown"]
    worst_first = missed[missed > 0].sort_values(ascending=False, kind="stable")
    rows = tuple(
        (cell(unit["name"]), people(unit["elders"]), people(unit["missed"]), people(unit["elders_unknown"]),
         percent_down(unit[column], unit["elders"]))
        for _, unit in units.assign(missed=missed).loc[worst_first.index].iterrows()
    )  # fmt: skip
    headers = tuple(say_(key) for key in ("community", "elders", "missed", "not_known", "share"))
    aligns = "lrrrr"
    return Content(
        fills=fills,
        over=tuple(over),
        spots=tuple(facility_spots(leaf, serving_frame(leaf), faded=True)),
        labels=(*community_names(leaf, missed.map(people).where(missed > 0), rank=3),
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
    units = units_of(leaf.atlas, "community").reindex(frame.index)
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

"""What the sheets of today show: the extent, older people, and the facilities."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from gis.words import say
from maps.figures import people, people_share, units_of, whole
from maps.labels import cell
from maps.sheet.grid import Grid
from maps.sheet.leaf import Content, Leaf
from maps.sheet.legend import Entry
from maps.sheet.marks import (
    community_names,
    facility_legend,
    facility_names,
    facility_spots,
    street_names,
)
from maps.style import UNKNOWN_SHARE
from maps.withheld import MARKS

TINTS = ("#f3e3c3", "#d9e8cf", "#dcd6ee", "#cfe4ee", "#f1d3cd", "#e6e6c6", "#efe6d2", "#ecd9e6")
DENSITY = ("#fdf4e0", "#f9e1b4", "#f3c783", "#e5a35f", "#cb7644")


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
        rows.append((cell(unit["name"]), str(len(own)), km2, people(unit["residents"]), people(unit["elders"])))
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
        leaf.pen.say("total"), str(len(frame)), km2, people(row.get("residents")), people(row.get("elders")),
    )  # fmt: skip


def density(leaf: Leaf) -> Content:
    """Return older people a square kilometre by community, and as circles those of 80 and older."""
    frame = leaf.atlas.communities
    frame = frame[frame.geometry.notna()]
    units, true = (units_of(leaf.atlas, "community", exact=exact).reindex(frame.index) for exact in (False, True))
    km2 = frame.geometry.area / 1e6
    per_km2 = (true["elders"].astype(float) / km2).where(km2 > 0)
    steps = _steps(per_km2[~units["elders"].isin(MARKS)].dropna())  # a limit in words tells nothing of a hidden count
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
        (cell(unit["name"]), people(unit["elders"]), people_share(unit["elders"], unit["residents"]),
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

"""Who is covered, on the page: the communities coloured by their share, and the older people out of reach."""

import geopandas as gpd
import numpy as np
import pandas as pd

from maps.atlas import Atlas
from maps.compact import placed, point_steps, ring_stream
from maps.contents import Json, ordered, pair
from maps.figures import people, percent_down, shown_communities, units_of
from maps.marks import Rows, name_of, table_rows, unplaced
from maps.style import GAP, SHARES, UNKNOWN_SHARE, share_colour
from maps.trust import trust_classes, trust_of
from maps.withheld import MARKS

TOLERANCE_M = 1.0
HOMES_DRAWN = 5_000
"""More homes than this are summed by squares, the smallest that will do."""
SQUARE_M = 100
MASKED = -1
"""Stands for one to four people."""


def communities(atlas: Atlas) -> Json:
    """Return the communities that have a shape, each with its colours, its level of trust and its popup."""
    units, exact = units_of(atlas, "community"), units_of(atlas, "community", exact=True)
    columns = [f"elders_covered_{max(atlas.minutes)}{suffix}" for suffix in ("", "_after")]
    shown = shown_communities(atlas)
    drawn = shown[placed(shown.geometry)]
    items = []
    for code, community in drawn.iterrows():
        unit, true = (t.loc[code] if code in t.index else pd.Series(dtype=object) for t in (units, exact))
        today, after = (
            share_colour(true.get(column, np.nan), true.get("elders", np.nan), true.get("elders_unknown", 0))
            if column in units
            else None
            for column in columns
        )
        level, doubts = trust_of(code, atlas)
        shape = gpd.GeoSeries([community.geometry], crs=drawn.crs)
        items.append(
            {
                "name": name_of(community, code),
                "rings": ring_stream(shape, tolerance_m=TOLERANCE_M),
                "today": today,
                "after": after,
                "trust": level,
                "rows": [
                    *_unit_rows(unit, atlas),
                    *doubts,
                    *table_rows("communities", community, atlas, skip=("elders",)),
                ],
            }
        )
    return {
        "words": ordered(pair("page.communities"), atlas),
        "share": ordered(pair("page.covered_share", minutes=max(atlas.minutes)), atlas),
        "classes": SHARES,
        "unknown": UNKNOWN_SHARE,
        "trust": trust_classes(atlas),
        "note": unplaced(len(atlas.communities) - len(drawn), atlas),
        "items": items,
    }


def _unit_rows(unit: pd.Series, atlas: Atlas) -> Rows:
    elders = unit.get("elders", np.nan)
    rows: Rows = [[ordered(pair("page.elders"), atlas), people(elders)]]
    for minutes in sorted(atlas.minutes):
        for suffix in ("", "_after"):
            covered = unit.get(f"elders_covered_{minutes}{suffix}")
            if covered is not None:
                label = ordered(pair(f"page.covered{suffix}", minutes=minutes), atlas)
                hidden = people(covered) in MARKS or people(elders) in MARKS
                share = "" if hidden else f" ({percent_down(covered, elders)})"
                rows.append([label, f"{people(covered)}{share}"])
    return [*rows, [ordered(pair("page.elders_unknown"), atlas), people(unit.get("elders_unknown", np.nan))]]


def gaps(atlas: Atlas) -> Json:
    """Return the older people out of reach or not known, by home, or by square where there are too many homes."""
    homes = atlas.homes
    elders = homes["elders"].fillna(0)
    after = homes["state_after"] if "state_after" in homes else homes["state"]
    states = {
        "today": elders.where(homes["state"] == "not_covered", 0),
        "after": elders.where(after == "not_covered", 0),
        "unknown": elders.where(homes["state"] == "unknown", 0),
    }
    table = pd.DataFrame(states | {"minutes": homes["minutes"]}, index=homes.index)
    keep = placed(homes.geometry) & (table[list(states)] > 0).any(axis=1)
    table, points, square_m = table[keep], homes.geometry[keep], 0
    while len(table) > HOMES_DRAWN:
        square_m = square_m * 2 or SQUARE_M
        table, points = _squares(table[list(states)], points, square_m)
    words = pair("page.elders_gap_square", metres=square_m) if square_m else pair("page.elders_gap")
    return {
        "words": ordered(words, atlas),
        "colour": GAP,
        "xy": point_steps(points).ravel().tolist(),
        "minutes": [None if not np.isfinite(m) else round(float(m), 1) for m in table["minutes"]],
        **{state: [_masked(number) for number in table[state]] for state in states},
        "squares": square_m > 0,
    }


def _squares(table: pd.DataFrame, points: gpd.GeoSeries, square_m: int) -> tuple[pd.DataFrame, gpd.GeoSeries]:
    """Return the people summed by squares of that size, and the squares' middles."""
    column, row = np.floor(points.x / square_m), np.floor(points.y / square_m)
    summed = table.groupby([column.rename("column"), row.rename("row")]).sum()
    middles = ((summed.index.get_level_values(axis) + 0.5) * square_m for axis in ("column", "row"))
    return summed.assign(minutes=np.nan), gpd.GeoSeries(
        gpd.points_from_xy(*middles), index=summed.index, crs=points.crs
    )


def _masked(number: float) -> int:
    return MASKED if people(number) in MARKS else round(number)

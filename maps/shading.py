"""Who is covered, on the page: the communities coloured by their share, and the older people out of reach."""

from math import isfinite

import numpy as np
import pandas as pd
import shapely

from maps.atlas import Atlas
from maps.compact import millionths, placed, ring_streams
from maps.contents import Json, ordered, pair
from maps.figures import MILLIONTHS, SMALL_COUNT, people, people_share, shown_communities, units_of
from maps.marks import Rows, names_of, table_rows, unplaced
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
    rings = ring_streams(drawn.geometry, tolerance_m=TOLERANCE_M)
    texts = table_rows("communities", drawn, atlas, skip=("elders",))
    items = []
    for code, name, shape, said in zip(drawn.index, names_of(drawn), rings, texts, strict=True):
        unit, true = (t.loc[code] if code in t.index else pd.Series(dtype=object) for t in (units, exact))
        today, after = (
            share_colour(true.get(column, np.nan), true.get("elders", np.nan), true.get("elders_unknown", 0))
            if column in units
            else None
            for column in columns
        )
        level, doubts = trust_of(code, atlas)
        items.append(
            {
                "name": name,
                "rings": shape,
                "today": today,
                "after": after,
                "trust": level,
                "rows": [*_unit_rows(unit, atlas), *doubts, *said],
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
                share = "" if hidden else f" ({people_share(covered, elders)})"
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
    table, xy, square_m = table[keep], shapely.get_coordinates(homes.geometry[keep].to_numpy()), 0
    while len(table) > HOMES_DRAWN:
        square_m = square_m * 2 or SQUARE_M
        table, xy = _squares(table[list(states)], xy, square_m)
    words = pair("page.elders_gap_square", metres=square_m) if square_m else pair("page.elders_gap")
    return {
        "words": ordered(words, atlas),
        "colour": GAP,
        "xy": millionths(xy, homes.crs).ravel().tolist(),
        "minutes": [round(m, 1) if isfinite(m) else None for m in table["minutes"].tolist()],
        **{state: _masked(table[state]) for state in states},
        "squares": square_m > 0,
    }


def _squares(table: pd.DataFrame, xy: np.ndarray, square_m: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the people summed by squares of that size, and the squares' middles (x, y)."""
    summed = table.groupby(list(np.floor(xy / square_m).T)).sum()
    corners = np.column_stack([summed.index.get_level_values(axis) for axis in range(2)])
    return summed.assign(minutes=np.nan), (corners + 0.5) * square_m


def _masked(people: pd.Series) -> list[int]:
    """Return counts of people, one to four not told apart (as `maps.figures.people`)."""
    number = people.to_numpy(dtype=float).round(MILLIONTHS)
    few = (number > 0) & (number < SMALL_COUNT)
    masked: list[int] = np.where(few, MASKED, np.rint(number)).astype(np.int64).tolist()
    return masked

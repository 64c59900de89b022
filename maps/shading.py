"""Who is covered, on the page: the communities coloured by their share, and the older people out of reach."""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite

import numpy as np
import pandas as pd
import shapely

from maps.atlas import Atlas
from maps.compact import millionths, placed, ring_streams
from maps.contents import Json, ordered, pair
from maps.figures import (
    MILLIONTHS,
    SMALL_COUNT,
    exact,
    people,
    people_share,
    shown_communities,
    units_in,
    units_of,
    unknown_beside,
)
from maps.hidden_homes import hidden_homes
from maps.labels import cell
from maps.marks import Rows, names_of, table_rows, unplaced
from maps.style import GAP, SHARES, UNKNOWN_SHARE, share_colour
from maps.trust import trust_classes, trust_of
from maps.withheld import MARKS

TOLERANCE_M = 1.0
HOMES_DRAWN = 5_000
"""More homes than this are summed by squares, the smallest that will do."""
SQUARE_M = 100
MASKED, BESIDE = -1, -2
"""Stand for one to four people, and for what is hidden beside them."""


def communities(atlas: Atlas) -> Json:
    """Return the communities that have a shape, each with its colours, its level of trust and its popup."""
    units, exact = units_of(atlas, "community"), units_of(atlas, "community", exact=True)
    columns = [f"elders_covered_{max(atlas.minutes)}{suffix}" for suffix in ("", "_after")]
    ends = {str(end.year): replace(atlas, units=end.units, shown={}) for end in atlas.years}
    by_year = {str(end.year): units_in(atlas, end.year, "community") for end in atlas.years}
    true_by_year = {year: units_of(end, "community", exact=True) for year, end in ends.items()}
    shown = shown_communities(atlas)
    drawn = shown[placed(shown.geometry)]
    rings = ring_streams(drawn.geometry, tolerance_m=TOLERANCE_M)
    texts = table_rows("communities", drawn, atlas, skip=("elders",))
    items = []
    for code, name, shape, said in zip(drawn.index, names_of(drawn), rings, texts, strict=True):
        unit, true = (t.loc[code] if code in t.index else pd.Series(dtype=object) for t in (units, exact))
        today, after = (_colour(true, column) if column in units else None for column in columns)
        in_years, true_in_years = (
            {year: end.loc[code] if code in end.index else pd.Series(dtype=object) for year, end in tables.items()}
            for tables in (by_year, true_by_year)
        )
        level, doubts = trust_of(code, atlas)
        items.append(
            {
                "name": name,
                "rings": shape,
                "today": today,
                "after": after,
                **{year: _colour(end, columns[0]) for year, end in true_in_years.items()},
                "trust": level,
                "rows": [*_unit_rows(unit, in_years, atlas), *doubts, *said],
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


def streets(atlas: Atlas) -> Json:
    """Return the streets (subdistricts) by name, each with its communities' extent, to be found by the search."""
    items: list[Json] = []
    drawn = atlas.communities[placed(atlas.communities.geometry)]
    if "street" in drawn and len(drawn):
        units = units_of(atlas, "street")
        codes = drawn["street_id"] if "street_id" in drawn else drawn["street"]
        for code, own in drawn.groupby(codes.map(cell), sort=True):
            if not code:
                continue
            corners = np.array(own.total_bounds).reshape(2, 2)
            (west, south), (east, north) = millionths(corners, own.crs).tolist()
            unit = units.loc[code] if code in units.index else pd.Series(dtype=object)
            items.append(
                {
                    "name": cell(own["street"].iloc[0]) or cell(code),
                    "box": [west, south, east, north],
                    "rows": _unit_rows(unit, {}, atlas) if len(unit) else [],
                }
            )
    return {"words": ordered(pair("page.street"), atlas), "items": items}


def _colour(unit: pd.Series, column: str) -> str | None:
    figures = (unit.get(column), unit.get("elders"), unit.get(unknown_beside(column), 0))
    covered, elders, unknown = (np.nan if (known := exact(figure)) is None else float(known) for figure in figures)
    return share_colour(covered, elders, unknown)


def _with_share(covered: object, elders: object) -> str:
    """Return how many are covered, with their share where neither figure is hidden."""
    hidden = people(covered) in MARKS or people(elders) in MARKS
    return people(covered) if hidden else f"{people(covered)} ({people_share(covered, elders)})"


def _unit_rows(unit: pd.Series, in_years: Mapping[str, pd.Series], atlas: Atlas) -> Rows:
    elders = unit.get("elders", np.nan)
    rows: Rows = [[ordered(pair("page.elders"), atlas), people(elders)]]
    for minutes in sorted(atlas.minutes):
        for suffix in ("", "_after"):
            covered = unit.get(f"elders_covered_{minutes}{suffix}")
            if covered is not None:
                label = ordered(pair(f"page.covered{suffix}", minutes=minutes), atlas)
                rows.append([label, _with_share(covered, elders)])
    longest = max(atlas.minutes)
    for year, end in in_years.items():
        covered = end.get(f"elders_covered_{longest}")
        label = ordered(pair("page.covered_in", minutes=longest, year=year), atlas)
        rows.append([label, _with_share(covered, elders)])
    return [*rows, [ordered(pair("page.elders_unknown"), atlas), people(unit.get("elders_unknown", np.nan))]]


def gaps(atlas: Atlas) -> Json:
    """Return the older people out of reach or not known, by home, or by square where there are too many homes."""
    homes = atlas.homes
    elders = homes["elders"].fillna(0)
    hidden = pd.Series(hidden_homes(atlas), index=homes.index)
    after = homes["state_after"] if "state_after" in homes else homes["state"]
    states = {
        "today": elders.where(homes["state"] == "not_covered", 0),
        "after": elders.where(after == "not_covered", 0),
        "unknown": elders.where(homes["state"] == "unknown", 0),
        **{str(end.year): elders.where(end.state.reindex(homes.index) == "not_covered", 0) for end in atlas.years},
    }
    table = pd.DataFrame(states | {"minutes": homes["minutes"]}, index=homes.index)
    keep = placed(homes.geometry) & (table[list(states)] > 0).any(axis=1)
    hidden, table, xy, square_m = hidden[keep], table[keep], shapely.get_coordinates(homes.geometry[keep].to_numpy()), 0
    away = pd.DataFrame({state: hidden & (table[state] > 0) for state in states}, index=table.index).astype(int)
    first = table, away, xy
    while len(table) > HOMES_DRAWN:
        square_m = square_m * 2 or SQUARE_M
        table, away, xy = (*_squares(first[0][list(states)], first[1], first[2], square_m),)
    words = pair("page.elders_gap_square", metres=square_m) if square_m else pair("page.elders_gap")
    return {
        "words": ordered(words, atlas),
        "colour": GAP,
        "xy": millionths(xy, homes.crs).ravel().tolist(),
        "minutes": [round(m, 1) if isfinite(m) else None for m in table["minutes"].tolist()],
        **{state: _masked(table[state], away[state].to_numpy() == 1) for state in states},
        "squares": square_m > 0,
    }


def _squares(
    table: pd.DataFrame, away: pd.DataFrame, xy: np.ndarray, square_m: int
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Return people and hidden homes summed by squares of that size, and the squares' middles (x, y)."""
    by = list(np.floor(xy / square_m).T)
    summed = table.groupby(by).sum()
    corners = np.column_stack([summed.index.get_level_values(axis) for axis in range(2)])
    return summed.assign(minutes=np.nan), away.groupby(by).sum(), (corners + 0.5) * square_m


def _masked(people: pd.Series, told: np.ndarray) -> list[int]:
    """Return counts of people, one to four not told apart, nor those from which a hidden home could be told."""
    number = people.to_numpy(dtype=float).round(MILLIONTHS)
    few = (number > 0) & (number < SMALL_COUNT)
    shown = np.where(few, MASKED, np.where(told, BESIDE, np.rint(number)))
    masked: list[int] = shown.astype(np.int64).tolist()
    return masked

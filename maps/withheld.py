"""Counts of people as they are handed on: `<5` for one to four, `*` for what would give them away. One for all sinks.

Figures are masked where they are shown, never where they are computed.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.disclosure import FEWEST, few, withheld

FEW, BESIDE = f"<{FEWEST}", "*"
MARKS = frozenset({FEW, BESIDE})
Sums = Sequence[Sequence[int]]


def masked(
    frame: pd.DataFrame,
    names: Sequence[str],
    sums: Sums,
    *,
    nested: Sequence[tuple[str, str]] = (),
    parts: Sequence[tuple[str, ...]] = (),
) -> pd.DataFrame:
    """Return the frame with marks in place of the counts of people that are not published.

    `names` are the columns that count people, `sums` the positions of rows that add up (`gis.disclosure.withheld`).
    `nested`: pairs of columns that count people of each other; where they differ by few one is hidden, the first of all
    pairs last. `parts`: columns that add up to the last of them.
    """
    told = {
        name: pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan) for name in names
    }
    new = {}
    for name, hidden in _hidden(told, sums, nested, parts).items():
        counts = told[name]
        if hidden.any():
            marks = np.where(few(counts), FEW, BESIDE)
            values = frame[name].astype(object).to_numpy(copy=True)
            values[hidden] = marks[hidden]
            new[name] = pd.Series(values, index=frame.index, dtype=object)
    return frame.assign(**new)


def _hidden(
    told: Mapping[str, NDArray[np.float64]],
    sums: Sums,
    nested: Sequence[tuple[str, str]],
    parts: Sequence[tuple[str, ...]],
) -> dict[str, NDArray[np.bool_]]:
    """Return which cells of which columns are hidden, all weighed together where columns tell of each other."""
    if not nested and not parts:
        return {name: withheld(counts, sums) for name, counts in told.items()}
    rows = len(next(iter(told.values())))
    at = {name: number * rows for number, name in enumerate(told)}
    every = [[cell + first if cell >= 0 else -1 for cell in own] for first in at.values() for own in sums]
    more: list[float] = []
    for one, other in nested:
        apart = told[other] - told[one]
        for row in np.flatnonzero(few(np.abs(apart))).tolist():
            part, whole = (one, other) if apart[row] > 0 else (other, one)
            every.append([at[part] + row, rows * len(told) + len(more), at[whole] + row])
            more.append(abs(float(apart[row])))
    every += [[at[name] + row for name in own] for own in parts for row in range(rows)]
    first_names = {one for one, _ in nested[:1]}
    lasting = np.array([name in first_names for name in told for _ in range(rows)] + [True] * len(more))
    found = withheld(np.concatenate([*told.values(), np.array(more)]), every, lasting=lasting)
    return {name: found[first : first + rows] for name, first in at.items()}


def unit_sums(levels: Sequence[str], unit_ids: Sequence[str], communities: pd.DataFrame) -> list[list[int]]:
    """Return which rows of a table of units add up to which: communities to streets, these to counties and the city.

    The total stands last in its sum. `communities` tells the street, the county and the side of each.
    """
    at = {(level, str(unit)): place for place, (level, unit) in enumerate(zip(levels, unit_ids, strict=True))}
    streets, counties = (_texts(communities, name) for name in ("street_id", "county_id"))
    sums = []
    for street in dict.fromkeys(streets.tolist()):
        members = [("community", str(code)) for code in streets.index[streets == street]]
        sums.append([*members, ("street", street)])
    for county in dict.fromkeys(counties.tolist()):
        inside = dict.fromkeys(streets[counties == county].tolist())
        sums.append([*(("street", street) for street in inside), ("county", county)])
    sides = [key for key in at if key[0] in ("urban", "rural", "unstated")]
    outside = [key for key in at if key[0] == "outside"]
    city = next((key for key in at if key[0] == "city"), ("city", ""))
    sums += [[*(key for key in at if key[0] == "county"), *outside, city], [*sides, *outside, city]]
    placed = [([at[key] for key in parts if key in at], at.get(total, -1)) for *parts, total in sums]
    return [[*parts, total] for parts, total in placed if parts]  # nothing adds up to what has no parts


def group_sums(groups: pd.Series) -> list[list[int]]:
    """Return the positions of the rows of each group; their total is published elsewhere."""
    places: dict[str, list[int]] = {}
    for place, group in enumerate(groups.astype(object).where(groups.notna(), "").map(str)):
        places.setdefault(group, []).append(place)
    return [[*parts, -1] for parts in places.values()]


def with_gaps(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the frame with nothing in place of marks, for columns of numbers, and a column `masked` that says where.

    `elders <5; residents *` stands there for a row whose elders are few and whose residents are withheld beside others.
    """
    marks = {name: frame[name].isin(MARKS) for name in names if frame[name].dtype == object}
    numbers = {
        name: pd.to_numeric(frame[name].mask(hidden), errors="coerce").astype("Float64").round().astype("Int64")
        for name, hidden in marks.items()
    }
    said: list[list[str]] = [[] for _ in range(len(frame))]
    for name, hidden in marks.items():
        values = frame[name].to_numpy()
        for row in np.flatnonzero(hidden.to_numpy()):
            said[row].append(f"{name} {values[row]}")
    return frame.assign(
        **numbers, masked=pd.Series(["; ".join(parts) or None for parts in said], index=frame.index, dtype="string")
    )


def _texts(communities: pd.DataFrame, name: str) -> pd.Series:
    if name not in communities:
        return pd.Series("", index=communities.index, dtype=object)
    return communities[name].astype(object).where(communities[name].notna(), "").map(str)

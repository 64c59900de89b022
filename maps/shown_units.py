"""The table of units as it is handed on, today, after the plan and in its years at once: no difference tells few.

Columns hide as sums of units do. Two columns of a row that differ by one to four people tell those: one of the two is
hidden, the part rather than the whole, the plan rather than today.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.disclosure import few, withheld
from gis.groups import GROUP_COLUMNS
from maps.withheld import BESIDE, FEW, unit_sums

MISSED = "elders_missed"
"""Whom the longest walk does not reach: elders less those covered less those not known."""
TODAY, AFTER = "", "_after"
Counts = Mapping[str, NDArray[np.float64]]


def shown_units(
    units: pd.DataFrame, by_year: Mapping[int, pd.DataFrame], communities: pd.DataFrame, *, minutes: Sequence[int]
) -> dict[int, pd.DataFrame]:
    """Return the units with marks in place of what is not published: by year, and today with the plan under 0.

    `units` and each of `by_year` as `Atlas.units`. To what is under 0 come the columns `elders_missed` and
    `elders_missed_after`, where all that they are counted from is there.
    """
    told = _with_missed(units, minutes)
    tables = {0: told, **{year: _as(table, units) for year, table in by_year.items()}}
    names = {
        year: [
            name
            for name in map(str, table)
            if name == "residents" or name.startswith(("elders", *GROUP_COLUMNS))
            if not year or name.startswith("elders_covered")
        ]
        for year, table in tables.items()
    }
    columns = {
        (year, name): pd.to_numeric(tables[year][name], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        for year, own in names.items()
        for name in own
    }
    if not len(units) or not columns:
        return tables
    hidden = _hidden(columns, unit_sums(units["level"].tolist(), units["unit_id"].tolist(), communities), minutes)
    return {year: _marked(table, columns, hidden, year) for year, table in tables.items()}


def unknown_at(columns: Container[str], when: str) -> str:
    """Return the column of those whose walk is not known: a new site may stand where nothing could be reached."""
    later = f"elders_unknown{when}"
    return later if later in columns else "elders_unknown"


def _as(table: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Return the table of a year with the rows of today in their order."""
    keys = pd.MultiIndex.from_frame(units[["level", "unit_id"]])
    found = table.set_index(["level", "unit_id"]).reindex(keys).reset_index()
    return found.set_axis(units.index)


def _with_missed(units: pd.DataFrame, minutes: Sequence[int]) -> pd.DataFrame:
    new = {}
    for when in (TODAY, AFTER):
        parts = ["elders", f"elders_covered_{max(minutes)}{when}", unknown_at(units, when)]
        if set(parts) <= set(units):
            elders, covered, unknown = (pd.to_numeric(units[name], errors="coerce") for name in parts)
            new[f"{MISSED}{when}"] = elders - covered - unknown
    return units.assign(**new)


def _hidden(
    columns: Mapping[tuple[int, str], NDArray[np.float64]], sums: Sequence[Sequence[int]], minutes: Sequence[int]
) -> dict[tuple[int, str], NDArray[np.bool_]]:
    """Return which cells of which columns are hidden, all columns and rows weighed together."""
    rows = len(next(iter(columns.values())))
    at = {key: number * rows for number, key in enumerate(columns)}
    every = [
        [*(first + place for place in parts), first + total if total >= 0 else -1]
        for first in at.values()
        for *parts, total in sums
    ]
    counts = [*columns.values()]
    lasting = [np.full(rows, not year and not name.endswith(AFTER)) for year, name in columns]
    more: list[float] = []
    for small, big in _nested(columns, minutes):
        apart = columns[big] - columns[small]
        for row in np.flatnonzero(few(np.abs(apart))).tolist():
            part, whole = (small, big) if apart[row] > 0 else (big, small)
            every.append([at[part] + row, rows * len(columns) + len(more), at[whole] + row])
            more.append(abs(float(apart[row])))
    for parts, total in _split(columns, minutes):
        every += [[*(at[part] + row for part in parts), at[total] + row] for row in range(rows)]
    found = withheld(
        np.concatenate([*counts, np.array(more)]), every, lasting=np.concatenate([*lasting, np.ones(len(more), bool)])
    )
    return {key: found[first : first + rows] for key, first in at.items()}


def _nested(columns: Mapping[tuple[int, str], object], minutes: Sequence[int]) -> Iterator[tuple[tuple[int, str], ...]]:
    """Yield the pairs of columns one of which counts some of the people of the other, or the same at another time."""
    walks = [*sorted(minutes)]
    stages = [(0, TODAY), *((year, TODAY) for year in sorted({year for year, _ in columns} - {0})), (0, AFTER)]
    pairs: list[tuple[tuple[int, str], tuple[int, str]]] = []
    for base in ("elders", *GROUP_COLUMNS):
        names = {(stage, m): (stage[0], f"{base}_covered_{m}{stage[1]}") for stage in stages for m in walks}
        for stage in stages:
            chain = [*(names[stage, m] for m in walks), (0, base)]
            pairs += [(small, big) for i, small in enumerate(chain) for big in chain[i + 1 :]]
        for m in walks:
            there = [names[stage, m] for stage in stages if names[stage, m] in columns]
            pairs += [(there[0], later) for later in there[1:]]
            pairs += pairwise(there[1:])
        pairs.append(((0, base), (0, "residents" if base == "elders" else "elders")))
    yield from (pair for pair in dict.fromkeys(pairs) if pair[0] in columns and pair[1] in columns)


def _split(
    columns: Mapping[tuple[int, str], object], minutes: Sequence[int]
) -> Iterator[tuple[list[tuple[int, str]], tuple[int, str]]]:
    """Yield the columns that make another together: covered, not known and missed are all elders."""
    for when in (TODAY, AFTER):
        unknown = unknown_at({name for _, name in columns}, when)
        parts = [(0, name) for name in (f"elders_covered_{max(minutes)}{when}", unknown, f"{MISSED}{when}")]
        if set(parts) <= set(columns):
            yield parts, (0, "elders")


def _marked(
    table: pd.DataFrame,
    columns: Mapping[tuple[int, str], NDArray[np.float64]],
    hidden: Mapping[tuple[int, str], NDArray[np.bool_]],
    year: int,
) -> pd.DataFrame:
    new = {}
    for (own, name), counts in columns.items():
        away = hidden[own, name]
        if own == year and away.any():
            values = table[name].astype(object).to_numpy(copy=True)
            values[away] = np.where(few(counts), FEW, BESIDE)[away]
            new[name] = pd.Series(values, index=table.index, dtype=object)
    return table.assign(**new)

"""The table of units as it is handed on, today, after the plan and in its years at once: no difference tells few.

Columns hide as sums of units do. Two columns of a row that differ by one to four people tell those: one of the two is
hidden, the part rather than the whole, the plan rather than today. Where nothing changes from one time to another both
are hidden or none: that no new site is near can be seen on the map.
"""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.disclosure import few, withheld
from gis.groups import GROUP_COLUMNS
from maps.withheld import BESIDE, FEW, unit_sums

MISSED = "elders_missed"
"""Whom the longest walk does not reach: elders less those covered less those not known."""
UNKNOWN = "elders_unknown"
TODAY, AFTER = "", "_after"
Counts = Mapping[str, NDArray[np.float64]]


def shown_units(
    units: pd.DataFrame,
    by_year: Mapping[int, pd.DataFrame],
    communities: pd.DataFrame,
    *,
    minutes: Sequence[int],
    told: Collection[str] = (),
) -> dict[int, pd.DataFrame]:
    """Return the units with marks in place of what is not published: by year, and today with the plan under 0.

    `units` and each of `by_year` as `Atlas.units`. To what is under 0 come the columns `elders_missed` and
    `elders_missed_after`, where all that they are counted from is there. Marks that stand there stay, and hide a count
    like ours. Of the levels `told` the figures of today and of the years are told elsewhere: only few are hidden there,
    others last of all.
    """
    tables = {0: _with_missed(units, minutes), **{year: _as(table, units) for year, table in by_year.items()}}
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
    sums = unit_sums(units["level"].tolist(), units["unit_id"].tolist(), communities)
    hidden = _hidden(columns, sums, minutes, units["level"].isin(list(told)).to_numpy())
    return {year: _marked(table, columns, hidden, year) for year, table in tables.items()}


def _as(table: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Return the table of a year with the rows of today in their order."""
    keys = pd.MultiIndex.from_frame(units[["level", "unit_id"]])
    found = table.set_index(["level", "unit_id"]).reindex(keys).reset_index()
    return found.set_axis(units.index)


def _with_missed(units: pd.DataFrame, minutes: Sequence[int]) -> pd.DataFrame:
    new = {}
    for when in (TODAY, AFTER):
        parts = ["elders", f"elders_covered_{max(minutes)}{when}", _unknown(units, when)]
        if set(parts) <= set(units):
            elders, covered, unknown = (pd.to_numeric(units[name], errors="coerce") for name in parts)
            new[f"{MISSED}{when}"] = elders - covered - unknown
    return units.assign(**new)


def _hidden(
    columns: Mapping[tuple[int, str], NDArray[np.float64]],
    sums: Sequence[Sequence[int]],
    minutes: Sequence[int],
    told: NDArray[np.bool_],
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
    lasting = {key: np.full(rows, not told.any() and not key[0] and not key[1].endswith(AFTER)) for key in columns}
    lasting = {key: last | told if not key[1].endswith(AFTER) else last for key, last in lasting.items()}
    more: list[float] = []
    for small, big in _nested(columns, minutes):
        apart = columns[big] - columns[small]
        for row in np.flatnonzero(few(np.abs(apart))).tolist():
            part, whole = (small, big) if apart[row] > 0 else (big, small)
            every.append([at[part] + row, rows * len(columns) + len(more), at[whole] + row])
            more.append(abs(float(apart[row])))
    for before, then in _times(columns, minutes):
        same = columns[before] == columns[then]
        every += [[at[then] + row, at[before] + row] for row in np.flatnonzero(same & (columns[then] > 0)).tolist()]
        lasting[then] = lasting[then] | (same & (told | ~told.any()))  # to hide one would cost both
    for parts, total in _split(columns, minutes):
        every += [[*(at[part] + row for part in parts), at[total] + row] for row in range(rows)]
    found = withheld(
        np.concatenate([*counts, np.array(more)]),
        every,
        lasting=np.concatenate([*lasting.values(), np.ones(len(more), bool)]),
    )
    return {key: found[first : first + rows] for key, first in at.items()}


def _nested(columns: Mapping[tuple[int, str], object], minutes: Sequence[int]) -> Iterator[tuple[tuple[int, str], ...]]:
    """Yield the pairs of columns one of which counts some of the people of the other, or the same at another time."""
    walks, stages = [*sorted(minutes)], _stages(columns)
    pairs: list[tuple[tuple[int, str], tuple[int, str]]] = []
    for base in ("elders", *GROUP_COLUMNS):
        names = {(stage, m): (stage[0], f"{base}_covered_{m}{stage[1]}") for stage in stages for m in walks}
        for stage in stages:
            chain = [*(names[stage, m] for m in walks), (0, base)]
            pairs += [(small, big) for i, small in enumerate(chain) for big in chain[i + 1 :]]
        pairs.append(((0, base), (0, "residents" if base == "elders" else "elders")))
    pairs += _times(columns, minutes)
    yield from (pair for pair in dict.fromkeys(pairs) if pair[0] in columns and pair[1] in columns)


def _stages(columns: Mapping[tuple[int, str], object]) -> list[tuple[int, str]]:
    """Return today, the years of the plan and what is after it: under which year, and what the columns end with."""
    return [(0, TODAY), *((year, TODAY) for year in sorted({year for year, _ in columns} - {0})), (0, AFTER)]


def _times(
    columns: Mapping[tuple[int, str], object], minutes: Sequence[int]
) -> Iterator[tuple[tuple[int, str], tuple[int, str]]]:
    """Yield the pairs of columns that count the same at two times: today and each later one, one year and the next."""
    named = [f"{base}_covered_{m}" for base in ("elders", *GROUP_COLUMNS) for m in sorted(minutes)]
    for name in (*named, MISSED, UNKNOWN):
        there = [key for year, when in _stages(columns) if (key := (year, f"{name}{when}")) in columns]
        yield from dict.fromkeys([*((there[0], later) for later in there[1:]), *pairwise(there[1:])])


def _split(
    columns: Mapping[tuple[int, str], object], minutes: Sequence[int]
) -> Iterator[tuple[list[tuple[int, str]], tuple[int, str]]]:
    """Yield the columns that make another together: covered, not known and missed are all elders."""
    for when in (TODAY, AFTER):
        unknown = _unknown({name for _, name in columns}, when)
        parts = [(0, name) for name in (f"elders_covered_{max(minutes)}{when}", unknown, f"{MISSED}{when}")]
        if set(parts) <= set(columns):
            yield parts, (0, "elders")


def _unknown(columns: Container[str], when: str) -> str:
    """Return the column of those not known, today's where a table has no other: a reader subtracts what there is."""
    return f"{UNKNOWN}{when}" if f"{UNKNOWN}{when}" in columns else UNKNOWN


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

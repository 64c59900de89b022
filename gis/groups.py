"""Groups of older people (80 and over, disabled, empty nest ...) carried along to each home; unknown stays unknown."""

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.errors import Finding
from gis.sharing import round_off, share_out
from gis.tables import GROUPS

GROUP_COLUMNS = ("elders_80", *(column.name for column in GROUPS))
"""The groups of elders that are counted, by their column; they overlap, so their sum may exceed the elders."""


def groups_known(*tables: pd.DataFrame | None) -> tuple[str, ...]:
    """Return the groups that at least one row of one of the tables has a number for.

    >>> groups_known(pd.DataFrame({"disabled": [None, 3], "low_income": [None, None]}), None)
    ('disabled',)
    """
    return tuple(
        name for name in GROUP_COLUMNS if any(t is not None and name in t and t[name].notna().any() for t in tables)
    )


def with_groups(
    homes: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, *, table: pd.DataFrame | None = None, source: str
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Return the homes with one column for each group that is known anywhere: whole people (Int64), NA where unknown.

    `homes`: `community_id`, `residents`, `elders`. What the residents table (`table`, same index) says of a home
    counts; in a community where it says nothing, the community's total is shared by elders (by residents where it has
    no elders). Each total is conserved to the person, and no home has more of a group than elders unless its community
    has: parts of people are rounded within that limit, surplus of a home moves to others of its community, with a
    finding. Homes nobody has a number for are a finding too.
    """
    units = homes["community_id"].fillna("").to_numpy(dtype=object)
    elders = homes["elders"].to_numpy(dtype=np.int64)
    weights = _weights(homes, units)
    stated = _column(table, "elders", homes.index).fillna(homes["elders"])
    columns: dict[str, pd.Series] = {}
    findings: list[Finding] = []
    for name in groups_known(communities, table):
        told = _column(table, name, homes.index)
        totals = _column(communities, name, communities.index)
        people = pd.Series(pd.NA, index=homes.index, dtype="Int64")
        known = told.notna().to_numpy()
        people[known] = round_off(told[known].to_numpy(), units[known], at_most=elders[known])
        shared = ~np.isin(units, units[known]) & np.isin(units, totals.index[totals.notna()])
        people[shared] = share_out(totals, units[shared], weights[shared], at_most=elders[shared])
        columns[name] = people
        exceed = int(((told > stated) | (people > homes["elders"]).fillna(value=False)).sum())
        findings += [
            Finding("PEOPLE_EXCEED", "warn", f"{source}/{name}", f"{name} > elders", exceed),
            Finding(
                "GROUP_UNKNOWN", "warn", f"{source}/{name}", str(int(people.isna().sum())), int(people.isna().sum())
            ),
        ]
    return homes.assign(**columns), [finding for finding in findings if finding.count]


def _weights(homes: pd.DataFrame, units: np.ndarray) -> np.ndarray:
    """Return what a group is shared by: elders, in a unit without elders residents."""
    aged = homes["elders"].groupby(units).transform("sum") > 0
    weights: np.ndarray = homes["elders"].where(aged, homes["residents"]).to_numpy(dtype=float)
    return weights


def _column(table: pd.DataFrame | None, name: str, index: pd.Index) -> pd.Series:
    """Return a column of numbers, NaN where the table or its number is missing."""
    if table is None or name not in table:
        return pd.Series(np.nan, index=index)
    numbers: pd.Series = table[name].astype("Float64").astype(float)
    return numbers

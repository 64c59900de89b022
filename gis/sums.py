"""People and facilities summed by unit: the city, urban and rural, county, street, community, and what lies outside."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from gis.tables import UNITS


def members(community_id: pd.Series, communities: pd.DataFrame) -> Iterator[tuple[str, str, str, np.ndarray]]:
    """Yield each unit as `level`, `unit_id`, `name` and the positions of the rows that lie in it.

    `community_id`: of homes or facilities; `communities` as from `gis.units.complete`. First the city; then `urban`,
    `rural` (and `unstated`, where nobody says which); then each county, street and community, also one without rows;
    those of a community whose street or county nobody states in a unit of that level with an empty `unit_id`; last
    `outside`, the rows of no community, where there are any. So the units of each level and `outside` hold every row of
    the city once.
    """
    of_row = communities.reindex(community_id)
    inside = community_id.isin(communities.index).to_numpy(dtype=bool)
    yield "city", "city", "", np.arange(len(community_id))
    side = of_row["urban"].map({True: "urban", False: "rural"}).to_numpy(dtype=object)
    for unit, _, rows in _grouped(side, inside, {"urban": "", "rural": ""}, "unstated"):
        yield unit, unit, "", rows
    for level, column in reversed(list(UNITS.items())):
        keys = communities.index.to_series() if level == "community" else communities[column]
        names = communities["name"] if level == "community" else communities[level]
        label = dict(zip(keys.dropna(), names[keys.notna()], strict=True))
        key = community_id if level == "community" else of_row[column]
        for unit, name, rows in _grouped(key.to_numpy(dtype=object), inside, label, ""):
            yield level, unit, name, rows
    if not inside.all():
        yield "outside", "outside", "", np.flatnonzero(~inside)


def _grouped(
    key: np.ndarray, inside: np.ndarray, label: dict[str, str], unstated: str
) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield each unit of the list, in order of its code, with its name and rows; last those of no stated unit."""
    unit = np.where(pd.isna(key), unstated, key)
    rows_of = {str(each): rows for each, rows in pd.Series(unit[inside]).groupby(unit[inside]).indices.items()}
    position = np.flatnonzero(inside)
    for each in sorted({*label, *rows_of}):
        name = label.get(each, "")
        yield each, "" if pd.isna(name) else str(name), position[rows_of.get(each, [])]


def sum_by_unit(amounts: pd.DataFrame, community_id: pd.Series, communities: pd.DataFrame) -> pd.DataFrame:
    """Return the amounts summed by unit: `level`, `unit_id`, `name`, then the columns of `amounts`; one row a unit.

    `community_id` says where each row of `amounts` belongs; units and their order are those of `members`. A sum is NA
    where an amount of the unit is.
    """
    units = list(members(community_id, communities))
    unit = np.repeat(np.arange(len(units)), [len(rows) for *_, rows in units])
    taken = amounts.take(np.concatenate([rows for *_, rows in units]))
    total = taken.groupby(unit).sum().reindex(range(len(units)), fill_value=0)
    for column in taken.columns[taken.isna().any()]:  # unknown stays unknown
        total[column] = total[column].mask(total.index.isin(unit[taken[column].isna()]))
    labels = pd.DataFrame([labels for *labels, _ in units], columns=["level", "unit_id", "name"])
    return pd.concat([labels, total], axis=1)

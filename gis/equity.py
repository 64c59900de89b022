"""How evenly care is spread over older people: mean, median, long walks, the Gini coefficient, the worst-served tenth.

People are weighed, not homes: a home counts as often as people live in it. A figure is a walk (`worst="highest"`) or a
supply (`worst="lowest"`). Whom nobody can tell about is left out and counted; a home on the map without a walk never
arrives: it counts as farther than everybody else.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from gis.sums import members

Worst = Literal["highest", "lowest"]
TENTH = 10


def gini(values: np.ndarray | pd.Series, weights: np.ndarray | pd.Series) -> float:
    """Return the Gini coefficient of values, each borne by so many people: 0 all alike, towards 1 one has everything.

    G = 1 - sum_i (X_i - X_{i-1}) (Y_i + Y_{i-1}), X and Y the cumulative shares of people and of the values they bear,
    in order of the value (Brown 1994, doi:10.1016/0277-9536(94)90189-9). No number where there is nobody, where a value
    is missing or endless, or where all values are 0. Raises ValueError for a negative value or weight.

    >>> gini(np.array([5, 5, 5]), np.array([1, 2, 3])), gini(np.array([0, 10]), np.array([3, 1]))
    (0.0, 0.75)
    """
    value, weight = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    value, weight = value[weight != 0], weight[weight != 0]
    if (value < 0).any() or (weight < 0).any():
        raise ValueError("the Gini coefficient is for values and people from zero up")
    if not np.isfinite(value).all() or not value.any():
        return float("nan")
    order = np.argsort(value, kind="stable")
    # Scaled by the largest first, so that neither tiny nor huge values leave the range of numbers.
    borne = np.cumsum((value / value.max() * weight)[order])
    people = np.cumsum(weight[order])
    before = np.concatenate([[0.0], borne[:-1]])
    alike = bool((value == value[0]).all())
    area = float((weight[order] * (borne + before)).sum() / (people[-1] * borne[-1]))
    return 0.0 if alike else min(1.0, max(0.0, 1 - area))


def quantile(values: np.ndarray | pd.Series, weights: np.ndarray | pd.Series, percent: int) -> float:
    """Return the least value that at least `percent` of the people do not exceed; no number where there is nobody.

    >>> quantile(np.array([3.0, 8.0, 20.0]), np.array([5, 4, 1]), 90)
    8.0
    """
    value, weight = np.asarray(values, dtype=float), np.asarray(weights)
    order = np.argsort(value, kind="stable")
    people = np.cumsum(weight[order])
    if not len(people) or people[-1] <= 0:
        return float("nan")
    return float(value[order][np.searchsorted(100 * people, percent * people[-1])])


def spread_by_unit(
    values: pd.Series,
    homes: pd.DataFrame,
    communities: pd.DataFrame,
    *,
    worst: Worst = "highest",
    columns: Sequence[str] = ("elders",),
) -> pd.DataFrame:
    """Return how a figure of the homes (minutes to the nearest, places per person) is spread over the people of a unit.

    `values`, aligned on `homes` (`community_id`, `state` as from `coverage`), for walks as from `nearest` without a
    limit. One row a unit (`gis.sums.members`) and group of people in `columns`: `level`, `unit_id`, `name`, `group`,
    `people` (for whom it is known), `people_unknown`, `people_never` (of the people: who never arrive), then `mean`,
    `median`, `p90` and `gini`. A figure that hangs on those who never arrive is missing; all are, people too, where it
    is not known for every home of the unit how many of the group live there.
    """
    far = _borne(values, homes, worst)
    unknown = np.isnan(far)
    rows: list[dict[str, object]] = []
    for group in columns:
        heads = homes[group].fillna(0).to_numpy(dtype=np.int64)
        unsaid = homes[group].isna().to_numpy()
        for level, unit, name, own in members(homes["community_id"], communities):
            if unsaid[own].any():
                rows.append({"level": level, "unit_id": unit, "name": name, "group": group})
                continue
            known = own[~unknown[own]]
            known = known[heads[known] > 0]
            value, people = far[known], heads[known]
            never = int(people[np.isinf(value)].sum())
            rows.append(
                {
                    "level": level,
                    "unit_id": unit,
                    "name": name,
                    "group": group,
                    "people": int(people.sum()),
                    "people_unknown": int(heads[own[unknown[own]]].sum()),
                    "people_never": never,
                    "mean": float((value * people).sum() / people.sum()) if len(people) and not never else np.nan,
                    "median": quantile(value, people, 50),
                    "p90": quantile(value, people, 90),
                    "gini": gini(value, people),
                }
            )
    counts, figures = ["people", "people_unknown", "people_never"], ["mean", "median", "p90", "gini"]
    table = pd.DataFrame(rows, columns=["level", "unit_id", "name", "group", *counts, *figures])
    table[figures] = table[figures].astype(float).replace(np.inf, np.nan)
    return table.astype(dict.fromkeys(counts, "Int64"))


def worst_served(
    values: pd.Series,
    homes: pd.DataFrame,
    communities: pd.DataFrame,
    *,
    worst: Worst = "highest",
    people: str = "elders",
) -> pd.DataFrame:
    """Return where the worst-served tenth of older people live: one row a community, the most of them first.

    The tenth of all people for whom `values` are known (rounded up to a whole person) with the highest walks, or with
    the lowest places per person; who never arrive come first; of homes equally badly served the first by name. A home
    may be in it in part; one where it is not known how many live there is left out. Columns, indexed by `community_id`
    (empty: of no community): `name`, `elders` (the number of them), `value_mean` and `value_worst` (missing for a
    community of whom some never arrive).
    """
    frame = pd.DataFrame(
        {
            "community_id": homes["community_id"].astype("string").fillna("").to_numpy(),
            "value": _borne(values, homes, worst),
            people: homes[people].fillna(0).to_numpy(dtype=np.int64),
        },
        index=homes.index,
    )
    frame = frame[frame["value"].notna()].sort_index()
    frame = frame.sort_values("value", ascending=worst == "lowest", kind="stable")
    tenth = -(-int(frame[people].sum()) // TENTH)
    before = frame[people].cumsum() - frame[people]
    frame[people] = np.clip(tenth - before, 0, frame[people])
    frame = frame[frame[people] > 0]
    frame["borne"] = frame["value"] * frame[people]
    by_community = frame.groupby("community_id")
    table = by_community[[people, "borne"]].sum()
    edge = by_community["value"].max() if worst == "highest" else by_community["value"].min()
    table = pd.DataFrame(
        {
            "name": communities["name"].reindex(table.index).fillna("").astype(str),
            people: table[people],
            "value_mean": (table["borne"] / table[people]).replace(np.inf, np.nan),
            "value_worst": edge.replace(np.inf, np.nan),
        }
    )
    return table.sort_values(people, ascending=False, kind="stable")


def _borne(values: pd.Series, homes: pd.DataFrame, worst: Worst) -> np.ndarray:
    """Return the value of each home: missing where nobody can tell, endless for a walk that never arrives."""
    value: np.ndarray = values.reindex(homes.index).to_numpy(dtype=float, na_value=np.nan)
    never = np.isnan(value) & (homes["state"] != "unknown").to_numpy() & (worst == "highest")
    return np.where(never, np.inf, value)

"""How much care there is for an older person: places shared among those who reach them, floor area and beds by unit.

A figure that nobody states is unknown, never none: it is said over how many facilities a sum runs.
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from gis.sums import sum_by_unit

SUPPLIES = ("floor_area_m2", "beds", "places")
STEEPNESS = 3.42
"""The Gaussian behind the first set of weights of Luo & Qi: for three equal bands 1, 0.68 and 0.22."""


def step_weights(minutes: Sequence[float]) -> tuple[float, ...]:
    """Return how much a facility counts in each band of minutes: a Gaussian of the band's lower end, two digits.

    For three equal bands these are the weights of Luo & Qi (2009); for one band 1. A choice, not a law of nature.

    >>> step_weights((5, 10, 15)), step_weights((15,))
    ((1.0, 0.68, 0.22), (1.0,))
    """
    bands = sorted(minutes)
    return tuple(round(math.exp(-STEEPNESS * (low / bands[-1]) ** 2), 2) for low in (0, *bands[:-1]))


def places_per_person(
    walks: pd.DataFrame,
    homes: pd.DataFrame,
    facilities: pd.DataFrame,
    *,
    minutes: Sequence[float] = (5, 10, 15),
    decay: Sequence[float] | None = None,
    people: str = "elders",
) -> pd.DataFrame:
    """Return for each home how many places there are for one older person, shared with all who reach the same places.

    Enhanced two-step floating catchment area, E2SFCA (Luo & Qi 2009, doi:10.1016/j.healthplace.2009.06.002): facility j
    offers R_j = places_j / sum_k people_k W(t_kj), home i has A_i = sum_j R_j W(t_ij), where W steps down with the band
    of `minutes` (`decay`, one weight a band; by default `step_weights`). `walks` as from `reach`, `homes` as from
    `coverage`, `facilities` with `places`. Columns, aligned on `homes`: `places_at_least` (over facilities whose places
    are stated; none in reach: 0), `places_not_stated` (how many facilities in reach do not state theirs), and
    `places_per_person` (unknown where any does not, and where the map cannot tell the walk).

    Nothing is lost: the sum over homes of `places_at_least` times people is the sum of the places of all facilities
    that anybody reaches. Raises ValueError where `decay` has not one weight, from 0 to 1, for each band, and where it
    is not known how many people live in each home.

    >>> homes = pd.DataFrame({"elders": [60, 40], "state": "covered"}, index=["a", "b"])
    >>> walks = pd.DataFrame({"demand_id": ["a", "b", "b"], "facility_id": ["F", "F", "G"], "minutes": [4.0, 5, 12]})
    >>> facilities = pd.DataFrame({"places": [50, None]}, index=["F", "G"])
    >>> places_per_person(walks, homes, facilities)
       places_at_least  places_not_stated  places_per_person
    a              0.5                  0                0.5
    b              0.5                  1                NaN
    """
    bands = np.array(sorted(minutes), dtype=float)
    weights = np.array(step_weights(bands.tolist()) if decay is None else decay, dtype=float)
    if len(weights) != len(bands) or not ((weights >= 0) & (weights <= 1)).all():
        raise ValueError(f"{len(bands)} bands of minutes need as many weights from 0 to 1, not {weights.tolist()}")
    near = walks[walks["minutes"] <= bands[-1]]
    weight = weights[np.searchsorted(bands, near["minutes"].to_numpy())]
    home, door = homes.index.get_indexer(near["demand_id"]), facilities.index.get_indexer(near["facility_id"])
    if (home < 0).any() or (door < 0).any():
        raise ValueError("walks name homes or facilities that are not in the tables")
    if homes[people].isna().any():
        raise ValueError(f"{people} of some homes are not known: nobody can say whom the places are shared with")
    heads = homes[people].to_numpy(dtype=float)
    places = facilities["places"].to_numpy(dtype=float, na_value=np.nan)
    demand = np.bincount(door, weight * heads[home], minlength=len(places))
    offer = np.divide(places, demand, out=np.zeros(len(places)), where=(demand > 0) & np.isfinite(places))
    at_least = np.bincount(home, weight * offer[door], minlength=len(heads))
    not_stated = np.bincount(home, np.isnan(places)[door], minlength=len(heads)).astype(np.int64)
    unknown = (not_stated > 0) | (homes["state"] == "unknown").to_numpy()
    return pd.DataFrame(
        {
            "places_at_least": at_least,
            "places_not_stated": not_stated,
            "places_per_person": np.where(unknown, np.nan, at_least),
        },
        index=homes.index,
    )


def access_by_unit(
    access: pd.DataFrame, homes: pd.DataFrame, communities: pd.DataFrame, *, columns: Sequence[str] = ("elders",)
) -> pd.DataFrame:
    """Return the places per 1,000 people of each unit, from where they live: one row a unit, as `gis.sums.members`.

    `access` as from `places_per_person`. For each group of people in `columns`: `elders` (how many), `elders_unknown`
    (for how many the places per person are not known) and `elders_places_per_1000` (over those for whom it is known,
    missing where nobody's is). NA where the group is not known for every home of the unit.
    """
    known = access["places_per_person"].notna()
    amounts: dict[str, pd.Series] = {}
    for group in columns:
        heads = homes[group]
        places = heads.astype("Float64") * access["places_per_person"]
        amounts |= {
            group: heads,
            f"{group}_unknown": heads.where(heads.isna() | ~known, 0),
            f"{group}_places_per_1000": 1000 * places.where(heads.isna() | known, 0),
        }
    table = sum_by_unit(pd.DataFrame(amounts, index=homes.index), homes["community_id"], communities)
    for group in columns:
        counted = table[group] - table[f"{group}_unknown"]
        table[f"{group}_places_per_1000"] /= counted.where(counted > 0)
    return table


def per_1000_elders(
    facilities: pd.DataFrame, units: pd.DataFrame, communities: pd.DataFrame, *, columns: Sequence[str] = ("elders",)
) -> pd.DataFrame:
    """Return floor area, beds and places of the facilities in each unit, and how much that is per 1,000 elders.

    `facilities` as from `gis.units.locate`, `units` as from `gis.coverage.coverage_by_unit`. Columns: `level`,
    `unit_id`, `name`, the groups of people in `columns`, `facilities` (how many); for each of `floor_area_m2`, `beds`
    and `places` the sum, `<supply>_stated` (over how many facilities it runs) and `<supply>_per_1000_elders` (and any
    other group). The sum is unknown where there are facilities and none states a figure; where only some do it is the
    least there is. Facilities of no community stand in the city and in a row of level `outside`.
    """
    stated = facilities[list(SUPPLIES)].astype(float)
    counted = {f"{name}_stated": stated[name].notna().astype(int) for name in SUPPLIES}
    amounts = stated.fillna(0.0).assign(facilities=1, **counted)
    keys = ["level", "unit_id"]
    found, known = sum_by_unit(amounts, facilities["community_id"], communities).set_index(keys), units.set_index(keys)
    index = known.index.append(found.index.difference(known.index, sort=False))
    names = known["name"].reindex(index).fillna(found["name"].reindex(index))
    table = pd.concat([names, known[list(columns)].reindex(index, fill_value=0)], axis=1)
    found = found.reindex(index, fill_value=0)
    table["facilities"] = found["facilities"]
    for name in SUPPLIES:
        silent = (found["facilities"] > 0) & (found[f"{name}_stated"] == 0)
        table[name] = found[name].mask(silent)
        table[f"{name}_stated"] = found[f"{name}_stated"]
        for group in columns:
            heads = table[group].to_numpy(dtype=float, na_value=np.nan)
            table[f"{name}_per_1000_{group}"] = 1000 * table[name] / np.where(heads > 0, heads, np.nan)
    return table.reset_index()

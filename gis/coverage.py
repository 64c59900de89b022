"""Who is covered: for each home the walk to the nearest facility, and elders covered summed by unit."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.groups import GROUP_COLUMNS
from gis.network import WalkNetwork
from gis.reach import DIGITS
from gis.sums import sum_by_unit

LEVELS = ("city", "urban", "rural", "county", "street", "community", "unstated", "outside")


def located(
    network: WalkNetwork, homes: pd.DataFrame, facilities: pd.DataFrame, *, served: Sequence[int] = ()
) -> pd.Series:
    """Return whether the map can say how far each home has to walk; both tables are what `snap` returned.

    It cannot where a home has no street within its connector, where its street cannot be used at the walkers' pace, nor
    on an island of the map without a facility: such a home is unknown, not "not covered". The largest connected part of
    the network is no island. `served`: islands with a facility that is not in the table.
    """
    island = network.edge_component[homes["edge"].to_numpy()]
    doors = facilities["edge"].to_numpy()
    with_one = np.unique(np.append(network.edge_component[doors[doors >= 0]], np.array(served, dtype=np.int64)))
    usable = np.isfinite(np.minimum(network.effort_forward, network.effort_backward))[homes["edge"].to_numpy()]
    known = (homes["edge"].to_numpy() >= 0) & usable & ((island == 0) | np.isin(island, with_one))
    return pd.Series(known, index=homes.index, name="located")


def coverage(
    homes: gpd.GeoDataFrame, walks: pd.DataFrame, facilities: pd.DataFrame, known: pd.Series, *, minutes: Sequence[int]
) -> gpd.GeoDataFrame:
    """Return the homes with the walk to the nearest facility, by kind and of any kind, and who is covered.

    `homes`: `community_id`, `residents`, `elders`, point. `walks`: what `reach` returned for the facilities that count.
    `facilities`: their `kind`. `known`: from `located`. Added columns: `minutes` (NaN: none within reach),
    `minutes_<kind>` for each kind present, `choices` (facilities in reach), `covered_5` ... one each walk, and
    `state` at the longest of them: covered, not_covered, unknown. One more facility or minute never lowers coverage.
    """
    nearest = walks.groupby("demand_id")["minutes"].min().reindex(homes.index)
    frame = homes.assign(minutes=nearest)
    kind = walks["facility_id"].map(facilities["kind"])
    for each in sorted(kind.dropna().unique()):
        frame[f"minutes_{each}"] = walks[kind == each].groupby("demand_id")["minutes"].min().reindex(homes.index)
    frame["choices"] = walks.groupby("demand_id").size().reindex(homes.index, fill_value=0)
    for limit in sorted(minutes):
        frame[f"covered_{limit}"] = (nearest <= limit).to_numpy()
    covered = frame[f"covered_{max(minutes)}"]
    frame["state"] = np.select([covered, known.reindex(homes.index)], ["covered", "not_covered"], "unknown")
    return frame


def coverage_by_unit(homes: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, *, minutes: Sequence[int]) -> pd.DataFrame:
    """Return people covered, summed by community, street, county, urban and rural, and the city; one row a unit.

    `homes` as from `coverage`, `communities` as from `gis.units.complete`. Columns: `level`, `unit_id`, `name`,
    `homes`, `residents`, `elders`, `elders_unknown`, `elders_covered_5` ... and the same for each group of elders the
    homes have (NA where it is not known for every home of the unit). Homes in no community stand in a row of
    level `outside`; those in a community whose street or county nobody states in a row of that level with an empty
    `unit_id`, those where nobody states whether it is urban in a row of level `unstated`. So the rows of each level (or
    urban, rural and unstated) and `outside` add up to the city.
    """
    people = {"homes": pd.Series(1, index=homes.index), "residents": homes["residents"]}
    for group in ("elders", *(name for name in GROUP_COLUMNS if name in homes)):
        counted = homes[group]
        people[group] = counted
        people[f"{group}_unknown"] = counted.where(counted.isna() | (homes["state"] == "unknown"), 0)
        for m in sorted(minutes):
            people[f"{group}_covered_{m}"] = counted.where(counted.isna() | homes[f"covered_{m}"], 0)
    return sum_by_unit(pd.DataFrame(people), homes["community_id"], communities)


def coverage_by_speed(
    homes: gpd.GeoDataFrame, walks: pd.DataFrame, *, minutes: int, speed_m_s: float, speeds: Sequence[float]
) -> pd.DataFrame:
    """Return elders covered within `minutes` for each walking speed: `speed_m_s`, `elders_covered`.

    `walks` was measured at `speed_m_s` far enough for the fastest: what a slower walker reaches is in it.
    """
    nearest = walks.groupby("demand_id")["minutes"].min().reindex(homes.index)
    elders = homes["elders"]
    covered = [int(elders[(nearest * speed_m_s / speed).round(DIGITS - 1) <= minutes].sum()) for speed in speeds]
    return pd.DataFrame({"speed_m_s": list(speeds), "elders_covered": covered})

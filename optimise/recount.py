"""What a list of decisions comes to, counted anew from the tables: whom it covers, year by year, and for how much."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import maximum_flow

SHOWN = (
    "name",
    "kind",
    "floor_area_m2",
    "cost_yuan",
    "elders_gained",
    "option_id",
    "mode",
    "year",
    "added_m2",
    "subsidy_yuan",
    "running_yuan",
    "subsidy_yuan_year",
    "community_id",
    "vacated",
)


@dataclass(frozen=True, eq=False)
class People:
    """Who is covered by what: each demand point's elders and unit, and the nearest way it is reached, in minutes."""

    elders: dict[str, int]
    unit: dict[str, str]
    certain: dict[str, float]
    """Covered by what is not to be decided, and in how many minutes."""
    reach: dict[str, dict[str, float]]
    """By site: the demand points in its walk, and in how many minutes."""

    def covered(self, sites: Iterable[str]) -> dict[str, float]:
        """Return who is covered once these sites are open, and in how many minutes."""
        nearest = dict(self.certain)
        for site in sites:
            for home, minutes in self.reach.get(site, {}).items():
                nearest[home] = min(nearest.get(home, minutes), minutes)
        return nearest

    def count(self, homes: Iterable[str]) -> int:
        """Return how many elders live there."""
        return sum(self.elders[home] for home in homes)

    def by_unit(self, homes: Iterable[str]) -> dict[str, int]:
        """Return how many elders live there, by unit."""
        found: dict[str, int] = {}
        for home in homes:
            found[self.unit[home]] = found.get(self.unit[home], 0) + self.elders[home]
        return found


def people(
    demand: pd.DataFrame, pairs: pd.DataFrame, sites: Iterable[str], *, site_key: str, farthest: float | None
) -> People:
    """Gather who is within the walk of some sites; farther than `farthest` minutes is out of reach."""
    wanted = set(sites)
    near = pairs[pairs[site_key].isin(wanted)]
    minutes = near["minutes"] if "minutes" in near else pd.Series(0.0, index=near.index)
    reach: dict[str, dict[str, float]] = {}
    for home, site, away in zip(near["demand_id"], near[site_key], minutes, strict=True):
        if farthest is None or away <= farthest:
            at = reach.setdefault(site, {})
            at[home] = min(away, at.get(home, away))
    units = demand["community_id"] if "community_id" in demand else pd.Series("", index=demand.index)
    now = demand["minutes"] if "minutes" in demand else pd.Series(0.0, index=demand.index)
    return People(
        elders={str(home): int(n) for home, n in demand["elders"].items()},
        unit={str(home): "" if pd.isna(unit) else str(unit) for home, unit in units.items()},
        certain={
            home: float(away) for home, yes, away in zip(demand.index, demand["covered"], now, strict=True) if yes
        },
        reach=reach,
    )


def site_table(rows: list[dict[str, Any]], who: People, kept: Iterable[str]) -> pd.DataFrame:
    """Return the sites of a plan with what each adds, first come in the order of the table."""
    served = set(who.covered(kept))
    gained = []
    for row in rows:
        new = set(who.reach.get(row["site_id"], {})) - served if row["serves"] else set()
        gained.append(who.count(new))
        served |= new
    full = [{**row, "elders_gained": n} for row, n in zip(rows, gained, strict=True)]
    index = pd.Index([row["site_id"] for row in full], name="candidate_id", dtype=object)
    table = pd.DataFrame({column: [row[column] for row in full] for column in SHOWN}, index=index)
    whole = ("cost_yuan", "elders_gained", "year", "subsidy_yuan", "running_yuan", "subsidy_yuan_year")
    types: dict[str, str] = dict.fromkeys(whole, "int64") | {"floor_area_m2": "float", "added_m2": "float"}
    return table.astype({**types, "vacated": "bool"})


def year_table(
    rows: list[dict[str, Any]], standing: list[dict[str, Any]], who: People, years: Iterable[int]
) -> pd.DataFrame:
    """Return what happens in each year, from what is built or upgraded and what is there today and stays."""
    found = []
    left = {row["site_id"]: row for row in standing}
    for year in sorted({*years, *(row["year"] for row in rows)}):
        built = [row for row in rows if row["year"] == year]
        for row in built:
            left[row["site_id"]] = row
        open_ = [row["site_id"] for row in left.values() if row["serves"]]
        found.append(
            {
                "year": year,
                "sites": len(built),
                "cost_yuan": sum(int(row["cost_yuan"]) for row in built),
                "subsidy_yuan": sum(int(row["subsidy_yuan"]) for row in built),
                "added_m2": float(sum(exact(row["added_m2"]) for row in built)),
                "running_yuan": sum(int(row["running_yuan"]) for row in left.values()),
                "elders_covered": who.count(who.covered(open_)),
            }
        )
    columns = ["year", "sites", "cost_yuan", "subsidy_yuan", "added_m2", "running_yuan", "elders_covered"]
    return pd.DataFrame(found, columns=columns).set_index("year")


def worth(who: People, nearest: Mapping[str, float], decay: Iterable[tuple[float, int]]) -> int:
    """Return what the elders covered are worth, by how far they walk."""
    bands = list(decay)
    value = 0
    for home, away in nearest.items():
        in_band = [each for minutes, each in bands if away <= minutes]
        value += who.elders[home] * (in_band[0] if in_band else bands[-1][1])
    return value


def with_a_place(who: People, capacity: Mapping[str, int]) -> int:
    """Return how many elders the sites have places for, of those in their walks, each counted once, by unit."""
    sites = [site for site, room in capacity.items() if room > 0 and who.reach.get(site)]
    inside = {home for site in sites for home in who.reach[site]} - set(who.certain)
    waiting = who.by_unit(inside)
    order = {unit: k for k, unit in enumerate(waiting)}
    edges: list[tuple[int, int, int]] = [(0, 2 + k, waiting[unit]) for unit, k in order.items()]
    for k, site in enumerate(sites):
        node = 2 + len(order) + k
        near = who.by_unit(home for home in who.reach[site] if home in inside)
        edges += [(2 + order[unit], node, n) for unit, n in near.items()]
        edges.append((node, 1, capacity[site]))
    if not edges:
        return 0
    start, end, most = (np.array(each) for each in zip(*edges, strict=True))
    size = 2 + len(order) + len(sites)
    network = coo_array((np.minimum(most, 2**31 - 1).astype(np.int32), (start, end)), shape=(size, size)).tocsr()
    return int(maximum_flow(network, 0, 1).flow_value)


def exact(area_m2: object) -> Fraction:
    """Return a floor area exactly, to the hundredth of a square metre."""
    return Fraction(str(round(float(area_m2), 2)))  # type: ignore[arg-type]

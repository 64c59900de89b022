"""Where not to believe the result: what the map knows of each community's streets, and how far to trust a figure there.

Where the map is thin, coverage is a lower bound: a street that is not drawn cannot be walked.
"""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.coverage import located
from gis.crossings import uncrossed
from gis.errors import Finding
from gis.network import WalkNetwork
from gis.snap import snap
from gis.words import say

LEVELS = ("good", "thin", "too_thin")
"""How far to trust the map; the words for people stand in the catalogue under `trust.<level>`."""
LEAST_KM_PER_KM2 = 8.0
"""Streets of a residential district, GB 50180-2018 clause 6.0.2; the map should show at least these."""
TOO_FEW_KM_PER_KM2 = 4.0
"""Half of that, a street every 500 m: the map lacks the streets people walk, and the walk cannot be measured."""
ENOUGH_KM_PER_1000 = 2.0
"""Streets for each thousand residents with which a wide village is not thin for its few streets a km2."""
TOO_FEW_KM_PER_1000 = 1.0
"""Half of that: with less, and too few streets a km2, the map is too thin to say."""
CITY_RATIO = 0.5
"""Less than this part of the city's median, by area and by residents: the map is thinner here than elsewhere."""
LEAST_CONNECTED = 0.9
"""The part of the streets that hang together with the city's."""
FAR_CONNECTOR_M = 100.0
"""Where one home in twenty is farther than this from any street, streets are missing."""
FEW_UNREACHED, MANY_UNREACHED = 0.05, 0.2
"""The part of the elders without a street, or on an island without a facility: some doubt, and too thin to say."""
MANY_TURNED_BACK = 0.1
"""The part of the elders whose nearest street lies behind a barrier: gates or paths are likely to be missing."""
M_PER_KM, M2_PER_KM2 = 1000, 1_000_000


def network_report(
    network: WalkNetwork,
    communities: gpd.GeoDataFrame,
    homes: gpd.GeoDataFrame,
    at_homes: pd.DataFrame,
    *,
    at_facilities: pd.DataFrame | None = None,
    barriers: gpd.GeoSeries | None = None,
    max_connector_m: float = 150.0,
    served: Sequence[int] = (),
) -> gpd.GeoDataFrame:
    """Return what the map knows of each community, one row a community in their order, with a level of trust.

    `communities`: `residents` and polygons (without one the streets are unknown, NaN); `homes`: `community_id`,
    `elders`; `at_homes` and `at_facilities` as `snap` returned them with these `barriers` and `max_connector_m`; all in
    the CRS of the network, metres. Columns: `name`; `street_km` inside (a street on a border counts on both sides),
    `km_per_km2`, `km_per_1000` residents, both also as a part of the city's median (`density_ratio`,
    `per_1000_ratio`); `connected_share` of that length in the largest part of the network, `islands` others that
    touch it; `connector_median_m`, `connector_p95_m`, `connector_max_m` of its homes; `homes`, `elders`, of these
    `homes_far`, `elders_far` (no street within the connector) and `homes_on_islands`, `elders_on_islands` (an island
    without a facility here or, `served`, elsewhere); `elders_turned_back` (the nearest street lies behind a barrier)
    and `uncrossed_km` (barriers without a crossing, `gis.crossings`), both 0 without `barriers`; `trust` (`good`,
    `thin`, `too_thin`) and `reasons`, keys of the catalogue (`trust.<reason>`), by the choices named in this module.
    Raises ValueError where the CRS differ.

    >>> from gis.towns import grid_town
    >>> town = grid_town(11)  # 22 km of streets on one km2
    >>> whole = gpd.GeoDataFrame({"name": ["A"], "residents": [5000]}, geometry=[shapely.box(0, 0, 1000, 1000)],
    ...     index=["a"], crs=town.crs)
    >>> homes = gpd.GeoDataFrame({"community_id": ["a"], "elders": [9]}, geometry=[shapely.Point(50, 20)], crs=town.crs)
    >>> network_report(town, whole, homes, snap(town, homes))[["km_per_km2", "connector_max_m", "trust"]]
       km_per_km2  connector_max_m trust
    a        22.0             20.0  good
    """
    if communities.crs != network.crs:
        raise ValueError(f"communities are in {communities.crs}, the network in {network.crs}")
    frame = gpd.GeoDataFrame({"name": communities["name"]}, geometry=communities.geometry, index=communities.index)
    frame = frame.join(_streets(network, communities.geometry))
    residents = communities["residents"].astype(float)
    frame["km_per_km2"] = frame["street_km"] / (communities.area / M2_PER_KM2)
    frame["km_per_1000"] = frame["street_km"] / (residents.where(residents > 0) / 1000)
    frame["density_ratio"] = frame["km_per_km2"] / frame["km_per_km2"].median()
    frame["per_1000_ratio"] = frame["km_per_1000"] / frame["km_per_1000"].median()
    turned = np.zeros(len(homes), dtype=bool)
    if barriers is not None and len(barriers):
        free = snap(network, homes, max_connector_m=max_connector_m)
        turned = free["edge"].to_numpy() != at_homes["edge"].to_numpy()
    frame = frame.join(_homes(network, homes, at_homes, at_facilities, turned, served=served).reindex(frame.index))
    counts = ["homes", "elders", "homes_far", "elders_far", "homes_on_islands", "elders_on_islands"]
    counts.append("elders_turned_back")
    frame[counts] = frame[counts].fillna(0).astype(np.int64)
    frame["uncrossed_km"] = _uncrossed_km(network, communities.geometry, barriers)
    return frame.join(_trust(frame, residents))


def city_trust(report: gpd.GeoDataFrame) -> str:
    """Return how far to trust the map of the whole city: the level of most elders, `thin` with `too_thin` counted in.

    `report` as from `network_report`. `too_thin` where half of the elders or more live where the map is too thin to
    say, else `thin` where half or more live where it is thin or worse, else `good`. Without elders communities count.
    """
    weight = report["elders"] if report["elders"].sum() else report["elders"] + 1
    for level, others in (("too_thin", ("too_thin",)), ("thin", ("thin", "too_thin"))):
        if len(report) and 2 * weight[report["trust"].isin(others)].sum() >= weight.sum():
            return level
    return "good"


def thin_findings(report: gpd.GeoDataFrame, *, source: str = "communities") -> tuple[Finding, ...]:
    """Return warnings: the map of the whole city, each community where it is too thin to say, all where it is thin."""
    too_thin = report[report["trust"] == "too_thin"]
    found = []
    if city_trust(report) == "too_thin":
        found.append(Finding("MAP_TOO_THIN", "warn", source, f"{len(too_thin)} / {len(report)}", len(too_thin)))
    found += [
        Finding("MAP_TOO_THIN", "warn", f"{source}/{unit}", f"{row.name_}: {_said(row.reasons)}", 1)
        for unit, row in zip(too_thin.index, too_thin.rename(columns={"name": "name_"}).itertuples(), strict=True)
    ]
    thin = report.index[report["trust"] == "thin"]
    if len(thin):
        found.append(Finding("MAP_THIN", "warn", source, f"{len(thin)} / {len(report)}", len(thin)))
    return tuple(found)


def _said(reasons: tuple[str, ...]) -> str:
    """Return the reasons as a planner reads them in a finding."""
    return "、".join(say(f"trust.{reason}", "zh") for reason in reasons)


def _streets(network: WalkNetwork, areas: gpd.GeoSeries) -> pd.DataFrame:
    """Return the length of streets in each area, how much of it is connected to the city, and islands it touches."""
    shapes = areas.to_numpy()
    place, edge = network.tree.query(shapes, predicate="intersects")
    contained = set(zip(*network.tree.query(shapes, predicate="contains_properly"), strict=True))
    within = np.fromiter((pair in contained for pair in zip(place, edge, strict=True)), bool, len(place))
    metres = network.edge_length_m[edge].astype(float)
    cut = ~within
    metres[cut] = shapely.length(shapely.intersection(network.lines[edge[cut]], shapes[place[cut]]))
    island = network.edge_component[edge]
    length = np.bincount(place, weights=metres, minlength=len(shapes))
    largest = np.bincount(place[island == 0], weights=metres[island == 0], minlength=len(shapes))
    touched = pd.DataFrame({"place": place, "island": island})[island > 0].drop_duplicates()
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return pd.DataFrame(
        {
            "street_km": np.where(drawn, length / M_PER_KM, np.nan),
            "connected_share": np.divide(largest, length, out=np.full(len(shapes), np.nan), where=length > 0),
            "islands": np.bincount(touched["place"], minlength=len(shapes)),
        },
        index=areas.index,
    )


def _homes(
    network: WalkNetwork,
    homes: gpd.GeoDataFrame,
    at_homes: pd.DataFrame,
    at_facilities: pd.DataFrame | None,
    turned: np.ndarray,
    *,
    served: Sequence[int],
) -> pd.DataFrame:
    """Return connectors, and homes and elders the map cannot place, by community."""
    far = at_homes["edge"].to_numpy() < 0
    doors = at_homes.iloc[:0] if at_facilities is None else at_facilities
    island = ~far & ~located(network, at_homes, doors, served=served).to_numpy()
    elders = homes["elders"]
    people = pd.DataFrame(
        {
            "homes": 1,
            "elders": elders,
            "homes_far": far,
            "elders_far": elders.where(far, 0),
            "homes_on_islands": island,
            "elders_on_islands": elders.where(island, 0),
            "elders_turned_back": elders.where(turned, 0),
        },
        index=homes.index,
    )
    by_community = homes["community_id"]
    connector = at_homes["connector_m"].groupby(by_community)
    spread = {
        "connector_median_m": connector.median(),
        "connector_p95_m": connector.quantile(0.95),
        "connector_max_m": connector.max(),
    }
    return pd.DataFrame(spread).join(people.groupby(by_community).sum(), how="outer")


def _uncrossed_km(network: WalkNetwork, areas: gpd.GeoSeries, barriers: gpd.GeoSeries | None) -> np.ndarray:
    """Return the kilometres of barrier without a crossing in each area."""
    if barriers is None or not len(barriers):
        return np.zeros(len(areas))
    stretches = uncrossed(network, barriers)
    place, hit = shapely.STRtree(stretches.geometry.to_numpy()).query(areas.to_numpy(), predicate="intersects")
    metres = stretches["length_m"].to_numpy()[hit]
    km: np.ndarray = np.bincount(place, weights=metres, minlength=len(areas)) / M_PER_KM
    return km


def _trust(frame: pd.DataFrame, residents: pd.Series) -> pd.DataFrame:
    """Return the level of trust and its reasons, most serious first."""
    dense, shared = frame["km_per_km2"], frame["km_per_1000"]
    unreached = (frame["elders_far"] + frame["elders_on_islands"]) / frame["elders"].where(frame["elders"] > 0)
    sparse = (dense < TOO_FEW_KM_PER_KM2) & ~(shared >= TOO_FEW_KM_PER_1000)
    serious = {
        "no_streets": (frame["street_km"] == 0) & ((residents > 0) | (frame["elders"] > 0)),
        "sparse": sparse & (frame["street_km"] > 0),
        "unreached": unreached > MANY_UNREACHED,
    }
    doubts = {
        "below_norm": (dense < LEAST_KM_PER_KM2) & ~(shared >= ENOUGH_KM_PER_1000) & ~sparse,
        "below_city": (frame["density_ratio"] < CITY_RATIO) & ~(frame["per_1000_ratio"] >= CITY_RATIO),
        "broken": frame["connected_share"] < LEAST_CONNECTED,
        "some_unreached": (unreached > FEW_UNREACHED) & (unreached <= MANY_UNREACHED),
        "far_streets": frame["connector_p95_m"] > FAR_CONNECTOR_M,
        "behind_barriers": frame["elders_turned_back"] > MANY_TURNED_BACK * frame["elders"],
    }
    all_reasons = serious | doubts
    reasons = [tuple(key for key, holds in all_reasons.items() if holds.loc[unit]) for unit in frame.index]
    level = ["too_thin" if any(key in serious for key in said) else "thin" if said else "good" for said in reasons]
    return pd.DataFrame({"trust": level, "reasons": pd.Series(reasons, index=frame.index)}, index=frame.index)

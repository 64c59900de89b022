"""What lies beyond the border of the study area: walked to and shared with, never counted in it.

A city has no such thing. A county of a province has neighbours: their facilities serve who lives at the border, their
people share the places, and a street that comes back from there is no island.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.intake import Intake
from gis.network import WalkNetwork
from gis.tables import FACILITIES
from gis.units import locate


@dataclass(frozen=True, eq=False)
class Beyond:
    """`facilities` of the neighbours near the border (columns of the table), `homes` of theirs with `elders`.

    `islands`: what each part of the streets that hangs together here is called in the whole map, 0 the longest there;
    empty where the map is whole. `served` and `served_by_centres` are those with a facility somewhere beyond.
    """

    facilities: gpd.GeoDataFrame | None = None
    homes: gpd.GeoDataFrame | None = None
    islands: tuple[int, ...] = ()
    served: tuple[int, ...] = ()
    served_by_centres: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Given:
    """Tables that were read already, by the name of the input, and what lies beyond the border."""

    tables: Mapping[str, Intake] = field(default_factory=dict)
    beyond: Beyond = Beyond()


def as_islands_of_the_whole(network: WalkNetwork, beyond: Beyond) -> WalkNetwork:
    """Return the network with its islands called as on the whole map. Raises ValueError where these are of another."""
    if not beyond.islands:
        return network
    if len(beyond.islands) <= int(network.component.max()):
        raise ValueError("the islands are those of another map")
    return replace(network, component=np.array(beyond.islands, dtype=np.int32)[network.component])


def located_beyond(beyond: Beyond, communities: gpd.GeoDataFrame) -> Beyond:
    """Return what lies beyond with facilities as `gis.units.locate` returns them: of no community here."""
    if beyond.facilities is None:
        return beyond
    nowhere = beyond.facilities.assign(community_id=pd.Series(pd.NA, beyond.facilities.index, dtype="string"))
    found, _ = locate(nowhere, communities.iloc[:0], name=FACILITIES.name)
    return replace(beyond, facilities=found)


def with_neighbours(facilities: gpd.GeoDataFrame, beyond: Beyond) -> gpd.GeoDataFrame:
    """Return the facilities with those beyond the border."""
    if beyond.facilities is None or not len(beyond.facilities):
        return facilities
    return gpd.GeoDataFrame(pd.concat([facilities, beyond.facilities]), crs=facilities.crs)

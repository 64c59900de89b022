"""Beyond coverage: the circle beside the walk, supply, access, evenness, who serves whom."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from circle15.cards import measures_card
from circle15.city import City
from circle15.walked import Walked
from gis.access import access_by_unit, per_1000_elders, places_per_person
from gis.catchment import catchment_table, catchments
from gis.circle import circle_by_unit
from gis.equity import spread_by_unit, worst_served
from gis.estates import bracket
from gis.nearest import nearest


@dataclass(frozen=True)
class Measures:
    """Tables by unit as `gis.circle`, `gis.access` and `gis.equity` return them, and who serves whom.

    `served`: each home's nearest facility however far. `catchments`: areas without overlap within the longest walk.
    """

    circle: pd.DataFrame
    supply: pd.DataFrame
    access: pd.DataFrame
    spread: pd.DataFrame
    worst: pd.DataFrame
    served: pd.DataFrame
    catchment_table: pd.DataFrame
    catchments: gpd.GeoDataFrame
    bracket: pd.DataFrame
    """Elders covered with the gates as given and with every estate open (`gis.estates.bracket`); empty without any."""

    def _repr_html_(self) -> str:
        """Show the tables in a notebook."""
        return measures_card(self)


def measures(city: City, now: Walked) -> Measures:
    """Return the measures of a city on a day."""
    walking, communities = city.project.walking, city.communities
    facilities, homes, at_facilities = now.serving, now.homes, now.at_serving
    served = nearest(city.network, at_facilities, homes=now.at_homes, speed_m_s=walking.speed_m_s)
    access = places_per_person(now.walks, homes, facilities, minutes=walking.minutes)
    return Measures(
        circle=circle_by_unit(homes, facilities, communities, minutes=walking.minutes, speed_m_s=walking.speed_m_s),
        supply=per_1000_elders(facilities, now.units, communities),
        access=access_by_unit(access, homes, communities),
        spread=spread_by_unit(served["minutes"], homes, communities),
        worst=worst_served(served["minutes"], homes, communities),
        served=served,
        catchment_table=catchment_table(served, homes, at_facilities, columns=("residents", "elders")),
        catchments=catchments(city.network, at_facilities, minutes=max(walking.minutes), speed_m_s=walking.speed_m_s),
        bracket=_bracket(city, facilities),
    )


def _bracket(city: City, facilities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the two ends of what may be true of walled estates, where there are private streets."""
    if city.opened is city.network:
        return pd.DataFrame()
    walking = city.project.walking
    return bracket(
        city.network,
        city.opened,
        city.homes.frame,
        facilities,
        minutes=walking.minutes,
        speed_m_s=walking.speed_m_s,
        max_connector_m=walking.max_connector_m,
        barriers=city.barriers,
    )

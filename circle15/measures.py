"""Beyond coverage: the circle beside the walk, supply, access, evenness, who serves whom."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from circle15.cards import measures_card
from circle15.city import City
from circle15.walked import Walked, doors
from gis.access import access_by_unit, per_1000_elders, places_per_person
from gis.catchment import catchment_table, catchments
from gis.circle import circle_by_unit
from gis.equity import spread_by_unit, worst_served
from gis.estates import bracket
from gis.nearest import nearest
from gis.reach import reach
from gis.snap import snap


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
    here = facilities[facilities.index.isin(now.facilities.index)]  # a neighbour's beds are no supply of ours
    return Measures(
        circle=circle_by_unit(homes, facilities, communities, minutes=walking.minutes, speed_m_s=walking.speed_m_s),
        supply=per_1000_elders(here, now.units, communities),
        access=access_by_unit(_access(city, now), homes, communities),
        spread=spread_by_unit(served["minutes"], homes, communities),
        worst=worst_served(served["minutes"], homes, communities),
        served=served,
        catchment_table=catchment_table(served, homes, at_facilities, columns=("residents", "elders")),
        catchments=catchments(city.network, at_facilities, minutes=max(walking.minutes), speed_m_s=walking.speed_m_s),
        bracket=_bracket(city, facilities),
    )


def _access(city: City, now: Walked) -> pd.DataFrame:
    """Return the places per person; who lives beyond the border shares the places within reach there."""
    walking, neighbours = city.project.walking, city.beyond.homes
    if neighbours is None or not len(neighbours):
        return places_per_person(now.walks, now.homes, now.serving, minutes=walking.minutes)
    at_neighbours = snap(city.network, neighbours, **doors(city))
    theirs = reach(
        city.network, at_neighbours, now.at_serving, minutes=max(walking.minutes), speed_m_s=walking.speed_m_s
    )
    columns = ["elders", "state"]
    all_homes = pd.concat([now.homes[columns], neighbours[["elders"]].assign(state="not_covered")])
    walks = pd.concat([now.walks, theirs], ignore_index=True)
    access: pd.DataFrame = places_per_person(walks, all_homes, now.serving, minutes=walking.minutes)
    return access.reindex(now.homes.index)


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

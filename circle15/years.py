"""What is there at the end of each year of a plan: its sites open one after the other, walked to anew each time."""

from collections.abc import Iterator, Mapping

import geopandas as gpd
import pandas as pd

from circle15.city import City
from circle15.walked import Walked, without
from gis.isochrone import isochrones
from maps.atlas import YearEnd
from optimise.plan import Plan


def year_ends(city: City, plan: Plan | None, after: Walked | None) -> dict[int, Walked]:
    """Return who walks where at the end of each year of the plan; what the plan closes is closed from the first year.

    Nothing is interpolated: each year is counted from the walks to what is open by then. Raises RuntimeError where
    that is not what the plan says of the year.
    """
    if plan is None or after is None:
        return {}
    found = {}
    for year, said in plan.by_year[plan.by_year.index > 0].iterrows():  # 0: no year is said
        later = plan.sites.index[plan.sites["year"] > year]
        then = without(city, after, [f"candidate/{code}" for code in later])
        walked_to = int(then.homes["elders"][then.homes["state"] == "covered"].sum())
        if walked_to != said["elders_covered"]:
            raise RuntimeError(f"{year}: the plan says {said['elders_covered']} elders, the walk says {walked_to}")
        found[int(str(year))] = then
    return found


def drawn_years(city: City, ends: Mapping[int, Walked]) -> tuple[YearEnd, ...]:
    """Return the years as the page shows them, each with its walking areas (`minutes`, polygons in metres)."""
    return tuple(
        YearEnd(year, then.units, then.homes["state"], _together(city, then.at_serving)) for year, then in ends.items()
    )


def areas_by_kind(city: City, stages: Mapping[str, Walked]) -> gpd.GeoDataFrame:
    """Return the walking areas of each kind of facility at each stage: `when`, `kind`, `minutes`, polygons in metres.

    A kind whose facilities are those of an earlier stage is drawn once and shown again.
    """
    parts = list(_of_kinds(city, stages))
    if not parts:
        return gpd.GeoDataFrame({"when": [], "kind": [], "minutes": []}, geometry=[], crs=city.crs)
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True))[["when", "kind", "minutes", "geometry"]]


def _of_kinds(city: City, stages: Mapping[str, Walked]) -> Iterator[gpd.GeoDataFrame]:
    drawn: dict[tuple[object, ...], gpd.GeoDataFrame] = {}
    for when, then in stages.items():
        for kind, own in then.serving.groupby("kind", observed=True):
            if tuple(own.index) not in drawn:
                drawn[tuple(own.index)] = _together(city, then.at_serving.loc[own.index])
            yield drawn[tuple(own.index)].assign(when=when, kind=str(kind))


def _together(city: City, at_serving: pd.DataFrame) -> gpd.GeoDataFrame:
    walking = city.project.walking
    return isochrones(city.network, at_serving, minutes=walking.minutes, speed_m_s=walking.speed_m_s, together=True)

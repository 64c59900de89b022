"""The evidence of a city for its documents: what was read, and the walks to facilities and to comprehensive centres."""

import geopandas as gpd
import pandas as pd

from circle15.city import City
from gis.coverage import coverage, coverage_by_unit, located
from gis.units import locate
from policy.evidence import Evidence

CENTRE_KINDS = ("street_centre", "county_complex")
"""The comprehensive centres that lead smaller points near them."""


def evidence_of(city: City, units: pd.DataFrame, centres: pd.DataFrame) -> Evidence:
    """Return what the documents are judged on: `units` and `centres` are coverage by unit, of all and of centres."""
    return Evidence(
        communities=city.communities,
        facilities=city.facilities,
        coverage=units,
        minutes=city.project.walking.minutes,
        centre_coverage=centres,
        figures=city.figures,
        answers=city.answers,
        people_groups=city.people_groups,
        housing=housing_in_units(city.housing, city.communities),
    )


def centre_coverage(
    city: City,
    walks: pd.DataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    at_homes: pd.DataFrame,
    at_facilities: pd.DataFrame,
) -> pd.DataFrame:
    """Return coverage by unit as it would be with the comprehensive centres alone.

    `walks`, `facilities`, `at_homes` and `at_facilities` as in the study: those that count.
    """
    centres = facilities[facilities["kind"].isin(CENTRE_KINDS)]
    known = located(city.network, at_homes, at_facilities.loc[centres.index])
    there = walks[walks["facility_id"].isin(centres.index)]
    minutes = city.project.walking.minutes
    homes = coverage(city.homes.frame, there, centres, known, minutes=minutes)
    return coverage_by_unit(homes, city.communities, minutes=minutes)


def housing_in_units(housing: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the housing projects with the community, street and county each stands in, by its position."""
    nowhere = pd.Series(pd.NA, index=housing.index, dtype="string")
    placed, _ = locate(housing.assign(community_id=nowhere), communities, name="housing")
    return placed

"""Beyond coverage: the circle beside the walk, supply, access, evenness, who serves whom."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from circle15.city import City
from gis.access import SUPPLIES, access_by_unit, per_1000_elders, places_per_person
from gis.catchment import catchment_table, catchments
from gis.circle import circle_by_unit
from gis.equity import spread_by_unit, worst_served
from gis.estates import bracket
from gis.nearest import nearest
from gis.words import Language, say
from maps.atlas import Columns, MeasureTable
from maps.measures import measure_table, unit_columns


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


def measures(
    city: City,
    *,
    facilities: gpd.GeoDataFrame,
    at_homes: pd.DataFrame,
    at_facilities: pd.DataFrame,
    walks: pd.DataFrame,
    homes: gpd.GeoDataFrame,
    units: pd.DataFrame,
) -> Measures:
    """Return the measures of a city from the stages of its study."""
    walking, communities = city.project.walking, city.communities
    served = nearest(city.network, at_facilities, homes=at_homes, speed_m_s=walking.speed_m_s)
    access = places_per_person(walks, homes, facilities, minutes=walking.minutes)
    return Measures(
        circle=circle_by_unit(homes, facilities, communities, minutes=walking.minutes, speed_m_s=walking.speed_m_s),
        supply=per_1000_elders(facilities, units, communities),
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


def measure_tables(
    found: Measures, facilities: gpd.GeoDataFrame, *, minutes: Sequence[int], language: Language
) -> tuple[MeasureTable, ...]:
    """Return the measures as sheets for people, headed in their language."""

    def words(key: str, **fields: object) -> str:
        return say(f"measure.{key}", language, **fields)

    def table(key: str, frame: pd.DataFrame, columns: Columns) -> MeasureTable:
        return measure_table(words(key), frame, columns)

    unit = unit_columns(language)
    elders: Columns = {"elders": unit["elders"]}
    circle: Columns = {
        f"elders_{what}_{m}": (words(key, minutes=m), "people")
        for m in minutes
        for what, key in (
            ("circle", "circle"),
            ("walk", "walk"),
            ("overstated", "overstated"),
            ("circle_unknown", "circle_unknown"),
        )
    }
    spread: Columns = {key: (words(key), "number") for key in ("mean", "median", "p90", "gini")}
    supply: Columns = {"facilities": (words("facilities"), "whole")}
    for name in SUPPLIES:
        supply[f"{name}_per_1000_elders"] = (words("per_1000", supply=words(name)), "number")
        supply[f"{name}_stated"] = (words("stated_by", supply=words(name)), "whole")
    served = found.catchment_table.rename_axis("facility_id").reset_index()
    served["name"] = served["facility_id"].map(facilities["name"]).fillna(words("no_facility"))
    worst = found.worst.rename_axis("unit_id").reset_index()
    covered: Columns = {f"elders_covered_{m}": (words("covered", minutes=m), "people") for m in minutes}
    scenarios: tuple[MeasureTable, ...] = ()
    if len(found.bracket):
        both_ends = found.bracket.reset_index()
        both_ends["scenario"] = both_ends["scenario"].map(words)
        first: Columns = {"scenario": (words("scenario"), "text"), **elders}
        unknown: Columns = {"elders_unknown": (say("annex.elders_unknown", language), "people")}
        scenarios = (table("bracket_sheet", both_ends, {**first, **unknown, **covered}),)
    return (
        *scenarios,
        table("circle_sheet", found.circle, {**unit, **circle}),
        table("supply_sheet", found.supply, {**unit, **supply}),
        table(
            "access_sheet",
            found.access,
            {
                **unit,
                "elders_places_per_1000": (words("places_per_1000"), "number"),
                "elders_unknown": (words("places_unknown"), "people"),
            },
        ),
        table(
            "spread_sheet",
            found.spread,
            {
                **{name: unit[name] for name in ("level", "unit_id", "name")},
                "people": elders["elders"],
                **spread,
                "people_never": (words("never"), "people"),
                "people_unknown": (say("annex.elders_unknown", language), "people"),
            },
        ),
        table(
            "worst_tenth",
            worst,
            {
                "unit_id": unit["unit_id"],
                "name": unit["name"],
                **elders,
                "value_mean": (words("mean"), "number"),
                "value_worst": (words("longest"), "number"),
            },
        ),
        table(
            "catchment",
            served,
            {
                "facility_id": unit["unit_id"],
                "name": unit["name"],
                "homes": (words("homes"), "whole"),
                "residents": (say("annex.residents", language), "people"),
                **elders,
                "minutes_mean": (words("mean"), "number"),
                "minutes_max": (words("longest"), "number"),
            },
        ),
    )

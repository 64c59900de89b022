"""The measures and the doubts as sheets of the annex, headed in the language of the project."""

from collections.abc import Callable, Sequence

import geopandas as gpd
import pandas as pd

from circle15.doubts import Doubts
from circle15.measures import Measures
from gis.access import SUPPLIES
from gis.words import Language, say
from maps.atlas import Columns, MeasureTable
from maps.measures import measure_table, unit_columns


def measure_sheets(
    found: Measures, doubted: Doubts, facilities: gpd.GeoDataFrame, *, minutes: Sequence[int], language: Language
) -> tuple[MeasureTable, ...]:
    """Return the sheets of a study: the measures, then the doubts; `facilities` names those that serve."""
    return (
        *_measures(found, facilities, minutes=minutes, language=language),
        *_doubts(doubted, minutes=max(minutes), language=language),
    )


def _speaker(section: str, language: Language) -> tuple[Callable[..., str], Callable[..., MeasureTable]]:
    """Return what says a word of a section of the catalogue, and what makes a table under such a title."""

    def words(key: str, **fields: object) -> str:
        return say(f"{section}.{key}", language, **fields)

    def table(key: str, frame: pd.DataFrame, columns: Columns) -> MeasureTable:
        return measure_table(words(key), frame, columns)

    return words, table


def _measures(
    found: Measures, facilities: gpd.GeoDataFrame, *, minutes: Sequence[int], language: Language
) -> tuple[MeasureTable, ...]:
    words, table = _speaker("measure", language)
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
    served["name"] = (
        served["facility_id"].map(facilities["name"].astype(object)).astype(object).fillna(words("no_facility"))
    )
    worst = found.worst.round({"value_mean": 1, "value_worst": 1}).rename_axis("unit_id").reset_index()
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
            found.spread.round({"mean": 1, "median": 1, "p90": 1, "gini": 2}),  # finer, they would tell single homes
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


def _doubts(found: Doubts, *, minutes: int, language: Language) -> tuple[MeasureTable, ...]:
    words, table = _speaker("doubt", language)
    unit = unit_columns(language)
    covered = say("measure.covered", language, minutes=minutes)
    lost: Columns = {f"elders_covered_{end}": (words(f"loss_{end}"), "people") for end in ("min", "median", "max")}
    joined: Columns = {
        name: (words("joined_free" if name.endswith("_free") else "joined", metres=name.split("_")[2]), "people")
        for name in map(str, found.snapping)
        if name.startswith("elders_covered_")
    }
    trust = found.trust.rename_axis("unit_id").reset_index()
    trust["trust"] = [say(f"trust.{level}", language) for level in trust["trust"]]
    comma = say("label.comma", language)
    trust["reasons"] = [comma.join(say(f"trust.{reason}", language) for reason in why) for why in trust["reasons"]]
    figures: Columns = {
        name: (words(name), "number")
        for name in (
            *("km_per_km2", "km_per_1000", "connected_share"),
            *("connector_median_m", "connector_p95_m", "connector_max_m"),
        )
    }
    people: Columns = {
        name: (words(name), "people") for name in ("elders_far", "elders_on_islands", "elders_turned_back")
    }
    return (
        table(
            "trust_sheet",
            trust,
            {
                "unit_id": unit["unit_id"],
                "name": unit["name"],
                "trust": (words("trust"), "text"),
                "reasons": (words("reasons"), "text"),
                **figures,
                "elders": unit["elders"],
                **people,
            },
        ),
        table("loss_sheet", found.loss, {**unit, "elders_covered": (covered, "people"), **lost}),
        table("joined_sheet", found.snapping, {**unit, **joined}),
        table(
            "links_sheet",
            found.links,
            {
                **unit,
                "elders_covered": (covered, "people"),
                "elders_missing_link": (words("missing_link"), "people"),
                "elders_barrier": (words("barrier"), "people"),
                "elders_covered_most": (words("covered_most"), "people"),
            },
        ),
    )

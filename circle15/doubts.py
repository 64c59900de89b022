"""Where not to believe the result: how thin the map is, what a few missing streets would change, which datum fits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from circle15.city import City
from circle15.project import Source
from gis.errors import Finding
from gis.fragile import fragile, fragile_by_unit
from gis.network import WalkNetwork
from gis.sensitivity import loss_sensitivity, snapping_sensitivity
from gis.suspicion import datum_suspicion, suspicion_findings
from gis.trust import network_report, thin_findings
from gis.words import Language, say
from maps.atlas import Columns, MeasureTable
from maps.measures import measure_table, unit_columns
from policy.verdict import Verdict

DRAWN = ("facilities", "candidates")
"""Tables of places whose datum is tried against the streets; homes stand away from streets."""


@dataclass(frozen=True)
class Doubts:
    """The map of each community (`gis.trust`), coverage with streets lost and with doors joined otherwise, by unit."""

    trust: gpd.GeoDataFrame
    loss: pd.DataFrame
    snapping: pd.DataFrame
    links: pd.DataFrame
    findings: tuple[Finding, ...]


def doubts(
    city: City,
    *,
    facilities: gpd.GeoDataFrame,
    at_homes: pd.DataFrame,
    at_facilities: pd.DataFrame,
    homes: gpd.GeoDataFrame,
) -> Doubts:
    """Return what may be doubted in the coverage of a city, from the stages of its study."""
    walking, network, communities = city.project.walking, city.network, city.communities
    minutes, speed_m_s = max(walking.minutes), walking.speed_m_s
    trust = network_report(
        network,
        communities,
        homes,
        at_homes,
        at_facilities=at_facilities,
        barriers=city.barriers,
        max_connector_m=walking.max_connector_m,
    )
    between = fragile(homes, facilities, minutes=minutes, speed_m_s=speed_m_s, barriers=city.barriers)
    links = fragile_by_unit(homes, between, communities)
    findings = list(thin_findings(trust, source=city.project.inputs.streets.path))
    for name in DRAWN:
        source = getattr(city.project.inputs, name)
        if source is not None and len(getattr(city, name)):
            findings += _suspicion(getattr(city, name), source, network)
    return Doubts(
        trust=trust,
        loss=loss_sensitivity(
            network, communities, homes, at_homes, at_facilities, minutes=minutes, speed_m_s=speed_m_s
        ),
        snapping=snapping_sensitivity(
            network, communities, homes, facilities, barriers=city.barriers, minutes=minutes, speed_m_s=speed_m_s
        ),
        links=links,
        findings=tuple(findings),
    )


def _suspicion(places: gpd.GeoDataFrame, source: Source, network: WalkNetwork) -> tuple[Finding, ...]:
    """Return a warning where another datum than the declared one brings a table's places to the streets."""
    datum = source.datum or "wgs84"
    return suspicion_findings(datum_suspicion(places, network, datum=datum), datum=datum, name=source.path)


def at_most(units: pd.DataFrame, links: pd.DataFrame, *, minutes: int) -> pd.DataFrame:
    """Return coverage by unit as it would be if the map lacked the streets that `gis.fragile` thinks possible."""
    most = links.set_index(["level", "unit_id"])["elders_covered_most"]
    keys = pd.MultiIndex.from_frame(units[["level", "unit_id"]])
    covered = most.reindex(keys).fillna(0).to_numpy(dtype="int64")
    covered = covered.clip(units[f"elders_covered_{minutes}"].to_numpy())
    unknown = units["elders_unknown"].clip(upper=units["elders"] - covered)
    fuller = units.assign(elders_unknown=unknown)
    fuller[f"elders_covered_{minutes}"] = covered
    return fuller


def hanging_on_the_map(verdicts: Sequence[Verdict], otherwise: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts, those that a plausible missing street would change with a note that says so."""
    said = (say("doubt.hangs", "zh"), say("doubt.hangs", "en"))
    return tuple(
        verdict
        if verdict.status == other.status
        else replace(verdict, note=(_joined(verdict.note[0], said[0], "；"), _joined(verdict.note[1], said[1], "; ")))
        for verdict, other in zip(verdicts, otherwise, strict=True)
    )


def _joined(note: str, more: str, by: str) -> str:
    return f"{note}{by}{more}" if note else more


def doubt_tables(found: Doubts, *, minutes: int, language: Language) -> tuple[MeasureTable, ...]:
    """Return the doubts as sheets for people, headed in their language."""

    def words(key: str, **fields: object) -> str:
        return say(f"doubt.{key}", language, **fields)

    def table(key: str, frame: pd.DataFrame, columns: Columns) -> MeasureTable:
        return measure_table(words(key), frame, columns)

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

"""Where not to believe the result: how thin the map is, and what a few missing streets would change."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from circle15.cards import doubts_card
from circle15.city import City
from circle15.walked import Walked
from gis.errors import Finding
from gis.fragile import fragile, fragile_by_unit
from gis.sensitivity import loss_sensitivity, snapping_sensitivity
from gis.trust import network_report, thin_findings


@dataclass(frozen=True)
class Doubts:
    """The map of each community (`gis.trust`), coverage with streets lost and with doors joined otherwise, by unit."""

    trust: gpd.GeoDataFrame
    loss: pd.DataFrame
    snapping: pd.DataFrame
    links: pd.DataFrame
    findings: tuple[Finding, ...]

    def _repr_html_(self) -> str:
        """Show where not to believe the result in a notebook."""
        return doubts_card(self)


def doubts(city: City, now: Walked) -> Doubts:
    """Return what may be doubted in the coverage of a city on a day."""
    facilities, homes, at_homes, at_facilities = now.serving, now.homes, now.at_homes, now.at_serving
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
        served=city.beyond.served,
    )
    between = fragile(homes, facilities, minutes=minutes, speed_m_s=speed_m_s, barriers=city.barriers)
    links = fragile_by_unit(homes, between, communities)
    findings = tuple(thin_findings(trust, source=city.project.inputs.streets.path))
    return Doubts(
        trust=trust,
        loss=loss_sensitivity(
            network, communities, homes, at_homes, at_facilities, minutes=minutes, speed_m_s=speed_m_s
        ),
        snapping=snapping_sensitivity(
            network, communities, homes, facilities, barriers=city.barriers, minutes=minutes, speed_m_s=speed_m_s
        ),
        links=links,
        findings=findings,
    )


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

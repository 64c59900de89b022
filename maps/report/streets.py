"""The streets of a report: what lies in each, in the order of their codes."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from gis.words import say
from maps.atlas import Atlas
from maps.figures import units_of
from maps.labels import cell
from maps.situated import planned_sites, situated
from policy.verdict import Status

_MISSED = (Status.FAIL, Status.EXCEPTION_NEEDED, Status.BOUNDARY)


@dataclass(frozen=True)
class Street:
    """One street (or town): its figures as in `Atlas.units`, its communities, facilities and planned sites.

    `open_rules`: rules not met by the street itself, each as document, clause and title.
    """

    code: str
    unit: pd.Series
    communities: pd.DataFrame
    facilities: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    open_rules: tuple[str, ...]


def streets_of(atlas: Atlas) -> tuple[Street, ...]:
    """Return every street that has figures, in the order of the codes."""
    units, of_community = units_of(atlas, "street"), units_of(atlas, "community")
    sites = planned_sites(atlas)
    at_street = [situated(frame, atlas)["street_id"] for frame in (atlas.facilities, sites)]
    streets_of_communities = atlas.communities.get("street_id", pd.Series(dtype="string"))
    found = []
    for code, unit in units.iterrows():
        own = [str(c) for c in streets_of_communities.index[(streets_of_communities == code).fillna(value=False)]]
        found.append(
            Street(
                str(code),
                unit,
                of_community[of_community.index.isin(own)],
                atlas.facilities[(at_street[0] == code).fillna(value=False).to_numpy(dtype=bool)],
                sites[(at_street[1] == code).fillna(value=False).to_numpy(dtype=bool)],
                _open_rules(str(code), atlas),
            )
        )
    return tuple(found)


def _open_rules(code: str, atlas: Atlas) -> tuple[str, ...]:
    at = 0 if atlas.language == "zh" else 1
    return tuple(
        dict.fromkeys(
            f"{cell(v.document)} {cell(v.clause)} {cell(v.title[at])}（{say(f'status.{v.status}', atlas.language)}）"
            for v in atlas.verdicts
            if v.level == "street" and v.unit_id == code and v.decides and v.status in _MISSED
        )
    )

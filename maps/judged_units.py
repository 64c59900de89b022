"""Which communities belong to the units that verdicts are about, and where facilities and projects stand."""

from collections import defaultdict
from collections.abc import Hashable, Iterable

import geopandas as gpd
import pandas as pd

from gis.errors import one_line
from maps.atlas import Atlas
from maps.compact import placed, point_steps
from maps.labels import cell
from policy.verdict import Verdict

DRAWN = ("community", "street", "division", "city", "facility", "project")
"""The levels a map can show, the finest first; `division`: counties and functional zones, each community in one."""
_LEVEL = {"county": "division", "zone": "division"}


def level_of(verdict: Verdict) -> str:
    """Return the level of the map that a verdict is shown at."""
    return _LEVEL.get(verdict.level, verdict.level)


def unit_key(verdict: Verdict) -> tuple[str, str]:
    """Return what a verdict is about: its level and the code of the unit; there is one city."""
    return verdict.level, "" if verdict.level == "city" else one_line(verdict.unit_id)


def members(atlas: Atlas, verdicts: Iterable[Verdict]) -> dict[tuple[str, str], list[int]]:
    """Return the communities of each unit that verdicts of one document are about, counted among those with a shape.

    A community in a functional zone that the document judges as a unit belongs to the zone and not to its county.
    """
    drawn = atlas.communities[placed(atlas.communities.geometry)]
    judged = {unit_key(verdict) for verdict in verdicts}
    zones = {key for level, key in judged if level == "zone"}
    aliases = {
        alias: known
        for policy in atlas.policies
        for known, others in policy.zones.items()
        for alias in (known, *others)
    }
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, (code, row) in enumerate(drawn.iterrows()):
        zone = next((z for z in (_zone(row, column, aliases) for column in ("zone", "county")) if z in zones), "")
        own = {
            "community": cell(code),
            "street": cell(row.get("street_id")) or cell(row.get("street")),
            "zone" if zone else "county": zone or cell(row.get("county_id")) or cell(row.get("county")),
            "city": "",
        }
        for unit in own.items():
            if unit in judged:
                found[unit].append(place)
    return dict(found)


def _zone(row: pd.Series, column: str, aliases: dict[str, str]) -> str:
    name = cell(row.get(column))
    return aliases.get(name, name if column == "zone" else "")


def spots(atlas: Atlas) -> dict[tuple[str, str], list[int]]:
    """Return the position of each facility, site of the plan and housing project in millionths of a degree (lon, lat).

    A site of the plan is judged after the plan as a facility named `candidate/<code>`.
    """
    sites = atlas.candidates.iloc[:0]
    if atlas.plan is not None:
        sites = atlas.candidates.loc[atlas.candidates.index.isin(atlas.plan.sites.index)]
    frames = (("facility", "", atlas.facilities), ("facility", "candidate/", sites), ("project", "", atlas.housing))
    return {
        (level, f"{before}{cell(code)}"): where for level, before, frame in frames for code, where in _positions(frame)
    }


def _positions(frame: gpd.GeoDataFrame) -> Iterable[tuple[Hashable, list[int]]]:
    there = frame[placed(frame.geometry)] if len(frame) else frame
    return zip(there.index, point_steps(there.geometry).tolist(), strict=True) if len(there) else ()

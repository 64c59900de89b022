"""The siting on the page: whom each new site serves, as lines, and in how many near-best plans it stands, as a ring."""

import geopandas as gpd
import pandas as pd

from maps.atlas import Atlas
from maps.compact import placed, point_steps
from maps.contents import Json, ordered, pair
from maps.shown_serves import shown_serves
from maps.situated import planned_sites
from maps.style import PLANNED
from maps.withheld import BESIDE, FEW

LINE = "#6a2c91"
MASKED, HIDDEN = -1, -2
"""Stand for one to four people, and for what is hidden beside them."""


def council_layer(atlas: Atlas) -> Json | None:
    """Return the lines from new sites to the communities they serve and the rings of the sites, None without answers.

    `lines`: [lon, lat, lon, lat, people, newly covered], `rings`: [lon, lat, plans with the site, plans], positions in
    millionths of a degree; one to four people are -1. Sites and communities without a position are left out.
    """
    council = atlas.council
    if council is None or not len(council.why):
        return None
    sites = _spots(planned_sites(atlas).geometry, council.why.index)
    units = _spots(_middles(atlas.communities), pd.Index(sorted(set(council.serves["community_id"]))))
    served = shown_serves(atlas)
    lines = [
        [*sites[site], *units[unit], _masked(elders), _masked(anew)]
        for site, unit, elders, anew in zip(
            *(served[name].tolist() for name in ("site_id", "community_id", "elders", "elders_new")), strict=True
        )
        if site in sites and unit in units
    ]
    plans = len(council.near_best)
    counts = council.why["near_best"]
    rings = [[*sites[str(i)], int(counts[i]), plans] for i in council.why.index if plans and str(i) in sites]
    return {
        "words": {key: ordered(pair(f"council.{key}"), atlas) for key in ("lines", "rings")},
        "line": LINE,
        "ring": PLANNED,
        "lines": lines,
        "rings": rings,
    }


def _middles(communities: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return a point inside each community."""
    return gpd.GeoSeries(communities.geometry.representative_point(), index=communities.index, crs=communities.crs)


def _spots(points: gpd.GeoSeries, wanted: pd.Index) -> dict[str, list[int]]:
    """Return where things lie, in millionths of a degree, those that have a position."""
    there = points[points.index.isin(wanted)]
    there = there[placed(there)]
    if not len(there):
        return {}
    steps = point_steps(there).tolist()
    return {str(i): [int(x), int(y)] for i, (x, y) in zip(there.index, steps, strict=True)}


def _masked(shown: object) -> int:
    return MASKED if shown == FEW else HIDDEN if shown == BESIDE else int(str(shown))

"""To which community and street a place of the atlas belongs: as its table says, else where it stands."""

import geopandas as gpd
import pandas as pd

from gis.units import by_position
from maps.atlas import Atlas

FACILITY_SITE = "facility/"
"""What the name of an existing facility begins with where it is a site of a plan."""
EXTENDING = ("extend", "upgrade")
"""Ways of building that make larger what stands; all others are new sites of care."""


def situated(places: gpd.GeoDataFrame, atlas: Atlas) -> pd.DataFrame:
    """Return for each place `community_id`, `community`, `street_id` and `street`, missing where nothing tells.

    `places` are points in the project's CRS, with `community_id` where the table has it.
    """
    communities = atlas.communities
    code = pd.Series(pd.NA, index=places.index, dtype="string")
    if "community_id" in places:
        said = places["community_id"].astype("string")
        code = said.where(said.isin(communities.index))
    if len(places) and len(communities):
        shaped = communities[communities.geometry.notna() & ~communities.geometry.is_empty]
        code = code.fillna(by_position(places, shaped))
    units = communities.reindex(code)
    columns = {"community": "name", "street_id": "street_id", "street": "street"}
    told = {new: units[old].to_numpy() if old in units else pd.NA for new, old in columns.items()}
    return pd.DataFrame({"community_id": code, **told}, index=places.index)


def planned_sites(atlas: Atlas) -> gpd.GeoDataFrame:
    """Return the sites of the plan with what their own table says of them beside; empty without a plan.

    A site is a candidate, or as `facility/<code>` a facility made larger; it stands where that one stands.
    """
    if atlas.plan is None:
        return atlas.candidates.iloc[:0]
    sites = atlas.plan.sites
    beside = atlas.candidates.reindex(sites.index)
    larger = sites.index[sites.index.astype(str).str.startswith(FACILITY_SITE)]
    if len(larger):
        there = atlas.facilities.reindex(larger.str.removeprefix(FACILITY_SITE)).set_axis(larger)
        beside = gpd.GeoDataFrame(pd.concat([beside.drop(larger), there]).reindex(sites.index))
    more = beside[[name for name in beside if name not in sites.columns]]
    return gpd.GeoDataFrame(sites.join(more), geometry=atlas.candidates.geometry.name, crs=atlas.crs)

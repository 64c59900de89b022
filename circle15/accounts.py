"""The account of the people: every elder of the homes is counted, not located on the streets, or withheld."""

import geopandas as gpd

from gis.ledger import Ledger
from maps.withheld import MARKS, masked, unit_sums


def coverage_ledger(homes: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> Ledger:
    """Return how the homes and their elders come out in the table of coverage by community.

    `HOME_UNKNOWN`: no street within reach, so nobody can say; `HOME_OUTSIDE`: in no community; `PEOPLE_FEW`: of
    communities whose number of elders is not published, because it is of one to four or would give such a number away.
    """
    by_community = homes.groupby("community_id")["elders"].sum().reindex(communities.index).fillna(0).to_frame()
    sums = unit_sums(["community"] * len(by_community), list(map(str, by_community.index)), communities)
    hidden = by_community.index[masked(by_community, ["elders"], sums)["elders"].isin(MARKS)]
    unknown = homes["state"] == "unknown"
    outside = ~unknown & ~homes["community_id"].isin(communities.index)
    few = ~unknown & ~outside & homes["community_id"].isin(hidden)
    reasons = {"HOME_UNKNOWN": unknown, "HOME_OUTSIDE": outside, "PEOPLE_FEW": few}
    people = {reason: int(homes["elders"][which].sum()) for reason, which in reasons.items()}
    known = homes["state"].isin(["covered", "not_covered"])
    return Ledger(
        "coverage",
        "coverage",
        rows_read=len(homes),
        rows_used=int(known.sum()),
        left_out={"HOME_UNKNOWN": int(unknown.sum())} if unknown.any() else {},
        elders_read=int(homes["elders"].sum()),
        elders_used=int(homes["elders"][known & ~outside & ~few].sum()),
        elders_left_out={reason: number for reason, number in people.items() if number},
    )

"""The meal points: who of those entitled lives within the walk of each, and the subsidy that comes to in a year."""

import geopandas as gpd
import pandas as pd

from circle15.city import City
from circle15.walked import Walked, doors
from gis.reach import reach
from gis.snap import snap
from gis.tables import SERVING_STATUSES
from gis.words import Language, say
from maps.atlas import Content, MeasureTable
from maps.figures import SMALL_COUNT
from maps.measures import measure_table
from policy.eligible import eligible
from policy.evidence import Evidence
from policy.ground import Ground
from policy.money import entitled_at_points, meal_points
from policy.pack import Policy
from policy.survey import survey

MEAL_POINT, SUBSIDY = "meal_point", "meal_subsidy"
_COLUMNS: dict[str, Content] = {
    "facility_id": "text", "facility": "text", "elders_least": "people", "elders_most": "people",
    "least_yuan": "whole", "most_yuan": "whole", "cap_yuan": "whole", "elders_under_cap": "whole", "capped": "text",
}  # fmt: skip
_CAPPED = {True: "policy.yes", False: "policy.no", None: "dues.not_known"}


def meal_tables(city: City, now: Walked, evidence: Evidence, *, language: Language) -> tuple[MeasureTable, ...]:
    """Return for each document with a meal subsidy its meal points in use; none where there are no such points.

    Where in a community the entitled live is not known, so their number within the walk is a stretch. Amounts that
    would tell how few people a count masks are left out.
    """
    paying = [policy for policy in city.policies if any(term.name == SUBSIDY for term in policy.terms)]
    found = now.facilities
    open_now = found["status"].isin(SERVING_STATUSES) & ~(found["opened"] > pd.Timestamp(now.day))
    points = found[((found["kind"] == MEAL_POINT).fillna(value=False) & open_now).to_numpy(dtype=bool)]
    if not paying or not len(points):
        return ()
    inside, elders = _near(city, now, gpd.GeoDataFrame(points))
    ground = survey(evidence)
    return tuple(
        _table(policy, entitled_at_points(_entitled(policy, ground), elders, inside), points, language)
        for policy in paying
    )


def _near(city: City, now: Walked, points: gpd.GeoDataFrame) -> tuple[dict[tuple[str, str], int], dict[str, int]]:
    """Return the elders of each community within the longest walk of each point, and all of them by community."""
    walking = city.project.walking
    at_points = snap(city.network, points, **doors(city))
    walks = reach(
        city.network, now.at_homes, at_points, minutes=max(walking.minutes), speed_m_s=walking.speed_m_s
    )  # fmt: skip
    homes = now.homes[["community_id", "elders"]].dropna()
    elders = {str(code): int(number) for code, number in homes.groupby("community_id")["elders"].sum().items()}
    near = {(str(point), community): 0 for point in points.index for community in elders}
    met = walks.join(homes, on="demand_id", how="inner")
    for row in met.groupby(["facility_id", "community_id"], as_index=False)["elders"].sum().itertuples(index=False):
        near[str(row.facility_id), str(row.community_id)] = int(row.elders)
    return near, elders


def _entitled(policy: Policy, ground: Ground) -> dict[str, tuple[int, int]]:
    """Return how many of each community are entitled to the meal subsidy, where somebody counted them."""
    rule = next(term.rule for term in policy.terms if term.name == SUBSIDY)
    benefit = next((one for one in policy.benefits if one.id == rule), None)
    groups = [group for group in policy.groups if group.benefit == rule]
    stray = eligible(ground.persons.get("", ()), benefit, groups).most
    counts = {code: eligible(rows, benefit, groups) for code, rows in ground.persons.items() if code}
    return {code: (found.least, found.most + stray) for code, found in counts.items()}


def _table(
    policy: Policy,
    entitled: dict[str, tuple[int, int]],
    points: gpd.GeoDataFrame,
    language: Language,
) -> MeasureTable:
    heads = {name: (say(f"dues.column_{name}", language), what) for name, what in _COLUMNS.items()}
    rows = []
    for point in meal_points(entitled, policy):
        row = {name: getattr(point, name) for name in _COLUMNS if hasattr(point, name)}
        row |= {"facility": points.loc[point.facility_id, "name"], "capped": say(_CAPPED[point.capped], language)}
        for end in ("least", "most"):
            if 0 < row[f"elders_{end}"] < SMALL_COUNT:
                row[f"{end}_yuan"] = None
        rows.append(row)
    title = say("dues.meals", language, pack=policy.name)
    return measure_table(title, pd.DataFrame(rows, columns=list(_COLUMNS), dtype="object"), heads)

"""What the siting starts from: which candidates can be built, as what and for how much, and the rules of `[siting]`."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import geopandas as gpd

from circle15.city import City
from circle15.layouts import unit_ids
from circle15.siting import Siting, yuan
from gis.errors import Finding
from gis.tables import SERVING_KINDS
from optimise.plan import Culprit, Plan
from optimise.rules import SitingRules


def buildable(candidates: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return the candidates with `kind`, `floor_area_m2` and `cost_yuan`, and those left out as findings.

    The kind is the first of the kinds allowed that counts for the care circle (none named: day care); the floor area
    is the largest the site allows; the cost as given, else unit cost times floor area, in whole yuan.
    """
    frame = candidates.copy()
    frame["kind"] = [
        next((k for k in kinds if k in SERVING_KINDS), None if kinds else "day_care") for kinds in frame["kinds"]
    ]
    frame["floor_area_m2"] = frame["max_floor_area_m2"].astype(float)
    by_area = frame["unit_cost_yuan_m2"].astype(float) * frame["floor_area_m2"]
    cost = (frame["cost_wan"].astype(float) * yuan(1)).fillna(by_area)
    faults = {"CANDIDATE_KIND": frame["kind"].isna(), "CANDIDATE_COST": cost.isna() | frame["floor_area_m2"].isna()}
    findings = tuple(
        Finding(code, "warn", f"candidates/{key}", str(frame["name"][key]))
        for code, bad in faults.items()
        for key in frame.index[bad]
    )
    kept = ~(faults["CANDIDATE_KIND"] | faults["CANDIDATE_COST"]).to_numpy(dtype=bool)
    return frame[kept].assign(cost_yuan=(cost[kept] + 0.5).astype("int64")), findings


def siting_rules(city: City, facilities: gpd.GeoDataFrame, usable: gpd.GeoDataFrame) -> SitingRules:
    """Return the rules of `[siting]` with the residents and the floor area there is."""
    siting = city.project.siting
    return SitingRules(
        budget_yuan=siting.budget_yuan if siting.objective == "cover_most" or siting.budget_yuan else None,
        max_total_floor_area_m2=siting.max_total_floor_area_m2,
        min_site_floor_area_m2=siting.min_site_floor_area_m2,
        min_floor_area_m2_per_10k_residents=siting.min_floor_area_m2_per_10k_residents,
        residents=int(city.homes.frame["residents"].sum()),
        existing_floor_area_m2=float(facilities["floor_area_m2"].astype(float).sum()),
        required=siting.required,
        forbidden=tuple(name for name in siting.forbidden if name in usable.index),
        max_sites=siting.max_sites,
        cover_all=siting.objective == "cover_all",
    )


def siting_faults(
    siting: Siting,
    usable: gpd.GeoDataFrame,
    every: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    *,
    minutes: Sequence[int],
) -> list[Finding]:
    """Return what is wrong with `[siting]` beside the candidates; a typo must not let a forbidden site be built.

    `minutes`: the walks of the project; who is in the longest of them is covered.
    """
    sites = {"required": usable.index, "forbidden": every.index, "begun": usable.index}
    named = [("SITE_UNKNOWN", key, name, list(known)) for key, known in sites.items() for name in getattr(siting, key)]
    units = [("county_shares", "county", county) for county in siting.county_shares]
    units += [("milestones", "county", each.county) for each in siting.milestones if each.county is not None]
    units += [("coverage_floors", each.level, each.unit) for each in siting.coverage_floors if each.unit is not None]
    named += [("SITING_UNIT", key, name, list(unit_ids(communities, level))) for key, level, name in units]
    unknown = [
        Finding("SITE_UNUSABLE", "reject", f"project.toml:siting.{key}", name)
        if code == "SITE_UNKNOWN" and name in every.index
        else Finding(code, "reject", f"project.toml:siting.{key}", name, allowed=_nearest(name, known))
        for code, key, name, known in named
        if name not in known
    ]
    counties = unit_ids(communities, "county")
    return [*unknown, *_county_twice(siting, counties), *_decay(siting, minutes), *_budget_unit(siting, usable)]


def _county_twice(siting: Siting, ids: Mapping[str, str]) -> list[Finding]:
    """Refuse a county that has a share by its name and another by its code: one would be lost unseen."""
    said = [ids.get(name, name) for name in siting.county_shares]
    return [
        Finding("COUNTY_TWICE", "reject", "project.toml:siting.county_shares", name)
        for name, county in zip(siting.county_shares, said, strict=True)
        if county in said[: list(siting.county_shares).index(name)]
    ]


def _decay(siting: Siting, minutes: Sequence[int]) -> list[Finding]:
    """Refuse worths that grow with the walk, or that end before the longest walk does: those beyond are covered too."""
    steps = sorted(siting.decay.items())
    worths = [worth for _, worth in steps]
    if not steps or (worths == sorted(worths, reverse=True) and steps[-1][0] >= max(minutes)):
        return []
    said = ", ".join(f"{walk} = {worth}" for walk, worth in steps)
    return [Finding("SITING_DECAY", "reject", "project.toml:siting.decay", said, allowed=f"... {max(minutes)} = ...")]


def _nearest(name: str, known: list[str]) -> str:
    """Return the identifier most like a name that is none, else the first few."""
    return ", ".join(difflib.get_close_matches(name, known, n=1) or known[:3])


def by_community(plan: Plan, homes: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> Plan:
    """Return the plan with homes that no candidate reaches named by their communities, the way a planner knows them."""

    def named(culprit: Culprit) -> Culprit:
        if culprit.rule != "cover_all":
            return culprit
        units = homes["community_id"].reindex(list(culprit.names)).dropna().drop_duplicates()
        return replace(culprit, names=tuple(communities["name"].reindex(units).dropna()))

    return replace(plan, culprits=tuple(map(named, plan.culprits)))


def _budget_unit(siting: Siting, candidates: gpd.GeoDataFrame) -> list[Finding]:
    """Refuse a budget so large that yuan must have been given as 10,000 yuan."""
    all_of_them = int(candidates["cost_yuan"].sum())
    if 0 < 100 * all_of_them <= siting.budget_yuan:
        most = f"< {100 * all_of_them / yuan(1):g}"
        return [
            Finding("BUDGET_UNIT", "reject", "project.toml:siting.budget_wan", f"{siting.budget_wan:g}", allowed=most)
        ]
    return []

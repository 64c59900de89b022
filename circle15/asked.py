"""The siting question of a project: its candidates, who walks to them, and the inquiry that plans are asked of."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from circle15.city import City
from circle15.layouts import FACILITY, Walks, layout_inquiry
from circle15.project import PROJECT_FILE
from circle15.sites import buildable, siting_faults, siting_rules
from circle15.siting import Siting, yuan
from circle15.walked import Walked, doors, off_the_map
from gis.errors import Finding, refuse
from gis.reach import reach
from gis.snap import snap
from optimise.inquiry import Inquiry, simple


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked: the candidates that can be built, where their doors meet the streets, who walks to them."""

    inquiry: Inquiry
    candidates: gpd.GeoDataFrame
    at_candidates: pd.DataFrame
    pairs: pd.DataFrame
    """`demand_id`, `candidate_id`, `minutes`: one row a pair within the longest walk."""


def question(city: City, now: Walked) -> tuple[Asked | None, tuple[Finding, ...]]:
    """Return the siting question of a project (None without money or candidates) and the candidates left out.

    It is a layout where `[siting]` says more than the simple question, one option a candidate, knows.
    Raises InputError for a budget in the wrong unit or a site that is no candidate.
    """
    siting = city.project.siting
    candidates, at_candidates, findings = usable(city)
    refuse(findings)
    if not len(candidates) or not (siting.budget_yuan or siting.objective == "cover_all"):
        return None, findings
    pairs = walks_to(city, now, at_candidates)
    if siting.is_layout:
        here = now.serving.index.isin(now.facilities.index)  # a neighbour's facility serves, and stays as it is
        theirs = now.walks["facility_id"].isin(now.serving.index[~here])
        ways = Walks(now.walks[~theirs], pairs, _between_sites(city, now.at_serving[here], at_candidates))
        served = now.homes.index.isin(now.walks["demand_id"][theirs])
        inquiry = layout_inquiry(city, now.homes, now.serving[here], candidates, walks=ways, served=served)
    else:
        covered = now.homes["state"] == "covered"
        unit = now.homes["community_id"].fillna("").astype(object)
        demand = pd.DataFrame(now.homes[["elders"]].assign(covered=covered, community_id=unit))
        inquiry = simple(demand, pairs, candidates, rules=siting_rules(city, now.serving, candidates))
    return Asked(inquiry, candidates, at_candidates, pairs), findings


def usable(city: City) -> tuple[gpd.GeoDataFrame, pd.DataFrame, tuple[Finding, ...]]:
    """Return the candidates that can be built, where their doors meet the streets, and what is wrong with the question.

    Rejections are a budget in the wrong unit, and a site or unit of `[siting]` that is none.
    """
    siting = city.project.siting
    candidates, left_out = buildable(city.candidates)
    at_candidates = snap(city.network, candidates, **doors(city))
    faults = siting_faults(siting, candidates, city.candidates, city.communities, minutes=city.project.walking.minutes)
    away = off_the_map(at_candidates, "CANDIDATE_OFF")
    return candidates, at_candidates, (*faults, *left_out, *away, *_too_small(siting, candidates))


def walks_to(city: City, now: Walked, at_candidates: pd.DataFrame) -> pd.DataFrame:
    """Return which homes are within the longest walk of which candidates: `demand_id`, `candidate_id`, `minutes`."""
    walking = city.project.walking
    return reach(
        city.network,
        now.at_homes,
        at_candidates,
        minutes=max(walking.minutes),
        speed_m_s=walking.speed_m_s,
        names=("demand_id", "candidate_id"),
    )


def _too_small(siting: Siting, candidates: gpd.GeoDataFrame) -> tuple[Finding, ...]:
    """Say that the budget buys not even the cheapest site; of a layout its own arithmetic says so."""
    if siting.is_layout or not siting.budget_yuan or not len(candidates):
        return ()
    cheapest = int(candidates["cost_yuan"].min())
    if siting.budget_yuan >= cheapest:
        return ()
    said = f"{siting.budget_yuan / yuan(1):g} < {cheapest / yuan(1):g}"
    return (Finding("BUDGET_SMALL", "warn", f"{PROJECT_FILE}:siting.budget_wan", said),)


def _between_sites(city: City, at_facilities: pd.DataFrame, at_candidates: pd.DataFrame) -> pd.DataFrame:
    """Return which sites are in the longest walk of each other, where a rule asks: `site_id`, `other_id`."""
    walking = city.project.walking
    sites = pd.concat([at_facilities.rename(FACILITY), at_candidates])
    return reach(
        city.network,
        sites if city.project.siting.tied else sites[:0],
        sites,
        minutes=max(walking.minutes),
        speed_m_s=walking.speed_m_s,
        names=("site_id", "other_id"),
    )

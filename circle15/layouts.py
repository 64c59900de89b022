"""A layout from a project: its candidates and facilities as options, `[siting]` as rules, its units as communities."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd

from circle15.city import City
from circle15.siting import Siting, yuan
from gis.tables import SERVING_KINDS
from gis.words import Language, say
from maps.situated import FACILITY_SITE
from optimise.explain import name_list
from optimise.inquiry import Inquiry
from optimise.layout import usual_goals
from optimise.layout_rules import Floor, LayoutRules, Level, Milestone
from optimise.models import Goal
from optimise.options import Subsidy, options
from optimise.plan import Plan

FACILITY = (FACILITY_SITE + "{}").format
"""A candidate may bear the number of a facility: as a site the facility is called otherwise."""


@dataclass(frozen=True, eq=False)
class Walks:
    """Who is in reach of what: homes of facilities, homes of candidates, and sites of sites (by their site names)."""

    facilities: pd.DataFrame
    candidates: pd.DataFrame
    sites: pd.DataFrame


def layout_inquiry(
    city: City,
    homes: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    *,
    walks: Walks,
    served: np.ndarray | None = None,
) -> Inquiry:
    """Return the layout question of a project; `candidates` as from `buildable`, facilities the ones that count.

    `served`: which homes are covered whatever becomes of these facilities, by one beyond the border.
    """
    siting = city.project.siting
    to_facilities = walks.facilities.assign(site_id=walks.facilities["facility_id"].map(FACILITY))
    to_candidates = walks.candidates.rename(columns={"candidate_id": "site_id"})
    columns = ["demand_id", "site_id", "minutes"]
    choice = layout_options(siting, candidates, facilities)
    sites = set(choice["site_id"])
    pairs = pd.concat([to_facilities[columns], to_candidates[columns]], ignore_index=True)
    pairs = pairs[pairs["site_id"].isin(sites)]
    near = walks.sites[walks.sites["site_id"].isin(sites) & walks.sites["other_id"].isin(sites)]
    covered = np.zeros(len(homes), dtype=bool) if served is None else served
    unit = homes["community_id"].fillna("").astype(object)
    demand = pd.DataFrame(homes[["elders"]].assign(covered=covered, community_id=unit))
    rules = layout_rules(siting, city.communities)
    return Inquiry(
        choice,
        demand,
        pairs,
        rules,
        communities=_communities(city.communities, homes),
        serves=_serves(demand, pairs, city.communities.index, share=siting.served_elders),
        near=near,
        goals=_goals(siting, rules),
    )


def shut_out(plan: Plan, candidates: gpd.GeoDataFrame, options: pd.DataFrame, language: Language) -> Plan:
    """Return a plan with a note in front that names the candidates of which nothing `[siting]` allows can be made."""
    sites = set(options["site_id"])
    shut = tuple(str(name) for i, name in candidates["name"].items() if i not in sites)
    if not shut:
        return plan

    def with_it(notes: tuple[str, ...], said: Language) -> tuple[str, ...]:
        return (say("plan.note_no_option", said, names=name_list(shut, said)), *notes)

    both: tuple[Language, ...] = ("zh", "en")
    notes_in: dict[str, tuple[str, ...]] = {said: with_it(plan.notes_in.get(said, ()), said) for said in both}
    return replace(plan, notes=with_it(plan.notes, language), notes_in=notes_in)


def layout_options(siting: Siting, candidates: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the decisions that a project leaves open: kinds, sizes, modes and years; every facility as it is.

    Where `kinds` is not said, a candidate is what it is today: the first of its kinds that counts for the circle.
    """
    kinds = candidates["kind"].map(lambda kind: (kind,))
    if siting.kinds:
        kinds = candidates["kinds"].map(lambda allowed: tuple(allowed) if len(allowed) else ("day_care",))
    ten_thousand = yuan(1)
    table = pd.DataFrame(
        {
            "name": candidates["name"],
            "kinds": kinds,
            "mode": candidates["mode"],
            "max_floor_area_m2": candidates["floor_area_m2"],
            "cost_yuan": candidates["cost_wan"].astype(float) * ten_thousand,
            "unit_cost_yuan_m2": candidates["unit_cost_yuan_m2"].astype(float),
            "annual_rent_yuan": candidates["annual_rent_wan"].astype(float) * ten_thousand,
            "year_from": candidates["year_from"],
            "vacated": candidates["vacated"],
            **({"land_m2": candidates["land_m2"].astype(float)} if "land_m2" in candidates else {}),
            **_place(candidates),
        },
        index=candidates.index,
    )
    there = pd.DataFrame(
        {
            "name": facilities["name"],
            "kind": facilities["kind"],
            "floor_area_m2": facilities["floor_area_m2"].astype(float),
            **({"land_m2": facilities["land_m2"].astype(float)} if "land_m2" in facilities else {}),
            **({"capacity": facilities["places"]} if "places" in facilities else {}),
            **_place(facilities),
        },
        index=facilities.index,
    ).rename(FACILITY)
    return options(
        table,
        kinds=siting.kinds,
        modules_m2=siting.modules_m2,
        modes=siting.modes,
        years=tuple(siting.budget_by_year_yuan),
        serving=SERVING_KINDS,
        subsidies=[Subsidy(s.kind, s.urban, yuan(s.once_wan), yuan(s.yearly_wan)) for s in siting.subsidies],
        m2_per_place=siting.m2_per_place,
        upgrade_yuan_m2=siting.upgrade_yuan_m2,
        existing=there,
    )


def layout_rules(siting: Siting, communities: gpd.GeoDataFrame) -> LayoutRules:
    """Return the rules of `[siting]`; units may be given by identifier or by name."""
    by_year, budget = siting.budget_by_year_yuan, siting.budget_yuan
    rate = siting.min_floor_area_m2_per_10k_residents
    per_10k: dict[Level, float] = {**siting.floor_area_m2_per_10k, **({} if rate is None else {"city": rate})}
    known = {level: unit_ids(communities, level) for level in ("city", "county", "street", "community")}
    return LayoutRules(
        budget_yuan=budget if not by_year and (budget or siting.objective == "cover_most") else None,
        budget_by_year_yuan=by_year,
        carry_over=siting.carry_over,
        county_budget_yuan={known["county"][c]: int(exact(s) * budget) for c, s in siting.county_shares.items()},
        net_of_subsidy=siting.net_of_subsidy,
        max_running_yuan=None if siting.max_running_wan is None else yuan(siting.max_running_wan),
        max_total_floor_area_m2=siting.max_total_floor_area_m2,
        min_site_floor_area_m2=siting.min_site_floor_area_m2,
        joint_floor_area_m2=siting.joint_floor_area_m2,
        floor_area_m2_per_10k=per_10k,
        land_m2_per_person=siting.land_m2_per_person,
        required=siting.required,
        forbidden=siting.forbidden,
        begun=siting.begun,
        max_sites=siting.max_sites,
        keep_existing=siting.existing == "keep",
        street_centre=siting.street_centre,
        community_served=siting.community_served,
        community_served_share=exact(siting.community_served_share),
        tied_kinds=siting.tied,
        spacing_m=siting.spacing_m,
        milestones=tuple(
            Milestone(
                m.year,
                m.kinds,
                m.count,
                None if m.share is None else exact(m.share),
                None if m.county is None else known["county"][m.county],
            )
            for m in siting.milestones
        ),
        coverage_floors=tuple(
            Floor(exact(f.share), f.level, None if f.unit is None else known[f.level][f.unit])
            for f in siting.coverage_floors
        ),
        cover_all=siting.objective == "cover_all",
        min_placed=siting.min_placed,
        decay=tuple((float(minutes), worth) for minutes, worth in sorted(siting.decay.items())),
        soft=frozenset(siting.soft),
        legal=siting.legal,
    )


def unit_ids(communities: gpd.GeoDataFrame, level: str) -> dict[str, str]:
    """Return the identifier of each unit of a level by its identifier and by its name, where one unit alone has it."""
    if level == "city":
        return {"": ""}
    pairs = communities.reset_index()[[f"{level}_id", "name" if level == "community" else level]].dropna()
    ids = {str(unit): str(unit) for unit in pairs.iloc[:, 0]}
    named = pairs.astype(str).drop_duplicates().groupby(pairs.columns[1])[pairs.columns[0]].agg(list)
    return {**{str(name): units[0] for name, units in named.items() if len(units) == 1}, **ids}


def exact(share: float) -> Fraction:
    """Return a share as it was written.

    >>> exact(0.6)
    Fraction(3, 5)
    """
    return Fraction(str(share))


def _goals(siting: Siting, rules: LayoutRules) -> tuple[Goal, ...]:
    if siting.goals:
        return cast("tuple[Goal, ...]", siting.goals)
    last: tuple[Goal, ...] = ("cost_yuan", "vacated") if siting.vacated_first else ("cost_yuan",)
    return tuple(dict.fromkeys((*usual_goals(rules), *last)))


def _place(frame: gpd.GeoDataFrame) -> Mapping[str, pd.Series]:
    columns = ("community_id", "street_id", "county_id", "urban")
    texts = {column: frame[column] for column in columns if column in frame}
    return {**texts, "x_m": frame.geometry.x, "y_m": frame.geometry.y}


def _communities(communities: gpd.GeoDataFrame, homes: gpd.GeoDataFrame) -> pd.DataFrame:
    residents = homes.groupby(homes["community_id"].astype(object))["residents"].sum()
    columns = [c for c in ("name", "street_id", "street", "county_id", "county") if c in communities]
    table = pd.DataFrame(communities[columns]).astype(object)
    return table.assign(residents=residents.reindex(table.index).fillna(0).astype("int64"))


def _serves(demand: pd.DataFrame, pairs: pd.DataFrame, communities: pd.Index, *, share: float) -> pd.DataFrame:
    """Return which sites serve which communities: at least that share of the elders have it within their walk."""
    unit = demand["community_id"].reindex(pairs["demand_id"]).to_numpy()
    elders = demand["elders"].reindex(pairs["demand_id"]).to_numpy()
    inside = pd.DataFrame({"community_id": unit, "site_id": pairs["site_id"].to_numpy(), "elders": elders})
    reached = inside.groupby(["community_id", "site_id"], as_index=False)["elders"].sum()
    everyone = demand.groupby("community_id")["elders"].sum()
    asked = [exact(share) * int(everyone[unit]) for unit in reached["community_id"]]
    enough = [n > 0 and n >= least for n, least in zip(reached["elders"].tolist(), asked, strict=True)]
    kept = reached[np.array(enough, dtype=bool) & reached["community_id"].isin(communities)]
    return pd.DataFrame(kept[["community_id", "site_id"]])

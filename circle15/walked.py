"""Who walks where on a day: the facilities that count, the walks to them, and coverage by home and by unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from circle15.beyond import with_neighbours
from circle15.city import City
from circle15.notes import as_of
from circle15.project import PROJECT_FILE
from gis.coverage import coverage, coverage_by_speed, coverage_by_unit, located
from gis.errors import Finding, InputError
from gis.nearest import nearest
from gis.reach import reach
from gis.snap import snap
from gis.tables import SERVING_KINDS, SERVING_STATUSES
from gis.words import Language, say
from maps.figures import people

CENTRE_KINDS = ("street_centre", "county_complex")
"""The comprehensive centres that lead smaller points near them."""
LIKELY_PACE_M_S = (0.3, 2.0)
"""From a walk with a frame to one that is nearly a run; 3 and more are rather kilometres an hour."""


@dataclass(frozen=True)
class Walked:
    """The walk and the coverage on a `day`.

    `facilities` are all there are, `serving` those that count, neighbours' beyond a border among them; `at_homes` and
    `at_serving` where their doors meet the streets. `walks`: `demand_id`, `facility_id`, `minutes`, up to the longest
    walk; `far_walks` up to that of the fastest walker compared. `homes` and `units` as from `coverage` and
    `coverage_by_unit`; `centres` as `units`, by comprehensive centres alone.
    """

    day: date
    facilities: gpd.GeoDataFrame
    serving: gpd.GeoDataFrame
    at_homes: pd.DataFrame
    at_serving: pd.DataFrame
    far_walks: pd.DataFrame
    walks: pd.DataFrame
    homes: gpd.GeoDataFrame
    units: pd.DataFrame
    centres: pd.DataFrame


def walked(city: City, *, day: date | None = None) -> Walked:
    """Return who walks where on a day, that of the project where none is given.

    Raises InputError (NOT_ON_STREETS) where no street leads to any home or to any facility.
    """
    walking, on = city.project.walking, day or as_of(city.project)
    facilities = serving(with_neighbours(city.facilities, city.beyond), on)
    at_homes = snap(city.network, city.homes.frame, **doors(city))
    at_facilities = snap(city.network, facilities, **doors(city))
    if off := _not_on_streets(city, at_homes, at_facilities):
        raise InputError([*off, *(finding for finding in city.findings if finding.code == "POSITION_MISSING")])
    longest, fastest = max(walking.minutes), max(walking.speed_m_s, *walking.compare_speeds, 0)
    far_walks = reach(
        city.network,
        at_homes,
        at_facilities,
        minutes=longest * fastest / walking.speed_m_s,
        speed_m_s=walking.speed_m_s,
    )
    return _counted(
        city,
        day=on,
        facilities=city.facilities,
        counting=facilities,
        at_homes=at_homes,
        at_serving=at_facilities,
        far_walks=far_walks,
    )


def with_sites(
    city: City,
    now: Walked,
    sites: gpd.GeoDataFrame,
    at_sites: pd.DataFrame,
    pairs: pd.DataFrame,
    *,
    closed: Sequence[str] = (),
    larger: Mapping[str, float] | None = None,
) -> Walked:
    """Return who would walk where with some candidate sites in use, some facilities closed or larger, from the day on.

    `sites`: candidates with `kind` and `floor_area_m2`, those of a kind outside the care circle walk nobody; `pairs`:
    `demand_id`, `candidate_id`, `minutes`; `closed`: identifiers of facilities; `larger`: their new floor area in m2.
    """
    name = "candidate/{}".format  # a candidate may bear the number of a facility
    new = _as_facilities(sites, now.facilities, now.day).rename(name)
    counting = new[new["kind"].isin(SERVING_KINDS)]
    to_new = pairs.assign(facility_id=pairs["candidate_id"].map(name)).drop(columns="candidate_id")
    grown = now.facilities["floor_area_m2"].where(~now.facilities.index.isin(list(larger or {})))
    grown = grown.fillna(pd.Series(dict(larger or {}), dtype=float)) if larger else now.facilities["floor_area_m2"]
    stay = now.serving.assign(floor_area_m2=grown).drop(list(closed))
    walks = pd.concat([now.walks, to_new], ignore_index=True)
    facilities = now.facilities.assign(floor_area_m2=grown).drop(list(closed))
    return _counted(
        city,
        day=now.day,
        facilities=gpd.GeoDataFrame(pd.concat([facilities, new])),
        counting=gpd.GeoDataFrame(pd.concat([stay, counting])),
        at_homes=now.at_homes,
        at_serving=pd.concat([now.at_serving.loc[stay.index], at_sites.rename(name).loc[counting.index]]),
        far_walks=walks[walks["facility_id"].isin({*stay.index, *counting.index})],
    )


def within_walk(then: Walked) -> pd.DataFrame:
    """Return by facility how many `elders` (and `households`, where known) live within the longest walk of it.

    Who is near two counts at both; nought where nobody is near.
    """
    people = then.homes[[name for name in ("elders", "households") if name in then.homes]]
    near = people.reindex(then.walks["demand_id"]).groupby(then.walks["facility_id"].to_numpy()).sum(skipna=False)
    found: pd.DataFrame = near.reindex(then.serving.index, fill_value=0)
    return found


def without(city: City, then: Walked, names: Sequence[str]) -> Walked:
    """Return who would walk where without some facilities or planned sites (`candidate/` and its code)."""
    stay = then.serving[~then.serving.index.isin(names)]
    return _counted(
        city,
        day=then.day,
        facilities=then.facilities[~then.facilities.index.isin(names)],
        counting=stay,
        at_homes=then.at_homes,
        at_serving=then.at_serving.loc[stay.index],
        far_walks=then.far_walks[then.far_walks["facility_id"].isin(stay.index)],
    )


def serving(facilities: gpd.GeoDataFrame, day: date) -> gpd.GeoDataFrame:
    """Return the facilities that make up the care circle on a day: of a kind that counts, in use, opened by then.

    A facility in use without an opening day counts (FACILITY_UNDATED), unless it was built later: dates are read as in
    `policy.counting.counts`, so that walks and counts are of the same facilities.
    """
    on = pd.Timestamp(day)
    opened = (facilities["opened"] <= on) | (facilities["opened"].isna() & ~(facilities["built"] > on))
    in_use = facilities["status"].isin(SERVING_STATUSES)
    return facilities[(facilities["kind"].isin(SERVING_KINDS) & in_use & opened).to_numpy(dtype=bool)]


def doors(city: City) -> dict[str, Any]:
    """Return how far a door may be from a street, and what no way to it crosses: the arguments of `gis.snap`."""
    return {"max_connector_m": city.project.walking.max_connector_m, "barriers": city.barriers}


def by_speed(city: City, now: Walked) -> pd.DataFrame:
    """Return elders covered at the longest walk for each walking speed compared."""
    walking = city.project.walking
    speeds = sorted({*walking.compare_speeds, walking.speed_m_s})
    return coverage_by_speed(
        now.homes, now.far_walks, minutes=max(walking.minutes), speed_m_s=walking.speed_m_s, speeds=speeds
    )


def estate_walks(city: City, now: Walked) -> pd.DataFrame:
    """Return the walk from each housing project to the nearest facility that counts: `minutes`, `name`.

    `minutes` is infinite where no way leads to any and missing where the map cannot tell; a project without a position
    has no row.
    """
    placed = city.housing[~(city.housing.geometry.isna() | city.housing.geometry.is_empty)]
    estates = placed.set_geometry(placed.geometry.centroid)
    at_estates = snap(city.network, estates, **doors(city))
    near = nearest(city.network, now.at_serving, homes=at_estates, speed_m_s=city.project.walking.speed_m_s)
    known = located(city.network, at_estates, now.at_serving, served=city.beyond.served)
    minutes = near["minutes"].fillna(np.inf).where(known)
    return pd.DataFrame({"minutes": minutes, "name": near["facility_id"].map(now.serving["name"])})


def off_the_map(snapped: pd.DataFrame, code: str) -> list[Finding]:
    """Say which facilities or candidates no street leads to."""
    return [Finding(code, "warn", str(key)) for key in snapped.index[snapped["edge"] < 0]]


def doubtful_places(city: City, now: Walked) -> list[Finding]:
    """Say which facilities lack a kind, a street or an opening day, how many homes a place, whether anything serves.

    And whether the speed is that of a walk.
    """
    findings = [
        *_odd_pace(city),
        *_unsorted(now),
        *_undated(now),
        *off_the_map(now.at_serving, "FACILITY_OFF"),
        *_unknown_homes(now, city.project.output.language),
    ]
    if not len(now.serving):
        place = city.project.inputs.facilities.path
        findings.append(Finding("FACILITY_NONE", "warn", place, f"0 / {len(city.facilities)}"))
    return findings


def _odd_pace(city: City) -> list[Finding]:
    """Doubt a speed that nobody walks at: kilometres an hour, or a slip of the decimal point."""
    speed_m_s = city.project.walking.speed_m_s
    if LIKELY_PACE_M_S[0] <= speed_m_s <= LIKELY_PACE_M_S[1]:
        return []
    said = f"{speed_m_s:g} m/s = {speed_m_s * 3.6:g} km/h"
    return [Finding("PACE_UNLIKELY", "warn", f"{PROJECT_FILE}:walking.speed_m_s", said)]


def _counted(
    city: City,
    *,
    day: date,
    facilities: gpd.GeoDataFrame,
    counting: gpd.GeoDataFrame,
    at_homes: pd.DataFrame,
    at_serving: pd.DataFrame,
    far_walks: pd.DataFrame,
) -> Walked:
    """Return the coverage that walks to the facilities that count give, by all of them and by the centres."""
    minutes = city.project.walking.minutes
    walks = far_walks[far_walks["minutes"] <= max(minutes)].reset_index(drop=True)

    def covered(by: gpd.GeoDataFrame, served: Sequence[int]) -> gpd.GeoDataFrame:
        known = located(city.network, at_homes, at_serving.loc[by.index], served=served)
        there = walks if by is counting else walks[walks["facility_id"].isin(by.index)]
        return coverage(city.homes.frame, there, by, known, minutes=minutes)

    homes = covered(counting, city.beyond.served)
    by_centres = covered(counting[counting["kind"].isin(CENTRE_KINDS)], city.beyond.served_by_centres)
    units, centres = (coverage_by_unit(frame, city.communities, minutes=minutes) for frame in (homes, by_centres))
    return Walked(day, facilities, counting, at_homes, at_serving, far_walks, walks, homes, units, centres)


def _as_facilities(sites: gpd.GeoDataFrame, like: gpd.GeoDataFrame, day: date) -> gpd.GeoDataFrame:
    """Return candidate sites as facilities in use from a day on; what a plan does not say of them stays unknown."""
    opened = sites.assign(status="in_use", built=pd.Timestamp(day), opened=pd.Timestamp(day))
    frame = opened.reindex(columns=like.columns)
    empty = {name: kind for name, kind in like.dtypes.items() if name not in {like.geometry.name, "services"}}
    return gpd.GeoDataFrame(frame.astype(empty), geometry=like.geometry.name, crs=like.crs)


def _not_on_streets(city: City, homes: pd.DataFrame, facilities: pd.DataFrame) -> list[Finding]:
    """Refuse homes or facilities none of which a street leads to: other streets, another CRS, another datum."""
    inputs = city.project.inputs
    where = {(inputs.residents or inputs.communities).path: homes, inputs.facilities.path: facilities}
    return [
        Finding("NOT_ON_STREETS", "reject", place, f"0 / {len(snapped)}", allowed=inputs.streets.path)
        for place, snapped in where.items()
        if len(snapped) and (snapped["edge"] < 0).all()
    ]


def _undated(now: Walked) -> list[Finding]:
    """Say which facilities are taken for open today since nobody says when they opened."""
    names = now.serving.loc[now.serving["opened"].isna(), "name"]
    return [Finding("FACILITY_UNDATED", "warn", "、".join(names.astype(str)), f"{len(names)}")] if len(names) else []


def _unsorted(now: Walked) -> list[Finding]:
    """Say which facilities count nowhere since nobody can tell what they are or whether they are in use."""
    serves, known = now.facilities["kind"].isin(SERVING_KINDS), now.facilities["status"].notna()
    names = now.facilities.loc[now.facilities["kind"].isna() | (serves & ~known), "name"]
    said = "、".join(names.astype(str)[:10])
    return [Finding("FACILITY_UNSORTED", "warn", said, f"{len(names)}", len(names))] if len(names) else []


def _unknown_homes(now: Walked, language: Language) -> list[Finding]:
    """Say how many homes and elders the map cannot place."""
    unknown = now.homes[now.homes["state"] == "unknown"]
    found = f"{len(unknown)} / {people(unknown['elders'].sum())} {say('label.elders', language)}"
    return [Finding("HOME_UNKNOWN", "warn", "residents", found, len(unknown))] if len(unknown) else []

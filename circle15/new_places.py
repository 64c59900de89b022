"""Where one more candidate would help: places on the streets that bring into reach whom no candidate reaches."""

import time
from collections.abc import Iterable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from circle15.asked import Asked, question
from circle15.city import City
from circle15.sites import buildable
from circle15.walked import Walked
from gis.datum import from_wgs84, to_wgs84
from gis.reach import reach
from gis.tables import SERVING_KINDS
from gis.units import by_position
from gis.words import say
from optimise.inquiry import asked as written
from optimise.layout_rules import LayoutRules
from optimise.needed_places import Wanted, fewest, wanted
from optimise.options import MODULES_M2
from optimise.plan import Change, Place, Plan, PlanStatus, Repair
from optimise.solve import Solver

DIGITS = 5
"""Degrees are written to the metre, and the place is where they say."""
SPOTS = 300
"""So many homes of a unit are tried as places, spread evenly over its list."""
EACH = 3
MOST = 120
WAYS = 2


def new_places(plan: Plan, city: City, now: Walked, asked: Asked, *, seconds: float, solver: Solver) -> Plan:
    """Return a plan that cannot be with ways out that name places for which to look for one more candidate.

    Only where a rule about streets, communities or people cannot be kept with all candidates there are. The fewest
    places that help are chosen; each is then a candidate of the least floor area that serves, at the median price a
    square metre of the project's candidates, and the whole question is solved again with it and recounted. Where money
    or another rule is then still short, it gives way beside it.
    """
    end = time.monotonic() + seconds
    if plan.status not in (PlanStatus.INFEASIBLE, PlanStatus.LIMIT):
        return plan
    short = wanted(written(asked.inquiry), serving=SERVING_KINDS)
    made = _made(city, now, asked, short) if short else asked.candidates[:0]
    if not len(made):
        return plan
    wide, _ = question(_with(city, made), now)
    if wide is None:
        return plan
    few = fewest(written(wide.inquiry), frozenset(made.index), seconds=(end - time.monotonic()) / 2, solver=solver)
    made = made.loc[sorted(few)]
    narrow, _ = question(_with(city, made), now)
    if not few or narrow is None:
        return plan
    then = narrow.inquiry.plan(time_limit_s=max(end - time.monotonic(), 0), solver=solver)
    added = tuple(_change(city, made, site) for site in made.index)
    if then.status in (PlanStatus.INFEASIBLE, PlanStatus.LIMIT):
        ways = tuple(replace(way, changes=(*added, *way.changes), least=False) for way in then.repairs[:WAYS])
    else:
        found = Repair(
            added,
            least=False,
            status=then.status,
            sites=len(then.sites),
            cost_yuan=then.cost_yuan,
            elders_covered=then.elders_covered,
        )
        ways = (found,)
    return replace(plan, repairs=(*plan.repairs, *ways))


def _with(city: City, made: gpd.GeoDataFrame) -> City:
    """Return the city with more candidates."""
    every = pd.concat([city.candidates, made.reindex(columns=city.candidates.columns)])
    types = {name: kind for name, kind in city.candidates.dtypes.items() if name not in ("geometry", "kinds")}
    return replace(city, candidates=gpd.GeoDataFrame(every.astype(types), geometry="geometry", crs=city.crs))


def _made(city: City, now: Walked, asked: Asked, short: Iterable[Wanted]) -> gpd.GeoDataFrame:
    """Return places that bring in reach whom some rules want, as candidates: the best few for each unit."""
    siting, rules = city.project.siting, asked.inquiry.rules
    homes = now.homes[(now.at_homes["edge"] >= 0).to_numpy() & (now.homes["elders"] > 0).to_numpy()]
    rows: list[tuple[int, str, str, frozenset[str]]] = []
    for each in short:
        kinds = [kind for kind in each.kinds if not siting.kinds or kind in siting.kinds]
        if not kinds:
            continue
        own = homes[homes["community_id"].isin(list(each.communities)).to_numpy(dtype=bool)]
        whom = own if each.homes is None else own[own.index.isin(list(each.homes))]
        best = _best(city, now, whom, each.places or EACH)
        rows += [(turn, home, kinds[0], each.communities) for turn, home in enumerate(best)]
    rows = sorted(rows, key=lambda row: row[0])[:MOST]  # the best of each unit first
    lon, lat = _degrees(city, homes.loc[[home for _, home, *_ in rows]])
    points = _points(city, lon, lat)
    names = city.communities["name"]
    at = by_position(gpd.GeoDataFrame(geometry=points, crs=city.crs), city.communities)
    keep = [i for i, row in enumerate(rows) if not pd.isna(at.iloc[i]) and at.iloc[i] in row[3]]
    taken = set(city.candidates.index)
    free = (code for n in range(1, 10_000) if (code := f"NEW{n:02d}") not in taken)
    language = city.project.output.language
    usual, _ = buildable(city.candidates)
    per_m2 = usual["unit_cost_yuan_m2"].astype(float).fillna(usual["cost_yuan"] / usual["floor_area_m2"])
    price = float(np.round(per_m2.median()))
    records = {
        next(free): {
            "name": say("repair.place", language, community=names.get(at.iloc[i], "")),
            "mode": "new" if not siting.modes or "new" in siting.modes else siting.modes[0],
            "max_floor_area_m2": _area(rules, rows[i][2], siting.modules_m2),
            "unit_cost_yuan_m2": price,
            "kinds": (rows[i][2],),
            "vacated": False,
            **{level: city.communities[level].get(at.iloc[i]) for level in ("street_id", "county_id", "urban")
               if level in city.communities},
            "community_id": at.iloc[i],
            "geometry": points[i],
            "lon": lon[i],
            "lat": lat[i],
        }
        for i in keep
    }  # fmt: skip
    table = pd.DataFrame.from_dict(records, orient="index")
    if not len(table):
        return asked.candidates[:0]
    return gpd.GeoDataFrame(table.rename_axis(city.candidates.index.name), geometry="geometry", crs=city.crs)


def _best(city: City, now: Walked, whom: gpd.GeoDataFrame, places: int) -> list[str]:
    """Return homes beside which a site reaches most of some people, each next one most of those still left out."""
    if not len(whom):
        return []
    whom = whom.sort_index()
    spots = whom.index[np.unique(np.linspace(0, len(whom) - 1, min(SPOTS, len(whom))).astype(int))]
    walking = city.project.walking
    pairs = reach(
        city.network,
        now.at_homes.loc[whom.index],
        now.at_homes.loc[spots].rename_axis("facility_id"),
        minutes=max(walking.minutes),
        speed_m_s=walking.speed_m_s,
    )
    near = pairs.groupby("facility_id")["demand_id"].agg(set).to_dict()
    elders, left = whom["elders"].to_dict(), set(whom.index)
    found: list[str] = []
    while left and near and len(found) < places:
        gain = {spot: sum(elders[home] for home in homes & left) for spot, homes in near.items()}
        best = min(gain, key=lambda spot: (-gain[spot], str(spot)))
        if not gain[best]:
            left = set(whom.index)  # more than one place for the same people
        left -= near.pop(best)
        found.append(str(best))
    return found


def _area(rules: LayoutRules, kind: str, modules_m2: tuple[float, ...]) -> float:
    """Return the least floor area that a site of a kind needs."""
    least = max(rules.min_site_floor_area_m2.get(kind, 0.0), rules.joint_floor_area_m2.get(kind, 0.0))
    return max(least, min(modules_m2 or MODULES_M2))


def _datum(city: City) -> str:
    source = city.project.inputs.candidates
    return (source.datum if source else None) or "wgs84"


def _degrees(city: City, homes: gpd.GeoDataFrame) -> tuple[list[float], list[float]]:
    """Return where homes stand in the degrees in which the candidates are written."""
    plain = homes.geometry.to_crs("EPSG:4326")
    lon, lat = from_wgs84(plain.x, plain.y, datum=_datum(city))  # type: ignore[arg-type]
    return np.round(lon, DIGITS).tolist(), np.round(lat, DIGITS).tolist()


def _points(city: City, lon: list[float], lat: list[float]) -> gpd.GeoSeries:
    """Return the places of degrees, as they would be read from the table of candidates."""
    x, y = to_wgs84(lon, lat, datum=_datum(city))  # type: ignore[arg-type]
    to_crs = pyproj.Transformer.from_crs("EPSG:4326", city.crs, always_xy=True)
    return gpd.GeoSeries(gpd.points_from_xy(*to_crs.transform(x, y)), crs=city.crs)


def _change(city: City, made: gpd.GeoDataFrame, site: str) -> Change:
    row = made.loc[site]
    area, price = float(row["max_floor_area_m2"]), float(row["unit_cost_yuan_m2"])
    community = str(city.communities["name"].get(row["community_id"], row["community_id"]))
    place = Place(str(site), str(row["kinds"][0]), area, price, float(row["lon"]), float(row["lat"]), _datum(city))
    return Change("new_place", (community,), 0, area, "candidates", place)

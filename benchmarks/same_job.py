"""What the usual script does and nothing beside it, with circle15; figures in JSON.

Read, coverage of the cells, 50 walking areas, a plan, and a page with areas, facilities, chosen sites and the cells out
of reach, which it sums by squares where they are many.
"""

import json
import sys
import time
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import pandas as pd

import circle15 as c15
from benchmarks.harness import peak_mb
from circle15.sites import buildable
from gis.coverage import coverage, coverage_by_unit, located
from gis.isochrone import isochrones
from gis.reach import reach
from gis.snap import snap
from maps.atlas import Atlas
from maps.page import write_page
from optimise.rules import SitingRules
from optimise.site import site

MINUTES, SITES, AREAS, PLAN_S = 15, 60, 50, 3.0


def main() -> None:
    """Run the job and print what came of it."""
    folder, marks = Path(sys.argv[1]), {"read": time.perf_counter()}
    city = c15.read_city(c15.load_project(folder))
    network, facilities, (candidates, _) = city.network, city.facilities, buildable(city.candidates)

    marks["coverage"] = time.perf_counter()
    at_homes, at_facilities, at_candidates = (
        snap(network, frame, max_connector_m=city.project.walking.max_connector_m, barriers=city.barriers)
        for frame in (city.homes.frame, facilities, candidates)
    )
    walks = reach(network, at_homes, at_facilities, minutes=MINUTES)
    known = located(network, at_homes, at_facilities)
    homes = coverage(city.homes.frame, walks, facilities, known, minutes=(MINUTES,))

    marks["areas"] = time.perf_counter()
    areas = isochrones(network, at_facilities.head(AREAS), minutes=[MINUTES])

    marks["plan"] = time.perf_counter()
    pairs = reach(network, at_homes, at_candidates, minutes=MINUTES, names=("demand_id", "candidate_id"))
    demand = homes.assign(covered=homes["state"] == "covered")[["elders", "covered"]]
    plan = site(demand, pairs, candidates, rules=SitingRules(max_sites=SITES), time_limit_s=PLAN_S)

    marks["page"] = time.perf_counter()
    reached = set(pairs.loc[pairs["candidate_id"].isin(plan.sites.index), "demand_id"])
    after = homes["state"].mask(homes.index.isin(reached), "covered")
    page = Atlas(
        name=city.project.name,
        crs=city.crs,
        language="zh",
        minutes=(MINUTES,),
        streets=network.streets(),
        base=city.ground,
        communities=city.communities,
        units=coverage_by_unit(homes, city.communities, minutes=(MINUTES,)),
        homes=homes.assign(state_after=after),
        facilities=facilities,
        candidates=candidates,
        housing=city.housing,
        areas=gpd.GeoDataFrame(pd.concat([areas.assign(when=when) for when in ("today", "after")])),
        plan=plan,
        verdicts=(),
        findings=(),
        ledgers=(),
    )
    write_page(page, folder / "same.html")
    marks["end"] = time.perf_counter()

    stages = list(marks)
    print(
        json.dumps(
            {
                "stages": {a: marks[b] - marks[a] for a, b in pairwise(stages)},
                "peak_mb": peak_mb(),
                "covered": homes.index[homes["state"] == "covered"].tolist(),
                "sites": plan.sites.index.tolist(),
                "elders": plan.elders_covered,
                "gap": plan.gap,
            }
        )
    )


if __name__ == "__main__":
    main()

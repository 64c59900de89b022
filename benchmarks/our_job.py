"""The whole job as circle15 does it; figures in JSON. With `--until coverage` it stops there."""

import argparse
import json
import time
from itertools import pairwise
from pathlib import Path

import circle15 as c15
from benchmarks.harness import peak_mb
from gis.isochrone import isochrones
from gis.reach import reach
from gis.snap import snap
from maps.page import write_page

AREAS = 50


class _EnoughError(Exception):
    """What was asked for is done."""


def main() -> None:
    """Run the job and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--until", choices=["coverage", "page"], default="page")
    parser.add_argument("--sites", type=json.loads, help="judge a plan by its candidates instead")
    given = parser.parse_args()
    began = time.perf_counter()
    marks: dict[str, float] = {}

    def progress(stage: str) -> None:
        marks[stage.removeprefix("stage.")] = time.perf_counter() - began
        if given.until == "coverage" and stage == "stage.measures":
            raise _EnoughError

    progress("stage.read")
    city = c15.read_city(c15.load_project(given.folder))
    if given.sites is not None:
        print(json.dumps({"elders": _covered_by(city, given.sites)}))
        return
    try:
        done = c15.study(city, progress=progress)
    except _EnoughError:
        print(json.dumps({"stages": marks, "peak_mb": peak_mb()}))
        return
    progress("areas")
    facilities = snap(city.network, done.serving.head(AREAS), max_connector_m=done.project.walking.max_connector_m)
    areas = isochrones(city.network, facilities, minutes=[15])
    progress("page")
    write_page(done.atlas(), given.folder / "ours.html")
    progress("end")
    stages = list(marks)
    plan = done.plan
    print(
        json.dumps(
            {
                "stages": {a: marks[b] - marks[a] for a, b in pairwise(stages)},
                "peak_mb": peak_mb(),
                "covered": done.homes.index[done.homes["state"] == "covered"].tolist(),
                "areas": len(areas),
                "sites": plan.sites.index.tolist() if plan else [],
                "elders": plan.elders_covered if plan else 0,
                "gap": plan.gap if plan else None,
            }
        )
    )


def _covered_by(city: c15.City, sites: list[str]) -> int:
    """Return how many elders facilities and these candidates cover on the streets."""
    doors = {"max_connector_m": city.project.walking.max_connector_m, "barriers": city.barriers}
    at_homes = snap(city.network, city.homes.frame, **doors)
    covered: set[str] = set()
    for places in (city.facilities, city.candidates.loc[sites]):
        covered |= set(reach(city.network, at_homes, snap(city.network, places, **doors))["demand_id"])
    return int(city.homes.frame["elders"].reindex(list(covered)).sum())


if __name__ == "__main__":
    main()

"""A synthetic city's layout: 2,000 sites, 100,000 cells, 800 communities, three years: how long it takes to write down.

Run: python -m benchmarks.layout [sites cells]
"""

import resource
import sys
import time
from fractions import Fraction

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from optimise import models
from optimise.goals import aim_of
from optimise.layout_rules import Floor, LayoutRules, Milestone
from optimise.options import options
from optimise.question import ask_layout

SEED = 20
YEARS = (2026, 2027, 2028)
WALK_M = 900.0
SPEED_M_MIN = 60.0


def city(sites: int, cells: int, *, communities: int = 800, seed: int = SEED) -> dict[str, pd.DataFrame]:
    """Return a made city of communities in a square: cells crowd round its centres, sites lie where cells do."""
    rng = np.random.default_rng(seed)
    side = 1000.0 * np.sqrt(communities / 2)
    centres = rng.uniform(0, side, (40, 2))
    homes = np.clip(centres[rng.integers(0, 40, cells)] + rng.normal(0, side / 12, (cells, 2)), 0, side)
    places = np.clip(homes[rng.integers(0, cells, sites)] + rng.normal(0, 150, (sites, 2)), 0, side)
    seats = homes[rng.choice(cells, communities, replace=False)]
    unit_of_home, unit_of_site = (KDTree(seats).query(xy)[1] for xy in (homes, places))
    ids = np.array([f"{k:04d}" for k in range(communities)], dtype=object)
    street = np.array([f"street{k // 8:03d}" for k in range(communities)], dtype=object)
    county = np.array([f"county{k // 200}" for k in range(communities)], dtype=object)
    demand = pd.DataFrame(
        {"elders": rng.integers(1, 30, cells), "covered": False, "community_id": ids[unit_of_home]},
        index=pd.Index([f"h{k:07d}" for k in range(cells)], dtype=object),
    )
    near = KDTree(homes).query_ball_point(places, WALK_M)
    to = np.concatenate([np.array(each, dtype=np.int64) for each in near])
    at = np.repeat(np.arange(sites), [len(each) for each in near])
    metres = np.hypot(*(homes[to] - places[at]).T)
    site_ids = np.array([f"s{k:05d}" for k in range(sites)], dtype=object)
    pairs = pd.DataFrame({"demand_id": demand.index[to], "site_id": site_ids[at], "minutes": metres / SPEED_M_MIN})
    largest = rng.choice([400.0, 620.0, 900.0, 1500.0, 2200.0], sites)
    candidates = pd.DataFrame(
        {
            "name": [f"场地{k}" for k in range(sites)],
            "max_floor_area_m2": largest,
            "cost_yuan": (largest * rng.uniform(900, 4000, sites)).round(-4),
            "mode": rng.choice(["new", "convert", "lease"], sites),
            "vacated": rng.random(sites) < 0.3,
            "community_id": ids[unit_of_site],
            "street_id": street[unit_of_site],
            "county_id": county[unit_of_site],
            "x_m": places[:, 0],
            "y_m": places[:, 1],
            "land_m2": largest / 2,
        },
        index=pd.Index(site_ids, dtype=object),
    )
    units = pd.DataFrame(
        {"name": ids, "residents": rng.integers(2000, 9000, communities), "street_id": street, "county_id": county},
        index=pd.Index(ids, dtype=object),
    )
    units["floor_area_m2"] = rng.choice([0.0, 200.0], communities)
    seat_near = KDTree(places).query_ball_point(seats, WALK_M)
    serves = pd.DataFrame(
        [(ids[u], site_ids[s]) for u, each in enumerate(seat_near) for s in each], columns=["community_id", "site_id"]
    )
    beside = KDTree(places).query_pairs(2 * WALK_M, output_type="ndarray")
    beside = np.concatenate([beside, beside[:, ::-1]])
    near_sites = pd.DataFrame({"site_id": site_ids[beside[:, 0]], "other_id": site_ids[beside[:, 1]]})
    return {
        "candidates": candidates,
        "demand": demand,
        "pairs": pairs,
        "communities": units,
        "serves": serves,
        "near": near_sites,
    }


def full_rules() -> LayoutRules:
    """Return a layout's rules of every kind, so far apart that they can be kept together."""
    return LayoutRules(
        budget_by_year_yuan={2026: 150_000_000, 2027: 180_000_000, 2028: 150_000_000},
        county_budget_yuan={f"county{k}": 200_000_000 for k in range(4)},
        min_site_floor_area_m2={"day_care": 350.0, "street_centre": 500.0},
        floor_area_m2_per_10k={"county": 150.0},
        land_m2_per_person={"city": 0.005},
        street_centre=("street_centre",),
        community_served=("day_care", "street_centre"),
        tied_kinds={"day_care": "street_centre"},
        spacing_m={"day_care": 300.0},
        milestones=(
            Milestone(2026, ("day_care", "street_centre"), share=Fraction(1, 10)),
            Milestone(2027, ("day_care", "street_centre"), share=Fraction(1, 5)),
        ),
        coverage_floors=(Floor(Fraction(2, 5), "county"),),
        soft=frozenset({"street_centre", "community_served"}),
    )


def main() -> None:
    """Print how long each step takes."""
    sites, cells = (int(n) for n in sys.argv[1:3]) if len(sys.argv) > 2 else (2000, 100_000)
    tables = city(sites, cells)
    clock = time.perf_counter()

    def lap(what: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        print(f"{what:34} {now - clock:8.2f} s")
        clock = now

    choice = options(tables.pop("candidates"), kinds=("day_care", "street_centre"), years=YEARS)
    lap(f"{len(choice)} options")
    rules = full_rules()
    question = ask_layout(choice, rules=rules, **tables)
    lap(f"{len(question.cover.elders)} groups, {len(question.limits)} limits")
    model = models.mclp(question.cover, question.limits, bundle=question.bundle)
    models.aim(model, aim_of("elders", question))
    lap(f"{model.problem.numVariables()} variables, {len(model.problem.constraints())} rows")
    print(f"{'memory':34} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:8.2f} GB")


if __name__ == "__main__":
    main()

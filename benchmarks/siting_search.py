"""The search alone, and layouts: `python -m benchmarks.siting_search` (`--big`: a million cells; `--layout`: years).

A made city: homes and sites around centres of several sizes, a third of the homes anywhere; a pair is within the walk
where it is at most 900 m with a detour of 1.27. Each question is answered in a process of its own: wall and processor
time, and the most memory it held, the data included. Everything runs once before it is measured, so that it is
compiled. A gap is what the search proves by itself; `sites` is the classical question (so many sites, all alike, where
proofs are hardest), `budget` is a planner's (sites of 200,000 to 2,000,000 yuan).
"""

import os
import resource
import sys
import time
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from benchmarks.harness import MB, arguments
from optimise.cover import cover_of_places
from optimise.layout import layout
from optimise.layout_rules import Floor, LayoutRules, Milestone
from optimise.limit import Limit, counted, in_units
from optimise.options import options
from optimise.search import missed, seek

SEED = 15
CROW_M = 900 / 1.27
LEAST_M, MOST_M = 400, 2_500
ANYWHERE = 0.35
HOUSE = 12
CHUNK = 100_000
YEARS = (2026, 2027, 2028)
TINY = (20_000, 400, 10.0)


class City(NamedTuple):
    """Homes with elders, sites with costs, and the pairs within the walk."""

    row: NDArray[np.int32]
    column: NDArray[np.int32]
    elders: NDArray[np.int64]
    cost: NDArray[np.int64]
    home: NDArray[np.float64]
    site: NDArray[np.float64]


def city(cells: int, sites: int, near: float) -> City:
    """Make a city in which a cell has about `near` sites within the walk."""
    rng = np.random.default_rng(SEED)
    side = 1000 * np.sqrt(sites * np.pi * 0.9**2 / 1.27**2 / near)
    centres = rng.random((max(4, sites // 100), 2)) * side
    spread = rng.uniform(LEAST_M, MOST_M, len(centres))

    def around(count: int) -> NDArray[np.float64]:
        which = rng.integers(0, len(centres), count)
        at = centres[which] + rng.normal(size=(count, 2)) * spread[which][:, None]
        anywhere = rng.random(count) < ANYWHERE
        at[anywhere] = rng.random((int(anywhere.sum()), 2)) * side
        return np.clip(at, 0, side)

    home, site = around(cells), around(sites)
    tree = cKDTree(site)
    rows, columns = [], []
    for first in range(0, cells, CHUNK):
        found = tree.query_ball_point(home[first : first + CHUNK], CROW_M)
        count = np.fromiter(map(len, found), np.int64, len(found))
        rows.append(np.repeat(np.arange(first, first + len(found), dtype=np.int32), count))
        columns.append(np.concatenate([np.array(each, dtype=np.int32) for each in found]))
    elders = 1 + rng.geometric(1 / HOUSE, cells)
    return City(
        np.concatenate(rows), np.concatenate(columns), elders, rng.integers(20, 200, sites) * 10_000, home, site
    )


def searched(size: tuple[int, int, float], rule: str, how_many: int) -> str:
    """Return a line of the table: one question answered by the search alone."""
    made = city(*size)
    sites = len(made.cost)
    began, worked = time.perf_counter(), time.process_time()
    ids = {"demand_ids": pd.RangeIndex(size[0]), "sites": pd.Index([f"s{j:05d}" for j in range(sites)])}
    who = cover_of_places(made.row, made.column, made.elders, **ids)
    covered_s = time.perf_counter() - began
    limit: Limit = counted("max_sites", "at most", how_many, [True] * sites)
    if rule == "budget":
        limit = in_units("budget", "at most", made.cost, Fraction(how_many * int(made.cost.mean())))
    found = seek(who, (limit,), made.cost)
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - worked
    if missed(found.sites, (limit,), who) or found.bound.most < found.value:
        sys.exit("a plan that breaks its limit, or a bound below it: no times are shown")
    gap = (found.bound.most - found.value) / found.bound.most
    share = found.value / int(made.elders.sum())
    question = f"{rule}: {how_many:,}" if rule == "sites" else f"budget of {how_many:,} mean sites"
    return (
        f"| {sites:,} x {size[0]:,} | {len(made.row):,} | {len(who.elders):,} | {question} | {share:.1%} | {gap:.3%} | "
        f"{covered_s:.1f} s | {wall_s:.1f} s | {cpu_s:.1f} s |"
    )


def town(made: City, communities: int) -> dict[str, pd.DataFrame]:
    """Return the tables of a layout: squares as communities, ten to a street, streets to five counties."""
    side = round(communities**0.5)
    width = max(made.home.max(), made.site.max()) / side + 1

    def where(at: NDArray[np.float64]) -> NDArray[np.int64]:
        cell = np.minimum((at // width).astype(np.int64), side - 1)
        return np.minimum(cell[:, 0] * side + cell[:, 1], communities - 1)

    place = np.arange(communities)
    ids = np.array([f"u{k:04d}" for k in place])
    elders = np.bincount(where(made.home), weights=made.elders, minlength=communities).astype(np.int64)
    units = pd.DataFrame(
        {
            "name": ids,
            "residents": elders * 5,
            "street_id": [f"t{k // 10:03d}" for k in place],
            "county_id": [f"q{k * 5 // communities}" for k in place],
        },
        index=pd.Index(ids, name="community_id"),
    )
    rng = np.random.default_rng(SEED + 1)
    at = where(made.site)
    sites = pd.DataFrame(
        {
            "name": [f"场地{j}" for j in range(len(made.cost))],
            "max_floor_area_m2": rng.integers(8, 41, len(made.cost)) * 50.0,
            "unit_cost_yuan_m2": rng.integers(10, 40, len(made.cost)) * 100.0,
            "kinds": [("day_care", "street_centre")] * len(made.cost),
            "community_id": ids[at],
            "street_id": units["street_id"].to_numpy()[at],
            "county_id": units["county_id"].to_numpy()[at],
            "x_m": made.site[:, 0],
            "y_m": made.site[:, 1],
        },
        index=[f"s{j:05d}" for j in range(len(made.cost))],
    )
    choice = options(sites, kinds=["day_care", "street_centre"], modules_m2=(350, 750, 1000), years=YEARS)
    choice = choice[choice["floor_area_m2"] >= np.where(choice["kind"] == "street_centre", 750, 350)]
    demand = pd.DataFrame(
        {"elders": made.elders, "covered": False, "community_id": ids[where(made.home)]},
        index=[f"d{i:06d}" for i in range(len(made.elders))],
    )
    pairs = pd.DataFrame({"demand_id": demand.index[made.row], "site_id": sites.index[made.column], "minutes": 15.0})
    beside = cKDTree(made.site).query_pairs(2_000, output_type="ndarray")
    both = np.concatenate([beside, beside[:, ::-1]])
    near = pd.DataFrame({"site_id": sites.index[both[:, 0]], "other_id": sites.index[both[:, 1]]})
    return {"options": choice, "demand": demand, "pairs": pairs, "communities": units, "near": near}


def laid_out(size: tuple[int, int, float], communities: int, seconds: float) -> str:
    """Return a line of the table: a layout with years under many rules, solved with the search as its start."""
    tables = town(city(*size), communities)
    share = size[1] / 2_000
    per_year = round(5e7 * share)
    streets = tables["communities"]["street_id"].nunique()
    rules = LayoutRules(
        budget_by_year_yuan=dict.fromkeys(YEARS, per_year),
        county_budget_yuan={f"q{k}": round(0.3 * 3 * per_year) for k in range(5)},
        spacing_m={"day_care": 300, "street_centre": 500},
        tied_kinds={"day_care": "street_centre"},
        milestones=(
            Milestone(YEARS[0], ("day_care", "street_centre"), count=streets // 2),
            Milestone(YEARS[2], ("street_centre",), count=streets // 2),
        ),
        coverage_floors=(Floor(Fraction(1, 4), "county"),),
        floor_area_m2_per_10k={"city": 60.0},
    )
    began, worked = time.perf_counter(), time.process_time()
    plan = layout(**tables, rules=rules, time_limit_s=seconds)
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - worked
    gap = "" if plan.gap is None else f"{plan.gap:.3%}"
    return (
        f"| {size[1]:,} x {size[0]:,}, {len(tables['options']):,} options | {len(tables['pairs']):,} | "
        f"{communities} communities | layout, {plan.status.value} by {plan.solver} | "
        f"{plan.elders_covered / plan.elders_total:.1%} | {gap} | | {wall_s:.1f} s | {cpu_s:.1f} s |"
    )


def apart(line: Any, *given: Any) -> None:
    """Answer one question in a process of its own, and print its line with the most memory that it held."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        told = line(*given)
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB
        print(f"{told} {own:,.0f} |", flush=True)
        os._exit(0)
    _, status, _ = os.wait4(child, 0)
    if status:
        sys.exit(f"no answer: {given}")


def main() -> None:
    """Print the table."""
    given = arguments(__doc__, big=False, layout=False, seconds=110.0)
    for rule in ("sites", "budget"):
        searched(TINY, rule, 20)
    print("\n### siting: the search alone\n")
    print("| sites x cells | pairs | groups | question | covered | gap | cover | in all | processor | peak MB |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    size = (100_000, 2_000, 10.0)
    for rule, how_many in (("sites", 60), ("sites", 150), ("sites", 300), ("budget", 60), ("budget", 150)):
        apart(searched, size, rule, how_many)
    big = (("sites", 200), ("sites", 800), ("sites", 2_000), ("budget", 200), ("budget", 800))
    for rule, how_many in big if given.big else ():
        apart(searched, (1_000_000, 20_000, 27.0), rule, how_many)
    if given.layout:
        laid_out((3_000, 60, 8.0), 20, 20)
        apart(laid_out, size, 800, given.seconds)


if __name__ == "__main__":
    main()

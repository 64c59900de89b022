"""A plan for a province: `python -m benchmarks.province_plan` (`--small`: a twentieth of it).

The made city of `benchmarks.siting_search` with a million cells and 20,000 sites, cut into 64 counties by a grid that
knows no blocks: each county's front in a process of its own (two at once), the money shared, the whole bettered and
proven, recounted county by county. Wall time, and the most memory that this process and its workers held.
"""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.harness import MB, arguments
from benchmarks.siting_search import city
from optimise.county_front import CountyFront
from optimise.province_plan import Sum, province_plan

BIG, SMALL = (1_000_000, 20_000, 27.0, 8), (50_000, 1_000, 15.0, 4)
WORKERS = 2


def tables(cells: int, sites: int, near: float, side: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return demand, pairs and candidates of a province of `side` x `side` counties."""
    made = city(cells, sites, near)
    width = max(made.home.max(), made.site.max()) / side + 1

    def county(at: NDArray[np.float64]) -> pd.Categorical:
        cell = (at // width).astype(np.int64)
        return pd.Categorical.from_codes(
            cell[:, 0] * side + cell[:, 1], categories=[f"c{k:03d}" for k in range(side * side)]
        )

    demand = pd.DataFrame(
        {"elders": made.elders, "covered": False, "county_id": county(made.home)},
        index=pd.Index([f"d{i:07d}" for i in range(cells)], name="demand_id"),
    )
    candidates = pd.DataFrame(
        {"cost_yuan": made.cost, "county_id": county(made.site)},
        index=pd.Index([f"s{j:05d}" for j in range(sites)], name="candidate_id"),
    )
    pairs = pd.DataFrame(
        {
            "demand_id": pd.Categorical.from_codes(made.row, categories=demand.index),
            "candidate_id": pd.Categorical.from_codes(made.column, categories=candidates.index),
        }
    )
    return demand, pairs, candidates


def main() -> None:
    """Print the table."""
    given = arguments(__doc__, small=False)
    print("\n### siting: a province\n")
    print("| counties | sites x cells | pairs | budget of | covered | gap | fronts | in all | peak MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    size = SMALL if given.small else BIG
    demand, pairs, candidates = tables(*size)
    cost = candidates["cost_yuan"]
    with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        for part in (100, 25):
            took: list[float] = []

            def each(
                function: Callable[[Sum], CountyFront], asked: Sequence[Sum], took: list[float] = took
            ) -> Iterable[CountyFront]:
                began = time.perf_counter()
                fronts = list(pool.map(function, asked))
                took.append(time.perf_counter() - began)
                return fronts

            sites = len(candidates) // part
            began = time.perf_counter()
            plan = province_plan(demand, pairs, candidates, budget_yuan=sites * int(cost.mean()), each=each)
            wall_s = time.perf_counter() - began
            if plan.broken:
                sys.exit(f"the recount disagrees: {plan.broken}")
            own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB
            print(
                f"| {demand['county_id'].nunique()} | {len(candidates):,} x {len(demand):,} | {len(pairs):,} | "
                f"{sites:,} mean sites | {plan.elders_covered / plan.elders_total:.1%} | {plan.gap:.3%} | "
                f"{took[0]:.1f} s | {wall_s:.1f} s | {own:,.0f} |",
                flush=True,
            )
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / MB
    print(f"\nThe larger of the {WORKERS} workers held {worker:,.0f} MB.")


if __name__ == "__main__":
    main()

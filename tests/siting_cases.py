"""Small siting questions, made at random, and their answers by looking at every possible plan."""

from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from optimise.rules import SitingRules

Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def random_tables(rng: np.random.Generator, *, homes: int = 12, places: int = 7, reach: float = 0.3) -> Tables:
    """Return demand, pairs and candidates; costs and areas are coarse, so that ties are common."""
    demand = pd.DataFrame(
        {"elders": rng.integers(0, 9, homes), "covered": rng.random(homes) < 0.2},
        index=pd.Index([f"d{i:02d}" for i in range(homes)], name="demand_id"),
    )
    candidates = pd.DataFrame(
        {
            "name": [f"场地{j}" for j in range(places)],
            "kind": rng.choice(["day_care", "meal_point"], places),
            "floor_area_m2": rng.integers(2, 9, places) * 100.5,
            "cost_yuan": rng.integers(1, 6, places) * 100_000,
        },
        index=pd.Index([f"c{j:02d}" for j in range(places)], name="candidate_id"),
    )
    near = rng.random((homes, places)) < reach
    rows, columns = np.nonzero(near)
    pairs = pd.DataFrame(
        {"demand_id": demand.index[rows], "candidate_id": candidates.index[columns], "minutes": 10.0},
    )
    return demand, pairs, candidates


def random_rules(rng: np.random.Generator, candidates: pd.DataFrame) -> SitingRules:
    """Return rules of which each is in force about every third time."""
    ids = list(candidates.index)

    def some(value: Any, otherwise: Any = None, often: float = 0.35) -> Any:
        return value if rng.random() < often else otherwise

    return SitingRules(
        budget_yuan=some(int(rng.integers(0, 16)) * 100_000, often=0.8),
        max_total_floor_area_m2=some(float(rng.integers(4, 30)) * 100.5),
        min_site_floor_area_m2=some({"day_care": 350.0}, {}),
        min_floor_area_m2_per_10k_residents=some(300.0),
        residents=int(rng.integers(5, 60)) * 1000,
        existing_floor_area_m2=200.0,
        required=some(tuple(rng.choice(ids, 2, replace=False)), (), 0.25),
        forbidden=some(tuple(rng.choice(ids, 2, replace=False)), (), 0.25),
        max_sites=some(int(rng.integers(0, 5))),
        cover_all=bool(rng.random() < 0.25),
    )


def keeps(chosen: tuple[str, ...], tables: Tables, rules: SitingRules) -> bool:
    """Return whether a list of sites keeps every rule, by the plainest reading of it."""
    demand, _, candidates = tables
    sites = candidates.loc[list(chosen)]
    area = sum((Fraction(str(a)) for a in sites["floor_area_m2"]), Fraction(0))
    rate, residents = rules.min_floor_area_m2_per_10k_residents, rules.residents
    return all(
        (
            rules.budget_yuan is None or sites["cost_yuan"].sum() <= rules.budget_yuan,
            rules.max_total_floor_area_m2 is None or area <= Fraction(str(rules.max_total_floor_area_m2)),
            all(r["floor_area_m2"] >= rules.min_site_floor_area_m2.get(r["kind"], 0) for _, r in sites.iterrows()),
            rate is None
            or (area + Fraction(str(rules.existing_floor_area_m2))) * 10_000 >= Fraction(str(rate)) * residents,
            set(rules.required) <= set(chosen),
            not set(rules.forbidden) & set(chosen),
            rules.max_sites is None or len(chosen) <= rules.max_sites,
            not rules.cover_all or elders(chosen, tables) == demand["elders"].sum(),
        )
    )


def elders(chosen: tuple[str, ...], tables: Tables) -> int:
    """Return how many elders are covered, today's included."""
    demand, pairs, _ = tables
    near = set(pairs.loc[pairs["candidate_id"].isin(chosen), "demand_id"])
    return int(demand.loc[demand["covered"] | demand.index.isin(near), "elders"].sum())


def best_by_hand(tables: Tables, rules: SitingRules) -> tuple[int, int, tuple[str, ...]] | None:
    """Return (elders, cost, sites) of the best of all plans: most elders, then cheapest, then first site by site."""
    _, _, candidates = tables
    ids = list(candidates.index)
    plans = [c for n in range(len(ids) + 1) for c in combinations(ids, n) if keeps(c, tables, rules)]
    if not plans:
        return None

    def order(chosen: tuple[str, ...]) -> tuple[int, int, list[int]]:
        cost = int(candidates.loc[list(chosen), "cost_yuan"].sum())
        return -elders(chosen, tables), cost, [-int(i in chosen) for i in ids]

    best = min(plans, key=order)
    return elders(best, tables), order(best)[1], best


def hard_covering() -> Tables:
    """Return the lines of the affine space AG(5, 3) and their points: the least cover, 198 of 243, takes days to prove.

    Three points make a line where they add up to zero; a cover is the complement of a cap set, and the largest cap
    has 45 points (Edel, Ferret, Landjev & Storme 2002).
    """
    points = np.array(np.meshgrid(*[range(3)] * 5)).reshape(5, -1).T
    number = {tuple(p): k for k, p in enumerate(points.tolist())}
    lines = sorted(
        {
            tuple(sorted((a, b, number[tuple(((-points[a] - points[b]) % 3).tolist())])))
            for a in range(243)
            for b in range(a + 1, 243)
        }
    )
    demand = pd.DataFrame({"elders": 1, "covered": False}, index=[f"l{i:04d}" for i in range(len(lines))])
    ids = [f"p{j:03d}" for j in range(243)]
    pairs = pd.DataFrame(
        {
            "demand_id": np.repeat(demand.index, 3),
            "candidate_id": [ids[j] for line in lines for j in line],
            "minutes": 1.0,
        }
    )
    candidates = pd.DataFrame({"name": ids, "kind": "day_care", "floor_area_m2": 1.0, "cost_yuan": 1}, index=ids)
    return demand, pairs, candidates

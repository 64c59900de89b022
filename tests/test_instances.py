"""Published instances, each to its proven optimum: OR-Library and San Francisco (../shared/instances)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from optimise.capacitated import capacitated
from optimise.centre import p_centre
from optimise.median import p_median
from optimise.plan import PlanStatus
from optimise.site import lscp, mclp

Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def instances() -> Path:
    """Return the folder of published siting benchmarks, or skip the test where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "instances"
    if not folder.is_dir():
        pytest.skip("the siting benchmarks (../shared/instances) are not here")
    return folder


def sites(names: list[str], cost: object = 1) -> pd.DataFrame:
    return pd.DataFrame({"name": names, "kind": "day_care", "floor_area_m2": 1.0, "cost_yuan": cost}, index=names)


def network(instances: Path, name: str) -> tuple[Tables, int]:
    """Return a p-median network: every node is a home and a site; a later duplicate of an edge replaces the earlier."""
    n, _, p, *rest = map(int, (instances / "pmed" / f"{name}.txt").read_text().split())
    far = np.full((n, n), np.inf)
    for i, j, length in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        far[i - 1, j - 1] = far[j - 1, i - 1] = length
    np.fill_diagonal(far, 0)
    for k in range(n):
        far = np.minimum(far, far[:, [k]] + far[k])
    ids = [f"n{i:03d}" for i in range(n)]
    pairs = {"demand_id": np.repeat(ids, n), "candidate_id": np.tile(ids, n), "minutes": far.ravel()}
    return (pd.DataFrame({"elders": 1}, index=ids), pd.DataFrame(pairs), sites(ids)), p


@pytest.mark.parametrize(("name", "least"), [("pmed1", 5819), ("pmed2", 4093), ("pmed6", 7824), ("pmed10", 1255)])
def test_p_median(instances: Path, name: str, least: int) -> None:
    tables, p = network(instances, name)
    answer = p_median(*tables, sites=p, time_limit_s=300)
    assert (answer.status, answer.value, answer.bound, answer.gap) == (PlanStatus.OPTIMAL, least, least, 0)
    assert len(answer.sites) <= p
    assert answer.served["minutes"].sum() == least


@pytest.mark.parametrize(("name", "least"), [("pmed1", 127), ("pmed10", 20)])
def test_p_centre(instances: Path, name: str, least: int) -> None:
    tables, p = network(instances, name)
    answer = p_centre(*tables, sites=p, time_limit_s=300)
    assert (answer.status, answer.value, answer.bound, answer.gap) == (PlanStatus.OPTIMAL, least, least, 0)
    assert len(answer.sites) <= p
    assert answer.served["minutes"].max() == least


@pytest.mark.parametrize(("name", "least"), [("scp41", 429), ("scp42", 512), ("scp51", 253), ("scp61", 138)])
def test_weighted_covering(instances: Path, name: str, least: int) -> None:
    numbers = iter(map(int, (instances / "scp" / f"{name}.txt").read_text().split()))
    rows, columns = next(numbers), next(numbers)
    cost = [next(numbers) for _ in range(columns)]
    near = [(f"d{i:03d}", f"c{next(numbers) - 1:04d}") for i in range(rows) for _ in range(next(numbers))]
    demand = pd.DataFrame({"elders": 1, "covered": False}, index=[f"d{i:03d}" for i in range(rows)])
    pairs = pd.DataFrame(near, columns=["demand_id", "candidate_id"]).assign(minutes=1.0)
    plan = lscp(demand, pairs, sites([f"c{j:04d}" for j in range(columns)], cost), least="cost_yuan", time_limit_s=300)
    assert (plan.status, plan.cost_yuan, plan.proven["cost_yuan"]) == (PlanStatus.OPTIMAL, least, least)
    assert plan.elders_covered == rows


@pytest.mark.parametrize(("name", "least"), [("cap41", 1040444.375), ("cap71", 932615.75), ("cap72", 977799.4)])
def test_capacitated(instances: Path, name: str, least: float) -> None:
    numbers = iter(map(float, (instances / "cap" / f"{name}.txt").read_text().split()))
    m, n = int(next(numbers)), int(next(numbers))
    columns = np.array([[next(numbers), next(numbers)] for _ in range(m)])
    rows = np.array([[next(numbers) for _ in range(1 + m)] for _ in range(n)])
    places, groups = [f"s{j:02d}" for j in range(m)], [f"g{i:02d}" for i in range(n)]
    candidates = sites(places, columns[:, 1]).assign(capacity=columns[:, 0])
    pairs = {"demand_id": np.repeat(groups, m), "candidate_id": np.tile(places, n), "cost_yuan": rows[:, 1:].ravel()}
    answer = capacitated(pd.DataFrame({"elders": rows[:, 0]}, index=groups), pd.DataFrame(pairs), candidates)
    assert (answer.status, answer.value, answer.bound, answer.gap) == (PlanStatus.OPTIMAL, least, least, 0)
    assert answer.served["elders"].sum() == rows[:, 0].sum()
    assert (answer.sites["elders"] <= candidates["capacity"].reindex(answer.sites.index)).all()


@pytest.fixture(scope="module")
def san_francisco(instances: Path) -> Tables:
    """205 census tracts, 16 stores and the network distances between them."""
    folder = instances / "spopt_sf"
    table = pd.read_csv(
        folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv", dtype={"DestinationName": str}
    )
    demand = pd.DataFrame({"elders": table.groupby("DestinationName")["demand"].first(), "covered": False})
    pairs = table.rename(columns={"DestinationName": "demand_id", "name": "candidate_id", "distance": "length_m"})
    return demand, pairs[["demand_id", "candidate_id", "length_m"]], sites(sorted(table["name"].unique()))


def within(tables: Tables, length_m: float) -> Tables:
    demand, pairs, candidates = tables
    return demand, pairs[pairs["length_m"] <= length_m].assign(minutes=1.0), candidates


def test_most_people_of_san_francisco(san_francisco: Tables) -> None:
    plan = mclp(*within(san_francisco, 5000), sites=4)
    assert (plan.status, plan.elders_covered, plan.elders_total, plan.bound) == ("OPTIMAL", 875_247, 955_113, 875_247)


def test_all_people_of_san_francisco(san_francisco: Tables) -> None:
    plan = lscp(*within(san_francisco, 5000))
    assert (plan.status, len(plan.sites), plan.proven["sites"]) == ("OPTIMAL", 8, 8)
    assert plan.elders_covered == plan.elders_total


def test_least_mean_distance_of_san_francisco(san_francisco: Tables) -> None:
    answer = p_median(*san_francisco, sites=4, by="length_m")
    assert (answer.status, answer.gap) == (PlanStatus.OPTIMAL, 0)
    assert answer.value is not None
    assert answer.value / 955_113 == pytest.approx(2982.1268579890657, rel=1e-12)


def test_least_farthest_of_san_francisco(san_francisco: Tables) -> None:
    answer = p_centre(*san_francisco, sites=4, by="length_m")
    assert (answer.status, answer.gap) == (PlanStatus.OPTIMAL, 0)
    assert answer.value == pytest.approx(7403.0638, abs=1e-3)

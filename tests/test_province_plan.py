"""Money over counties: fronts and their ceilings, the allotment and the whole, against every plan there could be."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from optimise.allotment import Shares, allot, most_for
from optimise.check import recount
from optimise.county_front import county_front, county_parts
from optimise.plan import PlanStatus
from optimise.province_plan import province_plan, recount_by_county
from optimise.rules import SitingRules

SEEDS = range(15)
Ids = tuple[str, ...]


class Province(NamedTuple):
    """The tables of a small province: three counties, eight candidates, so 256 plans."""

    demand: pd.DataFrame
    pairs: pd.DataFrame
    candidates: pd.DataFrame

    def plans(self) -> Iterator[Ids]:
        """Yield every plan."""
        ids = list(self.candidates.index)
        for count in range(len(ids) + 1):
            yield from combinations(ids, count)

    def gained(self, plan: Ids, county: str | None = None) -> int:
        """Return how many elders (of a county) a plan covers who are not covered today, each once."""
        near = set(self.pairs["demand_id"][self.pairs["candidate_id"].isin(plan)])
        here = self.demand.index.isin(near) & ~self.demand["covered"]
        if county is not None:
            here &= self.demand["county_id"] == county
        return int(self.demand["elders"][here].sum())

    def cost(self, plan: Ids, county: str | None = None) -> int:
        """Return what a plan costs (in a county)."""
        own = self.candidates.loc[list(plan)]
        return int(own["cost_yuan"][(own["county_id"] == county) | (county is None)].sum())


def province(seed: int) -> Province:
    """Return a random province in which a third of the pairs cross a border."""
    rng = np.random.default_rng(seed)
    homes, sites = 18, 8
    demand = pd.DataFrame(
        {
            "elders": rng.integers(0, 9, homes),
            "covered": rng.random(homes) < 0.15,
            "county_id": rng.choice([*"ABC"], homes),
        },
        index=[f"d{i:02d}" for i in range(homes)],
    )
    candidates = pd.DataFrame(
        {"county_id": rng.permutation([*"AAABBBCC"]), "cost_yuan": rng.integers(1, 8, sites) * 50_000},
        index=[f"s{j}" for j in range(sites)],
    )
    same = demand["county_id"].to_numpy()[:, None] == candidates["county_id"].to_numpy()[None, :]
    row, column = np.nonzero(rng.random((homes, sites)) < np.where(same, 0.4, 0.1))
    pairs = pd.DataFrame({"demand_id": demand.index[row], "candidate_id": candidates.index[column]})
    return Province(demand, pairs, candidates)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_of_a_county_passes_its_ceilings_and_every_offer_is_a_plan(seed: int) -> None:
    made = province(seed)
    for part in county_parts(*made):
        front = county_front(part, (0, 100_000, 300_000, 700_000))
        own = set(part.candidates.index)
        for plan in made.plans():
            if set(plan) <= own:
                assert made.gained(plan) <= front.most_at(made.cost(plan))
        for offer in front.offers:
            assert set(offer.sites) <= own
            assert (offer.cost_yuan, offer.elders) == (made.cost(offer.sites), made.gained(offer.sites))
            assert offer.own == made.gained(offer.sites, part.county_id)
        rising = [(offer.cost_yuan, offer.elders) for offer in front.offers]
        assert all(a[0] < b[0] and a[1] < b[1] for a, b in zip(rising, rising[1:], strict=False))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_allotment_is_the_best_of_all_ways_to_combine_the_offers(seed: int) -> None:
    made = province(seed)
    fronts = [county_front(part, (100_000, 200_000, 400_000)) for part in county_parts(*made)]
    shares = Shares(least_yuan={"A": 100_000}, most_yuan={"B": 200_000}, least_elders={"C": 1})
    budget = 600_000
    best = -1
    for a in fronts[0].offers:
        for b in fronts[1].offers:
            for c in fronts[2].offers:
                kept = max(a.cost_yuan, 100_000) + b.cost_yuan + c.cost_yuan <= budget
                if kept and b.cost_yuan <= 200_000 and c.own >= 1:
                    best = max(best, a.elders + b.elders + c.elders)
    found = allot(fronts, budget, shares=shares)
    if best < 0:
        assert not found.offers
        assert found.short
    else:
        assert found.elders == best
        assert found.bound >= best


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_of_the_province_passes_the_bound(seed: int) -> None:
    made = province(seed)
    for budget in (0, 250_000, 800_000):
        found = province_plan(*made, budget_yuan=budget)
        able = [plan for plan in made.plans() if made.cost(plan) <= budget]
        best = max(made.gained(plan) for plan in able)
        assert found.cost_yuan == made.cost(tuple(found.sites.index)) <= budget
        assert found.elders_covered - found.elders_covered_before == made.gained(tuple(found.sites.index)) <= best
        assert found.elders_covered_before + best <= found.bound
        assert not found.broken
        assert most_for(found.fronts, budget) >= best
        if found.status is PlanStatus.OPTIMAL:
            assert found.elders_covered == found.elders_covered_before + best
        # counties add up, and a person near a border counts once
        whole = recount(list(found.sites.index), made.demand, made.pairs, _plain(made.candidates), rules=SitingRules())
        assert (found.elders_total, found.elders_covered) == (whole.elders_total, whole.elders_covered)
        assert found.counties["cost_yuan"].sum() == found.cost_yuan


@pytest.mark.parametrize("seed", SEEDS)
def test_shares_and_floors_hold_and_the_bound_with_them(seed: int) -> None:
    made = province(seed)
    shares = Shares(least_yuan={"A": 200_000}, most_yuan={"B": 150_000}, least_elders={"C": 2})
    budget = 700_000

    def keeps(plan: Ids) -> bool:
        paid = max(made.cost(plan, "A"), 200_000) + made.cost(plan, "B") + made.cost(plan, "C")
        return paid <= budget and made.cost(plan, "B") <= 150_000 and made.gained(plan, "C") >= 2

    found = province_plan(*made, budget_yuan=budget, shares=shares)
    able = [made.gained(plan) for plan in made.plans() if keeps(plan)]
    if found.status is PlanStatus.LIMIT:
        assert not len(found.sites)
    else:
        assert keeps(tuple(found.sites.index))
    assert found.elders_covered_before + max(able, default=0) <= found.bound


def test_a_county_whose_least_cannot_be_had_is_named() -> None:
    made = province(1)
    found = province_plan(*made, budget_yuan=900_000, shares=Shares(least_elders={"B": 10_000}))
    assert found.short == ("B",)
    assert found.status is PlanStatus.LIMIT
    assert not len(found.sites)


def test_counties_asked_elsewhere_and_rows_in_another_order_give_the_same_plan() -> None:
    made = province(7)
    one = province_plan(*made, budget_yuan=700_000)
    with ThreadPoolExecutor(2) as pool:
        two = province_plan(*(t.sample(frac=1, random_state=3) for t in made), budget_yuan=700_000, each=pool.map)
    pd.testing.assert_frame_equal(one.sites, two.sites)
    pd.testing.assert_frame_equal(one.counties, two.counties)
    assert (one.bound, one.fronts) == (two.bound, two.fronts)


def test_names_as_categories_are_the_same_and_a_part_knows_only_its_own() -> None:
    made = province(5)
    coded = made.pairs.assign(
        demand_id=pd.Categorical(made.pairs["demand_id"], categories=made.demand.index),
        candidate_id=pd.Categorical(made.pairs["candidate_id"], categories=made.candidates.index),
    )
    plain, small = county_parts(*made), county_parts(made.demand, coded, made.candidates)
    for one, two in zip(plain, small, strict=True):
        assert one.pairs.astype(str).equals(two.pairs.astype(str))
        assert set(two.pairs["candidate_id"].cat.categories) <= set(two.candidates.index)
    found = [province_plan(*t, budget_yuan=600_000).sites for t in (made, made._replace(pairs=coded))]
    pd.testing.assert_frame_equal(*found)


def test_more_money_never_covers_less_than_the_bound_of_less() -> None:
    made = province(11)
    bounds = [province_plan(*made, budget_yuan=yuan).bound for yuan in range(0, 1_200_000, 200_000)]
    covered = [province_plan(*made, budget_yuan=yuan).elders_covered for yuan in range(0, 1_200_000, 200_000)]
    assert all(few <= bound for few, bound in zip(covered, bounds, strict=True))
    assert covered == sorted(covered)


def test_a_price_on_money_bounds_other_sums() -> None:
    made = province(3)
    part = county_parts(*made)[0]
    front = county_front(part, (150_000,))
    steep = [line for line in front.ceilings if line.per_yuan > 0]
    assert steep, "150,000 yuan is less than the county's sites cost, so money has a price"
    assert front.most_at(0) <= min(line.at(0) for line in steep)
    assert front.most_at(Fraction(10**12)) == front.reachable


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda p: p._replace(demand=p.demand.assign(county_id=None)), "no county_id"),
        (lambda p: p._replace(candidates=pd.concat([p.candidates, p.candidates[:1]])), "stands twice"),
        (lambda p: p._replace(pairs=p.pairs.assign(candidate_id="nowhere")), "unknown candidate_id"),
    ],
)
def test_tables_that_do_not_fit_are_refused(spoil, says: str) -> None:  # noqa: ANN001
    with pytest.raises(ValueError, match=says):
        province_plan(*spoil(province(0)), budget_yuan=100_000)


@pytest.mark.parametrize(
    "shares", [{"least_yuan": {"A": -1}}, {"least_yuan": {"A": 5}, "most_yuan": {"A": 4}}, {"least_elders": {"A": -1}}]
)
def test_shares_that_mean_nothing_are_refused(shares: dict[str, dict[str, int]]) -> None:
    with pytest.raises(ValueError, match="least_"):
        Shares(**shares)
    with pytest.raises(ValueError, match="budget"):
        province_plan(*province(0), budget_yuan=-1)


def test_the_count_by_county_is_of_where_people_live() -> None:
    made = province(2)
    chosen = sorted(made.candidates.index[made.candidates["county_id"] == "A"])
    told = recount_by_county(chosen, *made)
    for county, (total, before, covered) in told.items():
        own = made.demand[made.demand["county_id"] == county]
        assert total == own["elders"].sum()
        assert before == own["elders"][own["covered"]].sum()
        assert covered == before + made.gained(tuple(chosen), county)


def _plain(candidates: pd.DataFrame) -> pd.DataFrame:
    return candidates.assign(name="", kind="day_care", floor_area_m2=0.0)

"""The money of the documents, to the yuan: who gets it in which year, and what is not known of it."""

from datetime import date
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.ground import Facility
from policy.load import load_pack
from policy.money import (
    BUDGET,
    BUDGET_PART,
    BUILDING,
    RUNNING,
    budget,
    cost_table,
    entitled_at_points,
    in_yuan,
    meal_points,
    subsidies_due,
)

BAOTOU = load_pack("baotou_2020")


def place(**cells: Any) -> Facility:
    plain: dict[str, Any] = {"kind": "street_centre", "status": "in_use", "urban": True, "built": date(2020, 6, 1)}
    return Facility("1", "A", **{**plain, "opened": date(2020, 9, 1), **cells})


def due(facility: Facility, year: int = 2020) -> list[tuple[int, int, tuple[str, ...]]]:
    return [(d.least_yuan, d.most_yuan, d.missing) for d in subsidies_due([facility], BAOTOU, year=year)]


@pytest.mark.parametrize(
    ("cells", "least", "most"),
    [
        ({}, 200_000, 300_000),
        ({"urban": False}, 50_000, 50_000),
        ({"kind": "day_care"}, 30_000, 30_000),
        ({"kind": "day_care", "urban": None}, 30_000, 30_000),
        ({"kind": "rural_station", "urban": False}, 20_000, 20_000),
    ],
)
def test_what_a_facility_gets_in_the_year_it_was_built(cells: dict[str, Any], least: int, most: int) -> None:
    assert due(place(**cells)) == [(least, most, ())]


@pytest.mark.parametrize("built", [date(2019, 12, 31), date(2021, 1, 1)])
def test_only_what_is_new_that_year_gets_the_building_subsidy(built: date) -> None:
    assert due(place(built=built, rebuilt=date(2020, 5, 1))) == []
    assert due(place(kind="nursing_home")) == []


def test_a_day_care_centre_gets_its_running_money_each_year_it_is_open() -> None:
    centre = place(kind="day_care")
    assert [len(due(centre, year)) for year in (2019, 2020, 2025)] == [0, 1, 1]
    assert due(place(kind="day_care", status="closed")) == []


def test_what_is_not_known_of_a_facility_leaves_its_money_open() -> None:
    assert due(place(urban=None)) == [
        (0, 300_000, ("facilities.urban: A",)),
        (0, 50_000, ("facilities.urban: A",)),
    ]
    assert due(place(built=None, opened=None)) == [(0, 300_000, ("facilities.built: A",))]
    assert due(place(kind="day_care", status=None)) == [(0, 30_000, ("facilities.status: A",))]


def test_a_figure_that_is_no_money_is_refused() -> None:
    meals = next(t for t in BAOTOU.terms if t.name == "meals_a_day")
    with pytest.raises(ValueError, match="meals_a_day"):
        in_yuan(meals)
    assert all(in_yuan(t)[0] <= in_yuan(t)[1] for t in BAOTOU.terms if t.name.startswith((BUILDING, RUNNING)))


@given(st.integers(0, 400), st.integers(0, 60))
def test_a_meal_point_is_paid_by_the_head_up_to_its_cap(elders: int, more: int) -> None:
    (point,) = meal_points({"P": (elders, elders + more)}, BAOTOU)
    assert (point.least_yuan, point.most_yuan) == (min(200_000, elders * 1095), min(200_000, (elders + more) * 1095))
    assert point.capped is (True if elders > 182 else (None if elders + more > 182 else False))


@given(st.integers(0, 6), st.data())
def test_the_entitled_within_the_walk_lie_between_what_any_homes_allow(elders: int, data: st.DataObject) -> None:
    near = data.draw(st.integers(0, elders))
    entitled = data.draw(st.integers(0, elders))
    # The elders 0 .. near-1 live within the walk; the entitled may be any of all.
    inside = [sum(who < near for who in some) for some in combinations(range(elders), entitled)]
    found = entitled_at_points({"A": (entitled, entitled)}, {"A": elders}, {("P", "A"): near})
    assert found == {"P": (min(inside), max(inside))}


def test_a_new_site_takes_in_what_a_facility_of_its_kind_and_place_gets_in_its_first_year() -> None:
    """Oracle: the money due to such a facility, built and opened in that year, figure by figure."""
    table = cost_table(BAOTOU)
    assert len(table)
    assert set(table["urban"]) == {True, False}
    for row in table.itertuples(index=False):
        paying = [
            term
            for term in BAOTOU.terms
            if term.name.startswith((BUILDING, RUNNING))
            and (not term.kinds or row.kind in term.kinds)
            and term.where in {"any", "urban" if row.urban else "rural"}
        ]
        assert row.terms == tuple(term.name for term in paying)
        for start, low, high in (
            (BUILDING, row.once_least_yuan, row.once_most_yuan),
            (RUNNING, row.a_year_least_yuan, row.a_year_most_yuan),
        ):
            amounts = [in_yuan(term) for term in paying if term.name.startswith(start)]
            assert (low, high) == (sum(least for least, _ in amounts), sum(most for _, most in amounts))


def test_an_amount_in_wan_is_ten_thousand_yuan_and_never_a_part_of_one() -> None:
    term = next(term for term in BAOTOU.terms if term.unit.startswith("wan_yuan"))
    stretch = {"value": None, "low": Fraction(3), "high": Fraction("12.3456")}
    assert in_yuan(term.model_copy(update=stretch)) == (30_000, 123_456)
    with pytest.raises(ValueError, match="no whole number of yuan"):
        in_yuan(term.model_copy(update={"value": Fraction("0.00001"), "low": None, "high": None}))


def test_a_budget_is_the_sum_of_its_parts_and_what_it_states_beyond_them_is_told() -> None:
    part = BAOTOU.terms[0].model_copy(
        update={"name": f"{BUDGET_PART}a", "unit": "wan_yuan_a_year", "value": Fraction(5), "low": None, "high": None}
    )
    other = part.model_copy(update={"name": f"{BUDGET_PART}b", "value": None, "low": Fraction(1), "high": Fraction(2)})
    stated = part.model_copy(update={"name": BUDGET, "value": Fraction(8)})
    found = budget(BAOTOU.model_copy(update={"terms": (part, other)}))
    assert found is not None
    assert (dict(found.parts_yuan), found.sum_yuan) == ({part.name: 50_000, other.name: 20_000}, 70_000)
    assert (found.stated_yuan, found.unexplained_yuan) == (None, None)
    with_sum = budget(BAOTOU.model_copy(update={"terms": (part, stated, other)}))
    assert with_sum is not None
    assert (with_sum.sum_yuan, with_sum.stated_yuan, with_sum.unexplained_yuan) == (70_000, 80_000, 10_000)
    assert budget(BAOTOU.model_copy(update={"terms": (stated,)})) is None


@pytest.mark.parametrize("name", ["meal_subsidy", "meals_a_day", "meal_days_a_year", "meal_point_cap"])
def test_meals_without_one_of_their_figures_are_refused_by_its_name(name: str) -> None:
    fewer = BAOTOU.model_copy(update={"terms": tuple(t for t in BAOTOU.terms if t.name != name)})
    with pytest.raises(ValueError, match=name):
        meal_points({"P": (1, 1)}, fewer)

"""Every measure on made cities: exact boundaries, and the laws that hold whatever the tables say or leave out."""

from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_town import communities, coverage, facilities

from policy.counting import Counting
from policy.evidence import Evidence
from policy.indicators import ARGUMENTS, INDICATORS, NEEDED
from policy.measure import ENDLESS, Measured
from policy.survey import survey
from policy.terms import RoomClass
from policy.units import Unit, units_at
from policy.verdict import Status
from policy.written import Words

KINDS = ("day_care", "nursing_home")
BY = date(2020, 12, 31)


def evidence(units: list[dict[str, Any]], places: list[dict[str, Any]], **tables: pd.DataFrame) -> Evidence:
    frame = communities(*units)
    stands = []
    for place in places:
        row = {key: cell for key, cell in place.items() if key != "at"}
        home = None if place.get("at") is None else frame.index[place["at"] % len(frame)]
        stands.append({**row, "community_id": home})
    people = coverage(frame).assign(residents=None)  # the list of communities is the only one to state them
    return Evidence(frame, facilities(*stands), people, (15,), **tables)


def city_of(units: list[dict[str, Any]], places: list[dict[str, Any]], **tables: pd.DataFrame) -> Unit:
    return units_at(survey(evidence(units, places, **tables)), "city")[0][0]


def measure(name: str, unit: Unit, /, **asked: Any) -> Measured:
    kinds = {"kinds": KINDS} if "kinds" in ARGUMENTS[name] else {}
    return INDICATORS[name](unit, Counting(**{"by": BY, **kinds, **asked}))


def range_of(measured: Measured) -> tuple[Fraction, Fraction]:
    if measured.void is Status.UNKNOWN:
        return Fraction(0), Fraction(ENDLESS)
    return Fraction(measured.low), Fraction(measured.high)


# ---- exact boundaries of the documents


@pytest.mark.parametrize(("area", "met"), [(499, False), (499.99, False), (500, True), (501, True)])
def test_floor_area_of_a_centre(area: float, met: bool) -> None:
    found = measure("floor_area", city_of([{}], [{"at": 0, "floor_area_m2": area}]))
    assert (found.low >= 500) is met
    assert found.low == found.high == Fraction(str(area))


@pytest.mark.parametrize(
    ("total", "care", "disabled", "met"),
    [(100, 50, 60, (True, True, True)), (99, 49, 59, (False, False, False)), (101, 51, 61, (True, True, True))],
)
def test_beds_and_their_shares(total: int, care: int, disabled: int, met: tuple[bool, ...]) -> None:
    unit = city_of([{}], [{"at": 0, "beds": total, "beds_care": care, "beds_disabled": disabled}])
    shares = [measure("bed_share", unit, of=column).low for column in ("beds_care", "beds_disabled")]
    found = (measure("beds", unit).low >= 100, shares[0] >= Fraction(1, 2), shares[1] >= Fraction(3, 5))
    assert found == met


def test_both_shares_of_beds_may_exceed_one_together() -> None:
    unit = city_of([{}], [{"at": 0, "beds": 100, "beds_care": 50, "beds_disabled": 60}])
    assert sum(measure("bed_share", unit, of=c).low for c in ("beds_care", "beds_disabled")) > 1


def test_a_bed_share_that_contradicts_itself_is_not_known() -> None:
    found = measure("bed_share", city_of([{}], [{"at": 0, "beds": 10, "beds_care": 11}]), of="beds_care")
    assert (found.low, found.high, found.missing) == (0, 1, ("facilities.beds_care: 设施000",))


@pytest.mark.parametrize(("area", "land", "rates"), [(199, 999, (199, Fraction(999, 10_000), Fraction(199, 10)))])
def test_the_rates_name_their_own_columns(area: int, land: int, rates: tuple[Any, ...]) -> None:
    unit = city_of([{"residents": 10_000, "households": 1000}], [{"at": 0, "floor_area_m2": area, "land_m2": land}])
    names = ("floor_area_per_10k_residents", "land_per_person", "floor_area_per_100_households")
    found = [measure(name, unit) for name in names]
    assert tuple(f.low for f in found) == rates
    assert [f.base for f in found] == ["residents", "residents", "households"]


def test_a_rate_without_people_is_no_rate() -> None:
    unit = city_of([{"residents": 0}], [{"at": 0, "floor_area_m2": 100}])
    assert measure("floor_area_per_10k_residents", unit).void is Status.NOT_APPLICABLE


def test_a_rate_over_people_nobody_counted_is_open() -> None:
    unit = city_of([{"households": None}], [{"at": 0, "floor_area_m2": 100}])
    found = measure("floor_area_per_100_households", unit)
    assert (found.low, found.endless) == (0, True)
    assert found.missing == ("communities.households: 社区000",)


CLASSES = (
    RoomClass(name="1000", title=Words(zh="一千", en="1000"), at_least_m2=1000),
    RoomClass(name="500", title=Words(zh="五百", en="500"), at_least_m2=500, below_m2=1000),
    RoomClass(name="350", title=Words(zh="旧区", en="old"), at_least_m2=350, below_m2=500, only_old_estates=True),
)


@pytest.mark.parametrize(
    ("area", "ordinary", "exempt"),
    [(349, 0, 0), (350, 0, 350), (499, 0, 350), (500, 500, 500), (999, 500, 500), (1000, 1000, 1000)],
)
def test_classes_of_rooms(area: int, ordinary: int, exempt: int) -> None:
    for flag, reason, least in ((False, None, ordinary), (True, "三面临街", exempt)):
        row = {"at": 0, "floor_area_m2": area, "old_estate_exempt": flag, "exempt_reason": reason}
        found = measure("room_class", city_of([{}], [row]), room_classes=CLASSES)
        assert (found.low, found.high) == (least, least)
    unsaid = measure("room_class", city_of([{}], [{"at": 0, "floor_area_m2": area}]), room_classes=CLASSES)
    assert (unsaid.low, unsaid.high) == (ordinary, exempt)
    assert bool(unsaid.missing) is (ordinary != exempt)


@pytest.mark.parametrize(("urban", "rural", "needed"), [(277, 526, (56, 106, 161)), (277, 526, (139, 263, 402))])
def test_the_goals_of_baotou_joint_and_by_class(urban: int, rural: int, needed: tuple[int, int, int]) -> None:
    share = Fraction(1, 5) if needed[0] == 56 else Fraction(1, 2)
    rows = [{"urban": True}] * urban + [{"urban": False, "street_level": "town"}] * rural
    for where, every, least in zip(("urban", "rural", "any"), (urban, rural, urban + rural), needed, strict=True):
        for done in (least - 1, least):
            days = iter([pd.Timestamp("2020-12-31")] * done + [pd.Timestamp("2021-01-01")] * every)
            of_kind = [r for r in rows if where == "any" or r["urban"] is (where == "urban")]
            ground = survey(evidence([{**row, "finished": next(days)} for row in of_kind], []))
            unit = units_at(ground, "city", where=where)[0][0]  # type: ignore[arg-type]
            found = measure("units_finished", unit)
            assert (found.low >= share) is (done == least), (where, done)
            assert len(found.lacking) == every - done


def test_a_community_without_a_date_is_open_or_by_choice_not_finished() -> None:
    unit = city_of([{"finished": pd.Timestamp("2020-01-01")}, {"finished": pd.NaT}], [])
    assert range_of(measure("units_finished", unit)) == (Fraction(1, 2), 1)
    assert range_of(measure("units_finished", unit, without_date="not_yet")) == (Fraction(1, 2), Fraction(1, 2))


def test_centres_near_decide_whether_small_points_add_up() -> None:
    units = communities({})
    place = facilities({"community_id": units.index[0]}, {"community_id": units.index[0]})
    place["floor_area_m2"] = [175, 174.5]
    for covered, found in ((10, Fraction("349.5")), (9, 0)):
        near = coverage(units, {units.index[0]: (10, 0, covered)})
        ground = survey(Evidence(units, place, coverage(units), (15,), centre_coverage=near))
        here = units_at(ground, "community")[0][0]
        assert measure("joint_floor_area", here, neighbour_centre_minutes=15).low == found
        assert measure("joint_floor_area", here).low == Fraction("349.5")
    alone = units_at(survey(Evidence(units, place, coverage(units), (15,))), "community")[0][0]
    open_still = measure("joint_floor_area", alone, neighbour_centre_minutes=15)
    assert (open_still.low, open_still.high) == (0, Fraction("349.5"))
    # Points below the least size do not add up.
    assert measure("joint_floor_area", alone, least_point_m2=175).low == 175


def test_a_consent_makes_good_for_another_use() -> None:
    rows = [
        {"at": 0, "current_use": "养老服务"},
        {"at": 0, "current_use": "超市"},
        {"at": 0, "current_use": "超市", "change_consent": "民函3号"},
        {"at": 0, "current_use": "非养老"},
    ]
    asked = {"column": "current_use", "value": ("养老",), "or_stated": "change_consent"}
    found = measure("facilities_flagged", city_of([{}], rows), **asked)
    assert (found.low, found.lacking) == (Fraction(1, 2), ("设施001", "设施003"))


def test_a_table_that_contradicts_itself_is_no_figure() -> None:
    rows = [{"figure": "支出", "value": v, "year": 2020, "measured_in": "万元"} for v in (1, 2)]
    unit = city_of([{}], [], figures=pd.DataFrame(rows))
    assert measure("figure", unit, name="支出").void is Status.UNKNOWN


def test_figures_in_different_units_are_not_divided() -> None:
    rows = [{"figure": f, "value": 1, "measured_in": m} for f, m in (("支出", "元"), ("收入", "万元"))]
    found = measure("figure_share", city_of([{}], [], figures=pd.DataFrame(rows)), part="支出", whole="收入")
    assert found.void is Status.UNKNOWN
    assert "万元 / 元" in found.missing[0]


@pytest.mark.parametrize(("care", "met"), [(429, False), (430, True), (430.5, True)])
def test_half_of_the_lottery_fund(care: float, met: bool) -> None:
    rows = [{"figure": f, "value": v, "year": 2020} for f, v in (("care", care), ("all", 860))]
    found = measure("figure_share", city_of([{}], [], figures=pd.DataFrame(rows)), part="care", whole="all")
    assert (found.low >= Fraction(1, 2)) is met


def test_the_newest_year_up_to_the_day_counts() -> None:
    rows = [{"figure": "trained", "value": y, "year": y} for y in (2018, 2020, 2021)]
    unit = city_of([{}], [], figures=pd.DataFrame(rows))
    assert measure("figure", unit, name="trained").low == 2020
    assert measure("figure", unit, name="trained", year=2018).low == 2018


# ---- laws

OPEN_CELLS = (
    "kind", "status", "opened", "operator_type", "floor_area_m2", "land_m2", "beds", "beds_care", "services", "chain",
    "facility_level", "current_use",
)  # fmt: skip
place_rows = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.integers(0, 3),
            "kind": st.sampled_from(["day_care", "nursing_home", "meal_point"]),
            "status": st.sampled_from(["in_use", "in_use", "closed"]),
            "opened": st.sampled_from([pd.Timestamp("2020-06-01"), pd.Timestamp("2021-06-01")]),
            "operator_type": st.sampled_from(["social", "public"]),
            "floor_area_m2": st.integers(0, 9).map(lambda n: n * 50.5),
            "land_m2": st.integers(0, 900),
            "beds": st.integers(5, 9),
            "beds_care": st.integers(0, 5),
            "services": st.sampled_from([("助餐",), ("助餐", "日托"), ("助浴",)]),
            "chain": st.booleans(),
            "facility_level": st.sampled_from(["street", "community"]),
            "current_use": st.sampled_from(["养老", "超市"]),
        }
    ),
    min_size=1,
    max_size=4,
)
unit_rows = st.lists(
    st.fixed_dictionaries(
        {
            "urban": st.booleans(),
            "residents": st.integers(10, 99),
            "households": st.integers(1, 30),
            "elders": st.integers(5, 9),
            "disabled": st.integers(0, 5),
            "finished": st.sampled_from([pd.Timestamp("2020-06-01"), pd.Timestamp("2021-06-01")]),
            "contractor": st.sampled_from([("甲",), ("甲", "乙")]),
            "conditional": st.booleans(),
        }
    ),
    min_size=1,
    max_size=4,
)
ASKED: dict[str, dict[str, Any]] = {
    "facility_count": {"least_m2": 100, "having": ("chain",), "facility_level": "street"},
    "units_with_facility": {"needs_date": True},
    "share_social_operator": {},
    "facilities_without": {"services": ("助餐", "日托")},
    "services_offered": {"services": ("助餐", "日托")},
    "facilities_flagged": {"column": "current_use", "value": ("养老",)},
    "dates_by": {"columns": ("opened",)},
    "floor_area": {"needs_date": True},
    "floor_area_per_10k_residents": {},
    "floor_area_per_100_households": {},
    "land_per_person": {},
    "beds": {},
    "beds_per_1000_elders": {},
    "bed_share": {"of": "beds_care"},
    "unit_count": {},
    "units_finished": {"conditional_only": True},
    "contracts": {},
    "groups_share": {"column": "disabled"},
}
cells = st.sets(st.tuples(st.integers(0, 3), st.sampled_from(OPEN_CELLS)), max_size=4)
unit_cells = st.sets(
    st.tuples(st.integers(0, 3), st.sampled_from(["urban", "residents", "households", "disabled", "finished",
                                                  "contractor", "conditional"])), max_size=3
)  # fmt: skip


def blanked(rows: list[dict[str, Any]], holes: set[tuple[int, str]]) -> list[dict[str, Any]]:
    empty = {"opened": pd.NaT, "finished": pd.NaT, "services": (), "contractor": ()}
    return [
        {**row, **{column: empty.get(column) for i, column in holes if i == number}} for number, row in enumerate(rows)
    ]


@settings(max_examples=60, deadline=None)
@given(unit_rows, place_rows, cells, cells, unit_cells, unit_cells, st.sampled_from(["any", "urban", "rural"]))
def test_what_is_not_known_widens_a_measure_and_never_moves_it(  # noqa: PLR0917
    units: list[dict[str, Any]],
    places: list[dict[str, Any]],
    few: set[tuple[int, str]],
    more: set[tuple[int, str]],
    few_of_units: set[tuple[int, str]],
    more_of_units: set[tuple[int, str]],
    where: Any,
) -> None:
    steps = [
        (units, places),
        (blanked(units, few_of_units), blanked(places, few)),
        (blanked(units, few_of_units | more_of_units), blanked(places, few | more)),
    ]
    at = [units_at(survey(evidence(*step)), "city", where=where)[0][0] for step in steps]
    for name, asked in ASKED.items():
        found = [measure(name, unit, **asked) for unit in at]
        if found[0].void is None:
            assert found[0].low == found[0].high, name
            assert not found[0].missing, name
        for one, other in zip(found, found[1:], strict=False):
            if one.void is None:
                assert other.void is None or other.void is Status.UNKNOWN, name
                (low, high), (lower, higher) = range_of(one), range_of(other)
                assert lower <= low <= high <= higher, (name, where)
            if other.low != other.high:
                assert other.missing, name


@settings(max_examples=40, deadline=None)
@given(unit_rows, place_rows, st.integers(1, 500), st.integers(0, 3))
def test_more_area_or_beds_never_lower_a_measure(
    units: list[dict[str, Any]], places: list[dict[str, Any]], more: int, where: int
) -> None:
    grown = [
        {**row, "floor_area_m2": row["floor_area_m2"] + more, "land_m2": row["land_m2"] + more,
         "beds": row["beds"] + more, "beds_care": row["beds_care"] + more}
        if i == where else row
        for i, row in enumerate(places)
    ]  # fmt: skip
    before, after = city_of(units, places), city_of(units, grown)
    for name in ("floor_area", "floor_area_per_10k_residents", "floor_area_per_100_households", "land_per_person",
                 "beds", "beds_per_1000_elders", "facility_count", "joint_floor_area", "bed_share"):  # fmt: skip
        asked = {"of": "beds_care"} if name == "bed_share" else {}
        one, other = (measure(name, unit, **asked) for unit in (before, after))
        if one.void is None:
            assert other.low >= one.low, name


@settings(max_examples=40, deadline=None)
@given(unit_rows, place_rows)
def test_a_unit_without_a_facility_never_raises_coverage(
    units: list[dict[str, Any]], places: list[dict[str, Any]]
) -> None:
    bare = {**units[0], "finished": pd.Timestamp("2030-01-01")}
    fixed = [{**p, "at": p["at"] % len(units)} for p in places]  # the new unit takes nobody's facility
    before, after = city_of(units, fixed), city_of([*units, bare], fixed)
    for name in ("units_with_facility", "units_finished"):
        one, other = measure(name, before), measure(name, after)
        assert other.low <= one.low
        assert other.high <= one.high


@settings(max_examples=30, deadline=None)
@given(unit_rows, place_rows, cells)
def test_order_and_names_change_no_measure(
    units: list[dict[str, Any]], places: list[dict[str, Any]], holes: set[tuple[int, str]]
) -> None:
    plain = evidence(units, blanked(places, holes))
    turned = Evidence(plain.communities[::-1], plain.facilities[::-1], plain.coverage[::-1], (15,))
    renamed = Evidence(
        plain.communities.assign(name="=1+1"), plain.facilities.assign(name="{{x}}"), plain.coverage.assign(name="<b>"),
        (15,),
    )  # fmt: skip
    at = [units_at(survey(e), "city")[0][0] for e in (plain, turned, renamed)]
    for name, asked in ASKED.items():
        one, other, third = (measure(name, unit, **asked) for unit in at)
        assert one == other, name
        assert (one.low, one.high, one.void) == (third.low, third.high, third.void), name


def test_the_vocabulary_takes_what_it_needs() -> None:
    assert INDICATORS.keys() == ARGUMENTS.keys() == NEEDED.keys()
    assert all(NEEDED[name] <= ARGUMENTS[name] for name in INDICATORS)
    assert {a for takes in ARGUMENTS.values() for a in takes} <= set(Counting.__dataclass_fields__)

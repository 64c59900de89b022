"""Laws a verdict obeys in every city: names, order, time and one more facility."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_town import city, communities, facilities

from policy.assess import assess
from policy.bands import Interval, answer, band_scale, goal, limit_scale, needed, settle
from policy.evidence import Evidence
from policy.load import load_pack
from policy.verdict import Status, Verdict

HEBI = load_pack("hebi_2020")
SOME_POINTS = {"points_that_pass": "some"}
"""With it the answers of a scoring rule have one order: no points, on the limit, some or all points."""
ORDER = {Status.FAIL: 0, Status.NOT_DUE: 0, Status.EXCEPTION_NEEDED: 0}
ORDER |= {Status.BOUNDARY: 1, Status.UNDEFINED: 1, Status.UNKNOWN: 1, Status.PASS: 2}
DAYS = st.dates(date(2019, 1, 1), date(2023, 12, 31))
DATED = DAYS.map(pd.Timestamp)

unit_rows = st.lists(
    st.fixed_dictionaries(
        {
            "urban": st.sampled_from([True, True, False, None]),
            "street_level": st.sampled_from(["street", "street", "town"]),
            "county": st.sampled_from(["淇滨区", "山城区", "浚县"]),
            "street": st.sampled_from(["甲", "乙"]),
            "people": st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)),
        }
    ),
    min_size=1,
    max_size=6,
)
place_rows = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.none() | st.integers(0, 5),
            "kind": st.sampled_from(["day_care", "street_centre", "rural_station", "nursing_home"]),
            "status": st.sampled_from(["in_use", "in_use", "built", "closed", None]),
            "opened": DATED | st.just(pd.NaT),
            "built": DATED | st.just(pd.NaT),
            "operator_type": st.sampled_from(["social", "public", None]),
        }
    ),
    max_size=6,
)


def town(units: list[dict[str, Any]], places: list[dict[str, Any]]) -> Evidence:
    rows, people = [], {}
    for i, unit in enumerate(units):
        # A street lies in one county and is a street or a town as a whole.
        codes = {"county_id": unit["county"], "street": f"{unit['county']}{unit['street']}{unit['street_level']}"}
        rows.append({**unit, **codes, "street_id": codes["street"], "community_id": f"{i:012d}"})
        covered, unknown, rest = rows[-1].pop("people")
        people[f"{i:012d}"] = (covered + unknown + rest, unknown, covered)
    frame = communities(*rows)
    stands = []
    for place in places:
        row = {key: value for key, value in place.items() if key != "at"}
        home = None if place["at"] is None else frame.index[place["at"] % len(frame)]
        stands.append({**row, "community_id": home})
    return city(frame, facilities(*stands), people)


def answers(verdicts: tuple[Verdict, ...]) -> dict[tuple[str, ...], tuple[object, ...]]:
    return {
        (v.rule_id, v.level, v.unit_id, v.reading): (v.status, v.value, v.scores, v.shortfall and v.shortfall.number)
        for v in verdicts
    }


@settings(max_examples=40, deadline=None)
@given(unit_rows, place_rows, DAYS)
def test_permuted_rows_give_the_same_verdicts(
    units: list[dict[str, Any]], places: list[dict[str, Any]], day: date
) -> None:
    evidence = town(units, places)
    turned = Evidence(evidence.communities[::-1], evidence.facilities[::-1], evidence.coverage[::-1], (15,))
    assert assess(HEBI, evidence, as_of=day) == assess(HEBI, turned, as_of=day)


@settings(max_examples=40, deadline=None)
@given(unit_rows, place_rows, DAYS)
def test_other_names_give_the_same_verdicts(
    units: list[dict[str, Any]], places: list[dict[str, Any]], day: date
) -> None:
    evidence = town(units, places)
    renamed = evidence.communities.assign(name="{{x}}", street="=1+1")
    other = Evidence(renamed, evidence.facilities.assign(name="<b>"), evidence.coverage.assign(name=""), (15,))
    assert answers(assess(HEBI, evidence, as_of=day)) == answers(assess(HEBI, other, as_of=day))


@settings(max_examples=40, deadline=None)
@given(unit_rows, place_rows, DAYS, st.integers(1, 1500))
def test_a_later_day_never_turns_what_is_met_into_not_due(
    units: list[dict[str, Any]], places: list[dict[str, Any]], day: date, later: int
) -> None:
    evidence = town(units, places)
    before, after = (answers(assess(HEBI, evidence, as_of=d)) for d in (day, day + timedelta(days=later)))
    for key, (status, *_) in before.items():
        assert not (status is Status.PASS and after[key][0] is Status.NOT_DUE)
        assert not (status is Status.FAIL and after[key][0] is Status.NOT_DUE)


@settings(max_examples=60, deadline=None)
@given(unit_rows, place_rows, DAYS, st.integers(0, 5), st.sampled_from(["day_care", "street_centre"]))
def test_one_more_facility_never_worsens_a_verdict(
    units: list[dict[str, Any]], places: list[dict[str, Any]], day: date, where: int, kind: str
) -> None:
    # Of known date and run by social forces: a public one would rightly lower the share that social forces run.
    known = {"kind": kind, "status": "in_use", "opened": pd.Timestamp("2018-01-01"), "built": pd.NaT}
    more = [*places, {**known, "at": where, "operator_type": "social"}]
    before = assess(HEBI, town(units, places), as_of=day, choices=SOME_POINTS)
    after = answers(assess(HEBI, town(units, more), as_of=day, choices=SOME_POINTS))
    for key, (status, *_) in answers(before).items():
        # Where there was nothing to judge (no facility yet, say), the line gives way to those of what there is now.
        if status is Status.NOT_APPLICABLE or after[key][0] is Status.NOT_APPLICABLE:
            continue
        assert ORDER[after[key][0]] >= ORDER[status], key


@settings(max_examples=60, deadline=None)
@given(unit_rows, place_rows, DAYS, st.data())
def test_a_verdict_that_is_certain_stands_whatever_the_missing_data_turn_out_to_be(
    units: list[dict[str, Any]], places: list[dict[str, Any]], day: date, data: st.DataObject
) -> None:
    told = []
    for place in places:
        opened, built = place["opened"], place["built"]
        if opened is pd.NaT:
            # Nothing opens before it is built, and nothing is built after it has opened.
            drawn = data.draw(DATED)
            opened = drawn if built is pd.NaT else max(drawn, built)
        if built is pd.NaT:
            built = min(opened, data.draw(DATED))
        filled = {
            "at": data.draw(st.integers(0, 5)) if place["at"] is None else place["at"],
            "status": place["status"] or data.draw(st.sampled_from(["in_use", "built", "closed"])),
            "operator_type": place["operator_type"] or data.draw(st.sampled_from(["social", "public"])),
            "opened": opened,
            "built": built,
        }
        told.append({**place, **filled})
    known = []
    for unit in units:
        covered, unknown, rest = unit["people"]
        more = data.draw(st.integers(0, unknown))
        urban = data.draw(st.booleans()) if unit["urban"] is None else unit["urban"]
        known.append({**unit, "people": (covered + more, 0, rest + unknown - more), "urban": urban})
    before = answers(assess(HEBI, town(units, places), as_of=day))
    after = answers(assess(HEBI, town(known, told), as_of=day))
    # Without a deadline no date is asked for: the status says what is in use.
    dated = all(place["opened"] is not pd.NaT for place in places)
    bound = {rule.id for rule in HEBI.rules if dated or rule.deadline or rule.same_as}
    for key, (status, _, scores, _) in before.items():
        if status is not Status.UNKNOWN and key[0] in bound and key in after:
            assert (after[key][0], after[key][2]) == (status, scores), key


ends = st.fractions(0, 1, max_denominator=12)


@given(ends, ends, st.booleans(), st.booleans(), ends)
def test_bands_answer_every_value_once(low: Any, high: Any, low_in: bool, high_in: bool, x: Any) -> None:
    from policy.bands import Band  # noqa: PLC0415

    low, high = sorted((low, high))
    bands = [Band(Interval(low=high, low_in=high_in), (2,)), Band(Interval(high=low, high_in=low_in), (0,))]
    if low == high and low_in and high_in:
        return
    scale = band_scale(bands)
    assert sum(piece.span.holds(x) for piece in scale) == 1
    inside = [band.points for band in bands if band.span.holds(x)]
    status, points = answer(scale, x, x)
    assert points == (inside[0] if inside else (2, 0))
    assert (status in {Status.BOUNDARY, Status.UNDEFINED}) is not bool(inside)
    for boundary, share in (("inclusive", 2), ("strict", 0)):
        if status is Status.BOUNDARY:
            assert answer(settle(scale, boundary=boundary, passing="full"), x, x)[1] == (share,)


@given(ends, st.booleans(), st.integers(1, 60))
def test_the_smallest_number_that_is_needed_is_the_smallest(limit: Any, closed: bool, whole: int) -> None:
    span = goal(limit_scale(Interval(low=limit, low_in=closed)))
    least = needed(span, whole)
    assert least is not None
    brute = next(n for n in range(whole + 2) if (n >= limit * whole if closed else n > limit * whole))
    assert least == brute

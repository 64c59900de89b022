"""The four synchronisations against an oracle that knows only dates: every combination, the sample, and laws."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.intake.read import read_table
from gis.tables import HOUSING
from policy.four_sync import check_housing
from policy.four_sync_text import STAGES, SYNC_CHOICES
from policy.housing import STEPS, Days, Housing, read_housing
from policy.load import load_pack
from policy.pack import Policy
from policy.project_check import WORST_FIRST, ProjectCheck
from policy.register import finding_counts, project_verdicts, register_table, status_counts
from policy.required_area import AreaStandard, area_standards, required_area
from policy.verdict import Status

SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "housing.xlsx"
AS_OF = date(2021, 12, 31)
HOUSING_DAYS = Days(*(date(2019, 1, 1) + timedelta(days=100 * k) for k in range(5)))
LATE = timedelta(days=40)
"""More than the 30 days that only call for a reason."""
CARE = {"absent": None, "earlier": -timedelta(days=7), "same": timedelta(), "later": LATE}
RECEIVERS = ("县人民政府", "宏达物业公司", "")
AREAS = {"under": Fraction(349), "at": Fraction(350), "over": Fraction(351)}


@pytest.fixture(scope="module")
def hebi() -> Policy:
    return load_pack("hebi_2020")


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    return read_table(SAMPLE, HOUSING, crs="EPSG:4547", datum="wgs84").frame


def one(record: Housing, pack: Policy, as_of: date = AS_OF, **choices: Any) -> ProjectCheck:
    return check_housing([record], pack, as_of, choices=choices)[0]


def faults(check: ProjectCheck) -> set[str]:
    return {finding.answer.id for finding in check.findings}


def every_combination() -> Iterator[tuple[tuple[bool, ...], tuple[str, ...], Housing]]:
    """Yield 32,768 estates: at each of the five steps the housing's day present or not, the room's day in four ways."""
    areas = itertools.cycle(itertools.product(AREAS, AREAS, RECEIVERS))
    number = itertools.count()
    for home in itertools.product((True, False), repeat=5):
        for care in itertools.product(CARE, repeat=5):
            scheme, built, receiver = next(areas)
            days = [HOUSING_DAYS.on(step) for step in STEPS]
            shifts = [CARE[word] for word in care]
            rooms = [None if shift is None else day + shift for day, shift in zip(days, shifts, strict=True) if day]
            key = f"P{next(number)}"  # each its own project: phases of one may share a room
            yield (
                home,
                care,
                Housing(
                    key,
                    key,
                    "甲",
                    care_required_m2=AREAS["at"],
                    care_planned_m2=AREAS[scheme] if care[0] != "absent" else None,
                    care_permitted_m2=AREAS["at"] if care[2] != "absent" else None,
                    care_built_m2=AREAS[built] if care[2] != "absent" else None,
                    housing=Days(*(day if there else None for day, there in zip(days, home, strict=True))),
                    care=Days(*rooms),
                    receiver=receiver,
                ),
            )


def oracle(home: tuple[bool, ...], care: tuple[str, ...], record: Housing) -> tuple[set[str], list[str]]:
    """Return the faults and the four statuses by a table of cases, from the words of the case and not its dates.

    Days lie 100 apart, so that the room's day of a step never passes the next step's and all lie before the check.
    """
    reached = [any(home[k:]) for k in range(5)]
    made = [any(word != "absent" for word in care[k:]) for k in range(5)]
    found: set[str] = set()
    by_stage: list[set[str]] = [set(), set(), set(), set()]
    stage_of, late_of = (0, 1, 1, 2, 3), ("out_of_step", "delayed", "delayed", "out_of_step", "out_of_step")
    absent_of = ("no_scheme", "not_built", "not_completed", "out_of_step", "not_handed_over")
    for k in range(5):
        answers = by_stage[stage_of[k]]
        trigger = home[k] or (k == 1 and home[2])  # housing that is finished has been begun
        if not made[k]:
            absent = "out_of_step" if k == 4 and not made[2] else absent_of[k]
            found |= {absent} if trigger else set()
            answers.add("FAIL" if trigger else "UNKNOWN" if reached[k] else "NOT_DUE")
        elif not reached[k]:
            answers.add("NOT_DUE")
        elif not home[k] or care[k] == "absent":
            answers.add("UNKNOWN")
        else:
            found |= {late_of[k]} if care[k] == "later" else set()
            answers.add("FAIL" if care[k] == "later" else "PASS")
    areas = [area for area in (record.care_planned_m2, record.care_permitted_m2) if area is not None]
    if reached[0] and areas:
        found |= {"no_scheme"} if min(areas) < 350 else set()
        by_stage[0].add("FAIL" if min(areas) < 350 else "PASS")
    elif reached[0] and made[0]:
        by_stage[0].add("UNKNOWN")
    if record.care_built_m2 is not None:
        found |= {"reduced"} if record.care_built_m2 < 350 else set()
        by_stage[1].add("FAIL" if record.care_built_m2 < 350 else "PASS")
    elif made[2]:
        by_stage[1].add("UNKNOWN")
    if care[4] != "absent":
        right = {"县人民政府": "PASS", "宏达物业公司": "FAIL", "": "UNKNOWN"}[record.receiver]
        found |= {"wrong_receiver"} if right == "FAIL" else set()
        by_stage[3].add(right)
    order = ("FAIL", "UNKNOWN", "NOT_DUE", "PASS")
    return found, [min(answers, key=order.index) for answers in by_stage]


def test_every_combination_is_answered_as_the_oracle_does(hebi: Policy) -> None:
    cases = list(every_combination())
    assert len(cases) == 2**5 * 4**5
    checks = check_housing([record for _, _, record in cases], hebi, AS_OF)
    for (home, care, record), check in zip(cases, checks, strict=True):
        found, statuses = oracle(home, care, record)
        assert faults(check) == found, (home, care, record)
        assert [str(status) for status in check.stages.values()] == statuses, (home, care, record)
        assert check.status is min(check.stages.values(), key=WORST_FIRST.index)


def test_no_empty_day_is_a_fault_while_the_housing_is_open(hebi: Policy) -> None:
    # Whatever is missing of the room: as long as no step of the housing is done nothing can be held against it.
    for steps in itertools.product((None, date(2022, 5, 1)), repeat=5):  # not yet, or on a day that lies ahead
        check = one(
            Housing("a", "a", "甲", households=2000, care_required_m2=Fraction(400), housing=Days(*steps)), hebi
        )
        assert not check.findings
        assert set(check.stages.values()) == {Status.NOT_DUE}


def test_a_day_ahead_has_not_come_yet(hebi: Policy) -> None:
    start, ahead = date(2021, 1, 1), date(2022, 5, 1)
    home = Days(start, start)
    waiting = Housing("a", "a", "甲", housing=home, care=Days(start, ahead))
    check = one(waiting, hebi)
    assert faults(check) == {"not_built"}
    assert check.findings[0].answer.days == (AS_OF - start).days
    assert {doubt.code for doubt in check.doubts} == {"DAY_AHEAD"}
    assert faults(one(waiting, hebi, as_of=ahead)) == {"delayed"}
    early = one(replace(waiting, housing=Days(start, start, ahead), care=Days(start, start, start)), hebi)
    assert early.stages["built"] is not Status.PASS  # the housing is not finished: nothing to be in step with


@pytest.mark.parametrize(
    ("key", "fault", "by"),
    [
        ("XM01/二期", "no_scheme", 296),
        ("XM02/一期", "delayed", 345),
        ("XM03/一期", "reduced", Fraction(170)),
        ("XM04/二期", "stopped", 324),
        ("XM05/一期", "not_built", 595),
        ("XM06/一期", "not_handed_over", 245),
        ("XM07/一期", "wrong_receiver", None),
        ("XM08/三期", "diverted", None),
        ("XM09/二期", "", None),
        ("XM10/二期", "", None),
        ("XM11/三期", "not_completed", 72),
        ("XM12/一期", "out_of_step", 60),
        ("XM13/二期", "", None),  # late in its phases, which is asked only where the profile asks
        ("XM14/一期", "delayed", 20),
        ("XM15/一期", "", None),
    ],
)
def test_the_sample_has_one_project_of_each_kind(
    hebi: Policy, sample: pd.DataFrame, key: str, fault: str, by: int | Fraction | None
) -> None:
    # The numbers are differences of the days and areas in the sample's table, counted by hand.
    check = {c.record.key: c for c in check_housing(sample, hebi, AS_OF)}[key]
    assert faults(check) == ({fault} if fault else set())
    if by is not None:
        answer = check.findings[0].answer
        assert by in (answer.days, answer.m2)
    other = {"XM09/二期": Status.PASS, "XM10/二期": Status.NOT_DUE, "XM13/二期": Status.PASS}
    other |= {"XM14/一期": Status.EXCEPTION_NEEDED, "XM15/一期": Status.UNKNOWN}
    assert check.status is other.get(key, Status.FAIL)
    for finding in check.findings:
        assert all(finding.answer.detail)
        assert all(finding.term)


def test_a_room_begun_and_not_finished_with_the_housing_is_not_completed(hebi: Policy) -> None:
    # Of a room not even begun both hold, as Panjin lists both.
    home = Days(date(2019, 1, 1), date(2019, 6, 1), date(2021, 6, 1))
    begun = Housing("a", "a", "甲", housing=home, care=Days(date(2019, 1, 1), date(2019, 6, 1)))
    assert faults(one(begun, hebi)) == {"not_completed"}
    never = replace(begun, care=Days(date(2019, 1, 1)))
    assert faults(one(never, hebi)) == {"not_built", "not_completed"}


# ---------------------------------------------------------------- tolerances


@pytest.mark.parametrize(
    ("days", "status"),
    [(0, Status.PASS), (1, Status.EXCEPTION_NEEDED), (30, Status.EXCEPTION_NEEDED), (31, Status.FAIL)],
)
def test_a_little_later_calls_for_a_reason_and_more_is_late(hebi: Policy, days: int, status: Status) -> None:
    start = date(2020, 1, 1)
    late = Housing("a", "a", "甲", housing=Days(start, start), care=Days(start, start + timedelta(days=days)))
    assert one(late, hebi).status_of("delayed") in {status, Status.NOT_DUE}
    assert ("delayed" in faults(one(late, hebi))) is (status is not Status.PASS)
    assert [f.answer.status for f in one(late, hebi).findings] == ([status] if days else [])
    wide = one(late, hebi, same_time_days=days)
    assert not wide.findings
    assert f"same_time_days = {days}" in wide.choices


@pytest.mark.parametrize(("days", "found"), [(29, False), (30, True)])
def test_a_stop_counts_from_its_day_on(hebi: Policy, days: int, *, found: bool) -> None:
    start = date(2020, 1, 1)
    record = Housing(
        *("a", "a", "甲"),
        housing=Days(start, start),
        care=Days(start, start),
        suspended_since=AS_OF - timedelta(days=days),
    )
    assert ("stopped" in faults(one(record, hebi))) is found
    assert "stopped" not in faults(one(record, hebi, suspended_days=365))


def test_areas_compare_exactly_and_within_the_measuring_error(hebi: Policy, sample: pd.DataFrame) -> None:
    full = next(r for r in read_housing(sample) if r.key == "XM09/二期")
    short = replace(full, care_built_m2=Fraction("369.999"))
    assert faults(one(short, hebi)) == {"reduced"}
    assert one(short, hebi).findings[0].answer.m2 == Fraction(1, 1000)
    assert not one(short, hebi, area_tolerance_m2=Fraction(1, 1000)).findings


def test_where_a_missing_handover_starts_to_count_is_a_choice(hebi: Policy) -> None:
    days = [date(2019, 1, 1), date(2019, 6, 1), date(2021, 1, 1), date(2021, 3, 1)]
    record = Housing(
        *("a", "a", "甲"),
        care_permitted_m2=Fraction(350),
        care_built_m2=Fraction(350),
        housing=Days(*days),
        care=Days(*days),
    )
    assert one(record, hebi).status_of("not_handed_over") is Status.NOT_DUE
    early = one(record, hebi, handover_blocks="this_acceptance")
    assert faults(early) == {"not_handed_over"}
    assert early.findings[0].answer.days == (AS_OF - days[3]).days


# ---------------------------------------------------------------- what a document names and blocks


def test_each_document_calls_and_blocks_its_own(sample: pd.DataFrame) -> None:
    by_pack = {name: {c.record.key: c for c in check_housing(sample, load_pack(name), AS_OF)} for name in (
        "hebi_2020", "panjin_2018", "baotou_2020")}  # fmt: skip
    assert all(not check.blocks for check in by_pack["hebi_2020"].values())
    reduced = by_pack["baotou_2020"]["XM03/一期"]
    assert [(b.procedure, b.passed) for b in reduced.blocks] == [("completion", date(2020, 12, 15))]
    assert reduced.findings[0].term == ("缩建", "reduced")
    assert reduced.findings[0].clause == "六（三）1"
    # The delayed room of the sample is long since finished: the fault stays, but there is nothing to correct.
    delayed = by_pack["baotou_2020"]["XM02/一期"]
    assert delayed.status is Status.FAIL
    assert not delayed.blocks
    assert not delayed.to_correct
    no_scheme = by_pack["panjin_2018"]["XM01/二期"]
    assert [block.procedure for block in no_scheme.blocks] == ["planning", "land", "start"]
    assert [block.passed for block in no_scheme.blocks] == [date(2021, 3, 10), date(2021, 3, 10), None]
    assert by_pack["panjin_2018"]["XM06/一期"].findings[0].term[0] == "未交付属地政府"
    # Baotou names no receiver: the property company is no fault there.
    assert by_pack["baotou_2020"]["XM07/一期"].status is Status.PASS


@pytest.mark.parametrize(
    ("pack", "consent", "status"),
    [
        ("hebi_2020", "", Status.FAIL),
        ("baotou_2020", "", Status.FAIL),
        ("baotou_2020", "包民函〔2021〕3号", Status.PASS),
        ("panjin_2018", "盘民函〔2021〕3号", Status.EXCEPTION_NEEDED),  # the text knows no consent
    ],
)
def test_another_use_needs_a_consent_and_a_text_that_allows_one(pack: str, consent: str, status: Status) -> None:
    # Without the days nothing says that there is a room yet to be used otherwise.
    days = {"housing": HOUSING_DAYS, "care": HOUSING_DAYS}
    record = Housing("a", "a", "甲", current_use="超市", change_consent=consent, **days)
    assert one(record, load_pack(pack)).status_of("diverted") is status


def test_a_document_without_the_four_synchronisations_checks_nothing(sample: pd.DataFrame, hebi: Policy) -> None:
    assert check_housing(sample, hebi.model_copy(update={"four_sync": None}), AS_OF) == ()


def test_the_rules_of_each_document_come_out_as_verdicts(sample: pd.DataFrame) -> None:
    for name, rules in (
        ("hebi_2020", {"HB-22"}),
        ("panjin_2018", {"PJ-06", "PJ-08", "PJ-16", "PJ-17"}),
        ("baotou_2020", {"BT-23", "BT-24", "BT-25"}),
    ):
        pack = load_pack(name)
        checks = check_housing(sample, pack, AS_OF)
        verdicts = project_verdicts(checks, pack)
        assert {v.rule_id for v in verdicts} == rules
        assert rules <= {rule.id for rule in pack.rules}
        for rule in rules:
            deciding = [v for v in verdicts if v.rule_id == rule and v.decides]
            assert [v.unit_id for v in deciding] == list(sample.index)
        assert all(v.measured[0] and v.measured[1] for v in verdicts)


def test_the_counts_of_answers_and_of_faults(hebi: Policy, sample: pd.DataFrame) -> None:
    # Eleven of the sample's fifteen have a fault, two of them the same; two are complete, one is not due yet and of one
    # a day is not known.
    checks = check_housing(sample, hebi, AS_OF)
    assert {status: n for status, n in status_counts(checks).items() if n} == {
        Status.PASS: 2,
        Status.FAIL: 10,
        Status.EXCEPTION_NEEDED: 1,
        Status.UNKNOWN: 1,
        Status.NOT_DUE: 1,
    }
    assert list(finding_counts(checks).values()) == [2] + [1] * 9


# ---------------------------------------------------------------- what cannot be true


def test_days_in_an_impossible_order_are_said_and_settle_nothing(hebi: Policy) -> None:
    room = Days(planned=date(2019, 1, 1), started=date(2021, 5, 1), finished=date(2020, 5, 1))
    home = Days(date(2019, 1, 1), date(2019, 6, 1), date(2020, 6, 1))
    check = one(Housing("a", "a", "甲", housing=home, care=room), hebi)
    assert {doubt.code for doubt in check.doubts} == {"ORDER_IMPOSSIBLE"}
    assert check.stages["built"] is Status.UNKNOWN
    assert not check.findings
    assert {"care_started", "care_finished"} <= set(check.missing)


def test_areas_below_zero_and_words_at_odds_are_doubts_and_not_used(hebi: Policy, sample: pd.DataFrame) -> None:
    full = next(r for r in read_housing(sample) if r.key == "XM09/二期")
    check = one(replace(full, care_built_m2=Fraction(-374), receiver_type="developer"), hebi)
    assert {doubt.code for doubt in check.doubts} == {"AREA_NEGATIVE", "RECEIVER_AT_ODDS"}
    assert check.stages == {
        "planned": Status.PASS,
        "built": Status.UNKNOWN,
        "accepted": Status.PASS,
        "delivered": Status.UNKNOWN,
    }
    for doubt in check.doubts:
        assert all(doubt.words)


# ---------------------------------------------------------------- required area, estates that join

TWENTY = AreaStandard("own", Fraction(20), Fraction(15), Fraction(350))


@pytest.mark.parametrize(
    ("households", "new", "m2"),
    [(1749, True, 350), (1750, True, 350), (1751, True, Fraction(1751, 5)), (2400, True, 480), (2400, False, 360)],
)
def test_the_area_asked_for_is_the_larger_of_rate_and_single_room(households: int, *, new: bool, m2: Fraction) -> None:
    estate = Housing("a", "a", "甲", households=households, new_estate=new)
    assert required_area([estate], standard=TWENTY, decided_by="table").m2 == m2


def test_the_tables_figure_and_the_standards_are_both_shown(hebi: Policy) -> None:
    record = Housing(
        *("a", "a", "甲"), households=2400, new_estate=True, care_required_m2=Fraction(400),
        care_planned_m2=Fraction(450), housing=Days(AS_OF), care=Days(AS_OF),
    )  # fmt: skip
    own = {"area_standard": "own", "area_new_m2": 20, "area_old_m2": 15, "single_room_m2": 350}
    by_table = one(record, hebi, **own)
    assert (by_table.required.m2, by_table.required.table_m2, by_table.required.standard_m2) == (400, 400, 480)
    assert by_table.required.differ
    assert not by_table.findings
    for reading in ("standard", "larger"):
        check = one(record, hebi, **own, required_from=reading)
        assert faults(check) == {"no_scheme"}
        assert check.findings[0].answer.m2 == 30


def test_without_households_the_area_is_unknown_and_without_a_standard_not_asked(hebi: Policy) -> None:
    record = Housing(
        "a", "a", "甲", new_estate=True, care_planned_m2=Fraction(300), housing=Days(AS_OF), care=Days(AS_OF)
    )
    assert one(record, hebi).stages["planned"] is Status.PASS
    asked = one(record, hebi, area_standard="own", area_new_m2=20)
    assert asked.stages["planned"] is Status.UNKNOWN
    assert asked.missing == ("households",)


def test_estates_that_join_share_one_room(hebi: Policy) -> None:
    days = Days(*(date(2019 + k // 2, 1 + k % 2, 1) for k in range(5)))
    host = Housing(
        *("A/一期", "A", "甲"), "一期", households=1000, new_estate=True, care_planned_m2=Fraction(400),
        care_permitted_m2=Fraction(400), care_built_m2=Fraction(400), housing=days, care=days, receiver="县人民政府",
    )  # fmt: skip
    guest = Housing("B", "B", "乙", households=800, new_estate=True, housing=days, joint_with="A")
    own = {"area_standard": "own", "area_new_m2": 20, "single_room_m2": 350}
    both = check_housing([guest, host], hebi, AS_OF, choices=own)
    assert [check.status for check in both] == [Status.PASS, Status.PASS]
    assert [check.required.m2 for check in both] == [360, 360]  # 1,800 households together, not 350 each
    assert both[0].partners == ("甲 一期",)
    larger = check_housing([replace(guest, households=1200), host], hebi, AS_OF, choices=own)
    assert [faults(check) for check in larger] == [{"no_scheme"}, {"no_scheme"}]
    assert {check.findings[0].answer.m2 for check in larger} == {Fraction(40)}
    alone = one(replace(guest, joint_with=""), hebi, **own)
    assert "no_scheme" in faults(alone)
    lost = one(replace(guest, joint_with="Z"), hebi, **own)
    assert not lost.findings
    assert "JOINT_UNKNOWN" in {doubt.code for doubt in lost.doubts}


@pytest.mark.parametrize(
    ("phase", "share", "status"),
    [
        ("一期", None, Status.PASS),
        ("二期", Fraction(49, 100), Status.PASS),
        ("二期", Fraction(1, 2), Status.EXCEPTION_NEEDED),
        ("二期", Fraction(51, 100), Status.FAIL),
        ("二期", None, Status.UNKNOWN),
    ],
)
def test_first_phase_or_before_half_of_the_housing(
    hebi: Policy, phase: str, share: Fraction | None, status: Status
) -> None:
    day = date(2020, 1, 1)
    record = Housing(
        *("a", "a", "甲"), phase, finished_share=share, care_permitted_m2=Fraction(350), care_built_m2=Fraction(350),
        housing=Days(day, day, day), care=Days(day, day, day),
    )  # fmt: skip
    assert one(record, hebi).status_of("late_phase") is Status.NOT_APPLICABLE
    assert one(record, hebi, phasing="first_or_half").status_of("late_phase") is status


def test_the_figures_of_a_pack_become_standards(tmp_path: Path) -> None:
    rows = [("henan_new", "m2_per_100_households", 30), ("henan_existing", "m2_per_100_households", 20)]
    rows += [("fujian_new", "m2_per_100_households", 30), ("fujian_single_room", "m2_each", 400)]
    body = '[document]\nnumber = "x"\ntitle = { zh = "x", en = "x" }\n'
    for name, unit, value in rows:
        body += f'[[term]]\nname = "{name}"\nrule = "x"\nclause = "x"\nvalue = {value}\nunit = "{unit}"\n'
        body += f'title = {{ zh = "{name}", en = "x" }}\n'
    body += '[[rule]]\nid = "x"\nclause = "x"\ntitle = { zh = "x", en = "x" }\nform = "terms"\nterms = ["henan_new"]\n'
    (tmp_path / "x.toml").write_text(body, encoding="utf-8")
    found = area_standards(load_pack(tmp_path / "x.toml").terms)
    assert (found["henan"].new_m2, found["henan"].old_m2, found["henan"].single_room_m2) == (30, 20, None)
    assert (found["fujian"].new_m2, found["fujian"].single_room_m2) == (30, 400)


# ---------------------------------------------------------------- phases of one project, and the sums of partners


def test_a_blank_phase_owes_nothing_more_only_where_its_own_project_has_the_figure(hebi: Policy) -> None:
    first = Housing(
        *("A/一期", "A", "甲"), "一期", care_required_m2=Fraction(400), care_planned_m2=Fraction(400),
        housing=Days(AS_OF), care=Days(AS_OF),
    )  # fmt: skip
    second = Housing("A/二期", "A", "甲", "二期", housing=Days(AS_OF))
    both = check_housing([first, second], hebi, AS_OF)
    assert [check.required.m2 for check in both] == [400, 400]
    # The room of another project says nothing of what this one owes.
    stranger = Housing("B", "B", "乙", housing=Days(AS_OF), joint_with="A/一期")
    for check in check_housing([first, stranger], hebi, AS_OF):
        assert (check.required.m2, check.required.missing) == (None, ("care_required_m2",))
    shared = check_housing([first, replace(stranger, joint_with="", project_id="A")], hebi, AS_OF)
    assert [check.required.m2 for check in shared] == [400, 400]
    # Of a phase with a room of its own, or with a figure, nothing is taken for granted.
    apart = replace(second, care=Days(AS_OF), joint_with="A/一期")
    assert one_of(check_housing([first, apart], hebi, AS_OF), "A/二期").required.m2 is None
    more = check_housing([first, replace(second, care_required_m2=Fraction(50))], hebi, AS_OF)
    assert [check.required.m2 for check in more] == [450, 450]


def one_of(checks: tuple[ProjectCheck, ...], key: str) -> ProjectCheck:
    return next(check for check in checks if check.record.key == key)


def test_areas_of_estates_that_join_are_added_and_an_area_nobody_gives_stays_unknown(hebi: Policy) -> None:
    host = Housing(
        *("A", "A", "甲"), care_planned_m2=Fraction(400), care_permitted_m2=Fraction("380.5"),
        housing=Days(AS_OF), care=Days(AS_OF),
    )  # fmt: skip
    guest = Housing(
        "B", "B", "乙", care_planned_m2=Fraction(100), joint_with="A", housing=Days(AS_OF), care=Days(AS_OF)
    )
    for check in check_housing([host, guest], hebi, AS_OF):
        assert (check.planned_m2, check.permitted_m2, check.built_m2) == (500, Fraction("380.5"), None)
    asked = replace(host, care_required_m2=Fraction(480)), replace(guest, care_required_m2=Fraction())
    # The scheme is the lesser of planned and permitted, estate by estate: 380.5 + 100.
    assert [faults(check) for check in check_housing(asked, hebi, AS_OF)] == [set(), set()]
    larger = asked[0], replace(asked[1], care_required_m2=Fraction(1))
    for check in check_housing(larger, hebi, AS_OF):
        assert faults(check) == {"no_scheme"}
        assert check.findings[0].answer.m2 == Fraction(1, 2)


def test_a_fault_the_document_does_not_name_goes_by_our_word_and_the_clause_that_bears_on_it(hebi: Policy) -> None:
    assert hebi.four_sync is not None
    update = {"finding": (), "clause": "一", "receiver_clause": "二", "use_clause": "三"}
    text = hebi.four_sync.model_copy(update=update)
    record = Housing(
        *("a", "a", "甲"), housing=HOUSING_DAYS, care=HOUSING_DAYS, receiver="宏达物业公司", current_use="超市"
    )

    def clauses(**changed: str) -> dict[str, str]:
        own = hebi.model_copy(update={"four_sync": text.model_copy(update=changed)})
        found = one(record, own).findings
        assert not any(finding.named or finding.blocks for finding in found)
        return {finding.answer.id: finding.clause for finding in found}

    assert clauses() == {"wrong_receiver": "二", "diverted": "三"}
    assert clauses(receiver_clause="", use_clause="") == {"wrong_receiver": "一", "diverted": "一"}


@pytest.mark.parametrize(("step", "word"), [(0, "未同步规划"), (3, "未同步验收"), (4, "未同步交付")])
def test_out_of_step_is_called_by_the_step_it_is_at(hebi: Policy, step: int, word: str) -> None:
    assert hebi.four_sync is not None
    own = hebi.model_copy(update={"four_sync": hebi.four_sync.model_copy(update={"finding": ()})})
    days = [HOUSING_DAYS.on(name) for name in STEPS]
    room = [day + LATE if day and k == step else day for k, day in enumerate(days)]
    check = one(Housing("a", "a", "甲", housing=HOUSING_DAYS, care=Days(*room), receiver="县人民政府"), own)
    assert [finding.term[0] for finding in check.findings] == [word]


def test_what_must_be_corrected_is_due_so_many_days_after_the_check(hebi: Policy) -> None:
    open_fault = Housing("a", "a", "甲", housing=Days(date(2020, 1, 1), date(2020, 6, 1)), care=Days(date(2020, 1, 1)))
    assert one(open_fault, hebi).to_correct
    assert one(open_fault, hebi).correct_by is None  # no text sets a day
    assert one(open_fault, hebi, correct_within_days=1).correct_by == AS_OF + timedelta(days=1)
    kept = Housing("a", "a", "甲", housing=Days(AS_OF), care=Days(AS_OF))
    assert one(kept, hebi, correct_within_days=30).correct_by is None


@pytest.mark.parametrize(("ahead", "passed"), [(0, True), (1, False)])
def test_a_procedure_has_been_passed_from_its_day_on(ahead: int, *, passed: bool) -> None:
    day = AS_OF + timedelta(days=ahead)
    record = Housing("a", "a", "甲", land_granted=day, housing=Days(date(2020, 1, 1), date(2021, 1, 1)))
    blocks = {block.procedure: block.passed for block in one(record, load_pack("panjin_2018")).blocks}
    assert blocks["land"] == (day if passed else None)
    assert blocks["planning"] == date(2020, 1, 1)


# ---------------------------------------------------------------- laws

DAYS = st.one_of(st.none(), st.dates(date(2018, 1, 1), date(2021, 12, 31)))
AREA = st.one_of(st.none(), st.integers(0, 800).map(Fraction))
RECORDS = st.builds(
    Housing,
    *(st.just("a"), st.just("a"), st.just("甲")),
    households=st.one_of(st.none(), st.integers(1, 3000)),
    new_estate=st.sampled_from([None, True, False]),
    care_required_m2=AREA,
    care_planned_m2=AREA,
    care_permitted_m2=AREA,
    care_built_m2=AREA,
    housing=st.builds(Days, DAYS, DAYS, DAYS, DAYS, DAYS),
    care=st.builds(Days, DAYS, DAYS, DAYS, DAYS, DAYS),
    suspended_since=DAYS,
    receiver=st.sampled_from(["", "县人民政府", "宏达物业公司"]),
    current_use=st.sampled_from(["", "日间照料", "超市", "闲置"]),
)
LATER = st.integers(0, 2000).map(lambda days: AS_OF + timedelta(days=days))
PACKS = tuple(load_pack(name) for name in ("hebi_2020", "panjin_2018", "baotou_2020"))


@settings(max_examples=300, deadline=None)
@given(RECORDS, LATER, st.sampled_from(PACKS))
def test_time_alone_never_cures_a_fault(record: Housing, later: date, pack: Policy) -> None:
    # All days of a record lie before the first check: between the two checks nothing was done about anything.
    before, after = one(record, pack), one(record, pack, later)
    assert faults(before) <= faults(after)
    assert WORST_FIRST.index(after.status) <= WORST_FIRST.index(before.status)
    failed = {f.answer.id for f in before.findings if f.answer.status is Status.FAIL}
    assert failed <= {f.answer.id for f in after.findings if f.answer.status is Status.FAIL}


@settings(max_examples=300, deadline=None)
@given(RECORDS, st.integers(0, 500), st.sampled_from(PACKS))
def test_more_area_built_or_planned_never_makes_it_worse(record: Housing, more: int, pack: Policy) -> None:
    small = one(record, pack)
    built = record.care_built_m2
    if built is not None and built > 0:
        large = one(replace(record, care_built_m2=built + more), pack)
        assert WORST_FIRST.index(large.status) >= WORST_FIRST.index(small.status)
        assert faults(large) <= faults(small)
    planned = record.care_planned_m2
    if planned is not None and planned > 0:
        large = one(replace(record, care_planned_m2=planned + more), pack)
        assert faults(large) <= faults(small)


@settings(max_examples=100, deadline=None)
@given(st.lists(RECORDS, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_names_and_order_change_nothing(records: list[Housing], chance: Any) -> None:
    pack = PACKS[2]
    named = [replace(r, key=f"K{k}", project_id=f"K{k}") for k, r in enumerate(records)]
    plain = {c.record.key: (c.stages, faults(c)) for c in check_housing(named, pack, AS_OF)}
    other = [replace(r, name=f"小区{k}", developer="x", phase="") for k, r in enumerate(named)]
    chance.shuffle(other)
    assert {c.record.key: (c.stages, faults(c)) for c in check_housing(other, pack, AS_OF)} == plain


@settings(max_examples=300, deadline=None)
@given(RECORDS, st.sampled_from(PACKS))
def test_what_is_found_rests_on_a_step_the_housing_has_done(record: Housing, pack: Policy) -> None:
    for finding in one(record, pack).findings:
        answer = finding.answer
        if answer.step is not None:  # a matter of days: then a day of the housing stands behind it
            assert answer.since is not None
            assert answer.since in {day for _, day in record.housing.since("planned")}
            assert answer.days is not None
            assert answer.days > 0


# ---------------------------------------------------------------- the table, and its phases


def test_the_register_is_a_row_a_phase_with_exact_areas(hebi: Policy, sample: pd.DataFrame) -> None:
    for language in ("zh", "en"):
        table = register_table(check_housing(sample, hebi, AS_OF), language=language)
        assert list(table["key"]) == list(sample.index)
        row = table.set_index("key").loc["XM03/一期"]
        assert row["short_m2"] == Fraction(170)
        assert all(table["verdict"])


def test_the_walk_to_the_nearest_centre_stands_beside(hebi: Policy, sample: pd.DataFrame) -> None:
    keys = list(sample.index)
    walks = pd.DataFrame({"minutes": [8.5, float("inf"), None], "name": ["甲中心", None, None]}, index=keys[:3])
    near = [c.nearest for c in check_housing(sample, hebi, AS_OF, elders=walks)]
    assert near[0] is not None
    assert (near[0].minutes, near[0].name, near[0].served) == (8.5, "甲中心", True)
    assert near[1] is not None
    assert near[1].served is False
    assert near[2] is not None
    assert near[2].served is None
    assert near[3] is None


def test_phases_of_one_project_are_rows_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "住宅.csv"
    path.write_text(
        "项目编号,项目名称,分期,户数,用房竣工时住宅完成比例（%）\nXM1,甲,一期,100,45\nXM1,甲,二期,100,60\nXM2,乙,,100,\n",
        encoding="utf-8",
    )
    frame = read_table(path, HOUSING, crs="EPSG:4547").frame
    assert list(frame.index) == ["XM1/一期", "XM1/二期", "XM2"]
    assert list(frame["project_id"]) == ["XM1", "XM1", "XM2"]
    assert [r.finished_share for r in read_housing(frame)] == [Fraction(45, 100), Fraction(60, 100), None]


def test_every_choice_has_words_and_an_allowed_default() -> None:
    from gis.words import catalogue  # noqa: PLC0415

    words = catalogue()
    for name, choice in SYNC_CHOICES.items():
        assert f"policy.choice_{name}" in words
        assert not choice.allowed or choice.default in choice.allowed
        for value in choice.allowed:
            assert f"policy.value_{value}" in words or f"policy.reading_{value}" in words
    assert {f"four_sync.stage_{stage}" for stage in STAGES} <= words.keys()

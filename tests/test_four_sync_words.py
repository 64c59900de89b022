"""What bureaus write into cells of the housing table, read as it is meant or asked for again."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from policy.counting import Counting
from policy.four_sync import check_housing
from policy.ground import Facility
from policy.housing import Days, Housing
from policy.indicators.facilities import facilities_flagged
from policy.load import load_pack
from policy.project_check import ProjectCheck, worst
from policy.receivers import read_receiver, receiver_type
from policy.units import Unit
from policy.use import read_consent, read_use
from policy.verdict import Status

AS_OF = date(2021, 12, 31)
STEPS = [date(2019, 1, 1) + timedelta(days=100 * k) for k in range(5)]
OWN = {"care_planned_m2": Fraction(350), "care_permitted_m2": Fraction(350), "care_built_m2": Fraction(350)}
WHOLE = Housing(
    *("P/一期", "P", "甲", "一期"), housing=Days(*STEPS), care=Days(*STEPS), receiver="云溪县人民政府", **OWN
)


def checked(*records: Housing, pack: str = "hebi_2020") -> list[ProjectCheck]:
    return list(check_housing(records, load_pack(pack), AS_OF))


def faults(check: ProjectCheck) -> list[str]:
    return [finding.answer.id for finding in check.findings]


USES = {
    "care": "日间照料 助餐 无偿养老服务 由仓库改为日间照料中心 养老服务（出租给社会组织运营） "
    "养老服务（一楼） 日间照料、助餐",
    "diverted": "超市 售楼处 超市（原日间照料中心） 超市（原养老服务用房） 养老用房改作超市 "
    "养老用房被物业占用 非养老用途 挪作他用 养老地产销售中心 已出租，原为养老服务 "
    "养老服务已停止，现为仓库 日间照料中心（现为超市）",
    "idle": "闲置 未启用 闲置（原日间照料中心）",
    "": "在建 未建 无 — / 0 待移交",
    "unclear": "未开展养老服务 拟改为超市 养老服务（已停止） 出租 社区卫生服务站 养老服务和KTV",
}


@pytest.mark.parametrize(("use", "said"), [(use, said) for use, all_said in USES.items() for said in all_said.split()])
def test_the_present_use_is_read_and_never_guessed(use: str, said: str) -> None:
    assert read_use(said) == use


@pytest.mark.parametrize(
    ("said", "given"),
    [(s, False) for s in ("", "无", "否", "—", "未取得", "没有", "不同意")]
    + [(s, True) for s in ("包民函〔2021〕3号", "民函3号", "同意", "是")]
    + [(s, None) for s in ("正在申请", "张三", "民政局口头同意", "未同意（民函3号）")],
)
def test_a_word_of_denial_is_no_consent(said: str, given: bool | None) -> None:
    assert read_consent(said) is given
    status = {True: Status.PASS, False: Status.FAIL, None: Status.UNKNOWN}[given]
    (check,) = checked(replace(WHOLE, current_use="超市", change_consent=said), pack="baotou_2020")
    assert check.status_of("diverted") is status
    assert ("change_consent" in check.missing) is (given is None)


def test_an_unclear_use_is_asked_for_and_none_before_the_housing_is_finished() -> None:
    assert checked(replace(WHOLE, current_use="未开展养老服务"))[0].missing == ("current_use",)
    (open_still,) = checked(Housing("a", "a", "甲", current_use="超市", housing=Days(STEPS[0])))
    assert "diverted" not in faults(open_still)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("云溪县人民政府", "county_government"),
        ("云溪县人民政府（民政局代管）", "county_government"),
        ("高新区管委会", "county_government"),
        ("无锡市人民政府", "county_government"),
        ("城关镇人民政府", "town_government"),
        ("云溪县民政局", "civil_affairs"),
        ("业主管理委员会", "other"),
        ("翠湖小区管委会", "other"),
        ("个人（县政府待接收）", "other"),
        ("未移交县政府", ""),
        ("拟移交云溪县人民政府", ""),
        ("云溪县人民政府（未移交）", ""),
        ("房地产管理局", ""),
        ("县政府、宏达物业公司", ""),
        ("恒大地产", "developer"),
    ],
)
def test_who_received_a_room_is_read_before_the_brackets(name: str, kind: str) -> None:
    assert read_receiver(name) == kind
    assert receiver_type(replace(WHOLE, receiver=name)) == kind


@pytest.mark.parametrize(
    ("phase", "number"),
    [("二期1标段", 2), ("二期（1-5号楼）", 2), ("十一期", 11), ("十二期", 12), ("二十期", 20), ("2021年二期", 2),
     ("3", 3), ("首期", 1), ("一二期", None), ("一期、二期", None), ("东区", None)],
)  # fmt: skip
def test_the_number_of_a_phase_stands_before_its_word(phase: str, number: int | None) -> None:
    assert replace(WHOLE, phase=phase).phase_number == number


def test_old_estates_are_not_judged_by_the_rules_of_new_ones() -> None:
    old = Housing("a", "a", "甲", new_estate=False, housing=Days(*STEPS))
    assert {checked(old, pack=pack)[0].status for pack in ("hebi_2020", "panjin_2018", "baotou_2020")} == {
        Status.NOT_APPLICABLE
    }
    assert faults(checked(replace(old, new_estate=None))[0])


@pytest.mark.parametrize("so_far", [0, 120])
def test_an_area_so_far_is_no_reduced_room(so_far: int) -> None:
    going = replace(WHOLE, housing=Days(*STEPS[:2]), care=Days(*STEPS[:2]), care_built_m2=Fraction(so_far), receiver="")
    assert not checked(going)[0].findings
    done = replace(going, housing=Days(*STEPS[:3]), care=Days(*STEPS[:3]), care_built_m2=Fraction(120))
    assert faults(checked(done)[0]) == ["reduced"]


def test_the_room_of_another_phase_serves_a_phase_without_one() -> None:
    second = Housing("P/二期", "P", "甲", "二期", housing=WHOLE.housing)
    first = replace(WHOLE, care_required_m2=Fraction(350))
    found = checked(first, second)
    assert [check.status for check in found] == [Status.PASS, Status.PASS]
    assert found[1].room_of == first
    both = checked(first, replace(second, care_required_m2=Fraction(50)))
    assert [check.findings[0].answer.m2 for check in both] == [50, 50]  # 400 asked of both, 350 planned
    assert "no_scheme" in faults(checked(first, replace(second, project_id="Q"))[1])


def test_zero_is_no_room_and_no_scheme_is_said_once() -> None:
    zeros = dict.fromkeys(OWN, Fraction())
    guest = Housing("B", "B", "乙", housing=WHOLE.housing, joint_with="P", **zeros)
    assert checked(WHOLE, guest)[1].status is Status.PASS
    alone = checked(replace(guest, joint_with="", care_required_m2=Fraction(350)))[0]
    assert faults(alone).count("no_scheme") == 1


def test_a_blank_handover_day_is_asked_for_where_receiver_and_use_are_on_record() -> None:
    (check,) = checked(replace(WHOLE, care=Days(*STEPS[:4]), current_use="日间照料"))
    assert check.status is Status.UNKNOWN
    assert check.missing == ("care_delivered",)
    assert faults(checked(replace(WHOLE, care=Days(*STEPS[:4])))[0]) == ["not_handed_over"]


def test_a_reason_that_may_do_hides_nothing_unknown() -> None:
    assert worst([Status.EXCEPTION_NEEDED, Status.UNKNOWN, Status.PASS]) is Status.UNKNOWN


@pytest.mark.parametrize(
    ("use", "consent", "kept"),
    [
        ("超市（原养老服务用房）", "", (0, 0)),
        ("养老服务已停止，现为仓库", "未取得", (0, 0)),
        ("已出租，原为养老服务", "民函3号", (1, 1)),
        ("由仓库改为日间照料中心", "", (1, 1)),
        ("闲置", "", (1, 1)),
        ("未开展养老服务", "", (0, 1)),
        ("待移交", "", (0, 1)),
    ],
)
def test_facilities_are_read_by_the_same_reader(use: str, consent: str, kept: tuple[int, int]) -> None:
    home = Facility("1", "A", "day_care", "in_use", said={"current_use": use, "change_consent": consent or None})
    asked = Counting(("day_care",), column="current_use", value=("养老",), or_stated="change_consent")
    found = facilities_flagged(Unit("facility", "1", "A", facilities=(home,)), asked)
    assert (found.low, found.high) == kept

"""What a planner may write into `[siting]` or a plan by mistake is said in a line, never lost and never a crash."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from pydantic import ValidationError

import circle15 as c15
from circle15.siting import Siting
from gis.errors import InputError
from optimise.explain import explain
from optimise.plan import PlanStatus


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> c15.Today:
    """Return what is known of the sample today."""
    return c15.today(c15.read_city(c15.load_project(c15.copy_sample(tmp_path_factory.mktemp("faults") / "town"))))


def planned(today: c15.Today, **keys: object) -> c15.Study:
    """Return the study of the sample with these keys in `[siting]`."""
    siting = Siting.model_validate(keys)
    return c15.study(c15.with_siting(today, **{key: getattr(siting, key) for key in Siting.model_fields}))


@pytest.mark.parametrize("steps", [{7: 100}, {5: 100, 10: 50}, {5: 10, 10: 50, 15: 100}])
def test_worths_that_grow_or_end_before_the_longest_walk_are_refused(today: c15.Today, steps: dict[int, int]) -> None:
    with pytest.raises(InputError) as told:
        planned(today, budget_wan=900, decay=steps)
    (finding,) = told.value.findings
    assert finding.code == "SITING_DECAY"
    assert "15" in finding.line("zh")


def test_worths_to_the_longest_walk_and_beyond_make_a_plan(today: c15.Today) -> None:
    for steps in ({5: 100, 15: 50}, {5: 100, 20: 50}, {15: 1}):
        plan = planned(today, budget_wan=200, decay=steps).plan
        assert plan is not None
        assert plan.status is PlanStatus.OPTIMAL


def test_a_county_named_twice_is_refused_and_neither_share_is_lost(today: c15.Today) -> None:
    code = str(today.city.communities["county_id"].iloc[0])
    name = str(today.city.communities["county"].iloc[0])
    for shares in ({name: 0.3, code: 0.9}, {code: 0.9, name: 0.3}):
        with pytest.raises(InputError) as told:
            planned(today, budget_wan=900, county_shares=shares)
        assert [f.code for f in told.value.findings] == ["COUNTY_TWICE"]


@pytest.mark.parametrize(
    "keys",
    [
        {"budget_wan": 1e308},
        {"budget_wan": {"2022": 1e308, "2023": 1e308}},
        {"max_running_wan": 1e308, "budget_wan": 900},
        {"min_site_floor_area_m2": {"daycare": 350.0}},
        {"min_site_floor_area_m2": {"day_care": -1.0}},
    ],
)
def test_amounts_beyond_all_money_and_kinds_that_are_none_are_refused(keys: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Siting.model_validate(keys)


def test_each_line_that_a_way_out_prints_can_be_pasted(today: c15.Today) -> None:
    keys = {
        "budget_wan": 100,
        "kinds": ["day_care", "street_centre", "rural_station"],
        "street_centre": ["street_centre"],
        "coverage_floors": [{"level": "city", "share": 0.97}],
        "max_sites": 2,
    }
    plan = planned(today, **keys).plan
    assert plan is not None
    assert any(len(repair.keys) > 1 for repair in plan.repairs)
    heads = {"zh": "中改为：", "en": "project.toml: "}
    for language, head in heads.items():
        printed = [line.split(head)[1] for line in explain(plan, language) if head in line]  # type: ignore[arg-type]
        assert printed == [key for repair in plan.repairs for key in repair.keys]
        assert all(tomllib.loads(line) for line in printed)


def test_the_note_on_sites_of_which_nothing_can_be_made_is_short(today: c15.Today) -> None:
    plan = planned(today, budget_wan=900, kinds=["county_complex"]).plan
    assert plan is not None
    (note,) = [note for note in plan.notes if "未列入选择" in note]
    assert note.count("、") < 25  # the first twenty by name, then how many more; the words before have a few
    assert "等另" in note


def test_an_edited_plan_in_another_way_of_building_is_told(today: c15.Today) -> None:
    done = planned(today, budget_wan=900)
    site = str(today.city.candidates.index[today.city.candidates["mode"] == "lease"][0])
    given = pd.DataFrame({"candidate_id": [site], "mode": ["new"]})
    found = c15.evaluate(done, given)
    assert [culprit.rule for culprit in found.broken] == ["plan_mode"]
    assert "新建" in "".join(found.lines("zh"))
    assert c15.evaluate(done, given.assign(mode="lease")).broken == ()


def test_what_an_edited_plan_says_and_nobody_can_read_is_told(today: c15.Today, tmp_path: Path) -> None:
    done = planned(today, budget_wan=900)
    site = str(today.city.candidates.index[0])
    file = tmp_path / "方案.csv"
    file.write_text(f"候选编号,建设类型\n{site},乱写\n", encoding="gbk")
    found = c15.evaluate(done, file)
    for language in ("zh", "en"):
        lines = found.lines(language)  # type: ignore[arg-type]
        assert any("乱写" in line for line in lines)


def test_beside_the_plan_solved_for_more_and_less_are_words_not_signs(today: c15.Today) -> None:
    done = planned(today, budget_wan=100)
    every = c15.evaluate(done, list(today.city.candidates.index))
    assert "多覆盖" in every.lines("zh")[-1]
    assert "投资多" in every.lines("zh")[-1]
    none = c15.evaluate(done, [])
    assert "少覆盖" in none.lines("zh")[-1]
    assert "投资少" in none.lines("zh")[-1]
    assert all("-" not in each.lines(language)[-1] for each in (every, none) for language in ("zh", "en"))  # type: ignore[arg-type]


def test_a_begun_site_that_cannot_be_had_in_the_first_year_is_named_with_its_year(today: c15.Today) -> None:
    years = today.city.candidates["year_from"]
    late = str(years.index[years > 2022][0])
    plan = planned(today, budget_wan={"2022": 900, "2023": 900, "2030": 900}, begun=[late]).plan
    assert plan is not None
    assert plan.status is PlanStatus.INFEASIBLE
    (culprit,) = plan.culprits
    assert culprit.rule == "begun_late"
    name = str(today.city.candidates["name"][late])
    assert culprit.names == (f"{name} {min(y for y in (2022, 2023, 2030) if y >= years[late])}",)
    for language in ("zh", "en"):
        assert any(culprit.names[0] in line for line in explain(plan, language))  # type: ignore[arg-type]
    assert plan.repairs


def test_a_site_both_begun_and_forbidden_is_said_once(today: c15.Today) -> None:
    plan = planned(today, budget_wan={"2022": 900}, begun=["HX02"], forbidden=["HX02"]).plan
    assert plan is not None
    assert [culprit.rule for culprit in plan.culprits] == ["required_forbidden"]
    assert plan.repairs


def test_sites_of_one_name_are_told_apart_by_their_codes(today: c15.Today) -> None:
    names = today.city.candidates["name"].where(~today.city.candidates.index.isin(["HX01", "HX02"]), "旧厂房")
    twins = replace(today, city=replace(today.city, candidates=today.city.candidates.assign(name=names)))
    plan = planned(twins, budget_wan=9000, required=["HX01", "HX02"], max_sites=1).plan
    assert plan is not None
    assert set(plan.culprits[0].names) == {"旧厂房（HX01）", "旧厂房（HX02）"}
    dropped = [change.names for repair in plan.repairs for change in repair.changes if change.rule == "required"]
    assert dropped
    assert all(name in ("旧厂房（HX01）", "旧厂房（HX02）") for names in dropped for name in names)
    edited = c15.evaluate(planned(twins, budget_wan=900, forbidden=["HX02"]), ["HX01", "HX02"])
    (broken,) = [culprit for culprit in edited.broken if culprit.rule == "forbidden"]
    assert broken.names == ("旧厂房（HX02）",)


def test_one_site_is_no_sites(today: c15.Today) -> None:
    plan = planned(today, budget_wan=900, max_sites=1).plan
    assert plan is not None
    assert "1 site," in explain(plan, "en")[0]
    none = planned(today, budget_wan=0.0, objective="cover_all", max_sites=1).plan
    assert none is not None
    assert not any("1 sites" in line for line in explain(none, "en"))


def test_the_notes_are_told_in_the_language_that_is_asked_for(today: c15.Today) -> None:
    plan = planned(today, budget_wan=1, kinds=["county_complex"], min_site_floor_area_m2={"county_complex": 5000}).plan
    assert plan is not None
    english, chinese = explain(plan, "en"), explain(plan, "zh")
    assert len(english) == len(chinese) > 1
    assert chinese[1:] == list(plan.notes)  # asked for in Chinese, as the project is
    for line in english:
        assert not any(word in line for word in ("未列入选择", "预算", "限时"))
    assert any("left out" in line for line in english)

"""The money of a province: shared over its counties, each county's part studied again, told with its bound."""

import json
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from province_town import CODES, make_province

from circle15.province.county import read_county
from circle15.province.money import question
from circle15.province.project import load_province
from circle15.province.run import ProvinceStudy, run_province
from gis.errors import InputError
from optimise.check import recount
from optimise.rules import SitingRules

BUDGET_WAN = 900


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a province with money for some of its candidates, of which the first county gets 60 at most."""
    more = f"budget_wan = {BUDGET_WAN}\nmost_wan = {{ {CODES[0]} = 60 }}\n"
    return make_province(tmp_path_factory.mktemp("money") / "province", more=more)


@pytest.fixture(scope="module")
def done(folder: Path) -> ProvinceStudy:
    return run_province(folder)


def manifest(done: ProvinceStudy) -> dict:
    told: dict = json.loads((done.outputs / "manifest.json").read_text(encoding="utf-8"))
    return told


def test_the_plan_keeps_the_money_and_the_share_and_counts_everybody_once(done: ProvinceStudy, folder: Path) -> None:
    plan = manifest(done)["plan"]
    province = load_province(folder)
    results = {code: next(path for path in sorted((folder / "计算" / code).glob("*/homes.parquet"))).parent
               for code in CODES}  # fmt: skip
    demand, pairs, candidates = question(province, folder / "计算", results)
    built = candidates.loc[plan["sites"]]
    assert plan["cost_yuan"] == built["cost_yuan"].sum() <= BUDGET_WAN * 10_000
    assert built["cost_yuan"][built["county_id"] == CODES[0]].sum() <= 600_000
    plain = candidates.assign(kind="day_care", floor_area_m2=0.0)
    whole = recount(plan["sites"], demand, pairs, plain, rules=SitingRules())
    assert (plan["elders_covered_before"], plan["elders_covered"]) == (
        whole.elders_covered_before,
        whole.elders_covered,
    )
    assert plan["elders_covered"] <= plan["bound"]
    assert sum(each["elders_covered_after"] for each in done.counties.values()) == plan["elders_covered"]
    assert sum(each["elders_covered"] for each in done.counties.values()) == plan["elders_covered_before"]


def test_each_county_builds_exactly_its_part_of_the_plan(done: ProvinceStudy, folder: Path) -> None:
    plan = manifest(done)["plan"]
    own = {code: set(read_county(folder / "计算" / code).candidates.index) & set(plan["sites"]) for code in CODES}
    assert sorted(site for sites in own.values() for site in sites) == plan["sites"]
    for code, told in done.counties.items():
        assert (told["sites"] or 0) == len(own[code])


def test_a_second_run_computes_nothing_and_says_the_same(done: ProvinceStudy, folder: Path) -> None:
    before = manifest(done)
    kept = {path: path.stat().st_mtime_ns for path in (folder / "计算").glob("*/*/complete.json")}
    assert len(kept) == 2 * len(CODES), "today's study and the one with the plan"
    again = run_province(folder)
    assert manifest(again) == before
    assert {path: path.stat().st_mtime_ns for path in (folder / "计算").glob("*/*/complete.json")} == kept


def test_the_book_has_the_money_by_county_and_what_each_makes_of_it(done: ProvinceStudy) -> None:
    book = load_workbook(done.outputs / "汇总.xlsx")
    plan = manifest(done)["plan"]
    money = [[cell.value for cell in row] for row in book["资金分配"].iter_rows()]
    of_county = {row[1]: row for row in money if row[1] in CODES}
    assert sum(row[2] for row in of_county.values()) == len(plan["sites"])
    assert round(sum(row[3] for row in of_county.values()) * 10_000) == plan["cost_yuan"]
    fronts = pd.DataFrame([[cell.value for cell in row] for row in book["各县资金与覆盖"].iter_rows()])
    assert set(fronts[1].dropna()) >= set(CODES)
    assert f"{plan['bound']:,}" in "".join(str(row[0]) for row in money)


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("budget_wan = 5\nbudgets_wan = { 420101 = 5 }", "province.budgets_wan"),
        ("least_wan = { 420101 = 5 }", "province.least_wan"),
        ("budget_wan = 5\nmost_wan = { 999999 = 5 }", "province.most_wan"),
        ("budget_wan = 5\n[siting]\nmax_sites = 3", "siting.max_sites"),
        ('budget_wan = 5\n[siting]\nstreet_centre = ["street_centre"]', "siting"),
        ("budget_wan = -5", "province.budget_wan"),
        ("budget_wan = 5\nleast_wan = { 420101 = 3, 420102 = 3 }", "province.least_wan"),
        ("budget_wan = 5\nleast_wan = { 420101 = 3 }\nmost_wan = { 420101 = 2 }", "province.least_wan.420101"),
        ("budget_wan = 5\nleast_share = { 420101 = 1.5 }", "province.least_share"),
    ],
)
def test_money_that_means_nothing_is_refused(tmp_path: Path, more: str, key: str) -> None:
    folder = make_province(tmp_path / "province", more=more)
    with pytest.raises(InputError) as fault:
        run_province(folder)
    assert key in str(fault.value)
    assert not (folder / "成果").exists()

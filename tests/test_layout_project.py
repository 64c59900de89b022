"""A layout from the project file: what the keys of `[siting]` mean, and what the sample gives with them."""

from dataclasses import replace
from pathlib import Path

import pytest

import circle15 as c15
from circle15.siting import Siting
from circle15.study import with_siting
from gis.errors import InputError
from optimise.plan import PlanStatus

LAYOUT = {
    "budget_wan": {"2022": 300, "2023": 350, "2024": 250},
    "kinds": ["day_care", "street_centre", "rural_station"],
    "modules_m2": [350, 500, 1000],
    "street_centre": ["street_centre"],
    "community_served": ["day_care", "rural_station", "street_centre"],
    "soft": ["street_centre", "community_served"],
    "spacing_m": {"day_care": 200},
    "tied": {"day_care": "street_centre"},
    "milestones": [{"year": 2023, "kinds": ["rural_station"], "count": 7, "county": "云溪县"}],
    "coverage_floors": [{"level": "city", "share": 0.9}],
    "county_shares": {"云溪县": 0.99},
    "legal": {"street_centre": "鹤政〔2020〕8号 二(三)2"},
    "vacated_first": True,
}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> c15.City:
    """Return the sample as read."""
    return c15.read_city(c15.load_project(c15.copy_sample(tmp_path_factory.mktemp("layout") / "town")))


def laid_out(city: c15.City, **keys: object) -> c15.City:
    """Return the sample with other keys of `[siting]`, read as from a project file."""
    siting = Siting.model_validate(keys)
    return replace(city, project=city.project.model_copy(update={"siting": siting}))


def test_a_layout_of_the_sample_keeps_what_was_asked(city: c15.City) -> None:
    done = c15.study(laid_out(city, **LAYOUT))
    plan = done.plan
    assert plan is not None
    assert plan.status is PlanStatus.OPTIMAL
    sites = plan.sites
    assert (sites["year"].to_numpy() >= city.candidates["year_from"].reindex(sites.index).to_numpy()).all()
    assert all(k in city.candidates["kinds"][i] for i, k in sites["kind"].items())
    spent = plan.by_year["cost_yuan"].cumsum()
    assert (spent.to_numpy() <= [3_000_000, 6_500_000, 9_000_000]).all()
    assert spent.iloc[-1] == plan.cost_yuan <= 0.99 * 9_000_000
    spots = city.candidates.geometry.reindex(sites.index[sites["kind"] == "day_care"])
    assert all(a.distance(b) >= 200 for k, a in enumerate(spots) for b in spots.iloc[:k])
    standing = done.serving[done.serving["kind"] == "day_care"].geometry
    assert all(a.distance(b) >= 200 for a in spots for b in standing)
    stations = (done.serving["kind"] == "rural_station").sum()
    assert stations + ((sites["kind"] == "rural_station") & (sites["year"] <= 2023)).sum() >= 7
    assert set(plan.tally["rule"]) >= {"street_centre", "spacing", "milestone", "tied_kinds", "budget_year"}
    assert set(plan.tally["legal"][plan.tally["rule"] == "street_centre"]) == {LAYOUT["legal"]["street_centre"]}  # type: ignore[index]
    missed = plan.tally[~plan.tally["kept"]]
    assert missed["soft"].all()
    assert len(missed) == plan.reached["legal_shortfall"]


def test_a_key_that_changes_nothing_changes_no_plan(city: c15.City) -> None:
    simple = c15.study(with_siting(city, budget_wan=500.0)).plan
    same = c15.study(laid_out(city, budget_wan=500, legal={"budget": "预算"})).plan
    assert simple is not None
    assert same is not None
    assert list(simple.sites.index) == list(same.sites.index)
    assert (simple.elders_covered, simple.cost_yuan) == (same.elders_covered, same.cost_yuan)
    assert simple.elders_covered_before == same.elders_covered_before


def test_money_in_one_year_is_money(city: c15.City) -> None:
    once = c15.study(laid_out(city, budget_wan=300, vacated_first=True)).plan
    in_2030 = c15.study(laid_out(city, budget_wan={"2030": 300}, vacated_first=True)).plan
    assert once is not None
    assert in_2030 is not None
    assert list(once.sites.index) == list(in_2030.sites.index)


@pytest.mark.parametrize(
    ("keys", "place", "allowed"),
    [
        ({"begun": ["HX99"]}, "begun", "HX"),
        ({"county_shares": {"云西县": 0.5}}, "county_shares", "云溪县"),
        ({"coverage_floors": [{"level": "street", "share": 0.5, "unit": "铁西街"}]}, "coverage_floors", "铁西街道"),
        (
            {"milestones": [{"year": 2026, "kinds": ["day_care"], "count": 1, "county": "x"}]},
            "milestones",
            "",
        ),
    ],
)
def test_names_that_are_none_are_refused(city: c15.City, keys: dict[str, object], place: str, allowed: str) -> None:
    with pytest.raises(InputError) as error:
        c15.study(laid_out(city, budget_wan=100, **keys))
    (finding,) = error.value.findings
    assert finding.place == f"project.toml:siting.{place}"
    assert allowed in finding.allowed
    assert all(finding.line(language) for language in ("zh", "en"))


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("budget_wan = { 2026 = -1 }", "budget_wan.2026"),
        ("budget_wan = { soon = 1 }", "budget_wan.soon"),
        ('kinds = ["day_car"]', "kinds.0"),
        ('goals = ["glory"]', "goals.0"),
        ('soft = ["gravity"]', "soft.0"),
        ('milestones = [{ year = 2026, kinds = ["day_care"] }]', "milestones.0"),
        ('milestones = [{ year = 2026, kinds = ["day_care"], count = 1, shre = 1 }]', "milestones.0.shre"),
        ('existing = "burn"', "existing"),
        ("coverage_floors = [{ share = 1.5 }]", "coverage_floors.0.share"),
    ],
)
def test_keys_that_mean_nothing_are_refused(tmp_path: Path, said: str, place: str) -> None:
    text = '[inputs]\nstreets = "a"\ncommunities = "b"\nfacilities = "c"\n[siting]\n'
    (tmp_path / "project.toml").write_text(f'name = "x"\n{text}{said}\n', encoding="utf-8")
    with pytest.raises(InputError) as error:
        c15.load_project(tmp_path)
    assert any(place in finding.place for finding in error.value.findings), [f.place for f in error.value.findings]


def test_the_template_names_every_key_of_a_layout() -> None:
    text = (Path(c15.__file__).parent / "template.toml").read_text(encoding="utf-8")
    for key in ("kinds", "modules_m2", "milestones", "spacing_m", "soft", "legal", "subsidies", "decay", "tied"):
        assert f"# {key}" in text
        assert key in Siting.model_fields

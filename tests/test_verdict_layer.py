"""The verdicts in the page's data: every answer of every unit, the words of the worst, and a size that stays small."""

import json
from dataclasses import replace
from fractions import Fraction

import geopandas as gpd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judged_town import judged_as, judged_town
from shapely.geometry import box
from town import CRS, HOSTILE, made_town

from gis.errors import one_line
from maps import verdict_layer as layer_of
from maps.atlas import Atlas
from maps.housing_marks import housing_layer
from maps.judged_units import level_of, members
from maps.opinions import draw_opinions
from maps.page import draw_page, safe_json
from maps.status_style import WORST_FIRST
from maps.verdict_layer import verdict_layer
from policy.project_check import worst
from policy.verdict import Status, Verdict

ATLAS = judged_town()


def answers(data: dict, pack: int, rule: str, level: str, when: str = "today") -> dict[str, Status | None]:
    """Return the answer of each unit by name, as the page would read it."""
    found = next(r for r in data["packs"][pack]["rules"] if r["id"] == rule)["at"][level][when]["s"]
    names = [unit["name"] for unit in data["packs"][pack]["levels"][level]]
    return {n: None if s == "-" else WORST_FIRST[int(s)] for n, s in zip(names, found, strict=True)}


def test_every_deciding_answer_of_a_unit_on_the_map_stands_in_the_data_today_and_after() -> None:
    data = verdict_layer(ATLAS)
    assert data is not None
    for when, verdicts in (("today", ATLAS.verdicts), ("after", ATLAS.verdicts_after)):
        for pack, name in enumerate(policy.name for policy in ATLAS.policies):
            for rule in data["packs"][pack]["rules"]:
                for level in rule["at"]:
                    wanted = {
                        one_line(v.unit_name): v.status
                        for v in verdicts
                        if (v.pack, v.rule_id, level_of(v)) == (name, rule["id"], level)
                        and v.decides
                        and (v.unit_id or v.level == "city")
                    }
                    seen = answers(data, pack, rule["id"], level, when)
                    assert {n: s for n, s in seen.items() if s} == {n: s for n, s in wanted.items() if n in seen}


def test_the_words_of_a_unit_are_those_of_its_verdict() -> None:
    data = verdict_layer(ATLAS)
    pack = data["packs"][0]
    rule = next(r for r in pack["rules"] if r["id"] == "HB-15")
    said = rule["at"]["community"]["today"]["t"]
    names = [unit["name"] for unit in pack["levels"]["community"]]
    found = {names[said[i]]: [data["texts"][n] for n in said[i + 1 : i + 4]] for i in range(0, len(said), 4)}
    verdicts = [v for v in ATLAS.verdicts if v.rule_id == "HB-15" and v.level == "community" and v.decides]
    assert len(verdicts) == len(found) > 0
    for verdict in verdicts:
        measured, demanded, shortfall = found[one_line(verdict.unit_name)]
        assert measured == verdict.measured[0]
        assert demanded == verdict.demanded[0]
        assert bool(shortfall) is (verdict.shortfall is not None)


def test_units_are_made_of_the_communities_that_belong_to_them() -> None:
    pack = verdict_layer(ATLAS)["packs"][0]
    streets = {unit["name"]: unit["in"] for unit in pack["levels"]["street"]}
    assert streets == {"上街道": [0, 1, 2], "中街道": [3, 4, 5], "下街道": [6, 7, 8]}
    assert [unit["in"] for unit in pack["levels"]["city"]] == [list(range(9))]


def test_a_community_in_a_zone_that_is_judged_belongs_to_it_and_not_to_its_county() -> None:
    one = next(v for v in ATLAS.verdicts if v.level == "county")
    frame = ATLAS.communities.assign(zone=["经开区"] + [None] * 8, county_id="410611")
    both = [replace(one, unit_id="410611"), replace(one, level="zone", unit_id="开发区")]
    found = members(replace(ATLAS, communities=frame), both)
    assert found == {("zone", "开发区"): [0], ("county", "410611"): list(range(1, 9))}
    assert members(replace(ATLAS, communities=frame), both[:1])["county", "410611"] == list(range(9))


def test_a_site_of_the_plan_is_judged_after_it_where_its_candidate_stands() -> None:
    one = next(v for v in ATLAS.verdicts if v.level == "facility" and v.decides and v.unit_id == "F01")
    site = replace(one, unit_id="candidate/C1", unit_name="原粮站")
    pack = verdict_layer(replace(ATLAS, verdicts=(one,), verdicts_after=(one, site)))["packs"][0]
    at = {unit["name"]: unit["at"] for unit in pack["levels"]["facility"]}
    places = [ATLAS.candidates.geometry.to_crs("EPSG:4326")["C1"], ATLAS.facilities.geometry.to_crs("EPSG:4326")["F01"]]
    for name, place in zip(("原粮站", one.unit_name), places, strict=True):
        assert at[name] == [round(place.x * 1e6), round(place.y * 1e6)]
    found = pack["rules"][0]["at"]["facility"]
    assert (found["today"]["s"].count("-"), found["after"]["s"].count("-")) == (1, 0)


def test_only_the_worst_have_words_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_of, "TEXTS", 0)
    monkeypatch.setattr(layer_of, "LEAST_TEXTS", 2)
    for rule in verdict_layer(ATLAS)["packs"][0]["rules"]:
        for found in rule["at"].values():
            letters, said = found["today"]["s"], found["today"]["t"][::4]
            assert len(said) == min(2, len(letters.replace("-", "")))
            left = [letters[i] for i in range(len(letters)) if i not in said and letters[i] != "-"]
            assert not left or max(letters[i] for i in said) <= min(left)


def test_a_city_of_800_communities_and_300_rules_stays_below_two_megabytes() -> None:
    """A page is sent by post: what the verdicts add must stay small beside the map itself."""
    atlas = big(800, 300)
    data = safe_json(verdict_layer(atlas))
    assert len(atlas.verdicts) == 800 * 300
    assert len(data.encode()) < 2_000_000


def big(communities: int, rules: int) -> Atlas:
    shapes = [box(600 * i, 0, 600 * i + 600, 600) for i in range(communities)]
    frame = gpd.GeoDataFrame(
        {"name": [f"社区{i:03d}" for i in range(communities)]},
        geometry=shapes,
        crs=CRS,
        index=[f"41061100{i:04d}" for i in range(communities)],
    )
    one = next(v for v in ATLAS.verdicts if v.level == "community" and v.shortfall)
    verdicts = tuple(
        replace(
            one,
            rule_id=f"R{rule:03d}",
            unit_id=frame.index[i],
            unit_name=frame["name"].iloc[i],
            status=list(Status)[(i * rule) % 8],
            measured=(f"{i + 5}/{rule + 1_000} 名老年人，{i / 8:.2f}%", ""),
            value=Fraction(i, 1000),
        )
        for rule in range(rules)
        for i in range(communities)
    )
    return replace(made_town(), communities=frame, verdicts=verdicts)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(Status)), st.integers(0, 2), st.booleans()), max_size=12))
def test_the_worst_deciding_answer_of_a_unit_is_shown(drawn: list[tuple[Status, int, bool]]) -> None:
    one = next(v for v in ATLAS.verdicts if v.level == "community")
    codes = list(ATLAS.communities.index)
    verdicts = tuple(replace(one, status=s, unit_id=codes[i], unit_name=codes[i], decides=d) for s, i, d in drawn)
    data = verdict_layer(replace(ATLAS, verdicts=verdicts, verdicts_after=()))
    wanted: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.decides:
            wanted.setdefault(verdict.unit_id, []).append(verdict)
    if not wanted:
        assert data is None
    else:
        best = {code: min((v.status for v in own), key=WORST_FIRST.index) for code, own in wanted.items()}
        assert answers(data, 0, one.rule_id, "community") == best


def test_housing_is_drawn_by_its_four_synchronisations_and_leads_to_its_opinion() -> None:
    layer = housing_layer(ATLAS)
    by_name = {item[3]: item for item in layer["items"]}
    for code, name in (("P1", "锦绣花园"), ("P2", "翰林府")):
        own = [(n, c) for n, c in enumerate(ATLAS.checks, 1) if c.record.key == code]
        status = worst(check.status for _, check in own)
        symbol = layer["symbols"][by_name[name][2]]
        assert symbol["fill"] == next(s for w, s, _ in layer["classes"] if s["sign"] == symbol["sign"])["fill"]
        assert symbol["shape"] == {Status.PASS: "house", Status.FAIL: "open_house"}[status]
        assert [row[2] for row in by_name[name][4] if len(row) > 2] == [str(number) for number, _ in own]
    assert sum(number for *_, number in layer["classes"]) == len(ATLAS.housing)
    opinions = draw_opinions(ATLAS.checks, atlas=ATLAS)
    for number, check in enumerate(ATLAS.checks, 1):
        page = opinions.split(f'id="o{number}"')[1].split("<section")[0]
        assert check.record.name in page
        assert check.document in page


def test_housing_without_checks_is_drawn_as_it_was_read() -> None:
    layer = housing_layer(replace(ATLAS, checks=()))
    assert {symbol["shape"] for symbol in layer["symbols"]} == {"house"}
    assert "classes" not in layer


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_of_documents_and_units_change_the_data_and_nothing_else(name: str) -> None:
    page, plain = draw_page(judged_as(ATLAS, name)), draw_page(ATLAS)
    start, end = '<script type="application/json" id="atlas">', "</script>"
    data = [text.split(start)[1].split(end)[0] for text in (page, plain)]
    assert page.replace(data[0], "") == plain.replace(data[1], "")
    found = json.loads(data[0])
    assert {pack["name"] for pack in found["verdicts"]["packs"]} == {one_line(name)}
    assert one_line(name) in found["verdicts"]["texts"]
    assert {title[0] for title in (change["title"] for change in found["panel"]["changes"])} == {name}


def test_same_atlas_same_bytes() -> None:
    assert draw_page(ATLAS) == draw_page(judged_town.__wrapped__())

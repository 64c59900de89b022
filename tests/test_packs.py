"""Packs: what is bundled holds together, and a fault in a bureau's own pack is one clear line."""

from pathlib import Path

import pytest
from policy_town import DAY, served

from gis.errors import InputError
from gis.words import catalogue
from policy.assess import assess
from policy.indicators import ARGUMENTS, INDICATORS
from policy.load import load_pack, packs

HEAD = """
[document]
number = "样例1号"
title = { zh = "样例", en = "sample" }

[choices.reading]
content = "one_of"
allowed = ["a", "b"]
default = "a"

[choices.threshold]
content = "share"
default = "60%"
"""
RULE = """
[[rule]]
id = "P-1"
clause = "一"
title = { zh = "甲", en = "A" }
demand = { zh = "每个社区一处", en = "one each" }
levels = ["city"]
"""
MEASURE = 'measure = { indicator = "facility_count", kinds = ["day_care"], statuses = ["in_use"] }\n'
SHARE = 'measure = { indicator = "elders_within_walk", minutes = 15 }\n'
TEST = "test = { at_least = 1 }\n"


def fault_of(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_pack(path)
    assert len(caught.value.findings) == 1
    return caught.value.findings[0].line("en")


@pytest.mark.parametrize("name", packs())
def test_a_bundled_pack_is_whole(name: str) -> None:
    policy = load_pack(name)
    assert policy.rules
    used = assess(policy, served(urban=(1, 2), rural=(1, 2)), as_of=DAY)
    # A rule of figures alone has no verdict of its own.
    assert {v.rule_id for v in used} == {rule.id for rule in policy.rules if rule.form != "terms"}
    for choice in policy.choices:
        assert f"policy.choice_{choice}" in catalogue(), choice
    for reading in {v.reading for v in used}:
        assert f"policy.reading_{reading}" in catalogue(), reading


def test_hebis_pack_has_the_spatial_core() -> None:
    core = {"HB-01", "HB-02", "HB-11", "HB-12", "HB-13", "HB-14", "HB-15", "HB-28"}
    core |= {"HB-S03", "HB-S04", "HB-S07", "HB-S08"}
    assert core <= {rule.id for rule in load_pack("hebi_2020").rules}


def test_every_indicator_says_what_it_takes_and_how_it_is_computed() -> None:
    assert set(INDICATORS) == set(ARGUMENTS)
    for name, function in INDICATORS.items():
        assert "Formula" in str(function.__doc__), name
        assert "UNKNOWN means" in str(function.__doc__), name


@pytest.mark.parametrize(
    ("text", "code", "place", "found"),
    [
        (HEAD + RULE + MEASURE + TEST + "levls = 1\n", "PACK_KEY", "own.toml:23:rule P-1/levls", "levls (~ levels)"),
        (HEAD + "[extra]\n" + RULE + MEASURE + TEST, "PACK_KEY", "own.toml:14/extra", "extra"),
        (
            HEAD + RULE + MEASURE.replace("_count", "_cuont") + TEST,
            "PACK_INDICATOR",
            "measure.indicator",
            "~ facility_count",
        ),
        (HEAD + RULE + MEASURE.replace("day_care", "daycare") + TEST, "PACK_VALUE", "measure.kinds", "daycare"),
        (
            HEAD + RULE + MEASURE.replace(", statuses", ", minutes = 5, statuses") + TEST,
            "PACK_ARGUMENT",
            "measure",
            "minutes",
        ),
        (
            HEAD + RULE + 'measure = { indicator = "facility_count" }\n' + TEST,
            "PACK_REQUIRED",
            "measure",
            "kinds, statuses",
        ),
        (HEAD + RULE + TEST, "PACK_RULE", "rule P-1", "measure"),
        (HEAD + RULE + MEASURE, "PACK_RULE", "rule P-1", "test"),
        (HEAD + RULE + MEASURE + "test = { at_least = 1, above = 2 }\n", "PACK_TEST", "test", "at_least"),
        (HEAD + RULE + SHARE + 'test = { at_least = "160%" }\n', "PACK_VALUE", "test.at_least", "160%"),
        (HEAD + RULE + SHARE + 'test = { at_least = "$treshold" }\n', "PACK_REFERENCE", "at_least", "~ $threshold"),
        (HEAD + RULE + SHARE + 'test = { at_least = "$reading" }\n', "PACK_REFERENCE", "at_least", "$reading"),
        (HEAD + RULE + MEASURE + TEST + RULE + MEASURE + TEST, "PACK_RULE_TWICE", "rule P-1", ""),
        (HEAD + RULE.replace('levels = ["city"]', 'same_as = ["P-2"]'), "PACK_REFERENCE", "same_as", "P-2"),
        (
            HEAD + RULE + SHARE + 'bands = [{ at_least = "50%", points = 2 }, { below = "60%", points = 0 }]\n',
            "PACK_BANDS",
            "rule P-1",
            "overlap",
        ),
        (
            HEAD + RULE + MEASURE + TEST + "[score_table]\nitems = [1]\ntotal = 2\n",
            "PACK_TOTAL",
            "score_table",
            "1 / 2",
        ),
        (HEAD.replace("number", "number =", 1), "PACK_TOML", "own.toml", "line 3"),
    ],
)
def test_a_fault_is_one_line_with_file_and_key(tmp_path: Path, text: str, code: str, place: str, found: str) -> None:
    line = fault_of(tmp_path / "own.toml", text)
    assert line.startswith(f"ERROR {code}")
    assert place in line
    assert found in line
    assert "\n" not in line


def test_all_faults_of_a_pack_are_told_together(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(HEAD + RULE.replace("clause", "claus") + MEASURE.replace("day_care", "bakery") + TEST, "utf-8")
    with pytest.raises(InputError) as caught:
        load_pack(path)
    assert {f.code for f in caught.value.findings} == {"PACK_KEY", "PACK_REQUIRED", "PACK_VALUE"}


def test_a_pack_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(InputError, match="~ hebi_2020"):
        load_pack("hebi_2021")
    with pytest.raises(InputError, match="PACK_MISSING"):
        load_pack("nowhere/own.toml")


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        ({"coverage_readin": "elders_within_walk"}, "CHOICE_UNKNOWN"),
        ({"coverage_reading": "both"}, "CHOICE_VALUE"),
        ({"circle_threshold": 0.9}, "CHOICE_VALUE"),
        ({"circle_threshold": "190%"}, "CHOICE_VALUE"),
        ({"day_care_kinds": ["bakery"]}, "CHOICE_VALUE"),
        ({"day_care_kinds": []}, "CHOICE_VALUE"),
    ],
)
def test_a_choice_that_is_not_allowed_is_refused(choices: dict[str, object], code: str) -> None:
    with pytest.raises(InputError, match=code):
        assess(load_pack("hebi_2020"), served(urban=(1, 1)), as_of=DAY, choices=choices)


def test_a_whole_percentage_and_its_text_are_the_same_choice() -> None:
    policy, evidence = load_pack("hebi_2020"), served(urban=(1, 1))
    by_text, by_number = (assess(policy, evidence, as_of=DAY, choices={"circle_threshold": t}) for t in ("90%", 90))
    assert by_text == by_number

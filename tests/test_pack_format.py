"""The pack format: what each form takes, what must agree, and in which line of the file a fault stands."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_pack import HEAD, made, rule

from gis.errors import InputError
from policy.lines import key_lines
from policy.load import load_pack, packs

ASKS = 'asks = { zh = "有吗？", en = "is there?" }'
CENTRES = 'measure = { indicator = "facility_count", kinds = ["day_care"], statuses = ["in_use"] }'
CITY = 'levels = ["city"]'
TABLE = "\n[score_table]\nitems = [3, 2]\ntotal = 5\n"
TERM = '\n[[term]]\nname = "a"\nrule = "T"\nclause = "一"\ntitle = { zh = "甲", en = "A" }\n'


def score(item: int, most: int) -> str:
    return f'score = {{ item = {item}, part = "1.1", most = {most} }}'


def manual(*lines: str) -> str:
    return rule("M-1", 'form = "manual"', *lines)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        (manual(ASKS), "PACK_REQUIRED", "rule M-1"),
        (manual('answer = "yes_no"'), "PACK_REQUIRED", "rule M-1"),
        (manual('answer = "points"', ASKS), "PACK_RULE", "rule M-1"),
        (manual('answer = "yes_no"', ASKS, "points = [1]"), "PACK_RULE", "rule M-1"),
        (manual('answer = "points"', ASKS, "points = [1]", "points_to = 2"), "PACK_RULE", "rule M-1"),
        (manual('answer = "points"', ASKS, "points_from = 3", "points_to = 2"), "PACK_RULE", "rule M-1"),
        (manual('answer = "points"', ASKS, "points_from = 1"), "PACK_RULE", "rule M-1"),
        (manual('answer = "yes_no"', ASKS, CENTRES), "PACK_RULE", "rule M-1"),
        (rule("R-1", 'form = "report"', CITY, CENTRES, "test = { at_least = 1 }"), "PACK_RULE", "rule R-1"),
        (rule("R-1", 'form = "report"', CITY), "PACK_RULE", "rule R-1"),
        (rule("R-1", 'form = "report"', CENTRES), "PACK_REQUIRED", "rule R-1"),
        (rule("S-1", 'form = "stated"', CITY, CENTRES), "PACK_REQUIRED", "rule S-1"),
        (rule("S-1", 'form = "stated"', "stated = 3"), "PACK_RULE", "rule S-1"),
        (rule("S-1", 'form = "stated"', CITY, "stated = 3", CENTRES, "parts = [1, 2]"), "PACK_RULE", "rule S-1"),
        (rule("D-1", 'form = "milestone"'), "PACK_REQUIRED", "rule D-1"),
        (rule("T-1", 'form = "terms"'), "PACK_REQUIRED", "rule T-1"),
        (rule("T-1", 'form = "terms"', 'terms = ["a"]'), "PACK_REFERENCE", "rule T-1/terms"),
        (rule("T-1", 'form = "tremms"'), "PACK_VALUE", "rule T-1/form"),
        (TERM + 'unit = "yuan"\n', "PACK_TERM", "term.1"),
        (TERM + 'unit = "yuan"\nvalue = 1\nlow = 1\nhigh = 2\n', "PACK_TERM", "term.1"),
        (TERM + 'unit = "yuan"\nlow = 3\nhigh = 2\n', "PACK_TERM", "term.1"),
        (TERM + 'unit = "yuann"\nvalue = 1\n', "PACK_VALUE", "term.1"),
        (2 * (TERM + 'unit = "yuan"\nvalue = 1\n'), "PACK_NAME_TWICE", "term.2"),
        (TABLE.replace("5", "6"), "PACK_TOTAL", "score_table"),
        (rule("M-1", CITY, CENTRES, "test = { at_least = 1 }", score(1, 1)), "PACK_REQUIRED", "rule M-1/score"),
        (TABLE + manual('answer = "points"', ASKS, "points = [0, 2]", score(1, 3)), "PACK_TOTAL", "rule M-1/score"),
        (TABLE + manual('answer = "yes_no"', ASKS, score(2, 3)), "PACK_TOTAL", "score_table.items.2"),
    ],
)
def test_a_part_that_does_not_fit_is_a_fault_with_its_place(tmp_path: Path, text: str, code: str, place: str) -> None:
    filler = "" if "[[rule]]" in text else rule("Z-1", 'form = "checklist"')
    with pytest.raises(InputError) as caught:
        made(tmp_path, text, filler)
    (finding,) = caught.value.findings
    assert finding.code == code
    assert place in finding.place


def paths(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of every key, and of every entry of an array, of what was read."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at] * bool(at) + [path for key, below in inside for path in paths(below, (*at, key))]


@pytest.mark.parametrize("name", packs())
def test_every_key_of_a_bundled_pack_stands_in_the_line_that_is_named(name: str) -> None:
    text = (Path(__file__).parents[1] / "policy" / "packs" / f"{name}.toml").read_text(encoding="utf-8")
    lines, written = key_lines(text), text.splitlines()
    for path in paths(tomllib.loads(text)):
        assert path in lines, path
        if isinstance(path[-1], str):
            assert path[-1] in written[lines[path] - 1], path


KEYS = st.sampled_from(["a", "b", "zh", "'c.d'", '"# e"'])
SCALARS = st.sampled_from(["1", "2021-12-31", '"x = 1"', "'[[r]]'", '"""two\nlines # no"""', "true", "0.1"])


def _array(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    many = st.lists(inner, max_size=3)
    return st.tuples(many, st.sampled_from([", ", ",\n  ", ", # said\n"])).map(lambda p: f"[{p[1].join(p[0])}\n]")


def _table(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.dictionaries(KEYS, inner, max_size=3).map(
        lambda d: "{ " + ", ".join(f"{key} = {value}" for key, value in d.items()) + " }"
    )


VALUES = st.recursive(SCALARS, lambda inner: st.one_of(_array(inner), _table(inner)), max_leaves=6)
ENTRIES = st.dictionaries(KEYS, VALUES, max_size=4)


@settings(max_examples=150, deadline=None)
@given(ENTRIES, st.lists(st.tuples(ENTRIES, ENTRIES), max_size=3))
def test_every_key_of_any_file_has_a_line(
    top: dict[str, str], rows: list[tuple[dict[str, str], dict[str, str]]]
) -> None:
    parts = [f"{key} = {value}" for key, value in top.items()]
    expected = {}
    for number, (row, below) in enumerate(rows):
        for head, entries in (("[[row]]", row), ("[row.below]", below)):
            parts += ["", f"{head} # {number}"]
            expected[("row", number) + (("below",) if "below" in head else ())] = "\n".join(parts).count("\n") + 1
            parts += [f"{key} = {value}" for key, value in entries.items()]
    text = "\n".join(parts) + "\n"
    lines = key_lines(text)
    assert set(paths(tomllib.loads(text))) <= set(lines)
    assert {path: lines[path] for path in expected} == expected


def test_the_line_of_a_fault_is_that_of_its_key(tmp_path: Path) -> None:
    text = HEAD + rule("A-1", 'form = "checklist"') + manual('answer = "yes"', ASKS)
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_pack(path)
    (finding,) = caught.value.findings
    line = 1 + text.splitlines().index('answer = "yes"')
    assert finding.place == f"own.toml:{line}:rule M-1/answer"


def test_the_groups_and_classes_of_a_document_are_read(tmp_path: Path) -> None:
    text = """
[[room_class]]
name = "350"
title = { zh = "三百五", en = "350" }
at_least_m2 = 350
below_m2 = 500
only_old_estates = true

[[benefit]]
id = "B"
clause = "一"
title = { zh = "乙", en = "B" }
base = { age_at_least = 60, ability = ["disabled"] }
excluded = ["institution"]

[[group]]
id = "G"
benefit = "B"
clause = "一"
title = { zh = "丙", en = "G" }
any_of = [{ age_at_least = 70, categories = ["living_alone"] }]
"""
    policy = made(tmp_path, text, rule("T-1", 'form = "terms"', 'terms = ["350", "B", "G"]'))
    assert policy.room_classes[0].only_old_estates
    assert policy.benefits[0].base.age_at_least == 60
    assert policy.groups[0].any_of[0].categories == ("living_alone",)
    with pytest.raises(InputError, match="PACK_REFERENCE"):
        made(tmp_path, text.replace('benefit = "B"', 'benefit = "C"'), rule("T-1", 'form = "checklist"'))

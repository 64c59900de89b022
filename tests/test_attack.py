"""Somebody holds every published file and a calculator: no count of one to four people comes out.

What is read here is read from the files, not from the functions that mask: layers, workbook, page, verdicts, ledger.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judged_town import judged_town

from circle15.kept import write_verdicts
from gis.attack import told
from gis.disclosure import FEWEST, few, withheld
from gis.ledger import Ledger
from gis.shown import shown_chain
from maps.annex import write_annex
from maps.atlas import Atlas, YearEnd
from maps.geopackage import write_geopackage
from maps.page import draw_page
from maps.shown_ledger import shown_ledger
from maps.shown_units import shown_units
from maps.shown_verdicts import shown_verdicts
from maps.withheld import MARKS
from optimise.explain import explain

WALKS = (5, 10, 15)


def city(draws: np.random.Generator) -> Atlas:
    """Return a town whose communities have few people in many of their counts, and nearly all or none covered."""
    atlas = judged_town()
    communities = atlas.communities
    rows = []
    for code, row in communities.iterrows():
        elders = int(draws.choice([0, 3, 6, 40, 200, 260, 300, 410]))
        short = [elders - min(elders, int(draws.choice([0, 0, 0, 2, 9, 30, 50]))) for _ in range(4)]
        unknown = min(elders - max(short), int(draws.choice([0, 0, 0, 0, 1, 5])))
        today = sorted(short[:3])
        after = [min(n + int(draws.choice([0, 0, 0, 3, 20])), elders - unknown) for n in today]
        counts = {"elders": elders, "elders_unknown": unknown, "residents": elders * 5}
        counts |= {f"elders_covered_{m}": n for m, n in zip(WALKS, today, strict=True)}
        counts |= {f"elders_covered_{m}_after": max(n, b) for m, n, b in zip(WALKS, after, today, strict=True)}
        rows.append({"level": "community", "unit_id": code, "name": row["name"], **counts, "of": row["street_id"]})
    own = pd.DataFrame(rows)
    numbers = [name for name in own if str(name).startswith(("elders", "residents"))]
    streets = own.groupby("of")[numbers].sum().reset_index().rename(columns={"of": "unit_id"})
    whole = own[numbers].sum().to_frame().T.assign(unit_id="", name="city", level="city")
    units = pd.concat(
        [own.drop(columns="of"), streets.assign(level="street", name=streets["unit_id"]), whole], ignore_index=True
    )
    year = units.drop(columns=[name for name in units if str(name).endswith("_after")])
    middle = ((units["elders_covered_15"] + units["elders_covered_15_after"]) // 2).where(units["level"] == "community")
    year["elders_covered_15"] = middle
    for at in units.index[units["level"] != "community"]:
        inside = own.index[own["of"] == units.loc[at, "unit_id"]] if units.loc[at, "level"] == "street" else own.index
        year.loc[at, "elders_covered_15"] = middle.loc[inside].sum()
    same = own.set_index("unit_id")[["elders", "residents"]].reindex(communities.index)
    people = communities.assign(elders=same["elders"], residents=same["residents"])
    end = YearEnd(2027, year, atlas.homes["state"], gpd.GeoDataFrame({"minutes": []}, geometry=[], crs=atlas.crs))
    return replace(atlas, units=units, communities=people, minutes=WALKS, years=(end,), shown={})


@cache
def towns() -> tuple[Atlas, ...]:
    return tuple(city(np.random.default_rng(seed)) for seed in range(4))


def published(atlas: Atlas, folder: Path) -> dict[tuple[str, str, str], float | None]:
    """Return what the files say, by level, unit and column: a number, or None where a mark or nothing stands."""
    said: dict[tuple[str, str, str], float | None] = {}

    def note(level: str, unit: str, column: str, value: object) -> None:
        number = float(str(value).replace(",", "")) if str(value).replace(",", "").isdigit() else None
        if said.get((level, unit, column)) is None:  # one file that says it is enough
            said[level, unit, column] = number

    write_geopackage(atlas, folder / "plan.gpkg")
    layer = gpd.read_file(folder / "plan.gpkg", layer="communities").set_index("community_id")
    counts = layer.filter(regex="^(elders|residents)").melt(ignore_index=False).itertuples()
    for unit, name, value in counts:
        note("community", unit, name, None if pd.isna(value) else int(value))
    write_annex(atlas, folder / "annex.xlsx")
    book = openpyxl.load_workbook(folder / "annex.xlsx")
    for title, level in (("分社区覆盖", "community"), ("分街道覆盖", "street"), ("分区域覆盖", "")):
        if title in book.sheetnames:
            for unit, row in _rows(book[title]):
                for column, value in row.items():
                    note(level or "city", unit if level else "", column, value)
    for unit, column, text in _of_page(atlas):
        note("community", unit, column, text)
    return said


def _of_page(atlas: Atlas) -> Iterator[tuple[str, str, str]]:
    data = json.loads(draw_page(atlas).split('id="atlas">', 1)[1].split("</script>", 1)[0])
    code = dict(zip(atlas.communities["name"], atlas.communities.index, strict=True))
    for item in data["communities"]["items"]:
        for words, text in item["rows"]:
            column = _column(str(words[0]))
            if column and item["name"] in code:
                yield code[item["name"]], column, str(text).split(" ")[0]


def _rows(page: object) -> Iterator[tuple[str, dict[str, object]]]:
    first, *rest = page.iter_rows(values_only=True)  # type: ignore[attr-defined]
    names = [_column(str(head).split("\n")[0]) for head in first]
    for row in rest:
        if row[0] is not None:
            yield str(row[0]), {name: value for name, value in zip(names, row, strict=True) if name}


def _column(head: str) -> str | None:
    """Return the column of the units that a heading of a file means, None for a share or another matter."""
    if "%" in head or "率" in head or "占比" in head or "比例" in head:
        return None
    after = "_after" if "规划" in head or "方案" in head or "实施后" in head else ""
    minutes = next((m for m in (15, 10, 5) if f"{m}分钟" in head.replace(" ", "")), None)
    if "2027" in head:
        return "2027" if minutes else None
    if minutes is not None:
        return f"elders_covered_{minutes}{after}"
    plain = {"常住人口": "residents", "总人口": "residents", "60岁及以上老年人": "elders", "情况不明": "elders_unknown"}
    plain["覆盖情况不明的老年人"] = "elders_unknown"
    return next((column for word, column in plain.items() if head == word), None)


@pytest.mark.parametrize("number", range(4))
def test_no_file_nor_all_of_them_tell_few_people(number: int, tmp_path: Path) -> None:
    atlas = towns()[number]
    said = published(atlas, tmp_path)
    assert len([value for value in said.values() if value is not None]) > len(atlas.communities)
    true = {
        (row["level"], str(row["unit_id"]), str(name)): float(row[name])
        for _, row in atlas.units.iterrows()
        for name in atlas.units
        if str(name).startswith(("elders", "residents"))
    }
    years = atlas.years[0].units
    true |= {
        (row["level"], str(row["unit_id"]), "2027"): float(row["elders_covered_15"]) for _, row in years.iterrows()
    }
    assert all(value is None or not 0 < value < FEWEST for value in said.values())
    assert all(value == true[key] for key, value in said.items() if value is not None and key in true)

    keys, places = list(true), {key: place for place, key in enumerate(true)}
    counts = [true[key] for key in keys]
    shown = [said.get(key) is not None for key in keys]
    sums: list[list[int]] = []
    columns = dict.fromkeys(name for _, _, name in keys)
    streets = atlas.communities["street_id"].astype(str)
    for name in columns:  # communities to their street, streets to the city
        for street in dict.fromkeys(streets):
            parts = [places["community", str(code), name] for code in streets.index[streets == street]]
            sums.append([*parts, places["street", street, name]])
        sums.append([*(places["street", street, name] for street in dict.fromkeys(streets)), places["city", "", name]])
    chains = [["elders_covered_5", "elders_covered_10", "elders_covered_15", "elders", "residents"]]
    chains += [["elders_covered_5_after", "elders_covered_10_after", "elders_covered_15_after", "elders"]]
    chains += [[f"elders_covered_{m}", f"elders_covered_{m}_after"] for m in WALKS]
    chains += [["elders_covered_15", "2027", "elders_covered_15_after"]]
    for level, unit in dict.fromkeys((level, unit) for level, unit, _ in keys):
        for chain in chains:  # what two columns differ by is a count too: of those between
            for small, big in [(a, b) for i, a in enumerate(chain) for b in chain[i + 1 :]]:
                apart = true[level, unit, big] - true[level, unit, small]
                if 0 < abs(apart) < FEWEST:
                    part, total = (small, big) if apart > 0 else (big, small)
                    sums.append([places[level, unit, part], len(counts), places[level, unit, total]])
                    counts.append(abs(apart))
                    shown.append(False)
    array, hidden = np.array(counts), ~np.array(shown)
    assert hidden[few(array)].all()
    open_ = {place for place in told(array, hidden, sums, few=few(array)) if few(array)[place]}
    assert not [keys[place] if place < len(keys) else "a difference" for place in sorted(open_)]


def test_homes_do_not_tell_what_is_hidden_of_their_community(tmp_path: Path) -> None:
    atlas = judged_town()
    homes = atlas.homes.copy()
    code = homes["community_id"].value_counts().index[0]
    homes.loc[homes["community_id"] == code, "elders"] = 8
    units = atlas.units.copy()
    units["elders"] = units["elders"].astype(float)
    first = (units["level"] == "community") & (units["unit_id"] == code)
    street = atlas.communities.loc[code, "street_id"]
    other = next(c for c in atlas.communities.index[atlas.communities["street_id"] == street] if c != code)
    for at, value in ((first, 8.0 * (homes["community_id"] == code).sum()), (units["unit_id"] == other, 3.0)):
        units.loc[at, "elders"] = value
    atlas = replace(atlas, units=units, homes=homes, shown={})
    rows = atlas.shown_units[0].set_index("unit_id")
    write_geopackage(atlas, tmp_path / "plan.gpkg")
    layer = gpd.read_file(tmp_path / "plan.gpkg", layer="homes")
    for unit, own in layer.groupby("community_id"):
        if rows.loc[unit, "elders"] in MARKS:
            assert own["elders"].isna().any(), unit


def test_a_verdict_of_a_place_with_a_hidden_count_tells_no_number(tmp_path: Path) -> None:
    atlas = towns()[0]
    places = atlas.hidden_places
    kept = replace(atlas, verdicts=shown_verdicts(atlas.verdicts, places))
    write_verdicts(kept, tmp_path / "verdicts.json")
    rows = json.loads((tmp_path / "verdicts.json").read_text("utf-8"))
    there = [row for row in rows if (row["level"], row["unit_id"]) in places and "名老年人" in row["measured"][0]]
    assert all(row["value"] is None and row["shortfall"] is None for row in there)
    assert all(not any(sign.isdigit() for sign in row["measured"][0]) for row in there)
    assert [row["status"] for row in rows] == [verdict.status.value for verdict in atlas.verdicts]


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_a_sentence_tells_no_difference_of_few(before: int, more: int, rest: int) -> None:
    true = [before, before + more, before + more + rest]
    shown = shown_chain(*true)
    for one in range(3):
        assert shown[one] in MARKS or (shown[one] == true[one] and not 0 < true[one] < FEWEST)
        for other in range(one + 1, 3):
            if 0 < true[other] - true[one] < FEWEST:
                assert shown[one] in MARKS or shown[other] in MARKS
    if all(n == 0 or n >= FEWEST for n in (before, more, rest, more + rest)):
        assert shown == true


def test_the_plan_in_words_does_not_tell_few_newly_covered() -> None:
    plan = judged_town().plan
    assert plan is not None
    close = replace(plan, elders_covered_before=4000, elders_covered=4003, elders_total=9000)
    assert "4003" not in explain(close, "en")[0]
    assert "4000 -> *" in explain(close, "en")[0]


def test_a_ledger_does_not_tell_few_left_out() -> None:
    few_unknown = Ledger(
        "coverage", "c", rows_read=2, rows_used=2, elders_read=103, elders_used=100, elders_left_out={"HOME_UNKNOWN": 3}
    )
    told_ = shown_ledger(few_unknown)
    assert told_.reasons["HOME_UNKNOWN"] == "<5"
    assert {told_.used, told_.read} & MARKS
    plain = shown_ledger(Ledger("r", "r", rows_read=1, rows_used=1, elders_read=50, elders_used=50))
    assert (plain.read, plain.used, plain.left_out) == (50, 50, 0)


@settings(max_examples=60)
@given(st.lists(st.lists(st.integers(0, 6), min_size=2, max_size=4), min_size=2, max_size=3))
def test_few_are_not_narrowed_down_to_one_number(town: list[list[int]]) -> None:
    """Oracle: every town with the same published numbers and marks is tried; each few can be at least two numbers."""
    for street in town:
        counts = np.array([*street, sum(street)], dtype=float)
        hidden = withheld(counts, [[*range(len(counts))]])
        few_here = few(counts)
        ranges = [
            range(1, 5) if few_here[place] else [0, *range(5, 30)] if hidden[place] else [int(counts[place])]
            for place in range(len(street))
        ]
        total = counts[-1]
        fits = [
            guess
            for guess in product(*ranges)
            if (sum(guess) == total) or (hidden[-1] and ((0 < sum(guess) < FEWEST) == bool(few_here[-1])))
        ]
        for place in np.flatnonzero(few_here[:-1]):
            if not hidden.all():
                assert len({guess[place] for guess in fits}) > 1, (street, place)


def test_units_without_few_people_are_shown_as_they_are() -> None:
    atlas = judged_town()
    units = atlas.units.copy()
    numbers = [name for name in units if str(name).startswith(("elders", "residents"))]
    units[numbers] = units[numbers] * 0 + 100.0
    units["elders_unknown"] = 0.0
    shown = shown_units(units, {}, atlas.communities, minutes=(5, 10, 15))
    assert not shown[0].isin(MARKS).any().any()

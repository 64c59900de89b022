"""Every bad input of the battery through the command line: accepted, repaired, warned of or refused as it says."""

from pathlib import Path
from typing import Any, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

import circle15 as c15
from circle15.city import City
from circle15.cli import app
from gis.errors import Finding
from gis.words import Language, say
from tests.bad_inputs import CASES, Case
from tests.bad_inputs_table import PAGES, comparable, row
from tests.bad_look import Look, look, look_at_run
from tests.bad_tables import FORMULAS
from tests.bad_town import Town

LANGUAGES: tuple[Language, ...] = get_args(Language)
NAMES = {case.number: case for case in CASES}


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> tuple[Look, City]:
    """Return the clean town, run and as read."""
    folder = Town(tmp_path_factory.mktemp("twin") / "town").clean().folder
    return look_at_run(folder), c15.read_city(c15.load_project(folder))


def test_the_clean_town_is_taken_without_a_word(twin: tuple[Look, City]) -> None:
    seen, city = twin
    assert (seen.status, seen.codes) == (0, set())
    assert city.network.length_km == pytest.approx(84, abs=0.01)
    assert seen.figures["elders"] == 9 * 180
    assert 0 < seen.figures["elders_covered"]["5"] < 9 * 180


@pytest.mark.parametrize("case", CASES, ids=[case.number for case in CASES])
def test_a_bad_input_is_treated_as_the_table_says(case: Case, tmp_path: Path, twin: tuple[Look, City]) -> None:
    folder = tmp_path / "town"
    language = LANGUAGES[CASES.index(case) % 2]
    seen = look(case, folder, language=language)
    assert seen.codes == set(case.codes), seen.said["zh"]
    assert len(seen.said["zh"]) == len(seen.said["en"])
    assert not any(str(tmp_path) in line for lines in seen.said.values() for line in lines)
    if case.verdict == "reject":
        assert seen.status == 2
        assert not (folder / "成果").exists()
        assert not [path for path in folder.iterdir() if path.name.endswith((".new", ".ready", ".old"))]
        assert all(len(line.split(" | ")) >= 2 for lines in seen.said.values() for line in lines)
    else:
        assert seen.status == case.status
    if case.memory_mib:
        assert seen.peak_mib < case.memory_mib
    if case.status:
        assert seen.figures["plan"]["culprits"][0]["names"]
        assert all(seen.plan.values())
    if case.run:
        _reconciled(seen)
        _shown(case, seen, language)
    if case.same and case.verdict != "reject":
        _same(case, seen, folder, twin)
    for each in LANGUAGES:
        page = PAGES[each].read_text(encoding="utf-8").splitlines()
        assert comparable(row(case, seen, each)) in set(map(comparable, page)), (
            "python -m tests.bad_inputs_table --write"
        )


def test_the_pages_have_every_case_and_no_other() -> None:
    assert len(NAMES) == len(CASES)
    for file in PAGES.values():
        rows = [line.split(" | ")[0].removeprefix("| ") for line in file.read_text(encoding="utf-8").splitlines()]
        assert [number for number in rows if number in NAMES or (number[:1] in "OTGCSP" and number[1:2].isdigit())] == [
            case.number for case in CASES
        ]


@pytest.mark.parametrize("number", ["S04", "S06", "P16"])
def test_what_a_run_refuses_of_the_sites_a_check_refuses_too(number: str, tmp_path: Path) -> None:
    NAMES[number].spoil(Town(tmp_path / "town").clean())
    ran = CliRunner().invoke(app, ["check", str(tmp_path / "town")])
    assert (ran.exit_code, NAMES[number].codes[0] in ran.stderr) == (2, True)


def test_names_that_are_formulas_stay_words(tmp_path: Path) -> None:
    seen = look(NAMES["C02"], tmp_path / "town")
    cells = {cell for rows in seen.sheets.values() for cells in rows for cell in cells}
    assert {name.strip() for name in FORMULAS} <= cells


def _reconciled(seen: Look) -> None:
    """Rows and elders read are used or left out by a reason; never more are covered than there are."""
    assert seen.manifest["ledgers"]
    for ledger in seen.manifest["ledgers"]:
        assert ledger["rows_read"] == ledger["rows_used"] + sum(ledger["left_out"].values())
        left = sum(ledger["elders_left_out"].values())
        assert (ledger["elders_read"] or 0) == (ledger["elders_used"] or 0) + left
    covered = seen.figures["elders_covered"].values()
    assert all(0 <= n + seen.figures["elders_unknown"] <= seen.figures["elders"] for n in covered)


def _shown(case: Case, seen: Look, language: Language) -> None:
    """Everything said stands in the annex, in the language of the project, with its place."""
    quality = seen.sheets[say("annex.quality", language)]
    told = {str(cells[-1]) for cells in quality}
    for finding in (Finding(**each) for each in seen.manifest["findings"]):
        assert finding.line(language) in told
    assert bool(case.codes) == any(f["severity"] != "note" for f in seen.manifest["findings"])


def _same(case: Case, seen: Look, folder: Path, twin: tuple[Look, City]) -> None:
    """The figures are those of the clean twin; where there was no run, all that was read is."""
    if case.run:
        figures = {key: value for key, value in seen.figures.items() if key != "plan" and not key.endswith("_after")}
        clean = {key: value for key, value in twin[0].figures.items() if key in figures}
        assert {**figures, "project": ""} == {**clean, "project": ""}
        return
    if case.verdict == "warn":
        return
    got, clean_city = c15.read_city(c15.load_project(folder)), twin[1]
    for name in ("communities", "facilities"):
        _same_frame(getattr(got, name), getattr(clean_city, name))
    _same_frame(got.homes.frame, clean_city.homes.frame)
    assert got.network.edge_length_m.sum() == pytest.approx(clean_city.network.edge_length_m.sum(), abs=0.01)


def _same_frame(got: gpd.GeoDataFrame, clean: gpd.GeoDataFrame) -> None:
    one, other = (pd.DataFrame(frame.drop(columns="geometry")) for frame in (got, clean))
    pd.testing.assert_frame_equal(one, other, rtol=1e-6)
    apart: Any = shapely.hausdorff_distance(got.geometry.to_numpy(), clean.geometry.to_numpy())
    assert (np.nan_to_num(apart) < 0.01).all()

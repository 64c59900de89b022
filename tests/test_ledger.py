"""Every row and every elder that was read is used or left out for a reason; the counts are made anew from the files."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest

import circle15 as c15
from circle15.accounts import coverage_ledger
from gis.intake import read_table
from gis.ledger import Ledger
from gis.tables import RESIDENTS, TABLES
from tests.town import without_maps

ELDERS = "60岁及以上人口"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, c15.Study]:
    """Return the sample with its results."""
    town = without_maps(c15.copy_sample(tmp_path_factory.mktemp("ledger") / "town"))
    return town, c15.run(town)


def test_a_ledger_that_does_not_add_up_is_no_ledger() -> None:
    with pytest.raises(ValueError, match="3 rows read"):
        Ledger("t", "t", rows_read=3, rows_used=1, left_out={"ROW_NOTE": 1})
    with pytest.raises(ValueError, match="9 elders read"):
        Ledger("t", "t", rows_read=1, rows_used=1, elders_read=9, elders_used=5, elders_left_out={"GEOMETRY_NULL": 3})


def test_every_input_of_the_sample_is_accounted_for(ran: tuple[Path, c15.Study]) -> None:
    town, done = ran
    ledgers = {ledger.table: ledger for ledger in done.ledgers}
    named = {name for name, source in done.project.inputs.model_dump().items() if source and name in TABLES}
    assert set(ledgers) == named | {"coverage"}
    residents = pd.read_csv(town / "residents.csv", dtype=str)
    heading = next(column for column in residents if "60" in column)
    assert ledgers["residents"].rows_read == len(residents)
    assert ledgers["residents"].elders_read == residents[heading].astype(float).sum()
    communities = gpd.read_file(town / "communities.gpkg")
    assert ledgers["communities"].elders_read == communities[ELDERS].astype(int).sum()
    for ledger in done.ledgers:
        assert ledger.reconciled


def test_the_people_of_the_homes_are_counted_not_located_or_withheld(ran: tuple[Path, c15.Study]) -> None:
    _, done = ran
    ledger = done.ledgers[-1]
    city = done.units[done.units["level"] == "city"].iloc[0]
    assert ledger.elders_read == city["elders"]
    assert ledger.elders_left_out["HOME_UNKNOWN"] == city["elders_unknown"] > 0
    assert ledger.rows_read == len(done.homes)


def test_page_and_manifest_and_annex_hold_the_same_ledgers(ran: tuple[Path, c15.Study]) -> None:
    town, done = ran
    kept = json.loads((town / "成果" / "manifest.json").read_text(encoding="utf-8"))["ledgers"]
    assert [row["elders_used"] for row in kept] == [ledger.elders_used for ledger in done.ledgers]
    book = openpyxl.load_workbook(town / "成果" / "annex.xlsx")
    page = next(sheet for sheet in book if any("读入老年人" in str(cell.value) for cell in sheet[1]))
    heads = [str(cell.value).split("\n")[0] for cell in page[1]]
    rows = [dict(zip(heads, [cell.value for cell in row], strict=True)) for row in page.iter_rows(min_row=2)]
    assert len(rows) == len(kept)
    for row in rows:
        assert row["读入行数"] == row["采用行数"] + row["未采用行数"]
        assert (row["读入老年人"] or 0) == (row["计入老年人"] or 0) + (row["未计入老年人"] or 0)


def test_elders_of_small_communities_are_withheld_with_those_that_would_give_them_away() -> None:
    communities = pd.DataFrame({"street_id": ["s", "s", "s"]}, index=["a", "b", "c"])
    homes = gpd.GeoDataFrame(
        {
            "community_id": ["a", "b", "b", "c", "c", None],
            "elders": [3, 20, 10, 100, 7, 6],
            "state": ["covered", "covered", "unknown", "not_covered", "unknown", "covered"],
        },
        geometry=[None] * 6,
    )
    ledger = coverage_ledger(homes, communities)
    assert dict(ledger.elders_left_out) == {"HOME_UNKNOWN": 17, "HOME_OUTSIDE": 6, "PEOPLE_FEW": 23}
    assert (ledger.elders_read, ledger.elders_used) == (146, 100)


Dirt = Callable[[pd.DataFrame], pd.DataFrame]
DIRT: dict[str, tuple[Dirt, dict[str, int]]] = {
    "repeated rows": (lambda t: pd.concat([t, t.iloc[:3]]), {"ROW_DUPLICATE": 3}),
    "a total": (
        lambda t: pd.concat([t, pd.DataFrame([{t.columns[0]: "合计", "60岁以上人口": "99999"}])]),
        {"ROW_TOTAL": 1},
    ),
    "a note": (lambda t: pd.concat([t, pd.DataFrame([{t.columns[0]: "注：数据来源于街道"}])]), {"ROW_NOTE": 1}),
    "no position": (lambda t: t.assign(经度=["", *t["经度"].iloc[1:]]), {}),
    "no elders": (lambda t: t.assign(**{"60岁以上人口": ["", *t["60岁以上人口"].iloc[1:]]}), {}),
}


@pytest.mark.parametrize("dirt", DIRT)
def test_dirty_rows_are_accounted_for(tmp_path: Path, dirt: str) -> None:
    """Thirty homes; what is read, used and left out is counted here by hand."""
    clean = pd.DataFrame(
        {
            "编号": [f"h{i:02d}" for i in range(30)],
            "经度": [f"{114.2 + i / 1000:.6f}" for i in range(30)],
            "纬度": ["35.750000"] * 30,
            "总人口": [str(40 + i) for i in range(30)],
            "60岁以上人口": [str(10 + i) for i in range(30)],
        }
    )
    spoil, left_out = DIRT[dirt]
    dirty = spoil(clean).fillna("")
    dirty.to_csv(tmp_path / "residents.csv", index=False)
    read = read_table(tmp_path / "residents.csv", RESIDENTS, crs="EPSG:4547", datum="wgs84")
    ledger = read.ledger
    assert dict(ledger.left_out) == left_out
    assert ledger.rows_read == len(dirty)
    counted = pd.to_numeric(dirty["60岁以上人口"], errors="coerce").fillna(0)
    counted = counted[~dirty["编号"].str.contains("合计|注")]
    located = read.frame.geometry.notna()
    used = int(np.nansum(read.frame["elders"][located].astype(float)))
    assert ledger.elders_read == counted.sum()
    assert ledger.elders_used == used
    assert ledger.elders_read - used == sum(ledger.elders_left_out.values())


def test_a_run_on_dirty_inputs_still_accounts_for_everybody(ran: tuple[Path, c15.Study], tmp_path: Path) -> None:
    town = Path(shutil.copytree(ran[0], tmp_path / "town", ignore=shutil.ignore_patterns("成果")))
    residents = pd.read_csv(town / "residents.csv", dtype=str)
    residents = pd.concat([residents, residents.iloc[:5]])
    residents.loc[residents.index[10:13], "经度"] = ""
    residents.to_csv(town / "residents.csv", index=False)
    communities = gpd.read_file(town / "communities.gpkg")
    communities.loc[0, "geometry"] = None
    communities.to_file(town / "communities.gpkg")
    city = c15.read_city(c15.load_project(town))
    ledgers = {ledger.table: ledger for ledger in city.ledgers}
    assert ledgers["residents"].left_out["ROW_DUPLICATE"] == 5
    assert ledgers["residents"].elders_left_out["POSITION_MISSING"] > 0
    assert ledgers["communities"].elders_left_out["GEOMETRY_NULL"] > 0
    done = c15.study(city)
    assert done.ledgers[-1].elders_read == done.homes["elders"].sum()

"""What a council asks, drawn: lines and rings on the page, the curves, and the sheets with names that attack."""

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import chromium
import openpyxl
import pandas as pd
import pytest
from town import HOSTILE, made_town

from maps.atlas import Atlas
from maps.council import Council
from maps.council_layer import council_layer
from maps.council_sheets import write_council
from maps.page import draw_page, write_page
from maps.siting_charts import front_chart, phases_chart
from optimise.front import front, more_money
from optimise.inquiry import pursue, simple
from optimise.near_best import near_best
from optimise.reasons import serving, why
from optimise.rules import SitingRules

FRONT = pd.DataFrame(
    {
        "elders_covered": [pd.NA, 1000, 1500, 1800],
        "value": [pd.NA, 1000, 1500, 1800],
        "bound": [pd.NA, 1100, 1700, 1800],
    },
    index=pd.Index([0, 1_000_000, 2_000_000, 5_000_000], name="budget_yuan"),
).astype("Int64")
YEARS = pd.DataFrame(
    {"sites": [4, 0, 2], "cost_yuan": [2_900_000, 0, 1_200_000], "elders_covered": [8600, 8600, 9050]},
    index=pd.Index([2022, 2023, 2024], name="year"),
)


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    """Return the made town with three candidates, one of them built, and every answer."""
    town = made_town()
    homes = town.homes.head(60)
    demand = pd.DataFrame(
        {"elders": 7, "covered": False, "community_id": homes["community_id"].fillna("").astype(object)},
        index=homes.index,
    )
    ids = [str(i) for i in town.candidates.index[:3]]
    reach = {ids[0]: demand.index[:30], ids[1]: demand.index[1:30], ids[2]: demand.index[28:45]}
    pairs = pd.DataFrame(
        [(h, c, 5.0) for c, some in reach.items() for h in some], columns=["demand_id", "candidate_id", "minutes"]
    )
    candidates = pd.DataFrame(
        {"name": list(HOSTILE[:3]), "kind": "day_care", "floor_area_m2": 400.0, "cost_yuan": 900_000}, index=ids
    )
    inquiry = simple(demand, pairs, candidates, rules=SitingRules(budget_yuan=900_000))
    best = pursue(inquiry, seconds=60)
    others = near_best(inquiry, best, within=0.1)
    assert [sorted(p.sites) for p in (best, *others)] == [[ids[0]], [ids[1]]]
    council = Council(
        best=best,
        today=inquiry.recount([]),
        near_best=others,
        why=why(inquiry, best, others=others),
        serves=serving(inquiry, best),
        front=front(inquiry, points=4),
        more=more_money(inquiry, value=best.value),
    )
    return replace(town, council=council)


def test_the_layer_has_a_line_for_each_community_served_and_a_ring_for_each_site(atlas: Atlas) -> None:
    layer, council = council_layer(atlas), atlas.council
    assert layer is not None
    assert council is not None
    served = council.serves[
        council.serves["community_id"].isin(atlas.communities.index) & (council.serves["elders"] > 0)
    ]
    assert len(layer["lines"]) == len(served) > 0
    assert [line[4] for line in layer["lines"]] == served["elders"].tolist()
    assert [ring[2:] for ring in layer["rings"]] == [[0, 1]]
    assert council_layer(replace(atlas, council=None)) is None


def test_few_people_are_not_told_apart_on_the_page(atlas: Atlas) -> None:
    assert atlas.council is not None
    few = replace(atlas.council, serves=atlas.council.serves.assign(elders=3, elders_new=0))
    layer = council_layer(replace(atlas, council=few))
    assert layer is not None
    assert {line[4] for line in layer["lines"]} == {-1}
    assert {line[5] for line in layer["lines"]} == {0}


def test_the_page_draws_the_siting_in_a_browser_without_complaint(atlas: Atlas, tmp_path: Path) -> None:
    browser = chromium.found()
    if browser is None:
        pytest.skip("no Chromium on this machine")
    write_page(atlas, tmp_path / "siting.html")
    with chromium.tab(browser) as tab:
        tab.open(tmp_path / "siting.html")
        assert tab.complaints == []
        assert tab.requests == [(tmp_path / "siting.html").as_uri()]
        words = json.loads(
            tab.value(
                "JSON.stringify(Array.from(document.querySelectorAll('.panel .layer')).map((n) => n.textContent))"
            )
        )
        rows = [text for text in words if "在相近方案中的比例" in text or "新点与所服务社区" in text]
        assert len(rows) == 2
        tab.value("document.querySelectorAll('.panel .layer input').forEach((box) => { box.click(); box.click(); })")
        assert tab.complaints == []


def test_a_page_without_answers_has_no_rows_for_them() -> None:
    assert re.search('"council":null', draw_page(made_town()))


def test_the_sheets_hold_hostile_names_as_text(atlas: Atlas, tmp_path: Path) -> None:
    write_council(atlas, tmp_path / "siting.xlsx")
    book = openpyxl.load_workbook(tmp_path / "siting.xlsx")
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert any(cell.value == HOSTILE[0] for cell in cells)
    assert all(cell.data_type in "sn" or str(cell.value).startswith("=SUM(") for cell in cells)
    again = tmp_path / "again.xlsx"
    write_council(atlas, again)
    assert again.read_bytes() == (tmp_path / "siting.xlsx").read_bytes()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_front_is_drawn_to_scale(language: str) -> None:
    drawn = ET.fromstring(front_chart(FRONT, language=language, budget_yuan=1_000_000))  # noqa: S314 - our own text
    space = "{http://www.w3.org/2000/svg}"
    dots = [(float(d.get("cx", 0)), float(d.get("cy", 0))) for d in drawn.iter(f"{space}circle")]
    assert len(dots) == 3  # no plan, no dot
    (x1, y1), (x2, y2), (x5, y5) = dots
    assert x5 - x2 == pytest.approx(3 * (x2 - x1), abs=0.2)
    assert (y1 - y2) / (y2 - y5) == pytest.approx(5 / 3, rel=0.01)
    bound = next(line for line in drawn.iter(f"{space}polyline") if line.get("stroke-dasharray") == "6 4")
    assert all(
        float(point.split(",")[1]) <= y for point, (_, y) in zip(bound.get("points", "").split(), dots, strict=True)
    )


def test_phases_have_a_bar_for_each_year_and_none_without_years() -> None:
    space = "{http://www.w3.org/2000/svg}"
    drawn = ET.fromstring(phases_chart(YEARS))  # noqa: S314 - our own text
    bars = [float(bar.get("height", 0)) for bar in drawn.iter(f"{space}rect") if bar.get("height") != "100%"]
    assert bars[0] / bars[2] == pytest.approx(29 / 12, rel=0.01)
    assert bars[1] == 0
    assert "rect" in phases_chart(YEARS.set_axis([0, 0, 0]))
    assert "<circle" not in phases_chart(YEARS.iloc[:1].set_axis([0]))
    assert "<circle" not in front_chart(FRONT.iloc[:1])

"""Results show themselves in a notebook, faults as a workbook; what a table holds is text in both."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from circle15 import copy_sample, load_project, read_city, study, summary_lines
from circle15.cli import app
from circle15.fault_list import place_parts, write_fault_list
from gis.errors import Finding
from gis.intake.template import example
from gis.shown import MOST_ROWS, card
from gis.tables import TABLES, Table


def test_a_card_holds_text_as_text() -> None:
    hostile = "<script>alert(1)</script>"
    shown = card(hostile, [hostile], {hostile: pd.DataFrame({hostile: [hostile]}, index=[hostile])})
    assert hostile not in shown
    assert shown.count("&lt;script&gt;") == 6  # heading, line, table heading, column, index, cell


def test_a_long_table_says_how_long_it_is() -> None:
    shown = card("x", [], {"t": pd.DataFrame({"n": range(MOST_ROWS + 1)})})
    assert f"{MOST_ROWS + 1} rows" in shown
    assert card("x", [], {"t": pd.DataFrame({"n": []})}) == card("x")


def test_every_result_of_the_sample_shows_itself(tmp_path: Path) -> None:
    city = read_city(load_project(copy_sample(tmp_path / "town")))
    done = study(city)
    shown = done._repr_html_()
    assert all(line in shown for line in summary_lines(done, "zh"))
    assert done.plan is not None
    plan = done.plan._repr_html_()
    assert all(str(name) in plan for name in done.plan.sites["name"])
    assert all(str(ledger.rows_read) in city._repr_html_() for ledger in city.ledgers)
    assert "gini" in done.measures._repr_html_()
    assert all(finding.code in done.doubts._repr_html_() for finding in done.doubts.findings)
    assert "leaflet" in done.explore().get_root().render().lower()


@pytest.mark.parametrize(
    ("place", "parts"),
    [
        ("a.xlsx!表:5/床位", ("a.xlsx", "表", 5, "床位")),
        ("a.csv:7", ("a.csv", "", 7, "")),
        ("C:\\数据\\a.csv:7/x", ("C:\\数据\\a.csv", "", 7, "x")),
        ("project.toml:siting.budget_wan", ("project.toml:siting.budget_wan", "", None, "")),
        ("candidates/C01", ("candidates/C01", "", None, "")),
    ],
)
def test_places_in_parts(place: str, parts: tuple[str, str, int | None, str]) -> None:
    assert place_parts(place) == parts


def test_the_fault_list_has_every_finding_the_gravest_first(tmp_path: Path) -> None:
    findings = [
        Finding("ROW_TOTAL", "repair", "a.xlsx!表:48", "=合计"),
        Finding("FILE_EMPTY", "reject", "b.csv", "0 B"),
    ]
    write_fault_list(findings, tmp_path / "f.xlsx", language="en")
    head, *rows = openpyxl.load_workbook(tmp_path / "f.xlsx").active.iter_rows()
    assert [cell.value for cell in head][:6] == ["how grave", "code", "file or place", "sheet", "row", "column"]
    assert [row[1].value for row in rows] == ["FILE_EMPTY", "ROW_TOTAL"]
    assert [cell.value for cell in rows[1][2:5]] == ["a.xlsx", "表", 48]
    assert rows[1][7].data_type == "s"  # found in a table: never a formula
    assert rows[1][7].value == "=合计"


def test_check_lists_what_refuses_the_input_and_what_does_not(tmp_path: Path) -> None:
    town, into = copy_sample(tmp_path / "town"), tmp_path / "list.xlsx"
    fine = CliRunner().invoke(app, ["check", str(town), "--list", str(into)])
    assert (fine.exit_code, str(into) in fine.output) == (0, True)
    warned = list(openpyxl.load_workbook(into).active.iter_rows(min_row=2, values_only=True))
    assert {"ROW_TOTAL", "ESTATE_NO_GATE"} <= {row[1] for row in warned}
    (town / "设施.xlsx").unlink()
    refused = CliRunner().invoke(app, ["check", str(town), "--list", str(into)])
    assert refused.exit_code == 2
    assert [row[1] for row in openpyxl.load_workbook(into).active.iter_rows(min_row=2, values_only=True)] == [
        "FILE_MISSING"
    ]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_examples_of_a_form_are_of_the_kind_asked_for(table: Table) -> None:
    for column in table.columns:
        shown = example(column)
        if column.choices:
            assert any(shown in words for words in column.choices.values())
        elif column.content in ("whole", "number") and shown:
            assert float(shown.rstrip("%")) > 0
        elif column.content == "date":
            assert pd.Timestamp(shown)

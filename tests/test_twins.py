"""Two towns of which every hidden count differs publish the same files, byte for byte: nobody can tell which is which.

All that is handed on is compared: pages by county and their index, annex, report, layers in every format, verdicts, the
siting products with a plan edited by hand, and the drawings.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from twin_town import HOMES, write

import circle15 as c15
from circle15.outputs import write_outputs
from circle15.siting_outputs import write_siting
from gis.disclosure import FEWEST
from maps.atlas import Atlas
from maps.postgis import layers
from maps.sheet.drawing import compose, streets_of
from maps.sheet.themes import THEMES
from maps.withheld import MARKS

UNLIKE = {"times.json"}
"""The time a run took is no figure of it."""


def published(folder: Path, *, twin: bool) -> tuple[Atlas, dict[str, bytes]]:
    """Return the atlas of a town and all its files, by name."""
    project = c15.load_project(write(folder, twin=twin))
    done = c15.study(c15.today(c15.read_city(project)))
    write_outputs(done, times={})
    done = replace(done, council=c15.council(done))
    write_siting(done, edited=c15.evaluate(done, ["C1"]))
    atlas = done.atlas()
    results = project.path(project.output.folder)
    files = {
        path.relative_to(results).as_posix(): path.read_bytes()
        for path in sorted(results.rglob("*"))
        if path.is_file() and path.name not in UNLIKE
    }
    told = json.loads(files["manifest.json"])
    files["manifest.json"] = json.dumps({key: told[key] for key in told if key not in ("inputs", "outputs")}).encode()
    return atlas, files | {f"sheet {name}": text.encode() for name, text in drawings(atlas)}


def drawings(atlas: Atlas) -> Iterator[tuple[str, str]]:
    """Yield every drawing, what stands on it line by line."""
    for theme in THEMES:
        for street in streets_of(atlas) if theme == "street" else [""]:
            yield f"{theme} {street}", "\n".join(map(repr, compose(atlas, theme, size="A3", street=street).items))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Atlas, dict[str, bytes]]]:
    return [published(tmp_path_factory.mktemp("town"), twin=twin) for twin in (False, True)]


def test_the_towns_differ_where_few_people_are_and_answer_the_questions(
    both: list[tuple[Atlas, dict[str, bytes]]],
) -> None:
    """What the comparison below stands on: a plan with years, a front, near-best plans, and marks in all of it."""
    (atlas, files), (twin, _) = both
    assert all(elders != other for _, _, elders, other in HOMES if elders < FEWEST)
    assert sum(elders for _, _, elders, _ in HOMES) == sum(other for _, _, _, other in HOMES)
    assert atlas.plan is not None
    assert twin.plan is not None
    assert list(atlas.plan.sites.index) == list(twin.plan.sites.index) == ["C0", "C1"]
    assert [end.year for end in atlas.years] == [2022, 2023]
    assert {value for table in atlas.shown_units.values() for value in table.to_numpy().ravel()} >= MARKS
    names = {name.rsplit("/", 1)[-1] for name in files}
    assert names >= {"410611.html", "410612.html", "report.docx", "report.pdf", "annex.xlsx", "plan.gpkg"}
    assert names >= {"siting.html", "siting.xlsx", "plan.xlsx", "front.svg", "phases.svg", "plan_geoparquet.zip"}


def test_the_towns_publish_the_same_files_byte_for_byte(both: list[tuple[Atlas, dict[str, bytes]]]) -> None:
    (_, one), (_, other) = both
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


def test_the_towns_hand_the_same_layers_to_a_database(both: list[tuple[Atlas, dict[str, bytes]]]) -> None:
    one, other = (layers(atlas) for atlas, _ in both)
    assert [name for name in one if not one[name].equals(other[name])] == []

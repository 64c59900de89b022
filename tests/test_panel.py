"""The panel: each control computes anew, and what it says is what a run with those parameters would say."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.image import imread

from circle15 import City, Today, copy_sample, load_project, panel, read_city, study, today, what_if
from circle15.panel import panel_lines
from maps.plot import plot_coverage
from maps.style import share_colour

pytest.importorskip("ipywidgets", reason="the panel needs ipywidgets (pip install circle15[notebooks])")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # ipywidgets' own


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> City:
    return read_city(load_project(copy_sample(tmp_path_factory.mktemp("panel") / "town")))


@pytest.fixture(scope="module")
def here(town: City) -> Today:
    return today(town)


def other_project(town: City, **walking: object) -> City:
    """Return the town as if its project file said so."""
    project = town.project
    changed = project.walking.model_copy(update=walking)
    return replace(town, project=project.model_copy(update={"walking": changed}))


def test_what_if_is_what_a_run_of_that_project_says(town: City, here: Today) -> None:
    quick = what_if(here, speed_m_s=0.7, minutes=12)
    whole = study(other_project(town, speed_m_s=0.7, minutes=(5, 10, 12)))
    columns = ["elders_covered_5", "elders_covered_10", "elders_covered_12"]
    assert quick.units[columns].equals(whole.units[columns])
    assert quick.plan is not None
    assert whole.plan is not None
    assert (quick.plan.options, quick.plan.bound) == (whole.plan.options, whole.plan.bound)


def test_the_controls_recompute_and_redraw(here: Today, tmp_path: Path) -> None:
    box: Any = panel(here)
    speed, minutes, budget, required, forbidden = box.children[0].children
    first, said = box.children[2].value, box.children[1].value
    assert all(line.split("（")[0] in said for line in panel_lines(box.study))
    budget.value = 0
    assert box.study.plan is None or not len(box.study.plan.sites)
    assert box.children[2].value != first
    budget.value = 500
    chosen, free = (
        box.study.plan.sites.index[0],
        next(code for _, code in forbidden.options if code not in box.study.plan.sites.index),
    )
    forbidden.value = (chosen,)
    assert chosen not in box.study.plan.sites.index
    required.value = (chosen,)  # required and forbidden: said, never drawn
    assert box.study.plan.status.value == "INFEASIBLE"
    forbidden.value, required.value = (), (free,)
    assert free in box.study.plan.sites.index or box.study.plan.culprits
    speed.value, minutes.value = 0.5, 7
    assert box.study.project.walking.minutes == (5, 7)
    (tmp_path / "map.png").write_bytes(box.children[2].value)
    assert np.ptp(imread(tmp_path / "map.png")) > 0.5  # something is drawn


def test_the_plot_colours_communities_as_the_page_does(here: Today) -> None:
    done = study(here)
    axes = plot_coverage(done.atlas(), after=False)
    units = done.units[done.units["level"] == "community"].set_index("unit_id")
    wanted = {
        share_colour(row["elders_covered_15"], row["elders"], row["elders_unknown"]) for _, row in units.iterrows()
    }
    drawn = {to_hex(colour) for collection in axes.collections[:1] for colour in collection.get_facecolor()}
    assert drawn == wanted

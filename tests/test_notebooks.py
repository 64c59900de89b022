"""Every notebook runs from top to bottom, without network, as a planner would run it."""

from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.py"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs(path: Path, tmp_path: Path) -> None:
    notebook = jupytext.read(path)
    here = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=here).execute()
    shown = [out for cell in notebook.cells if cell.cell_type == "code" for out in cell["outputs"]]
    assert any("text/html" in out.get("data", {}) for out in shown)
    assert all(out.get("name") != "stderr" for out in shown), [out for out in shown if out.get("name") == "stderr"]
    nbformat.validate(notebook)


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_that_jupyter_opens_is_the_same(path: Path) -> None:
    opened = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    assert [(c["cell_type"], c["source"]) for c in opened.cells] == [
        (c["cell_type"], c["source"]) for c in jupytext.read(path).cells
    ]
    assert not any(c.get("outputs") for c in opened.cells)

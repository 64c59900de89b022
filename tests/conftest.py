"""What several tests need: the real data that lies beside the checkout, where it does; the same examples each time."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from postgres import Cluster, cluster, programs

settings.register_profile("suite", derandomize=True)
settings.register_profile("search", max_examples=1000)  # pytest --hypothesis-profile=search looks for new ones
settings.load_profile("suite")

os.environ.setdefault("OGR_SQLITE_SYNCHRONOUS", "OFF")  # the layers that tests make need not outlive the machine

LONGEST = (
    "test_bad_inputs",
    "test_ways_out",
    "test_province",
    "test_run",
    "test_durable",
    "test_province_money",
    "test_hostile_names",
    "test_council_project",
    "test_mutants",
    "test_sheets_files",
    "test_postgis",
    "test_page_browser",
    "test_notebooks",
)
"""Files of half a minute and more, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest files begin first: a file belongs to one worker, and none should be left with one at the end."""
    rank = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(rank)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real extracts, or skip the test where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real extracts (../shared/data) are not here")
    return folder


@pytest.fixture(scope="module")
def base() -> Iterator[Cluster]:
    """Return a PostgreSQL with PostGIS that runs for the tests of one file."""
    folder = programs()
    if folder is None:
        pytest.skip("no PostgreSQL with PostGIS on this machine")
    with cluster(folder) as running:
        yield running

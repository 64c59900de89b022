"""What several tests need: the real data that lies beside the checkout, where it does; the same examples each time."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("suite", derandomize=True)
settings.register_profile("search", max_examples=1000)  # pytest --hypothesis-profile=search looks for new ones
settings.load_profile("suite")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real extracts, or skip the test where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real extracts (../shared/data) are not here")
    return folder

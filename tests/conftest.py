"""What several tests need: the real data that lies beside the checkout, where it does."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real extracts, or skip the test where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real extracts (../shared/data) are not here")
    return folder

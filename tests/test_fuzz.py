"""A few damaged files of each kind, the same each time; `python -m tests.fuzz --seconds 600` looks for new ones."""

import struct
import sys
from itertools import islice
from pathlib import Path

import pytest

from gis.errors import InputError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits and processes of POSIX")
EACH = 2


def test_damaged_files_end_in_a_result_or_in_plain_findings() -> None:
    from tests.fuzz import hunt  # noqa: PLC0415  it asks for what Windows has not

    tried = list(islice(hunt(seed=1), EACH * 13))
    assert len({name for name, _, _ in tried}) == 13
    assert not [found for found in tried if found[2]]


def test_the_hunt_tells_what_is_no_plain_finding(tmp_path: Path) -> None:
    from tests.fuzz import Kind, tried  # noqa: PLC0415

    file = tmp_path / "one.bin"
    file.write_bytes(b"\0")

    def breaks(path: Path) -> object:
        return struct.unpack(">I", path.read_bytes())

    def writes(path: Path) -> object:
        return path.with_suffix(".new").write_text("more", encoding="utf-8")

    def refuses(_: Path) -> object:
        raise InputError([])

    assert "struct.error" in tried(Kind(file, breaks), b"")
    assert tried(Kind(file, writes), b"") == "a file was written"
    assert "not one line each" in tried(Kind(file, refuses), b"")
    assert tried(Kind(file, lambda path: path.read_bytes()), b"") == ""

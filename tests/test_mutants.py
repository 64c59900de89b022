"""Do the tests notice faults? A fixed sample in one module here; `python -m tests.mutants` tries all of them."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SAMPLE = 20
NOTICED = 16
"""Eight in ten: what the whole hunt asks for."""


@pytest.mark.skipif(sys.platform == "win32", reason="processes of POSIX")
@pytest.mark.skipif(importlib.util.find_spec("coverage") is None, reason="needs coverage")
def test_the_tests_of_who_is_entitled_notice_small_faults() -> None:
    asked = ["--module", "policy.eligible", "--sample", str(SAMPLE)]
    told = subprocess.run(
        [sys.executable, "-m", "tests.mutants", *asked], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    found = told.rsplit("all: ", 1)[1].split()
    assert int(found[2]) == SAMPLE
    assert int(found[0]) >= NOTICED, told


def test_a_fault_is_one_change_and_every_kind_of_it_is_made() -> None:
    from tests.mutants import mutants  # noqa: PLC0415

    source = "def f(a, b):\n    if a < b and not a:\n        return a + 1\n    raise ValueError\n"
    made = [ast.unparse(each.tree) for each in mutants(source)]
    assert len(set(made)) == len(made)
    for other in ("a <= b", "a > b", "a < b or not a", "and a:", "a - 1", "a + 2", "return None", "pass", "if False"):
        assert any(other in text for text in made), other
    assert ast.unparse(ast.parse(source)) not in made
    assert all(text.count("\n") >= 2 for text in made)


def test_types_and_texts_are_left_alone() -> None:
    from tests.mutants import mutants  # noqa: PLC0415

    assert mutants('Pair = tuple[int, 2]\n\ndef f(a: int = None) -> "b":\n    """Say 1 < 2."""\n') == []

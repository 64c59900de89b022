"""The user's guide says what the tool does: its commands, keys, codes, words and names exist, in both languages."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import circle15
from circle15.cli import app
from circle15.project import Project
from gis.words import catalogue, say

GUIDE = Path(__file__).parents[1] / "docs" / "guide"
PAGES = sorted(GUIDE.glob("*/*.md"))
FENCE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(kind: str) -> list[str]:
    return [body for page in PAGES for language, body in FENCE.findall(page.read_text("utf-8")) if language == kind]


def test_every_page_stands_in_both_languages() -> None:
    assert {p.name for p in GUIDE.glob("zh/*.md")} == {p.name for p in GUIDE.glob("en/*.md")} != set()


def test_commands_and_options_exist() -> None:
    lines = [line.split("#")[0].split() for body in blocks("sh") for line in body.splitlines()]
    ours = [words[1:] for words in lines if words[:1] == ["circle15"]]
    assert ours
    for command, *rest in ours:
        told = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "300", "NO_COLOR": "1"})
        assert told.exit_code == 0, command
        for option in rest:
            assert not option.startswith("--") or option in told.output, (command, option)


@pytest.mark.parametrize("body", blocks("toml"))
def test_keys_are_those_of_a_project_file(body: str) -> None:
    said: dict[str, Any] = tomllib.loads(body if body.startswith("[") else f"[inputs]\n{body}")
    least = {"name": "x", "inputs": {"streets": "a.pbf", "communities": "b.xlsx", "facilities": {"path": "c.xlsx"}}}
    Project.model_validate({**least, **said, "inputs": {**least["inputs"], **said.get("inputs", {})}, "folder": Path()})


def test_names_of_the_python_examples_are_public() -> None:
    names = {name for body in blocks("python") for name in re.findall(r"c15\.(\w+)", body)}
    assert names <= set(circle15.__all__)
    assert names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: "-".join(page.parts[-2:]))
def test_fault_codes_and_links_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    codes = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", text))
    assert {f"fault.{code}" for code in codes} <= set(catalogue())
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("language", ["zh", "en"])
def test_answers_and_states_are_called_what_the_tool_calls_them(language: str) -> None:
    verdicts = (GUIDE / language / "verdicts.md").read_text("utf-8")
    plans = (GUIDE / language / "siting.md").read_text("utf-8")
    for key in catalogue():
        if key.startswith("status."):
            assert f"| {say(key, language)} |" in verdicts
    for status in circle15.PlanStatus:
        assert f"| {say(f'plan.{status.value}', language)} |" in plans

"""What becomes of one bad input: the clean town is spoilt, the command line run on it, and what it says collected."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import openpyxl
from typer.testing import CliRunner

from circle15.cli import app
from gis.errors import Finding
from gis.words import Language
from tests.bad_inputs import Case
from tests.bad_town import Town

ROOT = Path(__file__).parents[1]
SEVERITIES = {"错误": "reject", "警告": "warn", "修正": "repair", "说明": "note",
              "ERROR": "reject", "WARN": "warn", "REPAIR": "repair", "NOTE": "note"}  # fmt: skip
OWN_PROCESS = """
import json, resource, sys
from circle15.cli import app
used = resource.getrusage(resource.RUSAGE_SELF)
resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 60, 999))
try:
    app(["run", sys.argv[1]])
except SystemExit as end:
    peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(json.dumps([end.code, int(peak) // 1024]))
"""


@dataclass(frozen=True)
class Look:
    """The exit status, what was said in each language, the figures and the manifest of a run, the peak of memory."""

    status: int
    said: dict[Language, list[str]]
    figures: dict[str, Any] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)
    sheets: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    peak_mib: int = 0
    plan: dict[Language, list[str]] = field(default_factory=dict)
    """What is said of a plan that cannot be."""

    @property
    def codes(self) -> set[str]:
        """The codes of what was said beyond notes."""
        heads = (line.split(" ", 3) for line in self.said["zh"])
        return {code for word, _, code, *_ in heads if SEVERITIES[word] != "note"}

    def first(self, language: Language) -> list[str]:
        """Return the first line of each code beyond notes."""
        lines: dict[str, str] = {}
        for zh, line in zip(self.said["zh"], self.said[language], strict=True):
            word, _, code, *_ = zh.split(" ", 3)
            if SEVERITIES[word] != "note":
                lines.setdefault(code, line)
        return list(lines.values())


def look(case: Case, folder: Path, *, language: Language = "zh") -> Look:
    """Spoil the clean town and hand it to the command line."""
    town = Town(folder).clean(language)
    case.spoil(town)
    if case.memory_mib:
        return _apart(folder)
    if case.verdict == "reject":
        ran = CliRunner().invoke(app, ["run", str(folder)])
        return Look(ran.exit_code, _told(ran.stderr.splitlines()))
    if case.run:
        seen = look_at_run(folder)
        return replace(seen, plan=_of_the_plan(folder)) if case.status else seen
    said: dict[Language, list[str]] = {}
    for each in (language, "en" if language == "zh" else "zh"):
        ran = CliRunner().invoke(app, ["check", str(folder)])
        said[each] = [line for line in ran.stdout.splitlines() if _head(line)]
        Town(folder).edit((f'language = "{each}"', f'language = "{"en" if each == "zh" else "zh"}"'))
    return Look(ran.exit_code, said)


def look_at_run(folder: Path) -> Look:
    """Run a project to its results and read them."""
    ran = CliRunner().invoke(app, ["run", "--json", str(folder)])
    if ran.exit_code not in (0, 4):
        return Look(ran.exit_code, _told(ran.stderr.splitlines()))
    results = folder / "成果"
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    findings = [Finding(**finding) for finding in manifest["findings"]]
    book = openpyxl.load_workbook(results / "annex.xlsx")
    return Look(
        ran.exit_code,
        {"zh": [f.line("zh") for f in findings], "en": [f.line("en") for f in findings]},
        {k: v for k, v in json.loads(ran.stdout).items() if k != "outputs"},
        manifest,
        {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book},
    )


def _of_the_plan(folder: Path) -> dict[Language, list[str]]:
    """Return the lines that say why there is no plan, and what there can be instead."""
    said: dict[Language, list[str]] = {}
    for each in ("zh", "en"):
        file = folder / "project.toml"
        file.write_text(re.sub('language = ".."', f'language = "{each}"', file.read_text("utf-8")), encoding="utf-8")
        lines = CliRunner().invoke(app, ["run", str(folder)]).stdout.splitlines()[2:]
        said[each] = [line.strip() for line in lines if str(folder) not in line]  # type: ignore[index]
    return said


def _apart(folder: Path) -> Look:
    """Run in a process of its own, which alone has a peak of memory of its own."""
    ran = subprocess.run(
        [sys.executable, "-c", OWN_PROCESS, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        timeout=600,
    )
    status, peak_mib = json.loads(ran.stdout.splitlines()[-1])
    return Look(status, _told(ran.stderr.splitlines()), peak_mib=peak_mib)


def _head(line: str) -> bool:
    return line.strip().split(" ", 1)[0] in SEVERITIES


def _told(lines: Sequence[str]) -> dict[Language, list[str]]:
    """Part what stands on the screen: a line in Chinese, and the same in English below it."""
    heads = [line for line in lines if _head(line)]
    return {"zh": [line for line in heads if not line.startswith(" ")],
            "en": [line.strip() for line in heads if line.startswith(" ")]}  # fmt: skip

"""The battery as pages of the guide: every bad input, its verdict and what is said of it, in Chinese and English.

`python -m tests.bad_inputs_table` prints the pages; `--write` writes them into docs/guide.
"""

import argparse
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from gis.words import Language
from tests.bad_inputs import CASES, Case
from tests.bad_look import ROOT, Look, look

PAGES: dict[Language, Path] = {each: ROOT / "docs" / "guide" / each / "bad-inputs.md" for each in ("zh", "en")}
VERDICTS = {
    "zh": {"accept": "照常", "repair": "修正", "warn": "提示", "reject": "拒绝"},
    "en": {"accept": "accepted", "repair": "repaired", "warn": "warned", "reject": "refused"},
}
HEADS = {
    "zh": """# 输入有问题时怎么办

每种不规范的输入，程序怎样处理、怎样说。**照常**：结果与规范的输入相同，不提示；**修正**：结果相同，改了的逐条列在附表“数据质量”；
**提示**：继续计算，附表、网页和清单写明原因，读入的行数和人数逐项对得上；
**拒绝**：退出码 2，不写任何文件，所有输入的问题一次列全（每种前 20 条，另计条数）。
只看问题不计算：`circle15 check`；另存 Excel 清单：`circle15 check --list 问题.xlsx`。

本页由 `python -m tests.bad_inputs_table --write` 逐项运行后生成。

| 编号 | 输入 | 处理 | 所说的话 |
|---|---|---|---|
""",
    "en": """# When an input is not in order

What becomes of each, and what is said. **accepted**: the result is that of the clean input, without a word;
**repaired**: the same, and each repair stands in the annex; **warned**: the run goes on, annex, page and manifest
say why, and rows and people read add up to those used and left out; **refused**: exit status 2, nothing is written,
and the faults of all inputs come at once (the first 20 of each, and how many more). To list them only:
`circle15 check`; as a workbook: `circle15 check --list faults.xlsx`.

Made by `python -m tests.bad_inputs_table --write`, which runs every line.

| no. | input | verdict | what is said |
|---|---|---|---|
""",
}


def row(case: Case, seen: Look, language: Language) -> str:
    """Return one line of the table."""
    said = "<br>".join(_cell(line) for line in (*seen.first(language), *seen.plan.get(language, ()))) or "—"
    verdict = VERDICTS[language][case.verdict] + (f" ({case.status})" if case.status else "")
    return f"| {case.number} | {_cell(getattr(case, language))} | {verdict} | {said} |"


def comparable(text: str) -> str:
    """Return a line without what a library or its version decides: figures, and its own words for a broken file."""
    return re.sub(r"\d+", "#", re.sub(r"(_BROKEN [^|]*\\\| )[^|]*", r"\1", text))


def page(rows: Iterable[str], language: Language) -> str:
    """Return the whole page."""
    return HEADS[language] + "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>|~#])", r"\\\1", text)


def main() -> None:
    """Run every case and print or write the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write them into docs/guide")
    parser.add_argument("--only", nargs="*", default=(), help="run these alone, the other lines stay as they are")
    asked = parser.parse_args()
    seen: dict[str, Look] = {}
    for case in CASES:
        if not asked.only or case.number in asked.only:
            with TemporaryDirectory() as folder:
                seen[case.number] = look(case, Path(folder) / case.number)
    for language, file in PAGES.items():
        known = {line.split(" | ")[0][2:]: line for line in file.read_text("utf-8").splitlines() if line[:2] == "| "}
        rows = [row(c, seen[c.number], language) if c.number in seen else known[c.number] for c in CASES]
        text = page(rows, language)
        if asked.write:
            file.write_text(text, encoding="utf-8")
        else:
            sys.stdout.write(text)


if __name__ == "__main__":
    main()

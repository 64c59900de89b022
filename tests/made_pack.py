"""A pack made for a test: a document, its rules, and whatever else the test is about."""

from pathlib import Path

from policy.load import load_pack
from policy.pack import Policy

HEAD = """
[document]
number = "样例1号"
title = { zh = "样例", en = "sample" }
"""


def rule(rule_id: str, *lines: str) -> str:
    """Return the text of a rule that has everything each form needs."""
    texts = ('title = { zh = "甲", en = "A" }', 'demand = { zh = "应有", en = "there is" }')
    return "\n".join(["", "[[rule]]", f'id = "{rule_id}"', 'clause = "一"', *texts, *lines, ""])


def made(folder: Path, *parts: str) -> Policy:
    """Return the pack of these parts."""
    path = folder / "made.toml"
    path.write_text("".join((HEAD, *parts)), encoding="utf-8")
    return load_pack(path)

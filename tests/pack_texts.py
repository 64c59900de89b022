"""What is wrong with the texts of a pack: missing in a language, or too long to read in a table."""

import re
from collections.abc import Iterator

from policy.pack import Policy
from policy.written import Words

LONGEST = {"title": (24, 64), "demand": (60, 140), "asks": (60, 140), "remark": (60, 160), "doubt": (60, 160)}
"""The most Chinese characters and the most English letters of a text by what it is for."""
_HAN = re.compile(r"[\u4e00-\u9fff]")


def untold(policy: Policy) -> list[str]:
    """Return the texts that say nothing in one of the two languages."""
    return [
        f"{place} {words.pair}"
        for place, _, words in _texts(policy)
        if not _HAN.search(words.zh) or not re.search("[A-Za-z]", words.en)
    ]


def overlong(policy: Policy) -> list[str]:
    """Return the texts that are too long, with their lengths."""
    return [
        f"{place} {len(words.zh)} / {len(words.en)}"
        for place, use, words in _texts(policy)
        if len(words.zh) > LONGEST[use][0] or len(words.en) > LONGEST[use][1]
    ]


def _texts(policy: Policy) -> Iterator[tuple[str, str, Words]]:
    yield "document/title", "demand", policy.document.title
    for n, doubt in enumerate(policy.document.doubts, 1):
        yield f"document/doubts {n}", "doubt", doubt
    for rule in policy.rules:
        for use in ("title", "demand", "asks", "remark"):
            words = getattr(rule, use)
            if words is not None:
                yield f"{rule.id}/{use}", use, words
    for part in (*policy.terms, *policy.room_classes, *policy.benefits, *policy.groups):
        yield getattr(part, "name", None) or part.id, "title", part.title

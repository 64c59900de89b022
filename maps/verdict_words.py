"""The words of a verdict as a table or page hands them on: one line, few people of a small place not told apart."""

import re
from collections.abc import Iterable

from gis.words import Language, say
from maps.figures import SMALL_COUNT
from maps.labels import cell
from maps.shown_verdicts import PEOPLE, TOLD
from policy.phrases import unit_word
from policy.table import shortfall_text
from policy.verdict import Verdict

SMALL_PLACES = frozenset({"community", "facility", "project"})
"""Levels so small that one to four people could be somebody."""

_FEW = re.compile(rf"(?<![\d.,])[1-{SMALL_COUNT - 1}](?![\d.,]*\d|[\d.,]*\s?%)")
_PERCENT = re.compile(r"\d[\d,.]*\s?%")


def measured(verdict: Verdict, language: Language) -> str:
    """Return what was measured, or what a person said; where people are masked their share is not shown either."""
    text = cell(verdict.measured[0 if language == "zh" else 1])
    counts_people = any(unit_word(unit, language) in text for unit in PEOPLE)
    if verdict.form in TOLD or verdict.level not in SMALL_PLACES or not counts_people:
        return text
    shown = _FEW.sub(f"<{SMALL_COUNT}", text)
    return text if shown == text else _PERCENT.sub(say("page.nothing"), shown)


def shortfall(verdict: Verdict, language: Language) -> str:
    """Return what is missing by number and name, empty where nothing is."""
    text = cell(shortfall_text(verdict, language=language))
    short = verdict.shortfall
    if short is None or short.unit not in PEOPLE or verdict.level not in SMALL_PLACES:
        return text
    return _FEW.sub(f"<{SMALL_COUNT}", text, count=1) if 0 < short.number < SMALL_COUNT else text


def responsible(names: Iterable[str]) -> str:
    """Return the bodies a document names."""
    return "、".join(cell(name) for name in names)

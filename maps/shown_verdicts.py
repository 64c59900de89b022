"""Verdicts as they are handed on: where a place has a hidden count of people, what was counted there is not told.

The answer stays, and what is demanded; the numbers of what was measured, the exact value and what is missing go.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from maps.withheld import BESIDE, MARKS
from policy.changes import Change
from policy.phrases import unit_word
from policy.verdict import Verdict

PEOPLE = ("elders", "persons", "residents")
"""The units in which a verdict counts people."""
TOLD = frozenset({"manual", "milestone", "checklist"})
"""Forms of rules that a person answers."""
Places = frozenset[tuple[str, str]]

_NUMBER = re.compile(r"\d[\d,.]*(?:\s?%)?(?:\s?/\s?\d[\d,.]*)?")


def hidden_places(shown: Mapping[int, pd.DataFrame]) -> Places:
    """Return the level and code of each unit that has a hidden count of people, today, after the plan or in a year."""
    found: set[tuple[str, str]] = set()
    for table in shown.values():
        if "level" in table:
            any_hidden = table.isin(MARKS).any(axis=1)
            found.update(zip(table["level"][any_hidden].map(str), table["unit_id"][any_hidden].map(str), strict=True))
    return frozenset(found)


def shown_verdicts(verdicts: Iterable[Verdict], places: Places) -> tuple[Verdict, ...]:
    """Return the verdicts, those that count people of a place with a hidden count without their numbers."""
    return tuple(shown_verdict(verdict, places) for verdict in verdicts)


def shown_changes(found: Iterable[Change], places: Places) -> tuple[Change, ...]:
    """Return the changes with both verdicts as they may be handed on; which way they moved stays."""
    return tuple(
        replace(
            change,
            before=change.before and shown_verdict(change.before, places),
            after=change.after and shown_verdict(change.after, places),
        )
        for change in found
    )


def shown_verdict(verdict: Verdict, places: Places) -> Verdict:
    """Return a verdict as it may be handed on."""
    if (verdict.level, verdict.unit_id) not in places or verdict.form in TOLD or not _of_people(verdict):
        return verdict
    zh, en = (_NUMBER.sub(BESIDE, text) for text in (verdict.measured[0], verdict.measured[1]))
    return replace(verdict, value=None, measured=(zh, en), shortfall=None, count=None, note=("", ""))


def _of_people(verdict: Verdict) -> bool:
    """Return whether a verdict counts people, by its words: share, rate or number."""
    short = verdict.shortfall
    counted = {verdict.count.unit if verdict.count else "", short.unit if short else ""}
    words = [(unit_word(unit, language), at) for unit in PEOPLE for at, language in enumerate(("zh", "en"))]
    return bool(counted & set(PEOPLE)) or any(word in verdict.measured[at] for word, at in words)

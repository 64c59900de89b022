"""What changed between two sets of verdicts: two days, two plans, today and each year of a plan, rule by rule."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from gis.words import Language, say
from policy.bands import Exact
from policy.table import headed, word
from policy.verdict import Pair, Status, Verdict

Move = Literal["better", "worse", "same", "new", "gone", "different"]
"""Which way a verdict moved; `different`: it changed, and neither answer is the better one (data came in, say)."""
COLUMNS: tuple[str, ...] = ("rule", "title", "document", "clause", "level", "unit_id", "unit", "reading")
COLUMNS += ("verdict_before", "verdict_after", "measured_before", "measured_after", "move")

_WORTH: Mapping[Status, int] = {
    Status.FAIL: 0,
    Status.EXCEPTION_NEEDED: 1,
    Status.NOT_DUE: 1,
    Status.BOUNDARY: 2,
    Status.UNDEFINED: 2,
    Status.PASS: 3,
}
"""The order of the answers; what is not known or does not apply is neither better nor worse than any of them."""


@dataclass(frozen=True)
class Change:
    """One rule and unit then and now; a side is None where the rule was not judged on the unit."""

    before: Verdict | None
    after: Verdict | None
    move: Move

    @property
    def verdict(self) -> Verdict:
        """The verdict now, or the last there was."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change of nothing")
        return found


def changes(before: Iterable[Verdict], after: Iterable[Verdict]) -> tuple[Change, ...]:
    """Return every rule and unit with what it was and what it is, in the order of the later verdicts, the gone last.

    Verdicts belong together by pack, rule, level, code of the unit and reading; renamed units stay the same unit.
    """
    then, now = ({_key(v): v for v in verdicts} for verdicts in (before, after))
    kept = [Change(then.get(key), verdict, move(then.get(key), verdict)) for key, verdict in now.items()]
    return (*kept, *(Change(verdict, None, "gone") for key, verdict in then.items() if key not in now))


def move(before: Verdict | None, after: Verdict | None) -> Move:
    """Return which way a verdict moved: by its answer, then its points, then what is missing to the goal."""
    if before is None or after is None:
        return "new" if before is None else "gone"
    if before.status is not after.status:
        worth = (_WORTH.get(before.status), _WORTH.get(after.status))
        if None in worth or worth[0] == worth[1]:
            return "different"
        return _towards(*worth)
    points = [(min(v.scores), max(v.scores)) for v in (before, after) if v.scores]
    if len(points) == len((before, after)) and points[0] != points[1]:
        low, high = (_towards(*ends) for ends in zip(*points, strict=True))
        return high if low == "same" else (low if high in {"same", low} else "different")
    told = not (_withheld(before) or _withheld(after))
    short = [v.shortfall.number if v.shortfall else 0 for v in (before, after)]
    if told and short[0] != short[1]:
        return _towards(*(-number for number in short))
    return "same" if before.value == after.value or not told else "different"


def change_table(found: Iterable[Change], *, language: Language = "zh") -> pd.DataFrame:
    """Return the changes as text, one row each, under headings in the language asked for."""
    at = 0 if language == "zh" else 1
    rows = [
        {
            "rule": change.verdict.rule_id,
            "title": change.verdict.title[at],
            "document": change.verdict.document,
            "clause": change.verdict.clause,
            "level": say(f"policy.level_{change.verdict.level}", language),
            "unit_id": change.verdict.unit_id,
            "unit": change.verdict.unit_name,
            "reading": word("reading", change.verdict.reading, language),
            "verdict_before": _status(change.before, language),
            "verdict_after": _status(change.after, language),
            "measured_before": _measured(change.before)[at],
            "measured_after": _measured(change.after)[at],
            "move": say(f"policy.move_{change.move}", language),
        }
        for change in found
    ]
    return headed(rows, COLUMNS, language)


def _key(verdict: Verdict) -> tuple[str, ...]:
    return verdict.pack, verdict.rule_id, verdict.repeats, verdict.level, verdict.unit_id, verdict.reading


def _towards(before: Exact | None, after: Exact | None) -> Move:
    if before is None or after is None or before == after:
        return "same"
    return "better" if after > before else "worse"


def _withheld(verdict: Verdict) -> bool:
    """Return whether the numbers of a verdict are not told, so that its answer is all there is to compare."""
    return verdict.value is None and "*" in verdict.measured[0]


def _status(verdict: Verdict | None, language: Language) -> str:
    return "" if verdict is None else say(f"status.{verdict.status}", language)


def _measured(verdict: Verdict | None) -> Pair:
    return ("", "") if verdict is None else verdict.measured

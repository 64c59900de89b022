"""How far the goals with a deadline have come: needed, done, still to do, and by name what is not done yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from gis.words import Language, say
from policy.phrases import name_list, number_text, unit_word
from policy.table import headed, word
from policy.verdict import Count, Pair, Status, Verdict

COLUMNS = ("rule", "title", "clause", "unit", "reading", "deadline", "needed", "done", "still", "verdict", "open")

_OF_GOALS = frozenset({"city", "county", "zone"})


@dataclass(frozen=True)
class Progress:
    """One goal: `needed` of `whole` by the deadline, `done` surely, `possible` if what is not known counts too.

    `still` is what is surely missing to the goal, nought where it is met; `open` names everything known not to be done
    yet, also beyond the goal; a goal that is a plain number names nobody once it is met. `days_left` is below nought
    after the deadline. `decides` is false for the reading the profile did not choose.
    """

    rule_id: str
    title: Pair
    clause: str
    unit_id: str
    unit_name: str
    reading: str
    deadline: date
    days_left: int
    needed: int
    done: int
    possible: int
    still: int
    whole: int | None
    counted: str
    open: tuple[str, ...]
    status: Status
    decides: bool


def progress(verdicts: Iterable[Verdict], *, as_of: date) -> tuple[Progress, ...]:
    """Return how far every counted goal of the city, a county or a zone has come on `as_of`, in order of the verdicts.

    Both readings of a goal stand side by side (a joint share and one for each class of units, for instance).
    """
    return tuple(
        Progress(
            rule_id=v.rule_id,
            title=v.title,
            clause=v.clause,
            unit_id=v.unit_id,
            unit_name=v.unit_name,
            reading=v.reading,
            deadline=v.deadline,
            days_left=(v.deadline - as_of).days,
            needed=v.count.needed,
            done=v.count.done,
            possible=v.count.possible,
            still=max(0, v.count.needed - v.count.done),
            whole=v.count.whole,
            counted=v.count.unit,
            open=_open(v.count),
            status=v.status,
            decides=v.decides,
        )
        for v in verdicts
        if v.level in _OF_GOALS and v.deadline is not None and v.count is not None and v.count.needed is not None
    )


def _open(count: Count) -> tuple[str, ...]:
    met = count.whole is None and count.needed is not None and count.done >= count.needed
    return () if met else count.open


def progress_table(goals: Iterable[Progress], *, language: Language = "zh") -> pd.DataFrame:
    """Return the goals as text, one row each, under headings in the language asked for."""
    at = 0 if language == "zh" else 1
    rows = [
        {
            "rule": goal.rule_id,
            "title": goal.title[at],
            "clause": goal.clause,
            "unit": goal.unit_name,
            "reading": word("reading", goal.reading, language),
            "deadline": str(goal.deadline),
            "needed": _of(goal.needed, goal.whole, goal.counted, language),
            "done": number_text(goal.done) if goal.done == goal.possible else f"{goal.done:,} – {goal.possible:,}",
            "still": number_text(goal.still),
            "verdict": say(f"status.{goal.status}", language),
            "open": name_list(goal.open, language),
        }
        for goal in goals
    ]
    return headed(rows, COLUMNS, language)


def _of(needed: int, whole: int | None, counted: str, language: Language) -> str:
    number = number_text(needed) if whole is None else f"{number_text(needed)}/{number_text(whole)}"
    return f"{number} {unit_word(counted, language)}"

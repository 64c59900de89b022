"""The score table of a document as a sheet: computed, told and open points, and the total as an interval."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from gis.words import Language, say
from policy.pack import Policy, ScoreTable
from policy.phrases import phrase
from policy.table import headed
from policy.verdict import Pair, Status, Verdict

COLUMNS = ("item", "part", "rule", "title", "most", "how", "points", "least", "possible", "note")
How = Literal["computed", "told", "undefined", "unknown", "not_in_pack"]
"""Where the points come from: the data, a person, a gap of the text (several stand), nothing yet, or no rule at all."""


@dataclass(frozen=True)
class ScoreRow:
    """One part of an item: the points it can earn, those that stand (`points`), and the interval they leave."""

    item: int
    part: str
    rule_id: str
    title: Pair
    most: int
    how: How
    points: tuple[int, ...]
    least: int
    possible: int
    status: Status | None = None
    note: Pair = ("", "")


@dataclass(frozen=True)
class ScoreSheet:
    """The score table for one unit. `total` and `bonus` are intervals (least, most); the bonus is capped.

    `notes` say what the table itself leaves open: a heading that its parts contradict, parts no rule stands for.
    """

    unit_id: str
    unit_name: str
    rows: tuple[ScoreRow, ...]
    items: tuple[tuple[int, int], ...]
    total: tuple[int, int]
    bonus: tuple[int, int]
    notes: tuple[Pair, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every part has its points, so that the total is one number."""
        return self.total[0] == self.total[1] and self.bonus[0] == self.bonus[1]


def score_sheet(policy: Policy, verdicts: Iterable[Verdict], *, unit: str = "city") -> ScoreSheet:
    """Return the score table of the document for one unit, by its code, or `city`.

    A part whose points nobody knows yet may earn any of them: it widens the total instead of counting as nought. The
    parts of an item never add up to more than the item, those of the bonus never to more than its heading.
    Raises ValueError where the document has no score table.
    """
    table = policy.score_table
    if table is None:
        raise ValueError(f"{policy.name} has no score table")
    judged = {v.rule_id: v for v in verdicts if v.pack == policy.name and v.decides and v.unit_id == unit}
    rows = [_row(rule.id, rule.title.pair, judged.get(rule.id), policy) for rule in policy.rules if rule.score]
    for item, most in enumerate(table.items, start=1):
        absent = most - sum(row.most for row in rows if row.item == item)
        if absent > 0:
            title = phrase("score_absent")
            rows.append(ScoreRow(item, "", "", title, absent, "not_in_pack", (), 0, absent))
    rows.sort(key=lambda row: row.item)
    items = tuple(_sum(rows, item, most) for item, most in enumerate(table.items, start=1))
    extra = [row for row in rows if row.item > len(table.items)]
    added = (bonus(table, sum(row.least for row in extra)), bonus(table, sum(row.possible for row in extra)))
    notes = [phrase("score_bonus", cap=table.bonus_cap, parts=" + ".join(map(str, table.bonus_parts)))]
    name = next((v.unit_name for v in judged.values()), unit)
    total = (sum(low for low, _ in items), sum(high for _, high in items))
    return ScoreSheet(unit, name, tuple(rows), items, total, added, tuple(notes if bonus_contradicts(table) else ()))


def score_frame(sheet: ScoreSheet, *, language: Language = "zh") -> pd.DataFrame:
    """Return a score sheet as text, one row a part, then the total and the bonus, headed in the language asked for."""
    at = 0 if language == "zh" else 1
    rows = [
        {
            "item": str(row.item),
            "part": row.part,
            "rule": row.rule_id,
            "title": row.title[at],
            "most": str(row.most),
            "how": say(f"policy.how_{row.how}", language),
            "points": " / ".join(map(str, row.points)) if row.how != "unknown" else "",
            "least": str(row.least),
            "possible": str(row.possible),
            "note": row.note[at],
        }
        for row in sheet.rows
    ]
    blank = dict.fromkeys(COLUMNS, "")
    total = say("policy.score_total", language, items=len(sheet.items))
    said = (" ".join(note[at] for note in sheet.notes)).strip()
    rows.append({**blank, "title": total, "least": str(sheet.total[0]), "possible": str(sheet.total[1])})
    extra = {"title": say("policy.score_bonus_row", language), "note": said}
    rows.append({**blank, **extra, "least": str(sheet.bonus[0]), "possible": str(sheet.bonus[1])})
    return headed(rows, COLUMNS, language)


def scored_units(policy: Policy, verdicts: Iterable[Verdict]) -> tuple[tuple[str, str], ...]:
    """Return code and name of every unit that a scoring rule was judged on, the city first."""
    found = {
        v.unit_id: v.unit_name
        for v in verdicts
        if v.pack == policy.name and v.decides and v.unit_id and (v.score is not None or v.scores)
    }
    return tuple(sorted(found.items(), key=lambda unit: (unit[0] != "city", unit[0])))


def points_range(verdicts: Iterable[Verdict]) -> tuple[int, int]:
    """Return the least and the most points that deciding verdicts add up to; open readings make them differ.

    A scoring rule without any known points adds none to either.

    >>> points_range([])
    (0, 0)
    """
    scored = [v.scores for v in verdicts if v.decides and v.scores]
    return sum(min(points) for points in scored), sum(max(points) for points in scored)


def bonus(table: ScoreTable, points: int) -> int:
    """Return the bonus that counts: never more than the cap in its heading, though its parts may add up to more.

    >>> bonus(ScoreTable(items=(100,), total=100, bonus_cap=6, bonus_parts=(2, 5)), 7)
    6
    """
    return min(points, table.bonus_cap)


def bonus_contradicts(table: ScoreTable) -> bool:
    """Return whether the parts of the bonus add up to something other than its heading: to be reported, not mended."""
    return sum(table.bonus_parts) != table.bonus_cap


def _row(rule_id: str, title: Pair, verdict: Verdict | None, policy: Policy) -> ScoreRow:
    place = policy.rule(rule_id).score
    assert place is not None  # noqa: S101  # only scoring rules come here
    points = () if verdict is None else verdict.scores
    how: How = "computed"
    if verdict is None or not points or verdict.status is Status.UNKNOWN:
        how = "unknown"
    elif len(points) > 1:
        how = "undefined"
    elif verdict.form in {"manual", "milestone"}:
        how = "told"
    least, possible = (min(points), max(points)) if points else (0, place.most)
    note = phrase("score_no_verdict") if verdict is None else verdict.note
    status = None if verdict is None else verdict.status
    return ScoreRow(place.item, place.part, rule_id, title, place.most, how, points, least, possible, status, note)


def _sum(rows: Sequence[ScoreRow], item: int, most: int) -> tuple[int, int]:
    parts = [row for row in rows if row.item == item]
    return min(most, sum(row.least for row in parts)), min(most, sum(row.possible for row in parts))

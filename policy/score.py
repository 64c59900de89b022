"""The frame of a score table: what the points of several rules add up to, and what caps them."""

from collections.abc import Iterable

from policy.pack import ScoreTable
from policy.verdict import Verdict


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

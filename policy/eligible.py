"""Who is entitled to a benefit: persons from counts of combinations, each counted once however many items fit.

A row of the counts is a number of persons of one age band who share all other marks. What a row does not say may be
either way, and an age band that straddles a limit may lie on either side: the answer is a stretch, never a guess.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from policy.bands import Exact
from policy.counting import either, every
from policy.ground import Persons
from policy.measure import YesNo
from policy.terms import Benefit, Condition, Group

_GRADES = frozenset({"moderate", "severe"})
_UNGRADED = frozenset({"disabled", "semi_disabled"})


@dataclass(frozen=True)
class Eligible:
    """How many persons are entitled: surely, at most, and by the group each is counted under (the first that fits).

    `unclear` names which marks leave the difference open, as columns of the counts.
    """

    least: int
    most: int
    by_group: Mapping[str, int]
    unclear: tuple[str, ...] = ()


def eligible(rows: Iterable[Persons], benefit: Benefit | None, groups: Sequence[Group]) -> Eligible:
    """Return how many persons meet the base of a benefit and at least one of its groups, nothing excluding them.

    `groups` in the order of their standard, the highest first: a person who meets several is counted under the first
    (按最高标准). Without groups the base alone counts.

    >>> very_old = Group(id="6", clause="6", title={"zh": "", "en": ""}, any_of=(Condition(age_at_least=90),))
    >>> eligible([Persons(5, 90, 94), Persons(3, 85, 94), Persons(8, 80, 89)], None, [very_old])
    Eligible(least=5, most=8, by_group={'6': 5}, unclear=('age_to',))
    """
    least, most, by_group = 0, 0, dict.fromkeys((g.id for g in groups), 0)
    unclear: dict[str, None] = {}
    for row in rows:
        entitled = _entitled(row, benefit, groups)
        if entitled is False:
            continue
        most += row.people
        if entitled is None:
            unclear |= dict.fromkeys(_open_marks(row, benefit, groups))
            continue
        least += row.people
        first = next((g for g in groups if meets_group(row, g)), None)
        if first is not None:
            by_group[first.id] += row.people
    return Eligible(least, most, by_group, tuple(unclear))


def group_weights(
    persons: Mapping[str, Sequence[Persons]], groups: Sequence[Group], *, benefit: Benefit | None = None
) -> dict[str, tuple[Exact, Exact]]:
    """Return the demand of each community from the groups of a document, as the least and the most it may be.

    Formula: sum over persons, each counted once, of the largest `weight` of a group that fits.

    >>> alone = Group(id="1", clause="1", title={"zh": "", "en": ""}, weight=2, any_of=(Condition(age_at_least=70),))
    >>> group_weights({"A": [Persons(10, 70, 79), Persons(4, 65, 74)]}, [alone])
    {'A': (20, 28)}
    """
    heaviest = sorted(groups, key=lambda g: -g.weight)
    weights: dict[str, tuple[Exact, Exact]] = {}
    for home, rows in sorted(persons.items()):
        low: Exact = 0
        high: Exact = 0
        for row in rows:
            may_have = base_met(row, benefit)
            if may_have is False:
                continue
            fits = [(g.weight, meets_group(row, g)) for g in heaviest]
            surely = next((w for w, fit in fits if fit), 0)
            perhaps = next((w for w, fit in fits if fit is not False), 0)
            low += row.people * (surely if may_have else 0)
            high += row.people * perhaps
        weights[home] = (low, high)
    return weights


def _entitled(row: Persons, benefit: Benefit | None, groups: Sequence[Group]) -> bool | None:
    fits = either(meets_group(row, group) for group in groups) if groups else True
    return every([base_met(row, benefit), fits])


def base_met(row: Persons, benefit: Benefit | None) -> bool | None:
    """Return whether the persons of a row meet what a benefit asks of all, and nothing excludes them."""
    if benefit is None:
        return True
    return every([meets(row, benefit.base), _free(row, benefit)])


def _free(row: Persons, benefit: Benefit | None) -> YesNo:
    if benefit is None or not benefit.excluded:
        return True
    return not set(row.excluded) & set(benefit.excluded) if row.excluded else None


def meets_group(row: Persons, group: Group) -> bool | None:
    """Return whether the persons of a row meet the base and one of the conditions of a group."""
    one = either(meets(row, condition) for condition in group.any_of) if group.any_of else True
    return every([meets(row, group.base), one])


def meets(row: Persons, condition: Condition) -> bool | None:
    """Return whether the persons of a row meet every key of a condition; None where it is not known of some of them.

    >>> meets(Persons(1, 64, 65), Condition(age_at_least=65)), meets(Persons(1, 65), Condition(age_at_least=65))
    (None, True)
    """
    return every(_marks(row, condition).values())


def _marks(row: Persons, condition: Condition) -> dict[str, YesNo]:
    """Return by column of the counts whether the persons of a row meet what is asked of it."""
    return {
        "registered": _same(row.registered, condition.registered),
        "resident": _same(row.resident, condition.resident),
        "age_to": _old_enough(row, condition.age_at_least),
        "ability": _able(row.ability, condition.ability),
        "categories": _of_category(row.categories, condition.categories),
    }


def _same(said: YesNo, asked: YesNo) -> YesNo:
    return True if asked is None else (None if said is None else said is asked)


def _old_enough(row: Persons, least: int | None) -> bool | None:
    if least is None:
        return True
    if row.age_from is not None and row.age_from >= least:
        return True
    return False if row.age_to is not None and row.age_to < least else None


def _able(said: str | None, asked: tuple[str, ...]) -> bool | None:
    """Return whether an ability is one of those asked for; 失能 without a grade may be of any grade."""
    if not asked:
        return True
    if said is None:
        return None
    if said in asked or (said in _GRADES and "disabled" in asked):
        return True
    wanted = set(asked)
    unclear = (said in _UNGRADED and wanted & (_GRADES | {"mild"})) or (said == "mild" and "semi_disabled" in wanted)
    return None if unclear or (said in _GRADES and "semi_disabled" in wanted) else False


def _of_category(said: tuple[str, ...], asked: tuple[str, ...]) -> bool | None:
    return True if not asked else (bool(set(said) & set(asked)) if said else None)


def _open_marks(row: Persons, benefit: Benefit | None, groups: Sequence[Group]) -> tuple[str, ...]:
    """Return which columns of a row leave it open whether its persons are entitled."""
    asked = [benefit.base] if benefit is not None else []
    for group in groups:
        asked += [group.base, *(c for c in group.any_of if meets(row, c) is None)]
    marks = [name for condition in asked for name, met in _marks(row, condition).items() if met is None]
    marks += ["excluded"] if _free(row, benefit) is None else []
    return tuple(dict.fromkeys(marks))

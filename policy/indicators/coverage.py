"""Both readings of coverage: units with a facility of their own, and elders within the walk of one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from gis.tables import SERVING_KINDS, SERVING_STATUSES
from policy.counting import Counting, counts
from policy.ground import Community, People
from policy.indicators.standing import communities_word, disputed, standing
from policy.measure import Measured, Tally, share
from policy.units import Unit
from policy.verdict import Status


def units_with_facility(unit: Unit, what: Counting) -> Measured:
    """Measure the share of communities (or villages) of the unit that have a facility of their own.

    Formula: |{communities with at least one facility that counts}| / |{communities}|; with `conditional_only` of those
    flagged 有条件, with `main_urban_only` of those in the main urban area (主城区). UNKNOWN means that facilities of
    unknown status, date or community, or communities of which it is not known whether they belong to the whole, could
    change the answer.

    >>> from policy.ground import Facility
    >>> pair = (Community("1", "A"), Community("2", "B"))
    >>> here = Facility("9", "C", "day_care", "in_use", keys={"community": "1"})
    >>> city = Unit("city", "city", "D", communities=pair, facilities=(here,))
    >>> units_with_facility(city, Counting(kinds=("day_care",))).low
    Fraction(1, 2)
    """
    sure, maybe, missing = standing(unit, what)
    has = {f.keys.get("community") for f in sure}
    may = {f.keys.get("community") for f in maybe}
    adrift = sum(f.keys.get("community") is None for f in (*sure, *maybe))
    tally = Tally(missing=list(missing))
    tally.missing += [f"facilities.community_id: {f.name}" for f in sure if f.keys.get("community") is None]
    for community, unclear in _members(unit, what):
        if unclear:
            tally.missing += [f"communities.{column}: {community.name}" for column in unclear]
            tally.doubtful_in += community.id in has or community.id in may
            tally.doubtful_out += community.id not in has
            continue
        if community.id in has:
            tally.sure += 1
            continue
        tally.names.append(community.name)
        if community.id in may:
            tally.open += 1
        elif adrift:
            # A facility whose community is not known can serve one community at most.
            adrift -= 1
            tally.open += 1
        else:
            tally.lacking += 1
    return share(tally, communities_word(unit), empty=Status.NOT_APPLICABLE, disputed=disputed(unit, (*sure, *maybe)))


def _members(unit: Unit, what: Counting) -> Iterator[tuple[Community, list[str]]]:
    """Yield the communities that count, each with the columns that leave it open whether it does."""
    for open_column, communities in (([], unit.communities), (["level"], unit.doubtful)):
        for community in communities:
            marks = {
                "conditional": community.conditional if what.conditional_only else True,
                "main_urban": community.main_urban if what.main_urban_only else True,
            }
            if False not in marks.values():
                yield community, [*open_column, *(column for column, mark in marks.items() if mark is None)]


def units_within_walk(unit: Unit, what: Counting) -> Measured:
    """Measure the share of communities (or villages) in which enough elders are within the walk of a facility.

    Formula: |{communities with covered / elders >= `reached`}| / |{communities}|, on whole people. A community without
    elders has nobody left to reach and counts as reached. UNKNOWN means that elders whose walk is not known could
    change the answer, or that the walk was to other facilities than `walk_kinds` and `walk_statuses` name.

    >>> people = {"1": People(10, 0, {15: 10}), "2": People(10, 0, {15: 9})}
    >>> pair = (Community("1", "A"), Community("2", "B"))
    >>> units_within_walk(Unit("city", "city", "C", communities=pair, community_people=people), Counting()).lacking
    ('B',)
    """
    tally = Tally()
    for community in (*unit.communities, *unit.doubtful):
        people = walkers((community,), unit.community_people, what.minutes)
        certain = people.elders is not None and people.least >= what.reached * people.elders
        possible = people.elders is None or people.most >= what.reached * people.elders
        tally.missing += people.missing if possible and not certain else []
        if community in unit.doubtful:
            tally.missing.append(f"communities.level: {community.name}")
            tally.doubtful_in += possible
            tally.doubtful_out += not certain
            continue
        tally.sure += certain
        tally.open += possible and not certain
        tally.lacking += not possible
        tally.names += [] if certain else [community.name]
    return _as_walked(unit, what, share(tally, communities_word(unit), empty=Status.NOT_APPLICABLE))


def elders_within_walk(unit: Unit, what: Counting) -> Measured:
    """Measure the share of elders within a walk of so many minutes of a facility.

    Formula: covered / elders, whole people, from the unit's row of coverage or, where it has none, the sum of its
    communities. The value lies from covered to covered + unknown; UNKNOWN means that the elders whose walk is not known
    could change the answer, or that the walk was to other facilities than `walk_kinds` and `walk_statuses` name. A unit
    without elders is NOT_APPLICABLE.

    >>> city = Unit("city", "city", "A", people=People(elders=10, unknown=1, covered={15: 8}))
    >>> elders_within_walk(city, Counting()).low, elders_within_walk(city, Counting()).high
    (Fraction(4, 5), Fraction(9, 10))
    """
    if unit.people is None:
        people = walkers(unit.communities, unit.community_people, what.minutes)
    else:
        people = walkers((Community(unit.id, unit.name),), {unit.id: unit.people}, what.minutes)
    tally = Tally(sure=people.least, open=people.most - people.least, missing=people.missing)
    known = people.elders is not None
    for community in unit.doubtful:
        more = walkers((community,), unit.community_people, what.minutes)
        tally.missing += [f"communities.level: {community.name}", *more.missing]
        known = known and more.elders is not None
        tally.doubtful_in += more.most
        tally.doubtful_out += (more.elders or 0) - more.least
    if people.elders is None or not known:
        return Measured("elders", missing=tuple(tally.missing), void=Status.UNKNOWN)
    tally.lacking = people.elders - people.most
    tally.names = _uncovered(unit, what.minutes)
    return _as_walked(unit, what, share(tally, "elders", empty=Status.NOT_APPLICABLE))


def elders_near_centre(unit: Unit, what: Counting) -> Measured:
    """Measure the share of elders within the walk of a comprehensive centre (of a street or a county).

    Formula: covered / elders as `elders_within_walk`, by those centres alone. UNKNOWN means that the walk to them was
    not computed, or not for all elders.

    >>> from policy.ground import Ground
    >>> near = {"1": People(10, 0, {15: 10})}
    >>> town = Ground((), (), {}, {}, (15,), near_centre=near)
    >>> here = Unit("community", "1", "A", communities=(Community("1", "A"),), ground=town)
    >>> elders_near_centre(here, Counting()).low
    Fraction(1, 1)
    """
    near = unit.ground.near_centre if unit.ground is not None else {}
    return elders_within_walk(replace(unit, people=None, community_people=near), what)


class Walkers(NamedTuple):
    """Elders of some communities added up; `elders` is None where one of them is not known."""

    elders: int | None
    least: int
    most: int
    missing: list[str]


def walkers(communities: Iterable[Community], people: Mapping[str, People], minutes: int) -> Walkers:
    """Return the elders of communities added up: all of them, those surely and those perhaps within the walk."""
    elders, least, most = 0, 0, 0
    missing: list[str] = []
    known = True
    for community in communities:
        row = people.get(community.id)
        if row is None or row.elders is None:
            missing.append(f"coverage.elders: {community.name}")
            known = False
            continue
        covered = row.covered.get(minutes)
        elders += row.elders
        if covered is None:
            missing.append(f"coverage.elders_covered_{minutes}: {community.name}")
            most += row.elders
            continue
        unknown = row.elders - covered if row.unknown is None else row.unknown
        missing += [f"coverage.elders_unknown: {community.name} ({unknown})"] if unknown else []
        least += covered
        most += min(row.elders, covered + unknown)
    return Walkers(elders if known else None, least, most, missing)


def _as_walked(unit: Unit, what: Counting, measured: Measured) -> Measured:
    """Return the measure, unsure where a facility the walk leads to does not count here or one that counts is not."""
    asked = what.walk_kinds, what.walk_statuses
    if unit.ground is None or (set(asked[0]), set(asked[1])) == (set(SERVING_KINDS), set(SERVING_STATUSES)):
        return measured
    shelf = ("walked otherwise", asked, what.by)
    if shelf not in unit.ground.shelf:
        here, walked = (Counting(*pair, by=what.by) for pair in (asked, (SERVING_KINDS, SERVING_STATUSES)))
        others = (f for f in unit.ground.facilities if counts(f, here) is not counts(f, walked))
        unit.ground.shelf[shelf] = tuple(f"coverage.walk_kinds: {f.name}" for f in others)
    others = unit.ground.shelf[shelf]
    return replace(measured, unsure=True, missing=(*measured.missing, *others)) if others else measured


def _uncovered(unit: Unit, minutes: int) -> list[str]:
    """Return the names of the unit's communities with elders outside the walk, most elders first."""
    left = []
    for community in unit.communities:
        row = unit.community_people.get(community.id)
        if row is not None and row.elders is not None:
            left.append((row.elders - (row.covered.get(minutes) or 0), community))
    left.sort(key=lambda pair: (-pair[0], pair[1].id))
    return [community.name for elders, community in left if elders > 0] or [unit.name]

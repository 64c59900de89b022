"""The units a rule is judged on, with what surely belongs to each and what may."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from policy.ground import DIVISIONS, Community, Facility, Ground, Level, People

Where = Literal["any", "urban", "rural"]


@dataclass(frozen=True)
class Unit:
    """One unit that is judged.

    `applies` is None where it is not known whether the rule concerns this unit at all. `doubtful` communities may count
    (urban or rural is not known); `stray` facilities may stand here (their unit, or whether it is urban, is not known).
    `people` is the unit's own row of coverage where it has one, `community_people` holds those of its communities.
    """

    level: Level
    id: str
    name: str
    communities: tuple[Community, ...] = ()
    doubtful: tuple[Community, ...] = ()
    facilities: tuple[Facility, ...] = ()
    stray: tuple[Facility, ...] = ()
    people: People | None = None
    community_people: Mapping[str, People] = field(default_factory=dict)
    applies: bool | None = True
    where: Where = "any"


def units_at(
    ground: Ground,
    level: Level,
    *,
    where: Where = "any",
    street_level: str | None = None,
    only: Collection[str] = (),
) -> tuple[tuple[Unit, ...], tuple[str, ...]]:
    """Return the units of one level in the order of their codes, and the names of those the rule does not concern.

    `where` keeps urban communities or villages and what stands in them; `street_level` keeps streets or towns; `only`
    keeps counties of these names.
    """
    communities: dict[str, list[Community]] = defaultdict(list)
    facilities: dict[str, list[Facility]] = defaultdict(list)
    for community in ground.communities:
        communities["city" if level == "city" else community.keys[level] or ""].append(community)
    homeless: list[Facility] = []
    for facility in ground.facilities:
        key = "city" if level == "city" else facility.keys.get(level)
        if not facility.outside:
            (facilities[key] if key else homeless).append(facility)
    found, left_out = [], []
    for key, members in sorted(communities.items()):
        if not key:
            continue
        name = ground.names.get((level, key), key)
        if only and name not in only:
            continue
        applies = _applies(level, members, where=where, street_level=street_level)
        if applies is False:
            left_out.append(name)
            continue
        strays = [f for f in homeless if _may_stand_in(f, level, members[0])]
        unit = Unit(
            level, key, name, facilities=tuple(facilities[key]), stray=tuple(strays), applies=applies, where=where
        )
        found.append(_filled(unit, ground, members))
    return tuple(found), tuple(left_out)


def _filled(unit: Unit, ground: Ground, members: list[Community]) -> Unit:
    """Return the unit with its communities, its people and, of its facilities, those of the asked kind of place."""
    people = {c.id: ground.people["community", c.id] for c in members if ("community", c.id) in ground.people}
    if unit.level == "community" or unit.where == "any":
        row = ground.people.get((unit.level, unit.id))
        return replace(unit, communities=tuple(members), people=row, community_people=people)
    wanted = unit.where == "urban"
    return replace(
        unit,
        communities=tuple(c for c in members if c.urban is wanted),
        doubtful=tuple(c for c in members if c.urban is None),
        facilities=tuple(f for f in unit.facilities if f.urban is wanted),
        stray=(
            *(f for f in unit.facilities if f.urban is None),
            *(f for f in unit.stray if f.urban in {None, wanted}),
        ),
        people=ground.people.get((unit.where, unit.where)) if unit.level == "city" else None,
        community_people=people,
    )


def _applies(level: Level, members: list[Community], *, where: Where, street_level: str | None) -> bool | None:
    if level == "street" and street_level is not None:
        said = {c.street_level for c in members}
        if len(said) > 1 or None in said:
            return None
        return said == {street_level}
    if level == "community" and where != "any":
        urban = members[0].urban
        return None if urban is None else urban is (where == "urban")
    return True


def _may_stand_in(facility: Facility, level: Level, member: Community) -> bool:
    """Return whether nothing that is known of the facility speaks against the unit `member` belongs to."""
    coarser = DIVISIONS[DIVISIONS.index(level) + 1 :] if level != "city" else ()
    return all(facility.keys.get(up) in (None, member.keys[up]) for up in coarser if member.keys[up])

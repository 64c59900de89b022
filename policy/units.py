"""The units a rule is judged on, with what surely belongs to each and what may."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from policy.counting import Counting, counts, every
from policy.ground import Community, Facility, Ground, People
from policy.inside import ABOVE, Keys, Places, inside, may_stand_in, outside_of
from policy.scope import Level, Where


@dataclass(frozen=True)
class Unit:
    """One unit that is judged.

    `applies` is None where it is not known whether the rule concerns this unit at all. `doubtful` communities may count
    (urban or rural is not known); `stray` facilities may stand here (their unit, or whether it is urban, is not known).
    `people` is the unit's own row of coverage where it has one, `community_people` holds those of its communities.
    `ground` is what else is known: figures, persons, the other units.
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
    ground: Ground | None = field(default=None, repr=False, compare=False)


Units = tuple[tuple[Unit, ...], tuple[str, ...]]


def units_at(
    ground: Ground,
    level: Level,
    *,
    where: Where = "any",
    street_level: str | None = None,
    only: Collection[str] = (),
    towns: Collection[str] = (),
    what: Counting | None = None,
) -> Units:
    """Return the units of one level in the order of their codes, and the names of those the rule does not concern.

    `where` keeps urban communities or villages and what stands in them; `street_level` keeps streets or towns; `only`
    keeps counties or zones of these names, `towns` what belongs to streets or towns of these names. At the level
    `facility` the units are those that count for `what`, at `project` the rows of the housing table.
    """
    if level == "facility":
        return _facility_units(ground, where=where, only=only, towns=towns, what=what or Counting())
    if level == "project":
        named = sorted(ground.projects.items())
        return tuple(Unit(level, key, str(row.get("name") or key), ground=ground) for key, row in named), ()
    shelf = (level, where, street_level, frozenset(only), frozenset(towns))
    if shelf not in ground.shelf:
        ground.shelf[shelf] = _units_at(ground, level, where=where, street_level=street_level, only=only, towns=towns)
    found: Units = ground.shelf[shelf]
    return found


def unplaced(ground: Ground, level: Level) -> tuple[str, ...]:
    """Return the communities whose unit of that level is not known, as what is missing; one in a zone has its zone."""
    if level not in {"street", "county"}:
        return ()
    return tuple(
        f"communities.{level}: {c.name}"
        for c in ground.communities
        if c.keys.get(level) is None and not (level == "county" and c.keys.get("zone"))
    )


def _units_at(
    ground: Ground,
    level: Level,
    *,
    where: Where,
    street_level: str | None,
    only: Collection[str],
    towns: Collection[str],
) -> Units:
    communities, facilities, homeless = _members(ground, level)
    counties = only if level == "city" else ()
    named = bool(counties or towns)
    may_stand: dict[Places, list[Facility]] = {}
    found, left_out = [], []
    for key, everyone in sorted(communities.items()):
        name = ground.names.get((level, key), key)
        if not key or (only and level != "city" and outside_of(ground, level, name, everyone[0], only)):
            continue
        members = [c for c in everyone if not named or inside(c.keys, ground, counties, towns) is not False]
        if not members:
            continue
        applies = _applies(level, members, where=where, street_level=street_level)
        if applies is False:
            left_out.append(name)
            continue
        places = frozenset(tuple(c.keys.get(up) for up in ABOVE) for c in members)
        if places not in may_stand:
            strays = [f for known, many in homeless.items() if may_stand_in(dict(known), level, places) for f in many]
            may_stand[places] = sorted(strays, key=lambda f: f.id)
        strays, standing = may_stand[places], facilities[key]
        if named:
            placed = [(f, inside(f.keys, ground, counties, towns)) for f in standing]
            standing = [f for f, there in placed if there]
            strays = sorted([*strays, *(f for f, there in placed if there is None)], key=lambda f: f.id)
        unclear = [c for c in members if named and inside(c.keys, ground, counties, towns) is None]
        unit = Unit(
            level, key, name, communities=tuple(members), doubtful=tuple(unclear), facilities=tuple(standing),
            stray=tuple(strays), applies=applies, where=where, ground=ground,
        )  # fmt: skip
        found.append(_filled(unit, ground, whole=len(members) == len(everyone) and not unclear))
    return tuple(found), tuple(left_out)


def _members(
    ground: Ground, level: Level
) -> tuple[dict[str, list[Community]], dict[str, list[Facility]], dict[Keys, list[Facility]]]:
    """Return communities and facilities by unit, and the facilities without one by what is known of their place."""
    shelf = ("members", level)
    if shelf not in ground.shelf:
        communities: dict[str, list[Community]] = defaultdict(list)
        facilities: dict[str, list[Facility]] = defaultdict(list)
        homeless: dict[Keys, list[Facility]] = defaultdict(list)
        for community in ground.communities:
            communities["city" if level == "city" else community.keys.get(level) or ""].append(community)
        for facility in ground.facilities:
            key = "city" if level == "city" else facility.keys.get(level)
            if facility.outside:
                continue
            if key:
                facilities[key].append(facility)
            else:
                homeless[frozenset(facility.keys.items())].append(facility)
        ground.shelf[shelf] = communities, facilities, homeless
    found: tuple[dict[str, list[Community]], dict[str, list[Facility]], dict[Keys, list[Facility]]]
    found = ground.shelf[shelf]
    return found


def _facility_units(
    ground: Ground, *, where: Where, only: Collection[str], towns: Collection[str], what: Counting
) -> Units:
    homes = _homes(ground)
    found = []
    for facility in ground.facilities:
        counted = counts(facility, what)
        there = _stands(facility, ground, where=where, only=only, towns=towns)
        if counted is False or there is False or facility.outside:
            continue
        home = homes.get(facility.keys.get("community") or "")
        people = {home.id: ground.people["community", home.id]} if home and _known(ground, home) else {}
        applies = True if counted and there else None
        found.append(
            Unit(
                "facility",
                facility.id,
                facility.name,
                communities=(home,) if home else (),
                facilities=(facility,),
                community_people=people,
                applies=applies,
                where=where,
                ground=ground,
            )
        )
    return tuple(found), ()


def _homes(ground: Ground) -> dict[str, Community]:
    if "homes" not in ground.shelf:
        ground.shelf["homes"] = {c.id: c for c in ground.communities}
    found: dict[str, Community] = ground.shelf["homes"]
    return found


def _known(ground: Ground, home: Community) -> bool:
    return ("community", home.id) in ground.people


def _stands(
    facility: Facility, ground: Ground, *, where: Where, only: Collection[str], towns: Collection[str]
) -> bool | None:
    """Return whether the facility stands in the counties, towns and kind of place asked for."""
    answers: list[bool | None] = []
    if where != "any":
        answers.append(None if facility.urban is None else facility.urban is (where == "urban"))
    return every([*answers, inside(facility.keys, ground, only, towns)])


def _filled(unit: Unit, ground: Ground, *, whole: bool) -> Unit:
    """Return the unit with its people and, of its communities and facilities, those of the asked kind of place."""
    people = {c.id: ground.people["community", c.id] for c in unit.communities if ("community", c.id) in ground.people}
    unclear = {c.id for c in unit.doubtful}
    if unit.level == "community" or unit.where == "any":
        row = ground.people.get((unit.level, unit.id)) if whole else None
        surely = tuple(c for c in unit.communities if c.id not in unclear) if unclear else unit.communities
        return replace(unit, communities=surely, people=row, community_people=people)
    wanted = unit.where == "urban"
    return replace(
        unit,
        communities=tuple(c for c in unit.communities if c.urban is wanted and c.id not in unclear),
        doubtful=tuple(c for c in unit.communities if c.urban is None or (c.urban is wanted and c.id in unclear)),
        facilities=tuple(f for f in unit.facilities if f.urban is wanted),
        stray=(
            *(f for f in unit.facilities if f.urban is None),
            *(f for f in unit.stray if f.urban in {None, wanted}),
        ),
        people=ground.people.get((unit.where, unit.where)) if unit.level == "city" and whole else None,
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

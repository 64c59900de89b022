"""The units a rule is judged on, with what surely belongs to each and what may."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from policy.counting import Counting, counts, every
from policy.ground import Community, Facility, Ground, People
from policy.scope import Level, Where

_COARSER: Mapping[Level, tuple[Level | str, ...]] = {
    "community": ("street", "county", "district"),
    "street": ("county", "district"),
    "county": ("district",),
    "zone": ("district",),
}


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
    found, left_out = [], []
    for key, everyone in sorted(communities.items()):
        name = ground.names.get((level, key), key)
        if not key or (only and level != "city" and _outside_of(ground, level, name, everyone[0], only)):
            continue
        counties = only if level == "city" else ()
        members = [c for c in everyone if _inside(c.keys, ground, counties, towns)]
        if not members:
            continue
        applies = _applies(level, members, where=where, street_level=street_level)
        if applies is False:
            left_out.append(name)
            continue
        strays = [f for known, many in homeless.items() if _may_stand_in(dict(known), level, members) for f in many]
        placed = [(f, _inside(f.keys, ground, counties, towns)) for f in facilities[key]]
        standing = [f for f, inside in placed if inside]
        strays += [f for f, inside in placed if inside is None]
        strays.sort(key=lambda f: f.id)
        unit = Unit(level, key, name, facilities=tuple(standing), stray=tuple(strays), applies=applies, where=where)
        found.append(_filled(replace(unit, ground=ground), ground, members, whole=len(members) == len(everyone)))
    return tuple(found), tuple(left_out)


Keys = frozenset[tuple[str, str | None]]


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
    return every([*answers, _inside(facility.keys, ground, only, towns)])


def _inside(
    keys: Mapping[str, str | None], ground: Ground, only: Collection[str], towns: Collection[str]
) -> bool | None:
    """Return whether a place lies in the counties (or zones) and the towns of these names; None where not known."""
    answers: list[bool | None] = []
    if only:
        names = [ground.names.get((up, key), key) for up in ("county", "zone") if (key := keys.get(up))]
        answers.append(any(name in only for name in names) if names else None)
    if towns:
        key = keys.get("street")
        answers.append(None if not key else ground.names.get(("street", key), key) in towns)
    return every(answers)


def _filled(unit: Unit, ground: Ground, members: list[Community], *, whole: bool) -> Unit:
    """Return the unit with its communities, its people and, of its facilities, those of the asked kind of place."""
    people = {c.id: ground.people["community", c.id] for c in members if ("community", c.id) in ground.people}
    if unit.level == "community" or unit.where == "any":
        row = ground.people.get((unit.level, unit.id)) if whole else None
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


def _outside_of(ground: Ground, level: Level, name: str, member: Community, only: Collection[str]) -> bool:
    """Return whether the unit is none of those named, nor in one of them."""
    above = (
        ground.names.get((up, key), key)
        for up in ("county", "zone")
        if level in {"street", "community"} and (key := member.keys.get(up))
    )
    return not {name, *above} & set(only)


def _may_stand_in(known: Mapping[str, str | None], level: Level, members: list[Community]) -> bool:
    """Return whether nothing that is known of a facility's place speaks against the unit of these communities."""
    zone = known.get("zone")
    return any(
        (zone is None or zone == (member.keys.get("zone") or ""))
        and all(known.get(up) in (None, there) for up in _COARSER.get(level, ()) if (there := member.keys.get(up)))
        for member in {tuple(m.keys.get(up) for up in ("zone", "county", "district")): m for m in members}.values()
    )

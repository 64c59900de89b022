"""The ground a rule is judged on: communities, facilities, people, figures and answers as records.

What a table does not say is None here; nothing missing is taken for a no.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from policy.bands import Exact
from policy.project_check import ProjectCheck


@dataclass(frozen=True)
class Community:
    """A community (urban) or a village; `keys` holds the unit it belongs to at each level.

    `keys["district"]` is its county also where it belongs to a functional zone, `keys["zone"]` that zone. `counts`
    holds numbers by column (residents, households, elders, groups of elders, associations).
    """

    id: str
    name: str
    urban: bool | None = True
    street_level: str | None = None
    keys: Mapping[str, str | None] = field(default_factory=dict)
    counts: Mapping[str, int | None] = field(default_factory=dict)
    zone: str | None = None
    main_urban: bool | None = None
    conditional: bool | None = None
    finished: date | None = None
    contractors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facility:
    """A facility; `disputed` names the levels at which its declared unit is not the one its position lies in.

    `outside`: its position is known and lies in none of the communities. `sizes` holds square metres and beds by
    column, exact; `said` what the other columns say.
    """

    id: str
    name: str
    kind: str | None = None
    status: str | None = None
    built: date | None = None
    opened: date | None = None
    operator_type: str | None = None
    urban: bool | None = None
    keys: Mapping[str, str | None] = field(default_factory=dict)
    outside: bool = False
    disputed: frozenset[str] = frozenset()
    rebuilt: date | None = None
    services: tuple[str, ...] = ()
    sizes: Mapping[str, Exact | None] = field(default_factory=dict)
    said: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class People:
    """Elders of a unit: all, those whose walk is not known, and those within a walk of so many minutes."""

    elders: int | None
    unknown: int | None
    covered: Mapping[int, int | None]
    residents: int | None = None


@dataclass(frozen=True)
class Persons:
    """Persons who share an age band (`age_to` included) and all other marks; None and () mean not known."""

    people: int
    age_from: int | None = None
    age_to: int | None = None
    registered: bool | None = None
    resident: bool | None = None
    ability: str | None = None
    categories: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A number the bureau knows of a unit in a year; None where two rows contradict each other."""

    value: Exact | None
    measured_in: str | None = None


@dataclass(frozen=True)
class Answer:
    """What a person said of a rule and a unit."""

    answer: bool | None = None
    points: int | None = None
    day: date | None = None
    reason: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Ground:
    """Everything known of the city, each in the order of its identifier; `names` and `people` go by (level, key).

    `near_centre` is the coverage of communities by comprehensive centres alone. `figures` go by name and unit, then by
    year; `answers` by rule and unit; a unit goes by its code or its name, the city by `city`. `persons` go by
    community, those of an unknown one by "". `projects` are the rows of the housing table by project and phase,
    `checks` what the four synchronisations of one pack found of them.
    """

    communities: tuple[Community, ...]
    facilities: tuple[Facility, ...]
    people: Mapping[tuple[str, str], People]
    names: Mapping[tuple[str, str], str]
    minutes: tuple[int, ...]
    near_centre: Mapping[str, People] = field(default_factory=dict)
    figures: Mapping[tuple[str, str], Mapping[int | None, Figure]] = field(default_factory=dict)
    answers: Mapping[tuple[str, str], Answer] = field(default_factory=dict)
    persons: Mapping[str, tuple[Persons, ...]] = field(default_factory=dict)
    projects: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    checks: Mapping[str, ProjectCheck] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    shelf: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    """Units that were put together once, so that a hundred rules need not do it again."""

    def known_as(self, unit_id: str, name: str) -> tuple[str, ...]:
        """Return the names a unit may stand under in a table of the bureau: code, name, the name of the pack."""
        other = self.aliases.get(name, name)
        same = (alias for alias, known in self.aliases.items() if known == other)
        return tuple(dict.fromkeys((unit_id, name, other, *same)))


def for_pack(
    ground: Ground,
    *,
    zones: Mapping[str, tuple[str, ...]],
    names: Mapping[str, tuple[str, ...]],
    reading: str = "own_unit",
    checks: Iterable[ProjectCheck] = (),
) -> Ground:
    """Return the ground as one pack sees it: its names of units, and its functional zones.

    A community with a zone, or whose county is itself a functional zone by the pack's names, belongs to that zone and
    (`own_unit`) to no county; `within_county` leaves it in its county and judges no zones. Each is counted once.
    """
    aliases = {alias: known for known, others in {**names, **zones}.items() for alias in (known, *others)}
    checked = {check.record.key: check for check in checks}
    seen = replace(ground, aliases=aliases, checks=checked, shelf={}) if aliases or checked else ground
    if reading != "own_unit":
        return seen
    homes = {c.id: zone for c in ground.communities if (zone := _zone_of(c, ground, zones, aliases))}
    if not homes:
        return seen
    communities = tuple(_in_zone(c, homes.get(c.id)) for c in ground.communities)
    split = {c.keys.get("district") for c in communities if c.keys["zone"]}
    facilities = tuple(_facility_in_zone(f, homes, split) for f in ground.facilities)
    people = {key: row for key, row in ground.people.items() if not (key[0] == "county" and key[1] in split)}
    unit_names = {**ground.names, **{("zone", zone): zone for zone in homes.values()}}
    return replace(seen, communities=communities, facilities=facilities, people=people, names=unit_names, shelf={})


def by_identifier(things: Iterable[Any]) -> tuple[Any, ...]:
    """Return records in the order of their identifiers."""
    return tuple(sorted(things, key=lambda thing: thing.id))


def _zone_of(
    community: Community, ground: Ground, zones: Mapping[str, tuple[str, ...]], aliases: Mapping[str, str]
) -> str | None:
    if community.zone:
        return aliases.get(community.zone, community.zone)
    key = community.keys.get("county")
    county = ground.names.get(("county", key), key) if key else None
    known = aliases.get(county, "") if county else ""
    return known if known in zones else None


def _in_zone(community: Community, zone: str | None) -> Community:
    keys = {**community.keys, "zone": zone, **({"county": None} if zone else {})}
    return replace(community, keys=keys)


def _facility_in_zone(facility: Facility, homes: Mapping[str, str], split: set[str | None]) -> Facility:
    """Return the facility under its zone; one whose community is not known may stand in the zones of its county."""
    community = facility.keys.get("community")
    if community is not None:
        zone = homes.get(community, "")
    elif facility.keys.get("district") in {None, *split}:
        return replace(facility, keys={**facility.keys, "zone": None, "county": None})
    else:
        zone = ""
    return replace(facility, keys={**facility.keys, "zone": zone, **({"county": None} if zone else {})})

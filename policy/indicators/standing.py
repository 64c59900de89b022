"""Which facilities of a unit count, which may, and what of them is not known."""

from collections.abc import Iterable

from policy.counting import Counting, absent, counts
from policy.ground import Community, Facility
from policy.measure import Amount
from policy.units import Unit

_Look = tuple[bool | None, tuple[str, ...]]
Standing = tuple[tuple[Facility, ...], tuple[Facility, ...], tuple[str, ...]]


def standing(unit: Unit, what: Counting) -> Standing:
    """Return the facilities that surely count in the unit, those that may, and which data the latter lack."""
    sure: list[Facility] = []
    maybe: list[Facility] = []
    missing: list[str] = []
    looked: dict[str, _Look] = {}
    if unit.ground is not None:
        # A facility counts or not whatever the unit; one that may stand anywhere would be asked about in each of them.
        looked = unit.ground.shelf.setdefault(("looked", id(what)), (what, {}))[1]
    for facility in unit.facilities:
        counted, gaps = _look(facility, what, looked)
        if counted:
            sure.append(facility)
        elif counted is None:
            maybe.append(facility)
            missing += gaps
    for facility in unit.stray:
        counted, gaps = _look(facility, what, looked)
        if counted is not False:
            maybe.append(facility)
            place = "urban" if facility.keys.get("community") else "community_id"
            missing += [f"facilities.{place}: {facility.name}", *gaps]
    return tuple(sure), tuple(maybe), tuple(missing)


def _look(facility: Facility, what: Counting, looked: dict[str, _Look]) -> _Look:
    """Return whether the facility counts and what would tell, from what was found before."""
    found = looked.get(facility.id)
    if found is None:
        counted = counts(facility, what)
        # One that counts may yet stand elsewhere: what else is not known of it is then said too.
        found = looked[facility.id] = (counted, () if counted is False else tuple(absent(facility, what)))
    return found


def disputed(unit: Unit, counted: Iterable[Facility]) -> tuple[str, ...]:
    """Return the names of the facilities whose position lies outside the unit they are declared for."""
    finest = unit.level if unit.level in {"community", "street", "county"} else "community"
    return tuple(f.name for f in counted if finest in f.disputed)


def summed(column: str, found: Standing) -> Amount:
    """Return the square metres or beds of facilities added up."""
    sure, maybe, missing = found
    total = Amount(missing=list(missing))
    for facility in sure:
        total.add(facility.sizes.get(column), f"facilities.{column}: {facility.name}")
    for facility in maybe:
        total.add(facility.sizes.get(column), f"facilities.{column}: {facility.name}", surely=False)
    return total


def counted_in(unit: Unit, column: str) -> Amount:
    """Return a number of the unit's communities added up: residents, households, elders, associations ...

    Residents and elders that the list of communities does not state are taken from the coverage.
    """
    total = Amount()
    for community in unit.communities:
        total.add(_stated(unit, community, column), f"communities.{column}: {community.name}")
    for community in unit.doubtful:
        total.add(_stated(unit, community, column), f"communities.level: {community.name}", surely=False)
    return total


def _stated(unit: Unit, community: Community, column: str) -> int | None:
    number = community.counts.get(column)
    row = unit.community_people.get(community.id)
    if number is None and row is not None and column in {"residents", "elders"}:
        number = row.residents if column == "residents" else row.elders
    return number


def communities_word(unit: Unit) -> str:
    """Return the word for what is counted: communities, villages or both."""
    return {"urban": "communities", "rural": "villages", "any": "communities_and_villages"}[unit.where]

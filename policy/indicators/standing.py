"""Which facilities of a unit count, which may, and what of them is not known."""

from collections.abc import Iterable

from policy.counting import Counting, absent, counts
from policy.ground import Community, Facility
from policy.measure import Amount
from policy.units import Unit

Standing = tuple[tuple[Facility, ...], tuple[Facility, ...], tuple[str, ...]]


def standing(unit: Unit, what: Counting) -> Standing:
    """Return the facilities that surely count in the unit, those that may, and which data the latter lack."""
    sure: list[Facility] = []
    maybe: list[Facility] = []
    missing: list[str] = []
    for facility in unit.facilities:
        counted = counts(facility, what)
        if counted:
            sure.append(facility)
        elif counted is None:
            maybe.append(facility)
            missing += absent(facility, what)
    for facility in unit.stray:
        if counts(facility, what) is not False:
            maybe.append(facility)
            place = "urban" if facility.keys.get("community") else "community_id"
            missing += [f"facilities.{place}: {facility.name}", *absent(facility, what)]
    return tuple(sure), tuple(maybe), tuple(missing)


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

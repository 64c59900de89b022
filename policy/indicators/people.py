"""People: how many are entitled to a benefit, and how large a group is among the elders."""

from policy.counting import Counting
from policy.eligible import eligible
from policy.ground import Community
from policy.measure import ENDLESS, Measured, Tally, share
from policy.units import Unit
from policy.verdict import Status


def eligible_persons(unit: Unit, what: Counting) -> Measured:
    """Count the persons of the unit entitled to a benefit, each once.

    Formula: sum of `people` over rows of the counts by group that meet the base of `benefit` and one of its groups, not
    excluded. UNKNOWN means that a community has no counts, or that marks or age bands leave it open.

    >>> from policy.ground import Ground, Persons
    >>> from policy.terms import Benefit, Condition
    >>> old = Benefit(id="x", clause="1", title={"zh": "", "en": ""}, base=Condition(age_at_least=80))
    >>> town = Ground((), (), {}, {}, (15,), persons={"1": (Persons(7, 80, 84), Persons(5, 75, 84))})
    >>> here = Unit("community", "1", "A", communities=(Community("1", "A"),), ground=town)
    >>> found = eligible_persons(here, Counting(benefit="x", benefits=(old,)))
    >>> found.low, found.high, found.missing
    (7, 12, ('people_groups.age_to: A',))
    """
    known = unit.ground.persons if unit.ground is not None else {}
    benefit = next((b for b in what.benefits if b.id == what.benefit), None)
    groups = [g for g in what.groups if g.benefit == what.benefit]
    low, high = 0, 0
    missing: list[str] = []
    for community in (*unit.communities, *unit.doubtful):
        if community.id not in known:
            missing.append(f"people_groups.people: {community.name}")
            elders = community.counts.get("elders")
            high += ENDLESS if elders is None else elders
            continue
        found = eligible(known[community.id], benefit, groups)
        doubtful = community in unit.doubtful
        low += 0 if doubtful else found.least
        high += found.most
        missing += [f"communities.level: {community.name}"] if doubtful and found.most else []
        missing += [f"people_groups.{mark}: {community.name}" for mark in found.unclear]
    stray = sum(row.people for row in known.get("", ()))
    if stray:
        missing.append(f"people_groups.community_id: {stray}")
        high += eligible(known[""], benefit, groups).most
    high = min(high, ENDLESS)
    return Measured("persons", low, high, None, low, high, (unit.name,), tuple(missing) if low != high else ())


def groups_share(unit: Unit, what: Counting) -> Measured:
    """Measure the share of a group (`column`: elders_80, disabled, empty_nest ...) among the elders.

    Formula: sum of the group / sum of elders. Groups overlap, so shares of several do not add up. UNKNOWN means that a
    community states no number for the group or no elders. NOT_APPLICABLE without elders.

    >>> pair = (Community("1", "A", counts={"elders": 10, "disabled": 2}), Community("2", "B", counts={"elders": 10}))
    >>> found = groups_share(Unit("city", "city", "C", pair), Counting(column="disabled"))
    >>> found.low, found.high
    (Fraction(1, 10), Fraction(3, 5))
    """
    tally, known = Tally(), True
    for community in (*unit.communities, *unit.doubtful):
        elders = _elders(unit, community)
        if elders is None:
            known = False
            tally.missing.append(f"communities.elders: {community.name}")
            continue
        some = community.counts.get(what.column)
        lacks = some is None or some > elders
        least, most = (0, elders) if some is None or lacks else (some, some)
        tally.missing += [f"communities.{what.column}: {community.name}"] if lacks and elders else []
        if community in unit.doubtful:
            tally.missing.append(f"communities.level: {community.name}")
            tally.doubtful_in += most
            tally.doubtful_out += elders - least
            continue
        tally.sure += least
        tally.open += most - least
        tally.lacking += elders - most
    if not known:
        return Measured("elders", missing=tuple(tally.missing), void=Status.UNKNOWN, kind="share")
    return share(tally, "elders", empty=Status.NOT_APPLICABLE)


def _elders(unit: Unit, community: Community) -> int | None:
    row = unit.community_people.get(community.id)
    stated = community.counts.get("elders")
    return row.elders if stated is None and row is not None else stated

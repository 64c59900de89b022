"""Progress of a campaign: units finished by a day, contracts signed, lists complete."""

from policy.counting import Counting
from policy.ground import Community
from policy.indicators.standing import communities_word
from policy.measure import Measured, Tally, share
from policy.units import Unit
from policy.verdict import Status

NO_CONTRACT = frozenset({"未签约", "未签", "无企业承接"})
"""What a list says of a community that nobody serves; an empty cell only says that it is not known."""


def unit_count(unit: Unit, _: Counting) -> Measured:
    """Count the communities (or villages) of the unit, to hold the list against the number a document states.

    Formula: n = |{communities}|. UNKNOWN means that it is not known of some whether they are urban or rural.

    >>> unit_count(Unit("city", "city", "A", communities=(Community("1", "B"),)), Counting()).low
    1
    """
    n, most = len(unit.communities), len(unit.communities) + len(unit.doubtful)
    missing = tuple(f"communities.level: {c.name}" for c in unit.doubtful)
    return Measured(communities_word(unit), n, most, None, n, most, (unit.name,), missing)


def units_finished(unit: Unit, what: Counting) -> Measured:
    """Measure the share of communities and villages that are finished by the day.

    Formula: |{communities with `finished` <= day}| / |{communities}|; with `conditional_only` of those flagged 有条件.
    UNKNOWN means that dates are not stated; with `without_date` "not_yet" a community without one is not finished.
    `lacking` is the list still to build. NOT_APPLICABLE without any community.

    >>> from datetime import date
    >>> pair = (Community("1", "A", finished=date(2020, 12, 31)), Community("2", "B", finished=date(2021, 1, 1)))
    >>> units_finished(Unit("city", "city", "C", pair), Counting(by=date(2020, 12, 31))).lacking
    ('B',)
    """

    def finished(community: Community) -> bool | None:
        if community.finished is None:
            return False if what.without_date == "not_yet" else None
        return community.finished <= what.by

    tally = Tally()
    for community, doubtful in _each(unit):
        fits = community.conditional if what.conditional_only else True
        if fits is False:
            continue
        done = finished(community)
        uncertain = doubtful or fits is None
        tally.put(done, doubtful=uncertain)
        tally.names += [community.name] if done is False and not uncertain else []
        tally.missing += _tokens(community, finished=done is None, conditional=fits is None, level=doubtful)
    return share(tally, communities_word(unit), empty=Status.NOT_APPLICABLE)


def contracts(unit: Unit, _: Counting) -> Measured:
    """Measure the share of communities that exactly one operator has contracted for.

    Formula: |{communities with one name in `contractor`}| / |{communities}|; 未签约 is none. UNKNOWN means that the
    cell is empty. NOT_APPLICABLE without any community.

    >>> pair = (Community("1", "A", contractors=("甲",)), Community("2", "B", contractors=("甲", "乙")))
    >>> contracts(Unit("city", "city", "C", pair), Counting()).lacking
    ('B',)
    """
    tally = Tally()
    for community, doubtful in _each(unit):
        names = set(community.contractors) - NO_CONTRACT
        one = len(names) == 1 if community.contractors else None
        tally.put(one, doubtful=doubtful)
        tally.names += [community.name] if one is False and not doubtful else []
        tally.missing += _tokens(community, contractor=one is None, level=doubtful)
    return share(tally, communities_word(unit), empty=Status.NOT_APPLICABLE)


def units_stated(unit: Unit, what: Counting) -> Measured:
    """Measure the share of communities of which the list states a number (elders, households ...), zero included.

    Formula: |{communities whose `column` is filled}| / |{communities}|. UNKNOWN means that urban or
    rural is not known.
    NOT_APPLICABLE without any community.

    >>> pair = (Community("1", "A", counts={"elders": 0}), Community("2", "B"))
    >>> units_stated(Unit("city", "city", "C", pair), Counting(column="elders")).lacking
    ('B',)
    """
    tally = Tally()
    for community, doubtful in _each(unit):
        stated = community.counts.get(what.column) is not None
        tally.put(stated, doubtful=doubtful)
        tally.names += [] if stated or doubtful else [community.name]
        tally.missing += _tokens(community, level=doubtful)
    return share(tally, communities_word(unit), empty=Status.NOT_APPLICABLE)


def _each(unit: Unit) -> list[tuple[Community, bool]]:
    """Return the unit's communities, and whether it is in doubt that they count."""
    return [*((c, False) for c in unit.communities), *((c, True) for c in unit.doubtful)]


def _tokens(community: Community, **absent: bool) -> list[str]:
    return [f"communities.{column}: {community.name}" for column, lacks in absent.items() if lacks]

"""What a rule measures of facilities: how many there are, who runs them, what they offer, what is on file of them."""

from collections.abc import Callable
from datetime import date

from policy.counting import Counting, either, every
from policy.ground import Facility
from policy.indicators.standing import disputed, standing
from policy.measure import Measured, Tally, share
from policy.units import Unit
from policy.use import read_consent, read_use
from policy.verdict import Status


def facility_count(unit: Unit, what: Counting) -> Measured:
    """Count the facilities of the given kinds that stand in the unit.

    Formula: n = |{facilities of `kinds` with a status in `statuses`, dated by the day asked for, of the size, level and
    marks asked for}|. UNKNOWN means that facilities without a kind, status, date, size, mark or unit could change the
    answer.

    >>> street = Unit("street", "410611001", "A", facilities=(Facility("1", "B", "street_centre", "in_use"),))
    >>> facility_count(street, Counting(kinds=("street_centre",))).low
    1
    """
    sure, maybe, missing = standing(unit, what)
    n, most = len(sure), len(sure) + len(maybe)
    doubts = disputed(unit, (*sure, *maybe))
    return Measured("facilities", n, most, None, n, most, (unit.name,), missing, doubts)


def share_social_operator(unit: Unit, what: Counting) -> Measured:
    """Measure the share of the facilities that are run by social forces (companies, associations, private homes).

    Formula: |{facilities that count with an operator of `operator_types`}| / |{facilities that count}|. UNKNOWN means
    that facilities of unknown operator, kind, status or place could change the answer. Without any facility the text
    gives no answer: UNDEFINED.

    >>> pair = tuple(Facility(who, who, "day_care", "in_use", operator_type=who) for who in ("social", "public"))
    >>> share_social_operator(Unit("city", "city", "A", facilities=pair), Counting(kinds=("day_care",))).low
    Fraction(1, 2)
    """

    def run_by(facility: Facility) -> bool | None:
        return None if facility.operator_type is None else facility.operator_type in what.operator_types

    return _sorted(unit, what, run_by, column="operator_type", empty=Status.UNDEFINED)


def facilities_without(unit: Unit, what: Counting) -> Measured:
    """Count the facilities that lack one of the services named.

    Formula: |{facilities that count whose services do not hold all of `services`}|; `lacking` names them, or at one
    facility the services. UNKNOWN means that facilities without a list of services, or that may not count, could change
    the answer. Without any facility the rule is NOT_APPLICABLE.

    >>> home = Facility("1", "A", "day_care", "in_use", services=("助餐",))
    >>> here = Unit("facility", "1", "A", facilities=(home,))
    >>> facilities_without(here, Counting(("day_care",), services=("助餐", "日托"))).lacking
    ('日托',)
    """
    sure, maybe, missing = standing(unit, what)
    if not sure and not maybe:
        return Measured("facilities", void=Status.NOT_APPLICABLE)
    offers = {f.id: every(_offers(f, service) for service in what.services) for f in (*sure, *maybe)}
    short = [f for f in sure if offers[f.id] is False]
    unsaid = [f for f in (*sure, *maybe) if offers[f.id] is None]
    n = len(short)
    most = n + sum(offers[f.id] is None for f in sure) + sum(offers[f.id] is not True for f in maybe)
    lacking = tuple(f.name for f in short)
    if unit.level == "facility":
        lacking = tuple(s for f in short for s in what.services if not _offers(f, s))
    gaps = (*missing, *(f"facilities.services: {f.name}" for f in unsaid)) if n != most else ()
    return Measured("facilities", n, most, None, n, most, lacking, gaps, disputed(unit, (*sure, *maybe)))


def services_offered(unit: Unit, what: Counting) -> Measured:
    """Measure how much of a list of services the facilities offer.

    Formula: |{pairs of a facility that counts and a service of `services` it offers}| / |{all such pairs}|; of one
    facility it is the share of the list. UNKNOWN means that lists of services are not stated. NOT_APPLICABLE without
    any facility.

    >>> home = Facility("1", "A", "day_care", "in_use", services=("助餐",))
    >>> here = Unit("facility", "1", "A", facilities=(home,))
    >>> services_offered(here, Counting(("day_care",), services=("助餐", "日托"))).low
    Fraction(1, 2)
    """
    sure, maybe, missing = standing(unit, what)
    tally = Tally(missing=list(missing))
    for facility in (*sure, *maybe):
        tally.missing += [] if facility.services else [f"facilities.services: {facility.name}"]
        for service in what.services:
            offered = _offers(facility, service)
            tally.put(offered, doubtful=facility in maybe)
            named = service if unit.level == "facility" else f"{facility.name} {service}"
            tally.names += [named] if offered is False and facility in sure else []
    return share(tally, "services", empty=Status.NOT_APPLICABLE, disputed=disputed(unit, (*sure, *maybe)))


def facilities_flagged(unit: Unit, what: Counting) -> Measured:
    """Measure the share of facilities of which a column says what is asked for.

    Formula: |{facilities that count whose `column` is one of `value`}| / |{facilities that count}|. Of a text it is
    enough that it holds one of the words, without 非, 不, 未 or 无 before it; `value` "stated" asks only that the cell
    is filled, "yes" or "no" what a yes-no column says. `current_use` is read as a whole (`policy.use`) and not by
    `value`: another use is a no, idle is none. `or_stated` names a column that makes good for it where it says yes (a
    consent). UNKNOWN means that empty or unclear cells, or facilities that may not count, could change the answer.
    NOT_APPLICABLE without any facility.

    >>> shop = Facility("1", "A", "day_care", "in_use", said={"current_use": "超市"})
    >>> facilities_flagged(Unit("facility", "1", "A", facilities=(shop,)),
    ...     Counting(("day_care",), column="current_use", value=("养老",))).high
    Fraction(0, 1)
    """

    def flagged(facility: Facility) -> bool | None:
        cell = facility.said.get(what.column)
        if "stated" in what.value:
            return cell is not None
        if what.column == "current_use":
            answer = _KEEPS[read_use(str(cell or ""))]
        else:
            answer = None if cell is None else _says(cell, what.value)
        consent = read_consent(str(facility.said.get(what.or_stated) or "")) if what.or_stated else False
        return either([answer, consent])

    return _sorted(unit, what, flagged, column=what.column, empty=Status.NOT_APPLICABLE)


def dates_by(unit: Unit, what: Counting) -> Measured:
    """Measure the share of facilities all of whose dates are there and no later than the day asked for.

    Formula: |{facilities that count with every date of `columns` <= that day}| / |{facilities that count}|.
    UNKNOWN means that a date is not stated: an empty cell proves nothing. NOT_APPLICABLE without any facility.

    >>> home = Facility("1", "A", "nursing_home", "in_use", opened=date(2017, 11, 30))
    >>> here = Unit("facility", "1", "A", facilities=(home,))
    >>> dates_by(here, Counting(("nursing_home",), columns=("opened",), by=date(2017, 11, 30))).low
    Fraction(1, 1)
    """

    def in_time(facility: Facility) -> bool | None:
        return every(_by(_date(facility, column), what.by) for column in what.columns)

    column = what.columns[0] if len(what.columns) == 1 else "dates"
    return _sorted(unit, what, in_time, column=column, empty=Status.NOT_APPLICABLE)


def _sorted(
    unit: Unit, what: Counting, answer: Callable[[Facility], bool | None], *, column: str, empty: Status
) -> Measured:
    """Return the share of the facilities that count of which the answer is yes; an open answer lacks `column`."""
    sure, maybe, missing = standing(unit, what)
    tally = Tally(missing=list(missing))
    doubtful = {f.id for f in maybe}
    for facility in (*sure, *maybe):
        said = answer(facility)
        tally.put(said, doubtful=facility.id in doubtful)
        tally.missing += [f"facilities.{column}: {facility.name}"] if said is None else []
        tally.names += [facility.name] if said is not True and facility.id not in doubtful else []
    return share(tally, "facilities", empty=empty, disputed=disputed(unit, (*sure, *maybe)))


_KEEPS = {"care": True, "idle": True, "diverted": False, "unclear": None, "": None}
"""Whether a facility keeps its use: standing idle is no other use."""


def _offers(facility: Facility, service: str) -> bool | None:
    return service in facility.services if facility.services else None


def _says(cell: object, words: tuple[str, ...]) -> bool:
    if isinstance(cell, bool):
        return ("yes" if cell else "no") in words
    text = str(cell)
    return any((at := text.find(word)) >= 0 and not (at and text[at - 1] in "非不未无") for word in words)


def _date(facility: Facility, column: str) -> date | None:
    own = {"opened": facility.opened, "built": facility.built, "rebuilt": facility.rebuilt}
    day = own[column] if column in own else facility.said.get(column)
    return day if isinstance(day, date) else None


def _by(day: date | None, last: date) -> bool | None:
    return None if day is None else day <= last

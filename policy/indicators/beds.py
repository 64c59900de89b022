"""Beds: how many, for how many elders, and which share of them is for whom."""

from fractions import Fraction

from policy.counting import Counting
from policy.ground import Facility
from policy.indicators.standing import counted_in, disputed, standing, summed
from policy.measure import Measured, amount, rate
from policy.units import Unit
from policy.verdict import Status


def beds(unit: Unit, what: Counting) -> Measured:
    """Add up the beds of the facilities that count.

    Formula: sum of `beds`. UNKNOWN means that beds are not stated, or that facilities may not count.

    >>> home = Facility("1", "A", "nursing_home", "in_use", sizes={"beds": 100})
    >>> beds(Unit("facility", "1", "A", facilities=(home,)), Counting(("nursing_home",))).low
    100
    """
    found = standing(unit, what)
    doubts = disputed(unit, (*found[0], *found[1]))
    return amount(summed("beds", found), "beds", lacking=(unit.name,), disputed=doubts)


def beds_per_1000_elders(unit: Unit, what: Counting) -> Measured:
    """Measure the beds for every 1,000 elders (60 and over; not residents).

    Formula: 1,000 * sum of `beds` / elders. UNKNOWN means that beds or elders are not stated. NOT_APPLICABLE without
    elders.

    >>> from policy.ground import Community
    >>> home = Facility("1", "A", "nursing_home", "in_use", sizes={"beds": 40})
    >>> town = (Community("1", "A", counts={"elders": 1000}),)
    >>> beds_per_1000_elders(Unit("city", "city", "B", town, (), (home,)), Counting(("nursing_home",))).low
    Fraction(40, 1)
    """
    found = standing(unit, what)
    doubts = disputed(unit, (*found[0], *found[1]))
    return rate(summed("beds", found), counted_in(unit, "elders"), "beds", base="elders", per=1000, disputed=doubts)


def bed_share(unit: Unit, what: Counting) -> Measured:
    """Measure the share of all beds that are care beds (`of` "beds_care") or for the disabled ("beds_disabled").

    Formula: sum of the beds of that sort / sum of `beds`; the two sorts may overlap. UNKNOWN means that one of the two
    numbers is not stated, that they contradict each other, or that facilities may not count. NOT_APPLICABLE without any
    bed.

    >>> home = Facility("1", "A", "nursing_home", "in_use", sizes={"beds": 100, "beds_care": 50})
    >>> bed_share(Unit("facility", "1", "A", facilities=(home,)), Counting(("nursing_home",), of="beds_care")).low
    Fraction(1, 2)
    """
    sure, maybe, gaps = standing(unit, what)
    missing = list(gaps)
    part, rest, open_beds, in_doubt, out_doubt = 0, 0, 0, 0, 0
    boundless = False
    for facility in (*sure, *maybe):
        some, every = (_whole(facility, column) for column in (what.of, "beds"))
        if every is None or (some is not None and some > every):
            missing.append(f"facilities.{'beds' if every is None else what.of}: {facility.name}")
            boundless = True
            continue
        missing += [] if some is not None else [f"facilities.{what.of}: {facility.name}"]
        if facility in maybe:
            in_doubt += every if some is None else some
            out_doubt += every - (some or 0)
        elif some is None:
            open_beds += every
        else:
            part, rest = part + some, rest + every - some
    whole = part + open_beds + rest
    doubts = disputed(unit, (*sure, *maybe))
    if not (whole or in_doubt or out_doubt or boundless):
        return Measured("beds", void=Status.NOT_APPLICABLE, kind="share")
    low, high = Fraction(0), Fraction(1)
    if whole and not boundless:
        low = Fraction(part, whole + out_doubt)
        high = Fraction(part + open_beds + in_doubt, whole + in_doubt)
    missing = list(dict.fromkeys(missing)) if low != high else []
    return Measured(
        "beds", part, part + open_beds, whole, low, high, (unit.name,), tuple(missing), doubts, kind="share"
    )


def _whole(facility: Facility, column: str) -> int | None:
    number = facility.sizes.get(column)
    return None if number is None else int(number)

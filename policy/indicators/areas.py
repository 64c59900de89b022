"""Floor area and land: of facilities, by resident, by household, and by the classes of rooms a document has.

Land is never taken for floor, nor residents for elders or households: each rate names its own two columns.
"""

from policy.bands import Exact
from policy.cells import exact, flag
from policy.counting import Counting, either, every
from policy.ground import Facility
from policy.indicators.coverage import walkers
from policy.indicators.figures import figure_value
from policy.indicators.projects import listed, projects_of
from policy.indicators.standing import counted_in, disputed, standing, summed
from policy.measure import ENDLESS, Amount, Measured, amount, rate
from policy.terms import RoomClass
from policy.units import Unit
from policy.verdict import Status

_PEOPLE = {"": 1, "人": 1, "persons": 1, "万人": 10_000}
"""In what a figure counts people, and how many one is."""


def floor_area(unit: Unit, what: Counting) -> Measured:
    """Add up the floor area (建筑面积) of the facilities that count.

    Formula: sum of `floor_area_m2`, exact square metres. UNKNOWN means that an area is not stated, or that facilities
    may not count. NOT_APPLICABLE at a single facility that does not count.

    >>> home = Facility("1", "A", "day_care", "in_use", sizes={"floor_area_m2": 500})
    >>> floor_area(Unit("facility", "1", "A", facilities=(home,)), Counting(("day_care",))).low
    500
    """
    found = standing(unit, what)
    return amount(
        summed("floor_area_m2", found), "m2", lacking=(unit.name,), disputed=disputed(unit, (*found[0], *found[1]))
    )


def floor_area_per_10k_residents(unit: Unit, what: Counting) -> Measured:
    """Measure the floor area of facilities for every 10,000 residents.

    Formula: 10,000 * sum of `floor_area_m2` / residents of all ages. UNKNOWN means that an area or a number of
    residents is not stated. NOT_APPLICABLE without residents.

    >>> from policy.ground import Community
    >>> home = Facility("1", "A", "day_care", "in_use", sizes={"floor_area_m2": 200})
    >>> town = (Community("1", "A", counts={"residents": 10_000}),)
    >>> floor_area_per_10k_residents(Unit("city", "city", "B", town, (), (home,)), Counting(("day_care",))).low
    Fraction(200, 1)
    """
    return _rate(unit, what, "floor_area_m2", "residents", 10_000)


def floor_area_per_100_households(unit: Unit, what: Counting) -> Measured:
    """Measure the floor area of facilities for every 100 households.

    Formula: 100 * sum of `floor_area_m2` / households. UNKNOWN means that an area or a number of households is not
    stated. NOT_APPLICABLE without households.

    >>> from policy.ground import Community
    >>> home = Facility("1", "A", "day_care", "in_use", sizes={"floor_area_m2": 200})
    >>> town = (Community("1", "A", counts={"households": 1000}),)
    >>> floor_area_per_100_households(Unit("city", "city", "B", town, (), (home,)), Counting(("day_care",))).low
    Fraction(20, 1)
    """
    return _rate(unit, what, "floor_area_m2", "households", 100)


def land_per_person(unit: Unit, what: Counting) -> Measured:
    """Measure the land (用地面积, not floor) of facilities for each resident.

    Formula: sum of `land_m2` / residents of all ages, or / the figure `whole` of the unit (the planned population).
    UNKNOWN means that an area of land or a number of residents is not stated. NOT_APPLICABLE without residents.

    >>> from policy.ground import Community
    >>> home = Facility("1", "A", "day_care", "in_use", sizes={"land_m2": 1000, "floor_area_m2": 99})
    >>> town = (Community("1", "A", counts={"residents": 10_000}),)
    >>> land_per_person(Unit("city", "city", "B", town, (), (home,)), Counting(("day_care",))).low
    Fraction(1, 10)
    """
    return _rate(unit, what, "land_m2", "residents", 1)


def joint_floor_area(unit: Unit, what: Counting) -> Measured:
    """Add up the floor area of all points of a community, where a comprehensive centre is near enough to lead them.

    Formula: sum of `floor_area_m2` of the points of at least `least_point_m2` (all where it is not given), where
    the share `reached` of the elders walks no more than `neighbour_centre_minutes` to a comprehensive centre; else 0.
    UNKNOWN means that an area is not stated, or that the walk to the centres was not computed.

    >>> points = tuple(Facility(n, n, "day_care", "in_use", sizes={"floor_area_m2": 175}) for n in "AB")
    >>> joint_floor_area(Unit("community", "1", "C", facilities=points), Counting(("day_care",))).low
    350
    """
    found = standing(unit, what)
    sure, maybe, missing = found
    if what.least_point_m2 is not None:
        small = {f.id for f in (*sure, *maybe) if _smaller(f, what.least_point_m2)}
        sure, maybe = (tuple(f for f in part if f.id not in small) for part in (sure, maybe))
    total = summed("floor_area_m2", (sure, maybe, missing))
    if what.least_point_m2 is not None:
        # A point without an area may also be too small to count at all: its least is nothing, as summed() has it.
        total.least = sum((f.sizes.get("floor_area_m2") or 0 for f in sure), start=0)
    near = _near_centre(unit, what)
    if near is not True:
        total.least = 0
        total.most = 0 if near is False else total.most
        total.missing += [f"coverage.near_centre: {unit.name}"] if near is None else []
    return amount(total, "m2", lacking=(unit.name,), disputed=disputed(unit, (*found[0], *found[1])))


def room_class(unit: Unit, what: Counting) -> Measured:
    """Tell the class of rooms of a facility, as the least square metres of that class; 0 where it is below all.

    Formula: the largest `at_least_m2` of a class of the pack that holds the floor area; a class for old estates only
    counts for a facility flagged `old_estate_exempt` with a reason. With `exact_sizes` the other classes hold their
    own size only. UNKNOWN means that the area, the flag or the reason is not stated and would change the class.

    >>> from policy.written import Words
    >>> one = RoomClass(name="500", title=Words(zh="五百", en="500"), at_least_m2=500)
    >>> home = Facility("1", "A", "day_care", "in_use", sizes={"floor_area_m2": 499})
    >>> here = Unit("facility", "1", "A", facilities=(home,))
    >>> room_class(here, Counting(("day_care",), room_classes=(one,))).low
    0
    """
    sure, maybe, missing = standing(unit, what)
    facility = next(iter((*sure, *maybe)), None)
    if facility is None:
        return Measured("m2", void=Status.NOT_APPLICABLE, kind="class")
    area = facility.sizes.get("floor_area_m2")
    exempt = every([_flag(facility, "old_estate_exempt"), True if facility.said.get("exempt_reason") else None])
    classes, exact_sizes = what.room_classes, what.exact_sizes
    least = class_of(area or 0, classes, old_estate=exempt is True, exact_sizes=exact_sizes)
    largest = ENDLESS if area is None else area
    most = class_of(largest, classes, old_estate=exempt is not False, exact_sizes=exact_sizes)
    low, high = (0 if c is None else c.at_least_m2 for c in (least, most))
    gaps = [*missing]
    gaps += [f"facilities.floor_area_m2: {facility.name}"] if area is None else []
    if exempt is None and low != high and area is not None:
        column = "old_estate_exempt" if _flag(facility, "old_estate_exempt") is None else "exempt_reason"
        gaps.append(f"facilities.{column}: {facility.name}")
    low, high = min(low, high), max(low, high)
    return Measured(
        "m2",
        area or 0,
        ENDLESS if area is None else area,
        None,
        low,
        high,
        (unit.name,),
        tuple(gaps) if low != high else (),
        disputed(unit, (facility,)),
        kind="class",
    )


def class_of(
    area_m2: Exact, classes: tuple[RoomClass, ...], *, old_estate: bool, exact_sizes: bool = False
) -> RoomClass | None:
    """Return the class of rooms a floor area belongs to, None where none is open to it.

    `exact_sizes` reads a class as one size instead of the least; what is allowed to old estates stays a least size.
    """
    open_to = [
        c
        for c in classes
        if (old_estate or not c.only_old_estates)
        and area_m2 >= c.at_least_m2
        and (c.below_m2 is None or area_m2 < c.below_m2)
        and (not exact_sizes or c.only_old_estates or area_m2 in {c.at_least_m2, ENDLESS})
    ]
    return max(open_to, key=lambda c: c.at_least_m2, default=None)


def old_estate_shortfall(unit: Unit, _: Counting) -> Measured:
    """Add up what old estates lack in care rooms: the area they should have less the area they have.

    Formula: sum over rows of the housing table that are not new estates of max(0, `care_required_m2` -
    `care_built_m2`). UNKNOWN means that an estate is not said to be old or new, or an area is not stated.
    NOT_APPLICABLE without any such row: an estate that is not listed is not proven to lack nothing. UNKNOWN without a
    housing table.

    >>> from policy.ground import Ground
    >>> old = {"name": "A", "new_estate": False, "care_required_m2": 350, "care_built_m2": 264}
    >>> city = Unit("city", "city", "B", ground=Ground((), (), {}, {}, (15,), projects={"1": old}))
    >>> old_estate_shortfall(city, Counting()).low
    86
    """
    if not listed(unit):
        return Measured("m2", missing=("housing",), void=Status.UNKNOWN)
    total, names = Amount(), []
    rows = [(key, row) for key, row in projects_of(unit) if not flag(row.get("new_estate"))]
    if not rows:
        # An old estate that is not in the table may still lack its rooms.
        return Measured("m2", void=Status.NOT_APPLICABLE)
    for key, row in rows:
        name = str(row.get("name") or key)
        required, built = exact(row.get("care_required_m2")), exact(row.get("care_built_m2"))
        surely = flag(row.get("new_estate")) is False
        if required is None or (built is None and required > 0):
            column = "care_required_m2" if required is None else "care_built_m2"
            total.missing.append(f"housing.{column}: {name}")
            total.most = ENDLESS if required is None else total.most + required
            continue
        short = max(0, required - (built or 0))
        total.add(short, f"housing.new_estate: {name}", surely=surely)
        names += [name] if short and surely else []
    return amount(total, "m2", lacking=names)


def _rate(unit: Unit, what: Counting, column: str, people: str, per: int) -> Measured:
    found = standing(unit, what)
    facilities = (*found[0], *found[1])
    return rate(
        summed(column, found),
        _planned(unit, what) if what.whole else counted_in(unit, people),
        "m2",
        base=people,
        per=per,
        disputed=disputed(unit, facilities),
    )


def _planned(unit: Unit, what: Counting) -> Amount:
    """Return a number of people the bureau states as a figure of the unit; one in an unknown measure is not known."""
    found, absent = figure_value(unit, what.whole, what)
    people = Amount()
    times = None if found is None else _PEOPLE.get(found.measured_in or "")
    stated = None if found is None or found.value is None or times is None else found.value * times
    people.add(stated, absent or f"figures.measured_in: {unit.name}")
    return people


def _near_centre(unit: Unit, what: Counting) -> bool | None:
    """Return whether enough of the unit's elders are within the walk of a comprehensive centre."""
    if what.neighbour_centre_minutes is None:
        return True
    near = unit.ground.near_centre if unit.ground is not None else {}
    people = walkers(unit.communities, near, what.neighbour_centre_minutes)
    if people.elders is None:
        return None
    enough = what.reached * people.elders
    return either([people.least >= enough, None if people.most >= enough else False])


def _smaller(facility: Facility, least: object) -> bool:
    area = facility.sizes.get("floor_area_m2")
    return area is not None and area < least  # type: ignore[operator]


def _flag(facility: Facility, column: str) -> bool | None:
    said = facility.said.get(column)
    return None if said is None else bool(said)

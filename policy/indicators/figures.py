"""Numbers the bureau knows of a unit: money, revenue, trained carers; alone, as a share, a sum or a difference."""

from fractions import Fraction

from policy.bands import Exact
from policy.counting import Counting
from policy.ground import Figure
from policy.measure import Measured
from policy.units import Unit
from policy.verdict import Status


def figure_value(unit: Unit, name: str, what: Counting) -> tuple[Figure | None, str]:
    """Return a figure of the unit in `year` (or the newest up to the day), and what is missing where there is none.

    A figure without a year counts where none has one that fits. Of two rows that contradict each other none counts.
    """
    absent = f"figures.{name}: {unit.name}"
    if unit.ground is None:
        return None, absent
    keys = ("city",) if unit.level == "city" else unit.ground.known_as(unit.id, unit.name)
    years = next((unit.ground.figures[name, key] for key in keys if (name, key) in unit.ground.figures), {})
    fitting = [y for y in years if y is not None and (y == what.year if what.year is not None else y <= what.by.year)]
    found = years.get(max(fitting) if fitting else None)
    return (found, "") if found is not None and found.value is not None else (None, absent)


def figure(unit: Unit, what: Counting) -> Measured:
    """Take a number the bureau knows of the unit.

    Formula: `value` of the figure `name` in `year` (the newest up to the day where none is asked for). UNKNOWN means
    that the table has no such figure, or two that contradict each other.

    >>> from policy.ground import Ground
    >>> town = Ground((), (), {}, {}, (15,), figures={("trained carers", "city"): {2018: Figure(1000)}})
    >>> figure(Unit("city", "city", "A", ground=town), Counting(name="trained carers")).low
    1000
    """
    return _sum(unit, (what.name,), what)


def figure_sum(unit: Unit, what: Counting) -> Measured:
    """Add up numbers the bureau knows of the unit.

    Formula: sum of the figures `names`. UNKNOWN means that one of them is not in the table, or that they are not
    counted in the same unit.

    >>> from policy.ground import Ground
    >>> parts = {("a", "city"): {None: Figure(1900)}, ("b", "city"): {None: Figure(995)}}
    >>> town = Ground((), (), {}, {}, (15,), figures=parts)
    >>> figure_sum(Unit("city", "city", "A", ground=town), Counting(names=("a", "b"))).low
    2895
    """
    return _sum(unit, what.names, what)


def figure_gap(unit: Unit, what: Counting) -> Measured:
    """Measure by how much two numbers of the unit differ.

    Formula: |`name` - `other`|. UNKNOWN means that one of them is not in the table, or that they are not counted in the
    same unit.

    >>> from policy.ground import Ground
    >>> both = {("city share", "city"): {None: Figure(50)}, ("district share", "city"): {None: Figure(47)}}
    >>> town = Ground((), (), {}, {}, (15,), figures=both)
    >>> figure_gap(Unit("city", "city", "A", ground=town), Counting(name="city share", other="district share")).low
    3
    """
    values, missing = _values(unit, (what.name, what.other), what)
    if missing:
        return Measured("figure", missing=missing, void=Status.UNKNOWN)
    gap = max(values) - min(values)
    return Measured("figure", gap, gap, None, gap, gap)


def figure_share(unit: Unit, what: Counting) -> Measured:
    """Measure the share of one number of the unit in another.

    Formula: `part` / `whole`, exact. UNKNOWN means that one of them is not in the table, or that they are not counted
    in the same unit. NOT_APPLICABLE where the whole is nothing.

    >>> from policy.ground import Ground
    >>> both = {("care", "city"): {None: Figure(499)}, ("all", "city"): {None: Figure(1000)}}
    >>> town = Ground((), (), {}, {}, (15,), figures=both)
    >>> figure_share(Unit("city", "city", "A", ground=town), Counting(part="care", whole="all")).low
    Fraction(499, 1000)
    """
    values, missing = _values(unit, (what.part, what.whole), what)
    if missing:
        return Measured("figure", missing=missing, void=Status.UNKNOWN, kind="rate", base="figure")
    part, whole = values
    if not whole:
        return Measured("figure", void=Status.NOT_APPLICABLE, kind="rate", base="figure")
    value = Fraction(part) / Fraction(whole)
    if isinstance(whole, Fraction):
        # A share needs a whole number to divide by; the part grows with it.
        part, whole = part * whole.denominator, whole.numerator
    return Measured("figure", part, part, whole, value, value, (unit.name,), kind="share")


def _sum(unit: Unit, names: tuple[str, ...], what: Counting) -> Measured:
    values, missing = _values(unit, names, what)
    if missing:
        return Measured("figure", missing=missing, void=Status.UNKNOWN)
    total: Exact = sum(values, start=0)
    return Measured("figure", total, total, None, total, total, (unit.name,))


def _values(unit: Unit, names: tuple[str, ...], what: Counting) -> tuple[list[Exact], tuple[str, ...]]:
    """Return figures in one unit of measure, or what is missing."""
    found = [figure_value(unit, name, what) for name in names]
    missing = [absent for _, absent in found if absent]
    counted = {f.measured_in for f, _ in found if f is not None and f.measured_in}
    if len(counted) > 1:
        missing.append(f"figures.measured_in: {unit.name} ({' / '.join(sorted(counted))})")
    return [f.value for f, _ in found if f is not None and f.value is not None], tuple(missing)

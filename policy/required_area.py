"""How large a care room has to be: by households under a standard, or as the bureau's own table has it; shown both."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from policy.choices import Value
from policy.housing import Housing
from policy.terms import Term

HUNDRED = 100
_SINCE = "_new_since"
_ENTRY = re.compile(r"(.+?)_(new|old|existing|single_room|room)(_.*)?")


@dataclass(frozen=True)
class AreaStandard:
    """Square metres of care room per 100 households of new and of old estates, and the least a single room may have.

    `new_since` is the day from which an estate counts as new there.
    """

    name: str
    new_m2: Fraction | None = None
    old_m2: Fraction | None = None
    single_room_m2: Fraction | None = None
    source: str = ""
    new_since: date | None = None


@dataclass(frozen=True)
class Required:
    """The area asked for: `table_m2` as the table has it, `standard_m2` as the standard has it, `m2` what decides.

    `households` and `rate_m2` are what the standard was computed from; `from_table` says whether the table's own figure
    decides. `missing` names the columns that would settle it, empty where nothing asks for an area at all.
    """

    m2: Fraction | None = None
    table_m2: Fraction | None = None
    standard_m2: Fraction | None = None
    households: int | None = None
    rate_m2: Fraction | None = None
    single_room_m2: Fraction | None = None
    standard: str = ""
    source: str = ""
    from_table: bool = False
    missing: tuple[str, ...] = ()

    @property
    def asked(self) -> bool:
        """Whether any area is asked for: by the table's figure or by a standard."""
        return self.m2 is not None or bool(self.missing)

    @property
    def differ(self) -> bool:
        """Whether the table and the standard ask for different areas."""
        return None not in (self.table_m2, self.standard_m2) and self.table_m2 != self.standard_m2


def area_standards(terms: Sequence[Term]) -> dict[str, AreaStandard]:
    """Return the standards that a pack's figures hold, by place: `<place>_new`, `<place>_old`, `<place>_single_room`.

    `<place>_new_since` is the day from which an estate counts as new. Figures per 100 households and single rooms
    count; a figure with a range counts with its least.
    """
    found: dict[str, dict[str, Fraction]] = {}
    sources: dict[str, str] = {}
    days = {t.name.removesuffix(_SINCE): t.day for t in terms if t.day is not None and t.name.endswith(_SINCE)}
    for term in terms:
        named = _ENTRY.fullmatch(term.name)
        if named is None or term.unit not in {"m2_per_100_households", "m2", "m2_each"}:
            continue
        place, what, further = named[1], named[2], named[3]
        room = what in {"single_room", "room"}
        if room is (term.unit == "m2_per_100_households") or (room and further not in {None, "_m2", "_minimum"}):
            continue
        field = "single_room_m2" if room else "new_m2" if what == "new" else "old_m2"
        found.setdefault(place, {}).setdefault(field, Fraction(term.least))
        sources.setdefault(place, term.source or term.title.zh)
    return {
        place: AreaStandard(place, **rates, source=sources[place], new_since=days.get(place))
        for place, rates in found.items()
    }


def chosen_standard(values: Mapping[str, Value], standards: Mapping[str, AreaStandard]) -> AreaStandard | None:
    """Return the standard the profile chose, None where it chose none or the place has none."""
    name = str(values["area_standard"])
    if name == "own":
        new, old, room = (_or_none(values[key]) for key in ("area_new_m2", "area_old_m2", "single_room_m2"))
        return AreaStandard("own", new, old, room)
    return standards.get(name)


def is_new(record: Housing, *, new_since: date | None) -> bool | None:
    """Return whether an estate counts as new: as the table says, else by the day its land or its plan was granted."""
    if record.new_estate is not None:
        return record.new_estate
    day = record.land_granted or record.housing.planned
    return None if new_since is None or day is None else day >= new_since


def required_area(
    estates: Sequence[Housing], *, standard: AreaStandard | None, decided_by: str, new_since: date | None = None
) -> Required:
    """Return the area asked for of one estate, or of several that build one care room together.

    Formula: the larger of the sum over the estates of households / 100 x rate (new or old) and the single room's
    least; or the sum of the table's own figures. `decided_by`: `table` (the table's figure where it has one),
    `standard` (the standard where there is one) or `larger`. An estate of which the table does not say so is new from
    `new_since` on, the document's day or else the standard's. Exact fractions; nothing is rounded.

    >>> estate = Housing("a", "a", "甲", households=1610, new_estate=True)
    >>> required_area([estate], standard=AreaStandard("own", Fraction(20), None, Fraction(350)), decided_by="table").m2
    Fraction(350, 1)
    """
    own = [estate.care_required_m2 for estate in estates]
    table = sum((area for area in own if area is not None), Fraction()) if None not in own else None
    by_rule = _by_standard(estates, standard, new_since or (standard.new_since if standard else None))
    both = [area for area in (table, by_rule.m2) if area is not None]
    decides = table if table is not None else by_rule.m2
    if decided_by == "standard" and standard is not None:
        decides = by_rule.m2
    elif decided_by == "larger" and both:
        decides = max(both)
    missing = by_rule.missing if decides is None else ()
    if decides is None and standard is None and any(area is not None for area in own):
        missing = ("care_required_m2",)  # one estate of a joint room has its figure, another has none
    return Required(
        m2=decides,
        table_m2=table,
        standard_m2=by_rule.m2,
        households=by_rule.households,
        rate_m2=by_rule.rate_m2,
        single_room_m2=standard.single_room_m2 if standard else None,
        standard=standard.name if standard else "",
        source=standard.source if standard else "",
        from_table=decides is not None and decides == table and decided_by != "standard",
        missing=missing,
    )


def _by_standard(estates: Sequence[Housing], standard: AreaStandard | None, new_since: date | None) -> Required:
    if standard is None:
        return Required()
    ages = [is_new(estate, new_since=new_since) for estate in estates]
    rates = [_rate(standard, new=age) for age in ages]
    missing = ["households"] if any(estate.households is None for estate in estates) else []
    missing += (
        ["new_estate"] if any(age is None and rate is None for age, rate in zip(ages, rates, strict=True)) else []
    )
    missing += ["area_standard"] if not missing and None in rates else []
    if missing:
        return Required(missing=tuple(missing))
    homes = [estate.households or 0 for estate in estates]
    area = sum((Fraction(n, HUNDRED) * (rate or 0) for n, rate in zip(homes, rates, strict=True)), Fraction())
    rate = rates[0] if len(set(rates)) == 1 else None
    return Required(m2=max(area, standard.single_room_m2 or Fraction()), households=sum(homes), rate_m2=rate)


def _rate(standard: AreaStandard, *, new: bool | None) -> Fraction | None:
    """Return the rate of an estate; of unknown age only where new and old have the same."""
    if new is None:
        return standard.new_m2 if standard.new_m2 == standard.old_m2 else None
    return standard.new_m2 if new else standard.old_m2


def _or_none(value: Value) -> Fraction | None:
    return Fraction(value) if isinstance(value, int | Fraction) and value else None

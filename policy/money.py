"""The money of a document: what is due to facilities and meal points, and what a new site would cost or bring in.

Every amount comes from the pack's figures (`[[term]]`), read by the role its name begins with: `building_subsidy_`,
`running_subsidy_`, `budget_part_`, `meal_subsidy`, `meal_point_cap` ... Money is in whole yuan.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from policy.bands import Exact
from policy.ground import Facility
from policy.measure import YesNo
from policy.pack import Policy
from policy.terms import Term

YUAN_PER_WAN = 10_000
BUILDING, RUNNING, BUDGET_PART, BUDGET = "building_subsidy_", "running_subsidy_", "budget_part_", "budget_stated"


@dataclass(frozen=True)
class Due:
    """What one figure of a document gives to one facility in a year: at least and at most, and what is not known."""

    facility_id: str
    facility: str
    term: str
    clause: str
    least_yuan: int
    most_yuan: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class MealPoint:
    """The meal subsidy of one point in a year: for its elders, capped; `room_for` more elders until the cap.

    `capped` is None where elders whose walk is not known decide it.
    """

    facility_id: str
    elders_least: int
    elders_most: int
    least_yuan: int
    most_yuan: int
    cap_yuan: int
    elders_under_cap: int
    capped: YesNo


@dataclass(frozen=True)
class Budget:
    """The parts of a budget as a document gives them, their sum, and the sum that it states; in yuan."""

    parts_yuan: Mapping[str, int]
    sum_yuan: int
    stated_yuan: int | None

    @property
    def unexplained_yuan(self) -> int | None:
        """What the stated sum has more than its parts: to be reported, not mended."""
        return None if self.stated_yuan is None else self.stated_yuan - self.sum_yuan


def in_yuan(term: Term) -> tuple[int, int]:
    """Return the least and the most a figure gives, in whole yuan. Raises ValueError for a figure that is no money.

    >>> fee = Term(name="fee", rule="1", clause="1", title={"zh": "", "en": ""}, low=20, high=30, unit="wan_yuan_each")
    >>> in_yuan(fee)
    (200000, 300000)
    """
    if "yuan" not in term.unit:
        raise ValueError(f"{term.name}: {term.unit} is no money")
    times = YUAN_PER_WAN if term.unit.startswith("wan_yuan") else 1
    return _whole(term.least * times), _whole(term.most * times)


def subsidies_due(facilities: Iterable[Facility], policy: Policy, *, year: int) -> tuple[Due, ...]:
    """Return what the document gives to each facility in a year, by figure.

    Building: kind and place (urban or rural) as the figure says, built (or, without a building day, opened) in `year`;
    a rebuilding is no new facility. Running: in use, not opened after `year`. A facility of which kind, place, status
    or day is not known may have it: from 0 to the whole, with `missing`.
    """
    found = []
    for facility in sorted(facilities, key=lambda f: f.id):
        for term in policy.terms:
            building = term.name.startswith(BUILDING)
            if not building and not term.name.startswith(RUNNING):
                continue
            marks = _marks(facility, term, year, building=building)
            if False in marks.values():
                continue
            least, most = in_yuan(term)
            missing = tuple(f"facilities.{column}: {facility.name}" for column, mark in marks.items() if mark is None)
            found.append(
                Due(facility.id, facility.name, term.name, term.clause, 0 if missing else least, most, missing)
            )
    return tuple(found)


def meal_points(points: Mapping[str, tuple[int, int]], policy: Policy) -> tuple[MealPoint, ...]:
    """Return the meal subsidy of each point: `points` holds the entitled elders in its walk, at least and at most.

    Formula: min(cap, meal_subsidy * meals_a_day * meal_days_a_year * elders), whole yuan a year. `elders_under_cap` is
    the largest number of elders whose subsidy stays within the cap. Raises ValueError where the pack lacks a figure.
    """
    each = _whole(
        _figure(policy, "meal_subsidy") * _figure(policy, "meals_a_day") * _figure(policy, "meal_days_a_year")
    )
    cap = in_yuan(_term(policy, "meal_point_cap"))[1]
    return tuple(
        MealPoint(
            key,
            low,
            high,
            min(cap, each * low),
            min(cap, each * high),
            cap,
            cap // each,
            True if each * low > cap else (None if each * high > cap else False),
        )
        for key, (low, high) in sorted(points.items())
    )


def entitled_at_points(
    entitled: Mapping[str, tuple[int, int]], elders: Mapping[str, int], inside: Mapping[tuple[str, str], int]
) -> dict[str, tuple[int, int]]:
    """Return how many of the entitled live within the walk of each point, at least and at most.

    `entitled` and `elders` go by community, `inside` (elders of the community within the walk) by point and community.
    Where in a community the entitled live is not known: at least all that do not fit outside the walk, at most all that
    fit inside. A community whose entitled nobody counted has from none to all inside.

    >>> entitled_at_points({"A": (30, 30)}, {"A": 100}, {("P", "A"): 80})
    {'P': (10, 30)}
    """
    found: dict[str, tuple[int, int]] = {}
    for (point, community), near in sorted(inside.items()):
        least, most = entitled.get(community, (0, near))
        low, high = found.get(point, (0, 0))
        outside = elders[community] - near
        found[point] = low + max(0, least - outside), high + min(most, near)
    return found


def cost_table(policy: Policy) -> pd.DataFrame:
    """Return what a new site takes in by the document, one row a kind and place: yuan once and yuan a year.

    Columns: `kind`, `urban` (True, False), `once_least_yuan`, `once_most_yuan`, `a_year_least_yuan`,
    `a_year_most_yuan`, `terms` (names of the figures). A figure without kinds is for every kind that another figure
    of the document names.
    """
    paying = [t for t in policy.terms if t.name.startswith((BUILDING, RUNNING))]
    kinds = sorted({kind for term in paying for kind in term.kinds})
    rows = []
    for kind in kinds:
        for urban in (True, False):
            of_site = [
                t for t in paying if (not t.kinds or kind in t.kinds) and t.where in {"any", _place(urban=urban)}
            ]
            sums = {prefix: _added(t for t in of_site if t.name.startswith(prefix)) for prefix in (BUILDING, RUNNING)}
            (once_low, once_high), (year_low, year_high) = sums[BUILDING], sums[RUNNING]
            names = tuple(t.name for t in of_site)
            rows.append((kind, urban, once_low, once_high, year_low, year_high, names))
    columns = ["kind", "urban", "once_least_yuan", "once_most_yuan", "a_year_least_yuan", "a_year_most_yuan", "terms"]
    return pd.DataFrame(rows, columns=columns)


def budget(policy: Policy) -> Budget | None:
    """Return the parts of the document's budget and the sum it states, None where it has none."""
    parts = {t.name: in_yuan(t)[1] for t in policy.terms if t.name.startswith(BUDGET_PART)}
    stated = next((in_yuan(t)[1] for t in policy.terms if t.name == BUDGET), None)
    return Budget(parts, sum(parts.values()), stated) if parts else None


def _marks(facility: Facility, term: Term, year: int, *, building: bool) -> dict[str, YesNo]:
    """Return by column whether the facility is one that a figure is for, in a year."""
    marks: dict[str, YesNo] = {}
    if term.kinds:
        marks["kind"] = None if facility.kind is None else facility.kind in term.kinds
    if term.where != "any":
        marks["urban"] = None if facility.urban is None else facility.urban is (term.where == "urban")
    if building:
        new = facility.built or facility.opened
        marks["built"] = None if new is None else new.year == year
        marks["status"] = None if facility.status is None else facility.status in {"in_use", "built", "closed"}
    else:
        marks["status"] = None if facility.status is None else facility.status == "in_use"
        marks["opened"] = facility.opened is None or facility.opened.year <= year
    return marks


def _added(terms: Iterable[Term]) -> tuple[int, int]:
    amounts = [in_yuan(term) for term in terms]
    return sum(low for low, _ in amounts), sum(high for _, high in amounts)


def _place(*, urban: bool) -> str:
    return "urban" if urban else "rural"


def _term(policy: Policy, name: str) -> Term:
    found = next((t for t in policy.terms if t.name == name), None)
    if found is None:
        raise ValueError(f"{policy.name}: no term {name}")
    return found


def _figure(policy: Policy, name: str) -> Exact:
    return _term(policy, name).most


def _whole(amount: Exact) -> int:
    """Return an amount as whole yuan. Raises ValueError for a fraction of a yuan."""
    if Fraction(amount).denominator != 1:
        raise ValueError(f"{amount} is no whole number of yuan")
    return int(amount)

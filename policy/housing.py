"""New housing as a bureau lists it: one record a project and phase, the dates of the housing and of its care room."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction
from typing import Any, Literal, get_args

import pandas as pd

from gis.tables import HOUSING

Step = Literal["planned", "started", "finished", "accepted", "delivered"]
STEPS: tuple[Step, ...] = get_args(Step)
"""The days that are recorded of the housing and of the care room, in the order they come in."""
_PERCENT = 100
_DIGITS: Mapping[str, int] = {sign: number for number, sign in enumerate("一二三四五六七八九", 1)} | {"首": 1, "十": 10}


@dataclass(frozen=True)
class Days:
    """The days of one building: planned (or permitted), started, finished, accepted, delivered (handed over)."""

    planned: date | None = None
    started: date | None = None
    finished: date | None = None
    accepted: date | None = None
    delivered: date | None = None

    def on(self, step: Step) -> date | None:
        """Return the day of a step, or None where the table has none."""
        day: date | None = getattr(self, step)
        return day

    def since(self, step: Step) -> tuple[tuple[Step, date], ...]:
        """Return the days from a step on that the table has."""
        later = STEPS[STEPS.index(step) :]
        return tuple((known, day) for known in later if (day := self.on(known)) is not None)

    @property
    def known(self) -> bool:
        """Whether the table has any day at all."""
        return bool(self.since("planned"))


@dataclass(frozen=True)
class Housing:
    """One project and phase as its table has it; None is what the table does not say. Areas in square metres, exact.

    `key` tells the rows apart (`XM01/二期`); `finished_share` is the share of the housing that was finished when the
    care room was; `x`, `y` are the position in the project's CRS (metres).
    """

    key: str
    project_id: str
    name: str
    phase: str = ""
    households: int | None = None
    residents: int | None = None
    new_estate: bool | None = None
    care_required_m2: Fraction | None = None
    care_planned_m2: Fraction | None = None
    care_permitted_m2: Fraction | None = None
    care_built_m2: Fraction | None = None
    housing: Days = Days()
    care: Days = Days()
    suspended_since: date | None = None
    receiver: str = ""
    receiver_type: str = ""
    current_use: str = ""
    change_consent: str = ""
    joint_with: str = ""
    finished_share: Fraction | None = None
    floor: str = ""
    own_entrance: bool | None = None
    lift: bool | None = None
    ramp: bool | None = None
    developer: str = ""
    permit_number: str = ""
    land_granted: date | None = None
    land_terms: str = ""
    evidence: str = ""
    x: float | None = None
    y: float | None = None

    @property
    def title(self) -> str:
        """The project's name with its phase."""
        return f"{self.name} {self.phase}".strip()

    @property
    def phase_number(self) -> int | None:
        """The number of the phase, None where it names none.

        >>> [Housing("a", "a", "甲", phase).phase_number for phase in ("首期", "二期1标段", "第3期", "Phase 2", "东区")]
        [1, 2, 3, 2, None]
        """
        told = re.findall(r"(首|\d+|[一二三四五六七八九十]+)\s*期", self.phase)
        told = told or re.findall(r"^\s*(\d+)\s*$|phase\s*(\d+)", self.phase, re.IGNORECASE)
        numbers = {_number("".join(number)) for number in told}
        return numbers.pop() if len(numbers) == 1 else None

    @property
    def has_room(self) -> bool:
        """Whether the table says anything of a care room of the estate's own; an area of zero is none."""
        return self.care.known or any((self.care_planned_m2, self.care_permitted_m2, self.care_built_m2))


def _number(signs: str) -> int | None:
    if signs.isdigit():
        return int(signs)
    if len(signs) == 1:
        return _DIGITS[signs]
    tens, ten, ones = signs.partition("十")
    if not ten or len(tens) > 1 or len(ones) > 1 or ones == "十":
        return None  # 一二期: more than one
    return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)


def read_housing(projects: pd.DataFrame) -> tuple[Housing, ...]:
    """Return the rows of the housing table (`gis.tables.HOUSING`, indexed by project and phase) as records, in order.

    Columns that the frame lacks are unknown of every project; `geometry`, where there is one, gives the position.

    >>> read_housing(pd.DataFrame({"name": ["甲"], "households": [1200]}, index=["XM01"]))[0].households
    1200
    """
    return tuple(_record(str(key), row) for key, row in zip(projects.index, projects.to_dict("records"), strict=True))


def _record(key: str, row: Mapping[Any, Any]) -> Housing:
    told: dict[str, Any] = {
        column.name: _READ[column.content](row.get(column.name))
        for column in HOUSING.columns
        if column.name in _FIELDS and row.get(column.name) is not None
    }
    told = {name: value for name, value in told.items() if value is not None}
    part = _fraction(row.get("housing_share_finished_at_care"))
    point = row.get("geometry")
    middle = None if point is None or pd.isna(point) or point.is_empty else point.centroid
    return Housing(
        key=key,
        **({"project_id": key, "name": key} | told),
        housing=_days("housing", row),
        care=_days("care", row),
        finished_share=part / _PERCENT if part is not None and part > 1 else part,
        x=middle.x if middle is not None else None,
        y=middle.y if middle is not None else None,
    )


def _days(building: str, row: Mapping[Any, Any]) -> Days:
    return Days(*(_day(row.get(f"{building}_{step}")) for step in STEPS))


def _day(cell: Any) -> date | None:
    if cell is None or pd.isna(cell):
        return None
    day: date = pd.Timestamp(cell).date()
    return day


def _fraction(cell: Any) -> Fraction | None:
    return None if cell is None or pd.isna(cell) else Fraction(str(cell))


def _whole(cell: Any) -> int | None:
    return None if cell is None or pd.isna(cell) else int(cell)


def _text(cell: Any) -> str | None:
    return None if cell is None or pd.isna(cell) else str(cell).strip()


def _flag(cell: Any) -> bool | None:
    return None if cell is None or pd.isna(cell) else bool(cell)


_FIELDS = frozenset(field.name for field in fields(Housing))
_READ: Mapping[str, Any] = {
    **dict.fromkeys(("code", "text", "choice"), _text),
    "whole": _whole,
    "number": _fraction,
    "date": _day,
    "flag": _flag,
}

"""A verdict: what one rule of a document says of one unit, with its value, its limit and what is missing, by name."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Status(StrEnum):
    """The eight answers a rule can give; the words for people stand in the catalogue under `status.<value>`."""

    PASS = "PASS"  # noqa: S105
    FAIL = "FAIL"
    BOUNDARY = "BOUNDARY"
    UNDEFINED = "UNDEFINED"
    EXCEPTION_NEEDED = "EXCEPTION_NEEDED"
    NOT_DUE = "NOT_DUE"
    UNKNOWN = "UNKNOWN"
    NOT_APPLICABLE = "NOT_APPLICABLE"


@dataclass(frozen=True)
class Shortfall:
    """What is missing: a number, the unit it is counted in (`streets`, `elders`, `m2` ...) and by name."""

    number: int | Fraction
    unit: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """One rule judged on one unit.

    `value` and `limit` are exact (whole numbers or fractions); `measured` and `demanded` say them in words in the
    pair (zh, en). `scores` holds the points of a scoring rule: one where the text decides, several where both
    readings stand (BOUNDARY) or the text has a gap (UNDEFINED). `choices` names what the profile, not the document,
    decided. `missing` names the data an UNKNOWN waits for, as `table.column: name`. `decides` is false for a verdict
    that only stands beside another one: the reading the profile did not choose, or a rule the document states twice.
    """

    rule_id: str
    pack: str
    document: str
    clause: str
    title: tuple[str, str]
    level: str
    unit_id: str
    unit_name: str
    reading: str
    status: Status
    value: int | Fraction | None
    limit: int | Fraction | None
    measured: tuple[str, str]
    demanded: tuple[str, str]
    shortfall: Shortfall | None = None
    scores: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    note: tuple[str, str] = ("", "")
    decides: bool = True

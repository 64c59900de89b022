"""A verdict: what one rule of a document says of one unit, with its value, its limit and what is missing, by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import overload


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


class Said(Sequence[str]):
    """A text in both languages (zh, en) that is put together only when somebody reads it.

    >>> Said(lambda language: {"zh": "是", "en": "yes"}[language]) == ("是", "yes")
    True
    """

    __slots__ = ("_both", "_say")

    def __init__(self, say: Callable[[str], str]) -> None:
        """Take what says the text in one language."""
        self._say = say
        self._both: tuple[str, str] | None = None

    @property
    def both(self) -> tuple[str, str]:
        """The text in both languages."""
        if self._both is None:
            self._both = (self._say("zh"), self._say("en"))
        return self._both

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[str, ...]: ...
    def __getitem__(self, at: int | slice) -> str | tuple[str, ...]:
        """Return the text in one language, Chinese first."""
        return self.both[at]

    def __len__(self) -> int:
        """Return the number of languages."""
        return len(self.both)

    def __eq__(self, other: object) -> bool:
        """Return whether the other says the same in both languages."""
        return self.both == (other.both if isinstance(other, Said) else other)

    def __hash__(self) -> int:
        """Return the hash of the text."""
        return hash(self.both)

    def __repr__(self) -> str:
        """Return the text in both languages."""
        return repr(self.both)


Pair = tuple[str, str] | Said
"""A text in both languages."""


@dataclass(frozen=True)
class Item:
    """Where a rule stands in the document's score table: item, part of it, and the most points it earns."""

    item: int
    part: str
    most: int


@dataclass(frozen=True)
class Count:
    """How far a goal that is counted has come: `done` surely and `possible` at best, of `whole`; `needed` to meet it.

    `open` names what is not done yet.
    """

    done: int
    possible: int
    needed: int | None = None
    whole: int | None = None
    unit: str = ""
    open: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """One rule judged on one unit.

    `value` and `limit` are exact (whole numbers or fractions); `measured` and `demanded` say them in words (zh, en).
    `scores` holds the points of a scoring rule: one where the text decides, several where both readings stand
    (BOUNDARY), the text has a gap (UNDEFINED) or nobody has told yet (UNKNOWN). `choices` names what the profile, not
    the document, decided. `missing` names the data an UNKNOWN waits for, as `table.column: name`. `decides` is false
    for a verdict that only stands beside: the reading the profile did not choose, a rule the document states twice, an
    administrative item of the checklist. `form` is that of the rule (`policy.rule.Form`), `responsible` the bodies the
    document names, `remark` what the text leaves open, `score` the place in the score table, `count` how far a counted
    goal has come, `repeats` the rule this one states a second time.
    """

    rule_id: str
    pack: str
    document: str
    clause: str
    title: Pair
    level: str
    unit_id: str
    unit_name: str
    reading: str
    status: Status
    value: int | Fraction | None
    limit: int | Fraction | None
    measured: Pair
    demanded: Pair
    shortfall: Shortfall | None = None
    scores: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    note: Pair = ("", "")
    decides: bool = True
    form: str = "demand"
    responsible: tuple[str, ...] = ()
    remark: Pair = ("", "")
    score: Item | None = None
    count: Count | None = None
    deadline: date | None = None
    repeats: str = ""

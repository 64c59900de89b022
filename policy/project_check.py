"""What was found of one project and phase: the answers, the four statuses, what is blocked, what is to correct."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from policy.four_sync_text import STAGES, Procedure, Stage, Sync
from policy.housing import Housing, Step
from policy.required_area import Required
from policy.row_doubts import Doubt
from policy.sync_words import Pair
from policy.verdict import Status

WORST_FIRST = (
    Status.FAIL,
    Status.UNKNOWN,
    Status.EXCEPTION_NEEDED,
    Status.NOT_DUE,
    Status.PASS,
    Status.NOT_APPLICABLE,
)


def worst(statuses: Iterable[Status]) -> Status:
    """Return the worst of some answers, NOT_APPLICABLE where there are none.

    >>> worst([Status.PASS, Status.NOT_DUE]).value
    'NOT_DUE'
    """
    return min(statuses, key=WORST_FIRST.index, default=Status.NOT_APPLICABLE)


@dataclass(frozen=True)
class Answer:
    """The answer to one question about a phase: `id` is the fault it asks for, `stage` the synchronisation it is of.

    FAIL: the fault is there; EXCEPTION_NEEDED: so little beyond the same time that a reason may do. `days` and `m2` say
    by how much, `since` from when, `missing` the columns an UNKNOWN waits for. `to_correct`: something is still to be
    done; a room begun late and since finished stays a fault, but there is nothing left to correct.
    """

    id: Sync
    stage: Stage
    status: Status
    step: Step | None = None
    days: int | None = None
    m2: Fraction | None = None
    since: date | None = None
    detail: Pair = ("", "")
    missing: tuple[str, ...] = ()
    to_correct: bool = True

    @property
    def found(self) -> bool:
        """Whether there is something to be found fault with."""
        return self.status in {Status.FAIL, Status.EXCEPTION_NEEDED}


@dataclass(frozen=True)
class Finding:
    """A fault of a phase under one document: the answer, the document's own word and clause, and what it blocks."""

    answer: Answer
    term: Pair
    clause: str
    named: bool
    blocks: tuple[Procedure, ...] = ()


@dataclass(frozen=True)
class Block:
    """A procedure that is refused until corrected; `passed`: this phase had been through it by that day."""

    procedure: Procedure
    passed: date | None = None


@dataclass(frozen=True)
class Nearest:
    """The walk from the estate to the nearest centre that serves: minutes and name; None where it is not known."""

    minutes: float | None = None
    name: str = ""
    served: bool | None = None


@dataclass(frozen=True)
class ProjectCheck:
    """One project and phase checked against one document on one day.

    `status` is the worst of the four `stages`; `required` the area asked for and how it came about, `scheme_m2` and
    `built_m2` the sums of the room or, where several estates share it, of `partners` too. `doubts` are about the row,
    `remarks` about the room's place. `correct_by` is a day only where the profile gives days to correct.
    """

    record: Housing
    pack: str
    document: str
    clause: str
    as_of: date
    answers: tuple[Answer, ...]
    findings: tuple[Finding, ...]
    required: Required
    planned_m2: Fraction | None = None
    permitted_m2: Fraction | None = None
    built_m2: Fraction | None = None
    partners: tuple[str, ...] = ()
    room_of: Housing | None = None
    blocks: tuple[Block, ...] = ()
    correct_by: date | None = None
    doubts: tuple[Doubt, ...] = ()
    remarks: tuple[Pair, ...] = ()
    nearest: Nearest | None = None
    choices: tuple[str, ...] = ()
    responsible: tuple[str, ...] = field(default_factory=tuple)

    def status_of(self, *asked: str) -> Status:
        """Return the worst answer to some stages or faults; what the document does not ask is left out."""
        return worst(a.status for a in self.answers if a.stage in asked or a.id in asked)

    @property
    def stages(self) -> dict[Stage, Status]:
        """The status of each of the four synchronisations."""
        return {stage: self.status_of(stage) for stage in STAGES}

    @property
    def status(self) -> Status:
        """The verdict on the phase: the worst of the four."""
        return worst(self.stages.values())

    @property
    def missing(self) -> tuple[str, ...]:
        """The columns that an UNKNOWN waits for."""
        waiting = (a.missing for a in self.answers if a.status is Status.UNKNOWN)
        return tuple(dict.fromkeys(column for columns in waiting for column in columns))

    @property
    def to_correct(self) -> tuple[Finding, ...]:
        """The findings that something can still be done about."""
        return tuple(finding for finding in self.findings if finding.answer.to_correct)

"""One phase as it is looked at on one day: how far the housing and its care room are with each step.

A step of the housing is *done* when its day has come, *open* when neither it nor a later one has, and *unsaid* when a
later step is done but its own day is blank or cannot be true. Only a step of the housing that is done can make a
missing day of the room a fault; an unsaid day makes it UNKNOWN, an open one NOT_DUE.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from policy.four_sync_text import FourSync
from policy.housing import Days, Housing, Step
from policy.receivers import receiver_type
from policy.required_area import Required
from policy.use import read_use
from policy.verdict import Status

State = Literal["done", "unsaid", "open"]


@dataclass(frozen=True)
class Tolerances:
    """What no text gives, as the profile has it (`policy.four_sync_text.SYNC_CHOICES`)."""

    same_time_days: int
    same_time_warn_days: int
    suspended_days: int
    handover_days: int
    area_tolerance_m2: Fraction
    not_built_from: str
    handover_blocks: str
    phasing: str


@dataclass(frozen=True)
class Look:
    """One phase as it is looked at: its row, the row of its care room (its own or a partner's), the day, what is asked.

    `scheme_m2` is the area the scheme gives (of several estates together), None where it is not known; `voids` the
    columns of the row that cannot be true, `room_voids` those of the room's row.
    """

    record: Housing
    room: Housing
    day: date
    text: FourSync
    allow: Tolerances
    required: Required
    scheme_m2: Fraction | None
    voids: frozenset[str] = frozenset()
    room_voids: frozenset[str] = frozenset()

    def home(self, step: Step) -> State:
        """Return how far the housing is with a step."""
        return self._state(self.record.housing, step, f"housing_{step}" in self.voids)

    def care(self, step: Step) -> State:
        """Return how far the care room is with a step; an area or a stop may tell of a step whose day is blank."""
        state = self._state(self.room.care, step, f"care_{step}" in self.room_voids)
        return "unsaid" if state == "open" and self.room.care.on(step) is None and self._told(step) else state

    def _state(self, days: Days, step: Step, void: bool) -> State:  # noqa: FBT001
        day = days.on(step)
        if day is not None and day <= self.day and not void:
            return "done"
        return "unsaid" if void or any(later <= self.day for _, later in days.since(step)) else "open"

    def _told(self, step: Step) -> bool:
        room = self.room
        match step:
            case "planned":
                return any(area for area in (room.care_planned_m2, room.care_permitted_m2))
            case "started":
                stopped = room.suspended_since is not None and room.suspended_since <= self.day
                return stopped or self._told("finished")
            case "finished":
                return bool(room.care_built_m2) and room.care.finished is None
            case "delivered":  # who has it and what for is on record, only the day is blank
                return bool(receiver_type(room) and read_use(room.current_use))
            case _:
                return False

    @property
    def complete(self) -> bool:
        """Whether the room or the housing is finished by its days: an area built before that is an area so far."""
        void = "care_finished" in self.room_voids
        return self._state(self.room.care, "finished", void) != "open" or self.home("finished") != "open"

    @property
    def stood(self) -> bool:
        """Whether the room may stand by now: it is not known to be finished only later."""
        return self.room.care.finished is None or self.room.care.finished <= self.day

    def grade(self, days: int, *, allowed: int | None = None) -> Status:
        """Return what so many days mean: the same time, a reason to be given, or too late."""
        same = self.allow.same_time_days if allowed is None else allowed
        if days <= same:
            return Status.PASS
        return Status.EXCEPTION_NEEDED if days <= same + self.allow.same_time_warn_days else Status.FAIL

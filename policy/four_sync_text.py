"""What a pack says of the four synchronisations (四同步): who receives the room, what is named a fault, what it blocks.

    [four_sync]
    clause = "六（三）1"
    responsible = ["建设单位"]
    receivers = ["county_government"]                 # none: the document names no receiver
    consent = true                                    # civil affairs may agree to another use
    rules = { "BT-24" = ["planned", "built", "accepted", "delivered"] }  # which questions make up which rule

    [[four_sync.finding]]
    id = "delayed"                                    # one of FINDINGS
    clause = "六（三）1"
    term = { zh = "缓建", en = "delayed" }             # the document's own word for it
    blocks = ["completion"]                           # procedures refused until it is corrected

What no text gives (days that still count as the same time, how long a stop is a stop) are choices; `SYNC_CHOICES` holds
their defaults, and a pack gives its own under `[choices.<name>]`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from gis.tables import RECEIVER_TYPES
from policy.choices import Open, near
from policy.written import Record, Words, fault

Stage = Literal["planned", "built", "accepted", "delivered"]
STAGES: tuple[Stage, ...] = get_args(Stage)
"""The four synchronisations: planned, built, accepted and delivered together with the housing."""
Sync = Literal[
    "no_scheme",
    "delayed",
    "reduced",
    "stopped",
    "not_built",
    "not_completed",
    "not_handed_over",
    "wrong_receiver",
    "diverted",
    "out_of_step",
    "late_phase",
]
FINDINGS: tuple[Sync, ...] = get_args(Sync)
"""What can be found: the nine of the documents, planning, acceptance or delivery later than the housing's, and a room
that comes after the first phase and after half of the housing."""
Procedure = Literal["planning", "land", "start", "completion"]

AREA_STANDARDS = ("none", "own", "henan", "hubei", "fujian", "guizhou", "anhui", "shandong", "yinchuan", "harbin")
"""Whose square metres per 100 households are asked for: nobody's, the profile's own, or a place of the pack
`provinces`."""

SYNC_CHOICES: Mapping[str, Open] = {
    "same_time_days": Open("days", 0),
    "same_time_warn_days": Open("days", 30),
    "suspended_days": Open("days", 30),
    "handover_days": Open("days", 0),
    "correct_within_days": Open("days", 0),
    "area_tolerance_m2": Open("m2", 0),
    "area_standard": Open("one_of", "none", AREA_STANDARDS),
    "area_new_m2": Open("m2", 0),
    "area_old_m2": Open("m2", 0),
    "single_room_m2": Open("m2", 0),
    "required_from": Open("one_of", "table", ("table", "standard", "larger")),
    "not_built_from": Open("one_of", "started", ("started", "finished")),
    "handover_blocks": Open("one_of", "later_phases", ("later_phases", "this_acceptance")),
    "phasing": Open("one_of", "not_asked", ("not_asked", "first_or_half")),
}
"""What no text gives, by name:

- `same_time_days` still count as the same time, `same_time_warn_days` beyond them only call for a reason;
- a stop of `suspended_days` is a stop; a handover may follow the housing by `handover_days`;
- `correct_within_days` are given to correct (0: no day is set); `area_tolerance_m2` is measuring error;
- `area_standard`: whose area is asked for; where it is the profile's own, `area_new_m2` and `area_old_m2` per 100
  households and `single_room_m2` (0: not set); `required_from`: whether the table's or the standard's area decides;
- `not_built_from`: the step of the housing that makes a room not begun a fault;
- `handover_blocks`: whether a missing handover already stands against the phase's own acceptance;
- `phasing`: whether the room must come in the first phase or before half of the housing.
"""


class SyncFinding(Record):
    """A fault the document names: its own word, its clause, and the procedures it blocks until corrected."""

    id: Sync
    clause: str = Field(min_length=1)
    term: Words
    blocks: tuple[Procedure, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _known(cls, written: object) -> object:
        found = written.get("id") if isinstance(written, dict) else None
        if found is not None and found not in FINDINGS:
            raise fault("PACK_VALUE", f"id: {near(found, list(FINDINGS))}")
        return written


class FourSync(Record):
    """The four synchronisations in one document; `finding` lists what it names, `rules` which questions answer which.

    `receivers` are types of `gis.tables.RECEIVER_TYPES`; `new_since` the day from which an estate counts as new where
    its table does not say; `remark` what the text leaves open.
    """

    clause: str = Field(min_length=1)
    demand: Words
    responsible: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    receiver_clause: str = ""
    use_clause: str = ""
    consent: bool = False
    new_since: date | None = None
    finding: tuple[SyncFinding, ...] = ()
    rules: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    remark: Words | None = None

    @model_validator(mode="after")
    def _known_words(self) -> Self:
        questions = (*STAGES, *FINDINGS)
        for word in (word for asked in self.rules.values() for word in asked):
            if word not in questions:
                raise fault("PACK_VALUE", f"rules: {near(word, list(questions))}")
        for receiver in self.receivers:
            if receiver not in RECEIVER_TYPES:
                raise fault("PACK_VALUE", f"receivers: {near(receiver, list(RECEIVER_TYPES))}")
        return self

    def named(self, finding: str) -> SyncFinding | None:
        """Return the document's own entry for a finding, or None where it does not name it."""
        return next((entry for entry in self.finding if entry.id == finding), None)

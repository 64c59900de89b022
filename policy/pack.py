"""A policy pack: one document as a TOML file of rules, each an indicator with a test and a deadline.

A bureau writes its own pack without code. The file has `[document]`, `[choices.<name>]` for what the document leaves
open, optionally `[names]` (other names of counties and towns), `[zones]` (functional zones that are no divisions),
`[score_table]` and `[four_sync]`, the figures of the document (`[[term]]`, `[[room_class]]`, `[[benefit]]`,
`[[group]]`), and one `[[rule]]` each:

    [[rule]]
    id       = "HB-01"
    clause   = "一"
    title    = { zh = "...", en = "..." }
    demand   = { zh = "...", en = "..." }             # the rule in the pack's own sentence
    levels   = ["street"]                             # one verdict a unit; see `policy.ground.Level`
    summary  = true                                   # and one for the city: every unit meets it
    measure  = { indicator = "facility_count", kinds = "$street_centre_kinds", statuses = ["in_use"] }
    test     = { at_least = 1 }                       # or bands = [{ at_least = "80%", points = 3 }, ...]
    deadline = 2021-12-31

A value written `$name` is a choice: the verdict then says that the profile, not the document, decided it.
Where the document has several readings, `readings.<name>` takes the place of `measure` and `decided_by` names the
choice between them. `principle = true` (原则上) turns FAIL into EXCEPTION_NEEDED. `form` says what kind of rule it is:

- `demand`: measured and tested, as above.
- `report`: measured; the document sets no limit.
- `stated`: the document states a figure (`stated = 182`, `within` a tolerance) to be compared with the measure, or with
  the sum of its own `parts`.
- `manual`: only a person can tell: `answer` is `yes_no` or `points` (`points`, or `points_from` and `points_to`), and
  `asks` the question. Asked of single facilities (level `facility`), `facilities` says which: kinds, statuses, having.
- `milestone`: done by the `deadline`; a person gives the day.
- `checklist`: administrative; listed, never counted.
- `terms`: points at figures, room classes, benefits or groups (`terms = ["..."]`); no verdict by itself.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import ConfigDict, Field

from policy.choices import Content, Open
from policy.four_sync_text import FourSync
from policy.rule import Rule
from policy.terms import Benefit, Group, RoomClass, Term
from policy.written import Record, Words


class Document(Record):
    """The document a pack stands for; `number` is its issue number, or what it is cited by where it has none.

    `doubts` are the errors of the source that bear on a rule, a sentence each.
    """

    number: str = Field(min_length=1)
    title: Words
    issued: date | None = None
    place: Words | None = None
    kind: Literal["plan", "notice", "reply", "draft"] | None = None
    draft: bool = False
    doubts: tuple[Words, ...] = ()

    @property
    def cite(self) -> str:
        """How a verdict cites the document: a draft is called a draft."""
        return f"{self.number}（征求意见稿 draft）" if self.draft or self.kind == "draft" else self.number


class Choice(Record):
    """Something the document leaves open, as the pack writes it; a standard choice needs only its default."""

    default: Any
    content: Content | None = None
    allowed: tuple[str, ...] = ()


class ScoreTable(Record):
    """The frame of a document's score table: points of each item, their total, and a bonus with its stated cap."""

    items: tuple[int, ...]
    total: int
    bonus_cap: int = 0
    bonus_parts: tuple[int, ...] = ()
    title: Words | None = None


class Policy(Record):
    """One document as rules, with its figures. `names` and `zones` give other names of divisions and of zones."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    name: str
    document: Document
    rules: tuple[Rule, ...]
    choices: Mapping[str, Open]
    names: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    zones: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    score_table: ScoreTable | None = None
    terms: tuple[Term, ...] = ()
    room_classes: tuple[RoomClass, ...] = ()
    benefits: tuple[Benefit, ...] = ()
    groups: tuple[Group, ...] = ()
    four_sync: FourSync | None = None

    def rule(self, rule_id: str) -> Rule:
        """Return the rule of that id. Raises KeyError where there is none."""
        found = {r.id: r for r in self.rules}
        return found[rule_id]

"""What can go wrong, as one tree, and a finding: one fault, repair or remark about an input, said in one line.

PlanningError
├── InputError       an input or a parameter cannot be used; carries every finding at once (exit status 2)
├── OutputError      a result cannot be written; what was there before is untouched (exit status 1)
└── BrokenPlanError  a plan breaks a rule or does not add up (`optimise.check`; an internal error, exit status 1)
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from gis.secrets import redacted
from gis.words import Language, catalogue, say

Severity = Literal["reject", "warn", "repair", "note"]
SHOWN_OF_EACH_CODE = 20


@dataclass(frozen=True, order=True)
class Finding:
    """One fault, repair, warning or note about an input: a stable code, the place, what was found and how many.

    `place` reads `file[!sheet][:row][/column]`. The words come from the catalogue entry `fault.<code>`; `allowed` says
    what this very place may hold (a list of headers, a range) where the catalogue can only say it in general.

    >>> Finding("FILE_EMPTY", "reject", "city.osm.pbf", "0 B").line("en")
    'ERROR FILE_EMPTY city.osm.pbf: file is empty | found: 0 B | allowed: a file with content | export the file again'
    """

    code: str
    severity: Severity
    place: str
    found: str = ""
    count: int = 1
    allowed: str = ""
    kind: str = ""
    """What may stand there, as a key of the room `allowed` of the catalogue; `allowed` is then its range."""

    def __post_init__(self) -> None:
        """Keep no password or key: a finding goes into messages and results."""
        for name in ("place", "found", "allowed"):
            object.__setattr__(self, name, redacted(getattr(self, name)))

    def line(self, language: Language = "zh") -> str:
        """Return the finding as one line in one language."""
        what, _, todo = list(catalogue()[f"fault.{self.code}"][language])
        found_word, allowed_word = ("现为", "允许") if language == "zh" else ("found", "allowed")
        head = f"{say(f'severity.{self.severity}', language)} {self.code} {one_line(self.place)}"
        allowed = self.may(language)
        parts = [
            what,
            f"{found_word}: {one_line(self.found)}" if self.found else "",
            f"{allowed_word}: {allowed}" if allowed else "",
            todo,
        ]
        return f"{head}: " + " | ".join(part for part in parts if part)

    def may(self, language: Language = "zh") -> str:
        """Return what may stand there in one language."""
        if self.kind:
            return say(f"allowed.{self.kind}", language, range=one_line(self.allowed)).strip()
        return one_line(self.allowed) or list(catalogue()[f"fault.{self.code}"][language])[1]


def one_line(text: str) -> str:
    """Return text from an input as one printable line: control and line-breaking characters are made visible."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class PlanningError(Exception):
    """The root of everything this project raises on purpose."""


class OutputError(PlanningError):
    """A result cannot be written; what was there before is untouched. `findings` says why, where that is known."""

    def __init__(self, said: str, findings: Iterable[Finding] = ()) -> None:
        """Keep the words and the findings."""
        self.findings = tuple(findings)
        super().__init__(said)


def blocked(*findings: Finding) -> OutputError:
    """Return the error for results that cannot be written for these reasons."""
    return OutputError("\n".join(lines(findings, "en")), findings)


class InputError(PlanningError):
    """An input or a parameter cannot be used; `findings` holds every fault of every input, not only the first."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        """Keep the findings in the order of their place."""
        self.findings = tuple(findings)
        super().__init__("\n".join(lines(self.findings, "en")))


def lines(findings: Iterable[Finding], language: Language = "zh") -> list[str]:
    """Return the findings as lines, the first twenty of each code and then how many more there are."""
    shown: list[str] = []
    seen: dict[str, int] = {}
    for finding in findings:
        seen[finding.code] = seen.get(finding.code, 0) + 1
        if seen[finding.code] <= SHOWN_OF_EACH_CODE:
            shown.append(finding.line(language))
    more = "另有 {n} 条 {code}" if language == "zh" else "and {n} more {code}"
    shown += [more.format(n=n - SHOWN_OF_EACH_CODE, code=code) for code, n in seen.items() if n > SHOWN_OF_EACH_CODE]
    return shown


def refuse(findings: Iterable[Finding]) -> None:
    """Raise InputError with all findings if any of them is a rejection; otherwise do nothing."""
    every = tuple(findings)
    if any(f.severity == "reject" for f in every):
        raise InputError(f for f in every if f.severity == "reject")

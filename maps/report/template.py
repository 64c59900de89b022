"""The template of a report: plain text with fields in braces, in a grammar small enough that it runs nothing.

    // a remark, not printed
    # chapter          ## article          ### heading          #* chapter without a number
    - a point of a list
    > a note in small type
    a paragraph: 覆盖率{covered_percent}。            ({{ and }} stand for braces)
    [table streets]     [figure coverage]     [across]     [upright]
    [if plan] ... [else] ... [end]
    [each street] ... [end]

Fields, tables, figures and conditions are closed lists; what is not on them is refused with its line and place. What a
field stands for is never read as a template.
"""

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from gis.errors import Finding, InputError, one_line

Verb = Literal["table", "figure", "across", "upright"]
MOST_LINES = 5_000
_ORDER = re.compile(r"\[\s*(table|figure|if|each|else|end|across|upright)\s*([A-Za-z0-9_]*)\s*\]")
_PIECE = re.compile(r"\{\{|\}\}|\{([A-Za-z0-9_]*)\}|[{}]")
_ALONE = ("else", "end", "across", "upright")


@dataclass(frozen=True)
class Vocabulary:
    """What a template may name."""

    fields: Collection[str]
    street_fields: Collection[str]
    tables: Collection[str]
    street_tables: Collection[str]
    figures: Collection[str]
    conditions: Collection[str]


@dataclass(frozen=True)
class Line:
    """A line of text: its mark (`#`, `##`, `###`, `#*`, `-`, `>` or none) and its text, fields not filled in yet."""

    mark: str
    text: str


@dataclass(frozen=True)
class Order:
    """What to put here: a table, a figure, or how the paper lies from here on."""

    verb: Verb
    name: str


@dataclass(frozen=True)
class Choice:
    """What stands there if a condition holds, and what otherwise."""

    condition: str
    then: tuple["Node", ...]
    other: tuple["Node", ...]


@dataclass(frozen=True)
class Each:
    """What is said of each street."""

    body: tuple["Node", ...]


Node = Line | Order | Choice | Each


def parse(text: str, words: Vocabulary, *, file: str) -> tuple[Node, ...]:
    """Return a template as what is to be said in order.

    Raises InputError with every fault (TEMPLATE_FIELD, TEMPLATE_ORDER, TEMPLATE_BLOCK), each with line and place.
    """
    reader = _Reader(words, file)
    lines = text.removeprefix("\ufeff").splitlines()
    if len(lines) > MOST_LINES:
        raise InputError([Finding("TEMPLATE_BLOCK", "reject", file, f"{len(lines)}", allowed=f"≤ {MOST_LINES}")])
    for number, line in enumerate(lines, 1):
        reader.take(number, line)
    return reader.close()


def fill(text: str, values: dict[str, str]) -> str:
    """Return a line with its fields filled in; values are data and not looked at again.

    >>> fill("{{{name}}}", {"name": "{elders}"})
    '{{elders}}'
    """

    def piece(found: re.Match[str]) -> str:
        return {"{{": "{", "}}": "}"}.get(found[0]) or values[found[1]]

    return _PIECE.sub(piece, text)


class _Reader:
    """Reads line by line; open blocks lie on a stack."""

    def __init__(self, words: Vocabulary, file: str) -> None:
        self.words, self.file = words, file
        self.faults: list[Finding] = []
        self.open: list[tuple[str, str, int, list[Node], list[Node]]] = []
        self.nodes: list[Node] = []

    @property
    def in_street(self) -> bool:
        """Whether the line is said of each street."""
        return any(kind == "each" for kind, *_ in self.open)

    def take(self, number: int, line: str) -> None:
        """Read one line."""
        line = line.expandtabs(1)
        stripped = line.strip()
        if not stripped or stripped.startswith("//"):
            return
        if stripped.startswith("["):
            order = _ORDER.fullmatch(stripped)
            if order is None or bool(order[2]) == (order[1] in _ALONE):
                self.refuse("TEMPLATE_ORDER", number, line.index("[") + 1, stripped, "[table …] [figure …] [if …]")
            else:
                self.order(order[1], order[2], number, line.index("[") + 1)
            return
        mark, text = _mark(stripped)
        self.check(number, line, line.index(text) if text else 0)
        self.nodes.append(Line(mark, text))

    def order(self, verb: str, name: str, number: int, at: int) -> None:
        """Read what stands in square brackets."""
        words = self.words
        match verb:
            case "table":
                self.known(name, [*words.tables, *(words.street_tables if self.in_street else ())], number, at)
                self.nodes.append(Order("table", name))
            case "figure":
                self.known(name, words.figures, number, at)
                self.nodes.append(Order("figure", name))
            case "across" | "upright":
                self.nodes.append(Order("across" if verb == "across" else "upright", ""))
            case "if" | "each":
                self.known(name, words.conditions if verb == "if" else ["street"], number, at)
                self.open.append((verb, name, number, self.nodes, []))
                self.nodes = []
            case "else":
                self.otherwise(number, at)
            case _:
                self.end(number, at)

    def otherwise(self, number: int, at: int) -> None:
        """Turn to what stands where the condition does not hold."""
        if not self.open or self.open[-1][0] != "if":
            self.refuse("TEMPLATE_BLOCK", number, at, "[else]", "[if …]")
            return
        _, name, line, before, _ = self.open.pop()
        self.open.append(("else", name, line, before, self.nodes))
        self.nodes = []

    def end(self, number: int, at: int) -> None:
        """Close the innermost block."""
        if not self.open:
            self.refuse("TEMPLATE_BLOCK", number, at, "[end]", "[if …] [each street]")
            return
        kind, name, _, before, then = self.open.pop()
        own = tuple(self.nodes)
        done: Node = Each(own) if kind == "each" else Choice(name, own, ()) if kind == "if" else Choice(
            name, tuple(then), own
        )  # fmt: skip
        self.nodes = [*before, done]

    def check(self, number: int, line: str, start: int) -> None:
        """Refuse fields that are not on the list, and braces that stand alone."""
        allowed = [*self.words.fields, *(self.words.street_fields if self.in_street else ())]
        for found in _PIECE.finditer(line, start):
            if found[0] not in ("{{", "}}") and found[1] not in allowed:
                name = found[1] or ""
                near = difflib.get_close_matches(name, allowed, n=1)
                hint = f"{{{near[0]}}}" if near else ", ".join(sorted(allowed)) if name else "{{ }}"
                self.refuse("TEMPLATE_FIELD", number, found.start() + 1, found[0], hint)

    def known(self, name: str, allowed: Collection[str], number: int, at: int) -> None:
        """Refuse a name that is not on a list."""
        if name not in allowed:
            self.refuse("TEMPLATE_ORDER", number, at, name, ", ".join(sorted(allowed)))

    def refuse(self, code: str, number: int, at: int, found: str, allowed: str) -> None:
        """Note a fault at its line and place."""
        self.faults.append(Finding(code, "reject", f"{self.file}:{number}/{at}", one_line(found)[:60], allowed=allowed))

    def close(self) -> tuple[Node, ...]:
        """Return what was read. Raises InputError with every fault."""
        for kind, name, number, *_ in self.open:
            self.refuse("TEMPLATE_BLOCK", number, 1, f"[{'if' if kind == 'else' else kind} {name}]", "[end]")
        if self.faults:
            raise InputError(self.faults)
        return tuple(self.nodes)


def _mark(line: str) -> tuple[str, str]:
    for mark in ("###", "##", "#*", "#", "-", ">"):
        if line.startswith(f"{mark} "):
            return mark, line[len(mark) :].strip()
    return "", line


def walk(nodes: Collection[Node]) -> Iterator[Node]:
    """Yield every node of a template, those within blocks too."""
    for node in nodes:
        yield node
        if isinstance(node, Choice):
            yield from walk((*node.then, *node.other))
        elif isinstance(node, Each):
            yield from walk(node.body)

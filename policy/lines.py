"""In which line of a pack a key stands, so that a fault can be found in the file."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|\#[^\n]*)
    |(?P<text>\"\"\"(?:\\.|[^\\])*?\"\"\"\"{0,2}|'''.*?''''{0,2}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
    |(?P<mark>[\[\]{},=\n])
    |(?P<bare>[^\s\[\]{},=\#"']+)""",
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def key_lines(text: str) -> dict[Path, int]:
    r"""Return the line each key of a valid TOML text stands in, by its path; entries of arrays go by their number.

    >>> key_lines('[a]\nb = { c = 1,\n d = [{ e = 2 }] }\n[[r]]\n[[r]]\nx.y = 1')[("a", "b", "d", 0, "e")]
    3
    """
    lines: dict[Path, int] = {}
    arrays: dict[Path, int] = {}
    tokens = list(_tokens(text))
    at = 0
    table: Path = ()
    while at < len(tokens):
        token = tokens[at]
        if token.text == "\n":
            at += 1
        elif token.text == "[":
            double = tokens[at + 1].text == "["
            keys, at = _key(tokens, at + 1 + double)
            at += 1 + double
            table = _resolved(keys, arrays, new=double)
            for n in range(1, len(table) + 1):
                lines.setdefault(table[:n], token.line)
        else:
            at = _entry(tokens, at, table, lines)
    return lines


def line_of(path: Path, lines: Mapping[Path, int]) -> int | None:
    """Return the line of a path, or of the nearest part of the file around it that is written."""
    return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "space":
            yield _Token(str(match.lastgroup), match.group(), line)
        line += match.group().count("\n")


def _resolved(keys: Path, arrays: dict[Path, int], *, new: bool) -> Path:
    """Return the path of a table; a name that is an array of tables stands for its last entry."""
    path: Path = ()
    for i, key in enumerate(keys):
        path = (*path, key)
        if new and i == len(keys) - 1:
            arrays[path] = arrays.get(path, -1) + 1
        if path in arrays:
            path = (*path, arrays[path])
    return path


def _key(tokens: list[_Token], at: int) -> tuple[Path, int]:
    keys: list[str] = []
    while tokens[at].kind in {"bare", "text"}:
        token = tokens[at]
        keys += [token.text[1:-1]] if token.kind == "text" else [part for part in token.text.split(".") if part]
        at += 1
    return tuple(keys), at


def _entry(tokens: list[_Token], at: int, table: Path, lines: dict[Path, int]) -> int:
    line = tokens[at].line
    keys, at = _key(tokens, at)
    for n in range(1, len(keys) + 1):
        lines.setdefault((*table, *keys[:n]), line)
    return _value(tokens, at + 1, (*table, *keys), lines)


def _value(tokens: list[_Token], at: int, path: Path, lines: dict[Path, int]) -> int:
    """Return where the value that begins at `at` has ended, noting the keys inside it."""
    opening, number = tokens[at].text, 0
    if opening not in {"[", "{"}:
        while at < len(tokens) and tokens[at].text not in {"\n", ",", "]", "}"}:
            at += 1
        return at
    at += 1
    while tokens[at].text not in {"]", "}"}:
        if tokens[at].text in {"\n", ","}:
            at += 1
        elif opening == "{":
            at = _entry(tokens, at, path, lines)
        else:
            lines[*path, number] = tokens[at].line
            at = _value(tokens, at, (*path, number), lines)
            number += 1
    return at + 1

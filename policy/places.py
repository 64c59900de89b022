"""Where in a pack something stands: the file, the line, the rule and the key, as a finding names it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gis.errors import Finding
from policy.lines import Path, key_lines, line_of


@dataclass(frozen=True)
class Places:
    """The places of one file, read as `raw`; `lines` are those of its keys."""

    source: str
    raw: Mapping[str, Any]
    lines: Mapping[Path, int] = field(default_factory=dict)

    def of(self, *path: int | str) -> str:
        """Return a place as `file:line:rule ID/key.key`; entries of arrays are counted from one."""
        line = line_of(path, self.lines)
        head = self.source if line is None else f"{self.source}:{line}"
        if len(path) > 1 and path[0] == "rule" and isinstance(path[1], int):
            rule = self.raw["rule"][path[1]]
            head += f":rule {rule.get('id', path[1] + 1) if isinstance(rule, dict) else path[1] + 1}"
            path = path[2:]
        keys = ".".join(str(key + 1) if isinstance(key, int) else key for key in path)
        return f"{head}/{keys}" if keys else head

    def fault(self, code: str, *path: int | str, found: object = "", allowed: str = "") -> Finding:
        """Return a fault at a place of the file."""
        return Finding(code, "reject", self.of(*path), str(found), allowed=allowed)


def places(source: str, text: str, raw: Mapping[str, Any]) -> Places:
    """Return the places of a file from its text and what was read from it."""
    return Places(source, raw, key_lines(text))

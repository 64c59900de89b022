"""Which row is which: the identifier of each, none twice, and rows that only repeat another."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from gis.errors import Finding
from gis.intake.columns import Values
from gis.intake.headers import Header
from gis.intake.rows import numbers
from gis.intake.sheets import Row
from gis.tables import Table


def first_of_equals(
    rows: Sequence[Row], values: Values, points: Sequence[Any], key: str, place: str
) -> tuple[list[int], list[Finding]]:
    """Return which rows to keep where rows say exactly the same, and name those that only repeat."""
    first: dict[tuple[object, ...], int] = {}
    findings: list[Finding] = []
    shapes = shapely.to_wkb(np.array([*points, None], dtype=object)[:-1]).tolist()
    keys = values.get(key, [None] * len(rows))
    for i, record in enumerate(zip(*values.values(), shapes, strict=True)):
        unknown = i if keys[i] is None and shapes[i] is None else -1  # two homes that nobody can tell apart stay two
        content = (*record, unknown)
        earlier = first.setdefault(content, i)
        if earlier != i:
            said = f"= {rows[earlier].number}"
            findings.append(Finding("ROW_DUPLICATE", "repair", f"{place}:{rows[i].number}", said))
    return sorted(first.values()), findings


def keys_of(
    rows: Sequence[Row], values: Values, header: Header, table: Table, place: str
) -> tuple[list[str], list[Finding]]:
    """Return the identifier of each row: the file's own, or r000001 ... where the table does not ask for one."""
    first, *further = table.keys
    field = header.field(first)
    own: list[str | None] = values.get(first, [None] * len(rows))
    if field is None or not table.column(first).required:
        return _numbered(own, rows, place if field else "")
    blanks = [row.number for row, key in zip(rows, own, strict=True) if key is None]
    findings = [Finding("KEY_MISSING", "reject", f"{place}:{number}/{field.heading}") for number in blanks]
    rest = [values.get(name, [None] * len(rows)) for name in further]
    keys = ["/".join(filter(None, (key, *parts))) if key else "" for key, *parts in zip(own, *rest, strict=True)]
    return keys, findings + _twice(keys, rows, f"{place}:{{}}/{field.heading}")


def _numbered(own: Sequence[str | None], rows: Sequence[Row], place: str) -> tuple[list[str], list[Finding]]:
    made = [number for number, key in enumerate(own, 1) if key is None]
    keys = [key or f"r{number:06d}" for number, key in enumerate(own, 1)]
    findings = _twice(keys, rows, f"{place}:{{}}")
    if place and made:
        findings.append(Finding("KEY_MADE", "repair", place, numbers(rows[n - 1].number for n in made), len(made)))
    return keys, findings


def _twice(keys: Sequence[str], rows: Sequence[Row], place: str) -> list[Finding]:
    """Refuse an identifier that stands on rows with different content."""
    if len(set(keys)) == len(keys):
        return []
    at: dict[str, list[int]] = {}
    for key, row in zip(keys, rows, strict=True):
        at.setdefault(key, []).append(row.number)
    return [
        Finding("KEY_TWICE", "reject", place.format(where[1]), f"{key} ({numbers(where)})", len(where))
        for key, where in at.items()
        if key and len(where) > 1
    ]

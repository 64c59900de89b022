"""The four-sync register as a sheet of the annex: one row a project and phase, the conclusion in its colour."""

from collections.abc import Sequence

from gis.words import Language, say
from maps.labels import cell
from maps.style import STATUS_COLOURS
from maps.workbook import DECIMAL, TEXT, WHOLE, Column, Sheet, Value
from policy.project_check import ProjectCheck
from policy.register import REGISTER_COLUMNS, register_table
from policy.sync_words import words

_WHOLE = frozenset({"households", "days"})
_VERDICT = REGISTER_COLUMNS.index("verdict") + 1


def housing_check_sheet(checks: Sequence[ProjectCheck], *, language: Language = "zh") -> Sheet:
    """Return the register as a sheet named 四同步核查: areas as numbers (square metres), everything else as text."""
    at = 0 if language == "zh" else 1
    columns = []
    for name in REGISTER_COLUMNS:
        pair = words(f"column_{name}")
        columns.append(Column((pair[at], pair[1 - at]), _shown(name)))
    rows: list[list[Value]] = [
        [cell(value) if isinstance(value, str) else value for value in row]
        for row in register_table(checks, language=language).itertuples(index=False, name=None)
    ]
    colours = {place: STATUS_COLOURS[check.status] for place, check in enumerate(checks)}
    return Sheet(say("four_sync.title", language), columns, rows, colours=colours, coloured=_VERDICT)


def _shown(name: str) -> str:
    if name in _WHOLE:
        return WHOLE
    return DECIMAL if name.endswith("_m2") or name == "nearest_minutes" else TEXT

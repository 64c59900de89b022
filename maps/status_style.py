"""How an answer is drawn: a sign and a fill for each status, and the outline of a housing project by its four-sync one.

The fills keep apart for every kind of colour vision (tests/test_status_style.py); the signs make a grey copy read.
"""

from collections.abc import Mapping

from maps.style import INK, Symbol
from policy.verdict import Status

SIGNS: Mapping[Status, str] = {
    Status.PASS: "✓",
    Status.FAIL: "✗",
    Status.EXCEPTION_NEEDED: "!",
    Status.UNKNOWN: "?",
    Status.NOT_DUE: "○",
    Status.NOT_APPLICABLE: "–",
    Status.BOUNDARY: "=",
    Status.UNDEFINED: "∅",
}
"""A sign beside each colour, so that a grey copy reads and no colour has to be told from another."""
STATUS_FILLS: Mapping[Status, str] = {
    Status.FAIL: "#9c0021",
    Status.EXCEPTION_NEEDED: "#ffd46d",
    Status.BOUNDARY: "#d88a13",
    Status.UNKNOWN: "#6b7178",
    Status.UNDEFINED: "#a9a7e8",
    Status.NOT_DUE: "#2f6fb3",
    Status.PASS: "#80d68e",
    Status.NOT_APPLICABLE: "#ebebe8",
}
"""The fill of a unit by its worst answer, the worst first."""
WORST_FIRST = tuple(STATUS_FILLS)

_DARK = frozenset({Status.FAIL, Status.UNKNOWN, Status.NOT_DUE})
_HOUSES: Mapping[Status, tuple[str, float]] = {
    Status.PASS: ("house", 8.0),
    Status.FAIL: ("open_house", 8.5),
    Status.EXCEPTION_NEEDED: ("tower", 9.5),
    Status.UNKNOWN: ("shield", 8.0),
    Status.NOT_DUE: ("hut", 8.0),
    Status.NOT_APPLICABLE: ("plot", 7.5),
}
"""Outline and size of a housing project by the worst of its four synchronisations."""


def ink_on(status: Status) -> str:
    """Return the colour that a sign has on the fill of a status.

    >>> ink_on(Status.FAIL)
    '#ffffff'
    """
    return "#ffffff" if status in _DARK else INK


def sign_symbol(status: Status) -> Symbol:
    """Return the disc that says an answer at a point."""
    return Symbol("circle", STATUS_FILLS[status], ink_on(status), 8.0, 1.2, sign=SIGNS[status])


def housing_symbol(status: Status) -> Symbol:
    """Return how a housing project is drawn by its four-sync status: outline, fill and sign each of their own."""
    shape, size = _HOUSES.get(status, _HOUSES[Status.PASS])
    return Symbol(shape, STATUS_FILLS[status], ink_on(status), size, 1.3, sign=SIGNS[status])

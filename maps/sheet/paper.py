"""Paper: the sizes, their margins after GB/T 14689, the round scales, and how long a scale bar may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Form = Literal["pdf", "png", "jpg"]
Size = Literal["A4", "A3", "A2", "A1", "A0", "figure"]
SMALLEST_SCALE = 500
STEPS = (1.0, 2.0, 2.5, 5.0)
BAR_STEPS = (5, 2, 1)
BARE_FACTOR = 0.72


@dataclass(frozen=True)
class Paper:
    """One landscape sheet in millimetres: the binding edge is left; `bare` has neither title nor title block."""

    name: str
    width_mm: float
    height_mm: float
    binding_mm: float
    margin_mm: float
    bare: bool = False

    @property
    def factor(self) -> float:
        """How much larger than on A3 letters and lines are: less than the paper grows, so that a wall map holds more.

        >>> PAPERS["A3"].factor, round(PAPERS["A0"].factor, 2)
        (1.0, 2.3)
        """
        return BARE_FACTOR if self.bare else float((self.height_mm / 297.0) ** 0.8)


PAPERS: Mapping[str, Paper] = {
    "A4": Paper("A4", 297.0, 210.0, 25.0, 5.0),
    "A3": Paper("A3", 420.0, 297.0, 25.0, 5.0),
    "A2": Paper("A2", 594.0, 420.0, 25.0, 10.0),
    "A1": Paper("A1", 841.0, 594.0, 25.0, 10.0),
    "A0": Paper("A0", 1189.0, 841.0, 25.0, 10.0),
    "figure": Paper("figure", 160.0, 112.0, 0.5, 0.5, bare=True),
}
"""Binding edge and margins after GB/T 14689-2008, table 2; `figure` is what a page of a report holds."""


def round_scale(width_m: float, height_m: float, *, room_mm: tuple[float, float]) -> int:
    """Return the denominator of the largest round scale at which an area fits into a frame.

    >>> round_scale(5300, 4600, room_mm=(285, 240)), round_scale(5300, 4600, room_mm=(560, 480))
    (20000, 10000)
    """
    least = max(width_m / room_mm[0], height_m / room_mm[1]) * 1000
    tens = SMALLEST_SCALE / STEPS[-1]
    while True:
        for step in STEPS:
            if step * tens >= max(least, SMALLEST_SCALE):
                return round(step * tens)
        tens *= 10


def bar_m(scale: int, *, room_mm: float) -> int:
    """Return the longest round length in metres (1, 2 or 5 with noughts) whose bar fits into the room.

    >>> bar_m(20_000, room_mm=60), bar_m(500, room_mm=60)
    (1000, 20)
    """
    most = room_mm * scale / 1000
    tens = 1
    while tens * 10 <= most:
        tens *= 10
    return next(step * tens for step in BAR_STEPS if step * tens <= max(most, 1))


def scale_words(scale: int) -> str:
    """Return a scale as it is written on a drawing.

    >>> scale_words(20_000)
    '1:20 000'
    """
    return f"1:{scale:,}".replace(",", " ")

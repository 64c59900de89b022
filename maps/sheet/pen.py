"""The pen: draws letters, lines and boxes at the size that goes with the paper, and keeps what it has drawn."""

from collections.abc import Iterable, Sequence
from typing import Literal

from gis.words import Language, say
from maps.sheet.lettering import ASCENT, DESCENT, MM_A_POINT, Chain, fitted, width_mm, wrapped
from maps.sheet.picture import Box, Item, Writing, box, stroke
from maps.style import INK

Align = Literal["left", "middle", "right"]
GREY = "#5c6670"
RULE = "#9aa3aa"


class Pen:
    """What has been drawn so far, in order; lengths are given as on A3 and grow or shrink with the paper."""

    def __init__(self, factor: float, fonts: Chain, language: Language) -> None:
        """Begin with nothing drawn."""
        self.factor, self.fonts, self.language = factor, fonts, language
        self.items: list[Item] = []

    def say(self, key: str, **fields: object) -> str:
        """Return the words of the catalogue's room for sheets."""
        return say(f"sheet.{key}", self.language, **fields)

    def mm(self, length: float) -> float:
        """Return a length of A3 on this paper."""
        return length * self.factor

    def draw(self, items: Iterable[Item | None]) -> None:
        """Add what was drawn elsewhere."""
        self.items += [item for item in items if item is not None]

    def wide(self, text: str, size: float) -> float:
        """Return how wide a text is in millimetres."""
        return width_mm(text, size * self.factor, self.fonts)

    def high(self, size: float) -> float:
        """Return how high a line of letters is in millimetres."""
        return (ASCENT + DESCENT) * size * self.factor * MM_A_POINT

    def text(
        self, text: str, x: float, y: float, size: float, *, align: Align = "left", room: float | None = None,
        colour: str = INK, bold: bool = False, halo: bool = False, middle: bool = False,
    ) -> None:  # fmt: skip
        """Write one line; `y` is its base line, or its middle; what has no room is written smaller, then cut with …."""
        points = size * self.factor
        if room is not None:
            text, points = fitted(text, points, room, self.fonts)
        wide = width_mm(text, points, self.fonts)
        left = x - {"left": 0.0, "middle": wide / 2, "right": wide}[align]
        down = (ASCENT - DESCENT) / 2 * points * MM_A_POINT if middle else 0.0
        self.items.append(Writing(text, left, y - down, points, colour, bold, halo))

    def lines(self, text: str, size: float, room: float) -> list[str]:
        """Return a text in lines that have room."""
        return wrapped(text, size * self.factor, room, self.fonts)

    def rule(self, points: Sequence[tuple[float, float]], width: float = 0.13, colour: str = RULE) -> None:
        """Draw a line."""
        self.items.append(stroke(points, line=colour, width_mm=self.mm(width)))

    def frame(self, edges: Box, width: float = 0.13, *, colour: str = INK, fill: str = "") -> None:
        """Draw a box."""
        self.items.append(box(edges, line=colour, width_mm=self.mm(width), fill=fill))

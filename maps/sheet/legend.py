"""The legend: what each sign of a sheet means, in as many columns as the words leave room for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from maps.sheet.pen import GREY, Pen
from maps.sheet.picture import polygon, stroke
from maps.sheet.symbols import radius_mm, symbol_items
from maps.style import SHAPES, Symbol

SWATCH_MM = 7.0
ROW_MM = 4.7
SIZE = 7.4
HEAD_SIZE = 7.4


@dataclass(frozen=True)
class Entry:
    """One sign with its words; without any sign it heads those that follow.

    `symbol` (`half`, `sign`) is a point, `fill` an area, `line` with `dash_mm` a line or the edge of the area,
    `ring` draws the line as a circle, `dot_mm` a dot of that radius, `hatch` slanting lines in the area.
    """

    words: str
    symbol: Symbol | None = None
    half: bool = False
    sign: str = ""
    fill: str = ""
    line: str = ""
    width: float = 0.2
    dash_mm: tuple[float, ...] = ()
    ring: bool = False
    dot_mm: float = 0.0
    hatch: bool = False

    @property
    def heads(self) -> bool:
        """Whether it is a heading."""
        return self.symbol is None and not (self.fill or self.line)


def draw_legend(entries: Sequence[Entry], pen: Pen, *, left: float, top: float, width: float) -> float:
    """Draw the legend below `top` and return where it ends."""
    y = top
    for row in _rows(entries, pen, width):
        high = max(_high(entry, pen, room) for entry, _, room in row)
        for entry, right, room in row:
            _entry(entry, pen, x=left + right, y=y - high / 2, room=room)
        y -= high
    return y


def draw_strip(entries: Sequence[Entry], pen: Pen, *, left: float, middle: float, room: float) -> None:
    """Draw signs and words in one line, evenly apart; `middle` is the middle of the line."""
    needs = [pen.wide(entry.words, SIZE) + pen.mm(SWATCH_MM + 1.5) for entry in entries]
    air = min((room - sum(needs)) / max(len(entries) - 1, 1), pen.mm(7))
    x = left
    for entry, need in zip(entries, needs, strict=True):
        _entry(entry, pen, x=x, y=middle, room=need + pen.mm(0.5))
        x += need + max(air, 0.0)


def _rows(entries: Sequence[Entry], pen: Pen, width: float) -> Iterable[list[tuple[Entry, float, float]]]:
    """Yield rows of entries: the entry, how far right it stands, the room it has; a heading begins a new group."""
    group: list[Entry] = []
    for entry in (*entries, None):
        if entry is not None and not entry.heads:
            group.append(entry)
            continue
        yield from _columns(group, pen, width)
        group = []
        if entry is not None:
            yield [(entry, 0.0, width)]


def _columns(group: list[Entry], pen: Pen, width: float) -> Iterable[list[tuple[Entry, float, float]]]:
    """Yield a group in three columns where all its words are short, else in two; what is longer has a row alone."""
    needs = {id(entry): pen.wide(entry.words, SIZE) + pen.mm(SWATCH_MM + 2.5) for entry in group}
    count = 3 if max(needs.values(), default=0) <= width / 3 else 2
    row: list[tuple[Entry, float, float]] = []
    for entry in group:
        if needs[id(entry)] > width / count:
            if row:
                yield row
            row = []
            yield [(entry, 0.0, width)]
            continue
        row.append((entry, len(row) * width / count, width / count))
        if len(row) == count:
            yield row
            row = []
    if row:
        yield row


def _high(entry: Entry, pen: Pen, room: float) -> float:
    """Return how high an entry is: its lines of words, or its symbol with air around it."""
    words = pen.mm(ROW_MM) + (len(_words(entry, pen, room)) - 1) * pen.high(SIZE) * 1.05
    symbol = 2 * radius_mm(entry.symbol, pen.factor) + pen.mm(1.6) if entry.symbol is not None else 0.0
    return max(words, symbol)


def _words(entry: Entry, pen: Pen, room: float) -> list[str]:
    return pen.lines(entry.words, SIZE, room - pen.mm(0 if entry.heads else SWATCH_MM + 1.5))


def _entry(entry: Entry, pen: Pen, *, x: float, y: float, room: float) -> None:
    lines = _words(entry, pen, room)
    step = pen.high(SIZE) * 1.05
    for number, line in enumerate(lines):
        at = y + ((len(lines) - 1) / 2 - number) * step
        if entry.heads:
            pen.text(line, x, at - pen.mm(0.4), HEAD_SIZE, middle=True, colour=GREY, bold=True)
        else:
            pen.text(line, x + pen.mm(SWATCH_MM + 1.5), at, SIZE, middle=True)
    if not entry.heads:
        _swatch(entry, pen, x, y)


def _swatch(entry: Entry, pen: Pen, x: float, y: float) -> None:
    wide, high = pen.mm(SWATCH_MM), pen.mm(3.4)
    middle = x + wide / 2
    look = {"line": entry.line, "width_mm": pen.mm(entry.width), "dash_mm": tuple(pen.mm(d) for d in entry.dash_mm)}
    if entry.symbol is not None:
        pen.draw(symbol_items(entry.symbol, middle, y, pen, half=entry.half, sign=entry.sign))
    elif entry.dot_mm:
        ring = [(middle + entry.dot_mm * a, y + entry.dot_mm * b) for a, b in SHAPES["circle"]]
        pen.draw([polygon(ring, fill=entry.fill, line=entry.line, width_mm=pen.mm(entry.width))])
    elif entry.ring:
        ring = [(middle + high / 2 * a, y + high / 2 * b) for a, b in SHAPES["circle"]]
        pen.draw([polygon(ring, **look)])
    elif entry.fill:
        edges = [(x, y - high / 2), (x + wide, y - high / 2), (x + wide, y + high / 2), (x, y + high / 2)]
        pen.draw([polygon(edges, fill=entry.fill, **look)])
        for part in (0.0, 0.25, 0.5) if entry.hatch else ():
            foot = x + wide * part
            pen.draw([stroke([(foot, y - high / 2), (foot + high, y + high / 2)], **look)])
    else:
        pen.draw([stroke([(x, y), (x + wide, y)], **look)])

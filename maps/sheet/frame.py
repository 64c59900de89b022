"""What stands round a map: frame and title, north arrow, scale and its bar, notes, and the title block to be signed."""

import importlib.metadata
from dataclasses import dataclass
from itertools import pairwise

from gis.errors import one_line
from gis.words import say
from maps.atlas import Atlas
from maps.figures import credit
from maps.labels import cell
from maps.sheet.lettering import MM_A_POINT
from maps.sheet.paper import Paper, bar_m, scale_words
from maps.sheet.pen import GREY, Pen
from maps.sheet.picture import Box, polygon
from maps.sheet.window import Window, convergence_deg
from maps.style import INK

PANEL_MM, TITLE_MM, CREDIT_MM, STRIP_MM, GAP_MM = 90.0, 19.0, 5.2, 6.4, 2.6
FIGURE_PANEL_MM = 47.0
BAR_MM = 62.0
BAR_HIGH_MM = 1.5
ARROW_MM = 17.0
NOTE_SIZE = 6.5
BLOCK_ROW_MM = 5.8
MATTERS_DEG = 0.1
"""A convergence from which on true and grid north lie apart by half a millimetre on the paper."""
NOTED = ("speed", "minutes", "streets", "people", "kinds", "crs", "as_of")
"""The notes of an atlas that stand on every sheet."""
RED = "#a8201a"


@dataclass(frozen=True)
class Layout:
    """Where things stand on a sheet, in millimetres; `strip`: the line of the ground's legend."""

    outer: Box
    title: Box
    map: Box
    panel: Box
    credit: Box
    strip: Box


def layout(paper: Paper) -> Layout:
    """Return where things stand on a paper."""
    k = paper.factor
    outer = (paper.binding_mm, paper.margin_mm, paper.width_mm - paper.margin_mm, paper.height_mm - paper.margin_mm)
    left, bottom, right, top = outer
    gap = 0.0 if paper.bare else GAP_MM * k
    head = top - (0.0 if paper.bare else TITLE_MM * k)
    edge = right - gap - (FIGURE_PANEL_MM if paper.bare else PANEL_MM) * k
    low = bottom + CREDIT_MM * k
    foot = low + (0.0 if paper.bare else STRIP_MM * k)
    return Layout(
        outer=outer,
        title=(left, head, right, top),
        map=(left + gap, foot, edge - GAP_MM * k, head),
        panel=(edge, bottom + gap, right - gap, head),
        credit=(left + gap, bottom, edge - GAP_MM * k, low),
        strip=(left + gap, low, edge - GAP_MM * k, foot),
    )


def draw_frame(place: Layout, pen: Pen, *, title: str, beside: str, atlas: Atlas, number: str) -> None:
    """Draw the outer frame, the title with the plan's name and the walk (`beside`), number and mark of internal use."""
    left, bottom, right, top = place.title
    made = atlas.imprint
    pen.frame(place.outer, 0.6)
    room = right - left - pen.mm(62)
    plan = cell(made.plan_title) or pen.say("plan_title", name=cell(atlas.name))
    over = plan + (pen.say("period", period=cell(made.period)) if made.period else "")
    pen.text(over, left + pen.mm(5), top - pen.mm(5.6), 9.5, colour=GREY, room=room)
    pen.text(title, left + pen.mm(5), bottom + pen.mm(3.6), 21, bold=True, room=room)
    rest = room - pen.wide(title, 21) - pen.mm(8)
    if beside and rest > pen.mm(30):
        pen.text(beside, left + pen.mm(12) + pen.wide(title, 21), bottom + pen.mm(3.8), 8.5, colour=GREY, room=rest)
    if made.mark:
        wide = pen.wide(made.mark, 11) + pen.mm(6)
        edges = (right - pen.mm(4) - wide, top - pen.mm(10.2), right - pen.mm(4), top - pen.mm(3.2))
        pen.frame(edges, 0.4, colour=RED)
        middle = ((edges[0] + edges[2]) / 2, (edges[1] + edges[3]) / 2)
        pen.text(made.mark, *middle, 11, align="middle", middle=True, bold=True, colour=RED)
    pen.text(pen.say("number", number=number), right - pen.mm(4), bottom + pen.mm(3.4), 9, align="right")
    pen.rule([(left, bottom), (right, bottom)], 0.3, INK)


def draw_credit(place: Layout, pen: Pen, atlas: Atlas) -> None:
    """Write whose streets these are, below the map."""
    left, bottom, right, top = place.credit
    pen.text(one_line(credit(atlas)), left, (bottom + top) / 2, 6.6, middle=True, room=(right - left) * 0.72)
    pen.text(pen.say("preliminary"), right, (bottom + top) / 2, 6.2, align="right", middle=True, colour=GREY,
             room=(right - left) * 0.27)  # fmt: skip


def draw_scale(pen: Pen, window: Window, crs: str, *, left: float, top: float, width: float) -> float:
    """Draw north arrow, scale and scale bar below `top`, and return where they end."""
    arrow = pen.mm(ARROW_MM)
    x, y = left + pen.mm(6.5), top - pen.mm(3.2)
    _arrow(pen, x, y)
    start = left + pen.mm(19)
    pen.text(pen.say("scale", scale=scale_words(window.scale)), start, top - pen.mm(5.4), 11, bold=True,
             room=width - pen.mm(19))  # fmt: skip
    _bar(pen, window, start, top - pen.mm(12.6), min(pen.mm(BAR_MM), width - pen.mm(19) - pen.mm(9)))
    turned = convergence_deg(window, crs)
    bottom = top - arrow - pen.mm(6.4)
    if abs(turned) >= MATTERS_DEG:
        whole, rest = divmod(round(abs(turned) * 60), 60)
        side = pen.say("east" if turned > 0 else "west")
        words = pen.say("convergence", side=side, degrees=whole, minutes=f"{rest:02d}")
        for line in pen.lines(words, 6.2, width):
            pen.text(line, left, bottom - pen.mm(0.6), 6.2, colour=GREY)
            bottom -= pen.high(6.2) * 1.1
    return bottom - pen.mm(0.6)


def _arrow(pen: Pen, x: float, y: float) -> None:
    """Draw a grid-north arrow, its right half white."""
    pen.text("N", x, y - pen.mm(1.2), 9, align="middle", bold=True)
    tip, foot, notch, half = y - pen.mm(2.2), y - pen.mm(15.0), y - pen.mm(12.2), pen.mm(3.4)
    for side, fill in ((-1, INK), (1, "#ffffff")):
        points = [(x, tip), (x + side * half, foot), (x, notch)]
        pen.draw([polygon(points, fill=fill, line=INK, width_mm=pen.mm(0.15), name="north")])
    pen.text(pen.say("grid_north"), x, foot - pen.mm(2.9), 6.2, align="middle", colour=GREY)


def _bar(pen: Pen, window: Window, x: float, y: float, room: float) -> None:
    """Draw a bar of a round length, true to the scale: four parts, the first halved."""
    metres = bar_m(window.scale, room_mm=room)
    whole = window.length_mm(metres)
    high = pen.mm(BAR_HIGH_MM)
    cuts = (0.0, 0.125, 0.25, 0.5, 1.0)
    for number, (start, end) in enumerate(pairwise(cuts)):
        corners = [(x + whole * a, y + b) for a, b in ((start, 0), (end, 0), (end, high), (start, high))]
        fill = INK if number % 2 == 0 else "#ffffff"
        pen.draw([polygon(corners, fill=fill, line=INK, width_mm=pen.mm(0.12), name=f"bar {metres}")])
    kilo = metres >= 1000  # noqa: PLR2004 - a kilometre
    for share in (0.0, 0.25, 0.5, 1.0) if whole > pen.mm(30) else (0.0, 1.0):
        length = metres * share / (1000 if kilo else 1)
        unit = (" km" if kilo else " m") if share == 1 else ""
        pen.text(f"{length:g}{unit}", x + whole * share, y + high + pen.mm(1.0), 6.6, align="middle")


def note_lines(pen: Pen, atlas: Atlas, width: float) -> list[str]:
    """Return the notes of a sheet in lines: what it rests on, and by which version it was made."""
    said = [
        f"{label}{pen.say('colon')}{cell(atlas.notes[label])}"
        for label in (say(f"note.{key}", atlas.language) for key in NOTED)
        if label in atlas.notes
    ]
    said.append(pen.say("note_areas"))
    said.append(pen.say("note_version", version=importlib.metadata.version("circle15")))
    found = []
    for number, text in enumerate(said, 1):
        first, *rest = pen.lines(f"{number}. {text}", NOTE_SIZE, width)
        found += [first, *rest]
    return found


def notes_mm(pen: Pen, lines: list[str]) -> float:
    """Return how high the notes are."""
    return pen.mm(6.4) + len(lines) * _line_mm(pen)


def draw_notes(pen: Pen, lines: list[str], *, left: float, top: float, width: float) -> None:
    """Write the notes below `top`."""
    pen.text(pen.say("notes"), left, top - pen.mm(4.2), 8.0, bold=True)
    for number, line in enumerate(lines):
        pen.text(line, left, top - pen.mm(6.4) - (number + 0.72) * _line_mm(pen), NOTE_SIZE, room=width)


def _line_mm(pen: Pen) -> float:
    return NOTE_SIZE * pen.factor * MM_A_POINT * 1.22


def block_mm(pen: Pen, atlas: Atlas) -> float:
    """Return how high the title block is."""
    return pen.mm(BLOCK_ROW_MM) * (8 if atlas.imprint.client else 7)


def draw_block(pen: Pen, atlas: Atlas, window: Window, paper: Paper, *, box: Box, title: str, number: str) -> None:
    """Draw the title block into a box: who made it for whom, what it is, who signs, when, and its numbers."""
    made = atlas.imprint
    left, _, right, top = box
    row = pen.mm(BLOCK_ROW_MM)
    y = top
    single = [("bureau", made.bureau), *([("client", made.client)] if made.client else []), ("project", atlas.name),
              ("map_name", title)]  # fmt: skip
    for key, text in single:
        _field(pen, (left, y - row, right, y), pen.say(key), cell(text))
        y -= row
    middle = (left + right) / 2
    pairs = (
        (("drawn_by", made.drawn_by), ("checked_by", made.checked_by)),
        (("reviewed_by", made.reviewed_by), ("approved_by", made.approved_by)),
        (("drawing_number", number), ("paper_scale", f"{paper.name}  {scale_words(window.scale)}")),
        (("day", made.day or pen.say("blank_day")), ("review_number", made.review_number)),
    )
    for one, other in pairs:
        for (key, text), (west, east) in ((one, (left, middle)), (other, (middle, right))):
            _field(pen, (west, y - row, east, y), pen.say(key), cell(text))
        y -= row
    pen.frame(box, 0.35)


def _field(pen: Pen, box: Box, label: str, text: str) -> None:
    left, bottom, right, top = box
    name, middle = pen.mm(14.5), (bottom + top) / 2
    pen.frame(box, 0.1)
    pen.rule([(left + name, bottom), (left + name, top)], 0.1, INK)
    pen.text(label, left + name / 2, middle, 7.0, align="middle", middle=True, colour=GREY, room=name - pen.mm(1.4))
    pen.text(text, left + name + pen.mm(1.4), middle, 7.8, middle=True, room=right - left - name - pen.mm(2.4))

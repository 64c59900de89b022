"""Drawing one sheet: the paper laid out, the theme drawn, names placed, the panel filled; then printed."""

from collections.abc import Sequence

from gis.words import say
from maps.atlas import Atlas
from maps.labels import cell
from maps.sheet.frame import (
    block_mm,
    draw_block,
    draw_credit,
    draw_frame,
    draw_notes,
    draw_scale,
    layout,
    note_lines,
    notes_mm,
)
from maps.sheet.grid import Grid, draw_grid, grid_mm, rows_in
from maps.sheet.ground import LAND, Grounds, ground_legend
from maps.sheet.leaf import Content, Leaf, bounds_of
from maps.sheet.legend import draw_legend, draw_strip
from maps.sheet.lettering import chain
from maps.sheet.paper import PAPERS, Form, Size
from maps.sheet.pen import GREY, Pen
from maps.sheet.picture import Box, Picture, box
from maps.sheet.placing import Placed, place
from maps.sheet.symbols import radius_mm, symbol_items
from maps.sheet.themes import THEMES
from maps.sheet.window import window_on

REMARK_SIZE = 6.6
LEAST_ROWS = 3
"""A table of which fewer rows find room is named instead."""
WALKED = ("coverage", "gaps", "coverage_after", "street", "near_term", "old_estates")
"""Themes whose result changes with the speed and the minutes."""


def draw(atlas: Atlas, theme: str, *, size: Size = "A3", form: Form = "pdf", street: str = "", dpi: int = 300) -> bytes:
    """Return one drawing as the bytes of a PDF, PNG or JPG.

    `theme` is one of `THEMES`; `street` the code of the street for the theme `street`. Size `figure` is for the page of
    a report: 160 x 112 mm with map, scale, legend and source, without title, notes and title block. The same atlas
    gives the same bytes. Raises InputError where a character is in no font, KeyError for an unknown theme.
    """
    from maps.sheet.press import printed  # noqa: PLC0415 - matplotlib loads slowly

    picture = compose(atlas, theme, size=size, street=street)
    return printed(picture, form, fonts=chain(atlas.imprint.fonts), dpi=dpi)


def compose(
    atlas: Atlas, theme: str, *, size: Size = "A3", street: str = "", grounds: Grounds | None = None
) -> Picture:
    """Return one drawing as a picture, not printed yet; `grounds`: those traced for other drawings of this atlas."""
    paper = PAPERS[size]
    pen = Pen(paper.factor, chain(atlas.imprint.fonts), atlas.language)
    where = layout(paper)
    # A street is drawn at the scale it fits at; a scale kept by the project is that of the whole area.
    window = window_on(bounds_of(atlas, street), where.map, scale=None if street else atlas.imprint.scale)
    leaf = Leaf(atlas, paper, window, pen, street)
    content = THEMES[theme].draw(leaf)
    title = title_of(atlas, theme, street=street)
    pen.draw([box((0.0, 0.0, paper.width_mm, paper.height_mm), fill="#ffffff"), box(where.map, fill=LAND)])
    ground = (grounds or Grounds()).of(leaf)
    pen.draw((*ground.below, *content.fills, *(ground.buildings if content.buildings else ()), *ground.lines))
    pen.draw(content.over)
    boxes = []
    for spot in content.spots:
        pen.draw(symbol_items(spot.symbol, spot.x, spot.y, pen, half=spot.half, sign=spot.sign, within=where.map))
        radius = radius_mm(spot.symbol, pen.factor)
        boxes.append((spot.x - radius, spot.y - radius, spot.x + radius, spot.y + radius))
    names = place(content.labels, frame=where.map, taken=boxes, pen=pen)
    pen.draw(names.items)
    pen.frame(where.map, 0.3)
    draw_credit(where, pen, atlas)
    number = number_of(atlas, theme, street=street)
    if not paper.bare:
        if content.legend:
            left, low, right, high = where.strip
            entries = ground_legend(leaf, buildings=content.buildings)[1:]
            draw_strip(entries, pen, left=left, middle=(low + high) / 2, room=right - left)
        draw_frame(where, pen, title=title, beside=_walk(atlas, theme), atlas=atlas, number=number)
    _panel(leaf, content, where.panel, title=title, number=number, names=names)
    left_out = tuple(" ".join(label.lines) for label in names.left_out)
    return Picture(paper.width_mm, paper.height_mm, tuple(pen.items), f"{cell(atlas.name)} {title}", left_out)


def title_of(atlas: Atlas, theme: str, *, street: str = "") -> str:
    """Return the title of a drawing, as it stands on it and in the name of its file."""
    pen = Pen(1.0, (), atlas.language)
    return pen.say(f"theme_{theme}", minutes=max(atlas.minutes), street=street_name(atlas, street))


def _walk(atlas: Atlas, theme: str) -> str:
    """Return the walk that a drawing of coverage rests on: it belongs to its title."""
    if theme not in WALKED:
        return ""
    speed, minutes = (cell(atlas.notes.get(say(f"note.{key}", atlas.language), "")) for key in ("speed", "minutes"))
    return "  ".join(
        text for text in (f"{say('note.speed', atlas.language)} {speed}" if speed else "", minutes) if text
    )


def street_name(atlas: Atlas, street: str) -> str:
    """Return the name of a street by its code."""
    if not street:
        return ""
    own = atlas.communities[(atlas.communities["street_id"] == street).fillna(value=False)]
    return cell(own["street"].iloc[0]) if len(own) else cell(street)


def streets_of(atlas: Atlas) -> list[str]:
    """Return the codes of the streets and towns that can be drawn, in their order."""
    frame = atlas.communities
    if "street_id" not in frame:
        return []
    drawn = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    return sorted(set(drawn["street_id"].dropna().map(str)))


def number_of(atlas: Atlas, theme: str, *, street: str = "") -> str:
    """Return the number of a drawing in the set: `01`, and `08-01` for the first street."""
    number = f"{THEMES[theme].number:02d}"
    if theme == "street" and street:
        number += f"-{streets_of(atlas).index(street) + 1:02d}"
    return f"{cell(atlas.imprint.number_prefix)}{number}"


def _panel(leaf: Leaf, content: Content, panel: Box, *, title: str, number: str, names: Placed) -> None:
    """Fill the panel from above with scale, legend, tables and remarks, from below with title block and notes."""
    pen, atlas, paper = leaf.pen, leaf.atlas, leaf.paper
    left, bottom, right, top = panel
    width = right - left
    y = draw_scale(pen, leaf.window, atlas.crs, left=left, top=top, width=width)
    floor = bottom
    if not paper.bare:
        floor += block_mm(pen, atlas)
        draw_block(pen, atlas, leaf.window, paper, box=(left, bottom, right, floor), title=title, number=number)
        lines = note_lines(pen, atlas, width)
        floor += notes_mm(pen, lines) + pen.mm(2.5)
        draw_notes(pen, lines, left=left, top=floor, width=width)
        pen.rule([(left, floor), (right, floor)], 0.13)
    pen.rule([(left, y), (right, y)], 0.13)
    pen.text(pen.say("legend"), left, y - pen.mm(5.0), 9.5, bold=True)
    here = paper.bare or not content.legend  # what has no signs of its own has those of the ground in the strip's stead
    entries = (*content.legend, *(ground_legend(leaf, buildings=content.buildings) if here else ()))
    y = draw_legend(entries, pen, left=left, top=y - pen.mm(6.6), width=width) - pen.mm(1.5)
    remarks = [] if paper.bare else [*content.remarks]
    unshaped = int((atlas.communities.geometry.isna() | atlas.communities.geometry.is_empty).sum())
    if unshaped and not paper.bare:
        remarks.append(pen.say("no_boundary", n=unshaped))
    if names.left_out:
        remarks.append(pen.say("names_left_out", n=len(names.left_out)))
    tables = () if paper.bare else content.tables
    high = y - floor - pen.mm(2)
    if left_out := _left_out(tables, pen, high - _high(remarks, pen, width)):
        remarks.append(pen.say("tables_left_out", titles=say("label.comma", pen.language).join(left_out)))
    room = high - _high(remarks, pen, width)
    for grid in tables:
        if rows_in(grid, pen, room) >= LEAST_ROWS or rows_in(grid, pen, room) == len(grid.rows):
            pen.rule([(left, y), (right, y)], 0.13)
            low = draw_grid(grid, pen, left=left, top=y, width=width, room=room)
            room -= y - low
            y = low
    for remark in remarks:
        for line in pen.lines(remark, REMARK_SIZE, width):
            y -= pen.high(REMARK_SIZE) * 1.15
            pen.text(line, left, y, REMARK_SIZE, colour=GREY, room=width)


def _high(remarks: Sequence[str], pen: Pen, width: float) -> float:
    """Return how high some remarks are."""
    return sum(len(pen.lines(remark, REMARK_SIZE, width)) for remark in remarks) * pen.high(REMARK_SIZE) * 1.15


def _left_out(tables: Sequence[Grid], pen: Pen, room: float) -> list[str]:
    """Return the titles of the tables that find no room after those before them."""
    titles = []
    for grid in tables:
        rows = rows_in(grid, pen, room)
        if rows < LEAST_ROWS and rows < len(grid.rows):
            titles.append(grid.title)
        else:
            room -= min(grid_mm(grid, pen), room)
    return titles

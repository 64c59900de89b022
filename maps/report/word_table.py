"""A table of the report in Word: built in one go, its header repeated on every page, no row parted between pages."""

from typing import Any

from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from maps.report.blocks import Grid
from maps.report.widths import points, shares
from maps.style import INK

_EMU_PER_TWIP, _EMU_PER_MM = 635, 36_000
_HEAD_FILL, _TOTAL_FILL = INK.lstrip("#"), "EEF1F3"


def word_table(grid: Grid, width_emu: int) -> Any:
    """Return a table as wide as the text; cells hold text alone."""
    widths = [round(share * width_emu / _EMU_PER_TWIP) for share in shares(grid, width_emu / _EMU_PER_MM)]
    size = round(points(grid) * 2)
    table = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        '<w:jc w:val="center"/><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/>'
        '<w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid/></w:tbl>'
    )
    for width in widths:
        column = OxmlElement("w:gridCol")
        column.set(qn("w:w"), str(width))
        table[1].append(column)
    table.append(_row(grid.heads, widths, ["center"] * len(widths), size, fill=_HEAD_FILL, colour="FFFFFF", head=True))
    sides = ["right" if numeric else "left" for numeric in grid.numeric]
    colours = {(row, column): colour.lstrip("#") for row, column, colour in grid.colours}
    for number, texts in enumerate(grid.rows):
        own = {column: colours[number, column] for column in range(len(texts)) if (number, column) in colours}
        table.append(_row(texts, widths, sides, size, own=own))
    if grid.total:
        table.append(_row(grid.total, widths, sides, size, fill=_TOTAL_FILL, bold=True))
    return table


def text_run(text: str, *, half_points: int = 0, bold: bool = False, colour: str = "") -> Any:
    """Return a run of text, which is data: no field, no break, no markup in it."""
    run, properties = OxmlElement("w:r"), OxmlElement("w:rPr")
    for tag, value in (("w:b", "1" if bold else ""), ("w:color", colour), ("w:sz", str(half_points or ""))):
        if value:
            mark = OxmlElement(tag)
            mark.set(qn("w:val"), value)
            properties.append(mark)
    if len(properties):
        run.append(properties)
    held = OxmlElement("w:t")
    held.set(qn("xml:space"), "preserve")
    held.text = text
    run.append(held)
    return run


def _row(
    texts: tuple[str, ...],
    widths: list[int],
    sides: list[str],
    size: int,
    *,
    fill: str = "",
    colour: str = "",
    bold: bool = False,
    head: bool = False,
    own: dict[int, str] | None = None,
) -> Any:
    row, properties = OxmlElement("w:tr"), OxmlElement("w:trPr")
    for tag in ("w:cantSplit", *(["w:tblHeader"] if head else [])):
        properties.append(OxmlElement(tag))
    row.append(properties)
    for place, (text, width, side) in enumerate(zip(texts, widths, sides, strict=True)):
        shown = (own or {}).get(place, colour)
        row.append(
            _cell(
                text,
                width,
                side=side,
                size=size,
                fill=fill,
                colour=shown,
                bold=bold or head or bool(own and place in own),
            )
        )
    return row


def _cell(text: str, width: int, *, side: str, size: int, fill: str, colour: str, bold: bool) -> Any:
    cell, properties = OxmlElement("w:tc"), OxmlElement("w:tcPr")
    wide = OxmlElement("w:tcW")
    wide.set(qn("w:w"), str(width))
    wide.set(qn("w:type"), "dxa")
    properties.append(wide)
    if fill:
        shade = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
            shade.set(qn(f"w:{name}"), value)
        properties.append(shade)
    middle = OxmlElement("w:vAlign")
    middle.set(qn("w:val"), "center")
    properties.append(middle)
    cell.append(properties)
    paragraph, form = OxmlElement("w:p"), OxmlElement("w:pPr")
    for tag, value in (("w:pStyle", "TableText"), ("w:jc", side)):
        mark = OxmlElement(tag)
        mark.set(qn("w:val"), value)
        form.append(mark)
    paragraph.append(form)
    if text:
        paragraph.append(text_run(text, half_points=size, bold=bold, colour=colour))
    cell.append(paragraph)
    return cell

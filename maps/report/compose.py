"""The report of an atlas by a template: its text with every field filled in, its tables, charts and maps in place."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from gis.errors import Finding, InputError, one_line
from gis.words import Language, say
from maps.atlas import Atlas
from maps.labels import cell
from maps.report.blocks import Block, Heading, Kind, Paragraph, Picture, Report, Turn
from maps.report.charts import CHARTS, chart
from maps.report.fields import CONDITIONS, FIELDS, STREET_FIELDS, fields, holds, street_fields
from maps.report.streets import Street, streets_of
from maps.report.tables import STREET_TABLES, TABLES, Whole, street_table, table, whole_sheets
from maps.report.template import Choice, Each, Line, Node, Order, Vocabulary, fill, parse

MAPS = ("map_extent", "map_elders", "map_facilities", "map_today", "map_gap", "map_plan", "map_after", "map_near_term",
        "map_renewal", "map_housing", "map_street")  # fmt: skip
"""Maps a template may place; who draws the sheets gives them. `map_street` is asked for as `map_street/<code>`."""
LARGEST = 1_000_000
WORDS = Vocabulary(FIELDS, STREET_FIELDS, TABLES, STREET_TABLES, (*CHARTS, *MAPS), CONDITIONS)
_KINDS: dict[str, Kind] = {"-": "bullet", ">": "note", "": "body"}
_LEVELS = {"#": 1, "#*": 1, "##": 2, "###": 3}

Draw = Callable[[str], bytes | None]
"""Returns a map as PNG by its name, None where there is none: it is then left out."""


def compose(atlas: Atlas, template: Sequence[Node] | None = None, *, draw: Draw = lambda _: None) -> Report:
    """Return the report of an atlas, by the template of the house in the atlas's language where none is given."""
    nodes = house_template(atlas.language) if template is None else template
    values = fields(atlas)
    writer = _Writer(atlas, values, draw)
    lines = ("page.subtitle", "report.cover_day", "report.cover_documents", "page.internal", "annex.preliminary")
    return Report(
        title=cell(atlas.name),
        subtitle=say("report.title", atlas.language),
        cover=tuple(one_line(say(key, atlas.language, **_cover(values))) for key in lines),
        running=f"{cell(atlas.name)} · {say('report.title', atlas.language)} · {say('page.internal', atlas.language)}",
        blocks=tuple(_turned(writer.blocks(nodes))),
        language=atlas.language,
    )


def read_template(path: Path) -> tuple[Node, ...]:
    """Return a bureau's own template. Raises InputError with every fault, each with line and place."""
    try:
        if path.stat().st_size > LARGEST:
            raise InputError([Finding("TEMPLATE_BLOCK", "reject", path.name, f"{path.stat().st_size}")])
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError([Finding("FILE_MISSING", "reject", path.name)]) from None
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError([Finding("TEMPLATE_TEXT", "reject", path.name, type(fault).__name__)]) from None
    return parse(text, WORDS, file=path.name)


def template_text(language: Language) -> str:
    """Return the template of the house as it is written: what a bureau changes a copy of."""
    return files(__package__).joinpath(f"template_{language}.txt").read_text(encoding="utf-8")


@cache
def house_template(language: Language) -> tuple[Node, ...]:
    """Return the template of the house."""
    return parse(template_text(language), WORDS, file=f"template_{language}.txt")


def _cover(values: dict[str, str]) -> dict[str, str]:
    return {name: values[name] for name in ("day", "documents")}


def _turned(blocks: Iterator[Block]) -> Iterator[Block]:
    """Yield the blocks without turns that nothing stands behind: they would be empty pages."""
    across = False
    turn: Turn | None = None
    for block in blocks:
        if isinstance(block, Turn):
            turn = block
            continue
        if turn is not None and turn.across != across:
            yield turn
            across = turn.across
        turn = None
        yield block


class _Writer:
    """Turns a template into blocks; within a street its fields stand beside those of the whole."""

    def __init__(self, atlas: Atlas, values: dict[str, str], draw: Draw) -> None:
        self.atlas, self.values, self.draw = atlas, values, draw
        self.street: Street | None = None
        self.sheets: Whole | None = None

    def blocks(self, nodes: Sequence[Node]) -> Iterator[Block]:
        for node in nodes:
            match node:
                case Line():
                    text = fill(node.text, self.values)
                    level = _LEVELS.get(node.mark)
                    yield Heading(level, text, node.mark != "#*") if level else Paragraph(text, _KINDS[node.mark])
                case Order():
                    yield from self.placed(node)
                case Choice():
                    there = holds(node.condition, self.atlas, self.street)
                    yield from self.blocks(node.then if there else node.other)
                case Each():
                    yield from self.each(node)

    def each(self, node: Each) -> Iterator[Block]:
        before = self.values
        for street in streets_of(self.atlas):
            self.street, self.values = street, {**before, **street_fields(street, self.atlas)}
            yield from self.blocks(node.body)
        self.street, self.values = None, before

    def placed(self, order: Order) -> Iterator[Block]:
        if order.verb in ("across", "upright"):
            yield Turn(order.verb == "across")
        elif order.verb == "figure":
            yield from self.picture(order.name)
        elif order.name in STREET_TABLES and self.street is not None:
            self.sheets = self.sheets or whole_sheets(self.atlas)
            made = street_table(order.name, self.atlas, self.street, self.sheets)
            yield made if made.rows else Paragraph(self.nothing(made.caption))
        else:
            made = table(order.name, self.atlas)
            yield made if made.rows else Paragraph(self.nothing(made.caption))

    def picture(self, name: str) -> Iterator[Block]:
        code = f"/{self.street.code}" if name == "map_street" and self.street else ""
        png = chart(name, self.atlas) if name in CHARTS else self.draw(f"{name}{code}")
        if png:
            told = {"minutes": max(self.atlas.minutes), "street": self.values.get("street", "")}
            yield Picture(one_line(say(f"report.figure_{name}", self.atlas.language, **told)), png)

    def nothing(self, caption: str) -> str:
        return say("report.no_rows", self.atlas.language, caption=caption)

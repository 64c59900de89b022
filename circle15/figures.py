"""The drawings in the report: which theme stands where a template asks for a map, drawn ahead in several processes."""

import multiprocessing
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

from gis.words import say
from maps.atlas import Atlas
from maps.report.compose import Draw
from maps.report.template import Choice, Each, Node, Order
from maps.sheet.drawing import compose, streets_of
from maps.sheet.ground import Grounds
from maps.sheet.lettering import Chain, chain, drawable
from maps.sheet.picture import Picture, Writing

THEME_OF = {
    "map_extent": "extent",
    "map_elders": "density",
    "map_facilities": "facilities",
    "map_today": "coverage",
    "map_gap": "gaps",
    "map_plan": "layout",
    "map_after": "coverage_after",
    "map_near_term": "near_term",
    "map_renewal": "old_estates",
    "map_housing": "four_sync",
    "map_street": "street",
}
"""The theme that each map of a report's template is."""
OF_PLAN = ("map_plan", "map_after", "map_near_term")
DPI = 200
"""A sign of the smallest names is then thirteen dots high."""
MOST_STREETS = 8
"""Of more streets than this none is drawn in the report; `circle15 sheets` draws them all."""
FEW = 4
"""So few figures are printed before other processes are ready."""


def figures(atlas: Atlas, *, names: Collection[str], workers: int = 1) -> Draw:
    """Return what draws the maps of a report as PNG (160 x 112 mm, 200 dots an inch): None where there is none.

    All `names` that the template asks for are drawn at once, by as many processes as asked for (`map_street` once for
    each street, where they are not more than `MOST_STREETS`). A character that no font has is shown as `〓`.
    """
    asked = list(_asked(atlas, names))
    fonts = chain(atlas.imprint.fonts)
    grounds = Grounds()
    pictures = (
        compose(atlas, THEME_OF[name.partition("/")[0]], size="figure", street=name.partition("/")[2], grounds=grounds)
        for name in asked
    )
    jobs = [(picture, fonts) for picture in pictures]
    if workers > 1 and len(jobs) > FEW:
        fresh = multiprocessing.get_context("spawn")  # a copy of a process with running threads may stand still
        with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=fresh) as pool:
            done = dict(zip(asked, pool.map(_print, jobs), strict=True))
    else:
        done = dict(zip(asked, map(_print, jobs), strict=True))
    return done.get


def maps_in(nodes: Sequence[Node]) -> set[str]:
    """Return the maps that a template places anywhere."""
    found = set()
    for node in nodes:
        match node:
            case Order(verb="figure", name=name) if name in THEME_OF:
                found.add(name)
            case Choice():
                found |= maps_in((*node.then, *node.other))
            case Each():
                found |= maps_in(node.body)
    return found


def streets_left_out(atlas: Atlas) -> dict[str, str]:
    """Return as a note, label and text, that the streets are too many to be drawn in the report; else nothing."""
    number = len(streets_of(atlas))
    if number <= MOST_STREETS:
        return {}
    text = say("report.no_street_maps", atlas.language, n=number, most=MOST_STREETS)
    return {say("report.street_maps", atlas.language): text}


def _print(job: tuple[Picture, Chain]) -> bytes:
    from maps.sheet.press import printed  # noqa: PLC0415 - matplotlib loads slowly

    picture, fonts = job
    # One rare sign in a name must not cost the report: it is shown as the report's text shows it.
    items = tuple(replace(i, text=drawable(i.text, fonts)) if isinstance(i, Writing) else i for i in picture.items)
    return printed(replace(picture, items=items), "png", fonts=fonts, dpi=DPI)


def _asked(atlas: Atlas, names: Collection[str]) -> Iterator[str]:
    """Yield the maps there is something to draw on, `map_street` as `map_street/<code>` for each street."""
    planned = atlas.plan is not None and len(atlas.plan.sites) > 0
    there = {
        "map_facilities": len(atlas.facilities) > 0,
        "map_housing": len(atlas.housing) > 0,
        **dict.fromkeys(OF_PLAN, planned),
    }
    streets = streets_of(atlas)
    if not len(atlas.communities) or atlas.communities.geometry.isna().all():
        return
    for name in sorted(names):
        if name == "map_street":
            yield from (f"{name}/{code}" for code in streets if len(streets) <= MOST_STREETS)
        elif name in THEME_OF and there.get(name, True):
            yield name

"""The eleven themes of a layout plan's atlas of drawings, in the order of the set; the eighth is one sheet a street."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from maps.sheet.leaf import Content, Leaf
from maps.sheet.themes_checks import four_sync, old_estates
from maps.sheet.themes_coverage import coverage, coverage_after, gaps
from maps.sheet.themes_plan import layout_plan, near_term, one_street
from maps.sheet.themes_today import density, extent, facilities


@dataclass(frozen=True)
class Theme:
    """One theme: its number in the set, and what draws it."""

    number: int
    draw: Callable[[Leaf], Content]


THEMES: Mapping[str, Theme] = {
    "extent": Theme(1, extent),
    "density": Theme(2, density),
    "facilities": Theme(3, facilities),
    "coverage": Theme(4, coverage),
    "gaps": Theme(5, gaps),
    "layout": Theme(6, layout_plan),
    "coverage_after": Theme(7, coverage_after),
    "street": Theme(8, one_street),
    "near_term": Theme(9, near_term),
    "old_estates": Theme(10, old_estates),
    "four_sync": Theme(11, four_sync),
}

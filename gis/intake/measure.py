"""The units a Chinese office writes behind a number or a header, and what they are in the unit of a column."""

from collections.abc import Mapping
from fractions import Fraction

from gis.tables import Column

_ONE = Fraction(1)
_WAN = Fraction(10_000)
_MU_M2 = Fraction(2000, 3)
FACTORS: Mapping[str, Mapping[str, Fraction]] = {
    "m2": {
        **dict.fromkeys(("m2", "平方米", "平米", "平方"), _ONE),
        **dict.fromkeys(("万", "万m2", "万平方米", "万平米", "公顷", "ha", "hm2"), _WAN),
        **dict.fromkeys(("平方公里", "平方千米", "km2"), Fraction(1_000_000)),
        **dict.fromkeys(("亩", "市亩"), _MU_M2),
        "万亩": _WAN * _MU_M2,
    },
    "wan_yuan": {
        **dict.fromkeys(("万元", "万", "万人民币"), _ONE),
        **dict.fromkeys(("元", "元人民币", "人民币元"), 1 / _WAN),
        "千元": Fraction(1, 10),
        "百万元": Fraction(100),
        **dict.fromkeys(("亿元", "亿"), _WAN),
    },
    "yuan_m2": {
        **dict.fromkeys(("元", "元/m2", "元/平方米", "元/平米", "元每平方米"), _ONE),
        **dict.fromkeys(("万元/m2", "万元/平方米"), _WAN),
    },
    "count": {
        **dict.fromkeys(("人", "户", "张", "个", "床", "名", "位", "所", "处", "年", "张床", "个床位"), _ONE),
        **dict.fromkeys(("百人", "百户"), Fraction(100)),
        **dict.fromkeys(("千人", "千户", "千"), Fraction(1000)),
        **dict.fromkeys(("万", "万人", "万户", "万张"), _WAN),
        **dict.fromkeys(("亿", "亿人"), _WAN * _WAN),
    },
    "degree": dict.fromkeys(("度", "°", "deg"), _ONE),
    "m": {**dict.fromkeys(("米", "m"), _ONE), **dict.fromkeys(("公里", "千米", "km"), Fraction(1000))},
    "share": {"%": Fraction(1, 100), "‰": Fraction(1, 1000)},
    "foreign": dict.fromkeys(("坪", "ft2", "sqft", "平方英尺", "acre", "英亩", "美元", "港元", "港币", "新台币"), _ONE),
}
"""By dimension, each unit word (as `gis.intake.cells.plain` writes it) and how many of the column's unit it is."""
ALL_UNITS = frozenset(unit for units in FACTORS.values() for unit in units)


def dimension(column: Column) -> str:
    """Return what a column measures, read from its name: m2, wan_yuan, yuan_m2, degree, m, share, count, or nothing.

    >>> from gis.tables import FACILITIES, CANDIDATES
    >>> dimension(FACILITIES.column("land_m2")), dimension(CANDIDATES.column("unit_cost_yuan_m2"))
    ('m2', 'yuan_m2')
    """
    for ending, name in (("_yuan_m2", "yuan_m2"), ("_m2", "m2"), ("_wan", "wan_yuan")):
        if column.name.endswith(ending):
            return name
    if column.name in ("lon", "lat"):
        return "degree"
    if column.name in ("x", "y"):
        return "m"
    if "share" in column.name.split("_"):
        return "share"
    return "count" if column.content == "whole" or column.people else ""


def factor(column: Column, unit: str) -> Fraction | None:
    """Return how many of the column's own unit one `unit` is, or None where it is no unit of what the column measures.

    >>> from gis.tables import FACILITIES
    >>> factor(FACILITIES.column("land_m2"), "公顷"), factor(FACILITIES.column("land_m2"), "万元")
    (Fraction(10000, 1), None)
    """
    return FACTORS.get(dimension(column), {}).get(unit)

"""One cell: what a person wrote, turned into what a column holds, and the code of what had to be done to it.

Every reader returns `(value, code)`: the value is None where the cell says nothing usable, the code is empty where the
cell was read as it stands. Nothing is guessed without a code.
"""

import calendar
import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from gis.errors import Severity
from gis.intake.measure import factor
from gis.tables import FLAGS, Column, Content

Parsed = tuple[Any, str]
SEVERITY: Mapping[str, Severity] = {
    **dict.fromkeys(("CELL_FULLWIDTH", "CELL_THOUSANDS", "CELL_UNIT", "CELL_DATE", "CELL_DMS", "CODE_CELL"), "repair"),
    **dict.fromkeys(("CELL_APPROXIMATE", "CELL_NUMBER", "CELL_NOT_POSITIVE", "CELL_NOT_WHOLE", "CELL_ERROR"), "warn"),
    **dict.fromkeys(
        ("CELL_DATE_UNREAD", "CELL_DATE_ROUGH", "CELL_FLAG", "CELL_CHOICE", "CELL_UNLIKELY", "CELL_COST_UNLIKELY"),
        "warn",
    ),
    **dict.fromkeys(("CODE_NUMBER", "PEOPLE_NEGATIVE", "PEOPLE_NOT_WHOLE", "PEOPLE_MANY"), "reject"),
}
SAYS_NOTHING = frozenset(
    ("无", "-", "--", "—", "——", "/", "\\", "null", "none", "nan", "n/a", "na", "暂无", "不详", "未知")
)
_EXCEL_ERROR = re.compile(r"#(N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA|EMPTY!)")
_NUMBER = re.compile(
    r"(?P<more>约|大约|近|≈|~|≥|>=|>|≤|<=|<|不少于|不低于|不足|不超过|超过|大于|小于)?"
    r"(?P<number>[+-]?(?:\d{1,3}(?:[, \u00a0']\d{3})+|\d+)?(?:\.\d+)?(?:e[+-]?\d{1,3})?)"
    r"(?P<unit>(?:[^\d.].*?)??)(?P<about>左右|以上|以下|余|多|\+)?"
)
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]+)?")
_ABOUT = re.compile(r"(余|多|来)")
_DMS = re.compile(
    r"(?P<head>东经|西经|北纬|南纬|[东西南北ewns])?(?P<d>-?\d{1,3}(?:\.\d+)?)(?P<sign>[°度º:])?"
    r"(?(sign)(?:(?P<m>\d{1,2}(?:\.\d+)?)['′’分:])?(?:(?P<s>\d{1,2}(?:\.\d+)?)(?:[\"″”秒]|''|′′|’’)?)?)"
    r"(?P<tail>[东西南北ewns])?"
)
_YMD = re.compile(
    r"(?P<y>(?:19|20)\d{2})(?:[-/.年](?P<m>\d{1,2})(?:[-/.月](?P<d>\d{1,2})[日号]?|月?(?P<end>底|末)?前?)?|年)?"
    r"(?:[ t]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?z?)?"
)
_DIGITS = {sign: str(n) for n, sign in enumerate("〇一二三四五六七八九")} | {"○": "0", "零": "0"}
_CHINESE_DAY = re.compile(
    r"([〇○零一二三四五六七八九]{4})年(?:([一二三四五六七八九十]{1,2})月(?:([一二三四五六七八九十]{1,3})[日号])?)?"
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_LOST = re.compile(r"\d+\.0+|\d(?:\.\d+)?[eE]\+\d+|\d\.\d+[eE]\d+")
_EPOCH = dt.date(1899, 12, 30)
_SERIALS = range(14_611, 73_051)  # Excel's days from 1940 to 2099
_EXACT, _LARGEST = 2**53, 10**30
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_BLANKS = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace()) + "\u200b\ufeff"
_TEXT_MARK = re.compile(r"['‘’`](?=[\d.+-])")
"""What Excel writes before a number that is to stay text."""
_MOST_PEOPLE = 100_000_000
"""More than any province of one row of a table: a telephone or a code stands in the column of people."""
_ZERO_IS_BLANK = ("floor_area_m2", "max_floor_area_m2")
_LIKELY = {
    **dict.fromkeys(_ZERO_IS_BLANK, ("CELL_UNLIKELY", 5, 200_000)),
    "cost_wan": ("CELL_COST_UNLIKELY", 0, 100_000),
}
"""What a figure may be where nobody named its unit: another is used as written, and told."""


def plain(text: object) -> str:
    """Return a word as it is compared: full width made half, lower case, no spaces, nothing that cannot be seen.

    >>> plain(" 建筑面积（㎡） ")
    '建筑面积(m2)'
    """
    words = str(text)
    return "".join((words if words.isascii() else _half_width(words)).lower().split())


def _half_width(text: str) -> str:
    """Return a text with its full-width signs made half and without signs of no width."""
    return unicodedata.normalize("NFKC", text).translate(_UNSEEN)


def blank(cell: object) -> bool:
    """Return whether a cell is empty: nothing, white space, or a database's missing number."""
    if isinstance(cell, str):
        return not cell.strip() or (ord(cell[0]) in _UNSEEN and not plain(cell))
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def shown(cell: object) -> str:
    """Return a cell for a message: short, quoted where it is text."""
    text = cell.isoformat() if isinstance(cell, dt.date) else f"{cell:.10g}" if isinstance(cell, float) else str(cell)
    text = text if len(text) <= 40 else text[:39] + "…"  # noqa: PLR2004 what a line can bear
    return f"“{text}”" if isinstance(cell, str) else text


def read_cell(cell: object, column: Column, unit: Fraction) -> Parsed:
    """Return what a cell holds for its column; `unit` is the factor its header asks for."""
    if blank(cell):
        return None, ""
    if isinstance(cell, str) and "#" in cell and _EXCEL_ERROR.fullmatch(cell.strip()):
        return None, "CELL_ERROR"
    return _READERS[column.content](cell, column, unit)


def read_text(cell: object) -> str:
    """Return a cell as text; a number that a sheet made of a name loses its made-up decimals."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell).strip(_BLANKS)


def read_code(cell: object) -> Parsed:
    """Return an identifier as text; one that was turned into a number is said (CODE_CELL) or refused (CODE_NUMBER).

    >>> read_code("051010400"), read_code("5.101E+11"), read_code(410611001001)
    (('051010400', ''), ('5.101E+11', 'CODE_NUMBER'), ('410611001001', 'CODE_CELL'))
    """
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if isinstance(cell, float) and not cell.is_integer():
            return str(cell), "CODE_NUMBER"
        text = str(int(cell))
        rounded = abs(cell) >= _EXACT or (len(text) > 9 and text.endswith("000000"))  # noqa: PLR2004
        return text, "CODE_NUMBER" if rounded else "CODE_CELL"
    raw = read_text(cell)
    text = _half_width(raw).removeprefix("=").strip("'\" ")
    if plain(text) in SAYS_NOTHING:
        return None, ""
    if _LOST.fullmatch(text):
        return raw, "CODE_NUMBER"
    return text, "" if text == raw else "CODE_CELL"


def read_number(cell: object, column: Column, unit: Fraction = Fraction(1)) -> Parsed:
    """Return a number in the column's unit, exact where the cell is; a unit in the cell overrules the header's.

    >>> from gis.tables import FACILITIES
    >>> area = FACILITIES.column("floor_area_m2")
    >>> read_number("３５０．５", area), read_number("1.2万", area), read_number("约50", area), read_number("无", area)
    ((350.5, 'CELL_FULLWIDTH'), (12000.0, 'CELL_UNIT'), (50.0, 'CELL_APPROXIMATE'), (None, 'CELL_NUMBER'))
    """
    code = ""
    if isinstance(cell, (bool, dt.date, dt.time)):
        return None, "CELL_NUMBER"
    if unit == 1 and isinstance(cell, str) and _PLAIN_NUMBER.fullmatch(cell):
        return float(cell), ""
    if isinstance(cell, (int, float)):
        value = Fraction(str(cell)) * unit if math.isfinite(cell) else None
    else:
        text = _TEXT_MARK.sub("", _half_width(str(cell)).strip().replace("−", "-").lower(), count=1)
        value, code = _number_text(text, column, unit)
        if not code and text != str(cell).strip().replace("−", "-").lower():
            code = "CELL_FULLWIDTH"
    if value is None or abs(value) > _LARGEST:
        return None, "CELL_NUMBER"
    return float(value), code


def _number_text(text: str, column: Column, unit: Fraction) -> tuple[Fraction | None, str]:
    """Read a number with its thousands marks, its words of doubt and its unit."""
    match = _NUMBER.fullmatch(text)
    if not match or not re.search(r"\d", match["number"]):
        return None, ""
    ending = "".join(match["unit"].split())
    about = bool(match["more"] or match["about"] or _ABOUT.match(ending))
    ending = _ABOUT.sub("", ending, count=1) if about else ending
    own = factor(column, ending) if ending else unit
    if own is None:
        return None, ""
    digits = re.sub(r"[, \u00a0']", "", match["number"])
    marks = digits != match["number"]
    code = "CELL_APPROXIMATE" if about else "CELL_UNIT" if ending else "CELL_THOUSANDS" if marks else ""
    return Fraction(digits) * own, code


def read_measure(cell: object, column: Column, unit: Fraction) -> Parsed:
    """Return a number that measures something: below zero it is refused of people and left out of all else."""
    value, code = read_number(cell, column, unit)
    if value is None:
        return None, code
    if value < 0 or (value == 0 and column.name in _ZERO_IS_BLANK):
        return None, "PEOPLE_NEGATIVE" if column.people else "CELL_NOT_POSITIVE"
    if column.people and value > _MOST_PEOPLE:
        return None, "PEOPLE_MANY"
    if column.content == "whole":
        if not value.is_integer() or value > _EXACT:
            return None, "PEOPLE_NOT_WHOLE" if column.people else "CELL_NOT_WHOLE"
        return int(value), code
    doubt, least, most = _LIKELY.get(column.name, ("", -math.inf, math.inf))
    return value, doubt if unit == 1 and not code and not least <= value <= most else code  # nobody named a unit


def read_degrees(cell: object, column: Column) -> Parsed:
    """Return degrees, written as a decimal or as degrees, minutes and seconds.

    >>> from gis.tables import FACILITIES
    >>> read_degrees("104°03′36″E", FACILITIES.column("lon"))
    (104.06, 'CELL_DMS')
    """
    if isinstance(cell, str) and _PLAIN_NUMBER.fullmatch(cell):
        return float(cell), ""
    match = _DMS.fullmatch(plain(cell)) if isinstance(cell, str) else None
    if match is None or not (match["head"] or match["sign"] or match["tail"]):
        return read_number(cell, column)
    degrees, minutes, seconds = (float(match[part] or 0) for part in "dms")
    if minutes >= 60 or seconds >= 60:  # noqa: PLR2004 the clock of an angle
        return None, "CELL_NUMBER"
    size = round(abs(degrees) + minutes / 60 + seconds / 3600, 12)
    west_or_south = str(match["d"]).startswith("-") or (match["head"] or match["tail"] or "e")[0] in "西南ws"
    return (-size if west_or_south else size), "CELL_DMS"


def read_date(cell: object) -> Parsed:
    """Return a day. A month or a year alone stands for its last day and is said (CELL_DATE_ROUGH).

    >>> read_date("2020年7月1日"), read_date("2020年5月底前")
    ((datetime.date(2020, 7, 1), 'CELL_DATE'), (datetime.date(2020, 5, 31), 'CELL_DATE'))
    >>> read_date("二〇二〇年十二月三十一日"), read_date("二〇二〇年十月")
    ((datetime.date(2020, 12, 31), 'CELL_DATE'), (datetime.date(2020, 10, 31), 'CELL_DATE_ROUGH'))
    """
    if isinstance(cell, dt.date):
        return (cell.date() if isinstance(cell, dt.datetime) else cell), ""
    text = _TEXT_MARK.sub("", _half_width(read_text(cell)).lower(), count=1)
    if re.fullmatch(r"\d{5}", text) and int(text) in _SERIALS:
        return _EPOCH + dt.timedelta(days=int(text)), "CELL_DATE"
    text = re.sub(r"((?:19|20)\d\d)(\d\d)(\d\d)", r"\1-\2-\3", _in_digits(text))
    match = _YMD.fullmatch(text) or _YMD.fullmatch(plain(text))
    if match is None:
        return None, "" if plain(text) in SAYS_NOTHING else "CELL_DATE_UNREAD"
    year, month = int(match["y"]), int(match["m"] or 12)
    last = calendar.monthrange(year, month)[1] if 1 <= month <= 12 else 0  # noqa: PLR2004 the months of a year
    day = int(match["d"] or last)
    if not 1 <= day <= last:
        return None, "CELL_DATE_UNREAD"
    if not match["d"]:
        return dt.date(year, month, day), "CELL_DATE" if match["end"] else "CELL_DATE_ROUGH"
    return dt.date(year, month, day), "" if _ISO.match(read_text(cell)) else "CELL_DATE"


def _in_digits(text: str) -> str:
    """Write a day that stands in Chinese numerals in digits: 二〇二〇年十二月三十一日."""
    match = _CHINESE_DAY.fullmatch("".join(text.split()))
    if match is None:
        return text
    year, *rest = match.groups()
    return "-".join(["".join(_DIGITS[sign] for sign in year), *(f"{_below_100(part)}" for part in rest if part)])


def _below_100(numeral: str) -> int:
    """Read 二十一 as 21; 十 alone counts as one ten."""
    tens, ten, ones = numeral.rpartition("十")
    return 10 * int(_DIGITS.get(tens, "1") if ten else 0) + int(_DIGITS.get(ones, "0"))


def read_choice(cell: object, choices: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return the English key of a word of a list, or None where the list does not know it."""
    word = plain(read_text(cell))
    return next((key for key, words in choices.items() if word == key or word in map(plain, words)), None)


def _choice(cell: object, column: Column, _: Fraction) -> Parsed:
    key = read_choice(cell, column.choices or {})
    return key, "" if key else "CELL_CHOICE"


def _flag(cell: object, _column: Column, _unit: Fraction) -> Parsed:
    if plain(read_text(cell)) in SAYS_NOTHING - {"无"}:
        return None, ""
    word = read_choice(str(int(cell)) if isinstance(cell, (bool, int, float)) else cell, FLAGS)
    return (word == "true", "") if word else (None, "CELL_FLAG")


def _list(cell: object, column: Column, _: Fraction) -> Parsed:
    said = {plain(word) for words in (column.choices or {}).values() for word in words}  # 无 may be one of them
    nothing = SAYS_NOTHING - said
    words = [word for word in re.split(r"[、,，;；/|\s]+", read_text(cell)) if word and plain(word) not in nothing]
    if column.choices is None:
        return tuple(words), ""
    keys = [read_choice(word, column.choices) for word in words]
    return tuple(dict.fromkeys(key for key in keys if key)), "" if all(keys) else "CELL_CHOICE"


_READERS: Mapping[Content, Callable[[object, Column, Fraction], Parsed]] = {
    "code": lambda cell, _column, _unit: read_code(cell),
    "text": lambda cell, _column, _unit: (read_text(cell) or None, ""),
    "whole": read_measure,
    "number": read_measure,
    "date": lambda cell, _column, _unit: read_date(cell),
    "flag": _flag,
    "choice": _choice,
    "list": _list,
}

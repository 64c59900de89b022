"""Rows of persons do not come in: names of elders, identity and mobile numbers. Where they stand is said, not what.

An identity number of 18 digits ends in a check digit (GB 11643-1999: weights 2^(17-i) modulo 11).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from gis.errors import Finding
from gis.intake.cells import blank, plain, read_text
from gis.intake.headers import Header
from gis.intake.rows import numbers
from gis.intake.sheets import Row

_IDENTITY = re.compile(
    r"(?<![0-9a-z])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9x](?![0-9a-z])"
)
_MOBILE = re.compile(r"(\+?86-?)?1[3-9][0-9]-?[0-9]{4}-?[0-9]{4}")
_OF_ELDERS = "老人|老年人|高龄老人|失能老人|空巢老人|独居老人|居民|户主|服务对象|补贴对象|享受对象"
_NAME_OF_ELDER = re.compile(rf"({_OF_ELDERS})的?(姓名|名字)")
_NAME = re.compile(
    rf"(({_OF_ELDERS}|本人|人员|个人)的?)?(姓名|名字)|户主|性别|年龄|出生(日期|年月|时间)|(身份证|公民身份|证件)(号|号码)?"
)
"""In a table of people: the heading of what a person has, never a building or a community."""
_CHECK = "10x98765432"
_SHORTEST, _LONGEST = 11, 64
"""Signs of the shortest number that names a person; of a longer cell, which is a remark, the beginning is looked at."""


def person_level(rows: Sequence[Row], header: Header, place: str, *, of_people: bool) -> list[Finding]:
    """Return a rejection for each column of identity numbers or names of elders; `of_people`: also of mobile numbers.

    One number with its right check digit is enough; without, it takes two and half of a column. An operator's name or
    telephone beside a facility is no person's row; its column is not read. What was found is not repeated.
    """
    return [*_named(rows, header, place, of_people=of_people), *_numbered(rows, header, place, of_people=of_people)]


def has_check_digit(number: str) -> bool:
    """Return whether an identity number of 18 digits ends in its check digit.

    >>> has_check_digit("11010519491231002X"), has_check_digit("110105194912310021")
    (True, False)
    """
    weighed = sum(int(digit) << (17 - i) for i, digit in enumerate(number[:17]))
    return _CHECK[weighed % 11] == number[17].lower()


def _named(rows: Sequence[Row], header: Header, place: str, *, of_people: bool) -> Iterator[Finding]:
    names = _NAME if of_people else _NAME_OF_ELDER
    for heading in header.headings:
        if names.fullmatch(plain(heading)):
            first = rows[0].number if rows else header.last_row
            yield Finding("PERSON_ROWS", "reject", f"{place}:{first}/{heading}", "", len(rows))


def _numbered(rows: Sequence[Row], header: Header, place: str, *, of_people: bool) -> Iterator[Finding]:
    for index, column in enumerate(zip_longest(*(row.cells for row in rows))):
        texts = [(row.number, _read(cell)) for row, cell in zip(rows, column, strict=True) if _may_name(cell)]
        seen = [(number, _IDENTITY.findall(text)) for number, text in texts if len(text) > 17]  # noqa: PLR2004 of 18
        alike = [number for number, found in seen if found]
        sure = [number for number, found in seen if any(map(has_check_digit, found))]
        mobile = [number for number, text in texts if _MOBILE.fullmatch(text)] if of_people else []
        many = alike if len(alike) > 1 else mobile
        hits = alike if sure else many if many and 2 * len(many) >= sum(not blank(cell) for cell in column) else []
        if hits:
            field = next((f.heading for f in header.fields if f.index == index), str(index + 1))
            yield Finding("PERSON_ROWS", "reject", f"{place}:{hits[0]}/{field}", numbers(hits), len(hits))


def _may_name(cell: object) -> bool:
    """Return whether a cell could hold a number that names a person: most are too short, or have decimals."""
    if isinstance(cell, str):
        return len(cell) >= _SHORTEST
    return isinstance(cell, int) or (isinstance(cell, float) and cell.is_integer())


def _read(cell: object) -> str:
    return plain(read_text(cell)[:_LONGEST])

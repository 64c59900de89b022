"""The profile's choices: what a document leaves open and somebody has to settle, each by name and with a default."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import Literal

from gis.errors import Finding, refuse
from gis.tables import FACILITY_KINDS, OPERATOR_TYPES, STATUSES

Value = int | Fraction | str | tuple[str, ...]
Content = Literal["share", "whole", "number", "days", "m2", "one_of", "kinds", "statuses", "operator_types"]
VOCABULARY: Mapping[str, frozenset[str]] = {
    "kinds": frozenset(FACILITY_KINDS),
    "statuses": frozenset(STATUSES),
    "operator_types": frozenset(OPERATOR_TYPES),
}
PERCENT = 100


@dataclass(frozen=True)
class Open:
    """One thing a document leaves open: what kind of answer it takes, which are allowed, and the default."""

    content: Content
    default: Value
    allowed: tuple[str, ...] = ()


STANDARD: Mapping[str, Open] = {
    "boundary_reading": Open("one_of", "report_both", ("report_both", "inclusive", "strict")),
    "points_that_pass": Open("one_of", "full", ("full", "some")),
    "zone_reading": Open("one_of", "own_unit", ("own_unit", "within_county")),
}
"""Choices every policy has: what a value exactly on an open limit means, which points are called PASS, and whether the
communities of a functional zone count for the zone alone or for their county."""


def as_share(value: object) -> Fraction:
    """Return a share given as "60%" or as a whole number of percent. Raises ValueError where it is neither.

    A bare 0.6 could mean 60 % or 0.6 %, so it is refused.

    >>> as_share("89.96%"), as_share(60)
    (Fraction(2249, 2500), Fraction(3, 5))
    """
    if isinstance(value, Fraction):
        percent = value * PERCENT
    elif isinstance(value, str) and value.strip().endswith("%"):
        percent = Fraction(value.strip()[:-1])
    elif isinstance(value, int) and not isinstance(value, bool):
        percent = Fraction(value)
    else:
        raise ValueError("not a percentage")
    if not 0 <= percent <= PERCENT:
        raise ValueError("not from 0% to 100%")
    return percent / PERCENT


def as_number(value: object) -> int | Fraction:
    """Return a limit: a whole number, an exact decimal or a percentage text. Raises ValueError or TypeError otherwise.

    >>> as_number(3), as_number("60%")
    (3, Fraction(3, 5))
    """
    if isinstance(value, str):
        return as_share(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal | Fraction):
        raise TypeError("not a number")
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else exact


def as_exact(value: object) -> int | Fraction:
    """Return a number that is not negative in its exact form. Raises ValueError where it is no such number.

    >>> as_exact("0.1"), as_exact(350)
    (Fraction(1, 10), 350)
    """
    try:
        # A profile may hold a plain decimal: what was written is what is meant, digit for digit.
        exact = Fraction(str(value)) if isinstance(value, str | float) else Fraction(as_number(value))
    except (TypeError, ValueError):
        raise ValueError("not an exact number") from None
    if exact < 0:
        raise ValueError("below 0")
    return exact.numerator if exact.denominator == 1 else exact


def as_words(value: object, content: str) -> tuple[str, ...]:
    """Return a list of kinds, statuses or operator types. Raises ValueError where a word is not in the vocabulary."""
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("not a list of words")
    unknown = [w for w in value if w not in VOCABULARY[content]]
    if unknown:
        raise ValueError(f"unknown: {', '.join(map(str, unknown))}")
    return tuple(dict.fromkeys(value))


def checked(choice: Open, value: object) -> Value:
    """Return the value of a choice in its exact form. Raises ValueError where it is not allowed."""
    match choice.content:
        case "share":
            return as_share(value)
        case "whole":
            if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
                raise ValueError("not a positive whole number")
            return value
        case "days":
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ValueError("not a whole number of days")
            return value
        case "number" | "m2":
            return as_exact(value)
        case "one_of":
            if value not in choice.allowed:
                raise ValueError(f"not one of {', '.join(choice.allowed)}")
            return str(value)
        case words:
            return as_words(value, words)


def settled(offered: Mapping[str, Open], given: Mapping[str, object], *, place: str) -> dict[str, Value]:
    """Return every choice with its value: the given one or the default.

    Raises InputError (CHOICE_UNKNOWN, CHOICE_VALUE) with all faults where a name or a value is not allowed.
    """
    findings: list[Finding] = []
    values: dict[str, Value] = {name: choice.default for name, choice in offered.items()}
    for name, value in given.items():
        if name not in offered:
            findings.append(Finding("CHOICE_UNKNOWN", "reject", f"{place}/{name}", near(name, offered)))
            continue
        try:
            values[name] = checked(offered[name], value)
        except (ValueError, TypeError) as fault:
            findings.append(Finding("CHOICE_VALUE", "reject", f"{place}/{name}", f"{value} ({fault})"))
    refuse(findings)
    return values


def near(word: object, known: Mapping[str, object] | frozenset[str] | list[str]) -> str:
    """Return a word with the known word nearest to it, if one is near.

    >>> near("levl", ["level", "clause"])
    'levl (~ level)'
    """
    close = get_close_matches(str(word), list(known), n=1)
    return f"{word} (~ {close[0]})" if close else str(word)


def shown(name: str, value: Value, content: Content = "share") -> str:
    """Return a choice as one text, `name = value`.

    >>> shown("circle_threshold", Fraction(9, 10)), shown("least_m2", Fraction(41, 2), "m2")
    ('circle_threshold = 90%', 'least_m2 = 20.5')
    """
    if isinstance(value, Fraction):
        return f"{name} = {percent_text(value) if content == 'share' else float(value)}"
    return f"{name} = {', '.join(value) if isinstance(value, tuple) else value}"


def percent_text(value: int | Fraction) -> str:
    """Return a share as a percentage with at most two places, cut and never rounded up: 89.999 % is not 90 %.

    >>> percent_text(Fraction(89999, 100000)), percent_text(Fraction(9, 10))
    ('89.99%', '90%')
    """
    hundredths = Fraction(value) * PERCENT * PERCENT // 1
    return f"{hundredths // PERCENT}.{hundredths % PERCENT:02d}".rstrip("0").rstrip(".") + "%"

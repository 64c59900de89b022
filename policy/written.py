"""How values are written in a pack: exact numbers, shares, words of a vocabulary, and `$name` for a choice."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator
from pydantic_core import PydanticCustomError

from policy.choices import Value, as_number, as_share, as_words


def fault(code: str, found: object) -> PydanticCustomError:
    """Return the fault of a pack that the reader turns into one line of the catalogue."""
    return PydanticCustomError("PACK", "{code}: {found}", {"code": code, "found": str(found)})


def is_choice(value: object) -> bool:
    """Return whether a value names a choice (`$name`) instead of standing for itself."""
    return isinstance(value, str) and value.startswith("$")


def read(parse: Callable[[Any], object]) -> PlainValidator:
    """Return the check of a value that may also be a choice: `parse` reads it, its refusal is a fault of the pack."""

    def checked(value: object) -> object:
        if is_choice(value):
            return value
        try:
            return parse(value)
        except (ValueError, TypeError) as wrong:
            raise fault("PACK_VALUE", f"{value} ({wrong})") from None

    return PlainValidator(checked)


def _figure(value: object) -> int | Fraction:
    try:
        return as_number(value)
    except (ValueError, TypeError) as wrong:
        raise fault("PACK_VALUE", f"{value} ({wrong})") from None


Figure = Annotated[int | Fraction, PlainValidator(_figure)]
"""A figure the document gives: a whole number, an exact decimal or a percentage; never a choice."""
Number = Annotated[int | Fraction | str, read(as_number)]
Share = Annotated[Fraction | str, read(as_share)]
Kinds = Annotated[tuple[str, ...] | str, read(lambda value: as_words(value, "kinds"))]
Statuses = Annotated[tuple[str, ...] | str, read(lambda value: as_words(value, "statuses"))]
Operators = Annotated[tuple[str, ...] | str, read(lambda value: as_words(value, "operator_types"))]


class Record(BaseModel):
    """A part of a pack: its keys are fixed, and it never changes once read."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(Record):
    """A text in both languages."""

    zh: str
    en: str

    @property
    def pair(self) -> tuple[str, str]:
        """The text as a verdict holds it."""
        return self.zh, self.en


def fill(value: Any, values: Mapping[str, Value]) -> Any:
    """Return a value of a pack, or the choice it names."""
    return values[value[1:]] if is_choice(value) else value

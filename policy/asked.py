"""What a rule asks to be measured: an indicator of the vocabulary and its arguments, as a pack writes them."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, PlainValidator, model_validator

from policy.choices import near
from policy.indicators import ARGUMENTS
from policy.written import Kinds, Operators, Record, Share, Statuses, fault


def _indicator(value: object) -> object:
    if value not in ARGUMENTS:
        raise fault("PACK_INDICATOR", near(value, list(ARGUMENTS)))
    return value


class MeasureText(Record):
    """An indicator and its arguments."""

    indicator: Annotated[str, PlainValidator(_indicator)]
    kinds: Kinds | None = None
    statuses: Statuses | None = None
    operator_types: Operators | None = None
    dated_by: Literal["opened", "built"] | None = None
    since: date | None = None
    minutes: Annotated[int | str, Field(union_mode="left_to_right")] | None = None
    reached: Share | None = None

    @model_validator(mode="after")
    def _arguments(self) -> Self:
        takes, given = ARGUMENTS[self.indicator], self.model_fields_set - {"indicator"}
        if given - takes:
            raise fault("PACK_ARGUMENT", f"{self.indicator}: {', '.join(sorted(given - takes))}")
        absent = takes - {"dated_by", "since"} - given
        if absent:
            raise fault("PACK_REQUIRED", f"{self.indicator}: {', '.join(sorted(absent))}")
        return self

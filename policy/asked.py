"""What a rule asks to be measured: an indicator of the vocabulary and its arguments, as a pack writes them."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, PlainValidator, model_validator

from gis.tables import COMMUNITIES, FACILITIES, FACILITY_LEVELS
from policy.choices import near
from policy.four_sync_text import Stage
from policy.indicators import ARGUMENTS, NEEDED
from policy.written import Kinds, Number, Operators, Record, Share, Statuses, fault

Whole = Annotated[int | str, Field(union_mode="left_to_right")]
Words = Annotated[tuple[str, ...], PlainValidator(lambda value: (value,) if isinstance(value, str) else tuple(value))]
"""A list of words; a single word may stand alone."""
_COLUMNS = {table.name: frozenset(c.name for c in table.columns) for table in (COMMUNITIES, FACILITIES)}
_OF_FACILITIES = frozenset({"facilities_flagged", "dates_by", "bed_share"})


def _indicator(value: object) -> object:
    if value not in ARGUMENTS:
        raise fault("PACK_INDICATOR", near(value, list(ARGUMENTS)))
    return value


class Concerned(Record):
    """Which facilities a person is asked about, one by one."""

    kinds: Kinds
    statuses: Statuses
    having: Words = ()

    @model_validator(mode="after")
    def _columns_there(self) -> Self:
        """Refuse a column the table does not have."""
        for column in self.having:
            if column not in _COLUMNS["facilities"]:
                raise fault("PACK_VALUE", near(column, _COLUMNS["facilities"]))
        return self


class MeasureText(Record):
    """An indicator and its arguments; which takes which stands in `policy.indicators`."""

    indicator: Annotated[str, PlainValidator(_indicator)]
    kinds: Kinds | None = None
    statuses: Statuses | None = None
    operator_types: Operators | None = None
    dated_by: Literal["opened", "built"] | None = None
    since: date | None = None
    in_year: int | None = None
    improved: bool | None = None
    least_m2: Number | None = None
    least_day_care_m2: Number | None = None
    facility_level: str | None = None
    having: Words | None = None
    minutes: Whole | None = None
    walk_kinds: Kinds | None = None
    walk_statuses: Statuses | None = None
    reached: Share | None = None
    services: Words | None = None
    column: str | None = None
    columns: Words | None = None
    value: Words | None = None
    or_stated: str | None = None
    least_point_m2: Number | None = None
    neighbour_centre_minutes: Whole | None = None
    of: Literal["beds_care", "beds_disabled"] | None = None
    conditional_only: bool | None = None
    main_urban_only: bool | None = None
    exact_sizes: bool | None = None
    without_date: str | None = None
    name: str | None = None
    other: str | None = None
    names: Words | None = None
    part: str | None = None
    whole: str | None = None
    year: int | None = None
    highest_first: bool | None = None
    of_units: bool | None = None
    units: int | None = None
    benefit: str | None = None
    stage: Stage | None = None

    @model_validator(mode="after")
    def _arguments(self) -> Self:
        takes, given = ARGUMENTS[self.indicator], self.model_fields_set - {"indicator"}
        if given - takes:
            raise fault("PACK_ARGUMENT", f"{self.indicator}: {', '.join(sorted(given - takes))}")
        absent = NEEDED[self.indicator] - given
        if absent:
            raise fault("PACK_REQUIRED", f"{self.indicator}: {', '.join(sorted(absent))}")
        return self

    @model_validator(mode="after")
    def _columns_there(self) -> Self:
        """Refuse a column the table does not have: it would be unknown for ever."""
        known = _COLUMNS["facilities" if self.indicator in _OF_FACILITIES or self.having else "communities"]
        for column in filter(None, (self.column, self.or_stated, *(self.columns or ()), *(self.having or ()))):
            if column not in known:
                raise fault("PACK_VALUE", near(column, known))
        if self.facility_level is not None and self.facility_level not in FACILITY_LEVELS:
            raise fault("PACK_VALUE", near(self.facility_level, list(FACILITY_LEVELS)))
        return self

"""Limits and bands as a pack writes them: the ends of a stretch of values, and the points it earns."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from policy.bands import Interval
from policy.choices import Value
from policy.written import Number, Record, Words, fault, fill


class Limits(Record):
    """The ends of a stretch: 不少于/以上 `at_least`, 超过/高于 `above`, 不超过 `at_most`, 低于/不满 `below`."""

    at_least: Number | None = None
    above: Number | None = None
    at_most: Number | None = None
    below: Number | None = None

    @model_validator(mode="after")
    def _ends(self) -> Self:
        low, high = (self.at_least, self.above), (self.at_most, self.below)
        if None not in low or None not in high or {*low, *high} == {None}:
            raise fault("PACK_TEST", "at_least, above, at_most, below")
        return self

    def span(self, values: Mapping[str, Value]) -> Interval:
        """Return the stretch with its choices filled in. Raises ValueError where it is empty."""
        low = fill(self.above if self.at_least is None else self.at_least, values)
        high = fill(self.below if self.at_most is None else self.at_most, values)
        span = Interval(low, self.at_least is not None, high, self.at_most is not None)
        if low is not None and high is not None and not (low < high or (low == high and span.low_in and span.high_in)):
            raise ValueError("a stretch of values is empty")
        return span


class PointBand(Limits):
    """A stretch of values and the points it earns."""

    points: int = Field(ge=0)


class Gap(Limits):
    """A stretch of values the text leaves out, the points that might be given there, and why these."""

    points: tuple[int, ...] = Field(min_length=1)
    reason: Words | None = None

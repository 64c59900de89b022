"""What a rule is about: the levels units are judged at, and the kind of place."""

from typing import Literal

Level = Literal["community", "street", "county", "city", "zone", "facility", "project"]
Where = Literal["any", "urban", "rural"]
DIVISIONS: tuple[Level, ...] = ("community", "street", "county")
"""The administrative levels below the city, finest first."""

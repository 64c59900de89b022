"""The evidence a policy is judged on: the units, their facilities and how many elders are within the walk."""

from dataclasses import dataclass, field

import pandas as pd

COMMUNITY_COLUMNS = ("name", "urban", "street_level", "street_id", "street", "county_id", "county")
FACILITY_COLUMNS = (
    "name",
    "kind",
    "status",
    "opened",
    "community_id",
    "street_id",
    "county_id",
    "community_declared",
    "community_by_position",
    "urban",
)
COVERAGE_COLUMNS = ("level", "unit_id", "name", "elders", "elders_unknown")
_OPTIONAL = {
    "figures": ("figure", "value"),
    "answers": ("rule_id",),
    "people_groups": ("community_id", "people"),
    "housing": ("name",),
}


@dataclass(frozen=True)
class Evidence:
    """What is known of one city on the day it is judged; the frames are read, never changed.

    - `communities`: one row a community or village, indexed by `community_id` (12-digit text): the columns of
      `gis.tables.COMMUNITIES`, `urban` (True for a community, False for a village, may be missing) and `street_level`
      (`street` or `town`). Streets and counties are read off `street_id`/`street` and `county_id`/`county`.
    - `facilities`: indexed by `facility_id`: the columns of `gis.tables.FACILITIES` with `community_id`, `street_id`
      and `county_id` resolved, `community_declared`, `community_by_position` and `urban`.
    - `coverage`: one row a unit: `level` (community, street, county, urban, rural, city), `unit_id` (the level itself
      for urban, rural and city), `name`, `residents`, `elders`, `elders_unknown` (elders whose walk is not known, part
      of `elders`) and `elders_covered_5` ... one column for each of `minutes`, in whole people.
    - `minutes`: the walks that were computed.
    - `centre_coverage`: as `coverage`, by comprehensive centres alone (street centres and county complexes).
    - `figures`, `answers`, `people_groups`, `housing`: the tables of that name in `gis.tables`, each indexed by its
      identifier; `housing` may have `community_id`, `street_id`, `county_id`.

    The last five may be empty: what they would tell is then not known. Raises ValueError where a column is absent, an
    index is not unique or the people do not add up.
    """

    communities: pd.DataFrame
    facilities: pd.DataFrame
    coverage: pd.DataFrame
    minutes: tuple[int, ...]
    centre_coverage: pd.DataFrame = field(default_factory=pd.DataFrame)
    figures: pd.DataFrame = field(default_factory=pd.DataFrame)
    answers: pd.DataFrame = field(default_factory=pd.DataFrame)
    people_groups: pd.DataFrame = field(default_factory=pd.DataFrame)
    housing: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __post_init__(self) -> None:
        """Refuse frames no verdict could be trusted on."""
        walks = tuple(f"elders_covered_{m}" for m in self.minutes)
        _require(self.communities, "communities", COMMUNITY_COLUMNS)
        _require(self.facilities, "facilities", FACILITY_COLUMNS)
        _require(self.coverage, "coverage", COVERAGE_COLUMNS + walks)
        for table, columns in _OPTIONAL.items():
            frame = getattr(self, table)
            if len(frame):
                _require(frame, table, columns)
        _check_people(self.coverage, walks, "coverage")
        if len(self.centre_coverage):
            _require(self.centre_coverage, "centre_coverage", COVERAGE_COLUMNS + walks)
            _check_people(self.centre_coverage, walks, "centre_coverage")


def _check_people(frame: pd.DataFrame, walks: tuple[str, ...], table: str) -> None:
    """Refuse people that do not add up."""
    if frame.duplicated(["level", "unit_id"]).any():
        raise ValueError(f"{table}: a unit is given twice")
    people = frame[["elders", "elders_unknown", *walks]].apply(pd.to_numeric)
    for walk in walks:
        if (people[walk] + people["elders_unknown"].fillna(0) > people["elders"]).any():
            raise ValueError(f"{table}: {walk} and elders_unknown exceed elders")
    if (people < 0).any(axis=None):
        raise ValueError(f"{table}: a count of people is negative")


def _require(frame: pd.DataFrame, table: str, columns: tuple[str, ...]) -> None:
    absent = [c for c in columns if c not in frame.columns]
    if absent:
        raise ValueError(f"{table}: column {', '.join(absent)} is absent")
    if not table.endswith("coverage") and not frame.index.is_unique:
        raise ValueError(f"{table}: an identifier is given twice")

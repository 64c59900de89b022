"""The atlas: everything there is to show of one project, drawn by the page, the annex and the GeoPackage."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd

from gis.errors import Finding
from gis.ledger import Ledger
from gis.words import Language
from maps.council import Council
from maps.shown_units import shown_units
from maps.shown_verdicts import Places, hidden_places
from optimise.plan import Plan
from policy.changes import Change
from policy.pack import Policy
from policy.progress import Progress
from policy.project_check import ProjectCheck
from policy.score import ScoreSheet
from policy.verdict import Pair, Verdict

Content = Literal["text", "level", "people", "whole", "number"]
"""What the cells of a measure's column are: people are masked below five."""
Columns = dict[str, tuple[str, Content]]
"""Columns of a frame to show: its name, the header for people, what its cells are."""


@dataclass(frozen=True)
class MeasureTable:
    """One more table of the annex: its title, its columns (header, content) and the rows in their order."""

    title: str
    columns: tuple[tuple[str, Content], ...]
    rows: pd.DataFrame


@dataclass(frozen=True)
class Imprint:
    """What a drawing says of who made it, for whom and under which numbers; what is empty is left to be filled in.

    `mark` stands framed on every sheet. `place_code` and `place_name` begin the names of the files, `number_prefix` the
    drawing numbers. `circle_m` is the radius of the nominal circle drawn beside the walking areas (0: none), `scale` a
    denominator to keep instead of the largest round one that fits, `fonts` the bureau's own before those of the house.
    """

    bureau: str = ""
    client: str = ""
    plan_title: str = ""
    period: str = ""
    drawn_by: str = ""
    checked_by: str = ""
    reviewed_by: str = ""
    approved_by: str = ""
    day: str = ""
    number_prefix: str = ""
    review_number: str = ""
    mark: str = ""
    place_code: str = ""
    place_name: str = ""
    circle_m: float = 0.0
    scale: int | None = None
    fonts: tuple[Path, ...] = ()


@dataclass(frozen=True)
class YearEnd:
    """Who is covered at the end of a year of the plan, with the sites open by then.

    `units` as `Atlas.units` of today; `state` by `demand_id`: covered, not_covered, unknown; `areas`: the walking areas
    of all together, `minutes`, polygons.
    """

    year: int
    units: pd.DataFrame
    state: "pd.Series[str]"
    areas: gpd.GeoDataFrame


@dataclass(frozen=True)
class Tiles:
    """A picture of the ground on the bureau's own network: where its tiles are, and the datum they are drawn in."""

    url: str
    datum: Literal["wgs84", "gcj02"]


@dataclass(frozen=True)
class Atlas:
    """What the drawings are made from; every frame is in the project's CRS (metres).

    - `streets`: lines of the walking network (`highway`: the class of street).
    - `base`: polygons and lines of the extract that give orientation (`feature`: water, green, building, railway).
    - `communities`: polygons, indexed by `community_id`, columns as in `gis.tables.COMMUNITIES`.
    - `units`: coverage by unit, one row a unit: `level` (community, street, county, urban, rural, city), `unit_id`,
      `name`, `residents`, `elders`, `elders_unknown`, `elders_covered_5`, `_10`, `_15` (one column for each of the
      minutes asked for), and the same after the plan as `elders_covered_15_after` ...
    - `homes`: points, indexed by `demand_id`: `community_id`, `residents`, `elders`, `minutes` (NaN out of reach),
      `state` and `state_after` (covered, not_covered, unknown).
    - `facilities`, `candidates`, `housing`: points, columns as in `gis.tables`.
    - `areas`: walking areas: `minutes`, `when` (today, after), polygons.
    - `notes`: assumptions in reading order, label to value (speed, minutes, street date, population source, CRS ...).
    """

    name: str
    crs: str
    language: Language
    minutes: tuple[int, ...]
    streets: gpd.GeoDataFrame
    base: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    units: pd.DataFrame
    homes: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    housing: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    plan: Plan | None
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    ledgers: tuple[Ledger, ...]
    notes: Mapping[str, str] = field(default_factory=dict)
    measures: tuple[MeasureTable, ...] = ()
    catchments: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    """Areas without overlap, each nearest to its facility: `facility_id`, `street_km`."""
    trust: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    """Where the map is too thin to believe the result, by community: `trust`, `reasons` and the figures behind it."""
    speeds: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Elders covered at the longest walk for each walking speed compared: `speed_m_s`, `elders_covered`."""
    policies: tuple[Policy, ...] = ()
    """The documents judged, in the order of the project file."""
    verdicts_after: tuple[Verdict, ...] = ()
    """The same rules with the planned sites as facilities in use; empty without a plan."""
    checks: tuple[ProjectCheck, ...] = ()
    """The four synchronisations, one a document with such a section and project, document by document."""
    scores: tuple[tuple[Policy, ScoreSheet], ...] = ()
    """The score tables, one a document that has one and unit judged by it, the city first."""
    progress: tuple[Progress, ...] = ()
    """How far the goals with a deadline have come, in order of the documents."""
    dues: tuple[MeasureTable, ...] = ()
    """The money of the documents: one table a document and matter, whole yuan."""
    served: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Who lives within the longest walk of each facility that counts, and of each planned site (`candidate/` and its
    code): `elders`, and `households` where the homes have them. Who is near two counts at both."""
    changes: tuple[tuple[Pair, tuple[Change, ...]], ...] = ()
    """What changes from today's verdicts, each comparison under its title (zh, en): after the plan, another day."""
    council: Council | None = None
    """What a council asks about the plan, where it was asked."""
    serving: frozenset[str] = frozenset()
    """The codes of the facilities that count today."""
    neighbours: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    """Facilities beyond the border that serve across it, columns as `facilities`; they count nowhere here."""
    imprint: Imprint = Imprint()
    """The fields of the drawings' title block."""
    years: tuple[YearEnd, ...] = ()
    """The years of a plan that has years, in their order."""
    kind_areas: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    """Walking areas of each kind of facility: `when` (today, after, a year), `kind`, `minutes`, polygons."""
    tiles: Tiles | None = None
    """Tiles to lay under the page; without, the page asks nobody for anything."""

    shown: Mapping[int, pd.DataFrame] = field(default_factory=dict)
    """`shown_units` where they are known: a part of an atlas has those of the whole and tells nothing that it hides.
    Who gives an atlas other units empties it."""

    @cached_property
    def shown_units(self) -> dict[int, pd.DataFrame]:
        """The units as they may be handed on: today and after the plan under 0, each year of the plan under its own."""
        if self.shown:
            return dict(self.shown)
        by_year = {end.year: end.units for end in self.years}
        return shown_units(self.units, by_year, self.communities, minutes=self.minutes)

    @cached_property
    def hidden_places(self) -> Places:
        """The level and code of each unit with a hidden count of people."""
        return hidden_places(self.shown_units)

"""The project file: one `project.toml` that says which files, which walk, which documents and how much money.

Unknown keys are refused (the nearest known one is named), every value has its range, and all faults come at once.
"""

import os
import posixpath
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Literal

import pyproj
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from circle15.siting import Part, Siting
from gis.address import Address, is_address, read_address
from gis.datum import Datum, old_datum
from gis.errors import Finding, refuse
from gis.profiles import profile_speeds
from gis.secrets import names_secret
from gis.words import Language
from maps.tiles import tile_host

PROJECT_FILE = "project.toml"
MOST_MINUTES = 120
SHOWN = 5
"""Names that a message lists."""


def _metres(crs: str | None) -> str | None:
    """Accept only a known CRS in metres."""
    if crs is None:
        return None
    try:
        known = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        raise ValueError("CRS_UNKNOWN") from None
    if any(axis.unit_name != "metre" for axis in known.axis_info):
        raise ValueError("CRS_NOT_METRES")
    if old_datum(known):
        raise ValueError("CRS_OLD_DATUM")
    return crs


def _walks(minutes: tuple[int, ...]) -> tuple[int, ...]:
    """Sort the walks and drop what is said twice."""
    return tuple(sorted(set(minutes)))


def steps_of(path: str) -> tuple[str, ...]:
    """Return the steps of a path of the project file, `.` and `..` taken, under any system's spelling."""
    return PurePosixPath(posixpath.normpath(path.replace("\\", "/"))).parts


def _inside(folder: str) -> str:
    """Accept only a folder within the project: what lies there is replaced by the results."""
    steps = steps_of(folder)
    if not steps or steps[0] in ("/", "//", "..") or PureWindowsPath(folder).drive:
        raise ValueError("folder_inside")
    return folder


def _tiles(url: str) -> str:
    """Accept only an address of tiles on one plain host."""
    try:
        tile_host(url)
    except ValueError:
        raise ValueError("tiles_url") from None
    return url


def _schema(address: str | None) -> str | None:
    """Accept only the address of a schema in PostGIS; a manifest says that there is none."""
    if address is not None:
        read_address(address, of_table=False)
    return address


def _secret(name: str | None) -> str | None:
    """Accept only a variable whose name says that it holds a secret, so that its value is said nowhere."""
    if name is not None and not names_secret(name):
        raise ValueError("a name with PASSWORD, such as PLAN_DB_PASSWORD")
    return name


def _path(source: object) -> object:
    """Read a bare path as a source."""
    return {"path": source} if isinstance(source, str) else source


class Source(Part):
    """One input file, relative to the project file; the datum of its degrees and its sheet where needed.

    Or a table of the bureau's PostGIS, `postgis://host[:port]/database/schema.table`.
    """

    path: str = Field(min_length=1)
    datum: Datum | None = None
    sheet: str | None = None

    @model_validator(mode="after")
    def _whole_address(self) -> "Source":
        """Accept an address only of one table, which has no sheets."""
        if is_address(self.path):
            read_address(self.path)
            if self.sheet is not None:
                raise ValueError("no sheet: the address names the table")
        return self


class Streets(Part):
    """The streets: an OSM extract, or the bureau's own centre lines (.gpkg, .shp, .geojson, .dxf).

    Beside own lines `base` may be an extract, for water, green and the walls, rivers and railways nobody crosses;
    `cut_at_junctions`: the lines are cut at every junction already, so that lines that merely cross do not meet.
    `datum`: in which the degrees of own lines are; an extract is always WGS 84.
    """

    path: str = Field(min_length=1)
    layer: str | tuple[str, ...] | None = None
    base: str | None = None
    cut_at_junctions: bool = False
    datum: Datum | None = None


Input = Annotated[Source, BeforeValidator(_path)]
Speed = Annotated[float, Field(gt=0, le=3)]
Minutes = Annotated[int, Field(gt=0, le=MOST_MINUTES)]


class Inputs(Part):
    """The files of a project."""

    streets: Annotated[Streets, BeforeValidator(_path)]
    communities: Input
    facilities: Input
    residents: Input | None = None
    gates: Input | None = None
    candidates: Input | None = None
    housing: Input | None = None
    figures: Input | None = None
    answers: Input | None = None
    people_groups: Input | None = None


class People(Part):
    """What the tables do not say about people; a choice of the project, printed as one."""

    elder_share: float | None = Field(default=None, ge=0, le=1)
    household_size: float | None = Field(default=None, gt=0, le=20)


class Walking(Part):
    """How people walk: who they are, metres a second, minutes, and how far a door may be from a street.

    Without `speed_m_s` the profile's own speed counts. `elevation` is a GeoTIFF of heights in metres.
    """

    profile: Literal["fit", "planning", "cautious", "frail", "wheelchair"] = "planning"
    speed_m_s: Speed = 1.0
    crossing_wait_s: float = Field(default=0.0, ge=0, le=300)
    elevation: str | None = Field(default=None, min_length=1)
    minutes: Annotated[tuple[Minutes, ...], Field(min_length=1), AfterValidator(_walks)] = (5, 10, 15)
    compare_speeds: tuple[Speed, ...] = (0.6, 0.8, 1.0, 1.2)
    max_connector_m: float = Field(default=150.0, ge=0, le=2000)

    @model_validator(mode="before")
    @classmethod
    def _speed_of_the_profile(cls, said: Any) -> Any:
        """Fill in the speed that goes with a profile where none is given."""
        speeds = profile_speeds()
        if isinstance(said, dict) and "speed_m_s" not in said and said.get("profile") in [*speeds]:
            return {**said, "speed_m_s": speeds[said["profile"]]}
        return said


class PolicyPart(Part):
    """Which documents are judged, at which date, with which other days beside it, and the profile's choices."""

    packs: tuple[str, ...] = ()
    as_of: date | None = None
    compare_days: tuple[date, ...] = ()
    choices: Mapping[str, Any] = Field(default_factory=dict)


class TilesPart(Part):
    """Tiles on the bureau's network to lay under the page: an address with {z}, {x} and {y}, and its datum."""

    url: Annotated[str, AfterValidator(_tiles)]
    datum: Literal["wgs84", "gcj02"]


class Output(Part):
    """Where the results go, relative to the project file, and in which language.

    `report_template`: the bureau's own text of the report (`maps.report.template`); `also`: other formats of
    the layers.
    `by_county`: one page a county, with an index before them; by itself where the page of the whole grows too large.
    `report_maps = false`: the report without its maps.
    `tiles`: the one address that the page may then ask. `postgis`: a schema, `postgis://host[:port]/database/schema`,
    that takes the layers too.
    """

    folder: Annotated[str, AfterValidator(_inside)] = Field(default="成果", min_length=1)
    language: Language = "zh"
    tiles: TilesPart | None = None
    by_county: bool = False
    report_maps: bool = True
    report_template: str | None = Field(default=None, min_length=1)
    also: tuple[Literal["geoparquet", "shapefile"], ...] = ()
    postgis: Annotated[str | None, AfterValidator(_schema)] = None


class PostgisPart(Part):
    """How the bureau's PostGIS is entered: the variables of the environment that hold user and password, and waits.

    Without them count the user of the address, PGUSER, PGPASSWORD and ~/.pgpass. Waits are in seconds.
    """

    user_env: str | None = Field(default=None, min_length=1)
    password_env: Annotated[str | None, AfterValidator(_secret)] = None
    connect_s: int = Field(default=10, ge=2, le=300)
    lock_s: int = Field(default=10, ge=1, le=3600)


class Sheet(Part):
    """What stands in the title block of the drawings, and how they are drawn; what is left out is filled in by hand.

    `place_code` and `place_name` begin the names of the files (without: from the communities' codes, and the project's
    name). `nominal_radius_m` is that of the circle drawn beside the walk (without: the longest walk; 0: none). `scale`
    is the denominator to keep; without, the largest round one that fits. `fonts` are the bureau's own, first asked.
    """

    size: Literal["A4", "A3", "A2", "A1", "A0"] = "A3"
    formats: Annotated[tuple[Literal["pdf", "png", "jpg"], ...], Field(min_length=1)] = ("pdf", "png")
    dpi: int = Field(default=300, ge=72, le=1200)
    scale: int | None = Field(default=None, ge=100, le=10_000_000)
    nominal_radius_m: float | None = Field(default=None, ge=0, le=20_000)
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
    mark: str | None = None
    place_code: str = Field(default="", pattern=r"^[0-9]{0,12}$")
    place_name: str = ""
    fonts: tuple[str, ...] = ()


class Limits(Part):
    """What the machine need not have: `short_of_memory` goes on where memory is expected not to suffice."""

    short_of_memory: bool = False


class Project(Part):
    """A project: its name, its CRS in metres (None: chosen from where the streets lie), and its parts.

    `scenario`: other ways to site, by name (`[scenario.NAME]`), each `[siting]` with some keys changed.
    Files are read from the project's folder and from the folders named in `roots`, from nowhere else.
    """

    name: str = Field(min_length=1)
    crs: Annotated[str | None, AfterValidator(_metres)] = None
    roots: tuple[str, ...] = ()
    inputs: Inputs
    people: People = People()
    walking: Walking = Walking()
    policy: PolicyPart = PolicyPart()
    siting: Siting = Siting()
    scenario: Mapping[Annotated[str, Field(min_length=1)], Siting] = Field(default_factory=dict)
    output: Output = Output()
    sheet: Sheet = Sheet()
    limits: Limits = Limits()
    postgis: PostgisPart = PostgisPart()
    folder: Path = Field(default=Path(), exclude=True)
    passwords: Mapping[str, str] = Field(default_factory=dict, exclude=True, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _scenarios(cls, said: Any) -> Any:
        """Read a scenario as `[siting]` with its own keys in place of those there."""
        if not isinstance(said, dict) or not isinstance(said.get("scenario"), dict):
            return said
        siting = said.get("siting", {})
        whole = {
            name: {**siting, **keys} if isinstance(keys, dict) and isinstance(siting, dict) else keys
            for name, keys in said["scenario"].items()
        }
        return {**said, "scenario": whole}

    def path(self, name: str) -> Path:
        """Return a path of the project file as one on this machine."""
        return self.folder / name

    def source(self, name: str) -> Path | Address:
        """Return an input as a file of this machine or, where its address says so, as a table of PostGIS."""
        return self.address(name) if is_address(name) else self.path(name)

    def address(self, name: str, *, of_table: bool = True) -> Address:
        """Return an address of the project file with all that is needed to go there.

        Raises InputError (PARAM_MISSING) where the environment lacks a variable that `[postgis]` names.
        """
        address, how = read_address(name, of_table=of_table), self.postgis
        wanted = {"user_env": how.user_env, "password_env": how.password_env}
        lacking = [(key, variable) for key, variable in wanted.items() if variable and variable not in os.environ]
        refuse(Finding("PARAM_MISSING", "reject", f"{PROJECT_FILE}:postgis.{key}", name) for key, name in lacking)
        return replace(
            address,
            user=os.environ[how.user_env] if how.user_env else address.user,
            password=os.environ[how.password_env] if how.password_env else address.password or self.passwords.get(name),
            connect_s=how.connect_s,
            lock_s=how.lock_s,
        )

    def files(self) -> list[str]:
        """Return every file that the project names, as it names it: inputs, packs of its own, heights, the base."""
        inputs = {key: source for key, source in self.inputs.model_dump().items() if isinstance(source, dict)}
        packs = [name for name in self.policy.packs if name.endswith(".toml")]
        named = [name for name in packs if not can_be(self.path(name)) or self.path(name).is_file()]
        named += [s["path"] for key, s in inputs.items() if key == "streets" or not is_address(s["path"])]
        single = (self.walking.elevation, self.inputs.streets.base, self.output.report_template)
        return named + [name for name in single if name]


def can_be(path: Path) -> bool:
    """Return whether a file may bear this name: no NUL in it, not longer than the system bears."""
    try:
        path.exists()
    except OSError:
        return False
    return "\0" not in str(path)

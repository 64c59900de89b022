"""The project file: one `project.toml` that says which files, which walk, which documents and how much money.

Unknown keys are refused (the nearest known one is named), every value has its range, and all faults come at once.
"""

import difflib
import posixpath
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Literal

import pyproj
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError, model_validator

from circle15.siting import FloorPart, MilestonePart, Part, Siting, SubsidyPart
from gis.datum import Datum
from gis.errors import Finding, InputError
from gis.profiles import profile_speeds
from gis.words import Language
from maps.tiles import tile_host

PROJECT_FILE = "project.toml"
MOST_MINUTES = 120


def _metres(crs: str | None) -> str | None:
    """Accept only a known CRS in metres."""
    if crs is None:
        return None
    try:
        known = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError:
        raise ValueError("a known CRS, such as EPSG:4547") from None
    if any(axis.unit_name != "metre" for axis in known.axis_info):
        raise ValueError("a projected CRS in metres, such as EPSG:4547")
    return crs


def _walks(minutes: tuple[int, ...]) -> tuple[int, ...]:
    """Sort the walks and drop what is said twice."""
    return tuple(sorted(set(minutes)))


def _parts(path: str) -> tuple[str, ...]:
    """Return the steps of a path of the project file, `.` and `..` taken, under any system's spelling."""
    return PurePosixPath(posixpath.normpath(path.replace("\\", "/"))).parts


def _inside(folder: str) -> str:
    """Accept only a folder within the project: what lies there is replaced by the results."""
    steps = _parts(folder)
    if not steps or steps[0] in ("/", "//", "..") or PureWindowsPath(folder).drive:
        raise ValueError("a folder inside the project folder, such as 成果")
    return folder


def _tiles(url: str) -> str:
    """Accept only an address of tiles on one plain host."""
    tile_host(url)
    return url


def _path(source: object) -> object:
    """Read a bare path as a source."""
    return {"path": source} if isinstance(source, str) else source


class Source(Part):
    """One input file, relative to the project file; the datum of its degrees and its sheet where needed."""

    path: str = Field(min_length=1)
    datum: Datum | None = None
    sheet: str | None = None


class Streets(Part):
    """The streets: an OSM extract, or the bureau's own centre lines (.gpkg, .shp, .geojson, .dxf).

    Beside own lines `base` may be an extract, for water, green and the walls, rivers and railways nobody crosses;
    `cut_at_junctions`: the lines are cut at every junction already, so that lines that merely cross do not meet.
    """

    path: str = Field(min_length=1)
    layer: str | tuple[str, ...] | None = None
    base: str | None = None
    cut_at_junctions: bool = False


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
        if isinstance(said, dict) and "speed_m_s" not in said and said.get("profile") in speeds:
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

    `tiles`: the one address that the page may then ask.
    """

    folder: Annotated[str, AfterValidator(_inside)] = Field(default="成果", min_length=1)
    language: Language = "zh"
    tiles: TilesPart | None = None


class Project(Part):
    """A project: its name, its CRS in metres (None: chosen from where the streets lie), and its parts."""

    name: str = Field(min_length=1)
    crs: Annotated[str | None, AfterValidator(_metres)] = None
    inputs: Inputs
    people: People = People()
    walking: Walking = Walking()
    policy: PolicyPart = PolicyPart()
    siting: Siting = Siting()
    output: Output = Output()
    folder: Path = Field(default=Path(), exclude=True)

    def path(self, name: str) -> Path:
        """Return a path of the project file as one on this machine."""
        return self.folder / name


def load_project(path: str | Path) -> Project:
    """Return the project of a `project.toml` or of the folder that holds one.

    Raises InputError with every fault found: missing file, broken TOML, unknown keys, values out of range.
    """
    file = Path(path) / PROJECT_FILE if Path(path).is_dir() else Path(path)
    if not file.is_file():
        raise InputError([Finding("PROJECT_MISSING", "reject", str(file))])
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError([Finding("PROJECT_SYNTAX", "reject", file.name, str(error))]) from error
    if "folder" in said:
        raise InputError([Finding("PARAM_UNKNOWN", "reject", f"{file.name}:folder", "folder", allowed="output.folder")])
    try:
        project = Project.model_validate({**said, "folder": file.resolve().parent})
    except ValidationError as error:
        faults: list[dict[str, Any]] = [dict(fault) for fault in error.errors()]
        inner = [f for f in faults if not any(g is not f and g["loc"][: len(f["loc"])] == f["loc"] for g in faults)]
        raise InputError([_fault(file.name, fault) for fault in inner]) from error
    _spare_the_inputs(project, file.name)
    return project


def _spare_the_inputs(project: Project, file: str) -> None:
    """Refuse an output folder that is or holds an input: the results take its place."""
    said = project.inputs.model_dump().values()
    there = _parts(project.output.folder)
    paths = [source if isinstance(source, str) else source["path"] for source in said if source]
    held = [path for path in (*paths, PROJECT_FILE) if _parts(path)[: len(there)] == there]
    if held:
        raise InputError([Finding("OUTPUT_INPUT", "reject", f"{file}:output.folder", held[0])])


def _fault(file: str, fault: dict[str, Any]) -> Finding:
    """Return what is wrong with one key as a finding."""
    where = [str(part) for part in fault["loc"]]
    place = f"{file}:{'.'.join(where)}"
    found = "" if fault["type"] == "missing" else repr(fault["input"])[:80]
    if "tiles" in where:
        found = ""  # it may hold a key
    if fault["type"] == "extra_forbidden":
        near = difflib.get_close_matches(where[-1], _keys(where[:-1]), n=1)
        return Finding(
            "PARAM_UNKNOWN", "reject", place, where[-1], allowed=near[0] if near else ", ".join(_keys(where[:-1]))
        )
    code = "PARAM_MISSING" if fault["type"] == "missing" else "PARAM_RANGE"
    return Finding(code, "reject", place, found, allowed=str(fault["msg"]).removeprefix("Value error, "))


def _keys(where: list[str]) -> list[str]:
    """Return the keys that a part of the project file may have."""
    parts: dict[str, type[BaseModel]] = {"inputs": Inputs, "people": People, "walking": Walking, "policy": PolicyPart,
                                         "siting": Siting, "output": Output}  # fmt: skip
    lists: dict[str, type[BaseModel]] = {"milestones": MilestonePart, "coverage_floors": FloorPart,
                                         "subsidies": SubsidyPart}  # fmt: skip
    if where == ["output", "tiles"]:
        return list(TilesPart.model_fields)
    part = Project if not where else parts.get(where[0], Project) if len(where) == 1 else lists.get(where[1], Source)
    return [key for key in part.model_fields if key != "folder"]

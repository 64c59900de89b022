"""The file of a province: a project file with `[province]` (its counties) and `[engine]` (who does the work)."""

import tomllib
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator

from circle15.project import Input, Project, Source
from circle15.project_file import load_kind
from circle15.siting import Part, Share, Siting, Some
from gis.address import is_address
from gis.errors import Finding, InputError
from gis.tables import Column, Table

PROVINCE_FILE = "province.toml"
SHOWN_SIGNS = 40
COUNTIES = Table(
    "counties",
    "县区界线",
    "county_id",
    (
        Column("county_id", ("县区代码", "区划代码", "代码", "adcode"), "code", required=True),
        Column("name", ("县区", "县区名称", "名称")),
    ),
    position="polygon",
)
"""The boundary table: one polygon a county."""


class ProvincePart(Part):
    """The counties: their boundary table, where work is kept between runs, and the money in 10,000 yuan.

    Either `budgets_wan`, the money of each county, or `budget_wan`, that of the province, shared by what each county
    makes of it: at least `least_wan` is kept for a county, at most `most_wan` spent there, and `least_share` of its
    elders are covered. `pages = false` leaves out the pages and books of the counties: only figures and layers.
    """

    counties: Input
    store: str = Field(default="计算", min_length=1)
    budgets_wan: Mapping[str, Any] = Field(default_factory=dict)
    budget_wan: Some = 0.0
    least_wan: Mapping[str, Some] = Field(default_factory=dict)
    most_wan: Mapping[str, Some] = Field(default_factory=dict)
    least_share: Mapping[str, Share] = Field(default_factory=dict)
    pages: bool = True


class Tls(Part):
    """The files of a connection nobody can listen to: certificate authority, certificate and key.

    Each is named relative to `province.toml`, and then lies in its folder, or by its whole path.
    """

    ca: str
    cert: str
    key: str


class Engine(Part):
    """Who does the work: a plain loop, or Dask on this machine or with a scheduler at an address.

    `workers` and `memory_mb` (each worker's) are chosen from the machine where they are not given; `retries` is how
    often a county is tried again after a fault that is not its own. An address of another machine needs TLS, or
    `trusted_network = true`: whoever reaches a Dask scheduler can run programs on its workers.
    """

    kind: Literal["dask", "loop"] = "dask"
    scheduler: str | None = None
    workers: int | None = Field(default=None, ge=1, le=1024)
    memory_mb: int | None = Field(default=None, ge=256)
    retries: int = Field(default=2, ge=0, le=10)
    trusted_network: bool = False
    tls: Tls | None = None

    @model_validator(mode="after")
    def _not_in_the_open(self) -> "Engine":
        """Refuse an address that anybody on the network could give orders to."""
        if self.scheduler is None:
            return self
        address = urlsplit(self.scheduler)
        if address.scheme not in {"tcp", "tls"} or not address.hostname:
            raise ValueError("tcp://127.0.0.1:8786 or tls://HOST:PORT")
        if address.scheme == "tls" and self.tls is None:
            raise ValueError("[engine.tls] ca, cert, key")
        if address.scheme == "tcp" and not _this_machine(address.hostname) and not self.trusted_network:
            raise ValueError("tls://HOST:PORT with [engine.tls], or engine.trusted_network = true")
        return self


class Province(Project):
    """A project with counties."""

    province: ProvincePart
    engine: Engine = Engine()

    def files(self) -> list[str]:
        """Return every file that the project names, the boundary table too; tables of a database are none."""
        counties = self.province.counties.path
        return [*super().files(), *([] if is_address(counties) else [counties])]

    def tables(self) -> dict[str, Source]:
        """Return the tables that the project names, by the name of the input, the boundary table among them."""
        named = {name: source for name, source in self.inputs if isinstance(source, Source)}
        return {COUNTIES.name: self.province.counties, **named}


def _this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_province(path: Path) -> bool:
    """Return whether a path is the file of a province, or a folder with one and without a project file."""
    file = province_file(path)
    try:
        return file is not None and "province" in tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False


def province_file(path: Path) -> Path | None:
    """Return the file that a path means, None where a folder has a project file of its own or none of a province."""
    if not path.is_dir():
        return path if path.is_file() else None
    file = path / PROVINCE_FILE
    return file if file.is_file() and not (path / "project.toml").exists() else None


def load_province(path: str | Path) -> Province:
    """Return the province of a `province.toml`, or of the folder that holds one.

    Raises InputError with every fault found, as `load_project`; also for what only a single city has: money that is
    not said by county, results or inputs where work is kept, certificates that are not there.
    """
    province = load_kind(province_file(Path(path)) or Path(path), Province)
    faults = [*_budget_faults(province), *_tls_faults(province), *_place_faults(province)]
    if province.siting.budget_yuan:
        faults.append(Finding("PARAM_RANGE", "reject", f"{PROVINCE_FILE}:siting.budget_wan",
                              allowed="[province] budget_wan = 3000"))  # fmt: skip
    if faults:
        raise InputError(faults)
    if (tls := province.engine.tls) is None:
        return province
    there = Tls(**{key: str(province.path(name)) for key, name in tls})
    return province.model_copy(update={"engine": province.engine.model_copy(update={"tls": there})})


def _budget_faults(province: Province) -> Iterator[Finding]:
    """Yield the money of counties that is no money."""
    for code, said in province.province.budgets_wan.items():
        try:
            Siting.model_validate({"budget_wan": said})
        except ValidationError:
            place = f"{PROVINCE_FILE}:province.budgets_wan.{code}"
            yield Finding("PARAM_RANGE", "reject", place, str(said)[:SHOWN_SIGNS], allowed=">= 0")


def _tls_faults(province: Province) -> Iterator[Finding]:
    """Yield the files of a connection that are not there, or that lie outside the project by a relative path."""
    for key, name in province.engine.tls or ():
        place, path = f"{PROVINCE_FILE}:engine.tls.{key}", province.path(name)
        if not Path(name).is_absolute() and not path.resolve().is_relative_to(province.folder):
            yield Finding("PATH_OUTSIDE", "reject", place, name)
        elif not path.is_file():
            yield Finding("FILE_MISSING", "reject", place, name)


def _place_faults(province: Province) -> Iterator[Finding]:
    """Yield where work or results would stand in the place of each other or of the boundary table."""
    store, results = (province.path(name).resolve() for name in (province.province.store, province.output.folder))
    within = store.is_relative_to(results) or results.is_relative_to(store)
    if within or not store.is_relative_to(province.folder) or store == province.folder:
        yield Finding("PARAM_RANGE", "reject", f"{PROVINCE_FILE}:province.store", province.province.store)
    counties = province.province.counties.path
    if not is_address(counties) and province.path(counties).resolve().is_relative_to(results):
        yield Finding("OUTPUT_INPUT", "reject", f"{PROVINCE_FILE}:output.folder", counties)

"""The file of a province: a project file with `[province]` (its counties) and `[engine]` (who does the work)."""

import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from circle15.project import Input, Project, load_kind
from circle15.siting import Part, Share, Some
from gis.errors import Finding, InputError
from gis.tables import Column, Table

PROVINCE_FILE = "province.toml"
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
    """The files of a connection nobody can listen to: certificate authority, certificate and key."""

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
        """Return every file that the project names, the boundary table too."""
        return [*super().files(), self.province.counties.path]


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
    not said by county, a plan for scenarios, results or inputs where work is kept.
    """
    province = load_kind(province_file(Path(path)) or Path(path), Province)
    faults = []
    if province.siting.budget_yuan:
        faults.append(Finding("PARAM_RANGE", "reject", f"{PROVINCE_FILE}:siting.budget_wan",
                              allowed="[province] budget_wan = 3000"))  # fmt: skip
    inside = (province.path(province.province.store).resolve(), province.path(province.output.folder).resolve())
    if inside[0] == inside[1] or not inside[0].is_relative_to(province.folder) or inside[0] == province.folder:
        faults.append(Finding("PARAM_RANGE", "reject", f"{PROVINCE_FILE}:province.store", province.province.store))
    if faults:
        raise InputError(faults)
    return province

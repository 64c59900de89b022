"""Inputs read one after the other, so that all faults of all of them come at once, named as the project names them."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from circle15.beyond import Given
from circle15.project import SHOWN, Project, Source
from gis.address import read_address
from gis.errors import Finding, InputError
from gis.intake import Intake, read_table
from gis.ledger import Ledger
from gis.tables import COMMUNITIES, Table

Read = TypeVar("Read")


@dataclass
class Reader:
    """Reads one input after the other and keeps what they say, so that all faults of all inputs come at once."""

    project: Project
    crs: str
    given: Given
    findings: list[Finding] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)
    ledgers: list[Ledger] = field(default_factory=list)
    codes: frozenset[str] | None = None
    stamps: dict[str, Mapping[str, object]] = field(default_factory=dict)

    def attempt(self, read: Callable[[], Read]) -> Read | None:
        """Read something; keep what it is refused for and go on to the next input."""
        try:
            return read()
        except InputError as error:
            self.faults += [fault for fault in error.findings if fault not in self.faults]
            return None

    def table(self, source: Source | None, table: Table) -> gpd.GeoDataFrame | None:
        """Read one table, None where the project does not name it or it is refused."""
        if source is None:
            return None

        def read_source() -> Intake:
            path = self.project.source(source.path)
            codes = None if table is COMMUNITIES else self.codes
            return read_table(path, table, crs=self.crs, datum=source.datum, sheet=source.sheet, codes=codes)

        read = self.given.tables.get(table.name) or self.attempt(read_source)
        if read is None:
            return None
        if read.sha256:
            self.stamps[str(read_address(source.path))] = {"rows": read.ledger.rows_read, "sha256": read.sha256}
        self.findings += read.findings
        self.ledgers.append(read.ledger)
        if table is COMMUNITIES:
            self.codes = frozenset(map(str, read.frame.index))
        return read.frame

    def filled(self, table: gpd.GeoDataFrame | None, source: Source | None) -> gpd.GeoDataFrame | None:
        """Return the residents, None where nobody filled in the form, which is said."""
        if table is None or source is None or not table.empty:
            return table
        self.findings.append(Finding("RESIDENTS_EMPTY", "warn", source.path))
        return None


def or_nothing(read: gpd.GeoDataFrame | None, table: Table, crs: str) -> gpd.GeoDataFrame:
    """Return what was read, or an empty table of that kind."""
    if read is not None:
        return read
    columns = [column.name for column in table.columns if column.name not in {table.key, "lon", "lat", "x", "y"}]
    frame = pd.DataFrame(columns=columns, index=pd.Index([], name=table.index_name, dtype="string"))
    return gpd.GeoDataFrame(frame, geometry=np.array([], dtype=object), crs=crs)


def relative(findings: tuple[Finding, ...] | list[Finding], project: Project) -> tuple[Finding, ...]:
    """Name files as the project file does, not by where the project lies on this machine."""
    folder = f"{project.folder}{Path('/')}"
    named = [
        replace(finding, place=finding.place.replace(folder, "").replace(str(project.folder), "."))
        for finding in findings
    ]
    return tuple(
        replace(f, allowed=_there(f.place, project)) if f.code == "FILE_MISSING" and not f.allowed else f for f in named
    )


def _there(name: str, project: Project) -> str:
    """Return the files of the project's folder that may be meant by a name that is none, of its kind or like it."""
    said = Path(name)
    beside = sorted(file.name for file in (project.folder / said.parent).glob("*") if file.is_file())
    alike = difflib.get_close_matches(said.name, beside, n=SHOWN)
    of_kind = [file for file in beside if file.lower().endswith(said.suffix.lower()) and file not in alike]
    return " / ".join([*alike, *of_kind][:SHOWN])

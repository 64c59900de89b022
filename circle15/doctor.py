"""Is this machine ready? Each thing the tool stands on, tried for real, with one line each."""

import importlib.metadata
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pulp
import pyproj

from circle15.sample import sample_folder
from gis.words import say
from maps.leaflet import leaflet_css
from maps.sheet.lettering import chain, characters
from maps.sheet.picture import Picture, Writing
from maps.sheet.press import printed

ROOM_MB = 500
HEBI = (114.297, 35.748)


@dataclass(frozen=True)
class Check:
    """One thing tried: its key in the catalogue, whether it works, and what was seen."""

    key: str
    works: bool
    seen: str

    def line(self, language: str) -> str:
        """Return the check as one line."""
        mark = say("doctor.works" if self.works else "doctor.fails", language)
        return f"{mark} {say(f'doctor.{self.key}', language)}: {self.seen}"


def examine(folder: Path) -> tuple[Check, ...]:
    """Try everything a run needs on this machine, in the folder where it would run."""
    return tuple(_try(key, look) for key, look in {**_CHECKS, "disk": lambda: _room(folder)}.items())


def _try(key: str, look: Callable[[], str]) -> Check:
    """Turn whatever goes wrong into a line: a doctor does not fall ill."""
    try:
        return Check(key, works=True, seen=look())
    except Exception as error:  # noqa: BLE001 - any failure is the finding
        return Check(key, works=False, seen=f"{type(error).__name__}: {error}")


def _projection() -> str:
    east, north = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4547", always_xy=True).transform(*HEBI)
    if not (400_000 < east < 600_000 and 3_900_000 < north < 4_000_000):  # noqa: PLR2004 - where Hebi lies in its zone
        raise ValueError(f"Hebi falls on {east:.0f}, {north:.0f}")
    return f"PROJ {pyproj.proj_version_str}"


def _solver() -> str:
    problem = pulp.LpProblem("tiny", pulp.LpMaximize)
    choice = problem.add_variable("choice", cat="Binary")
    problem += 3 * choice
    problem.solve(pulp.HiGHS(msg=False))
    if round(pulp.value(problem.objective)) != 3:  # noqa: PLR2004 - the optimum of the lines above
        raise ValueError("a tiny model was not solved")
    return f"HiGHS {importlib.metadata.version('highspy')}"


def _compiler() -> str:
    from gis.reach import reach  # noqa: PLC0415 - compiled on first use, which is what is tried here
    from gis.snap import snap  # noqa: PLC0415
    from gis.towns import grid_town  # noqa: PLC0415

    town = grid_town(3)
    corners = snap(town, town.streets().set_geometry(town.streets().boundary.centroid))
    reach(town, corners, corners)
    return f"numba {importlib.metadata.version('numba')}"


def _leaflet() -> str:
    return f"Leaflet, {len(leaflet_css()) // 1000} kB"


def _fonts() -> str:
    fonts = chain()
    drawn = printed(
        Picture(60.0, 10.0, (Writing("养老服务设施 15 min ≥ 350 m² ✓", 2.0, 3.0, 9.0),)), "pdf", fonts=fonts
    )
    if b"/FontFile2" not in drawn:
        raise ValueError("no font was embedded")
    return f"{fonts[0].stem}, {characters(fonts[0]):,}"


def _sample() -> str:
    return f"{sum(file.stat().st_size for file in sample_folder().iterdir()) // 1000} kB"


def _room(folder: Path) -> str:
    with tempfile.TemporaryFile(dir=folder):
        free_mb = shutil.disk_usage(folder).free // 2**20
    if free_mb < ROOM_MB:
        raise OSError(f"{free_mb} MB")
    return f"{free_mb:,} MB"


_CHECKS: dict[str, Callable[[], str]] = {
    "python": lambda: sys.version.split()[0],
    "projection": _projection,
    "solver": _solver,
    "compiler": _compiler,
    "leaflet": _leaflet,
    "fonts": _fonts,
    "sample": _sample,
}

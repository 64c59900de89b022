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
from optimise.child import Finish
from optimise.engines import Engines, Task, best_of
from optimise.judge import Trouble
from optimise.solve import program_of

ROOM_MB = 500
PATIENCE_S = 30.0
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


def _child() -> str:
    """Let HiGHS solve a tiny model in a process of its own, the way a large one is solved."""
    finish, name, troubles = best_of(_tiny(), order=("highs",), engines=Engines(here_at_most=0))
    return _solved(finish, name, troubles)


def _second() -> str:
    """Let CBC, the second opinion, solve a tiny model."""
    finish, name, troubles = best_of(_tiny(), order=("cbc",), engines=Engines())
    return _solved(finish, name, troubles)


def _tiny() -> Task:
    """Return a model whose best value is 3: 3 a + 2 b, of which one at most is chosen."""
    problem = pulp.LpProblem("tiny", pulp.LpMaximize)
    one, other = (problem.add_variable(name, cat="Binary") for name in ("one", "other"))
    problem += 3 * one + 2 * other
    problem += one + other <= 1
    program, _ = program_of(problem)
    return Task(program, PATIENCE_S, 0.99)


def _solved(finish: Finish, name: str, troubles: tuple[Trouble, ...]) -> str:
    if finish.state != "optimal" or finish.value is None or round(finish.value) != -3:  # noqa: PLR2004 - made least
        raise ValueError("; ".join(trouble.told("en") for trouble in troubles) or finish.state)
    return name


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
    from maps.sheet.press import printed  # noqa: PLC0415 - as above

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
    "child": _child,
    "second": _second,
    "compiler": _compiler,
    "leaflet": _leaflet,
    "fonts": _fonts,
    "sample": _sample,
}

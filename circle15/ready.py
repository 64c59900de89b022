"""Before hours of computing: is the output folder free, writable, and is there room on the disk and in memory."""

import math
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from circle15.blocked import why_blocked, writable
from circle15.city import City
from circle15.lock import held
from circle15.machine import free_memory_bytes
from circle15.project import Project
from gis.errors import Finding, InputError, blocked

MIB = 1 << 20
RESULTS = (
    *("index.html", "annex.xlsx", "plan.gpkg", "verdicts.json", "manifest.json", "times.json", "核查意见.html"),
    *("report.docx", "report.pdf", "plan_shapefile.zip", "plan_geoparquet.zip", "counties"),
)
"""The names that results take; a test holds them to be those of `circle15.outputs`."""
FOLDERS = frozenset({"counties"})
"""Those of them that are folders."""
BASE_DISK, EDGE_DISK, HOME_DISK = 32 * MIB, 1_500, 400
"""Bytes of results: of any run, a street and a home (`python -m benchmarks.needs`)."""
BASE_MEMORY, EDGE_MEMORY, HOME_MEMORY, PAIR_MEMORY = 480 * MIB, 4_000, 6_000, 200
"""Bytes of memory: of any run, a street, a home, and a home that a site reaches (the same)."""
CROWDED = 4
"""Homes and sites stand closer together than on open ground by about this factor."""


@contextmanager
def reserved(project: Project, *, tell: Callable[[Finding], None] = lambda _: None) -> Iterator[Path]:
    """Give the output folder, free to be written and held against other runs; `tell` is told of a run that was stopped.

    Raises OutputError where its name or a result's is taken, where it cannot be written to, or another run holds it.
    """
    folder = project.path(project.output.folder).resolve()  # a link leads to the disk that was meant
    taken = [folder] if folder.exists() and not folder.is_dir() else []
    named = {folder / name: name in FOLDERS for name in RESULTS}
    taken += [path for path, is_folder in named.items() if path.exists() and path.is_dir() != is_folder]
    if taken:
        raise blocked(*(Finding("OUTPUT_TAKEN", "reject", path.name) for path in taken))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise blocked(why_blocked(error, folder)) from error
    if not writable(folder.parent):
        raise blocked(Finding("OUTPUT_READ_ONLY", "reject", folder.name))
    open_elsewhere = [name for name in RESULTS if name not in FOLDERS and _held_elsewhere(folder / name)]
    if open_elsewhere:
        raise blocked(*(Finding("OUTPUT_HELD", "reject", name) for name in open_elsewhere))
    with held(folder) as before:
        if before is not None:
            tell(Finding("LOCK_LEFT", "note", folder.name, str(before)))
        yield folder


def will_fit(city: City, folder: Path) -> None:
    """Refuse a run whose results or whose computing are expected not to fit.

    Raises OutputError (DISK_SHORT) and, unless the project goes on all the same, InputError (MEMORY_SHORT).
    """
    free = shutil.disk_usage(folder.parent).free
    if (disk := results_bytes(city)) > free:
        raise blocked(Finding("DISK_SHORT", "reject", folder.name, _mib(free), allowed=f">= {_mib(disk)}"))
    memory = free_memory_bytes()
    if memory is not None and memory_bytes(city) > memory and not city.project.limits.short_of_memory:
        found, needed = _mib(memory), f">= {_mib(memory_bytes(city))}"
        raise InputError([Finding("MEMORY_SHORT", "reject", city.project.name, found, allowed=needed)])


def results_bytes(city: City) -> int:
    """Return how many bytes the results are expected to have, from what was measured on towns and cities."""
    return BASE_DISK + EDGE_DISK * len(city.network.edge_length_m) + HOME_DISK * len(city.homes.frame)


def memory_bytes(city: City) -> int:
    """Return how many bytes of memory a run is expected to need."""
    homes, sites = len(city.homes.frame), len(city.candidates) + len(city.facilities)
    streets = len(city.network.edge_length_m)
    return BASE_MEMORY + EDGE_MEMORY * streets + HOME_MEMORY * homes + PAIR_MEMORY * int(homes * sites * _near(city))


def _near(city: City) -> float:
    """Return which part of the homes is expected within the longest walk of a site, from the ground that they take."""
    walking = city.project.walking
    west, south, east, north = map(float, city.homes.frame.total_bounds)
    circle_m2 = math.pi * (walking.speed_m_s * 60 * max(walking.minutes)) ** 2
    return min(1.0, CROWDED * circle_m2 / max((east - west) * (north - south), 1.0))


def _mib(number: int) -> str:
    return f"{number // MIB:,} MiB"


def _held_elsewhere(path: Path) -> bool:
    """Return whether a result is open in a program that lets nobody replace it, as Excel does under Windows."""
    if os.name != "nt" or not path.is_file():
        return False
    try:
        with path.open("r+b"):
            return False
    except OSError:
        return True

"""Before a province is computed: every fault of its inputs at once, and is there room on the disk for its work."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from circle15.blocked import why_blocked
from circle15.outputs import LIBRARY_FAULTS
from circle15.province.money import money_faults
from circle15.province.project import PROVINCE_FILE, Province
from circle15.province.split import read_tables
from circle15.ready import BASE_DISK, BASE_MEMORY, EDGE_DISK, EDGE_MEMORY, HOME_DISK, HOME_MEMORY, MIB, PAIR_MEMORY
from gis.address import is_address
from gis.drawing import drawn_kind
from gis.errors import Finding, InputError, OutputError, blocked
from gis.osm import sniff
from policy.load import load_pack

PAIRS_A_HOME = 20
"""Facilities and candidates that a home reaches, guessed upwards: for the memory that a county needs."""
CUT_DISK = 8
"""Bytes on the disk for each byte of the extract while it is cut: 5 as it is laid down, 3 in the counties."""
LAYERS_DISK, STREET_LAYERS_DISK = MIB, 400
"""Bytes of what is kept of a county without its pages: of any, and for each corner of its streets."""


def memory_bytes(sizes: Mapping[str, int]) -> int:
    """Return how many bytes a county is expected to need, by the model of a city (`circle15.ready`)."""
    homes = sizes["homes"]
    return BASE_MEMORY + EDGE_MEMORY * sizes["streets"] + HOME_MEMORY * homes + PAIR_MEMORY * PAIRS_A_HOME * homes


def cut_bytes(province: Province) -> int:
    """Return how many bytes on the disk the reading and dealing out of a province is expected to take at most."""
    tables = [source.path for source in province.tables().values() if not is_address(source.path)]
    streets = province.path(province.inputs.streets.path).stat().st_size
    return CUT_DISK * streets + 2 * sum(province.path(name).stat().st_size for name in tables)


def results_bytes(sizes: Iterable[Mapping[str, int]], *, pages: bool) -> int:
    """Return how many bytes counties of these sizes are expected to add to the disk, layers of all together included.

    Pages and books of a county are on the disk once, under two names.
    """
    found = 0
    for each in sizes:
        streets, homes = each["streets"], each["homes"]
        found += 2 * (LAYERS_DISK + STREET_LAYERS_DISK * streets + HOME_DISK * homes)
        found += (BASE_DISK + EDGE_DISK * streets + HOME_DISK * homes) if pages else 0
    return found


def refuse_short_disk(needed: int, folder: Path) -> None:
    """Raise OutputError (DISK_SHORT) where so many bytes are not free on the disk of a folder."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        found, least = f"{free // MIB:,} MiB", f">= {needed // MIB + 1:,} MiB"
        raise blocked(Finding("DISK_SHORT", "reject", folder.name, found, allowed=least))


@contextmanager
def to_disk(*folders: Path) -> Iterator[None]:
    """Say in words why something could not be written, and in which of some folders: where none is named the first."""
    try:
        yield
    except (OSError, *LIBRARY_FAULTS, OutputError) as error:
        if isinstance(error, OutputError) and error.findings:
            raise
        named = Path(str(getattr(error, "filename", "") or ""))
        raise blocked(why_blocked(error, next(filter(named.is_relative_to, folders), folders[0]))) from error


def refuse_inputs(province: Province) -> None:
    """Raise InputError with every fault of every input, where one can be seen without reading the tables.

    The tables are then read for theirs, so that all come at once.
    """
    missing = [s.path for s in province.tables().values()
               if not is_address(s.path) and not province.path(s.path).is_file()]  # fmt: skip
    if missing or own_faults(province):
        raise InputError(every_fault(province))


def every_fault(province: Province) -> list[Finding]:
    """Return every fault of every input of a province."""
    return list(dict.fromkeys([*own_faults(province), *_refused(lambda: read_tables(province))]))


def own_faults(province: Province) -> list[Finding]:
    """Return what is wrong with all but the tables: streets, documents, files named, money, where results go."""
    faults, streets = money_faults(province), province.inputs.streets
    tables = {source.path for source in province.tables().values()}
    faults += [
        Finding("FILE_MISSING", "reject", name)
        for name in dict.fromkeys(province.files())
        if name not in tables and not province.path(name).is_file()
    ]
    place = f"{PROVINCE_FILE}:inputs.streets"
    if drawn_kind(province.path(streets.path)) is not None:
        faults.append(Finding("PARAM_RANGE", "reject", place, streets.path, allowed=".osm.pbf"))
    elif province.path(streets.path).is_file():
        faults += _refused(lambda: sniff(province.path(streets.path)))
    if streets.base is not None:
        faults.append(Finding("PARAM_RANGE", "reject", f"{place}.base", streets.base, allowed=streets.path))
    for name in province.policy.packs:
        own = province.path(name)
        faults += _refused(partial(load_pack, str(own) if name.endswith(".toml") and own.is_file() else name))
    folder = f"{province.folder}{Path('/')}"
    return [replace(fault, place=fault.place.replace(folder, "")) for fault in faults]


def _refused(work: Callable[[], object]) -> list[Finding]:
    """Return what some work is refused for."""
    try:
        work()
    except InputError as error:
        return list(error.findings)
    return []

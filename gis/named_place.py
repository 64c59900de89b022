"""The streets of a named place, fetched through OSMnx once and kept: the only thing here that ever uses the network."""

import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gis.errors import Finding, InputError

if TYPE_CHECKING:
    import networkx as nx

WAY_TAGS = ("highway", "access", "foot", "oneway", "bridge", "tunnel", "layer", "name", "motorroad", "surface",
            "incline", "wheelchair", "area")  # fmt: skip
"""What is asked of each street: what decides whether and how it is walked."""


def streets_of_place(place: str, *, folder: Path) -> "tuple[nx.MultiDiGraph, tuple[Finding, ...]]":
    """Return the OSMnx graph of all streets of a place, from the newest file kept in `folder`, else fetched now.

    A fetched graph is kept as GraphML under the place's name and the date. A finding says the date of what was kept.
    Raises InputError where nothing is kept and the place is unknown or cannot be fetched.
    """
    import osmnx  # noqa: PLC0415 - it takes a second to load and few ask for it

    stem = _stem(place)
    kept = sorted(folder.glob(f"{stem}-????-??-??.graphml"))
    if kept:
        day = kept[-1].stem.removeprefix(f"{stem}-")
        return osmnx.load_graphml(kept[-1]), (Finding("PLACE_CACHED", "note", place, day),)
    try:
        with _settings(osmnx):
            graph = osmnx.graph_from_place(place, network_type="all", retain_all=True)
    except Exception as error:  # whatever the network does, the planner is told one thing
        unknown = isinstance(error, (TypeError, ValueError)) or type(error).__name__ == "InsufficientResponseError"
        code = "PLACE_UNKNOWN" if unknown else "PLACE_OFFLINE"
        raise InputError([Finding(code, "reject", place, type(error).__name__)]) from error
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as beside:
        part = Path(beside) / "streets.graphml"
        osmnx.save_graphml(graph, part)
        part.replace(folder / f"{stem}-{date.today():%Y-%m-%d}.graphml")  # noqa: DTZ011 - the day on this desk
    return graph, ()


def _stem(place: str) -> str:
    """Return a file name for a place: its letters, and a digest that tells apart what they do not."""
    letters = re.sub(r"\W+", "_", place)[:40].strip("_")
    return f"{letters}-{hashlib.sha256(place.encode()).hexdigest()[:12]}"


@contextmanager
def _settings(osmnx: Any) -> Iterator[None]:
    """Ask for the tags that matter on foot and write no cache beside the project, for as long as it takes."""
    wanted = {"useful_tags_way": list(WAY_TAGS), "use_cache": False}
    before = {name: getattr(osmnx.settings, name) for name in wanted}
    try:
        for name, value in wanted.items():
            setattr(osmnx.settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(osmnx.settings, name, value)

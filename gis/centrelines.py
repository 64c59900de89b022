"""The bureau's own centre lines as the walking network: GeoPackage, shapefile, GeoJSON, or a CAD drawing (DXF)."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.datum import Datum, old_datum, to_wgs84
from gis.drawing import lines_of_file
from gis.errors import Finding, InputError, refuse
from gis.junctions import Ways, lay_out
from gis.network import WalkNetwork
from gis.noding import Noded, node_lines
from gis.osm import OSM_CRS
from gis.walkable import directions, is_private, is_walkable

NEAR_MISS_M = 5.0
"""An end that stops so short of another line was perhaps meant to meet it: it is told, never joined."""


def network_of_centrelines(
    source: str | Path | gpd.GeoDataFrame,
    *,
    crs: str,
    layer: str | Sequence[str] | None = None,
    gates: gpd.GeoDataFrame | None = None,
    tolerance_m: float = 0.5,
    join_crossings: bool = True,
    datum: Datum | None = None,
) -> WalkNetwork:
    """Return the walking network of a bureau's centre lines (a file known by its content, or a table of lines).

    `crs`: the project's, in metres; the file must name its own, a DXF is taken to be in the project's. `layer`: of
    several layers of a file, or of a CAD drawing, the one or ones to use; `datum` in which its degrees are. `gates` as
    in `walk_network`. Columns are known by the headings of `centrelines.toml`; what has no class is a road. Ends within
    `tolerance_m` of another line are joined to it. With `join_crossings` lines that cross without a shared vertex meet
    there, unless a column says that one is a bridge or a tunnel or lies on another level; without it (data whose lines
    are cut at every junction) only shared vertices join. Ends that stop up to 5 m short of a line are findings
    NEAR_MISS. Raises InputError for a file that cannot be used, without a CRS or without a line that can be walked.

    >>> crossing = gpd.GeoDataFrame(geometry=gpd.GeoSeries.from_wkt(
    ...     ["LINESTRING (0 -100, 0 100)", "LINESTRING (-100 0, 100 0)"]), crs="EPSG:4547")
    >>> network_of_centrelines(crossing, crs="EPSG:4547").edge_length_m.tolist()
    [100.0, 100.0, 100.0, 100.0]
    """
    findings: tuple[Finding, ...] = ()
    if isinstance(source, gpd.GeoDataFrame):
        frame, name = source, "lines"
    else:
        name = str(source)
        frame, findings = lines_of_file(Path(source), crs=crs, layer=layer)
        frame = _unshifted(frame, datum, name)
    if frame.crs is None:
        raise InputError([Finding("CRS_MISSING", "reject", name)])
    if old_datum(frame.crs):
        raise InputError([Finding("CRS_OLD_DATUM", "reject", name, frame.crs.name)])
    frame, said = _single_lines(frame.to_crs(crs), name)
    tags, way_id, more = _tags(frame, name)
    findings = (*findings, *said, *more)
    kept = np.array([is_walkable(of_line) for of_line in tags], dtype=bool)
    if not kept.all():
        findings = (*findings, Finding("CLASS_NOT_WALKED", "note", name, str((~kept).sum()), int((~kept).sum())))
    if not kept.any():
        refuse([*findings, Finding("STREETS_NONE", "reject", name)])
    lines = frame.geometry.to_numpy()
    order = _order(lines, tags, np.flatnonzero(kept))
    lines, tags = lines[order], [tags[i] for i in order]
    noded = node_lines(
        lines,
        np.array([_level(of_line) for of_line in tags], dtype=np.int64),
        tolerance_m=tolerance_m,
        near_miss_m=NEAR_MISS_M,
        join_crossings=join_crossings,
    )
    ways = Ways(way_id[order][noded.line], noded.start, noded.refs, tuple(tags), noded.line)
    nodes = pd.DataFrame(
        {"x": noded.node_xy[:, 0], "y": noded.node_xy[:, 1]},
        index=pd.RangeIndex(len(noded.node_xy), name="node_id"),
    )
    return lay_out(ways, nodes, crs=crs, gates=gates, name=name, findings=(*findings, *_report(noded, name)))


def _unshifted(frame: gpd.GeoDataFrame, datum: Datum | None, name: str) -> gpd.GeoDataFrame:
    """Return lines that were drawn over a shifted map where they truly lie; metres cannot be shifted back."""
    if datum not in ("gcj02", "bd09") or frame.crs is None:
        return frame
    if not frame.crs.is_geographic:
        raise InputError([Finding("DATUM_METRES", "reject", name, f"{datum}, {frame.crs.name}")])
    corners = shapely.transform(
        frame.geometry.to_numpy(), lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum=datum))
    )
    return frame.set_geometry(corners).set_crs(OSM_CRS, allow_override=True)


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("centrelines.toml").read_text(encoding="utf-8"))


def _single_lines(frame: gpd.GeoDataFrame, name: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Return the parts of all lines, flat; what is no line, or lies at no place, is left out and counted."""
    parts = frame.explode(ignore_index=True)
    shapes = shapely.force_2d(parts.geometry.to_numpy())
    lines = np.isin(shapely.get_type_id(shapes), [shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING])
    away = lines & ~np.isfinite(shapely.bounds(shapes)).all(axis=1) & ~shapely.is_empty(shapes)
    kept = lines & ~away & ~shapely.is_empty(shapes) & (shapely.length(shapes) > 0)
    none = int((~kept & ~away).sum() + frame.geometry.isna().sum() - parts.geometry.isna().sum())
    counts = {"NODE_OUTSIDE": int(away.sum()), "LINE_NONE": none}
    said = [Finding(code, "warn", name, str(count), count) for code, count in counts.items() if count]
    return parts[kept].set_geometry(shapes[kept], crs=frame.crs).reset_index(drop=True), said


def _tags(frame: gpd.GeoDataFrame, name: str) -> tuple[list[dict[str, str]], np.ndarray, list[Finding]]:
    """Return every line's tags in OpenStreetMap's words, and its number (where none is given: its place, from 1)."""
    table, count = _table(), len(frame)
    heading = {str(column).strip().lower(): column for column in reversed(frame.columns) if column != "geometry"}
    cells: dict[str, list[str]] = {}
    for key, headings in table["headings"].items():
        column = next((heading[h] for h in (key, *headings) if h in heading), None)
        if column is not None:
            cells[key] = ["" if pd.isna(cell) else str(cell).strip() for cell in frame[column].to_list()]
    numbers = pd.to_numeric(pd.Series(cells.pop("way_id", [""] * count)), errors="coerce")
    whole = numbers.notna().all() and (numbers % 1 == 0).all() and (numbers.abs() < 2**53).all()
    way_id = numbers.to_numpy().astype(np.int64) if whole else np.arange(1, count + 1)
    private = [_yes(cell) for cell in cells.pop("private", [""] * count)]
    classes = [_class(cell) for cell in cells.pop("highway", [""] * count)]
    states = [_longest("states", cell) for cell in cells.pop("state", [""] * count)]
    tags = [
        {key: column[i] for key, column in cells.items() if column[i]}
        | {"highway": states[i] or classes[i] or "road"}
        | ({"access": "private"} if private[i] else {})
        for i in range(count)
    ]
    unknown = sum(of_line is None for of_line in classes)
    return tags, way_id, [Finding("CLASS_UNKNOWN", "note", name, str(unknown), unknown)] if unknown else []


def _class(cell: str) -> str | None:
    """Return the class in OpenStreetMap's words, empty where there is none, None where it is not known."""
    word = cell.lower()
    if word in {"", "unknown"} or is_walkable({"highway": word}) or word in _table()["words"]["not_walked"]:
        return word.removeprefix("unknown")
    return _longest("states", cell) or _longest("classes", cell)


def _longest(table: str, cell: str) -> str | None:
    """Return what the longest word of a table that is in a cell stands for, None where none is."""
    words: Mapping[str, str] = _table()[table]
    found = [word for word in words if word in cell.lower()]
    return words[max(found, key=len)] if found else None


def _yes(cell: str) -> bool:
    """Return whether a cell says yes."""
    return cell.lower() not in _table()["words"]["no"]


def _level(tags: Mapping[str, str]) -> int:
    """Return how many levels a line lies above (bridge) or below (tunnel) the ground."""
    try:
        level = int(float(tags.get("layer", "0")))
    except (ValueError, OverflowError):
        level = 0
    return level or int(_yes(tags.get("bridge", ""))) - int(_yes(tags.get("tunnel", "")))


def _order(lines: np.ndarray, tags: Sequence[Mapping[str, str]], kept: np.ndarray) -> np.ndarray:
    """Return the lines to use in an order that is their own, not the file's; of doubles the freest comes first."""
    bound = [is_private(tags[i]) or directions(tags[i]) != (True, True) for i in kept]
    shape = shapely.to_wkb(shapely.normalize(lines[kept]))
    rest = [sorted(tags[i].items()) for i in kept]
    return kept[sorted(range(len(kept)), key=lambda i: (bound[i], shape[i], rest[i]))]


def _report(noded: Noded, name: str) -> list[Finding]:
    """Say what was joined, dropped and left apart."""
    counts = {
        "ENDS_JOINED": ("repair", noded.ends_joined),
        "CROSSINGS_JOINED": ("note", noded.crossings),
        "LINE_TWICE": ("repair", noded.doubles),
        "LEVELS_MEET": ("warn", noded.levels_meet),
    }
    said = [Finding(code, severity, name, str(n), n) for code, (severity, n) in counts.items() if n]  # type: ignore[arg-type]
    return said + [
        Finding("NEAR_MISS", "warn", name, f"{x:.1f}, {y:.1f}: {gap:.2f} m") for x, y, gap in noded.near_misses
    ]

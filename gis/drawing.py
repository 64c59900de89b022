"""Lines as a bureau keeps them: which file holds drawn lines, by its content, and the lines with their columns."""

import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from gis.errors import Finding, InputError
from gis.tables import Table

Drawn = Literal["gpkg", "shp", "geojson", "dxf"]
STREETS = Table("streets", "道路中心线", "way_id", ())
SPARE_DEGREES = 1.0
"""So far beyond the area a CRS is made for its coordinates are still believed."""


def drawn_kind(path: Path) -> Drawn | None:
    """Return what kind of drawn lines a file holds, by its first bytes; None for anything else (an OSM extract)."""
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"SQLite format 3\0"):
        return "gpkg"
    if head.startswith(b"\0\0\x27\x0a"):
        return "shp"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return "geojson"
    pairs = [line.strip() for line in text.splitlines()]
    if text.startswith(b"AutoCAD Binary DXF") or (pairs[:1] in ([b"0"], [b"999"]) and b"SECTION" in pairs):
        return "dxf"
    return None


def lines_of_file(
    path: Path, *, crs: str, layer: str | Sequence[str] | None
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return the shapes of a file with their columns, in the CRS of the file (a DXF: in `crs`, which is said).

    Raises InputError for an unknown format, a layer that is not there or not named, a damaged file, no CRS, or a
    DXF whose coordinates cannot be in `crs`.
    """
    from gis.intake.layers import read_layer  # noqa: PLC0415 - who reads an extract does without it

    kind = drawn_kind(path)
    if kind is None:
        raise InputError([Finding("STREETS_FORMAT" if path.is_file() else "FILE_MISSING", "reject", str(path))])
    wanted = [layer] if isinstance(layer, str) else list(layer or ())
    if kind == "dxf":
        return _dxf(path, wanted, crs)
    frames = []
    for title in wanted or (None,):
        found = read_layer(path, kind, layer=title, table=STREETS)
        if found.crs is None:
            raise InputError([Finding("CRS_MISSING", "reject", found.place)])
        columns = dict(zip(found.names, zip(*found.rows, strict=True), strict=True)) if found.rows else {}
        frames.append(gpd.GeoDataFrame(
            pd.DataFrame(columns, dtype=object), geometry=np.array(found.shapes, dtype=object), crs=found.crs
        ))  # fmt: skip
    one = [frame.to_crs(frames[0].crs) for frame in frames]
    return gpd.GeoDataFrame(pd.concat(one, ignore_index=True)), ()


def _dxf(path: Path, wanted: list[str], crs: str) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Return the lines of some CAD layers; the name of its layer is the class of a line."""
    import pyogrio  # noqa: PLC0415 - as above

    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the reader's remarks; what matters is checked below
        copy = Path(folder) / "drawing.dxf"  # a plain name: the reader takes ! and ; in a name for an address
        shutil.copyfile(path, copy)
        try:
            _, _, shapes, columns = pyogrio.raw.read(copy, columns=["Layer"])
            geometry = shapely.force_2d(shapely.from_wkb(shapes))
        except Exception as error:  # a broken file can fail anywhere inside the reader
            raise InputError([Finding("FILE_BROKEN", "reject", str(path), str(error).replace(folder, ""))]) from error
    of_layer = np.asarray(columns[0], dtype=object)
    is_line = np.isin(
        shapely.get_type_id(geometry), [shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING]
    )
    names = sorted({str(name) for name in of_layer[is_line]})
    missing = [name for name in wanted if name not in names]
    if missing or (not wanted and len(names) > 1):
        code = "SHEET_MISSING" if missing else "SHEET_AMBIGUOUS"
        raise InputError([Finding(code, "reject", str(path), ", ".join(names))])
    kept = is_line & np.isin(of_layer, wanted or names)
    frame = gpd.GeoDataFrame({"highway": of_layer[kept]}, geometry=geometry[kept], crs=crs)
    _refuse_elsewhere(frame, str(path))
    return frame, (Finding("CRS_OF_DRAWING", "note", str(path), crs),)


def _refuse_elsewhere(frame: gpd.GeoDataFrame, name: str) -> None:
    """Refuse coordinates that do not lie where the CRS is made for: local ones, millimetres, exchanged or prefixed."""
    area = pyproj.CRS.from_user_input(frame.crs).area_of_use
    if area is None or not len(frame):
        return
    middle = np.median(shapely.get_coordinates(frame.geometry.to_numpy()), axis=0)
    lon, lat = pyproj.Transformer.from_crs(frame.crs, "EPSG:4326", always_xy=True).transform(*middle)
    if not (
        area.west - SPARE_DEGREES <= lon <= area.east + SPARE_DEGREES
        and area.south - SPARE_DEGREES <= lat <= area.north + SPARE_DEGREES
    ):
        raise InputError([Finding("DRAWING_ELSEWHERE", "reject", name, f"{middle[0]:.1f}, {middle[1]:.1f}")])

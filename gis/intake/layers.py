"""A map layer as it lies in its file: field names, one row of values a feature, and the shapes in their own CRS."""

import json
import re
import shutil
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray

from gis.intake.files import Kind, fault
from gis.intake.sheets import decoded
from gis.intake.zips import NEEDED, PARTS, unpack_shapefile
from gis.tables import Table

_DBF_SAYS_NOTHING = (b"\0", b"\x03", b"\x57")  # no language, or the Western one that exporters write without asking
_OF_THE_TWO = (b"", b"utf8", b"65001", b"gbk", b"gb2312", b"gb18030", b"936", b"cp936")
_RING_CORNERS = 4
_NOT_KNOWN = "Undefined "
"""So a GeoPackage calls the two systems of coordinates that stand for none (OGC 12-128, clause 1.1.2.1.2)."""
_NO_SIGN = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True)
class Layer:
    """A layer as read. The shape of a feature is None where it has none or (`unreadable`) one that cannot be read."""

    place: str
    names: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    shapes: tuple[Any, ...]
    crs: pyproj.CRS | None
    unreadable: frozenset[int] = frozenset()


def read_layer(file: Path, kind: Kind, *, layer: str | None, table: Table) -> Layer:
    """Return one layer of a GeoPackage, GeoJSON file or shapefile, also of a zipped one.

    Of several layers the named one, else the one called like the table. Raises InputError where there is no such layer
    or the file cannot be read.
    """
    if kind == "geojson":
        return _read_geojson(file)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the reader's remarks; what matters is checked below
        copy = Path(folder) / f"layer.{kind}"  # a plain name: the reader takes ! and ; in a name for an address
        if kind == "zip":
            copy = unpack_shapefile(file, Path(folder), layer=layer)
        else:
            shutil.copyfile(file, copy)
        for part in file.parent.iterdir() if kind == "shp" else ():
            if part.stem == file.stem and part.suffix.lower() in PARTS[1:]:
                shutil.copyfile(part, copy.with_suffix(part.suffix.lower()))
        one = copy.suffix == ".shp"
        lost = [ending for ending in NEEDED if one and not copy.with_suffix(ending).exists()]
        if lost:
            raise fault("SHAPE_PART_MISSING", file.name, allowed=" ".join(lost))
        try:
            titles = [str(title) for title in pyogrio.list_layers(copy)[:, 0]]
            wanted = titles if one else _wanted(titles, layer, table)
            found = [_read_ogr(copy, title) for title in wanted]
        except Exception as error:  # a broken file can fail anywhere inside the reader
            raise fault("FILE_BROKEN", file.name, str(error).replace(folder, "")) from error
    if not found:
        place, code = (f"{file.name}!{layer}", "SHEET_MISSING") if layer else (file.name, "SHEET_AMBIGUOUS")
        raise fault(code, place, ", ".join(titles))
    place = file.name if one else f"{file.name}!{found[0].place}"
    return replace(found[0], place=place)


def _wanted(titles: list[str], layer: str | None, table: Table) -> list[str]:
    """Return the layer to read: the named one, the only one, or the one called like the table."""
    if layer is None and len(titles) == 1:
        return titles
    wanted = (layer,) if layer else (table.name, table.title)
    return [title for title in titles if title in wanted][:1]


def _read_ogr(file: Path, title: str) -> Layer:
    """Read a layer as raw shapes, so that a ring that is not closed is seen and not closed in silence."""
    table = file.with_suffix(".dbf")
    dbf = file.suffix == ".shp" and table.exists()
    encoding = _dbf_encoding(table) if dbf else None
    if dbf and encoding != "GB18030":
        _mend_names(table)
    meta, _, shapes, columns = pyogrio.raw.read(file, layer=title, encoding=encoding)
    count = len(columns[0]) if shapes is None else len(shapes)
    raw = [None] * count if shapes is None else list(shapes)
    read = tuple(None if wkb is None else shapely.from_wkb(wkb, on_invalid="ignore") for wkb in raw)
    lost = frozenset(
        i for i, (wkb, shape) in enumerate(zip(raw, read, strict=True)) if wkb is not None and shape is None
    )
    rows = tuple(zip(*map(_plain, columns), strict=True)) if len(columns) else ((),) * count
    crs = pyproj.CRS.from_user_input(meta["crs"]) if meta["crs"] else None
    if crs is not None and crs.name.startswith(_NOT_KNOWN):
        crs = None
    return Layer(title, tuple(map(str, meta["fields"])), rows, read, crs, lost)


def _dbf_encoding(table: Path) -> str | None:
    """Return the encoding of a DBF: UTF-8 or, as Chinese offices write it, GB18030; None for any other it names.

    Which of the two, its bytes say: exporters write a .cpg that is not true.
    """
    data, said = table.read_bytes(), table.with_suffix(".cpg")
    named = said.read_bytes().strip().lower().replace(b"-", b"") if said.exists() else b""
    if named not in _OF_THE_TWO or (not named and data[29:30] not in _DBF_SAYS_NOTHING):
        return None
    begin = int.from_bytes(data[8:10], "little")
    names = (data[at : at + 11].split(b"\0", 1)[0] for at in range(32, begin - 32, 32))
    unread = {name: data[begin:].decode(name, "replace").count("\ufffd") for name in ("UTF-8", "GB18030")}
    return "UTF-8" if all(map(_is_utf8, names)) and not unread["UTF-8"] > unread["GB18030"] else "GB18030"


def _is_utf8(name: bytes) -> bool:
    """Return whether a field name is UTF-8, perhaps cut in the middle of its last letter."""
    try:
        name.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def _mend_names(table: Path) -> None:
    """Take off the half letter that cutting a UTF-8 field name at ten bytes leaves, on which the reader would fail."""
    data = bytearray(table.read_bytes())
    for start in range(32, int.from_bytes(data[8:10], "little") - 32, 32):
        name = bytes(data[start : start + 11]).split(b"\0", 1)[0]
        try:
            name.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data" and error.start > 0:
                data[start : start + 11] = name[: error.start].ljust(11, b"\0")
    table.write_bytes(data)


def _plain(values: NDArray[Any]) -> list[object]:
    """Return a column as Python values; a missing date is None."""
    if np.issubdtype(values.dtype, np.datetime64):
        return list(values.astype("datetime64[ms]").tolist())
    return list(values.tolist())


def _read_geojson(file: Path) -> Layer:
    """Read GeoJSON without GDAL, so that an open ring is seen and not closed in silence."""
    try:
        content = json.loads(decoded(file))
        if not isinstance(content, dict) or content.get("type") not in ("FeatureCollection", "Feature"):
            raise fault("FILE_JSON", file.name, ", ".join(content if isinstance(content, dict) else ["[...]"])[:80])
        features = content["features"] if content.get("type") == "FeatureCollection" else [content]
        if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
            raise fault("FILE_BROKEN", file.name, "features")
        records: list[dict[str, Any]] = [feature.get("properties") or {} for feature in features]
        keys = tuple(dict.fromkeys(name for record in records for name in record))
        names = tuple(str(_scalar(key)) for key in keys)
        rows = tuple(tuple(_scalar(record.get(key)) for key in keys) for record in records)
        crs = _geojson_crs(content.get("crs"), file)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":  # one feature a line
            raise fault("FILE_JSON", file.name, error.doc[error.pos :][:80]) from error
        raise fault("FILE_BROKEN", file.name, f"{type(error).__name__}: {error}") from error
    shapes = [_geojson_shape(feature.get("geometry")) for feature in features]
    lost = frozenset(i for i, shape in enumerate(shapes) if shape is False)
    return Layer(file.name, names, rows, tuple(shape or None for shape in shapes), crs, lost)


def _geojson_crs(member: Any, file: Path) -> pyproj.CRS:
    """Return the CRS a GeoJSON names in the old way, WGS 84 where it names none. Raises InputError (CRS_MISSING)."""
    if member is None:
        return pyproj.CRS.from_epsg(4326)
    name = str(member.get("properties", {}).get("name", "")) if isinstance(member, dict) else ""
    code = "4326" if "CRS84" in name else name.rpartition(":")[2] if "EPSG" in name else ""
    try:
        return pyproj.CRS.from_epsg(int(code))
    except (ValueError, pyproj.exceptions.CRSError):
        raise fault("CRS_MISSING", file.name, json.dumps(member, ensure_ascii=False)[:80]) from None


def _geojson_shape(geometry: Any) -> Any:
    """Return a shape, None where there is none, False where it cannot be one (a ring open or of too few corners)."""
    if not geometry:
        return None
    try:
        rings = {"Polygon": [geometry.get("coordinates")], "MultiPolygon": geometry.get("coordinates")}
        for ring in (ring for polygon in rings.get(geometry["type"], []) for ring in polygon):
            if len(ring) < _RING_CORNERS or ring[0] != ring[-1]:
                return False
        places = {"coordinates": _three(geometry["coordinates"])} if "coordinates" in geometry else {}
        return shapely.geometry.shape({**geometry, **places})
    except Exception:  # noqa: BLE001 whatever a hostile geometry makes the library raise, it is no shape
        return False


def _three(places: Any) -> Any:
    """Return coordinates without what stands behind the height: the format lets programs write it, and others skip it.

    >>> _three([[[1, 2], [3, 4, 0, 9.5]]])
    [[[1, 2], [3, 4, 0]]]
    """
    return [_three(part) for part in places] if places and isinstance(places[0], list) else places[:3]


def _scalar(value: object) -> object:
    """Return a value as a cell; half a sign and NUL, which no file can hold, are shown as the sign of a lost one."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value
    return _NO_SIGN.sub("\N{REPLACEMENT CHARACTER}", text) if isinstance(text, str) else text

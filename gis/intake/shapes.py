"""Shapes as the town needs them: in the project's CRS, of one type, valid; repaired and told, or refused."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.datum import Datum, old_datum, to_wgs84
from gis.errors import Finding
from gis.intake.layers import Layer
from gis.intake.sheets import Grid, Row
from gis.tables import Table

_POLYGONS = ("Polygon", "MultiPolygon")
_SLIVER_M2, _SLIVER_M = 1.0, 1.0
_LAT = 90
_MANY_CORNERS, _HAIR_M = 50_000, 0.001
_STRIP_M, _FINE_M = 20.0, 0.1
"""Gaps up to twice as wide are found even where they are open at an end; borders are simplified by less for that."""


def shapes_in(layer: Layer, table: Table, *, crs: pyproj.CRS, datum: Datum | None) -> tuple[Grid, list[Finding]]:
    """Return the rows of a layer with their shapes in `crs`, and what was found about the shapes.

    Polygons for a table of areas, points for any other (areas that stand for homes or sites become a point inside
    them). Without a CRS, with a ring that is not closed, of another type: rejections. Self-intersections are repaired
    and their area is told before and after.
    """
    findings = [Finding("GEOMETRY_RING", "reject", f"{layer.place}:{i + 1}/geometry") for i in sorted(layer.unreadable)]
    shapes, said = _moved(layer, crs=crs, datum=datum)
    findings += said
    if table.position == "polygon":
        shapes, said = _areas(shapes, layer.place)
    else:
        shapes, said = _points(shapes, layer.place)
    rows = tuple(Row(i + 1, cells, shape) for i, (cells, shape) in enumerate(zip(layer.rows, shapes, strict=True)))
    return Grid(layer.place, rows), findings + said


def overlaps(shapes: Sequence[Any], names: Sequence[str], place: str) -> list[Finding]:
    """Return a warning for each pair of areas that share more than a sliver: who lives there would count twice."""
    areas = np.array([shape for shape in shapes if shape is not None], dtype=object)
    many = shapely.get_num_coordinates(areas) > _MANY_CORNERS
    if many.any():  # what they share is computed in minutes else; a millimetre along their border is no overlap
        areas[many] = shapely.make_valid(shapely.simplify(areas[many], _HAIR_M, preserve_topology=False))
    least = _SLIVER_M2 + many * 2 * _HAIR_M * shapely.length(areas)
    ids = [name for name, shape in zip(names, shapes, strict=True) if shape is not None]
    left, right = shapely.STRtree(areas).query(areas, predicate="intersects")
    pairs = sorted((a, b) for a, b in zip(left.tolist(), right.tolist(), strict=True) if a < b)
    shared = shapely.area(shapely.intersection(areas[[a for a, _ in pairs]], areas[[b for _, b in pairs]]))
    return [
        Finding("GEOMETRY_OVERLAP", "warn", f"{place}/{ids[a]}, {ids[b]}", f"{area / 1e6:.6f} km2")
        for (a, b), area in zip(pairs, shared, strict=True)
        if area > max(least[a], least[b])
    ]


def gaps(shapes: Sequence[Any], place: str) -> list[Finding]:
    """Return a warning where ground between areas belongs to none of them: how many gaps, and how large."""
    areas = np.array([shape for shape in shapes if shape is not None], dtype=object)
    whole = shapely.union_all(shapely.make_valid(shapely.simplify(areas, _FINE_M, preserve_topology=False)))
    filled = shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(whole)])
    closed = shapely.buffer(shapely.buffer(filled, _STRIP_M, join_style="mitre"), -_STRIP_M, join_style="mitre")
    found = shapely.get_parts(shapely.difference(shapely.union_all([closed, filled]), whole))
    found = found[~shapely.is_empty(shapely.buffer(found, -_SLIVER_M / 2))]
    if not len(found):
        return []
    inside = shapely.get_coordinates(shapely.point_on_surface(found[np.argmax(shapely.area(found))]))[0]
    said = f"{shapely.area(found).sum() / 1e6:.6f} km2; {inside[0]:.0f}, {inside[1]:.0f}"
    return [Finding("GEOMETRY_GAP", "warn", place, said, len(found))]


def _moved(layer: Layer, *, crs: pyproj.CRS, datum: Datum | None) -> tuple[list[Any], list[Finding]]:
    """Bring shapes to the project's CRS, through their datum where they are in degrees; no height, no NaN."""
    shapes = [None if g is None or g.is_empty else shapely.force_2d(g) for g in layer.shapes]
    shapes = [g if g is not None and np.isfinite(shapely.get_coordinates(g)).all() else None for g in shapes]
    name = layer.crs.name if layer.crs else ""
    if layer.crs is None or not (layer.crs.is_geographic or layer.crs.is_projected):
        return shapes, [Finding("CRS_MISSING", "reject", layer.place, name)]
    shifted = datum in ("gcj02", "bd09")
    if old_datum(layer.crs) or (shifted and layer.crs.is_projected):
        code, said = ("CRS_OLD_DATUM", name) if old_datum(layer.crs) else ("DATUM_METRES", f"{datum}, {name}")
        return shapes, [Finding(code, "reject", layer.place, said)]
    if not layer.crs.is_geographic:
        return _transformed(shapes, pyproj.Transformer.from_crs(layer.crs, crs, always_xy=True).transform), []
    corners = shapely.get_coordinates([g for g in shapes if g is not None])
    lon, lat = np.abs(corners).T
    if len(corners) and (lon <= _LAT).all() and ((lat > _LAT) & (lat <= 2 * _LAT)).all():
        found = f"{corners[0, 0]:.10g}, {corners[0, 1]:.10g}"
        return shapes, [Finding("LONLAT_SWAPPED", "reject", layer.place, found, len(corners))]
    outside = corners[(np.abs(corners) > (180, 90)).any(axis=1)]
    if len(outside):
        found = f"{outside[0, 0]:.10g}, {outside[0, 1]:.10g}"
        return shapes, [Finding("POSITION_NOT_DEGREES", "reject", layer.place, found, len(outside))]
    to_metres = pyproj.Transformer.from_crs(4326 if shifted else layer.crs, crs, always_xy=True)
    return _transformed(shapes, lambda x, y: to_metres.transform(*to_wgs84(x, y, datum=datum or "wgs84"))), []


def _transformed(shapes: Sequence[Any], move: Callable[[Any, Any], tuple[Any, Any]]) -> list[Any]:
    def columns(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(move(xy[:, 0], xy[:, 1]))

    return [None if g is None else shapely.transform(g, columns) for g in shapes]


def _areas(shapes: Sequence[Any], place: str) -> tuple[list[Any], list[Finding]]:
    """Keep polygons, repair those that cross themselves, refuse everything else."""
    kept: list[Any] = []
    findings: list[Finding] = []
    for number, shape in enumerate(shapes, 1):
        at = f"{place}:{number}/geometry"
        if shape is not None and shape.geom_type not in _POLYGONS:
            findings.append(Finding("GEOMETRY_TYPE", "reject", at, shape.geom_type, allowed="Polygon, MultiPolygon"))
        elif shape is not None and not shape.is_valid:
            repaired = _mended(shape)
            change = f"{shape.area:.1f} m2 -> {repaired.area:.1f} m2"
            findings.append(Finding("GEOMETRY_REPAIRED", "repair", at, f"{shapely.is_valid_reason(shape)}; {change}"))
            shape = None if repaired.is_empty else repaired  # noqa: PLW2901 the row goes on with its repaired shape
        kept.append(shape)
    return kept, findings


def _mended(shape: Any) -> Any:
    """Return a polygon that crosses itself as the areas its borders enclose; a hole outside of its border is none."""
    whole = []
    for part in shapely.get_parts(shape):
        rings = [shapely.make_valid(shapely.Polygon(ring)) for ring in (part.exterior, *part.interiors)]
        whole.append(shapely.difference(rings[0], shapely.union_all(rings[1:])))
    areas = [part for each in whole for part in shapely.get_parts(each) if part.geom_type in _POLYGONS]
    return shapely.union_all(areas)


def _points(shapes: Sequence[Any], place: str) -> tuple[list[Any], list[Finding]]:
    """Keep points; where all shapes are areas take a point inside each; refuse everything else."""
    types = {shape.geom_type for shape in shapes if shape is not None}
    if types and types <= set(_POLYGONS):
        inside = [None if shape is None else shapely.make_valid(shape).representative_point() for shape in shapes]
        return inside, [Finding("GEOMETRY_TO_POINT", "note", place, ", ".join(sorted(types)), len(inside))]
    kept: list[Any] = []
    findings: list[Finding] = []
    for number, shape in enumerate(shapes, 1):
        single = shape is not None and shape.geom_type == "MultiPoint" and len(shape.geoms) == 1
        kept.append(shape.geoms[0] if single else shape)
        if kept[-1] is not None and kept[-1].geom_type != "Point":
            at = f"{place}:{number}/geometry"
            findings.append(Finding("GEOMETRY_TYPE", "reject", at, shape.geom_type, allowed="Point"))
    return kept, findings

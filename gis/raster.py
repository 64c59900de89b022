"""People from a population raster (a GeoTIFF such as GHS-POP or WorldPop): a cell with people is a home there."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from gis.datum import Datum, Shifted, old_datum
from gis.errors import Finding, InputError
from gis.homes import Homes, homes_from_table
from gis.intake.files import fault, local_file
from gis.ledger import Ledger
from gis.units import by_position

MOST_PER_M2 = 2.0
"""More people per m2 of ground than this is no count: Kowloon Walled City had 1.9 (50,000 on 2.6 ha)."""
DENSE_PER_KM2 = 100_000
"""More than this on all ground where people live is likely people per km2 read as people per cell."""
COARSE_M = 250.0
MOST_CELLS = 10_000_000
"""As many cells as 30 km by 30 km have at 10 m."""
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def is_geotiff(path: str | os.PathLike[str]) -> bool:
    """Return whether a file is a TIFF by its first bytes; False where there is no such file."""
    file = Path(path)
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        return stream.read(4) in _TIFF


def homes_from_raster(
    path: str | os.PathLike[str],
    communities: gpd.GeoDataFrame,
    *,
    crs: str,
    band: int | None = None,
    elder_share: float | None = None,
    datum: Datum | None = None,
) -> Homes:
    """Return homes from a raster that holds the number of people in each cell, in any CRS.

    Each cell with people whose middle lies in a community is a home there (in `crs`, metres), called `r<row>c<column>`
    counted from 0 at the upper left of the file; parts of people are rounded so that each community keeps its total.
    People of other cells are not of the city: they are left out, with a note and in `ledger`. Nodata, masked cells and
    NaN are nobody; scale and offset are honoured. Elders and groups of the communities are shared by
    residents as in `gis.homes.homes_from_table`, else `elder_share` is taken. `band`: which band, where there are
    several; `datum` in which its degrees are. Only the part of the file around the communities is read.

    Findings: a raster that ends within the study area, cells above 250 m, and so many people that they must be
    densities. Raises InputError for a file that is no GeoTIFF or damaged, has no CRS, several bands, no cell in the
    study area or nobody there, and for values that cannot be people (negative, or above 2 people per m2).
    """
    file = local_file(path)
    if not is_geotiff(file):
        raise fault("RASTER_FORMAT", file.name)
    if communities.geometry.isna().all():
        raise fault("RASTER_SHAPES", "communities/geometry")
    areas = communities.to_crs(crs)
    with _opened(file) as raster:
        cells, findings = _cells(raster, file.name, areas, band, datum)
    at = cells.middles(crs)
    community = by_position(at, areas)
    inside = community.notna().to_numpy()
    outside_people = cells.people[~inside & (cells.people > 0) & np.isfinite(cells.people)].sum()
    ledger = Ledger(
        "residents",
        file.name,
        rows_read=len(at),
        rows_used=int(inside.sum()),
        left_out={"RASTER_OUTSIDE": int((~inside).sum())} if not inside.all() else {},
    )
    if not inside.any():
        raise fault("RASTER_NOBODY", file.name)
    findings += _doubts(cells, inside, file.name)
    if not inside.all():
        findings.append(Finding("RASTER_OUTSIDE", "note", file.name, f"{outside_people:.0f}", int((~inside).sum())))
    table = at.assign(residents=cells.people, community_id=community, elders=np.nan, households=np.nan)[inside]
    homes = homes_from_table(table, areas, elder_share=elder_share, source=file.name)
    return replace(homes, source="homes.raster", findings=(*findings, *homes.findings), ledger=ledger)


@dataclass(frozen=True)
class _Cells:
    """The cells of a raster that hold something: their value, row and column, and how they lie on the ground."""

    people: np.ndarray
    row: np.ndarray
    column: np.ndarray
    transform: tuple[float, float, float, float, float, float]
    to_metres: pyproj.Transformer | Shifted

    def places(self, column: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Return places given in columns and rows as positions in metres."""
        a, b, c, d, e, f = self.transform
        return np.column_stack(self.to_metres.transform(a * column + b * row + c, d * column + e * row + f))

    def middles(self, crs: str) -> gpd.GeoDataFrame:
        """Return the middle of each cell, by the cell's name; `crs` names the metres."""
        names = [f"r{row}c{column}" for row, column in zip(self.row.tolist(), self.column.tolist(), strict=True)]
        points = shapely.points(self.places(self.column + 0.5, self.row + 0.5))
        index = pd.Index(names, name="demand_id", dtype="string")
        return gpd.GeoDataFrame(geometry=points, crs=crs, index=index)

    def area_m2(self, nth: int) -> float:
        """Return the area of a cell, m2."""
        corners = shapely.get_coordinates(shapely.box(0, 0, 1, 1)).T
        return float(shapely.Polygon(self.places(corners[0] + self.column[nth], corners[1] + self.row[nth])).area)


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    """Open a local GeoTIFF and nothing else that GDAL reads; what is wrong with it is an InputError."""
    import rasterio  # noqa: PLC0415 only who brings a raster waits for its library

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.open(file, driver="GTiff") as raster:
                yield raster
    except rasterio.errors.NotGeoreferencedWarning as error:
        raise fault("RASTER_PLACE", file.name) from error
    except rasterio.errors.RasterioError as error:
        raise fault("FILE_BROKEN", file.name, str(error)) from error


def _cells(
    raster: Any, name: str, areas: gpd.GeoDataFrame, band: int | None, datum: Datum | None
) -> tuple[_Cells, list[Finding]]:
    """Read the cells around the communities; those without a value or with nobody are left away."""
    if raster.crs is None or raster.transform.is_degenerate:
        raise fault("RASTER_PLACE", name)
    bands = [i for i, kind in zip(raster.indexes, raster.colorinterp, strict=True) if kind.name != "alpha"]
    chosen = bands[0] if band is None and len(bands) == 1 else band
    if chosen is None or chosen not in bands:
        raise fault("RASTER_BAND", name, ", ".join(f"{i} {raster.descriptions[i - 1] or ''}".strip() for i in bands))
    transform = tuple(raster.transform)[:6]
    to_metres = _way(raster, areas, name, datum)
    extent = _extent(areas, transform, to_metres)
    size = np.array([raster.width, raster.height])
    known = np.isfinite(extent).all(axis=1)  # a CRS may have no coordinates for a place far from its own
    low = np.clip(extent[known, :2].min(axis=0, initial=np.inf) - 1, 0, size).astype(int)
    high = np.clip(np.ceil(extent[known, 2:].max(axis=0, initial=-np.inf)) + 1, 0, size).astype(int)
    if not (low < high).all():
        bounds = ", ".join(f"{bound:.10g}" for bound in raster.bounds)
        raise fault("RASTER_ELSEWHERE", name, f"{raster.crs.to_string()[:60]}: {bounds}")
    findings = []
    ends = ~known | (extent[:, :2] < -1).any(axis=1) | (extent[:, 2:] > size + 1).any(axis=1)
    if ends.any():
        ending = ", ".join(map(str, areas.index[areas.geometry.notna()][ends][:10]))
        findings.append(Finding("RASTER_PARTLY", "warn", name, ending, int(ends.sum())))
    most = max(int(np.prod(high - low)), int(np.prod(raster.block_shapes[chosen - 1])))
    if most > MOST_CELLS:
        raise InputError([Finding("RASTER_FINE", "reject", name, f"{most:,}", allowed=f"<= {MOST_CELLS:,}")])
    value = raster.read(chosen, window=((low[1], high[1]), (low[0], high[0])), masked=True)
    if np.iscomplexobj(value):
        raise fault("RASTER_VALUE", name, str(value.dtype))
    people = value.astype(np.float64).filled(np.nan) * raster.scales[chosen - 1] + raster.offsets[chosen - 1]
    row, column = np.nonzero(np.nan_to_num(people))
    return _Cells(people[row, column], row + low[1], column + low[0], transform, to_metres), findings


def _way(raster: Any, areas: gpd.GeoDataFrame, name: str, datum: Datum | None) -> pyproj.Transformer | Shifted:
    """Return the way from the raster's coordinates to metres, through its datum where it is a shifted one."""
    given = pyproj.CRS.from_wkt(raster.crs.to_wkt())
    if old_datum(given):
        raise fault("CRS_OLD_DATUM", name, given.name)
    if datum not in ("gcj02", "bd09"):
        return pyproj.Transformer.from_crs(given, areas.crs, always_xy=True)
    if not given.is_geographic:
        raise fault("DATUM_METRES", name, f"{datum}, {given.name}")
    return Shifted(pyproj.Transformer.from_crs(4326, areas.crs, always_xy=True), datum)


def _extent(areas: gpd.GeoDataFrame, transform: Any, to_metres: pyproj.Transformer | Shifted) -> np.ndarray:
    """Return the first and last column and row that each community reaches: columns and rows are a plane too."""
    a, b, c, d, e, f = transform

    def cell(xy: np.ndarray) -> np.ndarray:
        there = np.array(to_metres.transform(xy[:, 0], xy[:, 1], direction="INVERSE")) - [[c], [f]]
        found: np.ndarray = np.linalg.solve(np.array([[a, b], [d, e]]), there).T
        return found

    bounds: np.ndarray = shapely.bounds(shapely.transform(areas.geometry.dropna().to_numpy(), cell))
    return bounds


def _doubts(cells: _Cells, inside: np.ndarray, name: str) -> list[Finding]:
    """Refuse what cannot be people, and say where cells are coarse or hold densities."""
    counted = np.flatnonzero(inside)
    area_m2 = cells.area_m2(int(counted[len(counted) // 2]))
    people = cells.people[counted]
    wrong = counted[~((people >= 0) & (people <= MOST_PER_M2 * area_m2))]
    if len(wrong):
        first = wrong[0]
        place = f"{name}/r{cells.row[first]}c{cells.column[first]}"
        limit = f"0 - {MOST_PER_M2 * area_m2:,.0f}"
        found = f"{cells.people[first]:g} ({len(wrong)})"
        raise InputError([Finding("RASTER_VALUE", "reject", place, found, len(wrong), allowed=limit)])
    findings = []
    per_km2 = people.sum() / (len(people) * area_m2 / 1e6)
    if per_km2 > DENSE_PER_KM2:
        findings.append(Finding("RASTER_DENSE", "warn", name, f"{per_km2:,.0f} / km2"))
    if area_m2 > COARSE_M**2:
        findings.append(Finding("RASTER_COARSE", "warn", name, f"{np.sqrt(area_m2):.0f} m"))
    return findings

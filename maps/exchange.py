"""The layers in other formats on request: shapefiles for older GIS, GeoParquet for those who compute on."""

from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import geopandas as gpd
import pyogrio
from pandas.api.types import is_datetime64_any_dtype

from gis.errors import OutputError
from gis.words import say
from maps.atlas import Atlas
from maps.geopackage import GEOMETRIES, layers
from maps.layer_looks import aliases
from maps.outfile import beside

SHAPEFILES, PARQUETS = "plan_shapefile.zip", "plan_geoparquet.zip"
LONGEST_NAME, LONGEST_TEXT = 10, 254
"""What a shapefile can hold, in bytes: the name of a column and a text."""
_DAY = (1980, 1, 1, 0, 0, 0)


def can_write_parquet() -> bool:
    """Return whether this installation can write GeoParquet."""
    return find_spec("pyarrow") is not None


def write_shapefiles(atlas: Atlas, path: Path) -> None:
    """Write the layers that have shapes as shapefiles in one .zip: UTF-8, in the project's CRS.

    A shapefile has short names and short texts: `fields.csv` in the archive says which column each stands for, its name
    for people, and in how many rows a text was cut. The verdicts have no shapes and stay in plan.gpkg and the annex.
    Raises OutputError where it cannot be written.
    """
    with beside(path) as draft, TemporaryDirectory(dir=draft.parent) as folder:
        told = ["layer,field,column,name,cut"]
        for name, frame in layers(atlas).items():
            if GEOMETRIES[name] != "Unknown":
                short, lines = _short(name, frame, atlas)
                told += lines
                _write_shapes(short, Path(folder) / f"{name}.shp", GEOMETRIES[name])
        (Path(folder) / "fields.csv").write_text("\n".join(told) + "\n", encoding="utf-8-sig", newline="\n")
        _pack(Path(folder), draft)


def write_parquets(atlas: Atlas, path: Path) -> None:
    """Write every layer as GeoParquet in one .zip, in the project's CRS.

    Raises OutputError where it cannot be written, or where the installation lacks pyarrow.
    """
    if not can_write_parquet():
        raise OutputError(say("layer.no_parquet", atlas.language))
    with beside(path) as draft, TemporaryDirectory(dir=draft.parent) as folder:
        for name, frame in layers(atlas).items():
            frame.set_crs(atlas.crs, allow_override=True).to_parquet(Path(folder) / f"{name}.parquet", index=False)
        _pack(Path(folder), draft)


def _short(layer: str, frame: gpd.GeoDataFrame, atlas: Atlas) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return a layer with names and texts that fit, and a line about each column."""
    names, lines = {}, []
    taken: Counter[str] = Counter()
    cut = frame.copy()
    for column, words in aliases(layer, frame, atlas).items():
        stem = column[:LONGEST_NAME]
        number = taken[stem]
        taken[stem] += 1
        names[column] = f"{stem[: LONGEST_NAME - len(str(number))]}{number}" if number else stem
        shortened = 0
        if is_datetime64_any_dtype(frame[column]):
            cut[column] = frame[column].dt.strftime("%Y-%m-%d").astype("string")
        if frame[column].dtype == "string":
            fits = frame[column].map(_fitting, na_action="ignore")
            shortened = int((fits != frame[column]).fillna(value=False).sum())
            cut[column] = fits
        lines.append(f'{layer},{names[column]},{column},"{words.replace(chr(34), chr(34) * 2)}",{shortened}')
    return cut.rename(columns=names), lines


def _fitting(text: str) -> str:
    """Return as much of a text as a shapefile holds, whole signs only."""
    return text.encode("utf-8")[:LONGEST_TEXT].decode("utf-8", errors="ignore")


def _write_shapes(frame: gpd.GeoDataFrame, path: Path, geometry: str) -> None:
    several = geometry.startswith("Multi")
    pyogrio.write_dataframe(
        frame,
        path,
        driver="ESRI Shapefile",
        geometry_type=geometry.removeprefix("Multi"),
        promote_to_multi=False if not several else None,
        layer_options={"ENCODING": "UTF-8", "DBF_DATE_LAST_UPDATE": "2000-01-01"},
    )


def _pack(folder: Path, path: Path) -> None:
    """Put the files of a folder into an archive, in the order of their names and without a time of day."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            entry = ZipInfo(file.name, _DAY)
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, file.read_bytes())

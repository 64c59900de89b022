"""The layers of all counties as one GeoParquet file each, written county by county: memory is that of one county."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from circle15.province.county import KEPT_LAYERS, LAYERS

GEO = b"geo"


def write_layers(results: Mapping[str, Path], folder: Path) -> None:
    """Write each layer of the counties (by code, the folder of their results) into `folder`, in CGCS2000 degrees.

    Columns are those that any county has; a county without one has nothing there.
    """
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415

    folder.mkdir()
    for name in KEPT_LAYERS:
        files = [results[code] / LAYERS / f"{name}.parquet" for code in sorted(results)]
        schemas = [pq.read_schema(file) for file in files]
        if not schemas:
            continue
        whole = pa.unify_schemas([schema.remove_metadata() for schema in schemas], promote_options="permissive")
        geo = _together([json.loads(schema.metadata[GEO]) for schema in schemas])
        with pq.ParquetWriter(folder / f"{name}.parquet", whole.with_metadata({GEO: json.dumps(geo)})) as writer:
            for file in files:
                table = pq.read_table(file).replace_schema_metadata(None)
                missing = [field for field in whole if field.name not in table.column_names]
                for field in missing:
                    table = table.append_column(field, pa.nulls(len(table), field.type))
                writer.write_table(
                    table.select(whole.names).cast(whole).replace_schema_metadata({GEO: json.dumps(geo)})
                )


def _together(told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what a GeoParquet file says of its shapes, for several of them."""
    first = told[0]
    column = first["primary_column"]
    parts = [each["columns"][column] for each in told]
    boxes = [part["bbox"] for part in parts if "bbox" in part and all(value == value for value in part["bbox"])]  # noqa: PLR0124 - NaN
    whole = {**parts[0], "geometry_types": sorted({kind for part in parts for kind in part["geometry_types"]})}
    whole.pop("bbox", None)
    if boxes:
        half = len(boxes[0]) // 2
        low, high = ([fold(box[i] for box in boxes) for i in rows] for fold, rows in
                     ((min, range(half)), (max, range(half, 2 * half))))  # fmt: skip
        whole["bbox"] = [*low, *high]
    return {**first, "columns": {column: whole}}

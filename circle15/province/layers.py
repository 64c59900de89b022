"""The layers of all counties as one GeoParquet file each, written county by county: memory is that of one county."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from circle15.province.county import KEPT_LAYERS, LAYERS

GEO = b"geo"


def write_layers(results: Mapping[str, Path], folder: Path) -> None:
    """Write each layer of the counties (by code, the folder of their results) into `folder`, in CGCS2000 degrees.

    Columns are those that any county has; a county without one has nothing there. A column that holds figures in one
    county and marks of few people in another is text in all.
    """
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415

    folder.mkdir()
    for name in KEPT_LAYERS:
        files = [results[code] / LAYERS / f"{name}.parquet" for code in sorted(results)]
        schemas = [pq.read_schema(file) for file in files]
        if not schemas:
            continue
        whole = _agreed(files, schemas)
        geo = _together([json.loads(schema.metadata[GEO]) for schema in schemas])
        with pq.ParquetWriter(folder / f"{name}.parquet", whole.with_metadata({GEO: json.dumps(geo)})) as writer:
            for file in files:
                table, filled = pq.read_table(file), _filled(file)
                columns = [
                    table[field.name].cast(field.type) if field.name in filled else pa.nulls(len(table), field.type)
                    for field in whole
                ]
                writer.write_table(pa.table(columns, schema=whole.with_metadata({GEO: json.dumps(geo)})))


def _agreed(files: Sequence[Path], schemas: Sequence[Any]) -> Any:
    """Return the columns of all files, each of the type that those with something in it agree on, else text."""
    import pyarrow as pa  # noqa: PLC0415

    kinds: dict[str, list[Any]] = {}
    empty: dict[str, Any] = {}
    for file, schema in zip(files, schemas, strict=True):
        filled = _filled(file)
        for field in schema:
            empty.setdefault(field.name, field.type)
            if field.name in filled:
                kinds.setdefault(field.name, []).append(pa.schema([(field.name, field.type)]))
    found = dict(empty)
    for name, told in kinds.items():
        try:
            found[name] = pa.unify_schemas(told, promote_options="permissive").field(name).type
        except (pa.ArrowTypeError, pa.ArrowInvalid):
            found[name] = pa.large_string()
    return pa.schema(list(found.items()))


def _filled(file: Path) -> set[str]:
    """Return the columns of a file in which there is anything: the type of an empty one says nothing."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    told = pq.read_metadata(file)
    chunks = [told.row_group(group).column(i) for group in range(told.num_row_groups) for i in range(told.num_columns)]
    return {
        chunk.path_in_schema.partition(".")[0]
        for chunk in chunks
        if chunk.statistics is None or chunk.statistics.num_values
    }


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

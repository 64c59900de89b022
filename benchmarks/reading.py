"""From an extract to walking streets, beside DuckDB's spatial reader on the same file. `python -m benchmarks.reading`.

Each reader has a process of its own. Compared are the straight pieces of all walkable ways: how many, and how long.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyproj

from benchmarks.cities_walked import CRS, FILES
from benchmarks.harness import Row, arguments, peak_mb, resident_mb, seconds, show

SAME_M = 1e-3
"""Lengths of thousands of kilometres agree to a millimetre."""


def by_circle15(extract: Path, crs: str) -> tuple[Callable[[], Any], Callable[[Any], tuple[int, float]]]:
    """Return how circle15 reads, and how its answer is counted."""
    from gis.streets import walk_network  # noqa: PLC0415  each process has one reader only

    return (
        lambda: walk_network(extract, crs=crs),
        lambda net: (int((np.diff(net.course_start) - 1).sum()), float(net.edge_length_m.sum())),
    )


def by_duckdb(extract: Path, crs: str) -> tuple[Callable[[], Any], Callable[[Any], tuple[int, float]]]:
    """Return how DuckDB reads the same pieces into memory, their ends in degrees: no nodes, no metres, no graph."""
    base, given = _spatial(), {"extract": str(extract)}
    query = f"""
        WITH {_pieces()}
        SELECT a.lon AS lon_a, a.lat AS lat_a, b.lon AS lon_b, b.lat AS lat_b
        FROM pieces JOIN nodes a ON pieces.a = a.id JOIN nodes b ON pieces.b = b.id
    """  # noqa: S608  the lists are the project's own table

    def count(columns: dict[str, np.ndarray]) -> tuple[int, float]:
        to_metres = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
        ends = [to_metres.transform(columns[f"lon_{end}"], columns[f"lat_{end}"]) for end in "ab"]
        return len(columns["lon_a"]), float(np.hypot(*(np.subtract(*ends))).sum())

    return lambda: base.execute(query, given).fetchnumpy(), count


def by_duckdb_graph(extract: Path, crs: str) -> tuple[Callable[[], Any], Callable[[Any], tuple[int, float]]]:
    """Return how DuckDB makes a graph that can be searched: nodes with places in metres, pieces with nodes and length.

    It is still not what circle15 makes: streets are not cut at junctions only, islands and estates are not told apart.
    """
    base, given = _spatial(), {"extract": str(extract), "crs": crs}
    query = f"""
        CREATE OR REPLACE TEMP TABLE piece AS
        WITH {_pieces()},
        used AS (SELECT id, ST_Transform(ST_Point(lon, lat), 'EPSG:4326', $crs, always_xy := true) AS place FROM nodes
                 WHERE id IN (SELECT a FROM pieces UNION ALL SELECT b FROM pieces))
        SELECT a.id AS a, b.id AS b, ST_X(a.place) AS x_a, ST_Y(a.place) AS y_a, ST_X(b.place) AS x_b,
               ST_Y(b.place) AS y_b, ST_Distance(a.place, b.place) AS length_m
        FROM pieces JOIN used a ON pieces.a = a.id JOIN used b ON pieces.b = b.id
    """  # noqa: S608  the lists are the project's own table

    def read() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        base.execute(query, given)
        nodes = "SELECT DISTINCT * FROM (SELECT a, x_a, y_a FROM piece UNION ALL SELECT b, x_b, y_b FROM piece)"
        return base.execute("SELECT a, b, length_m FROM piece").fetchnumpy(), base.execute(nodes).fetchnumpy()

    def count(graph: tuple[dict[str, np.ndarray], dict[str, np.ndarray]]) -> tuple[int, float]:
        return len(graph[0]["length_m"]), float(graph[0]["length_m"].sum())

    return read, count


def _spatial() -> Any:
    """Return DuckDB with its spatial extension, as it is installed."""
    import duckdb  # noqa: PLC0415  each process has one reader only
    import duckdb_extension_spatial  # noqa: PLC0415

    home = Path(duckdb_extension_spatial.__file__).parent
    base = duckdb.connect(config={"allow_unsigned_extensions": True})
    base.execute(f"LOAD '{next(home.rglob('spatial.duckdb_extension'))}'")
    return base


def _pieces() -> str:
    """Return the tables `pieces` (from node `a` to node `b`), by the table of what can be walked, and `nodes`."""
    from gis.walkable import walkable  # noqa: PLC0415

    rules = walkable()
    return f"""
        ways AS (
            SELECT refs FROM ST_ReadOSM($extract) WHERE kind = 'way' AND len(refs) > 1
                AND list_contains({list(rules["highway"])}, tags['highway'])
                AND NOT coalesce(list_contains({list(rules["motorroad_forbidden"])}, tags['motorroad']), false)
                AND (coalesce(list_contains({list(rules["foot_allowed"])}, tags['foot']), false)
                     OR NOT (coalesce(list_contains({list(rules["foot_forbidden"])}, tags['foot']), false)
                             OR coalesce(list_contains({list(rules["access_forbidden"])}, tags['access']), false)))),
        steps AS (SELECT unnest(refs[:-2]) AS a, unnest(refs[2:]) AS b FROM ways),
        pieces AS (SELECT a, b FROM steps WHERE a <> b),
        nodes AS (SELECT id, lon, lat FROM ST_ReadOSM($extract) WHERE kind = 'node')
    """  # noqa: S608  the lists are the project's own table


def by_pyosmium(extract: Path, _: str) -> tuple[Callable[[], Any], Callable[[Any], None]]:
    """Return how pyosmium goes through the same objects and keeps nothing: no reader that stands on it is faster."""
    import osmium  # noqa: PLC0415

    def read() -> int:
        entities = osmium.osm.NODE | osmium.osm.WAY
        ways = osmium.FileProcessor(extract, entities).with_locations().with_filter(osmium.filter.KeyFilter("highway"))
        return sum(len(thing.nodes) for thing in ways if thing.is_way())

    return read, lambda _: None


READERS = {
    "circle15": by_circle15,
    "DuckDB spatial `ST_ReadOSM`, ends of pieces in degrees": by_duckdb,
    "DuckDB spatial, a graph in metres": by_duckdb_graph,
    "pyosmium, ways with places, nothing kept": by_pyosmium,
}


def main() -> None:
    """Print a table for each city; with `--reader`, measure one reader and print its figures."""
    given = arguments(__doc__, city="", reader="")
    if given.reader:
        print(json.dumps(_measure(given.reader, given.data / FILES[given.city], CRS[given.city], given.runs)))
        return
    for name in [given.city] if given.city else FILES:
        found = {}
        for reader in READERS:
            command = [sys.executable, "-m", "benchmarks.reading", "--reader", reader, "--city", name]
            command += ["--data", str(given.data), "--runs", str(given.runs)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            found[reader] = json.loads(done.stdout.splitlines()[-1])
        answers = {reader: each["answer"] for reader, each in found.items() if each["answer"]}
        pieces, metres = answers["circle15"]
        for reader, (other, length) in answers.items():
            if other != pieces or abs(length - metres) > SAME_M:
                sys.exit(
                    f"{name}: {reader}: {other} pieces of {length} m, not {pieces} of {metres}. No times are shown."
                )
        rows = [
            Row(
                reader,
                each["ready_s"],
                statistics.median(each["seconds"]),
                each["peak_mb"],
                each["peak_mb"] - each["begin_mb"],
                f"first time {each['first_s']:.2f} s",
            )
            for reader, each in found.items()
        ]
        show(f"reading: {name}, {pieces:,} pieces of street, {metres / 1000:,.0f} km", rows)


def _measure(reader: str, extract: Path, crs: str, runs: int) -> dict[str, Any]:
    """Return a reader's times and memory in this process, and what it found."""
    ready_s, (read, count) = seconds(lambda: READERS[reader](extract, crs))
    begin = resident_mb()
    first_s, found = seconds(read)
    most, answer = peak_mb(), count(found)
    spent = [seconds(read)[0] for _ in range(runs)]
    figures = {"ready_s": ready_s, "first_s": first_s, "seconds": spent, "peak_mb": most, "begin_mb": begin}
    return {**figures, "answer": answer}


if __name__ == "__main__":
    main()

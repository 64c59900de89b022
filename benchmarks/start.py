"""From the command to the first coverage of Wuhan: cold (nothing compiled) and warm. `python -m benchmarks.start`.

Cold is a process that finds no compiled code on disk, as after installation. Starting is told apart: the import, and
the first search on a tiny town, which is all that loading compiled code costs.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import arguments
from benchmarks.whole_job import prepare, run

IMPORT = "import time; t = time.perf_counter(); import circle15; print(time.perf_counter() - t)"
FIRST_SEARCH = """
import json, time
import geopandas as gpd
from gis.reach import reach
from gis.snap import snap
from gis.towns import cross_town
town = cross_town()
doors = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0], [10]), index=["a"], crs=town.crs)
spent = []
for _ in range(2):
    began = time.perf_counter()
    at = snap(town, doors)
    reach(town, at, at)
    spent.append(time.perf_counter() - began)
print(spent[0] - spent[1])
"""


def main() -> None:
    """Print the table."""
    given = arguments(__doc__)
    with tempfile.TemporaryDirectory() as temporary:
        folder = prepare(given.data, Path(temporary) / "wuhan")
        compiled = Path(temporary) / "compiled"
        surroundings = {**os.environ, "NUMBA_CACHE_DIR": str(compiled)}

        def coverage() -> float:
            return float(run("benchmarks.our_job", folder, "--until", "coverage", env=surroundings)["seconds"])

        def told(script: str) -> float:
            command = [sys.executable, "-c", script]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=surroundings)
            return float(json.loads(done.stdout.splitlines()[-1]))

        cold = coverage()
        warm = [coverage() for _ in range(given.runs)]
        imports = [told(IMPORT) for _ in range(given.runs)]
        searches = [told(FIRST_SEARCH) for _ in range(given.runs + 1)][1:]  # the first one compiles for other arrays
        megabytes = sum(path.stat().st_size for path in compiled.rglob("*") if path.is_file()) / 1e6
    print("\n### start: wuhan, 24,757 cells, 500 facilities\n\n| | seconds |\n|---|---|")
    print(f"| first coverage, cold | {cold:.2f} |")
    for name, spent in (
        ("first coverage, warm", warm),
        ("of it the import of circle15", imports),
        ("of it loading the compiled search", searches),
    ):
        print(f"| {name} | {statistics.median(spent):.2f} |")
    print(f"\nCompiled code on disk: {megabytes:.1f} MB.")


if __name__ == "__main__":
    main()

"""What a run is expected to need, beside what it took: memory and disk. `python -m benchmarks.needs`."""

import subprocess
import sys
import tempfile
from pathlib import Path

import circle15 as c15
from benchmarks.cities import wuhan
from benchmarks.harness import arguments, peak_mb
from circle15.ready import memory_bytes, results_bytes


def main() -> None:
    """Print a line for the sample and for a city, each run in a process of its own."""
    if len(sys.argv) == 3 and sys.argv[1] == "--one":
        return _one(Path(sys.argv[2]))
    given = arguments(__doc__)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        c15.copy_sample(folder / "sample")
        wuhan(given.data, folder / "wuhan", sites=4_000)
        print("| | streets | homes | sites | memory: expected | peak | results: expected | written |")
        for name in ("sample", "wuhan"):
            subprocess.run([sys.executable, "-m", "benchmarks.needs", "--one", str(folder / name)], check=True)
    return None


def _one(folder: Path) -> None:
    city = c15.read_city(c15.load_project(folder))
    written = c15.write_outputs(c15.study(city), times={})
    streets, homes = len(city.network.edge_length_m), len(city.homes.frame)
    memory, disk = memory_bytes(city) >> 20, results_bytes(city) >> 20
    took = sum(file.stat().st_size for file in written.iterdir()) >> 20
    sites = len(city.candidates) + len(city.facilities)
    print(f"| {folder.name} | {streets:,} | {homes:,} | {sites:,} | {memory} | {peak_mb():.0f} | {disk} | {took} MiB |")


if __name__ == "__main__":
    main()

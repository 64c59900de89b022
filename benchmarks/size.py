"""How time and memory grow with the city: Wuhan laid out 1, 4, 9 and 16 times. `python -m benchmarks.size`.

Each size has a process of its own; homes and facilities grow with the city. Every copy has the same answers, which is
checked before anything is shown.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cities_walked import CRS, FILES, MINUTES, SEED, at_nodes, drawn, tiled, tiled_extract
from benchmarks.harness import arguments, clock, forget_peak, peak_mb, seconds
from gis.nearest import nearest
from gis.network import WalkNetwork
from gis.reach import reach
from gis.streets import walk_network

HOMES, FACILITIES = 24_757, 500
MOST = 20
"""Sixteen times the city may cost twenty times the time and memory."""


def main() -> None:
    """Print the curve; with `--side`, measure one size and print its figures."""
    given = arguments(__doc__, largest=4, side=0, extract="")
    if given.side:
        print(json.dumps(_measure(given.data, given.side, Path(given.extract), given.runs)))
        return
    curve = {}
    with tempfile.TemporaryDirectory() as temporary:
        for side in range(1, given.largest + 1):
            extract = tiled_extract(given.data / FILES["wuhan"], Path(temporary) / f"{side}.osm.pbf", side=side)
            command = [sys.executable, "-m", "benchmarks.size", "--side", str(side), "--extract", str(extract)]
            command += ["--data", str(given.data), "--runs", str(given.runs)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            curve[side * side] = json.loads(done.stdout.splitlines()[-1])
            extract.unlink()
    first = curve[1]
    for times, each in curve.items():
        for name in ("read_edges", "covered", "walks"):
            if each[name] != times * first[name]:
                sys.exit(f"{times} times the city: {name} {each[name]}, not {times} x {first[name]}. Nothing is shown.")
    works = list(first["seconds"])
    print("\n### size: Wuhan so many times, with as many homes and facilities more\n")
    print(f"| | crossings | {' | '.join(works)} | MB reading | MB walking |")
    print("|---" * (len(works) + 4) + "|")
    for times, each in curve.items():
        cells = [clock(each["seconds"][work]) for work in works]
        ratios = [each["seconds"][work] / first["seconds"][work] for work in works]
        told = [f"{cell} (x {ratio:.1f})" for cell, ratio in zip(cells, ratios, strict=True)]
        told += [f"{each[name]:,.0f} (x {each[name] / first[name]:.1f})" for name in ("reading_mb", "walking_mb")]
        print(f"| x {times} | {each['crossings']:,} | {' | '.join(told)} |")
    print(f"\nAt most x {MOST} is wanted for x 16; memory is the peak of the process, libraries and all.")


def _measure(data: Path, side: int, extract: Path, runs: int) -> dict[str, Any]:
    """Return times, peaks and answers for one size; the walk first, since reading holds most."""
    base = walk_network(data / FILES["wuhan"], crs=CRS["wuhan"])
    forget_peak()
    spent, told = _walked(base, side, runs)
    told["walking_mb"] = peak_mb()
    forget_peak()
    reading_s, read = seconds(lambda: walk_network(extract, crs=CRS["wuhan"]))
    told |= {"reading_mb": peak_mb(), "read_edges": len(read.edge_length_m)}
    return {"seconds": {"read": reading_s, **spent}, **told}


def _walked(base: WalkNetwork, side: int, runs: int) -> tuple[dict[str, float], dict[str, Any]]:
    """Return the median times of what is done on the network, and what came of it."""
    network = tiled(base, side)
    facilities, homes = _everywhere(base, side, FACILITIES, SEED), _everywhere(base, side, HOMES, SEED + 1)
    at_facilities, at_homes = at_nodes(network, facilities, "f"), at_nodes(network, homes, "h")
    works = {
        "lay out for the search": lambda: _laid_out(network),
        "nearest for all crossings": lambda: nearest(network, at_facilities, minutes=MINUTES),
        "who reaches what": lambda: reach(network, at_homes, at_facilities, minutes=MINUTES),
    }
    answers = {name: work() for name, work in works.items()}
    spent = {name: statistics.median(seconds(work)[0] for _ in range(runs)) for name, work in works.items()}
    covered = int(answers["nearest for all crossings"]["minutes"].notna().sum())
    told = {"crossings": len(network.node_id), "covered": covered, "walks": len(answers["who reaches what"])}
    return spent, told


def _everywhere(base: WalkNetwork, side: int, count: int, seed: int) -> np.ndarray:
    """Return the same crossings in every copy of the city."""
    nodes = drawn(base, count, seed=seed)
    copies: np.ndarray = (nodes + np.arange(side * side)[:, None] * len(base.node_id)).ravel()
    return copies


def _laid_out(network: WalkNetwork) -> object:
    """Return the arrays of the search, made anew."""
    network.__dict__.pop("flat", None)
    return network.flat


if __name__ == "__main__":
    main()

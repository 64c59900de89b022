"""Valhalla's walking areas, measured inside an interpreter that has pyvalhalla; a question and an answer in JSON."""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SPEED_KM_H = 3.6


def main() -> None:
    """Build the tiles, draw every area, and say how long it took."""
    import valhalla  # noqa: PLC0415  where it is absent its ImportError is the answer

    asked = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "valhalla.json"
        made = valhalla.get_config(tile_dir=folder, tile_extract="", verbose=False)
        config.write_text(json.dumps(made), encoding="utf-8")
        build = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
        began = time.perf_counter()
        command = [str(build)] if os.access(build, os.X_OK) else ["valhalla_build_tiles"]
        subprocess.run([*command, "-c", str(config), asked["extract"]], check=True, capture_output=True)
        ready_s = time.perf_counter() - began
        actor = valhalla.Actor(str(config))
        questions = [
            {
                "locations": [{"lon": lon, "lat": lat}],
                "costing": "pedestrian",
                "costing_options": {"pedestrian": {"walking_speed": SPEED_KM_H}},
                "contours": [{"time": asked["minutes"]}],
                "polygons": True,
                "denoise": 0,
                "generalize": 0,
            }
            for lon, lat in asked["places"]
        ]
        areas = [actor.isochrone(question)["features"][0]["geometry"] for question in questions]
        spent = []
        for _ in range(asked["runs"]):
            began = time.perf_counter()
            for question in questions:
                actor.isochrone(question)
            spent.append(time.perf_counter() - began)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    answer = {"ready_s": ready_s, "work_s": statistics.median(spent), "peak_mb": peak_mb}
    print(json.dumps({**answer, "areas": [json.dumps(area) for area in areas]}))


if __name__ == "__main__":
    main()

"""How smooth a page is: its size, its first paint and the frames of a pan, in headless Chromium without network.

python -m benchmarks.page_frames 成果/index.html
python -m benchmarks.page_frames --points 10000
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import chromium  # type: ignore[import-not-found]
from town import made_town  # type: ignore[import-not-found]

from maps.page import write_page

PAN = """(async () => {
  const at = map_page.getContainer(), box = at.getBoundingClientRect(), times = [];
  let x = box.x + 500, y = box.y + 400, last = performance.now();
  const send = (target, type) => target.dispatchEvent(
    new MouseEvent(type, { clientX: x, clientY: y, bubbles: true, button: 0, buttons: 1, view: window }));
  send(at, 'mousedown');
  for (let k = 0; k < 180; k += 1) {
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
    x += k % 120 < 60 ? 3 : -3;
    y += k % 80 < 40 ? 1 : -1;
    send(document, 'mousemove');
  }
  send(document, 'mouseup');
  return times.slice(5).sort((a, b) => a - b); })()"""
"""A drag of three seconds; the shapes are drawn anew where it ends."""
REDRAW = """(async () => {
  const times = [];
  for (let k = 0; k < 9; k += 1) {
    const from = performance.now();
    map_page.panBy([k % 2 ? -200 : 200, 0], { animate: false });
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    times.push(performance.now() - from);
  }
  return times.sort((a, b) => a - b); })()"""


def crowded(points: int, page: Path) -> None:
    """Write the page of the made town with so many facilities, spread by chance."""
    atlas, rng = made_town(), np.random.default_rng(1)
    row = rng.integers(0, len(atlas.facilities), points)
    west, south, east, north = atlas.communities.total_bounds
    spots = gpd.points_from_xy(rng.uniform(west, east, points), rng.uniform(south, north, points), crs=atlas.crs)
    frame = atlas.facilities.iloc[row].reset_index(drop=True)
    frame.index = frame.index.map("F{}".format).rename("facility_id")
    write_page(replace(atlas, facilities=frame.set_geometry(spots)), page)


def measured(page: Path) -> None:
    """Tell the size, the paints and the frames of a page."""
    browser = chromium.found()
    if browser is None:
        raise SystemExit("no Chromium on this machine")
    with chromium.tab(browser) as tab:
        tab.open(page)
        paint = tab.value("performance.getEntriesByType('paint')[0].startTime")
        ready = tab.value("performance.now()")
        shapes = tab.value("(() => { let n = 0; map_page.eachLayer(() => { n += 1; }); return n; })()")

        def frames(script: str) -> list[float]:
            answer = tab.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
            return list(answer["result"]["value"])

        pan, redraw = frames(PAN), frames(REDRAW)
    print(f"size {page.stat().st_size / 1e6:.1f} MB, {shapes} shapes")
    print(f"first paint {paint:.0f} ms, ready {ready:.0f} ms")
    middle, slow = pan[len(pan) // 2], pan[int(len(pan) * 0.95)]
    print(f"frames of a pan: median {middle:.1f} ms, 95 % {slow:.1f} ms, worst {pan[-1]:.1f} ms")
    print(f"redrawn after a pan: min {redraw[0]:.0f} ms, median {redraw[len(redraw) // 2]:.0f} ms")


def main() -> None:
    """Measure a page that is there, or one made for the purpose."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("page", nargs="?", type=Path)
    asked.add_argument("--points", type=int, default=10_000)
    said = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        page = said.page or Path(folder) / "page.html"
        if said.page is None:
            crowded(said.points, page)
        measured(page.resolve())


if __name__ == "__main__":
    main()

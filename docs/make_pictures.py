"""Draw the pictures of the guide anew from the sample: `python docs/make_pictures.py`."""

import tempfile
from pathlib import Path

import circle15 as c15

HERE = Path(__file__).parent / "img"
DRAWINGS = {"coverage.png": "coverage", "layout.png": "layout"}


def main() -> None:
    """Write the drawings of the sample town that the guide shows."""
    with tempfile.TemporaryDirectory() as folder:
        atlas = c15.study(c15.read_city(c15.load_project(c15.copy_sample(Path(folder) / "town")))).atlas()
    for name, theme in DRAWINGS.items():
        (HERE / name).write_bytes(c15.draw(atlas, theme, form="png", dpi=90))


if __name__ == "__main__":
    main()

"""Leaflet from the installed package, made fit to stand inside one file: its images inlined, nothing left to fetch."""

import re
from base64 import b64encode
from functools import cache
from pathlib import Path

from xstatic.pkg import leaflet as package


@cache
def leaflet_js() -> str:
    """Return Leaflet's script without the pointer to its source map, which a browser's tools would fetch."""
    text = (Path(package.BASE_DIR) / "leaflet.js").read_text(encoding="utf-8")
    return re.sub(r"//# sourceMappingURL=.*", "", text)


@cache
def leaflet_css() -> str:
    """Return Leaflet's style sheet with each image as data."""
    folder = Path(package.BASE_DIR)

    def inline(image: re.Match[str]) -> str:
        data = b64encode((folder / image[1]).read_bytes()).decode()
        return f"url(data:image/png;base64,{data})"

    return re.sub(r"url\((images/[\w-]+\.png)\)", inline, (folder / "leaflet.css").read_text(encoding="utf-8"))

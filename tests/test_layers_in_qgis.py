"""The GeoPackage in a GIS: QGIS takes the styles from the file, every layer draws, columns have names for people."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from judged_town import judged_town

from maps.geopackage import GEOMETRIES, write_geopackage

PYTHON = "/usr/bin/python3"
"""Debian's own, which QGIS belongs to."""
SCRIPT = """
import json, sys
from qgis.core import QgsApplication, QgsMapSettings, QgsMapRendererSequentialJob, QgsVectorLayer
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
app = QgsApplication([], False)
app.initQgis()
told = {}
for name in sys.argv[2:]:
    layer = QgsVectorLayer(f"{sys.argv[1]}|layername={name}", name, "ogr")
    renderer, settings = layer.renderer(), QgsMapSettings()
    extent = layer.extent()
    extent.grow(100)
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(extent)
    settings.setOutputSize(QSize(300, 300))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    colours = {image.pixelColor(x, y).name() for x in range(0, 300, 2) for y in range(0, 300, 2)}
    rules = renderer.rootRule().children() if renderer.type() == "RuleRenderer" else []
    told[name] = {"rules": len(rules), "colours": len(colours), "features": layer.featureCount(),
                  "aliases": [field.alias() for field in layer.fields()], "errors": len(job.errors())}
print("TOLD" + json.dumps(told))
"""


def has_qgis() -> bool:
    if not Path(PYTHON).exists():
        return False
    return subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not has_qgis(), reason="no QGIS on this machine")
def test_qgis_draws_every_layer_with_the_style_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.gpkg"
    write_geopackage(judged_town(), path)
    layers = [name for name, kind in GEOMETRIES.items() if kind != "Unknown"]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ""}
    out = subprocess.run(
        [PYTHON, "-c", SCRIPT, path, *layers], check=True, capture_output=True, text=True, env=environment, timeout=120
    )
    told = json.loads(out.stdout.rpartition("TOLD")[2])
    for name, seen in told.items():
        assert seen["errors"] == 0
        assert seen["rules"] > 0, name
        assert seen["features"] == 0 or seen["colours"] > 1, name
    assert "社区名称" in told["communities"]["aliases"]
    assert "15分钟覆盖人数" in told["communities"]["aliases"]
    assert told["communities"]["colours"] > 3

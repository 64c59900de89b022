"""Show it: the page, the annex workbook and the GeoPackage."""

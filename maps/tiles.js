// Tiles of the bureau's own network, where the project names some. Those drawn in GCJ-02 get the shapes shifted to
// them: for the eye only, every coordinate said stays WGS 84 or the project's.
function shifting(datum) {
  "use strict";
  if (datum !== "gcj02") return { there: (at) => at, back: (at) => at };
  const { sin, cos, sqrt, abs, PI } = Math, axis = 6378245, e2 = 0.00669342162296594323;
  function there({ lat, lng }) {
    if (!(lng > 72.004 && lng < 137.8347 && lat > 0.8293 && lat < 55.8271)) return L.latLng(lat, lng);
    const x = lng - 105, y = lat - 35, root = sqrt(abs(x));
    const ripple = (20 * sin(6 * PI * x) + 20 * sin(2 * PI * x)) * 2 / 3;
    const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
      + (20 * sin(PI * y) + 40 * sin(PI * y / 3)) * 2 / 3 + (160 * sin(PI * y / 12) + 320 * sin(PI * y / 30)) * 2 / 3;
    const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
      + (20 * sin(PI * x) + 40 * sin(PI * x / 3)) * 2 / 3 + (150 * sin(PI * x / 12) + 300 * sin(PI * x / 30)) * 2 / 3;
    const phi = lat * PI / 180, bend = 1 - e2 * sin(phi) ** 2;
    return L.latLng(lat + north * 180 / (axis * (1 - e2) / (bend * sqrt(bend)) * PI), lng + east * 180 / (axis / sqrt(bend) * cos(phi) * PI));
  }
  function back(at) {  // by iteration: to a millimetre after a few rounds
    let found = at;
    for (let i = 0; i < 5; i += 1) {
      const far = there(found);
      found = L.latLng(found.lat + at.lat - far.lat, found.lng + at.lng - far.lng);
    }
    return found;
  }
  return { there, back };
}

// Sets the map to the datum of the tiles and returns them, to be laid once the map has its place.
function layTiles(map, tiles) {
  "use strict";
  if (!tiles) return null;
  const { there, back } = shifting(tiles.datum), flat = L.Projection.SphericalMercator;
  if (tiles.datum === "gcj02") {
    const projection = { ...flat, project: (at) => flat.project(there(at)), unproject: (point) => back(flat.unproject(point)) };
    map.options.crs = L.extend({}, L.CRS.EPSG3857, { projection });
  }
  return L.tileLayer(tiles.url, { maxZoom: 20, referrerPolicy: "no-referrer" });
}

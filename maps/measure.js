// Where the pointer is and how far it is along clicks, both in the project's own coordinates.
function gridOf(plane) {
  "use strict";
  return (at) => {  // null outside the box where the polynomial holds
    if (!plane) return null;
    const u = (at.lng - plane.middle[0]) / plane.half[0], v = (at.lat - plane.middle[1]) / plane.half[1];
    if (Math.abs(u) > 1 || Math.abs(v) > 1) return null;
    let x = 0, y = 0, k = 0;
    for (let i = 0, ui = 1; i <= plane.degree; i += 1, ui *= u) {
      for (let j = 0, term = ui; j <= plane.degree - i; j += 1, term *= v, k += 1) {
        x += plane.x[k] * term;
        y += plane.y[k] * term;
      }
    }
    return [x, y];
  };
}

function measureTool(map, grid, kit) {
  "use strict";
  const { el, plain, words, still, letters, thousands } = kit;
  const points = [];
  const line = L.polyline([], still(letters, { color: "#c2182b", weight: 2.2, dashArray: "7 4" })).addTo(map);
  const dots = L.layerGroup().addTo(map);
  const button = el("button", "tool", words.measure[0]), told = el("output", "measured");
  button.type = "button";
  button.title = plain(words.measure_hint);
  button.setAttribute("aria-pressed", "false");
  told.setAttribute("aria-live", "polite");
  let on = false;

  const between = (a, b) => {
    const [p, q] = [grid(a), grid(b)];
    return p && q ? Math.hypot(p[0] - q[0], p[1] - q[1]) : map.distance(a, b);
  };
  function length(last) {
    const all = last ? [...points, last] : points;
    return all.slice(1).reduce((sum, at, i) => sum + between(all[i], at), 0);
  }
  function show(last) {
    line.setLatLngs(last ? [...points, last] : points);
    told.textContent = on ? (points.length ? `${thousands(Math.round(length(last)))} m` : words.measure_hint[0]) : "";
    told.dataset.metres = String(length());
  }
  function toggle(wanted) {
    on = wanted;
    points.length = 0;
    dots.clearLayers();
    button.setAttribute("aria-pressed", String(on));
    map.getContainer().classList.toggle("measuring", on);
    map.doubleClickZoom[on ? "disable" : "enable"]();
    show();
  }
  function add(at) {
    points.push(at);
    L.circleMarker(at, still(letters, { radius: 3, color: "#c2182b", weight: 2, fillColor: "#fff", fillOpacity: 1 })).addTo(dots);
    show();
  }
  button.addEventListener("click", () => toggle(!on));
  map.on("click", (event) => { if (on) add(event.latlng); });
  map.on("mousemove", (event) => { if (on && points.length) show(event.latlng); });
  document.addEventListener("keydown", (event) => {
    if (!on) return;
    if (event.key === "Escape") toggle(false);
    else if (event.key === "Backspace" && points.length && event.target === document.body) { points.pop(); dots.removeLayer(dots.getLayers().pop()); show(); }
  });
  return { button, told, on: () => on, add };
}

function pointerLine(map, grid, plane, node, words) {
  "use strict";
  map.on("mousemove", (event) => {
    const at = event.latlng.wrap(), xy = grid(at);
    const degrees = `${words.pointer[0]}  ${at.lng.toFixed(6)}, ${at.lat.toFixed(6)}`;
    node.textContent = xy ? `${degrees}   ${plane.name}  E ${xy[0].toFixed(1)}  N ${xy[1].toFixed(1)} m` : degrees;
  });
}

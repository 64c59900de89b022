// The siting on the map: lines from new sites to the communities they serve, and a ring for the share of near-best plans.
function councilLayer(data, kit) {
  "use strict";
  const { svg, roads, letters, still } = kit;
  const lines = L.layerGroup(), rings = L.layerGroup();
  for (const [x, y, toX, toY, people, anew] of data.lines) {
    const many = Math.max(people, 4);
    L.polyline([[y / 1e6, x / 1e6], [toY / 1e6, toX / 1e6]], still(roads, { color: data.line, weight: 0.8 + Math.sqrt(many) / 5,
      opacity: anew ? 0.9 : 0.45, dashArray: anew ? null : "4 4" })).addTo(lines);
  }
  const Ring = L.CircleMarker.extend({
    _updatePath() {
      if (!this._renderer._drawing || this._empty()) return;
      const { part, whole } = this.options, context = this._renderer._ctx, at = this._point, size = this._radius;
      context.lineWidth = 4;
      for (const [share, colour] of [[1, "rgba(255,255,255,0.9)"], [part / whole, data.ring]]) {
        if (!share) continue;
        context.beginPath();
        context.arc(at.x, at.y, size, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * share);
        context.strokeStyle = colour;
        context.stroke();
      }
      context.font = "600 11px sans-serif";
      context.textAlign = "left";
      context.textBaseline = "middle";
      context.lineWidth = 3;
      context.strokeStyle = "#fff";
      context.strokeText(`${part}/${whole}`, at.x + size + 4, at.y);
      context.fillStyle = data.ring;
      context.fillText(`${part}/${whole}`, at.x + size + 4, at.y);
    },
  });
  for (const [x, y, part, whole] of data.rings) {
    const ring = new Ring([y / 1e6, x / 1e6], still(letters, { radius: 14, part, whole }));
    ring.addTo(rings);
    kit.zoomed.push((k) => ring.setRadius(14 * Math.max(k, 0.8)));
  }
  const stroke = svg("svg", { viewBox: "0 0 24 22" }, svg("path", { d: "M2 17L22 5", fill: "none", stroke: data.line, "stroke-width": 2.2 }));
  const circle = svg("svg", { viewBox: "0 0 24 22" }, svg("path", { d: "M12 3a8 8 0 1 1-7 4", fill: "none", stroke: data.ring, "stroke-width": 3 }));
  return [
    kit.layerRow([lines], stroke, data.words.lines, kit.thousands(data.lines.length), true),
    data.rings.length ? kit.layerRow([rings], circle, data.words.rings, `n/${data.rings[0][3]}`, true) : null,
  ].filter(Boolean);
}

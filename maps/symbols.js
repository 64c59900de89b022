// Shapes: one outline for the legend and for the canvas.
function symbols(shapes, kit) {
  "use strict";
  const { el, svg } = kit;
  function swatch(symbol) {
    const size = Math.min(symbol.size, symbol.mark === "twice" ? 7 : 9);
    const points = shapes[symbol.shape].map(([x, y]) => [12 + x * size, 11 - y * size]);
    const node = svg("svg", { viewBox: "0 0 24 22" }, svg("polygon", {
      points: points.map((p) => p.join(",")).join(" "), fill: symbol.fill, stroke: symbol.stroke, "stroke-width": symbol.width,
      "stroke-linejoin": "round",
    }));
    if (symbol.sign) {
      const letter = svg("text", { x: 12, y: 11 + size * (lowered[symbol.shape] || 0.05), "font-size": Math.round(size * 1.3), "font-weight": 700,
        "text-anchor": "middle", "dominant-baseline": "central", fill: symbol.stroke });
      letter.textContent = symbol.sign;
      node.append(letter);
    }
    if (symbol.mark === "dot") node.append(svg("circle", { cx: 12, cy: 11, r: size * 0.3, fill: symbol.stroke }));
    if (symbol.mark === "twice") node.append(svg("polygon", { points: shapes[symbol.shape].map(([x, y]) => `${12 + x * 10.5},${11 - y * 10.5}`).join(" "),
      fill: "none", stroke: symbol.stroke, "stroke-width": 1.2 }));
    if (symbol.mark === "cross") {
      const a = size * 0.6;
      node.append(svg("path", { d: `M${12 - a},${11 - a}L${12 + a},${11 + a}M${12 - a},${11 + a}L${12 + a},${11 - a}`,
        stroke: symbol.stroke, "stroke-width": 1.4 }));
    }
    return node;
  }
  function disc(radius, colour) {
    return svg("svg", { viewBox: "0 0 24 22" }, svg("circle", { cx: 12, cy: 11, r: radius, fill: colour, stroke: "#fff", "stroke-width": 1 }));
  }
  function patch(colour) {
    const node = el("i", "patch");
    node.style.background = colour;
    return node;
  }

  // a fill that a grey copy still tells apart: plain, or hatched from the lower left
  function filling({ fill, hatch }) {
    if (!hatch) return fill;
    const tile = document.createElement("canvas"), context = tile.getContext("2d");
    tile.width = tile.height = 8;
    context.fillStyle = fill;
    context.fillRect(0, 0, 8, 8);
    context.strokeStyle = hatch;
    context.lineWidth = 1.4;
    for (const x of [-8, 0, 8]) {
      context.moveTo(x - 2, 10); context.lineTo(x + 10, -2);
    }
    context.stroke();
    return context.createPattern(tile, "repeat");
  }
  function filled(fill) {
    const node = el("canvas", "patch"), context = node.getContext("2d");
    node.width = 24;
    node.height = 12;
    context.fillStyle = fill;
    context.fillRect(0, 0, 24, 12);
    return node;
  }

  const lowered = { triangle: 0.25, open_house: 0.32, house: 0.12, hut: 0.15, shield: -0.1 };  // where a letter has room
  const Mark = L.CircleMarker.extend({
    _project() {
      L.CircleMarker.prototype._project.call(this);
      if (!this.options.beside) return;  // drawn beside its point, not over what stands there
      this._point = this._point.add(this.options.beside);
      this._updateBounds();
    },
    _updatePath() {
      if (!this._renderer._drawing || this._empty()) return;
      const { symbol, label } = this.options, { picture, half } = printed(symbol, label, this._radius), at = this._point.round();
      this._renderer._ctx.drawImage(picture, at.x - half, at.y - half, 2 * half, 2 * half);
    },
  });

  // thousands of marks look alike: each look is drawn once and then copied, which is what keeps a pan smooth
  const prints = new Map();
  function printed(symbol, label, size) {
    if (!prints.has(symbol)) prints.set(symbol, new Map());
    const looks = prints.get(symbol), key = `${size} ${label}`;
    if (!looks.has(key)) {
      const picture = document.createElement("canvas"), half = Math.ceil(size * 1.5 + symbol.width + 1), sharp = L.Browser.retina ? 2 : 1;
      picture.width = picture.height = 2 * half * sharp;
      const context = picture.getContext("2d");
      context.scale(sharp, sharp);
      context.translate(half, half);
      draw(context, symbol, label, size);
      looks.set(key, { picture, half });
    }
    return looks.get(key);
  }
  function draw(context, symbol, label, size) {
    const outline = (reach) => {
      context.beginPath();
      for (const [x, y] of shapes[symbol.shape]) context.lineTo(x * reach, -y * reach);
      context.closePath();
    };
    outline(size);
    context.lineJoin = "round";
    context.fillStyle = symbol.fill;
    context.fill();
    context.strokeStyle = symbol.stroke;
    context.lineWidth = symbol.width;
    context.stroke();
    if (symbol.mark === "dot") {
      context.beginPath();
      context.arc(0, 0, size * 0.3, 0, 2 * Math.PI);
      context.fillStyle = symbol.stroke;
      context.fill();
    } else if (symbol.mark === "twice") {
      outline(size * 1.4);
      context.stroke();
    } else if (symbol.mark === "cross") {
      const a = size * 0.6;
      context.beginPath();
      context.moveTo(-a, -a); context.lineTo(a, a);
      context.moveTo(-a, a); context.lineTo(a, -a);
      context.stroke();
    }
    const letter = label || symbol.sign;
    if (letter && size > (label ? 6 : 5)) {
      context.font = `${label ? 600 : 700} ${Math.round(size * (label ? (letter.length > 1 ? 0.85 : 1.05) : 1.3))}px sans-serif`;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillStyle = symbol.stroke;
      context.fillText(letter, 0, size * (lowered[symbol.shape] || 0.05));
    }
  }
  return { swatch, disc, patch, filling, filled, Mark };
}

// The page's script. All data come from the JSON block and reach the page as text nodes or numbers, never as markup.
(function (map) {
  "use strict";
  const root = document.documentElement;
  window.addEventListener("error", (fault) => { root.dataset.error = String(fault.message); });
  const atlas = JSON.parse(document.getElementById("atlas").textContent);
  const { panel, marks } = atlas;
  const words = panel.words;
  root.lang = panel.language;
  document.title = panel.title;

  const tiles = layTiles(map, atlas.tiles);

  // ---- small builders -------------------------------------------------------------------------------------------
  function el(tag, name, ...children) {
    const node = document.createElement(tag);
    if (name) node.className = name;
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }
  const bdi = (text) => el("bdi", "", text);
  const said = (pair) => el("span", "", pair[0], pair[1] ? el("small", "", pair[1]) : null);
  const plain = (pair) => [pair[0], pair[1]].filter(Boolean).join("  ");
  const thousands = (number) => number.toString().replace(/\B(?=(\d{3})+$)/g, ",");
  function svg(tag, attributes, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }
  function section(title, ...children) {
    return el("section", "", title ? el("h2", "", said(title)) : null, ...children);
  }

  function classed(name, node) {
    node.classList.add(name);
    return node;
  }

  // ---- shapes: one outline for the legend and for the canvas ----------------------------------------------------
  function swatch(symbol) {
    const size = Math.min(symbol.size, symbol.mark === "twice" ? 7 : 9);
    const points = marks.shapes[symbol.shape].map(([x, y]) => [12 + x * size, 11 - y * size]);
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
    if (symbol.mark === "twice") node.append(svg("polygon", { points: marks.shapes[symbol.shape].map(([x, y]) => `${12 + x * 10.5},${11 - y * 10.5}`).join(" "),
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
      const { symbol, label } = this.options, context = this._renderer._ctx, at = this._point, size = this._radius;
      context.beginPath();
      for (const [x, y] of marks.shapes[symbol.shape]) context.lineTo(at.x + x * size, at.y - y * size);
      context.closePath();
      context.lineJoin = "round";
      context.fillStyle = symbol.fill;
      context.fill();
      context.strokeStyle = symbol.stroke;
      context.lineWidth = symbol.width;
      context.stroke();
      if (symbol.mark === "dot") {
        context.beginPath();
        context.arc(at.x, at.y, size * 0.3, 0, 2 * Math.PI);
        context.fillStyle = symbol.stroke;
        context.fill();
      } else if (symbol.mark === "twice") {
        context.beginPath();
        for (const [x, y] of marks.shapes[symbol.shape]) context.lineTo(at.x + x * size * 1.4, at.y - y * size * 1.4);
        context.closePath();
        context.stroke();
      } else if (symbol.mark === "cross") {
        const a = size * 0.6;
        context.beginPath();
        context.moveTo(at.x - a, at.y - a); context.lineTo(at.x + a, at.y + a);
        context.moveTo(at.x - a, at.y + a); context.lineTo(at.x + a, at.y - a);
        context.stroke();
      }
      const letter = label || symbol.sign;
      if (letter && size > (label ? 6 : 5)) {
        context.font = `${label ? 600 : 700} ${Math.round(size * (label ? (letter.length > 1 ? 0.85 : 1.05) : 1.3))}px sans-serif`;
        context.textAlign = "center";
        context.textBaseline = "middle";
        context.fillStyle = symbol.stroke;
        context.fillText(letter, at.x, at.y + size * (lowered[symbol.shape] || 0.05));
      }
    },
  });

  // ---- decoding -------------------------------------------------------------------------------------------------
  function decode(stream) {
    const lines = [];
    let x = 0, y = 0, at = 0;
    for (const count of stream.n) {
      const line = new Array(count);
      for (let i = 0; i < count; i += 1, at += 2) {
        x += stream.d[at];
        y += stream.d[at + 1];
        line[i] = L.latLng(y / 1e6, x / 1e6);
      }
      lines.push(line);
    }
    return lines;
  }

  // ---- panes: three drawn once and never asked, and the top one that answers the pointer ---------------------------
  function pane(name, height) {
    const node = map.createPane(name);
    node.style.zIndex = height;
    node.style.pointerEvents = "none";
    return L.canvas({ pane: name, padding: 0.15 });
  }
  const below = pane("below", 210), shade = pane("shade", 220), roads = pane("roads", 230), letters = pane("letters", 240), top = L.canvas({ padding: 0.15 });
  const still = (renderer, options) => ({ renderer, pane: renderer.options.pane, interactive: false, ...options });
  const zoomed = [];  // what grows with the zoom: called with the factor
  const factor = () => Math.min(1.5, Math.max(0.5, 0.5 + (map.getZoom() - 11) * 0.17));

  function groundLayer(layer) {
    const group = L.layerGroup();
    if (layer.rings && layer.rings.n.length) {
      L.polygon(decode(layer.rings), still(layer.key === "water" ? roads : below, { stroke: false, fillColor: layer.colour, fillOpacity: 1 })).addTo(group);
    }
    if (layer.lines && layer.lines.n.length) {
      const lines = L.polyline(decode(layer.lines), still(roads, { color: layer.colour, weight: layer.width || 1, lineCap: "butt",
        dashArray: layer.key === "railway" ? "7 4" : null }));
      zoomed.push((k) => lines.setStyle({ weight: (layer.width || 1) * k }));
      lines.addTo(group);
    }
    return group;
  }

  // ---- what a click shows ---------------------------------------------------------------------------------------
  function card(name, rows) {
    const table = el("table");
    for (const [label, text, opinion] of rows) table.append(el("tr", "", el("td", "", said(label)), el("td", "", opinion ? way(text, opinion) : bdi(text))));
    return el("div", "card", el("h3", "", bdi(name)), table);
  }
  // the only link there is: to a page of the file beside this one, by its number
  function way(text, opinion) {
    const link = el("a", "", text);
    link.href = `${atlas.opinions}#o${Number(opinion)}`;
    link.target = "_blank";
    link.rel = "noopener";
    return link;
  }
  const picked = chosenUnit({ el, bdi, said, words });
  function open(at, name, rows, clauses) {
    picked.show(name, rows, clauses);
    L.popup({ maxWidth: 380, autoPanPadding: [20, 20] }).setLatLng(at).setContent(card(name, rows)).openOn(map);
  }
  const places = [];  // for the search: name, position, how to open

  const grid = gridOf(atlas.plane);
  let ruler = null;
  function answer(layer, name, rows, clauses) {
    layer.bindTooltip(() => el("div", "", bdi(name)), { sticky: true, direction: "top", offset: [0, -6] });
    layer.on("click", (event) => {
      L.DomEvent.stop(event);
      if (ruler && ruler.on()) ruler.add(event.latlng);
      else open(event.latlng, name, typeof rows === "function" ? rows() : rows, clauses ? clauses() : null);
    });
  }

  const dated = [];  // sites of a year: on the map from the end of that year
  function markLayer(layer) {
    const group = L.layerGroup();
    layer.items.forEach(([x, y, symbol, name, rows, year = 0, number = 0], index) => {
      const style = layer.symbols[symbol];
      const mark = new Mark([y / 1e6, x / 1e6], { renderer: top, radius: style.size, weight: style.width, symbol: style,
        label: layer.numbered ? String(number || index + 1) : "" });
      if (year) dated.push({ mark, group, year });
      if (layer.around) mark.options.interactive = false;
      else answer(mark, name, rows);
      zoomed.push((k) => mark.setRadius(style.size * Math.max(k, layer.numbered ? 0.9 : 0)));
      if (!layer.around) places.push({ name, kind: layer.words, at: mark.getLatLng(), show: () => open(mark.getLatLng(), name, rows), group });
      mark.addTo(group);
    });
    return group;
  }

  // ---- today and after: shading and gaps ------------------------------------------------------------------------
  const state = { when: "today", shading: "share", kind: "" };
  const { communities, gaps, areas } = atlas;
  const hasAfter = communities.items.some((item) => item.after) || panel.plan.rows.length > 0;

  const stages = ["today", ...panel.years, "after"];
  const groups = () => Object.fromEntries(stages.map((when) => [when, L.layerGroup()]));
  const shaded = groups();
  const trust = communities.trust && { ...communities.trust, drawn: L.layerGroup(), fills: communities.trust.classes.map(filling) };
  const boundaries = L.layerGroup();
  let verdictsDrawn = null;
  communities.items.forEach((item, place) => {
    const rings = decode(item.rings);
    for (const when of stages) {
      if (item[when]) L.polygon(rings, still(shade, { stroke: false, fillColor: item[when], fillOpacity: 0.7 })).addTo(shaded[when]);
    }
    if (trust && item.trust !== null) L.polygon(rings, still(shade, { stroke: false, fillColor: trust.fills[item.trust], fillOpacity: 0.75 })).addTo(trust.drawn);
    const outline = L.polygon(rings, { renderer: top, color: "#54616b", weight: 1.1, dashArray: "6 3", fillOpacity: 0 });
    const rows = () => (verdictsDrawn && state.shading === "verdict" ? [...verdictsDrawn.rowsOf(place), ...item.rows] : item.rows);
    const clauses = () => (verdictsDrawn ? verdictsDrawn.clausesOf(place) : null);
    answer(outline, item.name, rows, clauses);
    outline.addTo(boundaries);
    const at = outline.getBounds().getCenter();
    places.push({ name: item.name, kind: communities.words, at, show: () => open(at, item.name, rows(), clauses()), group: boundaries });
  });
  for (const item of atlas.streets.items) {
    const [west, south, east, north] = item.box.map((n) => n / 1e6), bounds = L.latLngBounds([south, west], [north, east]);
    places.push({ name: item.name, kind: atlas.streets.words, at: bounds.getCenter(), bounds, show: () => open(bounds.getCenter(), item.name, item.rows) });
  }
  if (atlas.verdicts) {
    verdictsDrawn = verdictLayer(map, atlas.verdicts, communities,
      { el, bdi, said, still, shade, letters, decode, Mark, top, open, refresh: () => refresh() });
  }
  function walks(list) {  // drawn when first looked at; a stage given by the name of another looks like that one
    const drawn = {};
    return (when) => {
      if (drawn[when]) return drawn[when];
      drawn[when] = L.layerGroup();
      for (const area of list) {
        const stream = typeof area[when] === "string" ? area[area[when]] : area[when];
        if (stream && stream.n.length) L.polygon(decode(stream), still(shade, { color: "#7d72b5", weight: 0.6, fillColor: area.colour, fillOpacity: 0.85 })).addTo(drawn[when]);
      }
      return drawn[when];
    };
  }
  const walked = { "": walks(areas), ...Object.fromEntries(atlas.kind_areas.map((one) => [one.kind, walks(one.areas)])) };
  const served = L.layerGroup();
  if (atlas.catchments) L.polygon(decode(atlas.catchments.rings), still(roads, { color: atlas.catchments.colour, weight: 1.1, fill: false })).addTo(served);
  const shadings = { share: (when) => shaded[when], areas: (when) => walked[state.kind](when), trust: () => trust.drawn, verdict: () => verdictsDrawn.group };
  let shown = null;

  const count = (number) => (number === -1 ? "<5" : thousands(number));
  const radius = (number) => Math.min(16, 1.8 + 0.4 * Math.sqrt(Math.max(number, 4)));
  function gapLayer(key, colour, title) {
    const group = L.layerGroup();
    gaps[key].forEach((number, i) => {
      if (!number) return;
      const at = [gaps.xy[2 * i + 1] / 1e6, gaps.xy[2 * i] / 1e6];
      const dot = L.circleMarker(at, { renderer: top, radius: radius(number), color: "#fff", weight: 0.7, fillColor: colour, fillOpacity: 0.88 });
      const far = gaps.squares ? [] : [[words.minutes_to_nearest, gaps.minutes[i] === null ? words.unreachable[0] : String(gaps.minutes[i])]];
      dot.on("click", (event) => { L.DomEvent.stop(event); open(event.latlng, title[0], [[title, count(number)], ...(key === "unknown" ? [] : far)]); });
      zoomed.push((k) => dot.setRadius(radius(number) * k));
      dot.addTo(group);
    });
    return group;
  }
  const missed = Object.fromEntries(stages.map((when) => [when, gapLayer(when, gaps.colour, gaps.words)]));
  const unsure = gapLayer("unknown", "#8b949b", words.elders_unknown);
  const gapHost = L.layerGroup();

  // ---- the bar and the panel ------------------------------------------------------------------------------------
  const side = el("aside", "panel");
  const toggle = el("button", "", "☰");
  toggle.title = plain(words.panel);
  toggle.setAttribute("aria-label", plain(words.panel));
  side.setAttribute("aria-label", plain(words.layers));
  map.getContainer().setAttribute("role", "region");
  map.getContainer().setAttribute("aria-label", panel.title);
  toggle.addEventListener("click", () => { document.body.classList.toggle("alone"); map.invalidateSize(); });
  const use = el("span", "use", panel.use);
  document.body.append(el("header", "bar", el("h1", "", bdi(panel.title)), said(panel.subtitle), use, toggle), side);
  if (window.innerWidth <= 760) document.body.classList.add("alone");

  const stack = [];  // top-canvas layers from the lowest up
  function restack() {
    for (const group of stack) if (map.hasLayer(group)) group.eachLayer((layer) => (layer.eachLayer ? layer.eachLayer((l) => l.bringToFront()) : layer.bringToFront()));
    root.dataset.facilitiesDrawn = facilityGroups.reduce((sum, group) => sum + (map.hasLayer(group) ? group.getLayers().length : 0), 0);
  }
  const facilityGroups = [];
  const boxes = new Map();
  function layerRow(groups, drawing, label, number, on) {
    const box = el("input");
    box.type = "checkbox";
    box.checked = on;
    const show = () => { for (const group of groups) { if (box.checked) group.addTo(map); else group.remove(); } };
    box.addEventListener("change", () => { show(); restack(); });
    for (const group of groups) boxes.set(group, box);
    show();
    return el("label", "layer", box, drawing, said(label), number === "" ? null : el("b", "", number));
  }
  const total = (layer) => thousands(layer.items.length) + (layer.note ? ` (${layer.note})` : "");

  // ground
  const groundRows = new Map();
  for (const layer of atlas.ground) {
    const row = groundRows.get(layer.key) || { layer, groups: [] };
    row.groups.push(groundLayer(layer));
    row.layer = layer;
    groundRows.set(layer.key, row);
  }
  // points, from the lowest up
  boundaries.addTo(map);
  stack.push(boundaries, gapHost, unsure);
  const pointRows = marks.layers.map((layer) => {
    const group = markLayer(layer);
    stack.push(group);
    if (layer.facilities) facilityGroups.push(group);
    const classes = (layer.classes || []).map(([pair, symbol, number]) => el("div", "layer still", swatch(symbol), said(pair), el("b", "", thousands(number))));
    return { layer, group, classes, row: layerRow([group], swatch(layer.legend), layer.words, total(layer), !["candidates", "plan_kept"].includes(layer.key)) };
  });
  if (verdictsDrawn) stack.push(verdictsDrawn.points);
  const rowsOf = (test) => pointRows.filter(({ layer }) => test(layer)).flatMap(({ row, classes }) => [row, ...classes]);

  function buttons(label, choices, key) {
    const group = el("div");
    for (const [value, pair] of choices) {
      const button = el("button", "", said(pair));
      button.dataset.value = value;
      button.title = plain(pair);
      button.addEventListener("click", () => { state[key] = value; refresh(); });
      group.append(button);
    }
    group.dataset.key = key;
    return el("div", choices.length > 4 ? "pick many" : "pick", label ? said([label[0], ""]) : null, group);
  }
  const shadeLegend = el("div");
  function ramp(steps) {
    return el("div", "ramp", ...steps.map(([colour, text]) => {
      const bar = el("i");
      bar.style.background = colour;
      return el("div", "", bar, text);
    }));
  }
  function refresh() {
    for (const group of side.querySelectorAll(".pick div")) {
      for (const button of group.children) button.setAttribute("aria-pressed", String(state[group.dataset.key] === button.dataset.value));
    }
    if (shown) shown.remove();
    if (state.shading === "verdict") verdictsDrawn.paint(state.when);
    shown = shadings[state.shading] ? shadings[state.shading](state.when) : null;
    if (shown) shown.addTo(map);
    const year = Number(state.when);  // NaN today and after the plan
    for (const { mark, group, year: from } of dated) { if (from > year) group.removeLayer(mark); else group.addLayer(mark); }
    root.dataset.sitesOpen = String(dated.filter(({ year: from }) => !(from > year)).length);
    figureHost.replaceChildren(...[figures()].filter(Boolean));
    gapHost.clearLayers();
    gapHost.addLayer(missed[state.when]);
    shadeLegend.replaceChildren();
    if (state.shading === "share") {
      const classes = communities.classes;
      shadeLegend.append(el("p", "", said(communities.share)), ramp([
        ...classes.map(([floor, colour], i) => [colour, i === classes.length - 1 ? "100%" : `${floor}–${classes[i + 1][0]}%`]),
      ]), el("div", "layer still", patch(communities.unknown), said(words.nobody)));
    } else if (state.shading === "areas") {
      if (atlas.kind_areas.length) shadeLegend.append(kindChoice());
      shadeLegend.append(ramp([...areas].reverse().map((area) => [area.colour, area.words[0]])));
    } else if (state.shading === "verdict") {
      shadeLegend.append(...verdictsDrawn.legend());
    } else if (state.shading === "trust") {
      shadeLegend.append(el("p", "", said(trust.words)), ...trust.classes.map((level, i) =>
        el("div", "layer still", filled(trust.fills[i]), said(level.words), el("b", "", thousands(level.count)))));
    }
    restack();
    root.dataset.when = state.when;
  }

  function kindChoice() {
    const box = el("select");
    box.dataset.choose = "kind";
    for (const [kind, pair] of [["", words.all_kinds], ...atlas.kind_areas.map((one) => [one.kind, one.words])]) {
      const option = el("option", "", pair[0]);
      option.value = kind;
      box.append(option);
    }
    box.value = state.kind;
    box.addEventListener("change", () => { state.kind = box.value; refresh(); side.querySelector("[data-choose=kind]").focus(); });
    return el("label", "choose", said([words.layer_kind[0], ""]), box);
  }

  // search
  const search = searchBox(map, places, { el, bdi, said, plain, words, boxes });
  const figureHost = el("div");

  // key figures
  function figures() {
    const f = panel.figures;
    if (!f) return null;
    const then = state.when === "today" ? "after" : state.when, after = f.rows.some((row) => row[then]);
    const title = then === "after" ? words.after[0] : `${then}${panel.language === "en" ? " " : ""}${words.year_end[0]}`;
    const table = el("table", "", el("thead", "", el("tr", "", el("th"), el("th", "", words.today[0]), after ? el("th", "", title) : null)));
    f.rows.forEach((row, i) => {
      const cellOf = ([number, share], name) => el("td", name, el("b", "", share), el("br"), el("small", "", number));
      table.append(el("tr", i === f.rows.length - 1 ? "main" : "", el("td", "", said(row.label)), cellOf(row.today, ""), after ? cellOf(row[then] || ["", ""], "after") : null));
    });
    const longest = f.rows[f.rows.length - 1], track = el("div", "track");
    const span = (from, to, name) => { const bar = el("i", name); bar.style.left = from + "%"; bar.style.width = Math.max(0, to - from) + "%"; track.append(bar); };
    const now = parseFloat(longest.today[1]) || 0;
    span(0, now, "");
    if (longest[then]) span(now, parseFloat(longest[then][1]) || 0, "after");
    return section(words.key_figures,
      el("div", "count", said(words.elders), el("b", "", f.elders)), track, table,
      f.unknown === "0" ? null : el("div", "count", said(words.elders_unknown), el("b", "", f.unknown)),
      el("p", "", said(words.share_rule)));
  }
  function planned() {
    const rows = panel.plan.rows.map(([label, text]) => el("div", "count", said(label), el("b", "", bdi(text))));
    return section(words.plan, ...rows, ...panel.plan.remarks.map((text) => el("p", "", bdi(text))));
  }
  function counted(rows) {
    return rows.map(([pair, number, colour]) => {
      const dot = el("i");
      dot.style.background = colour;
      return el("div", "count", dot, said(pair), el("b", "", thousands(number)));
    });
  }
  function items(rows) {
    return el("ul", "items", ...rows.map(([colour, what, figures_]) => {
      const item = el("li", "", bdi(what), figures_ ? el("span", "", bdi(figures_)) : null);
      if (colour) item.style.borderColor = colour;
      return item;
    }));
  }
  function verdicts() {
    if (!panel.verdicts.length) return null;
    return section(words.verdicts, ...counted(panel.verdicts),
      panel.open.length ? el("details", "", el("summary", "", said(words.not_passed)), items(panel.open)) : null);
  }
  function fourSync() {
    if (!panel.housing.length) return null;
    const all = el("a", "", words.opinion_all[0]);
    all.href = atlas.opinions;
    all.target = "_blank";
    all.rel = "noopener";
    return section(words.four_sync, ...counted(panel.housing), el("p", "", all));
  }
  function changed() {
    if (!panel.changes.length) return null;
    return section(words.changes, ...panel.changes.map(({ title, items: rows }) =>
      rows.length ? el("details", "", el("summary", "", said(title)), items(rows)) : el("p", "", said(title), " ", said(words.no_changes))));
  }

  const gapRow = layerRow([gapHost], disc(5, gaps.colour), gaps.words, "", true);
  const unsureRow = gaps.unknown.some(Boolean) ? layerRow([unsure], disc(5, "#8b949b"), words.elders_unknown, "", true) : null;
  const sizes = el("div", "sizes", ...[10, 100, 1000].map((n) => el("span", "", svg("svg", { width: 24, height: 22, viewBox: "0 0 24 22" },
    svg("circle", { cx: 12, cy: 11, r: radius(n), fill: gaps.colour, stroke: "#fff" })), thousands(n))));
  const planRows = rowsOf((layer) => layer.numbered || layer.around), facilityRows = rowsOf((layer) => layer.facilities);
  const otherRows = rowsOf((layer) => !layer.numbered && !layer.around && !layer.facilities);
  const catchmentRow = atlas.catchments && layerRow([served], svg("svg", { viewBox: "0 0 24 22" }, svg("path", { d: "M3 6L13 4L21 8L18 17L6 18Z",
    fill: "none", stroke: atlas.catchments.colour, "stroke-width": 1.4 })), atlas.catchments.words, thousands(atlas.catchments.count), false);
  const groundList = [...groundRows.values()].reverse().map(({ layer, groups }) => layerRow(groups, patch(layer.colour), layer.words, layer.note, true));
  side.append(...[
    classed("first", section(null,
      hasAfter ? buttons(null, [["today", words.today], ...panel.years.map((year) => [year, [`${year}${panel.language === "en" ? "" : "年"}`, ""]]), ["after", words.after]], "when") : null,
      buttons(words.shading, [["share", words.shade_share], ["areas", words.shade_areas], ...(trust ? [["trust", words.shade_trust]] : []),
        ...(verdictsDrawn ? [["verdict", words.shade_verdict]] : []), ["none", words.shade_none]], "shading"),
      shadeLegend, search)),
    classed("screen", section(words.chosen, picked.body)),
    figureHost,
    classed("legend", section(words.layers,
      ...planRows, gapRow, sizes, unsureRow,
      facilityRows.length ? el("div", "sub", said(words.facilities)) : null, ...facilityRows,
      facilityRows.length ? el("div", "sub", said(words.states)) : null,
      ...(facilityRows.length ? marks.states.map(([pair, symbol]) => el("div", "layer still", swatch(symbol), said(pair))) : []),
      el("div", "sub", said(words.more_layers)), ...otherRows, catchmentRow,
      layerRow([boundaries], patch("repeating-linear-gradient(90deg,#54616b 0 5px,#fff 5px 8px)"), communities.words, total(communities), true), ...groundList)),
    planned(), verdicts(), fourSync(), changed(),
    section(words.notes, el("dl", "notes", ...panel.notes.flatMap(([label, text]) => [el("dt", "", bdi(label)), el("dd", "", bdi(text))]))),
    section(words.findings, el("ul", "items", ...panel.findings.map((text) => el("li", "", bdi(text))))),
  ].filter(Boolean));

  // ---- corners --------------------------------------------------------------------------------------------------
  function corner(position, name, text) {
    const control = L.control({ position });
    const node = el("div", name, text);
    control.onAdd = () => node;
    control.addTo(map);
    return node;
  }
  corner("bottomright", "credit", panel.credit);
  L.control.zoom({ position: "topleft", zoomInText: "+", zoomOutText: "−" }).addTo(map);
  const whole = corner("topleft", "leaflet-bar", el("a", "whole",
    svg("svg", { viewBox: "0 0 24 24" }, svg("path", { d: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5", fill: "none", stroke: "currentColor", "stroke-width": 2 }))));
  whole.firstChild.title = plain(words.whole_view);
  whole.firstChild.href = "#";
  whole.firstChild.setAttribute("role", "button");
  whole.firstChild.setAttribute("aria-label", plain(words.whole_view));
  whole.addEventListener("click", (event) => { L.DomEvent.stop(event); home(); });
  L.control.scale({ imperial: false, maxWidth: 160, position: "bottomleft" }).addTo(map);
  const pointer = corner("bottomleft", "pointer", "");
  pointerLine(map, grid, atlas.plane, pointer, words);
  ruler = measureTool(map, grid, { el, plain, words, still, letters, thousands });
  const tools = corner("topleft", "tools", "");
  tools.append(ruler.button, printing(map, { el, plain, words }), ruler.told);
  L.DomEvent.disableClickPropagation(tools);

  // ---- start ----------------------------------------------------------------------------------------------------
  const home = () => { map.invalidateSize({ animate: false }); map.fitBounds(atlas.bounds, { padding: [24, 24], animate: false }); };
  map.on("zoomend", () => { const k = factor(); for (const grow of zoomed) grow(k); });
  map.setView(map.getCenter(), map.getZoom(), { reset: true });
  home();
  if (tiles) tiles.addTo(map);
  refresh();
  for (const grow of zoomed) grow(factor());
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
  root.dataset.places = places.length;
  root.dataset.ready = "true";
})(map_page);

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
  const { el, bdi, said, plain, thousands, svg, section, classed, decode } = builders();
  const { swatch, disc, patch, filling, filled, Mark } = symbols(marks.shapes, { el, svg });

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

  const count = (number) => (number === -1 ? "<5" : number === -2 ? "*" : thousands(number));
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
  const back = atlas.index ? el("a", "back", "‹ ", said(atlas.index.words)) : null;
  if (back) back.href = atlas.index.way;
  document.body.append(el("header", "bar", back, el("h1", "", bdi(panel.title)), said(panel.subtitle), use, toggle), side);
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
  const { figures, planned, verdicts, fourSync, changed } = sections(atlas, state, { el, bdi, said, thousands, section });

  const gapRow = layerRow([gapHost], disc(5, gaps.colour), gaps.words, "", true);
  const unsureRow = gaps.unknown.some(Boolean) ? layerRow([unsure], disc(5, "#8b949b"), words.elders_unknown, "", true) : null;
  const sizes = el("div", "sizes", ...[10, 100, 1000].map((n) => el("span", "", svg("svg", { width: 24, height: 22, viewBox: "0 0 24 22" },
    svg("circle", { cx: 12, cy: 11, r: radius(n), fill: gaps.colour, stroke: "#fff" })), thousands(n))));
  const planRows = rowsOf((layer) => layer.numbered || layer.around), facilityRows = rowsOf((layer) => layer.facilities);
  const otherRows = rowsOf((layer) => !layer.numbered && !layer.around && !layer.facilities);
  const catchmentRow = atlas.catchments && layerRow([served], svg("svg", { viewBox: "0 0 24 22" }, svg("path", { d: "M3 6L13 4L21 8L18 17L6 18Z",
    fill: "none", stroke: atlas.catchments.colour, "stroke-width": 1.4 })), atlas.catchments.words, thousands(atlas.catchments.count), false);
  const groundList = [...groundRows.values()].reverse().map(({ layer, groups }) => layerRow(groups, patch(layer.colour), layer.words, layer.note, true));
  const councilRows = atlas.council ? councilLayer(atlas.council, { svg, still, roads, letters, zoomed, layerRow, thousands }) : [];
  side.append(...[
    classed("first", section(null,
      hasAfter ? buttons(null, [["today", words.today], ...panel.years.map((year) => [year, [`${year}${panel.language === "en" ? "" : "年"}`, ""]]), ["after", words.after]], "when") : null,
      buttons(words.shading, [["share", words.shade_share], ["areas", words.shade_areas], ...(trust ? [["trust", words.shade_trust]] : []),
        ...(verdictsDrawn ? [["verdict", words.shade_verdict]] : []), ["none", words.shade_none]], "shading"),
      shadeLegend, search)),
    classed("screen", section(words.chosen, picked.body)),
    figureHost,
    classed("legend", section(words.layers,
      ...planRows, ...councilRows, gapRow, sizes, unsureRow,
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

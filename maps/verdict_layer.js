// The verdicts on the map: a document, a rule and a level are chosen, each unit has the colour and sign of its answer.
// Texts come from the page's data and reach it as text nodes. `kit` holds the page's builders.
function verdictLayer(map, data, communities, kit) {
  "use strict";
  const { el, bdi, said, still, shade, letters, decode, Mark, top, open } = kit;
  const { words, statuses, texts } = data;
  const chosen = { pack: 0, rule: -1, level: "", when: "today" };
  const fills = L.layerGroup(), signs = L.layerGroup(), points = L.layerGroup();
  const group = L.layerGroup([fills, signs, points]);

  const Sign = L.CircleMarker.extend({
    _updatePath() {
      if (!this._renderer._drawing || this._empty() || !this.options.status) return;
      const { status, bounds } = this.options, context = this._renderer._ctx, at = this._point;
      const room = map.latLngToLayerPoint(bounds.getSouthEast()).subtract(map.latLngToLayerPoint(bounds.getNorthWest()));
      if (Math.min(room.x, room.y) < 16) return;  // smaller than its letter
      context.font = "700 15px sans-serif";
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.lineWidth = 3;
      context.strokeStyle = status.fill;
      context.strokeText(status.sign, at.x, at.y);
      context.fillStyle = status.ink;
      context.fillText(status.sign, at.x, at.y);
    },
  });
  const shapes = communities.items.map((item) => {
    const shape = L.polygon(decode(item.rings), still(shade, { stroke: false, fillOpacity: 0 }));
    return shape.addTo(fills);
  });
  const middles = shapes.map((shape) => (shape.isEmpty() ? null : shape.getBounds()));

  const pack = () => data.packs[chosen.pack];
  const levels = () => Object.keys(pack().levels).filter((level) => rules().some((rule) => rule.at[level]));
  const rules = () => (chosen.rule < 0 ? pack().rules.filter((rule) => !rule.report) : [pack().rules[chosen.rule]]);
  const answers = (rule, level) => {
    const at = rule.at[level];
    return at && (chosen.when === "after" && data.after ? at.after : at.today);
  };
  const letter = (rule, level, unit) => {
    const found = answers(rule, level);
    return found && found.s[unit] !== "-" ? Number(found.s[unit]) : null;
  };
  function worst(level, unit) {
    const found = rules().map((rule) => letter(rule, level, unit)).filter((n) => n !== null);
    return found.length ? Math.min(...found) : null;
  }
  function told(rule, level, unit) {
    const { t } = answers(rule, level);
    for (let i = 0; i < t.length; i += 4) if (t[i] === unit) return t.slice(i + 1, i + 4).map((n) => texts[n]);
    return null;
  }
  const status = (n) => `${statuses[n].sign} ${statuses[n].words[0]}`;

  // ---- what is said of one unit ---------------------------------------------------------------------------------
  function ruleRows(rule, level, unit) {
    const n = letter(rule, level, unit);
    if (n === null) return [[words.verdict, words.not_judged[0]]];
    const found = told(rule, level, unit);
    return [
      [words.verdict, status(n)], [words.clause, `${pack().name} ${rule.clause}`],
      ...(found ? [[words.measured, found[0]], [words.demanded, found[1]], [words.shortfall, found[2]]] : [[words.measured, words.see_annex[0]]]),
      [words.responsible, rule.responsible],
    ].filter(([, text]) => text);
  }
  function unitRows(level, unit) {
    if (chosen.rule >= 0) return ruleRows(rules()[0], level, unit);
    const wanting = rules().map((rule) => [rule, letter(rule, level, unit)]).filter(([, n]) => n !== null && statuses[n].open);
    wanting.sort((a, b) => a[1] - b[1]);
    const n = worst(level, unit);
    return [[words.verdict, n === null ? words.not_judged[0] : status(n)], ...wanting.map(([rule, m]) => {
      const found = told(rule, level, unit);
      return [[`${statuses[m].sign} ${rule.title}`, rule.clause], found ? found.filter(Boolean).join("；") : words.see_annex[0]];
    })];
  }
  function rowsOf(place) {
    const units = pack().levels[chosen.level] || [];
    const rows = [];
    units.forEach((unit, i) => {
      if (unit.in && unit.in.includes(place)) rows.push(...(chosen.level === "community" ? [] : [[words.unit, unit.name]]), ...unitRows(chosen.level, i));
    });
    return rows.length ? rows : [[words.verdict, words.not_judged[0]]];
  }

  // every clause that has an answer for a community, of all documents, the worst first
  function clausesOf(place) {
    const found = [];
    data.packs.forEach((one, i) => {
      for (const rule of one.rules) {
        for (const [level, at] of Object.entries(rule.at)) {
          const units = one.levels[level] || [];
          const unit = units.findIndex((each) => each.in && each.in.includes(place));
          if (unit < 0 || level === "city") continue;
          const answers_ = (chosen.when === "after" && data.after && at.after) || at.today, sign = answers_.s[unit];
          if (sign === "-") continue;
          const n = Number(sign), told = [];
          for (let k = 0; k < answers_.t.length; k += 4) if (answers_.t[k] === unit) told.push(...answers_.t.slice(k + 1, k + 4).map((m) => texts[m]));
          found.push({ n, pack: data.packs[i].name, rule, badge: badge(statuses[n]), label: statuses[n].words, told });
        }
      }
    });
    return found.sort((a, b) => a.n - b.n);
  }

  // ---- painting -------------------------------------------------------------------------------------------------
  function paint(when) {
    chosen.when = when;  // at the end of a year nobody has judged: the answers of today, and it is said
    if (!levels().includes(chosen.level)) chosen.level = levels()[0] || "";
    const units = pack().levels[chosen.level] || [];
    const of = new Array(shapes.length).fill(null);
    signs.clearLayers();
    points.clearLayers();
    units.forEach((unit, i) => {
      const n = worst(chosen.level, i);
      if (unit.in) {
        for (const place of unit.in) of[place] = n;
        const there = unit.in.map((place) => middles[place]).filter(Boolean);
        if (n === null || !there.length) return;
        const all = there.reduce((sum, bounds) => sum.extend(bounds), L.latLngBounds(there[0].getSouthWest(), there[0].getNorthEast()));
        const middle = all.getCenter();
        const nearest = there.map((bounds) => bounds.getCenter()).sort((a, b) => map.distance(a, middle) - map.distance(b, middle))[0];
        new Sign(nearest, still(letters, { radius: 9, stroke: false, status: statuses[n], bounds: all })).addTo(signs);
      } else if (n !== null) {
        const [x, y] = unit.at, symbol = statuses[n].symbol;
        const mark = new Mark([y / 1e6, x / 1e6], { renderer: top, radius: symbol.size, weight: symbol.width, symbol, beside: [8, -8] });
        mark.on("click", (event) => { L.DomEvent.stop(event); open(event.latlng, unit.name, unitRows(chosen.level, i)); });
        mark.addTo(points);
      }
    });
    shapes.forEach((shape, place) => {
      const n = of[place];
      shape.setStyle(n === null ? { fillOpacity: 0 } : { fillColor: statuses[n].fill, fillOpacity: 0.75 });
    });
    map.getContainer().dataset.verdicts = of.map((n) => (n === null ? "-" : n)).join("");
  }

  // ---- choosing and legend --------------------------------------------------------------------------------------
  function select(name, label, options, value, set) {
    const box = el("select");
    box.dataset.choose = name;
    for (const [key, text] of options) {
      const option = el("option", "", text);
      option.value = String(key);
      box.append(option);
    }
    box.value = String(value);
    box.addEventListener("change", () => { set(box.value); kit.refresh(); });
    return el("label", "choose", said([label[0], ""]), box);
  }
  const signOf = (rule) => {
    const level = rule.at.city ? "city" : Object.keys(rule.at)[0], found = answers(rule, level);
    const known = found ? [...found.s].filter((sign) => sign !== "-").map(Number) : [];
    return known.length ? statuses[Math.min(...known)].sign : " ";
  };
  function legend() {
    const units = pack().levels[chosen.level] || [], counts = new Map();
    units.forEach((unit, i) => { const n = worst(chosen.level, i); counts.set(n, (counts.get(n) || 0) + 1); });
    const rule = chosen.rule < 0 ? null : pack().rules[chosen.rule];
    const city = rule && rule.at.city && pack().levels.city ? ruleRows(rule, "city", 0) : [];
    const table = el("table", "facts", ...city.map(([label, text]) => el("tr", "", el("td", "", said(label)), el("td", "", bdi(text)))));
    return [
      select("pack", words.pick_document, data.packs.map((one, i) => [i, one.title ? `${one.name} ${one.title}` : one.name]), chosen.pack,
        (value) => { chosen.pack = Number(value); chosen.rule = -1; }),
      select("rule", words.pick_rule, [[-1, words.rules_all[0]], ...pack().rules.map((one, i) => [i, `${signOf(one)} ${one.id} ${one.title}`])], chosen.rule,
        (value) => { chosen.rule = Number(value); }),
      select("level", words.pick_level, levels().map((level) => [level, data.levels[level][0]]), chosen.level, (value) => { chosen.level = value; }),
      chosen.rule < 0 ? el("p", "", said(words.rules_counted)) : null,
      chosen.when !== "today" && !(chosen.when === "after" && data.after) ? el("p", "", said(words.as_today)) : null,
      ...statuses.map((one, n) => counts.get(n) ? el("div", "layer still", badge(one), said(one.words), el("b", "", String(counts.get(n)))) : null),
      counts.get(null) ? el("div", "layer still", el("i", "patch"), said(words.not_judged), el("b", "", String(counts.get(null)))) : null,
      pack().notes[chosen.level] ? el("p", "", pack().notes[chosen.level]) : null,
      city.length ? el("div", "sub", said(words.whole_city)) : null, city.length ? table : null,
    ].filter(Boolean);
  }
  function badge(one) {
    const node = el("i", "badge", one.sign);
    node.style.background = one.fill;
    node.style.color = one.ink;
    return node;
  }
  return { group, points, paint, legend, rowsOf, clausesOf };
}

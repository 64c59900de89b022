// The sections of the side panel that only tell: key figures at the stage chosen, plan, verdicts, housing, changes.
function sections(atlas, state, kit) {
  "use strict";
  const { el, bdi, said, thousands, section } = kit;
  const { panel } = atlas, { words } = panel;
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
    const unsure = then === "after" ? f.unknown : f.unknown.slice(0, 1);
    return section(words.key_figures,
      el("div", "count", said(words.elders), el("b", "", f.elders)), track, table,
      unsure.every((number) => number === "0") ? null : el("div", "count", said(words.elders_unknown), el("b", "", unsure.join(" → "))),
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
  return { figures, planned, verdicts, fourSync, changed };
}

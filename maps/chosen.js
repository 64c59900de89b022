// The unit that was chosen: its table and its clauses in the side panel, as text.
function chosenUnit(kit) {
  "use strict";
  const { el, bdi, said, words } = kit;
  const body = el("div", "chosen", el("p", "", said(words.chosen_none)));
  body.setAttribute("aria-live", "polite");
  function show(name, rows, clauses) {
    const table = el("table", "facts", ...rows.map(([label, text]) => el("tr", "", el("td", "", said(label)), el("td", "", bdi(text)))));
    body.replaceChildren(el("h3", "", bdi(name)), table);
    if (!clauses || !clauses.length) return;
    body.append(el("div", "sub", said(words.clauses)), ...clauses.map(({ pack, rule, answer, badge, told, label }) =>
      el("div", "clause", badge, el("div", "", bdi(`${rule.title}`), el("small", "", bdi(`${pack} ${rule.clause}`)),
        el("p", "", said(label || [answer, ""]), told ? el("span", "", bdi(told.filter(Boolean).join("；"))) : null)))));
  }
  return { body, show };
}

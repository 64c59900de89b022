// The search: what has a name is found by it, with the pointer or with the keyboard alone.
// Names come from the page's data and reach it as text nodes.
function searchBox(map, places, kit) {
  "use strict";
  const { el, bdi, said, plain, words, boxes } = kit;
  const SHOWN = 12;
  const box = el("input", "search");
  box.type = "search";
  box.placeholder = words.search[0];
  box.title = plain(words.search);
  box.setAttribute("aria-label", plain(words.search));
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-expanded", "false");
  box.setAttribute("aria-controls", "found");
  box.autocomplete = "off";
  const found = el("ul", "found"), rest = el("p", "rest");
  found.id = "found";
  found.setAttribute("role", "listbox");
  found.setAttribute("aria-label", plain(words.search));
  rest.setAttribute("role", "status");
  let hits = [], at = -1;

  function go(place) {
    const tick = boxes.get(place.group);
    if (tick && !tick.checked) tick.click();
    if (place.bounds) map.fitBounds(place.bounds, { animate: false, maxZoom: 16 });
    else map.setView(place.at, Math.max(map.getZoom(), 15.5), { animate: false });
    place.show();
  }
  function mark(next) {
    const options = [...found.children];
    at = options.length ? (next + options.length) % options.length : -1;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    if (at < 0) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", options[at].id);
    return options[at].scrollIntoView({ block: "nearest" });
  }
  function look() {
    const wanted = box.value.trim().toLowerCase();
    const rank = (place) => place.name.toLowerCase().indexOf(wanted);
    const all = wanted ? places.filter((place) => rank(place) >= 0).sort((a, b) => Math.min(rank(a), 1) - Math.min(rank(b), 1)) : [];
    hits = all.slice(0, SHOWN);
    found.replaceChildren(...hits.map((place, i) => {
      const button = el("button", "", bdi(place.name), el("small", "", place.kind[0]));
      button.tabIndex = -1;
      button.addEventListener("click", () => go(place));
      const item = el("li", "", button);
      item.id = `found${i}`;
      item.setAttribute("role", "option");
      return item;
    }));
    rest.textContent = wanted && !hits.length ? words.search_none[0] : all.length > SHOWN ? `${words.search_more[0]} ${all.length - SHOWN}` : "";
    box.setAttribute("aria-expanded", String(hits.length > 0));
    mark(-1);
    at = -1;
    for (const option of found.children) option.setAttribute("aria-selected", "false");
    box.removeAttribute("aria-activedescendant");
  }
  box.addEventListener("input", look);
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") mark(at + 1);
    else if (event.key === "ArrowUp") mark(at < 0 ? -1 : at - 1);
    else if (event.key === "Enter" && hits.length) go(hits[Math.max(at, 0)]);
    else if (event.key === "Escape") { box.value = ""; look(); }
    else return;
    event.preventDefault();
  });
  return el("div", "", box, found, rest);
}

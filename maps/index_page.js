// Sorts the table by the ranks that stand in its cells, switches the language, and shows a county in map and table.
(function () {
  "use strict";
  const root = document.documentElement, body = document.querySelector("tbody");
  window.addEventListener("error", (fault) => { root.dataset.error = String(fault.message); });
  document.querySelector(".language").addEventListener("click", () => { root.lang = root.lang === "en" ? "zh-CN" : "en"; });

  // What has no rank stands last, whichever way is up.
  function sort(column, up) {
    const rank = (row) => (row.cells[column].dataset.rank === "" ? null : Number(row.cells[column].dataset.rank));
    const rows = Array.from(body.rows).sort((one, other) => {
      const a = rank(one), b = rank(other);
      if (a === null || b === null) return (a === null) - (b === null);
      return up ? a - b : b - a;
    });
    body.append(...rows);
  }
  for (const button of document.querySelectorAll("thead button")) {
    button.addEventListener("click", () => {
      const head = button.parentNode, up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of head.parentNode.cells) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      sort(Number(button.dataset.column), up);
    });
  }

  const places = Array.from(document.querySelectorAll("[data-county]"));
  for (const place of places) {
    const light = (on) => () => { for (const one of places) if (one.dataset.county === place.dataset.county) one.classList.toggle("lit", on); };
    place.addEventListener("pointerenter", light(true));
    place.addEventListener("pointerleave", light(false));
  }
  root.dataset.ready = "true";
})();
